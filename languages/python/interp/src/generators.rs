//! Generators: frames that are left by `Yield` and entered again.
//!
//! The generator object holds the live registers while its frame is not on the stack. Resuming copies them above the
//! resumer's frame and enters there; suspending copies them back. Register 0 of a resumed frame is the generator. All of
//! this is ordinary loads and stores, so traces see through it.
//!
//! - **G1** `STATE` is `RUNNING` exactly while the frame is on the stack. A frame that returns without having set it to
//!   `SUSPENDED`, or raises, has ended: whoever resumed it makes it `FINISHED`.
//! - **G2** While running, `HANDLED` is the exception that the resumer was handling; while suspended, it is the one that
//!   the frame was handling, or NULL. Frames without handlers do not touch it.
//! - **G3** `Delegate` runs only in a frame that was resumed there: its registers are in `REGS` already, so that it suspends
//!   again without storing them. A chain of generators that delegate to each other costs little per link.

use crate::delegation;
use crate::exceptions::thread;
use crate::prelude::*;
use ouro_py_objects::generator::{
    ASYNC_GENERATOR, COROUTINE, CREATED, FINISHED, GENERATOR, RUNNING, SUSPENDED,
};

/// Registers that are saved when the frame is to go on at instruction `pc`.
#[inline(always)]
fn saved(code: &'static PyCode, pc: usize) -> impl Iterator<Item = u32> {
    code.live_at(pc)
        .iter()
        .map(|&r| u32::from(r))
        .filter(|&r| r != 0)
}
/// Whether frames of the code may change the exception being handled.
#[inline(always)]
pub(crate) fn has_handlers(code: &'static PyCode) -> bool {
    !code.info.data.handled.is_empty()
}
/// What kind of generator a frame of the code makes.
fn kind_of(code: &'static PyCode) -> i64 {
    if code.info.has(CO_COROUTINE) {
        COROUTINE
    } else if code.info.has(CO_ASYNC_GENERATOR) {
        ASYNC_GENERATOR
    } else {
        GENERATOR
    }
}

#[inline(always)]
pub fn make<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(make_rest)
}
fn make_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let code = p.code();
    let pc = code.index(i);
    let mut registers = p.new_array(WRefArray::ITEMS, p.const_int(i64::from(code.nregs)));
    for r in saved(code, pc + 1) {
        registers = registers.with(p.const_int(i64::from(r)), p.reg(r));
    }
    let function = R::<M, WFunction>::assume(p.reg(0));
    let generator = p
        .new_object::<WGenerator>()
        .with(WGenerator::CODE, p.host(code))
        .with(WGenerator::FUNC, function.raw)
        .with(WGenerator::KIND, p.const_int(kind_of(code)))
        .with(WGenerator::REGS, registers.any())
        .with(WGenerator::PC, p.const_int(pc as i64))
        .with(WGenerator::STATE, p.const_int(CREATED))
        .with(WGenerator::NAME, p.get(function, WFunction::NAME))
        .with(WGenerator::QUALNAME, p.get(function, WFunction::QUALNAME));
    if !ouro_py_objects::generator::needs_closing(code) {
        return Flow::Return(generator.any());
    }
    let words = [p.word_ref(generator.any())];
    p.commit()
        .call(&residuals::CLOSE_WHEN_ABANDONED, words, Step::Aux0)
}
/// Return step `Aux0` of `MakeGenerator`: the generator has been registered.
pub fn after_make<M: PyMachine>(_: Probe<M>, generator: M::Ref) -> Flow<M> {
    Flow::Return(generator)
}

// ---- resuming
/// Enters the frame of a suspended generator; `sent` is the value of its `yield`. `through` is the awaitable of an
/// asynchronous generator that is used for the first time by this.
#[inline(always)]
pub(crate) fn enter_in_line<M: PyMachine>(
    p: Probe<M>,
    generator: R<M, WGenerator>,
    created: bool,
    sent: M::Ref,
    step: Step,
    through: Option<R<M, WAwaitable>>,
) -> Flow<M> {
    let code = p.promote(p.get(generator, WGenerator::CODE));
    let pc = p.promote_int(p.get(generator, WGenerator::PC)) as usize;
    let at = code.instructions()[pc];
    let window = p.code().nregs;
    // A delegating frame sends the value on: its instruction runs again.
    let delegates = at.op == Op::Delegate;
    let entry = if delegates { pc } else { pc + 1 };
    let registers = R::<M, WRefArray>::assume(p.get(generator, WGenerator::REGS));
    for r in saved(code, entry) {
        p.set_reg(
            window + r,
            p.item(registers, WRefArray::ITEMS, p.const_int(i64::from(r))),
        );
    }
    p.set_reg(window, generator.raw);
    if !created {
        p.set_reg(
            window + u32::from(if delegates { at.c } else { at.a }),
            sent,
        );
    }
    let running = p.const_int(RUNNING);
    if has_handlers(code) {
        let thread = thread(*p);
        let outer = p.get(thread, WThread::HANDLED);
        let own = p.get(generator, WGenerator::HANDLED);
        let own_is_null = p.is_null_ref(own);
        let c = p.commit();
        c.write(generator)
            .set(WGenerator::STATE, running)
            .set(WGenerator::HANDLED, outer);
        if !own_is_null {
            c.write(thread).set(WThread::HANDLED, own);
        }
        begins(&c, through);
    } else {
        let c = p.commit();
        c.set_plain(generator, WGenerator::STATE, running);
        begins(&c, through);
    }
    Flow::Enter {
        code,
        window,
        step,
        pc: entry as u32,
    }
}
/// [`enter_in_line`] in a function of its own.
#[inline(never)]
fn enter<M: PyMachine>(
    p: Probe<M>,
    generator: R<M, WGenerator>,
    created: bool,
    sent: M::Ref,
    step: Step,
) -> Flow<M> {
    enter_in_line(p, generator, created, sent, step, None)
}
/// An awaitable is in use from now on.
#[inline(always)]
fn begins<M: PyMachine>(c: &Commit<M>, through: Option<R<M, WAwaitable>>) {
    if let Some(awaitable) = through {
        c.set_plain(awaitable, WAwaitable::STATE, c.const_int(1));
    }
}
/// A recorded frame that resumes itself, as a generator that walks through a tree does, is inlined so often and no more:
/// each way through the levels would be a trace of its own.
#[inline(always)]
pub(crate) fn in_place<M: PyMachine>(p: &Probe<M>, generator: R<M, WGenerator>) -> bool {
    !M::RECORDS || p.enters(p.promote(p.get(generator, WGenerator::CODE)))
}
/// A for loop asks for the next value.
pub fn for_next<M: PyMachine>(p: Probe<M>, i: &Ins, generator: R<M, WGenerator>) -> Flow<M> {
    let kind = p.promote_int(p.get(generator, WGenerator::KIND));
    match p.promote_int(p.get(generator, WGenerator::STATE)) {
        FINISHED => Flow::Jump(i.d),
        state @ (CREATED | SUSPENDED) if kind == GENERATOR && in_place(&p, generator) => {
            let none = p.konst(p.vm().world().none);
            enter(p, generator, state == CREATED, none, Step::GenNext)
        }
        _ => {
            let words = [p.word_ref(generator.raw)];
            p.commit().call(&residuals::NEXT, words, Step::ForNext)
        }
    }
}
/// `next(generator)`
pub fn next<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32) -> Flow<M> {
    let none = p.konst(p.vm().world().none);
    resume_by_call(p, i, first, none, GENERATOR)
}
/// `generator.send(value)`, of a coroutine too.
pub fn send<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32) -> Flow<M> {
    let sent = p.reg(first + 1);
    resume_by_call(p, i, first, sent, COROUTINE)
}
fn resume_by_call<M: PyMachine>(
    p: Probe<M>,
    i: &Ins,
    first: u32,
    sent: M::Ref,
    last_kind: i64,
) -> Flow<M> {
    let Some(generator) = p.cast::<WGenerator>(p.reg(first)) else {
        return crate::calls::residual(p, i);
    };
    let kind = p.promote_int(p.get(generator, WGenerator::KIND));
    match p.promote_int(p.get(generator, WGenerator::STATE)) {
        CREATED | SUSPENDED if !in_place(&p, generator) => crate::calls::residual(p, i),
        CREATED if kind <= last_kind && p.type_id(sent) == WNone::TYPE_ID => {
            enter(p, generator, true, sent, Step::GenSend)
        }
        SUSPENDED if kind <= last_kind => enter(p, generator, false, sent, Step::GenSend),
        _ => crate::calls::residual(p, i),
    }
}
/// The generator that an instruction has resumed: it is still in the operand, or the awaitable of an asynchronous generator
/// by which that was asked for a value.
#[inline(always)]
fn resumed<M: PyMachine>(
    p: &Probe<M>,
    i: &Ins,
    step: Step,
) -> (R<M, WGenerator>, Option<R<M, WAwaitable>>) {
    let held = match (step, i.op) {
        (Step::GenNext | Step::YieldFrom, _) => p.reg(b(i)),
        // `g.send(v)`: the receiver; `next(g)`: the argument.
        (_, Op::CallMethod) if !p.is_null_ref(p.reg(b(i) + 1)) => p.reg(b(i) + 2),
        _ => p.reg(b(i) + 3),
    };
    if matches!(step, Step::YieldFrom)
        && let Some(awaitable) = p.cast::<WAwaitable>(held)
    {
        let generator = R::assume(p.get(awaitable, WAwaitable::GEN));
        let asks = p.promote_int(p.get(awaitable, WAwaitable::KIND)) != 0;
        return (generator, asks.then_some(awaitable));
    }
    (R::assume(held), None)
}
/// Return steps `GenNext`, `GenSend` and `YieldFrom`: the frame has yielded `v`, or has ended with it.
pub fn after<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step, v: M::Ref) -> Flow<M> {
    let (generator, awaitable) = resumed(&p, i, step);
    let yielded = p.promote_int(p.get(generator, WGenerator::STATE)) == SUSPENDED;
    if let Some(awaitable) = awaitable {
        let used_up = p.const_int(2);
        if !yielded {
            let c = p.commit();
            c.set_plain(awaitable, WAwaitable::STATE, used_up);
            finish_in(&c, generator);
            return c.call_store(&residuals::RAISE_STOP_ASYNC, []);
        }
        if let Some(answer) = p.cast::<WAsyncValue>(v) {
            p.set_reg(a(i), p.get(answer, WAsyncValue::VALUE));
            p.commit().set_plain(awaitable, WAwaitable::STATE, used_up);
            return delegation::past(i);
        }
    }
    match step {
        Step::YieldFrom if yielded => {
            delegation::pass_on(p, i);
            Flow::Return(v)
        }
        _ if yielded => {
            p.set_reg(a(i), v);
            Flow::Next
        }
        Step::GenNext => {
            finish(p.commit(), generator);
            Flow::Jump(i.d)
        }
        Step::YieldFrom => {
            p.set_reg(a(i), v);
            finish(p.commit(), generator);
            delegation::past(i)
        }
        _ => {
            let v = p.word_ref(v);
            let c = p.commit();
            finish_in(&c, generator);
            c.call_store(&residuals::RAISE_STOP, [v])
        }
    }
}
/// Exception entry of these steps: an exception has left the frame. StopIteration must not end a loop by accident.
pub fn after_raised<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step, e: M::Ref) -> Flow<M> {
    let (generator, awaitable) = resumed(&p, i, step);
    let code = p.promote(p.get(generator, WGenerator::CODE));
    let outer = p.get(generator, WGenerator::HANDLED);
    let asynchronous = p.promote_int(p.get(generator, WGenerator::KIND)) == ASYNC_GENERATOR;
    let stop = crate::exceptions::is_stop_iteration(&p, e)
        || asynchronous && crate::exceptions::is_stop_async_iteration(&p, e);
    let words = [p.word_ref(generator.raw), p.word_ref(e)];
    let c = p.commit();
    finish_in(&c, generator);
    if let Some(awaitable) = awaitable {
        c.set_plain(awaitable, WAwaitable::STATE, c.const_int(2));
    }
    if has_handlers(code) {
        c.write(thread(*c)).set(WThread::HANDLED, outer);
    }
    match stop {
        true => c.call_store(&residuals::STOP_ITERATION_ESCAPED, words),
        false => Flow::Raise(e),
    }
}
fn finish<M: PyMachine>(c: Commit<M>, generator: R<M, WGenerator>) {
    finish_in(&c, generator)
}
/// The frame is gone for good.
fn finish_in<M: PyMachine>(c: &Commit<M>, generator: R<M, WGenerator>) {
    let nothing = c.konst(c.vm().world().empty_refs);
    let null = c.konst(Gc::NULL);
    let finished = c.const_int(FINISHED);
    let writer = c
        .write(generator)
        .set(WGenerator::STATE, finished)
        .set(WGenerator::REGS, nothing);
    writer.set(WGenerator::HANDLED, null);
}

// ---- suspending
#[inline(always)]
pub fn yield_value<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let v = p.reg(b(i));
    let pc = p.code().index(i);
    suspend(p, pc, pc + 1, u32::from(i.a));
    Flow::Return(v)
}
/// Leaves the frame, which is to be resumed by the instruction at `pc`, from instruction `entry` on. Register `dead` will
/// be written by the resumer.
#[inline(always)]
pub(crate) fn suspend<M: PyMachine>(p: Probe<M>, pc: usize, entry: usize, dead: u32) {
    let code = p.code();
    let generator = R::<M, WGenerator>::assume(p.reg(0));
    let registers = R::<M, WRefArray>::assume(p.get(generator, WGenerator::REGS));
    let handled = handled_by(&p, code, generator);
    let c = p.commit();
    for r in saved(code, entry).filter(|&r| r != dead) {
        c.set_item(
            registers,
            WRefArray::ITEMS,
            c.const_int(i64::from(r)),
            c.reg(r),
        );
    }
    c.set_plain(generator, WGenerator::PC, c.const_int(pc as i64));
    leave(&c, generator, handled);
}
/// Of a frame with handlers: the exception that its resumer was handling, and its own if that is another.
#[inline(always)]
#[allow(clippy::type_complexity)]
pub(crate) fn handled_by<M: PyMachine>(
    p: &Probe<M>,
    code: &'static PyCode,
    generator: R<M, WGenerator>,
) -> Option<(M::Ref, Option<M::Ref>)> {
    has_handlers(code).then(|| {
        let outer = p.get(generator, WGenerator::HANDLED);
        let own = p.get(thread(**p), WThread::HANDLED);
        (outer, (!p.guard(p.same(outer, own))).then_some(own))
    })
}
/// The frame is left, to be resumed.
#[inline(always)]
pub(crate) fn leave<M: PyMachine>(
    c: &Commit<M>,
    generator: R<M, WGenerator>,
    handled: Option<(M::Ref, Option<M::Ref>)>,
) {
    c.set_plain(generator, WGenerator::STATE, c.const_int(SUSPENDED));
    if let Some((outer, own)) = handled {
        c.write(generator)
            .set(WGenerator::HANDLED, own.unwrap_or(c.konst(Gc::NULL)));
        if own.is_some() {
            c.write(thread(**c)).set(WThread::HANDLED, outer);
        }
    }
}
/// The resumer sees by the state that this is the end (G1).
#[inline(always)]
pub fn gen_return<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    Flow::Return(p.reg(a(i)))
}
