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
/// Calls of builtin classes, displays of constants and f-strings are no calls of whatever object: heap facts outlive them.
#[test]
fn conversions_are_expanded() {
    let source = "
def work(n):
    s = 0
    for k in range(n):
        a = [1, 2, 3]
        s += a[k % 3] + len(f'{k}') + int(k / 2) + int(float(k)) + bool(k) + len(tuple(a))
        if type(s) is int:
            s &= 65535
    return s
print(work(500))
";
    let hot = only_loop("conversions", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" call(")).collect();
    let known = ["decimal)", "tuple_of_list)"];
    let strange = calls.iter().find(|l| !known.iter().any(|k| l.contains(k)));
    assert_eq!(strange, None, "{hot}");
    assert_eq!(calls.len(), known.len(), "{hot}");
}
/// The iterators of `enumerate` and `zip` are made in the trace.
#[test]
fn nested_iterators_are_made_without_a_call() {
    let source = "
def work(l, n):
    s = 0
    for k in range(n):
        for i, x in enumerate(l):
            s = s + i * x & 65535
        for x, y in zip(l, l):
            s = s + x * y & 65535
    return s
print(work([1, 2, 3], 300))
";
    let found = traces("nested", "jit=threshold=50", source, "work ");
    assert!(!found.is_empty());
    for trace in found {
        assert!(
            !trace.contains("call1)") && !trace.contains("call2)"),
            "{trace}"
        );
    }
}

/// Looking a key up is a call without effects, and values are items of an array: a count goes up without another call.
#[test]
fn values_of_dicts_are_read_and_written_in_place() {
    let source = "
def work(d, keys, n):
    s = 0
    for k in range(n):
        key = keys[k & 1]
        d[key] += 1
        if key in d:
            s += d.get(key)
    return s
print(work({'a': 1, 'b': 2}, ['a', 'b'], 500))
";
    let hot = only_loop("dict-values", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" = call(")).collect();
    assert!(
        !calls.is_empty() && calls.iter().all(|l| l.contains("dict_entry)")),
        "{hot}"
    );
    assert!(hot.contains("setitem("), "{hot}");
}
/// Methods that are bound and leave their defaults out are inlined like functions.
#[test]
fn bound_methods_with_defaults_are_inlined() {
    let source = "
class A:
    def step(self, x, y=3):
        return x + y
def work(a, n):
    step = a.step
    s = 0
    for k in range(n):
        s = step(s) + step(k, y=1) & 1023
    return s
print(work(A(), 500))
";
    let hot = only_loop("bound-defaults", source, "work");
    assert!(!hot.contains("call"), "{hot}");
}
/// Of a builtin of which is known what it is, only the call of its Rust function is left.
#[test]
fn builtins_are_called_directly() {
    let source = "
def work(s, n):
    k = 0
    for k in range(n):
        k = hash(s.upper()) & 1
    return k
print(work('a', 500))
";
    let hot = only_loop("direct", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" = call(")).collect();
    assert!(calls.len() == 2, "{hot}");
    assert!(
        calls[0].contains("call_method1)") && calls[1].contains("call_plain1)"),
        "{hot}"
    );
}
