//! Trial deletion: finds dead cycles among objects with reference counts (Lins 1992; Bacon and Rajan, ECOOP 2001).
//!
//! An object whose count went down and not to zero may have kept a dead cycle alive. From such candidates on, the references
//! inside the graph are taken off the counts of what they name. What has a count left is named from elsewhere: it and what
//! it reaches gets its counts back. The rest is a dead cycle, or hangs on one.
//!
//! Invariant B4: afterwards no object is gray; black objects have the counts they had, without those of references from
//! white ones.
use crate::counts::{Counts, colour, has_colour, set_colour};
use crate::object::Gc;
use crate::scan;
use crate::types::TypeTable;

pub(crate) struct Trial<'h> {
    types: &'h TypeTable,
    counts: &'h mut Counts,
    stack: Vec<Gc>,
}

impl<'h> Trial<'h> {
    pub(crate) fn new(types: &'h TypeTable, counts: &'h mut Counts) -> Trial<'h> {
        Trial {
            types,
            counts,
            stack: Vec::new(),
        }
    }
    /// The objects of dead cycles that the candidates reach, and what hangs on them. They are white from now on.
    pub(crate) fn run(&mut self, candidates: &[Gc]) -> Vec<Gc> {
        candidates.iter().for_each(|&gc| self.take_off(gc));
        candidates.iter().for_each(|&gc| self.judge(gc));
        self.whites(candidates)
    }
    fn each_child(types: &TypeTable, gc: Gc, mut visit: impl FnMut(Gc)) {
        // SAFETY: the objects here are old and intact, and slots of an object are readable.
        unsafe {
            scan::visit_slots(types, gc, &mut |slot| {
                let child = slot.read();
                if Counts::is_counted(child) {
                    visit(child);
                }
            });
        }
    }
    /// Makes what a candidate reaches gray.
    fn take_off(&mut self, gc: Gc) {
        if !has_colour(gc, 0) {
            return;
        }
        set_colour(gc, colour::GRAY);
        self.stack.push(gc);
        while let Some(gc) = self.stack.pop() {
            let (counts, stack) = (&mut *self.counts, &mut self.stack);
            Trial::each_child(self.types, gc, |child| {
                counts.remove(child);
                if has_colour(child, 0) {
                    set_colour(child, colour::GRAY);
                    stack.push(child);
                }
            });
        }
    }
    /// Makes what is gray white, or black again if it is named from elsewhere.
    fn judge(&mut self, gc: Gc) {
        self.stack.push(gc);
        while let Some(gc) = self.stack.pop() {
            if !has_colour(gc, colour::GRAY) {
                continue;
            }
            if self.counts.has_references(gc) {
                self.give_back(gc);
                continue;
            }
            set_colour(gc, colour::WHITE);
            let stack = &mut self.stack;
            Trial::each_child(self.types, gc, |child| {
                if has_colour(child, colour::GRAY) {
                    stack.push(child);
                }
            });
        }
    }
    /// Makes an object and what it reaches black, with their counts.
    pub(crate) fn give_back(&mut self, gc: Gc) {
        set_colour(gc, 0);
        let mut pending = vec![gc];
        while let Some(gc) = pending.pop() {
            let counts = &mut *self.counts;
            Trial::each_child(self.types, gc, |child| {
                counts.add(child);
                if has_colour(child, colour::GRAY) || has_colour(child, colour::WHITE) {
                    set_colour(child, 0);
                    pending.push(child);
                }
            });
        }
    }
    fn whites(&mut self, candidates: &[Gc]) -> Vec<Gc> {
        let mut found = Vec::new();
        for &gc in candidates
            .iter()
            .filter(|&&gc| has_colour(gc, colour::WHITE))
        {
            self.stack.push(gc);
        }
        // Black for the moment, so that each is found once.
        while let Some(gc) = self.stack.pop() {
            if !has_colour(gc, colour::WHITE) {
                continue;
            }
            set_colour(gc, 0);
            found.push(gc);
            let stack = &mut self.stack;
            Trial::each_child(self.types, gc, |child| {
                if has_colour(child, colour::WHITE) {
                    stack.push(child);
                }
            });
        }
        found.iter().for_each(|&gc| set_colour(gc, colour::WHITE));
        found
    }
}
