//! The memory of `io.BytesIO`: a base class of the class in `applevel/_io.py` that holds the bytes and the position.
//!
//! `R0` the bytes, a bytearray, so that views keep it from being resized; `I0` the position, which may be behind the end;
//! `I1` 1: closed.

use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{Inline, Quiet, fn1, fn2, getter, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BuiltinDef, Errors, GetSetDef, PyResult, Vm, bytearray, bytes as byte_strings,
    int as ints, memoryview,
};

/// The name of this class, and of the Python class made of it.
pub const NAME: &str = "BytesIO";
pub static CLASS: ClassSpec = ClassSpec::new("_io", NAME, METHODS).getsets(GETSETS);
static METHODS: &[BuiltinDef] = &[
    kw("__new__", |vm, args, _| {
        let memory = native::new_of(vm, NAME);
        memory.set(vm, WNative::R0, bytearray::try_new(vm, &[])?);
        native::instance(vm, args[0], native::class_of(memory), memory)
    })
    .static_method(),
    kw("__init__", |vm, args, kw| {
        let [initial] = bind(vm, "BytesIO", ["initial_bytes"], 0, &args[1..], kw)?;
        let this = args[0];
        bytearray::resize(vm, this.get(WNative::R0), 0)?;
        this.set(vm, WNative::I0, 0);
        this.set(vm, WNative::I1, 0);
        if !initial.is_null() && !is(initial, none(vm)) {
            write_at(vm, this, 0, initial)?;
        }
        Ok(none(vm))
    }),
    fn2("write", |vm, this, data| {
        open(vm, this)?;
        let at = this.get(WNative::I0) as usize;
        let n = write_at(vm, this, at, data)?;
        if n > 0 {
            this.set(vm, WNative::I0, (at + n) as i64);
        }
        Ok(int(vm, n as i64))
    })
    .quiet(Quiet::InNative),
    fn1("getvalue", |vm, this| Ok(bytes(vm, open(vm, this)?))).quiet(Quiet::InNative),
    fn1("getbuffer", |vm, this| {
        open(vm, this)?;
        memoryview::of(vm, this.get(WNative::R0))
    }),
    fn2("read", read).opt(1).quiet(Quiet::InNative),
    fn2("read1", read).opt(1).quiet(Quiet::InNative),
    fn2("readline", readline).opt(1).quiet(Quiet::InNative),
    var("seek", 2, 3, seek).quiet(Quiet::InNative),
    fn1("tell", |vm, this| {
        open(vm, this)?;
        Ok(int(vm, this.get(WNative::I0)))
    })
    .quiet(Quiet::InNative)
    .inline(Inline::NativePosition),
    fn2("truncate", truncate).opt(1),
    fn1("close", |vm, this| {
        bytearray::resize(vm, this.get(WNative::R0), 0)?;
        this.set(vm, WNative::I1, 1);
        Ok(none(vm))
    }),
    fn1("flush", yes_if_open_none),
    fn1("readable", yes_if_open),
    fn1("writable", yes_if_open),
    fn1("seekable", yes_if_open),
];
static GETSETS: &[GetSetDef] = &[getter("closed", |vm, this| {
    Ok(boolean(vm, this.get(WNative::I1) != 0))
})];

fn yes_if_open(vm: &'static Vm, this: Gc) -> PyResult {
    open(vm, this).map(|_| boolean(vm, true))
}
fn yes_if_open_none(vm: &'static Vm, this: Gc) -> PyResult {
    open(vm, this).map(|_| none(vm))
}
/// The bytes. Not to be kept over an allocation.
fn open<'a>(vm: &'static Vm, this: Gc) -> PyResult<&'a [u8]> {
    match this.get(WNative::I1) {
        0 => Ok(bytearray::content(this.get(WNative::R0))),
        _ => Err(vm.value_error("I/O operation on closed file.")),
    }
}
/// Puts the bytes of `data` at `at`, with zeros before them if that is behind the end; their number.
fn write_at(vm: &'static Vm, this: Gc, at: usize, data: Gc) -> PyResult<usize> {
    if let Some(direct) = byte_strings::content(data).filter(|_| !data.is::<WMemoryView>()) {
        let n = direct.len();
        reserve(vm, this, at, n)?;
        // The room was made by an allocation: the bytes are looked up again.
        let from = byte_strings::content(data).expect("it has bytes");
        if !is(data, this.get(WNative::R0)) {
            bytearray::content_mut(this.get(WNative::R0))[at..at + n].copy_from_slice(from);
        }
        return Ok(n);
    }
    if data.is::<WMemoryView>() && memoryview::content(data).is_none() {
        // A view that was released tells so; another has gaps.
        byte_strings::require(vm, data)?;
        return Err(vm.buffer_error("memoryview: underlying buffer is not C-contiguous"));
    }
    let copy = byte_strings::require(vm, data)?;
    reserve(vm, this, at, copy.len())?;
    if !copy.is_empty() {
        bytearray::content_mut(this.get(WNative::R0))[at..at + copy.len()].copy_from_slice(&copy);
    }
    Ok(copy.len())
}
/// Sees that there are `n` bytes from `at` on. Nothing is made longer for nothing.
fn reserve(vm: &'static Vm, this: Gc, at: usize, n: usize) -> PyResult<()> {
    let store = this.get(WNative::R0);
    match at.checked_add(n).filter(|&end| end <= i64::MAX as usize) {
        None => Err(vm.overflow_error("new position too large")),
        Some(end) if n > 0 && end > bytearray::len(store) => bytearray::resize(vm, store, end),
        Some(_) => Ok(()),
    }
}
/// A number of bytes; None stands for all.
fn size_of(vm: &'static Vm, size: Gc) -> PyResult<Option<usize>> {
    if size.is_null() || is(size, none(vm)) {
        return Ok(None);
    }
    if !ints::has_index(vm, size) {
        return Err(vm.type_error(format_args!(
            "argument should be integer or None, not '{}'",
            type_name(vm, size)
        )));
    }
    Ok(usize::try_from(to_i64(vm, size)?).ok())
}
/// Gives out what ends at `stop(rest)` and goes there.
fn take(vm: &'static Vm, this: Gc, stop: impl FnOnce(&[u8]) -> usize) -> PyResult {
    let all = open(vm, this)?;
    let at = this.get(WNative::I0) as usize;
    let rest = all.get(at..).unwrap_or_default();
    let n = stop(rest);
    this.set(vm, WNative::I0, (at + n) as i64);
    byte_strings::build(vm, n, |out| {
        // The object was allocated in between: the bytes are looked up again.
        if n > 0 {
            out.copy_from_slice(&bytearray::content(this.get(WNative::R0))[at..at + n]);
        }
    })
}
fn read(vm: &'static Vm, this: Gc, size: Gc) -> PyResult {
    open(vm, this)?;
    let size = size_of(vm, size)?;
    take(vm, this, |rest| {
        size.map_or(rest.len(), |n| n.min(rest.len()))
    })
}
fn readline(vm: &'static Vm, this: Gc, size: Gc) -> PyResult {
    open(vm, this)?;
    let size = size_of(vm, size)?;
    take(vm, this, |rest| {
        let rest = &rest[..size.map_or(rest.len(), |n| n.min(rest.len()))];
        let newline = rest.iter().position(|&b| b == b'\n');
        newline.map_or(rest.len(), |n| n + 1)
    })
}
fn seek(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let this = args[0];
    let len = open(vm, this)?.len() as i64;
    let (to, whence) = (to_i64(vm, args[1])?, args.get(2));
    let whence = whence.map_or(Ok(0), |&w| to_i64(vm, w))?;
    let from = match whence {
        0 if to < 0 => return Err(vm.value_error(format_args!("negative seek value {to}"))),
        0 => 0,
        1 => this.get(WNative::I0),
        2 => len,
        _ => {
            return Err(vm.value_error(format_args!(
                "invalid whence ({whence}, should be 0, 1 or 2)"
            )));
        }
    };
    let Some(to) = from.checked_add(to) else {
        return Err(vm.overflow_error("new position too large"));
    };
    this.set(vm, WNative::I0, to.max(0));
    Ok(int(vm, to.max(0)))
}
fn truncate(vm: &'static Vm, this: Gc, size: Gc) -> PyResult {
    let len = open(vm, this)?.len();
    let size = match size.is_null() || is(size, none(vm)) {
        true => this.get(WNative::I0),
        false => {
            // What is no int is told as for the other methods.
            size_of(vm, size)?;
            to_i64(vm, size)?
        }
    };
    if size < 0 {
        return Err(vm.value_error(format_args!("negative size value {size}")));
    }
    if (size as usize) < len {
        bytearray::resize(vm, this.get(WNative::R0), size as usize)?;
    }
    Ok(int(vm, size))
}
