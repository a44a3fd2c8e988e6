//! The only module that calls the parser.

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{self as ast, PythonVersion, Stmt};
pub(crate) use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType,
};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::{Ranged, TextSize};

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

/// The errors of a tree that are errors.
///
/// The parser takes a *name* `match` after a semicolon, as in `a = 0; match = b`, for the beginning of a compound statement. It says
/// so, and then reads the simple statement that it is.
pub(crate) fn errors<'t>(tree: &'t Tree, source: &str) -> Vec<&'t ParseError> {
    let is_simple = |at: TextSize| {
        let mut finder = SimpleAt { at, found: false };
        if let ast::Mod::Module(module) = tree.syntax() {
            finder.visit_body(&module.body);
        }
        finder.found
    };
    let imagined = |e: &ParseError| {
        e.error == ParseErrorType::SimpleAndCompoundStatementOnSameLine
            && source[e.location.start().to_usize()..].starts_with("match")
            && is_simple(e.location.start())
    };
    tree.errors().iter().filter(|e| !imagined(e)).collect()
}

/// Looks for a statement that begins at `at` and is no `match` statement.
struct SimpleAt {
    at: TextSize,
    found: bool,
}

impl<'a> Visitor<'a> for SimpleAt {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if stmt.start() == self.at {
            self.found = !matches!(stmt, Stmt::Match(_));
        } else if stmt.range().contains(self.at) {
            walk_stmt(self, stmt);
        }
    }
}

/// The value of a source that is one string literal.
pub(crate) fn string_value(source: &str) -> Option<String> {
    let parsed = ruff_python_parser::parse_expression(source).ok()?;
    match &*parsed.syntax().body {
        ast::Expr::StringLiteral(s) => Some(s.value.to_str().to_string()),
        _ => None,
    }
}
