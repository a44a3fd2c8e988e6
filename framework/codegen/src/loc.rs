//! Where a value lives while compiled code runs.
//!
//! A [`Loc`] names a register, a word of the native spill area or a word of the guest frame. Register
//! numbers are the machine's own; which of them may be handed out is told by [`RegisterFile`], so
//! this module knows no machine.

use std::fmt;

/// Number of words in the spill area of one native frame. All code shares one frame layout, so a
/// bridge may use the whole area of its parent.
pub const SPILL_WORDS: usize = 128;

/// One place that holds 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loc {
    /// A general register.
    Gpr(u8),
    /// A float register.
    Fpr(u8),
    /// Word `n` of the native spill area.
    Stack(u16),
    /// Word `n` above the base of the loop's guest frame.
    Guest(u32),
}

impl Loc {
    /// Whether this is a register of either class.
    pub fn is_register(self) -> bool {
        matches!(self, Loc::Gpr(_) | Loc::Fpr(_))
    }
}

impl fmt::Debug for Loc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loc::Gpr(n) => write!(f, "g{n}"),
            Loc::Fpr(n) => write!(f, "f{n}"),
            Loc::Stack(n) => write!(f, "s{n}"),
            Loc::Guest(n) => write!(f, "guest{n}"),
        }
    }
}

/// A set of registers of both classes: bit `n` is general register `n`, bit `32 + n` float register `n`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisterSet(pub u64);

impl RegisterSet {
    /// The set without members.
    pub const EMPTY: RegisterSet = RegisterSet(0);

    /// The set of the given general and float registers.
    pub const fn of(gprs: &[u8], fprs: &[u8]) -> RegisterSet {
        let mut bits = 0;
        let mut n = 0;
        while n < gprs.len() {
            bits |= 1 << gprs[n];
            n += 1;
        }
        n = 0;
        while n < fprs.len() {
            bits |= 1 << (32 + fprs[n]);
            n += 1;
        }
        RegisterSet(bits)
    }

    fn bit(loc: Loc) -> u64 {
        match loc {
            Loc::Gpr(n) => 1 << n,
            Loc::Fpr(n) => 1 << (32 + n),
            Loc::Stack(_) | Loc::Guest(_) => 0,
        }
    }

    /// The members that are in `other` too.
    pub fn intersection(self, other: RegisterSet) -> RegisterSet {
        RegisterSet(self.0 & other.0)
    }

    /// The members that are not in `other`.
    pub fn without(self, other: RegisterSet) -> RegisterSet {
        RegisterSet(self.0 & !other.0)
    }

    /// The member with the lowest number, general registers first.
    pub fn first(self) -> Option<Loc> {
        match self.0.trailing_zeros() {
            64 => None,
            n if n < 32 => Some(Loc::Gpr(n as u8)),
            n => Some(Loc::Fpr(n as u8 - 32)),
        }
    }

    /// Adds a register; other places are ignored.
    pub fn insert(&mut self, loc: Loc) {
        self.0 |= RegisterSet::bit(loc);
    }

    /// Takes a register out.
    pub fn remove(&mut self, loc: Loc) {
        self.0 &= !RegisterSet::bit(loc);
    }

    /// Whether `loc` is a register in the set.
    pub fn contains(self, loc: Loc) -> bool {
        self.0 & RegisterSet::bit(loc) != 0
    }
}

/// What the allocator must know of a machine.
#[derive(Clone, Debug)]
pub struct RegisterFile {
    /// General registers that may hold values, those that calls clobber first.
    pub gprs: &'static [u8],
    /// Float registers that may hold values.
    pub fprs: &'static [u8],
    /// Registers that a call does not preserve.
    pub clobbered: RegisterSet,
    /// Where a call's words are passed, in order, the implicit VM pointer included.
    pub call_words: &'static [u8],
    /// Where a float-to-float function takes its arguments; the first is also its result.
    pub call_floats: &'static [u8],
    /// Where a call leaves its result word.
    pub call_result: u8,
    /// Where a call leaves its exception.
    pub call_exception: u8,
}

impl fmt::Debug for RegisterSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = (0..32)
            .map(Loc::Gpr)
            .chain((0..32).map(Loc::Fpr))
            .filter(|l| self.contains(*l));
        f.debug_set().entries(members).finish()
    }
}
