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
                if v.is_null() { errors::set_text(data::PyExc_AttributeError.get(), &raw::text(m.name)) }
                raw::xincref(v)
            }
            20 => raw::incref(data::none()),
            _ => { errors::set_text(data::PyExc_SystemError.get(), "bad memberdescr type"); NULL }
        }
    }
    /// Writes a field; NULL deletes it.
    pub fn member_set(o: Obj, m: &PyMemberDef, v: Obj) -> c_int {
        let p = o.cast::<u8>().add(m.offset as usize);
        if m.flags & 1 != 0 { errors::set_text(data::PyExc_AttributeError.get(), "readonly attribute"); return -1 }
        if m.r#type == 6 || m.r#type == 16 {
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
        let n = if matches!(m.r#type, 12 | 18) { super::PyLong_AsUnsignedLongMask(v) as i64 } else { super::PyLong_AsLong(v) };
        if n == -1 && errors::occurred() { return -1 }
        match m.r#type {
            0 | 10 => *p.cast::<i16>() = n as i16,
            1 | 11 => *p.cast::<i32>() = n as i32,
            2 | 12 | 17 | 18 | 19 => *p.cast::<i64>() = n,
            8 | 9 => *p = n as u8,
            _ => return errors::minus_one("readonly attribute"),
        }
        0
    }
}
api! {
    fn PyMember_GetOne(o: *const c_char, m: *mut PyMemberDef) -> Obj { member_get(o.cast_mut().cast(), &*m) }
    fn PyMember_SetOne(o: *mut c_char, m: *mut PyMemberDef, v: Obj) -> c_int { member_set(o.cast(), &*m, v) }
}
