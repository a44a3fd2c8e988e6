//! All that a language author imports: one source of bytecode handlers, two machines.
//!
//! A handler is a function generic over [`Machine`]. Instantiated with [`Direct`] it is a plain fast interpreter;
//! instantiated with a recorder it executes *and* appends trace operations with resume points.
//!
//! Reading order: [`language`] (what a language declares), [`flow`] (what a handler returns), [`phase`] (what a handler
//! may do and when), [`machine`] (the operations), [`code`] and [`vm`] (code objects, guest stack), [`direct`],
//! [`driver`] (who calls handlers), [`threaded`] (the fast driver), [`watch`] (the driver that tells what happens).
//!
//! Invariants
//! - **P1** A guard never follows an effect within one step: [`Probe`] has no effects, [`Commit`] has no guards.
//! - **P2** A failing guard re-runs its step: nothing before `commit()` is visible, except registers of the frame, which
//!   the snapshot restores. A handler that leaves the line has not overwritten an operand register.
//! - **P3** Handlers never call a driver: guest calls are [`Flow::Call`], the rest of the instruction is a return step.
//! - **P4** Allocation is not a safepoint. Safepoints are back edges, guest calls and `Flow::Poll`.
//! - **P5** In [`Direct`] a handler's hot path contains no Rust call. Cold parts leave by [`Flow::OutOfLine`].
//! - **P6** A symbolic value cannot leave its step: [`Machine`] is not `'static`.
//!
//! This crate knows no language and no collector by name.

pub mod code;
#[doc(hidden)]
pub mod compile_fail;
pub mod direct;
pub mod driver;
pub mod flow;
pub mod language;
pub mod machine;
pub mod phase;
pub mod quasi;
pub mod residual;
mod roots;
pub mod threaded;
pub mod typed;
pub mod vm;
pub mod watch;

pub use code::{Cache, Code, CodeParts, Handled};
pub use direct::Direct;
pub use flow::{Entry, Flow, Handler};
pub use language::{Handlers, Language, ResumePoint};
pub use machine::{FloatCmp, FloatOp, FloatUnary, IntCmp, IntOp, Key, Machine, OvfOp};
pub use phase::{Commit, Fresh, FreshArray, Probe, Writer};
pub use quasi::Quasi;
pub use residual::{Abi, Effects, Residual, Ret, Ty, Unboxed, Writes};
pub use typed::{Array, ArrayInfo, G, Kind, Plain, R};
pub use vm::{CompiledAccess, FrameRecord, Hooks, Outcome, Place, Settled, Vm};
