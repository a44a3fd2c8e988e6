//! `./x bless`: runs the tests with `OURO_BLESS=1`, which makes tests that compare text write
//! what they got instead of failing.

use crate::{Done, paths};
use std::process::Command;

pub fn run(args: &[String]) -> Done {
    let mut command = Command::new("cargo");
    command.arg("test").current_dir(paths::root());
    if args.is_empty() {
        command.arg("--workspace");
    }
    let status = command
        .args(args)
        .env("OURO_BLESS", "1")
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    println!("x bless: done; `git diff` shows every expectation that changed");
    Ok(status.success())
}
