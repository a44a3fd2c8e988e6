//! bytes, and what bytes and bytearray have in common: content, conversion of arguments, hash, text.
//!
//! Methods of both are in `bytes_methods.rs`, those that change a bytearray in `bytearray.rs`.

use crate::access::{Access, alloc_var, try_alloc_var};
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::Gc;

/// A bytes object.
pub fn new(vm: &'static Vm, content: &[u8]) -> Gc {
    if content.is_empty() {
        return vm.world().empty_bytes;
    }
    let b = alloc_var::<WBytes>(vm, content.len());
    b.items_mut(&BYTES).copy_from_slice(content);
    b
}
/// A bytes object of `len` bytes that `fill` writes.
///
/// # Errors
/// MemoryError.
pub fn build(vm: &'static Vm, len: usize, fill: impl FnOnce(&mut [u8])) -> PyResult {
    if len == 0 {
        return Ok(vm.world().empty_bytes);
    }
    let b = try_alloc_var::<WBytes>(vm, len)?;
    fill(b.items_mut(&BYTES));
    Ok(b)
}
/// `x + y` of two bytes objects.
///
/// # Errors
/// MemoryError.
pub fn concat(vm: &'static Vm, x: Gc, y: Gc) -> PyResult {
    let at = x.items_len::<WBytes>();
    build(vm, at + y.items_len::<WBytes>(), |out| {
        out[..at].copy_from_slice(x.items(&BYTES));
        out[at..].copy_from_slice(y.items(&BYTES));
    })
}
/// The content of a bytes, a bytearray, a memoryview without gaps, or an instance of a subclass. Not to be kept over a
/// safepoint, nor over a change of the bytearray.
#[inline]
pub fn content<'a>(object: Gc) -> Option<&'a [u8]> {
    let object = crate::payload(object);
    if object.is::<WBytes>() {
        Some(object.items(&BYTES))
    } else if object.is::<WByteArray>() {
        Some(crate::bytearray::content(object))
    } else if object.is::<WMemoryView>() {
        crate::memoryview::content(object)
    } else {
        None
    }
}
/// The exact bytes object below an object.
pub fn as_bytes(object: Gc) -> Option<Gc> {
    let object = crate::payload(object);
    object.is::<WBytes>().then_some(object)
}
/// Whether the object is a bytes or a bytearray.
pub fn is_bytes(object: Gc) -> bool {
    let object = crate::payload(object);
    object.is::<WBytes>() || object.is::<WByteArray>()
}
/// A copy of the content of any bytes-like object: bytes, bytearray, memoryview, and what the modules' hook knows
/// (arrays). None if it is none.
///
/// # Errors
/// ValueError for a released memoryview.
pub fn copy_of(vm: &'static Vm, object: Gc) -> PyResult<Option<Vec<u8>>> {
    if let Some(b) = content(object) {
        return Ok(Some(b.to_vec()));
    }
    if object.is::<WMemoryView>() {
        return crate::memoryview::to_vec(vm, object).map(Some);
    }
    crate::memoryview::copy_of_exported(vm, object)
}
fn not_bytes_like(vm: &'static Vm, object: Gc) -> Gc {
    let got = type_of(vm, object).text();
    vm.type_error(format_args!("a bytes-like object is required, not '{got}'"))
}
/// A copy of the content of a bytes-like object.
///
/// # Errors
/// TypeError "a bytes-like object is required, not '...'".
pub fn require(vm: &'static Vm, object: Gc) -> PyResult<Vec<u8>> {
    copy_of(vm, object)?.ok_or_else(|| not_bytes_like(vm, object))
}
/// As [`require`] without a copy, for bytes, bytearray and memoryviews without gaps. As [`content`].
///
/// # Errors
/// As [`require`].
pub fn buffer<'a>(vm: &'static Vm, object: Gc) -> PyResult<&'a [u8]> {
    content(object).ok_or_else(|| not_bytes_like(vm, object))
}
/// The hash, which equals that of a str with the same bytes.
pub fn hash(vm: &'static Vm, b: Gc) -> i64 {
    match b.get(WBytes::HASH) {
        0 => {
            let h = crate::str::hash_bytes(vm, b.items(&BYTES));
            b.set(vm, WBytes::HASH, h);
            crate::table::tell_twin(vm, b);
            h
        }
        h => h,
    }
}
/// A byte given as an int.
///
/// # Errors
/// TypeError, ValueError with `what` as subject.
pub fn byte(vm: &'static Vm, v: Gc, what: &str) -> PyResult<u8> {
    match crate::int::index(vm, v)?.small() {
        Some(b @ 0..=255) => Ok(b as u8),
        _ => Err(vm.value_error(format_args!("{what} must be in range(0, 256)"))),
    }
}
/// The bytes object of an object that is no length: `__bytes__`, a buffer, or an iterable of ints.
///
/// # Errors
/// TypeError, ValueError.
pub fn from_object(vm: &'static Vm, v: Gc) -> PyResult {
    if v.is::<WBytes>() {
        return Ok(v);
    }
    if let Some(made) = crate::call::call_special(vm, v, Special::Bytes, &[])? {
        return as_bytes(made).ok_or_else(|| {
            let got = type_of(vm, made).text();
            vm.type_error(format_args!("__bytes__ returned non-bytes (type {got})"))
        });
    }
    match copy_of(vm, v)? {
        Some(b) => Ok(new(vm, &b)),
        None => Ok(new(vm, &from_iterable(vm, v, "bytes")?)),
    }
}
/// The bytes that a constructor makes of one argument that is no str: a length, a buffer, or an iterable of ints.
/// `name` is the class for messages.
///
/// # Errors
/// CPython's TypeErrors, ValueErrors and OverflowErrors.
pub fn for_constructor(vm: &'static Vm, v: Gc, name: &str) -> PyResult<Vec<u8>> {
    if crate::int::has_index(vm, v) {
        let n = match crate::int::to_size(vm, v, false) {
            Ok(n) => n,
            // As CPython: a TypeError of `__index__` means that it is no number after all.
            Err(e) if crate::error::is_instance_of(vm, e, vm.world().classes.type_error) => {
                return from_iterable(vm, v, name);
            }
            Err(e) => return Err(e),
        };
        if n < 0 {
            return Err(vm.value_error("negative count"));
        }
        crate::error::check_room(vm, n as usize)?;
        let mut out = Vec::new();
        out.try_reserve_exact(n as usize)
            .map_err(|_| crate::error::memory_error(vm))?;
        out.resize(n as usize, 0);
        return Ok(out);
    }
    match copy_of(vm, v)? {
        Some(b) => Ok(b),
        None => from_iterable(vm, v, name),
    }
}
/// The bytes of an iterable of ints.
///
/// # Errors
/// TypeError, ValueError.
pub fn from_iterable(vm: &'static Vm, v: Gc, name: &str) -> PyResult<Vec<u8>> {
    let class = type_of(vm, v);
    let iterable = !class.special(vm, Special::Iter).is_null()
        || !class.special(vm, Special::GetItem).is_null();
    if !iterable && crate::iter::of_builtin(vm, v).is_none() {
        let got = class.text();
        return Err(vm.type_error(format_args!("cannot convert '{got}' object to {name}")));
    }
    if v.is::<WList>()
        && let Some(ints) = crate::list::ints(v)
        && ints.iter().all(|i| (0..256).contains(i))
    {
        return Ok(ints.iter().map(|&i| i as u8).collect());
    }
    let what = if name == "bytearray" { "byte" } else { "bytes" };
    let it = crate::operator::iter(vm, v)?;
    let mut out = Vec::new();
    while let Some(item) = crate::operator::next(vm, it)? {
        out.push(byte(vm, item, what)?);
    }
    Ok(out)
}
/// The literal that reads back as these bytes, `b` included.
pub fn quoted(b: &[u8]) -> String {
    let quote = if b.contains(&b'\'') && !b.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(b.len() + 3);
    out.push('b');
    out.push(quote);
    for &c in b {
        match c {
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            _ if c == quote as u8 => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(c as char),
            _ => out.push_str(&format!("\\x{c:02x}")),
        }
    }
    out.push(quote);
    out
}
