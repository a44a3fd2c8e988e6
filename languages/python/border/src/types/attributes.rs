//! Attributes of types that lie in structures of C, or that C computes.

use crate::convert::{result, take, take_error, to_raw};
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, raw};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{ForeignAttribute, GetSetDef};
use ouro_py_objects::{Class, Errors, PyResult, Vm, make_class};

/// Puts descriptors for `tp_members` and `tp_getset` into the namespace of a class, except for names that are there.
///
/// # Safety
/// The tables live as long as the type, that is for ever.
pub unsafe fn add(vm: &'static Vm, class: &'static Class, ty: TypeObj, put: &[Gc]) {
    let mut defs = Vec::new();
    let mut m = (*ty).tp_members;
    while !m.is_null() && !(*m).name.is_null() {
        let foreign = ForeignAttribute {
            get: read_member,
            set: write_member,
            word: m as usize,
        };
        defs.push(definition((*m).name, (*m).doc, true, foreign));
        m = m.add(1);
    }
    let mut g = (*ty).tp_getset;
    while !g.is_null() && !(*g).name.is_null() {
        let foreign = ForeignAttribute {
            get: compute,
            set: assign,
            word: g as usize,
        };
        defs.push(definition((*g).name, (*g).doc, false, foreign));
        g = g.add(1);
    }
    // Offsets that a specification gives as members are no attributes.
    defs.retain(|d| {
        let name = ouro_py_objects::str::intern(vm, d.name);
        let hidden = [
            "__dictoffset__",
            "__weaklistoffset__",
            "__vectorcalloffset__",
        ];
        !put.contains(&name) && !hidden.contains(&d.name)
    });
    make_class::add_members(vm, class, &[], Box::leak(defs.into_boxed_slice()));
}
unsafe fn definition(
    name: *const std::ffi::c_char,
    doc: *const std::ffi::c_char,
    member: bool,
    foreign: ForeignAttribute,
) -> GetSetDef {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    GetSetDef::foreign(leak(raw::text(name)), leak(raw::text(doc)), member, foreign)
}
/// What a function of C that returns a number said.
fn done(vm: &'static Vm, r: i32) -> PyResult<()> {
    match r < 0 {
        true => Err(take_error(vm)),
        false => Ok(()),
    }
}
fn read_member(vm: &'static Vm, word: usize, object: Gc) -> PyResult {
    // SAFETY: the word is a definition, which lives for ever; the descriptor checked that the object has the field.
    unsafe {
        let o = to_raw(vm, object);
        let r = api::member_get(o, &*(word as *const PyMemberDef));
        let r = match r.is_null() {
            true => Err(take_error(vm)),
            false => Ok(take(vm, r)),
        };
        raw::decref(o);
        r
    }
}
fn write_member(vm: &'static Vm, word: usize, object: Gc, value: Gc) -> PyResult<()> {
    // SAFETY: as above.
    unsafe {
        let (o, v) = (to_raw(vm, object), value_to_raw(vm, value));
        let r = context::call_into_c(|| api::member_set(o, &*(word as *const PyMemberDef), v));
        raw::decref(o);
        raw::xdecref(v);
        done(vm, r)
    }
}
fn value_to_raw(vm: &'static Vm, value: Gc) -> Obj {
    match value.is_null() {
        true => std::ptr::null_mut(),
        false => to_raw(vm, value),
    }
}
fn refusal(vm: &'static Vm, g: &PyGetSetDef, object: Gc, what: &str) -> Gc {
    // SAFETY: names are texts of C.
    let name = unsafe { raw::text(g.name) };
    let class = ouro_py_objects::type_of(vm, object).text();
    vm.attribute_error(format_args!(
        "attribute '{name}' of '{class}' objects is not {what}"
    ))
}
fn compute(vm: &'static Vm, word: usize, object: Gc) -> PyResult {
    // SAFETY: the word is a definition, which lives for ever.
    unsafe {
        let g = &*(word as *const PyGetSetDef);
        let Some(get) = g.get else {
            return Err(refusal(vm, g, object, "readable"));
        };
        let o = to_raw(vm, object);
        let r = context::call_into_c(|| get(o, g.closure));
        let r = result(vm, r, || raw::text(g.name));
        raw::decref(o);
        r
    }
}
fn assign(vm: &'static Vm, word: usize, object: Gc, value: Gc) -> PyResult<()> {
    // SAFETY: as above.
    unsafe {
        let g = &*(word as *const PyGetSetDef);
        let Some(set) = g.set else {
            return Err(refusal(vm, g, object, "writable"));
        };
        let (o, v) = (to_raw(vm, object), value_to_raw(vm, value));
        let r = context::call_into_c(|| set(o, v, g.closure));
        raw::decref(o);
        raw::xdecref(v);
        done(vm, r)
    }
}
