//! Descriptors: how values found in classes bind to objects. property, staticmethod, classmethod, members, getsets.

use crate::access::{Access, alloc};
use crate::builtin::Binding;
use crate::error::attribute_error_for;
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, Kw, PyResult, Vm, type_of};
use ouro_gc::Gc;

/// A staticmethod object.
pub fn new_static(vm: &'static Vm, f: Gc) -> Gc {
    alloc::<WStaticMethod>(vm).init(WStaticMethod::FUNC, f)
}
/// A classmethod object.
pub fn new_classmethod(vm: &'static Vm, f: Gc) -> Gc {
    alloc::<WClassMethod>(vm).init(WClassMethod::FUNC, f)
}
/// A bound method.
pub fn new_method(vm: &'static Vm, f: Gc, object: Gc) -> Gc {
    alloc::<WMethod>(vm)
        .init(WMethod::FUNC, f)
        .init(WMethod::SELF, object)
}
/// A builtin method bound to an object (or class).
pub fn bind_builtin(vm: &'static Vm, descr: Gc, object: Gc) -> Gc {
    alloc::<WBuiltin>(vm)
        .init(WBuiltin::DEF, descr.get(WMethodDescr::DEF))
        .init(WBuiltin::SELF, object)
}
fn cannot_apply(vm: &'static Vm, descr: Gc, name: &str, owner: &str, object: Gc) -> Gc {
    let _ = descr;
    let got = type_of(vm, object).text();
    vm.type_error(format_args!(
        "descriptor '{name}' for '{owner}' objects doesn't apply to a '{got}' object"
    ))
}
/// `value.__get__(object, class)` if the value is a descriptor, else the value. `object` is NULL for access through the
/// class.
///
/// # Errors
/// What getters raise.
pub fn bind(vm: &'static Vm, value: Gc, object: Gc, class: Gc) -> PyResult {
    if value.is::<WFunction>() {
        return Ok(if object.is_null() {
            value
        } else {
            new_method(vm, value, object)
        });
    }
    if value.is::<WMethodDescr>() {
        let def = value.get(WMethodDescr::DEF).expect();
        if def.binding == Binding::Class {
            return Ok(bind_builtin(
                vm,
                value,
                if class.is_null() {
                    type_of(vm, object).gc()
                } else {
                    class
                },
            ));
        }
        if object.is_null() {
            return Ok(value);
        }
        let owner = value.get(WMethodDescr::CLASS).expect();
        if !type_of(vm, object).is_subclass(owner) {
            return Err(cannot_apply(vm, value, def.name, &owner.text(), object));
        }
        return Ok(bind_builtin(vm, value, object));
    }
    if value.is::<WGetSet>() {
        if object.is_null() {
            return Ok(value);
        }
        let def = value.get(WGetSet::DEF).expect();
        let owner = value.get(WGetSet::CLASS).expect();
        if !type_of(vm, object).is_subclass(owner) {
            return Err(cannot_apply(vm, value, def.name, &owner.text(), object));
        }
        if let Some(foreign) = &def.foreign {
            return (foreign.get)(vm, foreign.word, object);
        }
        return (def.get)(
            vm,
            if def.keeps_self {
                object
            } else {
                crate::payload(object)
            },
        );
    }
    if value.is::<WMember>() {
        if object.is_null() {
            return Ok(value);
        }
        check_member(vm, value, object)?;
        let found = crate::instance::get_slot(object, value.get(WMember::SLOT) as u32);
        if found.is_null() {
            let name = value.get(WMember::NAME);
            return Err(attribute_error_for(
                vm,
                object,
                name,
                no_such_slot(vm, object, name),
            ));
        }
        return Ok(found);
    }
    if value.is::<WProperty>() {
        return if object.is_null() {
            Ok(value)
        } else {
            get_property(vm, value, object)
        };
    }
    if value.is::<WStaticMethod>() {
        return Ok(value.get(WStaticMethod::FUNC));
    }
    if value.is::<WClassMethod>() {
        let class = if class.is_null() {
            type_of(vm, object).gc()
        } else {
            class
        };
        return bind_classmethod(vm, value, class);
    }
    if value.is::<WClass>() || value.is::<WBuiltin>() || value.is::<WStr>() || value.is::<WInt>() {
        // Fast way out for what is common in classes and never a descriptor (a metaclass may define __get__).
        if !value.is::<WClass>() {
            return Ok(value);
        }
    }
    let kind = type_of(vm, value);
    let getter = kind.special(vm, Special::Get);
    if getter.is_null() {
        return Ok(value);
    }
    let none = vm.world().none;
    let or_none = |v: Gc| if v.is_null() { none } else { v };
    crate::call::call_unbound(vm, getter, &[value, or_none(object), or_none(class)])
}
fn no_such_slot(vm: &'static Vm, object: Gc, name: Gc) -> String {
    format!(
        "'{}' object has no attribute '{}'",
        type_of(vm, object).text(),
        crate::str::to_text(name)
    )
}
fn bind_classmethod(vm: &'static Vm, value: Gc, class: Gc) -> PyResult {
    let f = value.get(WClassMethod::FUNC);
    if f.is::<WFunction>() {
        return Ok(new_method(vm, f, class));
    }
    // A descriptor below a classmethod is asked itself (CPython 3.9 to 3.12).
    if !type_of(vm, f).special(vm, Special::Get).is_null() {
        return bind(vm, f, class, type_of(vm, class).gc());
    }
    Ok(new_method(vm, f, class))
}
fn check_member(vm: &'static Vm, member: Gc, object: Gc) -> PyResult<()> {
    let owner = member.get(WMember::CLASS).expect();
    if type_of(vm, object).is_subclass(owner) && object.is::<WInst>() {
        return Ok(());
    }
    Err(cannot_apply(
        vm,
        member,
        &crate::str::to_text(member.get(WMember::NAME)),
        &owner.text(),
        object,
    ))
}
fn property_name(vm: &'static Vm, property: Gc) -> Option<String> {
    let _ = vm;
    crate::str::as_str(property.get(WProperty::NAME).to_option()?).map(|s| format!("{}", quoted(s)))
}
fn quoted(s: Gc) -> String {
    format!("'{}'", crate::str::to_text(s))
}
/// NULL as None.
pub trait ToOption {
    /// None for NULL.
    fn to_option(self) -> Option<Gc>;
}
impl ToOption for Gc {
    fn to_option(self) -> Option<Gc> {
        (!self.is_null()).then_some(self)
    }
}
fn no_accessor(vm: &'static Vm, property: Gc, object: Gc, what: &str) -> Gc {
    let class = type_of(vm, object).qualname_text();
    let text = match property_name(vm, property) {
        Some(name) => format!("property {name} of '{class}' object has no {what}"),
        None => format!("property of '{class}' object has no {what}"),
    };
    vm.attribute_error(text)
}
fn get_property(vm: &'static Vm, property: Gc, object: Gc) -> PyResult {
    let getter = property.get(WProperty::GET);
    if getter.is_null() || getter == vm.world().none {
        return Err(no_accessor(vm, property, object, "getter"));
    }
    crate::call::call(vm, getter, &[object], &Kw::NONE)
}
/// `descr.__set__(object, value)`, or `__delete__` if the value is NULL.
///
/// # Errors
/// What setters raise; AttributeError of read-only attributes.
pub fn assign(vm: &'static Vm, descr: Gc, object: Gc, value: Gc) -> PyResult<()> {
    if descr.is::<WProperty>() {
        let f = if value.is_null() {
            descr.get(WProperty::DEL)
        } else {
            descr.get(WProperty::SET)
        };
        if f.is_null() || f == vm.world().none {
            return Err(no_accessor(
                vm,
                descr,
                object,
                if value.is_null() { "deleter" } else { "setter" },
            ));
        }
        let args = [object, value];
        return crate::call::call(vm, f, &args[..2 - value.is_null() as usize], &Kw::NONE)
            .map(drop);
    }
    if descr.is::<WMember>() {
        check_member(vm, descr, object)?;
        let slot = descr.get(WMember::SLOT) as u32;
        if value.is_null() && crate::instance::get_slot(object, slot).is_null() {
            let name = descr.get(WMember::NAME);
            return Err(attribute_error_for(
                vm,
                object,
                name,
                crate::str::to_text(name),
            ));
        }
        crate::instance::set_slot(vm, object, slot, value);
        return Ok(());
    }
    if descr.is::<WGetSet>() {
        let def = descr.get(WGetSet::DEF).expect();
        let owner = descr.get(WGetSet::CLASS).expect();
        if !type_of(vm, object).is_subclass(owner) {
            return Err(cannot_apply(vm, descr, def.name, &owner.text(), object));
        }
        if let Some(foreign) = &def.foreign {
            return (foreign.set)(vm, foreign.word, object, value);
        }
        let Some(set) = def.set else {
            let text = match def.member {
                true => "readonly attribute".to_owned(),
                false => format!(
                    "attribute '{}' of '{}' objects is not writable",
                    def.name,
                    owner.text()
                ),
            };
            return Err(vm.attribute_error(text));
        };
        return set(
            vm,
            if def.keeps_self {
                object
            } else {
                crate::payload(object)
            },
            value,
        );
    }
    let special = if value.is_null() {
        Special::Delete
    } else {
        Special::Set
    };
    let f = type_of(vm, descr).special(vm, special);
    let args = [descr, object, value];
    crate::call::call_unbound(vm, f, &args[..3 - value.is_null() as usize]).map(drop)
}
