//! `binascii`: base 64, hexadecimal, quoted-printable and uuencoded text, and checksums.

use crate::args::bind;
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, kw};
use ouro_py_objects::{BuiltinDef, Errors, Kw, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    kw("a2b_base64", a2b_base64),
    kw("b2a_base64", b2a_base64),
    fn1("a2b_uu", a2b_uu),
    kw("b2a_uu", b2a_uu),
    kw("a2b_qp", a2b_qp),
    kw("b2a_qp", b2a_qp),
    kw("hexlify", hexlify),
    kw("b2a_hex", hexlify),
    fn1("unhexlify", unhexlify),
    fn1("a2b_hex", unhexlify),
    kw("crc32", |vm, args, kw| {
        let [data, start] = bind(vm, "crc32", ["data", "crc"], 1, args, kw)?;
        let start = if start.is_null() {
            0
        } else {
            low_bits(vm, start)?
        };
        Ok(int(vm, i64::from(crc32(&to_bytes(vm, data)?, start))))
    }),
    fn2("crc_hqx", |vm, data, start| {
        let mut crc = low_bits(vm, start)? & 0xFFFF;
        for b in to_bytes(vm, data)? {
            crc ^= u32::from(b) << 8;
            for _ in 0..8 {
                crc = crc << 1 ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 };
            }
            crc &= 0xFFFF;
        }
        Ok(int(vm, i64::from(crc)))
    }),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let classes = &vm.world().classes;
    for (class_name, base) in [
        ("Error", classes.value_error),
        ("Incomplete", classes.exception),
    ] {
        let namespace = dict(vm);
        dict_set_str(vm, namespace, "__module__", string(vm, "binascii"));
        let bases = tuple(vm, &[base.gc()]);
        let args = [string(vm, class_name), bases, namespace];
        let class = call(vm, classes.type_.gc(), &args)?;
        put(vm, module, class_name, class);
    }
    Ok(())
}

/// The low 32 bits of an int of any size.
fn low_bits(vm: &'static Vm, v: Gc) -> PyResult<u32> {
    let mask = int(vm, 0xFFFF_FFFF);
    let v = binary(vm, ouro_py_objects::BinOp::And, v, mask)?;
    Ok(to_i64(vm, v)? as u32)
}
/// `binascii.Error`
fn error(vm: &'static Vm, message: &str) -> Gc {
    let module = dict_get_str(vm, vm.world().modules.get(), "binascii");
    let class = match module {
        Some(module) => get_attr(vm, module, "Error"),
        None => Err(vm.value_error(message)),
    };
    match class.and_then(|class| call(vm, class, &[string(vm, message)])) {
        Ok(e) | Err(e) => e,
    }
}
/// The bytes of a bytes-like object or of an ASCII str.
fn ascii(vm: &'static Vm, v: Gc) -> PyResult<Vec<u8>> {
    if ouro_py_objects::str::as_str(v).is_some() {
        let text = text_of(v);
        return match text.is_ascii() {
            true => Ok(text.into_bytes()),
            false => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    to_bytes(vm, v).map_err(|_| {
        let got = type_name(vm, v);
        vm.type_error(format_args!(
            "argument should be bytes, buffer or ASCII string, not '{got}'"
        ))
    })
}
fn flag(vm: &'static Vm, v: Gc, default: bool) -> PyResult<bool> {
    if v.is_null() {
        return Ok(default);
    }
    truth(vm, v)
}

// ---- checksums
const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut c = n as u32;
        let mut k = 0;
        while k < 8 {
            c = c >> 1 ^ if c & 1 != 0 { 0xEDB8_8320 } else { 0 };
            k += 1;
        }
        table[n] = c;
        n += 1;
    }
    table
};
/// The CRC of zip and gzip files, going on from `start`.
pub fn crc32(data: &[u8], start: u32) -> u32 {
    !data.iter().fold(!start, |crc, b| {
        CRC_TABLE[(crc as u8 ^ b) as usize] ^ crc >> 8
    })
}

// ---- base 64
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn b2a_base64(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, newline] = bind(vm, "b2a_base64", ["data", "*newline"], 1, args, keywords)?;
    let data = to_bytes(vm, data)?;
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
    for group in data.chunks(3) {
        let at = |n: usize| u32::from(group.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for n in 0..4 {
            out.push(match n <= group.len() {
                true => DIGITS[(bits >> (18 - 6 * n) & 63) as usize],
                false => b'=',
            });
        }
    }
    if flag(vm, newline, true)? {
        out.push(b'\n');
    }
    Ok(bytes(vm, &out))
}
fn a2b_base64(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, strict] = bind(
        vm,
        "a2b_base64",
        ["data", "*strict_mode"],
        1,
        args,
        keywords,
    )?;
    let (data, strict) = (ascii(vm, data)?, flag(vm, strict, false)?);
    if strict && data.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    let mut out = Vec::with_capacity(data.len() / 4 * 3 + 2);
    let (mut place, mut left, mut pads, mut padding) = (0, 0u8, 0, false);
    for (n, &c) in data.iter().enumerate() {
        if c == b'=' {
            padding = true;
            if place >= 2 {
                pads += 1;
                if place + pads >= 4 {
                    if strict && n + 1 < data.len() {
                        return Err(error(vm, "Excess data after padding"));
                    }
                    return Ok(bytes(vm, &out));
                }
            }
            continue;
        }
        let Some(v) = DIGITS.iter().position(|d| *d == c).map(|v| v as u8) else {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        };
        if strict && padding {
            return Err(error(vm, "Discontinuous padding not allowed"));
        }
        pads = 0;
        match place {
            0 => left = v,
            1 => {
                out.push(left << 2 | v >> 4);
                left = v & 0x0F;
            }
            2 => {
                out.push(left << 4 | v >> 2);
                left = v & 0x03;
            }
            _ => out.push(left << 6 | v),
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => Ok(bytes(vm, &out)),
        1 => {
            let n = out.len() / 3 * 4 + 1;
            Err(error(
                vm,
                &format!(
                    "Invalid base64-encoded string: number of data characters ({n}) cannot be 1 more than a multiple of 4"
                ),
            ))
        }
        _ => Err(error(vm, "Incorrect padding")),
    }
}

// ---- hexadecimal
fn hexlify(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let names = ["data", "sep", "bytes_per_sep"];
    let [data, sep, group] = bind(vm, "hexlify", names, 1, args, keywords)?;
    let data = bytes(vm, &to_bytes(vm, data)?);
    let given = [sep, group];
    let given = &given[..given.iter().take_while(|v| !v.is_null()).count()];
    let text = call_method(vm, data, "hex", given)?;
    Ok(bytes(vm, text_of(text).as_bytes()))
}
fn unhexlify(vm: &'static Vm, text: Gc) -> PyResult {
    let text = ascii(vm, text)?;
    if text.len() % 2 != 0 {
        return Err(error(vm, "Odd-length string"));
    }
    let digit = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(text.len() / 2);
    for pair in text.chunks_exact(2) {
        match (digit(pair[0]), digit(pair[1])) {
            (Some(high), Some(low)) => out.push(high << 4 | low),
            _ => return Err(error(vm, "Non-hexadecimal digit found")),
        }
    }
    Ok(bytes(vm, &out))
}

// ---- uuencode
fn b2a_uu(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, backtick] = bind(vm, "b2a_uu", ["data", "*backtick"], 1, args, keywords)?;
    let (data, backtick) = (to_bytes(vm, data)?, flag(vm, backtick, false)?);
    if data.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let digit = |v: u32| match v {
        0 if backtick => b'`',
        v => b' ' + v as u8,
    };
    let mut out = vec![digit(data.len() as u32)];
    for group in data.chunks(3) {
        let at = |n: usize| u32::from(group.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        out.extend((0..4).map(|n| digit(bits >> (18 - 6 * n) & 63)));
    }
    out.push(b'\n');
    Ok(bytes(vm, &out))
}
fn a2b_uu(vm: &'static Vm, data: Gc) -> PyResult {
    let data = ascii(vm, data)?;
    let Some((first, data)) = data.split_first() else {
        return Ok(bytes(vm, b""));
    };
    let wanted = usize::from(first.wrapping_sub(b' ') & 63);
    let (mut out, mut bits, mut held, mut at) = (Vec::with_capacity(wanted), 0u32, 0, 0);
    while out.len() < wanted {
        // Blanks at the end of a line may have been lost on the way.
        let v = match data.get(at) {
            None | Some(b'\n' | b'\r') => 0,
            Some(c @ b' '..=b'`') => (c - b' ') & 63,
            Some(_) => return Err(error(vm, "Illegal char")),
        };
        at += 1;
        bits = (bits << 6 | u32::from(v)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    let rest = data.get(at..).unwrap_or_default();
    match rest
        .iter()
        .all(|c| matches!(c, b' ' | b'`' | b'\n' | b'\r'))
    {
        true => Ok(bytes(vm, &out)),
        false => Err(error(vm, "Trailing garbage")),
    }
}

// ---- quoted-printable
fn a2b_qp(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, header] = bind(vm, "a2b_qp", ["data", "header"], 1, args, keywords)?;
    let (data, header) = (ascii(vm, data)?, flag(vm, header, false)?);
    let hex = |c: Option<&u8>| c.and_then(|c| (*c as char).to_digit(16)).map(|d| d as u8);
    let (mut out, mut at) = (Vec::with_capacity(data.len()), 0);
    while at < data.len() {
        let c = data[at];
        at += 1;
        if c == b'_' && header {
            out.push(b' ');
            continue;
        }
        if c != b'=' {
            out.push(c);
            continue;
        }
        match data.get(at) {
            None => break,
            // A soft line break; what stands between `=` and the end of the line is dropped.
            Some(b'\n' | b'\r') => {
                while at < data.len() && data[at] != b'\n' {
                    at += 1;
                }
                at += 1;
            }
            Some(b'=') => {
                out.push(b'=');
                at += 1;
            }
            _ => match (hex(data.get(at)), hex(data.get(at + 1))) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 2;
                }
                _ => out.push(b'='),
            },
        }
    }
    Ok(bytes(vm, &out))
}
fn b2a_qp(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    const LINE: usize = 76;
    let names = ["data", "quotetabs", "istext", "header"];
    let [data, tabs, text, header] = bind(vm, "b2a_qp", names, 1, args, keywords)?;
    let data = to_bytes(vm, data)?;
    let tabs = flag(vm, tabs, false)?;
    let (text, header) = (flag(vm, text, true)?, flag(vm, header, false)?);
    // Lines end as the first one does.
    let first = data.iter().position(|c| *c == b'\n');
    let crlf = first.is_some_and(|n| n > 0 && data[n - 1] == b'\r');
    let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out: Vec<u8> = Vec::with_capacity(data.len() * 2);
    let (mut line, mut at) = (0, 0);
    while at < data.len() {
        let c = data[at];
        let next = data.get(at + 1).copied();
        let breaks = |c: u8, next: Option<u8>| c == b'\n' || c == b'\r' && next == Some(b'\n');
        let lone_dot =
            c == b'.' && line == 0 && (next.is_none() || matches!(next, Some(b'\n' | b'\r' | 0)));
        let quoted = c > 126
            || c == b'='
            || header && c == b'_'
            || lone_dot
            || !text && matches!(c, b'\r' | b'\n')
            || matches!(c, b'\t' | b' ') && at + 1 == data.len()
            || c < 33 && !matches!(c, b'\r' | b'\n' | b'\t' | b' ')
            || c < 33 && tabs && !matches!(c, b'\r' | b'\n');
        if quoted {
            if line + 3 >= LINE {
                out.extend(b"=");
                out.extend(end);
                line = 0;
            }
            out.extend(format!("={c:02X}").bytes());
            line += 3;
            at += 1;
            continue;
        }
        if text && breaks(c, next) {
            // A blank at the end of a line would get lost.
            if let Some(&blank @ (b' ' | b'\t')) = out.last() {
                out.pop();
                out.extend(format!("={blank:02X}").bytes());
            }
            out.extend(end);
            at += if c == b'\r' { 2 } else { 1 };
            line = 0;
            continue;
        }
        let ends_line = next == Some(b'\n') || next.is_none();
        if !ends_line && line + 1 >= LINE {
            out.extend(b"=");
            out.extend(end);
            line = 0;
        }
        line += 1;
        out.push(if header && c == b' ' { b'_' } else { c });
        at += 1;
    }
    Ok(bytes(vm, &out))
}
