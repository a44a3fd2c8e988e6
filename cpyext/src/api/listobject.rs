//! `listobject.h`: a list that never crossed the border is the C side's own; changes of a paired one are reported.

use crate::abi::*;
use crate::context::{context, guest};
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn check(l: Obj, function: &str) -> bool {
        let ok = !l.is_null() && raw::has(l, type_flags::LIST);
        if !ok { errors::bad_call(function) }
        ok
    }
    /// Tells the interpreter of a change, if the list is its own too.
    fn written(l: Obj) {
        if *context().memory.link(l.cast()) != 0 { guest().list_written(l) }
    }
    fn resize(l: Obj, n: usize) { (*l.cast::<PyVarObject>()).ob_size = n as Ssize; }
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
            Some(slot) => { raw::replace(slot, value); written(l); 0 }
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
        if *context().memory.link(l.cast()) != 0 {
            let r = guest().call_method(l, "append", &[value]);
            if r.is_null() { return -1 }
            raw::decref(r);
        }
        if raw::list_append(l, value) { 0 } else { -1 }
    }
    fn PyList_Insert(l: Obj, i: Ssize, value: Obj) -> c_int {
        if value.is_null() || !check(l, "PyList_Insert") { return -1 }
        let n = raw::list_items(l).len();
        if !raw::list_append(l, value) { return -1 }
        let at = if i < 0 { (i + n as Ssize).max(0) as usize } else { (i as usize).min(n) };
        raw::list_items(l)[at..].rotate_right(1);
        written(l);
        0
    }
    fn PyList_GetSlice(l: Obj, a: Ssize, b: Ssize) -> Obj {
        if !check(l, "PyList_GetSlice") { return NULL }
        let items = raw::list_items(l);
        let (a, b) = ((a.max(0) as usize).min(items.len()), (b.max(0) as usize).min(items.len()));
        let part = &items[a..b.max(a)];
        let new = raw::list_new(part.len());
        if !new.is_null() {
            for (slot, &item) in raw::list_items(new).iter_mut().zip(part) { *slot = raw::xincref(item) }
        }
        new
    }
    fn PyList_SetSlice(l: Obj, a: Ssize, b: Ssize, value: Obj) -> c_int {
        if !check(l, "PyList_SetSlice") { return -1 }
        let new: Vec<Obj> = match value.is_null() {
            true => Vec::new(),
            false => {
                let t = super::PySequence_Tuple(value);
                if t.is_null() { return -1 }
                let v = raw::tuple_items(t).iter().map(|&i| raw::incref(i)).collect();
                raw::decref(t);
                v
            }
        };
        let old = raw::list_items(l).to_vec();
        let (a, b) = ((a.max(0) as usize).min(old.len()), (b.max(0) as usize).min(old.len()));
        let b = b.max(a);
        let n = old.len() - (b - a) + new.len();
        if !raw::list_reserve(l, n) { return -1 }
        resize(l, n);
        let all = old[..a].iter().chain(&new).chain(&old[b..]);
        for (slot, &item) in raw::list_items(l).iter_mut().zip(all) { *slot = item }
        for &gone in &old[a..b] { raw::xdecref(gone) }
        written(l);
        0
    }
    fn PyList_Reverse(l: Obj) -> c_int {
        if !check(l, "PyList_Reverse") { return -1 }
        raw::list_items(l).reverse();
        written(l);
        0
    }
    fn PyList_AsTuple(l: Obj) -> Obj {
        if !check(l, "PyList_AsTuple") { return NULL }
        raw::tuple_from(raw::list_items(l))
    }
    fn PyList_Sort(l: Obj) -> c_int {
        if !check(l, "PyList_Sort") { return -1 }
        let sorted = guest().builtin("sorted");
        if sorted.is_null() { return -1 }
        let new = guest().call(sorted, &[l], NULL);
        raw::decref(sorted);
        if new.is_null() { return -1 }
        let r = PyList_SetSlice(l, 0, Ssize::MAX, new);
        raw::decref(new);
        r
    }
    fn _PyList_Extend(l: Obj, items: Obj) -> Obj {
        if PyList_SetSlice(l, Ssize::MAX, Ssize::MAX, items) < 0 { return NULL }
        raw::incref(data::none())
    }
}
