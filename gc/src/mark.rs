//! Marking with an explicit stack: shared by the collectors that trace.
use crate::heap::Heap;
use crate::object::Gc;
use crate::resolve::resolve;
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::Space;
use crate::types::TypeTable;
use std::cell::{Cell, RefMut};

/// Marks what roots reach. Holds the space while it lives.
pub struct Marker<'h> {
    types: &'h TypeTable,
    space: RefMut<'h, Space>,
    pending: Vec<Gc>,
    live_bytes: usize,
}

impl<'h> Marker<'h> {
    /// A marker for a heap without marks.
    pub fn new(heap: &'h Heap) -> Marker<'h> {
        let mut space = heap.space().borrow_mut();
        space.clear_marks();
        Marker {
            types: heap.types(),
            space,
            pending: Vec::new(),
            live_bytes: 0,
        }
    }
    /// Marks an object and remembers to visit its references. NULL is allowed.
    #[inline(always)]
    pub fn mark(&mut self, gc: Gc) {
        // SAFETY: roots and slots of objects hold valid references, by the contract of `Gc::from_raw`.
        if let Some(bytes) = self.space.mark(gc.address(), || unsafe {
            scan::object_bytes(self.types, gc)
        }) {
            self.live_bytes += bytes;
            if scan::has_refs(self.types, gc.type_id()) {
                self.pending.push(gc);
            }
        }
    }
    /// Marks everything that marked objects reach.
    pub fn drain(&mut self) {
        while let Some(gc) = self.pending.pop() {
            let types = self.types;
            // SAFETY: only objects get marked.
            unsafe {
                scan::visit_slots(types, gc, &mut |slot| self.mark(slot.read()));
            }
        }
    }
    /// Whether the object is marked; objects outside the heap always are.
    #[inline]
    pub fn is_marked(&self, gc: Gc) -> bool {
        self.space.is_marked(gc.address())
    }
    /// The object itself if it is marked.
    #[inline]
    pub fn survivor(&self, gc: Gc) -> Option<Gc> {
        self.is_marked(gc).then_some(gc)
    }
    /// Bytes marked so far.
    pub fn live_bytes(&self) -> usize {
        self.live_bytes
    }
}

impl RootVisitor for Marker<'_> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        self.mark(slot.get());
    }
    fn ambiguous(&mut self, word: usize) {
        for gc in resolve(&mut self.space, self.types, word)
            .into_iter()
            .flatten()
        {
            self.mark(gc);
        }
    }
}
