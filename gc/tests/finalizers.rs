//! The order of finalizers, under every collector that frees something. The rules F1 and F2 stand in `src/topology.rs`;
//! the random programs of the model (invariant A12) check the same on any graph.
use ouro_gc::model::objects::*;
use ouro_gc::*;

/// A node with a finalizer that refers to two others.
fn finalizable(heap: &Heap, serial: u64, slots: [Gc; 2]) -> Gc {
    let node = node(heap, serial);
    node.slots[0].init(slots[0]);
    node.slots[1].init(slots[1]);
    heap.register_finalizer(node.gc());
    node.gc()
}
/// Collects and says whose finalizers are to run.
fn round(heap: &Heap) -> Vec<u64> {
    heap.collect(Reason::Explicit);
    let _ = heap.poll();
    heap.take_finalizable().into_iter().map(serial).collect()
}
fn rounds(heap: &Heap) -> Vec<Vec<u64>> {
    let mut all = Vec::new();
    loop {
        match round(heap) {
            queue if queue.is_empty() => return all,
            queue => all.push(queue),
        }
    }
}

#[test]
fn f1_a_chain_is_finalized_from_its_head_one_in_each_collection() {
    for name in collecting() {
        let heap = heap(&format!("{name},verify,poison"));
        let last = finalizable(&heap, 3, [Gc::NULL; 2]);
        // Something without a finalizer lies in between.
        let between = node(&heap, 100);
        between.slots[0].init(last);
        let middle = finalizable(&heap, 2, [between.gc(), Gc::NULL]);
        finalizable(&heap, 1, [middle, last]);
        assert_eq!(rounds(&heap), [[1], [2], [3]], "{name}");
        assert_eq!(in_memory(&heap).len(), 0, "{name}");
        assert_eq!(heap.finalizers().queued_in_all(), 3);
        assert!(heap.finalizers().waited() >= 2, "{name}");
    }
}

#[test]
fn f1_objects_that_reach_each_other_are_finalized_together_and_before_what_hangs_on_them() {
    for name in collecting() {
        let heap = heap(&format!("{name},verify,poison"));
        let below = finalizable(&heap, 10, [Gc::NULL; 2]);
        let other = finalizable(&heap, 11, [Gc::NULL; 2]);
        let (one, two) = (node(&heap, 1), node(&heap, 2));
        // A third one without a finalizer closes the circle.
        let third = node(&heap, 3);
        one.slots[0].init(two.gc());
        one.slots[1].init(below);
        two.slots[0].init(third.gc());
        two.slots[1].init(other);
        third.slots[0].init(one.gc());
        heap.register_finalizer(one.gc());
        heap.register_finalizer(two.gc());
        // A second circle on top of the first.
        let top = finalizable(&heap, 20, [one.gc(), Gc::NULL]);
        top.expect::<Node>().slots[1].init(top);
        assert_eq!(
            rounds(&heap),
            [vec![20], vec![1, 2], vec![10, 11]],
            "{name}"
        );
        assert_eq!(in_memory(&heap).len(), 0, "{name}");
    }
}

#[test]
fn f1_who_is_made_reachable_again_by_a_finalizer_is_not_finalized() {
    for name in collecting() {
        let heap = heap(&format!("{name},verify,poison"));
        let owned = finalizable(&heap, 2, [Gc::NULL; 2]);
        finalizable(&heap, 1, [owned, Gc::NULL]);
        heap.collect(Reason::Explicit);
        let queue = heap.take_finalizable();
        assert_eq!(queue.iter().map(|&gc| serial(gc)).collect::<Vec<_>>(), [1]);
        let saved = heap.root(queue[0].expect::<Node>().slots[0].get());
        assert_eq!(rounds(&heap), Vec::<Vec<u64>>::new(), "{name}");
        assert_eq!(serial(saved.get()), 2);
        drop(saved);
        assert_eq!(rounds(&heap), [[2]], "{name}");
    }
}

#[test]
fn f1_arrays_that_are_looked_at_in_parts_keep_the_order() {
    for name in collecting() {
        let heap = heap(name);
        let items = heap.root(array(&heap, 1, 20_000));
        for n in (0..20_000).step_by(1_000) {
            let gc = finalizable(&heap, 1_000 + n, [Gc::NULL; 2]);
            let items = items.get().expect::<Array>();
            items.items()[n as usize].set(&heap, items, gc);
        }
        let owner = finalizable(&heap, 2, [Gc::NULL; 2]);
        owner.expect::<Node>().slots[0].init(items.get());
        // The array leads back to one that is not below its owner.
        items.get().expect::<Array>().items()[19_999].set(&heap, items.get(), owner);
        drop(items);
        let all = rounds(&heap);
        assert_eq!(all.len(), 2, "{name}: {all:?}");
        assert_eq!(
            (all[0].as_slice(), all[1].len()),
            ([2].as_slice(), 20),
            "{name}"
        );
    }
}

#[test]
fn f2_a_long_chain_is_finalized_in_order_and_at_once_and_others_are_not_affected() {
    // Debug builds are slow, and the oracle with its memory per object is slower.
    let long = if cfg!(debug_assertions) {
        100_000
    } else {
        1_000_000
    };
    for name in collecting() {
        let heap = heap(name);
        let chain = heap.root(node(&heap, 0));
        for n in (0..long).rev() {
            let next = chain.get().expect::<Node>().slots[0].get();
            let gc = finalizable(&heap, 1_000 + n, [next, Gc::NULL]);
            chain.get().expect::<Node>().slots[0].set(&heap, chain.get(), gc);
            let _ = heap.poll();
        }
        let owned = finalizable(&heap, 2, [Gc::NULL; 2]);
        finalizable(&heap, 1, [owned, Gc::NULL]);
        drop(chain);
        let all = rounds(&heap);
        assert_eq!(all.len(), 2, "{name}: {} collections", all.len());
        let told: Vec<u64> = all[0].iter().copied().filter(|&s| s != 1).collect();
        assert!(
            told.into_iter().eq(1_000..1_000 + long),
            "{name}: the order"
        );
        assert!(all[0].contains(&1) && all[1] == [2], "{name}");
    }
}

#[test]
fn f2_up_to_eight_that_follow_one_another_take_a_collection_each() {
    for name in collecting() {
        for long in [EXACT_DEPTH as u64, EXACT_DEPTH as u64 + 1] {
            let heap = heap(name);
            let mut next = Gc::NULL;
            for n in (0..long).rev() {
                next = finalizable(&heap, n + 1, [next, Gc::NULL]);
            }
            let all = rounds(&heap);
            assert!(all.concat().into_iter().eq(1..=long), "{name}");
            let expected = if long <= EXACT_DEPTH as u64 { long } else { 1 };
            assert_eq!(all.len() as u64, expected, "{name}");
        }
    }
}

#[test]
fn young_collections_keep_the_order_too() {
    for row in COLLECTORS
        .iter()
        .filter(|row| row.capabilities.generational)
    {
        let heap = heap(&format!("{},verify,poison,nursery=128K", row.name));
        let mut told = Vec::new();
        for n in 0..200 {
            let last = finalizable(&heap, 3 * n + 3, [Gc::NULL; 2]);
            let middle = finalizable(&heap, 3 * n + 2, [last, Gc::NULL]);
            finalizable(&heap, 3 * n + 1, [middle, Gc::NULL]);
            for _ in 0..50 {
                node(&heap, 1_000_000);
                let _ = heap.poll();
                told.extend(heap.take_finalizable().into_iter().map(serial));
            }
        }
        assert!(heap.stats().minor.count > 1);
        told.extend(rounds(&heap).concat());
        let at = |s: u64| told.iter().position(|&t| t == s).expect("each is told");
        assert_eq!(told.len(), 600, "{}", row.name);
        assert!(
            (0..200).all(|n| at(3 * n + 1) < at(3 * n + 2) && at(3 * n + 2) < at(3 * n + 3)),
            "{}",
            row.name
        );
    }
}
