//! The slots of the types of classes of the interpreter: filled when the type is made, and again when the class changes.

use super::type_of_class;
use ouro_cpyext::abi::*;
use ouro_cpyext::api;
use ouro_py_objects::class::class_flags;
use ouro_py_objects::{Class, Vm};

/// Fills the slots that special methods stand for. The first class of the MRO that says something about a slot decides: a
/// class of the interpreter by defining one of its methods, any other by what its type has there.
///
/// # Safety
/// `ty` is the type of `class`, whose tables are its own.
pub unsafe fn fill(vm: &'static Vm, class: &'static Class, ty: TypeObj) {
    for n in api::slot_numbers() {
        let Some((methods, f)) = api::guest_slot(n) else {
            continue;
        };
        let names: Vec<_> = methods
            .iter()
            .map(|m| ouro_py_objects::str::intern(vm, m))
            .collect();
        let mut found = std::ptr::null_mut();
        for &c in class.mro() {
            if !c.has(class_flags::HEAP) {
                found = api::slot_get(type_of_class(vm, c), n);
                if found.is_null() {
                    continue;
                }
                break;
            }
            if let Some(method) = names.iter().find_map(|&name| c.own(name)) {
                found = match method == vm.world().none {
                    true => api::refusing_slot(n),
                    false => f,
                };
                break;
            }
        }
        api::slot_set(ty, n, found);
    }
    // The interpreter calls `__del__` itself, before the structure goes.
    let del = ouro_py_objects::str::intern(vm, "__del__");
    let mut python = class.mro().iter().take_while(|c| c.has(class_flags::HEAP));
    if python.any(|c| c.own(del).is_some()) {
        (*ty).tp_finalize = None;
    }
}
/// A class that has a type on the C side got, lost or changed an attribute, or a class that it inherits from did.
pub fn class_changed(vm: &'static Vm, class: &'static Class) {
    let ty = class.outside.get() as TypeObj;
    if !ty.is_null() {
        // SAFETY: types live for ever; those of classes of the interpreter have their tables inside.
        unsafe {
            fill(vm, class, ty);
            super::fill_dict(vm, class, ty);
        }
    }
}
