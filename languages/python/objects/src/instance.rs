//! Attributes of instances: slots by map, dict mode, `__dict__`.

use crate::access::{Access, alloc_var};
use crate::class::{MAX_MAP_SLOTS, Map, Name, class_flags};
use crate::layout::*;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};

/// Slot `slot` of an instance; NULL if empty.
#[inline]
pub fn get_slot(object: Gc, slot: u32) -> Gc {
    if slot < INLINE_SLOTS {
        return object.get(WInst::slot(slot));
    }
    let extra = object.get(WInst::EXTRA);
    let i = (slot - INLINE_SLOTS) as usize;
    if extra.is_null() || i >= extra.items_len::<WRefArray>() {
        Gc::NULL
    } else {
        extra.item(&REFS, i)
    }
}
/// Writes slot `slot` of an instance, whose map has it.
pub fn set_slot(vm: &'static Vm, object: Gc, slot: u32, value: Gc) {
    if slot < INLINE_SLOTS {
        return object.set(vm, WInst::slot(slot), value);
    }
    let i = (slot - INLINE_SLOTS) as usize;
    let mut extra = object.get(WInst::EXTRA);
    let old = if extra.is_null() {
        0
    } else {
        extra.items_len::<WRefArray>()
    };
    if i >= old {
        let grown = alloc_var::<WRefArray>(vm, (i + 1).max(old * 2).max(4));
        (0..old).for_each(|k| grown.init_item(&REFS, k, extra.item(&REFS, k)));
        object.set(vm, WInst::EXTRA, grown);
        extra = grown;
    }
    extra.set_item(vm, &REFS, i, value);
}
/// Adds an attribute: `map` is the grown map, `slot` its last slot.
pub fn grow(vm: &'static Vm, object: Gc, slot: u32, map: &'static Map, value: Gc) {
    set_slot(vm, object, slot, value);
    object.set(vm, WInst::MAP, Host::new(map));
}
/// An attribute of the instance itself. NULL if there is none.
pub fn get_own(vm: &'static Vm, object: Gc, name: Name) -> PyResult {
    if object.is::<WInst>() {
        let map = object.get(WInst::MAP).expect();
        if !map.dict_mode {
            return Ok(map
                .find(name)
                .map_or(Gc::NULL, |slot| get_slot(object, slot)));
        }
        return Ok(crate::dict::get_str(vm, object.get(WInst::DICT), name)?.unwrap_or(Gc::NULL));
    }
    match existing_dict(vm, object) {
        Some(d) => Ok(crate::dict::get_str(vm, d, name)?.unwrap_or(Gc::NULL)),
        None => Ok(Gc::NULL),
    }
}
/// The dict of an object that has one already, other than instances on maps.
pub fn existing_dict(vm: &'static Vm, object: Gc) -> Option<Gc> {
    let d = if object.is::<WModule>() {
        object.get(WModule::DICT)
    } else if object.is::<WException>() {
        object.get(WException::DICT)
    } else if object.is::<WFunction>() {
        object.get(WFunction::DICT)
    } else if object.is::<WNative>() {
        object.get(WNative::DICT)
    } else if object.is::<WForeign>() {
        object.get(WForeign::DICT)
    } else if object.is::<WStaticMethod>() {
        object.get(WStaticMethod::DICT)
    } else if object.is::<WClassMethod>() {
        object.get(WClassMethod::DICT)
    } else if object.is::<WInst>() {
        return Some(object.get(WInst::DICT))
            .filter(|d| !d.is_null())
            .or_else(|| module_payload_dict(object));
    } else {
        return None;
    };
    let _ = vm;
    (!d.is_null()).then_some(d)
}
fn module_payload_dict(object: Gc) -> Option<Gc> {
    let inner = crate::payload(object);
    inner.is::<WModule>().then(|| inner.get(WModule::DICT))
}
/// The `__dict__` of an object, made if need be. None if objects of its class have none.
pub fn dict_of(vm: &'static Vm, object: Gc) -> Option<Gc> {
    if object.is::<WInst>() {
        let class = object.get(WInst::MAP).expect().class;
        if !class.has(class_flags::HAS_DICT) {
            return None;
        }
        to_dict_mode(vm, object);
        return Some(object.get(WInst::DICT));
    }
    if let Some(d) = existing_dict(vm, object) {
        return Some(d);
    }
    let d = crate::dict::new(vm);
    if object.is::<WException>() {
        object.set(vm, WException::DICT, d);
    } else if object.is::<WFunction>() {
        object.set(vm, WFunction::DICT, d);
    } else if object.is::<WStaticMethod>() {
        object.set(vm, WStaticMethod::DICT, d);
    } else if object.is::<WClassMethod>() {
        object.set(vm, WClassMethod::DICT, d);
    } else if object.is::<WNative>() && type_of(vm, object).has(class_flags::HAS_DICT) {
        object.set(vm, WNative::DICT, d);
    } else if object.is::<WForeign>() && type_of(vm, object).has(class_flags::HAS_DICT) {
        object.set(vm, WForeign::DICT, d);
    } else {
        return None;
    }
    Some(d)
}
/// Moves the attributes of an instance into a dict, which is its `__dict__` from then on.
pub fn to_dict_mode(vm: &'static Vm, object: Gc) {
    let map = object.get(WInst::MAP).expect();
    if map.dict_mode {
        return;
    }
    // A module's subclass keeps the namespace of the module below it.
    let d = module_payload_dict(object).unwrap_or_else(|| crate::dict::new(vm));
    let fixed = map.class.fixed_slots.get();
    // Room for all at once; if there is none, adding them says so.
    let _ = crate::table::reserve::<WDict>(vm, d, map.names.len() - fixed as usize);
    for (slot, &name) in map.names.iter().enumerate().skip(fixed as usize) {
        let value = get_slot(object, slot as u32);
        if !value.is_null() {
            // Interned names compare by identity with each other: this cannot raise.
            let _ = crate::dict::set_str(vm, d, name, value);
            set_slot(vm, object, slot as u32, Gc::NULL);
        }
    }
    object.set(vm, WInst::DICT, d);
    object.set(vm, WInst::MAP, Host::new(map.class.dict_map(vm)));
}
/// Replaces the `__dict__` of an object.
///
/// # Errors
/// TypeError if it has none or `d` is no dict.
pub fn set_dict(vm: &'static Vm, object: Gc, d: Gc) -> PyResult<()> {
    if d.is_null() || crate::dict::as_dict(d).is_none() {
        let got = if d.is_null() {
            "NoneType".into()
        } else {
            type_of(vm, d).text()
        };
        return Err(vm.type_error(format_args!(
            "__dict__ must be set to a dictionary, not a '{got}'"
        )));
    }
    let d = crate::payload(d);
    if dict_of(vm, object).is_none() {
        return Err(vm.attribute_error("This object has no __dict__"));
    }
    if object.is::<WInst>() {
        object.set(vm, WInst::DICT, d);
    } else if object.is::<WException>() {
        object.set(vm, WException::DICT, d);
    } else if object.is::<WFunction>() {
        object.set(vm, WFunction::DICT, d);
    } else if object.is::<WNative>() {
        object.set(vm, WNative::DICT, d);
    } else if object.is::<WForeign>() {
        object.set(vm, WForeign::DICT, d);
    } else {
        return Err(vm.attribute_error("attribute '__dict__' of this object is not writable"));
    }
    Ok(())
}
/// Sets an attribute of the object itself. False if it cannot have any.
pub fn set_own(vm: &'static Vm, object: Gc, name: Name, value: Gc) -> PyResult<bool> {
    if object.is::<WInst>() {
        let map = object.get(WInst::MAP).expect();
        if !map.class.has(class_flags::HAS_DICT) {
            return Ok(false);
        }
        if !map.dict_mode {
            if let Some(slot) = map.find(name) {
                set_slot(vm, object, slot, value);
                return Ok(true);
            }
            if map.names.len() < MAX_MAP_SLOTS && !crate::payload(object).is::<WModule>() {
                grow(
                    vm,
                    object,
                    map.names.len() as u32,
                    map.grow(vm, name),
                    value,
                );
                return Ok(true);
            }
            to_dict_mode(vm, object);
        }
        crate::dict::set_str(vm, object.get(WInst::DICT), name, value)?;
        return Ok(true);
    }
    match dict_of(vm, object) {
        Some(d) => crate::dict::set_str(vm, d, name, value).map(|()| true),
        None => Ok(false),
    }
}
/// Deletes an attribute of the object itself; whether it was there.
pub fn delete_own(vm: &'static Vm, object: Gc, name: Name) -> PyResult<bool> {
    if object.is::<WInst>() && !object.get(WInst::MAP).expect().dict_mode {
        let map = object.get(WInst::MAP).expect();
        let Some(gone) = map.find(name).filter(|&s| !get_slot(object, s).is_null()) else {
            return match existing_dict(vm, object) {
                Some(d) => Ok(crate::dict::remove(vm, d, name)?.is_some()),
                None => Ok(false),
            };
        };
        // The later attributes move down by one slot.
        let shorter = map.without_slot(vm, gone);
        for slot in gone + 1..map.names.len() as u32 {
            set_slot(vm, object, slot - 1, get_slot(object, slot));
        }
        set_slot(vm, object, map.names.len() as u32 - 1, Gc::NULL);
        object.set(vm, WInst::MAP, Host::new(shorter));
        return Ok(true);
    }
    match existing_dict(vm, object) {
        Some(d) => Ok(crate::dict::remove(vm, d, name)?.is_some()),
        None => Ok(false),
    }
}
