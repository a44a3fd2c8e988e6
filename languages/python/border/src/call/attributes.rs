//! Members and computed attributes of types of C.

use super::slow;
use crate::convert::{result, take, take_error, to_raw};
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, raw};
use ouro_gc::Gc;
use ouro_py_objects::builtin::BuiltinDef;
use ouro_py_objects::{Errors, PyResult, Vm};

/// A member or computed attribute of a type.
struct AttributeData<T> {
    def: *mut T,
    class: &'static ouro_py_objects::Class,
    name: String,
}
fn attribute_data<T>(def: *mut T, class: &'static ouro_py_objects::Class, name: String) -> usize {
    std::ptr::from_ref(Box::leak(Box::new(AttributeData { def, class, name }))) as usize
}
/// Only instances of the type have the field.
fn check_owner<T>(vm: &'static Vm, data: &AttributeData<T>, args: &[Gc]) -> PyResult<()> {
    let fits = args
        .first()
        .is_some_and(|&o| ouro_py_objects::type_of(vm, o).is_subclass(data.class));
    if fits {
        return Ok(());
    }
    let got = args
        .first()
        .map_or_else(String::new, |&o| ouro_py_objects::type_of(vm, o).text());
    Err(vm.type_error(format_args!(
        "descriptor '{}' for '{}' objects doesn't apply to a '{got}' object",
        data.name,
        data.class.text()
    )))
}

/// A function that reads a field.
pub fn member_getter(
    m: *mut PyMemberDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    slow(
        "__get__",
        |vm, word, args, _| unsafe {
            // SAFETY: the word is a definition, which lives for ever.
            let data = &*(word as *const AttributeData<PyMemberDef>);
            check_owner(vm, data, args)?;
            let m = &*data.def;
            let o = to_raw(vm, args[0]);
            let r = api::member_get(o, m);
            let r = match r.is_null() {
                true => Err(take_error(vm)),
                false => Ok(take(vm, r)),
            };
            raw::decref(o);
            r
        },
        attribute_data(m, class, name),
    )
}
/// A function that writes a field.
pub fn member_setter(
    m: *mut PyMemberDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    slow(
        "__set__",
        |vm, word, args, _| unsafe {
            // SAFETY: as above.
            let data = &*(word as *const AttributeData<PyMemberDef>);
            check_owner(vm, data, args)?;
            let m = &*data.def;
            let (o, v) = (to_raw(vm, args[0]), to_raw(vm, args[1]));
            let r = api::member_set(o, m, v);
            raw::decref(o);
            raw::decref(v);
            if r < 0 {
                Err(take_error(vm))
            } else {
                Ok(vm.world().none)
            }
        },
        attribute_data(m, class, name),
    )
}
/// A function that computes an attribute.
pub fn getset_getter(
    g: *mut PyGetSetDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    slow(
        "__get__",
        |vm, word, args, _| unsafe {
            // SAFETY: as above; it has a getter.
            let data = &*(word as *const AttributeData<PyGetSetDef>);
            check_owner(vm, data, args)?;
            let g = &*data.def;
            let o = to_raw(vm, args[0]);
            let r = context::call_into_c(|| {
                (g.get.expect("checked when the type was made"))(o, g.closure)
            });
            let r = result(vm, r, || raw::text(g.name));
            raw::decref(o);
            r
        },
        attribute_data(g, class, name),
    )
}
/// A function that takes an attribute.
pub fn getset_setter(
    g: *mut PyGetSetDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    slow(
        "__set__",
        |vm, word, args, _| unsafe {
            // SAFETY: as above.
            let data = &*(word as *const AttributeData<PyGetSetDef>);
            check_owner(vm, data, args)?;
            let g = &*data.def;
            let Some(set) = g.set else {
                let (name, class) = (
                    raw::text(g.name),
                    ouro_py_objects::type_of(vm, args[0]).text(),
                );
                return Err(vm.attribute_error(format_args!(
                    "attribute '{name}' of '{class}' objects is not writable"
                )));
            };
            let (o, v) = (to_raw(vm, args[0]), to_raw(vm, args[1]));
            let r = context::call_into_c(|| set(o, v, g.closure));
            raw::decref(o);
            raw::decref(v);
            if r < 0 {
                Err(take_error(vm))
            } else {
                Ok(vm.world().none)
            }
        },
        attribute_data(g, class, name),
    )
}
