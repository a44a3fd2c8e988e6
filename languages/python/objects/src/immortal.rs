//! Objects that never die and never move: singletons, interned strings.

use crate::Vm;
use ouro_gc::{Gc, Object, TypeId, VarObject};

/// A new immortal object of fixed size.
pub fn fixed<O: Object>(vm: &'static Vm) -> Gc {
    vm.heap.alloc_immortal(TypeId(O::TYPE_ID), O::BYTES)
}
/// A new immortal object with `len` items.
///
/// # Panics
/// If the system has no memory.
pub fn variable<O: VarObject>(vm: &'static Vm, len: usize) -> Gc {
    match vm.heap.alloc_var_immortal(TypeId(O::TYPE_ID), len) {
        Ok(object) => object,
        Err(_) => panic!("out of memory for an immortal object of {len} items"),
    }
}
