//! Raising, handling, matching of exceptions.

use crate::prelude::*;

/// The thread's state, whose `HANDLED` is the exception being handled, or None.
#[inline(always)]
pub fn thread<M: PyMachine>(m: M) -> R<M, WThread> {
    R::assume(m.konst(m.vm().world().thread))
}

#[inline(always)]
pub fn raise<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(raise_rest)
}
fn raise_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(a(i));
    if p.type_id(x) == WException::TYPE_ID {
        let handled = p.get(thread(*p), WThread::HANDLED);
        if p.type_id(handled) == WNone::TYPE_ID {
            return Flow::Raise(x);
        }
    }
    let words = [p.word_ref(x), p.word_ref(p.konst(Gc::NULL))];
    p.commit().call_store(&residuals::RAISE, words)
}
#[inline(always)]
pub fn raise_from<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(raise_from_rest)
}
fn raise_from_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(a(i))), p.word_ref(p.reg(b(i)))];
    p.commit().call_store(&residuals::RAISE, words)
}
#[inline(always)]
pub fn raise_bare<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(raise_bare_rest)
}
fn raise_bare_rest<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    let handled = p.get(thread(*p), WThread::HANDLED);
    if p.type_id(handled) == WException::TYPE_ID {
        return Flow::Raise(handled);
    }
    p.commit().call_store(&residuals::NOTHING_TO_RERAISE, [])
}
#[inline(always)]
pub fn reraise<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    Flow::Raise(p.reg(a(i)))
}

// ---- the exception being handled
#[inline(always)]
pub fn push<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.must_log(thread(*p).raw) {
        return p.out_of_line(push_rest);
    }
    push_rest(p, i)
}
#[inline(always)]
fn push_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (thread, e) = (thread(*p), p.reg(b(i)));
    let before = p.get(thread, WThread::HANDLED);
    let c = p.commit();
    c.write(thread).set(WThread::HANDLED, e);
    c.set_reg(a(i), before);
    Flow::Next
}
#[inline(always)]
pub fn pop<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.must_log(thread(*p).raw) {
        return p.out_of_line(pop_rest);
    }
    pop_rest(p, i)
}
#[inline(always)]
fn pop_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (thread, e) = (thread(*p), p.reg(a(i)));
    p.commit().write(thread).set(WThread::HANDLED, e).next()
}

// ---- matching
/// The class of an exception, green.
fn class_of<M: PyMachine>(p: &Probe<M>, e: M::Ref) -> &'static Class {
    p.promote(p.get(R::<M, WException>::assume(e), WException::CLASS))
}
pub fn is_stop_iteration<M: PyMachine>(p: &Probe<M>, e: M::Ref) -> bool {
    class_of(p, e).is_subclass(p.vm().world().classes.stop_iteration)
}
pub fn is_attribute_error<M: PyMachine>(p: &Probe<M>, e: M::Ref) -> bool {
    class_of(p, e).is_subclass(p.vm().world().classes.attribute_error)
}
pub fn is_stop_async_iteration<M: PyMachine>(p: &Probe<M>, e: M::Ref) -> bool {
    class_of(p, e).is_subclass(p.vm().world().classes.stop_async_iteration)
}
#[inline(always)]
pub fn jump_unless_match<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(match_rest)
}
fn match_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (e, wanted) = (p.reg(a(i)), p.reg(b(i)));
    if p.type_id(e) == WException::TYPE_ID
        && let Some(matches) = matches(&p, class_of(&p, e), wanted)
    {
        return if matches { Flow::Next } else { Flow::Jump(i.d) };
    }
    let words = [p.word_ref(e), p.word_ref(wanted)];
    p.commit()
        .call(&residuals::EXCEPTION_MATCHES, words, Step::BoolResult)
}
/// Whether an exception of class `own` matches an exception class or a short tuple of them.
fn matches<M: PyMachine>(p: &Probe<M>, own: &'static Class, wanted: M::Ref) -> Option<bool> {
    if let Some(class) = p.cast::<WClass>(wanted) {
        let class = p.promote(p.get(class, WClass::CLASS));
        p.depend_on(&own.quasi);
        return class
            .has(class_flags::EXCEPTION)
            .then(|| own.is_subclass(class));
    }
    let tuple = p.cast::<WTuple>(wanted)?;
    let count = p.promote_int(p.array_len(tuple, WTuple::ITEMS));
    if count > 8 {
        return None;
    }
    let mut any = false;
    for n in 0..count {
        let class = p.cast::<WClass>(p.item(tuple, WTuple::ITEMS, p.const_int(n)))?;
        let class = p.promote(p.get(class, WClass::CLASS));
        if !class.has(class_flags::EXCEPTION) {
            return None;
        }
        any |= own.is_subclass(class);
    }
    p.depend_on(&own.quasi);
    Some(any)
}

// ---- except*
#[inline(always)]
pub fn group_match<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(group_match_rest)
}
fn group_match_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i))), p.word_ref(p.reg(c(i)))];
    p.commit().call(&residuals::GROUP_MATCH, words, Step::Aux0)
}
/// Return step `Aux0` of `ExcGroupMatch`: a tuple of the part that matches and the rest, each may be None.
pub fn after_group_match<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let pair = R::<M, WTuple>::assume(v);
    let matched = p.item(pair, WTuple::ITEMS, p.const_int(0));
    p.set_reg(a(i), matched);
    p.set_reg(a(i) + 1, p.item(pair, WTuple::ITEMS, p.const_int(1)));
    if p.type_id(matched) == WNone::TYPE_ID {
        return Flow::Next;
    }
    let thread = thread(*p);
    p.commit()
        .write(thread)
        .set(WThread::HANDLED, matched)
        .next()
}
#[inline(always)]
pub fn prepare_reraise_star<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(prepare_reraise_star_rest)
}
fn prepare_reraise_star_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i))), p.word_ref(p.reg(c(i)))];
    p.commit()
        .call_store(&residuals::PREPARE_RERAISE_STAR, words)
}

/// An exception passes through instruction `pc`: it gets an entry of the traceback, unless it is raised again.
pub fn unwinding<M: PyMachine>(c: Commit<M>, pc: usize, e: M::Ref) {
    let code = c.code();
    match code.instructions()[pc].op {
        _ if code.info.hidden => return,
        Op::Reraise => return,
        // A bare `raise` gives no entry, unless there was nothing to be raised again: then the exception is new.
        Op::RaiseBare if !c.concrete(e).get(WException::TRACEBACK).is_null() => return,
        _ => {}
    }
    let e = R::<M, WException>::assume(e);
    let entry = c
        .new_object::<WTraceback>()
        .with(WTraceback::NEXT, c.get(e, WException::TRACEBACK))
        .with(WTraceback::CODE, c.host(code))
        .with(WTraceback::PC, c.const_int(pc as i64))
        .with(WTraceback::FRAME, c.reg(0))
        .any();
    c.write(e).set(WException::TRACEBACK, entry);
}
