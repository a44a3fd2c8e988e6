//! The namespace of module `builtins`: the functions, and the classes under their names.
//!
//! Functions that reduce an iterable are in [`reduce`], those that run code in [`code`], `print` and `input` in [`text`].

pub mod code;
pub mod reduce;
pub mod text;

use crate::access::Access;
use crate::builtin::{BuiltinDef, Inline, Kw, Quiet, fn0, fn1, fn2, fn3, kw, var};
use crate::class::class_flags;
use crate::consumers::Consumer;
use crate::int;
use crate::layout::*;
use crate::special::{BinOp, Special};
use crate::world::CLASS_ROWS;
use crate::{Errors, PyResult, Vm, operator, type_of};
use ouro_gc::Gc;

fn none(vm: &'static Vm) -> PyResult {
    Ok(vm.world().none)
}

// ---- numbers
fn with_prefix(vm: &'static Vm, v: Gc, radix: u32, prefix: &str) -> PyResult {
    let v = int::index(vm, v)?;
    Ok(crate::str::new(
        vm,
        &crate::int_text::with_prefix(&v, radix, prefix),
    ))
}
fn pow(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [base, exp, modulus] =
        crate::call::parse(vm, "pow", args, kw, ["base", "exp", "mod"], 2, 3)?;
    if modulus.is_null() || modulus == vm.world().none {
        return operator::binary(vm, BinOp::Pow, base, exp);
    }
    let exact = |v: Gc| if v.is::<WInst>() { None } else { int::get(v) };
    if let (Some(a), Some(b), Some(m)) = (exact(base), exact(exp), exact(modulus)) {
        return int::power_mod(vm, &a, &b, &m);
    }
    let f = type_of(vm, base).special(vm, Special::Pow);
    if !f.is_null() {
        let result = crate::call::call_unbound(vm, f, &[base, exp, modulus])?;
        if result != vm.world().not_implemented {
            return Ok(result);
        }
    }
    let name = |v: Gc| type_of(vm, v).text();
    Err(vm.type_error(format_args!(
        "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
        name(base),
        name(exp),
        name(modulus)
    )))
}
fn round(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [number, digits] = crate::call::parse(vm, "round", args, kw, ["number", "ndigits"], 1, 2)?;
    let given = [digits];
    let rest = if digits.is_null() || digits == vm.world().none {
        &[][..]
    } else {
        &given[..]
    };
    match crate::call::call_special(vm, number, Special::Round, rest)? {
        Some(v) => Ok(v),
        None => {
            let class = type_of(vm, number).text();
            Err(vm.type_error(format_args!("type {class} doesn't define __round__ method")))
        }
    }
}

// ---- characters and text
fn chr(vm: &'static Vm, v: Gc) -> PyResult {
    match int::to_i32(vm, v)? {
        c @ 0..0x110000 => Ok(crate::str::from_code_point(vm, c as u32)),
        _ => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}
fn ord(vm: &'static Vm, v: Gc) -> PyResult {
    let exact = crate::payload(v);
    let len = if exact.is::<WStr>() {
        match crate::str::single(exact) {
            Some(c) => return Ok(int::new(vm, c as i64)),
            None => crate::str::char_len(exact),
        }
    } else if let Some(b) = crate::bytes::content(exact).filter(|_| !exact.is::<WMemoryView>()) {
        match b {
            &[c] => return Ok(int::new(vm, c as i64)),
            _ => b.len(),
        }
    } else {
        let got = type_of(vm, v).text();
        return Err(vm.type_error(format_args!(
            "ord() expected string of length 1, but {got} found"
        )));
    };
    Err(vm.type_error(format_args!(
        "ord() expected a character, but string of length {len} found"
    )))
}
/// `ascii(v)`: its repr with everything but ASCII escaped.
///
/// # Errors
/// What `__repr__` raises.
pub fn ascii(vm: &'static Vm, v: Gc) -> PyResult {
    let text = crate::payload(operator::repr(vm, v)?);
    if crate::str::is_ascii(text) {
        return Ok(text);
    }
    let mut out = String::new();
    for c in crate::str::code_points(text) {
        match c {
            0..128 => out.push(c as u8 as char),
            _ => crate::str::repr::push_escape(&mut out, c),
        }
    }
    Ok(crate::str::new(vm, &out))
}
fn format(vm: &'static Vm, v: Gc, spec: Gc) -> PyResult {
    if spec.is_null() {
        return operator::format(vm, v, vm.world().empty_str);
    }
    if crate::str::as_str(spec).is_none() {
        let got = type_of(vm, spec).text();
        return Err(vm.type_error(format_args!("format() argument 2 must be str, not {got}")));
    }
    operator::format(vm, v, spec)
}

// ---- attributes
fn name_argument(vm: &'static Vm, name: Gc) -> PyResult {
    crate::attribute::name_argument(vm, name, "")
}
fn getattr(vm: &'static Vm, object: Gc, name: Gc, default: Gc) -> PyResult {
    let name = name_argument(vm, name)?;
    match default.is_null() {
        true => crate::attribute::get_attr(vm, object, name),
        false => Ok(crate::attribute::get_attr_opt(vm, object, name)?.unwrap_or(default)),
    }
}
fn hasattr(vm: &'static Vm, object: Gc, name: Gc) -> PyResult {
    let name = name_argument(vm, name)?;
    Ok(vm
        .world()
        .bool(crate::attribute::get_attr_opt(vm, object, name)?.is_some()))
}
/// `dir(object)`; NULL for the names of the caller.
///
/// # Errors
/// What `__dir__` raises.
pub fn dir(vm: &'static Vm, object: Gc) -> PyResult {
    let names = match object.is_null() {
        true => {
            let locals = crate::frame::current_locals(vm)?;
            crate::call::call_method(vm, locals, vm.world().names.keys, &[])?
        }
        false => match crate::call::call_special(vm, object, Special::Dir, &[])? {
            Some(names) => names,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
    };
    let list = crate::list::from_iterable(vm, names)?;
    crate::sort::sort(vm, list, Gc::NULL, false)?;
    Ok(list)
}
fn vars(vm: &'static Vm, object: Gc) -> PyResult {
    if object.is_null() {
        return crate::frame::current_locals(vm);
    }
    crate::attribute::get_attr_opt(vm, object, vm.world().names.dict)?
        .ok_or_else(|| vm.type_error("vars() argument must have __dict__ attribute"))
}

// ---- iteration
fn iter(vm: &'static Vm, object: Gc, sentinel: Gc) -> PyResult {
    if sentinel.is_null() {
        return operator::iter(vm, object);
    }
    match crate::function::is_callable(vm, object) {
        true => Ok(crate::iter_objects::new_callable(vm, object, sentinel)),
        false => Err(vm.type_error("iter(v, w): v must be callable")),
    }
}
fn next(vm: &'static Vm, it: Gc, default: Gc) -> PyResult {
    if default.is_null()
        && it.is::<WGenerator>()
        && it.get(WGenerator::KIND) == crate::generator::GENERATOR
    {
        // The StopIteration of a generator carries what it returned.
        return crate::generator::send(vm, it, Gc::NULL);
    }
    if let Some(found) = crate::iter::next_builtin(vm, it) {
        return match found? {
            Some(v) => Ok(v),
            None if default.is_null() => Err(vm.stop_iteration(Gc::NULL)),
            None => Ok(default),
        };
    }
    let class = type_of(vm, it);
    let f = class.special(vm, Special::Next);
    if f.is_null() {
        return Err(vm.type_error(format_args!("'{}' object is not an iterator", class.text())));
    }
    // The guest's own StopIteration, with its value, is what comes out.
    match crate::call::call_unbound(vm, f, &[it]) {
        Err(e)
            if !default.is_null()
                && crate::error::is_instance_of(vm, e, vm.world().classes.stop_iteration) =>
        {
            Ok(default)
        }
        result => result,
    }
}
fn aiter(vm: &'static Vm, object: Gc) -> PyResult {
    match crate::call::call_special(vm, object, Special::Aiter, &[])? {
        Some(it) if !type_of(vm, it).special(vm, Special::Anext).is_null() => Ok(it),
        Some(it) => {
            let got = type_of(vm, it).text();
            Err(vm.type_error(format_args!(
                "aiter() returned not an async iterator of type '{got}'"
            )))
        }
        None => {
            let got = type_of(vm, object).text();
            Err(vm.type_error(format_args!("'{got}' object is not an async iterable")))
        }
    }
}
fn anext(vm: &'static Vm, it: Gc) -> PyResult {
    crate::call::call_special(vm, it, Special::Anext, &[])?.ok_or_else(|| {
        let got = type_of(vm, it).text();
        vm.type_error(format_args!("'{got}' object is not an async iterator"))
    })
}
fn id(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(int::from_u64(vm, operator::id(vm, v)))
}
fn exit(vm: &'static Vm, status: Gc) -> PyResult {
    let status = if status.is_null() {
        vm.world().none
    } else {
        status
    };
    Err(crate::error::new_exception(
        vm,
        vm.world().classes.system_exit,
        &[status],
    ))
}
fn breakpoint(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let sys = crate::module::import(vm, "sys")?;
    let hook = crate::attribute::get_text(vm, sys, "breakpointhook")?;
    crate::call::call(vm, hook, args, kw)
}

static FUNCTIONS: &[BuiltinDef] = &[
    kw("__build_class__", code::build_class).doc("__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class"),
    kw("__import__", code::import).doc("Import a module."),
    fn1("abs", |vm, v| operator::unary(vm, Special::Abs, v))
        .inline(Inline::Abs)
        .doc("Return the absolute value of the argument."),
    fn1("aiter", aiter).doc("Return an AsyncIterator for an AsyncIterable object."),
    fn1("all", |vm, v| reduce::all_or_any(vm, v, false))
        .inline(Inline::Consume(Consumer::All))
        .doc("Return True if bool(x) is True for all values x in the iterable.\n\nIf the iterable is empty, return True."),
    fn1("anext", anext).doc("Return the next item from the async iterator."),
    fn1("any", |vm, v| reduce::all_or_any(vm, v, true))
        .inline(Inline::Consume(Consumer::Any))
        .doc("Return True if bool(x) is True for any x in the iterable.\n\nIf the iterable is empty, return False."),
    fn1("ascii", ascii).quiet(Quiet::OfPlain).doc("Return an ASCII-only representation of an object."),
    fn1("bin", |vm, v| with_prefix(vm, v, 2, "0b")).quiet(Quiet::OfPlain).doc("Return the binary representation of an integer."),
    kw("breakpoint", breakpoint).doc("breakpoint(*args, **kws)\n\nCall sys.breakpointhook(*args, **kws)."),
    fn1("callable", |vm, v| Ok(vm.world().bool(crate::function::is_callable(vm, v))))
        .doc("Return whether the object is callable (i.e., some kind of function)."),
    fn1("chr", chr).inline(Inline::Chr).doc("Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."),
    kw("compile", code::compile).doc("Compile source into a code object that can be executed by exec() or eval()."),
    fn2("delattr", |vm, object, name| {
        let name = name_argument(vm, name)?;
        crate::attribute::del_attr(vm, object, name)?;
        none(vm)
    })
    .doc("Deletes the named attribute from the given object."),
    fn1("dir", dir).opt(0).doc("Show attributes of an object."),
    fn2("divmod", |vm, a, b| operator::binary(vm, BinOp::DivMod, a, b)).quiet(Quiet::OfPlain).doc("Return the tuple (x//y, x%y)."),
    var("eval", 1, 3, code::eval).doc("Evaluate the given source in the context of globals and locals."),
    kw("exec", code::exec).doc("Execute the given source in the context of globals and locals."),
    fn1("exit", exit).opt(0),
    fn2("format", format).quiet(Quiet::OfPlain).opt(1).doc("Return value.__format__(format_spec)"),
    fn3("getattr", getattr).opt(2).inline(Inline::GetAttr).doc(
        "getattr(object, name[, default]) -> value\n\n\
         Get a named attribute from an object; getattr(x, 'y') is equivalent to x.y.\n\
         When a default argument is given, it is returned when the attribute doesn't\n\
         exist; without it, an exception is raised in that case.",
    ),
    fn0("globals", |vm| Ok(crate::frame::current_globals(vm).unwrap_or(vm.world().none)))
        .doc("Return the dictionary containing the current scope's global variables."),
    fn2("hasattr", hasattr).inline(Inline::HasAttr).doc("Return whether the object has an attribute with the given name."),
    fn1("hash", |vm, v| Ok(int::new(vm, operator::hash(vm, v)?))).quiet(Quiet::OfPlain).doc("Return the hash value for the given object."),
    fn1("hex", |vm, v| with_prefix(vm, v, 16, "0x")).quiet(Quiet::OfPlain).doc("Return the hexadecimal representation of an integer."),
    fn1("id", id).inline(Inline::Id).quiet(Quiet::Always).doc("Return the identity of an object."),
    fn1("input", text::input).opt(0).doc("Read a string from standard input.  The trailing newline is stripped."),
    fn2("isinstance", |vm, v, classes| Ok(vm.world().bool(operator::is_instance(vm, v, classes)?)))
        .inline(Inline::IsInstance)
        .doc("Return whether an object is an instance of a class or of a subclass thereof."),
    fn2("issubclass", |vm, v, classes| Ok(vm.world().bool(operator::is_subclass(vm, v, classes)?)))
        .doc("Return whether 'cls' is derived from another class or is the same class."),
    fn2("iter", iter).opt(1).inline(Inline::Iter).doc("Get an iterator from an object."),
    fn1("len", |vm, v| Ok(int::new(vm, operator::len(vm, v)? as i64)))
        .inline(Inline::Len)
        .doc("Return the number of items in a container."),
    fn0("locals", crate::frame::current_locals).doc("Return a dictionary containing the current scope's local variables."),
    kw("max", |vm, args, kw| reduce::extreme(vm, args, kw, true)).inline(Inline::Max).doc(
        "max(iterable, *[, default=obj, key=func]) -> value\n\
         max(arg1, arg2, *args, *[, key=func]) -> value\n\n\
         With a single iterable argument, return its biggest item. The\n\
         default keyword-only argument specifies an object to return if\n\
         the provided iterable is empty.\n\
         With two or more arguments, return the largest argument.",
    ),
    kw("min", |vm, args, kw| reduce::extreme(vm, args, kw, false)).inline(Inline::Min).doc(
        "min(iterable, *[, default=obj, key=func]) -> value\n\
         min(arg1, arg2, *args, *[, key=func]) -> value\n\n\
         With a single iterable argument, return its smallest item. The\n\
         default keyword-only argument specifies an object to return if\n\
         the provided iterable is empty.\n\
         With two or more arguments, return the smallest argument.",
    ),
    fn2("next", next).opt(1).inline(Inline::Next).doc("Return the next item from the iterator."),
    fn1("oct", |vm, v| with_prefix(vm, v, 8, "0o")).quiet(Quiet::OfPlain).doc("Return the octal representation of an integer."),
    fn1("ord", ord).quiet(Quiet::OfPlain).inline(Inline::Ord).doc("Return the Unicode code point for a one-character string."),
    kw("pow", pow).quiet(Quiet::OfPlain).doc("Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments."),
    kw("print", text::print).doc("Prints the values to a stream, or to sys.stdout by default."),
    fn1("quit", exit).opt(0),
    fn1("repr", operator::repr).quiet(Quiet::OfPlain).doc("Return the canonical string representation of the object."),
    kw("round", round).quiet(Quiet::OfPlain).doc("Round a number to a given precision in decimal digits."),
    fn3("setattr", |vm, object, name, v| {
        let name = name_argument(vm, name)?;
        crate::attribute::set_attr(vm, object, name, v)?;
        none(vm)
    })
    .doc("Sets the named attribute on the given object to the specified value."),
    kw("sorted", crate::sort::sorted)
        .inline(Inline::Consume(Consumer::Sorted))
        .doc("Return a new list containing all items from the iterable in ascending order."),
    kw("sum", reduce::sum).inline(Inline::Consume(Consumer::Sum)).doc("Return the sum of a 'start' value (default: 0) plus an iterable of numbers"),
    fn1("vars", vars).opt(0).doc("Show vars."),
];

/// Builtin classes that the namespace shows; the exceptions are there besides.
const CLASSES: &[&str] = &[
    "object",
    "type",
    "int",
    "bool",
    "float",
    "complex",
    "str",
    "bytes",
    "bytearray",
    "memoryview",
    "tuple",
    "list",
    "dict",
    "set",
    "frozenset",
    "property",
    "staticmethod",
    "classmethod",
    "super",
    "slice",
    "range",
    "enumerate",
    "zip",
    "map",
    "filter",
    "reversed",
];

/// Makes `sys.modules` with the module `builtins` in it.
pub(crate) fn boot(vm: &'static Vm) {
    let world = vm.world();
    let module = crate::module::new_builtin(vm, "builtins", FUNCTIONS);
    world.builtins.set(module.get(WModule::DICT));
    world.modules.set(crate::dict::new(vm));
    crate::dict::set_text(vm, world.modules.get(), "builtins", module);
    let put = |name: &str, value: Gc| crate::module::set(vm, module, name, value);
    let all = world.all_classes.borrow().clone();
    for (row, class) in CLASS_ROWS.iter().zip(all) {
        if CLASSES.contains(&row.name) || class.has(class_flags::EXCEPTION) {
            put(row.name, class.gc());
        }
    }
    put("EnvironmentError", world.classes.os_error.gc());
    put("IOError", world.classes.os_error.gc());
    put("None", world.none);
    put("True", world.true_);
    put("False", world.false_);
    put("Ellipsis", world.ellipsis);
    put("NotImplemented", world.not_implemented);
    put("__debug__", world.true_);
}
