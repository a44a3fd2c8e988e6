//! `unicodeobject.h`: texts.

use crate::abi::*;
use crate::context::{context, guest};
use crate::data;
use crate::errors;
use crate::raw::{self, state};
use crate::text_format;
use crate::varargs::VaList;
use std::ffi::{c_char, c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

inner! {
    fn check(o: Obj) -> bool {
        let ok = !o.is_null() && raw::has(o, type_flags::UNICODE);
        if !ok { errors::type_error("bad argument type for built-in operation") }
        ok
    }
    fn encode(o: Obj, encoding: &str, errors: *const c_char) -> Obj {
        if !check(o) { return NULL }
        let e = raw::unicode_from_str(encoding);
        let how = if errors.is_null() { raw::unicode_from_str("strict") } else { super::name_of_c(errors) };
        let r = guest().call_method(o, "encode", &[e, how]);
        raw::decref(e);
        raw::decref(how);
        r
    }
    fn decode(bytes: &[u8], encoding: &str, errors: *const c_char) -> Obj {
        let b = raw::bytes_from(bytes);
        if b.is_null() { return NULL }
        let e = raw::unicode_from_str(encoding);
        let how = if errors.is_null() { raw::unicode_from_str("strict") } else { super::name_of_c(errors) };
        let r = guest().call_method(b, "decode", &[e, how]);
        for o in [b, e, how] { raw::decref(o) }
        r
    }
    fn name_or_utf8(name: *const c_char) -> String {
        if name.is_null() { "utf-8".to_owned() } else { raw::text(name) }
    }
    fn owned_bytes(text: *const c_char, n: Ssize) -> &'static [u8] {
        if n <= 0 { return &[] }
        std::slice::from_raw_parts(text.cast(), n as usize)
    }
    fn points(o: Obj) -> Vec<u32> { (0..raw::unicode_len(o)).map(|i| raw::unicode_read(o, i)).collect() }
    fn at(a: &[u32], b: &[u32]) -> c_int { match a.cmp(b) { std::cmp::Ordering::Less => -1, std::cmp::Ordering::Equal => 0, _ => 1 } }
    fn number(o: Obj) -> Ssize {
        if o.is_null() { return -2 }
        let v = super::PyLong_AsSsize_t(o);
        raw::decref(o);
        v
    }
    fn span(text: Obj, method: &str, part: Obj, start: Ssize, end: Ssize) -> Obj {
        let (a, b) = (raw::long_from_i64(start as i64), raw::long_from_i64(end as i64));
        let r = guest().call_method(text, method, &[part, a, b]);
        raw::decref(a);
        raw::decref(b);
        r
    }
}
slot_functions! {
    /// `PyUnicode_FromFormat`
    fn from_format(format: *const c_char, list: *mut VaList) -> Obj {
        match text_format::format(format, list) { Some(text) => raw::unicode_from_wtf8(text.bytes()), None => NULL }
    }
    /// `PyBytes_FromFormat`
    fn bytes_from_format(format: *const c_char, list: *mut VaList) -> Obj {
        match text_format::format(format, list) { Some(text) => raw::bytes_from(text.bytes()), None => NULL }
    }
}
variadic!(PyUnicode_FromFormat, 1, "rsi", from_format);
variadic!(PyBytes_FromFormat, 1, "rsi", bytes_from_format);
api! {
    fn PyUnicode_FromFormatV(format: *const c_char, list: *mut VaList) -> Obj { from_format(format, list) }
    fn PyBytes_FromFormatV(format: *const c_char, list: *mut VaList) -> Obj { bytes_from_format(format, list) }
    fn PyUnicode_New(n: Ssize, max: u32) -> Obj {
        if n < 0 {
            errors::set_text(data::PyExc_SystemError.get(), "Negative size passed to PyUnicode_New");
            return NULL;
        }
        if max > 0x10ffff {
            errors::set_text(data::PyExc_SystemError.get(), "invalid maximum character passed to PyUnicode_New");
            return NULL;
        }
        if n == 0 { return raw::unicode_from_points(&[]) }
        raw::unicode_new(n as usize, max)
    }
    fn _PyUnicode_Ready(o: Obj) -> c_int {
        // Everything that is made here is ready.
        let _ = o;
        0
    }
    fn PyUnicode_FromString(text: *const c_char) -> Obj { PyUnicode_DecodeUTF8(text, libc::strlen(text) as Ssize, std::ptr::null()) }
    fn PyUnicode_FromStringAndSize(text: *const c_char, n: Ssize) -> Obj {
        if n < 0 {
            errors::set_text(data::PyExc_SystemError.get(), "Negative size passed to PyUnicode_FromStringAndSize");
            return NULL;
        }
        if text.is_null() { return PyUnicode_New(n, 0x7f) }
        PyUnicode_DecodeUTF8(text, n, std::ptr::null())
    }
    fn PyUnicode_DecodeUTF8(text: *const c_char, n: Ssize, errors: *const c_char) -> Obj {
        let bytes = owned_bytes(text, n);
        if bytes.is_ascii() { return raw::unicode_from_ascii(bytes) }
        match std::str::from_utf8(bytes) {
            Ok(text) => raw::unicode_from_str(text),
            Err(_) => decode(bytes, "utf-8", errors),
        }
    }
    fn PyUnicode_Decode(text: *const c_char, n: Ssize, encoding: *const c_char, errors: *const c_char) -> Obj {
        decode(owned_bytes(text, n), &name_or_utf8(encoding), errors)
    }
    fn PyUnicode_DecodeASCII(text: *const c_char, n: Ssize, errors: *const c_char) -> Obj {
        let bytes = owned_bytes(text, n);
        if bytes.is_ascii() { return raw::unicode_from_ascii(bytes) }
        decode(bytes, "ascii", errors)
    }
    fn PyUnicode_DecodeLatin1(text: *const c_char, n: Ssize, errors: *const c_char) -> Obj {
        let _ = errors;
        raw::unicode_from_points(&owned_bytes(text, n).iter().map(|&b| b as u32).collect::<Vec<_>>())
    }
    fn PyUnicode_DecodeFSDefault(text: *const c_char) -> Obj { PyUnicode_DecodeFSDefaultAndSize(text, libc::strlen(text) as Ssize) }
    fn PyUnicode_DecodeFSDefaultAndSize(text: *const c_char, n: Ssize) -> Obj { PyUnicode_DecodeUTF8(text, n, c"surrogateescape".as_ptr()) }
    fn PyUnicode_DecodeLocale(text: *const c_char, errors: *const c_char) -> Obj { PyUnicode_DecodeUTF8(text, libc::strlen(text) as Ssize, errors) }
    fn PyUnicode_FromKindAndData(kind: c_int, p: *const c_void, n: Ssize) -> Obj {
        if n < 0 { errors::value_error("size must be positive"); return NULL }
        let n = n as usize;
        let all: Vec<u32> = match kind {
            _ if n == 0 => Vec::new(),
            1 => std::slice::from_raw_parts(p.cast::<u8>(), n).iter().map(|&c| c as u32).collect(),
            2 => std::slice::from_raw_parts(p.cast::<u16>(), n).iter().map(|&c| c as u32).collect(),
            4 => std::slice::from_raw_parts(p.cast::<u32>(), n).to_vec(),
            _ => { errors::set_text(data::PyExc_SystemError.get(), "invalid kind"); return NULL }
        };
        raw::unicode_from_points(&all)
    }
    fn PyUnicode_FromOrdinal(c: c_int) -> Obj {
        if !(0..=0x10ffff).contains(&c) { errors::value_error("chr() arg not in range(0x110000)"); return NULL }
        raw::unicode_from_points(&[c as u32])
    }
    fn PyUnicode_FromObject(o: Obj) -> Obj {
        if !check(o) { return NULL }
        if (*o).ob_type == data::PyUnicode_Type.get() { return raw::incref(o) }
        raw::unicode_from_points(&points(o))
    }
    fn PyUnicode_FromEncodedObject(o: Obj, encoding: *const c_char, errors: *const c_char) -> Obj {
        if raw::has(o, type_flags::BYTES) { return decode(raw::bytes_slice(o), &name_or_utf8(encoding), errors) }
        errors::type_error(&format!("decoding to str: need a bytes-like object, {} found", raw::type_name(o)));
        NULL
    }
    fn PyUnicode_GetLength(o: Obj) -> Ssize { if check(o) { raw::unicode_len(o) as Ssize } else { -1 } }
    fn PyUnicode_ReadChar(o: Obj, i: Ssize) -> u32 {
        if !check(o) { return u32::MAX }
        if i < 0 || i as usize >= raw::unicode_len(o) {
            errors::set_text(data::PyExc_IndexError.get(), "string index out of range");
            return u32::MAX;
        }
        raw::unicode_read(o, i as usize)
    }
    fn PyUnicode_WriteChar(o: Obj, i: Ssize, c: u32) -> c_int {
        if !check(o) || (*o).ob_refcnt != 1 || i < 0 || i as usize >= raw::unicode_len(o) {
            if !errors::occurred() { errors::set_text(data::PyExc_IndexError.get(), "string index out of range") }
            return -1;
        }
        raw::unicode_write(o, i as usize, c);
        0
    }
    fn PyUnicode_CopyCharacters(to: Obj, to_start: Ssize, from: Obj, from_start: Ssize, n: Ssize) -> Ssize {
        let n = n.min(raw::unicode_len(from) as Ssize - from_start);
        if n < 0 || to_start < 0 || from_start < 0 || to_start + n > raw::unicode_len(to) as Ssize {
            errors::bad_call("PyUnicode_CopyCharacters");
            return -1;
        }
        _PyUnicode_FastCopyCharacters(to, to_start, from, from_start, n);
        n
    }
    fn _PyUnicode_FastCopyCharacters(to: Obj, to_start: Ssize, from: Obj, from_start: Ssize, n: Ssize) {
        for i in 0..n { raw::unicode_write(to, (to_start + i) as usize, raw::unicode_read(from, (from_start + i) as usize)) }
    }
    fn PyUnicode_AsUTF8AndSize(o: Obj, n: *mut Ssize) -> *const c_char {
        if !check(o) { return std::ptr::null() }
        if raw::unicode_is_ascii(o) {
            if !n.is_null() { *n = raw::unicode_len(o) as Ssize }
            return raw::unicode_data(o).cast();
        }
        let s: *mut PyCompactUnicodeObject = o.cast();
        if (*s).utf8.is_null() {
            let text = raw::unicode_to_wtf8(o);
            if std::str::from_utf8(&text).is_err() {
                // The codec words the error.
                raw::xdecref(encode(o, "utf-8", std::ptr::null()));
                return std::ptr::null();
            }
            let p = super::PyMem_Malloc(text.len() + 1).cast::<u8>();
            if p.is_null() { errors::no_memory(); return std::ptr::null() }
            std::ptr::copy_nonoverlapping(text.as_ptr(), p, text.len());
            *p.add(text.len()) = 0;
            (*s).utf8 = p.cast();
            (*s).utf8_length = text.len() as Ssize;
        }
        if !n.is_null() { *n = (*s).utf8_length }
        (*s).utf8
    }
    fn PyUnicode_AsUTF8(o: Obj) -> *const c_char { PyUnicode_AsUTF8AndSize(o, std::ptr::null_mut()) }
    fn PyUnicode_AsUTF8String(o: Obj) -> Obj {
        let mut n = 0;
        let p = PyUnicode_AsUTF8AndSize(o, &mut n);
        if p.is_null() { return NULL }
        raw::bytes_from(owned_bytes(p, n))
    }
    fn PyUnicode_AsEncodedString(o: Obj, encoding: *const c_char, errors: *const c_char) -> Obj { encode(o, &name_or_utf8(encoding), errors) }
    fn PyUnicode_AsASCIIString(o: Obj) -> Obj { encode(o, "ascii", std::ptr::null()) }
    fn PyUnicode_AsLatin1String(o: Obj) -> Obj { encode(o, "latin-1", std::ptr::null()) }
    fn PyUnicode_EncodeFSDefault(o: Obj) -> Obj { encode(o, "utf-8", c"surrogateescape".as_ptr()) }
    fn PyUnicode_FSConverter(o: Obj, result: *mut c_void) -> c_int {
        let b = if raw::has(o, type_flags::BYTES) { raw::incref(o) } else { PyUnicode_EncodeFSDefault(o) };
        if b.is_null() { return 0 }
        *result.cast::<Obj>() = b;
        1
    }
    fn PyUnicode_AsUCS4Copy(o: Obj) -> *mut u32 {
        if !check(o) { return std::ptr::null_mut() }
        let all = points(o);
        let p = super::PyMem_Malloc(4 * (all.len() + 1)).cast::<u32>();
        if p.is_null() { errors::no_memory(); return p }
        std::ptr::copy_nonoverlapping(all.as_ptr(), p, all.len());
        *p.add(all.len()) = 0;
        p
    }
    fn PyUnicode_Compare(a: Obj, b: Obj) -> c_int {
        if !check(a) || !check(b) { return -1 }
        at(&points(a), &points(b))
    }
    fn PyUnicode_CompareWithASCIIString(a: Obj, b: *const c_char) -> c_int {
        let b: Vec<u32> = std::ffi::CStr::from_ptr(b).to_bytes().iter().map(|&c| c as u32).collect();
        at(&points(a), &b)
    }
    fn _PyUnicode_EqualToASCIIString(a: Obj, b: *const c_char) -> c_int { (PyUnicode_CompareWithASCIIString(a, b) == 0) as c_int }
    fn _PyUnicode_EQ(a: Obj, b: Obj) -> c_int { (points(a) == points(b)) as c_int }
    fn PyUnicode_RichCompare(a: Obj, b: Obj, op: c_int) -> Obj { super::PyObject_RichCompare(a, b, op) }
    fn PyUnicode_Contains(text: Obj, part: Obj) -> c_int { guest().contains(text, part) }
    fn PyUnicode_Concat(a: Obj, b: Obj) -> Obj {
        if !check(a) || !check(b) { return NULL }
        let mut all = points(a);
        all.extend(points(b));
        raw::unicode_from_points(&all)
    }
    fn PyUnicode_Append(a: *mut Obj, b: Obj) {
        let r = if (*a).is_null() || b.is_null() { NULL } else { PyUnicode_Concat(*a, b) };
        raw::replace(a, r);
    }
    fn PyUnicode_AppendAndDel(a: *mut Obj, b: Obj) { PyUnicode_Append(a, b); raw::xdecref(b) }
    fn PyUnicode_Substring(o: Obj, a: Ssize, b: Ssize) -> Obj {
        if a < 0 || b < 0 { errors::set_text(data::PyExc_IndexError.get(), "string index out of range"); return NULL }
        // Only what is wanted is read: scanners take a long text apart piece by piece.
        let n = raw::unicode_len(o);
        let (a, b) = ((a as usize).min(n), (b as usize).min(n));
        raw::unicode_from_points(&(a..b.max(a)).map(|i| raw::unicode_read(o, i)).collect::<Vec<_>>())
    }
    fn PyUnicode_Resize(slot: *mut Obj, n: Ssize) -> c_int {
        let o = *slot;
        if !check(o) || n < 0 { return -1 }
        let mut all = points(o);
        all.resize(n as usize, 0);
        let new = raw::unicode_new(n as usize, match (raw::unicode_is_ascii(o), raw::unicode_kind(o)) { (true, _) => 0x7f, (_, 1) => 0xff, (_, 2) => 0xffff, _ => 0x10ffff });
        if new.is_null() { return -1 }
        all.iter().enumerate().for_each(|(i, &c)| raw::unicode_write(new, i, c));
        *slot = new;
        raw::decref(o);
        0
    }
    fn PyUnicode_Join(separator: Obj, items: Obj) -> Obj { guest().call_method(separator, "join", &[items]) }
    fn PyUnicode_Split(text: Obj, separator: Obj, max: Ssize) -> Obj {
        let max = raw::long_from_i64(max as i64);
        let r = guest().call_method(text, "split", &[if separator.is_null() { data::none() } else { separator }, max]);
        raw::decref(max);
        r
    }
    fn PyUnicode_Replace(text: Obj, a: Obj, b: Obj, max: Ssize) -> Obj {
        let max = raw::long_from_i64(max as i64);
        let r = guest().call_method(text, "replace", &[a, b, max]);
        raw::decref(max);
        r
    }
    fn PyUnicode_Format(text: Obj, args: Obj) -> Obj { super::PyNumber_Remainder(text, args) }
    fn PyUnicode_Find(text: Obj, part: Obj, start: Ssize, end: Ssize, direction: c_int) -> Ssize {
        number(span(text, if direction > 0 { "find" } else { "rfind" }, part, start, end))
    }
    fn PyUnicode_FindChar(text: Obj, c: u32, start: Ssize, end: Ssize, direction: c_int) -> Ssize {
        let all = points(text);
        let (a, b) = ((start.max(0) as usize).min(all.len()), (end.max(0) as usize).min(all.len()));
        let part = &all[a..b.max(a)];
        let found = if direction > 0 { part.iter().position(|&x| x == c) } else { part.iter().rposition(|&x| x == c) };
        found.map_or(-1, |i| (a + i) as Ssize)
    }
    fn PyUnicode_Count(text: Obj, part: Obj, start: Ssize, end: Ssize) -> Ssize {
        match number(span(text, "count", part, start, end)) { -2 => -1, n => n }
    }
    fn PyUnicode_Tailmatch(text: Obj, part: Obj, start: Ssize, end: Ssize, direction: c_int) -> Ssize {
        let r = span(text, if direction > 0 { "endswith" } else { "startswith" }, part, start, end);
        if r.is_null() { return -1 }
        let v = (r == data::bool_(true)) as Ssize;
        raw::decref(r);
        v
    }
    fn PyUnicode_InternInPlace(slot: *mut Obj) {
        let o = *slot;
        if o.is_null() || (*o).ob_type != data::PyUnicode_Type.get() { return }
        let known = super::interned(o);
        if known != o {
            raw::incref(known);
            *slot = known;
            raw::decref(o);
        }
        if (*known.cast::<PyASCIIObject>()).hash == -1 { (*known.cast::<PyASCIIObject>()).hash = guest().hash(known) }
        (*known.cast::<PyASCIIObject>()).state |= state::INTERNED;
    }
    fn PyUnicode_InternFromString(text: *const c_char) -> Obj {
        let mut o = PyUnicode_FromString(text);
        PyUnicode_InternInPlace(&mut o);
        o
    }
    fn PyUnicode_IsIdentifier(o: Obj) -> c_int {
        let r = guest().call_method(o, "isidentifier", &[]);
        let v = (r == data::bool_(true)) as c_int;
        raw::xdecref(r);
        v
    }
    fn PyUnicode_GetDefaultEncoding() -> *const c_char { c"utf-8".as_ptr() }
    fn _PyUnicode_ToLowercase(c: u32) -> u32 { char::from_u32(c).and_then(|c| c.to_lowercase().next()).map_or(c, |c| c as u32) }
    fn _PyUnicode_ToUppercase(c: u32) -> u32 { char::from_u32(c).and_then(|c| c.to_uppercase().next()).map_or(c, |c| c as u32) }
    fn _PyUnicode_IsWhitespace(c: u32) -> c_int {
        (matches!(c, 0x1c..=0x1f) || char::from_u32(c).is_some_and(char::is_whitespace)) as c_int
    }
    fn _PyUnicode_IsAlpha(c: u32) -> c_int { char::from_u32(c).is_some_and(char::is_alphabetic) as c_int }
    fn _PyUnicode_IsDecimalDigit(c: u32) -> c_int { (_PyUnicode_ToDecimalDigit(c) >= 0) as c_int }
    fn _PyUnicode_ToDecimalDigit(c: u32) -> c_int {
        if c < 0x80 { return char::from_u32(c).and_then(|c| c.to_digit(10)).map_or(-1, |d| d as c_int) }
        let s = raw::unicode_from_points(&[c]);
        let unicodedata = guest().import("unicodedata");
        if unicodedata.is_null() { errors::clear(); raw::xdecref(s); return -1 }
        let minus = raw::long_from_i64(-1);
        let r = guest().call_method(unicodedata, "decimal", &[s, minus]);
        for o in [s, unicodedata, minus] { raw::decref(o) }
        if r.is_null() { errors::clear(); return -1 }
        number(r) as c_int
    }
}
thread_local! {
    static INTERNED: std::cell::RefCell<std::collections::HashMap<Vec<u8>, Obj>> = std::cell::RefCell::default();
}
inner! {
    /// The one str with this text; it lives for ever.
    pub fn interned(o: Obj) -> Obj {
        let _ = context();
        let text = raw::unicode_to_wtf8(o);
        INTERNED.with_borrow_mut(|all| *all.entry(text).or_insert_with(|| raw::incref(o)))
    }
}
api! {
    fn PyUnicode_RSplit(text: Obj, separator: Obj, max: Ssize) -> Obj {
        let max = raw::long_from_i64(max as i64);
        let r = guest().call_method(text, "rsplit", &[if separator.is_null() { data::none() } else { separator }, max]);
        raw::decref(max);
        r
    }
    fn PyUnicode_Splitlines(text: Obj, keep: c_int) -> Obj { guest().call_method(text, "splitlines", &[data::bool_(keep != 0)]) }
    fn PyUnicode_Partition(text: Obj, separator: Obj) -> Obj { guest().call_method(text, "partition", &[separator]) }
    fn PyUnicode_RPartition(text: Obj, separator: Obj) -> Obj { guest().call_method(text, "rpartition", &[separator]) }
    fn PyUnicode_FromWideChar(text: *const i32, n: Ssize) -> Obj {
        let n = match n {
            -1 => (0..).find(|&i| *text.add(i) == 0).unwrap_or(0),
            n => n as usize,
        };
        if n == 0 { return raw::unicode_from_points(&[]) }
        raw::unicode_from_points(&std::slice::from_raw_parts(text, n).iter().map(|&c| c as u32).collect::<Vec<_>>())
    }
    fn PyUnicode_AsUCS4(text: Obj, to: *mut u32, n: Ssize, zero: c_int) -> *mut u32 {
        let len = raw::unicode_len(text);
        if to.is_null() || (n as usize) < len + (zero != 0) as usize {
            errors::set_text(data::PyExc_SystemError.get(), "string is longer than the buffer");
            return std::ptr::null_mut();
        }
        for i in 0..len { *to.add(i) = raw::unicode_read(text, i) }
        if zero != 0 { *to.add(len) = 0 }
        to
    }
}
