//! Objects that move, that must not move, and addresses that are used again.
use super::{KINDS, drain, linked_serial, loose, pair};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collect_young, collecting_rows, heap_of, on_each};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::pairing::BIAS;
use ouro_gc::*;

#[test]
fn links_and_table_follow_objects_that_move() {
    on_each(|heap| {
        let pairs: Vec<_> = (0..200)
            .map(|n| pair(heap, n, (n % 2) as isize, KINDS[n as usize % 4]))
            .collect();
        let before: Vec<_> = pairs.iter().map(|(root, _)| root.get().address()).collect();
        collect_young(heap);
        collect(heap);
        for (n, (root, toy)) in pairs.iter().enumerate() {
            assert_eq!(gc_of(heap, *toy), Some(root.get()), "R3");
            let twin = KINDS[n % 4].is_twin().then_some(*toy);
            assert_eq!(raw_of(heap, root.get()), twin, "R3");
        }
        let moved = pairs.iter().zip(before);
        let moved = moved.filter(|((root, _), at)| root.get().address() != *at);
        let moved = moved.count() as u64;
        let capabilities = heap.collector_info().capabilities;
        if !capabilities.moves_old {
            assert_eq!(capabilities.moves, moved == 200);
        }
        assert!(heap.pair_stats().moved >= moved);
    });
}

#[test]
fn links_follow_objects_that_stay_young_for_several_collections() {
    for row in collecting_rows() {
        let heap = heap_of(row, ",tenure=3,verify=1");
        let (root, toy) = pair(&heap, 1, 0, LinkKind::Twin);
        for n in 0..6 {
            collect_young(&heap);
            assert_eq!(gc_of(&heap, toy), Some(root.get()), "after {n}");
            assert_eq!(raw_of(&heap, root.get()), Some(toy));
        }
        if row.capabilities.generational && !row.capabilities.counts {
            assert!(heap.pair_stats().moved >= 2, "it stayed young");
        }
        drop(root);
        collect(&heap);
        assert_eq!(drain(&heap), [1]);
    }
}

#[test]
fn objects_that_must_not_move_become_old_where_they_are() {
    on_each(|heap| {
        let (root, toy) = pair(heap, 1, 0, LinkKind::Twin);
        let dead = loose(heap, 2, 0, LinkKind::Twin);
        let held = loose(heap, 3, 1, LinkKind::Twin);
        for toy in [toy, dead, held] {
            let gc = gc_of(heap, toy).expect("it is linked");
            gc.header().add_state(state_bits::PINNED);
        }
        let at = root.get();
        collect_young(heap);
        assert_eq!(heap.pair_stats().moved, 0);
        if heap.collector_info().capabilities.moves {
            assert!(heap.stats().work.promoted_in_place >= 2);
        }
        assert_eq!((root.get(), gc_of(heap, toy)), (at, Some(at)));
        assert_eq!(raw_of(heap, at), Some(toy));
        assert_eq!(linked_serial(heap, held), Some(3));
        collect(heap);
        assert_eq!(drain(heap), [2]);
    });
}

#[test]
fn large_objects_have_twins_too() {
    on_each(|heap| {
        let root = heap.root(array(heap, 1, 2_000));
        let [kept, held, dead] = [0, 1, 0].map(|count| Toy::new(count as u64 + 1, count));
        link(heap, root.get(), kept, LinkKind::Twin);
        link(heap, array(heap, 2, 2_000), held, LinkKind::Twin);
        link(heap, array(heap, 3, 2_000), dead, LinkKind::Twin);
        collect_young(heap);
        collect(heap);
        assert_eq!(raw_of(heap, root.get()), Some(kept));
        assert_eq!(linked_serial(heap, held), Some(2));
        assert_eq!(dead.link_word(), 0);
        assert_eq!(drain(heap).len(), 1);
    });
}

#[test]
fn immortal_objects_have_twins_too() {
    static OUTSIDE: Immortal = Immortal::new(TypeId::nth(0));
    on_each(|heap| {
        let inside = heap.alloc_immortal(Node::id(), Node::BYTES);
        let later = node(heap, 3).gc();
        heap.immortalize(later);
        for (n, gc) in [OUTSIDE.gc(), inside, later].into_iter().enumerate() {
            assert_eq!(raw_of(heap, gc), None);
            let toy = Toy::new(n as u64, (n % 2) as isize);
            link(heap, gc, toy, LinkKind::Twin);
            collect_young(heap);
            collect(heap);
            assert_eq!((gc_of(heap, toy), raw_of(heap, gc)), (Some(gc), Some(toy)));
            assert_eq!(toy.count(), BIAS + (n % 2) as isize);
            unlink(heap, toy);
            assert_eq!(raw_of(heap, gc), None);
        }
        let state = OUTSIDE.gc().header().state();
        assert_eq!(
            state,
            state_bits::IMMORTAL,
            "statics belong to several heaps"
        );
    });
}

#[test]
fn identity_is_not_disturbed_by_a_twin() {
    on_each(|heap| {
        let (root, toy) = pair(heap, 1, 1, LinkKind::Twin);
        let identity = heap.identity(root.get());
        drop(root);
        collect_young(heap);
        collect(heap);
        let gc = gc_of(heap, toy).expect("it is held");
        assert_eq!(heap.identity(gc), identity);
        assert_eq!(raw_of(heap, gc), Some(toy));
    });
}

/// A collection of which only this is known: the first object moved to where the second was, and the other way round, and
/// the third died.
struct Swapped([Gc; 3]);

impl Liveness for Swapped {
    fn keep(&mut self, _gc: Gc) {}
    fn fixpoint(&mut self) {}
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        let [first, second, dead] = self.0;
        match gc {
            _ if gc == first => Some(second),
            _ if gc == second => Some(first),
            _ => (gc != dead).then_some(gc),
        }
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
}

#[test]
fn old_objects_may_change_places() {
    let row = COLLECTORS.iter().find(|row| !row.capabilities.moves);
    let heap = heap_of(row.expect("there is one"), "");
    let pairs: Vec<_> = (0..4).map(|n| pair(&heap, n, 0, LinkKind::Twin)).collect();
    // What the collector says makes the links old.
    collect(&heap);
    let gcs: Vec<Gc> = pairs.iter().map(|(root, _)| root.get()).collect();
    let toys: Vec<Toy> = pairs.iter().map(|(_, toy)| *toy).collect();
    for round in 0..4 {
        let swapped = Swapped([gcs[0], gcs[1], gcs[2]]);
        heap.pairing().finish(Scope::Whole, &swapped);
        let (first, second) = if round % 2 == 0 { (1, 0) } else { (0, 1) };
        assert_eq!(gc_of(&heap, toys[0]), Some(gcs[first]), "R3");
        assert_eq!(gc_of(&heap, toys[1]), Some(gcs[second]), "R3");
        assert_eq!(raw_of(&heap, gcs[first]), Some(toys[0]), "R3");
        assert_eq!(raw_of(&heap, gcs[second]), Some(toys[1]), "R3");
        assert_eq!(raw_of(&heap, gcs[2]), None, "R10");
        assert_eq!(raw_of(&heap, gcs[3]), Some(toys[3]));
    }
    assert_eq!(next_pending(&heap), Some(toys[2]));
    assert_eq!(next_pending(&heap), None);
}

#[test]
fn a_collection_at_the_limit_frees_what_pairs_left() {
    for row in collecting_rows() {
        let config = Config {
            roots: RootMode::Conservative,
            reserve_bytes: 1 << 30,
            ..Config::parse(&format!("{},max=4M,nursery=128K", row.name)).expect("it is right")
        };
        let heap = Heap::new(config, COLLECTORS, types()).expect("there is address space");
        describe(&heap);
        take_freed();
        for n in 0..64 {
            // A collection that starts here, in the middle of the allocation, finds the pairs made before.
            let blob = heap
                .alloc_var(Blob::id(), 256 << 10)
                .expect("most are dead");
            link(&heap, blob, Toy::new(n, 0), LinkKind::LightTwin);
        }
        assert!(heap.stats().by_reason[Reason::Limit as usize] > 0);
        assert!(take_freed().len() > 40, "on {}", row.name);
    }
}

#[test]
fn an_address_that_is_used_again_leads_to_no_twin_of_the_dead() {
    on_each(|heap| {
        let mut dead = Vec::new();
        for n in 0..300 {
            dead.push(gc_of(heap, loose(heap, n, 0, LinkKind::LightTwin)).map(Gc::address));
        }
        collect(heap);
        let mut used_again = 0;
        for n in 0..8_000 {
            let new = node(heap, n);
            assert_eq!(raw_of(heap, new), None, "R10");
            used_again += dead.contains(&Some(new.gc().address())) as u32;
            poll(heap);
        }
        assert!(used_again > 0, "no address was used again");
    });
}

#[test]
fn a_structures_memory_may_be_linked_again_at_once() {
    on_each(|heap| {
        for n in 0..100 {
            let toy = loose(heap, n, 1, LinkKind::Proxy);
            assert_eq!(unlink(heap, toy), Some(1));
            toy.decref(heap);
            let again = loose(heap, n + 1_000, 0, LinkKind::Twin);
            assert_eq!(again, toy, "the test's allocator reuses memory");
        }
        collect(heap);
        assert_eq!(drain(heap), (1_000..1_100).collect::<Vec<_>>());
    });
}
