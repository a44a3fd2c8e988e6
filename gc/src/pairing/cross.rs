//! The search for garbage that refers to itself through both sides: the strategy for raw sides that can be looked into.
//!
//! Without it, a reference of one raw structure to another keeps the other's object like any reference from outside. Here
//! the references of dead structures do not count. When everything is marked that roots reach:
//!
//! 1. Structures whose objects are marked are live, and are not looked at any more.
//! 2. From the counts of the other structures the references between them are taken off, and what links add. What is
//!    left over is held from outside, by living structures too, and so live. So is what live structures refer to that
//!    were found now, and the objects of twins among that, and what these reach: marking goes on, on both sides in turn,
//!    until nothing is added.
//! 3. The rest is dead: only dead structures and dead objects refer to it.
//! 4. A dead structure that no other dead one leads to, on either side, is no part of a cycle. Its destructor may use what it
//!    refers to, as where counts alone decide, so that this lives until a later collection finds it dead too.
//!
//! Step 2 is how interpreters that count references find their cycles; the marking over two heaps is that of the branch `cpyext-gc-cycle` of PyPy. Here
//! step 1 comes before, so that structures of living objects need neither counting nor looking into, and a collector tells
//! which linked objects it reached, so that the whole costs time in proportion to the structures that are not
//! live by their objects, their references and what is marked, however often a path crosses from one side to the other.
//!
//! An incremental collector searches in the pause in which marking ends, since the raw side has no barrier: what its
//! structures refer to may change at any time, and counts are to be compared at one moment. The links of living objects were
//! passed over in slices by then (`pass.rs`). What is left is not bounded: one search looks at each pair that is dead or held
//! by the raw side alone, at each structure that is tracked without a link, and twice at what these refer to. If what was
//! found is too much to mark, it goes on in the next pause, with a new search, for the mutator may have changed the raw
//! side meanwhile.
//!
//! Invariants:
//! - X1: `external` of a node that is not live is its count, less its link's bias, less the references of those
//!   nodes that were not live when it was counted. Live nodes refer to live nodes only, or to structures without a node, once
//!   nothing is gray.
//! - X2: each linked structure that is held or holds is a node, unless its object was marked at the start.
use super::links::Link;
use super::liveness::Liveness;
use super::raw::{CycleSide, LinkKind, Raw, RawSide};
use super::twins::AddressMap;
use crate::object::Gc;

/// A raw structure.
struct Node {
    raw: *mut Raw,
    /// The object that it is linked to, by its address at the start, or NULL.
    gc: Gc,
    kind: Option<LinkKind>,
    holds: bool,
    is_live: bool,
    /// It is dead, and its destructor sees to all that is to be done.
    is_head: bool,
    /// References from outside, see X1.
    external: isize,
}

/// One search, and its result.
pub(super) struct Search {
    raws: RawSide,
    cycles: CycleSide,
    nodes: Vec<Node>,
    /// Nodes by structure, and by the object's address.
    by_raw: AddressMap<u32>,
    by_gc: AddressMap<u32>,
    /// Live nodes that were not followed yet.
    gray: Vec<u32>,
}

impl Search {
    /// Makes the nodes. `links` are all links of the heap.
    pub fn new(
        raws: RawSide,
        cycles: CycleSide,
        links: impl Iterator<Item = Link>,
        live: &dyn Liveness,
    ) -> Search {
        let mut search = Search {
            raws,
            cycles,
            nodes: Vec::new(),
            by_raw: AddressMap::default(),
            by_gc: AddressMap::default(),
            gray: Vec::new(),
        };
        for link in links {
            let Link {
                raw,
                kind,
                in_destructor,
            } = link;
            let gc = raws.gc(raw);
            // What it refers to is held from outside in step 2.
            if live.survivor(gc).is_some() {
                continue;
            }
            let external = raws.references(raw) - kind.bias();
            // What needs no destructor holds nothing, and what a destructor is taking apart cannot be looked into.
            let holds = !kind.is_light() && !in_destructor && cycles.holds(raw);
            if external == 0 && !holds {
                continue;
            }
            search.nodes.push(Node {
                raw,
                gc,
                kind: Some(kind),
                holds,
                is_live: false,
                is_head: false,
                external,
            });
        }
        // Tables that grow entry by entry are made anew again and again.
        search.by_raw.reserve(search.nodes.len());
        search.by_gc.reserve(search.nodes.len());
        for (n, node) in (0..).zip(&search.nodes) {
            search.by_raw.insert(node.raw as usize, n);
            search.by_gc.insert(node.gc.address(), n);
        }
        cycles.tracked(&mut |raw| {
            search.node(raw);
        });
        search
    }
    fn add(&mut self, node: Node) -> u32 {
        let n = u32::try_from(self.nodes.len()).expect("there are fewer than 2^32 structures");
        self.by_raw.insert(node.raw as usize, n);
        self.nodes.push(node);
        n
    }
    /// The node of a structure, made now if it holds others and has no link. `None` if it does not matter.
    fn node(&mut self, raw: *mut Raw) -> Option<u32> {
        if let Some(&n) = self.by_raw.get(&(raw as usize)) {
            return Some(n);
        }
        // By X2 a linked structure without a node is one of which nothing is to be learnt.
        if !self.raws.gc(raw).is_null() || !self.cycles.holds(raw) {
            return None;
        }
        // What a destructor is taking apart has no references, and is nobody's garbage.
        let references = self.raws.references(raw);
        if references == 0 || self.raws.is_deallocating(raw) {
            return None;
        }
        let n = self.add(Node {
            raw,
            gc: Gc::NULL,
            kind: None,
            holds: true,
            is_live: false,
            is_head: false,
            external: references,
        });
        Some(n)
    }
    fn enliven(&mut self, n: u32) {
        let node = &mut self.nodes[n as usize];
        if !node.is_live {
            node.is_live = true;
            self.gray.push(n);
        }
    }
    /// Keeps what structures keep that are held from outside, or whose objects are kept. Whether `live` followed everything;
    /// if not, there is no result.
    pub fn run(&mut self, live: &mut dyn Liveness) -> bool {
        live.watch_pairs();
        if !self.follow(live) {
            return false;
        }
        self.count();
        // Less than nothing is left over if a structure names what it does not hold. Then nothing is known about what it
        // names.
        for n in 0..self.nodes.len() as u32 {
            if self.nodes[n as usize].external != 0 {
                self.enliven(n);
            }
        }
        self.follow(live)
    }
    /// Step 4. Whether `live` followed everything.
    pub fn keep_behind_heads(&mut self, live: &mut dyn Liveness) -> bool {
        let raws = self.raws;
        let is_alone = |node: &Node| match node.kind {
            Some(kind) => raws.references(node.raw) == kind.bias(),
            None => false,
        };
        let dead = |node: &Node| node.holds && !node.is_live;
        if !self.nodes.iter().any(|node| dead(node) && is_alone(node)) {
            return true;
        }
        let is_reached = self.reached_by_dead(live);
        let mut heads = Vec::new();
        for (node, is_reached) in self.nodes.iter_mut().zip(is_reached) {
            if dead(node) && is_alone(node) && !is_reached {
                node.is_head = true;
                heads.push(node.raw);
            }
        }
        for raw in heads {
            let cycles = self.cycles;
            cycles.traverse(raw, &mut |child| {
                if let Some(child) = self.node(child) {
                    self.enliven(child);
                }
            });
        }
        self.follow(live)
    }
    /// Which nodes references of dead structures lead to, through dead objects too.
    fn reached_by_dead(&mut self, live: &dyn Liveness) -> Vec<bool> {
        let mut is_reached = vec![false; self.nodes.len()];
        let mut objects = Vec::new();
        for n in 0..self.nodes.len() {
            let Node {
                raw,
                holds,
                is_live,
                ..
            } = self.nodes[n];
            if !holds || is_live {
                continue;
            }
            let cycles = self.cycles;
            cycles.traverse(raw, &mut |child| {
                let Some(child) = self.node(child) else {
                    return;
                };
                let Node {
                    gc, kind, is_live, ..
                } = self.nodes[child as usize];
                let first = !is_live && !std::mem::replace(&mut is_reached[child as usize], true);
                if first && kind.is_some_and(LinkKind::is_twin) {
                    objects.push(gc);
                }
            });
        }
        // What dead structures refer to themselves was followed above; objects lead to further objects and to structures.
        let mut seen: AddressMap<()> = AddressMap::default();
        while let Some(gc) = objects.pop() {
            if live.survivor(gc).is_some() || seen.insert(gc.address(), ()).is_some() {
                continue;
            }
            if let Some(&n) = self.by_gc.get(&gc.address()) {
                is_reached[n as usize] = true;
            }
            live.each_reference(gc, &mut |child| {
                if !child.is_null() {
                    objects.push(child);
                }
            });
        }
        is_reached
    }
    /// Takes the references between dead nodes off. What is found on the way is counted too.
    fn count(&mut self) {
        let mut n = 0;
        while n < self.nodes.len() {
            let Node {
                raw,
                holds,
                is_live,
                ..
            } = self.nodes[n];
            if holds && !is_live {
                let cycles = self.cycles;
                cycles.traverse(raw, &mut |child| {
                    if let Some(child) = self.node(child) {
                        self.nodes[child as usize].external -= 1;
                    }
                });
            }
            n += 1;
        }
    }
    /// Marks on both sides in turn. Whether `live` followed everything.
    pub fn follow(&mut self, live: &mut dyn Liveness) -> bool {
        loop {
            while let Some(n) = self.gray.pop() {
                let Node {
                    raw,
                    gc,
                    kind,
                    holds,
                    ..
                } = self.nodes[n as usize];
                if kind.is_some_and(LinkKind::is_twin) {
                    live.keep(gc);
                }
                if holds {
                    let cycles = self.cycles;
                    cycles.traverse(raw, &mut |child| {
                        if let Some(child) = self.node(child) {
                            self.enliven(child);
                        }
                    });
                }
            }
            if !live.try_fixpoint() {
                return false;
            }
            self.enliven_linked(live);
            if self.gray.is_empty() {
                return true;
            }
        }
    }
    /// Structures whose objects are kept live.
    fn enliven_linked(&mut self, live: &mut dyn Liveness) {
        match live.take_paired() {
            Some(reached) => {
                for gc in reached {
                    if let Some(&n) = self.by_gc.get(&gc.address()) {
                        self.enliven(n);
                    }
                }
            }
            None => {
                for n in 0..self.nodes.len() as u32 {
                    let Node { gc, is_live, .. } = self.nodes[n as usize];
                    if !is_live && !gc.is_null() && live.survivor(gc).is_some() {
                        self.enliven(n);
                    }
                }
            }
        }
    }
    /// What dead objects reach through dead structures alone: the objects of twins that come next.
    pub fn beyond(&mut self) -> AddressMap<Vec<Gc>> {
        let mut all = AddressMap::default();
        for n in 0..self.nodes.len() as u32 {
            let node = &self.nodes[n as usize];
            if node.is_live || !node.holds || node.gc.is_null() {
                continue;
            }
            let mut objects = Vec::new();
            let mut seen: AddressMap<()> = AddressMap::default();
            let mut pending = vec![node.raw];
            let from = node.gc.address();
            while let Some(raw) = pending.pop() {
                let cycles = self.cycles;
                cycles.traverse(raw, &mut |child| {
                    let Some(n) = self.node(child) else { return };
                    let node = &self.nodes[n as usize];
                    if node.is_live || seen.insert(child as usize, ()).is_some() {
                        return;
                    }
                    match node.kind.is_some_and(LinkKind::is_twin) {
                        // The object goes on from there.
                        true => objects.push(node.gc),
                        false if node.holds => pending.push(child),
                        false => {}
                    }
                });
            }
            all.insert(from, objects);
        }
        all
    }
    /// Makes the dead structures live that want their finalizers to run, and returns them in order. What they reach is to be
    /// kept next.
    pub fn take_finalizable(&mut self) -> Vec<*mut Raw> {
        let mut found = Vec::new();
        for n in 0..self.nodes.len() as u32 {
            let Node {
                raw,
                holds,
                is_live,
                is_head,
                ..
            } = self.nodes[n as usize];
            if holds && !is_live && !is_head && self.cycles.wants_finalizer(raw) {
                found.push(raw);
                self.enliven(n);
            }
        }
        found
    }
    /// Twins whose objects live for the sake of what refers to them.
    pub fn held(&self) -> u64 {
        let held = |node: &&Node| node.is_live && node.kind.is_some_and(LinkKind::is_twin);
        self.nodes.iter().filter(held).count() as u64
    }
    /// Whether a dead structure is referred to.
    pub fn has_dead_references(&self) -> bool {
        let dead = self.nodes.iter().filter(|node| !node.is_live);
        let mut references = dead.map(|node| {
            let bias = node.kind.map_or(0, LinkKind::bias);
            self.raws.references(node.raw) - bias
        });
        references.any(|references| references != 0)
    }
    /// Whether a linked structure was found dead that others hold.
    pub fn is_dead(&self, raw: *mut Raw) -> bool {
        let n = self.by_raw.get(&(raw as usize));
        n.is_some_and(|&n| !self.nodes[n as usize].is_live)
    }
    /// Whether a dead structure can be told to drop its references.
    pub fn clears(&self, raw: *mut Raw) -> bool {
        self.cycles.clears(raw)
    }
    /// Dead structures without a link, in order.
    pub fn dead_unlinked(&self) -> impl Iterator<Item = *mut Raw> + '_ {
        let dead = self.nodes.iter().filter(|node| !node.is_live);
        dead.filter(|node| node.kind.is_none()).map(|node| node.raw)
    }
}
