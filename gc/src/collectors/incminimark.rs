//! `incminimark`: a nursery that is evacuated, over a mark-swept old space.
//!
//! New objects go to the nursery. When it is full, what survived is copied out: to another young block first, to the old
//! space when it survived `tenure` collections. The write barrier remembers which old objects may refer to young ones.
//! While nearly everything survives, most nurseries become old as they are. Old objects do not move; when enough of them were made, the whole heap is marked and swept, with the mutator stopped.
//! The name is that of PyPy's collector, whose structure this follows.
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
use crate::config::Config;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mature::mark_and_sweep;
use crate::object::{GRANULE_BYTES, Gc};
use crate::remembered::RememberedSet;
use crate::scan;
use crate::stats::Work;
use crate::wholesale::promote_all;
use crate::young::YoungPhase;
use std::ops::Range;

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "incminimark",
    capabilities: Capabilities {
        collects: true,
        moves: true,
        prompt: false,
        incremental: false,
        generational: true,
    },
    make: |config: &Config| {
        Box::new(IncMiniMark {
            nursery_bytes: config.nursery_bytes,
            threshold_bytes: config.threshold_bytes.saturating_mul(2),
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
            recent_peaks: [0; REMEMBERED_PEAKS],
            stressed: 0,
        })
    },
    doc: "generational: evacuates the nursery, marks and sweeps the old space",
};

/// Under `stress` each n-th collection is one of the whole heap.
const STRESS_MAJOR: u32 = 8;
/// Memory that was in use before one of so many collections of the whole heap is not given back to the system: a program
/// whose live set breathes would get it back by page faults.
const REMEMBERED_PEAKS: usize = 4;

struct IncMiniMark {
    nursery_bytes: usize,
    threshold_bytes: usize,
    tenure: u32,
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
    /// The most bytes in use before each of the last collections of the whole heap.
    recent_peaks: [usize; REMEMBERED_PEAKS],
    stressed: u32,
}

impl IncMiniMark {
    /// Makes the nursery old as it is. A young collection follows, for its bookkeeping.
    fn promote_wholesale(&mut self, heap: &Heap) {
        let promoted = promote_all(heap, &mut self.identities);
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
            full && self.wholesale_left > 0 && self.old_bytes + 2 * self.nursery_bytes < room;
        self.wholesale_left -= u32::from(takes);
        takes
    }
    /// Evacuates the nursery; returns the bytes of objects that stay young.
    fn minor(&mut self, heap: &Heap, tenure: u32) -> usize {
        let mut phase = YoungPhase::new(heap, &mut self.identities, tenure);
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
    fn major(&mut self, heap: &Heap) {
        let between = |live: usize| live.max(self.threshold_bytes);
        self.recent_peaks.rotate_left(1);
        self.recent_peaks[REMEMBERED_PEAKS - 1] = heap.space().borrow().used_bytes();
        let peak = self.recent_peaks.into_iter().max().unwrap_or(0);
        let live_bytes = mark_and_sweep(heap, Some(&mut self.identities), |live| {
            let most = heap.config().max_bytes.saturating_sub(live);
            peak.saturating_sub(live).max(between(live) / 2).min(most)
        });
        self.old_bytes = live_bytes;
        self.stranded_bytes = self.stranded(heap);
        self.major_due_bytes = live_bytes.saturating_add(between(live_bytes));
    }
}

impl Collector for IncMiniMark {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes.saturating_add(self.free_bytes).saturating_add(1)
    }
    fn nursery_bytes(&self) -> usize {
        self.nursery_bytes
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Scope {
        let max_bytes = heap.config().max_bytes;
        let young_bytes = heap.space().borrow().handed_out_bytes();
        let forced = match reason {
            Reason::Explicit | Reason::Limit | Reason::RawMemory => true,
            Reason::Stress => {
                self.stressed += 1;
                self.stressed.is_multiple_of(STRESS_MAJOR)
            }
            // Large objects are old in all but name: they may have used up the budget by themselves.
            Reason::Budget => {
                let due = self.major_due_bytes.min(max_bytes);
                self.old_bytes + young_bytes.saturating_sub(self.nursery_bytes) >= due
            }
        };
        // When much survives, most of it will survive again, and copying it twice would be in vain.
        let tenure = match forced || self.kept_bytes > self.nursery_bytes / 8 {
            true => 0,
            false => self.tenure,
        };
        // Large objects say nothing of the small ones, and a nursery that was not filled says nothing of the next.
        let large_bytes = heap.space().borrow().young_large_bytes();
        let small_bytes = young_bytes.saturating_sub(large_bytes);
        let full = reason == Reason::Budget && small_bytes >= self.nursery_bytes / 2;
        let mut survived = if self.takes_wholesale(heap, full) {
            self.promote_wholesale(heap);
            self.minor(heap, tenure);
            // What was promoted counts as what survived, so that the next survivors become old at once, too.
            self.kept_bytes = young_bytes;
            0
        } else {
            let survived = self.minor(heap, tenure);
            let most_lived = full && self.moved_bytes / 3 >= small_bytes / 4;
            self.wholesale_left = if most_lived { self.wholesale } else { 0 };
            survived
        };
        let major = forced || self.is_major_due(heap);
        if major {
            if !forced {
                survived = self.minor(heap, 0);
            }
            self.major(heap);
        }
        heap.set_live_bytes(self.old_bytes + survived);
        heap.set_logged(
            self.remembered.logged_objects,
            self.remembered.logged_chunks,
        );
        if major { Scope::Whole } else { Scope::Young }
    }
    fn log_object(&mut self, _heap: &Heap, object: Gc) {
        self.remembered.log_object(object);
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        self.remembered.log_items(heap.types(), object, range);
    }
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        if let Some(number) = self.identities.get(object) {
            return number;
        }
        let mut space = heap.space().borrow_mut();
        if !space.is_young(object.address()) || space.is_young_large(object.address()) {
            return object.address();
        }
        // SAFETY: a reference names an object whose type is registered.
        let bytes = unsafe { scan::object_bytes(heap.types(), object) };
        let place = space
            .take_old_raw(bytes.max(GRANULE_BYTES))
            .expect("the system has no memory left");
        self.identities.reserve(object, place);
        place
    }
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        let at = heap.space().borrow_mut().take_old_zeroed(bytes)?;
        self.old_bytes += bytes;
        Some(at)
    }
}
