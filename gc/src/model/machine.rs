//! The programs as a state machine of proptest: generating, shrinking and running them.
use super::coverage::Coverage;
use super::executor::Executor;
use super::ops::{Op, any_op};
use super::oracle::Oracle;
use super::plants::Plant;
use super::setup::{Setup, any_setup};
use crate::CollectorInfo;
use proptest::prelude::*;
use proptest::test_runner::{Config as RunnerConfig, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Operations of a program.
const LENGTH: std::ops::RangeInclusive<usize> = 100..=140;

/// The collectors to run on, and a bug to plant.
#[derive(Clone)]
pub struct Bench {
    pub registry: Vec<CollectorInfo>,
    /// Names of those of the registry that take part.
    pub rows: Vec<&'static str>,
    pub plant: Option<Plant>,
}

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
    static COVERAGE: RefCell<BTreeMap<&'static str, Coverage>> = const { RefCell::new(BTreeMap::new()) };
}

/// A program's state without a heap.
#[derive(Clone, Debug)]
pub struct State {
    setup: Setup,
    oracle: Oracle,
}

struct Programs;

impl ReferenceStateMachine for Programs {
    type State = State;
    type Transition = Op;
    fn init_state() -> BoxedStrategy<State> {
        any_setup()
            .prop_map(|setup| State {
                setup,
                oracle: Oracle::new(),
            })
            .boxed()
    }
    fn transitions(_state: &State) -> BoxedStrategy<Op> {
        // One strategy for all steps: operations choose among what there is when they run.
        thread_local!(static ANY: BoxedStrategy<Op> = any_op().boxed());
        ANY.with(Clone::clone)
    }
    fn apply(mut state: State, op: &Op) -> State {
        state.oracle.apply(op);
        state
    }
}

struct Heaps;

/// Says on which collector a program fails.
struct Named(&'static str);
impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("on {}", self.0);
        }
    }
}

impl StateMachineTest for Heaps {
    type SystemUnderTest = Vec<Executor>;
    type Reference = Programs;
    fn init_test(state: &State) -> Vec<Executor> {
        let bench = BENCH.with_borrow(Clone::clone).expect("a bench is set up");
        let rows = bench
            .registry
            .iter()
            .filter(|row| bench.rows.contains(&row.name));
        rows.map(|row| Executor::new(row, &bench.registry, &state.setup, bench.plant))
            .collect()
    }
    fn apply(mut heaps: Vec<Executor>, _state: &State, op: Op) -> Vec<Executor> {
        for heap in &mut heaps {
            let _named = Named(heap.name());
            heap.step(&op);
        }
        heaps
    }
    fn teardown(heaps: Vec<Executor>, state: State) {
        let reference = (!state.setup.tight).then_some(&state.oracle);
        for mut heap in heaps {
            let _named = Named(heap.name());
            heap.finish(reference);
            COVERAGE.with_borrow_mut(|all| all.entry(heap.name()).or_default().add(&heap.coverage));
        }
    }
}

/// A program that failed.
#[derive(Debug)]
pub struct Failure {
    /// Number of programs before it.
    pub before: u64,
    pub message: String,
}

/// Runs `cases` programs, the n-th of them from seed `seed + n`.
pub fn run(
    bench: &Bench,
    seed: u64,
    cases: u64,
    shrink: bool,
) -> Result<BTreeMap<&'static str, Coverage>, Failure> {
    BENCH.set(Some(bench.clone()));
    COVERAGE.take();
    for case in 0..cases {
        let config = RunnerConfig {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: if shrink { 4000 } else { 2 },
            ..RunnerConfig::default()
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(seed.wrapping_add(case)).to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        let result = runner.run(
            &Programs::sequential_strategy(LENGTH),
            |(state, ops, seen)| {
                Heaps::test_sequential(config.clone(), state, ops, seen);
                Ok(())
            },
        );
        if let Err(error) = result {
            return Err(Failure {
                before: case,
                message: format!(
                    "OURO_MODEL_SEED={} OURO_MODEL_CASES=1\n{error}",
                    seed.wrapping_add(case)
                ),
            });
        }
    }
    Ok(COVERAGE.take())
}
