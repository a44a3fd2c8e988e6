//! The format-specification mini-language, `str.format` and `format_map`.

use super::{as_str, char_len, code_points, to_text};
use crate::int::Int;
use crate::{Errors, Kw, PyResult, Vm, float, int, type_of};
use ouro_gc::Gc;

/// A parsed format specification.
#[derive(Clone, Debug)]
pub struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    no_negative_zero: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}
fn parse(vm: &'static Vm, spec: Gc, object: &str) -> PyResult<Spec> {
    let Some(s) = as_str(spec) else {
        let got = type_of(vm, spec).text();
        return Err(vm.type_error(format_args!("__format__() argument must be str, not {got}")));
    };
    let text: Vec<char> = to_text(s).chars().collect();
    let mut out = Spec {
        fill: ' ',
        align: None,
        sign: '-',
        no_negative_zero: false,
        alternate: false,
        zero: false,
        width: 0,
        grouping: None,
        precision: None,
        kind: None,
    };
    let mut i = 0;
    let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '=' | '^'));
    let at = |i: usize| text.get(i).copied();
    let mut has_fill = false;
    if is_align(text.get(1)) {
        (out.fill, out.align, i, has_fill) = (text[0], at(1), 2, true);
    } else if is_align(text.first()) {
        (out.align, i) = (at(0), 1);
    }
    if let Some(c @ ('+' | '-' | ' ')) = at(i) {
        (out.sign, i) = (c, i + 1);
    }
    if at(i) == Some('z') {
        (out.no_negative_zero, i) = (true, i + 1);
    }
    if at(i) == Some('#') {
        (out.alternate, i) = (true, i + 1);
    }
    if at(i) == Some('0') && !has_fill {
        out.fill = '0';
        if out.align.is_none() {
            (out.align, out.zero) = (Some('='), true);
        }
        i += 1;
    }
    let number = |i: &mut usize| -> PyResult<Option<usize>> {
        let start = *i;
        while text.get(*i).is_some_and(char::is_ascii_digit) {
            *i += 1;
        }
        if start == *i {
            return Ok(None);
        }
        let digits: String = text[start..*i].iter().collect();
        let n = digits
            .parse::<usize>()
            .ok()
            .filter(|&n| n < i32::MAX as usize);
        n.map(Some)
            .ok_or_else(|| vm.value_error("Too many decimal digits in format string"))
    };
    out.width = number(&mut i)?.unwrap_or(0);
    crate::error::check_room(vm, out.width)?;
    if at(i) == Some(',') {
        (out.grouping, i) = (Some(','), i + 1);
    }
    if at(i) == Some('_') {
        if out.grouping.is_some() {
            return Err(vm.value_error("Cannot specify both ',' and '_'."));
        }
        (out.grouping, i) = (Some('_'), i + 1);
    }
    if at(i) == Some(',') {
        let text = if out.grouping == Some('_') {
            "Cannot specify both ',' and '_'."
        } else {
            "Cannot specify ',' with ','."
        };
        return Err(vm.value_error(text));
    }
    if at(i) == Some('.') {
        i += 1;
        out.precision = number(&mut i)?;
        if out.precision.is_none() {
            return Err(vm.value_error("Format specifier missing precision"));
        }
    }
    if text.len() > i + 1 {
        let shown = to_text(s);
        return Err(vm.value_error(format_args!(
            "Invalid format specifier '{shown}' for object of type '{object}'"
        )));
    }
    out.kind = at(i);
    if let (Some(g), Some(k)) = (out.grouping, out.kind) {
        let fine = matches!(k, 'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F')
            || (g == '_' && matches!(k, 'b' | 'o' | 'x' | 'X'));
        if !fine {
            return Err(vm.value_error(format_args!("Cannot specify '{g}' with '{k}'.")));
        }
    }
    Ok(out)
}
/// Whether a specification is the empty str: the value is then formatted by its class's `__str__`.
pub fn is_empty(spec: Gc) -> bool {
    as_str(spec).is_some_and(|s| super::bytes(s).is_empty())
}
fn unknown(vm: &'static Vm, kind: char, object: &str) -> Gc {
    match (kind as u32) > 32 && (kind as u32) < 128 {
        true => vm.value_error(format_args!(
            "Unknown format code '{kind}' for object of type '{object}'"
        )),
        false => vm.value_error(format_args!(
            "Unknown format code '\\x{:x}' for object of type '{object}'",
            kind as u32
        )),
    }
}
fn pad(text: String, width: usize, fill: char, align: char) -> String {
    let n = text.chars().count();
    let Some(missing) = width.checked_sub(n).filter(|&m| m > 0) else {
        return text;
    };
    let (left, right) = match align {
        '<' => (0, missing),
        '^' => (missing / 2, missing - missing / 2),
        _ => (missing, 0),
    };
    let run = |n: usize| std::iter::repeat_n(fill, n).collect::<String>();
    run(left) + &text + &run(right)
}
/// `format(str, spec)`
pub fn format_str(vm: &'static Vm, s: Gc, spec: Gc) -> PyResult {
    let spec = parse(vm, spec, "str")?;
    let refuse = |what: &str| {
        Err(vm.value_error(format_args!(
            "{what} not allowed in string format specifier"
        )))
    };
    match spec.kind {
        None | Some('s') => {}
        Some(k) => return Err(unknown(vm, k, "str")),
    }
    if spec.sign != '-' {
        return refuse(if spec.sign == ' ' { "Space" } else { "Sign" });
    }
    if spec.no_negative_zero {
        return refuse("Negative zero coercion (z)");
    }
    if spec.alternate {
        return refuse("Alternate form (#)");
    }
    if let Some(g) = spec.grouping {
        return Err(vm.value_error(format_args!("Cannot specify '{g}' with 's'.")));
    }
    if spec.align == Some('=') && !spec.zero {
        return refuse("'='");
    }
    let kept = spec
        .precision
        .map_or(s, |p| super::substring(vm, s, 0, p.min(char_len(s))));
    if spec.width <= char_len(kept) {
        return Ok(kept);
    }
    let align = spec.align.filter(|&a| a != '=').unwrap_or('<');
    // Surrogates survive: the padding is done on bytes.
    let missing = spec.width - char_len(kept);
    let (left, right) = match align {
        '<' => (0, missing),
        '^' => (missing / 2, missing - missing / 2),
        _ => (missing, 0),
    };
    let fill = spec.fill.to_string();
    let out = [
        fill.repeat(left).as_bytes(),
        super::bytes(kept),
        fill.repeat(right).as_bytes(),
    ]
    .concat();
    Ok(super::from_wtf8(vm, &out))
}
/// Groups the digits of the whole part; zero padding counts the separators.
fn group(digits: &str, separator: char, size: usize, min_width: usize) -> String {
    let mut digits = digits.to_owned();
    loop {
        let n = digits.len();
        let total = n + (n.max(1) - 1) / size;
        if total >= min_width {
            break;
        }
        digits.insert(0, '0');
    }
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % size == 0 {
            out.push(separator);
        }
        out.push(c);
    }
    out
}
fn finish(
    spec: &Spec,
    negative: bool,
    prefix: &str,
    whole: &str,
    rest: &str,
    group_size: usize,
) -> String {
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (false, '+') => "+",
        (false, ' ') => " ",
        _ => "",
    };
    let align = spec.align.unwrap_or('>');
    let fixed = sign.len() + prefix.len() + rest.chars().count();
    let whole = match spec.grouping {
        Some(g) => {
            let min = if spec.fill == '0' && align == '=' {
                spec.width.saturating_sub(fixed)
            } else {
                0
            };
            group(whole, g, group_size, min)
        }
        None => whole.to_owned(),
    };
    if align == '=' {
        let body = pad(
            whole + rest,
            spec.width.saturating_sub(sign.len() + prefix.len()),
            spec.fill,
            '>',
        );
        return format!("{sign}{prefix}{body}");
    }
    pad(
        format!("{sign}{prefix}{whole}{rest}"),
        spec.width,
        spec.fill,
        align,
    )
}
/// `format(int, spec)`
pub fn format_int(vm: &'static Vm, v: &Int, spec: Gc) -> PyResult {
    let spec = parse(vm, spec, "int")?;
    let kind = spec.kind.unwrap_or('d');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        return Ok(super::new(
            vm,
            &float_text(vm, float::from_int(vm, v)?, &spec, kind)?,
        ));
    }
    if spec.precision.is_some() {
        return Err(vm.value_error("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(vm.value_error(
            "Negative zero coercion (z) not allowed in format specifier with integer format code",
        ));
    }
    let (radix, prefix) = match kind {
        'd' | 'n' => (10, ""),
        'b' => (2, "0b"),
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        'c' => {
            if spec.sign != '-' {
                return Err(vm.value_error("Sign not allowed with integer format specifier 'c'"));
            }
            if spec.alternate {
                return Err(vm.value_error(
                    "Alternate form (#) not allowed with integer format specifier 'c'",
                ));
            }
            let c = v
                .small()
                .and_then(|c| u32::try_from(c).ok())
                .filter(|&c| c < 0x110000);
            let c = c.ok_or_else(|| vm.overflow_error("%c arg not in range(0x110000)"))?;
            let text = char::from_u32(c).unwrap_or('\u{fffd}').to_string();
            return Ok(super::new(
                vm,
                &pad(text, spec.width, spec.fill, spec.align.unwrap_or('<')),
            ));
        }
        k => return Err(unknown(vm, k, "int")),
    };
    let digits = match v {
        Int::Small(n) if radix == 10 => n.unsigned_abs().to_string(),
        v if radix == 10 => crate::int_text::decimal(v)
            .trim_start_matches('-')
            .to_owned(),
        v => v.big().into_parts().1.in_radix(radix as u8).to_string(),
    };
    let digits = if kind == 'X' {
        digits.to_uppercase()
    } else {
        digits
    };
    let prefix = if spec.alternate { prefix } else { "" };
    let size = if radix == 10 { 3 } else { 4 };
    Ok(super::new(
        vm,
        &finish(&spec, v.is_negative(), prefix, &digits, "", size),
    ))
}
/// Digits of a finite number of magnitude `v` in style `kind` (one of e, f, g), without sign.
pub fn magnitude(v: f64, kind: char, precision: usize, alternate: bool) -> String {
    match kind.to_ascii_lowercase() {
        'f' => {
            let t = format!("{v:.precision$}");
            if alternate && precision == 0 {
                t + "."
            } else {
                t
            }
        }
        'e' => {
            let t = format!("{v:.precision$e}");
            let (m, e) = t.split_once('e').unwrap_or((&t, "0"));
            let e: i32 = e.parse().unwrap_or(0);
            let dot = if alternate && precision == 0 { "." } else { "" };
            format!("{m}{dot}e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs())
        }
        _ => {
            let p = precision.max(1);
            let t = format!("{v:.*e}", p - 1);
            let e: i32 = t
                .split_once('e')
                .and_then(|(_, e)| e.parse().ok())
                .unwrap_or(0);
            let text = if -4 <= e && e < p as i32 {
                magnitude(v, 'f', (p as i32 - 1 - e) as usize, alternate)
            } else {
                magnitude(v, 'e', p - 1, alternate)
            };
            if alternate {
                return text;
            }
            let (m, exponent) = match text.find('e') {
                Some(i) => text.split_at(i),
                None => (&text[..], ""),
            };
            let m = if m.contains('.') {
                m.trim_end_matches('0').trim_end_matches('.')
            } else {
                m
            };
            format!("{m}{exponent}")
        }
    }
}
fn float_text(vm: &'static Vm, v: f64, spec: &Spec, kind: char) -> PyResult<String> {
    let mut negative = v.is_sign_negative() && !v.is_nan();
    let percent = kind == '%';
    let shown = if percent { v * 100.0 } else { v };
    let upper = kind.is_ascii_uppercase();
    let precision = spec.precision.unwrap_or(6);
    let text = if !shown.is_finite() {
        if shown.is_nan() {
            "nan".to_owned()
        } else {
            "inf".to_owned()
        }
    } else {
        match kind {
            'r' => match spec.precision {
                None => float::format_shortest(shown.abs(), true),
                Some(p) => {
                    let t = magnitude(shown.abs(), 'g', p.max(1), spec.alternate);
                    // With a precision the type-less form keeps a digit after the point, like repr.
                    let e: i32 = format!("{:.*e}", p.max(1) - 1, shown.abs())
                        .split_once('e')
                        .and_then(|x| x.1.parse().ok())
                        .unwrap_or(0);
                    if !t.contains(['.', 'e']) && e < p as i32 - 1 + (p == 0) as i32 * 0 {
                        t + ".0"
                    } else if !t.contains(['.', 'e']) {
                        exponent_form(shown.abs(), p)
                    } else {
                        t
                    }
                }
            },
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                magnitude(shown.abs(), kind, precision, spec.alternate)
            }
            'n' => magnitude(shown.abs(), 'g', precision, spec.alternate),
            '%' => magnitude(shown.abs(), 'f', precision, spec.alternate),
            k => return Err(unknown(vm, k, "float")),
        }
    };
    if spec.no_negative_zero
        && !text.bytes().any(|c| (b'1'..=b'9').contains(&c))
        && shown.is_finite()
    {
        negative = false;
    }
    let text = if upper { text.to_uppercase() } else { text };
    let cut = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (whole, rest) = if shown.is_finite() {
        text.split_at(cut)
    } else {
        ("", &text[..])
    };
    let rest = format!("{rest}{}", if percent { "%" } else { "" });
    if !shown.is_finite() {
        let plain = Spec {
            grouping: None,
            ..spec.clone()
        };
        return Ok(finish(&plain, negative, "", "", &rest, 3));
    }
    Ok(finish(spec, negative, "", whole, &rest, 3))
}
fn exponent_form(v: f64, p: usize) -> String {
    let t = magnitude(v, 'e', p.max(1) - 1, false);
    let (m, e) = t.split_once('e').unwrap_or((&t, "+00"));
    let m = if m.contains('.') {
        m.trim_end_matches('0').trim_end_matches('.')
    } else {
        m
    };
    format!("{m}e{e}")
}
/// `format(float, spec)`
pub fn format_float(vm: &'static Vm, v: f64, spec: Gc) -> PyResult {
    let spec = parse(vm, spec, "float")?;
    let kind = spec.kind.unwrap_or('r');
    if spec.kind == Some('r') {
        return Err(unknown(vm, 'r', "float"));
    }
    Ok(super::new(vm, &float_text(vm, v, &spec, kind)?))
}

// ---- str.format
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}
struct Formatter<'a> {
    vm: &'static Vm,
    args: &'a [Gc],
    lookup: &'a dyn Fn(&str) -> PyResult,
    numbering: Numbering,
}
impl Formatter<'_> {
    fn run(&mut self, text: &[char], depth: usize) -> PyResult<String> {
        let vm = self.vm;
        if depth == 0 {
            return Err(vm.value_error("Max string recursion exceeded"));
        }
        let mut out = String::new();
        let mut i = 0;
        while i < text.len() {
            match text[i] {
                '{' if text.get(i + 1) == Some(&'{') => {
                    out.push('{');
                    i += 2;
                }
                '}' if text.get(i + 1) == Some(&'}') => {
                    out.push('}');
                    i += 2;
                }
                '}' => return Err(vm.value_error("Single '}' encountered in format string")),
                '{' => {
                    let start = i + 1;
                    if start >= text.len() {
                        return Err(vm.value_error("Single '{' encountered in format string"));
                    }
                    let (mut level, mut j) = (1, start);
                    while j < text.len() && level > 0 {
                        match text[j] {
                            '{' => level += 1,
                            '}' => level -= 1,
                            '[' if level == 1 => {
                                while j < text.len() && text[j] != ']' {
                                    j += 1
                                }
                            }
                            _ => {}
                        }
                        j += 1;
                    }
                    if level > 0 {
                        return Err(vm.value_error("expected '}' before end of string"));
                    }
                    out += &self.field(&text[start..j - 1], depth)?;
                    i = j;
                }
                c => {
                    out.push(c);
                    i += 1;
                }
            }
        }
        Ok(out)
    }
    fn field(&mut self, field: &[char], depth: usize) -> PyResult<String> {
        let vm = self.vm;
        let mut bracket = false;
        let cut = field.iter().position(|&c| {
            bracket = (bracket || c == '[') && c != ']';
            !bracket && matches!(c, '!' | ':')
        });
        let (name, mut rest) = cut.map_or((field, &[][..]), |i| field.split_at(i));
        let mut conversion = None;
        if rest.first() == Some(&'!') {
            conversion = rest.get(1).copied();
            if conversion.is_none() {
                return Err(vm.value_error("end of string while looking for conversion specifier"));
            }
            rest = &rest[2..];
            if !rest.is_empty() && rest[0] != ':' {
                return Err(vm.value_error("expected ':' after conversion specifier"));
            }
        }
        let value = self.value(name)?;
        let value = match conversion {
            None => value,
            Some('r') => crate::operator::repr(vm, value)?,
            Some('s') => crate::operator::str_of(vm, value)?,
            Some('a') => crate::builtins::ascii(vm, value)?,
            Some(c) => {
                return Err(vm.value_error(format_args!("Unknown conversion specifier '{c}'")));
            }
        };
        let spec = if rest.is_empty() {
            String::new()
        } else {
            self.run(&rest[1..], depth - 1)?
        };
        let formatted = crate::operator::format(vm, value, super::new(vm, &spec))?;
        Ok(to_text(crate::payload(formatted)))
    }
    fn value(&mut self, name: &[char]) -> PyResult {
        let vm = self.vm;
        let end = name
            .iter()
            .position(|c| matches!(c, '.' | '['))
            .unwrap_or(name.len());
        let first: String = name[..end].iter().collect();
        let number = first
            .parse::<usize>()
            .ok()
            .filter(|_| first.bytes().all(|b| b.is_ascii_digit()));
        let mut value = if first.is_empty() || number.is_some() {
            let n = match (&mut self.numbering, number) {
                (Numbering::Automatic(_), Some(_)) => {
                    return Err(vm.value_error("cannot switch from automatic field numbering to manual field specification"));
                }
                (Numbering::Manual, None) => {
                    return Err(vm.value_error("cannot switch from manual field specification to automatic field numbering"));
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
                    n
                }
            };
            match self.args.get(n) {
                Some(&v) => v,
                None => {
                    return Err(vm.index_error(format_args!(
                        "Replacement index {n} out of range for positional args tuple"
                    )));
                }
            }
        } else {
            (self.lookup)(&first)?
        };
        let mut i = end;
        while i < name.len() {
            let attribute = name[i] == '.';
            let stop = if attribute {
                name[i + 1..].iter().position(|c| matches!(c, '.' | '['))
            } else {
                name[i..].iter().position(|&c| c == ']').map(|p| p - 1)
            };
            let (part, next) = match (attribute, stop) {
                (true, Some(n)) => (&name[i + 1..i + 1 + n], i + 1 + n),
                (true, None) => (&name[i + 1..], name.len()),
                (false, Some(n)) => (&name[i + 1..i + 1 + n], i + n + 2),
                (false, None) => return Err(vm.value_error("Missing ']' in format string")),
            };
            let text: String = part.iter().collect();
            if text.is_empty() {
                return Err(vm.value_error("Empty attribute in format string"));
            }
            value = if attribute {
                crate::attribute::get_attr(vm, value, super::intern(vm, &text))?
            } else {
                let key = match text
                    .parse::<i64>()
                    .ok()
                    .filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
                {
                    Some(n) => int::new(vm, n),
                    None => super::new(vm, &text),
                };
                crate::operator::get_item(vm, value, key)?
            };
            if !attribute && next < name.len() && !matches!(name[next], '.' | '[') {
                return Err(
                    vm.value_error("Only '.' or '[' may follow ']' in format field specifier")
                );
            }
            i = next;
        }
        Ok(value)
    }
}
fn run(vm: &'static Vm, s: Gc, args: &[Gc], lookup: &dyn Fn(&str) -> PyResult) -> PyResult {
    let text: Vec<char> = code_points(s)
        .map(|c| char::from_u32(c).unwrap_or('\u{fffd}'))
        .collect();
    let mut formatter = Formatter {
        vm,
        args,
        lookup,
        numbering: Numbering::Unknown,
    };
    Ok(super::new(vm, &formatter.run(&text, 2)?))
}
/// `s.format(*args, **kwargs)`
pub fn format_method(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let lookup = |name: &str| {
        let found = kw
            .names
            .iter()
            .position(|&n| as_str(n).is_some_and(|n| super::bytes(n) == name.as_bytes()));
        found
            .map(|i| kw.values[i])
            .ok_or_else(|| vm.key_error(super::new(vm, name)))
    };
    run(vm, args[0], &args[1..], &lookup)
}
/// `s.format_map(mapping)`
pub fn format_map(vm: &'static Vm, s: Gc, mapping: Gc) -> PyResult {
    run(vm, s, &[], &|name| {
        crate::operator::get_item(vm, mapping, super::new(vm, name))
    })
}
