//! Promises about addresses and identities, for collectors that move objects and for those that do not.
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

/// One collection of young objects and one of the whole heap, in turn.
const REASONS: [Reason; 4] = [
    Reason::Budget,
    Reason::Explicit,
    Reason::Budget,
    Reason::Explicit,
];

/// A small heap that checks itself around each collection.
fn checked(name: &str) -> Box<Heap> {
    heap(&format!("{name},threshold=64K,nursery=64K,verify,poison"))
}
/// A list of `len` nodes in front of `rest`.
fn list(heap: &Heap, len: u64, rest: Gc) -> Gc {
    (0..len).fold(rest, |last, n| {
        let node = node(heap, n);
        node.slots[0].init(last);
        node.gc()
    })
}
fn slot(gc: Gc, n: usize) -> Gc {
    with_slots(gc, |slots| slots[n].get())
}

#[test]
fn all_kinds_of_precise_roots_follow_their_objects() {
    for name in collecting() {
        let heap = checked(name);
        let root = heap.root(node(&heap, 1));
        let vector = heap.root_vec();
        (0..10).for_each(|n| _ = vector.push(node(&heap, 10 + n).gc()));
        let cells = Rc::new(RefCell::new(Vec::new()));
        (0..10).for_each(|n| {
            cells
                .borrow_mut()
                .push(Cell::new(array(&heap, 20 + n, 3).gc()))
        });
        let shared = cells.clone();
        heap.add_root_provider(Rc::new(move |visitor: &mut dyn RootVisitor| {
            visitor.slots(&shared.borrow());
            // The same slot twice, and NULL.
            visitor.slot(&shared.borrow()[0]);
            visitor.slot(&Cell::new(Gc::NULL));
        }));
        let before = root.get();
        for reason in REASONS {
            heap.collect(reason);
            assert_eq!(serial(root.get()), 1);
            assert!((0..10).all(|n| serial(vector.get(n)) == 10 + n as u64));
            assert!((0..10).all(|n| serial(cells.borrow()[n].get()) == 20 + n as u64));
        }
        assert_eq!(in_memory(&heap).len(), 21);
        let moves = moving().any(|moving| moving == name);
        assert_eq!(
            before != root.get(),
            moves,
            "{name} moves what it says it moves"
        );
        assert_eq!(
            heap.stats().work.moved_objects >= 21,
            moves,
            "{:?}",
            heap.stats()
        );
    }
}

#[test]
fn references_between_objects_follow_cycles_and_shared_objects() {
    for name in collecting() {
        let heap = checked(name);
        let shared = heap.root(node(&heap, 1));
        let all = heap.root(array(&heap, 2, 300));
        for n in 0..300 {
            let item = node(&heap, 100 + n as u64);
            item.slots[0].init(shared.get());
            item.slots[1].init(item.gc());
            all.get().expect::<Array>().items()[n].set(&heap, all.get(), item.gc());
            shared.get().expect::<Node>().slots[0].set(&heap, shared.get(), all.get());
            if n % 40 == 0 {
                heap.collect(REASONS[n / 40 % 4]);
            }
        }
        for reason in REASONS {
            heap.collect(reason);
            assert_eq!(slot(shared.get(), 0), all.get());
            for n in 0..300 {
                let item = slot(all.get(), n);
                assert_eq!(serial(item), 100 + n as u64);
                assert_eq!((slot(item, 0), slot(item, 1)), (shared.get(), item));
            }
        }
        assert_eq!(in_memory(&heap).len(), 302);
    }
}

#[test]
fn identities_are_stable_over_moves_and_unique_among_the_living() {
    for name in collecting() {
        for tenure in 0..3 {
            let heap = heap(&format!(
                "{name},nursery=256K,tenure={tenure},verify,poison"
            ));
            let kept = heap.root_vec();
            let mut numbers = Vec::new();
            for round in 0..6 {
                // Of some objects the number is asked at once, of some later, of some when they are old.
                for n in 0..50 {
                    kept.push(match n % 5 {
                        0 => array(&heap, n, n as usize).gc(),
                        1 => blob(&heap, n, 9_000).gc(),
                        2 => heap.alloc_immortal(Node::id(), Node::BYTES),
                        _ => node(&heap, n).gc(),
                    });
                    node(&heap, 0);
                }
                for n in (0..kept.len()).step_by(2).filter(|n| n % 3 != round % 3) {
                    let number = heap.identity(kept.get(n));
                    numbers.push((n, number));
                }
                heap.collect(REASONS[round % 4]);
                for &(n, number) in &numbers {
                    assert_eq!(
                        heap.identity(kept.get(n)),
                        number,
                        "{name}, tenure {tenure}"
                    );
                }
                let all: BTreeSet<usize> = (0..kept.len())
                    .map(|n| heap.identity(kept.get(n)))
                    .collect();
                assert_eq!(
                    all.len(),
                    kept.len(),
                    "{name}: two objects have one identity"
                );
            }
            // Identities of the dead are not kept for ever.
            kept.truncate(0);
            heap.collect(Reason::Explicit);
            heap.collect(Reason::Explicit);
            let left = in_memory(&heap).len();
            assert_eq!(left, 60, "{name}: only the immortal objects are left");
        }
    }
}

#[test]
fn immortal_objects_keep_their_addresses_from_the_moment_they_are_named_so() {
    for name in collecting() {
        let heap = checked(name);
        let born = heap.alloc_immortal(Node::id(), Node::BYTES);
        let array = heap.alloc_var_immortal(Array::id(), 500).unwrap();
        let large = heap.alloc_var_immortal(Array::id(), 5_000).unwrap();
        // Among others that move, and with a child that moves.
        let neighbours = heap.root(list(&heap, 100, Gc::NULL));
        let named = node(&heap, 7).gc();
        named.expect::<Node>().slots[0].init(node(&heap, 8).gc());
        heap.immortalize(named);
        let after = heap.root(list(&heap, 100, named));
        let number = heap.identity(named);
        for reason in REASONS {
            heap.collect(reason);
            assert_eq!((serial(named), serial(slot(named, 0))), (7, 8));
            assert_eq!(heap.identity(named), number);
            for (n, holder) in [born, array, large].into_iter().enumerate() {
                let child = node(&heap, 50 + n as u64).gc();
                with_slots(holder, |slots| slots[n.min(1)].set(&heap, holder, child));
            }
            heap.collect(Reason::Budget);
            for (n, holder) in [born, array, large].into_iter().enumerate() {
                assert_eq!(serial(slot(holder, n.min(1))), 50 + n as u64);
            }
        }
        let mut at = after.get();
        (0..100).for_each(|_| at = slot(at, 0));
        assert_eq!(at, named, "references to it are left as they are");
        drop((neighbours, after));
        heap.collect(Reason::Explicit);
        assert_eq!(in_memory(&heap).len(), 3 + 3 + 2);
    }
}

#[test]
fn a_new_immortal_object_is_initialised_without_a_barrier() {
    for name in collecting() {
        for large in [false, true] {
            let heap = checked(name);
            let holder = heap.alloc_immortal(Node::id(), Node::BYTES);
            let array = heap
                .alloc_var_immortal(Array::id(), if large { 3_000 } else { 30 })
                .unwrap();
            let child = node(&heap, 5).gc();
            holder.expect::<Node>().slots[0].init(child);
            array.expect::<Array>().items()[29].init(child);
            heap.collect(Reason::Budget);
            assert_eq!(serial(slot(holder, 0)), 5);
            assert_eq!(slot(array, 29), slot(holder, 0));
        }
    }
}

#[test]
fn objects_get_old_and_then_stay_where_they_are() {
    for name in moving() {
        for tenure in 0..4 {
            let heap = heap(&format!("{name},nursery=256K,tenure={tenure},verify"));
            if heap.collector_info().capabilities.moves_old {
                continue;
            }
            let root = heap.root(node(&heap, 1));
            for _ in 0..=tenure {
                heap.collect(Reason::Budget);
            }
            let place = root.get();
            for reason in REASONS {
                heap.collect(reason);
                assert_eq!(
                    root.get(),
                    place,
                    "{name}, tenure {tenure}: an old object moved"
                );
            }
        }
    }
}

#[test]
fn stores_into_old_objects_keep_what_is_young() {
    for name in collecting() {
        for tenure in [0, 2] {
            let heap = heap(&format!(
                "{name},nursery=256K,tenure={tenure},verify,poison"
            ));
            let parent = heap.root(node(&heap, 1));
            let small = heap.root(array(&heap, 2, 100));
            let large = heap.root(array(&heap, 3, 4_000));
            heap.collect(Reason::Explicit);
            for round in 0..20u64 {
                // Once each, through every door: a field, a range, items one by one in two chunks, and a raw copy.
                let child = |n| node(&heap, round * 10 + n).gc();
                parent.get().expect::<Node>().slots[0].set(&heap, parent.get(), child(0));
                heap.write_range(small.get(), 10..12);
                small.get().expect::<Array>().items()[10].init(child(1));
                small.get().expect::<Array>().items()[11].init(child(2));
                for (n, item) in [(3, 127), (4, 128), (5, 3_999)] {
                    heap.write_range(large.get(), item..item + 1);
                    large.get().expect::<Array>().items()[item].init(child(n));
                }
                heap.write_range(large.get(), 1_000..1_300);
                let last = child(6);
                large.get().expect::<Array>().items()[1_000..1_300]
                    .iter()
                    .for_each(|item| item.init(last));
                list(&heap, 20, Gc::NULL);
                heap.collect(if round % 7 == 6 {
                    Reason::Explicit
                } else {
                    Reason::Budget
                });
                let serials = [
                    slot(parent.get(), 0),
                    slot(small.get(), 10),
                    slot(small.get(), 11),
                    slot(large.get(), 127),
                    slot(large.get(), 128),
                    slot(large.get(), 3_999),
                    slot(large.get(), 1_299),
                ]
                .map(serial);
                assert_eq!(
                    serials,
                    std::array::from_fn(|n| round * 10 + n as u64),
                    "{name}"
                );
            }
            heap.collect(Reason::Explicit);
            assert_eq!(in_memory(&heap).len(), 3 + 7);
            if COLLECTORS
                .iter()
                .any(|row| row.name == name && row.capabilities.generational)
            {
                // What has young children stays in the remembered set, and its stores need no log.
                let least = if tenure == 0 { (40, 60) } else { (5, 10) };
                let work = heap.stats().work;
                assert!(
                    work.logged_objects >= least.0 && work.logged_chunks >= least.1,
                    "{work:?}"
                );
            }
        }
    }
}

#[test]
fn many_survivors_and_a_nursery_that_overflows() {
    for name in collecting() {
        for options in [
            "nursery=64K,tenure=0",
            "nursery=64K,tenure=3",
            "nursery=128K,tenure=1,threshold=256K",
        ] {
            let heap = heap(&format!("{name},{options},verify=7"));
            let head = heap.root(Gc::NULL);
            let table = heap.root(array(&heap, 0, 2_000));
            for n in 0..40_000u64 {
                let new = node(&heap, n);
                new.slots[0].init(head.get());
                head.set(new.gc());
                let place = (n * 7919 % 2_000) as usize;
                heap.write_range(table.get(), place..place + 1);
                table.get().expect::<Array>().items()[place].init(head.get());
                // A heap that never gets a poll for long goes on beyond its nursery.
                if n % 3_000 == 2_999 {
                    (0..4_000).for_each(|n| _ = blob(&heap, n, 50));
                }
                heap.poll();
            }
            let mut at = head.get();
            for n in (0..40_000).rev() {
                assert_eq!(serial(at), n, "{name},{options}");
                at = slot(at, 0);
            }
            for n in 38_000..40_000 {
                assert_eq!(serial(slot(table.get(), (n * 7919 % 2_000) as usize)), n);
            }
            assert!(heap.verify().is_ok());
        }
    }
}

#[test]
fn weak_references_and_finalizers_follow_moves() {
    for name in collecting() {
        let heap = checked(name);
        let target = heap.root(node(&heap, 1));
        let owner = heap.root(weak(&heap, 2, target.get()));
        heap.register_finalizer(target.get());
        for reason in REASONS {
            heap.collect(reason);
            assert_eq!(
                owner.get().expect::<WeakNode>().referent.get(),
                target.get()
            );
            assert!(heap.take_finalizable().is_empty());
        }
        // A young reference to an old object, and the other way round.
        let young = heap.root(node(&heap, 3));
        let second = heap.root(weak(&heap, 4, target.get()));
        heap.register_finalizer(young.get());
        drop(target);
        for _ in 0..3 {
            heap.collect(Reason::Explicit);
            // The queues are roots, and their slots follow.
            heap.collect(Reason::Budget);
        }
        let queue = heap.take_finalizable();
        assert_eq!(queue.iter().map(|&gc| serial(gc)).collect::<Vec<_>>(), [1]);
        let dead: BTreeSet<u64> = heap.take_dead_weakrefs().into_iter().map(serial).collect();
        assert_eq!(dead, BTreeSet::from([2, 4]));
        assert!(second.get().expect::<WeakNode>().referent.get().is_null());
        drop(young);
        heap.collect(Reason::Budget);
        heap.collect(Reason::Explicit);
        let queue = heap.take_finalizable();
        assert_eq!(queue.iter().map(|&gc| serial(gc)).collect::<Vec<_>>(), [3]);
        heap.collect(Reason::Explicit);
        assert_eq!(in_memory(&heap).len(), 2);
    }
}

#[test]
fn destructors_run_once_for_objects_that_moved() {
    for name in collecting() {
        DESTROYED.take();
        let heap = checked(name);
        let kept = heap.root_vec();
        for n in 0..200 {
            let gc = mortal(&heap, n).gc();
            if n % 2 == 0 {
                kept.push(gc);
            }
        }
        let destroyed = || {
            let mut serials = DESTROYED.take();
            serials.sort_unstable();
            serials
        };
        heap.collect(Reason::Budget);
        heap.collect(Reason::Explicit);
        assert_eq!(
            destroyed(),
            (0..200).filter(|n| n % 2 == 1).collect::<Vec<_>>()
        );
        heap.collect(Reason::Budget);
        kept.truncate(50);
        heap.collect(Reason::Explicit);
        assert_eq!(
            destroyed(),
            (100..200).filter(|n| n % 2 == 0).collect::<Vec<_>>()
        );
        drop(heap);
        assert_eq!(
            destroyed(),
            (0..100).filter(|n| n % 2 == 0).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_program_that_runs_into_its_limit_finds_its_heap_whole() {
    for name in collecting() {
        let heap = heap(&format!(
            "{name},max=1M,nursery=64K,threshold=128K,verify=50"
        ));
        let kept = heap.root_vec();
        let (mut refused, mut told) = (0, 0);
        for n in 0..3_000u64 {
            let made = match n % 16 {
                0 => heap.alloc_var(Array::id(), (n % 1_500) as usize),
                _ => heap.alloc_var(Blob::id(), (n % 1_500 * 8) as usize),
            };
            match made {
                Ok(gc) => {
                    match gc.cast::<Array>() {
                        Some(array) => array.serial.set(n),
                        None => gc.expect::<Blob>().serial.set(n),
                    }
                    if kept.len() < 1_000 {
                        kept.push(gc);
                    }
                }
                Err(OutOfMemory) => {
                    refused += 1;
                    assert!(heap.verify().is_ok());
                    // As a program that catches MemoryError and lets go of half of what it has.
                    kept.truncate(kept.len() / 2);
                }
            }
            told += u32::from(heap.poll().has(Attention::MEMORY_ERROR));
        }
        assert!(refused + told > 3, "{name}: {refused} refused, {told} told");
        assert!(heap.verify().is_ok());
        let serials: Vec<u64> = kept.to_vec().into_iter().map(serial).collect();
        assert!(serials.is_sorted());
        kept.truncate(0);
        heap.collect(Reason::Explicit);
        assert_eq!((in_memory(&heap).len(), heap.live_bytes()), (0, 0));
    }
}

#[test]
fn weak_references_are_told_in_the_order_of_their_registration() {
    for name in collecting() {
        let heap = heap(&format!("{name},nursery=256K,tenure=2,verify"));
        let target = heap.root(node(&heap, 1));
        heap.collect(Reason::Explicit);
        let owners = heap.root_vec();
        (0..10).for_each(|n| _ = owners.push(weak(&heap, 10 + n, target.get()).gc()));
        // Some get old at once, since a word names them.
        let words: Vec<usize> = [3, 7].map(|n| owners.get(n).address() + 8).to_vec();
        heap.add_root_provider(Rc::new(move |visitor: &mut dyn RootVisitor| {
            words.iter().for_each(|&word| visitor.ambiguous(word));
        }));
        for reason in REASONS {
            heap.collect(reason);
            let told = heap.weak().owners_of(heap.types(), target.get());
            assert_eq!(told, owners.to_vec(), "{name}");
        }
        drop(target);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.take_dead_weakrefs(), owners.to_vec(), "{name}");
    }
}

#[test]
fn survivors_are_found_when_no_block_was_left_for_more_of_them() {
    // More survives than may stay young, out of a nursery without a free block: the rest becomes old, and the objects of
    // the last survivor block can still be enumerated, so that a word pins one of them at the next collection.
    for survivors in [10, 1000, 3000, 8000] {
        let config = Config {
            tenure: 2,
            ..Config::parse("incminimark,nursery=256K,roots=precise,verify").unwrap()
        };
        let heap = Heap::new(config, COLLECTORS, types()).unwrap();
        let kept = heap.root_vec();
        for n in 0..survivors {
            kept.push(node(&heap, n).gc());
            node(&heap, n);
            heap.poll();
        }
        while heap.stats().minor.count < 1 {
            node(&heap, 0);
            heap.poll();
        }
        heap.verify().unwrap();
        let named = kept.get(survivors as usize - 1);
        let word = named.address() + 8;
        let id = heap.add_root_provider(Rc::new(move |visitor: &mut dyn RootVisitor| {
            visitor.ambiguous(word);
        }));
        while heap.stats().minor.count < 2 {
            node(&heap, 0);
            heap.poll();
        }
        assert_eq!(kept.get(survivors as usize - 1), named, "the word pins it");
        heap.remove_root_provider(id);
        heap.verify().unwrap();
        (0..survivors).for_each(|n| assert_eq!(serial(kept.get(n as usize)), n));
    }
}

#[test]
fn what_survives_a_semispace_is_compact_but_for_what_must_stay() {
    let heap = heap("semispace,verify,poison");
    let kept = heap.root_vec();
    for n in 0..20_000 {
        let new = node(&heap, n);
        if n % 50 == 0 {
            kept.push(new.gc());
        }
        heap.poll();
    }
    let with_id = kept.get(100);
    let number = heap.identity(with_id);
    heap.collect(Reason::Explicit);
    let before: Vec<Gc> = kept.to_vec();
    heap.collect(Reason::Explicit);
    assert_eq!(kept.get(100), with_id, "its address is its number");
    assert_eq!(heap.identity(kept.get(100)), number);
    let moved = kept
        .to_vec()
        .iter()
        .zip(&before)
        .filter(|(a, b)| a != b)
        .count();
    assert_eq!(moved, 399, "all others moved");
    // 400 nodes of 32 bytes fit into one block; another keeps the object that stayed.
    assert!(heap.space().borrow().used_bytes() <= 4 * (32 << 10));
}

#[test]
fn a_fragmented_heap_is_compacted_by_immix() {
    let heap = heap("immix,threshold=4M,verify");
    let kept = heap.root_vec();
    for n in 0..60_000 {
        let new = node(&heap, n);
        if n % 100 == 0 {
            kept.push(new.gc());
        }
        heap.poll();
    }
    heap.collect(Reason::Explicit);
    let scattered = heap.space().borrow().used_bytes();
    heap.collect(Reason::Explicit);
    heap.collect(Reason::Explicit);
    let compact = heap.space().borrow().used_bytes();
    assert!(
        scattered > 600 * 1024,
        "{scattered} bytes with one node in three lines"
    );
    assert!(
        compact <= 4 * (32 << 10),
        "{compact} bytes after {scattered}"
    );
    (0..600).for_each(|n| assert_eq!(serial(kept.get(n)), 100 * n as u64));
}

#[test]
fn a_nursery_of_which_most_lives_becomes_old_as_it_is() {
    const ROUND: u64 = 30_000;
    for name in collecting() {
        // In smaller steps a heap as small as this one is always being marked.
        let heap = heap(&format!(
            "{name},threshold=256K,nursery=256K,step=2M,verify,poison"
        ));
        let capabilities = heap.collector_info().capabilities;
        let all = heap.root(array(&heap, 0, 64).gc());
        let weak_ones = heap.root_vec();
        let mut numbers = BTreeSet::new();
        let mut promoted = Vec::new();
        for round in 0..4 {
            let kept = heap.root(Gc::NULL);
            for n in 0..ROUND {
                let one = node(&heap, round * ROUND + n);
                one.slots[0].init(kept.get());
                kept.set(one.gc());
                // A little garbage, with a weak reference that outlives it.
                if n % 100 == 0 {
                    let dead = node(&heap, 1 << 20).gc();
                    weak_ones.push(weak(&heap, n, dead).gc());
                }
                if n == ROUND / 2 {
                    assert!(numbers.insert(heap.identity(kept.get())));
                }
                // Small pieces between polls, as a mutator must.
                if n % 50 == 0 && heap.wants_attention() {
                    _ = heap.poll_slow();
                }
            }
            // An old array of references gets young ones; a large object is new, too.
            let owner = array(&heap, round, 3000).gc();
            with_slots(owner, |slots| slots[9].init(kept.get()));
            with_slots(all.get(), |slots| {
                slots[round as usize].set(&heap, all.get(), owner)
            });
            promoted.push(heap.stats().work.promoted_in_place);
            for n in 0..=round {
                let owner = slot(all.get(), n as usize);
                assert_eq!(serial(owner), n);
                let mut last = slot(owner, 9);
                for m in (0..ROUND).rev() {
                    assert_eq!(serial(last), n * ROUND + m);
                    if m == ROUND / 2 {
                        assert!(numbers.contains(&heap.identity(last)));
                    }
                    last = slot(last, 0);
                }
                assert!(last.is_null());
            }
        }
        let wholesale = promoted.last().is_some_and(|&n| n >= ROUND);
        assert_eq!(wholesale, capabilities.generational, "{name}: {promoted:?}");
        // What became old in vain goes with the next collection of the whole heap.
        all.set(Gc::NULL);
        heap.collect(Reason::Explicit);
        heap.collect(Reason::Explicit);
        _ = heap.take_dead_weakrefs();
        assert_eq!(in_memory(&heap).len(), weak_ones.len(), "{name}");
        assert!((0..weak_ones.len()).all(|n| {
            let weak = weak_ones.get(n).expect::<WeakNode>();
            weak.referent.get().is_null()
        }));
    }
}

#[test]
fn a_pinned_object_keeps_the_identity_it_had_when_it_is_let_go() {
    for collector in moving() {
        let heap = heap(&format!("{collector},verify,poison"));
        let object = heap.root(node(&heap, 1));
        object.get().header().add_state(state_bits::PINNED);
        let (at, identity) = (object.get(), heap.identity(object.get()));
        heap.collect(Reason::Explicit);
        assert_eq!(object.get(), at, "{collector}: it is pinned");
        object.get().header().remove_state(state_bits::PINNED);
        for _ in 0..3 {
            heap.collect(Reason::Explicit);
            assert_eq!(heap.identity(object.get()), identity, "{collector}");
        }
        // The other way round: pinned, numbered, and let go before the first collection.
        let object = heap.root(node(&heap, 2));
        object.get().header().add_state(state_bits::PINNED);
        let identity = heap.identity(object.get());
        object.get().header().remove_state(state_bits::PINNED);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.identity(object.get()), identity, "{collector}");
    }
}
