//! Random programs on every collector that frees anything.
use super::ops::any_program;
use super::program::{Coverage, Program};
use super::settings::collecting_rows;
use ouro_gc::*;
use proptest::test_runner::{Config as RunnerConfig, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;

/// Programs for each collector, unless the environment says otherwise.
const CASES: u64 = 2000;

/// A program that failed.
pub struct Failure {
    /// Number of programs before it.
    pub before: u64,
    pub message: String,
}

/// Runs `cases` programs on a collector, the n-th of them from seed `seed + n`. With `careful` failures are not made small,
/// and the heap is verified around each collection, so that a stray link is seen before it is followed.
pub fn run(row: &CollectorInfo, seed: u64, cases: u64, careful: bool) -> Result<Coverage, Failure> {
    let coverage = RefCell::new(Coverage::default());
    for case in 0..cases {
        let config = RunnerConfig {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: if careful { 2 } else { 4000 },
            ..RunnerConfig::default()
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.wrapping_add(case).to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let result =
            TestRunner::new_with_rng(config, rng).run(&any_program(), |(mut setup, ops)| {
                setup.verify |= careful;
                let mut program = Program::new(row, &setup);
                ops.iter().for_each(|op| program.step(op));
                coverage.borrow_mut().add(&program.finish());
                Ok(())
            });
        if let Err(error) = result {
            return Err(Failure {
                before: case,
                message: format!(
                    "on {}: OURO_PAIRING_SEED={} OURO_PAIRING_CASES=1\n{error}",
                    row.name,
                    seed.wrapping_add(case)
                ),
            });
        }
    }
    Ok(coverage.into_inner())
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
    )
}

/// What programs on such a collector must have come across.
fn wanted(row: &CollectorInfo) -> Vec<&'static str> {
    let mut wanted = vec![
        "major collections",
        "held",
        "links made",
        "freed",
        "pending",
        "left",
        "unlinked",
        "resurrected",
        "linked while pending",
        "linked after pending",
        "collected while draining",
        "pairs kept by finalizers",
        "weak references cleared",
        "cycles over both sides",
        "address of a dead object used again",
    ];
    if row.capabilities.moves {
        wanted.extend(["objects moved", "links moved", "promoted in place"]);
    }
    if row.capabilities.generational {
        wanted.extend(["minor collections", "looked at by minor collections"]);
    }
    wanted
}

#[test]
fn random_programs_agree_with_the_mirror() {
    let cases = number("OURO_PAIRING_CASES").unwrap_or(CASES);
    let seed = number("OURO_PAIRING_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("the clock is past 1970").as_nanos() as u64
    });
    println!("OURO_PAIRING_SEED={seed} OURO_PAIRING_CASES={cases}");
    for row in collecting_rows() {
        let started = std::time::Instant::now();
        let coverage = match run(row, seed, cases, false) {
            Ok(coverage) => coverage,
            Err(failure) => panic!("{}", failure.message),
        };
        println!("{} {:?}: {coverage:?}", row.name, started.elapsed());
        for what in wanted(row) {
            // A few programs may miss something.
            assert!(
                cases < CASES / 2 || coverage.0.get(what).is_some_and(|&n| n >= cases / 100),
                "the programs on {} saw too few: {what}",
                row.name
            );
        }
    }
}
