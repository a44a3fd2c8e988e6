//! `_collections`: deque, its iterators, and helpers of `collections`. `defaultdict` is Python source beside this file.
//!
//! A deque is a ring: `R0` the array (capacity a power of two), `I0` the number of the first item, `I1` the length, `I2`
//! the greatest length or -1, `I3` a counter of changes, so that iterators notice them.

use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, fn3, getter, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::payload::payload;
use ouro_py_objects::{
    Access, BuiltinDef, CmpOp, Errors, GetSetDef, Kw, PyResult, Special, Temps, Vm, access, error,
    type_of,
};

static DEQUE: ClassSpec = ClassSpec::new("collections", "deque", METHODS)
    .getsets(GETSETS)
    .weakref()
    .unhashable()
    .sequence();
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__init__", init_deque),
    fn2("append", |vm, d, v| push(vm, d, v, false)),
    fn2("appendleft", |vm, d, v| push(vm, d, v, true)),
    fn1("pop", |vm, d| pop(vm, d, false)),
    fn1("popleft", |vm, d| pop(vm, d, true)),
    fn2("extend", |vm, d, v| extend(vm, d, v, false)),
    fn2("extendleft", |vm, d, v| extend(vm, d, v, true)),
    fn2("rotate", rotate).opt(1),
    fn1("clear", |vm, d| {
        clear(vm, d);
        Ok(none(vm))
    }),
    fn1("reverse", reverse),
    fn2("count", count),
    var("index", 2, 4, index),
    fn3("insert", insert),
    fn2("remove", remove),
    fn1("copy", copy).keep_self(),
    fn1("__copy__", copy).keep_self(),
    fn1("__len__", |vm, d| Ok(int(vm, d.get(WNative::I1)))),
    fn1("__bool__", |vm, d| Ok(boolean(vm, d.get(WNative::I1) != 0))),
    fn2("__contains__", |vm, d, v| {
        Ok(boolean(vm, find(vm, d, v)?.is_some()))
    }),
    fn2("__getitem__", |vm, d, i| {
        item_number(vm, d, i).map(|i| get(d, i))
    }),
    fn3("__setitem__", |vm, d, i, v| {
        let i = item_number(vm, d, i)?;
        put_at(vm, d, i, v);
        Ok(none(vm))
    }),
    fn2("__delitem__", |vm, d, i| {
        let i = item_number(vm, d, i)?;
        delete(vm, d, i);
        Ok(none(vm))
    }),
    fn1("__iter__", |vm, d| Ok(iterator(vm, d, "_deque_iterator"))),
    fn1("__reversed__", |vm, d| {
        Ok(iterator(vm, d, "_deque_reverse_iterator"))
    }),
    fn1("__repr__", show).keep_self(),
    fn1("__reduce__", reduce).keep_self(),
    fn2("__eq__", |vm, a, b| order(vm, CmpOp::Eq, a, b)),
    fn2("__ne__", |vm, a, b| order(vm, CmpOp::Ne, a, b)),
    fn2("__lt__", |vm, a, b| order(vm, CmpOp::Lt, a, b)),
    fn2("__le__", |vm, a, b| order(vm, CmpOp::Le, a, b)),
    fn2("__gt__", |vm, a, b| order(vm, CmpOp::Gt, a, b)),
    fn2("__ge__", |vm, a, b| order(vm, CmpOp::Ge, a, b)),
    fn2("__add__", add).keep_self(),
    fn2("__iadd__", |vm, d, v| {
        extend(vm, payload(d), v, false)?;
        Ok(d)
    })
    .keep_self(),
    fn2("__mul__", multiply).keep_self(),
    fn2("__rmul__", multiply).keep_self(),
    fn2("__imul__", |vm, d, n| {
        repeat(vm, payload(d), to_i64(vm, n)?)?;
        Ok(d)
    })
    .keep_self(),
    fn2("__class_getitem__", class_getitem).class_method(),
];
static GETSETS: &[GetSetDef] = &[getter("maxlen", |vm, d| Ok(limit(vm, d)))];

static ITERATOR: ClassSpec = ClassSpec::new("_collections", "_deque_iterator", ITERATOR_METHODS);
static REVERSE: ClassSpec =
    ClassSpec::new("_collections", "_deque_reverse_iterator", REVERSE_METHODS);
static ITERATOR_METHODS: &[BuiltinDef] = &[
    native::ITER,
    fn1("__next__", |vm, it| step(vm, it, false)),
    fn1("__length_hint__", hint),
];
static REVERSE_METHODS: &[BuiltinDef] = &[
    native::ITER,
    fn1("__next__", |vm, it| step(vm, it, true)),
    fn1("__length_hint__", hint),
];

static FUNCTIONS: &[BuiltinDef] = &[fn2("_count_elements", count_elements)];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    for spec in [&DEQUE, &ITERATOR, &REVERSE] {
        native::define(vm, module, spec)?;
    }
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}

fn length(d: Gc) -> usize {
    d.get(WNative::I1) as usize
}
fn capacity(d: Gc) -> usize {
    d.get(WNative::R0).items_len::<WRefArray>()
}
fn place(d: Gc, i: usize) -> usize {
    (d.get(WNative::I0) as usize + i) & (capacity(d) - 1)
}
fn get(d: Gc, i: usize) -> Gc {
    d.get(WNative::R0).item(&REFS, place(d, i))
}
fn put_at(vm: &'static Vm, d: Gc, i: usize, v: Gc) {
    d.get(WNative::R0).set_item(vm, &REFS, place(d, i), v);
}
fn changed(vm: &'static Vm, d: Gc) {
    d.set(vm, WNative::I3, d.get(WNative::I3) + 1);
}
fn set_length(vm: &'static Vm, d: Gc, n: usize) {
    d.set(vm, WNative::I1, n as i64);
    changed(vm, d);
}
fn limit(vm: &'static Vm, d: Gc) -> Gc {
    match d.get(WNative::I2) {
        -1 => none(vm),
        n => int(vm, n),
    }
}
fn clear(vm: &'static Vm, d: Gc) {
    let array = access::alloc_var::<WRefArray>(vm, 8);
    d.set(vm, WNative::R0, array);
    d.set(vm, WNative::I0, 0);
    set_length(vm, d, 0);
}
fn new_deque(vm: &'static Vm, limit: i64) -> Gc {
    let d = native::new_of(vm, "deque");
    clear(vm, d);
    d.set(vm, WNative::I2, limit);
    d
}
fn new(vm: &'static Vm, args: &[Gc], _kw: &Kw) -> PyResult {
    let d = new_deque(vm, -1);
    native::instance(vm, args[0], native::class_of(d), d)
}
fn init_deque(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [iterable, maxlen] = bind(vm, "deque", ["iterable", "maxlen"], 0, &args[1..], keywords)?;
    let d = args[0];
    let maxlen = match absent(vm, maxlen) {
        true => -1,
        false => {
            if !ouro_py_objects::int::is_int(maxlen) {
                return Err(vm.type_error("an integer is required"));
            }
            let n = to_i64(vm, maxlen)?;
            if n < 0 {
                return Err(vm.value_error("maxlen must be non-negative"));
            }
            n
        }
    };
    d.set(vm, WNative::I2, maxlen);
    if length(d) > 0 {
        clear(vm, d);
    }
    if !iterable.is_null() {
        extend(vm, d, iterable, false)?;
    }
    Ok(none(vm))
}
fn grow(vm: &'static Vm, d: Gc) {
    let n = length(d);
    let array = access::alloc_var::<WRefArray>(vm, capacity(d) * 2);
    for i in 0..n {
        array.init_item(&REFS, i, get(d, i));
    }
    d.set(vm, WNative::R0, array);
    d.set(vm, WNative::I0, 0);
}
fn push(vm: &'static Vm, d: Gc, v: Gc, left: bool) -> PyResult {
    let most = d.get(WNative::I2);
    if most == 0 {
        return Ok(none(vm));
    }
    if length(d) == capacity(d) {
        grow(vm, d);
    }
    let n = length(d);
    if left {
        let first = place(d, capacity(d) - 1);
        d.set(vm, WNative::I0, first as i64);
        put_at(vm, d, 0, v);
    } else {
        put_at(vm, d, n, v);
    }
    set_length(vm, d, n + 1);
    if most > 0 && n + 1 > most as usize {
        take(vm, d, !left);
    }
    Ok(none(vm))
}
/// Removes an end item of a deque that is not empty.
fn take(vm: &'static Vm, d: Gc, left: bool) -> Gc {
    let n = length(d);
    let i = if left { 0 } else { n - 1 };
    let v = get(d, i);
    put_at(vm, d, i, Gc::NULL);
    if left {
        d.set(vm, WNative::I0, place(d, 1) as i64);
    }
    set_length(vm, d, n - 1);
    v
}
fn pop(vm: &'static Vm, d: Gc, left: bool) -> PyResult {
    match length(d) {
        0 => Err(vm.index_error("pop from an empty deque")),
        _ => Ok(take(vm, d, left)),
    }
}
fn extend(vm: &'static Vm, d: Gc, iterable: Gc, left: bool) -> PyResult {
    if payload(iterable) == d {
        // A deque may be extended by itself.
        for v in items(vm, d).iter().copied() {
            push(vm, d, v, left)?;
        }
        return Ok(none(vm));
    }
    let it = iter(vm, iterable)?;
    while let Some(v) = next(vm, it)? {
        push(vm, d, v, left)?;
    }
    Ok(none(vm))
}
fn items(vm: &'static Vm, d: Gc) -> Temps {
    let mut out = Temps::new(vm);
    (0..length(d)).for_each(|i| out.push(get(d, i)));
    out
}
fn rotate(vm: &'static Vm, d: Gc, n: Gc) -> PyResult {
    let n = if n.is_null() { 1 } else { to_i64(vm, n)? };
    let size = length(d);
    if size > 1 {
        for _ in 0..n.rem_euclid(size as i64) {
            let v = take(vm, d, false);
            // No limit is exceeded: an item was taken out before.
            push(vm, d, v, true)?;
        }
    }
    Ok(none(vm))
}
fn reverse(vm: &'static Vm, d: Gc) -> PyResult {
    let n = length(d);
    for i in 0..n / 2 {
        let (a, b) = (get(d, i), get(d, n - 1 - i));
        put_at(vm, d, i, b);
        put_at(vm, d, n - 1 - i, a);
    }
    Ok(none(vm))
}
/// Calls `f` with each item; a comparison inside may run guest code, which must not change the deque.
fn scan(
    vm: &'static Vm,
    d: Gc,
    range: std::ops::Range<usize>,
    mut f: impl FnMut(usize, Gc) -> PyResult<bool>,
) -> PyResult<()> {
    let version = d.get(WNative::I3);
    for i in range {
        let stop = f(i, get(d, i))?;
        if d.get(WNative::I3) != version {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
        if stop {
            break;
        }
    }
    Ok(())
}
fn count(vm: &'static Vm, d: Gc, v: Gc) -> PyResult {
    let mut n = 0;
    scan(vm, d, 0..length(d), |_, item| {
        n += i64::from(same(vm, item, v)?);
        Ok(false)
    })?;
    Ok(int(vm, n))
}
fn find(vm: &'static Vm, d: Gc, v: Gc) -> PyResult<Option<usize>> {
    let mut found = None;
    scan(vm, d, 0..length(d), |i, item| {
        if same(vm, item, v)? {
            found = Some(i);
        }
        Ok(found.is_some())
    })?;
    Ok(found)
}
fn index(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let d = args[0];
    let n = length(d) as i64;
    let bound = |i: usize, default: i64| -> PyResult<i64> {
        let Some(&v) = args.get(i) else {
            return Ok(default);
        };
        let v = ouro_py_objects::int::clipped(vm, v)?;
        Ok(if v < 0 { (v + n).max(0) } else { v.min(n) })
    };
    let (start, stop) = (bound(2, 0)?, bound(3, n)?);
    let mut found = None;
    scan(
        vm,
        d,
        start as usize..stop.max(start) as usize,
        |i, item| {
            if same(vm, item, args[1])? {
                found = Some(i);
            }
            Ok(found.is_some())
        },
    )?;
    match found {
        Some(i) => Ok(int(vm, i as i64)),
        None => Err(vm.value_error(format_args!("{} is not in deque", repr(vm, args[1])?))),
    }
}
fn item_number(vm: &'static Vm, d: Gc, i: Gc) -> PyResult<usize> {
    if !ouro_py_objects::int::has_index(vm, i) {
        return Err(vm.type_error(format_args!(
            "sequence index must be integer, not '{}'",
            type_name(vm, i)
        )));
    }
    let i = ouro_py_objects::int::to_size(vm, i, true)?;
    let n = length(d) as i64;
    let at = if i < 0 { i + n } else { i };
    match (0..n).contains(&at) {
        true => Ok(at as usize),
        false => Err(vm.index_error("deque index out of range")),
    }
}
fn delete(vm: &'static Vm, d: Gc, i: usize) {
    let n = length(d);
    for j in i..n - 1 {
        put_at(vm, d, j, get(d, j + 1));
    }
    put_at(vm, d, n - 1, Gc::NULL);
    set_length(vm, d, n - 1);
}
fn insert(vm: &'static Vm, d: Gc, i: Gc, v: Gc) -> PyResult {
    let n = length(d);
    let most = d.get(WNative::I2);
    if most >= 0 && n as i64 >= most {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let i = ouro_py_objects::int::clipped(vm, i)?;
    let at = if i < 0 {
        (i + n as i64).max(0) as usize
    } else {
        (i as usize).min(n)
    };
    push(vm, d, v, false)?;
    for j in (at..n).rev() {
        put_at(vm, d, j + 1, get(d, j));
    }
    put_at(vm, d, at, v);
    Ok(none(vm))
}
fn remove(vm: &'static Vm, d: Gc, v: Gc) -> PyResult {
    match find(vm, d, v)? {
        Some(i) => {
            delete(vm, d, i);
            Ok(none(vm))
        }
        None => Err(vm.value_error(format_args!("{} is not in deque", repr(vm, v)?))),
    }
}
fn copy(vm: &'static Vm, this: Gc) -> PyResult {
    let d = payload(this);
    if this == d {
        let twin = new_deque(vm, d.get(WNative::I2));
        for v in items(vm, d).iter().copied() {
            push(vm, twin, v, false)?;
        }
        return Ok(twin);
    }
    let class = type_of(vm, this).gc();
    match d.get(WNative::I2) {
        -1 => call(vm, class, &[this]),
        _ => call(vm, class, &[this, limit(vm, d)]),
    }
}
fn iterator(vm: &'static Vm, d: Gc, class: &'static str) -> Gc {
    // R0 the deque, I0 items given out, I1 the deque's counter of changes.
    let it = native::new_of(vm, class);
    it.set(vm, WNative::R0, d);
    it.set(vm, WNative::I1, d.get(WNative::I3));
    it
}
fn step(vm: &'static Vm, it: Gc, backwards: bool) -> PyResult {
    let d = it.get(WNative::R0);
    if d.is_null() {
        return Err(vm.stop_iteration(Gc::NULL));
    }
    if d.get(WNative::I3) != it.get(WNative::I1) {
        it.set(vm, WNative::R0, Gc::NULL);
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    let (i, n) = (it.get(WNative::I0) as usize, length(d));
    if i >= n {
        it.set(vm, WNative::R0, Gc::NULL);
        return Err(vm.stop_iteration(Gc::NULL));
    }
    it.set(vm, WNative::I0, i as i64 + 1);
    Ok(get(d, if backwards { n - 1 - i } else { i }))
}
fn hint(vm: &'static Vm, it: Gc) -> PyResult {
    let d = it.get(WNative::R0);
    let left = if d.is_null() {
        0
    } else {
        length(d) as i64 - it.get(WNative::I0)
    };
    Ok(int(vm, left))
}
fn show(vm: &'static Vm, this: Gc) -> PyResult {
    let d = payload(this);
    let class = type_of(vm, this).text();
    let known = state_repr(vm);
    if known.contains(&this) {
        return Ok(string(vm, "[...]"));
    }
    let text = with_repr(vm, this, || {
        let mut parts = Vec::new();
        for v in items(vm, d).iter().copied() {
            parts.push(repr(vm, v)?);
        }
        Ok(parts.join(", "))
    })?;
    Ok(string(
        vm,
        &match d.get(WNative::I2) {
            -1 => format!("{class}([{text}])"),
            n => format!("{class}([{text}], maxlen={n})"),
        },
    ))
}
/// The deques whose `repr` is running, in a list object.
fn repr_list(vm: &'static Vm) -> Gc {
    let state = crate::state::state(vm);
    match state.kept(vm, "deque repr") {
        Some(list) => list,
        None => {
            let fresh = list(vm, &[]);
            state.keep(vm, "deque repr", fresh);
            fresh
        }
    }
}
fn state_repr(vm: &'static Vm) -> Temps {
    list_items(vm, repr_list(vm))
}
fn with_repr<T>(vm: &'static Vm, this: Gc, f: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let running = repr_list(vm);
    list_append(vm, running, this)?;
    let result = f();
    ouro_py_objects::list::truncate(vm, running, list_len(running) - 1);
    result
}
fn reduce(vm: &'static Vm, this: Gc) -> PyResult {
    let d = payload(this);
    let attributes = ouro_py_objects::instance::existing_dict(vm, this).unwrap_or(none(vm));
    let args = match d.get(WNative::I2) {
        -1 => tuple(vm, &[]),
        _ => tuple(vm, &[tuple(vm, &[]), limit(vm, d)]),
    };
    let it = iter(vm, this)?;
    Ok(tuple(vm, &[type_of(vm, this).gc(), args, attributes, it]))
}
fn order(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    let Some(b) = native::cast(vm, b, "deque") else {
        return Ok(vm.world().not_implemented);
    };
    let (n, m) = (length(a), length(b));
    if n != m && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(boolean(vm, op == CmpOp::Ne));
    }
    for i in 0..n.min(m) {
        let (x, y) = (get(a, i), get(b, i));
        if !same(vm, x, y)? {
            return match op {
                CmpOp::Eq => Ok(boolean(vm, false)),
                CmpOp::Ne => Ok(boolean(vm, true)),
                _ => compare(vm, op, x, y),
            };
        }
        if length(a) != n || length(b) != m {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
    }
    Ok(boolean(vm, op.holds(n.cmp(&m))))
}
fn add(vm: &'static Vm, this: Gc, other: Gc) -> PyResult {
    if native::cast(vm, other, "deque").is_none() {
        let got = type_name(vm, other);
        return Err(vm.type_error(format_args!(
            "can only concatenate deque (not \"{got}\") to deque"
        )));
    }
    let sum = copy(vm, this)?;
    extend(vm, payload(sum), other, false)?;
    Ok(sum)
}
fn repeat(vm: &'static Vm, d: Gc, times: i64) -> PyResult<()> {
    let all = items(vm, d);
    if times <= 0 {
        clear(vm, d);
    }
    for _ in 1..times {
        for &v in all.iter() {
            push(vm, d, v, false)?;
        }
    }
    Ok(())
}
fn multiply(vm: &'static Vm, this: Gc, n: Gc) -> PyResult {
    let n = to_i64(vm, n)?;
    let product = copy(vm, this)?;
    repeat(vm, payload(product), n)?;
    Ok(product)
}
/// `cls[args]`, for classes that are generic only for annotations.
///
/// # Errors
/// What making the alias raises.
pub fn class_getitem(vm: &'static Vm, cls: Gc, args: Gc) -> PyResult {
    call(vm, vm.world().classes.generic_alias.gc(), &[cls, args])
}
/// Counts the items of an iterable in a mapping: what `Counter` spends its time with.
fn count_elements(vm: &'static Vm, mapping: Gc, iterable: Gc) -> PyResult {
    let class = type_of(vm, mapping);
    let dict_class = vm.world().classes.dict;
    let plain = |special| class.special(vm, special) == dict_class.special(vm, special);
    // A dict whose access the subclass does not change is counted in directly.
    let direct = as_dict(mapping).filter(|_| plain(Special::GetItem) && plain(Special::SetItem));
    let it = iter(vm, iterable)?;
    let one = int(vm, 1);
    while let Some(key) = next(vm, it)? {
        let old = match direct {
            Some(d) => dict_get(vm, d, key)?,
            None => {
                let get = call_method(vm, mapping, "get", &[key, int(vm, 0)]);
                error::catch(vm, vm.world().classes.key_error, get)?
            }
        };
        let sum = match old {
            None => one,
            Some(n) => match ouro_py_objects::int::small(n).and_then(|n| n.checked_add(1)) {
                Some(n) => int(vm, n),
                None => binary(vm, ouro_py_objects::BinOp::Add, n, one)?,
            },
        };
        match direct {
            Some(d) => dict_set(vm, d, key, sum)?,
            None => set_item(vm, mapping, key, sum)?,
        }
    }
    Ok(none(vm))
}
