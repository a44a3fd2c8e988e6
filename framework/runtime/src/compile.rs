//! Optimizes a finished recording and hands it to the backend.

use crate::events::{CompiledEvent, Happened, Spot};
use crate::jit::Jit;
use crate::stats::add;
use ouro_codegen::{CodeHandle, ExitNumber, Form, Function, Request};
use ouro_gc::{FieldInfo, TypeId};
use ouro_ir::{Trace, TypeDescr};
use ouro_machine::{Code, Language, Vm};
use ouro_recorder::{Finished, call_out};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

/// A trace that has code.
pub struct Compiled {
    /// Its constants follow their objects, see `crate::roots`: not to be borrowed over a safepoint.
    pub trace: RefCell<Trace>,
    /// Address of the loop header that the trace belongs to.
    pub home: usize,
    /// Its number in the lists of dependents.
    pub id: u32,
    /// The exit that leads here, for a bridge.
    pub parent: Option<ExitNumber>,
    /// The code of the loop or function whose exits, or those of its bridges, lead here; its own if it is no bridge.
    pub(crate) root: CodeHandle,
    pub(crate) spot: Rc<Spot>,
    pub valid: Cell<bool>,
    /// What its calls name by address.
    _sites: Box<dyn std::any::Any>,
    /// Where the trace ends a bridge may begin.
    pub goes_on: bool,
    /// It ends where branches come together and another one is to begin.
    pub stopped_at: Option<ouro_recorder::JoinPlace>,
    /// Its token, if it begins where branches come together; or 0.
    pub token: Cell<u64>,
    /// Code objects whose calls the trace has inlined, or one that it continues.
    pub inlined: Vec<usize>,
    /// One of the trace's constants is an object that may move.
    pub(crate) names_movable: bool,
    /// None of the trace's constants was young when they were last visited, so that none is.
    pub(crate) settled: Cell<bool>,
}

/// What of the frame stack compiled code needs above the frame in which it is entered.
#[derive(Clone, Copy, Default, Debug)]
pub struct Room {
    pub frames: usize,
    pub words: usize,
}
impl Room {
    fn with<L: Language>(self, trace: &Finished<L>) -> Room {
        Room {
            frames: self.frames.max(trace.max_frames),
            words: self.words.max(trace.max_words),
        }
    }
}

/// The part that leads to a bridge.
pub struct BridgeOf {
    pub parent: Rc<Compiled>,
    pub exit: ExitNumber,
    pub local: ouro_ir::ExitId,
}

/// How a trace is entered.
pub enum WayIn<L: Language> {
    /// At the header of a loop, or where this function begins.
    Header(Option<&'static Code<L>>),
    Exit(BridgeOf),
}

/// What is known of a recording beside what it recorded.
pub struct From {
    /// Address of the loop header that the trace belongs to.
    pub home: usize,
    /// The family of a trace that is no bridge, if it is not the first of its own.
    pub root: Option<CodeHandle>,
    pub spot: Rc<Spot>,
    pub record_ns: u64,
}

/// Optimizes and compiles. The reason of a failure is counted. Nothing is allocated in the heap meanwhile, so the objects
/// that the recorded trace names stay where they are until the collector sees them as constants of the new code.
pub fn compile<L: Language>(
    vm: &'static Vm<L>,
    jit: &Jit,
    finished: Finished<L>,
    from: From,
    way_in: WayIn<L>,
) -> Option<CodeHandle> {
    let From {
        home,
        root,
        spot,
        record_ns,
    } = from;
    let (bridge, function) = match way_in {
        WayIn::Header(function) => (None, function),
        WayIn::Exit(bridge) => (Some(bridge), None),
    };
    let function = function.filter(|code| code.nargs as usize <= call_out::MAX_ARGUMENTS);
    let function = function.map(|code| Function {
        arguments: code.nargs,
        address: call_out::address::<L>(code.nargs as usize),
    });
    let recorded = &finished.trace;
    let recorded_ops = recorded.ops.len();
    add(&jit.stats.recorded_ops, recorded_ops as u64);
    jit.log
        .section("recorded", &recorded.name, || recorded.to_string());
    let clock = Instant::now();
    let target = jit.target_of(recorded);
    let target = target.as_ref().map(|t| t.trace.borrow());
    let target = target.as_deref();
    let optimized = match &bridge {
        None => ouro_optimizer::optimize_into(recorded, target, &jit.optimizer.borrow()),
        Some(b) => ouro_optimizer::optimize_bridge(
            recorded,
            &b.parent.trace.borrow(),
            b.local,
            target,
            &jit.optimizer.borrow(),
        ),
    };
    let optimize_ns = clock.elapsed().as_nanos() as u64;
    add(&jit.stats.optimize_ns, optimize_ns);
    let optimized = match optimized {
        Ok(optimized) => optimized,
        Err(reason) => {
            jit.stats.give_up(format!("{reason:?}"));
            jit.log
                .section("given-up", &recorded.name, || format!("{reason:?}"));
            jit.tell(vm, &spot, Happened::Aborted(format!("{reason:?}")));
            return None;
        }
    };
    let trace = optimized;
    if cfg!(debug_assertions) || jit.parameters.get().check {
        trace.verify().expect("the optimizer gives verified traces");
        if let Err(e) = trace.verify_barriers() {
            panic!("{e}\n{trace}");
        }
    }
    jit.log
        .section("optimized", &trace.name, || trace.to_string());
    let clock = Instant::now();
    let parent = bridge.as_ref().map(|b| b.parent.trace.borrow());
    let form = match (&bridge, &parent) {
        (Some(b), Some(parent)) => Form::Bridge {
            parent,
            exit: b.exit,
        },
        _ => Form::Loop,
    };
    let known = RefCell::new(Vec::new());
    let entry_of = |token: u64| {
        let code = jit.code_of_token(token);
        known.borrow_mut().extend(code);
        code
    };
    let request = Request {
        trace: &trace,
        form,
        entry_of: &entry_of,
        function,
    };
    let code = jit.backend.compile(&request, &jit.env);
    let codegen_ns = clock.elapsed().as_nanos() as u64;
    add(&jit.stats.codegen_ns, codegen_ns);
    let code = match code {
        Ok(code) => code,
        Err(reason) => {
            jit.stats.give_up(reason.to_string());
            jit.tell(vm, &spot, Happened::Aborted(reason.to_string()));
            if let ouro_codegen::CompileError::NoExecutableMemory { .. } = reason {
                jit.switch_off(vm, &reason.to_string());
            }
            return None;
        }
    };
    jit.log
        .section("code", &trace.name, || match jit.backend.listing(code) {
            Some(listing) => {
                let bytes: Vec<String> = listing.bytes.iter().map(|b| format!("{b:02x}")).collect();
                format!(
                    "at {:#x}, {} bytes\n{}",
                    listing.address,
                    bytes.len(),
                    bytes.join("")
                )
            }
            None => "no machine code".to_owned(),
        });
    let compiled_ops = trace.ops.len();
    let guards = trace.ops.iter().filter(|op| op.exit.is_some()).count();
    add(&jit.stats.compiled_ops, compiled_ops as u64);
    let code_stats = jit.backend.stats();
    jit.stats.allocations.set(code_stats.allocations);
    jit.stats.bumps.set(code_stats.bumps);
    let id = jit.new_id(code);
    jit.room.set(jit.room.get().with(&finished));
    finished
        .facts
        .iter()
        .for_each(|fact| fact.add_dependent(id));
    let mut inlined = finished.inlined;
    if let Some(bridge) = &bridge {
        inlined.extend_from_slice(&bridge.parent.inlined);
    }
    let parent = bridge.as_ref().map(|b| b.exit);
    let of_bridge = bridge.as_ref().map(|b| b.parent.root);
    let root = of_bridge.or(root).unwrap_or(code);
    let movable = |c: &ouro_ir::Const| {
        c.ty == ouro_ir::Ty::Ref && c.bits != 0 && crate::heap_access::may_move(c.bits)
    };
    let compiled = Compiled {
        names_movable: trace.consts.entries().iter().any(movable),
        settled: Cell::new(false),
        trace: RefCell::new(trace),
        home,
        id,
        parent,
        root,
        spot: spot.clone(),
        valid: Cell::new(true),
        goes_on: finished.goes_on,
        stopped_at: finished.stopped_at,
        token: Cell::new(0),
        inlined,
        _sites: Box::new(finished.sites),
    };
    let compiled = Rc::new(compiled);
    jit.traces.borrow_mut().insert(code, compiled.clone());
    jit.families.add(jit, code, &compiled, &known.borrow());
    let event = CompiledEvent {
        number: id,
        recorded_ops,
        compiled_ops,
        guards,
        code_bytes: jit.backend.code_bytes(code),
        record_ns,
        optimize_ns,
        codegen_ns,
    };
    jit.tell(vm, &spot, Happened::Compiled(event));
    Some(code)
}

/// What the heap knows of a type, as the recorder wants it.
pub fn type_descr<L: Language>(vm: &Vm<L>, type_id: u32) -> (TypeDescr, Option<FieldInfo>) {
    let types = vm.heap.types();
    let info = types.info(TypeId(type_id));
    let leaf: Option<&FieldInfo> = info.fields.iter().find(|_| info.value_class);
    let descr = TypeDescr {
        name: info.name.into(),
        type_id,
        size_bytes: info.size_bytes,
        leaf: ouro_ir::DescrId::NONE,
        exact: true,
    };
    (descr, leaf.copied())
}
