//! What is compiled besides loops: functions that are called often, ways out of a frame, and code that is too long for
//! one trace. Shapes and counts from the log and the statistics, never times.

mod traces;
use traces::{count, printed, run, traces};

/// `work` has no loop, and no loop calls it long enough from one place: it is only compiled for its own sake.
const CALLED: &str = "
def work(a, b):
    c = a + b
    d = c * 2 - a
    e = d ^ b
    f = (c + d) * (e + 1)
    g = f - c * d
    h = (g + e) ^ (f - 1)
    h = h * 3 + (c ^ d) - (e ^ f)
    h = h * 5 + (a ^ d) - (b ^ f)
    return a + b + c + d + e + f + g + h
def caller(n):
    return work(n, 1)
print([sum(map(caller, range(3))) for _ in range(60)][-1])
";

#[test]
fn hot_functions_are_compiled_up_to_their_return() {
    let traces = traces("functions", "jit=on,threshold=20", CALLED, "function ");
    assert!(!traces.is_empty(), "a function has a trace");
    for trace in &traces {
        assert!(
            trace.contains("return"),
            "it ends where it returns:\n{trace}"
        );
        assert!(!trace.contains(" call("), "nothing left to call:\n{trace}");
    }
    let with = run("jit=on,threshold=20", CALLED);
    let without = run("jit=off", CALLED);
    assert_eq!(printed(&with), printed(&without));
    assert!(count(&with, "entered") > 100, "callbacks enter it too");
}

#[test]
fn short_functions_are_left_to_the_interpreter() {
    let source = "
def short(a):
    return a + 1
print(sum(map(short, range(200))))
";
    let output = run("jit=on,threshold=20", source);
    assert_eq!(count(&output, "entered"), 0);
    // It is looked again whether the function does more, but seldom.
    let looked = count(&output, "given up too-short");
    assert!((1..=4).contains(&looked), "{looked}");
    let forced = run("jit=on,threshold=20,min-instructions=1", source);
    assert!(count(&forced, "entered") > 100);
    assert_eq!(printed(&output), printed(&forced));
}

/// One round takes more operations than a trace may have: the trace ends, and another one goes on where it left.
#[test]
fn long_loops_are_compiled_in_parts() {
    let body: String = (0..120)
        .map(|i| format!("        x = (x * 3 + {i}) & 0xffff\n"))
        .collect();
    let source = format!(
        "def f(n):\n    x = 1\n    for i in range(n):\n{body}    return x\nprint(f(400))\n"
    );
    let jit = "jit=on,threshold=20,exit-threshold=5,max-ops=300";
    let output = run(jit, &source);
    assert_eq!(printed(&output), printed(&run("jit=off", &source)));
    assert!(count(&output, "bridges compiled") >= 2);
    // Once all parts are there, rounds stay in compiled code: it is left for collections and at the end only.
    assert!(
        count(&output, "left") < 150,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Frames that compiled code does not make count for the limit of recursion.
#[test]
fn recursion_ends_at_the_same_depth() {
    let source = "
depth = 0
def down():
    global depth
    depth += 1
    a = [1, 2, 3]
    b = tuple(a)
    c = len(b) + len(a)
    d = c * 2 + 1
    e = (a, b, c, d)
    f = e[2] + e[3]
    down()
    return f
seen = set()
for _ in range(60):
    depth = 0
    try:
        down()
    except RecursionError:
        seen.add(depth)
print(seen)
";
    let jit = "jit=on,threshold=20,min-instructions=1";
    assert_eq!(printed(&run(jit, source)), printed(&run("jit=off", source)));
}

/// Deep recursion takes the native stack only up to a point; then the interpreter goes on without it.
#[test]
fn deep_recursion_does_not_exhaust_the_native_stack() {
    let source = "
import sys
sys.setrecursionlimit(10**6)
def down(n):
    if n == 0:
        return 0
    return 1 + down(n - 1)
for _ in range(100):
    down(10)
print(down(300_000))
";
    let output = run("jit=on,threshold=20,min-instructions=1", source);
    assert_eq!(printed(&output), "300000\n");
}
