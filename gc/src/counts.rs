//! Reference counts of old objects, kept in their headers.
//!
//! Counting is deferred and coalescing (Levanoni and Petrank, OOPSLA 2001; Blackburn and McKinley, "Ulterior reference
//! counting", OOPSLA 2003): only references from old objects count, and only what an object held at two moments, the ends
//! of epochs, not what it held in between. An epoch is the time between two young collections. New objects have no count;
//! those that survive get one for each reference that the young phase finds in an old object. What roots refer to has a
//! temporary count until the next epoch ends, so that zero always means dead.
//!
//! Invariants, at the end of an epoch:
//! - B1: the count of an old object is the number of references to it from old objects, plus one for each time that it
//!   stands in `temporary`, plus one if it stands in `polled`; or it is stuck.
//! - B2: no old object has the count zero.
//! - B3: `before` holds what each logged object or chunk held when it was logged, once.
use crate::object::{AGE_MASK, Gc, state_bits};
use crate::remembered::{CHUNK_ITEMS, chunk_bits, chunk_table};
use crate::scan;
use crate::types::TypeTable;
use std::ops::Range;

/// The colours of an old object, beside its count. Black is 0; the bit below these belongs to young collections.
pub(crate) mod colour {
    /// Being searched for cycles: references from other such objects are taken off its count.
    pub const GRAY: u16 = 2 << 12;
    /// Kept by nothing but others of its kind.
    pub const WHITE: u16 = 3 << 12;
    /// To be freed.
    pub const DEAD: u16 = 4 << 12;
    /// To be kept for its finalizer.
    pub const LAST_RITES: u16 = 5 << 12;
    /// All of the above.
    pub const MASK: u16 = 7 << 12;
    /// Stands in the list of those that may be part of a dead cycle.
    pub const CANDIDATE: u16 = 8 << 12;
}

/// Counts and what is to be done to them.
pub struct Counts {
    /// A count that got here is not known any more: it stays, until a trace counts again.
    limit: u16,
    /// What roots referred to at the end of the last epoch.
    pub(crate) temporary: Vec<Gc>,
    /// What nothing but the raw side referred to at the end of the last epoch, see `pairing`: it has one count for that.
    pub(crate) polled: Vec<Gc>,
    /// What logged objects referred to before.
    pub(crate) before: Vec<Gc>,
    /// Counts that got stuck since somebody asked.
    pub(crate) stuck: u64,
}

impl Counts {
    /// Counts of `bits` bits, 2 to 12.
    pub fn new(bits: u32) -> Counts {
        Counts {
            limit: (1 << bits) - 1,
            temporary: Vec::new(),
            polled: Vec::new(),
            before: Vec::new(),
            stuck: 0,
        }
    }
    /// The count of an object at the end of an epoch, or `None` if it is not known any more.
    pub fn of(&self, gc: Gc) -> Option<usize> {
        let count = gc.header().age_and_colour() & AGE_MASK;
        (count < self.limit).then_some(usize::from(count))
    }
    /// The count from which on it is not known.
    pub fn limit(&self) -> usize {
        usize::from(self.limit)
    }
    /// What roots referred to when the last epoch ended, once for each time it was counted.
    pub fn temporary(&self) -> &[Gc] {
        &self.temporary
    }
    /// What only the raw side referred to when the last epoch ended.
    pub fn polled(&self) -> &[Gc] {
        &self.polled
    }
    /// What logged objects referred to when the epoch began.
    pub fn noted(&self) -> &[Gc] {
        &self.before
    }
    /// Whether an object has a count at all.
    #[inline(always)]
    pub(crate) fn is_counted(gc: Gc) -> bool {
        !gc.is_null() && gc.header().state() & state_bits::IMMORTAL == 0
    }
    /// Another reference names the object.
    #[inline(always)]
    pub(crate) fn add(&mut self, gc: Gc) {
        if !Counts::is_counted(gc) {
            return;
        }
        let bits = gc.header().age_and_colour();
        let count = bits & AGE_MASK;
        if count < self.limit {
            gc.header().set_age_and_colour(bits + 1);
            self.stuck += u64::from(count + 1 == self.limit);
        }
    }
    /// One reference less names the object. Whether it was the last.
    #[inline(always)]
    pub(crate) fn remove(&self, gc: Gc) -> bool {
        let bits = gc.header().age_and_colour();
        let count = bits & AGE_MASK;
        if count >= self.limit && !mutant!(StuckCountsDown) {
            return false;
        }
        assert!(
            count != 0,
            "B1: a reference was counted off that was never counted"
        );
        gc.header().set_age_and_colour(bits - 1);
        count == 1
    }
    /// Whether the count of an object is not zero.
    pub(crate) fn has_references(&self, gc: Gc) -> bool {
        gc.header().age_and_colour() & AGE_MASK != 0
    }
    /// A root, or an ambiguous word, names the object.
    pub(crate) fn add_temporary(&mut self, gc: Gc) {
        if Counts::is_counted(gc) {
            self.add(gc);
            self.temporary.push(gc);
        }
    }
    /// The object is about to be stored into for the first time in this epoch, except for the chunks noted already.
    pub(crate) fn note_object(&mut self, types: &TypeTable, gc: Gc, has_logged_chunks: bool) {
        let before = &mut self.before;
        let mut note = |slot: *mut Gc| {
            // SAFETY: the callers give slots of objects.
            let gc = unsafe { slot.read() };
            if Counts::is_counted(gc) {
                before.push(gc);
            }
        };
        if !has_logged_chunks {
            // SAFETY: the object is intact, and slots of an object are readable.
            return unsafe { scan::visit_slots(types, gc, &mut note) };
        }
        // SAFETY: as above.
        let items = unsafe {
            scan::visit_fixed_slots(types, gc, &mut note);
            scan::ref_items(types, gc)
        };
        for (n, chunk) in chunk_table(types, gc).iter().enumerate() {
            if chunk.get() & chunk_bits::LOGGED == 0 {
                let range = n * CHUNK_ITEMS..((n + 1) * CHUNK_ITEMS).min(items);
                self.note_items(types, gc, range);
            }
        }
    }
    /// These items of an array are about to be stored into for the first time in this epoch.
    pub(crate) fn note_items(&mut self, types: &TypeTable, gc: Gc, items: Range<usize>) {
        let first = gc.word::<Gc>(types.shape(gc.type_id()).items_offset);
        for n in items {
            // SAFETY: the array has so many items.
            let item = unsafe { first.wrapping_add(n).read() };
            if Counts::is_counted(item) {
                self.before.push(item);
            }
        }
    }
}

/// Whether the object has the colour.
#[inline(always)]
pub(crate) fn has_colour(gc: Gc, colour: u16) -> bool {
    gc.header().age_and_colour() & colour::MASK == colour
}

/// Gives the object a colour; 0 is black.
#[inline(always)]
pub(crate) fn set_colour(gc: Gc, colour: u16) {
    let bits = gc.header().age_and_colour() & !colour::MASK;
    gc.header().set_age_and_colour(bits | colour);
}
