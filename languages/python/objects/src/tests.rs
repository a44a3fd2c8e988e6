//! Tests of the runtime on a bootstrapped VM without guest code.

use crate::class::class_flags;
use crate::*;
use ouro_gc::{COLLECTORS, Config, Gc, Heap};
use ouro_machine::Hooks;

/// A VM whose guest code never runs.
pub(crate) fn vm() -> &'static Vm {
    let heap = Heap::new(Config::default(), COLLECTORS, boot::types()).expect("a heap");
    let hooks = Hooks {
        run: |_, _, _, _| panic!("no guest code runs in these tests"),
        hot: None,
        called_code_left: None,
        invalidate: None,
    };
    boot::new_vm(heap, hooks)
}
fn text(vm: &'static Vm, r: PyResult) -> String {
    match r {
        Ok(v) => operator::repr_text(vm, v).expect("repr"),
        Err(e) => format!(
            "{}: {}",
            type_of(vm, e).text(),
            operator::str_text(vm, e).expect("str")
        ),
    }
}
fn int(vm: &'static Vm, v: i64) -> Gc {
    int::new(vm, v)
}
fn big(vm: &'static Vm, digits: &str) -> Gc {
    int_text::parse_object(vm, digits.as_bytes(), 10, vm.world().none).expect("an int")
}
fn s(vm: &'static Vm, t: &str) -> Gc {
    str::new(vm, t)
}
fn method(vm: &'static Vm, o: Gc, name: &str, args: &[Gc]) -> String {
    text(vm, call::call_text(vm, o, name, args))
}
fn builtin(vm: &'static Vm, name: &str, args: &[Gc]) -> String {
    let f = dict::get_text(vm, vm.world().builtins.get(), name)
        .expect("get")
        .expect("a builtin");
    text(vm, call::call_args(vm, f, args))
}

#[test]
fn ints_of_any_size_compute_and_print() {
    let vm = vm();
    let op = |op, a, b| text(vm, operator::binary(vm, op, a, b));
    assert_eq!(
        op(BinOp::Add, int(vm, i64::MAX), int(vm, 1)),
        "9223372036854775808"
    );
    assert_eq!(
        op(BinOp::Sub, big(vm, "9223372036854775808"), int(vm, 1)),
        "9223372036854775807"
    );
    assert_eq!(op(BinOp::FloorDiv, int(vm, -7), int(vm, 2)), "-4");
    assert_eq!(op(BinOp::Mod, int(vm, -7), int(vm, 2)), "1");
    assert_eq!(
        op(BinOp::DivMod, big(vm, "-100000000000000000000"), int(vm, 7)),
        "(-14285714285714285715, 5)"
    );
    assert_eq!(
        op(BinOp::FloorDiv, int(vm, i64::MIN), int(vm, -1)),
        "9223372036854775808"
    );
    assert_eq!(
        op(BinOp::Pow, int(vm, 2), int(vm, 100)),
        "1267650600228229401496703205376"
    );
    assert_eq!(op(BinOp::Pow, int(vm, 2), int(vm, -1)), "0.5");
    assert_eq!(
        op(BinOp::RShift, big(vm, "-100000000000000000001"), int(vm, 3)),
        "-12500000000000000001"
    );
    assert_eq!(
        op(BinOp::And, big(vm, "-100000000000000000001"), int(vm, 255)),
        "255"
    );
    assert_eq!(
        op(BinOp::TrueDiv, int(vm, 1), int(vm, 3)),
        "0.3333333333333333"
    );
    assert_eq!(
        op(
            BinOp::TrueDiv,
            big(vm, "1000000000000000000000000"),
            int(vm, 3)
        ),
        "3.333333333333333e+23"
    );
    assert_eq!(
        op(BinOp::TrueDiv, int(vm, 1), int(vm, 0)),
        "ZeroDivisionError: division by zero"
    );
    assert_eq!(
        op(BinOp::LShift, int(vm, 1), int(vm, -1)),
        "ValueError: negative shift count"
    );
    assert_eq!(
        builtin(vm, "pow", &[int(vm, 3), int(vm, -1), int(vm, 7)]),
        "5"
    );
    assert_eq!(method(vm, int(vm, 1024), "bit_length", &[]), "11");
    assert_eq!(
        method(vm, int(vm, -2), "to_bytes", &[int(vm, 2), s(vm, "big")]),
        "OverflowError: can't convert negative int to unsigned"
    );
    assert_eq!(
        method(vm, int(vm, 258), "to_bytes", &[int(vm, 3), s(vm, "little")]),
        r"b'\x02\x01\x00'"
    );
}
#[test]
fn hashes_are_those_of_cpython() {
    let vm = vm();
    let hash = |o| operator::hash(vm, o).expect("hashable");
    assert_eq!(hash(int(vm, -1)), -2);
    assert_eq!(hash(big(vm, "2305843009213693951")), 0);
    assert_eq!(hash(float::new(vm, 0.5)), 1152921504606846976);
    assert_eq!(hash(float::new(vm, 1e300)), 1224995262755759164);
    assert_eq!(hash(float::new(vm, 3.0)), 3);
    assert_eq!(
        hash(tuple::new(vm, &[int(vm, 1), int(vm, 2)])),
        -3550055125485641917
    );
    assert_eq!(hash(vm.world().empty_tuple), 5740354900026072187);
}
#[test]
fn floats_print_as_repr_does() {
    let vm = vm();
    let repr = |v: f64| text(vm, Ok(float::new(vm, v)));
    let cases = [
        (0.1, "0.1"),
        (1.0, "1.0"),
        (1e16, "1e+16"),
        (123456789012345680.0, "1.2345678901234568e+17"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
        (-0.0, "-0.0"),
        (f64::NAN, "nan"),
        (f64::NEG_INFINITY, "-inf"),
        (5e-324, "5e-324"),
        (1e22, "1e+22"),
        (9999999999999998.0, "9999999999999998.0"),
    ];
    for (v, expected) in cases {
        assert_eq!(repr(v), expected);
    }
    assert_eq!(
        builtin(vm, "round", &[float::new(vm, 2.675), int(vm, 2)]),
        "2.67"
    );
    assert_eq!(builtin(vm, "round", &[float::new(vm, 2.5)]), "2");
    assert_eq!(
        builtin(vm, "round", &[float::new(vm, 1250.0), int(vm, -2)]),
        "1200.0"
    );
    let op = |op, a: f64, b: f64| {
        text(
            vm,
            operator::binary(vm, op, float::new(vm, a), float::new(vm, b)),
        )
    };
    assert_eq!(op(BinOp::Mod, -1.0, 3.0), "2.0");
    assert_eq!(op(BinOp::FloorDiv, -1.0, 3.0), "-1.0");
    assert_eq!(
        op(BinOp::Pow, -8.0, 1.0 / 3.0),
        "(1.0000000000000002+1.7320508075688772j)"
    );
    assert_eq!(
        op(BinOp::Pow, 10.0, 400.0),
        "OverflowError: (34, 'Numerical result out of range')"
    );
    assert_eq!(float::parse("1_0.5e1"), Some(105.0));
    assert_eq!(float::parse("1__0"), None);
}
#[test]
fn strs_format_and_split() {
    let vm = vm();
    let f = |v: Gc, spec: &str| text(vm, operator::format(vm, v, s(vm, spec)));
    assert_eq!(f(int(vm, 1234567), ",d"), "'1,234,567'");
    assert_eq!(f(int(vm, 255), "#010x"), "'0x000000ff'");
    assert_eq!(f(int(vm, -5), "+05d"), "'-0005'");
    assert_eq!(f(int(vm, 1234), "010,d"), "'00,001,234'");
    assert_eq!(f(float::new(vm, 3.14159), ".2f"), "'3.14'");
    assert_eq!(f(float::new(vm, 1234567.891), ",.1f"), "'1,234,567.9'");
    assert_eq!(f(float::new(vm, 0.00001234), "g"), "'1.234e-05'");
    assert_eq!(f(float::new(vm, 100000.0), ""), "'100000.0'");
    assert_eq!(f(float::new(vm, 0.5), ".0%"), "'50%'");
    assert_eq!(f(s(vm, "ab"), "*^6"), "'**ab**'");
    assert_eq!(
        f(s(vm, "ab"), "d"),
        "ValueError: Unknown format code 'd' for object of type 'str'"
    );
    let percent = |t: &str, v: Gc| text(vm, operator::binary(vm, BinOp::Mod, s(vm, t), v));
    assert_eq!(
        percent(
            "%5.1f|%-4d|%s",
            tuple::new(vm, &[float::new(vm, 2.25), int(vm, 7), s(vm, "x")])
        ),
        "'  2.2|7   |x'"
    );
    assert_eq!(
        percent("%d", s(vm, "x")),
        "TypeError: %d format: a real number is required, not str"
    );
    assert_eq!(
        percent("%s %s", int(vm, 1)),
        "TypeError: not enough arguments for format string"
    );
    assert_eq!(
        method(
            vm,
            s(vm, "{0:>{1}}|{x!r}"),
            "format",
            &[int(vm, 1), int(vm, 3)]
        ),
        "KeyError: 'x'"
    );
    assert_eq!(
        method(
            vm,
            s(vm, "{:>{}}|{}"),
            "format",
            &[int(vm, 1), int(vm, 3), s(vm, "é")]
        ),
        "'  1|é'"
    );
    assert_eq!(
        method(vm, s(vm, " a  b c "), "split", &[]),
        "['a', 'b', 'c']"
    );
    assert_eq!(
        method(vm, s(vm, "a,b,,c"), "rsplit", &[s(vm, ","), int(vm, 2)]),
        "['a,b', '', 'c']"
    );
    assert_eq!(method(vm, s(vm, "ΑΣ"), "lower", &[]), "'ας'");
    assert_eq!(
        method(
            vm,
            s(vm, "abcabc"),
            "replace",
            &[s(vm, "b"), s(vm, "--"), int(vm, 1)]
        ),
        "'a--cabc'"
    );
    assert_eq!(method(vm, s(vm, "héllo"), "find", &[s(vm, "l")]), "2");
    assert_eq!(
        text(vm, operator::get_item(vm, s(vm, "héllo"), int(vm, -4))),
        "'é'"
    );
    assert_eq!(text(vm, Ok(s(vm, "it's\n\u{200b}"))), r#""it's\n\u200b""#);
    assert_eq!(
        method(vm, s(vm, "a\r\nb\n"), "splitlines", &[]),
        "['a', 'b']"
    );
}
#[test]
fn lists_change_their_strategy_without_being_seen() {
    let vm = vm();
    let l = list::new(vm, &[int(vm, 3), int(vm, 1), int(vm, 2)]);
    assert_eq!(list::strategy(l), list::Strategy::Ints);
    assert_eq!(method(vm, l, "sort", &[]), "None");
    list::append(vm, l, float::new(vm, 0.5)).expect("append");
    assert_eq!(list::strategy(l), list::Strategy::Refs);
    assert_eq!(text(vm, Ok(l)), "[1, 2, 3, 0.5]");
    assert_eq!(method(vm, l, "insert", &[int(vm, 1), s(vm, "x")]), "None");
    assert_eq!(method(vm, l, "pop", &[int(vm, 0)]), "1");
    assert_eq!(text(vm, Ok(l)), "['x', 2, 3, 0.5]");
    assert_eq!(
        method(vm, l, "sort", &[]),
        "TypeError: '<' not supported between instances of 'int' and 'str'"
    );
    assert_eq!(list::len(l), 4);
    let other = list::repeat(vm, list::new(vm, &[int(vm, 1)]), 3).expect("repeat");
    list::splice(vm, other, 1, 2, &[s(vm, "a"), s(vm, "b")]).expect("splice");
    assert_eq!(text(vm, Ok(other)), "[1, 'a', 'b', 1]");
    list::append(vm, other, other).expect("append");
    assert_eq!(text(vm, Ok(other)), "[1, 'a', 'b', 1, [...]]");
    assert_eq!(
        text(vm, operator::get_item(vm, other, int(vm, 9))),
        "IndexError: list index out of range"
    );
}
#[test]
fn dicts_keep_order_through_growth_and_removal() {
    let vm = vm();
    let d = dict::new(vm);
    for i in 0..1000 {
        dict::set(vm, d, int(vm, i), int(vm, i * i)).expect("set");
    }
    for i in (0..1000).filter(|i| i % 3 != 0) {
        assert!(dict::remove(vm, d, int(vm, i)).expect("remove").is_some());
    }
    for i in 1000..1010 {
        dict::set(vm, d, int(vm, i), int(vm, 0)).expect("set");
    }
    assert_eq!(dict::len(d), 344);
    let mut at = 0;
    let mut keys = Vec::new();
    while let Some((k, _)) = dict::next(d, &mut at) {
        keys.push(int::small(k).expect("an int"));
    }
    let expected: Vec<i64> = (0..1000).filter(|i| i % 3 == 0).chain(1000..1010).collect();
    assert_eq!(keys, expected);
    assert_eq!(
        text(vm, operator::get_item(vm, d, float::new(vm, 9.0))),
        "81"
    );
    assert_eq!(
        text(vm, operator::get_item(vm, d, int(vm, 1))),
        "KeyError: 1"
    );
    assert_eq!(
        text(vm, operator::get_item(vm, d, list::empty(vm))),
        "TypeError: unhashable type: 'list'"
    );
}
#[test]
fn classes_are_made_and_found_along_the_mro() {
    let vm = vm();
    let type_ = vm.world().classes.type_;
    let make = |name: &str, bases: &[Gc], ns: &[(&str, Gc)]| {
        let d = dict::new(vm);
        ns.iter().for_each(|(k, v)| dict::set_text(vm, d, k, *v));
        call::call_args(vm, type_.gc(), &[s(vm, name), tuple::new(vm, bases), d])
    };
    let a = make("A", &[], &[("x", int(vm, 1))]).expect("A");
    let b = make("B", &[a], &[]).expect("B");
    let c = make("C", &[a], &[("x", int(vm, 2))]).expect("C");
    let d = make("D", &[b, c], &[]).expect("D");
    assert_eq!(text(vm, attribute::get_text(vm, d, "x")), "2");
    assert_eq!(
        text(vm, attribute::get_text(vm, d, "__mro__")),
        "(<class 'D'>, <class 'B'>, <class 'C'>, <class 'A'>, <class 'object'>)"
    );
    assert!(
        text(vm, make("E", &[a, d], &[]))
            .starts_with("TypeError: Cannot create a consistent method resolution")
    );
    let o = call::call_args(vm, d, &[]).expect("an instance");
    let x = str::intern(vm, "x");
    assert_eq!(text(vm, attribute::get_attr(vm, o, x)), "2");
    attribute::set_attr(vm, o, x, int(vm, 5)).expect("set");
    assert_eq!(text(vm, attribute::get_attr(vm, o, x)), "5");
    attribute::del_attr(vm, o, x).expect("delete");
    assert_eq!(text(vm, attribute::get_attr(vm, o, x)), "2");
    assert_eq!(
        text(vm, attribute::get_text(vm, o, "y")),
        "AttributeError: 'D' object has no attribute 'y'"
    );
    let version = type_of(vm, o).quasi.version();
    attribute::set_attr(vm, a, str::intern(vm, "z"), int(vm, 9)).expect("set");
    assert_ne!(version, type_of(vm, o).quasi.version(), "C1");
    assert_eq!(text(vm, attribute::get_text(vm, o, "z")), "9");
    for i in 0..100 {
        attribute::set_attr(vm, o, str::intern(vm, &format!("a{i}")), int(vm, i)).expect("set");
    }
    assert_eq!(text(vm, attribute::get_text(vm, o, "a77")), "77");
    assert!(type_of(vm, o).has(class_flags::HAS_DICT));
    assert_eq!(
        text(vm, make("S", &[vm.world().classes.bool_.gc()], &[])),
        "TypeError: type 'bool' is not an acceptable base type"
    );
}
#[test]
fn subclasses_of_builtins_have_a_payload() {
    let vm = vm();
    let c = &vm.world().classes;
    let make = |base: Gc| {
        call::call_args(
            vm,
            c.type_.gc(),
            &[s(vm, "L"), tuple::new(vm, &[base]), dict::new(vm)],
        )
        .expect("a class")
    };
    let l = call::call_args(
        vm,
        make(c.list.gc()),
        &[tuple::new(vm, &[int(vm, 1), int(vm, 2)])],
    )
    .expect("a list");
    assert_eq!(method(vm, l, "append", &[int(vm, 3)]), "None");
    assert_eq!(text(vm, Ok(l)), "[1, 2, 3]");
    assert_eq!(operator::len(vm, l).expect("len"), 3);
    assert_eq!(type_of(vm, l).text(), "L");
    let i = call::call_args(vm, make(c.int.gc()), &[int(vm, 40)]).expect("an int");
    assert_eq!(
        text(vm, operator::binary(vm, BinOp::Add, i, int(vm, 2))),
        "42"
    );
    let d = call::call_args(vm, make(c.dict.gc()), &[]).expect("a dict");
    operator::set_item(vm, d, s(vm, "k"), i).expect("set");
    assert_eq!(text(vm, Ok(d)), "{'k': 40}");
    let e = call::call_args(vm, make(c.key_error.gc()), &[s(vm, "m")]).expect("an exception");
    assert_eq!(text(vm, Ok(e)), "L('m')");
    assert!(error::is_instance_of(vm, e, c.lookup_error));
}
#[test]
fn slots_are_fixed() {
    let vm = vm();
    let d = dict::new(vm);
    dict::set_text(
        vm,
        d,
        "__slots__",
        tuple::new(vm, &[s(vm, "p"), s(vm, "q")]),
    );
    let class = call::call_args(
        vm,
        vm.world().classes.type_.gc(),
        &[s(vm, "P"), vm.world().empty_tuple, d],
    )
    .expect("a class");
    let o = call::call_args(vm, class, &[]).expect("an instance");
    let name = |n: &str| str::intern(vm, n);
    attribute::set_attr(vm, o, name("p"), int(vm, 1)).expect("set");
    assert_eq!(text(vm, attribute::get_attr(vm, o, name("p"))), "1");
    assert_eq!(
        text(vm, attribute::get_attr(vm, o, name("q"))),
        "AttributeError: 'P' object has no attribute 'q'"
    );
    let e = attribute::set_attr(vm, o, name("r"), int(vm, 1)).map(|()| vm.world().none);
    assert_eq!(
        text(vm, e),
        "AttributeError: 'P' object has no attribute 'r'"
    );
    let map = o.get(layout::WInst::MAP).expect();
    assert!(matches!(
        map.load_answer(vm, name("p")),
        Answer::Slot(0 | 1)
    ));
}
#[test]
fn exceptions_have_their_texts() {
    let vm = vm();
    let c = &vm.world().classes;
    assert_eq!(
        text(vm, Err(os_error_of(vm, libc::ENOENT))),
        "FileNotFoundError: [Errno 2] No such file or directory: 'f'"
    );
    let made = call::call_args(
        vm,
        c.os_error.gc(),
        &[int(vm, libc::EACCES as i64), s(vm, "denied")],
    )
    .expect("an OSError");
    assert_eq!(type_of(vm, made).text(), "PermissionError");
    let e = vm.key_error(s(vm, "k"));
    assert_eq!(text(vm, Err(e)), "KeyError: 'k'");
    assert_eq!(text(vm, Ok(e)), "KeyError('k')");
    assert_eq!(
        text(
            vm,
            attribute::get_text(vm, vm.stop_iteration(int(vm, 4)), "value")
        ),
        "4"
    );
    let group = call::call_args(
        vm,
        c.exception_group.gc(),
        &[s(vm, "g"), list::new(vm, &[e])],
    )
    .expect("a group");
    assert_eq!(text(vm, Err(group)), "ExceptionGroup: g (1 sub-exception)");
    let (matched, rest) = exception::split_group(vm, group, c.lookup_error.gc()).expect("split");
    assert!(!matched.is_null() && rest.is_null());
}
fn os_error_of(vm: &'static Vm, errno: i32) -> Gc {
    error::os_error_from(vm, errno, Some(str::new(vm, "f")))
}
#[test]
fn builtins_report_wrong_calls_as_cpython_does() {
    let vm = vm();
    let none = vm.world().none;
    assert_eq!(
        builtin(vm, "len", &[]),
        "TypeError: len() takes exactly one argument (0 given)"
    );
    assert_eq!(
        builtin(vm, "len", &[none]),
        "TypeError: object of type 'NoneType' has no len()"
    );
    assert_eq!(
        builtin(vm, "getattr", &[none]),
        "TypeError: getattr expected at least 2 arguments, got 1"
    );
    assert_eq!(
        method(vm, list::empty(vm), "append", &[]),
        "TypeError: list.append() takes exactly one argument (0 given)"
    );
    assert_eq!(
        method(vm, list::empty(vm), "pop", &[none, none]),
        "TypeError: pop expected at most 1 argument, got 2"
    );
    assert_eq!(
        text(vm, operator::binary(vm, BinOp::Add, int(vm, 1), s(vm, ""))),
        "TypeError: unsupported operand type(s) for +: 'int' and 'str'"
    );
    assert_eq!(
        text(vm, operator::binary(vm, BinOp::Add, s(vm, ""), int(vm, 1))),
        "TypeError: can only concatenate str (not \"int\") to str"
    );
    assert_eq!(
        text(vm, call::call_args(vm, int(vm, 1), &[])),
        "TypeError: 'int' object is not callable"
    );
    assert_eq!(
        builtin(vm, "int", &[s(vm, "12x")]),
        "ValueError: invalid literal for int() with base 10: '12x'"
    );
    assert_eq!(builtin(vm, "sum", &[list::from_ints(vm, &[1, 2, 3])]), "6");
    assert_eq!(
        builtin(vm, "sorted", &[tuple::new(vm, &[s(vm, "b"), s(vm, "a")])]),
        "['a', 'b']"
    );
    assert_eq!(
        builtin(vm, "max", &[list::empty(vm)]),
        "ValueError: max() arg is an empty sequence"
    );
    assert_eq!(
        builtin(vm, "object", &[int(vm, 1)]),
        "TypeError: object() takes no arguments"
    );
}
#[test]
fn module_namespaces_hide_their_cells() {
    let vm = vm();
    let m = module::new(vm, "m");
    module::set(vm, m, "x", int(vm, 1));
    let d = m.get(layout::WModule::DICT);
    let x = str::intern(vm, "x");
    let Answer::Global(cell) = lookup::global_answer(vm, d, x) else {
        panic!("a global has a cell")
    };
    let structure = d.get(layout::WDict::STRUCTURE).expect();
    let version = structure.version();
    module::set(vm, m, "x", int(vm, 2));
    assert_eq!(version, structure.version());
    assert_eq!(text(vm, Ok(cell.get(layout::WGlobalCell::VALUE))), "2");
    assert_eq!(text(vm, attribute::get_attr(vm, m, x)), "2");
    module::set(vm, m, "y", int(vm, 3));
    assert_ne!(version, structure.version());
    dict::remove(vm, d, x).expect("remove");
    assert!(cell.get(layout::WGlobalCell::VALUE).is_null());
    assert!(matches!(
        lookup::global_answer(vm, d, str::intern(vm, "len")),
        Answer::Global(_)
    ));
    assert_eq!(
        text(vm, attribute::get_attr(vm, m, x)),
        "AttributeError: module 'm' has no attribute 'x'"
    );
}
#[test]
fn objects_survive_collections_at_every_poll() {
    let config = Config {
        stress: 1,
        poison: true,
        ..Config::default()
    };
    let heap = Heap::new(config, COLLECTORS, boot::types()).expect("a heap");
    let hooks = Hooks {
        run: |_, _, _, _| panic!("no guest code runs in these tests"),
        hot: None,
        called_code_left: None,
        invalidate: None,
    };
    let vm = boot::new_vm(heap, hooks);
    let mut kept = Temps::new(vm);
    for i in 0..50 {
        kept.push(s(vm, &format!("string {i}")));
        vm.heap.poll_slow();
    }
    for (i, &k) in kept.iter().enumerate() {
        assert_eq!(str::to_text(k), format!("string {i}"));
    }
    assert_eq!(builtin(vm, "len", &[s(vm, "abc")]), "3");
    assert!(text(vm, builtins::dir(vm, int(vm, 1))).contains("'bit_length'"));
}
