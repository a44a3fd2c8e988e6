//! Classes and types: each class has one type and each type one class, for ever.

mod attributes;
pub mod instances;
mod ready;
mod slots;

pub use instances::proxy;
pub use ready::type_ready;
pub use slots::class_changed;

use crate::convert::{to_gc, to_raw};
use crate::state::{Border, border};
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, data, errors, raw};
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::WForeign;
use ouro_py_objects::{Class, Temps, Vm, make_class};
use std::collections::HashMap;
use std::ffi::CString;

fn key(class: &'static Class) -> usize {
    std::ptr::from_ref(class) as usize
}
/// Whether instances of the class itself are structures of C.
pub fn is_foreign(class: &'static Class) -> bool {
    class.has(class_flags::RAW)
}
/// The nearest class in the MRO whose instances are structures of C.
pub fn foreign_base(class: &'static Class) -> Option<&'static Class> {
    class.mro().iter().copied().find(|&c| is_foreign(c))
}
/// From now on each finds the other: a class its type by a field, a type that an extension made its class by `tp_cache`.
fn connect(class: &'static Class, ty: TypeObj, of_extension: bool) {
    let b = border();
    class.outside.set(ty as usize);
    if of_extension {
        // SAFETY: types live for ever.
        unsafe { (*ty).tp_cache = std::ptr::from_ref(class).cast_mut().cast() };
    }
    b.classes.borrow_mut().insert(ty as usize, class);
    b.types.borrow_mut().insert(key(class), ty);
}
/// Connects the builtin types and exceptions with the classes of the same names.
pub fn boot(b: &'static Border) {
    let vm = b.vm;
    let mut by_name: HashMap<String, &'static Class> = HashMap::new();
    for &class in vm.world().all_classes.borrow().iter() {
        by_name.entry(class.text()).or_insert(class);
    }
    // SAFETY: the types were filled when the context was made.
    unsafe {
        let exceptions = data::EXCEPTIONS
            .iter()
            .map(|e| (*e.1.get()).cast::<PyTypeObject>());
        let types: Vec<TypeObj> = data::TYPES
            .iter()
            .map(|t| t.1.get())
            .chain(exceptions)
            .collect();
        let mut connected = Vec::new();
        for ty in types {
            if ty.is_null()
                || (*ty).tp_name.is_null()
                || b.classes.borrow().contains_key(&(ty as usize))
            {
                continue;
            }
            if let Some(class) = by_name.get(&raw::name_of(ty)) {
                connect(class, ty, false);
                connected.push((*class, ty));
            }
        }
        for (class, ty) in connected {
            if let Some(base) = class.bases().first() {
                (*ty).tp_base = type_of_class(vm, base);
            }
            fill_tuples(vm, class, ty);
            fill_dict(vm, class, ty);
        }
        (*data::PyBaseObject_Type.get()).tp_base = std::ptr::null_mut();
    }
}
unsafe fn fill_tuples(vm: &'static Vm, class: &'static Class, ty: TypeObj) {
    let tuple = |classes: &[&'static Class]| {
        let all: Vec<Obj> = classes
            .iter()
            .map(|c| type_of_class(vm, c).cast())
            .collect();
        raw::tuple_from(&all)
    };
    (*ty).tp_bases = tuple(&class.bases());
    (*ty).tp_mro = tuple(class.mro());
}
/// `tp_dict` shows what the class has. What C puts there reaches the class by `PyType_Modified`.
unsafe fn fill_dict(vm: &'static Vm, class: &'static Class, ty: TypeObj) {
    if (*ty).tp_dict.is_null() {
        let d = ouro_py_objects::dict::new(vm);
        (*ty).tp_dict = to_raw(vm, d);
    }
    let d = to_gc(vm, (*ty).tp_dict);
    let names = class.own_names();
    let mut gone = Temps::new(vm);
    let mut at = 0;
    while let Some((k, _)) = ouro_py_objects::dict::next(d, &mut at) {
        if !names.contains(&k) {
            gone.push(k);
        }
    }
    for &k in gone.iter() {
        let _ = ouro_py_objects::dict::remove(vm, d, k);
    }
    for name in names {
        if let Some(value) = class.own(name) {
            // The keys are interned strs: nothing can go wrong.
            let _ = ouro_py_objects::dict::set_str(vm, d, name, value);
        }
    }
}
/// The type of a class, made when it is first asked for.
pub fn type_of_class(vm: &'static Vm, class: &'static Class) -> TypeObj {
    let known = class.outside.get();
    if known != 0 {
        return known as TypeObj;
    }
    // SAFETY: the new type is filled before anybody else sees it.
    unsafe {
        let solid = class.solid.get().map(key);
        let bases = class.bases();
        let base = bases
            .iter()
            .find(|c| c.solid.get().map(key) == solid)
            .or(bases.first())
            .copied();
        let base = type_of_class(vm, base.unwrap_or(vm.world().classes.object));
        let meta = type_of_class(vm, class.meta());
        // A metaclass of an extension may have fields of its own in its classes.
        let bytes = size_of::<PyHeapTypeObject>().max((*meta).tp_basicsize as usize) + 64;
        let heap: *mut PyHeapTypeObject = Box::leak(vec![0u64; bytes / 8].into_boxed_slice())
            .as_mut_ptr()
            .cast();
        let ty: TypeObj = heap.cast();
        connect(class, ty, false);
        (*ty).ob_base.ob_base.ob_refcnt = raw::IMMORTAL;
        (*ty).ob_base.ob_base.ob_type = meta;
        let name = CString::new(class.text()).unwrap_or_default();
        (*ty).tp_name = name.into_raw();
        (*ty).tp_basicsize = (*base).tp_basicsize;
        (*ty).tp_base = base;
        (*ty).tp_flags = type_flags::HEAP | type_flags::BASE | type_flags::READY;
        api::point_at_tables(heap);
        if instances::is_of_extension(base) {
            (*ty).tp_dealloc = Some(api::subtype_dealloc);
        }
        (*heap).ht_name = raw::unicode_from_str(&ouro_py_objects::str::to_text(class.name()));
        (*heap).ht_qualname = raw::unicode_from_str(&class.qualname_text());
        fill_tuples(vm, class, ty);
        (*ty).tp_alloc = Some(api::PyType_GenericAlloc);
        (*ty).tp_free = Some(api::PyObject_Free);
        api::inherit(ty, base);
        slots::fill(vm, class, ty);
        if class.mro().iter().any(|c| c.has(class_flags::BUFFER)) {
            api::export_memory(ty);
        }
        fill_dict(vm, class, ty);
        class.add_flags(class_flags::HAS_TYPE);
        ty
    }
}
/// The class of a type. A type that nobody made ready is made ready now.
///
/// # Safety
/// `ty` is a type of the C side.
pub unsafe fn class_of_type(vm: &'static Vm, ty: TypeObj) -> &'static Class {
    let known: *const Class = (*ty).tp_cache.cast_const().cast();
    if let Some(known) = known.as_ref() {
        return known;
    }
    if let Some(&known) = border().classes.borrow().get(&(ty as usize)) {
        return known;
    }
    if (*ty).tp_flags & type_flags::READY == 0 {
        if api::PyType_Ready(ty) < 0 {
            errors::clear();
        }
        return border()
            .classes
            .borrow()
            .get(&(ty as usize))
            .copied()
            .unwrap_or(vm.world().classes.object);
    }
    // A builtin type that the interpreter has no class for: its instances can be passed around.
    let class = make_class::new_builtin_class(
        vm,
        "builtins",
        &raw::name_of(ty),
        vm.world().classes.object,
        class_flags::NO_NEW,
    );
    class.add_flags(class_flags::RAW);
    class
        .instance_type_id
        .set(<WForeign as ouro_gc::Object>::TYPE_ID);
    connect(class, ty, true);
    fill_tuples(vm, class, ty);
    class
}
/// Something in a type's dict was changed: the class gets what is new there.
///
/// # Safety
/// `ty` is a type of the C side.
pub unsafe fn modified(vm: &'static Vm, ty: TypeObj) {
    let class = class_of_type(vm, ty);
    // `__new__` and `__init__` may be others now.
    class.maker.set(None);
    let builtin = (*ty).tp_cache.is_null() && (*ty).tp_flags & type_flags::HEAP == 0;
    if (*ty).tp_dict.is_null() || builtin {
        return class.changed(vm);
    }
    // All of it first: with each change the dict is made to show what the class has.
    let d = to_gc(vm, (*ty).tp_dict);
    let (mut keys, mut values) = (Temps::new(vm), Temps::new(vm));
    let mut at = 0;
    while let Some((k, v)) = ouro_py_objects::dict::next(d, &mut at) {
        if ouro_py_objects::str::as_str(k).is_some() {
            keys.push(k);
            values.push(v);
        }
    }
    for (&k, &v) in keys.iter().zip(values.iter()) {
        let name = ouro_py_objects::str::intern_gc(vm, k);
        if class.own(name) != Some(v) {
            class.put(vm, name, v);
        }
    }
    class.changed(vm);
}
