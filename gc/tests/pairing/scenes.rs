//! Small scenes, each on every collector that frees anything.
use super::common::*;
use super::settings::{collect, collect_young, collecting_rows, heap_of, on_each};
use super::toys::*;
use ouro_gc::pairing::{BIAS, LIGHT_BIAS};
use ouro_gc::*;
use std::cell::{Cell, RefCell};

const KINDS: [LinkKind; 4] = [
    LinkKind::Twin,
    LinkKind::LightTwin,
    LinkKind::Proxy,
    LinkKind::LightProxy,
];

/// A rooted node and a structure with `refcount` references from outside, linked. Both have the serial.
fn pair(heap: &Heap, serial: u64, refcount: isize, kind: LinkKind) -> (Root, Toy) {
    // Some scenes make many pairs without a poll.
    let object = heap.alloc_checked(Node::id(), Node::BYTES).expect::<Node>();
    object.serial.set(serial);
    let root = heap.root(object);
    let toy = Toy::new(serial, refcount);
    link(heap, root.get(), toy, kind);
    (root, toy)
}
/// The same, without a root for the node.
fn loose(heap: &Heap, serial: u64, refcount: isize, kind: LinkKind) -> Toy {
    pair(heap, serial, refcount, kind).1
}
fn linked_serial(heap: &Heap, toy: Toy) -> Option<u64> {
    gc_of(heap, toy).map(serial)
}
/// Destroys what is pending, and returns the serials in order.
fn drain(heap: &Heap) -> Vec<u64> {
    let mut serials = Vec::new();
    while let Some(toy) = next_pending(heap) {
        assert_eq!((toy.refcount(), toy.link_word()), (1, 0), "R6");
        serials.push(toy.serial());
        toy.decref(heap);
    }
    serials
}
fn garbage(heap: &Heap, objects: u64) {
    for _ in 0..objects {
        heap.alloc_checked(Node::id(), Node::BYTES);
    }
}

// ---- Who keeps whom ---------------------------------------------------------------------------------------------------

#[test]
fn a_twin_that_the_raw_side_holds_keeps_its_object_and_what_it_reaches() {
    on_each(|heap| {
        let (root, toy) = pair(heap, 1, 1, LinkKind::Twin);
        let child = node(heap, 2);
        root.get().expect::<Node>().slots[0].init(child.gc());
        drop(root);
        for n in 0..6 {
            if n % 2 == 0 {
                collect(heap);
            } else {
                collect_young(heap);
            }
            let gc = gc_of(heap, toy).expect("R4: still linked");
            assert_eq!(serial(gc), 1);
            assert_eq!(serial(gc.expect::<Node>().slots[0].get()), 2);
            assert_eq!(raw_of(heap, gc), Some(toy), "R2");
            assert_eq!(toy.refcount(), BIAS + 1, "R7");
        }
        assert!(heap.pair_stats().held >= 3);
        toy.decref(heap);
        collect(heap);
        assert_eq!(drain(heap), [1]);
    });
}

#[test]
fn an_object_keeps_its_raw_structure() {
    on_each(|heap| {
        for (n, kind) in KINDS.into_iter().enumerate() {
            let (root, toy) = pair(heap, n as u64, 0, kind);
            collect_young(heap);
            collect(heap);
            assert_eq!(toy.refcount(), kind.bias(), "{kind:?}");
            assert_eq!(gc_of(heap, toy), Some(root.get()));
            assert_eq!(raw_of(heap, root.get()), kind.is_twin().then_some(toy));
            assert_eq!(unlink(heap, toy), Some(0));
        }
        assert_eq!(next_pending(heap), None);
    });
}

#[test]
fn the_raw_side_does_not_keep_a_proxy() {
    on_each(|heap| {
        for kind in [LinkKind::Proxy, LinkKind::LightProxy] {
            let toy = loose(heap, 1, 2, kind);
            collect(heap);
            assert_eq!(toy.link_word(), 0);
            assert_eq!(toy.refcount(), 2, "R7: what the raw side holds is left");
        }
        assert_eq!(next_pending(heap), None);
        assert_eq!(take_freed(), [] as [u64; 0]);
        assert_eq!(heap.pair_stats().left, 2);
    });
}

#[test]
fn a_proxy_that_lives_keeps_a_structure_that_the_raw_side_gave_up() {
    on_each(|heap| {
        let (root, toy) = pair(heap, 1, 1, LinkKind::Proxy);
        toy.decref(heap);
        collect(heap);
        assert_eq!(toy.refcount(), BIAS);
        drop(root);
        collect(heap);
        assert_eq!(drain(heap), [1]);
    });
}

// ---- Both sides die ---------------------------------------------------------------------------------------------------

#[test]
fn what_needs_a_destructor_becomes_pending_once() {
    on_each(|heap| {
        take_destroyed();
        loose(heap, 1, 0, LinkKind::Twin);
        loose(heap, 2, 0, LinkKind::Proxy);
        collect(heap);
        assert_eq!(
            take_destroyed(),
            [] as [u64; 0],
            "the destructor does not run inside the collection"
        );
        // R5, R8: a second collection does not find them again.
        collect(heap);
        assert_eq!(drain(heap), [1, 2]);
        assert_eq!(take_destroyed(), [1, 2]);
        assert_eq!(heap.pair_stats().pending, 2);
    });
}

#[test]
fn what_is_light_is_freed_in_the_same_collection() {
    on_each(|heap| {
        take_freed();
        loose(heap, 1, 0, LinkKind::LightTwin);
        loose(heap, 2, 0, LinkKind::LightProxy);
        collect(heap);
        assert_eq!(take_freed(), [1, 2]);
        assert_eq!(next_pending(heap), None, "R9");
        assert_eq!(heap.pair_stats().freed, 2);
    });
}

#[test]
fn pending_comes_in_order_of_linking() {
    on_each(|heap| {
        let old: Vec<_> = (0..5)
            .map(|n| pair(heap, n, 0, LinkKind::Proxy).0)
            .collect();
        collect(heap);
        for n in 5..10 {
            loose(heap, n, 0, LinkKind::Proxy);
        }
        drop(old);
        collect(heap);
        let mut order = drain(heap);
        // Where young objects are collected apart, they go first.
        if order[0] == 5 {
            order.rotate_left(5);
        }
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_poll_reports_that_something_is_pending() {
    on_each(|heap| {
        let (root, toy) = pair(heap, 1, 0, LinkKind::Twin);
        collect(heap);
        assert!(!heap.poll().has(Attention::PENDING_RAW));
        drop(root);
        collect(heap);
        assert_eq!(heap.poll(), Attention::PENDING_RAW);
        assert!(heap.poll().is_none(), "told once for each collection");
        collect(heap);
        assert_eq!(heap.poll(), Attention::PENDING_RAW, "it is still there");
        assert_eq!(next_pending(heap), Some(toy));
        toy.decref(heap);
        collect(heap);
        assert!(!heap.poll().has(Attention::PENDING_RAW));
        assert_eq!(
            format!("{:?}", Attention::PENDING_RAW),
            "Attention(PENDING_RAW)"
        );
    });
}

// ---- What may happen to pending structures ----------------------------------------------------------------------------

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
        assert_eq!((toy.refcount(), toy.link_word()), (1, 0));
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
        assert_eq!(toy.refcount(), 1);
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
        assert_eq!((toy.refcount(), toy.link_word()), (1, 0));
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
        assert_eq!(toy.refcount(), 1);
        toy.decref(heap);
        assert_eq!(next_pending(heap), None);
    });
}

// ---- Addresses --------------------------------------------------------------------------------------------------------

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
        assert_eq!(heap.collector_info().capabilities.moves, moved == 200);
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
        if row.capabilities.generational {
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
            assert_eq!(toy.refcount(), BIAS + (n % 2) as isize);
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

// ---- Weak references, finalizers, destructors -------------------------------------------------------------------------

#[test]
fn weak_references_see_what_the_raw_side_holds() {
    on_each(|heap| {
        let held = loose(heap, 1, 1, LinkKind::Twin);
        let dead = loose(heap, 2, 0, LinkKind::Twin);
        let proxy = loose(heap, 3, 1, LinkKind::Proxy);
        let weaks = [held, dead, proxy].map(|toy| {
            let referent = gc_of(heap, toy).expect("it is linked");
            heap.root(weak(heap, toy.serial() + 10, referent))
        });
        collect_young(heap);
        collect(heap);
        let referent = |n: usize| weaks[n].get().expect::<WeakNode>().referent.get();
        assert_eq!(Some(referent(0)), gc_of(heap, held), "found before");
        assert!(referent(1).is_null() && referent(2).is_null());
        let mut told: Vec<u64> = heap.take_dead_weakrefs().into_iter().map(serial).collect();
        told.sort_unstable();
        assert_eq!(told, [12, 13]);
        assert_eq!(drain(heap), [2]);
    });
}

#[test]
fn what_the_raw_side_holds_is_not_finalized() {
    on_each(|heap| {
        let toy = loose(heap, 1, 1, LinkKind::Twin);
        heap.register_finalizer(gc_of(heap, toy).expect("it is linked"));
        collect_young(heap);
        collect(heap);
        assert_eq!(heap.take_finalizable(), []);
        toy.decref(heap);
        collect(heap);
        let queue: Vec<u64> = heap.take_finalizable().into_iter().map(serial).collect();
        assert_eq!(queue, [1]);
    });
}

#[test]
fn a_pair_stays_as_long_as_a_finalizer_keeps_the_object() {
    on_each(|heap| {
        for kind in KINDS {
            // One object with a finalizer, and one that it reaches.
            let (owner, first) = pair(heap, 1, 0, kind);
            let (child, second) = pair(heap, 2, 0, kind);
            heap.write(owner.get());
            owner.get().expect::<Node>().slots[1].init(child.get());
            heap.register_finalizer(owner.get());
            drop((owner, child));
            collect(heap);
            let queue = heap.take_finalizable();
            assert_eq!(queue.len(), 1);
            assert_eq!(gc_of(heap, first), Some(queue[0]));
            assert_eq!(linked_serial(heap, second), Some(2));
            // It was resurrected, so the next time there is no finalizer any more.
            let root = heap.root(queue[0]);
            collect(heap);
            assert_eq!(gc_of(heap, first), Some(root.get()));
            drop(root);
            take_freed();
            collect(heap);
            let gone = if kind.is_light() {
                take_freed()
            } else {
                drain(heap)
            };
            assert_eq!(gone, [1, 2], "{kind:?}");
        }
    });
}

thread_local!(static ORDER: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

#[test]
fn a_destructor_still_finds_the_raw_structure() {
    for row in collecting_rows() {
        let mut types = types();
        let finalize: FinalizeFn = |_, _| {
            let freed = take_freed();
            ORDER.with_borrow_mut(|order| order.push(format!("destructor after {freed:?}")));
        };
        let id = types.push(TypeInfo {
            finalize: Some(finalize),
            ..TypeInfo::plain("Watcher", 16)
        });
        let config = Config {
            roots: RootMode::Precise,
            reserve_bytes: 1 << 30,
            ..Config::parse(row.name).expect("the name is right")
        };
        let heap = Heap::new(config, COLLECTORS, types).expect("there is address space");
        describe(&heap);
        take_freed();
        let watcher = heap.alloc_checked(id.expect("the layout is right"), 16);
        link(&heap, watcher, Toy::new(7, 0), LinkKind::LightProxy);
        collect(&heap);
        assert_eq!(ORDER.take(), ["destructor after []"]);
        assert_eq!(take_freed(), [7]);
    }
}

// ---- Young and old ----------------------------------------------------------------------------------------------------

#[test]
fn young_collections_look_at_new_links_only() {
    for row in collecting_rows().filter(|row| row.capabilities.generational) {
        let heap = heap_of(row, ",tenure=0");
        let old: Vec<_> = (0..1_000)
            .map(|n| pair(&heap, n, (n % 2) as isize, LinkKind::Twin))
            .collect();
        collect(&heap);
        assert_eq!(heap.pair_stats().linked_young, 0);
        let before = heap.pair_stats();
        let minors = heap.stats().minor.count;
        for n in 0..20 {
            loose(&heap, 2_000 + n, 0, LinkKind::LightTwin);
            collect_young(&heap);
        }
        assert_eq!(heap.stats().minor.count, minors + 20);
        let after = heap.pair_stats();
        assert_eq!(after.young_visits - before.young_visits, 20);
        assert_eq!(after.held, before.held);
        assert_eq!(after.freed - before.freed, 20);
        drop(old);
        collect_young(&heap);
        assert_eq!(next_pending(&heap), None, "the old ones wait");
        collect(&heap);
        assert_eq!(drain(&heap).len(), 500);
    }
}

#[test]
fn an_old_object_may_be_linked() {
    on_each(|heap| {
        let root = heap.root(node(heap, 1));
        let dead = heap.root(node(heap, 2));
        collect(heap);
        let (kept, gone) = (Toy::new(1, 1), Toy::new(2, 0));
        link(heap, root.get(), kept, LinkKind::Twin);
        link(heap, dead.get(), gone, LinkKind::Twin);
        drop((root, dead));
        collect_young(heap);
        assert_eq!(linked_serial(heap, kept), Some(1));
        collect(heap);
        assert_eq!(linked_serial(heap, kept), Some(1));
        assert_eq!(drain(heap), [2]);
    });
}

#[test]
fn an_object_that_only_the_raw_side_holds_may_refer_to_new_ones() {
    on_each(|heap| {
        let toy = loose(heap, 1, 1, LinkKind::Twin);
        collect(heap);
        for n in 2..10 {
            let owner = gc_of(heap, toy).expect("it is held").expect::<Node>();
            let new = node(heap, n);
            owner.slots[0].set(heap, owner, new.gc());
            link(heap, new, Toy::new(n, 0), LinkKind::LightTwin);
            take_freed();
            collect_young(heap);
            let owner = gc_of(heap, toy).expect("it is held").expect::<Node>();
            assert_eq!(serial(owner.slots[0].get()), n);
        }
        collect(heap);
        assert_eq!(heap.pair_stats().linked, 2, "the pair and the last new one");
    });
}

#[test]
fn links_may_be_made_where_nothing_collects() {
    on_each(|heap| {
        let toys: Vec<Toy> = heap.without_collecting(|| {
            (0..500)
                .map(|n| {
                    garbage(heap, 30);
                    loose(heap, n, (n % 2) as isize, KINDS[n as usize % 4])
                })
                .collect()
        });
        assert_eq!(heap.pair_stats().linked, 500);
        take_freed();
        collect(heap);
        let linked = toys.iter().filter(|toy| toy.serial_if_alive().is_some());
        let linked = linked.filter(|toy| gc_of(heap, **toy).is_some());
        // Twins with a reference: the odd ones of the kinds 0 and 1.
        assert_eq!(linked.count(), 125);
        assert_eq!(take_freed().len() + drain(heap).len(), 250);
        assert_eq!(heap.pair_stats().left, 125);
    });
}

// ---- Undoing links ----------------------------------------------------------------------------------------------------

#[test]
fn a_link_may_be_undone_at_any_age() {
    on_each(|heap| {
        for kind in KINDS {
            for age in 0..3 {
                let (root, toy) = pair(heap, 1, 2, kind);
                for _ in 0..age {
                    collect(heap);
                }
                assert_eq!(unlink(heap, toy), Some(2));
                assert_eq!(unlink(heap, toy), None);
                assert_eq!((toy.link_word(), toy.refcount()), (0, 2));
                assert_eq!(raw_of(heap, root.get()), None);
                let bits = root.get().header().state();
                assert_eq!(bits & state_bits::HAS_PAIR, 0);
                // Both may be linked to others.
                let other = Toy::new(5, 0);
                link(heap, root.get(), other, LinkKind::Twin);
                link(heap, node(heap, 6), toy, LinkKind::Twin);
                collect(heap);
                assert_eq!(raw_of(heap, root.get()), Some(other));
                assert_eq!(linked_serial(heap, toy), Some(6));
                unlink(heap, toy);
                unlink(heap, other);
            }
        }
    });
}

#[test]
fn many_links_may_be_undone_in_any_order() {
    on_each(|heap| {
        let mut pairs: Vec<_> = (0..20_000)
            .map(|n| pair(heap, n, 0, LinkKind::Twin))
            .collect();
        for round in 0..4 {
            let half = pairs.len() / 2;
            // First to last, last to first.
            let gone: Vec<_> = match round % 2 {
                0 => pairs.drain(..half).collect(),
                _ => pairs.drain(half..).rev().collect(),
            };
            for (root, toy) in gone {
                assert_eq!(unlink(heap, toy), Some(0));
                assert_eq!(raw_of(heap, root.get()), None);
                toy.destroy(heap);
            }
            if round == 1 {
                collect(heap);
            }
            assert_eq!(heap.pair_stats().linked, pairs.len() as u64);
        }
        assert!(
            pairs
                .iter()
                .all(|(root, toy)| raw_of(heap, root.get()) == Some(*toy))
        );
        let left = pairs.len();
        pairs.clear();
        collect(heap);
        assert_eq!(drain(heap).len(), left);
    });
}

#[test]
fn links_may_be_undone_between_new_links_and_collections() {
    on_each(|heap| {
        let mut pairs: Vec<_> = (0..200).map(|n| pair(heap, n, 0, LinkKind::Twin)).collect();
        for round in 1..12 {
            // One far from the end, so that places are looked up from now on; then new ones behind.
            for far in [0, 90, 40] {
                let (_root, toy) = pairs.remove(far);
                assert_eq!(unlink(heap, toy), Some(0));
                toy.destroy(heap);
            }
            let new = (0..40).map(|n| pair(heap, 1_000 * round + n, 0, LinkKind::Twin));
            pairs.extend(new);
            let (root, toy) = pairs.remove(pairs.len() - 35);
            assert_eq!(unlink(heap, toy), Some(0));
            assert_eq!(raw_of(heap, root.get()), None);
            toy.destroy(heap);
            // Those at the start die, and the others move up in the lists.
            pairs.drain(..10);
            match round % 3 {
                0 => {}
                1 => collect_young(heap),
                _ => collect(heap),
            }
            drain(heap);
            for (root, toy) in &pairs {
                assert_eq!(raw_of(heap, root.get()), Some(*toy));
                assert_eq!(gc_of(heap, *toy), Some(root.get()));
            }
        }
        collect(heap);
        assert_eq!(heap.pair_stats().linked, pairs.len() as u64);
    });
}

#[test]
fn a_structure_may_go_to_and_fro() {
    on_each(|heap| {
        let toy = Toy::new(1, 1);
        for n in 0..10 {
            let kind = KINDS[2 + n % 2];
            link(heap, node(heap, n as u64), toy, kind);
            if n % 3 == 0 {
                collect_young(heap);
            }
            collect(heap);
            assert_eq!((toy.refcount(), toy.link_word()), (1, 0));
        }
        assert_eq!(heap.pair_stats().left, 10);
    });
}

#[test]
fn linking_twice_is_refused() {
    let refused = |what: &dyn Fn(&Heap)| {
        on_each(|heap| {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| what(heap)));
            let message = *result.unwrap_err().downcast::<&str>().unwrap();
            assert!(message.contains("linked twice"), "{message}");
        });
    };
    refused(&|heap| {
        let (root, _toy) = pair(heap, 1, 0, LinkKind::Twin);
        link(heap, root.get(), Toy::new(2, 0), LinkKind::Twin);
    });
    refused(&|heap| {
        let (_root, toy) = pair(heap, 1, 0, LinkKind::Proxy);
        link(heap, node(heap, 2), toy, LinkKind::Proxy);
    });
    refused(&|heap| {
        let gc = heap.alloc_immortal(Node::id(), Node::BYTES);
        link(heap, gc, Toy::new(1, 0), LinkKind::Twin);
        collect(heap);
        link(heap, gc, Toy::new(2, 0), LinkKind::Twin);
    });
}

// ---- Limits and numbers -----------------------------------------------------------------------------------------------

#[test]
fn garbage_that_refers_to_itself_through_both_sides_is_kept() {
    on_each(|heap| {
        // The proxy of the first structure refers to an object whose twin the first structure holds.
        let (proxy, first) = pair(heap, 1, 0, LinkKind::Twin);
        let (object, second) = pair(heap, 2, 0, LinkKind::Twin);
        second.add_edge(first);
        first.add_edge(second);
        drop((proxy, object));
        collect(heap);
        collect(heap);
        assert_eq!(
            heap.pair_stats().linked,
            2,
            "the raw side cannot be looked into"
        );
        first.remove_edge(0, heap);
        collect(heap);
        assert_eq!(drain(heap), [2]);
        collect(heap);
        assert_eq!(drain(heap), [1]);
    });
}

#[test]
fn a_heap_without_collections_pairs_too() {
    let row = COLLECTORS.iter().find(|row| !row.capabilities.collects);
    let heap = heap_of(row.expect("there is one"), "");
    let toy = loose(&heap, 1, 0, LinkKind::Twin);
    let gc = gc_of(&heap, toy).expect("it is linked");
    collect(&heap);
    assert_eq!((serial(gc), raw_of(&heap, gc)), (1, Some(toy)));
    assert_eq!(unlink(&heap, toy), Some(0));
}

#[test]
fn numbers_are_counted_and_shown() {
    on_each(|heap| {
        assert!(!heap.stats_text().contains("pairs"));
        loose(heap, 1, 0, LinkKind::Twin);
        loose(heap, 2, 0, LinkKind::LightTwin);
        loose(heap, 3, 1, LinkKind::Proxy);
        let (_root, _toy) = pair(heap, 4, 0, LinkKind::Twin);
        unlink(heap, loose(heap, 5, 0, LinkKind::Twin));
        collect(heap);
        let text = heap.stats_text();
        let shown = text.lines().find(|line| line.contains("pairs"));
        assert!(
            shown.is_some_and(|text| text.ends_with(
                "1 linked now, 5 made; 1 freed, 1 pending, 1 left to the raw side, 1 unlinked"
            )),
            "{text}"
        );
        let stats = heap.stats().pairs;
        assert_eq!((stats.linked, stats.made, stats.left), (1, 5, 1));
    });
}

#[test]
fn the_constants_leave_room_for_counts() {
    let counts: Cell<isize> = Cell::new(LIGHT_BIAS);
    counts.set(counts.get() + (1 << 60));
    assert!(counts.get() > 0, "a light count never overflows");
    assert_eq!(BIAS, isize::MAX / 4 + 1);
    assert!(LIGHT_BIAS - (1 << 60) > BIAS + (1 << 60));
}
