//! JSON strings: quoting and reading them.

use crate::args;
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::str::{self as strs, index};
use ouro_py_objects::{Errors, Kw, PyResult, Vm};

/// `encode_basestring`
pub fn encode(vm: &'static Vm, v: Gc) -> PyResult {
    quoted(vm, v, quote)
}
/// `encode_basestring_ascii`
pub fn encode_ascii(vm: &'static Vm, v: Gc) -> PyResult {
    quoted(vm, v, quote_ascii)
}
fn quoted(vm: &'static Vm, v: Gc, write: fn(&mut Vec<u8>, &[u8])) -> PyResult {
    let content = strs::bytes(str_argument(vm, v)?);
    let mut out = Vec::with_capacity(content.len() + 2);
    write(&mut out, content);
    strs::build(vm, out.len(), |bytes| bytes.copy_from_slice(&out))
}
/// The exact str of an argument that must be one.
///
/// # Errors
/// TypeError.
pub fn str_argument(vm: &'static Vm, v: Gc) -> PyResult {
    strs::as_str(v).ok_or_else(|| {
        vm.type_error(format_args!(
            "first argument must be a string, not {}",
            type_name(vm, v)
        ))
    })
}
/// Appends the content of a str in quotes; control characters, quotes and backslashes are escaped.
pub fn quote(out: &mut Vec<u8>, content: &[u8]) {
    out.push(b'"');
    let mut plain = 0;
    for (i, &c) in content.iter().enumerate() {
        if c >= b' ' && c != b'"' && c != b'\\' {
            continue;
        }
        out.extend_from_slice(&content[plain..i]);
        escape(out, c);
        plain = i + 1;
    }
    out.extend_from_slice(&content[plain..]);
    out.push(b'"');
}
/// As [`quote`]; all that is not printable ASCII is escaped too, beyond the basic plane as two surrogates.
pub fn quote_ascii(out: &mut Vec<u8>, content: &[u8]) {
    out.push(b'"');
    let (mut plain, mut i) = (0, 0);
    while let Some(&c) = content.get(i) {
        if matches!(c, b' '..=b'~') && c != b'"' && c != b'\\' {
            i += 1;
            continue;
        }
        out.extend_from_slice(&content[plain..i]);
        match strs::decode(&content[i..]) {
            Some((c, length)) if c >= 128 => {
                let mut units = [0; 2];
                match char::from_u32(c) {
                    Some(c) => c
                        .encode_utf16(&mut units)
                        .iter()
                        .for_each(|&u| unit(out, u)),
                    None => unit(out, c as u16),
                }
                i += length;
            }
            _ => {
                escape(out, c);
                i += 1;
            }
        }
        plain = i;
    }
    out.extend_from_slice(&content[plain..]);
    out.push(b'"');
}
fn escape(out: &mut Vec<u8>, c: u8) {
    let short = match c {
        b'"' | b'\\' => c,
        8 => b'b',
        12 => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => return unit(out, u16::from(c)),
    };
    out.extend_from_slice(&[b'\\', short]);
}
fn unit(out: &mut Vec<u8>, unit: u16) {
    let digit = |shift: u16| b"0123456789abcdef"[usize::from(unit >> shift & 15)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// What is wrong with a text, and at which byte.
pub type Fault = (&'static str, usize);

/// `json.JSONDecodeError` for a fault in the str `s`, or what importing it raises.
#[cold]
pub fn decode_error(vm: &'static Vm, s: Gc, (what, at): Fault) -> Gc {
    let position = int(vm, index::index_of(vm, s, at) as i64);
    let made = crate::import::import_module(vm, "json.decoder")
        .and_then(|decoder| get_attr(vm, decoder, "JSONDecodeError"))
        .and_then(|class| call(vm, class, &[string(vm, what), s, position]));
    made.unwrap_or_else(|e| e)
}

/// `scanstring`
pub fn scanstring(vm: &'static Vm, given: &[Gc], kw: &Kw) -> PyResult {
    let names = ["string", "end", "strict"];
    let [s, end, strict] = args::bind(vm, "scanstring", names, 2, given, kw)?;
    let end = to_i64(vm, end)?;
    let strict = strict.is_null() || truth(vm, strict)?;
    let s = str_argument(vm, s)?;
    if end < 0 || end as usize > strs::char_len(s) {
        return Err(vm.value_error("end is out of bounds"));
    }
    let start = index::offset_of(vm, s, end as usize);
    let (value, end) = scan(vm, s, start, strict)?;
    let end = int(vm, index::index_of(vm, s, end) as i64);
    Ok(tuple(vm, &[value, end]))
}
/// The string whose content starts at byte `start`, and the offset behind its closing quote.
///
/// # Errors
/// JSONDecodeError.
pub fn scan(vm: &'static Vm, s: Gc, start: usize, strict: bool) -> PyResult<(Gc, usize)> {
    let content = strs::bytes(s);
    let end = match run(content, start, strict) {
        Ok(end) => end,
        Err(fault) => return Err(decode_error(vm, s, fault)),
    };
    if content[end] == b'"' {
        return Ok((strs::from_wtf8(vm, &content[start..end]), end + 1));
    }
    match unescape(content, start, end, strict) {
        Ok((value, end)) => Ok((strs::from_wtf8(vm, &value), end)),
        Err(fault) => Err(decode_error(vm, s, fault)),
    }
}
/// The offset of the next quote or backslash. `start` is where the string's content started.
fn run_from(content: &[u8], from: usize, start: usize, strict: bool) -> Result<usize, Fault> {
    for (i, &c) in content.iter().enumerate().skip(from) {
        match c {
            b'"' | b'\\' => return Ok(i),
            0..0x20 if strict => return Err(("Invalid control character at", i)),
            _ => {}
        }
    }
    Err(unterminated(start))
}
fn run(content: &[u8], start: usize, strict: bool) -> Result<usize, Fault> {
    run_from(content, start, start, strict)
}
fn unterminated(start: usize) -> Fault {
    ("Unterminated string starting at", start.saturating_sub(1))
}
/// The content from `start` on, of which the first backslash is at `at`; and the offset behind the closing quote.
fn unescape(
    content: &[u8],
    start: usize,
    mut at: usize,
    strict: bool,
) -> Result<(Vec<u8>, usize), Fault> {
    let mut out = content[start..at].to_vec();
    while content[at] == b'\\' {
        let Some(&c) = content.get(at + 1) else {
            return Err(unterminated(start));
        };
        at += 2;
        let plain = match c {
            b'"' | b'\\' | b'/' => c,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut c = hex(content, at)?;
                at += 4;
                if (0xd800..0xdc00).contains(&c)
                    && let Some(low) = low_surrogate(content, at)?
                {
                    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                    at += 6;
                }
                strs::push_code_point(&mut out, c);
                let next = run_from(content, at, start, strict)?;
                out.extend_from_slice(&content[at..next]);
                at = next;
                continue;
            }
            _ => return Err(("Invalid \\escape", at - 2)),
        };
        out.push(plain);
        let next = run_from(content, at, start, strict)?;
        out.extend_from_slice(&content[at..next]);
        at = next;
    }
    Ok((out, at + 1))
}
/// The number of the four hexadecimal digits at `at`, behind `\u`; something must follow them.
fn hex(content: &[u8], at: usize) -> Result<u32, Fault> {
    let fault = ("Invalid \\uXXXX escape", at - 1);
    let digits = content.get(at..at + 4).filter(|_| content.len() > at + 4);
    let digits = digits.ok_or(fault)?;
    digits.iter().try_fold(0, |n, &c| {
        let digit = char::from(c).to_digit(16).ok_or(fault)?;
        Ok(n << 4 | digit)
    })
}
/// The low surrogate that an escape at `at` stands for, if there is one.
fn low_surrogate(content: &[u8], at: usize) -> Result<Option<u32>, Fault> {
    if content.len() <= at + 6 || !content[at..].starts_with(b"\\u") {
        return Ok(None);
    }
    let c = hex(content, at + 2)?;
    Ok((0xdc00..0xe000).contains(&c).then_some(c))
}
