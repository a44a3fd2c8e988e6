//! Memory for objects that become old: holes between old objects, or free blocks.
//!
//! Small objects fill holes; one that does not fit into the present hole goes to a free block of its own kind, so that a
//! medium object does not throw a half-used hole away (overflow allocation of mark-region collectors, Blackburn and
//! McKinley, PLDI 2008).
use crate::object::GRANULE_BYTES;
use crate::space::{LINE_BYTES, Space};

/// The two places where the next old objects go.
#[derive(Default, Clone)]
pub(crate) struct OldWindows {
    free: usize,
    end: usize,
    overflow_free: usize,
    overflow_end: usize,
}

impl Space {
    /// Memory for an old object with its start bit set; contents are arbitrary. `None` if the system has no memory.
    pub fn take_old(&mut self, bytes: usize) -> Option<usize> {
        let at = self.take_old_raw(bytes)?;
        self.add_start(at);
        Some(at)
    }
    /// Makes holes of what is left of the windows for old objects, so that the mutator may use it.
    pub(crate) fn retire_old_windows(&mut self) {
        let old = std::mem::take(&mut self.old);
        for (free, end) in [(old.free, old.end), (old.overflow_free, old.overflow_end)] {
            let first_line = free.div_ceil(LINE_BYTES) * LINE_BYTES;
            if first_line < end {
                self.add_hole(first_line..end);
            }
        }
    }
    /// The same, zeroed.
    pub fn take_old_zeroed(&mut self, bytes: usize) -> Option<usize> {
        let at = self.take_old(bytes)?;
        self.memory.fill(at..at + bytes, 0);
        Some(at)
    }
    /// Says that an old object starts at the address.
    pub fn add_start(&mut self, address: usize) {
        let granule = (address - self.block_base) / GRANULE_BYTES;
        self.starts.insert(granule);
        if self.judged {
            self.marks.insert(granule);
        }
    }
    /// The same without a start bit: no object is there yet.
    #[inline]
    pub fn take_old_raw(&mut self, bytes: usize) -> Option<usize> {
        if self.old.end - self.old.free < bytes {
            return self.take_old_slow(bytes);
        }
        let at = self.old.free;
        self.old.free = at + bytes;
        Some(at)
    }
    #[cold]
    fn take_old_slow(&mut self, bytes: usize) -> Option<usize> {
        if bytes > LINE_BYTES {
            if self.old.overflow_end - self.old.overflow_free < bytes {
                let block = self.take_old_block()?;
                (self.old.overflow_free, self.old.overflow_end) = (block.start, block.end);
            }
            let at = self.old.overflow_free;
            self.old.overflow_free += bytes;
            return Some(at);
        }
        let range = match self.holes.pop().or_else(|| self.zoned_holes.pop()) {
            Some(hole) => hole,
            None => self.take_old_block()?,
        };
        (self.old.free, self.old.end) = (range.start + bytes, range.end);
        Some(range.start)
    }
    fn take_old_block(&mut self) -> Option<std::ops::Range<usize>> {
        if let Some((block, _)) = self.take_raw_block(false) {
            return Some(self.block_range(block));
        }
        let block = match self.take_reserved_block() {
            Some(block) => block,
            None => self.take_raw_block(true)?.0,
        };
        Some(self.block_range(block))
    }
}
