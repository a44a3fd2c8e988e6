//! Objects whose contents C reads without asking: numbers, texts, containers.

use super::object::*;
use std::ffi::{c_char, c_int, c_uint, c_void};

macro_rules! structs {
    ($($(#[$m:meta])* $name:ident { $($f:ident: $t:ty),* $(,)? })*) => {
        $($(#[$m])* #[repr(C)] #[allow(missing_docs)] pub struct $name { $(pub $f: $t),* })*
    };
}
pub(crate) use structs;

structs! {
    /// An int: `ob_size` is the number of digits, negative for negative numbers; digits have 30 bits.
    PyLongObject { ob_base: PyVarObject, ob_digit: [u32; 1] }
    /// A float.
    PyFloatObject { ob_base: PyObject, ob_fval: f64 }
    /// A complex number.
    PyComplexObject { ob_base: PyObject, cval: Py_complex }
    /// A str of ASCII characters, which follow, and the head of the others. `state`: two bits interned, three bits kind
    /// (bytes a character), then compact, ascii, ready.
    PyASCIIObject { ob_base: PyObject, length: Ssize, hash: Ssize, state: c_uint, wstr: *mut c_void }
    /// A str whose characters follow.
    PyCompactUnicodeObject { _base: PyASCIIObject, utf8_length: Ssize, utf8: *mut c_char, wstr_length: Ssize }
    /// A str whose characters lie elsewhere.
    PyUnicodeObject { _base: PyCompactUnicodeObject, data: UnicodeData }
    /// A bytes object; a zero byte follows the last one.
    PyBytesObject { ob_base: PyVarObject, ob_shash: Ssize, ob_sval: [c_char; 1] }
    /// A bytearray.
    PyByteArrayObject { ob_base: PyVarObject, ob_alloc: Ssize, ob_bytes: *mut c_char, ob_start: *mut c_char, ob_exports: Ssize }
    /// A tuple.
    PyTupleObject { ob_base: PyVarObject, ob_item: [Obj; 1] }
    /// A list.
    PyListObject { ob_base: PyVarObject, ob_item: *mut Obj, allocated: Ssize }
    /// A dict: what C reads are the number of entries and the version.
    PyDictObject { ob_base: PyObject, ma_used: Ssize, ma_version_tag: u64, ma_keys: *mut c_void, ma_values: *mut c_void }
    /// An entry of a set.
    setentry { key: Obj, hash: Ssize }
    /// A set: what C reads is `used`.
    PySetObject { ob_base: PyObject, fill: Ssize, used: Ssize, mask: Ssize, table: *mut setentry, hash: Ssize, finger: Ssize,
        smalltable: [setentry; 8], weakreflist: Obj }
    /// A slice.
    PySliceObject { ob_base: PyObject, start: Obj, stop: Obj, step: Obj }
    /// A frame; `f_frame` is the interpreter's own business.
    PyFrameObject { ob_base: PyObject, f_back: Obj, f_frame: *mut c_void, f_trace: Obj, f_lineno: c_int, f_trace_lines: c_char,
        f_trace_opcodes: c_char, f_fast_as_locals: c_char, _f_frame_data: [Obj; 1] }
    /// A str in the making; C writes characters into `data` itself. `flags` are two bytes: overallocate, readonly.
    _PyUnicodeWriter { buffer: Obj, data: *mut c_void, kind: c_uint, maxchar: u32, size: Ssize, pos: Ssize,
        min_length: Ssize, min_char: u32, overallocate: u8, readonly: u8 }
    /// A variable of a closure.
    PyCellObject { ob_base: PyObject, ob_ref: Obj }
    /// A weak reference.
    PyWeakReference { ob_base: PyObject, wr_object: Obj, wr_callback: Obj, hash: Ssize, wr_prev: *mut PyWeakReference,
        wr_next: *mut PyWeakReference, vectorcall: Vectorcall }
    /// An exported piece of memory.
    Py_buffer { buf: *mut c_void, obj: Obj, len: Ssize, itemsize: Ssize, readonly: c_int, ndim: c_int, format: *mut c_char,
        shape: *mut Ssize, strides: *mut Ssize, suboffsets: *mut Ssize, internal: *mut c_void }
    /// A buffer that was acquired for views. A bit of `flags`: it was given back.
    _PyManagedBufferObject { ob_base: PyObject, flags: c_int, exports: Ssize, master: Py_buffer }
    /// A view of memory; shape, strides and suboffsets follow.
    PyMemoryViewObject { ob_base: PyVarObject, mbuf: *mut _PyManagedBufferObject, hash: Ssize, flags: c_int, exports: Ssize,
        view: Py_buffer, weakreflist: Obj, ob_array: [Ssize; 1] }
    /// The beginning of every exception.
    PyBaseExceptionObject { ob_base: PyObject, dict: Obj, args: Obj, notes: Obj, traceback: Obj, context: Obj, cause: Obj,
        suppress_context: c_char }
    /// StopIteration.
    PyStopIterationObject { base: PyBaseExceptionObject, value: Obj }
    /// SystemExit.
    PySystemExitObject { base: PyBaseExceptionObject, code: Obj }
}
/// Where the characters of a [`PyUnicodeObject`] lie.
#[repr(C)]
#[allow(missing_docs)]
pub union UnicodeData {
    pub any: *mut c_void,
}
/// A complex number as C passes it.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Py_complex {
    pub real: f64,
    pub imag: f64,
}
