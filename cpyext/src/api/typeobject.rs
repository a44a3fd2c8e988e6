//! `object.h`: making types ready, and what C asks of them. Their slots are in `slots.rs`.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

const NULL: Obj = std::ptr::null_mut();

api! {
    fn PyType_Ready(ty: TypeObj) -> c_int {
        if (*ty).tp_flags & type_flags::READY != 0 { return 0 }
        if (*ty).tp_name.is_null() {
            errors::set_text(data::PyExc_SystemError.get(), "Type does not define the tp_name field.");
            return -1;
        }
        if (*ty).tp_base.is_null() { (*ty).tp_base = data::PyBaseObject_Type.get() }
        let base = (*ty).tp_base;
        if PyType_Ready(base) < 0 { return -1 }
        if (*ty).ob_base.ob_base.ob_type.is_null() { (*ty).ob_base.ob_base.ob_type = (*base).ob_base.ob_base.ob_type }
        if (*ty).ob_base.ob_base.ob_refcnt == 0 { (*ty).ob_base.ob_base.ob_refcnt = 1 }
        (*ty).tp_flags |= type_flags::READYING;
        let r = guest().type_ready(ty);
        (*ty).tp_flags &= !type_flags::READYING;
        if r < 0 { return -1 }
        super::inherit(ty, base);
        if (*ty).tp_hash.is_none() { (*ty).tp_hash = Some(super::PyObject_HashNotImplemented) }
        if (*ty).tp_dealloc.is_none() { (*ty).tp_dealloc = Some(super::subtype_dealloc) }
        (*ty).tp_flags |= type_flags::READY;
        0
    }
    fn PyType_IsSubtype(a: TypeObj, b: TypeObj) -> c_int { (a == b || guest().is_subtype(a, b)) as c_int }
    fn PyType_GetFlags(ty: TypeObj) -> c_ulong { (*ty).tp_flags }
    fn PyType_Modified(ty: TypeObj) { guest().type_modified(ty) }
    fn PyType_ClearCache() -> c_uint { 0 }
    fn PyType_GetSlot(ty: TypeObj, slot: c_int) -> *mut c_void {
        if !super::is_slot(slot) { errors::bad_call("PyType_GetSlot"); return std::ptr::null_mut() }
        super::slot_get(ty, slot)
    }
    fn PyType_GetModule(ty: TypeObj) -> Obj {
        let m = if (*ty).tp_flags & type_flags::HEAP != 0 { (*ty.cast::<PyHeapTypeObject>()).ht_module } else { NULL };
        if m.is_null() {
            errors::type_error(&format!("PyType_GetModule: Type '{}' has no associated module", raw::name_of(ty)));
        }
        m
    }
    fn PyType_GetModuleState(ty: TypeObj) -> *mut c_void {
        let m = PyType_GetModule(ty);
        if m.is_null() { std::ptr::null_mut() } else { super::PyModule_GetState(m) }
    }
    fn PyType_GetModuleByDef(ty: TypeObj, def: *mut PyModuleDef) -> Obj {
        let mut t = ty;
        while !t.is_null() {
            if (*t).tp_flags & type_flags::HEAP != 0 {
                let m = (*t.cast::<PyHeapTypeObject>()).ht_module;
                if !m.is_null() && super::PyModule_GetDef(m) == def { return m }
            }
            t = (*t).tp_base;
        }
        errors::type_error(&format!("PyType_GetModuleByDef: No superclass of '{}' has the given module", raw::name_of(ty)));
        NULL
    }
    fn PyType_GetName(ty: TypeObj) -> Obj { super::PyObject_GetAttrString(ty.cast(), c"__name__".as_ptr()) }
    fn PyType_GetQualName(ty: TypeObj) -> Obj { super::PyObject_GetAttrString(ty.cast(), c"__qualname__".as_ptr()) }
    fn _PyObject_NextNotImplemented(o: Obj) -> Obj {
        errors::type_error(&format!("'{}' object is not iterable", raw::type_name(o)));
        NULL
    }
    fn _PyType_Name(ty: TypeObj) -> *const c_char {
        let p = (*ty).tp_name;
        let dot = libc::strrchr(p, b'.' as c_int);
        if dot.is_null() { p } else { dot.add(1) }
    }
}
