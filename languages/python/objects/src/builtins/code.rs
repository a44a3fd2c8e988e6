//! Builtins that run code: `compile`, `eval`, `exec`, `__build_class__`, `__import__`.

use crate::access::Access;
use crate::builtin::Kw;
use crate::code::PyCode;
use crate::layout::*;
use crate::special::Special;
use crate::world::Mode;
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::Gc;
use ouro_py_syntax::code::{CO_FUTURE_ANNOTATIONS, CO_FUTURE_BARRY_AS_BDFL};

/// All `CO_FUTURE_*` bits.
const FUTURE: u32 = 0x1fe_0000;
/// `ast.PyCF_*` flags that `compile` takes beside the future ones: `SOURCE_IS_UTF8`, `DONT_IMPLY_DEDENT`, `TYPE_COMMENTS`,
/// `ALLOW_TOP_LEVEL_AWAIT` and `ALLOW_INCOMPLETE_INPUT`; they change nothing here.
const IGNORED: u32 = 0x100 | 0x200 | 0x1000 | 0x2000 | 0x4000;
const ONLY_AST: u32 = 0x400;

/// The future statements of the calling code.
fn inherited_future(vm: &'static Vm) -> u32 {
    const CARRIED: u32 = CO_FUTURE_ANNOTATIONS | CO_FUTURE_BARRY_AS_BDFL;
    crate::frame::current(vm).map_or(0, |at| at.code.info.data.flags & CARRIED)
}
/// The bytes of source text; None if the object is no text.
///
/// # Errors
/// UnicodeEncodeError for lone surrogates in a str.
fn source_bytes(vm: &'static Vm, object: Gc) -> PyResult<Option<Vec<u8>>> {
    let exact = crate::payload(object);
    if exact.is::<WStr>() {
        if crate::str::utf8(exact).is_none() {
            crate::codec::utf8(vm, exact)?;
        }
        return Ok(Some(crate::str::bytes(exact).to_vec()));
    }
    Ok(crate::bytes::content(exact).map(|b| b.strip_prefix(b"\xef\xbb\xbf").unwrap_or(b).to_vec()))
}
fn compile_source(
    vm: &'static Vm,
    source: &[u8],
    filename: &str,
    mode: Mode,
    flags: u32,
) -> PyResult<&'static PyCode> {
    if source.contains(&0) {
        let e = vm.error(
            vm.world().classes.syntax_error,
            "source code string cannot contain null bytes",
        );
        crate::exception::set_field(vm, e, 0, e.get(WException::ARGS).item(&TUPLE, 0));
        return Err(e);
    }
    match vm.world().callouts.compile.get() {
        Some(compile) => compile(vm, source, filename, mode, flags),
        None => Err(vm.runtime_error("no compiler is installed")),
    }
}
/// `compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1)`
///
/// # Errors
/// TypeError, ValueError, SyntaxError.
pub fn compile(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let names = [
        "source",
        "filename",
        "mode",
        "flags",
        "dont_inherit",
        "optimize",
        "_feature_version",
    ];
    let [source, filename, mode, flags, dont_inherit, optimize, _] =
        crate::call::parse(vm, "compile", args, kw, names, 3, 6)?;
    let filename = match crate::call::call_special(vm, filename, Special::Fspath, &[])? {
        Some(path) => path,
        None => filename,
    };
    let name = match source_bytes(vm, filename)? {
        Some(name) => String::from_utf8_lossy(&name).into_owned(),
        None => {
            let got = type_of(vm, filename).text();
            return Err(vm.type_error(format_args!(
                "expected str, bytes or os.PathLike object, not {got}"
            )));
        }
    };
    let Some(mode) = crate::str::as_str(mode) else {
        let got = type_of(vm, mode).text();
        return Err(vm.type_error(format_args!(
            "compile() argument 'mode' must be str, not {got}"
        )));
    };
    let mode = match crate::str::bytes(mode) {
        b"exec" => Mode::Exec,
        b"eval" => Mode::Eval,
        b"single" => Mode::Single,
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let flags = if flags.is_null() {
        0
    } else {
        crate::int::to_i32(vm, flags)? as u32
    };
    if flags & !(FUTURE | IGNORED | ONLY_AST) != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    if flags & ONLY_AST != 0 {
        return Err(vm.not_implemented_error("compile() to a syntax tree is not supported"));
    }
    let optimize = if optimize.is_null() {
        -1
    } else {
        crate::int::to_i32(vm, optimize)?
    };
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    let inherit = dont_inherit.is_null() || !crate::operator::truth(vm, dont_inherit)?;
    let future = flags & FUTURE | if inherit { inherited_future(vm) } else { 0 };
    let Some(text) = source_bytes(vm, source)? else {
        return Err(vm.type_error("compile() arg 1 must be a string, bytes or AST object"));
    };
    let code = compile_source(vm, &text, &name, mode, future)?;
    Ok(crate::function::code_object(vm, code))
}

/// Globals and locals of `eval` and `exec`; absent ones are those of the caller.
fn namespaces(vm: &'static Vm, function: &str, globals: Gc, locals: Gc) -> PyResult<(Gc, Gc)> {
    let absent = |v: Gc| v.is_null() || v == vm.world().none;
    let is_mapping = |v: Gc| !type_of(vm, v).special(vm, Special::GetItem).is_null();
    if !absent(locals) && !is_mapping(locals) {
        let got = type_of(vm, locals).text();
        return Err(vm.type_error(match function {
            "eval" => "locals must be a mapping".to_owned(),
            _ => format!("locals must be a mapping or None, not {got}"),
        }));
    }
    if absent(globals) {
        let Some(current) = crate::frame::current_globals(vm) else {
            return Err(vm.system_error("globals and locals cannot be NULL"));
        };
        let locals = if absent(locals) {
            crate::frame::current_locals(vm)?
        } else {
            locals
        };
        return Ok((current, locals));
    }
    let Some(d) = crate::dict::as_dict(globals) else {
        let got = type_of(vm, globals).text();
        return Err(vm.type_error(match function {
            "eval" if is_mapping(globals) => {
                "globals must be a real dict; try eval(code, {}, mapping)".to_owned()
            }
            "eval" => "globals must be a dict".to_owned(),
            _ => format!("exec() globals must be a dict, not {got}"),
        }));
    };
    let name = vm.world().names.builtins;
    if crate::dict::get_str(vm, d, name)?.is_none() {
        crate::dict::set_str(vm, d, name, vm.world().builtins.get())?;
    }
    Ok((d, if absent(locals) { d } else { locals }))
}
/// The code of an argument of `eval` or `exec`.
fn code_argument(
    vm: &'static Vm,
    function: &str,
    source: Gc,
    mode: Mode,
) -> PyResult<&'static PyCode> {
    if source.is::<WCode>() {
        return Ok(source.get(WCode::CODE).expect());
    }
    let Some(text) = source_bytes(vm, source)? else {
        return Err(vm.type_error(format_args!(
            "{function}() arg 1 must be a string, bytes or code object"
        )));
    };
    let text = match mode {
        Mode::Eval => text.trim_ascii_start().to_vec(),
        _ => text,
    };
    compile_source(vm, &text, "<string>", mode, inherited_future(vm))
}
/// `eval(source, globals=None, locals=None, /)`
///
/// # Errors
/// SyntaxError, what the code raises.
pub fn eval(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    let (globals, locals) = namespaces(vm, "eval", at(1), at(2))?;
    let code = code_argument(vm, "eval", args[0], Mode::Eval)?;
    if !code.info.data.freevars.is_empty() {
        return Err(vm.type_error("code object passed to eval() may not contain free variables"));
    }
    crate::call::run_code(vm, code, globals, locals, Gc::NULL)
}
/// `exec(source, globals=None, locals=None, /, *, closure=None)`
///
/// # Errors
/// SyntaxError, what the code raises.
pub fn exec(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [source, globals, locals, closure] =
        crate::call::parse(vm, "exec", args, kw, ["", "", "", "closure"], 1, 3)?;
    let (globals, locals) = namespaces(vm, "exec", globals, locals)?;
    let code = code_argument(vm, "exec", source, Mode::Exec)?;
    let free = code.info.data.freevars.len();
    let closure = if closure == vm.world().none {
        Gc::NULL
    } else {
        closure
    };
    if closure.is_null() && free > 0 {
        return Err(vm.type_error("code object passed to exec() may not contain free variables"));
    }
    if !closure.is_null() {
        if !source.is::<WCode>() {
            return Err(vm.type_error("closure can only be used when source is a code object"));
        }
        if free == 0 {
            return Err(vm.type_error("cannot use a closure with this code object"));
        }
        let fits = closure.is::<WTuple>()
            && crate::tuple::len(closure) == free
            && crate::tuple::items(closure).iter().all(|c| c.is::<WCell>());
        if !fits {
            let text = format!("code object requires a closure of exactly length {free}");
            return Err(vm.type_error(text));
        }
    }
    crate::call::run_code(vm, code, globals, locals, closure)?;
    Ok(vm.world().none)
}

/// Bases with those that are no classes replaced by what their `__mro_entries__` gives.
fn resolve_bases(vm: &'static Vm, bases: Gc) -> PyResult {
    let mut out = Temps::new(vm);
    let mut changed = false;
    for i in 0..crate::tuple::len(bases) {
        let base = bases.item(&TUPLE, i);
        let hook = match base.is::<WClass>() {
            true => None,
            false => crate::attribute::get_attr_opt(vm, base, vm.world().names.mro_entries)?,
        };
        let Some(hook) = hook else {
            out.push(base);
            continue;
        };
        let entries = crate::call::call_args(vm, hook, &[bases])?;
        let Some(entries) = crate::tuple::as_tuple(entries) else {
            return Err(vm.type_error("__mro_entries__ must return a tuple"));
        };
        changed = true;
        out.extend(crate::tuple::items(entries));
    }
    Ok(if changed {
        crate::tuple::new(vm, &out)
    } else {
        bases
    })
}
/// `__build_class__(function, name, /, *bases, metaclass=..., **kwds)`: what a class statement calls.
///
/// # Errors
/// TypeError, what the body and the metaclass raise.
pub fn build_class(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [function, name, bases @ ..] = args else {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    };
    let (function, name) = (*function, *name);
    if !function.is::<WFunction>() {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if crate::str::as_str(name).is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let names = &vm.world().names;
    let original = crate::tuple::new(vm, bases);
    let bases = resolve_bases(vm, original)?;
    let (mut kw_names, mut kw_values) = (Temps::new(vm), Temps::new(vm));
    let mut meta = Gc::NULL;
    for (&key, &value) in kw.names.iter().zip(kw.values) {
        if crate::str::same(crate::payload(key), names.metaclass) {
            meta = value;
        } else {
            kw_names.push(key);
            kw_values.push(value);
        }
    }
    let kw = Kw {
        names: &kw_names,
        values: &kw_values,
    };
    if meta.is_null() {
        meta = match crate::tuple::items(bases).first() {
            Some(&base) => type_of(vm, base).gc(),
            None => vm.world().classes.type_.gc(),
        };
    }
    if let Some(class) = crate::make_class::class_of(meta) {
        let all = Temps::from_slice(vm, crate::tuple::items(bases));
        meta = crate::make_class::derive_metaclass(vm, class, &all)?.gc();
    }
    let plain = meta == vm.world().classes.type_.gc();
    let namespace = match plain {
        true => crate::dict::new(vm),
        false => match crate::attribute::get_attr_opt(vm, meta, names.prepare)? {
            Some(prepare) => crate::call::call(vm, prepare, &[name, bases], &kw)?,
            None => crate::dict::new(vm),
        },
    };
    if type_of(vm, namespace)
        .special(vm, Special::GetItem)
        .is_null()
    {
        let of = crate::make_class::class_of(meta).map_or("<metaclass>".to_owned(), |c| c.text());
        let got = type_of(vm, namespace).text();
        return Err(vm.type_error(format_args!(
            "{of}.__prepare__() must return a mapping, not {got}"
        )));
    }
    let cell = crate::call::run_frame(vm, function, &[function, namespace])?;
    if bases != original {
        let key = crate::str::intern(vm, "__orig_bases__");
        crate::operator::set_item(vm, namespace, key, original)?;
    }
    let class = crate::call::call(vm, meta, &[name, bases, namespace], &kw)?;
    if cell.is::<WCell>() && class.is::<WClass>() {
        let held = cell.get(WCell::VALUE);
        let text = crate::str::to_text(crate::payload(name));
        if held.is_null() {
            return Err(vm.runtime_error(format_args!(
                "__class__ not set defining '{text}' as {}. Was __classcell__ propagated to type.__new__?",
                crate::operator::repr_text(vm, class)?
            )));
        }
        if held != class {
            let (held, class) = (
                crate::operator::repr_text(vm, held)?,
                crate::operator::repr_text(vm, class)?,
            );
            return Err(vm.type_error(format_args!(
                "__class__ set to {held} defining '{text}' as {class}"
            )));
        }
    }
    Ok(class)
}
/// `__import__(name, globals=None, locals=None, fromlist=(), level=0)`
///
/// # Errors
/// ImportError, what the module raises.
pub fn import(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let params = ["name", "globals", "locals", "fromlist", "level"];
    let [name, globals, locals, from, level] =
        crate::call::parse(vm, "__import__", args, kw, params, 1, 5)?;
    if crate::str::as_str(name).is_none() {
        return Err(vm.type_error("module name must be a string"));
    }
    let or_none = |v: Gc| if v.is_null() { vm.world().none } else { v };
    let level = if level.is_null() {
        0
    } else {
        crate::int::to_i64(vm, level)?
    };
    crate::module::import_name(
        vm,
        name,
        or_none(globals),
        or_none(locals),
        or_none(from),
        level,
    )
}
