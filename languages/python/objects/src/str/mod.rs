//! str: construction, content, hash, equality, indexing. Methods are in the sub-modules.
//!
//! The content is WTF-8: UTF-8 in which lone surrogates are three-byte sequences. Substring search, splitting and
//! comparing work on bytes, because WTF-8 is self-synchronising and orders like code points.

pub mod case;
mod digits;
pub mod format;
pub mod index;
pub mod kinds;
pub mod methods;
pub mod percent;
pub mod repr;
pub mod search;
pub mod spec;
pub mod unicode;

use crate::access::{Access, alloc_var, try_alloc_var};
use crate::layout::*;
use crate::{Name, PyResult, Vm};
use ahash::RandomState;
use ouro_gc::Gc;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hasher;

/// A str with this content.
pub fn new(vm: &'static Vm, text: &str) -> Gc {
    from_wtf8(vm, text.as_bytes())
}
/// A str with this content, which is WTF-8.
pub fn from_wtf8(vm: &'static Vm, bytes: &[u8]) -> Gc {
    if vm.has_world() {
        match bytes {
            [] => return vm.world().empty_str,
            &[c] if c < 128 => return vm.world().latin1[c as usize],
            _ => {}
        }
    }
    with_chars(vm, bytes, count_chars(bytes))
}
/// As [`from_wtf8`] for ASCII, with the text's hash if the caller knows it, otherwise 0.
pub fn from_ascii(vm: &'static Vm, bytes: &[u8], hash: i64) -> Gc {
    match bytes {
        [] => vm.world().empty_str,
        &[c] => vm.world().latin1[c as usize],
        _ => with_chars(vm, bytes, bytes.len()).init(WStr::HASH, hash),
    }
}
fn with_chars(vm: &'static Vm, bytes: &[u8], chars: usize) -> Gc {
    let s = alloc_var::<WStr>(vm, bytes.len());
    s.init(WStr::CHARS, chars as i64);
    s.items_mut(&STR).copy_from_slice(bytes);
    s
}
/// A str of `len` bytes that `fill` writes.
///
/// # Errors
/// MemoryError.
pub fn build(vm: &'static Vm, len: usize, fill: impl FnOnce(&mut [u8])) -> PyResult {
    let s = build_counted(vm, len, 0, fill)?;
    if len > 0 {
        s.init(WStr::CHARS, count_chars(s.items(&STR)) as i64);
    }
    Ok(s)
}
/// As [`build`] for a caller who knows the number of characters.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn build_counted(
    vm: &'static Vm,
    len: usize,
    chars: usize,
    fill: impl FnOnce(&mut [u8]),
) -> PyResult {
    if len == 0 {
        return Ok(vm.world().empty_str);
    }
    let s = try_alloc_var::<WStr>(vm, len)?;
    fill(s.items_mut(&STR));
    s.init(WStr::CHARS, chars as i64);
    Ok(s)
}
/// A str of one character (a surrogate is possible).
pub fn from_code_point(vm: &'static Vm, c: u32) -> Gc {
    if c < 256 {
        return vm.world().latin1[c as usize];
    }
    let mut buffer = Vec::with_capacity(4);
    push_code_point(&mut buffer, c);
    with_chars(vm, &buffer, 1)
}
/// Appends a code point as WTF-8. A low surrogate after a high one in the buffer stays apart, as in CPython.
pub fn push_code_point(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(&[
            0xe0 | (c >> 12) as u8,
            0x80 | (c >> 6 & 63) as u8,
            0x80 | (c & 63) as u8,
        ]),
    }
}
/// The number of code points.
pub fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count()
}
/// The content. Not to be kept over a safepoint.
#[inline]
pub fn bytes<'a>(s: Gc) -> &'a [u8] {
    s.items(&STR)
}
/// The content as Rust text; lone surrogates become U+FFFD.
pub fn to_text(s: Gc) -> String {
    String::from_utf8_lossy(bytes(s)).into_owned()
}
/// The content if it is valid UTF-8.
pub fn utf8<'a>(s: Gc) -> Option<&'a str> {
    std::str::from_utf8(bytes(s)).ok()
}
/// Number of characters.
#[inline]
pub fn char_len(s: Gc) -> usize {
    s.get(WStr::CHARS) as usize
}
/// Whether all characters are ASCII.
#[inline]
pub fn is_ascii(s: Gc) -> bool {
    s.get(WStr::CHARS) == s.get(WStr::LEN)
}
/// The exact str below a str or an instance of a subclass.
#[inline]
pub fn as_str(object: Gc) -> Option<Gc> {
    let object = crate::payload(object);
    object.is::<WStr>().then_some(object)
}
/// Equal content.
#[inline]
pub fn same(a: Gc, b: Gc) -> bool {
    a == b || bytes(a) == bytes(b)
}
/// Decodes WTF-8 into code points.
pub struct CodePoints<'a>(pub &'a [u8]);
impl Iterator for CodePoints<'_> {
    type Item = u32;
    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (c, len) = decode(self.0)?;
        self.0 = &self.0[len..];
        Some(c)
    }
}
impl DoubleEndedIterator for CodePoints<'_> {
    fn next_back(&mut self) -> Option<u32> {
        let start = (0..self.0.len())
            .rev()
            .find(|&i| self.0[i] & 0xc0 != 0x80)?;
        let (c, _) = decode(&self.0[start..])?;
        self.0 = &self.0[..start];
        Some(c)
    }
}
/// The first code point and its length in bytes.
#[inline]
pub fn decode(b: &[u8]) -> Option<(u32, usize)> {
    let first = *b.first()? as u32;
    let at = |i: usize| b.get(i).map_or(0, |&x| x as u32 & 63);
    Some(match first {
        0..=0x7f => (first, 1),
        0..=0xdf => ((first & 31) << 6 | at(1), 2),
        0..=0xef => ((first & 15) << 12 | at(1) << 6 | at(2), 3),
        _ => ((first & 7) << 18 | at(1) << 12 | at(2) << 6 | at(3), 4),
    })
}
/// The code points of a str.
pub fn code_points<'a>(s: Gc) -> CodePoints<'a> {
    CodePoints(bytes(s))
}
/// The only code point of a str of length 1.
pub fn single(s: Gc) -> Option<u32> {
    (char_len(s) == 1).then(|| decode(bytes(s)).map_or(0, |d| d.0))
}
/// The characters `start..stop`.
pub fn substring(vm: &'static Vm, s: Gc, start: usize, stop: usize) -> Gc {
    let b = bytes(s);
    if start >= stop {
        return vm.world().empty_str;
    }
    if start == 0 && stop >= char_len(s) {
        return s;
    }
    let (from, to) = index::range_of(vm, s, start, stop);
    match to - from > 1 {
        // The number of characters is known.
        true => with_chars(vm, &b[from..to], stop.min(char_len(s)) - start),
        false => from_wtf8(vm, &b[from..to]),
    }
}
/// Character `index`, which is below the length.
pub fn char_at(vm: &'static Vm, s: Gc, index: usize) -> Gc {
    let b = bytes(s);
    if is_ascii(s) {
        return vm.world().latin1[b[index] as usize];
    }
    let at = index::offset_of(vm, s, index);
    from_code_point(vm, decode(&b[at..]).map_or(0, |d| d.0))
}
/// The concatenation.
///
/// # Errors
/// MemoryError.
pub fn concat(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let (x, y) = (bytes(a), bytes(b));
    if x.is_empty() {
        return Ok(b);
    }
    if y.is_empty() {
        return Ok(a);
    }
    let s = try_alloc_var::<WStr>(vm, x.len() + y.len())?;
    let (left, right) = s.items_mut(&STR).split_at_mut(x.len());
    left.copy_from_slice(x);
    right.copy_from_slice(y);
    s.init(WStr::CHARS, a.get(WStr::CHARS) + b.get(WStr::CHARS));
    Ok(s)
}
/// SipHash-1-3 as CPython computes it for str and bytes; never 0 for content, never -1.
pub fn hash_bytes(vm: &Vm, b: &[u8]) -> i64 {
    if b.is_empty() {
        return 0;
    }
    let (k0, k1) = vm.world().hash_key.get();
    let mut hasher = siphasher::sip::SipHasher13::new_with_keys(k0, k1);
    hasher.write(b);
    match hasher.finish() as i64 {
        -1 => -2,
        0 => 1,
        h => h,
    }
}
/// The hash, computed once.
#[inline]
pub fn hash(vm: &'static Vm, s: Gc) -> i64 {
    match s.get(WStr::HASH) {
        0 => {
            let h = hash_bytes(vm, bytes(s));
            s.set(vm, WStr::HASH, h);
            crate::table::tell_twin(vm, s);
            h
        }
        h => h,
    }
}

pub(crate) fn intern_in(
    vm: &'static Vm,
    table: &RefCell<HashMap<Box<[u8]>, Name, RandomState>>,
    b: &[u8],
) -> Name {
    if let Some(&name) = table.borrow().get(b) {
        return name;
    }
    let name = crate::immortal::variable::<WStr>(vm, b.len());
    name.init(WStr::CHARS, count_chars(b) as i64);
    name.items_mut(&STR).copy_from_slice(b);
    table.borrow_mut().insert(b.into(), name);
    name
}
/// The interned str with this content.
pub fn intern(vm: &'static Vm, text: &str) -> Name {
    intern_in(vm, &vm.world().interned, text.as_bytes())
}
/// The interned str equal to the exact str `s`.
pub fn intern_gc(vm: &'static Vm, s: Gc) -> Name {
    if s.header().state() & ouro_gc::state_bits::IMMORTAL != 0 {
        // Every immortal str is interned.
        return s;
    }
    intern_in(vm, &vm.world().interned, bytes(s))
}
/// Whether an object is an interned str. Other equal strs are not.
pub fn is_name(x: Gc) -> bool {
    x.is::<WStr>() && x.header().state() & ouro_gc::state_bits::IMMORTAL != 0
}
/// The interned str equal to `s`, if there is one: a name that was never interned is no attribute of anything.
pub fn interned(vm: &'static Vm, s: Gc) -> Option<Name> {
    if s.header().state() & ouro_gc::state_bits::IMMORTAL != 0 {
        return Some(s);
    }
    vm.world().interned.borrow().get(bytes(s)).copied()
}
