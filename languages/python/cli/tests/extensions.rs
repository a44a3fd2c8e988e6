//! Extension modules: the same shared object on this interpreter and on CPython.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ORACLE: &str = "/usr/bin/python3.11";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
/// A folder with the module under its names; None if there is no compiler or no header.
fn built(test: &str) -> Option<PathBuf> {
    let include = [
        "/usr/include/python3.11".into(),
        root().join(".cache/debian/usr/include/python3.11"),
    ]
    .into_iter()
    .find(|p: &PathBuf| p.join("Python.h").is_file())?;
    let folder =
        std::env::temp_dir().join(format!("ouro-extensions-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let binary = folder.join("calls.cpython-311-x86_64-linux-gnu.so");
    let built = Command::new("cc")
        .args(["-w", "-O2", "-shared", "-fPIC", "-o"])
        .arg(&binary)
        .arg("-I")
        .arg(&include)
        // Debian's `pyconfig.h` refers to the machine's own from the folder above.
        .arg("-I")
        .arg(include.join(".."))
        .arg(root().join("cpyext/tests/calls.c"))
        .output()
        .ok()?;
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    for name in ["single.abi3.so", "silent.so", "loud.so", "missing.so"] {
        std::fs::copy(&binary, folder.join(name)).expect("a copy");
    }
    std::fs::write(folder.join("broken.so"), "no shared object").expect("a file");
    Some(folder)
}
fn run(program: &str, folder: &Path, words: &[&str]) -> Output {
    Command::new(program)
        .args(words)
        .env("PYTHONPATH", folder)
        .output()
        .expect("the interpreter runs")
}
fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn calls_are_the_same_on_both() {
    let Some(folder) = built("calls") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    let file = root().join("cpyext/tests/use_calls.py");
    let file = file.to_str().expect("a path");
    // Messages name classes of C without their modules here.
    let expected = text(&run(ORACLE, &folder, &[file])).replace("'calls.Box'", "'Box'");
    assert!(expected.lines().count() > 60, "{expected}");
    for options in [
        &["-X", "jit=off"][..],
        &[],
        &["-X", "gc=marksweep"],
        &["-X", "gc=reference"],
        &["-X", "jit=off", "-X", "gc=incminimark,nursery=64K"],
    ] {
        let words: Vec<&str> = options.iter().copied().chain([file]).collect();
        let got = text(&run(env!("CARGO_BIN_EXE_ouro"), &folder, &words));
        assert_eq!(got, expected, "{options:?}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

#[test]
fn bad_extensions_say_what_is_wrong() {
    let Some(folder) = built("bad") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    for (program, wanted) in [
        (
            "import single; print(single.allocate_int(), single.__name__)",
            "2000 single",
        ),
        (
            "import missing",
            "ImportError: dynamic module does not define module export function (PyInit_missing)",
        ),
        (
            "import silent",
            "SystemError: initialization of silent failed without raising an exception",
        ),
        ("import loud", "OSError: no such device"),
        ("import broken", "ImportError: "),
    ] {
        let output = run(env!("CARGO_BIN_EXE_ouro"), &folder, &["-c", program]);
        let got = text(&output);
        assert!(got.contains(wanted), "{program}: {got}");
        assert!(
            output.status.code().is_some(),
            "{program}: ended by a signal"
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
