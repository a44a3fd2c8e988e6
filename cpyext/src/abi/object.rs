//! `object.h`: what every object begins with, types, and the tables of slots.

use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

/// A pointer to an object of the C side.
pub type Obj = *mut PyObject;
/// A pointer to a type of the C side.
pub type TypeObj = *mut PyTypeObject;
/// `Py_ssize_t`
pub type Ssize = isize;

/// The head of every object.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct PyObject {
    pub ob_refcnt: Ssize,
    pub ob_type: TypeObj,
}
/// The head of objects with a number of items.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct PyVarObject {
    pub ob_base: PyObject,
    pub ob_size: Ssize,
}

macro_rules! slots {
    ($($(#[$m:meta])* $name:ident($($t:ty),*) -> $r:ty;)*) => {
        $($(#[$m])* pub type $name = Option<unsafe extern "C" fn($($t),*) -> $r>;)*
    };
}
slots! {
    /// `unaryfunc`
    Unary(Obj) -> Obj;
    /// `binaryfunc`
    Binary(Obj, Obj) -> Obj;
    /// `ternaryfunc`
    Ternary(Obj, Obj, Obj) -> Obj;
    /// `inquiry`
    Inquiry(Obj) -> c_int;
    /// `lenfunc`
    Len(Obj) -> Ssize;
    /// `hashfunc`
    HashFn(Obj) -> Ssize;
    /// `ssizeargfunc`
    SsizeArg(Obj, Ssize) -> Obj;
    /// `ssizeobjargproc`
    SsizeObjArg(Obj, Ssize, Obj) -> c_int;
    /// `objobjargproc`
    ObjObjArg(Obj, Obj, Obj) -> c_int;
    /// `objobjproc`
    ObjObj(Obj, Obj) -> c_int;
    /// `richcmpfunc`
    RichCompare(Obj, Obj, c_int) -> Obj;
    /// `destructor`
    Destructor(Obj) -> ();
    /// `freefunc`
    Free(*mut c_void) -> ();
    /// `visitproc`
    Visit(Obj, *mut c_void) -> c_int;
    /// `traverseproc`
    Traverse(Obj, Visit, *mut c_void) -> c_int;
    /// `newfunc`
    New(TypeObj, Obj, Obj) -> Obj;
    /// `allocfunc`
    Alloc(TypeObj, Ssize) -> Obj;
    /// `vectorcallfunc`
    Vectorcall(Obj, *const Obj, usize, Obj) -> Obj;
    /// `getattrfunc`
    GetAttrText(Obj, *mut c_char) -> Obj;
    /// `setattrfunc`
    SetAttrText(Obj, *mut c_char, Obj) -> c_int;
    /// `getbufferproc`
    GetBuffer(Obj, *mut super::Py_buffer, c_int) -> c_int;
    /// `releasebufferproc`
    ReleaseBuffer(Obj, *mut super::Py_buffer) -> ();
    /// `sendfunc`
    Send(Obj, Obj, *mut Obj) -> c_int;
    /// `getter`
    Getter(Obj, *mut c_void) -> Obj;
    /// `setter`
    Setter(Obj, Obj, *mut c_void) -> c_int;
}

/// A type.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyTypeObject {
    pub ob_base: PyVarObject,
    pub tp_name: *const c_char,
    pub tp_basicsize: Ssize,
    pub tp_itemsize: Ssize,
    pub tp_dealloc: Destructor,
    pub tp_vectorcall_offset: Ssize,
    pub tp_getattr: GetAttrText,
    pub tp_setattr: SetAttrText,
    pub tp_as_async: *mut PyAsyncMethods,
    pub tp_repr: Unary,
    pub tp_as_number: *mut PyNumberMethods,
    pub tp_as_sequence: *mut PySequenceMethods,
    pub tp_as_mapping: *mut PyMappingMethods,
    pub tp_hash: HashFn,
    pub tp_call: Ternary,
    pub tp_str: Unary,
    pub tp_getattro: Binary,
    pub tp_setattro: ObjObjArg,
    pub tp_as_buffer: *mut PyBufferProcs,
    pub tp_flags: c_ulong,
    pub tp_doc: *const c_char,
    pub tp_traverse: Traverse,
    pub tp_clear: Inquiry,
    pub tp_richcompare: RichCompare,
    pub tp_weaklistoffset: Ssize,
    pub tp_iter: Unary,
    pub tp_iternext: Unary,
    pub tp_methods: *mut super::PyMethodDef,
    pub tp_members: *mut super::PyMemberDef,
    pub tp_getset: *mut super::PyGetSetDef,
    pub tp_base: TypeObj,
    pub tp_dict: Obj,
    pub tp_descr_get: Ternary,
    pub tp_descr_set: ObjObjArg,
    pub tp_dictoffset: Ssize,
    pub tp_init: ObjObjArg,
    pub tp_alloc: Alloc,
    pub tp_new: New,
    pub tp_free: Free,
    pub tp_is_gc: Inquiry,
    pub tp_bases: Obj,
    pub tp_mro: Obj,
    pub tp_cache: Obj,
    pub tp_subclasses: Obj,
    pub tp_weaklist: Obj,
    pub tp_del: Destructor,
    pub tp_version_tag: c_uint,
    pub tp_finalize: Destructor,
    pub tp_vectorcall: Vectorcall,
}
/// A type made at run time, with its tables of slots inside.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyHeapTypeObject {
    pub ht_type: PyTypeObject,
    pub as_async: PyAsyncMethods,
    pub as_number: PyNumberMethods,
    pub as_mapping: PyMappingMethods,
    pub as_sequence: PySequenceMethods,
    pub as_buffer: PyBufferProcs,
    pub ht_name: Obj,
    pub ht_slots: Obj,
    pub ht_qualname: Obj,
    pub ht_cached_keys: *mut c_void,
    pub ht_module: Obj,
    pub _ht_tpname: *mut c_char,
    pub _spec_cache: *mut c_void,
}
/// Slots of numbers.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyNumberMethods {
    pub nb_add: Binary,
    pub nb_subtract: Binary,
    pub nb_multiply: Binary,
    pub nb_remainder: Binary,
    pub nb_divmod: Binary,
    pub nb_power: Ternary,
    pub nb_negative: Unary,
    pub nb_positive: Unary,
    pub nb_absolute: Unary,
    pub nb_bool: Inquiry,
    pub nb_invert: Unary,
    pub nb_lshift: Binary,
    pub nb_rshift: Binary,
    pub nb_and: Binary,
    pub nb_xor: Binary,
    pub nb_or: Binary,
    pub nb_int: Unary,
    pub nb_reserved: *mut c_void,
    pub nb_float: Unary,
    pub nb_inplace_add: Binary,
    pub nb_inplace_subtract: Binary,
    pub nb_inplace_multiply: Binary,
    pub nb_inplace_remainder: Binary,
    pub nb_inplace_power: Ternary,
    pub nb_inplace_lshift: Binary,
    pub nb_inplace_rshift: Binary,
    pub nb_inplace_and: Binary,
    pub nb_inplace_xor: Binary,
    pub nb_inplace_or: Binary,
    pub nb_floor_divide: Binary,
    pub nb_true_divide: Binary,
    pub nb_inplace_floor_divide: Binary,
    pub nb_inplace_true_divide: Binary,
    pub nb_index: Unary,
    pub nb_matrix_multiply: Binary,
    pub nb_inplace_matrix_multiply: Binary,
}
/// Slots of sequences.
#[repr(C)]
#[allow(missing_docs)]
pub struct PySequenceMethods {
    pub sq_length: Len,
    pub sq_concat: Binary,
    pub sq_repeat: SsizeArg,
    pub sq_item: SsizeArg,
    pub was_sq_slice: *mut c_void,
    pub sq_ass_item: SsizeObjArg,
    pub was_sq_ass_slice: *mut c_void,
    pub sq_contains: ObjObj,
    pub sq_inplace_concat: Binary,
    pub sq_inplace_repeat: SsizeArg,
}
/// Slots of mappings.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyMappingMethods {
    pub mp_length: Len,
    pub mp_subscript: Binary,
    pub mp_ass_subscript: ObjObjArg,
}
/// Slots of awaitables.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyAsyncMethods {
    pub am_await: Unary,
    pub am_aiter: Unary,
    pub am_anext: Unary,
    pub am_send: Send,
}
/// Slots of exporters of memory.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyBufferProcs {
    pub bf_getbuffer: GetBuffer,
    pub bf_releasebuffer: ReleaseBuffer,
}
/// A type as `PyType_FromSpec` takes it.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyType_Spec {
    pub name: *const c_char,
    pub basicsize: c_int,
    pub itemsize: c_int,
    pub flags: c_uint,
    pub slots: *mut PyType_Slot,
}
/// A slot of a [`PyType_Spec`]; the last one has the number 0.
#[repr(C)]
#[allow(missing_docs)]
pub struct PyType_Slot {
    pub slot: c_int,
    pub pfunc: *mut c_void,
}

/// Bits of `tp_flags`.
#[allow(missing_docs)]
pub mod type_flags {
    pub const SEQUENCE: u64 = 1 << 5;
    pub const MAPPING: u64 = 1 << 6;
    pub const DISALLOW_INSTANTIATION: u64 = 1 << 7;
    pub const IMMUTABLE: u64 = 1 << 8;
    pub const HEAP: u64 = 1 << 9;
    pub const BASE: u64 = 1 << 10;
    pub const HAVE_VECTORCALL: u64 = 1 << 11;
    pub const READY: u64 = 1 << 12;
    pub const READYING: u64 = 1 << 13;
    pub const HAVE_GC: u64 = 1 << 14;
    pub const METHOD_DESCRIPTOR: u64 = 1 << 17;
    pub const LONG: u64 = 1 << 24;
    pub const LIST: u64 = 1 << 25;
    pub const TUPLE: u64 = 1 << 26;
    pub const BYTES: u64 = 1 << 27;
    pub const UNICODE: u64 = 1 << 28;
    pub const DICT: u64 = 1 << 29;
    pub const BASE_EXC: u64 = 1 << 30;
    pub const TYPE: u64 = 1 << 31;
    /// All bits by which C tells types apart; subclasses inherit them.
    pub const SUBCLASSES: u64 = 0xff << 24;
}
