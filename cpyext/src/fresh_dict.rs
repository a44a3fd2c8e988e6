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
use std::ffi::{c_char, c_void};

/// Most entries.
pub const ROOM: usize = 8;
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
        let c = context();
        let o = raw::new_head(c, data::PyDict_Type.get(), size_of::<PyDictObject>());
        if o.is_null() { return o }
        let d: *mut PyDictObject = o.cast();
        (*d).ma_used = 0;
        (*d).ma_version_tag = c.next_dict_version();
        (*d).ma_keys = std::ptr::null_mut();
        (*d).ma_values = FRESH as *mut c_void;
        o
    }
    /// A dict of keyword arguments: the names are different strs whose hashes are known. NULL, with an exception, if there is
    /// no memory.
    pub fn of(names: &[Obj], values: &[Obj]) -> Obj {
        let d = new();
        if d.is_null() || names.is_empty() { return d }
        if names.len() > ROOM {
            for (&name, &value) in names.iter().zip(values) {
                if crate::api::PyDict_SetItem(d, name, value) < 0 {
                    raw::decref(d);
                    return std::ptr::null_mut();
                }
            }
            return d;
        }
        let entries: *mut Entry = context().memory.alloc(ROOM * size_of::<Entry>()).cast();
        if entries.is_null() {
            raw::decref(d);
            crate::errors::no_memory();
            return std::ptr::null_mut();
        }
        for (i, (&name, &value)) in names.iter().zip(values).enumerate() {
            entries.add(i).write(Entry { key: raw::incref(name), value: raw::incref(value) });
        }
        let dict: *mut PyDictObject = d.cast();
        (*dict).ma_keys = entries.cast();
        (*dict).ma_used = names.len() as Ssize;
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
        let (h, i) = ((*a.cast::<PyASCIIObject>()).hash, (*b.cast::<PyASCIIObject>()).hash);
        if h != i && h != -1 && i != -1 { return false }
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
    /// As [`get`] for a text that ends with a zero.
    pub fn get_text(d: Obj, key: *const c_char) -> Option<Obj> {
        if !is_fresh(d) { return None }
        for entry in entries(d).iter() {
            match is_text(entry.key, key.cast()) {
                Some(true) => return Some(entry.value),
                Some(false) => {}
                None => return None,
            }
        }
        Some(std::ptr::null_mut())
    }
    /// Whether a str is a text that ends with a zero. None: not both are ASCII.
    #[inline(always)]
    fn is_text(o: Obj, text: *const u8) -> Option<bool> {
        if !raw::unicode_is_ascii(o) { return None }
        let (characters, n) = (raw::unicode_data(o), raw::unicode_len(o));
        for i in 0..n {
            // An ASCII character is never part of a longer one. A zero in the str is not told from the end here, but there.
            if *characters.add(i) != *text.add(i) { return if *text.add(i) < 0x80 { Some(false) } else { None } }
            if *text.add(i) == 0 { return Some(false) }
        }
        Some(*text.add(n) == 0)
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
        if (*text).hash == -1 {
            (*text).hash = match raw::unicode_is_ascii(key) {
                true => context().guest.text_hash(std::slice::from_raw_parts(raw::unicode_data(key), raw::unicode_len(key))),
                false => context().guest.hash(key),
            }
        }
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
    /// What happens to a fresh dict without references.
    pub fn dealloc(d: Obj) {
        let c = context();
        let dict: *mut PyDictObject = d.cast();
        let first: *mut Entry = (*dict).ma_keys.cast();
        if !first.is_null() {
            // Whoever is told that an item goes finds an empty dict.
            let n = std::mem::take(&mut (*dict).ma_used);
            (*dict).ma_keys = std::ptr::null_mut();
            for i in 0..n as usize {
                let Entry { key, value } = *first.add(i);
                raw::decref(key);
                raw::decref(value);
            }
            c.memory.free(first.cast());
        }
        raw::free(d)
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
