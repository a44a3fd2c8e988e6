//! `_string`: what `string.Formatter` needs of `str.format`'s grammar.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::fn1;
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    fn1("formatter_parser", parser),
    fn1("formatter_field_name_split", split),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
fn checked(vm: &'static Vm, v: Gc) -> PyResult<String> {
    match ouro_py_objects::str::as_str(v) {
        Some(_) => Ok(text_of(v)),
        None => Err(vm.type_error(format_args!("expected str, got {}", type_name(vm, v)))),
    }
}
/// An iterator of (literal text, field name, format spec, conversion).
fn parser(vm: &'static Vm, v: Gc) -> PyResult {
    let text = checked(vm, v)?;
    let none = none(vm);
    let all = list(vm, &[]);
    let mut literal = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                literal.push(c);
                // CPython ends the literal after a doubled brace.
                list_append(
                    vm,
                    all,
                    tuple(
                        vm,
                        &[string(vm, &std::mem::take(&mut literal)), none, none, none],
                    ),
                )?;
            }
            '}' => return Err(vm.value_error("Single '}' encountered in format string")),
            '{' => {
                let (mut depth, mut field) = (1, String::new());
                loop {
                    match chars.next() {
                        None if field.is_empty() && depth == 1 => {
                            return Err(vm.value_error("Single '{' encountered in format string"));
                        }
                        None => return Err(vm.value_error("expected '}' before end of string")),
                        Some('{') => {
                            depth += 1;
                            field.push('{');
                        }
                        Some('}') => {
                            depth -= 1;
                            if depth == 0 {
                                break;
                            }
                            field.push('}');
                        }
                        Some(c) => field.push(c),
                    }
                }
                let (name, conversion, spec) = parts(vm, &field)?;
                let conversion = conversion.map_or(none, |c| string(vm, &c.to_string()));
                let row = [
                    string(vm, &std::mem::take(&mut literal)),
                    string(vm, &name),
                    string(vm, &spec),
                    conversion,
                ];
                list_append(vm, all, tuple(vm, &row))?;
            }
            c => literal.push(c),
        }
    }
    if !literal.is_empty() {
        list_append(
            vm,
            all,
            tuple(vm, &[string(vm, &literal), none, none, none]),
        )?;
    }
    iter(vm, all)
}
/// Name, conversion and format spec of a field; brackets in the name hide `!` and `:`.
fn parts(vm: &'static Vm, field: &str) -> PyResult<(String, Option<char>, String)> {
    let mut in_brackets = false;
    let end = field.char_indices().find(|&(_, c)| {
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            '!' | ':' if !in_brackets => return true,
            _ => {}
        }
        false
    });
    let Some((at, c)) = end else {
        return Ok((field.to_owned(), None, String::new()));
    };
    let (name, rest) = (field[..at].to_owned(), &field[at + 1..]);
    if c == ':' {
        return Ok((name, None, rest.to_owned()));
    }
    let mut chars = rest.chars();
    let Some(conversion) = chars.next() else {
        return Err(vm.value_error("end of string while looking for conversion specifier"));
    };
    match chars.next() {
        None => Ok((name, Some(conversion), String::new())),
        Some(':') => Ok((name, Some(conversion), chars.as_str().to_owned())),
        Some(_) => Err(vm.value_error("expected ':' after conversion specifier")),
    }
}
/// First part of a field name (an int if it is a number) and an iterator of (is attribute, name or index).
fn split(vm: &'static Vm, v: Gc) -> PyResult {
    let text = checked(vm, v)?;
    let number = |part: &str| match part.parse::<i64>() {
        Ok(n) if part.bytes().all(|b| b.is_ascii_digit()) => int(vm, n),
        _ => string(vm, part),
    };
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let first = number(&text[..end]);
    let rest = list(vm, &[]);
    let mut left = &text[end..];
    while !left.is_empty() {
        if let Some(after) = left.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            if end == 0 {
                return Err(vm.value_error("Empty attribute in format string"));
            }
            list_append(
                vm,
                rest,
                tuple(vm, &[boolean(vm, true), string(vm, &after[..end])]),
            )?;
            left = &after[end..];
        } else if let Some(after) = left.strip_prefix('[') {
            let Some(end) = after.find(']') else {
                return Err(vm.value_error("Missing ']' in format string"));
            };
            if end == 0 {
                return Err(vm.value_error("Empty attribute in format string"));
            }
            list_append(
                vm,
                rest,
                tuple(vm, &[boolean(vm, false), number(&after[..end])]),
            )?;
            left = &after[end + 1..];
        } else {
            return Err(vm.value_error("Only '.' or '[' may follow ']' in format field specifier"));
        }
    }
    let rest = iter(vm, rest)?;
    Ok(tuple(vm, &[first, rest]))
}
