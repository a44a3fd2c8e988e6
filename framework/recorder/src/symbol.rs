//! A concrete value paired with its name in the trace.

use ouro_ir::{Arg, Opcode};

/// `arg` is `Arg::NONE` for a constant; otherwise the value that holds `v` in this iteration.
#[derive(Clone, Copy, Debug)]
pub struct Sym<T> {
    pub v: T,
    pub arg: Arg,
}

impl<T> Sym<T> {
    pub fn constant(v: T) -> Sym<T> {
        Sym { v, arg: Arg::NONE }
    }
    /// What the recording has a name for, which may be that of a constant.
    pub fn named(v: T, arg: Arg) -> Sym<T> {
        match arg.as_var() {
            Some(_) => Sym { v, arg },
            None => Sym::constant(v),
        }
    }
    pub fn is_constant(&self) -> bool {
        !self.arg.is_some()
    }
}

/// A condition: never a value in the trace, only guarded.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// Whether it holds now.
    pub v: bool,
    /// The guard that stays if it holds; none if it is known.
    pub guard: Option<Opcode>,
    pub a: Arg,
    pub b: Arg,
}

impl Condition {
    pub fn known(v: bool) -> Condition {
        Condition {
            v,
            guard: None,
            a: Arg::NONE,
            b: Arg::NONE,
        }
    }
}
