//! The functions of module `builtins`.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, Inline, Kw, fn0, fn1, fn2, fn3, kw, var};
use crate::layout::*;
use crate::make_class::class_of;
use crate::special::{BinOp, CmpOp, Special};
use crate::world::Mode;
use crate::{Errors, PyResult, Temps, Vm, attribute, dict, int, operator, type_of};
use ouro_gc::Gc;

fn none(vm: &'static Vm) -> PyResult {
    Ok(vm.world().none)
}
fn bool(vm: &'static Vm, v: bool) -> PyResult {
    Ok(vm.world().bool(v))
}
/// `ascii(a)`
pub fn ascii(vm: &'static Vm, a: Gc) -> PyResult {
    let r = crate::payload(operator::repr(vm, a)?);
    if crate::str::is_ascii(r) {
        return Ok(r);
    }
    let mut out = String::new();
    for c in crate::str::code_points(r) {
        match char::from_u32(c).filter(|_| c < 128) {
            Some(c) => out.push(c),
            None => crate::str::repr::push_escape(&mut out, c),
        }
    }
    Ok(crate::str::new(vm, &out))
}
/// `dir(object)`
pub fn dir(vm: &'static Vm, object: Gc) -> PyResult {
    let found = crate::call::call_special(vm, object, Special::Dir, &[])?;
    let list = crate::list::from_iterable(vm, found.unwrap_or(vm.world().empty_tuple))?;
    crate::sort::sort(vm, list, Gc::NULL, false)?;
    Ok(list)
}
fn with_prefix(vm: &'static Vm, a: Gc, radix: u32, prefix: &str) -> PyResult {
    let v = int::index(vm, a)?;
    Ok(crate::str::new(vm, &crate::int_text::with_prefix(&v, radix, prefix)))
}
fn any_all(vm: &'static Vm, a: Gc, stop: bool) -> PyResult {
    let it = operator::iter(vm, a)?;
    while let Some(v) = operator::next(vm, it)? {
        if operator::truth(vm, v)? == stop {
            return bool(vm, stop);
        }
    }
    bool(vm, !stop)
}
fn extreme(vm: &'static Vm, name: &str, op: CmpOp, args: &[Gc], kw: &Kw) -> PyResult {
    let (mut key, mut default) = (vm.world().none, Gc::NULL);
    for (&n, &v) in kw.names.iter().zip(kw.values) {
        match crate::str::to_text(n).as_str() {
            "key" => key = v,
            "default" => default = v,
            other => return Err(vm.type_error(format_args!("{name}() got an unexpected keyword argument '{other}'"))),
        }
    }
    if args.is_empty() {
        return Err(vm.type_error(format_args!("{name} expected at least 1 argument, got 0")));
    }
    if args.len() > 1 && !default.is_null() {
        return Err(vm.type_error(format_args!("Cannot specify a default for {name}() with multiple positional arguments")));
    }
    let source = if args.len() == 1 { args[0] } else { crate::tuple::new(vm, args) };
    let it = operator::iter(vm, source)?;
    let keyed = |v: Gc| if key == vm.world().none { Ok(v) } else { crate::call::call_args(vm, key, &[v]) };
    let Some(mut best) = operator::next(vm, it)? else {
        return if default.is_null() { Err(vm.value_error(format_args!("{name}() arg is an empty sequence"))) } else { Ok(default) };
    };
    let mut best_key = keyed(best)?;
    while let Some(v) = operator::next(vm, it)? {
        let k = keyed(v)?;
        if operator::compare_bool(vm, op, k, best_key)? {
            (best, best_key) = (v, k);
        }
    }
    Ok(best)
}
fn sum(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [iterable, start] = crate::call::parse(vm, "sum", args, kw, ["", "start"], 1, 2)?;
    let mut total = if start.is_null() { int::new(vm, 0) } else { start };
    let kind = crate::payload(total);
    if kind.is::<WStr>() {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if kind.is::<WBytes>() {
        return Err(vm.type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if kind.is::<WByteArray>() {
        return Err(vm.type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    let it = operator::iter(vm, iterable)?;
    // Unboxed while everything is a small int, or a float.
    let mut small = int::small(total);
    let mut float = if total.is::<WFloat>() { Some(total.get(WFloat::VALUE)) } else { None };
    while let Some(v) = operator::next(vm, it)? {
        if let Some(s) = small {
            if let Some(n) = int::small(v).and_then(|x| s.checked_add(x)) {
                small = Some(n);
                continue;
            }
            total = int::new(vm, s);
            small = None;
            if v.is::<WFloat>() {
                float = Some(s as f64 + v.get(WFloat::VALUE));
                continue;
            }
        } else if let Some(f) = float {
            if v.is::<WFloat>() {
                float = Some(f + v.get(WFloat::VALUE));
                continue;
            }
            if let Some(x) = int::small(v) {
                float = Some(f + x as f64);
                continue;
            }
            total = crate::float::new(vm, f);
            float = None;
        }
        total = operator::binary(vm, BinOp::Add, total, v)?;
    }
    Ok(match (small, float) {
        (Some(s), _) => int::new(vm, s),
        (_, Some(f)) => crate::float::new(vm, f),
        _ => total,
    })
}
fn get_attr(vm: &'static Vm, o: Gc, name: Gc, default: Gc) -> PyResult {
    let name = attribute::name_argument(vm, name, "getattr")?;
    if default.is_null() {
        return attribute::get_attr(vm, o, name);
    }
    Ok(attribute::get_attr_opt(vm, o, name)?.unwrap_or(default))
}
fn print(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    use std::io::Write;
    let (mut sep, mut end, mut file, mut flush) = (None, None, None, false);
    for (&n, &v) in kw.names.iter().zip(kw.values) {
        let given = Some(v).filter(|v| *v != vm.world().none);
        match crate::str::to_text(n).as_str() {
            "sep" => sep = given,
            "end" => end = given,
            "file" => file = given,
            "flush" => flush = operator::truth(vm, v)?,
            other => return Err(vm.type_error(format_args!("'{other}' is an invalid keyword argument for print()"))),
        }
    }
    for (value, what) in [(sep, "sep"), (end, "end")] {
        if let Some(v) = value.filter(|v| crate::str::as_str(*v).is_none()) {
            let got = type_of(vm, v).text();
            return Err(vm.type_error(format_args!("{what} must be None or a string, not {got}")));
        }
    }
    let file = match file {
        Some(f) => Some(f),
        None => match vm.world().sys.get() {
            s if s.is_null() => None,
            s => match dict::get_str(vm, s, vm.world().names.stdout)? {
                Some(f) if f == vm.world().none => return none(vm),
                Some(f) => Some(f),
                None => return Err(vm.runtime_error("lost sys.stdout")),
            },
        },
    };
    let mut out = Vec::new();
    for (i, &a) in args.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(sep.map_or(b" ", |s| crate::str::bytes(crate::payload(s))));
        }
        let s = crate::payload(operator::str_of(vm, a)?);
        out.extend_from_slice(crate::str::bytes(s));
    }
    out.extend_from_slice(end.map_or(b"\n", |s| crate::str::bytes(crate::payload(s))));
    match file {
        Some(f) => {
            let text = crate::str::from_wtf8(vm, &out);
            crate::call::call_method(vm, f, vm.world().names.write, &[text])?;
            if flush {
                crate::call::call_method(vm, f, vm.world().names.flush, &[])?;
            }
        }
        None => {
            // Before `sys` exists: straight to the standard output.
            let mut stdout = std::io::stdout().lock();
            let written = stdout.write_all(&out).and_then(|()| stdout.flush());
            written.map_err(|e| crate::error::os_error_from(vm, e.raw_os_error().unwrap_or(0), None))?;
        }
    }
    none(vm)
}
fn pow(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [base, exp, m] = crate::call::parse(vm, "pow", args, kw, ["base", "exp", "mod"], 2, 3)?;
    if m.is_null() || m == vm.world().none {
        return operator::binary(vm, BinOp::Pow, base, exp);
    }
    if let (Some(a), Some(b), Some(c)) = (int::get(base), int::get(exp), int::get(m)) {
        return int::power_mod(vm, &a, &b, &c);
    }
    let f = type_of(vm, base).special(vm, Special::Pow);
    if !f.is_null() {
        let r = crate::call::call_unbound(vm, f, &[base, exp, m])?;
        if r != vm.world().not_implemented {
            return Ok(r);
        }
    }
    let names = [base, exp, m].map(|o| type_of(vm, o).text());
    Err(vm.type_error(format_args!(
        "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
        names[0], names[1], names[2]
    )))
}
fn round(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [number, digits] = crate::call::parse(vm, "round", args, kw, ["number", "ndigits"], 1, 2)?;
    let extra = [digits];
    let given = if digits.is_null() || digits == vm.world().none { &[][..] } else { &extra[..] };
    match crate::call::call_special(vm, number, Special::Round, given)? {
        Some(v) => Ok(v),
        None => Err(vm.type_error(format_args!("type {} doesn't define __round__ method", type_of(vm, number).text()))),
    }
}
fn sorted(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [iterable, key, reverse] = crate::call::parse(vm, "sorted", args, kw, ["", "key", "reverse"], 1, 1)?;
    let list = match iterable.is::<WList>() {
        true => crate::list::copy(vm, iterable),
        false => crate::list::from_iterable(vm, iterable)?,
    };
    let reverse = !reverse.is_null() && operator::truth(vm, reverse)?;
    crate::sort::sort(vm, list, key, reverse)?;
    Ok(list)
}
fn vars(vm: &'static Vm, o: Gc) -> PyResult {
    if o.is_null() {
        return crate::frame::current_locals(vm);
    }
    match attribute::get_attr_opt(vm, o, vm.world().names.dict)? {
        Some(d) => Ok(d),
        None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
    }
}
/// The UTF-8 source of a `compile`, `eval` or `exec` argument.
fn source_of(vm: &'static Vm, source: Gc, function: &str, what: &str) -> PyResult<Vec<u8>> {
    if let Some(s) = crate::str::as_str(source) {
        if crate::str::utf8(s).is_none() {
            crate::codec::utf8(vm, s)?;
        }
        return Ok(crate::str::bytes(s).to_vec());
    }
    match crate::bytes::content(crate::payload(source)) {
        Some(b) => Ok(b.strip_prefix(b"\xef\xbb\xbf").unwrap_or(b).to_vec()),
        None => Err(vm.type_error(format_args!("{function}() arg 1 must be a {what}"))),
    }
}
fn compile_source(vm: &'static Vm, source: &[u8], filename: &str, mode: Mode, flags: u32) -> PyResult<&'static crate::PyCode> {
    if source.contains(&0) {
        return Err(vm.value_error("source code string cannot contain null bytes"));
    }
    match vm.world().callouts.compile.get() {
        Some(hook) => hook(vm, source, filename, mode, flags),
        None => Err(vm.system_error("no compiler is plugged in")),
    }
}
const FUTURE_MASK: u32 = 0x1fe0000;
fn compile(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let names = ["source", "filename", "mode", "flags", "dont_inherit", "optimize"];
    let [source, filename, mode, flags, dont_inherit, _] = crate::call::parse(vm, "compile", args, kw, names, 3, 6)?;
    let mode = match crate::str::as_str(mode).map(crate::str::to_text).as_deref() {
        Some("exec") => Mode::Exec,
        Some("eval") => Mode::Eval,
        Some("single") => Mode::Single,
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let mut bits = if flags.is_null() { 0 } else { int::to_i64(vm, flags)? as u32 };
    if bits & !(FUTURE_MASK | 0x400 | 0x200 | 0x1000 | 0x2000 | 0x4000 | 0x100) != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    let inherit = dont_inherit.is_null() || !operator::truth(vm, dont_inherit)?;
    if inherit && let Some(at) = crate::frame::current(vm) {
        bits |= at.code.info.data.flags & FUTURE_MASK;
    }
    let filename = match crate::str::as_str(filename) {
        Some(s) => crate::str::to_text(s),
        None => String::from_utf8_lossy(crate::bytes::buffer(vm, filename)?).into_owned(),
    };
    if source.is::<WCode>() {
        return Ok(source);
    }
    let text = source_of(vm, source, "compile", "string, bytes or AST object")?;
    let code = compile_source(vm, &text, &filename, mode, bits)?;
    Ok(crate::function::code_object(vm, code))
}
fn run_source(vm: &'static Vm, name: &str, args: &[Gc], closure: Gc, mode: Mode) -> PyResult {
    let none = vm.world().none;
    let at = |i: usize| args.get(i).copied().filter(|v| *v != none && !v.is_null());
    let globals = match at(1) {
        Some(g) => match dict::as_dict(g) {
            Some(d) => d,
            None => {
                let got = type_of(vm, g).text();
                let text = match (name, mode) {
                    (_, Mode::Eval) => "globals must be a dict".to_owned(),
                    _ => format!("{name}() globals must be a dict, not {got}"),
                };
                return Err(vm.type_error(text));
            }
        },
        None => crate::frame::current_globals(vm).ok_or_else(|| vm.system_error("globals and locals cannot be NULL"))?,
    };
    let locals = match (at(2), at(1)) {
        (Some(l), _) => {
            if dict::as_dict(l).is_none() && type_of(vm, l).special(vm, Special::GetItem).is_null() {
                let got = type_of(vm, l).text();
                return Err(vm.type_error(format_args!("{name}() locals must be a mapping or None, not {got}")));
            }
            l
        }
        (None, Some(_)) => globals,
        (None, None) => crate::frame::current_locals(vm)?,
    };
    let builtins = vm.world().names.builtins;
    if dict::get_str(vm, globals, builtins)?.is_none() {
        let module = dict::get_text(vm, vm.world().modules.get(), "builtins")?;
        dict::set_str(vm, globals, builtins, module.unwrap_or(vm.world().builtins.get()))?;
    }
    let code = match args[0].is::<WCode>() {
        true => {
            let code = args[0].get(WCode::CODE).expect();
            if closure.is_null() && !code.info.data.freevars.is_empty() {
                return Err(vm.type_error(format_args!("code object passed to {name}() may not contain free variables")));
            }
            code
        }
        false => {
            let text = source_of(vm, args[0], name, "string, bytes or code object")?;
            let bits = crate::frame::current(vm).map_or(0, |at| at.code.info.data.flags & FUTURE_MASK);
            let trimmed = if mode == Mode::Eval { text.trim_ascii_start() } else { &text };
            compile_source(vm, trimmed, "<string>", mode, bits)?
        }
    };
    crate::call::run_code(vm, code, globals, locals, closure)
}
fn exec(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [source, globals, locals, closure] = crate::call::parse(vm, "exec", args, kw, ["", "", "", "closure"], 1, 3)?;
    let closure = if closure.is_null() || closure == vm.world().none { Gc::NULL } else { closure };
    run_source(vm, "exec", &[source, globals, locals], closure, Mode::Exec)?;
    none(vm)
}
/// `__build_class__(function, name, *bases, metaclass=..., **keywords)`
fn build_class(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let world = vm.world();
    if args.len() < 2 {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    }
    let (function, name) = (args[0], args[1]);
    if !function.is::<WFunction>() {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if crate::str::as_str(name).is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let original = crate::tuple::new(vm, &args[2..]);
    let mut bases = Temps::new(vm);
    let mut replaced = false;
    for &b in &args[2..] {
        let hook = match class_of(b) {
            Some(_) => None,
            None => attribute::get_attr_opt(vm, b, world.names.mro_entries)?,
        };
        match hook {
            Some(f) => {
                let entries = crate::call::call_args(vm, f, &[original])?;
                if !entries.is::<WTuple>() {
                    return Err(vm.type_error("__mro_entries__ must return a tuple"));
                }
                bases.extend(crate::tuple::items(entries));
                replaced = true;
            }
            None => bases.push(b),
        }
    }
    let (mut names, mut values) = (Temps::new(vm), Temps::new(vm));
    let mut meta = Gc::NULL;
    for (&n, &v) in kw.names.iter().zip(kw.values) {
        if crate::str::same(crate::payload(n), world.names.metaclass) {
            meta = v;
        } else {
            names.push(n);
            values.push(v);
        }
    }
    if meta.is_null() {
        meta = bases.first().map_or(world.classes.type_, |&b| type_of(vm, b)).gc();
    }
    if let Some(class) = class_of(meta) {
        meta = crate::make_class::derive_metaclass(vm, class, &bases)?.gc();
    }
    let rest = Kw { names: &names, values: &values };
    let bases = crate::tuple::new(vm, &bases);
    let namespace = match attribute::get_attr_opt(vm, meta, world.names.prepare)? {
        Some(f) => crate::call::call(vm, f, &[name, bases], &rest)?,
        None => dict::new(vm),
    };
    if type_of(vm, namespace).special(vm, Special::GetItem).is_null() {
        let (m, got) = (class_of(meta).map_or("<metaclass>".into(), |c| c.text()), type_of(vm, namespace).text());
        return Err(vm.type_error(format_args!("{m}.__prepare__() must return a mapping, not {got}")));
    }
    let cell = crate::call::run_frame(vm, function, &[function, namespace])?;
    if replaced {
        operator::set_item(vm, namespace, crate::str::intern(vm, "__orig_bases__"), original)?;
    }
    let class = crate::call::call(vm, meta, &[name, bases, namespace], &rest)?;
    if cell.is::<WCell>() && class_of(class).is_some() {
        let held = cell.get(WCell::VALUE);
        if held.is_null() {
            let shown = operator::repr_text(vm, name)?;
            let text = format!("__class__ not set defining {shown} as {}. Was __classcell__ propagated to type.__new__?", operator::repr_text(vm, class)?);
            return Err(vm.runtime_error(text));
        }
        if held != class {
            let (shown, a, b) = (operator::repr_text(vm, name)?, operator::repr_text(vm, held)?, operator::repr_text(vm, class)?);
            return Err(vm.type_error(format_args!("__class__ set to {a} defining {shown} as {b}")));
        }
    }
    Ok(class)
}
fn import(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let names = ["name", "globals", "locals", "fromlist", "level"];
    let [name, globals, locals, fromlist, level] = crate::call::parse(vm, "__import__", args, kw, names, 1, 5)?;
    if crate::str::as_str(name).is_none() {
        return Err(vm.type_error("module name must be a string"));
    }
    let level = if level.is_null() { 0 } else { int::to_i64(vm, level)? };
    let or = |v: Gc, default: Gc| if v.is_null() { default } else { v };
    let none = vm.world().none;
    crate::module::import_name(vm, name, or(globals, none), or(locals, none), or(fromlist, vm.world().empty_tuple), level)
}
fn input(vm: &'static Vm, prompt: Gc) -> PyResult {
    use std::io::Write;
    if let Some(hook) = vm.world().callouts.input.get() {
        return hook(vm, prompt);
    }
    if !prompt.is_null() {
        print!("{}", operator::str_text(vm, prompt)?);
        let flushed = std::io::stdout().flush();
        flushed.map_err(|e| crate::error::os_error_from(vm, e.raw_os_error().unwrap_or(0), None))?;
    }
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(0) => Err(vm.eof_error("EOF when reading a line")),
        Ok(_) => Ok(crate::str::new(vm, line.trim_end_matches('\n'))),
        Err(e) => Err(crate::error::os_error_from(vm, e.raw_os_error().unwrap_or(0), None)),
    }
}
fn next(vm: &'static Vm, it: Gc, default: Gc) -> PyResult {
    let class = type_of(vm, it);
    let f = class.special(vm, Special::Next);
    if f.is_null() {
        return Err(vm.type_error(format_args!("'{}' object is not an iterator", class.text())));
    }
    if default.is_null() {
        if it.is::<WGenerator>() {
            return crate::generator::send(vm, it, Gc::NULL);
        }
        return crate::call::call_unbound(vm, f, &[it]);
    }
    Ok(operator::next(vm, it)?.unwrap_or(default))
}
fn ord(vm: &'static Vm, a: Gc) -> PyResult {
    let (found, len) = match crate::str::as_str(a) {
        Some(s) => (crate::str::single(s), crate::str::char_len(s)),
        None => match crate::bytes::content(crate::payload(a)) {
            Some(b) => (b.first().filter(|_| b.len() == 1).map(|&b| b as u32), b.len()),
            None => {
                let got = type_of(vm, a).text();
                return Err(vm.type_error(format_args!("ord() expected string of length 1, but {got} found")));
            }
        },
    };
    match found {
        Some(c) => Ok(int::new(vm, c as i64)),
        None => Err(vm.type_error(format_args!("ord() expected a character, but string of length {len} found"))),
    }
}
static FUNCTIONS: &[BuiltinDef] = &[
    fn1("abs", |vm, a| operator::unary(vm, Special::Abs, a)).inline(Inline::Abs),
    fn1("all", |vm, a| any_all(vm, a, false)),
    fn1("any", |vm, a| any_all(vm, a, true)),
    fn1("ascii", ascii),
    fn1("bin", |vm, a| with_prefix(vm, a, 2, "0b")),
    fn1("oct", |vm, a| with_prefix(vm, a, 8, "0o")),
    fn1("hex", |vm, a| with_prefix(vm, a, 16, "0x")),
    fn1("callable", |vm, a| bool(vm, crate::function::is_callable(vm, a))),
    fn1("chr", |vm, a| {
        let v = int::to_i64(vm, a)?;
        match u32::try_from(v).ok().filter(|&c| c < 0x110000) {
            Some(c) => Ok(crate::str::from_code_point(vm, c)),
            None => Err(vm.value_error("chr() arg not in range(0x110000)")),
        }
    }).inline(Inline::Chr),
    kw("compile", compile),
    fn2("delattr", |vm, o, name| {
        let name = attribute::name_argument(vm, name, "delattr")?;
        attribute::del_attr(vm, o, name)?;
        none(vm)
    }),
    var("dir", 0, 1, |vm, args| match args.first() {
        Some(&o) => dir(vm, o),
        None => {
            let names = crate::list::from_iterable(vm, crate::frame::current_locals(vm)?)?;
            crate::sort::sort(vm, names, Gc::NULL, false)?;
            Ok(names)
        }
    }),
    fn2("divmod", |vm, a, b| operator::binary(vm, BinOp::DivMod, a, b)),
    var("eval", 1, 3, |vm, args| run_source(vm, "eval", args, Gc::NULL, Mode::Eval)),
    kw("exec", exec),
    fn2("format", |vm, a, spec| operator::format(vm, a, if spec.is_null() { vm.world().empty_str } else { spec })).opt(1),
    fn3("getattr", get_attr).opt(2),
    fn0("globals", |vm| Ok(crate::frame::current_globals(vm).unwrap_or(vm.world().none))),
    fn2("hasattr", |vm, o, name| {
        let name = attribute::name_argument(vm, name, "hasattr")?;
        bool(vm, attribute::get_attr_opt(vm, o, name)?.is_some())
    }),
    fn1("hash", |vm, a| Ok(int::new(vm, operator::hash(vm, a)?))),
    fn1("id", |vm, a| Ok(int::from_u64(vm, operator::id(vm, a)))),
    fn1("input", input).opt(0),
    fn2("isinstance", |vm, a, c| bool(vm, operator::is_instance(vm, a, c)?)).inline(Inline::IsInstance),
    fn2("issubclass", |vm, a, c| bool(vm, operator::is_subclass(vm, a, c)?)),
    fn2("iter", |vm, a, sentinel| {
        if sentinel.is_null() {
            return operator::iter(vm, a);
        }
        if !crate::function::is_callable(vm, a) {
            return Err(vm.type_error("iter(v, w): v must be callable"));
        }
        Ok(alloc::<WCallableIter>(vm).init(WCallableIter::FUNC, a).init(WCallableIter::SENTINEL, sentinel))
    }).opt(1).inline(Inline::Iter),
    fn1("len", |vm, a| Ok(int::new(vm, operator::len(vm, a)? as i64))).inline(Inline::Len),
    fn0("locals", crate::frame::current_locals),
    kw("max", |vm, args, kw| extreme(vm, "max", CmpOp::Gt, args, kw)).inline(Inline::Max),
    kw("min", |vm, args, kw| extreme(vm, "min", CmpOp::Lt, args, kw)).inline(Inline::Min),
    fn2("next", next).opt(1).inline(Inline::Next),
    fn1("ord", ord).inline(Inline::Ord),
    kw("pow", pow),
    kw("print", print),
    fn1("repr", operator::repr),
    kw("round", round),
    fn3("setattr", |vm, o, name, v| {
        let name = attribute::name_argument(vm, name, "setattr")?;
        attribute::set_attr(vm, o, name, v)?;
        none(vm)
    }),
    kw("sorted", sorted),
    kw("sum", sum),
    fn1("vars", vars).opt(0),
    kw("__build_class__", build_class),
    kw("__import__", import),
    fn1("aiter", |vm, a| match crate::call::call_special(vm, a, Special::Aiter, &[])? {
        Some(v) => Ok(v),
        None => Err(vm.type_error(format_args!("'{}' object is not an async iterable", type_of(vm, a).text()))),
    }),
    var("anext", 1, 1, |vm, args| match crate::call::call_special(vm, args[0], Special::Anext, &[])? {
        Some(v) => Ok(v),
        None => Err(vm.type_error(format_args!("'{}' object is not an async iterator", type_of(vm, args[0]).text()))),
    }),
];
/// Makes the module and puts classes and constants into it.
pub(crate) fn boot(vm: &'static Vm) {
    let world = vm.world();
    world.modules.set(dict::new(vm));
    let module = crate::module::new(vm, "builtins");
    world.builtins.set(module.get(WModule::DICT));
    crate::module::add_functions(vm, module, FUNCTIONS);
    let all = world.all_classes.borrow().clone();
    const OTHERS: &[&str] = &[
        "object", "type", "int", "bool", "float", "complex", "str", "bytes", "bytearray", "tuple", "list", "dict", "set",
        "frozenset", "property", "staticmethod", "classmethod", "super", "slice", "range", "enumerate", "zip", "map", "filter",
        "reversed", "memoryview",
    ];
    for (row, class) in crate::world::CLASS_ROWS.iter().zip(all) {
        if class.has(crate::class::class_flags::EXCEPTION) || OTHERS.contains(&row.name) {
            crate::module::set(vm, module, row.name, class.gc());
        }
    }
    let c = &world.classes;
    let values = [
        ("None", world.none), ("True", world.true_), ("False", world.false_), ("Ellipsis", world.ellipsis),
        ("NotImplemented", world.not_implemented), ("__debug__", world.true_), ("EnvironmentError", c.os_error.gc()),
        ("IOError", c.os_error.gc()),
    ];
    for (name, value) in values {
        crate::module::set(vm, module, name, value);
    }
    dict::set_text(vm, world.modules.get(), "builtins", module);
}
