//! From an ambiguous word to the objects it may name.
//!
//! A word names an object if it is its start, lies inside it, or is the address just past its end (compilers keep such
//! pointers in loops). Start bits tell where survivors begin; a window handed out since the last collection is walked on
//! its first hit. An object known dead has no start bit, hence no word revives it; one that a sweep
//! has not come to yet is told by its missing mark.
use crate::fastpath::LARGE_OBJECT_BYTES;
use crate::heap::Heap;
use crate::object::{Gc, Header};
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::{Place, Space};
use crate::types::TypeTable;
use std::cell::Cell;

/// The ambiguous words of all roots for which `may_matter`, each once. Most words of a native stack point nowhere near the
/// heap, so the test comes first.
pub fn ambiguous_words(heap: &Heap, may_matter: impl Fn(&Space, usize) -> bool) -> Vec<usize> {
    let space = heap.space().borrow();
    let mut found = Words {
        may_matter: |word| may_matter(&space, word),
        words: Vec::new(),
    };
    heap.visit_roots(&mut found);
    found.words.sort_unstable();
    found.words.dedup();
    found.words
}

struct Words<F> {
    may_matter: F,
    words: Vec<usize>,
}
impl<F: Fn(usize) -> bool> RootVisitor for Words<F> {
    fn slot(&mut self, _slot: &Cell<Gc>) {}
    fn slots(&mut self, _slots: &[Cell<Gc>]) {}
    fn ambiguous(&mut self, word: usize) {
        if (self.may_matter)(word) {
            self.words.push(word);
        }
    }
    fn wants_slots(&self) -> bool {
        false
    }
}

/// The objects that `word` may name: the one that contains it, and the one that ends just before it.
pub fn resolve(space: &mut Space, types: &TypeTable, word: usize) -> [Option<Gc>; 2] {
    let found = resolve_both(space, types, word);
    if found == [None, None] && space.place(word) != Place::Outside {
        space.rejected_words += 1;
    }
    found
}

fn resolve_both(space: &mut Space, types: &TypeTable, word: usize) -> [Option<Gc>; 2] {
    let inside = resolve_inside(space, types, word);
    let ending = match word.is_multiple_of(crate::object::GRANULE_BYTES) && word != 0 {
        true if mutant!(EndIgnored) => None,
        true => resolve_inside(space, types, word - 1).filter(|&gc| Some(gc) != inside),
        false => None,
    };
    [inside, ending]
}

fn resolve_inside(space: &mut Space, types: &TypeTable, address: usize) -> Option<Gc> {
    let start = match space.place(address) {
        Place::Outside => {
            let (start, _) = space.singles.find(address)?;
            // The place may be reserved for an object that was not moved there yet, and zero.
            // SAFETY: memory of its own is readable and aligned.
            let type_id = unsafe { scan::type_id_at(start) };
            return (type_id.0 != 0).then(|| gc_at(start));
        }
        Place::Large(page) => space.large_at(page)?,
        Place::Block(granule) => {
            if let Some(window) = space.window_of(address) {
                // SAFETY: the used part of a window is a sequence of complete objects (S2).
                space.index_window(window, |at| unsafe { scan::object_bytes(types, gc_at(at)) });
            }
            space.start_at_or_below(granule, LARGE_OBJECT_BYTES)?
        }
    };
    if space.is_known_dead(start) || space.is_judged_dead(start) {
        return None;
    }
    let gc = gc_at(start);
    // SAFETY: start bits and heads of large runs stand at objects only (S1).
    let bytes = unsafe { scan::object_bytes(types, gc) };
    (address - start < bytes).then_some(gc)
}

fn gc_at(address: usize) -> Gc {
    // SAFETY: the callers found an object's start at this address.
    unsafe { Gc::from_raw(address as *mut Header) }
}
