//! Promoting a whole nursery where it is, without asking what in it is alive.
//!
//! While a program builds something large, nearly everything in the nursery survives. To find and copy it costs a cache miss
//! per object; to walk over all objects in the order of their addresses costs next to nothing. What was dead
//! is old garbage from then on, until the whole heap is collected. So a collector does this only a few
//! times in a row after it has seen that most of a nursery lived, and then measures again.
//!
//! Afterwards there are no young objects, hence no old object refers to one, and a young collection that follows has
//! nothing to do but its bookkeeping: the remembered set is armed again, and tables of young objects become old.
use crate::heap::Heap;
use crate::identities::Identities;
use crate::object::{Gc, Header, barrier_bits};
use crate::remembered::armed_bits;
use crate::scan;

/// What was promoted.
#[derive(Clone, Copy, Default)]
pub struct Wholesale {
    pub objects: u64,
    pub bytes: usize,
}

/// Makes all young objects old where they are. All windows are retired.
pub fn promote_all(heap: &Heap, identities: &mut Identities) -> Wholesale {
    let types = heap.types();
    let mut space = heap.space().borrow_mut();
    let mut done = Wholesale::default();
    done.bytes += space.promote_windows(|address| {
        // SAFETY: the objects of a window follow each other without gaps (S2), so one starts here.
        let gc = unsafe { Gc::from_raw(address as *mut Header) };
        identities.keep_aside(gc);
        gc.header().set_age_and_colour(0);
        gc.header().set_barrier(barrier_bits::LOG);
        done.objects += 1;
        // SAFETY: as above; the types of objects are registered.
        unsafe { scan::object_bytes(types, gc) }
    });
    for address in space.young_large_objects() {
        // SAFETY: a large object starts here.
        let gc = unsafe { Gc::from_raw(address as *mut Header) };
        if let Some(bytes) = space.promote_large(address) {
            gc.header().set_barrier(armed_bits(types, gc));
            done.objects += 1;
            done.bytes += bytes;
        }
    }
    done
}
