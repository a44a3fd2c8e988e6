//! slice: objects, resolution against a length, methods.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, getter, kw};
use crate::int::{self, Int};
use crate::layout::*;
use crate::special::CmpOp;
use crate::{Errors, PyResult, Vm};
use dashu_int::IBig;
use ouro_gc::Gc;

/// A slice object.
pub fn new(vm: &'static Vm, start: Gc, stop: Gc, step: Gc) -> Gc {
    alloc::<WSlice>(vm)
        .init(WSlice::START, start)
        .init(WSlice::STOP, stop)
        .init(WSlice::STEP, step)
}

/// The item numbers that a slice names in a sequence: `start`, `start + step`, ..., `count` of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indices {
    /// First item number; may be the length if there are none.
    pub start: i64,
    /// Where the slice ends, as `slice.indices` gives it.
    pub stop: i64,
    /// Never 0.
    pub step: i64,
    /// How many.
    pub count: usize,
}
impl Indices {
    /// The item numbers.
    pub fn numbers(self) -> impl ExactSizeIterator<Item = usize> {
        (0..self.count).map(move |i| (self.start + i as i64 * self.step) as usize)
    }
    /// The items as a range, if they are neighbours in order.
    pub fn range(self) -> Option<std::ops::Range<usize>> {
        (self.step == 1).then(|| self.start as usize..self.start as usize + self.count)
    }
}

/// A bound of a slice, clipped to 64 bits.
///
/// # Errors
/// TypeError for other than ints.
pub fn bound(vm: &'static Vm, v: Gc) -> PyResult<i64> {
    if v.is::<WInt>() {
        return Ok(v.get(WInt::VALUE));
    }
    match int::has_index(vm, v) {
        true => int::clipped(vm, v),
        false => {
            Err(vm.type_error("slice indices must be integers or None or have an __index__ method"))
        }
    }
}
/// Start, stop and step clipped to 64 bits, with the defaults for the direction.
///
/// # Errors
/// ValueError for step 0, TypeError for other than ints.
pub fn unpack(vm: &'static Vm, slice: Gc) -> PyResult<(i64, i64, i64)> {
    let none = vm.world().none;
    let part = |v: Gc, default: i64| if v == none { Ok(default) } else { bound(vm, v) };
    let step = part(slice.get(WSlice::STEP), 1)?.max(-i64::MAX);
    if step == 0 {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let (first, last) = if step < 0 {
        (i64::MAX, i64::MIN)
    } else {
        (0, i64::MAX)
    };
    Ok((
        part(slice.get(WSlice::START), first)?,
        part(slice.get(WSlice::STOP), last)?,
        step,
    ))
}
/// The item numbers in a sequence of this length.
#[inline]
pub fn adjust((start, stop, step): (i64, i64, i64), len: usize) -> Indices {
    let len = len as i64;
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clip = |v: i64| {
        if v < 0 {
            v.saturating_add(len).max(low)
        } else {
            v.min(high)
        }
    };
    let (start, stop) = (clip(start), clip(stop));
    let distance = if step < 0 { start - stop } else { stop - start };
    let count = if distance <= 0 {
        0
    } else {
        (distance - 1) / step.abs() + 1
    };
    Indices {
        start,
        stop,
        step,
        count: count as usize,
    }
}
/// The item numbers that a slice names in a sequence of this length. Runs guest code for `__index__` only.
///
/// # Errors
/// As [`unpack`].
pub fn resolve(vm: &'static Vm, slice: Gc, len: usize) -> PyResult<Indices> {
    Ok(adjust(unpack(vm, slice)?, len))
}
/// Start, stop, step and number of items of a slice of a sequence of `len` items.
///
/// # Errors
/// As [`unpack`].
pub fn indices(vm: &'static Vm, slice: Gc, len: usize) -> PyResult<(i64, i64, i64, usize)> {
    let at = resolve(vm, slice, len)?;
    Ok((at.start, at.stop, at.step, at.count))
}
/// As [`resolve`] for ints of any size: start, stop and step.
///
/// # Errors
/// As [`unpack`], and ValueError for a negative length.
pub fn resolve_big(vm: &'static Vm, slice: Gc, len: &IBig) -> PyResult<[IBig; 3]> {
    let none = vm.world().none;
    let part = |v: Gc| match v {
        v if v == none => Ok(None),
        v if int::has_index(vm, v) => int::index(vm, v).map(|v| Some(v.big())),
        _ => {
            Err(vm.type_error("slice indices must be integers or None or have an __index__ method"))
        }
    };
    if *len < IBig::ZERO {
        return Err(vm.value_error("length should not be negative"));
    }
    let step = part(slice.get(WSlice::STEP))?.unwrap_or(IBig::ONE);
    if step == IBig::ZERO {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let backward = step < IBig::ZERO;
    let (low, high) = if backward {
        (-IBig::ONE, len - IBig::ONE)
    } else {
        (IBig::ZERO, len.clone())
    };
    let clip = |v: Option<IBig>, default: &IBig| match v {
        None => default.clone(),
        Some(v) if v < IBig::ZERO => (v + len).max(low.clone()),
        Some(v) => v.min(high.clone()),
    };
    let (first, last) = if backward {
        (&high, &low)
    } else {
        (&low, &high)
    };
    let start = clip(part(slice.get(WSlice::START))?, first);
    let stop = clip(part(slice.get(WSlice::STOP))?, last);
    Ok([start, stop, step])
}

fn slice_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    if !kw.is_empty() {
        return Err(vm.type_error("slice() takes no keyword arguments"));
    }
    let none = vm.world().none;
    match args[1..] {
        [] => Err(vm.type_error("slice expected at least 1 argument, got 0")),
        [stop] => Ok(new(vm, none, stop, none)),
        [start, stop] => Ok(new(vm, start, stop, none)),
        [start, stop, step] => Ok(new(vm, start, stop, step)),
        _ => Err(vm.type_error(format_args!(
            "slice expected at most 3 arguments, got {}",
            args.len() - 1
        ))),
    }
}
fn parts(vm: &'static Vm, s: Gc) -> Gc {
    crate::tuple::new(
        vm,
        &[
            s.get(WSlice::START),
            s.get(WSlice::STOP),
            s.get(WSlice::STEP),
        ],
    )
}
fn compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    if !b.is::<WSlice>() {
        return Ok(vm.world().not_implemented);
    }
    crate::operator::compare(vm, CmpOp::ALL[OP], parts(vm, a), parts(vm, b))
}
fn repr(vm: &'static Vm, s: Gc) -> PyResult {
    let text = crate::operator::repr(vm, parts(vm, s))?;
    let mut out = b"slice".to_vec();
    out.extend_from_slice(crate::str::bytes(crate::payload(text)));
    Ok(crate::str::from_wtf8(vm, &out))
}
fn guest_indices(vm: &'static Vm, s: Gc, len: Gc) -> PyResult {
    let len = int::index(vm, len)?.big();
    let parts = resolve_big(vm, s, &len)?;
    let parts = parts.map(|v| Int::Big(v).object(vm));
    Ok(crate::tuple::new(vm, &parts))
}
fn reduce(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(crate::tuple::new(
        vm,
        &[vm.world().classes.slice.gc(), parts(vm, s)],
    ))
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", slice_new).static_method(),
    fn1("__repr__", repr),
    fn2("__lt__", compare::<0>),
    fn2("__le__", compare::<1>),
    fn2("__eq__", compare::<2>),
    fn2("__ne__", compare::<3>),
    fn2("__gt__", compare::<4>),
    fn2("__ge__", compare::<5>),
    fn1("__reduce__", reduce).doc("Return state information for pickling."),
    fn2("indices", guest_indices).doc(
        "S.indices(len) -> (start, stop, stride)\n\n\
         Assuming a sequence of length len, calculate the start and stop\n\
         indices, and the stride length of the extended slice described by\n\
         S. Out of bounds indices are clipped in a manner consistent with the\n\
         handling of normal slices.",
    ),
];
static ATTRIBUTES: &[GetSetDef] = &[
    getter("start", |_, s| Ok(s.get(WSlice::START))).member(),
    getter("stop", |_, s| Ok(s.get(WSlice::STOP))).member(),
    getter("step", |_, s| Ok(s.get(WSlice::STEP))).member(),
];

/// Fills the namespace of slice.
pub(crate) fn boot(vm: &'static Vm) {
    let class = vm.world().classes.slice;
    crate::make_class::add_members(vm, class, METHODS, ATTRIBUTES);
    class.put(vm, crate::Special::Hash.name(vm), vm.world().none);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusting_agrees_with_counting() {
        let all =
            |len: i64, start: i64, stop: i64, step: i64| adjust((start, stop, step), len as usize);
        assert_eq!(
            all(5, 0, i64::MAX, 1).numbers().collect::<Vec<_>>(),
            [0, 1, 2, 3, 4]
        );
        assert_eq!(
            all(5, i64::MAX, i64::MIN, -1).numbers().collect::<Vec<_>>(),
            [4, 3, 2, 1, 0]
        );
        assert_eq!(
            all(5, -2, i64::MAX, 1).numbers().collect::<Vec<_>>(),
            [3, 4]
        );
        assert_eq!(all(5, 4, 0, -2).numbers().collect::<Vec<_>>(), [4, 2]);
        assert_eq!(all(0, i64::MAX, i64::MIN, -1).count, 0);
        assert_eq!(
            all(5, 3, 1, 1),
            Indices {
                start: 3,
                stop: 1,
                step: 1,
                count: 0
            }
        );
        assert_eq!(
            all(5, i64::MIN, i64::MAX, i64::MAX)
                .numbers()
                .collect::<Vec<_>>(),
            [0]
        );
    }
}
