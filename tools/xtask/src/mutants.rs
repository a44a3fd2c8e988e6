//! `./x mutants`: deliberate bugs in the heap, each of which the model must find.

use crate::{Done, paths};
use std::process::Command;

pub const USAGE: &str =
    "[PROGRAMS [NUMBER]]   PROGRAMS: until a bug counts as not found; NUMBER: only this one";

/// Programs of the run in `./x test`; most bugs are found by the first few.
const SMOKE_PROGRAMS: u32 = 400;

/// Builds the crate of the heap with its bugs in it, and hunts them one by one.
pub fn run(args: &[String]) -> Done {
    if let Some(wrong) = args.iter().find(|arg| arg.parse::<u64>().is_err()) {
        return Err(format!(
            "unexpected argument {wrong:?}; usage: ./x mutants {USAGE}"
        ));
    }
    let status = Command::new("cargo")
        .args(["run", "--quiet", "--package", "ouro-gc"])
        .args(["--features", "mutants", "--example", "mutants", "--"])
        .args(args)
        .current_dir(paths::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    Ok(status.success())
}

/// The part of `./x test`.
///
/// # Errors
/// When cargo cannot be started.
pub fn smoke() -> Done {
    run(&[SMOKE_PROGRAMS.to_string()])
}
