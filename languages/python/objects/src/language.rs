//! `Language for Python`: the data types that the toolkit asks for.

use crate::class::Answer;
use crate::code::PyCodeInfo;
use crate::step::Step;
use crate::world::World;
use ouro_gc::Gc;
use ouro_machine::Language;
use ouro_py_syntax::Ins;

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
    fn attention(vm: &'static Vm) -> PyResult<()> {
        crate::attention::run(vm)
    }
    fn recursion_error(vm: &'static Vm) -> Gc {
        crate::error::recursion_error(vm)
    }
    fn code_name(info: &PyCodeInfo) -> String {
        format!("{} ({}:{})", info.data.qualname, info.filename, info.data.firstlineno)
    }
    fn line(info: &PyCodeInfo, pc: usize) -> u32 {
        info.data.positions.get(pc).map_or(0, |p| p.line)
    }
}
