//! `pycapsule.h`.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

/// A capsule.
#[repr(C)]
struct Capsule {
    head: PyObject,
    pointer: *mut c_void,
    name: *const c_char,
    context: *mut c_void,
    destructor: Destructor,
}
inner! {
    fn check(o: Obj, name: *const c_char, function: &str) -> *mut Capsule {
        let good = !o.is_null() && (*o).ob_type == data::PyCapsule_Type.get();
        if good && same((*o.cast::<Capsule>()).name, name) { return o.cast() }
        let what = if good { "incorrect name" } else { "invalid PyCapsule object" };
        errors::value_error(&format!("{function} called with {what}"));
        std::ptr::null_mut()
    }
    fn any(o: Obj, function: &str) -> *mut Capsule {
        let good = !o.is_null() && (*o).ob_type == data::PyCapsule_Type.get();
        if good { return o.cast() }
        errors::value_error(&format!("{function} called with invalid PyCapsule object"));
        std::ptr::null_mut()
    }
    fn same(a: *const c_char, b: *const c_char) -> bool {
        if a.is_null() || b.is_null() { a == b } else { libc::strcmp(a, b) == 0 }
    }
}
slot_functions! {
    /// Destructor of capsules.
    fn dealloc_capsule(o: Obj) {
        if let Some(f) = (*o.cast::<Capsule>()).destructor { f(o) }
        crate::destructors::free_typed(o)
    }
}
api! {
    fn PyCapsule_New(pointer: *mut c_void, name: *const c_char, destructor: Destructor) -> Obj {
        if pointer.is_null() {
            errors::value_error("PyCapsule_New called with null pointer");
            return NULL;
        }
        let o = raw::new_object(data::PyCapsule_Type.get(), size_of::<Capsule>());
        if o.is_null() { return o }
        let c: *mut Capsule = o.cast();
        (*c).pointer = pointer;
        (*c).name = name;
        (*c).destructor = destructor;
        o
    }
    fn PyCapsule_GetPointer(o: Obj, name: *const c_char) -> *mut c_void {
        let c = check(o, name, "PyCapsule_GetPointer");
        if c.is_null() { c.cast() } else { (*c).pointer }
    }
    fn PyCapsule_GetName(o: Obj) -> *const c_char {
        let c = any(o, "PyCapsule_GetName");
        if c.is_null() { std::ptr::null() } else { (*c).name }
    }
    fn PyCapsule_GetContext(o: Obj) -> *mut c_void {
        let c = any(o, "PyCapsule_GetContext");
        if c.is_null() { c.cast() } else { (*c).context }
    }
    fn PyCapsule_SetContext(o: Obj, context: *mut c_void) -> c_int {
        let c = any(o, "PyCapsule_SetContext");
        if c.is_null() { return -1 }
        (*c).context = context;
        0
    }
    fn PyCapsule_SetDestructor(o: Obj, f: Destructor) -> c_int {
        let c = any(o, "PyCapsule_SetDestructor");
        if c.is_null() { return -1 }
        (*c).destructor = f;
        0
    }
    fn PyCapsule_SetPointer(o: Obj, p: *mut c_void) -> c_int {
        let c = any(o, "PyCapsule_SetPointer");
        if c.is_null() { return -1 }
        (*c).pointer = p;
        0
    }
    fn PyCapsule_IsValid(o: Obj, name: *const c_char) -> c_int {
        (!o.is_null() && (*o).ob_type == data::PyCapsule_Type.get() && same((*o.cast::<Capsule>()).name, name)) as c_int
    }
    fn PyCapsule_Import(name: *const c_char, no_block: c_int) -> *mut c_void {
        let _ = no_block;
        let full = raw::text(name);
        let Some((module, attribute)) = full.rsplit_once('.') else {
            errors::set_text(data::PyExc_ImportError.get(), &format!("PyCapsule_Import could not import module \"{full}\""));
            return std::ptr::null_mut();
        };
        let m = guest().import(module);
        if m.is_null() { return std::ptr::null_mut() }
        let attribute = raw::unicode_from_str(attribute);
        let o = guest().get_attr(m, attribute);
        raw::decref(attribute);
        raw::decref(m);
        if o.is_null() { return std::ptr::null_mut() }
        let p = PyCapsule_GetPointer(o, name);
        raw::decref(o);
        p
    }
}
