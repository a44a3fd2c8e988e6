//! The parser's errors in CPython's words.

use ruff_python_ast::Expr;
use ruff_source_file::LineIndex;
use ruff_text_size::Ranged;

use crate::compiler::Mode;
use crate::error::{Raw, Warning};
use crate::parse::Tree;

/// What CPython calls an expression that cannot be assigned to.
pub(crate) fn describe(e: &Expr) -> &'static str {
    match e {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) | Expr::TString(_) => "f-string expression",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(b) => {
            if b.value {
                "True"
            } else {
                "False"
            }
        }
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::NumberLiteral(_) => "literal",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) | Expr::IpyEscapeCommand(_) => "expression",
    }
}

/// All errors of the parser, first the one that CPython raises.
pub(crate) fn parse_errors(
    _source: &str,
    _lines: &LineIndex,
    tree: &Tree,
    _mode: Mode,
) -> Vec<Raw> {
    let mut out: Vec<Raw> = tree
        .errors()
        .iter()
        .map(|e| Raw::new(e.location, e.error.to_string()))
        .collect();
    out.extend(
        tree.unsupported_syntax_errors()
            .iter()
            .map(|e| Raw::new(e.range(), e.to_string())),
    );
    out
}

/// Warnings that only tokens show.
pub(crate) fn token_warnings(_source: &str, _lines: &LineIndex, _tree: &Tree) -> Vec<Warning> {
    Vec::new()
}
