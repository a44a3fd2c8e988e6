//! What a language tells the toolkit about itself.

use crate::{Commit, Flow, Machine, Place, Probe, Vm};
use ouro_gc::{Attention, Gc, RootVisitor};
use std::fmt::Debug;

/// Where an instruction goes on after a guest or residual call: part of every resume point.
pub trait ResumePoint: Copy + Eq + Debug + 'static {
    /// The instruction has not begun.
    const START: Self;
    /// The value goes to the instruction's destination register and the next instruction follows.
    const STORE: Self;
    /// The bottom of a run loop: the value is the loop's result.
    const EXIT: Self;
    fn index(self) -> u8;
    /// The step with this index; `index` came from [`ResumePoint::index`].
    fn from_index(index: u8) -> Self;
    /// The return step that stands for this one after a call in a trace that expected an object of one value class
    /// ([`crate::Unboxed`]): its exception entry also takes the result that such a call raises because it is of another
    /// class. None: such calls are not used before this step.
    fn unboxed(self) -> Option<Self> {
        None
    }
}

/// The data types of a language. Implemented by a marker type.
pub trait Language: Sized + 'static {
    /// One instruction: plain data of fixed size. Instructions of a code object are consecutive.
    type Ins: Copy + 'static;
    type Step: ResumePoint;
    /// Host data of a code object beside what [`crate::Code`] holds.
    type CodeInfo: 'static;
    /// What an inline cache remembers. May hold references to objects that live as long as the cache's key.
    type Answer: Copy + 'static;
    /// The language's global state, reached from [`Vm::world`].
    type World: 'static;

    /// Dense number of an instruction's operation, below the number of operations.
    fn op_index(ins: &Self::Ins) -> usize;
    /// The register that a value stored by [`ResumePoint::STORE`] goes to.
    fn destination(ins: &Self::Ins) -> u32;
    /// A register beside the live ones that the instruction filled for return step `step`, which reads it: collector and
    /// snapshots keep it while the step is to come.
    fn held(_ins: &Self::Ins, _step: Self::Step) -> Option<u32> {
        None
    }
    /// Shows the references in an inline cache's answer to the collector.
    fn visit_answer(_answer: &mut Self::Answer, _visitor: &mut dyn RootVisitor) {}
    /// Called at a safepoint after the heap's own work, with what is left to do: signals, finalizers, thread switches,
    /// out of memory. `Err` is raised there.
    fn attention(vm: &'static Vm<Self>, why: Attention) -> Result<(), Gc>;
    /// A new exception object for "guest stack exhausted".
    fn recursion_error(vm: &'static Vm<Self>) -> Gc;
    /// The object that compiled code gets as an exception instead of a result of another class than it expected, see
    /// [`ResumePoint::unboxed`]. Never called if that gives none.
    fn unexpected(_vm: &'static Vm<Self>, _result: Gc) -> Gc {
        unreachable!("no step expects results of one class")
    }
    /// Whether frames of the code are left to be entered again ([`crate::Flow::Enter`]). Traces that begin there do not end
    /// where the frame is left: it is left too soon, again and again.
    fn suspends(_info: &Self::CodeInfo) -> bool {
        false
    }
    /// Where the instruction may go on: so many instructions further by a jump (backwards if negative), and whether the next
    /// one may follow. Exceptions and calls do not count. Only compilers ask, to find where branches come together.
    fn goes_on(_ins: &Self::Ins) -> (Option<i32>, bool) {
        (None, true)
    }
    // ---- watching, see `crate::watch`
    /// The frame at `at` was entered: called, or resumed where it had been left. The place is parked.
    ///
    /// # Errors
    /// An exception to be raised there.
    fn watch_enter(_vm: &'static Vm<Self>, _at: Place<Self>) -> Result<(), Gc> {
        Ok(())
    }
    /// The instruction at `at` is about to start. The place is parked.
    ///
    /// # Errors
    /// An exception to be raised there instead.
    fn watch_start(_vm: &'static Vm<Self>, _at: Place<Self>) -> Result<(), Gc> {
        Ok(())
    }
    /// The frame at `at` is about to be left with this value: gives it back, since it may move meanwhile.
    ///
    /// # Errors
    /// An exception with which the frame is left instead.
    fn watch_return(_vm: &'static Vm<Self>, _at: Place<Self>, value: Gc) -> Result<Gc, Gc> {
        Ok(value)
    }
    /// The exception passes through the instruction at `at`, whose frame may handle it. Gives it back, or another one in
    /// its place.
    fn watch_raise(_vm: &'static Vm<Self>, _at: Place<Self>, exception: Gc) -> Gc {
        exception
    }
    /// The frame at `at` is about to be left by the exception, which is given back.
    fn watch_unwind(_vm: &'static Vm<Self>, _at: Place<Self>, exception: Gc) -> Gc {
        exception
    }
    /// A frame that the instruction at `at` had entered was left with this value, which is given back; `step` is next.
    ///
    /// # Errors
    /// An exception to be raised there instead.
    fn watch_result(
        _vm: &'static Vm<Self>,
        _at: Place<Self>,
        _step: Self::Step,
        value: Gc,
    ) -> Result<Gc, Gc> {
        Ok(value)
    }
    /// The exception has left a frame that the instruction at `at` had entered, which goes on with `step`. Given back.
    fn watch_arrival(
        _vm: &'static Vm<Self>,
        _at: Place<Self>,
        _step: Self::Step,
        exception: Gc,
    ) -> Gc {
        exception
    }
    /// A short name of a code object, for logs.
    fn code_name(info: &Self::CodeInfo) -> String;
    /// The name of a code object without its place, and its file: for those who watch the compiler.
    fn name_and_file(info: &Self::CodeInfo) -> (String, String) {
        (Self::code_name(info), String::new())
    }
    /// The source line of instruction `pc`, for logs.
    fn line(info: &Self::CodeInfo, pc: usize) -> u32;
}

/// The handlers of a language, written once. Implemented by a marker type in the crate that holds them.
pub trait Handlers: 'static {
    type L: Language;
    /// Runs the operation `op` (see [`Language::op_index`]) for the instruction `ins`.
    fn dispatch<M: Machine<L = Self::L>>(
        op: usize,
        p: Probe<M>,
        ins: &<Self::L as Language>::Ins,
    ) -> Flow<M>;
    /// As `dispatch` for an operation that is a constant: what the threaded driver calls. Worth overriding by a match on
    /// `OP` itself, since that drops the other arms before code is generated.
    #[inline(always)]
    fn run_op<M: Machine<L = Self::L>, const OP: usize>(
        p: Probe<M>,
        ins: &<Self::L as Language>::Ins,
    ) -> Flow<M> {
        Self::dispatch(OP, p, ins)
    }
    /// Does a return step that needs no more than moves, in line where a frame returns, and says by how many instructions it
    /// goes on; 0: nothing is done, [`Handlers::resume`] has to do it. A shortcut for [`crate::Direct`] only.
    #[inline(always)]
    fn resume_in_line<M: Machine<L = Self::L>>(
        _m: M,
        _ins: &<Self::L as Language>::Ins,
        _step: <Self::L as Language>::Step,
        _value: M::Ref,
    ) -> usize {
        0
    }
    /// Does a return step that leaves the frame with the value that it is entered with; false: nothing is done, and
    /// [`Handlers::resume`] has to do it. A shortcut for [`crate::Direct`] only: a chain of such frames is left in one loop.
    #[inline(always)]
    fn passes_on<M: Machine<L = Self::L>>(
        _p: Probe<M>,
        _ins: &<Self::L as Language>::Ins,
        _step: <Self::L as Language>::Step,
    ) -> bool {
        false
    }
    /// Value entries of the return steps.
    fn resume<M: Machine<L = Self::L>>(
        p: Probe<M>,
        ins: &<Self::L as Language>::Ins,
        step: <Self::L as Language>::Step,
        value: M::Ref,
    ) -> Flow<M>;
    /// Exception entries of the return steps; most only pass the exception on.
    fn resume_raised<M: Machine<L = Self::L>>(
        p: Probe<M>,
        ins: &<Self::L as Language>::Ins,
        step: <Self::L as Language>::Step,
        exception: M::Ref,
    ) -> Flow<M>;
    /// An exception passes through instruction `pc` of the machine's current code: the place to extend a traceback.
    /// May write to the exception; must not guard.
    fn unwinding<M: Machine<L = Self::L>>(c: Commit<M>, pc: usize, exception: M::Ref);
    /// Stores the result of a step for [`ResumePoint::STORE`] on the hot path.
    #[inline(always)]
    fn store<M: Machine<L = Self::L>>(m: M, ins: &<Self::L as Language>::Ins, value: M::Ref) {
        m.set_reg(<Self::L as Language>::destination(ins), value)
    }
}
