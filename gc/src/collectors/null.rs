//! `null`: never collects. The smallest collector there is; copy this file to start a new one.
//!
//! When the heap reaches `max`, polls report MEMORY_ERROR and variable-size allocations fail.
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason};
use crate::config::Config;
use crate::heap::Heap;
use crate::object::Gc;
use crate::pauses::Pause;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "null",
    capabilities: Capabilities {
        collects: false,
        moves: false,
        moves_old: false,
        counts: false,
        incremental: false,
        generational: false,
    },
    make: |_: &Config| Box::new(Null),
    doc: "never collects; memory grows up to the limit",
};

struct Null;

impl Collector for Null {
    fn next_collection_bytes(&self, _live_bytes: usize) -> usize {
        usize::MAX
    }
    fn collect(&mut self, _heap: &Heap, _reason: Reason) -> Pause {
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
}
