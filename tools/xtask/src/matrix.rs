//! The language program matrix: every program under every configuration of the interpreter gives
//! what CPython gives.
//!
//! Programs are the files of `tests/programs/python` and the benchmarks of the demo at small
//! sizes. Expected are CPython's standard output, exit code and last line of standard error.
//! A configuration whose options the interpreter does not know is skipped, counted and printed.

use crate::interpreters::{self, Interpreter};
use crate::{paths, process, pyperformance, setup};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TIME_LIMIT: Duration = Duration::from_secs(20);

/// How one run of the interpreter is set up.
struct Configuration {
    options: &'static [&'static str],
    /// Run with every program even in the sampled matrix.
    always: bool,
}

const fn row(options: &'static [&'static str], always: bool) -> Configuration {
    Configuration { options, always }
}

/// All configurations. Small thresholds make the short programs compile; a failing guard stress
/// run means that resuming from some guard is wrong.
const CONFIGURATIONS: &[Configuration] = &[
    row(&["jit=off", "gc=marksweep"], true),
    row(&["jit=on", "gc=marksweep"], true),
    row(&["jit=off", "gc=null"], false),
    row(&["jit=irexec,threshold=1", "gc=marksweep"], false),
    row(&["jit=on,threshold=1,shadow,check", "gc=marksweep"], false),
    row(&["jit=on,threshold=1", "gc=marksweep"], false),
    row(
        &["jit=on,threshold=1,guard-stress=1", "gc=marksweep"],
        false,
    ),
    row(
        &["jit=on,threshold=1,guard-stress=2", "gc=marksweep"],
        false,
    ),
    row(
        &["jit=on,threshold=1,guard-stress=3", "gc=marksweep"],
        false,
    ),
    row(
        &["jit=on,threshold=1,guard-stress=7", "gc=marksweep"],
        false,
    ),
];

/// The sampled matrix takes one in this many of the runs that are not always done.
const SAMPLE: u32 = 4;

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

/// A guest program and its arguments.
struct Program {
    name: String,
    file: PathBuf,
    args: Vec<String>,
    /// It looks at what a collection does: a line `# needs: collects` says so.
    needs_collector: bool,
}

/// What a run must show to others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Observed {
    end: process::End,
    stdout: String,
    /// Only the last line: what stands above it differs in paths.
    last_error_line: String,
}

/// Runs the matrix, or the sample of it. `only` keeps programs whose name contains it.
///
/// # Errors
/// When there is no CPython to compare with or the programs cannot be read.
pub fn run(full: bool, only: Option<&str>) -> Result<Counts, String> {
    let cpython = setup::cpython()?;
    let mut counts = Counts::default();
    let mut programs = own_programs()?;
    match pyperformance::fetch() {
        Ok(folder) => programs.extend(benchmarks(&folder)),
        Err(error) => {
            println!("matrix: the benchmark programs are skipped: {error}");
            counts.skipped += pyperformance::PROGRAMS.len() + pyperformance::MICRO_PROGRAMS.len();
        }
    }
    programs.retain(|program| only.is_none_or(|only| program.name.contains(only)));
    let expected = each(&programs, |program| observe(&cpython, program));
    let expected: Vec<Observed> = expected
        .into_iter()
        .zip(&programs)
        .map(|(got, program)| got.map_err(|error| format!("CPython on {}: {error}", program.name)))
        .collect::<Result<_, String>>()?;
    let usable = usable_configurations(&mut counts, programs.len());
    let mut runs = Vec::new();
    for (at, program) in programs.iter().enumerate() {
        for configuration in &usable {
            if program.needs_collector && configuration.options.contains(&"gc=null") {
                counts.skipped += 1;
                continue;
            }
            if full || configuration.always || in_sample(&program.name, configuration) {
                runs.push((at, *configuration));
            }
        }
    }
    println!("matrix: {} programs, {} runs", programs.len(), runs.len());
    let failures = each(&runs, |&(at, configuration)| {
        let ouro = interpreters::ouro("ouro", configuration.options);
        match observe(&ouro, &programs[at]) {
            Ok(got) => difference(&expected[at], &got),
            Err(error) => Some(error),
        }
    });
    let mut by_program: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((at, configuration), failure) in runs.iter().zip(failures) {
        match failure {
            None => counts.passed += 1,
            Some(why) => {
                counts.failed += 1;
                let line = format!("{}: {why}", configuration.options.join(" "));
                by_program
                    .entry(&programs[*at].name)
                    .or_default()
                    .push(line);
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

/// The project's own guest programs, in the order of their names.
fn own_programs() -> Result<Vec<Program>, String> {
    let folder = paths::root().join("tests/programs/python");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "py"));
    files.sort();
    let name = |file: &PathBuf| {
        file.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into()
    };
    Ok(files
        .into_iter()
        .map(|file| Program {
            name: name(&file),
            needs_collector: fs::read_to_string(&file)
                .is_ok_and(|text| text.lines().any(|line| line == "# needs: collects")),
            file,
            args: vec![],
        })
        .collect())
}

/// The demo's benchmarks, small, with checksums of all they compute.
fn benchmarks(folder: &std::path::Path) -> Vec<Program> {
    let small = |program: &pyperformance::Program| {
        let own = ["--demo-check", "--demo-iterations=2"];
        Program {
            name: format!("benchmark/{}", program.name),
            file: program.file(folder),
            needs_collector: false,
            args: own
                .iter()
                .chain(program.small)
                .map(|arg| arg.to_string())
                .collect(),
        }
    };
    let all = pyperformance::PROGRAMS
        .iter()
        .chain(pyperformance::MICRO_PROGRAMS);
    all.map(small).collect()
}

fn observe(interpreter: &Interpreter, program: &Program) -> Result<Observed, String> {
    let mut command = interpreter.command();
    command
        .arg(&program.file)
        .args(&program.args)
        .current_dir(paths::root());
    let outcome = process::run(&mut command, TIME_LIMIT).map_err(|error| error.to_string())?;
    let last_error_line = outcome.last_error_line().to_string();
    Ok(Observed {
        end: outcome.end,
        stdout: without_times(&outcome.stdout),
        last_error_line,
    })
}

/// Takes the two times out of the lines in which the benchmark stand-in reports an iteration.
fn without_times(stdout: &str) -> String {
    let mut kept = String::with_capacity(stdout.len());
    for line in stdout.split_inclusive('\n') {
        match line
            .strip_prefix("ITER ")
            .map(|rest| rest.split(' ').collect::<Vec<_>>())
        {
            Some(words) if words.len() == 4 => kept += &format!("ITER {} {}", words[0], words[3]),
            _ => kept += line,
        }
    }
    kept
}

/// What is wrong, in a few lines, or nothing.
fn difference(expected: &Observed, got: &Observed) -> Option<String> {
    if expected == got {
        return None;
    }
    if expected.stdout != got.stdout {
        let pairs = expected.stdout.lines().zip(got.stdout.lines());
        let same = pairs.take_while(|(expected, got)| expected == got).count();
        let line = |text: &str| match text.lines().nth(same) {
            Some(line) => format!("`{}`", line.chars().take(120).collect::<String>()),
            None => "the end of output".into(),
        };
        return Some(format!(
            "{}, line {} of output: expected {}, got {}\n{}",
            got.end,
            same + 1,
            line(&expected.stdout),
            line(&got.stdout),
            got.last_error_line
        ));
    }
    Some(format!(
        "expected {} `{}`, got {} `{}`",
        expected.end, expected.last_error_line, got.end, got.last_error_line
    ))
}

/// Asks the interpreter about each configuration, and counts the runs that fall away.
fn usable_configurations(counts: &mut Counts, programs: usize) -> Vec<&'static Configuration> {
    let mut usable = Vec::new();
    for configuration in CONFIGURATIONS {
        let mut command = Command::new(paths::ouro());
        for option in configuration.options {
            command.args(["-X", option]);
        }
        command.args(["-c", "pass"]);
        let answer = process::run(&mut command, TIME_LIMIT);
        match answer {
            Ok(answer) if !answer.success() && says_unknown(&answer.stderr) => {
                let said = answer.stderr.lines().next().unwrap_or_default();
                println!(
                    "matrix: skipped: {}: {said}",
                    configuration.options.join(" ")
                );
                counts.skipped += programs;
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

fn in_sample(program: &str, configuration: &Configuration) -> bool {
    // FNV-1a: any hash does, as long as it is the same tomorrow.
    let mut hash: u32 = 2_166_136_261;
    let words = std::iter::once(program).chain(configuration.options.iter().copied());
    for byte in words.flat_map(str::bytes) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    (hash >> 8).is_multiple_of(SAMPLE)
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

    fn observed(stdout: &str, code: i32, last: &str) -> Observed {
        Observed {
            end: process::End::Code(code),
            stdout: stdout.into(),
            last_error_line: last.into(),
        }
    }

    #[test]
    fn a_wrong_line_an_exit_code_or_an_exception_is_a_difference() {
        let right = observed("1\n2\n", 0, "");
        assert_eq!(difference(&right, &right.clone()), None);
        let wrong_line = difference(&right, &observed("1\n3\n", 0, "")).expect("differs");
        assert!(
            wrong_line.contains("line 2 of output: expected `2`, got `3`"),
            "{wrong_line}"
        );
        let cut = difference(&right, &observed("1\n", 1, "ValueError")).expect("differs");
        assert!(cut.contains("got the end of output\nValueError"), "{cut}");
        assert!(difference(&right, &observed("1\n2\n", 1, "")).is_some());
        assert!(difference(&right, &observed("1\n2\n", 0, "KeyError: 1")).is_some());
    }

    #[test]
    fn only_times_are_taken_out_of_benchmark_output() {
        let line = "ITER 0 0.123 0.456 fnv=1\nCHECK x\nITER a\n";
        assert_eq!(without_times(line), "ITER 0 fnv=1\nCHECK x\nITER a\n");
    }

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
    fn the_sample_takes_about_one_in_four() {
        let sampled = CONFIGURATIONS
            .iter()
            .filter(|configuration| !configuration.always);
        let (mut taken, mut all) = (0, 0);
        for configuration in sampled {
            for program in 0..100 {
                all += 1;
                taken += u32::from(in_sample(&format!("program{program}"), configuration));
            }
        }
        assert!(
            taken * SAMPLE > all * 8 / 10 && taken * SAMPLE < all * 12 / 10,
            "{taken} of {all}"
        );
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
