//! Step 5: running. A VM is a heap, a guest stack and hooks; a compiler is one more hook, plugged in by the caller.

use crate::bytecode::{ALL, Ins, Op};
use crate::handlers::BrainfuckHandlers;
pub use crate::language::Brainfuck;
use crate::language::World;
use crate::objects::{Position, Reason, Tape, reason_of, types};
use ouro_gc::{COLLECTORS, Config, Header, Heap, HeapError, TypeId};
use ouro_machine::threaded::{Thread, Threaded, run_threaded, thread};
use ouro_machine::{CodeParts, Entry, Hooks, Vm};

impl Threaded for BrainfuckHandlers {
    const THREADS: &'static [Thread<Brainfuck>] = &[
        thread::<Self, 0>,
        thread::<Self, 1>,
        thread::<Self, 2>,
        thread::<Self, 3>,
        thread::<Self, 4>,
        thread::<Self, 5>,
        thread::<Self, 6>,
    ];
}
const _: () = assert!(<BrainfuckHandlers as Threaded>::THREADS.len() == ALL.len());

/// Cells of a tape.
pub const TAPE_CELLS: usize = 30_000;
/// Registers: the callee (unused here), the tape, the position.
const REGISTERS: u32 = 3;

/// How to run with the fast driver. A compiler adds its hooks to these.
pub fn hooks() -> Hooks<Brainfuck> {
    Hooks {
        run: run_threaded::<BrainfuckHandlers>,
        hot: None,
        called_code_left: None,
        invalidate: None,
    }
}

/// A VM with a heap as `config` says. It lives as long as the process.
///
/// # Errors
/// An unknown collector, or no address space.
pub fn new_vm(
    config: Config,
    hooks: Hooks<Brainfuck>,
) -> Result<&'static Vm<Brainfuck>, HeapError> {
    let heap = Heap::new(config, COLLECTORS, types())?;
    let vm = Vm::leak(heap, hooks, parts(vec![Ins { op: Op::End, n: 0 }]));
    vm.set_world(World::default());
    Ok(vm)
}

fn parts(ins: Vec<Ins>) -> CodeParts<Brainfuck> {
    CodeParts {
        live: vec![0; ins.len()],
        live_sets: vec![(0..REGISTERS as u16).collect()],
        ins,
        consts: Vec::new(),
        sites: 0,
        handled: Vec::new(),
        nargs: REGISTERS,
        nlocals: REGISTERS,
        nregs: REGISTERS,
        info: (),
    }
}

/// What a program wrote, and why it was stopped if it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    pub bytes: Vec<u8>,
    pub stopped: Option<Reason>,
}

/// Runs a program on `input`.
pub fn run(vm: &'static Vm<Brainfuck>, program: Vec<Ins>, input: &[u8]) -> Output {
    let world = vm.world();
    *world.input.borrow_mut() = input.iter().copied().collect();
    world.output.borrow_mut().clear();
    let code = vm.add_code(parts(program));
    let tape = vm
        .heap
        .alloc_var(TypeId(<Tape as ouro_gc::Object>::TYPE_ID), TAPE_CELLS);
    let tape = tape.expect("a tape fits into any heap");
    let start = vm.heap.new_object(Position {
        header: Header::of::<Position>(),
        value: 0,
    });
    let outcome = vm.call_frame(code, 0, Entry::Start, |registers| {
        registers[1] = tape;
        registers[2] = start.into();
    });
    let bytes = std::mem::take(&mut *world.output.borrow_mut());
    Output {
        bytes,
        stopped: outcome.err().map(reason_of),
    }
}
