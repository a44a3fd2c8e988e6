//! What every backend shares: the interface to the driver, register allocation and its checker.
//!
//! What this crate does not know: the language, the collector, any machine. Start reading at
//! [`backend`], then follow a trace through [`lower`], [`regalloc`] and [`checker`].

pub mod backend;
pub mod checker;
pub mod env;
mod irexec_backend;
pub mod live;
pub mod loc;
pub mod lower;
pub mod moves;
pub mod program;
pub mod regalloc;

pub use backend::{
    Backend, CodeHandle, CodeStats, CompileError, ExitInfo, ExitNumber, ExitRecord, Form, Function,
    Listing, Request,
};
pub use env::{Chunks, CompileEnv, GuestCalls, HeapAccess};
pub use irexec_backend::IrexecBackend;
pub use loc::{Loc, RegisterFile, RegisterSet, SPILL_WORDS};

/// Makes a list of `len` times `value` in the memory that it has.
fn refill<T: Clone>(list: &mut Vec<T>, len: usize, value: T) {
    list.clear();
    list.resize(len, value);
}
