//! What the binary calls: plug the modules in, run a program, end it.

use crate::rt::*;
use crate::state::{Config, state};
use crate::{compile, import, registry, spec};
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::world::Mode;
use ouro_py_objects::{Access, PyResult, Vm};

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
/// Runs a file as `__main__`: a script, or the `__main__` of a folder or zip file, which is `sys.path[0]` then.
///
/// # Errors
/// OSError, SyntaxError, what the program raises.
pub fn run_file(vm: &'static Vm, path: &str) -> PyResult {
    let file = absolute(path);
    if std::path::Path::new(path).is_dir() || is_archive(path) {
        let loaded = match details(vm, "__main__")? {
            Ok(loaded) => loaded,
            Err(_) => {
                let text = format!(
                    "{}: can't find '__main__' module in '{file}'",
                    executable(vm)
                );
                return Err(exit(vm, &text));
            }
        };
        return run_loaded(vm, loaded, false);
    }
    let source = std::fs::read(path).map_err(|e| io_error(vm, &e, Some(string(vm, &file))))?;
    let namespace = main_namespace(vm, Some(&file))?;
    run_source(vm, &source, &file, Mode::Exec, namespace)
}
/// The path as CPython makes it absolute: nothing is left out.
fn absolute(path: &str) -> String {
    match std::env::current_dir() {
        Ok(folder) if !path.starts_with('/') => format!("{}/{path}", folder.to_string_lossy()),
        _ => path.to_owned(),
    }
}
/// Whether the file ends with the last record of a zip file, without a comment after it.
pub fn is_archive(path: &str) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    let record = || -> std::io::Result<[u8; 22]> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::End(-22))?;
        let mut record = [0; 22];
        file.read_exact(&mut record)?;
        Ok(record)
    };
    record().is_ok_and(|r| r.starts_with(b"PK\x05\x06"))
}
fn executable(vm: &'static Vm) -> String {
    state(vm).config.borrow().executable.clone()
}
/// The SystemExit that prints a text and gives status 1.
fn exit(vm: &'static Vm, text: &str) -> Gc {
    exception(vm, vm.world().classes.system_exit, &[string(vm, text)])
}

/// What `-m` runs.
struct Loaded {
    code: &'static ouro_py_objects::PyCode,
    file: String,
    spec: Gc,
}
/// `-m name`: runs a module, or the `__main__` of a package, as `__main__`.
///
/// # Errors
/// SystemExit with a message if there is no such module, what the program raises.
pub fn run_module(vm: &'static Vm, name: &str) -> PyResult {
    match details(vm, name)? {
        Ok(loaded) => run_loaded(vm, loaded, true),
        Err(message) => Err(exit(vm, &format!("{}: {message}", executable(vm)))),
    }
}
/// Finds and compiles a module; the inner error is what is wrong with it, as CPython says it.
fn details(vm: &'static Vm, name: &str) -> PyResult<Result<Loaded, String>> {
    if name.starts_with('.') {
        return Ok(Err("Relative module names not supported".into()));
    }
    let missing = format!("No module named {name}");
    let located = match import::locate(vm, name) {
        Ok(located) => located,
        Err(e) => {
            // Only that a parent is missing is a matter of the name; what it raises itself comes through.
            let classes = &vm.world().classes;
            let parent = name.rsplit_once('.').map_or("", |p| p.0);
            let not_found =
                ouro_py_objects::error::is_instance_of(vm, e, classes.module_not_found_error);
            let absent = find_attr(vm, e, "name")?.map(text_of).unwrap_or_default();
            if !not_found || absent != parent && !parent.starts_with(&format!("{absent}.")) {
                return Err(e);
            }
            let text = str_of(vm, e)?;
            return Ok(Err(specification_error(name, &text)));
        }
    };
    let package = |vm| -> PyResult<Result<Loaded, String>> {
        if name == "__main__" || name.ends_with(".__main__") {
            return Ok(Err("Cannot use package as __main__ module".into()));
        }
        Ok(
            details(vm, &format!("{name}.__main__"))?.map_err(|message| {
                format!("{message}; '{name}' is a package and cannot be directly executed")
            }),
        )
    };
    match located {
        import::Located::Missing => Ok(Err(missing)),
        import::Located::Builtin => Ok(Err(format!("No code object available for {name}"))),
        import::Located::Namespace => package(vm),
        import::Located::NoPackage(parent) => {
            let text =
                format!("__path__ attribute not found on '{parent}' while trying to find '{name}'");
            Ok(Err(specification_error(name, &text)))
        }
        import::Located::Source {
            package: Some(_), ..
        } => package(vm),
        import::Located::Source { file, .. } => {
            let code = compile::file(vm, &file)?;
            let loader = spec::source_loader(vm, name, &file)?;
            let spec = spec::make(
                vm,
                &spec::Spec {
                    name,
                    origin: Some(&file),
                    locations: None,
                    loader,
                },
            )?;
            Ok(Ok(Loaded { code, file, spec }))
        }
        import::Located::Spec(spec) => {
            let folders = find_attr(vm, spec, "submodule_search_locations")?;
            if folders.is_some_and(|f| f != none(vm)) {
                return package(vm);
            }
            let loader = get_attr(vm, spec, "loader")?;
            let code = call_method(vm, loader, "get_code", &[string(vm, name)])?;
            if !code.is::<WCode>() {
                return Ok(Err(format!("No code object available for {name}")));
            }
            let origin = get_attr(vm, spec, "origin")?;
            Ok(Ok(Loaded {
                code: code.get(WCode::CODE).expect(),
                file: text_of(origin),
                spec,
            }))
        }
    }
}
fn specification_error(name: &str, text: &str) -> String {
    let mut message = format!(
        "Error while finding module specification for '{name}' (ModuleNotFoundError: {text})"
    );
    if let Some(stem) = name.strip_suffix(".py") {
        message += &format!(". Try using '{stem}' instead of '{name}' as the module name.");
    }
    message
}
/// Runs what was found as `__main__`; `alter` puts its file into `sys.argv[0]`.
fn run_loaded(vm: &'static Vm, loaded: Loaded, alter: bool) -> PyResult {
    let Loaded { code, file, spec } = loaded;
    let namespace = main_namespace(vm, Some(&file))?;
    let package = get_attr(vm, spec, "parent")?;
    let loader = get_attr(vm, spec, "loader")?;
    dict_set_str(vm, namespace, "__package__", package);
    dict_set_str(vm, namespace, "__loader__", loader);
    dict_set_str(vm, namespace, "__spec__", spec);
    if alter
        && let Some(argv) = dict_get_str(vm, vm.world().sys.get(), "argv").and_then(as_list)
        && list_len(argv) > 0
    {
        list_set(vm, argv, 0, string(vm, &file))?;
    }
    run_code(vm, code, namespace, namespace)
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
