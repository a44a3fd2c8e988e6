//! Arguments on the C side: arrays on the native stack, tuples, dicts of keywords.

use super::direct::Outcome;
use crate::convert::{take_error, to_raw};
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, fresh_dict, raw};
use ouro_gc::Gc;
use ouro_py_objects::builtin::Kw;
use ouro_py_objects::{Name, PyResult, Vm};

const NULL: Obj = std::ptr::null_mut();

/// References for C with room before the first one, as the convention of vectorcall allows C to use.
pub struct Arguments {
    pub all: smallvec_like::Few,
}
/// A short list on the native stack.
mod smallvec_like {
    use super::{NULL, Obj};
    const INLINE: usize = 9;
    pub struct Few {
        inline: [Obj; INLINE],
        more: Vec<Obj>,
        len: usize,
    }
    impl Few {
        pub fn new() -> Few {
            Few {
                inline: [NULL; INLINE],
                more: Vec::new(),
                len: 1,
            }
        }
        pub fn push(&mut self, o: Obj) {
            if self.len < INLINE {
                self.inline[self.len] = o;
            } else {
                if self.more.is_empty() {
                    self.more.extend_from_slice(&self.inline);
                }
                self.more.push(o);
            }
            self.len += 1;
        }
        pub fn slice(&mut self) -> &mut [Obj] {
            match self.more.is_empty() {
                true => &mut self.inline[1..self.len],
                false => &mut self.more[1..],
            }
        }
    }
}
impl Arguments {
    pub fn new(vm: &'static Vm, args: &[Gc]) -> Arguments {
        let mut all = smallvec_like::Few::new();
        args.iter().for_each(|&a| all.push(to_raw(vm, a)));
        Arguments { all }
    }
    pub fn slice(&mut self) -> &mut [Obj] {
        self.all.slice()
    }
}
impl Drop for Arguments {
    fn drop(&mut self) {
        // The originals: C may have used the room before the first one only.
        for &mut o in self.all.slice() {
            // SAFETY: the list owns its references.
            unsafe { raw::xdecref(o) }
        }
    }
}
/// A tuple that nobody else has; its items are given away.
pub unsafe fn tuple_of(vm: &'static Vm, args: &[Gc]) -> Obj {
    let t = raw::tuple_new(args.len());
    for (i, &a) in args.iter().enumerate() {
        raw::tuple_items(t)[i] = to_raw(vm, a);
    }
    t
}
/// Keyword names for direct calls: a tuple of strs that lives as long as the names, which are for ever. There is one for
/// each sequence of names, however many calls in the source have it.
pub fn names_for_ever(vm: &'static Vm, names: &[Name]) -> usize {
    let key: Vec<usize> = names.iter().map(|name| name.address()).collect();
    let known = &crate::state::border().names;
    if let Some(&tuple) = known.borrow().get(&key) {
        return tuple as usize;
    }
    // SAFETY: a new tuple, which nobody else has; its items are strs, since interned names are.
    let tuple = unsafe {
        let tuple = tuple_of(vm, names);
        for &name in raw::tuple_items(tuple).iter() {
            // Whoever looks for it in a dict finds its hash.
            guest_hash(name);
        }
        tuple
    };
    known.borrow_mut().insert(key, tuple);
    tuple as usize
}
unsafe fn guest_hash(name: Obj) {
    let text: *mut PyASCIIObject = name.cast();
    if (*text).hash == -1 {
        (*text).hash = ouro_cpyext::context::guest().hash(name);
    }
}
/// Calls with the arguments without names, and a dict of those with the names in a tuple.
#[inline(always)]
pub unsafe fn with_dict(
    args: &[Obj],
    names: Obj,
    call: impl FnOnce(&[Obj], Obj) -> Outcome,
) -> Outcome {
    let names = raw::tuple_items(names);
    let (plain, named) = args.split_at(args.len() - names.len());
    let dict = fresh_dict::of(names, named);
    if dict.is_null() {
        return Outcome::Reference(NULL);
    }
    let outcome = call(plain, dict);
    raw::decref(dict);
    outcome
}
/// A dict of keyword arguments, or NULL if there are none.
pub unsafe fn dict_of(vm: &'static Vm, kw: &Kw) -> PyResult<Obj> {
    if kw.is_empty() {
        return Ok(NULL);
    }
    let d = fresh_dict::new();
    for (&k, &v) in kw.names.iter().zip(kw.values) {
        let (k, v) = (to_raw(vm, k), to_raw(vm, v));
        let failed = d.is_null() || api::PyDict_SetItem(d, k, v) < 0;
        raw::decref(k);
        raw::decref(v);
        if failed {
            raw::xdecref(d);
            return Err(take_error(vm));
        }
    }
    Ok(d)
}
