//! What the memory of a dump is used for.
//!
//! Retained sizes come from the dominator tree: an object keeps what only paths through it reach (Cooper, Harvey and
//! Kennedy, "A simple, fast dominance algorithm", 2001). All loops have stacks of their own.
use super::read::HeapDump;
use std::collections::{BTreeMap, VecDeque};

/// No object; as a dominator: the roots themselves.
const NONE: u32 = u32::MAX;

/// What objects of one name use.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Number of objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A dump, and what was found out about it. Objects are named by their indices.
pub struct Analysis<'d> {
    dump: &'d HeapDump,
    /// The strong references between objects of the dump: those of object n are `edges[edge_starts[n]..edge_starts[n + 1]]`.
    edge_starts: Vec<usize>,
    edges: Vec<u32>,
    /// The object that a shortest path from a root comes from; the object itself for what a root holds.
    parents: Vec<u32>,
    /// The nearest object that all paths from roots to this one go through.
    dominators: Vec<u32>,
    retained: Vec<u64>,
}

impl<'d> Analysis<'d> {
    /// Looks at a dump. The cost is in proportion to its references, with few rounds.
    pub fn new(dump: &'d HeapDump) -> Analysis<'d> {
        let mut edge_starts = vec![0];
        let mut edges = Vec::with_capacity(dump.references.len());
        for object in &dump.objects {
            let held = &dump.references[object.references.clone()];
            edges.extend(
                held.iter()
                    .filter_map(|&at| dump.find(at))
                    .map(|n| n as u32),
            );
            edge_starts.push(edges.len());
        }
        let mut analysis = Analysis {
            dump,
            edge_starts,
            edges,
            parents: vec![NONE; dump.objects.len()],
            dominators: vec![NONE; dump.objects.len()],
            retained: vec![0; dump.objects.len()],
        };
        analysis.find_parents();
        analysis.find_dominators();
        analysis
    }
    fn roots(&self) -> impl Iterator<Item = u32> + '_ {
        let dump = self.dump;
        let all = dump.precise_roots.iter().chain(&dump.ambiguous_roots);
        all.filter_map(|&at| dump.find(at)).map(|n| n as u32)
    }
    fn held_by(&self, object: u32) -> &[u32] {
        &self.edges[self.edge_starts[object as usize]..self.edge_starts[object as usize + 1]]
    }
    fn find_parents(&mut self) {
        let mut queue: VecDeque<u32> = VecDeque::new();
        for root in self.roots().collect::<Vec<_>>() {
            if self.parents[root as usize] == NONE {
                self.parents[root as usize] = root;
                queue.push_back(root);
            }
        }
        while let Some(object) = queue.pop_front() {
            for n in self.edge_starts[object as usize]..self.edge_starts[object as usize + 1] {
                let to = self.edges[n];
                if self.parents[to as usize] == NONE {
                    self.parents[to as usize] = object;
                    queue.push_back(to);
                }
            }
        }
    }
    /// The reachable objects, each after all that a search in depth found below it.
    fn postorder(&self) -> Vec<u32> {
        let mut seen = vec![false; self.parents.len()];
        let mut order = Vec::new();
        for root in self.roots() {
            let mut path = vec![(root, 0)];
            if std::mem::replace(&mut seen[root as usize], true) {
                continue;
            }
            while let Some((object, next)) = path.last_mut() {
                let Some(&to) = self.held_by(*object).get(*next) else {
                    order.push(*object);
                    path.pop();
                    continue;
                };
                *next += 1;
                if !std::mem::replace(&mut seen[to as usize], true) {
                    path.push((to, 0));
                }
            }
        }
        order
    }
    fn find_dominators(&mut self) {
        let order = self.postorder();
        let mut numbers = vec![NONE; self.parents.len()];
        for (n, &object) in order.iter().enumerate() {
            numbers[object as usize] = n as u32;
        }
        // The number beyond the last stands for the roots, above all objects.
        let top = order.len() as u32;
        let mut above = vec![NONE; order.len() + 1];
        above[top as usize] = top;
        let mut holders: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
        for root in self.roots() {
            holders[numbers[root as usize] as usize].push(top);
        }
        for &object in &order {
            for &to in self.held_by(object) {
                holders[numbers[to as usize] as usize].push(numbers[object as usize]);
            }
        }
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for n in (0..order.len()).rev() {
                let known = holders[n].iter().filter(|&&h| above[h as usize] != NONE);
                let mut nearest = NONE;
                for &holder in known {
                    let (mut one, mut other) = (nearest, holder);
                    if one == NONE {
                        nearest = other;
                        continue;
                    }
                    while one != other {
                        match one < other {
                            true => one = above[one as usize],
                            false => other = above[other as usize],
                        }
                    }
                    nearest = one;
                }
                changed |= above[n] != nearest;
                above[n] = nearest;
            }
        }
        for (n, &object) in order.iter().enumerate() {
            self.retained[object as usize] += self.dump.objects[object as usize].bytes;
            // What dominates comes later in this order.
            if above[n] != top {
                let dominator = order[above[n] as usize];
                self.dominators[object as usize] = dominator;
                self.retained[dominator as usize] += self.retained[object as usize];
            }
        }
    }
    /// Whether roots reach the object. The rest died since the last collection.
    pub fn is_reachable(&self, object: usize) -> bool {
        self.parents[object] != NONE
    }
    /// Objects and bytes by name, reachable ones first and the others second.
    pub fn usage(&self) -> BTreeMap<&'d str, (Usage, Usage)> {
        let mut usage = BTreeMap::<&str, (Usage, Usage)>::new();
        for (n, object) in self.dump.objects.iter().enumerate() {
            let entry = usage.entry(self.dump.name(object)).or_default();
            let entry = match self.is_reachable(n) {
                true => &mut entry.0,
                false => &mut entry.1,
            };
            entry.objects += 1;
            entry.bytes += object.bytes;
        }
        usage
    }
    /// Bytes that would be free if the object were not reachable: its own, and those of all that only it keeps. 0 for
    /// an object that is not reachable.
    pub fn retained_bytes(&self, object: usize) -> u64 {
        self.retained[object]
    }
    /// The nearest object without which this one would not be reachable, if there is one.
    pub fn dominator(&self, object: usize) -> Option<usize> {
        let dominator = self.dominators[object];
        (dominator != NONE).then_some(dominator as usize)
    }
    /// The reachable objects that keep the most, the most first.
    pub fn keepers(&self, most: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.retained.len()).collect();
        all.sort_by_key(|&n| (std::cmp::Reverse(self.retained[n]), n));
        all.truncate(most);
        all
    }
    /// A shortest path from a root to the object, both ends included; empty if there is none.
    pub fn path(&self, object: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = object as u32;
        while self.parents[at as usize] != NONE {
            path.push(at as usize);
            if self.parents[at as usize] == at {
                break;
            }
            at = self.parents[at as usize];
        }
        path.reverse();
        path
    }
}
