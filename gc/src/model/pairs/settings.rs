//! Heaps for these tests: every collector that frees anything, with small nurseries.
use super::super::objects;
use super::toys;
use crate::*;

/// Options for which collections of young objects exist and some of their survivors stay young.
const SMALL: &str = "nursery=128K,threshold=64K,max=256M";

/// A heap of `row` that knows the structures of these tests.
pub fn heap_of(row: &CollectorInfo, more: &str) -> Box<Heap> {
    let text = format!("{},{SMALL},roots=precise{more}", row.name);
    let config = Config {
        reserve_bytes: 1 << 30,
        ..Config::parse(&text).expect("the options are right")
    };
    let heap = Heap::new(config, std::slice::from_ref(row), objects::types());
    let heap = heap.expect("there is address space");
    toys::describe(&heap);
    heap
}
pub fn collecting_rows() -> impl Iterator<Item = &'static CollectorInfo> {
    COLLECTORS.iter().filter(|row| row.capabilities.collects)
}
/// Runs a scene on each collector that frees anything.
pub fn on_each(scene: impl Fn(&Heap)) {
    for row in collecting_rows() {
        println!("on {}", row.name);
        let heap = heap_of(row, ",verify=1,poison");
        scene(&heap);
    }
}
/// Collects everything.
pub fn collect(heap: &Heap) {
    heap.collect(Reason::Explicit);
}
/// Collects as when the budget is spent: young objects only, where they are kept apart.
pub fn collect_young(heap: &Heap) {
    heap.collect(Reason::Budget);
}
