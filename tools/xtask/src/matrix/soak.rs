//! Guest programs under random options, until the time is over.

use super::compare::{Observed, difference, observe};
use super::{LONG_TIME_LIMIT, programs};
use crate::collectors::{self, Collector, Kind};
use crate::{interpreters, setup};
use std::collections::BTreeMap;
use std::time::Instant;

/// Programs run with a collection every so many polls at least: each poll would take too long for most.
const LEAST_STRESS: u32 = 97;

/// Numbers that look random (Vigna's splitmix64), so that one seed repeats a run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

const JIT: &[&str] = &[
    "off",
    "on",
    "on,threshold=1",
    "on,threshold=1,guard-stress=1",
    "on,threshold=1,guard-stress=3",
    "on,threshold=7",
    "irexec,threshold=1",
];
/// Each run has some of these, one of a row.
const KEYS: &[&[&str]] = &[
    &[",nursery=64K", ",nursery=256K", ",nursery=1M"],
    &[",threshold=64K", ",threshold=1M"],
    &[",tenure=0", ",tenure=3"],
    &[",step=1", ",step=64K"],
    &[",wholesale=0", ",wholesale=1"],
    &[",copy=64K"],
    &[",cycles=trace", ",cycles=trial"],
    &[",bits=2", ",bits=5"],
    &[",poison"],
];

/// The options of a run, as `-X` takes them.
fn options(dice: &mut Dice, collector: &Collector, least_stress: u32) -> [String; 2] {
    let mut heap = format!("gc={}", collector.name);
    for row in KEYS {
        if dice.below(3) == 0 {
            heap += dice.one(row);
        }
    }
    let slow = collector.kind == Kind::Oracle;
    let least = least_stress.max(LEAST_STRESS) * if slow { 10 } else { 1 };
    match dice.below(6) {
        0 => heap += &format!(",stress={}", least + dice.below(50) as u32),
        1 if !slow => heap += &format!(",verify={}", least),
        _ => {}
    }
    [format!("jit={}", dice.one(JIT)), heap]
}

/// Runs guest programs under random options until `end`, and compares them with CPython. Whether all agreed.
///
/// # Errors
/// When there is no CPython to compare with or the programs cannot be read.
pub fn soak(end: Instant, seed: u64) -> Result<bool, String> {
    let cpython = setup::cpython()?;
    let programs = programs::own()?;
    let collectors: Vec<Collector> = collectors::ask()?
        .into_iter()
        .filter(|it| it.kind != Kind::NeverCollects)
        .collect();
    let mut dice = Dice(seed);
    let mut expected: BTreeMap<usize, Observed> = BTreeMap::new();
    let mut runs: BTreeMap<String, u64> = BTreeMap::new();
    let mut failures = Vec::new();
    while Instant::now() < end {
        let at = dice.below(programs.len());
        let program = &programs[at];
        let collector = &collectors[dice.below(collectors.len())];
        let chosen = options(&mut dice, collector, program.least_stress);
        let wanted = match expected.get(&at) {
            Some(wanted) => wanted,
            None => {
                let observed = observe(&cpython, program, LONG_TIME_LIMIT)
                    .map_err(|error| format!("CPython on {}: {error}", program.name))?;
                expected.entry(at).or_insert(observed)
            }
        };
        let plain: Vec<&str> = chosen.iter().map(String::as_str).collect();
        let got = observe(
            &interpreters::ouro("ouro", &plain),
            program,
            LONG_TIME_LIMIT,
        );
        let wrong = match got {
            Ok(got) => difference(wanted, &got),
            Err(error) => Some(error),
        };
        *runs.entry(collector.name.clone()).or_default() += 1;
        if let Some(why) = wrong {
            let line = format!("{} -X {}: {why}", program.name, plain.join(" -X "));
            println!("FAILED {line}");
            failures.push(line);
        }
    }
    for (collector, count) in &runs {
        println!("soak: {count} runs of guest programs on {collector}");
    }
    for line in &failures {
        println!("soak: FAILED {line}");
    }
    let all: u64 = runs.values().sum();
    println!(
        "soak: {all} runs of {} guest programs, {} failures",
        expected.len(),
        failures.len()
    );
    Ok(failures.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_options() {
        let collector = Collector {
            name: "some".into(),
            kind: Kind::Everyday,
        };
        let list = |seed| {
            let mut dice = Dice(seed);
            let each = (0..50).map(|_| options(&mut dice, &collector, 1));
            each.collect::<Vec<_>>()
        };
        assert_eq!(list(3), list(3));
        assert_ne!(list(3), list(4));
        assert!(
            list(3)
                .iter()
                .all(|[jit, heap]| jit.starts_with("jit=") && heap.starts_with("gc=some"))
        );
    }
}
