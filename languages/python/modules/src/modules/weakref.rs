//! `_weakref`: weak references. Proxies are in `weakref_proxy.rs`.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2};
use ouro_py_objects::{BuiltinDef, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    fn1("getweakrefcount", |vm, v| {
        Ok(int(
            vm,
            ouro_py_objects::weakref::references(vm, v).len() as i64,
        ))
    }),
    fn1("getweakrefs", |vm, v| {
        Ok(list(vm, &ouro_py_objects::weakref::references(vm, v)))
    }),
    fn2("proxy", crate::modules::weakref_proxy::new).opt(1),
    fn2("_remove_dead_weakref", |vm, d, key| {
        if let Some(d) = as_dict(d)
            && let Some(reference) = dict_get(vm, d, key)?
            && call(vm, reference, &[])? == none(vm)
        {
            dict_del(vm, d, key)?;
        }
        Ok(none(vm))
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let class = vm.world().classes.weakref.gc();
    for alias in ["ref", "ReferenceType"] {
        put(vm, module, alias, class);
    }
    crate::modules::weakref_proxy::define(vm, module)
}
