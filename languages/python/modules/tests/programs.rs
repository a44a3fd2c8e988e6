//! Runs the programs `tests/programs/python/module_*.py` on the fast interpreter and compares their output with that of
//! CPython 3.11, if there is one.
//!
//! Called with a file as argument this is the interpreter; so each program runs in a process of its own.

use ouro_gc::{COLLECTORS, Heap};
use ouro_py_modules::{Config, install, run, run_file, shutdown};
use ouro_py_objects::boot::{new_vm, types};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    match words.get(1) {
        Some(file) if file.ends_with(".py") => {
            let words = words[1..].to_vec();
            let thread = std::thread::Builder::new()
                .stack_size(256 << 20)
                .spawn(move || interpret(words));
            thread
                .expect("the system starts a thread")
                .join()
                .expect("the interpreter does not panic")
        }
        filter => compare(filter.map_or("", |f| f.as_str())),
    }
}
fn interpret(argv: Vec<String>) -> ExitCode {
    let heap =
        Heap::new(Default::default(), COLLECTORS, types()).expect("the default collector exists");
    let vm = new_vm(heap, ouro_py_direct::hooks());
    let file = argv[0].clone();
    let folder = Path::new(&file)
        .parent()
        .expect("a file is in a folder")
        .to_string_lossy()
        .into_owned();
    let config = Config {
        argv,
        path: vec![folder],
        ..Config::default()
    };
    let result = install(vm, config).and_then(|()| run_file(vm, &file).map(|_| ()));
    let mut code = 0;
    if let Err(e) = result {
        run::flush_stream(vm, "stdout");
        eprint!("{}", ouro_py_objects::traceback::format(vm, e));
        code = 1;
    }
    if shutdown(vm).is_err() {
        code = 120;
    }
    ExitCode::from(code)
}
fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
fn compare(filter: &str) -> ExitCode {
    let python = Path::new("/usr/bin/python3.11");
    if !python.exists() {
        println!("skipped: there is no {}", python.display());
        return ExitCode::SUCCESS;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/programs/python");
    let entries = std::fs::read_dir(folder).expect("the programs are there");
    let mut programs: Vec<PathBuf> = entries
        .map(|e| e.expect("a readable folder").path())
        .collect();
    let name = |p: &Path| {
        p.file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    programs.retain(|p| name(p).starts_with("module_") && name(p).contains(filter));
    programs.sort();
    assert!(
        !filter.is_empty() || programs.len() >= 10,
        "programs are missing"
    );
    let mut failed = 0;
    for program in &programs {
        let expected = Command::new(python)
            .arg("-S")
            .arg(program)
            .output()
            .expect("CPython starts");
        let this = std::env::current_exe().expect("this program has a path");
        let got = Command::new(this)
            .arg(program)
            .output()
            .expect("the interpreter starts");
        let (expected, shown) = (text(&expected), text(&got));
        if expected == shown && got.status.success() {
            println!("ok {}", name(program));
            continue;
        }
        failed += 1;
        println!("FAILED {}", name(program));
        let lines = expected
            .lines()
            .zip(shown.lines())
            .enumerate()
            .filter(|(_, (a, b))| a != b);
        for (n, (a, b)) in lines.take(10) {
            println!(
                "  line {}: CPython {a}\n  {}  here {b}",
                n + 1,
                " ".repeat((n + 1).to_string().len() + 5)
            );
        }
        if expected.lines().count() != shown.lines().count() {
            println!(
                "  {} lines, here {}",
                expected.lines().count(),
                shown.lines().count()
            );
        }
        let errors = String::from_utf8_lossy(&got.stderr).into_owned();
        errors
            .lines()
            .rev()
            .take(12)
            .collect::<Vec<_>>()
            .iter()
            .rev()
            .for_each(|l| println!("  | {l}"));
    }
    println!("{} programs, {failed} failed", programs.len());
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
