//! Stable sorting of lists: unboxed and str fast paths, otherwise a merge sort whose comparisons run guest code.

use crate::access::Access;
use crate::layout::*;
use crate::special::CmpOp;
use crate::{Errors, PyResult, Temps, Vm, list};
use ouro_gc::Gc;
use std::cmp::Ordering;

/// The method `list.sort`.
///
/// # Errors
/// As [`sort`], and for wrong arguments.
pub fn list_sort(vm: &'static Vm, args: &[Gc], kw: &crate::Kw) -> PyResult {
    let [l, key, reverse] = crate::call::parse(vm, "sort", args, kw, ["", "key", "reverse"], 1, 1)?;
    let reverse = !reverse.is_null() && crate::operator::truth(vm, reverse)?;
    sort(vm, crate::payload(l), key, reverse)?;
    Ok(vm.world().none)
}
/// `list.sort(key=key, reverse=reverse)`; `key` NULL or None for the items themselves.
///
/// # Errors
/// What comparing raises (the list then holds its items in some order); ValueError if the list was changed meanwhile.
pub fn sort(vm: &'static Vm, l: Gc, key: Gc, reverse: bool) -> PyResult<()> {
    if key.is_null() || key == vm.world().none {
        let array = l.get(WList::ITEMS);
        let n = list::len(l);
        match list::strategy(l) {
            list::Strategy::Ints => {
                let items = &mut array.items_mut(&INTS)[..n];
                if reverse {
                    items.sort_by(|a, b| b.cmp(a))
                } else {
                    items.sort()
                }
                return Ok(());
            }
            list::Strategy::Floats
                if list::floats(l).is_some_and(|f| f.iter().all(|v| !v.is_nan())) =>
            {
                let order = |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(Ordering::Equal);
                let items = &mut array.items_mut(&FLOATS)[..n];
                if reverse {
                    items.sort_by(|a, b| order(b, a))
                } else {
                    items.sort_by(order)
                }
                return Ok(());
            }
            _ => {}
        }
        if list::refs(l).is_some_and(|r| r.iter().all(|i| i.is::<WStr>())) {
            let items = &mut array.refs_mut(vm)[..n];
            let order = |a: &Gc, b: &Gc| crate::str::bytes(*a).cmp(crate::str::bytes(*b));
            if reverse {
                items.sort_by(|a, b| order(b, a))
            } else {
                items.sort_by(order)
            }
            return Ok(());
        }
    }
    let values = list::to_temps(vm, l)?;
    // The list is empty while guest code runs, so that changes are noticed.
    list::truncate(vm, l, 0);
    let mut keys = Temps::nulls(vm, values.len());
    let outcome = with_keys(vm, &values, key, reverse, &mut keys);
    let changed = list::len(l) != 0;
    let order = outcome.as_ref().ok();
    let mut sorted = Temps::new(vm);
    match order {
        Some(order) => order.iter().for_each(|&i| sorted.push(values[i as usize])),
        None => sorted.extend(&values),
    }
    let n = list::len(l);
    list::splice(vm, l, 0, n, &sorted)?;
    outcome?;
    if changed {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(())
}
fn with_keys(
    vm: &'static Vm,
    values: &[Gc],
    key: Gc,
    reverse: bool,
    keys: &mut Temps,
) -> PyResult<Vec<u32>> {
    for (i, &v) in values.iter().enumerate() {
        keys[i] = match key.is_null() || key == vm.world().none {
            true => v,
            false => crate::call::call_args(vm, key, &[v])?,
        };
    }
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    if reverse {
        order.reverse();
    }
    let keys: &[Gc] = keys;
    if keys.iter().all(|k| k.is::<WInt>()) {
        order.sort_by_key(|&i| keys[i as usize].get(WInt::VALUE));
    } else if keys.iter().all(|k| k.is::<WStr>()) {
        order.sort_by(|&a, &b| {
            crate::str::bytes(keys[a as usize]).cmp(crate::str::bytes(keys[b as usize]))
        });
    } else if keys
        .iter()
        .all(|k| k.is::<WFloat>() && !k.get(WFloat::VALUE).is_nan())
    {
        let value = |i: u32| keys[i as usize].get(WFloat::VALUE);
        order.sort_by(|&a, &b| value(a).partial_cmp(&value(b)).unwrap_or(Ordering::Equal));
    } else {
        merge_sort(vm, &mut order, &mut |a, b| {
            crate::operator::compare_bool(vm, CmpOp::Lt, keys[a as usize], keys[b as usize])
        })?;
    }
    // With `reverse`, the order was reversed before and is again afterwards: equal items keep their order.
    if reverse {
        order.reverse();
    }
    Ok(order)
}
/// A natural merge sort: runs that are there already are kept; equal items keep their order.
fn merge_sort(
    vm: &'static Vm,
    items: &mut [u32],
    less: &mut impl FnMut(u32, u32) -> PyResult<bool>,
) -> PyResult<()> {
    let _ = vm;
    const SHORT: usize = 24;
    let n = items.len();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    while start < n {
        let mut end = start + 1;
        if end < n {
            if less(items[end], items[start])? {
                while end < n && less(items[end], items[end - 1])? {
                    end += 1;
                }
                items[start..end].reverse();
            } else {
                while end < n && !less(items[end], items[end - 1])? {
                    end += 1;
                }
            }
        }
        // Short runs grow by binary insertion.
        while end < n && end - start < SHORT {
            let pivot = items[end];
            let (mut low, mut high) = (start, end);
            while low < high {
                let middle = (low + high) / 2;
                if less(pivot, items[middle])? {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            items[low..=end].rotate_right(1);
            end += 1;
        }
        runs.push((start, end));
        start = end;
    }
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len() / 2 + 1);
        for pair in runs.chunks(2) {
            if let [(a, m), (_, b)] = *pair {
                merge(&mut items[a..b], m - a, less)?;
                merged.push((a, b));
            } else {
                merged.push(pair[0]);
            }
        }
        runs = merged;
    }
    Ok(())
}
fn merge(
    items: &mut [u32],
    middle: usize,
    less: &mut impl FnMut(u32, u32) -> PyResult<bool>,
) -> PyResult<()> {
    if !less(items[middle], items[middle - 1])? {
        return Ok(());
    }
    let left = items[..middle].to_vec();
    let (mut i, mut j, mut at) = (0, middle, 0);
    while i < left.len() && j < items.len() {
        if less(items[j], left[i])? {
            items[at] = items[j];
            j += 1;
        } else {
            items[at] = left[i];
            i += 1;
        }
        at += 1;
    }
    let rest = left.len() - i;
    items[at..at + rest].copy_from_slice(&left[i..]);
    Ok(())
}
