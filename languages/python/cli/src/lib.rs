//! The Python of Ouro, put together: the binary `ouro`, and (later) the library for embedding.
//!
//! This is the only place that names a collector list, a backend and the language at once. Start at [`program`].

pub mod compiler;
pub mod interrupt;
mod memory;
pub mod options;
pub mod program;
