//! `ceval.h`: threads and recursion.

use crate::abi::*;
use crate::context::{guest, state};
use crate::errors;
use std::ffi::{c_char, c_int};

api! {
    fn PyEval_SaveThread() -> *mut PyThreadState { state() }
    fn PyEval_RestoreThread(s: *mut PyThreadState) { let _ = s; }
    fn PyEval_AcquireThread(s: *mut PyThreadState) { let _ = s; }
    fn PyEval_ReleaseThread(s: *mut PyThreadState) { let _ = s; }
    fn PyEval_InitThreads() {}
    fn PyEval_ThreadsInitialized() -> c_int { 1 }
    fn PyEval_GetBuiltins() -> Obj {
        let m = guest().import("builtins");
        if m.is_null() { return m }
        let d = guest().module_dict(m);
        crate::raw::decref(m);
        d
    }
    fn Py_EnterRecursiveCall(place: *const c_char) -> c_int {
        let s = state();
        (*s).recursion_remaining -= 1;
        if (*s).recursion_limit - (*s).recursion_remaining < 1000 { return 0 }
        (*s).recursion_remaining += 1;
        let text = format!("maximum recursion depth exceeded{}", crate::raw::text(place));
        errors::set_text(crate::data::PyExc_RecursionError.get(), &text);
        -1
    }
    fn Py_LeaveRecursiveCall() { (*state()).recursion_remaining += 1; }
    fn _Py_CheckRecursiveCall(s: *mut PyThreadState, place: *const c_char) -> c_int {
        let _ = (s, place);
        0
    }
    fn Py_GetRecursionLimit() -> c_int { 1000 }
    fn Py_MakePendingCalls() -> c_int { 0 }
}
