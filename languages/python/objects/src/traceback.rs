//! Tracebacks: entries, attributes, and printing as CPython 3.11 does, with carets.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, fn1, getset, getter};
use crate::code::PyCode;
use crate::layout::*;
use crate::make_class::add_members;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};
use ouro_py_syntax::Position;
use std::fmt::Write;

/// Adds an entry for instruction `pc` of `code` to the traceback of an exception. `frame` may be NULL.
pub fn add(vm: &'static Vm, e: Gc, code: &'static PyCode, pc: usize, frame: Gc) {
    let t = alloc::<WTraceback>(vm).init(WTraceback::NEXT, e.get(WException::TRACEBACK));
    t.init(WTraceback::CODE, Host::new(code)).init(WTraceback::PC, pc as i64).init(WTraceback::FRAME, frame);
    e.set(vm, WException::TRACEBACK, t);
}
/// The line of an entry.
pub fn line(t: Gc) -> i64 {
    match t.get(WTraceback::LINE) {
        0 => position(t).map_or(0, |p| p.line as i64),
        n => n,
    }
}
fn position(t: Gc) -> Option<Position> {
    let code = t.get(WTraceback::CODE).get()?;
    code.info.data.positions.get(t.get(WTraceback::PC) as usize).copied()
}
/// The source line of a file, without white space around it, and the bytes that were cut off on its left.
fn source_line(filename: &str, line: u32) -> Option<(String, usize)> {
    let text = std::fs::read(filename).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let raw = text.lines().nth(line.checked_sub(1)? as usize)?.to_owned();
    let shown = raw.trim().to_owned();
    let cut = raw.len() - raw.trim_start().len();
    (!shown.is_empty()).then_some((shown, cut))
}
/// Column of a byte offset, in characters.
fn column(line: &str, byte: usize) -> usize {
    line.char_indices().take_while(|(i, _)| *i < byte).count()
}
fn carets(shown: &str, cut: usize, p: &Position) -> Option<String> {
    if p.col == Position::NO_COLUMN || p.end_col == Position::NO_COLUMN {
        return None;
    }
    let start = (p.col as usize).checked_sub(cut)?;
    let end = if p.more_lines > 0 { shown.len() } else { (p.end_col as usize).saturating_sub(cut).min(shown.len()) };
    if start >= end {
        return None;
    }
    let (a, b) = (column(shown, start), column(shown, end));
    // Nothing is marked if all of the line would be.
    if a == 0 && b >= shown.chars().count() {
        return None;
    }
    let mut marks: Vec<char> = std::iter::repeat_n('^', b - a).collect();
    if p.more_lines == 0
        && let Some((from, to)) = anchor(&shown[start..end])
    {
        for (i, m) in marks.iter_mut().enumerate() {
            *m = if (from..to).contains(&i) { '^' } else { '~' };
        }
    }
    Some(" ".repeat(a) + &marks.into_iter().collect::<String>())
}
/// The operator of a binary operation, or the brackets of a subscript, in a segment of source: what gets carets while the
/// rest gets tildes.
fn anchor(segment: &str) -> Option<(usize, usize)> {
    let chars: Vec<char> = segment.chars().collect();
    let mut depth = 0i32;
    let mut quote: Option<char> = None;
    let mut subscript = None;
    let mut operator = None;
    let mut previous_operand = false;
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if let Some(q) = quote {
            if c == '\\' {
                i += 1;
            } else if c == q {
                quote = None;
                previous_operand = true;
            }
            i += 1;
            continue;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '(' | '[' | '{' => {
                if depth == 0 {
                    subscript = (c == '[' && previous_operand).then_some(i);
                }
                depth += 1;
                previous_operand = false;
            }
            ')' | ']' | '}' => {
                depth -= 1;
                previous_operand = true;
            }
            '+' | '-' | '*' | '/' | '%' | '@' | '&' | '|' | '^' | '<' | '>' if depth == 0 && previous_operand => {
                let double = matches!((c, chars.get(i + 1)), ('*', Some('*')) | ('/', Some('/')) | ('<', Some('<')) | ('>', Some('>')));
                if matches!(c, '<' | '>') && !double {
                    return None;
                }
                if operator.is_some() {
                    // Which of several operators failed cannot be told from the text alone: the last one of the same
                    // strength is the outermost.
                    operator = outer(&chars, operator, (i, i + 1 + double as usize));
                } else {
                    operator = Some((i, i + 1 + double as usize));
                }
                i += double as usize;
                previous_operand = false;
            }
            '=' | '!' | ',' | ':' if depth == 0 => return None,
            _ if c.is_whitespace() => {}
            _ => {
                if depth == 0 && c.is_alphabetic() {
                    let word: String = chars[i..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
                    if matches!(word.as_str(), "and" | "or" | "not" | "in" | "is" | "if" | "else" | "lambda" | "await" | "yield" | "for") {
                        return None;
                    }
                    i += word.chars().count() - 1;
                }
                previous_operand = true;
            }
        }
        i += 1;
    }
    if operator.is_some() {
        return operator;
    }
    subscript.filter(|_| chars.last() == Some(&']')).map(|s| (s, chars.len()))
}
fn outer(chars: &[char], old: Option<(usize, usize)>, new: (usize, usize)) -> Option<(usize, usize)> {
    let strength = |(from, to): (usize, usize)| match (chars[from], to - from) {
        ('|', _) => 0,
        ('^', _) => 1,
        ('&', _) => 2,
        ('<' | '>', _) => 3,
        ('+' | '-', _) => 4,
        ('*', 2) => 6,
        _ => 5,
    };
    let old = old?;
    Some(if strength(new) <= strength(old) { new } else { old })
}
/// The lines of one traceback, without the heading.
fn entries(out: &mut String, first: Gc, indent: &str) {
    let mut t = first;
    let mut repeated = 0;
    let mut last: Option<(String, i64, String)> = None;
    while !t.is_null() && t.is::<WTraceback>() {
        let code = t.get(WTraceback::CODE).expect();
        let line = line(t);
        let here = (code.info.filename.to_string(), line, code.info.data.name.to_string());
        if last.as_ref() == Some(&here) {
            repeated += 1;
        } else {
            flush_repeats(out, repeated, indent);
            repeated = 1;
        }
        if repeated <= 3 {
            let _ = writeln!(out, "{indent}  File \"{}\", line {line}, in {}", here.0, here.2);
            if let Some((shown, cut)) = source_line(&here.0, line as u32) {
                let _ = writeln!(out, "{indent}    {shown}");
                if let Some(marks) = position(t).filter(|p| p.line as i64 == line).and_then(|p| carets(&shown, cut, &p)) {
                    let _ = writeln!(out, "{indent}    {marks}");
                }
            }
        }
        last = Some(here);
        t = t.get(WTraceback::NEXT);
    }
    flush_repeats(out, repeated, indent);
}
fn flush_repeats(out: &mut String, repeated: usize, indent: &str) {
    if repeated > 3 {
        let more = repeated - 3;
        let _ = writeln!(out, "{indent}  [Previous line repeated {more} more time{}]", if more == 1 { "" } else { "s" });
    }
}
/// `Class: message`, as the last line of a traceback.
fn summary(vm: &'static Vm, e: Gc) -> String {
    let class = type_of(vm, e);
    let name = crate::type_methods::display_name(vm, class);
    let name = name.strip_prefix("__main__.").unwrap_or(&name).to_owned();
    match crate::operator::str_text(vm, e) {
        Ok(text) if text.is_empty() => name,
        Ok(text) => format!("{name}: {text}"),
        Err(_) => format!("{name}: <exception str() failed>"),
    }
}
fn syntax_details(vm: &'static Vm, e: Gc, out: &mut String, indent: &str) -> bool {
    let field = |n: usize| crate::exception::field(e, n);
    let int = |n: usize| crate::int::get(field(n)).and_then(|v| v.small());
    let Some(line) = int(2) else { return false };
    let filename = crate::str::as_str(field(1)).map_or("<string>".into(), crate::str::to_text);
    let _ = writeln!(out, "{indent}  File \"{filename}\", line {line}");
    if let Some(text) = crate::str::as_str(field(4)).map(crate::str::to_text) {
        let shown = text.trim_end_matches(['\n', '\r']);
        let cut = shown.chars().take_while(|c| c.is_whitespace()).count();
        let _ = writeln!(out, "{indent}    {}", shown.trim());
        if let Some(offset) = int(3).filter(|&o| o > 0) {
            let end = int(7).filter(|&x| x > 0 && int(6) == int(2)).unwrap_or(offset + 1);
            let end = if end <= offset { offset + 1 } else { end };
            let start = (offset as usize - 1).saturating_sub(cut);
            let _ = writeln!(out, "{indent}    {}{}", " ".repeat(start), "^".repeat((end - offset) as usize));
        }
    }
    let class = type_of(vm, e).text();
    let msg = crate::str::as_str(field(0)).map_or("None".into(), crate::str::to_text);
    let _ = writeln!(out, "{indent}{class}: {msg}");
    true
}
fn one(vm: &'static Vm, e: Gc, out: &mut String, indent: &str) {
    let first = e.get(WException::TRACEBACK);
    if !first.is_null() {
        let _ = writeln!(out, "{indent}Traceback (most recent call last):");
        entries(out, first, indent);
    }
    let c = &vm.world().classes;
    if !(crate::error::is_instance_of(vm, e, c.syntax_error) && syntax_details(vm, e, out, indent)) {
        let mut text = summary(vm, e);
        if let Some(hint) = crate::suggest::suggestion(vm, e) {
            text += &format!(". Did you mean: '{hint}'?");
        }
        for l in text.split('\n') {
            let _ = writeln!(out, "{indent}{l}");
        }
    }
    if let Ok(Some(notes)) = crate::attribute::get_attr_opt(vm, e, vm.world().names.notes)
        && let Ok(notes) = crate::list::to_temps(vm, notes)
    {
        for &n in notes.iter() {
            let text = crate::operator::str_text(vm, n).unwrap_or_else(|_| "<note str() failed>".into());
            text.split('\n').for_each(|l| {
                let _ = writeln!(out, "{indent}{l}");
            });
        }
    }
}
fn chain(vm: &'static Vm, e: Gc, out: &mut String, indent: &str, seen: &mut Vec<usize>) {
    seen.push(e.address());
    let (cause, context) = (e.get(WException::CAUSE), e.get(WException::CONTEXT));
    let next = if !cause.is_null() {
        Some((cause, "The above exception was the direct cause of the following exception:"))
    } else if !context.is_null() && e.get(WException::SUPPRESS) == 0 {
        Some((context, "During handling of the above exception, another exception occurred:"))
    } else {
        None
    };
    if let Some((before, text)) = next
        && before.is::<WException>()
        && !seen.contains(&before.address())
        && seen.len() < 500
    {
        chain(vm, before, out, indent, seen);
        let _ = writeln!(out, "{indent}\n{indent}{text}\n{indent}");
    }
    if crate::error::is_instance_of(vm, e, vm.world().classes.base_exception_group) {
        return group(vm, e, out, indent, seen);
    }
    one(vm, e, out, indent);
}
fn group(vm: &'static Vm, e: Gc, out: &mut String, indent: &str, seen: &mut Vec<usize>) {
    let top = indent.is_empty();
    let inner = format!("{indent}{}| ", if top { "  " } else { "" });
    let mut text = String::new();
    one(vm, e, &mut text, "");
    for (i, l) in text.lines().enumerate() {
        let lead = if i == 0 && l.starts_with("Traceback") {
            format!("{indent}{}+ Exception Group ", if top { "  " } else { "" })
        } else {
            inner.clone()
        };
        let _ = writeln!(out, "{lead}{l}");
    }
    let items = crate::exception::field(e, 1);
    let n = crate::tuple::len(items);
    for (i, &item) in crate::tuple::items(items).iter().enumerate() {
        let base = format!("{indent}{}", if top { "  " } else { "" });
        let corner = if i == 0 { "+-" } else { "  " };
        let _ = writeln!(out, "{base}{corner}+---------------- {} ----------------", i + 1);
        let mut text = String::new();
        chain(vm, item, &mut text, "", seen);
        text.lines().for_each(|l| {
            let bar = if l.starts_with("  +") || l.starts_with("    |") { "" } else { "| " };
            let _ = writeln!(out, "{base}  {bar}{l}");
        });
        if i + 1 == n {
            let _ = writeln!(out, "{base}  +------------------------------------");
        }
    }
}
/// The whole text that CPython prints for an uncaught exception, causes and contexts first.
pub fn format(vm: &'static Vm, e: Gc) -> String {
    let mut out = String::new();
    chain(vm, e, &mut out, "", &mut Vec::new());
    // Blank lines between chained tracebacks carry no indentation.
    out
}
/// Prints an exception that nobody can catch (in callbacks and finalizers) to standard error.
pub fn unraisable(vm: &'static Vm, e: Gc, what: &str, object: Gc) {
    let shown = crate::operator::repr_text(vm, object).unwrap_or_else(|_| "<object repr() failed>".into());
    eprintln!("{what}{shown}");
    eprint!("{}", format(vm, e));
}
static ATTRIBUTES: &[GetSetDef] = &[
    getset("tb_next", |vm, t| {
        let n = t.get(WTraceback::NEXT);
        Ok(if n.is_null() { vm.world().none } else { n })
    }, |vm, t, v| {
        let none = vm.world().none;
        if v.is_null() || v != none && !v.is::<WTraceback>() {
            return Err(vm.type_error("expected traceback object or None"));
        }
        let mut at = v;
        while at.is::<WTraceback>() {
            if at == t {
                return Err(vm.value_error("traceback loop detected"));
            }
            at = at.get(WTraceback::NEXT);
        }
        t.set(vm, WTraceback::NEXT, if v == none { Gc::NULL } else { v });
        Ok(())
    }),
    getter("tb_lineno", |vm, t| Ok(crate::int::new(vm, line(t)))),
    getter("tb_lasti", |vm, t| Ok(crate::int::new(vm, t.get(WTraceback::PC) * 2))).member(),
    getter("tb_frame", frame_of).member(),
];
fn frame_of(vm: &'static Vm, t: Gc) -> PyResult {
    if !t.get(WTraceback::FRAME).is_null() {
        return Ok(t.get(WTraceback::FRAME));
    }
    let f = alloc::<WFrame>(vm).init(WFrame::CODE, t.get(WTraceback::CODE)).init(WFrame::PC, t.get(WTraceback::PC));
    f.init(WFrame::DEPTH, -1).init(WFrame::GLOBALS, crate::dict::new(vm));
    t.set(vm, WTraceback::FRAME, f);
    Ok(f)
}
static METHODS: &[BuiltinDef] = &[fn1("__dir__", |vm, _| {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|n| crate::str::intern(vm, n));
    Ok(crate::list::new(vm, &names))
})];
static FRAME: &[GetSetDef] = &[
    getter("f_code", |vm, f| Ok(crate::function::code_object(vm, f.get(WFrame::CODE).expect()))).member(),
    getter("f_globals", |_, f| Ok(f.get(WFrame::GLOBALS))).member(),
    getter("f_builtins", |vm, _| Ok(vm.world().builtins.get())).member(),
    getter("f_locals", |vm, f| {
        if f.get(WFrame::LOCALS).is_null() {
            let regs = f.get(WFrame::REGS);
            let d = match regs.is_null() {
                true => crate::dict::new(vm),
                false => crate::frame::locals_of(vm, f.get(WFrame::CODE).expect(), |n| regs.items(&REFS).get(n as usize).copied().unwrap_or(Gc::NULL))?,
            };
            f.set(vm, WFrame::LOCALS, d);
        }
        Ok(f.get(WFrame::LOCALS))
    }),
    getter("f_lineno", |vm, f| Ok(crate::int::new(vm, crate::frame::line(f) as i64))),
    getter("f_lasti", |vm, f| Ok(crate::int::new(vm, f.get(WFrame::PC) * 2))).member(),
    getter("f_back", |vm, f| {
        if f.get(WFrame::BACK).is_null() {
            let depth = f.get(WFrame::DEPTH);
            let running = crate::frame::places(vm).len() as i64;
            let back = if depth > 0 { crate::frame::frame_object(vm, (running - depth) as usize) } else { None };
            f.set(vm, WFrame::BACK, back.unwrap_or(vm.world().none));
        }
        Ok(f.get(WFrame::BACK))
    }),
    getset("f_trace", |vm, f| Ok(if f.get(WFrame::TRACE).is_null() { vm.world().none } else { f.get(WFrame::TRACE) }), |vm, f, v| {
        f.set(vm, WFrame::TRACE, v);
        Ok(())
    }),
];
static FRAME_METHODS: &[BuiltinDef] = &[
    fn1("clear", |vm, f| {
        f.set(vm, WFrame::REGS, Gc::NULL);
        Ok(vm.world().none)
    }),
    fn1("__repr__", |vm, f| {
        let code = f.get(WFrame::CODE).expect();
        let text = format!("<frame at {:#x}, file '{}', line {}, code {}>", f.address(), code.info.filename, crate::frame::line(f), code.info.data.name);
        Ok(crate::str::new(vm, &text))
    }),
];
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    add_members(vm, c.traceback, METHODS, ATTRIBUTES);
    add_members(vm, c.frame, FRAME_METHODS, FRAME);
}
