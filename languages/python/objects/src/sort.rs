//! Sorting lists: `list.sort` and `sorted`.
//!
//! What moves is a list of item numbers with native copies of simple keys; objects stay where they are, so a collection
//! in the middle of a sort (comparisons may run guest code) sees every item through a registered list.
//!
//! Keys that compare without guest code (ints, floats without NaN, strs, tuples of these in one shape) are sorted by
//! Rust's stable sort. All others go through a merge sort that uses `<` only and stays in bounds whatever the answers are.
//!
//! Invariant S1: while a list is sorted it is empty, and its storage is an array of its own; if it has another one
//! afterwards, guest code has changed it.

use crate::access::{Access, alloc_var};
use crate::layout::*;
use crate::list::{self, Strategy};
use crate::special::CmpOp;
use crate::{Errors, Kw, PyResult, Temps, Vm};
use ouro_gc::Gc;
use std::cmp::Ordering;

/// The method `list.sort(*, key=None, reverse=False)`.
///
/// # Errors
/// As [`sort`], and for wrong arguments.
pub fn list_sort(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    if args.len() > 1 {
        return Err(vm.type_error("sort() takes no positional arguments"));
    }
    let [key, reverse] = crate::call::parse(vm, "sort", &[], kw, ["key", "reverse"], 0, 0)?;
    let reverse = !reverse.is_null() && crate::int::to_i64(vm, reverse)? != 0;
    sort(vm, args[0], key, reverse)?;
    Ok(vm.world().none)
}
/// `sorted(iterable, /, *, key=None, reverse=False)`
///
/// # Errors
/// As [`sort`], and for wrong arguments.
pub fn sorted(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let &[iterable] = args else {
        return Err(vm.type_error(format_args!(
            "sorted expected 1 argument, got {}",
            args.len()
        )));
    };
    let l = list::from_iterable(vm, iterable)?;
    list_sort(vm, &[l], kw)?;
    Ok(l)
}
/// Sorts an exact list in place, stably. `key` is NULL or None for none.
///
/// # Errors
/// What key function and comparisons raise (the list then has its items in some order); ValueError if the list was
/// changed meanwhile.
pub fn sort(vm: &'static Vm, list: Gc, key: Gc, reverse: bool) -> PyResult<()> {
    let key = if key == vm.world().none {
        Gc::NULL
    } else {
        key
    };
    if key.is_null() && sort_unboxed(list, reverse) {
        return Ok(());
    }
    let items = list::to_temps(vm, list)?;
    if list::strategy(list) == Strategy::Outside {
        let (result, let_alone) = crate::outside::list_reorder(list, items.len(), |order| {
            sort_order(vm, &items, key, reverse, order)
        });
        result?;
        return match let_alone {
            true => Ok(()),
            false => Err(vm.value_error("list modified during sort")),
        };
    }
    let (storage, len) = (list.get(WList::ITEMS), list::len(list));
    let sentinel = alloc_var::<WRefArray>(vm, 0);
    list.set(vm, WList::LEN, 0);
    list.set(vm, WList::ITEMS, sentinel);
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    let result = sort_order(vm, &items, key, reverse, &mut order);
    let changed = list.get(WList::ITEMS) != sentinel || list::len(list) != 0;
    list.set(vm, WList::ITEMS, storage);
    list.set(vm, WList::LEN, len as i64);
    let sorted = order.iter().map(|&i| items[i as usize]);
    match list::strategy(list) {
        Strategy::Refs => storage
            .refs_mut(vm)
            .iter_mut()
            .zip(sorted)
            .for_each(|(to, v)| *to = v),
        Strategy::Ints => storage
            .items_mut(&INTS)
            .iter_mut()
            .zip(sorted)
            .for_each(|(to, v)| *to = v.get(WInt::VALUE)),
        Strategy::Floats => {
            storage
                .items_mut(&FLOATS)
                .iter_mut()
                .zip(sorted)
                .for_each(|(to, v)| *to = v.get(WFloat::VALUE));
        }
        Strategy::Outside => unreachable!("handled above"),
    }
    result?;
    if changed {
        Err(vm.value_error("list modified during sort"))
    } else {
        Ok(())
    }
}
/// Lists of unboxed numbers are sorted where they are. False if there is more to do: references, or a NaN.
fn sort_unboxed(list: Gc, reverse: bool) -> bool {
    let (array, len) = (list.get(WList::ITEMS), list::len(list));
    match list::strategy(list) {
        Strategy::Refs => return len < 2,
        Strategy::Outside => return false,
        Strategy::Ints => {
            let items = &mut array.items_mut(&INTS)[..len];
            items.sort_unstable();
            if reverse {
                items.reverse();
            }
        }
        Strategy::Floats => {
            let items = &mut array.items_mut(&FLOATS)[..len];
            if items.iter().any(|f| f.is_nan()) {
                return false;
            }
            // Zeros of both signs are equal and keep their order.
            match reverse {
                true => items.sort_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal)),
                false => items.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal)),
            }
        }
    }
    true
}
/// Brings the item numbers into order; after an error they are all there in some order.
fn sort_order(
    vm: &'static Vm,
    items: &Temps,
    key: Gc,
    reverse: bool,
    order: &mut [u32],
) -> PyResult<()> {
    let mut computed = Temps::new(vm);
    let keys: &[Gc] = match key.is_null() {
        true => items,
        false => {
            for i in 0..items.len() {
                let key = crate::call::call_args(vm, key, &[items[i]])?;
                computed.push(key);
            }
            &computed
        }
    };
    if keys.len() < 2 {
        return Ok(());
    }
    // A stable descending sort is a stable ascending sort of the reversed list, reversed.
    if reverse {
        order.reverse();
    }
    let result = sort_numbers(vm, keys, order);
    if reverse {
        order.reverse();
    }
    result
}
/// Sorts pairs of a native key and a number.
fn by_native<T: Copy>(order: &mut [u32], key: impl Fn(u32) -> T, cmp: impl Fn(&T, &T) -> Ordering) {
    let mut pairs: Vec<(T, u32)> = order.iter().map(|&i| (key(i), i)).collect();
    pairs.sort_by(|a, b| cmp(&a.0, &b.0));
    order.iter_mut().zip(pairs).for_each(|(to, (_, i))| *to = i);
}
fn sort_numbers(vm: &'static Vm, keys: &[Gc], order: &mut [u32]) -> PyResult<()> {
    let key = |i: u32| keys[i as usize];
    if keys.iter().all(|k| k.is::<WInt>()) {
        by_native(order, |i| key(i).get(WInt::VALUE), i64::cmp);
    } else if keys
        .iter()
        .all(|k| k.is::<WFloat>() && !k.get(WFloat::VALUE).is_nan())
    {
        let cmp = |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(Ordering::Equal);
        by_native(order, |i| key(i).get(WFloat::VALUE), cmp);
    } else if keys.iter().all(|k| k.is::<WStr>()) {
        by_native(order, |i| crate::str::bytes(key(i)), |a, b| a.cmp(b));
    } else if keys[0].is::<WTuple>() && keys.iter().all(|&k| same_shape(keys[0], k)) {
        order.sort_by(|&a, &b| native_order(key(a), key(b)));
    } else {
        return merge_sort(order, &mut |a, b| {
            crate::operator::compare_bool(vm, CmpOp::Lt, key(a), key(b))
        });
    }
    Ok(())
}
/// Whether two keys have equal types that compare without guest code, item by item.
fn same_shape(a: Gc, b: Gc) -> bool {
    if a.type_id() != b.type_id() {
        return false;
    }
    if a.is::<WTuple>() {
        let (x, y) = (crate::tuple::items(a), crate::tuple::items(b));
        return x.len() == y.len()
            && x.len() <= 16
            && x.iter().zip(y).all(|(&x, &y)| same_shape(x, y));
    }
    let number = |f: Gc| f.is::<WFloat>() && !f.get(WFloat::VALUE).is_nan();
    a.is::<WInt>() || a.is::<WStr>() || number(a) && number(b)
}
/// The order of two keys of one shape.
fn native_order(a: Gc, b: Gc) -> Ordering {
    if a.is::<WInt>() {
        a.get(WInt::VALUE).cmp(&b.get(WInt::VALUE))
    } else if a.is::<WStr>() {
        crate::str::bytes(a).cmp(crate::str::bytes(b))
    } else if a.is::<WFloat>() {
        a.get(WFloat::VALUE)
            .partial_cmp(&b.get(WFloat::VALUE))
            .unwrap_or(Ordering::Equal)
    } else {
        let pairs = crate::tuple::items(a).iter().zip(crate::tuple::items(b));
        pairs
            .map(|(&x, &y)| native_order(x, y))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// Stretches at least this long are worth galloping.
const MIN_GALLOP: usize = 7;

/// A stretch of sorted items, with the power of its boundary to the next one.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
    power: u32,
}

/// A natural merge sort with the merge order of powersort: runs as they are found, short ones extended by binary
/// insertion, merged with galloping. When `less` fails the items are in some order, all of them there.
///
/// # Errors
/// What `less` returns.
pub fn merge_sort<E>(
    items: &mut [u32],
    less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
) -> Result<(), E> {
    let n = items.len();
    let min_run = min_run_length(n);
    let mut merger = Merger {
        min_gallop: MIN_GALLOP,
        spare: Vec::new(),
    };
    let mut stack: Vec<Run> = Vec::new();
    let mut start = 0;
    while start < n {
        let mut len = count_run(&mut items[start..], less)?;
        if len < min_run {
            let forced = min_run.min(n - start);
            insertion_sort(&mut items[start..start + forced], len, less)?;
            len = forced;
        }
        if let Some(&last) = stack.last() {
            let power = boundary_power(last.start, last.len, len, n);
            while stack.len() > 1 && stack[stack.len() - 2].power > power {
                let top = stack.len() - 2;
                merger.merge_at(items, &mut stack, top, less)?;
            }
            stack.last_mut().expect("the stack was not empty").power = power;
        }
        stack.push(Run {
            start,
            len,
            power: 0,
        });
        start += len;
    }
    while stack.len() > 1 {
        let n = stack.len();
        let at = if n > 2 && stack[n - 3].len < stack[n - 1].len {
            n - 3
        } else {
            n - 2
        };
        merger.merge_at(items, &mut stack, at, less)?;
    }
    Ok(())
}
fn min_run_length(mut n: usize) -> usize {
    let mut dropped = 0;
    while n >= 64 {
        dropped |= n & 1;
        n >>= 1;
    }
    n + dropped
}
/// The depth in a balanced tree over `0..n` at which the middles of two neighbouring runs part.
fn boundary_power(start: usize, left: usize, right: usize, n: usize) -> u32 {
    let mut a = 2 * start + left;
    let mut b = a + left + right;
    let mut power = 0;
    loop {
        power += 1;
        if a >= n {
            a -= n;
            b -= n;
        } else if b >= n {
            return power;
        }
        a *= 2;
        b *= 2;
    }
}
/// The length of the run at the front: not descending, or strictly descending and then reversed.
fn count_run<E>(
    items: &mut [u32],
    less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
) -> Result<usize, E> {
    if items.len() < 2 {
        return Ok(items.len());
    }
    let descending = less(items[1], items[0])?;
    let mut len = 2;
    while len < items.len() && less(items[len], items[len - 1])? == descending {
        len += 1;
    }
    if descending {
        items[..len].reverse();
    }
    Ok(len)
}
/// Sorts items of which the first `sorted` are sorted.
fn insertion_sort<E>(
    items: &mut [u32],
    sorted: usize,
    less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
) -> Result<(), E> {
    for i in sorted..items.len() {
        let pivot = items[i];
        let (mut low, mut high) = (0, i);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(pivot, items[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        items.copy_within(low..i, low + 1);
        items[low] = pivot;
    }
    Ok(())
}
/// The number of items at the front for which `before` holds, found by doubling steps from `hint`.
fn gallop<E>(
    items: &[u32],
    hint: usize,
    mut before: impl FnMut(u32) -> Result<bool, E>,
) -> Result<usize, E> {
    let n = items.len();
    if n == 0 {
        return Ok(0);
    }
    // `before` holds for all items below `low` and for none from `high` on.
    let (mut low, mut high) = (0, n);
    let mut step = 1;
    if before(items[hint])? {
        low = hint + 1;
        while hint + step < n {
            if !before(items[hint + step])? {
                high = hint + step;
                break;
            }
            low = hint + step + 1;
            step = step * 2 + 1;
        }
    } else {
        high = hint;
        while step <= hint {
            if before(items[hint - step])? {
                low = hint - step + 1;
                break;
            }
            high = hint - step;
            step = step * 2 + 1;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if before(items[middle])? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Merges neighbouring runs with a copy of the shorter one.
struct Merger {
    /// How many wins in a row start a gallop; it adapts to the data.
    min_gallop: usize,
    spare: Vec<u32>,
}

impl Merger {
    /// Merges runs `at` and `at + 1` of the stack.
    fn merge_at<E>(
        &mut self,
        items: &mut [u32],
        stack: &mut Vec<Run>,
        at: usize,
        less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
    ) -> Result<(), E> {
        let (a, b) = (stack[at], stack[at + 1]);
        stack[at] = Run {
            start: a.start,
            len: a.len + b.len,
            power: b.power,
        };
        stack.remove(at + 1);
        let both = &mut items[a.start..b.start + b.len];
        // What is at its place already stays out of the merge.
        let first = both[a.len];
        let skip = gallop(&both[..a.len], 0, |x| less(first, x).map(|l| !l))?;
        if skip == a.len {
            return Ok(());
        }
        let last = both[a.len - 1];
        let keep = gallop(&both[a.len..], b.len - 1, |x| less(x, last))?;
        let left = a.len - skip;
        let part = &mut both[skip..a.len + keep];
        if left <= keep {
            self.low(part, left, less)
        } else {
            self.high(part, left, less)
        }
    }
    /// Merges `part[..left]` with the rest, from the front; the left run is the shorter one.
    fn low<E>(
        &mut self,
        part: &mut [u32],
        left: usize,
        less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.spare.clear();
        self.spare.extend_from_slice(&part[..left]);
        let (mut a, mut b, mut to) = (0, left, 0);
        let result = self.low_loop(part, &mut a, &mut b, &mut to, less);
        // What is left of the copy fills the gap, also after an error.
        let rest = &self.spare[a..];
        part[to..to + rest.len()].copy_from_slice(rest);
        result
    }
    fn low_loop<E>(
        &mut self,
        part: &mut [u32],
        a: &mut usize,
        b: &mut usize,
        to: &mut usize,
        less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
    ) -> Result<(), E> {
        let spare = &self.spare;
        let (mut a_wins, mut b_wins) = (0, 0);
        while *a < spare.len() && *b < part.len() {
            if less(part[*b], spare[*a])? {
                part[*to] = part[*b];
                (*b, *to) = (*b + 1, *to + 1);
                (b_wins, a_wins) = (b_wins + 1, 0);
            } else {
                part[*to] = spare[*a];
                (*a, *to) = (*a + 1, *to + 1);
                (a_wins, b_wins) = (a_wins + 1, 0);
            }
            if (a_wins | b_wins) < self.min_gallop {
                continue;
            }
            // One run wins consistently: jump over whole stretches while that pays.
            self.min_gallop += 1;
            while *a < spare.len() && *b < part.len() {
                self.min_gallop -= (self.min_gallop > 1) as usize;
                let pivot = part[*b];
                let n = gallop(&spare[*a..], 0, |x| less(pivot, x).map(|l| !l))?;
                part[*to..*to + n].copy_from_slice(&spare[*a..*a + n]);
                (*a, *to) = (*a + n, *to + n);
                if *a == spare.len() {
                    break;
                }
                let pivot = spare[*a];
                let m = gallop(&part[*b..], 0, |x| less(x, pivot))?;
                part.copy_within(*b..*b + m, *to);
                (*b, *to) = (*b + m, *to + m);
                if n < MIN_GALLOP && m < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
            (a_wins, b_wins) = (0, 0);
        }
        Ok(())
    }
    /// Merges `part[..left]` with the rest, from the back; the right run is the shorter one.
    fn high<E>(
        &mut self,
        part: &mut [u32],
        left: usize,
        less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.spare.clear();
        self.spare.extend_from_slice(&part[left..]);
        // `a` and `b` count what is left of the runs; the next free place is `a + b - 1`.
        let (mut a, mut b) = (left, self.spare.len());
        let result = self.high_loop(part, &mut a, &mut b, less);
        part[a..a + b].copy_from_slice(&self.spare[..b]);
        result
    }
    fn high_loop<E>(
        &mut self,
        part: &mut [u32],
        a: &mut usize,
        b: &mut usize,
        less: &mut impl FnMut(u32, u32) -> Result<bool, E>,
    ) -> Result<(), E> {
        let spare = &self.spare;
        let (mut a_wins, mut b_wins) = (0, 0);
        while *a > 0 && *b > 0 {
            let to = *a + *b - 1;
            if less(spare[*b - 1], part[*a - 1])? {
                part[to] = part[*a - 1];
                *a -= 1;
                (a_wins, b_wins) = (a_wins + 1, 0);
            } else {
                part[to] = spare[*b - 1];
                *b -= 1;
                (b_wins, a_wins) = (b_wins + 1, 0);
            }
            if (a_wins | b_wins) < self.min_gallop {
                continue;
            }
            self.min_gallop += 1;
            while *a > 0 && *b > 0 {
                self.min_gallop -= (self.min_gallop > 1) as usize;
                let pivot = spare[*b - 1];
                let keep = gallop(&part[..*a], *a - 1, |x| less(pivot, x).map(|l| !l))?;
                let n = *a - keep;
                part.copy_within(keep..*a, keep + *b);
                *a = keep;
                if *a == 0 {
                    break;
                }
                let pivot = part[*a - 1];
                let keep = gallop(&spare[..*b], *b - 1, |x| less(x, pivot))?;
                let m = *b - keep;
                part[*a + keep..*a + *b].copy_from_slice(&spare[keep..*b]);
                *b = keep;
                if n < MIN_GALLOP && m < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
            (a_wins, b_wins) = (0, 0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize, modulus: u32, mut seed: u64) -> Vec<u32> {
        let mut next = || {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (seed >> 40) as u32 % modulus
        };
        (0..n).map(|_| next()).collect()
    }
    #[test]
    fn merge_sort_is_stable_and_sorts() {
        for (n, modulus) in [
            (0, 1),
            (1, 1),
            (2, 5),
            (63, 7),
            (64, 100),
            (1000, 10),
            (5000, 1 << 20),
            (3000, 2),
        ] {
            for seed in 0..5 {
                let mut keys = numbers(n, modulus, seed);
                if seed > 2 {
                    // Long runs, so that galloping and the skipping at both ends are used.
                    keys.chunks_mut(400).for_each(|c| c.sort_unstable());
                }
                if seed == 4 {
                    keys.chunks_mut(900).for_each(|c| c.reverse());
                }
                let mut order: Vec<u32> = (0..n as u32).collect();
                let mut expected = order.clone();
                expected.sort_by_key(|&i| keys[i as usize]);
                merge_sort::<()>(&mut order, &mut |a, b| {
                    Ok(keys[a as usize] < keys[b as usize])
                })
                .expect("never fails");
                assert_eq!(order, expected, "n {n} modulus {modulus} seed {seed}");
            }
        }
    }
    #[test]
    fn an_error_or_a_wrong_answer_loses_no_item() {
        for limit in [0, 1, 17, 300, 1500, 4000, 9000] {
            let keys = numbers(900, 50, limit);
            let mut order: Vec<u32> = (0..900).collect();
            let mut calls = 0;
            let result = merge_sort(&mut order, &mut |a, b| {
                calls += 1;
                if calls > limit {
                    Err(())
                } else {
                    Ok(keys[a as usize] < keys[b as usize])
                }
            });
            assert_eq!(result.is_err(), calls > limit);
            let mut seed = limit;
            let mut wild: Vec<u32> = (0..900).collect();
            merge_sort::<()>(&mut wild, &mut |_, _| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
                Ok(seed >> 62 == 0)
            })
            .expect("never fails");
            for mut all in [order, wild] {
                all.sort_unstable();
                assert_eq!(all, (0..900).collect::<Vec<u32>>());
            }
        }
    }
    #[test]
    fn sorted_input_takes_one_comparison_per_item() {
        let mut order: Vec<u32> = (0..1000).collect();
        let mut calls = 0;
        merge_sort::<()>(&mut order, &mut |a, b| {
            calls += 1;
            Ok(a < b)
        })
        .expect("never fails");
        assert_eq!(calls, 999);
    }
}
