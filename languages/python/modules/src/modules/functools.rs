//! `_functools`: `reduce`. The rest of the module is Python source, which the compiler of traces sees through.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::fn3;
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm, error};

static FUNCTIONS: &[BuiltinDef] = &[fn3("reduce", reduce).opt(2)];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
fn reduce(vm: &'static Vm, f: Gc, iterable: Gc, initial: Gc) -> PyResult {
    let it = match error::catch(vm, vm.world().classes.type_error, iter(vm, iterable))? {
        Some(it) => it,
        None => return Err(vm.type_error("reduce() arg 2 must support iteration")),
    };
    let mut result = initial;
    if result.is_null() {
        let Some(first) = next(vm, it)? else {
            return Err(vm.type_error("reduce() of empty iterable with no initial value"));
        };
        result = first;
    }
    while let Some(v) = next(vm, it)? {
        result = call(vm, f, &[result, v])?;
    }
    Ok(result)
}
