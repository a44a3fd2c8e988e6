//! What the walk knows of one value.
//!
//! Invariant K1: everything here but `facts` (whose mutable part is memory) and `barrier` (which is
//! compared with the current epoch) holds for ever, since a value of SSA form never changes. So none of it
//! is checked at a back edge, except for the parameters of the label itself.

use crate::facts::NO_FACT;
use crate::ints::Int64;
use ouro_ir::{Arg, DescrId};

/// Neither guard nor parameter.
pub const NOWHERE: u32 = u32::MAX;

/// Knowledge about a value or a constant.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Possible integers; meaningful for ints only.
    pub ints: Int64,
    /// `Descr::Type` or `Descr::Array` of the object, or none. A known class implies `nonnull`.
    pub class: DescrId,
    /// The constant that the value was found to be, or `Arg::NONE`.
    pub same: Arg,
    /// Head of the list of facts about the object's memory.
    pub facts: u32,
    /// The epoch in which the object needs no barrier (0: none).
    pub barrier: u32,
    /// Index of the latest guard of its class or nullness.
    pub guard: u32,
    /// The length, for an array allocated in the trace.
    pub length: Arg,
    /// Position among the parameters of the loop's label.
    pub param: u32,
    /// It is not null.
    pub nonnull: bool,
    /// It was allocated in this trace: no value from before the allocation is the same object.
    pub fresh: bool,
}

impl Known {
    /// Nothing.
    pub const NOTHING: Known = Known {
        ints: Int64::FULL,
        class: DescrId::NONE,
        same: Arg::NONE,
        facts: NO_FACT,
        barrier: 0,
        guard: NOWHERE,
        length: Arg::NONE,
        param: NOWHERE,
        nonnull: false,
        fresh: false,
    };
}
