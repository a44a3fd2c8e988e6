//! The slots that a type fills, as methods of its class.

use super::foreign;
use super::slot_call::way;
use ouro_cpyext::abi::*;
use ouro_cpyext::api;
use ouro_py_objects::builtin::BuiltinDef;
use std::ffi::{c_int, c_void};

/// How a slot is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Unary,
    Next,
    Binary,
    Reflected,
    Power,
    Inquiry,
    Length,
    Hash,
    Compare(c_int),
    Call,
    Init,
    Subscript,
    Item,
    AssignSubscript,
    DeleteSubscript,
    AssignItem,
    DeleteItem,
    Contains,
    Repeat,
    GetAttribute,
    GetAttributeText,
    SetAttribute,
    DeleteAttribute,
    DescriptorGet,
    DescriptorSet,
    DescriptorDelete,
}
/// A slot of a type.
pub struct SlotData {
    pub f: *mut c_void,
    pub kind: Kind,
    pub name: &'static str,
}
/// Methods for the slots that a type fills and its base does not fill in the same way.
///
/// # Safety
/// `ty` is a type whose base is `base`.
pub unsafe fn slot_defs(ty: TypeObj, base: TypeObj) -> Vec<BuiltinDef> {
    let mut defs = Vec::new();
    let mut add = |name: &'static str, f: *mut c_void, kind: Kind| {
        let data: &'static SlotData = Box::leak(Box::new(SlotData { f, kind, name }));
        defs.push(foreign(name, way(kind), std::ptr::from_ref(data) as usize));
    };
    macro_rules! own {
        ($f:ident) => {{
            let mine = (*ty).$f.map_or(std::ptr::null_mut(), |f| f as *mut c_void);
            let inherited = (*base)
                .$f
                .map_or(std::ptr::null_mut(), |f| f as *mut c_void);
            if mine == inherited {
                std::ptr::null_mut()
            } else {
                mine
            }
        }};
    }
    macro_rules! slots { ($($f:ident $kind:expr, $name:literal;)*) => { $({
        let f = own!($f);
        if !f.is_null() { add($name, f, $kind) }
    })* }; }
    slots! {
        tp_repr Kind::Unary, "__repr__"; tp_str Kind::Unary, "__str__"; tp_hash Kind::Hash, "__hash__";
        tp_call Kind::Call, "__call__"; tp_iter Kind::Unary, "__iter__"; tp_iternext Kind::Next, "__next__";
        tp_init Kind::Init, "__init__"; tp_descr_get Kind::DescriptorGet, "__get__";
    }
    for (i, name) in ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"]
        .into_iter()
        .enumerate()
    {
        let f = own!(tp_richcompare);
        if !f.is_null() {
            add(name, f, Kind::Compare(i as c_int));
        }
    }
    let generic = |f: *mut c_void, g: usize| f as usize == g;
    let f = own!(tp_getattro);
    if !f.is_null() && !generic(f, api::PyObject_GenericGetAttr as *const () as usize) {
        add("__getattribute__", f, Kind::GetAttribute);
    } else if f.is_null()
        && (*ty).tp_getattro.is_none()
        && let Some(f) = (*ty).tp_getattr
    {
        add("__getattribute__", f as *mut c_void, Kind::GetAttributeText);
    }
    let f = own!(tp_setattro);
    if !f.is_null() && !generic(f, api::PyObject_GenericSetAttr as *const () as usize) {
        add("__setattr__", f, Kind::SetAttribute);
        add("__delattr__", f, Kind::DeleteAttribute);
    }
    let f = own!(tp_descr_set);
    if !f.is_null() {
        add("__set__", f, Kind::DescriptorSet);
        add("__delete__", f, Kind::DescriptorDelete);
    }
    macro_rules! table { ($table:expr; $($f:ident $kind:expr, $name:literal;)*) => {
        if let Some(t) = $table.as_ref() { $(
            if let Some(f) = t.$f { add($name, f as *mut c_void, $kind) }
        )* }
    }; }
    let number = (*ty).tp_as_number;
    table! { number;
        nb_add Kind::Binary, "__add__"; nb_add Kind::Reflected, "__radd__";
        nb_subtract Kind::Binary, "__sub__"; nb_subtract Kind::Reflected, "__rsub__";
        nb_multiply Kind::Binary, "__mul__"; nb_multiply Kind::Reflected, "__rmul__";
        nb_remainder Kind::Binary, "__mod__"; nb_remainder Kind::Reflected, "__rmod__";
        nb_divmod Kind::Binary, "__divmod__"; nb_divmod Kind::Reflected, "__rdivmod__";
        nb_lshift Kind::Binary, "__lshift__"; nb_lshift Kind::Reflected, "__rlshift__";
        nb_rshift Kind::Binary, "__rshift__"; nb_rshift Kind::Reflected, "__rrshift__";
        nb_and Kind::Binary, "__and__"; nb_and Kind::Reflected, "__rand__";
        nb_xor Kind::Binary, "__xor__"; nb_xor Kind::Reflected, "__rxor__";
        nb_or Kind::Binary, "__or__"; nb_or Kind::Reflected, "__ror__";
        nb_floor_divide Kind::Binary, "__floordiv__"; nb_floor_divide Kind::Reflected, "__rfloordiv__";
        nb_true_divide Kind::Binary, "__truediv__"; nb_true_divide Kind::Reflected, "__rtruediv__";
        nb_matrix_multiply Kind::Binary, "__matmul__"; nb_matrix_multiply Kind::Reflected, "__rmatmul__";
        nb_power Kind::Power, "__pow__";
        nb_inplace_add Kind::Binary, "__iadd__"; nb_inplace_subtract Kind::Binary, "__isub__";
        nb_inplace_multiply Kind::Binary, "__imul__"; nb_inplace_remainder Kind::Binary, "__imod__";
        nb_inplace_lshift Kind::Binary, "__ilshift__"; nb_inplace_rshift Kind::Binary, "__irshift__";
        nb_inplace_and Kind::Binary, "__iand__"; nb_inplace_xor Kind::Binary, "__ixor__"; nb_inplace_or Kind::Binary, "__ior__";
        nb_inplace_floor_divide Kind::Binary, "__ifloordiv__"; nb_inplace_true_divide Kind::Binary, "__itruediv__";
        nb_negative Kind::Unary, "__neg__"; nb_positive Kind::Unary, "__pos__"; nb_absolute Kind::Unary, "__abs__";
        nb_invert Kind::Unary, "__invert__"; nb_bool Kind::Inquiry, "__bool__"; nb_int Kind::Unary, "__int__";
        nb_float Kind::Unary, "__float__"; nb_index Kind::Unary, "__index__";
    }
    let sequence = (*ty).tp_as_sequence;
    let mapping = (*ty).tp_as_mapping;
    let maps = mapping.as_ref().is_some_and(|m| m.mp_subscript.is_some());
    let maps_assign = mapping
        .as_ref()
        .is_some_and(|m| m.mp_ass_subscript.is_some());
    let maps_length = mapping.as_ref().is_some_and(|m| m.mp_length.is_some());
    let adds = number.as_ref().is_some_and(|n| n.nb_add.is_some());
    let multiplies = number.as_ref().is_some_and(|n| n.nb_multiply.is_some());
    table! { mapping;
        mp_length Kind::Length, "__len__"; mp_subscript Kind::Subscript, "__getitem__";
        mp_ass_subscript Kind::AssignSubscript, "__setitem__"; mp_ass_subscript Kind::DeleteSubscript, "__delitem__";
    }
    table! { sequence; sq_contains Kind::Contains, "__contains__"; }
    if !maps_length {
        table! { sequence; sq_length Kind::Length, "__len__"; }
    }
    if !maps {
        table! { sequence; sq_item Kind::Item, "__getitem__"; }
    }
    if !maps_assign {
        table! { sequence; sq_ass_item Kind::AssignItem, "__setitem__"; sq_ass_item Kind::DeleteItem, "__delitem__"; }
    }
    if !adds {
        table! { sequence; sq_concat Kind::Binary, "__add__"; sq_inplace_concat Kind::Binary, "__iadd__"; }
    }
    if !multiplies {
        table! { sequence; sq_repeat Kind::Repeat, "__mul__"; sq_repeat Kind::Repeat, "__rmul__";
        sq_inplace_repeat Kind::Repeat, "__imul__"; }
    }
    defs
}
