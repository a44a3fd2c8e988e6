//! The language program matrix: every program under every configuration of the interpreter gives
//! what CPython gives.
//!
//! Programs are the files of `tests/programs/python` and the benchmarks of the demo at small
//! sizes; the benchmarks at their full size run under the plain configurations of each collector.
//! Expected are CPython's standard output, exit code and last line of standard error.
//! A configuration whose options the interpreter does not know is skipped, counted and printed.

mod compare;
mod configurations;
mod programs;
mod soak;

use crate::{collectors, interpreters, paths, process, pyperformance, setup};
use compare::{Observed, difference, observe};
use configurations::Configuration;
use programs::Program;
pub use soak::soak;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TIME_LIMIT: Duration = Duration::from_secs(20);
/// For runs under stress and for programs at full size.
const LONG_TIME_LIMIT: Duration = Duration::from_secs(90);

/// Counts of one part of the test run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Runs the matrix, or the sample of it. `only` keeps programs whose name contains it.
///
/// # Errors
/// When there is no CPython to compare with or the programs cannot be read.
pub fn run(full: bool, only: Option<&str>) -> Result<Counts, String> {
    let cpython = setup::cpython()?;
    let mut counts = Counts::default();
    let mut programs = programs::own()?;
    match pyperformance::fetch() {
        Ok(folder) => programs.extend(programs::benchmarks(&folder)),
        Err(error) => {
            println!("matrix: the benchmark programs are skipped: {error}");
            counts.skipped += ouro_bench::suite::programs().len();
        }
    }
    programs.retain(|program| only.is_none_or(|only| program.name.contains(only)));
    let expected = each(&programs, |program| {
        observe(&cpython, program, LONG_TIME_LIMIT)
    });
    let expected: Vec<Observed> = expected
        .into_iter()
        .zip(&programs)
        .map(|(got, program)| got.map_err(|error| format!("CPython on {}: {error}", program.name)))
        .collect::<Result<_, String>>()?;
    let all = configurations::of(&collectors::ask()?);
    let usable = usable_configurations(&all, &programs, &mut counts);
    let runs = plan(&programs, &usable, full, &mut counts);
    println!("matrix: {} programs, {} runs", programs.len(), runs.len());
    let failures = each(&runs, |&(at, configuration)| {
        let program = &programs[at];
        let options = configuration.options(program.least_stress);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let long = configuration.stressed() || program.full_size;
        let limit = if long { LONG_TIME_LIMIT } else { TIME_LIMIT };
        match observe(&interpreters::ouro("ouro", &options), program, limit) {
            Ok(got) => difference(&expected[at], &got),
            Err(error) => Some(error),
        }
    });
    let mut by_program: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((at, configuration), failure) in runs.iter().zip(failures) {
        let program = &programs[*at];
        match failure {
            None => counts.passed += 1,
            Some(why) => {
                counts.failed += 1;
                let options = configuration.options(program.least_stress).join(" ");
                let failures = by_program.entry(&program.name).or_default();
                failures.push(format!("{options}: {why}"));
            }
        }
    }
    for (program, lines) in by_program {
        println!("FAILED {program}");
        for line in lines {
            println!("    {}", line.replace('\n', "\n        "));
        }
    }
    Ok(counts)
}

/// Which programs run under which configurations. What cannot run is counted and printed.
fn plan<'c>(
    programs: &[Program],
    usable: &[&'c Configuration],
    full: bool,
    counts: &mut Counts,
) -> Vec<(usize, &'c Configuration)> {
    let mut runs = Vec::new();
    let mut uncollected = Vec::new();
    let mut relaxed: BTreeMap<String, usize> = BTreeMap::new();
    for (at, program) in programs.iter().enumerate() {
        for configuration in usable {
            if program.full_size && !configuration.full_size {
                // Runs at the small size instead, under the name without the size.
                continue;
            }
            if program.needs_collector && configuration.never_collects {
                counts.skipped += 1;
                uncollected.push(program.name.as_str());
                continue;
            }
            if full || configurations::in_sample(&program.name, configuration) {
                if configuration.relaxed_by(program.least_stress) {
                    let what = format!("{} (every {})", program.name, program.least_stress);
                    *relaxed.entry(what).or_default() += 1;
                }
                runs.push((at, *configuration));
            }
        }
    }
    uncollected.dedup();
    if !uncollected.is_empty() {
        println!(
            "matrix: skipped without collections, which they look at: {}",
            uncollected.join(", ")
        );
    }
    if !relaxed.is_empty() {
        let runs: usize = relaxed.values().sum();
        let what: Vec<String> = relaxed.into_keys().collect();
        println!(
            "matrix: {runs} runs at the shortest stress interval that the program can do: {}",
            what.join(", ")
        );
    }
    runs
}

/// Asks the interpreter about each configuration, and counts the runs that fall away.
fn usable_configurations<'c>(
    all: &'c [Configuration],
    programs: &[Program],
    counts: &mut Counts,
) -> Vec<&'c Configuration> {
    let answers = each(all, |configuration| {
        let mut command = Command::new(paths::ouro());
        for option in configuration.options(1) {
            command.args(["-X", &option]);
        }
        process::run(command.args(["-c", "pass"]), TIME_LIMIT)
    });
    let mut usable = Vec::new();
    for (configuration, answer) in all.iter().zip(answers) {
        match answer {
            Ok(answer) if !answer.success() && says_unknown(&answer.stderr) => {
                let said = answer.stderr.lines().next().unwrap_or_default();
                println!("matrix: skipped: {}: {said}", configuration.name());
                let small = programs.iter().filter(|program| !program.full_size);
                counts.skipped += small.count();
            }
            // Anything else that is wrong will show, and count, in the runs themselves.
            _ => usable.push(configuration),
        }
    }
    usable
}

/// True of the answer to an option that does not exist (yet), which lists the known ones.
fn says_unknown(stderr: &str) -> bool {
    let first = stderr.lines().next().unwrap_or_default();
    first.contains("unknown") && stderr.contains("known") && !stderr.contains("Traceback")
}

/// Maps over `items` on all processors, in order, with a line of progress now and then.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(item);
                    let mut results = results.lock().expect("no worker panics while it holds it");
                    results.push((at, result));
                    if results.len().is_multiple_of(50) {
                        println!("matrix: {} of {}", results.len(), items.len());
                    }
                }
            });
        }
    });
    let mut results = results
        .into_inner()
        .expect("no worker panics while it holds it");
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_about_unknown_options_skips() {
        assert!(says_unknown(
            "ouro: unknown value \"irexec\" of jit; known: on, off\n"
        ));
        assert!(!says_unknown(
            "Traceback (most recent call last):\nunknown known\n"
        ));
        assert!(!says_unknown("thread 'main' panicked at src/main.rs\n"));
    }

    #[test]
    fn results_keep_the_order_of_their_items() {
        let items: Vec<usize> = (0..200).collect();
        assert_eq!(
            each(&items, |item| item * 2),
            (0..400).step_by(2).collect::<Vec<_>>()
        );
    }
}
