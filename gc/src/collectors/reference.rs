//! `reference`: one `malloc` for each object, poisoned frees. Slow and simple: the oracle of the other collectors.
//!
//! The fast path of allocation is the same for all collectors, so new objects lie in windows at first. Each collection
//! follows all references and moves every new object to memory of its own; what is freed is poisoned and not used again
//! for a while. There are no bits, lists or counts that could be wrong: reachability is a search with a set.
//!
//! With `verify` it also checks the write barrier: what an object held after one collection and holds before the next
//! may differ only if a store into it was logged.
use crate::collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
use crate::config::Config;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mature::note_deaths;
use crate::object::{Gc, Header, barrier_bits, state_bits};
use crate::pairing::Liveness;
use crate::pauses::Pause;
use crate::resolve::{ambiguous_words, resolve};
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::{Place, Space};
use crate::stats::Work;
use crate::types::TypeTable;
use std::cell::{Cell, RefMut};
use std::collections::{HashMap, HashSet};

/// The registry's row.
pub const INFO: CollectorInfo = CollectorInfo {
    name: "reference",
    capabilities: Capabilities {
        collects: true,
        moves: true,
        moves_old: false,
        counts: false,
        incremental: false,
        generational: false,
    },
    make: |config: &Config| {
        Box::new(Reference {
            checks_barrier: config.verify != 0,
            ..Reference::default()
        })
    },
    doc: "the oracle: one malloc per object, every new object moves, frees are poisoned; slow",
};

/// The least that is allocated between two collections.
const BUDGET_BYTES: usize = 2 << 20;

#[derive(Default)]
struct Reference {
    identities: Identities,
    checks_barrier: bool,
    /// Objects that a store was logged for since the last collection.
    logged: HashSet<usize>,
    logged_objects: u64,
    /// What the objects held after the last collection.
    held: HashMap<usize, Vec<usize>>,
}

/// One collection.
struct Trace<'h> {
    types: &'h TypeTable,
    space: RefMut<'h, Space>,
    identities: &'h mut Identities,
    named: HashSet<usize>,
    moved: HashMap<usize, usize>,
    /// Present addresses of what was reached.
    live: HashSet<usize>,
    pending: Vec<Gc>,
    /// Objects with raw structures that were kept since somebody asked, where they were.
    paired: Vec<Gc>,
    live_bytes: usize,
    work: Work,
}

impl Trace<'_> {
    fn keep(&mut self, gc: Gc) -> Gc {
        let at = gc.address();
        if let Some(&to) = self.moved.get(&at) {
            // SAFETY: the object was copied there.
            return unsafe { Gc::from_raw(to as *mut Header) };
        }
        let place = self.space.place(at);
        let single = self.space.singles.contains(at);
        if place == Place::Outside && !single || self.live.contains(&at) {
            return gc;
        }
        // SAFETY: references name objects, and this one is where the reference says.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        if gc.header().state() & state_bits::HAS_PAIR != 0 {
            self.paired.push(gc);
        }
        let fixed = state_bits::PINNED | state_bits::IMMORTAL;
        let moves = matches!(place, Place::Block(_))
            && self.space.window_of(at).is_some()
            && !self.named.contains(&at)
            && gc.header().state() & fixed == 0;
        let gc = match moves {
            true => self.give_own_memory(gc, bytes),
            false => {
                if !single {
                    if self.space.window_of(at).is_some() {
                        self.work.promoted_in_place += 1;
                        self.identities.keep_aside(gc);
                    }
                    self.space.mark(at, bytes);
                }
                gc
            }
        };
        gc.header().set_barrier(barrier_bits::LOG);
        self.live.insert(gc.address());
        self.live_bytes += bytes;
        self.pending.push(gc);
        gc
    }
    fn give_own_memory(&mut self, gc: Gc, bytes: usize) -> Gc {
        let place = self.identities.take_place(gc);
        let to = place
            .or_else(|| self.space.singles.take(bytes))
            .expect("the system has no memory left to move objects");
        self.moved.insert(gc.address(), to);
        self.work.moved_objects += 1;
        self.work.moved_bytes += bytes as u64;
        // SAFETY: both are `bytes` long and do not overlap; the new memory is nobody else's.
        unsafe {
            std::ptr::copy_nonoverlapping(gc.address() as *const u8, to as *mut u8, bytes);
            Gc::from_raw(to as *mut Header)
        }
    }
    fn drain(&mut self) {
        while let Some(gc) = self.pending.pop() {
            let types = self.types;
            // SAFETY: kept objects are intact, and slots of an object are readable and writable.
            unsafe {
                scan::visit_slots(types, gc, &mut |slot| slot.write(self.keep(slot.read())));
            }
        }
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        let at = gc.address();
        if let Some(&to) = self.moved.get(&at) {
            // SAFETY: the object was copied there.
            return Some(unsafe { Gc::from_raw(to as *mut Header) });
        }
        let outside = self.space.place(at) == Place::Outside && !self.space.singles.contains(at);
        (outside || self.live.contains(&at)).then_some(gc)
    }
}

impl RootVisitor for Trace<'_> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        slot.set(self.keep(slot.get()));
    }
    fn ambiguous(&mut self, _word: usize) {}
}

impl Liveness for Trace<'_> {
    fn keep(&mut self, gc: Gc) {
        Trace::keep(self, gc);
    }
    fn fixpoint(&mut self) {
        self.drain();
    }
    fn each_reference(&self, gc: Gc, visit: &mut dyn FnMut(Gc)) {
        // SAFETY: an object that was not moved is intact where it is.
        unsafe { scan::visit_slots(self.types, gc, &mut |slot| visit(slot.read())) };
    }
    fn take_paired(&mut self) -> Option<Vec<Gc>> {
        Some(std::mem::take(&mut self.paired))
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        Trace::survivor(self, gc)
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
}

impl Reference {
    /// What the object at an address holds.
    fn slots(types: &TypeTable, at: usize) -> Vec<usize> {
        let mut slots = Vec::new();
        // SAFETY: the callers name objects that are intact.
        unsafe {
            let gc = Gc::from_raw(at as *mut Header);
            scan::visit_slots(types, gc, &mut |slot| slots.push(slot.read().address()));
        }
        slots
    }
    fn check_barrier(&mut self, types: &TypeTable) {
        let logged = &self.logged;
        for (&at, held) in self.held.iter().filter(|(at, _)| !logged.contains(at)) {
            let now = Reference::slots(types, at);
            if let Some(n) = (0..held.len()).find(|&n| held[n] != now[n]) {
                // SAFETY: objects in `held` survived the last collection, and nothing was freed since.
                let name = unsafe { types.info(Gc::from_raw(at as *mut Header).type_id()).name };
                panic!(
                    "a store into reference {n} of the {name} at {at:#x} ran without the write barrier: {:#x} became {:#x}",
                    held[n], now[n]
                );
            }
        }
    }
}

impl Collector for Reference {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes.saturating_add(live_bytes.max(BUDGET_BYTES))
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let types = heap.types();
        self.check_barrier(types);
        let words = ambiguous_words(heap, |_, _| true);
        let mut space = heap.space().borrow_mut();
        space.set_poison();
        space.clear_marks();
        let mut found = |word| resolve(&mut space, types, word);
        let named: Vec<Gc> = words.into_iter().flat_map(&mut found).flatten().collect();
        let mut trace = Trace {
            types,
            space,
            identities: &mut self.identities,
            named: named.iter().map(|gc| gc.address()).collect(),
            moved: HashMap::new(),
            live: HashSet::new(),
            pending: Vec::new(),
            paired: Vec::new(),
            live_bytes: 0,
            work: Work::default(),
        };
        named.into_iter().for_each(|gc| {
            trace.keep(gc);
        });
        heap.visit_roots(&mut trace);
        trace.drain();
        heap.pairing().trace(Scope::Whole, &mut trace);
        note_deaths(heap, &mut trace);
        let Trace {
            mut space,
            identities,
            live,
            live_bytes,
            work,
            ..
        } = trace;
        let reserved = std::mem::take(&mut identities.reserved);
        identities.retain(|at| live.contains(&at));
        let places: HashSet<usize> = identities.places().collect();
        let is_dead = |at: &usize| !live.contains(at) && !places.contains(at);
        let singles = space.singles.iter().map(|(at, _)| at);
        let dead: Vec<usize> = singles.filter(is_dead).collect();
        debug_assert!(reserved.values().all(|place| !live.contains(place)));
        dead.into_iter().for_each(|at| space.singles.free(at));
        space.sweep_all();
        drop(space);
        self.logged.clear();
        if self.checks_barrier {
            let live = live.into_iter();
            self.held = live.map(|at| (at, Reference::slots(types, at))).collect();
        }
        heap.add_work(work);
        heap.set_live_bytes(live_bytes);
        heap.set_logged(self.logged_objects, 0);
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, object: Gc) {
        object.header().set_barrier(0);
        self.logged.insert(object.address());
        self.logged_objects += 1;
    }
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        if let Some(number) = self.identities.get(object) {
            return number;
        }
        heap.sync_windows();
        let mut space = heap.space().borrow_mut();
        // A pinned object may be let go, and then it moves.
        let fixed = state_bits::IMMORTAL | state_bits::LARGE;
        let new = matches!(space.place(object.address()), Place::Block(_))
            && space.is_in_window(object.address());
        if !new || object.header().state() & fixed != 0 {
            return object.address();
        }
        // SAFETY: a reference names an object whose type is registered.
        let bytes = unsafe { scan::object_bytes(heap.types(), object) };
        let place = space
            .singles
            .take(bytes)
            .expect("the system has no memory left");
        self.identities.reserve(object, place);
        place
    }
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        heap.space().borrow_mut().singles.take(bytes)
    }
}
