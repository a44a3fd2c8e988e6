//! The second machine: executes like `Direct` and appends trace operations with resume points.
//!
//! Start reading at [`Recording`] (the state of one recording and when it ends), then [`Recorder`] (the machine),
//! [`join`] (where traces meet), [`shadow`] (symbolic frames and exits), [`heapcache`] (what is already known while recording).
//!
//! Invariants
//! - **K1** A guard is never recorded after an effect of the same step; an assertion checks what the phase types promise.
//! - **K2** All guards of one step share one exit: the frames as they were when the step began.
//! - **K3** Giving up is silent for the guest: the step is finished concretely and the plain interpreter goes on.
//!
//! This crate knows no language, no collector and no backend.

pub mod abort;
pub mod call_out;
mod guest_call;
pub mod heapcache;
pub mod join;
mod recorder;
pub mod recording;
pub mod shadow;
pub mod symbol;

pub use abort::Abort;
pub use call_out::{CallSite, SiteAccess};
pub use join::{AskJoin, AtJoin, JoinPlace};
pub use recorder::Recorder;
pub use recording::{Environment, Finished, Recording, Start};
pub use symbol::{Condition, Sym};
