//! Objects that never die and never move: singletons, interned strings.

use crate::Vm;
use crate::access::{alloc, alloc_var};
use ouro_gc::{Gc, Object, VarObject};

/// A new immortal object of fixed size.
pub fn fixed<O: Object>(vm: &'static Vm) -> Gc {
    let object = alloc::<O>(vm);
    vm.heap.immortalize(object);
    object
}
/// A new immortal object with `len` items.
pub fn variable<O: VarObject>(vm: &'static Vm, len: usize) -> Gc {
    let object = alloc_var::<O>(vm, len);
    vm.heap.immortalize(object);
    object
}
