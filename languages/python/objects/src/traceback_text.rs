//! The text that CPython 3.11 prints for an exception that nobody handles.
//!
//! Every line of an exception inside of groups starts with a margin; [`Printer::margin`] writes it. Errors while the text
//! is made (in `__str__` and the like) end in the text, never outside.

use crate::access::Access;
use crate::layout::*;
use crate::source::Sources;
use crate::{Temps, Vm, type_of};
use ouro_gc::Gc;
use ouro_py_syntax::Position;

/// Repeats of one line after this many are counted only.
const MAX_REPEATS: usize = 3;
/// Entries that are shown, the newest ones, unless `sys.tracebacklimit` says otherwise.
const MAX_ENTRIES: i64 = 1000;
/// Exceptions of a group that are shown.
const MAX_GROUP: usize = 15;
/// Nesting of groups that is shown.
const MAX_DEPTH: usize = 10;
/// Nesting of causes and contexts that is shown.
const MAX_CHAIN: usize = 900;

/// The whole text, causes and contexts first.
pub fn format(vm: &'static Vm, e: Gc) -> String {
    let mut printer = Printer::new(vm);
    printer.recursive(e);
    printer.finish()
}
/// The text of an exception alone: `Class: message`, notes, but neither traceback nor causes.
pub fn format_only(vm: &'static Vm, e: Gc) -> String {
    let mut printer = Printer::new(vm);
    printer.message(e);
    printer.finish()
}

struct Printer {
    vm: &'static Vm,
    /// WTF-8.
    out: Vec<u8>,
    /// Exceptions that were begun.
    seen: Temps,
    sources: Sources,
    /// Nesting of groups; 0 outside.
    depth: usize,
    /// The frame around a group is still open.
    need_close: bool,
    chained: usize,
}

impl Printer {
    fn new(vm: &'static Vm) -> Printer {
        let (seen, sources) = (Temps::new(vm), Sources::default());
        Printer {
            vm,
            out: Vec::new(),
            seen,
            sources,
            depth: 0,
            need_close: false,
            chained: 0,
        }
    }
    /// The text; lone surrogates are escaped, as standard error would do.
    fn finish(self) -> String {
        let escape = |c: u32| match char::from_u32(c) {
            Some(c) => c.to_string(),
            None => format!("\\u{c:04x}"),
        };
        match String::from_utf8(self.out) {
            Ok(text) => text,
            Err(e) => crate::str::CodePoints(e.as_bytes()).map(escape).collect(),
        }
    }
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
    fn indent(&mut self) {
        self.out.resize(self.out.len() + 2 * self.depth, b' ');
    }
    /// The start of a line.
    fn margin(&mut self) {
        self.indent();
        if self.depth > 0 {
            self.put("| ");
        }
    }
    fn line(&mut self, text: &str) {
        self.margin();
        self.put(text);
        self.put("\n");
    }
    /// The str of an object, or what stands for it if that fails.
    fn put_str(&mut self, object: Gc, failed: &str) {
        match crate::operator::str_of(self.vm, object) {
            Ok(s) => self
                .out
                .extend_from_slice(crate::str::bytes(crate::payload(s))),
            Err(_) => self.put(failed),
        }
    }

    // ---- chains and groups
    fn recursive(&mut self, e: Gc) {
        self.seen.push(e);
        if self.chained < MAX_CHAIN {
            self.chained += 1;
            self.before(e);
            self.chained -= 1;
        }
        match crate::error::is_instance_of(self.vm, e, self.vm.world().classes.base_exception_group)
        {
            true => self.group(e),
            false => self.one(e),
        }
    }
    /// The cause or context of an exception.
    fn before(&mut self, e: Gc) {
        let (cause, context) = (e.get(WException::CAUSE), e.get(WException::CONTEXT));
        let (before, text) = if cause.is::<WException>() {
            (
                cause,
                "The above exception was the direct cause of the following exception:",
            )
        } else if context.is::<WException>() && e.get(WException::SUPPRESS) == 0 {
            (
                context,
                "During handling of the above exception, another exception occurred:",
            )
        } else {
            return;
        };
        if self.seen.contains(&before) {
            return;
        }
        let need_close = std::mem::replace(&mut self.need_close, false);
        self.recursive(before);
        self.need_close = need_close;
        self.line("");
        self.line(text);
        self.line("");
    }
    fn group(&mut self, e: Gc) {
        if self.depth > MAX_DEPTH {
            return self.line(&format!("... (max_group_depth is {MAX_DEPTH})"));
        }
        if self.depth == 0 {
            self.depth = 1;
        }
        self.one(e);
        let members = crate::exception::field(e, 1);
        let total = if members.is::<WTuple>() {
            crate::tuple::len(members)
        } else {
            0
        };
        let shown = total.min(MAX_GROUP + 1);
        self.need_close = false;
        for i in 0..shown {
            let last = i + 1 == shown;
            // The frame may be closed by a group inside, if that is the last member.
            self.need_close |= last;
            self.indent();
            self.put(if i == 0 { "+-" } else { "  " });
            let title = if i >= MAX_GROUP {
                "...".to_owned()
            } else {
                (i + 1).to_string()
            };
            self.put(&format!("+---------------- {title} ----------------\n"));
            self.depth += 1;
            if i >= MAX_GROUP {
                let more = total - MAX_GROUP;
                self.line(&format!(
                    "and {more} more exception{}",
                    if more == 1 { "" } else { "s" }
                ));
            } else {
                self.recursive(members.item(&TUPLE, i));
            }
            self.depth -= 1;
            if last && self.need_close {
                // The closing line stands under the members.
                self.depth += 1;
                self.indent();
                self.put("+------------------------------------\n");
                self.depth -= 1;
                self.need_close = false;
            }
        }
        if self.depth == 1 {
            self.depth = 0;
        }
    }

    // ---- one exception
    fn one(&mut self, e: Gc) {
        let t = e.get(WException::TRACEBACK);
        if t.is::<WTraceback>() {
            let group = crate::error::is_instance_of(
                self.vm,
                e,
                self.vm.world().classes.base_exception_group,
            );
            self.traceback(t, group);
        }
        self.message(e);
    }
    /// The lines after the traceback.
    fn message(&mut self, e: Gc) {
        let message = self.syntax_details(e);
        self.margin();
        self.class_name(e);
        let start = self.out.len();
        self.put(": ");
        self.put_str(message.unwrap_or(e), "<exception str() failed>");
        if self.out.len() == start + 2 {
            self.out.truncate(start);
        }
        if let Some(hint) = crate::suggest::suggestion(self.vm, e) {
            self.put(&format!(". Did you mean: '{hint}'?"));
        }
        self.put("\n");
        self.notes(e);
    }
    fn class_name(&mut self, e: Gc) {
        let class = type_of(self.vm, e);
        let module = class
            .lookup(self.vm.world().names.module)
            .unwrap_or(Gc::NULL);
        match crate::str::as_str(module)
            .filter(|_| !module.is_null())
            .map(crate::str::to_text)
        {
            Some(m) if m == "builtins" || m == "__main__" => {}
            Some(m) => self.put(&format!("{m}.")),
            None if class.has(crate::class::class_flags::HEAP) => self.put("<unknown>."),
            None => {}
        }
        self.put(&class.qualname_text());
    }
    fn notes(&mut self, e: Gc) {
        let vm = self.vm;
        let Ok(Some(notes)) = crate::attribute::get_attr_opt(vm, e, vm.world().names.notes) else {
            return;
        };
        let text = crate::str::as_str(notes).is_some() || crate::bytes::content(notes).is_some();
        let sequence = !text
            && !type_of(vm, notes)
                .special(vm, crate::Special::GetItem)
                .is_null();
        if !sequence || crate::dict::as_dict(notes).is_some() {
            self.margin();
            match crate::operator::repr(vm, notes) {
                Ok(s) => self
                    .out
                    .extend_from_slice(crate::str::bytes(crate::payload(s))),
                Err(_) => self.put("<__notes__ repr() failed>"),
            }
            return;
        }
        let Ok(notes) = crate::list::to_temps(vm, notes) else {
            return;
        };
        for &note in notes.iter() {
            let text = match crate::operator::str_text(vm, note) {
                Ok(text) => text,
                Err(_) => "<note str() failed>".to_owned(),
            };
            text.split('\n').for_each(|l| self.line(l));
        }
    }

    // ---- syntax errors
    /// File, line and source of a SyntaxError. Its message alone, which then stands for the whole text.
    fn syntax_details(&mut self, e: Gc) -> Option<Gc> {
        let vm = self.vm;
        if !crate::error::is_instance_of(vm, e, vm.world().classes.syntax_error) {
            return None;
        }
        let field = |n: usize| {
            Some(crate::exception::field(e, n)).filter(|f| !f.is_null() && *f != vm.world().none)
        };
        let number = |n: usize| field(n).and_then(crate::int::get).and_then(|v| v.small());
        let (message, line) = (field(0).unwrap_or(vm.world().none), number(2)?);
        let filename = match field(1) {
            Some(f) => crate::operator::str_text(vm, f).ok()?,
            None => "<string>".to_owned(),
        };
        self.line(&format!("  File \"{filename}\", line {line}"));
        if let Some(text) = field(4).and_then(crate::str::as_str) {
            let (offset, end_line) = (number(3).unwrap_or(-1), number(6).unwrap_or(line));
            let bytes = crate::str::bytes(text);
            // Of an error over several lines the first one is shown and marked to its end.
            let end = if end_line > line {
                bytes.len() as i64
            } else {
                number(7).unwrap_or(-1)
            };
            self.syntax_line(&String::from_utf8_lossy(bytes), offset, end);
        }
        Some(message)
    }
    fn syntax_line(&mut self, text: &str, offset: i64, end: i64) {
        let carets = if end > 0 && end > offset {
            end - offset
        } else {
            1
        };
        let shown = text.trim_start_matches([' ', '\t', '\x0c']);
        let mut offset = offset - 1 - (text.len() - shown.len()) as i64;
        let mut shown = shown;
        let content = shown.strip_suffix('\n').unwrap_or(shown);
        offset = offset.min(content.len() as i64);
        // Of a text with several lines the one with the error is shown.
        while let Some(n) = shown.find('\n').filter(|n| (*n as i64) < offset) {
            shown = &shown[n + 1..];
            offset -= n as i64 + 1;
        }
        self.margin();
        self.put(&format!(
            "    {}\n",
            shown.strip_suffix('\n').unwrap_or(shown)
        ));
        if offset >= 0 {
            let (blank, marks) = (" ".repeat(offset as usize), "^".repeat(carets as usize));
            self.line(&format!("    {blank}{marks}"));
        }
    }

    // ---- tracebacks
    fn traceback(&mut self, first: Gc, group: bool) {
        let limit = self.limit();
        if limit <= 0 {
            return;
        }
        let depth = self.depth;
        self.indent();
        if depth > 0 {
            self.put(if group && depth == 1 { "+ " } else { "| " });
        }
        self.put(if group {
            "Exception Group Traceback"
        } else {
            "Traceback"
        });
        self.put(" (most recent call last):\n");
        let mut entries = 0;
        let mut t = first;
        while t.is::<WTraceback>() {
            entries += 1;
            t = t.get(WTraceback::NEXT);
        }
        t = first;
        for _ in limit..entries {
            t = t.get(WTraceback::NEXT);
        }
        let mut last: Option<(Gc, i64)> = None;
        let mut count = 0;
        while t.is::<WTraceback>() {
            if is_hidden(t) {
                t = t.get(WTraceback::NEXT);
                continue;
            }
            let line = crate::traceback::line(t);
            if !last.is_some_and(|(l, n)| n == line && same_place(l, t)) {
                self.repeated(count);
                count = 0;
            }
            last = Some((t, line));
            count += 1;
            if count <= MAX_REPEATS {
                self.entry(t, line);
            }
            t = t.get(WTraceback::NEXT);
        }
        self.repeated(count);
    }
    /// `sys.tracebacklimit`
    fn limit(&self) -> i64 {
        let sys = self.vm.world().sys.get();
        if sys.is_null() {
            return MAX_ENTRIES;
        }
        let found = crate::dict::get_text(self.vm, sys, "tracebacklimit")
            .ok()
            .flatten();
        found
            .and_then(crate::int::get)
            .map_or(MAX_ENTRIES, |v| v.small().unwrap_or(i64::MAX))
    }
    fn repeated(&mut self, count: usize) {
        if count > MAX_REPEATS {
            let more = count - MAX_REPEATS;
            let plural = if more == 1 { "" } else { "s" };
            self.line(&format!(
                "  [Previous line repeated {more} more time{plural}]"
            ));
        }
    }
    fn entry(&mut self, t: Gc, line: i64) {
        let info = &t.get(WTraceback::CODE).expect().info;
        self.line(&format!(
            "  File \"{}\", line {line}, in {}",
            info.filename, info.data.name
        ));
        let Some(source) = self
            .sources
            .line(&info.filename, line.max(0) as usize)
            .map(str::to_owned)
        else {
            return;
        };
        let shown = source.trim_start_matches([' ', '\t', '\x0c']);
        self.line(&format!("    {shown}"));
        let position = info.data.positions.get(t.get(WTraceback::PC) as usize);
        if let Some(marks) = position.and_then(|p| carets(&source, source.len() - shown.len(), p)) {
            self.line(&format!("    {marks}"));
        }
    }
}
/// Whether the entry is in a module that CPython has in C: its Python code here has no file.
fn is_hidden(t: Gc) -> bool {
    t.get(WTraceback::CODE)
        .expect()
        .info
        .filename
        .starts_with("<module ")
}
fn same_place(a: Gc, b: Gc) -> bool {
    let (x, y) = (
        a.get(WTraceback::CODE).expect(),
        b.get(WTraceback::CODE).expect(),
    );
    std::ptr::eq(x, y) || x.info.filename == y.info.filename && x.info.data.name == y.info.data.name
}
/// The line of `^` and `~` under a source line of which `cut` bytes of white space are not shown. None if the marks would
/// say nothing.
fn carets(source: &str, cut: usize, p: &Position) -> Option<String> {
    if p.line == 0 || p.col == Position::NO_COLUMN || p.end_col == Position::NO_COLUMN {
        return None;
    }
    // Columns count bytes; a column inside a character or behind the line comes from source that has changed.
    let column = |byte: usize| source.get(..byte).map(|s| s.chars().count());
    let total = source.chars().count();
    let start = column(p.col as usize)?;
    let mut marked = None;
    let end = if p.more_lines == 0 {
        let end = column(p.end_col as usize)?;
        marked = source
            .get(p.col as usize..p.end_col as usize)
            .and_then(|segment| {
                let range = ouro_py_syntax::anchors(segment)?;
                let chars = |byte: usize| segment.get(..byte).map_or(0, |s| s.chars().count());
                Some(start + chars(range.start)..start + chars(range.end))
            });
        end
    } else {
        source.trim_end_matches([' ', '\t', '\x0c']).chars().count()
    };
    if marked.is_none() && end.checked_sub(start)? == total - cut {
        return None;
    }
    let mark = |i: usize| match &marked {
        _ if i < start => ' ',
        Some(range) if !range.contains(&i) => '~',
        _ => '^',
    };
    Some((cut..end).map(mark).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(source: &str, col: u16, end_col: u16, more_lines: u16) -> Option<String> {
        let cut = source.len() - source.trim_start().len();
        carets(
            source,
            cut,
            &Position {
                line: 1,
                more_lines,
                col,
                end_col,
            },
        )
    }
    #[test]
    fn carets_mark_the_failing_part() {
        assert_eq!(marks("  x = a + b", 6, 11, 0), Some("    ~~^~~".into()));
        assert_eq!(marks("f(a)", 0, 4, 0), None);
        assert_eq!(marks("y = f(a)", 4, 8, 0), Some("    ^^^^".into()));
        assert_eq!(marks("d['k']['l']", 0, 11, 0), Some("~~~~~~^^^^^".into()));
        assert_eq!(marks("é = g(1)", 5, 9, 0), Some("    ^^^^".into()));
        assert_eq!(marks("x = f(1,  ", 4, 3, 1), Some("    ^^^^".into()));
        assert_eq!(marks("x", 0, 9, 0), None);
    }
}
