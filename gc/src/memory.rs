//! Raw memory: reserving address space, committing it, filling it. The only file that makes system calls.
//!
//! Everything above deals in addresses as numbers; this file and the object layer are where they become pointers.
use crate::object::Gc;
use std::ops::Range;

/// Size and alignment of what the system may back by one entry of its page table.
pub const HUGE_PAGE_BYTES: usize = 2 << 20;
/// The least size of a page of the systems that are supported.
const LEAST_PAGE_BYTES: usize = 4 << 10;

/// Reserved address space, given back when dropped.
pub struct Reservation {
    base: usize,
    bytes: usize,
}

impl Reservation {
    /// Reserves `bytes`, or less if the system refuses, but at least `least_bytes`.
    pub fn new(bytes: usize, least_bytes: usize) -> Option<Reservation> {
        let mut bytes = bytes;
        while bytes >= least_bytes {
            // SAFETY: an anonymous mapping at an address of the system's choice touches no existing memory.
            let p = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    bytes,
                    libc::PROT_NONE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                    -1,
                    0,
                )
            };
            if p != libc::MAP_FAILED {
                return Some(Reservation {
                    base: p as usize,
                    bytes,
                });
            }
            bytes /= 2;
        }
        None
    }
    /// The reserved addresses.
    pub fn range(&self) -> Range<usize> {
        self.base..self.base + self.bytes
    }
    fn check(&self, range: &Range<usize>) {
        assert!(
            self.base <= range.start
                && range.start <= range.end
                && range.end <= self.base + self.bytes
        );
    }
    /// Makes pages readable and writable; they read as zero. False if the system has no memory.
    pub fn commit(&self, range: Range<usize>) -> bool {
        self.check(&range);
        // SAFETY: `check` saw that the pages are ours.
        unsafe {
            libc::mprotect(
                range.start as *mut _,
                range.len(),
                libc::PROT_READ | libc::PROT_WRITE,
            ) == 0
        }
    }
    /// Asks the system to back committed addresses by huge pages. It may not: then everything goes on as before.
    pub fn prefer_huge_pages(&self, range: Range<usize>) {
        self.check(&range);
        #[cfg(target_os = "linux")]
        // SAFETY: `check` saw that the pages are ours; advice changes no contents.
        unsafe {
            libc::madvise(range.start as *mut _, range.len(), libc::MADV_HUGEPAGE);
        }
    }
    /// Gives the pages back; they stay committed and read as zero again.
    pub fn release(&self, range: Range<usize>) -> bool {
        self.check(&range);
        // SAFETY: `check` saw that the pages are ours; the callers release only memory without live objects.
        unsafe { libc::madvise(range.start as *mut _, range.len(), libc::MADV_DONTNEED) == 0 }
    }
    /// Uses each page of committed memory that holds no live object once, so that the system provides it now.
    pub fn touch(&self, range: Range<usize>) {
        self.check(&range);
        for at in range.step_by(LEAST_PAGE_BYTES) {
            // SAFETY: `check` saw that the bytes are ours; they are committed and hold no live object by the caller's word.
            unsafe { (at as *mut u8).write_volatile(0) };
        }
    }
    /// Fills committed memory that holds no live object.
    pub fn fill(&self, range: Range<usize>, byte: u8) {
        self.check(&range);
        // SAFETY: `check` saw that the bytes are ours; they are committed and hold no live object by the caller's word.
        unsafe { std::ptr::write_bytes(range.start as *mut u8, byte, range.len()) };
    }
}

/// Asks the processor to fetch the cache line of an address soon. Any address is allowed.
#[inline(always)]
pub(crate) fn prefetch(address: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch changes nothing and never faults.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address as *const i8);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Objects of a list that are touched soon are fetched at this distance.
const AHEAD: usize = 8;

/// The objects of a list, those that come soon fetched ahead.
pub(crate) fn walk(list: &[Gc]) -> impl Iterator<Item = Gc> + '_ {
    list.iter().enumerate().map(|(n, &gc)| {
        if let Some(next) = list.get(n + AHEAD) {
            prefetch(next.address());
        }
        gc
    })
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nothing outlives the heap that owns it.
        unsafe { libc::munmap(self.base as *mut _, self.bytes) };
    }
}

/// Processor time of this thread so far.
pub fn thread_cpu_time() -> std::time::Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a writable timespec; this clock exists on all systems that libc supports here.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    std::time::Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
