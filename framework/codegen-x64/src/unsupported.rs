//! Machines without a code generator: the backend cannot be made, and the driver runs without it.

use ouro_codegen::{
    Backend, CodeHandle, CodeStats, CompileEnv, CompileError, ExitInfo, ExitNumber, ExitRecord,
    Listing, Request,
};

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

    /// Always fails.
    ///
    /// # Errors
    /// `CompileError::NoExecutableMemory` with error number 0.
    pub fn boxed() -> Result<Box<dyn Backend>, CompileError> {
        Ok(Box::new(X64Backend::new()?))
    }
}

impl Backend for X64Backend {
    fn name(&self) -> &'static str {
        match *self {}
    }

    fn compile(
        &self,
        _request: &Request<'_>,
        _env: &CompileEnv,
    ) -> Result<CodeHandle, CompileError> {
        match *self {}
    }

    unsafe fn enter(
        &self,
        _code: CodeHandle,
        _vm: *mut u8,
        _guest_base: *mut u64,
        _record: &mut ExitRecord,
    ) {
        match *self {}
    }

    fn exit_info(&self, _exit: ExitNumber) -> ExitInfo {
        match *self {}
    }

    fn exits(&self, _code: CodeHandle) -> Vec<ExitNumber> {
        match *self {}
    }

    fn patch_exit(&self, _exit: ExitNumber, _bridge: Option<CodeHandle>) {
        match *self {}
    }

    fn invalidate(&self, _code: CodeHandle) {
        match *self {}
    }

    fn free(&self, _code: CodeHandle) {
        match *self {}
    }

    fn on_native_stack(&self) -> Vec<CodeHandle> {
        match *self {}
    }
    fn stats(&self) -> CodeStats {
        match *self {}
    }

    fn listing(&self, _code: CodeHandle) -> Option<Listing> {
        match *self {}
    }

    fn visit_ref_constants(&self, _visit: &mut dyn FnMut(&mut u64)) {
        match *self {}
    }

    fn set_guard_stress(&self, _guards: u64) {
        match *self {}
    }

    fn after_fork_in_child(&self) -> Result<(), CompileError> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_refuses_with_an_error_that_names_no_system_call() {
        let refused = CompileError::NoExecutableMemory { errno: 0 };
        assert_eq!(X64Backend::boxed().err(), Some(refused));
        assert!(refused.to_string().contains("no code generator"));
    }
}
