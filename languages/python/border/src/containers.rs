//! Containers that both sides see: lists whose items lie in the array of C, and what dicts and sets tell their twins.
//!
//! Invariants
//! - D4: a list with a twin has its items in the twin's array and nowhere else (`ouro_py_objects::outside`). An item there is
//!   an owned reference, so that it stays valid for C as long as it is in the list.
//! - D5: what C borrows from a dict is the twin of the very object in the dict, ints and floats too: these are linked when they
//!   are lent or stored, and only then. The twin lives as long as the object.
//! - D6: `ma_used`, `ma_version_tag`, `used` and hashes are written at each change, by whomever.

use crate::convert::{to_gc, to_raw};
use crate::state::linked;
use ouro_cpyext::abi::*;
use ouro_cpyext::{context, data, errors, list, raw};
use ouro_gc::{Gc, LinkKind};
use ouro_py_objects::layout::*;
use ouro_py_objects::outside::{self, Detached, OutsideList};
use ouro_py_objects::{Access, PyResult, Vm};

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
                true => to_gc_stored(vm, item),
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
    let l = ouro_py_objects::list::empty(vm);
    outside::move_list(vm, l, &LISTS, o as i64);
    vm.heap.link(l, o.cast(), LinkKind::Twin);
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
/// The object for a reference of C that is put into a dict: C may go on using it as long as the dict holds it.
///
/// # Safety
/// `o` is an object of the C side.
pub unsafe fn to_gc_stored(vm: &'static Vm, o: Obj) -> Gc {
    // What always exists has no link, and small ints have no word for one.
    if (raw::IMMORTAL / 2..raw::BIAS).contains(&(*o).ob_refcnt) {
        return to_gc(vm, o);
    }
    if let Some(gc) = linked(vm, o) {
        return gc;
    }
    let gc = to_gc_held(vm, o);
    if is_value(gc) && vm.heap.raw_of(gc).is_none() {
        vm.heap.link(gc, o.cast(), LinkKind::LightTwin);
    }
    gc
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
            (*o.cast::<PyASCIIObject>()).hash = gc.get(WStr::HASH) as Ssize;
        } else if gc.is::<WBytes>() {
            (*o.cast::<PyBytesObject>()).ob_shash = gc.get(WBytes::HASH) as Ssize;
        } else {
            let s: *mut PySetObject = o.cast();
            (*s).used = ouro_py_objects::set::len(gc) as Ssize;
            (*s).fill = (*s).used;
        }
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
