//! bytearray: storage and the methods that change it.
//!
//! Invariant B1: while memoryviews look at a bytearray (`EXPORTS` is not 0) its size and its store do not change.

use crate::access::{Access, alloc, try_alloc_var};
use crate::builtin::{BuiltinDef, Kw, fn1, fn2, fn3, kw};
use crate::layout::*;
use crate::outside;
use crate::slice::Indices;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::Gc;

/// A bytearray.
///
/// # Errors
/// MemoryError.
pub fn try_new(vm: &'static Vm, content: &[u8]) -> PyResult {
    let a = alloc::<WByteArray>(vm);
    let store = try_alloc_var::<WByteStore>(vm, content.len())?;
    store.items_mut(&BYTE_STORE).copy_from_slice(content);
    a.set(vm, WByteArray::STORE, store);
    a.set(vm, WByteArray::LEN, content.len() as i64);
    Ok(a)
}
/// A bytearray, of a size that the guest did not choose freely.
pub fn new(vm: &'static Vm, content: &[u8]) -> Gc {
    match try_new(vm, content) {
        Ok(a) => a,
        Err(_) => panic!("out of memory for a bytearray of {} bytes", content.len()),
    }
}
/// The bytes. Not to be kept over a safepoint, nor over a change.
#[inline]
pub fn content<'a>(a: Gc) -> &'a [u8] {
    let store = a.get(WByteArray::STORE);
    if store.is_null() {
        &[]
    } else if let Some((p, n)) = outside::bytes(a) {
        crate::access::outside_bytes(p, n)
    } else {
        &store.items(&BYTE_STORE)[..a.get(WByteArray::LEN) as usize]
    }
}
/// The bytes for writing. As [`content`].
#[inline]
pub fn content_mut<'a>(a: Gc) -> &'a mut [u8] {
    let store = a.get(WByteArray::STORE);
    if store.is_null() {
        &mut []
    } else if let Some((p, n)) = outside::bytes(a) {
        crate::access::outside_bytes(p, n)
    } else {
        &mut store.items_mut(&BYTE_STORE)[..a.get(WByteArray::LEN) as usize]
    }
}
/// Whether somebody looks through a view, so that the length may not change.
pub fn is_exported(vm: &'static Vm, a: Gc) -> bool {
    outside::count_exports(vm, a, 0) != 0
}
/// Changes the length; new bytes are 0.
///
/// # Errors
/// BufferError while there are memoryviews, MemoryError.
pub fn resize(vm: &'static Vm, a: Gc, len: usize) -> PyResult<()> {
    let old = self::len(a);
    if len == old {
        return Ok(());
    }
    if outside::count_exports(vm, a, 0) != 0 {
        return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
    }
    if let Some(done) = outside::bytes_resize(vm, a, len) {
        return done;
    }
    let store = a.get(WByteArray::STORE);
    let capacity = if store.is_null() {
        0
    } else {
        store.items_len::<WByteStore>()
    };
    if len > capacity || len < capacity / 4 {
        let wanted = if len > old { len + (len >> 3) + 8 } else { len };
        let grown = try_alloc_var::<WByteStore>(vm, wanted)?;
        let kept = old.min(len);
        grown.items_mut(&BYTE_STORE)[..kept].copy_from_slice(&content(a)[..kept]);
        a.set(vm, WByteArray::STORE, grown);
    } else if len > old {
        store.items_mut(&BYTE_STORE)[old..len].fill(0);
    }
    a.set(vm, WByteArray::LEN, len as i64);
    Ok(())
}
/// Replaces `start..stop` by other bytes.
///
/// # Errors
/// As [`resize`].
pub fn splice(vm: &'static Vm, a: Gc, start: usize, stop: usize, with: &[u8]) -> PyResult<()> {
    let len = self::len(a);
    let new_len = len - (stop - start) + with.len();
    let tail = start + with.len();
    if new_len > len {
        resize(vm, a, new_len)?;
        content_mut(a).copy_within(stop..len, tail);
    } else if new_len < len {
        if outside::count_exports(vm, a, 0) != 0 {
            return resize(vm, a, new_len);
        }
        content_mut(a).copy_within(stop..len, tail);
        resize(vm, a, new_len)?;
    }
    content_mut(a)[start..tail].copy_from_slice(with);
    Ok(())
}
/// Number of bytes.
#[inline]
pub fn len(a: Gc) -> usize {
    match a.get(WByteArray::LEN) {
        0 => content(a).len(),
        n => n as usize,
    }
}
fn append_all(vm: &'static Vm, a: Gc, more: &[u8]) -> PyResult<()> {
    splice(vm, a, len(a), len(a), more)
}

// ---- construction
fn array_new(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    let builtin = vm.world().classes.bytearray;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    Ok(crate::make_class::wrap(
        vm,
        class.gc(),
        builtin,
        try_new(vm, &[])?,
    ))
}
fn array_init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let content = crate::bytes_methods::constructor_content(vm, "bytearray", &args[1..], kw)?;
    let a = args[0];
    splice(vm, a, 0, len(a), &content)?;
    Ok(vm.world().none)
}

// ---- items
fn item_number(vm: &'static Vm, a: Gc, key: Gc) -> PyResult<usize> {
    if !crate::int::has_index(vm, key) {
        let got = type_of(vm, key).text();
        return Err(vm.type_error(format_args!(
            "bytearray indices must be integers or slices, not {got}"
        )));
    }
    let i = crate::int::to_size(vm, key, true)?;
    crate::list::item_number(vm, i, len(a), "bytearray index out of range")
}
fn set_item(vm: &'static Vm, a: Gc, key: Gc, value: Gc) -> PyResult {
    if !key.is::<WSlice>() {
        let i = item_number(vm, a, key)?;
        let byte = crate::bytes::byte(vm, value, "byte")?;
        // `__index__` of the value may have changed the size.
        match content_mut(a).get_mut(i) {
            Some(to) => *to = byte,
            None => return Err(vm.index_error("bytearray index out of range")),
        }
        return Ok(vm.world().none);
    }
    let parts = crate::slice::unpack(vm, key)?;
    let with = match crate::bytes::copy_of(vm, value)? {
        Some(b) => b,
        None if crate::int::is_int(value) => {
            return Err(vm.type_error(
                "can assign only bytes, buffers, or iterables of ints in range(0, 256)",
            ));
        }
        None => crate::bytes::from_iterable(vm, value, "bytearray")?,
    };
    let at = crate::slice::adjust(parts, len(a));
    if let Some(range) = at.range() {
        splice(vm, a, range.start, range.end, &with)?;
        return Ok(vm.world().none);
    }
    if with.len() != at.count {
        return Err(vm.value_error(format_args!(
            "attempt to assign bytes of size {} to extended slice of size {}",
            with.len(),
            at.count
        )));
    }
    let to = content_mut(a);
    at.numbers().zip(with).for_each(|(i, b)| to[i] = b);
    Ok(vm.world().none)
}
fn del_item(vm: &'static Vm, a: Gc, key: Gc) -> PyResult {
    if !key.is::<WSlice>() {
        let i = item_number(vm, a, key)?;
        splice(vm, a, i, i + 1, &[])?;
        return Ok(vm.world().none);
    }
    let at: Indices = crate::slice::resolve(vm, key, len(a))?;
    match at.range() {
        Some(range) => splice(vm, a, range.start, range.end, &[])?,
        None => {
            let mut gone = vec![false; len(a)];
            at.numbers().for_each(|i| gone[i] = true);
            let kept: Vec<u8> = content(a)
                .iter()
                .zip(gone)
                .filter(|p| !p.1)
                .map(|p| *p.0)
                .collect();
            splice(vm, a, 0, len(a), &kept)?;
        }
    }
    Ok(vm.world().none)
}

// ---- methods
fn append(vm: &'static Vm, a: Gc, v: Gc) -> PyResult {
    let byte = crate::bytes::byte(vm, v, "byte")?;
    append_all(vm, a, &[byte])?;
    Ok(vm.world().none)
}
fn extend(vm: &'static Vm, a: Gc, v: Gc) -> PyResult {
    if v.is::<WBytes>() {
        append_all(vm, a, v.items(&BYTES))?;
        return Ok(vm.world().none);
    }
    let more = match crate::bytes::copy_of(vm, v)? {
        Some(b) => b,
        None => {
            let it = match crate::operator::iter(vm, v) {
                Err(e) if crate::error::is_instance_of(vm, e, vm.world().classes.type_error) => {
                    let got = type_of(vm, v).text();
                    return Err(vm.type_error(format_args!("can't extend bytearray with {got}")));
                }
                it => it?,
            };
            crate::bytes::from_iterable(vm, it, "bytearray")?
        }
    };
    append_all(vm, a, &more)?;
    Ok(vm.world().none)
}
fn insert(vm: &'static Vm, a: Gc, index: Gc, v: Gc) -> PyResult {
    let i = crate::int::to_argument(vm, index)?;
    let byte = crate::bytes::byte(vm, v, "byte")?;
    let n = len(a) as i64;
    let i = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
    splice(vm, a, i, i, &[byte])?;
    Ok(vm.world().none)
}
fn pop(vm: &'static Vm, a: Gc, index: Gc) -> PyResult {
    let i = if index.is_null() {
        -1
    } else {
        crate::int::to_argument(vm, index)?
    };
    if len(a) == 0 {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let i = crate::list::item_number(vm, i, len(a), "pop index out of range")?;
    let byte = content(a)[i];
    splice(vm, a, i, i + 1, &[])?;
    Ok(crate::int::new(vm, byte as i64))
}
fn remove(vm: &'static Vm, a: Gc, v: Gc) -> PyResult {
    let byte = crate::bytes::byte(vm, v, "byte")?;
    let Some(i) = content(a).iter().position(|&b| b == byte) else {
        return Err(vm.value_error("value not found in bytearray"));
    };
    splice(vm, a, i, i + 1, &[])?;
    Ok(vm.world().none)
}
fn reverse(vm: &'static Vm, a: Gc) -> PyResult {
    content_mut(a).reverse();
    Ok(vm.world().none)
}
fn clear(vm: &'static Vm, a: Gc) -> PyResult {
    resize(vm, a, 0)?;
    Ok(vm.world().none)
}
fn copy(vm: &'static Vm, a: Gc) -> PyResult {
    try_new(vm, content(a))
}
fn add_in_place(vm: &'static Vm, object: Gc, other: Gc) -> PyResult {
    let Some(more) = crate::bytes::copy_of(vm, other)? else {
        let (other, own) = (type_of(vm, other).text(), type_of(vm, object).text());
        return Err(vm.type_error(format_args!("can't concat {other} to {own}")));
    };
    append_all(vm, crate::payload(object), &more)?;
    Ok(object)
}
fn multiply_in_place(vm: &'static Vm, object: Gc, times: Gc) -> PyResult {
    if !crate::int::has_index(vm, times) {
        return Ok(vm.world().not_implemented);
    }
    let times = crate::int::to_size(vm, times, false)?;
    let a = crate::payload(object);
    let all = crate::bytes_methods::repeat(vm, content(a), times)?;
    splice(vm, a, 0, len(a), &all)?;
    Ok(object)
}
/// Bytes that are allocated for the contents, with CPython's zero byte behind the last one.
fn allocated(a: Gc) -> i64 {
    let store = a.get(WByteArray::STORE);
    match store.is::<WByteStore>() {
        true => store.items_len::<WByteStore>() as i64 + 1,
        false if store.is_null() => 0,
        false => len(a) as i64 + 1,
    }
}
fn alloc_bytes(vm: &'static Vm, a: Gc) -> PyResult {
    let n = allocated(a);
    Ok(crate::int::new(vm, n))
}
fn sizeof(vm: &'static Vm, a: Gc) -> PyResult {
    let n = allocated(a);
    Ok(crate::int::new(vm, 56 + n))
}
fn reduce(vm: &'static Vm, object: Gc) -> PyResult {
    let a = crate::payload(object);
    let dict = crate::attribute::get_attr_opt(vm, object, vm.world().names.dict)?
        .unwrap_or(vm.world().none);
    let args = match content(a) {
        [] => vm.world().empty_tuple,
        b => {
            let text = crate::codec::decode(vm, b, "latin-1", "strict")?;
            crate::tuple::new(vm, &[text, crate::str::new(vm, "latin-1")])
        }
    };
    Ok(crate::tuple::new(
        vm,
        &[type_of(vm, object).gc(), args, dict],
    ))
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", array_new).static_method(),
    kw("__init__", array_init),
    fn3("__setitem__", set_item),
    fn2("__delitem__", del_item),
    fn2("__iadd__", add_in_place).keep_self(),
    fn2("__imul__", multiply_in_place).keep_self(),
    fn1("__alloc__", alloc_bytes),
    fn1("__sizeof__", sizeof),
    fn1("__reduce__", reduce).keep_self(),
    fn2("append", append).doc("Append a single item to the end of the bytearray."),
    fn2("extend", extend)
        .doc("Append all the items from the iterator or sequence to the bytearray."),
    fn3("insert", insert).doc("Insert a single item into the bytearray before the given index."),
    fn2("pop", pop)
        .opt(1)
        .doc("Remove and return a single item from B."),
    fn2("remove", remove).doc("Remove the first occurrence of a value in the bytearray."),
    fn1("reverse", reverse).doc("Reverse the order of the values in B in place."),
    fn1("clear", clear).doc("Remove all items from the bytearray."),
    fn1("copy", copy).doc("Return a copy of B."),
];

/// Fills the namespace of bytearray.
pub(crate) fn boot(vm: &'static Vm) {
    let class = vm.world().classes.bytearray;
    crate::bytes_methods::add_common(vm, class);
    crate::make_class::add_members(vm, class, METHODS, &[]);
    class.put(vm, crate::Special::Hash.name(vm), vm.world().none);
}
