//! The suite proper.
use ouro_gc::model::coverage::Coverage;
use ouro_gc::model::machine::{Bench, run};
use ouro_gc::*;
use std::collections::BTreeMap;

/// Programs for each collector, unless the environment says otherwise.
const CASES: u64 = 2000;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
    )
}

/// Runs the programs on two threads.
fn run_all(bench: &Bench, seed: u64, cases: u64) -> BTreeMap<&'static str, Coverage> {
    let half = |seed: u64, cases: u64| match run(bench, seed, cases, true) {
        Ok(coverage) => coverage,
        Err(failure) => panic!("{}", failure.message),
    };
    let (mut all, rest) = std::thread::scope(|scope| {
        let first = cases.div_ceil(2);
        let other = scope.spawn(move || half(seed + first, cases - first));
        let own = half(seed, first);
        let other = other
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (own, other)
    });
    for (name, coverage) in rest {
        all.entry(name).or_default().add(&coverage);
    }
    all
}

#[test]
fn random_programs_agree_with_the_model() {
    let cases = number("OURO_MODEL_CASES").unwrap_or(CASES);
    let seed = number("OURO_MODEL_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("the clock is past 1970").as_nanos() as u64
    });
    println!("OURO_MODEL_SEED={seed} OURO_MODEL_CASES={cases}");
    let bench = Bench {
        registry: COLLECTORS.to_vec(),
        rows: COLLECTORS.iter().map(|row| row.name).collect(),
        plant: None,
    };
    let all = run_all(&bench, seed, cases);
    for row in COLLECTORS {
        println!("{}: {:?}", row.name, all[row.name]);
        let missed = all[row.name].missed(&row.capabilities, cases);
        // A few programs may miss something.
        assert!(
            cases < CASES / 2 || missed.is_empty(),
            "the programs on {} never saw {missed:?}",
            row.name
        );
    }
}
