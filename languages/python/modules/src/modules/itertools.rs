//! `itertools`: iterators over iterators. Those that choose from a pool of items are in `combinatorics`.
//!
//! Every iterator is a `WNative` with a `next` function that gives None at its end; what its fields mean stands above
//! its `new` function.

use crate::args::{bind, count as count_args, no_keywords};
use crate::modules::combinatorics;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BinOp, BuiltinDef, Errors, Kw, PyResult, Temps, Vm, access};

/// What `__next__` makes of a `next` function.
pub fn finish(vm: &'static Vm, value: PyResult<Option<Gc>>) -> PyResult {
    match value? {
        Some(v) => Ok(v),
        None => Err(vm.stop_iteration(Gc::NULL)),
    }
}
/// The class of an iterator: name, `__new__`, `next`, and further methods.
macro_rules! iterator {
    ($spec:ident, $name:literal, $new:ident, $next:ident $(, $more:expr)*) => {
        static $spec: ClassSpec = {
            static METHODS: &[BuiltinDef] = &[
                kw("__new__", $new).static_method(),
                native::ITER,
                fn1("__next__", |vm, this| crate::modules::itertools::finish(vm, $next(vm, this))),
                $($more),*
            ];
            ClassSpec::new("itertools", $name, METHODS)
        };
    };
}
pub(crate) use iterator;

iterator!(
    COUNT,
    "count",
    count_new,
    count_next,
    fn1("__repr__", count_repr)
);
iterator!(CYCLE, "cycle", cycle_new, cycle_next);
iterator!(
    REPEAT,
    "repeat",
    repeat_new,
    repeat_next,
    fn1("__repr__", repeat_repr),
    fn1("__length_hint__", repeat_hint)
);
iterator!(
    CHAIN,
    "chain",
    chain_new,
    chain_next,
    fn2("from_iterable", from_iterable).class_method()
);
iterator!(COMPRESS, "compress", compress_new, compress_next);
iterator!(DROPWHILE, "dropwhile", dropwhile_new, dropwhile_next);
iterator!(TAKEWHILE, "takewhile", takewhile_new, takewhile_next);
iterator!(
    FILTERFALSE,
    "filterfalse",
    filterfalse_new,
    filterfalse_next
);
iterator!(STARMAP, "starmap", starmap_new, starmap_next);
iterator!(ISLICE, "islice", islice_new, islice_next);
iterator!(ACCUMULATE, "accumulate", accumulate_new, accumulate_next);
iterator!(PAIRWISE, "pairwise", pairwise_new, pairwise_next);
iterator!(
    ZIP_LONGEST,
    "zip_longest",
    zip_longest_new,
    zip_longest_next
);
iterator!(GROUPBY, "groupby", groupby_new, groupby_next);
iterator!(GROUPER, "_grouper", grouper_new, grouper_next);
iterator!(TEE, "_tee", tee_new, tee_next, fn1("__copy__", tee_copy));

static FUNCTIONS: &[BuiltinDef] = &[fn2("tee", tee).opt(1)];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    for spec in [
        &COUNT,
        &CYCLE,
        &REPEAT,
        &CHAIN,
        &COMPRESS,
        &DROPWHILE,
        &TAKEWHILE,
        &FILTERFALSE,
        &STARMAP,
        &ISLICE,
        &ACCUMULATE,
        &PAIRWISE,
        &ZIP_LONGEST,
        &GROUPBY,
        &GROUPER,
        &TEE,
    ] {
        native::define(vm, module, spec)?;
    }
    combinatorics::define(vm, module)?;
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
/// A new exact object of a class of this module, and the class.
pub fn make(vm: &'static Vm, name: &'static str) -> Gc {
    native::new_of(vm, name)
}
/// What `__new__` gives for the class that was asked for.
pub fn wrap(vm: &'static Vm, cls: Gc, this: Gc) -> PyResult {
    native::instance(vm, cls, native::class_of(this), this)
}
/// Checks the arguments of a `__new__` without keywords, class not counted.
fn plain(
    vm: &'static Vm,
    name: &str,
    args: &[Gc],
    kw: &Kw,
    min: usize,
    max: usize,
) -> PyResult<()> {
    no_keywords(vm, name, kw)?;
    count_args(vm, name, args.len() - 1, min, max)
}

// ---- count: R0 next value, R1 step.
fn count_new(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [start, step] = bind(vm, "count", ["start", "step"], 0, &args[1..], keywords)?;
    for v in [start, step] {
        if !v.is_null() && ouro_py_objects::float::to_f64(vm, v).is_err() && !v.is::<WComplex>() {
            return Err(vm.type_error("a number is required"));
        }
    }
    let this = make(vm, "count");
    this.set(
        vm,
        WNative::R0,
        if start.is_null() { int(vm, 0) } else { start },
    );
    this.set(
        vm,
        WNative::R1,
        if step.is_null() { int(vm, 1) } else { step },
    );
    wrap(vm, args[0], this)
}
fn count_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let (v, step) = (this.get(WNative::R0), this.get(WNative::R1));
    let sum = match (
        ouro_py_objects::int::small(v),
        ouro_py_objects::int::small(step),
    ) {
        (Some(a), Some(b)) if a.checked_add(b).is_some() => int(vm, a + b),
        _ => binary(vm, BinOp::Add, v, step)?,
    };
    this.set(vm, WNative::R0, sum);
    Ok(Some(v))
}
fn count_repr(vm: &'static Vm, this: Gc) -> PyResult {
    let (v, step) = (this.get(WNative::R0), this.get(WNative::R1));
    let text = match ouro_py_objects::int::small(step) == Some(1) {
        true => format!("count({})", repr(vm, v)?),
        false => format!("count({}, {})", repr(vm, v)?, repr(vm, step)?),
    };
    Ok(string(vm, &text))
}

// ---- cycle: R0 iterator or NULL, R1 list of the values seen, I0 next of them.
fn cycle_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    plain(vm, "cycle", args, kw, 1, 1)?;
    let it = iter(vm, args[1])?;
    let this = make(vm, "cycle");
    this.set(vm, WNative::R0, it);
    this.set(vm, WNative::R1, list(vm, &[]));
    wrap(vm, args[0], this)
}
fn cycle_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let it = this.get(WNative::R0);
    let seen = this.get(WNative::R1);
    if !it.is_null() {
        if let Some(v) = next(vm, it)? {
            list_append(vm, seen, v)?;
            return Ok(Some(v));
        }
        this.set(vm, WNative::R0, Gc::NULL);
    }
    if list_len(seen) == 0 {
        return Ok(None);
    }
    let i = this.get(WNative::I0) as usize;
    this.set(vm, WNative::I0, ((i + 1) % list_len(seen)) as i64);
    Ok(Some(list_get(vm, seen, i)))
}

// ---- repeat: R0 value, I0 how often yet, I1 whether limited.
fn repeat_new(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [object, times] = bind(vm, "repeat", ["object", "times"], 1, &args[1..], keywords)?;
    let left = if times.is_null() {
        0
    } else {
        to_i64(vm, times)?.max(0)
    };
    let this = make(vm, "repeat");
    this.set(vm, WNative::R0, object);
    this.set(vm, WNative::I0, left);
    this.set(vm, WNative::I1, i64::from(!times.is_null()));
    wrap(vm, args[0], this)
}
fn repeat_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    if this.get(WNative::I1) != 0 {
        let left = this.get(WNative::I0);
        if left == 0 {
            return Ok(None);
        }
        this.set(vm, WNative::I0, left - 1);
    }
    Ok(Some(this.get(WNative::R0)))
}
fn repeat_repr(vm: &'static Vm, this: Gc) -> PyResult {
    let shown = repr(vm, this.get(WNative::R0))?;
    let text = match this.get(WNative::I1) {
        0 => format!("repeat({shown})"),
        _ => format!("repeat({shown}, {})", this.get(WNative::I0)),
    };
    Ok(string(vm, &text))
}
fn repeat_hint(vm: &'static Vm, this: Gc) -> PyResult {
    match this.get(WNative::I1) {
        0 => Err(vm.type_error("len() of unsized object")),
        _ => Ok(int(vm, this.get(WNative::I0))),
    }
}

// ---- chain: R0 iterator of iterables or NULL, R1 current iterator or NULL.
fn chain_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    no_keywords(vm, "chain", kw)?;
    let all = tuple(vm, &args[1..]);
    chain_over(vm, args[0], all)
}
fn from_iterable(vm: &'static Vm, cls: Gc, iterables: Gc) -> PyResult {
    chain_over(vm, cls, iterables)
}
fn chain_over(vm: &'static Vm, cls: Gc, iterables: Gc) -> PyResult {
    let outer = iter(vm, iterables)?;
    let this = make(vm, "chain");
    this.set(vm, WNative::R0, outer);
    wrap(vm, cls, this)
}
fn chain_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    loop {
        let outer = this.get(WNative::R0);
        if outer.is_null() {
            return Ok(None);
        }
        let mut inner = this.get(WNative::R1);
        if inner.is_null() {
            let Some(iterable) = next(vm, outer)? else {
                this.set(vm, WNative::R0, Gc::NULL);
                return Ok(None);
            };
            inner = iter(vm, iterable)?;
            this.set(vm, WNative::R1, inner);
        }
        if let Some(v) = next(vm, inner)? {
            return Ok(Some(v));
        }
        this.set(vm, WNative::R1, Gc::NULL);
    }
}

// ---- compress: R0 data, R1 selectors.
fn compress_new(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, selectors] = bind(
        vm,
        "compress",
        ["data", "selectors"],
        2,
        &args[1..],
        keywords,
    )?;
    let (data, selectors) = (iter(vm, data)?, iter(vm, selectors)?);
    let this = make(vm, "compress");
    this.set(vm, WNative::R0, data);
    this.set(vm, WNative::R1, selectors);
    wrap(vm, args[0], this)
}
fn compress_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    loop {
        let Some(v) = next(vm, this.get(WNative::R0))? else {
            return Ok(None);
        };
        let Some(selector) = next(vm, this.get(WNative::R1))? else {
            return Ok(None);
        };
        if truth(vm, selector)? {
            return Ok(Some(v));
        }
    }
}

// ---- dropwhile, takewhile, filterfalse, starmap: R0 function, R1 iterator, I0 whether the first phase is over.
fn with_function(vm: &'static Vm, name: &'static str, args: &[Gc], kw: &Kw) -> PyResult {
    plain(vm, name, args, kw, 2, 2)?;
    let it = iter(vm, args[2])?;
    let this = make(vm, name);
    this.set(vm, WNative::R0, args[1]);
    this.set(vm, WNative::R1, it);
    wrap(vm, args[0], this)
}
fn dropwhile_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    with_function(vm, "dropwhile", args, kw)
}
fn dropwhile_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    loop {
        let Some(v) = next(vm, this.get(WNative::R1))? else {
            return Ok(None);
        };
        if this.get(WNative::I0) != 0 {
            return Ok(Some(v));
        }
        let drop = call(vm, this.get(WNative::R0), &[v])?;
        if !truth(vm, drop)? {
            this.set(vm, WNative::I0, 1);
            return Ok(Some(v));
        }
    }
}
fn takewhile_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    with_function(vm, "takewhile", args, kw)
}
fn takewhile_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    if this.get(WNative::I0) != 0 {
        return Ok(None);
    }
    let Some(v) = next(vm, this.get(WNative::R1))? else {
        return Ok(None);
    };
    let take = call(vm, this.get(WNative::R0), &[v])?;
    if truth(vm, take)? {
        return Ok(Some(v));
    }
    this.set(vm, WNative::I0, 1);
    Ok(None)
}
fn filterfalse_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    with_function(vm, "filterfalse", args, kw)
}
fn filterfalse_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let f = this.get(WNative::R0);
    loop {
        let Some(v) = next(vm, this.get(WNative::R1))? else {
            return Ok(None);
        };
        let keep = if f == none(vm) { v } else { call(vm, f, &[v])? };
        if !truth(vm, keep)? {
            return Ok(Some(v));
        }
    }
}
fn starmap_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    with_function(vm, "starmap", args, kw)
}
fn starmap_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let Some(v) = next(vm, this.get(WNative::R1))? else {
        return Ok(None);
    };
    let args = collect(vm, v)?;
    call(vm, this.get(WNative::R0), &args).map(Some)
}

// ---- islice: R0 iterator or NULL, I0 number of the next wanted item, I1 stop or -1, I2 step, I3 items taken so far.
fn islice_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    plain(vm, "islice", args, kw, 2, 4)?;
    let bound = |v: Gc, default: i64, what: &str| -> PyResult<i64> {
        if absent(vm, v) {
            return Ok(default);
        }
        let n = ouro_py_objects::int::get(v)
            .and_then(|n| n.small())
            .filter(|&n| n >= 0);
        n.ok_or_else(|| vm.value_error(what))
    };
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    let stop_text = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let text = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, stop) = match args.len() {
        3 => (0, bound(at(2), -1, stop_text)?),
        _ => (bound(at(2), 0, text)?, bound(at(3), -1, stop_text)?),
    };
    let step = bound(
        at(4),
        1,
        "Step for islice() must be a positive integer or None.",
    )?;
    if step < 1 {
        return Err(vm.value_error("Step for islice() must be a positive integer or None."));
    }
    let it = iter(vm, args[1])?;
    let this = make(vm, "islice");
    this.set(vm, WNative::R0, it);
    for (field, v) in [
        (WNative::I0, start),
        (WNative::I1, stop),
        (WNative::I2, step),
    ] {
        this.set(vm, field, v);
    }
    wrap(vm, args[0], this)
}
fn islice_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let it = this.get(WNative::R0);
    if it.is_null() {
        return Ok(None);
    }
    let stop = this.get(WNative::I1);
    let wanted = this.get(WNative::I0);
    let mut taken = this.get(WNative::I3);
    let limit = if stop >= 0 { wanted.min(stop) } else { wanted };
    while taken < limit {
        if next(vm, it)?.is_none() {
            this.set(vm, WNative::R0, Gc::NULL);
            return Ok(None);
        }
        taken += 1;
        this.set(vm, WNative::I3, taken);
    }
    if stop >= 0 && taken >= stop {
        this.set(vm, WNative::R0, Gc::NULL);
        return Ok(None);
    }
    let Some(v) = next(vm, it)? else {
        this.set(vm, WNative::R0, Gc::NULL);
        return Ok(None);
    };
    this.set(vm, WNative::I3, taken + 1);
    this.set(
        vm,
        WNative::I0,
        wanted.saturating_add(this.get(WNative::I2)),
    );
    Ok(Some(v))
}

// ---- accumulate: R0 iterator, R1 function or NULL, R2 total or NULL, R3 initial value or NULL.
fn accumulate_new(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [iterable, f, initial] = bind(
        vm,
        "accumulate",
        ["iterable", "func", "*initial"],
        1,
        &args[1..],
        keywords,
    )?;
    let it = iter(vm, iterable)?;
    let this = make(vm, "accumulate");
    this.set(vm, WNative::R0, it);
    this.set(vm, WNative::R1, if absent(vm, f) { Gc::NULL } else { f });
    this.set(
        vm,
        WNative::R3,
        if absent(vm, initial) {
            Gc::NULL
        } else {
            initial
        },
    );
    wrap(vm, args[0], this)
}
fn accumulate_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let initial = this.get(WNative::R3);
    if !initial.is_null() {
        this.set(vm, WNative::R3, Gc::NULL);
        this.set(vm, WNative::R2, initial);
        return Ok(Some(initial));
    }
    let Some(v) = next(vm, this.get(WNative::R0))? else {
        return Ok(None);
    };
    let (total, f) = (this.get(WNative::R2), this.get(WNative::R1));
    let total = if total.is_null() {
        v
    } else if f.is_null() {
        binary(vm, BinOp::Add, total, v)?
    } else {
        call(vm, f, &[total, v])?
    };
    this.set(vm, WNative::R2, total);
    Ok(Some(total))
}

// ---- pairwise: R0 iterator or NULL, R1 previous value or NULL.
fn pairwise_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    plain(vm, "pairwise", args, kw, 1, 1)?;
    let it = iter(vm, args[1])?;
    let this = make(vm, "pairwise");
    this.set(vm, WNative::R0, it);
    wrap(vm, args[0], this)
}
fn pairwise_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let it = this.get(WNative::R0);
    if it.is_null() {
        return Ok(None);
    }
    let mut old = this.get(WNative::R1);
    if old.is_null() {
        match next(vm, it)? {
            Some(v) => old = v,
            None => {
                this.set(vm, WNative::R0, Gc::NULL);
                return Ok(None);
            }
        }
    }
    let Some(new) = next(vm, it)? else {
        this.set(vm, WNative::R0, Gc::NULL);
        return Ok(None);
    };
    this.set(vm, WNative::R1, new);
    Ok(Some(tuple(vm, &[old, new])))
}

// ---- zip_longest: R0 array of iterators (NULL: exhausted), R1 fill value, I0 number of live iterators.
fn zip_longest_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let fill = match (kw.names, kw.values) {
        ([], _) => none(vm),
        (&[key], &[value]) if text_of(key) == "fillvalue" => value,
        _ => return Err(vm.type_error("zip_longest() got an unexpected keyword argument")),
    };
    let this = make(vm, "zip_longest");
    let iterators = access::alloc_var::<WRefArray>(vm, args.len() - 1);
    this.set(vm, WNative::R0, iterators);
    this.set(vm, WNative::R1, fill);
    this.set(vm, WNative::I0, args.len() as i64 - 1);
    for (i, &a) in args[1..].iter().enumerate() {
        let it = iter(vm, a)?;
        iterators.set_item(vm, &REFS, i, it);
    }
    wrap(vm, args[0], this)
}
fn zip_longest_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let iterators = this.get(WNative::R0);
    if this.get(WNative::I0) == 0 {
        return Ok(None);
    }
    let mut out = Temps::new(vm);
    for i in 0..iterators.items_len::<WRefArray>() {
        let it = iterators.item(&REFS, i);
        let v = match it.is_null() {
            true => None,
            false => next(vm, it)?,
        };
        if let Some(v) = v {
            out.push(v);
            continue;
        }
        if !it.is_null() {
            iterators.set_item(vm, &REFS, i, Gc::NULL);
            let live = this.get(WNative::I0) - 1;
            this.set(vm, WNative::I0, live);
            if live == 0 {
                return Ok(None);
            }
        }
        out.push(this.get(WNative::R1));
    }
    Ok(Some(tuple(vm, &out)))
}

// ---- groupby: R0 iterator, R1 key function or NULL, R2 current value or NULL, R3 its key, R4 key of the group being
// given out or NULL; I0 number of that group. A group: R0 the groupby, R1 its key, I0 its number.
fn groupby_new(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [iterable, key] = bind(vm, "groupby", ["iterable", "key"], 1, &args[1..], keywords)?;
    let it = iter(vm, iterable)?;
    let this = make(vm, "groupby");
    this.set(vm, WNative::R0, it);
    this.set(
        vm,
        WNative::R1,
        if absent(vm, key) { Gc::NULL } else { key },
    );
    wrap(vm, args[0], this)
}
/// Reads the next value and its key; false at the end.
fn groupby_step(vm: &'static Vm, this: Gc) -> PyResult<bool> {
    let Some(v) = next(vm, this.get(WNative::R0))? else {
        return Ok(false);
    };
    let f = this.get(WNative::R1);
    let key = if f.is_null() { v } else { call(vm, f, &[v])? };
    this.set(vm, WNative::R2, v);
    this.set(vm, WNative::R3, key);
    Ok(true)
}
fn groupby_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    this.set(vm, WNative::I0, this.get(WNative::I0) + 1);
    loop {
        let group = this.get(WNative::R4);
        if !this.get(WNative::R2).is_null()
            && (group.is_null() || !same(vm, group, this.get(WNative::R3))?)
        {
            break;
        }
        if !groupby_step(vm, this)? {
            return Ok(None);
        }
        if group.is_null() {
            break;
        }
    }
    let key = this.get(WNative::R3);
    this.set(vm, WNative::R4, key);
    let group = make(vm, "_grouper");
    group.set(vm, WNative::R0, this);
    group.set(vm, WNative::R1, key);
    group.set(vm, WNative::I0, this.get(WNative::I0));
    Ok(Some(tuple(vm, &[key, group])))
}
fn grouper_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    plain(vm, "_grouper", args, kw, 2, 2)?;
    let Some(parent) = native::cast(vm, args[1], "groupby") else {
        return Err(vm.type_error("_grouper() argument 1 must be itertools.groupby"));
    };
    let group = make(vm, "_grouper");
    group.set(vm, WNative::R0, parent);
    group.set(vm, WNative::R1, args[2]);
    group.set(vm, WNative::I0, parent.get(WNative::I0));
    Ok(group)
}
fn grouper_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let parent = this.get(WNative::R0);
    if parent.get(WNative::I0) != this.get(WNative::I0) {
        return Ok(None);
    }
    if parent.get(WNative::R2).is_null() && !groupby_step(vm, parent)? {
        return Ok(None);
    }
    if !same(vm, this.get(WNative::R1), parent.get(WNative::R3))? {
        return Ok(None);
    }
    let v = parent.get(WNative::R2);
    parent.set(vm, WNative::R2, Gc::NULL);
    Ok(Some(v))
}

// ---- tee: R0 next link or NULL. A link is an array of value, next link, and the iterator that makes the next link; the
// value is NULL until it was read.
fn tee(vm: &'static Vm, iterable: Gc, n: Gc) -> PyResult {
    let n = if n.is_null() { 2 } else { to_i64(vm, n)? };
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    let mut out = Temps::new(vm);
    if n > 0 {
        let first = match native::cast(vm, iterable, "_tee") {
            Some(known) => known,
            None => {
                let it = iter(vm, iterable)?;
                tee_over(vm, new_link(vm, it))
            }
        };
        out.push(first);
        for _ in 1..n {
            out.push(tee_over(vm, first.get(WNative::R0)));
        }
    }
    Ok(tuple(vm, &out))
}
fn new_link(vm: &'static Vm, it: Gc) -> Gc {
    let link = access::alloc_var::<WRefArray>(vm, 3);
    link.init_item(&REFS, 2, it);
    link
}
fn tee_over(vm: &'static Vm, link: Gc) -> Gc {
    let this = make(vm, "_tee");
    this.set(vm, WNative::R0, link);
    this
}
fn tee_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    plain(vm, "_tee", args, kw, 1, 1)?;
    if let Some(known) = native::cast(vm, args[1], "_tee") {
        return tee_copy(vm, known);
    }
    let it = iter(vm, args[1])?;
    Ok(tee_over(vm, new_link(vm, it)))
}
fn tee_copy(vm: &'static Vm, this: Gc) -> PyResult {
    Ok(tee_over(vm, this.get(WNative::R0)))
}
fn tee_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    let link = this.get(WNative::R0);
    if link.item(&REFS, 0).is_null() {
        let it = link.item(&REFS, 2);
        let Some(v) = next(vm, it)? else {
            return Ok(None);
        };
        let following = new_link(vm, it);
        link.set_item(vm, &REFS, 0, v);
        link.set_item(vm, &REFS, 1, following);
    }
    this.set(vm, WNative::R0, link.item(&REFS, 1));
    Ok(Some(link.item(&REFS, 0)))
}
