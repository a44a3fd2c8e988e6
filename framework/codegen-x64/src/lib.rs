//! The x86-64 backend; the only crate that knows an assembler.
//!
//! What it does not know: the language, the collector, the optimizer. Start reading at `registers.rs`
//! and `frame.rs`, then `emit/`, one file per family of operations; `thunks.rs` is the code that all
//! traces share, `arena.rs` their memory, `backend.rs` connects and patches.
//!
//! On other machines [`X64Backend::new`] fails with an error that the driver reports once.

#[cfg(target_arch = "x86_64")]
pub mod arena;
#[cfg(target_arch = "x86_64")]
mod asm;
#[cfg(target_arch = "x86_64")]
mod backend;
#[cfg(target_arch = "x86_64")]
mod emit;
#[cfg(target_arch = "x86_64")]
mod frame;
#[cfg(target_arch = "x86_64")]
mod perf_map;
#[cfg(target_arch = "x86_64")]
mod registers;
#[cfg(target_arch = "x86_64")]
mod thunks;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod unsupported;

#[cfg(target_arch = "x86_64")]
pub use backend::X64Backend;
#[cfg(not(target_arch = "x86_64"))]
pub use unsupported::X64Backend;
