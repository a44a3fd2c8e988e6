//! Native stacks as roots.
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::hint::black_box;

fn serials(heap: &Heap) -> Vec<u64> {
    let mut all: Vec<_> = in_memory(heap)
        .into_iter()
        .map(|(gc, _)| serial(gc))
        .collect();
    all.sort_unstable();
    all
}
fn conservative(name: &str) -> Box<Heap> {
    heap(&format!("{name},roots=conservative,poison,verify"))
}
/// Allocates in a frame that is gone when this returns, and hands out addresses in disguise.
#[inline(never)]
fn make_hidden(heap: &Heap, n: u64, disguise: usize) -> Vec<usize> {
    (0..n)
        .map(|k| node(heap, k).gc().address() ^ disguise)
        .collect()
}
/// Overwrites what earlier calls left below the caller's frame.
#[inline(never)]
fn scrub_stack() {
    black_box([0usize; 4096]);
}

#[test]
fn a_local_keeps_its_object_and_what_it_reaches() {
    for name in collecting() {
        let heap = conservative(name);
        let local = node(&heap, 1);
        local.slots[0].init(node(&heap, 2).gc());
        heap.collect(Reason::Explicit);
        assert_eq!((local.serial.get(), serial(local.slots[0].get())), (1, 2));
        black_box(local);
    }
}

#[test]
fn interior_and_end_pointers_keep_their_object_in_windows_and_in_old_blocks() {
    for name in collecting() {
        let heap = conservative(name);
        const DISGUISE: usize = 0x5555_0000_0000_0000;
        let hidden = make_hidden(&heap, 300, DISGUISE);
        let large = blob(&heap, 1000, 50_000).gc().address() ^ DISGUISE;
        scrub_stack();
        let inside = black_box([
            (hidden[10] ^ DISGUISE) + 9,
            (hidden[20] ^ DISGUISE) + 32,
            (large ^ DISGUISE) + 40_000,
        ]);
        for _ in 0..3 {
            heap.collect(Reason::Explicit);
            let left = serials(&heap);
            assert!([10, 20, 1000].iter().all(|s| left.contains(s)), "{left:?}");
            // Stale words may keep a few more, never most.
            assert!(left.len() < 30, "{left:?}");
        }
        black_box(inside);
    }
}

#[test]
fn a_reference_in_a_callee_saved_register_is_a_root() {
    for name in collecting() {
        let heap = conservative(name);
        let hidden = make_hidden(&heap, 1, 0x5555_0000_0000_0000);
        scrub_stack();
        for round in 0..20 {
            let mut at = black_box(hidden[0]) ^ 0x5555_0000_0000_0000;
            // The optimizer cannot see where the value comes from, so that it keeps the address itself over the call, in
            // a register that the callee saves or in a spill slot.
            // SAFETY: the assembly text is a comment.
            unsafe {
                std::arch::asm!("/* {0} */", inout(reg) at, options(nomem, nostack, preserves_flags))
            };
            heap.collect(Reason::Explicit);
            // SAFETY: the object lives, since `at` was live over the collection.
            let gc = unsafe { Gc::from_raw(at as *mut Header) };
            assert_eq!(serial(gc), 0, "round {round}");
        }
    }
}

#[test]
fn unreferenced_objects_are_freed_although_the_stack_is_scanned() {
    for name in collecting() {
        let heap = conservative(name);
        make_hidden(&heap, 300, usize::MAX);
        scrub_stack();
        heap.collect(Reason::Explicit);
        assert!(serials(&heap).len() < 30, "{:?}", serials(&heap));
    }
}

#[test]
fn a_word_does_not_revive_an_object_known_dead() {
    for name in collecting() {
        // Precise first: the words are not seen and the objects die.
        let heap = heap(&format!("{name},poison,verify"));
        let words: Vec<usize> = (0..100).map(|n| node(&heap, n).gc().address()).collect();
        heap.collect(Reason::Explicit);
        heap.add_root_provider(std::rc::Rc::new(move |visitor: &mut dyn RootVisitor| {
            words.iter().for_each(|&word| visitor.ambiguous(word + 8));
        }));
        heap.collect(Reason::Explicit);
        assert_eq!(heap.live_bytes(), 0);
        assert_eq!(serials(&heap), []);
    }
}

#[test]
fn any_word_may_be_ambiguous() {
    for name in collecting() {
        let heap = heap(name);
        let base = node(&heap, 1).gc().address();
        let large = blob(&heap, 2, 100_000).gc().address();
        let mut words = vec![0, 1, 8, usize::MAX, usize::MAX - 15, 1 << 47];
        for shift in 0..40 {
            words.extend([base.wrapping_add(1 << shift), base.wrapping_sub(1 << shift)]);
            words.extend([
                large.wrapping_add(1 << shift),
                large.wrapping_sub(1 << shift),
            ]);
        }
        heap.add_root_provider(std::rc::Rc::new(move |visitor: &mut dyn RootVisitor| {
            words.iter().for_each(|&word| visitor.ambiguous(word));
        }));
        for _ in 0..3 {
            heap.collect(Reason::Explicit);
            assert_eq!(serials(&heap), [1, 2]);
        }
    }
}

/// Lets a second thread use a heap while the first one is parked.
struct Lent<'h>(&'h Heap);
// SAFETY: the first thread waits in `park` while the second one uses the heap, so that one at a time does.
unsafe impl Send for Lent<'_> {}
impl Lent<'_> {
    fn heap(&self) -> &Heap {
        self.0
    }
}

#[test]
fn the_stack_of_a_parked_thread_is_scanned() {
    for name in collecting() {
        let heap = conservative(name);
        // More than registers could hold.
        let locals: [GcRef<Node>; 20] = std::array::from_fn(|n| node(&heap, n as u64));
        heap.native_stacks().park(|| {
            let lent = Lent(&heap);
            std::thread::scope(|scope| {
                let worker = scope.spawn(move || {
                    let lent = lent;
                    let own = node(lent.heap(), 20);
                    lent.heap().collect(Reason::Explicit);
                    assert_eq!(own.serial.get(), 20);
                    assert_eq!(serials(lent.heap()), (0..=20).collect::<Vec<_>>());
                });
                worker.join().unwrap();
            });
        });
        assert!(
            locals
                .iter()
                .enumerate()
                .all(|(n, local)| local.serial.get() == n as u64)
        );
        black_box(locals);
    }
}

/// Where the object with a serial number is, if it is in memory.
fn place_of(heap: &Heap, wanted: u64) -> Option<usize> {
    let all = in_memory(heap);
    all.into_iter()
        .find(|(gc, _)| serial(*gc) == wanted)
        .map(|(gc, _)| gc.address())
}
const DISGUISE: usize = 0x5555_0000_0000_0000;
/// A collection of young objects and one of the whole heap, in turn.
const REASONS: [Reason; 4] = [
    Reason::Budget,
    Reason::Explicit,
    Reason::Budget,
    Reason::Explicit,
];

#[test]
fn words_to_the_base_the_inside_and_the_end_keep_the_address() {
    for name in collecting() {
        for tenure in [0, 2] {
            let heap = heap(&format!(
                "{name},nursery=64K,tenure={tenure},roots=conservative,poison,verify"
            ));
            let hidden = make_hidden(&heap, 400, DISGUISE);
            // All of them live; those that no word names may move.
            let roots = heap.root_vec();
            for &word in &hidden {
                // SAFETY: the address is that of an object that was just made.
                roots.push(unsafe { Gc::from_raw((word ^ DISGUISE) as *mut Header) });
            }
            scrub_stack();
            // One past the end names two objects where the next one follows at once: 121 too.
            let offsets = black_box([(40, 0), (80, 17), (120, 32), (160, 31)]);
            let words = black_box(offsets.map(|(n, offset)| (hidden[n] ^ DISGUISE) + offset));
            for reason in REASONS {
                heap.collect(reason);
                for (n, _) in offsets {
                    assert_eq!(
                        place_of(&heap, n as u64),
                        Some(hidden[n] ^ DISGUISE),
                        "{name}: a word names object {n}, which moved"
                    );
                    assert_eq!(roots.get(n).address(), hidden[n] ^ DISGUISE);
                }
            }
            let moved = (0..400).filter(|&n| roots.get(n).address() != hidden[n] ^ DISGUISE);
            let expected = moving().any(|moving| moving == name);
            // Stale words may keep a few more in place, never most.
            assert_eq!(moved.count() > 350, expected, "{name}");
            black_box(words);
        }
    }
}

#[test]
fn a_local_and_a_root_name_the_same_object_after_a_collection() {
    for name in collecting() {
        let heap = conservative(name);
        let root = heap.root(node(&heap, 1));
        let child = node(&heap, 2);
        for reason in REASONS {
            let local = black_box(root.get()).expect::<Node>();
            local.slots[0].set(&heap, local, child.gc());
            let items = array(&heap, 3, 40);
            items.items()[7].init(local.gc());
            heap.collect(reason);
            assert_eq!(root.get(), local.gc());
            assert_eq!(local.slots[0].get(), child.gc());
            assert_eq!(items.items()[7].get(), local.gc());
            assert_eq!((local.serial.get(), child.serial.get()), (1, 2));
        }
        black_box(child);
    }
}

#[test]
fn a_collection_inside_an_allocation_leaves_locals_and_slices_where_they_are() {
    for name in collecting() {
        let heap = heap(&format!(
            "{name},max=3M,nursery=256K,roots=conservative,poison,verify=5"
        ));
        let table = array(&heap, 1, 3_000);
        let bytes = blob(&heap, 2, 600);
        let slice = bytes.items();
        let items = table.items();
        // No poll for a hundred megabytes, and references in locals only.
        for n in 0..60_000u64 {
            let fresh = node(&heap, 1_000 + n);
            let garbage = blob(&heap, 0, 1_500);
            let place = (n * 7919 % 3_000) as usize;
            // The barrier comes after the last allocation.
            heap.write_range(table.gc(), place..place + 1);
            items[place].init(fresh.gc());
            slice[n as usize % 600].set(n as u8);
            black_box(garbage);
            heap.refill_window();
        }
        assert!(
            heap.stats().by_reason[Reason::Limit as usize] > 10,
            "{}",
            heap.stats_text()
        );
        for n in 57_000..60_000u64 {
            assert_eq!(serial(items[(n * 7919 % 3_000) as usize].get()), 1_000 + n);
        }
        for n in 59_400..60_000 {
            assert_eq!(slice[n % 600].get(), n as u8);
        }
        assert_eq!((serial(table.gc()), serial(bytes.gc())), (1, 2));
    }
}

#[test]
fn an_iterator_that_is_all_end_pointer_keeps_its_array() {
    for name in collecting() {
        let heap = conservative(name);
        // Large and small: the last word that names the array is the address past its last item.
        for len in [6, 125, 2_000] {
            let end = {
                let made = array(&heap, 77, len);
                made.items().as_ptr_range().end as usize ^ DISGUISE
            };
            scrub_stack();
            let end = black_box(end ^ DISGUISE);
            for reason in REASONS {
                heap.collect(reason);
                assert!(
                    place_of(&heap, 77).is_some_and(|at| at < end),
                    "{name}, {len} items"
                );
            }
            black_box(end);
        }
    }
}

#[test]
fn the_place_that_an_object_left_names_nothing() {
    for name in moving() {
        let heap = heap(&format!("{name},nursery=64K,tenure=0,poison,verify"));
        let roots = heap.root_vec();
        (0..200).for_each(|n| _ = roots.push(node(&heap, n).gc()));
        let old_places: Vec<usize> = roots.to_vec().into_iter().map(Gc::address).collect();
        heap.collect(Reason::Budget);
        assert!((0..200).all(|n| roots.get(n).address() != old_places[n]));
        heap.add_root_provider(std::rc::Rc::new(move |visitor: &mut dyn RootVisitor| {
            for &place in &old_places {
                visitor.ambiguous(place);
                visitor.ambiguous(place + 16);
            }
        }));
        for reason in REASONS {
            heap.collect(reason);
            assert_eq!(serials(&heap), (0..200).collect::<Vec<_>>());
        }
        roots.truncate(0);
        heap.collect(Reason::Explicit);
        assert_eq!(serials(&heap), []);
    }
}

#[test]
fn blocks_with_objects_that_stayed_are_used_around_them() {
    for name in collecting() {
        let heap = heap(&format!(
            "{name},nursery=128K,threshold=256K,roots=conservative,poison,verify=9"
        ));
        let mut locals = [node(&heap, 0); 24];
        for round in 0..200u64 {
            // One local in each few kilobytes of garbage.
            for (n, local) in locals.iter_mut().enumerate() {
                if (round + n as u64).is_multiple_of(5) {
                    *local = node(&heap, round * 100 + n as u64);
                    local.slots[0].init(node(&heap, 50 + n as u64).gc());
                }
                for _ in 0..40 {
                    blob(&heap, 99, 60);
                }
                heap.poll();
            }
            for (n, local) in locals.iter().enumerate() {
                let made = (0..=round)
                    .rev()
                    .find(|made| (made + n as u64).is_multiple_of(5));
                if let Some(made) = made {
                    assert_eq!(local.serial.get(), made * 100 + n as u64, "{name}");
                    assert_eq!(serial(local.slots[0].get()), 50 + n as u64);
                }
            }
        }
        assert!(heap.stats().collections > 5, "{}", heap.stats_text());
        heap.collect(Reason::Explicit);
        assert!(heap.live_bytes() < 64 << 10, "{}", heap.stats_text());
        black_box(locals);
    }
}

#[test]
fn blocks_with_objects_that_stayed_do_not_pile_up() {
    for name in collecting() {
        let heap = heap(&format!(
            "{name},nursery=128K,threshold=256K,roots=conservative"
        ));
        let mut locals = [node(&heap, 0); 24];
        for round in 0..600u64 {
            for (n, local) in locals.iter_mut().enumerate() {
                if (round + n as u64).is_multiple_of(5) {
                    *local = node(&heap, round);
                }
                (0..40).for_each(|_| _ = blob(&heap, 99, 60));
                heap.poll();
            }
        }
        // Two dozen objects of 32 bytes live.
        assert!(
            heap.space().borrow().high_bytes() < 6 << 20,
            "{}",
            heap.stats_text()
        );
        black_box(locals);
    }
}
