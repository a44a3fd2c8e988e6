//! The seeds of random tests: fixed where a commit is judged, new where bugs are looked for.
//!
//! A test that draws its seed from the clock says something about the clock: it fails on a commit that has nothing to do with
//! it. So `./x test` runs the same random programs each time, by the variables in [`FIXED`], and `./x soak` and `./x fuzz` take
//! [`fresh`] seeds, which they print.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What `./x test` sets for the tests that it starts. A variable that is set already stays as it is.
///
/// Tests that are not listed begin with a constant unless a variable of their own says otherwise; `tests/README.md` lists them.
const FIXED: &[(&str, &str)] = &[
    // Random programs over the heap (`ouro_gc::model::Suite`).
    ("OURO_TEST_SEED", "20111101"),
    // The properties that are written with proptest's macro.
    ("PROPTEST_RNG_SEED", "20111101"),
    // The order of what is hashed by its text.
    ("PYTHONHASHSEED", "0"),
];

/// Fixes the seeds of the tests that `command` runs.
pub fn fix(command: &mut Command) -> &mut Command {
    for (name, value) in FIXED {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command
}

/// A seed that nobody has seen.
pub fn fresh() -> u64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH);
    clock.map_or(0, |time| time.as_nanos() as u64)
}
