//! Random regular expressions on CPython and here: `tests/programs/python/module_re_random.py` with the same seed on both.
//!
//! `OURO_REGEX_SEED` (1) and `OURO_REGEX_CASES` (400) choose the cases; a difference is reported with both, and as each
//! case has dice of its own its number is enough to look at it alone.

use std::path::{Path, PathBuf};
use std::process::Command;

const CPYTHON: &str = "/usr/bin/python3.11";

fn number(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(default, |n| n.parse().expect("a number"))
}
fn output(program: &str, options: &[&str], seed: u64, cases: u64) -> Vec<String> {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/programs/python/module_re_random.py");
    let output = Command::new(program)
        .args(options)
        .arg(file)
        .args([seed.to_string(), cases.to_string()])
        .output()
        .expect("the interpreter runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "seed {seed}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn random_patterns_match_as_on_cpython() {
    if !Path::new(CPYTHON).exists() {
        eprintln!("skipped: there is no {CPYTHON}");
        return;
    }
    let (seed, cases) = (
        number("OURO_REGEX_SEED", 1),
        number("OURO_REGEX_CASES", 400),
    );
    let expected = output(CPYTHON, &[], seed, cases);
    assert_eq!(expected.len() as u64, cases + 1);
    let got = output(env!("CARGO_BIN_EXE_ouro"), &[], seed, cases);
    assert_eq!(got.len(), expected.len(), "seed {seed}");
    let differ: Vec<_> = expected
        .iter()
        .zip(&got)
        .filter(|(e, g)| e != g && !e.ends_with("'gave up')"))
        .collect();
    for (e, g) in differ.iter().take(3) {
        eprintln!("CPython: {e}\n   ouro: {g}\n");
    }
    assert!(
        differ.is_empty(),
        "seed {seed}: {} of {cases} cases differ",
        differ.len()
    );
}
