//! memoryview: views of the bytes of bytes, bytearray, and of what others export.
//!
//! Most views have one dimension: `LEN` items from byte `START` on, `STRIDE` bytes apart. The others have their shape and their
//! strides in `DIMS`; `LEN` is the first number of the shape then. A view counts as an export of what holds the memory until it
//! is released: of the bytearray, or of `HOLDER`, which stands for the memory of an exporter that nobody here knows.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getter, kw, var};
use crate::item_format::{native_size, pack, unpack};
use crate::layout::*;
use crate::memory_shape::{dims_tuple, is_dense, item_bytes, offsets};
use crate::special::CmpOp;
use crate::{Errors, PyResult, Temps, Vm, int, type_of};
use ouro_gc::Gc;

pub use crate::memory_export::{Export, Exporters};
pub use crate::memory_shape::{dimensions, shape_and_strides, total_bytes};

fn exporters(vm: &'static Vm) -> Option<&'static Exporters> {
    vm.world().callouts.exporters.get()
}

// ---- making views
fn new(
    vm: &'static Vm,
    object: Gc,
    len: usize,
    item_bytes: usize,
    format: &str,
    readonly: bool,
) -> Gc {
    let format = crate::str::intern(vm, format);
    let v = alloc::<WMemoryView>(vm);
    v.init(WMemoryView::OBJ, object)
        .init(WMemoryView::LEN, len as i64);
    v.init(WMemoryView::STRIDE, item_bytes as i64)
        .init(WMemoryView::ITEMSIZE, item_bytes as i64);
    v.init(WMemoryView::FORMAT, format);
    v.init(WMemoryView::READONLY, readonly as i64);
    count_export(vm, v, 1);
    v
}
fn count_export(vm: &'static Vm, v: Gc, change: i64) {
    let holder = v.get(WMemoryView::HOLDER);
    if holder.is::<WByteArray>() {
        crate::outside::count_exports(vm, holder, change);
        return;
    }
    if !holder.is_null() {
        if let Some(e) = exporters(vm) {
            (e.count)(holder, change);
        }
        return;
    }
    let exact = crate::payload(v.get(WMemoryView::OBJ));
    if exact.is::<WByteArray>() {
        crate::outside::count_exports(vm, exact, change);
    }
}
/// `memoryview(object)`.
///
/// # Errors
/// TypeError if the object has no bytes.
pub fn of(vm: &'static Vm, object: Gc) -> PyResult {
    if object.is::<WMemoryView>() {
        let view = alive(vm, object)?;
        let (start, len) = (view.get(WMemoryView::START), view.get(WMemoryView::LEN));
        let out = like(vm, view, start, len, view.get(WMemoryView::STRIDE));
        return Ok(out.init(WMemoryView::DIMS, view.get(WMemoryView::DIMS)));
    }
    if let Some(b) = crate::bytes::content(object) {
        return Ok(new(
            vm,
            object,
            b.len(),
            1,
            "B",
            crate::payload(object).is::<WBytes>(),
        ));
    }
    if let Some(e) = export(vm, object)? {
        return Ok(over(vm, e));
    }
    let got = type_of(vm, object).text();
    Err(vm.type_error(format_args!(
        "memoryview: a bytes-like object is required, not '{got}'"
    )))
}
/// The memory of an object that is neither bytes, nor bytearray, nor a view.
fn export(vm: &'static Vm, object: Gc) -> PyResult<Option<Export>> {
    let native = vm.world().callouts.native_memory.get();
    if let Some(export) = native.and_then(|of| of(vm, object)) {
        return Ok(Some(export));
    }
    exporters(vm).map_or(Ok(None), |e| (e.export)(vm, object))
}
/// A view of all that an exporter gave.
pub fn over(vm: &'static Vm, e: Export) -> Gc {
    let format = crate::str::intern(vm, &e.format);
    let one = e.shape.len() == 1;
    let dims = match one {
        true => Gc::NULL,
        false => dims_tuple(vm, &e.shape, &e.strides),
    };
    let v = alloc::<WMemoryView>(vm);
    v.init(WMemoryView::OBJ, e.object)
        .init(WMemoryView::HOLDER, e.holder)
        .init(WMemoryView::START, e.start)
        .init(WMemoryView::LEN, e.shape.first().copied().unwrap_or(1))
        .init(WMemoryView::STRIDE, e.strides.first().copied().unwrap_or(0))
        .init(WMemoryView::ITEMSIZE, e.item_bytes)
        .init(WMemoryView::FORMAT, format)
        .init(WMemoryView::READONLY, e.readonly as i64)
        .init(WMemoryView::DIMS, dims);
    count_export(vm, v, 1);
    v
}
/// A view of other items of the same object.
fn like(vm: &'static Vm, v: Gc, start: i64, len: i64, stride: i64) -> Gc {
    let out = alloc::<WMemoryView>(vm).init(WMemoryView::OBJ, v.get(WMemoryView::OBJ));
    out.init(WMemoryView::START, start)
        .init(WMemoryView::LEN, len)
        .init(WMemoryView::STRIDE, stride)
        .init(WMemoryView::HOLDER, v.get(WMemoryView::HOLDER));
    out.init(WMemoryView::ITEMSIZE, v.get(WMemoryView::ITEMSIZE))
        .init(WMemoryView::FORMAT, v.get(WMemoryView::FORMAT));
    out.init(WMemoryView::READONLY, v.get(WMemoryView::READONLY));
    count_export(vm, out, 1);
    out
}
/// The view, unless it was released.
fn alive(vm: &'static Vm, v: Gc) -> PyResult {
    match v.get(WMemoryView::OBJ).is_null() {
        true => Err(vm.value_error("operation forbidden on released memoryview object")),
        false => Ok(v),
    }
}
/// All bytes of the object below.
fn memory<'a>(vm: &'static Vm, v: Gc) -> &'a [u8] {
    match held(vm, v) {
        Some(bytes) => bytes,
        None => crate::bytes::content(v.get(WMemoryView::OBJ)).unwrap_or(&[]),
    }
}
fn memory_mut<'a>(vm: &'static Vm, v: Gc) -> &'a mut [u8] {
    let exact = crate::payload(v.get(WMemoryView::OBJ));
    match held(vm, v) {
        Some(bytes) => bytes,
        None if exact.is::<WByteArray>() => crate::bytearray::content_mut(exact),
        None => &mut [],
    }
}
fn held<'a>(vm: &'static Vm, v: Gc) -> Option<&'a mut [u8]> {
    let holder = v.get(WMemoryView::HOLDER);
    if holder.is_null() {
        return None;
    }
    if holder.is::<WByteArray>() {
        return Some(crate::bytearray::content_mut(holder));
    }
    let (first, len) = (exporters(vm)?.content)(holder);
    Some(crate::access::outside_bytes(first, len))
}
/// Where item `i` begins.
fn offset(v: Gc, i: usize) -> usize {
    (v.get(WMemoryView::START) + i as i64 * v.get(WMemoryView::STRIDE)) as usize
}
/// The bytes of item `i`; zeros if the memory below has shrunk.
fn raw<'a>(vm: &'static Vm, v: Gc, i: usize) -> &'a [u8] {
    raw_at(vm, v, offset(v, i))
}
fn raw_at<'a>(vm: &'static Vm, v: Gc, at: usize) -> &'a [u8] {
    memory(vm, v)
        .get(at..at + item_bytes(v))
        .unwrap_or(&[0; 8][..item_bytes(v).min(8)])
}
fn len(v: Gc) -> usize {
    v.get(WMemoryView::LEN) as usize
}
/// The bytes of all items, if they are neighbours in the memory of a bytes or bytearray. As [`crate::bytes::content`].
pub fn content<'a>(v: Gc) -> Option<&'a [u8]> {
    let object = v.get(WMemoryView::OBJ);
    let held = !v.get(WMemoryView::HOLDER).is_null();
    if object.is_null() || held || !is_contiguous(v) || !crate::bytes::is_bytes(object) {
        return None;
    }
    let (start, bytes) = (v.get(WMemoryView::START) as usize, total_bytes(v));
    crate::bytes::content(object)?.get(start..start + bytes)
}
/// The bytes of all items in order.
///
/// # Errors
/// ValueError for a released view.
pub fn to_vec(vm: &'static Vm, v: Gc) -> PyResult<Vec<u8>> {
    let v = alive(vm, v)?;
    if is_contiguous(v) {
        let (start, bytes) = (v.get(WMemoryView::START) as usize, total_bytes(v));
        if let Some(all) = memory(vm, v).get(start..start + bytes) {
            return Ok(all.to_vec());
        }
    }
    Ok(offsets(v)
        .into_iter()
        .flat_map(|at| raw_at(vm, v, at).iter().copied())
        .collect())
}
/// A copy of the bytes of an object that is neither bytes, nor bytearray, nor a view; None if it exports none.
///
/// # Errors
/// What the exporter raises.
pub fn copy_of_exported(vm: &'static Vm, object: Gc) -> PyResult<Option<Vec<u8>>> {
    let Some(e) = export(vm, object)? else {
        return Ok(None);
    };
    let v = over(vm, e);
    let bytes = to_vec(vm, v)?;
    release(vm, v);
    Ok(Some(bytes))
}

// ---- items
fn format_char(v: Gc) -> char {
    let text = crate::str::to_text(v.get(WMemoryView::FORMAT));
    text.trim_start_matches('@').chars().next().unwrap_or('B')
}
fn item(vm: &'static Vm, v: Gc, i: usize) -> Gc {
    unpack(vm, format_char(v), raw(vm, v, i))
}
fn item_number(vm: &'static Vm, v: Gc, key: Gc) -> PyResult<usize> {
    if !int::has_index(vm, key) {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    let i = int::to_size(vm, key, true)?;
    crate::list::item_number(vm, i, len(v), "index out of bounds on dimension 1")
}
/// Where the item with a number for each dimension begins.
fn place(vm: &'static Vm, v: Gc, key: Gc) -> PyResult<usize> {
    let (shape, strides) = shape_and_strides(v);
    let keys = crate::tuple::items(key);
    if shape.is_empty() && !keys.is_empty() {
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    }
    if keys.iter().any(|&k| !int::has_index(vm, k)) {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    if keys.len() < shape.len() {
        return Err(vm.not_implemented_error("sub-views are not implemented"));
    }
    if keys.len() > shape.len() {
        return Err(vm.type_error(format_args!(
            "cannot index {}-dimension view with {}-element tuple",
            shape.len(),
            keys.len()
        )));
    }
    let keys = Temps::from_slice(vm, keys);
    let mut at = v.get(WMemoryView::START);
    for (d, &k) in keys.iter().enumerate() {
        let text = format!("index out of bounds on dimension {}", d + 1);
        let i = int::to_size(vm, k, true)?;
        at += crate::list::item_number(vm, i, shape[d] as usize, &text)? as i64 * strides[d];
    }
    Ok(at as usize)
}
/// Only views of one dimension have items with one number; `text` for those of more.
fn one_dimension(vm: &'static Vm, v: Gc, text: &str) -> PyResult<()> {
    match dimensions(v) {
        1 => Ok(()),
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        _ => Err(vm.not_implemented_error(text)),
    }
}
fn slice(vm: &'static Vm, v: Gc, key: Gc) -> PyResult {
    let at = crate::slice::resolve(vm, key, len(v))?;
    let stride = v.get(WMemoryView::STRIDE);
    let start = v.get(WMemoryView::START) + at.start.max(0) * stride;
    let (mut shape, mut strides) = shape_and_strides(v);
    let dims = match shape.len() {
        1 => Gc::NULL,
        _ => {
            (shape[0], strides[0]) = (at.count as i64, stride * at.step);
            dims_tuple(vm, &shape, &strides)
        }
    };
    let out = like(vm, v, start, at.count as i64, stride * at.step);
    Ok(out.init(WMemoryView::DIMS, dims))
}
fn get_item(vm: &'static Vm, v: Gc, key: Gc) -> PyResult {
    let v = alive(vm, v)?;
    if key.is::<WTuple>() {
        let at = place(vm, v, key)?;
        return Ok(unpack(vm, format_char(v), raw_at(vm, v, at)));
    }
    if key == vm.world().ellipsis {
        return Ok(v);
    }
    if key.is::<WSlice>() && dimensions(v) > 0 {
        return slice(vm, v, key);
    }
    one_dimension(vm, v, "multi-dimensional sub-views are not implemented")?;
    let i = item_number(vm, v, key)?;
    Ok(item(vm, v, i))
}
fn set_item(vm: &'static Vm, v: Gc, key: Gc, value: Gc) -> PyResult {
    let v = alive(vm, v)?;
    if v.get(WMemoryView::READONLY) != 0 {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let size = item_bytes(v);
    if !key.is::<WTuple>() {
        let text = match key.is::<WSlice>() {
            true => "memoryview slice assignments are currently restricted to ndim = 1",
            false => "sub-views are not implemented",
        };
        one_dimension(vm, v, text)?;
    }
    if !key.is::<WSlice>() {
        let at = match key.is::<WTuple>() {
            true => place(vm, v, key)?,
            false => offset(v, item_number(vm, v, key)?),
        };
        let bytes = pack(vm, format_char(v), size, value)?;
        if let Some(to) = memory_mut(vm, v).get_mut(at..at + size) {
            to.copy_from_slice(&bytes);
        }
        return Ok(vm.world().none);
    }
    let part = slice(vm, v, key)?;
    let source = of(vm, value)?;
    let same = len(source) == len(part)
        && format_char(source) == format_char(part)
        && item_bytes(source) == size;
    let bytes = to_vec(vm, source)?;
    release(vm, source);
    if !same {
        release(vm, part);
        return Err(
            vm.value_error("memoryview assignment: lvalue and rvalue have different structures")
        );
    }
    let to = memory_mut(vm, part);
    for (i, b) in bytes.chunks_exact(size).enumerate() {
        let at = offset(part, i);
        if let Some(to) = to.get_mut(at..at + size) {
            to.copy_from_slice(b);
        }
    }
    release(vm, part);
    Ok(vm.world().none)
}
/// Lets go of the memory.
pub fn release(vm: &'static Vm, v: Gc) {
    if !v.get(WMemoryView::OBJ).is_null() {
        count_export(vm, v, -1);
        v.set(vm, WMemoryView::OBJ, Gc::NULL);
        v.set(vm, WMemoryView::HOLDER, Gc::NULL);
        if let Some(e) = exporters(vm) {
            (e.released)(vm, v);
        }
    }
}

// ---- methods
fn view_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [_, object] = crate::call::parse(vm, "memoryview", args, kw, ["", "object"], 2, 2)?;
    of(vm, object)
}
fn items(vm: &'static Vm, v: Gc) -> Temps {
    let mut out = Temps::new(vm);
    let format = format_char(v);
    for at in offsets(v) {
        out.push(unpack(vm, format, raw_at(vm, v, at)));
    }
    out
}
/// Items as lists of lists, one level for each dimension.
fn nested(vm: &'static Vm, items: &[Gc], shape: &[i64]) -> Gc {
    let [n, inner @ ..] = shape else {
        return items[0];
    };
    if inner.is_empty() {
        return crate::list::new(vm, items);
    }
    let each = inner.iter().product::<i64>() as usize;
    let mut rows = Temps::new(vm);
    for i in 0..*n as usize {
        rows.push(nested(vm, &items[i * each..(i + 1) * each], inner));
    }
    crate::list::new(vm, &rows)
}
fn to_list(vm: &'static Vm, v: Gc) -> PyResult {
    let v = alive(vm, v)?;
    Ok(nested(vm, &items(vm, v), &shape_and_strides(v).0))
}
fn iter(vm: &'static Vm, v: Gc) -> PyResult {
    let text = "multi-dimensional sub-views are not implemented";
    one_dimension(vm, alive(vm, v)?, text)?;
    Ok(crate::iter::of_sequence(vm, v))
}
fn equal(vm: &'static Vm, a: Gc, b: Gc) -> PyResult<Option<bool>> {
    if a == b {
        return Ok(Some(true));
    }
    if a.get(WMemoryView::OBJ).is_null()
        || b.is::<WMemoryView>() && b.get(WMemoryView::OBJ).is_null()
    {
        return Ok(Some(false));
    }
    let other = match b.is::<WMemoryView>() {
        true => b,
        false if crate::bytes::content(b).is_some() => of(vm, b)?,
        false => match export(vm, b)? {
            Some(e) => over(vm, e),
            None => return Ok(None),
        },
    };
    let same_shape = shape_and_strides(a).0 == shape_and_strides(other).0;
    let same = match (same_shape, format_char(a) == format_char(other)) {
        (false, _) => false,
        (_, true) if !matches!(format_char(a), 'f' | 'd') => to_vec(vm, a)? == to_vec(vm, other)?,
        _ => {
            let (x, y) = (items(vm, a), items(vm, other));
            let mut same = true;
            for (&x, &y) in x.iter().zip(y.iter()) {
                same = same && crate::operator::compare_bool(vm, CmpOp::Eq, x, y)?;
            }
            same
        }
    };
    if other != b {
        release(vm, other);
    }
    Ok(Some(same))
}
fn compare(vm: &'static Vm, a: Gc, b: Gc, wanted: bool) -> PyResult {
    Ok(equal(vm, a, b)?.map_or(vm.world().not_implemented, |same| {
        vm.world().bool(same == wanted)
    }))
}
fn hash(vm: &'static Vm, v: Gc) -> PyResult {
    let v = alive(vm, v)?;
    if v.get(WMemoryView::READONLY) == 0 {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !matches!(format_char(v), 'B' | 'b' | 'c') {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    Ok(int::new(vm, crate::str::hash_bytes(vm, &to_vec(vm, v)?)))
}
fn repr(vm: &'static Vm, v: Gc) -> PyResult {
    let released = if v.get(WMemoryView::OBJ).is_null() {
        "released memory"
    } else {
        "memory"
    };
    Ok(crate::str::new(
        vm,
        &format!("<{released} at {:#x}>", crate::operator::id(vm, v)),
    ))
}
fn to_bytes(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [v, order] = crate::call::parse(vm, "tobytes", args, kw, ["", "order"], 1, 2)?;
    let plain = order.is_null() || order == vm.world().none;
    if !plain
        && !crate::str::as_str(order)
            .is_some_and(|o| matches!(crate::str::bytes(o), b"C" | b"F" | b"A"))
    {
        return Err(vm.value_error("order must be 'C', 'F' or 'A'"));
    }
    Ok(crate::bytes::new(vm, &to_vec(vm, v)?))
}
fn hex(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [v, separator, group] =
        crate::call::parse(vm, "hex", args, kw, ["", "sep", "bytes_per_sep"], 1, 3)?;
    crate::bytes_methods::hex(vm, &to_vec(vm, v)?, separator, group)
}
fn cast(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [v, format, shape] =
        crate::call::parse(vm, "cast", args, kw, ["", "format", "shape"], 2, 3)?;
    let v = alive(vm, v)?;
    let Some(text) = crate::str::as_str(format).map(crate::str::to_text) else {
        let got = type_of(vm, format).text();
        return Err(vm.type_error(format_args!(
            "cast() argument 'format' must be str, not {got}"
        )));
    };
    let size = native_size(&text).ok_or_else(|| {
        vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        )
    })?;
    if !is_dense(v, false) {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let bytes = |c: char| matches!(c, 'B' | 'b' | 'c');
    if !bytes(format_char(v)) && !text.trim_start_matches('@').chars().all(bytes) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let total = total_bytes(v);
    if total % size != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let mut wanted = vec![(total / size) as i64];
    if !shape.is_null() && shape != vm.world().none {
        if !shape.is::<WTuple>() && !shape.is::<WList>() {
            return Err(vm.type_error("shape must be a list or a tuple"));
        }
        wanted.clear();
        for &n in crate::list::to_temps(vm, shape)?.iter() {
            wanted.push(int::to_i64(vm, n)?);
        }
        if dimensions(v) != 1 && wanted.len() != 1 {
            return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
        }
        if wanted.iter().product::<i64>() != (total / size) as i64 {
            return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
        }
    }
    let strides: Vec<i64> = (0..wanted.len())
        .map(|d| wanted[d + 1..].iter().product::<i64>() * size as i64)
        .collect();
    let dims = match wanted.len() {
        1 => Gc::NULL,
        _ => dims_tuple(vm, &wanted, &strides),
    };
    let format = crate::str::intern(vm, &text);
    let out = like(
        vm,
        v,
        v.get(WMemoryView::START),
        wanted.first().copied().unwrap_or(1),
        strides.first().copied().unwrap_or(0),
    );
    Ok(out
        .init(WMemoryView::DIMS, dims)
        .init(WMemoryView::ITEMSIZE, size as i64)
        .init(WMemoryView::FORMAT, format))
}
fn is_contiguous(v: Gc) -> bool {
    is_dense(v, false)
}
fn to_readonly(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(of(vm, v)?.init(WMemoryView::READONLY, 1))
}
fn release_method(vm: &'static Vm, v: Gc) -> PyResult {
    let exports = exporters(vm).map_or(0, |e| (e.exports)(vm, v));
    if exports > 0 {
        let plural = if exports == 1 { "" } else { "s" };
        return Err(vm.buffer_error(format_args!(
            "memoryview has {exports} exported buffer{plural}"
        )));
    }
    release(vm, v);
    Ok(vm.world().none)
}
fn numbers(vm: &'static Vm, all: &[i64]) -> PyResult {
    Ok(dims_tuple(vm, all, &[]))
}
fn contiguous(vm: &'static Vm, v: Gc) -> PyResult {
    let v = alive(vm, v)?;
    Ok(vm.world().bool(is_dense(v, false) || is_dense(v, true)))
}
fn length(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(int::new(vm, len(alive(vm, v)?) as i64))
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", view_new).static_method(),
    fn1("__repr__", repr),
    fn1("__hash__", hash),
    fn1("__len__", length),
    fn1("__iter__", iter),
    fn2("__getitem__", get_item),
    fn3("__setitem__", set_item),
    fn2("__delitem__", |vm, _, _| {
        Err(vm.type_error("cannot delete memory"))
    }),
    fn2("__eq__", |vm, a, b| compare(vm, a, b, true)),
    fn2("__ne__", |vm, a, b| compare(vm, a, b, false)),
    fn1("__enter__", alive),
    var("__exit__", 1, crate::builtin::ANY, |vm, args| {
        release_method(vm, args[0])
    }),
    fn1("release", release_method)
        .doc("Release the underlying buffer exposed by the memoryview object."),
    kw("tobytes", to_bytes).doc("Return the data in the buffer as a byte string."),
    kw("hex", hex).doc("Return the data in the buffer as a str of hexadecimal numbers."),
    fn1("tolist", to_list).doc("Return the data in the buffer as a list of elements."),
    kw("cast", cast).doc("Cast a memoryview to a new format or shape."),
    fn1("toreadonly", to_readonly).doc("Return a readonly version of the memoryview."),
];
static ATTRIBUTES: &[GetSetDef] = &[
    getter("obj", |vm, v| Ok(alive(vm, v)?.get(WMemoryView::OBJ))),
    getter("nbytes", |vm, v| {
        Ok(int::new(vm, total_bytes(alive(vm, v)?) as i64))
    }),
    getter("readonly", |vm, v| {
        Ok(vm
            .world()
            .bool(alive(vm, v)?.get(WMemoryView::READONLY) != 0))
    }),
    getter("itemsize", |vm, v| {
        Ok(int::new(vm, alive(vm, v)?.get(WMemoryView::ITEMSIZE)))
    }),
    getter("format", |vm, v| Ok(alive(vm, v)?.get(WMemoryView::FORMAT))),
    getter("ndim", |vm, v| {
        alive(vm, v).map(|v| int::new(vm, dimensions(v) as i64))
    }),
    getter("shape", |vm, v| {
        numbers(vm, &shape_and_strides(alive(vm, v)?).0)
    }),
    getter("strides", |vm, v| {
        numbers(vm, &shape_and_strides(alive(vm, v)?).1)
    }),
    getter("suboffsets", |vm, v| {
        alive(vm, v).map(|_| vm.world().empty_tuple)
    }),
    getter("c_contiguous", |vm, v| {
        alive(vm, v).map(|v| vm.world().bool(is_dense(v, false)))
    }),
    getter("f_contiguous", |vm, v| {
        alive(vm, v).map(|v| vm.world().bool(is_dense(v, true)))
    }),
    getter("contiguous", contiguous),
];

/// Fills the namespace of memoryview.
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.memoryview, METHODS, ATTRIBUTES);
}
