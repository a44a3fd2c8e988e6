//! `select`: waiting for descriptors.

use super::system;
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::var;
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Temps, Vm};
use std::time::{Duration, Instant};

static FUNCTIONS: &[BuiltinDef] = &[var("select", 3, 4, select)];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put(vm, module, "error", vm.world().classes.os_error.gc());
    put_ints(vm, module, &[("PIPE_BUF", libc::PIPE_BUF as i64)]);
    Ok(())
}
/// The descriptor that an object stands for.
fn descriptor(vm: &'static Vm, v: Gc) -> PyResult<i32> {
    if ouro_py_objects::int::is_int(v) {
        return Ok(to_i64(vm, v)? as i32);
    }
    let Some(f) = find_attr(vm, v, "fileno")? else {
        return Err(vm.type_error("argument must be an int, or have a fileno() method."));
    };
    let fd = call(vm, f, &[])?;
    if !ouro_py_objects::int::is_int(fd) {
        return Err(vm.type_error("fileno() returned a non-integer"));
    }
    let fd = to_i64(vm, fd)?;
    match i32::try_from(fd) {
        Ok(fd) if fd >= 0 => Ok(fd),
        _ => Err(vm.value_error(format_args!(
            "file descriptor cannot be a negative integer ({fd})"
        ))),
    }
}
fn select(vm: &'static Vm, args: &[Gc]) -> PyResult {
    const EVENTS: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    // Errors and closed ends make a descriptor readable and writable, as `select` has it.
    const READY: [i16; 3] = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let deadline = match args.get(3).filter(|&&t| t != none(vm)) {
        None => None,
        Some(&t) => {
            let seconds = to_f64(vm, t)?;
            if seconds.is_nan() || seconds < 0.0 {
                return Err(vm.value_error("timeout must be non-negative"));
            }
            Some(Instant::now() + Duration::from_secs_f64(seconds.min(1e9)))
        }
    };
    let mut lists = Vec::new();
    let mut fds = Vec::new();
    for (n, events) in EVENTS.into_iter().enumerate() {
        let objects = collect(vm, args[n])?;
        for &object in objects.iter() {
            let fd = descriptor(vm, object)?;
            fds.push(libc::pollfd {
                fd,
                events,
                revents: 0,
            });
        }
        lists.push(objects);
    }
    loop {
        let milliseconds = deadline.map_or(-1, |deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            left.as_nanos().div_ceil(1_000_000).min(i32::MAX as u128) as i32
        });
        match system::poll(&mut fds, milliseconds) {
            Ok(_) => break,
            // A signal: its handler runs, then the rest of the time is waited for.
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {
                ouro_py_objects::attention::run(vm, ouro_gc::Attention::NONE)?;
            }
            Err(e) => return Err(io_error(vm, &e, None)),
        }
    }
    if fds.iter().any(|f| f.revents & libc::POLLNVAL != 0) {
        return Err(os_error(vm, libc::EBADF, None));
    }
    let mut fds = fds.into_iter();
    let mut out = Temps::new(vm);
    for (objects, ready) in lists.iter().zip(READY) {
        let mut found = Temps::new(vm);
        for &object in objects.iter() {
            if fds.next().is_some_and(|f| f.revents & ready != 0) {
                found.push(object);
            }
        }
        out.push(list(vm, &found));
    }
    Ok(tuple(vm, &out))
}
