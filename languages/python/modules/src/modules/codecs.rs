//! `_codecs`: the registry of codecs and those written in Rust. Others come from package `encodings`, by search functions.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, kw, var};
use ouro_py_objects::{BuiltinDef, Errors, Kw, PyResult, Vm, codec, str as strs};

static FUNCTIONS: &[BuiltinDef] = &[
    fn1("register", |vm, f| {
        if !callable(vm, f) {
            return Err(vm.type_error("argument must be callable"));
        }
        list_append(vm, kept_list(vm), f)?;
        Ok(none(vm))
    }),
    fn1("unregister", |vm, f| {
        let rest = list(vm, &[]);
        for &known in list_items(vm, kept_list(vm))
            .iter()
            .filter(|&&known| known != f)
        {
            list_append(vm, rest, known)?;
        }
        state(vm).keep(vm, SEARCH, rest);
        Ok(none(vm))
    }),
    fn1("lookup", |vm, name| {
        lookup(vm, &to_text(vm, "lookup() argument", name)?)
    }),
    kw("encode", |vm, args, kw| recode(vm, "encode", 0, args, kw)),
    kw("decode", |vm, args, kw| recode(vm, "decode", 1, args, kw)),
    fn2("register_error", |vm, name, handler| {
        let name = to_text(vm, "register_error() argument 1", name)?;
        if !callable(vm, handler) {
            return Err(vm.type_error("handler must be callable"));
        }
        dict_set_str(vm, kept_dict(vm, ERRORS), &name, handler);
        Ok(none(vm))
    }),
    fn1("lookup_error", |vm, name| {
        let text = to_text(vm, "lookup_error() argument", name)?;
        match dict_get_str(vm, kept_dict(vm, ERRORS), &text) {
            Some(handler) => Ok(handler),
            None => Err(vm.lookup_error(format_args!("unknown error handler name '{text}'"))),
        }
    }),
    var("utf_8_encode", 1, 2, |vm, args| {
        encode_with(vm, "utf-8", args)
    }),
    var("utf_8_decode", 1, 3, utf_8_decode),
    var("latin_1_encode", 1, 2, |vm, args| {
        encode_with(vm, "latin-1", args)
    }),
    var("latin_1_decode", 1, 2, |vm, args| {
        decode_with(vm, "latin-1", args)
    }),
    var("ascii_encode", 1, 2, |vm, args| {
        encode_with(vm, "ascii", args)
    }),
    var("ascii_decode", 1, 2, |vm, args| {
        decode_with(vm, "ascii", args)
    }),
    var("unicode_escape_encode", 1, 2, |vm, args| {
        escape_encode(vm, args, false)
    }),
    var("unicode_escape_decode", 1, 3, |vm, args| {
        escape_decode(vm, args, false)
    }),
    var("raw_unicode_escape_encode", 1, 2, |vm, args| {
        escape_encode(vm, args, true)
    }),
    var("raw_unicode_escape_decode", 1, 3, |vm, args| {
        escape_decode(vm, args, true)
    }),
    var("utf_16_le_encode", 1, 2, |vm, args| {
        wide_encode(vm, args, 2, false, false)
    }),
    var("utf_16_be_encode", 1, 2, |vm, args| {
        wide_encode(vm, args, 2, true, false)
    }),
    var("utf_16_encode", 1, 3, |vm, args| {
        wide_encode(vm, args, 2, false, true)
    }),
    var("utf_32_le_encode", 1, 2, |vm, args| {
        wide_encode(vm, args, 4, false, false)
    }),
    var("utf_32_be_encode", 1, 2, |vm, args| {
        wide_encode(vm, args, 4, true, false)
    }),
    var("utf_32_encode", 1, 3, |vm, args| {
        wide_encode(vm, args, 4, false, true)
    }),
    var("utf_16_le_decode", 1, 3, |vm, args| {
        wide_decode(vm, args, 2, Some(false), false)
    }),
    var("utf_16_be_decode", 1, 3, |vm, args| {
        wide_decode(vm, args, 2, Some(true), false)
    }),
    var("utf_16_decode", 1, 3, |vm, args| {
        wide_decode(vm, args, 2, None, false)
    }),
    var("utf_16_ex_decode", 1, 4, |vm, args| {
        wide_decode(vm, args, 2, None, true)
    }),
    var("utf_32_le_decode", 1, 3, |vm, args| {
        wide_decode(vm, args, 4, Some(false), false)
    }),
    var("utf_32_be_decode", 1, 3, |vm, args| {
        wide_decode(vm, args, 4, Some(true), false)
    }),
    var("utf_32_decode", 1, 3, |vm, args| {
        wide_decode(vm, args, 4, None, false)
    }),
    var("utf_32_ex_decode", 1, 4, |vm, args| {
        wide_decode(vm, args, 4, None, true)
    }),
    var("charmap_encode", 1, 3, charmap_encode),
    var("charmap_decode", 1, 3, charmap_decode),
    fn1("charmap_build", |vm, table| {
        let table = to_text(vm, "charmap_build() argument", table)?;
        let map = dict(vm);
        for (i, c) in table.chars().enumerate() {
            if c != '\u{fffe}' {
                dict_set(vm, map, int(vm, i64::from(u32::from(c))), int(vm, i as i64))?;
            }
        }
        Ok(map)
    }),
    fn2("readbuffer_encode", |vm, data, _errors| {
        let data = match strs::as_str(data) {
            Some(s) => strs::bytes(s).to_vec(),
            None => to_bytes(vm, data)?,
        };
        Ok(tuple(vm, &[bytes(vm, &data), int(vm, data.len() as i64)]))
    })
    .opt(1),
];
const SEARCH: &str = "codec search";
const CACHE: &str = "codec cache";
const ERRORS: &str = "codec errors";

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    for def in HANDLERS {
        let handler = builtin(vm, def, Gc::NULL, Gc::NULL);
        let name = def.name.trim_end_matches("_errors");
        let name = if name == "xmlcharref_replace" {
            "xmlcharrefreplace"
        } else {
            name
        };
        dict_set_str(vm, kept_dict(vm, ERRORS), name, handler);
    }
    Ok(())
}
fn kept_list(vm: &'static Vm) -> Gc {
    match state(vm).kept(vm, SEARCH) {
        Some(known) => known,
        None => {
            let fresh = list(vm, &[]);
            state(vm).keep(vm, SEARCH, fresh);
            fresh
        }
    }
}
fn kept_dict(vm: &'static Vm, key: &'static str) -> Gc {
    match state(vm).kept(vm, key) {
        Some(known) => known,
        None => {
            let fresh = dict(vm);
            state(vm).keep(vm, key, fresh);
            fresh
        }
    }
}
/// The bytes of a str in an encoding.
///
/// # Errors
/// UnicodeEncodeError, LookupError.
pub fn encode(vm: &'static Vm, s: Gc, encoding: &str, errors: &str) -> PyResult<Vec<u8>> {
    let b = codec::encode_object(vm, s, string(vm, encoding), string(vm, errors))?;
    to_bytes(vm, b)
}
/// The codec of an encoding: a tuple of encoder, decoder, stream reader and writer.
fn lookup(vm: &'static Vm, encoding: &str) -> PyResult {
    let normal: String = encoding
        .chars()
        .map(|c| {
            if c == ' ' {
                '_'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let cache = kept_dict(vm, CACHE);
    if let Some(known) = dict_get_str(vm, cache, &normal) {
        return Ok(known);
    }
    // Importing the package registers its search function.
    crate::import::import_module(vm, "encodings")?;
    for &search in list_items(vm, kept_list(vm)).iter() {
        let found = call(vm, search, &[string(vm, &normal)])?;
        if found == none(vm) {
            continue;
        }
        if as_tuple(found).is_none_or(|t| collect(vm, t).is_ok_and(|t| t.len() != 4)) {
            return Err(vm.type_error("codec search functions must return 4-tuples"));
        }
        dict_set_str(vm, cache, &normal, found);
        return Ok(found);
    }
    Err(vm.lookup_error(format_args!("unknown encoding: {encoding}")))
}
/// `codecs.encode` and `codecs.decode` by the function at `which` of the codec.
fn recode(vm: &'static Vm, name: &'static str, which: i64, args: &[Gc], kw: &Kw) -> PyResult {
    let [object, encoding, errors] =
        crate::args::bind(vm, name, ["obj", "encoding", "errors"], 1, args, kw)?;
    let encoding = if encoding.is_null() {
        "utf-8".to_owned()
    } else {
        to_text(vm, "encoding", encoding)?
    };
    let errors = if errors.is_null() {
        string(vm, "strict")
    } else {
        errors
    };
    let entry = lookup(vm, &encoding)?;
    let f = get_item(vm, entry, int(vm, which))?;
    let result = call(vm, f, &[object, errors])?;
    match as_tuple(result) {
        Some(pair) if ouro_py_objects::tuple::len(pair) == 2 => get_item(vm, pair, int(vm, 0)),
        _ => Err(vm.type_error(format_args!(
            "{name}r must return a tuple (object, integer)"
        ))),
    }
}
fn errors_of(args: &[Gc]) -> Gc {
    args.get(1)
        .copied()
        .filter(|&e| strs::as_str(e).is_some())
        .unwrap_or(Gc::NULL)
}
fn text_argument(vm: &'static Vm, v: Gc) -> PyResult {
    strs::as_str(v).ok_or_else(|| {
        vm.type_error(format_args!(
            "argument 1 must be str, not {}",
            type_name(vm, v)
        ))
    })
}
fn with_length(vm: &'static Vm, v: Gc, n: usize) -> PyResult {
    Ok(tuple(vm, &[v, int(vm, n as i64)]))
}
fn encode_with(vm: &'static Vm, encoding: &str, args: &[Gc]) -> PyResult {
    let s = text_argument(vm, args[0])?;
    let b = codec::encode_object(vm, s, string(vm, encoding), errors_of(args))?;
    with_length(vm, b, strs::char_len(s))
}
fn decode_with(vm: &'static Vm, encoding: &str, args: &[Gc]) -> PyResult {
    let data = to_bytes(vm, args[0])?;
    let s = codec::decode_object(vm, bytes(vm, &data), string(vm, encoding), errors_of(args))?;
    with_length(vm, s, data.len())
}
fn is_final(vm: &'static Vm, args: &[Gc], n: usize) -> PyResult<bool> {
    args.get(n).map_or(Ok(false), |&v| truth(vm, v))
}
/// Without `final`, an incomplete character at the end is left for the next call.
fn utf_8_decode(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let mut data = to_bytes(vm, args[0])?;
    if !is_final(vm, args, 2)?
        && let Err(e) = std::str::from_utf8(&data)
        && e.error_len().is_none()
    {
        // The only trouble before the end may still be elsewhere: the tail is cut by its own start byte.
        data.truncate(e.valid_up_to());
    }
    decode_with(vm, "utf-8", &[bytes(vm, &data), errors_of(args)])
}

// ---- escapes
fn escape_encode(vm: &'static Vm, args: &[Gc], raw: bool) -> PyResult {
    let s = text_argument(vm, args[0])?;
    let mut out = String::new();
    for c in strs::code_points(s) {
        match c {
            0..=255 if raw => out.push(c as u8 as char),
            0x5c => out += "\\\\",
            9 => out += "\\t",
            10 => out += "\\n",
            13 => out += "\\r",
            32..=126 => out.push(c as u8 as char),
            0..=255 => out += &format!("\\x{c:02x}"),
            0..=0xffff => out += &format!("\\u{c:04x}"),
            _ => out += &format!("\\U{c:08x}"),
        }
    }
    let data: Vec<u8> = out.chars().map(|c| c as u8).collect();
    with_length(vm, bytes(vm, &data), strs::char_len(s))
}
fn escape_decode(vm: &'static Vm, args: &[Gc], raw: bool) -> PyResult {
    let data = match strs::as_str(args[0]) {
        Some(s) => strs::bytes(s).to_vec(),
        None => to_bytes(vm, args[0])?,
    };
    let mut out = Vec::new();
    let mut i = 0;
    let bad = |start: usize, end: usize, reason: &str| {
        let name = if raw {
            "rawunicodeescape"
        } else {
            "unicodeescape"
        };
        decode_error(vm, name, &data, start, end, reason)
    };
    while i < data.len() {
        let c = data[i];
        if c != b'\\' {
            strs::push_code_point(&mut out, u32::from(c));
            i += 1;
            continue;
        }
        let start = i;
        let Some(&kind) = data.get(i + 1) else {
            if raw {
                out.push(b'\\');
                break;
            }
            return Err(bad(start, i + 1, "\\ at end of string"));
        };
        i += 2;
        let digits = match kind {
            b'x' if !raw => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let end = (i + digits).min(data.len());
            let good = data[i..end]
                .iter()
                .take_while(|b| b.is_ascii_hexdigit())
                .count();
            if good < digits {
                let shape = ["\\xXX", "\\uXXXX", "\\UXXXXXXXX"][digits.ilog2() as usize - 1];
                return Err(bad(start, i + good, &format!("truncated {shape} escape")));
            }
            let text = std::str::from_utf8(&data[i..end]).expect("hexadecimal digits are ASCII");
            let value = u32::from_str_radix(text, 16).expect("eight digits fit");
            if value > 0x10_ffff {
                return Err(bad(start, end, "illegal Unicode character"));
            }
            strs::push_code_point(&mut out, value);
            i = end;
            continue;
        }
        if raw {
            out.push(b'\\');
            strs::push_code_point(&mut out, u32::from(kind));
            continue;
        }
        let simple = match kind {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => kind,
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'v' => 11,
            b'0'..=b'7' => {
                let more = data[i..]
                    .iter()
                    .take(2)
                    .take_while(|b| (b'0'..=b'7').contains(b))
                    .count();
                let value = data[i - 1..i + more]
                    .iter()
                    .fold(0, |v, &b| v * 8 + u32::from(b - b'0'));
                strs::push_code_point(&mut out, value);
                i += more;
                continue;
            }
            _ => {
                out.push(b'\\');
                strs::push_code_point(&mut out, u32::from(kind));
                continue;
            }
        };
        out.push(simple);
    }
    with_length(vm, strs::from_wtf8(vm, &out), data.len())
}
fn decode_error(
    vm: &'static Vm,
    name: &str,
    data: &[u8],
    start: usize,
    end: usize,
    reason: &str,
) -> Gc {
    let args = [
        string(vm, name),
        bytes(vm, data),
        int(vm, start as i64),
        int(vm, end as i64),
        string(vm, reason),
    ];
    exception(vm, vm.world().classes.unicode_decode_error, &args)
}

// ---- UTF-16 and UTF-32
fn wide_encode(vm: &'static Vm, args: &[Gc], width: usize, big: bool, mark: bool) -> PyResult {
    let s = text_argument(vm, args[0])?;
    let order = args.get(2).map_or(Ok(0), |&v| to_i64(vm, v))?;
    let big = big || mark && order > 0;
    let mut out = Vec::new();
    let mut unit = |v: u32| {
        let b = if big {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        };
        match (width, big) {
            (4, _) => out.extend_from_slice(&b),
            (_, true) => out.extend_from_slice(&b[2..]),
            (_, false) => out.extend_from_slice(&b[..2]),
        }
    };
    if mark && order == 0 {
        unit(0xfeff);
    }
    let pass = matches!(text_of(errors_of(args)).as_str(), "surrogatepass");
    for (i, c) in strs::code_points(s).enumerate() {
        if (0xd800..0xe000).contains(&c) && !pass {
            let name = format!("utf-{}", width * 8);
            let (at, end) = (int(vm, i as i64), int(vm, i as i64 + 1));
            let args = [
                string(vm, &name),
                s,
                at,
                end,
                string(vm, "surrogates not allowed"),
            ];
            return Err(exception(
                vm,
                vm.world().classes.unicode_encode_error,
                &args,
            ));
        }
        if c > 0xffff && width == 2 {
            unit(0xd800 + (c - 0x10000 >> 10));
            unit(0xdc00 + (c - 0x10000 & 0x3ff));
        } else {
            unit(c);
        }
    }
    with_length(vm, bytes(vm, &out), strs::char_len(s))
}
/// `big` None: the byte order mark decides. `extended`: the order is part of the result.
fn wide_decode(
    vm: &'static Vm,
    args: &[Gc],
    width: usize,
    big: Option<bool>,
    extended: bool,
) -> PyResult {
    let data = to_bytes(vm, args[0])?;
    let (order, last) = match extended {
        true => (
            args.get(2).map_or(Ok(0), |&v| to_i64(vm, v))?,
            is_final(vm, args, 3)?,
        ),
        false => (0, is_final(vm, args, 2)?),
    };
    let name = format!("utf-{}", width * 8);
    let unit = |i: usize, big: bool| {
        let b = &data[i..i + width];
        let fold = |v: u32, &b: &u8| v << 8 | u32::from(b);
        if big {
            b.iter().fold(0, fold)
        } else {
            b.iter().rev().fold(0, fold)
        }
    };
    let mut i = 0;
    let mut found = order;
    let mut is_big = big.unwrap_or(order > 0);
    if big.is_none() && order == 0 && data.len() >= width {
        if unit(0, false) == 0xfeff {
            (i, found) = (width, -1);
        } else if unit(0, true) == 0xfeff {
            (i, found, is_big) = (width, 1, true);
        }
    }
    let mut out = Vec::new();
    while i < data.len() {
        if i + width > data.len() {
            if last {
                return Err(decode_error(
                    vm,
                    &name,
                    &data,
                    i,
                    data.len(),
                    "truncated data",
                ));
            }
            break;
        }
        let c = unit(i, is_big);
        if width == 2 && (0xd800..0xdc00).contains(&c) {
            if i + 4 > data.len() {
                if last {
                    return Err(decode_error(
                        vm,
                        &name,
                        &data,
                        i,
                        data.len(),
                        "unexpected end of data",
                    ));
                }
                break;
            }
            let low = unit(i + 2, is_big);
            if !(0xdc00..0xe000).contains(&low) {
                return Err(decode_error(
                    vm,
                    &name,
                    &data,
                    i,
                    i + 2,
                    "illegal UTF-16 surrogate",
                ));
            }
            strs::push_code_point(&mut out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
            i += 4;
            continue;
        }
        if (0xd800..0xe000).contains(&c) || c > 0x10_ffff {
            let reason = if width == 2 {
                "illegal encoding"
            } else {
                "code point not in range(0x110000)"
            };
            return Err(decode_error(vm, &name, &data, i, i + width, reason));
        }
        strs::push_code_point(&mut out, c);
        i += width;
    }
    let text = strs::from_wtf8(vm, &out);
    match extended {
        true => Ok(tuple(vm, &[text, int(vm, i as i64), int(vm, found)])),
        false => with_length(vm, text, i),
    }
}

// ---- character maps
fn charmap_encode(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let s = text_argument(vm, args[0])?;
    let Some(&map) = args.get(2).filter(|&&m| m != none(vm)) else {
        return encode_with(vm, "latin-1", args);
    };
    let errors = text_of(errors_of(args));
    let mut out = Vec::new();
    for (i, c) in strs::code_points(s).enumerate() {
        let found = ouro_py_objects::error::catch(
            vm,
            vm.world().classes.lookup_error,
            get_item(vm, map, int(vm, i64::from(c))),
        )?;
        match found.filter(|&v| v != none(vm)) {
            Some(v) if ouro_py_objects::int::is_int(v) => out.push(to_i64(vm, v)? as u8),
            Some(v) => out.extend(to_bytes(vm, v)?),
            None => match errors.as_str() {
                "ignore" => {}
                "replace" => out.push(b'?'),
                "xmlcharrefreplace" => out.extend(format!("&#{c};").bytes()),
                "backslashreplace" => {
                    let escaped = if c < 256 {
                        format!("\\x{c:02x}")
                    } else {
                        format!("\\u{c:04x}")
                    };
                    out.extend(escaped.bytes());
                }
                _ => {
                    let (at, end) = (int(vm, i as i64), int(vm, i as i64 + 1));
                    let args = [
                        string(vm, "charmap"),
                        s,
                        at,
                        end,
                        string(vm, "character maps to <undefined>"),
                    ];
                    return Err(exception(
                        vm,
                        vm.world().classes.unicode_encode_error,
                        &args,
                    ));
                }
            },
        }
    }
    with_length(vm, bytes(vm, &out), strs::char_len(s))
}
fn charmap_decode(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let data = to_bytes(vm, args[0])?;
    let Some(&map) = args.get(2).filter(|&&m| m != none(vm)) else {
        return decode_with(vm, "latin-1", args);
    };
    let errors = text_of(errors_of(args));
    let table: Option<Vec<u32>> = strs::as_str(map).map(|m| strs::code_points(m).collect());
    let mut out = Vec::new();
    for (i, &b) in data.iter().enumerate() {
        let found: Option<Vec<u8>> = match &table {
            Some(table) => table.get(b as usize).filter(|&&c| c != 0xfffe).map(|&c| {
                let mut one = Vec::new();
                strs::push_code_point(&mut one, c);
                one
            }),
            None => {
                let v = get_item(vm, map, int(vm, i64::from(b)));
                let v = ouro_py_objects::error::catch(vm, vm.world().classes.lookup_error, v)?;
                match v.filter(|&v| v != none(vm)) {
                    None => None,
                    Some(v) => match strs::as_str(v) {
                        Some(s) => Some(strs::bytes(s).to_vec()),
                        None => {
                            let mut one = Vec::new();
                            strs::push_code_point(&mut one, to_i64(vm, v)? as u32);
                            Some(one)
                        }
                    },
                }
            }
        };
        match found {
            Some(text) => out.extend(text),
            None => match errors.as_str() {
                "ignore" => {}
                "replace" => strs::push_code_point(&mut out, 0xfffd),
                "backslashreplace" => out.extend(format!("\\x{b:02x}").bytes()),
                "surrogateescape" => strs::push_code_point(&mut out, 0xdc00 + u32::from(b)),
                _ => {
                    return Err(decode_error(
                        vm,
                        "charmap",
                        &data,
                        i,
                        i + 1,
                        "character maps to <undefined>",
                    ));
                }
            },
        }
    }
    with_length(vm, strs::from_wtf8(vm, &out), data.len())
}

// ---- error handlers, for code that asks for them by name
static HANDLERS: &[BuiltinDef] = &[
    fn1("strict_errors", |_, e| Err(e)),
    fn1("ignore_errors", |vm, e| piece(vm, e, |_| Vec::new())),
    fn1("replace_errors", |vm, e| {
        let encode = is_a(vm, e, vm.world().classes.unicode_encode_error);
        piece(vm, e, |_| if encode { vec![b'?'] } else { replacement() })
    }),
    fn1("xmlcharref_replace_errors", |vm, e| {
        piece(vm, e, |c| format!("&#{c};").into_bytes())
    }),
    fn1("backslashreplace_errors", |vm, e| {
        piece(vm, e, |c| match c {
            0..=0xff => format!("\\x{c:02x}").into_bytes(),
            0..=0xffff => format!("\\u{c:04x}").into_bytes(),
            _ => format!("\\U{c:08x}").into_bytes(),
        })
    }),
    fn1("namereplace_errors", |_, e| Err(e)),
    fn1("surrogateescape_errors", surrogateescape),
    fn1("surrogatepass_errors", |_, e| Err(e)),
];
fn replacement() -> Vec<u8> {
    "\u{fffd}".as_bytes().to_vec()
}
/// The codes of the characters or bytes that an error is about, and where it ends.
fn culprits(vm: &'static Vm, e: Gc) -> PyResult<(Vec<u32>, i64)> {
    let object = get_attr(vm, e, "object")?;
    let (start, end) = (get_attr(vm, e, "start")?, get_attr(vm, e, "end")?);
    let (start, end) = (to_i64(vm, start)?.max(0) as usize, to_i64(vm, end)?);
    let count = (end as usize).saturating_sub(start);
    let codes = match strs::as_str(object) {
        Some(s) => strs::code_points(s).skip(start).take(count).collect(),
        None => to_bytes(vm, object)?
            .into_iter()
            .skip(start)
            .take(count)
            .map(u32::from)
            .collect(),
    };
    Ok((codes, end))
}
fn piece(vm: &'static Vm, e: Gc, f: impl Fn(u32) -> Vec<u8>) -> PyResult {
    let (codes, end) = culprits(vm, e)?;
    let decode = is_a(vm, e, vm.world().classes.unicode_decode_error);
    let mut out = Vec::new();
    for (i, c) in codes.into_iter().enumerate() {
        let text = f(c);
        // All bytes that cannot be decoded together give one replacement character.
        if !(decode && i > 0 && text.starts_with("\u{fffd}".as_bytes())) {
            out.extend(text);
        }
    }
    Ok(tuple(vm, &[strs::from_wtf8(vm, &out), int(vm, end)]))
}
fn surrogateescape(vm: &'static Vm, e: Gc) -> PyResult {
    let (codes, end) = culprits(vm, e)?;
    if is_a(vm, e, vm.world().classes.unicode_encode_error) {
        let escaped = |c: u32| (0xdc80..=0xdcff).contains(&c).then(|| (c - 0xdc00) as u8);
        return match codes.into_iter().map(escaped).collect::<Option<Vec<u8>>>() {
            Some(data) => Ok(tuple(vm, &[bytes(vm, &data), int(vm, end)])),
            None => Err(e),
        };
    }
    if codes.iter().any(|&c| c < 128) {
        return Err(e);
    }
    let mut out = Vec::new();
    codes
        .into_iter()
        .for_each(|c| strs::push_code_point(&mut out, 0xdc00 + c));
    Ok(tuple(vm, &[strs::from_wtf8(vm, &out), int(vm, end)]))
}
