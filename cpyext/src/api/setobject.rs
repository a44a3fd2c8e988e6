//! `setobject.h`: the items are the interpreter's.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::raw;
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn made(ty: TypeObj, items: Obj) -> Obj {
        match items.is_null() {
            true => guest().call(ty.cast(), &[], NULL),
            false => guest().call(ty.cast(), &[items], NULL),
        }
    }
    fn unit(r: Obj) -> c_int {
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
}
api! {
    fn PySet_New(items: Obj) -> Obj { made(data::PySet_Type.get(), items) }
    fn PyFrozenSet_New(items: Obj) -> Obj { made(data::PyFrozenSet_Type.get(), items) }
    fn PySet_Size(s: Obj) -> Ssize { guest().len(s) }
    fn PySet_Contains(s: Obj, item: Obj) -> c_int { guest().contains(s, item) }
    fn PySet_Add(s: Obj, item: Obj) -> c_int { unit(guest().call_method(s, "add", &[item])) }
    fn PySet_Discard(s: Obj, item: Obj) -> c_int {
        let there = guest().contains(s, item);
        if there == 1 && unit(guest().call_method(s, "discard", &[item])) < 0 { return -1 }
        there
    }
    fn PySet_Pop(s: Obj) -> Obj { guest().call_method(s, "pop", &[]) }
    fn PySet_Clear(s: Obj) -> c_int { unit(guest().call_method(s, "clear", &[])) }
}
