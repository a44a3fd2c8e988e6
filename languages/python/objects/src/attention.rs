//! What happens at a safepoint after the heap's own work.

use crate::{PyResult, Vm};
use ouro_gc::Attention;

/// Callbacks of dead weak references, finalizers, then what modules plugged in (reports of collections, signals), last a
/// MemoryError if the heap is over its limit.
///
/// # Errors
/// An exception to be raised at the safepoint.
pub fn run(vm: &'static Vm, why: Attention) -> PyResult<()> {
    if !vm.has_world() {
        return Ok(());
    }
    crate::weakref::run_callbacks(vm);
    crate::finalize::run(vm);
    let callouts = &vm.world().callouts;
    if why.has(Attention::COLLECTED)
        && let Some(hook) = callouts.collected.get()
    {
        hook(vm);
    }
    if why.has(Attention::PENDING_RAW)
        && let Some(hook) = callouts.pending_raw.get()
    {
        hook(vm);
    }
    if let Some(hook) = callouts.compiler.get() {
        hook(vm);
    }
    if let Some(hook) = callouts.attention.get() {
        hook(vm)?;
    }
    match why.has(Attention::MEMORY_ERROR) {
        true => Err(crate::error::memory_error(vm)),
        false => Ok(()),
    }
}
