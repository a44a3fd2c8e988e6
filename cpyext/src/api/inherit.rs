//! `object.h`: what types take over from their bases, and the destructor of types without one of their own.

use crate::abi::*;
use crate::data;
use crate::raw;

inner! {
    /// What an instance of the type begins with is an instance of the base.
    pub fn inherit_layout(ty: TypeObj, base: TypeObj) {
        let (t, b) = (&mut *ty, &*base);
        // A static type without `tp_new` whose base is `object` cannot be called.
        if t.tp_new.is_none() && t.tp_flags & type_flags::DISALLOW_INSTANTIATION == 0
            && (t.tp_flags & type_flags::HEAP != 0 || !std::ptr::eq(base, data::PyBaseObject_Type.get())) { t.tp_new = b.tp_new }
        if t.tp_basicsize < b.tp_basicsize { t.tp_basicsize = b.tp_basicsize }
        if t.tp_itemsize == 0 { t.tp_itemsize = b.tp_itemsize }
        if t.tp_dictoffset == 0 { t.tp_dictoffset = b.tp_dictoffset }
        if t.tp_weaklistoffset == 0 { t.tp_weaklistoffset = b.tp_weaklistoffset }
        if t.tp_vectorcall_offset == 0 { t.tp_vectorcall_offset = b.tp_vectorcall_offset }
        if t.tp_flags & type_flags::HAVE_GC == 0 && b.tp_flags & type_flags::HAVE_GC != 0 && t.tp_traverse.is_none() {
            t.tp_flags |= type_flags::HAVE_GC;
            t.tp_traverse = b.tp_traverse;
            t.tp_clear = b.tp_clear;
        }
        if t.tp_call.is_none() && t.tp_flags & type_flags::HEAP == 0 { t.tp_flags |= b.tp_flags & type_flags::HAVE_VECTORCALL }
        t.tp_flags |= b.tp_flags & (type_flags::SUBCLASSES | type_flags::SEQUENCE | type_flags::MAPPING | type_flags::METHOD_DESCRIPTOR);
    }
    /// Takes over the functions that the type leaves empty. Bases are asked in the order of the MRO.
    pub fn inherit_slots(ty: TypeObj, base: TypeObj) {
        let (t, b) = (&mut *ty, &*base);
        macro_rules! take { ($($f:ident)*) => { $(if t.$f.is_none() { t.$f = b.$f })* }; }
        if t.tp_getattr.is_none() && t.tp_getattro.is_none() { t.tp_getattr = b.tp_getattr; t.tp_getattro = b.tp_getattro }
        if t.tp_setattr.is_none() && t.tp_setattro.is_none() { t.tp_setattr = b.tp_setattr; t.tp_setattro = b.tp_setattro }
        // A type that compares in its own way has no hash that fits.
        if t.tp_richcompare.is_none() && t.tp_hash.is_none() { t.tp_richcompare = b.tp_richcompare; t.tp_hash = b.tp_hash }
        take!(tp_dealloc tp_repr tp_call tp_str tp_iter tp_iternext tp_descr_get tp_descr_set tp_init tp_alloc tp_free tp_is_gc tp_finalize);
        macro_rules! table { ($field:ident: $t:ty) => {
            if t.$field.is_null() { t.$field = b.$field } else if !b.$field.is_null() && !std::ptr::eq(t.$field, b.$field) {
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
    /// Takes over from the base and the other classes of the MRO what the type leaves empty.
    pub fn inherit(ty: TypeObj, base: TypeObj) {
        inherit_layout(ty, base);
        if (*ty).tp_mro.is_null() { return inherit_slots(ty, base) }
        for &b in raw::tuple_items((*ty).tp_mro).iter().skip(1) { inherit_slots(ty, b.cast()) }
    }
}
slot_functions! {
    /// Destructor of instances of types without one of their own: finalizer, the destructor of the first base that has
    /// another one, which frees the memory, then the reference to the type.
    fn subtype_dealloc(o: Obj) {
        let ty = (*o).ob_type;
        if (*ty).tp_finalize.is_some() && super::PyObject_CallFinalizerFromDealloc(o) < 0 { return }
        if let Some(f) = (*ty).tp_del {
            raw::set_deallocating(o, false);
            (*o).ob_refcnt += 1;
            f(o);
            (*o).ob_refcnt -= 1;
            if (*o).ob_refcnt != 0 { return }
            raw::set_deallocating(o, true);
        }
        crate::context::context().memory.untrack(o.cast());
        let mut base = (*ty).tp_base;
        while !base.is_null() && (*base).tp_dealloc.is_some_and(|f| f as usize == subtype_dealloc as *const () as usize) {
            base = (*base).tp_base
        }
        let is_heap = |ty: TypeObj| (*ty).tp_flags & type_flags::HEAP != 0;
        match if base.is_null() { None } else { (*base).tp_dealloc } {
            Some(f) if base != data::PyBaseObject_Type.get() => {
                f(o);
                // The destructor of a heap type drops the reference to the object's type by itself.
                if is_heap(base) { return }
            }
            _ => match (*ty).tp_free { Some(free) => free(o.cast()), None => raw::free(o) },
        }
        if is_heap(ty) { raw::decref(ty.cast()) }
    }
}
