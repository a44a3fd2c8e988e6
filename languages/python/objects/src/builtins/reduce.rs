//! `sum`, `min`, `max`, `any`, `all`: native loops over lists of unboxed numbers, else the iteration protocol.

use crate::access::Access;
use crate::builtin::Kw;
use crate::layout::*;
use crate::special::{BinOp, CmpOp};
use crate::{Errors, PyResult, Temps, Vm, list, operator};
use ouro_gc::Gc;

/// `any(iterable)` if `wanted`, else `all(iterable)`: whether the first item whose truth is `wanted` exists, or does not.
///
/// # Errors
/// What the iterator and `__bool__` raise.
pub fn all_or_any(vm: &'static Vm, iterable: Gc, wanted: bool) -> PyResult {
    let found = |found: bool| Ok(vm.world().bool(found == wanted));
    if iterable.is::<WList>() {
        if let Some(ints) = list::ints(iterable) {
            return found(ints.iter().any(|&v| (v != 0) == wanted));
        }
        if let Some(floats) = list::floats(iterable) {
            return found(floats.iter().any(|&v| (v != 0.0) == wanted));
        }
    }
    let it = operator::iter(vm, iterable)?;
    while let Some(v) = operator::next(vm, it)? {
        if operator::truth(vm, v)? == wanted {
            return found(true);
        }
    }
    found(false)
}

/// A running sum.
enum Sum {
    Int(i64),
    Float(f64),
    Other(Gc),
}
impl Sum {
    fn of(v: Gc) -> Sum {
        if v.is::<WInt>() {
            Sum::Int(v.get(WInt::VALUE))
        } else if v.is::<WFloat>() {
            Sum::Float(v.get(WFloat::VALUE))
        } else {
            Sum::Other(v)
        }
    }
    fn object(&self, vm: &'static Vm) -> Gc {
        match *self {
            Sum::Int(v) => crate::int::new(vm, v),
            Sum::Float(v) => crate::float::new(vm, v),
            Sum::Other(v) => v,
        }
    }
    fn add(self, vm: &'static Vm, v: Gc) -> PyResult<Sum> {
        match self {
            Sum::Int(a) if v.is::<WInt>() => {
                if let Some(total) = a.checked_add(v.get(WInt::VALUE)) {
                    return Ok(Sum::Int(total));
                }
            }
            Sum::Float(a) if v.is::<WFloat>() => return Ok(Sum::Float(a + v.get(WFloat::VALUE))),
            Sum::Float(a) if v.is::<WInt>() => {
                return Ok(Sum::Float(a + v.get(WInt::VALUE) as f64));
            }
            _ => {}
        }
        Ok(Sum::of(operator::binary(
            vm,
            BinOp::Add,
            self.object(vm),
            v,
        )?))
    }
}
/// `sum(iterable, /, start=0)`
///
/// # Errors
/// TypeError for strs and bytes as start, what `__add__` raises.
pub fn sum(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let given = args.len() + kw.names.len();
    if args.is_empty() {
        return Err(vm.type_error(format_args!(
            "sum() takes at least 1 positional argument ({given} given)"
        )));
    }
    if given > 2 {
        return Err(vm.type_error(format_args!(
            "sum() takes at most 2 arguments ({given} given)"
        )));
    }
    let [iterable, start] = crate::call::parse(vm, "sum", args, kw, ["", "start"], 1, 2)?;
    let exact = if start.is_null() {
        start
    } else {
        crate::payload(start)
    };
    let refused = [
        (exact.is::<WStr>(), "strings", "''"),
        (exact.is::<WBytes>(), "bytes", "b''"),
        (exact.is::<WByteArray>(), "bytearray", "b''"),
    ];
    if let Some((_, kind, join)) = refused.into_iter().find(|r| r.0) {
        return Err(vm.type_error(format_args!(
            "sum() can't sum {kind} [use {join}.join(seq) instead]"
        )));
    }
    let mut total = if start.is_null() {
        Sum::Int(0)
    } else {
        Sum::of(start)
    };
    if iterable.is::<WList>() {
        if let (Some(ints), Sum::Int(first)) = (list::ints(iterable), &total)
            && let Some(v) = ints.iter().try_fold(*first, |sum, &v| sum.checked_add(v))
        {
            return Ok(crate::int::new(vm, v));
        }
        if let (Some(floats), true) = (list::floats(iterable), !matches!(total, Sum::Other(_))) {
            let first = match total {
                Sum::Int(v) if floats.is_empty() => return Ok(crate::int::new(vm, v)),
                Sum::Int(v) => v as f64,
                Sum::Float(v) => v,
                Sum::Other(_) => unreachable!("excluded above"),
            };
            return Ok(crate::float::new(
                vm,
                floats.iter().fold(first, |sum, v| sum + v),
            ));
        }
    }
    let it = operator::iter(vm, iterable)?;
    while let Some(v) = operator::next(vm, it)? {
        total = total.add(vm, v)?;
    }
    Ok(total.object(vm))
}

/// `max(...)` if `largest`, else `min(...)`.
///
/// # Errors
/// TypeError, ValueError for an empty iterable, what key function and comparisons raise.
pub fn extreme(vm: &'static Vm, args: &[Gc], kw: &Kw, largest: bool) -> PyResult {
    let (name, op) = if largest {
        ("max", CmpOp::Gt)
    } else {
        ("min", CmpOp::Lt)
    };
    let [key, default] = crate::call::parse(vm, name, &[], kw, ["key", "default"], 0, 0)?;
    let key = if key == vm.world().none {
        Gc::NULL
    } else {
        key
    };
    match args {
        [] => Err(vm.type_error(format_args!("{name} expected at least 1 argument, got 0"))),
        &[iterable] => {
            if key.is_null()
                && let Some(v) = extreme_number(vm, iterable, largest)
            {
                return Ok(v);
            }
            let it = operator::iter(vm, iterable)?;
            match extreme_of(vm, key, op, || operator::next(vm, it))? {
                Some(v) => Ok(v),
                None if default.is_null() => {
                    Err(vm.value_error(format_args!("{name}() arg is an empty sequence")))
                }
                None => Ok(default),
            }
        }
        _ if !default.is_null() => Err(vm.type_error(format_args!(
            "Cannot specify a default for {name}() with multiple positional arguments"
        ))),
        _ => {
            let args = Temps::from_slice(vm, args);
            let mut rest = 0..args.len();
            let best = extreme_of(vm, key, op, || Ok(rest.next().map(|i| args[i])))?;
            Ok(best.expect("there are two arguments at least"))
        }
    }
}
/// The first of the greatest (least) items; None if there are none.
fn extreme_of(
    vm: &'static Vm,
    key: Gc,
    op: CmpOp,
    mut next: impl FnMut() -> PyResult<Option<Gc>>,
) -> PyResult<Option<Gc>> {
    let mut best: Option<(Gc, Gc)> = None;
    while let Some(item) = next()? {
        let value = if key.is_null() {
            item
        } else {
            crate::call::call_args(vm, key, &[item])?
        };
        best = match best {
            Some((_, held)) if !operator::compare_bool(vm, op, value, held)? => best,
            _ => Some((item, value)),
        };
    }
    Ok(best.map(|b| b.0))
}
/// The extreme of a list of unboxed numbers that is not empty.
fn extreme_number(vm: &'static Vm, iterable: Gc, largest: bool) -> Option<Gc> {
    if !iterable.is::<WList>() {
        return None;
    }
    if let Some(ints) = list::ints(iterable) {
        let v = if largest {
            ints.iter().max()
        } else {
            ints.iter().min()
        };
        return v.map(|&v| crate::int::new(vm, v));
    }
    // The first of equals stays, and NaN compares false, as with objects.
    let (&first, rest) = list::floats(iterable)?.split_first()?;
    let better = |a: f64, b: f64| if largest { a > b } else { a < b };
    Some(crate::float::new(
        vm,
        rest.iter()
            .fold(first, |best, &v| if better(v, best) { v } else { best }),
    ))
}
