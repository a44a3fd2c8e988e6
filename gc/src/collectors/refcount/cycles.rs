//! The searches for dead cycles: trial deletion, a trace, and the choice.
use super::RefCount;
use crate::collector::Scope;
use crate::config::Cycles;
use crate::counts::{Counts, colour, has_colour, set_colour};
use crate::heap::Heap;
use crate::last_rites::LastRites;
use crate::mark::Marker;
use crate::mature::{begin_sweep, note_deaths};
use crate::memory::walk;
use crate::object::{Gc, Header, state_bits};
use crate::resolve::{ambiguous_words, resolve};
use crate::roots::RootVisitor;
use crate::scan;
use crate::stats::Work;
use crate::sweep::SweepBudget;
use crate::topology::Topology;
use crate::trial::{Trial, Verdict};
use std::cell::Cell;

/// What a search for dead cycles was.
pub(super) struct Search {
    /// The heap was traced.
    pub traced: bool,
    /// All that is dead is gone; otherwise stuck counts may keep some of it.
    pub is_whole: bool,
}

/// Gives temporary counts to what roots name.
struct Temporary<'c> {
    counts: &'c mut Counts,
}

impl RootVisitor for Temporary<'_> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        self.counts.add_temporary(slot.get());
    }
    fn ambiguous(&mut self, _word: usize) {}
}

impl RefCount {
    /// Frees the dead cycles that the candidates lead to.
    fn trial(&mut self, heap: &Heap) {
        self.note_let_go(heap, heap.pairing().take_let_go());
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.retain(|&gc| Counts::is_counted(gc));
        for gc in &candidates {
            let bits = gc.header().age_and_colour() & !colour::CANDIDATE;
            gc.header().set_age_and_colour(bits);
        }
        if mutant!(TrialForgetsRoots) {
            let counts = &mut self.counts;
            let temporary = std::mem::take(&mut counts.temporary);
            temporary.iter().for_each(|&gc| _ = counts.remove(gc));
        }
        let Verdict { white, looked_at } =
            Trial::new(heap.types(), &mut self.counts, heap.pairing()).run(&candidates);
        drop(candidates);
        let has_finalizer = |gc: &&Gc| gc.header().state() & state_bits::HAS_FINALIZER != 0;
        if white.iter().any(|gc| has_finalizer(&gc)) {
            // Weak references to all of the cycle are cleared before a finalizer sees it.
            let found = |gc: Gc| match !gc.is_null() && has_colour(gc, colour::WHITE) {
                true => None,
                false => Some(gc),
            };
            self.clear_weak(heap, found);
            let finalizable: Vec<Gc> = white.iter().filter(has_finalizer).copied().collect();
            let is_lost = |gc| found(gc).is_none();
            let beyond = Default::default();
            let order = Topology::of(heap.types(), finalizable.clone(), is_lost, beyond);
            let mut trial = Trial::new(heap.types(), &mut self.counts, heap.pairing());
            for &gc in &finalizable {
                if has_colour(gc, colour::WHITE) {
                    trial.give_back(gc);
                }
            }
            let last = LastRites::of(order, heap.finalizers());
            let waits = |gc: &&Gc| !has_colour(**gc, colour::LAST_RITES);
            // Those that wait may be dead cycles still when what keeps them was freed.
            for &gc in finalizable.iter().filter(waits) {
                self.note_candidate(gc);
            }
            self.bury_white(heap, white, last);
        } else {
            self.bury_white(heap, white, LastRites::default());
        }
        self.choice.note_trial(looked_at, self.old_bytes);
    }
    fn bury_white(&mut self, heap: &Heap, white: Vec<Gc>, finalizable: LastRites) {
        let mut dead = white;
        if !finalizable.objects.is_empty() {
            dead.retain(|&gc| has_colour(gc, colour::WHITE));
        }
        dead.iter().for_each(|&gc| set_colour(gc, colour::DEAD));
        heap.add_work(Work {
            cyclic: dead.len() as u64,
            ..Work::default()
        });
        self.bury(heap, dead, finalizable);
    }
    pub(super) fn forget_candidates(&mut self) {
        for gc in walk(&std::mem::take(&mut self.candidates)) {
            let bits = gc.header().age_and_colour() & !colour::CANDIDATE;
            gc.header().set_age_and_colour(bits);
        }
    }
    /// Frees all that roots do not reach, and counts all references anew.
    fn trace(&mut self, heap: &Heap) {
        self.forget_candidates();
        self.counts.temporary.clear();
        self.counts.polled.clear();
        // They may be freed now, and what is dead is found anyway.
        heap.pairing().take_unlinked();
        let mut marker = Marker::new(heap);
        heap.visit_roots(&mut marker);
        marker.drain();
        heap.pairing().trace(Scope::Whole, &mut marker);
        note_deaths(heap, &mut marker);
        self.told.retain(|&gc| marker.is_marked(gc));
        let live_bytes = marker.live_bytes();
        drop(marker);
        let freed_bytes = self.old_bytes.saturating_sub(live_bytes);
        // Most of what died so young is in no cycle.
        let freed_bytes = freed_bytes.saturating_sub(std::mem::take(&mut self.uncounted_bytes));
        self.choice.note_trace(freed_bytes, live_bytes);
        self.old_bytes = live_bytes;
        begin_sweep(heap, Some(&mut self.identities));
        {
            let mut space = heap.space().borrow_mut();
            space.sweep_some(SweepBudget::ALL);
        }
        let types = heap.types();
        let words = ambiguous_words(heap, |_, _| true);
        let mut space = heap.space().borrow_mut();
        let objects = || {
            let started = space.started_objects().chain(space.large_objects());
            // SAFETY: start bits and heads of large runs stand at objects only.
            started.map(|at| unsafe { Gc::from_raw(at as *mut Header) })
        };
        objects().for_each(|gc| gc.header().set_age_and_colour(0));
        for gc in objects() {
            // SAFETY: the object survived the sweep, and slots of an object are readable.
            unsafe { scan::visit_slots(types, gc, &mut |slot| self.counts.add(slot.read())) };
        }
        for word in words {
            for gc in resolve(&mut space, types, word).into_iter().flatten() {
                self.counts.add_temporary(gc);
            }
        }
        drop(space);
        heap.visit_roots(&mut Temporary {
            counts: &mut self.counts,
        });
        heap.pairing()
            .visit_held(|gc| self.counts.add_temporary(gc));
        // What the raw side does not hold now is reached in another way, and loses counts before it dies.
        heap.pairing().take_let_go();
    }
    /// How the next search is made. It may be urgent, close to the hard limit.
    pub(super) fn policy(&self, urgent: bool) -> Cycles {
        match urgent {
            // Lists of what a trial looks at are memory, too.
            true if self.choice.allows_unexamined() => Cycles::Trace,
            _ => self.choice.next(),
        }
    }
    /// Searches for dead cycles by the policy. What stuck counts keep is found, too, if they are to be repaired.
    pub(super) fn collect_cycles(&mut self, heap: &Heap, repair: bool, urgent: bool) -> Search {
        let policy = self.policy(urgent);
        match policy {
            Cycles::Trace => self.trace(heap),
            _ => self.trial(heap),
        }
        let stuck = std::mem::take(&mut self.counts.stuck);
        heap.add_work(Work {
            stuck,
            ..Work::default()
        });
        self.has_stuck |= stuck != 0;
        let mut search = Search {
            traced: policy == Cycles::Trace,
            is_whole: policy == Cycles::Trace || !self.has_stuck,
        };
        // Trial deletion knows nothing of raw structures.
        let suspects = !search.traced && heap.pairing().has_suspects();
        if repair && !search.is_whole || suspects {
            self.has_stuck = false;
            self.trace(heap);
            search = Search {
                traced: true,
                is_whole: true,
            };
        }
        self.buffers = self.choice.next() != Cycles::Trace;
        self.cycles_due_bytes = self.old_bytes.saturating_add(self.growth_bytes());
        search
    }
}
