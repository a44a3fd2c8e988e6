//! A collection of the whole heap in steps between young collections: the incremental mature policy.
//!
//! Idle -> marking -> settling -> sweeping -> giving memory back -> idle. Marking ends in a pause in which no object is young:
//! roots are read once more, and what they reach has to be marked within the step's budget. If it is not, marking goes on
//! after the next young collection. Settling is what death leads to, see `aftermath.rs`.
//!
//! No step looks at more than its budget says, apart from the last object or part of an array. Roots are read whole, and so are,
//! where objects are linked with raw structures, the tables of weak references, finalizers, destructors and pairs: then marking
//! what finalizers keep takes the place of settling.
use crate::aftermath::Aftermath;
use crate::collector::Scope;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::{Gray, Marker};
use crate::mature::{begin_sweep, clear_and_queue, settle};
use crate::object::Gc;
use crate::pairing::Liveness;
use crate::stats::Work;
use crate::sweep::SweepBudget;
use crate::young::Watch;

/// Where a cycle is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// No cycle runs.
    #[default]
    Idle,
    /// Marks what roots reach.
    Marking,
    /// Weak references were cleared; marks what objects with finalizers reach. Only where pairs are linked.
    Finalizable,
    /// Everything is marked that the program can reach: what death leads to is done in slices.
    Settling,
    /// Frees what is not marked.
    Sweeping,
    /// Gives free memory back to the system.
    Trimming,
}

/// What a look at a link counts for: the lines of a structure and of a mark are fetched.
const LINK_BYTES: usize = 128;

/// How much a step may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepBudget {
    /// Bytes to look at while marking. It may be spent three times in the pause in which marking ends.
    pub mark_bytes: usize,
    /// Blocks and large objects to sweep.
    pub sweep: SweepBudget,
    /// Entries of tables to go through.
    pub entries: usize,
    /// Bytes to give back to the system.
    pub trim_bytes: usize,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepDone {
    /// Bytes that were looked at while marking.
    pub marked_bytes: usize,
    /// Bytes of living objects, if marking came to its end.
    pub live_bytes: Option<usize>,
}

/// See the module's documentation.
#[derive(Default)]
pub struct Cycle {
    phase: Phase,
    gray: Gray,
    aftermath: Aftermath,
    /// Marking may end in the next pause, if no object is young then.
    ending: bool,
}

/// Follows what raw structures hold as far as the step's budget goes.
struct Follow<'m, 'h>(&'m mut Marker<'h>);

impl Liveness for Follow<'_, '_> {
    fn keep(&mut self, gc: Gc) {
        self.0.mark(gc);
    }
    fn fixpoint(&mut self) {
        self.0.drain();
    }
    fn try_fixpoint(&mut self) -> bool {
        self.0.drain_some(self.0.budget_left())
    }
    fn watch_pairs(&mut self) {
        self.0.watch_pairs();
    }
    fn each_reference(&self, gc: Gc, visit: &mut dyn FnMut(Gc)) {
        self.0.each_reference(gc, visit);
    }
    fn take_paired(&mut self) -> Option<Vec<Gc>> {
        self.0.take_paired()
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        self.0.survivor(gc)
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
}

impl Cycle {
    /// Where it is.
    pub fn phase(&self) -> Phase {
        self.phase
    }
    /// The same in a word.
    pub fn stage(&self) -> &'static str {
        match self.phase {
            Phase::Idle => "idle",
            Phase::Marking if self.ending => "ending",
            Phase::Marking => "marking",
            Phase::Finalizable => "finalizable",
            Phase::Settling => self.aftermath.stage(),
            Phase::Sweeping => "sweeping",
            Phase::Trimming => "trimming",
        }
    }
    /// Whether the next young collection should leave no young objects, so that marking can end.
    pub fn wants_no_young(&self) -> bool {
        self.ending
    }
    /// Whether anything is left to be marked that was seen so far.
    pub fn has_gray(&self) -> bool {
        !self.gray.is_empty()
    }
    /// For young collections: what is to be told of new old objects and of stores, if the heap is being marked.
    pub fn watch(&mut self) -> Watch<'_> {
        match self.is_marking() {
            true => Watch::Marking(&mut self.gray),
            false => Watch::Nobody,
        }
    }
    /// The same, to look at.
    pub fn marking(&self) -> Option<&Gray> {
        self.is_marking().then_some(&self.gray)
    }
    fn is_marking(&self) -> bool {
        matches!(
            self.phase,
            Phase::Marking | Phase::Finalizable | Phase::Settling
        )
    }
    /// Starts a cycle.
    pub fn begin(&mut self, heap: &Heap) {
        debug_assert_eq!(self.phase, Phase::Idle);
        let mut marker = Marker::resume(heap, Gray::default());
        heap.visit_roots(&mut marker);
        // What structures hold is found when all else is marked: what only dead ones hold is not known before.
        heap.pairing().begin_pass();
        self.gray = marker.pause();
        self.phase = Phase::Marking;
        self.ending = false;
    }
    /// Brings the heap into a state in which a cycle can start: marks are forgotten, and a sweep is finished.
    pub fn abandon(&mut self, heap: &Heap) {
        heap.pairing().abandon_pass();
        let mut space = heap.space().borrow_mut();
        match self.phase {
            Phase::Idle | Phase::Trimming => {}
            Phase::Marking | Phase::Finalizable => {
                self.gray.abandon(heap.types());
                space.clear_marks();
            }
            Phase::Settling => {
                self.gray.abandon(heap.types());
                space.clear_marks();
                drop(space);
                Aftermath::abandon(heap);
            }
            Phase::Sweeping => {
                space.sweep_some(SweepBudget::ALL);
            }
        }
        *self = Cycle::default();
    }
    /// Whether what comes next, once all that was seen is marked, is for a collection.
    pub fn waits_for_collection(&self) -> bool {
        self.phase == Phase::Settling && self.aftermath.waits_for_collection()
    }
    /// Goes on, after a young collection that left objects young or not, or `between` two. `swept` is called when all is swept, and says how
    /// much free memory is not given back.
    pub fn step(
        &mut self,
        heap: &Heap,
        budget: StepBudget,
        between: bool,
        has_young: bool,
        identities: &mut Identities,
        swept: impl FnOnce() -> usize,
    ) -> StepDone {
        let mut work = Work::default();
        let mut live_bytes = None;
        if self.phase == Phase::Settling {
            let (gray, aftermath) = (&mut self.gray, &mut self.aftermath);
            let done = aftermath.step(heap, gray, between, budget, identities, &mut work);
            // The next young collection makes everything old, and leaves nothing that was not looked at.
            if done && !has_young && self.ending {
                live_bytes = Some(std::mem::take(&mut self.gray).live_bytes());
                self.ending = false;
                heap.space().borrow_mut().begin_sweep();
                self.phase = Phase::Sweeping;
            } else {
                self.ending = done;
            }
        } else if self.is_marking() {
            live_bytes = self.mark(heap, budget, has_young, &mut work);
            if live_bytes.is_some() {
                begin_sweep(heap, Some(identities));
                self.phase = Phase::Sweeping;
            }
        } else if self.phase == Phase::Sweeping {
            let mut space = heap.space().borrow_mut();
            let done = space.sweep_some(budget.sweep);
            if done {
                heap.count_cycle();
                drop(space);
                let keep_bytes = swept();
                heap.space().borrow_mut().begin_trim(keep_bytes);
                self.phase = Phase::Trimming;
            }
        } else if self.phase == Phase::Trimming
            && heap.space().borrow_mut().trim_some(budget.trim_bytes)
        {
            self.phase = Phase::Idle;
        }
        (work.marked_bytes, work.entries) = (work.step_most_bytes, work.step_most_entries);
        heap.add_work(work);
        StepDone {
            marked_bytes: work.step_most_bytes as usize,
            live_bytes,
        }
    }
    fn mark(
        &mut self,
        heap: &Heap,
        budget: StepBudget,
        has_young: bool,
        work: &mut Work,
    ) -> Option<usize> {
        let mut marker = Marker::resume(heap, std::mem::take(&mut self.gray));
        let mut drain = |marker: &mut Marker, more: &mut dyn FnMut(&mut Marker) -> bool| {
            let done = marker.drain_some(budget.mark_bytes) && more(marker);
            work.step_most_bytes += (budget.mark_bytes - marker.budget_left()) as u64;
            done
        };
        let pairing = heap.pairing();
        let looks_at_links = !self.ending;
        let mut is_marked = drain(&mut marker, &mut |marker| {
            if !looks_at_links {
                return true;
            }
            let limit = marker.budget_left() / LINK_BYTES;
            let (looked_at, all) = pairing.look_at_some(limit, &mut Follow(marker));
            marker.spend(looked_at * LINK_BYTES);
            all && marker.is_done()
        });
        // As long as objects are young, nobody knows what they will keep.
        self.ending |= is_marked;
        if is_marked && !has_young {
            if !mutant!(RootsReadOnce) {
                heap.visit_roots(&mut marker);
            }
            let phase = self.phase;
            is_marked = drain(&mut marker, &mut |marker| match phase {
                Phase::Finalizable => pairing.trace_late(&mut Follow(marker)),
                _ => pairing.trace(Scope::Whole, &mut Follow(marker)),
            });
            if is_marked && self.phase == Phase::Marking && !pairing.has_links() {
                pairing.abandon_pass();
                self.gray = marker.pause();
                self.gray.set_judged();
                self.aftermath = Aftermath::begin(heap);
                self.phase = Phase::Settling;
                self.ending = false;
                return None;
            }
            if is_marked && self.phase == Phase::Marking {
                clear_and_queue(heap, &mut marker);
                self.phase = Phase::Finalizable;
                is_marked = drain(&mut marker, &mut |marker| {
                    pairing.try_follow(&mut Follow(marker))
                });
            }
        }
        let ended = is_marked && !has_young;
        if ended {
            settle(heap, &marker);
        }
        self.gray = marker.pause();
        ended.then(|| {
            self.ending = false;
            std::mem::take(&mut self.gray).live_bytes()
        })
    }
}
