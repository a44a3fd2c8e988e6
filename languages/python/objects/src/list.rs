//! list: storage strategies and operations. Methods are in `list_methods.rs`, sorting in `sort.rs`.
//!
//! Invariant S1: in an int or float array every item is an exact int of 64 bits or an exact float; an item that does not
//! fit turns the array into references first. Value classes have no identity, so boxing anew is invisible.
//! What lies outside the heap is handed on to [`crate::outside`] at the door of each function.

use crate::access::{Access, alloc, alloc_var, try_alloc_var};
use crate::layout::*;
use crate::outside;
use crate::{Errors, PyResult, Temps, Vm};
use ouro_gc::Gc;

pub use crate::list_parts::{copy, repeat, slice, slice_by};

/// How a list stores its items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// References.
    Refs,
    /// Unboxed ints.
    Ints,
    /// Unboxed floats.
    Floats,
    /// Outside the heap.
    Outside,
}

/// An empty list.
pub fn empty(vm: &'static Vm) -> Gc {
    alloc::<WList>(vm).init(WList::ITEMS, vm.world().empty_refs)
}
/// A list of these items, in the narrowest strategy.
pub fn new(vm: &'static Vm, items: &[Gc]) -> Gc {
    if items.is_empty() {
        return empty(vm);
    }
    let array = if items.iter().all(|i| i.is::<WInt>()) {
        let array = alloc_var::<WIntArray>(vm, items.len());
        array
            .items_mut(&INTS)
            .iter_mut()
            .zip(items)
            .for_each(|(to, i)| *to = i.get(WInt::VALUE));
        array
    } else if items.iter().all(|i| i.is::<WFloat>()) {
        let array = alloc_var::<WFloatArray>(vm, items.len());
        array
            .items_mut(&FLOATS)
            .iter_mut()
            .zip(items)
            .for_each(|(to, i)| *to = i.get(WFloat::VALUE));
        array
    } else {
        let array = alloc_var::<WRefArray>(vm, items.len());
        array.items_mut(&REFS).copy_from_slice(items);
        array
    };
    alloc::<WList>(vm)
        .init(WList::ITEMS, array)
        .init(WList::LEN, items.len() as i64)
}
/// A list of ints.
pub fn from_ints(vm: &'static Vm, items: &[i64]) -> Gc {
    let list = empty(vm);
    let array = alloc_var::<WIntArray>(vm, items.len());
    array.items_mut(&INTS).copy_from_slice(items);
    list.set(vm, WList::ITEMS, array);
    list.set(vm, WList::LEN, items.len() as i64);
    list
}
/// The exact list below an object.
pub fn as_list(object: Gc) -> Option<Gc> {
    let object = crate::payload(object);
    object.is::<WList>().then_some(object)
}
/// Number of items.
#[inline(always)]
pub fn len(list: Gc) -> usize {
    match list.get(WList::LEN) {
        0 => outside::list_len(list),
        n => n as usize,
    }
}
/// The strategy.
#[inline(always)]
pub fn strategy(list: Gc) -> Strategy {
    let array = list.get(WList::ITEMS);
    if array.is::<WRefArray>() {
        Strategy::Refs
    } else if array.is::<WIntArray>() {
        Strategy::Ints
    } else if array.is::<WFloatArray>() {
        Strategy::Floats
    } else {
        Strategy::Outside
    }
}
/// Item `i < len`, boxed.
#[inline]
pub fn get(vm: &'static Vm, list: Gc, i: usize) -> Gc {
    let array = list.get(WList::ITEMS);
    match strategy(list) {
        Strategy::Refs => array.item(&REFS, i),
        Strategy::Ints => crate::int::new(vm, array.item(&INTS, i)),
        Strategy::Floats => crate::float::new(vm, array.item(&FLOATS, i)),
        Strategy::Outside => outside::list_get(vm, list, i),
    }
}
/// The first `len` references, if the strategy is references. Not to be kept over a safepoint.
pub fn refs<'a>(list: Gc) -> Option<&'a [Gc]> {
    let array = list.get(WList::ITEMS);
    array
        .is::<WRefArray>()
        .then(|| &array.items(&REFS)[..len(list)])
}
/// The ints, if the strategy is ints.
pub fn ints<'a>(list: Gc) -> Option<&'a [i64]> {
    let array = list.get(WList::ITEMS);
    array
        .is::<WIntArray>()
        .then(|| &array.items(&INTS)[..len(list)])
}
/// The floats, if the strategy is floats.
pub fn floats<'a>(list: Gc) -> Option<&'a [f64]> {
    let array = list.get(WList::ITEMS);
    array
        .is::<WFloatArray>()
        .then(|| &array.items(&FLOATS)[..len(list)])
}
/// The strategy that can hold the item beside what is there.
fn fits(list: Gc, item: Gc) -> Strategy {
    let wanted = if item.is::<WInt>() {
        Strategy::Ints
    } else if item.is::<WFloat>() {
        Strategy::Floats
    } else {
        Strategy::Refs
    };
    if len(list) == 0 || wanted == strategy(list) {
        wanted
    } else {
        Strategy::Refs
    }
}
/// Gives the list an array of this strategy with room for `capacity` items; keeps the items.
pub fn set_storage(vm: &'static Vm, list: Gc, wanted: Strategy, capacity: usize) -> PyResult<()> {
    let (old, n) = (list.get(WList::ITEMS), len(list));
    let capacity = capacity.max(n);
    let new = match wanted {
        Strategy::Refs => {
            let new = try_alloc_var::<WRefArray>(vm, capacity)?;
            for i in 0..n {
                new.set_item(vm, &REFS, i, get(vm, list, i));
            }
            new
        }
        Strategy::Ints => {
            let new = try_alloc_var::<WIntArray>(vm, capacity)?;
            if n > 0 {
                new.items_mut(&INTS)[..n].copy_from_slice(&old.items(&INTS)[..n]);
            }
            new
        }
        Strategy::Floats => {
            let new = try_alloc_var::<WFloatArray>(vm, capacity)?;
            if n > 0 {
                new.items_mut(&FLOATS)[..n].copy_from_slice(&old.items(&FLOATS)[..n]);
            }
            new
        }
        Strategy::Outside => unreachable!("S3: only `outside` moves items out"),
    };
    list.set(vm, WList::ITEMS, new);
    Ok(())
}
fn capacity(list: Gc) -> usize {
    let array = list.get(WList::ITEMS);
    match strategy(list) {
        Strategy::Refs => array.items_len::<WRefArray>(),
        Strategy::Ints => array.items_len::<WIntArray>(),
        Strategy::Floats => array.items_len::<WFloatArray>(),
        Strategy::Outside => 0,
    }
}
/// Makes room for `more` items of this strategy.
fn reserve(vm: &'static Vm, list: Gc, wanted: Strategy, more: usize) -> PyResult<()> {
    let needed = len(list) + more;
    if wanted == strategy(list) && needed <= capacity(list) {
        return Ok(());
    }
    let grown = if needed > capacity(list) {
        (needed + (needed >> 2) + 6) & !3
    } else {
        capacity(list).max(needed)
    };
    set_storage(vm, list, wanted, grown)
}
#[inline]
fn put(vm: &'static Vm, list: Gc, i: usize, item: Gc) {
    let array = list.get(WList::ITEMS);
    match strategy(list) {
        Strategy::Refs => array.set_item(vm, &REFS, i, item),
        Strategy::Ints => array.set_item(vm, &INTS, i, item.get(WInt::VALUE)),
        Strategy::Floats => array.set_item(vm, &FLOATS, i, item.get(WFloat::VALUE)),
        Strategy::Outside => unreachable!("S2"),
    }
}
/// Replaces item `i < len`.
pub fn set(vm: &'static Vm, list: Gc, i: usize, item: Gc) -> PyResult<()> {
    let n = len(list);
    if strategy(list) == Strategy::Outside {
        return outside::list_set(vm, list, i, item);
    }
    let wanted = if n == 1 {
        strategy(list).max_with(item)
    } else {
        fits(list, item)
    };
    if wanted != strategy(list) {
        set_storage(vm, list, wanted, n)?;
    }
    put(vm, list, i, item);
    Ok(())
}
impl Strategy {
    fn max_with(self, item: Gc) -> Strategy {
        match self {
            Strategy::Ints if item.is::<WInt>() => self,
            Strategy::Floats if item.is::<WFloat>() => self,
            _ => Strategy::Refs,
        }
    }
}
/// Appends an item.
pub fn append(vm: &'static Vm, list: Gc, item: Gc) -> PyResult<()> {
    if strategy(list) == Strategy::Outside {
        let n = len(list);
        return outside::list_splice(vm, list, n, n, &[item]);
    }
    reserve(vm, list, fits(list, item), 1)?;
    let n = len(list);
    put(vm, list, n, item);
    list.set(vm, WList::LEN, n as i64 + 1);
    Ok(())
}
/// Drops all items from `n` on.
pub fn truncate(vm: &'static Vm, list: Gc, n: usize) {
    let old = len(list);
    if n >= old {
        return;
    }
    if strategy(list) == Strategy::Outside {
        outside::list_splice(vm, list, n, old, &[]).expect("removing items needs no memory");
        return;
    }
    list.set(vm, WList::LEN, n as i64);
    if n == 0 {
        list.set(vm, WList::ITEMS, vm.world().empty_refs);
    } else if let Strategy::Refs = strategy(list) {
        list.get(WList::ITEMS).refs_mut(vm)[n..old].fill(Gc::NULL);
    }
}
/// Replaces items `start..stop` by `items`.
pub fn splice(vm: &'static Vm, list: Gc, start: usize, stop: usize, items: &[Gc]) -> PyResult<()> {
    let (n, removed) = (len(list), stop - start);
    let current = strategy(list);
    if current == Strategy::Outside {
        return outside::list_splice(vm, list, start, stop, items);
    }
    let kept = n - removed;
    let all = |s: Strategy| items.iter().all(|&i| s.max_with(i) == s);
    let wanted = if kept == 0 && !items.is_empty() {
        [Strategy::Ints, Strategy::Floats]
            .into_iter()
            .find(|&s| all(s))
            .unwrap_or(Strategy::Refs)
    } else if all(current) {
        current
    } else {
        Strategy::Refs
    };
    if kept == 0 {
        list.set(vm, WList::LEN, 0);
        list.set(vm, WList::ITEMS, vm.world().empty_refs);
        reserve(vm, list, wanted, items.len())?;
    } else {
        reserve(vm, list, wanted, items.len().saturating_sub(removed))?;
        let array = list.get(WList::ITEMS);
        let (from, to) = (stop..n, start + items.len());
        match wanted {
            Strategy::Refs => {
                let refs = array.refs_mut(vm);
                refs.copy_within(from, to);
                if kept + items.len() < n {
                    refs[kept + items.len()..n].fill(Gc::NULL);
                }
            }
            Strategy::Ints => array.items_mut(&INTS).copy_within(from, to),
            Strategy::Floats => array.items_mut(&FLOATS).copy_within(from, to),
            Strategy::Outside => unreachable!("S2"),
        }
    }
    let at = if kept == 0 { 0 } else { start };
    items
        .iter()
        .enumerate()
        .for_each(|(i, &item)| put(vm, list, at + i, item));
    list.set(vm, WList::LEN, (kept + items.len()) as i64);
    Ok(())
}
/// Replaces items `start..stop` of a list by those of another list with the same strategy, without boxing anything.
///
/// # Errors
/// None in practice; memory.
pub fn splice_list(
    vm: &'static Vm,
    list: Gc,
    start: usize,
    stop: usize,
    other: Gc,
) -> PyResult<()> {
    let (n, removed, added) = (len(list), stop - start, len(other));
    let current = strategy(list);
    let outside = current == Strategy::Outside;
    if list == other || current != strategy(other) || n == removed || added == 0 || outside {
        let items = to_temps(vm, other)?;
        return splice(vm, list, start, stop, &items);
    }
    reserve(vm, list, current, added.saturating_sub(removed))?;
    let (array, source) = (list.get(WList::ITEMS), other.get(WList::ITEMS));
    let (from, to, end) = (stop..n, start + added, n - removed + added);
    match current {
        Strategy::Refs => {
            let refs = array.refs_mut(vm);
            refs.copy_within(from, to);
            refs[start..to].copy_from_slice(&source.items(&REFS)[..added]);
            if end < n {
                refs[end..n].fill(Gc::NULL);
            }
        }
        Strategy::Ints => {
            let ints = array.items_mut(&INTS);
            ints.copy_within(from, to);
            ints[start..to].copy_from_slice(&source.items(&INTS)[..added]);
        }
        Strategy::Floats => {
            let floats = array.items_mut(&FLOATS);
            floats.copy_within(from, to);
            floats[start..to].copy_from_slice(&source.items(&FLOATS)[..added]);
        }
        Strategy::Outside => unreachable!("handled above"),
    }
    list.set(vm, WList::LEN, end as i64);
    Ok(())
}
/// Removes item `i < len` and returns it.
pub fn remove_at(vm: &'static Vm, list: Gc, i: usize) -> PyResult {
    let item = get(vm, list, i);
    let n = len(list);
    if strategy(list) == Strategy::Outside {
        outside::list_splice(vm, list, i, i + 1, &[])?;
        return Ok(item);
    }
    let array = list.get(WList::ITEMS);
    match strategy(list) {
        Strategy::Refs => {
            let refs = array.refs_mut(vm);
            refs.copy_within(i + 1..n, i);
            refs[n - 1] = Gc::NULL;
        }
        Strategy::Ints => array.items_mut(&INTS).copy_within(i + 1..n, i),
        Strategy::Floats => array.items_mut(&FLOATS).copy_within(i + 1..n, i),
        Strategy::Outside => unreachable!("handled above"),
    }
    list.set(vm, WList::LEN, n as i64 - 1);
    if n - 1 < capacity(list) / 4 && capacity(list) > 64 {
        set_storage(vm, list, strategy(list), n + n / 4)?;
    }
    Ok(item)
}
/// Appends all items of an iterable.
///
/// # Errors
/// TypeError if it is not iterable, what the iterator raises.
pub fn extend(vm: &'static Vm, list: Gc, iterable: Gc) -> PyResult<()> {
    if iterable.is::<WList>() {
        let other = if iterable == list {
            copy(vm, list)
        } else {
            iterable
        };
        return extend_list(vm, list, other);
    }
    if iterable.is::<WTuple>() {
        let n = len(list);
        return splice(vm, list, n, n, crate::tuple::items(iterable));
    }
    if iterable.is::<WRange>() {
        let (mut v, step) = (iterable.get(WRange::START), iterable.get(WRange::STEP));
        let count = iterable.get(WRange::LEN) as usize;
        let outside = strategy(list) == Strategy::Outside;
        if !outside && len(list) == 0 || strategy(list) == Strategy::Ints {
            reserve(vm, list, Strategy::Ints, count)?;
            let n = len(list);
            if count > 0 {
                for to in &mut list.get(WList::ITEMS).items_mut(&INTS)[n..n + count] {
                    *to = v;
                    v = v.wrapping_add(step);
                }
            }
            list.set(vm, WList::LEN, (n + count) as i64);
            return Ok(());
        }
    }
    let it = crate::operator::iter(vm, iterable)?;
    while let Some(item) = crate::operator::next(vm, it)? {
        append(vm, list, item)?;
    }
    Ok(())
}
fn extend_list(vm: &'static Vm, list: Gc, other: Gc) -> PyResult<()> {
    let (n, m) = (len(list), len(other));
    if m == 0 {
        return Ok(());
    }
    if [list, other]
        .iter()
        .any(|&l| strategy(l) == Strategy::Outside)
    {
        let items = to_temps(vm, other)?;
        return splice(vm, list, n, n, &items);
    }
    let wanted = if n == 0 || strategy(list) == strategy(other) {
        strategy(other)
    } else {
        Strategy::Refs
    };
    reserve(vm, list, wanted, m)?;
    let (to, from) = (list.get(WList::ITEMS), other.get(WList::ITEMS));
    match (wanted, strategy(other)) {
        (Strategy::Refs, Strategy::Refs) => {
            to.refs_mut(vm)[n..n + m].copy_from_slice(&from.items(&REFS)[..m])
        }
        (Strategy::Ints, _) => {
            to.items_mut(&INTS)[n..n + m].copy_from_slice(&from.items(&INTS)[..m])
        }
        (Strategy::Floats, _) => {
            to.items_mut(&FLOATS)[n..n + m].copy_from_slice(&from.items(&FLOATS)[..m])
        }
        _ => (0..m).for_each(|i| to.set_item(vm, &REFS, n + i, get(vm, other, i))),
    }
    list.set(vm, WList::LEN, (n + m) as i64);
    Ok(())
}
/// A list of the items of an iterable.
pub fn from_iterable(vm: &'static Vm, iterable: Gc) -> PyResult {
    let list = empty(vm);
    extend(vm, list, iterable)?;
    Ok(list)
}
/// The items of an iterable.
pub fn to_temps(vm: &'static Vm, iterable: Gc) -> PyResult<Temps> {
    if iterable.is::<WTuple>() {
        return Ok(Temps::from_slice(vm, crate::tuple::items(iterable)));
    }
    let list = if iterable.is::<WList>() {
        iterable
    } else {
        from_iterable(vm, iterable)?
    };
    if let Some(refs) = refs(list) {
        return Ok(Temps::from_slice(vm, refs));
    }
    let mut out = Temps::new(vm);
    (0..len(list)).for_each(|i| out.push(get(vm, list, i)));
    Ok(out)
}
/// A subscript as an item number.
///
/// # Errors
/// IndexError with this text.
pub fn item_number(vm: &'static Vm, index: i64, len: usize, text: &str) -> PyResult<usize> {
    let at = if index < 0 { index + len as i64 } else { index };
    if at < 0 || at >= len as i64 {
        return Err(vm.index_error(text));
    }
    Ok(at as usize)
}
