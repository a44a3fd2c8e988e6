//! `format % values`

use super::{as_str, code_points, to_text};
use crate::access::Access;
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Vm, float, int, type_of};
use ouro_gc::Gc;

struct Values {
    tuple: Option<Gc>,
    single: Gc,
    next: usize,
}
impl Values {
    fn take(&mut self, vm: &'static Vm) -> PyResult {
        let found = match self.tuple {
            Some(t) => crate::tuple::items(t).get(self.next).copied(),
            None => (self.next == 0).then_some(self.single),
        };
        self.next += 1;
        found.ok_or_else(|| vm.type_error("not enough arguments for format string"))
    }
    fn left(&self) -> bool {
        match self.tuple {
            Some(t) => self.next < crate::tuple::len(t),
            None => self.next == 0,
        }
    }
}
#[derive(Default)]
struct Flags {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
}
/// `s % values` for an exact str.
///
/// # Errors
/// TypeError and ValueError with CPython's texts.
pub fn percent(vm: &'static Vm, s: Gc, values: Gc) -> PyResult {
    let text: Vec<char> = code_points(s)
        .map(|c| char::from_u32(c).unwrap_or('\u{fffd}'))
        .collect();
    let tuple = crate::tuple::as_tuple(values);
    let mut source = Values {
        tuple,
        single: values,
        next: 0,
    };
    let has_items = !type_of(vm, values).special(vm, Special::GetItem).is_null();
    let mapping = tuple.is_none() && as_str(values).is_none() && has_items;
    let mut used_mapping = false;
    let mut out = String::new();
    let mut i = 0;
    let incomplete = || vm.value_error("incomplete format");
    while i < text.len() {
        if text[i] != '%' {
            out.push(text[i]);
            i += 1;
            continue;
        }
        i += 1;
        let mut keyed = None;
        if text.get(i) == Some(&'(') {
            if !mapping {
                return Err(vm.type_error("format requires a mapping"));
            }
            let (start, mut level) = (i + 1, 1);
            i += 1;
            while i < text.len() && level > 0 {
                level += match text[i] {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                i += 1;
            }
            if level > 0 {
                return Err(vm.value_error("incomplete format key"));
            }
            let key: String = text[start..i - 1].iter().collect();
            keyed = Some(crate::operator::get_item(vm, values, super::new(vm, &key))?);
            used_mapping = true;
        }
        let mut flags = Flags::default();
        while let Some(c) = text.get(i) {
            match c {
                '-' => flags.left = true,
                '+' => flags.plus = true,
                ' ' => flags.space = true,
                '0' => flags.zero = true,
                '#' => flags.alternate = true,
                _ => break,
            }
            i += 1;
        }
        let mut number = |i: &mut usize, source: &mut Values| -> PyResult<Option<i64>> {
            if text.get(*i) == Some(&'*') {
                *i += 1;
                let v = source.take(vm)?;
                return match int::get(v) {
                    Some(v) => v.small().map(Some).ok_or_else(|| {
                        vm.overflow_error("Python int too large to convert to C ssize_t")
                    }),
                    None => Err(vm.type_error("* wants int")),
                };
            }
            let start = *i;
            while text.get(*i).is_some_and(char::is_ascii_digit) {
                *i += 1;
            }
            let digits: String = text[start..*i].iter().collect();
            Ok(digits.parse().ok())
        };
        let mut width = number(&mut i, &mut source)?.unwrap_or(0);
        if width < 0 {
            flags.left = true;
            width = -width;
        }
        crate::error::check_room(vm, width as usize)?;
        let mut precision = None;
        if text.get(i) == Some(&'.') {
            i += 1;
            precision = Some(number(&mut i, &mut source)?.unwrap_or(0).max(0) as usize);
        }
        while matches!(text.get(i), Some('h' | 'l' | 'L')) {
            i += 1;
        }
        let kind = *text.get(i).ok_or_else(incomplete)?;
        i += 1;
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = match keyed {
            Some(v) => v,
            None => source.take(vm)?,
        };
        let (sign, body) = convert(vm, kind, value, &flags, precision, i - 1)?;
        let numeric = !matches!(kind, 's' | 'r' | 'a' | 'c');
        let missing = (width as usize).saturating_sub(sign.len() + body.chars().count());
        if flags.left {
            out += &(sign + &body + &" ".repeat(missing));
        } else if flags.zero && numeric {
            let prefix = if flags.alternate && matches!(kind, 'x' | 'X' | 'o') {
                2
            } else {
                0
            };
            out += &(sign + &body[..prefix] + &"0".repeat(missing) + &body[prefix..]);
        } else {
            out += &(" ".repeat(missing) + &sign + &body);
        }
    }
    if source.left() && !(mapping && (used_mapping || tuple.is_none())) {
        return Err(vm.type_error("not all arguments converted during string formatting"));
    }
    Ok(super::new(vm, &out))
}
fn convert(
    vm: &'static Vm,
    kind: char,
    value: Gc,
    flags: &Flags,
    precision: Option<usize>,
    at: usize,
) -> PyResult<(String, String)> {
    let sign_of = |negative: bool| {
        match (negative, flags.plus, flags.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
        .to_owned()
    };
    let cut = |s: String| match precision {
        Some(p) => s.chars().take(p).collect(),
        None => s,
    };
    match kind {
        's' => Ok((String::new(), cut(crate::operator::str_text(vm, value)?))),
        'r' => Ok((String::new(), cut(crate::operator::repr_text(vm, value)?))),
        'a' => Ok((
            String::new(),
            cut(to_text(crate::builtins::ascii(vm, value)?)),
        )),
        'c' => {
            if let Some(s) = as_str(value) {
                return match super::char_len(s) {
                    1 => Ok((String::new(), to_text(s))),
                    _ => Err(vm.type_error("%c requires int or char")),
                };
            }
            if !int::has_index(vm, value) {
                return Err(vm.type_error("%c requires int or char"));
            }
            let c = int::index(vm, value)?
                .small()
                .and_then(|c| u32::try_from(c).ok())
                .filter(|&c| c < 0x110000);
            let c = c.ok_or_else(|| vm.overflow_error("%c arg not in range(0x110000)"))?;
            Ok((
                String::new(),
                char::from_u32(c).unwrap_or('\u{fffd}').to_string(),
            ))
        }
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
            let wants = |what: &str| {
                let got = type_of(vm, value).text();
                vm.type_error(format_args!(
                    "%{kind} format: {what} is required, not {got}"
                ))
            };
            let v = match int::get(value) {
                Some(v) => v,
                None if matches!(kind, 'd' | 'i' | 'u') => {
                    if float::get(value).is_none()
                        && type_of(vm, value).special(vm, Special::Int).is_null()
                        && !int::has_index(vm, value)
                    {
                        return Err(wants("a real number"));
                    }
                    let n = crate::number_methods::to_int(vm, value)?;
                    int::get(n).ok_or_else(|| wants("a real number"))?
                }
                None if int::has_index(vm, value) => int::index(vm, value)?,
                None => return Err(wants("an integer")),
            };
            let (radix, prefix) = match kind {
                'x' => (16, "0x"),
                'X' => (16, "0X"),
                'o' => (8, "0o"),
                _ => (10, ""),
            };
            let digits = v.big().into_parts().1.in_radix(radix as u8).to_string();
            let digits = if kind == 'X' {
                digits.to_uppercase()
            } else {
                digits
            };
            let zeros = "0".repeat(precision.unwrap_or(0).saturating_sub(digits.len()));
            let prefix = if flags.alternate { prefix } else { "" };
            Ok((sign_of(v.is_negative()), format!("{prefix}{zeros}{digits}")))
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let v = float::to_f64(vm, value)?;
            let text = if v.is_nan() {
                "nan".to_owned()
            } else if v.is_infinite() {
                "inf".to_owned()
            } else {
                super::format::magnitude(v.abs(), kind, precision.unwrap_or(6), flags.alternate)
            };
            let text = if kind.is_ascii_uppercase() {
                text.to_uppercase()
            } else {
                text
            };
            Ok((sign_of(v.is_sign_negative() && !v.is_nan()), text))
        }
        c => Err(vm.value_error(format_args!(
            "unsupported format character '{}' (0x{:x}) at index {at}",
            if (32..127).contains(&(c as u32)) {
                c
            } else {
                '?'
            },
            c as u32
        ))),
    }
}
/// Whether a value is a mapping for `%(name)s`.
pub fn is_mapping(vm: &'static Vm, values: Gc) -> bool {
    !values.is::<WTuple>()
        && as_str(values).is_none()
        && !type_of(vm, values).special(vm, Special::GetItem).is_null()
}
