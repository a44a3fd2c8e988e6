//! What the compiler makes of small sources, as text.

use crate::{Mode, Options, compile, disassemble, verify};

/// Compiles, verifies and compares with the disassembly; a function's code starts after its name.
#[track_caller]
fn check(source: &str, expected: &str) {
    let compiled = compile(source, "<test>", Mode::Exec, Options::default()).expect("it compiles");
    verify(&compiled.code).expect("it verifies");
    let text = disassemble(&compiled.code);
    let body = match text.find("\nf:\n") {
        Some(at) => &text[at + 4..],
        None => text.split_once('\n').map_or("", |(_, body)| body),
    };
    let clean = |t: &str| -> Vec<String> {
        let words = |l: &str| l.split_whitespace().collect::<Vec<_>>().join(" ");
        t.lines().map(words).filter(|l| !l.is_empty()).collect()
    };
    assert_eq!(clean(body), clean(expected), "\n{body}");
}

#[test]
fn a_loop_over_a_range_is_three_instructions_and_the_body() {
    check(
        "def f(n):\n s = 0\n for i in range(n):\n  s += i * 2\n return s\n",
        "
        2 0 LoadConst s@2, 0
        3 1 LoadGlobal r6, .range
          2 Move r7, n@1
          3 Call r4, r4, #1
          4 GetIter r4, r4
          >5 ForIter i@3, r4, -> 9
        4 6 MulK r5, i@3, 2
          7 IAdd s@2, s@2, r5
        3 8 Loop -> 5
        5 >9 Flatten s@2
          10 Return s@2",
    );
}

#[test]
fn a_local_is_flattened_only_where_something_may_have_been_added_to_it() {
    check(
        "def f(n, s):\n for i in n:\n  g(s)\n  s += i\n  g(s, s)\n s = i\n return s\n",
        "
        2 0 GetIter r4, n@1
          >1 ForIter i@3, r4, -> 12
        3 2 LoadGlobal r7, .g
          3 Move r8, s@2
          4 Call r5, r5, #1
        4 5 IAdd s@2, s@2, i@3
        5 6 LoadGlobal r7, .g
          7 Flatten s@2
          8 Move r8, s@2
          9 Move r9, s@2
          10 Call r5, r5, #2
        2 11 Loop -> 1
        6 >12 CheckBound i@3, .i
          13 Move s@2, i@3
        7 14 Return s@2",
    );
}

#[test]
fn a_bound_check_stays_only_where_a_local_may_be_unbound() {
    check(
        "def f(a):\n if a:\n  x = 1\n print(x)\n return x\n",
        "
        2 0 JumpIfFalse a@1, -> 2
        3 1 LoadConst x@2, 1
        4 >2 LoadGlobal r5, .print
          3 CheckBound x@2, .x
          4 Move r6, x@2
          5 Call r3, r3, #1
        5 6 Return x@2",
    );
}

#[test]
fn a_local_that_a_later_operand_rebinds_is_copied() {
    check(
        "def f(x):\n return x + (x := 1)\n",
        "
        2 0 Move r2, x@1
          1 LoadConst x@1, 1
          2 Add r2, r2, x@1
          3 Return r2",
    );
}

#[test]
fn c1_a_named_local_is_written_once_as_the_last_action() {
    check(
        "def f(x, y):\n x = y and x\n return x\n",
        "
        2 0 Move r3, y@2
          1 JumpIfFalse r3, -> 3
          2 Move r3, x@1
          >3 Move x@1, r3
        3 4 Return x@1",
    );
}

#[test]
fn conditions_are_jumps() {
    check(
        "def f(a, b):\n if a < 3 and not b is None or a != b: return 1\n",
        "
        2 0 JumpUnlessLtK a@1, 3, -> 2
          1 JumpIfNotNone b@2, -> 3
          >2 JumpUnlessNe a@1, b@2, -> 4
          >3 ReturnConst 1
          >4 ReturnConst None",
    );
}

#[test]
fn a_method_call_looks_at_a_local_in_place() {
    check(
        "def f(o, a):\n o.m(a, k=o.x)\n",
        "
        2 0 LoadMethod r3, o@1, .m
          1 Move r6, a@2
          2 LoadAttr r7, o@1, .x
          3 CallMethodKw r3, r3, #2, <k>
          4 ReturnConst None",
    );
}

#[test]
fn items_unpack_into_consecutive_locals() {
    check(
        "def f(d):\n for k, v in d: g(k, v)\n",
        "
        2 0 GetIter r4, d@1
          >1 ForIter r5, r4, -> 8
          2 UnpackSequence k@2, r5, #2
          3 LoadGlobal r7, .g
          4 Move r8, k@2
          5 Move r9, v@3
          6 Call r5, r5, #2
          7 Loop -> 1
          >8 ReturnConst None",
    );
}

#[test]
fn a_handler_restores_the_handled_exception_and_forgets_its_name() {
    check(
        "def f():\n try: g()\n except E as e: h(e)\n",
        "
        2 0 LoadGlobal r4, .g
          1 Call r2, r2, #0
          2 Jump -> 20
          >3 PushExc r3, r2
        3 4 LoadGlobal r4, .E
          5 JumpUnlessExcMatch r2, r4, -> 17
          6 Move e@1, r2
          7 LoadGlobal r6, .h
          8 Move r7, e@1
          9 Call r4, r4, #1
          10 PopExc r3
          11 LoadConst e@1, None
          12 DeleteLocal e@1, .e
          13 Jump -> 20
          >14 LoadConst e@1, None
          15 DeleteLocal e@1, .e
          16 Reraise r4
        2 >17 Reraise r2
          >18 PopExc r3
          19 Reraise r4
          >20 ReturnConst None
        handled 0..2 -> 3 in r2
        handled 7..10 -> 14 in r4
        handled 4..11 -> 18 in r4
        handled 14..18 -> 18 in r4",
    );
}

#[test]
fn long_straight_code_polls() {
    let source = format!("def f(a, b):\n{}", " a.x = b\n".repeat(250));
    let compiled = compile(&source, "<test>", Mode::Exec, Options::default()).expect("it compiles");
    verify(&compiled.code).expect("it verifies");
    assert_eq!(disassemble(&compiled.code).matches("Poll").count(), 2);
}

#[test]
fn constants_fold() {
    check(
        "x = (1, 'a' + 'b', -2 ** 2, not 1, 7 // -2, (3, 4))\n",
        "
        1 0 LoadConst r2, (1, \"ab\", -4, False, -4, (3, 4))
          1 StoreName r2, .x
          2 ReturnConst None",
    );
}

#[test]
fn lone_surrogates_survive_as_wtf8() {
    let compiled = compile(
        "x = '\\udc80\\ud83d\\ude00'\n",
        "<test>",
        Mode::Exec,
        Options::default(),
    )
    .expect("it compiles");
    let found = compiled.code.consts.iter().any(
        |c| matches!(c, crate::Const::Str(s) if **s == *b"\xED\xB2\x80\xED\xA0\xBD\xED\xB8\x80"),
    );
    assert!(found, "{:?}", compiled.code.consts);
}

#[test]
fn every_operation_has_its_place_in_the_table() {
    for (i, op) in crate::opcode::ALL_OPS.iter().enumerate() {
        assert_eq!(*op as usize, i);
        assert_eq!(op.info().name, format!("{op:?}"));
        assert!(!op.info().doc.is_empty());
    }
}
