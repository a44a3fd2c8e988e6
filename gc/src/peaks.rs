//! How much free memory not to give back to the system.
//!
//! A program whose live set breathes would get it back by page faults, each of which costs ten times what clearing the page
//! does. So memory that was in use before one of the last few collections of the whole heap is kept.

/// So many collections are remembered.
const REMEMBERED: usize = 4;

/// The most bytes in use before, or in, each of the last collections of the whole heap.
#[derive(Default)]
pub(crate) struct Peaks {
    recent: [usize; REMEMBERED],
}

impl Peaks {
    /// So much is in use, and a collection of the whole heap begins.
    pub(crate) fn note(&mut self, used_bytes: usize) {
        self.recent.rotate_left(1);
        self.recent[REMEMBERED - 1] = used_bytes;
    }
    /// So much is in use in the collection that began last.
    pub(crate) fn raise(&mut self, used_bytes: usize) {
        let last = &mut self.recent[REMEMBERED - 1];
        *last = used_bytes.max(*last);
    }
    /// Bytes of free memory to keep beside `live_bytes`: `least_bytes`, or up to the highest peak, but not beyond the hard
    /// limit.
    pub(crate) fn keep_free_bytes(
        &self,
        live_bytes: usize,
        least_bytes: usize,
        max_bytes: usize,
    ) -> usize {
        let peak = self.recent.into_iter().max().unwrap_or(0);
        let most = max_bytes.saturating_sub(live_bytes);
        peak.saturating_sub(live_bytes).max(least_bytes).min(most)
    }
}
