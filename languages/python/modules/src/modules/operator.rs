//! `_operator`: the operators as functions. The getters and callers are Python source beside this file.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, fn3};
use ouro_py_objects::{BinOp, BuiltinDef, CmpOp, Errors, PyResult, Special, Vm, operator as op};

macro_rules! binary {
    ($name:literal, $op:ident) => {
        fn2($name, |vm, a, b| op::binary(vm, BinOp::$op, a, b))
    };
}
macro_rules! in_place {
    ($name:literal, $op:ident) => {
        fn2($name, |vm, a, b| op::inplace(vm, BinOp::$op, a, b))
    };
}
macro_rules! compare {
    ($name:literal, $op:ident) => {
        fn2($name, |vm, a, b| op::compare(vm, CmpOp::$op, a, b))
    };
}
macro_rules! unary {
    ($name:literal, $op:ident) => {
        fn1($name, |vm, a| op::unary(vm, Special::$op, a))
    };
}
static FUNCTIONS: &[BuiltinDef] = &[
    binary!("add", Add),
    binary!("sub", Sub),
    binary!("mul", Mul),
    binary!("matmul", MatMul),
    binary!("truediv", TrueDiv),
    binary!("floordiv", FloorDiv),
    binary!("mod", Mod),
    binary!("pow", Pow),
    binary!("lshift", LShift),
    binary!("rshift", RShift),
    binary!("and_", And),
    binary!("or_", Or),
    binary!("xor", Xor),
    in_place!("iadd", Add),
    in_place!("isub", Sub),
    in_place!("imul", Mul),
    in_place!("imatmul", MatMul),
    in_place!("itruediv", TrueDiv),
    in_place!("ifloordiv", FloorDiv),
    in_place!("imod", Mod),
    in_place!("ipow", Pow),
    in_place!("ilshift", LShift),
    in_place!("irshift", RShift),
    in_place!("iand", And),
    in_place!("ior", Or),
    in_place!("ixor", Xor),
    compare!("lt", Lt),
    compare!("le", Le),
    compare!("eq", Eq),
    compare!("ne", Ne),
    compare!("gt", Gt),
    compare!("ge", Ge),
    unary!("neg", Neg),
    unary!("pos", Pos),
    unary!("abs", Abs),
    unary!("inv", Invert),
    unary!("invert", Invert),
    fn1("not_", |vm, a| Ok(boolean(vm, !truth(vm, a)?))),
    fn1("truth", |vm, a| Ok(boolean(vm, truth(vm, a)?))),
    fn2("is_", |vm, a, b| Ok(boolean(vm, is(a, b)))),
    fn2("is_not", |vm, a, b| Ok(boolean(vm, !is(a, b)))),
    fn1("index", |vm, a| {
        ouro_py_objects::int::index(vm, a).map(|i| i.object(vm))
    }),
    fn2("concat", |vm, a, b| concat(vm, BinOp::Add, false, a, b)),
    fn2("iconcat", |vm, a, b| concat(vm, BinOp::Add, true, a, b)),
    fn2("contains", |vm, a, b| {
        Ok(boolean(vm, op::contains(vm, a, b)?))
    }),
    fn2("countOf", count_of),
    fn2("indexOf", index_of),
    fn2("getitem", get_item),
    fn3("setitem", |vm, a, k, v| {
        set_item(vm, a, k, v).map(|()| none(vm))
    }),
    fn2("delitem", |vm, a, k| del_item(vm, a, k).map(|()| none(vm))),
    fn2("length_hint", length_hint).opt(1),
    fn2("_compare_digest", compare_digest),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
fn concat(vm: &'static Vm, op: BinOp, in_place: bool, a: Gc, b: Gc) -> PyResult {
    if find_attr(vm, a, "__getitem__")?.is_none() {
        return Err(vm.type_error(format_args!(
            "'{}' object can't be concatenated",
            type_name(vm, a)
        )));
    }
    match in_place {
        true => op::inplace(vm, op, a, b),
        false => op::binary(vm, op, a, b),
    }
}
fn count_of(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let it = iter(vm, a)?;
    let mut n = 0;
    while let Some(v) = next(vm, it)? {
        n += i64::from(same(vm, v, b)?);
    }
    Ok(int(vm, n))
}
fn index_of(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let it = iter(vm, a)?;
    let mut n = 0;
    while let Some(v) = next(vm, it)? {
        if same(vm, v, b)? {
            return Ok(int(vm, n));
        }
        n += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}
fn length_hint(vm: &'static Vm, a: Gc, default: Gc) -> PyResult {
    if !default.is_null() {
        if !ouro_py_objects::int::is_int(default) {
            let got = type_name(vm, default);
            return Err(vm.type_error(format_args!(
                "'{got}' object cannot be interpreted as an integer"
            )));
        }
        if find_attr(vm, a, "__len__")?.is_none() && find_attr(vm, a, "__length_hint__")?.is_none()
        {
            return Ok(default);
        }
    }
    Ok(int(vm, op::length_hint(vm, a)? as i64))
}
/// Equality in time that depends on the lengths only.
fn compare_digest(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let texts = (
        ouro_py_objects::str::as_str(a),
        ouro_py_objects::str::as_str(b),
    );
    let (x, y) = match texts {
        (Some(a), Some(b)) => {
            if !ouro_py_objects::str::is_ascii(a) || !ouro_py_objects::str::is_ascii(b) {
                return Err(
                    vm.type_error("comparing strings with non-ASCII characters is not supported")
                );
            }
            (
                ouro_py_objects::str::bytes(a).to_vec(),
                ouro_py_objects::str::bytes(b).to_vec(),
            )
        }
        (None, None) => (to_bytes(vm, a)?, to_bytes(vm, b)?),
        _ => {
            let (s, t) = (type_name(vm, a), type_name(vm, b));
            return Err(vm.type_error(format_args!(
                "unsupported operand types(s) or combination of types: '{s}' and '{t}'"
            )));
        }
    };
    let differ = y
        .iter()
        .enumerate()
        .fold(0, |d, (i, &v)| d | v ^ x.get(i).copied().unwrap_or(!v));
    Ok(boolean(vm, differ == 0 && x.len() == y.len()))
}
