//! Young and old pairs.
use super::{KINDS, drain, garbage, linked_serial, loose, pair};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collect_young, collecting_rows, heap_of, on_each};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::*;

#[test]
fn young_collections_look_at_new_links_only() {
    for row in
        collecting_rows().filter(|row| row.capabilities.generational && !row.capabilities.counts)
    {
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
