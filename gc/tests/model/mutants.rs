//! The test of the tests: each planted bug must be found, and the same programs without it must pass.
use super::collectors::*;
use ouro_gc::model::machine::{Bench, run};
use ouro_gc::model::plants::Plant;
use ouro_gc::*;

/// Programs after which a bug counts as not found. Most are found by the first.
const PROGRAMS: u64 = 500;
const SEED: u64 = 7;

/// What a stale reference leads to: the verifier sees it, or a collector follows it into memory that was reused.
const STALE: &[&str] = &[
    "no store was logged",
    "which is no object",
    "out of bounds",
    "no type has the id",
    "unregistered type",
    "checked by register_weak",
    "A3",
    "A6",
];

fn bench(rows: &[CollectorInfo], plant: Option<Plant>) -> Bench {
    Bench {
        plant,
        ..Bench::of(rows)
    }
}
/// Asserts that programs on this bench fail with a message that contains one of `signs`.
fn assert_found(bench: &Bench, what: &str, signs: &[&str]) {
    match run(bench, SEED, PROGRAMS, false) {
        Ok(_) => panic!(
            "{what} on {:?} was not found by {PROGRAMS} programs",
            bench.rows
        ),
        Err(failure) => {
            let line = failure.reason.replace('\n', " ");
            println!(
                "{what} on {:?}: found by program {}: {line}",
                bench.rows,
                failure.before + 1
            );
            assert!(
                signs.iter().any(|sign| line.contains(sign)),
                "{what} was found for another reason than {signs:?}: {line}"
            );
        }
    }
}
fn assert_clean(bench: &Bench) {
    if let Err(failure) = run(bench, SEED, PROGRAMS / 20, false) {
        panic!(
            "without a planted bug on {:?}: {}",
            bench.rows, failure.message
        );
    }
}

#[test]
fn misused_barriers_are_found() {
    assert_clean(&bench(&[witness()], None));
    let plants = [
        (Plant::NullWithoutBarrier, "W1"),
        (Plant::StaticWithoutBarrier, "W1"),
        (Plant::ItselfWithoutBarrier, "W1"),
        (Plant::BarrierAfterStore, "W2"),
        (Plant::SafepointAfterBarrier, "W1"),
        (Plant::ElideAlways, "W1"),
        (Plant::RangeLogsFirstItem, "W1"),
        (Plant::ClearWithoutBarrier, "W1"),
        (Plant::CopyWithoutBarrier, "W1"),
        (Plant::LateStoreWithoutBarrier, "W1"),
    ];
    for (plant, sign) in plants {
        // A store without a barrier may come just before another one's barrier.
        assert_found(
            &bench(&[witness()], Some(plant)),
            &format!("{plant:?}"),
            &[sign, "W2"],
        );
    }
}

#[test]
fn misused_barriers_are_found_under_a_generational_collector() {
    let plants = [
        Plant::SafepointAfterBarrier,
        Plant::ElideAlways,
        Plant::RangeLogsFirstItem,
        Plant::CopyWithoutBarrier,
        Plant::LateStoreWithoutBarrier,
    ];
    for plant in plants {
        assert_found(
            &bench(&[generational_row()], Some(plant)),
            &format!("{plant:?}"),
            STALE,
        );
    }
}

#[test]
fn lost_log_entries_are_found() {
    let bench = bench(&[forgetful()], None);
    assert_clean(&bench);
    for fault in [
        LogFault::ObjectsLost,
        LogFault::FirstItemOnly,
        LogFault::NeverArmedAgain,
    ] {
        set_log_fault(fault);
        assert_found(&bench, &format!("{fault:?}"), STALE);
    }
}

#[test]
fn bugs_of_collectors_are_found() {
    let bench = bench(&[clumsy()], None);
    assert_clean(&bench);
    let faults = [
        (Fault::WeakNotCleared, "A12"),
        (Fault::WeakAfterFinalizers, "A12"),
        (Fault::QueueNotFollowed, "queued objects are kept"),
        (Fault::FinalizersForgotten, "A12"),
        (Fault::DestructorsForgotten, "A12"),
        (Fault::DestructorsForAll, "A12"),
        (Fault::LargeNotSwept, "A2"),
        (Fault::RootsNotFollowed, "A1"),
    ];
    for (fault, sign) in faults {
        set_fault(fault);
        assert_found(&bench, &format!("{fault:?}"), &[&[sign], STALE].concat());
    }
}

#[test]
fn bugs_of_those_who_keep_roots_are_found() {
    for row in COLLECTORS.iter().filter(|row| row.capabilities.collects) {
        let found = |plant, signs: &[&str]| {
            assert_found(&bench(&[*row], Some(plant)), &format!("{plant:?}"), signs);
        };
        found(Plant::RootNotReported, &["A1", "A12"]);
        found(Plant::EndWordNotReported, &["A1", "A13", "A12"]);
        found(Plant::FreedWordRevives, &[""]);
        found(Plant::FinalizerAgain, &["A12"]);
        if row.capabilities.moves {
            found(Plant::IdentityIsAddress, &["A7"]);
        }
    }
}
