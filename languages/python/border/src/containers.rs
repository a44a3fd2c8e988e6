//! Containers that both sides see: lists whose items lie in the array of C, and what dicts and sets tell their twins.
//!
//! Invariants
//! - D4: a list with a twin has its items in the twin's array and nowhere else (`ouro_py_objects::outside`). An item there is
//!   an owned reference, so that it stays valid for C as long as it is in the list.
//! - D5: what C borrows from a dict is the twin of the very object in the dict, ints and floats too: these are linked when they
//!   are lent, and only then. The twin lives as long as the object. What C stored in a dict, the dict's twin keeps for C.
//! - D6: `ma_used`, `ma_version_tag`, `used` and hashes are written at each change, by whomever.

use crate::convert::{self, to_gc, to_raw};
use crate::state::linked;
use ahash::RandomState;
use ouro_cpyext::abi::*;
use ouro_cpyext::{context, data, errors, fresh_dict, list, raw};
use ouro_gc::{Gc, LinkKind};
use ouro_py_objects::layout::*;
use ouro_py_objects::outside::{self, Detached, OutsideList};
use ouro_py_objects::{Access, PyResult, Vm};
use std::collections::HashMap;

/// Lists in the array of C.
pub static LISTS: OutsideList = OutsideList {
    len: list_len,
    get: list_get,
    set: list_set,
    splice: list_splice,
    detach: list_detach,
    attach: list_attach,
};

// SAFETY of the functions below: `raw` is the twin of the list that the table was given to, which lives as long as the list.
fn list_len(raw: i64) -> usize {
    // SAFETY: see above.
    unsafe { raw::list_items(raw as Obj).len() }
}
fn list_get(vm: &'static Vm, raw: i64, i: usize) -> Gc {
    // SAFETY: see above.
    unsafe {
        match raw::list_items(raw as Obj).get(i) {
            Some(&item) if !item.is_null() => match has_identity(item) {
                true => to_gc_linked(vm, item),
                false => to_gc_held(vm, item),
            },
            _ => vm.world().none,
        }
    }
}
/// MemoryError here for the one of C.
pub(crate) fn no_memory(vm: &'static Vm) -> Gc {
    // SAFETY: the exception is that of this thread.
    unsafe { errors::clear() }
    ouro_py_objects::error::memory_error(vm)
}
fn list_set(vm: &'static Vm, raw: i64, i: usize, item: Gc) -> PyResult<()> {
    let new = to_raw(vm, item);
    if new.is_null() {
        return Err(no_memory(vm));
    }
    // SAFETY: see above.
    unsafe {
        match raw::list_items(raw as Obj).get_mut(i) {
            Some(slot) => raw::replace(slot, new),
            None => raw::decref(new),
        }
    }
    Ok(())
}
fn list_splice(vm: &'static Vm, raw: i64, a: usize, b: usize, items: &[Gc]) -> PyResult<()> {
    let new: Vec<Obj> = items.iter().map(|&item| to_raw(vm, item)).collect();
    // SAFETY: see above.
    unsafe {
        if new.iter().all(|o| !o.is_null()) && list::splice(raw as Obj, a, b, &new) {
            return Ok(());
        }
        new.into_iter().for_each(|o| raw::xdecref(o));
    }
    Err(no_memory(vm))
}
fn list_detach(raw: i64) -> Detached {
    // SAFETY: see above.
    Detached(unsafe { list::detach(raw as Obj) })
}
fn list_attach(raw: i64, detached: Detached, order: &[u32]) -> bool {
    // SAFETY: see above, and nobody else has what was detached.
    unsafe { list::attach(raw as Obj, detached.0, order) }
}

/// Moves the items of a list to a new structure that was linked to it, or to an instance above it, and is still empty.
///
/// # Safety
/// `o` is an empty list of the C side.
pub unsafe fn share_list(vm: &'static Vm, l: Gc, o: Obj) {
    // A list may contain itself: the structure is linked already, so that this ends.
    let n = ouro_py_objects::list::len(l);
    if !raw::list_reserve(o, n) {
        return errors::clear();
    }
    for i in 0..n {
        let item = to_raw(vm, ouro_py_objects::list::get(vm, l, i));
        *(*o.cast::<PyListObject>()).ob_item.add(i) = item;
        (*o.cast::<PyVarObject>()).ob_size = i as Ssize + 1;
    }
    outside::move_list(vm, l, &LISTS, o as i64);
}
/// A list of the interpreter whose items are those of a list of C, and that is linked to it.
///
/// # Safety
/// `o` is a list of the C side that is not linked.
pub unsafe fn adopt_list(vm: &'static Vm, o: Obj) -> Gc {
    let l = list_over(vm, o);
    vm.heap.link(l, o.cast(), LinkKind::Twin);
    l
}
/// A list whose items are those of a list of C, which the caller links to it or to an instance above it.
///
/// # Safety
/// As for [`adopt_list`].
pub unsafe fn list_over(vm: &'static Vm, o: Obj) -> Gc {
    let l = ouro_py_objects::list::empty(vm);
    outside::move_list(vm, l, &LISTS, o as i64);
    l
}

/// Numbers whose identity the program can see: ints beyond 64 bits (from 60 bits on) and complex numbers.
unsafe fn has_identity(o: Obj) -> bool {
    let ty = (*o).ob_type;
    ty == data::PyComplex_Type.get()
        || ty == data::PyLong_Type.get() && (*o.cast::<PyVarObject>()).ob_size.unsigned_abs() > 2
}
/// Whether objects of this kind have no links unless a container lends them.
fn is_value(gc: Gc) -> bool {
    gc.is::<WInt>() || gc.is::<WFloat>() || gc.is::<WBigInt>() || gc.is::<WComplex>()
}
/// The object for a reference that a container of C holds: what can be linked is, so that the same object comes next time.
///
/// # Safety
/// `o` is an object of the C side, and its owner keeps it.
pub unsafe fn to_gc_held(vm: &'static Vm, o: Obj) -> Gc {
    // One more reference says that C keeps the object.
    raw::incref(o);
    let gc = to_gc(vm, o);
    (*o).ob_refcnt -= 1;
    gc
}
/// The object for a dict that only C knew: the interpreter takes its entries over. `owned`: it is about to go.
///
/// # Safety
/// `o` is a dict of the exact type without a link.
pub unsafe fn adopt_dict(vm: &'static Vm, o: Obj, owned: bool) -> Gc {
    let gc = ouro_py_objects::dict::new(vm);
    // The keys are different strs, and a few entries find room.
    let set = |key: Obj, k: Gc, v: Gc| {
        let hash = (*key.cast::<PyASCIIObject>()).hash as i64;
        debug_assert_eq!(hash, ouro_py_objects::str::hash(vm, k));
        let set = ouro_py_objects::dict::append_hashed(vm, gc, k, hash, v);
        set.expect("the system has memory for a few entries");
    };
    if owned {
        // Few enough for the native stack, where the collector sees them.
        let mut few = [(Gc::NULL, 0, Gc::NULL); fresh_dict::ROOM];
        let entries = fresh_dict::entries(o);
        for (to, entry) in few.iter_mut().zip(entries.iter()) {
            let key = convert::convert(vm, entry.key, true);
            let hash = (*entry.key.cast::<PyASCIIObject>()).hash as i64;
            debug_assert_eq!(hash, ouro_py_objects::str::hash(vm, key));
            *to = (key, hash, convert::convert(vm, entry.value, true));
        }
        ouro_py_objects::dict::fill_new(vm, gc, &few[..entries.len()]);
        return gc;
    }
    // Linked before the entries cross, since it may be among what they hold.
    let entries = fresh_dict::take_entries(o);
    vm.heap.link(gc, o.cast(), LinkKind::LightTwin);
    for entry in entries.iter() {
        // What C borrowed stays valid as long as the dict holds it.
        let key = to_gc_stored(vm, o, entry.key);
        set(entry.key, key, to_gc_stored(vm, o, entry.value));
    }
    fresh_dict::drop_entries(entries);
    watch(vm, gc, o);
    gc
}
/// The object for an item of a list of C, if the program can see its identity and it has no link of its own.
unsafe fn to_gc_linked(vm: &'static Vm, o: Obj) -> Gc {
    if let Some(gc) = linked(vm, o) {
        return gc;
    }
    let gc = to_gc_held(vm, o);
    if vm.heap.raw_of(gc).is_none() {
        vm.heap.link(gc, o.cast(), LinkKind::LightTwin);
    }
    gc
}
/// The object for a reference of C that is put into the dict `d`: C may go on using it as long as the dict holds it.
///
/// # Safety
/// `d` is a dict of the C side, `o` an object of the C side.
pub unsafe fn to_gc_stored(vm: &'static Vm, d: Obj, o: Obj) -> Gc {
    // What always exists has no link, and small ints have no word for one.
    if (raw::IMMORTAL / 2..raw::BIAS).contains(&(*o).ob_refcnt) {
        return to_gc(vm, o);
    }
    let by_value = type_flags::LONG | type_flags::UNICODE | type_flags::BYTES;
    if !raw::has(o, by_value) && !raw::is_number(o) {
        return to_gc_held(vm, o);
    }
    if let Some(gc) = linked(vm, o) {
        return gc;
    }
    let gc = to_gc(vm, o);
    if linked(vm, o).is_none() {
        keep(vm, d, o);
    }
    gc
}

// ---- values that C stored in a dict and that have no links. Most dicts are made by C, filled and given away: the dict's
// structure holds the values until then, which costs less than links. `ma_keys` leads to them, since C does not.
type Kept = Vec<Obj>;

unsafe fn keep(vm: &'static Vm, d: Obj, o: Obj) {
    let slot = &raw mut (*d.cast::<PyDictObject>()).ma_keys;
    if (*slot).is_null() {
        *slot = Box::into_raw(Box::<Kept>::default()).cast();
    }
    let kept = &mut *(*slot).cast::<Kept>();
    kept.push(raw::incref(o));
    let used = (*d.cast::<PyDictObject>()).ma_used as usize;
    if kept.len() > 4 * used + 64 {
        drop_replaced(vm, d, kept);
    }
}
/// Drops values that are not in the dict any more, and of equal ones those that were stored first.
unsafe fn drop_replaced(vm: &'static Vm, d: Obj, kept: &mut Kept) {
    let content = ouro_py_objects::payload(to_gc(vm, d));
    let mut there: HashMap<(usize, i64), usize, RandomState> = HashMap::default();
    let mut at = 0;
    while let Some((k, v)) = ouro_py_objects::dict::next(content, &mut at) {
        for gc in [k, v] {
            if let Some(value) = value_of(vm, gc) {
                *there.entry(value).or_default() += 2;
            }
        }
    }
    let mut gone = Vec::new();
    // Key and value that are being stored are not there yet.
    for slot in kept.iter_mut().rev().skip(2) {
        let value = value_of(vm, to_gc(vm, *slot));
        match value.and_then(|v| there.get_mut(&v)).filter(|n| **n > 0) {
            Some(n) => *n -= 1,
            None => gone.push(std::mem::replace(slot, std::ptr::null_mut())),
        }
    }
    kept.retain(|o| !o.is_null());
    gone.into_iter().for_each(|o| raw::decref(o));
}
/// What makes two values of [`Kept`] the same for a dict: kind, and number or hash.
fn value_of(vm: &'static Vm, gc: Gc) -> Option<(usize, i64)> {
    Some(if gc.is::<WInt>() {
        (0, gc.get(WInt::VALUE))
    } else if gc.is::<WFloat>() {
        (1, gc.get(WFloat::VALUE).to_bits() as i64)
    } else if gc.is::<WStr>() {
        (2, ouro_py_objects::str::hash(vm, gc))
    } else if gc.is::<WBytes>() {
        (3, ouro_py_objects::bytes::hash(vm, gc))
    } else if gc.is::<WBigInt>() || gc.is::<WComplex>() {
        (4, ouro_py_objects::operator::hash(vm, gc).unwrap_or(0))
    } else {
        return None;
    })
}
/// C has no way to the dict any more, or the dict is gone: what it stored there is not kept for it.
///
/// # Safety
/// `d` is a dict of the C side.
pub unsafe fn let_go_of_kept(d: Obj) {
    let slot = &raw mut (*d.cast::<PyDictObject>()).ma_keys;
    let kept = std::mem::replace(&mut *slot, std::ptr::null_mut());
    if !kept.is_null() {
        for o in *Box::from_raw(kept.cast::<Kept>()) {
            raw::decref(o);
        }
    }
}
/// Destructor of dicts that C knows how to free.
///
/// # Safety
/// `o` is a dict of the C side that nobody refers to.
pub unsafe extern "C" fn dealloc_dict(o: Obj) {
    if fresh_dict::is_fresh(o) {
        return fresh_dict::dealloc(o);
    }
    let_go_of_kept(o);
    ouro_cpyext::destructors::free_typed(o)
}
/// A borrowed reference to an object that a container of the interpreter holds; valid as long as the object lives.
pub fn lend(vm: &'static Vm, gc: Gc) -> Obj {
    if is_value(gc)
        && let Some(known) = vm.heap.raw_of(gc)
    {
        return known.cast();
    }
    let o = to_raw(vm, gc);
    // SAFETY: `o` is a new reference to an object that is linked, or immortal, or linked now.
    unsafe {
        if !o.is_null() {
            if is_value(gc) && (*o).ob_refcnt < raw::IMMORTAL / 2 {
                vm.heap.link(gc, o.cast(), LinkKind::LightTwin);
            }
            raw::decref(o);
        }
    }
    o
}

/// Writes what C reads of a dict, set or str that is paired with the structure at `twin`.
pub fn contents_changed(_: &'static Vm, gc: Gc, twin: i64) {
    let o = twin as Obj;
    // SAFETY: the structure belongs to the object, or to an instance of a subclass above it.
    unsafe {
        if gc.is::<WDict>() {
            let d: *mut PyDictObject = o.cast();
            (*d).ma_used = ouro_py_objects::dict::len(gc) as Ssize;
            (*d).ma_version_tag = context::context().next_dict_version();
        } else if gc.is::<WStr>() {
            // A hash of 0 is one that nobody has asked for.
            let hash = gc.get(WStr::HASH);
            (*o.cast::<PyASCIIObject>()).hash = if hash == 0 { -1 } else { hash as Ssize };
        } else if gc.is::<WBytes>() {
            let hash = gc.get(WBytes::HASH);
            (*o.cast::<PyBytesObject>()).ob_shash = if hash == 0 { -1 } else { hash as Ssize };
        } else {
            let s: *mut PySetObject = o.cast();
            (*s).used = ouro_py_objects::set::len(gc) as Ssize;
            (*s).fill = (*s).used;
        }
    }
}
/// A dict was asked for a key, so that its hash is known: C finds it in the key, too.
///
/// # Safety
/// `o` is an object of the C side, and `gc` stands for it.
pub unsafe fn note_hash(vm: &'static Vm, o: Obj, gc: Gc) {
    let unknown = gc.is::<WStr>() && (*o.cast::<PyASCIIObject>()).hash == -1
        || gc.is::<WBytes>() && (*o.cast::<PyBytesObject>()).ob_shash == -1;
    if unknown {
        contents_changed(vm, gc, o as i64);
    }
}
/// The new twin of a dict or set tells what is in there, and is told of changes. Sets below instances of subclasses do not
/// tell them: their twins are brought up to date when they cross.
///
/// # Safety
/// `o` is the structure for `content`, or for an instance above it.
pub unsafe fn watch(vm: &'static Vm, content: Gc, o: Obj) {
    contents_changed(vm, content, o as i64);
    if content.is::<WDict>() {
        ouro_py_objects::dict::watch(vm, content, o as i64);
    }
}
/// The structure of an object goes before its object does: what was told to it, or lay in it, is no more.
///
/// # Safety
/// `o` is linked to `gc`.
pub unsafe fn forget(vm: &'static Vm, gc: Gc, o: Obj) {
    let content = ouro_py_objects::payload(gc);
    if content.is::<WDict>() && !ouro_py_objects::dict::has_cells(content) {
        ouro_py_objects::dict::watch(vm, content, 0);
    } else if content.is::<WList>() && outside::raw_items(content) == Some(o as i64) {
        content.set(vm, WList::ITEMS, vm.world().empty_refs);
    }
}
