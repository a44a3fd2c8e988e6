//! The formats of `PyUnicode_FromFormat` and its like: C's `printf` with objects.

use crate::abi::*;
use crate::api;
use crate::raw;
use crate::varargs::{VaList, next_int, next_pointer, next_word};
use std::ffi::{CStr, c_char};

/// Bytes of a text that lie on the native stack.
const FEW: usize = 120;

/// A text that grows, in generalised UTF-8. Most are short and take no memory.
pub struct Text {
    few: [u8; FEW],
    len: usize,
    /// The whole text once it is longer.
    many: Vec<u8>,
}
impl Text {
    fn new() -> Text {
        Text {
            few: [0; FEW],
            len: 0,
            many: Vec::new(),
        }
    }
    /// What was written.
    pub fn bytes(&self) -> &[u8] {
        match self.many.is_empty() {
            true => &self.few[..self.len],
            false => &self.many,
        }
    }
    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        if self.many.is_empty()
            && let Some(room) = self.few.get_mut(self.len..self.len + bytes.len())
        {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
            return;
        }
        self.spill(bytes);
    }
    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        if self.many.is_empty() {
            self.many.reserve(2 * FEW + bytes.len());
            self.many.extend_from_slice(&self.few[..self.len]);
        }
        self.many.extend_from_slice(bytes);
    }
    fn fill(&mut self, byte: u8, count: usize) {
        (0..count).for_each(|_| self.push(&[byte]));
    }
}

/// What stands between `%` and the letter.
struct How {
    zero: bool,
    width: usize,
    precision: Option<usize>,
    /// The number is as wide as a pointer.
    long: bool,
}
impl How {
    /// Reads it; the second result is where the letter stands.
    #[inline]
    fn read(format: &[u8]) -> (How, usize) {
        let mut how = How {
            zero: false,
            width: 0,
            precision: None,
            long: false,
        };
        let mut at = 0;
        while let Some(&c) = format.get(at).filter(|c| matches!(c, b'0' | b'-')) {
            how.zero |= c == b'0';
            at += 1;
        }
        how.width = decimal(format, &mut at);
        if format.get(at) == Some(&b'.') {
            at += 1;
            how.precision = Some(decimal(format, &mut at));
        }
        while matches!(format.get(at), Some(b'l' | b'z' | b'j' | b't')) {
            how.long = true;
            at += 1;
        }
        (how, at)
    }
    /// A number of base 10 or 16.
    fn number(&self, out: &mut Text, negative: bool, magnitude: u64, digits: &[u8]) {
        let base = digits.len() as u64;
        let mut all = [0; 24];
        let (mut first, mut rest) = (all.len(), magnitude);
        loop {
            first -= 1;
            all[first] = digits[(rest % base) as usize];
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        let all = &all[first..];
        // The precision asks for digits, the width for characters.
        let zeros = self.precision.unwrap_or(0).saturating_sub(all.len());
        let used = zeros + all.len() + negative as usize;
        let padding = self.width.saturating_sub(used);
        if !self.zero {
            out.fill(b' ', padding);
        }
        if negative {
            out.push(b"-");
        }
        out.fill(b'0', if self.zero { zeros + padding } else { zeros });
        out.push(all);
    }
    /// A text in UTF-8, of which at most the precision's number of characters is taken.
    fn text(&self, out: &mut Text, text: &[u8]) {
        if self.width == 0 && self.precision.is_none() {
            return out.push(text);
        }
        let is_first = |&(_, b): &(usize, &u8)| *b & 0xc0 != 0x80;
        let starts = || text.iter().enumerate().filter(is_first);
        let most = self.precision.unwrap_or(usize::MAX);
        let end = starts().nth(most).map_or(text.len(), |(at, _)| at);
        let characters = starts().take(most).count();
        out.fill(b' ', self.width.saturating_sub(characters));
        out.push(&text[..end]);
    }
}
fn decimal(format: &[u8], at: &mut usize) -> usize {
    let mut n = 0usize;
    while let Some(d) = format.get(*at).filter(|c| c.is_ascii_digit()) {
        n = n.saturating_mul(10).saturating_add((d - b'0') as usize);
        *at += 1;
    }
    n
}

const DECIMAL: &[u8] = b"0123456789";
const LOWER: &[u8] = b"0123456789abcdef";
const UPPER: &[u8] = b"0123456789ABCDEF";

inner! {
    fn str_text(how: &How, out: &mut Text, o: Obj) {
        match raw::unicode_is_ascii(o) {
            true => how.text(out, std::slice::from_raw_parts(raw::unicode_data(o), raw::unicode_len(o))),
            false => how.text(out, &raw::unicode_to_wtf8(o)),
        }
    }
    /// Text of C, in which what is no UTF-8 is replaced.
    fn c_text(how: &How, out: &mut Text, text: &[u8]) {
        match text.is_ascii() {
            true => how.text(out, text),
            false => how.text(out, String::from_utf8_lossy(text).as_bytes()),
        }
    }
    fn bounded(p: *const c_char, precision: Option<usize>) -> &'static [u8] {
        match precision {
            // No zero has to follow a text whose length is bounded.
            Some(n) => std::slice::from_raw_parts(p.cast(), libc::strnlen(p, n)),
            None => CStr::from_ptr(p).to_bytes(),
        }
    }
    /// The text that a format says; None: an exception.
    pub fn format(format: *const c_char, list: *mut VaList) -> Option<Text> {
        let mut rest = CStr::from_ptr(format).to_bytes();
        let mut out = Text::new();
        let plain = How { zero: false, width: 0, precision: None, long: false };
        loop {
            let end = rest.iter().position(|&c| c == b'%').unwrap_or(rest.len());
            c_text(&plain, &mut out, &rest[..end]);
            if end == rest.len() { return Some(out) }
            let (how, at) = How::read(&rest[end + 1..]);
            let letter = rest.get(end + 1 + at).copied();
            directive(&how, letter, &mut out, list)?;
            rest = rest.get(end + 2 + at..).unwrap_or_default();
        }
    }
    fn directive(how: &How, letter: Option<u8>, out: &mut Text, list: *mut VaList) -> Option<()> {
        match letter {
            Some(b'd' | b'i') => {
                let v = if how.long { next_word(list) as i64 } else { next_int(list) as i64 };
                how.number(out, v < 0, v.unsigned_abs(), DECIMAL);
            }
            Some(c @ (b'u' | b'x' | b'X')) => {
                let v = if how.long { next_word(list) } else { next_int(list) as u32 as u64 };
                how.number(out, false, v, match c { b'u' => DECIMAL, b'x' => LOWER, _ => UPPER });
            }
            Some(b'c') => {
                let c = char::from_u32(next_int(list) as u32).unwrap_or('\u{fffd}');
                out.push(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(b'p') => {
                out.push(b"0x");
                let plain = How { zero: false, width: 0, precision: None, long: true };
                plain.number(out, false, next_word(list), LOWER);
            }
            Some(b's') => {
                let text = bounded(next_pointer(list).cast(), how.precision);
                c_text(&How { precision: None, ..*how }, out, text);
            }
            Some(b'U') => str_text(how, out, next_pointer(list).cast()),
            Some(b'V') => {
                let (o, p) = (next_pointer(list).cast::<PyObject>(), next_pointer(list).cast::<c_char>());
                match o.is_null() {
                    true => c_text(how, out, if p.is_null() { &[] } else { CStr::from_ptr(p).to_bytes() }),
                    false => str_text(how, out, o),
                }
            }
            Some(c @ (b'S' | b'R' | b'A')) => {
                let o = next_pointer(list).cast::<PyObject>();
                let s = match c { b'S' => api::PyObject_Str(o), b'R' => api::PyObject_Repr(o), _ => api::PyObject_ASCII(o) };
                if s.is_null() { return None }
                str_text(how, out, s);
                raw::decref(s);
            }
            Some(b'%') => out.push(b"%"),
            Some(other) => out.push(&[b'%', other]),
            None => out.push(b"%"),
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(format: &str, negative: bool, magnitude: u64) -> String {
        let (how, at) = How::read(format.as_bytes());
        assert_eq!(at + 1, format.len());
        let mut out = Text::new();
        how.number(&mut out, negative, magnitude, DECIMAL);
        String::from_utf8(out.bytes().to_vec()).expect("digits")
    }

    #[test]
    fn numbers_are_padded_as_c_does_it() {
        assert_eq!(number("d", false, 0), "0");
        assert_eq!(number("ld", true, 1 << 63), "-9223372036854775808");
        assert_eq!(number("5d", true, 42), "  -42");
        assert_eq!(number("05d", true, 42), "-0042");
        assert_eq!(number(".4d", true, 42), "-0042");
        assert_eq!(number("7.4zd", true, 42), "  -0042");
        assert_eq!(number("07.4d", false, 42), "0000042");
    }
    #[test]
    fn texts_are_cut_and_padded_by_characters() {
        for (format, expected) in [
            ("s", "äöüß"),
            (".2s", "äö"),
            ("3.2s", " äö"),
            ("6s", "  äöüß"),
        ] {
            let (how, _) = How::read(format.as_bytes());
            let mut out = Text::new();
            how.text(&mut out, "äöüß".as_bytes());
            assert_eq!(out.bytes(), expected.as_bytes(), "{format}");
        }
    }
    #[test]
    fn long_texts_are_whole() {
        let mut out = Text::new();
        let mut expected = Vec::new();
        for n in 0..200u8 {
            out.push(&[n; 7][..n as usize % 8 % 7]);
            expected.extend_from_slice(&[n; 7][..n as usize % 8 % 7]);
            assert_eq!(out.bytes(), expected);
        }
    }
}
