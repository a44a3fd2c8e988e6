//! Characters of strs that are ASCII, without a call: each is one of the shared strs of one character.

use crate::items::position;
use crate::prelude::*;

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
    is_ascii(p, s).then(|| character(p, p.item(s, WStr::ITEMS, n)))
}
