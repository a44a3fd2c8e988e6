//! Random type-correct traces, for the tests of everything that reads or transforms traces.
//!
//! [`Case::new`] makes a trace like a recorder does: it executes each operation on [`ToyHeap`] while it appends it, so
//! the first iteration reaches the end by construction, and later iterations and other inputs leave by exits.
//! The same seed gives the same case. Use it so:
//!
//! ```
//! use ouro_ir::random::{Case, Form};
//! let case = Case::new(7, Form::Compiled);
//! let outcome = case.run_on_irexec(&case.trace, 0, &mut |_| false).expect("random traces have no faults");
//! assert!(outcome.text.contains("start") || outcome.text.contains("Enter") || outcome.text.contains("raise"));
//! ```
//!
//! Another backend builds the same heap by [`Case::inputs`] on a `ToyHeap` of its own, runs, and compares the text
//! of `irexec::observe` with the outcome's. Objects that it allocates itself must lie in a `ToyHeap::add_window`.

mod callees;
mod exits;
mod generate;
mod ops;
mod rng;
mod shrink;
mod world;

pub use rng::Rng;
pub use shrink::shrink;
pub use world::{Callee, Class, INPUT_LEN, World, resolve};

use crate::descr::LabelTarget;
use crate::exit::ExitId;
use crate::irexec::{End, Fault, Layouts, Memory, State, ToyHeap, observe};
use crate::trace::{Arg, Trace, Ty};

/// What a random trace looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As the recorder leaves it: all registers hold references, exits have no virtual objects, the last operation
    /// jumps to the start.
    Recorded,
    /// As the optimizer leaves it: labels with parameters of all types, virtual objects in exits.
    Compiled,
}

/// A random trace with its inputs.
#[derive(Clone, Debug)]
pub struct Case {
    /// Makes the case again.
    pub seed: u64,
    /// Its form.
    pub form: Form,
    /// The trace.
    pub trace: Trace,
    /// Its descriptors.
    pub world: World,
    /// How objects look.
    pub layouts: Layouts,
    /// The class of each input of a loop.
    pub classes: Vec<Class>,
    /// What is known of reference values: (value, class, least length if it is an array).
    pub known: Vec<(Arg, Class, u32)>,
}

/// A bridge for an exit of a case.
#[derive(Clone, Debug)]
pub struct BridgeCase {
    /// The bridge; its inputs are operands of the parent's exit.
    pub trace: Trace,
    /// The operation of the parent that must leave.
    pub parent_op: usize,
    /// Its exit.
    pub parent_exit: ExitId,
    /// How many executed operations that could leave are passed in run 0 before it leaves (earlier iterations counted).
    pub visits: u32,
}

/// How a run ended, in words that do not depend on addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What can be observed.
    pub text: String,
}

/// No test needs more.
const FUEL: u64 = 100_000;

impl Case {
    /// The case of a seed.
    pub fn new(seed: u64, form: Form) -> Case {
        generate::case(seed, form)
    }

    /// A bridge for the exit of the `n`-th guard of this case (of those that run 0 reaches). None if there are not so
    /// many. Follows the same trace in run 0 up to that guard.
    pub fn bridge(&self, n: usize) -> Option<BridgeCase> {
        generate::bridge(self, n)
    }

    /// Makes the objects of a run and returns the bits of the inputs. Run 0 is the one that the trace was made with.
    pub fn inputs(&self, run: u32, heap: &mut ToyHeap) -> Vec<u64> {
        self.objects(run, heap).0
    }

    /// The inputs, and all objects that a run begins with; all are old, so stores into them need barriers.
    pub fn objects(&self, run: u32, heap: &mut ToyHeap) -> (Vec<u64>, Vec<u64>) {
        let objects = self.objects_in(run, heap);
        heap.safepoint();
        objects
    }

    /// The same in any memory, where the objects are new. There must not be a collection meanwhile.
    pub fn objects_in(&self, run: u32, memory: &mut dyn Memory) -> (Vec<u64>, Vec<u64>) {
        generate::inputs(
            &self.world,
            &self.trace,
            &self.classes,
            self.seed,
            run,
            memory,
        )
    }

    /// Runs `trace`, which is this case's trace or something made from it, on the inputs of a run.
    ///
    /// # Errors
    /// A fault: the trace is wrong.
    pub fn run_on_irexec(
        &self,
        trace: &Trace,
        run: u32,
        must_leave: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Outcome, Fault> {
        let mut heap = ToyHeap::new();
        let (inputs, roots) = self.objects(run, &mut heap);
        let mut state = State::new(trace, &inputs);
        let end = state.run(trace, &mut heap, must_leave, FUEL)?;
        let text = self.observe_end(trace, &end, &|arg| state.get(arg), &roots, &heap);
        Ok(Outcome { end, text })
    }

    /// The text of an end: `observe` for exits, the registers for jumps to other traces.
    pub fn observe_end(
        &self,
        trace: &Trace,
        end: &End,
        value_of: &dyn Fn(Arg) -> u64,
        roots: &[u64],
        memory: &dyn Memory,
    ) -> String {
        match end {
            End::Exit { exit, pending, .. } => observe(
                trace,
                &self.layouts,
                *exit,
                value_of,
                *pending,
                roots,
                memory,
            ),
            End::EnterLabel { token, params } => {
                let last = trace.ops.last().expect("it jumped");
                let LabelTarget::Label { params: types, .. } = &trace.label(last.descr).target
                else {
                    unreachable!("it jumped to a label elsewhere")
                };
                // Plain words are shown as they are, references as the registers of a jump to an entry.
                let words = params.iter().zip(types).zip(0..);
                let (refs, plain): (Vec<_>, Vec<_>) =
                    words.partition(|((_, ty), _)| **ty == Ty::Ref);
                let registers = refs.iter().map(|((bits, _), n)| (*n, **bits)).collect();
                let enter = End::Enter {
                    token: *token,
                    registers,
                };
                let text = self.observe_end(trace, &enter, value_of, roots, memory);
                let plain: Vec<String> = plain
                    .iter()
                    .map(|((bits, _), n)| format!("p{n}={bits:#x}"))
                    .collect();
                format!("label {}\n{text}", plain.join(" "))
            }
            End::Enter { token, registers } => {
                // An exit with the same registers describes the same state.
                let mut exit_trace = trace.clone();
                let live = registers
                    .iter()
                    .enumerate()
                    .map(|(n, r)| (r.0 as u16, Arg::var(n as u32)))
                    .collect();
                let frame = crate::exit::Frame {
                    code: *token,
                    pc: 0,
                    step: 0,
                    base: 0,
                    live,
                };
                let entry = crate::exit::Entry::Start;
                let exit = exit_trace.add_exit(crate::exit::Exit {
                    frames: [frame.into()].into_iter().collect(),
                    entry,
                    virtuals: Vec::new(),
                });
                exit_trace.value_types = vec![crate::trace::Ty::Ref; registers.len()];
                let value_of = |arg: Arg| registers[arg.as_var().expect("made above") as usize].1;
                observe(
                    &exit_trace,
                    &self.layouts,
                    exit,
                    &value_of,
                    0,
                    roots,
                    memory,
                )
            }
        }
    }
}

/// Leaves at each `k`-th guard that is executed.
pub fn every(k: u64) -> impl FnMut(usize) -> bool {
    let mut count = 0;
    move |_| {
        count += 1;
        count % k == 0
    }
}
