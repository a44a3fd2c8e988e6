//! The current exception: it lives in the thread's state, where C reads and writes it.

use crate::abi::*;
use crate::context::state;
use crate::data;
use crate::raw;
use std::ffi::c_int;

/// Whether an exception is set.
#[inline(always)]
pub fn occurred() -> bool {
    // SAFETY: the state is there as long as the thread's context.
    unsafe { !(*state()).curexc_type.is_null() }
}
/// Sets an exception of the type that a data symbol points to, with a text.
pub fn set_text(exception: *mut Obj, text: &str) {
    // SAFETY: the pointers to exceptions are filled at boot.
    unsafe { set(*exception, raw::unicode_from_str(text)) }
}
/// TypeError
pub fn type_error(text: &str) {
    set_text(data::PyExc_TypeError.get(), text)
}
/// ValueError
pub fn value_error(text: &str) {
    set_text(data::PyExc_ValueError.get(), text)
}
/// SystemError: a function was called as it must not be.
pub fn bad_call(function: &str) {
    set_text(
        data::PyExc_SystemError.get(),
        &format!("{function}: bad argument to internal function"),
    )
}
/// OverflowError
pub fn overflow_error(text: &str) {
    set_text(data::PyExc_OverflowError.get(), text)
}
/// MemoryError
#[cold]
pub fn no_memory() {
    // SAFETY: as in `set_text`.
    unsafe { set(*data::PyExc_MemoryError.get(), std::ptr::null_mut()) }
}
/// `TypeError: <what> expected <type>, got <type>`; NULL results for pointers follow.
pub fn wrong_type(function: &str, expected: &str, o: Obj) {
    // SAFETY: the caller passes an object.
    let got = unsafe { raw::type_name(o) };
    type_error(&format!("{function}: expected {expected}, got {got}"))
}

inner! {
    /// Sets an exception: the type is borrowed, the value is given away (NULL: none).
    pub fn set(ty: Obj, value: Obj) {
        raw::xincref(ty);
        restore(ty, value, std::ptr::null_mut());
    }
    /// Replaces the current exception; all three references are given away.
    pub fn restore(ty: Obj, value: Obj, traceback: Obj) {
        let s = state();
        let old = ((*s).curexc_type, (*s).curexc_value, (*s).curexc_traceback);
        (*s).curexc_type = ty;
        (*s).curexc_value = value;
        (*s).curexc_traceback = traceback;
        raw::xdecref(old.0);
        raw::xdecref(old.1);
        raw::xdecref(old.2);
    }
    /// Takes the current exception away.
    pub fn fetch() -> (Obj, Obj, Obj) {
        let s = state();
        let taken = ((*s).curexc_type, (*s).curexc_value, (*s).curexc_traceback);
        (*s).curexc_type = std::ptr::null_mut();
        (*s).curexc_value = std::ptr::null_mut();
        (*s).curexc_traceback = std::ptr::null_mut();
        taken
    }
    /// No exception.
    pub fn clear() {
        restore(std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut())
    }
    /// Whether an exception, a type or an instance, is of a type or of one in a tuple.
    pub fn matches(given: Obj, expected: Obj) -> bool {
        if given.is_null() || expected.is_null() { return false }
        if raw::has(expected, type_flags::TUPLE) {
            return raw::tuple_items(expected).iter().any(|&e| matches(given, e));
        }
        let class = if raw::has(given, type_flags::BASE_EXC) { (*given).ob_type.cast() } else { given };
        if !raw::has(class, type_flags::TYPE) || !raw::has(expected, type_flags::TYPE) {
            return given == expected;
        }
        crate::context::guest().is_subtype(class.cast(), expected.cast())
    }
    /// Makes an instance of an exception of which only type and arguments are there. All references are in and out.
    pub fn normalize(ty: &mut Obj, value: &mut Obj, traceback: &mut Obj) {
        if (*ty).is_null() { return }
        if !(*value).is_null() && raw::has(*value, type_flags::BASE_EXC)
            && crate::context::guest().is_subtype((**value).ob_type, (*ty).cast()) {
            let class: Obj = (**value).ob_type.cast();
            raw::incref(class);
            raw::replace(ty, class);
            return;
        }
        let made = if (*value).is_null() || *value == data::none() {
            crate::context::guest().call(*ty, &[], std::ptr::null_mut())
        } else if raw::has(*value, type_flags::TUPLE) {
            crate::context::guest().call(*ty, raw::tuple_items(*value), std::ptr::null_mut())
        } else {
            crate::context::guest().call(*ty, &[*value], std::ptr::null_mut())
        };
        if made.is_null() {
            // Making the exception failed: that is the exception now.
            raw::xdecref(*ty);
            raw::xdecref(*value);
            raw::xdecref(*traceback);
            (*ty, *value, *traceback) = fetch();
            return;
        }
        raw::replace(value, made);
    }
}
/// `-1` with an exception, for functions whose results are numbers.
pub fn minus_one(text: &str) -> c_int {
    type_error(text);
    -1
}
