//! Dicts of the C side that the interpreter has not seen: C made them, or they hold the keyword arguments of one call.
//!
//! Most are filled, read and dropped, or returned, before anybody else looks at them. So their entries lie here, as long as
//! the keys are plain strs and few. What else happens to such a dict is asked of the interpreter, which takes the entries
//! over and links the dict when it first sees it.
//!
//! Invariant F1: `ma_values` of a fresh dict is [`FRESH`] and of every other dict NULL. `ma_keys` of a fresh dict is NULL or a
//! block of [`ROOM`] entries, of which the first `ma_used` are references that the dict owns. A fresh dict has no link.

use crate::abi::*;
use crate::context::context;
use crate::{data, raw};
use std::ffi::c_void;

/// Most entries.
const ROOM: usize = 8;
/// What marks a fresh dict.
const FRESH: usize = 1;

/// A key and its value.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Entry {
    /// An exact str.
    pub key: Obj,
    /// What it stands for.
    pub value: Obj,
}

inner! {
    /// An empty dict.
    pub fn new() -> Obj {
        let d = raw::new_object(data::PyDict_Type.get(), size_of::<PyDictObject>());
        if !d.is_null() {
            (*d.cast::<PyDictObject>()).ma_values = FRESH as *mut c_void;
            changed(d);
        }
        d
    }
    fn changed(d: Obj) {
        (*d.cast::<PyDictObject>()).ma_version_tag = context().next_dict_version();
    }
    /// Whether the entries lie here.
    #[inline]
    pub fn is_fresh(d: Obj) -> bool {
        (*d).ob_type == data::PyDict_Type.get() && (*d.cast::<PyDictObject>()).ma_values as usize == FRESH
    }
    /// The entries of a fresh dict.
    #[inline]
    pub fn entries(d: Obj) -> &'static mut [Entry] {
        let d: *mut PyDictObject = d.cast();
        match (*d).ma_keys.is_null() {
            true => &mut [],
            false => std::slice::from_raw_parts_mut((*d).ma_keys.cast(), (*d).ma_used as usize),
        }
    }
    fn is_plain(key: Obj) -> bool {
        (*key).ob_type == data::PyUnicode_Type.get()
    }
    fn same(a: Obj, b: Obj) -> bool {
        if a == b { return true }
        let (n, kind) = (raw::unicode_len(a), raw::unicode_kind(a));
        if n != raw::unicode_len(b) || kind != raw::unicode_kind(b) { return false }
        let bytes = n * kind as usize;
        std::slice::from_raw_parts(raw::unicode_data(a), bytes) == std::slice::from_raw_parts(raw::unicode_data(b), bytes)
    }
    /// The borrowed value of a key, or NULL; None if the interpreter has to say.
    pub fn get(d: Obj, key: Obj) -> Option<Obj> {
        if !is_fresh(d) || !is_plain(key) { return None }
        let found = entries(d).iter().find(|e| same(e.key, key));
        Some(found.map_or(std::ptr::null_mut(), |e| e.value))
    }
    /// As [`get`] for an ASCII text.
    pub fn get_text(d: Obj, key: &[u8]) -> Option<Obj> {
        if !is_fresh(d) || !key.is_ascii() { return None }
        let is = |e: &&mut Entry| raw::unicode_is_ascii(e.key) && raw::unicode_len(e.key) == key.len()
            && std::slice::from_raw_parts(raw::unicode_data(e.key), key.len()) == key;
        Some(entries(d).iter_mut().find(is).map_or(std::ptr::null_mut(), |e| e.value))
    }
    /// Sets an item. False: the interpreter has to do it.
    pub fn set(d: Obj, key: Obj, value: Obj) -> bool {
        if !is_fresh(d) || !is_plain(key) { return false }
        if let Some(known) = entries(d).iter_mut().find(|e| same(e.key, key)) {
            let old = std::mem::replace(&mut known.value, raw::incref(value));
            changed(d);
            raw::decref(old);
            return true;
        }
        let dict: *mut PyDictObject = d.cast();
        let n = (*dict).ma_used as usize;
        if n == ROOM { return false }
        if (*dict).ma_keys.is_null() {
            (*dict).ma_keys = context().memory.alloc(ROOM * size_of::<Entry>()).cast();
            if (*dict).ma_keys.is_null() { return false }
        }
        // C may read the hash of what it has used as a key.
        let text: *mut PyASCIIObject = key.cast();
        if (*text).hash == -1 { (*text).hash = crate::context::guest().hash(key) }
        let entry = Entry { key: raw::incref(key), value: raw::incref(value) };
        (*dict).ma_keys.cast::<Entry>().add(n).write(entry);
        (*dict).ma_used = n as Ssize + 1;
        changed(d);
        true
    }
    /// The entries of a dict that is not fresh any more; they go to [`drop_entries`].
    pub fn take_entries(d: Obj) -> &'static mut [Entry] {
        let taken = entries(d);
        let d: *mut PyDictObject = d.cast();
        (*d).ma_keys = std::ptr::null_mut();
        (*d).ma_values = std::ptr::null_mut();
        taken
    }
    /// Gives up entries that were taken from a dict.
    pub fn drop_entries(taken: &'static mut [Entry]) {
        if taken.is_empty() { return }
        for entry in taken.iter() {
            raw::decref(entry.key);
            raw::decref(entry.value);
        }
        context().memory.free(taken.as_mut_ptr().cast());
    }
}
