//! `incminimark`: a nursery that is evacuated, over an old space that is marked and swept in steps.
//!
//! New objects go to the nursery. When it is full, what survived is copied out: to another young block first, to the old
//! space when it survived `tenure` collections. The write barrier remembers which old objects may refer to young ones.
//! While nearly everything survives, most nurseries become old as they are. Old objects do not move; when enough of them
//! were made, the whole heap is marked and swept, a step after each young
//! collection, so that the mutator never stands still for long. What the program asks for, and what the hard limit asks
//! for, is collected at once. The name is that of PyPy's collector, whose structure this follows.
//!
//! Pacing: a cycle starts when the old space has grown by three quarters of what lived. A step looks at `step` bytes, and at up to
//! five times what became old in its pause, so that a cycle ends before the old space has grown by another quarter. No
//! step marks more than 8 MiB, unless large arrays have doubled the old space in spite of that.
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
use crate::config::Config;
use crate::cycle::{Cycle, Phase, StepBudget};
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::Gray;
use crate::mature::mark_and_sweep;
use crate::object::{Gc, Header};
use crate::pauses::Pause;
use crate::peaks::Peaks;
use crate::remembered::RememberedSet;
use crate::stats::Work;
use crate::sweep::SweepBudget;
use crate::wholesale::promote_all;
use crate::young::{Watch, YoungPhase};
use std::ops::Range;

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
            budget_bytes: config.nursery_bytes,
            tenure: config.tenure,
            remembered: RememberedSet::default(),
            identities: Identities::default(),
            old_bytes: 0,
            major_due_bytes: config.threshold_bytes.saturating_mul(2),
            free_bytes: config.nursery_bytes,
            kept_bytes: 0,
            moved_bytes: 0,
            wholesale: config.wholesale,
            wholesale_left: 0,
            stranded_bytes: 0,
            peaks: Peaks::default(),
            stressed: 0,
            cycle: Cycle::default(),
            cycle_start_bytes: 0,
        })
    },
    doc: "generational: evacuates the nursery, marks and sweeps the old space in steps",
};

/// Under `stress` each n-th collection is one of the whole heap at once.
const STRESS_MAJOR: u32 = 16;
/// A step marks no more than this, or than `step`.
const MOST_STEP_BYTES: usize = 8 << 20;
/// The nursery is used so far at least.
const LEAST_BUDGET_BYTES: usize = 256 << 10;
/// Blocks and large objects that a step sweeps.
const SWEEP: SweepBudget = SweepBudget {
    blocks: 1024,
    large: 1024,
};
/// Bytes that a step gives back to the system.
const TRIM_BYTES: usize = 4 << 20;

struct IncMiniMark {
    nursery_bytes: usize,
    threshold_bytes: usize,
    tenure: u32,
    copy_bytes: usize,
    step_bytes: usize,
    /// Bytes that may be allocated until the next young collection: all of the nursery, or less if much survives.
    budget_bytes: usize,
    remembered: RememberedSet,
    identities: Identities,
    /// Bytes of old objects, dead ones of this cycle included.
    old_bytes: usize,
    /// The whole heap is collected when `old_bytes` passes this.
    major_due_bytes: usize,
    /// Bytes of the nursery that were free after the last collection.
    free_bytes: usize,
    /// Bytes that the last young collection kept.
    kept_bytes: usize,
    /// The same without large objects and without those that became old in place.
    moved_bytes: usize,
    /// So many nurseries become old as they are after one of which at least three quarters survived. Then survival is
    /// measured again, so that the garbage that becomes old in vain is bounded by as many nurseries.
    wholesale: u32,
    /// Nurseries that may still become old as they are before survival is measured again.
    wholesale_left: u32,
    /// Bytes of old blocks beyond those of their objects, after the last collection of the whole heap.
    stranded_bytes: usize,
    peaks: Peaks,
    stressed: u32,
    cycle: Cycle,
    /// Bytes of old objects when the cycle started.
    cycle_start_bytes: usize,
}

impl IncMiniMark {
    /// Makes the nursery old as it is. A young collection follows, for its bookkeeping.
    fn promote_wholesale(&mut self, heap: &Heap) {
        let promoted = promote_all(heap, &mut self.identities, |gc| {
            gc.header().set_age_and_colour(0);
        });
        self.old_bytes += promoted.bytes;
        heap.add_work(Work {
            promoted_in_place: promoted.objects,
            ..Work::default()
        });
    }
    /// Whether the nursery is to become old as it is: not close to the hard limit, where garbage must not be kept.
    fn takes_wholesale(&mut self, heap: &Heap, full: bool) -> bool {
        let room = heap.config().max_bytes / 2;
        let takes =
            full && self.may_take_wholesale() && self.old_bytes + 2 * self.nursery_bytes < room;
        self.wholesale_left -= u32::from(takes);
        takes
    }
    /// Whether the next nursery may become old as it is. While the heap is being marked, what is dead in it would be marked.
    fn may_take_wholesale(&self) -> bool {
        self.wholesale_left > 0 && self.cycle.marking().is_none()
    }
    /// Bytes that may be allocated until the next young collection.
    fn young_budget(&self) -> usize {
        match self.may_take_wholesale() {
            true => self.free_bytes,
            false => self.free_bytes.min(self.budget_bytes),
        }
    }
    /// Evacuates the nursery; returns the bytes of objects that stay young.
    fn minor(&mut self, heap: &Heap, tenure: u32) -> usize {
        let mut phase = YoungPhase::new(heap, &mut self.identities, self.cycle.watch(), tenure);
        phase.remembered(&mut self.remembered);
        phase.drain();
        let scope = Scope::Young;
        heap.pairing().trace(scope, &mut phase);
        heap.weak()
            .clear_dead(heap.types(), scope, |gc| phase.survivor(gc));
        for gc in heap.finalizers().queue_dead(scope, |gc| phase.survivor(gc)) {
            phase.forward(gc);
        }
        phase.drain();
        let (survivor, is_young) = (|gc| phase.survivor(gc), |gc| phase.stays_young(gc));
        heap.weak().update(heap.types(), scope, survivor, is_young);
        heap.finalizers().update(survivor, is_young);
        heap.run_destructors(scope, survivor, is_young);
        heap.pairing().finish(scope, &phase);
        let report = phase.finish(&mut self.remembered);
        self.old_bytes += report.old_bytes;
        self.kept_bytes = report.old_bytes + report.young_bytes;
        self.moved_bytes = report.work.moved_bytes as usize;
        heap.add_work(report.work);
        self.free_bytes = heap.space().borrow().nursery_free_bytes();
        report.young_bytes
    }
    /// Pauses are in proportion to what is copied. If that was too much, the next young collection comes earlier.
    fn adapt_budget(&mut self) {
        let budget = match self.kept_bytes {
            kept if kept > self.copy_bytes => self.budget_bytes / 2,
            kept if kept < self.copy_bytes / 2 => self.budget_bytes.saturating_mul(2),
            _ => self.budget_bytes,
        };
        let least = self.nursery_bytes.min(LEAST_BUDGET_BYTES);
        self.budget_bytes = budget.clamp(least, self.nursery_bytes);
    }
    /// Bytes in blocks and pages that are neither objects nor nursery: a block in which one object became old in place is
    /// old as a whole.
    fn stranded(&self, heap: &Heap) -> usize {
        let used = heap.space().borrow().used_bytes();
        used.saturating_sub(self.nursery_bytes + self.old_bytes)
    }
    /// Whether the old space has grown enough to be collected.
    fn is_major_due(&self, heap: &Heap) -> bool {
        let most = (self.threshold_bytes / 4).max(self.nursery_bytes);
        // Close to the hard limit what is dead in the old space counts: the guest is told when no collection helps.
        let room = heap
            .config()
            .max_bytes
            .saturating_sub(self.nursery_bytes / 2);
        self.old_bytes >= self.major_due_bytes.min(room)
            || self.stranded(heap) > self.stranded_bytes + most
    }
    /// How much the old space may grow until the next cycle starts, when so much lives.
    fn growth_bytes(&self, live_bytes: usize) -> usize {
        let between = live_bytes.max(self.threshold_bytes);
        between - between / 4
    }
    /// How much free memory is not given back to the system, when so much lives.
    fn keep_free_bytes(&self, heap: &Heap, live_bytes: usize) -> usize {
        let least = self.growth_bytes(live_bytes) / 2;
        let max = heap.config().max_bytes;
        self.peaks.keep_free_bytes(live_bytes, least, max)
    }
    fn note_peak(&mut self, heap: &Heap) {
        self.peaks.note(heap.space().borrow().used_bytes());
    }
    /// Marks and sweeps the whole heap at once. There are no young objects.
    fn major(&mut self, heap: &Heap) {
        self.note_peak(heap);
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
        self.major_due_bytes = self
            .old_bytes
            .saturating_add(self.growth_bytes(self.old_bytes));
    }
    fn begin_cycle(&mut self, heap: &Heap) {
        self.note_peak(heap);
        self.cycle_start_bytes = self.old_bytes;
        self.cycle.begin(heap);
    }
    /// Goes on with the cycle. `promoted_bytes` became old in this pause.
    fn step(&mut self, heap: &Heap, reason: Reason, promoted_bytes: usize, has_young: bool) {
        let most_bytes = match self.old_bytes / 2 > self.major_due_bytes {
            // Large arrays become old faster than the largest step could mark them.
            true => usize::MAX,
            false => MOST_STEP_BYTES.max(self.step_bytes),
        };
        let budget = match reason {
            // Under stress every place in a cycle is to be met by every kind of pause.
            Reason::Stress => StepBudget {
                mark_bytes: 256 << (self.stressed % 8),
                sweep: SweepBudget {
                    blocks: 1,
                    large: 1,
                },
                trim_bytes: 1,
            },
            _ => StepBudget {
                mark_bytes: promoted_bytes
                    .saturating_mul(self.pace())
                    .saturating_add(self.step_bytes)
                    .min(most_bytes),
                sweep: SWEEP,
                trim_bytes: TRIM_BYTES,
            },
        };
        let mut cycle = std::mem::take(&mut self.cycle);
        let mut identities = std::mem::take(&mut self.identities);
        let marked = cycle.step(heap, budget, has_young, &mut identities, || {
            self.end_cycle(heap);
            self.keep_free_bytes(heap, self.old_bytes)
        });
        self.identities = identities;
        self.cycle = cycle;
        if let Some(bytes) = marked {
            self.old_bytes = bytes;
        }
    }
    /// Bytes to mark for each byte that becomes old, so that the cycle ends in time: what became old is itself to be
    /// marked, and the rest in proportion.
    fn pace(&self) -> usize {
        let headroom = (self.cycle_start_bytes / 4).max(2 * self.nursery_bytes);
        1 + self.cycle_start_bytes.div_ceil(headroom).max(1)
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
        // When much survives, most of it will survive again, and copying it twice would be in vain.
        let much = self.kept_bytes > self.budget_bytes / 8;
        let tenure = match at_once || much || self.cycle.wants_no_young() {
            true => 0,
            false => self.tenure,
        };
        // Large objects say nothing of the small ones, and a nursery that was not filled says nothing of the next.
        let large_bytes = heap.space().borrow().young_large_bytes();
        let small_bytes = young_bytes.saturating_sub(large_bytes);
        let full = reason == Reason::Budget && small_bytes >= self.young_budget() / 2;
        let old_bytes = self.old_bytes;
        let survived = if self.takes_wholesale(heap, full) {
            self.promote_wholesale(heap);
            self.minor(heap, tenure);
            // What was promoted counts as what survived, so that the next survivors become old at once, too.
            self.kept_bytes = young_bytes;
            0
        } else {
            let survived = self.minor(heap, tenure);
            let most_lived = full && self.moved_bytes / 3 >= small_bytes / 4;
            self.wholesale_left = if most_lived { self.wholesale } else { 0 };
            self.adapt_budget();
            survived
        };
        let promoted_bytes = self.old_bytes - old_bytes;
        let due = reason == Reason::Stress || self.is_major_due(heap);
        let pause = if at_once {
            self.major(heap);
            Pause::Major
        } else if self.cycle.phase() != Phase::Idle || due {
            if self.cycle.phase() == Phase::Idle {
                self.begin_cycle(heap);
            }
            self.step(heap, reason, promoted_bytes, survived != 0);
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
    fn log_object(&mut self, _heap: &Heap, object: Gc) {
        self.remembered.log_object(object);
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        self.remembered.log_items(heap.types(), object, range);
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
            space.set_mark(at);
            // SAFETY: the object is written before the next safepoint, and nobody looks at it earlier.
            gray.push(unsafe { Gc::from_raw(at as *mut Header) });
        }
        self.old_bytes += bytes;
        Some(at)
    }
}
