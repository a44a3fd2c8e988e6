//! Jumps.

use crate::prelude::*;
use crate::{compare, truth};

#[inline(always)]
pub fn jump<M: PyMachine>(_: Probe<M>, i: &Ins) -> Flow<M> {
    Flow::Jump(i.d)
}
#[inline(always)]
pub fn back<M: PyMachine>(_: Probe<M>, i: &Ins) -> Flow<M> {
    Flow::Loop(i.d)
}
#[inline(always)]
pub fn poll<M: PyMachine>(_: Probe<M>, _: &Ins) -> Flow<M> {
    Flow::Poll
}
#[inline(always)]
fn jump_if<M: PyMachine>(i: &Ins, condition: bool) -> Flow<M> {
    if condition {
        Flow::Jump(i.d)
    } else {
        Flow::Next
    }
}
#[inline(always)]
pub fn on_truth<M: PyMachine>(p: Probe<M>, i: &Ins, sense: bool) -> Flow<M> {
    match truth::quick(&p, p.reg(a(i))) {
        Some(t) => jump_if(i, t == sense),
        None => p.out_of_line(truth::of_a),
    }
}
#[inline(always)]
pub fn on_none<M: PyMachine>(p: Probe<M>, i: &Ins, sense: bool) -> Flow<M> {
    let none = p.type_id(p.reg(a(i))) == WNone::TYPE_ID;
    jump_if(i, none == sense)
}
#[inline(always)]
pub fn on_identity<M: PyMachine>(p: Probe<M>, i: &Ins, sense: bool) -> Flow<M> {
    match compare::quick_identity(&p, p.reg(a(i)), p.reg(b(i))) {
        Some(same) => jump_if(i, same == sense),
        None => p.out_of_line(identity_of_floats),
    }
}
fn identity_of_floats<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let same = compare::identity_of_floats(&p, p.reg(a(i)), p.reg(b(i)));
    jump_if(i, same == (i.op == Op::JumpIfIs))
}
#[inline(always)]
pub fn on_relation<M: PyMachine>(
    p: Probe<M>,
    i: &Ins,
    relation: CmpOp,
    sense: bool,
    k: bool,
) -> Flow<M> {
    let (x, y) = operands(&p, i, k);
    match compare::numbers(&p, x, y, relation) {
        Some(t) => jump_if(i, t == sense),
        None => p.out_of_line(compare::slow),
    }
}
/// The operands of a comparing jump.
#[inline(always)]
pub fn operands<M: PyMachine>(p: &Probe<M>, i: &Ins, k: bool) -> (M::Ref, M::Ref) {
    let right = if k {
        p.konst(p.code().constant(i.e as usize))
    } else {
        p.reg(b(i))
    };
    (p.reg(a(i)), right)
}
