//! Memory outside the heap that dies with its objects: it counts when the next collection is due.
//!
//! A small object may own megabytes elsewhere, so that the heap alone grows too slowly for its garbage to be found in
//! time. The owner says how much it got; the heap takes it for handed out until the next collection, and for old, in the
//! proportion in which objects survived, until the whole heap was collected. What is left then is forgotten: it belongs to
//! objects that live, and only growth beyond it matters. The hard limit of the heap is about the heap alone.
use crate::heap::Heap;
use std::cell::Cell;

/// Bytes outside the heap, by when they were added.
#[derive(Default)]
pub(crate) struct Pressure {
    /// Since the last collection.
    new_bytes: Cell<usize>,
    /// Before that, and since the last collection of the whole heap.
    old_bytes: Cell<usize>,
    /// In all.
    added_bytes: Cell<u64>,
}

impl Pressure {
    pub(crate) fn new_bytes(&self) -> usize {
        self.new_bytes.get()
    }
    /// A collection ran: of the bytes handed out before, these survived.
    pub(crate) fn settle(&self, whole: bool, survived_bytes: usize, handed_out_bytes: usize) {
        let new = self.new_bytes.take() as u128;
        let part = new * survived_bytes.min(handed_out_bytes) as u128;
        let part = (part / handed_out_bytes.max(1) as u128) as usize;
        self.old_bytes.set(match whole {
            true => 0,
            false => self.old_bytes.get().saturating_add(part),
        });
    }
}

impl Heap {
    /// Says that an object came to own so many bytes outside the heap. This is no safepoint.
    pub fn add_memory_pressure(&self, bytes: usize) {
        let pressure = self.pressure();
        let new = pressure.new_bytes.get().saturating_add(bytes);
        pressure.new_bytes.set(new);
        pressure
            .added_bytes
            .set(pressure.added_bytes.get().saturating_add(bytes as u64));
        self.ask_for_collection_if_due();
    }
    /// Says that so many of those bytes were freed by hand, before their object died.
    pub fn release_memory_pressure(&self, bytes: usize) {
        let pressure = self.pressure();
        let new = pressure.new_bytes.get();
        pressure.new_bytes.set(new.saturating_sub(bytes));
        let rest = bytes.saturating_sub(new);
        pressure
            .old_bytes
            .set(pressure.old_bytes.get().saturating_sub(rest));
    }
    /// Bytes outside the heap that probably belong to old objects, since the last collection of the whole heap. For
    /// collectors with generations, which add it to what their old space has grown by.
    pub fn old_pressure_bytes(&self) -> usize {
        self.pressure().old_bytes.get()
    }
    /// All bytes that [`Heap::add_memory_pressure`] was told of.
    pub fn added_pressure_bytes(&self) -> u64 {
        self.pressure().added_bytes.get()
    }
}
