//! What `wait` says of a process that ended, and `system`.

use crate::args::bind;
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, kw};
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm};
use std::os::unix::process::ExitStatusExt;

fn status(vm: &'static Vm, v: Gc) -> PyResult<i32> {
    to_i64(vm, v).map(|v| v as i32)
}
macro_rules! part {
    ($name:literal, $f:expr, number) => {
        fn1($name, |vm, v| {
            let s = status(vm, v)?;
            let f: fn(i32) -> i32 = $f;
            Ok(int(vm, i64::from(f(s))))
        })
    };
    ($name:literal, $f:expr, truth) => {
        fn1($name, |vm, v| {
            let s = status(vm, v)?;
            let f: fn(i32) -> bool = $f;
            Ok(boolean(vm, f(s)))
        })
    };
}
/// The functions that `posix` takes over.
pub static FUNCTIONS: &[BuiltinDef] = &[
    part!("WEXITSTATUS", |s| libc::WEXITSTATUS(s), number),
    part!("WTERMSIG", |s| libc::WTERMSIG(s), number),
    part!("WSTOPSIG", |s| libc::WSTOPSIG(s), number),
    part!("WIFEXITED", |s| libc::WIFEXITED(s), truth),
    part!("WIFSIGNALED", |s| libc::WIFSIGNALED(s), truth),
    part!("WIFSTOPPED", |s| libc::WIFSTOPPED(s), truth),
    part!("WIFCONTINUED", |s| libc::WIFCONTINUED(s), truth),
    part!("WCOREDUMP", |s| libc::WCOREDUMP(s), truth),
    kw("waitstatus_to_exitcode", |vm, args, kw| {
        let [v] = bind(vm, "waitstatus_to_exitcode", ["status"], 1, args, kw)?;
        let s = status(vm, v)?;
        if libc::WIFEXITED(s) {
            return Ok(int(vm, i64::from(libc::WEXITSTATUS(s))));
        }
        if libc::WIFSIGNALED(s) {
            return Ok(int(vm, -i64::from(libc::WTERMSIG(s))));
        }
        Err(match libc::WIFSTOPPED(s) {
            true => {
                let signal = libc::WSTOPSIG(s);
                vm.value_error(format_args!(
                    "process stopped by delivery of signal {signal}"
                ))
            }
            false => vm.value_error(format_args!("invalid wait status: {s}")),
        })
    }),
    kw("system", |vm, args, kw| {
        let [command] = bind(vm, "system", ["command"], 1, args, kw)?;
        let command = super::path_bytes(vm, "system", command)?;
        let command = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&command);
        let ended = std::process::Command::new("/bin/sh")
            .arg("-c")
            .arg(command)
            .status();
        match ended {
            Ok(status) => Ok(int(vm, i64::from(status.into_raw()))),
            Err(e) => Err(io_error(vm, &e, None)),
        }
    }),
];
