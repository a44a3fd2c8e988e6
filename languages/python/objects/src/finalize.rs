//! Finalizers: what the collector has found unreachable is told so, once: `__del__` of instances, `close` of generators
//! that wait inside a `try` or `with` block.
//!
//! Invariant F1: an object is registered with the heap at most once in its life; the heap takes it off its list when it is
//! found unreachable, so that `__del__` runs at most once even if it makes the object reachable again (PEP 442).

use crate::access::Access;
use crate::class::{Class, class_flags};
use crate::layout::*;
use crate::special::Special;
use crate::{PyResult, Temps, Vm, type_of};
use ouro_gc::{Gc, state_bits};

/// Registers a new instance of a class with `__del__`.
#[inline]
pub fn register_instance(vm: &'static Vm, class: &'static Class, object: Gc) {
    if class.has(class_flags::FINALIZER) {
        vm.heap.register_finalizer(object);
    }
}
/// Called when a class that may have instances gets a `__del__`: they and those of its subclasses are registered.
pub fn class_gets_finalizer(vm: &'static Vm, class: &'static Class) {
    for &sub in vm.world().all_classes.borrow().iter() {
        if sub.is_subclass(class) {
            sub.add_flags(class_flags::FINALIZER);
        }
    }
    let mut found = Temps::new(vm);
    vm.heap.for_each_reachable(|object| {
        let instance = object.is::<WInst>() || object.is::<WException>();
        if instance && type_of(vm, object).is_subclass(class) && !is_registered(object) {
            found.push(object);
        }
    });
    found.iter().for_each(|&o| vm.heap.register_finalizer(o));
}
fn is_registered(object: Gc) -> bool {
    object.header().state() & state_bits::HAS_FINALIZER != 0
}
/// `gc.is_finalized(object)`: its finalizer has run.
pub fn is_finalized(vm: &'static Vm, object: Gc) -> bool {
    let instance = object.is::<WInst>() || object.is::<WException>();
    instance && type_of(vm, object).has(class_flags::FINALIZER) && !is_registered(object)
}
/// Runs the finalizers of objects that became unreachable. The last registered is the first: what was made later may
/// refer to what was made before and need it, as a buffer needs its file.
pub fn run(vm: &'static Vm) {
    let unreachable = Temps::from_slice(vm, &vm.heap.take_finalizable());
    for &object in unreachable.iter().rev() {
        if object.is::<WGenerator>() {
            abandon(vm, object);
            continue;
        }
        let f = type_of(vm, object).special(vm, Special::Del);
        if f.is_null() {
            continue;
        }
        if let Err(e) = crate::call::call_unbound(vm, f, &[object]) {
            write_unraisable(vm, e, None, f);
        }
    }
}
/// The program ends: runs every finalizer that has not run yet, also of objects that are still reachable.
pub fn run_all(vm: &'static Vm) {
    vm.heap.finalizers().queue_all();
    run(vm);
}
fn abandon(vm: &'static Vm, generator: Gc) {
    use crate::generator::{COROUTINE, CREATED};
    let new = generator.get(WGenerator::STATE) == CREATED;
    if new
        && generator.get(WGenerator::KIND) == COROUTINE
        && let Some(report) = vm.world().callouts.never_awaited.get()
        && let Err(e) = report(vm, generator)
    {
        write_unraisable(vm, e, None, generator);
    }
    if let Err(e) = crate::generator::close(vm, generator) {
        write_unraisable(vm, e, None, generator);
    }
}
/// Reports an exception that nobody can handle, by `sys.unraisablehook`. `object` is what raised it; `message` stands for
/// "Exception ignored in".
pub fn write_unraisable(vm: &'static Vm, e: Gc, message: Option<&str>, object: Gc) {
    let report: PyResult<()> = match vm.world().callouts.unraisable.get() {
        Some(hook) => hook(vm, e, message, object),
        None => {
            let what = format!("{}: ", message.unwrap_or("Exception ignored in"));
            crate::traceback::unraisable(vm, e, &what, object);
            Ok(())
        }
    };
    if let Err(e) = report {
        let hook = crate::str::new(vm, "sys.unraisablehook");
        crate::traceback::unraisable(vm, e, "Exception ignored in ", hook);
    }
}
