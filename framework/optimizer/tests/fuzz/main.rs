//! Random looping programs: compiled code must do what the interpreter does.
//!
//! A program runs in the toy language twice from equal worlds: interpreted, and as a JIT would run it on
//! the reference backend. What can be told apart at the end (registers, objects, identities) must be equal.
//! `OURO_FUZZ_SEED=n` replays one seed, `OURO_FUZZ_COUNT=n` sets how many programs run per test.

mod drive;
mod machine;
mod program;
mod schema;

use drive::{Counts, Run, build, interpret_all, run_compiled};
use ouro_optimizer::Options;
use program::{Rng, program};
use schema::fingerprint;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs one seed under the options; panics with everything one needs to know.
fn check(seed: u64, options: &Options, stress: u64, counts: &mut Counts) {
    let mut rng = Rng::new(seed);
    let code = program(&mut rng);
    let limit = 4 + rng.below(20) as i64;
    let (mut world, mut registers) = build(seed);
    interpret_all(&mut world, &code, &mut registers, limit);
    let expected = fingerprint(&world, &registers);
    let (mut world, mut registers) = build(seed);
    let run = Run {
        code: &code,
        limit,
        options,
        stress,
        with_bridges: rng.chance(70),
    };
    counts.programs += 1;
    let work = std::panic::AssertUnwindSafe(|| {
        let traces = run_compiled(&run, &mut world, &mut registers, &mut rng, counts);
        (traces, fingerprint(&world, &registers))
    });
    let told = |what: String| {
        panic!("seed {seed} {options:?} stress {stress}: {what}\nprogram: {code:#?}");
    };
    match std::panic::catch_unwind(work) {
        Ok((traces, actual)) => {
            if actual != expected {
                let traces: String = traces.iter().map(|t| format!("{t}\n")).collect();
                told(format!("expected\n{expected}\nactual\n{actual}\n{traces}"));
            }
        }
        Err(_) => told("panicked, see above".into()),
    }
}
fn check_many(default: u64, first: u64, options: &Options, stress: u64) -> Counts {
    let mut counts = Counts::default();
    if let Some(seed) = number("OURO_FUZZ_SEED") {
        check(seed, options, stress, &mut counts);
        return counts;
    }
    let count = number("OURO_FUZZ_COUNT").unwrap_or(default);
    for seed in first..first + count {
        check(seed, options, stress, &mut counts);
    }
    println!("{counts:#?}");
    counts
}

#[test]
fn all_passes() {
    let c = check_many(3000, 1, &Options::all(), 0);
    assert!(
        c.peeled * 10 > c.compiled * 8 && c.carried_virtual * 20 > c.compiled,
        "{c:?}"
    );
    assert!(
        c.exits_with_virtuals * 10 > c.exits && c.bridges_with_virtuals > 50 && c.bridge_runs > 100,
        "{c:?}"
    );
    assert!(c.jumps_inside > 500 && c.unboxed > c.compiled, "{c:?}");
    assert!(c.exits_with_delayed > 100, "{c:?}");
}
#[test]
fn all_passes_with_guards_that_fail_for_nothing() {
    let c = check_many(3000, 10_000, &Options::all(), 40);
    assert!(c.forced_exits > 1000 && c.jumps_inside > 500, "{c:?}");
}
#[test]
fn no_pass() {
    check_many(400, 20_000, &Options::none(), 60);
}
#[test]
fn every_single_pass_off() {
    for (n, pass) in Options::PASSES.iter().enumerate() {
        let mut options = Options::all();
        options.switch(pass, false).expect("known");
        check_many(500, 30_000 + 1000 * n as u64, &options, 60);
    }
}
#[test]
fn every_single_pass_alone() {
    for (n, pass) in Options::PASSES.iter().enumerate() {
        let mut options = Options::none();
        options.switch(pass, true).expect("known");
        check_many(200, 50_000 + 1000 * n as u64, &options, 60);
    }
}
#[test]
fn peeling_with_every_subset_of_the_rest() {
    for subset in 0..1u64 << Options::PASSES.len() {
        let mut options = Options::none();
        for (n, pass) in Options::PASSES.iter().enumerate() {
            options
                .switch(pass, subset >> n & 1 == 1 || *pass == "peel")
                .expect("known");
        }
        check_many(15, 70_000 + 100 * subset, &options, 60);
    }
}
