//! Dicts that the trace itself makes: small ones with known keys; and what a missing key raises.

use crate::exceptions::thread;
use crate::prelude::*;
use ouro_py_objects::{str, table};

/// A dict with more entries is made by a call.
const MOST: usize = 8;

/// A new dict of different strs that the recording knows, and their values. None: a call has to make it.
///
/// Where the entries of a table lie depends on its keys only, so the trace has all of it as constants but the values, and a
/// dict that does not escape is not made at all.
pub fn of_names<M: PyMachine>(
    p: &Probe<M>,
    names: &[Name],
    value: impl Fn(usize) -> M::Ref,
) -> Option<M::Ref> {
    if !M::RECORDS || names.len() > MOST {
        return None;
    }
    if names.is_empty() {
        return Some(p.new_object::<WDict>().any());
    }
    let vm = p.vm();
    let (words, room) = table::plan_new(names.iter().map(|&name| str::hash(vm, name)));
    let number = |n: usize| p.const_int(n as i64);
    let mut index = p.new_array(WIntArray::ITEMS, number(words.len()));
    for (n, &word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
        index = index.with(number(n), p.const_int(word));
    }
    let mut entries = p.new_array(WRefArray::ITEMS, number(2 * room));
    for (n, &name) in names.iter().enumerate() {
        entries = entries
            .with(number(2 * n), p.konst(name))
            .with(number(2 * n + 1), value(n));
    }
    let count = number(names.len());
    Some(
        p.new_object::<WDict>()
            .with(WDict::USED, count)
            .with(WDict::FILL, count)
            .with(WDict::INDEX, index.any())
            .with(WDict::ENTRIES, entries.any())
            .with(WDict::KEYS, p.const_int(1))
            .any(),
    )
}
/// The keys of a display if the recording knows them: different strs in every other register from `first` on.
pub fn known_keys<M: PyMachine>(p: &Probe<M>, first: u32, count: u32) -> Option<Vec<Name>> {
    let mut keys: Vec<Name> = Vec::new();
    for n in 0..count {
        let key = p.literal(p.reg(first + 2 * n))?;
        if !key.is::<WStr>() || keys.iter().any(|&k| str::same(k, key)) {
            return None;
        }
        keys.push(key);
    }
    Some(keys)
}

/// The KeyError of a key that is not there, so that a handler in the same trace sees a new exception. None: an exception is
/// being handled, which would become the context of the new one; that is for the call.
pub fn missing<M: PyMachine>(p: &Probe<M>, key: M::Ref) -> Option<M::Ref> {
    let handled = p.get(thread(**p), WThread::HANDLED);
    if p.type_id(handled) != WNone::TYPE_ID {
        return None;
    }
    let args = p.new_array(WTuple::ITEMS, p.const_int(1));
    let e = p
        .new_object::<WException>()
        .with(WException::CLASS, p.host(p.vm().world().classes.key_error))
        .with(WException::ARGS, args.with(p.const_int(0), key).any());
    Some(e.any())
}
