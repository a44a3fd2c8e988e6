//! `repr(str)` and `ascii()`.

use super::{code_points, unicode};
use crate::Vm;
use ouro_gc::Gc;

/// Appends the escape of a character that cannot be shown.
pub fn push_escape(out: &mut String, c: u32) {
    *out += &match c {
        0..=0xff => format!("\\x{c:02x}"),
        0..=0xffff => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    };
}
/// `repr(s)` in Rust.
pub fn text(s: Gc, ascii_only: bool) -> String {
    let b = super::bytes(s);
    let quote = if b.contains(&b'\'') && !b.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(b.len() + 2);
    out.push(quote);
    for c in code_points(s) {
        match char::from_u32(c) {
            Some('\n') => out += "\\n",
            Some('\r') => out += "\\r",
            Some('\t') => out += "\\t",
            Some('\\') => out += "\\\\",
            Some(k) if k == quote => {
                out.push('\\');
                out.push(k);
            }
            Some(k) if c < 128 && (32..127).contains(&c) => out.push(k),
            Some(k) if c >= 128 && !ascii_only && unicode::is_printable(c) => out.push(k),
            _ => push_escape(&mut out, c),
        }
    }
    out.push(quote);
    out
}
/// `repr(s)`
pub fn repr(vm: &'static Vm, s: Gc) -> Gc {
    super::new(vm, &text(s, false))
}
