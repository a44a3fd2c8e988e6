//! `weakrefobject.h`, `context.h`, `codecs.h`: objects of library modules, which C makes by function.

use crate::abi::*;
use crate::context::{guest, park};
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// `module.function(*args)`
    pub(crate) fn library(module: &str, function: &str, args: &[Obj]) -> Obj {
        let module = guest().import(module);
        if module.is_null() { return NULL }
        let r = guest().call_method(module, function, args);
        raw::decref(module);
        r
    }
    fn with_callback(function: &str, o: Obj, callback: Obj) -> Obj {
        match callback.is_null() || callback == data::none() {
            true => library("weakref", function, &[o]),
            false => library("weakref", function, &[o, callback]),
        }
    }
}
api! {
    fn PyWeakref_NewRef(o: Obj, callback: Obj) -> Obj { with_callback("ref", o, callback) }
    fn PyWeakref_NewProxy(o: Obj, callback: Obj) -> Obj { with_callback("proxy", o, callback) }
    fn PyWeakref_GetObject(reference: Obj) -> Obj {
        // Borrowed: nothing but the reference's target holds it, so that it is kept until the outermost call returns.
        park(guest().call(reference, &[], NULL))
    }

    fn PyContextVar_New(name: *const c_char, default: Obj) -> Obj {
        let name = super::name_of_c(name);
        let r = match default.is_null() {
            true => library("contextvars", "ContextVar", &[name]),
            false => {
                let module = guest().import("contextvars");
                if module.is_null() { return NULL }
                let class = super::PyObject_GetAttrString(module, c"ContextVar".as_ptr());
                let key = raw::unicode_from_str("default");
                let names = raw::tuple_from(&[key]);
                let r = if class.is_null() { NULL } else { guest().call(class, &[name, default], names) };
                for o in [module, key, names] { raw::decref(o) }
                raw::xdecref(class);
                r
            }
        };
        raw::decref(name);
        r
    }
    fn PyContextVar_Get(var: Obj, default: Obj, value: *mut Obj) -> c_int {
        *value = match default.is_null() {
            true => guest().call_method(var, "get", &[]),
            false => guest().call_method(var, "get", &[default]),
        };
        if !(*value).is_null() { return 0 }
        // A variable without a value and without a default is no error.
        if default.is_null() && errors::matches((*crate::context::state()).curexc_type, *data::PyExc_LookupError.get()) {
            errors::clear();
            return 0;
        }
        -1
    }
    fn PyContextVar_Set(var: Obj, value: Obj) -> Obj { guest().call_method(var, "set", &[value]) }
    fn PyContextVar_Reset(var: Obj, token: Obj) -> c_int {
        let r = guest().call_method(var, "reset", &[token]);
        raw::xdecref(r);
        if r.is_null() { -1 } else { 0 }
    }
    fn PyContext_CopyCurrent() -> Obj { library("contextvars", "copy_context", &[]) }
    fn PyContext_New() -> Obj { library("contextvars", "Context", &[]) }

    fn PyCodec_Encoder(encoding: *const c_char) -> Obj {
        let name = super::name_of_c(encoding);
        let r = library("codecs", "getencoder", &[name]);
        raw::decref(name);
        r
    }
    fn PyCodec_Decoder(encoding: *const c_char) -> Obj {
        let name = super::name_of_c(encoding);
        let r = library("codecs", "getdecoder", &[name]);
        raw::decref(name);
        r
    }
    fn PyOS_FSPath(path: Obj) -> Obj { library("os", "fspath", &[path]) }
}
