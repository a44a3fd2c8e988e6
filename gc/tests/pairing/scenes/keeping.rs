//! Who keeps whom, and what happens when both sides die.
use super::{KINDS, drain, loose, pair};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collect_young, on_each};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::pairing::BIAS;
use ouro_gc::*;

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
            assert_eq!(toy.count(), BIAS + 1, "R7");
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
            assert_eq!(toy.count(), kind.bias(), "{kind:?}");
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
            assert_eq!(toy.count(), 2, "R7: what the raw side holds is left");
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
        assert_eq!(toy.count(), BIAS);
        drop(root);
        collect(heap);
        assert_eq!(drain(heap), [1]);
    });
}

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
