//! Syntax errors as data.

/// Which exception class a syntax error is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// `SyntaxError`
    Syntax,
    /// `IndentationError`
    Indentation,
    /// `TabError`
    Tab,
    /// Source is not allowed at all: `ValueError` (null bytes).
    Value,
    /// The compiler's depth limit: `RecursionError`.
    Recursion,
}

/// One syntax error with CPython's fields; lines and columns count from 1, columns in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Class of the exception.
    pub kind: ErrorKind,
    /// `msg`
    pub message: String,
    /// `lineno`
    pub line: u32,
    /// `offset`; 0 if unknown.
    pub column: u32,
    /// `end_lineno`
    pub end_line: u32,
    /// `end_offset`; 0 if unknown.
    pub end_column: u32,
    /// `text`: the line of source with its newline, if there is one.
    pub text: Option<String>,
    /// Whether more input could make the source valid (for interactive use).
    pub incomplete: bool,
}

/// All errors of a source, the one that CPython would raise first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxErrors(pub Vec<SyntaxError>);

/// A warning that the compiler gives (`SyntaxWarning`, `DeprecationWarning`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// Whether it is a `DeprecationWarning` (invalid escape) rather than a `SyntaxWarning`.
    pub deprecation: bool,
    /// Text.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
}

impl std::fmt::Display for SyntaxErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for e in &self.0 {
            writeln!(f, "line {}:{}: {}", e.line, e.column, e.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for SyntaxErrors {}

/// An error before its position is turned into line and column.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub kind: ErrorKind,
    pub range: ruff_text_size::TextRange,
    pub message: String,
    pub incomplete: bool,
}

impl Raw {
    /// A plain SyntaxError.
    pub fn new(range: ruff_text_size::TextRange, message: impl Into<String>) -> Raw {
        Raw {
            kind: ErrorKind::Syntax,
            range,
            message: message.into(),
            incomplete: false,
        }
    }
}
