//! `__spec__` and `__loader__` of modules: small stand-ins for `importlib`'s classes with the same attributes.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2};
use ouro_py_objects::{BuiltinDef, Class, Errors, PyResult, Vm};

/// What a spec says of a module.
pub struct Spec<'a> {
    /// Absolute name.
    pub name: &'a str,
    /// File, `built-in`, or None.
    pub origin: Option<&'a str>,
    /// Folders of a package, a list object.
    pub locations: Option<Gc>,
    /// The loader.
    pub loader: Gc,
}

/// A class of this file, made at its first use.
pub(crate) fn class(
    vm: &'static Vm,
    class_name: &'static str,
    methods: &'static [BuiltinDef],
) -> PyResult<&'static Class> {
    if let Some(&known) = state(vm).classes.borrow().get(class_name) {
        return Ok(known);
    }
    let module = if class_name.ends_with("FileLoader") || class_name == "PathFinder" {
        "_frozen_importlib_external"
    } else {
        "_frozen_importlib"
    };
    let class = plain_class(vm, class_name, module)?;
    ouro_py_objects::make_class::add_members(vm, class, methods, &[]);
    state(vm).classes.borrow_mut().insert(class_name, class);
    Ok(class)
}
/// A class as a class statement would make it: instances have a `__dict__`.
///
/// # Errors
/// What making the class raises.
pub fn plain_class(vm: &'static Vm, class_name: &str, module: &str) -> PyResult<&'static Class> {
    use ouro_py_objects::Access;
    let namespace = dict(vm);
    dict_set_str(vm, namespace, "__module__", string(vm, module));
    let bases = tuple(vm, &[]);
    let object = call(
        vm,
        vm.world().classes.type_.gc(),
        &[string(vm, class_name), bases, namespace],
    )?;
    Ok(object.get(ouro_py_objects::layout::WClass::CLASS).expect())
}

static SPEC: &[BuiltinDef] = &[
    fn1("__repr__", spec_repr).keep_self(),
    fn2("__eq__", spec_eq).keep_self(),
];
static SOURCE_LOADER: &[BuiltinDef] = &[
    fn2("get_filename", |vm, this, _| get_attr(vm, this, "path"))
        .opt(1)
        .keep_self(),
    fn2("get_source", get_source).opt(1).keep_self(),
    fn2("get_data", get_data).keep_self(),
    fn2("get_code", get_code).opt(1).keep_self(),
    fn2("is_package", is_package).keep_self(),
    fn2("create_module", |vm, _, _| Ok(none(vm))).keep_self(),
    fn2("exec_module", exec_module).keep_self(),
];
static BUILTIN_LOADER: &[BuiltinDef] = &[
    fn2("get_source", |vm, _, _| Ok(none(vm))).keep_self(),
    fn2("get_code", |vm, _, _| Ok(none(vm))).keep_self(),
    fn2("is_package", |vm, _, _| Ok(boolean(vm, false))).keep_self(),
    fn1("create_module", create_builtin).static_method(),
    fn1("exec_module", |vm, _| Ok(none(vm))).static_method(),
];

static EXTENSION_LOADER: &[BuiltinDef] = &[
    fn2("get_filename", |vm, this, _| get_attr(vm, this, "path"))
        .opt(1)
        .keep_self(),
    fn2("get_source", |vm, _, _| Ok(none(vm))).keep_self(),
    fn2("get_code", |vm, _, _| Ok(none(vm))).keep_self(),
    fn2("is_package", is_package).keep_self(),
    fn2("create_module", create_extension).keep_self(),
    fn2("exec_module", |vm, _, _| Ok(none(vm))).keep_self(),
];

fn spec_repr(vm: &'static Vm, this: Gc) -> PyResult {
    let mut text = String::from("ModuleSpec(");
    for (i, field) in ["name", "loader", "origin", "submodule_search_locations"]
        .into_iter()
        .enumerate()
    {
        let v = get_attr(vm, this, field)?;
        if i >= 2 && v == none(vm) {
            continue;
        }
        let shown = repr(vm, v)?;
        text += &format!("{}{field}={shown}", if i == 0 { "" } else { ", " });
    }
    Ok(string(vm, &(text + ")")))
}
fn spec_eq(vm: &'static Vm, this: Gc, other: Gc) -> PyResult {
    for field in [
        "name",
        "loader",
        "origin",
        "submodule_search_locations",
        "cached",
        "has_location",
    ] {
        let a = get_attr(vm, this, field)?;
        let Some(b) = find_attr(vm, other, field)? else {
            return Ok(vm.world().not_implemented);
        };
        if !same(vm, a, b)? {
            return Ok(boolean(vm, false));
        }
    }
    Ok(boolean(vm, true))
}
fn path_of(vm: &'static Vm, this: Gc) -> PyResult<String> {
    let path = get_attr(vm, this, "path")?;
    to_text(vm, "path", path)
}
fn read(vm: &'static Vm, path: &str) -> PyResult<Vec<u8>> {
    std::fs::read(path).map_err(|e| io_error(vm, &e, Some(string(vm, path))))
}
fn get_data(vm: &'static Vm, _this: Gc, path: Gc) -> PyResult {
    let path = to_text(vm, "path", path)?;
    let data = read(vm, &path)?;
    Ok(bytes(vm, &data))
}
fn get_source(vm: &'static Vm, this: Gc, _name: Gc) -> PyResult {
    let path = path_of(vm, this)?;
    let data = read(vm, &path)?;
    match String::from_utf8(data) {
        Ok(text) => Ok(string(vm, &text.replace("\r\n", "\n").replace('\r', "\n"))),
        Err(_) => Err(vm.import_error("source not available through get_source()")),
    }
}
fn get_code(vm: &'static Vm, this: Gc, _name: Gc) -> PyResult {
    let path = path_of(vm, this)?;
    let code = crate::compile::file(vm, &path)?;
    Ok(crate::compile::code_object(vm, code))
}
fn is_package(vm: &'static Vm, this: Gc, module: Gc) -> PyResult {
    let path = path_of(vm, this)?;
    let stem = std::path::Path::new(&path)
        .file_stem()
        .is_some_and(|s| s == "__init__");
    let last = text_of(module).ends_with("__init__");
    Ok(boolean(vm, stem && !last))
}
fn create_builtin(vm: &'static Vm, spec: Gc) -> PyResult {
    let module = get_attr(vm, spec, "name")?;
    match crate::registry::find(&text_of(module)) {
        Some(builtin) => crate::import::load_builtin(vm, builtin),
        None => Err(vm.import_error(format_args!(
            "{} is not a built-in module",
            repr(vm, module)?
        ))),
    }
}
/// Makes and fills the module at once: its initialiser cannot be stopped between the two.
fn create_extension(vm: &'static Vm, this: Gc, spec: Gc) -> PyResult {
    let path = path_of(vm, this)?;
    let module = get_attr(vm, spec, "name")?;
    let module = to_text(vm, "name", module)?;
    crate::import::load_extension_by_spec(vm, &module, &path, spec)
}
fn exec_module(vm: &'static Vm, this: Gc, module: Gc) -> PyResult {
    let path = path_of(vm, this)?;
    let Some(namespace) = module_dict(module) else {
        return Err(vm.type_error("exec_module() needs a module"));
    };
    let code = crate::compile::file(vm, &path)?;
    run_code(vm, code, namespace, namespace)
}

/// The loader of a source file.
///
/// # Errors
/// What making its class raises.
pub fn source_loader(vm: &'static Vm, module: &str, path: &str) -> PyResult {
    let class = class(vm, "SourceFileLoader", SOURCE_LOADER)?;
    let loader = call(vm, class.gc(), &[])?;
    set_attr(vm, loader, "name", string(vm, module))?;
    set_attr(vm, loader, "path", string(vm, path))?;
    Ok(loader)
}
/// The loader of an extension module.
///
/// # Errors
/// What making its class raises.
pub fn extension_loader(vm: &'static Vm, module: &str, path: &str) -> PyResult {
    let class = class(vm, "ExtensionFileLoader", EXTENSION_LOADER)?;
    let loader = call(vm, class.gc(), &[])?;
    set_attr(vm, loader, "name", string(vm, module))?;
    set_attr(vm, loader, "path", string(vm, path))?;
    Ok(loader)
}
/// The loader of modules that are written in Rust: a class, as in CPython.
///
/// # Errors
/// What making the class raises.
pub fn builtin_loader(vm: &'static Vm) -> PyResult {
    Ok(class(vm, "BuiltinImporter", BUILTIN_LOADER)?.gc())
}
/// The spec object.
///
/// # Errors
/// What making its class raises.
pub fn make(vm: &'static Vm, spec: &Spec) -> PyResult {
    let class = class(vm, "ModuleSpec", SPEC)?;
    let none = none(vm);
    let object = call(vm, class.gc(), &[])?;
    let origin = spec.origin.map_or(none, |o| string(vm, o));
    let parent = match spec.locations {
        Some(_) => spec.name,
        None => spec.name.rsplit_once('.').map_or("", |p| p.0),
    };
    let file = spec.origin.is_some_and(|o| o != "built-in");
    for (field, value) in [
        ("name", string(vm, spec.name)),
        ("loader", spec.loader),
        ("origin", origin),
        ("submodule_search_locations", spec.locations.unwrap_or(none)),
        ("loader_state", none),
        ("cached", none),
        ("has_location", boolean(vm, file)),
        ("parent", string(vm, parent)),
        ("_initializing", boolean(vm, false)),
        ("_uninitialized_submodules", list(vm, &[])),
    ] {
        set_attr(vm, object, field, value)?;
    }
    Ok(object)
}
/// Writes `__spec__` and what follows from it into the namespace of a module.
///
/// # Errors
/// What making the spec raises.
pub fn attach(vm: &'static Vm, module: Gc, spec: &Spec) -> PyResult {
    let object = make(vm, spec)?;
    let package = get_attr(vm, object, "parent")?;
    put(vm, module, "__package__", package);
    put(vm, module, "__loader__", spec.loader);
    put(vm, module, "__spec__", object);
    if let Some(locations) = spec.locations {
        put(vm, module, "__path__", locations);
    }
    if let Some(file) = spec.origin.filter(|&o| o != "built-in") {
        put(vm, module, "__file__", string(vm, file));
        put(vm, module, "__cached__", none(vm));
    }
    Ok(object)
}
