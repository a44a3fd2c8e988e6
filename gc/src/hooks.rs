//! Hooks: somebody is told of each collection, right after it.
use crate::collector::Reason;
use crate::heap::Heap;
use crate::pauses::Pause;
use crate::stats::{Stats, Work};
use std::rc::Rc;

/// A collection, or a step of one, that has just ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CollectionEvent {
    /// Number of the pause, counted from 1.
    pub number: u64,
    /// What kind of pause it was.
    pub pause: Pause,
    /// Why it ran.
    pub reason: Reason,
    /// Processor time of the thread.
    pub cpu_ns: u64,
    /// Time by the wall clock.
    pub wall_ns: u64,
    /// Bytes that survived the collection before, and what was handed out since.
    pub before_bytes: usize,
    /// The latter alone; a step between collections leaves it as it was.
    pub handed_out_bytes: usize,
    /// Bytes that survived; between the steps of an incremental collection dead old objects are counted, too.
    pub after_bytes: usize,
    /// The whole heap was collected, by this pause or by it and pauses before.
    pub is_cycle_end: bool,
    /// What was moved, promoted in place, looked at again and freed one by one, in this collection alone.
    pub work: Work,
}

impl CollectionEvent {
    /// By how much the heap became smaller.
    pub fn freed_bytes(&self) -> usize {
        self.before_bytes.saturating_sub(self.after_bytes)
    }
}

/// Who wants to be told. The heap must not be used in a hook: whatever is to be done with objects is done at the next
/// safepoint.
pub trait GcHooks {
    /// The young objects were collected.
    fn minor(&self, event: &CollectionEvent) {
        let _ = event;
    }
    /// An incremental collection of the whole heap went on, with or without a collection of the young objects before.
    fn step(&self, event: &CollectionEvent) {
        let _ = event;
    }
    /// The whole heap was collected at once.
    fn major(&self, event: &CollectionEvent) {
        let _ = event;
    }
}

impl Heap {
    /// Sets who is told of collections; `None` for nobody.
    pub fn set_hooks(&self, hooks: Option<Rc<dyn GcHooks>>) {
        *self.hooks().borrow_mut() = hooks;
    }
    pub(crate) fn call_hooks(&self, event: impl FnOnce(&Stats) -> CollectionEvent) {
        let Some(hooks) = self.hooks().borrow().clone() else {
            return;
        };
        let event = &event(&self.stats());
        match event.pause {
            Pause::Minor => hooks.minor(event),
            Pause::Step => hooks.step(event),
            Pause::Major => hooks.major(event),
        }
    }
}
