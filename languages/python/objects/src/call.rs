//! The call protocol from Rust.

use crate::access::Access;
use crate::builtin::{ANY, Binding, BuiltinDef, BuiltinFn, Kw};
use crate::class::{Class, Name};
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::{Gc, Object};
use ouro_machine::Entry;

/// `callable(*args, **kw)`
///
/// # Errors
/// TypeError, RecursionError, what the callee raises.
pub fn call(vm: &'static Vm, callable: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    match callable.type_id().0 {
        WFunction::TYPE_ID => return call_function(vm, callable, args, kw),
        WMethodDescr::TYPE_ID => return call_method_descr(vm, callable, args, kw),
        WBuiltin::TYPE_ID => return call_builtin(vm, callable, args, kw),
        WMethod::TYPE_ID => {
            crate::error::check_native_stack(vm)?;
            return with_first(vm, callable.get(WMethod::SELF), args, |all| {
                call(vm, callable.get(WMethod::FUNC), all, kw)
            });
        }
        _ => {}
    }
    if let Some(class) = crate::make_class::class_of(callable) {
        let hook = class.meta().special(vm, Special::Call);
        return match hook == vm.world().classes.type_.special(vm, Special::Call) {
            true => type_call(vm, class, args, kw),
            false => with_first(vm, callable, args, |all| call_unbound_kw(vm, hook, all, kw)),
        };
    }
    if callable.is::<WStaticMethod>() {
        crate::error::check_native_stack(vm)?;
        return call(vm, callable.get(WStaticMethod::FUNC), args, kw);
    }
    let class = type_of(vm, callable);
    let hook = class.special(vm, Special::Call);
    if hook.is_null() {
        return Err(vm.type_error(format_args!("'{}' object is not callable", class.text())));
    }
    crate::error::recursive(vm, " while calling a Python object", || {
        with_first(vm, callable, args, |all| call_unbound_kw(vm, hook, all, kw))
    })
}
/// Calls `f` with `first` before `args`. Arguments of the common numbers go on the native stack.
#[inline]
fn with_first<T>(vm: &'static Vm, first: Gc, args: &[Gc], f: impl FnOnce(&[Gc]) -> T) -> T {
    match *args {
        [] => f(&[first]),
        [a] => f(&[first, a]),
        [a, b] => f(&[first, a, b]),
        [a, b, c] => f(&[first, a, b, c]),
        _ => with_first_of_many(vm, first, args, f),
    }
}
fn with_first_of_many<T>(vm: &'static Vm, first: Gc, args: &[Gc], f: impl FnOnce(&[Gc]) -> T) -> T {
    let mut all = Temps::from_slice(vm, &[first]);
    all.extend(args);
    f(&all)
}
/// Calls with positional arguments.
pub fn call_args(vm: &'static Vm, callable: Gc, args: &[Gc]) -> PyResult {
    call(vm, callable, args, &Kw::NONE)
}
/// Calls a Python function in a run loop of its own.
pub fn call_function(vm: &'static Vm, function: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    let code = function.get(WFunction::CODE).expect();
    if code.info.simple && code.info.argcount as usize == args.len() && kw.is_empty() {
        // Nothing is to be bound: the arguments go to the new frame as they are.
        return vm.call_frame(code, 0, Entry::Start, |to| {
            to[0] = function;
            to[1..=args.len()].copy_from_slice(args);
        });
    }
    if code.info.simple
        && kw.is_empty()
        && let Some(missing) = (code.info.argcount as usize).checked_sub(args.len())
        && let Some(defaults) = last_defaults(function, missing)
    {
        // Callbacks with defaults are usual: the rest of the arguments are the last defaults.
        return vm.call_frame(code, 0, Entry::Start, |to| {
            to[0] = function;
            to[1..=args.len()].copy_from_slice(args);
            to[args.len() + 1..][..missing].copy_from_slice(defaults);
        });
    }
    let mut regs = Temps::nulls(
        vm,
        (code.nargs as usize).max(code.info.data.total_args() as usize + 1),
    );
    crate::function::bind(vm, function, args, kw, &mut regs)?;
    run_frame(vm, function, &regs)
}
/// The last `count` defaults of a Python function, if it has so many.
fn last_defaults<'a>(function: Gc, count: usize) -> Option<&'a [Gc]> {
    let held = function.get(WFunction::DEFAULTS);
    let all = held.is::<WTuple>().then(|| crate::tuple::items(held))?;
    Some(&all[all.len().checked_sub(count)?..])
}
/// Runs the code of a function with registers from 0 on filled in.
pub fn run_frame(vm: &'static Vm, function: Gc, regs: &[Gc]) -> PyResult {
    let code = function.get(WFunction::CODE).expect();
    vm.call_frame(code, 0, Entry::Start, |to| {
        to[..regs.len()].copy_from_slice(regs)
    })
}
/// Runs module or class code with a namespace. The code has no parameters but the hidden one.
pub fn run_code(
    vm: &'static Vm,
    code: &'static crate::PyCode,
    globals: Gc,
    locals: Gc,
    closure: Gc,
) -> PyResult {
    let f = crate::function::new(vm, code, globals, Gc::NULL, Gc::NULL, closure);
    if !code.info.has(ouro_py_syntax::code::CO_OPTIMIZED) {
        return run_frame(vm, f, &[f, locals]);
    }
    run_frame(vm, f, &[f])
}
/// `def(*args)` after a check of the number of arguments.
pub fn call_def(
    vm: &'static Vm,
    def: &'static BuiltinDef,
    class: Option<&'static Class>,
    args: &[Gc],
    kw: &Kw,
) -> PyResult {
    crate::error::check_native_stack(vm)?;
    match def.func {
        BuiltinFn::Kw(f) => return f(vm, args, kw),
        BuiltinFn::Foreign(f, word) => return (f.call)(vm, word, args, kw),
        _ => {}
    }
    if !kw.is_empty() {
        let text = format!("{}() takes no keyword arguments", full_name(def, class));
        return Err(vm.type_error(text));
    }
    let n = args.len();
    if n < def.min as usize || (def.max != ANY && n > def.max as usize) {
        return Err(wrong_count(vm, def, class, n));
    }
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    match def.func {
        BuiltinFn::Fn0(f) => f(vm),
        BuiltinFn::Fn1(f) => f(vm, at(0)),
        BuiltinFn::Fn2(f) => f(vm, at(0), at(1)),
        BuiltinFn::Fn3(f) => f(vm, at(0), at(1), at(2)),
        BuiltinFn::Var(f) => f(vm, args),
        BuiltinFn::Kw(f) => f(vm, args, kw),
        BuiltinFn::Foreign(f, word) => (f.call)(vm, word, args, kw),
    }
}
fn full_name(def: &BuiltinDef, class: Option<&'static Class>) -> String {
    match class {
        Some(class) => format!("{}.{}", class.text(), def.name),
        None => def.name.to_owned(),
    }
}
#[cold]
fn wrong_count(
    vm: &'static Vm,
    def: &'static BuiltinDef,
    class: Option<&'static Class>,
    n: usize,
) -> Gc {
    let hidden = class.is_some() as usize;
    let (min, max, n) = (
        def.min as usize - hidden.min(def.min as usize),
        def.max as usize,
        n - hidden.min(n),
    );
    let max = if def.max == ANY {
        usize::MAX
    } else {
        max - hidden
    };
    let plural = |k: usize| if k == 1 { "" } else { "s" };
    let name = full_name(def, class);
    let text = if def.is_slot() && class.is_some() {
        format!("expected {min} argument{}, got {n}", plural(min))
    } else if min == max {
        match min {
            0 => format!("{name}() takes no arguments ({n} given)"),
            1 => format!("{name}() takes exactly one argument ({n} given)"),
            _ => format!("{} expected {min} arguments, got {n}", def.name),
        }
    } else if n < min {
        format!(
            "{} expected at least {min} argument{}, got {n}",
            def.name,
            plural(min)
        )
    } else {
        format!(
            "{} expected at most {max} argument{}, got {n}",
            def.name,
            plural(max)
        )
    };
    vm.type_error(text)
}
/// Whether the number of arguments is right, for functions that do not check it themselves.
#[inline]
fn fits(def: &'static BuiltinDef, n: usize, kw: &Kw) -> bool {
    let counted = n >= def.min as usize && (def.max == ANY || n <= def.max as usize);
    matches!(def.func, BuiltinFn::Kw(_) | BuiltinFn::Foreign(..)) || kw.is_empty() && counted
}
/// Whether the function takes so many positional arguments, or checks that itself.
#[inline]
pub fn fits_positional(def: &'static BuiltinDef, n: usize) -> bool {
    fits(def, n, &Kw::NONE)
}
/// The error of a call that does not fit. Functions of modules with none or one parameter are named with their module.
#[cold]
fn misfit(vm: &'static Vm, callable: Gc, args: &[Gc], kw: &Kw) -> Gc {
    let def = callable.get(WBuiltin::DEF).expect();
    let qualified = def.max <= 1 && def.min == def.max;
    let module = callable.get(WBuiltin::MODULE);
    let module = match crate::str::as_str(module) {
        Some(m) if qualified => crate::str::to_text(m),
        _ => "builtins".to_owned(),
    };
    if module == "builtins" {
        return match call_def(vm, def, None, args, kw) {
            Err(e) => e,
            Ok(_) => unreachable!("the arguments do not fit"),
        };
    }
    let name = format!("{module}.{}()", def.name);
    match (kw.is_empty(), def.max) {
        (false, _) => vm.type_error(format_args!("{name} takes no keyword arguments")),
        (_, 0) => vm.type_error(format_args!(
            "{name} takes no arguments ({} given)",
            args.len()
        )),
        _ => vm.type_error(format_args!(
            "{name} takes exactly one argument ({} given)",
            args.len()
        )),
    }
}
/// Calls a builtin function or bound builtin method.
pub fn call_builtin(vm: &'static Vm, callable: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    let def = callable.get(WBuiltin::DEF).expect();
    let object = callable.get(WBuiltin::SELF);
    if object.is_null() || def.binding == Binding::Static || object.is::<WModule>() {
        return match fits(def, args.len(), kw) {
            true => call_def(vm, def, None, args, kw),
            false => Err(misfit(vm, callable, args, kw)),
        };
    }
    let class = match def.binding {
        Binding::Class => crate::make_class::class_of(object).unwrap_or(type_of(vm, object)),
        _ => type_of(vm, object),
    };
    let first = if def.keeps_self || def.binding == Binding::Class {
        object
    } else {
        crate::payload(object)
    };
    with_first(vm, first, args, |all| {
        call_def(vm, def, Some(class), all, kw)
    })
}
/// Calls a method of a builtin class with `self` as first argument.
pub fn call_method_descr(vm: &'static Vm, descr: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    let def = descr.get(WMethodDescr::DEF).expect();
    let owner = descr.get(WMethodDescr::CLASS).expect();
    let Some(&object) = args.first() else {
        let text = match def.is_slot() {
            true => format!(
                "descriptor '{}' of '{}' object needs an argument",
                def.name,
                owner.text()
            ),
            false => format!(
                "unbound method {}.{}() needs an argument",
                crate::str::to_text(owner.name()),
                def.name
            ),
        };
        return Err(vm.type_error(text));
    };
    if def.binding == Binding::Class {
        return call_def(vm, def, Some(owner), args, kw);
    }
    if !type_of(vm, object).is_subclass(owner) {
        let got = type_of(vm, object).text();
        let text = match def.is_slot() {
            true => format!(
                "descriptor '{}' requires a '{}' object but received a '{got}'",
                def.name,
                owner.text()
            ),
            false => format!(
                "descriptor '{}' for '{}' objects doesn't apply to a '{got}' object",
                def.name,
                owner.text()
            ),
        };
        return Err(vm.type_error(text));
    }
    let exact = if def.keeps_self {
        object
    } else {
        crate::payload(object)
    };
    if exact == object {
        return call_def(vm, def, Some(owner), args, kw);
    }
    with_first(vm, exact, &args[1..], |all| {
        call_def(vm, def, Some(owner), all, kw)
    })
}
/// Calls what was found in the class of `args[0]` with the object as first argument.
pub fn call_unbound(vm: &'static Vm, f: Gc, args: &[Gc]) -> PyResult {
    call_unbound_kw(vm, f, args, &Kw::NONE)
}
/// As [`call_unbound`], with keyword arguments.
pub fn call_unbound_kw(vm: &'static Vm, f: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    if f.is::<WFunction>() {
        return call_function(vm, f, args, kw);
    }
    if f.is::<WMethodDescr>() && f.get(WMethodDescr::DEF).expect().binding == Binding::Instance {
        return call_method_descr(vm, f, args, kw);
    }
    let bound = crate::descriptor::bind(vm, f, args[0], type_of(vm, args[0]).gc())?;
    call(vm, bound, &args[1..], kw)
}
/// Calls a special method of the object's class; None if there is none.
pub fn call_special(
    vm: &'static Vm,
    object: Gc,
    special: Special,
    args: &[Gc],
) -> PyResult<Option<Gc>> {
    let f = type_of(vm, object).special(vm, special);
    if f.is_null() {
        return Ok(None);
    }
    with_first(vm, object, args, |all| call_unbound(vm, f, all)).map(Some)
}
/// `object.name(*args)`
pub fn call_method(vm: &'static Vm, object: Gc, name: Name, args: &[Gc]) -> PyResult {
    let class = type_of(vm, object);
    if class.inherits_from_object(vm, Special::GetAttribute)
        && let Some(f) = class.lookup(name)
        && (f.is::<WFunction>() || f.is::<WMethodDescr>())
        && crate::instance::get_own(vm, object, name)?.is_null()
    {
        return with_first(vm, object, args, |all| call_unbound(vm, f, all));
    }
    let f = crate::attribute::get_attr(vm, object, name)?;
    call_args(vm, f, args)
}
/// `object.name(*args)` for a name given in Rust.
pub fn call_text(vm: &'static Vm, object: Gc, name: &str, args: &[Gc]) -> PyResult {
    call_method(vm, object, crate::str::intern(vm, name), args)
}
/// `type.__call__`: `__new__`, then `__init__` if that gave an instance.
pub fn type_call(vm: &'static Vm, class: &'static Class, args: &[Gc], kw: &Kw) -> PyResult {
    let world = vm.world();
    if std::ptr::eq(class, world.classes.type_) && args.len() == 1 && kw.is_empty() {
        return Ok(type_of(vm, args[0]).gc());
    }
    let new = class.special(vm, Special::New);
    if new.is_null() || class.has(crate::class::class_flags::NO_NEW) {
        return Err(vm.type_error(format_args!("cannot create '{}' instances", class.text())));
    }
    let new = if new.is::<WBuiltin>() {
        new
    } else {
        crate::descriptor::bind(vm, new, Gc::NULL, class.gc())?
    };
    let object = with_first(vm, class.gc(), args, |all| call(vm, new, all, kw))?;
    after_new(vm, class, object, args, kw)
}
/// The second half of `type.__call__`: `__new__` of `class` gave `object`, whose `__init__` follows if it is an instance.
///
/// # Errors
/// What `__init__` raises; TypeError if it gives something else than None.
pub fn after_new(
    vm: &'static Vm,
    class: &'static Class,
    object: Gc,
    args: &[Gc],
    kw: &Kw,
) -> PyResult {
    let world = vm.world();
    let made = type_of(vm, object);
    if !made.is_subclass(class) {
        return Ok(object);
    }
    let init = made.special(vm, Special::Init);
    if init.is_null()
        || init == world.classes.object.special(vm, Special::Init)
            && class.has(crate::class::class_flags::HEAP) == false
    {
        return Ok(object);
    }
    let result = with_first(vm, object, args, |all| call_unbound_kw(vm, init, all, kw))?;
    if result != world.none {
        let got = type_of(vm, result).text();
        return Err(vm.type_error(format_args!("__init__() should return None, not '{got}'")));
    }
    Ok(object)
}
/// Assigns arguments to parameters of a builtin with keyword arguments: `params` are the names, of which the first
/// `positional_only` (or those that are empty) cannot be named; at least `min` must be given. Missing ones are NULL.
///
/// # Errors
/// TypeError with CPython's texts.
pub fn parse<const N: usize>(
    vm: &'static Vm,
    function: &str,
    args: &[Gc],
    kw: &Kw,
    params: [&str; N],
    min: usize,
    max_positional: usize,
) -> PyResult<[Gc; N]> {
    let mut out = [Gc::NULL; N];
    if args.len() > max_positional {
        let plural = if max_positional == 1 { "" } else { "s" };
        let (most, given) = (
            if min == max_positional {
                "exactly"
            } else {
                "at most"
            },
            args.len() + kw.names.len(),
        );
        let positional = if max_positional < N {
            " positional"
        } else {
            ""
        };
        return Err(vm.type_error(format_args!(
            "{function}() takes {most} {max_positional}{positional} argument{plural} ({given} given)"
        )));
    }
    out[..args.len()].copy_from_slice(args);
    for (&name, &value) in kw.names.iter().zip(kw.values) {
        let text = crate::str::as_str(name)
            .map(crate::str::to_text)
            .unwrap_or_default();
        match params.iter().position(|&p| !p.is_empty() && p == text) {
            Some(i) if out[i].is_null() => out[i] = value,
            Some(i) => {
                let n = i + 1;
                return Err(vm.type_error(format_args!(
                    "argument for {function}() given by name ('{text}') and position ({n})"
                )));
            }
            None => {
                return Err(vm.type_error(format_args!(
                    "'{text}' is an invalid keyword argument for {function}()"
                )));
            }
        }
    }
    if let Some(i) = (0..min).find(|&i| out[i].is_null()) {
        let text = match params[i].is_empty() {
            true => format!(
                "{function} expected at least {min} argument{}, got {}",
                if min == 1 { "" } else { "s" },
                args.len()
            ),
            false => format!(
                "{function}() missing required argument '{}' (pos {})",
                params[i],
                i + 1
            ),
        };
        return Err(vm.type_error(text));
    }
    Ok(out)
}
