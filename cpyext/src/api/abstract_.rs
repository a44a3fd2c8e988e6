//! `abstract.h`: calls, numbers, sequences, mappings, iterators, buffers.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::guest::{BinaryOp, UnaryOp};
use crate::raw;
use crate::varargs::{VaList, next_pointer};
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();
const OFFSET: usize = 1 << 63;

inner! {
    /// The arguments until NULL.
    fn objects(list: *mut VaList) -> Vec<Obj> {
        let mut all = Vec::new();
        loop {
            let o = next_pointer(list).cast::<PyObject>();
            if o.is_null() { return all }
            all.push(o);
        }
    }
    /// Calls with a dict of keyword arguments.
    pub fn call_with_dict(f: Obj, args: &[Obj], kw: Obj) -> Obj {
        if kw.is_null() { return guest().call(f, args, NULL) }
        let mut all = args.to_vec();
        let mut names = Vec::new();
        let mut position = 0;
        while let Some((k, v)) = guest().dict_next(kw, &mut position) {
            names.push(k);
            all.push(v);
        }
        if names.is_empty() { return guest().call(f, args, NULL) }
        let names = raw::tuple_from(&names);
        let r = guest().call(f, &all, names);
        raw::decref(names);
        r
    }
    fn find_method(o: Obj, name: Obj) -> Obj {
        if o.is_null() || name.is_null() {
            errors::bad_call("PyObject_CallMethod");
            return NULL;
        }
        guest().get_attr(o, name)
    }
}
slot_functions! {
    /// `PyObject_CallFunctionObjArgs`
    fn call_objects(f: Obj, list: *mut VaList) -> Obj { guest().call(f, &objects(list), NULL) }
    /// `PyObject_CallMethodObjArgs`
    fn call_method_objects(o: Obj, name: Obj, list: *mut VaList) -> Obj {
        let f = find_method(o, name);
        if f.is_null() { return NULL }
        let r = guest().call(f, &objects(list), NULL);
        raw::decref(f);
        r
    }
    /// `PyObject_CallFunction`
    fn call_function(f: Obj, format: *const c_char, list: *mut VaList) -> Obj {
        if f.is_null() { errors::bad_call("PyObject_CallFunction"); return NULL }
        super::modsupport::call_with(f, format, list)
    }
    /// `PyObject_CallMethod`
    fn call_method(o: Obj, name: *const c_char, format: *const c_char, list: *mut VaList) -> Obj {
        let n = super::name_of_c(name);
        let f = find_method(o, n);
        raw::xdecref(n);
        if f.is_null() { return NULL }
        let r = super::modsupport::call_with(f, format, list);
        raw::decref(f);
        r
    }
}
variadic!(PyObject_CallFunctionObjArgs, 1, "rsi", call_objects);
variadic!(PyObject_CallMethodObjArgs, 2, "rdx", call_method_objects);
variadic!(PyObject_CallFunction, 2, "rdx", call_function);
variadic!(_PyObject_CallFunction_SizeT, 2, "rdx", call_function);
variadic!(PyEval_CallFunction, 2, "rdx", call_function);
variadic!(PyObject_CallMethod, 3, "rcx", call_method);
variadic!(_PyObject_CallMethod_SizeT, 3, "rcx", call_method);

api! {
    fn PyObject_Call(f: Obj, args: Obj, kw: Obj) -> Obj { call_with_dict(f, raw::tuple_items(args), kw) }
    fn PyObject_CallObject(f: Obj, args: Obj) -> Obj {
        match args.is_null() {
            true => guest().call(f, &[], NULL),
            false => guest().call(f, raw::tuple_items(args), NULL),
        }
    }
    fn PyObject_CallNoArgs(f: Obj) -> Obj { guest().call(f, &[], NULL) }
    fn PyObject_CallOneArg(f: Obj, a: Obj) -> Obj { guest().call(f, &[a], NULL) }
    fn PyObject_Vectorcall(f: Obj, args: *const Obj, n: usize, names: Obj) -> Obj {
        let named = if names.is_null() { 0 } else { raw::tuple_items(names).len() };
        let all = (n & !OFFSET) + named;
        let args = if all == 0 { &[][..] } else { std::slice::from_raw_parts(args, all) };
        guest().call(f, args, if named == 0 { NULL } else { names })
    }
    fn PyObject_VectorcallDict(f: Obj, args: *const Obj, n: usize, kw: Obj) -> Obj {
        let n = n & !OFFSET;
        call_with_dict(f, if n == 0 { &[] } else { std::slice::from_raw_parts(args, n) }, kw)
    }
    fn PyObject_VectorcallMethod(name: Obj, args: *const Obj, n: usize, names: Obj) -> Obj {
        let f = find_method(*args, name);
        if f.is_null() { return NULL }
        let r = PyObject_Vectorcall(f, args.add(1), (n & !OFFSET) - 1, names);
        raw::decref(f);
        r
    }
    fn PyVectorcall_Call(f: Obj, args: Obj, kw: Obj) -> Obj { PyObject_Call(f, args, kw) }
    fn PyObject_Type(o: Obj) -> Obj { raw::incref((*o).ob_type.cast()) }
    fn PyObject_Size(o: Obj) -> Ssize { guest().len(o) }
    fn PyObject_Length(o: Obj) -> Ssize { guest().len(o) }
    fn PyObject_LengthHint(o: Obj, default: Ssize) -> Ssize {
        if !guest().has_special(o, "__len__") { return default }
        guest().len(o)
    }
    fn PyObject_GetItem(o: Obj, key: Obj) -> Obj {
        if (*key).ob_type == data::PyLong_Type.get() && let Some(items) = items_of_exact(o) {
            let i = super::PyLong_AsSsize_t(key);
            if i == -1 && errors::occurred() {
                errors::clear();
                return guest().get_item(o, key);
            }
            return item_at(o, items, if i < 0 { i + items.len() as Ssize } else { i });
        }
        guest().get_item(o, key)
    }
    fn PyObject_SetItem(o: Obj, key: Obj, value: Obj) -> c_int { guest().set_item(o, key, value) }
    fn PyObject_DelItem(o: Obj, key: Obj) -> c_int { guest().set_item(o, key, NULL) }
    fn PyObject_DelItemString(o: Obj, key: *const c_char) -> c_int {
        let k = super::name_of_c(key);
        let r = guest().set_item(o, k, NULL);
        raw::decref(k);
        r
    }
    fn PyObject_Format(o: Obj, spec: Obj) -> Obj {
        let f = guest().builtin("format");
        if f.is_null() { return NULL }
        let r = match spec.is_null() { true => guest().call(f, &[o], NULL), false => guest().call(f, &[o, spec], NULL) };
        raw::decref(f);
        r
    }
    fn PyObject_GetIter(o: Obj) -> Obj { guest().iter(o) }
    fn PyIter_Next(o: Obj) -> Obj { guest().next(o) }
    fn PyIter_Check(o: Obj) -> c_int { guest().has_special(o, "__next__") as c_int }
    fn PyIter_Send(o: Obj, value: Obj, result: *mut Obj) -> c_int {
        *result = match value == data::none() && guest().has_special(o, "__next__") {
            true => guest().next(o),
            false => guest().call_method(o, "send", &[value]),
        };
        if !(*result).is_null() { return 1 }
        if !errors::occurred() {
            *result = raw::incref(data::none());
            return 0;
        }
        if !errors::matches(super::PyErr_Occurred(), *data::PyExc_StopIteration.get()) { return -1 }
        let (mut t, mut v, mut tb) = errors::fetch();
        errors::normalize(&mut t, &mut v, &mut tb);
        *result = super::PyObject_GetAttrString(v, c"value".as_ptr());
        for o in [t, v, tb] { raw::xdecref(o) }
        0
    }
    fn PyObject_IsInstance(o: Obj, class: Obj) -> c_int {
        if (*o).ob_type.cast() == class { return 1 }
        guest().is_instance(o, class)
    }
    fn PyObject_IsSubclass(o: Obj, class: Obj) -> c_int { guest().is_subclass(o, class) }

    fn PyNumber_Check(o: Obj) -> c_int {
        (!o.is_null() && ["__int__", "__float__", "__index__", "__complex__"].iter().any(|m| guest().has_special(o, m))) as c_int
    }
    fn PyIndex_Check(o: Obj) -> c_int { guest().has_special(o, "__index__") as c_int }
    fn PyNumber_Add(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, false, a, b) }
    fn PyNumber_Subtract(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Sub, false, a, b) }
    fn PyNumber_Multiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mul, false, a, b) }
    fn PyNumber_MatrixMultiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::MatMul, false, a, b) }
    fn PyNumber_FloorDivide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::FloorDiv, false, a, b) }
    fn PyNumber_TrueDivide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::TrueDiv, false, a, b) }
    fn PyNumber_Remainder(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mod, false, a, b) }
    fn PyNumber_Divmod(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::DivMod, false, a, b) }
    fn PyNumber_Lshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::LShift, false, a, b) }
    fn PyNumber_Rshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::RShift, false, a, b) }
    fn PyNumber_And(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::And, false, a, b) }
    fn PyNumber_Or(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Or, false, a, b) }
    fn PyNumber_Xor(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Xor, false, a, b) }
    fn PyNumber_InPlaceAdd(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, true, a, b) }
    fn PyNumber_InPlaceSubtract(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Sub, true, a, b) }
    fn PyNumber_InPlaceMultiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mul, true, a, b) }
    fn PyNumber_InPlaceMatrixMultiply(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::MatMul, true, a, b) }
    fn PyNumber_InPlaceFloorDivide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::FloorDiv, true, a, b) }
    fn PyNumber_InPlaceTrueDivide(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::TrueDiv, true, a, b) }
    fn PyNumber_InPlaceRemainder(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Mod, true, a, b) }
    fn PyNumber_InPlaceLshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::LShift, true, a, b) }
    fn PyNumber_InPlaceRshift(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::RShift, true, a, b) }
    fn PyNumber_InPlaceAnd(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::And, true, a, b) }
    fn PyNumber_InPlaceOr(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Or, true, a, b) }
    fn PyNumber_InPlaceXor(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Xor, true, a, b) }
    fn PyNumber_Power(a: Obj, b: Obj, c: Obj) -> Obj {
        if c == data::none() { return guest().binary(BinaryOp::Pow, false, a, b) }
        let pow = guest().builtin("pow");
        if pow.is_null() { return NULL }
        let r = guest().call(pow, &[a, b, c], NULL);
        raw::decref(pow);
        r
    }
    fn PyNumber_InPlacePower(a: Obj, b: Obj, c: Obj) -> Obj {
        if c == data::none() { return guest().binary(BinaryOp::Pow, true, a, b) }
        PyNumber_Power(a, b, c)
    }
    fn PyNumber_Negative(a: Obj) -> Obj { guest().unary(UnaryOp::Neg, a) }
    fn PyNumber_Positive(a: Obj) -> Obj { guest().unary(UnaryOp::Pos, a) }
    fn PyNumber_Absolute(a: Obj) -> Obj { guest().unary(UnaryOp::Abs, a) }
    fn PyNumber_Invert(a: Obj) -> Obj { guest().unary(UnaryOp::Invert, a) }
    fn PyNumber_Long(a: Obj) -> Obj {
        if (*a).ob_type == data::PyLong_Type.get() { return raw::incref(a) }
        guest().unary(UnaryOp::Int, a)
    }
    fn PyNumber_Float(a: Obj) -> Obj {
        if (*a).ob_type == data::PyFloat_Type.get() { return raw::incref(a) }
        guest().unary(UnaryOp::Float, a)
    }
    fn PyNumber_Index(a: Obj) -> Obj { super::index(a) }
    fn PyNumber_AsSsize_t(a: Obj, exception: Obj) -> Ssize {
        if !a.is_null() && (*a).ob_type == data::PyLong_Type.get() && let Some(v) = crate::values::int_value(a) {
            return v as Ssize;
        }
        let i = super::index(a);
        if i.is_null() { return -1 }
        let v = raw::long_to_i128(i).unwrap_or(if raw::long_parts(i).0 { i128::MIN } else { i128::MAX });
        raw::decref(i);
        if let Ok(v) = Ssize::try_from(v) { return v }
        if exception.is_null() { return if v < 0 { Ssize::MIN } else { Ssize::MAX } }
        let text = format!("cannot fit '{}' into an index-sized integer", raw::type_name(a));
        errors::set(exception, raw::unicode_from_str(&text));
        -1
    }
    fn PyNumber_ToBase(a: Obj, base: c_int) -> Obj {
        let f = guest().builtin(match base { 2 => "bin", 8 => "oct", 16 => "hex", _ => "str" });
        if f.is_null() { return NULL }
        let r = guest().call(f, &[a], NULL);
        raw::decref(f);
        r
    }

    fn PySequence_Check(o: Obj) -> c_int {
        (!raw::has(o, type_flags::DICT) && guest().has_special(o, "__getitem__")) as c_int
    }
    fn PySequence_Size(o: Obj) -> Ssize { guest().len(o) }
    fn PySequence_Length(o: Obj) -> Ssize { guest().len(o) }
    fn PySequence_Concat(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, false, a, b) }
    fn PySequence_InPlaceConcat(a: Obj, b: Obj) -> Obj { guest().binary(BinaryOp::Add, true, a, b) }
    fn PySequence_Repeat(a: Obj, n: Ssize) -> Obj {
        let n = raw::long_from_i64(n as i64);
        let r = guest().binary(BinaryOp::Mul, false, a, n);
        raw::decref(n);
        r
    }
    fn PySequence_GetItem(o: Obj, i: Ssize) -> Obj {
        if let Some(items) = items_of_exact(o) { return item_at(o, items, if i < 0 { i + items.len() as Ssize } else { i }) }
        let i = raw::long_from_i64(i as i64);
        let r = guest().get_item(o, i);
        raw::decref(i);
        r
    }
    fn PySequence_SetItem(o: Obj, i: Ssize, value: Obj) -> c_int {
        let i = raw::long_from_i64(i as i64);
        let r = guest().set_item(o, i, value);
        raw::decref(i);
        r
    }
    fn PySequence_DelItem(o: Obj, i: Ssize) -> c_int { PySequence_SetItem(o, i, NULL) }
    fn PySequence_GetSlice(o: Obj, a: Ssize, b: Ssize) -> Obj {
        let s = slice(a, b);
        let r = guest().get_item(o, s);
        raw::decref(s);
        r
    }
    fn PySequence_SetSlice(o: Obj, a: Ssize, b: Ssize, value: Obj) -> c_int {
        let s = slice(a, b);
        let r = guest().set_item(o, s, value);
        raw::decref(s);
        r
    }
    fn PySequence_DelSlice(o: Obj, a: Ssize, b: Ssize) -> c_int { PySequence_SetSlice(o, a, b, NULL) }
    fn PySequence_Contains(o: Obj, item: Obj) -> c_int { guest().contains(o, item) }
    fn PySequence_In(o: Obj, item: Obj) -> c_int { guest().contains(o, item) }
    fn PySequence_Index(o: Obj, item: Obj) -> Ssize { number(guest().call_method(o, "index", &[item])) }
    fn PySequence_Count(o: Obj, item: Obj) -> Ssize { number(guest().call_method(o, "count", &[item])) }
    fn PySequence_Tuple(o: Obj) -> Obj {
        if (*o).ob_type == data::PyTuple_Type.get() { return raw::incref(o) }
        guest().call(data::PyTuple_Type.get().cast(), &[o], NULL)
    }
    fn PySequence_List(o: Obj) -> Obj { guest().call(data::PyList_Type.get().cast(), &[o], NULL) }
    fn PySequence_Fast(o: Obj, text: *const c_char) -> Obj {
        if raw::has(o, type_flags::LIST | type_flags::TUPLE) { return raw::incref(o) }
        let i = guest().iter(o);
        if i.is_null() {
            if errors::matches(super::PyErr_Occurred(), *data::PyExc_TypeError.get()) { errors::type_error(&raw::text(text)) }
            return NULL;
        }
        let r = PySequence_List(i);
        raw::decref(i);
        r
    }

    fn PyMapping_Check(o: Obj) -> c_int { (!o.is_null() && guest().has_special(o, "__getitem__")) as c_int }
    fn PyMapping_Size(o: Obj) -> Ssize { guest().len(o) }
    fn PyMapping_Length(o: Obj) -> Ssize { guest().len(o) }
    fn PyMapping_Keys(o: Obj) -> Obj { as_list(guest().call_method(o, "keys", &[])) }
    fn PyMapping_Values(o: Obj) -> Obj { as_list(guest().call_method(o, "values", &[])) }
    fn PyMapping_Items(o: Obj) -> Obj { as_list(guest().call_method(o, "items", &[])) }
    fn PyMapping_GetItemString(o: Obj, key: *const c_char) -> Obj {
        let k = super::name_of_c(key);
        let r = guest().get_item(o, k);
        raw::decref(k);
        r
    }
    fn PyMapping_SetItemString(o: Obj, key: *const c_char, value: Obj) -> c_int {
        let k = super::name_of_c(key);
        let r = guest().set_item(o, k, value);
        raw::decref(k);
        r
    }
    fn PyMapping_HasKey(o: Obj, key: Obj) -> c_int {
        let r = guest().get_item(o, key);
        if r.is_null() { errors::clear(); return 0 }
        raw::decref(r);
        1
    }
    fn PyMapping_HasKeyString(o: Obj, key: *const c_char) -> c_int {
        let k = super::name_of_c(key);
        let r = PyMapping_HasKey(o, k);
        raw::decref(k);
        r
    }
}
inner! {
    /// The items of an exact list or tuple: what comes out is the very object that is in there.
    fn items_of_exact(o: Obj) -> Option<&'static [Obj]> {
        match (*o).ob_type {
            ty if ty == data::PyList_Type.get() => Some(raw::list_items(o)),
            ty if ty == data::PyTuple_Type.get() => Some(raw::tuple_items(o)),
            _ => None,
        }
    }
    fn item_at(o: Obj, items: &[Obj], i: Ssize) -> Obj {
        match usize::try_from(i).ok().and_then(|i| items.get(i)) {
            Some(&item) if !item.is_null() => raw::incref(item),
            _ => {
                let text = format!("{} index out of range", raw::type_name(o));
                errors::set_text(data::PyExc_IndexError.get(), &text);
                NULL
            }
        }
    }
    fn slice(a: Ssize, b: Ssize) -> Obj {
        let (a, b) = (raw::long_from_i64(a as i64), raw::long_from_i64(b as i64));
        let s = super::PySlice_New(a, b, NULL);
        raw::decref(a);
        raw::decref(b);
        s
    }
    fn number(o: Obj) -> Ssize {
        if o.is_null() { return -1 }
        let v = super::PyLong_AsSsize_t(o);
        raw::decref(o);
        v
    }
    fn as_list(o: Obj) -> Obj {
        if o.is_null() { return NULL }
        let r = PySequence_List(o);
        raw::decref(o);
        r
    }
}
api! {
    fn PyVectorcall_Function(f: Obj) -> Vectorcall {
        let ty = (*f).ob_type;
        if (*ty).tp_flags & type_flags::HAVE_VECTORCALL == 0 || (*ty).tp_vectorcall_offset <= 0 { return None }
        *f.cast::<u8>().offset((*ty).tp_vectorcall_offset).cast()
    }
    fn _PyObject_MakeTpCall(state: *mut PyThreadState, f: Obj, args: *const Obj, n: Ssize, keywords: Obj) -> Obj {
        let _ = state;
        match !keywords.is_null() && raw::has(keywords, type_flags::TUPLE) {
            true => PyObject_Vectorcall(f, args, n as usize, keywords),
            false => PyObject_VectorcallDict(f, args, n as usize, keywords),
        }
    }
    fn PySequence_InPlaceRepeat(s: Obj, n: Ssize) -> Obj {
        let n = raw::long_from_i64(n as i64);
        let r = guest().binary(BinaryOp::Mul, true, s, n);
        raw::decref(n);
        r
    }
    fn _PyStack_AsDict(values: *const Obj, names: Obj) -> Obj {
        let d = guest().dict_new();
        if d.is_null() { return d }
        for (i, &name) in raw::tuple_items(names).iter().enumerate() {
            if guest().dict_set(d, name, *values.add(i)) < 0 {
                raw::decref(d);
                return NULL;
            }
        }
        d
    }
}
