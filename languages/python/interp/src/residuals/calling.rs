//! Calls.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::Effects;
use ouro_py_objects::consumers::{self, Consumer};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, Kw, Special, Temps, Vm, type_of};
use ouro_py_objects::{attribute, call, dict, list, str, tuple};

/// A callable as CPython's messages name it: `module.qualname()`, without the module of builtins.
pub(crate) fn function_text(vm: &'static Vm, callee: Gc) -> String {
    let text = |name| {
        let found = attribute::get_attr_opt(vm, callee, name).ok().flatten()?;
        str::as_str(found).map(str::to_text)
    };
    let names = &vm.world().names;
    match (text(names.qualname), text(names.module)) {
        (Some(qualname), Some(module)) if module != "builtins" => format!("{module}.{qualname}()"),
        (Some(qualname), _) => format!("{qualname}()"),
        (None, _) => format!("{} object", type_of(vm, callee).text()),
    }
}
/// Positional arguments in a tuple or list.
fn arguments(vm: &'static Vm, positional: Gc) -> Temps {
    match positional.is::<WTuple>() {
        true => Temps::from_slice(vm, tuple::items(positional)),
        false => {
            let mut all = Temps::new(vm);
            (0..list::len(positional)).for_each(|n| all.push(list::get(vm, positional, n)));
            all
        }
    }
}

/// A call whose last arguments have the names in a tuple.
fn named(vm: &'static Vm, f: Gc, names: Gc, all: &[Gc]) -> ouro_py_objects::PyResult {
    let names = tuple::items(names);
    let (positional, values) = all.split_at(all.len() - names.len());
    call::call(vm, f, positional, &Kw { names, values })
}

fn plain(vm: &'static Vm, f: Gc, args: &[Gc]) -> ouro_py_objects::PyResult {
    call::call_def(vm, f.get(WBuiltin::DEF).expect(), None, args, &Kw::NONE)
}
fn method(vm: &'static Vm, f: Gc, args: &[Gc]) -> ouro_py_objects::PyResult {
    call::call_def(vm, f.get(WMethodDescr::DEF).expect(), None, args, &Kw::NONE)
}
/// The first argument is the class.
fn new(vm: &'static Vm, args: &[Gc]) -> ouro_py_objects::PyResult {
    let class = args[0].get(WClass::CLASS).expect();
    let f = class.special(vm, Special::New);
    let object = call::call_def(vm, f.get(WBuiltin::DEF).expect(), None, args, &Kw::NONE)?;
    match std::ptr::eq(type_of(vm, object), class) {
        true => Ok(object),
        false => call::after_new(vm, class, object, &args[1..], &Kw::NONE),
    }
}

/// What a method of a native object may write: the object, and a bytearray that it has.
const IN_NATIVE: Effects = Effects::writes(&["WNative", "WByteArray", "WByteStore"]);

residuals! {
    /// `f()`
    CALL0 = call0(vm, f: Gc) -> Gc, Effects::ANY, { call::call_args(vm, f, &[]) }
    /// `f(x)`
    CALL1 = call1(vm, f: Gc, x: Gc) -> Gc, Effects::ANY, { call::call_args(vm, f, &[x]) }
    /// `f(x, y)`
    CALL2 = call2(vm, f: Gc, x: Gc, y: Gc) -> Gc, Effects::ANY, { call::call_args(vm, f, &[x, y]) }
    /// `f(x, y, z)`
    CALL3 = call3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::ANY, { call::call_args(vm, f, &[x, y, z]) }
    /// A builtin function that takes these arguments as they are, its receiver among them if it is bound.
    CALL_PLAIN0 = call_plain0(vm, f: Gc) -> Gc, Effects::ANY, { plain(vm, f, &[]) }
    /// As `CALL_PLAIN0` with 1 argument.
    CALL_PLAIN1 = call_plain1(vm, f: Gc, x: Gc) -> Gc, Effects::ANY, { plain(vm, f, &[x]) }
    /// As `CALL_PLAIN0` with 2 arguments.
    CALL_PLAIN2 = call_plain2(vm, f: Gc, x: Gc, y: Gc) -> Gc, Effects::ANY, { plain(vm, f, &[x, y]) }
    /// As `CALL_PLAIN0` with 3 arguments.
    CALL_PLAIN3 = call_plain3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::ANY, { plain(vm, f, &[x, y, z]) }
    /// As `CALL_PLAIN0` with 4 arguments.
    CALL_PLAIN4 = call_plain4(vm, f: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, Effects::ANY, { plain(vm, f, &[x, y, z, w]) }
    /// A method of a builtin class, which the first of 1 arguments is an exact instance of.
    CALL_METHOD1 = call_method1(vm, f: Gc, x: Gc) -> Gc, Effects::ANY, { method(vm, f, &[x]) }
    /// A method of a builtin class, which the first of 2 arguments is an exact instance of.
    CALL_METHOD2 = call_method2(vm, f: Gc, x: Gc, y: Gc) -> Gc, Effects::ANY, { method(vm, f, &[x, y]) }
    /// A method of a builtin class, which the first of 3 arguments is an exact instance of.
    CALL_METHOD3 = call_method3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::ANY, { method(vm, f, &[x, y, z]) }
    /// A method of a builtin class, which the first of 4 arguments is an exact instance of.
    CALL_METHOD4 = call_method4(vm, f: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, Effects::ANY, { method(vm, f, &[x, y, z, w]) }
    /// As `CALL_PLAIN0` of a function that changes nothing and runs no guest code.
    QUIET_PLAIN0 = quiet_plain0(vm, f: Gc) -> Gc, Effects::READS_OR_RAISES, { plain(vm, f, &[]) }
    /// As `CALL_PLAIN1` of a function that changes nothing and runs no guest code.
    QUIET_PLAIN1 = quiet_plain1(vm, f: Gc, x: Gc) -> Gc, Effects::READS_OR_RAISES, { plain(vm, f, &[x]) }
    /// As `CALL_PLAIN2` of a function that changes nothing and runs no guest code.
    QUIET_PLAIN2 = quiet_plain2(vm, f: Gc, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, { plain(vm, f, &[x, y]) }
    /// As `CALL_PLAIN3` of a function that changes nothing and runs no guest code.
    QUIET_PLAIN3 = quiet_plain3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::READS_OR_RAISES, { plain(vm, f, &[x, y, z]) }
    /// As `CALL_PLAIN4` of a function that changes nothing and runs no guest code.
    QUIET_PLAIN4 = quiet_plain4(vm, f: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, Effects::READS_OR_RAISES, { plain(vm, f, &[x, y, z, w]) }
    /// As `CALL_METHOD1` of a function that changes nothing and runs no guest code.
    QUIET_METHOD1 = quiet_method1(vm, f: Gc, x: Gc) -> Gc, Effects::READS_OR_RAISES, { method(vm, f, &[x]) }
    /// As `CALL_METHOD2` of a function that changes nothing and runs no guest code.
    QUIET_METHOD2 = quiet_method2(vm, f: Gc, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, { method(vm, f, &[x, y]) }
    /// As `CALL_METHOD3` of a function that changes nothing and runs no guest code.
    QUIET_METHOD3 = quiet_method3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::READS_OR_RAISES, { method(vm, f, &[x, y, z]) }
    /// As `CALL_METHOD4` of a function that changes nothing and runs no guest code.
    QUIET_METHOD4 = quiet_method4(vm, f: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, Effects::READS_OR_RAISES, { method(vm, f, &[x, y, z, w]) }
    /// As `CALL_PLAIN1` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_PLAIN1 = native_plain1(vm, f: Gc, x: Gc) -> Gc, IN_NATIVE, { plain(vm, f, &[x]) }
    /// As `CALL_PLAIN2` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_PLAIN2 = native_plain2(vm, f: Gc, x: Gc, y: Gc) -> Gc, IN_NATIVE, { plain(vm, f, &[x, y]) }
    /// As `CALL_PLAIN3` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_PLAIN3 = native_plain3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, IN_NATIVE, { plain(vm, f, &[x, y, z]) }
    /// As `CALL_PLAIN4` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_PLAIN4 = native_plain4(vm, f: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, IN_NATIVE, { plain(vm, f, &[x, y, z, w]) }
    /// As `CALL_METHOD1` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_METHOD1 = native_method1(vm, f: Gc, x: Gc) -> Gc, IN_NATIVE, { method(vm, f, &[x]) }
    /// As `CALL_METHOD2` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_METHOD2 = native_method2(vm, f: Gc, x: Gc, y: Gc) -> Gc, IN_NATIVE, { method(vm, f, &[x, y]) }
    /// As `CALL_METHOD3` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_METHOD3 = native_method3(vm, f: Gc, x: Gc, y: Gc, z: Gc) -> Gc, IN_NATIVE, { method(vm, f, &[x, y, z]) }
    /// As `CALL_METHOD4` of a function that changes nothing but the memory of the first argument, a native object, and runs no guest code.
    NATIVE_METHOD4 = native_method4(vm, f: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, IN_NATIVE, { method(vm, f, &[x, y, z, w]) }
    /// A builtin class without `__init__`, called with 0 arguments.
    CALL_NEW0 = call_new0(vm, class: Gc) -> Gc, Effects::ANY, { new(vm, &[class]) }
    /// A builtin class without `__init__`, called with 1 argument.
    CALL_NEW1 = call_new1(vm, class: Gc, x: Gc) -> Gc, Effects::ANY, { new(vm, &[class, x]) }
    /// A builtin class without `__init__`, called with 2 arguments.
    CALL_NEW2 = call_new2(vm, class: Gc, x: Gc, y: Gc) -> Gc, Effects::ANY, { new(vm, &[class, x, y]) }
    /// A builtin class without `__init__`, called with 3 arguments.
    CALL_NEW3 = call_new3(vm, class: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::ANY, { new(vm, &[class, x, y, z]) }
    /// A builtin class without `__init__`, called with 4 arguments.
    CALL_NEW4 = call_new4(vm, class: Gc, x: Gc, y: Gc, z: Gc, w: Gc) -> Gc, Effects::ANY, { new(vm, &[class, x, y, z, w]) }
    /// `f(*args)` with a tuple.
    CALL_TUPLE = call_tuple(vm, f: Gc, args: Gc) -> Gc, Effects::ANY, {
        call::call_args(vm, f, &arguments(vm, args))
    }
    /// A call whose last arguments have the names in tuple `names`.
    CALL_KW1 = call_kw1(vm, f: Gc, names: Gc, x: Gc) -> Gc, Effects::ANY, { named(vm, f, names, &[x]) }
    /// As `CALL_KW1` with two arguments.
    CALL_KW2 = call_kw2(vm, f: Gc, names: Gc, x: Gc, y: Gc) -> Gc, Effects::ANY, { named(vm, f, names, &[x, y]) }
    /// As `CALL_KW1` with three arguments.
    CALL_KW3 = call_kw3(vm, f: Gc, names: Gc, x: Gc, y: Gc, z: Gc) -> Gc, Effects::ANY, { named(vm, f, names, &[x, y, z]) }
    /// As `CALL_KW1` with arguments in a tuple.
    CALL_KW = call_kw(vm, f: Gc, args: Gc, names: Gc) -> Gc, Effects::ANY, {
        named(vm, f, names, &arguments(vm, args))
    }
    /// `f(*positional, **keywords)`; `keywords` is a dict or NULL.
    CALL_EX = call_ex(vm, f: Gc, positional: Gc, keywords: Gc) -> Gc, Effects::ANY, {
        let all = arguments(vm, positional);
        if keywords.is_null() {
            return call::call_args(vm, f, &all);
        }
        let (mut names, mut values) = (Temps::new(vm), Temps::new(vm));
        let mut at = 0;
        while let Some((name, v)) = dict::next(keywords, &mut at) {
            let Some(name) = str::as_str(name) else { return Err(vm.type_error("keywords must be strings")) };
            names.push(str::intern_gc(vm, name));
            values.push(v);
        }
        call::call(vm, f, &all, &Kw { names: &names, values: &values })
    }
    /// The items of `x` in a list, for `f(*x)`.
    STAR_ARGS = star_args(vm, x: Gc, f: Gc) -> Gc, Effects::ANY, {
        let class = type_of(vm, x);
        if class.special(vm, Special::Iter).is_null() && class.special(vm, Special::GetItem).is_null() {
            let (f, name) = (function_text(vm, f), class.text());
            return Err(vm.type_error(format_args!("{f} argument after * must be an iterable, not {name}")));
        }
        list::from_iterable(vm, x)
    }
    /// `__new__` of the class gave `object`: its `__init__` is called if it is an instance.
    AFTER_NEW = after_new(vm, class: Gc, object: Gc, args: Gc) -> Gc, Effects::ANY, {
        let class = class.get(WClass::CLASS).expect();
        call::after_new(vm, class, object, &arguments(vm, args), &Kw::NONE)
    }
    /// `__init__` gave something else than None.
    INIT_NOT_NONE = init_not_none(vm, v: Gc) -> Gc, Effects::READS_OR_RAISES, {
        Err(vm.type_error(format_args!("__init__() should return None, not '{}'", type_of(vm, v).text())))
    }
    /// Makes the code by which a builtin consumes generators like this one.
    PREPARE_CONSUMER = prepare_consumer(vm, what: i64, generator: Gc) -> (), Effects::ANY, {
        if let (Some(code), Some(what)) = (consumers::code_of(generator), Consumer::from_number(what)) {
            consumers::prepare(vm, code, what);
        }
        Ok(())
    }
}
