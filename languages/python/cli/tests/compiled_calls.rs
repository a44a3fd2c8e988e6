//! Compiled functions that are called by compiled code. Shapes and counts from the log and the statistics, never times.

mod traces;
use traces::{count, printed, run};

/// The operations of the optimized traces, descriptors and exits left out, by title.
fn traces(test: &str, jit: &str, source: &str) -> Vec<(String, Vec<String>)> {
    let section = |s: &String| {
        let mut lines = s.lines().map(str::trim);
        let title = lines.next().unwrap_or("").to_owned();
        let is_op = |l: &&str| l.contains('(') && !l.starts_with('@') && !l.contains(" = 0x");
        let kinds = ["field ", "type ", "array ", "callee ", "target ", "input "];
        let ops = lines
            .filter(is_op)
            .filter(|l| !kinds.iter().any(|k| l.starts_with(k)));
        (title, ops.map(str::to_owned).collect())
    };
    let all = traces::traces(test, jit, source, "");
    all.iter().map(section).collect()
}

const FIB: &str = "
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
print(fib(24))
";

/// Recursion is called, not looked up; ints travel unboxed in both directions.
#[test]
fn recursion_makes_no_objects() {
    let traces = traces("fib", "jit=on,threshold=20", FIB);
    assert!(!traces.is_empty(), "fib has a trace");
    let mut calls = 0;
    for (title, ops) in &traces {
        assert!(title.contains(" fib "), "nothing else is hot: {title}");
        for op in ops {
            assert!(!op.contains("= new("), "{title}: {op}");
            calls += usize::from(op.contains("= call("));
        }
        let last = ops.last().expect("a trace ends");
        assert!(last.starts_with("return_leaf("), "{title}: {last}");
    }
    assert!(calls > 0, "what is not inlined is called");
}

/// After the first bridges, code that compiled code has called only goes back by returning.
#[test]
fn calls_among_compiled_code_stay_there() {
    let output = run("jit=on,threshold=20", FIB);
    assert_eq!(printed(&output), "46368\n");
    // fib(24) is 150,049 calls.
    assert!(count(&output, "entered") < 1000);
    assert!(count(&output, "left when called") < 1000);
}

/// The first calls of a recursive function that become hot may be those that end the recursion.
#[test]
fn the_end_of_a_recursion_is_not_taken_for_the_function() {
    for threshold in 20..40 {
        let jit = format!("jit=on,threshold={threshold}");
        let output = run(&jit, FIB);
        assert_eq!(count(&output, "loops compiled"), 1, "threshold {threshold}");
    }
}

/// A function that takes different classes, and gives some, in turn.
#[test]
fn results_of_an_unexpected_class_come_as_they_are() {
    let source = "
def f(n, kind):
    if n == 0:
        return kind
    r = f(n - 1, kind)
    if n == 7:
        return str(r)
    return r if n % 3 else [r]
kinds = [1, 2.5, None, 'x', (), 10**30, True]
print([f(9, kinds[i % 7]) for i in range(400)][-7:])
";
    let with = run(
        "jit=on,threshold=20,exit-threshold=5,min-instructions=1",
        source,
    );
    assert_eq!(printed(&with), printed(&run("jit=off", source)));
}

/// What an exception leaves behind in frames that compiled code has called is what it leaves behind in the interpreter.
#[test]
fn tracebacks_name_the_frames_of_called_code() {
    let source = "
import traceback
def g(n):
    if n == 0:
        return 1 // n
    return g(n - 1) + 1
def text(n):
    try:
        g(n)
    except ZeroDivisionError:
        return traceback.format_exc()
texts = {text(6) for _ in range(300)}
print(len(texts), *texts)
";
    let with = run(
        "jit=on,threshold=20,exit-threshold=5,min-instructions=1",
        source,
    );
    assert_eq!(printed(&with), printed(&run("jit=off", source)));
    assert!(printed(&with).starts_with("1 "));
}

/// When what the code assumes changes while it is called by itself, the callers go on in new code or in the interpreter.
#[test]
fn code_may_be_invalidated_below_its_own_calls() {
    let source = "
step = 1
def down(n):
    global step
    if n <= 0:
        step += 1
        return 0
    return down(n - step) + step
print([down(60) for _ in range(60)])
";
    let with = run(
        "jit=on,threshold=20,exit-threshold=5,min-instructions=1",
        source,
    );
    assert_eq!(printed(&with), printed(&run("jit=off", source)));
}

/// A function whose loop has code is called, not inlined: its caller's trace goes on behind the call.
#[test]
fn functions_with_loops_are_called() {
    let source = "
def inner(k):
    s = 0
    for i in range(k):
        s += i & k
    return s
def work(n):
    t = 0
    for j in range(n):
        t += inner(j & 31) + inner(30)
    return t
print(work(3000))
";
    let expected = "1607094\n";
    let output = run("jit=on,threshold=20", source);
    assert_eq!(printed(&output), expected);
    // Each round of the outer loop would enter the inner one twice.
    assert!(count(&output, "entered") < 600);
    let traces = traces("callee-loops", "jit=on,threshold=20", source);
    let outer = traces
        .iter()
        .filter(|(title, _)| title.starts_with("loop work "));
    let mut calls = 0;
    for (title, ops) in outer {
        assert!(!ops.iter().any(|op| op.starts_with("finish(")), "{title}");
        calls += ops.iter().filter(|op| op.contains("= call(")).count();
    }
    assert!(calls > 0, "the outer loop calls");
}

/// A trace that has inlined a function before a loop of the function got code is made again; and a function that compiled
/// code calls gets code itself, however short it is.
#[test]
fn traces_that_inlined_what_has_loops_are_made_again() {
    let source = "
def seldom(k):
    if k & 15 == 0:
        for i in range(20):
            k += i
    return k
def work(n):
    t = 0
    for j in range(n):
        t += seldom(j)
    return t
print(work(20000))
";
    let output = run("jit=on,threshold=20", source);
    assert_eq!(printed(&output), "200227500\n");
    assert!(count(&output, "made again") > 0);
    assert!(count(&output, "entered") < 2000);
    assert!(count(&output, "left when called") < 2000);
    let traces = traces("outgrown", "jit=on,threshold=20", source);
    let is_called = |(title, _): &(String, Vec<String>)| title.starts_with("function seldom ");
    assert!(traces.iter().any(is_called), "what is called has code");
}
