//! Classes written in Rust.
//!
//! An exact instance is a `WNative`; an instance of a guest subclass is a `WInst` whose payload is a `WNative`. Methods get
//! the `WNative` as `self` in both cases, unless they say `keep_self`.

use crate::rt::*;
use crate::state::state;
use ouro_gc::{Gc, Host};
use ouro_py_objects::class::class_flags as flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BuiltinDef, Class, Errors, GetSetDef, PyResult, Vm, make_class, payload::payload,
};

/// A class to be defined.
#[derive(Clone, Copy)]
pub struct ClassSpec {
    /// `__module__`
    pub module: &'static str,
    /// `__name__`
    pub name: &'static str,
    /// Methods; `__new__` is a static method that gets the class first. Without one the class cannot be called.
    pub methods: &'static [BuiltinDef],
    /// Computed attributes.
    pub getsets: &'static [GetSetDef],
    /// May be a base class.
    pub base: bool,
    /// Instances may be weakly referenced.
    pub weakref: bool,
    /// Without `__hash__`.
    pub unhashable: bool,
    /// A sequence for patterns.
    pub sequence: bool,
}
impl ClassSpec {
    /// A class that may be a base class, without computed attributes.
    pub const fn new(
        module: &'static str,
        name: &'static str,
        methods: &'static [BuiltinDef],
    ) -> ClassSpec {
        ClassSpec {
            module,
            name,
            methods,
            getsets: &[],
            base: true,
            weakref: false,
            unhashable: false,
            sequence: false,
        }
    }
    /// With computed attributes.
    pub const fn getsets(mut self, getsets: &'static [GetSetDef]) -> ClassSpec {
        self.getsets = getsets;
        self
    }
    /// No base class.
    pub const fn sealed(mut self) -> ClassSpec {
        self.base = false;
        self
    }
    /// Weak references are allowed.
    pub const fn weakref(mut self) -> ClassSpec {
        self.weakref = true;
        self
    }
    /// Not hashable.
    pub const fn unhashable(mut self) -> ClassSpec {
        self.unhashable = true;
        self
    }
    /// Sequence patterns match instances.
    pub const fn sequence(mut self) -> ClassSpec {
        self.sequence = true;
        self
    }
}

/// Defines a class and puts it into the module `into`, unless that is NULL.
///
/// # Errors
/// What making the class raises.
pub fn define(vm: &'static Vm, into: Gc, spec: &'static ClassSpec) -> PyResult<&'static Class> {
    let base = if spec.base { flags::BASE } else { 0 };
    let weakref = if spec.weakref { flags::HAS_WEAKREF } else { 0 };
    let no_new = if spec.methods.iter().any(|m| m.name == "__new__") {
        0
    } else {
        flags::NO_NEW
    };
    let object = vm.world().classes.object;
    let class =
        make_class::new_builtin_class(vm, spec.module, spec.name, object, base | weakref | no_new);
    if spec.sequence {
        class.add_flags(flags::SEQUENCE);
    }
    make_class::add_members(vm, class, spec.methods, spec.getsets);
    class.put(vm, name(vm, "__doc__"), none(vm));
    if spec.unhashable {
        class.put(vm, name(vm, "__hash__"), none(vm));
    }
    if !into.is_null() {
        put(vm, into, spec.name, class.gc());
    }
    state(vm).classes.borrow_mut().insert(spec.name, class);
    Ok(class)
}
/// A new exact instance: all fields zero and NULL.
pub fn new(vm: &'static Vm, class: &'static Class) -> Gc {
    ouro_py_objects::access::alloc::<WNative>(vm).init(WNative::CLASS, Host::new(class))
}
/// As [`new`] for the class with this name.
pub fn new_of(vm: &'static Vm, class: &'static str) -> Gc {
    new(vm, state(vm).class(class))
}
/// What `cls.__new__` returns: `exact` itself if `cls` is its class, an instance of the subclass around it otherwise.
///
/// # Errors
/// TypeError if `cls` is no subclass.
pub fn instance(vm: &'static Vm, cls: Gc, class: &'static Class, exact: Gc) -> PyResult {
    if cls == class.gc() {
        return Ok(exact);
    }
    if !cls.is::<WClass>() {
        return Err(vm.type_error(format_args!(
            "{}.__new__(X): X is not a type object ({})",
            class.text(),
            type_name(vm, cls)
        )));
    }
    let sub = cls.get(WClass::CLASS).expect();
    if !sub.is_subclass(class) {
        let (c, s) = (class.text(), sub.text());
        return Err(vm.type_error(format_args!(
            "{c}.__new__({s}): {s} is not a subtype of {c}"
        )));
    }
    Ok(make_class::new_instance(vm, sub, exact))
}
/// The `WNative` below an object of class `class` or a subclass; None for other objects.
pub fn cast(vm: &'static Vm, object: Gc, class: &'static str) -> Option<Gc> {
    let object = payload(object);
    if !object.is::<WNative>() {
        return None;
    }
    let known = state(vm).classes.borrow().get(class).copied()?;
    std::ptr::eq(object.get(WNative::CLASS).expect(), known).then_some(object)
}
/// The class of a `WNative`.
pub fn class_of(object: Gc) -> &'static Class {
    object.get(WNative::CLASS).expect()
}
/// An iterator class has `__iter__`: the object itself.
pub const ITER: BuiltinDef =
    ouro_py_objects::builtin::fn1("__iter__", |_, this| Ok(this)).keep_self();
