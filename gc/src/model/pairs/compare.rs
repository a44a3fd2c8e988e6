//! Holds a heap against its mirror: after each step (`check`), and what a collection did (`safepoint`).
use super::super::objects::*;
use super::mirror::Serial;
use super::ops::Script;
use super::program::{Coverage, Program, slot_of};
use super::toys::{self, Toy};
use crate::*;
use std::collections::{BTreeMap, BTreeSet};

impl Program {
    pub(crate) fn collect(&mut self, reason: Reason) {
        self.safepoint(
            |heap| {
                heap.collect(reason);
                Attention::NONE
            },
            false,
        );
    }
    pub(crate) fn live(&self) -> BTreeSet<Serial> {
        self.mirror
            .live(self.roots.iter().map(|(serial, _)| *serial))
    }
    pub(crate) fn safepoint(&mut self, run: impl FnOnce(&Heap) -> Attention, is_poll: bool) {
        let live = self.live();
        let before = self.heap.stats();
        let linked = self.mirror.structures.values();
        let linked = linked.filter(|s| s.link.is_some_and(|(_, kind)| kind.is_twin()));
        let places: BTreeMap<Serial, usize> = linked
            .filter_map(|s| Some((s.link?.0, toys::gc_of(&self.heap, s.toy)?.address())))
            .collect();
        let why = run(&self.heap);
        self.unchecked = 0;
        let after = self.heap.stats();
        let collected = after.collections != before.collections;
        if collected {
            let is_whole = after.major.count != before.major.count;
            let kept = self.compare_finalizers(&live, is_whole);
            self.compare_weak(&live, &kept, is_whole);
            self.compare_links(&kept, is_whole, &places);
            if is_whole {
                self.mirror
                    .objects
                    .retain(|serial, _| kept.contains(serial));
            }
        }
        // A step between two collections tells of them once more.
        self.is_told |= after.pauses() != before.pauses() && self.mirror.pending() != 0;
        if is_poll {
            assert_eq!(
                why.has(Attention::PENDING_RAW),
                self.is_told,
                "a poll tells of pending structures"
            );
            self.is_told = false;
        }
    }
    /// Takes the queue of finalizers; returns what lives for its sake and anyway.
    fn compare_finalizers(&mut self, live: &BTreeSet<Serial>, is_whole: bool) -> BTreeSet<Serial> {
        let queue = self.heap.take_finalizable();
        let queued: Vec<Serial> = queue.iter().copied().map(serial).collect();
        for serial in &queued {
            let object = self.mirror.objects.get_mut(serial);
            let object = object.expect("what is queued was there");
            assert!(
                object.has_finalizer,
                "{serial} is queued without a finalizer"
            );
            assert!(
                !live.contains(serial),
                "R4: {serial} lives by a root or by the raw side, and is finalized"
            );
            object.has_finalizer = false;
        }
        let mut kept = self.mirror.closure(queued.iter().copied());
        let paired = kept
            .iter()
            .filter(|s| self.mirror.objects[s].link.is_some());
        self.coverage
            .count("pairs kept by finalizers", paired.count() as u64);
        kept.extend(live);
        if is_whole {
            let objects = self.mirror.objects.iter();
            let forgotten = objects.filter(|(serial, o)| o.has_finalizer && !kept.contains(serial));
            assert_eq!(forgotten.count(), 0, "a finalizer was forgotten");
        }
        // Some are resurrected.
        for (serial, gc) in queued.into_iter().zip(queue) {
            if serial.is_multiple_of(2) {
                self.add_root(serial, gc);
            }
        }
        kept
    }
    fn compare_weak(&mut self, live: &BTreeSet<Serial>, kept: &BTreeSet<Serial>, is_whole: bool) {
        let mut told = BTreeSet::new();
        for weak in self.weaks.iter_mut().filter(|weak| !weak.is_cleared) {
            let owner = weak.owner.get().expect::<WeakNode>();
            weak.is_cleared = owner.referent.get().is_null();
            if weak.is_cleared {
                assert!(
                    !live.contains(&weak.referent),
                    "R4: a weak reference to {} was cleared, which lives by a root or by the raw side",
                    weak.referent
                );
                told.insert(owner.gc().address());
            } else if is_whole {
                assert!(
                    kept.contains(&weak.referent),
                    "a weak reference to the dead {} was not cleared",
                    weak.referent
                );
            }
        }
        self.coverage
            .count("weak references cleared", told.len() as u64);
        let dead = self.heap.take_dead_weakrefs();
        let dead: BTreeSet<usize> = dead.into_iter().map(Gc::address).collect();
        assert_eq!(dead, told, "owners of cleared weak references");
    }
    fn compare_links(
        &mut self,
        kept: &BTreeSet<Serial>,
        is_whole: bool,
        places: &BTreeMap<Serial, usize>,
    ) {
        let freed = toys::take_freed();
        let mut expected = Vec::new();
        let linked = self.mirror.structures.iter();
        let linked: Vec<(Serial, Toy, Serial, LinkKind)> = linked
            .filter_map(|(&serial, s)| s.link.map(|(object, kind)| (serial, s.toy, object, kind)))
            .collect();
        for (serial, toy, object, kind) in linked {
            let is_undone = freed.contains(&serial) || toy.link_word() == 0;
            if !is_undone {
                assert!(
                    !is_whole || kept.contains(&object),
                    "R8: {serial} is still linked to the dead {object}"
                );
                continue;
            }
            assert!(
                !kept.contains(&object),
                "R4: {serial} was unlinked from {object}, which lives"
            );
            let references = self.mirror.references(serial);
            let structure = self.mirror.structures.get_mut(&serial);
            let structure = structure.expect("it was found there");
            structure.link = None;
            if let Some(object) = self.mirror.objects.get_mut(&object) {
                object.link = None;
            }
            self.graves.extend(places.get(&object));
            match (references, kind.is_light()) {
                (0, true) => {
                    expected.push(serial);
                    self.mirror.structures.remove(&serial);
                    self.coverage.count("freed", 1);
                }
                (0, false) => {
                    structure.is_pending = true;
                    assert!(toy.count() >= 1, "R6: pending with a count of 0");
                    self.coverage.count("pending", 1);
                }
                _ => self.coverage.count("left", 1),
            }
        }
        let mut freed = freed;
        freed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(freed, expected, "R5, R9: what the heap freed");
        assert_eq!(
            toys::take_destroyed(),
            [] as [u64; 0],
            "no destructor runs in a collection"
        );
    }

    // ---- Comparing ----------------------------------------------------------------------------------------------------

    pub(crate) fn check(&mut self) {
        let heap = &self.heap;
        for (&number, structure) in &self.mirror.structures {
            let toy = structure.toy;
            assert_eq!(
                toy.serial_if_alive(),
                Some(number),
                "R5: the memory of {number} was given up"
            );
            assert_eq!(
                toy.count(),
                self.mirror.count(number),
                "R7: the count of {number}"
            );
            let gc = toys::gc_of(heap, toy);
            let Some((object, kind)) = structure.link else {
                assert_eq!(toy.link_word(), 0, "R1: {number} has a link");
                continue;
            };
            let gc = gc.unwrap_or_else(|| panic!("R1: {number} has lost its link"));
            assert_eq!(serial(gc), object, "R3: the link of {number}");
            let twin = kind.is_twin().then_some(toy);
            assert_eq!(toys::raw_of(heap, gc), twin, "R2: the twin of {object}");
            self.check_object(object, gc);
        }
        for (number, root) in &self.roots {
            let gc = root.get();
            assert_eq!(serial(gc), *number);
            self.check_object(*number, gc);
            let link = self.mirror.objects[number].link;
            let twin = link.filter(|(_, kind)| kind.is_twin());
            let twin = twin.map(|(structure, _)| self.mirror.structures[&structure].toy);
            assert_eq!(toys::raw_of(heap, gc), twin, "R10: the twin of {number}");
        }
        let linked = heap.pair_stats().linked as usize;
        assert_eq!(
            linked,
            self.mirror.linked(),
            "R1: entries in the lists of links"
        );
        assert_eq!(
            toys::take_freed(),
            [] as [u64; 0],
            "R5: freed outside a collection"
        );
    }
    fn check_object(&self, number: Serial, gc: Gc) {
        let object = &self.mirror.objects[&number];
        for slot in 0..2 {
            let value = with_slots(gc, |s| s[slot_of(gc, slot)].get());
            let value = (!value.is_null()).then(|| serial(value));
            assert_eq!(value, object.slots[slot], "field {slot} of {number}");
        }
        if let Some(identity) = object.identity {
            assert_eq!(self.heap.identity(gc), identity, "identity of {number}");
        }
    }
    /// Gives everything up, and collects until nothing changes. What is left refers to itself through both sides.
    pub fn finish(mut self) -> Coverage {
        self.roots.clear();
        for serial in self.mirror.structures.keys().copied().collect::<Vec<_>>() {
            while let Some(s) = self.mirror.structures.get_mut(&serial)
                && s.held > 0
            {
                s.held -= 1;
                s.toy.decref(&self.heap);
                self.bury();
            }
        }
        for round in 0.. {
            let before = self.mirror.size();
            self.collect(Reason::Explicit);
            self.check();
            // A finalizer may have resurrected something.
            self.roots.clear();
            while self.handle_pending(Script::Drop).is_some() {
                self.check();
            }
            if round > 1 && before == self.mirror.size() {
                break;
            }
        }
        let kept = self.live();
        for structure in self.mirror.structures.values() {
            if let Some((object, _)) = structure.link {
                assert!(kept.contains(&object), "R8: a pair outlived its program");
            }
        }
        let in_memory = in_memory(&self.heap).len();
        let known = self.mirror.objects.len() + self.weaks.len();
        assert_eq!(in_memory, known, "objects outlived their program");
        self.heap.verify().expect("the heap is whole");
        let stats = self.heap.stats();
        let pairs = stats.pairs;
        for (what, count) in [
            ("programs", 1),
            ("minor collections", stats.minor.count),
            ("major collections", stats.major.count),
            ("objects moved", stats.work.moved_objects),
            ("promoted in place", stats.work.promoted_in_place),
            ("links moved", pairs.moved),
            ("held", pairs.held),
            ("links made", pairs.made),
            ("looked at by minor collections", pairs.young_visits),
            ("cycles over both sides", u64::from(!kept.is_empty())),
        ] {
            self.coverage.count(what, count);
        }
        self.coverage
    }
}
