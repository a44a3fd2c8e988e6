//! The fast interpreter of Python: the handlers of `ouro_py_interp` instantiated with `Direct`, one function per
//! operation, chained by tail calls.
//!
//! This crate is apart so that it is compiled in parallel with the recorder's instantiation and with settings of its own
//! (one codegen unit: the table and its functions are optimised together).
#![forbid(unsafe_code)]

use ouro_machine::threaded::{Thread, Threaded, thread};
use ouro_machine::{Commit, Flow, Handlers, Hooks, Machine, Probe};
use ouro_py_interp::PyHandlers;
use ouro_py_objects::generator::SUSPENDED;
use ouro_py_objects::layout::{WAsyncValue, WAwaitable, WGenerator};
use ouro_py_objects::{Access, Python, Step};
use ouro_py_syntax::{Ins, Op, for_each_instruction};

/// [`PyHandlers`] with a table of threads. They are the same handlers: this only forwards.
pub enum PyDirect {}

impl Handlers for PyDirect {
    type L = Python;
    #[inline(always)]
    fn dispatch<M: Machine<L = Python>>(op: usize, p: Probe<M>, i: &Ins) -> Flow<M> {
        PyHandlers::dispatch(op, p, i)
    }
    #[inline(always)]
    fn run_op<M: Machine<L = Python>, const OP: usize>(p: Probe<M>, i: &Ins) -> Flow<M> {
        ouro_py_interp::run_op::<M, OP>(p, i)
    }
    #[inline(always)]
    fn resume_in_line<M: Machine<L = Python>>(m: M, i: &Ins, step: Step, v: M::Ref) -> usize {
        let held = m.reg(u32::from(i.b));
        let stored = match step {
            // `__init__` has returned None: the instance in the scratch register is the result.
            Step::Init if m.concrete(v) == m.vm().world().none => held,
            // The generator of a for loop has yielded.
            Step::GenNext if m.concrete(held).get(WGenerator::STATE) == SUSPENDED => v,
            // What was asked of an asynchronous generator has come.
            Step::YieldFrom if m.concrete(v).is::<WAsyncValue>() => {
                let awaitable = m.concrete(held);
                if !awaitable.is::<WAwaitable>() {
                    return 0;
                }
                awaitable.set(m.vm(), WAwaitable::STATE, 2);
                m.konst(m.concrete(v).get(WAsyncValue::VALUE))
            }
            _ => return 0,
        };
        m.set_reg(u32::from(i.a), stored);
        match i.op {
            Op::YieldFrom => 2,
            _ => 1,
        }
    }
    #[inline(always)]
    fn passes_on<M: Machine<L = Python>>(p: Probe<M>, i: &Ins, step: Step) -> bool {
        PyHandlers::passes_on(p, i, step)
    }
    #[inline(always)]
    fn resume<M: Machine<L = Python>>(p: Probe<M>, i: &Ins, step: Step, v: M::Ref) -> Flow<M> {
        PyHandlers::resume(p, i, step, v)
    }
    #[inline(always)]
    fn resume_raised<M: Machine<L = Python>>(
        p: Probe<M>,
        i: &Ins,
        step: Step,
        e: M::Ref,
    ) -> Flow<M> {
        PyHandlers::resume_raised(p, i, step, e)
    }
    #[inline(always)]
    fn unwinding<M: Machine<L = Python>>(c: Commit<M>, pc: usize, e: M::Ref) {
        PyHandlers::unwinding(c, pc, e)
    }
}

macro_rules! table {
    ($($name:ident => { $doc:literal, [$($read:ident)*], [$($write:ident)*], [$($flag:ident)*] })*) => {
        impl Threaded for PyDirect {
            const THREADS: &'static [Thread<Python>] =
                &[$(thread::<PyDirect, { ouro_py_syntax::Op::$name as usize }>),*];
        }
    };
}
for_each_instruction!(table);

/// How the binary runs a frame without a compiler. Never inlined: an inlined function would take the code of all threads
/// with it into the crate that calls it.
#[inline(never)]
pub fn hooks() -> Hooks<Python> {
    Hooks {
        run: ouro_machine::threaded::run_threaded::<PyDirect>,
        hot: None,
        called_code_left: None,
        invalidate: None,
    }
}
