//! `_typing`: one function that returns its argument.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::fn1;
use ouro_py_objects::{BuiltinDef, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[fn1("_idfunc", |_, v| Ok(v))];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
