//! Slots of builtin types. A type of C that inherits from `list` calls `PyList_Type.tp_repr(self)` inside its own `tp_repr`:
//! so these functions do not look into the object's class, where they would find the caller again, but call the method of
//! the builtin type that the object's type inherits from.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::guest::Text;
use crate::raw;
use std::ffi::{c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// The nearest builtin type: neither made by a class statement nor by an extension.
    pub fn builtin_base(ty: TypeObj) -> TypeObj {
        let mut t = ty;
        while !t.is_null() && ((*t).tp_flags & type_flags::HEAP != 0 || !(*t).tp_cache.is_null()) { t = (*t).tp_base }
        if t.is_null() { data::PyBaseObject_Type.get() } else { t }
    }
    /// Whether an object is an instance of a builtin type itself: then there is no method to be skipped.
    fn is_exact(o: Obj) -> bool { builtin_base((*o).ob_type) == (*o).ob_type }
    /// A method of a builtin type; NULL without an exception if it has none.
    fn method(ty: TypeObj, name: &str) -> Obj {
        let name = raw::unicode_from_str(name);
        let f = guest().find_attr(ty.cast(), name);
        raw::decref(name);
        f
    }
    /// `T.name(*args)` for the builtin type of the first argument.
    fn unbound(name: &str, args: &[Obj]) -> Obj {
        let ty = builtin_base((*args[0]).ob_type);
        let f = method(ty, name);
        if f.is_null() {
            if !crate::errors::occurred() {
                let text = format!("type object '{}' has no attribute '{name}'", raw::name_of(ty));
                crate::errors::set_text(data::PyExc_AttributeError.get(), &text);
            }
            return NULL;
        }
        let r = guest().call(f, args, NULL);
        raw::decref(f);
        r
    }
    /// A binary operator, of the type of either argument.
    fn binary(name: &str, reflected: &str, a: Obj, b: Obj) -> Obj {
        for (o, other, name) in [(a, b, name), (b, a, reflected)] {
            let f = method(builtin_base((*o).ob_type), name);
            if f.is_null() {
                if crate::errors::occurred() { return NULL }
                continue;
            }
            let r = guest().call(f, &[o, other], NULL);
            raw::decref(f);
            // The slot may belong to the type of the other argument.
            if r != data::_Py_NotImplementedStruct.get().cast() { return r }
            raw::decref(r);
        }
        raw::incref(data::_Py_NotImplementedStruct.get().cast())
    }
    fn size(r: Obj) -> Ssize {
        if r.is_null() { return -1 }
        let n = super::PyLong_AsSsize_t(r);
        raw::decref(r);
        n
    }
    fn truth(r: Obj) -> c_int {
        if r.is_null() { return -1 }
        let v = super::PyObject_IsTrue(r);
        raw::decref(r);
        v
    }
    /// Calls a method with a number.
    fn with_number(name: &str, o: Obj, i: Ssize, value: Obj) -> Obj {
        let i = raw::long_from_i64(i as i64);
        let r = match value.is_null() { true => unbound(name, &[o, i]), false => unbound(name, &[o, i, value]) };
        raw::decref(i);
        r
    }
    /// What follows `self` in a call with a tuple and a dict.
    fn with_tuple(f: Obj, first: Obj, args: Obj, kw: Obj) -> Obj {
        if f.is_null() { return NULL }
        let mut all = vec![first];
        if !args.is_null() { all.extend_from_slice(raw::tuple_items(args)) }
        let r = super::call_with_dict(f, &all, kw);
        raw::decref(f);
        r
    }
}
macro_rules! operators {
    ($($slot:ident $f:ident $name:literal $reflected:literal;)*) => {
        slot_functions! { $(fn $f(a: Obj, b: Obj) -> Obj { binary($name, $reflected, a, b) })* }
        fn operator(slot: &str) -> Option<*mut c_void> {
            match slot { $(stringify!($slot) => Some($f as *mut c_void),)* _ => None }
        }
    };
}
operators! {
    nb_add add "__add__" "__radd__"; nb_subtract subtract "__sub__" "__rsub__"; nb_multiply multiply "__mul__" "__rmul__";
    nb_remainder remainder "__mod__" "__rmod__"; nb_divmod divmod "__divmod__" "__rdivmod__";
    nb_lshift lshift "__lshift__" "__rlshift__"; nb_rshift rshift "__rshift__" "__rrshift__";
    nb_and and "__and__" "__rand__"; nb_xor xor "__xor__" "__rxor__"; nb_or or "__or__" "__ror__";
    nb_floor_divide floor_divide "__floordiv__" "__rfloordiv__"; nb_true_divide true_divide "__truediv__" "__rtruediv__";
    nb_matrix_multiply matrix_multiply "__matmul__" "__rmatmul__";
}
macro_rules! unbound_slots {
    ($($slot:ident $f:ident($($a:ident),*) $name:literal;)*) => {
        slot_functions! { $(fn $f($($a: Obj),*) -> Obj { unbound($name, &[$($a),*]) })* }
        fn method_slot(slot: &str) -> Option<*mut c_void> {
            match slot { $(stringify!($slot) => Some($f as *mut c_void),)* _ => None }
        }
    };
}
unbound_slots! {
    nb_inplace_add inplace_add(a, b) "__iadd__"; nb_inplace_subtract inplace_subtract(a, b) "__isub__";
    nb_inplace_multiply inplace_multiply(a, b) "__imul__"; nb_inplace_and inplace_and(a, b) "__iand__";
    nb_inplace_xor inplace_xor(a, b) "__ixor__"; nb_inplace_or inplace_or(a, b) "__ior__";
    nb_negative negative(a) "__neg__"; nb_positive positive(a) "__pos__"; nb_absolute absolute(a) "__abs__";
    nb_invert invert(a) "__invert__"; nb_int int(a) "__int__"; nb_float float(a) "__float__"; nb_index index(a) "__index__";
    sq_concat concat(a, b) "__add__"; sq_inplace_concat inplace_concat(a, b) "__iadd__";
    am_await await_(a) "__await__"; am_aiter aiter(a) "__aiter__"; am_anext anext(a) "__anext__";
}
slot_functions! {
    fn repr(o: Obj) -> Obj { if is_exact(o) { guest().text(Text::Repr, o) } else { unbound("__repr__", &[o]) } }
    fn str_(o: Obj) -> Obj { if is_exact(o) { guest().text(Text::Str, o) } else { unbound("__str__", &[o]) } }
    fn hash(o: Obj) -> Ssize { if is_exact(o) { guest().hash(o) } else { size(unbound("__hash__", &[o])) } }
    fn call(o: Obj, args: Obj, kw: Obj) -> Obj {
        if is_exact(o) { return super::PyObject_Call(o, args, kw) }
        with_tuple(method(builtin_base((*o).ob_type), "__call__"), o, args, kw)
    }
    fn getattro(o: Obj, name: Obj) -> Obj {
        if is_exact(o) { guest().get_attr(o, name) } else { unbound("__getattribute__", &[o, name]) }
    }
    fn setattro(o: Obj, name: Obj, value: Obj) -> c_int {
        if is_exact(o) { return guest().set_attr(o, name, value) }
        super::done(match value.is_null() {
            true => unbound("__delattr__", &[o, name]),
            false => unbound("__setattr__", &[o, name, value]),
        })
    }
    fn richcompare(a: Obj, b: Obj, op: c_int) -> Obj {
        match ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"].get(op as usize) {
            Some(name) => unbound(name, &[a, b]),
            None => { crate::errors::bad_call("tp_richcompare"); NULL }
        }
    }
    fn iter(o: Obj) -> Obj { if is_exact(o) { guest().iter(o) } else { unbound("__iter__", &[o]) } }
    fn iternext(o: Obj) -> Obj {
        if is_exact(o) { return guest().next(o) }
        let r = unbound("__next__", &[o]);
        if r.is_null() && crate::errors::matches(super::PyErr_Occurred(), *data::PyExc_StopIteration.get()) {
            crate::errors::clear();
        }
        r
    }
    fn length(o: Obj) -> Ssize { if is_exact(o) { guest().len(o) } else { size(unbound("__len__", &[o])) } }
    fn subscript(o: Obj, key: Obj) -> Obj {
        if is_exact(o) { guest().get_item(o, key) } else { unbound("__getitem__", &[o, key]) }
    }
    fn ass_subscript(o: Obj, key: Obj, value: Obj) -> c_int {
        if is_exact(o) { return guest().set_item(o, key, value) }
        super::done(match value.is_null() {
            true => unbound("__delitem__", &[o, key]),
            false => unbound("__setitem__", &[o, key, value]),
        })
    }
    fn item(o: Obj, i: Ssize) -> Obj { with_number("__getitem__", o, i, NULL) }
    fn ass_item(o: Obj, i: Ssize, value: Obj) -> c_int {
        super::done(with_number(if value.is_null() { "__delitem__" } else { "__setitem__" }, o, i, value))
    }
    fn contains(o: Obj, item: Obj) -> c_int {
        if is_exact(o) { guest().contains(o, item) } else { truth(unbound("__contains__", &[o, item])) }
    }
    fn repeat(o: Obj, n: Ssize) -> Obj { with_number("__mul__", o, n, NULL) }
    fn inplace_repeat(o: Obj, n: Ssize) -> Obj { with_number("__imul__", o, n, NULL) }
    fn bool_(o: Obj) -> c_int { if is_exact(o) { guest().truth(o) } else { truth(unbound("__bool__", &[o])) } }
    fn power(a: Obj, b: Obj, c: Obj) -> Obj {
        match c == data::none() { true => binary("__pow__", "__rpow__", a, b), false => unbound("__pow__", &[a, b, c]) }
    }
    fn descr_get(o: Obj, of: Obj, class: Obj) -> Obj {
        let or_none = |o: Obj| if o.is_null() { data::none() } else { o };
        unbound("__get__", &[o, or_none(of), or_none(class)])
    }
    fn descr_set(o: Obj, of: Obj, value: Obj) -> c_int {
        super::done(match value.is_null() {
            true => unbound("__delete__", &[o, of]),
            false => unbound("__set__", &[o, of, value]),
        })
    }
    /// `tp_new`, for a subtype too.
    fn new(ty: TypeObj, args: Obj, kw: Obj) -> Obj {
        let base = builtin_base(ty);
        with_tuple(method(base, "__new__"), ty.cast(), args, kw)
    }
    /// `tp_init`, for instances of subtypes too.
    fn init(o: Obj, args: Obj, kw: Obj) -> c_int {
        super::done(with_tuple(method(builtin_base((*o).ob_type), "__init__"), o, args, kw))
    }
    /// The interpreter's collector looks into objects of builtin types by itself.
    fn bytes_getbuffer(o: Obj, view: *mut Py_buffer, flags: c_int) -> c_int {
        super::PyBuffer_FillInfo(view, o, raw::bytes_data(o).cast(), (*o.cast::<PyVarObject>()).ob_size, 1, flags)
    }
}
/// The function for a slot of a builtin type. None: it stays as it is.
pub fn builtin_slot(ty: TypeObj, slot: &str) -> Option<*mut c_void> {
    Some(match slot {
        "tp_repr" => repr as *mut c_void,
        "tp_str" => str_ as *mut c_void,
        "tp_hash" => hash as *mut c_void,
        "tp_call" => call as *mut c_void,
        "tp_getattro" if ty == data::PyBaseObject_Type.get() => {
            super::PyObject_GenericGetAttr as *mut c_void
        }
        "tp_setattro" if ty == data::PyBaseObject_Type.get() => {
            super::PyObject_GenericSetAttr as *mut c_void
        }
        "tp_getattro" => getattro as *mut c_void,
        "tp_setattro" => setattro as *mut c_void,
        "tp_richcompare" => richcompare as *mut c_void,
        "tp_iter" => iter as *mut c_void,
        "tp_iternext" => iternext as *mut c_void,
        "tp_descr_get" => descr_get as *mut c_void,
        "tp_descr_set" => descr_set as *mut c_void,
        "tp_new" if ty == data::PyBaseObject_Type.get() => super::PyType_GenericNew as *mut c_void,
        "tp_new" => new as *mut c_void,
        "tp_init" => init as *mut c_void,
        "tp_traverse" => crate::traverse::builtin_traverse(ty) as *mut c_void,
        "tp_clear" => crate::traverse::builtin_clear(ty) as *mut c_void,
        "mp_length" | "sq_length" => length as *mut c_void,
        "mp_subscript" => subscript as *mut c_void,
        "mp_ass_subscript" => ass_subscript as *mut c_void,
        "sq_item" => item as *mut c_void,
        "sq_ass_item" => ass_item as *mut c_void,
        "sq_contains" => contains as *mut c_void,
        "sq_repeat" => repeat as *mut c_void,
        "sq_inplace_repeat" => inplace_repeat as *mut c_void,
        "nb_bool" => bool_ as *mut c_void,
        "nb_power" => power as *mut c_void,
        "bf_getbuffer" if ty == data::PyBytes_Type.get() => bytes_getbuffer as *mut c_void,
        "bf_getbuffer" if ty == data::PyByteArray_Type.get() => {
            super::bytearray_getbuffer as *mut c_void
        }
        "bf_releasebuffer" if ty == data::PyByteArray_Type.get() => {
            super::bytearray_releasebuffer as *mut c_void
        }
        "bf_getbuffer" if ty == data::PyMemoryView_Type.get() => {
            super::memoryview_getbuffer as *mut c_void
        }
        "bf_releasebuffer" if ty == data::PyMemoryView_Type.get() => {
            super::memoryview_releasebuffer as *mut c_void
        }
        _ => operator(slot).or_else(|| method_slot(slot))?,
    })
}
inner! {
    /// Fills the slots that a list names, with those of its tables in braces after the tables' names.
    pub fn fill_builtin_slots(ty: TypeObj, names: &str) {
        for name in names.split([' ', '{', '}']).filter(|n| !n.is_empty()) {
            if let Some(n) = super::slot_number(name) && let Some(f) = builtin_slot(ty, name) {
                super::slot_set(ty, n, f);
            }
        }
    }
}
