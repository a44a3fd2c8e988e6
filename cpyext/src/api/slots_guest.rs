//! Slots of classes of the interpreter: each asks the interpreter, which looks the special method up in the object's class.
//! C finds them in the types of classes that define the method.

use crate::abi::*;
use crate::context::guest;
use crate::guest::{BinaryOp, Text, UnaryOp};
use crate::raw;
use std::ffi::{c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

macro_rules! operators {
    ($($slot:ident $name:ident $op:ident $in_place:literal;)*) => {
        slot_functions! { $(fn $name(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::$op, $in_place, a, b) })* }
        fn operator(slot: &str) -> Option<*mut c_void> {
            match slot { $(stringify!($slot) => Some($name as *mut c_void),)* _ => None }
        }
    };
}
operators! {
    nb_add add Add false; nb_subtract subtract Sub false; nb_multiply multiply Mul false; nb_remainder remainder Mod false;
    nb_divmod divmod DivMod false; nb_lshift lshift LShift false; nb_rshift rshift RShift false; nb_and and And false;
    nb_xor xor Xor false; nb_or or Or false; nb_floor_divide floor_divide FloorDiv false;
    nb_true_divide true_divide TrueDiv false; nb_matrix_multiply matrix_multiply MatMul false;
    nb_inplace_add inplace_add Add true; nb_inplace_subtract inplace_subtract Sub true;
    nb_inplace_multiply inplace_multiply Mul true; nb_inplace_remainder inplace_remainder Mod true;
    nb_inplace_lshift inplace_lshift LShift true; nb_inplace_rshift inplace_rshift RShift true;
    nb_inplace_and inplace_and And true; nb_inplace_xor inplace_xor Xor true; nb_inplace_or inplace_or Or true;
    nb_inplace_floor_divide inplace_floor_divide FloorDiv true; nb_inplace_true_divide inplace_true_divide TrueDiv true;
    nb_inplace_matrix_multiply inplace_matrix_multiply MatMul true;
    sq_concat concat Add false; sq_inplace_concat inplace_concat Add true;
}
macro_rules! unary {
    ($($slot:ident $name:ident $op:ident;)*) => {
        slot_functions! { $(fn $name(a: Obj) -> Obj { guest().unary(UnaryOp::$op, a) })* }
        fn unary(slot: &str) -> Option<*mut c_void> {
            match slot { $(stringify!($slot) => Some($name as *mut c_void),)* _ => None }
        }
    };
}
unary! {
    nb_negative negative Neg; nb_positive positive Pos; nb_absolute absolute Abs; nb_invert invert Invert; nb_int int Int;
    nb_float float Float; nb_index index Index;
}
slot_functions! {
    fn repr(o: Obj) -> Obj { guest().text(Text::Repr, o) }
    fn str_(o: Obj) -> Obj { guest().text(Text::Str, o) }
    fn hash(o: Obj) -> Ssize { guest().hash(o) }
    fn call(o: Obj, args: Obj, kw: Obj) -> Obj { super::PyObject_Call(o, args, kw) }
    fn getattro(o: Obj, name: Obj) -> Obj { guest().get_attr(o, name) }
    fn setattro(o: Obj, name: Obj, value: Obj) -> c_int { guest().set_attr(o, name, value) }
    fn richcompare(a: Obj, b: Obj, op: c_int) -> Obj { guest().compare(op, a, b) }
    fn iter(o: Obj) -> Obj { guest().iter(o) }
    fn iternext(o: Obj) -> Obj { guest().next(o) }
    fn length(o: Obj) -> Ssize { guest().len(o) }
    fn subscript(o: Obj, key: Obj) -> Obj { guest().get_item(o, key) }
    fn ass_subscript(o: Obj, key: Obj, value: Obj) -> c_int { guest().set_item(o, key, value) }
    fn item(o: Obj, i: Ssize) -> Obj { super::PySequence_GetItem(o, i) }
    fn ass_item(o: Obj, i: Ssize, value: Obj) -> c_int { super::PySequence_SetItem(o, i, value) }
    fn contains(o: Obj, item: Obj) -> c_int { guest().contains(o, item) }
    fn repeat(o: Obj, n: Ssize) -> Obj { super::PySequence_Repeat(o, n) }
    fn bool_(o: Obj) -> c_int { guest().truth(o) }
    fn power(a: Obj, b: Obj, c: Obj) -> Obj { super::PyNumber_Power(a, b, c) }
    fn inplace_power(a: Obj, b: Obj, c: Obj) -> Obj { super::PyNumber_InPlacePower(a, b, c) }
    fn descr_get(o: Obj, of: Obj, class: Obj) -> Obj {
        let or_none = |o: Obj| if o.is_null() { crate::data::none() } else { o };
        guest().call_method(o, "__get__", &[or_none(of), or_none(class)])
    }
    fn descr_set(o: Obj, of: Obj, value: Obj) -> c_int {
        done(match value.is_null() {
            true => guest().call_method(o, "__delete__", &[of]),
            false => guest().call_method(o, "__set__", &[of, value]),
        })
    }
    fn await_(o: Obj) -> Obj { guest().call_method(o, "__await__", &[]) }
    fn aiter(o: Obj) -> Obj { guest().call_method(o, "__aiter__", &[]) }
    fn anext(o: Obj) -> Obj { guest().call_method(o, "__anext__", &[]) }
    fn new(ty: TypeObj, args: Obj, kw: Obj) -> Obj {
        let new = super::PyObject_GetAttrString(ty.cast(), c"__new__".as_ptr());
        if new.is_null() { return NULL }
        let mut all = vec![ty.cast()];
        if !args.is_null() { all.extend_from_slice(raw::tuple_items(args)) }
        let r = super::call_with_dict(new, &all, kw);
        raw::decref(new);
        r
    }
    fn init(o: Obj, args: Obj, kw: Obj) -> c_int {
        let init = super::PyObject_GetAttrString(o, c"__init__".as_ptr());
        if init.is_null() { return -1 }
        let all = if args.is_null() { &[][..] } else { raw::tuple_items(args) };
        let r = super::call_with_dict(init, all, kw);
        raw::decref(init);
        done(r)
    }
}
inner! {
    /// Drops a result that only says whether there was an exception.
    pub(crate) fn done(r: Obj) -> c_int {
        if r.is_null() { return -1 }
        raw::decref(r);
        0
    }
}
/// The special methods of which one must be there for a slot of a class, and the function for the slot. None: classes of the
/// interpreter do not fill it.
pub fn guest_slot(n: c_int) -> Option<(&'static [&'static str], *mut c_void)> {
    let name = super::slot_name(n);
    let methods: &[&str] = methods_of(name)?;
    let f = match name {
        "tp_repr" => repr as *mut c_void,
        "tp_str" => str_ as *mut c_void,
        "tp_hash" => hash as *mut c_void,
        "tp_call" => call as *mut c_void,
        "tp_getattro" => getattro as *mut c_void,
        "tp_setattro" => setattro as *mut c_void,
        "tp_richcompare" => richcompare as *mut c_void,
        "tp_iter" => iter as *mut c_void,
        "tp_iternext" => iternext as *mut c_void,
        "tp_descr_get" => descr_get as *mut c_void,
        "tp_descr_set" => descr_set as *mut c_void,
        "tp_new" => new as *mut c_void,
        "tp_init" => init as *mut c_void,
        "mp_length" | "sq_length" => length as *mut c_void,
        "mp_subscript" => subscript as *mut c_void,
        "mp_ass_subscript" => ass_subscript as *mut c_void,
        "sq_item" => item as *mut c_void,
        "sq_ass_item" => ass_item as *mut c_void,
        "sq_contains" => contains as *mut c_void,
        "sq_repeat" => repeat as *mut c_void,
        "nb_bool" => bool_ as *mut c_void,
        "nb_power" => power as *mut c_void,
        "nb_inplace_power" => inplace_power as *mut c_void,
        "am_await" => await_ as *mut c_void,
        "am_aiter" => aiter as *mut c_void,
        "am_anext" => anext as *mut c_void,
        _ => operator(name).or_else(|| unary(name))?,
    };
    Some((methods, f))
}
/// What stands in a slot whose special method is `None`.
pub fn refusing_slot(n: c_int) -> *mut c_void {
    match super::slot_name(n) {
        "tp_hash" => super::PyObject_HashNotImplemented as *mut c_void,
        _ => std::ptr::null_mut(),
    }
}
/// Special methods of slots, as in CPython's documentation of type objects. Reflected operators share the slots of the others;
/// sequence concatenation and repetition belong to C only.
fn methods_of(slot: &str) -> Option<&'static [&'static str]> {
    Some(match slot {
        "tp_repr" => &["__repr__"],
        "tp_str" => &["__str__"],
        "tp_hash" => &["__hash__"],
        "tp_call" => &["__call__"],
        "tp_getattro" => &["__getattribute__", "__getattr__"],
        "tp_setattro" => &["__setattr__", "__delattr__"],
        "tp_richcompare" => &["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"],
        "tp_iter" => &["__iter__"],
        "tp_iternext" => &["__next__"],
        "tp_descr_get" => &["__get__"],
        "tp_descr_set" => &["__set__", "__delete__"],
        "tp_new" => &["__new__"],
        "tp_init" => &["__init__"],
        "mp_length" | "sq_length" => &["__len__"],
        "mp_subscript" | "sq_item" => &["__getitem__"],
        "mp_ass_subscript" | "sq_ass_item" => &["__setitem__", "__delitem__"],
        "sq_contains" => &["__contains__"],
        "am_await" => &["__await__"],
        "am_aiter" => &["__aiter__"],
        "am_anext" => &["__anext__"],
        "nb_bool" => &["__bool__"],
        "nb_int" => &["__int__"],
        "nb_float" => &["__float__"],
        "nb_index" => &["__index__"],
        "nb_negative" => &["__neg__"],
        "nb_positive" => &["__pos__"],
        "nb_absolute" => &["__abs__"],
        "nb_invert" => &["__invert__"],
        "nb_add" => &["__add__", "__radd__"],
        "nb_subtract" => &["__sub__", "__rsub__"],
        "nb_multiply" => &["__mul__", "__rmul__"],
        "nb_remainder" => &["__mod__", "__rmod__"],
        "nb_divmod" => &["__divmod__", "__rdivmod__"],
        "nb_power" => &["__pow__", "__rpow__"],
        "nb_lshift" => &["__lshift__", "__rlshift__"],
        "nb_rshift" => &["__rshift__", "__rrshift__"],
        "nb_and" => &["__and__", "__rand__"],
        "nb_xor" => &["__xor__", "__rxor__"],
        "nb_or" => &["__or__", "__ror__"],
        "nb_floor_divide" => &["__floordiv__", "__rfloordiv__"],
        "nb_true_divide" => &["__truediv__", "__rtruediv__"],
        "nb_matrix_multiply" => &["__matmul__", "__rmatmul__"],
        "nb_inplace_add" => &["__iadd__"],
        "nb_inplace_subtract" => &["__isub__"],
        "nb_inplace_multiply" => &["__imul__"],
        "nb_inplace_remainder" => &["__imod__"],
        "nb_inplace_power" => &["__ipow__"],
        "nb_inplace_lshift" => &["__ilshift__"],
        "nb_inplace_rshift" => &["__irshift__"],
        "nb_inplace_and" => &["__iand__"],
        "nb_inplace_xor" => &["__ixor__"],
        "nb_inplace_or" => &["__ior__"],
        "nb_inplace_floor_divide" => &["__ifloordiv__"],
        "nb_inplace_true_divide" => &["__itruediv__"],
        "nb_inplace_matrix_multiply" => &["__imatmul__"],
        _ => return None,
    })
}
