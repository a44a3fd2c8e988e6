//! Attributes and methods of functions, methods, builtins, code, cells, descriptors, super, slices' kin.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getset, getter, kw, var};
use crate::class::Class;
use crate::descriptor::ToOption;
use crate::layout::*;
use crate::make_class::{add_members, class_of, wrap};
use crate::{CmpOp, Errors, PyResult, Vm, type_of};
use ouro_gc::{Field, Gc, Mutable, Object};

fn text(vm: &'static Vm, s: String) -> PyResult {
    Ok(crate::str::new(vm, &s))
}
fn or_none(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(v.to_option().unwrap_or(vm.world().none))
}
fn store<O: Object>(vm: &'static Vm, o: Gc, f: Field<O, Gc, Mutable>, v: Gc) -> PyResult<()> {
    o.set(vm, f, if v == vm.world().none { Gc::NULL } else { v });
    Ok(())
}
fn want_str(vm: &'static Vm, v: Gc, name: &str) -> PyResult<()> {
    match !v.is_null() && crate::str::as_str(v).is_some() {
        true => Ok(()),
        false => Err(vm.type_error(format_args!("{name} must be set to a string object"))),
    }
}

// ---- function
static FUNCTION: &[GetSetDef] = &[
    getset(
        "__code__",
        |vm, f| {
            Ok(crate::function::code_object(
                vm,
                f.get(WFunction::CODE).expect(),
            ))
        },
        |vm, f, v| {
            if !v.is::<WCode>() {
                return Err(vm.type_error("__code__ must be set to a code object"));
            }
            f.set(vm, WFunction::CODE, v.get(WCode::CODE));
            Ok(())
        },
    ),
    getset(
        "__name__",
        |_, f| Ok(f.get(WFunction::NAME)),
        |vm, f, v| {
            want_str(vm, v, "__name__")?;
            store(vm, f, WFunction::NAME, v)
        },
    ),
    getset(
        "__qualname__",
        |_, f| Ok(f.get(WFunction::QUALNAME)),
        |vm, f, v| {
            want_str(vm, v, "__qualname__")?;
            store(vm, f, WFunction::QUALNAME, v)
        },
    ),
    getset(
        "__doc__",
        |vm, f| or_none(vm, f.get(WFunction::DOC)),
        |vm, f, v| store(vm, f, WFunction::DOC, v),
    ),
    getset(
        "__module__",
        |vm, f| or_none(vm, f.get(WFunction::MODULE)),
        |vm, f, v| store(vm, f, WFunction::MODULE, v),
    ),
    getset(
        "__defaults__",
        |vm, f| or_none(vm, f.get(WFunction::DEFAULTS)),
        |vm, f, v| {
            if !v.is_null() && v != vm.world().none && !v.is::<WTuple>() {
                return Err(vm.type_error("__defaults__ must be set to a tuple object"));
            }
            store(vm, f, WFunction::DEFAULTS, v)
        },
    ),
    getset(
        "__kwdefaults__",
        |vm, f| or_none(vm, f.get(WFunction::KWDEFAULTS)),
        |vm, f, v| {
            if !v.is_null() && v != vm.world().none && !v.is::<WDict>() {
                return Err(vm.type_error("__kwdefaults__ must be set to a dict object"));
            }
            store(vm, f, WFunction::KWDEFAULTS, v)
        },
    ),
    getset(
        "__annotations__",
        crate::function::annotations,
        |vm, f, v| {
            if !v.is_null() && v != vm.world().none && crate::dict::as_dict(v).is_none() {
                return Err(vm.type_error("__annotations__ must be set to a dict object"));
            }
            store(vm, f, WFunction::ANNOTATIONS, v)
        },
    ),
    getset(
        "__dict__",
        |vm, f| Ok(crate::instance::dict_of(vm, f).unwrap_or(vm.world().none)),
        crate::instance::set_dict,
    ),
    getter("__closure__", |vm, f| {
        or_none(vm, f.get(WFunction::CLOSURE))
    })
    .member(),
    getter("__globals__", |_, f| Ok(f.get(WFunction::GLOBALS))).member(),
    getter("__builtins__", |vm, _| Ok(vm.world().builtins.get())).member(),
];
fn function_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [_, code, globals, name, defaults, closure] = crate::call::parse(
        vm,
        "function",
        args,
        kw,
        ["", "code", "globals", "name", "argdefs", "closure"],
        3,
        6,
    )?;
    if !code.is::<WCode>() {
        return Err(vm.type_error("function() argument 'code' must be code"));
    }
    let Some(globals) = crate::dict::as_dict(globals) else {
        return Err(vm.type_error("function() argument 'globals' must be dict"));
    };
    let given = |v: Gc| if v == vm.world().none { Gc::NULL } else { v };
    let f = crate::function::new(
        vm,
        code.get(WCode::CODE).expect(),
        globals,
        given(defaults),
        Gc::NULL,
        given(closure),
    );
    if let Some(name) = given(name).to_option() {
        f.set(vm, WFunction::NAME, name);
        f.set(vm, WFunction::QUALNAME, name);
    }
    Ok(f)
}
static FUNCTION_METHODS: &[BuiltinDef] = &[
    kw("__new__", function_new).static_method(),
    kw("__call__", |vm, args, kw| {
        crate::call::call(vm, args[0], &args[1..], kw)
    }),
    fn1("__repr__", |vm, f| {
        text(
            vm,
            format!(
                "<function {} at {:#x}>",
                crate::function::qualname(f),
                crate::operator::id(vm, f)
            ),
        )
    }),
    fn3("__get__", |vm, f, o, c| descr_get(vm, f, o, c)).opt(2),
];
fn descr_get(vm: &'static Vm, d: Gc, object: Gc, class: Gc) -> PyResult {
    let none = vm.world().none;
    let null = |v: Gc| if v == none { Gc::NULL } else { v };
    // `__get__(None, type(None))` is an access through the instance None.
    let object = if object == none && !class.is_null() && class == vm.world().classes.none_type.gc()
    {
        none
    } else {
        null(object)
    };
    if object.is_null() && null(class).is_null() {
        return Err(vm.type_error("__get__(None, None) is invalid"));
    }
    crate::descriptor::bind(vm, d, object, null(class))
}
fn descr_set(vm: &'static Vm, d: Gc, object: Gc, v: Gc) -> PyResult {
    crate::descriptor::assign(vm, d, object, v).map(|()| vm.world().none)
}

// ---- bound methods
fn method_new(vm: &'static Vm, args: &[Gc]) -> PyResult {
    if args[2] == vm.world().none {
        return Err(vm.type_error("self must not be None"));
    }
    if !crate::function::is_callable(vm, args[1]) {
        return Err(vm.type_error("first argument must be callable"));
    }
    Ok(crate::descriptor::new_method(vm, args[1], args[2]))
}
static METHOD_METHODS: &[BuiltinDef] = &[
    var("__new__", 3, 3, method_new).static_method(),
    kw("__call__", |vm, args, kw| {
        crate::call::call(vm, args[0], &args[1..], kw)
    }),
    fn1("__repr__", |vm, m| {
        let f = m.get(WMethod::FUNC);
        let name = match crate::attribute::get_attr_opt(vm, f, vm.world().names.qualname)? {
            Some(n) => crate::operator::str_text(vm, n)?,
            None => "?".into(),
        };
        let of = crate::operator::repr_text(vm, m.get(WMethod::SELF))?;
        text(vm, format!("<bound method {name} of {of}>"))
    }),
    fn2("__eq__", |vm, a, b| {
        if !b.is::<WMethod>() {
            return Ok(vm.world().not_implemented);
        }
        let same = crate::operator::identical(a.get(WMethod::SELF), b.get(WMethod::SELF))
            && crate::operator::eq(vm, a.get(WMethod::FUNC), b.get(WMethod::FUNC))?;
        Ok(vm.world().bool(same))
    }),
    fn1("__hash__", |vm, m| {
        let h = crate::operator::identity_hash(vm, m.get(WMethod::SELF))
            ^ crate::operator::hash(vm, m.get(WMethod::FUNC))?;
        Ok(crate::int::new(vm, h))
    }),
    fn3("__get__", |_, m, _, _| Ok(m)).opt(2),
    fn2("__getattribute__", |vm, m, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        if type_of(vm, m).lookup(name).is_some() {
            return crate::attribute::generic_get(vm, m, name);
        }
        crate::attribute::get_attr(vm, m.get(WMethod::FUNC), name)
    }),
];
static METHOD: &[GetSetDef] = &[
    getter("__func__", |_, m| Ok(m.get(WMethod::FUNC))).member(),
    getter("__self__", |_, m| Ok(m.get(WMethod::SELF))).member(),
    getter("__doc__", |vm, m| {
        crate::attribute::get_attr(vm, m.get(WMethod::FUNC), vm.world().names.doc)
    }),
];

// ---- builtins
fn def_of(o: Gc) -> &'static BuiltinDef {
    if o.is::<WBuiltin>() {
        o.get(WBuiltin::DEF).expect()
    } else {
        o.get(WMethodDescr::DEF).expect()
    }
}
fn doc_text(vm: &'static Vm, doc: &str) -> PyResult {
    if doc.is_empty() {
        Ok(vm.world().none)
    } else {
        text(vm, doc.to_owned())
    }
}
fn builtin_qualname(vm: &'static Vm, o: Gc) -> PyResult {
    let def = def_of(o);
    let owner = if o.is::<WMethodDescr>() {
        Some(o.get(WMethodDescr::CLASS).expect().text())
    } else {
        o.get(WBuiltin::SELF)
            .to_option()
            .filter(|s| !s.is::<WModule>())
            .map(|s| class_of(s).unwrap_or(type_of(vm, s)).text())
    };
    text(
        vm,
        owner.map_or_else(|| def.name.to_owned(), |c| format!("{c}.{}", def.name)),
    )
}
static BUILTIN_METHODS: &[BuiltinDef] = &[
    kw("__call__", |vm, args, kw| {
        crate::call::call(vm, args[0], &args[1..], kw)
    }),
    fn1("__repr__", |vm, o| {
        let (def, object) = (def_of(o), o.get(WBuiltin::SELF));
        if object.is_null() || object.is::<WModule>() {
            return text(vm, format!("<built-in function {}>", def.name));
        }
        let class = type_of(vm, object).text();
        let kind = if std::ptr::eq(type_of(vm, o), vm.world().classes.method_wrapper) {
            return text(
                vm,
                format!(
                    "<method-wrapper '{}' of {class} object at {:#x}>",
                    def.name,
                    crate::operator::id(vm, object)
                ),
            );
        } else {
            "built-in method"
        };
        text(
            vm,
            format!(
                "<{kind} {} of {class} object at {:#x}>",
                def.name,
                crate::operator::id(vm, object)
            ),
        )
    }),
    fn2("__eq__", |vm, a, b| {
        if !b.is::<WBuiltin>() {
            return Ok(vm.world().not_implemented);
        }
        let (x, y) = (a.get(WBuiltin::SELF), b.get(WBuiltin::SELF));
        let same_self =
            x == y || (!x.is_null() && !y.is_null() && crate::operator::identical(x, y));
        Ok(vm
            .world()
            .bool(same_self && a.get(WBuiltin::DEF) == b.get(WBuiltin::DEF)))
    }),
    fn1("__hash__", |vm, a| {
        let of_self = a
            .get(WBuiltin::SELF)
            .to_option()
            .map_or(0, |s| crate::operator::identity_hash(vm, s));
        Ok(crate::int::new(
            vm,
            of_self ^ a.get(WBuiltin::DEF).as_ptr() as i64 >> 4,
        ))
    }),
    fn1("__reduce__", |vm, o| {
        let (def, object) = (def_of(o), o.get(WBuiltin::SELF));
        let name = crate::str::intern(vm, def.name);
        if object.is_null() || object.is::<WModule>() {
            return Ok(name);
        }
        let getattr = crate::dict::get_text(vm, vm.world().builtins.get(), "getattr")?
            .unwrap_or(vm.world().none);
        Ok(crate::tuple::new(
            vm,
            &[getattr, crate::tuple::new(vm, &[object, name])],
        ))
    }),
];
static BUILTIN: &[GetSetDef] = &[
    getter("__name__", |vm, o| {
        Ok(crate::str::intern(vm, def_of(o).name))
    }),
    getter("__qualname__", builtin_qualname),
    getter("__doc__", |vm, o| doc_text(vm, def_of(o).doc)),
    getter("__text_signature__", |vm, o| {
        doc_text(vm, def_of(o).signature)
    }),
    getset(
        "__module__",
        |vm, o| {
            let m = o.get(WBuiltin::MODULE);
            if m.is_null() && o.get(WBuiltin::SELF).is_null() {
                Ok(crate::str::intern(vm, "builtins"))
            } else {
                or_none(vm, m)
            }
        },
        |vm, o, v| store(vm, o, WBuiltin::MODULE, v),
    ),
    getter("__self__", |vm, o| or_none(vm, o.get(WBuiltin::SELF))),
];
static DESCR_METHODS: &[BuiltinDef] = &[
    kw("__call__", |vm, args, kw| {
        crate::call::call_method_descr(vm, args[0], &args[1..], kw)
    }),
    fn1("__repr__", |vm, o| {
        let kind = if def_of(o).is_slot() {
            "slot wrapper"
        } else {
            "method"
        };
        text(
            vm,
            format!(
                "<{kind} '{}' of '{}' objects>",
                def_of(o).name,
                o.get(WMethodDescr::CLASS).expect().text()
            ),
        )
    }),
    fn3("__get__", |vm, d, o, c| descr_get(vm, d, o, c)).opt(2),
    fn1("__reduce__", |vm, o| {
        let getattr = crate::dict::get_text(vm, vm.world().builtins.get(), "getattr")?
            .unwrap_or(vm.world().none);
        let args = [
            o.get(WMethodDescr::CLASS).expect().gc(),
            crate::str::intern(vm, def_of(o).name),
        ];
        Ok(crate::tuple::new(
            vm,
            &[getattr, crate::tuple::new(vm, &args)],
        ))
    }),
];
static DESCR: &[GetSetDef] = &[
    getter("__name__", |vm, o| {
        Ok(crate::str::intern(vm, def_of(o).name))
    }),
    getter("__qualname__", builtin_qualname),
    getter("__doc__", |vm, o| doc_text(vm, def_of(o).doc)),
    getter("__text_signature__", |vm, o| {
        doc_text(vm, def_of(o).signature)
    }),
    getter("__objclass__", |_, o| {
        Ok(o.get(WMethodDescr::CLASS).expect().gc())
    }),
];

// ---- getsets and members
fn accessor_name(vm: &'static Vm, o: Gc) -> PyResult {
    Ok(if o.is::<WMember>() {
        o.get(WMember::NAME)
    } else {
        crate::str::intern(vm, o.get(WGetSet::DEF).expect().name)
    })
}
fn accessor_class(o: Gc) -> &'static Class {
    if o.is::<WMember>() {
        o.get(WMember::CLASS).expect()
    } else {
        o.get(WGetSet::CLASS).expect()
    }
}
static ACCESSOR_METHODS: &[BuiltinDef] = &[
    fn3("__get__", |vm, d, o, c| descr_get(vm, d, o, c)).opt(2),
    fn3("__set__", descr_set),
    fn2("__delete__", |vm, d, o| descr_set(vm, d, o, Gc::NULL)),
    fn1("__repr__", |vm, o| {
        let kind = if std::ptr::eq(type_of(vm, o), vm.world().classes.member_descriptor) {
            "member"
        } else {
            "attribute"
        };
        let name = crate::str::to_text(accessor_name(vm, o)?);
        text(
            vm,
            format!(
                "<{kind} '{name}' of '{}' objects>",
                accessor_class(o).text()
            ),
        )
    }),
];
static ACCESSOR: &[GetSetDef] = &[
    getter("__name__", accessor_name),
    getter("__qualname__", |vm, o| {
        let name = crate::str::to_text(accessor_name(vm, o)?);
        text(vm, format!("{}.{name}", accessor_class(o).qualname_text()))
    }),
    getter("__objclass__", |_, o| Ok(accessor_class(o).gc())),
    getter("__doc__", |vm, o| {
        if o.is::<WMember>() {
            Ok(vm.world().none)
        } else {
            doc_text(vm, o.get(WGetSet::DEF).expect().doc)
        }
    }),
];

// ---- property
fn property_init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [_, get, set, del, doc] = crate::call::parse(
        vm,
        "property",
        args,
        kw,
        ["", "fget", "fset", "fdel", "doc"],
        1,
        5,
    )?;
    let p = crate::payload(args[0]);
    let none = vm.world().none;
    let given = |v: Gc| if v == none { Gc::NULL } else { v };
    p.set(vm, WProperty::GET, given(get));
    p.set(vm, WProperty::SET, given(set));
    p.set(vm, WProperty::DEL, given(del));
    let mut doc = given(doc);
    if doc.is_null() && !given(get).is_null() {
        doc = crate::attribute::get_attr_opt(vm, get, vm.world().names.doc)?.unwrap_or(none);
        if p != args[0] && doc != none {
            crate::instance::set_own(vm, args[0], vm.world().names.doc, doc)?;
        }
    }
    p.set(vm, WProperty::DOC, given(doc));
    Ok(none)
}
fn property_copy(vm: &'static Vm, p: Gc, which: usize, f: Gc) -> PyResult {
    let class = type_of(vm, p).gc();
    let p = crate::payload(p);
    let none = vm.world().none;
    let mut parts = [
        p.get(WProperty::GET),
        p.get(WProperty::SET),
        p.get(WProperty::DEL),
    ]
    .map(|v| v.to_option().unwrap_or(none));
    parts[which] = f;
    let copy = crate::call::call_args(vm, class, &[parts[0], parts[1], parts[2], none])?;
    let inner = crate::payload(copy);
    if inner.is::<WProperty>() {
        inner.set(vm, WProperty::NAME, p.get(WProperty::NAME));
    }
    Ok(copy)
}
static PROPERTY_METHODS: &[BuiltinDef] = &[
    kw("__new__", |vm, args, _| {
        let p = alloc::<WProperty>(vm);
        Ok(wrap(vm, args[0], vm.world().classes.property, p))
    })
    .static_method(),
    kw("__init__", property_init).keep_self(),
    fn3("__get__", |vm, d, o, c| {
        if o == vm.world().none && !c.is_null() && c != vm.world().classes.none_type.gc() {
            Ok(d)
        } else {
            crate::descriptor::bind(vm, crate::payload(d), o, c)
        }
    })
    .opt(2)
    .keep_self(),
    fn3("__set__", descr_set),
    fn2("__delete__", |vm, d, o| descr_set(vm, d, o, Gc::NULL)),
    fn3("__set_name__", |vm, p, _, name| {
        p.set(vm, WProperty::NAME, name);
        Ok(vm.world().none)
    }),
    fn2("getter", |vm, p, f| property_copy(vm, p, 0, f)).keep_self(),
    fn2("setter", |vm, p, f| property_copy(vm, p, 1, f)).keep_self(),
    fn2("deleter", |vm, p, f| property_copy(vm, p, 2, f)).keep_self(),
];
static PROPERTY: &[GetSetDef] = &[
    getter("fget", |vm, p| or_none(vm, p.get(WProperty::GET))).member(),
    getter("fset", |vm, p| or_none(vm, p.get(WProperty::SET))).member(),
    getter("fdel", |vm, p| or_none(vm, p.get(WProperty::DEL))).member(),
    getset(
        "__doc__",
        |vm, p| or_none(vm, p.get(WProperty::DOC)),
        |vm, p, v| store(vm, p, WProperty::DOC, v),
    ),
    getter("__isabstractmethod__", |vm, p| {
        for f in [
            p.get(WProperty::GET),
            p.get(WProperty::SET),
            p.get(WProperty::DEL),
        ] {
            if !f.is_null()
                && let Some(v) =
                    crate::attribute::get_attr_opt(vm, f, vm.world().names.isabstractmethod)?
                && crate::operator::truth(vm, v)?
            {
                return Ok(vm.world().true_);
            }
        }
        Ok(vm.world().false_)
    }),
];

// ---- staticmethod, classmethod
fn wrapped(o: Gc) -> Gc {
    if o.is::<WStaticMethod>() {
        o.get(WStaticMethod::FUNC)
    } else {
        o.get(WClassMethod::FUNC)
    }
}
fn copy_wrapper_attributes(vm: &'static Vm, o: Gc, f: Gc) -> PyResult<()> {
    let n = &vm.world().names;
    for name in [n.module, n.name, n.qualname, n.doc] {
        if let Some(v) = crate::attribute::get_attr_opt(vm, f, name)? {
            crate::instance::set_own(vm, o, name, v)?;
        }
    }
    Ok(())
}
static STATIC_METHODS: &[BuiltinDef] = &[
    var("__new__", 1, 255, |vm, args| {
        let none = vm.world().none;
        let o = crate::descriptor::new_static(vm, args.get(1).copied().unwrap_or(none));
        Ok(wrap(vm, args[0], vm.world().classes.staticmethod, o))
    })
    .static_method(),
    fn2("__init__", |vm, o, f| {
        o.set(vm, WStaticMethod::FUNC, f);
        copy_wrapper_attributes(vm, o, f)?;
        Ok(vm.world().none)
    }),
    kw("__call__", |vm, args, kw| {
        crate::call::call(vm, args[0].get(WStaticMethod::FUNC), &args[1..], kw)
    }),
    fn3("__get__", |_, d, _, _| Ok(wrapped(d))).opt(2),
    fn1("__repr__", |vm, o| {
        text(
            vm,
            format!(
                "<staticmethod({})>",
                crate::operator::repr_text(vm, wrapped(o))?
            ),
        )
    }),
];
static CLASS_METHODS: &[BuiltinDef] = &[
    var("__new__", 1, 255, |vm, args| {
        let none = vm.world().none;
        let o = crate::descriptor::new_classmethod(vm, args.get(1).copied().unwrap_or(none));
        Ok(wrap(vm, args[0], vm.world().classes.classmethod, o))
    })
    .static_method(),
    fn2("__init__", |vm, o, f| {
        o.set(vm, WClassMethod::FUNC, f);
        copy_wrapper_attributes(vm, o, f)?;
        Ok(vm.world().none)
    }),
    fn3("__get__", |vm, d, o, c| descr_get(vm, d, o, c)).opt(2),
    fn1("__repr__", |vm, o| {
        text(
            vm,
            format!(
                "<classmethod({})>",
                crate::operator::repr_text(vm, wrapped(o))?
            ),
        )
    }),
];
static WRAPPER: &[GetSetDef] = &[
    getter("__func__", |_, o| Ok(wrapped(o))).member(),
    getter("__wrapped__", |_, o| Ok(wrapped(o))).member(),
    getset(
        "__dict__",
        |vm, o| Ok(crate::instance::dict_of(vm, o).unwrap_or(vm.world().none)),
        crate::instance::set_dict,
    ),
    getter("__isabstractmethod__", |vm, o| {
        let found =
            crate::attribute::get_attr_opt(vm, wrapped(o), vm.world().names.isabstractmethod)?;
        Ok(vm
            .world()
            .bool(found.map_or(Ok(false), |v| crate::operator::truth(vm, v))?))
    }),
];

// ---- super
fn super_init(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let s = crate::payload(args[0]);
    let (class, object) = match args.get(1) {
        Some(&class) => (class, args.get(2).copied().unwrap_or(Gc::NULL)),
        None => implicit_super(vm)?,
    };
    if class_of(class).is_none() {
        let got = type_of(vm, class).text();
        return Err(vm.type_error(format_args!("super() argument 1 must be a type, not {got}")));
    }
    s.set(vm, WSuper::CLASS, class);
    if !object.is_null() && object != vm.world().none {
        s.set(vm, WSuper::SELF, object);
        s.set(vm, WSuper::SELF_CLASS, super_check(vm, class, object)?);
    }
    Ok(vm.world().none)
}
fn super_check(vm: &'static Vm, class: Gc, object: Gc) -> PyResult {
    let after = class_of(class).ok_or_else(|| vm.type_error("super: type expected"))?;
    if let Some(c) = class_of(object)
        && c.is_subclass(after)
    {
        return Ok(object);
    }
    let own = type_of(vm, object);
    if own.is_subclass(after) {
        return Ok(own.gc());
    }
    if let Some(c) =
        crate::attribute::get_attr_opt(vm, object, vm.world().names.class)?.and_then(class_of)
        && c.is_subclass(after)
    {
        return Ok(c.gc());
    }
    Err(vm.type_error("super(type, obj): obj must be an instance or subtype of type"))
}
/// Class and object of `super()` without arguments: the `__class__` cell and the first argument of the running function.
fn implicit_super(vm: &'static Vm) -> PyResult<(Gc, Gc)> {
    let error = |t: &str| Err(vm.runtime_error(t));
    let Some(at) = crate::frame::current(vm) else {
        return error("super(): no current frame");
    };
    let data = &at.code.info.data;
    if data.argcount == 0 {
        return error("super(): no arguments");
    }
    let mut object = crate::frame::register(&at, 1);
    if object.is::<WCell>()
        && data
            .locals
            .first()
            .is_some_and(|l| l.kind == ouro_py_syntax::LocalKind::Cell)
    {
        object = object.get(WCell::VALUE);
    }
    if object.is_null() {
        return error("super(): arg[0] deleted");
    }
    let Some(r) = data.register_of("__class__") else {
        return error("super(): __class__ cell not found");
    };
    let cell = crate::frame::register(&at, r);
    if !cell.is::<WCell>() || cell.get(WCell::VALUE).is_null() {
        return error("super(): empty __class__ cell");
    }
    Ok((cell.get(WCell::VALUE), object))
}
/// `super(class, object).name`
pub fn super_get(vm: &'static Vm, s: Gc, name: Gc) -> PyResult {
    let inner = crate::payload(s);
    let searched = inner.get(WSuper::SELF_CLASS);
    if !searched.is_null()
        && name != vm.world().names.class
        && let (Some(searched_class), Some(after)) =
            (class_of(searched), class_of(inner.get(WSuper::CLASS)))
        && let Some(v) = searched_class.lookup_after(after, name)
    {
        let object = inner.get(WSuper::SELF);
        return crate::descriptor::bind(
            vm,
            v,
            if object == searched { Gc::NULL } else { object },
            searched,
        );
    }
    crate::attribute::generic_get(vm, s, name)
}
static SUPER_METHODS: &[BuiltinDef] = &[
    kw("__new__", |vm, args, _| {
        Ok(wrap(
            vm,
            args[0],
            vm.world().classes.super_,
            alloc::<WSuper>(vm),
        ))
    })
    .static_method(),
    var("__init__", 1, 3, super_init).keep_self(),
    fn2("__getattribute__", |vm, s, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        super_get(vm, s, name)
    })
    .keep_self(),
    fn3("__get__", |vm, s, o, _| {
        if o == vm.world().none || !s.get(WSuper::SELF).is_null() {
            return Ok(s);
        }
        let class = super_check(vm, s.get(WSuper::CLASS), o)?;
        Ok(alloc::<WSuper>(vm)
            .init(WSuper::CLASS, s.get(WSuper::CLASS))
            .init(WSuper::SELF, o)
            .init(WSuper::SELF_CLASS, class))
    })
    .opt(2),
    fn1("__repr__", |vm, s| {
        let class = class_of(s.get(WSuper::CLASS)).map_or("NULL".into(), |c| c.text());
        match class_of(s.get(WSuper::SELF_CLASS)) {
            Some(of) => text(
                vm,
                format!("<super: <class '{class}'>, <{} object>>", of.text()),
            ),
            None => text(vm, format!("<super: <class '{class}'>, NULL>")),
        }
    }),
];
static SUPER: &[GetSetDef] = &[
    getter("__thisclass__", |vm, s| or_none(vm, s.get(WSuper::CLASS))).member(),
    getter("__self__", |vm, s| or_none(vm, s.get(WSuper::SELF))).member(),
    getter("__self_class__", |vm, s| {
        or_none(vm, s.get(WSuper::SELF_CLASS))
    })
    .member(),
];

// ---- cells
fn cell_compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    if !b.is::<WCell>() {
        return Ok(vm.world().not_implemented);
    }
    let (x, y) = (a.get(WCell::VALUE), b.get(WCell::VALUE));
    if x.is_null() || y.is_null() {
        return Ok(vm.world().bool(op.holds((!x.is_null()).cmp(&!y.is_null()))));
    }
    crate::operator::compare(vm, op, x, y)
}
static CELL_METHODS: &[BuiltinDef] = &[
    var("__new__", 1, 2, |vm, args| {
        Ok(crate::function::new_cell(
            vm,
            args.get(1).copied().unwrap_or(Gc::NULL),
        ))
    })
    .static_method(),
    fn1("__repr__", |vm, c| {
        let of = c.get(WCell::VALUE).to_option().map_or("empty".into(), |v| {
            format!(
                "{} object at {:#x}",
                type_of(vm, v).text(),
                crate::operator::id(vm, v)
            )
        });
        text(
            vm,
            format!("<cell at {:#x}: {of}>", crate::operator::id(vm, c)),
        )
    }),
    fn2("__eq__", |vm, a, b| cell_compare(vm, CmpOp::Eq, a, b)),
    fn2("__lt__", |vm, a, b| cell_compare(vm, CmpOp::Lt, a, b)),
];
static CELL: &[GetSetDef] = &[getset(
    "cell_contents",
    |vm, c| {
        c.get(WCell::VALUE)
            .to_option()
            .ok_or_else(|| vm.value_error("Cell is empty"))
    },
    |vm, c, v| {
        c.set(vm, WCell::VALUE, v);
        Ok(())
    },
)];

// ---- code
macro_rules! code_data {
    ($o:expr) => {
        $o.get(WCode::CODE).expect().info.data
    };
}
fn names(vm: &'static Vm, list: &[std::sync::Arc<str>]) -> PyResult {
    let mut items = crate::Temps::new(vm);
    list.iter()
        .for_each(|n| items.push(crate::str::intern(vm, n)));
    Ok(crate::tuple::new(vm, &items))
}
fn code_positions(vm: &'static Vm, o: Gc) -> PyResult {
    let list = crate::list::empty(vm);
    let none = vm.world().none;
    for p in &code_data!(o).positions {
        let column = |c: u16| {
            if c == u16::MAX {
                none
            } else {
                crate::int::new(vm, c as i64)
            }
        };
        let line = |l: u32| {
            if p.line == 0 {
                none
            } else {
                crate::int::new(vm, l as i64)
            }
        };
        let row = [
            line(p.line),
            line(p.end_line()),
            column(p.col),
            column(p.end_col),
        ];
        crate::list::append(vm, list, crate::tuple::new(vm, &row))?;
    }
    crate::operator::iter(vm, list)
}
fn code_lines(vm: &'static Vm, o: Gc) -> PyResult {
    let list = crate::list::empty(vm);
    let positions = &code_data!(o).positions;
    let mut start = 0;
    while start < positions.len() {
        let line = positions[start].line;
        let end = (start..positions.len())
            .find(|&i| positions[i].line != line)
            .unwrap_or(positions.len());
        let line = if line == 0 {
            vm.world().none
        } else {
            crate::int::new(vm, line as i64)
        };
        let row = [
            crate::int::new(vm, start as i64 * 2),
            crate::int::new(vm, end as i64 * 2),
            line,
        ];
        crate::list::append(vm, list, crate::tuple::new(vm, &row))?;
        start = end;
    }
    crate::operator::iter(vm, list)
}
fn code_replace(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let mut data = (*code_data!(args[0])).clone();
    let mut filename = args[0].get(WCode::CODE).expect().info.filename.to_string();
    for (&name, &value) in kw.names.iter().zip(kw.values) {
        let name = crate::str::to_text(name);
        let string = || {
            crate::str::as_str(value)
                .map(crate::str::to_text)
                .ok_or_else(|| vm.type_error(format_args!("code.replace(): {name} must be str")))
        };
        match name.as_str() {
            "co_name" => data.name = string()?.into(),
            "co_qualname" => data.qualname = string()?.into(),
            "co_filename" => filename = string()?,
            "co_flags" => data.flags = crate::int::to_i64(vm, value)? as u32,
            "co_firstlineno" => data.firstlineno = crate::int::to_i64(vm, value)? as u32,
            _ => {
                return Err(vm.not_implemented_error(format_args!(
                    "code.replace({name}=...) is not supported"
                )));
            }
        }
    }
    let code = crate::constants::load_named(vm, &std::sync::Arc::new(data), &filename);
    Ok(crate::function::code_object(vm, code))
}
static CODE_METHODS: &[BuiltinDef] = &[
    fn1("__repr__", |vm, o| {
        let code = o.get(WCode::CODE).expect();
        let data = &code.info.data;
        text(
            vm,
            format!(
                "<code object {} at {:#x}, file \"{}\", line {}>",
                data.name,
                crate::operator::id(vm, o),
                code.info.filename,
                data.firstlineno
            ),
        )
    }),
    fn1("co_positions", code_positions),
    fn1("co_lines", code_lines),
    kw("replace", code_replace),
];
static CODE: &[GetSetDef] = &[
    getter("co_name", |vm, o| {
        Ok(crate::str::intern(vm, &code_data!(o).name))
    })
    .member(),
    getter("co_qualname", |vm, o| {
        Ok(crate::str::intern(vm, &code_data!(o).qualname))
    })
    .member(),
    getter("co_filename", |vm, o| {
        Ok(crate::str::intern(
            vm,
            &o.get(WCode::CODE).expect().info.filename,
        ))
    })
    .member(),
    getter("co_firstlineno", |vm, o| {
        Ok(crate::int::new(vm, code_data!(o).firstlineno as i64))
    })
    .member(),
    getter("co_argcount", |vm, o| {
        Ok(crate::int::new(vm, code_data!(o).argcount as i64))
    })
    .member(),
    getter("co_posonlyargcount", |vm, o| {
        Ok(crate::int::new(vm, code_data!(o).posonlyargcount as i64))
    })
    .member(),
    getter("co_kwonlyargcount", |vm, o| {
        Ok(crate::int::new(vm, code_data!(o).kwonlyargcount as i64))
    })
    .member(),
    getter("co_nlocals", |vm, o| {
        Ok(crate::int::new(vm, code_data!(o).varnames.len() as i64))
    })
    .member(),
    getter("co_stacksize", |vm, o| {
        Ok(crate::int::new(
            vm,
            (code_data!(o).nregs - code_data!(o).nlocals) as i64,
        ))
    })
    .member(),
    getter("co_flags", |vm, o| {
        Ok(crate::int::new(vm, code_data!(o).flags as i64))
    })
    .member(),
    getter("co_varnames", |vm, o| names(vm, &code_data!(o).varnames)),
    getter("co_cellvars", |vm, o| names(vm, &code_data!(o).cellvars)),
    getter("co_freevars", |vm, o| names(vm, &code_data!(o).freevars)),
    getter("co_names", |vm, o| names(vm, &code_data!(o).names)),
    getter("co_consts", |vm, o| {
        let mut items = crate::Temps::new(vm);
        for c in o.get(WCode::CODE).expect().constants() {
            items.push(c.get());
        }
        Ok(crate::tuple::new(vm, &items))
    }),
    getter("co_code", |vm, o| {
        let n = code_data!(o).ins.len() * 2;
        Ok(crate::bytes::new(vm, &vec![9; n]))
    }),
];

pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    add_members(vm, c.function, FUNCTION_METHODS, FUNCTION);
    add_members(vm, c.method, METHOD_METHODS, METHOD);
    for class in [c.builtin_function, c.method_wrapper] {
        add_members(vm, class, BUILTIN_METHODS, BUILTIN);
    }
    for class in [
        c.method_descriptor,
        c.wrapper_descriptor,
        c.classmethod_descriptor,
    ] {
        add_members(vm, class, DESCR_METHODS, DESCR);
    }
    for class in [c.getset_descriptor, c.member_descriptor] {
        add_members(vm, class, ACCESSOR_METHODS, ACCESSOR);
    }
    add_members(vm, c.property, PROPERTY_METHODS, PROPERTY);
    add_members(vm, c.staticmethod, STATIC_METHODS, WRAPPER);
    add_members(vm, c.classmethod, CLASS_METHODS, WRAPPER);
    add_members(vm, c.super_, SUPER_METHODS, SUPER);
    add_members(vm, c.cell, CELL_METHODS, CELL);
    add_members(vm, c.code, CODE_METHODS, CODE);
}
