//! `array`: the methods.

use super::array::{
    self, append, cast, data, data_mut, item_size, length, put_item, resize, size_of_item, typecode,
};
use crate::args;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, fn3, getter, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BuiltinDef, CmpOp, Errors, GetSetDef, Kw, PyResult, Vm, int as ints, slice, type_of,
};

pub static GETSETS: &[GetSetDef] = &[
    getter("typecode", |vm, a| {
        Ok(string(vm, &(typecode(a) as char).to_string()))
    }),
    getter("itemsize", |vm, a| Ok(int(vm, size_of_item(a) as i64))),
];
pub static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    fn2("append", |vm, a, v| append(vm, a, v).map(|()| none(vm))),
    fn1("buffer_info", |vm, a| {
        let address = data(a).as_ptr() as i64;
        Ok(tuple(vm, &[int(vm, address), int(vm, length(a) as i64)]))
    }),
    fn1("byteswap", |vm, a| {
        let size = size_of_item(a);
        data_mut(a).chunks_mut(size).for_each(|item| item.reverse());
        Ok(none(vm))
    }),
    fn2("count", |vm, a, v| {
        let mut n = 0;
        let mut i = 0;
        while i < length(a) {
            n += i64::from(holds(vm, CmpOp::Eq, array::get(vm, a, i), v)?);
            i += 1;
        }
        Ok(int(vm, n))
    }),
    fn2("extend", |vm, a, v| extend(vm, a, v).map(|()| none(vm))),
    fn2("fromlist", |vm, a, v| {
        let Some(items) = as_list(v) else {
            return Err(vm.type_error("arg must be list"));
        };
        let before = length(a);
        for &item in list_items(vm, items).iter() {
            if let Err(e) = append(vm, a, item) {
                resize(vm, a, before)?;
                return Err(e);
            }
        }
        Ok(none(vm))
    }),
    fn2("frombytes", frombytes),
    fn1("tobytes", |vm, a| Ok(bytes(vm, data(a)))),
    fn1("tolist", tolist),
    fn2("fromunicode", |vm, a, v| {
        if typecode(a) != b'u' {
            return Err(vm.value_error("fromunicode() may only be called on unicode type arrays"));
        }
        extend(vm, a, v).map(|()| none(vm))
    }),
    fn1("tounicode", |vm, a| match typecode(a) {
        b'u' => {
            let all = tolist(vm, a)?;
            call_method(vm, vm.world().empty_str, "join", &[all])
        }
        _ => Err(vm.value_error("tounicode() may only be called on unicode type arrays")),
    }),
    fn3("fromfile", |vm, a, f, n| {
        let wanted = to_i64(vm, n)?.max(0) as usize * size_of_item(a);
        let data = call_method(vm, f, "read", &[int(vm, wanted as i64)])?;
        let got = to_bytes(vm, data)?.len();
        frombytes(vm, a, data)?;
        match got < wanted {
            true => Err(vm.eof_error("read() didn't return enough bytes")),
            false => Ok(none(vm)),
        }
    }),
    fn2("tofile", |vm, a, f| {
        call_method(vm, f, "write", &[bytes(vm, data(a))])?;
        Ok(none(vm))
    }),
    var("index", 2, 4, index),
    fn3("insert", insert),
    fn2("pop", pop).opt(1),
    fn2("remove", |vm, a, v| {
        let at =
            index(vm, &[a, v]).map_err(|_| vm.value_error("array.remove(x): x not in array"))?;
        let at = to_i64(vm, at)? as usize;
        delete_range(vm, a, at, at + 1)?;
        Ok(none(vm))
    }),
    fn1("reverse", |vm, a| {
        let size = size_of_item(a);
        let reversed: Vec<u8> = data(a).chunks(size).rev().flatten().copied().collect();
        data_mut(a).copy_from_slice(&reversed);
        Ok(none(vm))
    }),
    fn1("__copy__", copy),
    fn2("__deepcopy__", |vm, a, _| copy(vm, a)),
    fn1("__len__", |vm, a| Ok(int(vm, length(a) as i64))),
    fn2("__contains__", |vm, a, v| {
        let mut i = 0;
        while i < length(a) {
            if holds(vm, CmpOp::Eq, array::get(vm, a, i), v)? {
                return Ok(boolean(vm, true));
            }
            i += 1;
        }
        Ok(boolean(vm, false))
    }),
    fn2("__getitem__", getitem),
    fn3("__setitem__", setitem),
    fn2("__delitem__", delitem),
    fn1("__iter__", |vm, a| {
        let it = native::new_of(vm, "arrayiterator");
        it.set(vm, WNative::R0, a);
        Ok(it)
    }),
    fn1("__repr__", show).keep_self(),
    fn2("__eq__", |vm, a, b| order(vm, CmpOp::Eq, a, b)),
    fn2("__ne__", |vm, a, b| order(vm, CmpOp::Ne, a, b)),
    fn2("__lt__", |vm, a, b| order(vm, CmpOp::Lt, a, b)),
    fn2("__le__", |vm, a, b| order(vm, CmpOp::Le, a, b)),
    fn2("__gt__", |vm, a, b| order(vm, CmpOp::Gt, a, b)),
    fn2("__ge__", |vm, a, b| order(vm, CmpOp::Ge, a, b)),
    fn2("__add__", |vm, a, b| {
        let Some(b) = cast(vm, b) else {
            return Err(vm.type_error(format_args!(
                "can only append array (not \"{}\") to array",
                type_name(vm, b)
            )));
        };
        let sum = copy(vm, a)?;
        extend(vm, sum, b)?;
        Ok(sum)
    }),
    fn2("__iadd__", |vm, this, b| {
        if cast(vm, b).is_none() {
            let got = type_name(vm, b);
            return Err(vm.type_error(format_args!("can only extend with array (not \"{got}\")")));
        }
        extend(vm, ouro_py_objects::payload::payload(this), b)?;
        Ok(this)
    })
    .keep_self(),
    fn2("__mul__", multiply),
    fn2("__rmul__", multiply),
    fn2("__imul__", |vm, this, n| {
        let a = ouro_py_objects::payload::payload(this);
        let n = to_i64(vm, n)?.max(0) as usize;
        let all = data(a).repeat(n);
        resize(vm, a, length(a) * n)?;
        data_mut(a).copy_from_slice(&all);
        Ok(this)
    })
    .keep_self(),
    fn2("__reduce_ex__", |vm, this, _| {
        let a = ouro_py_objects::payload::payload(this);
        let code = string(vm, &(typecode(a) as char).to_string());
        let args = tuple(vm, &[code, tolist(vm, a)?]);
        let attributes = ouro_py_objects::instance::existing_dict(vm, this).unwrap_or(none(vm));
        Ok(tuple(vm, &[type_of(vm, this).gc(), args, attributes]))
    })
    .keep_self(),
    fn2("__class_getitem__", super::collections::class_getitem).class_method(),
];
/// R0 the array, or NULL at the end, I0 the next item.
static ITERATOR: ClassSpec = ClassSpec::new("array", "arrayiterator", ITERATOR_METHODS).sealed();
static ITERATOR_METHODS: &[BuiltinDef] = &[
    native::ITER,
    fn1("__next__", |vm, it| {
        let (a, i) = (it.get(WNative::R0), it.get(WNative::I0) as usize);
        if a.is_null() || i >= length(a) {
            it.set(vm, WNative::R0, Gc::NULL);
            return Err(vm.stop_iteration(Gc::NULL));
        }
        it.set(vm, WNative::I0, i as i64 + 1);
        Ok(array::get(vm, a, i))
    }),
];
pub fn init(vm: &'static Vm, _module: Gc) -> PyResult<()> {
    native::define(vm, Gc::NULL, &ITERATOR)?;
    Ok(())
}

fn new(vm: &'static Vm, arguments: &[Gc], kw: &Kw) -> PyResult {
    args::no_keywords(vm, "array.array", kw)?;
    args::count(vm, "array", arguments.len() - 1, 1, 2)?;
    let code = ouro_py_objects::str::as_str(arguments[1]).and_then(ouro_py_objects::str::single);
    let Some(code) = code else {
        let got = type_name(vm, arguments[1]);
        return Err(vm.type_error(format_args!(
            "array() argument 1 must be a unicode character, not {got}"
        )));
    };
    let Some(code) = u8::try_from(code).ok().filter(|&c| item_size(c).is_some()) else {
        return Err(
            vm.value_error("bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)")
        );
    };
    let a = array::new(vm, code)?;
    if let Some(&initial) = arguments.get(2) {
        let is_text = ouro_py_objects::str::as_str(initial).is_some();
        if is_text && code != b'u' {
            return Err(vm.type_error(format_args!(
                "cannot use a str to initialize an array with typecode '{}'",
                code as char
            )));
        }
        let c = &vm.world().classes;
        if is_a(vm, initial, c.bytes) || is_a(vm, initial, c.bytearray) {
            frombytes(vm, a, initial)?;
        } else if cast(vm, initial).is_some_and(|other| typecode(other) == code) {
            extend(vm, a, initial)?;
        } else {
            // An array of another kind is converted item by item.
            extend_by_items(vm, a, initial)?;
        }
    }
    native::instance(vm, arguments[0], native::class_of(a), a)
}
fn extend(vm: &'static Vm, a: Gc, v: Gc) -> PyResult<()> {
    if let Some(other) = cast(vm, v) {
        if typecode(other) != typecode(a) {
            return Err(vm.type_error("can only extend with array of same kind"));
        }
        let more = data(other).to_vec();
        let n = length(a);
        resize(vm, a, n + more.len() / size_of_item(a))?;
        data_mut(a)[n * size_of_item(a)..].copy_from_slice(&more);
        return Ok(());
    }
    extend_by_items(vm, a, v)
}
fn extend_by_items(vm: &'static Vm, a: Gc, v: Gc) -> PyResult<()> {
    let it = iter(vm, v)?;
    while let Some(item) = next(vm, it)? {
        append(vm, a, item)?;
    }
    Ok(())
}
fn frombytes(vm: &'static Vm, a: Gc, v: Gc) -> PyResult {
    let more = to_bytes(vm, v)?;
    let size = size_of_item(a);
    if more.len() % size != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    let n = length(a);
    resize(vm, a, n + more.len() / size)?;
    data_mut(a)[n * size..].copy_from_slice(&more);
    Ok(none(vm))
}
fn tolist(vm: &'static Vm, a: Gc) -> PyResult {
    let all = list(vm, &[]);
    for i in 0..length(a) {
        list_append(vm, all, array::get(vm, a, i))?;
    }
    Ok(all)
}
fn copy(vm: &'static Vm, a: Gc) -> PyResult {
    from_data(vm, typecode(a), data(a).to_vec())
}
fn from_data(vm: &'static Vm, code: u8, items: Vec<u8>) -> PyResult {
    let n = items.len() / item_size(code).expect("the code of an array");
    let twin = array::new(vm, code)?;
    resize(vm, twin, n)?;
    data_mut(twin).copy_from_slice(&items);
    Ok(twin)
}
fn index(vm: &'static Vm, arguments: &[Gc]) -> PyResult {
    let a = arguments[0];
    let n = length(a) as i64;
    let bound = |i: usize, default: i64| -> PyResult<i64> {
        let Some(&v) = arguments.get(i) else {
            return Ok(default);
        };
        let v = ints::clipped(vm, v)?;
        Ok(if v < 0 { (v + n).max(0) } else { v.min(n) })
    };
    let (mut i, stop) = (bound(2, 0)?, bound(3, n)?);
    while i < stop && (i as usize) < length(a) {
        if holds(vm, CmpOp::Eq, array::get(vm, a, i as usize), arguments[1])? {
            return Ok(int(vm, i));
        }
        i += 1;
    }
    Err(vm.value_error("array.index(x): x not in array"))
}
fn insert(vm: &'static Vm, a: Gc, i: Gc, v: Gc) -> PyResult {
    let n = length(a) as i64;
    let i = ints::clipped(vm, i)?;
    let at = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
    append(vm, a, v)?;
    let size = size_of_item(a);
    data_mut(a)[at * size..].rotate_right(size);
    Ok(none(vm))
}
fn number(vm: &'static Vm, a: Gc, i: Gc, text: &str) -> PyResult<usize> {
    let i = match i.is::<WInt>() {
        true => i.get(WInt::VALUE),
        false => ints::to_size(vm, i, true)?,
    };
    let n = length(a) as i64;
    let at = if i < 0 { i + n } else { i };
    match (0..n).contains(&at) {
        true => Ok(at as usize),
        false => Err(vm.index_error(text)),
    }
}
fn pop(vm: &'static Vm, a: Gc, i: Gc) -> PyResult {
    if length(a) == 0 {
        return Err(vm.index_error("pop from empty array"));
    }
    let at = if i.is_null() {
        length(a) - 1
    } else {
        number(vm, a, i, "pop index out of range")?
    };
    let v = array::get(vm, a, at);
    delete_range(vm, a, at, at + 1)?;
    Ok(v)
}
fn delete_range(vm: &'static Vm, a: Gc, start: usize, stop: usize) -> PyResult<()> {
    let (n, size) = (length(a), size_of_item(a));
    if start < stop {
        array::check_size_may_change(vm, a)?;
    }
    data_mut(a).copy_within(stop * size.., start * size);
    resize(vm, a, n - (stop - start))
}
fn check_index(vm: &'static Vm, i: Gc) -> PyResult<()> {
    match i.is::<WInt>() || i.is::<WSlice>() || ints::has_index(vm, i) {
        true => Ok(()),
        false => Err(vm.type_error("array indices must be integers")),
    }
}
fn getitem(vm: &'static Vm, a: Gc, i: Gc) -> PyResult {
    if !i.is::<WSlice>() {
        check_index(vm, i)?;
        return number(vm, a, i, "array index out of range").map(|i| array::get(vm, a, i));
    }
    let (start, step, count) = slice_of(vm, a, i)?;
    let size = size_of_item(a);
    let mut out = Vec::with_capacity(count * size);
    for k in 0..count {
        let at = (start + k as i64 * step) as usize;
        out.extend_from_slice(&data(a)[at * size..(at + 1) * size]);
    }
    from_data(vm, typecode(a), out)
}
/// Start, step and number of items that a slice chooses.
fn slice_of(vm: &'static Vm, a: Gc, s: Gc) -> PyResult<(i64, i64, usize)> {
    let (start, _stop, step, count) = slice::indices(vm, s, length(a))?;
    Ok((start, step, count))
}
fn setitem(vm: &'static Vm, a: Gc, i: Gc, v: Gc) -> PyResult {
    if !i.is::<WSlice>() {
        check_index(vm, i)?;
        let i = number(vm, a, i, "array assignment index out of range")?;
        put_item(vm, a, i, v)?;
        return Ok(none(vm));
    }
    let Some(other) = cast(vm, v) else {
        let got = type_name(vm, v);
        return Err(vm.type_error(format_args!(
            "can only assign array (not \"{got}\") to array slice"
        )));
    };
    if typecode(other) != typecode(a) {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    let (start, step, count) = slice_of(vm, a, i)?;
    let size = size_of_item(a);
    let new = data(other).to_vec();
    if step == 1 {
        let mut all = data(a).to_vec();
        let at = start as usize * size;
        all.splice(at..at + count * size, new);
        resize(vm, a, all.len() / size)?;
        data_mut(a).copy_from_slice(&all);
        return Ok(none(vm));
    }
    if new.len() != count * size {
        return Err(vm.value_error(format_args!(
            "attempt to assign array of size {} to extended slice of size {count}",
            new.len() / size
        )));
    }
    for k in 0..count {
        let at = (start + k as i64 * step) as usize;
        data_mut(a)[at * size..(at + 1) * size].copy_from_slice(&new[k * size..(k + 1) * size]);
    }
    Ok(none(vm))
}
fn delitem(vm: &'static Vm, a: Gc, i: Gc) -> PyResult {
    if !i.is::<WSlice>() {
        check_index(vm, i)?;
        let i = number(vm, a, i, "array assignment index out of range")?;
        delete_range(vm, a, i, i + 1)?;
        return Ok(none(vm));
    }
    let (start, step, count) = slice_of(vm, a, i)?;
    let gone: std::collections::HashSet<usize> = (0..count)
        .map(|k| (start + k as i64 * step) as usize)
        .collect();
    let size = size_of_item(a);
    let kept: Vec<u8> = data(a)
        .chunks(size)
        .enumerate()
        .filter(|(n, _)| !gone.contains(n))
        .flat_map(|(_, b)| b.to_vec())
        .collect();
    resize(vm, a, kept.len() / size)?;
    data_mut(a).copy_from_slice(&kept);
    Ok(none(vm))
}
fn show(vm: &'static Vm, this: Gc) -> PyResult {
    let a = ouro_py_objects::payload::payload(this);
    let class = type_of(vm, this).text();
    let code = typecode(a) as char;
    if length(a) == 0 {
        return Ok(string(vm, &format!("{class}('{code}')")));
    }
    let shown = match code {
        'u' => {
            let text = call_method(vm, this, "tounicode", &[])?;
            repr(vm, text)?
        }
        _ => repr(vm, tolist(vm, a)?)?,
    };
    Ok(string(vm, &format!("{class}('{code}', {shown})")))
}
fn order(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    let Some(b) = cast(vm, b) else {
        return Ok(vm.world().not_implemented);
    };
    if length(a) != length(b) && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(boolean(vm, op == CmpOp::Ne));
    }
    for i in 0..length(a).min(length(b)) {
        let (x, y) = (array::get(vm, a, i), array::get(vm, b, i));
        if !holds(vm, CmpOp::Eq, x, y)? {
            return match op {
                CmpOp::Eq => Ok(boolean(vm, false)),
                CmpOp::Ne => Ok(boolean(vm, true)),
                _ => compare(vm, op, x, y),
            };
        }
    }
    Ok(boolean(vm, op.holds(length(a).cmp(&length(b)))))
}
fn multiply(vm: &'static Vm, a: Gc, n: Gc) -> PyResult {
    let n = to_i64(vm, n)?.max(0) as usize;
    from_data(vm, typecode(a), data(a).repeat(n))
}
