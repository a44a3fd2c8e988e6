//! Sweeping: frees what was not marked, a part at a time or all at once.
//!
//! A sweep goes over the blocks and large objects that were old when it began. It turns marks into start bits, frees empty
//! blocks, and collects the holes in the others. Between its parts the mutator runs and objects become old; they are put
//! into blocks that were swept already or are new.
//!
//! Invariants:
//! - W1: outside a collection, and between collections that do not mark step by step, no mark and no line is set. A block
//!   that was swept has neither.
//! - W2: a block or large object still to be swept is in `blocks` or `large`; what is not marked in it is known dead, and
//!   no ambiguous word may name it.
use crate::bitmap::Bitmap;
use crate::memory::HUGE_PAGE_BYTES;
use crate::object::GRANULE_BYTES;
use crate::old::OldWindows;
use crate::runs::{Run, Unit};
use crate::space::{
    BLOCK_BYTES, HOLE_BYTES, LINE_BYTES, LINES_PER_BLOCK, PAGE_BYTES, Place, Space,
    ZONED_HOLE_BYTES,
};
use std::ops::Range;

pub(crate) const GRANULES_PER_BLOCK: usize = BLOCK_BYTES / GRANULE_BYTES;

/// What a sweep has still to do.
#[derive(Default)]
pub(crate) struct Sweep {
    /// Blocks to sweep, and where to go on.
    pub(crate) blocks: Bitmap,
    next_block: usize,
    end_block: usize,
    /// Pages of the large objects to look at, as a list and as a set.
    pub(crate) large: Vec<usize>,
    pub(crate) large_bits: Bitmap,
    /// Runs to give back to the system: free blocks first, then free pages.
    releasable: Vec<(bool, Run)>,
}

/// How much work a call may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepBudget {
    /// Blocks to look at.
    pub blocks: usize,
    /// Large objects to look at.
    pub large: usize,
}

impl SweepBudget {
    /// All that there is.
    pub const ALL: SweepBudget = SweepBudget {
        blocks: usize::MAX,
        large: usize::MAX,
    };
}

impl Space {
    /// Frees everything that is not marked, and forgets all windows.
    pub fn sweep_all(&mut self) {
        self.begin_sweep();
        let done = self.sweep_some(SweepBudget::ALL);
        debug_assert!(done);
    }
    /// Starts a sweep. There may be no young objects apart from those in windows that are forgotten now: their marks become
    /// start bits like those of others.
    pub fn begin_sweep(&mut self) {
        debug_assert!(!self.is_sweeping());
        self.judged = false;
        self.windows.clear();
        self.holes.clear();
        self.zoned_holes.clear();
        self.old = OldWindows::default();
        self.handed_out_bytes = 0;
        let high = self.blocks.high_units();
        for block in 0..high {
            if self.blocks.state(block) == Unit::Head && !self.nursery.owns(block) {
                self.sweep.blocks.insert(block);
            }
        }
        (self.sweep.next_block, self.sweep.end_block) = (0, high);
        self.sweep.large = std::mem::take(&mut self.large);
        for &page in &self.sweep.large {
            self.sweep.large_bits.insert(page);
        }
    }
    /// Whether a block is in the sweep that was begun, which has not come to it yet.
    #[inline(always)]
    pub(crate) fn is_to_be_swept(&self, block: usize) -> bool {
        self.sweep.blocks.get(block)
    }
    /// Whether a sweep was begun and is not at its end.
    pub fn is_sweeping(&self) -> bool {
        self.sweep.next_block < self.sweep.end_block || !self.sweep.large.is_empty()
    }
    /// Goes on with the sweep, and tells whether it is at its end.
    pub fn sweep_some(&mut self, budget: SweepBudget) -> bool {
        self.sweep_large(budget.large);
        self.sweep_blocks(budget.blocks);
        !self.is_sweeping()
    }
    fn sweep_large(&mut self, most: usize) {
        for _ in 0..most {
            let Some(page) = self.sweep.large.pop() else {
                return;
            };
            self.sweep.large_bits.remove(page);
            if self.large_marks.get(page) {
                self.large_marks.remove(page);
                self.large.push(page);
            } else {
                self.free_large(page);
            }
        }
    }
    fn sweep_blocks(&mut self, most: usize) {
        let (holes, zoned_holes) = (self.holes.len(), self.zoned_holes.len());
        let mut left = most;
        while left > 0 && self.sweep.next_block < self.sweep.end_block {
            let end = self.sweep.end_block;
            let Some(first) = self.sweep.blocks.first_from(self.sweep.next_block, end) else {
                self.sweep.next_block = end;
                break;
            };
            let mut after = first;
            while after < end && left > 0 && self.sweep.blocks.get(after) {
                self.sweep.blocks.remove(after);
                after += 1;
                left -= 1;
            }
            self.sweep.next_block = after;
            self.sweep_run(first..after);
        }
        // Popping serves the lowest hole first.
        self.holes[holes..].reverse();
        self.zoned_holes[zoned_holes..].reverse();
    }
    /// Sweeps adjacent blocks; a hole may reach over the border of two that stay in use.
    fn sweep_run(&mut self, blocks: Range<usize>) {
        let granules = blocks.start * GRANULES_PER_BLOCK;
        self.starts
            .take_range(&mut self.marks, granules, blocks.len() * GRANULES_PER_BLOCK);
        let mut used_from = blocks.start;
        for block in blocks.clone() {
            let lines = block * LINES_PER_BLOCK;
            let live = self.lines.first_from(lines, lines + LINES_PER_BLOCK);
            if live.is_none() {
                self.find_holes(used_from * LINES_PER_BLOCK, lines);
                used_from = block + 1;
                self.free_block(block);
            }
        }
        self.find_holes(used_from * LINES_PER_BLOCK, blocks.end * LINES_PER_BLOCK);
        let last = blocks.end * LINES_PER_BLOCK - 1;
        self.lines
            .remove_range(blocks.start * LINES_PER_BLOCK, last);
    }
    pub(crate) fn free_block(&mut self, block: usize) {
        let run = Run {
            first: block,
            units: 1,
        };
        if self.poison {
            self.memory.fill(self.blocks.range(run), 0xDB);
        }
        self.blocks.free(run, false);
    }
    /// Collects the holes between the given lines, all of them in blocks in use.
    pub(crate) fn find_holes(&mut self, first_line: usize, end_line: usize) {
        let mut line = first_line;
        while line < end_line {
            let live = self.lines.first_from(line, end_line).unwrap_or(end_line);
            if live > line {
                self.add_hole(
                    self.block_base + line * LINE_BYTES..self.block_base + live * LINE_BYTES,
                );
            }
            line = live;
            while line < end_line && self.lines.get(line) {
                line += 1;
            }
        }
    }
    pub(crate) fn add_hole(&mut self, hole: Range<usize>) {
        if self.poison {
            self.memory.fill(hole.clone(), 0xDB);
        }
        if hole.len() >= ZONED_HOLE_BYTES {
            self.zoned_holes.push(hole);
        } else if hole.len() >= HOLE_BYTES {
            self.holes.push(hole);
        }
    }
    /// Whether the object at an address is old and not marked, and marking has ended: the program must not get at it, even
    /// if a finalizer keeps it.
    #[inline]
    pub fn is_judged_dead(&self, address: usize) -> bool {
        self.judged
            && match self.place(address) {
                Place::Block(granule) => !self.is_young(address) && !self.marks.get(granule),
                Place::Large(page) => !self.is_young_large(address) && !self.large_marks.get(page),
                Place::Outside => false,
            }
    }
    /// Whether the old object at an address was found dead by a sweep that has not come to it yet.
    #[inline]
    pub fn is_known_dead(&self, address: usize) -> bool {
        if mutant!(ZombieAccepted) {
            return false;
        }
        match self.place(address) {
            Place::Block(granule) => {
                self.sweep.next_block < self.sweep.end_block
                    && self.sweep.blocks.get(granule / GRANULES_PER_BLOCK)
                    && !self.marks.get(granule)
            }
            Place::Large(page) => self.sweep.large_bits.get(page) && !self.large_marks.get(page),
            Place::Outside => false,
        }
    }

    // ---- Giving memory back -------------------------------------------------------------------------------------------

    /// Gives free memory beyond `keep_bytes` back to the system. Memory that the mutator will ask for before the next
    /// collection should be kept: clearing a page costs a tenth of getting it back by a page fault.
    pub fn trim(&mut self, keep_bytes: usize) {
        let mut kept_bytes = 0;
        for runs in [&mut self.blocks, &mut self.pages] {
            for run in runs.dirty_runs() {
                kept_bytes += runs.range(run).len();
                let run = runs.whole_huge_pages(run);
                if kept_bytes > keep_bytes && self.memory.release(runs.range(run)) {
                    runs.set_zeroed(run);
                }
            }
        }
    }

    /// Notes what [`Space::trim_some`] may give back: free memory beyond `keep_bytes`.
    pub fn begin_trim(&mut self, keep_bytes: usize) {
        let mut kept_bytes = 0;
        self.sweep.releasable.clear();
        for (is_large, runs, unit_bytes) in [
            (false, &self.blocks, BLOCK_BYTES),
            (true, &self.pages, PAGE_BYTES),
        ] {
            for run in runs.dirty_runs() {
                let bytes = run.units * unit_bytes;
                kept_bytes += bytes;
                if kept_bytes > keep_bytes {
                    let run = runs.whole_huge_pages(run);
                    self.sweep.releasable.push((is_large, run));
                }
            }
        }
    }
    /// Gives up to `most_bytes` of what [`Space::begin_trim`] noted back to the system, as far as it is free still.
    /// Whether there is nothing left to give.
    pub fn trim_some(&mut self, most_bytes: usize) -> bool {
        let mut left = most_bytes;
        while left > 0 {
            let Some((is_large, run)) = self.sweep.releasable.pop() else {
                return true;
            };
            let (runs, unit_bytes) = match is_large {
                false => (&mut self.blocks, BLOCK_BYTES),
                true => (&mut self.pages, PAGE_BYTES),
            };
            // Parts end where huge pages do, or are parts of one.
            let huge_units = HUGE_PAGE_BYTES / unit_bytes;
            let most = left.next_multiple_of(HUGE_PAGE_BYTES) / unit_bytes;
            let units = run.units.min(most - run.first % huge_units);
            let part = Run {
                first: run.first,
                units,
            };
            if units < run.units {
                let rest = Run {
                    first: run.first + units,
                    units: run.units - units,
                };
                self.sweep.releasable.push((is_large, rest));
            }
            left = left.saturating_sub(units * unit_bytes);
            // Since it was noted, a part may have been handed out.
            let free = (part.first..part.first + part.units).all(|unit| runs.is_free(unit));
            if free && self.memory.release(runs.range(part)) {
                runs.set_zeroed(part);
            }
        }
        self.sweep.releasable.is_empty()
    }
}
