//! Looks for the places at which a match may begin.

use super::matcher::{Matcher, Stopped};
use super::program::Heads;
use super::text::Text;
use memchr::{memchr, memchr2, memchr3};

/// The first place from `at` on that the heads allow.
fn candidate(heads: &Heads, table: &[u8; 256], text: &[u8], mut at: usize) -> Option<usize> {
    // A match has at least so many bytes as are known.
    let last = text.len().checked_sub(heads.known)?;
    if let Some(prefix) = &heads.prefix {
        return prefix.find(text.get(at..)?).map(|n| at + n);
    }
    while at <= last {
        let here = &text[at..at + heads.known];
        if here
            .iter()
            .enumerate()
            .all(|(i, &b)| table[b as usize] >> i & 1 == 1)
        {
            return Some(at);
        }
        at += 1;
        // A jump to the next byte that may be the first, unless it is the next one anyway.
        if at <= last && table[text[at] as usize] & 1 == 0 {
            let rest = &text[at..];
            at += match heads.rare[..] {
                [a] => memchr(a, rest)?,
                [a, b] => memchr2(a, b, rest)?,
                [a, b, c] => memchr3(a, b, c, rest)?,
                _ => rest.iter().position(|&b| table[b as usize] & 1 == 1)?,
            };
        }
    }
    None
}
impl<T: Text> Matcher<'_, '_, T> {
    /// The first match that begins at `start` or later. `not_empty` concerns only a match at `start`.
    ///
    /// # Errors
    /// If the watch says so.
    pub fn search(&mut self, start: usize, not_empty: bool) -> Result<bool, Stopped> {
        let program = self.program;
        if program.start.anchored {
            return Ok(start == 0 && self.match_at(0, not_empty)?);
        }
        let heads = &program.start.heads[usize::from(T::WIDE)];
        let mut at = start;
        loop {
            if let Some(table) = &heads.table {
                match candidate(heads, table, self.text, at) {
                    Some(found) => at = found,
                    None => return Ok(false),
                }
            }
            if self.match_at(at, not_empty && at == start)? {
                return Ok(true);
            }
            if at >= self.text.len() {
                return Ok(false);
            }
            at = T::after(self.text, at);
        }
    }
}
