//! Step 3: what the toolkit must know of the language.

use crate::bytecode::Ins;
use crate::objects::{Reason, Stopped};
use ouro_gc::{Attention, Gc, Header};
use ouro_machine::{Language, ResumePoint, Vm};
use std::cell::RefCell;

/// The language's name for the toolkit.
pub enum Brainfuck {}

/// Where an instruction goes on after a call. No instruction here has a second half, so these are the three that every
/// language has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Start,
    Store,
    Exit,
}
impl ResumePoint for Step {
    const START: Step = Step::Start;
    const STORE: Step = Step::Store;
    const EXIT: Step = Step::Exit;
    fn index(self) -> u8 {
        self as u8
    }
    fn from_index(index: u8) -> Step {
        [Step::Start, Step::Store, Step::Exit][usize::from(index)]
    }
}

/// Input that is left, and output so far.
#[derive(Default)]
pub struct World {
    pub input: RefCell<std::collections::VecDeque<u8>>,
    pub output: RefCell<Vec<u8>>,
}

impl Language for Brainfuck {
    type Ins = Ins;
    type Step = Step;
    type CodeInfo = ();
    /// There are no inline caches.
    type Answer = ();
    type World = World;

    fn op_index(ins: &Ins) -> usize {
        ins.op as usize
    }
    fn destination(_: &Ins) -> u32 {
        // Results of calls are not used; register 0 takes them.
        0
    }
    fn attention(_: &'static Vm<Self>, _: Attention) -> Result<(), Gc> {
        Ok(())
    }
    fn recursion_error(vm: &'static Vm<Self>) -> Gc {
        stopped(vm, Reason::StackOverflow)
    }
    fn code_name((): &()) -> String {
        "program".to_owned()
    }
    fn line((): &(), _: usize) -> u32 {
        1
    }
}

/// A new exception object.
pub fn stopped(vm: &'static Vm<Brainfuck>, reason: Reason) -> Gc {
    let header = Header::of::<Stopped>();
    vm.heap
        .new_object(Stopped {
            header,
            reason: reason as i64,
        })
        .into()
}
