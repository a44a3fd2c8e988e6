//! Extension modules that go wrong: a message each, CPython's where it has one, and no crash.

mod modules_in_c;
use modules_in_c::{OURO, run, same_on_both, text};
use std::path::{Path, PathBuf};

/// Names under which the same file is loaded.
const NAMES: &[&str] = &[
    "silent",
    "loud",
    "unreported",
    "uninitialized",
    "number",
    "exec_fails",
    "exec_silent",
    "exec_unreported",
    "unknown_slot",
    "create_null",
    "create_error",
    "create_twice",
    "negative_size",
    "single_with_slots",
    "old_api",
    "absent_init",
    "nameless_type",
    "bad_spec",
    "final_base",
    "good",
    "bücher",
    "été",
    "stubbed",
    "wrong_tag.cpython-310-x86_64-linux-gnu",
];
const BINARY: &str = "bad.cpython-311-x86_64-linux-gnu.so";

fn built(test: &str) -> Option<PathBuf> {
    let other = modules_in_c::built_with("bad", &format!("{test}-symbol"), &["-DMISSING"])?;
    let folder = modules_in_c::built("bad", test)?;
    let copy = |from: &Path, name: &str| {
        std::fs::copy(from.join(BINARY), folder.join(format!("{name}.so"))).expect("a copy");
    };
    NAMES.iter().for_each(|name| copy(&folder, name));
    copy(&other, "bad_symbol");
    std::fs::write(folder.join("empty_file.so"), "").expect("a file");
    std::fs::write(folder.join("not_elf.so"), "no shared object\n".repeat(20)).expect("a file");
    std::fs::remove_dir_all(&other).expect("the folder goes");
    Some(folder)
}

#[test]
fn messages_are_the_same_on_both() {
    let Some(folder) = built("errors") else {
        return;
    };
    let words = [folder.to_str().expect("a path")];
    let options: &[&[&str]] = &[&[], &["-X", "jit=off"], &["-X", "gc=marksweep"]];
    let text = same_on_both(&folder, "use_bad.py", &words, options);
    assert!(text.contains("execution of module"), "{text}");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

/// What ends CPython, or what is this interpreter's own.
#[test]
fn what_cpython_does_not_say_is_said() {
    let Some(folder) = built("own-errors") else {
        return;
    };
    let wrong_tag = "import importlib.machinery as m, sys; \
        m.ExtensionFileLoader('wrong_tag', sys.path[1] + '/wrong_tag.cpython-310-x86_64-linux-gnu.so'); \
        import _imp; s = m.ModuleSpec('wrong_tag', None, \
        origin=sys.path[1] + '/wrong_tag.cpython-310-x86_64-linux-gnu.so'); _imp.create_dynamic(s)";
    for (program, wanted) in [
        (
            "import uninitialized",
            "SystemError: init function of uninitialized returned uninitialized object",
        ),
        (
            "import stubbed; stubbed.call()",
            "SystemError: ouro does not implement PyCode_Optimize yet",
        ),
        (wrong_tag, "is for cpython-310-x86_64-linux-gnu"),
    ] {
        let output = run(OURO, &folder, &["-c", program]);
        let got = text(&output);
        assert!(got.contains(wanted), "{program}: {got}");
        assert_eq!(output.status.code(), Some(1), "{program}: {got}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
