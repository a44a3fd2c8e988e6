//! `dictobject.h`: the entries are the interpreter's.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::fresh_dict;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn check(d: Obj, function: &str) -> bool {
        let ok = !d.is_null() && raw::has(d, type_flags::DICT);
        if !ok { errors::bad_call(function) }
        ok
    }
    fn list_of(d: Obj, method: &str) -> Obj {
        if !check(d, "PyDict_Keys") { return NULL }
        let view = guest().call_method(d, method, &[]);
        if view.is_null() { return NULL }
        let r = guest().call(data::PyList_Type.get().cast(), &[view], NULL);
        raw::decref(view);
        r
    }
    fn unit(r: Obj) -> c_int {
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
}
api! {
    fn PyDict_New() -> Obj { fresh_dict::new() }
    fn _PyDict_NewPresized(n: Ssize) -> Obj { let _ = n; fresh_dict::new() }
    fn PyDict_Size(d: Obj) -> Ssize { if !check(d, "PyDict_Size") { -1 } else if fresh_dict::is_fresh(d) { (*d.cast::<PyDictObject>()).ma_used } else { guest().len(d) } }
    fn PyDict_GetItemWithError(d: Obj, key: Obj) -> Obj {
        if !check(d, "PyDict_GetItemWithError") { return NULL }
        fresh_dict::get(d, key).unwrap_or_else(|| guest().dict_get(d, key))
    }
    fn _PyDict_GetItem_KnownHash(d: Obj, key: Obj, hash: Ssize) -> Obj { let _ = hash; PyDict_GetItemWithError(d, key) }
    fn _PyDict_GetItemStringWithError(d: Obj, key: *const c_char) -> Obj {
        let k = super::name_of_c(key);
        let r = PyDict_GetItemWithError(d, k);
        raw::decref(k);
        r
    }
    fn PyDict_GetItem(d: Obj, key: Obj) -> Obj {
        if d.is_null() || !raw::has(d, type_flags::DICT) { return NULL }
        if let Some(found) = fresh_dict::get(d, key) { return found }
        // Errors are dropped, the one that was set stays.
        let saved = errors::fetch();
        let r = guest().dict_get(d, key);
        errors::clear();
        errors::restore(saved.0, saved.1, saved.2);
        r
    }
    fn PyDict_GetItemString(d: Obj, key: *const c_char) -> Obj {
        let k = super::name_of_c(key);
        let r = PyDict_GetItem(d, k);
        raw::decref(k);
        r
    }
    fn PyDict_SetItem(d: Obj, key: Obj, value: Obj) -> c_int {
        if !check(d, "PyDict_SetItem") { return -1 }
        if fresh_dict::set(d, key, value) { return 0 }
        guest().dict_set(d, key, value)
    }
    fn _PyDict_SetItem_KnownHash(d: Obj, key: Obj, value: Obj, hash: Ssize) -> c_int { let _ = hash; PyDict_SetItem(d, key, value) }
    fn PyDict_SetItemString(d: Obj, key: *const c_char, value: Obj) -> c_int {
        let k = super::name_of_c(key);
        let r = PyDict_SetItem(d, k, value);
        raw::decref(k);
        r
    }
    fn PyDict_DelItem(d: Obj, key: Obj) -> c_int {
        if !check(d, "PyDict_DelItem") { return -1 }
        guest().dict_set(d, key, NULL)
    }
    fn PyDict_DelItemString(d: Obj, key: *const c_char) -> c_int {
        let k = super::name_of_c(key);
        let r = PyDict_DelItem(d, k);
        raw::decref(k);
        r
    }
    fn PyDict_Contains(d: Obj, key: Obj) -> c_int {
        match fresh_dict::get(d, key) {
            Some(found) => !found.is_null() as c_int,
            None => guest().contains(d, key),
        }
    }
    fn PyDict_Next(d: Obj, position: *mut Ssize, key: *mut Obj, value: *mut Obj) -> c_int {
        if d.is_null() || !raw::has(d, type_flags::DICT) { return 0 }
        let next = match fresh_dict::is_fresh(d) {
            true => fresh_dict::entries(d).get(*position as usize).map(|e| {
                *position += 1;
                (e.key, e.value)
            }),
            false => guest().dict_next(d, &mut *position),
        };
        let Some((k, v)) = next else { return 0 };
        if !key.is_null() { *key = k }
        if !value.is_null() { *value = v }
        1
    }
    fn PyDict_Clear(d: Obj) { unit(guest().call_method(d, "clear", &[])); }
    fn PyDict_Copy(d: Obj) -> Obj { if check(d, "PyDict_Copy") { guest().call_method(d, "copy", &[]) } else { NULL } }
    fn PyDict_Keys(d: Obj) -> Obj { list_of(d, "keys") }
    fn PyDict_Values(d: Obj) -> Obj { list_of(d, "values") }
    fn PyDict_Items(d: Obj) -> Obj { list_of(d, "items") }
    fn PyDict_Update(d: Obj, other: Obj) -> c_int { unit(guest().call_method(d, "update", &[other])) }
    fn PyDict_Merge(d: Obj, other: Obj, over: c_int) -> c_int {
        if over != 0 { return PyDict_Update(d, other) }
        let mut position = 0;
        while let Some((k, v)) = guest().dict_next(other, &mut position) {
            match guest().contains(d, k) { -1 => return -1, 0 => if guest().dict_set(d, k, v) < 0 { return -1 }, _ => {} }
        }
        0
    }
    fn PyDict_SetDefault(d: Obj, key: Obj, default: Obj) -> Obj {
        let found = guest().dict_get(d, key);
        if !found.is_null() || errors::occurred() { return found }
        if guest().dict_set(d, key, default) < 0 { return NULL }
        guest().dict_get(d, key)
    }
    fn _PyDict_Pop(d: Obj, key: Obj, default: Obj) -> Obj {
        match default.is_null() {
            true => guest().call_method(d, "pop", &[key]),
            false => guest().call_method(d, "pop", &[key, default]),
        }
    }
    fn PyDictProxy_New(d: Obj) -> Obj { guest().call(data::PyDictProxy_Type.get().cast(), &[d], NULL) }
}
api! {
    fn _PyDict_Contains_KnownHash(d: Obj, key: Obj, hash: Ssize) -> c_int {
        let _ = hash;
        PyDict_Contains(d, key)
    }
    fn PyDict_MergeFromSeq2(d: Obj, pairs: Obj, replace: c_int) -> c_int {
        let new = guest().call(data::PyDict_Type.get().cast(), &[pairs], std::ptr::null_mut());
        if new.is_null() { return -1 }
        let r = PyDict_Merge(d, new, replace);
        raw::decref(new);
        r
    }
}
