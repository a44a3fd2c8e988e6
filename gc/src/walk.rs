//! Looking at the object graph from outside: what is reachable, what an object refers to. For introspection by programs
//! (lists of all objects, who refers to what); no collector uses it, and it works for every collector.
use crate::heap::Heap;
use crate::object::Gc;
use crate::roots::RootVisitor;
use crate::scan;
use std::cell::Cell;
use std::collections::HashSet;

struct PreciseRoots(Vec<Gc>);
impl RootVisitor for PreciseRoots {
    fn slot(&mut self, slot: &Cell<Gc>) {
        self.0.push(slot.get());
    }
    fn ambiguous(&mut self, _word: usize) {}
}

impl Heap {
    /// Calls `visit` once for each object that precise roots reach, the roots' own objects first. Objects that only native
    /// frames name are not seen. `visit` must not allocate nor collect.
    pub fn for_each_reachable(&self, mut visit: impl FnMut(Gc)) {
        let mut roots = PreciseRoots(Vec::new());
        self.visit_roots(&mut roots);
        let (mut pending, mut seen) = (roots.0, HashSet::new());
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
}
