//! What the matcher asks of a place in the text without taking anything, and what groups have matched.

use super::chars;
use super::matcher::Matcher;
use super::program::Fold;
use super::text::Text;

impl<T: Text> Matcher<'_, '_, T> {
    /// The position so many characters before `at`, if there are so many.
    pub(super) fn far_back(&self, mut at: usize, count: u32) -> Option<usize> {
        if !T::WIDE {
            return at.checked_sub(count as usize);
        }
        for _ in 0..count {
            if at == 0 {
                return None;
            }
            at = T::before(self.full, at);
        }
        Some(at)
    }
    /// The position after a repetition of what a group has matched.
    pub(super) fn same_as(&self, group: u32, fold: Fold, at: usize) -> Option<usize> {
        let (start, stop) = self.scratch().span(group as usize + 1)?;
        if stop <= start {
            return (stop == start).then_some(at);
        }
        if fold == Fold::None {
            let rest = self.text.get(at..)?;
            let same = rest.starts_with(self.text.get(start..stop)?);
            return same.then_some(at + stop - start);
        }
        let (mut from, mut at) = (start, at);
        while from < stop {
            if at >= self.text.len() {
                return None;
            }
            let ((a, next_from), (b, next_at)) = (T::next(self.text, from), T::next(self.text, at));
            if fold.lower(a) != fold.lower(b) {
                return None;
            }
            (from, at) = (next_from, next_at);
        }
        Some(at)
    }
    pub(super) fn is_at(&self, where_: u32, at: usize) -> bool {
        let (text, end) = (self.full, self.text.len());
        let newline = |i: usize| text.get(i) == Some(&10);
        let boundary = |word: fn(u32) -> bool| {
            let before = at > 0 && word(T::next(text, T::before(text, at)).0);
            let after = at < end && word(T::next(text, at).0);
            before != after
        };
        match where_ {
            0 | 2 => at == 0,
            1 => at == 0 || newline(at - 1),
            3 | 8 => end > 0 && boundary(chars::is_ascii_word),
            4 | 9 => end > 0 && !boundary(chars::is_ascii_word),
            5 => at == end || at + 1 == end && newline(at),
            6 => at == end || newline(at),
            7 => at == end,
            10 => end > 0 && boundary(chars::is_word),
            _ => end > 0 && !boundary(chars::is_word),
        }
    }
}
