//! Ints as text: parsing and digits.

use crate::int::{self, Int};
use crate::{Errors, PyResult, Vm};
use dashu_int::IBig;
use ouro_gc::Gc;

/// The decimal digits of a small int, without a trip through formatting.
#[derive(Clone, Copy)]
pub struct SmallDecimal {
    bytes: [u8; 20],
    start: usize,
}
impl SmallDecimal {
    /// The text of `v`.
    #[inline]
    pub fn new(v: i64) -> SmallDecimal {
        let mut bytes = [0; 20];
        let (mut start, mut rest) = (bytes.len(), v.unsigned_abs());
        loop {
            start -= 1;
            bytes[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if v < 0 {
            start -= 1;
            bytes[start] = b'-';
        }
        SmallDecimal { bytes, start }
    }
    /// Sign and digits, which are ASCII.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}
/// The decimal digits.
pub fn decimal(v: &Int) -> String {
    match v {
        Int::Small(v) => v.to_string(),
        Int::Big(v) => v.to_string(),
    }
}
/// `str(int)`
///
/// # Errors
/// ValueError beyond `sys.get_int_max_str_digits()`.
pub fn decimal_object(vm: &'static Vm, v: &Int) -> PyResult {
    if let Int::Small(v) = v {
        // The limit is never below 640 digits.
        return Ok(small_decimal(vm, *v));
    }
    let text = decimal(v);
    let limit = vm.world().int_max_str_digits.get();
    if limit > 0 && text.len() - v.is_negative() as usize > limit {
        return Err(vm.value_error(format_args!(
            "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit"
        )));
    }
    Ok(crate::str::new(vm, &text))
}
/// The decimal text of an int of 64 bits as an object.
pub fn small_decimal(vm: &'static Vm, v: i64) -> Gc {
    crate::str::from_wtf8(vm, SmallDecimal::new(v).as_bytes())
}
/// Digits in a radix with prefix and sign, as `bin`, `oct` and `hex`.
pub fn with_prefix(v: &Int, radix: u32, prefix: &str) -> String {
    let (sign, magnitude) = v.big().into_parts();
    let sign = if sign == dashu_int::Sign::Negative {
        "-"
    } else {
        ""
    };
    format!("{sign}{prefix}{}", magnitude.in_radix(radix as u8))
}
/// Reads an int literal as `int(text, radix)` does; radix 0 looks at the prefix. None if it is not one.
pub fn parse(text: &[u8], radix: u32) -> Option<Int> {
    let mut ascii = Vec::with_capacity(text.len());
    for c in crate::str::CodePoints(text) {
        match crate::str::unicode::decimal(c) {
            Some(d) => ascii.push(b'0' + d as u8),
            None if crate::str::unicode::is_space(c) => ascii.push(b' '),
            None if c < 128 => ascii.push(c as u8),
            None => return None,
        }
    }
    let t = ascii.trim_ascii();
    let (negative, mut t) = match t.first()? {
        b'-' => (true, &t[1..]),
        b'+' => (false, &t[1..]),
        _ => (false, t),
    };
    let prefix = match t {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut base = radix;
    if prefix != 0 && (radix == 0 || radix == prefix) {
        base = prefix;
        t = &t[2..];
        if t.first() == Some(&b'_') {
            t = &t[1..];
        }
    } else if radix == 0 {
        base = 10;
        if t.first() == Some(&b'0') && t.iter().any(|c| !matches!(c, b'0' | b'_')) {
            return None;
        }
    }
    if t.is_empty() || t[0] == b'_' || t[t.len() - 1] == b'_' || t.windows(2).any(|w| w == b"__") {
        return None;
    }
    let digits: Vec<u8> = t.iter().copied().filter(|&c| c != b'_').collect();
    if !digits.iter().all(|&c| (c as char).is_digit(base)) {
        return None;
    }
    let digits = std::str::from_utf8(&digits).ok()?;
    let small = i64::from_str_radix(digits, base).ok();
    Some(match small {
        Some(v) => Int::Small(if negative { -v } else { v }),
        None => {
            let v = IBig::from_str_radix(digits, base).ok()?;
            Int::Big(if negative { -v } else { v })
        }
    })
}
/// As [`parse`], for the argument `shown` of `int`.
///
/// # Errors
/// ValueError with CPython's text.
pub fn parse_object(vm: &'static Vm, text: &[u8], radix: u32, shown: Gc) -> PyResult {
    let limit = vm.world().int_max_str_digits.get();
    if limit > 0 && text.len() > limit && !radix.is_power_of_two() {
        let digits = text.iter().filter(|c| c.is_ascii_digit()).count();
        if digits > limit {
            return Err(vm.value_error(format_args!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
            )));
        }
    }
    match parse(text, radix) {
        Some(Int::Small(v)) => Ok(int::new(vm, v)),
        Some(Int::Big(v)) => Ok(int::from_big(vm, &v)),
        None => {
            let shown = crate::operator::repr_text(vm, shown)?;
            Err(vm.value_error(format_args!(
                "invalid literal for int() with base {radix}: {shown}"
            )))
        }
    }
}
