//! set and frozenset: the operations on exact sets. Methods are in `set_methods.rs`.

use crate::access::{Access, alloc};
use crate::layout::*;
use crate::table::{self, Table};
use crate::{Errors, PyResult, Vm};
use ouro_gc::Gc;

/// An empty set.
pub fn new(vm: &'static Vm) -> Gc {
    alloc::<WSet>(vm)
}
/// An empty frozenset, to be filled before anybody sees it.
pub fn new_frozen(vm: &'static Vm) -> Gc {
    alloc::<WFrozenSet>(vm)
}
/// The exact set or frozenset below an object.
pub fn as_set(object: Gc) -> Option<Gc> {
    let object = crate::payload(object);
    (object.is::<WSet>() || object.is::<WFrozenSet>()).then_some(object)
}
macro_rules! either {
    ($set:expr, $f:ident::<T>($($arg:expr),*)) => {
        if $set.is::<WSet>() { $f::<WSet>($($arg),*) } else { $f::<WFrozenSet>($($arg),*) }
    };
}
/// Number of items.
pub fn len(s: Gc) -> usize {
    use table::used;
    either!(s, used::<T>(s))
}
/// Whether the key is there.
pub fn contains(vm: &'static Vm, s: Gc, key: Gc) -> PyResult<bool> {
    let hash = hash_key(vm, key)?;
    contains_hashed(vm, s, key, hash)
}
/// As [`contains`], with the hash.
pub fn contains_hashed(vm: &'static Vm, s: Gc, key: Gc, hash: i64) -> PyResult<bool> {
    use table::find;
    Ok(either!(s, find::<T>(vm, s, key, hash))?.is_some())
}
/// The hash of a key; an unhashable set is looked up as a frozenset, as CPython does.
pub fn hash_key(vm: &'static Vm, key: Gc) -> PyResult<i64> {
    match crate::operator::hash(vm, key) {
        Err(e)
            if crate::payload(key).is::<WSet>()
                && crate::error::is_instance_of(vm, e, vm.world().classes.type_error) =>
        {
            Ok(hash(vm, crate::payload(key))?)
        }
        result => result,
    }
}
fn add_to<T: Table>(vm: &'static Vm, s: Gc, key: Gc, hash: i64) -> PyResult<()> {
    if table::find::<T>(vm, s, key, hash)?.is_none() {
        table::append::<T>(vm, s, key, hash, Gc::NULL)?;
    }
    Ok(())
}
/// Adds a key.
pub fn add(vm: &'static Vm, s: Gc, key: Gc) -> PyResult<()> {
    let hash = crate::operator::hash(vm, key)?;
    either!(s, add_to::<T>(vm, s, key, hash))
}
/// Removes a key; whether it was there.
pub fn discard(vm: &'static Vm, s: Gc, key: Gc) -> PyResult<bool> {
    let hash = hash_key(vm, key)?;
    let Some(entry) = table::find::<WSet>(vm, s, key, hash)? else {
        return Ok(false);
    };
    table::remove::<WSet>(vm, s, entry, hash);
    Ok(true)
}
/// The item at or after entry `*at`; moves `*at` behind it.
pub fn next(s: Gc, at: &mut usize) -> Option<Gc> {
    use table::{key_at, next};
    let entry = either!(s, next::<T>(s, *at))?;
    *at = entry + 1;
    Some(either!(s, key_at::<T>(s, entry)))
}
/// Adds all items of an iterable.
pub fn update(vm: &'static Vm, s: Gc, other: Gc) -> PyResult<()> {
    if other.is::<WSet>() || other.is::<WFrozenSet>() {
        if len(s) == 0 {
            copy_entries(vm, other, s);
            return Ok(());
        }
        if are_small(s, other) {
            return add_small(vm, s, (other, s), false);
        }
        let items = items(vm, other);
        return items.iter().try_for_each(|&k| add(vm, s, k));
    }
    let it = crate::operator::iter(vm, other)?;
    while let Some(key) = crate::operator::next(vm, it)? {
        add(vm, s, key)?;
    }
    Ok(())
}
/// Whether all items of two sets are small ints, which compare without guest code.
pub(crate) fn are_small(a: Gc, b: Gc) -> bool {
    use table::keys_are_small;
    either!(a, keys_are_small::<T>(a)) && either!(b, keys_are_small::<T>(b))
}
/// Adds those items of `from` to `out` that are in `other`, or those that are not. All are small ints, and what is added is
/// not in `out`.
///
/// # Errors
/// MemoryError.
pub(crate) fn add_small(
    vm: &'static Vm,
    out: Gc,
    (from, other): (Gc, Gc),
    common: bool,
) -> PyResult<()> {
    use table::{append, find_int};
    let mut at = 0;
    while let Some(key) = next(from, &mut at) {
        let value = key.get(WInt::VALUE);
        if either!(other, find_int::<T>(other, value)).is_some() == common {
            either!(out, append::<T>(vm, out, key, value, Gc::NULL))?;
        }
    }
    Ok(())
}
fn copy_entries(vm: &'static Vm, from: Gc, to: Gc) {
    match (from.is::<WSet>(), to.is::<WSet>()) {
        (true, true) => table::copy_into::<WSet, WSet>(vm, from, to),
        (true, false) => table::copy_into::<WSet, WFrozenSet>(vm, from, to),
        (false, true) => table::copy_into::<WFrozenSet, WSet>(vm, from, to),
        (false, false) => table::copy_into::<WFrozenSet, WFrozenSet>(vm, from, to),
    }
}
/// All items.
pub fn items(vm: &'static Vm, s: Gc) -> crate::Temps {
    let mut out = crate::Temps::new(vm);
    let mut at = 0;
    while let Some(key) = next(s, &mut at) {
        out.push(key);
    }
    out
}
/// A set or frozenset with the items of an iterable.
pub fn from_iterable(vm: &'static Vm, iterable: Gc, frozen: bool) -> PyResult {
    let s = if frozen { new_frozen(vm) } else { new(vm) };
    update(vm, s, iterable)?;
    Ok(s)
}
/// A copy of the same kind.
pub fn copy(vm: &'static Vm, s: Gc) -> Gc {
    let to = if s.is::<WSet>() {
        new(vm)
    } else {
        new_frozen(vm)
    };
    copy_entries(vm, s, to);
    to
}
/// CPython's hash of a frozenset: independent of the order.
pub fn hash(vm: &'static Vm, s: Gc) -> PyResult<i64> {
    if s.is::<WFrozenSet>() && s.get(WFrozenSet::HASH) != 0 {
        return Ok(s.get(WFrozenSet::HASH));
    }
    let mut hash: u64 = 0;
    for &key in items(vm, s).iter() {
        let h = crate::operator::hash(vm, key)? as u64;
        hash ^= (h ^ 89869747 ^ (h << 16)).wrapping_mul(3644798167);
    }
    hash ^= (len(s) as u64 + 1).wrapping_mul(1927868237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69069).wrapping_add(907133923);
    let hash = if hash == u64::MAX {
        590923713
    } else {
        hash as i64
    };
    if s.is::<WFrozenSet>() {
        s.set(vm, WFrozenSet::HASH, hash);
    }
    Ok(hash)
}
/// Whether every item of `a` is in `b`.
pub fn is_subset(vm: &'static Vm, a: Gc, b: Gc) -> PyResult<bool> {
    if len(a) > len(b) {
        return Ok(false);
    }
    for &key in items(vm, a).iter() {
        if !contains(vm, b, key)? {
            return Ok(false);
        }
    }
    Ok(true)
}
/// The set below `object`, or a new set of its items if it is another iterable.
pub fn coerce(vm: &'static Vm, object: Gc) -> PyResult {
    match as_set(object) {
        Some(s) => Ok(s),
        None => from_iterable(vm, object, false),
    }
}
/// Removes and returns the first item.
pub fn pop(vm: &'static Vm, s: Gc) -> PyResult {
    let Some(entry) = table::next::<WSet>(s, 0) else {
        return Err(vm.key_error(crate::str::new(vm, "pop from an empty set")));
    };
    let key = table::key_at::<WSet>(s, entry);
    let hash = crate::operator::hash(vm, key)?;
    table::remove::<WSet>(vm, s, entry, hash);
    Ok(key)
}
