//! The x86-64 backend; the only crate that knows an assembler.
//!
//! What it does not know: the language, the collector, the optimizer. Start reading at `registers.rs`
//! and `frame.rs`, then `emit/`, one file per family of operations; `thunks.rs` is the code that all
//! traces share, `arena.rs` their memory, `backend.rs` connects and patches.
//!
//! On other machines [`X64Backend::new`] fails with an error that the driver reports once.
//!
//! # What the collector sees of compiled code
//!
//! - **G1** No address of an object is in the code, `null` apart. Constants are read from the trace's table, whose words are
//!   precise roots; the table stays where it is, its words change when objects move.
//! - **G2** Only a call whose callee may make objects can be a safepoint. A `poll` that finds something to do leaves: when
//!   the collector runs, the native frame is gone and every live reference is a register of a guest frame. Allocation,
//!   slow paths included, and barriers never collect.
//! - **G3** At a call each live reference is in a spill word of the native frame, or in `rbx`, `r12` or `r13`, which the
//!   callees keep in their frames until they need the register; all of these are scanned as ambiguous words, so the object
//!   keeps its address and nobody changes the word. It is always the address of the object's header: addresses of fields
//!   and items exist inside one operation only (E3), and references are never encoded.
//! - **G4** Words of the guest frame hold what they held when the compiled code was entered, and the collector follows them
//!   as the live registers of the loop header where the interpreter is parked. Compiled code reads a guest word only at
//!   its entry, right after somebody wrote it, and keeps no value there. Frames that are inlined have no words; what
//!   callees push lies above all words that the loop's exits may need.
//! - **G5** A store of a reference, whatever its value, follows a barrier with no safepoint in between. Where one may be
//!   left out is the optimizer's business, and `Trace::verify_barriers` checks it.
//! - **G6** Below the allocation pointer in the heap, everything is an object with its header and its length: they are
//!   written at once, and the pointer in the heap is brought up to date before anybody can look at it (E4). New memory is
//!   zero, so fields that are not written yet hold null.

#[cfg(target_arch = "x86_64")]
pub mod arena;
#[cfg(target_arch = "x86_64")]
mod asm;
#[cfg(target_arch = "x86_64")]
mod backend;
#[cfg(target_arch = "x86_64")]
mod buffer;
#[cfg(target_arch = "x86_64")]
mod callees;
#[cfg(target_arch = "x86_64")]
mod emit;
#[cfg(target_arch = "x86_64")]
mod frame;
#[cfg(target_arch = "x86_64")]
mod native_frames;
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
