//! How the interpreter fails: mistakes of the program or of the command line end with a message that
//! helps and a status that says so, never with a crash.

use crate::interpreters::{self, Interpreter};
use crate::matrix::Counts;
use crate::process::{self, End, Outcome};
use crate::{collectors, paths, setup};
use std::path::PathBuf;
use std::time::Duration;

const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Long enough to be in the loop, compiled if it ever is.
const INTERRUPT_AFTER: Duration = Duration::from_millis(700);

/// A check: what to run on an interpreter with these options, and what is wrong with the outcome.
type Check = fn(&Interpreter) -> Result<(), String>;

const EVERY_WAY: &[&[&str]] = &[&["jit=off"], &["jit=on"]];
const ONCE: &[&[&str]] = &[&["jit=off"]];

/// Name, the options to run it under, the check.
const CHECKS: &[(&str, &[&[&str]], Check)] = &[
    (
        "an uncaught exception is reported as CPython does",
        EVERY_WAY,
        traceback,
    ),
    (
        "a syntax error shows line, caret and message",
        ONCE,
        syntax_error,
    ),
    (
        "endless recursion ends in RecursionError",
        EVERY_WAY,
        recursion,
    ),
    (
        "an interrupt ends a hot loop with KeyboardInterrupt",
        EVERY_WAY,
        interrupt,
    ),
    (
        "an interrupt ends a regular expression that takes for ever",
        EVERY_WAY,
        interrupt_match,
    ),
    ("a missing file is named", ONCE, missing_file),
    (
        "an unknown collector lists the known ones",
        ONCE,
        unknown_collector,
    ),
    (
        "an unknown value of jit lists the known ones",
        ONCE,
        unknown_jit,
    ),
    (
        "an unknown -X option lists the known ones",
        ONCE,
        unknown_option,
    ),
];

/// What a heap may take in the checks of its limit, as an option and in MiB, and what else the process
/// may take beside its heap.
const HEAP_LIMIT: (&str, f64) = ("max=64M", 64.0);
const BESIDE_HEAP_MIB: f64 = 72.0;

/// Programs that meet the limit, the way they end, and the last line of what they say.
const AT_LIMIT: &[(&str, End, &str)] = &[
    ("limits/endless.py", End::Code(0), "ok"),
    ("limits/huge.py", End::Code(0), "ok"),
    ("limits/building.py", End::Code(0), "ok"),
    ("limits/beginning.py", End::Code(0), "ok"),
    ("limits/uncaught.py", End::Code(1), "finally"),
];

/// Every collector in earnest keeps the limit of the heap, and programs survive it.
fn limits(counts: &mut Counts) -> Result<(), String> {
    for collector in collectors::ask()?.iter().filter(|it| it.in_earnest()) {
        let heap = format!("gc={},{}", collector.name, HEAP_LIMIT.0);
        for jit in ["jit=off", "jit=on"] {
            for &(name, end, last) in AT_LIMIT {
                match at_limit(&interpreters::ouro("ouro", &[jit, &heap]), name, end, last) {
                    Ok(()) => counts.passed += 1,
                    Err(why) => {
                        counts.failed += 1;
                        println!("FAILED {name} ({jit} {heap}): {why}");
                    }
                }
            }
        }
    }
    Ok(())
}

fn at_limit(ouro: &Interpreter, name: &str, end: End, last: &str) -> Result<(), String> {
    let file = paths::root().join("tests/programs/python").join(name);
    let outcome = start(ouro, &[&file.display().to_string()])?;
    ended(&outcome, end)?;
    if outcome.stdout.lines().last() != Some(last) {
        return Err(format!("printed {:?}", outcome.stdout));
    }
    if end == End::Code(1) && outcome.last_error_line() != "MemoryError" {
        return Err(outcome.complaint());
    }
    if outcome.peak_mib > HEAP_LIMIT.1 + BESIDE_HEAP_MIB {
        return Err(format!("took {:.0} MiB of memory", outcome.peak_mib));
    }
    Ok(())
}

/// Runs all checks and prints those that fail.
pub fn run() -> Counts {
    let mut counts = Counts::default();
    if let Err(error) = limits(&mut counts) {
        counts.failed += 1;
        println!("FAILED limits of the heap: {error}");
    }
    for (name, ways, check) in CHECKS {
        for options in *ways {
            match check(&interpreters::ouro("ouro", options)) {
                Ok(()) => counts.passed += 1,
                Err(why) => {
                    counts.failed += 1;
                    println!("FAILED {name} ({}): {why}", options.join(" "));
                }
            }
        }
    }
    counts
}

fn program(name: &str) -> PathBuf {
    paths::root()
        .join("tests/programs/python/errors")
        .join(name)
}

fn start(interpreter: &Interpreter, args: &[&str]) -> Result<Outcome, String> {
    let mut command = interpreter.command();
    command.args(args);
    process::run(&mut command, TIME_LIMIT).map_err(|error| error.to_string())
}

fn start_program(interpreter: &Interpreter, name: &str) -> Result<Outcome, String> {
    start(interpreter, &[&program(name).display().to_string()])
}

/// Fails with the interpreter's own words unless it ended so.
fn ended(outcome: &Outcome, end: End) -> Result<(), String> {
    if outcome.end == end {
        Ok(())
    } else {
        Err(format!("{end} expected: {}", outcome.complaint()))
    }
}

fn says(outcome: &Outcome, words: &[&str]) -> Result<(), String> {
    match words.iter().find(|word| !outcome.stderr.contains(**word)) {
        None => Ok(()),
        Some(word) => Err(format!("{word:?} is missing in {:?}", outcome.stderr)),
    }
}

fn traceback(ouro: &Interpreter) -> Result<(), String> {
    let expected = start_program(&setup::cpython()?, "traceback.py")?;
    let got = start_program(ouro, "traceback.py")?;
    ended(&got, expected.end)?;
    if got.stdout != expected.stdout {
        return Err(format!(
            "printed {:?} instead of {:?}",
            got.stdout, expected.stdout
        ));
    }
    if got.stderr != expected.stderr {
        return Err(format!(
            "reported\n{}\ninstead of\n{}",
            got.stderr, expected.stderr
        ));
    }
    Ok(())
}

fn syntax_error(ouro: &Interpreter) -> Result<(), String> {
    let outcome = start_program(ouro, "syntax.py")?;
    ended(&outcome, End::Code(1))?;
    says(
        &outcome,
        &["syntax.py", "line 4", "def broken(a:", "^", "SyntaxError: "],
    )
}

fn recursion(ouro: &Interpreter) -> Result<(), String> {
    let outcome = start_program(ouro, "recursion.py")?;
    ended(&outcome, End::Code(1))?;
    if outcome
        .last_error_line()
        .starts_with("RecursionError: maximum recursion depth exceeded")
    {
        Ok(())
    } else {
        Err(outcome.complaint())
    }
}

fn interrupt(ouro: &Interpreter) -> Result<(), String> {
    interrupted(ouro, "interrupted.py")
}

fn interrupt_match(ouro: &Interpreter) -> Result<(), String> {
    interrupted(ouro, "interrupted_match.py")
}

fn interrupted(ouro: &Interpreter, file: &str) -> Result<(), String> {
    let mut command = ouro.command();
    command.arg(program(file));
    let outcome = process::run_and_interrupt(&mut command, INTERRUPT_AFTER, TIME_LIMIT)
        .map_err(|error| error.to_string())?;
    // As CPython does: report, then die of the signal, so that a shell loop around it ends too.
    ended(&outcome, End::Signal(libc::SIGINT))?;
    if outcome.last_error_line() == "KeyboardInterrupt" {
        Ok(())
    } else {
        Err(outcome.complaint())
    }
}

fn missing_file(ouro: &Interpreter) -> Result<(), String> {
    let outcome = start(ouro, &["no-such-program.py"])?;
    ended(&outcome, End::Code(2))?;
    says(&outcome, &["no-such-program.py", "No such file"])
}

fn unknown_collector(ouro: &Interpreter) -> Result<(), String> {
    let outcome = start(ouro, &["-X", "gc=nonsense", "-c", "pass"])?;
    ended(&outcome, End::Code(2))?;
    says(&outcome, &["nonsense", "null", "marksweep"])
}

fn unknown_jit(ouro: &Interpreter) -> Result<(), String> {
    let outcome = start(ouro, &["-X", "jit=nonsense", "-c", "pass"])?;
    ended(&outcome, End::Code(2))?;
    says(&outcome, &["nonsense", "on", "off"])
}

fn unknown_option(ouro: &Interpreter) -> Result<(), String> {
    let outcome = start(ouro, &["-X", "nonsense=1", "-c", "pass"])?;
    ended(&outcome, End::Code(2))?;
    says(&outcome, &["nonsense", "gc", "jit"])
}
