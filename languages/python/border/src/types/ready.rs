//! Classes of types that extensions fill in.

use super::{connect, fill_dict, fill_tuples};
use crate::call;
use crate::convert::{set_error, to_gc};
use crate::types::{class_of_type, foreign_base};
use ouro_cpyext::abi::*;
use ouro_cpyext::{data, raw};
use ouro_gc::Object;
use ouro_py_objects::builtin::{Binding, BuiltinDef};
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Class, PyResult, Vm, make_class};
use std::ffi::c_int;

/// The direct bases of a type, the first one at least.
unsafe fn bases_of(vm: &'static Vm, ty: TypeObj) -> Vec<&'static Class> {
    if (*ty).tp_bases.is_null() || !raw::has((*ty).tp_bases, type_flags::TUPLE) {
        return vec![class_of_type(vm, (*ty).tp_base)];
    }
    let items = raw::tuple_items((*ty).tp_bases);
    items.iter().map(|&b| class_of_type(vm, b.cast())).collect()
}
/// Module and name. A heap type that an extension made by hand has its name in a field, and its module in its namespace.
unsafe fn names_of(vm: &'static Vm, ty: TypeObj) -> (Option<String>, String) {
    let full = raw::text((*ty).tp_name);
    let (module, name) = match full.rsplit_once('.') {
        Some((module, name)) => (Some(module.to_owned()), name.to_owned()),
        None if (*ty).tp_flags & type_flags::HEAP == 0 => {
            (Some("builtins".to_owned()), full.clone())
        }
        None => (None, full.clone()),
    };
    let heap: *mut PyHeapTypeObject = ty.cast();
    if (*ty).tp_flags & type_flags::HEAP == 0 || (*heap).ht_name.is_null() {
        return (module, name);
    }
    let name = raw::unicode_text((*heap).ht_name);
    if (*ty).tp_dict.is_null() {
        return (module, name);
    }
    let namespace = to_gc(vm, (*ty).tp_dict);
    let own = ouro_py_objects::dict::get_text(vm, namespace, "__module__");
    let own = own.ok().flatten().and_then(ouro_py_objects::str::as_str);
    (own.map(ouro_py_objects::str::to_text).or(module), name)
}
/// Makes the class of a type that an extension filled in.
///
/// Instances of a type that inherits from nothing builtin but `object` are structures of C; the interpreter has a `WForeign`
/// for each that it sees. Those of a type that inherits from a builtin are instances of the interpreter with the builtin's
/// object below them, as those of classes in Python are, and their structures are their twins.
///
/// # Safety
/// `ty` is a type whose base is ready.
pub unsafe fn ready(vm: &'static Vm, ty: TypeObj) -> PyResult<()> {
    let base_ty = (*ty).tp_base;
    let base = class_of_type(vm, base_ty);
    let bases = bases_of(vm, ty);
    let native = std::ptr::eq(base, vm.world().classes.object) || foreign_base(base).is_some();
    let (module, name) = names_of(vm, ty);
    let class = make_class::new_class_of_extension(
        vm,
        module.as_deref(),
        &name,
        &bases,
        class_bits(ty, base),
    )?;
    let full = raw::text((*ty).tp_name);
    if full.contains('.') {
        class.set_full_name(full);
    }
    let meta = class_of_type(vm, (*ty).ob_base.ob_base.ob_type);
    if meta.has(class_flags::METACLASS) {
        class.metaclass.set(Some(meta));
    }
    if native {
        class.instance_type_id.set(WForeign::TYPE_ID);
        class.solid.set(Some(layout_owner(class, base, ty)));
        class.add_flags(class_flags::RAW);
        if !class.has(class_flags::HAS_DICT) && !class.has(class_flags::HAS_WEAKREF) {
            class.add_flags(class_flags::ONLY_RAW);
        }
    } else {
        let special = class_flags::EXCEPTION | class_flags::METACLASS;
        class
            .instance_type_id
            .set(match class.flags.get() & special {
                0 => WInst::TYPE_ID,
                _ => base.instance_type_id.get(),
            });
        class.solid.set(base.solid.get());
    }
    if (*ty).tp_flags & type_flags::HEAP != 0 {
        // The class has a reference for ever.
        (*ty).ob_base.ob_base.ob_refcnt += raw::IMMORTAL;
    }
    connect(class, ty, true);
    fill_class(vm, class, ty, native);
    fill_tuples(vm, class, ty);
    fill_dict(vm, class, ty);
    Ok(())
}
/// The class whose instances have the layout that those of the type have: the type's own if it adds fields.
unsafe fn layout_owner(class: &'static Class, base: &'static Class, ty: TypeObj) -> &'static Class {
    let adds = (*ty).tp_basicsize != (*(*ty).tp_base).tp_basicsize;
    match base.solid.get() {
        Some(solid) if !adds => solid,
        _ => class,
    }
}
unsafe fn class_bits(ty: TypeObj, base: &'static Class) -> u32 {
    let flags = (*ty).tp_flags;
    let mut bits = 0;
    if flags & type_flags::BASE != 0 {
        bits |= class_flags::BASE;
    }
    if flags & type_flags::HEAP != 0 && flags & type_flags::IMMUTABLE == 0 {
        bits |= class_flags::MUTABLE;
    }
    if (*ty).tp_weaklistoffset != 0 {
        bits |= class_flags::HAS_WEAKREF;
    }
    if (*ty).tp_dictoffset != 0 {
        bits |= class_flags::HAS_DICT;
    }
    if flags & type_flags::SEQUENCE != 0 {
        bits |= class_flags::SEQUENCE;
    }
    if flags & type_flags::MAPPING != 0 {
        bits |= class_flags::MAPPING;
    }
    let of_object = (*ty).tp_base == data::PyBaseObject_Type.get();
    let no_new = (*ty).tp_new.is_none()
        && (flags & type_flags::HEAP == 0 && of_object || base.has(class_flags::NO_NEW));
    if no_new || flags & type_flags::DISALLOW_INSTANTIATION != 0 {
        bits |= class_flags::NO_NEW;
    }
    bits
}
/// Puts what the type's slots and tables say into the namespace of its class.
unsafe fn fill_class(vm: &'static Vm, class: &'static Class, ty: TypeObj, native: bool) {
    // What the extension had put there before comes first, and is not replaced.
    let mut put = Vec::new();
    if !(*ty).tp_dict.is_null() {
        let namespace = to_gc(vm, (*ty).tp_dict);
        let mut at = 0;
        while let Some((k, v)) = ouro_py_objects::dict::next(namespace, &mut at) {
            if ouro_py_objects::str::as_str(k).is_some() {
                let name = ouro_py_objects::str::intern_gc(vm, k);
                class.put(vm, name, v);
                put.push(name);
            }
        }
    }
    let add = |def: BuiltinDef| {
        let name = ouro_py_objects::str::intern(vm, def.name);
        if !put.contains(&name) {
            make_class::add_members(vm, class, Box::leak(Box::new([def])), &[]);
        }
    };
    let makes = native || (*ty).tp_new.is_some();
    if makes && !class.has(class_flags::NO_NEW) {
        add(call::new_def(ty));
        if native && let Some(def) = call::maker_def(ty) {
            class.maker.set(Some(Box::leak(Box::new(def))));
        }
    }
    for def in call::slot_defs(ty, (*ty).tp_base) {
        add(def);
    }
    // A type that compares in its own way has no hash that fits, unless it says so.
    let hash = ouro_py_objects::str::intern(vm, "__hash__");
    if (*ty).tp_richcompare.is_some() && (*ty).tp_hash.is_none() && !put.contains(&hash) {
        class.put(vm, hash, vm.world().none);
    }
    let short = class.name();
    let short = ouro_py_objects::str::to_text(short);
    let mut m = (*ty).tp_methods;
    while !m.is_null() && !(*m).ml_name.is_null() {
        let name = format!("{short}.{}", raw::text((*m).ml_name));
        let data = call::MethodData::leak(m, std::ptr::null_mut(), ty, name);
        let mut def = call::method_def(data);
        let bits = (*m).ml_flags;
        if bits & method_flags::CLASS != 0 {
            def.binding = Binding::Class;
        } else if bits & method_flags::STATIC != 0 {
            def.binding = Binding::Static;
        }
        add(def);
        m = m.add(1);
    }
    super::attributes::add(vm, class, ty, &put);
    let doc = raw::text((*ty).tp_doc);
    // A signature in front of the text belongs to another attribute: `Name(x)\n--\n\nText`.
    let parts = doc
        .strip_prefix(short.as_str())
        .and_then(|d| d.split_once("\n--\n\n"));
    let doc = match parts {
        Some((signature, text)) if signature.starts_with('(') => {
            class.set_signature(signature.to_owned());
            text
        }
        _ => doc.as_str(),
    };
    let doc = match (*ty).tp_doc.is_null() {
        true => vm.world().none,
        false => ouro_py_objects::str::new(vm, doc),
    };
    if !put.contains(&vm.world().names.doc) {
        class.put(vm, vm.world().names.doc, doc);
    }
}
/// [`ready`] as C sees it.
///
/// # Safety
/// As for [`ready`].
pub unsafe fn type_ready(vm: &'static Vm, ty: TypeObj) -> c_int {
    match ready(vm, ty) {
        Ok(()) => 0,
        Err(e) => {
            set_error(vm, e);
            -1
        }
    }
}
