//! Runs random programs from seeds.
use super::ops::any_program;
use super::program::{Coverage, Program};
use crate::*;
use proptest::test_runner::{Config as RunnerConfig, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;

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
