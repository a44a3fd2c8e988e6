//! Variables that are not registers: globals, builtins, namespaces of classes.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::Effects;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Answer, Errors, Name, PyResult, Vm};
use ouro_py_objects::{call, dict, error, operator, str};

/// What loading a global does; see `ouro_py_objects::lookup`.
pub use ouro_py_objects::lookup::global_answer;

/// The cell of a name in a namespace with cells, for stores and for attributes of modules.
pub fn own_cell_answer(vm: &'static Vm, namespace: Gc, name: Name) -> Answer {
    dict::get_cell(vm, namespace, name).map_or(Answer::Slow, Answer::Global)
}
/// What loading an attribute of the module with this namespace does. Attributes of the class may be computed.
pub fn module_answer(vm: &'static Vm, namespace: Gc, name: Name) -> Answer {
    match vm.world().classes.module.lookup(name) {
        Some(_) => Answer::Slow,
        None => own_cell_answer(vm, namespace, name),
    }
}
/// A value of a namespace, which may be any mapping.
fn find(vm: &'static Vm, namespace: Gc, name: Name) -> PyResult<Option<Gc>> {
    if namespace.is::<WDict>() {
        return dict::get_str(vm, namespace, name);
    }
    error::catch(
        vm,
        vm.world().classes.key_error,
        operator::get_item(vm, namespace, name),
    )
}
/// A global or builtin.
fn global(vm: &'static Vm, globals: Gc, name: Name) -> PyResult<Option<Gc>> {
    if let Some(v) = find(vm, globals, name)? {
        return Ok(Some(v));
    }
    let builtins = match find(vm, globals, vm.world().names.builtins)? {
        Some(module) if module.is::<WModule>() => module.get(WModule::DICT),
        Some(mapping) => mapping,
        None => vm.world().builtins.get(),
    };
    find(vm, builtins, name)
}

residuals! {
    /// UnboundLocalError.
    UNBOUND_LOCAL = unbound_local(vm, name: Gc) -> Gc, Effects::READS_OR_RAISES, {
        let name = str::to_text(name);
        let text = format!("cannot access local variable '{name}' where it is not associated with a value");
        Err(vm.unbound_local_error(text))
    }
    /// NameError of a free variable.
    UNBOUND_FREE = unbound_free(vm, name: Gc) -> Gc, Effects::READS_OR_RAISES, {
        let name = str::to_text(name);
        let text = format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope");
        Err(vm.name_error(text))
    }
    /// A global or builtin, or NameError.
    LOAD_GLOBAL = load_global(vm, globals: Gc, name: Gc) -> Gc, Effects::ANY, {
        global(vm, globals, name)?.ok_or_else(|| error::name_error_for(vm, name))
    }
    /// Writes a global.
    STORE_GLOBAL = store_global(vm, globals: Gc, name: Gc, v: Gc) -> (), Effects::ANY, {
        dict::set_str(vm, globals, name, v)
    }
    /// Deletes a global, or NameError.
    DELETE_GLOBAL = delete_global(vm, globals: Gc, name: Gc) -> (), Effects::ANY, {
        match dict::remove(vm, globals, name)? {
            Some(_) => Ok(()),
            None => Err(error::name_error_for(vm, name)),
        }
    }
    /// A name of code that is no function.
    LOAD_NAME = load_name(vm, namespace: Gc, globals: Gc, name: Gc) -> Gc, Effects::ANY, {
        if let Some(v) = find(vm, namespace, name)? {
            return Ok(v);
        }
        global(vm, globals, name)?.ok_or_else(|| error::name_error_for(vm, name))
    }
    /// A value of a namespace, or NULL.
    FIND_NAME = find_name(vm, namespace: Gc, name: Gc) -> Gc, Effects::ANY, {
        Ok(find(vm, namespace, name)?.unwrap_or(Gc::NULL))
    }
    /// Writes to a namespace, which may be any mapping.
    STORE_NAME = store_name(vm, namespace: Gc, name: Gc, v: Gc) -> (), Effects::ANY, {
        match namespace.is::<WDict>() {
            true => dict::set_str(vm, namespace, name, v),
            false => operator::set_item(vm, namespace, name, v),
        }
    }
    /// Deletes from a namespace, or NameError.
    DELETE_NAME = delete_name(vm, namespace: Gc, name: Gc) -> (), Effects::ANY, {
        let missing = match namespace.is::<WDict>() {
            true => dict::remove(vm, namespace, name)?.is_none(),
            false => {
                let deleted = operator::del_item(vm, namespace, name);
                error::catch(vm, vm.world().classes.key_error, deleted)?.is_none()
            }
        };
        if missing { Err(error::name_error_for(vm, name)) } else { Ok(()) }
    }
    /// `builtins.__build_class__`
    LOAD_BUILD_CLASS = load_build_class(vm, globals: Gc) -> Gc, Effects::ANY, {
        match global(vm, globals, vm.world().names.build_class)? {
            Some(v) => Ok(v),
            None => Err(vm.name_error("__build_class__ not found")),
        }
    }
    /// `__annotations__ = {}` unless it is there.
    SETUP_ANNOTATIONS = setup_annotations(vm, namespace: Gc) -> (), Effects::ANY, {
        let name = vm.world().names.annotations;
        if find(vm, namespace, name)?.is_some() {
            return Ok(());
        }
        let annotations = dict::new(vm);
        match namespace.is::<WDict>() {
            true => dict::set_str(vm, namespace, name, annotations),
            false => operator::set_item(vm, namespace, name, annotations),
        }
    }
    /// `sys.displayhook(v)`
    PRINT_EXPR = print_expr(vm, v: Gc) -> (), Effects::ANY, {
        let sys = vm.world().sys.get();
        let hook = match sys.is_null() {
            true => None,
            false => dict::get_text(vm, sys, "displayhook")?,
        };
        let Some(hook) = hook else { return Err(vm.runtime_error("lost sys.displayhook")) };
        call::call_args(vm, hook, &[v]).map(|_| ())
    }
}
