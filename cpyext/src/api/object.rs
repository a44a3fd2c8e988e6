//! `object.h`: references, attributes, comparison, texts.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::guest::Text;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// A str for a name that C gives as text. NULL gives NULL with an exception.
    pub fn name_of_c(name: *const c_char) -> Obj {
        let text = if name.is_null() { &[][..] } else { std::ffi::CStr::from_ptr(name).to_bytes() };
        match text.is_ascii() {
            true => raw::unicode_from_ascii(text),
            false => raw::unicode_from_str(&raw::text(name)),
        }
    }
    /// Runs a function with a temporary str.
    fn text_of(how: Text, o: Obj) -> Obj {
        if o.is_null() { return raw::unicode_from_str("<NULL>") }
        if how == Text::Str && (*o).ob_type == data::PyUnicode_Type.get() { return raw::incref(o) }
        if o == data::none() { return raw::unicode_from_ascii(b"None") }
        guest().text(how, o)
    }
}
api! {
    fn Py_IncRef(o: Obj) { raw::xincref(o); }
    fn Py_DecRef(o: Obj) { raw::xdecref(o) }
    fn _Py_IncRef(o: Obj) { raw::incref(o); }
    fn _Py_DecRef(o: Obj) { raw::decref(o) }
    fn _Py_Dealloc(o: Obj) { raw::dealloc(o) }
    fn Py_NewRef(o: Obj) -> Obj { raw::incref(o) }
    fn Py_XNewRef(o: Obj) -> Obj { raw::xincref(o) }
    fn _Py_NewReference(o: Obj) {
        raw::set_deallocating(o, false);
        (*o).ob_refcnt = 1;
    }
    fn Py_Is(a: Obj, b: Obj) -> c_int { (a == b) as c_int }
    fn Py_IsNone(a: Obj) -> c_int { (a == data::none()) as c_int }
    fn Py_IsTrue(a: Obj) -> c_int { (a == data::bool_(true)) as c_int }
    fn Py_IsFalse(a: Obj) -> c_int { (a == data::bool_(false)) as c_int }
    fn PyObject_Repr(o: Obj) -> Obj { text_of(Text::Repr, o) }
    fn PyObject_Str(o: Obj) -> Obj { text_of(Text::Str, o) }
    fn PyObject_ASCII(o: Obj) -> Obj { text_of(Text::Ascii, o) }
    fn PyObject_Bytes(o: Obj) -> Obj {
        if o.is_null() { return raw::bytes_from(b"<NULL>") }
        guest().call(data::PyBytes_Type.get().cast(), &[o], NULL)
    }
    fn PyObject_RichCompare(a: Obj, b: Obj, op: c_int) -> Obj {
        if a.is_null() || b.is_null() || !(0..6).contains(&op) {
            errors::bad_call("PyObject_RichCompare");
            return NULL;
        }
        guest().compare(op, a, b)
    }
    fn PyObject_RichCompareBool(a: Obj, b: Obj, op: c_int) -> c_int {
        if a == b {
            match op { 2 => return 1, 3 => return 0, _ => {} }
        }
        let r = PyObject_RichCompare(a, b, op);
        if r.is_null() { return -1 }
        let v = PyObject_IsTrue(r);
        raw::decref(r);
        v
    }
    fn PyObject_GetAttr(o: Obj, name: Obj) -> Obj { guest().get_attr(o, name) }
    fn PyObject_GetAttrString(o: Obj, name: *const c_char) -> Obj {
        let n = name_of_c(name);
        let r = guest().get_attr(o, n);
        raw::decref(n);
        r
    }
    fn PyObject_HasAttr(o: Obj, name: Obj) -> c_int {
        let r = guest().find_attr(o, name);
        if r.is_null() { errors::clear(); return 0 }
        raw::decref(r);
        1
    }
    fn PyObject_HasAttrString(o: Obj, name: *const c_char) -> c_int {
        let n = name_of_c(name);
        let r = PyObject_HasAttr(o, n);
        raw::decref(n);
        r
    }
    fn _PyObject_LookupAttr(o: Obj, name: Obj, result: *mut Obj) -> c_int {
        *result = guest().find_attr(o, name);
        match ((*result).is_null(), errors::occurred()) { (false, _) => 1, (true, false) => 0, _ => -1 }
    }
    fn PyObject_SetAttr(o: Obj, name: Obj, value: Obj) -> c_int { guest().set_attr(o, name, value) }
    fn PyObject_SetAttrString(o: Obj, name: *const c_char, value: Obj) -> c_int {
        let n = name_of_c(name);
        let r = guest().set_attr(o, n, value);
        raw::decref(n);
        r
    }
    fn PyObject_GenericGetAttr(o: Obj, name: Obj) -> Obj {
        generic(o, "__getattribute__", &[o, name])
    }
    fn PyObject_GenericSetAttr(o: Obj, name: Obj, value: Obj) -> c_int {
        let r = match value.is_null() {
            true => generic(o, "__delattr__", &[o, name]),
            false => generic(o, "__setattr__", &[o, name, value]),
        };
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
    // Strs and bytes keep their hash where C reads it.
    fn PyObject_Hash(o: Obj) -> Ssize {
        let slot = match (*o).ob_type {
            ty if ty == data::PyUnicode_Type.get() => &raw mut (*o.cast::<PyASCIIObject>()).hash,
            ty if ty == data::PyBytes_Type.get() => &raw mut (*o.cast::<PyBytesObject>()).ob_shash,
            _ => return guest().hash(o),
        };
        if *slot == -1 { *slot = guest().hash(o) }
        *slot
    }
    fn PyObject_HashNotImplemented(o: Obj) -> Ssize {
        errors::type_error(&format!("unhashable type: '{}'", raw::type_name(o)));
        -1
    }
    fn PyObject_IsTrue(o: Obj) -> c_int {
        if o == data::bool_(true) { return 1 }
        if o == data::bool_(false) || o == data::none() { return 0 }
        guest().truth(o)
    }
    fn PyObject_Not(o: Obj) -> c_int {
        match PyObject_IsTrue(o) { -1 => -1, v => 1 - v }
    }
    fn PyCallable_Check(o: Obj) -> c_int { (!o.is_null() && guest().is_callable(o)) as c_int }
    fn PyObject_Dir(o: Obj) -> Obj {
        let dir = guest().builtin("dir");
        if dir.is_null() { return NULL }
        let r = match o.is_null() { true => guest().call(dir, &[], NULL), false => guest().call(dir, &[o], NULL) };
        raw::decref(dir);
        r
    }
    fn PyObject_SelfIter(o: Obj) -> Obj { raw::incref(o) }
    fn _PyObject_GenericGetAttrWithDict(o: Obj, name: Obj, dict: Obj, suppress: c_int) -> Obj {
        if !dict.is_null() {
            let found = guest().dict_get(dict, name);
            if !found.is_null() || errors::occurred() { return raw::xincref(found) }
        }
        let r = PyObject_GenericGetAttr(o, name);
        let missing = *data::PyExc_AttributeError.get();
        if r.is_null() && suppress != 0 && super::PyErr_ExceptionMatches(missing) != 0 { errors::clear() }
        r
    }
    fn _PyType_Lookup(ty: TypeObj, name: Obj) -> Obj { guest().type_lookup(ty, name) }
    fn _Py_HashPointer(p: *const std::ffi::c_void) -> Ssize {
        // Addresses are multiples of 16: the low bits go to the top.
        match (p as usize).rotate_right(4) as Ssize { -1 => -2, v => v }
    }
    fn PyObject_Print(o: Obj, file: *mut libc::FILE, flags: c_int) -> c_int {
        let text = if flags & 1 != 0 { PyObject_Str(o) } else { PyObject_Repr(o) };
        if text.is_null() { return -1 }
        let bytes = raw::unicode_text(text);
        let written = libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file);
        raw::decref(text);
        if written == bytes.len() { return 0 }
        super::PyErr_SetFromErrno(*data::PyExc_OSError.get());
        -1
    }
    fn Py_GenericAlias(origin: Obj, arguments: Obj) -> Obj {
        let types = guest().import("types");
        if types.is_null() { return NULL }
        let r = guest().call_method(types, "GenericAlias", &[origin, arguments]);
        raw::decref(types);
        r
    }
    fn Py_ReprEnter(o: Obj) -> c_int { let _ = o; 0 }
    fn Py_ReprLeave(o: Obj) { let _ = o; }
    fn PyObject_ClearWeakRefs(o: Obj) { let _ = o; }
    fn PyObject_CallFinalizer(o: Obj) {
        let Some(f) = (*(*o).ob_type).tp_finalize else { return };
        // As in CPython only what its collector knows is finalized once; of the rest nobody remembers it.
        let once = raw::has(o, type_flags::HAVE_GC);
        let memory = &crate::context::context().memory;
        if once && memory.is_finalized(o.cast()) { return }
        if once { memory.set_finalized(o.cast()) }
        f(o)
    }
    fn PyObject_CallFinalizerFromDealloc(o: Obj) -> c_int {
        // For the finalizer it is an ordinary object, which may be linked and kept.
        raw::set_deallocating(o, false);
        (*o).ob_refcnt = 1;
        PyObject_CallFinalizer(o);
        (*o).ob_refcnt -= 1;
        if (*o).ob_refcnt != 0 { return -1 }
        raw::set_deallocating(o, true);
        0
    }
    fn _PyTrash_cond(o: Obj, dealloc: Destructor) -> c_int { let _ = (o, dealloc); 0 }
    fn _PyTrash_begin(s: *mut PyThreadState, o: Obj) -> c_int { let _ = (s, o); 0 }
    fn _PyTrash_end(s: *mut PyThreadState) { let _ = s; }
}
inner! {
    /// A method of `object`, called unbound.
    fn generic(o: Obj, method: &str, args: &[Obj]) -> Obj {
        let _ = o;
        let name = raw::unicode_from_str(method);
        let f = guest().get_attr(data::PyBaseObject_Type.get().cast(), name);
        raw::decref(name);
        if f.is_null() { return NULL }
        let r = guest().call(f, args, NULL);
        raw::decref(f);
        r
    }
}
