//! Marking with an explicit stack: shared by the collectors that trace.
//!
//! The mark bit is set when a reference is seen, without a look at the object. On their way from the stack to being
//! visited, objects pass a short queue in which their first cache line is fetched ahead (Cher, Hosking and Vitek,
//! "Software prefetching for mark-sweep garbage collection", 2004).
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
    /// Marked, and not visited.
    pending: Vec<Gc>,
    live_bytes: usize,
}

/// Objects in the queue between the stack and the visit.
const AHEAD: usize = 8;

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
        if self.space.set_mark(gc.address()) {
            self.pending.push(gc);
        }
    }
    /// Marks everything that marked objects reach.
    pub fn drain(&mut self) {
        let mut ahead = [Gc::NULL; AHEAD];
        let mut at = 0;
        let mut waiting = 0;
        loop {
            let next = self.pending.pop().unwrap_or(Gc::NULL);
            if next.is_null() && waiting == 0 {
                return;
            }
            if !next.is_null() {
                crate::memory::prefetch(next.address());
                waiting += 1;
            }
            let gc = std::mem::replace(&mut ahead[at], next);
            at = (at + 1) % AHEAD;
            if !gc.is_null() {
                waiting -= 1;
                self.visit(gc);
            }
        }
    }
    #[inline(always)]
    fn visit(&mut self, gc: Gc) {
        let types = self.types;
        // SAFETY: only objects get marked, and roots and slots of objects hold valid references by the contract of
        // `Gc::from_raw`.
        unsafe {
            let bytes = scan::object_bytes(types, gc);
            self.live_bytes += self.space.set_extent(gc.address(), bytes);
            scan::visit_slots(types, gc, &mut |slot| self.mark(slot.read()));
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
