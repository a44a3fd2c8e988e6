//! What must hold after each safepoint that collected. The invariants are those of `invariants.rs`.
//!
//! A collector of young objects may need two collections for garbage that hangs together by finalizers: it may find the
//! young half first, whose queue then keeps the rest.
use super::executor::{Executor, OUTSIDE, serial_of};
use super::objects::*;
use super::oracle::{Kind, Reached, STATIC, Serial, Thing};
use super::stores;
use crate::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is known before a safepoint.
struct Before {
    collections: u64,
    /// Steps between collections.
    steps: u64,
    /// Objects that words name, and where they are.
    hits: BTreeMap<Serial, usize>,
    /// Words that name none.
    misses: Vec<usize>,
}

/// Objects in memory: reference and size.
pub type Found = HashMap<Serial, (Gc, usize)>;

impl Executor {
    /// Runs something that may collect, and compares the heap with the oracle if it did.
    pub fn safepoint(&mut self, run: impl FnOnce(&Heap)) {
        let (hits, misses) = self.resolve_words();
        let before = Before {
            collections: self.heap.stats().collections,
            steps: self.heap.stats().step.count,
            hits,
            misses,
        };
        // Those of other heaps.
        DESTROYED.take();
        self.check_log();
        run(&self.heap);
        self.destroyed.append(&mut DESTROYED.take());
        self.fresh.clear();
        if self.heap.stats().collections == before.collections {
            if self.heap.stats().step.count != before.steps {
                self.compare_after_step(&before);
            }
            return;
        }
        self.coverage.collections += 1;
        match self.capabilities.collects {
            true => self.compare(&before),
            false => self.compare_without_collection(),
        }
    }
    /// The objects that the words name by the oracle's knowledge of what is in memory.
    fn resolve_words(&self) -> (BTreeMap<Serial, usize>, Vec<usize>) {
        let mut hits = BTreeMap::new();
        let mut misses = Vec::new();
        let words = self.words.words.borrow();
        if words.is_empty() {
            return (hits, misses);
        }
        let mut by_address: Vec<(usize, Serial)> =
            self.places.iter().map(|(&s, &at)| (at, s)).collect();
        by_address.sort_unstable();
        for &word in words.iter() {
            // An object that starts at the word, and one that ends there: two at most.
            let after = by_address.partition_point(|&(at, _)| at <= word);
            let named = by_address[after.saturating_sub(2)..after]
                .iter()
                .filter(|&&(at, s)| word <= at + self.oracle.thing(s).bytes());
            let known = hits.len();
            let mut any = false;
            named.for_each(|&(at, s)| {
                any = true;
                hits.insert(s, at);
            });
            if !any && known == hits.len() {
                misses.push(word);
            }
        }
        (hits, misses)
    }
    /// Everything in memory by the heap's own enumeration. No object is there twice.
    pub fn found(&self) -> Found {
        let mut found = Found::new();
        for (gc, bytes) in in_memory(&self.heap) {
            let twice = found.insert(serial(gc), (gc, bytes));
            assert!(
                twice.is_none(),
                "A9: object {} is in memory twice",
                serial(gc)
            );
        }
        found
    }
    /// The objects that are kept apart from the program's roots.
    fn anchors(&self) -> impl Iterator<Item = Serial> {
        let oracle = &self.oracle;
        let running = self.running.to_vec().into_iter().map(serial);
        oracle
            .roots
            .iter()
            .chain(&oracle.immortals)
            .chain(&self.kept_serials)
            .chain(&self.queue)
            .chain(&self.dead_weak)
            .copied()
            .chain(running)
    }
    fn compare_without_collection(&mut self) {
        self.verify("after a collection that does nothing");
        let found = self.found();
        self.coverage.walked += found.len();
        assert_eq!(
            found.len() + 1,
            self.oracle.things().count(),
            "A2: nothing was freed"
        );
        self.check_contents(&found, None);
        self.compare_places(&found);
        self.coverage.survived += found.len();
    }
    /// A step between two collections moves nothing. It may run destructors and free memory, which the next comparison finds;
    /// and it may clear weak references, which the program can take and read before.
    fn compare_after_step(&mut self, before: &Before) {
        let found = self.found();
        let strong = self
            .oracle
            .reach(self.anchors().chain(before.hits.keys().copied()));
        self.compare_cleared(&found, &strong);
        self.coverage.steps_compared += 1;
    }
    fn compare(&mut self, before: &Before) {
        let report = self.verify("after a collection");
        let whole = self.last_was_whole();
        let generational = self.capabilities.generational;
        match whole {
            true => self.coverage.whole += 1,
            false => self.coverage.young += 1,
        }
        let found = self.found();
        assert_eq!(report.objects, found.len(), "A10: objects");
        let precise = self.oracle.reach(self.anchors());
        let strong = self
            .oracle
            .reach(self.anchors().chain(before.hits.keys().copied()));
        let queued = self.compare_finalizers(&found, &strong, whole);
        let lower = self.oracle.reach(
            self.anchors()
                .chain(before.hits.keys().copied())
                .chain(queued.iter().copied()),
        );
        self.compare_cleared(&found, &strong);
        self.queue.extend(&queued);

        // A2 and A13.
        let upper = match generational {
            true => {
                // What a word names after the young objects were moved counts too, and a weak reference that was
                // garbage itself may have been reported.
                let places: HashMap<Serial, usize> = found
                    .iter()
                    .map(|(&s, (gc, _))| (s, gc.address()))
                    .collect();
                let old_places = std::mem::replace(&mut self.places, places);
                let (late_hits, _) = self.resolve_words();
                self.places = old_places;
                let also = late_hits
                    .into_keys()
                    .chain(self.perhaps_dead_weak.iter().copied());
                self.oracle.reach(
                    self.anchors()
                        .chain(before.hits.keys().copied())
                        .chain(also.collect::<Vec<_>>()),
                )
            }
            false => self
                .oracle
                .reach(self.anchors().chain(before.hits.keys().copied())),
        };
        let may_live = if generational { &upper } else { &strong };
        self.compare_left(&found, may_live, whole);
        let mut dead = Vec::new();
        for thing in self
            .oracle
            .things()
            .filter(|thing| thing.kind != Kind::Static)
        {
            let s = thing.serial;
            let is_there = found.contains_key(&s);
            if self.oracle.is_in(&lower, s) {
                assert!(
                    is_there,
                    "A1: object {s} ({:?}) is reachable and gone",
                    thing.kind
                );
                self.coverage.survived += 1;
                self.coverage.kept_by_words += usize::from(!self.oracle.is_in(&precise, s));
            } else if whole && is_there {
                assert!(
                    self.oracle.is_in(&upper, s),
                    "A2: object {s} ({:?}) is unreachable and still there",
                    thing.kind
                );
            }
            if !is_there {
                dead.push((s, thing.kind, thing.bytes() > LARGE_OBJECT_BYTES));
            }
        }
        for s in found.keys() {
            assert!(
                self.oracle.get(*s).is_some(),
                "A9: object {s} is back from the dead"
            );
        }
        for (s, at) in &before.hits {
            assert_eq!(
                found[s].0.address(),
                *at,
                "A13: a word names object {s}, which moved"
            );
            self.coverage.hit_and_stayed += 1;
        }
        self.coverage.dead_words += before
            .misses
            .iter()
            .filter(|&&word| self.freed.iter().any(|&at| (at..at + 17).contains(&word)))
            .count();
        if !whole {
            self.check_acyclic(&found, &upper);
        }
        self.bury(&dead, whole);
        self.compare_places(&found);
        self.check_contents(&found, Some(&lower));
        self.check_memory(&found, &lower);
        self.check_counts(&found, whole);
        if whole {
            self.coverage.accounted += 1;
            let bytes: usize = found.values().map(|(_, bytes)| bytes).sum();
            assert_eq!(report.bytes, bytes, "A10: bytes");
            // A large object counts by its pages, its chunk bytes included.
            let large = found
                .values()
                .filter(|(_, bytes)| *bytes > LARGE_OBJECT_BYTES);
            let most = bytes + large.map(|(_, bytes)| 4096 + bytes / 1024).sum::<usize>();
            let live = self.heap.live_bytes();
            assert!(
                (bytes..=most).contains(&live),
                "A10: {live} live bytes, {bytes} in objects"
            );
        }
        if !self.queue.is_empty() && !queued.is_empty() {
            self.owed = self.owed | Attention::FINALIZERS;
        }
    }
    /// Whether the last collection looked at the whole heap.
    fn last_was_whole(&mut self) -> bool {
        let stats = self.heap.stats();
        let counted = stats.major.count;
        let whole = counted != self.whole_collections;
        self.whole_collections = counted;
        whole
    }
    /// A12. Returns what was queued in this collection.
    fn compare_finalizers(&mut self, found: &Found, strong: &Reached, whole: bool) -> Vec<Serial> {
        let waiting =
            |thing: &&Thing| thing.finalizer.is_some() && !self.queue.contains(&thing.serial);
        let mut queued = Vec::new();
        let mut left = Vec::new();
        for thing in self.oracle.things().filter(waiting) {
            let s = thing.serial;
            let Some((gc, _)) = found.get(&s) else {
                panic!("A12: object {s} was freed without its finalizer");
            };
            let is_queued = gc.header().state() & state_bits::HAS_FINALIZER == 0;
            if self.oracle.is_in(strong, s) {
                assert!(
                    !is_queued,
                    "A12: object {s} is reachable and queued for its finalizer"
                );
            } else if is_queued {
                queued.push(s);
            } else if whole {
                left.push(s);
            }
        }
        // Owners of cleared weak references are kept by their queue, too, though they may be dead otherwise.
        let waiting = queued.iter().chain(&self.perhaps_dead_weak);
        let from_queue = self.oracle.reach(waiting.copied());
        for &s in &left {
            assert!(
                self.oracle.is_in(&from_queue, s),
                "A12: object {s} is unreachable and not queued for its finalizer"
            );
        }
        self.compare_order(&queued, &left);
        queued
    }
    /// A12, for objects that one collection queued and left to wait.
    fn compare_order(&mut self, queued: &[Serial], left: &[Serial]) {
        let reach: Vec<Reached> = queued.iter().map(|&s| self.oracle.reach([s])).collect();
        for &other in left {
            let reached = self.oracle.reach([other]);
            let mut above = false;
            for (&s, from_s) in queued.iter().zip(&reach) {
                let (down, up) = (
                    self.oracle.is_in(from_s, other),
                    self.oracle.is_in(&reached, s),
                );
                assert!(
                    !up,
                    "A12: object {s} is queued before {other}, which reaches it and has a finalizer"
                );
                above |= down;
            }
            self.coverage.waited_for_finalizer += usize::from(above);
            assert!(
                above || self.capabilities.generational,
                "A12: object {other} waits for nobody"
            );
        }
        if queued.len() <= EXACT_DEPTH as usize {
            for (&s, from_s) in queued.iter().zip(&reach) {
                for (&other, from_other) in queued.iter().zip(&reach) {
                    let (down, up) = (
                        self.oracle.is_in(from_s, other),
                        self.oracle.is_in(from_other, s),
                    );
                    assert!(
                        !down || up,
                        "A12: object {other} is queued together with {s}, which reaches it"
                    );
                }
            }
        }
    }
    /// A12, of weak references that are cleared.
    fn compare_cleared(&mut self, found: &Found, strong: &Reached) {
        for (owner, target, referent) in self.weak_in_memory(found) {
            if !referent.is_null() {
                continue;
            }
            assert!(
                !self.oracle.is_in(strong, target),
                "A12: weak reference {owner} is cleared and {target} is reachable"
            );
            self.oracle.thing_mut(owner).weak = None;
            self.coverage.weak_cleared += 1;
            match self.oracle.is_in(strong, owner) {
                true => {
                    self.dead_weak.insert(owner);
                    self.owed = self.owed | Attention::WEAKREFS;
                }
                false if self.capabilities.generational => {
                    self.perhaps_dead_weak.insert(owner);
                }
                false => {}
            }
        }
    }
    /// A12, of those that are left. `may_live` is what need not be dead for weak references.
    fn compare_left(&mut self, found: &Found, may_live: &Reached, whole: bool) {
        for (owner, target, referent) in self.weak_in_memory(found) {
            let (owner_gc, _) = found[&owner];
            if self.heap.weak_referent(owner_gc).is_null() {
                // The collection in progress knows of the death, and has not come to this reference.
                continue;
            }
            let Some((target_gc, _)) = found.get(&target) else {
                panic!("A12: weak reference {owner} names {target}, which is gone");
            };
            assert_eq!(
                referent, *target_gc,
                "A12: weak reference {owner} names {target}"
            );
            assert!(
                self.oracle.is_in(may_live, target) || !whole,
                "A12: weak reference {owner} is left and {target} is unreachable"
            );
            self.coverage.weak_kept += 1;
        }
    }
    /// Owners of weak fields that the oracle knows of no clearing of, what they should name, and what they hold.
    fn weak_in_memory(&self, found: &Found) -> Vec<(Serial, Serial, Gc)> {
        let owners = self.oracle.things().filter_map(|thing| {
            let (gc, _) = found.get(&thing.serial)?;
            let referent = gc.cast::<WeakNode>()?.referent.get();
            Some((thing.serial, thing.weak?, referent))
        });
        owners.collect()
    }
    /// Removes what was freed from the oracle. A12.
    fn bury(&mut self, dead: &[(Serial, Kind, bool)], whole: bool) {
        for &(s, _, is_large) in dead {
            self.oracle.remove(s);
            self.identities.remove(&s);
            self.moves.remove(&s);
            self.pinned.remove(&s);
            self.perhaps_dead_weak.remove(&s);
            self.freed.extend(self.places.remove(&s));
            self.coverage.large_freed += usize::from(is_large);
        }
        let many = self.freed.len().saturating_sub(200);
        self.freed.drain(..many);
        self.coverage.freed += dead.len();
        if self.capabilities.counts && !whole {
            self.coverage.freed_by_counts += dead.len();
        }
        let mut destroyed = std::mem::take(&mut self.destroyed);
        destroyed.sort_unstable();
        // A collection in steps runs destructors some time before it frees the memory, also between two comparisons.
        let reachable = self.oracle.reachable();
        let is_early = |s: &Serial| {
            let freed = dead.iter().any(|(d, _, _)| d == s);
            !freed && !self.oracle.is_in(&reachable, *s)
        };
        let early: Vec<Serial> = destroyed.iter().copied().filter(is_early).collect();
        let mut expected: Vec<Serial> = dead
            .iter()
            .filter(|(s, kind, _)| *kind == Kind::Mortal && !self.destroyed_early.remove(s))
            .map(|(s, _, _)| *s)
            .chain(early.iter().copied())
            .collect();
        for s in early {
            assert!(
                self.destroyed_early.insert(s),
                "A12: object {s} is destroyed twice"
            );
        }
        expected.sort_unstable();
        assert_eq!(destroyed, expected, "A12: destructors");
        self.coverage.destroyed += destroyed.len();
    }
    fn compare_places(&mut self, found: &Found) {
        for (s, (gc, _)) in found {
            let old = self.places.insert(*s, gc.address());
            let old = old.expect("every object has a place");
            if old != gc.address() {
                let thing = self.oracle.thing(*s);
                assert!(self.capabilities.moves, "A8: object {s} moved");
                assert!(!thing.immortal, "A8: object {s} is immortal and moved");
                assert!(
                    thing.bytes() <= LARGE_OBJECT_BYTES,
                    "A8: object {s} is large and moved"
                );
                self.coverage.moved += 1;
                let moves = self.moves.entry(*s).or_default();
                *moves += 1;
                self.coverage.moved_again += usize::from(*moves > 1);
            }
        }
        // A7
        let mut seen = BTreeSet::new();
        for (s, number) in self.identities.clone() {
            if s != STATIC {
                self.check_identity(s, found[&s].0);
            }
            assert!(
                seen.insert(number),
                "A7: two living objects have the identity {number:#x}"
            );
            self.coverage.identities_kept += 1;
        }
    }
    /// A1. Contents of everything in memory, or of a part.
    pub fn check_contents(&self, found: &Found, part: Option<&Reached>) {
        let expect = |s: Serial| match s {
            STATIC => OUTSIDE.gc(),
            s => found.get(&s).map_or(Gc::NULL, |entry| entry.0),
        };
        for (&s, &(gc, bytes)) in found {
            if part.is_some_and(|part| !self.oracle.is_in(part, s)) {
                continue;
            }
            let thing = self.oracle.thing(s);
            assert_eq!(thing.bytes(), bytes, "A1: size of object {s}");
            let mut written = 0;
            for (slot, target) in self.oracle.edges(s) {
                let value = stores::read(gc, slot);
                assert!(
                    value == expect(target) && !value.is_null(),
                    "A1: slot {slot} of object {s} holds {:?}, not object {target}",
                    serial_of(value)
                );
                written += 1;
            }
            let set = with_slots(gc, |slots| {
                slots.iter().filter(|slot| !slot.get().is_null()).count()
            });
            assert_eq!(set, written, "A1: slots of object {s} that hold something");
            if thing.kind == Kind::Bytes {
                assert!(
                    stores::has_bytes(gc, thing.len, s, thing.version),
                    "A1: bytes of object {s}"
                );
            }
        }
        for (n, &s) in self.oracle.roots.iter().enumerate() {
            assert_eq!(self.root(n), expect(s), "A1: root {n}");
        }
        for (n, &s) in self.kept_serials.iter().enumerate() {
            assert_eq!(
                self.kept.get(n),
                expect(s),
                "A1: object {s} that its finalizer kept"
            );
        }
    }
}
