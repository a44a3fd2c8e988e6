//! `structseq.h`: tuples whose items have names. Their types inherit from tuple; fields beyond the visible ones lie behind the
//! tuple's items in the structure.

use super::{BASE_SLOT, DOC_SLOT};
use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_uint, c_void};

const NULL: Obj = std::ptr::null_mut();

/// `PyStructSequence_Field`
#[repr(C)]
#[allow(missing_docs)]
pub struct PyStructSequence_Field {
    pub name: *const c_char,
    pub doc: *const c_char,
}
/// `PyStructSequence_Desc`
#[repr(C)]
#[allow(missing_docs)]
pub struct PyStructSequence_Desc {
    pub name: *const c_char,
    pub doc: *const c_char,
    pub fields: *mut PyStructSequence_Field,
    pub n_in_sequence: c_int,
}
/// What is known of a type: names of all fields, and how many are items of the tuple.
#[derive(Clone)]
struct Known {
    names: Vec<String>,
    visible: usize,
}
thread_local! {
    static KNOWN: RefCell<HashMap<usize, Known>> = RefCell::default();
}

inner! {
    /// Of the type or of the nearest base that is one.
    fn known(ty: TypeObj) -> Option<Known> {
        let mut t = ty;
        while !t.is_null() {
            if let Some(k) = KNOWN.with_borrow(|all| all.get(&(t as usize)).cloned()) { return Some(k) }
            t = (*t).tp_base;
        }
        None
    }
    fn slot_of(o: Obj, i: Ssize) -> *mut Obj {
        (&raw mut (*o.cast::<PyTupleObject>()).ob_item).cast::<Obj>().offset(i)
    }
    /// What a description says, and descriptors for the fields.
    fn read(desc: *const PyStructSequence_Desc) -> (Known, *mut PyMemberDef) {
        let mut names = Vec::new();
        let mut members = Vec::new();
        let mut f = (*desc).fields;
        while !f.is_null() && !(*f).name.is_null() {
            let name = raw::text((*f).name);
            if name != "unnamed field" {
                // A field is an object that may be read.
                members.push(PyMemberDef {
                    name: (*f).name,
                    r#type: 6,
                    offset: (24 + 8 * names.len()) as Ssize,
                    flags: 1,
                    doc: (*f).doc,
                });
            }
            names.push(name);
            f = f.add(1);
        }
        members.push(std::mem::zeroed());
        let visible = (*desc).n_in_sequence as usize;
        (Known { names, visible }, Box::leak(members.into_boxed_slice()).as_mut_ptr())
    }
    /// Tells the type how many fields there are.
    fn finish(ty: TypeObj, k: Known) -> bool {
        let unnamed = k.names.iter().filter(|n| *n == "unnamed field").count();
        let d = (*ty).tp_dict;
        for (name, n) in [("n_sequence_fields", k.visible), ("n_fields", k.names.len()), ("n_unnamed_fields", unnamed)] {
            let (name, n) = (raw::unicode_from_str(name), raw::long_from_i64(n as i64));
            let r = crate::context::guest().dict_set(d, name, n);
            raw::decref(name);
            raw::decref(n);
            if r < 0 { return false }
        }
        let named: Vec<Obj> = k.names[..k.visible].iter().filter(|n| *n != "unnamed field").map(|n| raw::unicode_from_str(n)).collect();
        let args = raw::tuple_from(&named);
        named.into_iter().for_each(|n| raw::decref(n));
        let r = super::PyDict_SetItemString(d, c"__match_args__".as_ptr(), args);
        raw::decref(args);
        KNOWN.with_borrow_mut(|all| all.insert(ty as usize, k));
        super::PyType_Modified(ty);
        r == 0
    }
}
slot_functions! {
    fn structseq_new(ty: TypeObj, args: Obj, kw: Obj) -> Obj {
        let Some(k) = known(ty) else { errors::bad_call("structseq_new"); return NULL };
        let name = raw::text((*ty).tp_name);
        let (mut sequence, mut dict) = (NULL, NULL);
        let given = raw::tuple_items(args);
        if let Some(&s) = given.first() { sequence = s }
        if let Some(&d) = given.get(1) { dict = d }
        if !kw.is_null() {
            if sequence.is_null() { sequence = super::PyDict_GetItemString(kw, c"sequence".as_ptr()) }
            if dict.is_null() { dict = super::PyDict_GetItemString(kw, c"dict".as_ptr()) }
        }
        if sequence.is_null() || given.len() > 2 {
            errors::type_error(&format!("{name}() missing required argument 'sequence' (pos 1)"));
            return NULL;
        }
        let items = super::PySequence_Fast(sequence, c"constructor requires a sequence".as_ptr());
        if items.is_null() { return NULL }
        let n = (*items.cast::<PyVarObject>()).ob_size as usize;
        let (least, most) = (k.visible, k.names.len());
        let wrong = if least == most && n != least { Some(("a", least)) }
            else if n < least { Some(("an at least", least)) }
            else if n > most { Some(("an at most", most)) }
            else { None };
        if let Some((what, wanted)) = wrong {
            errors::type_error(&format!("{name}() takes {what} {wanted}-sequence ({n}-sequence given)"));
            raw::decref(items);
            return NULL;
        }
        let o = PyStructSequence_New(ty);
        let fast = if raw::has(items, type_flags::LIST) { raw::list_items(items) } else { raw::tuple_items(items) };
        for i in 0..most {
            let mut v = fast.get(i).copied().unwrap_or(NULL);
            if v.is_null() && !dict.is_null() {
                let field = raw::unicode_from_str(&k.names[i]);
                v = crate::context::guest().dict_get(dict, field);
                raw::decref(field);
            }
            *slot_of(o, i as Ssize) = raw::incref(if v.is_null() { data::none() } else { v });
        }
        raw::decref(items);
        o
    }
    fn structseq_repr(o: Obj) -> Obj {
        let Some(k) = known((*o).ob_type) else { errors::bad_call("structseq_repr"); return NULL };
        let mut text = raw::text((*(*o).ob_type).tp_name).into_bytes();
        text.push(b'(');
        for (i, name) in k.names[..k.visible].iter().enumerate() {
            let r = super::PyObject_Repr(*slot_of(o, i as Ssize));
            if r.is_null() { return NULL }
            if i > 0 { text.extend(b", ") }
            text.extend(name.as_bytes());
            text.push(b'=');
            text.extend(raw::unicode_to_wtf8(r));
            raw::decref(r);
        }
        text.push(b')');
        raw::unicode_from_wtf8(&text)
    }
    fn structseq_dealloc(o: Obj) {
        let ty = (*o).ob_type;
        let n = known(ty).map_or(0, |k| k.names.len());
        for i in 0..n { raw::xdecref(*slot_of(o, i as Ssize)) }
        crate::destructors::free_typed(o);
        if (*ty).tp_flags & type_flags::HEAP != 0 { raw::decref(ty.cast()) }
    }
}
api! {
    fn PyStructSequence_New(ty: TypeObj) -> Obj {
        let Some(k) = known(ty) else { errors::bad_call("PyStructSequence_New"); return NULL };
        let o = raw::new_object(ty, 24 + 8 * k.names.len().max(1));
        if !o.is_null() { (*o.cast::<PyVarObject>()).ob_size = k.visible as Ssize; }
        o
    }
    fn PyStructSequence_SetItem(o: Obj, i: Ssize, value: Obj) { *slot_of(o, i) = value; }
    fn PyStructSequence_GetItem(o: Obj, i: Ssize) -> Obj { *slot_of(o, i) }
    fn PyStructSequence_NewType(desc: *mut PyStructSequence_Desc) -> TypeObj {
        let (k, members) = read(desc);
        let slot = |slot: c_int, pfunc: *mut c_void| PyType_Slot { slot, pfunc };
        let number = |name: &str| super::slot_number(name).expect("a slot's name");
        let mut slots = vec![
            slot(BASE_SLOT, data::PyTuple_Type.get().cast()),
            slot(number("tp_dealloc"), structseq_dealloc as *mut c_void),
            slot(number("tp_repr"), structseq_repr as *mut c_void),
            slot(number("tp_new"), structseq_new as *mut c_void),
            slot(number("tp_members"), members.cast()),
        ];
        if !(*desc).doc.is_null() { slots.push(slot(DOC_SLOT, (*desc).doc.cast_mut().cast())) }
        slots.push(slot(0, std::ptr::null_mut()));
        let mut spec = PyType_Spec {
            name: (*desc).name,
            basicsize: 0,
            itemsize: 0,
            flags: (type_flags::BASE | 1 << 18) as c_uint,
            slots: slots.as_mut_ptr(),
        };
        let ty = super::PyType_FromSpec(&raw mut spec).cast::<PyTypeObject>();
        if ty.is_null() || !finish(ty, k) { return std::ptr::null_mut() }
        ty
    }
    fn PyStructSequence_InitType2(ty: TypeObj, desc: *mut PyStructSequence_Desc) -> c_int {
        let (k, members) = read(desc);
        (*ty).tp_name = (*desc).name;
        (*ty).tp_doc = (*desc).doc;
        (*ty).tp_base = data::PyTuple_Type.get();
        (*ty).tp_dealloc = Some(structseq_dealloc);
        (*ty).tp_repr = Some(structseq_repr);
        (*ty).tp_new = Some(structseq_new);
        (*ty).tp_members = members;
        (*ty).tp_flags |= 1 << 18;
        if super::PyType_Ready(ty) < 0 || !finish(ty, k) { return -1 }
        0
    }
    fn PyStructSequence_InitType(ty: TypeObj, desc: *mut PyStructSequence_Desc) { PyStructSequence_InitType2(ty, desc); }
}
