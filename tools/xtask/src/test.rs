//! `./x test`: cargo's tests, then the language program matrix, then one line that sums them up.

use crate::matrix::{self, Counts};
use crate::{Done, failures, fuzz, mutants, paths, run, seeds, setup, wheels};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

pub const USAGE: &str = "[--full] [--matrix [PROGRAM]]   --matrix: only the program matrix";

pub fn run(args: &[String]) -> Done {
    let mut full = false;
    let mut matrix_only = false;
    let mut program = None;
    for arg in args {
        match arg.as_str() {
            "--full" => full = true,
            "--matrix" => matrix_only = true,
            name if matrix_only && !name.starts_with('-') => program = Some(name),
            _ => {
                return Err(format!(
                    "unexpected argument {arg:?}; usage: ./x test {USAGE}"
                ));
            }
        }
    }
    let start = Instant::now();
    let mut counts = Counts::default();
    // The interpreter first: when it does not build, neither do the tests, and sooner is better.
    step("build of the interpreter");
    let built = run::build();
    if let Err(error) = &built {
        eprintln!("x test: {error}");
        counts.failed += 1;
    }
    if !matrix_only {
        step("cargo test");
        if setup::headers().is_none() {
            println!(
                "x test: no headers of CPython 3.11 (libpython3.11-dev): tests in C are skipped"
            );
            counts.skipped += 3;
        }
        counts += cargo_tests(&["--workspace", "--no-fail-fast"])?;
        step("tests of optimised code");
        counts += cargo_tests(OPTIMISED)?;
    }
    if !matrix_only {
        step("deliberate bugs in the heap");
        match mutants::smoke() {
            Ok(true) => counts.passed += 1,
            _ => counts.failed += 1,
        }
    }
    if full && !matrix_only {
        step("memory over the border, in full");
        counts += cargo_tests(BORDER_MEMORY)?;
        step("documentation");
        counts += documentation()?;
    }
    if built.is_ok() && program.is_none() {
        step("failures of programs and of the command line");
        counts += failures::run();
    }
    if built.is_ok() && !matrix_only {
        step("random Python programs");
        counts += fuzz::smoke();
    }
    if built.is_ok() && !matrix_only {
        step("tests of packages with extension modules");
        counts += wheels::smoke();
    }
    if built.is_ok() {
        step("program matrix");
        match matrix::run(full, program) {
            Ok(matrix) => counts += matrix,
            Err(error) => {
                eprintln!("x test: {error}");
                counts.failed += 1;
            }
        }
    }
    println!(
        "\nx test: {} skipped, {:.0} s",
        counts.skipped,
        start.elapsed().as_secs_f64()
    );
    println!("{}", closing_line(counts));
    Ok(counts.failed == 0 && counts.passed > 0)
}

/// Tests about the code that the compiler makes: tail calls, numbers of instructions. Without optimisation they are ignored.
const OPTIMISED: &[&str] = &[
    "--release",
    "--no-fail-fast",
    "--package=ouro-py-direct",
    "--package=ouro-brainfuck",
    "--test=threads",
    "--test=allocation",
];

/// Ten million calls and a million pairs, which take minutes.
const BORDER_MEMORY: &[&str] = &[
    "--release",
    "--package=ouro",
    "--test=extension_memory",
    "--",
    "--ignored",
];

fn step(name: &str) {
    println!("\n=== {name}");
}

/// The last line of a test run; those who read it by program rely on its form.
fn closing_line(counts: Counts) -> String {
    format!("{} passed, {} failed", counts.passed, counts.failed)
}

/// Runs tests of cargo's, shows their output as it comes and adds up what it says.
fn cargo_tests(args: &[&str]) -> Result<Counts, String> {
    let mut command = Command::new("cargo");
    let mut child = seeds::fix(&mut command)
        .arg("test")
        .args(args)
        .current_dir(paths::root())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo: {error}"))?;
    let stdout = child.stdout.take().expect("stdout was asked for");
    let mut counts = Counts::default();
    let mut failed = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.map_err(|error| format!("cargo: {error}"))?;
        println!("{line}");
        if let Some(result) = parse_result(&line) {
            counts += result;
        } else if line.starts_with("test ") && line.ends_with("... FAILED") {
            failed.push(line);
        }
    }
    // Once more in one place, after the output of all crates has scrolled by.
    for line in &failed {
        println!("{line}");
    }
    let status = child.wait().map_err(|error| format!("cargo: {error}"))?;
    // A crate that does not compile, or a test process that dies, reports no failed test.
    if !status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(counts)
}

/// Reads `test result: ok. 3 passed; 1 failed; 2 ignored; ...`.
fn parse_result(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in numbers.split(';') {
        let mut words = part.split_whitespace();
        let (number, what) = (words.next(), words.next());
        let Some(number) = number.and_then(|number| number.parse().ok()) else {
            continue;
        };
        match what {
            Some("passed") => counts.passed = number,
            Some("failed") => counts.failed = number,
            Some("ignored") => counts.skipped = number,
            _ => {}
        }
    }
    Some(counts)
}

/// The documentation builds without a warning; counts as one test.
fn documentation() -> Result<Counts, String> {
    let status = Command::new("cargo")
        .args(["doc", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(paths::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    let passed = usize::from(status.success());
    Ok(Counts {
        passed,
        failed: 1 - passed,
        skipped: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_of_cargo_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 4 ignored; 0 measured; 1 filtered \
                    out; finished in 0.00s";
        let counts = parse_result(line).expect("a result line");
        assert_eq!(
            counts,
            Counts {
                passed: 12,
                failed: 3,
                skipped: 4
            }
        );
        assert_eq!(parse_result("test foo ... ok"), None);
    }

    #[test]
    fn the_closing_line_is_plain() {
        let counts = Counts {
            passed: 7,
            failed: 2,
            skipped: 1,
        };
        assert_eq!(closing_line(counts), "7 passed, 2 failed");
    }
}
