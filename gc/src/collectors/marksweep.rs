//! `marksweep`: stops the mutator, marks from the roots, frees the lines and large objects that nothing marked.
//!
//! Nothing moves. Memory is reused in holes of whole lines between survivors (a mark-region collector).
use super::{whole_heap_budget, whole_heap_reserve};
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason};
use crate::config::Config;
use crate::heap::Heap;
use crate::mature::mark_and_sweep;
use crate::object::Gc;
use crate::pauses::Pause;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "marksweep",
    capabilities: Capabilities {
        collects: true,
        moves: false,
        moves_old: false,
        counts: false,
        incremental: false,
        generational: false,
    },
    make: |config: &Config| {
        Box::new(MarkSweep {
            threshold_bytes: config.threshold_bytes,
        })
    },
    doc: "stop-the-world mark-region, nothing moves",
};

struct MarkSweep {
    threshold_bytes: usize,
}

impl Collector for MarkSweep {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        whole_heap_budget(self.threshold_bytes, live_bytes)
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let live_bytes = mark_and_sweep(heap, None, |live_bytes| {
            whole_heap_reserve(heap, self.threshold_bytes, live_bytes)
        });
        heap.set_live_bytes(live_bytes);
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
}
