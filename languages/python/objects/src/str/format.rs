//! `str.format` and `format_map`.
//!
//! All that matters in a format is ASCII, so it is read byte by byte, and the outcome is written as WTF-8.

use super::digits::Text;
use super::{as_str, bytes, from_wtf8, spec};
use crate::int_text;
use crate::{Errors, Kw, PyResult, Vm, int};
use ouro_gc::Gc;
use smallvec::SmallVec;

/// Whether fields name their arguments by number.
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}
struct Formatter<'a> {
    vm: &'static Vm,
    args: &'a [Gc],
    lookup: &'a dyn Fn(Gc) -> PyResult,
    numbering: Numbering,
}
impl Formatter<'_> {
    fn run(&mut self, out: &mut Text, text: &[u8], depth: usize) -> PyResult<()> {
        let vm = self.vm;
        if depth == 0 {
            return Err(vm.value_error("Max string recursion exceeded"));
        }
        let mut i = 0;
        while let Some(brace) = memchr::memchr2(b'{', b'}', &text[i..]) {
            out.extend_from_slice(&text[i..i + brace]);
            i += brace + 1;
            let c = text[i - 1];
            if text.get(i) == Some(&c) {
                out.push(c);
                i += 1;
                continue;
            }
            if c == b'}' {
                return Err(vm.value_error("Single '}' encountered in format string"));
            }
            if i == text.len() {
                return Err(vm.value_error("Single '{' encountered in format string"));
            }
            let Some(end) = field_end(text, i) else {
                return Err(vm.value_error(unclosed(&text[i..])));
            };
            self.field(out, &text[i..end], depth)?;
            i = end + 1;
        }
        out.extend_from_slice(&text[i..]);
        Ok(())
    }
    fn field(&mut self, out: &mut Text, field: &[u8], depth: usize) -> PyResult<()> {
        let vm = self.vm;
        let mut bracket = false;
        let cut = field.iter().position(|&c| {
            bracket = (bracket || c == b'[') && c != b']';
            !bracket && matches!(c, b'!' | b':')
        });
        let (name, mut rest) = cut.map_or((field, &[][..]), |i| field.split_at(i));
        let mut conversion = None;
        if rest.first() == Some(&b'!') {
            let Some((c, length)) = super::decode(&rest[1..]) else {
                return Err(vm.value_error("end of string while looking for conversion specifier"));
            };
            conversion = Some(c);
            rest = &rest[1 + length..];
            if !rest.is_empty() && rest[0] != b':' {
                return Err(vm.value_error("expected ':' after conversion specifier"));
            }
        }
        let mut bracket = false;
        let opens = |c: &u8| {
            bracket = (bracket || *c == b'[') && *c != b']';
            !bracket && *c == b'{'
        };
        if name.iter().any(opens) {
            return Err(vm.value_error("unexpected '{' in field name"));
        }
        let value = self.value(name)?;
        let value = match conversion.map(|c| char::from_u32(c).unwrap_or('\u{fffd}')) {
            None => value,
            Some('r') => crate::operator::repr(vm, value)?,
            Some('s') => crate::operator::str_of(vm, value)?,
            Some('a') => crate::builtins::ascii(vm, value)?,
            Some(c) => {
                return Err(vm.value_error(format_args!("Unknown conversion specifier {c}")));
            }
        };
        let mut inner = Text::new();
        if !rest.is_empty() {
            self.run(&mut inner, &rest[1..], depth - 1)?;
        }
        if spec::write_plain(vm, out, value, &inner)? {
            return Ok(());
        }
        let formatted = crate::operator::format(vm, value, from_wtf8(vm, &inner))?;
        out.extend_from_slice(bytes(crate::payload(formatted)));
        Ok(())
    }
    /// The object that a field names: an argument, then attributes and items of it.
    fn value(&mut self, name: &[u8]) -> PyResult {
        let vm = self.vm;
        let part_end = |from: usize| {
            let end = name[from..].iter().position(|c| matches!(c, b'.' | b'['));
            end.map_or(name.len(), |n| from + n)
        };
        let mut i = part_end(0);
        let mut value = self.argument(&name[..i])?;
        while i < name.len() {
            let attribute = name[i] == b'.';
            let (part, next) = if attribute {
                let end = part_end(i + 1);
                (&name[i + 1..end], end)
            } else {
                match memchr::memchr(b']', &name[i..]) {
                    Some(n) => (&name[i + 1..i + n], i + n + 1),
                    None => return Err(vm.value_error("Missing ']' in format string")),
                }
            };
            if part.is_empty() {
                return Err(vm.value_error("Empty attribute in format string"));
            }
            value = if attribute {
                let name = super::intern_gc(vm, from_wtf8(vm, part));
                crate::attribute::get_attr(vm, value, name)?
            } else {
                let key = match decimal(part) {
                    Some(n) => int::new(vm, n),
                    None => from_wtf8(vm, part),
                };
                crate::operator::get_item(vm, value, key)?
            };
            if !attribute && next < name.len() && !matches!(name[next], b'.' | b'[') {
                return Err(
                    vm.value_error("Only '.' or '[' may follow ']' in format field specifier")
                );
            }
            i = next;
        }
        Ok(value)
    }
    fn argument(&mut self, name: &[u8]) -> PyResult {
        let vm = self.vm;
        let number = decimal(name);
        if !name.is_empty() && number.is_none() {
            return (self.lookup)(from_wtf8(vm, name));
        }
        let n = match (&mut self.numbering, number) {
            (Numbering::Automatic(_), Some(_)) => {
                return Err(vm.value_error(
                    "cannot switch from automatic field numbering to manual field specification",
                ));
            }
            (Numbering::Manual, None) => {
                return Err(vm.value_error(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            (Numbering::Automatic(next), None) => {
                *next += 1;
                *next - 1
            }
            (numbering, None) => {
                *numbering = Numbering::Automatic(1);
                0
            }
            (numbering, Some(n)) => {
                *numbering = Numbering::Manual;
                n as usize
            }
        };
        self.args.get(n).copied().ok_or_else(|| {
            vm.index_error(format_args!(
                "Replacement index {n} out of range for positional args tuple"
            ))
        })
    }
}
/// Where the brace is that closes the field that starts at `start`. A bracket hides braces up to its end.
fn field_end(text: &[u8], start: usize) -> Option<usize> {
    let (mut level, mut i) = (1, start);
    while let Some(&c) = text.get(i) {
        match c {
            b'{' => level += 1,
            b'}' => level -= 1,
            b'[' if level == 1 => i += memchr::memchr(b']', &text[i..])?,
            _ => {}
        }
        if level == 0 {
            return Some(i);
        }
        i += 1;
    }
    None
}
/// What is wrong with a field that no brace closes.
fn unclosed(field: &[u8]) -> &'static str {
    match field.iter().position(|c| matches!(c, b'!' | b':')) {
        None => "expected '}' before end of string",
        Some(at) if field[at] == b':' => "unmatched '{' in format spec",
        Some(at) => match &field[at + 1..] {
            [] => "end of string while looking for conversion specifier",
            [_] | [_, b':', ..] => "unmatched '{' in format spec",
            _ => "expected ':' after conversion specifier",
        },
    }
}
/// The number that a text of digits is.
fn decimal(text: &[u8]) -> Option<i64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    int_text::parse(text, 10)?.small()
}
fn run(vm: &'static Vm, s: Gc, args: &[Gc], lookup: &dyn Fn(Gc) -> PyResult) -> PyResult {
    // A copy, since values run guest code.
    let text: SmallVec<[u8; 64]> = SmallVec::from_slice(bytes(s));
    let mut formatter = Formatter {
        vm,
        args,
        lookup,
        numbering: Numbering::Unknown,
    };
    let mut out = Text::new();
    formatter.run(&mut out, &text, 2)?;
    Ok(from_wtf8(vm, &out))
}
/// `s.format(*args, **kwargs)`
pub fn format_method(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let lookup = |name: Gc| {
        let named = |n: &Gc| as_str(*n).is_some_and(|n| super::same(n, name));
        let found = kw.names.iter().position(named);
        found
            .map(|i| kw.values[i])
            .ok_or_else(|| vm.key_error(name))
    };
    run(vm, args[0], &args[1..], &lookup)
}
/// `s.format_map(mapping)`
pub fn format_map(vm: &'static Vm, s: Gc, mapping: Gc) -> PyResult {
    run(vm, s, &[], &|name| {
        crate::operator::get_item(vm, mapping, name)
    })
}
