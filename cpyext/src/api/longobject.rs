//! `longobject.h`, `boolobject.h`: ints.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::guest::UnaryOp;
use crate::raw;
use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// The int that an object stands for (`__index__`), a new reference.
    pub fn index(o: Obj) -> Obj {
        if o.is_null() {
            errors::bad_call("PyNumber_Index");
            return NULL;
        }
        if raw::has(o, type_flags::LONG) { return raw::incref(o) }
        guest().unary(UnaryOp::Index, o)
    }
    /// The value of an object with `__index__`. None with an exception. Values beyond 100 bits are cut to a great number.
    fn value(o: Obj) -> Option<i128> {
        let i = index(o);
        if i.is_null() { return None }
        let v = raw::long_to_i128(i).unwrap_or(if raw::long_parts(i).0 { i128::MIN } else { i128::MAX });
        raw::decref(i);
        Some(v)
    }
    fn ranged(o: Obj, from: i128, to: i128, what: &str) -> Option<i128> {
        let v = value(o)?;
        if (from..=to).contains(&v) { return Some(v) }
        errors::overflow_error(&format!("Python int too large to convert to C {what}"));
        None
    }
    fn exact(o: Obj) -> bool {
        if !o.is_null() && raw::has(o, type_flags::LONG) { return true }
        match o.is_null() { true => errors::bad_call("PyLong_AsUnsignedLong"), false => errors::type_error("an integer is required") }
        false
    }
    fn unsigned(o: Obj, what: &str) -> Option<u64> {
        if !exact(o) { return None }
        let v = value(o)?;
        if v < 0 {
            errors::overflow_error(&format!("can't convert negative value to {what}"));
            return None;
        }
        ranged(o, 0, u64::MAX as i128, what).map(|v| v as u64)
    }
    fn mask(o: Obj) -> Option<u64> {
        let i = index(o);
        if i.is_null() { return None }
        let (negative, digits) = raw::long_parts(i);
        let v = digits.iter().rev().fold(0u64, |v, &d| v << 30 | d as u64);
        raw::decref(i);
        Some(if negative { v.wrapping_neg() } else { v })
    }
}
api! {
    fn PyLong_FromLong(v: c_long) -> Obj { raw::long_from_i64(v) }
    fn PyLong_FromLongLong(v: i64) -> Obj { raw::long_from_i64(v) }
    fn PyLong_FromSsize_t(v: Ssize) -> Obj { raw::long_from_i64(v as i64) }
    fn PyLong_FromUnsignedLong(v: c_ulong) -> Obj { raw::long_from_u64(v) }
    fn PyLong_FromUnsignedLongLong(v: u64) -> Obj { raw::long_from_u64(v) }
    fn PyLong_FromSize_t(v: usize) -> Obj { raw::long_from_u64(v as u64) }
    fn PyLong_FromVoidPtr(v: *mut c_void) -> Obj { raw::long_from_u64(v as u64) }
    fn PyLong_FromDouble(v: f64) -> Obj {
        let f = raw::float_new(v);
        if f.is_null() { return NULL }
        let r = guest().unary(UnaryOp::Int, f);
        raw::decref(f);
        r
    }
    fn PyLong_FromString(text: *const c_char, end: *mut *mut c_char, base: c_int) -> Obj {
        let s = super::PyUnicode_FromString(text);
        if s.is_null() { return NULL }
        if !end.is_null() { *end = text.cast_mut().add(raw::text(text).len()); }
        let r = PyLong_FromUnicodeObject(s, base);
        raw::decref(s);
        r
    }
    fn PyLong_FromUnicodeObject(s: Obj, base: c_int) -> Obj {
        let base = raw::long_from_i64(base as i64);
        let r = guest().call(data::PyLong_Type.get().cast(), &[s, base], NULL);
        raw::decref(base);
        r
    }
    fn PyLong_AsLong(o: Obj) -> c_long {
        if !o.is_null() && (*o).ob_type == data::PyLong_Type.get() && let Some(v) = crate::values::int_value(o) { return v }
        ranged(o, i64::MIN as i128, i64::MAX as i128, "long").map_or(-1, |v| v as i64)
    }
    fn PyLong_AsLongLong(o: Obj) -> i64 { ranged(o, i64::MIN as i128, i64::MAX as i128, "long").map_or(-1, |v| v as i64) }
    fn PyLong_AsSsize_t(o: Obj) -> Ssize {
        if !exact(o) { return -1 }
        ranged(o, i64::MIN as i128, i64::MAX as i128, "ssize_t").map_or(-1, |v| v as Ssize)
    }
    fn PyLong_AsSize_t(o: Obj) -> usize { unsigned(o, "size_t").map_or(usize::MAX, |v| v as usize) }
    fn PyLong_AsUnsignedLong(o: Obj) -> c_ulong { unsigned(o, "unsigned long").unwrap_or(c_ulong::MAX) }
    fn PyLong_AsUnsignedLongLong(o: Obj) -> u64 { unsigned(o, "unsigned long").unwrap_or(u64::MAX) }
    fn PyLong_AsUnsignedLongMask(o: Obj) -> c_ulong { mask(o).unwrap_or(c_ulong::MAX) }
    fn PyLong_AsUnsignedLongLongMask(o: Obj) -> u64 { mask(o).unwrap_or(u64::MAX) }
    fn PyLong_AsLongAndOverflow(o: Obj, overflow: *mut c_int) -> c_long {
        *overflow = 0;
        match value(o) {
            None => -1,
            Some(v) => i64::try_from(v).unwrap_or_else(|_| { *overflow = if v < 0 { -1 } else { 1 }; -1 }),
        }
    }
    fn PyLong_AsLongLongAndOverflow(o: Obj, overflow: *mut c_int) -> i64 { PyLong_AsLongAndOverflow(o, overflow) }
    fn _PyLong_AsInt(o: Obj) -> c_int { ranged(o, i32::MIN as i128, i32::MAX as i128, "int").map_or(-1, |v| v as i32) }
    fn PyLong_AsVoidPtr(o: Obj) -> *mut c_void { mask(o).map_or(usize::MAX as *mut c_void, |v| v as *mut c_void) }
    fn PyLong_AsDouble(o: Obj) -> f64 { super::PyFloat_AsDouble(o) }
    fn _PyLong_Sign(o: Obj) -> c_int { (*o.cast::<PyVarObject>()).ob_size.signum() as c_int }
    fn _PyLong_NumBits(o: Obj) -> usize {
        let (_, digits) = raw::long_parts(o);
        digits.last().map_or(0, |&d| (digits.len() - 1) * 30 + (32 - d.leading_zeros() as usize))
    }
    fn _PyLong_New(size: Ssize) -> Obj {
        let o = raw::new_object(data::PyLong_Type.get(), 24 + 4 * size.max(1) as usize);
        if !o.is_null() { (*o.cast::<PyVarObject>()).ob_size = size; }
        o
    }
    fn _PyLong_Copy(o: Obj) -> Obj { let (negative, digits) = raw::long_parts(o); raw::long_from_digits(negative, digits) }
    fn _PyLong_FromByteArray(bytes: *const u8, n: usize, little: c_int, signed: c_int) -> Obj {
        let b = std::slice::from_raw_parts(bytes, n);
        let mut v: Vec<u8> = if little != 0 { b.to_vec() } else { b.iter().rev().copied().collect() };
        let negative = signed != 0 && v.last().is_some_and(|&b| b & 0x80 != 0);
        if negative {
            let mut carry = true;
            for b in &mut v { let (x, c) = (!*b).overflowing_add(carry as u8); *b = x; carry = c; }
            if carry { v.push(1) }
        }
        let mut digits = Vec::new();
        let (mut acc, mut bits) = (0u64, 0);
        for b in v {
            acc |= (b as u64) << bits;
            bits += 8;
            if bits >= 30 { digits.push(acc as u32 & 0x3fff_ffff); acc >>= 30; bits -= 30 }
        }
        digits.push(acc as u32);
        while digits.last() == Some(&0) { digits.pop(); }
        if digits.len() < 2 {
            let v = digits.first().copied().unwrap_or(0) as i64;
            return raw::long_from_i64(if negative { -v } else { v });
        }
        raw::long_from_digits(negative, &digits)
    }
    fn _PyLong_AsByteArray(o: Obj, bytes: *mut u8, n: usize, little: c_int, signed: c_int) -> c_int {
        let (negative, digits) = raw::long_parts(o);
        if negative && signed == 0 {
            errors::overflow_error("can't convert negative int to unsigned");
            return -1;
        }
        let mut out = Vec::with_capacity(digits.len() * 4);
        let (mut acc, mut bits) = (0u64, 0);
        for &d in digits {
            acc |= (d as u64) << bits;
            bits += 30;
            while bits >= 8 { out.push(acc as u8); acc >>= 8; bits -= 8 }
        }
        out.push(acc as u8);
        while out.last() == Some(&0) { out.pop(); }
        let used = out.len();
        out.resize(n.max(used), 0);
        if negative {
            let mut carry = true;
            for b in &mut out { let (x, c) = (!*b).overflowing_add(carry as u8); *b = x; carry = c; }
        }
        let sign_fits = signed == 0 || n == 0 || (out[n - 1] & 0x80 != 0) == negative || used == 0;
        if used > n || !sign_fits {
            errors::overflow_error("int too big to convert");
            return -1;
        }
        for i in 0..n { *bytes.add(if little != 0 { i } else { n - 1 - i }) = out[i]; }
        0
    }
    fn PyLong_GetInfo() -> Obj {
        let sys = guest().import("sys");
        if sys.is_null() { return NULL }
        let r = super::PyObject_GetAttrString(sys, c"int_info".as_ptr());
        raw::decref(sys);
        r
    }
    fn PyBool_FromLong(v: c_long) -> Obj { raw::incref(data::bool_(v != 0)) }
}
