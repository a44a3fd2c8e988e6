//! The oracle: a graph of what exists, over petgraph. It knows no addresses and no collector.
//!
//! Objects are told apart by the serial number in their payload. Edges carry the number of the slot. Nothing dies here by
//! itself: whoever watches a heap removes what the heap has freed.
use super::ops::{Behaviour, Op, Value};
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::{Dfs, EdgeRef, VisitMap, Visitable};
use std::collections::HashMap;
use std::fmt;

/// Number of an object, the same under each collector.
pub type Serial = u64;
/// The immortal static outside the heap.
pub const STATIC: Serial = 0;
/// What a finalizer of object `s` allocates has the number `FINALIZER_BASE + s`.
pub const FINALIZER_BASE: Serial = 1 << 32;

/// The shape of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Node,
    Array,
    Bytes,
    Weak,
    Mortal,
    Static,
}

/// An object.
#[derive(Clone, Debug)]
pub struct Thing {
    pub serial: Serial,
    pub kind: Kind,
    /// Items of the variable part.
    pub len: usize,
    /// How often its plain bytes were written.
    pub version: u64,
    /// Referent of a weak reference.
    pub weak: Option<Serial>,
    /// A finalizer that did not run yet.
    pub finalizer: Option<Behaviour>,
    /// Whether a finalizer was ever registered.
    pub had_finalizer: bool,
    pub immortal: bool,
}

impl Thing {
    /// Number of strong reference fields.
    pub fn slots(&self) -> usize {
        match self.kind {
            Kind::Node => 2,
            Kind::Array => self.len,
            Kind::Weak => 1,
            Kind::Bytes | Kind::Mortal | Kind::Static => 0,
        }
    }
    /// Size in memory.
    pub fn bytes(&self) -> usize {
        let items = match self.kind {
            Kind::Array => self.len * 8,
            Kind::Bytes => self.len,
            Kind::Mortal => return 16,
            Kind::Node | Kind::Weak | Kind::Static => 0,
        };
        (24 + items).max(32).next_multiple_of(16)
    }
}

type Graph = StableDiGraph<Thing, usize>;
/// The objects that a search has reached.
pub struct Reached(<Graph as Visitable>::Map);

/// A way down from a root, see [`Oracle::deep`].
pub struct Deep {
    /// Number of the root.
    pub root: usize,
    /// The slots to follow.
    pub slots: Vec<usize>,
    /// The object whose field the last of them is,
    pub holder: Serial,
    /// and what it holds.
    pub target: Serial,
}

/// See the module's documentation.
#[derive(Clone, Default)]
pub struct Oracle {
    graph: Graph,
    index: HashMap<Serial, NodeIndex>,
    pub roots: Vec<Serial>,
    pub immortals: Vec<Serial>,
    pub next: Serial,
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} objects, roots {:?}", self.index.len(), self.roots)
    }
}

impl Oracle {
    pub fn new() -> Oracle {
        let mut oracle = Oracle::default();
        oracle.insert(STATIC, Kind::Static, 0);
        oracle.immortals.push(STATIC);
        oracle.next = 1;
        oracle
    }

    // ---- Reading ------------------------------------------------------------------------------------------------------

    pub fn thing(&self, serial: Serial) -> &Thing {
        &self.graph[self.index[&serial]]
    }
    pub fn get(&self, serial: Serial) -> Option<&Thing> {
        self.index.get(&serial).map(|&n| &self.graph[n])
    }
    pub fn thing_mut(&mut self, serial: Serial) -> &mut Thing {
        &mut self.graph[self.index[&serial]]
    }
    pub fn things(&self) -> impl Iterator<Item = &Thing> {
        self.graph.node_weights()
    }
    /// Slot numbers and targets of an object's strong references.
    pub fn edges(&self, serial: Serial) -> impl Iterator<Item = (usize, Serial)> {
        self.graph
            .edges(self.index[&serial])
            .map(|edge| (*edge.weight(), self.graph[edge.target()].serial))
    }
    pub fn slot(&self, serial: Serial, slot: usize) -> Option<Serial> {
        self.edges(serial).find(|e| e.0 == slot).map(|e| e.1)
    }
    /// All slots of an object from `start` on.
    pub fn slots(&self, serial: Serial) -> Vec<Option<Serial>> {
        let mut slots = vec![None; self.thing(serial).slots()];
        self.edges(serial).for_each(|(n, to)| slots[n] = Some(to));
        slots
    }
    /// What the given objects reach by strong references, themselves included.
    pub fn reach(&self, from: impl IntoIterator<Item = Serial>) -> Reached {
        let mut search = Dfs::empty(&self.graph);
        search
            .stack
            .extend(from.into_iter().filter_map(|s| self.index.get(&s)));
        while search.next(&self.graph).is_some() {}
        Reached(search.discovered)
    }
    pub fn is_in(&self, reached: &Reached, serial: Serial) -> bool {
        self.index
            .get(&serial)
            .is_some_and(|n| reached.0.is_visited(n))
    }
    /// What the program can reach.
    pub fn reachable(&self) -> Reached {
        self.reach(self.roots.iter().chain(&self.immortals).copied())
    }

    // ---- Choosing -----------------------------------------------------------------------------------------------------

    /// The `k`-th root: its place and its object.
    pub fn root(&self, k: usize) -> Option<(usize, Serial)> {
        let n = k.checked_rem(self.roots.len())?;
        Some((n, self.roots[n]))
    }
    fn root_with(&self, k: usize, is_right: impl Fn(&Thing) -> bool) -> Option<(usize, Serial)> {
        let count = self.roots.len();
        (0..count)
            .map(|n| (k + n) % count)
            .map(|n| (n, self.roots[n]))
            .find(|&(_, s)| is_right(self.thing(s)))
    }
    /// The first root from the `k`-th on that has slots, and one of its slots.
    pub fn holder(&self, k: usize, slot: usize) -> Option<(usize, Serial, usize)> {
        let (n, s) = self.root_with(k, |thing| thing.slots() > 0)?;
        Some((n, s, slot % self.thing(s).slots()))
    }
    /// The first root from the `k`-th on that is an array with items, and its length. Even numbers prefer large ones.
    pub fn array(&self, k: usize) -> Option<(usize, Serial, usize)> {
        let is_array = |thing: &Thing| thing.kind == Kind::Array && thing.len > 0;
        let is_large = |thing: &Thing| thing.kind == Kind::Array && thing.len > 1_024;
        let large = k.is_multiple_of(2).then(|| self.root_with(k, is_large));
        let (n, s) = large.flatten().or_else(|| self.root_with(k, is_array))?;
        Some((n, s, self.thing(s).len))
    }
    /// The first root from the `k`-th on that is a weak reference.
    pub fn weak(&self, k: usize) -> Option<(usize, Serial)> {
        self.root_with(k, |thing| thing.kind == Kind::Weak)
    }
    /// The root that a new weak reference names. Objects outside the heap are not watched.
    pub fn referent(&self, k: usize) -> Option<(usize, Serial)> {
        self.root_with(k, |thing| thing.kind != Kind::Static)
    }
    /// The slots that lead from the `k`-th root with slots down to an object, `depth` steps at most, and the object with its
    /// last holder.
    pub fn deep(&self, k: usize, depth: usize) -> Option<Deep> {
        let (root, mut holder, _) = self.holder(k, 0)?;
        let mut slots = Vec::new();
        let mut found = None;
        for _ in 0..=depth {
            let next = self.edges(holder).min().filter(|&(_, to)| to != STATIC);
            let Some((slot, target)) = next else { break };
            slots.push(slot);
            found = Some((holder, target));
            holder = target;
        }
        let (holder, target) = found?;
        Some(Deep {
            root,
            slots,
            holder,
            target,
        })
    }
    /// Where [`Op::Hide`] puts what it takes: a root and its slot, or `None` for a new root.
    pub fn hiding_place(&self, to: usize) -> Option<(usize, Serial, usize)> {
        match to.is_multiple_of(3) {
            true => None,
            false => self.holder(to, to / 3),
        }
    }
    /// A range of an array of `len` items.
    pub fn range(len: usize, start: usize, count: usize) -> std::ops::Range<usize> {
        let start = start % len;
        start..start + 1 + count % (len - start).min(200)
    }
    /// The length that [`Op::Resize`] gives an array: up to twice as long, or shorter.
    pub fn new_len(old: usize, len: usize) -> usize {
        len % (2 * old).min(1_500)
    }
    pub fn value(&self, owner: Serial, value: Value) -> Option<Serial> {
        match value {
            Value::Null => None,
            Value::Itself => Some(owner),
            Value::Static => Some(STATIC),
            Value::Newest => self.roots.last().copied(),
            Value::Root(k) => self.root(k).map(|r| r.1),
        }
    }

    // ---- Changing -----------------------------------------------------------------------------------------------------

    pub fn insert(&mut self, serial: Serial, kind: Kind, len: usize) {
        let thing = Thing {
            serial,
            kind,
            len,
            version: 0,
            weak: None,
            finalizer: None,
            had_finalizer: false,
            immortal: kind == Kind::Static,
        };
        let node = self.graph.add_node(thing);
        let before = self.index.insert(serial, node);
        assert!(before.is_none(), "object {serial} exists already");
    }
    /// A new object.
    pub fn make(&mut self, kind: Kind, len: usize) -> Serial {
        let serial = self.next;
        self.next += 1;
        self.insert(serial, kind, len);
        serial
    }
    fn make_root(&mut self, kind: Kind, len: usize) -> Serial {
        let serial = self.make(kind, len);
        self.roots.push(serial);
        serial
    }
    /// Forgets an object that was freed.
    pub fn remove(&mut self, serial: Serial) {
        let node = self.index.remove(&serial).expect("freed once");
        self.graph.remove_node(node);
    }
    pub fn set_slot(&mut self, owner: Serial, slot: usize, value: Option<Serial>) {
        let from = self.index[&owner];
        let old = self
            .graph
            .edges(from)
            .find(|edge| *edge.weight() == slot)
            .map(|edge| edge.id());
        if let Some(edge) = old {
            self.graph.remove_edge(edge);
        }
        if let Some(value) = value {
            self.graph.add_edge(from, self.index[&value], slot);
        }
    }
    fn set_slots(&mut self, owner: Serial, start: usize, values: &[Option<Serial>]) {
        let from = self.index[&owner];
        let range = start..start + values.len();
        let old: Vec<_> = self
            .graph
            .edges(from)
            .filter(|edge| range.contains(edge.weight()))
            .map(|edge| edge.id())
            .collect();
        old.into_iter()
            .for_each(|edge| _ = self.graph.remove_edge(edge));
        for (slot, value) in range.zip(values) {
            if let Some(value) = value {
                self.graph.add_edge(from, self.index[value], slot);
            }
        }
    }
    pub fn immortalize(&mut self, serial: Serial) {
        let thing = self.thing_mut(serial);
        if !std::mem::replace(&mut thing.immortal, true) {
            self.immortals.push(serial);
        }
    }
    /// Registers a finalizer, unless the object had one or has a destructor: the two would race for its last moment.
    pub fn register_finalizer(&mut self, serial: Serial, behaviour: Behaviour) -> bool {
        let thing = self.thing_mut(serial);
        if thing.had_finalizer || matches!(thing.kind, Kind::Mortal | Kind::Static) {
            return false;
        }
        thing.had_finalizer = true;
        thing.finalizer = Some(behaviour);
        true
    }
    /// What an operation does to the program's state. Collections are none of its business.
    pub fn apply(&mut self, op: &Op) {
        match *op {
            Op::Node => _ = self.make_root(Kind::Node, 0),
            Op::Array(len) | Op::LargeArray(len) => _ = self.make_root(Kind::Array, len),
            Op::Bytes(len) | Op::LargeBytes(len) => _ = self.make_root(Kind::Bytes, len),
            Op::Weak(k) => {
                if let Some((_, target)) = self.referent(k) {
                    let weak = self.make_root(Kind::Weak, 0);
                    self.thing_mut(weak).weak = Some(target);
                }
            }
            Op::Mortal => _ = self.make_root(Kind::Mortal, 0),
            Op::Finalizable(behaviour) => {
                let serial = self.make_root(Kind::Node, 0);
                self.register_finalizer(serial, behaviour);
            }
            Op::Register(k, behaviour) => {
                if let Some((_, s)) = self.root(k) {
                    self.register_finalizer(s, behaviour);
                }
            }
            Op::Immortal => {
                let serial = self.make_root(Kind::Node, 0);
                self.immortalize(serial);
            }
            Op::ImmortalArray(len) => {
                let serial = self.make_root(Kind::Array, len);
                self.immortalize(serial);
            }
            Op::Immortalize(k) => {
                if let Some((_, s)) = self.root(k) {
                    self.immortalize(s);
                }
            }
            Op::Burst(n) => (0..n).for_each(|_| _ = self.make(Kind::Node, 0)),
            Op::Flood(n) => (0..n).for_each(|_| _ = self.make(Kind::Bytes, 1_000)),
            Op::Chain(n) => {
                let mut last = None;
                for _ in 0..=n {
                    let node = self.make(Kind::Node, 0);
                    self.set_slot(node, 0, last);
                    last = Some(node);
                }
                self.roots.extend(last);
            }
            Op::MergedArray(n, len, k) => {
                let value = self.root(k).map(|r| r.1);
                let array = self.make_root(Kind::Array, len);
                for item in 0..n {
                    let node = self.make(Kind::Node, 0);
                    self.set_slot(node, 0, Some(array));
                    self.set_slot(node, 1, value);
                    if item < len {
                        self.set_slot(array, item, Some(node));
                    }
                }
            }
            Op::Resize(k, len) => {
                if let Some((n, s, old_len)) = self.array(k) {
                    let len = Oracle::new_len(old_len, len);
                    let array = self.make(Kind::Array, len);
                    let values = self.slots(s)[..len.min(old_len)].to_vec();
                    self.set_slots(array, 0, &values);
                    self.roots[n] = array;
                }
            }
            Op::FinalizableChain(n, behaviour) => {
                let mut last = None;
                for _ in 0..=n {
                    let node = self.make(Kind::Node, 0);
                    self.set_slot(node, 0, last);
                    self.register_finalizer(node, behaviour);
                    last = Some(node);
                }
                self.roots.extend(last);
            }
            Op::Merged(n, k) => {
                let value = self.root(k).map(|r| r.1);
                let first = self.next;
                (0..=n as u64).for_each(|_| _ = self.make(Kind::Node, 0));
                for s in first..first + n as u64 {
                    self.set_slot(s, 0, Some(s + 1));
                    self.set_slot(s, 1, value);
                }
                self.roots.push(first);
            }
            Op::DropRoot(k) => {
                if let Some((n, _)) = self.root(k) {
                    self.roots.swap_remove(n);
                }
            }
            Op::DropMany(k) => {
                if let Some((n, _)) = self.root(k) {
                    self.roots.truncate(n);
                }
            }
            Op::CopyRoot(k) => self.roots.extend(self.root(k).map(|r| r.1)),
            Op::Load(k, slot) => {
                if let Some((_, s, slot)) = self.holder(k, slot)
                    && let Some(target) = self.slot(s, slot)
                {
                    self.roots.push(target);
                }
            }
            Op::LoadWeak(k) => {
                if let Some((_, s)) = self.weak(k)
                    && let Some(target) = self.thing(s).weak
                    && self.is_in(&self.reachable(), target)
                {
                    self.roots.push(target);
                }
            }
            Op::Store(k, slot, value) | Op::StoreElided(k, slot, value) => {
                if let Some((_, s, slot)) = self.holder(k, slot) {
                    self.set_slot(s, slot, self.value(s, value));
                }
            }
            Op::Hide(k, depth, to) => {
                if let Some(deep) = self.deep(k, depth) {
                    let from = (deep.holder, *deep.slots.last().expect("a way has a step"));
                    let place = self.hiding_place(to);
                    match place {
                        Some((_, s, slot)) => self.set_slot(s, slot, Some(deep.target)),
                        None => self.roots.push(deep.target),
                    }
                    if place.is_none_or(|(_, s, slot)| (s, slot) != from) {
                        self.set_slot(from.0, from.1, None);
                    }
                }
            }
            Op::StoreLate(k, slot, n) => {
                if let Some((_, s, slot)) = self.holder(k, slot) {
                    (0..n).for_each(|_| _ = self.make(Kind::Node, 0));
                    let last = self.make(Kind::Node, 0);
                    self.set_slot(s, slot, Some(last));
                }
            }
            Op::Fill(k, start, value) => {
                if let Some((_, s, len)) = self.array(k) {
                    let range = Oracle::range(len, start, start / 7);
                    let values = vec![self.value(s, value); range.len()];
                    self.set_slots(s, range.start, &values);
                }
            }
            Op::Clear(k, start, count) => {
                if let Some((_, s, len)) = self.array(k) {
                    let range = Oracle::range(len, start, count);
                    self.set_slots(s, range.start, &vec![None; range.len()]);
                }
            }
            Op::Copy(from, to, start) => {
                if let (Some((_, from, from_len)), Some((_, to, to_len))) =
                    (self.array(from), self.array(to))
                {
                    let range = Oracle::range(from_len.min(to_len), start, start / 3);
                    let values = self.slots(from)[range.clone()].to_vec();
                    self.set_slots(to, range.start, &values);
                }
            }
            Op::Move(k, from, to) => {
                if let Some((_, s, len)) = self.array(k) {
                    let range = Oracle::range(len, from, to);
                    let to = to % (len - range.len() + 1);
                    let values = self.slots(s)[range].to_vec();
                    self.set_slots(s, to, &values);
                }
            }
            Op::Reverse(k, start) => {
                if let Some((_, s, len)) = self.array(k) {
                    let range = Oracle::range(len, start, start / 5);
                    let mut values = self.slots(s)[range.clone()].to_vec();
                    values.reverse();
                    self.set_slots(s, range.start, &values);
                }
            }
            Op::Scribble(k) => {
                if let Some((_, s)) = self.root_with(k, |thing| thing.kind == Kind::Bytes) {
                    self.thing_mut(s).version += 1;
                }
            }
            Op::Poll
            | Op::Collect
            | Op::CollectBudget
            | Op::Step
            | Op::TooLarge
            | Op::Identity(_)
            | Op::Pin(_)
            | Op::Unpin(_)
            | Op::CollectTwice
            | Op::Automatic(_)
            | Op::Pressure(_)
            | Op::RunFinalizers
            | Op::TakeDead
            | Op::Word(..)
            | Op::ForgetWords => {}
        }
    }
    /// The root that [`Op::Scribble`] writes.
    pub fn scribbled(&self, k: usize) -> Option<(usize, Serial)> {
        self.root_with(k, |thing| thing.kind == Kind::Bytes)
    }
}
