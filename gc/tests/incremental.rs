//! Collections of the whole heap in steps: that they come to an end, free what is dead, lose nothing, and that no step does
//! more than it may.
use ouro_gc::model::objects::*;
use ouro_gc::*;

/// A reproducible source of numbers (Marsaglia's xorshift).
struct Random(u64);
impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn heap(options: &str) -> Box<Heap> {
    let config = Config::parse(&format!("incminimark,roots=precise,{options}")).unwrap();
    Heap::new(config, COLLECTORS, types()).unwrap()
}

fn set(heap: &Heap, owner: Gc, slot: usize, value: Gc) {
    let node = owner.expect::<Node>();
    node.slots[slot].set(heap, owner, value);
}

/// Replaces parts of a table of chains at random, and checks all that is left at the end.
fn churn(heap: &Heap, entries: usize, rounds: u64) {
    let table = heap.root(heap.alloc_var(Array::id(), entries).unwrap());
    let mut expected = vec![Vec::new(); entries];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut serials = 1;
    for _ in 0..rounds {
        let at = random.below(entries as u64) as usize;
        let length = 1 + random.below(8);
        let chain = heap.root(Gc::NULL);
        expected[at].clear();
        for _ in 0..length {
            let new = node(heap, serials).gc();
            set(heap, new, 0, chain.get());
            chain.set(new);
            expected[at].push(serials);
            serials += 1;
        }
        // Chains share tails, so that old objects are moved between holders while they are being marked.
        let other = random.below(entries as u64) as usize;
        let array = table.get();
        heap.write_range(array, at..at + 1);
        with_slots(array, |slots| slots[at].init(chain.get()));
        if at != other {
            let tail = with_slots(array, |slots| slots[other].get());
            let last = {
                let mut last = chain.get();
                while let next = last.expect::<Node>().slots[0].get()
                    && !next.is_null()
                {
                    last = next;
                }
                last
            };
            set(heap, last, 1, tail);
            if random.below(2) == 0 {
                heap.write_range(array, other..other + 1);
                with_slots(array, |slots| slots[other].init(Gc::NULL));
                expected[other].clear();
            }
            // What hangs behind is not followed again, or nothing would ever die.
            set(heap, last, 1, Gc::NULL);
        }
        heap.poll();
    }
    with_slots(table.get(), |slots| {
        for (slot, expected) in slots.iter().zip(&expected) {
            let mut at = slot.get();
            for &serial_number in expected.iter().rev() {
                assert_eq!(serial(at), serial_number);
                at = at.expect::<Node>().slots[0].get();
            }
            assert!(at.is_null());
        }
    });
}

#[test]
fn cycles_end_by_themselves_and_keep_the_heap_small() {
    let heap = heap("threshold=256K,nursery=128K,step=16K");
    churn(&heap, 20_000, 150_000);
    let stats = heap.stats();
    assert!(stats.cycles >= 3, "{}", heap.stats_text());
    assert_eq!(stats.major.count, 0, "nothing was collected at once");
    assert!(stats.work.regrayed > 100);
    // 20,000 chains of at most 8 nodes of 32 bytes live.
    let most = 20_000 * 8 * 32 * 2 + (1 << 20);
    assert!(heap.size_bytes() < most, "{} bytes", heap.size_bytes());
    heap.verify().unwrap();
}

#[test]
fn every_pause_leaves_a_heap_that_the_verifier_accepts() {
    let heap = heap("threshold=64K,nursery=64K,step=2K,verify,poison");
    churn(&heap, 400, 12_000);
    assert!(heap.stats().cycles > 1, "{}", heap.stats_text());
}

#[test]
fn no_step_looks_at_more_than_its_budget() {
    const STEP: u64 = 32 << 10;
    let heap = heap("threshold=512K,nursery=128K,step=32K");
    // One array of 200,000 references beside the small objects.
    let large = heap.root(heap.alloc_var(Array::id(), 200_000).unwrap());
    for n in 0..200_000 {
        let new = node(&heap, n as u64).gc();
        heap.write_range(large.get(), n..n + 1);
        with_slots(large.get(), |slots| slots[n].init(new));
        heap.poll();
    }
    churn(&heap, 5_000, 60_000);
    let stats = heap.stats();
    assert!(
        stats.cycles >= 1 && stats.step.count > 20,
        "{}",
        heap.stats_text()
    );
    // Marking may spend its budget three times in the pause in which it ends; the last part of an array counts 32 KiB.
    // What became old in the pause is paid for up to five times.
    let nursery = 128 << 10;
    let most = 3 * (STEP + 5 * 2 * nursery + (4096 + 16) * 8);
    assert!(
        stats.work.step_most_bytes <= most,
        "a step looked at {} bytes",
        stats.work.step_most_bytes
    );
}

#[test]
fn weak_references_and_finalizers_work_when_marking_ends_in_a_step() {
    let heap = heap("threshold=64K,nursery=64K,step=1K");
    let weak = heap.root(Gc::NULL);
    let owner = heap.alloc(WeakNode::id(), 32);
    weak.set(owner);
    let target = node(&heap, 77).gc();
    owner.expect::<WeakNode>().referent.set(target);
    heap.register_weak(owner);
    heap.register_finalizer(target);
    let (mut finalized, mut told) = (false, false);
    let keep = heap.root_vec();
    // Both are old before a cycle starts.
    let hold = heap.root(target);
    for n in 0..20_000 {
        keep.push(node(&heap, n).gc());
        heap.poll();
    }
    assert_eq!(heap.stats().major.count, 0);
    drop(hold);
    let cycles = heap.stats().cycles;
    for n in 0..400_000 {
        let new = node(&heap, n).gc();
        keep.set((n % 20_000) as usize, new);
        heap.poll();
        for gc in heap.take_dead_weakrefs() {
            assert_eq!(gc, weak.get());
            assert!(!finalized, "weak references are cleared before finalizers");
            told = true;
        }
        for gc in heap.take_finalizable() {
            assert_eq!(serial(gc), 77, "what is finalized is intact");
            finalized = true;
        }
        if finalized && heap.stats().cycles > cycles + 2 {
            break;
        }
    }
    assert!(told && finalized);
    assert!(weak.get().expect::<WeakNode>().referent.get().is_null());
    assert_eq!(heap.stats().major.count, 0);
}

#[test]
fn an_explicit_collection_in_the_middle_of_a_cycle_frees_everything() {
    for steps in 0..60 {
        let heap = heap("threshold=64K,nursery=64K,step=512,verify");
        let kept = heap.root_vec();
        for n in 0..300 {
            kept.push(node(&heap, n).gc());
        }
        heap.collect(Reason::Explicit);
        let live = heap.live_bytes();
        let garbage = heap.root_vec();
        for n in 0..300 {
            garbage.push(node(&heap, 1000 + n).gc());
        }
        (0..steps).for_each(|_| heap.collect(Reason::Stress));
        drop(garbage);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.live_bytes(), live, "after {steps} steps");
        (0..300).for_each(|n| assert_eq!(serial(kept.get(n)), n as u64));
    }
}

#[test]
fn young_weak_references_are_followed_while_finalizable_objects_are_marked() {
    // Marking pauses after weak references were cleared, since what finalizers keep is not marked yet; the table of weak
    // references has become shorter, and a new one is young.
    for steps in 1..40 {
        let heap = heap("threshold=64K,nursery=128K,tenure=1,step=1,verify");
        let owners = heap.root_vec();
        let targets = heap.root_vec();
        for n in 0..6 {
            targets.push(node(&heap, n).gc());
            let owner = heap.alloc(WeakNode::id(), 32);
            owner
                .expect::<WeakNode>()
                .referent
                .set(targets.get(n as usize));
            heap.register_weak(owner);
            owners.push(owner);
        }
        // What the finalizer keeps is long.
        let chain = heap.root(node(&heap, 100));
        heap.register_finalizer(chain.get());
        for n in 0..200 {
            let new = node(&heap, n).gc();
            let next = chain.get().expect::<Node>().slots[0].get();
            set(&heap, new, 0, next);
            set(&heap, chain.get(), 0, new);
        }
        heap.collect(Reason::Explicit);
        drop(chain);
        targets.truncate(3);
        for n in 0..steps {
            heap.collect(Reason::Stress);
            let target = node(&heap, 50 + n).gc();
            targets.push(target);
            let owner = heap.alloc(WeakNode::id(), 32);
            owner.expect::<WeakNode>().referent.set(target);
            heap.register_weak(owner);
            owners.push(owner);
        }
        heap.collect(Reason::Budget);
        for n in 0..steps as usize {
            let owner = owners.get(6 + n).expect::<WeakNode>();
            assert_eq!(owner.referent.get(), targets.get(3 + n));
        }
    }
}
