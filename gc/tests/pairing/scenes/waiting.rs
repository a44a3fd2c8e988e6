//! What may happen to pending structures.
use super::{drain, linked_serial, loose};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, on_each};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::*;

#[test]
fn a_pending_structure_may_be_held_again() {
    on_each(|heap| {
        let toy = loose(heap, 1, 0, LinkKind::Proxy);
        collect(heap);
        // Before it was handed out: foreign code came across it.
        toy.incref();
        toy.decref(heap);
        assert_eq!(
            take_destroyed(),
            [] as [u64; 0],
            "R6: the count did not drop to 0"
        );
        toy.incref();
        assert_eq!(next_pending(heap), Some(toy));
        toy.decref(heap);
        collect(heap);
        assert_eq!((toy.count(), toy.link_word()), (1, 0));
        assert_eq!(next_pending(heap), None, "R5");
        toy.decref(heap);
        assert_eq!(take_destroyed(), [1]);
    });
}

#[test]
fn a_pending_structure_may_be_linked_again() {
    on_each(|heap| {
        let toy = loose(heap, 1, 0, LinkKind::Twin);
        collect(heap);
        assert_eq!(toy.count(), 1);
        // Once while it waits,
        let root = heap.root(node(heap, 2));
        link(heap, root.get(), toy, LinkKind::Proxy);
        assert_eq!(next_pending(heap), Some(toy));
        toy.decref(heap);
        collect(heap);
        assert_eq!(linked_serial(heap, toy), Some(2));
        drop(root);
        collect(heap);
        // and once when it was handed out.
        assert_eq!(next_pending(heap), Some(toy));
        let root = heap.root(node(heap, 3));
        link(heap, root.get(), toy, LinkKind::Twin);
        toy.decref(heap);
        collect(heap);
        assert_eq!(raw_of(heap, root.get()), Some(toy));
        drop(root);
        collect(heap);
        assert_eq!(drain(heap), [1]);
    });
}

#[test]
fn a_new_object_that_dies_before_the_pending_structure_is_handed_out_takes_nothing_along() {
    on_each(|heap| {
        let toy = loose(heap, 1, 0, LinkKind::Twin);
        collect(heap);
        link(heap, node(heap, 2), toy, LinkKind::Proxy);
        collect(heap);
        assert_eq!((toy.count(), toy.link_word()), (1, 0));
        assert_eq!(
            drain(heap),
            [1],
            "R5: it waits once, not once for each object"
        );
    });
}

#[test]
fn a_chain_over_both_sides_goes_link_by_link() {
    on_each(|heap| {
        // Each structure holds the next one; each twin holds its object.
        let toys: Vec<Toy> = (0..4).map(|n| loose(heap, n, 0, LinkKind::Twin)).collect();
        for pair in toys.windows(2) {
            pair[0].add_edge(pair[1]);
        }
        for n in 0..4 {
            collect(heap);
            assert_eq!(
                drain(heap),
                [n],
                "only the first of the rest has no other reference"
            );
        }
    });
}

#[test]
fn destructors_may_collect() {
    on_each(|heap| {
        for n in 0..3 {
            let first = loose(heap, 2 * n, 0, LinkKind::Proxy);
            let second = loose(heap, 2 * n + 1, 0, LinkKind::Twin);
            first.add_edge(second);
        }
        collect(heap);
        let mut order = Vec::new();
        while let Some(toy) = next_pending(heap) {
            order.push(toy.serial());
            toy.decref(heap);
            collect(heap);
        }
        assert_eq!(order, [0, 2, 4, 1, 3, 5]);
    });
}

#[test]
fn a_structure_may_get_a_proxy_while_its_destructor_runs() {
    on_each(|heap| {
        let toy = loose(heap, 1, 0, LinkKind::Proxy);
        collect(heap);
        assert_eq!(next_pending(heap), Some(toy));
        mark_deallocating(heap, toy);
        assert_eq!(gc_of(heap, toy), None);
        link(heap, node(heap, 2), toy, LinkKind::Proxy);
        assert!(!is_deallocating(heap, toy));
        assert_eq!(linked_serial(heap, toy), Some(2));
        assert_eq!(unlink(heap, toy), Some(1));
        collect(heap);
        assert_eq!(toy.count(), 1);
        toy.decref(heap);
        assert_eq!(next_pending(heap), None);
    });
}

#[test]
fn growing_raw_memory_asks_for_a_collection_of_old_objects_too() {
    on_each(|heap| {
        let root = heap.root(node(heap, 2));
        link(heap, root.get(), Toy::new(2, 0), LinkKind::Proxy);
        collect(heap);
        drop(root);
        assert!(heap.ask_for_raw_memory(1 << 20));
        assert!(heap.poll().has(Attention::PENDING_RAW));
        assert_eq!(drain(heap), [2], "what was old is gone");
        // The next poll has nothing to report, the next request gets its answer though nothing is pending.
        assert!(!heap.poll().has(Attention::PENDING_RAW));
        assert!(heap.ask_for_raw_memory(1 << 20));
        assert!(heap.poll().has(Attention::PENDING_RAW));
        assert_eq!(heap.stats().by_reason[Reason::RawMemory as usize], 2);
        // Who switched collections off is asked only for much.
        heap.set_automatic(false);
        assert!(!heap.ask_for_raw_memory(1 << 20));
        assert!(heap.ask_for_raw_memory(1 << 30));
    });
}
