//! Imports.

use crate::prelude::*;

#[inline(always)]
pub fn import_name<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(import_name_rest)
}
fn import_name_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let globals = p.get(crate::names::running_function(&p), WFunction::GLOBALS);
    // The locals of code without fast locals are what `__import__` is shown; it does not look at them.
    let locals = match p.code().info.has(CO_OPTIMIZED) {
        true => p.konst(p.vm().world().none),
        false => p.reg(1),
    };
    let level = p.const_int(i64::from(i.e as i32));
    let words = [
        name(&p, i),
        p.word_ref(globals),
        p.word_ref(locals),
        p.word_ref(p.reg(b(i))),
        p.word_int(level),
    ];
    p.commit().call_store(&residuals::IMPORT_NAME, words)
}
#[inline(always)]
pub fn import_from<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(import_from_rest)
}
fn import_from_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i))), name(&p, i)];
    p.commit().call_store(&residuals::IMPORT_FROM, words)
}
#[inline(always)]
pub fn import_star<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(import_star_rest)
}
fn import_star_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(a(i))), p.word_ref(p.reg(1))];
    p.commit().call(&residuals::IMPORT_STAR, words, Step::Drop)
}
