//! `Language for Python`: the data types that the toolkit asks for.

use crate::access::Access;
use crate::class::Answer;
use crate::code::PyCodeInfo;
use crate::layout::WCell;
use crate::step::Step;
use crate::world::World;
use ouro_gc::{Attention, Gc, RootVisitor};
use ouro_machine::{Language, Place};
use ouro_py_syntax::Ins;
use std::cell::Cell;

/// The marker of the language.
pub struct Python;

/// A virtual machine that runs Python.
pub type Vm = ouro_machine::Vm<Python>;
/// A result of runtime code: the error is a guest exception.
pub type PyResult<T = Gc> = Result<T, Gc>;

impl Language for Python {
    type Ins = Ins;
    type Step = Step;
    type CodeInfo = PyCodeInfo;
    type Answer = Answer;
    type World = World;

    #[inline(always)]
    fn op_index(ins: &Ins) -> usize {
        ins.op as usize
    }
    #[inline(always)]
    fn destination(ins: &Ins) -> u32 {
        u32::from(ins.a)
    }
    /// The instance under construction lies in the scratch register of the call's window.
    fn held(ins: &Ins, step: Step) -> Option<u32> {
        (step == Step::Init).then_some(u32::from(ins.b))
    }
    fn visit_answer(answer: &mut Answer, visitor: &mut dyn RootVisitor) {
        let mut visit = |object: &mut Gc| {
            let slot = Cell::new(*object);
            if !object.is_null() {
                visitor.slot(&slot);
            }
            *object = slot.get();
        };
        match answer {
            Answer::Value(v)
            | Answer::Method(v)
            | Answer::BuiltinMethod(v)
            | Answer::Property(v)
            | Answer::PropertySet(v)
            | Answer::Descriptor(v) => visit(v),
            Answer::Global(v) | Answer::Special(v) | Answer::New(_, v) => visit(v),
            Answer::ClassMethod(v, class) => {
                visit(v);
                visit(class);
            }
            Answer::Slot(_) | Answer::InDict | Answer::Grow(..) | Answer::Slow => {}
        }
    }
    fn attention(vm: &'static Vm, why: Attention) -> PyResult<()> {
        crate::attention::run(vm, why)
    }
    fn recursion_error(vm: &'static Vm) -> Gc {
        crate::error::recursion_error(vm)
    }
    fn unexpected(vm: &'static Vm, result: Gc) -> Gc {
        crate::access::alloc::<WCell>(vm).init(WCell::VALUE, result)
    }
    fn watch_enter(vm: &'static Vm, at: Place<Python>) -> PyResult<()> {
        crate::watch::enter(vm, at)
    }
    fn watch_start(vm: &'static Vm, at: Place<Python>) -> PyResult<()> {
        crate::watch::start(vm, at)
    }
    fn watch_return(vm: &'static Vm, at: Place<Python>, value: Gc) -> PyResult {
        crate::watch::leave(vm, at, value)
    }
    fn watch_raise(vm: &'static Vm, at: Place<Python>, exception: Gc) -> Gc {
        crate::watch::raise(vm, at, exception)
    }
    fn watch_unwind(vm: &'static Vm, at: Place<Python>, exception: Gc) -> Gc {
        crate::watch::unwind(vm, at, exception)
    }
    fn watch_result(vm: &'static Vm, at: Place<Python>, step: Step, value: Gc) -> PyResult {
        crate::watch::result(vm, at, step, value)
    }
    fn watch_arrival(vm: &'static Vm, at: Place<Python>, step: Step, exception: Gc) -> Gc {
        crate::watch::arrival(vm, at, step, exception)
    }
    fn suspends(info: &PyCodeInfo) -> bool {
        use ouro_py_syntax::code::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR};
        info.has(CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)
    }
    fn goes_on(ins: &Ins) -> (Option<i32>, bool) {
        use ouro_py_syntax::Flags;
        let jump = ins.op.has(Flags::JUMP).then_some(ins.d);
        (jump, !ins.op.has(Flags::END))
    }
    fn code_name(info: &PyCodeInfo) -> String {
        format!(
            "{} ({}:{})",
            info.data.qualname, info.filename, info.data.firstlineno
        )
    }
    fn name_and_file(info: &PyCodeInfo) -> (String, String) {
        (info.data.qualname.to_string(), info.filename.to_string())
    }
    fn line(info: &PyCodeInfo, pc: usize) -> u32 {
        info.data.positions.get(pc).map_or(0, |p| p.line)
    }
}
