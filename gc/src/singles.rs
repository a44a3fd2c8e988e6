//! Objects in memory of their own, one `malloc` each: for the collector that is the oracle of the others.
//!
//! What is freed is poisoned and kept aside for a while before the system gets it back, so that a stray reference reads
//! poison and not another object.
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::{BTreeMap, VecDeque};

/// Freed memory is kept from reuse until this much is waiting.
const QUARANTINE_BYTES: usize = 8 << 20;
/// What freed memory is filled with.
pub(crate) const POISON: u8 = 0xDB;

/// All such objects of a heap, by address.
#[derive(Default)]
pub struct Singles {
    sizes: BTreeMap<usize, usize>,
    quarantine: VecDeque<(usize, usize)>,
    waiting_bytes: usize,
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, crate::object::GRANULE_BYTES).expect("an object's size is valid")
}

impl Singles {
    /// Zeroed memory.
    pub fn take(&mut self, bytes: usize) -> Option<usize> {
        // SAFETY: the layout has a size greater than 0.
        let at = unsafe { alloc_zeroed(layout(bytes)) } as usize;
        (at != 0).then(|| {
            self.sizes.insert(at, bytes);
            at
        })
    }
    /// Frees an object.
    pub fn free(&mut self, address: usize) {
        let bytes = self
            .sizes
            .remove(&address)
            .expect("the object is in memory of its own");
        // SAFETY: the memory was taken with this size and has not been given back.
        unsafe { std::ptr::write_bytes(address as *mut u8, POISON, bytes) };
        self.quarantine.push_back((address, bytes));
        self.waiting_bytes += bytes;
        while self.waiting_bytes > QUARANTINE_BYTES {
            let (address, bytes) = self.quarantine.pop_front().expect("its bytes are counted");
            self.waiting_bytes -= bytes;
            // SAFETY: taken with this layout, freed once.
            unsafe { dealloc(address as *mut u8, layout(bytes)) };
        }
    }
    /// Start and size of the object that contains the address.
    pub fn find(&self, address: usize) -> Option<(usize, usize)> {
        let (&start, &bytes) = self.sizes.range(..=address).next_back()?;
        (address < start + bytes).then_some((start, bytes))
    }
    /// Whether an object starts at the address.
    pub fn contains(&self, address: usize) -> bool {
        self.sizes.contains_key(&address)
    }
    /// Starts and sizes of all objects.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.sizes.iter().map(|(&at, &bytes)| (at, bytes))
    }
}

impl Drop for Singles {
    fn drop(&mut self) {
        let live = std::mem::take(&mut self.sizes);
        for (address, bytes) in live.into_iter().chain(std::mem::take(&mut self.quarantine)) {
            // SAFETY: as above; nobody uses the heap any more.
            unsafe { dealloc(address as *mut u8, layout(bytes)) };
        }
    }
}
