//! What the binary calls: plug the modules in, run a program, end it.

use crate::rt::*;
use crate::state::{Config, state};
use crate::{compile, import, registry, spec};
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::world::Mode;
use ouro_py_objects::{Access, Errors, PyResult, Vm};

/// Plugs the import system into the VM and makes `sys` and `builtins`. Once per VM, before any guest code.
///
/// # Errors
/// What making the modules raises; none is expected.
pub fn install(vm: &'static Vm, config: Config) -> PyResult<()> {
    let world = vm.world();
    world
        .int_max_str_digits
        .set(config.flags.int_max_str_digits.max(0) as usize);
    *state(vm).config.borrow_mut() = config;
    world.callouts.compile.set(Some(compile::compile));
    world.callouts.import.set(Some(import::import));
    if world.modules.get().is_null() {
        world.modules.set(dict(vm));
    }
    for module in ["builtins", "sys"] {
        let module = registry::find(module).expect("the registry has the first modules");
        import::load_builtin(vm, module)?;
    }
    Ok(())
}
/// A new `__main__` module; its namespace.
///
/// # Errors
/// What making it raises.
pub fn main_namespace(vm: &'static Vm, file: Option<&str>) -> PyResult {
    let main = module(vm, "__main__");
    dict_set_str(vm, vm.world().modules.get(), "__main__", main);
    if let Some(builtins) = dict_get_str(vm, vm.world().modules.get(), "builtins") {
        put(vm, main, "__builtins__", builtins);
    }
    put(vm, main, "__annotations__", dict(vm));
    if let Some(file) = file {
        let loader = spec::source_loader(vm, "__main__", file)?;
        put(vm, main, "__loader__", loader);
        put(vm, main, "__file__", string(vm, file));
        put(vm, main, "__cached__", none(vm));
    }
    Ok(main.get(WModule::DICT))
}
/// Compiles source and runs it in a namespace.
///
/// # Errors
/// SyntaxError, what the program raises.
pub fn run_source(
    vm: &'static Vm,
    source: &[u8],
    filename: &str,
    mode: Mode,
    namespace: Gc,
) -> PyResult {
    let code = compile::compile(vm, source, filename, mode, 0)?;
    run_code(vm, code, namespace, namespace)
}
/// Runs a file as `__main__`: a script, or a folder with `__main__.py`.
///
/// # Errors
/// OSError, SyntaxError, what the program raises.
pub fn run_file(vm: &'static Vm, path: &str) -> PyResult {
    let mut path = path.to_owned();
    if std::path::Path::new(&path).is_dir() {
        path = format!("{}/__main__.py", path.trim_end_matches('/'));
    }
    let source = std::fs::read(&path).map_err(|e| io_error(vm, &e, Some(string(vm, &path))))?;
    let namespace = main_namespace(vm, Some(&path))?;
    run_source(vm, &source, &path, Mode::Exec, namespace)
}
/// `-m name`: runs a module, or the `__main__` of a package, as `__main__`.
///
/// # Errors
/// ImportError, what the program raises.
pub fn run_module(vm: &'static Vm, name: &str) -> PyResult {
    let (parent, _) = name.rsplit_once('.').unwrap_or(("", name));
    if !parent.is_empty() {
        import::import_module(vm, parent)?;
    }
    let (file, package) = import::source_of(vm, name)?;
    if package.is_some() {
        return run_module(vm, &format!("{name}.__main__"));
    }
    let source = std::fs::read(&file).map_err(|e| io_error(vm, &e, Some(string(vm, &file))))?;
    let namespace = main_namespace(vm, Some(&file))?;
    dict_set_str(vm, namespace, "__package__", string(vm, parent));
    if let Some(argv) = dict_get_str(vm, vm.world().sys.get(), "argv").and_then(as_list)
        && list_len(argv) > 0
    {
        list_set(vm, argv, 0, string(vm, &file))?;
    }
    run_source(vm, &source, &file, Mode::Exec, namespace)
}
/// Runs `atexit` functions and flushes the standard streams. An error that flushing standard output raises comes back.
///
/// # Errors
/// What flushing raises.
pub fn shutdown(vm: &'static Vm) -> PyResult<()> {
    crate::modules::atexit::run(vm);
    // What is unreachable goes first, as in CPython, then what the program still holds.
    vm.heap.collect(ouro_gc::Reason::Explicit);
    let result = ouro_py_objects::attention::run(vm, ouro_gc::Attention::NONE);
    ouro_py_objects::finalize::run_all(vm);
    result?;
    // Files that the program did not close.
    if let Some(io) = dict_get_str(vm, vm.world().modules.get(), "_io") {
        call_method(vm, io, "_flush_all", &[])?;
    }
    let result = flush(vm, "stdout");
    flush(vm, "stderr")?;
    result
}
fn flush(vm: &'static Vm, stream: &str) -> PyResult<()> {
    match dict_get_str(vm, vm.world().sys.get(), stream).filter(|&s| s != none(vm)) {
        Some(object) => call_method(vm, object, "flush", &[]).map(|_| ()),
        None => Ok(()),
    }
}
/// Flushes `sys.stdout` or `sys.stderr`; an error is dropped.
pub fn flush_stream(vm: &'static Vm, stream: &str) {
    // The caller is reporting another error already.
    let _ = flush(vm, stream);
}
/// The exit status that a SystemExit asks for.
///
/// # Errors
/// The text to be printed to standard error, if the code is neither None nor an int; the status is 1 then.
pub fn exit_status(vm: &'static Vm, exception: Gc) -> Result<i32, String> {
    let code = match find_attr(vm, exception, "code") {
        Ok(Some(code)) => code,
        _ => return Ok(0),
    };
    if code == none(vm) {
        return Ok(0);
    }
    match ouro_py_objects::int::get(code) {
        // As C: the low bits of the number, -1 if it is too large.
        Some(n) => Ok(n.small().map_or(-1, |n| n as i32)),
        None => Err(str_of(vm, code).unwrap_or_default()),
    }
}
/// The error of `-m name` when there is no such module.
pub(crate) fn no_module(vm: &'static Vm, name: &str) -> Gc {
    vm.import_error(format_args!("No module named {name}"))
}
