//! `setobject.h`: the items are the interpreter's.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn is_set(o: Obj, what: &str) -> bool {
        let ty = (*o).ob_type;
        let ok = below_sets(ty);
        if !ok { errors::bad_call(what) }
        ok
    }
    fn below_sets(ty: TypeObj) -> bool {
        let all = [data::PySet_Type.get(), data::PyFrozenSet_Type.get()];
        all.contains(&ty) || all.iter().any(|&t| guest().is_subtype(ty, t))
    }
    fn unit(r: Obj) -> c_int {
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
}
api! {
    fn PySet_New(items: Obj) -> Obj {
        if items.is_null() { return guest().set_new(false) }
        guest().call(data::PySet_Type.get().cast(), &[items], NULL)
    }
    fn PyFrozenSet_New(items: Obj) -> Obj {
        // One that C fills itself must not be the empty one that everybody has.
        if items.is_null() { return guest().set_new(true) }
        guest().call(data::PyFrozenSet_Type.get().cast(), &[items], NULL)
    }
    fn PySet_Size(s: Obj) -> Ssize {
        if !is_set(s, "PySet_Size") { return -1 }
        // The structure of an instance of a subclass may be behind.
        let exact = [data::PySet_Type.get(), data::PyFrozenSet_Type.get()].contains(&(*s).ob_type);
        if exact { (*s.cast::<PySetObject>()).used } else { guest().len(s) }
    }
    fn _PySet_NextEntry(s: Obj, position: *mut Ssize, key: *mut Obj, hash: *mut Ssize) -> c_int {
        if !is_set(s, "_PySet_NextEntry") { return -1 }
        let Some((k, h)) = guest().set_next(s, &mut *position) else { return 0 };
        *key = k;
        *hash = h;
        1
    }
    fn _PySet_Update(s: Obj, items: Obj) -> c_int {
        if !is_set(s, "_PySet_Update") { return -1 }
        unit(guest().call_method(s, "update", &[items]))
    }
    fn PySet_Contains(s: Obj, item: Obj) -> c_int { if is_set(s, "PySet_Contains") { guest().contains(s, item) } else { -1 } }
    fn PySet_Add(s: Obj, item: Obj) -> c_int { guest().set_add(s, item) }
    fn PySet_Discard(s: Obj, item: Obj) -> c_int {
        let there = guest().contains(s, item);
        if there == 1 && unit(guest().call_method(s, "discard", &[item])) < 0 { return -1 }
        there
    }
    fn PySet_Pop(s: Obj) -> Obj { guest().call_method(s, "pop", &[]) }
    fn PySet_Clear(s: Obj) -> c_int { unit(guest().call_method(s, "clear", &[])) }
}
