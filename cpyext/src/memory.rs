//! Where objects of the C side lie: one reserved range of addresses, cut into blocks of size classes.
//!
//! A block is a pre-header of 16 bytes (`link`, `kind`) and what C gets. `link` belongs to whoever pairs the block with an
//! object of the interpreter; 0: not paired. `kind` holds the size class, and above it what `tracked.rs` knows. Invariants:
//! - B1: `is_ours(p)` is a comparison of addresses; only then is there a pre-header.
//! - B2: a free block is in the list of its class and nowhere else; its first word is the next one.
//! - B3: the range grows by whole steps that are made accessible when they are first needed; it never shrinks, but the
//!   pages of large free blocks go back to the system.

use std::cell::{Cell, RefCell};

/// What `link` holds while the destructor of an object runs.
pub const DEALLOCATING: usize = 1;
/// Bits of `kind` for the class.
pub(crate) const CLASS_BITS: u32 = 8;
const CLASS: usize = (1 << CLASS_BITS) - 1;
const _: () = assert!(CLASSES <= CLASS + 1);
/// Bytes of the pre-header.
pub const HEADER: usize = 16;
const RESERVED: [usize; 3] = [1 << 40, 1 << 36, 1 << 32];
const STEP: usize = 4 << 20;
/// Classes of up to 512 bytes are 16 apart, then there are four for each power of two.
const SMALL: usize = 512;
const CLASSES: usize = SMALL / 16 + 1 + 4 * 32;
/// By how much memory may grow before a collection is asked for.
const GROWTH: usize = 32 << 20;
/// Free blocks of this size give their pages back.
const LARGE: usize = 128 << 10;

/// The memory of the C side.
pub struct Memory {
    base: usize,
    size: usize,
    next: Cell<usize>,
    accessible: Cell<usize>,
    /// By class: the first free block, or 0.
    free: [Cell<usize>; CLASSES],
    /// What may still be used before the interpreter is told: `due_bytes` less what lives. One number, so that making a
    /// block and giving it back change one.
    left_bytes: Cell<isize>,
    /// When so much lives, the interpreter is told.
    due_bytes: Cell<usize>,
    /// See `tracked.rs`.
    pub(crate) tracked: RefCell<Vec<usize>>,
}

/// The class of a block of `bytes`, header included, and the size of its blocks.
fn class_of(bytes: usize) -> Option<(usize, usize)> {
    if bytes <= SMALL {
        let n = bytes.div_ceil(16);
        return Some((n, n * 16));
    }
    let power = (bytes - 1).ilog2() as usize;
    let quarter = 1usize << (power - 2);
    let steps = (bytes - (1 << power)).div_ceil(quarter);
    let class = SMALL / 16 + (power - SMALL.ilog2() as usize) * 4 + steps;
    (class < CLASSES).then_some((class, (1 << power) + steps * quarter))
}

impl Memory {
    /// Reserves the range.
    ///
    /// # Errors
    /// A text if the system has no room for it.
    pub fn new() -> Result<Memory, String> {
        for size in RESERVED {
            // SAFETY: a new mapping at an address that the system chooses.
            let base = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    size,
                    libc::PROT_NONE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                    -1,
                    0,
                )
            };
            if base != libc::MAP_FAILED {
                return Ok(Memory {
                    base: base as usize,
                    size,
                    next: Cell::new(base as usize),
                    accessible: Cell::new(base as usize),
                    free: [const { Cell::new(0) }; CLASSES],
                    left_bytes: Cell::new(GROWTH as isize),
                    due_bytes: Cell::new(GROWTH),
                    tracked: RefCell::default(),
                });
            }
        }
        Err("no address range for extension modules".into())
    }
    /// Whether an address lies in the range.
    #[inline(always)]
    pub fn is_ours(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.size
    }
    /// Where the range begins, and its bytes: the numbers that [`Memory::is_ours`] compares with.
    pub fn range(&self) -> (usize, usize) {
        (self.base, self.size)
    }
    /// Bytes of the blocks in use, their headers included.
    pub fn live_bytes(&self) -> usize {
        (self.due_bytes.get() as isize).wrapping_sub(self.left_bytes.get()) as usize
    }
    /// The interpreter is told by [`Guest::memory_grew`](crate::guest::Guest::memory_grew) when so much lives.
    pub fn set_due_bytes(&self, bytes: usize) {
        let bytes = bytes.min(isize::MAX as usize);
        let live = self.live_bytes() as isize;
        self.due_bytes.set(bytes);
        self.left_bytes.set(bytes as isize - live);
    }
    /// How much lives is what is left after a collection: as much again may be used until the next one.
    pub fn settle(&self) {
        let live = self.live_bytes();
        self.set_due_bytes(live + live.max(GROWTH));
    }
    #[cold]
    #[inline(never)]
    fn tell(&self) {
        if let Some(c) = crate::context::current() {
            c.guest.memory_grew(self.live_bytes());
        }
    }
    /// A block of `bytes` with a link of 0, not cleared; NULL if there is no room.
    #[inline(always)]
    pub fn alloc(&self, bytes: usize) -> *mut u8 {
        if bytes <= SMALL - HEADER {
            let class = (bytes + HEADER).div_ceil(16);
            let head = self.free[class].get();
            if head != 0 {
                return self.reuse(head, class, class * 16);
            }
        }
        self.alloc_other(bytes)
    }
    #[inline(always)]
    fn reuse(&self, head: usize, class: usize, size: usize) -> *mut u8 {
        // SAFETY: B2. Link and class are in the block: a free one has no link, and keeps its class.
        unsafe { self.free[class].set(*((head + HEADER) as *const usize)) };
        self.count(size);
        (head + HEADER) as *mut u8
    }
    #[inline(always)]
    fn count(&self, size: usize) {
        let left = self.left_bytes.get() - size as isize;
        self.left_bytes.set(left);
        if left <= 0 {
            self.tell();
        }
    }
    #[inline(never)]
    fn alloc_other(&self, bytes: usize) -> *mut u8 {
        let Some((class, size)) = bytes.checked_add(HEADER).and_then(class_of) else {
            return std::ptr::null_mut();
        };
        let head = self.free[class].get();
        if head != 0 {
            return self.reuse(head, class, size);
        }
        let Some(block) = self.fresh(size) else {
            return std::ptr::null_mut();
        };
        self.count(size);
        // SAFETY: the block has at least 16 bytes of header. Its link is 0 since it was made.
        unsafe { *((block + 8) as *mut usize) = class };
        (block + HEADER) as *mut u8
    }
    #[cold]
    fn fresh(&self, size: usize) -> Option<usize> {
        // A free block has room for the next one's address behind the header.
        let size = size.max(HEADER + 16);
        let block = self.next.get();
        let end = block.checked_add(size)?;
        if end > self.base + self.size {
            return None;
        }
        if end > self.accessible.get() {
            let from = self.accessible.get();
            let bytes = (end - from)
                .next_multiple_of(STEP)
                .min(self.base + self.size - from);
            // SAFETY: inside the range that was reserved.
            let result = unsafe {
                libc::mprotect(from as *mut _, bytes, libc::PROT_READ | libc::PROT_WRITE)
            };
            if result != 0 {
                return None;
            }
            self.accessible.set(from + bytes);
        }
        self.next.set(end);
        Some(block)
    }
    /// Bytes that fit the block at `p`.
    ///
    /// # Safety
    /// `p` came from [`Memory::alloc`].
    pub unsafe fn usable(&self, p: *mut u8) -> usize {
        let class = *(p.sub(8) as *const usize) & CLASS;
        block_size(class) - HEADER
    }
    /// Gives a block back.
    ///
    /// # Safety
    /// `p` came from [`Memory::alloc`] and is not used any more.
    #[inline(always)]
    pub unsafe fn free(&self, p: *mut u8) {
        let block = p as usize - HEADER;
        let class = *((block + 8) as *const usize);
        *(block as *mut usize) = 0;
        match class <= SMALL / 16 {
            true => self.put_back(block, class, class * 16),
            false => self.free_large(block, class),
        }
    }
    #[inline(always)]
    unsafe fn put_back(&self, block: usize, class: usize, size: usize) {
        let Some(free) = self.free.get(class) else {
            unreachable!("classes are small numbers")
        };
        *((block + HEADER) as *mut usize) = free.get();
        free.set(block);
        self.left_bytes.set(self.left_bytes.get() + size as isize);
    }
    #[inline(never)]
    unsafe fn free_large(&self, block: usize, class: usize) {
        let p = (block + HEADER) as *mut u8;
        if class > CLASS {
            self.forget_tracked(p);
            return self.free(p);
        }
        let size = block_size(class);
        if size >= LARGE {
            let from = (block + 4096).next_multiple_of(4096);
            let to = (block + size) & !4095;
            if to > from {
                libc::madvise(from as *mut _, to - from, libc::MADV_DONTNEED);
            }
        }
        self.put_back(block, class, size);
    }
    /// The link word of the block at `p`.
    ///
    /// # Safety
    /// `p` came from [`Memory::alloc`].
    #[inline(always)]
    pub unsafe fn link(&self, p: *mut u8) -> *mut usize {
        p.sub(HEADER).cast()
    }
}

fn block_size(class: usize) -> usize {
    if class <= SMALL / 16 {
        return class * 16;
    }
    let n = class - SMALL / 16 - 1;
    let power = n / 4 + SMALL.ilog2() as usize;
    (1usize << power) + (n % 4 + 1) * (1usize << (power - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_sizes_agree() {
        for bytes in (1..5000).chain([1 << 16, (1 << 20) + 1, 3 << 20, 1 << 30]) {
            let (class, size) = class_of(bytes).expect("a class");
            assert!(size >= bytes && size % 16 == 0, "{bytes}: {class}, {size}");
            assert!(size <= bytes + bytes / 4 + 16, "{bytes}: {size}");
            assert_eq!(block_size(class), size, "{bytes}");
        }
        assert!(class_of(1 << 45).is_none());
    }
    #[test]
    fn blocks_do_not_overlap_and_come_back() {
        let memory = Memory::new().expect("address space");
        let mut all = Vec::new();
        for n in 0..2000 {
            let bytes = n * 7 % 900;
            let p = memory.alloc(bytes);
            // SAFETY: the block has this many bytes.
            unsafe {
                assert!(memory.is_ours(p as usize) && p as usize % 16 == 0);
                assert!(memory.usable(p) >= bytes);
                std::ptr::write_bytes(p, n as u8, bytes);
            }
            all.push((p, bytes, n as u8));
        }
        assert!(memory.live_bytes() > 2000 * 450);
        for &(p, bytes, fill) in &all {
            // SAFETY: the block lives.
            unsafe {
                assert!((0..bytes).all(|i| *p.add(i) == fill));
                assert_eq!(*memory.link(p), 0);
                memory.free(p);
            }
        }
        assert_eq!(memory.live_bytes(), 0);
        let again = memory.alloc(100);
        assert!(
            all.iter().any(|&(p, ..)| p == again),
            "blocks are used again"
        );
    }
    #[test]
    fn a_large_block_can_be_used_again() {
        let memory = Memory::new().expect("address space");
        let p = memory.alloc(10 << 20);
        // SAFETY: the block has this many bytes.
        unsafe {
            *p.add((10 << 20) - 1) = 7;
            memory.free(p);
            let q = memory.alloc(10 << 20);
            assert_eq!(p, q);
            *q.add(5 << 20) = 9;
        }
        assert!(memory.alloc(usize::MAX - 3).is_null());
    }
}
