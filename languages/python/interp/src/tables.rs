//! Dicts and sets in traces.
//!
//! A look-up is a call without effects that gives the number of an entry; what lies there is read and written like any item of
//! an array. So facts about the heap outlive it, and the value of a key is forwarded. Where guest code would have to compare
//! keys, the residual function for the whole instruction is called instead.

use crate::prelude::*;
use ouro_machine::Residual;
use ouro_py_objects::plain_keys::{self, ABSENT};
use ouro_py_objects::table;

/// What a look-up has found.
pub enum Found<M: Machine> {
    /// The number of the entry.
    Entry(M::Int),
    Absent,
}

/// How keys are looked up in tables of one layout.
struct Finders {
    /// The number of the entry of a key.
    key: &'static Residual,
    /// As `key` for the value of an int, which need not exist as an object.
    int: &'static Residual,
}
static DICT: Finders = Finders {
    key: &residuals::DICT_ENTRY,
    int: &residuals::DICT_ENTRY_OF_INT,
};
static SET: Finders = Finders {
    key: &residuals::SET_ENTRY,
    int: &residuals::SET_ENTRY_OF_INT,
};
static FROZEN: Finders = Finders {
    key: &residuals::FROZEN_ENTRY,
    int: &residuals::FROZEN_ENTRY_OF_INT,
};

/// Looks a key up in a table whose keys are of this version. None: guest code may have to be asked.
///
/// The version is an argument so that the call depends on its arguments only: with no write to the table in between, the same
/// key is looked up once.
fn find<M: PyMachine>(
    p: &Probe<M>,
    by: &'static Finders,
    table: M::Ref,
    version: M::Int,
    key: M::Ref,
) -> Option<Found<M>> {
    let (table, version) = (p.word_ref(table), p.word_int(version));
    let entry = match p.type_id(key) {
        WInt::TYPE_ID => {
            let key = p.get(R::<M, WInt>::assume(key), WInt::VALUE);
            p.call_int(by.int, [table, p.word_int(key), version])
        }
        _ => p.call_int(by.key, [table, p.word_ref(key), version]),
    };
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
    if let Some(entry) = known_entry(p, d, key) {
        return Some(Found::Entry(p.const_int(entry)));
    }
    find(p, &DICT, d.raw, p.get(d, WDict::KEYS), key)
}
/// Entries of dicts that differ are guessed up to this one, of one and the same dict up to the other.
const GUESSED: (i64, i64) = (8, 32);
/// The entry of a key that the recording knows, if it is a key of the dict and its entry among the first: dicts that are made
/// alike have it at the same place, and a table in a module or class stays as it is. The trace looks whether it is there.
fn known_entry<M: PyMachine>(p: &Probe<M>, d: R<M, WDict>, key: M::Ref) -> Option<i64> {
    if !M::RECORDS {
        return None;
    }
    // Ints and floats have no identity.
    let literal = p
        .literal(key)
        .filter(|key| !key.is::<WInt>() && !key.is::<WFloat>())?;
    let most = match p.literal(d.raw) {
        None => GUESSED.0,
        Some(_) => GUESSED.1,
    };
    let table = p.concrete(d.raw);
    let entry = plain_keys::find::<WDict>(p.vm(), table, literal);
    if !(0..most).contains(&entry) || table::key_at::<WDict>(table, entry as usize) != literal {
        return None;
    }
    let entries = p.get(d, WDict::ENTRIES);
    if p.is_null_ref(entries) {
        return None;
    }
    let entries = R::<M, WRefArray>::assume(entries);
    let at = p.const_int(2 * entry);
    if !p.in_bounds(at, p.array_len(entries, WRefArray::ITEMS)) {
        return None;
    }
    let found = p.item(entries, WRefArray::ITEMS, at);
    p.guard(p.same(found, p.konst(literal))).then_some(entry)
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
/// What [`pop`] does.
pub enum Popped<M: PyMachine> {
    /// The entry was removed by a call that gives its value.
    Called(Flow<M>),
    /// The key is not there.
    Absent(Probe<M>),
    /// Guest code may have to be asked.
    Unknown(Probe<M>),
}
/// Removes a key; `after` is the step that gets the value.
pub fn pop<M: PyMachine>(p: Probe<M>, d: R<M, WDict>, key: M::Ref, after: Step) -> Popped<M> {
    let found = find_in_dict(&p, d, key);
    let twin = p.get(d, WDict::TWIN);
    if !p.guard(p.int_cmp(IntCmp::Eq, twin, p.const_int(0))) {
        return Popped::Unknown(p);
    }
    match found {
        None => Popped::Unknown(p),
        Some(Found::Absent) => Popped::Absent(p),
        Some(Found::Entry(entry)) => {
            let words = [p.word_ref(d.raw), p.word_int(entry)];
            Popped::Called(p.commit().call(&residuals::DICT_POP_ENTRY, words, after))
        }
    }
}
/// Whether a dict, set or frozenset has the key. None: another container, or guest code may have to be asked.
pub fn contains<M: PyMachine>(p: &Probe<M>, table: M::Ref, key: M::Ref) -> Option<bool> {
    let found = match p.type_id(table) {
        WDict::TYPE_ID => {
            let version = p.get(R::<M, WDict>::assume(table), WDict::KEYS);
            find(p, &DICT, table, version, key)?
        }
        WSet::TYPE_ID => {
            let version = p.get(R::<M, WSet>::assume(table), WSet::KEYS);
            find(p, &SET, table, version, key)?
        }
        WFrozenSet::TYPE_ID => {
            let version = p.get(R::<M, WFrozenSet>::assume(table), WFrozenSet::KEYS);
            find(p, &FROZEN, table, version, key)?
        }
        _ => return None,
    };
    Some(matches!(found, Found::Entry(_)))
}
