//! `import.h`.

use crate::abi::*;
use crate::context::guest;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

api! {
    fn PyImport_ImportModule(name: *const c_char) -> Obj { guest().import(&raw::text(name)) }
    fn PyImport_ImportModuleNoBlock(name: *const c_char) -> Obj { guest().import(&raw::text(name)) }
    fn PyImport_Import(name: Obj) -> Obj { guest().import(&raw::unicode_text(name)) }
    fn PyImport_ImportModuleLevelObject(name: Obj, globals: Obj, locals: Obj, from: Obj, level: c_int) -> Obj {
        let import = guest().builtin("__import__");
        if import.is_null() { return NULL }
        let or_none = |o: Obj| if o.is_null() { crate::data::none() } else { o };
        let level = raw::long_from_i64(level as i64);
        let r = guest().call(import, &[name, or_none(globals), or_none(locals), or_none(from), level], NULL);
        raw::decref(level);
        raw::decref(import);
        r
    }
    fn PyImport_ImportModuleLevel(name: *const c_char, globals: Obj, locals: Obj, from: Obj, level: c_int) -> Obj {
        let name = super::name_of_c(name);
        let r = PyImport_ImportModuleLevelObject(name, globals, locals, from, level);
        raw::decref(name);
        r
    }
    fn PyImport_AddModuleObject(name: Obj) -> Obj {
        let text = std::ffi::CString::new(raw::unicode_text(name)).unwrap_or_default();
        PyImport_AddModule(text.as_ptr())
    }
    fn PyImport_ReloadModule(module: Obj) -> Obj {
        let importlib = guest().import("importlib");
        if importlib.is_null() { return NULL }
        let r = guest().call_method(importlib, "reload", &[module]);
        raw::decref(importlib);
        r
    }
    fn PyImport_GetModuleDict() -> Obj {
        let sys = guest().import("sys");
        if sys.is_null() { return NULL }
        let d = super::PyObject_GetAttrString(sys, c"modules".as_ptr());
        raw::decref(sys);
        // The interpreter holds it.
        raw::xdecref(d);
        d
    }
    fn PyImport_GetModule(name: Obj) -> Obj {
        let modules = PyImport_GetModuleDict();
        if modules.is_null() { return NULL }
        raw::xincref(guest().dict_get(modules, name))
    }
    fn PyImport_AddModule(name: *const c_char) -> Obj {
        let modules = PyImport_GetModuleDict();
        if modules.is_null() { return NULL }
        let key = super::name_of_c(name);
        let mut m = guest().dict_get(modules, key);
        if m.is_null() && !errors::occurred() {
            let new = guest().module_new(&raw::text(name));
            if !new.is_null() && guest().dict_set(modules, key, new) == 0 { m = new }
            raw::xdecref(new);
        }
        raw::decref(key);
        m
    }
    fn PySys_GetObject(name: *const c_char) -> Obj {
        let sys = guest().import("sys");
        if sys.is_null() { errors::clear(); return NULL }
        let d = guest().module_dict(sys);
        let r = super::PyDict_GetItemString(d, name);
        raw::decref(sys);
        r
    }
}
