//! `marksweep`: stops the mutator, marks from the roots, frees the lines and large objects that nothing marked.
//!
//! Nothing moves. Memory is reused in holes of whole lines between survivors (a mark-region collector).
//! Order: mark from roots; clear weak references; resurrect what has a finalizer; run light destructors; sweep.
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason};
use crate::config::Config;
use crate::heap::Heap;
use crate::mark::Marker;
use crate::object::Gc;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "marksweep",
    capabilities: Capabilities {
        collects: true,
        moves: false,
        prompt: false,
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
        // Marking costs time in proportion to what lives, so the pause between two collections grows with it. A small
        // heap is collected early instead: memory that is still in the cache is cheaper than fresh memory.
        let most = self.threshold_bytes.saturating_mul(4).max(live_bytes);
        let between = live_bytes
            .saturating_mul(4)
            .clamp(self.threshold_bytes, most);
        live_bytes.saturating_add(between)
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) {
        let mut marker = Marker::new(heap);
        heap.visit_roots(&mut marker);
        marker.drain();
        heap.weak()
            .clear_dead(heap.types(), |gc| marker.is_marked(gc));
        for gc in heap.finalizers().queue_dead(|gc| marker.is_marked(gc)) {
            marker.mark(gc);
        }
        marker.drain();
        // A weak reference that was cleared above may have an owner that only a finalizer kept: owners are filtered last.
        heap.weak().drop_dead_owners(|gc| marker.is_marked(gc));
        heap.set_live_bytes(marker.live_bytes());
        heap.run_destructors(|gc| marker.is_marked(gc));
        drop(marker);
        let mut space = heap.space().borrow_mut();
        space.sweep_large();
        space.sweep_blocks();
        space.trim(self.next_collection_bytes(heap.live_bytes()) - heap.live_bytes());
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
}
