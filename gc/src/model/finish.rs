//! The end of a program: the heap comes to rest, and all collectors must agree on what is left.
use super::executor::{Executor, serial_of};
use super::objects::*;
use super::oracle::{Kind, Oracle, STATIC, Serial};
use super::stores;
use crate::*;
use std::collections::{BTreeMap, BTreeSet};

impl Executor {
    /// Lets go of what depends on the collector, compares with the reference, then lets go of everything.
    ///
    /// `reference` is the oracle that ran the program without any heap; `None` if the programs may differ.
    pub fn finish(&mut self, reference: Option<&Oracle>) {
        self.forget_words();
        self.settle();
        if let Some(reference) = reference {
            self.compare_with(reference);
        }
        self.roots.truncate(0);
        self.oracle.roots.clear();
        self.settle();
        if self.capabilities.collects {
            let forever = self.oracle.reachable();
            let left = self.found();
            for s in left.keys() {
                assert!(
                    self.oracle.is_in(&forever, *s),
                    "A2: object {s} outlives its program"
                );
            }
        }
        self.count_heap();
    }
    /// Collects and finalizes until nothing more happens: within two collections for each object that its finalizer kept.
    fn settle(&mut self) {
        let chain = 2 + self
            .oracle
            .things()
            .filter(|t| t.finalizer.is_some())
            .count();
        for round in 0.. {
            assert!(round <= 2 * chain, "A12: finalizers come to an end");
            self.kept.truncate(0);
            self.kept_serials.clear();
            self.take_dead();
            self.collect();
            let before = self.oracle.things().count();
            self.poll();
            self.run_finalizers();
            self.take_dead();
            let rest = self.kept.is_empty() && self.oracle.things().count() == before;
            if rest && !self.has_news() {
                break;
            }
        }
    }
    /// Whether a finalizer ran or a weak reference was reported since the last question. Either was kept by its queue.
    fn has_news(&mut self) -> bool {
        let now = self.finalized.len() + self.coverage.weak_reported;
        std::mem::replace(&mut self.news_before, now) != now
    }
    /// The graph that the roots reach in memory is the reference's.
    fn compare_with(&self, reference: &Oracle) {
        let reachable = reference.reachable();
        let mut seen = BTreeMap::<Serial, Gc>::new();
        assert_eq!(
            self.oracle.roots,
            reference.roots,
            "A1: {}: roots",
            self.name()
        );
        let mut pending: Vec<Gc> = self.roots.to_vec();
        let found = self.found();
        pending.extend(
            reference
                .immortals
                .iter()
                .filter(|&&s| s != STATIC)
                .map(|s| found[s].0),
        );
        while let Some(gc) = pending.pop() {
            let s = serial_of(gc).expect("no root is NULL");
            if s == STATIC || seen.insert(s, gc).is_some() {
                continue;
            }
            let thing = reference.thing(s);
            let slots = with_slots(gc, |slots| {
                slots.iter().map(|slot| slot.get()).collect::<Vec<_>>()
            });
            let serials: Vec<_> = slots.iter().map(|&gc| serial_of(gc)).collect();
            assert_eq!(
                serials,
                reference.slots(s),
                "A1: {}: slots of object {s}",
                self.name()
            );
            pending.extend(slots.into_iter().filter(|gc| !gc.is_null()));
            match thing.kind {
                Kind::Bytes => assert!(stores::has_bytes(gc, thing.len, s, thing.version)),
                Kind::Weak => {
                    let target = thing.weak.expect("the reference clears nothing");
                    let lives = !self.capabilities.collects || reference.is_in(&reachable, target);
                    assert_eq!(
                        serial_of(gc.expect::<WeakNode>().referent.get()),
                        lives.then_some(target),
                        "A12: {}: weak reference {s}",
                        self.name()
                    );
                }
                _ => {}
            }
        }
        self.compare_owners(&seen);
        let expected: BTreeSet<Serial> = reference
            .things()
            .map(|thing| thing.serial)
            .filter(|&s| s != STATIC && reference.is_in(&reachable, s))
            .collect();
        assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), expected);
        if self.capabilities.collects {
            let in_memory: BTreeSet<Serial> = found.keys().copied().collect();
            assert_eq!(
                in_memory,
                expected,
                "A2: {}: objects in memory",
                self.name()
            );
            let finalized: BTreeSet<Serial> = reference
                .things()
                .filter(|thing| thing.had_finalizer && !reference.is_in(&reachable, thing.serial))
                .map(|thing| thing.serial)
                .collect();
            assert_eq!(
                self.finalized,
                finalized,
                "A12: {}: finalized objects",
                self.name()
            );
        }
    }
    /// Each object knows the weak references that name it.
    fn compare_owners(&self, reachable: &BTreeMap<Serial, Gc>) {
        for (&s, &gc) in reachable {
            let Some(target) = gc.cast::<WeakNode>().map(|weak| weak.referent.get()) else {
                continue;
            };
            if !target.is_null() {
                let owners = self.heap.weak_owners(target);
                assert_eq!(
                    owners.iter().filter(|&&owner| owner == gc).count(),
                    1,
                    "A12: {}: {s} is an owner of its referent once",
                    self.name()
                );
            }
        }
    }
    fn count_heap(&mut self) {
        let stats = self.heap.stats();
        let coverage = &mut self.coverage;
        coverage.programs += 1;
        coverage.heap_minor += stats.minor.count as usize;
        coverage.heap_major += stats.major.count as usize;
        coverage.heap_steps += stats.step.count as usize;
        coverage.heap_cycles += (stats.cycles - stats.major.count) as usize;
        coverage.heap_unreferenced += stats.work.unreferenced as usize;
        coverage.heap_cyclic += stats.work.cyclic as usize;
        coverage.heap_stuck += stats.work.stuck as usize;
        coverage.heap_regrayed += stats.work.regrayed as usize;
        coverage.heap_moved_objects += stats.work.moved_objects as usize;
        coverage.heap_promoted_in_place += stats.work.promoted_in_place as usize;
        coverage.heap_logged_objects += stats.work.logged_objects as usize;
        coverage.heap_logged_chunks += stats.work.logged_chunks as usize;
        coverage.heap_rejected_words += stats.work.rejected_words as usize;
        coverage.heap_freed_large += stats.work.freed_large as usize;
    }
}
