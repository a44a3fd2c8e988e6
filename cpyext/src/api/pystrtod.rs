//! `pystrtod.h`, `pystrcmp.h`, `pyerrors.h`: numbers and texts of C, and floats as bytes.

use crate::abi::*;
use crate::errors;
use crate::raw;
use crate::varargs::VaList;
use std::ffi::{c_char, c_int};

unsafe extern "C" {
    /// An array as the last argument is passed as a pointer, and `va_list` is an array.
    fn vsnprintf(to: *mut c_char, n: usize, format: *const c_char, list: *mut VaList) -> c_int;
}
slot_functions! {
    /// `PyOS_snprintf`
    fn snprintf(to: *mut c_char, n: usize, format: *const c_char, list: *mut VaList) -> c_int {
        let r = vsnprintf(to, n, format, list);
        if n > 0 { *to.add(n - 1) = 0 }
        r
    }
}
variadic!(PyOS_snprintf, 3, "rcx", snprintf);
inner! {
    /// Bytes of a float at an address, least first or last.
    fn put(bytes: &[u8], p: *mut c_char, little: c_int) {
        for (i, &b) in bytes.iter().enumerate() {
            *p.add(if little != 0 { i } else { bytes.len() - 1 - i }) = b as c_char;
        }
    }
    fn get(p: *const c_char, n: usize, little: c_int) -> u64 {
        (0..n).fold(0, |v, i| v << 8 | *p.add(if little != 0 { n - 1 - i } else { i }) as u8 as u64)
    }
    fn too_large(format: char) -> c_int {
        errors::overflow_error(&format!("float too large to pack with {format} format"));
        -1
    }
}
/// The nearest float of 16 bits, ties to even; None if it is too large.
fn half_from(v: f64) -> Option<u16> {
    let bits = v.to_bits();
    let sign = (bits >> 48 & 0x8000) as u16;
    if v.is_nan() {
        return Some(sign | 0x7e00);
    }
    if v.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Multiples of the last bit's value: exact, because a power of two is what is multiplied by.
    let exponent = ((bits >> 52 & 0x7ff) as i32 - 1023).max(-14);
    let scaled = v.abs() * 2f64.powi(10 - exponent);
    let mut mantissa = scaled.round_ties_even() as u32;
    let mut exponent = exponent;
    if mantissa >= 2048 {
        mantissa /= 2;
        exponent += 1;
    }
    if exponent > 15 {
        return None;
    }
    Some(match mantissa < 1024 {
        true => sign | mantissa as u16,
        false => sign | ((exponent + 15) as u16) << 10 | (mantissa - 1024) as u16,
    })
}
fn half_to(h: u16) -> f64 {
    let sign = if h & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = ((h >> 10 & 31) as i32, (h & 1023) as f64);
    match exponent {
        0 => sign * mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    }
}
api! {
    fn PyOS_vsnprintf(to: *mut c_char, n: usize, format: *const c_char, list: *mut VaList) -> c_int {
        snprintf(to, n, format, list)
    }
    fn PyOS_mystricmp(a: *const c_char, b: *const c_char) -> c_int { libc::strcasecmp(a, b) }
    fn PyOS_mystrnicmp(a: *const c_char, b: *const c_char, n: Ssize) -> c_int { libc::strncasecmp(a, b, n as usize) }
    fn PyOS_string_to_double(text: *const c_char, end: *mut *mut c_char, overflow: Obj) -> f64 {
        let mut stop: *mut c_char = std::ptr::null_mut();
        let mut v = libc::strtod(text, &mut stop);
        // The C library reads hexadecimal digits, which Python does not: the number ends behind the 0.
        let digits = text.add(matches!(*text as u8, b'+' | b'-') as usize);
        if *digits as u8 == b'0' && (*digits.add(1) as u8).eq_ignore_ascii_case(&b'x') {
            stop = digits.add(1).cast_mut();
            v = if *text as u8 == b'-' { -0.0 } else { 0.0 };
        }
        let whole = !end.is_null() || *stop == 0;
        let space = matches!(*text as u8, 9..=13 | b' ');
        if stop.cast_const() == text || !whole || space {
            errors::value_error(&format!("could not convert string to float: '{}'", raw::text(text)));
            return -1.0;
        }
        if !end.is_null() { *end = stop }
        if v.is_infinite() && !overflow.is_null() && raw::text(text).bytes().any(|b| b.is_ascii_digit()) {
            errors::set(overflow, raw::unicode_from_str(&format!("value too large to convert to float: '{}'", raw::text(text))));
            return -1.0;
        }
        v
    }
    fn PyFloat_Pack2(v: f64, p: *mut c_char, little: c_int) -> c_int {
        let Some(h) = half_from(v) else { return too_large('e') };
        put(&h.to_le_bytes(), p, little);
        0
    }
    fn PyFloat_Pack4(v: f64, p: *mut c_char, little: c_int) -> c_int {
        let f = v as f32;
        if f.is_infinite() && v.is_finite() { return too_large('f') }
        put(&f.to_le_bytes(), p, little);
        0
    }
    fn PyFloat_Pack8(v: f64, p: *mut c_char, little: c_int) -> c_int {
        put(&v.to_le_bytes(), p, little);
        0
    }
    fn PyFloat_Unpack2(p: *const c_char, little: c_int) -> f64 {
        half_to(get(p, 2, little) as u16)
    }
    fn PyFloat_Unpack4(p: *const c_char, little: c_int) -> f64 {
        f32::from_bits(get(p, 4, little) as u32) as f64
    }
    fn PyFloat_Unpack8(p: *const c_char, little: c_int) -> f64 {
        f64::from_bits(get(p, 8, little))
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_of_16_bits_are_those_of_the_standard() {
        for (v, h) in [
            (0.0, 0),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (65504.0, 0x7bff),
            (0.000_060_975_551_605_224_61, 0x03ff),
            (5.960_464_477_539_063e-8, 1),
            (1.0 / 3.0, 0x3555),
            (f64::INFINITY, 0x7c00),
        ] {
            assert_eq!(half_from(v), Some(h), "{v}");
            if v != 1.0 / 3.0 {
                assert_eq!(half_to(h), v);
            }
        }
        assert_eq!(half_from(65519.9), Some(0x7bff));
        assert_eq!(half_from(65520.0), None);
        assert!(half_to(half_from(f64::NAN).expect("a number")).is_nan());
    }
}
