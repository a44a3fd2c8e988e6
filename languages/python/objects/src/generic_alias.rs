//! `list[int]` and `int | str`.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, fn1, fn2, getter, kw, var};
use crate::layout::*;
use crate::make_class::{add_members, class_of};
use crate::{Errors, PyResult, Temps, Vm};
use ouro_gc::Gc;

/// `origin[args]`; `args` is one argument or a tuple.
pub fn new(vm: &'static Vm, origin: Gc, args: Gc) -> PyResult {
    let args = if args.is::<WTuple>() {
        args
    } else {
        crate::tuple::new(vm, &[args])
    };
    Ok(alloc::<WGenericAlias>(vm)
        .init(WGenericAlias::ORIGIN, origin)
        .init(WGenericAlias::ARGS, args))
}
/// The type variables among arguments.
fn parameters(vm: &'static Vm, args: Gc) -> PyResult {
    let mut found = Temps::new(vm);
    for &a in crate::tuple::items(args) {
        if class_of(a).is_some() {
            continue;
        }
        if crate::attribute::get_attr_opt(vm, a, vm.world().names.typing_subst)?.is_some() {
            if !found.contains(&a) {
                found.push(a);
            }
        } else if let Some(inner) =
            crate::attribute::get_attr_opt(vm, a, vm.world().names.parameters)?
                .filter(|p| p.is::<WTuple>())
        {
            for &p in crate::tuple::items(inner) {
                if !found.contains(&p) {
                    found.push(p);
                }
            }
        }
    }
    Ok(crate::tuple::new(vm, &found))
}
fn substitute(vm: &'static Vm, args: Gc, params: Gc, items: &[Gc]) -> PyResult {
    let mut out = Temps::new(vm);
    for &a in crate::tuple::items(args) {
        if let Some(i) = crate::tuple::items(params).iter().position(|&p| p == a) {
            let subst =
                crate::call::call_method(vm, a, vm.world().names.typing_subst, &[items[i]])?;
            out.push(subst);
            continue;
        }
        let inner = match class_of(a) {
            Some(_) => None,
            None => crate::attribute::get_attr_opt(vm, a, vm.world().names.parameters)?
                .filter(|p| p.is::<WTuple>() && crate::tuple::len(*p) > 0),
        };
        match inner {
            Some(inner) => {
                let mut chosen = Temps::new(vm);
                for p in crate::tuple::items(inner) {
                    let i = crate::tuple::items(params)
                        .iter()
                        .position(|q| q == p)
                        .unwrap_or(0);
                    chosen.push(items[i]);
                }
                let key = crate::tuple::new(vm, &chosen);
                out.push(crate::operator::get_item(vm, a, key)?);
            }
            None => out.push(a),
        }
    }
    Ok(crate::tuple::new(vm, &out))
}
fn subscript(vm: &'static Vm, alias: Gc, key: Gc) -> PyResult {
    let args = alias.get(WGenericAlias::ARGS);
    let params = parameters(vm, args)?;
    let shown = crate::operator::repr_text(vm, alias)?;
    let n = crate::tuple::len(params);
    if n == 0 {
        return Err(vm.type_error(format_args!("{shown} is not a generic class")));
    }
    let items = if key.is::<WTuple>() {
        Temps::from_slice(vm, crate::tuple::items(key))
    } else {
        Temps::from_slice(vm, &[key])
    };
    if items.len() != n {
        let many = if items.len() > n { "many" } else { "few" };
        return Err(vm.type_error(format_args!(
            "Too {many} arguments for {shown}; actual {}, expected {n}",
            items.len()
        )));
    }
    let args = substitute(vm, args, params, &items)?;
    new(vm, alias.get(WGenericAlias::ORIGIN), args)
}
fn item_text(vm: &'static Vm, a: Gc) -> PyResult<String> {
    if a == vm.world().ellipsis {
        return Ok("...".into());
    }
    if let Some(class) = class_of(a) {
        return Ok(crate::type_methods::display_name(vm, class));
    }
    crate::operator::repr_text(vm, a)
}
fn alias_repr(vm: &'static Vm, alias: Gc) -> PyResult {
    let mut parts = Vec::new();
    for &a in crate::tuple::items(alias.get(WGenericAlias::ARGS)) {
        parts.push(if a.is::<WList>() {
            let inner = crate::list::to_temps(vm, a)?;
            let texts: PyResult<Vec<String>> = inner.iter().map(|&x| item_text(vm, x)).collect();
            format!("[{}]", texts?.join(", "))
        } else {
            item_text(vm, a)?
        });
    }
    let args = if parts.is_empty() {
        "()".to_owned()
    } else {
        parts.join(", ")
    };
    Ok(crate::str::new(
        vm,
        &format!(
            "{}[{args}]",
            item_text(vm, alias.get(WGenericAlias::ORIGIN))?
        ),
    ))
}
fn alias_get(vm: &'static Vm, alias: Gc, name: Gc) -> PyResult {
    let text = crate::str::to_text(name);
    let own = text.starts_with("__")
        && text.ends_with("__")
        && matches!(
            text.as_str(),
            "__origin__"
                | "__args__"
                | "__parameters__"
                | "__mro_entries__"
                | "__reduce_ex__"
                | "__reduce__"
                | "__copy__"
                | "__deepcopy__"
                | "__unpacked__"
                | "__typing_unpacked_tuple_args__"
                | "__class__"
        );
    if own {
        return crate::attribute::generic_get(vm, alias, name);
    }
    crate::attribute::get_attr(vm, alias.get(WGenericAlias::ORIGIN), name)
}
static ALIAS: &[BuiltinDef] = &[
    var("__new__", 3, 3, |vm, a| new(vm, a[1], a[2])).static_method(),
    fn1("__repr__", alias_repr),
    fn2("__getitem__", subscript),
    kw("__call__", |vm, args, kw| {
        let made = crate::call::call(vm, args[0].get(WGenericAlias::ORIGIN), &args[1..], kw)?;
        let name = crate::str::intern(vm, "__orig_class__");
        let c = &vm.world().classes;
        match crate::attribute::set_attr(vm, made, name, args[0]) {
            Err(e)
                if !crate::error::is_instance_of(vm, e, c.attribute_error)
                    && !crate::error::is_instance_of(vm, e, c.type_error) =>
            {
                Err(e)
            }
            _ => Ok(made),
        }
    }),
    fn2("__getattribute__", |vm, a, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        alias_get(vm, a, name)
    }),
    fn2("__eq__", |vm, a, b| {
        if !b.is::<WGenericAlias>() {
            return Ok(vm.world().not_implemented);
        }
        let same =
            crate::operator::eq(
                vm,
                a.get(WGenericAlias::ORIGIN),
                b.get(WGenericAlias::ORIGIN),
            )? && crate::operator::eq(vm, a.get(WGenericAlias::ARGS), b.get(WGenericAlias::ARGS))?;
        Ok(vm.world().bool(same))
    }),
    fn1("__hash__", |vm, a| {
        let h = crate::operator::hash(vm, a.get(WGenericAlias::ORIGIN))?
            ^ crate::operator::hash(vm, a.get(WGenericAlias::ARGS))?;
        Ok(crate::int::new(vm, h))
    }),
    fn2("__mro_entries__", |vm, a, _| {
        Ok(crate::tuple::new(vm, &[a.get(WGenericAlias::ORIGIN)]))
    }),
    fn2("__instancecheck__", |vm, _, _| {
        Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
    }),
    fn2("__subclasscheck__", |vm, _, _| {
        Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
    }),
    fn2("__or__", union),
    fn2("__ror__", |vm, a, b| union(vm, b, a)),
    fn1("__reduce__", |vm, a| {
        let args = crate::tuple::new(
            vm,
            &[a.get(WGenericAlias::ORIGIN), a.get(WGenericAlias::ARGS)],
        );
        Ok(crate::tuple::new(
            vm,
            &[vm.world().classes.generic_alias.gc(), args],
        ))
    }),
];
static ALIAS_ATTRIBUTES: &[GetSetDef] = &[
    getter("__origin__", |_, a| Ok(a.get(WGenericAlias::ORIGIN))).member(),
    getter("__args__", |_, a| Ok(a.get(WGenericAlias::ARGS))).member(),
    getter("__parameters__", |vm, a| {
        parameters(vm, a.get(WGenericAlias::ARGS))
    }),
    getter("__unpacked__", |vm, a| {
        Ok(vm.world().bool(a.get(WGenericAlias::UNPACKED) != 0))
    })
    .member(),
];
fn unionable(vm: &'static Vm, o: Gc) -> bool {
    o == vm.world().none || class_of(o).is_some() || o.is::<WGenericAlias>() || o.is::<WUnionType>()
}
/// `a | b` for types.
pub fn union(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    if !unionable(vm, a) || !unionable(vm, b) {
        return Ok(vm.world().not_implemented);
    }
    let mut args = Temps::new(vm);
    for part in [a, b] {
        let single = [if part == vm.world().none {
            vm.world().classes.none_type.gc()
        } else {
            part
        }];
        let parts = if part.is::<WUnionType>() {
            crate::tuple::items(part.get(WUnionType::ARGS))
        } else {
            &single[..]
        };
        for &p in parts {
            let mut known = false;
            for &q in args.iter() {
                known |= crate::operator::eq(vm, p, q)?;
            }
            if !known {
                args.push(p);
            }
        }
    }
    if let [one] = args[..] {
        return Ok(one);
    }
    let args = crate::tuple::new(vm, &args);
    Ok(alloc::<WUnionType>(vm).init(WUnionType::ARGS, args))
}
fn union_test(vm: &'static Vm, u: Gc, test: impl Fn(Gc) -> PyResult<bool>) -> PyResult {
    for &a in crate::tuple::items(u.get(WUnionType::ARGS)) {
        if test(a)? {
            return Ok(vm.world().true_);
        }
    }
    Ok(vm.world().false_)
}
static UNION: &[BuiltinDef] = &[
    fn1("__repr__", |vm, u| {
        let mut parts = Vec::new();
        for &a in crate::tuple::items(u.get(WUnionType::ARGS)) {
            let none = class_of(a).is_some_and(|c| std::ptr::eq(c, vm.world().classes.none_type));
            parts.push(if none {
                "None".into()
            } else {
                item_text(vm, a)?
            });
        }
        Ok(crate::str::new(vm, &parts.join(" | ")))
    }),
    fn2("__or__", union),
    fn2("__ror__", |vm, a, b| union(vm, b, a)),
    fn2("__eq__", |vm, a, b| {
        if !b.is::<WUnionType>() {
            return Ok(vm.world().not_implemented);
        }
        let (x, y) = (
            crate::set::from_iterable(vm, a.get(WUnionType::ARGS), true)?,
            crate::set::from_iterable(vm, b.get(WUnionType::ARGS), true)?,
        );
        Ok(vm.world().bool(crate::operator::eq(vm, x, y)?))
    }),
    fn1("__hash__", |vm, u| {
        let s = crate::set::from_iterable(vm, u.get(WUnionType::ARGS), true)?;
        Ok(crate::int::new(vm, crate::set::hash(vm, s)?))
    }),
    fn2("__instancecheck__", |vm, u, o| {
        union_test(vm, u, |c| crate::operator::is_instance(vm, o, c))
    }),
    fn2("__subclasscheck__", |vm, u, o| {
        union_test(vm, u, |c| crate::operator::is_subclass(vm, o, c))
    }),
    fn2("__getitem__", |vm, u, key| {
        let args = u.get(WUnionType::ARGS);
        let items = if key.is::<WTuple>() {
            Temps::from_slice(vm, crate::tuple::items(key))
        } else {
            Temps::from_slice(vm, &[key])
        };
        let params = parameters(vm, args)?;
        if crate::tuple::len(params) != items.len() {
            return Err(vm.type_error("wrong number of arguments for a union"));
        }
        let args = substitute(vm, args, params, &items)?;
        let parts = crate::tuple::items(args);
        parts[1..].iter().try_fold(parts[0], |a, &b| {
            crate::operator::binary(vm, crate::BinOp::Or, a, b)
        })
    }),
];
static UNION_ATTRIBUTES: &[GetSetDef] = &[
    getter("__args__", |_, u| Ok(u.get(WUnionType::ARGS))).member(),
    getter("__parameters__", |vm, u| {
        parameters(vm, u.get(WUnionType::ARGS))
    }),
];
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    add_members(vm, c.generic_alias, ALIAS, ALIAS_ATTRIBUTES);
    add_members(vm, c.union_type, UNION, UNION_ATTRIBUTES);
    for class in [c.generic_alias, c.union_type] {
        class.store(vm, vm.world().names.module, crate::str::intern(vm, "types"));
    }
}
