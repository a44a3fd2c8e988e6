//! The remembered set: which old objects may refer to young ones, told by the write barrier.
//!
//! Invariants:
//! - R1: an old object that no store was logged for has the barrier bit LOG set.
//! - R2: an old large array of references has CHUNKED set as well. Its chunk bytes lie behind its items; a chunk byte is
//!   set exactly if a store into the chunk was logged since the last collection. If the object was logged as a whole,
//!   both bits are clear.
use crate::object::{Gc, barrier_bits, state_bits};
use crate::scan;
use crate::types::TypeTable;
use std::ops::Range;

/// Items of a chunk: the unit in which stores into large arrays are logged.
pub const CHUNK_ITEMS: usize = 128;

/// Bytes behind a large array of `items` references, one for each chunk.
pub fn chunk_table_bytes(items: usize) -> usize {
    items.div_ceil(CHUNK_ITEMS)
}

/// See the module's documentation.
#[derive(Default)]
pub struct RememberedSet {
    /// Objects logged as a whole.
    pub objects: Vec<Gc>,
    /// Large arrays with logged chunks.
    pub arrays: Vec<Gc>,
    /// Objects logged since the heap was made.
    pub logged_objects: u64,
    /// Chunks logged since the heap was made.
    pub logged_chunks: u64,
}

/// The barrier bits of an old object that no store was logged for.
pub fn armed_bits(types: &TypeTable, gc: Gc) -> u8 {
    let large = gc.header().state() & state_bits::LARGE != 0;
    match large && types.shape(gc.type_id()).items_are_refs {
        true => barrier_bits::LOG | barrier_bits::CHUNKED,
        false => barrier_bits::LOG,
    }
}

/// The chunk bytes of a large array of references.
pub fn chunk_table<'a>(types: &TypeTable, gc: Gc) -> &'a [std::cell::Cell<u8>] {
    let shape = types.shape(gc.type_id());
    debug_assert!(shape.items_are_refs && gc.header().state() & state_bits::LARGE != 0);
    // SAFETY: registering the type checked that the length is a word of the fixed part.
    let items = unsafe { gc.word::<u64>(shape.len_offset).read() } as usize;
    // SAFETY: the type is registered, so the size comes from readable words; large arrays of references are allocated with
    // their chunk bytes behind the items, zeroed.
    unsafe {
        let end = gc.address() + scan::object_bytes(types, gc);
        std::slice::from_raw_parts(end as *const std::cell::Cell<u8>, chunk_table_bytes(items))
    }
}

impl RememberedSet {
    /// `object` is about to be stored into anywhere.
    pub fn log_object(&mut self, object: Gc) {
        // An array with logged chunks stays in its list; scanning some of its items twice is harmless.
        object.header().set_barrier(0);
        self.objects.push(object);
        self.logged_objects += 1;
    }
    /// The items `range` of `object` are about to be stored into.
    pub fn log_items(&mut self, types: &TypeTable, object: Gc, range: Range<usize>) {
        let barrier = object.header().barrier();
        if barrier & barrier_bits::CHUNKED == 0 {
            return self.log_object(object);
        }
        if range.is_empty() {
            return;
        }
        if barrier & barrier_bits::LOG != 0 {
            object.header().set_barrier(barrier_bits::CHUNKED);
            self.arrays.push(object);
            self.logged_objects += 1;
        }
        let chunks = range.start / CHUNK_ITEMS..(range.end - 1) / CHUNK_ITEMS + 1;
        for chunk in &chunk_table(types, object)[chunks] {
            self.logged_chunks += u64::from(chunk.replace(1) == 0);
        }
    }
}
