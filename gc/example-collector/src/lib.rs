//! `doubling`: a plain mark-sweep collector in a crate of its own.
//!
//! It marks what roots reach, frees the rest, and lets the heap double before it does so again. Nothing moves and nothing is
//! counted, so the write barrier stays off. What else has to happen around death (weak references, finalizers,
//! destructors, pairs) is the library's: `mark_and_sweep` would do all of it; here the marking stands in full, to be changed.
#![forbid(unsafe_code)]
use ouro_gc::{
    Capabilities, Collector, CollectorInfo, Config, Gc, Heap, Marker, Pause, Reason, Scope,
    note_deaths,
};

/// The row for a registry.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "doubling",
    capabilities: Capabilities {
        collects: true,
        moves: false,
        moves_old: false,
        counts: false,
        incremental: false,
        generational: false,
    },
    make: |config: &Config| {
        Box::new(Doubling {
            threshold_bytes: config.threshold_bytes,
        })
    },
    doc: "an example: marks and sweeps when the heap has doubled",
};

struct Doubling {
    threshold_bytes: usize,
}

impl Collector for Doubling {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes.saturating_add(live_bytes.max(self.threshold_bytes))
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let mut marker = Marker::new(heap);
        // What roots reach, and then what structures outside the heap hold.
        heap.visit_roots(&mut marker);
        marker.drain();
        heap.pairing().trace(Scope::Whole, &mut marker);
        // Weak references, finalizers, destructors and pairs, in the order that users may count on.
        note_deaths(heap, &mut marker);
        heap.set_live_bytes(marker.live_bytes());
        drop(marker);
        heap.space().borrow_mut().sweep_all();
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
}
