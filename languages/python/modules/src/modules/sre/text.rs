//! The two kinds of text. Positions are byte offsets at which a character begins, or the end.

use ouro_py_objects::str::decode;

/// How the bytes of a text make characters.
pub trait Text {
    /// Whether a character may have several bytes.
    const WIDE: bool;
    /// The character at `at`, which is below the length, and the position after it.
    fn next(b: &[u8], at: usize) -> (u32, usize);
    /// The position of the character before `at`, which is not 0.
    fn before(b: &[u8], at: usize) -> usize;
    /// The position after the character at `at`.
    #[inline(always)]
    fn after(b: &[u8], at: usize) -> usize {
        Self::next(b, at).1
    }
}
/// One byte is one character: bytes, and str that are ASCII.
pub struct Narrow;
impl Text for Narrow {
    const WIDE: bool = false;
    #[inline(always)]
    fn next(b: &[u8], at: usize) -> (u32, usize) {
        (u32::from(b[at]), at + 1)
    }
    #[inline(always)]
    fn before(_: &[u8], at: usize) -> usize {
        at - 1
    }
}
/// WTF-8.
pub struct Wide;
impl Text for Wide {
    const WIDE: bool = true;
    #[inline(always)]
    fn next(b: &[u8], at: usize) -> (u32, usize) {
        match b[at] {
            c @ 0..128 => (u32::from(c), at + 1),
            _ => decode(&b[at..]).map_or((0, at + 1), |(c, len)| (c, at + len)),
        }
    }
    #[inline(always)]
    fn before(b: &[u8], at: usize) -> usize {
        let mut at = at - 1;
        while at > 0 && b[at] & 0xc0 == 0x80 {
            at -= 1;
        }
        at
    }
}
