//! What compiling costs, in allocations of the host's memory: a short run compiles many small traces, each once.

#![cfg(target_arch = "x86_64")]

use ouro_brainfuck::{handlers::BrainfuckHandlers, new_vm, parse, run};
use ouro_codegen_x64::X64Backend;
use ouro_gc::Config;
use ouro_runtime::{Jit, JitOptions, hooks, install, log::Log};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count of the requests of each thread.
struct Counting;

thread_local! {
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
}
fn count() {
    REQUESTS.set(REQUESTS.get() + 1);
}

// SAFETY: everything is passed on; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.realloc(at, layout, bytes) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// (requests, traces, recorded operations) of a run of so many loops, one after the other.
fn cost(loops: usize) -> (u64, u64, u64) {
    let hooks = hooks::<BrainfuckHandlers>(ouro_brainfuck::run::hooks());
    let vm = new_vm(Config::default(), hooks).expect("the default collector");
    let mut jit = JitOptions::default();
    jit.set("threshold=3").expect("a known option");
    // Checks of debug builds are not what is counted.
    (jit.parameters.check, jit.parameters.shadow) = (false, false);
    let backend = X64Backend::new().expect("executable memory");
    install(vm, Box::new(backend), jit, Log::default());
    let program = "++++++++++[>+++<-]>[<+>-]<[-]".repeat(loops);
    let program = parse(&program).expect("brackets match");
    let before = REQUESTS.get();
    let output = run(vm, program, b"");
    assert_eq!(output.stopped, None);
    let requests = REQUESTS.get() - before;
    let stats = &Jit::of(vm).expect("installed").stats;
    let traces = stats.loops.get() + stats.bridges.get();
    (requests, traces, stats.recorded_ops.get())
}

/// What one more trace costs when others have been compiled: most memory is that of the traces before.
#[test]
fn a_trace_takes_few_allocations() {
    let (few, many) = (cost(20), cost(220));
    let traces = many.1 - few.1;
    let operations = many.2 - few.2;
    let requests = many.0 - few.0;
    assert!(traces >= 200, "only {traces} traces");
    let per_trace = requests as f64 / traces as f64;
    let per_operation = requests as f64 / operations as f64;
    println!("{per_trace:.1} requests per trace, {per_operation:.2} per recorded operation");
    assert!(
        per_operation < MOST_PER_OPERATION,
        "{requests} requests for {traces} traces of {operations} operations: {per_operation:.2} per operation"
    );
}

/// Allocations and growths for each recorded operation: recorder, optimizer, backend, and what is kept of the trace.
const MOST_PER_OPERATION: f64 = 8.8;
