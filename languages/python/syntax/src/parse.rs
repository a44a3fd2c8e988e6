//! The only module that calls the parser.

use ruff_python_ast::{self as ast, PythonVersion};
pub(crate) use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType,
};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};

/// What the parser gives for a whole source.
pub(crate) type Tree = Parsed<ast::Mod>;

/// Parses statements, or one expression. Errors are inside of the result.
pub(crate) fn parse(source: &str, expression: bool) -> Tree {
    let mode = if expression {
        Mode::Expression
    } else {
        Mode::Module
    };
    let options = ParseOptions::from(mode).with_target_version(PythonVersion::PY311);
    parse_unchecked(source, options)
}

/// The value of a source that is one string literal.
pub(crate) fn string_value(source: &str) -> Option<String> {
    let parsed = ruff_python_parser::parse_expression(source).ok()?;
    match &*parsed.syntax().body {
        ast::Expr::StringLiteral(s) => Some(s.value.to_str().to_string()),
        _ => None,
    }
}
