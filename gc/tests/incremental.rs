//! Collections of the whole heap in steps: that they come to an end, free what is dead, lose nothing, and that no step does
//! more than it may.
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::toys::{self, Toy};
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

/// A new object takes the place of one of the last `most`, and the heap is polled.
fn keep_turn(heap: &Heap, keep: &RootVec, most: usize, n: u64) {
    let new = node(heap, n).gc();
    match keep.len() < most {
        true => _ = keep.push(new),
        false => keep.set(n as usize % most, new),
    }
    heap.poll();
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
    let heap = heap("threshold=64K,nursery=64K,step=8K,verify,poison");
    churn(&heap, 400, 24_000);
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

#[test]
fn a_large_array_of_any_length_is_looked_at_in_parts() {
    // Twice as long as what a young collection looks at of new arrays.
    const ITEMS: usize = 2 << 20;
    let heap = heap("threshold=512K,nursery=256K,copy=64K,step=64K");
    let large = heap.root(heap.alloc_var(Array::id(), ITEMS).unwrap());
    let mut random = Random(7);
    let mut expected = std::collections::HashMap::new();
    with_slots(large.get(), |slots| {
        // Stores into a new object need no barrier.
        for n in 0..1000 {
            let new = node(&heap, n).gc();
            slots[n as usize * 2000].init(new);
            expected.insert(n as usize * 2000, n);
        }
    });
    heap.poll();
    for n in 0..2_000_000 {
        if heap.stats().cycles != 0 {
            break;
        }
        let at = random.below(ITEMS as u64) as usize;
        let new = node(&heap, 1000 + n).gc();
        heap.write_range(large.get(), at..at + 1);
        with_slots(large.get(), |slots| slots[at].init(new));
        expected.insert(at, 1000 + n);
        heap.poll();
    }
    let stats = heap.stats();
    assert!(
        stats.cycles >= 1 && stats.major.count == 0,
        "{}",
        heap.stats_text()
    );
    let work = stats.work;
    // A part of the array counts for 32 KiB, and what its items name comes in addition.
    let most = 3 * ((1 << 20) + 4096 * 72);
    assert!(
        work.step_most_bytes <= most,
        "a step looked at {}",
        work.step_most_bytes
    );
    assert!(work.step_most_bytes > 0);
    // 65,536 chunks at most, and a million of items that were never logged.
    assert!(
        work.young_most_slots <= (1 << 20) + (1 << 20),
        "{}",
        work.young_most_slots
    );
    assert!(
        work.young_most_bytes <= 2 * (64 << 10) + (8 << 10),
        "{}",
        work.young_most_bytes
    );
    with_slots(large.get(), |slots| {
        for (&at, &serial_number) in &expected {
            assert_eq!(serial(slots[at].get()), serial_number);
        }
    });
    heap.verify().unwrap();
}

#[test]
fn tables_of_any_length_are_gone_through_in_slices() {
    const OBJECTS: u64 = 60_000;
    let heap = heap("threshold=1M,nursery=512K,step=64K");
    let (targets, owners) = (heap.root_vec(), heap.root_vec());
    for n in 0..OBJECTS {
        let target = node(&heap, n).gc();
        targets.push(target);
        heap.register_finalizer(target);
        let owner = heap.alloc(WeakNode::id(), 32);
        owner.expect::<WeakNode>().referent.set(target);
        heap.register_weak(owner);
        owners.push(owner);
        // Objects that became old where they are have their numbers in a table.
        heap.identity(target);
        mortal(&heap, n);
        heap.poll();
    }
    let numbers: Vec<usize> = (0..1000).map(|n| heap.identity(targets.get(n))).collect();
    // Every second target dies.
    (1..OBJECTS as usize)
        .step_by(2)
        .for_each(|n| targets.set(n, Gc::NULL));
    let (mut told, mut finalized) = (0, 0);
    let keep = heap.root_vec();
    for n in 0..3_000_000 {
        if (told, finalized) == (OBJECTS / 2, OBJECTS / 2) && heap.stats().cycles > 3 {
            break;
        }
        keep_turn(&heap, &keep, 40_000, n);
        for owner in heap.take_dead_weakrefs() {
            assert!(heap.weak_referent(owner).is_null());
            told += 1;
        }
        for gc in heap.take_finalizable() {
            assert_eq!(serial(gc) % 2, 1, "it was not reachable");
            finalized += 1;
        }
    }
    let stats = heap.stats();
    assert_eq!(stats.major.count, 0);
    assert!(stats.cycles >= 2, "{}", heap.stats_text());
    assert_eq!((told, finalized), (OBJECTS / 2, OBJECTS / 2));
    assert!(DESTROYED.take().len() as u64 >= OBJECTS - 1000);
    let most = stats.work.step_most_entries;
    assert!(
        most > 0 && most <= 4 << 10,
        "a step went through {most} entries"
    );
    for (n, &number) in numbers.iter().enumerate().step_by(2) {
        assert_eq!(heap.identity(targets.get(n)), number);
    }
    for n in 0..OBJECTS as usize {
        let referent = heap.weak_referent(owners.get(n));
        assert_eq!(referent, targets.get(n));
    }
}

#[test]
fn a_young_collection_comes_before_it_has_many_new_links_to_look_at() {
    const LINKS: u64 = 60_000;
    // All of them would fit into the nursery.
    let heap = heap("nursery=64M");
    toys::describe(&heap);
    let (keep, mut most) = (heap.root_vec(), 0);
    for n in 0..LINKS {
        let object = node(&heap, n).gc();
        let kind = [LinkKind::Twin, LinkKind::Proxy][n as usize % 2];
        toys::link(&heap, object, Toy::new(n, 0), kind);
        if n % 16 == 0 {
            keep.push(object);
        }
        let before = heap.pair_stats().young_visits;
        heap.poll();
        most = most.max(heap.pair_stats().young_visits - before);
        while let Some(toy) = toys::next_pending(&heap) {
            toy.decref(&heap);
        }
    }
    // What stayed young is looked at once more.
    assert!(
        most > 0 && most <= 10_000,
        "a young collection looked at {most} links"
    );
}

/// Of a pair the second waits until the first is finalized. While such pairs are kept in slices young collections come, which
/// must leave alone what waits.
#[test]
fn objects_that_wait_for_a_finalizer_outlive_young_collections_between_slices() {
    let heap = heap("threshold=64K,nursery=64K,step=1,verify");
    let pairs = 300;
    let kept = heap.root_vec();
    for n in 0..pairs {
        let second = heap.root(node(&heap, 1000 + n));
        let first = node(&heap, n).gc();
        set(&heap, first, 0, second.get());
        heap.register_finalizer(first);
        heap.register_finalizer(second.get());
        kept.push(first);
    }
    heap.collect(Reason::Explicit);
    drop(kept);
    let mut told = Vec::new();
    for n in 0..3000 {
        let young = heap.root(node(&heap, n));
        heap.collect(Reason::Stress);
        told.extend(heap.take_finalizable().into_iter().map(serial));
        drop(young);
    }
    heap.collect(Reason::Explicit);
    told.extend(heap.take_finalizable().into_iter().map(serial));
    told.sort();
    let expected: Vec<u64> = (0..pairs).chain(1000..1000 + pairs).collect();
    assert_eq!(told, expected, "each once, with its contents");
}

/// A list that grows by a quarter whenever it is full leaves arrays behind that are each as long as everything that lives: a cycle
/// must not wait for as many of them as it has phases.
#[test]
fn arrays_that_grow_do_not_pile_up() {
    for refs in [false, true] {
        let heap = heap("nursery=256K,threshold=256K");
        let kept = heap.root(Gc::NULL);
        let mut len = 64 << 10;
        while len < 16 << 20 {
            len += len / 4;
            let gc = match refs {
                true => heap.alloc_var(Array::id(), len / 8).unwrap(),
                false => heap.alloc_var(Blob::id(), len).unwrap(),
            };
            kept.set(gc);
            // The list is filled, by objects that die or not.
            for n in 0..len as u64 / 512 {
                node(&heap, n);
                poll(&heap);
            }
        }
        let most = heap.space().borrow().high_bytes();
        assert!(most < 5 * len, "{refs} {most}: {}", heap.stats_text());
    }
}

/// Dead objects with finalizers are put into order in slices, also where each comes after another.
#[test]
fn a_long_chain_of_finalizers_is_put_into_order_in_slices() {
    const LENGTH: u64 = 20_000;
    let heap = heap("threshold=256K,nursery=128K,step=64K");
    let head = heap.root(Gc::NULL);
    for n in (0..LENGTH).rev() {
        let new = node(&heap, n).gc();
        set(&heap, new, 0, head.get());
        heap.register_finalizer(new);
        head.set(new);
        heap.poll();
    }
    heap.collect(Reason::Explicit);
    drop(head);
    heap.log_pauses();
    let keep = heap.root_vec();
    let mut told = Vec::new();
    for n in 0..2_000_000 {
        if told.len() as u64 == LENGTH {
            break;
        }
        keep_turn(&heap, &keep, 20_000, n);
        let now = heap.take_finalizable();
        told.extend(now.into_iter().map(serial));
    }
    assert_eq!(told, Vec::from_iter(0..LENGTH), "{}", heap.stats_text());
    let log = heap.stats().pause_log.expect("asked for");
    assert!(log.iter().all(|pause| pause.work.entries <= 4 << 10));
    let ordering = log.iter().filter(|pause| pause.stage == "order").count();
    assert!(ordering as u64 > LENGTH / (4 << 10), "{ordering} slices");
    assert!(log.iter().all(|pause| pause.pause != Pause::Major));
}

/// A finalizer that is registered anew while others are still being handed out is for the time after that.
#[test]
fn a_finalizer_registered_while_others_are_handed_out_runs_once_more() {
    const OBJECTS: u64 = 6000;
    let heap = heap("threshold=256K,nursery=128K,step=64K");
    // All of them hang together, so that none waits for another.
    let array = heap.root(heap.alloc_var(Array::id(), OBJECTS as usize).unwrap());
    for n in 0..OBJECTS {
        let new = node(&heap, n).gc();
        set(&heap, new, 0, array.get());
        heap.register_finalizer(new);
        heap.write_range(array.get(), n as usize..n as usize + 1);
        with_slots(array.get(), |slots| slots[n as usize].init(new));
        heap.poll();
    }
    heap.collect(Reason::Explicit);
    drop(array);
    let keep = heap.root_vec();
    let mut told = vec![0; OBJECTS as usize];
    let mut registered = false;
    for n in 0..2_000_000 {
        if told.iter().sum::<u64>() == OBJECTS + 1 {
            break;
        }
        keep_turn(&heap, &keep, 20_000, n);
        for gc in heap.take_finalizable() {
            told[serial(gc) as usize] += 1;
            if !std::mem::replace(&mut registered, true) {
                // The last one, which this one reaches.
                let all = gc.expect::<Node>().slots[0].get();
                let last = with_slots(all, |slots| slots[OBJECTS as usize - 1].get());
                heap.register_finalizer(last);
            }
        }
    }
    let last = told.pop();
    assert!(told.iter().all(|&times| times == 1));
    assert_eq!(last, Some(2));
}

/// Random stores into one large array, and small objects that die: every pause has its bounds.
#[test]
fn no_pause_does_more_than_it_may_while_a_large_array_is_stored_into() {
    const ITEMS: usize = 600_000;
    const COPY: u64 = 64 << 10;
    let heap = heap("threshold=512K,nursery=1M,copy=64K,step=64K");
    let large = heap.root(heap.alloc_var(Array::id(), ITEMS).unwrap());
    heap.poll();
    heap.log_pauses();
    let mut random = Random(11);
    for n in 0..1_500_000 {
        let at = random.below(ITEMS as u64) as usize;
        let new = node(&heap, n).gc();
        heap.write_range(large.get(), at..at + 1);
        with_slots(large.get(), |slots| slots[at].init(new));
        heap.poll();
    }
    let stats = heap.stats();
    assert!(stats.cycles >= 1, "{}", heap.stats_text());
    for PauseEvent { work, stage, .. } in stats.pause_log.expect("asked for") {
        // The object that goes beyond the limit is moved still.
        assert!(work.moved_bytes <= 2 * COPY + 64, "{stage}: {work:?}");
        assert!(work.looked_at <= (16 << 10) + 64, "{stage}: {work:?}");
        // Where marking ends 512 chunks are looked at again, of 16 references each.
        let most = 3 * ((1 << 20) + 512 * 16 * 72);
        assert!(work.marked_bytes <= most, "{stage}: {work:?}");
    }
}

/// While all that is made survives, more becomes old between two steps than a step could follow: once it is known what is dead,
/// that is counted only, or nothing would be swept as long as the program makes lists.
#[test]
fn what_becomes_old_does_not_hold_up_what_death_leads_to() {
    let heap = heap("threshold=2M");
    heap.log_pauses();
    let lists = [heap.root(Gc::NULL), heap.root(Gc::NULL)];
    for list in lists.iter().cycle().take(24) {
        list.set(Gc::NULL);
        for n in 0..80_000 {
            let new = node(&heap, n).gc();
            set(&heap, new, 0, list.get());
            list.set(new);
            heap.poll();
        }
    }
    let cycles = heap.stats().cycles as usize;
    assert!(cycles > 1, "{}", heap.stats_text());
    let log = heap.stats().pause_log.expect("asked for");
    // The last stage that what becomes old could hold up.
    let following = log.iter().filter(|pause| pause.stage == "follow").count();
    assert!(
        following < 8 * (cycles + 1),
        "{following} pauses in {cycles} cycles"
    );
    let most = heap.space().borrow().high_bytes();
    assert!(most < 48 << 20, "{most}: {}", heap.stats_text());
}
