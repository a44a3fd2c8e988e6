//! What inline caches remember: attribute lookups as pure functions of a version.

use crate::access::Access;
use crate::class::{Answer, Class, MAX_MAP_SLOTS, Map, Name, class_flags};
use crate::layout::*;
use crate::special::Special;
use crate::{Vm, type_of};
use ouro_gc::Gc;

fn has(vm: &'static Vm, value: Gc, special: Special) -> bool {
    !type_of(vm, value).special(vm, special).is_null()
}
/// Whether the attribute goes before the instance's own.
fn is_data(vm: &'static Vm, value: Gc) -> bool {
    has(vm, value, Special::Set) || has(vm, value, Special::Delete)
}
/// What to do with a value of which `special` (`__get__` or `__set__`) is to be called: handlers do it for user classes.
fn descriptor(vm: &'static Vm, value: Gc, special: Special) -> Answer {
    match value.is::<WInst>() && has(vm, value, special) {
        true => Answer::Descriptor(value),
        false => Answer::Slow,
    }
}
fn plain_getattribute(vm: &'static Vm, class: &'static Class) -> bool {
    class.inherits_from_object(vm, Special::GetAttribute)
}
/// A value found in the class that is no descriptor.
fn plain(class: &'static Class, name: Name, value: Gc) -> Answer {
    class
        .cell(name)
        .map_or(Answer::Value(value), Answer::Global)
}
/// What a value found in the class means when it is loaded through an instance.
fn of_class_value(vm: &'static Vm, class: &'static Class, name: Name, value: Gc) -> Answer {
    if value.is::<WFunction>() {
        return Answer::Method(value);
    }
    if value.is::<WMethodDescr>() {
        let def = value.get(WMethodDescr::DEF).expect();
        return if def.binding == crate::builtin::Binding::Instance {
            Answer::BuiltinMethod(value)
        } else {
            Answer::Slow
        };
    }
    if value.is::<WStaticMethod>() {
        return Answer::Value(value.get(WStaticMethod::FUNC));
    }
    if value.is::<WClassMethod>() {
        let f = value.get(WClassMethod::FUNC);
        return if f.is::<WFunction>() {
            Answer::ClassMethod(f, class.gc())
        } else {
            Answer::Slow
        };
    }
    if value.is::<WProperty>() {
        let getter = value.get(WProperty::GET);
        return if getter.is::<WFunction>() {
            Answer::Property(getter)
        } else {
            Answer::Slow
        };
    }
    if value.is::<WClass>() || value.is::<WBuiltin>() || !has(vm, value, Special::Get) {
        return if value.is::<WClass>() && has(vm, value, Special::Get) {
            Answer::Slow
        } else {
            plain(class, name, value)
        };
    }
    descriptor(vm, value, Special::Get)
}
pub(crate) fn load_of_map(vm: &'static Vm, map: &'static Map, name: Name) -> Answer {
    let class = map.class;
    if !plain_getattribute(vm, class) {
        return Answer::Slow;
    }
    let found = class.lookup(name);
    if let Some(value) = found {
        if value.is::<WMember>() {
            let owner = value.get(WMember::CLASS).expect();
            let fits = class.is_subclass(owner)
                && class.instance_type_id.get() == <WInst as ouro_gc::Object>::TYPE_ID;
            return if fits {
                Answer::Slot(value.get(WMember::SLOT) as u32)
            } else {
                Answer::Slow
            };
        }
        if value.is::<WProperty>() {
            return of_class_value(vm, class, name, value);
        }
        let names = &vm.world().names;
        if name == names.class && Some(value) == vm.world().classes.object.lookup(name) {
            return Answer::Value(class.gc());
        }
        if is_data(vm, value) {
            return descriptor(vm, value, Special::Get);
        }
    }
    if map.dict_mode {
        return match found {
            None => Answer::InDict,
            Some(_) => Answer::Slow,
        };
    }
    match (map.find(name), found) {
        (Some(slot), _) => Answer::Slot(slot),
        (None, Some(value)) => of_class_value(vm, class, name, value),
        (None, None) => Answer::Slow,
    }
}
pub(crate) fn store_of_map(vm: &'static Vm, map: &'static Map, name: Name) -> Answer {
    let class = map.class;
    if !class.inherits_from_object(vm, Special::SetAttr) {
        return Answer::Slow;
    }
    if let Some(value) = class.lookup(name) {
        if value.is::<WMember>() {
            return Answer::Slot(value.get(WMember::SLOT) as u32);
        }
        if value.is::<WProperty>() {
            let setter = value.get(WProperty::SET);
            return if setter.is::<WFunction>() {
                Answer::PropertySet(setter)
            } else {
                Answer::Slow
            };
        }
        if is_data(vm, value) {
            return descriptor(vm, value, Special::Set);
        }
    }
    if !class.has(class_flags::HAS_DICT) {
        return Answer::Slow;
    }
    if map.dict_mode {
        return Answer::InDict;
    }
    match map.find(name) {
        Some(slot) => Answer::Slot(slot),
        None if map.names.len() < MAX_MAP_SLOTS => {
            Answer::Grow(map.names.len() as u32, map.grow(vm, name))
        }
        None => Answer::Slow,
    }
}
pub(crate) fn load_of_class(vm: &'static Vm, class: &'static Class, name: Name) -> Answer {
    if !plain_getattribute(vm, class) || class.has(class_flags::HAS_DICT) {
        return Answer::Slow;
    }
    match class.lookup(name) {
        Some(value) if value.is::<WGetSet>() || value.is::<WMember>() => Answer::Slow,
        Some(value) => of_class_value(vm, class, name, value),
        None => Answer::Slow,
    }
}
pub(crate) fn load_of_type(vm: &'static Vm, class: &'static Class, name: Name) -> Answer {
    let meta = class.meta();
    let type_ = vm.world().classes.type_;
    if meta.special(vm, Special::GetAttribute) != type_.special(vm, Special::GetAttribute) {
        return Answer::Slow;
    }
    if let Some(value) = meta.lookup(name)
        && is_data(vm, value)
    {
        return Answer::Slow;
    }
    let Some(value) = class.lookup(name) else {
        return Answer::Slow;
    };
    if value.is::<WFunction>() || value.is::<WMethodDescr>() {
        let bound = value.is::<WMethodDescr>()
            && value.get(WMethodDescr::DEF).expect().binding != crate::builtin::Binding::Instance;
        return if bound {
            Answer::Slow
        } else {
            Answer::Value(value)
        };
    }
    if value.is::<WStaticMethod>() {
        return Answer::Value(value.get(WStaticMethod::FUNC));
    }
    if value.is::<WClassMethod>() {
        let f = value.get(WClassMethod::FUNC);
        return if f.is::<WFunction>() {
            Answer::ClassMethod(f, class.gc())
        } else {
            Answer::Slow
        };
    }
    if value.is::<WBuiltin>() || !has(vm, value, Special::Get) {
        plain(class, name, value)
    } else {
        descriptor(vm, value, Special::Get)
    }
}
/// `__new__` of a user class if it is a Python function, to be called with the class.
fn guest_new(vm: &'static Vm, class: &'static Class) -> Answer {
    let type_ = vm.world().classes.type_;
    let new = class.special(vm, Special::New);
    let usual = class.has(class_flags::HEAP)
        && class.meta().special(vm, Special::Call) == type_.special(vm, Special::Call);
    if !usual || !new.is::<WStaticMethod>() {
        return Answer::Slow;
    }
    match new.get(WStaticMethod::FUNC) {
        f if f.is::<WFunction>() => Answer::Method(f),
        _ => Answer::Slow,
    }
}
pub(crate) fn call_of_type(vm: &'static Vm, class: &'static Class) -> Answer {
    let world = vm.world();
    let type_ = world.classes.type_;
    let object = world.classes.object;
    let simple = class.has(class_flags::HEAP)
        && !class.has(class_flags::ABSTRACT)
        && !class.has(class_flags::FINALIZER)
        && class.instance_type_id.get() == <WInst as ouro_gc::Object>::TYPE_ID
        && class.solid.get().is_none()
        && class.fixed_slots.get() <= INLINE_SLOTS
        && class.meta().special(vm, Special::Call) == type_.special(vm, Special::Call)
        && class.special(vm, Special::New) == object.special(vm, Special::New);
    if !simple {
        return guest_new(vm, class);
    }
    let init = class.special(vm, Special::Init);
    if init == object.special(vm, Special::Init) {
        Answer::New(class.root_map(vm), Gc::NULL)
    } else if init.is::<WFunction>() {
        Answer::New(class.root_map(vm), init)
    } else {
        Answer::Slow
    }
}
/// What loading a global variable does, for caches keyed on `WDict::STRUCTURE` of the globals.
pub fn global_answer(vm: &'static Vm, globals: Gc, name: Name) -> Answer {
    if !crate::dict::has_cells(globals) {
        return Answer::Slow;
    }
    if let Some(cell) = crate::dict::get_cell(vm, globals, name) {
        return Answer::Global(cell);
    }
    let builtins = vm.world().builtins.get();
    let custom = crate::dict::get_cell(vm, globals, vm.world().names.builtins)
        .map(|c| c.get(WGlobalCell::VALUE));
    if custom
        .is_some_and(|b| b != builtins && !(b.is::<WModule>() && b.get(WModule::DICT) == builtins))
    {
        return Answer::Slow;
    }
    match crate::dict::get_cell(vm, builtins, name) {
        Some(cell) => {
            vm.world()
                .builtin_users
                .borrow_mut()
                .push(globals.get(WDict::STRUCTURE).expect());
            Answer::Global(cell)
        }
        None => Answer::Slow,
    }
}
