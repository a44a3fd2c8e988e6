//! range: objects, arithmetic on them, methods.
//!
//! A range whose numbers and length fit 64 bits is a `WRange`, any other a `WBigRange`.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, getter, kw};
use crate::int::{self, Int};
use crate::layout::*;
use crate::{BinOp, Errors, PyResult, Vm, type_of};
use dashu_int::IBig;
use ouro_gc::Gc;

/// The parts of a range, of any size.
struct Parts {
    start: IBig,
    step: IBig,
    len: IBig,
}

fn count(start: i64, stop: i64, step: i64) -> Option<i64> {
    let (start, stop, step) = (start as i128, stop as i128, step as i128);
    let distance = if step > 0 { stop - start } else { start - stop };
    let count = if distance <= 0 {
        0
    } else {
        (distance - 1) / step.abs() + 1
    };
    i64::try_from(count).ok()
}
/// A range of 64-bit numbers; `step` is not 0.
pub fn new(vm: &'static Vm, start: i64, stop: i64, step: i64) -> Gc {
    match count(start, stop, step) {
        Some(len) => {
            let r = alloc::<WRange>(vm)
                .init(WRange::START, start)
                .init(WRange::STOP, stop);
            r.init(WRange::STEP, step).init(WRange::LEN, len)
        }
        None => new_big(vm, start.into(), stop.into(), step.into()),
    }
}
/// A range of any numbers; `step` is not 0.
pub fn new_big(vm: &'static Vm, start: IBig, stop: IBig, step: IBig) -> Gc {
    let small = (
        i64::try_from(&start),
        i64::try_from(&stop),
        i64::try_from(&step),
    );
    if let (Ok(start), Ok(stop), Ok(step)) = small
        && count(start, stop, step).is_some()
    {
        return new(vm, start, stop, step);
    }
    let (low, high) = if step > IBig::ZERO {
        (&start, &stop)
    } else {
        (&stop, &start)
    };
    let size = if step > IBig::ZERO {
        step.clone()
    } else {
        -&step
    };
    let len = if low >= high {
        IBig::ZERO
    } else {
        int::floor_div_rem(&(high - low - IBig::ONE), &size).0 + IBig::ONE
    };
    let [start, stop, step, len] = [&start, &stop, &step, &len].map(|v| int::from_big(vm, v));
    let r = alloc::<WBigRange>(vm)
        .init(WBigRange::START, start)
        .init(WBigRange::STOP, stop);
    r.init(WBigRange::STEP, step).init(WBigRange::LEN, len)
}
/// `range(*args)`.
///
/// # Errors
/// TypeError for other than ints, ValueError for step 0.
pub fn from_args(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let number = |v: Gc| int::index(vm, v);
    let (start, stop, step) = match *args {
        [] => return Err(vm.type_error("range expected at least 1 argument, got 0")),
        [stop] => (Int::Small(0), number(stop)?, Int::Small(1)),
        [start, stop] => (number(start)?, number(stop)?, Int::Small(1)),
        [start, stop, step] => (number(start)?, number(stop)?, number(step)?),
        _ => {
            return Err(vm.type_error(format_args!(
                "range expected at most 3 arguments, got {}",
                args.len()
            )));
        }
    };
    if step.is_zero() {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(match (start.small(), stop.small(), step.small()) {
        (Some(start), Some(stop), Some(step)) => new(vm, start, stop, step),
        _ => new_big(vm, start.big(), stop.big(), step.big()),
    })
}
fn is_range(r: Gc) -> bool {
    r.is::<WRange>() || r.is::<WBigRange>()
}
fn parts(r: Gc) -> Parts {
    let big = |v: Gc| int::get(v).map_or(IBig::ZERO, |v| v.big());
    match r.is::<WRange>() {
        true => Parts {
            start: r.get(WRange::START).into(),
            step: r.get(WRange::STEP).into(),
            len: r.get(WRange::LEN).into(),
        },
        false => Parts {
            start: big(r.get(WBigRange::START)),
            step: big(r.get(WBigRange::STEP)),
            len: big(r.get(WBigRange::LEN)),
        },
    }
}
/// Start, stop, step and length as objects.
fn objects(vm: &'static Vm, r: Gc) -> [Gc; 4] {
    match r.is::<WRange>() {
        true => {
            [WRange::START, WRange::STOP, WRange::STEP, WRange::LEN].map(|f| int::new(vm, r.get(f)))
        }
        false => [
            WBigRange::START,
            WBigRange::STOP,
            WBigRange::STEP,
            WBigRange::LEN,
        ]
        .map(|f| r.get(f)),
    }
}
fn range_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    if !kw.is_empty() {
        return Err(vm.type_error("range() takes no keyword arguments"));
    }
    from_args(vm, &args[1..])
}
fn get_item(vm: &'static Vm, r: Gc, key: Gc) -> PyResult {
    if let (true, Some(i)) = (r.is::<WRange>(), int::small(key)) {
        let len = r.get(WRange::LEN);
        let at = if i < 0 { i + len } else { i };
        return match (0..len).contains(&at) {
            true => Ok(int::new(
                vm,
                r.get(WRange::START) + at * r.get(WRange::STEP),
            )),
            false => Err(vm.index_error("range object index out of range")),
        };
    }
    if let Some(part) = small_slice(vm, r, key)? {
        return Ok(part);
    }
    let p = parts(r);
    if key.is::<WSlice>() {
        let [start, stop, step] = crate::slice::resolve_big(vm, key, &p.len)?;
        return Ok(new_big(
            vm,
            &p.start + start * &p.step,
            &p.start + stop * &p.step,
            &p.step * step,
        ));
    }
    if !int::has_index(vm, key) {
        let got = type_of(vm, key).text();
        return Err(vm.type_error(format_args!(
            "range indices must be integers or slices, not {got}"
        )));
    }
    let i = int::index(vm, key)?.big();
    let at = if i < IBig::ZERO { i + &p.len } else { i };
    if at < IBig::ZERO || at >= p.len {
        return Err(vm.index_error("range object index out of range"));
    }
    Ok(int::from_big(vm, &(p.start + at * p.step)))
}
/// A slice by ints of a range, without numbers beyond 64 bits. None: something else is asked for.
fn small_slice(vm: &'static Vm, r: Gc, key: Gc) -> PyResult<Option<Gc>> {
    let bounds = [WSlice::START, WSlice::STOP, WSlice::STEP];
    let simple = |v: Gc| v == vm.world().none || v.is::<WInt>();
    if !r.is::<WRange>() || !key.is::<WSlice>() || !bounds.iter().all(|&b| simple(key.get(b))) {
        return Ok(None);
    }
    let at = crate::slice::resolve(vm, key, r.get(WRange::LEN) as usize)?;
    let (first, step) = (r.get(WRange::START), r.get(WRange::STEP));
    let number = |n: i64| n.checked_mul(step).and_then(|n| n.checked_add(first));
    let parts = (number(at.start), number(at.stop), at.step.checked_mul(step));
    Ok(match parts {
        (Some(start), Some(stop), Some(step)) => Some(new(vm, start, stop, step)),
        _ => None,
    })
}
/// The position of an int; None if it is not in the range.
fn position(r: Gc, v: &Int) -> Option<IBig> {
    let p = parts(r);
    let (q, rest) = int::floor_div_rem(&(v.big() - p.start), &p.step);
    (rest == IBig::ZERO && q >= IBig::ZERO && q < p.len).then_some(q)
}
/// Whether `in` and `index` may compute instead of comparing.
fn plain_int(v: Gc) -> Option<Int> {
    (v.is::<WInt>() || v.is::<WBool>() || v.is::<WBigInt>())
        .then(|| int::get(v))
        .flatten()
}
fn contains(vm: &'static Vm, r: Gc, v: Gc) -> PyResult {
    if let Some(v) = plain_int(v) {
        return Ok(vm.world().bool(position(r, &v).is_some()));
    }
    let it = crate::operator::iter(vm, r)?;
    while let Some(item) = crate::operator::next(vm, it)? {
        if crate::operator::eq(vm, item, v)? {
            return Ok(vm.world().true_);
        }
    }
    Ok(vm.world().false_)
}
fn index(vm: &'static Vm, r: Gc, v: Gc) -> PyResult {
    if let Some(number) = plain_int(v) {
        return match position(r, &number) {
            Some(at) => Ok(int::from_big(vm, &at)),
            None => Err(vm.value_error(format_args!(
                "{} is not in range",
                crate::operator::repr_text(vm, v)?
            ))),
        };
    }
    let it = crate::operator::iter(vm, r)?;
    let mut at = 0;
    while let Some(item) = crate::operator::next(vm, it)? {
        if crate::operator::eq(vm, item, v)? {
            return Ok(int::new(vm, at));
        }
        at += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}
fn count_of(vm: &'static Vm, r: Gc, v: Gc) -> PyResult {
    if let Some(v) = plain_int(v) {
        return Ok(int::new(vm, position(r, &v).is_some() as i64));
    }
    let it = crate::operator::iter(vm, r)?;
    let mut n = 0;
    while let Some(item) = crate::operator::next(vm, it)? {
        n += crate::operator::eq(vm, item, v)? as i64;
    }
    Ok(int::new(vm, n))
}
fn len(vm: &'static Vm, r: Gc) -> PyResult {
    match r.is::<WRange>() {
        true => Ok(int::new(vm, r.get(WRange::LEN))),
        false => match i64::try_from(&parts(r).len) {
            Ok(n) => Ok(int::new(vm, n)),
            Err(_) => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        },
    }
}
fn truth(vm: &'static Vm, r: Gc) -> PyResult {
    Ok(vm.world().bool(parts(r).len != IBig::ZERO))
}
fn iter(vm: &'static Vm, r: Gc) -> PyResult {
    Ok(crate::iter::of_builtin(vm, r).expect("a range is iterable"))
}
fn reversed(vm: &'static Vm, r: Gc) -> PyResult {
    let p = parts(r);
    let last = &p.start + (&p.len - IBig::ONE) * &p.step;
    let step = -&p.step;
    if let (true, Ok(next), Ok(step)) =
        (r.is::<WRange>(), i64::try_from(&last), i64::try_from(&step))
    {
        let it = alloc::<WRangeIter>(vm)
            .init(WRangeIter::NEXT, next)
            .init(WRangeIter::STEP, step);
        return Ok(it.init(WRangeIter::LEFT, r.get(WRange::LEN)));
    }
    let [next, step, left] = [&last, &step, &p.len].map(|v| int::from_big(vm, v));
    let it = alloc::<WBigRangeIter>(vm)
        .init(WBigRangeIter::NEXT, next)
        .init(WBigRangeIter::STEP, step);
    Ok(it.init(WBigRangeIter::LEFT, left))
}
fn equal(a: Gc, b: Gc) -> bool {
    let (p, q) = (parts(a), parts(b));
    p.len == q.len
        && (p.len == IBig::ZERO || p.start == q.start && (p.len == IBig::ONE || p.step == q.step))
}
fn eq(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    Ok(if is_range(b) {
        vm.world().bool(equal(a, b))
    } else {
        vm.world().not_implemented
    })
}
fn ne(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    Ok(if is_range(b) {
        vm.world().bool(!equal(a, b))
    } else {
        vm.world().not_implemented
    })
}
fn hash(vm: &'static Vm, r: Gc) -> PyResult {
    let none = vm.world().none;
    let [start, _, step, len] = objects(vm, r);
    let p = parts(r);
    let start = if p.len == IBig::ZERO { none } else { start };
    let step = if p.len <= IBig::ONE { none } else { step };
    let h = crate::tuple::hash(vm, crate::tuple::new(vm, &[len, start, step]))?;
    Ok(int::new(vm, h))
}
fn repr(vm: &'static Vm, r: Gc) -> PyResult {
    let [start, stop, step, _] = objects(vm, r);
    let one = crate::operator::identical(step, int::new(vm, 1));
    let mut out = format!(
        "range({}, {}",
        crate::operator::repr_text(vm, start)?,
        crate::operator::repr_text(vm, stop)?
    );
    if !one {
        out += &format!(", {}", crate::operator::repr_text(vm, step)?);
    }
    Ok(crate::str::new(vm, &(out + ")")))
}
fn reduce(vm: &'static Vm, r: Gc) -> PyResult {
    let [start, stop, step, _] = objects(vm, r);
    let args = crate::tuple::new(vm, &[start, stop, step]);
    Ok(crate::tuple::new(
        vm,
        &[vm.world().classes.range.gc(), args],
    ))
}
/// What `range_iterator.__reduce__` needs: the range of the values that are left.
///
/// # Errors
/// None in practice.
pub fn of_iterator(vm: &'static Vm, it: Gc) -> PyResult {
    if it.is::<WRangeIter>() {
        let (next, step, left) = (
            it.get(WRangeIter::NEXT),
            it.get(WRangeIter::STEP),
            it.get(WRangeIter::LEFT).max(0),
        );
        return Ok(new_big(
            vm,
            next.into(),
            IBig::from(next) + IBig::from(step) * IBig::from(left),
            step.into(),
        ));
    }
    let (next, step) = (it.get(WBigRangeIter::NEXT), it.get(WBigRangeIter::STEP));
    let length = int::binary(vm, BinOp::Mul, step, it.get(WBigRangeIter::LEFT))?;
    let stop = int::binary(vm, BinOp::Add, next, length)?;
    from_args(vm, &[next, stop, step])
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", range_new).static_method(),
    fn1("__repr__", repr),
    fn1("__hash__", hash),
    fn1("__len__", len),
    fn1("__bool__", truth),
    fn1("__iter__", iter),
    fn1("__reversed__", reversed).doc("Return a reverse iterator."),
    fn2("__contains__", contains),
    fn2("__getitem__", get_item),
    fn2("__eq__", eq),
    fn2("__ne__", ne),
    fn1("__reduce__", reduce),
    fn2("index", index).doc("rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present."),
    fn2("count", count_of).doc("rangeobject.count(value) -> integer -- return number of occurrences of value"),
];
static ATTRIBUTES: &[GetSetDef] = &[
    getter("start", |vm, r| Ok(objects(vm, r)[0])).member(),
    getter("stop", |vm, r| Ok(objects(vm, r)[1])).member(),
    getter("step", |vm, r| Ok(objects(vm, r)[2])).member(),
];

/// Fills the namespace of range.
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.range, METHODS, ATTRIBUTES);
}
