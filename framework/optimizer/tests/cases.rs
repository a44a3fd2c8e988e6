//! Text in, text out: every `.trace` file under `tests/cases` is a case.
//!
//! A file is a recorded trace, a line `----`, and the expected output without descriptors. Lines before the
//! trace may say `// options: no-peel`. Compiled traces may come before it, with a line `====` behind each: for a
//! bridge the parent, and for any trace that ends in another one that other one. All traces begin with the descriptors of `prelude.trace`.
//! `OURO_BLESS=1` writes what comes out into the files; read the difference before committing it.

use ouro_ir::text::{difference, normal};
use ouro_ir::{Trace, TraceKind, parse};
use ouro_optimizer::{Options, optimize_bridge, optimize_into};
use std::path::{Path, PathBuf};

fn cases_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder that can be read").path();
        if path.is_dir() {
            files(&path, into);
        } else if path.parent() != Some(&*cases_dir()) {
            into.push(path);
        }
    }
    into.sort();
}

/// A trace from its first line, the prelude and the rest.
fn trace(text: &str, prelude: &str) -> Trace {
    let text = normal(text);
    let (first, rest) = text.split_once('\n').expect("a header line");
    let trace =
        parse(&format!("{first}\n{prelude}\n{rest}")).unwrap_or_else(|e| panic!("{e}\n{text}"));
    trace
        .verify()
        .unwrap_or_else(|e| panic!("input: {e}\n{text}"));
    trace
}
/// What a case shows: everything but descriptors and the header.
fn shown(trace: &Trace) -> String {
    let descr = |l: &&str| {
        ![
            "type ", "field ", "array ", "callee ", "target ", "loop ", "bridge ",
        ]
        .iter()
        .any(|w| l.starts_with(w))
    };
    let text = normal(&trace.print_without_addresses());
    text.lines()
        .filter(descr)
        .map(|l| format!("{l}\n"))
        .collect()
}

/// Runs one case; gives the complaint if it fails.
fn check(path: &Path, prelude: &str, bless: bool) -> Option<String> {
    let text = read(path);
    let (input, expected) = text.split_once("----\n").unwrap_or((&text, ""));
    let word = input
        .lines()
        .find_map(|l| l.strip_prefix("// options: "))
        .unwrap_or("");
    let options = Options::parse(word).expect("options that exist");
    let traces: Vec<Trace> = input
        .split("====\n")
        .map(|text| trace(text, prelude))
        .collect();
    let (recorded, others) = traces.split_last().expect("a trace");
    let result = match (recorded.kind, others) {
        (TraceKind::Bridge { exit, .. }, [parent, target @ ..]) => {
            optimize_bridge(recorded, parent, exit, target.first(), &options)
        }
        (TraceKind::Bridge { .. }, []) => panic!("a bridge has a parent"),
        (TraceKind::Loop, targets) => optimize_into(recorded, targets.first(), &options),
    };
    let actual = match &result {
        Ok(output) => {
            output
                .verify()
                .unwrap_or_else(|e| panic!("{}: {e}\n{output}", path.display()));
            shown(output)
        }
        Err(reason) => format!("gives up: {}\n", reason.name()),
    };
    if bless {
        std::fs::write(path, format!("{input}----\n{actual}"))
            .expect("a folder that can be written");
        return None;
    }
    let name = path.strip_prefix(cases_dir()).expect("inside").display();
    difference(expected, &actual).map(|d| format!("{name}: {d}\nactual:\n{actual}"))
}

#[test]
fn every_case_gives_what_its_file_says() {
    let prelude = read(&cases_dir().join("prelude.trace"));
    let bless = std::env::var_os("OURO_BLESS").is_some();
    let mut paths = Vec::new();
    files(&cases_dir(), &mut paths);
    assert!(paths.len() >= 60, "{} cases", paths.len());
    let complaints: Vec<String> = paths
        .iter()
        .filter_map(|p| check(p, &prelude, bless))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
