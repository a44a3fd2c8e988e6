//! Machines without a code generator: the backend cannot be made, and the driver runs without it.

use ouro_codegen::{Backend, CompileError};

/// A backend that does not exist on this machine.
pub enum X64Backend {}

impl X64Backend {
    /// Always fails.
    ///
    /// # Errors
    /// `CompileError::NoExecutableMemory` with error number 0.
    pub fn new() -> Result<X64Backend, CompileError> {
        Err(CompileError::NoExecutableMemory { errno: 0 })
    }

    /// The same interface as on x86-64.
    pub fn as_backend(&self) -> &dyn Backend {
        match *self {}
    }
}
