//! Links that are undone by hand, or made twice.
use super::{KINDS, drain, linked_serial, loose, pair};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collect_young, heap_of, on_each};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::pairing::{BIAS, LIGHT_BIAS};
use ouro_gc::*;
use std::cell::Cell;

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
                assert_eq!((toy.link_word(), toy.count()), (0, 2));
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
            assert_eq!((toy.count(), toy.link_word()), (1, 0));
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
