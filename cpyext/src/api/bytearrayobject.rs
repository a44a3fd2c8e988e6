//! `bytearrayobject.h`: a bytearray of the C side is a copy of its contents at the time of crossing.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::raw;
use std::ffi::c_char;

api! {
    fn PyByteArray_FromStringAndSize(text: *const c_char, n: Ssize) -> Obj {
        let b = super::PyBytes_FromStringAndSize(text, n);
        if b.is_null() { return b }
        let r = guest().call(data::PyByteArray_Type.get().cast(), &[b], std::ptr::null_mut());
        raw::decref(b);
        r
    }
    fn PyByteArray_FromObject(o: Obj) -> Obj { guest().call(data::PyByteArray_Type.get().cast(), &[o], std::ptr::null_mut()) }
    fn PyByteArray_Size(o: Obj) -> Ssize { (*o.cast::<PyVarObject>()).ob_size }
}
