//! A module that consists of Python source only.

use ouro_gc::Gc;
use ouro_py_objects::{PyResult, Vm};

pub fn init(_vm: &'static Vm, _module: Gc) -> PyResult<()> {
    Ok(())
}
