//! Native stacks as roots.
mod common;
use common::*;
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
