//! `ouro`: how a program finds out that this interpreter runs it.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::{PyResult, Vm};

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put(
        vm,
        module,
        "__version__",
        string(vm, env!("CARGO_PKG_VERSION")),
    );
    // A package, so that `import ouro.gc` finds its parts.
    put(vm, module, "__path__", list(vm, &[]));
    Ok(())
}
