//! `modsupport.h`: building values from formats.

use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use crate::varargs::{VaList, next_double, next_int, next_pointer, next_word};
use std::ffi::c_char;

const NULL: Obj = std::ptr::null_mut();
/// Items of a tuple that are gathered before it is made.
const FEW: usize = 8;

/// Reads a format.
struct Format {
    at: *const u8,
}
inner! {
    #[inline(always)]
    fn skip(f: &mut Format) -> u8 {
        while matches!(*f.at, b',' | b':' | b' ' | b'\t') { f.at = f.at.add(1) }
        *f.at
    }
    /// How many values there are until the closing bracket or the end.
    fn count(f: &Format, end: u8) -> usize {
        let (mut n, mut depth, mut at) = (0, 0, f.at);
        loop {
            let c = *at;
            match c {
                0 => return n,
                _ if c == end && depth == 0 => return n,
                b'(' | b'[' | b'{' => { if depth == 0 { n += 1 } depth += 1 }
                b')' | b']' | b'}' => depth -= 1,
                b'#' | b'&' | b',' | b':' | b' ' | b'\t' => {}
                _ => if depth == 0 { n += 1 },
            }
            at = at.add(1);
        }
    }
    /// Fills a new tuple or list with the values until the closing bracket or the end; NULL with an exception. All values
    /// are read all the same, since some are given away by C.
    fn fill(f: &mut Format, list: *mut VaList, end: u8, o: Obj, items: &mut [Obj]) -> Obj {
        let mut ok = !o.is_null();
        let mut n = 0;
        loop {
            let c = skip(f);
            if c == end { break }
            if c == 0 {
                errors::set_text(data::PyExc_SystemError.get(), "unmatched paren in format");
                ok = false;
                break;
            }
            let item = one(f, list);
            ok &= !item.is_null();
            match items.get_mut(n) {
                Some(slot) => *slot = item,
                None => raw::xdecref(item),
            }
            n += 1;
        }
        if *f.at != 0 { f.at = f.at.add(1) }
        if ok { return o }
        raw::xdecref(o);
        NULL
    }
    /// A tuple of the values until the closing bracket or the end. Most are short: their items are gathered on the native
    /// stack, and nothing has to be counted first.
    fn tuple(f: &mut Format, list: *mut VaList, end: u8) -> Obj {
        let mut few = [NULL; FEW];
        let (n, ok) = gather(f, list, end, &mut few);
        if n == FEW && skip(f) != end { return long_tuple(f, list, end, &few, ok) }
        if *f.at != 0 { f.at = f.at.add(1) }
        given_tuple(&few[..n], ok)
    }
    /// Reads values until the closing bracket or the end, where the format stays, or until there is no more room: how many
    /// they are, and whether there is none without a value.
    #[inline(always)]
    fn gather(f: &mut Format, list: *mut VaList, end: u8, few: &mut [Obj; FEW]) -> (usize, bool) {
        let (mut n, mut ok) = (0, true);
        while n < FEW {
            let c = skip(f);
            if c == end { break }
            if c == 0 {
                errors::set_text(data::PyExc_SystemError.get(), "unmatched paren in format");
                return (n, false);
            }
            few[n] = quick(c, f, list);
            ok &= !few[n].is_null();
            n += 1;
        }
        (n, ok)
    }
    /// A tuple of references that are given away; NULL if they are not `ok`.
    fn given_tuple(items: &[Obj], ok: bool) -> Obj {
        let t = if ok { raw::tuple_new(items.len()) } else { NULL };
        match t.is_null() {
            true => items.iter().for_each(|&o| raw::xdecref(o)),
            false => for (slot, &item) in raw::tuple_items(t).iter_mut().zip(items) { *slot = item },
        }
        t
    }
    #[cold]
    #[inline(never)]
    fn long_tuple(f: &mut Format, list: *mut VaList, end: u8, first: &[Obj], ok: bool) -> Obj {
        let t = raw::tuple_new(first.len() + count(f, end));
        let items = if t.is_null() { &mut [][..] } else { raw::tuple_items(t) };
        for (n, &item) in first.iter().enumerate() {
            match items.get_mut(n) {
                Some(slot) => *slot = item,
                None => raw::xdecref(item),
            }
        }
        let rest = items.get_mut(first.len()..).unwrap_or(&mut []);
        let t = fill(f, list, end, t, rest);
        if ok || t.is_null() { return t }
        raw::decref(t);
        NULL
    }
    /// Whether a bracket at the beginning of a format closes at its end.
    fn is_in_brackets(f: &Format) -> bool {
        let (mut at, mut depth) = (f.at, 0);
        loop {
            match *at {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                0 => return false,
                _ => {}
            }
            at = at.add(1);
            if depth == 0 { return *at == 0 }
        }
    }
    /// Calls with what a format says: the items of a tuple, or one value, without a tuple being made.
    pub(crate) fn call_with(f: Obj, format: *const c_char, list: *mut VaList) -> Obj {
        let guest = crate::context::guest();
        if format.is_null() || *format == 0 { return guest.call(f, &[], NULL) }
        let mut read = Format { at: format.cast() };
        let brackets = skip(&mut read) == b'(' && is_in_brackets(&read);
        let end = if brackets { b')' } else { 0 };
        if brackets { read.at = read.at.add(1) }
        let mut few = [NULL; FEW];
        let (n, mut ok) = gather(&mut read, list, end, &mut few);
        let mut many = Vec::new();
        if n == FEW && !matches!(skip(&mut read), 0 | b')') {
            many.extend_from_slice(&few);
            while !matches!(skip(&mut read), 0 | b')') {
                many.push(one(&mut read, list));
                ok &= !many.last().is_some_and(|o| o.is_null());
            }
        }
        let args = if many.is_empty() { &few[..n] } else { &many[..] };
        let r = match args {
            _ if !ok => NULL,
            &[tuple] if !brackets && (*tuple).ob_type == data::PyTuple_Type.get() => guest.call(f, raw::tuple_items(tuple), NULL),
            _ => guest.call(f, args, NULL),
        };
        args.iter().for_each(|&o| raw::xdecref(o));
        r
    }
    fn dict(f: &mut Format, list: *mut VaList) -> Obj {
        let d = crate::fresh_dict::new();
        let mut ok = !d.is_null();
        loop {
            match skip(f) {
                b'}' => break,
                0 => {
                    errors::set_text(data::PyExc_SystemError.get(), "unmatched paren in format");
                    ok = false;
                    break;
                }
                _ => {}
            }
            let k = one(f, list);
            let v = if matches!(skip(f), 0 | b'}') { NULL } else { one(f, list) };
            if k.is_null() || v.is_null() {
                if !errors::occurred() { errors::set_text(data::PyExc_SystemError.get(), "Bad dict format") }
                ok = false;
            }
            if ok { ok = super::PyDict_SetItem(d, k, v) == 0 }
            raw::xdecref(k);
            raw::xdecref(v);
        }
        if *f.at != 0 { f.at = f.at.add(1) }
        if ok { return d }
        raw::xdecref(d);
        NULL
    }
    fn sized_text(f: &mut Format, list: *mut VaList) -> Option<&'static [u8]> {
        let p = next_pointer(list).cast::<u8>();
        let sized = *f.at == b'#';
        if sized { f.at = f.at.add(1) }
        let n = if sized { next_word(list) as usize } else if p.is_null() { 0 } else { libc::strlen(p.cast()) };
        if p.is_null() { None } else { Some(std::slice::from_raw_parts(p, n)) }
    }
    /// As [`one`], for a value that begins with `c`: the most usual ones take a short way.
    #[inline(always)]
    fn quick(c: u8, f: &mut Format, list: *mut VaList) -> Obj {
        let v = match c {
            b'i' => next_int(list) as i64,
            b'n' | b'l' => next_word(list) as i64,
            b'O' | b'N' if *f.at.add(1) != b'&' => {
                let o = next_pointer(list).cast::<PyObject>();
                f.at = f.at.add(1);
                if o.is_null() { return no_object() }
                return if c == b'N' { o } else { raw::incref(o) };
            }
            _ => return one(f, list),
        };
        f.at = f.at.add(1);
        raw::long_from_i64(v)
    }
    #[cold]
    fn no_object() -> Obj {
        if !errors::occurred() {
            errors::set_text(data::PyExc_SystemError.get(), "NULL object passed to Py_BuildValue");
        }
        NULL
    }
    fn one(f: &mut Format, list: *mut VaList) -> Obj {
        let c = skip(f);
        f.at = f.at.add(1);
        match c {
            b'(' => tuple(f, list, b')'),
            b'[' => {
                let l = raw::list_new(count(f, b']'));
                let items = if l.is_null() { &mut [][..] } else { raw::list_items(l) };
                fill(f, list, b']', l, items)
            }
            b'{' => dict(f, list),
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
                if o.is_null() { return no_object() }
                if c == b'N' { o } else { raw::incref(o) }
            }
            _ => {
                errors::set_text(data::PyExc_SystemError.get(), "bad format char passed to Py_BuildValue");
                NULL
            }
        }
    }
}
slot_functions! {
    /// `Py_BuildValue`: nothing gives None, one value itself, more a tuple.
    fn build_value(format: *const c_char, list: *mut VaList) -> Obj {
        let mut f = Format { at: format.cast() };
        let mut few = [NULL; FEW];
        let (n, ok) = gather(&mut f, list, 0, &mut few);
        match n {
            0 => raw::incref(data::none()),
            1 => few[0],
            FEW if skip(&mut f) != 0 => long_tuple(&mut f, list, 0, &few, ok),
            _ => given_tuple(&few[..n], ok),
        }
    }
}
variadic!(Py_BuildValue, 1, "rsi", build_value);
variadic!(_Py_BuildValue_SizeT, 1, "rsi", build_value);
api! {
    fn Py_VaBuildValue(format: *const c_char, list: *mut VaList) -> Obj { build_value(format, list) }
    fn _Py_VaBuildValue_SizeT(format: *const c_char, list: *mut VaList) -> Obj { build_value(format, list) }
}
