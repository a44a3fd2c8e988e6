//! The one fast-path protocol, as plain data: what compiled code must know to allocate, store and poll.
//!
//! It is the same for every collector. Addresses of cells are relative to the [`crate::Heap`].
//!
//! - **Allocate** `bytes` (a constant, a multiple of 16, at most `zone_bytes` in sum between two polls): take `free` as the
//!   object, store the type id as a 64-bit word at its start, advance `free`. The memory behind is zero.
//! - **Poll**: slow path if `free > top` (unsigned).
//! - **Store a reference**: before the store, slow path if the barrier byte of the object is not 0.
//! - **Store an item**: if the barrier byte is not 0 but its bit LOG is, the array has a byte per chunk of its items, behind
//!   the array's size; no slow path if the byte of the item's chunk is not 0. Only the slow path sets it.
use crate::object::{GRANULE_BYTES, barrier_bits};
use crate::remembered::chunk_bits;
use crate::types::TypeId;

/// Bytes past `top` that may be used without a check between two polls.
pub const ZONE_BYTES: usize = 16 << 10;
/// Objects of more bytes live in the large-object space.
pub const LARGE_OBJECT_BYTES: usize = 8 << 10;

/// Offset of the allocation pointer in the heap.
pub const FREE_OFFSET: usize = 0;
/// Offset of the limit that polls compare with.
pub const TOP_OFFSET: usize = 8;
/// Offset of the pointer into the log of a collector that logs stores.
pub const LOG_OFFSET: usize = 16;
/// Offset of the attention word, see [`crate::Attention`].
pub const ATTENTION_OFFSET: usize = 24;
/// Offset of the type id in an object.
pub const TYPE_ID_OFFSET: usize = 0;
/// Offset of the barrier byte in an object.
pub const BARRIER_BYTE_OFFSET: usize = 4;

/// Items of a chunk of a large array, as a power of two.
pub const CHUNK_ITEMS_LOG2: u8 = 4;
const _: () = assert!(1 << CHUNK_ITEMS_LOG2 == crate::remembered::CHUNK_ITEMS);

/// All of the above in one value, for a compiler that takes it as input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FastPath {
    /// Offset of the allocation pointer in the heap.
    pub free_offset: usize,
    /// Offset of the poll's limit in the heap.
    pub top_offset: usize,
    /// Offset of the log pointer in the heap.
    pub log_offset: usize,
    /// Offset of the attention word (32 bits) in the heap.
    pub attention_offset: usize,
    /// Offset of the 32-bit type id in an object.
    pub type_id_offset: usize,
    /// Offset of the byte that the write barrier tests.
    pub barrier_byte_offset: usize,
    /// Bytes that may be allocated between two polls.
    pub zone_bytes: usize,
    /// Larger objects are allocated by the slow path only.
    pub large_object_bytes: usize,
    /// Sizes and addresses of objects are multiples of this.
    pub granule_bytes: usize,
    /// The bit of the barrier byte that says that a large array has chunk bytes.
    pub chunked_bit: u8,
    /// The bit of a chunk byte that says that a store into the chunk was logged.
    pub chunk_logged_bit: u8,
    /// Items of a chunk, as a power of two.
    pub chunk_items_log2: u8,
}

impl FastPath {
    /// The protocol of this crate.
    pub const OURO: FastPath = FastPath {
        free_offset: FREE_OFFSET,
        top_offset: TOP_OFFSET,
        log_offset: LOG_OFFSET,
        attention_offset: ATTENTION_OFFSET,
        type_id_offset: TYPE_ID_OFFSET,
        barrier_byte_offset: BARRIER_BYTE_OFFSET,
        zone_bytes: ZONE_BYTES,
        large_object_bytes: LARGE_OBJECT_BYTES,
        granule_bytes: GRANULE_BYTES,
        chunked_bit: barrier_bits::CHUNKED,
        chunk_logged_bit: chunk_bits::LOGGED,
        chunk_items_log2: CHUNK_ITEMS_LOG2,
    };
    /// The first word of a new object.
    pub const fn header_word(type_id: TypeId) -> u64 {
        type_id.0 as u64
    }
}
