//! `./x fuzz`: random Python programs on CPython and here, in every mode; `tools/fuzz` makes, runs and shrinks them.

use crate::matrix::Counts;
use crate::{Done, paths, run, seeds, setup};
use std::process::Command;

pub const USAGE: &str = "[--count N] [--seed S] [--mode OPTION..] [--show]   --help lists all; failures are made small and kept";

/// What `./x test` runs: always the same programs, a batch for some of the modes in turn.
const SMOKE: &[&str] = &[
    "--seed=20111100",
    "--count=100",
    "--batch=25",
    "--shrink=0",
    "--most=3",
];

/// The programs of the smoke run, which count as one test each.
const SMOKE_PROGRAMS: usize = 100;

/// A command that hunts with this interpreter.
fn hunter() -> Result<Command, String> {
    let mut command = setup::cpython()?.command();
    command
        .arg(paths::root().join("tools/fuzz/main.py"))
        .arg("--ouro")
        .arg(paths::ouro())
        .current_dir(paths::root());
    Ok(command)
}

fn passes(command: &mut Command) -> Done {
    let status = command
        .status()
        .map_err(|error| format!("CPython: {error}"))?;
    Ok(status.success())
}

pub fn run(args: &[String]) -> Done {
    if !args.iter().any(|arg| arg == "--help" || arg == "-h") {
        run::build()?;
    }
    let mut command = hunter()?;
    command
        .arg(format!("--fresh={}", seeds::fresh() / 1_000_000_000))
        .arg("--keep=tests/programs/python")
        .args(args);
    passes(&mut command)
}

/// The part of `./x test`.
pub fn smoke() -> Counts {
    let result = hunter().and_then(|mut command| passes(command.args(SMOKE)));
    let mut counts = Counts::default();
    match result {
        Ok(true) => counts.passed = SMOKE_PROGRAMS,
        Ok(false) => counts.failed = 1,
        Err(error) => {
            eprintln!("x test: {error}");
            counts.failed = 1;
        }
    }
    counts
}
