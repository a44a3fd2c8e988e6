//! A heap and a VM for compiled code under test, and runs of one trace on both backends.
#![allow(dead_code, reason = "each test file uses its own part")]

use ouro_codegen::{
    Backend, CodeHandle, CompileEnv, ExitInfo, ExitRecord, Form, HeapAccess, Request,
};
use ouro_codegen_x64::X64Backend;
use ouro_ir::irexec::{End, State, ToyHeap};
use ouro_ir::random::{Case, Class};
use ouro_ir::{
    Arg, ArgKind, Descr, DescrId, Entry, Exit, Frame, LabelDescr, LabelTarget, Opcode, OpenParam,
    Ret, Source, Trace, TraceKind, Ty,
};
use std::mem::offset_of;

pub const WINDOW_BYTES: u64 = 1 << 18;
pub const FUEL: u64 = 100_000;

/// What compiled code takes for its VM.
#[repr(C)]
pub struct TestVm {
    pub free: u64,
    pub top: u64,
    pub end: u64,
    pub heap: *mut ToyHeap,
    pub barriers: u64,
    pub refills: u64,
    pub slow_allocations: u64,
    /// If not 0, a refill moves the limit this far behind the allocation pointer, and the end by the zone more.
    pub refill_bytes: u64,
    pub zone_bytes: u64,
}

impl TestVm {
    /// A VM that allocates in a window of the heap.
    pub fn new(heap: &mut ToyHeap) -> TestVm {
        let free = heap.add_window(WINDOW_BYTES);
        TestVm {
            free,
            top: free + WINDOW_BYTES / 2,
            end: free + WINDOW_BYTES,
            heap,
            barriers: 0,
            refills: 0,
            slow_allocations: 0,
            refill_bytes: 0,
            zone_bytes: 1024,
        }
    }

    pub fn pointer(&mut self) -> *mut u8 {
        (self as *mut TestVm).cast()
    }
}

fn vm<'a>(vm: *mut u8) -> &'a mut TestVm {
    // SAFETY: compiled code passes the VM that the test entered it with, and the test does not use it meanwhile.
    unsafe { &mut *vm.cast::<TestVm>() }
}

fn set_word(address: u64, word: u64) {
    // SAFETY: only called for words of objects in the window or blocks of the test's heap.
    unsafe { (address as *mut u64).write(word) };
}

fn set_byte(address: u64, byte: u8) {
    // SAFETY: as in `set_word`.
    unsafe { (address as *mut u8).write(byte) };
}

extern "C" fn refill(pointer: *mut u8) {
    let vm = vm(pointer);
    assert!(vm.free <= vm.end, "the window was overrun");
    vm.refills += 1;
    if vm.refill_bytes > 0 {
        vm.top = vm.free + vm.refill_bytes;
        vm.end = vm.top + vm.zone_bytes;
    }
}

extern "C" fn barrier(pointer: *mut u8, object: *mut u8) {
    let vm = vm(pointer);
    vm.barriers += 1;
    set_byte(object as u64 + 4, 0);
    destroy_registers(0);
}

extern "C" fn barrier_item(pointer: *mut u8, object: *mut u8, index: u64) {
    assert!(index < 1 << 20, "the index is passed");
    barrier(pointer, object);
}

fn allocate(pointer: *mut u8, type_id: u64, bytes: u64) -> *mut u8 {
    let vm = vm(pointer);
    vm.slow_allocations += 1;
    let object = vm.free;
    vm.free += bytes.next_multiple_of(16);
    assert!(vm.free <= vm.end, "the window was overrun");
    set_word(object, type_id);
    destroy_registers(0);
    object as *mut u8
}

extern "C" fn new_object(pointer: *mut u8, type_id: u64, bytes: u64) -> *mut u8 {
    allocate(pointer, type_id, bytes)
}

/// Arrays of random traces: id 16 holds bytes, all others words.
extern "C" fn new_array(pointer: *mut u8, type_id: u64, items: u64) -> *mut u8 {
    let item_bytes = if type_id == 16 { 1 } else { 8 };
    let array = allocate(pointer, type_id, 16 + items * item_bytes);
    set_word(array as u64 + 8, items);
    array
}

/// A safepoint: all objects that the run began with need barriers again.
extern "C" fn collect_inner(pointer: *mut u8, a: u64) -> Ret {
    if !pointer.is_null() {
        // SAFETY: the test's heap outlives the run and is not used meanwhile.
        unsafe { (*vm(pointer).heap).safepoint() };
    }
    Ret {
        value: a ^ 0x55,
        exc: 0,
    }
}

/// Like the callee `collect` of random traces, and destroys every register that a callee may destroy.
#[unsafe(naked)]
pub extern "C" fn collect(_vm: *mut u8, _a: u64) -> Ret {
    std::arch::naked_asm!(
        "push rbp", "mov rbp, rsp",
        "call {inner}", "call {destroy}",
        "pop rbp", "ret",
        inner = sym collect_inner, destroy = sym destroy_all,
    )
}

/// Destroys all registers that calls may destroy but the two result registers.
#[unsafe(naked)]
extern "C" fn destroy_all() {
    std::arch::naked_asm!(
        "mov rcx, -1",
        "mov rsi, -1",
        "mov rdi, -1",
        "mov r8, -1",
        "mov r9, -1",
        "mov r10, -1",
        "mov r11, -1",
        "pcmpeqd xmm0, xmm0",
        "movaps xmm1, xmm0",
        "movaps xmm2, xmm0",
        "movaps xmm3, xmm0",
        "movaps xmm4, xmm0",
        "movaps xmm5, xmm0",
        "movaps xmm6, xmm0",
        "movaps xmm7, xmm0",
        "movaps xmm8, xmm0",
        "movaps xmm9, xmm0",
        "movaps xmm10, xmm0",
        "movaps xmm11, xmm0",
        "movaps xmm12, xmm0",
        "movaps xmm13, xmm0",
        "movaps xmm14, xmm0",
        "movaps xmm15, xmm0",
        "ret",
    )
}

fn destroy_registers(_n: u64) {
    destroy_all();
}

/// The environment of `TestVm`.
pub fn env(zone_bytes: u32) -> CompileEnv {
    CompileEnv {
        check_allocation: true,
        ..CompileEnv::new(HeapAccess {
            free_offset: offset_of!(TestVm, free) as i32,
            top_offset: offset_of!(TestVm, top) as i32,
            zone_bytes,
            barrier_offset: 4,
            chunks: None,
            granule_bytes: 16,
            zeroed: true,
            max_inline_bytes: 512,
            refill,
            barrier,
            barrier_item,
            new_object,
            new_array,
            may_move: |_| true,
        })
    }
}

/// Puts the register-destroying callee in place of the harmless one.
pub fn with_hostile_callees(trace: &Trace) -> Trace {
    let mut trace = trace.clone();
    for descr in &mut trace.descrs {
        if let Descr::Call(callee) = descr
            && callee.name == "collect"
        {
            callee.function = collect as *const () as u64;
        }
    }
    trace
}

/// How a run goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Which inputs.
    pub run: u32,
    /// The k-th operation that may leave needlessly does so; 0: none.
    pub leave_at: u64,
    /// The VM wants attention.
    pub attention: bool,
    /// The trace is invalidated before it runs.
    pub invalidated: bool,
    /// The bridge is, but not its parent.
    pub invalidated_bridge: bool,
}

impl Plan {
    fn leaver(&self) -> impl FnMut(usize) -> bool {
        let (at, mut count) = (self.leave_at, 0);
        move |_| {
            count += 1;
            count == at
        }
    }
}

/// What a run did, comparable between backends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// The operation that left, or `None` for a jump to another trace.
    pub op: Option<usize>,
    pub text: String,
}

fn left(end: &End, text: String) -> Left {
    let op = match end {
        End::Exit { op, .. } => Some(*op),
        End::Enter { .. } | End::EnterLabel { .. } => None,
    };
    Left { op, text }
}

/// Runs on the reference backend; a bridge follows if its parent's operation was left by force.
pub fn run_irexec(case: &Case, trace: &Trace, plan: Plan, bridge: Option<&Trace>) -> Left {
    let mut heap = ToyHeap::new();
    let (inputs, roots) = case.objects(plan.run, &mut heap);
    heap.polls_left = plan.attention.then_some(0);
    heap.invalidated = plan.invalidated;
    let mut state = State::new(trace, &inputs);
    let end = state
        .run(trace, &mut heap, &mut plan.leaver(), FUEL)
        .expect("random traces have no faults");
    let Some(bridge) = bridge else {
        let text = case.observe_end(trace, &end, &|arg| state.get(arg), &roots, &heap);
        return left(&end, text);
    };
    let bits: Vec<u64> = bridge
        .inputs
        .iter()
        .map(|input| match input.source {
            Source::ParentExit(arg) => state.get(arg),
            other => panic!("{other:?} in a random bridge"),
        })
        .collect();
    heap.invalidated = plan.invalidated_bridge;
    let mut state = State::new(bridge, &bits);
    let end = state
        .run(bridge, &mut heap, &mut |_| false, FUEL)
        .expect("random traces have no faults");
    let text = case.observe_end(bridge, &end, &|arg| state.get(arg), &roots, &heap);
    left(&end, text)
}

/// A trace that only says which registers it was entered with.
pub fn landing(registers: &[u32]) -> Trace {
    let mut trace = Trace::new("landing", TraceKind::Loop);
    let inputs: Vec<Arg> = registers
        .iter()
        .map(|r| trace.input(Ty::Ref, Source::Register(*r)))
        .collect();
    let live = registers.iter().map(|r| *r as u16).zip(inputs).collect();
    let frame = Frame {
        code: 0,
        pc: 0,
        step: 0,
        base: 0,
        live,
    };
    let exit = trace.add_exit(Exit {
        frames: [frame.into()].into_iter().collect(),
        entry: Entry::Start,
        virtuals: Vec::new(),
    });
    trace.guard(Opcode::Finish, &[], exit);
    trace
}

/// Where a trace jumps to if it ends in another one.
pub fn entry_target(trace: &Trace) -> Option<(u64, Vec<u32>)> {
    let last = trace.ops.last().filter(|op| op.code == Opcode::Jump)?;
    match &trace.label(last.descr).target {
        LabelTarget::Entry { token, registers } => Some((*token, registers.clone())),
        LabelTarget::Here
        | LabelTarget::Start
        | LabelTarget::Open { .. }
        | LabelTarget::Label { .. } => None,
    }
}

/// A trace with its code, and the code of what it jumps to.
pub struct Compiled {
    pub code: CodeHandle,
    pub landing: Option<(CodeHandle, u64, Vec<u32>)>,
}

/// Compiles a trace and a landing for its jump to another trace.
pub fn compile(backend: &X64Backend, trace: &Trace, form: Form<'_>, env: &CompileEnv) -> Compiled {
    trace.verify().expect("random traces are right");
    let landing = entry_target(trace).map(|(token, registers)| {
        let request = Request {
            trace: &landing(&registers),
            form: Form::Loop,
            entry_of: &|_| None,
            function: None,
        };
        let code = backend.compile(&request, env).expect("small");
        (code, token, registers)
    });
    let request = Request {
        trace,
        form,
        entry_of: &|_| landing.as_ref().map(|l| l.0),
        function: None,
    };
    let code = backend
        .compile(&request, env)
        .unwrap_or_else(|e| panic!("{e}: {trace}"));
    Compiled { code, landing }
}

/// Bits of an exit's operand.
pub fn operand(trace: &Trace, info: &ExitInfo, record: &ExitRecord, arg: Arg) -> u64 {
    match arg.kind() {
        ArgKind::Var(v) => info
            .value(record, v)
            .expect("exits say where their values are"),
        ArgKind::Const(c) => trace.consts.get(c).bits,
        ArgKind::Virtual(_) | ArgKind::None => panic!("{arg:?} has no bits"),
    }
}

/// What compiled code did besides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    pub barriers: u64,
    pub refills: u64,
    pub slow_allocations: u64,
}

/// Runs compiled code on the inputs of a case. `observed` is the trace whose exit is expected: the
/// bridge if there is one.
pub fn run_x64(
    backend: &X64Backend,
    case: &Case,
    entered: &Compiled,
    trace: &Trace,
    observed: (&Compiled, &Trace),
    plan: Plan,
) -> (Left, Effort) {
    let mut heap = ToyHeap::new();
    let (inputs, roots) = case.objects(plan.run, &mut heap);
    let mut vm = TestVm::new(&mut heap);
    if plan.attention {
        vm.top = 0;
    }
    if plan.invalidated {
        backend.invalidate(entered.code);
    }
    backend.set_guard_stress(if plan.leave_at == 0 {
        u64::MAX
    } else {
        plan.leave_at
    });
    let mut guest = vec![0u64; 256];
    for (input, bits) in trace.inputs.iter().zip(&inputs) {
        match input.source {
            Source::Register(word) => guest[word as usize] = *bits,
            other => panic!("{other:?} in a loop"),
        }
    }
    let mut record = ExitRecord::default();
    // SAFETY: the VM and the guest frame are those that `env` and the case describe.
    unsafe { backend.enter(entered.code, vm.pointer(), guest.as_mut_ptr(), &mut record) };
    assert!(vm.free <= vm.end, "the window was overrun");
    assert_eq!(record.guest_base, guest.as_mut_ptr());
    let effort = Effort {
        barriers: vm.barriers,
        refills: vm.refills,
        slow_allocations: vm.slow_allocations,
    };
    let info = backend.exit_info(record.exit());
    let (compiled, observed) = observed;
    if let Some((landing, token, registers)) = &compiled.landing
        && info.code == *landing
    {
        let words = (0..registers.len() as u32).map(|v| info.value(&record, v).expect("live"));
        let registers = registers.iter().copied().zip(words).collect();
        let end = End::Enter {
            token: *token,
            registers,
        };
        let text = case.observe_end(observed, &end, &|_| 0, &roots, &heap);
        return (left(&end, text), effort);
    }
    let (handle, seen) = if info.code == compiled.code {
        (compiled.code, observed)
    } else {
        (entered.code, trace)
    };
    assert_eq!(info.code, handle);
    let end = End::Exit {
        op: info.op as usize,
        exit: info.local,
        pending: info.pending(&record).unwrap_or(0),
    };
    let value_of = |arg: Arg| operand(seen, &info, &record, arg);
    let text = case.observe_end(seen, &end, &value_of, &roots, &heap);
    (left(&end, text), effort)
}

/// The exit of an operation.
pub fn exit_of(backend: &X64Backend, code: CodeHandle, op: usize) -> ouro_codegen::ExitNumber {
    let exits = backend.exits(code);
    let found = exits
        .into_iter()
        .find(|e| backend.exit_info(*e).op as usize == op);
    found.expect("the operation has an exit")
}

/// Makes two traces of one: the first has all of `trace` behind an open label, where inputs of value classes arrive
/// unboxed; the second only jumps there from the same guest registers. Both parameters and their order vary.
pub fn opened(case: &Case, trace: &Trace, token: u64) -> (Trace, Trace) {
    let mut open = trace.clone();
    let mut jumper = Trace::new("jumper", TraceKind::Loop);
    open.name = "open".into();
    open.entry = ouro_ir::ExitId::NONE;
    jumper.descrs.clone_from(&trace.descrs);
    let ops = std::mem::take(&mut open.ops);
    let inputs = std::mem::take(&mut open.inputs);
    let world = &case.world;
    // (entry, parameter, jumper's operand, what it stands for)
    let mut params: Vec<(Arg, Arg, Arg, OpenParam)> = Vec::new();
    let mut boxes = Vec::new();
    for (n, (input, class)) in inputs.iter().zip(&case.classes).enumerate() {
        let Source::Register(register) = input.source else {
            panic!("a loop has registers")
        };
        let own = open.input(Ty::Ref, input.source);
        let other = jumper.input(Ty::Ref, input.source);
        let leaf = match class {
            Class::WInt => Some((world.w_int, world.int_value)),
            Class::WFloat => Some((world.w_float, world.float_value)),
            _ => None,
        };
        let Some((class, leaf)) = leaf else {
            let class = DescrId::NONE;
            params.push((own, input.value, other, OpenParam { register, class }));
            continue;
        };
        let none = ouro_ir::ExitId::NONE;
        let entry = open.push(Opcode::Getfield, &[own], leaf, none);
        let mut given = jumper.push(Opcode::Getfield, &[other], leaf, none);
        let ty = open.type_of(entry);
        if n > 0 && case.seed % 5 == n as u64 % 5 {
            given = match ty {
                Ty::Float => jumper.float(0.5),
                _ => jumper.int(17),
            };
        }
        // A few that nobody needs, so that some lie in the spill area and some nowhere.
        let many = n == 0 && case.seed.is_multiple_of(4);
        let extras = if many { 30 } else { case.seed % 4 };
        for extra in 0..1 + extras {
            let param = open.value(ty);
            params.push((entry, param, given, OpenParam { register, class }));
            if extra == 0 {
                boxes.push((input.value, class, leaf, param));
            } else if extra % 2 == 0 {
                boxes.push((Arg::NONE, class, leaf, param));
            }
        }
    }
    let turn = case.seed as usize % params.len().max(1);
    params.rotate_left(turn);
    let label = open.add_descr(Descr::Label(LabelDescr {
        name: "inside".into(),
        target: LabelTarget::Open {
            params: params.iter().map(|p| p.3).collect(),
        },
    }));
    let start = open.arg_pool.len();
    open.arg_pool.extend(params.iter().map(|p| p.0));
    open.arg_pool.extend(params.iter().map(|p| p.1));
    let mut op = ouro_ir::Op {
        code: Opcode::Label,
        result: Arg::NONE,
        args: [Arg::NONE; 3],
        descr: label,
        exit: ouro_ir::ExitId::NONE,
    };
    op.set_pool(start, params.len());
    open.ops.push(op);
    let mut sink: Vec<Arg> = Vec::new();
    for (value, class, leaf, param) in boxes {
        let object = open.push(Opcode::New, &[], class, ouro_ir::ExitId::NONE);
        let made = open.ops.last_mut().expect("just pushed");
        if value.is_some() {
            made.result = value;
        } else {
            sink.push(object);
        }
        let object = made.result;
        open.push(
            Opcode::Setfield,
            &[object, param],
            leaf,
            ouro_ir::ExitId::NONE,
        );
    }
    open.ops.extend(ops);
    // The boxes that only they need are seen at every exit of the trace.
    for exit in &mut open.exits {
        let exit_frame = exit.frames.last().expect("an exit has a frame");
        let mut frame = (**exit_frame).clone();
        let live = sink.iter().enumerate();
        frame.live.extend(live.map(|(n, a)| (200 + n as u16, *a)));
        *exit.frames.last_mut().expect("an exit has a frame") = frame.into();
    }
    let types = params.iter().map(|p| open.type_of(p.1)).collect();
    let target = LabelTarget::Label {
        token,
        params: types,
    };
    let away = jumper.add_descr(Descr::Label(LabelDescr {
        name: "away".into(),
        target,
    }));
    let args: Vec<Arg> = params.iter().map(|p| p.2).collect();
    jumper.push_pool(Opcode::Jump, &args, away, ouro_ir::ExitId::NONE);
    (open, jumper)
}

/// Runs a trace that jumps into another one's open label, on the reference backend.
pub fn run_irexec_into(case: &Case, jumper: &Trace, open: &Trace, plan: Plan) -> Left {
    let mut heap = ToyHeap::new();
    let (inputs, roots) = case.objects(plan.run, &mut heap);
    heap.polls_left = plan.attention.then_some(0);
    let mut state = State::new(jumper, &inputs);
    let end = state.run(jumper, &mut heap, &mut |_| false, FUEL);
    let Ok(End::EnterLabel { params, .. }) = end else {
        panic!("{end:?}")
    };
    heap.invalidated = plan.invalidated;
    let mut state = State::at_open_label(open, &params);
    let end = state
        .run(open, &mut heap, &mut plan.leaver(), FUEL)
        .expect("random traces have no faults");
    let text = case.observe_end(open, &end, &|arg| state.get(arg), &roots, &heap);
    left(&end, text)
}
