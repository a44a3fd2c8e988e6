//! `pybuffer.h`: asking exporters for memory, and walking through it.

use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn dims(v: &Py_buffer) -> usize { v.ndim.max(0) as usize }
    /// Shape and strides with what missing ones stand for.
    fn layout(v: &Py_buffer) -> (Vec<Ssize>, Vec<Ssize>) {
        let n = dims(v);
        if v.shape.is_null() { return (vec![v.len / v.itemsize.max(1)], vec![v.itemsize]) }
        let shape = std::slice::from_raw_parts(v.shape, n).to_vec();
        let strides = match v.strides.is_null() {
            true => (0..n).map(|i| v.itemsize * shape[i + 1..].iter().product::<Ssize>()).collect(),
            false => std::slice::from_raw_parts(v.strides, n).to_vec(),
        };
        (shape, strides)
    }
    /// Calls `f` with each item, the last dimension fastest in C's order and the first one in Fortran's.
    fn each_item(v: &Py_buffer, fortran: bool, f: &mut dyn FnMut(*mut u8)) {
        let (shape, _) = layout(v);
        if shape.contains(&0) { return }
        let mut index = vec![0; shape.len()];
        loop {
            f(pointer(v, &index));
            let mut d = 0;
            loop {
                if d == index.len() { return }
                let axis = if fortran { d } else { index.len() - 1 - d };
                index[axis] += 1;
                if index[axis] < shape[axis] { break }
                index[axis] = 0;
                d += 1;
            }
        }
    }
    fn pointer(v: &Py_buffer, index: &[Ssize]) -> *mut u8 {
        let (_, strides) = layout(v);
        let mut p = v.buf.cast::<u8>();
        for (d, (i, stride)) in index.iter().zip(&strides).enumerate() {
            p = p.offset(i * stride);
            if !v.suboffsets.is_null() && *v.suboffsets.add(d) >= 0 {
                p = (*p.cast::<*mut u8>()).offset(*v.suboffsets.add(d));
            }
        }
        p
    }
    /// Copies between the items of a view and bytes without gaps, which are `len` long.
    fn copy(v: &Py_buffer, bytes: *mut u8, len: Ssize, order: c_char, into: bool) -> c_int {
        if len != v.len {
            errors::value_error(match into {
                true => "PyBuffer_ToContiguous: len != view->len",
                false => "PyBuffer_FromContiguous: len != view->len",
            });
            return -1;
        }
        let fortran = match order as u8 {
            b'F' => true,
            b'A' => PyBuffer_IsContiguous(v, b'C' as c_char) == 0 && PyBuffer_IsContiguous(v, b'F' as c_char) != 0,
            _ => false,
        };
        let size = v.itemsize as usize;
        let mut at = bytes;
        each_item(v, fortran, &mut |item| {
            // SAFETY: the exporter says that the item is there, the caller that the bytes are.
            unsafe {
                if into { std::ptr::copy_nonoverlapping(item, at, size) } else { std::ptr::copy_nonoverlapping(at, item, size) }
                at = at.add(size);
            }
        });
        0
    }
}
slot_functions! {
    /// `bf_getbuffer` of classes of the interpreter that export memory: C looks through a memoryview, which is released with
    /// the buffer.
    fn guest_getbuffer(o: Obj, view: *mut Py_buffer, flags: c_int) -> c_int {
        let m = crate::context::guest().call(data::PyMemoryView_Type.get().cast(), &[o], NULL);
        if m.is_null() { return -1 }
        let through: *mut Py_buffer = super::PyMem_Calloc(1, size_of::<Py_buffer>()).cast();
        if through.is_null() { errors::no_memory() }
        if through.is_null() || PyObject_GetBuffer(m, through, flags) < 0 {
            super::PyMem_Free(through.cast());
            release_view(m);
            return -1;
        }
        raw::decref(m);
        *view = std::ptr::read(through);
        (*view).obj = raw::incref(o);
        (*view).internal = through.cast();
        0
    }
    /// `bf_releasebuffer` of the same classes.
    fn guest_releasebuffer(o: Obj, view: *mut Py_buffer) {
        let _ = o;
        let through: *mut Py_buffer = (*view).internal.cast();
        let m = raw::incref((*through).obj);
        PyBuffer_Release(through);
        super::PyMem_Free(through.cast());
        release_view(m);
    }
}
inner! {
    /// Gives a reference to a memoryview away that nobody looks through. The current exception stays.
    fn release_view(m: Obj) {
        let saved = errors::fetch();
        raw::xdecref(crate::context::guest().call_method(m, "release", &[]));
        errors::clear();
        errors::restore(saved.0, saved.1, saved.2);
        raw::decref(m);
    }
    /// Instances of the type of a class of the interpreter export their memory.
    pub fn export_memory(ty: TypeObj) {
        let table = (*ty).tp_as_buffer;
        (*table).bf_getbuffer = Some(guest_getbuffer);
        (*table).bf_releasebuffer = Some(guest_releasebuffer);
    }
}
api! {
    fn PyObject_CheckBuffer(o: Obj) -> c_int {
        let procs = (*(*o).ob_type).tp_as_buffer;
        (!procs.is_null() && (*procs).bf_getbuffer.is_some()) as c_int
    }
    fn PyObject_GetBuffer(o: Obj, view: *mut Py_buffer, flags: c_int) -> c_int {
        let procs = (*(*o).ob_type).tp_as_buffer;
        match if procs.is_null() { None } else { (*procs).bf_getbuffer } {
            Some(f) => f(o, view, flags),
            None => errors::minus_one(&format!("a bytes-like object is required, not '{}'", raw::type_name(o))),
        }
    }
    fn PyBuffer_Release(view: *mut Py_buffer) {
        let o = (*view).obj;
        if o.is_null() { return }
        let procs = (*(*o).ob_type).tp_as_buffer;
        if !procs.is_null() && let Some(f) = (*procs).bf_releasebuffer { f(o, view) }
        (*view).obj = NULL;
        raw::decref(o);
    }
    fn PyBuffer_FillInfo(view: *mut Py_buffer, o: Obj, buf: *mut std::ffi::c_void, len: Ssize, readonly: c_int, flags: c_int) -> c_int {
        if view.is_null() { errors::bad_call("PyBuffer_FillInfo"); return -1 }
        if flags & 1 != 0 && readonly == 1 {
            errors::set_text(data::PyExc_BufferError.get(), "Object is not writable.");
            return -1;
        }
        (*view).obj = raw::xincref(o);
        (*view).buf = buf;
        (*view).len = len;
        (*view).readonly = readonly;
        (*view).itemsize = 1;
        (*view).format = if flags & 4 != 0 { c"B".as_ptr().cast_mut() } else { std::ptr::null_mut() };
        (*view).ndim = 1;
        (*view).shape = if flags & 8 != 0 { &raw mut (*view).len } else { std::ptr::null_mut() };
        (*view).strides = if flags & 0x18 == 0x18 { &raw mut (*view).itemsize } else { std::ptr::null_mut() };
        (*view).suboffsets = std::ptr::null_mut();
        (*view).internal = std::ptr::null_mut();
        0
    }
    fn PyBuffer_IsContiguous(view: *const Py_buffer, order: c_char) -> c_int {
        let v = &*view;
        if !v.suboffsets.is_null() { return 0 }
        if v.strides.is_null() || v.ndim == 0 { return 1 }
        let check = |axes: &mut dyn Iterator<Item = usize>| {
            let mut expected = v.itemsize;
            for i in axes {
                let n = *v.shape.add(i);
                if n > 1 && *v.strides.add(i) != expected { return false }
                expected *= n;
            }
            true
        };
        let n = v.ndim as usize;
        (match order as u8 {
            b'C' => check(&mut (0..n).rev()),
            b'F' => check(&mut (0..n)),
            _ => check(&mut (0..n).rev()) || check(&mut (0..n)),
        }) as c_int
    }
    fn PyBuffer_GetPointer(view: *const Py_buffer, index: *const Ssize) -> *mut c_void {
        pointer(&*view, std::slice::from_raw_parts(index, dims(&*view))).cast()
    }
    fn PyBuffer_ToContiguous(bytes: *mut c_void, view: *const Py_buffer, len: Ssize, order: c_char) -> c_int {
        copy(&*view, bytes.cast(), len, order, true)
    }
    fn PyBuffer_FromContiguous(view: *const Py_buffer, bytes: *const c_void, len: Ssize, order: c_char) -> c_int {
        copy(&*view, bytes.cast_mut().cast(), len.min((*view).len), order, false)
    }
    fn PyBuffer_FillContiguousStrides(n: c_int, shape: *mut Ssize, strides: *mut Ssize, itemsize: c_int, order: c_char) {
        let n = n as usize;
        let mut bytes = itemsize as Ssize;
        for i in 0..n {
            let axis = if order as u8 == b'F' { i } else { n - 1 - i };
            *strides.add(axis) = bytes;
            bytes *= *shape.add(axis);
        }
    }
    fn PyObject_CopyData(to: Obj, from: Obj) -> c_int {
        let (mut a, mut b): (Py_buffer, Py_buffer) = (std::mem::zeroed(), std::mem::zeroed());
        if PyObject_GetBuffer(to, &mut a, 0x1d) < 0 { return -1 }
        if PyObject_GetBuffer(from, &mut b, 0x11c) < 0 {
            PyBuffer_Release(&mut a);
            return -1;
        }
        let mut bytes = vec![0u8; b.len as usize];
        let fits = a.len >= b.len;
        if fits {
            copy(&b, bytes.as_mut_ptr(), b.len, b'C' as c_char, true);
            a.len = b.len.min(a.len);
            copy(&a, bytes.as_mut_ptr(), a.len, b'C' as c_char, false);
        } else {
            errors::set_text(data::PyExc_BufferError.get(), "destination is too small to receive data from source");
        }
        PyBuffer_Release(&mut a);
        PyBuffer_Release(&mut b);
        if fits { 0 } else { -1 }
    }
    fn PyBuffer_SizeFromFormat(format: *const c_char) -> Ssize {
        let module = crate::context::guest().import("struct");
        if module.is_null() { return -1 }
        let text = super::name_of_c(format);
        let n = crate::context::guest().call_method(module, "calcsize", &[text]);
        raw::decref(module);
        raw::decref(text);
        if n.is_null() { return -1 }
        let size = super::PyLong_AsSsize_t(n);
        raw::decref(n);
        size
    }
}
