//! The methods of `object`.

use crate::access::Access;
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getset, kw, var};
use crate::class::{Class, class_flags};
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};

/// `<module.Class object at 0x...>`
pub fn default_repr(vm: &'static Vm, a: Gc) -> Gc {
    let class = type_of(vm, a);
    let name = crate::type_methods::display_name(vm, class);
    crate::str::new(
        vm,
        &format!("<{name} object at {:#x}>", crate::operator::id(vm, a)),
    )
}
fn excess_args(args: &[Gc], kw: &Kw) -> bool {
    args.len() > 1 || !kw.is_empty()
}
fn overrides(vm: &'static Vm, class: &'static Class, special: Special) -> bool {
    class.special(vm, special) != vm.world().classes.object.special(vm, special)
}
/// TypeError if a class has abstract methods.
pub fn check_abstract(vm: &'static Vm, class: &'static Class) -> PyResult<()> {
    let set = class
        .own(vm.world().names.abstractmethods)
        .unwrap_or(Gc::NULL);
    let mut names = Vec::new();
    if !set.is_null() {
        for &n in crate::list::to_temps(vm, set)?.iter() {
            names.push(crate::operator::str_text(vm, n)?);
        }
    }
    names.sort();
    Err(vm.type_error(format_args!(
        "Can't instantiate abstract class {} with abstract method{} {}",
        class.text(),
        if names.len() == 1 { "" } else { "s" },
        names.join(", ")
    )))
}
fn new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let Some(class) = args.first().and_then(|&c| crate::make_class::class_of(c)) else {
        return Err(vm.type_error("object.__new__(X): X is not a type object"));
    };
    if excess_args(args, kw) {
        if overrides(vm, class, Special::New) {
            return Err(vm.type_error(
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if !overrides(vm, class, Special::Init) {
            return Err(vm.type_error(format_args!("{}() takes no arguments", class.text())));
        }
    }
    if class.has(class_flags::ABSTRACT) {
        check_abstract(vm, class)?;
    }
    let is_object = std::ptr::eq(class, vm.world().classes.object);
    if !is_object && !class.has(class_flags::HEAP) || class.solid.get().is_some() {
        let solid = class.solid.get().unwrap_or(class).text();
        return Err(vm.type_error(format_args!(
            "object.__new__({0}) is not safe, use {solid}.__new__()",
            class.text()
        )));
    }
    Ok(crate::make_class::new_instance(vm, class, Gc::NULL))
}
fn init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let class = type_of(vm, args[0]);
    if excess_args(args, kw) {
        if overrides(vm, class, Special::Init) {
            return Err(vm.type_error(
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
        if !overrides(vm, class, Special::New) {
            return Err(vm.type_error(format_args!(
                "{}.__init__() takes exactly one argument (the instance to initialize)",
                class.text()
            )));
        }
    }
    Ok(vm.world().none)
}
fn not_implemented(vm: &'static Vm, _: Gc, _: Gc) -> PyResult {
    Ok(vm.world().not_implemented)
}
fn ne(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let f = type_of(vm, a).special(vm, Special::Eq);
    let result = crate::call::call_unbound(vm, f, &[a, b])?;
    if result == vm.world().not_implemented {
        return Ok(result);
    }
    Ok(vm.world().bool(!crate::operator::truth(vm, result)?))
}
/// `object.__class__ = class`
fn set_class(vm: &'static Vm, object: Gc, value: Gc) -> PyResult<()> {
    if value.is_null() {
        return Err(vm.type_error("can't delete __class__ attribute"));
    }
    let Some(to) = crate::make_class::class_of(value) else {
        let got = type_of(vm, value).text();
        return Err(vm.type_error(format_args!(
            "__class__ must be set to a class, not '{got}' object"
        )));
    };
    let from = type_of(vm, object);
    let module = vm.world().classes.module;
    if object.is::<WModule>() && to.is_subclass(module) {
        return Err(vm.type_error("__class__ assignment of modules is not supported"));
    }
    if !from.has(class_flags::HEAP) || !to.has(class_flags::HEAP) {
        return Err(vm.type_error(
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ));
    }
    let same_solid = match (from.solid.get(), to.solid.get()) {
        (None, None) => true,
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        _ => false,
    };
    let compatible = same_solid
        && from.fixed_slots.get() == to.fixed_slots.get()
        && from.has(class_flags::HAS_DICT) == to.has(class_flags::HAS_DICT);
    if !compatible {
        let (to, from) = (to.text(), from.text());
        return Err(vm.type_error(format_args!(
            "__class__ assignment: '{to}' object layout differs from '{from}'"
        )));
    }
    if object.is::<WInst>() {
        let map = object.get(WInst::MAP).expect().transplant(vm, to);
        object.set(vm, WInst::MAP, Host::new(map));
    } else if object.is::<WException>() {
        object.set(vm, WException::CLASS, Host::new(to));
    }
    Ok(())
}
fn dir(vm: &'static Vm, object: Gc) -> PyResult {
    let names = crate::dict::new(vm);
    if let Some(d) = crate::attribute::get_attr_opt(vm, object, vm.world().names.dict)?
        .and_then(crate::dict::as_dict)
    {
        let mut at = 0;
        while let Some((k, _)) = crate::dict::next(d, &mut at) {
            crate::dict::set(vm, names, k, vm.world().none)?;
        }
    }
    let class = crate::attribute::get_attr_opt(vm, object, vm.world().names.class)?;
    if let Some(class) = class.and_then(crate::make_class::class_of) {
        crate::type_methods::merge_names(vm, class, names)?;
    }
    let list = crate::list::from_iterable(vm, names)?;
    Ok(list)
}
fn reduce_ex(vm: &'static Vm, object: Gc, protocol: Gc) -> PyResult {
    let names = &vm.world().names;
    let class = type_of(vm, object);
    let own = class.lookup(names.reduce);
    if own != vm.world().classes.object.lookup(names.reduce) {
        return crate::call::call_method(vm, object, names.reduce, &[]);
    }
    let copyreg = crate::module::import(vm, "copyreg")?;
    if crate::int::to_i64(vm, protocol)? < 2 {
        return crate::call::call_text(vm, copyreg, "_reduce_ex", &[object, protocol]);
    }
    reduce_2(vm, object, copyreg)
}
fn reduce_2(vm: &'static Vm, object: Gc, copyreg: Gc) -> PyResult {
    let names = &vm.world().names;
    let none = vm.world().none;
    let class = type_of(vm, object);
    let simple = object.is::<WInst>()
        || !class.has(class_flags::NO_NEW) && !object.is::<WModule>() && !object.is::<WFunction>();
    let cannot = || vm.type_error(format_args!("cannot pickle '{}' object", class.text()));
    let (constructor, args) =
        if let Some(f) = crate::attribute::get_attr_opt(vm, object, names.getnewargs_ex)? {
            let pair = crate::list::to_temps(vm, crate::call::call_args(vm, f, &[])?)?;
            let [a, k] = pair[..] else {
                return Err(vm.type_error("__getnewargs_ex__ should return a tuple of length 2"));
            };
            let f = crate::attribute::get_text(vm, copyreg, "__newobj_ex__")?;
            (f, crate::tuple::new(vm, &[class.gc(), a, k]))
        } else {
            let mut all = crate::Temps::from_slice(vm, &[class.gc()]);
            if let Some(f) = crate::attribute::get_attr_opt(vm, object, names.getnewargs)? {
                let args = crate::call::call_args(vm, f, &[])?;
                all.extend(&crate::list::to_temps(vm, args)?);
            } else if !simple {
                return Err(cannot());
            }
            (
                crate::attribute::get_text(vm, copyreg, "__newobj__")?,
                crate::tuple::new(vm, &all),
            )
        };
    let state = crate::call::call_method(vm, object, names.getstate, &[])?;
    let inner = crate::payload(object);
    let subclass = inner != object;
    let items = if inner.is::<WList>() && subclass || inner.is::<WList>() {
        crate::operator::iter(vm, object)?
    } else {
        none
    };
    let pairs = if inner.is::<WDict>() {
        let view = crate::call::call_method(vm, object, names.items, &[])?;
        crate::operator::iter(vm, view)?
    } else {
        none
    };
    Ok(crate::tuple::new(
        vm,
        &[constructor, args, state, items, pairs],
    ))
}
fn getstate(vm: &'static Vm, object: Gc) -> PyResult {
    let none = vm.world().none;
    let d = match crate::attribute::get_attr_opt(vm, object, vm.world().names.dict)? {
        Some(d) if crate::dict::as_dict(d).is_some_and(|d| crate::dict::len(d) > 0) => {
            crate::dict::copy(vm, crate::payload(d))
        }
        _ => none,
    };
    let class = type_of(vm, object);
    if class.fixed_slots.get() == 0 {
        return Ok(d);
    }
    let slots = crate::dict::new(vm);
    for c in class.mro() {
        for name in c.own_names() {
            if let Some(m) = c.own(name).filter(|m| m.is::<WMember>()) {
                let v = crate::instance::get_slot(object, m.get(WMember::SLOT) as u32);
                if !v.is_null() {
                    crate::dict::set(vm, slots, name, v)?;
                }
            }
        }
    }
    Ok(if crate::dict::len(slots) == 0 {
        d
    } else {
        crate::tuple::new(vm, &[d, slots])
    })
}
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__init__", init).keep_self(),
    fn1("__repr__", |vm, a| Ok(default_repr(vm, a))).keep_self(),
    fn1("__str__", crate::operator::repr).keep_self(),
    fn1("__hash__", |vm, a| {
        Ok(crate::int::new(vm, crate::operator::identity_hash(vm, a)))
    })
    .keep_self(),
    fn2("__eq__", |vm, a, b| {
        Ok(if crate::operator::identical(a, b) {
            vm.world().true_
        } else {
            vm.world().not_implemented
        })
    })
    .keep_self(),
    fn2("__ne__", ne).keep_self(),
    fn2("__lt__", not_implemented).keep_self(),
    fn2("__le__", not_implemented).keep_self(),
    fn2("__gt__", not_implemented).keep_self(),
    fn2("__ge__", not_implemented).keep_self(),
    fn2("__getattribute__", |vm, a, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::generic_get(vm, a, name)
    })
    .keep_self(),
    fn3("__setattr__", |vm, a, name, v| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::generic_set(vm, a, name, v).map(|()| vm.world().none)
    })
    .keep_self(),
    fn2("__delattr__", |vm, a, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::generic_set(vm, a, name, Gc::NULL).map(|()| vm.world().none)
    })
    .keep_self(),
    fn2("__format__", |vm, a, spec| {
        if crate::str::as_str(spec).is_none_or(|s| s.get(WStr::LEN) != 0) {
            let class = type_of(vm, a).text();
            return Err(vm.type_error(format_args!(
                "unsupported format string passed to {class}.__format__"
            )));
        }
        crate::operator::str_of(vm, a)
    })
    .keep_self(),
    fn1("__dir__", dir).keep_self(),
    fn1("__sizeof__", |vm, a| {
        Ok(crate::int::new(
            vm,
            vm.heap.types().info(a.type_id()).size_bytes as i64,
        ))
    })
    .keep_self(),
    fn1("__reduce__", |vm, a| {
        let copyreg = crate::module::import(vm, "copyreg")?;
        crate::call::call_text(vm, copyreg, "_reduce_ex", &[a, crate::int::new(vm, 0)])
    })
    .keep_self(),
    fn2("__reduce_ex__", reduce_ex).keep_self(),
    fn1("__getstate__", getstate).keep_self(),
    kw("__init_subclass__", |vm, args, kw| {
        if args.len() > 1 || !kw.is_empty() {
            let class = args
                .first()
                .and_then(|&c| crate::make_class::class_of(c))
                .map(|c| c.text())
                .unwrap_or_default();
            return Err(vm.type_error(format_args!(
                "{class}.__init_subclass__() takes no keyword arguments"
            )));
        }
        Ok(vm.world().none)
    })
    .class_method(),
    var("__subclasshook__", 2, 2, |vm, _| {
        Ok(vm.world().not_implemented)
    })
    .class_method(),
];
static ATTRIBUTES: &[GetSetDef] =
    &[getset("__class__", |vm, a| Ok(type_of(vm, a).gc()), set_class).keep_self()];

pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.object, METHODS, ATTRIBUTES);
}
