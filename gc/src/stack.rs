//! A stack that never takes long: a long vector that grows may be copied as a whole, so this one is made of parts.

/// Entries of a part.
const PART: usize = 8 << 10;

/// See the module's documentation.
pub(crate) struct Stack<T> {
    /// The upper end. Empty only if everything is, or just after a pop.
    top: Vec<T>,
    full: Vec<Vec<T>>,
    /// An empty part, so that pushes and pops around a border do not ask for memory each time.
    spare: Vec<T>,
}

impl<T> Default for Stack<T> {
    fn default() -> Stack<T> {
        Stack {
            top: Vec::new(),
            full: Vec::new(),
            spare: Vec::new(),
        }
    }
}

impl<T> Stack<T> {
    #[inline(always)]
    pub(crate) fn push(&mut self, entry: T) {
        if self.top.len() == PART {
            self.next_part();
        }
        self.top.push(entry);
    }
    #[cold]
    fn next_part(&mut self) {
        let mut part = std::mem::take(&mut self.spare);
        part.reserve_exact(PART);
        self.full.push(std::mem::replace(&mut self.top, part));
    }
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<T> {
        match self.top.pop() {
            None => self.pop_part(),
            some => some,
        }
    }
    #[cold]
    fn pop_part(&mut self) -> Option<T> {
        let part = self.full.pop()?;
        self.spare = std::mem::replace(&mut self.top, part);
        self.top.pop()
    }
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.top.is_empty() && self.full.is_empty()
    }
    /// All entries.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flatten().chain(&self.top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_last_is_popped_first() {
        let mut stack = Stack::default();
        for n in 1..=3 * PART + 1 {
            stack.push(n);
        }
        assert_eq!(stack.iter().count(), 3 * PART + 1);
        for n in (1..=3 * PART + 1).rev() {
            assert!(!stack.is_empty());
            assert_eq!(stack.pop(), Some(n));
            if n == 2 * PART + 1 {
                stack.push(n);
                assert_eq!(stack.pop(), Some(n));
            }
        }
        assert!(stack.is_empty());
        assert_eq!(stack.pop(), None);
    }
}
