//! `frameobject.h`, `traceback.h`: frames that C makes to add an entry to a traceback. They exist on the C side only: C
//! writes the line into one and hands it to `PyTraceBack_Here`.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::raw;
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// The code object of a frame that C made: it stands where CPython keeps its own frame.
    fn code_of(frame: Obj) -> Obj { (*frame.cast::<PyFrameObject>()).f_frame.cast() }
}
slot_functions! {
    /// `tp_dealloc` of frames.
    fn dealloc_frame(frame: Obj) -> () {
        raw::xdecref(code_of(frame));
        raw::free(frame);
    }
}
api! {
    fn PyFrame_New(state: *mut PyThreadState, code: Obj, globals: Obj, locals: Obj) -> Obj {
        let _ = (state, globals, locals);
        let o = raw::new_object(data::PyFrame_Type.get(), size_of::<PyFrameObject>());
        if o.is_null() { return o }
        (*o.cast::<PyFrameObject>()).f_frame = raw::incref(code).cast();
        o
    }
    fn PyFrame_GetCode(frame: Obj) -> Obj { raw::xincref(code_of(frame)) }
    fn PyFrame_GetBack(frame: Obj) -> Obj { let _ = frame; NULL }
    fn PyFrame_GetLineNumber(frame: Obj) -> c_int { (*frame.cast::<PyFrameObject>()).f_lineno }
    fn PyTraceBack_Here(frame: Obj) -> c_int {
        let code = code_of(frame);
        if !code.is_null() { guest().traceback_here(code, (*frame.cast::<PyFrameObject>()).f_lineno as i64) }
        0
    }
}
