//! `print` and `input`.

use crate::access::Access;
use crate::builtin::Kw;
use crate::layout::*;
use crate::{Errors, PyResult, Vm, operator, type_of};
use ouro_gc::Gc;
use std::io::{IsTerminal, Write};

/// An attribute of module `sys`, None if it is missing. Before there is a `sys`, everything is missing.
fn sys_attribute(vm: &'static Vm, name: Gc) -> PyResult<Option<Gc>> {
    match vm.world().sys.get() {
        sys if sys.is_null() => Ok(None),
        sys => crate::dict::get_str(vm, sys, name),
    }
}
/// A separator argument: NULL for the default.
fn separator(vm: &'static Vm, v: Gc, name: &str) -> PyResult {
    if v.is_null() || v == vm.world().none {
        return Ok(Gc::NULL);
    }
    crate::str::as_str(v).ok_or_else(|| {
        let got = type_of(vm, v).text();
        vm.type_error(format_args!("{name} must be None or a string, not {got}"))
    })
}
fn separator_bytes<'a>(v: Gc, default: &'a [u8]) -> &'a [u8] {
    if v.is_null() {
        default
    } else {
        crate::str::bytes(v)
    }
}
/// `print(*args, sep=' ', end='\n', file=None, flush=False)`. Standard output gets the line in one piece.
///
/// # Errors
/// What `__str__` and the file raise.
pub fn print(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let none = vm.world().none;
    let [sep, end, file, flush] = match kw.is_empty() {
        true => [Gc::NULL; 4],
        false => crate::call::parse(vm, "print", &[], kw, ["sep", "end", "file", "flush"], 0, 0)?,
    };
    let given_file = !file.is_null() && file != none;
    let file = match given_file {
        true => file,
        false if vm.world().sys.get().is_null() => Gc::NULL,
        false => match sys_attribute(vm, vm.world().names.stdout)? {
            Some(f) if f == none => return Ok(none),
            Some(f) => f,
            None => return Err(vm.runtime_error("lost sys.stdout")),
        },
    };
    let (sep, end) = (separator(vm, sep, "sep")?, separator(vm, end, "end")?);
    let mut out = Vec::new();
    let mut failed = None;
    for (i, &arg) in args.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(separator_bytes(sep, b" "));
        }
        if arg.is::<WInt>() {
            out.extend_from_slice(arg.get(WInt::VALUE).to_string().as_bytes());
            continue;
        }
        match operator::str_of(vm, arg) {
            Ok(text) => out.extend_from_slice(crate::str::bytes(crate::payload(text))),
            Err(e) => {
                failed = Some(e);
                break;
            }
        }
        if given_file {
            write(vm, file, &out)?;
            out.clear();
        }
    }
    if failed.is_none() {
        out.extend_from_slice(separator_bytes(end, b"\n"));
    }
    if !out.is_empty() {
        write(vm, file, &out)?;
    }
    if let Some(e) = failed {
        return Err(e);
    }
    if !flush.is_null() && operator::truth(vm, flush)? && !file.is_null() {
        crate::call::call_method(vm, file, vm.world().names.flush, &[])?;
    }
    Ok(none)
}
/// Writes to a file object; NULL is the standard output of the process.
fn write(vm: &'static Vm, file: Gc, text: &[u8]) -> PyResult<()> {
    if file.is_null() {
        let result = std::io::stdout().lock().write_all(text);
        return result.map_err(|e| {
            crate::error::os_error_from(vm, e.raw_os_error().unwrap_or(libc::EIO), None)
        });
    }
    let text = crate::str::from_wtf8(vm, text);
    crate::call::call_method(vm, file, vm.world().names.write, &[text]).map(drop)
}
/// `input(prompt='')`
///
/// # Errors
/// EOFError, what the streams raise.
pub fn input(vm: &'static Vm, prompt: Gc) -> PyResult {
    let names = &vm.world().names;
    let lost = |name: &str| vm.runtime_error(format_args!("input(): lost sys.{name}"));
    let given = |v: &Gc| *v != vm.world().none;
    let stdin = sys_attribute(vm, names.stdin)?
        .filter(given)
        .ok_or_else(|| lost("stdin"))?;
    let stdout = sys_attribute(vm, names.stdout)?
        .filter(given)
        .ok_or_else(|| lost("stdout"))?;
    if let Some(hook) = vm.world().callouts.input.get()
        && std::io::stdin().is_terminal()
        && std::io::stdout().is_terminal()
    {
        return hook(
            vm,
            if prompt.is_null() {
                vm.world().empty_str
            } else {
                prompt
            },
        );
    }
    if !prompt.is_null() {
        let text = operator::str_of(vm, prompt)?;
        crate::call::call_method(vm, stdout, names.write, &[text])?;
    }
    crate::call::call_method(vm, stdout, names.flush, &[])?;
    let line = crate::call::call_method(vm, stdin, names.readline, &[])?;
    let Some(line) = crate::str::as_str(line) else {
        let got = type_of(vm, line).text();
        return Err(vm.type_error(format_args!(
            "object.readline() returned non-string (type {got})"
        )));
    };
    match crate::str::bytes(line) {
        [] => Err(vm.eof_error("EOF when reading a line")),
        [rest @ .., b'\n'] => Ok(crate::str::from_wtf8(vm, rest)),
        _ => Ok(line),
    }
}
