//! tuple: construction and operations. Methods are in `tuple_methods.rs`.

use crate::access::{Access, alloc_var};
use crate::layout::*;
use crate::{PyResult, Vm};
use ouro_gc::Gc;

/// A tuple of these items.
pub fn new(vm: &'static Vm, items: &[Gc]) -> Gc {
    if items.is_empty() {
        return vm.world().empty_tuple;
    }
    let t = alloc_var::<WTuple>(vm, items.len());
    t.items_mut(&TUPLE).copy_from_slice(items);
    t
}
/// The items. Not to be kept over a safepoint unless the tuple is.
#[inline]
pub fn items<'a>(t: Gc) -> &'a [Gc] {
    t.items(&TUPLE)
}
/// Number of items.
#[inline]
pub fn len(t: Gc) -> usize {
    t.items_len::<WTuple>()
}
/// The exact tuple below an object.
pub fn as_tuple(object: Gc) -> Option<Gc> {
    let object = crate::payload(object);
    object.is::<WTuple>().then_some(object)
}
/// A tuple of the items of an iterable; an exact tuple is returned as it is.
pub fn from_iterable(vm: &'static Vm, iterable: Gc) -> PyResult {
    if iterable.is::<WTuple>() {
        return Ok(iterable);
    }
    if iterable.is::<WList>() {
        return Ok(of_list(vm, iterable));
    }
    let items = crate::list::to_temps(vm, iterable)?;
    Ok(new(vm, &items))
}
/// A tuple of the items of an exact list.
pub fn of_list(vm: &'static Vm, list: Gc) -> Gc {
    if let Some(refs) = crate::list::refs(list) {
        return match refs.len() {
            0 => vm.world().empty_tuple,
            n => {
                let t = alloc_var::<WTuple>(vm, n);
                // An allocation may have moved the list's items: they are looked up again.
                let refs = crate::list::refs(list).expect("the strategy is the same");
                t.items_mut(&TUPLE).copy_from_slice(refs);
                t
            }
        };
    }
    let items = crate::list::to_temps(vm, list).expect("a list has its items");
    new(vm, &items)
}
/// CPython's hash of a tuple (xxHash of the items' hashes).
pub fn hash(vm: &'static Vm, t: Gc) -> PyResult<i64> {
    const P1: u64 = 11400714785074694791;
    const P2: u64 = 14029467366897019727;
    const P5: u64 = 2870177450012600261;
    crate::error::check_native_stack(vm)?;
    let len = len(t);
    let mut acc = P5;
    for i in 0..len {
        let lane = crate::operator::hash(vm, t.item(&TUPLE, i))? as u64;
        acc = acc
            .wrapping_add(lane.wrapping_mul(P2))
            .rotate_left(31)
            .wrapping_mul(P1);
    }
    acc = acc.wrapping_add(len as u64 ^ (P5 ^ 3527539));
    Ok(if acc == u64::MAX {
        1546275796
    } else {
        acc as i64
    })
}
