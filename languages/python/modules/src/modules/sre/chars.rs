//! Characters as regular expressions see them: case and categories.

use ouro_py_objects::str::unicode;

/// Lower case of an ASCII letter.
#[inline]
pub fn ascii_lower(c: u32) -> u32 {
    if (65..=90).contains(&c) { c + 32 } else { c }
}
/// Simple lower case.
#[inline]
pub fn lower(c: u32) -> u32 {
    if c < 128 {
        return ascii_lower(c);
    }
    // The only character whose lower case is two is the dotted I: its simple lower case is the first.
    char::from_u32(c)
        .and_then(|c| c.to_lowercase().next())
        .map_or(c, u32::from)
}
/// Simple upper case.
pub fn upper(c: u32) -> u32 {
    let Some(ch) = char::from_u32(c) else {
        return c;
    };
    let mut all = ch.to_uppercase();
    match (all.next(), all.next()) {
        (Some(one), None) => u32::from(one),
        _ => c,
    }
}
/// A character of a word, by Unicode.
#[inline]
pub fn is_word(c: u32) -> bool {
    match c < 128 {
        true => is_ascii_word(c),
        false => {
            unicode::is_alpha(c)
                || unicode::is_decimal(c)
                || unicode::is_digit(c)
                || unicode::is_numeric(c)
        }
    }
}
/// A character of a word, by ASCII.
#[inline]
pub fn is_ascii_word(c: u32) -> bool {
    u8::try_from(c).is_ok_and(|c| c.is_ascii_alphanumeric() || c == b'_')
}
fn is_ascii_space(c: u32) -> bool {
    matches!(c, 9..=13 | 32)
}
/// Whether a character is in the category with this number in `re._constants`.
pub fn in_category(which: u32, c: u32) -> bool {
    let positive = match which & !1 {
        0 => (48..=57).contains(&c),
        2 => is_ascii_space(c),
        4 | 8 => is_ascii_word(c),
        6 => c == 10,
        10 => unicode::is_decimal(c),
        12 => unicode::is_space(c),
        14 => is_word(c),
        _ => matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029),
    };
    positive != (which & 1 == 1)
}
