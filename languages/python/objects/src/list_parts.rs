//! New lists of the items of one: slices, copies, repetitions.

use crate::access::{Access, alloc_var, try_alloc_var};
use crate::layout::*;
use crate::list::{Strategy, empty, len, strategy};
use crate::{PyResult, Vm, outside};
use ouro_gc::Gc;

/// A list of `count` items, each `step` after the other, the first at `start`. All are in the list.
pub fn slice_by(vm: &'static Vm, list: Gc, start: usize, step: i64, count: usize) -> Gc {
    if count == 0 {
        return empty(vm);
    }
    if step == 1 {
        return slice(vm, list, start, start + count);
    }
    if strategy(list) == Strategy::Outside {
        return outside::list_part(vm, list, start, step, count);
    }
    let at = |i: usize| (start as i64 + i as i64 * step) as usize;
    let items = list.get(WList::ITEMS);
    let array = match strategy(list) {
        Strategy::Refs => {
            let (array, from) = (alloc_var::<WRefArray>(vm, count), items.items(&REFS));
            array
                .refs_mut(vm)
                .iter_mut()
                .enumerate()
                .for_each(|(i, to)| *to = from[at(i)]);
            array
        }
        Strategy::Ints => {
            let (array, from) = (alloc_var::<WIntArray>(vm, count), items.items(&INTS));
            array
                .items_mut(&INTS)
                .iter_mut()
                .enumerate()
                .for_each(|(i, to)| *to = from[at(i)]);
            array
        }
        Strategy::Floats => {
            let (array, from) = (alloc_var::<WFloatArray>(vm, count), items.items(&FLOATS));
            array
                .items_mut(&FLOATS)
                .iter_mut()
                .enumerate()
                .for_each(|(i, to)| *to = from[at(i)]);
            array
        }
        Strategy::Outside => unreachable!("handled above"),
    };
    let out = empty(vm);
    out.set(vm, WList::ITEMS, array);
    out.set(vm, WList::LEN, count as i64);
    out
}
/// A list of the items `start..stop`.
pub fn slice(vm: &'static Vm, list: Gc, start: usize, stop: usize) -> Gc {
    if start >= stop {
        return empty(vm);
    }
    if strategy(list) == Strategy::Outside {
        return outside::list_part(vm, list, start, 1, stop - start);
    }
    let out = empty(vm);
    let n = stop - start;
    let array = match strategy(list) {
        Strategy::Refs => {
            let array = alloc_var::<WRefArray>(vm, n);
            array
                .refs_mut(vm)
                .copy_from_slice(&list.get(WList::ITEMS).items(&REFS)[start..stop]);
            array
        }
        Strategy::Ints => {
            let array = alloc_var::<WIntArray>(vm, n);
            array
                .items_mut(&INTS)
                .copy_from_slice(&list.get(WList::ITEMS).items(&INTS)[start..stop]);
            array
        }
        Strategy::Floats => {
            let array = alloc_var::<WFloatArray>(vm, n);
            array
                .items_mut(&FLOATS)
                .copy_from_slice(&list.get(WList::ITEMS).items(&FLOATS)[start..stop]);
            array
        }
        Strategy::Outside => unreachable!("handled above"),
    };
    out.set(vm, WList::ITEMS, array);
    out.set(vm, WList::LEN, n as i64);
    out
}
/// A copy.
pub fn copy(vm: &'static Vm, list: Gc) -> Gc {
    slice(vm, list, 0, len(list))
}
/// The list repeated `times`.
pub fn repeat(vm: &'static Vm, list: Gc, times: i64) -> PyResult {
    let list = match strategy(list) {
        Strategy::Outside if times > 0 => copy(vm, list),
        _ => list,
    };
    let n = len(list);
    let out = empty(vm);
    if times <= 0 || n == 0 {
        return Ok(out);
    }
    let total = n
        .checked_mul(times as usize)
        .filter(|&t| t < isize::MAX as usize / 8);
    let total = total.ok_or_else(|| crate::error::memory_error(vm))?;
    let array = match strategy(list) {
        Strategy::Refs => {
            let array = try_alloc_var::<WRefArray>(vm, total)?;
            let source = &list.get(WList::ITEMS).items(&REFS)[..n];
            array
                .refs_mut(vm)
                .chunks_exact_mut(n)
                .for_each(|c| c.copy_from_slice(source));
            array
        }
        Strategy::Ints => {
            let array = try_alloc_var::<WIntArray>(vm, total)?;
            let source = &list.get(WList::ITEMS).items(&INTS)[..n];
            array
                .items_mut(&INTS)
                .chunks_exact_mut(n)
                .for_each(|c| c.copy_from_slice(source));
            array
        }
        Strategy::Floats => {
            let array = try_alloc_var::<WFloatArray>(vm, total)?;
            let source = &list.get(WList::ITEMS).items(&FLOATS)[..n];
            array
                .items_mut(&FLOATS)
                .chunks_exact_mut(n)
                .for_each(|c| c.copy_from_slice(source));
            array
        }
        Strategy::Outside => unreachable!("handled above"),
    };
    out.set(vm, WList::ITEMS, array);
    out.set(vm, WList::LEN, total as i64);
    Ok(out)
}
