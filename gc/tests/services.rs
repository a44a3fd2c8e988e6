//! What the heap does for languages beside collecting: pins, memory pressure, hooks.
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn a8_pinned_objects_keep_their_addresses_and_live_until_they_are_unpinned_as_often() {
    for name in collecting() {
        let heap = heap(&format!("{name},verify,poison,nursery=64K,tenure=2"));
        let mut pinned = Vec::new();
        let holder = heap.root(array(&heap, 0, 40));
        for n in 0..40 {
            let gc = node(&heap, 100 + n).gc();
            node(&heap, 500);
            let inner = node(&heap, 200 + n).gc();
            gc.expect::<Node>().slots[0].init(inner);
            if n % 2 == 0 {
                pinned.push((heap.pin(gc), gc, 100 + n));
                assert_eq!(heap.pin(gc), gc.address());
                assert_eq!(heap.pin_count(gc), 2);
            } else {
                let items = holder.get().expect::<Array>();
                items.items()[n as usize].set(&heap, items, gc);
            }
        }
        // A large object and one that is old already.
        let large = array(&heap, 7, 5_000).gc();
        let old = heap.root(node(&heap, 8));
        heap.collect(Reason::Explicit);
        assert!(heap.stats().work.moved_objects > 0 || !heap.collector_info().capabilities.moves);
        pinned.push((heap.pin(old.get()), old.get(), 8));
        heap.pin(old.get());
        drop(old);
        let large = (!in_memory(&heap).iter().any(|(gc, _)| *gc == large)).then_some(large);
        assert!(large.is_some(), "what nobody pinned is gone");
        assert_eq!(heap.pinned_objects(), 21);
        let check = |pinned: &[(usize, Gc, u64)]| {
            for &(at, gc, number) in pinned {
                assert_eq!((gc.address(), serial(gc)), (at, number), "{name}");
                if number != 8 {
                    let inner = gc.expect::<Node>().slots[0].get();
                    assert_eq!(serial(inner), number + 100, "{name}");
                }
            }
        };
        for n in 0..2_000 {
            node(&heap, n);
            let reason = [Reason::Explicit, Reason::Budget, Reason::Stress][n as usize % 3];
            if n % 100 == 0 {
                heap.collect(reason);
                check(&pinned);
            }
            let _ = heap.poll();
        }
        // Once is not enough.
        pinned.iter().for_each(|&(_, gc, _)| heap.unpin(gc));
        heap.collect(Reason::Explicit);
        check(&pinned);
        pinned.iter().for_each(|&(_, gc, _)| heap.unpin(gc));
        assert_eq!(heap.pinned_objects(), 0);
        heap.collect(Reason::Explicit);
        let left = in_memory(&heap);
        assert_eq!(
            left.len(),
            1 + 20 * 2,
            "{name}: the holder and what it holds"
        );
    }
}

#[test]
fn a8_objects_with_identity_numbers_and_immortal_ones_may_be_pinned() {
    static NOTHING: Immortal = Immortal::new(TypeId(Node::TYPE_ID));
    for name in collecting() {
        let heap = heap(&format!("{name},verify,poison,nursery=64K"));
        let gc = node(&heap, 1).gc();
        let identity = heap.identity(gc);
        let at = heap.pin(gc);
        for _ in 0..3 {
            heap.collect(Reason::Explicit);
            assert_eq!(
                (heap.identity(gc), serial(gc), at),
                (identity, 1, gc.address())
            );
        }
        heap.unpin(gc);
        // Asked for while the object is pinned, before it was ever collected.
        let gc = heap.root(node(&heap, 2));
        heap.pin(gc.get());
        let identity = heap.identity(gc.get());
        heap.unpin(gc.get());
        for _ in 0..3 {
            assert_eq!(heap.identity(gc.get()), identity, "{name}");
            heap.collect(Reason::Explicit);
        }
        let immortal = heap.alloc_immortal(Node::id(), Node::BYTES);
        for gc in [immortal, NOTHING.gc()] {
            assert_eq!(heap.pin(gc), gc.address());
            heap.unpin(gc);
        }
        assert_eq!(heap.pinned_objects(), 0);
    }
}

#[test]
#[should_panic(expected = "more often than it was pinned")]
fn a8_unpinning_too_often_is_told() {
    let heap = heap("marksweep");
    let gc = node(&heap, 1).gc();
    heap.pin(gc);
    heap.unpin(gc);
    heap.unpin(gc);
}

#[test]
fn memory_pressure_brings_collections_forward() {
    for name in collecting() {
        let collections = |bytes: usize| {
            let heap = heap(&format!("{name},threshold=1M,nursery=1M"));
            for n in 0..10_000 {
                mortal(&heap, n);
                heap.add_memory_pressure(bytes);
                let _ = heap.poll();
            }
            assert_eq!(heap.added_pressure_bytes(), 10_000 * bytes as u64);
            (heap.stats().collections, DESTROYED.take().len())
        };
        // 160 KB of objects alone need none.
        let (none, _) = collections(0);
        let (few, destroyed) = collections(10_000);
        assert_eq!(none, 0, "{name}");
        // 100 MB of pressure need as many as 100 MB of objects: one for each threshold or nursery, or less where the
        // collector chooses its own.
        assert!((20..400).contains(&few), "{name}: {few} collections");
        assert!(destroyed > 9_000, "{name}: {destroyed}");
    }
}

#[test]
fn memory_pressure_of_old_objects_brings_whole_collections_and_freeing_by_hand_does_not() {
    // Where references are counted, these objects die without a collection of the whole heap.
    let wanted = |c: &Capabilities| c.generational && !c.counts;
    for row in COLLECTORS.iter().filter(|row| wanted(&row.capabilities)) {
        let cycles = |by_hand: bool| {
            let heap = heap(&format!("{},threshold=1M,nursery=64K", row.name));
            let ring = heap.root(array(&heap, 0, 512));
            for n in 0..20_000usize {
                let gc = mortal(&heap, n as u64).gc();
                let items = ring.get().expect::<Array>();
                // It lives for 512 rounds: old by then.
                items.items()[n % 512].set(&heap, items, gc);
                heap.add_memory_pressure(10_000);
                if by_hand {
                    heap.release_memory_pressure(10_000);
                }
                let _ = heap.poll();
            }
            heap.stats().cycles
        };
        let name = row.name;
        assert!(cycles(false) >= 10, "{name}");
        assert!(cycles(true) <= 2, "{name}");
    }
}

#[derive(Default)]
struct Log(RefCell<Vec<CollectionEvent>>);
impl GcHooks for Log {
    fn minor(&self, event: &CollectionEvent) {
        assert_eq!(event.pause, Pause::Minor);
        self.0.borrow_mut().push(*event);
    }
    fn step(&self, event: &CollectionEvent) {
        assert_eq!(event.pause, Pause::Step);
        self.0.borrow_mut().push(*event);
    }
    fn major(&self, event: &CollectionEvent) {
        assert_eq!(event.pause, Pause::Major);
        self.0.borrow_mut().push(*event);
    }
}

#[test]
fn hooks_are_told_of_each_collection_with_what_it_did() {
    for row in COLLECTORS.iter().filter(|row| row.capabilities.collects) {
        let name = row.name;
        let heap = heap(&format!("{name},threshold=256K,nursery=64K,step=4K"));
        let log = Rc::<Log>::default();
        heap.set_hooks(Some(log.clone()));
        let kept = heap.root_vec();
        for n in 0..120_000 {
            let gc = node(&heap, n).gc();
            if n % 2 == 0 {
                kept.push(gc);
            }
            if n % 50_000 == 0 {
                kept.truncate(0);
            }
            let _ = heap.poll();
        }
        heap.collect(Reason::Explicit);
        let events = log.0.borrow().clone();
        let stats = heap.stats();
        let pauses = stats.minor.count + stats.step.count + stats.major.count;
        assert_eq!(events.len() as u64, pauses, "{name}");
        let count = |pause| events.iter().filter(|e| e.pause == pause).count() as u64;
        assert_eq!(count(Pause::Minor), stats.minor.count, "{name}");
        assert_eq!(count(Pause::Step), stats.step.count, "{name}");
        assert_eq!(count(Pause::Major), stats.major.count, "{name}");
        assert_eq!(
            count(Pause::Minor) > 0,
            row.capabilities.generational,
            "{name}"
        );
        assert_eq!(
            count(Pause::Step) > 0,
            row.capabilities.incremental,
            "{name}"
        );
        let ends = events.iter().filter(|e| e.is_cycle_end).count() as u64;
        assert_eq!(ends, stats.cycles, "{name}");
        assert!(events.iter().map(|e| e.number).eq(1..=pauses));
        let moved: u64 = events.iter().map(|e| e.work.moved_objects).sum();
        assert_eq!(moved, stats.work.moved_objects, "{name}");
        let cpu: u64 = events.iter().map(|e| e.cpu_ns).max().unwrap_or(0);
        assert_eq!(cpu, stats.pause_cpu_ns.max(), "{name}");
        for pair in events.windows(2) {
            let live = pair[1].before_bytes - pair[1].handed_out_bytes;
            assert_eq!(live, pair[0].after_bytes, "{name}");
        }
        let last = events.last().expect("there was one");
        assert_eq!(last.reason, Reason::Explicit);
        assert_eq!(last.after_bytes, heap.live_bytes());
        assert!(events.iter().any(|e| e.freed_bytes() > 50_000), "{name}");
        heap.set_hooks(None);
        heap.collect(Reason::Explicit);
        assert_eq!(log.0.borrow().len(), events.len());
    }
}
