//! The collectors of this crate. A registry is a slice: binaries may hand in a longer one.
use crate::collector::CollectorInfo;
use crate::heap::Heap;
use crate::object::{Gc, state_bits};

mod immix;
mod incminimark;
mod marksweep;
mod null;
mod refcount;
mod reference;
mod semispace;

/// All collectors of this crate.
pub const COLLECTORS: &[CollectorInfo] = &[
    incminimark::INFO,
    marksweep::INFO,
    semispace::INFO,
    immix::INFO,
    refcount::INFO,
    reference::INFO,
    null::INFO,
];

/// Name of the collector that runs unless another is asked for.
pub const DEFAULT: &str = incminimark::INFO.name;

/// How much free memory such a collector does not give back to the system, when so much lives.
fn whole_heap_reserve(heap: &Heap, threshold_bytes: usize, live_bytes: usize) -> usize {
    let most = heap.config().max_bytes.saturating_sub(live_bytes);
    (whole_heap_budget(threshold_bytes, live_bytes) - live_bytes).min(most)
}

/// The identity number of an object that stays where it is from now on: its address.
fn identity_in_place(object: Gc) -> usize {
    object.header().add_state(state_bits::HAS_ID);
    object.address()
}

/// The heap size at which a collector without generations collects next.
fn whole_heap_budget(threshold_bytes: usize, live_bytes: usize) -> usize {
    // Tracing costs time in proportion to what lives, so the pause between two collections grows with it. A small heap is
    // collected early instead: memory that is still in the cache is cheaper than fresh memory.
    let most = threshold_bytes.saturating_mul(4).max(live_bytes);
    let between = live_bytes.saturating_mul(4).clamp(threshold_bytes, most);
    live_bytes.saturating_add(between)
}
