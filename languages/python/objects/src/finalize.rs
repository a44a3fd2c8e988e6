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
/// Runs the finalizers of objects that became unreachable, those first that refer to others (the heap gives the order), and
/// else in the order in which the objects were made. Those of classes
/// that have an attribute `_finalized_last` come last and in the other order: they are what others write through, as a
/// file is under its buffer.
pub fn run(vm: &'static Vm) {
    let unreachable = Temps::from_slice(vm, &vm.heap.take_finalizable());
    if unreachable.is_empty() {
        return;
    }
    let mark = crate::str::intern(vm, "_finalized_last");
    let is_last = |object: Gc| type_of(vm, object).lookup(mark).is_some();
    let first = (0..unreachable.len()).filter(|&i| !is_last(unreachable[i]));
    let last = (0..unreachable.len()).filter(|&i| is_last(unreachable[i]));
    for i in first.chain(last.rev()) {
        run_one(vm, unreachable[i]);
    }
}
fn run_one(vm: &'static Vm, object: Gc) {
    if object.is::<WGenerator>() {
        return abandon(vm, object);
    }
    let f = type_of(vm, object).special(vm, Special::Del);
    if f.is_null() {
        return;
    }
    if let Err(e) = crate::call::call_unbound(vm, f, &[object]) {
        write_unraisable(vm, e, None, f);
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
    let hook = generator.get(WGenerator::EXTRA);
    let suspended = generator.get(WGenerator::STATE) == crate::generator::SUSPENDED;
    if generator.get(WGenerator::KIND) == crate::generator::ASYNC_GENERATOR
        && suspended
        && !hook.is_null()
        && hook != vm.world().none
    {
        // Somebody else closes it, such as an event loop.
        if let Err(e) = crate::call::call_unbound(vm, hook, &[generator]) {
            write_unraisable(vm, e, None, generator);
        }
        return;
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
