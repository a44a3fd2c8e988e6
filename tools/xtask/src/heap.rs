//! `./x heap`: what a heap dump says. The reader is an example of the crate that writes dumps.
use crate::Done;
use crate::paths;
use std::process::Command;

pub const USAGE: &str = "FILE [--rows N] [--path ADDRESS|NAME]";

pub fn run(args: &[String]) -> Done {
    if args.is_empty() {
        return Err(format!(
            "usage: ./x heap {USAGE}; `ouro -X gc-dump=FILE` writes one"
        ));
    }
    // The file is named as seen from where the command was given.
    let here = std::env::current_dir().map_err(|e| e.to_string())?;
    let names_file =
        |n: usize| !args[n].starts_with('-') && (n == 0 || !args[n - 1].starts_with('-'));
    let words = (0..args.len()).map(|n| match names_file(n) {
        true => here.join(&args[n]).into_os_string(),
        false => args[n].clone().into(),
    });
    let status = Command::new("cargo")
        .args([
            "run",
            "--quiet",
            "--release",
            "-p",
            "ouro-gc",
            "--example",
            "heap",
            "--",
        ])
        .args(words)
        .current_dir(paths::root())
        .status()
        .map_err(|e| format!("cargo: {e}"))?;
    Ok(status.success())
}
