//! `posix`: files, folders, processes, environment. The system calls themselves are in [`system`].

pub mod files;
pub mod select;
pub mod spawn;
pub mod status;
pub mod system;

use crate::rt::*;
use crate::structseq::{self, StructSeq};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2, kw};
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Temps, Vm};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

static UNAME: StructSeq = StructSeq {
    module: "posix",
    name: "uname_result",
    fields: &["sysname", "nodename", "release", "version", "machine"],
    visible: 5,
    callable: true,
};
static TERMINAL_SIZE: StructSeq = StructSeq {
    module: "os",
    name: "terminal_size",
    fields: &["columns", "lines"],
    visible: 2,
    callable: true,
};
static TIMES: StructSeq = StructSeq {
    module: "posix",
    name: "times_result",
    fields: &[
        "user",
        "system",
        "children_user",
        "children_system",
        "elapsed",
    ],
    visible: 5,
    callable: true,
};

static FUNCTIONS: &[BuiltinDef] = &[
    fn0("getpid", |vm| Ok(int(vm, i64::from(std::process::id())))),
    fn0("getppid", |vm| Ok(int(vm, i64::from(system::parent())))),
    fn0("getuid", |vm| Ok(int(vm, i64::from(system::ids()[0])))),
    fn0("geteuid", |vm| Ok(int(vm, i64::from(system::ids()[1])))),
    fn0("getgid", |vm| Ok(int(vm, i64::from(system::ids()[2])))),
    fn0("getegid", |vm| Ok(int(vm, i64::from(system::ids()[3])))),
    fn1("urandom", urandom),
    kw("_exit", |vm, args, kw| {
        let [status] = crate::args::bind(vm, "_exit", ["status"], 1, args, kw)?;
        system::exit_now(to_i64(vm, status)? as i32)
    }),
    fn1("strerror", |vm, n| {
        Ok(string(vm, &system::error_text(to_i64(vm, n)? as i32)))
    }),
    fn1("umask", |vm, n| {
        Ok(int(vm, i64::from(system::umask(to_i64(vm, n)? as u32))))
    }),
    fn2("kill", |vm, pid, signal| {
        let (pid, signal) = (to_i64(vm, pid)? as i32, to_i64(vm, signal)? as i32);
        system::kill(pid, signal).map_err(|e| io_error(vm, &e, None))?;
        Ok(none(vm))
    }),
    fn2("waitpid", |vm, pid, options| {
        let (pid, options) = (to_i64(vm, pid)? as i32, to_i64(vm, options)? as i32);
        let (pid, status) = system::wait(pid, options).map_err(|e| io_error(vm, &e, None))?;
        Ok(tuple(
            vm,
            &[int(vm, i64::from(pid)), int(vm, i64::from(status))],
        ))
    }),
    fn0("abort", |_| std::process::abort()),
    fn0("cpu_count", |vm| {
        match std::thread::available_parallelism() {
            Ok(n) => Ok(int(vm, n.get() as i64)),
            Err(_) => Ok(none(vm)),
        }
    }),
    fn0("uname", uname),
    fn0("times", times),
    fn1("get_terminal_size", terminal_size).opt(0),
    fn2("putenv", putenv),
    fn1("unsetenv", unsetenv),
    fn1("fspath", fspath),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put_functions(vm, module, status::FUNCTIONS);
    files::init(vm, module)?;
    let environment = dict(vm);
    for (key, value) in std::env::vars_os() {
        dict_set(
            vm,
            environment,
            bytes(vm, key.as_bytes()),
            bytes(vm, value.as_bytes()),
        )?;
    }
    put(vm, module, "environ", environment);
    put(vm, module, "error", vm.world().classes.os_error.gc());
    for seq in [&UNAME, &TERMINAL_SIZE, &TIMES] {
        let class = structseq::define(vm, seq);
        put(vm, module, seq.name, class.gc());
    }
    let mut have = Temps::new(vm);
    ["HAVE_FSTAT", "HAVE_LSTAT"]
        .iter()
        .for_each(|h| have.push(string(vm, h)));
    put(vm, module, "_have_functions", list(vm, &have));
    put_ints(
        vm,
        module,
        &[
            ("WNOHANG", libc::WNOHANG as i64),
            ("EX_OK", 0),
            ("EX_USAGE", 64),
            ("EX_SOFTWARE", 70),
            ("EX_IOERR", 74),
            ("P_PID", 1),
            ("P_ALL", 0),
            ("NGROUPS_MAX", 65536),
            ("TMP_MAX", 238_328),
            ("PRIO_PROCESS", 0),
            ("SCHED_OTHER", 0),
        ],
    );
    Ok(())
}
/// The bytes of a path argument: str, bytes, or an object with `__fspath__`.
///
/// # Errors
/// TypeError, ValueError (null byte).
pub fn path_bytes(vm: &'static Vm, function: &str, v: Gc) -> PyResult<Vec<u8>> {
    let path = fspath_of(vm, function, v)?;
    let path = match ouro_py_objects::str::as_str(path) {
        Some(s) => encode_path(s),
        None => to_bytes(vm, path)?,
    };
    match path.contains(&0) {
        true => Err(vm.value_error("embedded null byte")),
        false => Ok(path),
    }
}
/// A str as the file system sees it: surrogates that stand for undecodable bytes become these bytes.
pub fn encode_path(s: Gc) -> Vec<u8> {
    let mut out = Vec::new();
    for c in ouro_py_objects::str::code_points(s) {
        match c {
            0xdc80..=0xdcff => out.push((c - 0xdc00) as u8),
            c => ouro_py_objects::str::push_code_point(&mut out, c),
        }
    }
    out
}
/// Bytes from the file system as a str; undecodable bytes become surrogates.
pub fn decode_path(vm: &'static Vm, path: &[u8]) -> Gc {
    let mut out = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        chunk
            .invalid()
            .iter()
            .for_each(|&b| ouro_py_objects::str::push_code_point(&mut out, 0xdc00 + u32::from(b)));
    }
    ouro_py_objects::str::from_wtf8(vm, &out)
}
fn fspath_of(vm: &'static Vm, function: &str, v: Gc) -> PyResult {
    let ok =
        |v: Gc| ouro_py_objects::str::as_str(v).is_some() || is_a(vm, v, vm.world().classes.bytes);
    if ok(v) {
        return Ok(v);
    }
    let class = ouro_py_objects::type_of(vm, v);
    if class
        .special(vm, ouro_py_objects::Special::Fspath)
        .is_null()
    {
        let wanted = if function == "fspath" {
            "expected str, bytes or os.PathLike object, not".to_owned()
        } else {
            format!("{function}: path should be string, bytes or os.PathLike, not")
        };
        return Err(vm.type_error(format_args!("{wanted} {}", class.text())));
    }
    let path = call_method(vm, v, "__fspath__", &[])?;
    match ok(path) {
        true => Ok(path),
        false => Err(vm.type_error(format_args!(
            "expected {}.__fspath__() to return str or bytes, not {}",
            class.text(),
            type_name(vm, path)
        ))),
    }
}
fn fspath(vm: &'static Vm, v: Gc) -> PyResult {
    fspath_of(vm, "fspath", v)
}
fn urandom(vm: &'static Vm, n: Gc) -> PyResult {
    let n = to_i64(vm, n)?;
    if n < 0 {
        return Err(vm.value_error("negative argument not allowed"));
    }
    let data = system::random_bytes(n as usize).map_err(|e| io_error(vm, &e, None))?;
    Ok(bytes(vm, &data))
}
fn uname(vm: &'static Vm) -> PyResult {
    let texts = system::uname().map_err(|e| io_error(vm, &e, None))?;
    structseq::make(vm, &UNAME, &texts.map(|t| string(vm, &t)))
}
fn times(vm: &'static Vm) -> PyResult {
    let clock = |id| {
        system::clock(id)
            .map(|n| n as f64 / 1e9)
            .map_err(|e| io_error(vm, &e, None))
    };
    let (cpu, wall) = (
        clock(libc::CLOCK_PROCESS_CPUTIME_ID)?,
        clock(libc::CLOCK_MONOTONIC)?,
    );
    structseq::make(
        vm,
        &TIMES,
        &[
            float(vm, cpu),
            float(vm, 0.0),
            float(vm, 0.0),
            float(vm, 0.0),
            float(vm, wall),
        ],
    )
}
fn terminal_size(vm: &'static Vm, fd: Gc) -> PyResult {
    let fd = if fd.is_null() {
        1
    } else {
        to_i64(vm, fd)? as i32
    };
    let (columns, lines) = system::terminal_size(fd).map_err(|e| io_error(vm, &e, None))?;
    structseq::make(
        vm,
        &TERMINAL_SIZE,
        &[int(vm, i64::from(columns)), int(vm, i64::from(lines))],
    )
}
fn putenv(vm: &'static Vm, key: Gc, value: Gc) -> PyResult {
    let (key, value) = (
        path_bytes(vm, "putenv", key)?,
        path_bytes(vm, "putenv", value)?,
    );
    if key.is_empty() || key.contains(&b'=') {
        return Err(vm.value_error("illegal environment variable name"));
    }
    system::set_variable(OsStr::from_bytes(&key), Some(OsStr::from_bytes(&value)));
    Ok(none(vm))
}
fn unsetenv(vm: &'static Vm, key: Gc) -> PyResult {
    let key = path_bytes(vm, "unsetenv", key)?;
    if key.is_empty() || key.contains(&b'=') {
        return Err(os_error(vm, libc::EINVAL, None));
    }
    system::set_variable(OsStr::from_bytes(&key), None);
    Ok(none(vm))
}
