//! `tupleobject.h`.

use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use crate::varargs::{VaList, next_pointer};
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

slot_functions! {
    /// `PyTuple_Pack`
    fn tuple_pack(n: Ssize, list: *mut VaList) -> Obj {
        let o = raw::tuple_new(n as usize);
        if o.is_null() { return o }
        for slot in raw::tuple_items(o) { *slot = raw::incref(next_pointer(list).cast()) }
        o
    }
}
variadic!(PyTuple_Pack, 1, "rsi", tuple_pack);
inner! {
    fn check(t: Obj, function: &str) -> bool {
        let ok = !t.is_null() && raw::has(t, type_flags::TUPLE);
        if !ok { errors::bad_call(function) }
        ok
    }
}
api! {
    fn PyTuple_New(n: Ssize) -> Obj {
        if n < 0 { errors::bad_call("PyTuple_New"); return NULL }
        raw::tuple_new(n as usize)
    }
    fn PyTuple_Size(t: Obj) -> Ssize { if check(t, "PyTuple_Size") { (*t.cast::<PyVarObject>()).ob_size } else { -1 } }
    fn PyTuple_GetItem(t: Obj, i: Ssize) -> Obj {
        if !check(t, "PyTuple_GetItem") { return NULL }
        match usize::try_from(i).ok().and_then(|i| raw::tuple_items(t).get(i)) {
            Some(&item) => item,
            None => { errors::set_text(data::PyExc_IndexError.get(), "tuple index out of range"); NULL }
        }
    }
    fn PyTuple_SetItem(t: Obj, i: Ssize, value: Obj) -> c_int {
        if !check(t, "PyTuple_SetItem") || (*t).ob_refcnt != 1 {
            raw::xdecref(value);
            if !errors::occurred() { errors::bad_call("PyTuple_SetItem") }
            return -1;
        }
        match usize::try_from(i).ok().and_then(|i| raw::tuple_items(t).get_mut(i)) {
            Some(slot) => { raw::replace(slot, value); 0 }
            None => {
                raw::xdecref(value);
                errors::set_text(data::PyExc_IndexError.get(), "tuple assignment index out of range");
                -1
            }
        }
    }
    fn PyTuple_GetSlice(t: Obj, a: Ssize, b: Ssize) -> Obj {
        if !check(t, "PyTuple_GetSlice") { return NULL }
        let items = raw::tuple_items(t);
        let (a, b) = ((a.max(0) as usize).min(items.len()), (b.max(0) as usize).min(items.len()));
        raw::tuple_from(&items[a..b.max(a)])
    }
    fn _PyTuple_Resize(slot: *mut Obj, n: Ssize) -> c_int {
        let o = *slot;
        if !check(o, "_PyTuple_Resize") || n < 0 { *slot = NULL; raw::xdecref(o); return -1 }
        let new = raw::tuple_new(n as usize);
        *slot = new;
        if new.is_null() { raw::decref(o); return -1 }
        for (to, &from) in raw::tuple_items(new).iter_mut().zip(raw::tuple_items(o).iter()) { *to = raw::xincref(from) }
        raw::decref(o);
        0
    }
}
