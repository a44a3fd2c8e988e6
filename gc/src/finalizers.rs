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
    pass: Option<Pass>,
}

/// How far a pass over the old entries of a list has come that is made in slices. Entries between `kept` and `next` were
/// looked at and are no longer valid; those from `end` on are newer than the pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub kept: usize,
    pub next: usize,
    pub end: usize,
}

/// Objects lie anywhere: one that comes so much later is fetched now.
const AHEAD: usize = 8;

impl Pass {
    /// A pass over so many entries.
    pub(crate) fn over(end: usize) -> Pass {
        Pass {
            kept: 0,
            next: 0,
            end,
        }
    }
    /// Goes over up to `most` entries, which are taken off it, and keeps those that `wanted` says. Whether the end was reached.
    pub(crate) fn advance(
        &mut self,
        entries: &mut [Gc],
        most: &mut usize,
        mut wanted: impl FnMut(Gc) -> bool,
    ) -> bool {
        let end = self.end.min(self.next.saturating_add(*most));
        *most -= end - self.next;
        while self.next < end {
            if let Some(later) = entries.get(self.next + AHEAD) {
                crate::memory::prefetch(later.address());
            }
            let gc = entries[self.next];
            self.next += 1;
            if wanted(gc) {
                entries[self.kept] = gc;
                self.kept += 1;
            }
        }
        self.next == self.end
    }
    /// Closes the gap, and returns how long it was.
    pub(crate) fn close(self, entries: &mut Vec<Gc>) -> usize {
        entries.drain(self.kept..self.next);
        self.next - self.kept
    }
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
            self.end_pass();
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
    /// Starts a pass over everything. No object is young.
    pub(crate) fn begin_pass(&mut self) {
        self.end_pass();
        self.pass = Some(Pass::over(self.first_young));
    }
    /// Goes on with the pass: keeps what `lives`, and appends the rest to `dead`. Whether the pass is at its end.
    pub(crate) fn pass_some(
        &mut self,
        most: &mut usize,
        lives: impl Fn(Gc) -> bool,
        dead: &mut Vec<Gc>,
    ) -> bool {
        let Some(pass) = &mut self.pass else {
            return true;
        };
        let done = pass.advance(&mut self.objects, most, |gc| {
            let lives = lives(gc);
            if !lives {
                dead.push(gc);
            }
            lives
        });
        if done {
            self.end_pass();
        }
        done
    }
    /// Ends the pass where it is.
    pub(crate) fn end_pass(&mut self) {
        if let Some(pass) = self.pass.take() {
            self.first_young -= pass.close(&mut self.objects);
        }
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
    /// In a search that is made in slices: what was found dead, the search for its order, and what is to be queued when all
    /// that it reaches is marked, with how many of these and of those that wait were marked themselves.
    lost: RefCell<Vec<Gc>>,
    order: RefCell<Option<Topology>>,
    held: RefCell<Vec<(Gc, u32)>>,
    /// Those that have to wait for these. Young collections know nothing of them: all of this is old.
    held_back: RefCell<Vec<Gc>>,
    kept: Cell<usize>,
    /// Objects queued so far, and how often one had to wait.
    queued_in_all: Cell<u64>,
    waited: Cell<u64>,
}

impl Finalizers {
    pub(crate) fn register(&self, gc: Gc) {
        gc.header().add_state(state_bits::HAS_FINALIZER);
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
    /// Starts a search for dead objects in slices. No object is young.
    pub(crate) fn begin_search(&self) {
        self.registered.borrow_mut().begin_pass();
    }
    /// Finds dead objects among up to `most`. Whether all were looked at.
    pub(crate) fn find_some(&self, most: &mut usize, lives: impl Fn(Gc) -> bool) -> bool {
        let lost = &mut self.lost.borrow_mut();
        self.registered.borrow_mut().pass_some(most, lives, lost)
    }
    /// Goes on with the search for the order of what was found. Whether it is known.
    pub(crate) fn order_some(
        &self,
        types: &TypeTable,
        most: &mut usize,
        is_lost: impl Fn(Gc) -> bool,
    ) -> bool {
        let mut order = self.order.borrow_mut();
        if order.is_none() && self.lost.borrow().is_empty() {
            return true;
        }
        let slots = std::mem::take(most);
        let search = order.get_or_insert_with(|| Topology::new(self.lost.take()));
        if !search.step(types, is_lost, slots) {
            return false;
        }
        let verdict = order.take().expect("it was just looked at").verdict();
        self.count_waiting(verdict.later.len());
        self.held.replace(verdict.now);
        self.held_back.replace(verdict.later);
        true
    }
    /// Calls `keep` with up to `most` of the objects that are to be kept. Whether those were all.
    pub(crate) fn keep_some(&self, most: &mut usize, mut keep: impl FnMut(Gc)) -> bool {
        let (held, waiting) = (self.held.borrow(), self.held_back.borrow());
        let from = self.kept.get();
        let all = held.len() + waiting.len();
        let end = all.min(from.saturating_add(*most));
        for n in from..end {
            match held.get(n) {
                Some(&(gc, _)) => keep(gc),
                None => keep(waiting[n - held.len()]),
            }
        }
        self.kept.set(end);
        *most -= end - from;
        end == all
    }
    /// Everything that is kept is marked: hands it out, and registers what waits anew. In one go, since a finalizer of one of
    /// them may look at others.
    pub(crate) fn hand_over(&self) {
        self.kept.set(0);
        let held = self.held.take();
        for (n, &(gc, _)) in held.iter().enumerate() {
            if let Some(&(later, _)) = held.get(n + AHEAD) {
                crate::memory::prefetch(later.address());
            }
            self.push(gc);
        }
        let mut registered = self.registered.borrow_mut();
        for gc in self.held_back.take() {
            registered.push(gc);
        }
    }
    /// A search in slices is broken off.
    pub(crate) fn abandon(&self) {
        self.kept.set(0);
        let search = self.order.take().map(Topology::into_dead);
        let mut registered = self.registered.borrow_mut();
        registered.end_pass();
        let held = self.held.take().into_iter().map(|(gc, _)| gc);
        let found = self.lost.take().into_iter();
        let found = found.chain(search.into_iter().flatten()).chain(held);
        for gc in found.chain(self.held_back.take()) {
            registered.push(gc);
        }
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
        self.abandon();
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
