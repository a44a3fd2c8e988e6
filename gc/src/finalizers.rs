//! The finalizer queue: objects that must be told before they go.
//!
//! All unreachable objects with a finalizer are queued at once, in order of registration (PEP 442 promises no order
//! inside a group that dies together). Each is queued once; what it reaches lives until the next collection at least.
use crate::object::{Gc, state_bits};
use crate::roots::RootVisitor;
use std::cell::{Cell, RefCell};

/// Objects with finalizers, and those that wait to be finalized.
#[derive(Default)]
pub struct Finalizers {
    registered: RefCell<Vec<Gc>>,
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
    pub(crate) fn has_queue(&self) -> bool {
        !self.queue.borrow().is_empty()
    }
    pub(crate) fn visit_queue(&self, visitor: &mut dyn RootVisitor) {
        visitor.slots(&self.queue.borrow());
    }
    /// Moves the unreachable objects to the queue and returns them, so that the collector marks them and what they reach.
    pub fn queue_dead(&self, is_live: impl Fn(Gc) -> bool) -> Vec<Gc> {
        let all = std::mem::take(&mut *self.registered.borrow_mut());
        let (live, dead): (Vec<Gc>, Vec<Gc>) = all.into_iter().partition(|&gc| is_live(gc));
        *self.registered.borrow_mut() = live;
        for &gc in &dead {
            gc.header().remove_state(state_bits::HAS_FINALIZER);
            self.queue.borrow_mut().push(Cell::new(gc));
        }
        dead
    }
}
