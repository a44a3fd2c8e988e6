//! `structmember.h`: fields of structs as attributes.

use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// The value of a field.
    pub fn member_get(o: Obj, m: &PyMemberDef) -> Obj {
        let p = o.cast::<u8>().add(m.offset as usize);
        match m.r#type {
            0 => raw::long_from_i64(*p.cast::<i16>() as i64),
            1 => raw::long_from_i64(*p.cast::<i32>() as i64),
            2 | 17 | 19 => raw::long_from_i64(*p.cast::<i64>()),
            3 => raw::float_new(*p.cast::<f32>() as f64),
            4 => raw::float_new(*p.cast::<f64>()),
            5 => { let s = *p.cast::<*const c_char>(); if s.is_null() { raw::incref(data::none()) } else { super::PyUnicode_FromString(s) } }
            6 => { let v = *p.cast::<Obj>(); raw::incref(if v.is_null() { data::none() } else { v }) }
            7 => raw::unicode_from_points(&[*p as u32]),
            8 => raw::long_from_i64(*p.cast::<i8>() as i64),
            9 => raw::long_from_i64(*p as i64),
            10 => raw::long_from_i64(*p.cast::<u16>() as i64),
            11 => raw::long_from_i64(*p.cast::<u32>() as i64),
            12 | 18 => raw::long_from_u64(*p.cast::<u64>()),
            13 => super::PyUnicode_FromString(p.cast()),
            14 => raw::incref(data::bool_(*p != 0)),
            16 => {
                let v = *p.cast::<Obj>();
                if v.is_null() {
                    let text = format!("'{}' object has no attribute '{}'", raw::type_name(o), raw::text(m.name));
                    errors::set_text(data::PyExc_AttributeError.get(), &text)
                }
                raw::xincref(v)
            }
            20 => raw::incref(data::none()),
            _ => {
                errors::set_text(data::PyExc_SystemError.get(), &format!("bad memberdescr type for {}", raw::text(m.name)));
                NULL
            }
        }
    }
    /// Writes a field; NULL deletes it.
    pub fn member_set(o: Obj, m: &PyMemberDef, v: Obj) -> c_int {
        let p = o.cast::<u8>().add(m.offset as usize);
        if m.flags & 1 != 0 { errors::set_text(data::PyExc_AttributeError.get(), "readonly attribute"); return -1 }
        if m.r#type == 6 || m.r#type == 16 {
            if v.is_null() && m.r#type == 16 && (*p.cast::<Obj>()).is_null() {
                errors::set_text(data::PyExc_AttributeError.get(), &raw::text(m.name));
                return -1;
            }
            raw::replace(p.cast(), raw::xincref(v));
            return 0;
        }
        if v.is_null() { return errors::minus_one("can't delete numeric/char attribute") }
        if matches!(m.r#type, 3 | 4) {
            let f = super::PyFloat_AsDouble(v);
            if f == -1.0 && errors::occurred() { return -1 }
            if m.r#type == 3 { *p.cast::<f32>() = f as f32 } else { *p.cast::<f64>() = f }
            return 0;
        }
        if m.r#type == 14 {
            if v != data::bool_(true) && v != data::bool_(false) { return errors::minus_one("attribute value type must be bool") }
            *p = (v == data::bool_(true)) as u8;
            return 0;
        }
        if matches!(m.r#type, 5 | 13) { return errors::minus_one("readonly attribute") }
        if m.r#type == 7 {
            if !raw::has(v, type_flags::UNICODE) || raw::unicode_len(v) != 1 || raw::unicode_read(v, 0) > 0x7f {
                return errors::minus_one("bad argument type for built-in operation");
            }
            *p = raw::unicode_read(v, 0) as u8;
            return 0;
        }
        if !(0..=19).contains(&m.r#type) {
            errors::set_text(data::PyExc_SystemError.get(), &format!("bad memberdescr type for {}", raw::text(m.name)));
            return -1;
        }
        set_number(p, m.r#type, v)
    }
    fn set_number(p: *mut u8, kind: c_int, v: Obj) -> c_int {
        let n = match kind {
            // Unsigned words take negative numbers too, with a warning.
            11 | 12 | 18 => {
                let u = super::PyLong_AsUnsignedLong(v);
                if u == u64::MAX && errors::occurred() {
                    if !errors::matches(super::PyErr_Occurred(), *data::PyExc_OverflowError.get()) { return -1 }
                    errors::clear();
                    let n = super::PyLong_AsLong(v);
                    if n == -1 && errors::occurred() { return -1 }
                    if truncated("Writing negative value into unsigned field") { return -1 }
                    n
                } else { u as i64 }
            }
            19 => super::PyLong_AsSsize_t(v) as i64,
            _ => super::PyLong_AsLong(v),
        };
        if n == -1 && errors::occurred() { return -1 }
        let fits = |from: i64, to: i64| (from..=to).contains(&n);
        let (fits, name) = match kind {
            0 => (fits(i16::MIN.into(), i16::MAX.into()), "short"),
            1 => (fits(i32::MIN.into(), i32::MAX.into()), "int"),
            8 => (fits(i8::MIN.into(), i8::MAX.into()), "char"),
            9 => (fits(0, u8::MAX.into()), "unsigned char"),
            10 => (fits(0, u16::MAX.into()), "unsigned short"),
            11 => (fits(0, u32::MAX.into()) || n < 0, "unsigned int"),
            _ => (true, ""),
        };
        match kind {
            0 | 10 => *p.cast::<i16>() = n as i16,
            1 | 11 => *p.cast::<i32>() = n as i32,
            8 | 9 => *p = n as u8,
            _ => *p.cast::<i64>() = n,
        }
        if !fits && truncated(&format!("Truncation of value to {name}")) { return -1 }
        0
    }
    /// Warns; whether the warning became an exception.
    fn truncated(text: &str) -> bool {
        let text = std::ffi::CString::new(text).unwrap_or_default();
        super::PyErr_WarnEx(*data::PyExc_RuntimeWarning.get(), text.as_ptr(), 1) < 0
    }
}
api! {
    fn PyMember_GetOne(o: *const c_char, m: *mut PyMemberDef) -> Obj { member_get(o.cast_mut().cast(), &*m) }
    fn PyMember_SetOne(o: *mut c_char, m: *mut PyMemberDef, v: Obj) -> c_int { member_set(o.cast(), &*m, v) }
}
