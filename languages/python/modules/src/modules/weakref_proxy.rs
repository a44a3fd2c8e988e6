//! `weakref.ProxyType` and `weakref.CallableProxyType`: objects that behave like the one they refer to, weakly.
//!
//! A proxy is a `WNative` whose `R0` is a weak reference that shows itself as the proxy (W2 of `objects/src/weakref.rs`):
//! its callback gets the proxy, and `getweakrefs` lists it.

use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, fn3, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BinOp, BuiltinDef, CmpOp, Errors, Kw, PyResult, Special, Vm, operator, type_of, weakref,
};

const PLAIN: &str = "ProxyType";
const CALLABLE: &str = "CallableProxyType";

pub fn define(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, module, &PLAIN_SPEC)?;
    let class = native::define(vm, module, &CALLABLE_SPEC)?;
    ouro_py_objects::make_class::add_members(vm, class, METHODS, &[]);
    Ok(())
}
/// `weakref.proxy(object[, callback])`
pub fn new(vm: &'static Vm, object: Gc, callback: Gc) -> PyResult {
    let class = if callable(vm, object) {
        CALLABLE
    } else {
        PLAIN
    };
    if absent(vm, callback) {
        let known = weakref::references(vm, object).iter().copied().find(|&r| {
            native::cast(vm, r, class)
                .is_some_and(|p| !weakref::has_callback(vm, p.get(WNative::R0)))
        });
        if let Some(known) = known {
            return Ok(known);
        }
    }
    let reference = weakref::new_reference(vm, object, Gc::NULL)?;
    let proxy = native::new_of(vm, class);
    proxy.set(vm, WNative::R0, reference);
    weakref::show_as(vm, reference, callback, proxy);
    Ok(proxy)
}
/// The object below a proxy; NULL after its death.
fn target(vm: &'static Vm, proxy: Gc) -> Gc {
    weakref::referent(vm, proxy.get(WNative::R0))
}
/// The object that an operand stands for.
///
/// # Errors
/// ReferenceError for a proxy whose object has died.
fn unwrap(vm: &'static Vm, v: Gc) -> PyResult {
    if native::cast(vm, v, PLAIN).is_none() && native::cast(vm, v, CALLABLE).is_none() {
        return Ok(v);
    }
    match target(vm, v) {
        dead if dead.is_null() => {
            Err(vm.reference_error("weakly-referenced object no longer exists"))
        }
        object => Ok(object),
    }
}
macro_rules! binary {
    ($op:ident, $name:literal) => {
        fn2($name, |vm, a, b| {
            operator::binary(vm, BinOp::$op, unwrap(vm, a)?, unwrap(vm, b)?)
        })
    };
}
macro_rules! reflected {
    ($op:ident, $name:literal) => {
        fn2($name, |vm, b, a| {
            operator::binary(vm, BinOp::$op, unwrap(vm, a)?, unwrap(vm, b)?)
        })
    };
}
macro_rules! in_place {
    ($op:ident, $name:literal) => {
        fn2($name, |vm, a, b| {
            operator::inplace(vm, BinOp::$op, unwrap(vm, a)?, unwrap(vm, b)?)
        })
    };
}
macro_rules! comparison {
    ($op:ident, $name:literal) => {
        fn2($name, |vm, a, b| {
            compare(vm, CmpOp::$op, unwrap(vm, a)?, unwrap(vm, b)?)
        })
    };
}
macro_rules! unary {
    ($op:ident, $name:literal) => {
        fn1($name, |vm, a| {
            operator::unary(vm, Special::$op, unwrap(vm, a)?)
        })
    };
}
/// A conversion by the builtin class of this name.
fn convert(vm: &'static Vm, class: Gc, proxy: Gc) -> PyResult {
    let object = unwrap(vm, proxy)?;
    call(vm, class, &[object])
}
fn power(vm: &'static Vm, a: Gc, b: Gc, modulus: Gc) -> PyResult {
    let (a, b) = (unwrap(vm, a)?, unwrap(vm, b)?);
    if absent(vm, modulus) {
        return operator::binary(vm, BinOp::Pow, a, b);
    }
    let modulus = unwrap(vm, modulus)?;
    let pow = get_attr(vm, vm.world().modules.get(), "__getitem__")?;
    let builtins = call(vm, pow, &[string(vm, "builtins")])?;
    call_method(vm, builtins, "pow", &[a, b, modulus])
}
fn show(vm: &'static Vm, proxy: Gc) -> PyResult {
    let object = target(vm, proxy);
    let object = if object.is_null() { none(vm) } else { object };
    let text = format!(
        "<weakproxy at {:#x} to {} at {:#x}>",
        operator::id(vm, proxy),
        type_name(vm, object),
        operator::id(vm, object)
    );
    Ok(string(vm, &text))
}
fn advance(vm: &'static Vm, proxy: Gc) -> PyResult {
    let object = unwrap(vm, proxy)?;
    if type_of(vm, object).special(vm, Special::Next).is_null() {
        return Err(vm.type_error(format_args!(
            "Weakref proxy referenced a non-iterator '{}' object",
            type_name(vm, object)
        )));
    }
    match next(vm, object)? {
        Some(v) => Ok(v),
        None => Err(vm.stop_iteration(Gc::NULL)),
    }
}

static METHODS: &[BuiltinDef] = &[
    binary!(Add, "__add__"),
    binary!(Sub, "__sub__"),
    binary!(Mul, "__mul__"),
    binary!(MatMul, "__matmul__"),
    binary!(TrueDiv, "__truediv__"),
    binary!(FloorDiv, "__floordiv__"),
    binary!(Mod, "__mod__"),
    binary!(DivMod, "__divmod__"),
    binary!(LShift, "__lshift__"),
    binary!(RShift, "__rshift__"),
    binary!(And, "__and__"),
    binary!(Or, "__or__"),
    binary!(Xor, "__xor__"),
    fn3("__pow__", power).opt(2),
    reflected!(Add, "__radd__"),
    reflected!(Sub, "__rsub__"),
    reflected!(Mul, "__rmul__"),
    reflected!(MatMul, "__rmatmul__"),
    reflected!(TrueDiv, "__rtruediv__"),
    reflected!(FloorDiv, "__rfloordiv__"),
    reflected!(Mod, "__rmod__"),
    reflected!(DivMod, "__rdivmod__"),
    reflected!(LShift, "__rlshift__"),
    reflected!(RShift, "__rrshift__"),
    reflected!(And, "__rand__"),
    reflected!(Or, "__ror__"),
    reflected!(Xor, "__rxor__"),
    reflected!(Pow, "__rpow__"),
    in_place!(Add, "__iadd__"),
    in_place!(Sub, "__isub__"),
    in_place!(Mul, "__imul__"),
    in_place!(MatMul, "__imatmul__"),
    in_place!(TrueDiv, "__itruediv__"),
    in_place!(FloorDiv, "__ifloordiv__"),
    in_place!(Mod, "__imod__"),
    in_place!(LShift, "__ilshift__"),
    in_place!(RShift, "__irshift__"),
    in_place!(And, "__iand__"),
    in_place!(Or, "__ior__"),
    in_place!(Xor, "__ixor__"),
    in_place!(Pow, "__ipow__"),
    comparison!(Lt, "__lt__"),
    comparison!(Le, "__le__"),
    comparison!(Eq, "__eq__"),
    comparison!(Ne, "__ne__"),
    comparison!(Gt, "__gt__"),
    comparison!(Ge, "__ge__"),
    unary!(Neg, "__neg__"),
    unary!(Pos, "__pos__"),
    unary!(Invert, "__invert__"),
    fn1("__abs__", |vm, p| {
        let object = unwrap(vm, p)?;
        call_method(vm, object, "__abs__", &[])
    }),
    fn1("__int__", |vm, p| {
        convert(vm, vm.world().classes.int.gc(), p)
    }),
    fn1("__float__", |vm, p| {
        convert(vm, vm.world().classes.float.gc(), p)
    }),
    fn1("__index__", |vm, p| {
        let object = unwrap(vm, p)?;
        Ok(ouro_py_objects::int::index(vm, object)?.object(vm))
    }),
    fn1("__bool__", |vm, p| {
        let object = unwrap(vm, p)?;
        Ok(boolean(vm, truth(vm, object)?))
    }),
    fn1("__len__", |vm, p| {
        let object = unwrap(vm, p)?;
        Ok(int(vm, len(vm, object)? as i64))
    }),
    fn2("__contains__", |vm, p, item| {
        let object = unwrap(vm, p)?;
        Ok(boolean(vm, operator::contains(vm, object, item)?))
    }),
    fn2("__getitem__", |vm, p, key| {
        let object = unwrap(vm, p)?;
        get_item(vm, object, unwrap(vm, key)?)
    }),
    fn3("__setitem__", |vm, p, key, value| {
        let object = unwrap(vm, p)?;
        set_item(vm, object, key, value)?;
        Ok(none(vm))
    }),
    fn2("__delitem__", |vm, p, key| {
        let object = unwrap(vm, p)?;
        del_item(vm, object, key)?;
        Ok(none(vm))
    }),
    fn1("__iter__", |vm, p| {
        let object = unwrap(vm, p)?;
        iter(vm, object)
    }),
    fn1("__next__", advance),
    fn1("__reversed__", |vm, p| {
        let object = unwrap(vm, p)?;
        call_method(vm, object, "__reversed__", &[])
    }),
    fn1("__bytes__", |vm, p| {
        let object = unwrap(vm, p)?;
        call_method(vm, object, "__bytes__", &[])
    }),
    fn1("__repr__", show),
    fn1("__str__", |vm, p| {
        let object = unwrap(vm, p)?;
        operator::str_of(vm, object)
    }),
    fn2("__getattribute__", |vm, p, attr| {
        let object = unwrap(vm, p)?;
        get_attr_of(vm, object, attr)
    }),
    fn3("__setattr__", |vm, p, attr, value| {
        let object = unwrap(vm, p)?;
        set_attr_of(vm, object, attr, value)?;
        Ok(none(vm))
    }),
    fn2("__delattr__", |vm, p, attr| {
        let object = unwrap(vm, p)?;
        set_attr_of(vm, object, attr, Gc::NULL)?;
        Ok(none(vm))
    }),
];
static CALL: &[BuiltinDef] = &[kw("__call__", |vm: &'static Vm, args: &[Gc], kw: &Kw| {
    let object = unwrap(vm, args[0])?;
    call_kw(vm, object, &args[1..], kw)
})];
static PLAIN_SPEC: ClassSpec = ClassSpec::new("weakref", PLAIN, METHODS)
    .sealed()
    .unhashable();
static CALLABLE_SPEC: ClassSpec = ClassSpec::new("weakref", CALLABLE, CALL)
    .sealed()
    .unhashable();
