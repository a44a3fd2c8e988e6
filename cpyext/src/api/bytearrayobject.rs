//! `bytearrayobject.h`: the bytes lie in memory of the C side, and there alone, once a bytearray crossed.
//!
//! While `ob_exports` is not 0 the bytes stay where they are and as many as they are.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// An empty bytearray of a type.
    pub fn bytearray_empty(ty: TypeObj) -> Obj {
        raw::new_object(ty, size_of::<PyByteArrayObject>().max((*ty).tp_basicsize as usize))
    }
    /// Changes the length of a bytearray that nobody looks at; new bytes are 0. False without memory.
    pub fn bytearray_resize(o: Obj, n: usize) -> bool {
        let b: *mut PyByteArrayObject = o.cast();
        let (old, room) = ((*b).ob_base.ob_size as usize, (*b).ob_alloc as usize);
        if n + 1 > room || n + 1 < room / 2 {
            let room = if n > old { n + (n >> 3) + 9 } else { n + 1 };
            // C may have moved the start behind the beginning of the block.
            let p = super::PyMem_Malloc(room).cast::<u8>();
            if p.is_null() {
                errors::no_memory();
                return false;
            }
            if old > 0 { std::ptr::copy_nonoverlapping((*b).ob_start.cast::<u8>(), p, old.min(n)) }
            super::PyMem_Free((*b).ob_bytes.cast());
            (*b).ob_bytes = p.cast();
            (*b).ob_start = p.cast();
            (*b).ob_alloc = room as Ssize;
        }
        let p = (*b).ob_start.cast::<u8>();
        if n > old { std::ptr::write_bytes(p.add(old), 0, n - old) }
        *p.add(n) = 0;
        (*b).ob_base.ob_size = n as Ssize;
        true
    }
    /// A bytearray with these bytes.
    pub fn bytearray_from(bytes: &[u8]) -> Obj {
        let o = bytearray_empty(data::PyByteArray_Type.get());
        if o.is_null() { return o }
        if !bytearray_resize(o, bytes.len()) {
            raw::decref(o);
            return NULL;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), (*o.cast::<PyByteArrayObject>()).ob_start.cast(), bytes.len());
        o
    }
}
slot_functions! {
    /// Destructor of bytearray.
    fn dealloc_bytearray(o: Obj) {
        super::PyMem_Free((*o.cast::<PyByteArrayObject>()).ob_bytes.cast());
        crate::destructors::free_typed(o)
    }
    /// `bf_getbuffer` of bytearray.
    fn bytearray_getbuffer(o: Obj, view: *mut Py_buffer, flags: c_int) -> c_int {
        let b: *mut PyByteArrayObject = o.cast();
        if view.is_null() {
            errors::set_text(data::PyExc_BufferError.get(), "bytearray_getbuffer: view==NULL argument is obsolete");
            return -1;
        }
        super::PyBuffer_FillInfo(view, o, PyByteArray_AsString(o).cast(), (*b).ob_base.ob_size, 0, flags);
        (*b).ob_exports += 1;
        0
    }
    /// `bf_releasebuffer` of bytearray.
    fn bytearray_releasebuffer(o: Obj, view: *mut Py_buffer) {
        let _ = view;
        (*o.cast::<PyByteArrayObject>()).ob_exports -= 1;
    }
}
api! {
    fn PyByteArray_FromStringAndSize(text: *const c_char, n: Ssize) -> Obj {
        if n < 0 {
            errors::set_text(data::PyExc_SystemError.get(), "Negative size passed to PyByteArray_FromStringAndSize");
            return NULL;
        }
        if !text.is_null() { return bytearray_from(std::slice::from_raw_parts(text.cast(), n as usize)) }
        let o = bytearray_empty(data::PyByteArray_Type.get());
        if !o.is_null() && !bytearray_resize(o, n as usize) {
            raw::decref(o);
            return NULL;
        }
        o
    }
    fn PyByteArray_FromObject(o: Obj) -> Obj { guest().call(data::PyByteArray_Type.get().cast(), &[o], NULL) }
    fn PyByteArray_Size(o: Obj) -> Ssize { (*o.cast::<PyVarObject>()).ob_size }
    fn PyByteArray_AsString(o: Obj) -> *mut c_char {
        let b: *mut PyByteArrayObject = o.cast();
        match (*b).ob_base.ob_size { 0 => data::_PyByteArray_empty_string.get().cast(), _ => (*b).ob_start }
    }
    fn PyByteArray_Resize(o: Obj, n: Ssize) -> c_int {
        let b: *mut PyByteArrayObject = o.cast();
        if n == (*b).ob_base.ob_size { return 0 }
        if (*b).ob_exports > 0 {
            errors::set_text(data::PyExc_BufferError.get(), "Existing exports of data: object cannot be re-sized");
            return -1;
        }
        if bytearray_resize(o, n as usize) { 0 } else { -1 }
    }
    fn PyByteArray_Concat(a: Obj, b: Obj) -> Obj {
        let r = PyByteArray_FromObject(a);
        if r.is_null() { return NULL }
        let all = guest().binary(crate::guest::BinaryOp::Add, false, r, b);
        raw::decref(r);
        all
    }
}
