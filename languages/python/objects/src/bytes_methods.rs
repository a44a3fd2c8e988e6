//! The methods that bytes and bytearray share, as far as containers and comparisons need them.

use crate::access::Access;
use crate::builtin::{BuiltinDef, Kw, fn1, fn2, fn3, kw};
use crate::layout::*;
use crate::make_class::{add_members, wrap};
use crate::special::{CmpOp, Special};
use crate::{Errors, PyResult, Vm, bytes, int, slice};
use ouro_gc::Gc;

fn body<'a>(o: Gc) -> &'a [u8] {
    bytes::content(o).unwrap_or_default()
}
/// An object of the kind of `like` with this content.
pub fn same_kind(vm: &'static Vm, like: Gc, content: &[u8]) -> Gc {
    if like.is::<WByteArray>() { bytes::new_array(vm, content) } else { bytes::new(vm, content) }
}
fn made(vm: &'static Vm, args: &[Gc], kw: &Kw, name: &str) -> PyResult {
    let [_, source, encoding, errors] = crate::call::parse(vm, name, args, kw, ["", "source", "encoding", "errors"], 1, 4)?;
    if source.is_null() {
        return Ok(vm.world().empty_bytes);
    }
    if let Some(s) = crate::str::as_str(source) {
        if encoding.is_null() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        return crate::codec::encode_object(vm, s, encoding, errors);
    }
    if !encoding.is_null() || !errors.is_null() {
        let what = if encoding.is_null() { "errors" } else { "encoding" };
        return Err(vm.type_error(format_args!("{what} without a string argument")));
    }
    let has_bytes = !crate::type_of(vm, source).special(vm, Special::Bytes).is_null();
    if !has_bytes && int::has_index(vm, source) && bytes::content(crate::payload(source)).is_none() {
        let n = int::to_size(vm, source, false)?;
        if n < 0 {
            return Err(vm.value_error("negative count"));
        }
        return bytes::zeros(vm, n as usize);
    }
    bytes::from_object(vm, source)
}
fn compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    match bytes::content(crate::payload(b)) {
        Some(b) => Ok(vm.world().bool(op.holds(body(a).cmp(b)))),
        None => Ok(vm.world().not_implemented),
    }
}
fn get_item(vm: &'static Vm, b: Gc, key: Gc) -> PyResult {
    let content = body(b);
    if key.is::<WSlice>() {
        let (start, _, step, count) = slice::indices(vm, key, content.len())?;
        let out: Vec<u8> = (0..count as i64).map(|i| content[(start + i * step) as usize]).collect();
        return Ok(same_kind(vm, b, &out));
    }
    let kind = if b.is::<WByteArray>() { "bytearray" } else { "byte" };
    if !int::has_index(vm, key) {
        let got = crate::type_of(vm, key).text();
        return Err(vm.type_error(format_args!("{kind} indices must be integers or slices, not {got}")));
    }
    let i = int::to_size(vm, key, true)?;
    let text = if b.is::<WByteArray>() { "bytearray index out of range" } else { "index out of range" };
    let i = crate::list::item_number(vm, i, content.len(), text)?;
    Ok(int::new(vm, content[i] as i64))
}
fn contains(vm: &'static Vm, b: Gc, item: Gc) -> PyResult {
    let found = match bytes::content(crate::payload(item)) {
        Some(part) => memchr::memmem::find(body(b), part).is_some(),
        None if int::has_index(vm, item) => body(b).contains(&bytes::byte(vm, item)?),
        None => {
            let got = crate::type_of(vm, item).text();
            return Err(vm.type_error(format_args!("a bytes-like object is required, not '{got}'")));
        }
    };
    Ok(vm.world().bool(found))
}
fn repeat(vm: &'static Vm, b: Gc, n: Gc) -> PyResult {
    if !int::has_index(vm, n) {
        return Ok(vm.world().not_implemented);
    }
    let n = int::to_size(vm, n, false)?.max(0) as usize;
    body(b).len().checked_mul(n).filter(|&t| t < 1 << 46).ok_or_else(|| crate::error::memory_error(vm))?;
    Ok(same_kind(vm, b, &body(b).repeat(n)))
}
fn set_item(vm: &'static Vm, a: Gc, key: Gc, value: Gc) -> PyResult {
    let n = body(a).len();
    if key.is::<WSlice>() {
        let with = bytes::from_object(vm, value)?;
        let (start, stop, step, count) = slice::indices(vm, key, n)?;
        if step == 1 {
            bytes::splice(vm, a, start as usize, stop.max(start) as usize, body(with))?;
        } else {
            if body(with).len() != count {
                let size = body(with).len();
                return Err(vm.value_error(format_args!("attempt to assign bytes of size {size} to extended slice of size {count}")));
            }
            for (i, &b) in body(with).iter().enumerate() {
                let at = (start + i as i64 * step) as usize;
                bytes::splice(vm, a, at, at + 1, &[b])?;
            }
        }
        return Ok(vm.world().none);
    }
    let i = int::to_size(vm, key, true)?;
    let i = crate::list::item_number(vm, i, n, "bytearray index out of range")?;
    let b = bytes::byte(vm, value)?;
    bytes::splice(vm, a, i, i + 1, &[b])?;
    Ok(vm.world().none)
}
static COMMON: &[BuiltinDef] = &[
    fn1("__len__", |vm, b| Ok(int::new(vm, body(b).len() as i64))),
    fn2("__getitem__", get_item),
    fn1("__iter__", |vm, b| crate::operator::iter(vm, b)),
    fn2("__contains__", contains),
    fn2("__eq__", |vm, a, b| compare(vm, CmpOp::Eq, a, b)), fn2("__ne__", |vm, a, b| compare(vm, CmpOp::Ne, a, b)),
    fn2("__lt__", |vm, a, b| compare(vm, CmpOp::Lt, a, b)), fn2("__le__", |vm, a, b| compare(vm, CmpOp::Le, a, b)),
    fn2("__gt__", |vm, a, b| compare(vm, CmpOp::Gt, a, b)), fn2("__ge__", |vm, a, b| compare(vm, CmpOp::Ge, a, b)),
    fn2("__add__", |vm, a, b| match bytes::content(crate::payload(b)) {
        Some(b) => Ok(same_kind(vm, a, &[body(a), b].concat())),
        None => Ok(vm.world().not_implemented),
    }),
    fn2("__mul__", repeat), fn2("__rmul__", repeat),
    kw("decode", |vm, args, kw| {
        let [b, encoding, errors] = crate::call::parse(vm, "decode", args, kw, ["", "encoding", "errors"], 1, 3)?;
        crate::codec::decode_object(vm, b, encoding, errors)
    }),
    fn1("hex", |vm, b| {
        let text: String = body(b).iter().map(|b| format!("{b:02x}")).collect();
        Ok(crate::str::new(vm, &text))
    }),
];
static BYTES_ONLY: &[BuiltinDef] = &[
    kw("__new__", |vm, args, kw| {
        let b = made(vm, args, kw, "bytes")?;
        Ok(wrap(vm, args[0], vm.world().classes.bytes, b))
    }).static_method(),
    fn1("__repr__", |vm, b| Ok(crate::str::new(vm, &bytes::repr(body(b))))),
    fn1("__hash__", |vm, b| {
        if b.get(WBytes::HASH) == 0 {
            b.set(vm, WBytes::HASH, crate::str::hash_bytes(vm, body(b)));
        }
        Ok(int::new(vm, b.get(WBytes::HASH)))
    }),
    fn1("__bytes__", |_, b| Ok(b)),
    fn1("__getnewargs__", |vm, b| Ok(crate::tuple::new(vm, &[b]))),
];
static BYTEARRAY_ONLY: &[BuiltinDef] = &[
    kw("__new__", |vm, args, _| Ok(wrap(vm, args[0], vm.world().classes.bytearray, bytes::new_array(vm, b"")))).static_method(),
    kw("__init__", |vm, args, kw| {
        let b = made(vm, args, kw, "bytearray")?;
        let n = body(args[0]).len();
        bytes::splice(vm, args[0], 0, n, body(b))?;
        Ok(vm.world().none)
    }),
    fn1("__repr__", |vm, b| Ok(crate::str::new(vm, &format!("bytearray({})", bytes::repr(body(b)))))),
    fn3("__setitem__", set_item),
    fn2("__delitem__", |vm, a, key| {
        let n = body(a).len();
        if key.is::<WSlice>() {
            let (start, stop, step, count) = slice::indices(vm, key, n)?;
            if step == 1 {
                bytes::splice(vm, a, start as usize, stop.max(start) as usize, &[])?;
            } else {
                let mut gone: Vec<i64> = (0..count as i64).map(|i| start + i * step).collect();
                gone.sort_unstable();
                let kept: Vec<u8> = body(a).iter().enumerate().filter(|(i, _)| gone.binary_search(&(*i as i64)).is_err()).map(|(_, &b)| b).collect();
                bytes::splice(vm, a, 0, n, &kept)?;
            }
            return Ok(vm.world().none);
        }
        let i = int::to_size(vm, key, true)?;
        let i = crate::list::item_number(vm, i, n, "bytearray index out of range")?;
        bytes::splice(vm, a, i, i + 1, &[])?;
        Ok(vm.world().none)
    }),
    fn2("__iadd__", |vm, whole, b| {
        let a = crate::payload(whole);
        let with = bytes::buffer(vm, b)?.to_vec();
        let n = body(a).len();
        bytes::splice(vm, a, n, n, &with)?;
        Ok(whole)
    }).keep_self(),
    fn2("append", |vm, a, b| {
        let (n, b) = (body(a).len(), bytes::byte(vm, b)?);
        bytes::splice(vm, a, n, n, &[b])?;
        Ok(vm.world().none)
    }),
    fn2("extend", |vm, a, it| {
        let with = bytes::from_object(vm, it)?;
        let n = body(a).len();
        bytes::splice(vm, a, n, n, body(with))?;
        Ok(vm.world().none)
    }),
    fn1("clear", |vm, a| {
        let n = body(a).len();
        bytes::splice(vm, a, 0, n, &[])?;
        Ok(vm.world().none)
    }),
    fn1("copy", |vm, a| Ok(bytes::new_array(vm, body(a)))),
];
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    for class in [c.bytes, c.bytearray] {
        add_members(vm, class, COMMON, &[]);
    }
    add_members(vm, c.bytes, BYTES_ONLY, &[]);
    add_members(vm, c.bytearray, BYTEARRAY_ONLY, &[]);
    c.bytearray.put(vm, Special::Hash.name(vm), vm.world().none);
}
