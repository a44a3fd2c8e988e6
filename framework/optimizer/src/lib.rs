//! The trace optimizer: from what was recorded to what is worth compiling.
//!
//! What it is for: removing boxes, checks and memory traffic that one recorded iteration proves needless,
//! and letting the loop start with what its first iteration learnt. What it does not know: any language
//! (value classes, mutability and effects come with the descriptors), the collector, any machine.
//! Start reading at [`pipeline`], the list of passes; then `state` and `label`.
//!
//! Preconditions, which the recorder keeps: one descriptor per type, field and array; a guard's exit shows
//! the frames at the start of a step that has had no effect yet, except on objects allocated in the step.

#![forbid(unsafe_code)]

mod assemble;
mod bridge;
mod close;
mod dead;
mod delay;
mod exits;
mod facts;
mod give_up;
mod groups;
pub mod ints;
mod known;
mod label;
mod objects;
mod open;
pub mod options;
pub mod passes;
mod peel;
pub mod pipeline;
mod state;
mod straight;
pub mod times;

pub use bridge::compile_bridge as optimize_bridge;
pub use give_up::GiveUp;
pub use options::{Options, UnknownPass};
pub use straight::{optimize, optimize_into};
