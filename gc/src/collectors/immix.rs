//! `immix`: marks objects where they are, frees lines, and moves objects out of blocks that are mostly holes.
//!
//! A mark-region collector (Blackburn and McKinley, PLDI 2008): allocation fills the holes that survivors leave, and what
//! the mutator did not get to use since the last collection tells where the heap is fragmented. If that is more than an
//! eighth of the heap, the blocks with the most unused room are evacuated, as far as free blocks can be had.
use super::{identity_in_place, whole_heap_budget, whole_heap_reserve};
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason};
use crate::config::Config;
use crate::evacuation::evacuate_and_sweep;
use crate::heap::Heap;
use crate::object::Gc;
use crate::pauses::Pause;
use crate::space::{BLOCK_BYTES, Space};

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "immix",
    capabilities: Capabilities {
        collects: true,
        moves: true,
        moves_old: true,
        counts: false,
        incremental: false,
        generational: false,
    },
    make: |config: &Config| {
        Box::new(Immix {
            threshold_bytes: config.threshold_bytes,
            stressed: 0,
        })
    },
    doc: "stop-the-world mark-region that empties fragmented blocks",
};

/// A block is emptied if at least so much of it was not used.
const HOLLOW_BYTES: usize = BLOCK_BYTES / 2;
/// Blocks are emptied if all that was not used is more than this part of the heap.
const TOLERATED_PART: usize = 8;

struct Immix {
    threshold_bytes: usize,
    stressed: u32,
}

/// Which blocks are to be emptied.
fn hollow_blocks(space: &Space, anyway: bool) -> Vec<bool> {
    let mut unused_bytes = Vec::new();
    let mut all_bytes = 0;
    for hole in space.unused_holes() {
        all_bytes += hole.len();
        let mut at = hole.start;
        while at < hole.end {
            let (block, block_end) = space.block_at(at);
            let end = block_end.min(hole.end);
            if unused_bytes.len() <= block {
                unused_bytes.resize(block + 1, 0);
            }
            unused_bytes[block] += end - at;
            at = end;
        }
    }
    let is_fragmented = anyway || all_bytes > space.used_bytes() / TOLERATED_PART;
    let least = if anyway { 1 } else { HOLLOW_BYTES };
    let is_hollow = |unused: usize| is_fragmented && unused >= least;
    unused_bytes.into_iter().map(is_hollow).collect()
}

impl Collector for Immix {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        whole_heap_budget(self.threshold_bytes, live_bytes)
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause {
        // Under stress small heaps are to see both kinds of collections.
        self.stressed += u32::from(reason == Reason::Stress);
        let anyway = reason == Reason::Stress && self.stressed.is_multiple_of(2);
        let live_bytes = evacuate_and_sweep(
            heap,
            |space| {
                let hollow = hollow_blocks(space, anyway);
                move |block: usize| hollow.get(block).is_some_and(|&is_hollow| is_hollow)
            },
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
