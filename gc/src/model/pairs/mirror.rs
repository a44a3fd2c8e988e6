//! What is known about both sides without looking at them: who refers to whom, and what counts must be.
use super::toys::Toy;
use crate::LinkKind;
use std::collections::{BTreeMap, BTreeSet};

/// Number of an object or a structure.
pub type Serial = u64;

/// An object of the heap.
#[derive(Default, Debug)]
pub struct Thing {
    pub slots: [Option<Serial>; 2],
    pub has_finalizer: bool,
    pub is_immortal: bool,
    pub identity: Option<usize>,
    pub link: Option<(Serial, LinkKind)>,
}

/// A structure of the raw side.
#[derive(Debug)]
pub struct Structure {
    pub toy: Toy,
    /// References from outside of both worlds.
    pub held: isize,
    /// Structures that it holds.
    pub edges: Vec<Serial>,
    pub is_light: bool,
    pub link: Option<(Serial, LinkKind)>,
    /// It waits to be handed out; one reference belongs to whoever gets it.
    pub is_pending: bool,
}

/// Both worlds. Dead objects stay until a collection of the whole heap.
#[derive(Default)]
pub struct Mirror {
    pub objects: BTreeMap<Serial, Thing>,
    pub structures: BTreeMap<Serial, Structure>,
}

impl Mirror {
    /// References to a structure, without the bias.
    pub fn references(&self, serial: Serial) -> isize {
        let structure = &self.structures[&serial];
        let edges = self.structures.values().flat_map(|from| &from.edges);
        let edges = edges.filter(|&&to| to == serial).count() as isize;
        structure.held + edges + isize::from(structure.is_pending)
    }
    /// What a structure's count must be (R7).
    pub fn count(&self, serial: Serial) -> isize {
        let bias = self.structures[&serial].link.map_or(0, |l| l.1.bias());
        self.references(serial) + bias
    }
    /// What objects reach, themselves included.
    pub fn closure(&self, from: impl IntoIterator<Item = Serial>) -> BTreeSet<Serial> {
        let mut found = BTreeSet::new();
        let mut pending: Vec<Serial> = from.into_iter().collect();
        while let Some(serial) = pending.pop() {
            if found.insert(serial) {
                pending.extend(self.objects[&serial].slots.into_iter().flatten());
            }
        }
        found
    }
    /// Objects that must live when these are roots.
    pub fn live(&self, roots: impl IntoIterator<Item = Serial>) -> BTreeSet<Serial> {
        let objects = self.objects.iter();
        let immortal = objects.filter(|(_, object)| object.is_immortal);
        let structures = self.structures.iter();
        let held = structures.filter_map(|(&serial, structure)| {
            let (object, kind) = structure.link?;
            (kind.is_twin() && self.references(serial) != 0).then_some(object)
        });
        let own = immortal.map(|(&serial, _)| serial).chain(held);
        self.closure(own.chain(roots).collect::<Vec<_>>())
    }
    /// Removes the structures that nobody holds any more, as their destructors do, and returns their serials.
    pub fn bury(&mut self) -> BTreeSet<Serial> {
        let mut gone = BTreeSet::new();
        loop {
            let dead = self.structures.keys().copied().find(|&serial| {
                self.structures[&serial].link.is_none() && self.references(serial) == 0
            });
            let Some(dead) = dead else { return gone };
            self.structures.remove(&dead);
            gone.insert(dead);
        }
    }
    /// Structures, objects, and objects with a finalizer.
    pub fn size(&self) -> [usize; 3] {
        let finalizers = self.objects.values().filter(|o| o.has_finalizer).count();
        [self.structures.len(), self.objects.len(), finalizers]
    }
    pub fn pending(&self) -> usize {
        self.structures.values().filter(|s| s.is_pending).count()
    }
    pub fn linked(&self) -> usize {
        self.structures
            .values()
            .filter(|s| s.link.is_some())
            .count()
    }
}
