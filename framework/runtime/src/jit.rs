//! The compiler of one VM, and what happens when a loop becomes hot.

use crate::ageing::{Families, before_recording};
use crate::compile::{Compiled, From, Room, WayIn, compile, type_descr};
use crate::deopt::ExitPlan;
use crate::events::{Events, Happened, Kind, Spot};
use crate::log::Log;
use crate::options::{JitOptions, Parameters};
use crate::roots::JitRoots;
use crate::stats::{Stats, add};
use ahash::{AHashMap, AHashSet};
use ouro_codegen::{Backend, CodeHandle, CompileEnv};
use ouro_ir::{LabelTarget, Opcode, Trace};
use ouro_machine::{Direct, Handlers, Hooks, Language, Place, Settled, Vm, driver};
use ouro_recorder::{Abort, AskJoin, Environment, Recorder, Recording, Start};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

/// What is known of the loop at one header.
#[derive(Clone, Copy)]
pub(crate) enum LoopState {
    Compiled {
        code: CodeHandle,
        bridges: u32,
        /// Entries until the loop is judged by its length, and how long they lasted together.
        entered: u32,
        ticks: u64,
        /// Number of the last recording before it was last entered.
        used: u32,
    },
    /// Its code was given back: it becomes hot again like any other.
    Freed,
    /// Could not be compiled so often.
    Failed { attempts: u32 },
    /// A function that did too little to be worth entering, so often.
    TooShort { times: u32 },
    /// A function that calls itself was recorded so often where it did not, and was too short.
    EndOfRecursion { times: u32 },
}

/// A function that calls itself is recorded so often in the hope of a way on which it does.
const MAX_ENDS_OF_RECURSION: u32 = 12;

/// A loop that goes round once each time it is entered is recorded as it is left after so many attempts.
const MAX_LEFT: u32 = 1;

/// So many times a loop is made again because functions that it inlined have loops of their own.
const MAX_REMADE: u32 = 6;

/// So many more times it is looked, ever more seldom, whether a function that did too little does more, or whether what it
/// calls has got code. One that compiled code calls in vain is compiled in any case.
const MAX_TOO_SHORT: u32 = 3;

/// The compiler of one VM.
pub struct Jit {
    pub(crate) backend: Box<dyn Backend>,
    pub(crate) env: CompileEnv,
    pub(crate) parameters: Cell<Parameters>,
    pub(crate) optimizer: RefCell<ouro_optimizer::Options>,
    pub stats: Stats,
    pub log: Log,
    pub events: Events,
    /// Code objects that are only interpreted.
    pub(crate) never: RefCell<AHashSet<usize>>,
    pub(crate) loops: RefCell<AHashMap<usize, LoopState>>,
    pub(crate) traces: RefCell<AHashMap<CodeHandle, Rc<Compiled>>>,
    /// What to do at an exit, by its number; made when it is first taken.
    pub(crate) plans: RefCell<AHashMap<u32, Rc<ExitPlan>>>,
    pub(crate) families: Families,
    /// Code objects whose calls are not inlined, since they ended a recording.
    pub(crate) call_out: RefCell<AHashSet<usize>>,
    /// By loop header: how often the loop's code was dropped because it inlined what is better called.
    pub(crate) remade: RefCell<AHashMap<usize, u32>>,
    /// By loop header: how often the loop's code was invalidated.
    pub(crate) invalidated: RefCell<AHashMap<usize, u32>>,
    /// By loop header: how often a recording was given up because it was the last time round.
    pub(crate) left: RefCell<AHashMap<usize, u32>>,
    /// Loop headers whose traces are to assume nothing of registers that they do not look at.
    pub(crate) blind: RefCell<AHashSet<usize>>,
    /// Traces that begin where branches come together.
    pub(crate) joins: RefCell<crate::join::Joins>,
    /// What any compiled code needs: loops, functions and bridges jump into each other.
    pub(crate) room: Cell<Room>,
    ids: RefCell<Vec<CodeHandle>>,
    pub(crate) recording: Cell<bool>,
    /// There is no memory for code.
    pub(crate) off: Cell<bool>,
    /// The program has asked to do without compiled code.
    pub(crate) resting: Cell<bool>,
}

/// Gives `vm` a compiler. Once per VM, before guest code runs; [`hooks`] must be set too.
pub fn install<L: Language>(
    vm: &'static Vm<L>,
    backend: Box<dyn Backend>,
    options: JitOptions,
    log: Log,
) {
    let mut env = CompileEnv::new(crate::heap_access::heap_access());
    env.guest_calls = crate::guest_calls::access(vm);
    env.guard_stress = options.parameters.guard_stress > 0;
    env.check_allocation = options.parameters.check;
    env.perf_map = options.parameters.perf_map;
    env.count_runs = options.parameters.count;
    backend.set_guard_stress(options.parameters.guard_stress.max(1));
    vm.set_threshold(options.parameters.threshold_loops);
    let mut options = options;
    let stats = Stats::default();
    if options.parameters.count {
        let times = stats.times.get_or_init(Default::default).clone();
        options.optimizer.times = Some(times);
    }
    let jit = Jit {
        backend,
        env,
        parameters: Cell::new(options.parameters),
        optimizer: RefCell::new(options.optimizer),
        stats,
        log,
        events: Events::default(),
        never: RefCell::default(),
        loops: RefCell::default(),
        traces: RefCell::default(),
        plans: RefCell::default(),
        families: Families::default(),
        call_out: RefCell::default(),
        remade: RefCell::default(),
        invalidated: RefCell::default(),
        left: RefCell::default(),
        blind: RefCell::default(),
        joins: RefCell::default(),
        room: Cell::default(),
        ids: RefCell::default(),
        recording: Cell::new(false),
        off: Cell::new(false),
        resting: Cell::new(false),
    };
    assert!(
        vm.compiler.set(Box::new(jit)).is_ok(),
        "a VM has one compiler"
    );
    vm.heap.add_root_provider(Rc::new(JitRoots(vm)));
}

/// The hooks for handlers `H`, around the given run loop.
pub fn hooks<H: Handlers>(run: Hooks<H::L>) -> Hooks<H::L> {
    Hooks {
        hot: Some(hot::<H>),
        called_code_left: Some(crate::guest_calls::called_code_left::<H>),
        invalidate: Some(invalidate::<H::L>),
        ..run
    }
}

impl Jit {
    /// The compiler of `vm`, if it has one.
    pub fn of<L: Language>(vm: &Vm<L>) -> Option<&Jit> {
        vm.compiler.get()?.downcast_ref::<Jit>()
    }
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }
    /// The last section of the log: how often compiled code led back to the interpreter, by exit, the most taken first.
    pub fn log_exits<L: Language>(&self) {
        let plans = self.plans.borrow();
        self.log_exits_among::<L>("by number", plans.values());
    }
    /// The exits of code that goes.
    pub(crate) fn log_exits_of<L: Language>(&self, code: CodeHandle) {
        if self.log.is_on() {
            let plans = self.plans.borrow();
            let numbers = self.backend.exits(code);
            let own = numbers.iter().filter_map(|n| plans.get(&n.0));
            self.log_exits_among::<L>("of freed code", own);
        }
    }
    fn log_exits_among<'p, L: Language>(
        &self,
        title: &str,
        plans: impl Iterator<Item = &'p Rc<ExitPlan>>,
    ) {
        self.log.section("exits", title, || {
            let mut taken: Vec<_> = plans.filter(|p| p.hits.get() > 0).collect();
            taken.sort_by_key(|plan| std::cmp::Reverse(plan.hits.get()));
            let line =
                |plan: &Rc<ExitPlan>| format!("{} {}\n", plan.hits.get(), plan.describe::<L>());
            taken.into_iter().map(line).collect()
        });
    }
    pub(crate) fn new_id(&self, code: CodeHandle) -> u32 {
        let mut ids = self.ids.borrow_mut();
        ids.push(code);
        ids.len() as u32 - 1
    }
    /// Tokens are addresses of loop headers, or odd.
    pub(crate) fn code_of_token(&self, token: u64) -> Option<CodeHandle> {
        match self.loops.borrow().get(&(token as usize)) {
            Some(LoopState::Compiled { code, .. }) => Some(*code),
            Some(_) => None,
            None => self.code_of_join(token),
        }
    }
    /// The compiled trace that a recorded one ends in, if it does. The code that is made next jumps to the same one:
    /// both ask for the present code of the token. Should that be replaced later, it stays where it is: code is kept as
    /// long as other code jumps to it (`ageing.rs`).
    pub(crate) fn target_of(&self, recorded: &Trace) -> Option<Rc<Compiled>> {
        let last = recorded.ops.last().filter(|op| op.code == Opcode::Jump)?;
        match &recorded.label(last.descr).target {
            LabelTarget::Entry { token, .. } => {
                let code = self.code_of_token(*token)?;
                self.traces.borrow().get(&code).cloned()
            }
            LabelTarget::Here
            | LabelTarget::Start
            | LabelTarget::Open { .. }
            | LabelTarget::Label { .. } => None,
        }
    }
    /// Whether the function with this entry has code that takes the reference in this register, not the leaf of an object.
    pub(crate) fn takes_reference(&self, entry: usize, register: u32) -> bool {
        let code = self.code_of_token(entry as u64);
        let compiled = code.and_then(|code| self.traces.borrow().get(&code).cloned());
        let Some(compiled) = compiled else {
            return false;
        };
        let trace = compiled.trace.borrow();
        let params = trace.open_label().map(|(_, params)| params);
        let mut params = params.unwrap_or_default().iter();
        params.any(|p| p.register == register && !p.class.is_some())
    }
    /// `trace` has inlined calls of `callee`, which came to a loop that has code by now: `callee` is called in future, and
    /// the loop that the trace belongs to is soon recorded once more. What was compiled stays for those who jump there.
    pub(crate) fn outgrow(&self, trace: &Rc<Compiled>, callee: usize) {
        self.call_out.borrow_mut().insert(callee);
        let current = self.code_of_token(trace.home as u64);
        if current != Some(trace.root) {
            return;
        }
        let mut remade = self.remade.borrow_mut();
        let times = remade.entry(trace.home).or_default();
        if *times < MAX_REMADE {
            *times += 1;
            self.loops.borrow_mut().remove(&trace.home);
            self.backend.set_callee(trace.home as u64, None);
            add(&self.stats.remade, 1);
        }
    }
    /// Whether calls of the code object at this address are not inlined.
    pub(crate) fn is_called(&self, code: usize) -> bool {
        self.call_out.borrow().contains(&code) || self.never.borrow().contains(&code)
    }
    pub(crate) fn switch_off<L: Language>(&self, vm: &Vm<L>, why: &str) {
        if !self.off.replace(true) {
            eprintln!("ouro: warning: {why}; going on without the compiler");
            vm.set_threshold(u32::MAX);
        }
    }
}

fn hot<H: Handlers>(vm: &'static Vm<H::L>, at: Place<H::L>) -> Settled<H::L> {
    let Some(jit) = Jit::of(vm) else {
        vm.reset_counter(at, u32::MAX);
        return Settled::At(at);
    };
    let header = at.pc as usize;
    let state = jit.loops.borrow_mut().get_mut(&header).map(|state| {
        if let LoopState::Compiled { used, .. } = state {
            *used = jit.families.now();
        }
        *state
    });
    if jit.resting.get() {
        vm.reset_counter(at, jit.parameters.get().threshold_loops);
        return Settled::At(at);
    }
    match state {
        Some(LoopState::Compiled { code, entered, .. }) => {
            vm.reset_counter(at, 1);
            let room = jit.room.get();
            let deep = vm.native_stack_is_half_used();
            // Twice: code that is called has its own words above.
            let words = 2 * room.words.max(at.code.nregs as usize);
            if !deep && vm.has_room(at.base, room.frames, words) {
                return crate::enter::enter::<H>(vm, jit, at, code, entered);
            }
            Settled::At(at)
        }
        Some(LoopState::Freed) => {
            jit.loops.borrow_mut().remove(&header);
            vm.reset_counter(at, jit.parameters.get().threshold_loops);
            Settled::At(at)
        }
        Some(LoopState::Failed { attempts }) if attempts >= jit.parameters.get().max_attempts => {
            vm.reset_counter(at, u32::MAX);
            Settled::At(at)
        }
        Some(LoopState::TooShort { times }) if times > MAX_TOO_SHORT && !at.code.is_wanted() => {
            vm.reset_counter(at, u32::MAX);
            Settled::At(at)
        }
        // Such a function only makes the frame that will be entered later.
        _ if at.pc == at.code.entry() && H::L::suspends(&at.code.info) => {
            vm.reset_counter(at, u32::MAX);
            Settled::At(at)
        }
        _ if jit.recording.get() || jit.off.get() => {
            vm.reset_counter(at, jit.parameters.get().threshold_loops);
            Settled::At(at)
        }
        _ if jit
            .never
            .borrow()
            .contains(&(std::ptr::from_ref(at.code) as usize)) =>
        {
            vm.reset_counter(at, u32::MAX);
            Settled::At(at)
        }
        _ => record::<H>(vm, jit, at),
    }
}

/// The name of a trace in logs, made in one piece.
pub(crate) fn trace_name(text: std::fmt::Arguments) -> String {
    let mut name = String::with_capacity(96);
    // Writing to a string cannot fail.
    let _ = std::fmt::Write::write_fmt(&mut name, text);
    name
}

/// Where a trace begins, for those who watch.
pub(crate) fn spot<L: Language>(kind: Kind, at: Place<L>) -> Rc<Spot> {
    let (name, file) = L::name_and_file(&at.code.info);
    let line = L::line(&at.code.info, at.index());
    Rc::new(Spot {
        kind,
        name,
        file,
        line,
    })
}

/// Why nothing is recorded where all code that there is memory for is in use, and how much later it is tried again.
pub(crate) const NO_ROOM: &str = "the memory for compiled code is in use";
const NO_ROOM_WAIT: u32 = 16;

/// Frames in which a function looks for itself.
const RECURSION_WINDOW: usize = 8;

fn record<H: Handlers>(vm: &'static Vm<H::L>, jit: &Jit, at: Place<H::L>) -> Settled<H::L> {
    if !before_recording(vm, jit, None) {
        jit.stats.give_up(NO_ROOM.to_owned());
        let wait = jit.parameters.get().threshold_loops;
        vm.reset_counter(at, wait.saturating_mul(NO_ROOM_WAIT));
        return Settled::At(at);
    }
    let header = at.pc as usize;
    let line = H::L::line(&at.code.info, at.index());
    let is_function = at.pc == at.code.entry();
    let kind = match is_function {
        true => Kind::Function,
        false => Kind::Loop,
    };
    let spot = spot(kind, at);
    let kind = kind.word();
    let name = trace_name(format_args!(
        "{kind} {} line {line} pc {}",
        at.code.name(),
        at.index()
    ));
    let least = if is_function && !at.code.is_wanted() {
        jit.parameters.get().min_instructions
    } else {
        0
    };
    let last_attempt = matches!(jit.loops.borrow().get(&header), Some(LoopState::Failed { attempts })
        if attempts + 1 >= jit.parameters.get().max_attempts);
    let may_finish = (is_function || last_attempt) && !H::L::suspends(&at.code.info);
    // What was called before this function is looked at as far as a few frames that lie between two calls of it.
    let mut below = vm.depth().saturating_sub(RECURSION_WINDOW)..vm.depth();
    let is_recursive = is_function && below.any(|n| std::ptr::eq(vm.record(n).at.code, at.code));
    let clock = Instant::now();
    let see_registers = !jit.blind.borrow().contains(&header);
    let type_descr = |id| type_descr(vm, id);
    let call_out = |code: usize| jit.is_called(code);
    let never = |code: usize| jit.never.borrow().contains(&code);
    let compiled = |pc: usize| jit.code_of_token(pc as u64).map(|_| pc as u64);
    let takes_reference = |entry, register| jit.takes_reference(entry, register);
    let nothing_inlined = |_: usize| false;
    let mut environment = environment(
        jit,
        (&call_out, &never),
        (&compiled, &takes_reference),
        see_registers,
        (may_finish, least),
        &nothing_inlined,
        &type_descr,
        None,
    );
    let times_left = jit.left.borrow().get(&header).copied().unwrap_or(0);
    environment.stays_in_loop = !is_function && times_left < MAX_LEFT;
    let recording = Recording::new(vm, name.clone(), environment, Start::Loop(at));
    jit.recording.set(true);
    let settled = driver::run::<H, Recorder<H::L>>(&recording, at);
    jit.recording.set(false);
    let record_ns = clock.elapsed().as_nanos() as u64;
    add(&jit.stats.record_ns, record_ns);
    jit.call_out.borrow_mut().extend(recording.not_to_inline());
    let (mut is_short, mut calls_next_time, mut left) = (false, false, false);
    let done = match recording.finish() {
        Ok(finished) => {
            let way_in = WayIn::Header(is_function.then_some(at.code));
            let from = From {
                home: header,
                root: None,
                spot,
                record_ns,
            };
            compile(vm, jit, finished, from, way_in).map(|code| LoopState::Compiled {
                code,
                bridges: 0,
                entered: 0,
                ticks: 0,
                used: jit.families.now(),
            })
        }
        Err(reason) => {
            is_short = reason == Abort::TooShort;
            calls_next_time = reason == Abort::CalleeLoops;
            left = reason == Abort::LeftLoop;
            jit.stats.abort(reason);
            jit.log.section("abort", &name, || reason.word().to_owned());
            let reason = Happened::Aborted(reason.word().to_owned());
            jit.tell(vm, &spot, reason);
            None
        }
    };
    let mut loops = jit.loops.borrow_mut();
    match done {
        Some(state) => {
            add(&jit.stats.loops, 1);
            loops.insert(header, state);
            if let (true, LoopState::Compiled { code, .. }) = (is_function, state) {
                jit.backend.set_callee(header as u64, Some(code));
            }
            vm.reset_counter(at, 1);
            drop(loops);
            jit.drop_joins_of(header);
            return interpret::<H>(vm, settled);
        }
        // The next time round is recorded instead.
        None if left => {
            jit.left.borrow_mut().insert(header, times_left + 1);
            vm.reset_counter(at, 1);
        }
        // No attempt was wasted: there is one function less to inline.
        None if calls_next_time => vm.reset_counter(at, 1),
        None => {
            let ends = match loops.get(&header) {
                Some(LoopState::EndOfRecursion { times }) => *times,
                _ => 0,
            };
            if is_short && is_recursive && ends < MAX_ENDS_OF_RECURSION {
                let times = ends + 1;
                loops.insert(header, LoopState::EndOfRecursion { times });
                // Soon, and not always after the same number of calls: recursion is regular.
                vm.reset_counter(at, 1 + 2 * times);
                drop(loops);
                return interpret::<H>(vm, settled);
            }
            let threshold = jit.parameters.get().threshold_loops;
            if is_short {
                let times = match loops.get(&header) {
                    Some(LoopState::TooShort { times }) => times + 1,
                    _ => 1,
                };
                loops.insert(header, LoopState::TooShort { times });
                vm.reset_counter(at, threshold.saturating_mul(1 << (3 * times).min(16)));
                drop(loops);
                return interpret::<H>(vm, settled);
            }
            let attempts = match loops.get(&header) {
                Some(LoopState::Failed { attempts }) => attempts + 1,
                _ => 1,
            };
            loops.insert(header, LoopState::Failed { attempts });
            // Back off: the next attempt comes when inner loops have had time to be compiled.
            let wait = threshold.saturating_mul(1 << attempts.min(8));
            vm.reset_counter(at, wait);
        }
    }
    drop(loops);
    interpret::<H>(vm, settled)
}

#[allow(clippy::too_many_arguments)]
pub(crate) fn environment<'e>(
    jit: &Jit,
    (call_out, never): (&'e dyn Fn(usize) -> bool, &'e dyn Fn(usize) -> bool),
    (compiled, takes_reference): (
        &'e dyn Fn(usize) -> Option<u64>,
        &'e dyn Fn(usize, u32) -> bool,
    ),
    see_registers: bool,
    (may_finish, min_instructions): (bool, u32),
    inlined: &'e dyn Fn(usize) -> bool,
    type_descr: &'e dyn Fn(u32) -> (ouro_ir::TypeDescr, Option<ouro_gc::FieldInfo>),
    at_join: Option<&'e AskJoin<'e>>,
) -> Environment<'e> {
    let p = jit.parameters.get();
    Environment {
        max_ops: p.max_recorded_ops,
        max_frames: p.max_frames,
        max_inner_rounds: p.max_inner_rounds,
        may_finish,
        min_instructions,
        check_shadow: p.shadow,
        max_recursion: p.max_recursion,
        call_out,
        never,
        compiled,
        takes_reference,
        see_registers,
        inlined,
        stays_in_loop: false,
        type_descr,
        at_join,
    }
}

/// Where a recorder stopped, the plain interpreter goes on.
pub(crate) fn interpret<H: Handlers>(
    vm: &'static Vm<H::L>,
    settled: Settled<H::L>,
) -> Settled<H::L> {
    match settled {
        Settled::Stopped { at, step, entry } => {
            vm.parked.set(at);
            driver::resume_at::<H, Direct<H::L>>(vm, at, step, entry)
        }
        settled => settled,
    }
}

/// So many times the code of one loop, or of one exit's bridge, is made again after what it assumed has changed.
const MAX_INVALIDATIONS: u32 = 8;

/// A loop has lost its code. The first time it is recorded at once, then after ever longer waits, in the end no more: what
/// it assumes goes on changing.
fn back_off<L: Language>(
    vm: &Vm<L>,
    jit: &Jit,
    header: usize,
    loops: &mut AHashMap<usize, LoopState>,
) {
    loops.remove(&header);
    jit.backend.set_callee(header as u64, None);
    let mut invalidated = jit.invalidated.borrow_mut();
    let times = invalidated.entry(header).or_default();
    *times += 1;
    if *times >= MAX_INVALIDATIONS {
        let attempts = jit.parameters.get().max_attempts;
        loops.insert(header, LoopState::Failed { attempts });
    } else if *times > 1 {
        let wait = jit.parameters.get().threshold_loops;
        let wait = wait.saturating_mul(1 << *times);
        vm.reset_counter_of(header as *const L::Ins, wait);
    }
}

fn invalidate<L: Language>(vm: &Vm<L>, ids: &[u32]) {
    let Some(jit) = Jit::of(vm) else { return };
    for id in ids {
        let code = jit.ids.borrow()[*id as usize];
        let Some(compiled) = jit.traces.borrow().get(&code).cloned() else {
            continue;
        };
        if !compiled.valid.replace(false) {
            continue;
        }
        add(&jit.stats.invalidations, 1);
        jit.tell(vm, &compiled.spot, Happened::Invalidated(compiled.id));
        jit.backend.invalidate(code);
        if compiled.token.get() != 0 {
            jit.drop_join(compiled.token.get());
            continue;
        }
        match compiled.parent {
            // The exit leaves again, and may get a new bridge.
            Some(exit) => {
                jit.backend.patch_exit(exit, None);
                if let Some(plan) = jit.plans.borrow().get(&exit.0) {
                    let times = plan.invalidated.get() + 1;
                    plan.invalidated.set(times);
                    let last = times >= MAX_INVALIDATIONS;
                    plan.taken.set(if last { crate::bridge::NEVER } else { 0 });
                }
            }
            None => {
                let mut loops = jit.loops.borrow_mut();
                let current = matches!(loops.get(&compiled.home), Some(LoopState::Compiled { code: c, .. }) if *c == code);
                if current {
                    back_off(vm, jit, compiled.home, &mut loops);
                }
            }
        }
    }
}
