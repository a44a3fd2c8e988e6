//! What functions of the interface make (texts, code objects, entries of tracebacks, numbers as bytes): the same C module on
//! CPython and here.

mod modules_in_c;

use std::path::Path;
use std::process::Command;

fn run(program: &str, folder: &Path, options: &str) -> String {
    let output = Command::new(program)
        .args(options.split_whitespace().flat_map(|o| ["-X", o]))
        .arg(modules_in_c::root().join("cpyext/tests/use_making.py"))
        .env("PYTHONPATH", folder)
        .output()
        .expect("the interpreter runs");
    assert!(
        output.status.code().is_some(),
        "{options}: ended by a signal"
    );
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn what_c_makes_is_the_same_on_both() {
    let Some(folder) = modules_in_c::built("making", "making") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    let expected = run("/usr/bin/python3.11", &folder, "");
    assert!(expected.lines().count() > 40, "{expected}");
    for options in [
        "jit=off",
        "jit=on,threshold=1 gc=incminimark,nursery=64K",
        "jit=off gc=marksweep,stress=50",
        "jit=on gc=reference",
    ] {
        let got = run(env!("CARGO_BIN_EXE_ouro"), &folder, options);
        assert_eq!(got, expected, "{options}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
