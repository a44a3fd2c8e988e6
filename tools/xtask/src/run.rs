//! `./x run`: the interpreter, built if need be.

use crate::{Done, paths};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Builds the optimized interpreter, unless one is given; cargo shows its own progress.
pub fn build() -> Result<(), String> {
    if paths::given_ouro().is_some() {
        return Ok(());
    }
    let status = Command::new("cargo")
        .args(["build", "--release", "--package", "ouro"])
        .current_dir(paths::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("the interpreter does not build".into())
    }
}

/// Becomes the interpreter, so that signals and the exit code are its own.
pub fn run(args: &[String]) -> Done {
    build()?;
    let error = Command::new(paths::ouro()).args(args).exec();
    Err(format!("{}: {error}", paths::ouro().display()))
}
