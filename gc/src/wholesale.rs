//! Promoting a whole nursery where it is, without asking what in it is alive.
//!
//! While a program builds something large, nearly everything in the nursery survives. To find and copy it costs a cache miss
//! per object; to walk over all objects in the order of their addresses costs next to nothing. What was dead
//! is old garbage from then on, until the whole heap is collected. So a collector does this only a few
//! times in a row after it has seen that most of a nursery lived, and then measures again; or when it would have to look
//! at so much that the mutator would stand still for too long.
//!
//! Afterwards there are no young objects, hence no old object refers to one, and a young collection that follows has
//! nothing to do but its bookkeeping: the remembered set is armed again, and tables of young objects become old.
use crate::heap::Heap;
use crate::identities::Identities;
use crate::object::{Gc, Header, barrier_bits};
use crate::remembered::armed_bits;
use crate::scan;
use crate::space::Space;
use std::ops::Range;

/// What was promoted.
#[derive(Clone, Default)]
pub struct Wholesale {
    pub objects: u64,
    pub bytes: usize,
    /// Bytes of large objects among these.
    pub large_bytes: usize,
    /// Addresses of small objects, which follow each other without gaps.
    small: Vec<Range<usize>>,
    large: Vec<usize>,
    small_objects: u64,
}

fn object_at(address: usize) -> Gc {
    // SAFETY: the callers know that an object starts here.
    unsafe { Gc::from_raw(address as *mut Header) }
}

/// Makes all young objects old where they are, and calls `each` with each of them. All windows are retired.
pub fn promote_all(
    heap: &Heap,
    identities: &mut Identities,
    mut each: impl FnMut(Gc),
) -> Wholesale {
    let types = heap.types();
    let mut space = heap.space().borrow_mut();
    let windows = space.windows().iter();
    let mut done = Wholesale {
        small: windows
            .map(|window| window.start..window.used_end)
            .collect(),
        large: space.young_large_objects(),
        ..Wholesale::default()
    };
    let mut places = Vec::new();
    done.bytes += space.promote_windows(|address| {
        // The objects of a window follow each other without gaps (S2), so one starts here.
        let gc = object_at(address);
        places.extend(identities.keep_aside(gc));
        gc.header().set_barrier(barrier_bits::LOG);
        each(gc);
        done.objects += 1;
        // SAFETY: as above; the types of objects are registered.
        unsafe { scan::object_bytes(types, gc) }
    });
    if space.judged {
        places.into_iter().for_each(|place| space.keep_line(place));
    }
    done.small_objects = done.objects;
    for &address in &done.large {
        let gc = object_at(address);
        if let Some(bytes) = space.promote_large(address) {
            gc.header().set_barrier(armed_bits(types, gc));
            each(gc);
            done.objects += 1;
            done.bytes += bytes;
            done.large_bytes += bytes;
        }
    }
    done
}

impl Wholesale {
    /// Whether two thirds of the small objects were not freed since. Nothing may have been put into their places.
    pub(crate) fn most_are_left(&self, space: &Space) -> bool {
        let ranges = self.small.iter();
        let left: u64 = ranges.map(|range| space.count_started(range.clone())).sum();
        left / 2 >= self.small_objects / 3
    }
}
