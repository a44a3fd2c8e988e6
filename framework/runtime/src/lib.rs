//! Decides when to record and compile, enters compiled code, and rebuilds the interpreter's state when it is left.
//!
//! Start reading at [`jit`] (a hot loop arrives), then [`enter`] (run, leave, go on), [`deopt`] (from an exit to guest
//! frames), [`bridge`] (a hot exit gets a trace of its own), `join` (branches of one loop meet), [`compile`], `ageing` (old code goes),
//! [`options`], [`stats`], [`events`] and `control` (what a program may see and ask).
//!
//! Invariants
//! - **R1** Rebuilding twice from one exit gives equal frames: an exit record is not changed by reading it.
//! - **R2** Nothing collects between leaving compiled code and the end of the rebuild.
//! - **R3** No recording starts while another one of the same VM runs; nested run loops are interpreted or enter what is
//!   compiled.
//! - **R4** No address of an object is kept outside the places that `roots` shows to the collector: the backend's tables
//!   and the constants of the traces. Plans and bridges look objects up there when they need them.
//!
//! This crate knows no language, no backend and no collector by name: the binary hands them in.

mod ageing;
pub mod bridge;
pub mod compile;
mod control;
pub mod deopt;
pub mod enter;
pub mod events;
mod guest_calls;
pub mod heap_access;
pub mod jit;
mod join;
pub mod log;
pub mod options;
mod roots;
pub mod shares;
pub mod stats;

pub use jit::{Jit, hooks, install};
pub use options::{JitOptions, Parameters};
pub use stats::Stats;
