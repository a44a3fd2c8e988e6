//! The attribute protocol: load, store and delete by name, with descriptors and hooks.

use crate::access::Access;
use crate::class::{Class, Name, class_flags};
use crate::descriptor;
use crate::error::{attribute_error_for, catch};
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::Gc;

/// `object.name`
///
/// # Errors
/// AttributeError and what hooks raise.
pub fn get_attr(vm: &'static Vm, object: Gc, name: Name) -> PyResult {
    let class = type_of(vm, object);
    let hook = class.special(vm, Special::GetAttribute);
    let world = vm.world();
    let fallback = class.special(vm, Special::GetAttr);
    let result = if hook == world.classes.object.special(vm, Special::GetAttribute) {
        match generic_get_opt(vm, object, class, name) {
            Ok(Some(v)) => return Ok(v),
            Ok(None) if fallback.is_null() => return Err(no_attribute(vm, object, name)),
            Ok(None) => return crate::call::call_unbound(vm, fallback, &[object, name]),
            // Of a descriptor.
            Err(e) => Err(e),
        }
    } else {
        crate::call::call_unbound(vm, hook, &[object, name])
    };
    match result {
        Err(e)
            if !fallback.is_null()
                && crate::error::is_instance_of(vm, e, world.classes.attribute_error) =>
        {
            crate::call::call_unbound(vm, fallback, &[object, name])
        }
        result => result,
    }
}
/// As [`get_attr`], None instead of an AttributeError.
pub fn get_attr_opt(vm: &'static Vm, object: Gc, name: Name) -> PyResult<Option<Gc>> {
    let class = type_of(vm, object);
    if class.inherits_from_object(vm, Special::GetAttribute)
        && class.special(vm, Special::GetAttr).is_null()
    {
        return generic_get_opt(vm, object, class, name)
            .or_else(|e| catch(vm, vm.world().classes.attribute_error, Err(e)));
    }
    catch(
        vm,
        vm.world().classes.attribute_error,
        get_attr(vm, object, name),
    )
}
/// `object.name` for a name given in Rust.
pub fn get_text(vm: &'static Vm, object: Gc, name: &str) -> PyResult {
    get_attr(vm, object, crate::str::intern(vm, name))
}
/// The AttributeError of a missing attribute.
pub fn no_attribute(vm: &'static Vm, object: Gc, name: Name) -> Gc {
    let text = crate::str::to_text(name);
    let message = if let Some(class) = crate::make_class::class_of(object) {
        format!("type object '{}' has no attribute '{text}'", class.text())
    } else if object.is::<WModule>() {
        match crate::dict::get_str(vm, object.get(WModule::DICT), vm.world().names.name) {
            Ok(Some(n)) if n.is::<WStr>() => format!(
                "module '{}' has no attribute '{text}'",
                crate::str::to_text(n)
            ),
            _ => format!("module has no attribute '{text}'"),
        }
    } else {
        format!(
            "'{}' object has no attribute '{text}'",
            type_of(vm, object).text()
        )
    };
    attribute_error_for(vm, object, name, message)
}
/// `object.__getattribute__` for all classes but type, super and module; None if there is no such attribute.
fn generic_get_opt(
    vm: &'static Vm,
    object: Gc,
    class: &'static Class,
    name: Name,
) -> PyResult<Option<Gc>> {
    let found = class.lookup(name).unwrap_or(Gc::NULL);
    let mut getter = Gc::NULL;
    if !found.is_null() {
        let kind = type_of(vm, found);
        getter = kind.special(vm, Special::Get);
        let data = !kind.special(vm, Special::Set).is_null()
            || !kind.special(vm, Special::Delete).is_null();
        if data && !getter.is_null() {
            return load_data(vm, found, object, class);
        }
    }
    let own = crate::instance::get_own(vm, object, name)?;
    if !own.is_null() {
        return Ok(Some(own));
    }
    if found.is_null() {
        return Ok(None);
    }
    if !getter.is_null() {
        return descriptor::bind(vm, found, object, class.gc()).map(Some);
    }
    Ok(Some(found))
}
fn load_data(
    vm: &'static Vm,
    found: Gc,
    object: Gc,
    class: &'static Class,
) -> PyResult<Option<Gc>> {
    descriptor::bind(vm, found, object, class.gc()).map(Some)
}
/// `object.__getattribute__(object, name)`
pub fn generic_get(vm: &'static Vm, object: Gc, name: Name) -> PyResult {
    generic_get_opt(vm, object, type_of(vm, object), name)?
        .ok_or_else(|| no_attribute(vm, object, name))
}
/// `module.__getattribute__`: the module's own `__getattr__` function answers for what is missing.
pub fn module_get(vm: &'static Vm, object: Gc, name: Name) -> PyResult {
    if let Some(v) = generic_get_opt(vm, object, type_of(vm, object), name)? {
        return Ok(v);
    }
    let d = crate::payload(object).get(WModule::DICT);
    let hook = if d.is_null() {
        None
    } else {
        crate::dict::get_str(vm, d, Special::GetAttr.name(vm))?
    };
    match hook {
        Some(f) => crate::call::call(vm, f, &[name], &crate::Kw::NONE),
        None => Err(no_attribute(vm, crate::payload(object), name)),
    }
}
/// `type.__getattribute__`: the metaclass's data descriptors, the class and its bases, the metaclass's other attributes.
pub fn type_get(vm: &'static Vm, object: Gc, name: Name) -> PyResult {
    let Some(class) = crate::make_class::class_of(object) else {
        return generic_get(vm, object, name);
    };
    let meta = class.meta();
    let of_meta = meta.lookup(name).unwrap_or(Gc::NULL);
    let mut meta_get = Gc::NULL;
    if !of_meta.is_null() {
        let kind = type_of(vm, of_meta);
        meta_get = kind.special(vm, Special::Get);
        if !meta_get.is_null()
            && (!kind.special(vm, Special::Set).is_null()
                || !kind.special(vm, Special::Delete).is_null())
        {
            return descriptor::bind(vm, of_meta, object, meta.gc());
        }
    }
    if let Some(value) = class.lookup(name) {
        return descriptor::bind(vm, value, Gc::NULL, object);
    }
    if !meta_get.is_null() {
        return descriptor::bind(vm, of_meta, object, meta.gc());
    }
    if !of_meta.is_null() {
        return Ok(of_meta);
    }
    Err(no_attribute(vm, object, name))
}
/// `object.name = value`
///
/// # Errors
/// AttributeError, TypeError, what hooks raise.
pub fn set_attr(vm: &'static Vm, object: Gc, name: Name, value: Gc) -> PyResult<()> {
    let class = type_of(vm, object);
    let hook = class.special(vm, Special::SetAttr);
    if hook == vm.world().classes.object.special(vm, Special::SetAttr) {
        return generic_set(vm, object, name, value);
    }
    crate::call::call_unbound(vm, hook, &[object, name, value]).map(drop)
}
/// `del object.name`
pub fn del_attr(vm: &'static Vm, object: Gc, name: Name) -> PyResult<()> {
    let class = type_of(vm, object);
    let hook = class.special(vm, Special::DelAttr);
    if hook == vm.world().classes.object.special(vm, Special::DelAttr) {
        return generic_set(vm, object, name, Gc::NULL);
    }
    crate::call::call_unbound(vm, hook, &[object, name]).map(drop)
}
/// `object.__setattr__`; a NULL value deletes.
pub fn generic_set(vm: &'static Vm, object: Gc, name: Name, value: Gc) -> PyResult<()> {
    let class = type_of(vm, object);
    if let Some(found) = class.lookup(name) {
        let kind = type_of(vm, found);
        let special = if value.is_null() {
            Special::Delete
        } else {
            Special::Set
        };
        if !kind.special(vm, Special::Set).is_null() || !kind.special(vm, Special::Delete).is_null()
        {
            if kind.special(vm, special).is_null() {
                return Err(attribute_error_for(
                    vm,
                    object,
                    name,
                    if value.is_null() {
                        "__delete__"
                    } else {
                        "__set__"
                    },
                ));
            }
            return descriptor::assign(vm, found, object, value);
        }
        if !class.has(class_flags::HAS_DICT)
            && crate::instance::existing_dict(vm, object).is_none()
            && !has_lazy_dict(object)
        {
            let (class, name_text) = (class.text(), crate::str::to_text(name));
            let text = format!("'{class}' object attribute '{name_text}' is read-only");
            return Err(attribute_error_for(vm, object, name, text));
        }
    }
    let done = match value.is_null() {
        true => crate::instance::delete_own(vm, object, name)?,
        false => crate::instance::set_own(vm, object, name, value)?,
    };
    if done {
        Ok(())
    } else {
        Err(no_attribute(vm, object, name))
    }
}
fn has_lazy_dict(object: Gc) -> bool {
    object.is::<WFunction>() || object.is::<WStaticMethod>() || object.is::<WClassMethod>()
}
/// `type.__setattr__`; a NULL value deletes.
pub fn type_set(vm: &'static Vm, object: Gc, name: Name, value: Gc) -> PyResult<()> {
    let Some(class) = crate::make_class::class_of(object) else {
        return generic_set(vm, object, name, value);
    };
    let text = crate::str::to_text(name);
    if !class.has(class_flags::HEAP) && !class.has(class_flags::MUTABLE) {
        return Err(vm.type_error(format_args!(
            "cannot set '{text}' attribute of immutable type '{}'",
            class.text()
        )));
    }
    if let Some(found) = class.meta().lookup(name) {
        let kind = type_of(vm, found);
        if !kind.special(vm, Special::Set).is_null() {
            return descriptor::assign(vm, found, object, value);
        }
    }
    // What makes instances of a class of an extension in one step knows nothing of the new attribute.
    class.maker.set(None);
    if value.is_null() {
        if !class.remove(vm, name) {
            return Err(no_attribute(vm, object, name));
        }
    } else {
        class.put(vm, name, value);
    }
    if name == Special::Del.name(vm) && !value.is_null() {
        crate::finalize::class_gets_finalizer(vm, class);
    }
    Ok(())
}
/// A special method of the object's class bound to the object; None if there is none. Instance attributes do not count.
pub fn lookup_special(vm: &'static Vm, object: Gc, special: Special) -> PyResult<Option<Gc>> {
    let class = type_of(vm, object);
    match class.special(vm, special) {
        f if f.is_null() => Ok(None),
        f => descriptor::bind(vm, f, object, class.gc()).map(Some),
    }
}
/// The name in an attribute function's argument.
///
/// # Errors
/// TypeError unless it is a str.
pub fn name_argument(vm: &'static Vm, name: Gc, function: &str) -> PyResult<Name> {
    match crate::str::as_str(name) {
        Some(s) => Ok(crate::str::intern_gc(vm, s)),
        None if function.is_empty() => Err(vm.type_error(format_args!(
            "attribute name must be string, not '{}'",
            type_of(vm, name).text()
        ))),
        None => Err(vm.type_error(format_args!("{function}(): attribute name must be string"))),
    }
}
