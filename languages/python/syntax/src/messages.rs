//! The parser's errors in CPython's words.

use ruff_python_ast::Expr;
use ruff_python_ast::token::{Token, TokenKind};
use ruff_source_file::LineIndex;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::compiler::Mode;
use crate::error::{ErrorKind, Raw, Warning};
use crate::parse::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType, Tree,
};

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
pub(crate) fn parse_errors(source: &str, lines: &LineIndex, tree: &Tree, _mode: Mode) -> Vec<Raw> {
    let mut errors = crate::parse::errors(tree, source);
    if errors.is_empty() && tree.unsupported_syntax_errors().is_empty() {
        return Vec::new();
    }
    let skip = |t: &&Token| !matches!(t.kind(), TokenKind::Comment | TokenKind::NonLogicalNewline);
    let tokens: Vec<Token> = tree.tokens().iter().filter(skip).copied().collect();
    let c = Context {
        source,
        lines,
        tokens,
    };
    errors.sort_by_key(|e| e.location.start());
    // What the tokenizer finds anywhere in the file comes before what the parser finds.
    let brackets = c.brackets();
    let mut first: Option<Raw> = brackets.as_ref().err().cloned();
    for e in &errors {
        if let Some(raw) = c.tokenizer_error(e) {
            if first
                .as_ref()
                .is_none_or(|f| raw.range.start() < f.range.start())
            {
                first = Some(raw);
            }
        }
    }
    let first_at = errors.first().map(|e| e.location.start());
    let end = TextSize::of(source.trim_end());
    if let (None, Ok(Some(open)), Some(at)) = (&first, &brackets, first_at) {
        // An open bracket is blamed for an error on a later line.
        if c.line(at) > c.line(open.range.start()) || at >= end {
            first = Some(open.clone());
        }
    }
    let mut out: Vec<Raw> = first.into_iter().collect();
    for e in errors {
        out.push(match c.tokenizer_error(e) {
            Some(raw) => raw,
            None => c.parser_error(e),
        });
    }
    for e in tree.unsupported_syntax_errors() {
        out.push(Raw::new(e.range(), unsupported(&e.to_string())));
    }
    if let Some(f) = out.first_mut() {
        let block = f.message.starts_with("expected an indented block")
            || f.message.starts_with("expected 'except'");
        f.incomplete = f.message.contains("was never closed")
            || f.message.starts_with("unterminated triple")
            || f.message == "unexpected EOF while parsing"
            || block && f.range.start() >= end;
    }
    out
}

/// CPython 3.11's message for syntax that came later.
fn unsupported(text: &str) -> &'static str {
    let known = [
        (
            "Multiple exception types",
            "multiple exception types must be parenthesized",
        ),
        (
            "Cannot use dictionary unpacking",
            "dict unpacking cannot be used in dict comprehension",
        ),
        (
            "Cannot use iterable unpacking in",
            "iterable unpacking cannot be used in comprehension",
        ),
    ];
    known
        .iter()
        .find(|(start, _)| text.starts_with(start))
        .map_or("invalid syntax", |(_, message)| message)
}

/// Warnings that only tokens show: invalid escapes.
pub(crate) fn token_warnings(source: &str, lines: &LineIndex, tree: &Tree) -> Vec<Warning> {
    let mut out = Vec::new();
    for t in tree.tokens() {
        if t.kind() != TokenKind::String {
            continue;
        }
        let text = &source[t.range()];
        if !text.contains('\\') {
            continue;
        }
        let quote = text.find(['\'', '"']).unwrap_or(0);
        let prefix = text[..quote].to_ascii_lowercase();
        if prefix.contains('r') {
            continue;
        }
        let known = if prefix.contains('b') {
            "\n\r\\'\"abfnrtvx01234567"
        } else {
            "\n\r\\'\"abfnrtvx01234567NuU"
        };
        let mut rest = &text[quote..];
        while let Some(at) = rest.find('\\') {
            let Some(next) = rest[at + 1..].chars().next() else {
                break;
            };
            if !known.contains(next) {
                let line = lines.line_index(t.range().start()).get() as u32;
                let message = format!("invalid escape sequence '\\{next}'");
                out.push(Warning {
                    deprecation: true,
                    message,
                    line,
                });
                break;
            }
            rest = &rest[at + 1 + next.len_utf8()..];
        }
    }
    out
}

struct Context<'a> {
    source: &'a str,
    lines: &'a LineIndex,
    /// Tokens without comments and blank lines.
    tokens: Vec<Token>,
}

impl Context<'_> {
    fn line(&self, at: TextSize) -> usize {
        self.lines.line_index(at).get()
    }
    fn text(&self, range: TextRange) -> &str {
        &self.source[range]
    }
    /// Index of the first token that starts at or after `at`.
    fn index(&self, at: TextSize) -> usize {
        self.tokens.partition_point(|t| t.range().start() < at)
    }
    fn kind(&self, i: usize) -> TokenKind {
        self.tokens
            .get(i)
            .map_or(TokenKind::EndOfFile, |t| t.kind())
    }
    fn range(&self, i: usize) -> TextRange {
        self.tokens
            .get(i)
            .map_or(TextRange::empty(TextSize::of(self.source)), |t| t.range())
    }
    fn start(&self, i: usize) -> TextSize {
        self.range(i).start()
    }
    fn one(&self, i: usize, message: impl Into<String>) -> Raw {
        Raw::new(self.range(i), message)
    }
    /// Index of the first token of the statement that token `i` belongs to.
    fn line_first(&self, i: usize) -> usize {
        use TokenKind::{Dedent, Indent, Newline, Semi};
        let mut at = i.min(self.tokens.len());
        while at > 0 && !matches!(self.kind(at - 1), Newline | Indent | Dedent | Semi) {
            at -= 1;
        }
        at
    }

    /// Brackets of the whole file: the innermost that stays open, or the first that does not match.
    fn brackets(&self) -> Result<Option<Raw>, Raw> {
        let mut open: Vec<(char, TextRange)> = Vec::new();
        let mut in_fstring = 0;
        for t in &self.tokens {
            match t.kind() {
                TokenKind::FStringStart => in_fstring += 1,
                TokenKind::FStringEnd => in_fstring -= 1,
                _ if in_fstring > 0 => {}
                TokenKind::Lpar => open.push(('(', t.range())),
                TokenKind::Lsqb => open.push(('[', t.range())),
                TokenKind::Lbrace => open.push(('{', t.range())),
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                    let close = self.text(t.range());
                    let Some((o, at)) = open.pop() else {
                        return Err(Raw::new(t.range(), format!("unmatched '{close}'")));
                    };
                    if !matches!((o, close), ('(', ")") | ('[', "]") | ('{', "}")) {
                        let (here, there) = (self.line(t.range().start()), self.line(at.start()));
                        let on = if here == there {
                            String::new()
                        } else {
                            format!(" on line {there}")
                        };
                        let message = format!(
                            "closing parenthesis '{close}' does not match opening parenthesis '{o}'{on}"
                        );
                        return Err(Raw::new(t.range(), message));
                    }
                }
                _ => {}
            }
        }
        Ok(open
            .pop()
            .map(|(o, at)| Raw::new(at, format!("'{o}' was never closed"))))
    }

    /// The error as CPython's tokenizer words it, if it is one of those.
    fn tokenizer_error(&self, e: &ParseError) -> Option<Raw> {
        use InterpolatedStringErrorType::{UnterminatedString, UnterminatedTripleQuotedString};
        let start = e.location.start();
        let i = self.index(start);
        // A number that runs into something else.
        for at in [i, i.wrapping_sub(1)] {
            let number = self.tokens.get(at).filter(|t| {
                let kind = matches!(
                    t.kind(),
                    TokenKind::Int | TokenKind::Float | TokenKind::Complex | TokenKind::Unknown
                );
                kind && t.range().end() >= start
            });
            if let Some(raw) = number.and_then(|t| self.number_error(t.range().start())) {
                return Some(raw);
            }
        }
        let lexical = match &e.error {
            ParseErrorType::Lexical(lexical) => lexical,
            ParseErrorType::FStringError(UnterminatedString | UnterminatedTripleQuotedString) => {
                return Some(self.unterminated(start));
            }
            _ => return None,
        };
        Some(match lexical {
            LexicalErrorType::UnclosedStringError => self.unterminated(start),
            LexicalErrorType::FStringError(UnterminatedString | UnterminatedTripleQuotedString) => {
                // The error may stand inside: the string starts at its first token.
                let before = &self.tokens[..i.min(self.tokens.len())];
                let begin = before
                    .iter()
                    .rev()
                    .find(|t| t.kind() == TokenKind::FStringStart);
                self.unterminated(begin.map_or(start, |t| t.range().start()))
            }
            LexicalErrorType::UnrecognizedToken { tok } if !tok.is_ascii() => {
                let code = *tok as u32;
                let invisible = matches!(code, 0x200B..=0x200F | 0x2060 | 0xFEFF);
                let message = if tok.is_control() || tok.is_whitespace() || invisible {
                    format!("invalid non-printable character U+{code:04X}")
                } else {
                    format!("invalid character '{tok}' (U+{code:04X})")
                };
                Raw::new(e.location, message)
            }
            LexicalErrorType::LineContinuationError => {
                let at = TextRange::empty(start + TextSize::from(1));
                Raw::new(at, "unexpected character after line continuation character")
            }
            LexicalErrorType::IndentationError => {
                let range = self
                    .lines
                    .line_range(self.lines.line_index(start), self.source);
                let end =
                    range.start() + TextSize::of(self.text(range).trim_end_matches(['\n', '\r']));
                let message = "unindent does not match any outer indentation level";
                Raw {
                    kind: ErrorKind::Indentation,
                    ..Raw::new(TextRange::empty(end), message)
                }
            }
            LexicalErrorType::InvalidByteLiteral => Raw::new(
                e.location,
                "bytes can only contain ASCII literal characters",
            ),
            LexicalErrorType::UnicodeError
            | LexicalErrorType::MissingUnicodeLbrace
            | LexicalErrorType::MissingUnicodeRbrace => self.escape_error(start),
            _ => return None,
        })
    }

    fn unterminated(&self, start: TextSize) -> Raw {
        let rest = &self.source[usize::from(start)..];
        let body = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let triple = body.starts_with("'''") || body.starts_with(r#"""""#);
        let message = if triple {
            let last = self
                .source
                .trim_end_matches(['\n', '\r'])
                .lines()
                .count()
                .max(self.line(start));
            format!("unterminated triple-quoted string literal (detected at line {last})")
        } else {
            format!(
                "unterminated string literal (detected at line {})",
                self.line(start)
            )
        };
        Raw::new(TextRange::empty(start), message)
    }

    /// What is wrong with the number that starts at `start`.
    fn number_error(&self, start: TextSize) -> Option<Raw> {
        let from = usize::from(start);
        let text = &self.source[from..];
        let end = text
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(text.len());
        let b = text[..end].as_bytes();
        let at = |offset: usize, message: String| {
            Some(Raw::new(
                TextRange::empty(TextSize::new((from + offset) as u32)),
                message,
            ))
        };
        let second = b.get(1).map(u8::to_ascii_lowercase);
        let (name, is_digit): (&str, fn(u8) -> bool) = match second {
            Some(b'x') if b[0] == b'0' => ("hexadecimal", |c| c.is_ascii_hexdigit()),
            Some(b'o') if b[0] == b'0' => ("octal", |c| (b'0'..=b'7').contains(&c)),
            Some(b'b') if b[0] == b'0' => ("binary", |c| c == b'0' || c == b'1'),
            _ => {
                let whole = b.iter().all(|c| c.is_ascii_digit() || *c == b'_');
                if b.len() > 1
                    && b[0] == b'0'
                    && whole
                    && b.iter().any(|c| (b'1'..=b'9').contains(c))
                {
                    let message = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
                    return at(0, message.into());
                }
                let digit = |k: usize| b.get(k).is_some_and(u8::is_ascii_digit);
                let mut i = 0;
                while digit(i)
                    || (b.get(i) == Some(&b'_') && i > 0 && b[i - 1] != b'_' && digit(i + 1))
                {
                    i += 1;
                }
                let bad = *b.get(i)?;
                if i == 0 || matches!(bad, b'.' | b'e' | b'E' | b'j' | b'J') {
                    return None;
                }
                return at(i - 1, "invalid decimal literal".into());
            }
        };
        let mut i = 2;
        while i < b.len()
            && (is_digit(b[i]) || b[i] == b'_' && b.get(i + 1).is_some_and(|c| is_digit(*c)))
        {
            i += 1;
        }
        match b.get(i) {
            Some(c) if c.is_ascii_digit() => at(
                i,
                format!("invalid digit '{}' in {name} literal", *c as char),
            ),
            Some(b'.') => None,
            Some(_) => at(i - 1, format!("invalid {name} literal")),
            None if i == 2 => at(1, format!("invalid {name} literal")),
            None => None,
        }
    }

    /// A bad escape in the string around `at`.
    fn escape_error(&self, at: TextSize) -> Raw {
        let token = self
            .tokens
            .iter()
            .find(|t| t.range().contains_inclusive(at) && t.range().len() > TextSize::from(1));
        let Some(token) = token else {
            return Raw::new(TextRange::empty(at), "invalid syntax");
        };
        let text = self.text(token.range());
        let quote = text.find(['\'', '"']).unwrap_or(0);
        let bytes = text[..quote].contains(['b', 'B']);
        let skip = if text[quote..].starts_with("'''") || text[quote..].starts_with(r#"""""#) {
            3
        } else {
            1
        };
        let first = (quote + skip).min(text.len());
        let body = &text[first..text.len().saturating_sub(skip).max(first)];
        let end = TextRange::empty(token.range().end());
        let codec = |from: usize, to: usize, what: &str| {
            let message = format!(
                "(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{to}: {what}"
            );
            Raw::new(end, message)
        };
        let b = body.as_bytes();
        let mut i = 0;
        while i < b.len() {
            if b[i] != b'\\' {
                i += 1;
                continue;
            }
            let (digits, what) = match b.get(i + 1) {
                Some(b'x') => (2, "truncated \\xXX escape"),
                Some(b'u') if !bytes => (4, "truncated \\uXXXX escape"),
                Some(b'U') if !bytes => (8, "truncated \\UXXXXXXXX escape"),
                Some(b'N') if !bytes => {
                    let close = body[i..].find('}').filter(|_| b.get(i + 2) == Some(&b'{'));
                    let Some(n) = close else {
                        return codec(i, b.len() - 1, "malformed \\N character escape");
                    };
                    if crate::parse::string_value(&format!("'{}'", &body[i..=i + n])).is_none() {
                        return codec(i, i + n, "unknown Unicode character name");
                    }
                    i += n + 1;
                    continue;
                }
                _ => {
                    i += 2;
                    continue;
                }
            };
            let got = b[i + 2..]
                .iter()
                .take(digits)
                .take_while(|c| c.is_ascii_hexdigit())
                .count();
            if got < digits && bytes {
                return Raw::new(
                    end,
                    format!("(value error) invalid \\x escape at position {i}"),
                );
            }
            if got < digits {
                return codec(i, i + 1 + got, what);
            }
            if digits == 8
                && u32::from_str_radix(&body[i + 2..i + 10], 16).is_ok_and(|c| c > 0x10FFFF)
            {
                return codec(i, i + 9, "illegal Unicode character");
            }
            i += 2 + digits;
        }
        Raw::new(end, "invalid syntax")
    }

    fn is_open(kind: TokenKind) -> bool {
        matches!(kind, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace)
    }
    fn is_close(kind: TokenKind) -> bool {
        matches!(kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace)
    }
    /// First token of the name, attribute, call or item that ends with token `i`.
    fn primary_start(&self, mut i: usize) -> usize {
        loop {
            if Self::is_close(self.kind(i)) {
                let mut depth = 0;
                loop {
                    depth += i32::from(Self::is_close(self.kind(i)))
                        - i32::from(Self::is_open(self.kind(i)));
                    if depth == 0 || i == 0 {
                        break;
                    }
                    i -= 1;
                }
                let callee = i > 0
                    && (matches!(self.kind(i - 1), TokenKind::Name | TokenKind::String)
                        || Self::is_close(self.kind(i - 1)));
                if !callee {
                    return i;
                }
                i -= 1;
            } else if i >= 2 && self.kind(i - 1) == TokenKind::Dot {
                i -= 2;
            } else {
                return i;
            }
        }
    }
    /// First token of the expression that ends with token `i`: what follows the last comma, colon, bracket or so.
    fn expression_start(&self, i: usize) -> usize {
        use TokenKind::*;
        let (mut at, mut depth) = (i, 0);
        loop {
            let kind = self.kind(at);
            if Self::is_close(kind) {
                depth += 1;
            } else if Self::is_open(kind) {
                if depth == 0 {
                    return at + 1;
                }
                depth -= 1;
            } else if depth == 0
                && matches!(
                    kind,
                    Comma
                        | Colon
                        | Equal
                        | ColonEqual
                        | Star
                        | DoubleStar
                        | For
                        | In
                        | If
                        | Else
                        | Newline
                        | Indent
                        | Dedent
                )
            {
                return at + 1;
            }
            if at == 0 {
                return 0;
            }
            at -= 1;
        }
    }
    /// The innermost bracket that is open before token `i`.
    fn open_bracket(&self, i: usize) -> Option<usize> {
        let mut depth = 0;
        for at in (0..i.min(self.tokens.len())).rev() {
            if Self::is_close(self.kind(at)) {
                depth += 1;
            } else if Self::is_open(self.kind(at)) {
                if depth == 0 {
                    return Some(at);
                }
                depth -= 1;
            }
        }
        None
    }
    fn in_fstring(&self, i: usize) -> bool {
        let mut depth = 0;
        for t in &self.tokens[..i.min(self.tokens.len())] {
            depth += i32::from(t.kind() == TokenKind::FStringStart)
                - i32::from(t.kind() == TokenKind::FStringEnd);
        }
        depth > 0
    }
    fn starts_expression(&self, i: usize) -> bool {
        use TokenKind::*;
        matches!(
            self.kind(i),
            Name | Int
                | Float
                | Complex
                | String
                | FStringStart
                | Lpar
                | Lsqb
                | Lbrace
                | True
                | False
                | None
                | Ellipsis
                | Lambda
                | Not
                | Tilde
        )
    }
    fn ends_expression(&self, i: usize) -> bool {
        use TokenKind::*;
        matches!(
            self.kind(i),
            Name | Int
                | Float
                | Complex
                | String
                | FStringEnd
                | Rpar
                | Rsqb
                | Rbrace
                | True
                | False
                | None
                | Ellipsis
        )
    }
    /// The expression at a range, parsed again.
    fn with_expression<R>(&self, range: TextRange, f: impl FnOnce(&Expr) -> R) -> Option<R> {
        let tree = crate::parse::parse(self.text(range), true);
        match tree.syntax() {
            ruff_python_ast::Mod::Expression(e) => Some(f(&e.body)),
            ruff_python_ast::Mod::Module(_) => None,
        }
    }
    fn describe(&self, range: TextRange) -> &'static str {
        self.with_expression(range, describe)
            .unwrap_or("expression")
    }

    /// The error as CPython's parser words it.
    fn parser_error(&self, e: &ParseError) -> Raw {
        use ParseErrorType as T;
        let range = e.location;
        let i = self.index(range.start());
        let fstring = if self.in_fstring(i) { "f-string: " } else { "" };
        let plain = |message: &str| Raw::new(range, format!("{fstring}{message}"));
        let after = |message: &str| Raw::new(TextRange::empty(range.end()), message);
        match &e.error {
            T::ExpectedToken { expected, .. } => self.expected(*expected, i),
            T::ExpectedExpression => self.expected_expression(i, fstring),
            T::InvalidAssignmentTarget => self.bad_target(range, i),
            T::InvalidAugmentedAssignmentTarget => plain(&format!(
                "'{}' is an illegal expression for augmented assignment",
                self.describe(range)
            )),
            T::InvalidDeleteTarget => {
                plain(&format!("cannot delete {}", self.describe_target(range)))
            }
            T::InvalidNamedAssignmentTarget => plain(&format!(
                "cannot use assignment expressions with {}",
                self.describe(range)
            )),
            T::InvalidAnnotatedAssignmentTarget => plain("illegal target for annotation"),
            T::PositionalAfterKeywordArgument => {
                after("positional argument follows keyword argument")
            }
            T::PositionalAfterKeywordUnpacking => {
                after("positional argument follows keyword argument unpacking")
            }
            T::InvalidArgumentUnpackingOrder => {
                let at = self.open_bracket(i).map_or(i, |o| o + 1);
                self.one(
                    at,
                    "iterable argument unpacking follows keyword argument unpacking",
                )
            }
            T::UnparenthesizedGeneratorExpression => {
                plain("Generator expression must be parenthesized")
            }
            T::NonDefaultParamAfterDefaultParam => {
                plain("non-default argument follows default argument")
            }
            T::ExpectedKeywordParam => {
                let star = (0..=i)
                    .rev()
                    .find(|k| self.kind(*k) == TokenKind::Star)
                    .unwrap_or(i);
                self.one(star, "named arguments must follow bare *")
            }
            T::ParamAfterVarKeywordParam => plain("arguments cannot follow var-keyword argument"),
            T::VarParameterWithDefault => {
                let stars = (0..=i)
                    .rev()
                    .map(|k| self.kind(k))
                    .find(|k| matches!(k, TokenKind::Star | TokenKind::DoubleStar));
                let what = if stars == Some(TokenKind::DoubleStar) {
                    "var-keyword"
                } else {
                    "var-positional"
                };
                let equal = (i.saturating_sub(1)..self.tokens.len())
                    .find(|k| self.kind(*k) == TokenKind::Equal)
                    .unwrap_or(i);
                self.one(equal, format!("{what} argument cannot have default value"))
            }
            T::UnexpectedIndentation => self.unexpected_indent(range.start()),
            T::IterableUnpackingInComprehension => {
                plain("iterable unpacking cannot be used in comprehension")
            }
            T::InvalidStarredExpressionUsage => {
                let inside = !fstring.is_empty() || i > 0 && self.kind(i - 1) == TokenKind::Lpar;
                plain(if inside {
                    "cannot use starred expression here"
                } else {
                    "can't use starred expression here"
                })
            }
            T::SimpleStatementsOnSameLine => {
                let alone =
                    i >= 1 && self.kind(i - 1) == TokenKind::Name && self.line_first(i) == i - 1;
                if alone && self.starts_expression(i) {
                    let name = self.text(self.range(i - 1));
                    if matches!(name, "print" | "exec") {
                        let message = format!(
                            "Missing parentheses in call to '{name}'. Did you mean {name}(...)?"
                        );
                        return self.one(i - 1, message);
                    }
                }
                self.one(i, "invalid syntax")
            }
            T::FStringError(kind) | T::Lexical(LexicalErrorType::FStringError(kind)) => {
                use InterpolatedStringErrorType as F;
                let message = match kind {
                    F::UnclosedLbrace if self.starts_expression(i) => {
                        "f-string: invalid syntax. Perhaps you forgot a comma?"
                    }
                    F::UnclosedLbrace => "f-string: expecting '}'",
                    F::SingleRbrace => "f-string: single '}' is not allowed",
                    F::InvalidConversionFlag | F::ConversionFlagNotImmediatelyAfterExclamation => {
                        "f-string: invalid conversion character: expected 's', 'r', or 'a'"
                    }
                    _ => "f-string: invalid syntax",
                };
                Raw::new(range, message)
            }
            T::OtherError(text) => self.other(text, range, i),
            T::InvalidMatchPatternTarget if self.kind(i.wrapping_sub(1)) == TokenKind::As => {
                plain("cannot use '_' as a target")
            }
            T::ExpectedRealNumber if self.text(range).contains(|c: char| c.is_ascii_digit()) => {
                plain("real number required in complex literal")
            }
            T::ExpectedImaginaryNumber => plain("imaginary number required in complex literal"),
            T::Lexical(LexicalErrorType::Eof) => Raw::new(range, "unexpected EOF while parsing"),
            _ => self.one(i, format!("{fstring}invalid syntax")),
        }
    }

    fn describe_target(&self, range: TextRange) -> &'static str {
        if self.text(range).starts_with('*') {
            "starred"
        } else {
            self.describe(range)
        }
    }

    fn expected_expression(&self, i: usize, fstring: &str) -> Raw {
        let before = i.wrapping_sub(1);
        match (self.kind(before), self.kind(i)) {
            (TokenKind::Lbrace, TokenKind::Rbrace) if !fstring.is_empty() => {
                self.one(i, "f-string: empty expression not allowed")
            }
            (TokenKind::Colon, TokenKind::Rbrace | TokenKind::Comma)
                if self
                    .open_bracket(i)
                    .is_some_and(|o| self.kind(o) == TokenKind::Lbrace) =>
            {
                self.one(before, "expression expected after dictionary key and ':'")
            }
            (TokenKind::Equal, TokenKind::Rpar | TokenKind::Comma)
                if self.kind(self.line_first(i)) == TokenKind::Def =>
            {
                self.one(before, "expected default value expression")
            }
            (TokenKind::Rarrow, TokenKind::Colon) => self.one(before, "expected ':'"),
            // `<>` was an operator once: the parser reads it whole.
            (TokenKind::Less, TokenKind::Greater) => self.one(before, "invalid syntax"),
            _ => self.one(i, format!("{fstring}invalid syntax")),
        }
    }

    fn other(&self, text: &str, range: TextRange, i: usize) -> Raw {
        if text.starts_with("Expected an indented block") {
            return self.indented_block(i);
        }
        if text.starts_with("Expected `except` or `finally`") {
            return Raw::new(
                self.here_or_line_end(i),
                "expected 'except' or 'finally' block",
            );
        }
        if let Some(rest) = text.strip_prefix("Only single target") {
            return Raw::new(range, format!("only single target{rest}"));
        }
        if text.starts_with("Trailing comma not allowed") {
            let at = TextRange::empty(range.end());
            return Raw::new(
                at,
                "trailing comma not allowed without surrounding parentheses",
            );
        }
        if text.starts_with("Expected a parameter name") {
            let constant = matches!(
                self.kind(i),
                TokenKind::True | TokenKind::False | TokenKind::None
            );
            let message = if constant && self.kind(i + 1) == TokenKind::Equal {
                format!("cannot assign to {}", self.text(self.range(i)))
            } else {
                "expression cannot contain assignment, perhaps you meant \"==\"?".into()
            };
            return Raw::new(range, message);
        }
        let known = [
            ("Only one '/' separator", "/ may appear only once"),
            ("Only one '*' parameter", "* argument may appear only once"),
            (
                "Position-only parameter separator",
                "at least one argument must precede /",
            ),
            (
                "Positional patterns cannot follow",
                "positional patterns follow keyword patterns",
            ),
            (
                "Bytes literal cannot be mixed",
                "cannot mix bytes and nonbytes literals",
            ),
        ];
        match known.iter().find(|(start, _)| text.starts_with(start)) {
            Some((_, message)) => Raw::new(range, *message),
            None => self.one(i, "invalid syntax"),
        }
    }

    /// Position of token `i`, or of the end of the last line if there is no more.
    fn here_or_line_end(&self, i: usize) -> TextRange {
        let rest = &self.source[usize::from(self.start(i)).min(self.source.len())..];
        if !rest.trim().is_empty() {
            return self.range(i);
        }
        TextRange::empty(TextSize::of(
            self.source.trim_end_matches(['\n', '\r', ' ', '\t']),
        ))
    }

    fn indented_block(&self, i: usize) -> Raw {
        // The header is the logical line before.
        let mut colon = i.saturating_sub(1);
        while colon > 0 && self.kind(colon) != TokenKind::Colon {
            colon -= 1;
        }
        let first = self.line_first(colon);
        let line = self.line(self.start(first));
        let word = |k: usize| self.text(self.range(k)).to_string();
        let what = match (self.kind(first), self.kind(first + 1)) {
            (TokenKind::Def, _) | (TokenKind::Async, TokenKind::Def) => {
                "function definition".to_string()
            }
            (TokenKind::Class, _) => "class definition".to_string(),
            (TokenKind::Except, TokenKind::Star) => "'except*' statement".to_string(),
            (TokenKind::Async, _) => format!("'{}' statement", word(first + 1)),
            _ => format!("'{}' statement", word(first)),
        };
        let message = format!("expected an indented block after {what} on line {line}");
        Raw {
            kind: ErrorKind::Indentation,
            ..Raw::new(self.here_or_line_end(i), message)
        }
    }

    fn unexpected_indent(&self, at: TextSize) -> Raw {
        let range = self
            .lines
            .line_range(self.lines.line_index(at), self.source);
        let indent = |text: &str| -> String {
            text.chars()
                .take_while(|c| matches!(c, ' ' | '\t'))
                .collect()
        };
        let here = indent(self.text(range));
        let before = self.source[..usize::from(range.start())]
            .lines()
            .rev()
            .find(|l| !l.trim().is_empty());
        let there = before.map(indent).unwrap_or_default();
        if !here.starts_with(&there) && !there.starts_with(&here) {
            let message = "inconsistent use of tabs and spaces in indentation";
            return Raw {
                kind: ErrorKind::Tab,
                ..Raw::new(TextRange::empty(range.start()), message)
            };
        }
        let column = TextSize::from((here.len() as u32).saturating_sub(1));
        Raw {
            kind: ErrorKind::Indentation,
            ..Raw::new(
                TextRange::empty(range.start() + column),
                "unexpected indent",
            )
        }
    }

    fn expected(&self, expected: TokenKind, i: usize) -> Raw {
        let first = self.line_first(i);
        let before = i.wrapping_sub(1);
        let found = self.kind(i);
        let fstring = if self.in_fstring(i) { "f-string: " } else { "" };
        if found == TokenKind::Equal
            && self.ends_expression(before)
            && self.kind(first) != TokenKind::Def
        {
            let range = TextRange::new(
                self.start(self.primary_start(before)),
                self.range(before).end(),
            );
            let kind = self.describe(range);
            if kind == "name" {
                return Raw::new(
                    range,
                    "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
                );
            }
            if !matches!(kind, "list" | "tuple" | "True" | "False" | "None") {
                return Raw::new(
                    range,
                    format!("cannot assign to {kind} here. Maybe you meant '==' instead of '='?"),
                );
            }
        }
        let in_brace = || {
            self.open_bracket(i)
                .is_some_and(|o| self.kind(o) == TokenKind::Lbrace)
        };
        match expected {
            TokenKind::Colon => {
                let forced = matches!(
                    self.kind(first),
                    TokenKind::Def | TokenKind::Try | TokenKind::Finally
                ) || (self.kind(first) == TokenKind::Else && i == first + 1)
                    || (self.kind(first) == TokenKind::Async
                        && self.kind(first + 1) == TokenKind::Def);
                if forced || found == TokenKind::Newline && !self.in_lambda(first, i) {
                    return self.one(i, "expected ':'");
                }
                if matches!(found, TokenKind::Rbrace | TokenKind::Comma) && in_brace() {
                    return self.one(before, "':' expected after dictionary key");
                }
            }
            TokenKind::Lpar if self.kind(first) == TokenKind::Def => {
                return self.one(i, "expected '('");
            }
            TokenKind::Else => {
                let at = (first..i)
                    .rev()
                    .find(|k| self.kind(*k) == TokenKind::If)
                    .unwrap_or(i);
                let start = self.expression_start(at.saturating_sub(1)).max(first);
                return self.one(start, "expected 'else' after 'if' expression");
            }
            _ => {}
        }
        if is_augmented(found) && first < i {
            let range = TextRange::new(self.start(first), self.range(before).end());
            let message = format!(
                "'{}' is an illegal expression for augmented assignment",
                self.describe(range)
            );
            return Raw::new(range, message);
        }
        if let Some(open) = self.open_bracket(i) {
            let parameters = open >= 2 && self.kind(open - 2) == TokenKind::Def;
            if parameters && found == TokenKind::Lpar {
                return self.one(i, "Function parameters cannot be parenthesized");
            }
            if parameters
                || self.kind(open.wrapping_sub(1)) == TokenKind::Import
                || self.in_lambda(open, i)
            {
                return self.one(i, "invalid syntax");
            }
            // `name 'text'` may be a misspelt prefix.
            let prefix = self.kind(before) == TokenKind::Name && found == TokenKind::String;
            if self.ends_expression(before) && self.starts_expression(i) && !prefix {
                let message = format!("{fstring}invalid syntax. Perhaps you forgot a comma?");
                return self.one(self.expression_start(before), message);
            }
        }
        self.one(i, format!("{fstring}invalid syntax"))
    }
    fn in_lambda(&self, first: usize, i: usize) -> bool {
        let part = &self.tokens[first.min(i)..i.min(self.tokens.len())];
        let lambda = part.iter().rposition(|t| t.kind() == TokenKind::Lambda);
        lambda.is_some_and(|l| !part[l..].iter().any(|t| t.kind() == TokenKind::Colon))
    }

    fn bad_target(&self, range: TextRange, i: usize) -> Raw {
        let kind = self.describe_target(range);
        let first = self.line_first(i);
        let leads = (first..i).all(|k| self.kind(k) == TokenKind::Lpar);
        if kind == "yield expression" && !leads {
            return Raw::new(range, "assignment to yield expression not possible");
        }
        let mut depth = 0;
        let mut equals = 0;
        for t in self.tokens[first..]
            .iter()
            .take_while(|t| t.kind() != TokenKind::Newline)
        {
            depth += i32::from(Self::is_open(t.kind())) - i32::from(Self::is_close(t.kind()));
            equals += u32::from(depth == 0 && t.kind() == TokenKind::Equal);
        }
        let simple = self.with_expression(range, |e| match e {
            Expr::If(_)
            | Expr::Lambda(_)
            | Expr::Compare(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::Tuple(_)
            | Expr::List(_)
            | Expr::Generator(_)
            | Expr::BoolOp(_) => false,
            Expr::UnaryOp(u) => u.op != ruff_python_ast::UnaryOp::Not,
            _ => true,
        });
        if leads && simple == Some(true) && equals == 1 {
            return Raw::new(
                range,
                format!("cannot assign to {kind} here. Maybe you meant '==' instead of '='?"),
            );
        }
        Raw::new(range, format!("cannot assign to {kind}"))
    }
}

/// Whether the token is `+=` or one of its kind.
fn is_augmented(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        PlusEqual
            | MinusEqual
            | StarEqual
            | SlashEqual
            | PercentEqual
            | AmperEqual
            | VbarEqual
            | CircumflexEqual
            | LeftShiftEqual
            | RightShiftEqual
            | DoubleStarEqual
            | DoubleSlashEqual
            | AtEqual
    )
}
