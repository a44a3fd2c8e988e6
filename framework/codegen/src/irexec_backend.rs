//! The reference backend behind the same interface: runs traces by `ouro_ir::irexec`.
//!
//! It is the oracle of the others and the fallback where code cannot be generated. The driver sees
//! no difference: exits have numbers and places, bridges are connected by `patch_exit`, jumps into
//! other traces go through the guest frame. An exit's values stand in the record's spill words in
//! the order of its locations.

use crate::backend::*;
use crate::env::CompileEnv;
use crate::loc::{Loc, SPILL_WORDS};
use ouro_gc::{FastPath, Heap};
use ouro_ir::irexec::{End, HeapMemory, State};
use ouro_ir::{ExitRule, LabelTarget, Opcode, Source, Trace, Ty};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Where a pending value stands in the record.
const PENDING: Loc = Loc::Gpr(0);

/// Runs traces without generating code.
#[derive(Default)]
pub struct IrexecBackend {
    codes: RefCell<Vec<Option<Rc<Code>>>>,
    exits: RefCell<Vec<Option<ExitInfo>>>,
    /// By exit number: the bridge that follows it.
    bridges: RefCell<Vec<Option<CodeHandle>>>,
    stress_left: Cell<u64>,
    /// Codes that run: those that `enter` is in, innermost last.
    running: RefCell<Vec<CodeHandle>>,
}

struct Code {
    /// Replaced when a collector changes its constants while it runs.
    trace: RefCell<Rc<Trace>>,
    is_bridge: bool,
    first_exit: u32,
    /// By operation: how many operations before it have exits.
    exit_of_op: Vec<u32>,
    target: Option<CodeHandle>,
    invalidated: Cell<bool>,
    guard_stress: bool,
    /// Offset of the heap from the VM pointer.
    heap_offset: isize,
    bytes: usize,
}

impl IrexecBackend {
    /// A backend without traces.
    pub fn new() -> IrexecBackend {
        let backend = IrexecBackend::default();
        backend.stress_left.set(u64::MAX);
        backend
    }

    fn code(&self, handle: CodeHandle) -> Rc<Code> {
        let code = self.codes.borrow()[handle.0 as usize].clone();
        code.expect("the code was not freed")
    }

    fn must_leave(&self, code: &Code) -> bool {
        if !code.guard_stress {
            return false;
        }
        self.stress_left.set(self.stress_left.get().wrapping_sub(1));
        self.stress_left.get() == 0
    }

    /// Fills the record for an exit that no bridge follows.
    fn leave(&self, number: ExitNumber, pending: u64, state: &State, record: &mut ExitRecord) {
        record.exit = u64::from(number.0);
        let info = self.exit_info(number);
        for (value, place) in info.locations() {
            let Loc::Stack(word) = place else {
                unreachable!("all values of an exit stand in spill words")
            };
            let bits = state.get(ouro_ir::Arg::var(*value));
            record.stack[SPILL_WORDS - 1 - usize::from(*word)] = bits;
        }
        if let Some(Loc::Gpr(n)) = info.pending {
            record.gprs[usize::from(n)] = pending;
        }
    }
}

/// The inputs of a bridge, from what its parent's exit left.
fn bridge_inputs(bridge: &Trace, parent: &State, pending: u64) -> Vec<u64> {
    let inputs = bridge.inputs.iter().map(|input| match input.source {
        Source::ParentExit(arg) => parent.get(arg),
        Source::Pending => pending,
        Source::Register(_) => unreachable!("a bridge has a parent"),
    });
    inputs.collect()
}

/// The types of the parameters of the trace's open label.
fn open_label_types(trace: &Trace) -> Option<Vec<Ty>> {
    let (at, _) = trace.open_label()?;
    let params = trace.label_params(&trace.ops[at]).iter();
    Some(params.map(|p| trace.type_of(*p)).collect())
}

impl Backend for IrexecBackend {
    fn name(&self) -> &'static str {
        "irexec"
    }

    fn compile(&self, request: &Request<'_>, env: &CompileEnv) -> Result<CodeHandle, CompileError> {
        let trace = request.trace;
        let target = match trace.ops.last() {
            Some(op) if op.code == Opcode::Jump => match trace.label(op.descr).target {
                LabelTarget::Entry { token, .. } => {
                    let target = (request.entry_of)(token);
                    Some(target.ok_or(CompileError::UnknownTarget { token })?)
                }
                LabelTarget::Label { token, ref params } => {
                    let target = (request.entry_of)(token);
                    let target = target.ok_or(CompileError::UnknownTarget { token })?;
                    let trace = self.code(target).trace.borrow().clone();
                    if open_label_types(&trace).as_ref() != Some(params) {
                        return Err(CompileError::UnknownTarget { token });
                    }
                    Some(target)
                }
                LabelTarget::Here | LabelTarget::Start | LabelTarget::Open { .. } => None,
            },
            _ => None,
        };
        let mut codes = self.codes.borrow_mut();
        let mut exits = self.exits.borrow_mut();
        let handle = CodeHandle(codes.len() as u32);
        let first_exit = exits.len() as u32;
        let mut exit_of_op = Vec::with_capacity(trace.ops.len());
        let mut infos = Vec::new();
        for (n, op) in trace.ops.iter().enumerate() {
            exit_of_op.push(infos.len() as u32);
            if !op.exit.is_some() {
                continue;
            }
            let mut values: Vec<u32> = trace
                .exit(op.exit)
                .args()
                .filter_map(|a| a.as_var())
                .collect();
            values.sort_unstable();
            values.dedup();
            if values.len() > SPILL_WORDS {
                return Err(CompileError::TooManySpills);
            }
            let places = (0..).map(Loc::Stack);
            let table: Rc<[(u32, Loc)]> = values.into_iter().zip(places).collect();
            let pending = (op.code.info().exit == ExitRule::IfCalleeRaises
                || op.code == Opcode::CallRaises)
                .then_some(PENDING);
            let all = 0..table.len() as u32;
            infos.push(Some(ExitInfo::new(
                handle, op.exit, n as u32, pending, table, all,
            )));
        }
        self.bridges
            .borrow_mut()
            .resize(exits.len() + infos.len(), None);
        exits.extend(infos);
        codes.push(Some(Rc::new(Code {
            trace: RefCell::new(Rc::new(trace.clone())),
            is_bridge: matches!(request.form, Form::Bridge { .. }),
            first_exit,
            exit_of_op,
            target,
            invalidated: Cell::new(false),
            guard_stress: env.guard_stress,
            bytes: std::mem::size_of_val(&*trace.ops),
            heap_offset: env.heap.free_offset as isize - FastPath::OURO.free_offset as isize,
        })));
        Ok(handle)
    }

    unsafe fn enter(
        &self,
        code: CodeHandle,
        vm: *mut u8,
        guest_base: *mut u64,
        record: &mut ExitRecord,
    ) {
        record.guest_base = guest_base;
        self.running.borrow_mut().push(code);
        let mut code = self.code(code);
        let switch = |to: CodeHandle| {
            if let Some(last) = self.running.borrow_mut().last_mut() {
                *last = to;
            }
            self.code(to)
        };
        // What a bridge starts with; a loop's inputs are read from the guest frame.
        let mut inherited: Option<Vec<u64>> = None;
        // What a jump to an open label brings.
        let mut brought: Option<Vec<u64>> = None;
        loop {
            let trace = code.trace.borrow().clone();
            let params = brought.take();
            debug_assert!(params.is_some() || code.is_bridge == inherited.is_some());
            let mut state = match &params {
                Some(params) => State::at_open_label(&trace, params),
                None => {
                    let inputs = inherited.take().unwrap_or_else(|| {
                        let words = trace.inputs.iter().map(|input| match input.source {
                            // SAFETY: by the contract of `enter` the guest frame holds the trace's inputs.
                            Source::Register(word) => unsafe {
                                guest_base.add(word as usize).read()
                            },
                            Source::ParentExit(_) | Source::Pending => {
                                unreachable!("a loop has no parent")
                            }
                        });
                        words.collect()
                    });
                    State::new(&trace, &inputs)
                }
            };
            // SAFETY: by the contract of `enter` the VM is the one that `CompileEnv` describes.
            let heap = unsafe { &*vm.offset(code.heap_offset).cast::<Heap>() };
            // SAFETY: by the contract of `enter` the trace was made for this heap and VM.
            let mut memory = unsafe { HeapMemory::new(heap, vm, &code.invalidated) };
            let mut must_leave = |_: usize| self.must_leave(&code);
            let end = state.run(&trace, &mut memory, &mut must_leave, u64::MAX);
            match end.unwrap_or_else(|fault| panic!("{fault:?} in\n{trace}")) {
                End::Exit { op, pending, .. } => {
                    let number = ExitNumber(code.first_exit + code.exit_of_op[op]);
                    let bridge = self.bridges.borrow()[number.0 as usize];
                    let Some(bridge) = bridge else {
                        self.leave(number, pending, &state, record);
                        self.running.borrow_mut().pop();
                        return;
                    };
                    code = switch(bridge);
                    inherited = Some(bridge_inputs(&code.trace.borrow(), &state, pending));
                }
                End::Enter { registers, .. } => {
                    for (word, bits) in registers {
                        // SAFETY: by the contract of `enter` the frame has room for what traces store.
                        unsafe { guest_base.add(word as usize).write(bits) };
                    }
                    code = switch(code.target.expect("the target was looked up"));
                }
                End::EnterLabel { params, .. } => {
                    brought = Some(params);
                    code = switch(code.target.expect("the target was looked up"));
                }
            }
        }
    }

    fn exit_info(&self, exit: ExitNumber) -> ExitInfo {
        let info = self.exits.borrow()[exit.0 as usize].clone();
        info.expect("the exit's code was not freed")
    }

    fn exits(&self, code: CodeHandle) -> Vec<ExitNumber> {
        let exits = self.exits.borrow();
        let first = self.code(code).first_exit;
        let own = (first..).take_while(|n| {
            let info = exits.get(*n as usize).and_then(Option::as_ref);
            info.is_some_and(|i| i.code == code)
        });
        own.map(ExitNumber).collect()
    }

    fn patch_exit(&self, exit: ExitNumber, bridge: Option<CodeHandle>) {
        self.bridges.borrow_mut()[exit.0 as usize] = bridge;
    }

    fn invalidate(&self, code: CodeHandle) {
        self.code(code).invalidated.set(true);
    }

    fn free(&self, code: CodeHandle) {
        for exit in self.exits(code) {
            self.exits.borrow_mut()[exit.0 as usize] = None;
        }
        let freed = self.codes.borrow_mut()[code.0 as usize].take();
        assert!(freed.is_some(), "the code was not freed before");
    }

    fn on_native_stack(&self) -> Vec<CodeHandle> {
        self.running.borrow().clone()
    }

    fn stats(&self) -> CodeStats {
        CodeStats {
            traces: self.codes.borrow().iter().flatten().count() as u32,
            exits: self.exits.borrow().iter().flatten().count() as u32,
            // What the traces take that it runs, so that a limit for code has a meaning here too.
            code_bytes: self.codes.borrow().iter().flatten().map(|c| c.bytes).sum(),
            ..CodeStats::default()
        }
    }

    fn listing(&self, _code: CodeHandle) -> Option<Listing> {
        None
    }

    fn visit_ref_constants(&self, visit: &mut dyn FnMut(&mut u64)) {
        for code in self.codes.borrow().iter().flatten() {
            // A trace that runs keeps its own copy of the constants.
            let mut trace = code.trace.borrow_mut();
            Rc::make_mut(&mut trace).consts.visit_refs(&mut *visit);
        }
    }

    fn set_guard_stress(&self, guards: u64) {
        self.stress_left.set(guards);
    }

    fn after_fork_in_child(&self) -> Result<(), CompileError> {
        Ok(())
    }
}
