//! Containers whose contents lie outside the heap, where code of another language reads and writes them without asking.
//!
//! A list of this kind has a [`WOutsideItems`] in `ITEMS`, a bytearray a [`WOutsideBytes`] in `STORE`. Whoever made them gave
//! a table of functions along, through which everything here goes: there is no second copy of the contents.
//!
//! Invariants
//! - S2: `LEN` of such a list or bytearray is 0 for ever. So fast paths for arrays of the heap find no item, and whoever finds
//!   no item has to look at the class of the storage before he believes it.
//! - S3: contents once outside stay outside.

use crate::access::{Access, alloc};
use crate::layout::*;
use crate::{PyResult, Temps, Vm};
use ouro_gc::{Gc, Host};

/// Items that were taken out of a list while it is sorted. Whoever implements [`OutsideList`] knows what the words mean.
pub struct Detached(pub [usize; 3]);

/// How to work with the items of a list outside the heap; the first argument of a function is the word in
/// `WOutsideItems::RAW`. Functions that remove items may run foreign destructors, as the last thing they do.
pub struct OutsideList {
    /// Number of items.
    pub len: fn(i64) -> usize,
    /// Item `i`, `None` of the language if there is none.
    pub get: fn(&'static Vm, i64, usize) -> Gc,
    /// Replaces item `i`; nothing happens if there is none.
    pub set: fn(&'static Vm, i64, usize, Gc) -> PyResult<()>,
    /// Replaces items `start..stop`, which are cut to what is there.
    pub splice: fn(&'static Vm, i64, usize, usize, &[Gc]) -> PyResult<()>,
    /// Takes all items out, so that the list is empty.
    pub detach: fn(i64) -> Detached,
    /// Puts items back, item `order[i]` at place `i`. False if the list was not empty and unused meanwhile.
    pub attach: fn(i64, Detached, &[u32]) -> bool,
}
/// The same for the bytes of a bytearray.
pub struct OutsideBytes {
    /// The first byte, and how many there are.
    pub content: fn(i64) -> (*mut u8, usize),
    /// Changes the length; new bytes are 0.
    pub resize: fn(&'static Vm, i64, usize) -> PyResult<()>,
    /// Number of views of the bytes, after it was changed by so many.
    pub count_exports: fn(i64, i64) -> i64,
}

// ---- lists
/// The storage of a list, if it is outside.
#[inline(always)]
fn storage(list: Gc) -> Option<(&'static OutsideList, i64)> {
    let items = list.get(WList::ITEMS);
    items.is::<WOutsideItems>().then(|| {
        (
            items.get(WOutsideItems::TABLE).expect(),
            items.get(WOutsideItems::RAW),
        )
    })
}
/// Whether the items of a list are outside.
#[inline(always)]
pub fn is_outside(list: Gc) -> bool {
    list.get(WList::ITEMS).is::<WOutsideItems>()
}
/// The word that stands for the items of a list outside.
pub fn raw_items(list: Gc) -> Option<i64> {
    storage(list).map(|s| s.1)
}
/// From now on the items of a list are outside; those that it has are forgotten.
pub fn move_list(vm: &'static Vm, list: Gc, table: &'static OutsideList, raw: i64) {
    let items = alloc::<WOutsideItems>(vm)
        .init(WOutsideItems::RAW, raw)
        .init(WOutsideItems::TABLE, Host::new(table));
    list.set(vm, WList::LEN, 0);
    list.set(vm, WList::ITEMS, items);
}
/// The number of items of a list whose `LEN` is 0.
#[cold]
pub(crate) fn list_len(list: Gc) -> usize {
    storage(list).map_or(0, |(table, raw)| (table.len)(raw))
}
fn table_of(list: Gc) -> (&'static OutsideList, i64) {
    storage(list).expect("the items of the list are outside")
}
pub(crate) fn list_get(vm: &'static Vm, list: Gc, i: usize) -> Gc {
    let (table, raw) = table_of(list);
    (table.get)(vm, raw, i)
}
pub(crate) fn list_set(vm: &'static Vm, list: Gc, i: usize, item: Gc) -> PyResult<()> {
    let (table, raw) = table_of(list);
    (table.set)(vm, raw, i, item)
}
pub(crate) fn list_splice(
    vm: &'static Vm,
    list: Gc,
    start: usize,
    stop: usize,
    items: &[Gc],
) -> PyResult<()> {
    let (table, raw) = table_of(list);
    (table.splice)(vm, raw, start, stop, items)
}
/// The items of a list, each `step` after the other, as a list of the heap.
pub(crate) fn list_part(vm: &'static Vm, list: Gc, start: usize, step: i64, count: usize) -> Gc {
    let mut items = Temps::new(vm);
    for i in 0..count as i64 {
        items.push(list_get(vm, list, (start as i64 + i * step) as usize));
    }
    crate::list::new(vm, &items)
}
/// Runs `f` while the list is empty, and puts the items back in the order that `f` left. Whether it was let alone.
pub(crate) fn list_reorder<R>(list: Gc, n: usize, f: impl FnOnce(&mut Vec<u32>) -> R) -> (R, bool) {
    let (table, raw) = table_of(list);
    let detached = (table.detach)(raw);
    let mut order: Vec<u32> = (0..n as u32).collect();
    let result = f(&mut order);
    (result, (table.attach)(raw, detached, &order))
}

// ---- bytearrays
#[inline(always)]
fn bytes_storage(a: Gc) -> Option<(&'static OutsideBytes, i64)> {
    let store = a.get(WByteArray::STORE);
    store.is::<WOutsideBytes>().then(|| {
        (
            store.get(WOutsideBytes::TABLE).expect(),
            store.get(WOutsideBytes::RAW),
        )
    })
}
/// The word that stands for the bytes of a bytearray outside.
pub fn raw_bytes(a: Gc) -> Option<i64> {
    bytes_storage(a).map(|s| s.1)
}
/// From now on the bytes of a bytearray are outside, and so is the count of its views.
pub fn move_bytes(vm: &'static Vm, a: Gc, table: &'static OutsideBytes, raw: i64) {
    let store = alloc::<WOutsideBytes>(vm)
        .init(WOutsideBytes::RAW, raw)
        .init(WOutsideBytes::TABLE, Host::new(table));
    (table.count_exports)(raw, a.get(WByteArray::EXPORTS));
    a.set(vm, WByteArray::EXPORTS, 0);
    a.set(vm, WByteArray::LEN, 0);
    a.set(vm, WByteArray::STORE, store);
}
/// The first byte of a bytearray whose bytes are outside, and how many there are.
#[inline]
pub(crate) fn bytes(a: Gc) -> Option<(*mut u8, usize)> {
    bytes_storage(a).map(|(table, raw)| (table.content)(raw))
}
pub(crate) fn bytes_resize(vm: &'static Vm, a: Gc, len: usize) -> Option<PyResult<()>> {
    bytes_storage(a).map(|(table, raw)| (table.resize)(vm, raw, len))
}
/// Changes the number of views of a bytearray, and returns it.
pub(crate) fn count_exports(vm: &'static Vm, a: Gc, change: i64) -> i64 {
    if let Some((table, raw)) = bytes_storage(a) {
        return (table.count_exports)(raw, change);
    }
    let n = a.get(WByteArray::EXPORTS) + change;
    a.set(vm, WByteArray::EXPORTS, n);
    n
}
