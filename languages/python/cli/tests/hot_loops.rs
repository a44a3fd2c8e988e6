//! What is left in compiled loops. Shapes from the log, never times.

mod traces;
use traces::traces;

/// What follows the last label: the loop itself.
fn body(trace: &str) -> &str {
    let loop_at = trace.rfind("\n  label loop(").expect("a loop");
    let end = trace[loop_at..]
        .find("\n  @0:")
        .map_or(trace.len(), |n| loop_at + n);
    &trace[loop_at..end]
}
/// The body of the only loop of the function `name`.
fn only_loop(test: &str, source: &str, name: &str) -> String {
    let found = traces(test, "jit=threshold=50", source, &format!("loop {name} "));
    assert_eq!(found.len(), 1, "one loop of {name}");
    body(&found[0]).to_owned()
}

/// Items of compact arrays are loaded and stored in place, whatever their width, and no box is made.
#[test]
fn items_of_compact_arrays_need_no_call() {
    for (code, kind) in [
        ("d", "f64"),
        ("l", "i64"),
        ("i", "i32"),
        ("I", "u32"),
        ("H", "u16"),
        ("B", "u8"),
    ] {
        let source = format!(
            "
from array import array
def work(a, n):
    for k in range(n):
        a[k] = a[k - 1] + len(a) - len(a)
    return a[n - 1]
print(work(array('{code}', [7]) * 500, 500))
"
        );
        let hot = only_loop(&format!("items-{code}"), &source, "work");
        assert!(!hot.contains("call"), "{code}: {hot}");
        assert!(!hot.contains("new("), "{code}: {hot}");
        for access in ["getitem(", "setitem("] {
            let line = hot.lines().find(|l| l.contains(access));
            let line = line.unwrap_or_else(|| panic!("{code}: {access} in {hot}"));
            assert!(line.contains(&format!("WByteStore.{kind})")), "{line}");
        }
    }
}
#[test]
fn items_of_bytes_need_no_call() {
    let source = "
def work(b, n):
    s = 0
    for k in range(n):
        s = s * 3 + b[k] & 65535
    return s
print(work(bytes(range(250)) * 2, 500))
";
    let hot = only_loop("octets", source, "work");
    assert!(!hot.contains("call") && !hot.contains("new("), "{hot}");
}
