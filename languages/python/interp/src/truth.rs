//! Truth of a value, and what an instruction does with it.

use crate::items;
use crate::operators::{Lookup, call_special, lookup};
use crate::prelude::*;

/// The truth of `x`, if its class is a usual one.
#[inline(always)]
pub fn quick<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<bool> {
    let zero = p.const_int(0);
    let length = match p.type_id(x) {
        WBool::TYPE_ID => p.get(R::<M, WBool>::assume(x), WBool::VALUE),
        WNone::TYPE_ID => return Some(false),
        WInt::TYPE_ID => p.get(R::<M, WInt>::assume(x), WInt::VALUE),
        WStr::TYPE_ID => p.get(R::<M, WStr>::assume(x), WStr::LEN),
        WList::TYPE_ID => {
            let list = R::<M, WList>::assume(x);
            let some = p.guard(p.int_cmp(IntCmp::Ne, p.get(list, WList::LEN), zero));
            return match some {
                false if items::is_outside(p, list) => None,
                _ => Some(some),
            };
        }
        _ => return None,
    };
    Some(p.guard(p.int_cmp(IntCmp::Ne, length, zero)))
}
/// As [`quick`], with more classes; not for hot paths.
fn builtin<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<bool> {
    let used = match p.type_id(x) {
        WTuple::TYPE_ID => p.get(R::<M, WTuple>::assume(x), WTuple::LEN),
        WDict::TYPE_ID => p.get(R::<M, WDict>::assume(x), WDict::USED),
        WSet::TYPE_ID => p.get(R::<M, WSet>::assume(x), WSet::USED),
        WBytes::TYPE_ID => p.get(R::<M, WBytes>::assume(x), WBytes::LEN),
        WFloat::TYPE_ID => {
            let v = p.get(R::<M, WFloat>::assume(x), WFloat::VALUE);
            return Some(p.guard(p.float_cmp(FloatCmp::Ne, v, p.const_float(0.0))));
        }
        _ => return quick(p, x),
    };
    Some(p.guard(p.int_cmp(IntCmp::Ne, used, p.const_int(0))))
}

/// What the instruction does with the truth that it asked for.
pub fn decide<M: PyMachine>(p: Probe<M>, i: &Ins, truth: bool) -> Flow<M> {
    match i.op {
        Op::Not | Op::NotIn => set_bool(p, i, !truth),
        Op::In => set_bool(p, i, truth),
        op if truth == jumps_if(op) => Flow::Jump(i.d),
        _ => Flow::Next,
    }
}
/// The truth at which a jump is taken.
fn jumps_if(op: Op) -> bool {
    let n = op as usize;
    op == Op::JumpIfTrue
        || (Op::JumpIfLt as usize..=Op::JumpIfGe as usize).contains(&n)
        || (Op::JumpIfLtK as usize..=Op::JumpIfGeK as usize).contains(&n)
}
/// a = a bool.
#[inline(always)]
pub fn set_bool<M: PyMachine>(p: Probe<M>, i: &Ins, v: bool) -> Flow<M> {
    p.set_reg(a(i), p.konst(bool_object(&p, v)));
    Flow::Next
}

/// The rest of a jump on the truth of register a.
pub fn of_a<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(a(i));
    of(p, i, x)
}
/// The rest of `not b`.
pub fn of_b<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    of(p, i, x)
}
/// Decides on the truth of `x`: `__bool__`, then `__len__`, then true.
pub fn of<M: PyMachine>(p: Probe<M>, i: &Ins, x: M::Ref) -> Flow<M> {
    if let Some(truth) = builtin(&p, x) {
        return decide(p, i, truth);
    }
    match lookup(&p, x, Special::Bool, 1) {
        Lookup::Function(f) => return call_special(p, f, [x], Step::BoolResult),
        Lookup::Missing => match lookup(&p, x, Special::Len, 1) {
            Lookup::Function(f) => return call_special(p, f, [x], Step::LenResult),
            Lookup::Missing => return decide(p, i, true),
            Lookup::Other => {}
        },
        Lookup::Other => {}
    }
    let x = p.word_ref(x);
    p.commit().call(&residuals::TRUTH, [x], Step::BoolResult)
}
/// Return step `BoolResult`: what `__bool__` gave.
pub fn after_bool<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    match p.type_id(v) {
        WBool::TYPE_ID => {
            let value = p.get(R::<M, WBool>::assume(v), WBool::VALUE);
            let truth = p.guard(p.int_cmp(IntCmp::Ne, value, p.const_int(0)));
            decide(p, i, truth)
        }
        _ => {
            let v = p.word_ref(v);
            p.commit().call(&residuals::BAD_BOOL, [v], Step::BoolResult)
        }
    }
}
/// Return step `LenResult`: what `__len__` gave when it was asked for the truth.
pub fn after_len<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if let Some(n) = p.cast::<WInt>(v) {
        let n = p.get(n, WInt::VALUE);
        if p.guard(p.int_cmp(IntCmp::Ge, n, p.const_int(0))) {
            let truth = p.guard(p.int_cmp(IntCmp::Ne, n, p.const_int(0)));
            return decide(p, i, truth);
        }
    }
    let v = p.word_ref(v);
    p.commit()
        .call(&residuals::LEN_TRUTH, [v], Step::BoolResult)
}
