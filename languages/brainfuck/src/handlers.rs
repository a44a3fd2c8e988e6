//! Step 4: handlers. Each is generic over the machine: `Direct` runs it, a recorder runs and records it.
//!
//! A handler first probes (it may look and guard), then commits (it may write), and returns a [`Flow`].

use crate::bytecode::{ALL, Ins, Op};
use crate::language::{Brainfuck, Step, stopped};
use crate::objects::{CELLS, Position, Reason, Tape};
use ouro_gc::Gc;
use ouro_machine::{
    Commit, Effects, Flow, Handlers, IntCmp, IntOp, Machine, Probe, R, Vm, residual,
};

/// The handlers' name for the toolkit.
pub enum BrainfuckHandlers {}

const TAPE: u32 = 1;
const POSITION: u32 = 2;

impl Handlers for BrainfuckHandlers {
    type L = Brainfuck;
    #[inline(always)]
    fn dispatch<M: Machine<L = Brainfuck>>(op: usize, p: Probe<M>, i: &Ins) -> Flow<M> {
        match ALL[op] {
            Op::Move => go(p, i),
            Op::Add => add(p, i),
            Op::Write => write(p),
            Op::Read => read(p),
            Op::Open => open(p, i),
            Op::Close => close(p, i),
            Op::End => Flow::Return(p.reg(TAPE)),
        }
    }
    fn resume<M: Machine<L = Brainfuck>>(_: Probe<M>, _: &Ins, step: Step, _: M::Ref) -> Flow<M> {
        match step {
            // The recorder goes through here; drivers take a shortcut.
            Step::Store => Flow::Next,
            Step::Start | Step::Exit => unreachable!("not a return step"),
        }
    }
    fn resume_raised<M: Machine<L = Brainfuck>>(
        _: Probe<M>,
        _: &Ins,
        _: Step,
        e: M::Ref,
    ) -> Flow<M> {
        Flow::Raise(e)
    }
    fn unwinding<M: Machine<L = Brainfuck>>(_: Commit<M>, _: usize, _: M::Ref) {}
}

/// The tape, and the position as a number.
#[inline(always)]
fn state<M: Machine<L = Brainfuck>>(p: &Probe<M>) -> (R<M, Tape>, M::Int) {
    let position = p.get(R::<M, Position>::assume(p.reg(POSITION)), Position::VALUE);
    (R::assume(p.reg(TAPE)), position)
}

#[inline(always)]
fn go<M: Machine<L = Brainfuck>>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (tape, position) = state(&p);
    let position = p.int_op(IntOp::Add, position, p.const_int(i64::from(i.n)));
    if !p.in_bounds(position, p.array_len(tape, &CELLS)) {
        return p.out_of_line(off_the_tape);
    }
    // A fresh box. In a compiled loop it exists only where the loop is left.
    p.set_reg(
        POSITION,
        p.new_object::<Position>()
            .with(Position::VALUE, position)
            .any(),
    );
    Flow::Next
}
fn off_the_tape<M: Machine<L = Brainfuck>>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.commit().call_store(&STOP, [])
}

#[inline(always)]
fn add<M: Machine<L = Brainfuck>>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (tape, position) = state(&p);
    let sum = p.int_op(
        IntOp::Add,
        p.item(tape, &CELLS, position),
        p.const_int(i64::from(i.n)),
    );
    let sum = p.int_op(IntOp::And, sum, p.const_int(255));
    p.commit().set_item(tape, &CELLS, position, sum);
    Flow::Next
}

#[inline(always)]
fn is_zero<M: Machine<L = Brainfuck>>(p: &Probe<M>) -> bool {
    let (tape, position) = state(p);
    p.guard(p.int_cmp(IntCmp::Eq, p.item(tape, &CELLS, position), p.const_int(0)))
}
#[inline(always)]
fn open<M: Machine<L = Brainfuck>>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if is_zero(&p) {
        Flow::Jump(i.n)
    } else {
        Flow::Next
    }
}
#[inline(always)]
fn close<M: Machine<L = Brainfuck>>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if is_zero(&p) {
        Flow::Next
    } else {
        Flow::Loop(i.n)
    }
}

/// Calls into Rust leave the line, so that the hot path of other instructions has no calls.
#[inline(always)]
fn write<M: Machine<L = Brainfuck>>(p: Probe<M>) -> Flow<M> {
    p.out_of_line(|p, _| {
        let (tape, position) = state(&p);
        let cell = p.word_int(p.item(tape, &CELLS, position));
        p.commit().call_store(&WRITE, [cell])
    })
}
#[inline(always)]
fn read<M: Machine<L = Brainfuck>>(p: Probe<M>) -> Flow<M> {
    p.out_of_line(|p, _| {
        let words = [p.word_ref(p.reg(TAPE)), p.word_ref(p.reg(POSITION))];
        p.commit().call_store(&READ, words)
    })
}

residual!(WRITE = put, (cell: i64) -> (); Brainfuck, Effects { can_raise: false, ..Effects::writes(&[]) });
residual!(READ = take, (tape: Gc, position: Gc) -> (); Brainfuck, Effects { can_raise: false, ..Effects::writes(&["Tape"]) });
residual!(STOP = stop, () -> Result<(), Gc>; Brainfuck, Effects::READS_OR_RAISES);

fn put(vm: &'static Vm<Brainfuck>, cell: i64) {
    vm.world().output.borrow_mut().push(cell as u8);
}
/// At the end of the input the cell becomes 0.
fn take(vm: &'static Vm<Brainfuck>, tape: Gc, position: Gc) {
    let byte = vm.world().input.borrow_mut().pop_front().unwrap_or(0);
    let position = position.expect::<Position>().value as usize;
    tape.expect::<Tape>().items()[position].set(byte);
}
fn stop(vm: &'static Vm<Brainfuck>) -> Result<(), Gc> {
    Err(stopped(vm, Reason::OffTheTape))
}
