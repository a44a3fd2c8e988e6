//! From source to code objects: what `compile`, `exec` and `import` call. Compiled files are remembered in memory.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::world::Mode;
use ouro_py_objects::{Errors, PyCode, PyResult, Vm, code};
use ouro_py_syntax::{ErrorKind, Options, SyntaxError, SyntaxErrors, Warning};
use std::sync::Arc;

/// Compiles source; `future` are `CO_FUTURE_*` bits.
///
/// # Errors
/// SyntaxError and its kin, ValueError, RecursionError.
pub fn compile(
    vm: &'static Vm,
    source: &[u8],
    filename: &str,
    mode: Mode,
    future: u32,
) -> PyResult<&'static PyCode> {
    let mode = match mode {
        Mode::Exec => ouro_py_syntax::Mode::Exec,
        Mode::Eval => ouro_py_syntax::Mode::Eval,
        Mode::Single => ouro_py_syntax::Mode::Single,
    };
    let optimize = state(vm).config.borrow().flags.optimize.clamp(0, 2) as u8;
    let options = Options {
        optimize,
        future,
        top_level_await: false,
    };
    match ouro_py_syntax::compile_bytes(source, filename, mode, options) {
        Ok(compiled) => {
            for warning in &compiled.warnings {
                warn(vm, warning, filename)?;
            }
            Ok(code::load_code(vm, &Arc::new(compiled.code)))
        }
        Err(errors) => Err(raise(vm, &errors, filename)),
    }
}
/// Compiles a file as a module.
///
/// # Errors
/// OSError, SyntaxError.
pub fn file(vm: &'static Vm, path: &str) -> PyResult<&'static PyCode> {
    let source = std::fs::read(path).map_err(|e| io_error(vm, &e, Some(string(vm, path))))?;
    let changed = std::fs::metadata(path).and_then(|m| m.modified()).ok();
    let stamp = changed
        .and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |d| d.as_nanos());
    let key = (path.to_owned(), source.len() as u64, stamp);
    let known = state(vm).compiled.borrow().get(&key).copied();
    if let Some(code) = known {
        return Ok(code);
    }
    let code = compile(vm, &source, path, Mode::Exec, 0)?;
    state(vm).compiled.borrow_mut().insert(key, code);
    Ok(code)
}
/// The code object that the guest sees.
pub fn code_object(vm: &'static Vm, code: &'static PyCode) -> Gc {
    ouro_py_objects::function::code_object(vm, code)
}
fn warn(vm: &'static Vm, warning: &Warning, filename: &str) -> PyResult<()> {
    let classes = &vm.world().classes;
    let class = if warning.deprecation {
        classes.deprecation_warning
    } else {
        classes.syntax_warning
    };
    crate::modules::warnings::warn_explicit(vm, class, &warning.message, filename, warning.line)
}
fn raise(vm: &'static Vm, errors: &SyntaxErrors, filename: &str) -> Gc {
    let first: &SyntaxError = &errors.0[0];
    let classes = &vm.world().classes;
    let class = match first.kind {
        ErrorKind::Syntax => classes.syntax_error,
        ErrorKind::Indentation => classes.indentation_error,
        ErrorKind::Tab => classes.tab_error,
        ErrorKind::Value => return vm.value_error(&first.message),
        ErrorKind::Recursion => return vm.error(classes.recursion_error, &first.message),
    };
    let text = first.text.as_ref().map_or(none(vm), |t| string(vm, t));
    let position = [first.line, first.column, first.end_line, first.end_column].map(i64::from);
    ouro_py_objects::exception::syntax_error(
        vm,
        class,
        &first.message,
        string(vm, filename),
        position,
        text,
    )
}
