//! Making and inspecting exceptions from Rust: `return Err(vm.type_error(format_args!(..)))`.

use crate::access::{Access, alloc};
use crate::class::Class;
use crate::layout::*;
use crate::world::type_of;
use crate::{PyResult, Vm};
use ouro_gc::Gc;
use std::fmt::Display;

/// A new exception of `class` with these arguments, without running any guest code.
pub fn new_exception(vm: &'static Vm, class: &'static Class, args: &[Gc]) -> Gc {
    let tuple = crate::tuple::new(vm, args);
    let e = alloc::<WException>(vm);
    e.init(WException::CLASS, ouro_gc::Host::new(class));
    e.init(WException::ARGS, tuple);
    crate::exception::fill_fields(vm, e, args);
    crate::finalize::register_instance(vm, class, e);
    e
}

macro_rules! errors {
    ($($method:ident $class:ident,)*) => {
        /// Constructors of exceptions.
        pub trait Errors {
            /// A new exception of `class` with one argument, a message.
            fn error(&'static self, class: &'static Class, message: impl Display) -> Gc;
            $(
                #[doc = concat!("A new `", stringify!($class), "` with a message.")]
                fn $method(&'static self, message: impl Display) -> Gc;
            )*
            /// KeyError with the key itself as argument.
            fn key_error(&'static self, key: Gc) -> Gc;
            /// StopIteration with a value, or without one if it is NULL.
            fn stop_iteration(&'static self, value: Gc) -> Gc;
        }
        impl Errors for Vm {
            #[cold]
            fn error(&'static self, class: &'static Class, message: impl Display) -> Gc {
                let text = crate::str::new(self, &message.to_string());
                new_exception(self, class, &[text])
            }
            $(#[cold] fn $method(&'static self, message: impl Display) -> Gc {
                self.error(self.world().classes.$class, message)
            })*
            fn key_error(&'static self, key: Gc) -> Gc {
                let class = self.world().classes.key_error;
                let args = crate::tuple::new(self, &[key]);
                // A builtin class without declared attributes: there are no fields to be filled.
                alloc::<WException>(self)
                    .init(WException::CLASS, ouro_gc::Host::new(class))
                    .init(WException::ARGS, args)
            }
            fn stop_iteration(&'static self, value: Gc) -> Gc {
                let class = self.world().classes.stop_iteration;
                match value.is_null() {
                    true => new_exception(self, class, &[]),
                    false => new_exception(self, class, &[value]),
                }
            }
        }
    };
}
errors! {
    type_error type_error, value_error value_error, index_error index_error, attribute_error attribute_error,
    name_error name_error, unbound_local_error unbound_local_error, overflow_error overflow_error,
    zero_division_error zero_division_error, runtime_error runtime_error, system_error system_error,
    not_implemented_error not_implemented_error, import_error import_error, lookup_error lookup_error,
    buffer_error buffer_error, assertion_error assertion_error, os_error os_error, eof_error eof_error,
    reference_error reference_error,
}

/// AttributeError with its `name` and `obj` attributes.
#[cold]
pub fn attribute_error_for(vm: &'static Vm, object: Gc, name: Gc, message: impl Display) -> Gc {
    let e = vm.attribute_error(message);
    crate::exception::set_field(vm, e, 0, name);
    crate::exception::set_field(vm, e, 1, object);
    e
}
/// NameError with its `name` attribute.
#[cold]
pub fn name_error_for(vm: &'static Vm, name: Gc) -> Gc {
    let e = vm.name_error(format_args!(
        "name '{}' is not defined",
        crate::str::to_text(name)
    ));
    crate::exception::set_field(vm, e, 0, name);
    e
}
/// RecursionError for an exhausted stack.
#[cold]
pub fn recursion_error(vm: &'static Vm) -> Gc {
    vm.error(
        vm.world().classes.recursion_error,
        "maximum recursion depth exceeded",
    )
}
/// MemoryError.
#[cold]
pub fn memory_error(vm: &'static Vm) -> Gc {
    new_exception(vm, vm.world().classes.memory_error, &[])
}
/// Checks that `bytes` more fit the heap, before something of that size is built in other memory.
///
/// # Errors
/// MemoryError.
pub fn check_room(vm: &'static Vm, bytes: usize) -> PyResult<()> {
    match vm.heap.has_room_for(bytes) {
        true => Ok(()),
        false => Err(memory_error(vm)),
    }
}
/// The exception that `std::io` or a system call reported, of the subclass of OSError that fits its errno.
#[cold]
pub fn os_error_from(vm: &'static Vm, errno: i32, filename: Option<Gc>) -> Gc {
    crate::exception::os_error(vm, errno, filename)
}
/// Whether exception `e` is an instance of `class` (no `__instancecheck__`).
#[inline]
pub fn is_instance_of(vm: &Vm, e: Gc, class: &'static Class) -> bool {
    type_of(vm, e).is_subclass(class)
}
/// Turns an exception of `class` into a value, passes others on.
pub fn catch<T>(
    vm: &'static Vm,
    class: &'static Class,
    result: PyResult<T>,
) -> PyResult<Option<T>> {
    match result {
        Ok(v) => Ok(Some(v)),
        Err(e) if is_instance_of(vm, e, class) => Ok(None),
        Err(e) => Err(e),
    }
}
/// Checks that there is room for native recursion that may be deep and runs no guest code in between.
///
/// # Errors
/// RecursionError.
#[inline]
pub fn check_native_stack(vm: &'static Vm) -> PyResult<()> {
    match vm.native_stack_is_low() {
        true => Err(recursion_error(vm)),
        false => Ok(()),
    }
}
/// Counts native recursion; over the limit it is a RecursionError.
///
/// # Errors
/// RecursionError with " while <doing>" in its message.
pub fn recursive<T>(vm: &'static Vm, doing: &str, f: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let depth = &vm.world().native_depth;
    let over = depth.get() as usize >= vm.world().recursion_limit.get().min(5000);
    if over || vm.native_stack_is_low() {
        let message = format!("maximum recursion depth exceeded{doing}");
        return Err(vm.error(vm.world().classes.recursion_error, message));
    }
    depth.set(depth.get() + 1);
    let result = f();
    depth.set(depth.get() - 1);
    result
}
