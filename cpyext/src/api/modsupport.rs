//! `modsupport.h`: building values from formats.

use crate::abi::*;
use crate::context::guest;
use crate::data;
use crate::errors;
use crate::raw;
use crate::varargs::{VaList, next_double, next_int, next_pointer, next_word};
use std::ffi::c_char;

const NULL: Obj = std::ptr::null_mut();

/// Reads a format.
struct Format {
    at: *const u8,
}
inner! {
    fn skip(f: &mut Format) -> u8 {
        while matches!(*f.at, b',' | b':' | b' ' | b'\t') { f.at = f.at.add(1) }
        *f.at
    }
    /// The values until the closing bracket or the end. None with an exception; all values are read all the same.
    fn many(f: &mut Format, list: *mut VaList, end: u8) -> Option<Vec<Obj>> {
        let (mut all, mut ok) = (Vec::new(), true);
        loop {
            let c = skip(f);
            if c == end { break }
            if c == 0 {
                errors::set_text(data::PyExc_SystemError.get(), "unmatched paren in format");
                ok = false;
                break;
            }
            let o = one(f, list);
            if o.is_null() { ok = false } else { all.push(o) }
            if !ok && errors::occurred() && *f.at == 0 { break }
        }
        if *f.at != 0 { f.at = f.at.add(1) }
        if ok { return Some(all) }
        for o in all { raw::decref(o) }
        None
    }
    fn sized_text(f: &mut Format, list: *mut VaList) -> Option<&'static [u8]> {
        let p = next_pointer(list).cast::<u8>();
        let sized = *f.at == b'#';
        if sized { f.at = f.at.add(1) }
        let n = if sized { next_word(list) as usize } else if p.is_null() { 0 } else { libc::strlen(p.cast()) };
        if p.is_null() { None } else { Some(std::slice::from_raw_parts(p, n)) }
    }
    fn one(f: &mut Format, list: *mut VaList) -> Obj {
        let c = skip(f);
        f.at = f.at.add(1);
        match c {
            b'(' => match many(f, list, b')') { Some(items) => owned_tuple(&items), None => NULL },
            b'[' => match many(f, list, b']') {
                Some(items) => {
                    let l = raw::list_new(items.len());
                    if !l.is_null() { raw::list_items(l).copy_from_slice(&items) }
                    l
                }
                None => NULL,
            },
            b'{' => match many(f, list, b'}') {
                Some(items) => {
                    let d = guest().dict_new();
                    for pair in items.chunks(2) {
                        if let &[k, v] = pair { guest().dict_set(d, k, v); }
                    }
                    for o in items { raw::decref(o) }
                    if errors::occurred() { raw::xdecref(d); return NULL }
                    d
                }
                None => NULL,
            },
            b'b' | b'h' | b'i' => raw::long_from_i64(next_int(list) as i64),
            b'B' | b'H' => raw::long_from_i64(next_int(list) as i64),
            b'I' => raw::long_from_u64(next_word(list) as u32 as u64),
            b'n' | b'l' | b'L' => raw::long_from_i64(next_word(list) as i64),
            b'k' | b'K' => raw::long_from_u64(next_word(list)),
            b'p' => raw::incref(data::bool_(next_int(list) != 0)),
            b'd' | b'f' => raw::float_new(next_double(list)),
            b'D' => {
                let v = next_pointer(list).cast::<Py_complex>();
                super::PyComplex_FromDoubles((*v).real, (*v).imag)
            }
            b'c' => raw::bytes_from(&[next_int(list) as u8]),
            b'C' => raw::unicode_from_points(&[next_int(list) as u32]),
            b's' | b'z' | b'U' => match sized_text(f, list) {
                Some(text) => super::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as Ssize),
                None => raw::incref(data::none()),
            },
            b'y' => match sized_text(f, list) {
                Some(text) => raw::bytes_from(text),
                None => raw::incref(data::none()),
            },
            b'O' | b'S' | b'N' => {
                if *f.at == b'&' {
                    f.at = f.at.add(1);
                    let convert: unsafe extern "C" fn(*mut std::ffi::c_void) -> Obj = std::mem::transmute(next_pointer(list));
                    return convert(next_pointer(list));
                }
                let o = next_pointer(list).cast::<PyObject>();
                if o.is_null() {
                    if !errors::occurred() {
                        errors::set_text(data::PyExc_SystemError.get(), "NULL object passed to Py_BuildValue");
                    }
                    return NULL;
                }
                if c == b'N' { o } else { raw::incref(o) }
            }
            _ => {
                errors::set_text(data::PyExc_SystemError.get(), "bad format char passed to Py_BuildValue");
                NULL
            }
        }
    }
    fn owned_tuple(items: &[Obj]) -> Obj {
        let t = raw::tuple_new(items.len());
        if !t.is_null() { raw::tuple_items(t).copy_from_slice(items) }
        t
    }
}
slot_functions! {
    /// `Py_BuildValue`: nothing gives None, one value itself, more a tuple.
    fn build_value(format: *const c_char, list: *mut VaList) -> Obj {
        let mut f = Format { at: format.cast() };
        let Some(items) = many(&mut f, list, 0) else { return NULL };
        match items[..] {
            [] => raw::incref(data::none()),
            [o] => o,
            _ => owned_tuple(&items),
        }
    }
}
variadic!(Py_BuildValue, 1, "rsi", build_value);
variadic!(_Py_BuildValue_SizeT, 1, "rsi", build_value);
api! {
    fn Py_VaBuildValue(format: *const c_char, list: *mut VaList) -> Obj { build_value(format, list) }
    fn _Py_VaBuildValue_SizeT(format: *const c_char, list: *mut VaList) -> Obj { build_value(format, list) }
}
