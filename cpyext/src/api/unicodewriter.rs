//! `cpython/unicodeobject.h`: strs in the making. C checks for room and writes characters without asking, so that the
//! fields of the writer are those of the str behind it after every call.

use crate::abi::*;
use crate::errors;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();

inner! {
    /// Makes the fields say what the buffer is.
    fn update(w: *mut _PyUnicodeWriter) {
        let b = (*w).buffer;
        (*w).kind = raw::unicode_kind(b);
        (*w).data = raw::unicode_data(b).cast();
        (*w).maxchar = match (raw::unicode_is_ascii(b), (*w).kind) { (true, _) => 0x7f, (_, 1) => 0xff, (_, 2) => 0xffff, _ => 0x10ffff };
        (*w).size = raw::unicode_len(b) as Ssize;
    }
    /// A str with the first `n` characters of another.
    fn copied(from: Obj, n: usize, size: usize, max: u32) -> Obj {
        let to = raw::unicode_new(size, max);
        if to.is_null() { return to }
        for i in 0..n { raw::unicode_write(to, i, raw::unicode_read(from, i)) }
        to
    }
    fn write_points(w: *mut _PyUnicodeWriter, n: usize, max: u32, point: &dyn Fn(usize) -> u32) -> c_int {
        if n == 0 { return 0 }
        if _PyUnicodeWriter_PrepareInternal(w, n as Ssize, max) < 0 { return -1 }
        for i in 0..n { raw::unicode_write((*w).buffer, (*w).pos as usize + i, point(i)) }
        (*w).pos += n as Ssize;
        0
    }
}
api! {
    fn _PyUnicodeWriter_Init(w: *mut _PyUnicodeWriter) {
        std::ptr::write_bytes(w, 0, 1);
    }
    fn _PyUnicodeWriter_PrepareInternal(w: *mut _PyUnicodeWriter, n: Ssize, max: u32) -> c_int {
        let Some(want) = (*w).pos.checked_add(n) else { errors::no_memory(); return -1 };
        let max = max.max((*w).min_char);
        if !(*w).buffer.is_null() && want <= (*w).size && max <= (*w).maxchar { return 0 }
        let mut size = want.max((*w).min_length).max((*w).size);
        if (*w).overallocate != 0 && want > (*w).size { size = size.saturating_add(size / 4) }
        // An odd largest character never makes a str of a larger kind than the one it stands for.
        let to = match (*w).buffer.is_null() {
            true => raw::unicode_new(size as usize, max),
            false => copied((*w).buffer, (*w).pos as usize, size as usize, max.max((*w).maxchar)),
        };
        if to.is_null() { return -1 }
        raw::replace(&raw mut (*w).buffer, to);
        update(w);
        0
    }
    fn _PyUnicodeWriter_PrepareKindInternal(w: *mut _PyUnicodeWriter, kind: c_int) -> c_int {
        let max = match kind { 1 => 0xff, 2 => 0xffff, _ => 0x10ffff };
        _PyUnicodeWriter_PrepareInternal(w, 0, max)
    }
    fn _PyUnicodeWriter_WriteChar(w: *mut _PyUnicodeWriter, c: u32) -> c_int { write_points(w, 1, c, &|_| c) }
    fn _PyUnicodeWriter_WriteStr(w: *mut _PyUnicodeWriter, text: Obj) -> c_int {
        _PyUnicodeWriter_WriteSubstring(w, text, 0, raw::unicode_len(text) as Ssize)
    }
    fn _PyUnicodeWriter_WriteSubstring(w: *mut _PyUnicodeWriter, text: Obj, start: Ssize, end: Ssize) -> c_int {
        let (start, n) = (start as usize, (end - start) as usize);
        let max = (start..start + n).map(|i| raw::unicode_read(text, i)).max().unwrap_or(0);
        write_points(w, n, max, &|i| raw::unicode_read(text, start + i))
    }
    fn _PyUnicodeWriter_WriteASCIIString(w: *mut _PyUnicodeWriter, text: *const c_char, n: Ssize) -> c_int {
        let n = if n < 0 { libc::strlen(text) } else { n as usize };
        write_points(w, n, 0x7f, &|i| *text.cast::<u8>().add(i) as u32)
    }
    fn _PyUnicodeWriter_WriteLatin1String(w: *mut _PyUnicodeWriter, text: *const c_char, n: Ssize) -> c_int {
        let bytes = std::slice::from_raw_parts(text.cast::<u8>(), n.max(0) as usize);
        let max = bytes.iter().copied().max().unwrap_or(0) as u32;
        write_points(w, bytes.len(), max, &|i| bytes[i] as u32)
    }
    fn _PyUnicodeWriter_Finish(w: *mut _PyUnicodeWriter) -> Obj {
        let b = std::mem::replace(&mut (*w).buffer, NULL);
        let n = (*w).pos as usize;
        if n == 0 || b.is_null() {
            raw::xdecref(b);
            return raw::unicode_from_points(&[]);
        }
        // The kind must be the smallest that holds the characters.
        let points: Vec<u32> = (0..n).map(|i| raw::unicode_read(b, i)).collect();
        raw::decref(b);
        raw::unicode_from_points(&points)
    }
    fn _PyUnicodeWriter_Dealloc(w: *mut _PyUnicodeWriter) {
        raw::xdecref((*w).buffer);
        (*w).buffer = NULL;
    }
}
