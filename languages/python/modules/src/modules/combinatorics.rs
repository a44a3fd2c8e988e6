//! `itertools`: product, permutations, combinations, combinations_with_replacement.
//!
//! `R0` is the pool (a tuple; for product a tuple of tuples), `R1` an array of indices, `R2` another one where needed,
//! `I0` the state: 0 before the first result, 1 after it, 2 at the end.

use crate::args::bind;
use crate::modules::itertools::{iterator, make, wrap};
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, Kw, PyResult, Temps, Vm, access};

iterator!(PRODUCT, "product", product_new, product_next);
iterator!(
    PERMUTATIONS,
    "permutations",
    permutations_new,
    permutations_next
);
iterator!(
    COMBINATIONS,
    "combinations",
    combinations_new,
    combinations_next
);
iterator!(
    WITH_REPLACEMENT,
    "combinations_with_replacement",
    replacement_new,
    replacement_next
);

/// Defines the classes.
///
/// # Errors
/// What making them raises; none is expected.
pub fn define(vm: &'static Vm, module: Gc) -> PyResult<()> {
    for spec in [&PRODUCT, &PERMUTATIONS, &COMBINATIONS, &WITH_REPLACEMENT] {
        native::define(vm, module, spec)?;
    }
    Ok(())
}
fn indices(vm: &'static Vm, values: impl ExactSizeIterator<Item = i64>) -> Gc {
    let array = access::alloc_var::<WIntArray>(vm, values.len());
    for (slot, v) in array.items_mut(&INTS).iter_mut().zip(values) {
        *slot = v;
    }
    array
}
/// The result that the first `r` indices choose.
fn chosen(vm: &'static Vm, pool: Gc, indices: &[i64]) -> Option<Gc> {
    let items = pool.items(&TUPLE);
    let mut out = Temps::new(vm);
    indices.iter().for_each(|&i| out.push(items[i as usize]));
    Some(tuple(vm, &out))
}
const ENDED: i64 = 2;
/// Moves on from state 0; true if there is a result without any step.
fn first(vm: &'static Vm, this: Gc) -> bool {
    let before = this.get(WNative::I0) == 0;
    if before {
        this.set(vm, WNative::I0, 1);
    }
    before
}
fn end(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    this.set(vm, WNative::I0, ENDED);
    Ok(None)
}

fn product_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let times = match (kw.names, kw.values) {
        ([], _) => 1,
        (&[key], &[value]) if text_of(key) == "repeat" => to_i64(vm, value)?,
        _ => {
            return Err(vm.type_error(format_args!(
                "'{}' is an invalid keyword argument for product()",
                text_of(kw.names[0])
            )));
        }
    };
    if times < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let mut pools = Temps::new(vm);
    for &a in &args[1..] {
        let items = collect(vm, a)?;
        pools.push(tuple(vm, &items));
    }
    let mut all = Temps::new(vm);
    for _ in 0..times {
        all.extend(&pools);
    }
    let this = make(vm, "product");
    let empty = all.iter().any(|p| p.items_len::<WTuple>() == 0);
    this.set(vm, WNative::R0, tuple(vm, &all));
    this.set(vm, WNative::R1, indices(vm, vec![0; all.len()].into_iter()));
    this.set(vm, WNative::I0, if empty { ENDED } else { 0 });
    wrap(vm, args[0], this)
}
fn product_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    if this.get(WNative::I0) == ENDED {
        return Ok(None);
    }
    let (pools, at) = (
        this.get(WNative::R0),
        this.get(WNative::R1).items_mut(&INTS),
    );
    if !first(vm, this) {
        let mut i = at.len();
        loop {
            if i == 0 {
                return end(vm, this);
            }
            i -= 1;
            at[i] += 1;
            if (at[i] as usize) < pools.item(&TUPLE, i).items_len::<WTuple>() {
                break;
            }
            at[i] = 0;
        }
    }
    let mut out = Temps::new(vm);
    for (i, &n) in at.iter().enumerate() {
        out.push(pools.item(&TUPLE, i).item(&TUPLE, n as usize));
    }
    Ok(Some(tuple(vm, &out)))
}

fn pool_and_r(
    vm: &'static Vm,
    name: &str,
    args: &[Gc],
    keywords: &Kw,
    required: usize,
) -> PyResult<(Gc, usize)> {
    let [iterable, r] = bind(vm, name, ["iterable", "r"], required, &args[1..], keywords)?;
    let items = collect(vm, iterable)?;
    let r = match absent(vm, r) && required == 1 {
        true => items.len() as i64,
        false => to_i64(vm, r)?,
    };
    if r < 0 {
        return Err(vm.value_error("r must be non-negative"));
    }
    Ok((tuple(vm, &items), r as usize))
}
fn permutations_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let (pool, r) = pool_and_r(vm, "permutations", args, kw, 1)?;
    let n = pool.items_len::<WTuple>();
    let this = make(vm, "permutations");
    this.set(vm, WNative::R0, pool);
    this.set(vm, WNative::R1, indices(vm, (0..n).map(|i| i as i64)));
    let cycles: Vec<i64> = (0..r.min(n)).map(|i| (n - i) as i64).collect();
    this.set(vm, WNative::R2, indices(vm, cycles.into_iter()));
    this.set(vm, WNative::I0, if r > n { ENDED } else { 0 });
    wrap(vm, args[0], this)
}
fn permutations_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    if this.get(WNative::I0) == ENDED {
        return Ok(None);
    }
    let (order, cycles) = (
        this.get(WNative::R1).items_mut(&INTS),
        this.get(WNative::R2).items_mut(&INTS),
    );
    let (n, r) = (order.len(), cycles.len());
    if !first(vm, this) {
        let mut i = r;
        loop {
            if i == 0 {
                return end(vm, this);
            }
            i -= 1;
            cycles[i] -= 1;
            if cycles[i] > 0 {
                order.swap(i, n - cycles[i] as usize);
                break;
            }
            order[i..].rotate_left(1);
            cycles[i] = (n - i) as i64;
        }
    }
    Ok(chosen(vm, this.get(WNative::R0), &order[..r]))
}
fn combinations_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let (pool, r) = pool_and_r(vm, "combinations", args, kw, 2)?;
    let n = pool.items_len::<WTuple>();
    let this = make(vm, "combinations");
    this.set(vm, WNative::R0, pool);
    this.set(
        vm,
        WNative::R1,
        indices(vm, (0..r.min(n)).map(|i| i as i64)),
    );
    this.set(vm, WNative::I0, if r > n { ENDED } else { 0 });
    wrap(vm, args[0], this)
}
fn combinations_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    if this.get(WNative::I0) == ENDED {
        return Ok(None);
    }
    let pool = this.get(WNative::R0);
    let at = this.get(WNative::R1).items_mut(&INTS);
    let (n, r) = (pool.items_len::<WTuple>(), at.len());
    if !first(vm, this) {
        let Some(i) = (0..r).rev().find(|&i| at[i] != (i + n - r) as i64) else {
            return end(vm, this);
        };
        at[i] += 1;
        for j in i + 1..r {
            at[j] = at[j - 1] + 1;
        }
    }
    Ok(chosen(vm, pool, at))
}
fn replacement_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let (pool, r) = pool_and_r(vm, "combinations_with_replacement", args, kw, 2)?;
    let n = pool.items_len::<WTuple>();
    let this = make(vm, "combinations_with_replacement");
    this.set(vm, WNative::R0, pool);
    this.set(vm, WNative::R1, indices(vm, vec![0; r].into_iter()));
    this.set(vm, WNative::I0, if n == 0 && r > 0 { ENDED } else { 0 });
    wrap(vm, args[0], this)
}
fn replacement_next(vm: &'static Vm, this: Gc) -> PyResult<Option<Gc>> {
    if this.get(WNative::I0) == ENDED {
        return Ok(None);
    }
    let pool = this.get(WNative::R0);
    let at = this.get(WNative::R1).items_mut(&INTS);
    if !first(vm, this) {
        let last = pool.items_len::<WTuple>() as i64 - 1;
        let Some(i) = (0..at.len()).rev().find(|&i| at[i] != last) else {
            return end(vm, this);
        };
        let v = at[i] + 1;
        at[i..].fill(v);
    }
    Ok(chosen(vm, pool, at))
}
