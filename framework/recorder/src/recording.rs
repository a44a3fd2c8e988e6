//! The state of one recording, and when it ends.

use crate::call_out::{self, CallSite};
use crate::heapcache::HeapCache;
use crate::shadow::{Shadow, read, visit_word, word_of};
use crate::{Abort, Sym};
use ahash::AHashMap;
use ouro_gc::{
    FieldInfo, FieldKind, FieldMutability, Gc, Heap, RootProvider, RootProviderId, RootVisitor,
};
use ouro_ir::{
    Arg, ArrayDescr, CallAbi, CallDescr, Descr, DescrId, EffectSet, Exit, ExitId, FieldDescr,
    LabelDescr, LabelTarget, Opcode, Source, Trace, TraceKind, Ty, TypeDescr, Width,
};
use ouro_machine::{
    Abi, ArrayInfo, Code, Entry, Language, Place, Quasi, Residual, ResumePoint, Unboxed, Vm, Writes,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// What the compiler's owner tells a recording.
pub struct Environment<'e> {
    /// The recording is given up beyond so many operations.
    pub max_ops: usize,
    /// And beyond so many suspended frames.
    pub max_frames: usize,
    /// The recording may end where the frame in which it began is left, or where it becomes too long. A loop that is
    /// recorded as it ends is better tried again.
    pub may_finish: bool,
    /// A recording of a loop is given up if the loop's first instruction leaves it: there was no next time round, and others
    /// are more worth it.
    pub stays_in_loop: bool,
    /// A recording that ends as its frame is left is given up if it has fewer guest instructions, for each guest call of a
    /// function without code as many again.
    pub min_instructions: u32,
    /// Compare names and registers at each step.
    pub check_shadow: bool,
    /// How often an inner loop may go round before the recording is given up.
    pub max_inner_rounds: u32,
    /// Whether guest calls of the code object at this address are recorded as calls, not inlined.
    pub call_out: &'e dyn Fn(usize) -> bool,
    /// Whether frames of the code object at this address are never recorded.
    pub never: &'e dyn Fn(usize) -> bool,
    /// How often the same code object may be inlined into itself.
    pub max_recursion: usize,
    /// Whether the trace that is continued has inlined calls of the code object at this address.
    pub inlined: &'e dyn Fn(usize) -> bool,
    /// Whether the function whose entry is at this address has a trace that takes the reference in this register, not the
    /// leaf of an object.
    pub takes_reference: &'e dyn Fn(usize, u32) -> bool,
    /// The token of the compiled loop whose header is at this address.
    pub compiled: &'e dyn Fn(usize) -> Option<u64>,
    /// Whether the trace says of which value class the registers were when it began.
    pub see_registers: bool,
    /// What to do where branches come together; none: nothing.
    pub at_join: Option<&'e crate::join::AskJoin<'e>>,
    /// What the heap knows of a type.
    pub type_descr: &'e dyn Fn(u32) -> (TypeDescr, Option<FieldInfo>),
}

/// Where a recording starts.
pub enum Start<'s, L: Language> {
    /// At the loop header where the interpreter stands.
    Loop(Place<L>),
    /// At an exit of a trace whose state was just rebuilt on the guest stack: the loop frame's base, and the exit.
    Bridge {
        loop_header: usize,
        loop_base: *mut Gc,
        parent: u64,
        exit_id: ExitId,
        exit: &'s Exit,
        callers: usize,
        /// The trace with the exit has stopped there, where branches come together.
        begins_at_join: bool,
    },
    /// Where branches of the loop with this header come together: the interpreter stands at `at`, so many frames above the
    /// loop's.
    Join {
        at: Place<L>,
        loop_header: usize,
        loop_base: *mut Gc,
        callers: usize,
        /// Whether the class of what a register holds, by word, may be expected to stay.
        sees: &'s dyn Fn(u32) -> bool,
    },
}

/// How a recording ended.
pub struct Finished<L: Language> {
    /// Nobody keeps the objects that it names alive, nor follows them: no safepoint before somebody does.
    pub trace: Trace,
    /// Facts that the trace depends on.
    pub facts: Vec<&'static Quasi>,
    /// Guest calls that the trace makes: to be kept where they are as long as there is code of the trace.
    pub sites: Vec<Box<CallSite<L>>>,
    /// Frame records and stack words above the loop's frame that exits need.
    pub max_frames: usize,
    pub max_words: usize,
    /// The trace ends because it is long enough: where it leaves, another one may go on.
    pub goes_on: bool,
    /// Code objects whose calls the trace has inlined.
    pub inlined: Vec<usize>,
    /// The trace ends at a loop that has code, in a frame that the continued trace has inlined: a trace that calls this
    /// code object would have gone on.
    pub outgrown: Option<usize>,
    /// The trace ends where branches come together, and where another one is to begin.
    pub stopped_at: Option<crate::join::JoinPlace>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Active,
    Closed,
    GivenUp(Abort),
}

/// One recording.
pub struct Recording<'e, L: Language> {
    pub(crate) vm: &'static Vm<L>,
    pub(crate) environment: Environment<'e>,
    pub(crate) trace: Rc<RefCell<Trace>>,
    pub(crate) shadow: RefCell<Shadow>,
    pub(crate) cache: RefCell<HeapCache>,
    pub(crate) loop_base: *mut Gc,
    /// Depth of the VM's frame records while the loop's own frame runs.
    pub(crate) bottom: usize,
    pub(crate) header: usize,
    state: Cell<State>,
    started: Cell<bool>,
    /// The trace does not begin at the loop's header.
    begins_elsewhere: bool,
    /// The last instruction of the loop, if the recording is to stay in it.
    loop_end: Option<usize>,
    at: Cell<Option<(Place<L>, L::Step)>>,
    entry: Cell<ouro_ir::Entry>,
    entry_name: Cell<Arg>,
    /// Objects made in the present step.
    fresh: RefCell<Vec<Arg>>,
    exit: Cell<ExitId>,
    pub(crate) effect: Cell<bool>,
    /// Values below this number were there when the step began.
    pub(crate) fresh_from: Cell<u32>,
    at_back_edge: Cell<bool>,
    goes_on: Cell<bool>,
    /// Guest instructions that were recorded, and guest calls among them of functions that have no code.
    pub(crate) instructions: Cell<u32>,
    pub(crate) calls_out: Cell<u32>,
    pub(crate) sites: RefCell<Vec<Box<CallSite<L>>>>,
    rounds: RefCell<AHashMap<usize, u32>>,
    /// Facts that the trace depends on, with their versions when it looked.
    facts: RefCell<Vec<(&'static Quasi, u64)>>,
    pub(crate) unchecked: Cell<bool>,
    /// A call has run since that could make somebody watch, see `ouro_machine::watch`.
    pub(crate) may_be_watched: Cell<bool>,
    fields: RefCell<AHashMap<(&'static str, u32), DescrId>>,
    descrs: RefCell<AHashMap<(usize, u32), DescrId>>,
    max_frames: Cell<usize>,
    max_words: Cell<usize>,
    constants: Constants,
    /// The inlined code object that ended the recording, by a loop or by looking at frames; or 0.
    blamed: Cell<usize>,
    /// The frame that is about to be entered is that of a call.
    calling: Cell<bool>,
    /// By depth above the frame in which the recording began: whether the frame was entered here, by a call. Frames that
    /// were there before, and generators, can be nothing but continued.
    called: RefCell<Vec<bool>>,
    inlined: RefCell<Vec<usize>>,
    outgrown: Cell<usize>,
    pub(crate) stopped_at: RefCell<Option<crate::join::JoinPlace>>,
    pub(crate) begins_at_join: bool,
    /// A frame of a function with branches was just left: its ways come together behind the call.
    returned: Cell<bool>,
}

/// Objects that the trace names are kept alive while it is recorded, and the trace's constants follow them when they move:
/// an operand is the index of a constant, so it stays the same. Dropping this ends it.
struct Constants {
    heap: &'static Heap,
    id: RootProviderId,
}
impl Constants {
    fn of(heap: &'static Heap, trace: Rc<RefCell<Trace>>) -> Constants {
        let id = heap.add_root_provider(Rc::new(Visit(trace)));
        Constants { heap, id }
    }
}
impl Drop for Constants {
    fn drop(&mut self) {
        self.heap.remove_root_provider(self.id);
    }
}
struct Visit(Rc<RefCell<Trace>>);
impl RootProvider for Visit {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        let consts = &mut self.0.borrow_mut().consts;
        consts.visit_refs(|bits| visit_word(visitor, bits));
    }
}

impl<'e, L: Language> Recording<'e, L> {
    pub fn new(
        vm: &'static Vm<L>,
        name: String,
        environment: Environment<'e>,
        start: Start<L>,
    ) -> Self {
        let (loop_base, bottom, header, kind) = match &start {
            Start::Loop(at) => (at.base, vm.depth(), at.pc as usize, TraceKind::Loop),
            Start::Bridge {
                loop_header,
                loop_base,
                parent,
                exit_id,
                callers,
                ..
            } => {
                let kind = TraceKind::Bridge {
                    parent: *parent,
                    exit: *exit_id,
                };
                (*loop_base, vm.depth() - callers, *loop_header, kind)
            }
            Start::Join {
                loop_header,
                loop_base,
                callers,
                ..
            } => {
                let bottom = vm.depth() - callers;
                (*loop_base, bottom, *loop_header, TraceKind::Loop)
            }
        };
        let loop_end = match &start {
            Start::Loop(at) if environment.stays_in_loop => at.code.loop_end(at.index()),
            _ => None,
        };
        let begins_at_join = matches!(
            start,
            Start::Bridge {
                begins_at_join: true,
                ..
            }
        );
        let mut trace = Trace::new(name, kind);
        // Most recordings are no longer than this: a list that grows is moved over and over.
        trace.ops.reserve(64);
        trace.value_types.reserve(64);
        trace.exits.reserve(16);
        trace.descrs.reserve(16);
        let trace = Rc::new(RefCell::new(trace));
        let constants = Constants::of(&vm.heap, trace.clone());
        let recording = Recording {
            vm,
            environment,
            trace,
            shadow: RefCell::new(Shadow::new(vm.heap.root_vec())),
            cache: RefCell::default(),
            loop_base,
            bottom,
            header,
            state: Cell::new(State::Active),
            started: Cell::new(false),
            loop_end,
            begins_elsewhere: !matches!(start, Start::Loop(_)),
            at: Cell::new(None),
            entry: Cell::new(ouro_ir::Entry::Start),
            entry_name: Cell::new(Arg::NONE),
            fresh: RefCell::default(),
            exit: Cell::new(ExitId::NONE),
            effect: Cell::new(false),
            fresh_from: Cell::new(0),
            at_back_edge: Cell::new(false),
            goes_on: Cell::new(false),
            instructions: Cell::new(0),
            calls_out: Cell::new(0),
            sites: RefCell::default(),
            rounds: RefCell::default(),
            facts: RefCell::default(),
            unchecked: Cell::new(true),
            may_be_watched: Cell::new(false),
            fields: RefCell::default(),
            descrs: RefCell::default(),
            max_frames: Cell::new(0),
            max_words: Cell::new(0),
            constants,
            blamed: Cell::new(0),
            calling: Cell::new(false),
            called: RefCell::default(),
            inlined: RefCell::default(),
            outgrown: Cell::new(0),
            stopped_at: RefCell::default(),
            begins_at_join,
            returned: Cell::new(false),
        };
        match start {
            Start::Loop(at) => recording.name_inputs(at),
            Start::Bridge { exit, .. } => recording.name_exit(exit),
            Start::Join { at, sees, .. } => recording.name_place(at, sees),
        }
        recording
    }
    fn name_inputs(&self, at: Place<L>) {
        let class_of = |r: u32| {
            let object = read(self.loop_base, r);
            let type_id = (!object.is_null()).then(|| object.type_id().0)?;
            let is_value = (self.environment.type_descr)(type_id).1.is_some();
            is_value.then(|| self.type_descr(type_id))
        };
        let registers = at.code.live_at(at.index()).iter();
        let classes: Vec<Option<DescrId>> = registers
            .map(|r| class_of(u32::from(*r)).filter(|_| self.environment.see_registers))
            .collect();
        let mut trace = self.trace.borrow_mut();
        let mut shadow = self.shadow.borrow_mut();
        let mut live = ouro_ir::Live::with_capacity(at.code.live_at(at.index()).len());
        for (&r, class) in at.code.live_at(at.index()).iter().zip(classes) {
            let input = trace.input(Ty::Ref, Source::Register(u32::from(r)));
            shadow.set_name(u32::from(r), input);
            live.push((r, input));
            trace.seen.extend(class.map(|class| (input, class)));
        }
        // Guards in front of the loop leave here.
        let frame = ouro_ir::Frame {
            code: std::ptr::from_ref(at.code) as u64,
            pc: at.index() as u32,
            step: L::Step::START.index(),
            base: 0,
            live,
        };
        trace.entry = trace.add_exit(Exit {
            frames: [Arc::new(frame)].into_iter().collect(),
            entry: ouro_ir::Entry::Start,
            virtuals: Vec::new(),
        });
    }
    fn name_exit(&self, exit: &Exit) {
        self.started.set(true);
        let mut trace = self.trace.borrow_mut();
        let mut shadow = self.shadow.borrow_mut();
        let mut inputs: AHashMap<Arg, Arg> = AHashMap::default();
        let mut input = |a: Arg| match a.as_const() {
            Some(_) => Arg::NONE,
            None => *inputs
                .entry(a)
                .or_insert_with(|| trace.input(Ty::Ref, Source::ParentExit(a))),
        };
        for frame in &exit.frames {
            for (r, a) in &frame.live {
                shadow.set_name(frame.base + u32::from(*r), input(*a));
            }
        }
        let entry = match exit.entry {
            ouro_ir::Entry::Start => Arg::NONE,
            ouro_ir::Entry::Value(a) | ouro_ir::Entry::Raise(a) => input(a),
            ouro_ir::Entry::PendingValue | ouro_ir::Entry::PendingRaise => {
                trace.input(Ty::Ref, Source::Pending)
            }
        };
        self.entry_name.set(entry);
    }
    /// The name of the value with which a bridge's first step is entered; a constant from then on.
    pub(crate) fn take_entry_name(&self) -> Arg {
        self.entry_name.replace(Arg::NONE)
    }
    /// An object that the present step made.
    pub(crate) fn note_fresh(&self, object: Arg, type_id: u32) {
        self.cache.borrow_mut().learn_class(object, type_id);
        self.fresh.borrow_mut().push(object);
    }
    pub(crate) fn is_fresh_object(&self, object: Arg) -> bool {
        self.fresh.borrow().contains(&object)
    }
    /// A recording may go on for longer than the reserved zone of the window lasts.
    pub(crate) fn alloc_concrete(&self, type_id: u32, bytes: u32) -> Gc {
        self.vm.heap.alloc_checked(ouro_gc::TypeId(type_id), bytes)
    }

    // ---- state
    #[inline]
    pub(crate) fn is_active(&self) -> bool {
        self.state.get() == State::Active
    }
    pub(crate) fn give_up(&self, reason: Abort) {
        if self.is_active() {
            self.state.set(State::GivenUp(reason));
        }
    }
    /// How many frames the running one is above that in which the recording began.
    pub(crate) fn callers(&self) -> usize {
        self.vm.depth().saturating_sub(self.bottom)
    }
    pub(crate) fn mark_back_edge(&self) {
        self.at_back_edge.set(true);
    }
    /// True: the driver is to stop before this step.
    pub(crate) fn begin_step(&self, at: Place<L>, step: L::Step, entry: Entry<Arg>) -> bool {
        if self.vm.is_watched() {
            self.give_up(Abort::Watched);
        }
        if !self.is_active() {
            return true;
        }
        let depth = self.vm.depth();
        if depth < self.bottom {
            self.give_up(Abort::LeftFrame);
            return true;
        }
        let callers = depth - self.bottom;
        self.shadow.borrow_mut().begin_step(callers);
        if self.environment.check_shadow {
            let base = word_of(self.loop_base, at.base);
            for &r in at.code.live_at(at.index()) {
                let word = base + u32::from(r);
                self.shadow
                    .borrow_mut()
                    .check(word, read(self.loop_base, word));
            }
        }
        self.exit.set(ExitId::NONE);
        self.at.set(Some((at, step)));
        self.effect.set(false);
        self.fresh.borrow_mut().clear();
        self.fresh_from
            .set(self.trace.borrow().value_types.len() as u32);
        self.entry.set(match entry {
            Entry::Start => ouro_ir::Entry::Start,
            Entry::Value(a) => ouro_ir::Entry::Value(a),
            Entry::Raised(a) => ouro_ir::Entry::Raise(a),
        });
        // A result that is only to be stored is stored first: if nobody looks at it, the call need not make it.
        let only_stores =
            step == L::Step::STORE && !matches!(self.entry.get(), ouro_ir::Entry::Raise(_));
        if !only_stores && self.may_be_watched.replace(false) {
            self.depend_on(&self.vm.unwatched);
        }
        if step == L::Step::START {
            if self.merge(at, callers) {
                return true;
            }
            self.instructions.set(self.instructions.get() + 1);
        }
        self.started.set(true);
        if self.trace.borrow().ops.len() > self.environment.max_ops {
            if self.environment.may_finish {
                self.goes_on.set(true);
                self.end_here();
            } else {
                self.give_up(Abort::TooLong);
            }
        } else if callers > self.environment.max_frames {
            self.give_up(Abort::TooDeep);
        }
        !self.is_active()
    }
    /// At the start of an instruction: does the trace end here?
    fn merge(&self, at: Place<L>, callers: usize) -> bool {
        let back_edge = self.at_back_edge.replace(false);
        let address = at.pc as usize;
        // Only a loop's own trace begins at its header.
        let bridge = self.begins_elsewhere;
        if callers == 0 && address == self.header && self.started.get() && back_edge {
            if bridge {
                self.close_into(at, (self.environment.compiled)(address).unwrap_or(0));
            } else {
                self.close(at);
            }
            return true;
        }
        if let Some(end) = self.loop_end
            && callers == 0
            && self.instructions.get() == 1
            && (address < self.header || at.index() > end)
        {
            self.give_up(Abort::LeftLoop);
            return true;
        }
        if !back_edge {
            let returned = self.returned.take();
            return self.meets(at, returned);
        }
        if let Some(token) = (self.environment.compiled)(address) {
            if callers == 0 {
                self.close_into(at, token);
            } else {
                self.meet_loop_of_callee(at, callers);
            }
            return true;
        }
        let mut rounds = self.rounds.borrow_mut();
        let round = rounds.entry(address).or_insert(0);
        *round += 1;
        if *round > self.environment.max_inner_rounds {
            if callers > 0 {
                self.blamed.set(std::ptr::from_ref(at.code) as usize);
            }
            self.give_up(Abort::InnerLoop);
            return true;
        }
        false
    }
    /// An inlined frame is at a loop that has code, and a trace cannot jump there without leaving the frames below. So the
    /// function is better called: its own trace goes into the loop and returns. If it is too late for that, this trace
    /// ends, and leaves here each time.
    fn meet_loop_of_callee(&self, at: Place<L>, callers: usize) {
        let code = std::ptr::from_ref(at.code) as usize;
        let can_be_called = !call_out::has_too_many_arguments(at.code);
        if can_be_called && self.called.borrow().get(callers).is_some_and(|c| *c) {
            self.blamed.set(code);
            self.give_up(Abort::CalleeLoops);
            return;
        }
        if can_be_called && (self.environment.inlined)(code) {
            self.outgrown.set(code);
        }
        self.end_here();
    }
    /// A frame of `code` was pushed.
    pub(crate) fn entering(&self, code: &'static Code<L>) {
        let by_call = self.calling.take();
        if (self.environment.never)(std::ptr::from_ref(code) as usize) {
            self.give_up(Abort::NotTraced);
        }
        if self.is_active() {
            let depth = self.callers();
            let mut called = self.called.borrow_mut();
            let len = called.len().max(depth + 1);
            called.resize(len, false);
            called[depth] = by_call;
        }
    }
    /// The trace ends: compiled code leaves before the present step, of which nothing has happened yet.
    fn end_here(&self) {
        let exit = self.exit();
        self.trace.borrow_mut().guard(Opcode::Finish, &[], exit);
        self.state.set(State::Closed);
    }
    pub(crate) fn has_started(&self) -> bool {
        self.started.get()
    }
    pub(crate) fn close_state(&self) {
        self.state.set(State::Closed);
    }
    /// The trace ends before the present step, and another one may go on there.
    pub(crate) fn stop(&self) {
        self.goes_on.set(true);
        self.end_here();
    }
    /// The guest call of the present step has looked at its callers: they are to be there, so the interpreter does the
    /// step again when compiled code has come here.
    pub(crate) fn end_before_walk(&self) {
        if !self.is_active() {
            return;
        }
        if !self.environment.may_finish || self.effect.get() {
            self.give_up(Abort::NeedsFrames);
        } else if self.instructions.get() < self.environment.min_instructions {
            self.give_up(Abort::TooShort);
        } else {
            self.end_here();
        }
    }
    /// The present step leaves its frame. If that is the frame in which the recording began, the interpreter does this step
    /// once more when compiled code has come here.
    pub(crate) fn returning(&self, value: Sym<Gc>) {
        if let Some((at, _)) = self.at.get().filter(|_| self.environment.at_join.is_some()) {
            self.returned.set(at.code.has_branches());
        }
        let may_end = self.environment.may_finish && self.is_active() && !self.effect.get();
        if !may_end || self.vm.depth() != self.bottom {
            return;
        }
        let least = self.environment.min_instructions * (1 + self.calls_out.get());
        match self.instructions.get() < least && !self.calls_itself() {
            true => self.give_up(Abort::TooShort),
            false => {
                let exit = self.exit();
                self.return_value(value, exit);
                self.state.set(State::Closed);
            }
        }
    }
    fn close(&self, at: Place<L>) {
        let exit = self.exit();
        let registers: Vec<u32> = at
            .code
            .live_at(at.index())
            .iter()
            .map(|r| u32::from(*r))
            .collect();
        let values: Vec<Arg> = registers
            .iter()
            .map(|r| self.register_operand(*r))
            .collect();
        let mut trace = self.trace.borrow_mut();
        trace.guard(Opcode::Poll, &[], exit);
        let target = LabelDescr {
            name: "start".into(),
            target: LabelTarget::Start,
        };
        let descr = trace.add_descr(Descr::Label(target));
        trace.push_pool(Opcode::Jump, &values, descr, ExitId::NONE);
        self.state.set(State::Closed);
    }
    fn close_into(&self, at: Place<L>, token: u64) {
        let exit = self.exit();
        let registers: Vec<u32> = at
            .code
            .live_at(at.index())
            .iter()
            .map(|r| u32::from(*r))
            .collect();
        let values: Vec<Arg> = registers
            .iter()
            .map(|r| self.register_operand(*r))
            .collect();
        let mut trace = self.trace.borrow_mut();
        trace.guard(Opcode::Poll, &[], exit);
        let target = LabelDescr {
            name: "entry".into(),
            target: LabelTarget::Entry { token, registers },
        };
        let descr = trace.add_descr(Descr::Label(target));
        trace.push_pool(Opcode::Jump, &values, descr, ExitId::NONE);
        self.state.set(State::Closed);
    }
    fn register_operand(&self, word: u32) -> Arg {
        let arg = self.shadow.borrow().name(word);
        self.operand_ref(Sym {
            v: read(self.loop_base, word),
            arg,
        })
    }
    /// The inlined code object that ended the recording: better not inlined next time.
    pub fn not_to_inline(&self) -> Option<usize> {
        Some(self.blamed.get()).filter(|code| *code != 0)
    }
    /// The trace, or why there is none.
    pub fn finish(self) -> Result<Finished<L>, Abort> {
        // The recorded iteration itself may change a fact after it was used: such a trace would never be invalidated.
        let changed = |(fact, version): &(&'static Quasi, u64)| fact.version() != *version;
        if self.facts.borrow().iter().any(changed) {
            self.give_up(Abort::FactChanged);
            return Err(Abort::FactChanged);
        }
        match self.state.get() {
            State::Closed => {
                drop(self.constants);
                let trace = Rc::into_inner(self.trace).expect("only the collector had it too");
                let facts = self.facts.into_inner();
                Ok(Finished {
                    trace: trace.into_inner(),
                    facts: facts.into_iter().map(|(fact, _)| fact).collect(),
                    sites: self.sites.into_inner(),
                    max_frames: self.max_frames.get(),
                    max_words: self.max_words.get(),
                    goes_on: self.goes_on.get(),
                    inlined: self.inlined.into_inner(),
                    outgrown: Some(self.outgrown.get()).filter(|code| *code != 0),
                    stopped_at: self.stopped_at.into_inner(),
                })
            }
            State::GivenUp(reason) => Err(reason),
            State::Active => Err(Abort::RunLoopEnded),
        }
    }

    // ---- calls
    /// A residual call has run.
    pub(crate) fn after_residual(&self) {
        if self.vm.frames_read.get() {
            if self.vm.depth() > self.bottom
                && let Some((at, _)) = self.at.get()
            {
                self.blamed.set(std::ptr::from_ref(at.code) as usize);
            }
            self.give_up(Abort::NeedsFrames);
        }
    }
    /// Whether a guest call of `code` is inlined here.
    pub(crate) fn inlines(&self, code: &'static Code<L>) -> bool {
        let inlines = self.should_inline(code);
        self.calling.set(inlines);
        let address = std::ptr::from_ref(code) as usize;
        if inlines && !self.inlined.borrow().contains(&address) {
            self.inlined.borrow_mut().push(address);
        }
        inlines
    }
    fn should_inline(&self, code: &'static Code<L>) -> bool {
        if call_out::has_too_many_arguments(code) {
            return true;
        }
        if (self.environment.call_out)(std::ptr::from_ref(code) as usize) {
            return false;
        }
        self.recurs_little(code)
    }
    /// Whether frames of `code` are not yet inlined into each other as often as may be.
    pub(crate) fn recurs_little(&self, code: &'static Code<L>) -> bool {
        let callers = (self.bottom..self.vm.depth()).map(|n| self.vm.record(n).at.code);
        let present = self.at.get().map(|(at, _)| at.code);
        let same = callers
            .chain(present)
            .filter(|c| std::ptr::eq(*c, code))
            .count();
        same <= self.environment.max_recursion
    }
    // ---- operands
    pub(crate) fn operand_ref(&self, s: Sym<Gc>) -> Arg {
        if s.is_constant() {
            return self.trace.borrow_mut().reference(s.v.address() as u64);
        }
        s.arg
    }
    /// The operand that a register held which is now being written; none if it was not live when the step began: then it
    /// may hold anything.
    pub(crate) fn held_before(&self, word: u32, before: Sym<Gc>) -> Arg {
        if !before.is_constant() {
            return before.arg;
        }
        let Some((at, step)) = self.at.get() else {
            return Arg::NONE;
        };
        let register = word.wrapping_sub(word_of(self.loop_base, at.base));
        let live = at.code.live_at(at.index()).iter().copied().map(u32::from);
        let held = L::held(&at.code.instructions()[at.index()], step);
        match live.chain(held).any(|r| r == register) {
            true => self.operand_ref(before),
            false => Arg::NONE,
        }
    }
    pub(crate) fn operand_int(&self, s: Sym<i64>) -> Arg {
        if s.is_constant() {
            self.trace.borrow_mut().int(s.v)
        } else {
            s.arg
        }
    }
    pub(crate) fn operand_float(&self, s: Sym<f64>) -> Arg {
        if s.is_constant() {
            self.trace.borrow_mut().float(s.v)
        } else {
            s.arg
        }
    }
    /// Word of a guest register of the frame with this base.
    pub(crate) fn word(&self, base: *mut Gc, register: u32) -> u32 {
        word_of(self.loop_base, base) + register
    }

    // ---- exits
    /// The exit of the present step.
    pub(crate) fn exit(&self) -> ExitId {
        if self.exit.get().is_some() {
            return self.exit.get();
        }
        let exit = Exit {
            frames: self.frames(None),
            entry: self.entry.get(),
            virtuals: Vec::new(),
        };
        let id = self.trace.borrow_mut().add_exit(exit);
        self.exit.set(id);
        id
    }
    /// An exit of a call: frames as at the start of the step, entered with what the callee returned.
    pub(crate) fn call_exit(&self, entry: ouro_ir::Entry, step: Option<L::Step>) -> ExitId {
        let exit = Exit {
            frames: self.frames(step),
            entry,
            virtuals: Vec::new(),
        };
        self.trace.borrow_mut().add_exit(exit)
    }
    fn frames(&self, step: Option<L::Step>) -> ouro_ir::Frames {
        let (at, present) = self.at.get().expect("inside a step");
        let mut shadow = self.shadow.borrow_mut();
        let callers = self.vm.depth() - self.bottom;
        for n in shadow.known_callers()..callers {
            let record = self.vm.record(self.bottom + n);
            let next = if n + 1 < callers {
                self.vm.record(self.bottom + n + 1).at.base
            } else {
                at.base
            };
            let operand = |s| self.operand_ref(s);
            let frame = shadow.frame(record.at, record.step, self.loop_base, Some(next), operand);
            shadow.push_caller(Arc::new(frame));
        }
        let mut frames = ouro_ir::Frames::with_capacity(callers + 1);
        frames.extend(shadow.callers().iter().cloned());
        let step = step.unwrap_or(present);
        frames.push(Arc::new(shadow.frame(
            at,
            step,
            self.loop_base,
            None,
            |s| self.operand_ref(s),
        )));
        self.max_frames.set(self.max_frames.get().max(callers));
        let words = word_of(self.loop_base, at.base) as usize + at.code.nregs as usize;
        self.max_words.set(self.max_words.get().max(words));
        frames
    }

    // ---- facts
    pub(crate) fn depend_on(&self, fact: &'static Quasi) {
        if !self.is_active() {
            return;
        }
        if self.unchecked.replace(false) {
            let exit = self.exit();
            self.trace
                .borrow_mut()
                .guard(Opcode::GuardNotInvalidated, &[], exit);
        }
        let mut facts = self.facts.borrow_mut();
        if !facts.iter().any(|(f, _)| std::ptr::eq(*f, fact)) {
            facts.push((fact, fact.version()));
        }
    }

    // ---- descriptors, each made once
    fn descr(&self, key: (usize, u32), make: impl FnOnce() -> Descr) -> DescrId {
        if let Some(id) = self.descrs.borrow().get(&key) {
            return *id;
        }
        let id = self.trace.borrow_mut().add_descr(make());
        self.descrs.borrow_mut().insert(key, id);
        id
    }
    /// One descriptor per field, however it is reached: the optimizer compares descriptors, not offsets.
    pub(crate) fn field_descr(&self, f: FieldInfo) -> DescrId {
        let key = (f.name, f.offset);
        if let Some(id) = self.fields.borrow().get(&key) {
            return *id;
        }
        let id = self
            .trace
            .borrow_mut()
            .add_descr(Descr::Field(field_descr(f)));
        self.fields.borrow_mut().insert(key, id);
        id
    }
    pub(crate) fn type_descr(&self, type_id: u32) -> DescrId {
        if let Some(id) = self.descrs.borrow().get(&(0, type_id)) {
            return *id;
        }
        let (mut ty, leaf) = (self.environment.type_descr)(type_id);
        if let Some(leaf) = leaf {
            ty.leaf = self.field_descr(leaf);
        }
        self.descr((0, type_id), || Descr::Type(ty))
    }
    pub(crate) fn array_descr(&self, a: &'static ArrayInfo) -> DescrId {
        // The same memory may be described as items of several kinds.
        self.descr((a.type_id as usize | (a.item as usize) << 32, 1), || {
            Descr::Array(ArrayDescr {
                name: a.name.into(),
                type_id: a.type_id,
                len_offset: a.len_offset,
                items_offset: a.items_offset,
                item: width(a.item),
                immutable: a.immutable,
            })
        })
    }
    /// The only field of a value class.
    pub(crate) fn leaf_of(&self, type_id: u32) -> Option<FieldInfo> {
        (self.environment.type_descr)(type_id).1
    }
    pub(crate) fn call_descr(&self, f: &'static Residual) -> DescrId {
        let unused = self.unused_descr(f);
        self.descr((std::ptr::from_ref(f) as usize, 2), || {
            callee(f, f.name.into(), f.address, f.result, unused)
        })
    }
    /// The form of `f` without result.
    fn unused_descr(&self, f: &'static Residual) -> DescrId {
        if f.unused.is_null() {
            return DescrId::NONE;
        }
        self.descr((std::ptr::from_ref(f) as usize, 5), || {
            let name = format!("{}_unused", f.name);
            callee(f, name.into(), f.unused, None, DescrId::NONE)
        })
    }
    /// The callee for a form of `f`.
    pub(crate) fn unboxed_descr(&self, f: &'static Residual, form: &'static Unboxed) -> DescrId {
        let unused = self.unused_descr(f);
        self.descr((std::ptr::from_ref(form) as usize, 2), || {
            let kind = match form.result {
                ouro_machine::Ty::Int => "int",
                ouro_machine::Ty::Float => "float",
                ouro_machine::Ty::Ref => "ref",
            };
            let name = format!("{}_{kind}", f.name);
            callee(f, name.into(), form.address, Some(form.result), unused)
        })
    }
}

/// The callee at an address that takes words and has effects as `f` says.
fn callee(
    f: &Residual,
    name: ouro_ir::Name,
    address: *const (),
    result: Option<ouro_machine::Ty>,
    unused: DescrId,
) -> Descr {
    let e = f.effects;
    let ty = |t: &ouro_machine::Ty| match t {
        ouro_machine::Ty::Int => Ty::Int,
        ouro_machine::Ty::Float => Ty::Float,
        ouro_machine::Ty::Ref => Ty::Ref,
    };
    Descr::Call(CallDescr {
        name,
        function: address as u64,
        abi: match f.abi {
            Abi::Vm => CallAbi::Vm,
            Abi::Float1 => CallAbi::FloatToFloat,
            Abi::Float2 => CallAbi::FloatFloatToFloat,
        },
        params: f.args.iter().map(ty).collect(),
        result: result.as_ref().map(ty),
        effects: ouro_ir::Effects {
            pure: e.pure,
            reads: !e.pure,
            writes: match e.writes {
                Writes::None => EffectSet::None,
                Writes::All => EffectSet::All,
                Writes::Only(types) => EffectSet::Only(types.iter().map(|t| (*t).into()).collect()),
            },
            can_raise: e.can_raise,
            can_collect: e.can_collect,
            // A function of floats does not know the heap.
            allocates: f.abi == Abi::Vm,
        },
        unused,
    })
}

/// How a trace loads and stores what has this kind in memory.
fn width(kind: FieldKind) -> Width {
    match kind {
        FieldKind::Int => Width::I64,
        FieldKind::Float => Width::F64,
        FieldKind::Ref => Width::Ref,
        FieldKind::Host => Width::Host,
        FieldKind::U32 => Width::U32,
        FieldKind::I32 => Width::I32,
        FieldKind::U16 => Width::U16,
        FieldKind::U8 => Width::U8,
    }
}
/// A field as the trace describes it. Its name is `Owner.field`.
pub fn field_descr(f: FieldInfo) -> FieldDescr {
    let (owner, name) = f.name.split_once('.').unwrap_or(("", f.name));
    FieldDescr {
        owner: owner.into(),
        name: name.into(),
        offset: f.offset,
        width: width(f.kind),
        mutability: match f.mutability {
            FieldMutability::Immutable => ouro_ir::Mutability::Immutable,
            FieldMutability::QuasiImmutable => ouro_ir::Mutability::QuasiImmutable,
            FieldMutability::Mutable => ouro_ir::Mutability::Mutable,
        },
    }
}
