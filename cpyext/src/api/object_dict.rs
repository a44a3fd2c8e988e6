//! `object.h`: the dict of an object. The interpreter keeps it; a type that has a field for it gets a reference there.

use crate::abi::*;
use crate::context::guest;
use crate::raw;
use std::ffi::{c_int, c_void};

inner! {
    /// Where the structure has a field for its dict; NULL if it has none.
    fn field(o: Obj) -> *mut Obj {
        let offset = (*(*o).ob_type).tp_dictoffset;
        if offset <= 0 { return std::ptr::null_mut() }
        o.cast::<u8>().add(offset as usize).cast()
    }
}
api! {
    fn PyObject_GenericGetDict(o: Obj, context: *mut c_void) -> Obj {
        let _ = context;
        let d = guest().own_dict(o);
        let place = field(o);
        if !d.is_null() && !place.is_null() && *place != d { raw::replace(place, raw::incref(d)) }
        d
    }
    fn PyObject_GenericSetDict(o: Obj, value: Obj, context: *mut c_void) -> c_int {
        let _ = context;
        if value.is_null() {
            crate::errors::type_error("cannot delete __dict__");
            return -1;
        }
        if guest().set_own_dict(o, value) < 0 { return -1 }
        let place = field(o);
        if !place.is_null() { raw::replace(place, raw::incref(value)) }
        0
    }
    fn _PyObject_GetDictPtr(o: Obj) -> *mut Obj {
        let place = field(o);
        if place.is_null() { return place }
        let d = PyObject_GenericGetDict(o, std::ptr::null_mut());
        if d.is_null() { crate::errors::clear() }
        raw::xdecref(d);
        place
    }
}
