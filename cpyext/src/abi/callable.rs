//! Functions, methods, descriptors and the static tables that describe them.

use super::object::*;
use super::values::structs;
use std::ffi::{c_char, c_int, c_void};

structs! {
    /// A function of a module or a method of a type. `ml_meth` has the type that `ml_flags` says.
    PyMethodDef { ml_name: *const c_char, ml_meth: *mut c_void, ml_flags: c_int, ml_doc: *const c_char }
    /// A field of a struct as an attribute.
    PyMemberDef { name: *const c_char, r#type: c_int, offset: Ssize, flags: c_int, doc: *const c_char }
    /// A computed attribute.
    PyGetSetDef { name: *const c_char, get: Getter, set: Setter, doc: *const c_char, closure: *mut c_void }
    /// A function written in C.
    PyCFunctionObject { ob_base: PyObject, m_ml: *mut PyMethodDef, m_self: Obj, m_module: Obj, m_weakreflist: Obj,
        vectorcall: Vectorcall }
    /// A method written in C that knows its class.
    PyCMethodObject { func: PyCFunctionObject, mm_class: TypeObj }
    /// A bound method.
    PyMethodObject { ob_base: PyObject, im_func: Obj, im_self: Obj, im_weakreflist: Obj, vectorcall: Vectorcall }
    /// A function that binds like one written in Python.
    PyInstanceMethodObject { ob_base: PyObject, func: Obj }
    /// The beginning of every descriptor.
    PyDescrObject { ob_base: PyObject, d_type: TypeObj, d_name: Obj, d_qualname: Obj }
    /// A method of a type.
    PyMethodDescrObject { d_common: PyDescrObject, d_method: *mut PyMethodDef, vectorcall: Vectorcall }
    /// A field of a struct.
    PyMemberDescrObject { d_common: PyDescrObject, d_member: *mut PyMemberDef }
    /// A computed attribute.
    PyGetSetDescrObject { d_common: PyDescrObject, d_getset: *mut PyGetSetDef }
    /// The beginning of every [`PyModuleDef`].
    PyModuleDef_Base { ob_base: PyObject, m_init: *mut c_void, m_index: Ssize, m_copy: Obj }
    /// A slot of a module: 1 makes it, 2 fills it.
    PyModuleDef_Slot { slot: c_int, value: *mut c_void }
    /// A module of an extension.
    PyModuleDef { m_base: PyModuleDef_Base, m_name: *const c_char, m_doc: *const c_char, m_size: Ssize,
        m_methods: *mut PyMethodDef, m_slots: *mut PyModuleDef_Slot, m_traverse: Traverse, m_clear: Inquiry, m_free: Free }
}

/// Bits of `ml_flags`.
#[allow(missing_docs)]
pub mod method_flags {
    pub const VARARGS: i32 = 1;
    pub const KEYWORDS: i32 = 2;
    pub const NOARGS: i32 = 4;
    pub const O: i32 = 8;
    pub const CLASS: i32 = 0x10;
    pub const STATIC: i32 = 0x20;
    pub const FASTCALL: i32 = 0x80;
    pub const METHOD: i32 = 0x200;
    /// The bits that say how the function is called.
    pub const CONVENTION: i32 = VARARGS | KEYWORDS | NOARGS | O | FASTCALL | METHOD;
}
