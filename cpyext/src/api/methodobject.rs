//! `methodobject.h`, `classobject.h`: functions and bound methods.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::raw;
use std::ffi::{c_int, c_void};

inner! {
    /// A builtin class called with one object.
    pub(crate) fn wrapped(class: &str, o: Obj) -> Obj {
        let class = guest().builtin(class);
        if class.is_null() { return class }
        let r = guest().call(class, &[o], std::ptr::null_mut());
        raw::decref(class);
        r
    }
}
api! {
    fn PyCMethod_New(def: *mut PyMethodDef, this: Obj, module: Obj, class: TypeObj) -> Obj {
        let bytes = if class.is_null() { size_of::<PyCFunctionObject>() } else { size_of::<PyCMethodObject>() };
        let o = raw::new_object(if class.is_null() { data::PyCFunction_Type.get() } else { data::PyCMethod_Type.get() }, bytes);
        if o.is_null() { return o }
        let f: *mut PyCFunctionObject = o.cast();
        (*f).m_ml = def;
        (*f).m_self = raw::xincref(this);
        (*f).m_module = raw::xincref(module);
        if !class.is_null() { (*o.cast::<PyCMethodObject>()).mm_class = class; }
        o
    }
    fn PyCFunction_NewEx(def: *mut PyMethodDef, this: Obj, module: Obj) -> Obj { PyCMethod_New(def, this, module, std::ptr::null_mut()) }
    fn PyCFunction_New(def: *mut PyMethodDef, this: Obj) -> Obj { PyCMethod_New(def, this, std::ptr::null_mut(), std::ptr::null_mut()) }
    fn PyCFunction_GetFunction(f: Obj) -> *mut c_void { (*(*f.cast::<PyCFunctionObject>()).m_ml).ml_meth }
    fn PyCFunction_GetSelf(f: Obj) -> Obj { (*f.cast::<PyCFunctionObject>()).m_self }
    fn PyCFunction_GetFlags(f: Obj) -> c_int { (*(*f.cast::<PyCFunctionObject>()).m_ml).ml_flags }
    fn PyMethod_New(function: Obj, this: Obj) -> Obj {
        let o = raw::new_object(data::PyMethod_Type.get(), size_of::<PyMethodObject>());
        if o.is_null() { return o }
        (*o.cast::<PyMethodObject>()).im_func = raw::incref(function);
        (*o.cast::<PyMethodObject>()).im_self = raw::incref(this);
        o
    }
    fn PyMethod_Function(m: Obj) -> Obj { (*m.cast::<PyMethodObject>()).im_func }
    fn PyMethod_Self(m: Obj) -> Obj { (*m.cast::<PyMethodObject>()).im_self }
    fn PyClassMethod_New(callable: Obj) -> Obj { wrapped("classmethod", callable) }
    fn PyStaticMethod_New(callable: Obj) -> Obj { wrapped("staticmethod", callable) }
}
