//! memoryview: views of the bytes of bytes, bytearray, and of what modules written in Rust export (arrays).
//!
//! Views have one dimension. A view of a bytearray counts as an export of it until it is released.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getter, kw, var};
use crate::layout::*;
use crate::special::CmpOp;
use crate::{Errors, PyResult, Temps, Vm, float, int, type_of};
use ouro_gc::Gc;

/// The memory of an object that is neither bytes nor bytearray, for as long as no guest code runs.
pub struct Exported<'a> {
    /// All its bytes.
    pub content: &'a mut [u8],
    /// Format of an item, as in `struct`.
    pub format: &'static str,
    /// Bytes of an item.
    pub item_bytes: usize,
    /// May not be written.
    pub readonly: bool,
}
/// Tells the memory of an object of a module's class. None: it exports none.
pub type Exporter = fn(&'static Vm, Gc) -> Option<Exported<'static>>;

/// The memory of an object of a module's class.
pub fn exported(vm: &'static Vm, object: Gc) -> Option<Exported<'static>> {
    let native = crate::payload(object);
    if !native.is::<WNative>() {
        return None;
    }
    vm.world()
        .callouts
        .exporter
        .get()
        .and_then(|f| f(vm, native))
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
    count_export(vm, object, 1);
    v
}
fn count_export(vm: &'static Vm, object: Gc, change: i64) {
    let exact = crate::payload(object);
    if exact.is::<WByteArray>() {
        exact.set(
            vm,
            WByteArray::EXPORTS,
            exact.get(WByteArray::EXPORTS) + change,
        );
    }
}
/// `memoryview(object)`.
///
/// # Errors
/// TypeError if the object has no bytes.
pub fn of(vm: &'static Vm, object: Gc) -> PyResult {
    if object.is::<WMemoryView>() {
        let view = alive(vm, object)?;
        return Ok(like(
            vm,
            view,
            view.get(WMemoryView::START),
            view.get(WMemoryView::LEN),
            view.get(WMemoryView::STRIDE),
        ));
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
    if let Some(e) = exported(vm, object) {
        return Ok(new(
            vm,
            object,
            e.content.len() / e.item_bytes,
            e.item_bytes,
            e.format,
            e.readonly,
        ));
    }
    let got = type_of(vm, object).text();
    Err(vm.type_error(format_args!(
        "memoryview: a bytes-like object is required, not '{got}'"
    )))
}
/// A view of other items of the same object.
fn like(vm: &'static Vm, v: Gc, start: i64, len: i64, stride: i64) -> Gc {
    let out = alloc::<WMemoryView>(vm).init(WMemoryView::OBJ, v.get(WMemoryView::OBJ));
    out.init(WMemoryView::START, start)
        .init(WMemoryView::LEN, len)
        .init(WMemoryView::STRIDE, stride);
    out.init(WMemoryView::ITEMSIZE, v.get(WMemoryView::ITEMSIZE))
        .init(WMemoryView::FORMAT, v.get(WMemoryView::FORMAT));
    out.init(WMemoryView::READONLY, v.get(WMemoryView::READONLY));
    count_export(vm, v.get(WMemoryView::OBJ), 1);
    out
}
/// The view, unless it was released.
fn alive(vm: &'static Vm, v: Gc) -> PyResult {
    match v.get(WMemoryView::OBJ).is_null() {
        true => Err(vm.value_error("operation forbidden on released memoryview object")),
        false => Ok(v),
    }
}
fn item_bytes(v: Gc) -> usize {
    v.get(WMemoryView::ITEMSIZE) as usize
}
/// All bytes of the object below.
fn memory<'a>(vm: &'static Vm, v: Gc) -> &'a [u8] {
    let object = v.get(WMemoryView::OBJ);
    match crate::bytes::content(object) {
        Some(b) => b,
        None => exported(vm, object).map_or(&[], |e| e.content),
    }
}
fn memory_mut<'a>(vm: &'static Vm, v: Gc) -> &'a mut [u8] {
    let object = v.get(WMemoryView::OBJ);
    let exact = crate::payload(object);
    if exact.is::<WByteArray>() {
        return crate::bytearray::content_mut(exact);
    }
    exported(vm, object).map_or(&mut [], |e| e.content)
}
/// Where item `i` begins.
fn offset(v: Gc, i: usize) -> usize {
    (v.get(WMemoryView::START) + i as i64 * v.get(WMemoryView::STRIDE)) as usize
}
/// The bytes of item `i`; zeros if the memory below has shrunk.
fn raw<'a>(vm: &'static Vm, v: Gc, i: usize) -> &'a [u8] {
    let at = offset(v, i);
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
    if object.is_null() || !is_contiguous(v) || !crate::bytes::is_bytes(object) {
        return None;
    }
    let (start, bytes) = (v.get(WMemoryView::START) as usize, len(v) * item_bytes(v));
    crate::bytes::content(object)?.get(start..start + bytes)
}
/// The bytes of all items in order.
///
/// # Errors
/// ValueError for a released view.
pub fn to_vec(vm: &'static Vm, v: Gc) -> PyResult<Vec<u8>> {
    let v = alive(vm, v)?;
    Ok((0..len(v))
        .flat_map(|i| raw(vm, v, i).iter().copied())
        .collect())
}

// ---- items
fn format_char(v: Gc) -> char {
    let text = crate::str::to_text(v.get(WMemoryView::FORMAT));
    text.trim_start_matches('@').chars().next().unwrap_or('B')
}
/// Size of an item of a native format; None for formats that views do not have.
fn native_size(format: &str) -> Option<usize> {
    Some(match format.trim_start_matches('@') {
        "c" | "b" | "B" | "?" => 1,
        "h" | "H" => 2,
        "i" | "I" | "f" => 4,
        "l" | "L" | "q" | "Q" | "n" | "N" | "d" | "P" => 8,
        _ => return None,
    })
}
fn unpack(vm: &'static Vm, format: char, b: &[u8]) -> Gc {
    let mut wide = [0; 8];
    wide[..b.len()].copy_from_slice(b);
    let unsigned = u64::from_le_bytes(wide);
    let shift = 64 - 8 * b.len() as u32;
    match format {
        'c' => crate::bytes::new(vm, b),
        '?' => vm.world().bool(unsigned != 0),
        'f' => float::new(vm, f32::from_bits(unsigned as u32) as f64),
        'd' => float::new(vm, f64::from_bits(unsigned)),
        'b' | 'h' | 'i' | 'l' | 'q' | 'n' => int::new(vm, (unsigned << shift) as i64 >> shift),
        _ => int::from_u64(vm, unsigned),
    }
}
fn pack(vm: &'static Vm, format: char, size: usize, value: Gc) -> PyResult<Vec<u8>> {
    let wrong_type = || {
        vm.type_error(format_args!(
            "memoryview: invalid type for format '{format}'"
        ))
    };
    let wrong_value = || {
        vm.value_error(format_args!(
            "memoryview: invalid value for format '{format}'"
        ))
    };
    let bits = match format {
        'c' => match crate::bytes::as_bytes(value).map(|b| b.items(&BYTES)) {
            Some(&[b]) => b as u64,
            Some(_) => return Err(wrong_value()),
            None => return Err(wrong_type()),
        },
        '?' => crate::operator::truth(vm, value)? as u64,
        'f' | 'd' => {
            if float::get(value).is_none() && !int::has_index(vm, value) {
                return Err(wrong_type());
            }
            let v = float::to_f64(vm, value)?;
            if format == 'f' {
                (v as f32).to_bits() as u64
            } else {
                v.to_bits()
            }
        }
        _ => {
            if !int::has_index(vm, value) {
                return Err(wrong_type());
            }
            let v = i128::try_from(&int::index(vm, value)?.big()).map_err(|_| wrong_value())?;
            let bits = 8 * size as u32;
            let signed = matches!(format, 'b' | 'h' | 'i' | 'l' | 'q' | 'n');
            let (low, high) = if signed {
                (-(1i128 << (bits - 1)), 1i128 << (bits - 1))
            } else {
                (0, 1i128 << bits)
            };
            if v < low || v >= high {
                return Err(wrong_value());
            }
            v as u64
        }
    };
    Ok(bits.to_le_bytes()[..size].to_vec())
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
fn slice(vm: &'static Vm, v: Gc, key: Gc) -> PyResult {
    let at = crate::slice::resolve(vm, key, len(v))?;
    let stride = v.get(WMemoryView::STRIDE);
    let start = v.get(WMemoryView::START) + at.start.max(0) * stride;
    Ok(like(vm, v, start, at.count as i64, stride * at.step))
}
fn get_item(vm: &'static Vm, v: Gc, key: Gc) -> PyResult {
    let v = alive(vm, v)?;
    if key.is::<WSlice>() {
        return slice(vm, v, key);
    }
    if key == vm.world().ellipsis {
        return Ok(v);
    }
    let i = item_number(vm, v, key)?;
    Ok(item(vm, v, i))
}
fn set_item(vm: &'static Vm, v: Gc, key: Gc, value: Gc) -> PyResult {
    let v = alive(vm, v)?;
    if v.get(WMemoryView::READONLY) != 0 {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let size = item_bytes(v);
    if !key.is::<WSlice>() {
        let i = item_number(vm, v, key)?;
        let bytes = pack(vm, format_char(v), size, value)?;
        let at = offset(v, i);
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
fn release(vm: &'static Vm, v: Gc) {
    let object = v.get(WMemoryView::OBJ);
    if !object.is_null() {
        count_export(vm, object, -1);
        v.set(vm, WMemoryView::OBJ, Gc::NULL);
    }
}

// ---- methods
fn view_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [_, object] = crate::call::parse(vm, "memoryview", args, kw, ["", "object"], 2, 2)?;
    of(vm, object)
}
fn items(vm: &'static Vm, v: Gc) -> Temps {
    let mut out = Temps::new(vm);
    (0..len(v)).for_each(|i| out.push(item(vm, v, i)));
    out
}
fn to_list(vm: &'static Vm, v: Gc) -> PyResult {
    let v = alive(vm, v)?;
    Ok(crate::list::new(vm, &items(vm, v)))
}
fn iter(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(crate::iter::of_sequence(vm, alive(vm, v)?))
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
        false if crate::bytes::content(b).is_some() || exported(vm, b).is_some() => of(vm, b)?,
        false => return Ok(None),
    };
    let same = match (len(a) == len(other), format_char(a) == format_char(other)) {
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
    if !is_contiguous(v) {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let bytes = |c: char| matches!(c, 'B' | 'b' | 'c');
    if !bytes(format_char(v)) && !text.trim_start_matches('@').chars().all(bytes) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let total = len(v) * item_bytes(v);
    if total % size != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    if !shape.is_null() && shape != vm.world().none {
        let wanted = crate::list::to_temps(vm, shape)?;
        if wanted.len() != 1 || int::to_i64(vm, wanted[0])? != (total / size) as i64 {
            return Err(vm.not_implemented_error(
                "memoryview: shapes of more than one dimension are not supported",
            ));
        }
    }
    let format = crate::str::intern(vm, &text);
    let out = like(
        vm,
        v,
        v.get(WMemoryView::START),
        (total / size) as i64,
        size as i64,
    );
    Ok(out
        .init(WMemoryView::ITEMSIZE, size as i64)
        .init(WMemoryView::FORMAT, format))
}
fn is_contiguous(v: Gc) -> bool {
    len(v) < 2 || v.get(WMemoryView::STRIDE) == v.get(WMemoryView::ITEMSIZE)
}
fn to_readonly(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(of(vm, v)?.init(WMemoryView::READONLY, 1))
}
fn release_method(vm: &'static Vm, v: Gc) -> PyResult {
    release(vm, v);
    Ok(vm.world().none)
}
/// A tuple of one int, for `shape` and `strides`.
fn single(vm: &'static Vm, v: i64) -> PyResult {
    Ok(crate::tuple::new(vm, &[int::new(vm, v)]))
}
fn contiguous(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(vm.world().bool(is_contiguous(alive(vm, v)?)))
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", view_new).static_method(),
    fn1("__repr__", repr),
    fn1("__hash__", hash),
    fn1("__len__", |vm, v| {
        Ok(int::new(vm, len(alive(vm, v)?) as i64))
    }),
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
        Ok(int::new(vm, (len(alive(vm, v)?) * item_bytes(v)) as i64))
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
    getter("ndim", |vm, v| alive(vm, v).map(|_| int::new(vm, 1))),
    getter("shape", |vm, v| {
        single(vm, alive(vm, v)?.get(WMemoryView::LEN))
    }),
    getter("strides", |vm, v| {
        single(vm, alive(vm, v)?.get(WMemoryView::STRIDE))
    }),
    getter("suboffsets", |vm, v| {
        alive(vm, v).map(|_| vm.world().empty_tuple)
    }),
    getter("c_contiguous", contiguous),
    getter("f_contiguous", contiguous),
    getter("contiguous", contiguous),
];

/// Fills the namespace of memoryview.
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.memoryview, METHODS, ATTRIBUTES);
}
