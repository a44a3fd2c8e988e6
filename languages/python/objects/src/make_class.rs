//! Making classes: those of the table at boot, and those of class statements (`type.__new__`).

use crate::access::{Access, alloc};
use crate::builtin::{Binding, BuiltinDef, GetSetDef};
use crate::class::{Class, Name, class_flags};
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, Kw, PyResult, Temps, Vm, type_of};
use ouro_gc::{Gc, Host, Object};

/// The class of an object whose layout is shared by several classes, or else the class of the layout.
pub(crate) fn class_by_state(vm: &Vm, id: u32, object: Gc) -> &'static Class {
    let world = vm.world();
    let c = &world.classes;
    match id {
        WDictView::TYPE_ID => {
            [c.dict_keys, c.dict_values, c.dict_items][object.get(WDictView::KIND) as usize]
        }
        WDictIter::TYPE_ID => match object.get(WDictIter::KIND) {
            0 => c.dict_keyiterator,
            1 => c.dict_valueiterator,
            2 => c.dict_itemiterator,
            4 => c.dict_reversekeyiterator,
            5 => c.dict_reversevalueiterator,
            _ => c.dict_reverseitemiterator,
        },
        WGenerator::TYPE_ID => {
            [c.generator, c.coroutine, c.async_generator][object.get(WGenerator::KIND) as usize]
        }
        WAwaitable::TYPE_ID => match object.get(WAwaitable::KIND) {
            0 => c.coroutine_wrapper,
            1 => c.async_generator_asend,
            _ => c.async_generator_athrow,
        },
        WMethodDescr::TYPE_ID => {
            let def = object.get(WMethodDescr::DEF).expect();
            match def.binding {
                Binding::Class => c.classmethod_descriptor,
                _ if def.is_slot() => c.wrapper_descriptor,
                _ => c.method_descriptor,
            }
        }
        WBuiltin::TYPE_ID => {
            let bound = object.get(WBuiltin::SELF);
            let def = object.get(WBuiltin::DEF).expect();
            let wrapper = !bound.is_null()
                && !bound.is::<WModule>()
                && def.binding == Binding::Instance
                && def.is_slot();
            if wrapper {
                c.method_wrapper
            } else {
                c.builtin_function
            }
        }
        WGetSet::TYPE_ID if object.get(WGetSet::DEF).expect().member => c.member_descriptor,
        _ => world.class_of_type_id(id),
    }
}

/// Gives a class its object.
fn attach_object(vm: &'static Vm, class: &'static Class, name: Gc, qualname: Gc) {
    let object = alloc::<WClass>(vm);
    object
        .init(WClass::CLASS, Host::new(class))
        .init(WClass::NAME, name)
        .init(WClass::QUALNAME, qualname);
    class.object.set(object);
}
fn attach_tuples(vm: &'static Vm, class: &'static Class) {
    let tuple = |classes: &[&'static Class]| {
        crate::tuple::new(vm, &crate::type_methods::objects_of(vm, classes))
    };
    let (bases, mro) = (tuple(&class.bases()), tuple(class.mro()));
    class.gc().set(vm, WClass::BASES, bases);
    class.gc().set(vm, WClass::MRO, mro);
}
/// Exceptions with fields of their own, see [`crate::exception`].
const HAVE_FIELDS: &[&str] = &[
    "BaseException",
    "BaseExceptionGroup",
    "StopIteration",
    "SystemExit",
    "ImportError",
    "OSError",
    "SyntaxError",
    "NameError",
    "AttributeError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeTranslateError",
];
/// Makes the objects, bases and MROs of all classes of the table. The namespaces are filled later.
pub(crate) fn boot(vm: &'static Vm) {
    let world = vm.world();
    let all = world.all_classes.borrow().clone();
    let rows = crate::world::CLASS_ROWS;
    for (row, class) in rows.iter().zip(&all) {
        let name = crate::str::intern(vm, row.name.rsplit('.').next().unwrap_or(row.name));
        attach_object(vm, class, name, name);
        class.flags.set(row.flags);
        class.metaclass.set(Some(world.classes.type_));
    }
    for (n, (row, class)) in rows.iter().zip(&all).enumerate() {
        let base = rows
            .iter()
            .position(|r| r.field == row.base)
            .expect("the base is in the table");
        let layout = row.layouts.first().copied();
        class
            .instance_type_id
            .set(layout.unwrap_or_else(|| all[base].instance_type_id.get()));
        if n == base {
            class.set_mro(vm, vec![class]);
        } else {
            let mro = std::iter::once(*class)
                .chain(all[base].mro().iter().copied())
                .collect();
            class.set_bases(vm, vec![all[base]], mro);
            // Exceptions differ in layout only where the class declares fields: `class E(OSError, ValueError)` is fine.
            let plain =
                class.has(class_flags::EXCEPTION) && n > 0 && !HAVE_FIELDS.contains(&row.name);
            class
                .solid
                .set(if plain && all[base].has(class_flags::EXCEPTION) {
                    all[base].solid.get()
                } else {
                    Some(class)
                });
        }
        attach_tuples(vm, class);
    }
    world.classes.object.instance_type_id.set(WInst::TYPE_ID);
    world.classes.bool_.instance_type_id.set(WBool::TYPE_ID);
}
/// Fills the namespace of a builtin class.
pub fn add_members(
    vm: &'static Vm,
    class: &'static Class,
    methods: &'static [BuiltinDef],
    attributes: &'static [GetSetDef],
) {
    for def in methods {
        let name = crate::str::intern(vm, def.name);
        let value = match def.binding {
            Binding::Static => {
                let f = alloc::<WBuiltin>(vm).init(WBuiltin::DEF, Host::new(def));
                if def.name == "__new__" {
                    f.init(WBuiltin::SELF, class.gc())
                } else {
                    crate::descriptor::new_static(vm, f)
                }
            }
            _ => {
                let d = alloc::<WMethodDescr>(vm).init(WMethodDescr::DEF, Host::new(def));
                d.init(WMethodDescr::CLASS, Host::new(class))
            }
        };
        class.store(vm, name, value);
    }
    for def in attributes {
        let name = crate::str::intern(vm, def.name);
        let value = alloc::<WGetSet>(vm)
            .init(WGetSet::DEF, Host::new(def))
            .init(WGetSet::CLASS, Host::new(class));
        class.store(vm, name, value);
    }
    class.changed(vm);
}
/// A new builtin class for a module written in Rust. `flags` see [`class_flags`]; instances are `WNative`s unless the
/// base's are something else.
pub fn new_builtin_class(
    vm: &'static Vm,
    module: &str,
    name: &str,
    base: &'static Class,
    flags: u32,
) -> &'static Class {
    let class = Class::leak(vm, vm.world().all_classes.borrow().len() as u32);
    vm.world().all_classes.borrow_mut().push(class);
    let text = crate::str::intern(vm, name);
    attach_object(vm, class, text, text);
    let inherited = class_flags::EXCEPTION
        | class_flags::METACLASS
        | class_flags::HAS_DICT
        | class_flags::MAPPING
        | class_flags::SEQUENCE;
    class.flags.set(flags | base.flags.get() & inherited);
    class.metaclass.set(Some(base.meta()));
    let of_object = std::ptr::eq(base, vm.world().classes.object);
    class.instance_type_id.set(if of_object {
        WNative::TYPE_ID
    } else {
        base.instance_type_id.get()
    });
    let mro = std::iter::once(class)
        .chain(base.mro().iter().copied())
        .collect();
    class.set_bases(vm, vec![base], mro);
    class.solid.set(Some(if class.has(class_flags::EXCEPTION) {
        base.solid.get().unwrap_or(class)
    } else {
        class
    }));
    attach_tuples(vm, class);
    class.store(vm, vm.world().names.module, crate::str::intern(vm, module));
    class
}

/// The class of a type that an extension module made, with its bases in order. The caller says what its instances are:
/// metaclass, layout and solid base are those of the first base.
///
/// # Errors
/// TypeError if the bases have no common order.
pub fn new_class_of_extension(
    vm: &'static Vm,
    module: Option<&str>,
    name: &str,
    bases: &[&'static Class],
    flags: u32,
) -> PyResult<&'static Class> {
    let class = Class::leak(vm, vm.world().all_classes.borrow().len() as u32);
    vm.world().all_classes.borrow_mut().push(class);
    let text = crate::str::intern(vm, name);
    attach_object(vm, class, text, text);
    let inherited = class_flags::EXCEPTION
        | class_flags::METACLASS
        | class_flags::HAS_DICT
        | class_flags::HAS_WEAKREF
        | class_flags::MATCH_SELF
        | class_flags::MAPPING
        | class_flags::SEQUENCE
        | class_flags::FINALIZER;
    let more = bases.iter().fold(0, |f, b| f | b.flags.get() & inherited);
    class.flags.set(flags | more);
    let first = bases[0];
    class.metaclass.set(Some(first.meta()));
    class.instance_type_id.set(first.instance_type_id.get());
    class.solid.set(first.solid.get());
    class.fixed_slots.set(first.fixed_slots.get());
    let mro = c3(vm, class, bases)?;
    class.set_bases(vm, bases.to_vec(), mro);
    attach_tuples(vm, class);
    if let Some(module) = module {
        class.store(vm, vm.world().names.module, crate::str::intern(vm, module));
    }
    Ok(class)
}

/// The class below a class object.
#[inline]
pub fn class_of(object: Gc) -> Option<&'static Class> {
    object
        .is::<WClass>()
        .then(|| object.get(WClass::CLASS).expect())
}

/// C3 linearisation.
///
/// # Errors
/// TypeError with CPython's text.
pub fn c3(
    vm: &'static Vm,
    class: &'static Class,
    bases: &[&'static Class],
) -> PyResult<Vec<&'static Class>> {
    let mut lists: Vec<Vec<&'static Class>> = bases.iter().map(|b| b.mro().to_vec()).collect();
    lists.push(bases.to_vec());
    let mut mro = vec![class];
    loop {
        lists.retain(|l| !l.is_empty());
        if lists.is_empty() {
            return Ok(mro);
        }
        let in_a_tail = |c: &'static Class| {
            lists
                .iter()
                .any(|l| l[1..].iter().any(|&d| std::ptr::eq(c, d)))
        };
        let Some(next) = lists.iter().map(|l| l[0]).find(|&c| !in_a_tail(c)) else {
            let mut names: Vec<String> = Vec::new();
            for l in &lists {
                let name = l[0].text();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            return Err(vm.type_error(format_args!(
                "Cannot create a consistent method resolution\norder (MRO) for bases {}",
                names.join(", ")
            )));
        };
        mro.push(next);
        lists.iter_mut().for_each(|l| {
            if std::ptr::eq(l[0], next) {
                l.remove(0);
            }
        });
    }
}
/// The base whose instances have the most specific layout.
fn best_base(vm: &'static Vm, bases: &[&'static Class]) -> PyResult<&'static Class> {
    let mut winner: Option<(&'static Class, &'static Class)> = None;
    for &base in bases {
        if !base.has(class_flags::BASE) {
            return Err(vm.type_error(format_args!(
                "type '{}' is not an acceptable base type",
                base.text()
            )));
        }
        let solid = solid_of(vm, base);
        winner = match winner {
            None => Some((base, solid)),
            Some((_, best)) if best.is_subclass(solid) => winner,
            Some((_, best)) if solid.is_subclass(best) => Some((base, solid)),
            Some(_) => return Err(vm.type_error("multiple bases have instance lay-out conflict")),
        };
    }
    Ok(winner.expect("a class has a base").0)
}
/// The class that fixes the layout of instances: a builtin class, or one with non-empty `__slots__`.
fn solid_of(vm: &'static Vm, class: &'static Class) -> &'static Class {
    let adds_slots = |c: &&&'static Class| {
        let inherited = c
            .bases()
            .iter()
            .map(|b| b.fixed_slots.get())
            .max()
            .unwrap_or(0);
        c.has(class_flags::HEAP) && c.fixed_slots.get() > inherited
    };
    if let Some(slotted) = class.mro().iter().find(adds_slots) {
        return slotted;
    }
    class.solid.get().unwrap_or(vm.world().classes.object)
}
/// The most derived metaclass.
///
/// # Errors
/// TypeError "metaclass conflict".
pub fn derive_metaclass(
    vm: &'static Vm,
    meta: &'static Class,
    bases: &[Gc],
) -> PyResult<&'static Class> {
    let mut winner = meta;
    for &base in bases {
        let other = type_of(vm, base);
        if winner.is_subclass(other) {
            continue;
        }
        if other.is_subclass(winner) {
            winner = other;
            continue;
        }
        return Err(vm.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

/// `type.__new__(meta, name, bases, namespace, **kwds)`.
///
/// # Errors
/// CPython's TypeErrors and ValueErrors, and what hooks raise.
pub fn type_new(vm: &'static Vm, meta: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    let world = vm.world();
    let meta =
        class_of(meta).ok_or_else(|| vm.type_error("type.__new__(X): X is not a type object"))?;
    let &[name, bases, namespace] = args else {
        return Err(vm.type_error("type.__new__() takes exactly 3 arguments"));
    };
    let bad = |n: usize, wanted: &str, got: Gc| {
        let got = type_of(vm, got).text();
        vm.type_error(format_args!(
            "type.__new__() argument {n} must be {wanted}, not {got}"
        ))
    };
    let name = crate::str::as_str(name).ok_or_else(|| bad(1, "str", name))?;
    let bases_tuple = crate::tuple::as_tuple(bases).ok_or_else(|| bad(2, "tuple", bases))?;
    let namespace = crate::dict::as_dict(namespace).ok_or_else(|| bad(3, "dict", namespace))?;
    let base_objects = Temps::from_slice(vm, crate::tuple::items(bases_tuple));
    for &base in base_objects.iter() {
        if !base.is::<WClass>() {
            if crate::attribute::get_attr_opt(vm, base, world.names.mro_entries)?.is_some() {
                return Err(vm.type_error(
                    "type() doesn't support MRO entry resolution; use types.new_class()",
                ));
            }
            return Err(vm.type_error("bases must be types"));
        }
    }
    let winner = derive_metaclass(vm, meta, &base_objects)?;
    if !std::ptr::eq(winner, meta) {
        let new = winner.special(vm, Special::New);
        if new != world.classes.type_.special(vm, Special::New) {
            let mut all = Temps::from_slice(vm, &[winner.gc()]);
            all.extend(args);
            return crate::call::call(vm, new, &all, kw);
        }
    }
    let meta = winner;
    let mut bases: Vec<&'static Class> = base_objects.iter().filter_map(|&b| class_of(b)).collect();
    if bases.is_empty() {
        bases.push(world.classes.object);
    }
    for (i, b) in bases.iter().enumerate() {
        if bases[..i].iter().any(|c| std::ptr::eq(*c, *b)) {
            return Err(vm.type_error(format_args!("duplicate base class {}", b.text())));
        }
    }
    let base = best_base(vm, &bases)?;
    if crate::str::bytes(name).contains(&0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    let class = Class::leak(vm, world.all_classes.borrow().len() as u32);
    let qualname = match crate::dict::get_str(vm, namespace, world.names.qualname)? {
        Some(q) if crate::str::as_str(q).is_some() => q,
        Some(q) => {
            let got = type_of(vm, q).text();
            return Err(vm.type_error(format_args!("type __qualname__ must be a str, not {got}")));
        }
        None => name,
    };
    attach_object(vm, class, name, qualname);
    class.metaclass.set(Some(meta));
    world.all_classes.borrow_mut().push(class);
    fill_namespace(vm, class, namespace)?;
    let inherited = class_flags::EXCEPTION
        | class_flags::METACLASS
        | class_flags::HAS_DICT
        | class_flags::HAS_WEAKREF
        | class_flags::MATCH_SELF
        | class_flags::FINALIZER;
    let collection = class_flags::MAPPING | class_flags::SEQUENCE;
    let mut flags = bases.iter().fold(0, |f, b| f | b.flags.get() & inherited);
    // A sequence or a mapping, as the first base says that says anything.
    if let Some(base) = bases.iter().find(|b| b.flags.get() & collection != 0) {
        flags |= base.flags.get() & collection;
    }
    class
        .flags
        .set(class_flags::HEAP | class_flags::BASE | flags);
    class.solid.set(base.solid.get());
    let special = class.has(class_flags::EXCEPTION) || class.has(class_flags::METACLASS);
    class.instance_type_id.set(if special {
        base.instance_type_id.get()
    } else {
        WInst::TYPE_ID
    });
    class.fixed_slots.set(base.fixed_slots.get());
    let slots = crate::dict::get_str(vm, namespace, world.names.slots)?;
    match slots {
        Some(slots) => add_slots(vm, class, &bases, slots)?,
        None => {
            class.add_flags(class_flags::HAS_WEAKREF);
            if !class.has(class_flags::HAS_DICT) {
                class.add_flags(class_flags::HAS_DICT);
            }
        }
    }
    let mro = c3(vm, class, &bases)?;
    class.set_bases(vm, bases, mro);
    crate::type_methods::add_instance_attributes(vm, class);
    if std::ptr::eq(meta, world.classes.type_)
        || meta.lookup(crate::str::intern(vm, "mro"))
            == world.classes.type_.lookup(crate::str::intern(vm, "mro"))
    {
        attach_tuples(vm, class);
    } else {
        attach_tuples(vm, class);
        custom_mro(vm, class)?;
    }
    if class.special(vm, Special::Del) != Gc::NULL {
        class.add_flags(class_flags::FINALIZER);
    }
    let own = |s: Special| class.own(s.name(vm)).is_some();
    if own(Special::Eq) && !own(Special::Hash) {
        class.put(vm, Special::Hash.name(vm), world.none);
    }
    if let Some(cell) = crate::dict::get_str(vm, namespace, world.names.classcell)? {
        if !cell.is::<WCell>() {
            let got = type_of(vm, cell).text();
            return Err(vm.type_error(format_args!(
                "type.__new__() __classcell__ must be a nonlocal cell, not <class '{got}'>"
            )));
        }
        cell.set(vm, WCell::VALUE, class.gc());
    }
    set_names(vm, class)?;
    init_subclass(vm, class, kw)?;
    Ok(class.gc())
}
fn custom_mro(vm: &'static Vm, class: &'static Class) -> PyResult<()> {
    let result = crate::call::call_method(vm, class.gc(), crate::str::intern(vm, "mro"), &[])?;
    let items = crate::list::to_temps(vm, result)?;
    let mut mro = Vec::new();
    for &item in items.iter() {
        mro.push(class_of(item).ok_or_else(|| {
            vm.type_error(format_args!(
                "mro() returned a non-class ('{}')",
                type_of(vm, item).text()
            ))
        })?);
    }
    class.set_mro(vm, mro);
    attach_tuples(vm, class);
    Ok(())
}
fn fill_namespace(vm: &'static Vm, class: &'static Class, namespace: Gc) -> PyResult<()> {
    let world = vm.world();
    let mut at = 0;
    while let Some((key, value)) = crate::dict::next(namespace, &mut at) {
        let Some(key) = crate::str::as_str(key) else {
            continue;
        };
        let key = crate::str::intern_gc(vm, key);
        if key == world.names.qualname || key == world.names.classcell {
            continue;
        }
        // These methods are implicitly static or class methods.
        let value = if value.is::<WFunction>() && key == Special::New.name(vm) {
            crate::descriptor::new_static(vm, value)
        } else if value.is::<WFunction>()
            && (key == world.names.init_subclass || key == world.names.class_getitem)
        {
            crate::descriptor::new_classmethod(vm, value)
        } else {
            value
        };
        class.store(vm, key, value);
    }
    if class.own(world.names.module).is_none()
        && let Some(globals) = crate::frame::current_globals(vm)
        && let Some(name) = crate::dict::get_str(vm, globals, world.names.name)?
    {
        class.store(vm, world.names.module, name);
    }
    if class.own(world.names.doc).is_none() {
        class.store(vm, world.names.doc, world.none);
    }
    Ok(())
}
fn add_slots(
    vm: &'static Vm,
    class: &'static Class,
    bases: &[&'static Class],
    slots: Gc,
) -> PyResult<()> {
    let world = vm.world();
    class.add_flags(class_flags::SLOTS);
    let names = match crate::str::as_str(slots) {
        Some(_) => Temps::from_slice(vm, &[slots]),
        None => crate::list::to_temps(vm, slots)?,
    };
    let variable = world.classes.int;
    if !names.is_empty()
        && bases.iter().any(|b| {
            b.is_subclass(variable)
                || b.is_subclass(world.classes.tuple)
                || b.is_subclass(world.classes.bytes)
        })
    {
        let base = bases[0].text();
        return Err(vm.type_error(format_args!(
            "nonempty __slots__ not supported for subtype of '{base}'"
        )));
    }
    let private = class.text();
    let mut sorted: Vec<(String, Gc)> = Vec::new();
    for &slot in names.iter() {
        let Some(text) = crate::str::as_str(slot) else {
            let got = type_of(vm, slot).text();
            return Err(vm.type_error(format_args!("__slots__ items must be strings, not '{got}'")));
        };
        let text = crate::str::to_text(text);
        if !crate::str::methods::is_identifier(&text) {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        match text.as_str() {
            "__dict__" if class.has(class_flags::HAS_DICT) => {
                return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
            }
            "__weakref__" if class.has(class_flags::HAS_WEAKREF) => {
                return Err(vm.type_error(
                    "__weakref__ slot disallowed: either we already got one, or __itemsize__ != 0",
                ));
            }
            "__dict__" => class.add_flags(class_flags::HAS_DICT),
            "__weakref__" => class.add_flags(class_flags::HAS_WEAKREF),
            _ => {
                let mangled = mangle(&private, &text);
                let name = crate::str::intern(vm, &mangled);
                // Without a docstring `__doc__` is None by default, which a slot may replace.
                let default_doc = name == world.names.doc && class.own(name) == Some(world.none);
                if class.own(name).is_some() && !default_doc {
                    return Err(vm.value_error(format_args!(
                        "'{text}' in __slots__ conflicts with class variable"
                    )));
                }
                sorted.push((mangled, name));
            }
        }
    }
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, name) in sorted {
        let slot = class.fixed_slots.get();
        class.fixed_slots.set(slot + 1);
        let member = alloc::<WMember>(vm).init(WMember::CLASS, Host::new(class));
        member
            .init(WMember::NAME, name)
            .init(WMember::SLOT, slot as i64);
        class.store(vm, name, member);
    }
    Ok(())
}
/// A private name inside a class.
pub fn mangle(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    match name.starts_with("__")
        && !name.ends_with("__")
        && !name.contains('.')
        && !class.is_empty()
    {
        true => format!("_{class}{name}"),
        false => name.to_owned(),
    }
}
fn set_names(vm: &'static Vm, class: &'static Class) -> PyResult<()> {
    for name in class.own_names() {
        let Some(value) = class.own(name) else {
            continue;
        };
        let hook = type_of(vm, value).special(vm, Special::SetName);
        if hook.is_null() {
            continue;
        }
        if let Err(e) = crate::call::call_special(vm, value, Special::SetName, &[class.gc(), name])
        {
            let text = format!(
                "Error calling __set_name__ on '{}' instance '{}' in '{}'",
                type_of(vm, value).text(),
                crate::str::to_text(name),
                class.text()
            );
            let error = vm.runtime_error(text);
            error.set(vm, WException::CAUSE, e);
            error.set(vm, WException::CONTEXT, e);
            error.set(vm, WException::SUPPRESS, 1);
            return Err(error);
        }
    }
    Ok(())
}
fn init_subclass(vm: &'static Vm, class: &'static Class, kw: &Kw) -> PyResult<()> {
    let name: Name = vm.world().names.init_subclass;
    let found = class.lookup_after(class, name).unwrap_or(Gc::NULL);
    if found.is_null() {
        return Ok(());
    }
    let bound = crate::descriptor::bind(vm, found, Gc::NULL, class.gc())?;
    crate::call::call(vm, bound, &[], kw)?;
    Ok(())
}

/// A new instance of a user class, without calling anything. `payload` is the builtin object below it, or NULL.
pub fn new_instance(vm: &'static Vm, class: &'static Class, payload: Gc) -> Gc {
    let object = alloc::<WInst>(vm);
    let map = class.root_map(vm);
    object
        .init(WInst::MAP, Host::new(map))
        .init(WInst::PAYLOAD, payload);
    let slots = map.names.len();
    if slots > INLINE_SLOTS as usize {
        let extra = crate::access::alloc_var::<WRefArray>(vm, slots - INLINE_SLOTS as usize);
        object.set(vm, WInst::EXTRA, extra);
    }
    crate::finalize::register_instance(vm, class, object);
    object
}
/// Wraps an exact builtin object for a class: unchanged for the builtin class, as payload for a subclass.
pub fn wrap(vm: &'static Vm, class: Gc, builtin: &'static Class, exact: Gc) -> Gc {
    match class_of(class) {
        Some(class) if !std::ptr::eq(class, builtin) => new_instance(vm, class, exact),
        _ => exact,
    }
}
/// Brings `__bases__` and `__mro__` up to date after bases or MRO have changed.
pub(crate) fn refresh_tuples(vm: &'static Vm, class: &'static Class) {
    attach_tuples(vm, class);
}
