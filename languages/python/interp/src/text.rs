//! Strs without a call: characters of ASCII strs, each one of the shared strs of one character, comparing for equality,
//! and what kind of character a str of one is.

use crate::items::position;
use crate::prelude::*;
use ouro_py_objects::str::kinds::CharKind;

/// The str of one character with this code, which is below 256.
#[inline(always)]
pub fn character<M: PyMachine>(p: &Probe<M>, code: M::Int) -> M::Ref {
    let table = R::<M, WTuple>::assume(p.konst(p.vm().world().characters));
    p.item(table, WTuple::ITEMS, code)
}
/// `chr(x)` of a character that is shared.
pub fn chr<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    let code = p.get(p.cast::<WInt>(x)?, WInt::VALUE);
    p.in_bounds(code, p.const_int(256))
        .then(|| character(p, code))
}
/// Whether characters and bytes are the same.
#[inline(always)]
pub fn is_ascii<M: PyMachine>(p: &Probe<M>, s: R<M, WStr>) -> bool {
    p.guard(p.int_cmp(IntCmp::Eq, p.get(s, WStr::CHARS), p.get(s, WStr::LEN)))
}
/// `s[index]` of an ASCII str that has this item.
pub fn item<M: PyMachine>(p: &Probe<M>, s: R<M, WStr>, index: M::Int) -> Option<M::Ref> {
    let n = position(p, index, p.get(s, WStr::LEN))?;
    is_ascii(p, s).then(|| ascii(p, p.item(s, WStr::ITEMS, n)))
}
/// The str of one ASCII character: a trace knows what is in it.
pub fn ascii<M: PyMachine>(p: &Probe<M>, code: M::Int) -> M::Ref {
    let s = character(p, code);
    if let Some(s) = p.cast::<WStr>(s) {
        let one = p.const_int(1);
        p.know(s, WStr::LEN, one);
        p.know(s, WStr::CHARS, one);
        p.know_item(s, WStr::ITEMS, 0, code);
    }
    s
}
/// The only byte of a str of one.
fn only_byte<M: PyMachine>(p: &Probe<M>, s: R<M, WStr>) -> Option<M::Int> {
    let one = p.guard(p.int_cmp(IntCmp::Eq, p.get(s, WStr::LEN), p.const_int(1)));
    one.then(|| p.item(s, WStr::ITEMS, p.const_int(0)))
}
/// `x == y` for two strs; None for other objects. `literal`: what `y` is, if the instruction holds it.
pub fn equal<M: PyMachine>(
    p: &Probe<M>,
    x: M::Ref,
    y: M::Ref,
    literal: Option<Gc>,
) -> Option<bool> {
    let s = p.cast::<WStr>(x)?;
    p.cast::<WStr>(y)?;
    // Two comparisons of numbers are less than a call, and say what the character is to those that follow.
    if let Some(&[byte]) = literal.map(ouro_py_objects::str::bytes) {
        let Some(own) = only_byte(p, s) else {
            return Some(false);
        };
        let byte = p.const_int(i64::from(byte));
        return Some(p.guard(p.int_cmp(IntCmp::Eq, own, byte)));
    }
    let same = p.call_int(&residuals::STR_EQUAL, [p.word_ref(x), p.word_ref(y)]);
    Some(p.guard(p.int_cmp(IntCmp::Ne, same, p.const_int(0))))
}
/// Whether all characters of a str are of a kind, and there is one.
pub fn all_of_kind<M: PyMachine>(p: &Probe<M>, x: M::Ref, kind: CharKind) -> Option<bool> {
    let s = p.cast::<WStr>(x)?;
    let kinds = match only_byte(p, s) {
        Some(byte) => {
            let table = R::<M, WBytes>::assume(p.konst(p.vm().world().char_kinds));
            let kinds = p.item(table, WBytes::ITEMS, byte);
            p.int_op(IntOp::And, kinds, p.const_int(kind.bit()))
        }
        None => {
            let words = [p.word_ref(x), p.word_int(p.const_int(kind as i64))];
            p.call_int(&residuals::STR_OF_KIND, words)
        }
    };
    Some(p.guard(p.int_cmp(IntCmp::Ne, kinds, p.const_int(0))))
}
/// `s.encode()` to UTF-8 of an ASCII str, in which no handler of errors has anything to do.
pub fn encode<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32, argc: u32) -> Flow<M> {
    let is_utf8 = |name: Gc| {
        name.is::<WStr>() && matches!(ouro_py_objects::str::bytes(name), b"utf-8" | b"utf8")
    };
    let known = argc < 2 || p.literal(p.reg(first + 1)).is_some_and(is_utf8);
    if known
        && (argc < 3 || p.type_id(p.reg(first + 2)) == WStr::TYPE_ID)
        && let Some(s) = p.cast::<WStr>(p.reg(first))
        && is_ascii(&p, s)
    {
        let words = [p.word_ref(s.raw)];
        return p.commit().call_store(&residuals::ASCII_BYTES, words);
    }
    crate::calls::residual(p, i)
}
