//! Garbage that refers to itself through both sides: how the heap looks into structures of C, and what becomes of dead ones.
//!
//! An object of an extension's type that is tracked (`PyObject_GC_Track`) is visited by its `tp_traverse`, and so are the
//! builtin containers on the C side. A type costs nothing here until a collection of the whole heap: what it can do is read
//! from its slots then. Objects without `tp_traverse` keep what they refer to, as in CPython.

use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, errors, raw, traverse};
use ouro_gc::Raw;
use ouro_gc::pairing::{CycleOps, Task};
use ouro_py_objects::Vm;

/// The functions for the heap.
pub const OPS: CycleOps = CycleOps {
    holds,
    traverse: visit,
    tracked,
    wants_finalizer,
    clears,
};

// SAFETY of the functions below: the heap passes structures that have links, or that these functions named, which are objects
// of the C side; `tp_traverse` calls nothing but the function that it is given.
unsafe fn holds(raw: *mut Raw) -> bool {
    traverse::can_visit(raw.cast())
}
unsafe fn visit(raw: *mut Raw, each: &mut dyn FnMut(*mut Raw)) {
    traverse::visit(raw.cast(), &mut |o| each(o.cast()));
}
unsafe fn tracked(each: &mut dyn FnMut(*mut Raw)) {
    let memory = &context::context().memory;
    memory.each_tracked(&mut |p| each(p.cast()));
}
unsafe fn wants_finalizer(raw: *mut Raw) -> bool {
    traverse::wants_finalizer(raw.cast())
}
unsafe fn clears(raw: *mut Raw) -> bool {
    traverse::clear_of(raw.cast()).is_some()
}

/// Does what collections found to be done with dead structures: finalizers, `tp_clear`, dropping what only the interpreter
/// held.
pub fn do_tasks(vm: &'static Vm) {
    while let Some((raw, task)) = vm.heap.next_task() {
        let o: Obj = raw.cast();
        // SAFETY: the heap gives a reference.
        unsafe {
            match task {
                Task::Drop => {}
                Task::Clear => quietly(o, |o| {
                    if let Some(clear) = traverse::clear_of(o) {
                        clear(o);
                    }
                }),
                Task::Finalize => quietly(o, |o| api::PyObject_CallFinalizer(o)),
            }
            raw::decref(o);
        }
    }
}
/// Runs code of C that has nobody to tell of its errors.
unsafe fn quietly(o: Obj, run: impl FnOnce(Obj)) {
    let (ty, value, traceback) = errors::fetch();
    context::call_into_c(|| run(o));
    if errors::occurred() {
        context::guest().unraisable(o);
    }
    errors::restore(ty, value, traceback);
}
