//! Looking at the object graph from outside: what is in memory, what is reachable, what an object refers to. For
//! introspection by programs (lists of all objects, who refers to what) and for dumps; no collector uses it, and it works
//! for every collector.
use crate::heap::Heap;
use crate::object::{Gc, Header};
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::Space;
use std::cell::Cell;
use std::collections::HashSet;

/// Where an object lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Residence {
    /// Among the new objects: those that the next collection of young objects looks at, or, under a collector without one,
    /// those made since the last collection.
    Young,
    /// Among the others.
    Old,
    /// In pages of its own, new.
    YoungLarge,
    /// In pages of its own.
    Large,
}

impl Residence {
    /// Whether the object is new.
    pub const fn is_young(self) -> bool {
        matches!(self, Residence::Young | Residence::YoungLarge)
    }
}

/// An object in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Walked {
    /// The object.
    pub object: Gc,
    /// Its size.
    pub bytes: usize,
    /// Where it lies.
    pub residence: Residence,
}

/// The roots as they are now.
#[derive(Clone, Default, Debug)]
pub struct RootList {
    /// What slots of providers and handles, queues, pins and links with raw structures hold. NULL is left out, and an
    /// object stands in it once for each slot.
    pub precise: Vec<Gc>,
    /// What words of native stacks may name.
    pub ambiguous: Vec<Gc>,
}

#[derive(Default)]
struct Found {
    precise: Vec<Gc>,
    words: Vec<usize>,
}
impl RootVisitor for Found {
    fn slot(&mut self, slot: &Cell<Gc>) {
        if !slot.get().is_null() {
            self.precise.push(slot.get());
        }
    }
    fn ambiguous(&mut self, word: usize) {
        self.words.push(word);
    }
}

/// Tells where objects lie.
struct Residences<'s> {
    space: &'s Space,
    /// The used parts of windows, sorted.
    windows: Vec<(usize, usize)>,
}

impl<'s> Residences<'s> {
    fn new(space: &'s Space) -> Residences<'s> {
        let used = space.windows().iter().map(|w| (w.start, w.used_end));
        let mut windows: Vec<(usize, usize)> = used.collect();
        windows.sort_unstable();
        Residences { space, windows }
    }
    fn of(&self, gc: Gc) -> Residence {
        let at = gc.address();
        if gc.header().state() & crate::object::state_bits::LARGE != 0 {
            return match self.space.is_young_large(at) {
                true => Residence::YoungLarge,
                false => Residence::Large,
            };
        }
        let after = self.windows.partition_point(|&(start, _)| start <= at);
        let in_window = after != 0 && at < self.windows[after - 1].1;
        match in_window || self.space.is_young(at) {
            true => Residence::Young,
            false => Residence::Old,
        }
    }
}

impl Heap {
    /// Calls `visit` for each object in memory, in the order of their addresses: those that live, and those that died and
    /// were not found dead by a collection yet. `visit` must not allocate nor collect. The cost is that of a collection
    /// of the whole heap, and more.
    pub fn for_each_object(&self, mut visit: impl FnMut(Walked)) {
        self.sync_windows();
        let objects = match self.all_objects() {
            Ok(objects) => objects,
            Err(error) => panic!("the heap cannot be walked: {error}"),
        };
        let walked = |(at, bytes)| {
            // SAFETY: the object was enumerated.
            let object = unsafe { Gc::from_raw(at as *mut Header) };
            (object, bytes)
        };
        let all: Vec<Walked> = {
            let space = self.space().borrow();
            let residences = Residences::new(&space);
            let whole = objects
                .into_iter()
                .filter(|&(at, _)| !space.is_known_dead(at) && !space.is_judged_dead(at));
            whole
                .map(walked)
                .map(|(object, bytes)| Walked {
                    object,
                    bytes,
                    residence: residences.of(object),
                })
                .collect()
        };
        all.into_iter().for_each(&mut visit);
    }
    /// Where the object lies.
    pub fn residence(&self, gc: Gc) -> Residence {
        self.sync_windows();
        Residences::new(&self.space().borrow()).of(gc)
    }
    /// The roots. Under conservative roots the native stack is read from the caller's frame on.
    pub fn root_list(&self) -> RootList {
        let mut found = Found::default();
        self.native_stacks()
            .scan_from_here(|| self.visit_roots(&mut found));
        self.pairing().visit_held(|gc| found.precise.push(gc));
        let mut ambiguous = Vec::new();
        found.words.sort_unstable();
        found.words.dedup();
        if !found.words.is_empty() {
            let mut objects = Vec::new();
            self.for_each_object(|it| objects.push((it.object, it.bytes)));
            for word in found.words {
                // The object that contains the word, and the one that ends just before it.
                let after = objects.partition_point(|(gc, _)| gc.address() <= word);
                let near = &objects[after.saturating_sub(2)..after];
                let named = near
                    .iter()
                    .filter(|(gc, bytes)| word <= gc.address() + bytes);
                ambiguous.extend(named.map(|&(gc, _)| gc));
            }
        }
        RootList {
            precise: found.precise,
            ambiguous,
        }
    }
    /// Calls `visit` once for each object that precise roots reach, the roots' own objects first. Objects that only native
    /// frames name are not seen. `visit` must not allocate nor collect.
    pub fn for_each_reachable(&self, visit: impl FnMut(Gc)) {
        let mut roots = Found::default();
        self.visit_roots(&mut roots);
        self.for_each_reachable_from(roots.precise, visit);
    }
    /// The same for objects that these reach.
    pub fn for_each_reachable_from(&self, from: Vec<Gc>, mut visit: impl FnMut(Gc)) {
        let (mut pending, mut seen) = (from, HashSet::new());
        while let Some(gc) = pending.pop() {
            if gc.is_null() || !seen.insert(gc.address()) {
                continue;
            }
            visit(gc);
            self.for_each_reference(gc, |to| pending.push(to));
        }
    }
    /// Calls `visit` for each strong reference that an object holds, NULL left out. `visit` must not allocate nor collect.
    pub fn for_each_reference(&self, gc: Gc, mut visit: impl FnMut(Gc)) {
        // SAFETY: a `Gc` that is not NULL names an object, and types of objects are registered.
        unsafe {
            scan::visit_slots(self.types(), gc, &mut |slot| {
                let to = slot.read();
                if !to.is_null() {
                    visit(to);
                }
            });
        }
    }
    /// The object that an object's weak field names, if it has one that is not NULL.
    pub fn weak_reference(&self, gc: Gc) -> Option<Gc> {
        let offset = self.type_of(gc).weak_offset?;
        // SAFETY: the type's weak field is a word of the object.
        let to = unsafe { gc.word::<Gc>(offset).read() };
        (!to.is_null()).then_some(to)
    }
}
