//! The format-specification mini-language: `format(value, spec)` for str, int and float.

use super::digits::{self, Text};
use super::{as_str, bytes, char_len, decode, from_wtf8, push_code_point};
use crate::access::Access;
use crate::int::Int;
use crate::int_text::SmallDecimal;
use crate::layout::*;
use crate::{Errors, PyResult, Vm, float, type_of};
use ouro_gc::Gc;
use smallvec::SmallVec;

/// A parsed format specification. Code points that are missing are 0.
#[derive(Clone, Debug)]
struct Spec {
    fill: u32,
    align: u8,
    sign: u8,
    no_negative_zero: bool,
    alternate: bool,
    /// The zero before the width aligned, not an explicit `=`.
    zero: bool,
    width: usize,
    grouping: u8,
    precision: Option<usize>,
    kind: u32,
}

/// Whether a specification is the empty str: the value is then formatted by its class's `__str__`.
pub fn is_empty(spec: Gc) -> bool {
    as_str(spec).is_some_and(|s| bytes(s).is_empty())
}
fn parse_object(vm: &'static Vm, spec: Gc, object: Gc) -> PyResult<Spec> {
    match as_str(spec) {
        Some(s) => parse(vm, bytes(s), object),
        None => {
            let got = type_of(vm, spec).text();
            Err(vm.type_error(format_args!("__format__() argument must be str, not {got}")))
        }
    }
}
/// Reads a specification; messages name the class of `object`.
fn parse(vm: &'static Vm, text: &[u8], object: Gc) -> PyResult<Spec> {
    let mut out = Spec {
        fill: u32::from(b' '),
        align: 0,
        sign: b'-',
        no_negative_zero: false,
        alternate: false,
        zero: false,
        width: 0,
        grouping: 0,
        precision: None,
        kind: 0,
    };
    let at = |i: usize| text.get(i).copied().unwrap_or(0);
    let is_align = |c: u8| matches!(c, b'<' | b'>' | b'=' | b'^');
    let mut i = 0;
    let mut has_fill = false;
    match decode(text) {
        Some((c, length)) if is_align(at(length)) => {
            (out.fill, out.align, i, has_fill) = (c, at(length), length + 1, true);
        }
        _ if is_align(at(0)) => (out.align, i) = (at(0), 1),
        _ => {}
    }
    if let c @ (b'+' | b'-' | b' ') = at(i) {
        (out.sign, i) = (c, i + 1);
    }
    if at(i) == b'z' {
        (out.no_negative_zero, i) = (true, i + 1);
    }
    if at(i) == b'#' {
        (out.alternate, i) = (true, i + 1);
    }
    if at(i) == b'0' && !has_fill {
        out.fill = u32::from(b'0');
        if out.align == 0 {
            (out.align, out.zero) = (b'=', true);
        }
        i += 1;
    }
    out.width = number(vm, text, &mut i)?.unwrap_or(0);
    crate::error::check_room(vm, out.width)?;
    if at(i) == b',' {
        (out.grouping, i) = (b',', i + 1);
    }
    if at(i) == b'_' {
        if out.grouping != 0 {
            return Err(vm.value_error("Cannot specify both ',' and '_'."));
        }
        (out.grouping, i) = (b'_', i + 1);
    }
    if at(i) == b',' {
        let text = match out.grouping {
            b'_' => "Cannot specify both ',' and '_'.",
            _ => "Cannot specify ',' with ','.",
        };
        return Err(vm.value_error(text));
    }
    if at(i) == b'.' {
        i += 1;
        out.precision = number(vm, text, &mut i)?;
        if out.precision.is_none() {
            return Err(vm.value_error("Format specifier missing precision"));
        }
    }
    let Some((kind, length)) = decode(&text[i..]) else {
        return Ok(out);
    };
    if i + length < text.len() {
        let (shown, object) = (String::from_utf8_lossy(text), type_of(vm, object).text());
        return Err(vm.value_error(format_args!(
            "Invalid format specifier '{shown}' for object of type '{object}'"
        )));
    }
    out.kind = kind;
    let named = u8::try_from(kind).unwrap_or(0);
    let groups = b"defgEG%F".contains(&named) || out.grouping == b'_' && b"boxX".contains(&named);
    if out.grouping != 0 && !groups {
        let grouping = char::from(out.grouping);
        let kind = shown_kind(kind);
        return Err(vm.value_error(format_args!("Cannot specify '{grouping}' with '{kind}'.")));
    }
    Ok(out)
}
fn number(vm: &'static Vm, text: &[u8], i: &mut usize) -> PyResult<Option<usize>> {
    let start = *i;
    let mut found = 0usize;
    while let Some(c) = text.get(*i).filter(|c| c.is_ascii_digit()) {
        found = found
            .saturating_mul(10)
            .saturating_add(usize::from(c - b'0'));
        *i += 1;
    }
    if found > isize::MAX as usize {
        return Err(vm.value_error("Too many decimal digits in format string"));
    }
    Ok((start < *i).then_some(found))
}
/// A kind as messages show it: by its number if it is not printable ASCII.
fn shown_kind(kind: u32) -> String {
    match char::from_u32(kind).filter(|_| kind > 32 && kind < 128) {
        Some(kind) => kind.to_string(),
        None => format!("\\x{kind:x}"),
    }
}
fn unknown(vm: &'static Vm, kind: u32, object: Gc) -> Gc {
    let (kind, object) = (shown_kind(kind), type_of(vm, object).text());
    vm.value_error(format_args!(
        "Unknown format code '{kind}' for object of type '{object}'"
    ))
}
/// How many fill characters go to the left and to the right.
fn shares(missing: usize, align: u8) -> (usize, usize) {
    match align {
        b'<' => (0, missing),
        b'^' => (missing / 2, missing - missing / 2),
        _ => (missing, 0),
    }
}
fn fill(out: &mut Text, c: u32, n: usize) {
    if n == 0 {
        return;
    }
    if c < 128 {
        out.resize(out.len() + n, c as u8);
        return;
    }
    let mut encoded = Vec::with_capacity(4);
    push_code_point(&mut encoded, c);
    (0..n).for_each(|_| out.extend_from_slice(&encoded));
}

/// `format(str, spec)`
///
/// # Errors
/// TypeError and ValueError with CPython's texts.
pub fn format_str(vm: &'static Vm, object: Gc, spec: Gc) -> PyResult {
    let s = crate::payload(object);
    let spec = parse_object(vm, spec, object)?;
    let refuse = |what: &str| {
        Err(vm.value_error(format_args!(
            "{what} not allowed in string format specifier"
        )))
    };
    if spec.kind != 0 && spec.kind != u32::from(b's') {
        return Err(unknown(vm, spec.kind, object));
    }
    if spec.grouping != 0 {
        let g = char::from(spec.grouping);
        return Err(vm.value_error(format_args!("Cannot specify '{g}' with 's'.")));
    }
    if spec.sign != b'-' {
        return refuse(if spec.sign == b' ' { "Space" } else { "Sign" });
    }
    if spec.no_negative_zero {
        return refuse("Negative zero coercion (z)");
    }
    if spec.alternate {
        return refuse("Alternate form (#)");
    }
    if spec.align == b'=' && !spec.zero {
        return refuse("'=' alignment");
    }
    let kept = match spec.precision {
        Some(p) => super::substring(vm, s, 0, p.min(char_len(s))),
        None => s,
    };
    let missing = spec.width.saturating_sub(char_len(kept));
    if missing == 0 {
        return Ok(kept);
    }
    let align = if matches!(spec.align, 0 | b'=') {
        b'<'
    } else {
        spec.align
    };
    let (left, right) = shares(missing, align);
    let mut out = Text::new();
    fill(&mut out, spec.fill, left);
    out.extend_from_slice(bytes(kept));
    fill(&mut out, spec.fill, right);
    Ok(from_wtf8(vm, &out))
}

/// A number in parts: what stands before the digits, the whole digits, and all that follows.
struct Number<'a> {
    negative: bool,
    prefix: &'a [u8],
    whole: &'a [u8],
    rest: &'a [u8],
    /// Digits in a group.
    group: usize,
}
impl Number<'_> {
    fn write(&self, out: &mut Text, spec: &Spec) {
        let sign: &[u8] = match (self.negative, spec.sign) {
            (true, _) => b"-",
            (false, b'+') => b"+",
            (false, b' ') => b" ",
            _ => b"",
        };
        let align = if spec.align == 0 { b'>' } else { spec.align };
        let fixed = sign.len() + self.prefix.len() + self.rest.len();
        let grouped: SmallVec<[u8; 64]>;
        let mut whole = self.whole;
        if spec.grouping != 0 {
            // Zeros that fill the width are digits, so they are grouped too.
            let zeros = spec.fill == u32::from(b'0') && align == b'=';
            let least = if zeros {
                spec.width.saturating_sub(fixed)
            } else {
                0
            };
            grouped = group(whole, spec.grouping, self.group, least);
            whole = &grouped;
        }
        let missing = spec.width.saturating_sub(fixed + whole.len());
        let (left, right) = match align {
            b'=' => (0, 0),
            align => shares(missing, align),
        };
        fill(out, spec.fill, left);
        out.extend_from_slice(sign);
        out.extend_from_slice(self.prefix);
        if align == b'=' {
            fill(out, spec.fill, missing);
        }
        out.extend_from_slice(whole);
        out.extend_from_slice(self.rest);
        fill(out, spec.fill, right);
    }
}
/// The digits in groups of `size`, with zeros in front so that they take at least `least` places.
fn group(digits: &[u8], separator: u8, size: usize, least: usize) -> SmallVec<[u8; 64]> {
    let places = |n: usize| n + (n.max(1) - 1) / size;
    let mut n = digits.len();
    while places(n) < least {
        n += 1;
    }
    let mut out = SmallVec::with_capacity(places(n));
    for i in 0..n {
        if i > 0 && (n - i).is_multiple_of(size) {
            out.push(separator);
        }
        let zeros = n - digits.len();
        out.push(if i < zeros { b'0' } else { digits[i - zeros] });
    }
    out
}

/// `format(int, spec)`
///
/// # Errors
/// As [`format_str`].
pub fn format_int(vm: &'static Vm, object: Gc, v: &Int, spec: Gc) -> PyResult {
    let spec = parse_object(vm, spec, object)?;
    let mut out = Text::new();
    write_int(vm, &mut out, object, v, &spec)?;
    Ok(from_wtf8(vm, &out))
}
fn write_int(vm: &'static Vm, out: &mut Text, object: Gc, v: &Int, spec: &Spec) -> PyResult<()> {
    let kind = if spec.kind == 0 {
        u32::from(b'd')
    } else {
        spec.kind
    };
    let named = u8::try_from(kind).unwrap_or(0);
    if b"eEfFgG%".contains(&named) {
        return write_float(vm, out, object, float::from_int(vm, v)?, spec, named);
    }
    if !b"dnboxXc".contains(&named) {
        return Err(unknown(vm, kind, object));
    }
    if spec.precision.is_some() {
        return Err(vm.value_error("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(
            vm.value_error("Negative zero coercion (z) not allowed in integer format specifier")
        );
    }
    let (radix, prefix): (u8, &[u8]) = match named {
        b'd' | b'n' => (10, b""),
        b'b' => (2, b"0b"),
        b'o' => (8, b"0o"),
        b'x' => (16, b"0x"),
        b'X' => (16, b"0X"),
        _ => return write_character(vm, out, v, spec),
    };
    let decimal;
    let mut other;
    let whole = match v {
        Int::Small(n) if radix == 10 => {
            decimal = SmallDecimal::new(*n);
            let text = decimal.as_bytes();
            text.strip_prefix(b"-").unwrap_or(text)
        }
        v => {
            other = match v {
                Int::Small(n) if radix != 10 => in_radix(n.unsigned_abs(), radix),
                v => v.big().into_parts().1.in_radix(radix.into()).to_string(),
            };
            if named == b'X' {
                other.make_ascii_uppercase();
            }
            other.as_bytes()
        }
    };
    let number = Number {
        negative: v.is_negative(),
        prefix: if spec.alternate { prefix } else { b"" },
        whole,
        rest: b"",
        group: if radix == 10 { 3 } else { 4 },
    };
    number.write(out, spec);
    Ok(())
}
fn in_radix(n: u64, radix: u8) -> String {
    match radix {
        2 => format!("{n:b}"),
        8 => format!("{n:o}"),
        _ => format!("{n:x}"),
    }
}
fn write_character(vm: &'static Vm, out: &mut Text, v: &Int, spec: &Spec) -> PyResult<()> {
    if spec.sign != b'-' {
        return Err(vm.value_error("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(
            vm.value_error("Alternate form (#) not allowed with integer format specifier 'c'")
        );
    }
    let Some(c) = v.small() else {
        return Err(vm.overflow_error("Python int too large to convert to C long"));
    };
    let Some(c) = u32::try_from(c).ok().filter(|&c| c < 0x11_0000) else {
        return Err(vm.overflow_error("%c arg not in range(0x110000)"));
    };
    let (left, right) = match spec.align {
        0 => shares(spec.width.saturating_sub(1), b'>'),
        align => shares(spec.width.saturating_sub(1), align),
    };
    fill(out, spec.fill, left);
    fill(out, c, 1);
    fill(out, spec.fill, right);
    Ok(())
}

/// `format(float, spec)`
///
/// # Errors
/// As [`format_str`].
pub fn format_float(vm: &'static Vm, object: Gc, v: f64, spec: Gc) -> PyResult {
    let spec = parse_object(vm, spec, object)?;
    let mut out = Text::new();
    let kind = match spec.kind {
        0 => REPR,
        kind => u8::try_from(kind).map_err(|_| unknown(vm, kind, object))?,
    };
    write_float(vm, &mut out, object, v, &spec, kind)?;
    Ok(from_wtf8(vm, &out))
}
/// Stands for a missing kind: the shortest digits, or those of `g` with a digit after the point.
const REPR: u8 = 0;

fn write_float(
    vm: &'static Vm,
    out: &mut Text,
    object: Gc,
    v: f64,
    spec: &Spec,
    kind: u8,
) -> PyResult<()> {
    let percent = kind == b'%';
    let shown = if percent { v * 100.0 } else { v };
    let size = shown.abs();
    let precision = spec.precision.unwrap_or(6);
    if precision > i32::MAX as usize {
        return Err(vm.value_error("precision too big"));
    }
    crate::error::check_room(vm, precision)?;
    let mut text = Text::new();
    match kind {
        REPR | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%' if !size.is_finite() => {
            text.extend_from_slice(if size.is_nan() { b"nan" } else { b"inf" });
        }
        REPR => match spec.precision {
            None => {
                text.extend_from_slice(float::format_shortest(size, true).as_bytes());
                let exponent = text.iter().position(|&c| c == b'e');
                if let Some(at) = exponent.filter(|_| spec.alternate && !text.contains(&b'.')) {
                    text.insert(at, b'.');
                }
            }
            Some(p) => with_point(&mut text, size, p, spec.alternate),
        },
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            digits::magnitude(&mut text, size, kind, precision, spec.alternate);
        }
        b'n' => digits::magnitude(&mut text, size, b'g', precision, spec.alternate),
        b'%' => digits::magnitude(&mut text, size, b'f', precision, spec.alternate),
        kind => return Err(unknown(vm, u32::from(kind), object)),
    }
    let zero = !text.iter().any(|c| (b'1'..=b'9').contains(c)) && size.is_finite();
    if kind.is_ascii_uppercase() {
        text.make_ascii_uppercase();
    }
    let cut = match size.is_finite() {
        true => text.iter().position(|c| !c.is_ascii_digit()),
        false => Some(0),
    };
    if percent {
        text.push(b'%');
    }
    let (whole, rest) = text.split_at(cut.unwrap_or(text.len() - usize::from(percent)));
    let number = Number {
        negative: v.is_sign_negative() && !v.is_nan() && !(spec.no_negative_zero && zero),
        prefix: b"",
        whole,
        rest,
        group: 3,
    };
    match size.is_finite() {
        true => number.write(out, spec),
        false => number.write(
            out,
            &Spec {
                grouping: 0,
                ..spec.clone()
            },
        ),
    }
    Ok(())
}
/// The style without a letter but with a precision: like `g`, but a digit follows the point, and the exponent comes one
/// digit earlier, as in `repr`.
fn with_point(text: &mut Text, v: f64, precision: usize, alternate: bool) {
    let p = precision.max(1);
    let e = digits::decimal_exponent(v, p);
    let plain = -4 <= e && e + 1 < p as i32;
    let (kind, places) = match plain {
        true => (b'f', p as i32 - 1 - e),
        false => (b'e', p as i32 - 1),
    };
    digits::magnitude(text, v, kind, places as usize, alternate);
    if alternate {
        return;
    }
    let end = text.iter().position(|&c| c == b'e').unwrap_or(text.len());
    if text[..end].contains(&b'.') {
        let zeros = text[..end].iter().rev().take_while(|&&c| c == b'0').count();
        let point = text[end - zeros - 1] == b'.';
        text.drain(end - zeros - usize::from(point)..end);
    }
    if plain && !text.contains(&b'.') {
        text.extend_from_slice(b".0");
    }
}

/// Appends `format(value, spec)` where that runs no guest code: exact ints, floats and strs. False for other objects.
///
/// # Errors
/// As `format`.
pub fn write_plain(vm: &'static Vm, out: &mut Text, value: Gc, spec: &[u8]) -> PyResult<bool> {
    if value.is::<WInt>() {
        let v = value.get(WInt::VALUE);
        match spec.is_empty() {
            true => out.extend_from_slice(SmallDecimal::new(v).as_bytes()),
            false => write_int(vm, out, value, &Int::Small(v), &parse(vm, spec, value)?)?,
        }
        return Ok(true);
    }
    if value.is::<WStr>() && spec.is_empty() {
        out.extend_from_slice(bytes(value));
        return Ok(true);
    }
    if value.is::<WFloat>() && !spec.is_empty() {
        let parsed = parse(vm, spec, value)?;
        if let Ok(kind) = u8::try_from(parsed.kind) {
            write_float(vm, out, value, value.get(WFloat::VALUE), &parsed, kind)?;
            return Ok(true);
        }
    }
    Ok(false)
}
