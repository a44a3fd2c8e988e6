//! `re.Pattern`, `re.Match` and the scanner: their methods.

use super::subject::{Subject, slice_of};
use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{ANY, fn1, fn2, getter, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BuiltinDef, CmpOp, Errors, GetSetDef, Kw, PyResult, Temps, Vm, access, str as strs,
};

pub static PATTERN: ClassSpec = ClassSpec::new("re", "Pattern", PATTERN_METHODS)
    .getsets(PATTERN_GETSETS)
    .sealed()
    .weakref();
pub static MATCH: ClassSpec = ClassSpec::new("re", "Match", MATCH_METHODS)
    .getsets(MATCH_GETSETS)
    .sealed();
pub static SCANNER: ClassSpec = ClassSpec::new("_sre", "SRE_Scanner", SCANNER_METHODS)
    .getsets(SCANNER_GETSETS)
    .sealed();

static PATTERN_METHODS: &[BuiltinDef] = &[
    kw("match", |vm, args, kw| {
        one(vm, "match", args, kw, false, false)
    }),
    kw("fullmatch", |vm, args, kw| {
        one(vm, "fullmatch", args, kw, false, true)
    }),
    kw("search", |vm, args, kw| {
        one(vm, "search", args, kw, true, false)
    }),
    kw("findall", findall),
    kw("finditer", |vm, args, kw| {
        let scanner = scanner(vm, args, kw)?;
        let search = get_attr(vm, scanner, "search")?;
        // `iter(search, None)`: the callable iterator ends at the first None.
        let iter_function = get_attr_of_builtins(vm, "iter")?;
        call(vm, iter_function, &[search, none(vm)])
    }),
    kw("scanner", scanner),
    kw("sub", |vm, args, kw| {
        substitute(vm, "sub", args, kw).map(|(text, _)| text)
    }),
    kw("subn", |vm, args, kw| {
        let (text, n) = substitute(vm, "subn", args, kw)?;
        Ok(tuple(vm, &[text, int(vm, n)]))
    }),
    kw("split", split),
    fn1("__copy__", |_, p| Ok(p)),
    fn2("__deepcopy__", |_, p, _| Ok(p)),
    fn1("__repr__", show_pattern),
    fn1("__hash__", |vm, p| {
        let mixed = hash(vm, p.get(WNative::R0))?
            ^ p.get(WNative::I0).wrapping_mul(1_000_003)
            ^ p.get(WNative::I2);
        Ok(int(vm, mixed))
    }),
    fn2("__eq__", |vm, p, other| equal(vm, p, other)),
    fn2(
        "__class_getitem__",
        crate::modules::collections::class_getitem,
    )
    .class_method(),
];
static PATTERN_GETSETS: &[GetSetDef] = &[
    getter("pattern", |_, p| Ok(p.get(WNative::R0))),
    getter("flags", |vm, p| Ok(int(vm, p.get(WNative::I0)))),
    getter("groups", |vm, p| Ok(int(vm, p.get(WNative::I1)))),
    getter("groupindex", |vm, p| {
        call(
            vm,
            vm.world().classes.mappingproxy.gc(),
            &[p.get(WNative::R1)],
        )
    }),
];
static MATCH_METHODS: &[BuiltinDef] = &[
    var("group", 1, ANY, group),
    fn2("__getitem__", |vm, m, i| group_text(vm, m, i, none(vm))),
    kw("groups", |vm, args, kw| {
        let [default] = bind(vm, "groups", ["default"], 0, &args[1..], kw)?;
        let default = if default.is_null() { none(vm) } else { default };
        let mut out = Temps::new(vm);
        for n in 1..group_count(args[0]) {
            out.push(text_of_group(vm, args[0], n, default));
        }
        Ok(tuple(vm, &out))
    }),
    kw("groupdict", |vm, args, kw| {
        let [default] = bind(vm, "groupdict", ["default"], 0, &args[1..], kw)?;
        let default = if default.is_null() { none(vm) } else { default };
        let d = dict(vm);
        let index = args[0].get(WNative::R1).get(WNative::R1);
        let Some(index) = as_dict(index) else {
            return Ok(d);
        };
        for pair in dict_items(vm, index).chunks(2) {
            let n = to_i64(vm, pair[1])? as usize;
            dict_set(vm, d, pair[0], text_of_group(vm, args[0], n, default))?;
        }
        Ok(d)
    }),
    fn2("start", |vm, m, g| Ok(int(vm, span_of(vm, m, g)?.0))).opt(1),
    fn2("end", |vm, m, g| Ok(int(vm, span_of(vm, m, g)?.1))).opt(1),
    fn2("span", |vm, m, g| {
        let (a, b) = span_of(vm, m, g)?;
        Ok(tuple(vm, &[int(vm, a), int(vm, b)]))
    })
    .opt(1),
    fn2("expand", |vm, m, template| {
        let re = crate::import::import_module(vm, "re")?;
        call_method(vm, re, "_expand", &[m.get(WNative::R1), m, template])
    }),
    fn1("__copy__", |_, m| Ok(m)),
    fn2("__deepcopy__", |_, m, _| Ok(m)),
    fn1("__repr__", |vm, m| {
        let (a, b) = span(m, 0);
        let shown = repr(vm, text_of_group(vm, m, 0, none(vm)))?;
        Ok(string(
            vm,
            &format!("<re.Match object; span=({a}, {b}), match={shown}>"),
        ))
    }),
    fn2(
        "__class_getitem__",
        crate::modules::collections::class_getitem,
    )
    .class_method(),
];
static MATCH_GETSETS: &[GetSetDef] = &[
    getter("string", |_, m| Ok(m.get(WNative::R0))),
    getter("re", |_, m| Ok(m.get(WNative::R1))),
    getter("pos", |vm, m| Ok(int(vm, m.get(WNative::I0)))),
    getter("endpos", |vm, m| Ok(int(vm, m.get(WNative::I1)))),
    getter("lastindex", |vm, m| match m.get(WNative::I2) {
        0 => Ok(none(vm)),
        n => Ok(int(vm, n)),
    }),
    getter("lastgroup", |vm, m| match m.get(WNative::I2) {
        0 => Ok(none(vm)),
        n => {
            let names = m.get(WNative::R1).get(WNative::R2);
            let names = names
                .is::<WTuple>()
                .then(|| ouro_py_objects::tuple::items(names));
            let found = names.and_then(|names| names.get(n as usize).copied());
            Ok(found.unwrap_or(none(vm)))
        }
    }),
    getter("regs", |vm, m| {
        let mut out = Temps::new(vm);
        for n in 0..group_count(m) {
            let (a, b) = span(m, n);
            out.push(tuple(vm, &[int(vm, a), int(vm, b)]));
        }
        Ok(tuple(vm, &out))
    }),
];
/// R0 text, R1 pattern, I0 next position, I1 end, I2 1 if the next match must not be empty, I3 1 at the end.
static SCANNER_METHODS: &[BuiltinDef] = &[
    fn1("match", |vm, s| scan(vm, s, false)),
    fn1("search", |vm, s| scan(vm, s, true)),
];
static SCANNER_GETSETS: &[GetSetDef] = &[getter("pattern", |_, s| Ok(s.get(WNative::R1)))];

fn get_attr_of_builtins(vm: &'static Vm, key: &str) -> PyResult {
    match dict_get_str(vm, vm.world().builtins.get(), key) {
        Some(f) => Ok(f),
        None => Err(vm.name_error(format_args!("name '{key}' is not defined"))),
    }
}
/// Arguments of a search: text, first and last position.
fn subject(vm: &'static Vm, name: &str, args: &[Gc], kw: &Kw) -> PyResult<Subject> {
    let [text, pos, endpos] = bind(vm, name, ["string", "pos", "endpos"], 1, &args[1..], kw)?;
    let bound = |v: Gc, default: i64| match v.is_null() {
        true => Ok(default),
        false => ouro_py_objects::int::clipped(vm, v),
    };
    let (pos, endpos) = (bound(pos, 0)?, bound(endpos, i64::MAX)?);
    Subject::new(vm, args[0], text, pos, endpos)
}
fn new_match(vm: &'static Vm, pattern: Gc, s: &Subject) -> Gc {
    let spans = access::alloc_var::<WIntArray>(vm, 2 * s.groups());
    for (n, span) in spans.items_mut(&INTS).chunks_exact_mut(2).enumerate() {
        let (start, stop) = match s.scratch().span(n) {
            Some((start, stop)) => (s.chars_before(start) as i64, s.chars_before(stop) as i64),
            None => (-1, -1),
        };
        (span[0], span[1]) = (start, stop);
    }
    let m = native::new(
        vm,
        state(vm).match_class.get().expect("_sre is initialised"),
    );
    m.init(WNative::R0, s.object)
        .init(WNative::R1, pattern)
        .init(WNative::R2, spans)
        .init(WNative::I0, s.pos as i64)
        .init(WNative::I1, s.endpos as i64)
        .init(WNative::I2, i64::from(s.scratch().last_group))
}
fn one(vm: &'static Vm, name: &str, args: &[Gc], kw: &Kw, search: bool, whole: bool) -> PyResult {
    let mut s = subject(vm, name, args, kw)?;
    match s.find(s.start, search, whole, false)? {
        true => Ok(new_match(vm, args[0], &s)),
        false => Ok(none(vm)),
    }
}
/// Calls `f` after each match in turn until it says false.
fn each(s: &mut Subject, mut f: impl FnMut(&Subject) -> PyResult<bool>) -> PyResult<()> {
    let (mut at, mut not_empty) = (s.start, false);
    while s.find(at, true, false, not_empty)? {
        let (start, stop) = s.matched();
        if !f(s)? {
            break;
        }
        // After an empty match the next one must have something, or begin later.
        (at, not_empty) = (stop, start == stop);
    }
    Ok(())
}
fn findall(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let mut s = subject(vm, "findall", args, kw)?;
    let all = list(vm, &[]);
    each(&mut s, |s| {
        let piece = |n| s.group(n).unwrap_or_else(|| s.empty());
        let value = match s.groups() {
            1 => piece(0),
            2 => piece(1),
            n => {
                let mut groups = Temps::new(vm);
                (1..n).for_each(|i| groups.push(piece(i)));
                tuple(vm, &groups)
            }
        };
        list_append(vm, all, value)?;
        Ok(true)
    })?;
    Ok(all)
}
fn split(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [text, maxsplit] = bind(vm, "split", ["string", "maxsplit"], 1, &args[1..], kw)?;
    let most = if maxsplit.is_null() {
        0
    } else {
        to_i64(vm, maxsplit)?
    };
    let mut s = Subject::new(vm, args[0], text, 0, i64::MAX)?;
    let all = list(vm, &[]);
    let (mut last, mut n) = (0, 0);
    if most >= 0 {
        each(&mut s, |s| {
            let (start, stop) = s.matched();
            list_append(vm, all, s.slice(last, start))?;
            for i in 1..s.groups() {
                list_append(vm, all, s.group(i).unwrap_or(none(vm)))?;
            }
            last = stop;
            n += 1;
            Ok(most == 0 || n < most)
        })?;
    }
    list_append(vm, all, s.slice(last, s.len()))?;
    Ok(all)
}
fn substitute(vm: &'static Vm, name: &str, args: &[Gc], kw: &Kw) -> PyResult<(Gc, i64)> {
    let [replacement, text, count] =
        bind(vm, name, ["repl", "string", "count"], 2, &args[1..], kw)?;
    let most = if count.is_null() {
        0
    } else {
        to_i64(vm, count)?
    };
    let pattern = args[0];
    let mut s = Subject::new(vm, pattern, text, 0, i64::MAX)?;
    let mut filter = replacement;
    let mut is_function = callable(vm, replacement);
    if !is_function {
        let has_escape = match strs::as_str(replacement) {
            Some(t) => strs::bytes(t).contains(&b'\\'),
            None => to_bytes(vm, replacement).is_ok_and(|b| b.contains(&b'\\')),
        };
        if has_escape {
            let re = crate::import::import_module(vm, "re")?;
            filter = call_method(vm, re, "_subx", &[pattern, replacement])?;
            is_function = callable(vm, filter);
        }
    }
    if !is_function
        && s.str_content().is_some()
        && let Some(filter) = strs::as_str(filter)
    {
        return substitute_str(vm, &mut s, filter, most);
    }
    let parts = list(vm, &[]);
    let (mut last, mut n) = (0, 0);
    if most >= 0 {
        each(&mut s, |s| {
            let (start, stop) = s.matched();
            if last < start {
                list_append(vm, parts, s.slice(last, start))?;
            }
            let item = match is_function {
                true => call(vm, filter, &[new_match(vm, pattern, s)])?,
                false => filter,
            };
            if item != none(vm) {
                list_append(vm, parts, item)?;
            }
            last = stop;
            n += 1;
            Ok(most == 0 || n < most)
        })?;
    }
    if n == 0 {
        let same = s.slice(0, s.len());
        return Ok((same, 0));
    }
    if last < s.len() {
        list_append(vm, parts, s.slice(last, s.len()))?;
    }
    Ok((call_method(vm, s.empty(), "join", &[parts])?, n))
}
/// Puts one str in the place of each match in a str.
fn substitute_str(
    vm: &'static Vm,
    s: &mut Subject,
    replacement: Gc,
    most: i64,
) -> PyResult<(Gc, i64)> {
    let mut out = Vec::new();
    let (mut last, mut n) = (0, 0);
    if most >= 0 {
        each(s, |s| {
            let (start, stop) = s.matched();
            out.extend_from_slice(&s.str_content().unwrap_or_default()[last..start]);
            out.extend_from_slice(strs::bytes(replacement));
            last = stop;
            n += 1;
            Ok(most == 0 || n < most)
        })?;
    }
    if n == 0 {
        return Ok((s.slice(0, s.len()), 0));
    }
    out.extend_from_slice(&s.str_content().unwrap_or_default()[last..]);
    Ok((strs::from_wtf8(vm, &out), n))
}
fn scanner(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let s = subject(vm, "scanner", args, kw)?;
    let object = native::new_of(vm, "SRE_Scanner");
    object.set(vm, WNative::R0, s.object);
    object.set(vm, WNative::R1, args[0]);
    object.set(vm, WNative::I0, s.pos as i64);
    object.set(vm, WNative::I1, s.endpos as i64);
    Ok(object)
}
fn scan(vm: &'static Vm, scanner: Gc, search: bool) -> PyResult {
    if scanner.get(WNative::I3) == 1 {
        return Ok(none(vm));
    }
    let pattern = scanner.get(WNative::R1);
    let (pos, end) = (scanner.get(WNative::I0), scanner.get(WNative::I1));
    let mut s = Subject::new(vm, pattern, scanner.get(WNative::R0), pos, end)?;
    let not_empty = scanner.get(WNative::I2) == 1;
    if !s.find(s.start, search, false, not_empty)? {
        scanner.set(vm, WNative::I3, 1);
        return Ok(none(vm));
    }
    let (start, stop) = s.matched();
    scanner.set(vm, WNative::I0, s.chars_before(stop) as i64);
    scanner.set(vm, WNative::I2, i64::from(start == stop));
    Ok(new_match(vm, pattern, &s))
}
fn show_pattern(vm: &'static Vm, p: Gc) -> PyResult {
    const NAMES: [(i64, &str); 8] = [
        (1, "re.TEMPLATE"),
        (2, "re.IGNORECASE"),
        (4, "re.LOCALE"),
        (8, "re.MULTILINE"),
        (16, "re.DOTALL"),
        (64, "re.VERBOSE"),
        (128, "re.DEBUG"),
        (256, "re.ASCII"),
    ];
    let mut flags = p.get(WNative::I0);
    // Unicode is the default of a str pattern.
    if p.get(WNative::I3) == 0 && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut parts: Vec<String> = NAMES
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|(_, n)| (*n).to_owned())
        .collect();
    let rest = flags & !NAMES.iter().fold(0, |all, (bit, _)| all | bit);
    if rest != 0 {
        parts.push(format!("{rest:#x}"));
    }
    let source: String = repr(vm, p.get(WNative::R0))?.chars().take(200).collect();
    let flags = if parts.is_empty() {
        String::new()
    } else {
        format!(", {}", parts.join("|"))
    };
    Ok(string(vm, &format!("re.compile({source}{flags})")))
}
fn equal(vm: &'static Vm, p: Gc, other: Gc) -> PyResult {
    let Some(q) = native::cast(vm, other, "Pattern") else {
        return Ok(vm.world().not_implemented);
    };
    let alike = [WNative::I0, WNative::I2, WNative::I3]
        .iter()
        .all(|&f| p.get(f) == q.get(f));
    Ok(boolean(
        vm,
        alike && holds(vm, CmpOp::Eq, p.get(WNative::R0), q.get(WNative::R0))?,
    ))
}

// ---- matches
fn group_count(m: Gc) -> usize {
    m.get(WNative::R2).items_len::<WIntArray>() / 2
}
fn span(m: Gc, n: usize) -> (i64, i64) {
    let spans = m.get(WNative::R2).items(&INTS);
    (spans[2 * n], spans[2 * n + 1])
}
fn group_number(vm: &'static Vm, m: Gc, g: Gc) -> PyResult<usize> {
    let wrong = || vm.index_error("no such group");
    let mut number = g;
    if !ouro_py_objects::int::has_index(vm, g) {
        let index = m.get(WNative::R1).get(WNative::R1);
        let found = as_dict(index).map(|d| dict_get(vm, d, g));
        number = found.transpose()?.flatten().ok_or_else(wrong)?;
    }
    let n = to_i64(vm, number)?;
    usize::try_from(n)
        .ok()
        .filter(|&n| n < group_count(m))
        .ok_or_else(wrong)
}
fn text_of_group(vm: &'static Vm, m: Gc, n: usize, default: Gc) -> Gc {
    let (a, b) = span(m, n);
    if a < 0 {
        return default;
    }
    slice_of(vm, m.get(WNative::R0), a as usize, b as usize)
}
fn group_text(vm: &'static Vm, m: Gc, g: Gc, default: Gc) -> PyResult {
    let n = group_number(vm, m, g)?;
    Ok(text_of_group(vm, m, n, default))
}
fn group(vm: &'static Vm, args: &[Gc]) -> PyResult {
    match args {
        &[m] => Ok(text_of_group(vm, m, 0, none(vm))),
        &[m, g] => group_text(vm, m, g, none(vm)),
        _ => {
            let mut out = Temps::new(vm);
            for &g in &args[1..] {
                out.push(group_text(vm, args[0], g, none(vm))?);
            }
            Ok(tuple(vm, &out))
        }
    }
}
fn span_of(vm: &'static Vm, m: Gc, g: Gc) -> PyResult<(i64, i64)> {
    let n = if g.is_null() {
        0
    } else {
        group_number(vm, m, g)?
    };
    Ok(span(m, n))
}
