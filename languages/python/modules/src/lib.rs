//! The modules of Python that are written in Rust, and the import system.
//!
//! [`install`] plugs the import system into a VM and makes `sys` and `builtins`; every other module is made when it is
//! first imported. [`registry`] is the list of all of them. To add a module: one file, one line in [`registry`].
//!
//! Reading order: [`registry`] (what a module is), [`import`] (how one is found and run), [`stdlib`] (where the standard
//! library is), [`rt`] (the runtime calls that modules use), [`native`] (classes written in Rust), then any module, for
//! example `bisect`.
#![deny(unsafe_code)]

pub mod args;
pub mod compile;
pub mod compiler;
mod finder;
pub mod import;
pub mod native;
pub mod registry;
pub mod rt;
pub mod run;
pub mod spec;
pub mod state;
pub mod stdlib;
pub mod structseq;

mod modules;

pub use compiler::{Compiler, CompilerEvent, Figure, Setting, Told, set_compiler};
pub use import::{import, import_module};

/// Collects, and writes a dump of the heap to a file.
///
/// # Errors
/// Those of writing the file.
pub fn dump_heap(vm: &'static ouro_py_objects::Vm, path: &str) -> std::io::Result<()> {
    modules::ouro_heap::dump_to(vm, path, true)
}
pub use registry::{BuiltinModule, registry};
pub use run::{install, run_file, run_module, run_source, shutdown};
pub use state::{Config, Flags};
