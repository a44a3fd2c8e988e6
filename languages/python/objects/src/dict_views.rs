//! The views of dicts (`keys`, `values`, `items`) and `mappingproxy`.
//!
//! Keys and items behave like sets: operators take any iterable and give sets.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getter, kw};
use crate::dict;
use crate::layout::*;
use crate::list_methods::{container_repr, push_repr};
use crate::special::{BinOp, CmpOp, Special};
use crate::{Errors, PyResult, Vm, set, type_of};
use ouro_gc::Gc;

/// `WDictView::KIND` of a view of keys; values have 1, items 2.
const KEYS: i64 = 0;

fn dict_of(view: Gc) -> Gc {
    view.get(WDictView::DICT)
}
fn repr(vm: &'static Vm, view: Gc) -> PyResult {
    let name = type_of(vm, view).text();
    container_repr(vm, view, "...", |out| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"([");
        let it = crate::iter::of_dict(vm, dict_of(view), view.get(WDictView::KIND));
        let mut first = true;
        while let Some(item) = crate::operator::next(vm, it)? {
            if !first {
                out.extend_from_slice(b", ");
            }
            first = false;
            push_repr(vm, out, item)?;
        }
        out.extend_from_slice(b"])");
        Ok(())
    })
}
fn contains(vm: &'static Vm, view: Gc, item: Gc) -> PyResult<bool> {
    let d = dict_of(view);
    if view.get(WDictView::KIND) == KEYS {
        return Ok(dict::get(vm, d, item)?.is_some());
    }
    let Some(pair) = crate::tuple::as_tuple(item).filter(|&t| crate::tuple::len(t) == 2) else {
        return Ok(false);
    };
    match dict::get(vm, d, pair.item(&TUPLE, 0))? {
        Some(v) => crate::operator::eq(vm, v, pair.item(&TUPLE, 1)),
        None => Ok(false),
    }
}
/// Whether the object compares with a view of keys or items as a set.
fn is_set_like(object: Gc) -> bool {
    set::as_set(object).is_some() || object.is::<WDictView>() && object.get(WDictView::KIND) != 1
}
fn all_in(vm: &'static Vm, a: Gc, b: Gc) -> PyResult<bool> {
    let it = crate::operator::iter(vm, a)?;
    while let Some(item) = crate::operator::next(vm, it)? {
        if !crate::operator::contains(vm, b, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
fn compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    if !is_set_like(b) {
        return Ok(vm.world().not_implemented);
    }
    let (x, y) = (dict::len(dict_of(a)), crate::operator::len(vm, b)?);
    let holds = match CmpOp::ALL[OP] {
        CmpOp::Eq => x == y && all_in(vm, a, b)?,
        CmpOp::Ne => x != y || !all_in(vm, a, b)?,
        CmpOp::Lt => x < y && all_in(vm, a, b)?,
        CmpOp::Le => x <= y && all_in(vm, a, b)?,
        CmpOp::Gt => x > y && all_in(vm, b, a)?,
        CmpOp::Ge => x >= y && all_in(vm, b, a)?,
    };
    Ok(vm.world().bool(holds))
}
/// `a op b` as sets, of which at least one is a view.
fn combine(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    let left = set::from_iterable(vm, a, false)?;
    let right = set::coerce(vm, b)?;
    crate::operator::binary(vm, op, left, right)
}
fn is_disjoint(vm: &'static Vm, view: Gc, other: Gc) -> PyResult {
    let it = crate::operator::iter(vm, other)?;
    while let Some(item) = crate::operator::next(vm, it)? {
        if contains(vm, view, item)? {
            return Ok(vm.world().false_);
        }
    }
    Ok(vm.world().true_)
}

static COMMON: &[BuiltinDef] = &[
    fn1("__repr__", repr),
    fn1("__len__", |vm, v| {
        Ok(crate::int::new(vm, dict::len(dict_of(v)) as i64))
    }),
    fn1("__iter__", |vm, v| {
        Ok(crate::iter::of_dict(vm, dict_of(v), v.get(WDictView::KIND)))
    }),
    fn1("__reversed__", |vm, v| {
        Ok(crate::iter::of_dict(
            vm,
            dict_of(v),
            v.get(WDictView::KIND) + 4,
        ))
    })
    .doc("Return a reverse iterator over the dict view."),
];
static SET_LIKE: &[BuiltinDef] = &[
    fn2("__contains__", |vm, v, item| {
        Ok(vm.world().bool(contains(vm, v, item)?))
    }),
    fn2("__lt__", compare::<0>),
    fn2("__le__", compare::<1>),
    fn2("__eq__", compare::<2>),
    fn2("__ne__", compare::<3>),
    fn2("__gt__", compare::<4>),
    fn2("__ge__", compare::<5>),
    fn2("__and__", |vm, a, b| combine(vm, BinOp::And, a, b)),
    fn2("__rand__", |vm, a, b| combine(vm, BinOp::And, b, a)),
    fn2("__or__", |vm, a, b| combine(vm, BinOp::Or, a, b)),
    fn2("__ror__", |vm, a, b| combine(vm, BinOp::Or, b, a)),
    fn2("__sub__", |vm, a, b| combine(vm, BinOp::Sub, a, b)),
    fn2("__rsub__", |vm, a, b| combine(vm, BinOp::Sub, b, a)),
    fn2("__xor__", |vm, a, b| combine(vm, BinOp::Xor, a, b)),
    fn2("__rxor__", |vm, a, b| combine(vm, BinOp::Xor, b, a)),
    fn2("isdisjoint", is_disjoint)
        .doc("Return True if the view and the given iterable have a null intersection."),
];
static VIEW_ATTRIBUTES: &[GetSetDef] = &[getter("mapping", |vm, v| Ok(new_proxy(vm, dict_of(v))))];

// ---- mappingproxy
/// A read-only view of a mapping.
pub fn new_proxy(vm: &'static Vm, mapping: Gc) -> Gc {
    alloc::<WMappingProxy>(vm).init(WMappingProxy::MAPPING, mapping)
}
fn below(proxy: Gc) -> Gc {
    proxy.get(WMappingProxy::MAPPING)
}
fn proxy_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [_, mapping] = crate::call::parse(vm, "mappingproxy", args, kw, ["", "mapping"], 2, 2)?;
    let is_mapping = !type_of(vm, mapping).special(vm, Special::GetItem).is_null()
        && crate::list::as_list(mapping).is_none()
        && crate::tuple::as_tuple(mapping).is_none();
    if !is_mapping {
        let got = type_of(vm, mapping).text();
        return Err(vm.type_error(format_args!(
            "mappingproxy() argument must be a mapping, not {got}"
        )));
    }
    Ok(new_proxy(vm, mapping))
}
fn proxy_repr(vm: &'static Vm, p: Gc) -> PyResult {
    let mut out = b"mappingproxy(".to_vec();
    push_repr(vm, &mut out, below(p))?;
    out.push(b')');
    Ok(crate::str::from_wtf8(vm, &out))
}
fn unwrap(object: Gc) -> Gc {
    if object.is::<WMappingProxy>() {
        below(object)
    } else {
        object
    }
}
fn proxy_compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    crate::operator::compare(vm, CmpOp::ALL[OP], below(a), unwrap(b))
}
/// Calls a method of the mapping below.
fn forward(vm: &'static Vm, name: &str, args: &[Gc]) -> PyResult {
    crate::call::call_text(vm, below(args[0]), name, &args[1..])
}
static PROXY: &[BuiltinDef] = &[
    kw("__new__", proxy_new).static_method(),
    fn1("__repr__", proxy_repr),
    fn1("__str__", |vm, p| crate::operator::str_of(vm, below(p))),
    fn1("__len__", |vm, p| {
        Ok(crate::int::new(
            vm,
            crate::operator::len(vm, below(p))? as i64,
        ))
    }),
    fn1("__iter__", |vm, p| crate::operator::iter(vm, below(p))),
    fn1("__reversed__", |vm, p| forward(vm, "__reversed__", &[p]))
        .doc("D.__reversed__() -> reverse iterator"),
    fn2("__contains__", |vm, p, key| {
        Ok(vm
            .world()
            .bool(crate::operator::contains(vm, below(p), key)?))
    }),
    fn2("__getitem__", |vm, p, key| {
        crate::operator::get_item(vm, below(p), key)
    }),
    fn1("__hash__", |vm, p| {
        Ok(crate::int::new(vm, crate::operator::hash(vm, below(p))?))
    }),
    fn2("__lt__", proxy_compare::<0>),
    fn2("__le__", proxy_compare::<1>),
    fn2("__eq__", proxy_compare::<2>),
    fn2("__ne__", proxy_compare::<3>),
    fn2("__gt__", proxy_compare::<4>),
    fn2("__ge__", proxy_compare::<5>),
    fn2("__or__", |vm, a, b| {
        crate::operator::binary(vm, BinOp::Or, unwrap(a), unwrap(b))
    }),
    fn2("__ror__", |vm, a, b| {
        crate::operator::binary(vm, BinOp::Or, unwrap(b), unwrap(a))
    }),
    fn2("__ior__", |vm, p, _| {
        let name = type_of(vm, p).text();
        Err(vm.type_error(format_args!(
            "'|=' is not supported by {name}; use '|' instead"
        )))
    }),
    fn2("__class_getitem__", crate::generic_alias::new)
        .class_method()
        .doc("See PEP 585"),
    fn3("get", |vm, p, key, default| {
        let default = if default.is_null() {
            vm.world().none
        } else {
            default
        };
        forward(vm, "get", &[p, key, default])
    })
    .opt(2)
    .doc("D.get(k[,d]) -> D[k] if k in D, else d.  d defaults to None."),
    fn1("keys", |vm, p| forward(vm, "keys", &[p]))
        .doc("D.keys() -> a set-like object providing a view on D's keys"),
    fn1("values", |vm, p| forward(vm, "values", &[p]))
        .doc("D.values() -> an object providing a view on D's values"),
    fn1("items", |vm, p| forward(vm, "items", &[p]))
        .doc("D.items() -> a set-like object providing a view on D's items"),
    fn1("copy", |vm, p| forward(vm, "copy", &[p])).doc("D.copy() -> a shallow copy of D"),
];

/// Fills the namespaces of the views and of mappingproxy.
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    for class in [c.dict_keys, c.dict_values, c.dict_items] {
        crate::make_class::add_members(vm, class, COMMON, VIEW_ATTRIBUTES);
    }
    for class in [c.dict_keys, c.dict_items] {
        crate::make_class::add_members(vm, class, SET_LIKE, &[]);
        class.put(vm, Special::Hash.name(vm), vm.world().none);
    }
    crate::make_class::add_members(vm, c.mappingproxy, PROXY, &[]);
}
