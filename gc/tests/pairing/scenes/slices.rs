//! How many links are looked at when few pairs die.
use super::{drain, loose, pair};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collect_young, collecting_rows, heap_of};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::*;

#[test]
fn deaths_by_count_do_not_look_at_other_pairs() {
    const PAIRS: u64 = 3_000;
    for row in collecting_rows().filter(|row| row.capabilities.counts) {
        let heap = heap_of(row, ",verify=1,poison");
        let living: Vec<_> = (0..PAIRS)
            .map(|n| pair(&heap, n, (n % 2) as isize, super::KINDS[n as usize % 4]))
            .collect();
        // These are kept by the raw side alone.
        let held: Vec<Toy> = (0..7)
            .map(|n| loose(&heap, 10_000 + n, 1, LinkKind::Twin))
            .collect();
        let mut dying: Vec<_> = (0..40)
            .map(|n| pair(&heap, 20_000 + n, 0, super::KINDS[n as usize % 4]))
            .collect();
        collect(&heap);
        // What roots named when the last epoch ended is counted for one more.
        collect_young(&heap);
        let before = heap.pair_stats();
        for n in 0..20 {
            dying.truncate(38 - 2 * n);
            collect_young(&heap);
        }
        collect_young(&heap);
        let after = heap.pair_stats();
        assert_eq!(after.whole_visits, before.whole_visits);
        assert_eq!(after.young_visits, before.young_visits);
        assert_eq!(after.single_visits - before.single_visits, 40);
        assert_eq!(after.polled - before.polled, 21 * held.len() as u64);
        assert_eq!(after.linked, PAIRS + 7);
        assert_eq!(drain(&heap).len(), 20, "the others were light");
        // The raw side lets go of one; another one is found by the heap again, and lost again.
        held[0].decref(&heap);
        let found = heap.root(gc_of(&heap, held[1]).expect("the raw side holds it"));
        collect_young(&heap);
        assert_eq!(drain(&heap), [10_000]);
        let before = heap.pair_stats().polled;
        collect_young(&heap);
        assert_eq!(heap.pair_stats().polled - before, 5);
        drop(found);
        collect_young(&heap);
        collect_young(&heap);
        let before = heap.pair_stats().polled;
        collect_young(&heap);
        assert_eq!(heap.pair_stats().polled - before, 6);
        assert_eq!(gc_of(&heap, held[1]).map(serial), Some(10_001));
        drop(living);
    }
}

/// A dead cycle dies whose object lost its last reference from outside while the raw side held it, in whatever way the raw
/// side lets go: no count of the heap goes down by that.
#[test]
fn a_cycle_that_the_raw_side_lets_go_of_dies() {
    for row in collecting_rows() {
        for (unlinks, linked_late) in [(false, false), (false, true), (true, false), (true, true)] {
            let heap = heap_of(row, ",verify=1,poison");
            let root = heap.root(node(&heap, 1));
            let ring = root.get();
            ring.expect::<Node>().slots[0].set(&heap, ring, ring);
            if linked_late {
                collect(&heap);
            }
            let toy = Toy::new(1, 1);
            link(&heap, root.get(), toy, LinkKind::Twin);
            collect(&heap);
            drop(root);
            collect(&heap);
            collect(&heap);
            assert_eq!(gc_of(&heap, toy).map(serial), Some(1), "R4");
            match unlinks {
                true => assert_eq!(unlink(&heap, toy), Some(1)),
                false => toy.decref(&heap),
            }
            collect(&heap);
            collect(&heap);
            assert_eq!(drain(&heap), if unlinks { vec![] } else { vec![1] });
            assert_eq!(in_memory(&heap), [], "{} {unlinks} {linked_late}", row.name);
        }
    }
}

#[test]
fn an_incremental_cycle_looks_at_so_many_links_in_a_pause() {
    const PAIRS: usize = 60_000;
    const DEAD: usize = 300;
    for row in collecting_rows().filter(|row| row.capabilities.incremental) {
        let heap = heap_of(row, ",step=32K");
        let all = heap.root(heap.alloc_var(Array::id(), PAIRS).unwrap());
        let store = |n: usize, gc: Gc| {
            heap.write_range(all.get(), n..n + 1);
            with_slots(all.get(), |slots| slots[n].init(gc));
        };
        for n in 0..PAIRS {
            let object = heap.alloc_checked(Node::id(), Node::BYTES);
            let toy = Toy::new(n as u64, (n % 2) as isize);
            link(&heap, object, toy, super::KINDS[n % 4]);
            store(n, object);
            heap.poll();
        }
        collect(&heap);
        (0..DEAD).for_each(|n| store(4 * n, Gc::NULL));
        let (start, cycles, majors) = {
            let stats = heap.stats();
            (heap.pair_stats(), stats.cycles, stats.major.count)
        };
        let keep = heap.root_vec();
        let (mut most, mut before) = (0, start.whole_visits);
        while heap.stats().cycles < cycles + 2 {
            keep.push(node(&heap, 1).gc());
            heap.poll();
            let now = heap.pair_stats().whole_visits;
            most = most.max(now - before);
            before = now;
        }
        let end = heap.pair_stats();
        assert_eq!(
            heap.stats().major.count,
            majors,
            "nothing was collected at once"
        );
        assert!(end.whole_visits - start.whole_visits >= 2 * PAIRS as u64 - DEAD as u64);
        assert_eq!(end.pending - start.pending, DEAD as u64);
        // A step looks at up to 8,192 links, and the pause in which marking ends at the dead ones, more than once.
        assert!(most <= 8_192 + 8 * DEAD as u64, "{most} in one pause");
        drain(&heap);
    }
}
