//! The threads of the fast interpreter really are chained by tail calls, and nothing else.

use ouro_gc::{Attention, COLLECTORS, Config, Gc, Heap};
use ouro_machine::Settled;
use ouro_py_objects::{Access, Vm, boot, call, code, dict, layout::WInt};
use ouro_py_syntax::{Mode, compile_bytes};
use std::sync::Arc;

/// Runs a module on a thread with this much native stack; the int that it leaves in `result`.
fn run(source: &'static str, stack_bytes: usize) -> i64 {
    run_with(source, stack_bytes, |_| ())
}
/// The same, with a VM that was prepared.
fn run_with(source: &'static str, stack_bytes: usize, prepare: fn(&'static Vm)) -> i64 {
    let body = move || {
        let heap = Heap::new(Config::default(), COLLECTORS, boot::types())
            .expect("the default collector exists");
        let vm = boot::new_vm(heap, ouro_py_direct::hooks());
        prepare(vm);
        let compiled = compile_bytes(source.as_bytes(), "<test>", Mode::Exec, Default::default());
        let compiled = compiled.expect("the program is correct");
        let code = code::load_code(vm, &Arc::new(compiled.code));
        let namespace = dict::new_namespace(vm);
        let outcome = call::run_code(vm, code, namespace, namespace, Gc::NULL);
        assert!(outcome.is_ok(), "the program raises nothing");
        let result =
            dict::get_text(vm, namespace, "result").expect("str keys compare without guest code");
        result.expect("the program has a result").get(WInt::VALUE)
    };
    let thread = std::thread::Builder::new()
        .stack_size(stack_bytes)
        .spawn(body);
    thread
        .expect("the system starts a thread")
        .join()
        .expect("the program ends")
}

/// 40 million instructions: were each a call, even of 16 bytes, the stack would end long before.
#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "builds without optimisation use the plain driver"
)]
fn threads_do_not_grow_the_stack() {
    let source = "
def loop(n):
    i = s = 0
    while i < n:
        s = s + (i & 3)
        i = i + 1
    return s
result = loop(10_000_000)
";
    assert_eq!(run(source, 1 << 20), 15_000_000);
}

/// The ways out of line and back: slow operators, guest calls by return steps, generators, exceptions.
#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "builds without optimisation use the plain driver"
)]
fn ways_out_of_line_do_not_grow_the_stack() {
    let source = "
class Number:
    def __init__(self, v):
        self.v = v
    def __add__(self, other):
        return Number(self.v + other.v)
def numbers(n):
    i = 0
    while i < n:
        yield i
        i = i + 1
def loop(n):
    total = Number(0)
    for i in numbers(n):
        try:
            if i % 2:
                raise ValueError
            total = total + Number(1)
        except ValueError:
            total += Number(2)
    return total.v
result = loop(300_000)
";
    assert_eq!(run(source, 1 << 20), 450_000);
}

/// A loop that is hot at each of its rounds, and safepoints with something to do: the ways to the compiler and the heap.
#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "builds without optimisation use the plain driver"
)]
fn hot_loops_and_safepoints_do_not_grow_the_stack() {
    fn always_hot(vm: &'static Vm) {
        let mut hooks = vm.hooks();
        hooks.hot = Some(|vm, at| {
            vm.reset_counter(at, 1);
            vm.heap.request_attention(Attention::YIELD);
            Settled::At(at)
        });
        vm.set_hooks(hooks);
        vm.set_threshold(1);
    }
    let source = "
def loop(n):
    i = 0
    while i < n:
        i = i + 1
    return i
result = loop(1_000_000)
";
    assert_eq!(run_with(source, 1 << 20, always_hot), 1_000_000);
}

/// Guest recursion is no native recursion.
#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "builds without optimisation use the plain driver"
)]
fn guest_calls_do_not_grow_the_stack() {
    let source = "
def down(n):
    if n == 0:
        return 0
    return 1 + down(n - 1)
result = 0
for i in range(1000):
    result = result + down(900)
";
    assert_eq!(run(source, 1 << 20), 900_000);
}
