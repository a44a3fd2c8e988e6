//! Coroutines and asynchronous iteration beside what generators do.

use crate::operators::{call_special, special};
use crate::prelude::*;
use ouro_machine::Residual;
use ouro_py_objects::generator::{ASYNC_GENERATOR, COROUTINE, GENERATOR};

/// Calls the residual function for the operand.
fn by_residual<M: PyMachine>(p: Probe<M>, i: &Ins, f: &'static Residual) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i)))];
    p.commit().call_store(f, words)
}
/// A function of the class in Python is entered in place; the return step `Aux0` looks at what it gives.
fn by_method<M: PyMachine>(p: Probe<M>, i: &Ins, s: Special, or: &'static Residual) -> Flow<M> {
    let x = p.reg(b(i));
    match special(&p, x, s, 1) {
        Some(f) => call_special(p, f, [x], Step::Aux0),
        None => by_residual(p, i, or),
    }
}
/// The kind of a generator, if it is one.
#[inline(always)]
fn kind_of<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<i64> {
    let generator = p.cast::<WGenerator>(x)?;
    Some(p.promote_int(p.get(generator, WGenerator::KIND)))
}
#[inline(always)]
pub fn get_aiter<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(get_aiter_rest)
}
fn get_aiter_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if kind_of(&p, x) == Some(ASYNC_GENERATOR) {
        p.set_reg(a(i), x);
        return Flow::Next;
    }
    by_method(p, i, Special::Aiter, &residuals::GET_AITER)
}
#[inline(always)]
pub fn get_anext<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    // Before the first value there are the hooks of `sys.set_asyncgen_hooks`.
    if let Some(generator) = p.cast::<WGenerator>(x)
        && p.promote_int(p.get(generator, WGenerator::KIND)) == ASYNC_GENERATOR
        && !p.is_null_ref(p.get(generator, WGenerator::EXTRA))
    {
        let next = p
            .new_object::<WAwaitable>()
            .with(WAwaitable::GEN, x)
            .with(WAwaitable::KIND, p.const_int(1))
            .with(WAwaitable::ARG, p.konst(p.vm().world().none));
        p.set_reg(a(i), next.any());
        return Flow::Next;
    }
    p.out_of_line(get_anext_rest)
}
fn get_anext_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    by_method(p, i, Special::Anext, &residuals::GET_ANEXT)
}
#[inline(always)]
pub fn get_awaitable<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(get_awaitable_rest)
}
fn get_awaitable_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if kind_of(&p, x) == Some(COROUTINE) || p.type_id(x) == WAwaitable::TYPE_ID {
        p.set_reg(a(i), x);
        return Flow::Next;
    }
    if let Some(f) = special(&p, x, Special::Await, 1) {
        return call_special(p, f, [x], Step::Aux0);
    }
    let words = [p.word_ref(x), p.word_int(p.const_int(i64::from(i.c)))];
    p.commit().call_store(&residuals::GET_AWAITABLE, words)
}
/// Return step `Aux0` of `GetAiter`, `GetAnext` and `GetAwaitable`: what a method in Python has given.
pub fn after_method<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let kind = kind_of(&p, v);
    let (fits, check) = match i.op {
        Op::GetAiter => (kind == Some(ASYNC_GENERATOR), &residuals::CHECK_AITER),
        Op::GetAnext => (kind == Some(COROUTINE), &residuals::CHECK_ANEXT),
        _ => (kind == Some(GENERATOR), &residuals::CHECK_AWAIT),
    };
    if fits {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let words = [p.word_ref(v)];
    p.commit().call_store(check, words)
}
#[inline(always)]
pub fn end_async_for<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let e = p.reg(a(i));
    let class = p.promote(p.get(R::<M, WException>::assume(e), WException::CLASS));
    match class.is_subclass(p.vm().world().classes.stop_async_iteration) {
        true => Flow::Next,
        false => Flow::Raise(e),
    }
}
#[inline(always)]
pub fn wrap<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    p.set_reg(
        a(i),
        p.new_object::<WAsyncValue>()
            .with(WAsyncValue::VALUE, p.reg(b(i)))
            .any(),
    );
    Flow::Next
}
