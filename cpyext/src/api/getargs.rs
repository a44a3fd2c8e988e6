//! `PyArg_*` of `modsupport.h`: taking arguments apart by formats.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use crate::varargs::{VaList, next_pointer};
use std::ffi::{c_char, c_int, c_void};

/// A format: its items, and what stands behind them. The text is C's.
struct Format {
    items: &'static [u8],
    /// Behind `:` the name of the function, behind `;` the message of errors; only one of them counts.
    rest: *const c_char,
}
impl Format {
    /// What stands behind the items.
    #[cold]
    fn rest(&self) -> &'static [u8] {
        // SAFETY: C's text ends with a zero.
        unsafe { std::ffi::CStr::from_ptr(self.rest) }.to_bytes()
    }
    /// The function as messages name it.
    #[cold]
    fn function(&self) -> String {
        match self.rest().split_first() {
            Some((b':', name)) => {
                let name = name.split(|&c| c == b';').next().unwrap_or_default();
                format!("{}()", String::from_utf8_lossy(name))
            }
            _ => "function".to_owned(),
        }
    }
    /// What errors say instead of what is wrong.
    #[cold]
    fn message(&self) -> Option<String> {
        let rest = self.rest();
        let at = rest.iter().position(|&c| c == b';')?;
        Some(String::from_utf8_lossy(&rest[at + 1..]).into_owned())
    }
}
/// Why an argument does not fit. A pointer, since almost all of them do.
type Why = Box<String>;
/// Where reading stopped.
type Outcome = Result<(), Why>;
/// An exception says what is wrong.
#[cold]
fn raised() -> Why {
    Box::default()
}

inner! {
    /// Where the items of a format end.
    #[inline(always)]
    fn format_of(format: *const c_char) -> Format {
        let mut end = format.cast::<u8>();
        while !matches!(*end, 0 | b':' | b';') { end = end.add(1) }
        let n = end.offset_from_unsigned(format.cast());
        Format { items: std::slice::from_raw_parts(format.cast(), n), rest: end.cast() }
    }
    /// Converts an argument to which a short way leads: an object as it is, a number of the exact type that fits.
    #[inline(always)]
    fn quick(c: u8, next: u8, o: Obj, list: *mut VaList) -> bool {
        if c == b'O' && !matches!(next, b'!' | b'&') {
            *next_pointer(list).cast::<Obj>() = o;
            return true;
        }
        if matches!(c, b'i' | b'l' | b'n' | b'L') && (*o).ob_type == data::PyLong_Type.get() && let Some(v) = crate::values::int_value(o) {
            if c != b'i' {
                *next_pointer(list).cast::<i64>() = v;
                return true;
            }
            if let Ok(v) = i32::try_from(v) {
                *next_pointer(list).cast::<i32>() = v;
                return true;
            }
        }
        if c == b'd' && (*o).ob_type == data::PyFloat_Type.get() {
            *next_pointer(list).cast::<f64>() = raw::float_value(o);
            return true;
        }
        false
    }
    /// Reports why argument `n` does not fit.
    #[cold]
    fn fail(f: &Format, n: usize, why: Why) {
        if errors::occurred() { return }
        let text = match f.message() {
            Some(m) => m,
            None if f.function() == "function" => format!("argument {} {why}", n + 1),
            None => format!("{} argument {} {why}", f.function(), n + 1),
        };
        errors::type_error(&text);
    }
    fn number(o: Obj, from: i128, to: i128, what: &str) -> Result<i128, Why> {
        let i = super::index(o);
        if i.is_null() { return Err(raised()) }
        let v = raw::long_to_i128(i).unwrap_or(if raw::long_parts(i).0 { i128::MIN } else { i128::MAX });
        raw::decref(i);
        if v > to { errors::overflow_error(&format!("{what} is greater than maximum")); return Err(raised()) }
        if v < from { errors::overflow_error(&format!("{what} is less than minimum")); return Err(raised()) }
        Ok(v)
    }
    #[inline]
    fn signed(o: Obj) -> Result<i64, Why> {
        if (*o).ob_type == data::PyLong_Type.get() && let Some(v) = crate::values::int_value(o) { return Ok(v) }
        let v = super::PyLong_AsLong(o);
        if v == -1 && errors::occurred() { Err(raised()) } else { Ok(v) }
    }
    fn masked(o: Obj) -> Result<u64, Why> {
        let v = super::PyLong_AsUnsignedLongMask(o);
        if v == u64::MAX && errors::occurred() { Err(raised()) } else { Ok(v) }
    }
    #[cold]
    fn must_be(what: &str, o: Obj) -> Why {
        let got = if o == data::none() { "None".to_owned() } else { raw::type_name(o) };
        Box::new(format!("must be {what}, not {got}"))
    }
    /// The memory of a bytes-like object that is valid as long as the object.
    fn bytes_like(o: Obj) -> Result<(*const u8, usize), Why> {
        if raw::has(o, type_flags::BYTES) {
            let b = raw::bytes_slice(o);
            return Ok((b.as_ptr(), b.len()));
        }
        // Who has to be told when the memory is no more used cannot be told here.
        let procs = (*(*o).ob_type).tp_as_buffer;
        if !procs.is_null() && (*procs).bf_releasebuffer.is_some() {
            return Err(must_be("read-only bytes-like object", o));
        }
        let mut view: Py_buffer = std::mem::zeroed();
        if super::PyObject_GetBuffer(o, &mut view, 0) < 0 { return Err(raised()) }
        let r = (view.buf.cast_const().cast(), view.len as usize);
        super::PyBuffer_Release(&mut view);
        Ok(r)
    }
    /// Converts an argument by the item at `at`, which moves on. NULL: the argument is missing, only pointers are read.
    fn convert(f: &Format, at: &mut usize, o: Obj, list: *mut VaList) -> Outcome {
        let c = f.items[*at];
        *at += 1;
        let next = f.items.get(*at).copied().unwrap_or(0);
        let missing = o.is_null();
        macro_rules! store { ($t:ty, $v:expr) => {{
            let to = next_pointer(list).cast::<$t>();
            if !missing { *to = $v }
        }}; }
        match c {
            b'b' => store!(u8, number(o, 0, 255, "unsigned byte integer")? as u8),
            b'B' => store!(u8, masked(o)? as u8),
            b'h' => store!(i16, number(o, -32768, 32767, "signed short integer")? as i16),
            b'H' => store!(u16, masked(o)? as u16),
            b'i' => store!(i32, {
                let v = signed(o)?;
                i32::try_from(v).map_err(|_| {
                    errors::overflow_error(if v > 0 { "signed integer is greater than maximum" } else { "signed integer is less than minimum" });
                    raised()
                })?
            }),
            b'I' => store!(u32, masked(o)? as u32),
            b'l' | b'L' => store!(i64, signed(o)?),
            b'k' | b'K' => store!(u64, masked(o)?),
            b'n' => store!(Ssize, {
                let v = super::PyNumber_AsSsize_t(o, *data::PyExc_OverflowError.get());
                if v == -1 && errors::occurred() { return Err(raised()) }
                v
            }),
            b'c' => store!(c_char, {
                if !raw::has(o, type_flags::BYTES) || raw::bytes_slice(o).len() != 1 { return Err(must_be("a byte string of length 1", o)) }
                raw::bytes_slice(o)[0] as c_char
            }),
            b'C' => store!(c_int, {
                if !raw::has(o, type_flags::UNICODE) || raw::unicode_len(o) != 1 { return Err(must_be("a unicode character", o)) }
                raw::unicode_read(o, 0) as c_int
            }),
            b'p' => store!(c_int, match super::PyObject_IsTrue(o) { -1 => return Err(raised()), v => v }),
            b'f' => store!(f32, {
                let v = super::PyFloat_AsDouble(o);
                if v == -1.0 && errors::occurred() { return Err(raised()) }
                v as f32
            }),
            b'd' => store!(f64, {
                let v = super::PyFloat_AsDouble(o);
                if v == -1.0 && errors::occurred() { return Err(raised()) }
                v
            }),
            b'D' => store!(Py_complex, Py_complex { real: super::PyComplex_RealAsDouble(o), imag: super::PyComplex_ImagAsDouble(o) }),
            b'S' | b'U' | b'Y' => store!(Obj, {
                let (flag, what) = match c { b'S' => (type_flags::BYTES, "bytes"), b'U' => (type_flags::UNICODE, "str"), _ => (0, "bytearray") };
                let good = if flag == 0 { (*o).ob_type == data::PyByteArray_Type.get() } else { raw::has(o, flag) };
                if !good { return Err(must_be(what, o)) }
                o
            }),
            b's' | b'z' | b'y' if next == b'*' => {
                *at += 1;
                let view = next_pointer(list).cast::<Py_buffer>();
                if missing { return Ok(()) }
                if c == b'z' && o == data::none() {
                    return match super::PyBuffer_FillInfo(view, std::ptr::null_mut(), std::ptr::null_mut(), 0, 1, 0) { 0 => Ok(()), _ => Err(raised()) };
                }
                if raw::has(o, type_flags::UNICODE) && c != b'y' {
                    let mut n = 0;
                    let p = super::PyUnicode_AsUTF8AndSize(o, &mut n);
                    if p.is_null() { return Err(raised()) }
                    super::PyBuffer_FillInfo(view, o, p.cast_mut().cast(), n, 1, 0);
                    return Ok(());
                }
                if super::PyObject_GetBuffer(o, view, 0) < 0 { return Err(raised()) }
            }
            b's' | b'z' | b'y' => {
                let to = next_pointer(list).cast::<*const u8>();
                let sized = next == b'#';
                let n_to = if sized { *at += 1; next_pointer(list).cast::<Ssize>() } else { std::ptr::null_mut() };
                if missing { return Ok(()) }
                let (p, n) = if c == b'z' && o == data::none() {
                    (std::ptr::null(), 0)
                } else if raw::has(o, type_flags::UNICODE) && c != b'y' {
                    let mut n = 0;
                    let p = super::PyUnicode_AsUTF8AndSize(o, &mut n);
                    if p.is_null() { return Err(raised()) }
                    (p.cast(), n as usize)
                } else if c == b'y' || sized {
                    bytes_like(o)?
                } else {
                    return Err(must_be(if c == b'z' { "str or None" } else { "str" }, o));
                };
                if !sized && !p.is_null() && std::slice::from_raw_parts(p, n).contains(&0) {
                    errors::value_error(if c == b'y' { "embedded null byte" } else { "embedded null character" });
                    return Err(raised());
                }
                *to = p;
                if sized { *n_to = n as Ssize }
            }
            b'w' if next == b'*' => {
                *at += 1;
                let view = next_pointer(list).cast::<Py_buffer>();
                if !missing && super::PyObject_GetBuffer(o, view, 1) < 0 {
                    errors::clear();
                    return Err(must_be("read-write bytes-like object", o));
                }
            }
            b'O' if next == b'!' => {
                *at += 1;
                let ty = next_pointer(list).cast::<PyTypeObject>();
                let to = next_pointer(list).cast::<Obj>();
                if missing { return Ok(()) }
                if !guest().is_subtype((*o).ob_type, ty) { return Err(must_be(&raw::name_of(ty), o)) }
                *to = o;
            }
            b'O' if next == b'&' => {
                *at += 1;
                let f: unsafe extern "C" fn(Obj, *mut c_void) -> c_int = std::mem::transmute(next_pointer(list));
                let to = next_pointer(list);
                if !missing && f(o, to) == 0 { return Err(raised()) }
            }
            b'O' => store!(Obj, o),
            b'(' => {
                let items: Option<&[Obj]> = if missing { None } else {
                    if !raw::has(o, type_flags::TUPLE | type_flags::LIST) { return Err(must_be("sequence", o)) }
                    Some(if raw::has(o, type_flags::TUPLE) { raw::tuple_items(o) } else { raw::list_items(o) })
                };
                let mut n = 0;
                while f.items.get(*at).is_some_and(|&c| c != b')') {
                    let item = match items { Some(items) => match items.get(n) {
                        Some(&i) => i,
                        None => return Err(Box::new(format!("must be sequence of more than {n} items"))),
                    }, None => std::ptr::null_mut() };
                    convert(f, at, item, list)?;
                    n += 1;
                }
                *at += 1;
                if let Some(items) = items && items.len() != n {
                    return Err(Box::new(format!("must be sequence of length {n}, not {}", items.len())));
                }
            }
            other => {
                errors::set_text(data::PyExc_SystemError.get(), &format!("unknown format character '{}'", other as char));
                return Err(raised());
            }
        }
        Ok(())
    }
    /// Counts the items of a format: the fewest and the most.
    fn count(f: &Format) -> (usize, usize) {
        let (mut n, mut min, mut depth, mut i) = (0, None, 0, 0);
        while i < f.items.len() {
            match f.items[i] {
                b'(' => { if depth == 0 { n += 1 } depth += 1 }
                b')' => depth -= 1,
                b'|' => min = min.or(Some(n)),
                b'$' | b'#' | b'*' | b'!' | b'&' => {}
                b'e' => { if depth == 0 { n += 1 } i += 1 }
                _ => if depth == 0 { n += 1 },
            }
            i += 1;
        }
        (min.unwrap_or(n), n)
    }
    #[cold]
    fn wrong_number(f: &Format, given: usize, min: usize, max: usize) -> c_int {
        let bound = if min == max { "exactly" } else if given < min { "at least" } else { "at most" };
        let n = if given < min { min } else { max };
        let text = match (f.message(), max) {
            (Some(m), _) => m,
            (None, 0) => format!("{} takes no arguments ({} given)", f.function(), given),
            _ => format!("{} takes {bound} {n} argument{} ({} given)", f.function(), if n == 1 { "" } else { "s" }, given),
        };
        errors::type_error(&text);
        return 0;
    }
    fn parse(args: &[Obj], format: *const c_char, list: *mut VaList) -> c_int {
        let f = format_of(format);
        let (min, max) = count(&f);
        if args.len() < min || args.len() > max { return wrong_number(&f, args.len(), min, max) }
        let (mut at, mut n) = (0, 0);
        while at < f.items.len() {
            let c = f.items[at];
            if c == b'|' || c == b'$' { at += 1; continue }
            let Some(&o) = args.get(n) else { break };
            if quick(c, f.items.get(at + 1).copied().unwrap_or(0), o, list) {
                at += 1;
                n += 1;
                continue;
            }
            if let Err(why) = convert(&f, &mut at, o, list) {
                fail(&f, n, why);
                return 0;
            }
            n += 1;
        }
        1
    }
    fn parse_keywords(args: &[Obj], kw: Obj, format: *const c_char, names: *const *const c_char, list: *mut VaList) -> c_int {
        let f = format_of(format);
        let mut count = 0;
        while !(*names.add(count)).is_null() { count += 1 }
        let keys = std::slice::from_raw_parts(names, count);
        let given = if kw.is_null() { 0 } else { (*kw.cast::<PyDictObject>()).ma_used as usize };
        if args.len() + given > keys.len() {
            let plural = if keys.len() == 1 { "" } else { "s" };
            let text = format!("{} takes at most {} argument{plural} ({} given)", f.function(), keys.len(), args.len() + given);
            errors::type_error(&text);
            return 0;
        }
        let (mut at, mut used) = (0, 0);
        let (mut optional, mut named_only) = (false, false);
        for (n, &key) in keys.iter().enumerate() {
            let name = || raw::text(key);
            while matches!(f.items.get(at), Some(b'|' | b'$')) {
                if f.items[at] == b'|' { optional = true } else { named_only = true }
                at += 1;
            }
            if at >= f.items.len() {
                errors::set_text(data::PyExc_SystemError.get(), "more keyword list entries than format specifiers");
                return 0;
            }
            let mut o = args.get(n).copied().unwrap_or(std::ptr::null_mut());
            if named_only && !o.is_null() {
                errors::type_error(&format!("{} takes at most {n} positional argument{} ({} given)", f.function(), if n == 1 { "" } else { "s" }, args.len()));
                return 0;
            }
            if used < given && *key != 0 {
                // The dict holds the value as long as the call lasts.
                let found = crate::fresh_dict::get_text(kw, key);
                let found = found.unwrap_or_else(|| {
                    crate::context::park(guest().dict_find(kw, std::ffi::CStr::from_ptr(key).to_bytes()))
                });
                if found.is_null() && errors::occurred() { return 0 }
                if !found.is_null() {
                    if !o.is_null() {
                        errors::type_error(&format!("argument for {} given by name ('{}') and position ({})", f.function(), name(), n + 1));
                        return 0;
                    }
                    o = found;
                    used += 1;
                }
            }
            if o.is_null() && !optional {
                errors::type_error(&format!("{} missing required argument '{}' (pos {})", f.function(), name(), n + 1));
                return 0;
            }
            if !o.is_null() && quick(f.items[at], f.items.get(at + 1).copied().unwrap_or(0), o, list) {
                at += 1;
                continue;
            }
            if let Err(why) = convert(&f, &mut at, o, list) {
                fail(&f, n, why);
                return 0;
            }
        }
        if used < given {
            let mut position = 0;
            while let Some((k, _)) = guest().dict_next(kw, &mut position) {
                if !raw::has(k, type_flags::UNICODE) { errors::type_error("keywords must be strings"); return 0 }
                let text = raw::unicode_text(k);
                if !keys.iter().any(|&key| std::ffi::CStr::from_ptr(key).to_bytes() == text.as_bytes()) {
                    errors::type_error(&format!("'{text}' is an invalid keyword argument for {}", f.function()));
                    return 0;
                }
            }
        }
        1
    }
    fn items_of(args: Obj) -> Option<&'static [Obj]> {
        if args.is_null() { return Some(&[]) }
        if !raw::has(args, type_flags::TUPLE) {
            errors::set_text(data::PyExc_SystemError.get(), "new style getargs format but argument is not a tuple");
            return None;
        }
        Some(raw::tuple_items(args))
    }
}
slot_functions! {
    /// `PyArg_ParseTuple`
    fn parse_tuple(args: Obj, format: *const c_char, list: *mut VaList) -> c_int {
        let Some(items) = items_of(args) else { return 0 };
        parse(items, format, list)
    }
    /// `PyArg_Parse`: one object.
    fn parse_one(o: Obj, format: *const c_char, list: *mut VaList) -> c_int { parse(&[o], format, list) }
    /// `PyArg_ParseTupleAndKeywords`
    fn parse_tuple_keywords(args: Obj, kw: Obj, format: *const c_char, names: *const *const c_char, list: *mut VaList) -> c_int {
        let Some(items) = items_of(args) else { return 0 };
        parse_keywords(items, kw, format, names, list)
    }
    /// `_PyArg_ParseStack`
    fn parse_stack(args: *const Obj, n: Ssize, format: *const c_char, list: *mut VaList) -> c_int {
        parse(if n == 0 { &[] } else { std::slice::from_raw_parts(args, n as usize) }, format, list)
    }
    /// `PyArg_UnpackTuple`
    fn unpack_tuple(args: Obj, name: *const c_char, min: Ssize, max: Ssize, list: *mut VaList) -> c_int {
        let Some(items) = items_of(args) else { return 0 };
        let n = items.len() as Ssize;
        if n < min || n > max {
            let name = if name.is_null() { "unpacked tuple should have".to_owned() } else { format!("{} expected", raw::text(name)) };
            let (bound, k) = if n < min { ("at least ", min) } else { ("at most ", max) };
            let bound = if min == max { "" } else { bound };
            errors::type_error(&format!("{name} {bound}{k} argument{}, got {n}", if k == 1 { "" } else { "s" }));
            return 0;
        }
        for &item in items { *next_pointer(list).cast::<Obj>() = item }
        1
    }
}
variadic!(PyArg_ParseTuple, 2, "rdx", parse_tuple);
variadic!(_PyArg_ParseTuple_SizeT, 2, "rdx", parse_tuple);
variadic!(PyArg_Parse, 2, "rdx", parse_one);
variadic!(_PyArg_Parse_SizeT, 2, "rdx", parse_one);
variadic!(PyArg_ParseTupleAndKeywords, 4, "r8", parse_tuple_keywords);
variadic!(
    _PyArg_ParseTupleAndKeywords_SizeT,
    4,
    "r8",
    parse_tuple_keywords
);
variadic!(_PyArg_ParseStack, 3, "rcx", parse_stack);
variadic!(_PyArg_ParseStack_SizeT, 3, "rcx", parse_stack);
variadic!(PyArg_UnpackTuple, 4, "r8", unpack_tuple);
api! {
    fn PyArg_VaParse(args: Obj, format: *const c_char, list: *mut VaList) -> c_int { parse_tuple(args, format, list) }
    fn PyArg_VaParseTupleAndKeywords(args: Obj, kw: Obj, format: *const c_char, names: *const *const c_char, list: *mut VaList) -> c_int {
        parse_tuple_keywords(args, kw, format, names, list)
    }
    fn PyArg_ValidateKeywordArguments(kw: Obj) -> c_int {
        if !kw.is_null() && raw::has(kw, type_flags::DICT) { return 1 }
        errors::bad_call("PyArg_ValidateKeywordArguments");
        0
    }
}
