//! `_abc`: the machinery of abstract base classes, without caches: a class's registry and subclasses decide each time.
//!
//! The state of a class is a list in its `_abc_impl` attribute: weak references to the registered classes.

use crate::native::{self, ClassSpec};
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2};
use ouro_py_objects::class::class_flags as flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Class, Errors, PyResult, Vm, make_class, type_of};

/// R0: list of registered classes, R1: dict of classes known to be subclasses, R2: dict of classes known not to be, I0:
/// the counter for which R2 holds.
static DATA: ClassSpec = ClassSpec::new("_abc", "_abc_data", &[]).sealed();
static FUNCTIONS: &[BuiltinDef] = &[
    fn0("get_cache_token", |vm| {
        Ok(int(vm, state(vm).abc_counter.get()))
    }),
    fn1("_abc_init", abc_init),
    fn2("_abc_register", register),
    fn2("_abc_instancecheck", instancecheck),
    fn2("_abc_subclasscheck", |vm, cls, sub| {
        Ok(boolean(vm, subclasscheck(vm, cls, sub)?))
    }),
    fn1("_get_dump", get_dump),
    fn1("_reset_registry", |vm, cls| {
        let data = data(vm, cls)?;
        data.set(vm, WNative::R0, list(vm, &[]));
        Ok(none(vm))
    }),
    fn1("_reset_caches", |vm, cls| {
        let data = data(vm, cls)?;
        data.set(vm, WNative::R1, dict(vm));
        data.set(vm, WNative::R2, dict(vm));
        Ok(none(vm))
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, Gc::NULL, &DATA)?;
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
fn class_of(vm: &'static Vm, cls: Gc) -> PyResult<&'static Class> {
    make_class::class_of(cls).ok_or_else(|| vm.type_error("issubclass() arg 1 must be a class"))
}
fn data(vm: &'static Vm, cls: Gc) -> PyResult {
    let class = class_of(vm, cls)?;
    let own = class
        .own(name(vm, "_abc_impl"))
        .and_then(|d| native::cast(vm, d, "_abc_data"));
    own.ok_or_else(|| vm.type_error("_abc_impl is set to a wrong type"))
}
fn is_abstract(vm: &'static Vm, v: Gc) -> PyResult<bool> {
    match find_attr(vm, v, "__isabstractmethod__")? {
        Some(flag) => truth(vm, flag),
        None => Ok(false),
    }
}
fn abc_init(vm: &'static Vm, cls: Gc) -> PyResult {
    let class = class_of(vm, cls)?;
    let mut abstract_names = ouro_py_objects::Temps::new(vm);
    for method in class.own_names() {
        if let Some(v) = class.own(method)
            && is_abstract(vm, v)?
        {
            abstract_names.push(method);
        }
    }
    for base in class.bases() {
        let Some(inherited) = find_attr(vm, base.gc(), "__abstractmethods__")? else {
            continue;
        };
        for &method in collect(vm, inherited)?.iter() {
            let Some(v) = find_attr(vm, cls, &text_of(method))? else {
                continue;
            };
            if is_abstract(vm, v)? {
                abstract_names.push(method);
            }
        }
    }
    let names = list(vm, &abstract_names);
    let set = call(vm, vm.world().classes.frozenset.gc(), &[names])?;
    set_attr(vm, cls, "__abstractmethods__", set)?;
    let data = native::new_of(vm, "_abc_data");
    data.set(vm, WNative::R0, list(vm, &[]));
    data.set(vm, WNative::R1, dict(vm));
    data.set(vm, WNative::R2, dict(vm));
    set_attr(vm, cls, "_abc_impl", data)?;
    // `__abc_tpflags__` marks the classes of `collections.abc` that patterns treat as sequences and mappings.
    if let Some(bits) = class.own(name(vm, "__abc_tpflags__")) {
        let bits = to_i64(vm, bits)?;
        class.add_flags(if bits & 1 << 5 != 0 {
            flags::SEQUENCE
        } else {
            0
        });
        class.add_flags(if bits & 1 << 6 != 0 {
            flags::MAPPING
        } else {
            0
        });
        class.remove(vm, name(vm, "__abc_tpflags__"));
    }
    Ok(none(vm))
}
fn register(vm: &'static Vm, cls: Gc, sub: Gc) -> PyResult {
    let Some(sub_class) = make_class::class_of(sub) else {
        return Err(vm.type_error("Can only register classes"));
    };
    if subclasscheck(vm, sub, cls).unwrap_or(false) && !subclasscheck(vm, cls, sub)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    if subclasscheck(vm, cls, sub)? {
        return Ok(sub);
    }
    list_append(vm, data(vm, cls)?.get(WNative::R0), sub)?;
    state(vm).abc_counter.set(state(vm).abc_counter.get() + 1);
    let class = class_of(vm, cls)?;
    for bit in [flags::SEQUENCE, flags::MAPPING] {
        if class.has(bit) {
            mark(vm, sub_class, bit);
        }
    }
    Ok(sub)
}
/// Makes a class of the guest a sequence or a mapping, one of them only; builtin classes stay what they are.
fn mark(vm: &'static Vm, class: &'static Class, bit: u32) {
    if !class.has(flags::HEAP) || class.has(bit) {
        return;
    }
    class.remove_flags(flags::SEQUENCE | flags::MAPPING);
    class.add_flags(bit);
    class.changed(vm);
    for c in class.subclasses() {
        mark(vm, c, bit);
    }
}
fn instancecheck(vm: &'static Vm, cls: Gc, object: Gc) -> PyResult {
    let own = type_of(vm, object).gc();
    let seen = get_attr(vm, object, "__class__")?;
    if subclass_via_hook(vm, cls, seen)? {
        return Ok(boolean(vm, true));
    }
    Ok(boolean(vm, own != seen && subclass_via_hook(vm, cls, own)?))
}
/// `cls.__subclasscheck__(sub)`: a metaclass may override it.
fn subclass_via_hook(vm: &'static Vm, cls: Gc, sub: Gc) -> PyResult<bool> {
    let answer = call_method(vm, cls, "__subclasscheck__", &[sub])?;
    truth(vm, answer)
}
fn subclasscheck(vm: &'static Vm, cls: Gc, sub: Gc) -> PyResult<bool> {
    class_of(vm, sub)?;
    let data = match data(vm, cls) {
        Ok(data) => data,
        Err(_) => return ouro_py_objects::operator::plain_is_subclass(vm, sub, cls),
    };
    if dict_get(vm, data.get(WNative::R1), sub)?.is_some() {
        return Ok(true);
    }
    let counter = state(vm).abc_counter.get();
    if data.get(WNative::I0) != counter {
        data.set(vm, WNative::R2, dict(vm));
        data.set(vm, WNative::I0, counter);
    } else if dict_get(vm, data.get(WNative::R2), sub)?.is_some() {
        return Ok(false);
    }
    let answer = decide(vm, cls, sub, data)?;
    let cache = data.get(if answer { WNative::R1 } else { WNative::R2 });
    dict_set(vm, cache, sub, none(vm))?;
    Ok(answer)
}
fn decide(vm: &'static Vm, cls: Gc, sub: Gc, data: Gc) -> PyResult<bool> {
    let hook = call_method(vm, cls, "__subclasshook__", &[sub])?;
    if hook != vm.world().not_implemented {
        return match hook.is::<WBool>() {
            true => truth(vm, hook),
            false => Err(vm.assertion_error("")),
        };
    }
    let class = class_of(vm, cls)?;
    if class_of(vm, sub)?.is_subclass(class) {
        return Ok(true);
    }
    for &registered in list_items(vm, data.get(WNative::R0)).iter() {
        if ouro_py_objects::operator::is_subclass(vm, sub, registered)? {
            return Ok(true);
        }
    }
    for child in class.subclasses() {
        if ouro_py_objects::operator::is_subclass(vm, sub, child.gc())? {
            return Ok(true);
        }
    }
    Ok(false)
}
fn get_dump(vm: &'static Vm, cls: Gc) -> PyResult {
    let data = data(vm, cls)?;
    let set = |items: Gc| call(vm, vm.world().classes.set.gc(), &[items]);
    let registry = set(data.get(WNative::R0))?;
    let (yes, no) = (set(data.get(WNative::R1))?, set(data.get(WNative::R2))?);
    Ok(tuple(
        vm,
        &[registry, yes, no, int(vm, data.get(WNative::I0))],
    ))
}
