//! Arguments of functions written in Rust, with CPython's messages.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::{Errors, Kw, PyResult, Vm};

/// Distributes positional and keyword arguments over `N` parameters; the first `required` must be there. Missing ones
/// are NULL. Parameters whose name begins with `*` are keyword-only (the star is not part of the name).
///
/// # Errors
/// TypeError.
pub fn bind<const N: usize>(
    vm: &'static Vm,
    function: &str,
    names: [&str; N],
    required: usize,
    args: &[Gc],
    kw: &Kw,
) -> PyResult<[Gc; N]> {
    let mut out = [Gc::NULL; N];
    let positional = names.iter().position(|n| n.starts_with('*')).unwrap_or(N);
    if args.len() > positional {
        let word = if required < positional {
            "at most"
        } else {
            "exactly"
        };
        let s = if positional == 1 { "" } else { "s" };
        return Err(match positional {
            0 => vm.type_error(format_args!("{function}() takes no positional arguments")),
            _ => vm.type_error(format_args!(
                "{function}() takes {word} {positional} argument{s} ({} given)",
                args.len() + kw.names.len()
            )),
        });
    }
    out[..args.len()].copy_from_slice(args);
    for (&name, &value) in kw.names.iter().zip(kw.values) {
        let text = text_of(name);
        let Some(at) = names.iter().position(|n| n.trim_start_matches('*') == text) else {
            return Err(vm.type_error(format_args!(
                "'{text}' is an invalid keyword argument for {function}()"
            )));
        };
        if !out[at].is_null() {
            return Err(vm.type_error(format_args!(
                "argument for {function}() given by name ('{text}') and position ({})",
                at + 1
            )));
        }
        out[at] = value;
    }
    if let Some(at) = out[..required].iter().position(|v| v.is_null()) {
        let name = names[at].trim_start_matches('*');
        return Err(vm.type_error(format_args!(
            "{function}() missing required argument '{name}' (pos {})",
            at + 1
        )));
    }
    Ok(out)
}
/// TypeError if there are keyword arguments.
///
/// # Errors
/// TypeError.
pub fn no_keywords(vm: &'static Vm, function: &str, kw: &Kw) -> PyResult<()> {
    match kw.is_empty() {
        true => Ok(()),
        false => Err(vm.type_error(format_args!("{function}() takes no keyword arguments"))),
    }
}
/// TypeError unless there are `min..=max` arguments.
///
/// # Errors
/// TypeError.
pub fn count(vm: &'static Vm, function: &str, n: usize, min: usize, max: usize) -> PyResult<()> {
    if n < min {
        let word = if min == max { "exactly" } else { "at least" };
        let s = if min == 1 { "" } else { "s" };
        return Err(vm.type_error(format_args!(
            "{function} expected {word} {min} argument{s}, got {n}"
        )));
    }
    if n > max {
        let word = if min == max { "exactly" } else { "at most" };
        let s = if max == 1 { "" } else { "s" };
        return Err(vm.type_error(format_args!(
            "{function} expected {word} {max} argument{s}, got {n}"
        )));
    }
    Ok(())
}
