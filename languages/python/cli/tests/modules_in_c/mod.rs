//! Extension modules for tests: compiled with the machine's compiler against CPython's headers, run on both interpreters.

#![allow(dead_code)] // Each test uses its part.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const ORACLE: &str = "/usr/bin/python3.11";
pub const OURO: &str = env!("CARGO_BIN_EXE_ouro");

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
/// A folder with an extension module compiled from `cpyext/tests/<module>.c`. None, with a note, if there is no compiler
/// or no header. It is the caller's to remove the folder.
pub fn built(module: &str, test: &str) -> Option<PathBuf> {
    built_with(module, test, &[])
}
/// As [`built`] with further words for the compiler.
pub fn built_with(module: &str, test: &str, words: &[&str]) -> Option<PathBuf> {
    let include = [
        "/usr/include/python3.11".into(),
        root().join(".cache/debian/usr/include/python3.11"),
    ]
    .into_iter()
    .find(|p: &PathBuf| p.join("Python.h").is_file());
    let Some(include) = include else {
        eprintln!("skipped: no headers of CPython 3.11");
        return None;
    };
    let folder = std::env::temp_dir().join(format!("ouro-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let built = Command::new("cc")
        .args(words)
        .args(["-w", "-O2", "-shared", "-fPIC", "-o"])
        .arg(folder.join(format!("{module}.cpython-311-x86_64-linux-gnu.so")))
        .arg("-I")
        .arg(&include)
        // Debian's `pyconfig.h` refers to the machine's own from the folder above.
        .arg("-I")
        .arg(include.join(".."))
        .arg(root().join(format!("cpyext/tests/{module}.c")))
        .output();
    let Ok(built) = built else {
        eprintln!("skipped: no C compiler");
        return None;
    };
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    Some(folder)
}
pub fn run(program: &str, folder: &Path, words: &[&str]) -> Output {
    Command::new(program)
        .args(words)
        .env("PYTHONPATH", folder)
        .output()
        .expect("the interpreter runs")
}
pub fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
/// Runs a program of `cpyext/tests` on CPython and, with each of the options, here: the output must be the same. Returns it.
pub fn same_on_both(folder: &Path, program: &str, words: &[&str], options: &[&[&str]]) -> String {
    let file = root().join("cpyext/tests").join(program);
    let all = |options: &[&str]| -> Vec<String> {
        let file = file.to_str().expect("a path");
        let all = options.iter().chain([&file]).chain(words);
        all.map(|&w| w.to_owned()).collect()
    };
    let run = |interpreter: &str, options: &[&str]| {
        let words = all(options);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        text(&run(interpreter, folder, &words))
    };
    let expected = run(ORACLE, &[]);
    for options in options {
        let got = run(OURO, options);
        assert_eq!(got, expected, "{options:?}");
    }
    expected
}
