//! The finalizer queue: objects that must be told before they go, and light destructors.
//!
//! Unreachable objects with a finalizer are queued once, those first that reach others (see `topology.rs`). Who is
//! reached by another object with a finalizer, and does not reach it, waits for a later collection: the other's finalizer
//! may make it reachable again. Objects of the same rank come in order of registration; one that waited is registered
//! anew. What a queued object reaches lives until the next collection at least.
use crate::collector::Scope;
use crate::object::{Gc, state_bits};
use crate::pairing::AddressMap;
use crate::roots::RootVisitor;
use crate::topology::{Topology, Verdict};
use crate::types::TypeTable;
use std::cell::{Cell, RefCell};

/// Registered objects in order; those from `first_young` on may be young.
#[derive(Default)]
pub(crate) struct AgedList {
    objects: Vec<Gc>,
    first_young: usize,
}

impl AgedList {
    pub(crate) fn push(&mut self, gc: Gc) {
        self.objects.push(gc);
    }
    /// Updates the survivors and returns the others, at their old places.
    pub(crate) fn take_dead(
        &mut self,
        scope: Scope,
        survivor: impl Fn(Gc) -> Option<Gc>,
    ) -> Vec<Gc> {
        if scope == Scope::Whole {
            self.first_young = 0;
        }
        let first = self.first_young;
        let mut dead = Vec::new();
        let mut kept = first;
        for n in first..self.objects.len() {
            match survivor(self.objects[n]) {
                Some(gc) => {
                    self.objects[kept] = gc;
                    kept += 1;
                }
                None => dead.push(self.objects[n]),
            }
        }
        self.objects.truncate(kept);
        dead
    }
    /// Says that what is registered now is old up to the first object that `is_young`.
    pub(crate) fn set_ages(&mut self, is_young: impl Fn(Gc) -> bool) {
        let young = self.objects[self.first_young..]
            .iter()
            .position(|&gc| is_young(gc));
        self.first_young = match young {
            Some(n) => self.first_young + n,
            None => self.objects.len(),
        };
    }
}

/// Objects with finalizers, and those that wait to be finalized.
#[derive(Default)]
pub struct Finalizers {
    registered: RefCell<AgedList>,
    queue: RefCell<Vec<Cell<Gc>>>,
    /// Dead objects that what is queued now keeps; registered again when it is known where they are.
    waiting: RefCell<Vec<Gc>>,
    /// Objects queued so far, and how often one had to wait.
    queued_in_all: Cell<u64>,
    waited: Cell<u64>,
}

impl Finalizers {
    pub(crate) fn register(&self, gc: Gc) {
        self.registered.borrow_mut().push(gc);
    }
    pub(crate) fn take_queue(&self) -> Vec<Gc> {
        self.queue
            .borrow_mut()
            .drain(..)
            .map(Cell::into_inner)
            .collect()
    }
    /// Number of objects that wait for [`crate::Heap::take_finalizable`].
    pub fn queued(&self) -> usize {
        self.queue.borrow().len()
    }
    pub(crate) fn has_queue(&self) -> bool {
        !self.queue.borrow().is_empty()
    }
    pub(crate) fn visit_queue(&self, visitor: &mut dyn RootVisitor) {
        if visitor.wants_slots() {
            visitor.slots(&self.queue.borrow());
        }
    }
    /// How many objects were queued in all.
    pub fn queued_in_all(&self) -> u64 {
        self.queued_in_all.get()
    }
    /// How often an object that was found dead had to wait for the finalizer of another.
    pub fn waited(&self) -> u64 {
        self.waited.get()
    }
    pub(crate) fn count_waiting(&self, objects: usize) {
        self.waited.set(self.waited.get() + objects as u64);
    }
    fn push(&self, gc: Gc) {
        gc.header().remove_state(state_bits::HAS_FINALIZER);
        self.queue.borrow_mut().push(Cell::new(gc));
        self.queued_in_all.set(self.queued_in_all.get() + 1);
    }
    /// Takes the unreachable objects off the list, in order of registration. They are to be handed to
    /// [`Finalizers::queue`] in this collection.
    pub(crate) fn take_dead(&self, scope: Scope, survivor: impl Fn(Gc) -> Option<Gc>) -> Vec<Gc> {
        let mut registered = self.registered.borrow_mut();
        for gc in self.waiting.borrow_mut().drain(..) {
            registered.push(gc);
        }
        registered.take_dead(scope, survivor)
    }
    /// Queues objects that were taken off the list, and lets others of them wait.
    pub(crate) fn queue(&self, verdict: &Verdict) {
        verdict.now.iter().for_each(|&(gc, _)| self.push(gc));
        self.waiting.borrow_mut().extend(&verdict.later);
        self.count_waiting(verdict.later.len());
    }
    /// Moves unreachable objects to the queue, and returns them and those that wait. The collector keeps what is returned,
    /// and what that reaches. `survivor` gives the present place of a living object.
    pub fn queue_dead(
        &self,
        types: &TypeTable,
        scope: Scope,
        survivor: impl Fn(Gc) -> Option<Gc>,
    ) -> Vec<Gc> {
        self.queue_dead_beyond(types, scope, survivor, AddressMap::default)
    }
    /// The same when objects may reach others through raw structures, see [`Topology::of`].
    pub(crate) fn queue_dead_beyond(
        &self,
        types: &TypeTable,
        scope: Scope,
        survivor: impl Fn(Gc) -> Option<Gc>,
        beyond: impl FnOnce() -> AddressMap<Vec<Gc>>,
    ) -> Vec<Gc> {
        let dead = self.take_dead(scope, &survivor);
        if dead.is_empty() {
            return dead;
        }
        let verdict = match mutant!(ChainsAtOnce) {
            true => Verdict {
                now: dead.into_iter().map(|gc| (gc, 0)).collect(),
                later: Vec::new(),
            },
            false => {
                let beyond = match dead.len() {
                    1 => AddressMap::default(),
                    _ => beyond(),
                };
                Topology::of(types, dead, |gc| survivor(gc).is_none(), beyond)
            }
        };
        self.queue(&verdict);
        let now = verdict.now.into_iter().map(|(gc, _)| gc);
        now.chain(verdict.later).collect()
    }
    /// Moves all unreachable objects to the queue, for a collector that knows their order: those in `depths` come after
    /// the others, the least depth first.
    pub(crate) fn queue_by_depth(
        &self,
        scope: Scope,
        survivor: impl Fn(Gc) -> Option<Gc>,
        depths: &AddressMap<u32>,
    ) -> Vec<Gc> {
        let mut dead = self.take_dead(scope, survivor);
        if !depths.is_empty() {
            dead.sort_by_key(|gc| depths.get(&gc.address()).copied().unwrap_or(0));
        }
        dead.iter().for_each(|&gc| self.push(gc));
        dead
    }
    /// Moves all registered objects to the queue, living ones too: the program ends.
    pub fn queue_all(&self) {
        for gc in self.take_dead(Scope::Whole, |_| None) {
            self.push(gc);
        }
    }
    /// Makes the queue name where its objects are now, registers those that wait, and notes the ages of the registered
    /// objects. Runs when everything was kept that finalizers keep.
    pub fn update(&self, survivor: impl Fn(Gc) -> Option<Gc>, is_young: impl Fn(Gc) -> bool) {
        for cell in self.queue.borrow().iter() {
            cell.set(survivor(cell.get()).expect("queued objects are kept"));
        }
        let mut registered = self.registered.borrow_mut();
        for gc in self.waiting.borrow_mut().drain(..) {
            registered.push(survivor(gc).expect("objects that wait are kept"));
        }
        registered.set_ages(is_young);
    }
}
