//! The methods of tuple.

use crate::access::Access;
use crate::builtin::{BuiltinDef, Kw, fn1, fn2, kw, var};
use crate::layout::*;
use crate::list_methods::{container_repr, push_repr, search_bound};
use crate::special::CmpOp;
use crate::tuple::{self, as_tuple};
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::Gc;

fn new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.tuple;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    let exact = std::ptr::eq(class, builtin);
    // Subclasses may give their `__init__` keyword arguments.
    if !kw.is_empty() && exact {
        return Err(vm.type_error("tuple() takes no keyword arguments"));
    }
    if args.len() > 2 {
        return Err(vm.type_error(format_args!(
            "tuple expected at most 1 argument, got {}",
            args.len() - 1
        )));
    }
    let t = match args.get(1) {
        Some(&iterable) => tuple::from_iterable(vm, iterable)?,
        None => vm.world().empty_tuple,
    };
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, t))
}
fn repr(vm: &'static Vm, t: Gc) -> PyResult {
    container_repr(vm, t, "(...)", |out| {
        out.push(b'(');
        for i in 0..tuple::len(t) {
            if i > 0 {
                out.extend_from_slice(b", ");
            }
            push_repr(vm, out, t.item(&TUPLE, i))?;
        }
        if tuple::len(t) == 1 {
            out.push(b',');
        }
        out.push(b')');
        Ok(())
    })
}
fn get_item(vm: &'static Vm, t: Gc, key: Gc) -> PyResult {
    if key.is::<WSlice>() {
        let at = crate::slice::resolve(vm, key, tuple::len(t))?;
        if let Some(range) = at.range() {
            return Ok(if range.len() == tuple::len(t) {
                t
            } else {
                tuple::new(vm, &tuple::items(t)[range])
            });
        }
        let mut out = Temps::new(vm);
        at.numbers().for_each(|i| out.push(t.item(&TUPLE, i)));
        return Ok(tuple::new(vm, &out));
    }
    if !crate::int::has_index(vm, key) {
        let got = type_of(vm, key).text();
        return Err(vm.type_error(format_args!(
            "tuple indices must be integers or slices, not {got}"
        )));
    }
    let i = crate::int::to_size(vm, key, true)?;
    let i = crate::list::item_number(vm, i, tuple::len(t), "tuple index out of range")?;
    Ok(t.item(&TUPLE, i))
}
fn compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let op = CmpOp::ALL[OP];
    let Some(b) = as_tuple(b) else {
        return Ok(vm.world().not_implemented);
    };
    let (m, n) = (tuple::len(a), tuple::len(b));
    crate::error::recursive(vm, " in comparison", || {
        for i in 0..m.min(n) {
            let (x, y) = (a.item(&TUPLE, i), b.item(&TUPLE, i));
            if !crate::operator::eq(vm, x, y)? {
                return match op {
                    CmpOp::Eq | CmpOp::Ne => Ok(vm.world().bool(op == CmpOp::Ne)),
                    _ => crate::operator::compare(vm, op, x, y),
                };
            }
        }
        Ok(vm.world().bool(op.holds(m.cmp(&n))))
    })
}
fn position(vm: &'static Vm, t: Gc, item: Gc, from: usize, to: usize) -> PyResult<Option<usize>> {
    for i in from..to.min(tuple::len(t)) {
        if crate::operator::eq(vm, t.item(&TUPLE, i), item)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}
fn add(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let Some(b) = as_tuple(b) else {
        return Ok(vm.world().not_implemented);
    };
    if tuple::len(a) == 0 {
        return Ok(b);
    }
    if tuple::len(b) == 0 {
        return Ok(a);
    }
    let out = crate::access::try_alloc_var::<WTuple>(vm, tuple::len(a) + tuple::len(b))?;
    let (first, second) = out.items_mut(&TUPLE).split_at_mut(tuple::len(a));
    first.copy_from_slice(tuple::items(a));
    second.copy_from_slice(tuple::items(b));
    Ok(out)
}
fn mul(vm: &'static Vm, t: Gc, n: Gc) -> PyResult {
    if !crate::int::has_index(vm, n) {
        return Ok(vm.world().not_implemented);
    }
    let (n, len) = (crate::int::to_size(vm, n, false)?, tuple::len(t));
    if n <= 0 || len == 0 {
        return Ok(vm.world().empty_tuple);
    }
    if n == 1 {
        return Ok(t);
    }
    let total = len
        .checked_mul(n as usize)
        .filter(|&t| t < isize::MAX as usize / 8);
    let total = total.ok_or_else(|| crate::error::memory_error(vm))?;
    let out = crate::access::try_alloc_var::<WTuple>(vm, total)?;
    out.items_mut(&TUPLE)
        .chunks_exact_mut(len)
        .for_each(|part| part.copy_from_slice(tuple::items(t)));
    Ok(out)
}
fn index(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let len = tuple::len(args[0]);
    let from = search_bound(vm, args.get(2), len, 0)?;
    let to = search_bound(vm, args.get(3), len, usize::MAX)?;
    match position(vm, args[0], args[1], from, to)? {
        Some(i) => Ok(crate::int::new(vm, i as i64)),
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}
fn count(vm: &'static Vm, t: Gc, item: Gc) -> PyResult {
    let mut n = 0;
    for i in 0..tuple::len(t) {
        n += crate::operator::eq(vm, t.item(&TUPLE, i), item)? as i64;
    }
    Ok(crate::int::new(vm, n))
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    fn1("__repr__", repr),
    fn1("__hash__", |vm, t| {
        Ok(crate::int::new(vm, tuple::hash(vm, t)?))
    }),
    fn1("__len__", |vm, t| {
        Ok(crate::int::new(vm, tuple::len(t) as i64))
    }),
    fn1("__iter__", |vm, t| {
        Ok(crate::iter::of_builtin(vm, t).expect("a tuple is iterable"))
    }),
    fn2("__contains__", |vm, t, item| {
        Ok(vm
            .world()
            .bool(position(vm, t, item, 0, usize::MAX)?.is_some()))
    }),
    fn2("__getitem__", get_item).inline(crate::builtin::Inline::GetItem),
    fn2("__add__", add),
    fn2("__mul__", mul),
    fn2("__rmul__", mul),
    fn2("__lt__", compare::<0>),
    fn2("__le__", compare::<1>),
    fn2("__eq__", compare::<2>),
    fn2("__ne__", compare::<3>),
    fn2("__gt__", compare::<4>),
    fn2("__ge__", compare::<5>),
    fn1("__getnewargs__", |vm, t| Ok(tuple::new(vm, &[t]))),
    fn1("__sizeof__", |vm, t| {
        Ok(crate::int::new(vm, 40 + 8 * tuple::len(t) as i64))
    }),
    fn2("__class_getitem__", crate::generic_alias::new)
        .class_method()
        .doc("See PEP 585"),
    fn2("count", count).doc("Return number of occurrences of value."),
    var("index", 2, 4, index)
        .doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
];

/// Fills the namespace of tuple.
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.tuple, METHODS, &[]);
}
