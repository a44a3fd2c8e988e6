//! The recording interpreter of Python: the handlers of `ouro_py_interp` instantiated with the recorder, and through it
//! the hooks of the run-time compiler.
//!
//! This crate is apart so that it is compiled in parallel with the fast interpreter.
#![forbid(unsafe_code)]

use ouro_machine::Hooks;
use ouro_py_interp::PyHandlers;
use ouro_py_objects::Python;

/// Never inlined, so that the recorder's instantiation is generated in this crate.
///
/// The fast interpreter's hooks with those of the compiler added; `ouro_runtime::install` completes it.
#[inline(never)]
pub fn with_compiler(direct: Hooks<Python>) -> Hooks<Python> {
    ouro_runtime::hooks::<PyHandlers>(direct)
}
