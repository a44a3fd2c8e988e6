//! The finalizer queue: objects that must be told before they go, and light destructors.
//!
//! All unreachable objects with a finalizer are queued at once, in order of registration (PEP 442 promises no order
//! inside a group that dies together). Each is queued once; what it reaches lives until the next collection at least.
use crate::collector::Scope;
use crate::object::{Gc, state_bits};
use crate::roots::RootVisitor;
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
    /// Moves the unreachable objects to the queue and reports their slots there, so that the collector keeps them and
    /// what they reach. `survivor` gives the present place of a living object.
    pub fn queue_dead(&self, scope: Scope, survivor: impl Fn(Gc) -> Option<Gc>) -> Vec<Gc> {
        let dead = self.registered.borrow_mut().take_dead(scope, survivor);
        for &gc in &dead {
            gc.header().remove_state(state_bits::HAS_FINALIZER);
            self.queue.borrow_mut().push(Cell::new(gc));
        }
        dead
    }
    /// Moves all registered objects to the queue, living ones too: the program ends.
    pub fn queue_all(&self) {
        let all = self
            .registered
            .borrow_mut()
            .take_dead(Scope::Whole, |_| None);
        for gc in all {
            gc.header().remove_state(state_bits::HAS_FINALIZER);
            self.queue.borrow_mut().push(Cell::new(gc));
        }
    }
    /// Makes the queue name where its objects are now, and notes the ages of the registered objects. Runs when the
    /// queued objects were kept.
    pub fn update(&self, survivor: impl Fn(Gc) -> Option<Gc>, is_young: impl Fn(Gc) -> bool) {
        for cell in self.queue.borrow().iter() {
            cell.set(survivor(cell.get()).expect("queued objects are kept"));
        }
        self.registered.borrow_mut().set_ages(is_young);
    }
}
