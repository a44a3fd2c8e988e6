//! Containers that both sides see: the same C module on CPython and here, under each collecting collector, with and without
//! the compiler, and with collections at every poll.

mod modules_in_c;

use std::path::Path;
use std::process::Command;

const ORACLE: &str = "/usr/bin/python3.11";
const OURO: &str = env!("CARGO_BIN_EXE_ouro");

fn run(program: &str, folder: &Path, words: &[&str]) -> String {
    let file = modules_in_c::root().join("cpyext/tests/use_storage.py");
    let (options, arguments) = words.split_at(words.iter().position(|w| *w == "--").unwrap_or(0));
    let output = Command::new(program)
        .args(options)
        .arg(&file)
        .args(arguments.iter().skip(1))
        .env("PYTHONPATH", folder)
        .output()
        .expect("the interpreter runs");
    assert!(
        output.status.code().is_some(),
        "{words:?}: ended by a signal"
    );
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn containers_are_the_same_on_both() {
    let Some(folder) = modules_in_c::built("storage", "storage") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    for (size, all_options) in [
        (
            "--short",
            &[
                "jit=off gc=incminimark",
                "jit=on gc=incminimark",
                "jit=off gc=marksweep",
                "jit=on gc=marksweep",
                "jit=off gc=reference",
                "jit=on gc=reference",
                "jit=on,threshold=1 gc=incminimark,nursery=64K",
                "jit=irexec,threshold=1 gc=incminimark",
                "jit=on,threshold=1,guard-stress=3 gc=incminimark",
            ][..],
        ),
        // A collection at each poll, or each step of the heap checked: small sizes.
        (
            "--tiny",
            &[
                "jit=off gc=incminimark,stress=1",
                "jit=on,threshold=1 gc=incminimark,stress=1",
                "jit=on gc=marksweep,verify,stress=50",
                "jit=on gc=incminimark,verify,stress=50",
            ],
        ),
    ] {
        let expected = run(ORACLE, &folder, &["--", size]);
        assert!(expected.lines().count() > 180, "{expected}");
        for options in all_options {
            let mut words: Vec<&str> = options.split(' ').flat_map(|o| ["-X", o]).collect();
            words.extend(["--", size]);
            let got = run(OURO, &folder, &words);
            assert!(
                got == expected,
                "{options}:\n{}",
                difference(&expected, &got)
            );
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
/// The lines that differ.
fn difference(expected: &str, got: &str) -> String {
    let mut out = String::new();
    let mut lines = got.lines();
    for wanted in expected.lines() {
        match lines.next() {
            Some(line) if line == wanted => {}
            other => out.push_str(&format!(
                "wanted {wanted}\ngot    {}\n",
                other.unwrap_or("nothing")
            )),
        }
    }
    out.extend(lines.map(|line| format!("beyond {line}\n")));
    out
}
