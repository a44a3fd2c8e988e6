//! How much each pause of `incminimark` may do, and when the next one comes: all bounds in one place.
use super::{IncMiniMark, new_large_slots};
use crate::collector::Reason;
use crate::cycle::{Phase, StepBudget};
use crate::heap::Heap;
use crate::space::BLOCK_BYTES;
use crate::sweep::SweepBudget;

/// The nursery is used so far at least.
const LEAST_BUDGET_BYTES: usize = 256 << 10;
/// Blocks and large objects that a step sweeps.
const SWEEP: SweepBudget = SweepBudget {
    blocks: 256,
    large: 256,
};
/// A step marks no more than so many times `step`, or than so many bytes, when marking may end or is late.
const MOST_STEPS: usize = 4;
const MOST_STEP_BYTES: usize = 1 << 20;
/// An old space of less than so many nurseries is not to be filled with garbage.
const SMALL_HEAP_NURSERIES: usize = 16;
/// Entries of a table of weak references, finalizers, destructors or identity numbers that a step goes through.
const TABLE_ENTRIES: usize = 4 << 10;
/// Bytes that a step gives back to the system.
const TRIM_BYTES: usize = 4 << 20;
/// Steps follow each other after so much allocation at least, and those that free memory after just as much.
const LEAST_STEP_INTERVAL_BYTES: usize = 16 << 10;
const SWEEP_INTERVAL_BYTES: usize = 64 << 10;
/// No more of a nursery, or a quarter of it, becomes old as it is at a time.
const WHOLESALE_BYTES: usize = 1536 << 10;
/// A young collection comes early when old objects were stored into in so many places (chunks, or as many bytes of smaller objects).
const LOG_UNITS: usize = 2 << 10;
/// The same when marking is about to end, since what was stored into is to be marked anew.
const LAST_LOG_UNITS: usize = 512;
/// A step of marking may come when so much more was logged.
const STEP_LOG_UNITS: usize = 256;
/// When more was logged between two polls, the nursery becomes old as it is.
pub(super) const MOST_LOG_UNITS: usize = 32 << 10;
/// The same for references in new large arrays.
const MOST_NEW_SLOTS: usize = 512 << 10;
/// The same, times this, when most of such arrays died once they were old.
const MOST_NEW_SLOTS_TIMES: usize = 4;
/// The same when so many nurseries were filled between two polls.
const MOST_NURSERIES: usize = 4;

impl IncMiniMark {
    /// Whether the nursery is to become old as it is, since most of the last ones survived.
    pub(super) fn takes_wholesale(&mut self, full: bool, small_bytes: usize) -> bool {
        let takes = full && self.may_take_wholesale();
        if takes {
            self.wholesale_left = self.wholesale_left.saturating_sub(small_bytes.max(1));
        }
        takes
    }
    /// Whether the next nursery may become old as it is. While the heap is being marked, what is dead in it would be marked,
    /// which matters in a small heap only; and when marking is about to end, what becomes old delays it.
    pub(super) fn may_take_wholesale(&self) -> bool {
        self.wholesale_left > 0
            && !self.cycle.wants_no_young()
            && !(self.is_small() && self.cycle.marking().is_some())
    }
    pub(super) fn is_small(&self) -> bool {
        self.old_bytes < SMALL_HEAP_NURSERIES * self.nursery_bytes
    }
    /// Whether a young collection might have to look at more than a pause allows.
    pub(super) fn is_too_much(&self, heap: &Heap, small_bytes: usize) -> bool {
        let times = match self.scans_large {
            true => MOST_NEW_SLOTS_TIMES,
            false => 1,
        };
        small_bytes > MOST_NURSERIES * self.nursery_bytes
            || self.remembered.units > MOST_LOG_UNITS
            || new_large_slots(heap) > MOST_NEW_SLOTS * times
    }
    /// Bytes that may be allocated until the next young collection.
    pub(super) fn young_budget(&self) -> usize {
        let budget = match self.may_take_wholesale() {
            true => self
                .free_bytes
                .min(WHOLESALE_BYTES.max(self.nursery_bytes / 4)),
            false => self.free_bytes.min(self.budget_bytes),
        };
        match self.cycle.wants_no_young() {
            true => budget.min(LEAST_BUDGET_BYTES),
            false => budget,
        }
    }
    /// Pauses are in proportion to what is copied. If that was too much, the next young collection comes earlier.
    pub(super) fn adapt_budget(&mut self) {
        let budget = match self.small_kept_bytes {
            kept if kept > self.copy_bytes => self.budget_bytes / 2,
            kept if kept < self.copy_bytes / 2 => self.budget_bytes.saturating_mul(2),
            _ => self.budget_bytes,
        };
        let least = self.nursery_bytes.min(LEAST_BUDGET_BYTES);
        self.budget_bytes = budget.clamp(least, self.nursery_bytes);
    }
    /// How much the old space may grow until the next cycle starts, when so much lives.
    pub(super) fn growth_bytes(&self, live_bytes: usize) -> usize {
        let between = live_bytes.max(self.threshold_bytes);
        (between as u128 * self.growth_percent as u128 / 100) as usize
    }
    /// How much free memory is not given back to the system, when so much lives.
    pub(super) fn keep_free_bytes(&self, heap: &Heap, live_bytes: usize) -> usize {
        let least = self.growth_bytes(live_bytes) / 2;
        let max = heap.config().max_bytes;
        self.peaks.keep_free_bytes(live_bytes, least, max)
    }
    /// What a step may do. It `ends` marking if nothing else is found.
    pub(super) fn step_budget(&self, reason: Reason, ends: bool) -> StepBudget {
        // If more is owed than there are occasions until the next young collection, steps are longer; in a large heap
        // until after the next few.
        let occasions = self.young_budget() / BLOCK_BYTES + 1;
        let collections = if self.is_small() { 1 } else { 4 };
        let steps = self.pacing.steps() / (collections * occasions) + 1;
        let most_bytes = MOST_STEP_BYTES.max(MOST_STEPS * self.step_bytes);
        let usual_bytes = match ends {
            // What was stored into since the last step is to be looked at again in one go.
            true => (2 + self.endings) * self.step_bytes.max(MOST_STEP_BYTES / 2),
            // What becomes old meanwhile must not hold up what is to be settled.
            false if self.cycle.phase() == Phase::Settling => {
                self.step_bytes.max(MOST_STEP_BYTES / 2)
            }
            false => steps.saturating_mul(self.step_bytes),
        };
        let mark_bytes = match self.pacing.is_hopeless(self.old_bytes) {
            // Large arrays become old faster than steps mark them.
            true => usize::MAX,
            false => usual_bytes.min(most_bytes),
        };
        match reason {
            // Under stress every place in a cycle is to be met by every kind of pause.
            Reason::Stress => StepBudget {
                mark_bytes: 256 << (self.stressed % 8),
                sweep: SweepBudget {
                    blocks: 1,
                    large: 1,
                },
                entries: 1 << (self.stressed % 4),
                trim_bytes: 1,
            },
            _ => StepBudget {
                mark_bytes,
                sweep: SWEEP,
                entries: TABLE_ENTRIES,
                trim_bytes: TRIM_BYTES,
            },
        }
    }
    /// A young collection is to come early if much was stored into since there were `before` units.
    pub(super) fn ask_if_full(&mut self, heap: &Heap, before: usize) {
        let most = match self.may_take_wholesale() {
            true => MOST_LOG_UNITS / 2,
            false if self.cycle.wants_no_young() => LAST_LOG_UNITS,
            false => LOG_UNITS,
        };
        // What is remembered since the last collection found it to refer to young objects was looked at then; at least as much as
        // half of the limit is to be new.
        let most = most.max(self.kept_units + most / 2);
        if before < most && self.remembered.units >= most {
            heap.ask_for_collection();
        }
        // Each place is to be looked at again while the heap is being marked, which is paid little by little.
        if self.remembered.units >= self.step_units + STEP_LOG_UNITS {
            self.step_units = self.remembered.units;
            if self.cycle.phase() == Phase::Marking && self.pacing.is_owed() {
                heap.ask_for_step();
            }
        }
    }
    /// Bytes of allocation until the next step, if one is to come between the collections.
    pub(super) fn step_interval(&self) -> Option<usize> {
        match self.cycle.phase() {
            Phase::Idle => None,
            Phase::Marking | Phase::Finalizable => {
                let owed = match self.cycle.wants_no_young() {
                    true => self.cycle.has_gray(),
                    false => self.pacing.is_owed(),
                };
                let interval = self.young_budget() / (1 + self.pacing.steps());
                owed.then(|| interval.max(LEAST_STEP_INTERVAL_BYTES))
            }
            // Then a sweep may begin when no object is young.
            Phase::Settling if self.cycle.wants_no_young() => None,
            Phase::Settling if self.cycle.waits_for_collection() && !self.cycle.has_gray() => None,

            Phase::Settling | Phase::Sweeping | Phase::Trimming => Some(SWEEP_INTERVAL_BYTES),
        }
    }
}
