//! `_posixsubprocess`: starting programs.

use super::system::{self, Spawn};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::var;
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm};
use std::ffi::CString;

static FUNCTIONS: &[BuiltinDef] = &[var("fork_exec", 23, 23, fork_exec)];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
fn text(vm: &'static Vm, v: Gc) -> PyResult<CString> {
    let content = super::path_bytes(vm, "fork_exec", v)?;
    CString::new(content).map_err(|_| vm.value_error("embedded null byte"))
}
fn texts(vm: &'static Vm, v: Gc) -> PyResult<Vec<CString>> {
    let items = collect(vm, v)?;
    items.iter().map(|v| text(vm, *v)).collect()
}
fn fork_exec(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let number = |n: usize| to_i64(vm, args[n]).map(|v| v as i32);
    let optional = |n: usize| (args[n] != none(vm)).then_some(args[n]);
    if optional(21).is_some() {
        return Err(vm.runtime_error("preexec_fn is not supported"));
    }
    for (n, what) in [(17, "group"), (18, "extra_groups"), (19, "user")] {
        if optional(n).is_some() {
            return Err(vm.value_error(format_args!("'{what}' is not supported")));
        }
    }
    let keep = collect(vm, args[3])?;
    let spawn = Spawn {
        args: texts(vm, args[0])?,
        files: texts(vm, args[1])?,
        close: truth(vm, args[2])?,
        keep: keep
            .iter()
            .map(|v| to_i64(vm, *v).map(|v| v as i32))
            .collect::<PyResult<_>>()?,
        folder: optional(4).map(|v| text(vm, v)).transpose()?,
        environment: optional(5).map(|v| texts(vm, v)).transpose()?,
        standard: [number(6)?, number(9)?, number(11)?],
        other_ends: [number(7)?, number(8)?, number(10)?],
        report: number(13)?,
        restore_signals: truth(vm, args[14])?,
        new_session: truth(vm, args[15])?,
        group: number(16)?,
        mask: number(20)?,
    };
    match system::fork_exec(&spawn) {
        Ok(pid) => Ok(int(vm, i64::from(pid))),
        Err(e) => Err(io_error(vm, &e, None)),
    }
}
