//! From character numbers to byte offsets and back, for str that are not ASCII.
//!
//! WTF-8 has no arithmetic way to a character, so a long text gets an index when it is first asked: the byte offset of
//! every 64th character. The indices of the last few texts are kept outside the heap, found by address; each collection
//! may move or free a str, so an index is valid only until then.

use super::{bytes, char_len, count_chars, is_ascii};
use crate::Vm;
use ouro_gc::Gc;
use std::cell::{Cell, RefCell};

/// Characters between two entries of an index.
const STRIDE: usize = 64;
/// Texts of fewer bytes are searched from the start.
const LEAST_BYTES: usize = 4 * STRIDE;
/// Indices kept at the same time.
const KEPT: usize = 4;

/// The indices of the texts that were last asked for.
#[derive(Default)]
pub(crate) struct Indices {
    kept: RefCell<[Index; KEPT]>,
    /// The next to be replaced.
    next: Cell<usize>,
}

#[derive(Default)]
struct Index {
    address: usize,
    /// Number of collections when it was made.
    collections: u64,
    /// Byte offset of character `n * STRIDE`.
    offsets: Vec<usize>,
}

impl Index {
    fn fill(&mut self, b: &[u8]) {
        self.offsets.clear();
        let mut left = 0;
        for (at, &x) in b.iter().enumerate() {
            if x & 0xc0 != 0x80 {
                if left == 0 {
                    self.offsets.push(at);
                    left = STRIDE;
                }
                left -= 1;
            }
        }
    }
}

/// The byte offset of character `index` by counting; the length of the text if there are fewer.
fn scan(b: &[u8], index: usize) -> usize {
    let mut left = index;
    // Whole words first: bytes that continue a character have bit 7 set and bit 6 clear.
    let (words, _) = b.as_chunks::<8>();
    let mut skipped = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let continuing = (word >> 7) & !(word >> 6) & 0x0101_0101_0101_0101;
        let starting = 8 - continuing.count_ones() as usize;
        if starting > left {
            break;
        }
        left -= starting;
        skipped += 8;
    }
    let starts = b[skipped..]
        .iter()
        .enumerate()
        .filter(|(_, x)| **x & 0xc0 != 0x80);
    for (at, _) in starts {
        if left == 0 {
            return skipped + at;
        }
        left -= 1;
    }
    b.len()
}

fn with_index<R>(vm: &Vm, s: Gc, ask: impl FnOnce(&[usize]) -> R) -> R {
    let indices = &vm.world().str_indices;
    let (address, collections) = (s.address(), vm.heap.collections());
    let mut kept = indices.kept.borrow_mut();
    let found = kept
        .iter()
        .position(|i| i.address == address && i.collections == collections);
    let n = found.unwrap_or_else(|| {
        let n = indices.next.replace((indices.next.get() + 1) % KEPT);
        (kept[n].address, kept[n].collections) = (address, collections);
        kept[n].fill(bytes(s));
        n
    });
    ask(&kept[n].offsets)
}

/// The byte offset of character `index`, which may be the length.
pub fn offset_of(vm: &Vm, s: Gc, index: usize) -> usize {
    let b = bytes(s);
    if is_ascii(s) {
        return index.min(b.len());
    }
    if index >= char_len(s) {
        return b.len();
    }
    if b.len() < LEAST_BYTES || index < STRIDE {
        return scan(b, index);
    }
    let from = with_index(vm, s, |offsets| offsets[index / STRIDE]);
    from + scan(&b[from..], index % STRIDE)
}

/// The byte offsets of the characters `start..stop`, where `start <= stop`.
pub fn range_of(vm: &Vm, s: Gc, start: usize, stop: usize) -> (usize, usize) {
    let from = offset_of(vm, s, start);
    if stop - start >= STRIDE || is_ascii(s) {
        return (from, offset_of(vm, s, stop));
    }
    // The end is near: no second look into the index.
    (from, from + scan(&bytes(s)[from..], stop - start))
}

/// The number of the character that starts at byte `offset`, which may be the length in bytes.
pub fn index_of(vm: &Vm, s: Gc, offset: usize) -> usize {
    let b = bytes(s);
    if is_ascii(s) {
        return offset;
    }
    if offset >= b.len() {
        return char_len(s);
    }
    if offset < LEAST_BYTES {
        return count_chars(&b[..offset]);
    }
    let (n, from) = with_index(vm, s, |offsets| {
        let n = offsets.partition_point(|&at| at <= offset) - 1;
        (n, offsets[n])
    });
    n * STRIDE + count_chars(&b[from..offset])
}
