//! Pacing of incremental marking: how much is owed for what became old, and in which portions it is paid.
//!
//! Work is measured in bytes of the cache lines that marking fetches: 64 for each reference that is followed, and the size of
//! each object that holds references. A collection of the young objects makes a debt in proportion to what it made old, so
//! that the cycle ends before the old space has grown by a quarter; steps between the collections pay it.

/// How much later than planned a cycle may end before steps get longer: as a part of what it began with.
const HEADROOM_SHIFT: u32 = 2;
/// Work for eight bytes of living objects, before a cycle has shown how much it is.
const FIRST_WORK: usize = 24;

/// See the module's documentation.
pub struct Pacing {
    /// What a step may do.
    step_bytes: usize,
    /// The old space may always grow by so much in a cycle.
    least_headroom_bytes: usize,
    debt_bytes: usize,
    /// Bytes of old objects when the cycle began.
    start_bytes: usize,
    /// Work of this cycle.
    done_bytes: usize,
    /// Work for eight bytes of living objects, in the last cycle.
    work_per_eight: usize,
}

impl Pacing {
    /// Nothing is owed.
    pub fn new(step_bytes: usize, least_headroom_bytes: usize) -> Pacing {
        Pacing {
            step_bytes,
            least_headroom_bytes,
            debt_bytes: 0,
            start_bytes: 0,
            done_bytes: 0,
            work_per_eight: FIRST_WORK,
        }
    }
    /// A cycle begins, with so many bytes of old objects.
    pub fn begin(&mut self, old_bytes: usize) {
        self.start_bytes = old_bytes;
        self.debt_bytes = self.step_bytes;
        self.done_bytes = 0;
    }
    /// Objects became old; now there are `old_bytes`.
    pub fn promoted(&mut self, bytes: usize, old_bytes: usize) {
        // In a small heap a table that is made anew may be as long as all of this: there marking makes more haste.
        let headroom = (self.start_bytes >> HEADROOM_SHIFT)
            .saturating_sub(self.least_headroom_bytes)
            .max(self.least_headroom_bytes);
        let grown = old_bytes.saturating_sub(self.start_bytes);
        // What was there is to be marked in proportion, what became old as it is; twice as fast when it gets late.
        let per_byte = self.start_bytes.div_ceil(headroom) + 1 + grown / headroom;
        let work = bytes.saturating_mul(per_byte) / 8;
        self.debt_bytes += work.saturating_mul(self.work_per_eight);
    }
    /// Something is to be looked at again, which costs so much.
    pub fn owe(&mut self, work_bytes: usize) {
        self.debt_bytes += work_bytes;
    }
    /// A step did some work.
    pub fn paid(&mut self, work_bytes: usize) {
        self.done_bytes += work_bytes;
        self.debt_bytes = self.debt_bytes.saturating_sub(work_bytes);
    }
    /// Marking ended; so much lives.
    pub fn end(&mut self, live_bytes: usize) {
        // Small heaps say little.
        let live = live_bytes.max(self.least_headroom_bytes);
        self.work_per_eight = (self.done_bytes.saturating_mul(8) / live).clamp(8, 64);
        self.debt_bytes = 0;
    }
    /// By how much the old space has grown in this cycle.
    pub fn grown_bytes(&self, old_bytes: usize) -> usize {
        old_bytes.saturating_sub(self.start_bytes)
    }
    /// Whether the old space has grown threefold in this cycle, in spite of all steps.
    pub fn is_hopeless(&self, old_bytes: usize) -> bool {
        self.grown_bytes(old_bytes) > 2 * self.start_bytes.max(8 * self.least_headroom_bytes)
    }
    /// Whether a step is owed.
    pub fn is_owed(&self) -> bool {
        self.debt_bytes != 0
    }
    /// Steps that are owed.
    pub fn steps(&self) -> usize {
        self.debt_bytes.div_ceil(self.step_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_paid_for_before_the_old_space_has_grown_by_a_quarter() {
        for live in [1 << 20, 64 << 20, 1 << 30] {
            let mut pacing = Pacing::new(1 << 20, 1 << 20);
            pacing.begin(live);
            let (mut done, mut grown) = (0, 0);
            while grown < (live / 4).max(1 << 20) {
                grown += 64 << 10;
                pacing.promoted(64 << 10, live + grown);
                while pacing.is_owed() {
                    pacing.paid(1 << 20);
                    done += 1 << 20;
                }
            }
            assert!(done >= (live + grown) * FIRST_WORK / 8);
        }
    }
    #[test]
    fn work_per_byte_is_learned() {
        let mut pacing = Pacing::new(1 << 20, 1 << 20);
        pacing.begin(100 << 20);
        pacing.paid(400 << 20);
        pacing.end(100 << 20);
        assert_eq!(pacing.work_per_eight, 32);
        pacing.begin(100 << 20);
        pacing.paid(100 << 20);
        pacing.end(100 << 20);
        assert_eq!(pacing.work_per_eight, 8);
    }
}
