//! Making a VM that is ready to run Python.

use crate::access::Access;
use crate::layout::*;
use crate::world::{World, WorldRoots};
use crate::{Python, Vm};
use ouro_gc::{Heap, TypeTable};
use ouro_machine::Hooks;
use std::rc::Rc;

/// The types of all objects, for the heap.
pub fn types() -> TypeTable {
    let mut types = TypeTable::new();
    crate::layout::register(&mut types).expect("the layouts keep the heap's rules");
    types
}
/// A VM with all builtin classes and the module `builtins`. `heap` was made with [`types`].
pub fn new_vm(heap: Box<Heap>, hooks: Hooks<Python>) -> &'static Vm {
    let vm = Vm::leak(heap, hooks, crate::constants::bottom());
    vm.set_world(World::new(vm));
    vm.heap.add_root_provider(Rc::new(WorldRoots(vm)));
    vm.world().thread.set(vm, WThread::HANDLED, vm.world().none);
    crate::make_class::boot(vm);
    crate::object::boot(vm);
    crate::type_methods::boot(vm);
    crate::function_methods::boot(vm);
    crate::number_methods::boot(vm);
    crate::str::methods::boot(vm);
    crate::bytes_methods::boot(vm);
    crate::bytearray::boot(vm);
    crate::memoryview::boot(vm);
    crate::list_methods::boot(vm);
    crate::tuple_methods::boot(vm);
    crate::range::boot(vm);
    crate::slice::boot(vm);
    crate::dict_methods::boot(vm);
    crate::dict_views::boot(vm);
    crate::set_methods::boot(vm);
    crate::iterator_methods::boot(vm);
    crate::iter_objects::boot(vm);
    crate::exception::boot(vm);
    crate::generic_alias::boot(vm);
    crate::module::boot(vm);
    crate::weakref::boot(vm);
    crate::traceback::boot(vm);
    crate::builtins::boot(vm);
    vm.set_frame_limit(vm.world().recursion_limit.get());
    vm
}
