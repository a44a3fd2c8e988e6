//! The text form: details that random traces do not have, errors, and the expectation helper.

use ouro_ir::text::check;
use ouro_ir::{DescrId, LabelTarget, Opcode, Trace, TraceKind, Ty, parse};

const SMALL: &str = "
    loop small, with a comma
      // A comment.
      type WInt = 2 size 16 exact leaf WInt.value
      field WInt.value = 8 i64 immutable
      callee f = vm(int) -> none reads writes (WInt.value, Refs)
      target L0 here
      input v0: ref = r1

      v1 = getfield(v0, WInt.value)
      label L0(v2 = v1, v3 = -0.0)
      call(v2, f)
      v4 = float_add(v3, 1e300)
      poll() @0
      jump L0(7, v4)
      @0: [0x10:4:1+0 r1=v0] [0x20:0:0+8 r0=virtual1 r65535=null] raise(virtual0) where virtual0 = WInt{WInt.value=v2}, virtual1 = WInt{}
      entry @0";

#[test]
fn text_comes_back_without_comments_and_blank_lines() {
    let text = SMALL.replace("entry @0", "").replace(
        "virtual0 = WInt{WInt.value=v2}",
        "virtual0 = WInt{WInt.value=5}",
    );
    check(&text, &text, |trace| trace);
}

#[test]
#[should_panic(expected = "expected: v4 = float_add(v3, 1e300)")]
fn check_notices_a_difference() {
    let text = SMALL.replace("entry @0", "");
    check(&text, &text, |mut trace| {
        let at = trace
            .ops
            .iter()
            .position(|op| op.code == Opcode::FloatAdd)
            .expect("it is there");
        trace.ops[at].code = Opcode::FloatSub;
        trace
    });
}

#[test]
#[should_panic(expected = "output: V1")]
fn check_verifies_the_output() {
    let text = SMALL.replace("entry @0", "");
    check(&text, &text, |mut trace| {
        trace.ops.remove(0);
        trace
    });
}

#[test]
fn constants_keep_their_bits() {
    let mut trace = Trace::new("constants", TraceKind::Loop);
    let floats = [
        0x7ff8_0000_0000_0001,
        0xfff8_0000_0000_0000,
        0x8000_0000_0000_0000,
        1,
        f64::INFINITY.to_bits(),
    ];
    let mut args = vec![
        trace.int(i64::MIN),
        trace.int(-1),
        trace.null(),
        trace.reference(0x7f12_3456_7890),
    ];
    args.extend(floats.map(|bits| trace.consts.intern(Ty::Float, bits)));
    args.extend([f64::NAN, 0.1, f64::MAX, f64::MIN_POSITIVE, 1e-7].map(|f| trace.float(f)));
    let label = trace.add_label("L");
    trace.push_label(&args, label);
    trace.push_pool(Opcode::Jump, &args, label, ouro_ir::ExitId::NONE);
    trace.verify().expect("it is right");
    let parsed = parse(&trace.to_string()).expect("printed traces parse");
    let bits = |t: &Trace| {
        t.args(&t.ops[0])
            .iter()
            .map(|a| t.constant(*a))
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&parsed), bits(&trace));
}

#[test]
fn descriptors_with_one_name_are_told_apart() {
    let text = "
    loop t
      type Instance = 2 size 32
      type Instance = 4 size 32
      field Instance.slot = 8 ref mutable
      field Instance.slot = 8 i64 mutable
      target a entry 0x7 (r1)
      target start start
      v0 = new(Instance~1)
      setfield(v0, 5, Instance.slot~3)
      jump a(v0)";
    check(text, text, |trace| {
        assert_eq!(trace.type_descr(trace.ops[0].descr).type_id, 4);
        assert_eq!(trace.ops[1].descr, DescrId(3));
        assert_eq!(trace.label(DescrId(5)).target, LabelTarget::Start);
        trace
    });
}

#[test]
fn open_labels_and_jumps_to_them_round_trip() {
    let text = "
    loop t
      type WInt = 2 size 16 leaf WInt.value
      field WInt.value = 8 i64 immutable
      target inside open (r0 WInt, r7)
      target far label 0x7 (int, ref, float)
      input v0: ref = r0 seen WInt
      v1 = getfield(v0, WInt.value)
      label inside(v2 = v1, v3 = v0)
      jump far(v2, v3, 1.5)";
    check(text, text, |trace| {
        trace.verify().expect("it is right");
        let (at, params) = trace.open_label().expect("there is one");
        assert_eq!(trace.seen, [(trace.inputs[0].value, DescrId(0))]);
        assert_eq!((at, params[0].register, params[1].register), (1, 0, 7));
        assert_eq!(
            (params[0].class, params[1].class),
            (DescrId(0), DescrId::NONE)
        );
        trace
    });
}

#[test]
fn names_with_syntax_in_them_are_printed_as_words() {
    let mut trace = Trace::new("two\nlines", TraceKind::Loop);
    let names = ["<lambda> (x=1)", "", "a,b"];
    for name in names {
        trace.add_label(name);
    }
    let exit = ouro_ir::Frame {
        code: 1,
        pc: 2,
        step: 3,
        base: 4,
        live: Default::default(),
    };
    let entry = ouro_ir::Entry::Start;
    let exit = trace.add_exit(ouro_ir::Exit {
        frames: [exit.into()].into_iter().collect(),
        entry,
        virtuals: vec![],
    });
    trace.guard(Opcode::Finish, &[], exit);
    let text = trace.to_string();
    assert_eq!(
        parse(&text).expect("printed traces parse").to_string(),
        text
    );
}

#[test]
fn errors_name_the_line() {
    for (text, line, message) in [
        ("loop t\n v0 = int_jump(1)", 2, "no operation int_jump"),
        ("loop t\n\n v0 = int_add(1)", 3, "needs 2 operands"),
        ("loop t\n v0 = getfield(v1, A.b)", 2, "no descriptor A.b"),
        (
            "loop t\n type A = 2 size 16\n v0 = getfield(v1, A)",
            3,
            "needs a descriptor of kind Field",
        ),
        ("loop t\n field A.b = 8 i65 mutable", 2, "no width i65"),
        ("loop t\n poll() @0 @1", 2, "left over"),
        ("loop t\n @1: start", 2, "without gaps"),
        ("loop t\n poll( @0", 2, "expected"),
        ("loop t\n v0 = int_neg(x)", 2, "x is not an operand"),
        ("bridge 7 t", 1, "expected `@`"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn every_operation_has_its_own_name() {
    for code in Opcode::ALL {
        assert_eq!(Opcode::from_text(code.info().text), Some(*code));
        assert_eq!(Opcode::ALL[*code as usize], *code);
    }
}

#[test]
fn moved_constants_are_found_under_their_new_address() {
    let mut trace = Trace::new("t", TraceKind::Loop);
    let (a, b, n) = (
        trace.reference(0x1000),
        trace.reference(0x2000),
        trace.int(0x1000),
    );
    trace.consts.visit_refs(|bits| *bits += 0x1000);
    assert_eq!((trace.reference(0x3000), trace.int(0x1000)), (b, n));
    assert_eq!(trace.constant(a).map(|c| c.bits), Some(0x2000));
    assert_eq!(trace.reference(0x2000), a);
}

#[test]
fn guest_calls_and_returns_come_back() {
    let text = "
    loop calls
      type WInt = 2 size 16 exact leaf WInt.value
      field WInt.value = 8 i64 immutable
      callee f = guest 0x7f00 (boxed, 2) (int, ref, int) -> int reads can_raise can_collect allocates writes all
      input v0: ref = r0
      v1 = call(256, v0, 7, f) @0
      return_leaf(v1, WInt) @1
      @0: [0x10:4:1+0 r0=v0] pending_raise
      @1: [0x10:5:0+0 r0=v0 r1=virtual0] start where virtual0 = WInt{WInt.value=v1}";
    check(text, text, |trace| trace);
    let trace = parse(text).expect("a trace");
    trace.verify().expect("a right trace");
    let wrong = text.replace("return_leaf(v1, WInt)", "return(v1)");
    let error = parse(&wrong)
        .expect("it parses")
        .verify()
        .expect_err("an int is returned as a reference");
    assert!(error.to_string().contains("int"), "{error}");
}
