//! What happens after a step. Drivers act on it; handlers only return it.

use crate::{Code, Language, Machine, Probe};

/// How a step is entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry<V> {
    Start,
    Value(V),
    Raised(V),
}

impl<V> Entry<V> {
    pub fn map<W>(self, f: impl FnOnce(V) -> W) -> Entry<W> {
        match self {
            Entry::Start => Entry::Start,
            Entry::Value(v) => Entry::Value(f(v)),
            Entry::Raised(v) => Entry::Raised(f(v)),
        }
    }
}

/// The outcome of a step.
pub enum Flow<M: Machine> {
    /// To the next instruction.
    Next,
    /// Forward, relative to the current instruction.
    Jump(i32),
    /// Backward, relative to the current instruction: safepoint and merge point.
    Loop(i32),
    /// A safepoint in long straight-line code, then the next instruction.
    Poll,
    /// Calls `code`: its register 0 is the caller's register `window`; its other locals beyond the parameters are
    /// cleared. `step` runs when it returns or raises.
    Call {
        code: &'static Code<M::L>,
        window: u32,
        step: <M::L as Language>::Step,
    },
    /// Like `Call`, but goes on at instruction `pc` of a frame whose registers the handler has filled in (a generator).
    Enter {
        code: &'static Code<M::L>,
        window: u32,
        step: <M::L as Language>::Step,
        pc: u32,
    },
    /// Leaves the frame; the caller's return step gets the value.
    Return(M::Ref),
    /// Goes on with `step` of the same instruction, as if a call had returned `value`.
    Value {
        step: <M::L as Language>::Step,
        value: M::Ref,
    },
    /// Unwinds, from this instruction.
    Raise(M::Ref),
    /// Leaves the frame by an exception without looking at its handlers.
    ReturnRaised(M::Ref),
    /// The rest of this step, in a function of its own, so that the hot path stays free of calls and spills.
    OutOfLine(Handler<M>),
    /// Runs the step once more (after an inline cache was filled).
    Again,
}

/// A handler, or the cold rest of one.
pub type Handler<M> = fn(Probe<M>, &<<M as Machine>::L as Language>::Ins) -> Flow<M>;
