//! Looking up keys without guest code.
//!
//! Hashing or comparing a *plain* key runs no guest code: strs, bytes objects, numbers of one class, tuples of strs and numbers, classes without a
//! metaclass of their own, and instances of classes that have `__hash__` and `__eq__` of `object`. A look-up of such a key
//! among such keys writes nothing that anybody can see, cannot raise and is no safepoint, so that a trace keeps what it
//! knows of the heap.

use crate::access::Access;
use crate::layout::*;
use crate::special::Special;
use crate::table::Table;
use crate::{Vm, type_of};
use ouro_gc::{Gc, Object};

/// What [`find`] gives if the key is certainly not there.
pub const ABSENT: i64 = -1;
/// What [`find`] gives if guest code would have to be asked.
pub const UNKNOWN: i64 = -2;

/// Longer tuples are no plain keys.
const MAX_ITEMS: usize = 8;

/// Kinds of plain keys. Keys of two kinds are never equal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Str,
    Bytes,
    Int,
    Tuple,
    /// Equal to itself only.
    Identity,
}

fn kind(vm: &'static Vm, key: Gc) -> Option<Kind> {
    match key.type_id().0 {
        WStr::TYPE_ID => Some(Kind::Str),
        WInt::TYPE_ID => Some(Kind::Int),
        WBytes::TYPE_ID => Some(Kind::Bytes),
        WTuple::TYPE_ID => {
            let items = crate::tuple::items(key);
            let is_plain = |x: &Gc| x.is::<WStr>() || x.is::<WInt>();
            (items.len() <= MAX_ITEMS && items.iter().all(is_plain)).then_some(Kind::Tuple)
        }
        WClass::TYPE_ID if has_plain_meta(vm, key) => Some(Kind::Identity),
        WClass::TYPE_ID | WInst::TYPE_ID => {
            let class = type_of(vm, key);
            let inherited = class.inherits_from_object(vm, Special::Hash)
                && class.inherits_from_object(vm, Special::Eq);
            inherited.then_some(Kind::Identity)
        }
        _ => None,
    }
}
/// Whether a class is of no metaclass of its own.
#[inline(always)]
fn has_plain_meta(vm: &'static Vm, class: Gc) -> bool {
    std::ptr::eq(
        class.get(WClass::CLASS).expect().meta(),
        vm.world().classes.type_,
    )
}
fn hash(vm: &'static Vm, key: Gc, kind: Kind) -> Option<i64> {
    Some(match kind {
        Kind::Str => crate::str::hash(vm, key),
        Kind::Bytes => crate::bytes::hash(vm, key),
        Kind::Int => crate::int::hash_small(key.get(WInt::VALUE)),
        Kind::Tuple => crate::tuple::hash(vm, key).ok()?,
        Kind::Identity => crate::operator::identity_hash(vm, key),
    })
}
/// Whether two plain keys of one kind that are not the same object are equal.
fn equal(a: Gc, b: Gc, kind: Kind) -> bool {
    match kind {
        Kind::Str => crate::str::bytes(a) == crate::str::bytes(b),
        Kind::Bytes => a.items(&BYTES) == b.items(&BYTES),
        Kind::Int => a.get(WInt::VALUE) == b.get(WInt::VALUE),
        Kind::Identity => false,
        Kind::Tuple => {
            let (a, b) = (crate::tuple::items(a), crate::tuple::items(b));
            let same = |(&x, &y): (&Gc, &Gc)| {
                let kind = match x.is::<WStr>() {
                    true => Kind::Str,
                    false => Kind::Int,
                };
                x == y || x.type_id() == y.type_id() && equal(x, y, kind)
            };
            a.len() == b.len() && a.iter().zip(b).all(same)
        }
    }
}
/// The hash of a plain key; None for other keys.
pub fn plain_hash(vm: &'static Vm, key: Gc) -> Option<i64> {
    hash(vm, key, kind(vm, key)?)
}
/// The number of the entry with this key, [`ABSENT`] or [`UNKNOWN`].
pub fn find<T: Table>(vm: &'static Vm, t: Gc, key: Gc) -> i64 {
    if key.is::<WInt>() {
        return find_int::<T>(vm, t, key.get(WInt::VALUE));
    }
    let Some(own) = kind(vm, key) else {
        return UNKNOWN;
    };
    let Some(hash) = hash(vm, key, own) else {
        return UNKNOWN;
    };
    if t.get(T::USED) == 0 {
        return ABSENT;
    }
    let entries = t.get(T::ENTRIES);
    for entry in crate::table::candidates::<T>(t, hash) {
        let other = entries.item(&REFS, entry * T::STRIDE);
        if other == key {
            return entry as i64;
        }
        if other.is_null() {
            continue;
        }
        match kind(vm, other) {
            Some(kind) if kind == own => {
                if equal(other, key, kind) {
                    return entry as i64;
                }
            }
            Some(_) => {}
            None => return UNKNOWN,
        }
    }
    ABSENT
}
/// As [`find`] for the value of an int.
pub fn find_int<T: Table>(vm: &'static Vm, t: Gc, key: i64) -> i64 {
    if crate::table::keys_are_small::<T>(t) {
        let entry = crate::table::find_int::<T>(t, key);
        return entry.map_or(ABSENT, |entry| entry as i64);
    }
    if t.get(T::USED) == 0 {
        return ABSENT;
    }
    let entries = t.get(T::ENTRIES);
    for entry in crate::table::candidates::<T>(t, crate::int::hash_small(key)) {
        let other = entries.item(&REFS, entry * T::STRIDE);
        if other.is_null() {
            continue;
        }
        match kind(vm, other) {
            Some(Kind::Int) => {
                if other.get(WInt::VALUE) == key {
                    return entry as i64;
                }
            }
            Some(_) => {}
            None => return UNKNOWN,
        }
    }
    ABSENT
}
