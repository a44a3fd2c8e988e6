//! `pystate.h`: one thread, one interpreter.

use crate::abi::*;
use crate::context::{current, guest, state};
use std::ffi::{c_int, c_void};

api! {
    fn PyThreadState_Get() -> *mut PyThreadState { state() }
    fn _PyThreadState_UncheckedGet() -> *mut PyThreadState {
        match current() { Some(_) => state(), None => std::ptr::null_mut() }
    }
    fn PyThreadState_GetInterpreter(s: *mut PyThreadState) -> *mut c_void { (*s).interp }
    fn PyThreadState_GetID(s: *mut PyThreadState) -> u64 { (*s).id }
    fn PyThreadState_GetFrame(s: *mut PyThreadState) -> *mut c_void { let _ = s; std::ptr::null_mut() }
    fn PyThreadState_Swap(s: *mut PyThreadState) -> *mut PyThreadState { let _ = s; state() }
    fn PyThreadState_GetDict() -> Obj {
        let s = state();
        if (*s).dict.is_null() { (*s).dict = guest().dict_new(); }
        (*s).dict
    }
    fn PyInterpreterState_Get() -> *mut c_void { (*state()).interp }
    fn PyInterpreterState_Main() -> *mut c_void { (*state()).interp }
    fn PyInterpreterState_GetID(i: *mut c_void) -> i64 { let _ = i; 0 }
    fn PyInterpreterState_GetDict(i: *mut c_void) -> Obj { let _ = i; PyThreadState_GetDict() }
    fn PyGILState_Ensure() -> c_int { 0 }
    fn PyGILState_Release(s: c_int) { let _ = s; }
    fn PyGILState_Check() -> c_int { current().is_some() as c_int }
    fn PyGILState_GetThisThreadState() -> *mut PyThreadState { _PyThreadState_UncheckedGet() }
    fn Py_IsInitialized() -> c_int { 1 }
    fn _Py_IsFinalizing() -> c_int { 0 }
    fn Py_AtExit(f: *mut c_void) -> c_int { let _ = f; 0 }
}
