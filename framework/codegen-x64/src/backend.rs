//! The x86-64 backend: traces, their memory, and the patching that connects them.

use crate::arena::{Arena, ArenaError, Range};
use crate::callees::CalleeWord;
use crate::emit::{Callee, Emitted, Input, Sites, Workspace, emit};
use crate::native_frames::NativeFrames;
use crate::perf_map;
use crate::registers::machine;
use crate::thunks::{self, Returns, Shared, SlowPaths};
use ahash::AHashMap;
use ouro_codegen::checker;
use ouro_codegen::lower::{Lowered, lower_into};
use ouro_codegen::program::Class;
use ouro_codegen::regalloc::{self, Allocation, AllocationError, allocate_in};
use ouro_codegen::{
    Backend, CodeHandle, CodeStats, CompileEnv, CompileError, ExitInfo, ExitNumber, ExitRecord,
    Form, HeapAccess, Listing, Loc, Request,
};
use ouro_ir::{ExitId, LabelTarget, Opcode, Trace, Ty};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

/// Generates x86-64 code into its own memory.
pub struct X64Backend {
    state: RefCell<State>,
    shared: Shared,
    frames: NativeFrames,
}

pub(crate) struct State {
    pub(crate) arena: Arena,
    /// By handle; freed ones are `None`. In boxes, so that code that is gone leaves one word.
    codes: Vec<Option<Box<Code>>>,
    /// The code that has an exit is that with the greatest first exit which is not greater.
    by_first_exit: BTreeMap<u32, CodeHandle>,
    /// Number of the next exit.
    next_exit: u32,
    slow_paths: Vec<(HeapKey, bool, SlowPaths)>,
    /// How called code goes back, once there is code that may be called.
    pub(crate) returns: Option<Returns>,
    /// Words through which guest calls go.
    pub(crate) callee_words: Vec<CalleeWord>,
    /// The code that guest calls go to, by token.
    pub(crate) callees: AHashMap<u64, CodeHandle>,
    /// Running totals; the arena counts bytes.
    stats: CodeStats,
    workspace: Workspace,
    /// Kept for their memory while no trace is compiled.
    lowered: Lowered,
    registers: regalloc::Workspace,
}

pub(crate) struct Code {
    pub(crate) range: Range,
    data: Range,
    /// Addresses in the data range of constants that are objects which may move.
    refs: Vec<usize>,
    /// None of these was young when they were last visited, so that none is.
    settled: bool,
    /// Where `enter` arrives, or the bridge's start.
    entry: usize,
    /// Where jumps of other traces arrive.
    jump_entry: usize,
    open_label: Option<OpenLabel>,
    pub(crate) callee: Option<Callee>,
    first_exit: u32,
    exits: Box<[ExitEntry]>,
    /// Segments: the number of the first operation, and the word that counts how often it begins.
    counters: Box<[(u32, usize)]>,
    spills: u32,
    allocations: u32,
    bumps: u32,
    ops: Vec<u32>,
    /// Values that exits need, and where they are.
    live: Rc<[(u32, Loc)]>,
}

/// Where jumps to a trace's open label arrive, and where they put the parameters.
#[derive(Clone)]
struct OpenLabel {
    address: usize,
    types: Rc<[Ty]>,
    /// None for parameters that nobody needs.
    places: Rc<[Option<Loc>]>,
}

/// There are many of these: offsets are from the code's start, and what the exits of one trace share is in its [`Code`].
struct ExitEntry {
    /// The exit in its trace.
    local: ExitId,
    /// Index of the operation in its trace.
    op: u32,
    /// Where the leaving call's value is.
    pending: Option<Loc>,
    /// The exit's part of `Code::live`.
    live: (u32, u32),
    /// Offset of the stub.
    stub: u32,
    /// Offsets of displacements that lead to the stub or to the bridge.
    sites: Sites,
    /// Offset of the five bytes that invalidation replaces; [`NOWHERE`] if there are none.
    invalidation: u32,
}
/// No offset.
const NOWHERE: u32 = u32::MAX;

/// What slow paths depend on: the functions and where the allocation pointer is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct HeapKey([usize; 3], i32);

impl HeapKey {
    fn of(heap: &HeapAccess) -> HeapKey {
        let functions = [
            heap.barrier as usize,
            heap.barrier_item as usize,
            heap.refill as usize,
        ];
        HeapKey(functions, heap.free_offset)
    }
}

pub(crate) fn arena_error(error: ArenaError) -> CompileError {
    match error {
        ArenaError::Refused { errno, .. } => CompileError::NoExecutableMemory { errno },
        ArenaError::Full => CompileError::OutOfMemory,
    }
}

impl X64Backend {
    /// Reserves memory for code.
    ///
    /// # Errors
    /// `CompileError::NoExecutableMemory` where the system gives none.
    pub fn new() -> Result<X64Backend, CompileError> {
        let mut arena = Arena::new().map_err(arena_error)?;
        let shared = thunks::shared(&mut arena).map_err(arena_error)?;
        arena.set_word(shared.stress_counter, u64::MAX);
        Ok(X64Backend {
            shared,
            frames: NativeFrames::default(),
            state: RefCell::new(State {
                arena,
                codes: Vec::new(),
                by_first_exit: BTreeMap::new(),
                next_exit: 0,
                slow_paths: Vec::new(),
                returns: None,
                callee_words: Vec::new(),
                callees: AHashMap::default(),
                stats: CodeStats::default(),
                workspace: Workspace::default(),
                lowered: Lowered::default(),
                registers: regalloc::Workspace::default(),
            }),
        })
    }

    /// The backend as the driver holds it; exists on all machines.
    ///
    /// # Errors
    /// As [`X64Backend::new`].
    pub fn boxed() -> Result<Box<dyn Backend>, CompileError> {
        Ok(Box::new(X64Backend::new()?))
    }

    /// Uses only instructions that every x86-64 processor has, whatever this one can do.
    pub fn with_baseline_instructions(mut self) -> X64Backend {
        self.shared.bmi2 = false;
        self
    }

    fn allocate(
        registers: &mut regalloc::Workspace,
        lowered: &Lowered,
        trace: &Trace,
        env: &CompileEnv,
    ) -> Result<(), CompileError> {
        let machine = machine();
        allocate_in(registers, &lowered.program, &machine).map_err(|e| match e {
            AllocationError::TooManySpills => CompileError::TooManySpills,
        })?;
        if env.check_allocation
            && let Err(wrong) = checker::check(&lowered.program, &machine, registers.allocation())
        {
            panic!("wrong register allocation: {wrong}\n{trace}");
        }
        Ok(())
    }
}

impl State {
    pub(crate) fn code(&self, handle: CodeHandle) -> &Code {
        let code = self.codes[handle.0 as usize].as_deref();
        code.expect("the code was not freed")
    }

    /// The code that has an exit, and the exit.
    fn exit(&self, number: ExitNumber) -> (CodeHandle, &Code, &ExitEntry) {
        let up_to = self.by_first_exit.range(..=number.0);
        let handle = up_to.map(|(_, handle)| *handle).next_back();
        let handle = handle.expect("the exit's code was not freed");
        let code = self.code(handle);
        let exit = code.exits.get((number.0 - code.first_exit) as usize);
        (handle, code, exit.expect("the exit's code was not freed"))
    }

    fn exit_info(&self, number: ExitNumber) -> ExitInfo {
        let (handle, code, exit) = self.exit(number);
        let table = code.live.clone();
        let range = exit.live.0..exit.live.1;
        ExitInfo::new(handle, exit.local, exit.op, exit.pending, table, range)
    }

    /// Slow paths that keep the general registers, and the float registers if there are `floats`.
    fn slow_paths(&mut self, heap: &HeapAccess, floats: bool) -> Result<SlowPaths, CompileError> {
        let key = HeapKey::of(heap);
        let mut known = self.slow_paths.iter();
        if let Some((.., paths)) = known.find(|(k, f, _)| *k == key && *f == floats) {
            return Ok(*paths);
        }
        let paths = thunks::slow_paths(&mut self.arena, heap, floats).map_err(arena_error)?;
        self.slow_paths.push((key, floats, paths));
        Ok(paths)
    }

    /// Writes the trace's constants, and leaves room for the words that count behind them.
    fn constants(
        &mut self,
        trace: &Trace,
        lowered: &Lowered,
        env: &CompileEnv,
    ) -> Result<Range, CompileError> {
        let constants = trace.consts.entries().iter().chain(&lowered.extra_consts);
        let labels = trace.ops.iter().filter(|op| op.code == Opcode::Label);
        let counters = if env.count_runs {
            1 + labels.count()
        } else {
            0
        };
        let words = constants.clone().count() + counters;
        let data = self.arena.reserve_data(words).map_err(arena_error)?;
        for (n, constant) in constants.enumerate() {
            self.arena.set_word(data.address + 8 * n, constant.bits);
        }
        Ok(data)
    }

    /// Emits into a fresh range; a second try follows if the estimate was too small.
    fn emit<'i>(
        &mut self,
        estimate: usize,
        input: impl Fn(usize) -> Input<'i>,
    ) -> Result<(Range, Emitted), CompileError> {
        let mut estimate = estimate;
        loop {
            let range = self.arena.reserve_code(estimate).map_err(arena_error)?;
            let emitted = emit(input(range.address), estimate, &mut self.workspace);
            let bytes = match self.workspace.bytes() {
                Ok(bytes) => bytes,
                Err(error) => {
                    self.arena.free_code(range);
                    return Err(error);
                }
            };
            if emitted.bytes <= range.bytes {
                let range = self.arena.trim_code(range, emitted.bytes);
                self.arena.write(range.address, bytes);
                return Ok((range, emitted));
            }
            self.arena.free_code(range);
            estimate = emitted.bytes;
        }
    }

    /// Makes displacements lead to `to`.
    fn patch(&mut self, base: usize, sites: Sites, to: usize) {
        for offset in sites.as_slice() {
            let site = base + *offset as usize;
            self.arena.write(site, &displacement(site + 4, to));
        }
    }

    /// Writes a five-byte jump.
    fn write_jump(&mut self, at: usize, to: usize) {
        let mut bytes = [0xe9, 0, 0, 0, 0];
        bytes[1..].copy_from_slice(&displacement(at + 5, to));
        self.arena.write(at, &bytes);
    }
}

fn displacement(from: usize, to: usize) -> [u8; 4] {
    let distance = (to as i64).wrapping_sub(from as i64);
    let distance = i32::try_from(distance).expect("the arena is shorter than 2 GiB");
    distance.to_le_bytes()
}

/// What the last operation enters of another trace.
enum Target {
    /// The trace ends in itself, or by an exit.
    None,
    Entry(usize),
    Label(OpenLabel),
}

impl State {
    fn target(&self, request: &Request<'_>) -> Result<Target, CompileError> {
        let trace = request.trace;
        let Some(last) = trace.ops.last().filter(|op| op.code == Opcode::Jump) else {
            return Ok(Target::None);
        };
        let code = |token: u64| match (request.entry_of)(token) {
            Some(handle) => Ok(self.code(handle)),
            None => Err(CompileError::UnknownTarget { token }),
        };
        match &trace.label(last.descr).target {
            LabelTarget::Entry { token, .. } => Ok(Target::Entry(code(*token)?.jump_entry)),
            LabelTarget::Label { token, params } => match &code(*token)?.open_label {
                Some(label) if *label.types == **params => Ok(Target::Label(label.clone())),
                _ => Err(CompileError::UnknownTarget { token: *token }),
            },
            LabelTarget::Here | LabelTarget::Start | LabelTarget::Open { .. } => Ok(Target::None),
        }
    }
}

/// Describes the open label of code that was emitted at `address`.
fn open_label(
    trace: &Trace,
    lowered: &Lowered,
    allocation: &Allocation,
    address: usize,
    offset: Option<u32>,
) -> Option<OpenLabel> {
    let (_, params) = lowered.program.open_label()?;
    let values = &lowered.program.params[params.indices()];
    Some(OpenLabel {
        address: address + offset? as usize,
        types: values
            .iter()
            .map(|v| trace.value_types[*v as usize])
            .collect(),
        places: allocation.params[params.indices()].into(),
    })
}

impl State {
    /// Compiles with the memory that earlier traces have left.
    fn compile(
        &mut self,
        request: &Request<'_>,
        env: &CompileEnv,
        shared: &Shared,
        lowered: &mut Lowered,
        registers: &mut regalloc::Workspace,
    ) -> Result<CodeHandle, CompileError> {
        let trace = request.trace;
        let is_loop = matches!(request.form, Form::Loop);
        let target = self.target(request)?;
        let (target, places) = match target {
            Target::None => (None, None),
            Target::Entry(address) => (Some(address), None),
            Target::Label(label) => (Some(label.address), Some(label.places)),
        };
        let parent = match request.form {
            Form::Loop => None,
            Form::Bridge { exit, .. } => Some(self.exit_info(exit)),
        };
        let began = Instant::now();
        lower_into(
            lowered,
            trace,
            request.form,
            parent.as_ref(),
            places.as_deref(),
            env,
        )?;
        let lowered_at = Instant::now();
        X64Backend::allocate(registers, lowered, trace, env)?;
        let allocated_at = Instant::now();
        let lowered = &*lowered;
        let allocation = registers.allocation();
        let floats = lowered.program.classes.contains(&Class::Fpr);
        let slow = self.slow_paths(&env.heap, floats)?;
        let returns = self.returns(shared, env)?;
        let callees = self.callees(trace, env)?;
        let data = self.constants(trace, lowered, env)?;
        let first_exit = self.next_exit;
        if i32::try_from(first_exit as usize + trace.ops.len()).is_err() {
            return Err(CompileError::TooLarge);
        }
        // Behind the constants: the words that count.
        let constant_words = trace.consts.entries().len() + lowered.extra_consts.len();
        let counters = data.address + 8 * constant_words;
        let estimate = 128 + 24 * trace.ops.len() + 10 * allocation.edits.len();
        let shared = *shared;
        let made = self.emit(estimate, |address| Input {
            trace,
            lowered,
            allocation,
            env,
            shared,
            slow,
            address,
            constants: data.address,
            counters: env.count_runs.then_some(counters),
            first_exit,
            is_loop,
            target,
            callees: &callees,
            function: request.function.filter(|_| is_loop),
            returns,
        });
        let (range, emitted) = match made {
            Ok(made) => made,
            Err(error) => {
                self.arena.free_data(data);
                return Err(error);
            }
        };
        let handle = CodeHandle(self.codes.len() as u32);
        let live = lowered.program.live.iter().copied();
        let table: Rc<[(u32, Loc)]> = live.zip(allocation.live.iter().copied()).collect();
        let exits = self.workspace.exits.iter().map(|exit| ExitEntry {
            local: trace.ops[exit.op as usize].exit,
            op: exit.op,
            pending: exit.pending,
            live: (exit.live.start, exit.live.start + exit.live.len),
            stub: exit.stub,
            sites: exit.sites,
            invalidation: exit.invalidation.unwrap_or(NOWHERE),
        });
        let exits: Box<[ExitEntry]> = exits.collect();
        if !exits.is_empty() {
            self.by_first_exit.insert(first_exit, handle);
            self.next_exit += exits.len() as u32;
        }
        let constants = trace.consts.entries().iter().chain(&lowered.extra_consts);
        let moves =
            |c: &ouro_ir::Const| c.ty == Ty::Ref && c.bits != 0 && (env.heap.may_move)(c.bits);
        let refs = constants
            .enumerate()
            .filter(|(_, c)| moves(c))
            .map(|(n, _)| data.address + 8 * n)
            .collect();
        if env.perf_map {
            perf_map::add(range.address, range.bytes, &trace.name);
        }
        let ns = |from: Instant, to: Instant| to.duration_since(from).as_nanos() as u64;
        self.stats.lower_ns += ns(began, lowered_at);
        self.stats.allocate_ns += ns(lowered_at, allocated_at);
        self.stats.emit_ns += ns(allocated_at, Instant::now());
        self.stats.traces += 1;
        self.stats.exits += exits.len() as u32;
        self.stats.spills += u64::from(allocation.spills);
        self.stats.allocations += u64::from(emitted.allocations);
        self.stats.bumps += u64::from(emitted.bumps);
        self.codes.push(Some(Box::new(Code {
            range,
            data,
            refs,
            settled: false,
            entry: range.address,
            jump_entry: range.address + emitted.jump_entry as usize,
            open_label: open_label(
                trace,
                lowered,
                allocation,
                range.address,
                emitted.open_label,
            ),
            callee: emitted.callee,
            first_exit,
            exits,
            counters: emitted.counters.into(),
            spills: allocation.spills,
            allocations: emitted.allocations,
            bumps: emitted.bumps,
            ops: emitted.ops,
            live: table,
        })));
        Ok(handle)
    }
}

impl Backend for X64Backend {
    fn name(&self) -> &'static str {
        "x64"
    }

    fn compile(&self, request: &Request<'_>, env: &CompileEnv) -> Result<CodeHandle, CompileError> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let mut lowered = std::mem::take(&mut state.lowered);
        let mut registers = std::mem::take(&mut state.registers);
        let compiled = state.compile(request, env, &self.shared, &mut lowered, &mut registers);
        (state.lowered, state.registers) = (lowered, registers);
        compiled
    }

    unsafe fn enter(
        &self,
        code: CodeHandle,
        vm: *mut u8,
        guest_base: *mut u64,
        record: &mut ExitRecord,
    ) {
        let entry = self.state.borrow().code(code).entry;
        // Nothing of this backend is borrowed while compiled code runs: callees may compile.
        let enter = self.shared.enter;
        // SAFETY: `Shared::enter` is a function of this type; the caller keeps the promises of
        // `Backend::enter`, which are those of compiled code.
        unsafe {
            let enter: extern "C" fn(usize, *mut u8, *mut u64, *mut ExitRecord) =
                std::mem::transmute(enter);
            self.frames
                .entering(|| enter(entry, vm, guest_base, record));
        }
    }

    fn exit_info(&self, exit: ExitNumber) -> ExitInfo {
        self.state.borrow().exit_info(exit)
    }

    fn exits(&self, code: CodeHandle) -> Vec<ExitNumber> {
        let state = self.state.borrow();
        let code = state.code(code);
        let numbers = code.first_exit..code.first_exit + code.exits.len() as u32;
        numbers.map(ExitNumber).collect()
    }

    fn patch_exit(&self, exit: ExitNumber, bridge: Option<CodeHandle>) {
        let mut state = self.state.borrow_mut();
        let (_, code, entry) = state.exit(exit);
        let base = code.range.address;
        let (stub, sites) = (base + entry.stub as usize, entry.sites);
        match bridge {
            Some(bridge) => {
                let to = state.code(bridge).entry;
                state.write_jump(stub, to);
                state.patch(base, sites, to);
            }
            None => {
                let mut push = [0x68, 0, 0, 0, 0];
                push[1..].copy_from_slice(&exit.0.to_le_bytes());
                state.arena.write(stub, &push);
                state.patch(base, sites, stub);
            }
        }
        Arena::forget_fetched();
    }

    fn invalidate(&self, code: CodeHandle) {
        let mut state = self.state.borrow_mut();
        let code = state.code(code);
        let base = code.range.address;
        let patched = code.exits.iter().filter(|e| e.invalidation != NOWHERE);
        let patched = patched.map(|e| (e.invalidation as usize, e.stub as usize));
        for (at, stub) in patched.collect::<Vec<_>>() {
            state.write_jump(base + at, base + stub);
        }
        Arena::forget_fetched();
    }

    fn set_callee(&self, token: u64, code: Option<CodeHandle>) {
        self.state.borrow_mut().set_callee(token, code);
    }

    fn free(&self, code: CodeHandle) {
        let mut state = self.state.borrow_mut();
        let freed = state.codes[code.0 as usize].take();
        let freed = freed.expect("the code was not freed before");
        state.stats.traces -= 1;
        state.stats.exits -= freed.exits.len() as u32;
        state.stats.spills -= u64::from(freed.spills);
        state.stats.allocations -= u64::from(freed.allocations);
        state.stats.bumps -= u64::from(freed.bumps);
        state.arena.free_code(freed.range);
        state.arena.free_data(freed.data);
        if !freed.exits.is_empty() {
            state.by_first_exit.remove(&freed.first_exit);
        }
        debug_assert!(
            state.callees.values().all(|callee| *callee != code),
            "guest calls lead to freed code"
        );
    }

    fn on_native_stack(&self) -> Vec<CodeHandle> {
        let state = self.state.borrow();
        let codes = state.codes.iter().enumerate();
        let codes = codes.filter_map(|(n, code)| Some((code.as_ref()?.range, n)));
        let mut ranges: Vec<(usize, usize, CodeHandle)> = codes
            .map(|(range, n)| (range.address, range.bytes, CodeHandle(n as u32)))
            .collect();
        ranges.sort_unstable();
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
            return Vec::new();
        };
        let (from, to) = (first.0, last.0 + last.1);
        let mut found = Vec::new();
        self.frames.visit(|word| {
            if !(from..to).contains(&word) {
                return;
            }
            let n = ranges.partition_point(|(address, ..)| *address <= word) - 1;
            let (address, bytes, handle) = ranges[n];
            // No call is the last instruction: stubs follow.
            if word < address + bytes && !found.contains(&handle) {
                found.push(handle);
            }
        });
        found
    }

    fn code_bytes(&self, code: CodeHandle) -> usize {
        self.state.borrow().code(code).range.bytes
    }

    fn runs(&self, code: CodeHandle) -> Vec<(u32, u64)> {
        let state = self.state.borrow();
        let counters = state.code(code).counters.iter();
        counters
            .map(|(op, word)| (*op, state.arena.word(*word)))
            .collect()
    }

    fn stats(&self) -> CodeStats {
        let state = self.state.borrow();
        let (code_bytes, data_bytes) = state.arena.used_bytes();
        CodeStats {
            code_bytes,
            data_bytes,
            ..state.stats
        }
    }

    fn listing(&self, code: CodeHandle) -> Option<Listing> {
        let state = self.state.borrow();
        let code = state.code(code);
        Some(Listing {
            address: code.range.address,
            bytes: state.arena.read(code.range.address, code.range.bytes),
            ops: code.ops.clone(),
        })
    }

    fn locate(&self, address: usize) -> Option<(CodeHandle, u32)> {
        // A signal may arrive while the state is borrowed.
        let state = self.state.try_borrow().ok()?;
        let inside = |code: &Code| {
            let offset = address.checked_sub(code.range.address)?;
            let op = code.ops.partition_point(|at| *at as usize <= offset);
            (offset < code.range.bytes).then(|| op.saturating_sub(1) as u32)
        };
        let mut codes = state.codes.iter().enumerate();
        codes.find_map(|(n, code)| Some((CodeHandle(n as u32), inside(code.as_ref()?)?)))
    }

    fn visit_ref_constants(&self, visit: &mut dyn FnMut(&mut u64)) {
        let mut state = self.state.borrow_mut();
        let State { arena, codes, .. } = &mut *state;
        for code in codes.iter().flatten() {
            for address in &code.refs {
                visit(arena.word_mut(*address));
            }
        }
    }

    fn visit_young_constants(&self, visit: &mut dyn FnMut(&mut u64) -> bool) {
        let mut state = self.state.borrow_mut();
        let State { arena, codes, .. } = &mut *state;
        for code in codes.iter_mut().flatten().filter(|code| !code.settled) {
            let mut young = false;
            for address in &code.refs {
                young |= visit(arena.word_mut(*address));
            }
            code.settled = !young;
        }
    }

    fn set_guard_stress(&self, guards: u64) {
        let mut state = self.state.borrow_mut();
        state.arena.set_word(self.shared.stress_counter, guards);
    }

    fn after_fork_in_child(&self) -> Result<(), CompileError> {
        let mut state = self.state.borrow_mut();
        state.arena.after_fork_in_child().map_err(arena_error)
    }
}
