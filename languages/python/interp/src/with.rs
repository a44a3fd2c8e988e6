//! Context managers.

use crate::operators;
use crate::prelude::*;

#[inline(always)]
pub fn before_with<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(before)
}
#[inline(always)]
pub fn before_async_with<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(before)
}
/// Python methods of a user class go to the windows as they are; all else is bound by a residual call.
fn before<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    let is_async = i.op == Op::BeforeAsyncWith;
    let (enter, exit) = match is_async {
        true => (Special::Aenter, Special::Aexit),
        false => (Special::Enter, Special::Exit),
    };
    if let Some(enter) = function(&p, x, enter)
        && let Some(exit) = function(&p, x, exit)
    {
        set_method(&p, a(i), exit, x);
        set_method(&p, c(i) + 1, enter, x);
        return Flow::Next;
    }
    let words = [p.word_ref(x), p.word_int(p.const_int(i64::from(is_async)))];
    p.commit().call(&residuals::BEFORE_WITH, words, Step::Enter)
}
/// The special method of an instance of a user class, if it is a Python function. Whoever calls it sees to its parameters.
fn function<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special) -> Option<Gc> {
    let class = operators::user_class(p, x)?;
    p.depend_on(&class.quasi);
    let found = class.special(p.vm(), s);
    (!found.is_null() && found.is::<WFunction>()).then_some(found)
}
fn set_method<M: PyMachine>(p: &Probe<M>, r: u32, function: Gc, x: M::Ref) {
    p.set_reg(r, p.konst(function));
    p.set_reg(r + 1, x);
}
/// Return step `Enter`: a tuple of the bound `__enter__` and `__exit__`.
pub fn after_before<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let pair = R::<M, WTuple>::assume(v);
    for (r, n) in [(a(i), 1), (c(i) + 1, 0)] {
        p.set_reg(r, p.konst(Gc::NULL));
        p.set_reg(r + 1, p.item(pair, WTuple::ITEMS, p.const_int(n)));
    }
    Flow::Next
}
#[inline(always)]
pub fn exc_info_args<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let e = R::<M, WException>::assume(p.reg(b(i)));
    let class = p.promote(p.get(e, WException::CLASS));
    let traceback = p.get(e, WException::TRACEBACK);
    let traceback = if p.is_null_ref(traceback) {
        p.konst(p.vm().world().none)
    } else {
        traceback
    };
    p.set_reg(a(i), p.konst(class.gc()));
    p.set_reg(a(i) + 1, e.raw);
    p.set_reg(a(i) + 2, traceback);
    Flow::Next
}
