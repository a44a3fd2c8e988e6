//! What a collector is: the slow path behind allocation, barrier and poll. Nothing here runs on a fast path.
//!
//! To add one, copy `collectors/null.rs`, write a [`CollectorInfo`] and put it into the registry that the binary hands to
//! [`crate::Heap::new`]; that may be in another crate.
use crate::config::Config;
use crate::counts::Counts;
use crate::heap::Heap;
use crate::mark::Gray;
use crate::object::Gc;
use crate::pauses::Pause;
use std::fmt;
use std::ops::Range;

/// What a collector can do. Tests declare what they need.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capabilities {
    /// Frees unreachable objects at all.
    pub collects: bool,
    /// Changes addresses.
    pub moves: bool,
    /// Changes the addresses of objects of any age. Otherwise an object that moved once or twice stays where it is.
    pub moves_old: bool,
    /// Counts the references to old objects, and frees them without a search when none is left.
    pub counts: bool,
    /// Spreads a collection over many polls.
    pub incremental: bool,
    /// Collects young objects apart.
    pub generational: bool,
}

/// One row of a registry.
#[derive(Clone, Copy)]
pub struct CollectorInfo {
    /// Name for the options.
    pub name: &'static str,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Makes one for a new heap.
    pub make: fn(&Config) -> Box<dyn Collector>,
    /// One line for lists.
    pub doc: &'static str,
}

/// Why a collection runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The allocation budget is spent.
    Budget,
    /// The program asked for it.
    Explicit,
    /// `stress=N`.
    Stress,
    /// The hard limit would be passed.
    Limit,
    /// Memory outside the heap that dies with its objects has grown, see [`crate::Heap::ask_for_raw_memory`].
    RawMemory,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Budget => "budget",
            Reason::Explicit => "explicit",
            Reason::Stress => "stress",
            Reason::Limit => "limit",
            Reason::RawMemory => "raw memory",
        })
    }
}

/// How much of the heap a collection looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The objects made since the last collections.
    Young,
    /// All objects.
    Whole,
}

/// A collector of one heap.
pub trait Collector {
    /// The heap size at which the next collection is due, when `live_bytes` survived the last one (0 at the start).
    fn next_collection_bytes(&self, live_bytes: usize) -> usize;
    /// Collects. All windows are retired, the mutator is stopped.
    ///
    /// For any other reason than the budget, and at the latest the second time in a row, what is unreachable is freed.
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause;
    /// How much may be allocated until a step of a collection in progress is due, which [`Collector::step`] does between two
    /// collections; `None` if nothing is in progress.
    fn next_step_bytes(&self) -> Option<usize> {
        None
    }
    /// Goes on with a collection in progress. Nothing moves, and no window is retired.
    fn step(&mut self, heap: &Heap) {
        let _ = heap;
    }
    /// Slow path of the write barrier: `object` is about to be stored into and has a bit set in its barrier byte.
    fn log_object(&mut self, heap: &Heap, object: Gc);
    /// The same for the items `range` of an array.
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        let _ = range;
        self.log_object(heap, object);
    }
    /// The identity number of a living object: it stays the same when the object moves, and no other living object has it.
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        let _ = heap;
        object.address()
    }
    /// Zeroed memory for an object that is old from its birth and never moves, or `None` if new objects do not move.
    /// The object is `bytes` long and is written before the next safepoint.
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        let _ = (heap, bytes);
        None
    }
    /// What a collection in steps is at, in a word, for the log of pauses.
    fn stage(&self) -> &'static str {
        "-"
    }
    /// What is left to be looked at, while the heap is being marked step by step. The verifier asks.
    fn marking(&self) -> Option<&Gray> {
        None
    }
    /// What was counted, where references are counted. Tests ask.
    fn counts(&self) -> Option<&Counts> {
        None
    }
    /// The bytes of new objects that are given windows apart from old ones, or 0 if all share the blocks.
    fn nursery_bytes(&self) -> usize {
        0
    }
}
