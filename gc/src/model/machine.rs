//! The programs as a state machine of proptest: generating, shrinking and running them.
use super::coverage::Coverage;
use super::executor::Executor;
use super::ops::{Op, any_op};
use super::oracle::Oracle;
use super::plants::Plant;
use super::setup::{Setup, any_setup};
use crate::CollectorInfo;
use proptest::prelude::*;
use proptest::test_runner::{
    Config as RunnerConfig, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Operations of a program.
const LENGTH: std::ops::RangeInclusive<usize> = 100..=140;
/// So many smaller programs are tried when one fails.
const SHRINKS: u32 = 4000;

/// The collectors to run on, and what is special about the programs.
#[derive(Clone)]
pub struct Bench {
    /// What a heap can be made of.
    pub registry: Vec<CollectorInfo>,
    /// Names of those of the registry that take part.
    pub rows: Vec<&'static str>,
    /// A bug in the programs.
    pub plant: Option<Plant>,
    /// Operations that come more often.
    pub focus: &'static [&'static str],
    /// Changes the options of each program.
    pub prepare: fn(&mut Setup),
    /// The heap is verified around each collection, and freed memory is poisoned.
    pub careful: bool,
    /// Counting collectors run each program twice, with trial deletion and with a trace.
    pub both_policies: bool,
}

impl Bench {
    /// The given rows, all of which take part, and any programs.
    pub fn of(rows: &[CollectorInfo]) -> Bench {
        Bench {
            registry: rows.to_vec(),
            rows: rows.iter().map(|row| row.name).collect(),
            plant: None,
            focus: &[],
            prepare: |_| {},
            careful: false,
            both_policies: false,
        }
    }
    /// Heaps for a program.
    fn heaps(&self, setup: &Setup) -> Vec<Executor> {
        let taking_part = |row: &&CollectorInfo| self.rows.contains(&row.name);
        let mut heaps = Vec::new();
        for row in self.registry.iter().filter(taking_part) {
            let mut make = |setup: &Setup| {
                heaps.push(Executor::new(row, &self.registry, setup, self.plant));
            };
            match self.both_policies && row.capabilities.counts {
                true => ["trial", "trace"].into_iter().for_each(|policy| {
                    let mut setup = setup.clone();
                    setup.counting.0 = policy;
                    make(&setup);
                }),
                false => make(setup),
            }
        }
        heaps
    }
}

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
    static OPS: RefCell<Option<BoxedStrategy<Op>>> = const { RefCell::new(None) };
    static COVERAGE: RefCell<BTreeMap<&'static str, Coverage>> = const { RefCell::new(BTreeMap::new()) };
    static FAILED_ON: Cell<&'static str> = const { Cell::new("") };
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
        let bench = BENCH.with_borrow(Clone::clone).expect("a bench is set up");
        any_setup()
            .prop_map(move |mut setup| {
                (bench.prepare)(&mut setup);
                setup.verify |= bench.careful;
                setup.poison |= bench.careful;
                State {
                    setup,
                    oracle: Oracle::new(),
                }
            })
            .boxed()
    }
    fn transitions(_state: &State) -> BoxedStrategy<Op> {
        // One strategy for all steps: operations choose among what there is when they run.
        OPS.with_borrow(Clone::clone).expect("a bench is set up")
    }
    fn apply(mut state: State, op: &Op) -> State {
        state.oracle.apply(op);
        state
    }
}

struct Heaps;

/// Remembers on which collector a program fails.
struct Named(&'static str);
impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            FAILED_ON.set(self.0);
        }
    }
}

impl StateMachineTest for Heaps {
    type SystemUnderTest = Vec<Executor>;
    type Reference = Programs;
    fn init_test(state: &State) -> Vec<Executor> {
        let bench = BENCH.with_borrow(Clone::clone).expect("a bench is set up");
        bench.heaps(&state.setup)
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
        let both = BENCH.with_borrow(|bench| bench.as_ref().is_some_and(|b| b.both_policies));
        for mut heap in heaps {
            let _named = Named(heap.name());
            heap.finish(reference);
            heap.coverage.compared_policies += usize::from(both && reference.is_some());
            COVERAGE.with_borrow_mut(|all| all.entry(heap.name()).or_default().add(&heap.coverage));
        }
    }
}

/// A program that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Number of programs before it.
    pub before: u64,
    /// The collector.
    pub collector: &'static str,
    /// What the check said.
    pub reason: String,
    /// How to repeat it, the reason, and the smallest program.
    pub message: String,
    /// The smallest program that was found.
    pub setup: Setup,
    /// Its operations.
    pub ops: Vec<Op>,
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or("a panic without a text".to_owned())
}

/// Calls `body`, and returns the message of its panic.
pub(crate) fn caught<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| text_of(&*panic))
}

/// The runner of the `case`-th program from `seed` on.
pub(crate) fn runner(seed: u64, case: u64, shrink: bool) -> TestRunner {
    let config = RunnerConfig {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: if shrink { SHRINKS } else { 2 },
        ..RunnerConfig::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(seed.wrapping_add(case)).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(config, rng)
}

/// Runs `cases` programs, the n-th of them from seed `seed + n`.
pub fn run(
    bench: &Bench,
    seed: u64,
    cases: u64,
    shrink: bool,
) -> Result<BTreeMap<&'static str, Coverage>, Box<Failure>> {
    BENCH.set(Some(bench.clone()));
    OPS.set(Some(any_op(bench.focus).boxed()));
    COVERAGE.take();
    for case in 0..cases {
        let mut runner = runner(seed, case, shrink);
        let config = runner.config().clone();
        let result = runner.run(
            &Programs::sequential_strategy(LENGTH),
            |(state, ops, seen)| {
                caught(|| Heaps::test_sequential(config.clone(), state, ops, seen))
                    .map_err(TestCaseError::fail)
            },
        );
        let (reason, (state, ops, _)) = match result {
            Ok(()) => continue,
            Err(TestError::Fail(reason, program)) => (reason.message().to_owned(), program),
            Err(TestError::Abort(reason)) => resume_unwind(Box::new(reason.to_string())),
        };
        let collector = FAILED_ON.get();
        let seed = seed.wrapping_add(case);
        let mut message = format!(
            "on {collector}: {reason}\nto repeat: OURO_MODEL_SEED={seed} OURO_MODEL_CASES=1\n\
             smallest program found: {:?}\n",
            state.setup
        );
        ops.iter()
            .for_each(|op| message += &format!("    {op:?}\n"));
        return Err(Box::new(Failure {
            before: case,
            collector,
            reason,
            message,
            setup: state.setup,
            ops,
        }));
    }
    Ok(COVERAGE.take())
}

/// Runs one program on the rows of a bench. The error is the collector, and what the check said.
pub fn replay(bench: &Bench, setup: &Setup, ops: &[Op]) -> Result<(), String> {
    let mut reference = Oracle::new();
    ops.iter().for_each(|op| reference.apply(op));
    let reference = (!setup.tight).then_some(&reference);
    for mut heap in bench.heaps(setup) {
        let name = heap.name();
        caught(|| {
            ops.iter().for_each(|op| heap.step(op));
            heap.finish(reference);
        })
        .map_err(|reason| format!("on {name}: {reason}"))?;
    }
    Ok(())
}
