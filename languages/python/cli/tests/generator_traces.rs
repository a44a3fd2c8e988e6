//! Generators and coroutines in compiled code. Shapes and counts from the log and the statistics, never times.

mod traces;
use traces::{count, printed, run, traces};

/// A generator that walks through a tree is inlined into itself so often and no more: there is no trace for each way
/// through all levels.
#[test]
fn recursive_generators_need_few_traces() {
    for body in [
        "yield from walk(n - 1)\n        yield n\n        yield from walk(n - 1)",
        "for x in walk(n - 1): yield x\n        yield n\n        for x in walk(n - 1): yield x",
    ] {
        let source = format!(
            "
def walk(n):
    if n:
        {body}
def work():
    s = 0
    for k in range(3):
        for v in walk(10):
            s += v
    return s
print(work())
"
        );
        let output = run("jit=threshold=50,exit-threshold=10", &source);
        assert_eq!(printed(&output), "6108\n");
        let made = count(&output, "loops compiled") + count(&output, "bridges compiled");
        assert!(made <= 12, "{made} traces for {body}");
    }
}

const ASYNC: &str = "
async def numbers(n):
    i = 0
    while i < n:
        yield i
        i += 1
async def add(a, b):
    return a + b
async def total(n):
    s = 0
    async for x in numbers(n):
        s = await add(s, x)
    return s
try:
    total(3000).send(None)
except StopIteration as stop:
    print(stop.value)
";

/// What `async for` and `await` use on the way to the next value is never made, and nothing is called but the frames, which
/// are inlined.
#[test]
fn asynchronous_iteration_makes_no_objects_for_itself() {
    assert_eq!(printed(&run("jit=threshold=50", ASYNC)), "4498500\n");
    let found = traces("async-for", "jit=threshold=50", ASYNC, "loop ");
    assert!(!found.is_empty(), "the loop is compiled");
    for trace in &found {
        let loop_at = trace.rfind("\n  label loop(").expect("a loop");
        let end = trace[loop_at..].find("\n  @0:");
        let body = &trace[loop_at..end.map_or(trace.len(), |n| loop_at + n)];
        for never in ["coroutine_wrapper", "async_generator_wrapped_value"] {
            let made = body
                .lines()
                .any(|l| l.contains("new(") && l.contains(never));
            assert!(!made, "{never} in {body}");
        }
        for step in ["get_anext", "send_to", "get_awaitable"] {
            assert!(!body.contains(step), "{step} in {body}");
        }
    }
}
