//! Module objects: construction, import from Rust, methods.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, getset, getter, kw};
use crate::layout::*;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};

/// A new module with the usual attributes.
pub fn new(vm: &'static Vm, name: &str) -> Gc {
    let d = crate::dict::new_namespace(vm);
    fill(vm, d, crate::str::intern(vm, name), vm.world().none);
    alloc::<WModule>(vm).init(WModule::DICT, d)
}
/// A module whose functions are in a table.
pub fn new_builtin(vm: &'static Vm, name: &str, functions: &'static [BuiltinDef]) -> Gc {
    let m = new(vm, name);
    add_functions(vm, m, functions);
    m
}
/// Adds functions to a module.
pub fn add_functions(vm: &'static Vm, module: Gc, functions: &'static [BuiltinDef]) {
    let d = module.get(WModule::DICT);
    let name = crate::dict::get_str(vm, d, vm.world().names.name)
        .ok()
        .flatten()
        .unwrap_or(vm.world().none);
    for def in functions {
        crate::dict::set_text(vm, d, def.name, new_function(vm, def, name));
    }
}
/// A builtin function object; `module` is the module's name.
pub fn new_function(vm: &'static Vm, def: &'static BuiltinDef, module: Gc) -> Gc {
    alloc::<WBuiltin>(vm)
        .init(WBuiltin::DEF, Host::new(def))
        .init(WBuiltin::MODULE, module)
}
/// Sets an attribute of a module.
pub fn set(vm: &'static Vm, module: Gc, name: &str, value: Gc) {
    crate::dict::set_text(vm, module.get(WModule::DICT), name, value);
}
fn fill(vm: &'static Vm, d: Gc, name: Gc, doc: Gc) {
    let (names, none) = (&vm.world().names, vm.world().none);
    let pairs = [
        (names.name, name),
        (names.doc, doc),
        (names.package, none),
        (names.loader, none),
        (names.spec, none),
    ];
    for (key, value) in pairs {
        // The keys are strs in a namespace of strs: comparing them cannot raise.
        let _ = crate::dict::set_str(vm, d, key, value);
    }
}
/// `import name`, for the runtime itself; of a dotted name the last module.
///
/// # Errors
/// ImportError, what the module raises.
pub fn import(vm: &'static Vm, name: &str) -> PyResult {
    let text = crate::str::intern(vm, name);
    let modules = vm.world().modules.get();
    if !modules.is_null()
        && let Some(d) = crate::dict::as_dict(modules)
        && let Some(found) = crate::dict::get_str(vm, d, text)?
        && found != vm.world().none
    {
        return Ok(found);
    }
    let none = vm.world().none;
    // With something to import from it, the last module of a dotted name comes back.
    let from = crate::tuple::new(vm, &[vm.world().names.name]);
    import_name(vm, text, none, none, from, 0)
}
/// `__import__(name, globals, locals, fromlist, level)` as an import statement calls it if nobody has replaced it.
///
/// # Errors
/// ImportError, what the module raises.
pub fn import_name(
    vm: &'static Vm,
    name: Gc,
    globals: Gc,
    locals: Gc,
    from: Gc,
    level: i64,
) -> PyResult {
    match vm.world().callouts.import.get() {
        Some(import) => import(vm, name, globals, locals, from, level),
        None => {
            let text = crate::operator::repr_text(vm, name)?;
            Err(vm.error(
                vm.world().classes.module_not_found_error,
                format_args!("No module named {text}"),
            ))
        }
    }
}

fn module_new(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    let builtin = vm.world().classes.module;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    let d = crate::dict::new_namespace(vm);
    let m = alloc::<WModule>(vm).init(WModule::DICT, d);
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, m))
}
fn init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [name, doc] = crate::call::parse(vm, "module", &args[1..], kw, ["name", "doc"], 1, 2)?;
    if crate::str::as_str(name).is_none() {
        let got = type_of(vm, name).text();
        return Err(vm.type_error(format_args!(
            "module() argument 'name' must be str, not {got}"
        )));
    }
    fill(
        vm,
        args[0].get(WModule::DICT),
        name,
        if doc.is_null() { vm.world().none } else { doc },
    );
    Ok(vm.world().none)
}
/// An attribute in the namespace, None if it is missing or `None`.
fn own(vm: &'static Vm, m: Gc, name: Gc) -> PyResult<Option<Gc>> {
    let found = crate::dict::get_str(vm, m.get(WModule::DICT), name)?;
    Ok(found.filter(|&v| v != vm.world().none))
}
fn repr(vm: &'static Vm, m: Gc) -> PyResult {
    let names = &vm.world().names;
    let name = match own(vm, m, names.name)? {
        Some(name) => crate::operator::repr_text(vm, name)?,
        None => "'?'".to_owned(),
    };
    let mut place = String::new();
    if let Some(spec) = own(vm, m, names.spec)? {
        let attribute =
            |name: &str| crate::attribute::get_attr_opt(vm, spec, crate::str::intern(vm, name));
        let known = attribute("origin")?.filter(|&o| o != vm.world().none);
        if let Some(origin) = known {
            let has_location = match attribute("has_location")? {
                Some(v) => crate::operator::truth(vm, v)?,
                None => false,
            };
            place = match has_location {
                true => format!(" from {}", crate::operator::repr_text(vm, origin)?),
                false => format!(" ({})", crate::operator::str_text(vm, origin)?),
            };
        }
    } else if let Some(file) = own(vm, m, names.file)? {
        place = format!(" from {}", crate::operator::repr_text(vm, file)?);
    } else if let Some(loader) = own(vm, m, names.loader)? {
        place = format!(" ({})", crate::operator::repr_text(vm, loader)?);
    }
    Ok(crate::str::new(vm, &format!("<module {name}{place}>")))
}
fn dir(vm: &'static Vm, m: Gc) -> PyResult {
    let d = m.get(WModule::DICT);
    match crate::dict::get_str(vm, d, crate::Special::Dir.name(vm))? {
        Some(hook) => crate::call::call_args(vm, hook, &[]),
        None => crate::list::from_iterable(vm, d),
    }
}
static METHODS: &[BuiltinDef] = &[
    kw("__new__", module_new).static_method(),
    kw("__init__", init),
    fn1("__repr__", repr),
    fn2("__getattribute__", |vm, m, name| {
        let name = crate::attribute::name_argument(vm, name, "")?;
        crate::attribute::module_get(vm, m, name)
    })
    .keep_self(),
    fn1("__dir__", dir).doc("__dir__() -> list\nspecialized dir() implementation"),
];
static ATTRIBUTES: &[GetSetDef] = &[
    getter("__dict__", |_, m| Ok(m.get(WModule::DICT))).member(),
    getset("__annotations__", annotations, set_annotations),
];
fn annotations(vm: &'static Vm, m: Gc) -> PyResult {
    let (d, name) = (m.get(WModule::DICT), vm.world().names.annotations);
    if let Some(found) = crate::dict::get_str(vm, d, name)? {
        return Ok(found);
    }
    let made = crate::dict::new(vm);
    crate::dict::set_str(vm, d, name, made)?;
    Ok(made)
}
fn set_annotations(vm: &'static Vm, m: Gc, value: Gc) -> PyResult<()> {
    let (d, name) = (m.get(WModule::DICT), vm.world().names.annotations);
    if !value.is_null() {
        return crate::dict::set_str(vm, d, name, value);
    }
    match crate::dict::remove(vm, d, name)? {
        Some(_) => Ok(()),
        None => Err(vm.attribute_error("__annotations__")),
    }
}

/// Fills the namespace of module.
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.module, METHODS, ATTRIBUTES);
}
