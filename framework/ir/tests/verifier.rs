//! The verifier rejects each kind of fault: one small trace per rule, and faults planted into random traces.

use ouro_ir::random::{Case, Form, Rng};
use ouro_ir::{Arg, Args, Const, DescrId, Entry, ExitId, Opcode, Source, Trace, Ty, parse};

const HEAD: &str = "
    loop t
      type WInt = 2 size 16 exact leaf WInt.value
      field WInt.value = 8 i64 immutable
      field WInt.far = 16 i64 mutable
      array Refs = 4 len 8 items 16 ref
      callee f = vm(int) -> int can_raise
      callee g = vm(int) -> none
      target L here
      target L2 here
      target s start
      target E open (r1 WInt, r2)
      target E2 open (r2)
      target far label 0x9 (int, ref)
      input v0: ref = r1
      input v1: ref = r2
      v2 = getfield(v0, WInt.value)
";
const EXITS: &str = "
      @0: [0x10:0:0+0 r1=v0] start
      @1: [0x10:0:0+0 r1=v0] pending_raise
      @2: [0x10:0:0+0 r1=v0] pending_value
      @3: [0x10:0:0+0 r1=v2] start
      @4: [0x10:0:0+0 r1=v9] start
      @5: [0x10:0:0+0 r1=virtual0] start
      @6: [0x10:0:0+0 r1=virtual0] start where virtual0 = WInt{WInt.value=v0}
      @7: [0x10:0:0+0 r1=virtual0] start where virtual0 = WInt{WInt.far=v2}
      @8: [0x10:0:0+0 r1=virtual0] start where virtual0 = Refs[v2]
      @9: start
      @10: [0x10:0:0+0 r1=virtual0] value(virtual1) where virtual0 = WInt{WInt.value=v2}, virtual1 = Refs[null, virtual1]
      @11: [0x10:0:0+0 r1=v0] value(v2)
";

/// The rule that the verifier finds broken, or 0.
fn rule(body: &str) -> u8 {
    let trace = parse(&format!("{HEAD}{body}{EXITS}")).unwrap_or_else(|e| panic!("{e}"));
    let result = trace.verify();
    result.map_or_else(|e| e.rule, |()| 0)
}

#[test]
fn right_traces_pass() {
    for body in [
        "finish() @0",
        "finish() @10",
        "v3 = int_add_ovf(v2, 1) @0\n v4 = call(v3, f) @1\n call(v4, g)\n finish() @0",
        "v3 = call_raises(v2, f) @2\n keepalive(v3)\n finish() @0",
        "label L(v3 = v2, v4 = 5, v5 = null)\n guard_int_lt(v3, v4) @0\n jump L(v4, v3, v1)",
        "poll() @0\n jump s(v1, v0)",
        "label E(v3 = v2, v4 = v1)\n label L(v5 = v3)\n jump L(v5)",
        "label E(v3 = v2, v4 = v1)\n jump E(5, v4)",
        "jump far(v2, v0)",
        "at(16, 2, 0)\n v3 = new_array(v2, Refs)\n setitem(v3, 0, v0, Refs)\n finish() @0",
    ] {
        assert_eq!(rule(body), 0, "{body}");
    }
}

#[test]
fn v1_values_are_defined_above() {
    assert_eq!(
        rule("v4 = int_add(v3, 1)\n v3 = int_neg(v2)\n finish() @0"),
        1
    );
    assert_eq!(rule("v3 = int_add(v3, 1)\n finish() @0"), 1);
    assert_eq!(rule("label L(v3 = v4, v4 = v2)\n jump L(v3, v4)"), 1);
}
#[test]
fn v2_values_are_defined_once() {
    assert_eq!(rule("v2 = int_add(v2, 1)\n finish() @0"), 2);
    assert_eq!(rule("label L(v3 = v2, v3 = v2)\n jump L(v3, v3)"), 2);
}
#[test]
fn v3_operands_have_their_types() {
    for body in [
        "v3 = int_add(v0, 1)\n finish() @0",
        "v3 = int_add(1.0, 1)\n finish() @0",
        "v3 = float_add(v2, 1.0)\n finish() @0",
        "guard_null(v2) @0\n finish() @0",
        "setfield(v0, v1, WInt.value)\n finish() @0",
        "setitem(v0, 1, 2, Refs)\n finish() @0",
        "v3 = call(v0, f) @1\n finish() @0",
        "v3 = call(1, 2, f) @1\n finish() @0",
        "at(v2, 1, 1)\n finish() @0",
    ] {
        assert_eq!(rule(body), 3, "{body}");
    }
}
#[test]
fn v5_results_are_where_the_table_says() {
    assert_eq!(rule("int_add(v2, 1)\n finish() @0"), 5);
    assert_eq!(rule("v3 = call(1, g)\n finish() @0"), 5);
    assert_eq!(rule("v3 = guard_null(v0) @0\n finish() @0"), 5);
    assert_eq!(rule("call(1, f) @1\n finish() @0"), 5);
}
#[test]
fn v6_exits_are_exactly_where_a_trace_may_leave() {
    assert_eq!(rule("v3 = int_add(v2, 1) @0\n finish() @0"), 6);
    assert_eq!(rule("v3 = int_add_ovf(v2, 1)\n finish() @0"), 6);
    assert_eq!(rule("v3 = call(1, f)\n finish() @0"), 6);
    assert_eq!(rule("call(1, g) @1\n finish() @0"), 6);
    assert_eq!(rule("poll()\n finish() @0"), 6);
    assert_eq!(rule("finish()"), 6);
}
#[test]
fn v7_exits_name_what_is_there() {
    for exit in [1, 2, 3, 4, 5, 9, 11, 12] {
        assert_eq!(rule(&format!("finish() @{exit}")), 7, "exit {exit}");
    }
    assert_eq!(rule("v3 = call(1, f) @0\n finish() @0"), 7);
    assert_eq!(rule("v3 = call(1, f) @2\n finish() @0"), 7);
    assert_eq!(rule("v3 = call_raises(1, f) @1\n finish() @0"), 7);
    // The result of the operation that leaves does not exist at its exit.
    assert_eq!(rule("v9 = call_raises(1, f) @4\n finish() @0"), 7);
    assert_eq!(rule("finish() @0\n entry @3"), 7);
}
#[test]
fn v8_traces_end_once() {
    assert_eq!(rule("poll() @0"), 8);
    assert_eq!(rule("finish() @0\n poll() @0\n finish() @0"), 8);
    let empty = parse("loop t\n").expect("it is in the text form");
    assert_eq!(empty.verify().expect_err("no operations").rule, 8);
}
#[test]
fn v9_jumps_fit_their_labels() {
    for body in [
        "jump far(v0, v2)",
        "jump far(v2)",
        "label far(v3 = v2, v4 = v0)\n jump far(v3, v4)",
        "label E(v3 = v1, v4 = v1)\n jump E(v3, v4)",
        "label E(v3 = v2)\n jump E(v3)",
        "label E(v3 = v2, v4 = v1)\n label E2(v5 = v4)\n jump E2(v5)",
        "label L(v3 = v2)\n jump L()",
        "label L(v3 = v2)\n jump L(v0)",
        "label L(v3 = v2)\n jump L(v3, v3)",
        "label L(v3 = v2)\n jump L2(v3)",
        "label L(v3 = v2)\n label L(v4 = v2)\n jump L(v3)",
        "jump L(v2)",
        "jump s(v0)",
        "jump s(v0, v2)",
        "label s(v3 = v2)\n finish() @0",
    ] {
        assert_eq!(rule(body), 9, "{body}");
    }
}
#[test]
fn v10_inputs_fit_the_kind_of_trace() {
    let rule = |text: &str| {
        parse(text)
            .expect("it is in the text form")
            .verify()
            .map_or_else(|e| e.rule, |()| 0)
    };
    let end = "\n finish() @0\n @0: [0x10:0:0+0] start";
    assert_eq!(rule(&format!("loop t\n input v0: int = r1{end}")), 10);
    assert_eq!(
        rule(&format!("loop t\n input v0: ref = parent v3{end}")),
        10
    );
    assert_eq!(rule(&format!("loop t\n input v0: ref = pending{end}")), 10);
    assert_eq!(
        rule(&format!(
            "bridge 0x7@2 t\n input v0: int = parent v3\n input v1: ref = pending{end}"
        )),
        0
    );
}
#[test]
fn v11_virtual_objects_have_fields_inside_with_their_types() {
    for exit in [6, 7, 8] {
        assert_eq!(rule(&format!("finish() @{exit}")), 11, "exit {exit}");
    }
}
#[test]
fn v12_callees_fit_their_calling_convention() {
    let rule = |callee: &str| {
        let text = format!("loop t\n callee f = {callee}\n finish() @0\n @0: [0x10:0:0+0] start");
        parse(&text)
            .expect("it is in the text form")
            .verify()
            .map_or_else(|e| e.rule, |()| 0)
    };
    assert_eq!(rule("float1(float) -> float pure"), 0);
    assert_eq!(rule("float1(float, float) -> float pure"), 12);
    assert_eq!(rule("float2(float, float) -> int pure"), 12);
    assert_eq!(rule("vm(int) -> int pure can_raise"), 12);
    assert_eq!(
        rule("vm(int, int, int, int, int, int, int, int, int, int, int, int, int) -> int"),
        12
    );
}

// ---- planted faults

/// A way to break a trace at an operation; false if it does not apply there. The rules that may be reported.
type Plant = (fn(&mut Trace, usize, &mut Rng) -> bool, &'static [u8]);

const PLANTS: &[Plant] = &[
    (use_a_later_value, &[1]),
    (define_twice, &[2]),
    (wrong_constant, &[3, 9]),
    (drop_descriptor, &[4]),
    (swap_descriptor_kind, &[4]),
    (drop_result, &[5]),
    (drop_exit, &[6]),
    (add_exit, &[6]),
    (exit_without_frames, &[7]),
    (unknown_exit, &[7]),
    (exit_with_later_value, &[7]),
    (pending_entry, &[7]),
    (cut_the_end, &[8]),
    (jump_with_fewer_operands, &[9]),
    (int_input, &[5, 10, 3, 7, 9, 11]),
];

fn use_a_later_value(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let later = t.ops[at..].iter().map(|op| op.result).find(|r| r.is_some());
    let is_fixed = matches!(t.ops[at].code.info().args, Args::Fixed(types) if !types.is_empty());
    let Some(later) = later.filter(|_| is_fixed && t.ops[at].code != Opcode::At) else {
        return false;
    };
    t.ops[at].args[0] = later;
    true
}
fn define_twice(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let earlier = t.ops[..at].iter().map(|op| op.result).find(|r| r.is_some());
    match earlier {
        Some(earlier) if t.ops[at].result.is_some() => {
            let same_type = t.type_of(earlier) == t.type_of(t.ops[at].result);
            t.ops[at].result = earlier;
            same_type
        }
        _ => false,
    }
}
fn wrong_constant(t: &mut Trace, at: usize, rng: &mut Rng) -> bool {
    let args = t.args(&t.ops[at]);
    if args.is_empty() || t.ops[at].code == Opcode::Label {
        return false;
    }
    let n = rng.index(args.len());
    let wrong = match t.type_of(args[n]) {
        Ty::Int => t.float(1.0),
        Ty::Float => t.null(),
        Ty::Ref => t.int(1),
    };
    match t.ops[at].code.info().args {
        Args::Fixed(_) => t.ops[at].args[n] = wrong,
        Args::Pool => {
            let start = t.ops[at].pool().0;
            t.arg_pool[start + n] = wrong;
        }
    }
    true
}
fn drop_descriptor(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let had = t.ops[at].descr.is_some();
    t.ops[at].descr = DescrId::NONE;
    had
}
fn swap_descriptor_kind(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let had = t.ops[at].descr;
    let other = (0..t.descrs.len() as u32).map(DescrId);
    match other
        .filter(|_| had.is_some())
        .find(|d| t.descr(*d).kind() != t.descr(had).kind())
    {
        Some(other) => {
            t.ops[at].descr = other;
            true
        }
        None => false,
    }
}
fn drop_result(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let had = t.ops[at].result.is_some();
    t.ops[at].result = Arg::NONE;
    had
}
fn drop_exit(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let had = t.ops[at].exit.is_some();
    t.ops[at].exit = ExitId::NONE;
    had
}
fn add_exit(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let had = t.ops[at].exit.is_some() || t.exits.is_empty();
    t.ops[at].exit = ExitId(0);
    !had
}
fn change_exit(t: &mut Trace, at: usize, change: impl FnOnce(&mut ouro_ir::Exit)) -> bool {
    if !t.ops[at].exit.is_some() {
        return false;
    }
    let mut exit = t.exit(t.ops[at].exit).clone();
    change(&mut exit);
    t.ops[at].exit = t.add_exit(exit);
    true
}
fn exit_without_frames(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    change_exit(t, at, |exit| exit.frames.clear())
}
fn unknown_exit(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let had = t.ops[at].exit.is_some();
    t.ops[at].exit = ExitId(1 << 20);
    had
}
fn exit_with_later_value(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let later = t.ops[at..]
        .iter()
        .map(|op| op.result)
        .find(|r| r.is_some() && t.type_of(*r) == Ty::Ref);
    let Some(later) = later else { return false };
    change_exit(t, at, |exit| {
        let mut frame = (*exit.frames[0]).clone();
        frame.live.push((999, later));
        exit.frames[0] = frame.into();
    })
}
fn pending_entry(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    let raises = t.ops[at].code == Opcode::Call;
    change_exit(t, at, |exit| {
        exit.entry = if raises {
            Entry::PendingValue
        } else {
            Entry::PendingRaise
        }
    })
}
fn cut_the_end(t: &mut Trace, at: usize, _: &mut Rng) -> bool {
    t.ops.truncate(at.max(1));
    true
}
fn jump_with_fewer_operands(t: &mut Trace, _: usize, _: &mut Rng) -> bool {
    let last = t.ops.last_mut().expect("traces are not empty");
    let (start, len) = last.pool();
    if last.code != Opcode::Jump || len == 0 {
        return false;
    }
    last.set_pool(start, len - 1);
    true
}
fn int_input(t: &mut Trace, _: usize, _: &mut Rng) -> bool {
    let register = t
        .inputs
        .iter()
        .find(|i| matches!(i.source, Source::Register(_)));
    let number = register
        .and_then(|i| i.value.as_var())
        .expect("random loops have registers");
    t.value_types[number as usize] = Ty::Int;
    true
}

#[test]
fn faults_planted_into_random_traces_are_found() {
    let mut rng = Rng::new(11);
    let mut found = vec![0; PLANTS.len()];
    for seed in 0..60 {
        for form in [Form::Recorded, Form::Compiled] {
            let case = Case::new(seed, form);
            for (n, (plant, rules)) in PLANTS.iter().enumerate() {
                for _ in 0..8 {
                    let mut trace = case.trace.clone();
                    let at = rng.index(trace.ops.len());
                    if !plant(&mut trace, at, &mut rng) {
                        continue;
                    }
                    match trace.verify() {
                        Err(error) => assert!(
                            rules.contains(&error.rule),
                            "seed {seed} plant {n}: {error}"
                        ),
                        Ok(()) => panic!("seed {seed}: plant {n} at {at} was not found\n{trace}"),
                    }
                    found[n] += 1;
                }
            }
        }
    }
    assert!(found.iter().all(|n| *n >= 20), "{found:?}");
}

#[test]
fn constants_outside_of_the_table_are_found() {
    let mut trace = parse("loop t\n v0 = int_neg(5)\n finish() @0\n @0: [0x10:0:0+0] start")
        .expect("text form");
    assert_eq!(
        trace.consts.entries(),
        [Const {
            ty: Ty::Int,
            bits: 5
        }]
    );
    trace.ops[0].args[0] = Arg::constant(7);
    assert_eq!(trace.verify().expect_err("no such constant").rule, 1);
}

#[test]
fn v1_nothing_from_above_an_open_label_is_used_behind_it() {
    let open = "label E(v3 = v2, v4 = v1)";
    assert_eq!(
        rule(&format!("{open}\n v5 = int_add(v2, 1)\n jump E(v3, v4)")),
        1
    );
    assert_eq!(rule(&format!("{open}\n jump E(v3, v1)")), 1);
    // Exit 0 was right above the label.
    let twice =
        format!("guard_int_lt(v2, 9) @0\n {open}\n guard_int_lt(v3, 9) @0\n jump E(v3, v4)");
    assert_eq!(rule(&twice), 7);
}

#[test]
fn v13_stores_of_references_have_their_barrier() {
    let check = |body: &str| {
        let text = format!(
            "loop barriers
  type Node = 6 size 64
  array Refs = 14 len 8 items 16 ref
  field Node.next = 8 ref mutable
  field Node.count = 16 i64 mutable
  callee box = vm() -> ref reads allocates
  callee look = vm(ref) -> int reads
  target L here
  input v0: ref = r1
  input v1: ref = r2
{body}
  finish() @0
  @0: [0x10:4:0+0 r1=v0] start"
        );
        let trace = ouro_ir::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        trace.verify_barriers().map_err(|e| (e.op, e.rule))
    };
    let right = [
        "barrier(v0)\n setfield(v0, v1, Node.next)\n setfield(v0, null, Node.next)",
        // Numbers need none.
        "setfield(v0, 1, Node.count)",
        "v2 = new(Node)\n setfield(v2, v0, Node.next)",
        "v2 = new_array(2, Refs)\n setitem(v2, 1, v0, Refs)",
        "barrier_item(v0, 1, Refs)\n setitem(v0, 1, v1, Refs)",
        // A call that makes nothing cannot collect, nor does a poll that stays.
        "barrier(v0)\n v2 = call(v0, look)\n poll() @0\n setfield(v0, v1, Node.next)",
        "barrier(v0)\n guard_ptr_eq(v0, v1) @0\n setfield(v1, null, Node.next)",
        "guard_ptr_eq(v0, v1) @0\n barrier(v0)\n setfield(v1, null, Node.next)",
    ];
    for body in right {
        assert_eq!(check(body), Ok(()), "{body}");
    }
    let wrong = [
        ("setfield(v0, v1, Node.next)", 0),
        // The value does not matter.
        ("setfield(v0, null, Node.next)", 0),
        ("barrier(v1)\n setfield(v0, v1, Node.next)", 1),
        ("barrier_item(v0, 1, Refs)\n setitem(v0, 0, v1, Refs)", 1),
        (
            "barrier(v0)\n v2 = call(box)\n setfield(v0, v2, Node.next)",
            2,
        ),
        (
            "v2 = new(Node)\n v3 = call(box)\n setfield(v2, v3, Node.next)",
            2,
        ),
    ];
    for (body, op) in wrong {
        assert_eq!(check(body), Err((Some(op), 13)), "{body}");
    }
}

#[test]
fn v13_a_barrier_in_front_of_a_loop_holds_if_the_way_round_keeps_it() {
    let check = |body: &str, target: &str| {
        let text = format!(
            "loop barriers
  type Node = 6 size 64
  field Node.next = 8 ref mutable
  callee box = vm() -> ref reads allocates
  target L {target}
  input v0: ref = r1
  barrier(v0)
  label L(v1 = v0)
  setfield(v0, null, Node.next)
  {body}
  poll() @0
  jump L(v1)
  @0: [0x10:4:0+0 r1=v0] start"
        );
        let trace = ouro_ir::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        trace.verify_barriers().map_err(|e| e.op)
    };
    assert_eq!(check("keepalive(v0)", "here"), Ok(()));
    assert_eq!(check("v2 = call(box)", "here"), Err(Some(2)));
}
