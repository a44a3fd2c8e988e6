//! What happens at a safepoint after the heap's own work.

use crate::{PyResult, Vm};

/// Callbacks of dead weak references, finalizers, then what the program plugged in (signals).
///
/// # Errors
/// An exception to be raised at the safepoint.
pub fn run(vm: &'static Vm) -> PyResult<()> {
    if !vm.has_world() {
        return Ok(());
    }
    crate::weakref::run_callbacks(vm);
    crate::weakref::run_finalizers(vm);
    match vm.world().callouts.attention.get() {
        Some(hook) => hook(vm),
        None => Ok(()),
    }
}
