//! The bytecode handlers of Python, written once, generic over the machine.
//!
//! Start with [`dispatch`], the list of operation and handler; then one family: `arith`, `compare`, `jumps`, `iterate`,
//! `attributes`, `items`, `build`, `patterns`, `calls`, `foreign`, `names`, `exceptions`, `generators`, `asynchronous`, `imports`, `with`.
//! [`steps`] is where an instruction goes on after a call; [`residuals`] lists every Rust function that a handler calls.
//!
//! Invariants
//! - **I1** Residual calls happen in functions behind `Flow::OutOfLine` or in return steps, never on a hot path: only there
//!   the frame is parked, so that a callee that runs guest code sees where its caller stands.
//! - **I2** Implicit guest calls (`__add__`, `__next__`, properties, generators) put their arguments above the frame, from
//!   register `nregs` on; nothing there is live across a step.
//! - **I3** A value that a return step needs is in a live register, or in the one register that `Step` says is held.
#![forbid(unsafe_code)]

mod arith;
mod asynchronous;
mod attributes;
mod build;
mod builtins;
mod by_name;
mod calls;
mod compare;
mod consume;
mod conversions;
mod delegation;
mod dicts;
mod direct_calls;
pub mod dispatch;
mod exceptions;
mod foreign;
mod generators;
mod imports;
mod instances;
mod items;
mod iterate;
mod jumps;
mod moves;
mod names;
mod operators;
mod patterns;
mod prelude;
pub mod residuals;
mod spread;
pub mod steps;
mod supers;
mod tables;
mod text;
mod truth;
mod typed_items;
mod with;

pub use dispatch::{dispatch, run_op};
pub use prelude::PyMachine;
pub use steps::PyHandlers;
