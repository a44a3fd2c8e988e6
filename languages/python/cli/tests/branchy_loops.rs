//! Loops with many branches, exceptions that are caught where they were raised, loops that are left. Shapes and counts, never times.

mod traces;
use traces::{count, printed, run, traces};

/// A loop with `k` branches whose conditions have nothing to do with each other.
fn branches(k: u32) -> String {
    let branch = |n| format!("        if v & {}:\n            s += {}\n", 1 << n, n + 1);
    let branches: String = (0..k).map(branch).collect();
    format!(
        "
def work(n):
    x = 12345
    s = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 8
{branches}    return s
print(work(6000))
"
    )
}

/// Once traces meet, there are as many as there are branches, not as there are ways through them, and none of them is long.
#[test]
fn code_grows_with_the_branches_and_not_with_the_ways() {
    let mut sizes = Vec::new();
    for k in [4, 6, 8, 10, 12] {
        let jit = "jit=on,threshold=50,exit-threshold=5,join-after=4";
        let output = run(jit, &branches(k));
        let bridges = count(&output, "bridges compiled");
        let left = count(&output, "left  ");
        assert!(
            bridges <= 20 + 8 * u64::from(k),
            "{k} branches: {bridges} bridges"
        );
        assert!(
            left <= 100 + 40 * u64::from(k),
            "{k} branches: left {left} times"
        );
        assert!(count(&output, "joins compiled") >= u64::from(k) / 2);
        sizes.push(count(&output, "operations compiled"));
    }
    // Three times the branches.
    assert!(sizes[4] < 4 * sizes[0], "operations: {sizes:?}");
}

/// As long as there are few ways each has a trace of its own; a million ways do not need more than a few hundred.
#[test]
fn few_ways_are_traced_whole_and_many_are_not() {
    let few = run("jit=on,threshold=50,exit-threshold=5", &branches(4));
    assert_eq!(count(&few, "joins compiled"), 0);
    let many = run("jit=on,threshold=50,exit-threshold=5", &branches(20));
    let bridges = count(&many, "bridges compiled");
    assert!(bridges <= 450, "{bridges} bridges");
    assert!(count(&many, "left  ") <= 3000);
}

/// The ways through a function come together behind its call, too.
#[test]
fn ways_through_calls_meet_behind_them() {
    let source = "
def early(a):
    if a & 1:
        return 1
    if a & 2:
        return 2
    return 0
def work(n):
    x = 99
    s = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 8
        s += early(v) + early(v >> 2) + early(v >> 4) + early(v >> 6) + early(v >> 8) + early(v >> 10)
    return s
print(work(6000))
";
    let output = run("jit=on,threshold=50,exit-threshold=5,join-after=4", source);
    let plain = run("jit=off", source);
    assert_eq!(printed(&output), printed(&plain));
    // 729 ways.
    let bridges = count(&output, "bridges compiled");
    assert!(bridges <= 200, "{bridges} bridges");
    assert!(count(&output, "joins compiled") > 0);
}

/// What a trace assumed of a register, or of the program, does not hold for all that come to it.
#[test]
fn versions_and_changes() {
    let source = "
FACTOR = 1
def work(n):
    x = 5
    s = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 8
        if v & 1: s += FACTOR
        if v & 2: s += 2
        if v & 4: s -= FACTOR
        if v & 8: s += 3
        if v & 16: s -= 1
    return s
out = []
for FACTOR in (1, 2.5, 3, 'stop'):
    try:
        out.append(work(2000))
    except TypeError as e:
        out.append(str(e))
print(out)
";
    let output = run("jit=on,threshold=50,exit-threshold=5,join-after=1", source);
    let plain = run("jit=off", source);
    assert_eq!(printed(&output), printed(&plain));
    assert!(count(&output, "joins compiled") > 0);
}

/// An exception that nobody keeps is not made: neither it, nor its arguments, nor its traceback.
#[test]
fn exceptions_that_do_not_escape_are_not_made() {
    let source = "
class MyError(Exception):
    pass
def risky(i):
    if i & 1:
        raise MyError(i)
    return i
def work(n):
    s = 0
    for i in range(n):
        try:
            s += risky(i)
        except MyError as e:
            s -= e.args[0] & 7
        finally:
            s += 1
    return s
print(work(2000))
";
    let all = traces("caught", "jit=threshold=50", source, "");
    assert!(all.len() > 1, "a loop and a bridge");
    for trace in &all {
        for line in trace.lines().filter(|l| l.contains("= new")) {
            let is_iterator = line.contains("new(range_iterator)");
            assert!(is_iterator, "{line} in {trace}");
        }
        assert!(
            !trace.contains("setfield(#"),
            "nothing is stored into the thread: {trace}"
        );
    }
}

/// The counter of an inner loop that goes round 50 times strikes as it ends: another round is recorded.
#[test]
fn a_loop_is_not_recorded_as_it_is_left() {
    let source = "
def work(rows, n):
    total = 0
    for r in range(rows):
        s = 0
        for i in range(n):
            s += i
        total += s
    return total
print(work(60, 50))
";
    let all = traces("left", "jit=threshold=100", source, "loop work ");
    let inner = all.first().expect("a loop");
    let at = inner.rfind("\n  label loop(").expect("a loop");
    let body = &inner[at..];
    assert!(body.contains("guard_int_gt("), "it goes on: {body}");
    assert!(!body.contains("guard_int_le("), "it is not left: {body}");
}
