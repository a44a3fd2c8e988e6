//! The methods of str.

use super::case::{Case, convert};
use super::kinds::CharKind;
use super::{CodePoints, as_str, bytes, char_len, code_points, from_wtf8, search, unicode};
use crate::access::Access;
use crate::builtin::{BuiltinDef, Kw, fn1, fn2, fn3, kw, var};
use crate::layout::*;
use crate::make_class::{add_members, wrap};
use crate::special::CmpOp;
use crate::{Errors, PyResult, Temps, Vm, int, type_of};
use ouro_gc::Gc;

fn bool(vm: &'static Vm, v: bool) -> PyResult {
    Ok(vm.world().bool(v))
}
fn given(vm: &'static Vm, v: Gc) -> Option<Gc> {
    (!v.is_null() && v != vm.world().none).then_some(v)
}
fn want(vm: &'static Vm, o: Gc, what: impl FnOnce(String) -> String) -> PyResult {
    as_str(o).ok_or_else(|| {
        let got = if o == vm.world().none {
            "None".to_owned()
        } else {
            type_of(vm, o).text()
        };
        vm.type_error(what(got))
    })
}
fn must_be_str(vm: &'static Vm, o: Gc) -> PyResult {
    want(vm, o, |got| format!("must be str, not {got}"))
}
/// `str(object, encoding, errors)`
fn new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [class, object, encoding, errors] = crate::call::parse(
        vm,
        "str",
        args,
        kw,
        ["", "object", "encoding", "errors"],
        1,
        4,
    )?;
    let s = if object.is_null() {
        vm.world().empty_str
    } else if !encoding.is_null() || !errors.is_null() {
        if as_str(object).is_some() {
            return Err(vm.type_error("decoding str is not supported"));
        }
        crate::codec::decode_object(vm, object, encoding, errors)?
    } else {
        crate::operator::str_of(vm, object)?
    };
    let c = vm.world().classes.str_;
    match crate::make_class::class_of(class).is_some_and(|k| std::ptr::eq(k, c)) {
        true => Ok(s),
        false => Ok(wrap(vm, class, c, crate::payload(s))),
    }
}
/// Start and end of an optional range of items.
pub fn range(vm: &'static Vm, start: Gc, end: Gc, len: usize) -> PyResult<(usize, usize)> {
    let n = len as i64;
    let fix = |v: i64| if v < 0 { (v + n).max(0) } else { v };
    let start = given(vm, start).map_or(Ok(0), |o| crate::slice::bound(vm, o))?;
    let end = given(vm, end).map_or(Ok(n), |o| crate::slice::bound(vm, o))?;
    Ok((fix(start) as usize, fix(end).min(n) as usize))
}
fn find_in(vm: &'static Vm, args: &[Gc], reverse: bool, name: &str) -> PyResult<Option<usize>> {
    let s = args[0];
    let needle = must_be_str(vm, args[1])?;
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    let len = char_len(s);
    let (start, end) = range(vm, at(2), at(3), len)?;
    let _ = name;
    if start > end || start > len {
        return Ok(None);
    }
    let b = bytes(s);
    let offset = |index| super::index::offset_of(vm, s, index);
    let (from, to) = (offset(start), offset(end));
    let n = bytes(needle);
    let hit = if reverse {
        search::rfind(&b[from..to], n)
    } else {
        search::find(&b[from..to], n, 0)
    };
    Ok(hit.map(|i| super::index::index_of(vm, s, from + i)))
}
fn find(vm: &'static Vm, args: &[Gc], reverse: bool) -> PyResult {
    Ok(int::new(
        vm,
        find_in(vm, args, reverse, "find")?.map_or(-1, |i| i as i64),
    ))
}
fn index(vm: &'static Vm, args: &[Gc], reverse: bool) -> PyResult {
    match find_in(vm, args, reverse, "index")? {
        Some(i) => Ok(int::new(vm, i as i64)),
        None => Err(vm.value_error("substring not found")),
    }
}
fn affix(vm: &'static Vm, args: &[Gc], name: &str, test: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    let (start, end) = range(vm, at(2), at(3), char_len(args[0]))?;
    let invalid = start > char_len(args[0]) || start > end;
    let (from, to) = match invalid {
        true => (0, 0),
        false => super::index::range_of(vm, args[0], start, end),
    };
    let part = &bytes(args[0])[from..to];
    let one = |p: Gc| -> PyResult<bool> {
        let p = want(vm, p, |got| {
            format!("{name} first arg must be str or a tuple of str, not {got}")
        })?;
        Ok(!invalid && test(part, bytes(p)))
    };
    if let Some(t) = crate::tuple::as_tuple(args[1]) {
        for &p in crate::tuple::items(t) {
            let p = want(vm, p, |got| {
                format!("tuple for {name} must only contain str, not {got}")
            })?;
            if one(p)? {
                return bool(vm, true);
            }
        }
        return bool(vm, false);
    }
    bool(vm, one(args[1])?)
}
fn strip_by(vm: &'static Vm, s: Gc, chars: Gc, left: bool, right: bool, name: &str) -> PyResult {
    let set: Option<Vec<u32>> = match given(vm, chars) {
        None => None,
        Some(c) => {
            Some(code_points(want(vm, c, |_| format!("{name} arg must be None or str"))?).collect())
        }
    };
    let drop = |c: u32| {
        set.as_ref()
            .map_or_else(|| unicode::is_space(c), |s| s.contains(&c))
    };
    let b = bytes(s);
    let (mut from, mut to) = (0, b.len());
    while left && from < to {
        let Some((c, n)) = super::decode(&b[from..]).filter(|d| drop(d.0)) else {
            break;
        };
        let _ = c;
        from += n;
    }
    while right && from < to {
        let start = (from..to)
            .rev()
            .find(|&i| b[i] & 0xc0 != 0x80)
            .unwrap_or(from);
        if !super::decode(&b[start..to]).is_some_and(|d| drop(d.0)) {
            break;
        }
        to = start;
    }
    Ok(if from == 0 && to == b.len() {
        s
    } else {
        from_wtf8(vm, &b[from..to])
    })
}
fn list_of(vm: &'static Vm, parts: impl Iterator<Item = Gc>) -> PyResult {
    let mut out = Temps::new(vm);
    parts.for_each(|p| out.push(p));
    Ok(crate::list::new(vm, &out))
}
/// The parts between runs of white space.
pub fn split_space(b: &[u8], limit: usize, reverse: bool) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let space = |i: usize| {
        super::decode(&b[i..])
            .filter(|d| unicode::is_space(d.0))
            .map(|d| d.1)
    };
    if !reverse {
        let mut i = 0;
        loop {
            while i < b.len()
                && let Some(n) = space(i)
            {
                i += n;
            }
            if i >= b.len() {
                return words;
            }
            if words.len() == limit {
                let end = (i..b.len())
                    .rev()
                    .filter(|&k| b[k] & 0xc0 != 0x80)
                    .find(|&k| space(k).is_none());
                let end = end.map_or(b.len(), |k| k + super::decode(&b[k..]).map_or(1, |d| d.1));
                let _ = end;
                words.push(&b[i..]);
                return words;
            }
            let start = i;
            while i < b.len() && space(i).is_none() {
                i += super::decode(&b[i..]).map_or(1, |d| d.1);
            }
            words.push(&b[start..i]);
        }
    }
    let previous = |to: usize| (0..to).rev().find(|&i| b[i] & 0xc0 != 0x80);
    let mut to = b.len();
    loop {
        while let Some(i) = previous(to).filter(|&i| space(i).is_some()) {
            to = i;
        }
        if to == 0 {
            break;
        }
        if words.len() == limit {
            words.push(&b[..to]);
            break;
        }
        let end = to;
        while let Some(i) = previous(to).filter(|&i| space(i).is_none()) {
            to = i;
        }
        words.push(&b[to..end]);
    }
    words.reverse();
    words
}
fn split(vm: &'static Vm, args: &[Gc], kw: &Kw, reverse: bool) -> PyResult {
    let name = if reverse { "rsplit" } else { "split" };
    let [s, sep, limit] = crate::call::parse(vm, name, args, kw, ["", "sep", "maxsplit"], 1, 3)?;
    let limit = if limit.is_null() {
        -1
    } else {
        int::to_argument(vm, limit)?
    };
    let limit = if limit < 0 {
        usize::MAX
    } else {
        limit as usize
    };
    let b = bytes(s);
    let parts = match given(vm, sep) {
        None => split_space(b, limit, reverse),
        Some(sep) => {
            let sep = bytes(must_be_str(vm, sep)?);
            if sep.is_empty() {
                return Err(vm.value_error("empty separator"));
            }
            if reverse {
                search::rsplit(b, sep, limit)
            } else {
                search::split(b, sep, limit)
            }
        }
    };
    list_of(vm, parts.into_iter().map(|p| from_wtf8(vm, p)))
}
fn split_lines(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, keep] = crate::call::parse(vm, "splitlines", args, kw, ["", "keepends"], 1, 2)?;
    let keep = !keep.is_null() && crate::operator::truth(vm, keep)?;
    let b = bytes(s);
    let (mut out, mut start, mut i) = (Temps::new(vm), 0, 0);
    while let Some((c, n)) = super::decode(&b[i..]) {
        let end = i;
        i += n;
        if matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029) {
            if c == 13 && b.get(i) == Some(&10) {
                i += 1;
            }
            out.push(from_wtf8(vm, &b[start..if keep { i } else { end }]));
            start = i;
        }
    }
    if start < b.len() {
        out.push(from_wtf8(vm, &b[start..]));
    }
    Ok(crate::list::new(vm, &out))
}
/// `separator.join(iterable)`
///
/// # Errors
/// TypeError naming the item that is no str.
pub fn join(vm: &'static Vm, separator: Gc, iterable: Gc) -> PyResult {
    let items = match crate::list::to_temps(vm, iterable) {
        Err(e)
            if crate::error::is_instance_of(vm, e, vm.world().classes.type_error)
                && type_of(vm, iterable)
                    .special(vm, crate::Special::Iter)
                    .is_null() =>
        {
            return Err(vm.type_error("can only join an iterable"));
        }
        items => items?,
    };
    let (mut total, mut chars) = (0, 0);
    for (i, &item) in items.iter().enumerate() {
        let s = want(vm, item, |_| {
            format!(
                "sequence item {i}: expected str instance, {} found",
                type_of(vm, item).text()
            )
        })?;
        total += bytes(s).len();
        chars += char_len(s);
    }
    if let [one] = items[..]
        && one.is::<WStr>()
    {
        return Ok(one);
    }
    let sep = bytes(separator);
    let gaps = items.len().saturating_sub(1);
    total += sep.len() * gaps;
    chars += char_len(separator) * gaps;
    super::build_counted(vm, total, chars, |mut out| {
        for (i, &item) in items.iter().enumerate() {
            if i > 0 {
                out = put(out, sep);
            }
            out = put(out, bytes(crate::payload(item)));
        }
    })
}
/// Writes a part at the start of `out`; what is left of it.
#[inline]
fn put<'a>(out: &'a mut [u8], part: &[u8]) -> &'a mut [u8] {
    let (here, rest) = out.split_at_mut(part.len());
    match *part {
        // Separators and characters are common parts.
        [one] => here[0] = one,
        _ => here.copy_from_slice(part),
    }
    rest
}
fn replace(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let name =
        |n: usize| move |got: String| format!("replace() argument {n} must be str, not {got}");
    let (old, new) = (want(vm, args[1], name(1))?, want(vm, args[2], name(2))?);
    let limit = args.get(3).map_or(Ok(-1), |&n| int::to_argument(vm, n))?;
    let b = bytes(args[0]);
    let limit = if limit < 0 {
        usize::MAX
    } else {
        limit as usize
    };
    let len = search::replaced_len(b, bytes(old), bytes(new), limit);
    crate::error::check_room(vm, len)?;
    match search::replace(b, bytes(old), bytes(new), limit, |i| b[i] & 0xc0 != 0x80) {
        Some(out) => Ok(from_wtf8(vm, &out)),
        None => Ok(args[0]),
    }
}
fn partition(vm: &'static Vm, s: Gc, sep: Gc, reverse: bool) -> PyResult {
    let sep = must_be_str(vm, sep)?;
    let (b, n) = (bytes(s), bytes(sep));
    if n.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let empty = vm.world().empty_str;
    let hit = if reverse {
        search::rfind(b, n)
    } else {
        search::find(b, n, 0)
    };
    let row = match hit {
        Some(i) => [
            from_wtf8(vm, &b[..i]),
            sep,
            from_wtf8(vm, &b[i + n.len()..]),
        ],
        None if reverse => [empty, empty, s],
        None => [s, empty, empty],
    };
    Ok(crate::tuple::new(vm, &row))
}
fn pad(
    vm: &'static Vm,
    s: Gc,
    width: Gc,
    fill: Gc,
    left: impl Fn(usize, i64) -> usize,
) -> PyResult {
    let width = int::to_argument(vm, width)?;
    let fill = match fill.is_null() {
        true => b" ".to_vec(),
        false => {
            let f = want(vm, fill, |got| {
                format!("The fill character must be a unicode character, not {got}")
            })?;
            if char_len(f) != 1 {
                return Err(vm.type_error("The fill character must be exactly one character long"));
            }
            bytes(f).to_vec()
        }
    };
    let missing = width - char_len(s) as i64;
    if missing <= 0 {
        return Ok(s);
    }
    let before = left(missing as usize, width);
    let mut out = fill.repeat(before);
    out.extend_from_slice(bytes(s));
    out.extend(fill.repeat(missing as usize - before));
    Ok(from_wtf8(vm, &out))
}
const fn of_kind(
    name: &'static str,
    method: fn(&'static Vm, Gc) -> PyResult,
    kind: CharKind,
) -> BuiltinDef {
    fn1(name, method).inline(crate::builtin::Inline::StrIs(kind))
}
/// Whether a text is an identifier.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let start = |c: char| {
        c == '_'
            || unicode::is_alpha(c as u32)
            || matches!(c as u32, 0x1885 | 0x1886 | 0x2118 | 0x212e | 0x16ee..=0x16f0 | 0x2160..=0x2188)
    };
    let part = |c: char| {
        start(c)
            || unicode::is_decimal(c as u32)
            || (c as u32 > 127 && unicode::is_case_ignorable(c as u32) && c.is_alphanumeric())
            || matches!(c as u32, 0xb7 | 0x387 | 0x300..=0x36f | 0x203f | 0x2040)
    };
    chars.next().is_some_and(start) && chars.all(part)
}
fn cased(vm: &'static Vm, s: Gc, case: Case) -> PyResult {
    Ok(from_wtf8(vm, &convert(bytes(s), case)))
}
/// The str of `count` characters, each `step` after the other, the first at `start`. All are in the str.
pub fn slice_by(vm: &'static Vm, s: Gc, start: i64, step: i64, count: usize) -> Gc {
    if count == 0 {
        return vm.world().empty_str;
    }
    if step == 1 {
        return super::substring(vm, s, start as usize, start as usize + count);
    }
    let mut out = Vec::with_capacity(count);
    if super::is_ascii(s) {
        let b = bytes(s);
        out.extend((0..count as i64).map(|i| b[(start + i * step) as usize]));
    } else {
        let all: Vec<u32> = code_points(s).collect();
        (0..count as i64)
            .for_each(|i| super::push_code_point(&mut out, all[(start + i * step) as usize]));
    }
    from_wtf8(vm, &out)
}
/// `s[key]` for an exact str.
///
/// # Errors
/// TypeError and IndexError with CPython's texts.
pub fn get_item(vm: &'static Vm, s: Gc, key: Gc) -> PyResult {
    let len = char_len(s);
    if key.is::<WSlice>() {
        let (start, _, step, count) = crate::slice::indices(vm, key, len)?;
        return Ok(slice_by(vm, s, start, step, count));
    }
    if !key.is::<WInt>() && !int::has_index(vm, key) {
        let got = type_of(vm, key).text();
        return Err(vm.type_error(format_args!("string indices must be integers, not '{got}'")));
    }
    let i = int::to_size(vm, key, true)?;
    let i = crate::list::item_number(vm, i, len, "string index out of range")?;
    Ok(super::char_at(vm, s, i))
}
fn repeat(vm: &'static Vm, s: Gc, n: Gc) -> PyResult {
    if !int::has_index(vm, n) {
        return Ok(vm.world().not_implemented);
    }
    let n = int::to_size(vm, n, false)?;
    let b = bytes(s);
    if n <= 0 || b.is_empty() {
        return Ok(vm.world().empty_str);
    }
    let total = b
        .len()
        .checked_mul(n as usize)
        .filter(|&t| t < isize::MAX as usize)
        .ok_or_else(|| crate::error::memory_error(vm))?;
    super::build(vm, total, |out| {
        out.chunks_exact_mut(b.len())
            .for_each(|c| c.copy_from_slice(b))
    })
}
fn compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    match as_str(b) {
        Some(b) => bool(vm, op.holds(bytes(a).cmp(bytes(b)))),
        None => Ok(vm.world().not_implemented),
    }
}
fn translate(vm: &'static Vm, s: Gc, table: Gc) -> PyResult {
    let mut out = Vec::new();
    let c = &vm.world().classes;
    for code in code_points(s).collect::<Vec<_>>() {
        match crate::operator::get_item(vm, table, int::new(vm, code as i64)) {
            Ok(v) if v == vm.world().none => {}
            Ok(v) => match (as_str(v), int::get(v).and_then(|n| n.small())) {
                (Some(t), _) => out.extend_from_slice(bytes(t)),
                (None, Some(n)) if (0..0x110000).contains(&n) => {
                    super::push_code_point(&mut out, n as u32)
                }
                (None, Some(_)) => {
                    return Err(vm.value_error("character mapping must be in range(0x110000)"));
                }
                _ => {
                    return Err(vm.type_error("character mapping must return integer, None or str"));
                }
            },
            Err(e) if crate::error::is_instance_of(vm, e, c.lookup_error) => {
                super::push_code_point(&mut out, code)
            }
            Err(e) => return Err(e),
        }
    }
    Ok(from_wtf8(vm, &out))
}
fn make_trans(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let d = crate::dict::new(vm);
    if args.len() == 1 {
        let Some(source) = crate::dict::as_dict(args[0]) else {
            return Err(
                vm.type_error("if you give only one argument to maketrans it must be a dict")
            );
        };
        let mut at = 0;
        while let Some((k, v)) = crate::dict::next(source, &mut at) {
            let key = match as_str(k) {
                Some(s) => match super::single(s) {
                    Some(c) => int::new(vm, c as i64),
                    None => {
                        return Err(
                            vm.value_error("string keys in translate table must be of length 1")
                        );
                    }
                },
                None if int::is_int(k) => k,
                None => {
                    return Err(
                        vm.type_error("keys in translate table must be strings or integers")
                    );
                }
            };
            crate::dict::set(vm, d, key, v)?;
        }
        return Ok(d);
    }
    let (x, y) = (must_be_str(vm, args[0])?, must_be_str(vm, args[1])?);
    if char_len(x) != char_len(y) {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (a, b) in code_points(x).zip(code_points(y)) {
        crate::dict::set(vm, d, int::new(vm, a as i64), int::new(vm, b as i64))?;
    }
    if let Some(&z) = args.get(2) {
        for c in code_points(must_be_str(vm, z)?) {
            crate::dict::set(vm, d, int::new(vm, c as i64), vm.world().none)?;
        }
    }
    Ok(d)
}
fn expand_tabs(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [s, size] = crate::call::parse(vm, "expandtabs", args, kw, ["", "tabsize"], 1, 2)?;
    let size = if size.is_null() {
        8
    } else {
        int::to_i64(vm, size)?
    };
    let (mut out, mut column) = (Vec::new(), 0i64);
    for c in CodePoints(bytes(s)) {
        match c {
            9 => {
                let n = if size > 0 { size - column % size } else { 0 };
                crate::error::check_room(vm, out.len() + n as usize)?;
                out.extend(std::iter::repeat_n(b' ', n as usize));
                column += n;
            }
            _ => {
                super::push_code_point(&mut out, c);
                column = if c == 10 || c == 13 { 0 } else { column + 1 };
            }
        }
    }
    Ok(from_wtf8(vm, &out))
}
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    fn1("__repr__", |vm, s| Ok(super::repr::repr(vm, s))),
    fn1("__str__", |_, s| Ok(s)),
    fn1("__hash__", |vm, s| Ok(int::new(vm, super::hash(vm, s)))),
    fn1("__len__", |vm, s| Ok(int::new(vm, char_len(s) as i64))),
    fn2("__add__", |vm, a, b| match as_str(b) {
        Some(b) => super::concat(vm, a, b),
        None => Ok(vm.world().not_implemented),
    }),
    fn2("__mul__", repeat),
    fn2("__rmul__", repeat),
    fn2("__mod__", super::percent::percent),
    fn2("__rmod__", |vm, a, b| match as_str(b) {
        Some(b) => super::percent::percent(vm, b, a),
        None => Ok(vm.world().not_implemented),
    }),
    fn2("__getitem__", get_item),
    fn2("__contains__", |vm, s, n| {
        let n = want(vm, n, |got| {
            format!("'in <string>' requires string as left operand, not {got}")
        })?;
        bool(vm, search::find(bytes(s), bytes(n), 0).is_some())
    }),
    fn1("__iter__", |vm, s| crate::operator::iter(vm, s)),
    fn2("__eq__", |vm, a, b| compare(vm, CmpOp::Eq, a, b)),
    fn2("__ne__", |vm, a, b| compare(vm, CmpOp::Ne, a, b)),
    fn2("__lt__", |vm, a, b| compare(vm, CmpOp::Lt, a, b)),
    fn2("__le__", |vm, a, b| compare(vm, CmpOp::Le, a, b)),
    fn2("__gt__", |vm, a, b| compare(vm, CmpOp::Gt, a, b)),
    fn2("__ge__", |vm, a, b| compare(vm, CmpOp::Ge, a, b)),
    fn2("__format__", |vm, s, spec| {
        match super::spec::is_empty(spec) {
            true => crate::operator::str_of(vm, s),
            false => super::spec::format_str(vm, s, spec),
        }
    })
    .keep_self(),
    fn1("__getnewargs__", |vm, s| Ok(crate::tuple::new(vm, &[s]))),
    fn1("__sizeof__", |vm, s| {
        Ok(int::new(vm, 49 + bytes(s).len() as i64))
    }),
    kw("format", super::format::format_method),
    fn2("format_map", |vm, s, m| super::format::format_map(vm, s, m)),
    fn2("join", join).inline(crate::builtin::Inline::Consume(
        crate::consumers::Consumer::Join,
    )),
    kw("split", |vm, a, k| split(vm, a, k, false)),
    kw("rsplit", |vm, a, k| split(vm, a, k, true)),
    kw("splitlines", split_lines),
    fn2("partition", |vm, s, p| partition(vm, s, p, false)),
    fn2("rpartition", |vm, s, p| partition(vm, s, p, true)),
    var("find", 2, 4, |vm, a| find(vm, a, false)),
    var("rfind", 2, 4, |vm, a| find(vm, a, true)),
    var("index", 2, 4, |vm, a| index(vm, a, false)),
    var("rindex", 2, 4, |vm, a| index(vm, a, true)),
    var("count", 2, 4, |vm, args| {
        let n = must_be_str(vm, args[1])?;
        let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
        let (start, end) = range(vm, at(2), at(3), char_len(args[0]))?;
        if start > end || start > char_len(args[0]) {
            return Ok(int::new(vm, 0));
        }
        let part = super::substring(vm, args[0], start, end);
        Ok(int::new(
            vm,
            search::count(bytes(part), bytes(n), char_len(part)) as i64,
        ))
    }),
    var("startswith", 2, 4, |vm, a| {
        affix(vm, a, "startswith", |s, p| s.starts_with(p))
    }),
    var("endswith", 2, 4, |vm, a| {
        affix(vm, a, "endswith", |s, p| s.ends_with(p))
    }),
    var("replace", 3, 4, replace),
    fn2("strip", |vm, s, c| strip_by(vm, s, c, true, true, "strip")).opt(1),
    fn2("lstrip", |vm, s, c| {
        strip_by(vm, s, c, true, false, "lstrip")
    })
    .opt(1),
    fn2("rstrip", |vm, s, c| {
        strip_by(vm, s, c, false, true, "rstrip")
    })
    .opt(1),
    fn2("removeprefix", |vm, s, p| {
        let p = want(vm, p, |got| {
            format!("removeprefix() argument must be str, not {got}")
        })?;
        Ok(bytes(s)
            .strip_prefix(bytes(p))
            .filter(|_| !bytes(p).is_empty())
            .map_or(s, |rest| from_wtf8(vm, rest)))
    }),
    fn2("removesuffix", |vm, s, p| {
        let p = want(vm, p, |got| {
            format!("removesuffix() argument must be str, not {got}")
        })?;
        Ok(bytes(s)
            .strip_suffix(bytes(p))
            .filter(|_| !bytes(p).is_empty())
            .map_or(s, |rest| from_wtf8(vm, rest)))
    }),
    fn1("lower", |vm, s| cased(vm, s, Case::Lower)),
    fn1("upper", |vm, s| cased(vm, s, Case::Upper)),
    fn1("casefold", |vm, s| cased(vm, s, Case::Fold)),
    fn1("swapcase", |vm, s| cased(vm, s, Case::Swap)),
    fn1("title", |vm, s| cased(vm, s, Case::Title)),
    fn1("capitalize", |vm, s| cased(vm, s, Case::Capitalize)),
    fn3("ljust", |vm, s, w, f| pad(vm, s, w, f, |_, _| 0)).opt(2),
    fn3("rjust", |vm, s, w, f| pad(vm, s, w, f, |n, _| n)).opt(2),
    fn3("center", |vm, s, w, f| {
        pad(vm, s, w, f, |n, width| n / 2 + (n & width as usize & 1))
    })
    .opt(2),
    fn2("zfill", |vm, s, w| {
        let b = bytes(s);
        let sign = usize::from(matches!(b.first(), Some(b'+' | b'-')));
        let missing = int::to_argument(vm, w)? - char_len(s) as i64;
        if missing <= 0 {
            return Ok(s);
        }
        crate::error::check_room(vm, missing as usize)?;
        let out = [&b[..sign], &vec![b'0'; missing as usize], &b[sign..]].concat();
        Ok(from_wtf8(vm, &out))
    }),
    kw("expandtabs", expand_tabs),
    kw("encode", |vm, args, kw| {
        let [s, encoding, errors] =
            crate::call::parse(vm, "encode", args, kw, ["", "encoding", "errors"], 1, 3)?;
        crate::codec::encode_object(vm, s, encoding, errors)
    })
    // Codecs and handlers of errors may be the guest's.
    .quiet(crate::builtin::Quiet::No)
    .inline(crate::builtin::Inline::StrEncode),
    fn2("translate", translate),
    var("maketrans", 1, 3, make_trans).static_method(),
    of_kind(
        "isalpha",
        |vm, s| bool(vm, CharKind::Alpha.all(s)),
        CharKind::Alpha,
    ),
    of_kind(
        "isalnum",
        |vm, s| bool(vm, CharKind::Alnum.all(s)),
        CharKind::Alnum,
    ),
    of_kind(
        "isdecimal",
        |vm, s| bool(vm, CharKind::Decimal.all(s)),
        CharKind::Decimal,
    ),
    of_kind(
        "isdigit",
        |vm, s| bool(vm, CharKind::Digit.all(s)),
        CharKind::Digit,
    ),
    of_kind(
        "isnumeric",
        |vm, s| bool(vm, CharKind::Numeric.all(s)),
        CharKind::Numeric,
    ),
    of_kind(
        "isspace",
        |vm, s| bool(vm, CharKind::Space.all(s)),
        CharKind::Space,
    ),
    fn1("isprintable", |vm, s| {
        bool(vm, code_points(s).all(unicode::is_printable))
    }),
    fn1("isascii", |vm, s| bool(vm, super::is_ascii(s))),
    fn1("isupper", |vm, s| {
        bool(vm, super::case::is_all(bytes(s), true))
    }),
    fn1("islower", |vm, s| {
        bool(vm, super::case::is_all(bytes(s), false))
    }),
    fn1("istitle", |vm, s| bool(vm, super::case::is_title(bytes(s)))),
    fn1("isidentifier", |vm, s| {
        bool(vm, super::utf8(s).is_some_and(is_identifier))
    }),
];
pub(crate) fn boot(vm: &'static Vm) {
    add_members(vm, vm.world().classes.str_, METHODS, &[]);
}
