//! Runs a program as a JIT would: interpret, record, compile, run, leave, resume, bridge.

use crate::machine::{Machine, Next, OUTER, V};
use crate::program::{Code, Ins, REGISTERS, Rng};
use crate::schema::{DESCRS, ENTRY, START, WFLOAT, WINT, World};
use ouro_ir::irexec::{End, Memory, State};
use ouro_ir::{
    Arg, Entry, Exit, ExitId, Frame, Opcode, Source, Trace, TraceKind, Ty, VirtualObject, Width,
};
use ouro_optimizer::{Options, optimize, optimize_bridge};
use std::collections::HashMap;
use std::sync::Arc;

/// What happened, summed over many programs: a fuzzer that meets nothing proves nothing.
#[derive(Default, Debug, Clone)]
pub struct Counts {
    pub programs: u32,
    pub compiled: u32,
    pub peeled: u32,
    pub given_up: u32,
    pub carried_virtual: u32,
    pub exits: u32,
    pub exits_with_virtuals: u32,
    /// Exits that make up for a store that was put aside.
    pub exits_with_delayed: u32,
    pub forced_exits: u32,
    pub bridges: u32,
    pub bridges_with_virtuals: u32,
    pub bridge_runs: u32,
    pub jumps_between: u32,
    /// Jumps to the open label of the loop.
    pub jumps_inside: u32,
    /// Parameters of open labels that are unboxed.
    pub unboxed: u32,
    pub recorded_ops: u32,
    pub body_ops: u32,
    pub iterations: u32,
}

pub type Registers = [u64; REGISTERS];

/// The world and the registers every run of a seed begins with.
pub fn build(seed: u64) -> (World, Registers) {
    let mut rng = Rng::new(seed ^ 0x5555);
    let mut world = World::default();
    let mut registers = [0; REGISTERS];
    registers[0] = world.int(0);
    let objects: Vec<u64> = (0..3).map(|_| world.heap.add(5, 56)).collect();
    for (n, r) in registers.iter_mut().enumerate().skip(1) {
        *r = match n {
            1 | 2 => world.int(rng.below(6) as i64 - 1),
            3 if rng.chance(70) => world.int(rng.below(200) as i64),
            3 => {
                let f = world.heap.add(4, 16);
                world
                    .heap
                    .store(f, 8, Width::F64, 1.5f64.to_bits())
                    .expect("fresh");
                f
            }
            _ => objects[rng.below(3) as usize],
        };
    }
    for n in &objects {
        for offset in [8, 16] {
            let v = world.int(rng.below(5) as i64);
            world.heap.store(*n, offset, Width::Ref, v).expect("a node");
        }
        let next = if rng.chance(10) {
            0
        } else {
            objects[rng.below(3) as usize]
        };
        world.heap.store(*n, 24, Width::Ref, next).expect("a node");
        world
            .heap
            .store(*n, 40, Width::U8, rng.below(4))
            .expect("a node");
    }
    world.heap.safepoint();
    (world, registers)
}

fn plain(registers: &Registers) -> [V; REGISTERS] {
    registers.map(|bits| (bits, Arg::NONE))
}
/// Interprets from `pc` to the header; false when the loop has ended.
fn interpret(
    world: &mut World,
    code: &[Ins],
    mut pc: usize,
    registers: &mut Registers,
    limit: i64,
) -> bool {
    let mut machine = Machine::new(world, None);
    let mut r = plain(registers);
    let goes_on = loop {
        match machine.step(code, pc, &mut r, limit) {
            Next::At(next) => pc = next,
            Next::Header => break true,
            Next::Done => break false,
        }
    };
    *registers = r.map(|v| v.0);
    goes_on
}
/// The oracle.
pub fn interpret_all(world: &mut World, code: &[Ins], registers: &mut Registers, limit: i64) {
    while interpret(world, code, 0, registers, limit) {}
}

/// Records from `pc` to the header; none when the loop ended meanwhile.
fn record(
    world: &mut World,
    code: &[Ins],
    mut pc: usize,
    mut r: [V; REGISTERS],
    trace: Trace,
    limit: i64,
) -> (Option<Trace>, Registers) {
    let target = if trace.kind == TraceKind::Loop {
        START
    } else {
        ENTRY
    };
    let mut machine = Machine::new(world, Some(trace));
    let mut trace = loop {
        match machine.step(code, pc, &mut r, limit) {
            Next::At(next) => pc = next,
            Next::Header => {
                machine.close(&r, target);
                break machine.recording.take();
            }
            Next::Done => break None,
        }
    };
    if let Some(trace) = &mut trace {
        trace
            .verify()
            .and_then(|()| trace.verify_barriers())
            .unwrap_or_else(|e| panic!("recorded: {e}\n{trace}"));
    }
    (trace, r.map(|v| v.0))
}

struct Left {
    pc: usize,
    registers: Registers,
    /// The exit's operand for each register, none for the pending value.
    operands: [Arg; REGISTERS],
}

/// Makes the virtual objects of the exit and reads the registers.
fn leave(
    world: &mut World,
    trace: &Trace,
    state: &State,
    exit: ExitId,
    pending: u64,
    code: &[Ins],
) -> Left {
    let exit = trace.exit(exit);
    let made: Vec<u64> = exit
        .virtuals
        .iter()
        .map(|v| match v {
            VirtualObject::Struct { ty, .. } => world.alloc(trace.type_descr(*ty)).expect("fits"),
            VirtualObject::Array { descr, items } => world
                .alloc_array(trace.array(*descr), items.len() as i64)
                .expect("fits"),
            VirtualObject::Existing { object, .. } => state.get(*object),
        })
        .collect();
    let bits = |a: Arg| {
        a.as_virtual()
            .map_or_else(|| state.get(a), |n| made[n as usize])
    };
    for (object, address) in exit.virtuals.iter().zip(&made) {
        match object {
            VirtualObject::Struct { fields, .. } | VirtualObject::Existing { fields, .. } => {
                for (field, a) in fields {
                    let f = trace.field(*field);
                    world
                        .store(*address, f.offset.into(), f.width, bits(*a))
                        .expect("a field");
                }
            }
            VirtualObject::Array { descr, items } => {
                let array = trace.array(*descr);
                for (i, a) in items.iter().enumerate() {
                    world
                        .store(
                            *address,
                            (array.items_offset as usize + 8 * i) as u64,
                            array.item,
                            bits(*a),
                        )
                        .expect("an item");
                }
            }
        }
    }
    let (mut registers, mut operands) = ([0; REGISTERS], [Arg::NONE; REGISTERS]);
    for frame in &exit.frames {
        for (r, a) in &frame.live {
            let at = frame.base as usize + *r as usize;
            registers[at] = bits(*a);
            operands[at] = *a;
        }
    }
    let mut pc = exit.frames[1].pc as usize;
    if matches!(exit.entry, Entry::PendingRaise | Entry::PendingValue) {
        registers[code[pc].d] = pending;
        operands[code[pc].d] = Arg::NONE;
        pc += 1;
    }
    Left {
        pc,
        registers,
        operands,
    }
}

/// Everything compiled of one program.
struct Compiled {
    traces: Vec<Trace>,
    bridges: HashMap<(usize, ExitId), Option<usize>>,
}

pub struct Run<'a> {
    pub code: &'a [Ins],
    pub limit: i64,
    pub options: &'a Options,
    /// One in so many guards leaves whatever its condition says; 0: none.
    pub stress: u64,
    pub with_bridges: bool,
}

/// The interpreter's state at the header.
fn entry_exit(trace: &mut Trace, registers: &[V; REGISTERS]) -> ExitId {
    let frame = |base: usize, part: &[V]| {
        let live = part.iter().enumerate().map(|(n, v)| (n as u16, v.1));
        Arc::new(Frame {
            code: 1,
            pc: 0,
            step: 0,
            base: base as u32,
            live: live.collect(),
        })
    };
    let (outer, inner) = registers.split_at(OUTER);
    let frames = [frame(0, outer), frame(OUTER, inner)].into_iter().collect();
    trace.add_exit(Exit {
        frames,
        entry: Entry::Start,
        virtuals: Vec::new(),
    })
}

/// Runs with compiled code; gives the traces for a report.
pub fn run_compiled(
    run: &Run,
    world: &mut World,
    registers: &mut Registers,
    rng: &mut Rng,
    counts: &mut Counts,
) -> Vec<Trace> {
    let (code, limit) = (run.code, run.limit);
    for _ in 0..rng.below(3) {
        if !interpret(world, code, 0, registers, limit) {
            return Vec::new();
        }
    }
    let mut empty = Trace::new("fuzz", TraceKind::Loop);
    empty.descrs = DESCRS.clone();
    let mut inputs = plain(registers);
    for (r, v) in inputs.iter_mut().enumerate() {
        v.1 = empty.input(Ty::Ref, Source::Register(r as u32));
    }
    empty.entry = entry_exit(&mut empty, &inputs);
    for (bits, value) in inputs.iter().filter(|v| v.0 != 0) {
        match world.type_id(*bits) {
            3 => empty.seen.push((*value, WINT)),
            4 => empty.seen.push((*value, WFLOAT)),
            _ => {}
        }
    }
    let (trace, after) = record(world, code, 0, inputs, empty, limit);
    *registers = after;
    let Some(recorded) = trace else {
        return Vec::new();
    };
    let Ok(compiled) = optimize(&recorded, run.options) else {
        counts.given_up += 1;
        interpret_all(world, code, registers, limit);
        return vec![recorded];
    };
    compiled
        .verify()
        .and_then(|()| compiled.verify_barriers())
        .unwrap_or_else(|e| panic!("{e}\nrecorded:\n{recorded}\ncompiled:\n{compiled}"));
    count_loop(&recorded, &compiled, counts);
    let mut all = Compiled {
        traces: vec![recorded, compiled],
        bridges: HashMap::new(),
    };
    let mut goes_on = true;
    while goes_on {
        let trace = &all.traces[1];
        let inputs: Vec<u64> = trace
            .inputs
            .iter()
            .map(|i| match i.source {
                Source::Register(r) => registers[r as usize],
                Source::ParentExit(_) | Source::Pending => unreachable!("a loop"),
            })
            .collect();
        goes_on = execute(run, &mut all, 1, inputs, world, registers, rng, counts);
    }
    all.traces
}

/// Runs trace `at` and its bridges until the header; false when the loop has ended.
#[allow(clippy::too_many_arguments)]
fn execute(
    run: &Run,
    all: &mut Compiled,
    mut at: usize,
    mut inputs: Vec<u64>,
    world: &mut World,
    registers: &mut Registers,
    rng: &mut Rng,
    counts: &mut Counts,
) -> bool {
    // What a jump to the open label brings.
    let mut inside: Option<Vec<u64>> = None;
    loop {
        let trace = &all.traces[at];
        let mut state = match inside.take() {
            Some(params) => State::at_open_label(trace, &params),
            None => State::new(trace, &inputs),
        };
        let mut forced = false;
        let stress = run.stress;
        let polls = (trace.ops.len() > 1).then(|| trace.ops.len() - 2);
        let mut must_leave = |op: usize| {
            counts.iterations += (polls == Some(op)) as u32;
            forced = stress != 0 && rng.below(stress) == 0;
            forced
        };
        let end = state
            .run(trace, world, &mut must_leave, 200_000)
            .unwrap_or_else(|fault| {
                panic!(
                    "{fault:?}\nrecorded:\n{}\ncompiled:\n{trace}",
                    all.traces[0]
                )
            });
        let (op, exit, pending) = match end {
            End::Enter { registers: new, .. } => {
                new.iter()
                    .for_each(|(r, bits)| registers[*r as usize] = *bits);
                counts.jumps_between += 1;
                return true;
            }
            End::EnterLabel { params, .. } => {
                counts.jumps_inside += 1;
                (at, inside) = (1, Some(params));
                continue;
            }
            End::Exit { op, exit, pending } => (op, exit, pending),
        };
        counts.exits += 1;
        let delayed = |v: &VirtualObject| matches!(v, VirtualObject::Existing { .. });
        counts.exits_with_delayed += trace.exit(exit).virtuals.iter().any(delayed) as u32;
        counts.forced_exits += forced as u32;
        counts.exits_with_virtuals += !trace.exit(exit).virtuals.is_empty() as u32;
        let bridge = all.bridges.get(&(at, exit)).copied();
        if let Some(Some(bridge)) = bridge {
            counts.bridge_runs += 1;
            let from = |i: &ouro_ir::Input| match i.source {
                Source::ParentExit(a) => state.get(a),
                Source::Pending => pending,
                Source::Register(_) => unreachable!("a bridge"),
            };
            inputs = all.traces[bridge].inputs.iter().map(from).collect();
            at = bridge;
            continue;
        }
        let left = leave(world, trace, &state, exit, pending, run.code);
        *registers = left.registers;
        let can_bridge = trace.ops[op].code != Opcode::Poll && left.pc < run.code.len();
        if bridge.is_none()
            && can_bridge
            && run.with_bridges
            && all.bridges.len() < 6
            && rng.chance(60)
        {
            return make_bridge(run, all, at, exit, left, world, registers, counts);
        }
        return interpret(world, run.code, left.pc, registers, run.limit);
    }
}

#[allow(clippy::too_many_arguments)]
fn make_bridge(
    run: &Run,
    all: &mut Compiled,
    at: usize,
    exit: ExitId,
    left: Left,
    world: &mut World,
    registers: &mut Registers,
    counts: &mut Counts,
) -> bool {
    let mut empty = Trace::new("bridge", TraceKind::Bridge { parent: 1, exit });
    empty.descrs = DESCRS.clone();
    let mut inputs = plain(&left.registers);
    for (v, operand) in inputs.iter_mut().zip(left.operands) {
        let source = if operand.is_some() {
            Source::ParentExit(operand)
        } else {
            Source::Pending
        };
        v.1 = empty.input(Ty::Ref, source);
    }
    if run.code[left.pc].code == Code::Loop && left.pc == 0 {
        return interpret(world, run.code, left.pc, registers, run.limit);
    }
    let (recorded, after) = record(world, run.code, left.pc, inputs, empty, run.limit);
    *registers = after;
    let Some(recorded) = recorded else {
        all.bridges.insert((at, exit), None);
        return false;
    };
    let compiled = match optimize_bridge(
        &recorded,
        &all.traces[at],
        exit,
        Some(&all.traces[1]),
        run.options,
    ) {
        Ok(compiled) => compiled,
        Err(_) => {
            counts.given_up += 1;
            all.bridges.insert((at, exit), None);
            return true;
        }
    };
    compiled
        .verify()
        .and_then(|()| compiled.verify_barriers())
        .unwrap_or_else(|e| panic!("{e}\nrecorded:\n{recorded}\ncompiled:\n{compiled}"));
    counts.bridges += 1;
    counts.bridges_with_virtuals += !all.traces[at].exit(exit).virtuals.is_empty() as u32;
    all.bridges.insert((at, exit), Some(all.traces.len()));
    all.traces.push(compiled);
    true
}

fn count_loop(recorded: &Trace, compiled: &Trace, counts: &mut Counts) {
    let label = compiled
        .ops
        .iter()
        .rposition(|op| op.code == Opcode::Label)
        .expect("a loop has one");
    counts.compiled += 1;
    let open = compiled.open_label();
    counts.peeled += (label > open.map_or(0, |(at, _)| at + 1)) as u32;
    let params = open.map_or(&[][..], |(_, params)| params);
    counts.unboxed += params.iter().filter(|p| p.class.is_some()).count() as u32;
    counts.recorded_ops += recorded.ops.len() as u32;
    counts.body_ops += (compiled.ops.len() - label - 2) as u32;
    // A virtual object in the first exit after the label has come over it.
    let first = compiled.ops[label..]
        .iter()
        .find(|op| op.exit.is_some())
        .expect("a loop polls");
    let is_box = |v: &VirtualObject| matches!(v, VirtualObject::Struct { ty, .. } if compiled.type_descr(*ty).leaf.is_some());
    counts.carried_virtual += !compiled.exit(first.exit).virtuals.iter().all(is_box) as u32;
}
