//! `moduleobject.h`: modules and what extensions keep with them.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

/// What the C side knows of a module: `md_def` and `md_state` of its twin.
#[repr(C)]
pub struct Module {
    head: PyObject,
    md_dict: Obj,
    md_def: *mut PyModuleDef,
    md_state: *mut c_void,
    md_weaklist: Obj,
    md_name: Obj,
}
/// Bytes of a module.
pub const MODULE_BYTES: usize = size_of::<Module>();

thread_local! {
    /// Modules by their definitions; they live for ever.
    static BY_DEF: RefCell<HashMap<usize, Obj>> = RefCell::default();
}

inner! {
    fn check(m: Obj, function: &str) -> bool {
        if !m.is_null() && guest().is_subtype((*m).ob_type, data::PyModule_Type.get()) { return true }
        errors::bad_call(function);
        false
    }
    /// Gives a new module what its definition says: functions, doc and state.
    pub fn fill_module(m: Obj, def: *mut PyModuleDef) -> bool {
        let module: *mut Module = m.cast();
        (*module).md_def = def;
        if (*def).m_size > 0 && (*module).md_state.is_null() {
            let state = super::PyMem_Calloc(1, (*def).m_size as usize);
            if state.is_null() { errors::no_memory(); return false }
            (*module).md_state = state;
        }
        if !(*def).m_methods.is_null() && PyModule_AddFunctions(m, (*def).m_methods) < 0 { return false }
        (*def).m_doc.is_null() || PyModule_SetDocString(m, (*def).m_doc) == 0
    }
    /// Warns of a module that was compiled for another version of the interface; false if the warning became an exception.
    fn check_version(name: &str, version: c_int) -> bool {
        // The version of the interface, and that of its stable part.
        if version == 1013 || version == 3 { return true }
        let text = format!("Python C API version mismatch for module {name}: This Python has API version 1013, module {name} has version {version}.");
        let text = std::ffi::CString::new(text).unwrap_or_default();
        super::PyErr_WarnEx(*data::PyExc_RuntimeWarning.get(), text.as_ptr(), 1) >= 0
    }
    fn put(m: Obj, name: *const c_char, value: Obj) -> c_int {
        if value.is_null() { return -1 }
        let r = PyModule_AddObjectRef(m, name, value);
        raw::decref(value);
        r
    }
    fn steps(m: Obj, def: *mut PyModuleDef) -> c_int {
        let mut slot = (*def).m_slots;
        while !slot.is_null() && (*slot).slot != 0 {
            match (*slot).slot {
                1 => {}
                2 => {
                    let exec: unsafe extern "C" fn(Obj) -> c_int = std::mem::transmute((*slot).value);
                    let r = exec(m);
                    let name = raw::text((*def).m_name);
                    if r != 0 && !errors::occurred() {
                        let text = format!("execution of module {name} failed without setting an exception");
                        errors::set_text(data::PyExc_SystemError.get(), &text);
                    }
                    if r != 0 { return -1 }
                    if errors::occurred() {
                        let text = format!("execution of module {name} raised unreported exception");
                        errors::set_text(data::PyExc_SystemError.get(), &text);
                        return -1;
                    }
                }
                n => {
                    let text = format!("module {} uses unknown slot ID {n}", raw::text((*def).m_name));
                    errors::set_text(data::PyExc_SystemError.get(), &text);
                    return -1;
                }
            }
            slot = slot.add(1);
        }
        0
    }
}
api! {
    fn PyModuleDef_Init(def: *mut PyModuleDef) -> Obj {
        if (*def).m_base.m_index == 0 {
            (*def).m_base.ob_base.ob_refcnt = raw::IMMORTAL;
            (*def).m_base.ob_base.ob_type = data::PyModuleDef_Type.get();
            (*def).m_base.m_index = 1;
        }
        def.cast()
    }
    fn PyModule_NewObject(name: Obj) -> Obj { guest().module_new(&raw::unicode_text(name)) }
    fn PyModule_New(name: *const c_char) -> Obj { guest().module_new(&raw::text(name)) }
    fn PyModule_Create2(def: *mut PyModuleDef, version: c_int) -> Obj {
        if !check_version(&raw::text((*def).m_name), version) { return NULL }
        if !(*def).m_slots.is_null() {
            let text = format!("module {}: PyModule_Create is incompatible with m_slots", raw::text((*def).m_name));
            errors::set_text(data::PyExc_SystemError.get(), &text);
            return NULL;
        }
        PyModuleDef_Init(def);
        let m = guest().module_new(&raw::text((*def).m_name));
        if m.is_null() { return NULL }
        if !fill_module(m, def) {
            raw::decref(m);
            return NULL;
        }
        m
    }
    fn PyModule_FromDefAndSpec2(def: *mut PyModuleDef, spec: Obj, version: c_int) -> Obj {
        PyModuleDef_Init(def);
        let name = super::PyObject_GetAttrString(spec, c"name".as_ptr());
        if name.is_null() { return NULL }
        let text = raw::unicode_text(name);
        raw::decref(name);
        if !check_version(&text, version) { return NULL }
        let refuse = |what: String| {
            errors::set_text(data::PyExc_SystemError.get(), &format!("module {text} {what}"));
            NULL
        };
        if (*def).m_size < 0 {
            let what = format!("module {text}: m_size may not be negative for multi-phase initialization");
            errors::set_text(data::PyExc_SystemError.get(), &what);
            return NULL;
        }
        let mut create: *mut c_void = std::ptr::null_mut();
        let mut slot = (*def).m_slots;
        while !slot.is_null() && (*slot).slot != 0 {
            match (*slot).slot {
                1 if !create.is_null() => return refuse("has multiple create slots".to_owned()),
                1 => create = (*slot).value,
                2 => {}
                n => return refuse(format!("uses unknown slot ID {n}")),
            }
            slot = slot.add(1);
        }
        let m = if create.is_null() {
            guest().module_new(&text)
        } else {
            let create: unsafe extern "C" fn(Obj, *mut PyModuleDef) -> Obj = std::mem::transmute(create);
            let m = create(spec, def);
            if m.is_null() && !errors::occurred() {
                let text = format!("creation of module {text} failed without setting an exception");
                errors::set_text(data::PyExc_SystemError.get(), &text);
            }
            m
        };
        if m.is_null() { return NULL }
        if guest().is_subtype((*m).ob_type, data::PyModule_Type.get()) && !fill_module(m, def) {
            raw::decref(m);
            return NULL;
        }
        m
    }
    fn PyModule_ExecDef(m: Obj, def: *mut PyModuleDef) -> c_int { steps(m, def) }
    fn PyModule_AddFunctions(m: Obj, table: *mut PyMethodDef) -> c_int {
        let name = super::PyObject_GetAttrString(m, c"__name__".as_ptr());
        if name.is_null() { return -1 }
        let mut def = table;
        let mut r = 0;
        while r == 0 && !(*def).ml_name.is_null() {
            let f = super::PyCFunction_NewEx(def, m, name);
            r = put(m, (*def).ml_name, f);
            def = def.add(1);
        }
        raw::decref(name);
        r
    }
    fn PyModule_SetDocString(m: Obj, doc: *const c_char) -> c_int {
        let text = super::PyUnicode_FromString(doc);
        put(m, c"__doc__".as_ptr(), text)
    }
    fn PyModule_GetDict(m: Obj) -> Obj { if check(m, "PyModule_GetDict") { guest().module_dict(m) } else { NULL } }
    fn PyModule_GetNameObject(m: Obj) -> Obj { super::PyObject_GetAttrString(m, c"__name__".as_ptr()) }
    fn PyModule_GetName(m: Obj) -> *const c_char {
        let name = PyModule_GetNameObject(m);
        if name.is_null() { return std::ptr::null() }
        let r = super::PyUnicode_AsUTF8(crate::context::park(name));
        r
    }
    fn PyModule_GetFilenameObject(m: Obj) -> Obj { super::PyObject_GetAttrString(m, c"__file__".as_ptr()) }
    fn PyModule_GetDef(m: Obj) -> *mut PyModuleDef {
        if check(m, "PyModule_GetDef") { (*m.cast::<Module>()).md_def } else { std::ptr::null_mut() }
    }
    fn PyModule_GetState(m: Obj) -> *mut c_void {
        if check(m, "PyModule_GetState") { (*m.cast::<Module>()).md_state } else { std::ptr::null_mut() }
    }
    fn PyModule_AddObjectRef(m: Obj, name: *const c_char, value: Obj) -> c_int {
        if !check(m, "PyModule_AddObjectRef") { return -1 }
        if value.is_null() {
            if !errors::occurred() {
                errors::set_text(data::PyExc_SystemError.get(), "PyModule_AddObject() must be called with an exception raised if value is NULL");
            }
            return -1;
        }
        let d = guest().module_dict(m);
        if d.is_null() { return -1 }
        super::PyDict_SetItemString(d, name, value)
    }
    fn PyModule_AddObject(m: Obj, name: *const c_char, value: Obj) -> c_int {
        let r = PyModule_AddObjectRef(m, name, value);
        if r == 0 { raw::decref(value) }
        r
    }
    fn PyModule_AddIntConstant(m: Obj, name: *const c_char, v: i64) -> c_int { put(m, name, raw::long_from_i64(v)) }
    fn PyModule_AddStringConstant(m: Obj, name: *const c_char, v: *const c_char) -> c_int { put(m, name, super::PyUnicode_FromString(v)) }
    fn PyModule_AddType(m: Obj, ty: TypeObj) -> c_int {
        if super::PyType_Ready(ty) < 0 { return -1 }
        let full = raw::text((*ty).tp_name);
        let Ok(name) = std::ffi::CString::new(full.rsplit('.').next().unwrap_or_default()) else { return -1 };
        PyModule_AddObjectRef(m, name.as_ptr(), ty.cast())
    }
    fn PyState_FindModule(def: *mut PyModuleDef) -> Obj {
        BY_DEF.with_borrow(|m| m.get(&(def as usize)).copied().unwrap_or(NULL))
    }
    fn PyState_AddModule(m: Obj, def: *mut PyModuleDef) -> c_int {
        raw::incref(m);
        let old = BY_DEF.with_borrow_mut(|all| all.insert(def as usize, m));
        raw::xdecref(old.unwrap_or(NULL));
        0
    }
    fn PyState_RemoveModule(def: *mut PyModuleDef) -> c_int {
        let old = BY_DEF.with_borrow_mut(|all| all.remove(&(def as usize)));
        raw::xdecref(old.unwrap_or(NULL));
        0
    }
}
