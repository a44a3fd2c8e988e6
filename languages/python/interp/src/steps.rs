//! Return steps: where an instruction goes on with a value or an exception.

use crate::prelude::*;
use crate::{
    asynchronous, attributes, build, builtins, compare, consume, delegation, dispatch, exceptions,
    foreign, generators, instances, iterate, names, operators, truth, with,
};
use ouro_machine::Handlers;
use ouro_py_syntax::opcode::ALL_OPS;

/// The handlers of Python.
pub struct PyHandlers;

impl Handlers for PyHandlers {
    type L = Python;
    #[inline(always)]
    fn dispatch<M: PyMachine>(op: usize, p: Probe<M>, i: &Ins) -> Flow<M> {
        dispatch::dispatch(ALL_OPS[op], p, i)
    }
    #[inline(always)]
    fn passes_on<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step) -> bool {
        delegation::passes_on(p, i, step)
    }
    #[inline(always)]
    fn resume<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step, v: M::Ref) -> Flow<M> {
        resume(p, i, step, v)
    }
    #[inline(always)]
    fn resume_raised<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step, e: M::Ref) -> Flow<M> {
        resume_raised(p, i, step, e)
    }
    #[inline(always)]
    fn unwinding<M: PyMachine>(c: Commit<M>, pc: usize, e: M::Ref) {
        exceptions::unwinding(c, pc, e)
    }
}

/// Value entries.
pub fn resume<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step, v: M::Ref) -> Flow<M> {
    match step {
        Step::Store | Step::Unboxed => {
            p.set_reg(a(i), v);
            Flow::Next
        }
        Step::GenNext | Step::GenSend | Step::YieldFrom => generators::after(p, i, step, v),
        Step::Drop => Flow::Next,
        Step::Init => instances::after_init(p, i, v),
        Step::New => instances::after_new(p, i, v),
        Step::InPlace => operators::after_in_place(p, i, v),
        Step::BinLeft => operators::after_left(p, i, v),
        Step::BinLast => operators::after_last(p, i, v),
        Step::CmpLeft => compare::after_left(p, i, v),
        Step::CmpRight => compare::after_right(p, i, v),
        Step::Truth => truth::of(p, i, v),
        Step::BoolResult => truth::after_bool(p, i, v),
        Step::LenResult => truth::after_len(p, i, v),
        Step::Len => builtins::after_len(p, i, v),
        Step::ForNext | Step::UnboxedNext => iterate::after_next(p, i, v),
        Step::Iter => iterate::after_iter(p, i, v),
        Step::Enter => with::after_before(p, i, v),
        Step::MethodValue => attributes::after_method_value(p, i, v),
        Step::Unpack => build::after_unpack(p, i, v),
        Step::Aux0 => match i.op {
            Op::LoadClassDeref => names::after_class_deref(p, i, v),
            Op::ExcGroupMatch => exceptions::after_group_match(p, i, v),
            Op::YieldFrom | Op::Delegate => delegation::after_send(p, i, v),
            Op::GetAiter | Op::GetAnext | Op::GetAwaitable => asynchronous::after_method(p, i, v),
            Op::MakeGenerator => generators::after_make(p, v),
            Op::LoadAttr | Op::LoadMethod => attributes::after_getter(p, i, v),
            Op::Call | Op::CallMethod => consume::prepared(p, i),
            op => unreachable!("{op:?} has no step of its own"),
        },
        Step::Aux1 => delegation::after_builtin(p, i, v),
        step => unreachable!("{step:?} is not used by a handler"),
    }
}
/// Exception entries.
pub fn resume_raised<M: PyMachine>(p: Probe<M>, i: &Ins, step: Step, e: M::Ref) -> Flow<M> {
    match step {
        Step::ForNext => iterate::after_next_raised(p, i, e),
        Step::Aux0 if matches!(i.op, Op::LoadAttr | Op::LoadMethod) => {
            attributes::after_getter_raised(p, i, e)
        }
        Step::Unboxed => foreign::after_unexpected(p, i, e),
        Step::UnboxedNext => foreign::after_unexpected_next(p, i, e),
        Step::GenNext | Step::GenSend | Step::YieldFrom => generators::after_raised(p, i, step, e),
        _ => Flow::Raise(e),
    }
}
