//! The heap's promises, one by one.
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::cell::Cell;
use std::rc::Rc;

/// A list of `len` nodes; the reference to its head.
fn list(heap: &Heap, len: u64) -> Root {
    let head = heap.root(Gc::NULL);
    for n in 0..len {
        let node = node(heap, n);
        node.slots[0].init(head.get());
        head.set(node.gc());
        heap.poll();
    }
    head
}
fn list_len(head: Gc) -> u64 {
    let (mut len, mut at) = (0, head);
    while !at.is_null() {
        len += 1;
        at = at.expect::<Node>().slots[0].get();
    }
    len
}

#[test]
fn an_unknown_collector_is_refused_with_the_known_names() {
    let config = Config {
        collector: "mark&wish".to_owned(),
        ..Config::default()
    };
    let error = Heap::new(config, COLLECTORS, types())
        .err()
        .unwrap()
        .to_string();
    for collector in COLLECTORS {
        assert!(error.contains(collector.name), "{error}");
    }
}

#[test]
fn the_fast_path_allocates_like_compiled_code() {
    let heap = heap("null");
    let path = FastPath::OURO;
    let base = (&raw const *heap).cast::<u8>();
    // SAFETY: the offsets are those of the heap's cells, and no poll comes in between.
    let gc = unsafe {
        let free = base.add(path.free_offset).cast::<*mut u8>().cast_mut();
        let at = *free;
        at.cast::<u64>().write(FastPath::header_word(Node::id()));
        *free = at.add(Node::BYTES as usize);
        assert_eq!(*at.add(path.barrier_byte_offset), 0);
        Gc::from_raw(at.cast())
    };
    let node = gc.expect::<Node>();
    assert!(node.slots.iter().all(|slot| slot.get().is_null()) && node.serial.get() == 0);
    let next = heap.alloc(Node::id(), Node::BYTES);
    assert_eq!(next.address() - gc.address(), Node::BYTES as usize);
    assert_eq!(heap.verify().unwrap().objects, 2);
}

#[test]
fn h3_new_objects_are_zero_even_in_reused_and_poisoned_memory() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=128K,nursery=128K,poison"));
        let kept = heap.root_vec();
        for round in 0..150_000u64 {
            let node = node(&heap, round + 1);
            assert!(node.slots.iter().all(|slot| slot.get().is_null()));
            node.slots[1].init(node.gc());
            if round % 97 == 0 {
                kept.push(node.gc());
            }
            if round % 16 == 0 {
                let array = array(&heap, 1, (round % 300) as usize);
                assert!(array.items().iter().all(|item| item.get().is_null()));
                array.items().iter().for_each(|item| item.init(array.gc()));
            }
            poll(&heap);
        }
        assert!(heap.stats().collections > 5);
        assert!(
            kept.to_vec()
                .iter()
                .enumerate()
                .all(|(n, &gc)| serial(gc) == 97 * n as u64 + 1)
        );
    }
}

#[test]
fn a_zone_of_objects_may_be_allocated_between_two_polls() {
    for collector in COLLECTORS {
        let heap = heap(collector.name);
        for _ in 0..200 {
            for n in 0..ZONE_BYTES as u64 / Node::BYTES as u64 {
                node(&heap, n);
            }
            poll(&heap);
        }
    }
}

#[test]
fn windows_can_be_walked_while_they_are_in_use() {
    for collector in COLLECTORS {
        let heap = heap(collector.name);
        let mut expected = Vec::new();
        for n in 0..5000u64 {
            let gc = match n % 4 {
                0 => array(&heap, n, n as usize % 50).gc(),
                1 => blob(&heap, n, n as usize % 700).gc(),
                2 => mortal(&heap, n).gc(),
                _ => node(&heap, n).gc(),
            };
            expected.push((gc, n));
            poll(&heap);
        }
        let mut seen: Vec<_> = in_memory(&heap)
            .into_iter()
            .map(|(gc, _)| (gc, serial(gc)))
            .collect();
        expected.sort_by_key(|(gc, _)| gc.address());
        seen.sort_by_key(|(gc, _)| gc.address());
        assert_eq!(seen, expected);
    }
}

#[test]
fn long_lists_survive_without_deep_recursion() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=1M"));
        let head = list(&heap, 1_000_000);
        heap.collect(Reason::Explicit);
        assert_eq!(list_len(head.get()), 1_000_000);
        assert_eq!(heap.live_bytes(), 32_000_000);
        drop(head);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.live_bytes(), 0);
    }
}

#[test]
fn garbage_cycles_do_not_grow_memory() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=1M,nursery=1M"));
        let keep = list(&heap, 1000);
        for n in 0..2_000_000u64 {
            let (a, b) = (node(&heap, n), node(&heap, n));
            a.slots[0].init(b.gc());
            b.slots[0].init(a.gc());
            poll(&heap);
        }
        assert_eq!(list_len(keep.get()), 1000);
        let stats = heap.stats();
        assert!(
            stats.collections > 50 && stats.handed_out_bytes > 100 << 20,
            "{stats:?}"
        );
        assert!(
            heap.space().borrow().high_bytes() < 3 << 20,
            "{}",
            heap.stats_text()
        );
    }
}

#[test]
fn holes_between_survivors_are_reused() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=4M"));
        let kept = heap.root_vec();
        // One survivor in every 2 KiB: no block gets free, half of the small holes are usable.
        for n in 0..64_000u64 {
            let blob = blob(&heap, n, 40);
            if n % 32 == 0 {
                kept.push(blob.gc());
            }
            poll(&heap);
        }
        heap.collect(Reason::Explicit);
        let before = heap.space().borrow().high_bytes();
        for round in 0..400_000u64 {
            blob(&heap, round, 40);
            poll(&heap);
        }
        let after = heap.space().borrow().high_bytes();
        assert!(heap.stats().collections > 3);
        assert!(
            after <= before + (512 << 10),
            "{before} bytes before, {after} after"
        );
        assert!(
            kept.to_vec()
                .iter()
                .enumerate()
                .all(|(n, &gc)| serial(gc) == 32 * n as u64)
        );
    }
}

#[test]
fn windows_with_a_zone_are_made_of_large_holes() {
    // Others leave no holes: they move what survives.
    for name in collecting().filter(|name| !moving().any(|moving| moving == *name)) {
        let heap = heap(&format!("{name},threshold=8M"));
        let kept = heap.root_vec();
        // One survivor in every 32 KiB: no block gets free, each has a hole of nearly its size.
        for n in 0..200 * 1024u64 {
            let node = node(&heap, n);
            if n % 1024 == 0 {
                kept.push(node.gc());
            }
            poll(&heap);
        }
        heap.collect(Reason::Explicit);
        let before = heap.space().borrow().high_bytes();
        assert!(before > 6 << 20 && heap.live_bytes() == 200 * 32);
        let addresses: Vec<usize> = (0..90_000)
            .map(|n| {
                poll(&heap);
                node(&heap, n).gc().address()
            })
            .collect();
        let highest = kept
            .to_vec()
            .into_iter()
            .map(Gc::address)
            .max()
            .expect("objects were kept");
        let reused = addresses.iter().filter(|&&at| at < highest).count();
        assert!(
            reused > 80_000,
            "{reused} of 90000 objects went between the survivors"
        );
        assert_eq!(heap.space().borrow().high_bytes(), before);
        assert!(
            kept.to_vec()
                .iter()
                .enumerate()
                .all(|(n, &gc)| serial(gc) == 1024 * n as u64)
        );
    }
}

#[test]
fn memory_follows_a_live_set_that_changes_all_the_time() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=1M,nursery=512K"));
        let table = array(&heap, 0, 3000);
        let root = heap.root(table);
        for n in 0..300_000u64 {
            // Scattered replacement: sooner or later a survivor stood in each line.
            let blob = blob(&heap, n, (n % 5 * 60) as usize);
            let place = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as usize % 3000;
            root.get().expect::<Array>().items()[place].set(&heap, root.get(), blob.gc());
            poll(&heap);
        }
        assert!(heap.stats().collections > 15, "{}", heap.stats_text());
        heap.collect(Reason::Explicit);
        assert!(heap.live_bytes() < 800_000);
        assert!(
            heap.space().borrow().high_bytes() < 4 << 20,
            "{}",
            heap.stats_text()
        );
    }
}

#[test]
fn free_memory_is_given_back_and_reads_as_zero_again() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=1M,nursery=256K"));
        let big: Vec<Root> = (0..40)
            .map(|n| heap.root(blob(&heap, n, 1 << 20)))
            .collect();
        let list = list(&heap, 300_000);
        big.iter().for_each(|root| {
            root.get()
                .expect::<Blob>()
                .items()
                .iter()
                .for_each(|b| b.set(1))
        });
        drop((big, list));
        heap.collect(Reason::Explicit);
        assert!(heap.space().borrow().used_bytes() < 1 << 20);
        for n in 0..40 {
            assert!(blob(&heap, n, 1 << 20).items().iter().all(|b| b.get() == 0));
        }
        for n in 0..100_000 {
            let node = node(&heap, n);
            assert!(node.slots.iter().all(|slot| slot.get().is_null()));
            poll(&heap);
        }
    }
}

#[test]
fn large_objects_are_freed_and_their_pages_reused() {
    for name in collecting() {
        let heap = heap(&format!("{name},threshold=8M"));
        let kept = array(&heap, 7, 100_000);
        let root = heap.root(kept);
        assert!(kept.gc().header().state() & state_bits::LARGE != 0);
        for n in 0..2000u64 {
            let big = blob(&heap, n, 9_000 + (n as usize * 7919) % 200_000);
            assert!(big.items().iter().all(|b| b.get() == 0));
            big.items().iter().for_each(|b| b.set(0xFF));
            root.get().expect::<Array>().items()[n as usize * 50].set(
                &heap,
                root.get(),
                node(&heap, n).gc(),
            );
            poll(&heap);
        }
        assert!(heap.stats().collections > 10);
        assert!(
            heap.space().borrow().high_bytes() < 24 << 20,
            "{}",
            heap.stats_text()
        );
        for n in 0..2000 {
            assert_eq!(
                serial(root.get().expect::<Array>().items()[n * 50].get()),
                n as u64
            );
        }
    }
}

#[test]
fn without_a_collector_the_limit_is_reported_and_the_heap_stays_usable() {
    let heap = heap("null,max=2M");
    let head = heap.root(Gc::NULL);
    let mut errors = 0;
    for n in 0..80_000 {
        let node = node(&heap, n);
        node.slots[0].init(head.get());
        head.set(node.gc());
        let attention = heap.poll();
        assert!(attention.without(Attention::MEMORY_ERROR).is_none());
        errors += attention.has(Attention::MEMORY_ERROR) as u32;
    }
    assert!(errors > 0);
    assert_eq!(heap.alloc_var(Blob::id(), 100_000), Err(OutOfMemory));
    assert_eq!(list_len(head.get()), 80_000);
    assert_eq!(heap.verify().unwrap().reachable, 80_000);
}

#[test]
fn at_the_limit_garbage_is_collected_before_a_memory_error() {
    for name in collecting() {
        let heap = heap(&format!("{name},max=4M,roots=conservative"));
        // 100 MB of garbage in large objects, without a single poll.
        for n in 0..1000 {
            blob(&heap, n, 100_000);
        }
        assert!(heap.stats().by_reason[Reason::Limit as usize] > 10);
        assert_eq!(heap.alloc_var(Blob::id(), 5 << 20), Err(OutOfMemory));
        assert_eq!(heap.alloc_var(Blob::id(), usize::MAX), Err(OutOfMemory));
        let keep = heap.root_vec();
        let mut errors = 0;
        while errors == 0 && keep.len() < 400 {
            match heap.alloc_var(Blob::id(), 50_000) {
                Ok(gc) => drop(keep.push(gc)),
                Err(OutOfMemory) => errors += 1,
            }
        }
        assert!(
            errors == 1 && (60..90).contains(&keep.len()),
            "{} objects of 50 KB fit",
            keep.len()
        );
        keep.truncate(0);
        heap.collect(Reason::Explicit);
        assert!(heap.alloc_var(Blob::id(), 50_000).is_ok());
        // Small objects: reported by polls, once collecting does not help.
        let (head, mut n) = (heap.root(Gc::NULL), 0);
        while !heap.poll().has(Attention::MEMORY_ERROR) {
            n += 1;
            assert!(n < 200_000, "the limit of 4 MiB was never reported");
            let node = node(&heap, n);
            node.slots[0].init(head.get());
            head.set(node.gc());
        }
        assert!(n > 90_000, "{n} nodes of 32 bytes fit");
        drop(head);
        heap.collect(Reason::Explicit);
        poll(&heap);
    }
}

#[test]
fn runtime_code_that_never_polls_is_collected_at_the_limit() {
    for name in collecting() {
        let heap = heap(&format!("{name},max=4M,roots=conservative"));
        let kept = blob(&heap, 77, 100);
        for n in 0..300_000 {
            blob(&heap, n, 40);
        }
        assert!(heap.stats().by_reason[Reason::Limit as usize] >= 3);
        assert!(
            heap.space().borrow().high_bytes() < 5 << 20,
            "{}",
            heap.stats_text()
        );
        assert!(!heap.is_over_limit() && serial(kept.gc()) == 77);
    }
}

#[test]
fn stress_collects_at_every_nth_poll() {
    for name in collecting() {
        let heap = heap(&format!("{name},stress=3,verify,poison"));
        let head = heap.root(Gc::NULL);
        for n in 0..300 {
            let node = node(&heap, n);
            node.slots[0].init(head.get());
            head.set(node.gc());
            node_garbage(&heap);
            poll(&heap);
        }
        assert_eq!(heap.stats().collections, 100);
        assert_eq!(heap.stats().by_reason[Reason::Stress as usize], 100);
        assert_eq!(list_len(head.get()), 300);
    }
}
fn node_garbage(heap: &Heap) {
    node(heap, 1 << 40);
    array(heap, 1 << 40, 3);
}

#[test]
fn requests_from_another_thread_reach_the_next_poll() {
    let heap = heap("null");
    // SAFETY: the thread ends before the heap does.
    let handle = unsafe { heap.attention_handle() };
    poll(&heap);
    std::thread::spawn(move || handle.request(Attention::SIGNAL))
        .join()
        .unwrap();
    heap.request_attention(Attention::FIRST_USER);
    node(&heap, 1);
    assert!(heap.wants_attention());
    assert_eq!(heap.poll(), Attention::SIGNAL | Attention::FIRST_USER);
    assert_eq!(heap.poll(), Attention::NONE);
    assert!(!heap.wants_attention());
    assert_eq!(
        format!("{:?}", Attention::SIGNAL | Attention::FIRST_USER),
        "Attention(SIGNAL | 1 << 16)"
    );
}

#[test]
fn immortals_and_statics_survive_without_a_root() {
    static NONE: Immortal = Immortal::new(TypeId(Node::TYPE_ID));
    for name in collecting() {
        let heap = heap(&format!("{name},verify"));
        let forever = heap.alloc_immortal(Node::id(), Node::BYTES);
        forever.expect::<Node>().serial.set(9);
        forever.expect::<Node>().slots[0].set(&heap, forever, node(&heap, 10).gc());
        forever.expect::<Node>().slots[1].set(&heap, forever, NONE.gc());
        heap.collect(Reason::Explicit);
        assert_eq!(
            (
                serial(forever),
                serial(forever.expect::<Node>().slots[0].get())
            ),
            (9, 10)
        );
        assert_eq!(in_memory(&heap).len(), 2);
    }
}

#[test]
fn root_handles_keep_and_release() {
    for name in collecting() {
        let heap = heap(name);
        let count = |heap: &Heap| {
            heap.collect(Reason::Explicit);
            in_memory(heap).len()
        };
        let first = heap.root(node(&heap, 1));
        let second = first.clone();
        let vector = heap.root_vec();
        vector.push(node(&heap, 2).gc());
        vector.push(node(&heap, 3).gc());
        let cell = Rc::new(Cell::new(node(&heap, 4).gc()));
        let inner = cell.clone();
        let id = heap.add_root_provider(Rc::new(move |visitor: &mut dyn RootVisitor| {
            visitor.slot(&inner)
        }));
        assert_eq!(count(&heap), 4);
        drop(first);
        assert_eq!((count(&heap), serial(second.get())), (4, 1));
        drop(second);
        assert_eq!((count(&heap), vector.pop().map(serial)), (3, Some(3)));
        assert_eq!((count(&heap), serial(vector.get(0))), (2, 2));
        drop(vector);
        assert_eq!((count(&heap), serial(cell.get())), (1, 4));
        assert!(heap.remove_root_provider(id) && !heap.remove_root_provider(id));
        assert_eq!(count(&heap), 0);
    }
}

#[test]
fn weak_references_are_cleared_and_reported_when_their_owner_lives() {
    for name in collecting() {
        let heap = heap(name);
        let target = heap.root(node(&heap, 1));
        let owner = heap.root(weak(&heap, 2, target.get()));
        // An owner that dies together with its referent is not reported.
        weak(&heap, 3, target.get());
        let doomed_owner = heap.root(weak(&heap, 4, target.get()));
        heap.collect(Reason::Explicit);
        assert_eq!(serial(owner.get().expect::<WeakNode>().referent.get()), 1);
        assert!(heap.take_dead_weakrefs().is_empty());
        drop((target, doomed_owner));
        heap.collect(Reason::Explicit);
        assert!(owner.get().expect::<WeakNode>().referent.get().is_null());
        assert_eq!(heap.poll(), Attention::WEAKREFS);
        assert_eq!(heap.take_dead_weakrefs(), [owner.get()]);
        heap.collect(Reason::Explicit);
        assert_eq!((in_memory(&heap).len(), heap.poll()), (1, Attention::NONE));
    }
}

#[test]
fn finalizable_objects_live_once_more_with_all_they_reach() {
    for name in collecting() {
        let heap = heap(&format!("{name},verify,poison"));
        let last = node(&heap, 1);
        let first = node(&heap, 2);
        first.slots[0].init(last.gc());
        last.slots[0].init(first.gc());
        heap.register_finalizer(first.gc());
        let watcher = heap.root(weak(&heap, 3, last.gc()));
        heap.collect(Reason::Explicit);
        // Weak references are cleared before the finalizer runs, also those to what the object reaches.
        assert!(watcher.get().expect::<WeakNode>().referent.get().is_null());
        assert_eq!(heap.poll(), Attention::FINALIZERS | Attention::WEAKREFS);
        heap.collect(Reason::Explicit);
        assert_eq!(
            in_memory(&heap).len(),
            3,
            "the queue keeps them until it is taken"
        );
        let queue = heap.take_finalizable();
        assert_eq!(queue.iter().map(|&gc| serial(gc)).collect::<Vec<_>>(), [2]);
        assert_eq!(serial(queue[0].expect::<Node>().slots[0].get()), 1);
        heap.take_dead_weakrefs();
        heap.collect(Reason::Explicit);
        assert_eq!(
            in_memory(&heap).len(),
            1,
            "finalized once, freed the second time"
        );
    }
}

#[test]
fn light_destructors_run_once_for_each_dead_object_and_for_the_rest_at_the_end() {
    for name in collecting() {
        DESTROYED.take();
        let heap = heap(name);
        let kept = heap.root(mortal(&heap, 1));
        mortal(&heap, 2);
        heap.collect(Reason::Explicit);
        heap.collect(Reason::Explicit);
        assert_eq!((DESTROYED.take(), serial(kept.get())), (vec![2], 1));
        drop(kept);
        drop(heap);
        assert_eq!(DESTROYED.take(), [1]);
    }
}

#[test]
fn the_verifier_finds_a_planted_bad_reference() {
    for collector in COLLECTORS {
        let heap = heap(collector.name);
        let root = heap.root(node(&heap, 1));
        let other = node(&heap, 2);
        root.get().expect::<Node>().slots[1].set(&heap, root.get(), other.gc());
        assert_eq!(
            heap.verify(),
            Ok(VerifyReport {
                objects: 2,
                reachable: 2,
                bytes: 64
            })
        );
        // SAFETY: none; the reference is wrong on purpose and the verifier must say so without following it.
        let inside = unsafe { Gc::from_raw(other.gc().word(16)) };
        root.get().expect::<Node>().slots[1].init(inside);
        let error = heap.verify().unwrap_err();
        let slot = root.get().address() + 24;
        assert_eq!(
            error,
            VerifyError::BadReference {
                holder: Some(root.get().address()),
                slot,
                value: inside.address()
            }
        );
        assert!(error.to_string().contains("offset 24"), "{error}");
        root.get().expect::<Node>().slots[1].init(Gc::NULL);
        root.set(inside);
        assert!(matches!(
            heap.verify(),
            Err(VerifyError::BadReference { holder: None, .. })
        ));
    }
}

#[test]
fn the_verifier_finds_references_to_freed_objects_and_broken_headers() {
    for name in collecting() {
        let heap = heap(name);
        let root = heap.root(node(&heap, 1));
        let freed = node(&heap, 2).gc();
        heap.collect(Reason::Explicit);
        // Debug builds would tell that by themselves in `GcField::set`.
        heap.write(root.get());
        root.get().expect::<Node>().slots[0].init(freed);
        assert!(
            matches!(heap.verify(), Err(VerifyError::BadReference { value, .. }) if value == freed.address())
        );
        root.get().expect::<Node>().slots[0].init(Gc::NULL);
        assert!(heap.verify().is_ok());
        // SAFETY: overwrites the header of an object that nobody uses, to see it found.
        unsafe { node(&heap, 3).gc().word::<u32>(0).write(77) };
        assert!(matches!(
            heap.verify(),
            Err(VerifyError::UnknownType { type_id: 77, .. })
        ));
    }
}

#[test]
fn collections_in_verify_mode_stop_at_a_bad_reference() {
    let message = std::panic::catch_unwind(|| {
        let heap = heap(&format!("{},verify", collecting().next().unwrap()));
        let root = heap.root(node(&heap, 1));
        // SAFETY: none; wrong on purpose.
        root.get().expect::<Node>().slots[0].init(unsafe { Gc::from_raw(root.get().word(8)) });
        heap.collect(Reason::Explicit);
    })
    .unwrap_err();
    assert!(
        message
            .downcast_ref::<String>()
            .unwrap()
            .contains("heap verification before a collection")
    );
}

#[test]
fn statistics_are_told_as_text() {
    for name in collecting() {
        let heap = heap(name);
        let _root = heap.root(blob(&heap, 1, 100_000));
        heap.collect(Reason::Explicit);
        let text = heap.stats_text();
        // Some count a large object by its bytes, some by its pages.
        let live_kib = heap.live_bytes().div_ceil(1024);
        assert!((98..=100).contains(&live_kib));
        let live = format!("{live_kib} KiB after the last collection");
        for part in [name, "collections  1 (explicit 1)", &live, "longest"] {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
    }
}

#[test]
fn polls_report_collections_if_asked_to() {
    for name in collecting() {
        let heap = heap(name);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.poll(), Attention::NONE);
        heap.set_notice(true);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.poll(), Attention::COLLECTED);
        assert_eq!(heap.poll(), Attention::NONE);
        heap.set_notice(false);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.poll(), Attention::NONE);
    }
}

#[test]
fn collections_that_are_switched_off_start_at_the_limit_and_when_asked_for() {
    for row in COLLECTORS.iter().filter(|row| row.capabilities.collects) {
        let name = row.name;
        let heap = heap(&format!("{name},threshold=64K,nursery=64K,max=16M"));
        heap.set_automatic(false);
        let garbage = |bytes: u64| {
            for n in 0..bytes / 64 {
                blob(&heap, n, 40);
                heap.poll();
            }
        };
        // Collections of young objects go on, those of the whole heap do not.
        let whole = || heap.stats().cycles;
        garbage(8 << 20);
        assert_eq!(whole(), 0, "{}", heap.stats_text());
        let minor = heap.stats().minor.count;
        assert_eq!(minor > 0, row.capabilities.generational, "{name}");
        heap.collect(Reason::Explicit);
        assert!(heap.live_bytes() == 0 && whole() == 1);
        // Old garbage is made: it survives a collection of the young objects, and is dropped then.
        let mut kept = Vec::new();
        for n in 0..(40 << 20) / 1024 {
            kept.push(heap.root(blob(&heap, n, 1000)));
            heap.poll();
            if kept.len() == 1000 {
                kept.clear();
            }
        }
        drop(kept);
        let at_limit = whole();
        let counts = row.capabilities.counts;
        assert!(
            (2..12).contains(&at_limit) || counts,
            "{}",
            heap.stats_text()
        );
        heap.set_automatic(true);
        let before = heap.stats().collections;
        garbage(8 << 20);
        assert!(heap.stats().collections > before, "{}", heap.stats_text());
    }
}

#[test]
fn nothing_collects_while_collecting_is_forbidden() {
    for name in collecting() {
        let heap = heap(&format!("{name},max=2M,nursery=64K,roots=conservative"));
        let before = heap.stats().collections;
        heap.without_collecting(|| {
            for n in 0..100 {
                heap.refill_window();
                let _ = heap.alloc_var(Blob::id(), 60_000);
                blob(&heap, n, 500);
            }
        });
        assert_eq!(heap.stats().collections, before);
        assert!(heap.verify().is_ok());
        (0..100).for_each(|_| _ = heap.alloc_var(Blob::id(), 60_000));
        assert!(heap.stats().collections > before);
    }
}

#[test]
fn pauses_are_logged_in_order_and_what_words_keep_is_measured() {
    for name in collecting() {
        let heap = heap(&format!("{name},retained"));
        heap.collect(Reason::Explicit);
        assert_eq!(heap.stats().pause_log, None);
        heap.log_pauses();
        let kept = heap.root(node(&heap, 1).gc());
        for _ in 0..3 {
            heap.collect(Reason::Explicit);
        }
        let log = heap.stats().pause_log.expect("asked for");
        assert_eq!(log.len(), 3, "{name}");
        let in_order = |pair: &[PauseEvent]| pair[0].start_ns + pair[0].cpu_ns <= pair[1].start_ns;
        assert!(log.windows(2).all(in_order), "{name}: {log:?}");
        let text = heap.pauses_text();
        assert_eq!(text.lines().count(), 5, "{name}: {text}");
        assert!(
            text.lines()
                .next_back()
                .is_some_and(|line| line.starts_with("end "))
        );
        // Roots are precise here, so nothing else is in memory.
        let retained = heap.stats().retained;
        assert_eq!(retained.collections, 4, "{name}");
        assert_eq!(retained.bytes, retained.precise_bytes, "{name}");
        assert_eq!(retained.bytes, 3 * 32, "{name}: {retained:?}");
        drop(kept);
    }
}
