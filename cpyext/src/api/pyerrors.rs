//! `pyerrors.h`: the current exception.

use crate::abi::*;
use crate::context::{guest, state};
use crate::data;
use crate::errors;
use crate::raw;
use crate::varargs::VaList;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// `PyErr_Format` with a `va_list`.
    pub fn format_error(ty: Obj, format: *const c_char, list: *mut VaList) {
        let text = super::PyUnicode_FromFormatV(format, list);
        if !text.is_null() { errors::set(ty, text) }
    }
}
slot_functions! {
    /// `PyErr_Format`
    fn err_format(ty: Obj, format: *const c_char, list: *mut VaList) -> Obj {
        format_error(ty, format, list);
        NULL
    }
    /// `_PyErr_FormatFromCause`: the exception that was set is the cause.
    fn err_format_from_cause(ty: Obj, format: *const c_char, list: *mut VaList) -> Obj {
        let (mut t, mut v, mut tb) = errors::fetch();
        errors::normalize(&mut t, &mut v, &mut tb);
        format_error(ty, format, list);
        let (mut t2, mut v2, mut tb2) = errors::fetch();
        errors::normalize(&mut t2, &mut v2, &mut tb2);
        if !v2.is_null() && !v.is_null() {
            super::PyException_SetCause(v2, raw::incref(v));
            super::PyException_SetContext(v2, raw::incref(v));
        }
        for o in [t, v, tb] { raw::xdecref(o) }
        errors::restore(t2, v2, tb2);
        NULL
    }
    /// `PyErr_WarnFormat`
    fn err_warn_format(category: Obj, level: Ssize, format: *const c_char, list: *mut VaList) -> c_int {
        let text = super::PyUnicode_FromFormatV(format, list);
        if text.is_null() { return -1 }
        let r = warn(category, text, level);
        raw::decref(text);
        r
    }
}
variadic!(PyErr_Format, 2, "rdx", err_format);
variadic!(_PyErr_FormatFromCause, 2, "rdx", err_format_from_cause);
variadic!(PyErr_WarnFormat, 3, "rcx", err_warn_format);
inner! {
    fn warn(category: Obj, text: Obj, level: Ssize) -> c_int {
        let module = guest().import("warnings");
        if module.is_null() { return -1 }
        let category = if category.is_null() { *data::PyExc_RuntimeWarning.get() } else { category };
        let level = raw::long_from_i64(level as i64);
        let r = guest().call_method(module, "warn", &[text, category, level]);
        raw::decref(level);
        raw::decref(module);
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
}
api! {
    fn PyErr_FormatV(ty: Obj, format: *const c_char, list: *mut VaList) -> Obj { err_format(ty, format, list) }
    fn PyErr_SetNone(ty: Obj) { errors::set(ty, NULL) }
    fn PyErr_SetObject(ty: Obj, value: Obj) { errors::set(ty, raw::xincref(value)) }
    fn PyErr_SetString(ty: Obj, text: *const c_char) {
        let text = super::PyUnicode_FromString(text);
        if !text.is_null() { errors::set(ty, text) }
    }
    fn PyErr_Occurred() -> Obj { (*state()).curexc_type }
    fn PyErr_Clear() { errors::clear() }
    fn PyErr_Fetch(ty: *mut Obj, value: *mut Obj, traceback: *mut Obj) {
        (*ty, *value, *traceback) = errors::fetch();
    }
    fn PyErr_Restore(ty: Obj, value: Obj, traceback: Obj) { errors::restore(ty, value, traceback) }
    fn PyErr_NormalizeException(ty: *mut Obj, value: *mut Obj, traceback: *mut Obj) {
        errors::normalize(&mut *ty, &mut *value, &mut *traceback)
    }
    fn PyErr_GivenExceptionMatches(given: Obj, expected: Obj) -> c_int { errors::matches(given, expected) as c_int }
    fn PyErr_ExceptionMatches(expected: Obj) -> c_int { errors::matches((*state()).curexc_type, expected) as c_int }
    fn PyErr_BadArgument() -> c_int { errors::minus_one("bad argument type for built-in operation") }
    fn PyErr_NoMemory() -> Obj { errors::no_memory(); NULL }
    fn PyErr_BadInternalCall() { errors::set_text(data::PyExc_SystemError.get(), "bad argument to internal function") }
    fn _PyErr_BadInternalCall(file: *const c_char, line: c_int) {
        let text = format!("{}:{line}: bad argument to internal function", raw::text(file));
        errors::set_text(data::PyExc_SystemError.get(), &text)
    }
    fn PyErr_WarnEx(category: Obj, text: *const c_char, level: Ssize) -> c_int {
        let text = super::PyUnicode_FromString(text);
        if text.is_null() { return -1 }
        let r = warn(category, text, level);
        raw::decref(text);
        r
    }
    fn PyErr_WriteUnraisable(about: Obj) { guest().unraisable(about) }
    fn _PyErr_WriteUnraisableMsg(message: *const c_char, about: Obj) {
        let _ = message;
        guest().unraisable(about)
    }
    fn _Py_FatalErrorFunc(function: *const c_char, message: *const c_char) {
        eprintln!("Fatal Python error: {}: {}", raw::text(function), raw::text(message));
        std::process::abort()
    }
    fn Py_FatalError(message: *const c_char) {
        eprintln!("Fatal Python error: {}", raw::text(message));
        std::process::abort()
    }
    fn PyErr_Print() { guest().unraisable(NULL) }
    fn PyErr_PrintEx(set: c_int) { let _ = set; guest().unraisable(NULL) }
    fn PyErr_CheckSignals() -> c_int { 0 }
    fn PyErr_SetFromErrno(ty: Obj) -> Obj { set_from_errno(ty, NULL) }
    fn PyErr_SetFromErrnoWithFilename(ty: Obj, file: *const c_char) -> Obj {
        let errno = *libc::__errno_location();
        let name = if file.is_null() { NULL } else { super::name_of_c(file) };
        *libc::__errno_location() = errno;
        set_from_errno(ty, name);
        raw::xdecref(name);
        NULL
    }
    fn PyErr_SetFromErrnoWithFilenameObject(ty: Obj, file: Obj) -> Obj { set_from_errno(ty, file) }
    fn PyErr_SetImportError(text: Obj, name: Obj, path: Obj) -> Obj {
        let _ = (name, path);
        errors::set(*data::PyExc_ImportError.get(), raw::xincref(text));
        NULL
    }
    fn PyErr_NewException(name: *const c_char, base: Obj, dict: Obj) -> Obj { new_exception(name, std::ptr::null(), base, dict) }
    fn PyErr_NewExceptionWithDoc(name: *const c_char, doc: *const c_char, base: Obj, dict: Obj) -> Obj {
        new_exception(name, doc, base, dict)
    }
    fn PyErr_GetExcInfo(ty: *mut Obj, value: *mut Obj, traceback: *mut Obj) {
        let mut item = (*state()).exc_info;
        while !item.is_null() && (*item).exc_value.is_null() { item = (*item).previous_item; }
        let v = if item.is_null() { NULL } else { (*item).exc_value };
        *value = raw::xincref(v);
        *ty = if v.is_null() { NULL } else { raw::incref((*v).ob_type.cast()) };
        *traceback = if v.is_null() { NULL } else { raw::xincref((*v.cast::<PyBaseExceptionObject>()).traceback) };
    }
    fn PyErr_SetExcInfo(ty: Obj, value: Obj, traceback: Obj) {
        raw::replace(&raw mut (*(*state()).exc_info).exc_value, value);
        raw::xdecref(ty);
        raw::xdecref(traceback);
    }
    fn PyException_SetCause(e: Obj, cause: Obj) {
        raw::replace(&raw mut (*e.cast::<PyBaseExceptionObject>()).cause, cause);
        (*e.cast::<PyBaseExceptionObject>()).suppress_context = 1;
    }
    fn PyException_SetContext(e: Obj, context: Obj) {
        raw::replace(&raw mut (*e.cast::<PyBaseExceptionObject>()).context, context);
    }
    fn PyException_GetCause(e: Obj) -> Obj { raw::xincref((*e.cast::<PyBaseExceptionObject>()).cause) }
    fn PyException_GetContext(e: Obj) -> Obj { raw::xincref((*e.cast::<PyBaseExceptionObject>()).context) }
    fn PyException_GetTraceback(e: Obj) -> Obj { raw::xincref((*e.cast::<PyBaseExceptionObject>()).traceback) }
    fn PyException_SetTraceback(e: Obj, traceback: Obj) -> c_int {
        let tb = if traceback == data::none() { NULL } else { raw::xincref(traceback) };
        raw::replace(&raw mut (*e.cast::<PyBaseExceptionObject>()).traceback, tb);
        0
    }
    fn PyExceptionClass_Name(ty: Obj) -> *const c_char { (*ty.cast::<PyTypeObject>()).tp_name }
}
inner! {
    fn set_from_errno(ty: Obj, file: Obj) -> Obj {
        let errno = *libc::__errno_location();
        let text = std::io::Error::from_raw_os_error(errno).to_string();
        let text = text.split(" (os error").next().unwrap_or_default().to_owned();
        let number = raw::long_from_i64(errno as i64);
        let text = raw::unicode_from_str(&text);
        let args = match file.is_null() {
            true => raw::tuple_from(&[number, text]),
            false => raw::tuple_from(&[number, text, file]),
        };
        raw::decref(number);
        raw::decref(text);
        errors::set(ty, args);
        NULL
    }
    fn new_exception(name: *const c_char, doc: *const c_char, base: Obj, dict: Obj) -> Obj {
        let full = raw::text(name);
        let Some((module, last)) = full.rsplit_once('.') else {
            errors::set_text(data::PyExc_SystemError.get(), "PyErr_NewException: name must be module.class");
            return NULL;
        };
        let base = if base.is_null() { *data::PyExc_Exception.get() } else { base };
        let bases = if raw::has(base, type_flags::TUPLE) { raw::incref(base) } else { raw::tuple_from(&[base]) };
        let d = guest().dict_new();
        if d.is_null() { return NULL }
        if !dict.is_null() {
            let r = guest().call_method(d, "update", &[dict]);
            if r.is_null() { return NULL }
            raw::decref(r);
        }
        let set = |key: &str, value: Obj| {
            let key = raw::unicode_from_str(key);
            guest().dict_set(d, key, value);
            raw::decref(key);
            raw::decref(value);
        };
        set("__module__", raw::unicode_from_str(module));
        if !doc.is_null() { set("__doc__", super::name_of_c(doc)) }
        let last = raw::unicode_from_str(last);
        let r = guest().call(data::PyType_Type.get().cast(), &[last, bases, d], NULL);
        for o in [last, bases, d] { raw::decref(o) }
        r
    }
}
