//! How many structures are looked into in one pause of an incremental cycle.
use super::parts::{Part, next_task, traversed};
use super::stage::{Thing, Weak, heap_of, thing};
use super::table::rows;
use ouro_gc::pairing::Task;
use ouro_gc::*;

/// A structure whose object stands for it, and refers to the objects made before by a field.
fn proxied(heap: &Heap, chain: &Root, refers: &[Part]) -> Part {
    let object = thing(heap, 'a');
    object.expect::<Thing>().next().init(chain.get());
    chain.set(object);
    let part = Part::new('A');
    for &to in refers {
        to.incref();
        part.with(|body| body.refers.push(to));
    }
    part.link(heap, object, LinkKind::Proxy);
    heap.poll();
    part
}

#[test]
fn structures_of_living_objects_are_not_looked_into() {
    const LIVING: usize = 8_000;
    const RINGS: usize = 40;
    for row in rows().filter(|row| row.capabilities.incremental) {
        let heap = heap_of(row, ",step=32K", false);
        let chain = heap.root(Gc::NULL);
        let mut last = proxied(&heap, &chain, &[]);
        for _ in 1..LIVING {
            last = proxied(&heap, &chain, &[last]);
        }
        // Rings of two structures and nothing that leads to them but their objects.
        let lost = heap.root(Gc::NULL);
        for _ in 0..RINGS {
            let a = proxied(&heap, &lost, &[]);
            let b = proxied(&heap, &lost, &[a]);
            b.incref();
            a.with(|body| body.refers.push(b));
        }
        heap.collect(Reason::Explicit);
        assert_eq!(heap.pair_stats().linked, (LIVING + 2 * RINGS) as u64);
        drop(lost);
        let (cycles, majors) = (heap.stats().cycles, heap.stats().major.count);
        let (mut most, mut before) = (0, traversed());
        let filler = heap.root(Gc::NULL);
        let mut tasks = Vec::new();
        while heap.stats().cycles < cycles + 2 {
            let gc = heap.alloc_checked(TypeId(Weak::TYPE_ID), Weak::BYTES);
            gc.expect::<Weak>().next.init(filler.get());
            filler.set(gc);
            heap.poll();
            most = most.max(traversed() - before);
            before = traversed();
            while let Some((part, task)) = next_task(&heap) {
                tasks.push(task);
                part.drop_references(&heap);
                part.decref(&heap);
            }
        }
        assert_eq!(
            heap.stats().major.count,
            majors,
            "nothing was collected at once"
        );
        assert_eq!(tasks.len(), 2 * RINGS);
        assert!(tasks.contains(&Task::Clear));
        assert_eq!(heap.pair_stats().linked, LIVING as u64);
        // Each dead one is looked into a few times.
        assert!(
            most > 0 && most <= 8 * 2 * RINGS as u64,
            "{most} in one pause"
        );
    }
}
