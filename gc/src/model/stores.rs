//! Raw reads and writes of objects, without any barrier: the callers run it, or are planted bugs that do not.
use super::objects::*;
use crate::*;
use std::ops::Range;

/// The address of a strong reference field.
pub fn place(gc: Gc, slot: usize) -> *mut Gc {
    let base = match gc.type_id().0 {
        Node::TYPE_ID => 16,
        Array::TYPE_ID | WeakNode::TYPE_ID => 24,
        other => panic!("objects of type {other} have no slots"),
    };
    gc.word::<Gc>(base).wrapping_add(slot)
}
/// The items of an array as raw memory.
fn items(array: Gc, range: &Range<usize>) -> *mut Gc {
    assert!(range.end <= array.expect::<Array>().item_count());
    place(array, range.start)
}
pub fn read(gc: Gc, slot: usize) -> Gc {
    // SAFETY: the callers name a slot of the object.
    unsafe { place(gc, slot).read() }
}
pub fn write(gc: Gc, slot: usize, value: Gc) {
    write_at(place(gc, slot), value);
}
/// Writes a slot whose address was taken since the last safepoint.
pub fn write_at(place: *mut Gc, value: Gc) {
    // SAFETY: the place is a slot of a living object, which did not move: there was no safepoint.
    unsafe { place.write(value) }
}
pub fn fill(array: Gc, range: Range<usize>, value: Gc) {
    let first = items(array, &range);
    for n in 0..range.len() {
        write_at(first.wrapping_add(n), value);
    }
}
pub fn clear(array: Gc, range: Range<usize>) {
    // SAFETY: the range is inside the array.
    unsafe { items(array, &range).write_bytes(0, range.len()) }
}
/// Copies a range from one array to the same place in another, which may be the same.
pub fn copy(from: Gc, to: Gc, range: Range<usize>) {
    // SAFETY: the range is inside both arrays.
    unsafe { items(to, &range).copy_from(items(from, &range), range.len()) }
}
/// Moves a range inside an array.
pub fn shift(array: Gc, range: Range<usize>, to: usize) {
    let target = to..to + range.len();
    // SAFETY: both ranges are inside the array.
    unsafe { items(array, &target).copy_from(items(array, &range), range.len()) }
}
pub fn reverse(array: Gc, range: Range<usize>) {
    // SAFETY: the range is inside the array, and nobody else looks at it.
    unsafe { std::slice::from_raw_parts_mut(items(array, &range), range.len()) }.reverse();
}
/// Writes the length of an array that was allocated without one.
pub fn write_len(array: Gc, len: usize) {
    // SAFETY: the length is the word behind the header of the array.
    unsafe { array.word::<u64>(8).write(len as u64) }
}
/// Planted: takes an address for a reference, whatever is there.
pub fn believe(address: usize) -> Gc {
    // SAFETY: none; the memory was an object's once and is still mapped. The suite must find this bug.
    unsafe { Gc::from_raw(address as *mut Header) }
}
/// What stands at byte `n` of a string-like object.
pub fn byte(n: usize, serial: u64, version: u64) -> u8 {
    (n as u64 ^ serial ^ version << 3) as u8
}
/// Writes the contents of a string-like object: only every `stride`-th byte, to be quick.
pub fn write_bytes(gc: Gc, len: usize, serial: u64, version: u64) {
    let blob = gc.expect::<Blob>();
    let items = blob.items();
    assert_eq!(items.len(), len);
    for n in (0..len).step_by(stride(len)) {
        items[n].set(byte(n, serial, version));
    }
}
/// Whether the contents are those that [`write_bytes`] wrote.
pub fn has_bytes(gc: Gc, len: usize, serial: u64, version: u64) -> bool {
    let blob = gc.expect::<Blob>();
    let items = blob.items();
    items.len() == len
        && (0..len)
            .step_by(stride(len))
            .all(|n| items[n].get() == byte(n, serial, version))
}
fn stride(len: usize) -> usize {
    (len / 64).max(1)
}
