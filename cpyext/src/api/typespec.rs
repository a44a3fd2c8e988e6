//! `object.h`: types made from specifications.

use super::{BASE_SLOT, BASES_SLOT, DOC_SLOT, MEMBERS_SLOT};
use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::c_ulong;

const NULL: Obj = std::ptr::null_mut();

inner! {
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
        if (*base).tp_flags & type_flags::BASE == 0 {
            errors::type_error(&format!("type '{}' is not an acceptable base type", raw::text((*base).tp_name)));
            return NULL;
        }
        let o = raw::new_object(data::PyType_Type.get(), size_of::<PyHeapTypeObject>());
        if o.is_null() { return o }
        let heap: *mut PyHeapTypeObject = o.cast();
        let ty: TypeObj = o.cast();
        super::point_at_tables(heap);
        (*ty).tp_flags = (*spec).flags as c_ulong | type_flags::HEAP;
        (*ty).tp_name = std::ffi::CString::new(full.clone()).unwrap_or_default().into_raw();
        (*ty).tp_basicsize = if (*spec).basicsize == 0 { (*base).tp_basicsize } else { (*spec).basicsize as Ssize };
        (*ty).tp_itemsize = (*spec).itemsize as Ssize;
        (*ty).tp_base = raw::incref(base.cast()).cast();
        let mut slot = (*spec).slots;
        while (*slot).slot != 0 {
            let n = (*slot).slot;
            if !super::is_slot(n) {
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
                _ => super::slot_set(ty, n, (*slot).pfunc),
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
        if (*ty).tp_dealloc.is_none() { (*ty).tp_dealloc = Some(super::subtype_dealloc) }
        (*heap).ht_name = raw::unicode_from_str(&name);
        (*heap).ht_qualname = raw::unicode_from_str(&name);
        (*heap).ht_module = raw::xincref(module);
        if !all_bases.is_null() && raw::has(all_bases, type_flags::TUPLE) { (*ty).tp_bases = raw::incref(all_bases); }
        if super::PyType_Ready(ty) < 0 { return NULL }
        if errors::occurred() { return NULL }
        o
    }
}
api! {
    fn PyType_FromSpec(spec: *mut PyType_Spec) -> Obj { from_spec(NULL, spec, NULL) }
    fn PyType_FromSpecWithBases(spec: *mut PyType_Spec, bases: Obj) -> Obj { from_spec(NULL, spec, bases) }
    fn PyType_FromModuleAndSpec(module: Obj, spec: *mut PyType_Spec, bases: Obj) -> Obj { from_spec(module, spec, bases) }
}
