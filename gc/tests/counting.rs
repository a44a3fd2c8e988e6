//! What collectors that count references promise: what is in no cycle dies without a search, and each way to search for
//! dead cycles finds the same ones.
use ouro_gc::model::objects::*;
use ouro_gc::*;

const POLICIES: [&str; 3] = ["trial", "trace", "auto"];

fn slot(gc: Gc, n: usize) -> Gc {
    with_slots(gc, |slots| slots[n].get())
}

/// The rows that count.
fn counting() -> impl Iterator<Item = &'static str> {
    let rows = COLLECTORS.iter().filter(|row| row.capabilities.counts);
    rows.map(|row| row.name)
}

/// Lets the mutator go on until `collections` more young collections were due.
fn go_on(heap: &Heap, collections: u64) {
    let before = heap.stats().collections;
    while heap.stats().collections < before + collections {
        node(heap, 0);
        poll(heap);
    }
}

/// Numbers of what is in memory after two collections, in order.
fn left_after_two(heap: &Heap) -> Vec<u64> {
    for _ in 0..2 {
        heap.collect(Reason::Explicit);
    }
    let mut left: Vec<u64> = in_memory(heap)
        .into_iter()
        .map(|(gc, _)| serial(gc))
        .collect();
    left.sort_unstable();
    left
}

#[test]
fn what_is_in_no_cycle_dies_without_a_search() {
    const NODES: u64 = 20_000;
    for name in counting() {
        for (policy, wholesale) in [("trial", 3), ("trace", 0), ("auto", 0), ("auto", 3)] {
            let options = format!(
                "{name},nursery=64K,threshold=64M,cycles={policy},wholesale={wholesale},verify,poison"
            );
            let heap = heap(&options);
            let holder = heap.root(array(&heap, 1, 2).gc());
            go_on(&heap, 1);
            let others = in_memory(&heap).len();
            // A list, and a tree of which each inner node is shared by two.
            for n in 0..NODES {
                let one = node(&heap, n);
                one.slots[0].init(slot(holder.get(), 0));
                with_slots(holder.get(), |slots| {
                    slots[0].set(&heap, holder.get(), one.gc())
                });
                if n % 100 == 0 {
                    let inner = node(&heap, n);
                    inner.slots[0].init(slot(holder.get(), 1));
                    inner.slots[1].init(slot(holder.get(), 1));
                    with_slots(holder.get(), |slots| {
                        slots[1].set(&heap, holder.get(), inner.gc())
                    });
                }
                poll(&heap);
            }
            go_on(&heap, 1);
            let most = in_memory(&heap).len();
            assert!(most >= (NODES + NODES / 100) as usize, "{options}: {most}");
            with_slots(holder.get(), |slots| {
                slots[0].set(&heap, holder.get(), Gc::NULL);
                slots[1].set(&heap, holder.get(), Gc::NULL);
            });
            // Young objects are as old as the search that did not happen; what roots named is counted for one epoch more.
            go_on(&heap, 2);
            let stats = heap.stats();
            assert_eq!((stats.major.count, stats.step.count), (0, 0), "{options}");
            assert_eq!(stats.work.cyclic, 0, "{options}");
            assert!(
                stats.work.unreferenced >= NODES + NODES / 100,
                "{options}: {}",
                stats.work.unreferenced
            );
            // What is left are the holder, and what the last epoch may have promoted in vain.
            let left = in_memory(&heap)
                .iter()
                .filter(|(gc, _)| serial(*gc) != 0)
                .count();
            assert!(left <= others, "{options}: {left}");
        }
    }
}

/// Numbers that do not repeat soon.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Serial numbers of what is left after a random program, and those that should be.
fn run(options: &str, seed: u64) -> (Vec<u64>, Vec<u64>) {
    const NODES: usize = 3000;
    const ROOTS: usize = 40;
    let heap = heap(options);
    let mut random = Random(seed);
    let table = heap.root(array(&heap, 1 << 40, ROOTS).gc());
    let all = heap.root_vec();
    for n in 0..NODES {
        all.push(node(&heap, n as u64).gc());
        poll(&heap);
        // Most edges are short, so that there are many small groups.
        for slot in 0..2 {
            let near = n.saturating_sub(random.below(12));
            let to = all.get(near);
            with_slots(all.get(n), |slots| slots[slot].set(&heap, all.get(n), to));
        }
        if random.below(3) == 0 {
            let from = all.get(random.below(n + 1));
            let to = match random.below(2) {
                0 => Gc::NULL,
                _ => all.get(n),
            };
            with_slots(from, |slots| slots[1].set(&heap, from, to));
        }
        if random.below(20) == 0 {
            let entry = random.below(ROOTS);
            with_slots(table.get(), |slots| {
                slots[entry].set(&heap, table.get(), all.get(n))
            });
        }
        // Groups get old and lose their roots at different times.
        if n % 500 == 499 {
            go_on(&heap, 1);
        }
    }
    let mut expected: Vec<Gc> = vec![table.get()];
    let mut seen = std::collections::BTreeSet::from([table.get()]);
    while let Some(gc) = expected.pop() {
        with_slots(gc, |slots| {
            for child in slots.iter().map(|slot| slot.get()) {
                if !child.is_null() && seen.insert(child) {
                    expected.push(child);
                }
            }
        });
    }
    let mut expected: Vec<u64> = seen.into_iter().map(serial).collect();
    all.truncate(0);
    // What the vector named is counted until the end of the next epoch.
    let left = left_after_two(&heap);
    expected.sort_unstable();
    (left, expected)
}

#[test]
fn each_policy_frees_the_same_cycles() {
    for name in counting() {
        let mut freed_in_cycles = false;
        for seed in 1..9 {
            for policy in POLICIES {
                for bits in [2, 12] {
                    let options = format!(
                        "{name},nursery=64K,threshold=32K,cycles={policy},bits={bits},verify=3,poison"
                    );
                    let (left, expected) = run(&options, seed);
                    assert_eq!(left, expected, "{options}, seed {seed}");
                    freed_in_cycles |= left.len() < 3000;
                }
            }
        }
        assert!(freed_in_cycles, "{name}: nothing died");
    }
}

/// A ring of young nodes, and the first one.
fn ring(heap: &Heap, length: u64, first: u64) -> Gc {
    let root = heap.root(node(heap, first).gc());
    let mut last = root.get();
    for n in 1..length {
        let one = node(heap, first + n);
        one.slots[0].init(last);
        last = one.gc();
    }
    with_slots(root.get(), |slots| {
        slots[0].set(heap, root.get(), last);
    });
    root.get()
}

/// Nodes of rings that live for some nurseries, so that most of each nursery survives, and of what is old most is dead in the end.
#[test]
fn while_most_survives_nothing_is_copied_and_dead_rings_go() {
    const RINGS: usize = 600;
    const LENGTH: u64 = 10;
    for name in counting() {
        for verify in ["", ",verify,poison"] {
            let rounds = if verify.is_empty() {
                40 * RINGS
            } else {
                8 * RINGS
            };
            let options = format!("{name},nursery=64K,threshold=128K{verify}");
            let heap = heap(&options);
            let table = heap.root(array(&heap, 1 << 40, RINGS).gc());
            for n in 0..rounds {
                let new = ring(&heap, LENGTH, 1 + n as u64 * LENGTH);
                with_slots(table.get(), |slots| {
                    slots[n % RINGS].set(&heap, table.get(), new);
                });
                poll(&heap);
            }
            let stats = heap.stats();
            let (moved, stayed) = (stats.work.moved_objects, stats.work.promoted_in_place);
            assert!(
                stayed > 8 * moved && stats.major.count + stats.step.count > 2,
                "{options}: {}",
                heap.stats_text()
            );
            // What lives is a third of what may be there when a search is due.
            let most = in_memory(&heap).len() as u64;
            assert!(most < 5 * RINGS as u64 * LENGTH, "{options}: {most}");
            let left = left_after_two(&heap);
            let first = 1 + (rounds - RINGS) as u64 * LENGTH;
            let mut expected: Vec<u64> = (first..first + RINGS as u64 * LENGTH).collect();
            expected.push(1 << 40);
            assert_eq!(left, expected, "{options}");
        }
    }
}
