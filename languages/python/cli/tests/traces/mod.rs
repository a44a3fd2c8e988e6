//! Runs small programs and reads what the compiler did from its log and its statistics.

// Each test file uses a part.
#![allow(dead_code)]

use std::process::{Command, Output};

const OURO: &str = env!("CARGO_BIN_EXE_ouro");

/// A small threshold, so that debug builds are quick too.
pub fn run(jit: &str, source: &str) -> Output {
    let output = Command::new(OURO)
        .args(["-X", jit, "-X", "jit-stats", "-c", source])
        .output()
        .expect("the interpreter runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    output
}
pub fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
/// A number of the statistics; 0 if it is not there.
pub fn count(output: &Output, what: &str) -> u64 {
    let errors = String::from_utf8_lossy(&output.stderr);
    let line = errors.lines().find_map(|line| line.strip_prefix(what));
    line.map_or(0, |n| n.trim().parse().expect("statistics are numbers"))
}
/// The optimized traces of the log whose title contains `name`.
pub fn traces(test: &str, jit: &str, source: &str, name: &str) -> Vec<String> {
    let log = std::env::temp_dir().join(format!("ouro-{test}-{}", std::process::id()));
    let option = format!("jit-log={}", log.display());
    let output = Command::new(OURO)
        .args(["-X", jit, "-X", &option, "-c", source])
        .output()
        .expect("the interpreter runs");
    assert!(output.status.success());
    let text = std::fs::read_to_string(&log).expect("the log");
    std::fs::remove_file(&log).expect("the log goes");
    let sections = text.split("{optimized ").skip(1);
    let named = sections.filter(|s| s.lines().next().is_some_and(|title| title.contains(name)));
    named
        .map(|s| s.split("\noptimized}").next().unwrap_or("").to_owned())
        .collect()
}
