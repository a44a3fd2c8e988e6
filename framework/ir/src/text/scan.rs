//! The scanner of one line.

use super::parse::Parsed;

/// What is left of a line. A copy is a place to come back to.
#[derive(Clone, Copy)]
pub(super) struct Line<'a>(&'a str);

const PUNCTUATION: &str = "(),{}=~[]@:#\"";

impl<'a> Line<'a> {
    pub fn new(text: &'a str) -> Self {
        Line(text.trim())
    }
    pub fn at(&self, token: &str) -> bool {
        self.0.starts_with(token)
    }
    pub fn eat(&mut self, token: &str) -> bool {
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest.trim_start();
                true
            }
            None => false,
        }
    }
    pub fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(format!("expected `{token}` before `{}`", self.0))
        }
    }
    /// The longest run of characters that are neither blank nor punctuation.
    pub fn word(&mut self) -> Parsed<&'a str> {
        let len = self
            .0
            .find(|c: char| c.is_whitespace() || PUNCTUATION.contains(c))
            .unwrap_or(self.0.len());
        if len == 0 {
            return Err(format!("expected a word before `{}`", self.0));
        }
        let (word, rest) = self.0.split_at(len);
        self.0 = rest.trim_start();
        Ok(word)
    }
    pub fn eat_word(&mut self, expected: &str) -> bool {
        let start = *self;
        let found = self.word() == Ok(expected);
        if !found {
            *self = start;
        }
        found
    }
    pub fn keyword(&mut self, expected: &str) -> Parsed<()> {
        if self.eat_word(expected) {
            Ok(())
        } else {
            Err(format!("expected `{expected}` before `{}`", self.0))
        }
    }
    pub fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        let word = self.word()?;
        word.parse()
            .map_err(|_| format!("{word} is not a number here"))
    }
    /// Items between brackets, separated by commas.
    pub fn list<T>(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect(open)?;
        let mut items = Vec::new();
        if self.eat(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }
    /// The number of commas before the first closing bracket.
    pub fn commas_until(&self, close: &str) -> usize {
        self.0
            .split(close)
            .next()
            .unwrap_or("")
            .matches(',')
            .count()
    }
    pub fn rest(&mut self) -> &'a str {
        std::mem::take(&mut self.0)
    }
    pub fn end(&self) -> Parsed<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(format!("`{}` is left over", self.0))
        }
    }
}
