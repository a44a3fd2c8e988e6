//! Text encodings: between str and bytes.
//!
//! UTF-8, UTF-16, UTF-32, Latin-1 and ASCII are done here, with the standard error handlers; other names go to the
//! `codecs` module, if it can be imported.

use crate::access::Access;
use crate::class::Class;
use crate::layout::*;
use crate::{Errors, PyResult, Vm};
use ouro_gc::Gc;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encoding {
    Utf8,
    Utf8Sig,
    Latin1,
    Ascii,
    /// Bytes per unit (2 or 4); big-endian or not, or None for an order that a byte order mark tells.
    Wide(usize, Option<bool>),
}
impl Encoding {
    fn named(name: &str) -> Option<Encoding> {
        let plain: String = name
            .chars()
            .map(|c| {
                if c == '-' || c == ' ' {
                    '_'
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect();
        Some(match plain.as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" | "utf8_ucs2" | "utf8_ucs4" => {
                Encoding::Utf8
            }
            "utf_8_sig" => Encoding::Utf8Sig,
            "latin_1" | "latin1" | "latin" | "l1" | "iso8859_1" | "iso_8859_1" | "iso8859"
            | "8859" | "cp819" => Encoding::Latin1,
            "ascii" | "us_ascii" | "646" | "ansi_x3.4_1968" => Encoding::Ascii,
            "utf_16" | "utf16" | "u16" => Encoding::Wide(2, None),
            "utf_16_le" | "utf_16le" | "unicodelittleunmarked" => Encoding::Wide(2, Some(false)),
            "utf_16_be" | "utf_16be" | "unicodebigunmarked" => Encoding::Wide(2, Some(true)),
            "utf_32" | "utf32" | "u32" => Encoding::Wide(4, None),
            "utf_32_le" | "utf_32le" => Encoding::Wide(4, Some(false)),
            "utf_32_be" | "utf_32be" => Encoding::Wide(4, Some(true)),
            _ => return None,
        })
    }
    /// As error messages name it.
    fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => "utf-8",
            Encoding::Latin1 => "latin-1",
            Encoding::Ascii => "ascii",
            Encoding::Wide(2, None) => "utf-16",
            Encoding::Wide(2, Some(false)) => "utf-16-le",
            Encoding::Wide(2, Some(true)) => "utf-16-be",
            Encoding::Wide(_, None) => "utf-32",
            Encoding::Wide(_, Some(false)) => "utf-32-le",
            Encoding::Wide(_, Some(true)) => "utf-32-be",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Handler {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    SurrogateEscape,
    SurrogatePass,
    Unknown,
}
impl Handler {
    fn named(name: &str) -> Handler {
        match name {
            "strict" => Handler::Strict,
            "ignore" => Handler::Ignore,
            "replace" => Handler::Replace,
            "backslashreplace" => Handler::BackslashReplace,
            "xmlcharrefreplace" => Handler::XmlCharRefReplace,
            "surrogateescape" => Handler::SurrogateEscape,
            "surrogatepass" => Handler::SurrogatePass,
            _ => Handler::Unknown,
        }
    }
}
fn unknown_handler(vm: &'static Vm, name: &str) -> Gc {
    vm.lookup_error(format_args!("unknown error handler name '{name}'"))
}
/// A UnicodeEncodeError or UnicodeDecodeError.
fn unicode_error(
    vm: &'static Vm,
    class: &'static Class,
    encoding: &str,
    object: Gc,
    at: (usize, usize),
    reason: &str,
) -> Gc {
    let (start, end) = (
        crate::int::new(vm, at.0 as i64),
        crate::int::new(vm, at.1 as i64),
    );
    let (encoding, reason) = (crate::str::new(vm, encoding), crate::str::new(vm, reason));
    crate::error::new_exception(vm, class, &[encoding, object, start, end, reason])
}

// ---- encoding
/// `str.encode`: a bytes object. `s` is an exact str.
///
/// # Errors
/// UnicodeEncodeError, LookupError.
pub fn encode(vm: &'static Vm, s: Gc, encoding: &str, errors: &str) -> PyResult {
    match Encoding::named(encoding) {
        Some(Encoding::Utf8) if crate::str::utf8(s).is_some() => {
            Ok(crate::bytes::new(vm, crate::str::bytes(s)))
        }
        Some(known) => Ok(crate::bytes::new(vm, &encode_to(vm, s, known, errors)?)),
        None => {
            let result = by_codecs(vm, 0, s, encoding, errors)?;
            if crate::bytes::is_bytes(result) {
                return Ok(result);
            }
            let got = crate::type_of(vm, result).text();
            Err(vm.type_error(format_args!(
                "'{encoding}' encoder returned '{got}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
            )))
        }
    }
}
fn encode_to(vm: &'static Vm, s: Gc, encoding: Encoding, errors: &str) -> PyResult<Vec<u8>> {
    let mut out = Vec::with_capacity(crate::str::bytes(s).len());
    match encoding {
        Encoding::Utf8Sig => out.extend_from_slice(b"\xef\xbb\xbf"),
        Encoding::Wide(2, None) => out.extend_from_slice(&0xfeffu16.to_le_bytes()),
        Encoding::Wide(_, None) => out.extend_from_slice(&0xfeffu32.to_le_bytes()),
        _ => {}
    }
    let (limit, reason) = match encoding {
        Encoding::Ascii => (0x80, "ordinal not in range(128)"),
        Encoding::Latin1 => (0x100, "ordinal not in range(256)"),
        _ => (u32::MAX, "surrogates not allowed"),
    };
    let bad = |c: u32| c >= limit || limit == u32::MAX && (0xd800..0xe000).contains(&c);
    let chars: Vec<u32> = crate::str::code_points(s).collect();
    let handler = Handler::named(errors);
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if !bad(c) {
            put(&mut out, encoding, c);
            at += 1;
            continue;
        }
        let end = chars[at..]
            .iter()
            .position(|&c| !bad(c))
            .map_or(chars.len(), |n| at + n);
        let class = vm.world().classes.unicode_encode_error;
        let error = || unicode_error(vm, class, encoding.name(), s, (at, end), reason);
        for &c in &chars[at..end] {
            let text = match handler {
                Handler::Ignore => continue,
                Handler::Replace => "?".to_owned(),
                Handler::XmlCharRefReplace => format!("&#{c};"),
                Handler::BackslashReplace => escaped(c),
                Handler::SurrogateEscape
                    if (0xdc80..0xdd00).contains(&c) && !matches!(encoding, Encoding::Wide(..)) =>
                {
                    out.push((c - 0xdc00) as u8);
                    continue;
                }
                Handler::SurrogatePass if limit == u32::MAX => {
                    put(&mut out, encoding, c);
                    continue;
                }
                Handler::Unknown => return Err(unknown_handler(vm, errors)),
                _ => return Err(error()),
            };
            text.chars().for_each(|c| put(&mut out, encoding, c as u32));
        }
        at = end;
    }
    Ok(out)
}
fn escaped(c: u32) -> String {
    match c {
        0..=0xff => format!("\\x{c:02x}"),
        0..=0xffff => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}
/// Appends one code point that the encoding has.
fn put(out: &mut Vec<u8>, encoding: Encoding, c: u32) {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Sig => crate::str::push_code_point(out, c),
        Encoding::Latin1 | Encoding::Ascii => out.push(c as u8),
        Encoding::Wide(2, order) => {
            let mut unit = |u: u32| match order {
                Some(true) => out.extend_from_slice(&(u as u16).to_be_bytes()),
                _ => out.extend_from_slice(&(u as u16).to_le_bytes()),
            };
            if c > 0xffff {
                unit(0xd800 + ((c - 0x10000) >> 10));
                unit(0xdc00 + ((c - 0x10000) & 0x3ff));
            } else {
                unit(c);
            }
        }
        Encoding::Wide(_, Some(true)) => out.extend_from_slice(&c.to_be_bytes()),
        Encoding::Wide(..) => out.extend_from_slice(&c.to_le_bytes()),
    }
}

// ---- decoding
/// What is wrong at `start..end` of the input.
struct Bad {
    start: usize,
    end: usize,
    reason: &'static str,
    /// More input could make it right.
    incomplete: bool,
}
/// `bytes.decode`: a str.
///
/// # Errors
/// UnicodeDecodeError, LookupError.
pub fn decode(vm: &'static Vm, data: &[u8], encoding: &str, errors: &str) -> PyResult {
    if Encoding::named(encoding).is_some() {
        return decode_some(vm, data, encoding, errors, true).map(|r| r.0);
    }
    let result = by_codecs(vm, 1, crate::bytes::new(vm, data), encoding, errors)?;
    if crate::str::as_str(result).is_some() {
        return Ok(result);
    }
    let got = crate::type_of(vm, result).text();
    Err(vm.type_error(format_args!(
        "'{encoding}' decoder returned '{got}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
    )))
}
/// Decodes with one of the encodings of this file; unless `last`, an incomplete sequence at the end is left over. Gives
/// the number of bytes used.
///
/// # Errors
/// UnicodeDecodeError, LookupError.
pub fn decode_some(
    vm: &'static Vm,
    data: &[u8],
    encoding: &str,
    errors: &str,
    last: bool,
) -> PyResult<(Gc, usize)> {
    let Some(known) = Encoding::named(encoding) else {
        return Err(vm.lookup_error(format_args!("unknown encoding: {encoding}")));
    };
    if known == Encoding::Utf8
        && let Ok(text) = std::str::from_utf8(data)
    {
        return Ok((crate::str::new(vm, text), data.len()));
    }
    let (known, mut at) = byte_order(known, data);
    let handler = Handler::named(errors);
    let mut out = Vec::with_capacity(data.len());
    while let Some(bad) = valid_part(known, data, &mut at, &mut out) {
        if bad.incomplete && !last {
            return Ok((crate::str::from_wtf8(vm, &out), bad.start));
        }
        at = bad.end;
        let error = || {
            let object = crate::bytes::new(vm, data);
            let class = vm.world().classes.unicode_decode_error;
            unicode_error(
                vm,
                class,
                known.name(),
                object,
                (bad.start, bad.end),
                bad.reason,
            )
        };
        let wrong = &data[bad.start..bad.end];
        match handler {
            Handler::Ignore => {}
            Handler::Replace => crate::str::push_code_point(&mut out, 0xfffd),
            Handler::BackslashReplace => {
                wrong
                    .iter()
                    .for_each(|b| out.extend_from_slice(format!("\\x{b:02x}").as_bytes()));
            }
            Handler::SurrogateEscape => {
                let high = wrong.iter().take_while(|b| **b >= 0x80).count();
                if high == 0 {
                    return Err(error());
                }
                wrong[..high]
                    .iter()
                    .for_each(|&b| crate::str::push_code_point(&mut out, 0xdc00 + b as u32));
                at = bad.start + high;
            }
            Handler::SurrogatePass => match surrogate(known, &data[bad.start..]) {
                Some((c, len)) => {
                    crate::str::push_code_point(&mut out, c);
                    at = bad.start + len;
                }
                None => return Err(error()),
            },
            Handler::Unknown => return Err(unknown_handler(vm, errors)),
            Handler::Strict => return Err(error()),
            Handler::XmlCharRefReplace => {
                return Err(
                    vm.type_error("don't know how to handle UnicodeDecodeError in error callback")
                );
            }
        }
    }
    Ok((crate::str::from_wtf8(vm, &out), data.len()))
}
/// Settles the byte order and skips the byte order mark.
fn byte_order(encoding: Encoding, data: &[u8]) -> (Encoding, usize) {
    match encoding {
        Encoding::Utf8Sig => (
            Encoding::Utf8,
            if data.starts_with(b"\xef\xbb\xbf") {
                3
            } else {
                0
            },
        ),
        Encoding::Wide(size, None) => {
            let mark = |order: bool| {
                let mut m = Vec::new();
                put(&mut m, Encoding::Wide(size, Some(order)), 0xfeff);
                data.starts_with(&m)
            };
            (
                Encoding::Wide(size, Some(mark(true))),
                if mark(true) || mark(false) { size } else { 0 },
            )
        }
        _ => (encoding, 0),
    }
}
/// A surrogate at the front, encoded as if it were a character.
fn surrogate(encoding: Encoding, data: &[u8]) -> Option<(u32, usize)> {
    match encoding {
        Encoding::Utf8 => match *data {
            [0xed, b @ 0xa0..=0xbf, c @ 0x80..=0xbf, ..] => {
                Some((0xd000 | (b as u32 & 63) << 6 | (c as u32 & 63), 3))
            }
            _ => None,
        },
        Encoding::Wide(size, Some(big)) => {
            let c = unit(data.get(..size)?, big);
            (0xd800..0xe000).contains(&c).then_some((c, size))
        }
        _ => None,
    }
}
fn unit(bytes: &[u8], big: bool) -> u32 {
    let join = |v: u32, &b: &u8| v << 8 | b as u32;
    if big {
        bytes.iter().fold(0, join)
    } else {
        bytes.iter().rev().fold(0, join)
    }
}
/// Appends what is valid from `*at` on; the next error, or None at the end.
fn valid_part(encoding: Encoding, data: &[u8], at: &mut usize, out: &mut Vec<u8>) -> Option<Bad> {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Sig => {
            let rest = &data[*at..];
            let error = match std::str::from_utf8(rest) {
                Ok(_) => {
                    out.extend_from_slice(rest);
                    return None;
                }
                Err(e) => e,
            };
            out.extend_from_slice(&rest[..error.valid_up_to()]);
            let start = *at + error.valid_up_to();
            let bad_start = matches!(data[start], 0x80..=0xc1 | 0xf5..);
            let (end, reason) = match error.error_len() {
                None => (data.len(), "unexpected end of data"),
                Some(1) if bad_start => (start + 1, "invalid start byte"),
                Some(n) => (start + n, "invalid continuation byte"),
            };
            Some(Bad {
                start,
                end,
                reason,
                incomplete: error.error_len().is_none(),
            })
        }
        Encoding::Latin1 => {
            data[*at..]
                .iter()
                .for_each(|&b| crate::str::push_code_point(out, b as u32));
            None
        }
        Encoding::Ascii => {
            let n = data[*at..].iter().take_while(|b| b.is_ascii()).count();
            out.extend_from_slice(&data[*at..*at + n]);
            let (start, end) = (*at + n, *at + n + 1);
            (start < data.len()).then_some(Bad {
                start,
                end,
                reason: "ordinal not in range(128)",
                incomplete: false,
            })
        }
        Encoding::Wide(size, order) => valid_units(size, order == Some(true), data, at, out),
    }
}
/// [`valid_part`] of UTF-16 and UTF-32.
fn valid_units(
    size: usize,
    big: bool,
    data: &[u8],
    at: &mut usize,
    out: &mut Vec<u8>,
) -> Option<Bad> {
    while *at < data.len() {
        let start = *at;
        let cut_off = |reason| {
            Some(Bad {
                start,
                end: data.len(),
                reason,
                incomplete: true,
            })
        };
        let wrong = |reason| {
            Some(Bad {
                start,
                end: start + size,
                reason,
                incomplete: false,
            })
        };
        let Some(bytes) = data.get(start..start + size) else {
            return cut_off("truncated data");
        };
        let c = unit(bytes, big);
        *at += size;
        match (size, c) {
            (2, 0xd800..=0xdbff) => {
                let Some(bytes) = data.get(start + 2..start + 4) else {
                    return cut_off("unexpected end of data");
                };
                let low = unit(bytes, big);
                if !(0xdc00..0xe000).contains(&low) {
                    return wrong("illegal UTF-16 surrogate");
                }
                crate::str::push_code_point(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
                *at += 2;
            }
            (2, 0xdc00..=0xdfff) => return wrong("illegal encoding"),
            (_, 0xd800..=0xdfff) => {
                return wrong("code point in surrogate code point range(0xd800, 0xe000)");
            }
            (_, 0x110000..) => return wrong("code point not in range(0x110000)"),
            _ => crate::str::push_code_point(out, c),
        }
    }
    None
}

// ---- codecs of the guest
/// `codecs.lookup(encoding)[which](object, errors)[0]`
fn by_codecs(vm: &'static Vm, which: i64, object: Gc, encoding: &str, errors: &str) -> PyResult {
    let world = vm.world();
    let unknown = || vm.lookup_error(format_args!("unknown encoding: {encoding}"));
    let Some(import) = world.callouts.import.get() else {
        return Err(unknown());
    };
    let none = world.none;
    let codecs = import(vm, crate::str::intern(vm, "codecs"), none, none, none, 0)?;
    let codec = crate::call::call_text(vm, codecs, "lookup", &[crate::str::new(vm, encoding)])?;
    let function = crate::operator::get_item(vm, codec, crate::int::new(vm, which))?;
    let result = crate::call::call_args(vm, function, &[object, crate::str::new(vm, errors)])?;
    match crate::tuple::as_tuple(result).filter(|t| crate::tuple::len(*t) == 2) {
        Some(pair) => Ok(pair.item(&TUPLE, 0)),
        None if which == 0 => Err(vm.type_error("encoder must return a tuple (object, integer)")),
        None => Err(vm.type_error("decoder must return a tuple (object,integer)")),
    }
}
/// The text of an encoding or error-handler argument; `default` if it is missing.
///
/// # Errors
/// TypeError naming the function and the argument.
pub fn name_argument(
    vm: &'static Vm,
    function: &str,
    what: &str,
    v: Gc,
    default: &str,
) -> PyResult<String> {
    if v.is_null() {
        return Ok(default.to_owned());
    }
    match crate::str::as_str(v) {
        Some(s) => Ok(crate::str::to_text(s)),
        None => {
            let got = crate::type_of(vm, v).text();
            Err(vm.type_error(format_args!(
                "{function}() argument '{what}' must be str, not {got}"
            )))
        }
    }
}
/// `str(object, encoding, errors)`; NULL arguments are missing.
///
/// # Errors
/// TypeError if the object is not bytes-like, UnicodeDecodeError, LookupError.
pub fn decode_object(vm: &'static Vm, object: Gc, encoding: Gc, errors: Gc) -> PyResult {
    let encoding = name_argument(vm, "str", "encoding", encoding, "utf-8")?;
    let errors = name_argument(vm, "str", "errors", errors, "strict")?;
    match crate::bytes::copy_of(vm, object)? {
        Some(data) => decode(vm, &data, &encoding, &errors),
        None => {
            let got = crate::type_of(vm, object).text();
            Err(vm.type_error(format_args!(
                "decoding to str: need a bytes-like object, {got} found"
            )))
        }
    }
}
/// `str.encode(encoding, errors)` for an exact str; NULL arguments are missing.
///
/// # Errors
/// UnicodeEncodeError, LookupError, TypeError.
pub fn encode_object(vm: &'static Vm, s: Gc, encoding: Gc, errors: Gc) -> PyResult {
    let is_text = |v: Gc| v.is::<WStr>();
    let utf8 = encoding.is_null()
        || is_text(encoding) && matches!(crate::str::bytes(encoding), b"utf-8" | b"utf8");
    if utf8 && (errors.is_null() || is_text(errors)) && crate::str::utf8(s).is_some() {
        // There is nothing to handle: no name is looked at further.
        return Ok(crate::bytes::new(vm, crate::str::bytes(s)));
    }
    let encoding = name_argument(vm, "encode", "encoding", encoding, "utf-8")?;
    let errors = name_argument(vm, "encode", "errors", errors, "strict")?;
    encode(vm, s, &encoding, &errors)
}
/// The UTF-8 of an exact str, as bytes.
///
/// # Errors
/// UnicodeEncodeError for lone surrogates.
pub fn utf8(vm: &'static Vm, s: Gc) -> PyResult {
    encode(vm, s, "utf-8", "strict")
}
