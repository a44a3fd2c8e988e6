//! Python functions: construction and binding of arguments to registers, with CPython's messages.

use crate::access::{Access, alloc, alloc_var};
use crate::builtin::Kw;
use crate::code::PyCode;
use crate::layout::*;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};
use ouro_py_syntax::code::{CO_VARARGS, CO_VARKEYWORDS};

/// A function of `code`. Absent parts are NULL.
pub fn new(
    vm: &'static Vm,
    code: &'static PyCode,
    globals: Gc,
    defaults: Gc,
    kwdefaults: Gc,
    closure: Gc,
) -> Gc {
    let world = vm.world();
    let Names {
        name,
        qualname,
        doc,
    } = names_of(vm, code);
    let module = match globals.is_null() {
        true => None,
        false => crate::dict::get_str(vm, globals, world.names.name)
            .ok()
            .flatten(),
    };
    alloc::<WFunction>(vm)
        .init(WFunction::CODE, Host::new(code))
        .init(WFunction::GLOBALS, globals)
        .init(WFunction::DEFAULTS, defaults)
        .init(WFunction::KWDEFAULTS, kwdefaults)
        .init(WFunction::CLOSURE, closure)
        .init(WFunction::NAME, name)
        .init(WFunction::QUALNAME, qualname)
        .init(WFunction::DOC, doc)
        .init(WFunction::MODULE, module.unwrap_or(world.none))
}

/// What a new function has from its code.
pub struct Names {
    /// `__name__`, interned.
    pub name: Gc,
    /// `__qualname__`, interned.
    pub qualname: Gc,
    /// `__doc__`: a constant of the code, or None.
    pub doc: Gc,
}
/// The names and the documentation of new functions of `code`.
pub fn names_of(vm: &'static Vm, code: &'static PyCode) -> Names {
    let data = &code.info.data;
    let first = code.constants().first().map(|c| c.get());
    let doc = first.filter(|c| c.is::<WStr>() && !data.consts.is_empty());
    Names {
        name: crate::str::intern(vm, &data.name),
        qualname: crate::str::intern(vm, &data.qualname),
        doc: doc.unwrap_or(vm.world().none),
    }
}

/// Puts the arguments of a call into `out[1..=total]` and the function into `out[0]`; `out` has a place for each parameter
/// register (`PyCode::nargs`, the function included).
///
/// # Errors
/// TypeError with CPython's text.
pub fn bind(vm: &'static Vm, function: Gc, args: &[Gc], kw: &Kw, out: &mut [Gc]) -> PyResult<()> {
    let code = function.get(WFunction::CODE).expect();
    let data = &code.info.data;
    out[0] = function;
    let argcount = data.argcount as usize;
    let kwonly = data.kwonlyargcount as usize;
    let named = argcount + kwonly;
    let n = args.len().min(argcount);
    out[1..=n].copy_from_slice(&args[..n]);
    let varargs = data.flags & CO_VARARGS != 0;
    if varargs {
        out[named + 1] = crate::tuple::new(vm, &args[n..]);
    }
    let kwdict = if data.flags & CO_VARKEYWORDS != 0 {
        let d = crate::dict::new(vm);
        out[named + 1 + varargs as usize] = d;
        d
    } else {
        Gc::NULL
    };
    if !kw.is_empty() {
        bind_keywords(vm, function, kw, kwdict, out)?;
    }
    if args.len() > argcount && !varargs {
        return Err(too_many(vm, function, args.len(), out));
    }
    if args.len() < argcount {
        let defaults = function.get(WFunction::DEFAULTS);
        let count = if defaults.is_null() {
            0
        } else {
            crate::tuple::len(defaults)
        };
        let required = argcount.saturating_sub(count);
        if (n..required).any(|i| out[1 + i].is_null()) {
            return Err(missing(vm, function, "positional", n..required, out));
        }
        for i in n.max(required)..argcount {
            if out[1 + i].is_null() {
                out[1 + i] = defaults.item(&TUPLE, i + count - argcount);
            }
        }
    }
    if kwonly > 0 && (argcount..named).any(|i| out[1 + i].is_null()) {
        let defaults = function.get(WFunction::KWDEFAULTS);
        let mut lacking = false;
        for i in argcount..named {
            if out[1 + i].is_null() {
                let found = match defaults.is_null() {
                    true => None,
                    false => crate::dict::get_str(vm, defaults, code.info.params[i])?,
                };
                match found {
                    Some(v) => out[1 + i] = v,
                    None => lacking = true,
                }
            }
        }
        if lacking {
            return Err(missing(vm, function, "keyword-only", argcount..named, out));
        }
    }
    Ok(())
}
fn bind_keywords(
    vm: &'static Vm,
    function: Gc,
    kw: &Kw,
    kwdict: Gc,
    out: &mut [Gc],
) -> PyResult<()> {
    let code = function.get(WFunction::CODE).expect();
    let data = &code.info.data;
    let named = (data.argcount + data.kwonlyargcount) as usize;
    let posonly = data.posonlyargcount as usize;
    for (&key, &value) in kw.names.iter().zip(kw.values) {
        let Some(text) = crate::str::as_str(key) else {
            return Err(vm.type_error(format_args!(
                "{}() keywords must be strings",
                qualname(function)
            )));
        };
        let name = crate::str::intern_gc(vm, text);
        match (posonly..named).find(|&i| code.info.params[i] == name) {
            Some(i) if out[1 + i].is_null() => out[1 + i] = value,
            Some(_) => {
                let text = crate::str::to_text(name);
                return Err(vm.type_error(format_args!(
                    "{}() got multiple values for argument '{text}'",
                    qualname(function)
                )));
            }
            None if !kwdict.is_null() => crate::dict::set_str(vm, kwdict, text, value)?,
            None => {
                let is_posonly = |k: &Gc| {
                    crate::str::as_str(*k).is_some_and(|s| {
                        (0..posonly).any(|i| crate::str::same(code.info.params[i], s))
                    })
                };
                let wrong: Vec<String> = kw
                    .names
                    .iter()
                    .filter(|k| is_posonly(k))
                    .map(|&k| crate::str::to_text(k))
                    .collect();
                let function = qualname(function);
                return Err(vm.type_error(match wrong.is_empty() {
                    false => format!(
                        "{function}() got some positional-only arguments passed as keyword arguments: '{}'",
                        wrong.join(", ")
                    ),
                    true => format!("{function}() got an unexpected keyword argument '{}'", crate::str::to_text(name)),
                }));
            }
        }
    }
    Ok(())
}
/// `__qualname__` in Rust.
pub fn qualname(function: Gc) -> String {
    crate::str::as_str(function.get(WFunction::QUALNAME))
        .map_or_else(String::new, crate::str::to_text)
}
#[cold]
fn too_many(vm: &'static Vm, function: Gc, given: usize, out: &[Gc]) -> Gc {
    let data = &function.get(WFunction::CODE).expect().info.data;
    let (argcount, kwonly) = (data.argcount as usize, data.kwonlyargcount as usize);
    let defaults = function.get(WFunction::DEFAULTS);
    let count = if defaults.is_null() {
        0
    } else {
        crate::tuple::len(defaults)
    };
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let (takes, many) = match count {
        0 => (argcount.to_string(), argcount != 1),
        _ => (format!("from {} to {argcount}", argcount - count), true),
    };
    let kw_given = (argcount..argcount + kwonly)
        .filter(|&i| !out[1 + i].is_null())
        .count();
    let kw_text = match kw_given {
        0 => String::new(),
        n => format!(
            " positional argument{} (and {n} keyword-only argument{})",
            plural(given),
            plural(n)
        ),
    };
    vm.type_error(format_args!(
        "{}() takes {takes} positional argument{} but {given}{kw_text} {} given",
        qualname(function),
        if many { "s" } else { "" },
        if given == 1 && kw_given == 0 {
            "was"
        } else {
            "were"
        },
    ))
}
#[cold]
fn missing(
    vm: &'static Vm,
    function: Gc,
    kind: &str,
    range: std::ops::Range<usize>,
    out: &[Gc],
) -> Gc {
    let info = &function.get(WFunction::CODE).expect().info;
    let names: Vec<String> = range
        .filter(|&i| out[1 + i].is_null())
        .map(|i| format!("'{}'", crate::str::to_text(info.params[i])))
        .collect();
    let list = match &names[..] {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    vm.type_error(format_args!(
        "{}() missing {} required {kind} argument{}: {list}",
        qualname(function),
        names.len(),
        if names.len() == 1 { "" } else { "s" },
    ))
}
/// The `WCode` object of a code object.
pub fn code_object(vm: &'static Vm, code: &'static PyCode) -> Gc {
    let cell = &code.info.object;
    if cell.get().is_null() {
        cell.set(alloc::<WCode>(vm).init(WCode::CODE, Host::new(code)));
        vm.world().codes.borrow_mut().push(code);
    }
    cell.get()
}
/// A cell.
pub fn new_cell(vm: &'static Vm, value: Gc) -> Gc {
    alloc::<WCell>(vm).init(WCell::VALUE, value)
}
/// The annotations of a function as a dict; `MakeFunction` stores them as a tuple of names and values.
pub fn annotations(vm: &'static Vm, function: Gc) -> PyResult {
    let held = function.get(WFunction::ANNOTATIONS);
    if held.is::<WTuple>() {
        let d = crate::dict::new(vm);
        for pair in crate::tuple::items(held).chunks_exact(2) {
            crate::dict::set(vm, d, pair[0], pair[1])?;
        }
        function.set(vm, WFunction::ANNOTATIONS, d);
        return Ok(d);
    }
    if held.is_null() {
        function.set(vm, WFunction::ANNOTATIONS, crate::dict::new(vm));
    }
    Ok(function.get(WFunction::ANNOTATIONS))
}
/// Registers of a new frame in a heap array, for generators.
pub fn new_registers(vm: &'static Vm, count: usize) -> Gc {
    alloc_var::<WRefArray>(vm, count)
}
/// Whether an object can be called.
pub fn is_callable(vm: &'static Vm, object: Gc) -> bool {
    !type_of(vm, object)
        .special(vm, crate::Special::Call)
        .is_null()
}
