//! A collection of the whole heap that moves objects out of some blocks, and marks the others where they are: the mature
//! policy of the collectors that copy without a nursery.
//!
//! Objects that ambiguous words name, pinned and immortal ones, large ones, and those whose identity was asked for stay
//! where they are (mostly-copying collection, Bartlett 1988), and close to the hard limit all others too. Copies go to blocks that were free when the collection began;
//! then everything else is swept, so that a block that was emptied is free, and one in which an object had to stay has holes.
//!
//! Invariants, while it runs:
//! - E1: a block in use is still to be swept exactly if it was in use at the start. An object in any other block is a copy.
//! - E2: an object in a block to be swept was dealt with exactly if it is marked, or its header is a forwarding address.
use crate::collector::Scope;
use crate::heap::Heap;
use crate::mature::note_deaths;
use crate::object::{Gc, Header, state_bits};
use crate::pairing::Liveness;
use crate::resolve::{ambiguous_words, resolve};
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::{Place, Space};
use crate::stats::Work;
use crate::sweep::{GRANULES_PER_BLOCK, SweepBudget};
use crate::types::TypeTable;
use std::cell::{Cell, RefMut};

/// What must not move.
const FIXED: u8 = state_bits::PINNED | state_bits::IMMORTAL | state_bits::HAS_ID;

struct Evacuation<'h, F> {
    types: &'h TypeTable,
    space: RefMut<'h, Space>,
    /// Whether objects of a block are moved.
    is_source: F,
    /// Bytes that may be copied: the limit of the heap holds while it is collected, too.
    room_bytes: usize,
    pending: Vec<Gc>,
    /// Objects with raw structures that were kept since somebody asked, where they were, if anybody wants to know.
    paired: Option<Vec<Gc>>,
    live_bytes: usize,
    work: Work,
}

/// Collects the whole heap; `choose` says what is moved: of a space it makes a test for block numbers. Returns the bytes
/// that survived. `keep_free_bytes` says of the survivors' bytes how much free memory is not given back to the system.
pub fn evacuate_and_sweep<F: Fn(usize) -> bool>(
    heap: &Heap,
    choose: impl FnOnce(&Space) -> F,
    keep_free_bytes: impl FnOnce(usize) -> usize,
) -> usize {
    let words = ambiguous_words(heap, |space, word| {
        space.place(word) != Place::Outside || space.place(word.wrapping_sub(1)) != Place::Outside
    });
    let types = heap.types();
    let mut space = heap.space().borrow_mut();
    let mut named: Vec<Gc> = Vec::new();
    for word in words {
        named.extend(resolve(&mut space, types, word).into_iter().flatten());
    }
    let is_source = choose(&space);
    space.begin_sweep();
    let room_bytes = heap.config().max_bytes.saturating_sub(space.used_bytes());
    let mut phase = Evacuation {
        types,
        space,
        is_source,
        room_bytes,
        pending: Vec::new(),
        paired: None,
        live_bytes: 0,
        work: Work::default(),
    };
    named.into_iter().for_each(|gc| phase.stay(gc));
    heap.visit_roots(&mut phase);
    phase.drain();
    heap.pairing().trace(Scope::Whole, &mut phase);
    note_deaths(heap, &mut phase);
    let Evacuation {
        mut space,
        live_bytes,
        work,
        ..
    } = phase;
    space.sweep_some(SweepBudget::ALL);
    space.retire_old_windows();
    space.trim(keep_free_bytes(live_bytes));
    drop(space);
    heap.add_work(work);
    live_bytes
}

impl<F: Fn(usize) -> bool> Evacuation<'_, F> {
    /// Where an object is from now on.
    #[inline(always)]
    fn forward(&mut self, gc: Gc) -> Gc {
        match self.space.place(gc.address()) {
            Place::Outside => gc,
            Place::Large(_) => {
                self.stay(gc);
                gc
            }
            Place::Block(granule) => self.forward_small(gc, granule),
        }
    }
    fn forward_small(&mut self, gc: Gc, granule: usize) -> Gc {
        let block = granule / GRANULES_PER_BLOCK;
        if !self.space.is_to_be_swept(block) || self.space.is_marked(gc.address()) {
            return gc;
        }
        if let Some(moved) = forwarded(gc) {
            return moved;
        }
        let moves = (self.is_source)(block) && gc.header().state() & FIXED == 0;
        match moves.then(|| self.copy(gc)).flatten() {
            Some(moved) => moved,
            None => {
                self.stay(gc);
                gc
            }
        }
    }
    /// Copies an object, or not if there is no room.
    fn copy(&mut self, gc: Gc) -> Option<Gc> {
        // SAFETY: `gc` is an object that was not forwarded, so its header is intact.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        self.room_bytes = self.room_bytes.checked_sub(bytes)?;
        let target = self.space.take_old(bytes)?;
        self.note_pair(gc);
        // SAFETY: both ranges are `bytes` long and in different blocks; the target was just taken. The first word of the
        // old copy is not read as a header any more.
        let moved = unsafe {
            std::ptr::copy_nonoverlapping(gc.address() as *const u8, target as *mut u8, bytes);
            gc.word::<usize>(0).write(target | 1);
            Gc::from_raw(target as *mut Header)
        };
        self.work.moved_objects += 1;
        self.work.moved_bytes += bytes as u64;
        self.live_bytes += bytes;
        self.pending.push(moved);
        Some(moved)
    }
    fn note_pair(&mut self, gc: Gc) {
        if gc.header().state() & state_bits::HAS_PAIR != 0
            && let Some(paired) = &mut self.paired
        {
            paired.push(gc);
        }
    }
    /// Marks an object where it is.
    fn stay(&mut self, gc: Gc) {
        if !self.space.set_mark(gc.address()) {
            return;
        }
        self.note_pair(gc);
        // SAFETY: `gc` is an object that was not forwarded.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        self.live_bytes += self.space.set_extent(gc.address(), bytes);
        if let Place::Block(granule) = self.space.place(gc.address()) {
            let wanted = (self.is_source)(granule / GRANULES_PER_BLOCK);
            self.work.promoted_in_place += u64::from(wanted);
        }
        self.pending.push(gc);
    }
    fn drain(&mut self) {
        while let Some(gc) = self.pending.pop() {
            let types = self.types;
            // SAFETY: `gc` is an object at its present place, and its slots hold references or NULL.
            unsafe {
                scan::visit_slots(types, gc, &mut |slot| {
                    let old = slot.read();
                    let new = self.forward(old);
                    if new != old {
                        slot.write(new);
                    }
                });
            }
        }
    }
}

/// Where an object was copied to.
fn forwarded(gc: Gc) -> Option<Gc> {
    // SAFETY: a reference into a block names an object or its forwarding address.
    let word = unsafe { gc.word::<usize>(0).read() };
    // SAFETY: `copy` wrote the word.
    (word & 1 != 0).then(|| unsafe { Gc::from_raw((word & !1) as *mut Header) })
}

impl<F: Fn(usize) -> bool> RootVisitor for Evacuation<'_, F> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        slot.set(self.forward(slot.get()));
    }
    fn ambiguous(&mut self, _word: usize) {}
}

impl<F: Fn(usize) -> bool> Liveness for Evacuation<'_, F> {
    fn keep(&mut self, gc: Gc) {
        self.forward(gc);
    }
    fn fixpoint(&mut self) {
        self.drain();
    }
    fn watch_pairs(&mut self) {
        self.paired.get_or_insert_default();
    }
    fn each_reference(&self, gc: Gc, visit: &mut dyn FnMut(Gc)) {
        // SAFETY: an object that was not copied is intact where it is.
        unsafe { scan::visit_slots(self.types, gc, &mut |slot| visit(slot.read())) };
    }
    fn take_paired(&mut self) -> Option<Vec<Gc>> {
        self.paired.as_mut().map(std::mem::take)
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        let at = gc.address();
        match self.space.place(at) {
            Place::Outside => Some(gc),
            Place::Large(_) => self.space.is_marked(at).then_some(gc),
            Place::Block(granule) => {
                let is_copy = !self.space.is_to_be_swept(granule / GRANULES_PER_BLOCK);
                match is_copy || self.space.is_marked(at) {
                    true => Some(gc),
                    false => forwarded(gc),
                }
            }
        }
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
}
