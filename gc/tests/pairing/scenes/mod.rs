//! Small scenes, each on every collector that frees anything.
mod ages;
mod endings;
mod keeping;
mod places;
mod slices;
mod undoing;
mod waiting;

use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::toys::*;
use ouro_gc::*;

pub const KINDS: [LinkKind; 4] = [
    LinkKind::Twin,
    LinkKind::LightTwin,
    LinkKind::Proxy,
    LinkKind::LightProxy,
];

/// A rooted node and a structure with `count` references from outside, linked. Both have the serial.
pub fn pair(heap: &Heap, serial: u64, count: isize, kind: LinkKind) -> (Root, Toy) {
    // Some scenes make many pairs without a poll.
    let object = heap.alloc_checked(Node::id(), Node::BYTES).expect::<Node>();
    object.serial.set(serial);
    let root = heap.root(object);
    let toy = Toy::new(serial, count);
    link(heap, root.get(), toy, kind);
    (root, toy)
}
/// The same, without a root for the node.
pub fn loose(heap: &Heap, serial: u64, count: isize, kind: LinkKind) -> Toy {
    pair(heap, serial, count, kind).1
}
pub fn linked_serial(heap: &Heap, toy: Toy) -> Option<u64> {
    gc_of(heap, toy).map(serial)
}
/// Destroys what is pending, and returns the serials in order.
pub fn drain(heap: &Heap) -> Vec<u64> {
    let mut serials = Vec::new();
    while let Some(toy) = next_pending(heap) {
        assert_eq!((toy.count(), toy.link_word()), (1, 0), "R6");
        serials.push(toy.serial());
        toy.decref(heap);
    }
    serials
}
pub fn garbage(heap: &Heap, objects: u64) {
    for _ in 0..objects {
        heap.alloc_checked(Node::id(), Node::BYTES);
    }
}
