//! Random programs against a model.
//!
//! The model is a directed graph over serial numbers; what must survive is what petgraph's search reaches from the model's
//! roots. After each collection, for each collector and each set of options:
//! - M1: every reachable object exists with its contents, and its fields lead to the objects the model names;
//! - M2: nothing else is in memory, if the collector collects;
//! - M3: ambiguous words add exactly what is reachable from the objects they touch;
//! - M4: weak fields are cleared when, and only when, the referent was not reachable without finalizers;
//! - M5: an object with a finalizer is queued once, when it becomes unreachable;
//! - M6: a destructor runs once, for a dead object.
mod common;
use common::*;
use ouro_gc::*;
use petgraph::graphmap::DiGraphMap;
use petgraph::visit::Dfs;
use proptest::prelude::*;
use proptest::test_runner::{Config as RunnerConfig, TestRunner};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Clone, Debug)]
enum Op {
    Node,
    Array(usize),
    Blob(usize),
    Weak(usize),
    Mortal,
    /// A burst of garbage nodes.
    Garbage(usize),
    DropRoot(usize),
    CopyRoot(usize),
    /// The object of a root's field becomes a root.
    Load(usize, usize),
    Store(usize, usize, usize),
    StoreNull(usize, usize),
    Finalizer(usize),
    /// A word that points this many bytes past the start of a root's object, or past that of a random object in memory.
    Word(usize, usize),
    ForgetWords,
    Poll,
    Collect,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let n = || any::<prop::sample::Index>().prop_map(|i| i.index(1000));
    let len = prop_oneof![6 => 0usize..6, 2 => 0usize..200, 1 => 900usize..4000];
    let op = prop_oneof![
        8 => Just(Op::Node),
        4 => len.prop_map(Op::Array),
        3 => (0usize..20_000).prop_map(Op::Blob),
        3 => n().prop_map(Op::Weak),
        2 => Just(Op::Mortal),
        2 => (0usize..400).prop_map(Op::Garbage),
        9 => n().prop_map(Op::DropRoot),
        2 => n().prop_map(Op::CopyRoot),
        4 => (n(), n()).prop_map(|(a, b)| Op::Load(a, b)),
        14 => (n(), n(), n()).prop_map(|(a, b, c)| Op::Store(a, b, c)),
        3 => (n(), n()).prop_map(|(a, b)| Op::StoreNull(a, b)),
        2 => n().prop_map(Op::Finalizer),
        3 => (n(), 0usize..50_000).prop_map(|(a, b)| Op::Word(a, b)),
        2 => Just(Op::ForgetWords),
        4 => Just(Op::Poll),
        3 => Just(Op::Collect),
    ];
    prop::collection::vec(op, 1..250)
}

#[derive(Clone, Default)]
struct ModelObject {
    slots: Vec<Option<u64>>,
    weak: Option<u64>,
    mortal: bool,
}

/// How often the interesting things happened, over all cases.
#[derive(Default, Debug)]
struct Coverage {
    survived: usize,
    freed: usize,
    kept_by_words: usize,
    weak_cleared: usize,
    weak_kept: usize,
    finalized: usize,
    destroyed: usize,
    large: usize,
}

struct World {
    heap: Box<Heap>,
    collects: bool,
    roots: RootVec,
    words: Rc<RefCell<Vec<usize>>>,
    objects: BTreeMap<u64, ModelObject>,
    model_roots: Vec<u64>,
    finalizers: BTreeSet<u64>,
    next: u64,
}

impl World {
    fn new(options: &str) -> World {
        DESTROYED.take();
        let heap = heap(options);
        let words = Rc::new(RefCell::new(Vec::<usize>::new()));
        let seen = words.clone();
        heap.add_root_provider(Rc::new(move |visitor: &mut dyn RootVisitor| {
            seen.borrow()
                .iter()
                .for_each(|&word| visitor.ambiguous(word));
        }));
        World {
            collects: heap.collector_info().capabilities.collects,
            roots: heap.root_vec(),
            heap,
            words,
            objects: BTreeMap::new(),
            model_roots: Vec::new(),
            finalizers: BTreeSet::new(),
            next: 1,
        }
    }
    fn add(&mut self, gc: Gc, object: ModelObject) {
        self.objects.insert(self.next, object);
        self.roots.push(gc);
        self.model_roots.push(self.next);
        self.next += 1;
    }
    fn root(&self, n: usize) -> Option<(Gc, u64)> {
        let n = n.checked_rem(self.model_roots.len())?;
        Some((self.roots.get(n), self.model_roots[n]))
    }
    fn step(&mut self, op: &Op, coverage: &mut Coverage) {
        let serial_number = self.next;
        match *op {
            Op::Node => {
                let gc = node(&self.heap, serial_number).gc();
                self.add(
                    gc,
                    ModelObject {
                        slots: vec![None; 2],
                        ..Default::default()
                    },
                );
            }
            Op::Array(len) => {
                let gc = array(&self.heap, serial_number, len).gc();
                coverage.large += (gc.header().state() & state_bits::LARGE != 0) as usize;
                self.add(
                    gc,
                    ModelObject {
                        slots: vec![None; len],
                        ..Default::default()
                    },
                );
            }
            Op::Blob(len) => {
                let gc = blob(&self.heap, serial_number, len);
                gc.items()
                    .iter()
                    .enumerate()
                    .for_each(|(n, b)| b.set((n as u64 ^ serial_number) as u8));
                coverage.large += (gc.gc().header().state() & state_bits::LARGE != 0) as usize;
                self.add(gc.gc(), ModelObject::default());
            }
            Op::Weak(target) => {
                if let Some((gc, target)) = self.root(target) {
                    let gc = weak(&self.heap, serial_number, gc).gc();
                    self.add(
                        gc,
                        ModelObject {
                            slots: vec![None],
                            weak: Some(target),
                            mortal: false,
                        },
                    );
                }
            }
            Op::Mortal => {
                let gc = mortal(&self.heap, serial_number).gc();
                self.add(
                    gc,
                    ModelObject {
                        mortal: true,
                        ..Default::default()
                    },
                );
            }
            Op::Garbage(n) => (0..n).for_each(|_| {
                node(&self.heap, self.next);
                self.objects.insert(
                    self.next,
                    ModelObject {
                        slots: vec![None; 2],
                        ..Default::default()
                    },
                );
                self.next += 1;
            }),
            Op::DropRoot(n) => {
                if let Some(n) = n.checked_rem(self.model_roots.len()) {
                    let last = self.roots.pop().expect("both vectors have one length");
                    let last_serial = self
                        .model_roots
                        .pop()
                        .expect("both vectors have one length");
                    if n < self.model_roots.len() {
                        self.roots.set(n, last);
                        self.model_roots[n] = last_serial;
                    }
                }
            }
            Op::CopyRoot(n) => {
                if let Some((gc, s)) = self.root(n) {
                    self.roots.push(gc);
                    self.model_roots.push(s);
                }
            }
            Op::Load(n, slot) => {
                if let Some((gc, s)) = self.root(n) {
                    let slots = &self.objects[&s].slots;
                    if let Some((slot, Some(target))) = slot
                        .checked_rem(slots.len())
                        .map(|slot| (slot, slots[slot]))
                    {
                        self.roots.push(with_slots(gc, |fields| fields[slot].get()));
                        self.model_roots.push(target);
                    }
                }
            }
            Op::Store(n, slot, target) => {
                let target = self.root(target);
                self.store(n, slot, target);
            }
            Op::StoreNull(n, slot) => self.store(n, slot, None),
            Op::Finalizer(n) => {
                // A destructible object has no finalizer, as the two would race for its last moment.
                if let Some((gc, s)) = self.root(n).filter(|(_, s)| !self.objects[s].mortal)
                    && self.finalizers.insert(s)
                {
                    self.heap.register_finalizer(gc);
                }
            }
            Op::Word(n, past) => {
                if let Some((gc, _)) = self.root(n) {
                    self.words.borrow_mut().push(gc.address() + past % 64);
                }
                if let Some((gc, bytes)) =
                    in_memory(&self.heap).get(past % (self.objects.len() + 1))
                {
                    self.words
                        .borrow_mut()
                        .push(gc.address() + past % (bytes + 1));
                }
            }
            Op::ForgetWords => self.words.borrow_mut().clear(),
            Op::Poll => self.checked(coverage, |heap| _ = heap.poll()),
            Op::Collect => self.checked(coverage, |heap| heap.collect(Reason::Explicit)),
        }
        // The zone bounds what may happen between two polls.
        self.checked(coverage, |heap| _ = heap.poll());
    }
    fn store(&mut self, n: usize, slot: usize, target: Option<(Gc, u64)>) {
        if let Some((gc, s)) = self.root(n) {
            let slots = &mut self
                .objects
                .get_mut(&s)
                .expect("roots are in the model")
                .slots;
            if let Some(slot) = slot.checked_rem(slots.len()) {
                slots[slot] = target.map(|t| t.1);
                let value = target.map_or(Gc::NULL, |t| t.0);
                with_slots(gc, |fields| fields[slot].set(&self.heap, gc, value));
            }
        }
    }
    /// What `from` reaches by strong references.
    fn reach(&self, from: impl IntoIterator<Item = u64>) -> BTreeSet<u64> {
        let mut graph = DiGraphMap::<u64, ()>::new();
        let start = 0;
        graph.add_node(start);
        for (&s, object) in &self.objects {
            object
                .slots
                .iter()
                .flatten()
                .for_each(|&target| _ = graph.add_edge(s, target, ()));
        }
        from.into_iter()
            .for_each(|s| _ = graph.add_edge(start, s, ()));
        let mut search = Dfs::new(&graph, start);
        let mut seen = BTreeSet::new();
        while let Some(s) = search.next(&graph) {
            seen.insert(s);
        }
        seen.remove(&start);
        seen
    }
    /// Runs something that may collect and compares with the model if it did.
    fn checked(&mut self, coverage: &mut Coverage, run: impl FnOnce(&Heap)) {
        let before = self.heap.stats().collections;
        let present = in_memory(&self.heap);
        let words = self.words.borrow().clone();
        let touched = |gc: Gc, bytes: usize| {
            words
                .iter()
                .any(|w| (gc.address()..=gc.address() + bytes).contains(w))
        };
        let hit: Vec<u64> = present
            .iter()
            .filter(|(gc, bytes)| touched(*gc, *bytes))
            .map(|(gc, _)| serial(*gc))
            .collect();
        run(&self.heap);
        if self.heap.stats().collections == before || !self.collects {
            return;
        }
        let precise = self.reach(self.model_roots.iter().copied());
        let strong = self.reach(self.model_roots.iter().copied().chain(hit));
        coverage.kept_by_words += strong.len() - precise.len();

        // M5
        let queue: BTreeSet<u64> = self
            .heap
            .take_finalizable()
            .into_iter()
            .map(serial)
            .collect();
        let expected: BTreeSet<u64> = self
            .finalizers
            .iter()
            .copied()
            .filter(|s| !strong.contains(s))
            .collect();
        assert_eq!(queue, expected, "M5");
        coverage.finalized += queue.len();
        self.finalizers.retain(|s| strong.contains(s));
        let survivors = self.reach(strong.iter().chain(&queue).copied());

        // M2 and M3
        let mut found = BTreeMap::new();
        for (gc, _) in in_memory(&self.heap) {
            assert_eq!(
                found.insert(serial(gc), gc),
                None,
                "an object is in memory twice"
            );
        }
        // What the next window refill allocated is nothing, so that memory holds exactly the survivors.
        assert_eq!(
            found.keys().copied().collect::<BTreeSet<_>>(),
            survivors,
            "M2, M3"
        );
        coverage.freed += present.len() - found.len();
        coverage.survived += found.len();

        // M6
        let dead: BTreeMap<u64, ModelObject> = self
            .objects
            .iter()
            .filter(|(s, _)| !survivors.contains(s))
            .map(|(s, o)| (*s, o.clone()))
            .collect();
        self.objects.retain(|s, _| survivors.contains(s));
        let mut destroyed = DESTROYED.take();
        destroyed.sort_unstable();
        let expected: Vec<u64> = dead
            .iter()
            .filter(|(_, o)| o.mortal)
            .map(|(s, _)| *s)
            .collect();
        assert_eq!(destroyed, expected, "M6");
        coverage.destroyed += destroyed.len();

        // M4
        let mut reported: BTreeSet<u64> = self
            .heap
            .take_dead_weakrefs()
            .into_iter()
            .map(serial)
            .collect();
        for (s, object) in &mut self.objects {
            if let Some(target) = object.weak {
                if strong.contains(&target) {
                    coverage.weak_kept += 1;
                } else {
                    object.weak = None;
                    coverage.weak_cleared += 1;
                    assert_eq!(
                        reported.remove(s),
                        strong.contains(s),
                        "M4: the owner lives, so it is told"
                    );
                }
            }
        }
        assert!(reported.is_empty(), "M4");
        self.check_contents(&found);
    }
    /// M1
    fn check_contents(&self, found: &BTreeMap<u64, Gc>) {
        for (s, object) in &self.objects {
            let gc = found[s];
            let of = |gc: Gc| (!gc.is_null()).then(|| serial(gc));
            with_slots(gc, |fields| {
                let targets: Vec<_> = fields.iter().map(|field| of(field.get())).collect();
                assert_eq!(targets, object.slots, "M1");
                assert!(
                    fields
                        .iter()
                        .all(|f| f.get().is_null() || found[&serial(f.get())] == f.get()),
                    "M1"
                );
            });
            if let Some(weak) = gc.cast::<WeakNode>() {
                assert_eq!(of(weak.referent.get()), object.weak, "M4");
            }
            if let Some(blob) = gc.cast::<Blob>() {
                assert!(
                    blob.items()
                        .iter()
                        .enumerate()
                        .all(|(n, b)| b.get() == (n as u64 ^ s) as u8),
                    "M1"
                );
            }
        }
        for (n, s) in self.model_roots.iter().enumerate() {
            assert_eq!(self.roots.get(n), found[s], "M1");
        }
    }
}

fn run_model(options: &str, cases: u32) -> Coverage {
    let coverage = Cell::new(Coverage::default());
    let mut runner = TestRunner::new(RunnerConfig {
        cases,
        failure_persistence: None,
        ..RunnerConfig::default()
    });
    let result = runner.run(&ops(), |ops| {
        let mut counts = coverage.take();
        let mut world = World::new(options);
        for op in &ops {
            world.step(op, &mut counts);
        }
        world.checked(&mut counts, |heap| heap.collect(Reason::Explicit));
        world
            .heap
            .verify()
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        coverage.set(counts);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{options}: {error}\n{runner}");
    }
    coverage.into_inner()
}

#[test]
fn random_programs_agree_with_the_model() {
    for name in collecting() {
        for options in [
            "threshold=256K,verify",
            "threshold=1M,poison,verify",
            "stress=1,poison",
            "stress=7,threshold=64K",
        ] {
            let coverage = run_model(&format!("{name},{options}"), 60);
            println!("{name},{options}: {coverage:?}");
            let counts = [
                coverage.survived,
                coverage.freed,
                coverage.kept_by_words,
                coverage.weak_cleared,
                coverage.weak_kept,
                coverage.finalized,
                coverage.destroyed,
                coverage.large,
            ];
            assert!(
                counts.iter().all(|&n| n >= 20),
                "the programs miss something: {coverage:?}"
            );
        }
    }
}

#[test]
fn without_collection_random_programs_keep_everything() {
    for collector in COLLECTORS.iter().filter(|c| !c.capabilities.collects) {
        let mut runner = TestRunner::new(RunnerConfig {
            cases: 60,
            failure_persistence: None,
            ..RunnerConfig::default()
        });
        runner
            .run(&ops(), |ops| {
                let mut world = World::new(collector.name);
                ops.iter()
                    .for_each(|op| world.step(op, &mut Coverage::default()));
                world.heap.collect(Reason::Explicit);
                world
                    .heap
                    .verify()
                    .map_err(|error| TestCaseError::fail(error.to_string()))?;
                let found: BTreeMap<u64, Gc> = in_memory(&world.heap)
                    .into_iter()
                    .map(|(gc, _)| (serial(gc), gc))
                    .collect();
                prop_assert_eq!(found.len(), world.objects.len());
                world.check_contents(&found);
                Ok(())
            })
            .unwrap();
    }
}
