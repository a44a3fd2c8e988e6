//! `objimpl.h`: making and freeing objects.

use crate::abi::*;
use crate::context::context;
use crate::raw;
use std::ffi::{c_int, c_void};

inner! {
    /// Bytes of an instance with `items` items.
    pub fn instance_bytes(ty: TypeObj, items: Ssize) -> Option<usize> {
        let bytes = (*ty).tp_itemsize.checked_mul(items)?.checked_add((*ty).tp_basicsize)?;
        usize::try_from(bytes).ok().map(|n| n.next_multiple_of(8))
    }
    fn make(ty: TypeObj, items: Ssize) -> Obj {
        match instance_bytes(ty, items) {
            Some(bytes) => raw::new_object(ty, bytes.max(16)),
            None => {
                crate::errors::no_memory();
                std::ptr::null_mut()
            }
        }
    }
    fn make_var(ty: TypeObj, items: Ssize) -> Obj {
        let o = make(ty, items);
        if !o.is_null() { (*o.cast::<PyVarObject>()).ob_size = items; }
        o
    }
}
api! {
    fn PyObject_Init(o: Obj, ty: TypeObj) -> Obj {
        if o.is_null() {
            crate::errors::no_memory();
            return o;
        }
        if context().memory.is_ours(o as usize) { *context().memory.link(o.cast()) = 0; }
        (*o).ob_type = ty;
        (*o).ob_refcnt = 1;
        if (*ty).tp_flags & type_flags::HEAP != 0 { raw::incref(ty.cast()); }
        o
    }
    fn PyObject_InitVar(o: *mut PyVarObject, ty: TypeObj, size: Ssize) -> *mut PyVarObject {
        if !PyObject_Init(o.cast(), ty).is_null() { (*o).ob_size = size; }
        o
    }
    fn _PyObject_New(ty: TypeObj) -> Obj { make(ty, 0) }
    fn _PyObject_NewVar(ty: TypeObj, items: Ssize) -> Obj { make_var(ty, items) }
    fn _PyObject_GC_New(ty: TypeObj) -> Obj { make(ty, 0) }
    fn _PyObject_GC_NewVar(ty: TypeObj, items: Ssize) -> Obj { make_var(ty, items) }
    fn PyObject_GC_Del(o: *mut c_void) { super::PyObject_Free(o) }
    fn PyObject_GC_Track(o: *mut c_void) { context().memory.track(o.cast()) }
    fn PyObject_GC_UnTrack(o: *mut c_void) { context().memory.untrack(o.cast()) }
    fn PyObject_GC_IsTracked(o: Obj) -> c_int {
        // Objects of builtin types can be visited from the start.
        (PyObject_IS_GC(o) != 0 && (!raw::has(o, type_flags::HAVE_GC) || context().memory.is_tracked(o.cast()))) as c_int
    }
    fn PyObject_GC_IsFinalized(o: Obj) -> c_int { context().memory.is_finalized(o.cast()) as c_int }
    fn PyObject_IS_GC(o: Obj) -> c_int {
        match ((*(*o).ob_type).tp_is_gc, raw::has(o, type_flags::HAVE_GC)) {
            (Some(f), true) => (f(o) != 0) as c_int,
            (_, has) => (has || crate::traverse::is_container(o)) as c_int,
        }
    }
    fn PyType_GenericAlloc(ty: TypeObj, items: Ssize) -> Obj {
        let o = match (*ty).tp_itemsize {
            0 => make(ty, 0),
            // One item more, as CPython does: a zero at the end.
            _ => {
                let o = make(ty, items + 1);
                if !o.is_null() { (*o.cast::<PyVarObject>()).ob_size = items; }
                o
            }
        };
        if (*ty).tp_flags & type_flags::HAVE_GC != 0 && !o.is_null() { context().memory.track(o.cast()) }
        o
    }
    fn PyType_GenericNew(ty: TypeObj, args: Obj, kw: Obj) -> Obj {
        let _ = (args, kw);
        match (*ty).tp_alloc {
            Some(alloc) => alloc(ty, 0),
            None => PyType_GenericAlloc(ty, 0),
        }
    }
    fn PyGC_Collect() -> Ssize {
        let r = context().guest.import("gc");
        if r.is_null() { crate::errors::clear(); return 0 }
        let n = context().guest.call_method(r, "collect", &[]);
        raw::decref(r);
        if n.is_null() { crate::errors::clear(); return 0 }
        raw::decref(n);
        0
    }
    fn PyGC_Enable() -> c_int { 1 }
    fn PyGC_Disable() -> c_int { 1 }
    fn PyGC_IsEnabled() -> c_int { 1 }
}
