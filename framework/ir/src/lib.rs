//! The trace intermediate representation: data, text form, verifier, and a reference backend.
//!
//! What this crate does not know: the language, the optimizer, any machine. Start reading at [`ops`], the list of all
//! operations, then [`trace`], then a `.trace` text in the tests.
//!
//! ```text
//! loop count
//!   type WInt = 3 size 16 exact leaf WInt.value
//!   field WInt.value = 8 i64 immutable
//!   target L0 here
//!   input v0: ref = r1
//!   guard_class(v0, WInt) @0
//!   v1 = getfield(v0, WInt.value)
//!   label L0(v2 = v1)
//!   v3 = int_add_ovf(v2, 1) @1
//!   poll() @1
//!   jump L0(v3)
//!   @0: [0x10:4:0+0 r1=v0] start
//!   @1: [0x10:4:0+0 r1=virtual0] start where virtual0 = WInt{WInt.value=v2}
//! ```

pub mod barriers;
pub mod descr;
pub mod exit;
pub mod irexec;
pub mod ops;
pub mod random;
pub mod text;
pub mod trace;
pub mod verify;

pub use descr::{
    ArrayDescr, BOXED, CallAbi, CallDescr, Descr, DescrId, EffectSet, Effects, FieldDescr,
    GRANULE_BYTES, Item, LabelDescr, LabelTarget, MAX_CALL_ARGS, MAX_GUEST_ARGS, Mutability, Name,
    OpenParam, Ret, TypeDescr, Width,
};
pub use exit::{Entry, Exit, ExitId, Fields, Frame, Frames, Live, VirtualObject};
pub use ops::{ArgType, Args, DescrKind, Effect, ExitRule, OpInfo, Opcode, ResultType};
pub use text::{ParseError, parse, parse_with};
pub use trace::{Arg, ArgKind, Const, Consts, Input, Op, Source, Trace, TraceKind, Ty};
pub use verify::VerifyError;
