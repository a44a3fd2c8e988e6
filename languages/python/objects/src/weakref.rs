//! Weak references and their callbacks. Proxies are classes of module `_weakref`; finalizers are in `finalize.rs`.
//!
//! Invariants
//! - W1: `WWeakRef::REFERENT` does not keep its object alive; the heap makes it NULL when the object dies and queues the
//!   reference.
//! - W2: a reference of a subclass of `weakref.ref` is the payload of its instance, and the reference of a proxy belongs
//!   to the proxy; `CALLBACK` is then the tuple (callback or None, that object), so that the callback gets the object.
//! - W3: a class's plain references without callback are shared: one per object.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, getter, kw};
use crate::class::class_flags;
use crate::descriptor::ToOption;
use crate::layout::*;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::Gc;

/// The object a reference refers to; NULL after its death.
pub fn referent(vm: &'static Vm, reference: Gc) -> Gc {
    vm.heap.weak_referent(crate::payload(reference))
}
/// The callback, if there is one and it was not called yet.
fn callback(vm: &'static Vm, reference: Gc) -> Option<Gc> {
    let held = reference.get(WWeakRef::CALLBACK);
    let f = if held.is::<WTuple>() {
        held.item(&TUPLE, 0)
    } else {
        held
    };
    f.to_option().filter(|&f| f != vm.world().none)
}
/// What the guest sees of a reference: the instance of a subclass, or the reference itself.
fn visible(reference: Gc) -> Gc {
    let held = reference.get(WWeakRef::CALLBACK);
    if held.is::<WTuple>() {
        held.item(&TUPLE, 1)
    } else {
        reference
    }
}
/// All living references to an object, oldest first.
pub fn references(vm: &'static Vm, object: Gc) -> crate::Temps {
    let mut all = crate::Temps::new(vm);
    for owner in vm.heap.weak_owners(object) {
        all.push(visible(owner));
    }
    all
}
/// `object.__weakref__`: the first reference to it, or None.
///
/// # Errors
/// None.
pub fn first(vm: &'static Vm, object: Gc) -> PyResult {
    Ok(references(vm, object)
        .first()
        .copied()
        .unwrap_or(vm.world().none))
}
/// Whether objects of its class may be weakly referenced.
fn is_referable(vm: &'static Vm, object: Gc) -> bool {
    let class = type_of(vm, object);
    class.has(class_flags::HAS_WEAKREF)
        || object.is::<WClass>()
        || (object.is::<WNative>() || object.is::<WForeign>()) && class.has(class_flags::HEAP)
}
fn guest_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.weakref;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    let exact = std::ptr::eq(class, builtin);
    if !kw.is_empty() && exact {
        return Err(vm.type_error("ref() takes no keyword arguments"));
    }
    let (object, f) = match args[1..] {
        [object] => (object, Gc::NULL),
        [object, f] => (object, f),
        [] => return Err(vm.type_error("__new__ expected at least 1 argument, got 0")),
        _ => {
            return Err(vm.type_error(format_args!(
                "__new__ expected at most 2 arguments, got {}",
                args.len() - 1
            )));
        }
    };
    if exact {
        return new(vm, object, f);
    }
    let reference = new_reference(vm, object, Gc::NULL)?;
    let instance = crate::make_class::new_instance(vm, class, reference);
    show_as(vm, reference, f, instance);
    Ok(instance)
}
/// Makes `shown` what the guest sees of a reference (W2). No callback is NULL or None.
pub fn show_as(vm: &'static Vm, reference: Gc, callback: Gc, shown: Gc) {
    let f = callback.to_option().unwrap_or(vm.world().none);
    let both = crate::tuple::new(vm, &[f, shown]);
    reference.set(vm, WWeakRef::CALLBACK, both);
}
/// `weakref.ref(object, callback)`; no callback is NULL or None.
///
/// # Errors
/// TypeError for objects that cannot be referenced weakly.
pub fn new(vm: &'static Vm, object: Gc, callback: Gc) -> PyResult {
    let callback = if callback == vm.world().none {
        Gc::NULL
    } else {
        callback
    };
    if callback.is_null()
        && let Some(known) = plain_reference(vm, object)
    {
        return Ok(known);
    }
    new_reference(vm, object, callback)
}
/// A reference that is not shared.
///
/// # Errors
/// TypeError for objects that cannot be referenced weakly.
pub fn new_reference(vm: &'static Vm, object: Gc, callback: Gc) -> PyResult {
    if !is_referable(vm, object) {
        let got = type_of(vm, object).text();
        return Err(vm.type_error(format_args!(
            "cannot create weak reference to '{got}' object"
        )));
    }
    let reference = alloc::<WWeakRef>(vm)
        .init(WWeakRef::REFERENT, object)
        .init(WWeakRef::CALLBACK, callback);
    vm.heap.register_weak(reference);
    Ok(reference)
}
/// The shared reference without callback (W3).
fn plain_reference(vm: &'static Vm, object: Gc) -> Option<Gc> {
    let owners = vm.heap.weak_owners(object);
    owners
        .into_iter()
        .find(|r| r.get(WWeakRef::CALLBACK).is_null())
}
fn call(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    if !kw.is_empty() {
        return Err(vm.type_error("weakref() takes no keyword arguments"));
    }
    if args.len() > 1 {
        return Err(vm.type_error(format_args!(
            "weakref expected 0 arguments, got {}",
            args.len() - 1
        )));
    }
    Ok(referent(vm, args[0]).to_option().unwrap_or(vm.world().none))
}
fn init(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    let _ = args;
    Ok(vm.world().none)
}
fn hash(vm: &'static Vm, r: Gc) -> PyResult {
    if r.get(WWeakRef::HAS_HASH) == 0 {
        let object = referent(vm, r);
        if object.is_null() {
            return Err(vm.type_error("weak object has gone away"));
        }
        r.set(vm, WWeakRef::HASH, crate::operator::hash(vm, object)?);
        r.set(vm, WWeakRef::HAS_HASH, 1);
    }
    Ok(crate::int::new(vm, r.get(WWeakRef::HASH)))
}
fn equal(vm: &'static Vm, a: Gc, b: Gc, negated: bool) -> PyResult {
    let other = crate::payload(b);
    if !other.is::<WWeakRef>() {
        return Ok(vm.world().not_implemented);
    }
    let (x, y) = (referent(vm, a), referent(vm, other));
    let same = if x.is_null() || y.is_null() {
        a == other
    } else {
        crate::operator::eq(vm, x, y)?
    };
    Ok(vm.world().bool(same != negated))
}
fn repr(vm: &'static Vm, r: Gc) -> PyResult {
    let object = referent(vm, r);
    let at = crate::operator::id(vm, visible(r));
    if object.is_null() {
        return Ok(crate::str::new(vm, &format!("<weakref at {at:#x}; dead>")));
    }
    let name = crate::attribute::get_attr_opt(vm, object, vm.world().names.name)?
        .and_then(crate::str::as_str);
    let name = name.map_or_else(String::new, |n| format!(" ({})", crate::str::to_text(n)));
    let (class, to) = (type_of(vm, object).text(), crate::operator::id(vm, object));
    Ok(crate::str::new(
        vm,
        &format!("<weakref at {at:#x}; to '{class}' at {to:#x}{name}>"),
    ))
}
static METHODS: &[BuiltinDef] = &[
    kw("__new__", guest_new).static_method(),
    kw("__init__", init),
    kw("__call__", call),
    fn1("__hash__", hash),
    fn2("__eq__", |vm, a, b| equal(vm, a, b, false)),
    fn2("__ne__", |vm, a, b| equal(vm, a, b, true)),
    fn1("__repr__", repr),
    fn2("__class_getitem__", crate::generic_alias::new)
        .class_method()
        .doc("See PEP 585"),
];
static ATTRIBUTES: &[GetSetDef] = &[getter("__callback__", |vm, r| {
    Ok(callback(vm, r).unwrap_or(vm.world().none))
})
.member()];

// ---- after a collection
/// Whether the reference has a callback to be called.
pub fn has_callback(vm: &'static Vm, reference: Gc) -> bool {
    callback(vm, reference).is_some()
}
/// Calls the callbacks of references whose objects have died.
pub fn run_callbacks(vm: &'static Vm) {
    let dead = crate::Temps::from_slice(vm, &vm.heap.take_dead_weakrefs());
    // The youngest first, as CPython does for the references to one object.
    for &reference in dead.iter().rev() {
        let Some(f) = callback(vm, reference) else {
            continue;
        };
        let shown = visible(reference);
        match shown == reference {
            true => reference.set(vm, WWeakRef::CALLBACK, Gc::NULL),
            false => show_as(vm, reference, Gc::NULL, shown),
        }
        if let Err(e) = crate::call::call_args(vm, f, &[shown]) {
            crate::finalize::write_unraisable(vm, e, None, f);
        }
    }
}
/// Fills the namespace of weakref.
pub(crate) fn boot(vm: &'static Vm) {
    crate::make_class::add_members(vm, vm.world().classes.weakref, METHODS, ATTRIBUTES);
}
