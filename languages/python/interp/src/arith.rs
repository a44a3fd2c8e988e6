//! Operators on numbers. What is no int or float, or overflows, goes to [`crate::operators`].

use crate::operators;
use crate::prelude::*;

/// Ints up to this size are exact as floats.
const EXACT: i64 = 1 << 53;

#[inline(always)]
pub fn add<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    exact(p, i, k, OvfOp::Add, FloatOp::Add)
}
#[inline(always)]
pub fn sub<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    exact(p, i, k, OvfOp::Sub, FloatOp::Sub)
}
#[inline(always)]
pub fn mul<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    exact(p, i, k, OvfOp::Mul, FloatOp::Mul)
}

/// Two ints whose result fits, or two floats.
#[inline(always)]
fn exact<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool, int: OvfOp, float: FloatOp) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, k);
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        if let Some(v) = p.int_ovf(int, p.get(x, WInt::VALUE), p.get(y, WInt::VALUE)) {
            p.set_reg(a(i), new_int(&p, v));
            return Flow::Next;
        }
    } else if let (Some(x), Some(y)) = (p.cast::<WFloat>(x), p.cast::<WFloat>(y)) {
        let v = p.float_op(float, p.get(x, WFloat::VALUE), p.get(y, WFloat::VALUE));
        p.set_reg(a(i), new_float(&p, v));
        return Flow::Next;
    }
    p.out_of_line(mixed)
}

/// An int and a float, or bools, which count as 0 and 1; else the general operator.
fn mixed<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let operator = operators::operator(i.op);
    let (int, float) = match operator.binary {
        BinOp::Add => (OvfOp::Add, FloatOp::Add),
        BinOp::Sub => (OvfOp::Sub, FloatOp::Sub),
        BinOp::Mul => (OvfOp::Mul, FloatOp::Mul),
        _ => return operators::binary(p, i),
    };
    let (x, y) = operators::operands(&p, i, operator.constant);
    let is_bool = |x: M::Ref| p.type_id(x) == WBool::TYPE_ID;
    if is_bool(x) || is_bool(y) {
        return match (as_int(&p, x), as_int(&p, y)) {
            (Some(v), Some(w)) => match p.int_ovf(int, v, w) {
                Some(v) => {
                    p.set_reg(a(i), new_int(&p, v));
                    Flow::Next
                }
                None => operators::binary(p, i),
            },
            _ => operators::binary(p, i),
        };
    }
    match (as_float(&p, x), as_float(&p, y)) {
        // Two ints that overflowed are not for floats.
        (Some((x, true)), Some((y, _))) | (Some((x, _)), Some((y, true))) => {
            p.set_reg(a(i), new_float(&p, p.float_op(float, x, y)));
            Flow::Next
        }
        _ => operators::binary(p, i),
    }
}
/// The value of an int or bool.
fn as_int<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Int> {
    if let Some(x) = p.cast::<WInt>(x) {
        return Some(p.get(x, WInt::VALUE));
    }
    p.cast::<WBool>(x).map(|x| p.get(x, WBool::VALUE))
}
/// The value of an int or float as float; true if it is a float.
fn as_float<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<(M::Float, bool)> {
    if let Some(x) = p.cast::<WFloat>(x) {
        return Some((p.get(x, WFloat::VALUE), true));
    }
    p.cast::<WInt>(x)
        .map(|x| (p.int_to_float(p.get(x, WInt::VALUE)), false))
}

#[inline(always)]
pub fn true_div<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, k);
    if let (Some(x), Some(y)) = (p.cast::<WFloat>(x), p.cast::<WFloat>(y)) {
        let (x, y) = (p.get(x, WFloat::VALUE), p.get(y, WFloat::VALUE));
        return divide(p, i, x, y);
    }
    p.out_of_line(true_div_mixed)
}
fn true_div_mixed<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, operators::operator(i.op).constant);
    // Two ints are divided exactly only if both are exact as floats; an int beside a float is rounded, as in CPython.
    let (x, y) = match (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        (Some(x), Some(y)) => {
            let (x, y) = (p.get(x, WInt::VALUE), p.get(y, WInt::VALUE));
            if !is_exact(&p, x) || !is_exact(&p, y) {
                return operators::binary(p, i);
            }
            (p.int_to_float(x), p.int_to_float(y))
        }
        _ => match (as_float(&p, x), as_float(&p, y)) {
            (Some((x, _)), Some((y, _))) => (x, y),
            _ => return operators::binary(p, i),
        },
    };
    divide(p, i, x, y)
}
#[inline(always)]
fn divide<M: PyMachine>(p: Probe<M>, i: &Ins, x: M::Float, y: M::Float) -> Flow<M> {
    if p.guard(p.float_cmp(FloatCmp::Eq, y, p.const_float(0.0))) {
        return p.out_of_line(operators::binary);
    }
    p.set_reg(a(i), new_float(&p, p.float_op(FloatOp::Div, x, y)));
    Flow::Next
}
/// Whether the int is exact as a float.
#[inline(always)]
pub fn is_exact<M: PyMachine>(p: &Probe<M>, x: M::Int) -> bool {
    let shifted = p.int_op(IntOp::Add, x, p.const_int(EXACT));
    p.guard(p.int_cmp(IntCmp::Ult, shifted, p.const_int(2 * EXACT + 1)))
}

#[inline(always)]
pub fn floor_div<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    divide_ints(p, i, k, IntOp::FloorDiv)
}
#[inline(always)]
pub fn modulo<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    divide_ints(p, i, k, IntOp::Mod)
}
/// The divisors 0 and -1 (the least int divided by it overflows) are left to the general operator.
#[inline(always)]
fn divide_ints<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool, op: IntOp) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, k);
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        let (x, y) = (p.get(x, WInt::VALUE), p.get(y, WInt::VALUE));
        let next = p.int_op(IntOp::Add, y, p.const_int(1));
        if p.guard(p.int_cmp(IntCmp::Ult, p.const_int(1), next)) {
            p.set_reg(a(i), new_int(&p, p.int_op(op, x, y)));
            return Flow::Next;
        }
    }
    p.out_of_line(operators::binary)
}
#[inline(always)]
pub fn bits<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool, op: IntOp) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, k);
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        let v = p.int_op(op, p.get(x, WInt::VALUE), p.get(y, WInt::VALUE));
        p.set_reg(a(i), new_int(&p, v));
        return Flow::Next;
    }
    p.out_of_line(operators::binary)
}
#[inline(always)]
pub fn shift_left<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, k);
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        let (x, y) = (p.get(x, WInt::VALUE), p.get(y, WInt::VALUE));
        if p.in_bounds(y, p.const_int(63)) {
            let v = p.int_op(IntOp::Shl, x, y);
            if p.guard(p.int_cmp(IntCmp::Eq, p.int_op(IntOp::Shr, v, y), x)) {
                p.set_reg(a(i), new_int(&p, v));
                return Flow::Next;
            }
        }
    }
    p.out_of_line(operators::binary)
}
#[inline(always)]
pub fn shift_right<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    let (x, y) = operators::operands(&p, i, k);
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        let (x, y) = (p.get(x, WInt::VALUE), p.get(y, WInt::VALUE));
        if p.in_bounds(y, p.const_int(64)) {
            p.set_reg(a(i), new_int(&p, p.int_op(IntOp::Shr, x, y)));
            return Flow::Next;
        }
    }
    p.out_of_line(operators::binary)
}
/// Operators without a hot path.
#[inline(always)]
pub fn other<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(power)
}
/// The square of a small int is a product, and most powers of floats are one call of the C library; all else is general.
fn power<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let operator = operators::operator(i.op);
    if operator.binary == BinOp::Pow {
        let (x, y) = operators::operands(&p, i, operator.constant);
        let is_square = operator.constant
            && p.cast::<WInt>(y)
                .is_some_and(|y| p.promote_int(p.get(y, WInt::VALUE)) == 2);
        let power = match p.cast::<WInt>(x) {
            Some(x) if is_square => {
                let x = p.get(x, WInt::VALUE);
                p.int_ovf(OvfOp::Mul, x, x).map(|v| new_int(&p, v))
            }
            Some(_) => None,
            None => float_power(&p, x, y, is_square),
        };
        if let Some(power) = power {
            p.set_reg(a(i), power);
            return Flow::Next;
        }
    }
    operators::binary(p, i)
}
/// The power of a float that is a float again: what the C library says, to the last bit. A square, too, is not always the
/// product, which is rounded otherwise where the exact value lies between two floats.
fn float_power<M: PyMachine>(
    p: &Probe<M>,
    x: M::Ref,
    y: M::Ref,
    is_square: bool,
) -> Option<M::Ref> {
    let x = p.get(p.cast::<WFloat>(x)?, WFloat::VALUE);
    let y = match p.cast::<WFloat>(y) {
        Some(y) => p.get(y, WFloat::VALUE),
        None => {
            let y = p.get(p.cast::<WInt>(y)?, WInt::VALUE);
            if !is_exact(p, y) {
                return None;
            }
            p.int_to_float(y)
        }
    };
    let base = match is_square {
        true => p.float_unary(FloatUnary::Abs, x),
        // Negative bases and zero have cases of their own.
        false if p.guard(p.float_cmp(FloatCmp::Gt, x, p.const_float(0.0))) => x,
        false => return None,
    };
    let words = [p.word_float(base), p.word_float(y)];
    let power = p.call_float(&residuals::FLOAT_POWER, words);
    // Beyond the floats OverflowError is raised.
    let fits = p.guard(p.float_cmp(FloatCmp::Lt, power, p.const_float(f64::INFINITY)));
    fits.then(|| new_float(p, power))
}

// ---- unary
#[inline(always)]
pub fn negative<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if let Some(x) = p.cast::<WInt>(x) {
        if let Some(v) = p.int_ovf(OvfOp::Sub, p.const_int(0), p.get(x, WInt::VALUE)) {
            p.set_reg(a(i), new_int(&p, v));
            return Flow::Next;
        }
    } else if let Some(x) = p.cast::<WFloat>(x) {
        let v = p.float_unary(FloatUnary::Neg, p.get(x, WFloat::VALUE));
        p.set_reg(a(i), new_float(&p, v));
        return Flow::Next;
    }
    p.out_of_line(operators::unary)
}
#[inline(always)]
pub fn positive<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if p.cast::<WInt>(x).is_some() || p.cast::<WFloat>(x).is_some() {
        p.set_reg(a(i), x);
        return Flow::Next;
    }
    p.out_of_line(operators::unary)
}
#[inline(always)]
pub fn invert<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if let Some(x) = p.cast::<WInt>(p.reg(b(i))) {
        p.set_reg(a(i), new_int(&p, p.int_invert(p.get(x, WInt::VALUE))));
        return Flow::Next;
    }
    p.out_of_line(operators::unary)
}
