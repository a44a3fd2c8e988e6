//! Upper, lower, title and folded case.

use super::{CodePoints, push_code_point, unicode};

/// How a string is cased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// `lower`
    Lower,
    /// `upper`
    Upper,
    /// `casefold`
    Fold,
    /// `swapcase`
    Swap,
    /// `title`
    Title,
    /// `capitalize`
    Capitalize,
}
fn upper(out: &mut Vec<u8>, c: char) {
    c.to_uppercase()
        .for_each(|u| push_code_point(out, u as u32));
}
fn lower(out: &mut Vec<u8>, text: &[u32], i: usize, c: char) {
    if c == 'Σ' {
        return push_code_point(out, final_sigma(text, i) as u32);
    }
    c.to_lowercase()
        .for_each(|l| push_code_point(out, l as u32));
}
fn final_sigma(text: &[u32], i: usize) -> char {
    let cased = |&c: &u32| char::from_u32(c).is_some_and(is_cased);
    let ignorable = |c: &&u32| unicode::is_case_ignorable(**c);
    let before = text[..i]
        .iter()
        .rev()
        .find(|c| !ignorable(c))
        .is_some_and(cased);
    let after = text[i + 1..]
        .iter()
        .find(|c| !ignorable(c))
        .is_some_and(cased);
    if before && !after { 'ς' } else { 'σ' }
}
fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || unicode::is_title(c as u32)
}
/// The title case of a character: its upper case but for digraphs and ligatures.
fn title(out: &mut Vec<u8>, c: char) {
    let single = match c as u32 {
        0x1c4..=0x1c6 => 0x1c5,
        0x1c7..=0x1c9 => 0x1c8,
        0x1ca..=0x1cc => 0x1cb,
        0x1f1..=0x1f3 => 0x1f2,
        0x10d0..=0x10fa | 0x10fd..=0x10ff => c as u32,
        0x1f80..=0x1fff if unicode::is_title(c as u32) => c as u32,
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => c as u32 + 8,
        0x1fb3 | 0x1fc3 | 0x1ff3 => c as u32 + 9,
        _ => 0,
    };
    if single != 0 {
        return push_code_point(out, single);
    }
    let mut mapped = c.to_uppercase();
    if let Some(first) = mapped.next() {
        push_code_point(out, first as u32);
    }
    mapped.for_each(|u| {
        u.to_lowercase()
            .for_each(|l| push_code_point(out, l as u32))
    });
}
/// The text in another case.
pub fn convert(b: &[u8], case: Case) -> Vec<u8> {
    if b.is_ascii() {
        match case {
            Case::Lower | Case::Fold => return b.to_ascii_lowercase(),
            Case::Upper => return b.to_ascii_uppercase(),
            _ => {}
        }
    }
    let text: Vec<u32> = CodePoints(b).collect();
    let mut out = Vec::with_capacity(b.len());
    let mut in_word = false;
    for (i, &code) in text.iter().enumerate() {
        let Some(c) = char::from_u32(code) else {
            push_code_point(&mut out, code);
            in_word = false;
            continue;
        };
        match case {
            Case::Lower => lower(&mut out, &text, i, c),
            Case::Upper => upper(&mut out, c),
            Case::Fold => fold(&mut out, c),
            Case::Swap if c.is_uppercase() => lower(&mut out, &text, i, c),
            Case::Swap if c.is_lowercase() => upper(&mut out, c),
            Case::Swap => push_code_point(&mut out, code),
            Case::Title if in_word => lower(&mut out, &text, i, c),
            Case::Capitalize if i > 0 => lower(&mut out, &text, i, c),
            Case::Title | Case::Capitalize => title(&mut out, c),
        }
        in_word = is_cased(c);
    }
    out
}
fn fold(out: &mut Vec<u8>, c: char) {
    match c {
        'ß' => out.extend_from_slice(b"ss"),
        'ẞ' => out.extend_from_slice(b"ss"),
        'ς' => push_code_point(out, 'σ' as u32),
        'ſ' => out.push(b's'),
        'µ' => push_code_point(out, 'μ' as u32),
        // Full case folding is the lower case of the upper case for almost all characters.
        'ı' | 'İ' => c
            .to_lowercase()
            .for_each(|l| push_code_point(out, l as u32)),
        _ => {
            let upper: Vec<char> = c.to_uppercase().collect();
            match upper.as_slice() {
                [one] if one.is_ascii() && !c.is_ascii() => push_code_point(out, c as u32),
                many => many
                    .iter()
                    .flat_map(|u| u.to_lowercase())
                    .for_each(|l| push_code_point(out, l as u32)),
            }
        }
    }
}
/// `istitle`
pub fn is_title(b: &[u8]) -> bool {
    let (mut any, mut previous) = (false, false);
    for code in CodePoints(b) {
        let Some(c) = char::from_u32(code) else {
            previous = false;
            continue;
        };
        if c.is_uppercase() || unicode::is_title(code) {
            if previous {
                return false;
            }
            (any, previous) = (true, true);
        } else if c.is_lowercase() {
            if !previous {
                return false;
            }
            any = true;
        } else {
            previous = false;
        }
    }
    any
}
/// `isupper` or `islower`: there are cased characters, and all are of this case.
pub fn is_all(b: &[u8], upper: bool) -> bool {
    let mut any = false;
    for code in CodePoints(b) {
        let Some(c) = char::from_u32(code) else {
            continue;
        };
        if unicode::is_title(code)
            || (if upper {
                c.is_lowercase()
            } else {
                c.is_uppercase()
            })
        {
            return false;
        }
        any |= if upper {
            c.is_uppercase()
        } else {
            c.is_lowercase()
        };
    }
    any
}
