//! Which part of a failed expression deserves the carets of a traceback.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

/// The bytes of `segment` that are marked with `^` while the rest gets `~`: the operator of a binary operation, or the
/// brackets of a subscript. None if the segment is anything else.
///
/// As CPython 3.11 does, a parenthesis that opens right after the operator is taken for a part of it.
pub fn anchors(segment: &str) -> Option<std::ops::Range<usize>> {
    let parsed = crate::parse::parse(segment, false);
    if !parsed.errors().is_empty() {
        return None;
    }
    let [Stmt::Expr(statement)] = &parsed.syntax().as_module()?.body[..] else {
        return None;
    };
    match &*statement.value {
        Expr::BinOp(e) => {
            let (from, to) = (
                e.left.range().end().to_usize(),
                e.right.range().start().to_usize(),
            );
            let between = &segment.as_bytes()[from..to];
            let blank = |b: &u8| matches!(b, b' ' | b'\t' | 0x0c);
            let at = between.iter().position(|b| !blank(b) && *b != b')')?;
            let double = between.get(at + 1).is_some_and(|b| !blank(b));
            Some(from + at..from + at + 1 + double as usize)
        }
        Expr::Subscript(e) => {
            let find = |from: usize, bracket: char| segment[from..].find(bracket).map(|i| from + i);
            let open = find(e.value.range().end().to_usize(), '[')?;
            let close = find(e.slice.range().end().to_usize(), ']')?;
            Some(open..close + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::anchors;

    fn marked(segment: &str) -> Option<&str> {
        anchors(segment).map(|r| &segment[r])
    }
    #[test]
    fn operators_and_subscripts_are_found() {
        assert_eq!(marked("a + b"), Some("+"));
        assert_eq!(marked("a//b"), Some("//"));
        assert_eq!(marked("a * b + c * d"), Some("+"));
        assert_eq!(marked("f(x)[1]"), Some("[1]"));
        assert_eq!(marked("a[1][2 + 3]"), Some("[2 + 3]"));
        assert_eq!(marked("(a) + b"), Some("+"));
        assert_eq!(marked("((a))+(b)"), Some("+("));
        assert_eq!(marked("(a) [ (b), ]"), Some("[ (b), ]"));
        assert_eq!(marked("f(a + b)"), None);
        assert_eq!(marked("a < b"), None);
        assert_eq!(marked("return a + b"), None);
        assert_eq!(marked("a +"), None);
        assert_eq!(marked("a; b"), None);
    }
}
