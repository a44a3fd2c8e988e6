//! Literals whose value the parser does not keep exactly: strings with lone surrogates, and big ints.

/// Body of a string literal (between the quotes, not raw) as WTF-8. The parser has checked the escapes already.
/// `braces`: `{{` and `}}` stand for one brace (text of an f-string).
pub fn decode_string(body: &str, braces: bool) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        let code = match c {
            '\\' => match chars.next() {
                Some('\n') | None => continue,
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                    continue;
                }
                Some('n') => 10,
                Some('t') => 9,
                Some('r') => 13,
                Some('a') => 7,
                Some('b') => 8,
                Some('f') => 12,
                Some('v') => 11,
                Some(q @ ('\\' | '\'' | '"')) => q as u32,
                Some('x') => hex(&mut chars, 2),
                Some('u') => hex(&mut chars, 4),
                Some('U') => hex(&mut chars, 8),
                Some('N') if chars.peek() == Some(&'{') => {
                    let name: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    named_character(&name)
                }
                Some(digit @ '0'..='7') => {
                    let mut value = digit as u32 - '0' as u32;
                    for _ in 0..2 {
                        let Some(d) = chars.next_if(|c| matches!(c, '0'..='7')) else {
                            break;
                        };
                        value = value * 8 + (d as u32 - '0' as u32);
                    }
                    value
                }
                Some(other) => {
                    out.push(b'\\');
                    other as u32
                }
            },
            '\r' => {
                chars.next_if_eq(&'\n');
                10
            }
            '{' | '}' if braces => {
                chars.next_if_eq(&c);
                c as u32
            }
            c => c as u32,
        };
        push_wtf8(&mut out, code);
    }
    out
}

/// Appends a code point, surrogates included, in generalized UTF-8.
pub fn push_wtf8(out: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(c) => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([
            0xE0 | (code >> 12) as u8 & 0x0F,
            0x80 | (code >> 6) as u8 & 0x3F,
            0x80 | code as u8 & 0x3F,
        ]),
    }
}

fn hex(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) -> u32 {
    let mut value = 0;
    for _ in 0..digits {
        value = value * 16 + chars.next().and_then(|c| c.to_digit(16)).unwrap_or(0);
    }
    value
}

/// The parser knows the names of characters; it is asked through a literal of its own.
fn named_character(name: &str) -> u32 {
    let source = format!("'\\N{{{name}}}'");
    match crate::parse::string_value(&source) {
        Some(text) => text.chars().next().map_or(0xFFFD, |c| c as u32),
        None => 0xFFFD,
    }
}

/// The value of an int literal (`0x`, `0o`, `0b` or decimal, with underscores): hexadecimal digits.
pub fn int_to_hex(literal: &str) -> String {
    let text: String = literal.chars().filter(|c| *c != '_').collect();
    let (digits, radix) = match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => return text[2..].trim_start_matches('0').to_ascii_lowercase(),
        Some("0o") => (&text[2..], 8u32),
        Some("0b") => (&text[2..], 2),
        _ => (&text[..], 10),
    };
    // Little-endian limbs of 32 bits; several digits are taken at once.
    let per_step = match radix {
        10 => 9,
        8 => 10,
        _ => 31,
    };
    let mut limbs: Vec<u32> = Vec::new();
    for chunk in digits.as_bytes().chunks(per_step) {
        let mut value = 0u64;
        let mut scale = 1u64;
        for d in chunk {
            value = value * u64::from(radix) + u64::from(d - b'0');
            scale *= u64::from(radix);
        }
        let mut carry = value;
        for limb in &mut limbs {
            let wide = u64::from(*limb) * scale + carry;
            *limb = wide as u32;
            carry = wide >> 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let mut out = String::new();
    for (i, limb) in limbs.iter().rev().enumerate() {
        if i == 0 {
            out.push_str(&format!("{limb:x}"));
        } else {
            out.push_str(&format!("{limb:08x}"));
        }
    }
    out
}
