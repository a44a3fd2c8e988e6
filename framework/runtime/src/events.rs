//! What the compiler tells those who watch it. Events wait in a queue until a safepoint of the program takes them: no guest
//! code may run while something is recorded or compiled.

use ouro_gc::Attention;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// What the VM's next safepoint is asked to attend to when there is an event.
pub const ATTENTION: Attention = Attention::FIRST_USER;

/// So many events wait at most: a watcher that takes long does not make memory grow. The oldest go first.
const MOST_EVENTS: usize = 4096;

/// How a trace is entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Loop,
    Function,
    Bridge,
    Join,
}
impl Kind {
    /// For names and statistics.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Loop => "loop",
            Kind::Function => "function",
            Kind::Bridge => "bridge",
            Kind::Join => "join",
        }
    }
}

/// Where a trace begins.
#[derive(Clone, Debug)]
pub struct Spot {
    pub kind: Kind,
    /// Name of the code object.
    pub name: String,
    pub file: String,
    pub line: u32,
}

/// A trace that was compiled.
#[derive(Clone, Debug)]
pub struct CompiledEvent {
    /// Traces are numbered in the order in which they are compiled.
    pub number: u32,
    /// Operations that were recorded, and those that were compiled.
    pub recorded_ops: usize,
    pub compiled_ops: usize,
    pub guards: usize,
    /// Bytes of machine code; 0 where there is none.
    pub code_bytes: usize,
    /// Nanoseconds of wall-clock time.
    pub record_ns: u64,
    pub optimize_ns: u64,
    pub codegen_ns: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Happened {
    Compiled(CompiledEvent),
    /// Nothing came of a recording, for this reason.
    Aborted(String),
    /// What the trace with this number assumed has changed: it is not entered any more.
    Invalidated(u32),
    /// The memory of the trace with this number was given back.
    Freed(u32),
}

/// An event and the trace's place.
#[derive(Clone, Debug)]
pub struct Event {
    pub spot: Spot,
    pub happened: Happened,
}

/// The queue.
#[derive(Default)]
pub struct Events {
    waiting: RefCell<VecDeque<Event>>,
    listening: Cell<bool>,
}

impl Events {
    /// Whether somebody wants to know.
    pub fn are_wanted(&self) -> bool {
        self.listening.get()
    }
    /// Events are kept from now on, or not any more.
    pub fn listen(&self, listening: bool) {
        self.listening.set(listening);
        if !listening {
            self.waiting.borrow_mut().clear();
        }
    }
    /// The oldest event that waits.
    pub fn take(&self) -> Option<Event> {
        self.waiting.borrow_mut().pop_front()
    }
    pub(crate) fn push(&self, event: Event) {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.len() == MOST_EVENTS {
            waiting.pop_front();
        }
        waiting.push_back(event);
    }
}
