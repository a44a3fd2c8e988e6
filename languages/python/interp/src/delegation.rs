//! `yield from` and `await`: frames that stand at an instruction and pass values through, see [`crate::generators`].

use crate::generators::{enter_in_line, handled_by, has_handlers, in_place, leave, suspend};
use crate::prelude::*;
use ouro_py_objects::generator::{COROUTINE, CREATED, GENERATOR, SUSPENDED};

/// A delegating frame yields what its iterator has yielded: it is left, to be resumed at its `Delegate`.
#[inline(always)]
pub(crate) fn pass_on<M: PyMachine>(p: Probe<M>, i: &Ins) {
    if i.op == Op::Delegate {
        let generator = R::<M, WGenerator>::assume(p.reg(0));
        let handled = handled_by(&p, p.code(), generator);
        return leave(&p.commit(), generator, handled);
    }
    let delegate = p.code().index(i) + 1;
    suspend(p, delegate, delegate, u32::from(i.c));
}
/// The iterator has ended: to what follows.
#[inline(always)]
pub(crate) fn past<M: PyMachine>(i: &Ins) -> Flow<M> {
    match i.op {
        Op::YieldFrom => Flow::Jump(2),
        _ => Flow::Next,
    }
}
/// A frame returns to return step `step` of instruction `i`: if it is a generator to which this frame delegates, and it has
/// yielded, this frame is left too, with the same value. What [`after`] does then, without a flow.
#[inline(always)]
pub fn passes_on<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step) -> bool {
    // Nothing that calls: each function that returns has this in line, and would save registers for it.
    if !matches!(step, Step::YieldFrom) || i.op != Op::Delegate || has_handlers(p.code()) {
        return false;
    }
    let Some(generator) = p.cast::<WGenerator>(p.reg(b(i))) else {
        return false;
    };
    let yielded = p.promote_int(p.get(generator, WGenerator::STATE)) == SUSPENDED;
    if yielded {
        let generator = R::<M, WGenerator>::assume(p.reg(0));
        leave(&p.commit(), generator, None);
    }
    yielded
}
/// `YieldFrom` and `Delegate`. A chain of generators that delegate to each other is resumed link by link.
#[inline(always)]
pub fn yield_from<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (inner, sent) = (p.reg(b(i)), p.reg(c(i)));
    let target = match p.type_id(inner) {
        WGenerator::TYPE_ID => {
            let generator = R::<M, WGenerator>::assume(inner);
            match p.promote_int(p.get(generator, WGenerator::KIND)) {
                GENERATOR | COROUTINE => ready(&p, generator, sent, None),
                _ => None,
            }
        }
        WAwaitable::TYPE_ID => behind(&p, R::assume(inner), sent),
        _ => None,
    };
    match target {
        Some((generator, created, sent, through)) if in_place(&p, generator) => {
            enter_in_line(p, generator, created, sent, Step::YieldFrom, through)
        }
        _ => p.out_of_line(yield_from_rest),
    }
}
/// A frame that `sent` can be sent to: the generator, whether it is new, what is sent, and the awaitable if that is used for
/// the first time.
type Target<M> = (
    R<M, WGenerator>,
    bool,
    <M as Machine>::Ref,
    Option<R<M, WAwaitable>>,
);
#[inline(always)]
fn ready<M: PyMachine>(
    p: &Probe<M>,
    generator: R<M, WGenerator>,
    sent: M::Ref,
    through: Option<R<M, WAwaitable>>,
) -> Option<Target<M>> {
    match p.promote_int(p.get(generator, WGenerator::STATE)) {
        CREATED if p.type_id(sent) == WNone::TYPE_ID => Some((generator, true, sent, through)),
        SUSPENDED => Some((generator, false, sent, through)),
        _ => None,
    }
}
/// What is behind a coroutine's wrapper or a value that is asked of an asynchronous generator.
#[inline(always)]
fn behind<M: PyMachine>(
    p: &Probe<M>,
    awaitable: R<M, WAwaitable>,
    sent: M::Ref,
) -> Option<Target<M>> {
    let generator = R::<M, WGenerator>::assume(p.get(awaitable, WAwaitable::GEN));
    let kind = p.promote_int(p.get(awaitable, WAwaitable::KIND));
    match (kind, p.promote_int(p.get(awaitable, WAwaitable::STATE))) {
        (0, _) | (1, 1) => ready(p, generator, sent, None),
        (1, 0) => {
            let first = p.get(awaitable, WAwaitable::ARG);
            ready(p, generator, first, Some(awaitable))
        }
        _ => None,
    }
}
fn yield_from_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (inner, sent) = (p.reg(b(i)), p.reg(c(i)));
    if matches!(
        p.type_id(inner),
        WListIter::TYPE_ID | WTupleIter::TYPE_ID | WRangeIter::TYPE_ID
    ) && p.type_id(sent) == WNone::TYPE_ID
    {
        let words = [p.word_ref(inner)];
        return p.commit().call(&residuals::NEXT, words, Step::Aux1);
    }
    let words = [p.word_ref(inner), p.word_ref(sent)];
    p.commit().call(&residuals::SEND_TO, words, Step::Aux0)
}
/// Return step `Aux1` of `YieldFrom`: the next value of a builtin iterator, or NULL.
pub fn after_builtin<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.is_null_ref(v) {
        p.set_reg(a(i), p.konst(p.vm().world().none));
        return past(i);
    }
    pass_on(p, i);
    Flow::Return(v)
}
/// Return step `Aux0` of `YieldFrom`: a pair, whose first item is the value yielded, or NULL before the final value.
pub fn after_send<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let pair = R::<M, WTuple>::assume(v);
    let yielded = p.item(pair, WTuple::ITEMS, p.const_int(0));
    if p.is_null_ref(yielded) {
        p.set_reg(a(i), p.item(pair, WTuple::ITEMS, p.const_int(1)));
        return past(i);
    }
    pass_on(p, i);
    Flow::Return(yielded)
}
#[inline(always)]
pub fn get_yield_from_iter<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(get_yield_from_iter_rest)
}
fn get_yield_from_iter_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if let Some(generator) = p.cast::<WGenerator>(x)
        && p.promote_int(p.get(generator, WGenerator::KIND)) == GENERATOR
    {
        p.set_reg(a(i), x);
        return Flow::Next;
    }
    let coroutine = p.code().info.has(CO_COROUTINE) || p.code().info.has(CO_ITERABLE_COROUTINE);
    let words = [p.word_ref(x), p.word_int(p.const_int(i64::from(coroutine)))];
    p.commit()
        .call_store(&residuals::GET_YIELD_FROM_ITER, words)
}
