//! Memory that both sides see: bytearrays, and views of what either side exports.
//!
//! Invariants
//! - D7: the bytes of a bytearray with a twin lie in the twin's block and nowhere else; views of both sides count in
//!   `ob_exports`.
//! - D8: a view of an exporter in C holds a managed buffer, by which the exporter knows of it until the last view is released.

use crate::containers::no_memory;
use crate::convert::{take, take_error, to_raw};
use crate::types;
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, errors, raw};
use ouro_gc::{Gc, LinkKind};
use ouro_py_objects::layout::*;
use ouro_py_objects::memoryview::{self, Export, Exporters};
use ouro_py_objects::outside::{self, OutsideBytes};
use ouro_py_objects::{Access, PyResult, Vm, type_of};

/// Bytearrays in memory of C.
pub static BYTES: OutsideBytes = OutsideBytes {
    content: bytes_content,
    resize: bytes_resize,
    count_exports: bytes_count,
};
/// Exporters in C.
pub static EXPORTERS: Exporters = Exporters {
    export,
    content: holder_content,
    count: holder_count,
    exports: view_exports,
    released: view_released,
};

// ---- bytearrays. SAFETY of these functions: `raw` is the twin of the bytearray, which lives as long as it.
fn bytes_content(raw: i64) -> (*mut u8, usize) {
    let b = raw as *mut PyByteArrayObject;
    // SAFETY: see above.
    unsafe { ((*b).ob_start.cast(), (*b).ob_base.ob_size as usize) }
}
fn bytes_resize(vm: &'static Vm, raw: i64, len: usize) -> PyResult<()> {
    // SAFETY: see above; nobody exports the bytes.
    match unsafe { api::bytearray_resize(raw as Obj, len) } {
        true => Ok(()),
        false => Err(no_memory(vm)),
    }
}
fn bytes_count(raw: i64, change: i64) -> i64 {
    let b = raw as *mut PyByteArrayObject;
    // SAFETY: see above.
    unsafe {
        (*b).ob_exports += change as Ssize;
        (*b).ob_exports as i64
    }
}
/// The twin of a bytearray, which has its bytes from now on. NULL without memory.
///
/// # Safety
/// `gc` is `content` or an instance above it, of the class of `ty`.
pub unsafe fn bytearray_twin(vm: &'static Vm, gc: Gc, content: Gc, ty: TypeObj) -> Obj {
    if let Some(known) = outside::raw_bytes(content) {
        // The bytearray below an instance of a subclass, whose structure has the bytes.
        return raw::incref(known as Obj);
    }
    let o = match types::instances::is_of_extension(ty) {
        true => types::instances::allocate(ty, 0),
        false => api::bytearray_empty(ty),
    };
    let bytes = ouro_py_objects::bytearray::content(content);
    if o.is_null() || !api::bytearray_resize(o, bytes.len()) {
        return std::ptr::null_mut();
    }
    let (to, _) = bytes_content(o as i64);
    std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
    outside::move_bytes(vm, content, &BYTES, o as i64);
    vm.heap.link(gc, o.cast(), LinkKind::Twin);
    o
}
/// A bytearray of the interpreter for one that C made.
///
/// # Safety
/// `o` is a bytearray of the C side that is not linked.
pub unsafe fn adopt_bytearray(vm: &'static Vm, o: Obj) -> Gc {
    let a = bytearray_over(vm, o);
    vm.heap.link(a, o.cast(), LinkKind::Twin);
    a
}
/// A bytearray whose bytes are those of one of C, which the caller links to it or to an instance above it.
///
/// # Safety
/// As for [`adopt_bytearray`].
pub unsafe fn bytearray_over(vm: &'static Vm, o: Obj) -> Gc {
    let a = ouro_py_objects::bytearray::new(vm, &[]);
    outside::move_bytes(vm, a, &BYTES, o as i64);
    a
}

// ---- views here of memory in C
fn export(vm: &'static Vm, object: Gc) -> PyResult<Option<Export>> {
    if types::foreign_base(type_of(vm, object)).is_none() {
        return Ok(None);
    }
    let o = to_raw(vm, object);
    // SAFETY: `o` is a new reference to an object of C, whose type says how it exports.
    unsafe {
        if o.is_null() {
            return Err(no_memory(vm));
        }
        let exports = api::PyObject_CheckBuffer(o) != 0;
        let managed = match exports {
            true => api::managed_from(o),
            false => std::ptr::null_mut(),
        };
        raw::decref(o);
        if managed.is_null() {
            return match exports {
                true => Err(take_error(vm)),
                false => Ok(None),
            };
        }
        described(vm, managed).map(Some)
    }
}
/// What a managed buffer holds; takes the reference to it.
///
/// # Safety
/// `managed` is a new reference to a managed buffer that was not given back.
unsafe fn described(vm: &'static Vm, managed: Obj) -> PyResult<Export> {
    let v = api::managed_view(managed).expect("the buffer was acquired just now");
    let readonly = v.readonly != 0;
    let (format, item_bytes) = match v.format.is_null() {
        true => ("B".to_owned(), v.itemsize as i64),
        false => (raw::text(v.format), v.itemsize as i64),
    };
    let n = v.ndim.max(0) as usize;
    if !v.suboffsets.is_null() && (0..n).any(|d| *v.suboffsets.add(d) >= 0) {
        raw::decref(managed);
        return Err(ouro_py_objects::Errors::not_implemented_error(
            vm,
            "ouro does not implement memoryviews with suboffsets yet",
        ));
    }
    let (shape, strides) = dims_of(v);
    let object = match v.obj.is_null() {
        true => vm.world().none,
        false => crate::convert::to_gc(vm, v.obj),
    };
    let start = -lowest(&shape, &strides);
    let holder = take(vm, managed);
    Ok(Export {
        holder,
        object,
        start,
        format,
        item_bytes,
        readonly,
        shape,
        strides,
    })
}
unsafe fn dims_of(v: &Py_buffer) -> (Vec<i64>, Vec<i64>) {
    let n = v.ndim.max(0) as usize;
    if v.shape.is_null() {
        return match n {
            0 => (Vec::new(), Vec::new()),
            _ => (
                vec![(v.len / v.itemsize.max(1)) as i64],
                vec![v.itemsize as i64],
            ),
        };
    }
    let numbers = |p: *mut Ssize| -> Vec<i64> {
        // SAFETY: the exporter gives as many numbers as there are dimensions.
        let all = unsafe { std::slice::from_raw_parts(p, n) };
        all.iter().map(|&i| i as i64).collect()
    };
    let shape = numbers(v.shape);
    let strides = match v.strides.is_null() {
        true => (0..n)
            .map(|i| v.itemsize as i64 * shape[i + 1..].iter().product::<i64>())
            .collect(),
        false => numbers(v.strides),
    };
    (shape, strides)
}
/// Where the lowest item lies, seen from the first one: not above it.
fn lowest(shape: &[i64], strides: &[i64]) -> i64 {
    let steps = shape
        .iter()
        .zip(strides)
        .map(|(n, stride)| (n - 1).max(0) * stride);
    steps.filter(|&bytes| bytes < 0).sum()
}
fn managed_of(holder: Gc) -> Obj {
    holder.get(WForeign::RAW) as Obj
}
fn holder_content(holder: Gc) -> (*mut u8, usize) {
    // SAFETY: a holder is the proxy of a managed buffer, which it keeps.
    unsafe {
        let Some(v) = api::managed_view(managed_of(holder)) else {
            return (std::ptr::null_mut(), 0);
        };
        let (shape, strides) = dims_of(v);
        if shape.contains(&0) {
            return (v.buf.cast(), 0);
        }
        let low = lowest(&shape, &strides);
        let up: i64 = shape
            .iter()
            .zip(&strides)
            .map(|(n, stride)| ((n - 1) * stride).max(0))
            .sum();
        let first = v.buf.cast::<u8>().offset(low as isize);
        (first, (up - low) as usize + v.itemsize as usize)
    }
}
fn holder_count(holder: Gc, change: i64) {
    // SAFETY: as above.
    unsafe { api::managed_count(managed_of(holder), change as Ssize) }
}
/// A view of a managed buffer.
///
/// # Safety
/// `managed` is a managed buffer that was not given back.
pub unsafe fn view_of_managed(vm: &'static Vm, managed: Obj) -> PyResult {
    Ok(memoryview::over(vm, described(vm, raw::incref(managed))?))
}

// ---- views here as C sees them
/// The twin of a memoryview. NULL: an exception of C is set.
///
/// # Safety
/// `v` is a memoryview without a twin.
pub unsafe fn memoryview_twin(vm: &'static Vm, v: Gc) -> Obj {
    let m = api::memoryview_new(memoryview::dimensions(v));
    if m.is_null() {
        return m.cast();
    }
    let object = v.get(WMemoryView::OBJ);
    if object.is_null() {
        api::memoryview_released(m.cast());
        return m.cast();
    }
    let view = &mut (*m).view;
    let holder = v.get(WMemoryView::HOLDER);
    let first: *mut u8 = if holder.is_null() {
        view.obj = to_raw(vm, object);
        match ouro_py_objects::payload(object).is::<WByteArray>() {
            _ if view.obj.is_null() => std::ptr::null_mut(),
            true => api::PyByteArray_AsString(view.obj).cast(),
            false => raw::bytes_data(view.obj),
        }
    } else if holder.is::<WByteArray>() {
        // The bytearray lives as long as its exporter, and its twin, where the bytes are from now on, as long as it.
        view.obj = to_raw(vm, object);
        let bytes = to_raw(vm, holder);
        let first = match bytes.is_null() {
            true => std::ptr::null_mut(),
            false => api::PyByteArray_AsString(bytes).cast(),
        };
        raw::xdecref(bytes);
        first
    } else {
        if let Some(master) = api::managed_view(managed_of(holder)) {
            view.obj = raw::xincref(master.obj);
        }
        holder_content(holder).0
    };
    let format = ouro_py_objects::str::to_text(v.get(WMemoryView::FORMAT));
    let text = api::PyMem_Malloc(format.len() + 1).cast::<u8>();
    if first.is_null() || text.is_null() {
        raw::decref(m.cast());
        errors::no_memory();
        return std::ptr::null_mut();
    }
    std::ptr::copy_nonoverlapping(format.as_ptr(), text, format.len());
    *text.add(format.len()) = 0;
    view.format = text.cast();
    view.buf = first.offset(v.get(WMemoryView::START) as isize).cast();
    view.len = memoryview::total_bytes(v) as Ssize;
    view.itemsize = v.get(WMemoryView::ITEMSIZE) as Ssize;
    view.readonly = v.get(WMemoryView::READONLY) as i32;
    let (shape, strides) = memoryview::shape_and_strides(v);
    for d in 0..shape.len() {
        *view.shape.add(d) = shape[d] as Ssize;
        *view.strides.add(d) = strides[d] as Ssize;
    }
    m.cast()
}
fn view_exports(vm: &'static Vm, v: Gc) -> i64 {
    let twin = vm.heap.raw_of(v);
    // SAFETY: the twin of a memoryview is the structure that was made above.
    twin.map_or(0, |m| unsafe {
        (*m.cast::<PyMemoryViewObject>()).exports as i64
    })
}
fn view_released(vm: &'static Vm, v: Gc) {
    if let Some(m) = vm.heap.raw_of(v) {
        // SAFETY: as above.
        unsafe { api::memoryview_released(m.cast()) }
    }
}
