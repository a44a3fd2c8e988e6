//! Extension modules: the same shared object on this interpreter and on CPython.

mod modules_in_c;
use modules_in_c::{ORACLE, OURO, root, run, text};
use std::path::PathBuf;

/// A folder with the module under its names; None if there is no compiler or no header.
fn built(test: &str) -> Option<PathBuf> {
    let folder = modules_in_c::built("calls", test)?;
    let binary = folder.join("calls.cpython-311-x86_64-linux-gnu.so");
    for name in ["single.abi3.so", "silent.so", "loud.so", "missing.so"] {
        std::fs::copy(&binary, folder.join(name)).expect("a copy");
    }
    std::fs::write(folder.join("broken.so"), "no shared object").expect("a file");
    Some(folder)
}

#[test]
fn calls_are_the_same_on_both() {
    let Some(folder) = built("calls") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    let file = root().join("cpyext/tests/use_calls.py");
    let file = file.to_str().expect("a path");
    let expected = text(&run(ORACLE, &folder, &[file]));
    assert!(expected.lines().count() > 60, "{expected}");
    for options in [
        &["-X", "jit=off"][..],
        &[],
        &["-X", "gc=marksweep"],
        &["-X", "gc=reference"],
        &["-X", "jit=off", "-X", "gc=incminimark,nursery=64K"],
    ] {
        let words: Vec<&str> = options.iter().copied().chain([file]).collect();
        let got = text(&run(OURO, &folder, &words));
        assert_eq!(got, expected, "{options:?}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

#[test]
fn calls_in_loops_are_the_same_on_both() {
    let Some(folder) = built("loops") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    let file = root().join("cpyext/tests/use_calls_in_loops.py");
    let file = file.to_str().expect("a path");
    let expected = |n: &str| text(&run(ORACLE, &folder, &[file, n]));
    let (many, few) = (expected("3000"), expected("300"));
    assert!(many.lines().count() >= 17, "{many}");
    let runs: [(&[&str], &str); 10] = [
        (&["-X", "jit=off"], "3000"),
        (&[], "3000"),
        (&["-X", "jit=irexec,threshold=3"], "3000"),
        (&["-X", "jit=on,threshold=3,guard-stress=7"], "3000"),
        (
            &[
                "-X",
                "jit=on,threshold=3,guard-stress=11",
                "-X",
                "gc=reference",
            ],
            "3000",
        ),
        (&["-X", "gc=marksweep,verify=50"], "300"),
        (
            &[
                "-X",
                "jit=on,threshold=3",
                "-X",
                "gc=incminimark,nursery=64K",
            ],
            "3000",
        ),
        (
            &["-X", "jit=on,threshold=3", "-X", "gc=incminimark,stress=1"],
            "300",
        ),
        (
            &[
                "-X",
                "jit=irexec,threshold=3",
                "-X",
                "gc=reference,stress=3",
            ],
            "300",
        ),
        (
            &["-X", "jit=off", "-X", "gc=marksweep,stress=1,poison"],
            "300",
        ),
    ];
    for (options, n) in runs {
        let words: Vec<&str> = options.iter().copied().chain([file, n]).collect();
        let got = text(&run(OURO, &folder, &words));
        let wanted = if n == "300" { &few } else { &many };
        assert_eq!(&got, wanted, "{options:?}");
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
        let output = run(OURO, &folder, &["-c", program]);
        let got = text(&output);
        assert!(got.contains(wanted), "{program}: {got}");
        assert!(
            output.status.code().is_some(),
            "{program}: ended by a signal"
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

/// A program of loops that call C, and what it prints.
const LOOPS: &str = r#"
import calls

def noargs(n):
    f, k = calls.noargs, 0
    for i in range(n):
        if f() is None: k += 1
    return k
def onearg(n):
    f, s = calls.onearg, 0
    for i in range(n): s += f(i)
    return s
def floats(n):
    f, s = calls.onearg, 0.0
    for i in range(n): s += f(i * 0.5)
    return s
def allocate_int(n):
    f, s = calls.allocate_int, 0
    for i in range(n): s += f()
    return s
def length(n):
    box, s = calls.Box(1, 2), 0
    for i in range(n): s += len(box)
    return s
def item(n):
    box, s = calls.Box(1, 2), 0
    for i in range(n): s += box[i & 1]
    return s
def method(n):
    box, s = calls.Box(), 0
    for i in range(n): s += box.onearg(i)
    return s
def counter(n):
    s = 0
    for x in calls.Counter(n): s += x
    return s
def named(n):
    f, s = calls.total, 0
    for i in range(n): s += f(i, x=i)
    return s
def named_dict(n):
    f, s = calls.total_dict, 0
    for i in range(n): s += f(i, x=i, y=3)
    return s
def unused_list(n):
    f = calls.fastcall
    for i in range(n): f(i, None)
def unused_dict(n):
    f = calls.fastkeywords
    for i in range(n): f(i, x=i)
def unused_box(n):
    f = calls.Box
    for i in range(n): f()
used = noargs, onearg, floats, allocate_int, length, item, method, counter, named, named_dict
for f in used + (unused_list, unused_dict, unused_box): print(f.__name__, f(20000))
"#;

/// The operations between the last label of a function's optimized loop and its jump.
fn loop_operations<'l>(log: &'l str, function: &str) -> Vec<&'l str> {
    let start = format!("{{optimized loop {function} ");
    let from = log
        .find(&start)
        .unwrap_or_else(|| panic!("no optimized loop of {function}"));
    let section = &log[from..];
    let section = &section[..section.find("\noptimized}").expect("the section ends")];
    let operations: Vec<&str> = section
        .lines()
        .map(str::trim)
        .filter(|l| !l.starts_with('@'))
        .collect();
    let label = operations.iter().rposition(|o| o.starts_with("label "));
    operations[label.expect("a loop has a label") + 1..].to_vec()
}

/// What is left in a loop that calls C: one call, no objects.
#[test]
fn compiled_loops_call_c_without_objects() {
    let Some(folder) = built("shapes") else {
        eprintln!("skipped: no C compiler or no headers of CPython 3.11");
        return;
    };
    let log = folder.join("log");
    let option = format!("jit-log={}", log.display());
    let output = run(OURO, &folder, &["-X", &option, "-c", LOOPS]);
    assert!(output.status.success(), "{}", text(&output));
    let log = std::fs::read_to_string(&log).expect("the log");
    for name in [
        "noargs",
        "onearg",
        "floats",
        "allocate_int",
        "length",
        "item",
        "method",
        "counter",
        "named",
        "named_dict",
        "unused_list",
        "unused_dict",
        "unused_box",
    ] {
        let operations = loop_operations(&log, name);
        let of = |code: &str| {
            let is = |o: &&&str| o.rsplit(" = ").next().is_some_and(|o| o.starts_with(code));
            operations.iter().filter(is).count()
        };
        assert_eq!(of("call("), 1, "{name}: {operations:#?}");
        assert_eq!(of("new"), 0, "{name}: {operations:#?}");
        // The iterator, one call, the sum.
        assert!(operations.len() <= 14, "{name}: {operations:#?}");
        // What nobody looks at is not made: the call has no result.
        let call = operations.iter().find(|o| o.contains("call("));
        let call = call.expect("counted above");
        assert_eq!(
            call.starts_with("call(") && call.contains("_unused"),
            name.starts_with("unused"),
            "{name}: {call}"
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
