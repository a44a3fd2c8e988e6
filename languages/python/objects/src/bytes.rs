//! bytes and bytearray: construction and content. Methods are in `bytes_methods.rs`.

use crate::access::{Access, alloc, alloc_var, try_alloc_var};
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, int, type_of};
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
/// `n` zero bytes.
///
/// # Errors
/// MemoryError.
pub fn zeros(vm: &'static Vm, n: usize) -> PyResult {
    try_alloc_var::<WBytes>(vm, n)
}
/// A bytearray.
pub fn new_array(vm: &'static Vm, content: &[u8]) -> Gc {
    let store = alloc_var::<WByteStore>(vm, content.len());
    store.items_mut(&BYTE_STORE).copy_from_slice(content);
    alloc::<WByteArray>(vm)
        .init(WByteArray::STORE, store)
        .init(WByteArray::LEN, content.len() as i64)
}
/// The content of an exact bytes, bytearray or contiguous memoryview. Not to be kept over a safepoint.
pub fn content<'a>(o: Gc) -> Option<&'a [u8]> {
    if o.is::<WBytes>() {
        Some(o.items(&BYTES))
    } else if o.is::<WByteArray>() {
        Some(&o.get(WByteArray::STORE).items(&BYTE_STORE)[..o.get(WByteArray::LEN) as usize])
    } else if o.is::<WMemoryView>() && o.get(WMemoryView::STRIDE) == o.get(WMemoryView::ITEMSIZE) {
        let inner = content(crate::payload(o.get(WMemoryView::OBJ)))?;
        let start = o.get(WMemoryView::START) as usize;
        inner.get(start..start + (o.get(WMemoryView::LEN) * o.get(WMemoryView::ITEMSIZE)) as usize)
    } else {
        None
    }
}
/// Replaces bytes `start..stop` of a bytearray.
///
/// # Errors
/// BufferError while a memoryview exports it, MemoryError.
pub fn splice(vm: &'static Vm, a: Gc, start: usize, stop: usize, with: &[u8]) -> PyResult<()> {
    let old = content(a).unwrap_or_default();
    let len = old.len() - (stop - start) + with.len();
    if len != old.len() && a.get(WByteArray::EXPORTS) > 0 {
        return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
    }
    let store = a.get(WByteArray::STORE);
    let capacity = store.items_len::<WByteStore>();
    if len <= capacity {
        let with = with.to_vec();
        let n = old.len();
        let bytes = store.items_mut(&BYTE_STORE);
        bytes.copy_within(stop..n, start + with.len());
        bytes[start..start + with.len()].copy_from_slice(&with);
    } else {
        let grown = try_alloc_var::<WByteStore>(vm, len + (len >> 3) + 8)?;
        let to = grown.items_mut(&BYTE_STORE);
        to[..start].copy_from_slice(&old[..start]);
        to[start..start + with.len()].copy_from_slice(with);
        to[start + with.len()..len].copy_from_slice(&old[stop..]);
        a.set(vm, WByteArray::STORE, grown);
    }
    a.set(vm, WByteArray::LEN, len as i64);
    Ok(())
}
/// A byte value.
///
/// # Errors
/// ValueError "byte must be in range(0, 256)".
pub fn byte(vm: &'static Vm, o: Gc) -> PyResult<u8> {
    let v = int::index(vm, o)?
        .small()
        .and_then(|v| u8::try_from(v).ok());
    v.ok_or_else(|| vm.value_error("byte must be in range(0, 256)"))
}
/// The bytes object of `bytes(o)` without a length: a buffer, `__bytes__`, or an iterable of ints.
pub fn from_object(vm: &'static Vm, o: Gc) -> PyResult {
    if o.is::<WBytes>() {
        return Ok(o);
    }
    if let Some(v) = crate::call::call_special(vm, o, Special::Bytes, &[])? {
        if crate::payload(v).is::<WBytes>() {
            return Ok(crate::payload(v));
        }
        let got = type_of(vm, v).text();
        return Err(vm.type_error(format_args!("__bytes__ returned non-bytes (type {got})")));
    }
    if let Some(b) = content(crate::payload(o)) {
        return Ok(new(vm, b));
    }
    if crate::str::as_str(o).is_some() {
        return Err(vm.type_error("string argument without an encoding"));
    }
    let it = match crate::operator::iter(vm, o) {
        Err(e) if crate::error::is_instance_of(vm, e, vm.world().classes.type_error) => {
            let got = type_of(vm, o).text();
            return Err(vm.type_error(format_args!("cannot convert '{got}' object to bytes")));
        }
        it => it?,
    };
    let mut out = Vec::new();
    while let Some(v) = crate::operator::next(vm, it)? {
        let v = int::index(vm, v)?
            .small()
            .and_then(|v| u8::try_from(v).ok());
        out.push(v.ok_or_else(|| vm.value_error("bytes must be in range(0, 256)"))?);
    }
    Ok(new(vm, &out))
}
/// The content of a bytes-like argument.
///
/// # Errors
/// TypeError "a bytes-like object is required, not ...".
pub fn buffer<'a>(vm: &'static Vm, o: Gc) -> PyResult<&'a [u8]> {
    content(crate::payload(o)).ok_or_else(|| {
        let got = type_of(vm, o).text();
        vm.type_error(format_args!("a bytes-like object is required, not '{got}'"))
    })
}
/// `repr` of the content: `b'...'`.
pub fn repr(content: &[u8]) -> String {
    let quote = if content.contains(&b'\'') && !content.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    let mut out = format!("b{}", quote as char);
    for &b in content {
        match b {
            b'\n' => out += "\\n",
            b'\r' => out += "\\r",
            b'\t' => out += "\\t",
            b'\\' => out += "\\\\",
            _ if b == quote => {
                out.push('\\');
                out.push(b as char);
            }
            32..=126 => out.push(b as char),
            _ => out += &format!("\\x{b:02x}"),
        }
    }
    out.push(quote as char);
    out
}
