//! What holds of memory after each collection, whatever the program did: invariants A3, A6, A8, A11.
use super::executor::{Executor, OUTSIDE};
use super::observe::Found;
use super::oracle::Reached;
use crate::remembered::armed_bits;
use std::collections::HashSet;

/// What a step under `stress` marks at most.
const STRESS_STEP_BYTES: u64 = 256 << 7;
/// A part of a large array, and the references of an object, may be more than the budget allows.
const SLICE_BYTES: u64 = (4096 + 16) * 8;
/// Bytes marked for each byte that became old.
const PACE: u64 = 5;
/// A step may spend its budget three times in the pause in which marking ends.
const SPENT: u64 = 3;

impl Executor {
    /// `lower` is what must live.
    pub(crate) fn check_memory(&mut self, found: &Found, lower: &Reached) {
        self.coverage.walked += found.len();
        self.check_references(found, lower);
        if self.capabilities.generational {
            self.check_barriers(found);
        }
        for (s, at) in &self.pinned {
            assert_eq!(
                found[s].0.address(),
                *at,
                "A8: object {s} is pinned and moved"
            );
            self.coverage.pinned_stayed += 1;
        }
        if self.capabilities.incremental {
            self.check_step();
        }
    }
    /// A3. Dead objects may refer to dead ones that are gone already, where memory is freed in parts.
    fn check_references(&mut self, found: &Found, lower: &Reached) {
        let known: HashSet<usize> = found.values().map(|(gc, _)| gc.address()).collect();
        let in_parts = self.capabilities.incremental;
        let holders = found
            .iter()
            .filter(|(s, _)| !in_parts || self.oracle.is_in(lower, **s));
        let mut followed = 0;
        for (s, (gc, _)) in holders {
            self.heap.for_each_reference(*gc, |to| {
                assert!(
                    known.contains(&to.address()) || to == OUTSIDE.gc(),
                    "A3: object {s} refers to {:#x}, where no object is",
                    to.address()
                );
                followed += 1;
            });
        }
        self.coverage.slots_followed += followed;
    }
    /// A6
    fn check_barriers(&mut self, found: &Found) {
        let space = self.heap.space().borrow();
        for (s, (gc, _)) in found {
            if space.is_young(gc.address()) {
                continue;
            }
            let barrier = gc.header().barrier();
            if barrier != 0 {
                assert_eq!(
                    barrier,
                    armed_bits(self.heap.types(), *gc),
                    "A6: the barrier of object {s}"
                );
                self.coverage.armed_again += 1;
                continue;
            }
            let mut names_young = false;
            self.heap
                .for_each_reference(*gc, |to| names_young |= space.is_young(to.address()));
            assert!(
                names_young,
                "A6: the barrier of the old object {s} was not armed again"
            );
        }
    }
    /// A11
    fn check_step(&mut self) {
        let stats = self.heap.stats();
        let config = self.heap.config();
        let made = stats.handed_out_bytes - self.handed_out_before;
        self.handed_out_before = stats.handed_out_bytes;
        let budget = STRESS_STEP_BYTES.max(config.step_bytes as u64)
            + PACE * (made + config.nursery_bytes as u64);
        let most = SPENT * (budget + SLICE_BYTES);
        self.most_step_bytes = self.most_step_bytes.max(most);
        assert!(
            stats.work.step_most_bytes <= self.most_step_bytes,
            "A11: a step looked at {} bytes, {} at most are allowed",
            stats.work.step_most_bytes,
            self.most_step_bytes
        );
    }
}
