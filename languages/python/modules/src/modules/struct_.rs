//! `_struct`: packed binary data.

use crate::native::{self, ClassSpec};
use crate::rt::*;
use crate::state::state;
use dashu_int::IBig;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{ANY, Quiet, fn0, fn1, fn2, getter, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, GetSetDef, PyResult, Temps, Vm, int as ints};
use smallvec::SmallVec;
use std::borrow::Cow;

use std::rc::Rc;

/// R0 the format, a str. I0 the size in bytes.
static STRUCT: ClassSpec = ClassSpec::new("_struct", "Struct", METHODS)
    .getsets(GETSETS)
    .weakref();
static METHODS: &[BuiltinDef] = &[
    kw("__new__", |vm, args, kw| {
        let [format] = crate::args::bind(vm, "Struct", ["format"], 1, &args[1..], kw)?;
        let size = layout_of(vm, format)?.size;
        let format = string(vm, &String::from_utf8_lossy(format_bytes(vm, format)?));
        let s = native::new_of(vm, "Struct");
        s.set(vm, WNative::R0, format);
        s.set(vm, WNative::I0, size as i64);
        native::instance(vm, args[0], native::class_of(s), s)
    })
    .static_method(),
    var("pack", 1, ANY, |vm, args| {
        pack(vm, &*own_layout(vm, args[0])?, &args[1..])
    }),
    fn2("unpack", |vm, s, data| {
        unpack(vm, &*own_layout(vm, s)?, data)
    }),
    kw("unpack_from", |vm, args, kw| {
        let [data, offset] =
            crate::args::bind(vm, "unpack_from", ["buffer", "offset"], 1, &args[1..], kw)?;
        unpack_from(vm, &*own_layout(vm, args[0])?, data, offset)
    }),
    var("pack_into", 3, ANY, |vm, args| {
        pack_into(vm, &*own_layout(vm, args[0])?, args[1], args[2], &args[3..])
    }),
    fn2("iter_unpack", |vm, s, data| {
        iter_unpack(vm, &*own_layout(vm, s)?, data)
    }),
];
static GETSETS: &[GetSetDef] = &[
    getter("format", |_, s| Ok(s.get(WNative::R0))),
    getter("size", |vm, s| Ok(int(vm, s.get(WNative::I0)))),
];
static FUNCTIONS: &[BuiltinDef] = &[
    fn1("calcsize", |vm, f| {
        Ok(int(vm, layout_of(vm, f)?.size as i64))
    }),
    var("pack", 1, ANY, |vm, args| {
        pack(vm, &*layout_of(vm, args[0])?, &args[1..])
    })
    .quiet(Quiet::OfPlain),
    fn2("unpack", |vm, f, data| {
        unpack(vm, &*layout_of(vm, f)?, data)
    })
    .quiet(Quiet::OfPlain),
    kw("unpack_from", |vm, args, kw| {
        let [f, data, offset] = crate::args::bind(
            vm,
            "unpack_from",
            ["format", "buffer", "offset"],
            2,
            args,
            kw,
        )?;
        unpack_from(vm, &*layout_of(vm, f)?, data, offset)
    }),
    var("pack_into", 3, ANY, |vm, args| {
        pack_into(vm, &*layout_of(vm, args[0])?, args[1], args[2], &args[3..])
    }),
    fn2("iter_unpack", |vm, f, data| {
        iter_unpack(vm, &*layout_of(vm, f)?, data)
    }),
    fn0("_clearcache", |vm| {
        state(vm).struct_layouts.borrow_mut().clear();
        Ok(none(vm))
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, module, &STRUCT)?;
    put_functions(vm, module, FUNCTIONS);
    let namespace = dict(vm);
    dict_set_str(vm, namespace, "__module__", string(vm, "struct"));
    let bases = tuple(vm, &[vm.world().classes.exception.gc()]);
    let class = call(
        vm,
        vm.world().classes.type_.gc(),
        &[string(vm, "error"), bases, namespace],
    )?;
    state(vm).keep(vm, "struct.error", class);
    put(vm, module, "error", class);
    Ok(())
}
fn error(vm: &'static Vm, text: impl std::fmt::Display) -> Gc {
    let class = state(vm)
        .kept(vm, "struct.error")
        .expect("the module is initialised");
    match call(vm, class, &[string(vm, &text.to_string())]) {
        Ok(e) | Err(e) => e,
    }
}
/// The text of a format as bytes. Not to be kept over an allocation.
fn format_bytes<'a>(vm: &'static Vm, v: Gc) -> PyResult<&'a [u8]> {
    if let Some(s) = ouro_py_objects::str::as_str(v) {
        return Ok(ouro_py_objects::str::bytes(s));
    }
    match ouro_py_objects::bytes::content(v) {
        Some(b) if is_a(vm, v, vm.world().classes.bytes) => Ok(b),
        _ => Err(vm.type_error(format_args!(
            "Struct() argument 1 must be a str or bytes object, not {}",
            type_name(vm, v)
        ))),
    }
}
/// Formats whose layouts are kept; when there are more, all are forgotten, as in CPython.
const MOST_LAYOUTS: usize = 100;
/// Layouts by format.
pub(crate) type Layouts = ahash::AHashMap<Box<[u8]>, Rc<Layout>>;

/// The layout of a format that the guest gave.
fn layout_of(vm: &'static Vm, format: Gc) -> PyResult<Rc<Layout>> {
    let format = format_bytes(vm, format)?;
    let layouts = &state(vm).struct_layouts;
    if let Some(known) = layouts.borrow().get(format) {
        return Ok(known.clone());
    }
    let key: Box<[u8]> = format.into();
    let layout = Rc::new(parse(vm, &String::from_utf8_lossy(format))?);
    let mut layouts = layouts.borrow_mut();
    if layouts.len() >= MOST_LAYOUTS {
        layouts.clear();
    }
    layouts.insert(key, layout.clone());
    Ok(layout)
}
fn own_layout(vm: &'static Vm, s: Gc) -> PyResult<Rc<Layout>> {
    layout_of(vm, s.get(WNative::R0))
}

/// One code of a format, with its place.
struct Field {
    code: u8,
    /// Bytes of one item; for `s` and `p` of all.
    size: usize,
    offset: usize,
    /// Number of items; 1 for `s` and `p`.
    count: usize,
}
pub(crate) struct Layout {
    fields: Vec<Field>,
    size: usize,
    big: bool,
}
fn parse(vm: &'static Vm, format: &str) -> PyResult<Layout> {
    let bytes = format.as_bytes();
    let mut i = 0;
    let (mut big, mut native) = (cfg!(target_endian = "big"), true);
    if let Some(&order) = bytes.first() {
        i = 1;
        match order {
            b'@' => {}
            b'=' => native = false,
            b'<' => (big, native) = (false, false),
            b'>' | b'!' => (big, native) = (true, false),
            _ => i = 0,
        }
    }
    let mut layout = Layout {
        fields: Vec::new(),
        size: 0,
        big,
    };
    while i < bytes.len() {
        if bytes[i].is_ascii_whitespace() {
            i += 1;
            continue;
        }
        let digits = bytes[i..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut count = 1usize;
        if digits > 0 {
            count = format[i..i + digits]
                .parse()
                .map_err(|_| error(vm, "total struct size too long"))?;
            i += digits;
        }
        let Some(&code) = bytes.get(i) else {
            return Err(error(vm, "repeat count given without format specifier"));
        };
        i += 1;
        let size = match code {
            b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => 1,
            b'h' | b'H' | b'e' => 2,
            b'i' | b'I' | b'f' => 4,
            b'l' | b'L' => {
                if native {
                    8
                } else {
                    4
                }
            }
            b'q' | b'Q' | b'd' => 8,
            b'n' | b'N' | b'P' if native => 8,
            _ => return Err(error(vm, "bad char in struct format")),
        };
        if native {
            layout.size = layout.size.next_multiple_of(size);
        }
        let (size, items) = if matches!(code, b's' | b'p') {
            (count, 1)
        } else {
            (size, count)
        };
        let total = size
            .checked_mul(items)
            .and_then(|n| n.checked_add(layout.size))
            .filter(|&n| n < isize::MAX as usize);
        let Some(total) = total else {
            return Err(error(vm, "total struct size too long"));
        };
        if code != b'x' {
            layout.fields.push(Field {
                code,
                size,
                offset: layout.size,
                count: items,
            });
        }
        layout.size = total;
    }
    Ok(layout)
}
/// Packed bytes outside the heap, without an allocation for short ones.
type Packed = SmallVec<[u8; 64]>;
fn pack(vm: &'static Vm, layout: &Layout, values: &[Gc]) -> PyResult {
    let data = packed(vm, layout, values, "pack")?;
    Ok(bytes(vm, &data))
}
fn packed(vm: &'static Vm, layout: &Layout, values: &[Gc], function: &str) -> PyResult<Packed> {
    let wanted: usize = layout.fields.iter().map(|f| f.count).sum();
    if wanted != values.len() {
        let n = values.len();
        return Err(error(
            vm,
            format_args!("{function} expected {wanted} items for packing (got {n})"),
        ));
    }
    let mut out = Packed::from_elem(0, layout.size);
    let mut values = values.iter();
    for field in &layout.fields {
        for k in 0..field.count {
            let &v = values.next().expect("the number of values was checked");
            let at = field.offset + k * field.size;
            put_value(vm, field, v, layout.big, &mut out[at..at + field.size])?;
        }
    }
    Ok(out)
}
fn put_value(vm: &'static Vm, field: &Field, v: Gc, big: bool, out: &mut [u8]) -> PyResult<()> {
    let code = field.code;
    let mut put = |little: &[u8]| {
        out.copy_from_slice(&little[..out.len()]);
        if big {
            out.reverse();
        }
    };
    match code {
        b'c' | b's' | b'p' => {
            let c = &vm.world().classes;
            let ok = is_a(vm, v, c.bytes) || code != b'c' && is_a(vm, v, c.bytearray);
            if !ok {
                return Err(error(
                    vm,
                    match code {
                        b'c' => "char format requires a bytes object of length 1".to_owned(),
                        _ => format!("argument for '{}' must be a bytes object", code as char),
                    },
                ));
            }
            let data = to_bytes(vm, v)?;
            if code == b'c' && data.len() != 1 {
                return Err(error(vm, "char format requires a bytes object of length 1"));
            }
            let from = usize::from(code == b'p' && !out.is_empty());
            let n = data
                .len()
                .min(out.len() - from)
                .min(if from == 1 { 255 } else { usize::MAX });
            out[from..from + n].copy_from_slice(&data[..n]);
            if from == 1 {
                out[0] = n as u8;
            }
        }
        b'?' => out[0] = u8::from(truth(vm, v)?),
        b'f' | b'd' | b'e' => {
            let x = match ouro_py_objects::error::catch(
                vm,
                vm.world().classes.type_error,
                to_f64(vm, v),
            )? {
                Some(x) => x,
                None => return Err(error(vm, "required argument is not a float")),
            };
            match code {
                b'd' => put(&x.to_le_bytes()),
                b'f' => {
                    let single = x as f32;
                    if single.is_infinite() && x.is_finite() {
                        return Err(vm.overflow_error("float too large to pack with f format"));
                    }
                    put(&single.to_le_bytes());
                }
                _ => match half_bits(x) {
                    Some(bits) => put(&bits.to_le_bytes()),
                    None => return Err(vm.overflow_error("float too large to pack with e format")),
                },
            }
        }
        _ => {
            if !ints::has_index(vm, v) {
                return Err(error(vm, "required argument is not an integer"));
            }
            let n = ints::index(vm, v)?;
            let n = n.small().map_or_else(
                || {
                    let far = if n.is_negative() {
                        i128::MIN
                    } else {
                        i128::MAX
                    };
                    i128::try_from(n.big()).unwrap_or(far)
                },
                i128::from,
            );
            let signed = code.is_ascii_lowercase();
            let bits = field.size as u32 * 8;
            let (low, high) = if signed {
                (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
            } else {
                (0, (1i128 << bits) - 1)
            };
            if n < low || n > high {
                let text = match field.size {
                    // CPython converts to a C long or unsigned long first, which fails before the range is looked at.
                    size if size == 8 || !in_machine_word(n, signed || size <= 2) => {
                        "argument out of range".to_owned()
                    }
                    1 => format!(
                        "{} format requires {low} <= number <= {high}",
                        if signed { "byte" } else { "ubyte" }
                    ),
                    2 => format!(
                        "{} format requires {low} <= number <= {high}",
                        if signed { "short" } else { "ushort" }
                    ),
                    _ => format!(
                        "'{}' format requires {low} <= number <= {high}",
                        code as char
                    ),
                };
                return Err(error(vm, text));
            }
            put(&n.to_le_bytes());
        }
    }
    Ok(())
}
fn in_machine_word(n: i128, signed: bool) -> bool {
    match signed {
        true => i64::try_from(n).is_ok(),
        false => u64::try_from(n).is_ok(),
    }
}
/// The bits of a float of 16 bits, rounded half to even; None if it is too large.
fn half_bits(x: f64) -> Option<u16> {
    let sign = u16::from(x.is_sign_negative()) << 15;
    let a = x.abs();
    if a.is_nan() {
        return Some(sign | 0x7e00);
    }
    if a.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if a == 0.0 {
        return Some(sign);
    }
    // Units of the last place: 2**-24 for small numbers, 2**(exponent - 10) for others.
    let exponent = (a.to_bits() >> 52) as i32 - 1023;
    let step = (exponent.max(-14) - 10) as f64;
    let units = (a / step.exp2()).round_ties_even() as u32;
    let bits = if exponent < -14 {
        units
    } else {
        ((exponent + 15) as u32) * 1024 + units - 1024
    };
    (bits < 0x7c00).then_some(sign | bits as u16)
}
fn half_value(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let a = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1024.0 + fraction) * 2f64.powi(e - 25),
    };
    if bits >> 15 == 1 { -a } else { a }
}
fn unpack(vm: &'static Vm, layout: &Layout, data: Gc) -> PyResult {
    let data = bytes_of(vm, data)?;
    if data.len() != layout.size {
        return Err(error(
            vm,
            format_args!("unpack requires a buffer of {} bytes", layout.size),
        ));
    }
    values(vm, layout, &Packed::from_slice(&data))
}
/// The bytes of an object as they are, or a copy if they do not lie side by side.
fn bytes_of<'a>(vm: &'static Vm, data: Gc) -> PyResult<Cow<'a, [u8]>> {
    Ok(match ouro_py_objects::bytes::content(data) {
        Some(b) => Cow::Borrowed(b),
        None => Cow::Owned(to_bytes(vm, data)?),
    })
}
/// The objects that the bytes are, which are no object's: these are allocated.
fn values(vm: &'static Vm, layout: &Layout, data: &[u8]) -> PyResult {
    let mut out = Temps::new(vm);
    for field in &layout.fields {
        for k in 0..field.count {
            let at = field.offset + k * field.size;
            let raw = &data[at..at + field.size];
            let v = get_value(vm, field.code, raw, layout.big);
            out.push(v);
        }
    }
    Ok(tuple(vm, &out))
}
fn get_value(vm: &'static Vm, code: u8, raw: &[u8], big: bool) -> Gc {
    match code {
        b'c' | b's' => return bytes(vm, raw),
        b'p' => {
            let n = raw
                .first()
                .map_or(0, |&n| usize::from(n).min(raw.len() - 1));
            return bytes(vm, raw.get(1..1 + n).unwrap_or_default());
        }
        b'?' => return boolean(vm, raw[0] != 0),
        _ => {}
    }
    let mut little = [0u8; 8];
    little[..raw.len()].copy_from_slice(raw);
    if big {
        little[..raw.len()].reverse();
    }
    let n = u64::from_le_bytes(little);
    match code {
        b'd' => float(vm, f64::from_bits(n)),
        b'f' => float(vm, f64::from(f32::from_bits(n as u32))),
        b'e' => float(vm, half_value(n as u16)),
        c if c.is_ascii_lowercase() => {
            let unused = 64 - raw.len() as u32 * 8;
            int(vm, ((n << unused) as i64) >> unused)
        }
        _ => ints::from_big(vm, &IBig::from(n)),
    }
}
fn place(vm: &'static Vm, offset: Gc, have: usize, need: usize, function: &str) -> PyResult<usize> {
    let offset = if offset.is_null() {
        0
    } else {
        to_i64(vm, offset)?
    };
    let at = if offset < 0 {
        offset + have as i64
    } else {
        offset
    };
    if at < 0 {
        return Err(error(
            vm,
            format_args!("offset {offset} out of range for {have}-byte buffer"),
        ));
    }
    if at as usize + need > have {
        let verb = if function == "pack_into" {
            "packing"
        } else {
            "unpacking"
        };
        return Err(error(
            vm,
            format_args!(
                "{function} requires a buffer of at least {} bytes for {verb} {need} bytes at offset {at} (actual buffer size is {have})",
                at as usize + need
            ),
        ));
    }
    Ok(at as usize)
}
fn unpack_from(vm: &'static Vm, layout: &Layout, data: Gc, offset: Gc) -> PyResult {
    let have = bytes_of(vm, data)?.len();
    // An index may be any object with `__index__`: the bytes are looked up after it was asked.
    let at = place(vm, offset, have, layout.size, "unpack_from")?;
    let data = bytes_of(vm, data)?;
    let Some(part) = data.get(at..at + layout.size) else {
        return Err(error(vm, "the buffer became shorter"));
    };
    values(vm, layout, &Packed::from_slice(part))
}
fn pack_into(vm: &'static Vm, layout: &Layout, target: Gc, offset: Gc, items: &[Gc]) -> PyResult {
    let data = packed(vm, layout, items, "pack_into")?;
    let have = len(vm, target)?;
    let at = place(vm, offset, have, data.len(), "pack_into")?;
    let (start, stop) = (int(vm, at as i64), int(vm, (at + data.len()) as i64));
    let range = ouro_py_objects::slice::new(vm, start, stop, none(vm));
    set_item(vm, target, range, bytes(vm, &data))?;
    Ok(none(vm))
}
fn iter_unpack(vm: &'static Vm, layout: &Layout, data: Gc) -> PyResult {
    let data = to_bytes(vm, data)?;
    if layout.size == 0 {
        return Err(error(
            vm,
            "cannot iteratively unpack with a struct of length 0",
        ));
    }
    if data.len() % layout.size != 0 {
        let size = layout.size;
        return Err(error(
            vm,
            format_args!("iterative unpacking requires a buffer of a multiple of {size} bytes"),
        ));
    }
    let all = list(vm, &[]);
    for chunk in data.chunks(layout.size) {
        list_append(vm, all, values(vm, layout, chunk)?)?;
    }
    iter(vm, all)
}
