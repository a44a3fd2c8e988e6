//! The entry: what a collector is tested with.
use super::coverage::Coverage;
use super::invariants::{Invariant, Programs};
use super::machine::{self, Bench};
use super::{pairs, scenes};
use crate::CollectorInfo;
use std::collections::BTreeMap;

/// Programs for each collector in a random run, unless somebody says otherwise.
const CASES: u64 = 2000;
/// Programs for each invariant.
const CASES_OF_INVARIANT: u64 = 30;
/// Each test of an invariant runs the same programs every time; random runs are those without a name.
const SEED_OF_INVARIANTS: u64 = 1;
/// The variable with the seed of whatever would begin with the clock: one for the tests of a whole project.
const SEED_OF_TESTS: &str = "OURO_TEST_SEED";

/// How often things happened, for each collector.
pub type Report = BTreeMap<&'static str, BTreeMap<&'static str, u64>>;

/// Random programs and checks for some collectors, which may be in any crate.
///
/// ```no_run
/// use ouro_gc::{COLLECTORS, model::Suite};
/// Suite::of(COLLECTORS).cases(500).assert();
/// ```
#[derive(Clone)]
pub struct Suite {
    rows: Vec<CollectorInfo>,
    cases: Option<u64>,
    seed: Option<u64>,
    threads: u64,
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}
fn clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |time| time.as_nanos() as u64)
}

impl Suite {
    /// For these collectors.
    pub fn of(rows: &[CollectorInfo]) -> Suite {
        Suite {
            rows: rows.to_vec(),
            cases: None,
            seed: None,
            threads: 2,
        }
    }
    /// Runs so many programs on each; 2,000 unless somebody says so. `OURO_MODEL_CASES` and `OURO_PAIRING_CASES` win.
    pub fn cases(self, cases: u64) -> Suite {
        Suite {
            cases: Some(cases),
            ..self
        }
    }
    /// Begins with this seed, not with that of `OURO_TEST_SEED` or the clock. `OURO_MODEL_SEED` and `OURO_PAIRING_SEED` win.
    pub fn seed(self, seed: u64) -> Suite {
        Suite {
            seed: Some(seed),
            ..self
        }
    }
    /// Runs on so many threads; 2 unless somebody says so.
    pub fn threads(self, threads: u64) -> Suite {
        Suite {
            threads: threads.max(1),
            ..self
        }
    }
    fn chosen(&self, cases: &str, seed: &str) -> (u64, u64) {
        let wanted = number(cases).or(self.cases).unwrap_or(CASES);
        let given = number(seed).or(self.seed);
        let from = given.or_else(|| number(SEED_OF_TESTS));
        let from = from.unwrap_or_else(clock);
        println!("{seed}={from} {cases}={wanted}");
        (wanted, from)
    }
    /// Runs random programs over a heap alone: invariants A and B. A failure's message says how to repeat it.
    pub fn run(&self) -> Result<Report, String> {
        let (cases, seed) = self.chosen("OURO_MODEL_CASES", "OURO_MODEL_SEED");
        let bench = Bench::of(&self.rows);
        let part = |n: u64| (cases * n / self.threads, cases * (n + 1) / self.threads);
        let results: Vec<_> = std::thread::scope(|scope| {
            let bench = &bench;
            let threads: Vec<_> = (0..self.threads)
                .map(part)
                .map(|(first, end)| {
                    scope.spawn(move || {
                        machine::run(bench, seed.wrapping_add(first), end - first, true)
                    })
                })
                .collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            threads.into_iter().map(join).collect()
        });
        let mut all = BTreeMap::<&'static str, Coverage>::new();
        for result in results {
            let part = result.map_err(|failure| failure.message)?;
            for (name, coverage) in part {
                all.entry(name).or_default().add(&coverage);
            }
        }
        for row in self.rows.iter().filter(|_| cases >= CASES / 2) {
            // A few programs may miss something.
            let missed = all[row.name].missed(&row.capabilities, cases);
            if !missed.is_empty() {
                return Err(format!(
                    "{cases} programs on {} hardly ever saw {missed:?}",
                    row.name
                ));
            }
        }
        let counts = |c: Coverage| c.rows().into_iter().map(|(n, count)| (n, count as u64));
        Ok(all
            .into_iter()
            .map(|(name, c)| (name, counts(c).collect()))
            .collect())
    }
    /// Runs random programs over pairs: invariants R.
    pub fn run_pairs(&self) -> Result<Report, String> {
        let (cases, seed) = self.chosen("OURO_PAIRING_CASES", "OURO_PAIRING_SEED");
        let mut report = Report::new();
        for row in self.rows.iter().filter(|row| row.capabilities.collects) {
            let coverage = pairs::suite::run(row, seed, cases, false).map_err(|f| f.message)?;
            report.insert(row.name, coverage.0);
        }
        Ok(report)
    }
    /// [`Suite::run`] for a test: panics with the failure's message, prints what was seen.
    pub fn assert(&self) {
        match self.run() {
            Ok(report) => print(&report),
            Err(message) => panic!("{message}"),
        }
    }
    /// [`Suite::run_pairs`] for a test.
    pub fn assert_pairs(&self) {
        match self.run_pairs() {
            Ok(report) => print(&report),
            Err(message) => panic!("{message}"),
        }
    }
    /// Runs programs about one invariant, by its label or test name, on each collector to which it applies, and sees that
    /// they came across its case.
    pub fn assert_invariant(&self, name: &str) {
        let invariant = Invariant::named(name).unwrap_or_else(|| panic!("no invariant {name}"));
        let rows: Vec<CollectorInfo> = self
            .rows
            .iter()
            .filter(|row| (invariant.applies)(&row.capabilities))
            .copied()
            .collect();
        if rows.is_empty() {
            return println!("{invariant:?}: says nothing of these collectors");
        }
        let cases = self.cases.unwrap_or(CASES_OF_INVARIANT);
        let seed = self.seed.unwrap_or(SEED_OF_INVARIANTS);
        let report = match invariant.programs {
            Programs::Heap => heap_programs(invariant, &rows, seed, cases),
            Programs::Pairs => pair_programs(invariant, &rows, seed, cases),
            Programs::Scene => {
                rows.iter().for_each(scenes::a_long_chain);
                return;
            }
        };
        for row in &rows {
            for what in invariant.evidence {
                let count = report[row.name].get(what).copied().unwrap_or_default();
                assert!(
                    count > 0,
                    "{invariant:?}: {cases} programs on {} never came across it: {what}",
                    row.name
                );
            }
        }
    }
}

fn heap_programs(invariant: &Invariant, rows: &[CollectorInfo], seed: u64, cases: u64) -> Report {
    let bench = Bench {
        focus: invariant.focus,
        prepare: invariant.prepare,
        both_policies: invariant.label == "B6",
        ..Bench::of(rows)
    };
    let all = match machine::run(&bench, seed, cases, true) {
        Ok(all) => all,
        Err(failure) => panic!("{}", failure.message),
    };
    let counts = |c: Coverage| c.rows().into_iter().map(|(n, count)| (n, count as u64));
    all.into_iter()
        .map(|(name, c)| (name, counts(c).collect()))
        .collect()
}

fn pair_programs(invariant: &Invariant, rows: &[CollectorInfo], seed: u64, cases: u64) -> Report {
    // Programs over pairs are short.
    let cases = cases * 4;
    if invariant.label == "R15" {
        return pairs::suite::compare(rows, seed, cases);
    }
    let mut report = Report::new();
    for row in rows {
        match pairs::suite::run(row, seed, cases, false) {
            Ok(coverage) => _ = report.insert(row.name, coverage.0),
            Err(failure) => panic!("{}", failure.message),
        }
    }
    report
}

fn print(report: &Report) {
    for (name, counts) in report {
        println!("{name}: {counts:?}");
    }
}
