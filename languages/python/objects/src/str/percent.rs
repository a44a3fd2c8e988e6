//! `format % values`
//!
//! All that matters in a format is ASCII, so it is read byte by byte, and the outcome is written as WTF-8: lone
//! surrogates pass.

use super::digits::{self, Text};
use super::{as_str, bytes, count_chars, decode, from_wtf8, push_code_point};
use crate::access::Access;
use crate::int::Int;
use crate::int_text::SmallDecimal;
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, float, int, type_of};
use ouro_gc::Gc;
use smallvec::SmallVec;

struct Values {
    tuple: Option<Gc>,
    single: Gc,
    next: usize,
}
impl Values {
    fn take(&mut self, vm: &'static Vm) -> PyResult {
        let found = match self.tuple {
            Some(t) => crate::tuple::items(t).get(self.next).copied(),
            None => (self.next == 0).then_some(self.single),
        };
        self.next += 1;
        found.ok_or_else(|| vm.type_error("not enough arguments for format string"))
    }
    fn left(&self) -> bool {
        match self.tuple {
            Some(t) => self.next < crate::tuple::len(t),
            None => self.next == 0,
        }
    }
}
/// How one value is shown.
#[derive(Default)]
struct Style {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}
impl Style {
    fn sign(&self, negative: bool) -> &'static [u8] {
        match (negative, self.plus, self.space) {
            (true, ..) => b"-",
            (_, true, _) => b"+",
            (_, _, true) => b" ",
            _ => b"",
        }
    }
    /// Brings what was written from `start` on to the width. Zeros go behind the first `lead` bytes.
    fn pad(&self, out: &mut Text, start: usize, lead: usize, numeric: bool) {
        let missing = self.width.saturating_sub(count_chars(&out[start..]));
        if missing == 0 {
            return;
        }
        let end = out.len();
        let (fill, at) = match (self.left, self.zero && numeric) {
            (true, _) => (b' ', end),
            (_, true) => (b'0', start + lead),
            _ => (b' ', start),
        };
        out.resize(end + missing, fill);
        out.copy_within(at..end, at + missing);
        out[at..at + missing].fill(fill);
    }
}
/// `s % values` for an exact str.
///
/// # Errors
/// TypeError and ValueError with CPython's texts.
pub fn percent(vm: &'static Vm, s: Gc, values: Gc) -> PyResult {
    // A copy, since values run guest code.
    let format: SmallVec<[u8; 64]> = SmallVec::from_slice(bytes(s));
    let tuple = crate::tuple::as_tuple(values);
    let mut source = Values {
        tuple,
        single: values,
        next: 0,
    };
    let mapping = tuple.is_none() && is_mapping(vm, values);
    let mut used_mapping = false;
    let mut out = Text::new();
    let mut i = 0;
    let incomplete = || vm.value_error("incomplete format");
    while let Some(literal) = memchr::memchr(b'%', &format[i..]) {
        out.extend_from_slice(&format[i..i + literal]);
        i += literal + 1;
        if format.get(i) == Some(&b'%') {
            out.push(b'%');
            i += 1;
            continue;
        }
        let mut keyed = None;
        if format.get(i) == Some(&b'(') {
            if !mapping {
                return Err(vm.type_error("format requires a mapping"));
            }
            let (start, mut level) = (i + 1, 1);
            i += 1;
            while i < format.len() && level > 0 {
                level += match format[i] {
                    b'(' => 1,
                    b')' => -1,
                    _ => 0,
                };
                i += 1;
            }
            if level > 0 {
                return Err(vm.value_error("incomplete format key"));
            }
            let key = from_wtf8(vm, &format[start..i - 1]);
            keyed = Some(crate::operator::get_item(vm, values, key)?);
            used_mapping = true;
        }
        let mut style = Style::default();
        while let Some(c) = format.get(i) {
            match c {
                b'-' => style.left = true,
                b'+' => style.plus = true,
                b' ' => style.space = true,
                b'0' => style.zero = true,
                b'#' => style.alternate = true,
                _ => break,
            }
            i += 1;
        }
        let width = number(vm, &format, &mut i, &mut source, "width")?;
        style.left |= width < 0;
        style.width = width.unsigned_abs() as usize;
        crate::error::check_room(vm, style.width)?;
        if format.get(i) == Some(&b'.') {
            i += 1;
            let precision = number(vm, &format, &mut i, &mut source, "precision")?.max(0) as usize;
            crate::error::check_room(vm, precision)?;
            style.precision = Some(precision);
        }
        while matches!(format.get(i), Some(b'h' | b'l' | b'L')) {
            i += 1;
        }
        let at = i;
        let (kind, len) = decode(&format[i..]).ok_or_else(incomplete)?;
        i += len;
        let value = match keyed {
            Some(v) => v,
            None => source.take(vm)?,
        };
        let start = out.len();
        let numeric = !matches!(format[at], b's' | b'r' | b'a' | b'c');
        let lead = match format[at] {
            b's' | b'r' | b'a' => {
                show(vm, format[at], value, style.precision, &mut out)?;
                0
            }
            b'c' => {
                character(vm, value, &mut out)?;
                0
            }
            b'd' | b'i' | b'u' | b'x' | b'X' | b'o' => {
                integer(vm, format[at], value, &style, &mut out)?
            }
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
                real(vm, format[at], value, &style, &mut out)?
            }
            _ => {
                return Err(vm.value_error(format_args!(
                    "unsupported format character '{}' (0x{kind:x}) at index {}",
                    if (32..127).contains(&kind) {
                        char::from(kind as u8)
                    } else {
                        '?'
                    },
                    count_chars(&format[..at])
                )));
            }
        };
        style.pad(&mut out, start, lead, numeric);
    }
    out.extend_from_slice(&format[i..]);
    if source.left() && !(mapping && (used_mapping || tuple.is_none())) {
        return Err(vm.type_error("not all arguments converted during string formatting"));
    }
    Ok(from_wtf8(vm, &out))
}
/// A width or precision: digits, or `*` for the next value. 0 if there is none.
fn number(
    vm: &'static Vm,
    format: &[u8],
    i: &mut usize,
    source: &mut Values,
    what: &str,
) -> PyResult<i64> {
    if format.get(*i) == Some(&b'*') {
        *i += 1;
        let v = source.take(vm)?;
        return match int::get(v) {
            Some(v) => v
                .small()
                .ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t")),
            None => Err(vm.type_error("* wants int")),
        };
    }
    let mut found: i64 = 0;
    while let Some(c) = format.get(*i).filter(|c| c.is_ascii_digit()) {
        found = found
            .checked_mul(10)
            .and_then(|found| found.checked_add(i64::from(c - b'0')))
            .ok_or_else(|| vm.value_error(format_args!("{what} too big")))?;
        *i += 1;
    }
    Ok(found)
}
/// `%s`, `%r` and `%a`
fn show(
    vm: &'static Vm,
    kind: u8,
    value: Gc,
    precision: Option<usize>,
    out: &mut Text,
) -> PyResult<()> {
    if value.is::<WInt>() && precision.is_none() {
        out.extend_from_slice(SmallDecimal::new(value.get(WInt::VALUE)).as_bytes());
        return Ok(());
    }
    let text = match kind {
        b's' => crate::operator::str_of(vm, value)?,
        b'r' => crate::operator::repr(vm, value)?,
        _ => crate::builtins::ascii(vm, value)?,
    };
    let text = bytes(crate::payload(text));
    let mut ends = text.iter().enumerate().filter(|(_, c)| **c & 0xc0 != 0x80);
    let end = precision.and_then(|p| ends.nth(p)).map(|(end, _)| end);
    out.extend_from_slice(&text[..end.unwrap_or(text.len())]);
    Ok(())
}
/// `%c`
fn character(vm: &'static Vm, value: Gc, out: &mut Text) -> PyResult<()> {
    if let Some(s) = as_str(value) {
        if super::char_len(s) != 1 {
            return Err(vm.type_error("%c requires int or char"));
        }
        out.extend_from_slice(bytes(s));
        return Ok(());
    }
    if !int::has_index(vm, value) {
        return Err(vm.type_error("%c requires int or char"));
    }
    let c = int::index(vm, value)?
        .small()
        .and_then(|c| u32::try_from(c).ok())
        .filter(|&c| c < 0x110000);
    let c = c.ok_or_else(|| vm.overflow_error("%c arg not in range(0x110000)"))?;
    let mut encoded = Vec::with_capacity(4);
    push_code_point(&mut encoded, c);
    out.extend_from_slice(&encoded);
    Ok(())
}
/// Whole numbers. The length of what stands before the digits.
fn integer(vm: &'static Vm, kind: u8, value: Gc, style: &Style, out: &mut Text) -> PyResult<usize> {
    let wants = |what: &str| {
        let got = type_of(vm, value).text();
        let kind = char::from(kind);
        vm.type_error(format_args!(
            "%{kind} format: {what} is required, not {got}"
        ))
    };
    let v = match int::get(value) {
        Some(v) => v,
        None if matches!(kind, b'd' | b'i' | b'u') => {
            if float::get(value).is_none()
                && type_of(vm, value).special(vm, Special::Int).is_null()
                && !int::has_index(vm, value)
            {
                return Err(wants("a real number"));
            }
            let n = crate::number_methods::to_int(vm, value)?;
            int::get(n).ok_or_else(|| wants("a real number"))?
        }
        None if int::has_index(vm, value) => int::index(vm, value)?,
        None => return Err(wants("an integer")),
    };
    let start = out.len();
    out.extend_from_slice(style.sign(v.is_negative()));
    let (radix, prefix): (u8, &[u8]) = match kind {
        b'x' => (16, b"0x"),
        b'X' => (16, b"0X"),
        b'o' => (8, b"0o"),
        _ => (10, b""),
    };
    if style.alternate {
        out.extend_from_slice(prefix);
    }
    let lead = out.len() - start;
    let digits = out.len();
    match v {
        Int::Small(v) if radix == 10 => {
            let text = SmallDecimal::new(v);
            let text = text.as_bytes();
            out.extend_from_slice(text.strip_prefix(b"-").unwrap_or(text));
        }
        v => {
            let magnitude = v.big().into_parts().1;
            out.extend_from_slice(magnitude.in_radix(radix).to_string().as_bytes());
        }
    }
    if kind == b'X' {
        out[digits..].make_ascii_uppercase();
    }
    if let Some(precision) = style.precision {
        let zeros = precision.saturating_sub(out.len() - digits);
        out.insert_many(digits, std::iter::repeat_n(b'0', zeros));
    }
    Ok(lead)
}
/// Floats. The length of the sign.
fn real(vm: &'static Vm, kind: u8, value: Gc, style: &Style, out: &mut Text) -> PyResult<usize> {
    let v = float::to_f64(vm, value)?;
    let sign = style.sign(v.is_sign_negative() && !v.is_nan());
    out.extend_from_slice(sign);
    let start = out.len();
    if v.is_nan() {
        out.extend_from_slice(b"nan");
    } else if v.is_infinite() {
        out.extend_from_slice(b"inf");
    } else {
        let precision = style.precision.unwrap_or(6);
        digits::magnitude(out, v.abs(), kind, precision, style.alternate);
    }
    if kind.is_ascii_uppercase() {
        out[start..].make_ascii_uppercase();
    }
    Ok(sign.len())
}
/// Whether a value is a mapping for `%(name)s`.
pub fn is_mapping(vm: &'static Vm, values: Gc) -> bool {
    !values.is::<WTuple>()
        && as_str(values).is_none()
        && !type_of(vm, values).special(vm, Special::GetItem).is_null()
}
