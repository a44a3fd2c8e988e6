//! `refcount`: deferred, coalescing reference counting over the young phase that `incminimark` has too.
//!
//! New objects are not counted: at the end of an epoch the nursery is evacuated, and what survives becomes old and gets a
//! count. Old objects die when their count gets to zero at the end of an epoch, without any search (see `counts.rs`). Dead
//! cycles are found by trial deletion from the objects whose count went down (`cycles=trial`), or by a trace of the whole
//! heap, after which all counts are made anew (`cycles=trace`), or by what is cheaper (`cycles=auto`, see `backup.rs`); the
//! trace also repairs counts that got stuck because they did not fit (`bits`). An explicit collection does either, and
//! then traces if counts are stuck.
//!
//! While nearly everything survives, most nurseries become old as they are: their objects are counted in the order of
//! their addresses, and those that nobody refers to are freed. Dead cycles among them are no candidates, so the next search is a
//! trace; under `cycles=trial` this is not done. What is left of such a nursery tells at once whether the next one is to become
//! old in the same way: after a trace exactly; of what counts free, for some time only.
//!
//! An epoch that ends with a trace counts nothing: the trace makes all counts anew, and finds all that is dead.
//!
//! After Blackburn and McKinley, "Ulterior reference counting" (OOPSLA 2003), and Shahriyar, Blackburn and Frampton, "Down
//! for the count?" (ISMM 2012).
mod cycles;

use crate::backup::Choice;
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
use crate::config::{Config, Cycles};
use crate::counts::{Counts, colour, has_colour, set_colour};
use crate::heap::Heap;
use crate::identities::Identities;
use crate::last_rites::LastRites;
use crate::memory::walk;
use crate::object::{Gc, barrier_bits, state_bits};
use crate::pauses::Pause;
use crate::peaks::Peaks;
use crate::remembered::{Chunk, RememberedSet, chunk_bits};
use crate::scan;
use crate::stats::Work;
use crate::types::TypeTable;
use crate::wholesale::{Wholesale, promote_all};
use crate::young::{Watch, YoungPhase};
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
            choice: Choice::new(config.cycles),
            wholesale: config.wholesale,
            wholesale_left: 0,
            unmeasured: 0,
            uncounted_bytes: 0,
            moved_bytes: 0,
            counts: Counts::new(config.count_bits),
            remembered: RememberedSet::default(),
            identities: Identities::default(),
            candidates: Vec::new(),
            buffers: config.cycles != Cycles::Trace,
            told: Vec::new(),
            has_stuck: false,
            old_bytes: 0,
            cycles_due_bytes: config.threshold_bytes.saturating_mul(2),
            peaks: Peaks::default(),
            stressed: 0,
        })
    },
    doc: "deferred coalescing reference counts behind a nursery, cycles by trial deletion or a trace",
};

/// Under `stress` each n-th collection searches for cycles.
const STRESS_CYCLES: u32 = 4;
/// When there are so many candidates they are examined; or forgotten, if a trace may take the place of the next trial.
const MOST_CANDIDATES: usize = 1 << 16;

/// While counts free little, so many times `wholesale` nurseries in a row become old as they are at most: counts say nothing of
/// dead cycles.
const MOST_UNMEASURED: u32 = 4;
/// A new object that is referred to mostly is so by one of the next few. The others are looked at again.
const SOON: usize = 32;

/// Items of a dead array that are looked at in one go.
const SLICE_ITEMS: usize = 4096;
/// So many dead objects are listed before they are freed.
const MOST_DEAD: usize = 1 << 16;

struct RefCount {
    nursery_bytes: usize,
    threshold_bytes: usize,
    choice: Choice,
    /// So many nurseries become old as they are after one of which at least three quarters survived.
    wholesale: u32,
    /// Nurseries that may still become old as they are before survival is measured again.
    wholesale_left: u32,
    /// Nurseries that became old in a row since what survived was last known exactly.
    unmeasured: u32,
    /// Bytes that became old in the epoch that ends, if it counted nothing.
    uncounted_bytes: usize,
    /// Bytes that the last young collection moved.
    moved_bytes: usize,
    counts: Counts,
    remembered: RememberedSet,
    identities: Identities,
    /// Old objects whose count went down, and not to zero, since cycles were last searched for.
    candidates: Vec<Gc>,
    /// Whether candidates are listed: the next search may be a trial.
    buffers: bool,
    /// Owners of weak references that were cleared in the collection that runs.
    told: Vec<Gc>,
    /// Counts got stuck since the last trace.
    has_stuck: bool,
    old_bytes: usize,
    /// Cycles are searched for when `old_bytes` passes this.
    cycles_due_bytes: usize,
    peaks: Peaks,
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

impl RefCount {
    /// Makes the nursery old as it is. If it is `counted`, counts what its objects refer to, and returns those that nobody
    /// may refer to.
    fn promote_wholesale(&mut self, heap: &Heap, counted: bool) -> (Wholesale, Vec<Gc>) {
        let types = heap.types();
        let counts = &mut self.counts;
        let mut lonely = Vec::new();
        let mut recent = [Gc::NULL; SOON];
        let mut at = 0;
        let promoted = promote_all(heap, &mut self.identities, |gc| {
            if !counted {
                return;
            }
            // Counts of new objects start at zero, and some were counted before they are met here.
            // SAFETY: young objects are intact, and slots of an object are readable.
            unsafe { scan::visit_slots(types, gc, &mut |slot| counts.add(slot.read())) };
            let earlier = std::mem::replace(&mut recent[at % SOON], gc);
            at += 1;
            if !earlier.is_null() && !counts.has_references(earlier) {
                lonely.push(earlier);
            }
        });
        lonely.extend(recent.into_iter().filter(|gc| !gc.is_null()));
        self.old_bytes += promoted.bytes;
        self.choice.note_unexamined();
        heap.add_work(Work {
            promoted_in_place: promoted.objects,
            ..Work::default()
        });
        (promoted, lonely)
    }
    /// Ends an epoch: nothing is young afterwards, and all old objects without references are freed. The nursery may become
    /// old `wholesale`, and is returned then. An epoch that is not `counted` frees no old object and must end with a trace.
    fn end_epoch(&mut self, heap: &Heap, wholesale: bool, counted: bool) -> Option<Wholesale> {
        let mut temporary = std::mem::take(&mut self.counts.temporary);
        if !counted {
            temporary.clear();
            self.counts.before.clear();
        }
        if mutant!(DecrementsFirst) {
            let mut zero = Vec::new();
            for gc in std::mem::take(&mut self.counts.before) {
                self.remove(heap.types(), gc, &mut zero);
            }
            self.free_unreferenced(heap, zero);
        }
        let promoted = wholesale.then(|| self.promote_wholesale(heap, counted));
        let watch = match counted {
            true => Watch::Counting(&mut self.counts),
            false => Watch::Nobody,
        };
        let mut phase = YoungPhase::new(heap, &mut self.identities, watch, 0);
        phase.remembered(&mut self.remembered);
        phase.drain();
        // Of old links, those count whose object has no other reference: see `poll`.
        heap.pairing().trace_held(Scope::Young, &mut phase);
        let scope = Scope::Young;
        let queued = heap.weak().queued();
        heap.weak()
            .clear_dead(heap.types(), scope, |gc| phase.survivor(gc));
        self.told.extend(heap.weak().take_queued_from(queued));
        let dead = heap
            .finalizers()
            .queue_dead(heap.types(), scope, |gc| phase.survivor(gc));
        for gc in dead {
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
        self.moved_bytes = report.work.moved_bytes as usize;
        heap.add_work(report.work);
        if !counted {
            let promoted = promoted.map(|(promoted, _)| promoted);
            let wholesale_bytes = promoted.as_ref().map_or(0, |promoted| promoted.bytes);
            self.uncounted_bytes = report.old_bytes + wholesale_bytes;
            return promoted;
        }
        // All additions come before the first removal.
        let mut zero = Vec::new();
        let promoted = promoted.map(|(promoted, lonely)| {
            let dead = |&gc: &Gc| Counts::is_counted(gc) && !self.counts.has_references(gc);
            zero.extend(walk(&lonely).filter(dead));
            promoted
        });
        self.poll(heap, &mut zero);
        self.note_let_go(heap, heap.pairing().take_unlinked());
        let before = std::mem::take(&mut self.counts.before);
        for list in [before, temporary] {
            walk(&list).for_each(|gc| self.remove(heap.types(), gc, &mut zero));
        }
        self.free_unreferenced(heap, zero);
        promoted
    }
    /// Looks again at objects that only the raw side held when the last epoch ended. The raw side tells nobody when it lets
    /// go of a twin, so that these are looked at in each epoch; those that have other references need not be, since their
    /// count tells when they lose the last one.
    fn poll(&mut self, heap: &Heap, zero: &mut Vec<Gc>) {
        let mut polled = std::mem::take(&mut self.counts.polled);
        let looked_at = polled.len();
        polled.retain(|&gc| {
            let stays =
                self.counts.of(gc) == Some(1) && Counts::is_counted(gc) && heap.pairing().holds(gc);
            if !stays {
                self.remove(heap.types(), gc, zero);
            }
            stays
        });
        heap.pairing().note_polled(looked_at, polled.len());
        self.counts.polled = polled;
    }
    /// The raw side has let go of these objects, by which no count went down: they may be parts of dead cycles.
    fn note_let_go(&mut self, heap: &Heap, objects: Vec<Gc>) {
        for gc in objects {
            let may_be_dead = self.buffers
                && Counts::is_counted(gc)
                && scan::has_refs(heap.types(), gc.type_id());
            if may_be_dead {
                self.note_candidate(gc);
            }
        }
    }
    /// One reference less names an old object.
    fn remove(&mut self, types: &TypeTable, gc: Gc, zero: &mut Vec<Gc>) {
        // What became immortal meanwhile has no count any more.
        if !Counts::is_counted(gc) {
            return;
        }
        if self.counts.remove(gc) {
            zero.push(gc);
        } else if self.buffers && scan::has_refs(types, gc.type_id()) {
            self.note_candidate(gc);
        }
    }
    /// The object may be part of a dead cycle.
    fn note_candidate(&mut self, gc: Gc) {
        let bits = gc.header().age_and_colour();
        if bits & colour::CANDIDATE == 0 {
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
                self.bury_unreferenced(heap, std::mem::take(&mut dead), LastRites::default());
            }
            if let Some(gc) = zero.pop() {
                if heap.pairing().holds(gc) {
                    self.counts.add(gc);
                    self.counts.polled.push(gc);
                    heap.pairing().note_polled(0, 1);
                    continue;
                }
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
        let last = LastRites::follow(
            types,
            &mut self.counts,
            finalizable,
            heap.finalizers(),
            heap.pairing(),
        );
        self.bury_unreferenced(heap, dead, last);
    }
    fn bury_unreferenced(&mut self, heap: &Heap, dead: Vec<Gc>, finalizable: LastRites) {
        heap.add_work(Work {
            unreferenced: dead.len() as u64,
            ..Work::default()
        });
        self.bury(heap, dead, finalizable);
    }
    /// Tells those who want to know of deaths, keeps what has a finalizer, and frees the rest.
    fn bury(&mut self, heap: &Heap, dead: Vec<Gc>, finalizable: LastRites) {
        if dead.is_empty() && finalizable.objects.is_empty() {
            return;
        }
        let types = heap.types();
        let (mut state, mut bits) = (0, 0);
        let (mut has_weak, mut has_destructor) = (false, false);
        for gc in walk(&dead) {
            let header = gc.header();
            state |= header.state();
            bits |= header.age_and_colour();
            let shape = types.info(header.type_id());
            has_weak |= shape.weak_offset.is_some();
            has_destructor |= shape.finalize.is_some();
        }
        for gc in &finalizable.objects {
            state |= gc.header().state();
        }
        let scope = Scope::Whole;
        let is_weak = has_weak || state & state_bits::HAS_WEAKREF != 0;
        if is_weak {
            let found = Found {
                before_finalizers: true,
            };
            self.clear_weak(heap, |gc| found.survivor(gc));
        }
        if !finalizable.objects.is_empty() {
            let found = Found {
                before_finalizers: true,
            };
            let survivor = |gc| found.survivor(gc);
            let depths = &finalizable.depths;
            let queued = heap.finalizers().queue_by_depth(scope, survivor, depths);
            for gc in queued {
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
        if !finalizable.objects.is_empty() {
            heap.finalizers().update(survivor, |_| false);
        }
        if has_destructor {
            heap.run_destructors(scope, survivor, |_| false);
        }
        if state & state_bits::HAS_PAIR != 0 {
            heap.pairing().finish_dead(&dead);
        }
        if state & state_bits::ID_ASIDE != 0 {
            let gone: Vec<usize> = dead.iter().map(|gc| gc.address()).collect();
            self.identities.retain(|address| !gone.contains(&address));
        }
        if bits & colour::CANDIDATE != 0 {
            self.candidates.retain(|&gc| !has_colour(gc, colour::DEAD));
        }
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
    /// How much old objects may grow until cycles are searched for again.
    fn growth_bytes(&self) -> usize {
        (self.old_bytes / 2).max(self.threshold_bytes.saturating_mul(2))
    }
    /// Whether cycles are to be searched for in an old space of so many bytes.
    fn is_due(&self, heap: &Heap, old_bytes: usize) -> bool {
        let due = self.cycles_due_bytes.min(heap.config().max_bytes);
        let grown = old_bytes.saturating_add(heap.old_pressure_bytes());
        // A program that changes what lives has many candidates and no dead cycles: the heap does not grow by that.
        let full = self.candidates.len() >= MOST_CANDIDATES && !self.choice.allows_unexamined();
        (grown >= due || full) && heap.may_collect_whole(grown)
    }
    /// Looks for room for what becomes old next. After a trace all of it is known.
    fn find_room(&self, heap: &Heap, traced: bool) {
        let mut space = heap.space().borrow_mut();
        if traced {
            return space.forget_reuse();
        }
        space.shelve_holes();
        // A nursery that becomes old as it is needs no room.
        let wanted_bytes = match self.wholesale_left {
            0 => self.nursery_bytes,
            _ => 0,
        };
        let reserved: Vec<usize> = self.identities.places().collect();
        space.find_room(heap.types(), wanted_bytes, &reserved);
    }
    /// Whether the nursery is to become old as it is: not close to the hard limit, where garbage must not be kept.
    fn takes_wholesale(&mut self, heap: &Heap, full: bool) -> bool {
        let room = heap.config().max_bytes / 2;
        let takes =
            full && self.wholesale_left > 0 && self.old_bytes + 2 * self.nursery_bytes < room;
        self.wholesale_left -= u32::from(takes);
        takes
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
        // Large objects say nothing of the small ones, and a nursery that was not filled says nothing of the next.
        let (young_bytes, large_bytes) = {
            let space = heap.space().borrow();
            (space.handed_out_bytes(), space.young_large_bytes())
        };
        let small_bytes = young_bytes.saturating_sub(large_bytes);
        let full = reason == Reason::Budget && small_bytes >= self.nursery_bytes / 2;
        let wholesale = self.takes_wholesale(heap, full);
        let asked = match reason {
            Reason::Explicit | Reason::Limit | Reason::RawMemory => true,
            Reason::Stress => {
                self.stressed += 1;
                self.stressed.is_multiple_of(STRESS_CYCLES)
            }
            Reason::Budget => false,
        };
        // So much will probably become old.
        let survivors = if wholesale {
            young_bytes
        } else {
            self.moved_bytes
        };
        let urgent = reason == Reason::Limit;
        let traces = (asked || self.is_due(heap, self.old_bytes.saturating_add(survivors)))
            && self.policy(urgent) == Cycles::Trace;
        let promoted = self.end_epoch(heap, wholesale, !traces);
        let due = asked || traces || reason == Reason::Budget && self.is_due(heap, self.old_bytes);
        let too_many = self.candidates.len() >= MOST_CANDIDATES && self.choice.allows_unexamined();
        if !due && too_many {
            self.forget_candidates();
            self.choice.note_unexamined();
            self.buffers = false;
        }
        if due {
            self.peaks.note(heap.space().borrow().used_bytes());
        }
        let mut traced = false;
        let pause = match due {
            true => {
                let found = self.collect_cycles(heap, reason != Reason::Budget, urgent);
                traced = found.traced;
                if found.is_whole {
                    Pause::Major
                } else {
                    Pause::Step
                }
            }
            false => Pause::Minor,
        };
        match promoted {
            Some(promoted) => {
                let space = heap.space().borrow();
                let goes_on = traced || self.unmeasured < MOST_UNMEASURED * self.wholesale;
                self.unmeasured = if traced { 0 } else { self.unmeasured + 1 };
                self.wholesale_left = match promoted.most_are_left(&space) {
                    true if goes_on => self.wholesale,
                    true => self.wholesale_left,
                    false => 0,
                };
            }
            None => {
                let most_lived = full
                    && self.choice.allows_unexamined()
                    && self.moved_bytes / 3 >= small_bytes / 4;
                self.wholesale_left = if most_lived { self.wholesale } else { 0 };
                self.unmeasured = 0;
            }
        }
        self.queue_told(heap);
        self.find_room(heap, traced);
        if due {
            let (growth, max) = (self.growth_bytes(), heap.config().max_bytes);
            let keep = self.peaks.keep_free_bytes(self.old_bytes, growth / 2, max);
            heap.space().borrow_mut().trim(keep);
        }
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
    fn counts(&self) -> Option<&Counts> {
        Some(&self.counts)
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
