//! The methods and attributes of `type`.

use crate::access::Access;
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getset, getter, kw, var};
use crate::class::{Class, class_flags};
use crate::layout::*;
use crate::make_class::class_of;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::Gc;

/// `module.qualname`, without `builtins`.
pub fn display_name(vm: &'static Vm, class: &'static Class) -> String {
    let module = class
        .own(vm.world().names.module)
        .and_then(crate::str::as_str)
        .map(crate::str::to_text);
    match module {
        Some(m) if m != "builtins" => format!("{m}.{}", class.qualname_text()),
        Some(_) => class.qualname_text(),
        _ => crate::world::CLASS_ROWS
            .get(class.id as usize)
            .map_or_else(|| class.qualname_text(), |r| r.name.to_owned()),
    }
}
fn this(vm: &'static Vm, object: Gc) -> PyResult<&'static Class> {
    class_of(object).ok_or_else(|| vm.type_error("a type is required"))
}
fn call(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    crate::call::type_call(vm, this(vm, args[0])?, &args[1..], kw)
}
fn new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let Some(&meta) = args.first() else {
        return Err(vm.type_error("type.__new__(): not enough arguments"));
    };
    crate::make_class::type_new(vm, meta, &args[1..], kw)
}
fn init(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    if args.len() != 2 && args.len() != 4 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(vm.world().none)
}
/// Adds all names of a class and its bases to a dict.
pub fn merge_names(vm: &'static Vm, class: &'static Class, names: Gc) -> PyResult<()> {
    for c in class.mro().iter().rev() {
        for name in c.own_names() {
            crate::dict::set(vm, names, name, vm.world().none)?;
        }
    }
    Ok(())
}
fn dir(vm: &'static Vm, object: Gc) -> PyResult {
    let names = crate::dict::new(vm);
    merge_names(vm, this(vm, object)?, names)?;
    crate::list::from_iterable(vm, names)
}
/// The namespace of a class as a new dict.
pub fn namespace(vm: &'static Vm, class: &'static Class) -> Gc {
    let d = crate::dict::new(vm);
    for name in class.own_names() {
        if let Some(v) = class.own(name) {
            // Names are interned strs: comparing them cannot raise.
            let _ = crate::dict::set_str(vm, d, name, v);
        }
    }
    d
}
fn set_bases(vm: &'static Vm, object: Gc, value: Gc) -> PyResult<()> {
    let class = this(vm, object)?;
    let Some(tuple) = Some(value).filter(|v| v.is::<WTuple>()) else {
        return Err(vm.type_error(format_args!(
            "can only assign tuple to {}.__bases__",
            class.text()
        )));
    };
    if crate::tuple::len(tuple) == 0 {
        return Err(vm.type_error(format_args!(
            "can only assign non-empty tuple to {}.__bases__, not ()",
            class.text()
        )));
    }
    let mut bases = Vec::new();
    for &b in crate::tuple::items(tuple) {
        let b = this(vm, b)?;
        if b.is_subclass(class) {
            return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
        }
        bases.push(b);
    }
    let mro = crate::make_class::c3(vm, class, &bases)?;
    class.set_bases(vm, bases, mro);
    crate::make_class::refresh_tuples(vm, class);
    let mut below = class.subclasses();
    while let Some(sub) = below.pop() {
        let mro = crate::make_class::c3(vm, sub, &sub.bases())?;
        sub.set_mro(vm, mro);
        crate::make_class::refresh_tuples(vm, sub);
        below.extend(sub.subclasses());
    }
    Ok(())
}
fn heap_only(vm: &'static Vm, class: &'static Class, what: &str) -> PyResult<()> {
    if class.has(class_flags::HEAP) || class.has(class_flags::MUTABLE) {
        return Ok(());
    }
    Err(vm.type_error(format_args!(
        "cannot set '{what}' attribute of immutable type '{}'",
        class.text()
    )))
}
/// The class objects of classes.
pub(crate) fn objects_of(vm: &'static Vm, classes: &[&'static Class]) -> crate::Temps {
    let mut objects = crate::Temps::new(vm);
    classes.iter().for_each(|c| objects.push(c.gc()));
    objects
}
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__init__", init),
    kw("__call__", call),
    fn1("__repr__", |vm, o| {
        let class = this(vm, o)?;
        Ok(crate::str::new(
            vm,
            &format!("<class '{}'>", display_name(vm, class)),
        ))
    }),
    fn2("__getattribute__", |vm, o, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::type_get(vm, o, name)
    }),
    fn3("__setattr__", |vm, o, name, v| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::type_set(vm, o, name, v).map(|()| vm.world().none)
    }),
    fn2("__delattr__", |vm, o, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::type_set(vm, o, name, Gc::NULL).map(|()| vm.world().none)
    }),
    fn1("mro", |vm, o| {
        let class = this(vm, o)?;
        let mro = crate::make_class::c3(vm, class, &class.bases())?;
        Ok(crate::list::new(vm, &objects_of(vm, &mro)))
    }),
    fn1("__subclasses__", |vm, o| {
        let all = this(vm, o)?.subclasses();
        Ok(crate::list::new(vm, &objects_of(vm, &all)))
    }),
    fn2("__instancecheck__", |vm, o, a| {
        crate::operator::plain_is_instance(vm, a, o).map(|b| vm.world().bool(b))
    }),
    fn2("__subclasscheck__", |vm, o, a| {
        crate::operator::plain_is_subclass(vm, a, o).map(|b| vm.world().bool(b))
    }),
    kw("__prepare__", |vm, _, _| Ok(crate::dict::new(vm))).class_method(),
    fn1("__dir__", dir),
    fn2("__or__", crate::generic_alias::union),
    fn2("__ror__", |vm, a, b| crate::generic_alias::union(vm, b, a)),
    var("__sizeof__", 1, 1, |vm, _| Ok(crate::int::new(vm, 1064))),
];
static ATTRIBUTES: &[GetSetDef] = &[
    getset(
        "__name__",
        |vm, o| Ok(this(vm, o)?.name()),
        |vm, o, v| {
            heap_only(vm, this(vm, o)?, "__name__")?;
            if v.is_null() || crate::str::as_str(v).is_none() {
                let got = if v.is_null() {
                    "NULL".into()
                } else {
                    type_of(vm, v).text()
                };
                return Err(vm.type_error(format_args!(
                    "can only assign string to {}.__name__, not '{got}'",
                    this(vm, o)?.text()
                )));
            }
            o.set(vm, WClass::NAME, v);
            Ok(())
        },
    ),
    getset(
        "__qualname__",
        |_, o| Ok(o.get(WClass::QUALNAME)),
        |vm, o, v| {
            heap_only(vm, this(vm, o)?, "__qualname__")?;
            if v.is_null() || crate::str::as_str(v).is_none() {
                return Err(vm.type_error(format_args!(
                    "can only assign string to {}.__qualname__",
                    this(vm, o)?.text()
                )));
            }
            o.set(vm, WClass::QUALNAME, v);
            Ok(())
        },
    ),
    getset(
        "__module__",
        |vm, o| match this(vm, o)?.own(vm.world().names.module) {
            Some(m) if !m.is::<WGetSet>() => Ok(m),
            _ => Ok(crate::str::intern(vm, "builtins")),
        },
        |vm, o, v| {
            heap_only(vm, this(vm, o)?, "__module__")?;
            this(vm, o)?.put(vm, vm.world().names.module, v);
            Ok(())
        },
    ),
    getset("__bases__", |_, o| Ok(o.get(WClass::BASES)), set_bases),
    getter("__base__", |vm, o| {
        Ok(this(vm, o)?
            .bases()
            .first()
            .map_or(vm.world().none, |b| b.gc()))
    }),
    getter("__mro__", |_, o| Ok(o.get(WClass::MRO))),
    getter("__dict__", |vm, o| {
        let d = namespace(vm, this(vm, o)?);
        Ok(crate::access::alloc::<WMappingProxy>(vm).init(WMappingProxy::MAPPING, d))
    }),
    getset(
        "__doc__",
        |vm, o| match this(vm, o)?.own(vm.world().names.doc) {
            Some(d) if !d.is::<WGetSet>() => crate::descriptor::bind(vm, d, Gc::NULL, o),
            _ => Ok(vm.world().none),
        },
        |vm, o, v| {
            heap_only(vm, this(vm, o)?, "__doc__")?;
            this(vm, o)?.put(vm, vm.world().names.doc, v);
            Ok(())
        },
    ),
    getset(
        "__abstractmethods__",
        |vm, o| match this(vm, o)?.own(vm.world().names.abstractmethods) {
            Some(s) if !s.is::<WGetSet>() => Ok(s),
            _ => Err(crate::attribute::no_attribute(
                vm,
                o,
                vm.world().names.abstractmethods,
            )),
        },
        |vm, o, v| {
            let class = this(vm, o)?;
            let name = vm.world().names.abstractmethods;
            if v.is_null() {
                class.remove(vm, name);
                class.remove_flags(class_flags::ABSTRACT);
                return Ok(());
            }
            class.put(vm, name, v);
            if crate::operator::truth(vm, v)? {
                class.add_flags(class_flags::ABSTRACT)
            } else {
                class.remove_flags(class_flags::ABSTRACT)
            }
            class.changed(vm);
            Ok(())
        },
    ),
    getset(
        "__annotations__",
        |vm, o| {
            let (class, name) = (this(vm, o)?, vm.world().names.annotations);
            match class.own(name) {
                Some(a) => Ok(a),
                None if class.has(class_flags::HEAP) => {
                    let d = crate::dict::new(vm);
                    class.put(vm, name, d);
                    Ok(d)
                }
                None => Err(crate::attribute::no_attribute(vm, o, name)),
            }
        },
        |vm, o, v| {
            let (class, name) = (this(vm, o)?, vm.world().names.annotations);
            heap_only(vm, class, "__annotations__")?;
            match v.is_null() {
                true => drop(class.remove(vm, name)),
                false => class.put(vm, name, v),
            }
            Ok(())
        },
    ),
    getter("__flags__", |vm, o| {
        let class = this(vm, o)?;
        let bit = |f: u32, n: i64| if class.has(f) { n } else { 0 };
        let c = &vm.world().classes;
        let of = |base: &'static Class, n: i64| if class.is_subclass(base) { 1 << n } else { 0 };
        let flags = bit(class_flags::HEAP, 1 << 9)
            | bit(class_flags::BASE, 1 << 10)
            | bit(class_flags::ABSTRACT, 1 << 20)
            | of(c.int, 24)
            | of(c.list, 25)
            | of(c.tuple, 26)
            | of(c.bytes, 27)
            | of(c.str_, 28)
            | of(c.dict, 29)
            | of(c.base_exception, 30)
            | of(c.type_, 31)
            | bit(class_flags::SEQUENCE, 1 << 5)
            | bit(class_flags::MAPPING, 1 << 6);
        Ok(crate::int::new(vm, flags))
    }),
    getter("__basicsize__", |vm, _| Ok(crate::int::new(vm, 16))),
    getter("__itemsize__", |vm, _| Ok(crate::int::new(vm, 0))),
    getter("__dictoffset__", |vm, o| {
        Ok(crate::int::new(
            vm,
            if this(vm, o)?.has(class_flags::HAS_DICT) {
                16
            } else {
                0
            },
        ))
    }),
    getter("__weakrefoffset__", |vm, o| {
        Ok(crate::int::new(
            vm,
            if this(vm, o)?.has(class_flags::HAS_WEAKREF) {
                24
            } else {
                0
            },
        ))
    }),
    getter("__text_signature__", |vm, o| {
        let signature = this(vm, o)?.signature();
        Ok(signature.map_or(vm.world().none, |s| crate::str::new(vm, s)))
    }),
];
/// `__dict__` and `__weakref__` of instances, put into each class that gives its instances a dict.
static INSTANCE_DICT: GetSetDef = getset(
    "__dict__",
    |vm, o| match crate::instance::dict_of(vm, o) {
        Some(d) => Ok(d),
        None => Err(crate::attribute::no_attribute(vm, o, vm.world().names.dict)),
    },
    crate::instance::set_dict,
)
.keep_self();
static INSTANCE_WEAKREF: GetSetDef =
    getter("__weakref__", |vm, o| crate::weakref::first(vm, o)).keep_self();

/// Adds `__dict__` and `__weakref__` to the namespace of a new class that introduces them.
pub(crate) fn add_instance_attributes(vm: &'static Vm, class: &'static Class) {
    use ouro_gc::Host;
    let add = |def: &'static GetSetDef, name: Gc| {
        let d = crate::access::alloc::<WGetSet>(vm)
            .init(WGetSet::DEF, Host::new(def))
            .init(WGetSet::CLASS, Host::new(class));
        if class.own(name).is_none() {
            class.store(vm, name, d);
        }
    };
    let inherited = |flag: u32| class.bases().iter().any(|b| b.has(flag));
    if class.has(class_flags::HAS_DICT)
        && !inherited(class_flags::HAS_DICT)
        && !class.has(class_flags::METACLASS)
    {
        add(&INSTANCE_DICT, vm.world().names.dict);
    }
    if class.has(class_flags::HAS_WEAKREF)
        && !inherited(class_flags::HAS_WEAKREF)
        && !class.has(class_flags::METACLASS)
    {
        add(&INSTANCE_WEAKREF, vm.world().names.weakref);
    }
}
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.type_, METHODS, ATTRIBUTES);
}
