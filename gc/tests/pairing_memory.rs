//! A million pairs die on both sides, and memory stays flat. A process of its own, since it looks at the process's memory.
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collecting_rows, heap_of};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::*;

const PAIRS: u64 = 1_000_000;
/// Pairs alive at a time, with the pending ones.
const WINDOW: usize = 2_000;

/// Memory of the process, in KiB, where the system tells it.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_million_pairs_leave_nothing_behind() {
    for row in collecting_rows() {
        let started = std::time::Instant::now();
        let heap = heap_of(row, "");
        let kinds = [
            LinkKind::Twin,
            LinkKind::LightTwin,
            LinkKind::Proxy,
            LinkKind::LightProxy,
        ];
        // The raw side and the roots each hold some for a while, so that pairs die of either side at any age.
        let mut held: Vec<Toy> = Vec::new();
        let roots = heap.root_vec();
        let (mut handled, mut gone, mut at_quarter) = (0, 0, None);
        for serial in 0..PAIRS {
            let kind = kinds[serial as usize % 4];
            let object = heap.alloc_checked(Node::id(), Node::BYTES);
            object.expect::<Node>().serial.set(serial);
            let toy = Toy::new(serial, 1);
            link(&heap, object, toy, kind);
            held.push(toy);
            roots.push(object);
            if held.len() == WINDOW {
                // What was a proxy may have lost its object meanwhile, and is destroyed here.
                held.drain(..WINDOW / 2).for_each(|toy| toy.decref(&heap));
            }
            if roots.len() >= WINDOW / 4 + (serial % 97) as usize {
                roots.truncate(0);
            }
            if heap.poll().has(Attention::PENDING_RAW) {
                while let Some(toy) = next_pending(&heap) {
                    handled += 1;
                    toy.decref(&heap);
                }
            }
            gone += (take_freed().len() + take_destroyed().len()) as u64;
            if serial == PAIRS / 4 {
                at_quarter = resident_kib();
            }
        }
        let at_end = resident_kib();
        held.drain(..).for_each(|toy| toy.decref(&heap));
        roots.truncate(0);
        collect(&heap);
        while let Some(toy) = next_pending(&heap) {
            handled += 1;
            toy.decref(&heap);
        }
        let pairs = heap.pair_stats();
        gone += (take_freed().len() + take_destroyed().len()) as u64;
        assert_eq!((pairs.linked, pairs.made), (0, PAIRS));
        assert_eq!(gone, PAIRS, "each structure goes exactly once (R5)");
        assert_eq!(handled, pairs.pending);
        assert!(pairs.pending > 0 && pairs.freed > 0 && pairs.left > 0);
        assert_eq!(in_memory(&heap), []);
        if row.capabilities.moves {
            assert!(pairs.moved > 0);
        }
        println!(
            "{}: {:?}, resident {at_quarter:?} and {at_end:?} KiB, {pairs:?}",
            row.name,
            started.elapsed()
        );
        if let (Some(before), Some(after)) = (at_quarter, at_end) {
            // What is freed may wait for a while before its memory is used again.
            assert!(
                after < before + (4 << 10),
                "{before} KiB after a quarter, {after} KiB at the end"
            );
        }
    }
}
