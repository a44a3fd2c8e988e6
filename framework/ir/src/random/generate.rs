//! The structure of random traces: inputs, pre-roll, label, body, end; exits; and the pools of values to choose from.

use super::exits::Pending;
use super::rng::Rng;
use super::world::{Class, INPUT_LEN, World};
use super::{BridgeCase, Case, FUEL, Form};
use crate::descr::{Descr, DescrId, LabelDescr, LabelTarget};
use crate::exit::ExitId;
use crate::irexec::{Layouts, Memory, State, Step, ToyHeap};
use crate::ops::Opcode;
use crate::trace::{Arg, Source, Trace, TraceKind, Ty};
use std::collections::HashSet;

/// A reference value and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Obj {
    pub arg: Arg,
    pub class: Class,
    /// For arrays: a lower bound of the length.
    pub min_len: u32,
}

/// A trace that grows and runs at the same time.
pub(super) struct Generator {
    pub rng: Rng,
    pub trace: Trace,
    pub world: World,
    pub form: Form,
    pub state: State,
    pub heap: ToyHeap,
    pub ints: Vec<Arg>,
    /// Ints that do not change from iteration to iteration.
    pub invariant_ints: Vec<Arg>,
    pub floats: Vec<Arg>,
    pub refs: Vec<Obj>,
    /// Objects that need no barrier until the next safepoint.
    pub clean: HashSet<Arg>,
    known: Vec<(Arg, Class, u32)>,
    /// An exit that still describes the state: nothing was written since.
    pub last_exit: ExitId,
    pub exit_count: u32,
}

/// The token that bridges enter.
const PARENT_TOKEN: u64 = 0x77;

pub(super) fn case(seed: u64, form: Form) -> Case {
    let mut rng = Rng::new(seed);
    let mut trace = Trace::new(format!("random {seed} {form:?}"), TraceKind::Loop);
    let world = World::add_to(&mut trace);
    let mut classes = vec![Class::WInt, Class::WInt, Class::WFloat, Class::Node];
    for _ in 0..rng.below(8) {
        classes.push(rng.pick(&Class::INPUTS));
    }
    for (n, _) in classes.iter().enumerate() {
        let register = n as u32 * 2 + 1;
        trace.input(Ty::Ref, Source::Register(register));
    }
    let mut heap = ToyHeap::new();
    let (bits, _) = inputs(&world, &trace, &classes, seed, 0, &mut heap);
    heap.safepoint();
    let state = State::new(&trace, &bits);
    let args: Vec<Arg> = trace.inputs.iter().map(|i| i.value).collect();
    let mut g = Generator::new(rng, trace, world, form, state, heap);
    for (arg, class) in args.iter().zip(&classes) {
        g.know(
            *arg,
            *class,
            if g.world.array(*class).is_some() {
                INPUT_LEN
            } else {
                0
            },
        );
    }
    if g.rng.chance(50) {
        let exit = g.exit(Pending::Nothing);
        g.trace.entry = exit;
        // The entry is seen before the first operation, so it may name inputs only, and those are all there is yet.
    }
    match form {
        Form::Recorded => g.recorded(&args, &classes),
        Form::Compiled => g.compiled(args[0]),
    }
    let layouts = Layouts::of(&g.trace);
    Case {
        seed,
        form,
        trace: g.trace,
        world: g.world,
        layouts,
        classes,
        known: g.known,
    }
}

/// The inputs of a run and all objects of its initial heap. The first input is the boxed countdown.
pub(super) fn inputs(
    world: &World,
    trace: &Trace,
    classes: &[Class],
    seed: u64,
    run: u32,
    heap: &mut dyn Memory,
) -> (Vec<u64>, Vec<u64>) {
    let mut rng = Rng::new(seed ^ (u64::from(run) + 1).wrapping_mul(0x1234_5678_9abc_def1));
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let node = world.make(trace, Class::Node, heap, &mut rng, &nodes);
        nodes.push(node);
    }
    let mut roots = nodes.clone();
    let mut bits = Vec::new();
    for (n, class) in classes.iter().enumerate() {
        // Two registers sometimes hold the same object.
        let alias = *class == Class::Node && rng.chance(40);
        let object = if alias {
            rng.pick(&nodes)
        } else {
            world.make(trace, *class, heap, &mut rng, &nodes)
        };
        if n == 0 {
            let countdown = 2 + rng.below(6);
            let field = trace.field(world.int_value);
            let stored = heap.store(object, field.offset.into(), field.width, countdown);
            stored.expect("an int is no reference, so it needs no barrier");
        }
        roots.push(object);
        bits.push(object);
    }
    (bits, roots)
}

pub(super) fn bridge(parent: &Case, n: usize) -> Option<BridgeCase> {
    // Follow the parent until the n-th thing that may leave.
    let mut heap = ToyHeap::new();
    let bits = parent.inputs(0, &mut heap);
    let mut state = State::new(&parent.trace, &bits);
    let mut seen = 0;
    let mut left = None;
    let mut leave = |op: usize| {
        if seen == n {
            left = Some(op);
        }
        seen += 1;
        seen > n
    };
    state
        .run(&parent.trace, &mut heap, &mut leave, FUEL)
        .expect("random traces have no faults");
    let parent_op = left?;
    let parent_exit = parent.trace.ops[parent_op].exit;
    let kind = TraceKind::Bridge {
        parent: PARENT_TOKEN,
        exit: parent_exit,
    };
    let rng = Rng::new(parent.seed ^ (n as u64 + 1) << 32);
    let mut trace = Trace::new(format!("bridge {n} of random {}", parent.seed), kind);
    let world = World::add_to(&mut trace);
    let mut taken = HashSet::new();
    let operands: Vec<Arg> = parent
        .trace
        .exit(parent_exit)
        .args()
        .filter(|a| a.as_var().is_some())
        .collect();
    let mut bits = Vec::new();
    let mut inputs = Vec::new();
    for operand in operands.into_iter().filter(|a| taken.insert(*a)) {
        let value = trace.input(parent.trace.type_of(operand), Source::ParentExit(operand));
        bits.push(state.get(operand));
        inputs.push((operand, value));
    }
    let bridge_state = State::new(&trace, &bits);
    let mut g = Generator::new(rng, trace, world, Form::Compiled, bridge_state, heap);
    for (operand, value) in inputs {
        match g.trace.type_of(value) {
            Ty::Int => g.ints.push(value),
            Ty::Float => g.floats.push(value),
            Ty::Ref => {
                let (_, class, min_len) = parent.known.iter().find(|k| k.0 == operand)?;
                g.know(value, *class, *min_len);
            }
        }
    }
    let length = 5 + g.rng.below(30);
    g.body(length);
    g.end_straight();
    // The guard may have been passed in earlier iterations.
    Some(BridgeCase {
        trace: g.trace,
        parent_op,
        parent_exit,
        visits: n as u32,
    })
}

impl Generator {
    fn new(
        rng: Rng,
        trace: Trace,
        world: World,
        form: Form,
        state: State,
        heap: ToyHeap,
    ) -> Generator {
        Generator {
            rng,
            trace,
            world,
            form,
            state,
            heap,
            ints: Vec::new(),
            invariant_ints: Vec::new(),
            floats: Vec::new(),
            refs: Vec::new(),
            clean: HashSet::new(),
            known: Vec::new(),
            last_exit: ExitId::NONE,
            exit_count: 0,
        }
    }

    // ---- the shape of the trace

    fn recorded(&mut self, inputs: &[Arg], classes: &[Class]) {
        let countdown = self.unbox_int(inputs[0]);
        let length = 30 + self.rng.below(60);
        self.body(length);
        let next = self.count_down(countdown);
        let next = self.box_int(next);
        let mut args = vec![next];
        for (n, class) in classes.iter().enumerate().skip(1) {
            let min_len = if self.world.array(*class).is_some() {
                INPUT_LEN
            } else {
                0
            };
            let arg = match class {
                _ if self.rng.chance(40) => inputs[n],
                Class::WInt => {
                    let int = self.int();
                    self.box_int(int)
                }
                Class::WFloat => {
                    let float = self.float();
                    self.box_float(float)
                }
                class => self.any_ref(*class, min_len).map_or(inputs[n], |o| o.arg),
            };
            args.push(arg);
        }
        self.emit_exit(Opcode::Poll, &[]);
        let target = LabelTarget::Start;
        self.end_jump("start", target, &args);
    }

    fn compiled(&mut self, countdown: Arg) {
        let count = self.unbox_int(countdown);
        let length = 5 + self.rng.below(25);
        self.body(length);
        if self.rng.chance(15) {
            let length = self.rng.below(10);
            self.body(length);
            return self.end_straight();
        }
        if self.rng.chance(10) {
            // A label that nobody jumps to.
            let label = self.trace.add_label("unused");
            self.enter_label(label, Arg::NONE);
        }
        let label = self.trace.add_label("L");
        let (params, args, kinds) = self.enter_label(label, count);
        let length = 20 + self.rng.below(60);
        self.body(length);
        let next = self.count_down(params[0]);
        let mut jump_args = vec![next];
        for n in 1..params.len() {
            let (arg, kind) = (args[n], kinds[n]);
            let value = match (self.trace.type_of(arg), kind) {
                _ if self.rng.chance(15) => params[n],
                (Ty::Int, _) => self.int(),
                (Ty::Float, _) => self.float(),
                (Ty::Ref, Some(o)) => self
                    .any_ref(o.class, o.min_len)
                    .map_or(params[n], |o| o.arg),
                (Ty::Ref, None) => params[n],
            };
            jump_args.push(value);
        }
        if self.rng.chance(80) {
            self.emit_exit(Opcode::Poll, &[]);
        }
        self.trace
            .push_pool(Opcode::Jump, &jump_args, label, ExitId::NONE);
    }

    /// A label with some of the values as parameters, `first` before all others. Returns parameters, first values,
    /// and what is known of references.
    fn enter_label(
        &mut self,
        label: DescrId,
        first: Arg,
    ) -> (Vec<Arg>, Vec<Arg>, Vec<Option<Obj>>) {
        let mut args: Vec<(Arg, Option<Obj>)> = Vec::new();
        args.extend(first.is_some().then_some((first, None)));
        let many = if self.rng.chance(25) { 24 } else { 7 };
        for _ in 0..self.rng.below(many) {
            match self.rng.below(3) {
                0 => args.push((self.int(), None)),
                1 => args.push((self.float(), None)),
                _ => {
                    let o = self.rng.pick(&self.refs);
                    args.push((o.arg, Some(o)));
                }
            }
        }
        self.invariant_ints = self.ints.clone();
        let (args, kinds): (Vec<Arg>, Vec<Option<Obj>>) = args.into_iter().unzip();
        let params = self.trace.push_label(&args, label);
        self.execute_last();
        for (param, kind) in params.iter().zip(&kinds) {
            match (self.trace.type_of(*param), kind) {
                (Ty::Int, _) => self.ints.push(*param),
                (Ty::Float, _) => self.floats.push(*param),
                (Ty::Ref, Some(o)) => self.know(*param, o.class, o.min_len),
                (Ty::Ref, None) => unreachable!("all references have a class"),
            }
        }
        // A later iteration may come here after a safepoint.
        self.clean.clear();
        self.last_exit = ExitId::NONE;
        (params, args, kinds)
    }

    /// One less, and a guard that it is not the last iteration.
    fn count_down(&mut self, count: Arg) -> Arg {
        let one = self.trace.int(1);
        let next = self
            .emit_exit(Opcode::IntSubOvf, &[count, one])
            .expect("a countdown does not overflow");
        let zero = self.trace.int(0);
        self.emit_exit(Opcode::GuardIntGt, &[next, zero])
            .expect("it begins with 2 at least");
        next
    }

    /// Ends without a loop: a finish, or a jump into another trace.
    fn end_straight(&mut self) {
        if self.rng.chance(50) || self.refs.is_empty() {
            let exit = self.exit(Pending::Nothing);
            self.trace.guard(Opcode::Finish, &[], exit);
            return;
        }
        let mut args = Vec::new();
        for _ in 0..1 + self.rng.below(6) {
            args.push(self.rng.pick(&self.refs).arg);
        }
        let registers = (0..args.len() as u32).map(|n| n * 3 + 1).collect();
        self.end_jump(
            "entry",
            LabelTarget::Entry {
                token: PARENT_TOKEN,
                registers,
            },
            &args,
        );
    }
    fn end_jump(&mut self, name: &'static str, target: LabelTarget, args: &[Arg]) {
        let label = self.trace.add_descr(Descr::Label(LabelDescr {
            name: name.into(),
            target,
        }));
        self.trace
            .push_pool(Opcode::Jump, args, label, ExitId::NONE);
    }

    /// At least so many operations.
    fn body(&mut self, length: u64) {
        let end = self.trace.ops.len() + length as usize;
        while self.trace.ops.len() < end {
            // Calls are one operation of many, but there are many kinds of them.
            let code = if self.rng.chance(8) {
                Opcode::Call
            } else {
                self.rng.pick(Opcode::ALL)
            };
            self.random_op(code);
        }
    }

    // ---- appending and executing

    /// Appends and executes an operation with fixed operands. If it leaves, it is taken back.
    pub fn emit(
        &mut self,
        code: Opcode,
        args: &[Arg],
        descr: DescrId,
        exit: ExitId,
    ) -> Option<Arg> {
        let result = self.trace.push(code, args, descr, exit);
        self.execute_last().then_some(result)
    }
    /// `emit` of an operation without descriptor and exit.
    pub fn emit_pure(&mut self, code: Opcode, args: &[Arg]) -> Arg {
        self.emit(code, args, DescrId::NONE, ExitId::NONE)
            .expect("it cannot leave")
    }
    /// `emit` of an operation with a fresh exit.
    pub fn emit_exit(&mut self, code: Opcode, args: &[Arg]) -> Option<Arg> {
        let exit = self.exit(Pending::Nothing);
        self.emit(code, args, DescrId::NONE, exit)
    }
    /// `emit` of a call.
    pub fn emit_call(
        &mut self,
        code: Opcode,
        args: &[Arg],
        descr: DescrId,
        exit: ExitId,
    ) -> Option<Arg> {
        let pool = self.trace.arg_pool.len();
        let result = self.trace.push_pool(code, args, descr, exit);
        let done = self.execute_last();
        if !done {
            self.trace.arg_pool.truncate(pool);
        }
        done.then_some(result)
    }
    fn execute_last(&mut self) -> bool {
        self.state.grow(&self.trace);
        let op = *self.trace.ops.last().expect("one was just appended");
        let step = self.state.step(&self.trace, &op, &mut self.heap);
        let text = || format!("seed trace:\n{}", self.trace);
        match step
            .unwrap_or_else(|fault| panic!("{fault:?} in {}\n{}", self.trace.op_text(&op), text()))
        {
            Step::Next => {
                let writes = matches!(
                    op.code,
                    Opcode::Setfield
                        | Opcode::Setitem
                        | Opcode::Call
                        | Opcode::CallRaises
                        | Opcode::Label
                );
                if writes {
                    self.last_exit = ExitId::NONE;
                }
                true
            }
            Step::Leave { .. } => {
                self.trace.ops.pop();
                if op.result.is_some() {
                    self.trace.value_types.pop();
                }
                self.state.grow(&self.trace);
                false
            }
            Step::Label(_) | Step::Start | Step::Enter { .. } | Step::EnterLabel { .. } => {
                unreachable!("jumps are not executed here")
            }
        }
    }

    // ---- choosing values

    /// Remembers a reference.
    pub fn know(&mut self, arg: Arg, class: Class, min_len: u32) {
        self.refs.push(Obj {
            arg,
            class,
            min_len,
        });
        self.known.push((arg, class, min_len));
    }
    /// Any int: mostly any value so far, which keeps many values alive.
    pub fn int(&mut self) -> Arg {
        if self.ints.is_empty() || self.rng.chance(15) {
            let value = self.rng.int();
            return self.trace.int(value);
        }
        self.rng.pick(&self.ints)
    }
    /// Any float.
    pub fn float(&mut self) -> Arg {
        if self.floats.is_empty() || self.rng.chance(15) {
            let value = self.rng.float();
            return self.trace.float(value);
        }
        self.rng.pick(&self.floats)
    }
    /// A reference of exactly this class.
    pub fn any_ref(&mut self, class: Class, min_len: u32) -> Option<Obj> {
        let fits = |o: &&Obj| o.class == class && o.min_len >= min_len;
        let fitting: Vec<Obj> = self.refs.iter().filter(fits).copied().collect();
        if fitting.is_empty() {
            None
        } else {
            Some(self.rng.pick(&fitting))
        }
    }
    /// A node or null, to be stored.
    pub fn node_or_null(&mut self) -> Arg {
        let class = if self.rng.chance(70) {
            Class::Node
        } else {
            Class::MaybeNode
        };
        match self.any_ref(class, 0) {
            Some(o) if self.rng.chance(85) => o.arg,
            _ => self.trace.null(),
        }
    }
    fn unbox_int(&mut self, boxed: Arg) -> Arg {
        let exit = self.exit(Pending::Nothing);
        self.emit(Opcode::GuardClass, &[boxed], self.world.w_int, exit)
            .expect("it is a boxed int");
        let value = self.emit(
            Opcode::Getfield,
            &[boxed],
            self.world.int_value,
            ExitId::NONE,
        );
        value.expect("a load cannot leave")
    }
    /// A new boxed int.
    pub fn box_int(&mut self, int: Arg) -> Arg {
        self.boxed(self.world.w_int, self.world.int_value, int, Class::WInt)
    }
    /// A new boxed float.
    pub fn box_float(&mut self, float: Arg) -> Arg {
        self.boxed(
            self.world.w_float,
            self.world.float_value,
            float,
            Class::WFloat,
        )
    }
    fn boxed(&mut self, ty: DescrId, field: DescrId, value: Arg, class: Class) -> Arg {
        let boxed = self
            .emit(Opcode::New, &[], ty, ExitId::NONE)
            .expect("it cannot leave");
        self.emit(Opcode::Setfield, &[boxed, value], field, ExitId::NONE)
            .expect("it cannot leave");
        self.know(boxed, class, 0);
        boxed
    }
}
