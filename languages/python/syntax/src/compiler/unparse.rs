//! Text of an expression, as `from __future__ import annotations` keeps it.

use super::*;

/// The text of `e`.
pub(super) fn unparse(e: &Expr, source: &str) -> String {
    source[e.range()].to_string()
}
