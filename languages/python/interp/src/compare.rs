//! Comparisons, identity, membership.

use crate::operators::{call_special, may_override, special};
use crate::prelude::*;
use crate::{arith, jumps, operators, text, truth};

/// Compares two ints or two floats.
#[inline(always)]
pub fn numbers<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref, relation: CmpOp) -> Option<bool> {
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WInt>(y)) {
        let c = p.int_cmp(
            int_relation(relation),
            p.get(x, WInt::VALUE),
            p.get(y, WInt::VALUE),
        );
        return Some(p.guard(c));
    }
    let (x, y) = (p.cast::<WFloat>(x)?, p.cast::<WFloat>(y)?);
    let c = p.float_cmp(
        float_relation(relation),
        p.get(x, WFloat::VALUE),
        p.get(y, WFloat::VALUE),
    );
    Some(p.guard(c))
}
#[inline(always)]
fn int_relation(r: CmpOp) -> IntCmp {
    match r {
        CmpOp::Lt => IntCmp::Lt,
        CmpOp::Le => IntCmp::Le,
        CmpOp::Eq => IntCmp::Eq,
        CmpOp::Ne => IntCmp::Ne,
        CmpOp::Gt => IntCmp::Gt,
        CmpOp::Ge => IntCmp::Ge,
    }
}
#[inline(always)]
fn float_relation(r: CmpOp) -> FloatCmp {
    match r {
        CmpOp::Lt => FloatCmp::Lt,
        CmpOp::Le => FloatCmp::Le,
        CmpOp::Eq => FloatCmp::Eq,
        CmpOp::Ne => FloatCmp::Ne,
        CmpOp::Gt => FloatCmp::Gt,
        CmpOp::Ge => FloatCmp::Ge,
    }
}
#[inline(always)]
pub fn value<M: PyMachine>(p: Probe<M>, i: &Ins, relation: CmpOp) -> Flow<M> {
    match numbers(&p, p.reg(b(i)), p.reg(c(i)), relation) {
        Some(t) => truth::set_bool(p, i, t),
        None => p.out_of_line(slow),
    }
}

/// The relation of a comparing instruction and whether it jumps.
fn relation_of(op: Op) -> (CmpOp, bool) {
    let n = op as usize;
    if n < Op::Is as usize {
        return (RELATIONS[n - Op::Lt as usize], false);
    }
    // Four groups of six, in one order.
    (RELATIONS[(n - Op::JumpIfLt as usize) % 6], true)
}
const RELATIONS: [CmpOp; 6] = [
    CmpOp::Lt,
    CmpOp::Le,
    CmpOp::Eq,
    CmpOp::Ne,
    CmpOp::Gt,
    CmpOp::Ge,
];

fn operands<M: PyMachine>(p: &Probe<M>, i: &Ins) -> (CmpOp, M::Ref, M::Ref) {
    let (relation, jumps) = relation_of(i.op);
    let (x, y) = match jumps {
        true => jumps::operands(p, i, i.op as usize >= Op::JumpIfLtK as usize),
        false => (p.reg(b(i)), p.reg(c(i))),
    };
    (relation, x, y)
}
/// Where the value of a comparison goes.
fn result_step(op: Op) -> Step {
    if relation_of(op).1 {
        Step::Truth
    } else {
        Step::Store
    }
}

/// Mixed numbers, then the methods of user classes, then all other classes.
pub fn slow<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (relation, x, y) = operands(&p, i);
    if let Some((x, y)) = mixed(&p, x, y) {
        let t = p.guard(p.float_cmp(float_relation(relation), x, y));
        return match relation_of(i.op).1 {
            true => truth::decide(p, i, t),
            false => truth::set_bool(p, i, t),
        };
    }
    if let Some(same) = equality_of_strs(&p, i, x, y, relation) {
        return match relation_of(i.op).1 {
            true => truth::decide(p, i, same),
            false => truth::set_bool(p, i, same),
        };
    }
    if let Some(f) = special(&p, x, relation.special(), 2)
        && !may_override(&p, x, y)
    {
        return call_special(p, f, [x, y], Step::CmpLeft);
    }
    let words = [
        p.word_int(p.const_int(relation as i64)),
        p.word_ref(x),
        p.word_ref(y),
    ];
    let exact = operators::is_exact(&p, x) && operators::is_exact(&p, y);
    let compare = if exact {
        &residuals::EXACT_COMPARE
    } else {
        &residuals::COMPARE
    };
    p.commit().call(compare, words, result_step(i.op))
}
/// `x == y` or `x != y` for two strs.
fn equality_of_strs<M: PyMachine>(
    p: &Probe<M>,
    i: &Ins,
    x: M::Ref,
    y: M::Ref,
    relation: CmpOp,
) -> Option<bool> {
    let wanted = match relation {
        CmpOp::Eq => true,
        CmpOp::Ne => false,
        _ => return None,
    };
    let holds_it = i.op as usize >= Op::JumpIfLtK as usize;
    let literal = match holds_it {
        true => Some(p.code().constant(i.e as usize)),
        false => p.literal(y),
    };
    let literal = literal.filter(|k| k.is::<WStr>());
    text::equal(p, x, y, literal).map(|same| same == wanted)
}
/// An int that is exact as a float, and a float.
fn mixed<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref) -> Option<(M::Float, M::Float)> {
    if let (Some(x), Some(y)) = (p.cast::<WInt>(x), p.cast::<WFloat>(y)) {
        let x = p.get(x, WInt::VALUE);
        return arith::is_exact(p, x).then(|| (p.int_to_float(x), p.get(y, WFloat::VALUE)));
    }
    let (x, y) = (p.cast::<WFloat>(x)?, p.cast::<WInt>(y)?);
    let y = p.get(y, WInt::VALUE);
    arith::is_exact(p, y).then(|| (p.get(x, WFloat::VALUE), p.int_to_float(y)))
}
/// Return step `CmpLeft`: what the left operand's method gave.
pub fn after_left<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.type_id(v) != WNotImplemented::TYPE_ID {
        return compared(p, i, v);
    }
    let (relation, x, y) = operands(&p, i);
    if let Some(f) = special(&p, y, relation.reflected().special(), 2) {
        return call_special(p, f, [y, x], Step::CmpRight);
    }
    let words = [
        p.word_int(p.const_int(relation as i64)),
        p.word_ref(x),
        p.word_ref(y),
    ];
    p.commit()
        .call(&residuals::COMPARE_REFLECTED, words, result_step(i.op))
}
/// Return step `CmpRight`: what the right operand's method gave.
pub fn after_right<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.type_id(v) != WNotImplemented::TYPE_ID {
        return compared(p, i, v);
    }
    let (relation, x, y) = operands(&p, i);
    let words = [
        p.word_int(p.const_int(relation as i64)),
        p.word_ref(x),
        p.word_ref(y),
    ];
    p.commit()
        .call(&residuals::COMPARE_DEFAULT, words, result_step(i.op))
}
/// Stores the value of the comparison, or jumps on its truth.
fn compared<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if relation_of(i.op).1 {
        return truth::of(p, i, v);
    }
    p.set_reg(a(i), v);
    Flow::Next
}

// ---- truth, identity, membership as values
#[inline(always)]
pub fn not<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    match truth::quick(&p, p.reg(b(i))) {
        Some(t) => truth::set_bool(p, i, !t),
        None => p.out_of_line(truth::of_b),
    }
}
#[inline(always)]
pub fn is<M: PyMachine>(p: Probe<M>, i: &Ins, sense: bool) -> Flow<M> {
    match quick_identity(&p, p.reg(b(i)), p.reg(c(i))) {
        Some(same) => truth::set_bool(p, i, same == sense),
        None => p.out_of_line(is_float),
    }
}
fn is_float<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let same = identity_of_floats(&p, p.reg(b(i)), p.reg(c(i)));
    truth::set_bool(p, i, same == (i.op == Op::Is))
}
/// Identity. Ints have none and are compared by value; floats are left to [`identity_of_floats`].
#[inline(always)]
pub fn quick_identity<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref) -> Option<bool> {
    match p.type_id(x) {
        WInt::TYPE_ID => Some(match p.cast::<WInt>(y) {
            Some(y) => {
                let x = R::<M, WInt>::assume(x);
                p.guard(p.int_cmp(IntCmp::Eq, p.get(x, WInt::VALUE), p.get(y, WInt::VALUE)))
            }
            None => false,
        }),
        WFloat::TYPE_ID => None,
        _ => Some(p.guard(p.same(x, y))),
    }
}
/// Floats have no identity: they are the same if their bits are.
pub fn identity_of_floats<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref) -> bool {
    let same = p.call_int(&residuals::SAME_FLOAT, [p.word_ref(x), p.word_ref(y)]);
    p.guard(p.int_cmp(IntCmp::Ne, same, p.const_int(0)))
}
#[inline(always)]
pub fn contains<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(contains_slow)
}
fn contains_slow<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (item, container) = (p.reg(b(i)), p.reg(c(i)));
    let table = operators::below(&p, container, Special::Contains).unwrap_or(container);
    if let Some(found) = crate::tables::contains(&p, table, item) {
        return crate::truth::decide(p, i, found);
    }
    if let Some(f) = special(&p, container, Special::Contains, 2) {
        return call_special(p, f, [container, item], Step::Truth);
    }
    let words = [p.word_ref(container), p.word_ref(item)];
    if p.type_id(container) == WStr::TYPE_ID && p.type_id(item) == WStr::TYPE_ID {
        let found = p.call_int(&residuals::STR_CONTAINS, words);
        let found = p.guard(p.int_cmp(IntCmp::Ne, found, p.const_int(0)));
        return truth::decide(p, i, found);
    }
    p.commit().call(&residuals::CONTAINS, words, Step::Truth)
}
