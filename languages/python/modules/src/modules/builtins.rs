//! `builtins`: the namespace that the objects crate fills, as a module.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, PyResult, Vm};

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    let namespace = vm.world().builtins.get();
    for pair in dict_items(vm, module.get(WModule::DICT)).chunks(2) {
        dict_set(vm, namespace, pair[0], pair[1])?;
    }
    module.set(vm, WModule::DICT, namespace);
    let debug = crate::state::state(vm).config.borrow().flags.optimize == 0;
    put(vm, module, "__debug__", boolean(vm, debug));
    put(vm, module, "__name__", string(vm, "builtins"));
    let doc = "Built-in functions, exceptions, and other objects.\n\n\
        Noteworthy: None is the `nil' object; Ellipsis represents `...' in slices.";
    put(vm, module, "__doc__", string(vm, doc));
    // Every class has a docstring, or None: `None.__doc__` is looked up.
    let all = vm.world().all_classes.borrow().clone();
    all.iter()
        .filter(|c| c.own(vm.world().names.doc).is_none())
        .for_each(|c| c.put(vm, vm.world().names.doc, none(vm)));
    if dict_get_str(vm, namespace, "open").is_none() {
        put_functions(vm, module, OPEN);
    }
    Ok(())
}

/// `open` loads `_io` when it is first called, so that a program without files does not pay for it.
static OPEN: &[ouro_py_objects::BuiltinDef] =
    &[ouro_py_objects::builtin::kw("open", |vm, args, kw| {
        let io = crate::import::import_module(vm, "_io")?;
        let open = get_attr(vm, io, "open")?;
        put_builtin(vm, "open", open);
        call_kw(vm, open, args, kw)
    })];
fn put_builtin(vm: &'static Vm, key: &str, value: Gc) {
    dict_set_str(vm, vm.world().builtins.get(), key, value)
}
