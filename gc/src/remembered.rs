//! The remembered set: which old objects may refer to young ones, told by the write barrier.
//!
//! Invariants:
//! - R1: an old object that no store was logged for has the barrier bit LOG set.
//! - R2: an old large array of references has CHUNKED set as well. Its chunk bytes lie behind its items; a chunk is LOGGED
//!   exactly if a store into the chunk was logged since the last collection. If the object was logged as a whole,
//!   both bits are clear.
use crate::object::{Gc, barrier_bits, state_bits};
use crate::scan;
use crate::types::TypeTable;
use std::cell::Cell;
use std::ops::Range;

/// Bits of a chunk byte.
pub mod chunk_bits {
    /// A store into the chunk was logged since the last collection.
    pub const LOGGED: u8 = 1;
    /// The array is marked, and the chunk was stored into since: its items are to be looked at before marking ends.
    pub const GRAY: u8 = 2;
}

/// Items of a chunk: the unit in which stores into large arrays are logged. As many as lie in two cache lines: random
/// stores into a large table are common, and each makes the collector look at a whole chunk.
pub const CHUNK_ITEMS: usize = 16;

/// A chunk of a large array of references.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// The array.
    pub array: Gc,
    number: u32,
}

impl Chunk {
    pub(crate) fn new(array: Gc, number: usize) -> Chunk {
        Chunk {
            array,
            number: u32::try_from(number).expect("an array has at most 2^32 chunks"),
        }
    }
    /// The chunk that holds an item.
    pub(crate) fn of_item(array: Gc, item: usize) -> Chunk {
        Chunk::new(array, item / CHUNK_ITEMS)
    }
    /// The chunks that hold these items.
    pub(crate) fn of_items(array: Gc, items: Range<usize>) -> impl Iterator<Item = Chunk> {
        let last = match items.is_empty() {
            true => 0,
            false if mutant!(FirstChunkOnly) => items.start / CHUNK_ITEMS + 1,
            false => (items.end - 1) / CHUNK_ITEMS + 1,
        };
        (items.start / CHUNK_ITEMS..last).map(move |number| Chunk::new(array, number))
    }
    /// Whether all these [`chunk_bits`] are set.
    pub(crate) fn has(&self, types: &TypeTable, bits: u8) -> bool {
        self.bits(types).get() & bits == bits
    }
    fn bits<'a>(&self, types: &TypeTable) -> &'a Cell<u8> {
        &chunk_table(types, self.array)[self.number as usize]
    }
    /// Asks the processor to fetch the chunk's bits.
    pub(crate) fn prefetch_bits(&self, types: &TypeTable) {
        crate::memory::prefetch(std::ptr::from_ref(self.bits(types)) as usize);
    }
    /// The same, and its items.
    pub(crate) fn prefetch(&self, types: &TypeTable) {
        self.prefetch_bits(types);
        let items = self
            .items(types)
            .wrapping_add(self.number as usize * CHUNK_ITEMS);
        crate::memory::prefetch(items as usize);
        crate::memory::prefetch(items.wrapping_add(CHUNK_ITEMS - 1) as usize);
    }
    /// Sets [`chunk_bits`]; whether they were not all set before.
    pub(crate) fn add(&self, types: &TypeTable, bits: u8) -> bool {
        let byte = self.bits(types);
        let before = byte.replace(byte.get() | bits);
        before & bits != bits
    }
    /// Clears [`chunk_bits`].
    pub(crate) fn remove(&self, types: &TypeTable, bits: u8) {
        let byte = self.bits(types);
        byte.set(byte.get() & !bits);
    }
    /// The first item of the array.
    pub(crate) fn items(&self, types: &TypeTable) -> *mut Gc {
        self.array
            .word(types.shape(self.array.type_id()).items_offset)
    }
    /// Numbers of the items in the chunk.
    pub(crate) fn range(&self, types: &TypeTable) -> Range<usize> {
        // SAFETY: chunks are made for intact arrays of references only.
        let items = unsafe { scan::ref_items(types, self.array) };
        let first = self.number as usize * CHUNK_ITEMS;
        first..(first + CHUNK_ITEMS).min(items)
    }
}

/// Bytes behind a large array of `items` references, one for each chunk.
pub fn chunk_table_bytes(items: usize) -> usize {
    items.div_ceil(CHUNK_ITEMS)
}

/// Adjacent chunks of a large array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRange {
    /// The array.
    pub array: Gc,
    /// Numbers of the chunks.
    pub numbers: Range<usize>,
}

impl ChunkRange {
    /// Numbers of the items in these chunks.
    pub(crate) fn items(&self, types: &TypeTable) -> Range<usize> {
        // SAFETY: chunks are made for intact arrays of references only.
        let items = unsafe { scan::ref_items(types, self.array) };
        self.numbers.start * CHUNK_ITEMS..(self.numbers.end * CHUNK_ITEMS).min(items)
    }
    pub(crate) fn bytes<'a>(&self, types: &TypeTable) -> &'a [Cell<u8>] {
        &chunk_table(types, self.array)[self.numbers.clone()]
    }
    pub(crate) fn chunks(self) -> impl Iterator<Item = Chunk> {
        let array = self.array;
        self.numbers.map(move |number| Chunk::new(array, number))
    }
}

/// More chunks than these are logged as one range.
const RANGE_CHUNKS: usize = 64;
/// What an object that was logged as a whole costs a young collection: one, and one for so many of its bytes.
const UNIT_BYTES: usize = CHUNK_ITEMS * size_of::<Gc>();

/// See the module's documentation.
#[derive(Default)]
pub struct RememberedSet {
    /// Objects logged as a whole.
    pub objects: Vec<Gc>,
    /// Logged chunks of large arrays.
    pub chunks: Vec<Chunk>,
    /// Longer parts of large arrays; some of their chunks may stand in `chunks` too.
    pub ranges: Vec<ChunkRange>,
    /// How much a young collection has to look at, in chunks.
    pub units: usize,
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
pub fn chunk_table<'a>(types: &TypeTable, gc: Gc) -> &'a [Cell<u8>] {
    let shape = types.shape(gc.type_id());
    debug_assert!(shape.items_are_refs && gc.header().state() & state_bits::LARGE != 0);
    // SAFETY: registering the type checked that the length is a word of the fixed part.
    let items = unsafe { gc.word::<u64>(shape.len_offset).read() } as usize;
    // SAFETY: the type is registered, so the size comes from readable words; large arrays of references are allocated with
    // their chunk bytes behind the items, zeroed.
    unsafe {
        let end = gc.address() + scan::object_bytes(types, gc);
        std::slice::from_raw_parts(end as *const Cell<u8>, chunk_table_bytes(items))
    }
}

impl RememberedSet {
    /// `object` is about to be stored into anywhere.
    pub fn log_object(&mut self, object: Gc) {
        // Its logged chunks stay in their list.
        object.header().set_barrier(0);
        self.objects.push(object);
        self.logged_objects += 1;
    }
    /// The same, and `units` are counted.
    pub fn log_sized(&mut self, types: &TypeTable, object: Gc) {
        // SAFETY: who stores into an object vouches for its type.
        self.units += 1 + unsafe { scan::object_bytes(types, object) } / UNIT_BYTES;
        self.log_object(object);
    }
    /// A young collection found that these refer to objects that stay young.
    pub(crate) fn add_remembered(
        &mut self,
        types: &TypeTable,
        objects: &mut Vec<Gc>,
        chunks: &mut Vec<Chunk>,
    ) {
        // SAFETY: these are objects at their present places.
        let units = |gc: &Gc| 1 + unsafe { scan::object_bytes(types, *gc) } / UNIT_BYTES;
        self.units += objects.iter().map(units).sum::<usize>() + chunks.len();
        self.objects.append(objects);
        self.chunks.append(chunks);
    }
    /// The items `range` of `object` are about to be stored into.
    pub fn log_items(&mut self, types: &TypeTable, object: Gc, range: Range<usize>) {
        let barrier = object.header().barrier();
        if barrier & barrier_bits::CHUNKED == 0 {
            return self.log_sized(types, object);
        }
        if range.len() > RANGE_CHUNKS * CHUNK_ITEMS {
            return self.log_range(types, object, range);
        }
        for chunk in Chunk::of_items(object, range) {
            if chunk.add(types, chunk_bits::LOGGED) {
                self.chunks.push(chunk);
                self.logged_chunks += 1;
                self.units += 1;
            }
        }
    }
    /// Many items at once: the bytes of their chunks are set in one go.
    fn log_range(&mut self, types: &TypeTable, array: Gc, items: Range<usize>) {
        let numbers = items.start / CHUNK_ITEMS..items.end.div_ceil(CHUNK_ITEMS);
        let range = ChunkRange { array, numbers };
        if self.ranges.last() == Some(&range) {
            return;
        }
        for byte in range.bytes(types) {
            byte.set(byte.get() | chunk_bits::LOGGED);
        }
        self.units += range.numbers.len();
        self.logged_chunks += range.numbers.len() as u64;
        self.ranges.push(range);
    }
}
