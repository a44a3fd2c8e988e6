//! `memoryobject.h`: views of memory. What the interpreter shows of one is its own; here are the structures that C reads.
//!
//! A managed buffer is a `Py_buffer` that was acquired once and is given back when the last view of it is released, or when
//! the managed buffer goes. A memoryview's structure is filled when it crosses; its `view` owns a reference to the exporter.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();
/// `_Py_MANAGED_BUFFER_RELEASED` and `_Py_MEMORYVIEW_RELEASED`.
const RELEASED: c_int = 1;
/// What views ask exporters for: everything, read-only will do.
const FULL_RO: c_int = 0x11c;

fn bits(flags: c_int, wanted: c_int) -> bool {
    flags & wanted == wanted
}

inner! {
    fn new_managed(bytes: usize) -> *mut _PyManagedBufferObject {
        raw::new_object(data::_PyManagedBuffer_Type.get(), size_of::<_PyManagedBufferObject>() + bytes).cast()
    }
    /// Acquires all memory of an exporter. NULL: an exception is set.
    pub fn managed_from(o: Obj) -> Obj {
        let m = new_managed(0);
        if m.is_null() { return NULL }
        if super::PyObject_GetBuffer(o, &raw mut (*m).master, FULL_RO) < 0 {
            (*m).flags |= RELEASED;
            raw::decref(m.cast());
            return NULL;
        }
        m.cast()
    }
    /// Changes the number of views; the buffer is given back when there is none any more.
    pub fn managed_count(m: Obj, change: Ssize) {
        let m: *mut _PyManagedBufferObject = m.cast();
        (*m).exports += change;
        if (*m).exports == 0 { managed_release(m) }
    }
    fn managed_release(m: *mut _PyManagedBufferObject) {
        if (*m).flags & RELEASED == 0 {
            (*m).flags |= RELEASED;
            super::PyBuffer_Release(&raw mut (*m).master);
        }
    }
    /// The buffer of a managed buffer; `None` once it was given back.
    pub fn managed_view(m: Obj) -> Option<&'static Py_buffer> {
        let m: *mut _PyManagedBufferObject = m.cast();
        ((*m).flags & RELEASED == 0).then(|| &*(&raw const (*m).master))
    }
    /// The structure for a view of `dims` dimensions, whose fields the caller fills.
    pub fn memoryview_new(dims: usize) -> *mut PyMemoryViewObject {
        let o = raw::new_object(data::PyMemoryView_Type.get(), size_of::<PyMemoryViewObject>() + 24 * dims);
        if o.is_null() { return o.cast() }
        let m: *mut PyMemoryViewObject = o.cast();
        let array: *mut Ssize = (&raw mut (*m).ob_array).cast();
        (*m).ob_base.ob_size = 3 * dims as Ssize;
        (*m).hash = -1;
        (*m).view.ndim = dims as c_int;
        (*m).view.shape = array;
        (*m).view.strides = array.add(dims);
        m
    }
    /// The view of a managed buffer.
    fn view_of(m: *mut _PyManagedBufferObject) -> Obj {
        if m.is_null() { return NULL }
        let r = guest().memory_view(m.cast());
        raw::decref(m.cast());
        r
    }
    /// A view of a copy of all items, one after the other.
    fn contiguous_copy(v: *const Py_buffer, order: c_char) -> Obj {
        let v = &*v;
        let dims = v.ndim as usize;
        let m = new_managed(16 * dims);
        if m.is_null() { return NULL }
        let copy = raw::bytes_new(v.len as usize);
        if copy.is_null() || super::PyBuffer_ToContiguous(raw::bytes_data(copy).cast(), v, v.len, order) < 0 {
            (*m).flags |= RELEASED;
            raw::decref(m.cast());
            raw::xdecref(copy);
            return NULL;
        }
        let master = &mut (*m).master;
        super::PyBuffer_FillInfo(master, copy, raw::bytes_data(copy).cast(), v.len, 1, FULL_RO);
        raw::decref(copy);
        master.itemsize = v.itemsize;
        master.format = v.format;
        master.ndim = v.ndim;
        master.shape = m.add(1).cast();
        master.strides = m.add(1).cast::<Ssize>().add(dims);
        std::ptr::copy_nonoverlapping(v.shape, master.shape, dims);
        super::PyBuffer_FillContiguousStrides(v.ndim, master.shape, master.strides, v.itemsize as c_int, order);
        view_of(m)
    }
}
slot_functions! {
    /// Destructor of managed buffers.
    fn dealloc_managed(o: Obj) {
        managed_release(o.cast());
        crate::destructors::free_typed(o)
    }
    /// Destructor of memoryviews.
    fn dealloc_memoryview(o: Obj) {
        let m: *mut PyMemoryViewObject = o.cast();
        super::PyMem_Free((*m).view.format.cast());
        raw::xdecref((*m).view.obj);
        crate::destructors::free_typed(o)
    }
    /// `bf_getbuffer` of memoryview.
    fn memoryview_getbuffer(o: Obj, view: *mut Py_buffer, flags: c_int) -> c_int {
        let m: *mut PyMemoryViewObject = o.cast();
        let base = &raw mut (*m).view;
        if (*m).flags & RELEASED != 0 {
            errors::value_error("operation forbidden on released memoryview object");
            return -1;
        }
        let refuse = |text: &str| {
            errors::set_text(data::PyExc_BufferError.get(), text);
            -1
        };
        std::ptr::copy_nonoverlapping(base, view, 1);
        (*view).obj = NULL;
        let dense = |order: u8| super::PyBuffer_IsContiguous(base, order as c_char) != 0;
        if bits(flags, 1) && (*base).readonly != 0 { return refuse("memoryview: underlying buffer is not writable") }
        if !bits(flags, 4) { (*view).format = std::ptr::null_mut() }
        if bits(flags, 0x38) && !dense(b'C') { return refuse("memoryview: underlying buffer is not C-contiguous") }
        if bits(flags, 0x58) && !dense(b'F') { return refuse("memoryview: underlying buffer is not Fortran contiguous") }
        if bits(flags, 0x98) && !dense(b'A') { return refuse("memoryview: underlying buffer is not contiguous") }
        if !bits(flags, 0x18) {
            if !dense(b'C') { return refuse("memoryview: underlying buffer is not C-contiguous") }
            (*view).strides = std::ptr::null_mut();
        }
        if !bits(flags, 8) {
            if !(*view).format.is_null() {
                return refuse("memoryview: cannot cast to unsigned bytes if the format flag is present");
            }
            (*view).ndim = 1;
            (*view).shape = std::ptr::null_mut();
        }
        (*view).obj = raw::incref(o);
        (*m).exports += 1;
        0
    }
    /// `bf_releasebuffer` of memoryview.
    fn memoryview_releasebuffer(o: Obj, view: *mut Py_buffer) {
        let _ = view;
        (*o.cast::<PyMemoryViewObject>()).exports -= 1;
    }
}
inner! {
    /// The interpreter released a view: nobody gets its memory any more.
    pub fn memoryview_released(o: Obj) {
        let m: *mut PyMemoryViewObject = o.cast();
        (*m).flags |= RELEASED;
        raw::replace(&raw mut (*m).view.obj, NULL);
    }
}
api! {
    fn PyMemoryView_FromObject(o: Obj) -> Obj { guest().call(data::PyMemoryView_Type.get().cast(), &[o], NULL) }
    fn PyMemoryView_FromMemory(memory: *mut c_char, n: Ssize, flags: c_int) -> Obj {
        let m = new_managed(0);
        if m.is_null() { return NULL }
        let readonly = (flags != 0x200) as c_int;
        super::PyBuffer_FillInfo(&raw mut (*m).master, NULL, memory.cast(), n, readonly, FULL_RO);
        view_of(m)
    }
    fn PyMemoryView_FromBuffer(info: *const Py_buffer) -> Obj {
        if (*info).buf.is_null() {
            errors::value_error("PyMemoryView_FromBuffer(): info->buf must not be NULL");
            return NULL;
        }
        let m = new_managed(0);
        if m.is_null() { return NULL }
        std::ptr::copy_nonoverlapping(info, &raw mut (*m).master, 1);
        // The caller's reference is the caller's business.
        (*m).master.obj = NULL;
        view_of(m)
    }
    fn PyMemoryView_GetContiguous(o: Obj, kind: c_int, order: c_char) -> Obj {
        let m = PyMemoryView_FromObject(o);
        if m.is_null() { return NULL }
        let v: *mut Py_buffer = &raw mut (*m.cast::<PyMemoryViewObject>()).view;
        let write = kind == 0x200;
        let refused = if write && (*v).readonly != 0 {
            "underlying buffer is not writable"
        } else if super::PyBuffer_IsContiguous(v, order) != 0 {
            return m;
        } else if write {
            "writable contiguous buffer requested for a non-contiguous object."
        } else {
            let copy = contiguous_copy(v, order);
            raw::decref(m);
            return copy;
        };
        raw::decref(m);
        errors::set_text(data::PyExc_BufferError.get(), refused);
        NULL
    }
}
