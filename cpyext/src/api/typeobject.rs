//! `object.h`: making types.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::guest::{BinaryOp, Text, UnaryOp};
use crate::raw;
use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};
use std::mem::offset_of;

const NULL: Obj = std::ptr::null_mut();

/// Where the slots of `PyType_Slot` lie, by their numbers.
pub static SLOT_OFFSETS: [usize; 82] = [
    0,
    offset_of!(PyHeapTypeObject, as_buffer.bf_getbuffer),
    offset_of!(PyHeapTypeObject, as_buffer.bf_releasebuffer),
    offset_of!(PyHeapTypeObject, as_mapping.mp_ass_subscript),
    offset_of!(PyHeapTypeObject, as_mapping.mp_length),
    offset_of!(PyHeapTypeObject, as_mapping.mp_subscript),
    offset_of!(PyHeapTypeObject, as_number.nb_absolute),
    offset_of!(PyHeapTypeObject, as_number.nb_add),
    offset_of!(PyHeapTypeObject, as_number.nb_and),
    offset_of!(PyHeapTypeObject, as_number.nb_bool),
    offset_of!(PyHeapTypeObject, as_number.nb_divmod),
    offset_of!(PyHeapTypeObject, as_number.nb_float),
    offset_of!(PyHeapTypeObject, as_number.nb_floor_divide),
    offset_of!(PyHeapTypeObject, as_number.nb_index),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_add),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_and),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_floor_divide),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_lshift),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_multiply),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_or),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_power),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_remainder),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_rshift),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_subtract),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_true_divide),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_xor),
    offset_of!(PyHeapTypeObject, as_number.nb_int),
    offset_of!(PyHeapTypeObject, as_number.nb_invert),
    offset_of!(PyHeapTypeObject, as_number.nb_lshift),
    offset_of!(PyHeapTypeObject, as_number.nb_multiply),
    offset_of!(PyHeapTypeObject, as_number.nb_negative),
    offset_of!(PyHeapTypeObject, as_number.nb_or),
    offset_of!(PyHeapTypeObject, as_number.nb_positive),
    offset_of!(PyHeapTypeObject, as_number.nb_power),
    offset_of!(PyHeapTypeObject, as_number.nb_remainder),
    offset_of!(PyHeapTypeObject, as_number.nb_rshift),
    offset_of!(PyHeapTypeObject, as_number.nb_subtract),
    offset_of!(PyHeapTypeObject, as_number.nb_true_divide),
    offset_of!(PyHeapTypeObject, as_number.nb_xor),
    offset_of!(PyHeapTypeObject, as_sequence.sq_ass_item),
    offset_of!(PyHeapTypeObject, as_sequence.sq_concat),
    offset_of!(PyHeapTypeObject, as_sequence.sq_contains),
    offset_of!(PyHeapTypeObject, as_sequence.sq_inplace_concat),
    offset_of!(PyHeapTypeObject, as_sequence.sq_inplace_repeat),
    offset_of!(PyHeapTypeObject, as_sequence.sq_item),
    offset_of!(PyHeapTypeObject, as_sequence.sq_length),
    offset_of!(PyHeapTypeObject, as_sequence.sq_repeat),
    offset_of!(PyHeapTypeObject, ht_type.tp_alloc),
    offset_of!(PyHeapTypeObject, ht_type.tp_base),
    offset_of!(PyHeapTypeObject, ht_type.tp_bases),
    offset_of!(PyHeapTypeObject, ht_type.tp_call),
    offset_of!(PyHeapTypeObject, ht_type.tp_clear),
    offset_of!(PyHeapTypeObject, ht_type.tp_dealloc),
    offset_of!(PyHeapTypeObject, ht_type.tp_del),
    offset_of!(PyHeapTypeObject, ht_type.tp_descr_get),
    offset_of!(PyHeapTypeObject, ht_type.tp_descr_set),
    offset_of!(PyHeapTypeObject, ht_type.tp_doc),
    offset_of!(PyHeapTypeObject, ht_type.tp_getattr),
    offset_of!(PyHeapTypeObject, ht_type.tp_getattro),
    offset_of!(PyHeapTypeObject, ht_type.tp_hash),
    offset_of!(PyHeapTypeObject, ht_type.tp_init),
    offset_of!(PyHeapTypeObject, ht_type.tp_is_gc),
    offset_of!(PyHeapTypeObject, ht_type.tp_iter),
    offset_of!(PyHeapTypeObject, ht_type.tp_iternext),
    offset_of!(PyHeapTypeObject, ht_type.tp_methods),
    offset_of!(PyHeapTypeObject, ht_type.tp_new),
    offset_of!(PyHeapTypeObject, ht_type.tp_repr),
    offset_of!(PyHeapTypeObject, ht_type.tp_richcompare),
    offset_of!(PyHeapTypeObject, ht_type.tp_setattr),
    offset_of!(PyHeapTypeObject, ht_type.tp_setattro),
    offset_of!(PyHeapTypeObject, ht_type.tp_str),
    offset_of!(PyHeapTypeObject, ht_type.tp_traverse),
    offset_of!(PyHeapTypeObject, ht_type.tp_members),
    offset_of!(PyHeapTypeObject, ht_type.tp_getset),
    offset_of!(PyHeapTypeObject, ht_type.tp_free),
    offset_of!(PyHeapTypeObject, as_number.nb_matrix_multiply),
    offset_of!(PyHeapTypeObject, as_number.nb_inplace_matrix_multiply),
    offset_of!(PyHeapTypeObject, as_async.am_await),
    offset_of!(PyHeapTypeObject, as_async.am_aiter),
    offset_of!(PyHeapTypeObject, as_async.am_anext),
    offset_of!(PyHeapTypeObject, ht_type.tp_finalize),
    offset_of!(PyHeapTypeObject, as_async.am_send),
];
const BASE_SLOT: c_int = 48;
const BASES_SLOT: c_int = 49;
const DOC_SLOT: c_int = 56;
const MEMBERS_SLOT: c_int = 72;

inner! {
    /// Points the type at the tables inside it.
    pub fn point_at_tables(heap: *mut PyHeapTypeObject) {
        let ty = &raw mut (*heap).ht_type;
        (*ty).tp_as_async = &raw mut (*heap).as_async;
        (*ty).tp_as_number = &raw mut (*heap).as_number;
        (*ty).tp_as_mapping = &raw mut (*heap).as_mapping;
        (*ty).tp_as_sequence = &raw mut (*heap).as_sequence;
        (*ty).tp_as_buffer = &raw mut (*heap).as_buffer;
    }
    fn from_spec(module: Obj, spec: *mut PyType_Spec, bases: Obj) -> Obj {
        let full = raw::text((*spec).name);
        let name = full.rsplit('.').next().unwrap_or_default().to_owned();
        let mut base: TypeObj = std::ptr::null_mut();
        let mut all_bases = bases;
        let mut slot = (*spec).slots;
        while (*slot).slot != 0 {
            if (*slot).slot == BASE_SLOT && bases.is_null() { base = (*slot).pfunc.cast() }
            if (*slot).slot == BASES_SLOT && bases.is_null() { all_bases = (*slot).pfunc.cast() }
            slot = slot.add(1);
        }
        if !all_bases.is_null() {
            let first = if raw::has(all_bases, type_flags::TUPLE) { raw::tuple_items(all_bases).first().copied() } else { Some(all_bases) };
            base = first.map_or(std::ptr::null_mut(), |b| b.cast());
        }
        if base.is_null() { base = data::PyBaseObject_Type.get() }
        if super::PyType_Ready(base) < 0 { return NULL }
        let o = raw::new_object(data::PyType_Type.get(), size_of::<PyHeapTypeObject>());
        if o.is_null() { return o }
        let heap: *mut PyHeapTypeObject = o.cast();
        let ty: TypeObj = o.cast();
        point_at_tables(heap);
        (*ty).tp_flags = (*spec).flags as c_ulong | type_flags::HEAP;
        (*ty).tp_name = std::ffi::CString::new(full.clone()).unwrap_or_default().into_raw();
        (*ty).tp_basicsize = if (*spec).basicsize == 0 { (*base).tp_basicsize } else { (*spec).basicsize as Ssize };
        (*ty).tp_itemsize = (*spec).itemsize as Ssize;
        (*ty).tp_base = raw::incref(base.cast()).cast();
        let mut slot = (*spec).slots;
        while (*slot).slot != 0 {
            let n = (*slot).slot;
            if !(1..82).contains(&n) {
                raw::free(o);
                errors::set_text(data::PyExc_RuntimeError.get(), "invalid slot offset");
                return NULL;
            }
            match n {
                BASE_SLOT | BASES_SLOT => {}
                DOC_SLOT => {
                    let doc = raw::text((*slot).pfunc.cast());
                    if !(*slot).pfunc.is_null() { (*ty).tp_doc = std::ffi::CString::new(doc).unwrap_or_default().into_raw() }
                }
                _ => *o.cast::<u8>().add(SLOT_OFFSETS[n as usize]).cast::<*mut c_void>() = (*slot).pfunc,
            }
            if n == MEMBERS_SLOT {
                let mut m: *mut PyMemberDef = (*slot).pfunc.cast();
                while !m.is_null() && !(*m).name.is_null() {
                    match raw::text((*m).name).as_str() {
                        "__dictoffset__" => (*ty).tp_dictoffset = (*m).offset,
                        "__weaklistoffset__" => (*ty).tp_weaklistoffset = (*m).offset,
                        "__vectorcalloffset__" => (*ty).tp_vectorcall_offset = (*m).offset,
                        _ => {}
                    }
                    m = m.add(1);
                }
            }
            slot = slot.add(1);
        }
        if (*ty).tp_dealloc.is_none() { (*ty).tp_dealloc = Some(subtype_dealloc) }
        (*heap).ht_name = raw::unicode_from_str(&name);
        (*heap).ht_qualname = raw::unicode_from_str(&name);
        (*heap).ht_module = raw::xincref(module);
        if !all_bases.is_null() && raw::has(all_bases, type_flags::TUPLE) { (*ty).tp_bases = raw::incref(all_bases); }
        if super::PyType_Ready(ty) < 0 { return NULL }
        if errors::occurred() { return NULL }
        o
    }
    /// Takes over from the base what the type leaves empty.
    pub fn inherit(ty: TypeObj, base: TypeObj) {
        let (t, b) = (&mut *ty, &mut *base);
        macro_rules! take { ($($f:ident)*) => { $(if t.$f.is_none() { t.$f = b.$f })* }; }
        if t.tp_getattr.is_none() && t.tp_getattro.is_none() { t.tp_getattr = b.tp_getattr; t.tp_getattro = b.tp_getattro }
        if t.tp_setattr.is_none() && t.tp_setattro.is_none() { t.tp_setattr = b.tp_setattr; t.tp_setattro = b.tp_setattro }
        if t.tp_richcompare.is_none() && t.tp_hash.is_none() { t.tp_richcompare = b.tp_richcompare; t.tp_hash = b.tp_hash }
        take!(tp_dealloc tp_repr tp_call tp_str tp_iter tp_iternext tp_descr_get tp_descr_set tp_init tp_alloc tp_free tp_is_gc tp_finalize);
        if t.tp_flags & type_flags::HAVE_GC == 0 && b.tp_flags & type_flags::HAVE_GC != 0 && t.tp_traverse.is_none() {
            t.tp_flags |= type_flags::HAVE_GC;
            t.tp_traverse = b.tp_traverse;
            t.tp_clear = b.tp_clear;
        }
        // A static type without `tp_new` whose base is `object` cannot be called.
        if t.tp_new.is_none() && t.tp_flags & type_flags::DISALLOW_INSTANTIATION == 0
            && (t.tp_flags & type_flags::HEAP != 0 || !std::ptr::eq(base, data::PyBaseObject_Type.get())) { t.tp_new = b.tp_new }
        if t.tp_basicsize < b.tp_basicsize { t.tp_basicsize = b.tp_basicsize }
        if t.tp_itemsize == 0 { t.tp_itemsize = b.tp_itemsize }
        if t.tp_dictoffset == 0 { t.tp_dictoffset = b.tp_dictoffset }
        if t.tp_weaklistoffset == 0 { t.tp_weaklistoffset = b.tp_weaklistoffset }
        if t.tp_vectorcall_offset == 0 { t.tp_vectorcall_offset = b.tp_vectorcall_offset }
        t.tp_flags |= b.tp_flags & (type_flags::SUBCLASSES | type_flags::SEQUENCE | type_flags::MAPPING);
        macro_rules! table { ($field:ident: $t:ty) => {
            if t.$field.is_null() { t.$field = b.$field } else if !b.$field.is_null() {
                // Tables are nothing but pointers.
                let n = size_of::<$t>() / size_of::<usize>();
                let (to, from) = (t.$field.cast::<usize>(), b.$field.cast::<usize>());
                for i in 0..n { if *to.add(i) == 0 { *to.add(i) = *from.add(i) } }
            }
        }; }
        table!(tp_as_number: PyNumberMethods);
        table!(tp_as_sequence: PySequenceMethods);
        table!(tp_as_mapping: PyMappingMethods);
        table!(tp_as_async: PyAsyncMethods);
        table!(tp_as_buffer: PyBufferProcs);
    }
}
api! {
    fn PyType_Ready(ty: TypeObj) -> c_int {
        if (*ty).tp_flags & type_flags::READY != 0 { return 0 }
        if (*ty).tp_name.is_null() {
            errors::set_text(data::PyExc_SystemError.get(), "Type does not define the tp_name field.");
            return -1;
        }
        if (*ty).tp_base.is_null() { (*ty).tp_base = data::PyBaseObject_Type.get() }
        let base = (*ty).tp_base;
        if PyType_Ready(base) < 0 { return -1 }
        if (*ty).ob_base.ob_base.ob_type.is_null() { (*ty).ob_base.ob_base.ob_type = (*base).ob_base.ob_base.ob_type }
        if (*ty).ob_base.ob_base.ob_refcnt == 0 { (*ty).ob_base.ob_base.ob_refcnt = 1 }
        (*ty).tp_flags |= type_flags::READYING;
        let r = guest().type_ready(ty);
        (*ty).tp_flags &= !type_flags::READYING;
        if r < 0 { return -1 }
        inherit(ty, base);
        if (*ty).tp_dealloc.is_none() { (*ty).tp_dealloc = Some(subtype_dealloc) }
        (*ty).tp_flags |= type_flags::READY;
        0
    }
    fn PyType_FromSpec(spec: *mut PyType_Spec) -> Obj { from_spec(NULL, spec, NULL) }
    fn PyType_FromSpecWithBases(spec: *mut PyType_Spec, bases: Obj) -> Obj { from_spec(NULL, spec, bases) }
    fn PyType_FromModuleAndSpec(module: Obj, spec: *mut PyType_Spec, bases: Obj) -> Obj { from_spec(module, spec, bases) }
    fn PyType_IsSubtype(a: TypeObj, b: TypeObj) -> c_int { (a == b || guest().is_subtype(a, b)) as c_int }
    fn PyType_GetFlags(ty: TypeObj) -> c_ulong { (*ty).tp_flags }
    fn PyType_Modified(ty: TypeObj) { guest().type_modified(ty) }
    fn PyType_ClearCache() -> c_uint { 0 }
    fn PyType_GetSlot(ty: TypeObj, slot: c_int) -> *mut c_void {
        if !(1..82).contains(&slot) { errors::bad_call("PyType_GetSlot"); return std::ptr::null_mut() }
        let offset = SLOT_OFFSETS[slot as usize];
        if offset < size_of::<PyTypeObject>() { return *ty.cast::<u8>().add(offset).cast() }
        let tables = [
            (offset_of!(PyHeapTypeObject, as_async), size_of::<PyAsyncMethods>(), (*ty).tp_as_async.cast::<u8>()),
            (offset_of!(PyHeapTypeObject, as_number), size_of::<PyNumberMethods>(), (*ty).tp_as_number.cast()),
            (offset_of!(PyHeapTypeObject, as_mapping), size_of::<PyMappingMethods>(), (*ty).tp_as_mapping.cast()),
            (offset_of!(PyHeapTypeObject, as_sequence), size_of::<PySequenceMethods>(), (*ty).tp_as_sequence.cast()),
            (offset_of!(PyHeapTypeObject, as_buffer), size_of::<PyBufferProcs>(), (*ty).tp_as_buffer.cast()),
        ];
        for (from, bytes, table) in tables {
            if (from..from + bytes).contains(&offset) && !table.is_null() { return *table.add(offset - from).cast() }
        }
        std::ptr::null_mut()
    }
    fn PyType_GetModule(ty: TypeObj) -> Obj {
        let m = if (*ty).tp_flags & type_flags::HEAP != 0 { (*ty.cast::<PyHeapTypeObject>()).ht_module } else { NULL };
        if m.is_null() {
            errors::type_error(&format!("PyType_GetModule: Type '{}' has no associated module", raw::name_of(ty)));
        }
        m
    }
    fn PyType_GetModuleState(ty: TypeObj) -> *mut c_void {
        let m = PyType_GetModule(ty);
        if m.is_null() { std::ptr::null_mut() } else { super::PyModule_GetState(m) }
    }
    fn PyType_GetModuleByDef(ty: TypeObj, def: *mut PyModuleDef) -> Obj {
        let mut t = ty;
        while !t.is_null() {
            if (*t).tp_flags & type_flags::HEAP != 0 {
                let m = (*t.cast::<PyHeapTypeObject>()).ht_module;
                if !m.is_null() && super::PyModule_GetDef(m) == def { return m }
            }
            t = (*t).tp_base;
        }
        errors::type_error(&format!("PyType_GetModuleByDef: No superclass of '{}' has the given module", raw::name_of(ty)));
        NULL
    }
    fn PyType_GetName(ty: TypeObj) -> Obj { super::PyObject_GetAttrString(ty.cast(), c"__name__".as_ptr()) }
    fn PyType_GetQualName(ty: TypeObj) -> Obj { super::PyObject_GetAttrString(ty.cast(), c"__qualname__".as_ptr()) }
    fn _PyType_Name(ty: TypeObj) -> *const c_char {
        let p = (*ty).tp_name;
        let dot = libc::strrchr(p, b'.' as c_int);
        if dot.is_null() { p } else { dot.add(1) }
    }
}
slot_functions! {
    /// Destructor of instances of types without one of their own.
    fn subtype_dealloc(o: Obj) {
        let ty = (*o).ob_type;
        if let Some(f) = (*ty).tp_finalize {
            (*o).ob_refcnt += 1;
            f(o);
            (*o).ob_refcnt -= 1;
            if (*o).ob_refcnt != 0 { return }
        }
        // The destructor of the first base that has another one; it frees the memory.
        let mut base = (*ty).tp_base;
        while !base.is_null() && (*base).tp_dealloc.is_some_and(|f| f as usize == subtype_dealloc as *const () as usize) { base = (*base).tp_base }
        let heap = (*ty).tp_flags & type_flags::HEAP != 0;
        match if base.is_null() { None } else { (*base).tp_dealloc } {
            // Destructors of this crate drop the reference to the type themselves.
            Some(f) if (*base).tp_flags & type_flags::HEAP == 0 && base != data::PyBaseObject_Type.get() && (*base).tp_cache.is_null() => f(o),
            Some(f) if base != data::PyBaseObject_Type.get() => { f(o); if heap && (*base).tp_flags & type_flags::HEAP == 0 { raw::decref(ty.cast()) } }
            _ => {
                match (*ty).tp_free { Some(free) => free(o.cast()), None => raw::free(o) }
                if heap { raw::decref(ty.cast()) }
            }
        }
    }
    fn slot_repr(o: Obj) -> Obj { guest().text(Text::Repr, o) }
    fn slot_str(o: Obj) -> Obj { guest().text(Text::Str, o) }
    fn slot_hash(o: Obj) -> Ssize { guest().hash(o) }
    fn slot_call(o: Obj, args: Obj, kw: Obj) -> Obj { super::PyObject_Call(o, args, kw) }
    fn slot_getattro(o: Obj, name: Obj) -> Obj { guest().get_attr(o, name) }
    fn slot_setattro(o: Obj, name: Obj, value: Obj) -> c_int { guest().set_attr(o, name, value) }
    fn slot_richcompare(a: Obj, b: Obj, op: c_int) -> Obj { guest().compare(op, a, b) }
    fn slot_iter(o: Obj) -> Obj { guest().iter(o) }
    fn slot_iternext(o: Obj) -> Obj { guest().next(o) }
    fn slot_length(o: Obj) -> Ssize { guest().len(o) }
    fn slot_subscript(o: Obj, key: Obj) -> Obj { guest().get_item(o, key) }
    fn slot_ass_subscript(o: Obj, key: Obj, value: Obj) -> c_int { guest().set_item(o, key, value) }
    fn slot_item(o: Obj, i: Ssize) -> Obj { super::PySequence_GetItem(o, i) }
    fn slot_ass_item(o: Obj, i: Ssize, value: Obj) -> c_int { super::PySequence_SetItem(o, i, value) }
    fn slot_contains(o: Obj, item: Obj) -> c_int { guest().contains(o, item) }
    fn slot_concat(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, false, a, b) }
    fn slot_inplace_concat(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, true, a, b) }
    fn slot_repeat(o: Obj, n: Ssize) -> Obj { super::PySequence_Repeat(o, n) }
    fn slot_bool(o: Obj) -> c_int { guest().truth(o) }
    fn slot_power(a: Obj, b: Obj, c: Obj) -> Obj { super::PyNumber_Power(a, b, c) }
    fn slot_inplace_power(a: Obj, b: Obj, c: Obj) -> Obj { super::PyNumber_InPlacePower(a, b, c) }
    fn slot_new(ty: TypeObj, args: Obj, kw: Obj) -> Obj {
        let new = super::PyObject_GetAttrString(ty.cast(), c"__new__".as_ptr());
        if new.is_null() { return NULL }
        let mut all = vec![ty.cast()];
        if !args.is_null() { all.extend_from_slice(raw::tuple_items(args)) }
        let r = super::call_with_dict(new, &all, kw);
        raw::decref(new);
        r
    }
    fn slot_init(o: Obj, args: Obj, kw: Obj) -> c_int { let _ = (o, args, kw); 0 }
    fn bytes_getbuffer(o: Obj, view: *mut Py_buffer, flags: c_int) -> c_int {
        super::PyBuffer_FillInfo(view, o, raw::bytes_data(o).cast(), (*o.cast::<PyVarObject>()).ob_size, 1, flags)
    }
    fn slot_add(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, false, a, b) }
    fn slot_subtract(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Sub, false, a, b) }
    fn slot_multiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mul, false, a, b) }
    fn slot_remainder(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mod, false, a, b) }
    fn slot_divmod(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::DivMod, false, a, b) }
    fn slot_lshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::LShift, false, a, b) }
    fn slot_rshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::RShift, false, a, b) }
    fn slot_and(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::And, false, a, b) }
    fn slot_xor(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Xor, false, a, b) }
    fn slot_or(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Or, false, a, b) }
    fn slot_floor_divide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::FloorDiv, false, a, b) }
    fn slot_true_divide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::TrueDiv, false, a, b) }
    fn slot_matrix_multiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::MatMul, false, a, b) }
    fn slot_inplace_add(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, true, a, b) }
    fn slot_inplace_subtract(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Sub, true, a, b) }
    fn slot_inplace_multiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mul, true, a, b) }
    fn slot_inplace_remainder(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mod, true, a, b) }
    fn slot_inplace_lshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::LShift, true, a, b) }
    fn slot_inplace_rshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::RShift, true, a, b) }
    fn slot_inplace_and(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::And, true, a, b) }
    fn slot_inplace_xor(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Xor, true, a, b) }
    fn slot_inplace_or(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Or, true, a, b) }
    fn slot_inplace_floor_divide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::FloorDiv, true, a, b) }
    fn slot_inplace_true_divide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::TrueDiv, true, a, b) }
    fn slot_inplace_matrix_multiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::MatMul, true, a, b) }
    fn slot_negative(a: Obj) -> Obj { guest().unary(UnaryOp::Neg, a) }
    fn slot_positive(a: Obj) -> Obj { guest().unary(UnaryOp::Pos, a) }
    fn slot_absolute(a: Obj) -> Obj { guest().unary(UnaryOp::Abs, a) }
    fn slot_invert(a: Obj) -> Obj { guest().unary(UnaryOp::Invert, a) }
    fn slot_int(a: Obj) -> Obj { guest().unary(UnaryOp::Int, a) }
    fn slot_float(a: Obj) -> Obj { guest().unary(UnaryOp::Float, a) }
    fn slot_index(a: Obj) -> Obj { guest().unary(UnaryOp::Index, a) }
}
inner! {
    fn leak_table(bytes: usize) -> *mut c_void {
        Box::leak(vec![0usize; bytes / 8].into_boxed_slice()).as_mut_ptr().cast()
    }
    /// Fills the slots that a list names with functions that ask the interpreter.
    pub fn fill_generic_slots(ty: TypeObj, names: &str) {
        for name in names.split([' ', '{', '}']).filter(|n| !n.is_empty()) {
            match name {
                "tp_repr" => (*ty).tp_repr = Some(slot_repr),
                "tp_hash" => (*ty).tp_hash = Some(slot_hash),
                "tp_call" => (*ty).tp_call = Some(slot_call),
                "tp_str" => (*ty).tp_str = Some(slot_str),
                "tp_getattro" => (*ty).tp_getattro = Some(slot_getattro),
                "tp_setattro" => (*ty).tp_setattro = Some(slot_setattro),
                "tp_richcompare" => (*ty).tp_richcompare = Some(slot_richcompare),
                "tp_iter" => (*ty).tp_iter = Some(slot_iter),
                "tp_iternext" => (*ty).tp_iternext = Some(slot_iternext),
                "tp_init" => (*ty).tp_init = Some(slot_init),
                "tp_new" if ty == data::PyBaseObject_Type.get() => (*ty).tp_new = Some(super::PyType_GenericNew),
                "tp_new" => (*ty).tp_new = Some(slot_new),
                "tp_as_number" => (*ty).tp_as_number = leak_table(size_of::<PyNumberMethods>()).cast(),
                "tp_as_sequence" => (*ty).tp_as_sequence = leak_table(size_of::<PySequenceMethods>()).cast(),
                "tp_as_mapping" => (*ty).tp_as_mapping = leak_table(size_of::<PyMappingMethods>()).cast(),
                "bf_getbuffer" if ty == data::PyBytes_Type.get() => {
                    (*ty).tp_as_buffer = leak_table(size_of::<PyBufferProcs>()).cast();
                    (*(*ty).tp_as_buffer).bf_getbuffer = Some(bytes_getbuffer);
                }
                "bf_getbuffer" if ty == data::PyByteArray_Type.get() => {
                    (*ty).tp_as_buffer = leak_table(size_of::<PyBufferProcs>()).cast();
                    (*(*ty).tp_as_buffer).bf_getbuffer = Some(super::bytearray_getbuffer);
                    (*(*ty).tp_as_buffer).bf_releasebuffer = Some(super::bytearray_releasebuffer);
                }
                "bf_getbuffer" if ty == data::PyMemoryView_Type.get() => {
                    (*ty).tp_as_buffer = leak_table(size_of::<PyBufferProcs>()).cast();
                    (*(*ty).tp_as_buffer).bf_getbuffer = Some(super::memoryview_getbuffer);
                    (*(*ty).tp_as_buffer).bf_releasebuffer = Some(super::memoryview_releasebuffer);
                }
                "mp_length" => (*(*ty).tp_as_mapping).mp_length = Some(slot_length),
                "mp_subscript" => (*(*ty).tp_as_mapping).mp_subscript = Some(slot_subscript),
                "mp_ass_subscript" => (*(*ty).tp_as_mapping).mp_ass_subscript = Some(slot_ass_subscript),
                "sq_length" => (*(*ty).tp_as_sequence).sq_length = Some(slot_length),
                "sq_concat" => (*(*ty).tp_as_sequence).sq_concat = Some(slot_concat),
                "sq_inplace_concat" => (*(*ty).tp_as_sequence).sq_inplace_concat = Some(slot_inplace_concat),
                "sq_repeat" | "sq_inplace_repeat" => (*(*ty).tp_as_sequence).sq_repeat = Some(slot_repeat),
                "sq_item" => (*(*ty).tp_as_sequence).sq_item = Some(slot_item),
                "sq_ass_item" => (*(*ty).tp_as_sequence).sq_ass_item = Some(slot_ass_item),
                "sq_contains" => (*(*ty).tp_as_sequence).sq_contains = Some(slot_contains),
                "nb_bool" => (*(*ty).tp_as_number).nb_bool = Some(slot_bool),
                "nb_power" => (*(*ty).tp_as_number).nb_power = Some(slot_power),
                "nb_inplace_power" => (*(*ty).tp_as_number).nb_inplace_power = Some(slot_inplace_power),
                "nb_add" => (*(*ty).tp_as_number).nb_add = Some(slot_add),
                "nb_subtract" => (*(*ty).tp_as_number).nb_subtract = Some(slot_subtract),
                "nb_multiply" => (*(*ty).tp_as_number).nb_multiply = Some(slot_multiply),
                "nb_remainder" => (*(*ty).tp_as_number).nb_remainder = Some(slot_remainder),
                "nb_divmod" => (*(*ty).tp_as_number).nb_divmod = Some(slot_divmod),
                "nb_lshift" => (*(*ty).tp_as_number).nb_lshift = Some(slot_lshift),
                "nb_rshift" => (*(*ty).tp_as_number).nb_rshift = Some(slot_rshift),
                "nb_and" => (*(*ty).tp_as_number).nb_and = Some(slot_and),
                "nb_xor" => (*(*ty).tp_as_number).nb_xor = Some(slot_xor),
                "nb_or" => (*(*ty).tp_as_number).nb_or = Some(slot_or),
                "nb_floor_divide" => (*(*ty).tp_as_number).nb_floor_divide = Some(slot_floor_divide),
                "nb_true_divide" => (*(*ty).tp_as_number).nb_true_divide = Some(slot_true_divide),
                "nb_matrix_multiply" => (*(*ty).tp_as_number).nb_matrix_multiply = Some(slot_matrix_multiply),
                "nb_negative" => (*(*ty).tp_as_number).nb_negative = Some(slot_negative),
                "nb_positive" => (*(*ty).tp_as_number).nb_positive = Some(slot_positive),
                "nb_absolute" => (*(*ty).tp_as_number).nb_absolute = Some(slot_absolute),
                "nb_invert" => (*(*ty).tp_as_number).nb_invert = Some(slot_invert),
                "nb_int" => (*(*ty).tp_as_number).nb_int = Some(slot_int),
                "nb_float" => (*(*ty).tp_as_number).nb_float = Some(slot_float),
                "nb_index" => (*(*ty).tp_as_number).nb_index = Some(slot_index),
                "nb_inplace_add" => (*(*ty).tp_as_number).nb_inplace_add = Some(slot_inplace_add),
                "nb_inplace_subtract" => (*(*ty).tp_as_number).nb_inplace_subtract = Some(slot_inplace_subtract),
                "nb_inplace_multiply" => (*(*ty).tp_as_number).nb_inplace_multiply = Some(slot_inplace_multiply),
                "nb_inplace_remainder" => (*(*ty).tp_as_number).nb_inplace_remainder = Some(slot_inplace_remainder),
                "nb_inplace_lshift" => (*(*ty).tp_as_number).nb_inplace_lshift = Some(slot_inplace_lshift),
                "nb_inplace_rshift" => (*(*ty).tp_as_number).nb_inplace_rshift = Some(slot_inplace_rshift),
                "nb_inplace_and" => (*(*ty).tp_as_number).nb_inplace_and = Some(slot_inplace_and),
                "nb_inplace_xor" => (*(*ty).tp_as_number).nb_inplace_xor = Some(slot_inplace_xor),
                "nb_inplace_or" => (*(*ty).tp_as_number).nb_inplace_or = Some(slot_inplace_or),
                "nb_inplace_floor_divide" => (*(*ty).tp_as_number).nb_inplace_floor_divide = Some(slot_inplace_floor_divide),
                "nb_inplace_true_divide" => (*(*ty).tp_as_number).nb_inplace_true_divide = Some(slot_inplace_true_divide),
                "nb_inplace_matrix_multiply" => (*(*ty).tp_as_number).nb_inplace_matrix_multiply = Some(slot_inplace_matrix_multiply),
                _ => {}
            }
        }
    }
}
