//! `bytes % values`.
//!
//! Conversions of numbers are those of str: each gets a format of its own, in ASCII.

use crate::access::Access;
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, int, type_of};
use ouro_gc::Gc;

/// The values that conversions take one after the other.
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
        self.next < self.tuple.map_or(1, crate::tuple::len)
    }
}
/// A conversion as it stands in the format, without `*`.
#[derive(Default)]
struct Conversion {
    flags: String,
    width: usize,
    precision: Option<usize>,
}

/// `format % values`
///
/// # Errors
/// TypeError and ValueError with CPython's texts.
pub fn percent(vm: &'static Vm, format: &[u8], values: Gc) -> PyResult<Vec<u8>> {
    let tuple = crate::tuple::as_tuple(values);
    let mut source = Values {
        tuple,
        single: values,
        next: 0,
    };
    let text = crate::str::as_str(values).is_some() || crate::bytes::content(values).is_some();
    let mapping =
        tuple.is_none() && !text && !type_of(vm, values).special(vm, Special::GetItem).is_null();
    let mut out = Vec::with_capacity(format.len());
    let mut at = 0;
    let incomplete = || vm.value_error("incomplete format");
    while let Some(&c) = format.get(at) {
        at += 1;
        if c != b'%' {
            out.push(c);
            continue;
        }
        let mut keyed = None;
        if format.get(at) == Some(&b'(') {
            if !mapping {
                return Err(vm.type_error("format requires a mapping"));
            }
            let end =
                key_end(&format[at..]).ok_or_else(|| vm.value_error("incomplete format key"))?;
            let key = crate::bytes::new(vm, &format[at + 1..at + end]);
            keyed = Some(crate::operator::get_item(vm, values, key)?);
            at += end + 1;
        }
        let mut conversion = Conversion::default();
        while let Some(&f) = format.get(at).filter(|f| b"-+ #0".contains(f)) {
            conversion.flags.push(f as char);
            at += 1;
        }
        let width = number(vm, format, &mut at, &mut source)?.unwrap_or(0);
        if width < 0 {
            conversion.flags.push('-');
        }
        conversion.width = width.unsigned_abs() as usize;
        crate::error::check_room(vm, conversion.width)?;
        if format.get(at) == Some(&b'.') {
            at += 1;
            conversion.precision = Some(
                number(vm, format, &mut at, &mut source)?
                    .unwrap_or(0)
                    .max(0) as usize,
            );
        }
        while format.get(at).is_some_and(|l| b"hlL".contains(l)) {
            at += 1;
        }
        let kind = *format.get(at).ok_or_else(incomplete)?;
        at += 1;
        if kind == b'%' {
            out.push(b'%');
            continue;
        }
        let value = match keyed {
            Some(v) => v,
            None => source.take(vm)?,
        };
        convert(vm, &mut out, kind, value, &conversion, at - 1)?;
    }
    if source.left() && !mapping {
        return Err(vm.type_error("not all arguments converted during bytes formatting"));
    }
    Ok(out)
}
/// The position of the parenthesis that closes the one at the front.
fn key_end(b: &[u8]) -> Option<usize> {
    let mut level = 0;
    b.iter().position(|c| {
        level += (*c == b'(') as i32 - (*c == b')') as i32;
        level == 0
    })
}
fn number(
    vm: &'static Vm,
    format: &[u8],
    at: &mut usize,
    source: &mut Values,
) -> PyResult<Option<i64>> {
    if format.get(*at) == Some(&b'*') {
        *at += 1;
        let v = source.take(vm)?;
        return match int::get(v) {
            Some(v) => v
                .small()
                .map(Some)
                .ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t")),
            None => Err(vm.type_error("* wants int")),
        };
    }
    let digits = format[*at..]
        .iter()
        .take_while(|c| c.is_ascii_digit())
        .count();
    let text = std::str::from_utf8(&format[*at..*at + digits]).unwrap_or("");
    *at += digits;
    Ok(text.parse().ok())
}
fn convert(
    vm: &'static Vm,
    out: &mut Vec<u8>,
    kind: u8,
    value: Gc,
    how: &Conversion,
    at: usize,
) -> PyResult<()> {
    let mut body = match kind {
        b's' | b'b' => match crate::bytes::copy_of(vm, value)? {
            Some(b) => b,
            None => match crate::call::call_special(vm, value, Special::Bytes, &[])? {
                Some(made) => crate::bytes::require(vm, made)?,
                None => {
                    let got = type_of(vm, value).text();
                    return Err(vm.type_error(format_args!(
                        "%b requires a bytes-like object, or an object that implements __bytes__, not '{got}'"
                    )));
                }
            },
        },
        b'a' | b'r' => {
            let text = crate::operator::repr(vm, value)?;
            let text = crate::codec::encode(vm, crate::payload(text), "ascii", "backslashreplace")?;
            crate::bytes::require(vm, text)?
        }
        b'c' => vec![character(vm, value)?],
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let precision = how.precision.map_or(String::new(), |p| format!(".{p}"));
            let width = if how.width > 0 {
                how.width.to_string()
            } else {
                String::new()
            };
            let format = format!("%{}{width}{precision}{}", how.flags, kind as char);
            let values = crate::tuple::new(vm, &[value]);
            let text = crate::str::percent::percent(vm, crate::str::new(vm, &format), values)?;
            out.extend_from_slice(crate::str::bytes(text));
            return Ok(());
        }
        _ => {
            let shown = if (32..127).contains(&kind) {
                kind as char
            } else {
                '?'
            };
            return Err(vm.value_error(format_args!(
                "unsupported format character '{shown}' (0x{kind:x}) at index {at}"
            )));
        }
    };
    if kind != b'c' {
        body.truncate(how.precision.unwrap_or(usize::MAX));
    }
    let missing = how.width.saturating_sub(body.len());
    if !how.flags.contains('-') {
        out.resize(out.len() + missing, b' ');
    }
    out.extend_from_slice(&body);
    if how.flags.contains('-') {
        out.resize(out.len() + missing, b' ');
    }
    Ok(())
}
fn character(vm: &'static Vm, value: Gc) -> PyResult<u8> {
    if let Some(&[b]) = crate::bytes::content(value) {
        return Ok(b);
    }
    if crate::bytes::content(value).is_some() || !int::has_index(vm, value) || value.is::<WFloat>()
    {
        return Err(vm.type_error("%c requires an integer in range(256) or a single byte"));
    }
    let byte = int::index(vm, value)?
        .small()
        .and_then(|v| u8::try_from(v).ok());
    byte.ok_or_else(|| vm.overflow_error("%c arg not in range(256)"))
}
