//! The hash table under dict, set and frozenset: insertion-ordered entries and an open-addressing index.
//!
//! `ENTRIES` is a `WRefArray` with `STRIDE` references per entry (key, and for dicts the value); a removed entry has a NULL
//! key. `INDEX` is a `WIntArray` of a power of two of words and a summary: a word is 0 (free), [`DUMMY`] (removed), or the
//! entry's number plus one below 32 bits of the mixed hash. `FILL` counts entries, removed ones included; `USED` living ones.
//! The summary has in its low half how many words are not 0; above it, whether a key is no small int ([`OTHER_KEYS`]); above
//! that, how many entries at the beginning are known to be removed, so that queues find their first entry at once.
//!
//! The mixed hash of a *small* int, one of 32 bits without sign, is the int itself. As long as all keys are such, a word of
//! the index tells whether a key is the one that is looked for, and neither the entry nor the key is read.
//!
//! Invariants
//! - T1: at least one word of an index is 0, so that probing ends. `FILL` does not show it, since removing the last entries
//!   lowers it and leaves their words as dummies: the summary says how many words are not 0.
//! - T2: comparing keys may run guest code that changes the table; the search then starts again.
//! - T3: each change of a table that is paired with a structure outside the heap ends in [`changed`].
//! - T4: while `KEYS` stays as it is, a plain key has the same entry, or none. Traces look such a key up once.

use crate::access::{Access, alloc_var, try_alloc_var};
use crate::layout::*;
use crate::{PyResult, Vm};
use ouro_gc::{Field, Gc, Mutable, Object};

const DUMMY: i64 = u32::MAX as i64;
/// In the summary of an index: how many words are not 0.
const TAKEN: i64 = u32::MAX as i64;
/// In the summary of an index: there is, or was, a key that is no small int.
const OTHER_KEYS: i64 = 1 << 32;
/// In the summary of an index, from this bit on: so many entries at the beginning are removed.
const GONE_SHIFT: u32 = 33;
const MIN_INDEX: usize = 8;
/// The same for a table that is made with its entries.
const LEAST_INDEX: usize = 4;

/// A layout that is a hash table.
pub trait Table: Object {
    /// Living entries.
    const USED: Field<Self, i64, Mutable>;
    /// Entries, removed ones included.
    const FILL: Field<Self, i64, Mutable>;
    /// The index, or NULL in a table that was always empty.
    const INDEX: Field<Self, Gc, Mutable>;
    /// The entries, or NULL.
    const ENTRIES: Field<Self, Gc, Mutable>;
    /// Changes when a key is added or removed.
    const KEYS: Field<Self, i64, Mutable>;
    /// References per entry.
    const STRIDE: usize;
}
macro_rules! tables {
    ($($name:ident $stride:literal),*) => { $(impl Table for $name {
        const USED: Field<Self, i64, Mutable> = $name::USED;
        const FILL: Field<Self, i64, Mutable> = $name::FILL;
        const INDEX: Field<Self, Gc, Mutable> = $name::INDEX;
        const ENTRIES: Field<Self, Gc, Mutable> = $name::ENTRIES;
        const KEYS: Field<Self, i64, Mutable> = $name::KEYS;
        const STRIDE: usize = $stride;
    })* };
}
tables!(WDict 2, WSet 1, WFrozenSet 1);

#[inline(always)]
fn mix(hash: i64) -> u32 {
    (hash as u64 ^ (hash as u64 >> 32)) as u32
}
#[inline(always)]
fn word(mixed: u32, entry: usize) -> i64 {
    ((mixed as u64) << 32 | (entry as u64 + 1)) as i64
}

/// The value of a small int.
#[inline(always)]
fn small_int(key: Gc) -> Option<u32> {
    match key.is::<WInt>() {
        true => u32::try_from(key.get(WInt::VALUE)).ok(),
        false => None,
    }
}
/// The last word of an index.
#[inline(always)]
fn summary(words: &[i64]) -> i64 {
    words[words.len() - 1]
}
/// Whether all keys of a table are small ints. So is every key of an empty one.
#[inline(always)]
pub fn keys_are_small<T: Table>(t: Gc) -> bool {
    let index = t.get(T::INDEX);
    index.is_null() || summary(index.items(&INTS)) & OTHER_KEYS == 0
}
/// The entry of an int in a table all of whose keys are small ints.
#[inline(always)]
pub fn find_int<T: Table>(t: Gc, key: i64) -> Option<usize> {
    let index = t.get(T::INDEX);
    let key = u32::try_from(key).ok().filter(|_| !index.is_null())?;
    let words = index.items(&INTS);
    let mask = words.len() - 2;
    let (mut at, mut perturb) = (key as usize & mask, key as usize);
    loop {
        let w = words[at];
        if (w as u64 >> 32) as u32 == key && w != DUMMY {
            // A free word looks like entry -1 of the key 0.
            return (w != 0).then(|| (w as u32 - 1) as usize);
        }
        if w == 0 {
            return None;
        }
        perturb >>= 5;
        at = (at * 5 + perturb + 1) & mask;
    }
}
/// The number of living entries.
#[inline(always)]
pub fn used<T: Table>(t: Gc) -> usize {
    t.get(T::USED) as usize
}
/// The number of entries, removed ones included.
#[inline(always)]
pub fn fill<T: Table>(t: Gc) -> usize {
    t.get(T::FILL) as usize
}
/// The key of an entry; NULL if it was removed.
#[inline(always)]
pub fn key_at<T: Table>(t: Gc, entry: usize) -> Gc {
    t.get(T::ENTRIES).item(&REFS, entry * T::STRIDE)
}
/// The value of an entry of a dict.
#[inline(always)]
pub fn value_at(t: Gc, entry: usize) -> Gc {
    t.get(WDict::ENTRIES).item(&REFS, entry * 2 + 1)
}
/// Replaces the value of an entry of a dict.
#[inline(always)]
pub fn set_value_at(vm: &'static Vm, t: Gc, entry: usize, value: Gc) {
    t.get(WDict::ENTRIES)
        .set_item(vm, &REFS, entry * 2 + 1, value);
    changed::<WDict>(vm, t);
}
/// Tells the structure outside the heap that the table is paired with of a change, if there is one; whether there is.
#[inline(always)]
pub fn changed<T: Table>(vm: &'static Vm, t: Gc) -> bool {
    let plain_dict = T::TYPE_ID == WDict::TYPE_ID && t.get(WDict::FLAGS) & dict_flags::CELLS == 0;
    let twin = match plain_dict {
        true => t.get(WDict::TWIN),
        false => vm.heap.raw_of(t).map_or(0, |raw| raw as i64),
    };
    if twin != 0 {
        tell(vm, t, twin);
    }
    twin != 0
}
/// As [`changed`], of any object: what its structure shows of it, such as its hash, is new.
pub(crate) fn tell_twin(vm: &'static Vm, object: Gc) {
    if let Some(raw) = vm.heap.raw_of(object) {
        tell(vm, object, raw as i64);
    }
}
#[cold]
fn tell(vm: &'static Vm, t: Gc, twin: i64) {
    if let Some(told) = vm.world().callouts.contents_changed.get() {
        told(vm, t, twin);
    }
}

enum Probe {
    Found(usize),
    Absent,
    Changed,
}

/// The entry of a key.
///
/// # Errors
/// What `__eq__` raises.
#[inline]
pub fn find<T: Table>(vm: &'static Vm, t: Gc, key: Gc, hash: i64) -> PyResult<Option<usize>> {
    loop {
        // Asked each time: a comparison may have removed everything, and the index with it.
        if t.get(T::USED) == 0 {
            return Ok(None);
        }
        if key.is::<WInt>() && keys_are_small::<T>(t) {
            return Ok(find_int::<T>(t, key.get(WInt::VALUE)));
        }
        match probe::<T>(vm, t, key, hash)? {
            Probe::Found(entry) => return Ok(Some(entry)),
            Probe::Absent => return Ok(None),
            Probe::Changed => {}
        }
    }
}
#[inline]
fn probe<T: Table>(vm: &'static Vm, t: Gc, key: Gc, hash: i64) -> PyResult<Probe> {
    let (index, entries, keys) = (t.get(T::INDEX), t.get(T::ENTRIES), t.get(T::KEYS));
    let words = index.items(&INTS);
    let mask = words.len() - 2;
    let mixed = mix(hash);
    let (mut at, mut perturb) = (mixed as usize & mask, mixed as usize);
    let (text, number) = (key.is::<WStr>(), key.is::<WInt>());
    loop {
        let w = words[at];
        if w == 0 {
            return Ok(Probe::Absent);
        }
        if (w as u64 >> 32) as u32 == mixed && w != DUMMY {
            let entry = (w as u32 - 1) as usize;
            let other = entries.item(&REFS, entry * T::STRIDE);
            if other == key {
                return Ok(Probe::Found(entry));
            }
            if text && other.is::<WStr>() {
                if crate::str::bytes(other) == crate::str::bytes(key) {
                    return Ok(Probe::Found(entry));
                }
            } else if number && other.is::<WInt>() {
                if other.get(WInt::VALUE) == key.get(WInt::VALUE) {
                    return Ok(Probe::Found(entry));
                }
            } else if !other.is_null() {
                let same = crate::operator::eq(vm, other, key)?;
                if t.get(T::INDEX) != index
                    || t.get(T::ENTRIES) != entries
                    || t.get(T::KEYS) != keys
                {
                    return Ok(Probe::Changed);
                }
                if same {
                    return Ok(Probe::Found(entry));
                }
            }
        }
        perturb >>= 5;
        at = (at * 5 + perturb + 1) & mask;
    }
}
/// The entries whose keys have a hash like this one, in the order in which they are probed; removed ones among them. The
/// table is not empty.
pub fn candidates<T: Table>(t: Gc, hash: i64) -> impl Iterator<Item = usize> {
    let index = t.get(T::INDEX);
    let mixed = mix(hash);
    let mask = index.items(&INTS).len() - 2;
    let (mut at, mut perturb) = (mixed as usize & mask, mixed as usize);
    std::iter::from_fn(move || {
        let words = index.items(&INTS);
        loop {
            let w = words[at];
            if w == 0 {
                return None;
            }
            perturb >>= 5;
            at = (at * 5 + perturb + 1) & mask;
            if (w as u64 >> 32) as u32 == mixed && w != DUMMY {
                return Some((w as u32 - 1) as usize);
            }
        }
    })
}
fn place(words: &mut [i64], word: i64) {
    let mask = words.len() - 2;
    let mixed = (word as u64 >> 32) as usize;
    let (mut at, mut perturb) = (mixed & mask, mixed);
    while words[at] != 0 && words[at] != DUMMY {
        perturb >>= 5;
        at = (at * 5 + perturb + 1) & mask;
    }
    words[mask + 1] += i64::from(words[at] == 0);
    words[at] = word;
}
/// Notes in the summary of an index of what kind a new key is.
#[inline(always)]
fn note_key(words: &mut [i64], key: Gc) {
    if small_int(key).is_none() {
        let last = words.len() - 1;
        words[last] |= OTHER_KEYS;
    }
}
/// How many entries at the beginning are removed, as far as is known.
#[inline(always)]
fn gone<T: Table>(t: Gc) -> usize {
    match t.get(T::INDEX) {
        index if index.is_null() => 0,
        index => (summary(index.items(&INTS)) as u64 >> GONE_SHIFT) as usize,
    }
}
/// The first living entry was removed, and the table is not empty.
fn note_first_gone<T: Table>(t: Gc) {
    let first = (gone::<T>(t)..fill::<T>(t)).find(|&e| !key_at::<T>(t, e).is_null());
    let words = t.get(T::INDEX).items_mut(&INTS);
    let last = words.len() - 1;
    let known = words[last] & (TAKEN | OTHER_KEYS);
    words[last] = known | (first.expect("an entry lives") as i64) << GONE_SHIFT;
}
/// Where the index names this entry.
fn slot_of<T: Table>(t: Gc, entry: usize, hash: i64) -> usize {
    let words = t.get(T::INDEX).items(&INTS);
    let mask = words.len() - 2;
    let mixed = mix(hash);
    let (mut at, mut perturb) = (mixed as usize & mask, mixed as usize);
    while words[at] != word(mixed, entry) {
        assert!(words[at] != 0, "an entry of a hash table is in its index");
        perturb >>= 5;
        at = (at * 5 + perturb + 1) & mask;
    }
    at
}

/// Makes room for `more` entries and compacts.
///
/// # Errors
/// MemoryError.
pub fn reserve<T: Table>(vm: &'static Vm, t: Gc, more: usize) -> PyResult<()> {
    let used = used::<T>(t);
    let fill = fill::<T>(t);
    let entries = t.get(T::ENTRIES);
    let capacity = if entries.is_null() {
        0
    } else {
        entries.items_len::<WRefArray>() / T::STRIDE
    };
    let taken = if entries.is_null() {
        0
    } else {
        t.get(T::INDEX)
            .items(&INTS)
            .last()
            .map_or(0, |&n| (n & TAKEN) as usize)
    };
    if fill.max(taken) + more <= capacity {
        return Ok(());
    }
    let wanted = (used + more).max(used * 2);
    let mut slots = MIN_INDEX;
    while slots * 2 / 3 < wanted.max(used + 1) {
        slots *= 2;
    }
    let new_index = try_alloc_var::<WIntArray>(vm, slots + 1)?;
    let new_entries = try_alloc_var::<WRefArray>(vm, slots * 2 / 3 * T::STRIDE)?;
    if fill > 0 {
        // The mixed hashes are in the old index: no key is hashed again.
        let mut mixed = vec![0i64; fill];
        let old = t.get(T::INDEX).items(&INTS);
        for &w in &old[..old.len() - 1] {
            if w != 0 && w != DUMMY {
                mixed[(w as u32 - 1) as usize] = w & !(u32::MAX as i64);
            }
        }
        let (from, to) = (entries.items(&REFS), new_entries.items_mut(&REFS));
        let words = new_index.items_mut(&INTS);
        words[slots] = summary(old) & OTHER_KEYS;
        let mut next = 0;
        for (entry, m) in mixed.iter().enumerate() {
            if !from[entry * T::STRIDE].is_null() {
                let range = entry * T::STRIDE..(entry + 1) * T::STRIDE;
                to[next * T::STRIDE..(next + 1) * T::STRIDE].copy_from_slice(&from[range]);
                place(words, m | (next as i64 + 1));
                next += 1;
            }
        }
    }
    t.set(vm, T::INDEX, new_index);
    t.set(vm, T::ENTRIES, new_entries);
    t.set(vm, T::FILL, used as i64);
    t.set(vm, T::KEYS, t.get(T::KEYS) + 1);
    Ok(())
}
/// The words of the index of a table that is made with so many entries, its counter apart.
fn slots_for(entries: usize) -> usize {
    let mut slots = LEAST_INDEX;
    while room_of(slots) < entries {
        slots *= 2;
    }
    slots
}
/// The entries that there is room for beside so many words of an index.
fn room_of(slots: usize) -> usize {
    slots * 2 / 3
}
/// What [`fill_new`] makes of keys with these hashes: the items of the index, and the number of entries that there is room
/// for. For traces, which make small tables of known strs in line.
pub fn plan_new(hashes: impl ExactSizeIterator<Item = i64>) -> (Vec<i64>, usize) {
    let slots = slots_for(hashes.len());
    let mut words = vec![0; slots + 1];
    words[slots] = OTHER_KEYS;
    for (n, hash) in hashes.enumerate() {
        place(&mut words, word(mix(hash), n));
    }
    (words, room_of(slots))
}
/// Fills a table that was always empty with entries of different keys: key, hash, value. Takes no more room than these need,
/// since most dicts that are made at once stay as they are.
pub fn fill_new<T: Table>(vm: &'static Vm, t: Gc, all: &[(Gc, i64, Gc)]) {
    debug_assert!(t.get(T::INDEX).is_null());
    if all.is_empty() {
        return;
    }
    let slots = slots_for(all.len());
    let index = alloc_var::<WIntArray>(vm, slots + 1);
    let entries = alloc_var::<WRefArray>(vm, room_of(slots) * T::STRIDE);
    let (words, to) = (index.items_mut(&INTS), entries.refs_mut(vm));
    for (n, (&(key, hash, value), slot)) in all.iter().zip(to.chunks_mut(T::STRIDE)).enumerate() {
        slot[0] = key;
        if T::STRIDE == 2 {
            slot[1] = value;
        }
        place(words, word(mix(hash), n));
        note_key(words, key);
    }
    t.set(vm, T::INDEX, index);
    t.set(vm, T::ENTRIES, entries);
    t.set(vm, T::FILL, all.len() as i64);
    t.set(vm, T::USED, all.len() as i64);
    t.set(vm, T::KEYS, t.get(T::KEYS) + 1);
    changed::<T>(vm, t);
}
/// Appends an entry whose key is known to be absent.
///
/// # Errors
/// MemoryError.
pub fn append<T: Table>(vm: &'static Vm, t: Gc, key: Gc, hash: i64, value: Gc) -> PyResult<()> {
    reserve::<T>(vm, t, 1)?;
    let entry = fill::<T>(t);
    let entries = t.get(T::ENTRIES);
    entries.set_item(vm, &REFS, entry * T::STRIDE, key);
    if T::STRIDE == 2 {
        entries.set_item(vm, &REFS, entry * 2 + 1, value);
    }
    let words = t.get(T::INDEX).items_mut(&INTS);
    place(words, word(mix(hash), entry));
    note_key(words, key);
    t.set(vm, T::FILL, entry as i64 + 1);
    t.set(vm, T::USED, t.get(T::USED) + 1);
    t.set(vm, T::KEYS, t.get(T::KEYS) + 1);
    changed::<T>(vm, t);
    Ok(())
}
/// Removes a living entry.
pub fn remove<T: Table>(vm: &'static Vm, t: Gc, entry: usize, hash: i64) {
    let slot = slot_of::<T>(t, entry, hash);
    t.get(T::INDEX).set_item(vm, &INTS, slot, DUMMY);
    let entries = t.get(T::ENTRIES);
    for i in 0..T::STRIDE {
        entries.set_item(vm, &REFS, entry * T::STRIDE + i, Gc::NULL);
    }
    t.set(vm, T::USED, t.get(T::USED) - 1);
    t.set(vm, T::KEYS, t.get(T::KEYS) + 1);
    if t.get(T::USED) == 0 {
        return clear::<T>(vm, t);
    } else if entry + 1 == fill::<T>(t) {
        // Popping from the end gives its entries back, so that a stack of keys does not grow.
        let mut fill = entry;
        while fill > 0 && key_at::<T>(t, fill - 1).is_null() {
            fill -= 1;
        }
        t.set(vm, T::FILL, fill as i64);
    }
    if entry == gone::<T>(t) {
        note_first_gone::<T>(t);
    }
    changed::<T>(vm, t);
}
/// Removes all entries.
pub fn clear<T: Table>(vm: &'static Vm, t: Gc) {
    t.set(vm, T::INDEX, Gc::NULL);
    t.set(vm, T::ENTRIES, Gc::NULL);
    t.set(vm, T::USED, 0);
    t.set(vm, T::FILL, 0);
    t.set(vm, T::KEYS, t.get(T::KEYS) + 1);
    changed::<T>(vm, t);
}
/// The first living entry from `from` on.
#[inline]
pub fn next<T: Table>(t: Gc, from: usize) -> Option<usize> {
    (from.max(gone::<T>(t))..fill::<T>(t)).find(|&e| !key_at::<T>(t, e).is_null())
}
/// The last living entry before `before`.
pub fn previous<T: Table>(t: Gc, before: usize) -> Option<usize> {
    (0..before.min(fill::<T>(t)))
        .rev()
        .find(|&e| !key_at::<T>(t, e).is_null())
}
/// Copies all entries of `from` into the empty table `to`. Both have the same stride.
pub fn copy_into<S: Table, T: Table>(vm: &'static Vm, from: Gc, to: Gc) {
    const { assert!(S::STRIDE == T::STRIDE) };
    if used::<S>(from) == 0 {
        return;
    }
    let (index, entries) = (from.get(S::INDEX), from.get(S::ENTRIES));
    let new_index = alloc_var::<WIntArray>(vm, index.items_len::<WIntArray>());
    new_index
        .items_mut(&INTS)
        .copy_from_slice(index.items(&INTS));
    let new_entries = alloc_var::<WRefArray>(vm, entries.items_len::<WRefArray>());
    new_entries
        .refs_mut(vm)
        .copy_from_slice(entries.items(&REFS));
    to.set(vm, T::INDEX, new_index);
    to.set(vm, T::ENTRIES, new_entries);
    to.set(vm, T::USED, from.get(S::USED));
    to.set(vm, T::FILL, from.get(S::FILL));
    to.set(vm, T::KEYS, to.get(T::KEYS) + 1);
    changed::<T>(vm, to);
}
