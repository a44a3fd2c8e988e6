//! `semispace`: everything that survives is copied to fresh blocks, apart from what must stay where it is.
//!
//! Allocation is as cheap as it gets, the cost of a collection is in proportion to what lives, and while it runs twice the
//! memory of what lives is needed. Conservative roots make it mostly-copying (Bartlett 1988).
use super::{identity_in_place, whole_heap_budget, whole_heap_reserve};
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason};
use crate::config::Config;
use crate::evacuation::evacuate_and_sweep;
use crate::heap::Heap;
use crate::object::Gc;
use crate::pauses::Pause;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "semispace",
    capabilities: Capabilities {
        collects: true,
        moves: true,
        moves_old: true,
        counts: false,
        incremental: false,
        generational: false,
    },
    make: |config: &Config| {
        Box::new(SemiSpace {
            threshold_bytes: config.threshold_bytes,
        })
    },
    doc: "stop-the-world, copies all survivors but those that must stay",
};

struct SemiSpace {
    threshold_bytes: usize,
}

impl Collector for SemiSpace {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        whole_heap_budget(self.threshold_bytes, live_bytes)
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let live_bytes = evacuate_and_sweep(
            heap,
            |_| |_| true,
            |live_bytes| whole_heap_reserve(heap, self.threshold_bytes, live_bytes),
        );
        heap.set_live_bytes(live_bytes);
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
    fn identity(&mut self, _heap: &Heap, object: Gc) -> usize {
        identity_in_place(object)
    }
}
