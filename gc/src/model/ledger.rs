//! Reference counts against the graph in memory: invariants B1 to B7.
use super::executor::Executor;
use super::objects::*;
use super::observe::Found;
use super::oracle::{Reached, STATIC, Serial};
use super::stores;
use crate::counts::{Counts, colour};
use crate::remembered::{CHUNK_ITEMS, chunk_bits, chunk_table};
use crate::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the slots of each old object held when the epoch began, by the address of the object. Nothing of it moves.
#[derive(Default)]
pub(crate) struct Epoch {
    slots: HashMap<usize, Vec<usize>>,
}

/// How often each address occurs.
fn tally(addresses: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    let mut tally = BTreeMap::new();
    addresses.for_each(|at| *tally.entry(at).or_default() += 1);
    tally
}

impl Executor {
    fn counts<R>(&self, look: impl FnOnce(&Counts) -> R) -> Option<R> {
        self.heap.collector.borrow().counts().map(look)
    }
    /// Before a collection. B3.
    pub(crate) fn check_log(&mut self) {
        let types = self.heap.types();
        let noted = self.counts(|counts| {
            let counted = counts.noted().iter().filter(|&&gc| Counts::is_counted(gc));
            tally(counted.map(|gc| gc.address()))
        });
        let Some(noted) = noted else { return };
        let mut expected = Vec::new();
        for (&at, slots) in &self.epoch.slots {
            let gc = stores::believe(at);
            let is_logged = |slot: usize| match gc.header().barrier() {
                0 => true,
                bits if bits & barrier_bits::CHUNKED != 0 => {
                    chunk_table(types, gc)[slot / CHUNK_ITEMS].get() & chunk_bits::LOGGED != 0
                }
                _ => false,
            };
            let logged = slots.iter().enumerate().filter(|(n, _)| is_logged(*n));
            let held = logged.map(|(_, &to)| to).filter(|&to| to != 0);
            expected.extend(held.filter(|&to| Counts::is_counted(stores::believe(to))));
        }
        self.coverage.noted += expected.len();
        let expected = tally(expected.into_iter());
        for at in noted.keys().chain(expected.keys()) {
            let (has, wants) = (noted.get(at), expected.get(at));
            assert_eq!(
                has, wants,
                "B3: the log holds {has:?} references to {at:#x}, and there were {wants:?}"
            );
        }
    }
    /// After a collection: B1, B2, B4, B7.
    pub(crate) fn check_counts(&mut self, found: &Found, whole: bool) {
        let ledger = self.counts(|counts| {
            let temporary = counts.temporary().iter().chain(counts.polled());
            (tally(temporary.map(|gc| gc.address())), counts.limit())
        });
        let Some((mut expected, limit)) = ledger else {
            return;
        };
        self.coverage.temporary += expected.len();
        let mut slots = HashMap::new();
        for &(gc, _) in found.values() {
            let held: Vec<usize> = with_slots(gc, |slots| {
                slots.iter().map(|s| s.get().address()).collect()
            });
            held.iter()
                .filter(|&&to| to != 0)
                .for_each(|&to| *expected.entry(to).or_default() += 1);
            slots.insert(gc.address(), held);
        }
        self.epoch = Epoch { slots };
        for (&s, &(gc, _)) in found {
            let bits = gc.header().age_and_colour();
            assert_eq!(
                bits & colour::MASK,
                0,
                "B4: object {s} has a colour after the collection"
            );
            if !Counts::is_counted(gc) {
                continue;
            }
            let wants = expected.get(&gc.address()).copied().unwrap_or_default();
            let has = self.counts(|counts| counts.of(gc)).flatten();
            match has {
                Some(has) => {
                    assert_eq!(
                        has, wants,
                        "B1: object {s} has the count {has}, and {wants} references exist"
                    );
                    assert_ne!(has, 0, "B2: object {s} has no reference and is still there");
                }
                None if whole => {
                    assert!(
                        wants >= limit,
                        "B7: the count of object {s} is stuck, and {wants} references exist"
                    );
                    self.coverage.repaired += 1;
                }
                None => {}
            }
            self.coverage.counted += 1;
        }
    }
    /// B5: after an epoch without a search, what is dead hangs on a cycle or a stuck count. `upper` is what may live.
    pub(crate) fn check_acyclic(&mut self, found: &Found, upper: &Reached) {
        if self.counts(|_| ()).is_none() {
            return;
        }
        let dead: BTreeSet<Serial> = found
            .keys()
            .copied()
            .filter(|&s| s != STATIC && !self.oracle.is_in(upper, s))
            .collect();
        let is_stuck = |s: &Serial| {
            let count = self.counts(|counts| counts.of(found[s].0));
            count.flatten().is_none()
        };
        let cyclic = |s: &Serial| {
            let children = self.oracle.edges(*s).map(|(_, to)| to);
            let below = self.oracle.reach(children.collect::<Vec<_>>());
            self.oracle.is_in(&below, *s)
        };
        let anchors: Vec<Serial> = dead
            .iter()
            .copied()
            .filter(|s| is_stuck(s) || cyclic(s))
            .collect();
        let explained = self.oracle.reach(anchors);
        for s in dead {
            assert!(
                self.oracle.is_in(&explained, s),
                "B5: object {s} is dead, hangs on no cycle, and is still there"
            );
        }
    }
}
