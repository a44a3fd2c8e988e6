//! Coroutines and asynchronous iteration beside what generators do.

use crate::prelude::*;

macro_rules! by_residual {
    ($($name:ident $rest:ident $residual:ident;)*) => { $(
        #[inline(always)]
        pub fn $name<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
            p.out_of_line($rest)
        }
        fn $rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
            let words = [p.word_ref(p.reg(b(i)))];
            p.commit().call_store(&residuals::$residual, words)
        }
    )* };
}
by_residual! {
    get_aiter get_aiter_rest GET_AITER;
    get_anext get_anext_rest GET_ANEXT;
}
#[inline(always)]
pub fn get_awaitable<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(get_awaitable_rest)
}
fn get_awaitable_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [
        p.word_ref(p.reg(b(i))),
        p.word_int(p.const_int(i64::from(i.c))),
    ];
    p.commit().call_store(&residuals::GET_AWAITABLE, words)
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
