//! What `isalpha` and its sisters ask of a str, as bits of its characters: traces look a character up in a table.

use super::{char_len, code_points, unicode};
use ouro_gc::Gc;

/// A kind of character that has a method of str.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CharKind {
    /// `isalpha`
    Alpha,
    /// `isalnum`
    Alnum,
    /// `isdecimal`
    Decimal,
    /// `isdigit`
    Digit,
    /// `isnumeric`
    Numeric,
    /// `isspace`
    Space,
}
impl CharKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [CharKind; 6] = [
        CharKind::Alpha,
        CharKind::Alnum,
        CharKind::Decimal,
        CharKind::Digit,
        CharKind::Numeric,
        CharKind::Space,
    ];
    /// The kind's bit in [`bits`].
    pub const fn bit(self) -> i64 {
        1 << self as u8
    }
    /// Whether a character is of this kind.
    pub fn has(self, c: u32) -> bool {
        match self {
            CharKind::Alpha => unicode::is_alpha(c),
            CharKind::Alnum => unicode::is_alpha(c) || unicode::is_numeric(c),
            CharKind::Decimal => unicode::is_decimal(c),
            CharKind::Digit => unicode::is_digit(c),
            CharKind::Numeric => unicode::is_numeric(c),
            CharKind::Space => unicode::is_space(c),
        }
    }
    /// Whether a str has characters and all of them are of this kind.
    pub fn all(self, s: Gc) -> bool {
        char_len(s) > 0 && code_points(s).all(|c| self.has(c))
    }
}
/// The kinds of an ASCII character, one bit each.
pub(crate) fn bits(c: u8) -> u8 {
    let kinds = CharKind::ALL.iter();
    kinds
        .filter(|kind| kind.has(u32::from(c)))
        .map(|kind| kind.bit() as u8)
        .sum()
}
