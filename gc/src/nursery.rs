//! The nursery: blocks set apart for new objects, so that all of them can be emptied at once.
//!
//! One window grows through the nursery from below, so that its zone is wasted once only; the other takes blocks from
//! above and what the first left over. When the nursery is used up the mutator goes on in further blocks until its next
//! safepoint. A block that keeps an object at the end of a collection becomes an old block, and another takes its place.
//!
//! Invariants:
//! - N1: a block is `Young` exactly if windows of this cycle lie in it; outside a collection none is `Survivor` or `Kept`.
//! - N2: free nursery blocks and those in reserve are in use as far as the rest of the space is concerned, and `OWNED`
//!   here.
use crate::bitmap::Bitmap;
use crate::runs::Run;
use crate::space::{BLOCK_BYTES, LINE_BYTES, LINES_PER_BLOCK, Space};
use std::collections::VecDeque;
use std::ops::Range;

/// What a block is to a young collection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[repr(u8)]
pub enum BlockKind {
    /// Old or free.
    #[default]
    Old,
    /// Free, and kept for new objects.
    Owned,
    /// What survived the collection that runs, and stays young.
    Survivor,
    /// New objects and survivors of earlier collections.
    Young,
    /// As `Young`, with an object that became old where it was in the collection that runs.
    Kept,
}

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Nursery {
    target_blocks: usize,
    /// Free blocks, lowest first, and whether they read as zero.
    free: VecDeque<(usize, bool)>,
    /// Free blocks that were in use before and are kept for objects that become old: the first use of memory costs a page
    /// fault, which had better be met by the mutator, little by little, than in a collection.
    reserve: Vec<usize>,
    reserve_blocks: usize,
    /// A young collection came to its end: from now on the reserve is used.
    was_collected: bool,
    kinds: Vec<BlockKind>,
    /// The blocks of kind `Young` and `Survivor`.
    young: Vec<usize>,
    survivors: Vec<usize>,
    /// Young blocks with an object that became old where it was.
    kept: Vec<usize>,
    /// What windows with a zone left over.
    pub(crate) rests: Vec<Range<usize>>,
    large: Vec<usize>,
    large_bits: Bitmap,
}

impl Nursery {
    #[inline(always)]
    pub(crate) fn exists(&self) -> bool {
        self.target_blocks != 0
    }
    pub(crate) fn grow(&mut self, blocks: usize) {
        if self.kinds.len() < blocks {
            self.kinds.resize(blocks, BlockKind::Old);
        }
    }
    pub(crate) fn grow_large(&mut self, pages: usize) {
        self.large_bits.grow(pages);
    }
    /// Whether the block holds no old objects.
    pub(crate) fn owns(&self, block: usize) -> bool {
        self.kinds[block] != BlockKind::Old
    }
    pub(crate) fn add_large(&mut self, page: usize) {
        self.large.push(page);
        self.large_bits.insert(page);
    }
    pub(crate) fn large(&self) -> &[usize] {
        &self.large
    }
}

/// Blocks that are kept for objects that become old, or a quarter of the nursery.
const MOST_RESERVE_BLOCKS: usize = 32;

impl Space {
    /// Sets blocks apart for new objects. Call it before any window is handed out.
    pub fn set_nursery(&mut self, bytes: usize) {
        self.nursery.target_blocks = bytes.div_ceil(BLOCK_BYTES);
        self.fill_nursery();
    }
    /// Keeps some of the blocks that the nursery has used for objects that become old.
    pub fn keep_reserve(&mut self) {
        self.nursery.reserve_blocks = MOST_RESERVE_BLOCKS.min(self.nursery.target_blocks / 4);
    }
    /// Free bytes of the nursery.
    pub fn nursery_free_bytes(&self) -> usize {
        self.nursery.free.len() * BLOCK_BYTES
    }
    /// Bytes of blocks that are kept for objects that become old.
    pub fn reserve_bytes(&self) -> usize {
        self.nursery.reserve.len() * BLOCK_BYTES
    }
    /// Adds a block to the reserve if it is not full, and touches it. For the mutator, which does so for each window it gets:
    /// while the heap grows, collections find memory that the system has provided.
    pub(crate) fn refill_reserve(&mut self) {
        let nursery = &self.nursery;
        if !nursery.was_collected || nursery.reserve.len() >= nursery.reserve_blocks {
            return;
        }
        let recycled = self.take_raw_block(false);
        let Some((block, _)) = recycled.or_else(|| self.take_raw_block(true)) else {
            return;
        };
        self.memory.touch(self.block_range(block));
        self.nursery.kinds[block] = BlockKind::Owned;
        self.nursery.reserve.push(block);
    }
    /// A free block that was in use before, for objects that become old.
    pub(crate) fn take_reserved_block(&mut self) -> Option<usize> {
        let block = self.nursery.reserve.pop()?;
        self.nursery.kinds[block] = BlockKind::Old;
        Some(block)
    }
    fn fill_nursery(&mut self) {
        let used = self.nursery.young.len();
        while self.nursery.free.len() + used < self.nursery.target_blocks {
            let recycled = self.take_raw_block(false);
            let Some((block, zeroed)) = recycled.or_else(|| self.take_raw_block(true)) else {
                return;
            };
            self.nursery.kinds[block] = BlockKind::Owned;
            self.nursery.free.push_back((block, zeroed));
        }
        self.nursery
            .free
            .make_contiguous()
            .sort_unstable_by_key(|b| b.0);
    }
    /// A zeroed block for new objects, from above or from below.
    pub(crate) fn take_young_block(&mut self, from_above: bool) -> Option<Range<usize>> {
        let own = match from_above {
            true => self.nursery.free.pop_back(),
            false => self.nursery.free.pop_front(),
        };
        let (block, zeroed) = match own {
            Some(own) => own,
            None => match self.take_raw_block(false) {
                Some(recycled) => recycled,
                None => self.take_raw_block(true)?,
            },
        };
        Some(self.hand_out(block, zeroed))
    }
    /// Takes this block, if it comes next.
    pub(crate) fn take_young_block_at(&mut self, block: usize) -> bool {
        match self.nursery.free.front() {
            Some(&(first, zeroed)) if first == block => {
                self.nursery.free.pop_front();
                self.hand_out(block, zeroed);
            }
            None if block == self.blocks.high_units() => {
                let Some((block, zeroed)) = self.take_raw_block(true) else {
                    return false;
                };
                self.hand_out(block, zeroed);
            }
            None if self.blocks.is_free(block) => {
                let run = Run {
                    first: block,
                    units: 1,
                };
                let zeroed = self.blocks.occupy(run);
                self.hand_out(block, zeroed);
            }
            _ => return false,
        }
        true
    }
    fn hand_out(&mut self, block: usize, zeroed: bool) -> Range<usize> {
        let range = self.block_range(block);
        if !zeroed {
            self.memory.fill(range.clone(), 0);
        }
        self.nursery.kinds[block] = BlockKind::Young;
        self.nursery.young.push(block);
        range
    }

    // ---- During a young collection ------------------------------------------------------------------------------------

    /// The kind of the block at an address of the lower half; `Old` for any other address.
    #[inline(always)]
    pub fn block_kind(&self, address: usize) -> BlockKind {
        let block = address.wrapping_sub(self.block_base) / BLOCK_BYTES;
        match self.nursery.kinds.get(block) {
            Some(&kind) => kind,
            None => BlockKind::Old,
        }
    }
    /// Whether an object was made, or survived as a young one, since it could last become old.
    #[inline(always)]
    pub fn is_young(&self, address: usize) -> bool {
        self.block_kind(address) >= BlockKind::Survivor || self.is_young_large(address)
    }
    /// Whether an address lies in a young block, or anywhere among large objects while one of them is young.
    #[inline(always)]
    pub(crate) fn may_be_young(&self, address: usize) -> bool {
        self.block_kind(address) >= BlockKind::Survivor
            || address >= self.page_base && !self.nursery.large.is_empty()
    }
    /// Whether a large object starts at the address and is young.
    #[inline(always)]
    pub fn is_young_large(&self, address: usize) -> bool {
        self.young_large_page(address).is_some()
    }
    fn young_large_page(&self, address: usize) -> Option<usize> {
        let page = address.checked_sub(self.page_base)? / crate::space::PAGE_BYTES;
        (page < self.pages.high_units() && self.nursery.large_bits.get(page)).then_some(page)
    }
    /// Makes a young large object old and returns the bytes of its pages; `None` if it is old already.
    pub fn promote_large(&mut self, address: usize) -> Option<usize> {
        let page = self.young_large_page(address)?;
        self.nursery.large_bits.remove(page);
        if self.judged {
            self.large_marks.insert(page);
        }
        self.large.push(page);
        Some(self.large_bytes(page))
    }
    /// Memory for survivors that stay young, with its window's number; `None` when the nursery has no block to spare.
    pub(crate) fn survivor_window(&mut self) -> Option<(usize, Range<usize>)> {
        if self.nursery.survivors.len() >= self.nursery.target_blocks / 4 {
            return None;
        }
        let is_touched = self.nursery.free.back().is_some_and(|&(_, zeroed)| !zeroed);
        let reserved = match is_touched {
            true => None,
            false => self.nursery.reserve.pop().map(|block| (block, false)),
        };
        let (block, _) = match reserved.or_else(|| self.nursery.free.pop_back()) {
            Some(own) => own,
            None => match self.take_raw_block(false) {
                Some(recycled) => recycled,
                None => self.take_raw_block(true)?,
            },
        };
        self.nursery.kinds[block] = BlockKind::Survivor;
        self.nursery.survivors.push(block);
        let range = self.block_range(block);
        let before = self.handed_out_bytes;
        let window = self.open_window(range);
        self.handed_out_bytes = before;
        Some(window)
    }
    /// Forgets the start bits that [`Space::index_window`] set.
    pub(crate) fn forget_window_starts(&mut self) {
        for n in 0..self.windows.len() {
            let Range { start, end } = self.windows[n].start..self.windows[n].indexed_end;
            if start < end {
                let granule = |at| (at - self.block_base) / crate::object::GRANULE_BYTES;
                self.starts.remove_range(granule(start), granule(end) - 1);
                self.windows[n].indexed_end = start;
            }
        }
    }
    /// Makes an object of a young block old where it is.
    pub(crate) fn promote_in_place(&mut self, address: usize, bytes: usize) {
        let at = address - self.block_base;
        self.starts.insert(at / crate::object::GRANULE_BYTES);
        if self.judged {
            self.marks.insert(at / crate::object::GRANULE_BYTES);
        }
        for block in at / BLOCK_BYTES..=(at + bytes - 1) / BLOCK_BYTES {
            self.keep_block(block);
        }
        self.lines
            .insert_range(at / LINE_BYTES, (at + bytes - 1) / LINE_BYTES);
    }
    /// Makes everything in the windows old where it is, and returns the bytes of it. `each` is called with the address of
    /// each object and returns its size. All windows must be retired; they are forgotten.
    pub(crate) fn promote_windows(&mut self, mut each: impl FnMut(usize) -> usize) -> usize {
        let mut promoted_bytes = 0;
        for window in std::mem::take(&mut self.windows) {
            let used = window.start - self.block_base..window.used_end - self.block_base;
            if used.is_empty() {
                continue;
            }
            for block in used.start / BLOCK_BYTES..=(used.end - 1) / BLOCK_BYTES {
                self.keep_block(block);
            }
            self.lines
                .insert_range(used.start / LINE_BYTES, (used.end - 1) / LINE_BYTES);
            promoted_bytes += used.len();
            let mut at = used.start;
            while at < used.end {
                self.starts.insert(at / crate::object::GRANULE_BYTES);
                if self.judged {
                    self.marks.insert(at / crate::object::GRANULE_BYTES);
                }
                at += each(self.block_base + at);
            }
            debug_assert_eq!(
                at, used.end,
                "the objects of a window fill its used part (S2)"
            );
        }
        // Old at once, and not at the end of the collection: no reference to what lies there is to be followed.
        for &block in &self.nursery.kept {
            self.nursery.kinds[block] = BlockKind::Old;
        }
        promoted_bytes
    }
    /// Bytes of the large objects that are young.
    pub(crate) fn young_large_bytes(&self) -> usize {
        let young = self.nursery.large.iter();
        young.map(|&page| self.large_bytes(page)).sum()
    }
    /// Addresses of the large objects that are young.
    pub(crate) fn young_large_objects(&self) -> Vec<usize> {
        let young = self.nursery.large.iter();
        young.map(|&page| self.pages.address(page)).collect()
    }
    /// The first object that stays in a young block: its lines tell what else is free.
    fn keep_block(&mut self, block: usize) {
        if self.nursery.kinds[block] != BlockKind::Kept {
            self.nursery.kinds[block] = BlockKind::Kept;
            self.nursery.kept.push(block);
            let first = block * LINES_PER_BLOCK;
            self.lines.remove_range(first, first + LINES_PER_BLOCK - 1);
        }
    }
    /// Ends a young collection: frees what was not kept, and makes survivors the first objects of the next cycle.
    /// `survivor_windows` are the numbers of the windows that go on.
    pub(crate) fn end_young(&mut self, survivor_windows: &[usize]) {
        self.nursery.was_collected = true;
        let large = std::mem::take(&mut self.nursery.large);
        for page in large {
            if self.nursery.large_bits.get(page) {
                self.nursery.large_bits.remove(page);
                self.free_large(page);
            }
        }
        let mut kept = std::mem::take(&mut self.nursery.kept);
        for block in std::mem::take(&mut self.nursery.young) {
            // Blocks that were promoted as a whole are `Old` already.
            if matches!(self.nursery.kinds[block], BlockKind::Kept | BlockKind::Old) {
                self.nursery.kinds[block] = BlockKind::Old;
                continue;
            }
            if self.poison {
                self.memory.fill(self.block_range(block), 0xDB);
            }
            if self.nursery.reserve.len() < self.nursery.reserve_blocks {
                self.nursery.kinds[block] = BlockKind::Owned;
                self.nursery.reserve.push(block);
            } else if self.nursery.free.len() + self.nursery.survivors.len()
                < self.nursery.target_blocks
            {
                self.nursery.kinds[block] = BlockKind::Owned;
                self.nursery.free.push_back((block, false));
            } else {
                self.nursery.kinds[block] = BlockKind::Old;
                let run = Run {
                    first: block,
                    units: 1,
                };
                self.blocks.free(run, false);
            }
        }
        // Neighbours share holes over their border, but only if both were kept now: of others the lines are not known.
        kept.sort_unstable();
        for run in kept.chunk_by(|a, b| a + 1 == *b) {
            let end = (run[run.len() - 1] + 1) * LINES_PER_BLOCK;
            self.find_holes(run[0] * LINES_PER_BLOCK, end);
            self.lines.remove_range(run[0] * LINES_PER_BLOCK, end - 1);
        }
        self.nursery.young = std::mem::take(&mut self.nursery.survivors);
        for &block in &self.nursery.young {
            self.nursery.kinds[block] = BlockKind::Young;
        }
        let all = std::mem::take(&mut self.windows);
        self.windows = survivor_windows.iter().map(|&n| all[n].clone()).collect();
        self.sort_windows();
        self.nursery.rests.clear();
        self.handed_out_bytes = 0;
        self.fill_nursery();
    }
}
