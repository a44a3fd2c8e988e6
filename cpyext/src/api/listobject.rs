//! `listobject.h`: the array of a list is its only storage, whoever made the list, so that nothing here asks the interpreter.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::list;
use crate::raw;
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn check(l: Obj, function: &str) -> bool {
        let ok = !l.is_null() && raw::has(l, type_flags::LIST);
        if !ok { errors::bad_call(function) }
        ok
    }
    /// The bounds of a slice as C gives them: cut to what is there.
    fn bounds(l: Obj, a: Ssize, b: Ssize) -> (usize, usize) {
        let n = raw::list_items(l).len() as Ssize;
        let a = a.clamp(0, n);
        (a as usize, b.clamp(a, n) as usize)
    }
}
api! {
    fn PyList_New(n: Ssize) -> Obj {
        if n < 0 { errors::bad_call("PyList_New"); return NULL }
        raw::list_new(n as usize)
    }
    fn PyList_Size(l: Obj) -> Ssize { if check(l, "PyList_Size") { (*l.cast::<PyVarObject>()).ob_size } else { -1 } }
    fn PyList_GetItem(l: Obj, i: Ssize) -> Obj {
        if !check(l, "PyList_GetItem") { return NULL }
        match usize::try_from(i).ok().and_then(|i| raw::list_items(l).get(i)) {
            Some(&item) => item,
            None => { errors::set_text(data::PyExc_IndexError.get(), "list index out of range"); NULL }
        }
    }
    fn PyList_SetItem(l: Obj, i: Ssize, value: Obj) -> c_int {
        if !check(l, "PyList_SetItem") { raw::xdecref(value); return -1 }
        match usize::try_from(i).ok().and_then(|i| raw::list_items(l).get_mut(i)) {
            Some(slot) => { raw::replace(slot, value); 0 }
            None => {
                raw::xdecref(value);
                errors::set_text(data::PyExc_IndexError.get(), "list assignment index out of range");
                -1
            }
        }
    }
    fn PyList_Append(l: Obj, value: Obj) -> c_int {
        if value.is_null() || !check(l, "PyList_Append") {
            if !errors::occurred() { errors::bad_call("PyList_Append") }
            return -1;
        }
        if raw::list_append(l, value) { 0 } else { -1 }
    }
    fn PyList_Insert(l: Obj, i: Ssize, value: Obj) -> c_int {
        if value.is_null() || !check(l, "PyList_Insert") {
            if !errors::occurred() { errors::bad_call("PyList_Insert") }
            return -1;
        }
        let n = raw::list_items(l).len() as Ssize;
        let at = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
        if list::splice(l, at, at, &[raw::incref(value)]) { return 0 }
        raw::decref(value);
        -1
    }
    fn PyList_GetSlice(l: Obj, a: Ssize, b: Ssize) -> Obj {
        if !check(l, "PyList_GetSlice") { return NULL }
        let (a, b) = bounds(l, a, b);
        let new = raw::list_new(b - a);
        if !new.is_null() {
            for (slot, &item) in raw::list_items(new).iter_mut().zip(&raw::list_items(l)[a..b]) { *slot = raw::xincref(item) }
        }
        new
    }
    fn PyList_SetSlice(l: Obj, a: Ssize, b: Ssize, value: Obj) -> c_int {
        if !check(l, "PyList_SetSlice") { return -1 }
        let mut new = Vec::new();
        if !value.is_null() {
            let t = super::PySequence_Fast(value, c"can only assign an iterable".as_ptr());
            if t.is_null() { return -1 }
            let items = if raw::has(t, type_flags::LIST) { raw::list_items(t) } else { raw::tuple_items(t) };
            new.extend(items.iter().map(|&i| raw::xincref(i)));
            raw::decref(t);
        }
        let (a, b) = bounds(l, a, b);
        if list::splice(l, a, b, &new) { return 0 }
        for o in new { raw::xdecref(o) }
        -1
    }
    fn PyList_Reverse(l: Obj) -> c_int {
        if !check(l, "PyList_Reverse") { return -1 }
        raw::list_items(l).reverse();
        0
    }
    fn PyList_AsTuple(l: Obj) -> Obj {
        if !check(l, "PyList_AsTuple") { return NULL }
        raw::tuple_from(raw::list_items(l))
    }
    fn PyList_Sort(l: Obj) -> c_int {
        if !check(l, "PyList_Sort") { return -1 }
        let r = guest().list_sort(l);
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
    fn _PyList_Extend(l: Obj, items: Obj) -> Obj {
        if PyList_SetSlice(l, Ssize::MAX, Ssize::MAX, items) < 0 { return NULL }
        raw::incref(data::none())
    }
}
