//! Properties of compiled code that random traces cannot show: allocation budgets, patching, constants, places.
#![cfg(target_arch = "x86_64")]

mod support;

use ouro_codegen::{Backend, CodeHandle, CodeStats, CompileEnv, ExitRecord, Form, Request};
use ouro_codegen_x64::X64Backend;
use ouro_ir::irexec::ToyHeap;
use ouro_ir::random::{Case, Form as CaseForm};
use ouro_ir::{Arg, Opcode, Ret, Trace, parse, parse_with};
use support::*;

const WORLD: &str = "
  field WInt.value = 8 i64 immutable
  field Node.next = 8 ref mutable
  type WInt = 2 size 16 exact leaf WInt.value
  type Node = 6 size 64
  array Ints = 10 len 8 items 16 i64
  callee fail = 0x0 vm(int, ref) -> int can_raise
  callee invalidate = 0x0 vm(int) -> int reads can_collect allocates writes all
";

fn trace(body: &str) -> Trace {
    let head = body.lines().next().expect("a head");
    let rest: Vec<&str> = body.lines().skip(1).collect();
    let text = format!("{head}{WORLD}{}", rest.join("\n"));
    let resolve = |name: &str| match name {
        "fail" => Some(fail as *const () as u64),
        "invalidate" => Some(invalidate as *const () as u64),
        _ => None,
    };
    let trace = parse_with(&text, &resolve).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    trace.verify().unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    trace
}

/// Raises its second operand if the first is negative.
extern "C" fn fail(_vm: *const u8, a: u64, error: u64) -> Ret {
    let raises = (a as i64) < 0;
    Ret {
        value: a,
        exc: if raises { error } else { 0 },
    }
}

thread_local! {
    /// What the callee `invalidate` invalidates, and when.
    static VICTIM: std::cell::Cell<Option<(*const X64Backend, CodeHandle)>> = const { std::cell::Cell::new(None) };
}

extern "C" fn invalidate(_vm: *const u8, a: u64) -> Ret {
    if a == 5
        && let Some((backend, code)) = VICTIM.get()
    {
        // SAFETY: the test that set it keeps the backend alive while it runs.
        unsafe { (*backend).invalidate(code) };
    }
    Ret { value: a, exc: 0 }
}

struct Bench {
    backend: X64Backend,
    heap: ToyHeap,
    env: CompileEnv,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            backend: X64Backend::new().expect("executable memory"),
            heap: ToyHeap::new(),
            env: env(1024),
        }
    }

    fn compile(&self, trace: &Trace, form: Form<'_>, entry: Option<CodeHandle>) -> CodeHandle {
        let request = Request {
            trace,
            form,
            entry_of: &|_| entry,
            function: None,
        };
        let made = self.backend.compile(&request, &self.env);
        made.unwrap_or_else(|e| panic!("{e}\n{trace}"))
    }

    fn boxed(&mut self, value: i64) -> u64 {
        let object = self.heap.add(2, 16);
        let stored = ouro_ir::irexec::Memory::store(
            &mut self.heap,
            object,
            8,
            ouro_ir::Width::I64,
            value as u64,
        );
        stored.expect("an int needs no barrier");
        object
    }

    /// Runs with these guest words from register 1 on.
    fn run(&self, code: CodeHandle, vm: &mut TestVm, words: &[u64]) -> (ExitRecord, Vec<u64>) {
        let mut guest = vec![0; 64];
        guest[1..1 + words.len()].copy_from_slice(words);
        let mut record = ExitRecord::default();
        // SAFETY: the VM and the frame are as the traces of this file describe them.
        unsafe {
            self.backend
                .enter(code, vm.pointer(), guest.as_mut_ptr(), &mut record)
        };
        (record, guest)
    }

    fn value(&self, record: &ExitRecord, value: u32) -> i64 {
        let info = self.backend.exit_info(record.exit());
        info.value(record, value).expect("the exit needs it") as i64
    }

    fn op(&self, record: &ExitRecord) -> usize {
        self.backend.exit_info(record.exit()).op as usize
    }
}

const COUNT: &str = "loop count
  target L here
  input v0: ref = r1
  input v1: ref = r2
  guard_class(v0, WInt) @0
  v2 = getfield(v0, WInt.value)
  guard_class(v1, WInt) @0
  v3 = getfield(v1, WInt.value)
  label L(v4 = v2)
  v5 = int_add_ovf(v4, 1) @1
  guard_int_lt(v5, v3) @2
  poll() @2
  jump L(v5)
  @0: [0x10:4:0+0 r1=v0 r2=v1] start
  @1: [0x10:4:0+0 r1=virtual0 r2=v1] start where virtual0 = WInt{WInt.value=v4}
  @2: [0x10:4:0+0 r1=virtual0 r2=v1] start where virtual0 = WInt{WInt.value=v5}";

#[test]
fn an_exit_after_an_overflow_sees_the_operand_as_it_was() {
    let mut bench = Bench::new();
    let trace = trace(COUNT);
    let code = bench.compile(&trace, Form::Loop, None);
    let (from, to) = (bench.boxed(i64::MAX - 3), bench.boxed(i64::MAX));
    let mut vm = TestVm::new(&mut bench.heap);
    let (record, _) = bench.run(code, &mut vm, &[from, to]);
    assert_eq!(bench.value(&record, 5), i64::MAX, "leaves at the limit");
    // An operand that only the exit needs is added to in place.
    let text = COUNT.replace("guard_int_lt(v5, v3) @2", "guard_int_ne(v5, 7) @2");
    let trace = self::trace(&text);
    let code = bench.compile(&trace, Form::Loop, None);
    let (record, _) = bench.run(code, &mut vm, &[from, to]);
    assert_eq!(trace.ops[bench.op(&record)].code, Opcode::IntAddOvf);
    assert_eq!(bench.value(&record, 4), i64::MAX, "the addition is undone");
}

#[test]
fn a_counting_loop_is_four_instructions() {
    let mut bench = Bench::new();
    let trace = trace(COUNT);
    let code = bench.compile(&trace, Form::Loop, None);
    let listing = bench.backend.listing(code).expect("machine code");
    let label = trace.ops.iter().position(|o| o.code == Opcode::Label);
    let head = listing.ops[label.expect("a label") + 1] as usize;
    let add = listing.address + head;
    let label = label.expect("a label") as u32;
    assert_eq!(bench.backend.locate(add), Some((code, label + 1)));
    assert_eq!(bench.backend.locate(8), None);
    // add r, 1; jo; cmp r, r; jge; cmp r14, [r15 + d]; jbe
    let jump = *listing.ops.last().expect("ops") as usize;
    assert!(jump - head <= 4 + 6 + 3 + 6, "{} bytes", jump - head);
    let (from, to) = (bench.boxed(0), bench.boxed(1_000_000));
    let mut vm = TestVm::new(&mut bench.heap);
    let (record, guest) = bench.run(code, &mut vm, &[from, to]);
    assert_eq!(bench.value(&record, 5), 1_000_000);
    assert_eq!(guest[1], from, "exits do not change the guest frame");
}

#[test]
fn a_poll_leaves_when_the_limit_is_lowered() {
    let mut bench = Bench::new();
    let trace = trace(COUNT);
    let code = bench.compile(&trace, Form::Loop, None);
    let (from, to) = (bench.boxed(0), bench.boxed(10));
    let mut vm = TestVm::new(&mut bench.heap);
    vm.top = 0;
    let (record, _) = bench.run(code, &mut vm, &[from, to]);
    assert_eq!(trace.ops[bench.op(&record)].code, Opcode::Poll);
    assert_eq!(bench.value(&record, 5), 1);
}

/// `n` nodes in one straight line, kept alive in a chain, and an exit that says the last.
fn many_nodes(n: u32) -> Trace {
    let mut body = String::from("loop nodes\n  input v0: ref = r1\n");
    for k in 1..=n {
        body += &format!(
            "  v{k} = new(Node)\n  setfield(v{k}, v{}, Node.next)\n",
            k - 1
        );
    }
    body += &format!("  finish() @0\n  @0: [0x10:4:0+0 r1=v{n}] start");
    trace(&body)
}

#[test]
fn long_straight_lines_check_the_window_every_half_zone() {
    let mut bench = Bench::new();
    // 8 nodes of 64 bytes are half of the zone of 1024 bytes.
    let code = bench.compile(&many_nodes(100), Form::Loop, None);
    let first = bench.heap.add(6, 64);
    let mut vm = TestVm::new(&mut bench.heap);
    let start = vm.free;
    vm.top = start;
    // Each refill gives room for as much as may be used unchecked; the slow path checks nothing was overrun.
    vm.end = start + 1024;
    vm.refill_bytes = 1;
    let (record, _) = bench.run(code, &mut vm, &[first]);
    assert_eq!(vm.free - start, 6400);
    let _ = record;
    assert!(vm.refills >= 100 * 64 / 512 - 1, "{} refills", vm.refills);
}

#[test]
fn large_and_variable_arrays_are_made_by_the_slow_path() {
    let mut bench = Bench::new();
    let trace = trace(
        "loop arrays
  input v0: ref = r1
  guard_class(v0, WInt) @0
  v1 = getfield(v0, WInt.value)
  v2 = new_array(v1, Ints)
  v3 = new_array(1000, Ints)
  v4 = new_array(3, Ints)
  setitem(v2, 6, 77, Ints)
  setitem(v4, 2, v1, Ints)
  v5 = getitem(v4, 2, Ints)
  finish() @1
  @0: [0x10:4:0+0 r1=v0] start
  @1: [0x10:4:0+0 r1=v2 r2=v3 r3=v4 r4=virtual0] start where virtual0 = WInt{WInt.value=v5}",
    );
    let code = bench.compile(&trace, Form::Loop, None);
    let seven = bench.boxed(7);
    let mut vm = TestVm::new(&mut bench.heap);
    let (record, _) = bench.run(code, &mut vm, &[seven]);
    assert_eq!(vm.slow_allocations, 2);
    let load = |object: i64, offset| {
        let width = ouro_ir::Width::I64;
        let word = ouro_ir::irexec::Memory::load(&bench.heap, object as u64, offset, width);
        word.expect("inside the window")
    };
    let arrays = [2, 3, 4].map(|v| bench.value(&record, v));
    assert_eq!(arrays.map(|a| load(a, 8)), [7, 1000, 3]);
    assert_eq!(arrays.map(|a| load(a, 0)), [10; 3]);
    assert_eq!(load(arrays[0], 16 + 48), 77);
    assert_eq!(bench.value(&record, 5), 7);
}

#[test]
fn a_collector_may_change_constants() {
    let mut bench = Bench::new();
    let mut trace = trace(
        "loop constants
  input v0: ref = r1
  guard_ptr_ne(v0, null) @0
  finish() @0
  @0: [0x10:4:0+0 r1=v0] start",
    );
    let (old, new) = (bench.boxed(1), bench.boxed(2));
    let constant = trace.reference(old);
    trace.ops[0].args[1] = constant;
    let code = bench.compile(&trace, Form::Loop, None);
    let mut vm = TestVm::new(&mut bench.heap);
    let leaves_at = |bench: &Bench, vm: &mut TestVm, word| {
        let (record, _) = bench.run(code, vm, &[word]);
        bench.op(&record)
    };
    assert_eq!(leaves_at(&bench, &mut vm, old), 0);
    assert_eq!(leaves_at(&bench, &mut vm, new), 1);
    let mut visited = 0;
    bench.backend.visit_ref_constants(&mut |word| {
        assert_eq!(*word, old);
        *word = new;
        visited += 1;
    });
    assert_eq!(visited, 1);
    assert_eq!(leaves_at(&bench, &mut vm, old), 1);
    assert_eq!(leaves_at(&bench, &mut vm, new), 0);
}

#[test]
fn a_bridge_takes_the_pending_exception_and_enters_the_loop_again() {
    let mut bench = Bench::new();
    let parent = trace(
        "loop calls
  target L here
  input v0: ref = r1
  input v1: ref = r2
  guard_class(v0, WInt) @0
  v2 = getfield(v0, WInt.value)
  label L(v3 = v2)
  v4 = int_sub_ovf(v3, 1) @1
  v5 = call(v4, v1, fail) @2
  poll() @1
  jump L(v5)
  @0: [0x10:4:0+0 r1=v0 r2=v1] start
  @1: [0x10:4:0+0 r1=v0 r2=v1] start
  @2: [0x10:4:0+0 r1=virtual0 r2=v1] pending_raise where virtual0 = WInt{WInt.value=v4}",
    );
    let code = bench.compile(&parent, Form::Loop, None);
    let (three, error) = (bench.boxed(3), bench.boxed(40));
    let mut vm = TestVm::new(&mut bench.heap);
    let (record, _) = bench.run(code, &mut vm, &[three, error]);
    let info = bench.backend.exit_info(record.exit());
    assert_eq!(info.pending(&record), Some(error));
    assert_eq!(bench.value(&record, 4), -1);
    // The bridge makes the exception the first register and enters the loop again.
    let exit = record.exit();
    let form = Form::Bridge {
        parent: &parent,
        exit,
    };
    let mut bridge = Trace::new(
        "bridge",
        ouro_ir::TraceKind::Bridge {
            parent: 1,
            exit: info.local,
        },
    );
    bridge.descrs.clone_from(&parent.descrs);
    let pending = bridge.input(ouro_ir::Ty::Ref, ouro_ir::Source::Pending);
    let count = bridge.input(ouro_ir::Ty::Int, ouro_ir::Source::ParentExit(Arg::var(4)));
    let kept = bridge.input(ouro_ir::Ty::Ref, ouro_ir::Source::ParentExit(Arg::var(1)));
    let minus_one = bridge.int(-1);
    let frame = ouro_ir::Frame {
        live: [(1, pending), (2, kept)].into_iter().collect(),
        ..(*parent.exits[0].frames[0]).clone()
    };
    let done = bridge.add_exit(ouro_ir::Exit {
        frames: [frame.into()].into_iter().collect(),
        ..parent.exits[0].clone()
    });
    bridge.guard(Opcode::GuardIntEq, &[count, minus_one], done);
    let label = bridge.add_descr(ouro_ir::Descr::Label(ouro_ir::LabelDescr {
        name: "entry".into(),
        target: ouro_ir::LabelTarget::Entry {
            token: 1,
            registers: vec![1, 2],
        },
    }));
    bridge.guard(Opcode::Poll, &[], done);
    bridge.push_pool(Opcode::Jump, &[pending, kept], label, ouro_ir::ExitId::NONE);
    bridge.verify().expect("right");
    let bridge_code = bench.compile(&bridge, form, Some(code));
    bench.backend.patch_exit(exit, Some(bridge_code));
    // The loop goes round for ever now: from 40 down to the exception, and again.
    let guest = spin(&bench, code, &mut vm, &[three, error]);
    assert_eq!(
        guest[1], error,
        "the bridge stored the exception into the first register"
    );
    assert_eq!(guest[2], error);
}

/// Runs until the watchdog lowers the limit.
fn spin(bench: &Bench, code: CodeHandle, vm: &mut TestVm, words: &[u64]) -> Vec<u64> {
    let top = &raw mut vm.top as usize;
    let dog = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(30));
        // SAFETY: the word outlives the thread, which is joined below; compiled code reads it anew each time.
        unsafe { (top as *mut u64).write_volatile(0) };
    });
    let (_, guest) = bench.run(code, vm, words);
    dog.join().expect("no panic");
    guest
}

#[test]
fn code_that_is_invalidated_below_a_call_leaves_at_its_next_guard() {
    let mut bench = Bench::new();
    let trace = trace(
        "loop invalidated
  target L here
  input v0: ref = r1
  label L(v1 = 0)
  v2 = int_add(v1, 1)
  v3 = call(v2, invalidate)
  guard_not_invalidated() @0
  guard_int_lt(v2, 100) @0
  poll() @0
  jump L(v2)
  @0: [0x10:4:0+0 r1=virtual0] start where virtual0 = WInt{WInt.value=v2}",
    );
    let code = bench.compile(&trace, Form::Loop, None);
    let object = bench.boxed(0);
    let mut vm = TestVm::new(&mut bench.heap);
    VICTIM.set(Some((&raw const bench.backend, code)));
    let (record, _) = bench.run(code, &mut vm, &[object]);
    VICTIM.set(None);
    assert_eq!(bench.value(&record, 2), 5);
    assert_eq!(
        trace.ops[bench.op(&record)].code,
        Opcode::GuardNotInvalidated
    );
}

#[test]
fn freed_code_gives_all_its_memory_back() {
    let bench = Bench::new();
    // The first traces with and without floats make the slow paths.
    let with_floats = trace(
        "loop floats
  input v0: ref = r1
  v1 = int_to_float(1)
  v2 = float_add(v1, v1)
  finish() @0
  @0: [0x10:4:0+0 r1=v0] start",
    );
    for warm in [trace(COUNT), with_floats] {
        let warm = bench.compile(&warm, Form::Loop, None);
        bench.backend.free(warm);
    }
    let before = bench.backend.stats();
    let codes: Vec<CodeHandle> = (0..50)
        .map(|seed| {
            let case = Case::new(seed, CaseForm::Recorded);
            bench.compile(&case.trace, Form::Loop, None)
        })
        .collect();
    let during = bench.backend.stats();
    assert_eq!(during.traces, 50);
    assert!(during.code_bytes > before.code_bytes + 50 * 300);
    codes.into_iter().for_each(|c| bench.backend.free(c));
    let after = bench.backend.stats();
    // Time does not come back.
    let timeless = CodeStats {
        lower_ns: before.lower_ns,
        allocate_ns: before.allocate_ns,
        emit_ns: before.emit_ns,
        ..after
    };
    assert_eq!(timeless, before);
}

#[test]
fn a_jump_to_an_unknown_trace_and_a_callee_without_address_are_refused() {
    let bench = Bench::new();
    let unknown = trace(
        "loop unknown
  target E entry 7 (r1)
  input v0: ref = r1
  poll() @0
  jump E(v0)
  @0: [0x10:4:0+0 r1=v0] start",
    );
    let request = Request {
        trace: &unknown,
        form: Form::Loop,
        entry_of: &|_| None,
        function: None,
    };
    let refused = bench.backend.compile(&request, &bench.env);
    let wanted = ouro_codegen::CompileError::UnknownTarget { token: 7 };
    assert_eq!(refused, Err(wanted));
    let text = format!(
        "loop nobody{WORLD}  input v0: ref = r1\n  v1 = call(1, invalidate)\n  finish() @0\n  @0: [0x10:4:0+0 r1=v0] start"
    );
    let nobody = parse(&text).expect("right");
    let request = Request {
        trace: &nobody,
        form: Form::Loop,
        entry_of: &|_| None,
        function: None,
    };
    let refused = bench.backend.compile(&request, &bench.env);
    assert_eq!(refused, Err(ouro_codegen::CompileError::UnknownCallee));
    assert_eq!(bench.backend.stats().traces, 0);
}

#[test]
fn the_perf_map_names_traces() {
    let mut bench = Bench::new();
    bench.env.perf_map = true;
    let code = bench.compile(&trace(COUNT), Form::Loop, None);
    let listing = bench.backend.listing(code).expect("machine code");
    let path = format!("/tmp/perf-{}.map", std::process::id());
    let map = std::fs::read_to_string(&path).expect("written");
    let line = format!("{:x} {:x} ouro:count", listing.address, listing.bytes.len());
    assert!(map.lines().any(|l| l == line), "{map}");
    std::fs::remove_file(path).expect("ours");
}

#[test]
fn the_comparison_with_the_reference_backend_finds_planted_bugs() {
    let backend = X64Backend::new().expect("executable memory");
    let env = env(1024);
    // A wrong result is seen only if an exit needs it; a guard that leaves wrongly is always seen.
    let swapped = |code: Opcode, seed: u64| match code {
        Opcode::IntNeg if seed.is_multiple_of(2) => Opcode::IntInvert,
        Opcode::IntXor if seed.is_multiple_of(2) => Opcode::IntOr,
        Opcode::FloatAdd if seed.is_multiple_of(2) => Opcode::FloatSub,
        Opcode::GuardIntLe | Opcode::GuardFloatLt | Opcode::GuardIntUge if seed % 2 == 1 => {
            code.negated().expect("these have an opposite")
        }
        other => other,
    };
    let (mut planted, mut found) = (0, 0);
    for seed in 0..300 {
        let case = Case::new(seed, CaseForm::Compiled);
        let mut wrong = case.trace.clone();
        let Some(op) = wrong
            .ops
            .iter_mut()
            .find(|op| swapped(op.code, seed) != op.code)
        else {
            continue;
        };
        op.code = swapped(op.code, seed);
        planted += 1;
        let compiled = compile(&backend, &wrong, Form::Loop, &env);
        let differs = (0..3).any(|run| {
            let plan = Plan {
                run,
                ..Plan::default()
            };
            let wanted = run_irexec(&case, &case.trace, plan, None);
            // The wrong code may break what later operations rely on; it only must not crash here.
            let (got, _) = run_x64(
                &backend,
                &case,
                &compiled,
                &wrong,
                (&compiled, &wrong),
                plan,
            );
            wanted != got
        });
        found += differs as u32;
    }
    assert!(
        planted > 100 && found * 5 > planted * 2,
        "{found} of {planted}"
    );
}
