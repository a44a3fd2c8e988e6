//! Classes and types: each class has one type and each type one class, for ever.

use crate::call::{self, MethodData};
use crate::convert::{set_error, to_gc, to_raw};
use crate::state::{Border, border};
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, data, errors, raw};
use ouro_gc::{Gc, Host, LinkKind};
use ouro_py_objects::access::alloc;
use ouro_py_objects::builtin::{Binding, BuiltinDef};
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Class, Errors, PyResult, Vm, make_class};
use std::collections::HashMap;
use std::ffi::{CString, c_int};

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
/// A class finds its type by a field; a type of C, which has its class in `tp_cache`, needs no table either.
fn connect(b: &Border, class: &'static Class, ty: TypeObj) {
    class.outside.set(ty as usize);
    if class.has(class_flags::RAW) {
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
                connect(b, class, ty);
                connected.push((*class, ty));
            }
        }
        for (class, ty) in connected {
            if let Some(base) = class.bases().first() {
                (*ty).tp_base = type_of_class(vm, base);
            }
            fill_tuples(vm, class, ty);
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
/// Special methods and the slots that stand for them.
const SLOTS: &[(&str, &str)] = &[
    ("__repr__", "tp_repr"),
    ("__str__", "tp_str"),
    ("__hash__", "tp_hash"),
    ("__call__", "tp_call"),
    ("__iter__", "tp_iter"),
    ("__next__", "tp_iternext"),
    ("__eq__", "tp_richcompare"),
    ("__lt__", "tp_richcompare"),
    ("__len__", "mp_length"),
    ("__len__", "sq_length"),
    ("__getitem__", "mp_subscript"),
    ("__getitem__", "sq_item"),
    ("__setitem__", "mp_ass_subscript"),
    ("__contains__", "sq_contains"),
    ("__bool__", "nb_bool"),
    ("__int__", "nb_int"),
    ("__float__", "nb_float"),
    ("__index__", "nb_index"),
    ("__neg__", "nb_negative"),
    ("__abs__", "nb_absolute"),
    ("__add__", "nb_add"),
    ("__sub__", "nb_subtract"),
    ("__mul__", "nb_multiply"),
    ("__truediv__", "nb_true_divide"),
    ("__floordiv__", "nb_floor_divide"),
    ("__mod__", "nb_remainder"),
    ("__pow__", "nb_power"),
    ("__and__", "nb_and"),
    ("__or__", "nb_or"),
    ("__xor__", "nb_xor"),
    ("__lshift__", "nb_lshift"),
    ("__rshift__", "nb_rshift"),
];
/// The type of a class, made when it is first asked for.
pub fn type_of_class(vm: &'static Vm, class: &'static Class) -> TypeObj {
    let known = class.outside.get();
    if known != 0 {
        return known as TypeObj;
    }
    let b = border();
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
        let heap: *mut PyHeapTypeObject =
            Box::leak(vec![0u64; size_of::<PyHeapTypeObject>() / 8].into_boxed_slice())
                .as_mut_ptr()
                .cast();
        let ty: TypeObj = heap.cast();
        connect(b, class, ty);
        (*ty).ob_base.ob_base.ob_refcnt = raw::IMMORTAL;
        (*ty).ob_base.ob_base.ob_type = type_of_class(vm, class.meta());
        let name = CString::new(class.text()).unwrap_or_default();
        (*ty).tp_name = name.into_raw();
        (*ty).tp_basicsize = (*base).tp_basicsize;
        (*ty).tp_base = base;
        (*ty).tp_flags = type_flags::HEAP | type_flags::BASE | type_flags::READY;
        api::point_at_tables(heap);
        let mut names = String::new();
        for &(method, slot) in SLOTS {
            if class
                .own(ouro_py_objects::str::intern(vm, method))
                .is_some()
            {
                names.push_str(slot);
                names.push(' ');
            }
        }
        api::fill_generic_slots(ty, &names);
        if foreign_base(class).is_some() {
            (*ty).tp_dealloc = Some(api::subtype_dealloc);
        }
        api::inherit(ty, base);
        (*heap).ht_name = raw::unicode_from_str(&class.text());
        (*heap).ht_qualname = raw::unicode_from_str(&class.qualname_text());
        fill_tuples(vm, class, ty);
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
    connect(border(), class, ty);
    fill_tuples(vm, class, ty);
    class
}
/// The object that stands for a structure of C.
///
/// # Safety
/// `o` is an object of the C side that is not linked.
pub unsafe fn proxy(vm: &'static Vm, o: Obj) -> Gc {
    let class = class_of_type(vm, (*o).ob_type);
    let Some(foreign) = foreign_base(class) else {
        // A bare instance that C made of a class of the interpreter.
        let gc = make_class::new_instance(vm, class, Gc::NULL);
        vm.heap.link(gc, o.cast(), LinkKind::Twin);
        return gc;
    };
    let native = alloc::<WNative>(vm)
        .init(WNative::CLASS, Host::new(foreign))
        .init(WNative::I0, o as i64);
    if std::ptr::eq(class, foreign) {
        // What hangs on the object itself must not go before the structure does.
        let more = class_flags::HAS_WEAKREF | class_flags::HAS_DICT;
        let kind = match class.flags.get() & more {
            0 => LinkKind::Proxy,
            _ => LinkKind::Twin,
        };
        vm.heap.link(native, o.cast(), kind);
        return native;
    }
    // What the subclass adds lies in the object: it lives as long as C holds the structure.
    let gc = make_class::new_instance(vm, class, native);
    vm.heap.link(gc, o.cast(), LinkKind::Twin);
    gc
}

/// Makes the class of a type that an extension filled in.
///
/// # Safety
/// `ty` is a type whose base is ready.
pub unsafe fn ready(vm: &'static Vm, ty: TypeObj) -> PyResult<()> {
    let base_ty = (*ty).tp_base;
    let base = class_of_type(vm, base_ty);
    let full = raw::text((*ty).tp_name);
    let (module, name) = full.rsplit_once('.').unwrap_or(("builtins", &full));
    let flags = (*ty).tp_flags;
    let object = vm.world().classes.object;
    if base.has(class_flags::EXCEPTION) {
        let namespace = ouro_py_objects::dict::new(vm);
        ouro_py_objects::dict::set_text(
            vm,
            namespace,
            "__module__",
            ouro_py_objects::str::new(vm, module),
        );
        let bases = ouro_py_objects::tuple::new(vm, &[base.gc()]);
        let args = [ouro_py_objects::str::new(vm, name), bases, namespace];
        let made = ouro_py_objects::call::call_args(vm, vm.world().classes.type_.gc(), &args)?;
        let class = make_class::class_of(made).expect("type() makes a class");
        connect(border(), class, ty);
        fill_tuples(vm, class, ty);
        return Ok(());
    }
    if !std::ptr::eq(base, object) && foreign_base(base).is_none() {
        return Err(vm.system_error(format_args!(
            "ouro does not implement types of C that inherit from '{}' yet ({full})",
            base.text()
        )));
    }
    let mut class_bits = 0;
    if flags & type_flags::BASE != 0 {
        class_bits |= class_flags::BASE;
    }
    if (*ty).tp_weaklistoffset != 0 {
        class_bits |= class_flags::HAS_WEAKREF;
    }
    let no_new =
        (*ty).tp_new.is_none() && (flags & type_flags::HEAP == 0 && std::ptr::eq(base, object));
    if no_new || flags & type_flags::DISALLOW_INSTANTIATION != 0 {
        class_bits |= class_flags::NO_NEW;
    }
    let class = make_class::new_builtin_class(vm, module, name, base, class_bits);
    class
        .instance_type_id
        .set(<WNative as ouro_gc::Object>::TYPE_ID);
    class.add_flags(class_flags::RAW);
    connect(border(), class, ty);
    if class_bits & class_flags::NO_NEW == 0 {
        add(vm, class, call::new_def(ty));
        if let Some(def) = call::maker_def(ty) {
            class.maker.set(Some(Box::leak(Box::new(def))));
        }
    }
    for def in call::slot_defs(ty, base_ty) {
        let name = def.name;
        add(vm, class, def);
        if name == "__eq__" && (*ty).tp_hash.is_none() {
            class.put(
                vm,
                ouro_py_objects::str::intern(vm, "__hash__"),
                vm.world().none,
            );
        }
    }
    let mut m = (*ty).tp_methods;
    while !m.is_null() && !(*m).ml_name.is_null() {
        let data = MethodData::leak(
            m,
            std::ptr::null_mut(),
            ty,
            format!("{name}.{}", raw::text((*m).ml_name)),
        );
        let mut def = call::method_def(data);
        let bits = (*m).ml_flags;
        if bits & method_flags::CLASS != 0 {
            def.binding = Binding::Class;
        } else if bits & method_flags::STATIC != 0 {
            def.binding = Binding::Static;
        }
        add(vm, class, def);
        m = m.add(1);
    }
    let mut m = (*ty).tp_members;
    while !m.is_null() && !(*m).name.is_null() {
        let (get, set) = (
            call::member_getter(m, class, raw::text((*m).name)),
            call::member_setter(m, class, raw::text((*m).name)),
        );
        put_property(
            vm,
            class,
            &raw::text((*m).name),
            &raw::text((*m).doc),
            Some(get),
            Some(set),
        );
        m = m.add(1);
    }
    let mut g = (*ty).tp_getset;
    while !g.is_null() && !(*g).name.is_null() {
        let get = (*g)
            .get
            .map(|_| call::getset_getter(g, class, raw::text((*g).name)));
        let set = Some(call::getset_setter(g, class, raw::text((*g).name)));
        put_property(
            vm,
            class,
            &raw::text((*g).name),
            &raw::text((*g).doc),
            get,
            set,
        );
        g = g.add(1);
    }
    let doc = raw::text((*ty).tp_doc);
    // A signature in front of the text belongs to another attribute.
    let doc = doc.split_once(")\n--\n\n").map_or(doc.as_str(), |d| d.1);
    let doc = if (*ty).tp_doc.is_null() {
        vm.world().none
    } else {
        ouro_py_objects::str::new(vm, doc)
    };
    class.put(vm, vm.world().names.doc, doc);
    if (*ty).tp_dict.is_null() {
        let d = ouro_py_objects::dict::new(vm);
        (*ty).tp_dict = to_raw(vm, d);
    }
    fill_tuples(vm, class, ty);
    Ok(())
}
fn add(vm: &'static Vm, class: &'static Class, def: BuiltinDef) {
    make_class::add_members(vm, class, Box::leak(Box::new([def])), &[]);
}
fn put_property(
    vm: &'static Vm,
    class: &'static Class,
    name: &str,
    doc: &str,
    get: Option<BuiltinDef>,
    set: Option<BuiltinDef>,
) {
    let function = |def: Option<BuiltinDef>| match def {
        Some(def) => {
            ouro_py_objects::module::new_function(vm, Box::leak(Box::new(def)), vm.world().none)
        }
        None => Gc::NULL,
    };
    let (get, set) = (function(get), function(set));
    let doc = if doc.is_empty() {
        Gc::NULL
    } else {
        ouro_py_objects::str::new(vm, doc)
    };
    let name = ouro_py_objects::str::intern(vm, name);
    let property = alloc::<WProperty>(vm)
        .init(WProperty::GET, get)
        .init(WProperty::SET, set)
        .init(WProperty::DOC, doc)
        .init(WProperty::NAME, name);
    class.put(vm, name, property);
}
/// Something in a type's dict was changed: the class gets what is new there.
///
/// # Safety
/// `ty` is a type of the C side.
pub unsafe fn modified(vm: &'static Vm, ty: TypeObj) {
    let class = class_of_type(vm, ty);
    // `__new__` and `__init__` may be others now.
    class.maker.set(None);
    if (*ty).tp_dict.is_null() || !is_foreign(class) {
        return class.changed(vm);
    }
    let d = to_gc(vm, (*ty).tp_dict);
    let mut at = 0;
    while let Some((k, v)) = ouro_py_objects::dict::next(d, &mut at) {
        if ouro_py_objects::str::as_str(k).is_some() {
            class.put(vm, ouro_py_objects::str::intern_gc(vm, k), v);
        }
    }
    class.changed(vm);
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
