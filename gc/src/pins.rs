//! Pinned objects: they keep their addresses, and live, until they were unpinned as often as they were pinned.
//!
//! A pin is a root, since an address that somebody uses is a reference that the collector does not see otherwise. Every
//! collector leaves objects with the state bit PINNED where they are.
//!
//! Invariant A8: an object in the table has the state bit, and so the address under which it stands there.
use crate::heap::Heap;
use crate::object::{Gc, state_bits};
use crate::pairing::AddressMap;
use crate::roots::RootVisitor;
use std::cell::{Cell, RefCell};
use std::collections::hash_map::Entry;

/// How often each pinned object was pinned, by address.
#[derive(Default)]
pub(crate) struct Pins(RefCell<AddressMap<(Gc, u32)>>);

impl Pins {
    pub(crate) fn visit(&self, visitor: &mut dyn RootVisitor) {
        if visitor.wants_slots() {
            for &(gc, _) in self.0.borrow().values() {
                let slot = Cell::new(gc);
                visitor.slot(&slot);
                debug_assert_eq!(slot.get(), gc, "A8: a pinned object moved");
            }
        }
    }
}

impl Heap {
    /// Keeps an object alive and where it is until [`Heap::unpin`] was called as often, and returns its address. Under
    /// collectors with a nursery a pinned object's block is not emptied, so pins should be few or short.
    pub fn pin(&self, gc: Gc) -> usize {
        assert!(!gc.is_null(), "NULL was pinned");
        self.check_handle(gc);
        // The header of a static object belongs to several heaps, and immortal objects never move.
        if gc.header().state() & state_bits::IMMORTAL == 0 {
            gc.header().add_state(state_bits::PINNED);
            let mut pins = self.pins().0.borrow_mut();
            pins.entry(gc.address()).or_insert((gc, 0)).1 += 1;
        }
        gc.address()
    }
    /// Takes one pin off an object.
    ///
    /// # Panics
    /// If the object is not pinned.
    pub fn unpin(&self, gc: Gc) {
        assert!(!gc.is_null(), "NULL was unpinned");
        let mut pins = self.pins().0.borrow_mut();
        match pins.entry(gc.address()) {
            Entry::Occupied(mut entry) if entry.get().1 > 1 => entry.get_mut().1 -= 1,
            Entry::Occupied(entry) => {
                entry.remove();
                gc.header().remove_state(state_bits::PINNED);
            }
            Entry::Vacant(_) => assert!(
                gc.header().state() & state_bits::IMMORTAL != 0,
                "{gc:?} was unpinned more often than it was pinned"
            ),
        }
    }
    /// How often an object is pinned.
    pub fn pin_count(&self, gc: Gc) -> u32 {
        let pins = self.pins().0.borrow();
        pins.get(&gc.address()).map_or(0, |&(_, count)| count)
    }
    /// Number of objects that are pinned.
    pub fn pinned_objects(&self) -> usize {
        self.pins().0.borrow().len()
    }
}
