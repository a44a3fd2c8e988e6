//! Exits: how the interpreter's frames are rebuilt when a trace is left.
//!
//! An exit names the guest frames as they were at the start of a step, outermost first, and for each frame its live
//! registers. The objects that the optimizer removed appear as [`VirtualObject`]s that are made when the exit is taken.
//! While recording, all guards of one step share one exit, and the outer frames of consecutive exits are the same
//! allocation; so a recorded guard costs no allocation at all.

use crate::descr::DescrId;
use crate::trace::Arg;
use smallvec::SmallVec;
use std::sync::Arc;

/// Registers of a frame and their values; most frames have few, which lie in the frame itself.
pub type Live = SmallVec<[(u16, Arg); 6]>;
/// Frames of an exit, outermost first; one or two lie in the exit itself.
pub type Frames = SmallVec<[Arc<Frame>; 2]>;

/// Index into `Trace::exits`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExitId(pub u32);
impl ExitId {
    /// No exit.
    pub const NONE: ExitId = ExitId(u32::MAX);
    /// Whether there is one.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// Fields of a virtual object and their values; boxes of value classes have one.
pub type Fields = SmallVec<[(DescrId, Arg); 2]>;

/// One guest frame of an exit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Frame {
    /// The code object, as the language knows it.
    pub code: u64,
    /// The instruction.
    pub pc: u32,
    /// The step inside the instruction.
    pub step: u8,
    /// The frame's first register, in words above the base of the loop's frame.
    pub base: u32,
    /// (register relative to `base`, its boxed value: a Ref, or a virtual object).
    pub live: Live,
}

/// How the interpreter enters the step of the innermost frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Entry {
    /// Runs the step from its start.
    Start,
    /// Runs it with this value (a Ref or a virtual).
    Value(Arg),
    /// Raises this exception (a Ref or a virtual).
    Raise(Arg),
    /// Runs it with the value that the leaving `call_raises` got instead of an exception.
    PendingValue,
    /// Raises the exception that the leaving `call` got.
    PendingRaise,
}

/// An object that exists only if the exit is taken. Operands may be virtuals of the same exit, cycles included.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum VirtualObject {
    /// An object of fixed size; fields that are not listed are zero.
    Struct {
        /// `Descr::Type`.
        ty: DescrId,
        /// (`Descr::Field`, value).
        fields: Fields,
    },
    /// An array with all its items.
    Array {
        /// `Descr::Array`.
        descr: DescrId,
        /// One per item.
        items: Vec<Arg>,
    },
    /// An object that exists, and what is still to be stored into it: a delayed store. Nothing names it by its number, and
    /// such entries are the last ones of their exit.
    Existing {
        /// The object, a Ref and no virtual.
        object: Arg,
        /// (`Descr::Field`, value).
        fields: Fields,
    },
}

/// How the interpreter goes on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Exit {
    /// Guest frames, outermost first.
    pub frames: Frames,
    /// How the innermost one is entered.
    pub entry: Entry,
    /// `Arg::virtual_(n)` inside this exit is `virtuals[n]`.
    pub virtuals: Vec<VirtualObject>,
}

impl Exit {
    /// All operands: registers of all frames, then the entry value, then what the virtuals hold.
    pub fn args(&self) -> impl Iterator<Item = Arg> + '_ {
        let live = self.frames.iter().flat_map(|f| f.live.iter().map(|l| l.1));
        live.chain(self.entry.arg())
            .chain(self.virtuals.iter().flat_map(VirtualObject::args))
    }

    /// Replaces every operand.
    pub fn map_args(&mut self, mut map: impl FnMut(Arg) -> Arg) {
        for frame in &mut self.frames {
            // A shared outer frame is copied only if something in it changes.
            if frame.live.iter().any(|l| map(l.1) != l.1) {
                Arc::make_mut(frame)
                    .live
                    .iter_mut()
                    .for_each(|l| l.1 = map(l.1));
            }
        }
        if let Entry::Value(a) | Entry::Raise(a) = &mut self.entry {
            *a = map(*a);
        }
        for object in &mut self.virtuals {
            match object {
                VirtualObject::Struct { fields, .. } => {
                    fields.iter_mut().for_each(|f| f.1 = map(f.1))
                }
                VirtualObject::Array { items, .. } => items.iter_mut().for_each(|i| *i = map(*i)),
                VirtualObject::Existing { object, fields } => {
                    *object = map(*object);
                    fields.iter_mut().for_each(|f| f.1 = map(f.1));
                }
            }
        }
    }
}
impl Entry {
    /// Its operand.
    pub fn arg(self) -> Option<Arg> {
        match self {
            Entry::Value(a) | Entry::Raise(a) => Some(a),
            Entry::Start | Entry::PendingValue | Entry::PendingRaise => None,
        }
    }
}
impl VirtualObject {
    /// What it holds, and for one that exists the object itself.
    pub fn args(&self) -> impl Iterator<Item = Arg> + '_ {
        let (fields, items): (&[(DescrId, Arg)], &[Arg]) = match self {
            VirtualObject::Struct { fields, .. } => (fields, &[]),
            VirtualObject::Array { items, .. } => (&[], items),
            VirtualObject::Existing { object, fields } => (fields, std::slice::from_ref(object)),
        };
        fields.iter().map(|f| f.1).chain(items.iter().copied())
    }
}
