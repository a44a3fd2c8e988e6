//! `import`: finding modules, running them once, binding submodules in their packages.
//!
//! Invariants
//! - M1: a module is in `sys.modules` while its code runs (circular imports see it half-filled) and is taken out again if
//!   the code raises.
//! - M2: after `a.b` was imported, `a` has the attribute `b`.
//! - M3: the standard library's folder is in `sys.path` from the start if it is in a usual place; otherwise it enters when
//!   a module was found nowhere else for the first time.

use crate::finder;
use crate::registry::{self, BuiltinModule};
use crate::rt::*;
use crate::spec::{self, Spec};
use crate::state::state;
use crate::stdlib;
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm, error};
use std::path::Path;

/// `__import__(name, globals, locals, fromlist, level)`; absent arguments are None or NULL.
///
/// # Errors
/// ImportError, what the module raises.
pub fn import(
    vm: &'static Vm,
    name: Gc,
    globals: Gc,
    _locals: Gc,
    fromlist: Gc,
    level: i64,
) -> PyResult {
    let text = to_text(vm, "module name", name)?;
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let absolute = match level {
        0 => text.clone(),
        _ => resolve(vm, &text, globals, level)?,
    };
    if absolute.is_empty() {
        return Err(vm.value_error("Empty module name"));
    }
    let module = load(vm, &absolute)?;
    if !absent(vm, fromlist) && truth(vm, fromlist)? {
        if find_attr(vm, module, "__path__")?.is_some() {
            load_submodules(vm, module, &absolute, fromlist, false)?;
        }
        return Ok(module);
    }
    if level == 0 {
        return match text.split_once('.') {
            Some((top, _)) => load(vm, top),
            None => Ok(module),
        };
    }
    // `from . import x` has a fromlist; what is left is `__import__('a.b', level=1)`, which gives the package's `a`.
    match text.split_once('.') {
        Some((top, rest)) if !top.is_empty() => {
            load(vm, &absolute[..absolute.len() - rest.len() - 1])
        }
        _ => Ok(module),
    }
}
/// The module with this absolute name (`importlib.import_module`).
///
/// # Errors
/// ImportError, what the module raises.
pub fn import_module(vm: &'static Vm, absolute: &str) -> PyResult {
    load(vm, absolute)
}

/// The absolute name of a relative import.
fn resolve(vm: &'static Vm, text: &str, globals: Gc, level: i64) -> PyResult<String> {
    let no_parent = "attempted relative import with no known parent package";
    let Some(globals) = as_dict(globals) else {
        return Err(vm.key_error(string(vm, "'__name__' not in globals")));
    };
    let get = |key: &str| dict_get_str(vm, globals, key).filter(|&v| v != none(vm));
    let package = if let Some(package) = get("__package__") {
        if ouro_py_objects::str::as_str(package).is_none() {
            return Err(vm.type_error("package must be a string"));
        }
        text_of(package)
    } else if let Some(spec) = get("__spec__") {
        let parent = get_attr(vm, spec, "parent")?;
        to_text(vm, "__spec__.parent", parent)?
    } else {
        let Some(name) = get("__name__") else {
            return Err(vm.key_error(string(vm, "'__name__' not in globals")));
        };
        let name = to_text(vm, "__name__", name)?;
        match get("__path__") {
            Some(_) => name,
            None => name
                .rsplit_once('.')
                .map_or(String::new(), |p| p.0.to_owned()),
        }
    };
    if package.is_empty() {
        return Err(vm.import_error(no_parent));
    }
    let mut base = package.as_str();
    for _ in 1..level {
        match base.rsplit_once('.') {
            Some((parent, _)) => base = parent,
            None => {
                return Err(vm.import_error("attempted relative import beyond top-level package"));
            }
        }
    }
    Ok(if text.is_empty() {
        base.to_owned()
    } else {
        format!("{base}.{text}")
    })
}
/// Imports those names of a `from` list that are submodules and not yet attributes.
fn load_submodules(
    vm: &'static Vm,
    module: Gc,
    absolute: &str,
    names: Gc,
    in_all: bool,
) -> PyResult<()> {
    for item in collect(vm, names)?.iter().copied() {
        if ouro_py_objects::str::as_str(item).is_none() {
            let place = if in_all {
                format!("{absolute}.__all__")
            } else {
                "``from list''".to_owned()
            };
            return Err(vm.type_error(format_args!(
                "Item in {place} must be str, not {}",
                type_name(vm, item)
            )));
        }
        let item = text_of(item);
        if item == "*" {
            if !in_all && let Some(all) = find_attr(vm, module, "__all__")? {
                load_submodules(vm, module, absolute, all, true)?;
            }
            continue;
        }
        if find_attr(vm, module, &item)?.is_some() {
            continue;
        }
        let full = format!("{absolute}.{item}");
        match load(vm, &full) {
            Ok(_) => {}
            // Only the submodule itself may be missing: an import inside it that fails is an error.
            Err(e) if error::is_instance_of(vm, e, vm.world().classes.module_not_found_error) => {
                let missing = get_attr(vm, e, "name")?;
                if text_of(missing) != full {
                    return Err(e);
                }
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn modules(vm: &'static Vm) -> Gc {
    vm.world().modules.get()
}
/// ModuleNotFoundError with its `name`.
fn not_found(vm: &'static Vm, message: &str, absolute: &str) -> Gc {
    let e = exception(
        vm,
        vm.world().classes.module_not_found_error,
        &[string(vm, message)],
    );
    // The attribute is declared by the class, so that setting it cannot fail.
    let _ = set_attr(vm, e, "name", string(vm, absolute));
    e
}
/// The module with this name: from `sys.modules`, or found and run.
fn load(vm: &'static Vm, absolute: &str) -> PyResult {
    if let Some(known) = dict_get_str(vm, modules(vm), absolute) {
        if known == none(vm) {
            return Err(not_found(
                vm,
                &format!("import of {absolute} halted; None in sys.modules"),
                absolute,
            ));
        }
        return Ok(known);
    }
    let Some((parent_name, last)) = absolute.rsplit_once('.') else {
        return find_and_run(vm, absolute, absolute, None);
    };
    let parent = load(vm, parent_name)?;
    // Running the parent may have imported the child.
    if let Some(known) = dict_get_str(vm, modules(vm), absolute).filter(|&m| m != none(vm)) {
        return Ok(known);
    }
    let Some(path) = find_attr(vm, parent, "__path__")? else {
        let message = format!("No module named '{absolute}'; '{parent_name}' is not a package");
        return Err(not_found(vm, &message, absolute));
    };
    let module = find_and_run(vm, absolute, last, Some(path))?;
    set_attr(vm, parent, last, module)?;
    Ok(module)
}

/// What the search for a module found.
pub(crate) enum Found {
    Builtin(&'static BuiltinModule),
    Source {
        file: String,
        package: Option<String>,
    },
    Extension(String),
    Namespace(Vec<String>),
    Spec(Gc),
}
/// How the files of extension modules end, in the order in which they are looked for.
pub const EXTENSION_SUFFIXES: [&str; 3] = [".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"];
fn find_and_run(vm: &'static Vm, absolute: &str, last: &str, path: Option<Gc>) -> PyResult {
    let Some(found) = find(vm, absolute, last, path)? else {
        let mut message = format!("No module named '{absolute}'");
        if path.is_none() && stdlib::folder(vm).is_none() {
            message += &format!(" ({})", stdlib::HOW_TO_FIX);
        }
        return Err(not_found(vm, &message, absolute));
    };
    match found {
        Found::Builtin(module) => load_builtin(vm, module),
        Found::Source { file, package } => load_source(vm, absolute, &file, package.as_deref()),
        Found::Extension(file) => load_extension(vm, absolute, &file),
        Found::Namespace(folders) => load_namespace(vm, absolute, &folders),
        Found::Spec(spec) => load_by_spec(vm, absolute, spec),
    }
}
fn find(vm: &'static Vm, absolute: &str, last: &str, path: Option<Gc>) -> PyResult<Option<Found>> {
    // Packages of modules in Rust have no folder.
    if (path.is_none() || absolute.starts_with("ouro."))
        && let Some(module) = registry::find(absolute)
    {
        return Ok(Some(Found::Builtin(module)));
    }
    ask_meta_path(vm, absolute, last, path)
}
/// Looks for a module where `sys.path` or the path of a package says.
pub(crate) fn find_in_path(
    vm: &'static Vm,
    absolute: &str,
    last: &str,
    path: Option<Gc>,
) -> PyResult<Option<Found>> {
    let search = match path {
        Some(path) => Some(path),
        None => dict_get_str(vm, vm.world().sys.get(), "path"),
    };
    let mut portions = Vec::new();
    if let Some(search) = search {
        for entry in collect(vm, search)?.iter().copied() {
            if ouro_py_objects::str::as_str(entry).is_none() {
                continue;
            }
            if let Some(found) = look_in(vm, &text_of(entry), last, &mut portions) {
                return Ok(Some(found));
            }
            if let Some(spec) = look_in_archive(vm, &text_of(entry), absolute)? {
                return Ok(Some(Found::Spec(spec)));
            }
        }
    }
    if path.is_none() && !state(vm).stdlib_in_path.get() {
        add_stdlib_to_path(vm)?;
        return find_in_path(vm, absolute, last, path);
    }
    Ok((!portions.is_empty()).then_some(Found::Namespace(portions)))
}
/// Looks for a module in one folder: a package, a source file, or a portion of a namespace package.
fn look_in(vm: &'static Vm, folder: &str, last: &str, portions: &mut Vec<String>) -> Option<Found> {
    let folder = if folder.is_empty() { "." } else { folder };
    let base = Path::new(folder).join(last);
    let text = |p: &Path| {
        std::path::absolute(p)
            .unwrap_or_else(|_| p.to_owned())
            .to_string_lossy()
            .into_owned()
    };
    if base.is_dir() {
        let init = base.join("__init__.py");
        if init.is_file() {
            return Some(Found::Source {
                file: text(&init),
                package: Some(text(&base)),
            });
        }
        portions.push(text(&base));
    }
    // The standard library has no extension modules beside its sources, so that its folders are not asked for them.
    let in_stdlib = || {
        !folder.contains("-packages")
            && stdlib::folder_at_hand(vm).is_some_and(|lib| Path::new(folder).starts_with(lib))
    };
    let extensions = vm.world().callouts.extension.get().is_some() && !in_stdlib();
    if extensions {
        let mut files = EXTENSION_SUFFIXES
            .iter()
            .map(|suffix| Path::new(folder).join(format!("{last}{suffix}")));
        if let Some(file) = files.find(|file| file.is_file()) {
            portions.clear();
            return Some(Found::Extension(text(&file)));
        }
    }
    let file = Path::new(folder).join(format!("{last}.py"));
    if file.is_file() {
        portions.clear();
        return Some(Found::Source {
            file: text(&file),
            package: None,
        });
    }
    None
}
/// Looks for a module in a zip file or in a folder inside of one.
fn look_in_archive(vm: &'static Vm, entry: &str, absolute: &str) -> PyResult<Option<Gc>> {
    let path = Path::new(entry);
    if entry.is_empty() || path.is_dir() || !path.ancestors().any(Path::is_file) {
        return Ok(None);
    }
    let Some(importer) = archive(vm, entry)? else {
        return Ok(None);
    };
    let spec = call_method(vm, importer, "find_spec", &[string(vm, absolute)])?;
    Ok((spec != none(vm)).then_some(spec))
}
/// The `zipimporter` of an entry of `sys.path`, remembered in `sys.path_importer_cache`; None if it is no zip file.
///
/// # Errors
/// What importing `zipimport` raises.
pub(crate) fn archive(vm: &'static Vm, entry: &str) -> PyResult<Option<Gc>> {
    let cache = dict_get_str(vm, vm.world().sys.get(), "path_importer_cache").and_then(as_dict);
    if let Some(known) = cache.and_then(|cache| dict_get_str(vm, cache, entry)) {
        return Ok((known != none(vm)).then_some(known));
    }
    // What `zipimport` needs itself is not looked for in zip files.
    if let Some(cache) = cache {
        dict_set_str(vm, cache, entry, none(vm));
    }
    let zipimport = load(vm, "zipimport")?;
    let class = get_attr(vm, zipimport, "zipimporter")?;
    let made = call(vm, class, &[string(vm, entry)]);
    let importer = error::catch(vm, vm.world().classes.import_error, made)?;
    if let Some(cache) = cache {
        dict_set_str(vm, cache, entry, importer.unwrap_or(none(vm)));
    }
    Ok(importer)
}
/// Puts the folders of the standard library at the end of `sys.path`, if they are not there yet.
///
/// # Errors
/// What changing the list raises.
pub fn add_stdlib_to_path(vm: &'static Vm) -> PyResult<()> {
    if state(vm).stdlib_in_path.replace(true) {
        return Ok(());
    }
    let Some(folder) = stdlib::folder(vm) else {
        return Ok(());
    };
    if let Some(path) = dict_get_str(vm, vm.world().sys.get(), "path").and_then(as_list) {
        let text = folder.to_string_lossy();
        list_append(vm, path, string(vm, &text))?;
    }
    Ok(())
}
/// What the first finder of `sys.meta_path` that knows the module says; the finder of this crate is asked without a call.
fn ask_meta_path(
    vm: &'static Vm,
    absolute: &str,
    last: &str,
    path: Option<Gc>,
) -> PyResult<Option<Found>> {
    let Some(finders) = dict_get_str(vm, vm.world().sys.get(), "meta_path").and_then(as_list)
    else {
        return find_in_path(vm, absolute, last, path);
    };
    for i in 0..list_len(finders) {
        let finder = list_get(vm, finders, i);
        if state(vm).kept(vm, finder::NAME) == Some(finder) {
            match find_in_path(vm, absolute, last, path)? {
                Some(found) => return Ok(Some(found)),
                None => continue,
            }
        }
        let Some(find_spec) = find_attr(vm, finder, "find_spec")? else {
            continue;
        };
        let spec = call(
            vm,
            find_spec,
            &[string(vm, absolute), path.unwrap_or(none(vm)), none(vm)],
        )?;
        if spec != none(vm) {
            return Ok(Some(Found::Spec(spec)));
        }
    }
    Ok(None)
}

/// Runs `body` with the module in `sys.modules`; takes it out again if `body` fails (M1).
fn registered(
    vm: &'static Vm,
    absolute: &str,
    module: Gc,
    body: impl FnOnce() -> PyResult<()>,
) -> PyResult {
    dict_set_str(vm, modules(vm), absolute, module);
    if let Err(e) = body() {
        dict_del(vm, modules(vm), string(vm, absolute))?;
        return Err(e);
    }
    // A module may have put another object in its place.
    Ok(dict_get_str(vm, modules(vm), absolute).unwrap_or(module))
}
/// Makes a module that is written in Rust.
///
/// # Errors
/// What its initialisation raises.
pub fn load_builtin(vm: &'static Vm, builtin: &'static BuiltinModule) -> PyResult {
    let object = module(vm, builtin.name);
    registered(vm, builtin.name, object, || {
        let loader = spec::builtin_loader(vm)?;
        spec::attach(
            vm,
            object,
            &Spec {
                name: builtin.name,
                origin: Some("built-in"),
                locations: None,
                loader,
            },
        )?;
        (builtin.init)(vm, object)?;
        if !builtin.source.is_empty() {
            let file = format!("<module {}>", builtin.name);
            let mode = ouro_py_objects::world::Mode::Exec;
            let code = crate::compile::compile(vm, builtin.source.as_bytes(), &file, mode, 0)?;
            let namespace = object.get(WModule::DICT);
            run_code(vm, code, namespace, namespace)?;
        }
        Ok(())
    })
}
fn load_source(vm: &'static Vm, absolute: &str, file: &str, package: Option<&str>) -> PyResult {
    let object = module(vm, absolute);
    let loader = spec::source_loader(vm, absolute, file)?;
    let locations = package.map(|folder| list(vm, &[string(vm, folder)]));
    let spec = spec::attach(
        vm,
        object,
        &Spec {
            name: absolute,
            origin: Some(file),
            locations,
            loader,
        },
    )?;
    set_attr(vm, spec, "_initializing", boolean(vm, true))?;
    let result = registered(vm, absolute, object, || {
        let code = crate::compile::file(vm, file)?;
        let namespace = object.get(WModule::DICT);
        run_code(vm, code, namespace, namespace).map(|_| ())
    });
    set_attr(vm, spec, "_initializing", boolean(vm, false))?;
    result
}
fn load_extension(vm: &'static Vm, absolute: &str, file: &str) -> PyResult {
    let loader = spec::extension_loader(vm, absolute, file)?;
    let spec = spec::make(
        vm,
        &Spec {
            name: absolute,
            origin: Some(file),
            locations: None,
            loader,
        },
    )?;
    load_extension_by_spec(vm, absolute, file, spec)
}
/// Loads a shared object as the module that a spec describes, and registers it.
///
/// # Errors
/// ImportError, what its initialisation raises.
pub(crate) fn load_extension_by_spec(
    vm: &'static Vm,
    absolute: &str,
    file: &str,
    spec: Gc,
) -> PyResult {
    let Some(load) = vm.world().callouts.extension.get() else {
        return Err(vm.import_error(format_args!("{file}: there are no extension modules here")));
    };
    load(vm, absolute, file, spec)
}
/// Writes into the namespace of a module what follows from its spec.
///
/// # Errors
/// What reading the spec raises.
pub fn attach_spec(vm: &'static Vm, module: Gc, spec: Gc) -> PyResult<()> {
    for (from, to) in [
        ("name", "__name__"),
        ("parent", "__package__"),
        ("loader", "__loader__"),
        ("origin", "__file__"),
    ] {
        let value = get_attr(vm, spec, from)?;
        set_attr(vm, module, to, value)?;
    }
    set_attr(vm, module, "__spec__", spec)
}
fn load_namespace(vm: &'static Vm, absolute: &str, folders: &[String]) -> PyResult {
    let object = module(vm, absolute);
    let folder_list = list(vm, &[]);
    for folder in folders {
        list_append(vm, folder_list, string(vm, folder))?;
    }
    let none = none(vm);
    spec::attach(
        vm,
        object,
        &Spec {
            name: absolute,
            origin: None,
            locations: Some(folder_list),
            loader: none,
        },
    )?;
    registered(vm, absolute, object, || Ok(()))
}
/// Makes a module from the spec of a finder that the program put into `sys.meta_path`.
fn load_by_spec(vm: &'static Vm, absolute: &str, spec: Gc) -> PyResult {
    let loader = get_attr(vm, spec, "loader")?;
    let mut object = none(vm);
    if let Some(create) = find_attr(vm, loader, "create_module")? {
        object = call(vm, create, &[spec])?;
    }
    if object == none(vm) {
        object = module(vm, absolute);
    }
    set_attr(vm, object, "__spec__", spec)?;
    set_attr(vm, object, "__loader__", loader)?;
    let locations = find_attr(vm, spec, "submodule_search_locations")?.filter(|&l| l != none(vm));
    let parent = match locations {
        Some(_) => absolute,
        None => absolute.rsplit_once('.').map_or("", |p| p.0),
    };
    set_attr(vm, object, "__package__", string(vm, parent))?;
    if let Some(locations) = locations {
        set_attr(vm, object, "__path__", locations)?;
    }
    if let Some(origin) = find_attr(vm, spec, "origin")?.filter(|&o| o != none(vm)) {
        set_attr(vm, object, "__file__", origin)?;
    }
    registered(vm, absolute, object, || {
        match find_attr(vm, loader, "exec_module")? {
            Some(exec) => call(vm, exec, &[object]).map(|_| ()),
            None => Err(vm.import_error(format_args!(
                "the loader of '{absolute}' has no exec_module()"
            ))),
        }
    })
}
/// Where `-m` finds a module.
pub(crate) enum Located {
    /// A source file; the folder if it is a package.
    Source {
        file: String,
        package: Option<String>,
    },
    /// Several folders.
    Namespace,
    /// A module without source.
    Builtin,
    /// What a finder gave.
    Spec(Gc),
    /// The parent is no package.
    NoPackage(String),
    /// Nowhere.
    Missing,
}
/// Finds a module by its absolute name without running it; its parents are imported.
///
/// # Errors
/// ImportError, what the parents raise.
pub(crate) fn locate(vm: &'static Vm, absolute: &str) -> PyResult<Located> {
    let (path, last) = match absolute.rsplit_once('.') {
        None => (None, absolute),
        Some((parent, last)) => {
            let module = load(vm, parent)?;
            match find_attr(vm, module, "__path__")? {
                Some(path) => (Some(path), last),
                None => return Ok(Located::NoPackage(parent.to_owned())),
            }
        }
    };
    Ok(match find(vm, absolute, last, path)? {
        Some(Found::Source { file, package }) => Located::Source { file, package },
        Some(Found::Namespace(_)) => Located::Namespace,
        Some(Found::Spec(spec)) => Located::Spec(spec),
        Some(_) => Located::Builtin,
        None => Located::Missing,
    })
}
