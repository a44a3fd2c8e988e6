//! `./x soak`: random programs over the heap, and guest programs under random options, for a while.

use crate::{Done, matrix, paths, run, seeds};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

pub const USAGE: &str = "MINUTES [SEED]   failures over the heap are kept in gc/tests/regressions, where the tests run them";

/// Builds what random programs run in. Panics unwind there, so that a failure can be made small.
fn build() -> Result<(), String> {
    let status = Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--profile",
            "soak",
            "--package",
            "ouro-gc",
        ])
        .args(["--features", "model", "--example", "soak"])
        .current_dir(paths::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err("the model does not build".into()),
    }
}

fn start(minutes: f64, seed: u64) -> Result<Child, String> {
    let program = paths::target().join("soak/examples/soak");
    Command::new(&program)
        .args([minutes.to_string(), seed.to_string()])
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))
}

pub fn run(args: &[String]) -> Done {
    let usage = || format!("usage: ./x soak {USAGE}");
    let minutes = args.first().and_then(|text| text.parse::<f64>().ok());
    let minutes = minutes.filter(|minutes| *minutes > 0.0).ok_or_else(usage)?;
    let seed = match args.get(1) {
        Some(text) => text.parse().map_err(|_| usage())?,
        None => seeds::fresh(),
    };
    build()?;
    let interpreter = run::build();
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let mut heaps = start(minutes, seed)?;
    // Guest programs run beside it, one at a time.
    let programs = interpreter.and_then(|()| matrix::soak(end, seed));
    let status = heaps.wait().map_err(|error| format!("soak: {error}"))?;
    let programs_passed = match programs {
        Ok(passed) => passed,
        Err(why) => {
            println!("soak: no guest programs ran: {why}");
            false
        }
    };
    Ok(status.success() && programs_passed)
}
