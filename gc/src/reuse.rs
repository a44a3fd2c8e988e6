//! Freeing single objects, and finding the room between those that are left.
//!
//! Objects that a count frees lose their start bits at once. Their blocks are looked at when objects become old and need
//! room: lines are found from the start bits that are left. A block without objects is free.
//!
//! Invariant F1: at the end of an epoch, after [`Space::shelve_holes`], no hole is listed and no window for old objects is
//! open; each block with room worth finding is in `roomy`. After a sweep, and [`Space::forget_reuse`], all holes are listed.
use crate::bitmap::Bitmap;
use crate::fastpath::LARGE_OBJECT_BYTES;
use crate::memory::walk;
use crate::object::{GRANULE_BYTES, Gc, Header};
use crate::runs::Unit;
use crate::scan;
use crate::space::{BLOCK_BYTES, LINE_BYTES, LINES_PER_BLOCK, Place, Space};
use crate::sweep::GRANULES_PER_BLOCK;
use crate::types::TypeTable;

/// A block is looked at again when so much of it was freed.
const WORTHWHILE_BYTES: usize = BLOCK_BYTES / 8;

/// What was freed, and where room may be found.
#[derive(Default)]
pub(crate) struct Reuse {
    /// Bytes freed in each block since it was looked at.
    freed_bytes: Vec<u32>,
    /// Blocks in which something was freed in this epoch, as a list and as a set.
    touched: Vec<usize>,
    touched_bits: Bitmap,
    /// Blocks with room.
    roomy: Bitmap,
}

impl Space {
    /// Frees old objects, and returns the bytes of it. They must not be needed any more, not even their headers.
    pub(crate) fn free_objects(&mut self, types: &TypeTable, dead: &[Gc]) -> usize {
        let mut freed_bytes = 0;
        let mut any_large = false;
        let high = self.blocks.high_units();
        self.reuse.freed_bytes.resize(high, 0);
        self.reuse.touched_bits.grow(high);
        for gc in walk(dead) {
            // SAFETY: the object is intact until its memory is used again.
            let bytes = unsafe { scan::object_bytes(types, gc) };
            match self.place(gc.address()) {
                Place::Large(page) => {
                    freed_bytes += self.large_bytes(page);
                    self.free_large(page);
                    any_large = true;
                }
                Place::Block(granule) => {
                    freed_bytes += bytes;
                    if !mutant!(StartBitKept) {
                        self.starts.remove(granule);
                    }
                    let last = granule + bytes / GRANULE_BYTES - 1;
                    for block in granule / GRANULES_PER_BLOCK..=last / GRANULES_PER_BLOCK {
                        if self.reuse.touched_bits.insert(block) {
                            self.reuse.touched.push(block);
                        }
                        self.reuse.freed_bytes[block] += bytes as u32;
                    }
                    if self.poison {
                        self.memory.fill(gc.address()..gc.address() + bytes, 0xDB);
                    }
                }
                Place::Outside => unreachable!("only objects of the heap have counts"),
            }
        }
        if any_large {
            let pages = &self.pages;
            self.large.retain(|&page| pages.state(page) == Unit::Head);
        }
        freed_bytes
    }
    /// Takes back what was given for old objects and not used, so that every block can be looked at again.
    pub(crate) fn shelve_holes(&mut self) {
        self.retire_old_windows();
        let holes = std::mem::take(&mut self.holes);
        let zoned = std::mem::take(&mut self.zoned_holes);
        self.reuse.roomy.grow(self.blocks.high_units());
        for hole in holes.into_iter().chain(zoned) {
            let first = (hole.start - self.block_base) / BLOCK_BYTES;
            let last = (hole.end - 1 - self.block_base) / BLOCK_BYTES;
            (first..=last).for_each(|block| _ = self.reuse.roomy.insert(block));
        }
    }
    /// All blocks were swept, so that all holes are listed and no window for old objects is open: nothing is to be looked for.
    pub(crate) fn forget_reuse(&mut self) {
        self.reuse = Reuse::default();
    }
    /// Frees blocks without objects, and lists holes of others until `wanted_bytes` are found. The lines of `reserved`
    /// addresses stay free of objects.
    pub(crate) fn find_room(&mut self, types: &TypeTable, wanted_bytes: usize, reserved: &[usize]) {
        self.reuse.roomy.grow(self.blocks.high_units());
        for block in std::mem::take(&mut self.reuse.touched) {
            self.reuse.touched_bits.remove(block);
            let freed = self.reuse.freed_bytes[block] as usize;
            let still_in_use = self.blocks.state(block) == Unit::Head && !self.nursery.owns(block);
            if still_in_use && self.is_empty_block(types, block, reserved) {
                self.reuse.roomy.remove(block);
                self.reuse.freed_bytes[block] = 0;
                self.free_block(block);
            } else if freed >= WORTHWHILE_BYTES {
                self.reuse.freed_bytes[block] = 0;
                self.reuse.roomy.insert(block);
            }
        }
        let mut found_bytes = 0;
        let mut from = 0;
        let high = self.blocks.high_units();
        while found_bytes < wanted_bytes
            && let Some(block) = self.reuse.roomy.first_from(from, high)
        {
            self.reuse.roomy.remove(block);
            from = block + 1;
            if self.blocks.state(block) != Unit::Head || self.nursery.owns(block) {
                continue;
            }
            let (holes, zoned) = (self.holes.len(), self.zoned_holes.len());
            self.find_room_in(types, block, reserved);
            let new = self.holes[holes..].iter().chain(&self.zoned_holes[zoned..]);
            found_bytes += new.map(|hole| hole.len()).sum::<usize>();
        }
        self.holes.reverse();
        self.zoned_holes.reverse();
    }
    /// Where an object that begins in an earlier block ends, if it reaches into this one.
    fn end_of_previous(&self, types: &TypeTable, block: usize) -> Option<usize> {
        let first = block * GRANULES_PER_BLOCK;
        let start = self.start_at_or_below(first.checked_sub(1)?, LARGE_OBJECT_BYTES)?;
        // SAFETY: start bits stand at objects only (S1).
        let bytes = unsafe { scan::object_bytes(types, Gc::from_raw(start as *mut Header)) };
        (start + bytes > self.granule_address(first)).then_some(start + bytes)
    }
    fn is_empty_block(&self, types: &TypeTable, block: usize, reserved: &[usize]) -> bool {
        let first = block * GRANULES_PER_BLOCK;
        let range = self.block_range(block);
        let starts = self.starts.first_from(first, first + GRANULES_PER_BLOCK);
        starts.is_none()
            && self.end_of_previous(types, block).is_none()
            && !reserved.iter().any(|place| range.contains(place))
    }
    fn find_room_in(&mut self, types: &TypeTable, block: usize, reserved: &[usize]) {
        let range = self.block_range(block);
        let end = (block + 1) * GRANULES_PER_BLOCK;
        if let Some(end) = self.end_of_previous(types, block) {
            let last = (end.min(range.end) - 1 - self.block_base) / LINE_BYTES;
            self.lines.insert_range(block * LINES_PER_BLOCK, last);
        }
        let mut at = block * GRANULES_PER_BLOCK;
        while let Some(granule) = self.starts.first_from(at, end) {
            let address = self.granule_address(granule);
            // SAFETY: start bits stand at objects only (S1).
            let bytes = unsafe { scan::object_bytes(types, Gc::from_raw(address as *mut Header)) };
            let object_end = (address + bytes).min(range.end);
            let first_line = (address - self.block_base) / LINE_BYTES;
            let last_line = (object_end - 1 - self.block_base) / LINE_BYTES;
            self.lines.insert_range(first_line, last_line);
            at = granule + 1;
        }
        for &place in reserved.iter().filter(|place| range.contains(place)) {
            self.keep_line(place);
        }
        let lines = block * LINES_PER_BLOCK..(block + 1) * LINES_PER_BLOCK;
        self.find_holes(lines.start, lines.end);
        self.lines.remove_range(lines.start, lines.end - 1);
    }
}
