//! Runs a program on a heap beside its mirror. After each step the two are compared (`compare.rs`). Failures name the
//! invariant, see `pairing/mod.rs` of the crate.
use super::super::objects::*;
use super::mirror::{Mirror, Serial, Structure, Thing};
use super::ops::{Op, Script, Setup, Shape};
use super::settings::heap_of;
use super::toys::{self, Toy};
use crate::*;
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

/// A weak reference.
pub struct Weak {
    pub owner: Root,
    pub referent: Serial,
    pub is_cleared: bool,
}

pub struct Program {
    pub(crate) heap: Box<Heap>,
    pub(crate) mirror: Mirror,
    pub(crate) roots: Vec<(Serial, Root)>,
    pub(crate) weaks: Vec<Weak>,
    pub(crate) last: Serial,
    /// Bytes allocated without a check since the last safepoint.
    pub(crate) unchecked: usize,
    /// The next poll must report that something is pending.
    pub(crate) is_told: bool,
    /// Where objects with twins were that died.
    pub(crate) graves: BTreeSet<usize>,
    pub coverage: Coverage,
}

pub fn slot_of(gc: Gc, slot: usize) -> usize {
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
    pub(crate) fn add_root(&mut self, serial: Serial, gc: Gc) {
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
    pub(crate) fn bury(&mut self) {
        let gone = self.mirror.bury();
        let destroyed = toys::take_destroyed();
        assert_eq!(
            destroyed.iter().copied().collect::<BTreeSet<_>>(),
            gone,
            "R5: other structures were destroyed than those that nobody holds"
        );
        assert_eq!(destroyed.len(), gone.len(), "R5: destroyed twice");
    }
    pub(crate) fn handle_pending(&mut self, script: Script) -> Option<()> {
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
}
