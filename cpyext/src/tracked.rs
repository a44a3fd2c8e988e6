//! What the cyclic collector of CPython's interface knows of an object: whether it is tracked, and whether it was finalized.
//!
//! `PyObject_GC_Track` says that an object's fields can be visited by `tp_traverse` from now on. Tracked objects stand in a
//! list, since those without a link to an object of the interpreter are found in no other way. The bits, and the place in the
//! list, are in the word `kind` of the block's pre-header, beside its class: tracking costs no search.
//!
//! Invariant T1: a block has the bit TRACKED exactly if the list has its address at the place that `kind` says. Objects in
//! memory that is not ours are never tracked.

use crate::memory::{CLASS_BITS, Memory};

const TRACKED: usize = 1 << CLASS_BITS;
const FINALIZED: usize = 2 << CLASS_BITS;
const PLACE: u32 = 32;

unsafe fn kind(p: *mut u8) -> *mut usize {
    p.sub(8).cast()
}

impl Memory {
    unsafe fn has(&self, p: *mut u8, bit: usize) -> bool {
        self.is_ours(p as usize) && *kind(p) & bit != 0
    }
    /// From now on the object at `p` can be visited.
    ///
    /// # Safety
    /// `p` is an object of the C side.
    pub unsafe fn track(&self, p: *mut u8) {
        if !self.is_ours(p as usize) || self.has(p, TRACKED) {
            return;
        }
        let mut tracked = self.tracked.borrow_mut();
        let place = tracked.len();
        // Without a place the object is not found by itself: it is kept.
        if place <= u32::MAX as usize {
            tracked.push(p as usize);
            *kind(p) |= TRACKED | place << PLACE;
        }
    }
    /// The object cannot be visited any more.
    ///
    /// # Safety
    /// As for [`Memory::track`].
    pub unsafe fn untrack(&self, p: *mut u8) {
        if !self.has(p, TRACKED) {
            return;
        }
        let mut tracked = self.tracked.borrow_mut();
        let place = *kind(p) >> PLACE;
        tracked.swap_remove(place);
        *kind(p) &= (1 << PLACE) - 1 & !TRACKED;
        if let Some(&moved) = tracked.get(place) {
            let moved = kind(moved as *mut u8);
            *moved = *moved & (1 << PLACE) - 1 | place << PLACE;
        }
    }
    /// Whether the object can be visited.
    ///
    /// # Safety
    /// As for [`Memory::track`].
    #[inline]
    pub unsafe fn is_tracked(&self, p: *mut u8) -> bool {
        self.has(p, TRACKED)
    }
    /// Whether the object's finalizer was called.
    ///
    /// # Safety
    /// As for [`Memory::track`].
    pub unsafe fn is_finalized(&self, p: *mut u8) -> bool {
        self.has(p, FINALIZED)
    }
    /// The object's finalizer is called now, and never again.
    ///
    /// # Safety
    /// As for [`Memory::track`].
    pub unsafe fn set_finalized(&self, p: *mut u8) {
        if self.is_ours(p as usize) {
            *kind(p) |= FINALIZED;
        }
    }
    /// The block at `p` is nobody's any more: what is not its class goes from its pre-header.
    ///
    /// # Safety
    /// As for [`Memory::track`].
    pub(crate) unsafe fn forget_tracked(&self, p: *mut u8) {
        self.untrack(p);
        *kind(p) &= (1 << CLASS_BITS) - 1;
    }
    /// The tracked objects.
    pub fn each_tracked(&self, visit: &mut dyn FnMut(*mut u8)) {
        for &p in self.tracked.borrow().iter() {
            visit(p as *mut u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracked_objects_are_in_the_list_until_they_are_freed() {
        let memory = Memory::new().expect("address space");
        let listed = || {
            let mut all = Vec::new();
            memory.each_tracked(&mut |p| all.push(p));
            all.sort_unstable();
            all
        };
        let mut blocks: Vec<*mut u8> = (0..100).map(|n| memory.alloc(16 + n * 40)).collect();
        // SAFETY: the blocks live until they are freed.
        unsafe {
            for &p in &blocks {
                memory.track(p);
                memory.track(p);
                assert!(memory.is_tracked(p) && !memory.is_finalized(p));
            }
            for n in [0, 50, 7, 90] {
                memory.untrack(blocks[n]);
                memory.untrack(blocks[n]);
            }
            let mut tracked: Vec<*mut u8> = blocks.clone();
            tracked.retain(|&p| memory.is_tracked(p));
            tracked.sort_unstable();
            assert_eq!((tracked.len(), &tracked), (96, &listed()));
            memory.set_finalized(blocks[3]);
            for p in blocks.split_off(2) {
                assert!(memory.usable(p) >= 16);
                memory.free(p);
            }
            assert_eq!(listed(), [blocks[1]]);
            let again = memory.alloc(16 + 3 * 40);
            assert!(!memory.is_tracked(again) && !memory.is_finalized(again));
        }
    }
}
