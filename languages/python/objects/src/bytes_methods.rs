//! The methods that bytes and bytearray share, and construction of bytes.
//!
//! Results have the kind of `self`. Arguments that may be mutable are copied before anything else runs.

use crate::access::Access;
use crate::builtin::{BuiltinDef, Kw, fn1, fn2, fn3, kw, var};
use crate::bytes::{content, copy_of, require};
use crate::class::Class;
use crate::layout::*;
use crate::special::CmpOp;
use crate::str::search;
use crate::{Errors, PyResult, Temps, Vm, int, type_of};
use ouro_gc::Gc;

/// The content of `self`, which is exact.
fn own<'a>(s: Gc) -> &'a [u8] {
    content(s).expect("methods of bytes get bytes or a bytearray")
}
/// A result of the kind of `self`.
fn like(vm: &'static Vm, s: Gc, b: &[u8]) -> PyResult {
    if s.is::<WBytes>() {
        Ok(crate::bytes::new(vm, b))
    } else {
        crate::bytearray::try_new(vm, b)
    }
}
/// A result of the kind of `self`, which is `self` if that is immutable and nothing has changed.
fn part(vm: &'static Vm, s: Gc, b: &[u8]) -> PyResult {
    if s.is::<WBytes>() && b.len() == own(s).len() {
        Ok(s)
    } else {
        like(vm, s, b)
    }
}
fn truth(vm: &'static Vm, v: bool) -> PyResult {
    Ok(vm.world().bool(v))
}
fn given(vm: &'static Vm, v: Gc) -> Option<Gc> {
    (!v.is_null() && v != vm.world().none).then_some(v)
}

// ---- construction
/// The content for `bytes(...)` and `bytearray(...)`; `name` is the class.
///
/// # Errors
/// TypeError, ValueError, UnicodeEncodeError.
pub fn constructor_content(vm: &'static Vm, name: &str, args: &[Gc], kw: &Kw) -> PyResult<Vec<u8>> {
    let params = ["source", "encoding", "errors"];
    let [source, encoding, errors] = crate::call::parse(vm, name, args, kw, params, 0, 3)?;
    let text = if source.is_null() {
        None
    } else {
        crate::str::as_str(source)
    };
    if !encoding.is_null() || !errors.is_null() {
        let named = if encoding.is_null() {
            "errors"
        } else {
            "encoding"
        };
        let Some(text) = text else {
            return Err(vm.type_error(format_args!("{named} without a string argument")));
        };
        if encoding.is_null() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        let encoding = crate::codec::name_argument(vm, name, "encoding", encoding, "utf-8")?;
        let errors = crate::codec::name_argument(vm, name, "errors", errors, "strict")?;
        let encoded = crate::codec::encode(vm, text, &encoding, &errors)?;
        return require(vm, encoded);
    }
    if text.is_some() {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if source.is_null() {
        Ok(Vec::new())
    } else {
        crate::bytes::for_constructor(vm, source, name)
    }
}
fn bytes_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.bytes;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    let exact = match args[1..] {
        [one] if kw.is_empty() => {
            if one.is::<WBytes>() {
                one
            } else if let Some(made) =
                crate::call::call_special(vm, one, crate::Special::Bytes, &[])?
            {
                let Some(b) = crate::bytes::as_bytes(made) else {
                    let got = type_of(vm, made).text();
                    return Err(
                        vm.type_error(format_args!("__bytes__ returned non-bytes (type {got})"))
                    );
                };
                // CPython hands an instance of a subclass through.
                if std::ptr::eq(class, builtin) {
                    return Ok(made);
                }
                b
            } else {
                crate::bytes::new(vm, &constructor_content(vm, "bytes", &args[1..], kw)?)
            }
        }
        _ => crate::bytes::new(vm, &constructor_content(vm, "bytes", &args[1..], kw)?),
    };
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, exact))
}
fn from_hex(vm: &'static Vm, class: Gc, text: Gc) -> PyResult {
    let Some(s) = crate::str::as_str(text) else {
        let got = type_of(vm, text).text();
        return Err(vm.type_error(format_args!("fromhex() argument must be str, not {got}")));
    };
    let chars: Vec<u32> = crate::str::code_points(s).collect();
    let digit = |i: usize| {
        chars
            .get(i)
            .and_then(|&c| char::from_u32(c))
            .and_then(|c| c.to_digit(16))
    };
    let mut out = Vec::with_capacity(chars.len() / 2);
    let mut i = 0;
    while i < chars.len() {
        if matches!(chars[i], 9..=13 | 32) {
            i += 1;
            continue;
        }
        let (Some(high), Some(low)) = (digit(i), digit(i + 1)) else {
            let at = if digit(i).is_some() { i + 1 } else { i };
            let text = format!("non-hexadecimal number found in fromhex() arg at position {at}");
            return Err(vm.value_error(text));
        };
        out.push((high << 4 | low) as u8);
        i += 2;
    }
    let c = &vm.world().classes;
    let own = crate::make_class::class_of(class).unwrap_or(c.bytes);
    let is_array = own.is_subclass(c.bytearray);
    let exact = if is_array {
        crate::bytearray::try_new(vm, &out)?
    } else {
        crate::bytes::new(vm, &out)
    };
    let builtin = if is_array { c.bytearray } else { c.bytes };
    if std::ptr::eq(own, builtin) {
        Ok(exact)
    } else {
        crate::call::call_args(vm, class, &[exact])
    }
}

// ---- sequence
fn len(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(int::new(vm, own(s).len() as i64))
}
fn iter(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(crate::iter::of_builtin(vm, s).expect("bytes are iterable"))
}
fn get_item(vm: &'static Vm, s: Gc, key: Gc) -> PyResult {
    if key.is::<WSlice>() {
        let parts = crate::slice::unpack(vm, key)?;
        let b = own(s);
        let at = crate::slice::adjust(parts, b.len());
        return match at.range() {
            Some(range) => part(vm, s, &b[range]),
            None => like(vm, s, &at.numbers().map(|i| b[i]).collect::<Vec<u8>>()),
        };
    }
    let array = s.is::<WByteArray>();
    if !int::has_index(vm, key) {
        let (kind, got) = (
            if array { "bytearray" } else { "byte" },
            type_of(vm, key).text(),
        );
        return Err(vm.type_error(format_args!(
            "{kind} indices must be integers or slices, not {got}"
        )));
    }
    let i = int::to_size(vm, key, true)?;
    let b = own(s);
    let at = crate::list::item_number(
        vm,
        i,
        b.len(),
        if array {
            "bytearray index out of range"
        } else {
            "index out of range"
        },
    )?;
    Ok(int::new(vm, b[at] as i64))
}
fn contains(vm: &'static Vm, s: Gc, item: Gc) -> PyResult {
    if int::has_index(vm, item) {
        let byte = crate::bytes::byte(vm, item, "byte")?;
        return truth(vm, own(s).contains(&byte));
    }
    let needle = require(vm, item)?;
    truth(vm, search::find(own(s), &needle, 0).is_some())
}
fn add(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    match copy_of(vm, other)? {
        Some(b) => like(vm, s, &[own(s), &b[..]].concat()),
        None => {
            let (other, own) = (type_of(vm, other).text(), type_of(vm, s).text());
            Err(vm.type_error(format_args!("can't concat {other} to {own}")))
        }
    }
}
/// The bytes repeated.
///
/// # Errors
/// MemoryError.
pub fn repeat(vm: &'static Vm, b: &[u8], times: i64) -> PyResult<Vec<u8>> {
    let total = b
        .len()
        .checked_mul(times.max(0) as usize)
        .filter(|&n| n < isize::MAX as usize);
    let total = total.ok_or_else(|| vm.overflow_error("repeated bytes are too long"))?;
    crate::error::check_room(vm, total)?;
    let mut out: Vec<u8> = Vec::new();
    out.try_reserve_exact(total)
        .map_err(|_| crate::error::memory_error(vm))?;
    (0..times.max(0))
        .take(if b.is_empty() { 0 } else { usize::MAX })
        .for_each(|_| out.extend_from_slice(b));
    Ok(out)
}
fn multiply(vm: &'static Vm, s: Gc, times: Gc) -> PyResult {
    if !int::has_index(vm, times) {
        return Ok(vm.world().not_implemented);
    }
    let times = int::to_size(vm, times, false)?;
    if times == 1 && s.is::<WBytes>() {
        return Ok(s);
    }
    like(vm, s, &repeat(vm, own(s), times)?)
}
fn compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let order = match content(b) {
        Some(b) => own(a).cmp(b),
        None => match copy_of(vm, b)? {
            Some(b) => own(a).cmp(&b[..]),
            None => return Ok(vm.world().not_implemented),
        },
    };
    truth(vm, CmpOp::ALL[OP].holds(order))
}
fn repr(vm: &'static Vm, object: Gc) -> PyResult {
    let b = own(crate::payload(object));
    if crate::payload(object).is::<WBytes>() {
        return Ok(crate::str::new(vm, &crate::bytes::quoted(b)));
    }
    // As in CPython single quotes are escaped here also inside double quotes.
    let text = crate::bytes::quoted(b);
    let text = if text.starts_with("b\"") {
        text.replace('\'', "\\'")
    } else {
        text
    };
    Ok(crate::str::new(
        vm,
        &format!("{}({text})", type_of(vm, object).text()),
    ))
}
fn hash(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(int::new(vm, crate::bytes::hash(vm, s)))
}

// ---- searching
/// What `find`, `count` and the like look for: a byte or bytes.
fn needle(vm: &'static Vm, v: Gc) -> PyResult<Vec<u8>> {
    if int::has_index(vm, v) {
        return Ok(vec![crate::bytes::byte(vm, v, "byte")?]);
    }
    match copy_of(vm, v)? {
        Some(b) => Ok(b),
        None => {
            let got = type_of(vm, v).text();
            Err(vm.type_error(format_args!(
                "argument should be integer or bytes-like object, not '{got}'"
            )))
        }
    }
}
/// Checks the number of arguments of a method with a needle and an optional range.
fn range_arguments(vm: &'static Vm, name: &str, args: &[Gc]) -> PyResult<[Gc; 4]> {
    let (n, plural) = (args.len() - 1, |k: usize| if k == 1 { "" } else { "s" });
    if n == 0 || n > 3 {
        let (word, limit) = if n == 0 { ("least", 1) } else { ("most", 3) };
        return Err(vm.type_error(format_args!(
            "{name}() takes at {word} {limit} argument{} ({n} given)",
            plural(limit)
        )));
    }
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    Ok([at(0), at(1), at(2), at(3)])
}
/// The part of `self` that optional bounds name, with its start; None if the start is behind the end.
fn window<'a>(vm: &'static Vm, s: Gc, start: Gc, end: Gc) -> PyResult<Option<(usize, &'a [u8])>> {
    let bound = |v: Gc| given(vm, v).map(|v| crate::slice::bound(vm, v)).transpose();
    let (start, end) = (bound(start)?, bound(end)?);
    let b = own(s);
    let n = b.len() as i64;
    let fix = |v: i64| if v < 0 { (v + n).max(0) } else { v };
    let (start, end) = (fix(start.unwrap_or(0)), fix(end.unwrap_or(n)).min(n));
    Ok((start <= end).then(|| (start as usize, &b[start as usize..end as usize])))
}
fn find_at(vm: &'static Vm, name: &str, args: &[Gc], reverse: bool) -> PyResult<Option<usize>> {
    let [s, what, start, end] = range_arguments(vm, name, args)?;
    let needle = needle(vm, what)?;
    let Some((start, b)) = window(vm, s, start, end)? else {
        return Ok(None);
    };
    let hit = if reverse {
        search::rfind(b, &needle)
    } else {
        search::find(b, &needle, 0)
    };
    Ok(hit.map(|i| i + start))
}
fn find(vm: &'static Vm, name: &str, args: &[Gc], reverse: bool) -> PyResult {
    Ok(int::new(
        vm,
        find_at(vm, name, args, reverse)?.map_or(-1, |i| i as i64),
    ))
}
fn index(vm: &'static Vm, name: &str, args: &[Gc], reverse: bool) -> PyResult {
    match find_at(vm, name, args, reverse)? {
        Some(i) => Ok(int::new(vm, i as i64)),
        None => Err(vm.value_error("subsection not found")),
    }
}
fn count(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let [s, what, start, end] = range_arguments(vm, "count", args)?;
    let needle = needle(vm, what)?;
    let n = window(vm, s, start, end)?.map_or(0, |(_, b)| search::count(b, &needle, b.len()));
    Ok(int::new(vm, n as i64))
}
fn starts_or_ends(vm: &'static Vm, name: &str, args: &[Gc], ends: bool) -> PyResult {
    let [s, what, start, end] = range_arguments(vm, name, args)?;
    let fits = |b: &[u8], affix: &[u8]| {
        if ends {
            b.ends_with(affix)
        } else {
            b.starts_with(affix)
        }
    };
    let affixes = match crate::tuple::as_tuple(what) {
        Some(t) => crate::tuple::items(t)
            .iter()
            .map(|&a| require(vm, a))
            .collect::<PyResult<Vec<_>>>()?,
        None => match copy_of(vm, what)? {
            Some(b) => vec![b],
            None => {
                let got = type_of(vm, what).text();
                return Err(vm.type_error(format_args!(
                    "{name} first arg must be bytes or a tuple of bytes, not {got}"
                )));
            }
        },
    };
    let window = window(vm, s, start, end)?;
    truth(
        vm,
        window.is_some_and(|(_, b)| affixes.iter().any(|a| fits(b, a))),
    )
}

// ---- cutting
fn list_of<'a>(vm: &'static Vm, s: Gc, parts: impl IntoIterator<Item = &'a [u8]>) -> PyResult {
    let mut out = Temps::new(vm);
    for b in parts {
        out.push(like(vm, s, b)?);
    }
    Ok(crate::list::new(vm, &out))
}
fn is_space(b: &u8) -> bool {
    matches!(b, 9..=13 | 32)
}
/// The parts between runs of white space, with at most `limit` cuts; from the right they come in reverse order.
fn words(b: &[u8], limit: usize, reverse: bool) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut rest = b;
    loop {
        rest = if reverse {
            trim_end(rest, is_space)
        } else {
            trim_start(rest, is_space)
        };
        if rest.is_empty() {
            return out;
        }
        let cut = match reverse {
            false => rest.iter().position(is_space),
            true => rest.iter().rposition(is_space).map(|i| i + 1),
        };
        let Some(cut) = cut.filter(|_| out.len() < limit) else {
            out.push(rest);
            return out;
        };
        let (left, right) = rest.split_at(cut);
        (rest, _) = if reverse {
            (left, out.push(right))
        } else {
            (right, out.push(left))
        };
    }
}
fn split(vm: &'static Vm, name: &str, args: &[Gc], kw: &Kw, reverse: bool) -> PyResult {
    let [s, separator, limit] =
        crate::call::parse(vm, name, args, kw, ["", "sep", "maxsplit"], 1, 3)?;
    let limit = if limit.is_null() {
        -1
    } else {
        int::to_argument(vm, limit)?
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(separator) = given(vm, separator) else {
        let mut parts = words(own(s), limit, reverse);
        if reverse {
            parts.reverse();
        }
        return list_of(vm, s, parts);
    };
    let separator = require(vm, separator)?;
    if separator.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let cut = if reverse {
        search::rsplit
    } else {
        search::split
    };
    list_of(vm, s, cut(own(s), &separator, limit))
}
fn split_lines(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, keep] = crate::call::parse(vm, "splitlines", args, kw, ["", "keepends"], 1, 2)?;
    let keep = !keep.is_null() && crate::operator::truth(vm, keep)?;
    let mut rest = own(s);
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'))
            .unwrap_or(rest.len());
        let mark = match &rest[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        parts.push(&rest[..if keep { end + mark } else { end }]);
        rest = &rest[end + mark..];
    }
    list_of(vm, s, parts)
}
fn partition(vm: &'static Vm, s: Gc, separator: Gc, reverse: bool) -> PyResult {
    let separator = require(vm, separator)?;
    if separator.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let b = own(s);
    let hit = if reverse {
        search::rfind(b, &separator)
    } else {
        search::find(b, &separator, 0)
    };
    let [x, y, z]: [&[u8]; 3] = match hit {
        Some(i) => [&b[..i], &separator, &b[i + separator.len()..]],
        None if reverse => [&[], &[], b],
        None => [b, &[], &[]],
    };
    Ok(crate::tuple::new(
        vm,
        &[like(vm, s, x)?, like(vm, s, y)?, like(vm, s, z)?],
    ))
}
fn trim_start(b: &[u8], f: impl Fn(&u8) -> bool) -> &[u8] {
    &b[b.iter().position(|c| !f(c)).unwrap_or(b.len())..]
}
fn trim_end(b: &[u8], f: impl Fn(&u8) -> bool) -> &[u8] {
    &b[..b.iter().rposition(|c| !f(c)).map_or(0, |i| i + 1)]
}
fn strip(vm: &'static Vm, s: Gc, chars: Gc, left: bool, right: bool) -> PyResult {
    let chars = given(vm, chars).map(|c| require(vm, c)).transpose()?;
    let gone = |b: &u8| {
        chars
            .as_ref()
            .map_or_else(|| is_space(b), |c| c.contains(b))
    };
    let mut b = own(s);
    if left {
        b = trim_start(b, gone);
    }
    if right {
        b = trim_end(b, gone);
    }
    part(vm, s, b)
}
fn remove_affix(vm: &'static Vm, s: Gc, affix: Gc, suffix: bool) -> PyResult {
    let affix = require(vm, affix)?;
    let b = own(s);
    let rest = if suffix {
        b.strip_suffix(&affix[..])
    } else {
        b.strip_prefix(&affix[..])
    };
    part(vm, s, rest.unwrap_or(b))
}
fn join(vm: &'static Vm, s: Gc, items: Gc) -> PyResult {
    let items = match crate::list::to_temps(vm, items) {
        Err(e)
            if crate::error::is_instance_of(vm, e, vm.world().classes.type_error)
                && type_of(vm, items)
                    .special(vm, crate::Special::Iter)
                    .is_null() =>
        {
            return Err(vm.type_error("can only join an iterable"));
        }
        items => items?,
    };
    if let ([one], true) = (&items[..], s.is::<WBytes>())
        && one.is::<WBytes>()
    {
        return Ok(*one);
    }
    let mut out = Vec::new();
    for (i, &item) in items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(own(s));
        }
        match content(item) {
            Some(b) => out.extend_from_slice(b),
            None => match copy_of(vm, item)? {
                Some(b) => out.extend_from_slice(&b),
                None => {
                    let got = type_of(vm, item).text();
                    return Err(vm.type_error(format_args!(
                        "sequence item {i}: expected a bytes-like object, {got} found"
                    )));
                }
            },
        }
    }
    like(vm, s, &out)
}

// ---- changing
fn replace(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let (old, new) = (require(vm, args[1])?, require(vm, args[2])?);
    let limit = args.get(3).map_or(Ok(-1), |&n| int::to_argument(vm, n))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let b = own(args[0]);
    crate::error::check_room(vm, search::replaced_len(b, &old, &new, limit))?;
    match search::replace(b, &old, &new, limit, |_| true) {
        Some(out) => like(vm, args[0], &out),
        None => part(vm, args[0], b),
    }
}
fn translate(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, table, delete] =
        crate::call::parse(vm, "translate", args, kw, ["", "", "delete"], 2, 3)?;
    let table = given(vm, table).map(|t| require(vm, t)).transpose()?;
    if table.as_ref().is_some_and(|t| t.len() != 256) {
        return Err(vm.value_error("translation table must be 256 characters long"));
    }
    let delete = if delete.is_null() {
        Vec::new()
    } else {
        require(vm, delete)?
    };
    let kept = own(s).iter().filter(|b| !delete.contains(b));
    let out: Vec<u8> = kept
        .map(|&b| table.as_ref().map_or(b, |t| t[b as usize]))
        .collect();
    like(vm, s, &out)
}
fn make_trans(vm: &'static Vm, from: Gc, to: Gc) -> PyResult {
    let (from, to) = (require(vm, from)?, require(vm, to)?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    from.iter()
        .zip(to)
        .for_each(|(&f, t)| table[f as usize] = t);
    Ok(crate::bytes::new(vm, &table))
}
/// Pads to a width; `left_share` is how many of the missing bytes go to the left.
fn pad(
    vm: &'static Vm,
    name: &str,
    s: Gc,
    width: Gc,
    fill: Gc,
    left_share: fn(usize, usize) -> usize,
) -> PyResult {
    let width = int::to_argument(vm, width)?;
    let fill = match fill.is_null() {
        true => b' ',
        false => match content(fill) {
            Some(&[b]) => b,
            _ => {
                let got = type_of(vm, fill).text();
                return Err(vm.type_error(format_args!(
                    "{name}() argument 2 must be a byte string of length 1, not {got}"
                )));
            }
        },
    };
    let b = own(s);
    let width = width.max(0) as usize;
    if width <= b.len() {
        return part(vm, s, b);
    }
    crate::error::check_room(vm, width)?;
    let missing = width - b.len();
    let left = left_share(missing, width);
    let mut out = repeat(vm, &[fill], left as i64)?;
    out.extend_from_slice(b);
    out.resize(width, fill);
    like(vm, s, &out)
}
fn zero_fill(vm: &'static Vm, s: Gc, width: Gc) -> PyResult {
    let width = int::to_argument(vm, width)?;
    let b = own(s);
    let missing = width - b.len() as i64;
    if missing <= 0 {
        return part(vm, s, b);
    }
    crate::error::check_room(vm, missing as usize)?;
    let sign = usize::from(matches!(b.first(), Some(b'+' | b'-')));
    like(
        vm,
        s,
        &[&b[..sign], &repeat(vm, b"0", missing)?[..], &b[sign..]].concat(),
    )
}
fn expand_tabs(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, size] = crate::call::parse(vm, "expandtabs", args, kw, ["", "tabsize"], 1, 2)?;
    let size = if size.is_null() {
        8
    } else {
        int::to_i32(vm, size)?.max(0) as usize
    };
    let (mut out, mut column) = (Vec::new(), 0);
    for &b in own(s) {
        match b {
            b'\t' => {
                let n = if size == 0 { 0 } else { size - column % size };
                crate::error::check_room(vm, out.len() + n)?;
                out.resize(out.len() + n, b' ');
                column += n;
            }
            _ => {
                column = if matches!(b, b'\n' | b'\r') {
                    0
                } else {
                    column + 1
                };
                out.push(b);
            }
        }
    }
    like(vm, s, &out)
}
fn map(vm: &'static Vm, s: Gc, f: fn(u8) -> u8) -> PyResult {
    like(vm, s, &own(s).iter().map(|&b| f(b)).collect::<Vec<u8>>())
}
fn swap(b: u8) -> u8 {
    if b.is_ascii_lowercase() {
        b.to_ascii_uppercase()
    } else {
        b.to_ascii_lowercase()
    }
}
fn title(vm: &'static Vm, s: Gc) -> PyResult {
    let mut inside = false;
    let cased = |&b: &u8| {
        let c = if inside {
            b.to_ascii_lowercase()
        } else {
            b.to_ascii_uppercase()
        };
        inside = b.is_ascii_alphabetic();
        c
    };
    like(vm, s, &own(s).iter().map(cased).collect::<Vec<u8>>())
}
fn capitalize(vm: &'static Vm, s: Gc) -> PyResult {
    let mut out = own(s).to_ascii_lowercase();
    out.iter_mut()
        .take(1)
        .for_each(|b| *b = b.to_ascii_uppercase());
    like(vm, s, &out)
}
fn all(vm: &'static Vm, s: Gc, f: impl Fn(&u8) -> bool) -> PyResult {
    let b = own(s);
    truth(vm, !b.is_empty() && b.iter().all(f))
}
fn is_cased(vm: &'static Vm, s: Gc, right: fn(&u8) -> bool, wrong: fn(&u8) -> bool) -> PyResult {
    let b = own(s);
    truth(vm, b.iter().any(right) && !b.iter().any(wrong))
}
fn is_title(vm: &'static Vm, s: Gc) -> PyResult {
    let (mut inside, mut any) = (false, false);
    for b in own(s) {
        if b.is_ascii_uppercase() && inside || b.is_ascii_lowercase() && !inside {
            return truth(vm, false);
        }
        inside = b.is_ascii_alphabetic();
        any |= inside;
    }
    truth(vm, any)
}

// ---- text
/// `bytes.hex(sep, bytes_per_sep)` of any content; NULL arguments are missing.
///
/// # Errors
/// TypeError, ValueError for a bad separator.
pub fn hex(vm: &'static Vm, b: &[u8], separator: Gc, group: Gc) -> PyResult {
    let mut digits = String::with_capacity(2 * b.len());
    let group = if group.is_null() {
        1
    } else {
        int::to_i32(vm, group)?
    };
    if separator.is_null() {
        b.iter().for_each(|c| digits.push_str(&format!("{c:02x}")));
        return Ok(crate::str::new(vm, &digits));
    }
    if crate::operator::len(vm, separator)? != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    let mark = match (crate::str::as_str(separator), content(separator)) {
        (Some(s), _) => crate::str::single(s).filter(|&c| c < 128),
        (_, Some(&[c])) => Some(c as u32),
        _ => return Err(vm.type_error("sep must be str or bytes.")),
    };
    let mark = mark
        .and_then(char::from_u32)
        .ok_or_else(|| vm.value_error("sep must be ASCII."))?;
    let size = group.unsigned_abs() as usize;
    for (i, c) in b.iter().enumerate() {
        // Groups are counted from the right if the number is positive.
        let at = if group > 0 { b.len() - i } else { i };
        if i > 0 && size > 0 && at % size == 0 {
            digits.push(mark);
        }
        digits.push_str(&format!("{c:02x}"));
    }
    Ok(crate::str::new(vm, &digits))
}
fn hex_method(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, separator, group] =
        crate::call::parse(vm, "hex", args, kw, ["", "sep", "bytes_per_sep"], 1, 3)?;
    hex(vm, own(s), separator, group)
}
fn decode(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, encoding, errors] =
        crate::call::parse(vm, "decode", args, kw, ["", "encoding", "errors"], 1, 3)?;
    let encoding = crate::codec::name_argument(vm, "decode", "encoding", encoding, "utf-8")?;
    let errors = crate::codec::name_argument(vm, "decode", "errors", errors, "strict")?;
    match s.is::<WBytes>() {
        true => crate::codec::decode(vm, own(s), &encoding, &errors),
        // Codecs of the guest may change the bytearray.
        false => crate::codec::decode(vm, &own(s).to_vec(), &encoding, &errors),
    }
}
fn percent(vm: &'static Vm, s: Gc, values: Gc) -> PyResult {
    let format = own(s).to_vec();
    let out = crate::bytes_percent::percent(vm, &format, values)?;
    like(vm, s, &out)
}

static COMMON: &[BuiltinDef] = &[
    fn1("__len__", len),
    fn1("__iter__", iter),
    fn1("__repr__", repr).keep_self(),
    fn1("__str__", repr).keep_self(),
    fn2("__getitem__", get_item),
    fn2("__contains__", contains),
    fn2("__add__", add),
    fn2("__mul__", multiply),
    fn2("__rmul__", multiply),
    fn2("__mod__", percent),
    fn2("__rmod__", |vm, _, _| Ok(vm.world().not_implemented)),
    fn2("__lt__", compare::<0>),
    fn2("__le__", compare::<1>),
    fn2("__eq__", compare::<2>),
    fn2("__ne__", compare::<3>),
    fn2("__gt__", compare::<4>),
    fn2("__ge__", compare::<5>),
    fn2("fromhex", from_hex).class_method(),
    fn2("maketrans", make_trans).static_method(),
    kw("decode", decode).quiet(crate::builtin::Quiet::No),
    kw("hex", hex_method),
    var("find", 1, crate::builtin::ANY, |vm, args| {
        find(vm, "find", args, false)
    }),
    var("rfind", 1, crate::builtin::ANY, |vm, args| {
        find(vm, "rfind", args, true)
    }),
    var("index", 1, crate::builtin::ANY, |vm, args| {
        index(vm, "index", args, false)
    }),
    var("rindex", 1, crate::builtin::ANY, |vm, args| {
        index(vm, "rindex", args, true)
    }),
    var("count", 1, crate::builtin::ANY, count),
    var("startswith", 1, crate::builtin::ANY, |vm, args| {
        starts_or_ends(vm, "startswith", args, false)
    }),
    var("endswith", 1, crate::builtin::ANY, |vm, args| {
        starts_or_ends(vm, "endswith", args, true)
    }),
    kw("split", |vm, args, kw| split(vm, "split", args, kw, false)),
    kw("rsplit", |vm, args, kw| split(vm, "rsplit", args, kw, true)),
    kw("splitlines", split_lines),
    fn2("partition", |vm, s, sep| partition(vm, s, sep, false)),
    fn2("rpartition", |vm, s, sep| partition(vm, s, sep, true)),
    fn2("strip", |vm, s, chars| strip(vm, s, chars, true, true)).opt(1),
    fn2("lstrip", |vm, s, chars| strip(vm, s, chars, true, false)).opt(1),
    fn2("rstrip", |vm, s, chars| strip(vm, s, chars, false, true)).opt(1),
    fn2("removeprefix", |vm, s, affix| {
        remove_affix(vm, s, affix, false)
    }),
    fn2("removesuffix", |vm, s, affix| {
        remove_affix(vm, s, affix, true)
    }),
    fn2("join", join),
    var("replace", 3, 4, replace),
    kw("translate", translate),
    fn3("ljust", |vm, s, w, f| pad(vm, "ljust", s, w, f, |_, _| 0)).opt(2),
    fn3("rjust", |vm, s, w, f| {
        pad(vm, "rjust", s, w, f, |missing, _| missing)
    })
    .opt(2),
    fn3("center", |vm, s, w, f| {
        pad(vm, "center", s, w, f, |missing, width| {
            missing / 2 + (missing & width & 1)
        })
    })
    .opt(2),
    fn2("zfill", zero_fill),
    kw("expandtabs", expand_tabs),
    fn1("lower", |vm, s| map(vm, s, |b| b.to_ascii_lowercase())),
    fn1("upper", |vm, s| map(vm, s, |b| b.to_ascii_uppercase())),
    fn1("swapcase", |vm, s| map(vm, s, swap)),
    fn1("title", title),
    fn1("capitalize", capitalize),
    fn1("isalnum", |vm, s| all(vm, s, u8::is_ascii_alphanumeric)),
    fn1("isalpha", |vm, s| all(vm, s, u8::is_ascii_alphabetic)),
    fn1("isdigit", |vm, s| all(vm, s, u8::is_ascii_digit)),
    fn1("isspace", |vm, s| all(vm, s, is_space)),
    fn1("isascii", |vm, s| truth(vm, own(s).is_ascii())),
    fn1("islower", |vm, s| {
        is_cased(vm, s, u8::is_ascii_lowercase, u8::is_ascii_uppercase)
    }),
    fn1("isupper", |vm, s| {
        is_cased(vm, s, u8::is_ascii_uppercase, u8::is_ascii_lowercase)
    }),
    fn1("istitle", is_title),
];
static BYTES: &[BuiltinDef] = &[
    kw("__new__", bytes_new).static_method(),
    fn1("__hash__", hash),
    fn1("__bytes__", |_, s| Ok(s)),
    fn1("__getnewargs__", |vm, s| Ok(crate::tuple::new(vm, &[s]))),
];

/// Adds the methods that both classes have.
pub(crate) fn add_common(vm: &'static Vm, class: &'static Class) {
    crate::make_class::add_members(vm, class, COMMON, &[]);
}
/// Fills the namespace of bytes.
pub(crate) fn boot(vm: &'static Vm) {
    let class = vm.world().classes.bytes;
    add_common(vm, class);
    crate::make_class::add_members(vm, class, BYTES, &[]);
}
