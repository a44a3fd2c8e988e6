//! The heap walk and the heap dump: what is read back is the heap as the walk and the model's graph show it.
use ouro_gc::dump::{Analysis, HeapDump, Wanted};
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::collections::{BTreeMap, BTreeSet};

fn text_of(heap: &Heap) -> String {
    let mut out = Vec::new();
    heap.dump(&mut out, |gc| {
        (serial(gc) % 3 != 0).then(|| format!("number\n{}", serial(gc) % 7))
    })
    .expect("memory can be written");
    String::from_utf8(out).expect("a dump is text")
}
fn random(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    (*state >> 33) as usize
}
/// Objects of all kinds that refer to each other, of which some are roots, and garbage.
fn fill(heap: &Heap, seed: u64, roots: &RootVec) {
    let mut state = seed;
    for n in 0..400u64 {
        let gc = match random(&mut state) % 6 {
            0 => array(heap, n, random(&mut state) % 40).gc(),
            1 => blob(heap, n, random(&mut state) % 300).gc(),
            2 if roots.len() > 0 => weak(heap, n, roots.get(random(&mut state) % roots.len())).gc(),
            3 => mortal(heap, n).gc(),
            4 if n % 20 == 0 => array(heap, n, 2_000).gc(),
            _ => node(heap, n).gc(),
        };
        for _ in 0..random(&mut state) % 6 {
            if roots.is_empty() {
                break;
            }
            let to = roots.get(random(&mut state) % roots.len());
            let slot = random(&mut state);
            with_slots(gc, |slots| {
                if !slots.is_empty() {
                    slots[slot % slots.len()].set(heap, gc, to);
                }
            });
        }
        if n % 3 != 0 || roots.is_empty() {
            roots.push(gc);
        } else if n % 2 == 0 {
            roots.set(random(&mut state) % roots.len(), gc);
        }
        let _ = heap.poll();
    }
}

#[test]
fn what_is_read_back_is_the_heap() {
    for name in collecting() {
        for seed in 0..6 {
            let heap = heap(&format!("{name},nursery=64K,threshold=64K"));
            let roots = heap.root_vec();
            fill(&heap, seed, &roots);
            if seed % 2 == 0 {
                roots.truncate(100);
                heap.collect(Reason::Explicit);
            }
            let text = text_of(&heap);
            let dump = HeapDump::read(text.as_bytes()).expect("what was written can be read");
            assert_eq!(dump.about("collector"), Some(name));
            let mut walked = 0;
            let mut ages = BTreeSet::new();
            heap.for_each_object(|it| {
                let at = it.object.address() as u64;
                let object = &dump.objects[dump.find(at).expect("each object is in the dump")];
                assert_eq!(
                    (object.bytes, object.residence),
                    (it.bytes as u64, it.residence)
                );
                assert_eq!(object.type_id, it.object.type_id().0);
                assert_eq!(dump.types[&object.type_id], heap.type_of(it.object).name);
                let mut held = Vec::new();
                heap.for_each_reference(it.object, |to| held.push(to.address() as u64));
                assert_eq!(dump.references[object.references.clone()], held);
                let weak = heap.weak_reference(it.object);
                assert_eq!(object.weak, weak.map(|gc| gc.address() as u64));
                let number = serial(it.object);
                match number % 3 {
                    0 => assert_eq!(object.label, None),
                    _ => assert_eq!(dump.name(object), format!("number\n{}", number % 7)),
                }
                assert_eq!(heap.residence(it.object), it.residence);
                ages.insert(it.residence.is_young());
                walked += 1;
            });
            assert_eq!(walked, dump.objects.len());
            assert_eq!(walked, in_memory(&heap).len());
            assert!(ages.contains(&(seed % 2 != 0)), "{name}: {ages:?}");
            let held: Vec<u64> = roots
                .to_vec()
                .iter()
                .map(|gc| gc.address() as u64)
                .collect();
            assert!(held.iter().all(|at| dump.precise_roots.contains(at)));
            // What the analysis reaches is what the heap reaches.
            let analysis = Analysis::new(&dump);
            let reached: BTreeSet<u64> = (0..walked)
                .filter(|&n| analysis.is_reachable(n))
                .map(|n| dump.objects[n].address)
                .collect();
            let mut expected = BTreeSet::new();
            heap.for_each_reachable(|gc| _ = expected.insert(gc.address() as u64));
            assert_eq!(reached, expected, "{name}");
            if seed % 2 == 0 {
                assert_eq!(reached.len(), walked, "{name}: nothing dead is left");
            }
        }
    }
}

/// The reachable objects if `without` were taken out.
fn reach_without(dump: &HeapDump, without: Option<usize>) -> BTreeSet<usize> {
    let mut pending: Vec<u64> = dump.precise_roots.clone();
    let mut seen = BTreeSet::new();
    while let Some(at) = pending.pop() {
        if let Some(n) = dump.find(at)
            && Some(n) != without
            && seen.insert(n)
        {
            pending.extend(&dump.references[dump.objects[n].references.clone()]);
        }
    }
    seen
}

#[test]
fn retained_bytes_dominators_and_paths_are_what_taking_an_object_out_shows() {
    let mut interesting = 0;
    for seed in 0..8 {
        let heap = heap("marksweep");
        let roots = heap.root_vec();
        fill(&heap, seed, &roots);
        roots.truncate(12);
        let text = text_of(&heap);
        let dump = HeapDump::read(text.as_bytes()).expect("it can be read");
        let analysis = Analysis::new(&dump);
        let all = reach_without(&dump, None);
        for n in 0..dump.objects.len() {
            let path = analysis.path(n);
            assert_eq!(analysis.is_reachable(n), all.contains(&n));
            if !all.contains(&n) {
                assert!(path.is_empty() && analysis.retained_bytes(n) == 0);
                continue;
            }
            let lost: Vec<usize> = all
                .difference(&reach_without(&dump, Some(n)))
                .copied()
                .collect();
            let bytes: u64 = lost.iter().map(|&n| dump.objects[n].bytes).sum();
            assert_eq!(analysis.retained_bytes(n), bytes, "object {n}, seed {seed}");
            interesting += usize::from(lost.len() > 1);
            for &other in lost.iter().filter(|&&other| other != n) {
                // The chain of dominators of what is lost leads here.
                let mut above = analysis.dominator(other);
                while let Some(at) = above
                    && at != n
                {
                    above = analysis.dominator(at);
                }
                assert_eq!(above, Some(n));
            }
            assert_eq!(path.last(), Some(&n));
            let first = dump.objects[path[0]].address;
            assert!(dump.precise_roots.contains(&first));
            for pair in path.windows(2) {
                let held = &dump.references[dump.objects[pair[0]].references.clone()];
                assert!(held.contains(&dump.objects[pair[1]].address));
            }
        }
        let keepers = analysis.keepers(10);
        let kept: Vec<u64> = keepers
            .iter()
            .map(|&n| analysis.retained_bytes(n))
            .collect();
        assert!(kept.is_sorted_by(|a, b| a >= b));
        let mut bytes = BTreeMap::new();
        for (n, object) in dump.objects.iter().enumerate() {
            let entry: &mut (u64, u64) = bytes.entry(dump.name(object)).or_default();
            match all.contains(&n) {
                true => entry.0 += object.bytes,
                false => entry.1 += object.bytes,
            }
        }
        let usage = analysis.usage();
        let told = usage
            .iter()
            .map(|(name, (live, dead))| (*name, (live.bytes, dead.bytes)));
        assert!(told.eq(bytes));
    }
    assert!(interesting > 15, "{interesting} objects keep others");
}

#[test]
fn long_lists_are_analysed_without_recursion() {
    let heap = heap("marksweep");
    let head = heap.root(Gc::NULL);
    for n in 0..100_000 {
        let node = node(&heap, n);
        node.slots[0].init(head.get());
        head.set(node.gc());
        let _ = heap.poll();
    }
    let text = text_of(&heap);
    let dump = HeapDump::read(text.as_bytes()).expect("it can be read");
    let analysis = Analysis::new(&dump);
    let first = dump.find(head.get().address() as u64).expect("the head");
    assert_eq!(analysis.retained_bytes(first), 3_200_000);
    let last = (0..dump.objects.len()).find(|&n| dump.objects[n].references.is_empty());
    assert_eq!(analysis.path(last.expect("the end")).len(), 100_000);
}

#[test]
fn broken_dumps_are_refused_with_the_line() {
    let heap = heap("marksweep");
    let root = heap.root(node(&heap, 1));
    root.get().expect::<Node>().slots[0].init(node(&heap, 2).gc());
    let text = text_of(&heap);
    let read = |text: &str| HeapDump::read(text.as_bytes()).map(|dump| dump.objects.len());
    assert_eq!(read(&text).expect("a good one"), 2);
    let extended = text.replace("\nE ", "\nZ something of a later version\nE ");
    assert_eq!(read(&extended).expect("additions are passed over"), 2);
    let message = |text: &str| read(text).expect_err("a bad one").to_string();
    assert!(message(&text.replace("dump 1\n", "dump 2\n")).starts_with("line 1: expected"));
    assert!(message(text.split("E ").next().expect("a part")).contains("cut off"));
    assert!(message(&text.replace("E 2 1", "E 2 2")).contains("2 objects with 2 references"));
    assert!(message(&text.replace("O ", "O x")).contains("hexadecimal"));
    assert!(message(&format!("{text}H more 1\n")).contains("follows the E record"));
}

#[test]
fn words_that_may_name_objects_are_roots_of_a_dump() {
    let heap = heap("marksweep,roots=conservative");
    let gc = node(&heap, 5).gc();
    let text = text_of(&heap);
    let dump = HeapDump::read(text.as_bytes()).expect("it can be read");
    assert!(dump.ambiguous_roots.contains(&(gc.address() as u64)));
    let n = dump
        .find(std::hint::black_box(gc).address() as u64)
        .expect("it is there");
    assert!(Analysis::new(&dump).is_reachable(n));
}

#[test]
fn a_summary_tells_bytes_keepers_and_paths() {
    let heap = heap("marksweep");
    let kept = node(&heap, 3);
    let root = heap.root(array(&heap, 6, 10));
    root.get().expect::<Array>().items()[4].init(kept.gc());
    blob(&heap, 9, 1_000);
    let text = text_of(&heap);
    let dump = HeapDump::read(text.as_bytes()).expect("it can be read");
    let wanted = |path_to: Option<String>| dump.summary(&Wanted { rows: 5, path_to });
    let at = kept.gc().address();
    let (array_at, text) = (root.get().address(), wanted(Some(format!("{at:x}"))));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(
        lines[..3],
        [
            "collector marksweep",
            "2 objects, 144 bytes reachable",
            "1 objects, 1024 bytes not reachable",
        ]
    );
    assert!(lines.contains(&"0          0         1024  Blob"), "{text}");
    assert!(
        lines.contains(&"112          1            0  Array"),
        "{text}"
    );
    let keeper = format!("144        112  Array at {array_at:x}");
    assert!(lines.contains(&keeper.as_str()), "{text}");
    let path = format!("Array at {array_at:x} -> Node at {at:x}");
    assert_eq!(lines.last(), Some(&path.as_str()));
    assert!(wanted(Some("Blob".into())).contains("is not reachable"));
    assert!(wanted(Some("Frob".into())).contains("no such object"));
}
