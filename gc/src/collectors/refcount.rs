//! `refcount`: deferred, coalescing reference counting over the young phase that `incminimark` has too.
//!
//! New objects are not counted: at the end of an epoch the nursery is evacuated, and what survives becomes old and gets a
//! count. Old objects die when their count gets to zero at the end of an epoch, without any search (see `counts.rs`). Dead
//! cycles are found by trial deletion from the objects whose count went down (`cycles=trial`), or by a trace of the whole
//! heap, after which all counts are made anew (`cycles=trace`); the trace also repairs counts that got stuck because they
//! did not fit (`bits`). An explicit collection does either, and then traces if counts are stuck.
//!
//! After Blackburn and McKinley, "Ulterior reference counting" (OOPSLA 2003), and Shahriyar, Blackburn and Frampton, "Down
//! for the count?" (ISMM 2012).
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
use crate::config::{Config, Cycles};
use crate::counts::{Counts, colour, has_colour, set_colour};
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::Marker;
use crate::mature::{begin_sweep, note_deaths};
use crate::object::{Gc, Header, barrier_bits, state_bits};
use crate::pairing::Liveness;
use crate::pauses::Pause;
use crate::remembered::{Chunk, RememberedSet, chunk_bits};
use crate::resolve::{ambiguous_words, resolve};
use crate::roots::RootVisitor;
use crate::scan;
use crate::stats::Work;
use crate::sweep::SweepBudget;
use crate::trial::Trial;
use crate::types::TypeTable;
use crate::young::{Watch, YoungPhase};
use std::cell::Cell;
use std::ops::Range;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "refcount",
    capabilities: Capabilities {
        collects: true,
        moves: true,
        moves_old: false,
        counts: true,
        incremental: false,
        generational: true,
    },
    make: |config: &Config| {
        Box::new(RefCount {
            nursery_bytes: config.nursery_bytes,
            threshold_bytes: config.threshold_bytes,
            policy: config.cycles,
            counts: Counts::new(config.count_bits),
            remembered: RememberedSet::default(),
            identities: Identities::default(),
            candidates: Vec::new(),
            told: Vec::new(),
            has_stuck: false,
            old_bytes: 0,
            cycles_due_bytes: config.threshold_bytes.saturating_mul(2),
            stressed: 0,
        })
    },
    doc: "deferred coalescing reference counts behind a nursery, cycles by trial deletion or a trace",
};

/// Under `stress` each n-th collection searches for cycles.
const STRESS_CYCLES: u32 = 4;
/// So many candidates are examined at the latest.
const MOST_CANDIDATES: usize = 1 << 16;

/// Items of a dead array that are looked at in one go.
const SLICE_ITEMS: usize = 4096;
/// So many dead objects are listed before they are freed.
const MOST_DEAD: usize = 1 << 16;

struct RefCount {
    nursery_bytes: usize,
    threshold_bytes: usize,
    policy: Cycles,
    counts: Counts,
    remembered: RememberedSet,
    identities: Identities,
    /// Old objects whose count went down, and not to zero, since cycles were last searched for.
    candidates: Vec<Gc>,
    /// Owners of weak references that were cleared in the collection that runs.
    told: Vec<Gc>,
    /// Counts got stuck since the last trace.
    has_stuck: bool,
    old_bytes: usize,
    /// Cycles are searched for when `old_bytes` passes this.
    cycles_due_bytes: usize,
    stressed: u32,
}

/// Old objects live unless they were found dead.
struct Found {
    /// Those that are kept for their finalizers count as dead.
    before_finalizers: bool,
}

impl Found {
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        let dead = !gc.is_null()
            && (has_colour(gc, colour::DEAD)
                || self.before_finalizers && has_colour(gc, colour::LAST_RITES));
        (!dead || gc.header().state() & state_bits::IMMORTAL != 0).then_some(gc)
    }
}

impl Liveness for Found {
    fn keep(&mut self, _gc: Gc) {}
    fn fixpoint(&mut self) {}
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        Found::survivor(self, gc)
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
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
    /// Ends an epoch: nothing is young afterwards, and all old objects without references are freed.
    fn end_epoch(&mut self, heap: &Heap) {
        let temporary = std::mem::take(&mut self.counts.temporary);
        let watch = Watch::Counting(&mut self.counts);
        let mut phase = YoungPhase::new(heap, &mut self.identities, watch, 0);
        phase.remembered(&mut self.remembered);
        phase.drain();
        // Whatever the age of a link, what the raw side holds has no other reference perhaps.
        heap.pairing().trace(Scope::Whole, &mut phase);
        let scope = Scope::Young;
        let queued = heap.weak().queued();
        heap.weak()
            .clear_dead(heap.types(), scope, |gc| phase.survivor(gc));
        self.told.extend(heap.weak().take_queued_from(queued));
        for gc in heap.finalizers().queue_dead(scope, |gc| phase.survivor(gc)) {
            phase.keep(gc);
        }
        phase.drain();
        let survivor = |gc| phase.survivor(gc);
        heap.weak().update(heap.types(), scope, survivor, |_| false);
        heap.finalizers().update(survivor, |_| false);
        heap.run_destructors(scope, survivor, |_| false);
        heap.pairing().finish(scope, &phase);
        let report = phase.finish(&mut self.remembered);
        self.old_bytes += report.old_bytes;
        heap.add_work(report.work);
        // All additions come before the first removal.
        let mut zero = Vec::new();
        for gc in std::mem::take(&mut self.counts.before)
            .into_iter()
            .chain(temporary)
        {
            self.remove(heap.types(), gc, &mut zero);
        }
        self.free_unreferenced(heap, zero);
    }
    /// One reference less names an old object.
    fn remove(&mut self, types: &TypeTable, gc: Gc, zero: &mut Vec<Gc>) {
        // What became immortal meanwhile has no count any more.
        if !Counts::is_counted(gc) {
            return;
        }
        if self.counts.remove(gc) {
            zero.push(gc);
        } else if self.policy == Cycles::Trial
            && gc.header().age_and_colour() & colour::CANDIDATE == 0
            && scan::has_refs(types, gc.type_id())
        {
            let bits = gc.header().age_and_colour();
            gc.header().set_age_and_colour(bits | colour::CANDIDATE);
            self.candidates.push(gc);
        }
    }
    /// Frees objects whose count is zero, and what loses its last reference by that.
    fn free_unreferenced(&mut self, heap: &Heap, mut zero: Vec<Gc>) {
        let types = heap.types();
        let mut dead = Vec::new();
        let mut finalizable = Vec::new();
        // Dead arrays that are taken apart a slice at a time, so that what is listed stays short however many items die.
        let mut arrays: Vec<(Gc, Range<usize>)> = Vec::new();
        loop {
            if dead.len() >= MOST_DEAD {
                self.bury_unreferenced(heap, std::mem::take(&mut dead), Vec::new());
            }
            if let Some(gc) = zero.pop() {
                if gc.header().state() & state_bits::HAS_FINALIZER != 0 {
                    set_colour(gc, colour::LAST_RITES);
                    finalizable.push(gc);
                    continue;
                }
                set_colour(gc, colour::DEAD);
                let mut child = |slot: *mut Gc| {
                    // SAFETY: dead objects are intact until they are freed, and their slots are readable.
                    self.remove(types, unsafe { slot.read() }, &mut zero);
                };
                // SAFETY: as above.
                let items = unsafe {
                    scan::visit_fixed_slots(types, gc, &mut child);
                    scan::ref_items(types, gc)
                };
                match items {
                    0 => dead.push(gc),
                    _ => arrays.push((gc, 0..items)),
                }
            } else if let Some((gc, items)) = arrays.pop() {
                let end = items.end.min(items.start + SLICE_ITEMS);
                let first = gc.word::<Gc>(types.shape(gc.type_id()).items_offset);
                for n in items.start..end {
                    // SAFETY: the array has so many items.
                    let child = unsafe { first.wrapping_add(n).read() };
                    self.remove(types, child, &mut zero);
                }
                match end == items.end {
                    true => dead.push(gc),
                    false => arrays.push((gc, end..items.end)),
                }
            } else {
                break;
            }
        }
        self.bury_unreferenced(heap, dead, finalizable);
    }
    fn bury_unreferenced(&mut self, heap: &Heap, dead: Vec<Gc>, finalizable: Vec<Gc>) {
        heap.add_work(Work {
            unreferenced: dead.len() as u64,
            ..Work::default()
        });
        self.bury(heap, dead, finalizable);
    }
    /// Tells those who want to know of deaths, keeps what has a finalizer, and frees the rest.
    fn bury(&mut self, heap: &Heap, dead: Vec<Gc>, finalizable: Vec<Gc>) {
        if dead.is_empty() && finalizable.is_empty() {
            return;
        }
        let types = heap.types();
        let all = || dead.iter().chain(&finalizable);
        let any_state = |bits| all().any(|gc| gc.header().state() & bits != 0);
        let any_type = |is_so: fn(&crate::types::TypeInfo) -> bool| {
            dead.iter().any(|gc| is_so(types.info(gc.type_id())))
        };
        let scope = Scope::Whole;
        let is_weak = any_state(state_bits::HAS_WEAKREF) || any_type(|t| t.weak_offset.is_some());
        if is_weak {
            let found = Found {
                before_finalizers: true,
            };
            self.clear_weak(heap, |gc| found.survivor(gc));
        }
        if !finalizable.is_empty() {
            let found = Found {
                before_finalizers: true,
            };
            for gc in heap.finalizers().queue_dead(scope, |gc| found.survivor(gc)) {
                set_colour(gc, 0);
                self.counts.add_temporary(gc);
            }
        }
        let found = Found {
            before_finalizers: false,
        };
        let survivor = |gc| found.survivor(gc);
        if is_weak {
            heap.weak().update(types, scope, survivor, |_| false);
        }
        if !finalizable.is_empty() {
            heap.finalizers().update(survivor, |_| false);
        }
        if any_type(|t| t.finalize.is_some()) {
            heap.run_destructors(scope, survivor, |_| false);
        }
        if any_state(state_bits::HAS_PAIR) {
            heap.pairing().finish(scope, &found);
        }
        if any_state(state_bits::ID_ASIDE) {
            let gone: Vec<usize> = dead.iter().map(|gc| gc.address()).collect();
            self.identities.retain(|address| !gone.contains(&address));
        }
        self.candidates.retain(|&gc| !has_colour(gc, colour::DEAD));
        self.told.retain(|&gc| !has_colour(gc, colour::DEAD));
        let freed = heap.space().borrow_mut().free_objects(types, &dead);
        self.old_bytes = self.old_bytes.saturating_sub(freed);
    }
    /// Clears weak references to what did not survive, and notes their owners.
    fn clear_weak(&mut self, heap: &Heap, survivor: impl Fn(Gc) -> Option<Gc>) {
        let queued = heap.weak().queued();
        heap.weak().clear_dead(heap.types(), Scope::Whole, survivor);
        self.told.extend(heap.weak().take_queued_from(queued));
    }
    /// Queues the owners of cleared weak references that still live. The queue is a root.
    fn queue_told(&mut self, heap: &Heap) {
        for owner in std::mem::take(&mut self.told) {
            heap.weak().queue(owner);
            self.counts.add_temporary(owner);
        }
    }
    /// Frees the dead cycles that the candidates lead to.
    fn trial(&mut self, heap: &Heap) {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.retain(|&gc| Counts::is_counted(gc));
        for gc in &candidates {
            let bits = gc.header().age_and_colour() & !colour::CANDIDATE;
            gc.header().set_age_and_colour(bits);
        }
        let mut trial = Trial::new(heap.types(), &mut self.counts);
        let white = trial.run(&candidates);
        let has_finalizer = |gc: &&Gc| gc.header().state() & state_bits::HAS_FINALIZER != 0;
        if white.iter().any(|gc| has_finalizer(&gc)) {
            // Weak references to all of the cycle are cleared before a finalizer sees it.
            let found = |gc: Gc| match !gc.is_null() && has_colour(gc, colour::WHITE) {
                true => None,
                false => Some(gc),
            };
            self.clear_weak(heap, found);
            let last_rites: Vec<Gc> = white.iter().filter(has_finalizer).copied().collect();
            let mut trial = Trial::new(heap.types(), &mut self.counts);
            for &gc in &last_rites {
                if has_colour(gc, colour::WHITE) {
                    trial.give_back(gc);
                }
            }
            last_rites
                .iter()
                .for_each(|&gc| set_colour(gc, colour::LAST_RITES));
            return self.bury_white(heap, white, last_rites);
        }
        self.bury_white(heap, white, Vec::new());
    }
    fn bury_white(&mut self, heap: &Heap, white: Vec<Gc>, finalizable: Vec<Gc>) {
        let is_white = |gc: &&Gc| has_colour(**gc, colour::WHITE);
        let dead: Vec<Gc> = white.iter().filter(is_white).copied().collect();
        dead.iter().for_each(|&gc| set_colour(gc, colour::DEAD));
        heap.add_work(Work {
            cyclic: dead.len() as u64,
            ..Work::default()
        });
        self.bury(heap, dead, finalizable);
    }
    /// Frees all that roots do not reach, and counts all references anew.
    fn trace(&mut self, heap: &Heap) {
        let all = |gc: &Gc| gc.header().age_and_colour() & !colour::CANDIDATE;
        for gc in std::mem::take(&mut self.candidates) {
            gc.header().set_age_and_colour(all(&gc));
        }
        self.counts.temporary.clear();
        let mut marker = Marker::new(heap);
        heap.visit_roots(&mut marker);
        marker.drain();
        heap.pairing().trace(Scope::Whole, &mut marker);
        note_deaths(heap, &mut marker);
        self.told.retain(|&gc| marker.is_marked(gc));
        self.old_bytes = marker.live_bytes();
        drop(marker);
        begin_sweep(heap, Some(&mut self.identities));
        {
            let mut space = heap.space().borrow_mut();
            space.sweep_some(SweepBudget::ALL);
            space.trim(self.old_bytes.max(self.threshold_bytes));
        }
        let types = heap.types();
        let words = ambiguous_words(heap, |_, _| true);
        let mut space = heap.space().borrow_mut();
        space.shelve_holes();
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
    }
    /// Searches for dead cycles by the policy. Whether all that is dead is gone: stuck counts may keep something.
    fn collect_cycles(&mut self, heap: &Heap, repair: bool) -> bool {
        match self.policy {
            Cycles::Trial => self.trial(heap),
            Cycles::Trace => self.trace(heap),
        }
        let stuck = std::mem::take(&mut self.counts.stuck);
        heap.add_work(Work {
            stuck,
            ..Work::default()
        });
        self.has_stuck |= stuck != 0;
        if repair && self.policy == Cycles::Trial && self.has_stuck {
            self.has_stuck = false;
            self.trace(heap);
        }
        let growth = (self.old_bytes / 2).max(self.threshold_bytes.saturating_mul(2));
        self.cycles_due_bytes = self.old_bytes.saturating_add(growth);
        self.policy == Cycles::Trace || !self.has_stuck
    }
}

impl Collector for RefCount {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes
            .saturating_add(self.nursery_bytes)
            .saturating_add(1)
    }
    fn nursery_bytes(&self) -> usize {
        self.nursery_bytes
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause {
        self.end_epoch(heap);
        let due = match reason {
            Reason::Explicit | Reason::Limit | Reason::RawMemory => true,
            Reason::Stress => {
                self.stressed += 1;
                self.stressed.is_multiple_of(STRESS_CYCLES)
            }
            Reason::Budget => {
                let due = self.cycles_due_bytes.min(heap.config().max_bytes);
                self.old_bytes >= due || self.candidates.len() >= MOST_CANDIDATES
            }
        };
        let pause = match due {
            true if self.collect_cycles(heap, reason != Reason::Budget) => Pause::Major,
            true => Pause::Step,
            false => Pause::Minor,
        };
        self.queue_told(heap);
        let reserved: Vec<usize> = self.identities.places().collect();
        let mut space = heap.space().borrow_mut();
        space.shelve_holes();
        space.find_room(heap.types(), self.nursery_bytes, &reserved);
        drop(space);
        heap.set_live_bytes(self.old_bytes);
        heap.set_logged(
            self.remembered.logged_objects,
            self.remembered.logged_chunks,
        );
        pause
    }
    fn log_object(&mut self, heap: &Heap, object: Gc) {
        let is_chunked = object.header().barrier() & barrier_bits::CHUNKED != 0;
        self.counts.note_object(heap.types(), object, is_chunked);
        self.remembered.log_object(object);
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        if object.header().barrier() & barrier_bits::CHUNKED == 0 {
            return self.log_object(heap, object);
        }
        for chunk in Chunk::of_items(object, range.clone()) {
            if !chunk.has(heap.types(), chunk_bits::LOGGED) {
                let items = chunk.range(heap.types());
                self.counts.note_items(heap.types(), object, items);
            }
        }
        self.remembered.log_items(heap.types(), object, range);
    }
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        self.identities.number(heap, object)
    }
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        let at = heap.space().borrow_mut().take_old_zeroed(bytes)?;
        self.old_bytes += bytes;
        Some(at)
    }
}
