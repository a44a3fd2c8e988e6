//! Dicts and sets in traces.
//!
//! A look-up is a call without effects that gives the number of an entry; what lies there is read and written like any item of
//! an array. So facts about the heap outlive it, and the value of a key is forwarded. Where guest code would have to compare
//! keys, the residual function for the whole instruction is called instead.

use crate::prelude::*;
use ouro_machine::Residual;
use ouro_py_objects::plain_keys::ABSENT;

/// What a look-up has found.
pub enum Found<M: Machine> {
    /// The number of the entry.
    Entry(M::Int),
    Absent,
}

/// Looks a key up. None: guest code may have to be asked.
fn find<M: PyMachine>(
    p: &Probe<M>,
    f: &'static Residual,
    table: M::Ref,
    key: M::Ref,
) -> Option<Found<M>> {
    let entry = p.call_int(f, [p.word_ref(table), p.word_ref(key)]);
    if p.guard(p.int_cmp(IntCmp::Ge, entry, p.const_int(0))) {
        return Some(Found::Entry(entry));
    }
    p.guard(p.int_cmp(IntCmp::Eq, entry, p.const_int(ABSENT)))
        .then_some(Found::Absent)
}
/// Looks up in a dict whose values are its entries' own, which those of modules are not.
fn find_in_dict<M: PyMachine>(p: &Probe<M>, d: R<M, WDict>, key: M::Ref) -> Option<Found<M>> {
    let flags = p.get(d, WDict::FLAGS);
    if !p.guard(p.int_cmp(IntCmp::Eq, flags, p.const_int(0))) {
        return None;
    }
    find(p, &residuals::DICT_ENTRY, d.raw, key)
}
/// The number of an entry's value among the entries' references.
fn value_index<M: PyMachine>(p: &Probe<M>, entry: M::Int) -> M::Int {
    let first = p.int_op(IntOp::Mul, entry, p.const_int(2));
    p.int_op(IntOp::Add, first, p.const_int(1))
}
/// The value of a key, or that there is none. None: guest code may have to be asked.
pub fn get<M: PyMachine>(p: &Probe<M>, d: R<M, WDict>, key: M::Ref) -> Option<Option<M::Ref>> {
    Some(match find_in_dict(p, d, key)? {
        Found::Entry(entry) => {
            let entries = R::<M, WRefArray>::assume(p.get(d, WDict::ENTRIES));
            Some(p.item(entries, WRefArray::ITEMS, value_index(p, entry)))
        }
        Found::Absent => None,
    })
}
/// `d[key] = v`. The probe comes back if guest code may have to be asked.
pub fn set<M: PyMachine>(
    p: Probe<M>,
    d: R<M, WDict>,
    key: M::Ref,
    v: M::Ref,
) -> Result<Flow<M>, Probe<M>> {
    let Some(found) = find_in_dict(&p, d, key) else {
        return Err(p);
    };
    let twin = p.get(d, WDict::TWIN);
    if !p.guard(p.int_cmp(IntCmp::Eq, twin, p.const_int(0))) {
        return Err(p);
    }
    Ok(match found {
        Found::Entry(entry) => {
            let entries = R::<M, WRefArray>::assume(p.get(d, WDict::ENTRIES));
            let index = value_index(&p, entry);
            p.commit().set_item(entries, WRefArray::ITEMS, index, v);
            Flow::Next
        }
        Found::Absent => {
            let words = [p.word_ref(d.raw), p.word_ref(key), p.word_ref(v)];
            p.commit().call(&residuals::DICT_INSERT, words, Step::Drop)
        }
    })
}
/// Whether a dict, set or frozenset has the key. None: another container, or guest code may have to be asked.
pub fn contains<M: PyMachine>(p: &Probe<M>, table: M::Ref, key: M::Ref) -> Option<bool> {
    let found = match p.type_id(table) {
        WDict::TYPE_ID => find(p, &residuals::DICT_ENTRY, table, key)?,
        WSet::TYPE_ID => find(p, &residuals::SET_ENTRY, table, key)?,
        WFrozenSet::TYPE_ID => find(p, &residuals::FROZEN_ENTRY, table, key)?,
        _ => return None,
    };
    Some(matches!(found, Found::Entry(_)))
}
