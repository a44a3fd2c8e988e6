//! Imports. How modules are found is the affair of `World::callouts.import`.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::Effects;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm, type_of};
use ouro_py_objects::{attribute, call, dict, error, exception, int, list, operator, str};

residuals! {
    /// `import name`, by `builtins.__import__` if somebody has replaced it.
    IMPORT_NAME = import_name(vm, name: Gc, globals: Gc, locals: Gc, from: Gc, level: i64) -> Gc, Effects::ANY, {
        let world = vm.world();
        let hook = dict::get_str(vm, world.builtins.get(), world.names.import_)?;
        match hook {
            Some(f) if !f.is::<WBuiltin>() => call::call_args(vm, f, &[name, globals, locals, from, int::new(vm, level)]),
            Some(_) => match world.callouts.import.get() {
                Some(import) => import(vm, name, globals, locals, from, level),
                None => Err(vm.import_error("no importer is installed")),
            },
            None => Err(vm.import_error("__import__ not found")),
        }
    }
    /// `from module import name`
    IMPORT_FROM = import_from(vm, module: Gc, name: Gc) -> Gc, Effects::ANY, {
        let found = attribute::get_attr(vm, module, name);
        if let Some(v) = error::catch(vm, vm.world().classes.attribute_error, found)? {
            return Ok(v);
        }
        let module_name = text_of(vm, module, vm.world().names.name)?;
        if let Some(module_name) = &module_name {
            let full = str::new(vm, &format!("{module_name}.{}", str::to_text(name)));
            let modules = vm.world().modules.get();
            if !modules.is_null() && let Some(v) = dict::get(vm, modules, full)? {
                return Ok(v);
            }
        }
        let shown = module_name.clone().unwrap_or_else(|| "<unknown module name>".into());
        let file = text_of(vm, module, vm.world().names.file)?;
        let place = file.clone().unwrap_or_else(|| "unknown location".into());
        let text = str::to_text(name);
        let e = vm.import_error(format_args!("cannot import name '{text}' from '{shown}' ({place})"));
        let none = vm.world().none;
        let or_none = |text: Option<String>| text.map_or(none, |t| str::new(vm, &t));
        exception::set_field(vm, e, 1, or_none(module_name));
        exception::set_field(vm, e, 2, or_none(file));
        Err(e)
    }
    /// `from module import *`
    IMPORT_STAR = import_star(vm, module: Gc, namespace: Gc) -> (), Effects::ANY, {
        let all = attribute::get_attr_opt(vm, module, vm.world().names.all)?;
        let public_only = all.is_none();
        let names = match all {
            Some(all) => list::to_temps(vm, all)?,
            None => {
                let Some(d) = attribute::get_attr_opt(vm, module, vm.world().names.dict)? else {
                    return Err(vm.import_error("from-import-* object has no __dict__ and no __all__"));
                };
                list::to_temps(vm, d)?
            }
        };
        for n in 0..names.len() {
            let Some(name) = str::as_str(names[n]) else {
                let got = type_of(vm, names[n]).text();
                return Err(vm.type_error(format_args!("Item in __all__ must be str, not {got}")));
            };
            if public_only && str::bytes(name).starts_with(b"_") {
                continue;
            }
            let name = str::intern_gc(vm, name);
            let v = attribute::get_attr(vm, module, name)?;
            match namespace.is::<WDict>() {
                true => dict::set_str(vm, namespace, name, v)?,
                false => operator::set_item(vm, namespace, name, v)?,
            }
        }
        Ok(())
    }
}
/// A text attribute of a module, if it has one.
fn text_of(vm: &'static Vm, module: Gc, name: Gc) -> PyResult<Option<String>> {
    let found = attribute::get_attr_opt(vm, module, name)?;
    Ok(found.and_then(str::as_str).map(str::to_text))
}
