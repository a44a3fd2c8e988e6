//! `cpython/pystate.h`: the state of a thread, of which C reads and writes the current exception.

use super::object::*;
use super::values::structs;
use std::ffi::{c_int, c_ulong, c_void};

structs! {
    /// An exception that is being handled.
    _PyErr_StackItem { exc_value: Obj, previous_item: *mut _PyErr_StackItem }
    /// The C frame of an interpreter loop.
    _PyCFrame { use_tracing: u8, current_frame: *mut c_void, previous: *mut _PyCFrame }
    /// The state of a thread.
    PyThreadState {
        prev: *mut PyThreadState, next: *mut PyThreadState, interp: *mut c_void, _initialized: c_int, _static: c_int,
        recursion_remaining: c_int, recursion_limit: c_int, recursion_headroom: c_int, tracing: c_int, tracing_what: c_int,
        cframe: *mut _PyCFrame, c_profilefunc: *mut c_void, c_tracefunc: *mut c_void, c_profileobj: Obj, c_traceobj: Obj,
        curexc_type: Obj, curexc_value: Obj, curexc_traceback: Obj, exc_info: *mut _PyErr_StackItem, dict: Obj,
        gilstate_counter: c_int, async_exc: Obj, thread_id: c_ulong, native_thread_id: c_ulong, trash_delete_nesting: c_int,
        trash_delete_later: Obj, on_delete: *mut c_void, on_delete_data: *mut c_void,
        coroutine_origin_tracking_depth: c_int, async_gen_firstiter: Obj, async_gen_finalizer: Obj, context: Obj,
        context_ver: u64, id: u64, trace_info: [usize; 6], datastack_chunk: *mut c_void, datastack_top: *mut Obj,
        datastack_limit: *mut Obj, exc_state: _PyErr_StackItem, root_cframe: _PyCFrame,
    }
}
