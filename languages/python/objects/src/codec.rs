//! The codecs that the runtime needs itself: UTF-8, ASCII, Latin-1. Others come from the `codecs` module, once it is there.

use crate::access::Access;
use crate::layout::*;
use crate::{Errors, PyResult, Vm, int};
use ouro_gc::Gc;

fn text_or(vm: &'static Vm, o: Gc, default: &str, what: &str) -> PyResult<String> {
    if o.is_null() {
        return Ok(default.to_owned());
    }
    match crate::str::as_str(o) {
        Some(s) => Ok(crate::str::to_text(s)),
        None => {
            let got = crate::type_of(vm, o).text();
            Err(vm.type_error(format_args!("{what} must be str, not {got}")))
        }
    }
}
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}
enum Known {
    Utf8,
    Ascii,
    Latin1,
}
fn known(name: &str) -> Option<Known> {
    Some(match normal(name).as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" => Known::Utf8,
        "ascii" | "us-ascii" | "646" => Known::Ascii,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" => Known::Latin1,
        _ => return None,
    })
}
/// `s.encode(encoding, errors)`; absent arguments are NULL.
pub fn encode_object(vm: &'static Vm, s: Gc, encoding: Gc, errors: Gc) -> PyResult {
    let name = text_or(vm, encoding, "utf-8", "encode() argument 'encoding'")?;
    let errors = text_or(vm, errors, "strict", "encode() argument 'errors'")?;
    match known(&name) {
        Some(k) => encode(vm, s, k, &errors),
        None => {
            let codecs = crate::module::import(vm, "_codecs")?;
            let args = [s, crate::str::new(vm, &name), crate::str::new(vm, &errors)];
            crate::call::call_text(vm, codecs, "encode", &args)
        }
    }
}
/// UTF-8 of a str, strict.
pub fn utf8(vm: &'static Vm, s: Gc) -> PyResult {
    encode(vm, s, Known::Utf8, "strict")
}
fn encode(vm: &'static Vm, s: Gc, codec: Known, errors: &str) -> PyResult {
    let b = crate::str::bytes(s);
    if crate::str::is_ascii(s) || (matches!(codec, Known::Utf8) && std::str::from_utf8(b).is_ok()) {
        return Ok(crate::bytes::new(vm, b));
    }
    let (name, limit, reason) = match codec {
        Known::Utf8 => ("utf-8", 0x110000, "surrogates not allowed"),
        Known::Ascii => ("ascii", 128, "ordinal not in range(128)"),
        Known::Latin1 => ("latin-1", 256, "ordinal not in range(256)"),
    };
    let utf8 = matches!(codec, Known::Utf8);
    let text: Vec<u32> = crate::str::code_points(s).collect();
    let good = |c: u32| c < limit && !(utf8 && (0xd800..0xe000).contains(&c));
    let mut out = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < text.len() {
        let c = text[i];
        if good(c) {
            if utf8 {
                crate::str::push_code_point(&mut out, c)
            } else {
                out.push(c as u8)
            }
            i += 1;
            continue;
        }
        let end = (i..text.len())
            .find(|&k| good(text[k]))
            .unwrap_or(text.len());
        match errors {
            "ignore" => i = end,
            "replace" => {
                out.push(b'?');
                i += 1;
            }
            "surrogateescape" if (0xdc80..=0xdcff).contains(&c) => {
                out.push((c - 0xdc00) as u8);
                i += 1;
            }
            "surrogatepass" if utf8 => {
                crate::str::push_code_point(&mut out, c);
                i += 1;
            }
            "backslashreplace" => {
                let mut escape = String::new();
                crate::str::repr::push_escape(&mut escape, c);
                out.extend_from_slice(escape.as_bytes());
                i += 1;
            }
            "xmlcharrefreplace" => {
                out.extend_from_slice(format!("&#{c};").as_bytes());
                i += 1;
            }
            "strict" | "surrogateescape" | "surrogatepass" => {
                let args = [
                    crate::str::new(vm, name),
                    s,
                    int::new(vm, i as i64),
                    int::new(vm, end as i64),
                    crate::str::new(vm, reason),
                ];
                return Err(crate::error::new_exception(
                    vm,
                    vm.world().classes.unicode_encode_error,
                    &args,
                ));
            }
            other => {
                let args = [
                    crate::str::new(vm, name),
                    s,
                    int::new(vm, i as i64),
                    int::new(vm, end as i64),
                    crate::str::new(vm, reason),
                ];
                let e =
                    crate::error::new_exception(vm, vm.world().classes.unicode_encode_error, &args);
                let (piece, next) = call_handler(vm, other, e)?;
                if let Some(s) = crate::str::as_str(piece) {
                    out.extend_from_slice(
                        crate::bytes::content(encode(
                            vm,
                            s,
                            known(name).unwrap_or(Known::Utf8),
                            "strict",
                        )?)
                        .unwrap_or_default(),
                    );
                } else {
                    out.extend_from_slice(crate::bytes::buffer(vm, piece)?);
                }
                i = if next < 0 {
                    (next + text.len() as i64) as usize
                } else {
                    next as usize
                };
            }
        }
    }
    Ok(crate::bytes::new(vm, &out))
}
fn call_handler(vm: &'static Vm, name: &str, e: Gc) -> PyResult<(Gc, i64)> {
    let codecs = crate::module::import(vm, "_codecs")?;
    let handler = crate::call::call_text(vm, codecs, "lookup_error", &[crate::str::new(vm, name)])?;
    let result = crate::call::call_args(vm, handler, &[e])?;
    match crate::tuple::as_tuple(result).map(crate::tuple::items) {
        Some(&[piece, at]) => Ok((piece, int::to_i64(vm, at)?)),
        _ => Err(vm.type_error("encoding error handler must return (str/bytes, int) tuple")),
    }
}
/// `str(object, encoding, errors)` or `bytes.decode`.
pub fn decode_object(vm: &'static Vm, object: Gc, encoding: Gc, errors: Gc) -> PyResult {
    let name = text_or(vm, encoding, "utf-8", "decode() argument 'encoding'")?;
    let errors = text_or(vm, errors, "strict", "decode() argument 'errors'")?;
    let Some(b) = crate::bytes::content(crate::payload(object)) else {
        let got = crate::type_of(vm, object).text();
        return Err(vm.type_error(format_args!(
            "decoding to str: need a bytes-like object, {got} found"
        )));
    };
    match known(&name) {
        Some(k) => decode(vm, object, b, k, &errors),
        None => {
            let codecs = crate::module::import(vm, "_codecs")?;
            let args = [
                object,
                crate::str::new(vm, &name),
                crate::str::new(vm, &errors),
            ];
            crate::call::call_text(vm, codecs, "decode", &args)
        }
    }
}
fn decode(vm: &'static Vm, object: Gc, b: &[u8], codec: Known, errors: &str) -> PyResult {
    if matches!(codec, Known::Latin1) {
        let text: String = b.iter().map(|&c| c as char).collect();
        return Ok(crate::str::new(vm, &text));
    }
    if b.is_ascii() || (matches!(codec, Known::Utf8) && std::str::from_utf8(b).is_ok()) {
        return Ok(crate::str::from_wtf8(vm, b));
    }
    let utf8 = matches!(codec, Known::Utf8);
    let name = if utf8 { "utf-8" } else { "ascii" };
    let mut out = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < b.len() {
        let (good, bad, reason) = if utf8 {
            match std::str::from_utf8(&b[i..]) {
                Ok(rest) => (rest.len(), 0, ""),
                Err(e) => {
                    let at = i + e.valid_up_to();
                    let reason = match (e.error_len(), b[at]) {
                        (None, _) => "unexpected end of data",
                        (_, 0x80..=0xc1 | 0xf5..) => "invalid start byte",
                        _ => "invalid continuation byte",
                    };
                    (
                        e.valid_up_to(),
                        e.error_len().unwrap_or(b.len() - at),
                        reason,
                    )
                }
            }
        } else {
            let good = b[i..].iter().position(|c| *c >= 128).unwrap_or(b.len() - i);
            (
                good,
                usize::from(i + good < b.len()),
                "ordinal not in range(128)",
            )
        };
        out.extend_from_slice(&b[i..i + good]);
        i += good;
        if bad == 0 {
            break;
        }
        match errors {
            "ignore" => {}
            "replace" => out.extend_from_slice("\u{fffd}".as_bytes()),
            "surrogateescape" => b[i..i + bad]
                .iter()
                .for_each(|&c| crate::str::push_code_point(&mut out, 0xdc00 + c as u32)),
            "backslashreplace" => b[i..i + bad]
                .iter()
                .for_each(|c| out.extend_from_slice(format!("\\x{c:02x}").as_bytes())),
            "surrogatepass"
                if utf8
                    && b.len() >= i + 3
                    && b[i] == 0xed
                    && (0xa0..=0xbf).contains(&b[i + 1])
                    && b[i + 2] & 0xc0 == 0x80 =>
            {
                out.extend_from_slice(&b[i..i + 3]);
                i += 3;
                continue;
            }
            _ => {
                let held = if object.is::<WBytes>() {
                    object
                } else {
                    crate::bytes::new(vm, b)
                };
                let args = [
                    crate::str::new(vm, name),
                    held,
                    int::new(vm, i as i64),
                    int::new(vm, (i + bad) as i64),
                    crate::str::new(vm, reason),
                ];
                let e =
                    crate::error::new_exception(vm, vm.world().classes.unicode_decode_error, &args);
                if matches!(errors, "strict" | "surrogatepass") {
                    return Err(e);
                }
                let (piece, next) = call_handler(vm, errors, e)?;
                let piece = crate::str::as_str(piece).ok_or_else(|| {
                    vm.type_error("decoding error handler must return (str, int) tuple")
                })?;
                out.extend_from_slice(crate::str::bytes(piece));
                i = if next < 0 {
                    (next + b.len() as i64) as usize
                } else {
                    next as usize
                };
                continue;
            }
        }
        i += bad;
    }
    Ok(crate::str::from_wtf8(vm, &out))
}
