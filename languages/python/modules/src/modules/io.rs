//! `_io`: the standard streams, which exist before any Python code runs. Files, buffers and text wrappers are Python source
//! beside this file, over `posix`.
//!
//! A standard stream: `R0` what was written and not yet flushed (a byte store; its first `I0` bytes), `R1` name, `R2` mode,
//! `R3` the binary stream below it once somebody asked for it, `R4` bytes that were read and not yet given out. `I1`
//! descriptor, `I2` 1: flush at each newline, 2: flush at each write, `I3` 1: closed, 2: at the end of input.

use crate::args::bind;
use crate::modules::posix::system;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, getset, getter, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, GetSetDef, Kw, PyResult, Vm, access};

static STREAM: ClassSpec = ClassSpec::new("_io", "TextIOWrapper", METHODS)
    .getsets(GETSETS)
    .sealed()
    .weakref();
static METHODS: &[BuiltinDef] = &[
    fn2("write", write),
    fn1("flush", flush),
    fn2("writelines", |vm, s, lines| {
        let it = iter(vm, lines)?;
        while let Some(line) = next(vm, it)? {
            write(vm, s, line)?;
        }
        Ok(none(vm))
    }),
    fn2("read", read).opt(1),
    fn2("readline", readline).opt(1),
    fn2("readlines", |vm, s, _| {
        let all = list(vm, &[]);
        loop {
            let line = readline(vm, s, Gc::NULL)?;
            if line == vm.world().empty_str {
                return Ok(all);
            }
            list_append(vm, all, line)?;
        }
    })
    .opt(1),
    native::ITER,
    fn1("__next__", |vm, s| {
        let line = readline(vm, s, Gc::NULL)?;
        match line == vm.world().empty_str {
            true => Err(vm.stop_iteration(Gc::NULL)),
            false => Ok(line),
        }
    }),
    fn1("close", |vm, s| {
        flush(vm, s)?;
        s.set(vm, WNative::I3, 1);
        Ok(none(vm))
    }),
    fn1("fileno", |vm, s| Ok(int(vm, s.get(WNative::I1)))),
    fn1("isatty", |vm, s| {
        Ok(boolean(vm, system::is_terminal(s.get(WNative::I1) as i32)))
    }),
    fn1("readable", |vm, s| Ok(boolean(vm, s.get(WNative::I1) == 0))),
    fn1("writable", |vm, s| Ok(boolean(vm, s.get(WNative::I1) != 0))),
    fn1("seekable", |vm, s| {
        Ok(boolean(
            vm,
            system::seek(s.get(WNative::I1) as i32, 0, libc::SEEK_CUR).is_ok(),
        ))
    }),
    kw("reconfigure", reconfigure),
    fn1("__enter__", |_, s| Ok(s)),
    kw("__exit__", |vm, args, _| flush(vm, args[0])),
    fn1("__repr__", |vm, s| {
        let (name, mode) = (text_of(s.get(WNative::R1)), text_of(s.get(WNative::R2)));
        Ok(string(
            vm,
            &format!("<_io.TextIOWrapper name='{name}' mode='{mode}' encoding='utf-8'>"),
        ))
    }),
];
static GETSETS: &[GetSetDef] = &[
    getter("encoding", |vm, _| Ok(string(vm, "utf-8"))),
    getter("errors", |vm, s| {
        Ok(string(
            vm,
            if s.get(WNative::I1) == 2 {
                "backslashreplace"
            } else {
                "strict"
            },
        ))
    }),
    getter("newlines", |vm, _| Ok(none(vm))),
    getter("line_buffering", |vm, s| {
        Ok(boolean(vm, s.get(WNative::I2) == 1))
    }),
    getter("write_through", |vm, s| {
        Ok(boolean(vm, s.get(WNative::I2) == 2))
    }),
    getter("closed", |vm, s| Ok(boolean(vm, s.get(WNative::I3) == 1))),
    getter("name", |_, s| Ok(s.get(WNative::R1))),
    getset(
        "mode",
        |_, s| Ok(s.get(WNative::R2)),
        |vm, s, v| {
            s.set(vm, WNative::R2, v);
            Ok(())
        },
    ),
    getter("buffer", buffer),
];

/// The namespace of `_io` before its Python source runs.
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put(
        vm,
        module,
        "BlockingIOError",
        vm.world().classes.blocking_io_error.gc(),
    );
    put_ints(vm, module, &[("DEFAULT_BUFFER_SIZE", 8192)]);
    native::define(vm, module, &super::bytes_io::CLASS)?;
    put(
        vm,
        module,
        "_Stream",
        crate::state::state(vm).class("TextIOWrapper").gc(),
    );
    Ok(())
}
/// `sys.stdin`, `sys.stdout`, `sys.stderr`.
///
/// # Errors
/// What defining their class raises; none is expected.
pub fn standard_streams(vm: &'static Vm, unbuffered: bool) -> PyResult<(Gc, Gc, Gc)> {
    native::define(vm, Gc::NULL, &STREAM)?;
    let make = |fd: i32, name: &str, mode: &str| {
        let s = native::new_of(vm, "TextIOWrapper");
        s.set(vm, WNative::R0, access::alloc_var::<WByteStore>(vm, 8192));
        s.set(vm, WNative::R1, string(vm, name));
        s.set(vm, WNative::R2, string(vm, mode));
        s.set(vm, WNative::I1, i64::from(fd));
        let how = if unbuffered && fd != 0 {
            2
        } else {
            i64::from(fd == 2 || system::is_terminal(fd))
        };
        s.set(vm, WNative::I2, how);
        s
    };
    Ok((
        make(0, "<stdin>", "r"),
        make(1, "<stdout>", "w"),
        make(2, "<stderr>", "w"),
    ))
}
fn check_open(vm: &'static Vm, s: Gc) -> PyResult<()> {
    match s.get(WNative::I3) {
        1 => Err(vm.value_error("I/O operation on closed file.")),
        _ => Ok(()),
    }
}
fn unsupported(vm: &'static Vm, text: &str) -> Gc {
    let Ok(io) = crate::import::import_module(vm, "io") else {
        return vm.os_error(text);
    };
    match get_attr(vm, io, "UnsupportedOperation")
        .and_then(|class| call(vm, class, &[string(vm, text)]))
    {
        Ok(e) => e,
        Err(e) => e,
    }
}
fn write(vm: &'static Vm, s: Gc, text: Gc) -> PyResult {
    check_open(vm, s)?;
    if s.get(WNative::I1) == 0 {
        return Err(unsupported(vm, "not writable"));
    }
    let Some(text) = ouro_py_objects::str::as_str(text) else {
        return Err(vm.type_error(format_args!(
            "write() argument must be str, not {}",
            type_name(vm, text)
        )));
    };
    let count = ouro_py_objects::str::char_len(text) as i64;
    let data = ouro_py_objects::str::bytes(text);
    let newline = match ouro_py_objects::str::utf8(text) {
        Some(_) => append(vm, s, data)?,
        None => {
            // Lone surrogates cannot be written as UTF-8.
            let errors = if s.get(WNative::I1) == 2 {
                "backslashreplace"
            } else {
                "strict"
            };
            let encoded = crate::modules::codecs::encode(vm, text, "utf-8", errors)?;
            append(vm, s, &encoded)?
        }
    };
    match s.get(WNative::I2) {
        2 => flush(vm, s)?,
        1 if newline => flush(vm, s)?,
        _ => none(vm),
    };
    Ok(int(vm, count))
}
/// Puts bytes into the buffer; whether there was a newline.
fn append(vm: &'static Vm, s: Gc, data: &[u8]) -> PyResult<bool> {
    let newline = data.contains(&b'\n');
    let store = s.get(WNative::R0);
    let used = s.get(WNative::I0) as usize;
    let room = store.items_len::<WByteStore>() - used;
    if data.len() <= room {
        store.items_mut(&BYTE_STORE)[used..used + data.len()].copy_from_slice(data);
        s.set(vm, WNative::I0, (used + data.len()) as i64);
        return Ok(newline);
    }
    // Copied first: flushing may run guest code, and the text could move.
    let data = data.to_vec();
    flush(vm, s)?;
    if data.len() > store.items_len::<WByteStore>() {
        write_all(vm, s.get(WNative::I1) as i32, &data)?;
    } else {
        append(vm, s, &data)?;
    }
    Ok(newline)
}
fn write_all(vm: &'static Vm, fd: i32, mut data: &[u8]) -> PyResult<()> {
    while !data.is_empty() {
        match system::write(fd, data) {
            Ok(n) => data = &data[n..],
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => attend(vm)?,
            Err(e) => return Err(io_error(vm, &e, None)),
        }
    }
    Ok(())
}
/// A signal interrupted a system call: its handler runs now.
fn attend(vm: &'static Vm) -> PyResult<()> {
    ouro_py_objects::attention::run(vm, ouro_gc::Attention::NONE)
}
fn flush(vm: &'static Vm, s: Gc) -> PyResult {
    let used = s.get(WNative::I0) as usize;
    if used > 0 {
        let data = s.get(WNative::R0).items(&BYTE_STORE)[..used].to_vec();
        // What cannot be written is dropped: the error is reported once.
        s.set(vm, WNative::I0, 0);
        write_all(vm, s.get(WNative::I1) as i32, &data)?;
    }
    Ok(none(vm))
}
/// The bytes that were read and not given out.
fn pending(s: Gc) -> Vec<u8> {
    let p = s.get(WNative::R4);
    if p.is_null() {
        Vec::new()
    } else {
        p.items(&BYTES).to_vec()
    }
}
fn check_readable(vm: &'static Vm, s: Gc) -> PyResult<()> {
    check_open(vm, s)?;
    match s.get(WNative::I1) {
        0 => Ok(()),
        _ => Err(unsupported(vm, "not readable")),
    }
}
/// Reads until `enough` says how many bytes are wanted, or the input ends; the rest stays pending.
fn fill(vm: &'static Vm, s: Gc, enough: impl Fn(&[u8]) -> Option<usize>) -> PyResult {
    check_readable(vm, s)?;
    let mut data = pending(s);
    let end = loop {
        if let Some(n) = enough(&data) {
            break n;
        }
        match system::read(s.get(WNative::I1) as i32, 8192) {
            Ok(more) if more.is_empty() => break data.len(),
            Ok(more) => data.extend_from_slice(&more),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => attend(vm)?,
            Err(e) => return Err(io_error(vm, &e, None)),
        }
    };
    let rest = data.split_off(end);
    s.set(vm, WNative::R4, bytes(vm, &rest));
    let text = String::from_utf8_lossy(&data);
    Ok(match text.contains('\r') {
        true => string(vm, &text.replace("\r\n", "\n").replace('\r', "\n")),
        false => string(vm, &text),
    })
}
fn limit_of(vm: &'static Vm, size: Gc) -> PyResult<Option<usize>> {
    if absent(vm, size) {
        return Ok(None);
    }
    Ok(usize::try_from(to_i64(vm, size)?).ok())
}
/// Number of bytes of the first `chars` characters, if they are all there.
fn bytes_of(data: &[u8], chars: usize) -> Option<usize> {
    let starts = data
        .iter()
        .enumerate()
        .filter(|(_, b)| *b & 0xc0 != 0x80)
        .map(|(i, _)| i);
    starts
        .chain([data.len()])
        .nth(chars)
        .filter(|_| data.len() >= chars)
}
fn read(vm: &'static Vm, s: Gc, size: Gc) -> PyResult {
    let limit = limit_of(vm, size)?;
    fill(vm, s, |data| match limit {
        Some(n) => bytes_of(data, n)
            .filter(|_| data.iter().filter(|b| *b & 0xc0 != 0x80).count() > n || n == 0),
        None => None,
    })
}
fn readline(vm: &'static Vm, s: Gc, size: Gc) -> PyResult {
    let limit = limit_of(vm, size)?;
    if s.get(WNative::I1) == 0
        && let Some(out) = dict_get_str(vm, vm.world().sys.get(), "stdout")
        && let Some(out) = native::cast(vm, out, "TextIOWrapper")
    {
        // A prompt is to be seen before the answer is waited for.
        flush(vm, out)?;
    }
    fill(vm, s, |data| {
        let line = memchr_newline(data);
        let most = limit.and_then(|n| bytes_of(data, n));
        match (line, most) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    })
}
fn memchr_newline(data: &[u8]) -> Option<usize> {
    data.iter().position(|&b| b == b'\n').map(|i| i + 1)
}
fn reconfigure(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let names = [
        "*encoding",
        "*errors",
        "*newline",
        "*line_buffering",
        "*write_through",
    ];
    let [_encoding, _errors, _newline, line, through] =
        bind(vm, "reconfigure", names, 0, &args[1..], keywords)?;
    let s = args[0];
    flush(vm, s)?;
    for (value, how) in [(line, 1), (through, 2)] {
        if !absent(vm, value) {
            let on = truth(vm, value)?;
            let now = s.get(WNative::I2);
            s.set(
                vm,
                WNative::I2,
                if on {
                    how
                } else if now == how {
                    0
                } else {
                    now
                },
            );
        }
    }
    Ok(none(vm))
}
/// The binary stream below: made when asked for, unbuffered towards this one.
fn buffer(vm: &'static Vm, s: Gc) -> PyResult {
    let known = s.get(WNative::R3);
    if !known.is_null() {
        return Ok(known);
    }
    let io = crate::import::import_module(vm, "_io")?;
    let made = call_method(vm, io, "_binary_of_stream", &[s])?;
    s.set(vm, WNative::R3, made);
    Ok(made)
}
