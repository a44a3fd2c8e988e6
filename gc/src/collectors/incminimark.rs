//! `incminimark`: a nursery that is evacuated, over an old space that is marked and swept in steps.
//!
//! New objects go to the nursery. When it is full, what survived is copied out: to another young block first, to the old
//! space when it survived `tenure` collections. The write barrier remembers which old objects may refer to young ones.
//! While nearly everything survives, most nurseries become old as they are. Old objects do not move; when enough of them
//! were made, the whole heap is marked and swept, a step after each young
//! collection, so that the mutator never stands still for long. What the program asks for, and what the hard limit asks
//! for, is collected at once. The name is that of PyPy's collector, whose structure this follows.
//!
//! Pauses are bounded by bytes, not by a clock:
//! - A young collection moves about `copy` bytes. While more survives, the nursery is used in part; what is found
//!   when twice as much was moved becomes old where it is, and so does the whole nursery when there would be too much to
//!   look at: in large arrays that are new, or that were stored into in too many places.
//! - A step of the collection of the whole heap fetches `step` bytes while marking. A cycle starts when the old space has grown by
//!   three quarters of what lived. Each young collection makes a debt of steps, which are made one by one while the mutator
//!   allocates, so that the cycle ends before the old space has grown by another quarter (see `pacing.rs`).
//!
//! Only when large arrays have made the old space three times as large in spite of that, the rest is marked at once.
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
use crate::config::Config;
use crate::cycle::{Cycle, Phase};
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::Gray;
use crate::mature::mark_and_sweep;
use crate::object::{Gc, Header};
use crate::pacing::Pacing;
use crate::pauses::Pause;
use crate::peaks::Peaks;
use crate::remembered::RememberedSet;
use crate::scan;
use crate::stats::Work;
use crate::wholesale::promote_all;
use crate::young::{Watch, YoungPhase};
use budgets::MOST_LOG_UNITS;
use std::ops::Range;

mod budgets;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "incminimark",
    capabilities: Capabilities {
        collects: true,
        moves: true,
        moves_old: false,
        counts: false,
        incremental: true,
        generational: true,
    },
    make: |config: &Config| {
        Box::new(IncMiniMark {
            nursery_bytes: config.nursery_bytes,
            threshold_bytes: config.threshold_bytes.saturating_mul(2),
            copy_bytes: config.copy_bytes,
            step_bytes: config.step_bytes,
            growth_percent: config.growth_percent,
            budget_bytes: config.nursery_bytes,
            pacing: Pacing::new(config.step_bytes, 2 * config.nursery_bytes),
            endings: 0,
            was_done: false,
            stepped: false,
            unscanned_bytes: 0,
            freed_large_bytes: 0,
            scans_large: false,
            tenure: config.tenure,
            remembered: RememberedSet::default(),
            kept_units: 0,
            step_units: 0,
            identities: Identities::default(),
            old_bytes: 0,
            doubtful_bytes: 0,
            major_due_bytes: config.threshold_bytes.saturating_mul(2),
            free_bytes: config.nursery_bytes,
            kept_bytes: 0,
            small_kept_bytes: 0,
            wholesale: config.wholesale,
            wholesale_left: 0,
            stranded_bytes: 0,
            peaks: Peaks::default(),
            stressed: 0,
            cycle: Cycle::default(),
        })
    },
    doc: "generational: evacuates the nursery, marks and sweeps the old space in steps",
};

/// Under `stress` each n-th collection is one of the whole heap at once.
const STRESS_MAJOR: u32 = 16;

struct IncMiniMark {
    nursery_bytes: usize,
    threshold_bytes: usize,
    tenure: u32,
    copy_bytes: usize,
    step_bytes: usize,
    growth_percent: u32,
    /// Bytes that may be allocated until the next young collection: all of the nursery, or less if much survives.
    budget_bytes: usize,
    remembered: RememberedSet,
    /// How much of it was there when the last young collection ended.
    kept_units: usize,
    /// How much when a step was asked for, or a young collection ended.
    step_units: usize,
    identities: Identities,
    /// Bytes of old objects, dead ones of this cycle included.
    old_bytes: usize,
    /// Bytes that became old while the heap was marked, and are marked for that: half of it counts as dead. Otherwise a
    /// heap in which much dies grows by that much more than it is to.
    doubtful_bytes: usize,
    /// The whole heap is collected when `old_bytes` passes this.
    major_due_bytes: usize,
    /// Bytes of the nursery that were free after the last collection.
    free_bytes: usize,
    /// Bytes that the last young collection kept.
    kept_bytes: usize,
    /// The same without large objects.
    small_kept_bytes: usize,
    /// So many nurseries become old as they are after one of which at least three quarters survived. Then survival is
    /// measured again, so that the garbage that becomes old in vain is bounded by as many nurseries.
    wholesale: u32,
    /// Bytes that may still become old as they are before survival is measured again.
    wholesale_left: usize,
    /// Bytes of old blocks beyond those of their objects, after the last collection of the whole heap.
    stranded_bytes: usize,
    peaks: Peaks,
    stressed: u32,
    cycle: Cycle,
    pacing: Pacing,
    /// How often marking could have ended and did not.
    endings: usize,
    /// Everything was marked when the young collection that runs began.
    was_done: bool,
    /// A step was made since the last young collection.
    stepped: bool,
    /// Bytes of large objects that became old without a look at them in this cycle.
    unscanned_bytes: usize,
    /// Bytes of large objects that were freed when that was last looked up.
    freed_large_bytes: u64,
    /// Most of the large objects that became old so died in the end: they are looked at, even if it takes longer.
    scans_large: bool,
}

/// References in large arrays that are young.
fn new_large_slots(heap: &Heap) -> usize {
    let space = heap.space().borrow();
    let large = space.young_large_objects().into_iter();
    let slots = large.map(|address| {
        // SAFETY: a large object starts here.
        unsafe { scan::ref_items(heap.types(), Gc::from_raw(address as *mut Header)) }
    });
    slots.sum()
}

impl IncMiniMark {
    /// Makes the nursery old as it is.
    fn promote_wholesale(&mut self, heap: &Heap) {
        let mut watch = self.cycle.watch();
        let promoted = promote_all(heap, &mut self.identities, |gc| {
            gc.header().set_age_and_colour(0);
            if let Watch::Marking(gray) = &mut watch {
                gray.push_new(gc);
            }
        });
        self.old_bytes += promoted.bytes;
        self.unscanned_bytes += promoted.large_bytes;
        heap.add_work(Work {
            promoted_in_place: promoted.objects,
            ..Work::default()
        });
    }
    /// Evacuates the nursery, unless all of it became old; returns the bytes of objects that stay young.
    fn minor(&mut self, heap: &Heap, tenure: u32, most_moved_bytes: usize, empty: bool) -> usize {
        let (identities, watch) = (&mut self.identities, self.cycle.watch());
        let mut phase = match empty {
            true => {
                let mut phase = YoungPhase::without_young(heap, identities, watch);
                phase.rearm(&mut self.remembered);
                phase
            }
            false => {
                let mut phase =
                    YoungPhase::bounded(heap, identities, watch, tenure, most_moved_bytes);
                phase.remembered(&mut self.remembered);
                phase
            }
        };
        phase.drain();
        let scope = Scope::Young;
        heap.pairing().trace(scope, &mut phase);
        heap.weak()
            .clear_dead(heap.types(), scope, |gc| phase.survivor(gc));
        for gc in heap
            .finalizers()
            .queue_dead(heap.types(), scope, |gc| phase.survivor(gc))
        {
            phase.forward(gc);
        }
        phase.drain();
        let (survivor, is_young) = (|gc| phase.survivor(gc), |gc| phase.stays_young(gc));
        heap.weak().update(heap.types(), scope, survivor, is_young);
        heap.finalizers().update(survivor, is_young);
        heap.run_destructors(scope, survivor, is_young);
        heap.pairing().finish(scope, &phase);
        let report = phase.finish(&mut self.remembered);
        self.kept_units = self.remembered.units;
        self.step_units = self.remembered.units;
        if self.cycle.phase() == Phase::Marking {
            self.pacing.owe(report.regrayed_bytes);
        }
        self.old_bytes += report.old_bytes;
        self.kept_bytes = report.old_bytes + report.young_bytes;
        self.small_kept_bytes = self.kept_bytes - report.large_bytes;
        heap.add_work(report.work);
        self.free_bytes = heap.space().borrow().nursery_free_bytes();
        report.young_bytes
    }
    /// Bytes in blocks and pages that are neither objects nor nursery: a block in which one object became old in place is
    /// old as a whole.
    fn stranded(&self, heap: &Heap) -> usize {
        let space = heap.space().borrow();
        let others = self.nursery_bytes + space.reserve_bytes() + self.old_bytes;
        space.used_bytes().saturating_sub(others)
    }
    /// Whether the old space has grown enough to be collected.
    fn is_major_due(&self, heap: &Heap) -> bool {
        let most = (self.threshold_bytes / 4).max(self.nursery_bytes);
        // Close to the hard limit what is dead in the old space counts: the guest is told when no collection helps.
        let room = heap
            .config()
            .max_bytes
            .saturating_sub(self.nursery_bytes / 2);
        self.old_bytes.saturating_add(heap.old_pressure_bytes()) >= self.major_due_bytes.min(room)
            || self.stranded(heap) > self.stranded_bytes + most
    }
    fn note_peak(&mut self, heap: &Heap) {
        self.peaks.note(heap.space().borrow().used_bytes());
    }
    /// Marks and sweeps the whole heap at once. There are no young objects.
    fn major(&mut self, heap: &Heap) {
        self.note_peak(heap);
        self.doubtful_bytes = 0;
        let mut identities = std::mem::take(&mut self.identities);
        self.old_bytes = mark_and_sweep(heap, Some(&mut identities), |live| {
            self.keep_free_bytes(heap, live)
        });
        self.identities = identities;
        self.end_cycle(heap);
    }
    /// The old space was swept.
    fn end_cycle(&mut self, heap: &Heap) {
        self.stranded_bytes = self.stranded(heap);
        let likely_bytes = self.old_bytes.saturating_sub(self.doubtful_bytes / 2);
        let due_bytes = likely_bytes.saturating_add(self.growth_bytes(likely_bytes));
        let least_growth_bytes = self.growth_bytes(self.old_bytes) / 3;
        self.major_due_bytes = due_bytes.max(self.old_bytes.saturating_add(least_growth_bytes));
        let freed = heap.space().borrow().freed_large_bytes;
        let freed_now = freed - std::mem::replace(&mut self.freed_large_bytes, freed);
        let unscanned = std::mem::take(&mut self.unscanned_bytes) as u64;
        self.scans_large |= unscanned != 0 && freed_now > unscanned / 2;
    }
    fn begin_cycle(&mut self, heap: &Heap) {
        self.note_peak(heap);
        self.pacing.begin(self.old_bytes);
        self.endings = 0;
        self.cycle.begin(heap);
    }
    /// Goes on with the cycle.
    fn advance(&mut self, heap: &Heap, reason: Reason, between: bool, has_young: bool, ends: bool) {
        let budget = self.step_budget(reason, ends);
        let mut cycle = std::mem::take(&mut self.cycle);
        let mut identities = std::mem::take(&mut self.identities);
        let done = cycle.step(heap, budget, between, has_young, &mut identities, || {
            self.end_cycle(heap);
            self.keep_free_bytes(heap, self.old_bytes)
        });
        self.identities = identities;
        self.cycle = cycle;
        self.pacing.paid(done.marked_bytes);
        self.endings += usize::from(ends);
        if let Some(bytes) = done.live_bytes {
            self.peaks.raise(heap.space().borrow().used_bytes());
            self.doubtful_bytes = self.pacing.grown_bytes(self.old_bytes).min(bytes);
            self.old_bytes = bytes;
            self.pacing.end(bytes);
        }
    }
    /// What a collection of the young objects leads to, of which `promoted_bytes` became old. Whether anything was done.
    fn advance_after_minor(
        &mut self,
        heap: &Heap,
        reason: Reason,
        promoted_bytes: usize,
        has_young: bool,
    ) -> bool {
        let stepped = std::mem::take(&mut self.stepped);
        let was_done = std::mem::take(&mut self.was_done);
        if reason != Reason::Stress && !heap.may_collect_whole(self.old_bytes) {
            return false;
        }
        if self.cycle.phase() == Phase::Idle {
            if reason != Reason::Stress && !self.is_major_due(heap) {
                return false;
            }
            self.begin_cycle(heap);
            return true;
        }
        if self.cycle.phase() == Phase::Marking {
            self.pacing.promoted(promoted_bytes, self.old_bytes);
        }
        // Steps come between the collections, apart from the one that ends marking: it needs roots and no young objects.
        // If the program allocates so fast that there is no time in between, they are made here.
        let ends = was_done && !has_young;
        let waits = self.cycle.waits_for_collection();
        if ends || waits || !stepped || reason == Reason::Stress {
            self.advance(heap, reason, false, has_young, ends);
        }
        true
    }
    /// Goes through the phases of a cycle, as long as a step is enough for each, in the pause in which large objects became
    /// old. Each young collection may be due to a single one, and there are as many phases as would let the old space
    /// grow by half a dozen of them.
    fn hasten(&mut self, heap: &Heap, reason: Reason, has_young: bool) {
        loop {
            let before = (self.cycle.phase(), self.cycle.wants_no_young());
            if matches!(before.0, Phase::Idle | Phase::Trimming) {
                return;
            }
            let ends = !has_young && !self.cycle.has_gray();
            self.advance(heap, reason, false, has_young, ends);
            if before == (self.cycle.phase(), self.cycle.wants_no_young()) {
                return;
            }
        }
    }
}

impl Collector for IncMiniMark {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes
            .saturating_add(self.young_budget())
            .saturating_add(1)
    }
    fn nursery_bytes(&self) -> usize {
        self.nursery_bytes
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause {
        let max_bytes = heap.config().max_bytes;
        let young_bytes = heap.space().borrow().handed_out_bytes();
        let at_once = match reason {
            Reason::Explicit | Reason::Limit | Reason::RawMemory => true,
            Reason::Stress => {
                self.stressed += 1;
                self.stressed.is_multiple_of(STRESS_MAJOR)
            }
            // Large objects are old in all but name: they may have used up the room by themselves.
            Reason::Budget => {
                self.old_bytes + young_bytes.saturating_sub(self.nursery_bytes) >= max_bytes
            }
        };
        if at_once {
            self.cycle.abandon(heap);
        }
        // Large objects say nothing of the small ones, and a nursery that was not filled says nothing of the next.
        let large_bytes = heap.space().borrow().young_large_bytes();
        let small_bytes = young_bytes.saturating_sub(large_bytes);
        // When much survives, most of it will survive again, and copying it twice would be in vain.
        let much = self.kept_bytes > self.budget_bytes / 8;
        // A cycle that is to make haste needs pauses in which no object is young.
        let hastens = large_bytes > young_bytes / 2
            && (self.cycle.phase() != Phase::Idle
                || self.old_bytes.saturating_add(large_bytes) >= self.major_due_bytes);
        let tenure = match at_once || much || hastens || self.cycle.wants_no_young() {
            true => 0,
            false => self.tenure,
        };
        let much_logged = self.remembered.units >= MOST_LOG_UNITS / 2;
        let full =
            reason == Reason::Budget && (small_bytes >= self.young_budget() / 2 || much_logged);
        self.was_done = self.cycle.wants_no_young() && !self.cycle.has_gray();
        let old_bytes = self.old_bytes;
        // Not close to the hard limit, where garbage must not be kept.
        let has_room = old_bytes.saturating_add(2 * young_bytes) < max_bytes / 2;
        let whole = !at_once
            && has_room
            && (self.is_too_much(heap, small_bytes) || self.takes_wholesale(full, small_bytes));
        let survived = if whole {
            self.promote_wholesale(heap);
            self.minor(heap, 0, 0, true);
            // What was promoted counts as what survived, so that the next survivors become old at once, too.
            self.kept_bytes = young_bytes;
            self.small_kept_bytes = small_bytes;
            0
        } else {
            let most_moved_bytes = match at_once {
                true => usize::MAX,
                false => 2 * self.copy_bytes,
            };
            let survived = self.minor(heap, tenure, most_moved_bytes, false);
            let most_lived = full && self.small_kept_bytes / 3 >= small_bytes / 4;
            self.wholesale_left = match most_lived {
                true => self.wholesale as usize * self.nursery_bytes,
                false => 0,
            };
            let large_lived = self.kept_bytes - self.small_kept_bytes;
            self.scans_large &= large_bytes == 0 || large_lived < large_bytes / 2;
            self.adapt_budget();
            survived
        };
        let promoted_bytes = self.old_bytes - old_bytes;
        let large_lived = self.kept_bytes - self.small_kept_bytes > young_bytes / 2;
        let pause = if at_once {
            self.major(heap);
            Pause::Major
        } else if self.advance_after_minor(heap, reason, promoted_bytes, survived != 0) {
            if large_lived {
                self.hasten(heap, reason, survived != 0);
            }
            Pause::Step
        } else {
            Pause::Minor
        };
        heap.set_live_bytes(self.old_bytes + survived);
        heap.set_logged(
            self.remembered.logged_objects,
            self.remembered.logged_chunks,
        );

        pause
    }
    fn next_step_bytes(&self) -> Option<usize> {
        self.step_interval()
    }
    fn step(&mut self, heap: &Heap) {
        self.stepped = true;
        let reason = match heap.config().stress {
            0 => Reason::Budget,
            _ => Reason::Stress,
        };
        self.advance(heap, reason, true, true, false);
    }
    fn log_object(&mut self, heap: &Heap, object: Gc) {
        let before = self.remembered.units;
        self.remembered.log_sized(heap.types(), object);
        self.ask_if_full(heap, before);
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        let before = self.remembered.units;
        self.remembered.log_items(heap.types(), object, range);
        self.ask_if_full(heap, before);
    }
    fn stage(&self) -> &'static str {
        self.cycle.stage()
    }
    fn marking(&self) -> Option<&Gray> {
        self.cycle.marking()
    }
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        self.identities.number(heap, object)
    }
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        let mut space = heap.space().borrow_mut();
        let at = space.take_old_zeroed(bytes)?;
        if let Watch::Marking(gray) = self.cycle.watch() {
            // SAFETY: the object is written before the next safepoint, and nobody looks at it earlier.
            gray.push_new(unsafe { Gc::from_raw(at as *mut Header) });
        }
        self.old_bytes += bytes;
        Some(at)
    }
}
