//! `bytesobject.h`.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn check(o: Obj) -> bool {
        if !o.is_null() && raw::has(o, type_flags::BYTES) { return true }
        match o.is_null() {
            true => errors::bad_call("PyBytes_AsString"),
            false => errors::type_error(&format!("expected bytes, {} found", raw::type_name(o))),
        }
        false
    }
}
api! {
    fn PyBytes_FromStringAndSize(text: *const c_char, n: Ssize) -> Obj {
        if n < 0 {
            errors::set_text(data::PyExc_SystemError.get(), "Negative size passed to PyBytes_FromStringAndSize");
            return NULL;
        }
        let o = raw::bytes_new(n as usize);
        if !o.is_null() && !text.is_null() {
            std::ptr::copy_nonoverlapping(text.cast::<u8>(), raw::bytes_data(o), n as usize);
        }
        o
    }
    fn PyBytes_FromString(text: *const c_char) -> Obj { PyBytes_FromStringAndSize(text, libc::strlen(text) as Ssize) }
    fn PyBytes_FromObject(o: Obj) -> Obj {
        if !o.is_null() && (*o).ob_type == data::PyBytes_Type.get() { return raw::incref(o) }
        guest().call(data::PyBytes_Type.get().cast(), &[o], NULL)
    }
    fn PyBytes_Size(o: Obj) -> Ssize { if check(o) { (*o.cast::<PyVarObject>()).ob_size } else { -1 } }
    fn PyBytes_AsString(o: Obj) -> *mut c_char { if check(o) { raw::bytes_data(o).cast() } else { std::ptr::null_mut() } }
    fn PyBytes_AsStringAndSize(o: Obj, text: *mut *mut c_char, n: *mut Ssize) -> c_int {
        if text.is_null() { errors::bad_call("PyBytes_AsStringAndSize"); return -1 }
        if !check(o) { return -1 }
        *text = raw::bytes_data(o).cast();
        if !n.is_null() {
            *n = (*o.cast::<PyVarObject>()).ob_size;
        } else if raw::bytes_slice(o).contains(&0) {
            errors::value_error("embedded null byte");
            return -1;
        }
        0
    }
    fn PyBytes_Concat(a: *mut Obj, b: Obj) {
        if (*a).is_null() { return }
        let r = match b.is_null() { true => NULL, false => super::PyNumber_Add(*a, b) };
        raw::replace(a, r);
    }
    fn PyBytes_ConcatAndDel(a: *mut Obj, b: Obj) { PyBytes_Concat(a, b); raw::xdecref(b) }
    fn _PyBytes_Resize(slot: *mut Obj, n: Ssize) -> c_int {
        let o = *slot;
        if o.is_null() || !raw::has(o, type_flags::BYTES) || n < 0 || ((*o).ob_refcnt != 1 && (*o.cast::<PyVarObject>()).ob_size != n) {
            *slot = NULL;
            raw::xdecref(o);
            errors::bad_call("_PyBytes_Resize");
            return -1;
        }
        let old = (*o.cast::<PyVarObject>()).ob_size;
        if old == n { return 0 }
        let new = raw::bytes_new(n as usize);
        if !new.is_null() {
            std::ptr::copy_nonoverlapping(raw::bytes_data(o), raw::bytes_data(new), old.min(n) as usize);
        }
        *slot = new;
        raw::decref(o);
        if new.is_null() { -1 } else { 0 }
    }
    fn PyBytes_Repr(o: Obj, smart: c_int) -> Obj { let _ = smart; super::PyObject_Repr(o) }
}
api! {
    fn _PyBytes_Join(separator: Obj, parts: Obj) -> Obj { guest().call_method(separator, "join", &[parts]) }
    fn _Py_HashBytes(bytes: *const std::ffi::c_void, n: Ssize) -> Ssize {
        let b = raw::bytes_from(std::slice::from_raw_parts(bytes.cast(), n.max(0) as usize));
        let h = guest().hash(b);
        raw::decref(b);
        h
    }
}
