//! The block-structured space that all collectors share.
//!
//! The reserved range has two halves. The lower one is made of 32 KiB blocks: windows to bump into are runs of free blocks
//! or holes between survivors, found by lines of 128 bytes. The upper one holds large objects in runs of 4 KiB pages.
//!
//! With a nursery (see `nursery.rs`) all windows lie in blocks of their own, and holes are for objects that become old.
//!
//! Invariants:
//! - S1: outside a collection, a start bit is set exactly for the small objects that survived the last collection in
//!   their place or became old in it and, after [`Space::index_window`], for those of that window.
//! - S2: the used part of a window is a sequence of objects, each with a registered type and its final length.
//! - S3: the unused part of a window reads as zero.
//! - S4: no start bit and no line bit lies in a free block, a hole or the unused part of a window.
use crate::bitmap::Bitmap;
use crate::fastpath::ZONE_BYTES;
use crate::memory::{HUGE_PAGE_BYTES, Reservation};
use crate::nursery::Nursery;
use crate::object::GRANULE_BYTES;
use crate::old::OldWindows;
use crate::reuse::Reuse;
use crate::runs::{Run, Runs};
use crate::singles::Singles;
use crate::sweep::Sweep;
use std::ops::Range;

/// Size of a block.
pub const BLOCK_BYTES: usize = 32 << 10;
/// Size of a line, the unit in which memory between survivors is reused.
pub const LINE_BYTES: usize = 128;
/// Unit of the large-object space.
pub const PAGE_BYTES: usize = 4 << 10;
/// Memory is committed in steps of this size.
const COMMIT_BYTES: usize = 1 << 20;
/// Beyond so much memory the heap grows by huge pages: fewer page faults, and collectors that jump from object to object
/// find their addresses translated. A small heap is not to pay for memory that it does not use.
const SMALL_HEAP_BYTES: usize = 8 << 20;
/// Objects of at least so many bytes are backed by huge pages as far as they fill them: who jumps about in a large table, program or
/// collector, finds addresses translated.
const HUGE_OBJECT_BYTES: usize = 8 << 20;
/// The least hole that a window with a zone may be made of.
pub(crate) const ZONED_HOLE_BYTES: usize = ZONE_BYTES + (4 << 10);
/// The least hole worth remembering for checked allocation.
pub(crate) const HOLE_BYTES: usize = 4 * LINE_BYTES;
pub(crate) const LINES_PER_BLOCK: usize = BLOCK_BYTES / LINE_BYTES;

/// A part of the lower half that was given to the mutator since the last collection.
#[derive(Clone, Debug)]
pub struct Window {
    /// First byte.
    pub start: usize,
    /// End of the objects; while the window is current the truth is the heap's `free` pointer.
    pub used_end: usize,
    /// End of the memory.
    pub end: usize,
    /// The start bits of its objects up to here are set.
    pub(crate) indexed_end: usize,
}

/// Where an address lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Granule number in the lower half.
    Block(usize),
    /// Page number in the upper half.
    Large(usize),
    /// Not in this heap, or never handed out.
    Outside,
}

/// See the module's documentation.
pub struct Space {
    pub(crate) memory: Reservation,
    pub(crate) blocks: Runs,
    pub(crate) pages: Runs,
    committed_blocks: usize,
    committed_pages: usize,
    pub(crate) block_base: usize,
    pub(crate) page_base: usize,
    pub(crate) starts: Bitmap,
    pub(crate) marks: Bitmap,
    pub(crate) lines: Bitmap,
    pub(crate) large_marks: Bitmap,
    /// Page numbers of the large objects, young ones excepted.
    pub(crate) large: Vec<usize>,
    /// In order of their opening; two windows never overlap.
    pub(crate) windows: Vec<Window>,
    pub(crate) holes: Vec<Range<usize>>,
    pub(crate) zoned_holes: Vec<Range<usize>>,
    pub(crate) poison: bool,
    /// Bytes of windows and large objects handed out since the last collection.
    pub(crate) handed_out_bytes: usize,
    pub(crate) nursery: Nursery,
    pub(crate) old: OldWindows,
    pub(crate) singles: Singles,
    /// Ambiguous words that pointed into the heap and named no object.
    pub(crate) rejected_words: u64,
    pub(crate) freed_large: u64,
    pub(crate) freed_large_bytes: u64,
    /// Marks are final: old objects that are not marked are dead, and what becomes old is marked.
    pub(crate) judged: bool,
    pub(crate) sweep: Sweep,
    pub(crate) reuse: Reuse,
}

impl Space {
    /// Reserves address space.
    pub fn new(reserve_bytes: usize, poison: bool) -> Option<Space> {
        let memory = Reservation::new(reserve_bytes, 64 << 20)?;
        let range = memory.range();
        let start = range.start.next_multiple_of(HUGE_PAGE_BYTES);
        let half = (range.end - start) / 2 / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        let middle = start + half;
        Some(Space {
            blocks: Runs::new(start..middle, BLOCK_BYTES),
            pages: Runs::new(middle..middle + half, PAGE_BYTES),
            committed_blocks: start,
            committed_pages: middle,
            block_base: start,
            page_base: middle,
            memory,
            starts: Bitmap::default(),
            marks: Bitmap::default(),
            lines: Bitmap::default(),
            large_marks: Bitmap::default(),
            large: Vec::new(),
            windows: Vec::new(),
            holes: Vec::new(),
            zoned_holes: Vec::new(),
            poison,
            handed_out_bytes: 0,
            nursery: Nursery::default(),
            old: OldWindows::default(),
            singles: Singles::default(),
            rejected_words: 0,
            freed_large: 0,
            freed_large_bytes: 0,
            judged: false,
            sweep: Sweep::default(),
            reuse: Reuse::default(),
        })
    }

    // ---- Windows ------------------------------------------------------------------------------------------------------

    /// A window with a zone: at least one page of use, `ZONE_BYTES` behind it. Its number and addresses.
    ///
    /// `current` is the number of the window in use and where its objects end. If possible the next window starts there:
    /// the memory grows by a block, and windows stay short, so that finding an object in one is cheap.
    pub fn next_zoned_window(
        &mut self,
        current: Option<(usize, usize)>,
    ) -> Option<(usize, Range<usize>)> {
        if let Some((number, used_end)) = current {
            let end = self.windows[number].end;
            if self.grow_at(end) {
                self.windows[number].used_end = used_end;
                self.windows[number].end = used_end;
                self.handed_out_bytes -= end - used_end;
                return Some(self.open_window(used_end..end + BLOCK_BYTES));
            }
            self.retire_window(number, used_end);
        }
        if self.nursery.exists() {
            let range = self.take_young_block(false)?;
            return Some(self.open_window(range));
        }
        let range = match self.take_block(false) {
            Some(block) => block,
            None => match self.zoned_holes.pop() {
                Some(hole) => self.cleared(hole),
                None => self.take_block(true)?,
            },
        };
        Some(self.open_window(range))
    }
    /// A window without a zone, of at least `bytes`, for allocation that checks.
    pub fn next_checked_window(
        &mut self,
        current: Option<(usize, usize)>,
        bytes: usize,
    ) -> Option<(usize, Range<usize>)> {
        if let Some((number, used_end)) = current {
            self.retire_window(number, used_end);
        }
        // Holes too small for this request are dropped until the next sweep: searching them again and again costs more.
        let young = self.nursery.exists();
        while let Some(hole) = match young {
            true => self.nursery.rests.pop(),
            false => self.holes.pop(),
        } {
            if hole.len() >= bytes {
                let range = self.cleared(hole);
                return Some(self.open_window(range));
            }
        }
        if self.nursery.exists() {
            let range = self.take_young_block(true)?;
            return Some(self.open_window(range));
        }
        let range = match self.zoned_holes.pop() {
            Some(hole) => self.cleared(hole),
            None => match self.take_block(false) {
                Some(block) => block,
                None => self.take_block(true)?,
            },
        };
        Some(self.open_window(range))
    }
    /// Says that a window is no longer in use and where its objects end; the rest is free for checked allocation.
    pub fn retire_window(&mut self, number: usize, used_end: usize) {
        let window = &mut self.windows[number];
        debug_assert!(window.start <= used_end && used_end <= window.end);
        window.used_end = used_end;
        let rest = used_end.next_multiple_of(LINE_BYTES)..window.end;
        window.end = used_end;
        if rest.start < rest.end && rest.len() >= HOLE_BYTES {
            match self.nursery.exists() {
                true => self.nursery.rests.push(rest),
                false => self.holes.push(rest),
            }
        }
    }
    /// Tells where the objects of a current window end.
    pub fn set_used_end(&mut self, number: usize, used_end: usize) {
        self.windows[number].used_end = used_end;
    }
    pub(crate) fn open_window(&mut self, range: Range<usize>) -> (usize, Range<usize>) {
        self.handed_out_bytes += range.len();
        self.windows.push(Window {
            start: range.start,
            used_end: range.start,
            end: range.end,
            indexed_end: range.start,
        });
        (self.windows.len() - 1, range)
    }
    /// Takes the block that starts at `end`, if it is the right one to take next.
    fn grow_at(&mut self, end: usize) -> bool {
        if !(end - self.block_base).is_multiple_of(BLOCK_BYTES) {
            return false;
        }
        let next = (end - self.block_base) / BLOCK_BYTES;
        if self.nursery.exists() {
            return self.take_young_block_at(next);
        }
        if next == self.blocks.high_units() {
            // Growing the heap comes after reusing what lies between survivors.
            let reusable = !self.zoned_holes.is_empty() || self.blocks.has_free();
            if reusable || self.take_block(true).is_none() {
                return false;
            }
        } else if self.blocks.is_free(next) {
            self.occupy_block(next);
        } else {
            return false;
        }
        true
    }
    /// A zeroed block: a recycled one, or one from the upper end of what is in use.
    pub(crate) fn take_block(&mut self, fresh: bool) -> Option<Range<usize>> {
        let (block, zeroed) = self.take_raw_block(fresh)?;
        let range = self.block_range(block);
        if !zeroed {
            self.memory.fill(range.clone(), 0);
        }
        Some(range)
    }
    /// A block, and whether it reads as zero.
    pub(crate) fn take_raw_block(&mut self, fresh: bool) -> Option<(usize, bool)> {
        let run = match fresh {
            false => self.blocks.take_recycled(1)?,
            true => self.blocks.take_fresh(1)?,
        };
        self.commit_blocks(self.blocks.range(run).end)?;
        Some((run.first, self.blocks.occupy(run)))
    }
    /// Addresses of a block.
    pub(crate) fn block_range(&self, block: usize) -> Range<usize> {
        self.blocks.range(Run {
            first: block,
            units: 1,
        })
    }
    fn occupy_block(&mut self, block: usize) -> Range<usize> {
        let run = Run {
            first: block,
            units: 1,
        };
        let zeroed = self.blocks.occupy(run);
        let range = self.blocks.range(run);
        if !zeroed {
            self.memory.fill(range.clone(), 0);
        }
        range
    }
    fn commit_blocks(&mut self, end: usize) -> Option<()> {
        if end > self.committed_blocks {
            let from = self.committed_blocks;
            let target = self.commit(self.block_base, from, end, self.page_base)?;
            self.committed_blocks = target;
            let bytes = target - self.block_base;
            self.starts.grow(bytes / GRANULE_BYTES);
            self.marks.grow(bytes / GRANULE_BYTES);
            self.lines.grow(bytes / LINE_BYTES);
            self.nursery.grow(bytes / BLOCK_BYTES);
            self.sweep.blocks.grow(bytes / BLOCK_BYTES);
        }
        Some(())
    }
    /// Makes the memory of a part of the space, which begins at `base`, usable from an address up to another one at least, but
    /// not beyond a limit. Where the usable memory ends now.
    fn commit(&self, base: usize, from: usize, to: usize, limit: usize) -> Option<usize> {
        let big = base + SMALL_HEAP_BYTES;
        let step = [COMMIT_BYTES, HUGE_PAGE_BYTES][usize::from(to > big)];
        let target = to.next_multiple_of(step).min(limit);
        if !self.memory.commit(from..target) {
            return None;
        }
        if target > big {
            self.memory.prefer_huge_pages(from.max(big)..target);
        }
        Some(target)
    }
    fn cleared(&self, range: Range<usize>) -> Range<usize> {
        self.memory.fill(range.clone(), 0);
        range
    }
    /// The windows handed out since the last collection.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }
    /// What is free between survivors and was not used since the last collection.
    pub fn unused_holes(&self) -> impl Iterator<Item = &Range<usize>> + '_ {
        self.holes.iter().chain(&self.zoned_holes)
    }
    /// The number of the block at an address of the lower half, and where the block ends.
    pub fn block_at(&self, address: usize) -> (usize, usize) {
        let block = (address - self.block_base) / BLOCK_BYTES;
        (block, self.block_base + (block + 1) * BLOCK_BYTES)
    }
    /// Orders the windows by address; their numbers change. All of them must be retired.
    pub fn sort_windows(&mut self) {
        self.windows.sort_unstable_by_key(|w| (w.start, w.used_end));
    }
    /// The window whose used part contains `address`. Needs [`Space::sort_windows`].
    pub fn window_of(&self, address: usize) -> Option<usize> {
        let after = self.windows.partition_point(|w| w.start <= address);
        let number = after.checked_sub(1)?;
        (address < self.windows[number].used_end).then_some(number)
    }
    /// Whether a window contains the address; windows may be in use and unsorted.
    pub fn is_in_window(&self, address: usize) -> bool {
        let holds = |w: &Window| w.start <= address && address < w.used_end;
        self.windows.iter().rev().any(holds)
    }
    /// From now on freed memory is poisoned.
    pub fn set_poison(&mut self) {
        self.poison = true;
    }
    /// Sets the start bits of a window's objects; `size` gives the size of the object at an address.
    pub fn index_window(&mut self, number: usize, mut size: impl FnMut(usize) -> usize) {
        let Window {
            used_end,
            indexed_end,
            ..
        } = self.windows[number];
        let mut at = indexed_end;
        while at < used_end {
            self.starts.insert((at - self.block_base) / GRANULE_BYTES);
            at += size(at);
        }
        debug_assert_eq!(
            at, used_end,
            "the objects of a window fill its used part (S2)"
        );
        self.windows[number].indexed_end = used_end;
    }

    // ---- Large objects ------------------------------------------------------------------------------------------------

    /// Zeroed memory for a large object.
    pub fn take_large(&mut self, bytes: usize) -> Option<usize> {
        let units = bytes.div_ceil(PAGE_BYTES);
        let run = match self.pages.take_recycled(units) {
            Some(run) => run,
            None => self.pages.take_fresh(units)?,
        };
        let range = self.pages.range(run);
        if range.end > self.committed_pages {
            let from = self.committed_pages;
            let limit = self.memory.range().end;
            let target = self.commit(self.page_base, from, range.end, limit)?;
            self.committed_pages = target;
            self.large_marks
                .grow((target - self.page_base) / PAGE_BYTES);
            self.nursery
                .grow_large((target - self.page_base) / PAGE_BYTES);
            self.sweep
                .large_bits
                .grow((target - self.page_base) / PAGE_BYTES);
        }
        if bytes >= HUGE_OBJECT_BYTES {
            let inside = range.start.next_multiple_of(HUGE_PAGE_BYTES)
                ..range.end / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
            self.memory.prefer_huge_pages(inside);
        }
        if !self.pages.occupy(run) {
            self.memory.fill(range.clone(), 0);
        }
        match self.nursery.exists() {
            true => self.nursery.add_large(run.first),
            false => self.large.push(run.first),
        }
        self.handed_out_bytes += range.len();
        Some(range.start)
    }
    /// Addresses of all large objects, those that are known dead excepted.
    pub fn large_objects(&self) -> impl Iterator<Item = usize> + '_ {
        let young = self.nursery.large().iter();
        let swept = self.large.iter().chain(young);
        let living = |page: &&usize| self.large_marks.get(**page);
        let pages = swept.chain(self.sweep.large.iter().filter(living));
        pages.map(|&page| self.pages.address(page))
    }
    /// Bytes of the pages of the large object that starts at `page`.
    pub(crate) fn large_bytes(&self, page: usize) -> usize {
        self.pages.range(self.pages.run_at(page)).len()
    }
    pub(crate) fn free_large(&mut self, page: usize) {
        let run = self.pages.run_at(page);
        if self.poison {
            self.memory.fill(self.pages.range(run), 0xDB);
        }
        self.freed_large_bytes += self.pages.range(run).len() as u64;
        self.pages.free(run, false);
        self.freed_large += 1;
    }

    // ---- Finding objects ----------------------------------------------------------------------------------------------

    /// Where an address lies.
    #[inline(always)]
    pub fn place(&self, address: usize) -> Place {
        if address.wrapping_sub(self.block_base) < self.committed_blocks - self.block_base {
            Place::Block((address - self.block_base) / GRANULE_BYTES)
        } else if address.wrapping_sub(self.page_base) < self.committed_pages - self.page_base {
            Place::Large((address - self.page_base) / PAGE_BYTES)
        } else {
            Place::Outside
        }
    }
    /// The address of a granule of the lower half.
    pub fn granule_address(&self, granule: usize) -> usize {
        self.block_base + granule * GRANULE_BYTES
    }
    /// The nearest object start at or below `granule`, at most `bytes` below. Windows must be indexed.
    pub fn start_at_or_below(&self, granule: usize, bytes: usize) -> Option<usize> {
        let least = granule.saturating_sub(bytes / GRANULE_BYTES);
        self.starts
            .last_up_to(granule, least)
            .map(|g| self.granule_address(g))
    }
    /// The large object whose pages contain page `page`.
    pub fn large_at(&self, page: usize) -> Option<usize> {
        let address = self.page_base + page * PAGE_BYTES;
        let unit = self.pages.unit_of(address)?;
        (!self.pages.state(unit).is_free()).then(|| self.pages.address(self.pages.head_of(unit)))
    }
    /// Addresses of the small objects whose start bits are set, those that are known dead excepted.
    pub fn started_objects(&self) -> impl Iterator<Item = usize> + '_ {
        let starts = self.starts.iter().map(|g| self.granule_address(g));
        starts.filter(|&address| !self.is_known_dead(address))
    }

    /// How many small objects whose start bits are set lie in a part of the lower half.
    pub(crate) fn count_started(&self, addresses: Range<usize>) -> u64 {
        let granule = |at: usize| (at - self.block_base) / GRANULE_BYTES;
        self.starts
            .count_range(granule(addresses.start)..granule(addresses.end))
    }

    // ---- Marking -----------------------------------------------------------------------------------------

    /// Says whether marks are final until the next sweep begins.
    pub(crate) fn set_judged(&mut self, judged: bool) {
        self.judged = judged;
    }
    /// Forgets all marks.
    pub fn clear_marks(&mut self) {
        self.marks.clear();
        self.lines.clear();
        self.large_marks.clear();
    }
    /// Keeps the line around an address from being reused, though no object is there.
    pub fn keep_line(&mut self, address: usize) {
        self.lines.insert((address - self.block_base) / LINE_BYTES);
    }
    /// Whether the object is marked. Objects outside the heap always are.
    #[inline(always)]
    pub fn is_marked(&self, address: usize) -> bool {
        match self.place(address) {
            Place::Block(granule) => self.marks.get(granule),
            Place::Large(page) => self.large_marks.get(page),
            Place::Outside => true,
        }
    }
    /// Marks an object; false if it was marked before, or is not in the heap.
    #[inline(always)]
    pub fn set_mark(&mut self, address: usize) -> bool {
        match self.place(address) {
            Place::Block(granule) => self.marks.insert(granule),
            Place::Large(page) => self.large_marks.insert(page),
            Place::Outside => false,
        }
    }
    /// Asks the processor to fetch the mark of an object of the heap.
    #[inline(always)]
    pub fn prefetch_mark(&self, address: usize) {
        match self.place(address) {
            Place::Block(granule) => self.marks.prefetch(granule),
            Place::Large(page) => self.large_marks.prefetch(page),
            Place::Outside => {}
        }
    }
    /// Says how long a marked object is, and returns the bytes it takes.
    #[inline(always)]
    pub fn set_extent(&mut self, address: usize, bytes: usize) -> usize {
        match self.place(address) {
            Place::Block(_) => {
                let first = (address - self.block_base) / LINE_BYTES;
                let last = (address - self.block_base + bytes - 1) / LINE_BYTES;
                self.lines.insert_range(first, last);
                bytes
            }
            Place::Large(page) => self.large_bytes(page),
            Place::Outside => 0,
        }
    }
    /// Marks an object of so many bytes, and returns what it takes if it was not marked before.
    pub fn mark(&mut self, address: usize, bytes: usize) -> Option<usize> {
        self.set_mark(address)
            .then(|| self.set_extent(address, bytes))
    }
    // ---- Accounting ---------------------------------------------------------------------------------------------------

    /// Bytes of windows and large objects handed out since the last collection.
    pub fn handed_out_bytes(&self) -> usize {
        self.handed_out_bytes
    }
    /// Bytes of blocks and pages in use.
    pub fn used_bytes(&self) -> usize {
        self.blocks.used_units() * BLOCK_BYTES + self.pages.used_units() * PAGE_BYTES
    }
    /// Bytes that were ever in use at once, at most: the blocks and pages below the highest one.
    pub fn high_bytes(&self) -> usize {
        self.blocks.high_units() * BLOCK_BYTES + self.pages.high_units() * PAGE_BYTES
    }
}
