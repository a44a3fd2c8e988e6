//! What every family of handlers uses.

pub use crate::residuals;
pub use ouro_gc::{Gc, Object};
pub use ouro_machine::{
    Commit, FloatCmp, FloatOp, FloatUnary, Flow, Handler, IntCmp, IntOp, Machine, OvfOp, Probe,
    Quasi, R,
};
pub use ouro_py_objects::builtin::Inline;
pub use ouro_py_objects::class::class_flags;
pub use ouro_py_objects::layout::*;
pub use ouro_py_objects::{
    Access, Answer, BinOp, Class, CmpOp, Map, Name, PyCode, Python, Special, Step, Vm,
};
pub use ouro_py_syntax::code::{
    CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE, CO_OPTIMIZED, CO_VARARGS,
    CO_VARKEYWORDS,
};
pub use ouro_py_syntax::{Ins, Op};

/// A machine that runs Python. Every machine of the language is one.
pub trait PyMachine: Machine<L = Python> {}
impl<M: Machine<L = Python>> PyMachine for M {}

/// Operand a as a register number; b and c likewise.
#[inline(always)]
pub fn a(i: &Ins) -> u32 {
    u32::from(i.a)
}
#[inline(always)]
pub fn b(i: &Ins) -> u32 {
    u32::from(i.b)
}
#[inline(always)]
pub fn c(i: &Ins) -> u32 {
    u32::from(i.c)
}
/// Name d.
#[inline(always)]
pub fn green_name<M: PyMachine>(p: &Probe<M>, i: &Ins) -> Name {
    p.code().info.names[i.d as usize]
}
/// Name d as an argument of a residual call.
pub fn name<M: PyMachine>(p: &Probe<M>, i: &Ins) -> M::Word {
    p.word_ref(p.konst(green_name(p, i)))
}
#[inline(always)]
pub fn new_int<M: PyMachine>(p: &Probe<M>, v: M::Int) -> M::Ref {
    p.new_object::<WInt>().with(WInt::VALUE, v).any()
}
#[inline(always)]
pub fn new_float<M: PyMachine>(p: &Probe<M>, v: M::Float) -> M::Ref {
    p.new_object::<WFloat>().with(WFloat::VALUE, v).any()
}
#[inline(always)]
pub fn bool_object<M: PyMachine>(p: &Probe<M>, v: bool) -> Gc {
    p.vm().world().bool(v)
}
