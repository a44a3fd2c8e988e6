//! The reference backend against expectations that are written out.

use ouro_ir::irexec::pure::{NoResult, evaluate};
use ouro_ir::irexec::{End, Fault, Layouts, State, ToyHeap, observe};
use ouro_ir::random::resolve;
use ouro_ir::{ExitId, Opcode, Trace, parse_with};

fn trace(text: &str) -> Trace {
    let trace = parse_with(text, &resolve).unwrap_or_else(|e| panic!("{e}"));
    trace.verify().unwrap_or_else(|e| panic!("{e}"));
    trace
}
fn int(code: Opcode, a: i64, b: i64) -> Result<i64, NoResult> {
    evaluate(code, a as u64, b as u64).map(|bits| bits as i64)
}
fn float(code: Opcode, a: f64, b: f64) -> Result<u64, NoResult> {
    evaluate(code, a.to_bits(), b.to_bits())
}

#[test]
fn integer_division_rounds_down_like_the_guests() {
    use Opcode::{IntFloordiv, IntMod};
    let rows = [
        (7, 2, 3, 1),
        (-7, 2, -4, 1),
        (7, -2, -4, -1),
        (-7, -2, 3, -1),
        (6, 3, 2, 0),
        (-6, 3, -2, 0),
        (0, -5, 0, 0),
    ];
    for (a, b, quotient, remainder) in rows {
        assert_eq!(
            (int(IntFloordiv, a, b), int(IntMod, a, b)),
            (Ok(quotient), Ok(remainder)),
            "{a} / {b}"
        );
    }
    for code in [IntFloordiv, IntMod] {
        assert_eq!(int(code, 1, 0), Err(NoResult::Precondition));
        assert_eq!(int(code, i64::MIN, -1), Err(NoResult::Precondition));
    }
}

#[test]
fn integer_operations_wrap_or_leave() {
    use Opcode::*;
    assert_eq!(int(IntAdd, i64::MAX, 1), Ok(i64::MIN));
    assert_eq!(int(IntAddOvf, i64::MAX, 1), Err(NoResult::Leaves));
    assert_eq!(int(IntAddOvf, i64::MAX, -1), Ok(i64::MAX - 1));
    assert_eq!(int(IntSubOvf, i64::MIN, 1), Err(NoResult::Leaves));
    assert_eq!(int(IntMulOvf, 1 << 32, 1 << 31), Err(NoResult::Leaves));
    assert_eq!(int(IntMulOvf, 1 << 31, 1 << 31), Ok(1 << 62));
    assert_eq!(int(GuardMulOverflows, 1 << 32, 1 << 31), Ok(0));
    assert_eq!(int(GuardAddOverflows, 1, 2), Err(NoResult::Leaves));
    assert_eq!(int(GuardSubOverflows, i64::MIN, 1), Ok(0));
    assert_eq!(int(IntNeg, i64::MIN, 0), Ok(i64::MIN));
    assert_eq!(int(IntInvert, 5, 0), Ok(-6));
    assert_eq!(int(IntMulhi, i64::MIN, 2), Ok(-1));
    assert_eq!(int(IntMulhi, 1 << 40, 1 << 40), Ok(1 << 16));
    assert_eq!(int(IntShr, -8, 1), Ok(-4));
    assert_eq!(int(IntUshr, -8, 1), Ok(i64::MAX - 3));
    assert_eq!(int(IntShl, 3, 62), Ok(3 << 62));
    assert_eq!(int(IntShl, 1, 64), Err(NoResult::Precondition));
    assert_eq!(int(IntShr, 1, -1), Err(NoResult::Precondition));
    assert_eq!(int(GuardIntUlt, 1, -1), Ok(0));
    assert_eq!(int(GuardIntUge, 1, -1), Err(NoResult::Leaves));
    assert_eq!(int(GuardIntLt, -1, 1), Ok(0));
}

#[test]
fn float_guards_treat_nan_as_their_names_say() {
    use Opcode::*;
    let nan = f64::NAN;
    for (a, b) in [(nan, 1.0), (1.0, nan), (nan, nan)] {
        for holds in [GuardFloatNotLt, GuardFloatNotLe, GuardFloatNe] {
            assert_eq!(float(holds, a, b), Ok(0), "{holds:?}");
        }
        for leaves in [GuardFloatLt, GuardFloatLe, GuardFloatEq] {
            assert_eq!(float(leaves, a, b), Err(NoResult::Leaves), "{leaves:?}");
        }
    }
    assert_eq!(float(GuardFloatEq, 0.0, -0.0), Ok(0));
    assert_eq!(float(GuardFloatLe, 1.0, 1.0), Ok(0));
    assert_eq!(float(GuardFloatNotLe, 1.0, 1.0), Err(NoResult::Leaves));
    assert_eq!(float(GuardFloatNotLt, 1.0, 1.0), Ok(0));
    assert_eq!(float(FloatNeg, 0.0, 0.0), Ok((-0.0f64).to_bits()));
    assert_eq!(float(FloatToInt, -2.9, 0.0), Ok(-2i64 as u64));
    assert_eq!(
        float(FloatToInt, 9_223_372_036_854_775_808.0, 0.0),
        Err(NoResult::Precondition)
    );
    assert_eq!(
        float(FloatToInt, -9_223_372_036_854_775_808.0, 0.0),
        Ok(i64::MIN as u64)
    );
    assert_eq!(float(FloatToInt, nan, 0.0), Err(NoResult::Precondition));
}

#[test]
fn a_guard_and_its_negation_never_agree() {
    let ints = [i64::MIN, -1, 0, 1, 5, i64::MAX].map(|n| n as u64);
    let floats = [f64::NEG_INFINITY, -0.0, 0.0, 1.5, f64::INFINITY, f64::NAN].map(f64::to_bits);
    for code in Opcode::ALL {
        let Some(negated) = code.negated() else {
            continue;
        };
        assert_eq!(negated.negated(), Some(*code));
        for (a, b) in ints.iter().flat_map(|a| ints.iter().map(move |b| (*a, *b))) {
            assert_ne!(
                evaluate(*code, a, b).is_ok(),
                evaluate(negated, a, b).is_ok(),
                "{code:?} {a} {b}"
            );
        }
        for (a, b) in floats
            .iter()
            .flat_map(|a| floats.iter().map(move |b| (*a, *b)))
        {
            assert_ne!(
                evaluate(*code, a, b).is_ok(),
                evaluate(negated, a, b).is_ok(),
                "{code:?} {a} {b}"
            );
        }
    }
}

#[test]
fn pure_commutative_operations_commute() {
    for code in Opcode::ALL.iter().filter(|c| c.info().commutative) {
        for (a, b) in [
            (3u64, 9),
            (u64::MAX, 1),
            (1.5f64.to_bits(), 2.0f64.to_bits()),
            (i64::MIN as u64, 2),
        ] {
            assert_eq!(evaluate(*code, a, b), evaluate(*code, b, a), "{code:?}");
        }
    }
}

const LOOP: &str = "
    loop sum of 0..n
      type WInt = 2 size 16 exact leaf WInt.value
      field WInt.value = 8 i64 immutable
      target L here
      input v0: ref = r1
      guard_class(v0, WInt) @0
      v1 = getfield(v0, WInt.value)
      label L(v2 = 0, v3 = 0)
      guard_int_lt(v2, v1) @1
      v4 = int_add_ovf(v3, v2) @1
      v5 = int_add(v2, 1)
      poll() @2
      jump L(v5, v4)
      @0: [0x10:0:0+0 r1=v0] start
      @1: [0x10:1:0+0 r1=v0 r2=virtual0 r3=virtual1] start where virtual0 = WInt{WInt.value=v2}, virtual1 = WInt{WInt.value=v3}
      @2: [0x10:2:0+0 r1=v0 r2=virtual0 r3=virtual0] start where virtual0 = WInt{WInt.value=v4}
";

fn run(trace: &Trace, heap: &mut ToyHeap, inputs: &[u64]) -> (Result<End, Fault>, String) {
    let mut state = State::new(trace, inputs);
    let end = state.run(trace, heap, &mut |_| false, 10_000);
    let text = match &end {
        Ok(End::Exit { exit, pending, .. }) => observe(
            trace,
            &Layouts::of(trace),
            *exit,
            &|a| state.get(a),
            *pending,
            &[],
            heap,
        ),
        _ => String::new(),
    };
    (end, text)
}
fn boxed(heap: &mut ToyHeap, value: u64) -> u64 {
    let address = heap.add(2, 16);
    ouro_ir::irexec::Memory::store(heap, address, 8, ouro_ir::Width::I64, value)
        .expect("inside the object");
    address
}

#[test]
fn a_loop_runs_until_its_guard_leaves_with_virtual_objects() {
    let trace = trace(LOOP);
    let mut heap = ToyHeap::new();
    let n = boxed(&mut heap, 10);
    let (end, text) = run(&trace, &mut heap, &[n]);
    assert_eq!(
        end,
        Ok(End::Exit {
            op: 3,
            exit: ExitId(1),
            pending: 0
        })
    );
    assert_eq!(
        text,
        "[0x10:1:0+0 r1=o0 r2=o1 r3=o2] start\no0 = WInt value=10\no1 = WInt value=10\no2 = WInt value=45\n"
    );
    heap.polls_left = Some(3);
    let (end, text) = run(&trace, &mut heap, &[n]);
    assert_eq!(
        end,
        Ok(End::Exit {
            op: 6,
            exit: ExitId(2),
            pending: 0
        })
    );
    assert_eq!(
        text,
        "[0x10:2:0+0 r1=o0 r2=o1 r3=o1] start\no0 = WInt value=10\no1 = WInt value=6\n"
    );
    let other = heap.add(4, 16);
    assert_eq!(
        run(&trace, &mut heap, &[other]).0,
        Ok(End::Exit {
            op: 0,
            exit: ExitId(0),
            pending: 0
        })
    );
}

#[test]
fn a_recorded_loop_goes_on_at_the_start() {
    let trace = trace(
        "loop t
           type WInt = 2 size 16 exact leaf WInt.value
           field WInt.value = 8 i64 immutable
           target start start
           input v0: ref = r1
           input v1: ref = r2
           v2 = getfield(v0, WInt.value)
           guard_int_gt(v2, 0) @0
           v3 = int_sub(v2, 1)
           v4 = new(WInt)
           setfield(v4, v3, WInt.value)
           poll() @0
           jump start(v4, v0)
           @0: [0x10:0:0+0 r1=v0 r2=v1] start",
    );
    let mut heap = ToyHeap::new();
    let (a, b) = (boxed(&mut heap, 3), boxed(&mut heap, 77));
    let (_, text) = run(&trace, &mut heap, &[a, b]);
    assert_eq!(
        text,
        "[0x10:0:0+0 r1=o0 r2=o1] start\no0 = WInt value=0\no1 = WInt value=1\n"
    );
}

#[test]
fn calls_return_raise_and_leave() {
    let text = |call: &str| {
        format!(
            "loop t
               type Error = 8 size 16
               callee add = vm(int, int) -> int pure
               callee checked = vm(int, ref) -> int can_raise
               callee many = vm(int, int, int, int, int, int, int, int, float) -> int pure
               callee blend = float2(float, float) -> float pure
               v0 = new(Error)
               {call}
               @0: [0x10:0:0+0 r1=v0] start
               @1: [0x10:1:0+0] pending_raise
               @2: [0x10:2:0+0] pending_value"
        )
    };
    let mut heap = ToyHeap::new();
    let mut end = |call: &str| run(&trace(&text(call)), &mut heap, &[]);
    let finish = |op| {
        Ok(End::Exit {
            op,
            exit: ExitId(0),
            pending: 0,
        })
    };
    assert_eq!(
        end("v1 = call(5, 6, add)\n guard_int_eq(v1, 21) @0\n finish() @0").0,
        finish(3)
    );
    assert_eq!(
        end("v1 = call(10, v0, checked) @1\n guard_int_eq(v1, 5) @0\n finish() @0").0,
        finish(3)
    );
    let (raised, text) = end("v1 = call(16, v0, checked) @1\n finish() @0");
    assert!(matches!(raised, Ok(End::Exit { op: 1, exit: ExitId(1), pending }) if pending != 0));
    assert_eq!(text, "[0x10:1:0+0] raise o0\no0 = Error\n");
    assert_eq!(
        end("v1 = call_raises(16, v0, checked) @2\n guard_ptr_eq(v1, v0) @0\n finish() @0").0,
        finish(3)
    );
    let left = Ok(End::Exit {
        op: 1,
        exit: ExitId(2),
        pending: 5,
    });
    assert_eq!(
        end("v1 = call_raises(10, v0, checked) @2\n finish() @0").0,
        left
    );
    assert_eq!(
        end("v1 = call(2.0, 8.0, blend)\n guard_float_eq(v1, -7.5) @0\n finish() @0").0,
        finish(3)
    );
    let mut sum = 7u64;
    (1..=8).for_each(|n| sum = sum.wrapping_mul(31).wrapping_add(n));
    let many = format!(
        "v1 = call(1, 2, 3, 4, 5, 6, 7, 8, 0.5, many)\n guard_int_eq(v1, {}) @0\n finish() @0",
        (sum ^ 1) as i64
    );
    assert_eq!(end(&many).0, finish(3));
}

#[test]
fn a_bridge_ends_in_registers_of_the_other_trace() {
    let trace = trace(
        "bridge 0x5@3 t
           target e entry 0x5 (r4, r9)
           input v0: ref = parent v7
           input v1: int = parent v8
           guard_int_gt(v1, 0) @0
           jump e(null, v0)
           @0: [0x10:0:0+0] start",
    );
    let mut heap = ToyHeap::new();
    let object = heap.add(2, 16);
    let (end, _) = run(&trace, &mut heap, &[object, 5]);
    assert_eq!(
        end,
        Ok(End::Enter {
            token: 5,
            registers: vec![(4, 0), (9, object)]
        })
    );
}

#[test]
fn fields_of_every_width_are_cut_and_extended() {
    let trace = trace(
        "loop t
           type T = 2 size 48
           field T.a = 8 i64 mutable
           field T.b = 16 u32 mutable
           field T.c = 20 i32 mutable
           field T.d = 24 u16 mutable
           field T.e = 26 u8 mutable
           field T.f = 32 f64 mutable
           field T.g = 40 host mutable
           v0 = new(T)
           setfield(v0, -1, T.b)
           setfield(v0, -1, T.d)
           setfield(v0, -2, T.a)
           setfield(v0, 4294967293, T.c)
           setfield(v0, 511, T.e)
           setfield(v0, 1.5, T.f)
           setfield(v0, 7, T.g)
           v1 = getfield(v0, T.b)
           guard_int_eq(v1, 4294967295) @0
           v2 = getfield(v0, T.c)
           guard_int_eq(v2, -3) @0
           finish() @0
           @0: [0x10:0:0+0 r0=v0 r1=virtual0] start where virtual0 = T{T.b=-1, T.c=4294967293, T.d=-1, T.e=511, T.a=-2, T.f=1.5, T.g=7}",
    );
    let (end, text) = run(&trace, &mut ToyHeap::new(), &[]);
    assert!(matches!(end, Ok(End::Exit { op: 12, .. })), "{end:?}");
    let object = "T a=-2 b=4294967295 c=-3 d=65535 e=255 f=1.5 g=7";
    assert_eq!(
        text,
        format!("[0x10:0:0+0 r0=o0 r1=o1] start\no0 = {object}\no1 = {object}\n")
    );
}

#[test]
fn wrong_traces_have_faults_instead_of_undefined_behaviour() {
    let head = "loop t
        type Node = 6 size 32
        field Node.next = 8 ref mutable
        field Node.past = 32 i64 mutable
        array Refs = 14 len 8 items 16 ref
        field Refs.length = 8 i64 immutable
        callee collect = vm(int) -> int can_collect
        callee unknown = vm() -> none
        v0 = new(Node)
        v1 = new_array(3, Refs)";
    let fault = |body: &str| {
        let text = format!("{head}\n{body}\n finish() @0\n @0: [0x10:0:0+0 r0=v0 r1=v1] start");
        run(&trace(&text), &mut ToyHeap::new(), &[]).0.err()
    };
    assert_eq!(fault("setfield(v0, v1, Node.next)"), None);
    assert_eq!(
        fault("v2 = call(1, collect)\n setfield(v0, v1, Node.next)"),
        Some(Fault::NoBarrier)
    );
    assert_eq!(
        fault("v2 = call(1, collect)\n barrier(v0)\n setfield(v0, null, Node.next)"),
        None
    );
    assert_eq!(
        fault("barrier(v0)\n v2 = call(1, collect)\n setfield(v0, null, Node.next)"),
        Some(Fault::NoBarrier)
    );
    assert_eq!(
        fault("v2 = call(1, collect)\n setitem(v1, 0, v0, Refs)"),
        Some(Fault::NoBarrier)
    );
    assert_eq!(
        fault("v2 = call(1, collect)\n barrier_item(v1, 0, Refs)\n setitem(v1, 0, v0, Refs)"),
        None
    );
    assert_eq!(fault("setitem(v1, 3, v0, Refs)"), Some(Fault::OutOfRange));
    assert_eq!(fault("v2 = getitem(v1, -1, Refs)"), Some(Fault::OutOfRange));
    assert_eq!(fault("v2 = new_array(-1, Refs)"), Some(Fault::OutOfRange));
    assert_eq!(
        fault("v2 = getfield(v0, Node.past)"),
        Some(Fault::BadAccess)
    );
    assert_eq!(
        fault("v2 = getfield(null, Node.next)"),
        Some(Fault::BadAccess)
    );
    assert_eq!(fault("v2 = int_floordiv(1, 0)"), Some(Fault::Precondition));
    assert_eq!(fault("call(unknown)"), Some(Fault::BadCall));
    let endless = trace("loop t\n target L here\n label L()\n jump L()");
    assert_eq!(
        run(&endless, &mut ToyHeap::new(), &[]).0,
        Err(Fault::OutOfFuel)
    );
}

#[test]
fn a_trace_is_entered_behind_its_open_label() {
    let from = trace(
        "
    loop from
      target far label 0x9 (int, ref)
      input v0: ref = r1
      jump far(4, v0)
",
    );
    let to = trace(
        "
    loop to
      type WInt = 2 size 16 exact leaf WInt.value
      field WInt.value = 8 i64 immutable
      target inside open (r1 WInt, r2)
      input v0: ref = r1
      input v1: ref = r2
      v2 = getfield(v0, WInt.value)
      label inside(v3 = v2, v4 = v1)
      v5 = int_add(v3, 1)
      finish() @0
      @0: [0x10:0:0+0 r1=virtual0 r2=v4] start where virtual0 = WInt{WInt.value=v5}
",
    );
    let mut heap = ToyHeap::new();
    let object = boxed(&mut heap, 10);
    let (end, _) = run(&from, &mut heap, &[object]);
    let params = vec![4, object];
    let expected = End::EnterLabel {
        token: 9,
        params: params.clone(),
    };
    assert_eq!(end, Ok(expected));
    let mut state = State::at_open_label(&to, &params);
    let end = state.run(&to, &mut heap, &mut |_| false, 100);
    assert!(matches!(end, Ok(End::Exit { op: 3, .. })), "{end:?}");
    assert_eq!(state.get(ouro_ir::Arg::var(5)), 5);
    assert_eq!(state.get(ouro_ir::Arg::var(4)), object);
}
