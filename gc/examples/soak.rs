//! Random programs for a while: `soak MINUTES [SEED [FOLDER]]`.
//!
//! Rounds of random collectors, options and focus over the model's programs, with pairs and without. A failure is made small and
//! written to FOLDER (`gc/tests/regressions` of this source tree unless another is named), where the tests find it. Ends with a
//! summary of what ran; the exit code says whether nothing failed.
use ouro_gc::model::machine::{self, Bench};
use ouro_gc::model::setup::Setup;
use ouro_gc::model::{INVARIANTS, Invariant, Regression, pairs};
use ouro_gc::{COLLECTORS, CollectorInfo};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Programs of a round.
const ROUND: u64 = 25;
/// Rounds on each thread between two looks at what pairs do.
const KINDS: u64 = 3;
/// After so many failures the rest would be more of the same.
const MOST_FAILURES: usize = 8;
const PROGRESS: Duration = Duration::from_secs(10);

/// Numbers that look random (Vigna's splitmix64), so that one seed repeats a run.
struct Dice(u64);
impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

#[derive(Default)]
struct Log {
    /// Programs by suite, collector and focus.
    programs: BTreeMap<(&'static str, &'static str), u64>,
    foci: BTreeMap<&'static str, u64>,
    /// What the heaps counted, over all.
    seen: BTreeMap<&'static str, u64>,
    failures: Vec<String>,
}

struct Soak {
    end: Instant,
    seed: u64,
    folder: PathBuf,
    log: Mutex<Log>,
    rounds: AtomicU64,
}

fn no_change(_: &mut Setup) {}
fn careful(setup: &mut Setup) {
    setup.verify = true;
    setup.poison = true;
}
fn stressed(setup: &mut Setup) {
    setup.stress = 1;
}
fn small_steps(setup: &mut Setup) {
    setup.step_bytes = 1;
    setup.threshold_kib = 32;
    setup.nursery_kib = 64;
}
fn narrow_counts(setup: &mut Setup) {
    setup.counting.1 = 2;
}
fn tight(setup: &mut Setup) {
    setup.tight = true;
}
const CHANGES: &[fn(&mut Setup)] = &[
    no_change,
    no_change,
    careful,
    stressed,
    small_steps,
    narrow_counts,
    tight,
];

impl Soak {
    fn is_over(&self) -> bool {
        Instant::now() >= self.end || self.log().failures.len() >= MOST_FAILURES
    }
    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
    fn keep(&self, regression: &Regression, reason: &str, seed: u64) {
        let label = Invariant::of_message(reason).map_or("failure", |row| row.label);
        let name = format!("{}_soak_{seed:016x}.txt", label.to_lowercase());
        let file = self.folder.join(name);
        let text = regression.text(reason);
        let kept = match std::fs::write(&file, &text) {
            Ok(()) => format!("kept in {}", file.display()),
            Err(error) => format!("{}: {error}", file.display()),
        };
        println!("FAILED {reason}\n{kept}\n{text}");
        self.log()
            .failures
            .push(format!("{} ({kept})", reason.replace('\n', " ")));
    }
    /// One round over heaps alone, on some or all collectors.
    fn heap_round(&self, dice: &mut Dice) {
        let rows: Vec<CollectorInfo> = match dice.below(3) {
            0 => COLLECTORS.to_vec(),
            _ => vec![COLLECTORS[dice.below(COLLECTORS.len())]],
        };
        let focus = (dice.below(2) == 0).then(|| &INVARIANTS[dice.below(INVARIANTS.len())]);
        let bench = Bench {
            focus: focus.map_or(&[], |row| row.focus),
            prepare: CHANGES[dice.below(CHANGES.len())],
            both_policies: dice.below(4) == 0,
            ..Bench::of(&rows)
        };
        let seed = dice.next();
        match machine::run(&bench, seed, ROUND, true) {
            Ok(coverage) => {
                let mut log = self.log();
                for (name, seen) in coverage {
                    *log.programs.entry(("heap", name)).or_default() += ROUND;
                    for (what, count) in seen.rows() {
                        *log.seen.entry(what).or_default() += count as u64;
                    }
                }
                let focus = focus.filter(|row| !row.focus.is_empty());
                *log.foci
                    .entry(focus.map_or("none", |row| row.label))
                    .or_default() += ROUND;
            }
            Err(failure) => {
                let regression = Regression::Heap {
                    collector: failure.collector.to_owned(),
                    setup: failure.setup.clone(),
                    ops: failure.ops.clone(),
                };
                self.keep(
                    &regression,
                    &failure.reason,
                    seed.wrapping_add(failure.before),
                );
            }
        }
    }
    fn pair_round(&self, dice: &mut Dice) {
        let collecting: Vec<&CollectorInfo> = COLLECTORS
            .iter()
            .filter(|row| row.capabilities.collects)
            .collect();
        let row = collecting[dice.below(collecting.len())];
        let seed = dice.next();
        match pairs::suite::run(row, seed, ROUND, false) {
            Ok(coverage) => {
                let mut log = self.log();
                *log.programs.entry(("pairs", row.name)).or_default() += ROUND;
                for (what, count) in coverage.0 {
                    *log.seen.entry(what).or_default() += count;
                }
            }
            Err(failure) => {
                let regression = Regression::Pairs {
                    collector: row.name.to_owned(),
                    setup: failure.setup.clone(),
                    ops: failure.ops.clone(),
                };
                self.keep(
                    &regression,
                    &failure.reason,
                    seed.wrapping_add(failure.before),
                );
            }
        }
    }
    fn work(&self, thread: u64) {
        let mut dice = Dice(self.seed ^ thread << 56);
        while !self.is_over() {
            match self.rounds.fetch_add(1, Ordering::Relaxed) % KINDS {
                0 => self.pair_round(&mut dice),
                _ => self.heap_round(&mut dice),
            }
        }
    }
    fn report_progress(&self, started: Instant) {
        let mut next = started + PROGRESS;
        while !self.is_over() {
            std::thread::sleep(Duration::from_millis(100));
            if Instant::now() >= next {
                next += PROGRESS;
                let log = self.log();
                let programs: u64 = log.programs.values().sum();
                let failures = log.failures.len();
                let left = self.end.saturating_duration_since(Instant::now()).as_secs();
                println!("soak: {programs} programs, {failures} failures, {left} s left");
            }
        }
    }
    fn summary(&self) -> bool {
        let log = self.log();
        println!("soak: seed {}", self.seed);
        for ((suite, collector), programs) in &log.programs {
            println!("soak: {programs} programs of {suite} on {collector}");
        }
        let list = |counts: &BTreeMap<&str, u64>| {
            let items: Vec<String> = counts
                .iter()
                .map(|(what, n)| format!("{what} {n}"))
                .collect();
            items.join(", ")
        };
        println!("soak: by focus: {}", list(&log.foci));
        println!("soak: seen: {}", list(&log.seen));
        for failure in &log.failures {
            println!("soak: FAILED {failure}");
        }
        let programs: u64 = log.programs.values().sum();
        println!("soak: {programs} programs, {} failures", log.failures.len());
        log.failures.is_empty()
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let minutes = args.next().and_then(|text| text.parse::<f64>().ok());
    let Some(minutes) = minutes.filter(|minutes| *minutes > 0.0) else {
        eprintln!("usage: soak MINUTES [SEED [FOLDER]]");
        return ExitCode::from(2);
    };
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = match args.next().map(|text| text.parse()) {
        Some(Ok(seed)) => seed,
        Some(Err(error)) => {
            eprintln!("soak: the seed: {error}");
            return ExitCode::from(2);
        }
        None => clock.map_or(0, |time| time.as_nanos() as u64),
    };
    let folder = args.next().map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions"),
        PathBuf::from,
    );
    // Failures are told by what they leave, not by each panic on the way to the smallest program.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let soak = Soak {
        end: started + Duration::from_secs_f64(minutes * 60.0),
        seed,
        folder,
        log: Mutex::default(),
        rounds: AtomicU64::new(0),
    };
    println!("soak: seed {seed}, {minutes} minutes");
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    std::thread::scope(|scope| {
        (0..threads).for_each(|thread| {
            let soak = &soak;
            scope.spawn(move || soak.work(thread));
        });
        soak.report_progress(started);
    });
    ExitCode::from(u8::from(!soak.summary()))
}
