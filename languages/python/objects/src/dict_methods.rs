//! The methods of dict.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, Inline, Kw, fn1, fn2, fn3, kw};
use crate::dict::{self, as_dict};
use crate::layout::*;
use crate::list_methods::{container_repr, push_repr};
use crate::special::Special;
use crate::table;
use crate::{Errors, PyResult, Vm};
use ouro_gc::Gc;

fn new(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    let builtin = vm.world().classes.dict;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    Ok(crate::make_class::wrap(
        vm,
        class.gc(),
        builtin,
        dict::new(vm),
    ))
}
/// `d.update(*args, **kw)` and `dict.__init__`.
fn update_with(vm: &'static Vm, function: &str, args: &[Gc], kw: &Kw) -> PyResult {
    let d = args[0];
    if args.len() > 2 {
        return Err(vm.type_error(format_args!(
            "{function} expected at most 1 argument, got {}",
            args.len() - 1
        )));
    }
    if let Some(&other) = args.get(1) {
        dict::update(vm, d, other)?;
    }
    for (&name, &value) in kw.names.iter().zip(kw.values) {
        dict::set(vm, d, name, value)?;
    }
    Ok(vm.world().none)
}
fn repr(vm: &'static Vm, d: Gc) -> PyResult {
    container_repr(vm, d, "{...}", |out| {
        out.push(b'{');
        let (mut at, mut first) = (0, true);
        while let Some((key, value)) = dict::next(d, &mut at) {
            if !first {
                out.extend_from_slice(b", ");
            }
            first = false;
            push_repr(vm, out, key)?;
            out.extend_from_slice(b": ");
            push_repr(vm, out, value)?;
        }
        out.push(b'}');
        Ok(())
    })
}
/// `object[key]`; a subclass may say what a missing key means.
fn get_item(vm: &'static Vm, object: Gc, key: Gc) -> PyResult {
    let d = crate::payload(object);
    if let Some(v) = dict::get(vm, d, key)? {
        return Ok(v);
    }
    if d != object
        && let Some(v) = crate::call::call_special(vm, object, Special::Missing, &[key])?
    {
        return Ok(v);
    }
    Err(vm.key_error(key))
}
fn set_item(vm: &'static Vm, d: Gc, key: Gc, value: Gc) -> PyResult {
    dict::set(vm, d, key, value)?;
    Ok(vm.world().none)
}
fn del_item(vm: &'static Vm, d: Gc, key: Gc) -> PyResult {
    match dict::remove(vm, d, key)? {
        Some(_) => Ok(vm.world().none),
        None => Err(vm.key_error(key)),
    }
}
fn equal(vm: &'static Vm, a: Gc, b: Gc, negated: bool) -> PyResult {
    let Some(b) = as_dict(b) else {
        return Ok(vm.world().not_implemented);
    };
    let same = a == b || crate::error::recursive(vm, " in comparison", || dict::equal(vm, a, b))?;
    Ok(vm.world().bool(same != negated))
}
fn or(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    match (as_dict(a), as_dict(b)) {
        (Some(left), Some(_)) => {
            let out = dict::copy(vm, left);
            dict::update(vm, out, b)?;
            Ok(out)
        }
        _ => Ok(vm.world().not_implemented),
    }
}
fn in_place_or(vm: &'static Vm, object: Gc, other: Gc) -> PyResult {
    dict::update(vm, crate::payload(object), other)?;
    Ok(object)
}
/// A view: 0 keys, 1 values, 2 items.
fn view(vm: &'static Vm, d: Gc, kind: i64) -> PyResult {
    Ok(alloc::<WDictView>(vm)
        .init(WDictView::DICT, d)
        .init(WDictView::KIND, kind))
}
fn get(vm: &'static Vm, d: Gc, key: Gc, default: Gc) -> PyResult {
    let default = if default.is_null() {
        vm.world().none
    } else {
        default
    };
    Ok(dict::get(vm, d, key)?.unwrap_or(default))
}
fn setdefault(vm: &'static Vm, d: Gc, key: Gc, default: Gc) -> PyResult {
    let hash = crate::operator::hash(vm, key)?;
    if let Some(v) = dict::get_hashed(vm, d, key, hash)? {
        return Ok(v);
    }
    let default = if default.is_null() {
        vm.world().none
    } else {
        default
    };
    dict::set_hashed(vm, d, key, hash, default)?;
    Ok(default)
}
fn pop(vm: &'static Vm, d: Gc, key: Gc, default: Gc) -> PyResult {
    // The key of an empty dict need not be hashable.
    let found = if dict::len(d) == 0 {
        None
    } else {
        dict::remove(vm, d, key)?
    };
    match found {
        Some(v) => Ok(v),
        None if default.is_null() => Err(vm.key_error(key)),
        None => Ok(default),
    }
}
fn popitem(vm: &'static Vm, d: Gc) -> PyResult {
    let Some(entry) = table::previous::<WDict>(d, usize::MAX) else {
        return Err(vm.key_error(crate::str::new(vm, "popitem(): dictionary is empty")));
    };
    let key = table::key_at::<WDict>(d, entry);
    let hash = crate::operator::hash(vm, key)?;
    if table::fill::<WDict>(d) <= entry || table::key_at::<WDict>(d, entry) != key {
        return Err(vm.runtime_error("dict mutated during popitem"));
    }
    let value = dict::remove_entry(vm, d, entry, hash);
    Ok(crate::tuple::new(vm, &[key, value]))
}
fn fromkeys(vm: &'static Vm, class: Gc, iterable: Gc, value: Gc) -> PyResult {
    let value = if value.is_null() {
        vm.world().none
    } else {
        value
    };
    let exact = class == vm.world().classes.dict.gc();
    let out = if exact {
        dict::new(vm)
    } else {
        crate::call::call_args(vm, class, &[])?
    };
    let plain = out.is::<WDict>();
    let it = crate::operator::iter(vm, iterable)?;
    while let Some(key) = crate::operator::next(vm, it)? {
        match plain {
            true => dict::set(vm, out, key, value)?,
            false => crate::operator::set_item(vm, out, key, value)?,
        }
    }
    Ok(out)
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__init__", |vm, args, kw| update_with(vm, "dict", args, kw)),
    fn1("__repr__", repr),
    fn1("__len__", |vm, d| {
        Ok(crate::int::new(vm, dict::len(d) as i64))
    }),
    fn1("__iter__", |vm, d| Ok(crate::iter::of_dict(vm, d, 0))),
    fn1("__reversed__", |vm, d| Ok(crate::iter::of_dict(vm, d, 4)))
        .doc("Return a reverse iterator over the dict keys."),
    fn2("__contains__", |vm, d, key| {
        Ok(vm.world().bool(dict::get(vm, d, key)?.is_some()))
    })
    .doc("True if the dictionary has the specified key, else False."),
    fn2("__getitem__", get_item)
        .keep_self()
        .doc("x.__getitem__(y) <==> x[y]"),
    fn3("__setitem__", set_item),
    fn2("__delitem__", del_item),
    fn2("__eq__", |vm, a, b| equal(vm, a, b, false)),
    fn2("__ne__", |vm, a, b| equal(vm, a, b, true)),
    fn2("__or__", or),
    fn2("__ror__", |vm, a, b| or(vm, b, a)),
    fn2("__ior__", in_place_or).keep_self(),
    fn1("__sizeof__", |vm, d| {
        Ok(crate::int::new(vm, 64 + 32 * dict::len(d) as i64))
    })
    .doc("D.__sizeof__() -> size of D in memory, in bytes"),
    fn2("__class_getitem__", crate::generic_alias::new)
        .class_method()
        .doc("See PEP 585"),
    fn1("clear", |vm, d| {
        dict::clear(vm, d);
        Ok(vm.world().none)
    })
    .doc("D.clear() -> None.  Remove all items from D."),
    fn1("copy", |vm, d| Ok(dict::copy(vm, d))).doc("D.copy() -> a shallow copy of D"),
    fn3("fromkeys", fromkeys)
        .opt(2)
        .class_method()
        .doc("Create a new dictionary with keys from iterable and values set to value."),
    fn3("get", get)
        .opt(2)
        .inline(Inline::DictGet)
        .doc("Return the value for key if key is in the dictionary, else default."),
    fn1("items", |vm, d| view(vm, d, 2))
        .doc("D.items() -> a set-like object providing a view on D's items"),
    fn1("keys", |vm, d| view(vm, d, 0))
        .doc("D.keys() -> a set-like object providing a view on D's keys"),
    fn3("pop", pop).opt(2).inline(Inline::DictPop).doc(
        "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\n\
         If the key is not found, return the default if given; otherwise,\n\
         raise a KeyError.",
    ),
    fn1("popitem", popitem).doc(
        "Remove and return a (key, value) pair as a 2-tuple.\n\n\
         Pairs are returned in LIFO (last-in, first-out) order.\n\
         Raises KeyError if the dict is empty.",
    ),
    fn3("setdefault", setdefault).opt(2).doc(
        "Insert key with a value of default if key is not in the dictionary.\n\n\
         Return the value for key if key is in the dictionary, else default.",
    ),
    kw("update", |vm, args, kw| update_with(vm, "update", args, kw)).doc(
        "D.update([E, ]**F) -> None.  Update D from dict/iterable E and F.\n\
         If E is present and has a .keys() method, then does:  for k in E: D[k] = E[k]\n\
         If E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\n\
         In either case, this is followed by: for k in F:  D[k] = F[k]",
    ),
    fn1("values", |vm, d| view(vm, d, 1))
        .doc("D.values() -> an object providing a view on D's values"),
];

/// Fills the namespace of dict.
pub(crate) fn boot(vm: &'static Vm) {
    let class = vm.world().classes.dict;
    crate::make_class::add_members(vm, class, METHODS, &[]);
    class.put(vm, Special::Hash.name(vm), vm.world().none);
}
