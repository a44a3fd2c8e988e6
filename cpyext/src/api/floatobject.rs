//! `floatobject.h`, `complexobject.h`.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::guest::UnaryOp;
use crate::raw;

api! {
    fn PyFloat_FromDouble(v: f64) -> Obj { raw::float_new(v) }
    fn PyFloat_FromString(s: Obj) -> Obj { guest().call(data::PyFloat_Type.get().cast(), &[s], std::ptr::null_mut()) }
    fn PyFloat_AsDouble(o: Obj) -> f64 {
        if o.is_null() { errors::bad_call("PyFloat_AsDouble"); return -1.0 }
        if (*o).ob_type == data::PyFloat_Type.get() { return raw::float_value(o) }
        // Ints of up to 53 bits are floats as they are.
        if (*o).ob_type == data::PyLong_Type.get() && let Some(v) = crate::values::int_value(o) && v.unsigned_abs() <= 1 << 53 {
            return v as f64;
        }
        if (raw::has(o, type_flags::BYTES | type_flags::UNICODE)) || !(guest().has_special(o, "__float__") || guest().has_special(o, "__index__")) {
            errors::type_error(&format!("must be real number, not {}", raw::type_name(o)));
            return -1.0;
        }
        let f = guest().unary(UnaryOp::Float, o);
        if f.is_null() { return -1.0 }
        let v = raw::float_value(f);
        raw::decref(f);
        v
    }
    fn PyFloat_GetMax() -> f64 { f64::MAX }
    fn PyFloat_GetMin() -> f64 { f64::MIN_POSITIVE }
    fn PyComplex_FromDoubles(real: f64, imag: f64) -> Obj {
        let o = raw::new_object(data::PyComplex_Type.get(), 32);
        if !o.is_null() { (*o.cast::<PyComplexObject>()).cval = Py_complex { real, imag }; }
        o
    }
    fn PyComplex_FromCComplex(v: Py_complex) -> Obj { PyComplex_FromDoubles(v.real, v.imag) }
    fn PyComplex_RealAsDouble(o: Obj) -> f64 {
        match (*o).ob_type == data::PyComplex_Type.get() {
            true => (*o.cast::<PyComplexObject>()).cval.real,
            false => PyFloat_AsDouble(o),
        }
    }
    fn PyComplex_ImagAsDouble(o: Obj) -> f64 {
        match (*o).ob_type == data::PyComplex_Type.get() {
            true => (*o.cast::<PyComplexObject>()).cval.imag,
            false => 0.0,
        }
    }
}
api! {
    fn PyComplex_AsCComplex(o: Obj) -> Py_complex {
        Py_complex { real: PyComplex_RealAsDouble(o), imag: PyComplex_ImagAsDouble(o) }
    }
    fn _Py_HashDouble(o: Obj, v: f64) -> Ssize {
        // Numbers that are none hash as their objects do, by identity.
        if v.is_nan() && !o.is_null() { return super::_Py_HashPointer(o.cast()) }
        let f = raw::float_new(v);
        let h = guest().hash(f);
        raw::decref(f);
        h
    }
}
