//! Runs a program on a heap beside its mirror. After each step the two are compared (`check`), and what a collection did is
//! held against what the mirror says about life and death (`safepoint`). Failures name the invariant, see `pairing/mod.rs`
//! of the crate.
use super::common::*;
use super::mirror::{Mirror, Serial, Structure, Thing};
use super::ops::{Op, Script, Setup, Shape};
use super::settings::heap_of;
use super::toys::{self, Toy};
use ouro_gc::*;
use std::collections::{BTreeMap, BTreeSet};

/// What programs came across.
#[derive(Clone, Default, Debug)]
pub struct Coverage(pub BTreeMap<&'static str, u64>);

impl Coverage {
    pub fn count(&mut self, what: &'static str, more: u64) {
        *self.0.entry(what).or_default() += more;
    }
    pub fn add(&mut self, other: &Coverage) {
        for (what, count) in &other.0 {
            self.count(what, *count);
        }
    }
}

struct Weak {
    owner: Root,
    referent: Serial,
    is_cleared: bool,
}

pub struct Program {
    heap: Box<Heap>,
    mirror: Mirror,
    roots: Vec<(Serial, Root)>,
    weaks: Vec<Weak>,
    last: Serial,
    /// Bytes allocated without a check since the last safepoint.
    unchecked: usize,
    /// The next poll must report that something is pending.
    is_told: bool,
    /// Where objects with twins were that died.
    graves: BTreeSet<usize>,
    pub coverage: Coverage,
}

fn slot_of(gc: Gc, slot: usize) -> usize {
    with_slots(gc, |slots| if slot == 0 { 0 } else { slots.len() - 1 })
}
/// The `k`-th of `all`.
fn nth<T: Copy>(k: usize, all: impl Iterator<Item = T>) -> Option<T> {
    let all: Vec<T> = all.collect();
    (!all.is_empty()).then(|| all[k % all.len()])
}
fn kind(twin: bool, light: bool) -> LinkKind {
    match (twin, light) {
        (true, false) => LinkKind::Twin,
        (true, true) => LinkKind::LightTwin,
        (false, false) => LinkKind::Proxy,
        (false, true) => LinkKind::LightProxy,
    }
}

impl Program {
    pub fn new(row: &CollectorInfo, setup: &Setup) -> Program {
        toys::take_freed();
        toys::take_destroyed();
        Program {
            heap: heap_of(row, &setup.text()),
            mirror: Mirror::default(),
            roots: Vec::new(),
            weaks: Vec::new(),
            last: 0,
            unchecked: 0,
            is_told: false,
            graves: BTreeSet::new(),
            coverage: Coverage::default(),
        }
    }
    fn number(&mut self) -> Serial {
        self.last += 1;
        self.last
    }
    fn root(&self, k: usize) -> Option<(Serial, Gc)> {
        let found = (!self.roots.is_empty()).then(|| &self.roots[k % self.roots.len()]);
        found.map(|(serial, root)| (*serial, root.get()))
    }
    fn add_root(&mut self, serial: Serial, gc: Gc) {
        self.roots.push((serial, self.heap.root(gc)));
    }
    fn structure(&self, k: usize, wanted: impl Fn(&Structure) -> bool) -> Option<Serial> {
        let all = self.mirror.structures.iter();
        nth(k, all.filter(|(_, s)| wanted(s)).map(|(&serial, _)| serial))
    }

    // ---- Steps --------------------------------------------------------------------------------------------------------

    pub fn step(&mut self, op: &Op) {
        self.apply(op);
        self.check();
    }
    fn apply(&mut self, op: &Op) -> Option<()> {
        match *op {
            Op::Poll => self.safepoint(Heap::poll, true),
            Op::Collect => self.collect(Reason::Explicit),
            Op::CollectYoung => self.collect(Reason::Budget),
            Op::Flood(blobs) => {
                for _ in 0..blobs {
                    self.heap.alloc_var(Blob::id(), 1000).ok()?;
                }
            }
            Op::Object(shape) => {
                let (serial, gc) = self.object(shape);
                self.add_root(serial, gc);
            }
            Op::DropRoot(k) => {
                self.root(k)?;
                let k = k % self.roots.len();
                self.roots.swap_remove(k);
            }
            Op::Load(k, slot) => {
                let (serial, gc) = self.root(k)?;
                let held = self.mirror.objects[&serial].slots[slot % 2]?;
                let field = with_slots(gc, |s| s[slot_of(gc, slot % 2)].get());
                self.add_root(held, field);
            }
            Op::Store(k, slot, value) => {
                let (serial, gc) = self.root(k)?;
                let value = value.and_then(|k| self.root(k));
                let slot = slot % 2;
                let stored = value.map_or(Gc::NULL, |(_, gc)| gc);
                with_slots(gc, |s| s[slot_of(gc, slot)].set(&self.heap, gc, stored));
                let object = self.mirror.objects.get_mut(&serial)?;
                object.slots[slot] = value.map(|(serial, _)| serial);
            }
            Op::Weak(k) => {
                let (referent, gc) = self.root(k)?;
                let owner = self.heap.alloc_checked(WeakNode::id(), WeakNode::BYTES);
                owner.expect::<WeakNode>().referent.set(gc);
                self.heap.register_weak(owner);
                self.weaks.push(Weak {
                    owner: self.heap.root(owner),
                    referent,
                    is_cleared: false,
                });
            }
            Op::Finalizer(k) => {
                let (serial, gc) = self.root(k)?;
                let object = self.mirror.objects.get_mut(&serial)?;
                if !object.has_finalizer && !object.is_immortal {
                    object.has_finalizer = true;
                    self.heap.register_finalizer(gc);
                }
            }
            Op::Identity(k) => {
                let (serial, gc) = self.root(k)?;
                let identity = self.heap.identity(gc);
                self.mirror.objects.get_mut(&serial)?.identity = Some(identity);
            }
            Op::Structure => {
                self.new_structure(1, false);
            }
            Op::Incref(k) => {
                let serial = self.structure(k, |_| true)?;
                let structure = self.mirror.structures.get_mut(&serial)?;
                structure.held += 1;
                structure.toy.incref();
            }
            Op::Decref(k) => {
                let serial = self.structure(k, |s| s.held > 0)?;
                let structure = self.mirror.structures.get_mut(&serial)?;
                structure.held -= 1;
                structure.toy.decref(&self.heap);
                self.bury();
            }
            Op::Edge(k, to) => {
                let from = self.structure(k, |s| !s.is_light)?;
                let to = self.structure(to, |_| true)?;
                let target = self.mirror.structures[&to].toy;
                let structure = self.mirror.structures.get_mut(&from)?;
                structure.edges.push(to);
                structure.toy.add_edge(target);
            }
            Op::Cut(k, n) => {
                let from = self.structure(k, |s| !s.edges.is_empty())?;
                let structure = self.mirror.structures.get_mut(&from)?;
                let n = n % structure.edges.len();
                structure.edges.remove(n);
                let toy = structure.toy;
                toy.remove_edge(n, &self.heap);
                self.bury();
            }
            Op::LinkNew(k, held, light, twin) => {
                let (object, gc) = self.root(k)?;
                if self.mirror.objects[&object].link.is_none() {
                    let structure = self.new_structure(held, light);
                    self.link((object, gc), structure, twin);
                }
            }
            Op::Link(k, structure, twin) => {
                let (object, gc) = self.root(k)?;
                if self.mirror.objects[&object].link.is_none() {
                    let structure = self.structure(structure, |s| s.link.is_none())?;
                    self.link((object, gc), structure, twin);
                }
            }
            Op::Batch(pairs, light) => {
                for n in 0..pairs {
                    let object = self.object(Shape::Node);
                    let structure = self.new_structure((n % 2) as isize, light);
                    self.link(object, structure, n % 3 != 0);
                }
            }
            Op::Unlink(k) => {
                let serial = self.structure(k, |s| s.link.is_some())?;
                let toy = self.mirror.structures[&serial].toy;
                let (object, _) = self.mirror.structures.get_mut(&serial)?.link.take()?;
                self.mirror.objects.get_mut(&object)?.link = None;
                let left = self.mirror.references(serial);
                assert_eq!(toys::unlink(&self.heap, toy), Some(left), "R7");
                if left == 0 {
                    toy.destroy(&self.heap);
                }
                self.bury();
                self.coverage.count("unlinked", 1);
            }
            Op::LoadObject(k) => {
                let serial = self.structure(k, |s| s.link.is_some())?;
                let structure = &self.mirror.structures[&serial];
                let gc = toys::gc_of(&self.heap, structure.toy)?;
                let (object, _) = structure.link?;
                self.add_root(object, gc);
            }
            Op::Drain(ref scripts) => {
                for script in scripts {
                    self.handle_pending(*script)?;
                    self.check();
                }
            }
        }
        Some(())
    }
    fn object(&mut self, shape: Shape) -> (Serial, Gc) {
        let serial = self.number();
        let heap = &self.heap;
        let bytes = Node::BYTES;
        let gc = match shape {
            Shape::Array => heap.alloc_var(Array::id(), 2).expect("there is room"),
            Shape::LargeArray => heap.alloc_var(Array::id(), 1_100).expect("there is room"),
            Shape::Immortal => heap.alloc_immortal(Node::id(), bytes),
            Shape::Node if serial.is_multiple_of(2) && self.unchecked < ZONE_BYTES / 2 => {
                self.unchecked += bytes as usize;
                heap.alloc(Node::id(), bytes)
            }
            Shape::Node | Shape::Pinned => heap.alloc_checked(Node::id(), bytes),
        };
        match gc.cast::<Array>() {
            Some(array) => array.serial.set(serial),
            None => gc.expect::<Node>().serial.set(serial),
        }
        if let Shape::Pinned = shape {
            gc.header().add_state(state_bits::PINNED);
        }
        assert_eq!(toys::raw_of(heap, gc), None, "R10: a new object has a twin");
        if self.graves.remove(&gc.address()) {
            self.coverage
                .count("address of a dead object used again", 1);
        }
        let object = Thing {
            is_immortal: matches!(shape, Shape::Immortal),
            ..Thing::default()
        };
        self.mirror.objects.insert(serial, object);
        (serial, gc)
    }
    fn new_structure(&mut self, held: isize, is_light: bool) -> Serial {
        let serial = self.number();
        let structure = Structure {
            toy: Toy::new(serial, held),
            held,
            edges: Vec::new(),
            is_light,
            link: None,
            is_pending: false,
        };
        self.mirror.structures.insert(serial, structure);
        serial
    }
    fn link(&mut self, (object, gc): (Serial, Gc), serial: Serial, twin: bool) {
        let structure = self.mirror.structures.get_mut(&serial);
        let structure = structure.expect("the structure lives");
        let kind = kind(twin, structure.is_light);
        structure.link = Some((object, kind));
        let toy = structure.toy;
        if structure.is_pending {
            self.coverage.count("linked while pending", 1);
        }
        let object = self.mirror.objects.get_mut(&object);
        object.expect("the object lives").link = Some((serial, kind));
        // Collections that an allocation could start here are held back; linking itself never starts one.
        let heap = &self.heap;
        heap.without_collecting(|| toys::link(heap, gc, toy, kind));
    }
    /// Compares what destructors did with what the mirror expects.
    fn bury(&mut self) {
        let gone = self.mirror.bury();
        let destroyed = toys::take_destroyed();
        assert_eq!(
            destroyed.iter().copied().collect::<BTreeSet<_>>(),
            gone,
            "R5: other structures were destroyed than those that nobody holds"
        );
        assert_eq!(destroyed.len(), gone.len(), "R5: destroyed twice");
    }
    fn handle_pending(&mut self, script: Script) -> Option<()> {
        let next = toys::next_pending(&self.heap);
        assert_eq!(next.is_some(), self.mirror.pending() != 0, "R5: who waits");
        let toy = next?;
        let serial = toy.serial();
        let structure = self.mirror.structures.get_mut(&serial);
        let structure = structure.expect("R5: a structure that was gone is pending");
        assert!(
            structure.is_pending,
            "R5: {serial} is pending, and should not be"
        );
        assert!(!structure.is_light, "R9: the light {serial} is pending");
        // From here on it is an ordinary reference from outside.
        structure.is_pending = false;
        structure.held += 1;
        let is_linked = structure.link.is_some();
        let references = self.mirror.references(serial);
        match script {
            Script::Resurrect => {
                self.coverage.count("resurrected", 1);
                return Some(());
            }
            Script::Link { rooted, twin } if !is_linked => {
                let (object, gc) = self.object(Shape::Node);
                self.link((object, gc), serial, twin);
                if rooted {
                    self.add_root(object, gc);
                }
                self.coverage.count("linked after pending", 1);
            }
            Script::Collect => {
                self.collect(Reason::Explicit);
                self.coverage.count("collected while draining", 1);
            }
            Script::Proxy if !is_linked && references == 1 => {
                toys::mark_deallocating(&self.heap, toy);
                assert_eq!(toys::gc_of(&self.heap, toy), None);
                let (object, gc) = self.object(Shape::Node);
                self.link((object, gc), serial, false);
                self.check();
                self.mirror.structures.get_mut(&serial)?.link = None;
                self.mirror.objects.get_mut(&object)?.link = None;
                assert_eq!(toys::unlink(&self.heap, toy), Some(1), "R7");
            }
            _ => {}
        }
        self.mirror.structures.get_mut(&serial)?.held -= 1;
        toy.decref(&self.heap);
        self.bury();
        Some(())
    }

    // ---- Collections --------------------------------------------------------------------------------------------------

    fn collect(&mut self, reason: Reason) {
        self.safepoint(
            |heap| {
                heap.collect(reason);
                Attention::NONE
            },
            false,
        );
    }
    fn live(&self) -> BTreeSet<Serial> {
        self.mirror
            .live(self.roots.iter().map(|(serial, _)| *serial))
    }
    fn safepoint(&mut self, run: impl FnOnce(&Heap) -> Attention, is_poll: bool) {
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
        self.is_told |= collected && self.mirror.pending() != 0;
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
                    assert!(toy.refcount() >= 1, "R6: pending with a count of 0");
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

    fn check(&mut self) {
        let heap = &self.heap;
        for (&number, structure) in &self.mirror.structures {
            let toy = structure.toy;
            assert_eq!(
                toy.serial_if_alive(),
                Some(number),
                "R5: the memory of {number} was given up"
            );
            assert_eq!(
                toy.refcount(),
                self.mirror.refcount(number),
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
