//! Handles that outlived their objects: debug builds tell where one is used, before it does harm.
//!
//! A [`Gc`] in Rust heap memory, or in a local that was kept over a safepoint, names memory that may be somebody else's by
//! now. The functions that take a reference for good, and [`GcField::set`](crate::GcField::set) for both ends of the
//! new reference, ask here whether an object is there. That another object is there
//! cannot be told.
use crate::heap::Heap;
use crate::object::{GRANULE_BYTES, Gc};
use crate::space::{Place, Space};

impl Heap {
    /// Panics in debug builds if `gc` names memory of this heap where no object is. NULL is nobody's.
    #[inline(always)]
    pub(crate) fn check_handle(&self, gc: Gc) {
        if cfg!(debug_assertions) && !gc.is_null() {
            self.check_handle_slow(gc.address());
        }
    }
    #[cold]
    fn check_handle_slow(&self, address: usize) {
        // In a collection references are on their way.
        let Ok(space) = self.space().try_borrow_mut() else {
            return;
        };
        let place = space.place(address);
        drop(space);
        if place == Place::Outside {
            return;
        }
        self.sync_windows();
        assert!(
            names_object(&self.space().borrow(), address),
            "the handle {address:#x} is dead: its object was freed, or moved at a safepoint"
        );
    }
}

fn names_object(space: &Space, address: usize) -> bool {
    if !address.is_multiple_of(GRANULE_BYTES) || space.is_known_dead(address) {
        return false;
    }
    match space.place(address) {
        Place::Outside => true,
        Place::Large(page) => space.large_at(page) == Some(address),
        Place::Block(granule) => {
            space.start_at_or_below(granule, 0) == Some(address) || space.is_in_window(address)
        }
    }
}
