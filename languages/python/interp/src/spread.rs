//! Calls with `*args` and `**kwargs`.

use crate::calls::{bind, enter_above};
use crate::prelude::*;

#[inline(always)]
pub fn star_args<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if matches!(p.type_id(x), WTuple::TYPE_ID | WList::TYPE_ID) {
        p.set_reg(a(i), x);
        return Flow::Next;
    }
    p.out_of_line(star_args_rest)
}
fn star_args_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i))), p.word_ref(p.reg(c(i)))];
    p.commit().call_store(&residuals::STAR_ARGS, words)
}

#[inline(always)]
pub fn call_ex<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(call_ex_rest)
}
fn call_ex_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (callee, positional) = (p.reg(b(i)), p.reg(c(i)));
    // A short tuple for a Python function is spread; longer ones are copied by the residual call.
    if i.d < 0
        && p.type_id(callee) == WFunction::TYPE_ID
        && let Some(tuple) = p.cast::<WTuple>(positional)
    {
        let count = p.promote_int(p.array_len(tuple, WTuple::ITEMS));
        if count <= 16 {
            let arg = |n: u32| p.item(tuple, WTuple::ITEMS, p.const_int(i64::from(n)));
            if let Some(code) = bind(&p, callee, count as u32, arg, &[]) {
                return enter_above(p, code);
            }
        }
    }
    let keywords = match u32::try_from(i.d) {
        Ok(register) => p.reg(register),
        Err(_) => p.konst(Gc::NULL),
    };
    let words = [
        p.word_ref(callee),
        p.word_ref(positional),
        p.word_ref(keywords),
    ];
    p.commit().call_store(&residuals::CALL_EX, words)
}
