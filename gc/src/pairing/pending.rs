//! Structures that wait for their tasks, in order.
use super::cycles::Task;
use super::raw::Raw;

/// A queue whose entries are single words: a structure's address, with the task in the bits that it has to spare.
#[derive(Default)]
pub(super) struct Pending {
    entries: Vec<*mut Raw>,
    /// Entries before this were taken.
    taken: usize,
}

const TASKS: [Task; 3] = [Task::Drop, Task::Clear, Task::Finalize];
const BITS: usize = 3;
/// So many taken entries are given up at once, if they are most of all.
const MANY_TAKEN: usize = 1 << 10;

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.taken == self.entries.len()
    }
    /// The structure has the alignment of a word, as it was linked or was found beside linked ones.
    #[inline(always)]
    pub fn push(&mut self, raw: *mut Raw, task: Task) {
        debug_assert!(raw.addr() & BITS == 0 && TASKS[task as usize] == task);
        let entry = raw.map_addr(|address| address | task as usize);
        if self.taken >= MANY_TAKEN && self.taken * 2 > self.entries.len() {
            self.give_up_taken();
        }
        self.entries.push(entry);
    }
    #[inline]
    pub fn pop(&mut self) -> Option<(*mut Raw, Task)> {
        let Some(&entry) = self.entries.get(self.taken) else {
            self.start_anew();
            return None;
        };
        self.taken += 1;
        let task = TASKS[entry.addr() & BITS];
        Some((entry.map_addr(|address| address & !BITS), task))
    }
    fn start_anew(&mut self) {
        let most = self.entries.len();
        self.entries.clear();
        self.taken = 0;
        // A queue that was long once does not keep its memory.
        if most != 0 && self.entries.capacity() / 4 > most {
            self.entries.shrink_to(most * 2);
        }
    }
    #[cold]
    fn give_up_taken(&mut self) {
        self.entries.drain(..self.taken);
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_comes_out_in_order() {
        let mut pending = Pending::default();
        let raw = |n: usize| std::ptr::without_provenance_mut::<Raw>(n * 8);
        let (mut pushed, mut popped) = (0, 0);
        for round in 0..200 {
            for _ in 0..(round * 7) % 131 {
                pushed += 1;
                pending.push(raw(pushed), TASKS[pushed % 3]);
            }
            for _ in 0..(round * 5) % 127 {
                let next = pending.pop();
                popped += usize::from(next.is_some());
                assert!(next.is_none_or(|next| next == (raw(popped), TASKS[popped % 3])));
                assert_eq!(pending.is_empty(), popped == pushed);
                if next.is_none() {
                    break;
                }
            }
        }
        while pending.pop().is_some() {
            popped += 1;
        }
        assert_eq!(popped, pushed);
        assert!(popped > 5_000 && pending.entries.capacity() < 8 * MANY_TAKEN);
    }
}
