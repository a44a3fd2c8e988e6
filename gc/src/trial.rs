//! Trial deletion: finds dead cycles among objects with reference counts (Lins 1992; Bacon and Rajan, ECOOP 2001).
//!
//! An object whose count went down and not to zero may have kept a dead cycle alive. From such candidates on, the references
//! inside the graph are taken off the counts of what they name. What has a count left is named from elsewhere: it and what
//! it reaches gets its counts back. The rest is a dead cycle, or hangs on one.
//!
//! Everything that the candidates reach is listed once, breadth first from a few candidates at a time, so that the list is
//! the queue of the first pass and what the other passes walk over: only giving counts back follows references again. What is
//! touched soon is fetched ahead.
//!
//! Invariant B4: afterwards no object is gray; black objects have the counts they had, without those of references from
//! white ones.
use crate::counts::{Counts, colour, has_colour, set_colour};
use crate::memory::{prefetch, walk};
use crate::object::Gc;
use crate::pairing::Pairing;
use crate::scan;
use crate::types::TypeTable;

/// Distance in lists at which objects are fetched ahead.
const AHEAD: usize = 8;
/// Candidates whose surroundings are looked at together: in chains and rings the next object is known late.
const TOGETHER: usize = 16;

pub(crate) struct Trial<'h> {
    types: &'h TypeTable,
    counts: &'h mut Counts,
    pairing: &'h Pairing,
    /// What candidates reach.
    reached: Vec<Gc>,
    /// Black objects whose references were not given their counts back yet.
    restored: Vec<Gc>,
}

/// What a trial found.
pub(crate) struct Verdict {
    /// The objects of dead cycles that the candidates reach, and what hangs on them. They are white.
    pub white: Vec<Gc>,
    /// Number of objects that were looked at.
    pub looked_at: usize,
}

impl<'h> Trial<'h> {
    pub(crate) fn new(
        types: &'h TypeTable,
        counts: &'h mut Counts,
        pairing: &'h Pairing,
    ) -> Trial<'h> {
        Trial {
            types,
            counts,
            pairing,
            reached: Vec::new(),
            restored: Vec::new(),
        }
    }
    pub(crate) fn run(mut self, candidates: &[Gc]) -> Verdict {
        for some in candidates.chunks(TOGETHER) {
            self.take_off(some);
        }
        let mut reached = std::mem::take(&mut self.reached);
        for gc in walk(&reached) {
            // What the raw side holds has no count for that, unless it has no other reference at all.
            let is_named = || self.counts.has_references(gc) || self.pairing.holds(gc);
            if has_colour(gc, colour::GRAY) && is_named() {
                self.give_back(gc);
            }
        }
        let looked_at = reached.len();
        reached.retain(|&gc| has_colour(gc, colour::GRAY));
        walk(&reached).for_each(|gc| set_colour(gc, colour::WHITE));
        Verdict {
            white: reached,
            looked_at,
        }
    }
    #[inline(always)]
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
    /// Makes what candidates reach gray.
    fn take_off(&mut self, candidates: &[Gc]) {
        let mut at = self.reached.len();
        for &gc in candidates {
            if has_colour(gc, 0) {
                set_colour(gc, colour::GRAY);
                self.reached.push(gc);
            }
        }
        while let Some(&gc) = self.reached.get(at) {
            // Its own header was touched when it was listed; now those of its children are wanted.
            if let Some(&next) = self.reached.get(at + AHEAD) {
                // SAFETY: as in `each_child`.
                unsafe {
                    scan::visit_slots(self.types, next, &mut |slot| {
                        prefetch(slot.read().address());
                    });
                }
            }
            at += 1;
            let (counts, reached) = (&mut *self.counts, &mut self.reached);
            Trial::each_child(self.types, gc, |child| {
                counts.remove(child);
                if has_colour(child, 0) {
                    set_colour(child, colour::GRAY);
                    reached.push(child);
                }
            });
        }
    }
    /// Makes an object and what it reaches black, with their counts.
    pub(crate) fn give_back(&mut self, gc: Gc) {
        set_colour(gc, 0);
        self.restored.push(gc);
        while let Some(gc) = self.restored.pop() {
            let (counts, restored) = (&mut *self.counts, &mut self.restored);
            Trial::each_child(self.types, gc, |child| {
                counts.add(child);
                if has_colour(child, colour::GRAY) || has_colour(child, colour::WHITE) {
                    set_colour(child, 0);
                    restored.push(child);
                }
            });
        }
    }
}
