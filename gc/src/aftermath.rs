//! What death leads to, in slices between young collections.
//!
//! When incremental marking has ended in a pause in which no object was young, the program can never again get at an old
//! object that is not marked: such objects are dead, though their memory is intact until they are swept. So all that is to
//! be done about them can be done a slice at a time while the program runs: weak references become NULL; objects with
//! finalizers are found, put into order, and marked with all that they reach, and only then handed out; owners of weak
//! references, destructors and identity numbers follow.
//!
//! Invariants:
//! - D1: from the end of marking to the sweep, an old object that is not marked is dead, or is kept by a finalizer that
//!   was not handed out yet. What becomes old meanwhile is marked at once.
//! - D2: the program gets nothing of that kind: weak references to it read as NULL, and neither ambiguous words nor walks over
//!   the heap find it.
use crate::cycle::StepBudget;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::{Gray, Marker};
use crate::object::Gc;
use crate::stats::Work;

/// What is done next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Stage {
    /// Weak references to what is dead become NULL.
    #[default]
    Weak,
    /// Dead objects with finalizers are found.
    Lost,
    /// They are put into order.
    Order,
    /// They are marked.
    Keep,
    /// So is what they reach. At the end they are handed out.
    Follow,
    /// Dead owners of weak references are forgotten.
    Owners,
    /// Destructors run.
    Destructors,
    /// Identity numbers of dead objects are forgotten, and places that belong to numbers are kept.
    Identities,
}

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Aftermath {
    stage: Stage,
}

impl Aftermath {
    /// Everything that roots reach is marked, and no object is young.
    pub(crate) fn begin(heap: &Heap) -> Aftermath {
        heap.space().borrow_mut().set_judged(true);
        heap.weak().begin_clearing();
        Aftermath::default()
    }
    /// What is done next, in a word.
    pub(crate) fn stage(&self) -> &'static str {
        match self.stage {
            Stage::Weak => "weak",
            Stage::Lost => "lost",
            Stage::Order => "order",
            Stage::Keep => "keep",
            Stage::Follow => "follow",
            Stage::Owners => "owners",
            Stage::Destructors => "destructors",
            Stage::Identities => "identities",
        }
    }
    /// The collection is broken off: everything is to be found out anew.
    pub(crate) fn abandon(heap: &Heap) {
        heap.space().borrow_mut().set_judged(false);
        heap.weak().abandon();
        heap.finalizers().abandon();
        heap.destructibles().borrow_mut().end_pass();
    }
    /// Whether the next thing to be done is for a collection: finalizers are handed out in one, so that nobody finds an
    /// object in the queue, or its weak references gone, without that a collection was counted.
    pub(crate) fn waits_for_collection(&self) -> bool {
        self.stage == Stage::Follow
    }
    /// Goes on; `between`: not in a collection. Whether everything is done and marked; then the sweep may begin, as soon as
    /// no object is young.
    pub(crate) fn step(
        &mut self,
        heap: &Heap,
        gray: &mut Gray,
        between: bool,
        budget: StepBudget,
        identities: &mut Identities,
        work: &mut Work,
    ) -> bool {
        // What became old since the last step is marked, but its lines are not known. It refers to nothing that is not marked,
        // so that this is done faster than objects become old.
        if !gray.is_empty() {
            let mut marker = Marker::resume(heap, std::mem::take(gray));
            let drained = marker.drain_some(budget.mark_bytes);
            work.step_most_bytes += (budget.mark_bytes - marker.budget_left()) as u64;
            *gray = marker.pause();
            if !drained {
                return false;
            }
        }
        let mut left = budget.entries;
        let done = loop {
            if between && self.waits_for_collection() {
                break false;
            }
            match self.advance(heap, gray, &mut left, identities) {
                Some(next) => self.stage = next,
                None => break self.stage == Stage::Identities && identities.is_settled(),
            }
            // What was found is to be followed first.
            if left == 0 || !gray.is_empty() {
                break false;
            }
        };
        work.step_most_entries = (budget.entries - left) as u64;
        done
    }
    /// Goes through up to `left` entries of a table. The next stage, if this one is at its end.
    fn advance(
        &mut self,
        heap: &Heap,
        gray: &mut Gray,
        left: &mut usize,
        identities: &mut Identities,
    ) -> Option<Stage> {
        let lives = |gc: Gc| heap.space().borrow().is_marked(gc.address());
        match self.stage {
            Stage::Weak => heap.weak().clear_some(heap.types(), left, lives).then(|| {
                heap.finalizers().begin_search();
                Stage::Lost
            }),
            Stage::Lost => heap
                .finalizers()
                .find_some(left, lives)
                .then_some(Stage::Order),
            Stage::Order => heap
                .finalizers()
                .order_some(heap.types(), left, |gc| !lives(gc))
                .then_some(Stage::Keep),
            Stage::Keep => heap
                .finalizers()
                .keep_some(left, |gc| gray.push(gc))
                .then_some(Stage::Follow),
            Stage::Follow => {
                heap.finalizers().hand_over();
                heap.weak().begin_settling();
                Some(Stage::Owners)
            }
            Stage::Owners => heap.weak().settle_some(left, lives).then(|| {
                heap.destructibles().borrow_mut().begin_pass();
                Stage::Destructors
            }),
            Stage::Destructors => heap.destroy_some(left, lives).then(|| {
                identities.begin_pass();
                Stage::Identities
            }),
            Stage::Identities => {
                identities.settle_some(left, &mut heap.space().borrow_mut());
                None
            }
        }
    }
}
