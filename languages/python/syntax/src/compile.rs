//! The way in: source to code object.

use std::sync::Arc;

use ruff_python_ast::{self as ast, Mod, Stmt, token::TokenKind};
use ruff_source_file::LineIndex;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::code::*;
pub use crate::compiler::Mode;
use crate::compiler::{self, Input};
use crate::error::{ErrorKind, Raw, SyntaxError, SyntaxErrors, Warning};
use crate::parse::{self, Tree};
use crate::symtable::{self, Body};
use crate::{decode, messages};

/// Deepest syntax tree, as CPython's (three times its recursion limit).
const MAX_DEPTH: u32 = 3000;
/// Most brackets inside of each other.
const MAX_BRACKETS: u32 = 200;
/// Most levels of indentation.
const MAX_INDENTS: u32 = 100;
/// A logical line with more operators than this may nest deeply: it is compiled on a larger stack.
const PLAIN_OPERATORS: usize = 100;

/// How to compile.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// `-O` level: 1 drops asserts, 2 docstrings too.
    pub optimize: u8,
    /// `CO_FUTURE_*` bits that the caller's code has.
    pub future: u32,
    /// `ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`
    pub top_level_await: bool,
}

/// A compiled source.
#[derive(Debug)]
pub struct Compiled {
    /// The code.
    pub code: CodeData,
    /// What the user is to be warned of, in order.
    pub warnings: Vec<Warning>,
}

/// Compiles the bytes of a file; see [`decode`] for encodings.
///
/// # Errors
/// All syntax errors of the source, first the one that CPython raises.
pub fn compile_bytes(
    source: &[u8],
    filename: &str,
    mode: Mode,
    options: Options,
) -> Result<Compiled, SyntaxErrors> {
    match decode::decode(source) {
        Ok(text) => compile(&text, filename, mode, options),
        Err(message) => Err(SyntaxErrors(vec![SyntaxError {
            kind: ErrorKind::Syntax,
            message,
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            text: None,
            incomplete: false,
        }])),
    }
}

/// Compiles text.
///
/// # Errors
/// All syntax errors of the source, first the one that CPython raises.
pub fn compile(
    source: &str,
    filename: &str,
    mode: Mode,
    options: Options,
) -> Result<Compiled, SyntaxErrors> {
    let trimmed;
    let mut source = source.strip_prefix('\u{FEFF}').unwrap_or(source);
    if let Some(at) = source.find('\0') {
        let error = Raw {
            kind: ErrorKind::Value,
            ..Raw::new(
                TextRange::empty(TextSize::new(at as u32)),
                "source code string cannot contain null bytes",
            )
        };
        return Err(finish_errors(
            source,
            &LineIndex::from_source_text(source),
            vec![error],
        ));
    }
    if mode == Mode::Eval {
        // `eval` ignores blanks before the expression.
        trimmed = source.trim_start_matches([' ', '\t']);
        source = trimmed;
    }
    let tree = parse::parse(source, mode == Mode::Eval);
    let deep = most_operators(&tree);
    if deep <= PLAIN_OPERATORS {
        return compile_tree(source, filename, mode, options, tree);
    }
    // Walking and dropping the tree recurse as deep as it is.
    let stack = (32 << 20) + deep.saturating_mul(2048).min(1 << 30);
    std::thread::scope(|s| {
        std::thread::Builder::new()
            .stack_size(stack)
            .spawn_scoped(s, || compile_tree(source, filename, mode, options, tree))
            .map(|t| t.join().expect("the compiler does not panic"))
            .unwrap_or_else(|_| {
                let error = Raw {
                    kind: ErrorKind::Recursion,
                    ..Raw::new(
                        TextRange::default(),
                        "maximum recursion depth exceeded during compilation",
                    )
                };
                Err(finish_errors(
                    source,
                    &LineIndex::from_source_text(source),
                    vec![error],
                ))
            })
    })
}

/// Upper bound of the depth of any expression: most operators and brackets on one logical line.
fn most_operators(tree: &Tree) -> usize {
    let (mut most, mut here) = (0, 0);
    for token in tree.tokens() {
        match token.kind() {
            TokenKind::Newline => here = 0,
            TokenKind::Name
            | TokenKind::Comma
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::Colon
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::Indent
            | TokenKind::Dedent => {}
            _ => {
                here += 1;
                most = most.max(here);
            }
        }
    }
    most
}

fn compile_tree(
    source: &str,
    filename: &str,
    mode: Mode,
    options: Options,
    tree: Tree,
) -> Result<Compiled, SyntaxErrors> {
    let lines = LineIndex::from_source_text(source);
    let mut errors = limits(&tree);
    errors.extend(messages::parse_errors(source, &lines, &tree, mode));
    if !errors.is_empty() {
        return Err(finish_errors(source, &lines, errors));
    }
    let body = match tree.syntax() {
        Mod::Module(m) => Body::Suite(&m.body),
        Mod::Expression(e) => Body::Expression(&e.body),
    };
    let future = options.future | future_features(body, &mut errors);
    let table = match symtable::build(
        body,
        future & CO_FUTURE_ANNOTATIONS != 0,
        MAX_DEPTH,
        &mut errors,
    ) {
        Ok(table) => table,
        Err(()) => {
            let error = Raw {
                kind: ErrorKind::Recursion,
                ..Raw::new(
                    TextRange::default(),
                    "maximum recursion depth exceeded during compilation",
                )
            };
            return Err(finish_errors(source, &lines, vec![error]));
        }
    };
    let filename: Arc<str> = filename.into();
    let input = Input {
        source,
        lines: &lines,
        filename,
        mode,
        future,
        optimize: options.optimize,
        top_level_await: options.top_level_await,
        limit: MAX_DEPTH,
    };
    let (code, more, mut warnings) = compiler::compile(&input, body, table);
    errors.extend(more);
    if !errors.is_empty() {
        return Err(finish_errors(source, &lines, errors));
    }
    warnings.extend(messages::token_warnings(source, &lines, &tree));
    warnings.sort_by_key(|w| w.line);
    Ok(Compiled { code, warnings })
}

/// Errors of nesting, from the tokens.
fn limits(tree: &Tree) -> Vec<Raw> {
    let (mut brackets, mut indents) = (0u32, 0u32);
    for token in tree.tokens() {
        match token.kind() {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => brackets += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                brackets = brackets.saturating_sub(1)
            }
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            _ => {}
        }
        if brackets > MAX_BRACKETS {
            return vec![Raw::new(token.range(), "too many nested parentheses")];
        }
        if indents >= MAX_INDENTS {
            let error = Raw::new(token.range(), "too many levels of indentation");
            return vec![Raw {
                kind: ErrorKind::Indentation,
                ..error
            }];
        }
    }
    Vec::new()
}

/// The features that leading `from __future__ import ...` statements name; also reports such imports elsewhere.
fn future_features(body: Body<'_>, errors: &mut Vec<Raw>) -> u32 {
    let Body::Suite(stmts) = body else { return 0 };
    let mut features = 0;
    let mut leading = true;
    for (i, s) in stmts.iter().enumerate() {
        match s {
            Stmt::ImportFrom(f) if is_future(f) => {
                if !leading {
                    errors.push(Raw::new(
                        f.range,
                        "from __future__ imports must occur at the beginning of the file",
                    ));
                    continue;
                }
                for alias in &f.names {
                    features |= feature(alias, f.range, errors);
                }
            }
            Stmt::Expr(e) if i == 0 && e.value.is_string_literal_expr() => {}
            _ => leading = false,
        }
    }
    features
}

/// Whether the statement is `from __future__ import ...`.
pub(crate) fn is_future(f: &ast::StmtImportFrom) -> bool {
    f.level == 0
        && f.module
            .as_ref()
            .is_some_and(|m| m.as_str() == "__future__")
}

fn feature(alias: &ast::Alias, range: TextRange, errors: &mut Vec<Raw>) -> u32 {
    match alias.name.as_str() {
        // These are part of the language by now and leave no trace in the flags.
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
        | "print_function" | "unicode_literals" | "generator_stop" => 0,
        "barry_as_FLUFL" => CO_FUTURE_BARRY_AS_BDFL,
        "annotations" => CO_FUTURE_ANNOTATIONS,
        "braces" => {
            errors.push(Raw::new(range, "not a chance"));
            0
        }
        other => {
            errors.push(Raw::new(
                range,
                format!("future feature {other} is not defined"),
            ));
            0
        }
    }
}

/// Turns positions into lines and columns (in characters, from 1), and puts the errors in CPython's order.
fn finish_errors(source: &str, lines: &LineIndex, errors: Vec<Raw>) -> SyntaxErrors {
    let mut out: Vec<SyntaxError> = Vec::with_capacity(errors.len());
    for e in errors {
        let place = |offset: TextSize| {
            let offset = offset.min(TextSize::of(source));
            let line = lines.line_index(offset);
            let start = lines.line_start(line, source);
            let column = source[usize::from(start)..usize::from(offset)]
                .chars()
                .count() as u32
                + 1;
            (line.get() as u32, column)
        };
        let (line, column) = place(e.range.start());
        let (end_line, end_column) = place(e.range.end());
        let range = lines.line_range(
            lines.line_index(e.range.start().min(TextSize::of(source))),
            source,
        );
        let error = SyntaxError {
            kind: e.kind,
            message: e.message,
            line,
            column,
            end_line,
            end_column,
            text: Some(source[range].to_string()),
            incomplete: e.incomplete,
        };
        if !out
            .iter()
            .any(|o| o.line == error.line && o.message == error.message)
        {
            out.push(error);
        }
    }
    SyntaxErrors(out)
}
