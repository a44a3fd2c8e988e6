//! Runs compiled code and goes on where it leaves.

use crate::bridge;
use crate::deopt::ExitPlan;
use crate::jit::{Jit, LoopState, interpret};
use crate::stats::add;
use ouro_codegen::{CodeHandle, ExitNumber, ExitRecord};
use ouro_ir::Opcode;
use ouro_machine::{Entry, Handlers, Language, Place, ResumePoint, Settled, Vm};
use std::rc::Rc;

/// Enters the loop `code` at its header. There is room on the guest stack.
pub(crate) fn enter<H: Handlers>(
    vm: &'static Vm<H::L>,
    jit: &Jit,
    at: Place<H::L>,
    code: CodeHandle,
    entered: u32,
) -> Settled<H::L> {
    add(&jit.stats.enters, 1);
    // Functions were judged by what they do when they were recorded.
    let judging = entered < JUDGED_AFTER && at.pc != at.code.entry();
    vm.parked.set(at);
    let mut record = ExitRecord::default();
    let room = jit.room.get();
    let words = room.words.max(at.code.nregs as usize);
    let started = judging.then(crate::heap_access::ticks);
    vm.entering_compiled(at.base, room.frames, words, || {
        crate::heap_access::run(jit.backend(), code, vm, at.base, &mut record);
    });
    add(&jit.stats.exits, 1);
    // Other exits may still get a bridge, so the entry was perhaps cut short.
    if let Some(started) = started {
        let ended = crate::heap_access::ticks();
        let plan = plan_of(jit, record.exit());
        let attended = plan.leaving == Opcode::Poll && vm.heap.wants_attention();
        if plan.taken.get() == bridge::NEVER && !attended {
            watch_length(jit, at.pc as usize, ended.wrapping_sub(started));
        }
    }
    go_on::<H>(vm, jit, &record)
}

/// Goes on where compiled code has left: rebuilds the interpreter's frames, and perhaps makes a bridge.
pub(crate) fn go_on<H: Handlers>(
    vm: &'static Vm<H::L>,
    jit: &Jit,
    record: &ExitRecord,
) -> Settled<H::L> {
    let exit = record.exit();
    let plan = plan_of(jit, exit);
    add(&plan.hits, 1);
    let resumed = plan.rebuild(vm, record);
    vm.parked.set(resumed.at);
    if jit.env.guard_stress {
        jit.backend
            .set_guard_stress(jit.parameters.get().guard_stress);
    }
    if plan.leaving == Opcode::Poll && vm.heap.wants_attention() {
        // The poll's exit stands at the loop header, where a safepoint is allowed.
        return match vm.attention(resumed.at) {
            Ok(()) => Settled::At(resumed.at),
            Err(e) => {
                let entry = Entry::Raised(e);
                interpret::<H>(
                    vm,
                    Settled::Stopped {
                        at: resumed.at,
                        step: resumed.step,
                        entry,
                    },
                )
            }
        };
    }
    let bridgeable = match plan.leaving {
        Opcode::Poll | Opcode::GuardNotInvalidated => false,
        Opcode::Finish => plan.compiled.goes_on,
        Opcode::Return | Opcode::ReturnLeaf => false,
        _ => true,
    };
    if bridgeable && plan.compiled.valid.get() {
        let taken = plan.taken.get().saturating_add(1);
        plan.taken.set(taken);
        if plan.stops_at().is_some() {
            plan.note_classes(resumed.loop_base);
        }
        if taken >= jit.parameters.get().threshold_exits
            && taken != bridge::NEVER
            && !jit.recording.get()
            && jit.is_on()
            && may_have_bridge(jit, plan.compiled.home)
        {
            let home = plan.compiled.home;
            if plan.in_front
                && plan.compiled.token.get() == 0
                && jit.blind.borrow_mut().insert(home)
            {
                // Registers come with other classes than they had when the loop was recorded, and perhaps the loop
                // looks at none of those: it is recorded once more, assuming less. Bridges stay with the old code.
                jit.loops.borrow_mut().remove(&home);
                jit.backend.set_callee(home as u64, None);
                return Settled::At(resumed.at);
            }
            return bridge::record::<H>(vm, jit, &plan, exit, resumed);
        }
    }
    if matches!(resumed.entry, Entry::Start) && resumed.step == <H::L as Language>::Step::START {
        return Settled::At(resumed.at);
    }
    let stopped = Settled::Stopped {
        at: resumed.at,
        step: resumed.step,
        entry: resumed.entry,
    };
    interpret::<H>(vm, stopped)
}

/// The plan of an exit, made when it is first taken.
fn plan_of(jit: &Jit, exit: ExitNumber) -> Rc<ExitPlan> {
    if let Some(plan) = jit.plans.borrow().get(&exit.0) {
        return plan.clone();
    }
    let info = jit.backend.exit_info(exit);
    let compiled = jit.traces.borrow().get(&info.code).cloned();
    let plan = Rc::new(ExitPlan::new(
        compiled.expect("exits belong to compiled traces"),
        &info,
    ));
    jit.plans.borrow_mut().insert(exit.0, plan.clone());
    plan
}

/// Entries after which a loop is judged by its length.
const JUDGED_AFTER: u32 = 400;
/// Ticks of the processor's clock (about 0.4 ns) that an entry should last on average.
const SHORT_TICKS: u64 = 300;

/// A loop that is left almost at once costs more to enter than it saves, and stands in the way of traces of an outer loop,
/// which would unroll it: it is left to them.
fn watch_length(jit: &Jit, header: usize, ticks: u64) {
    let mut loops = jit.loops.borrow_mut();
    let Some(LoopState::Compiled {
        entered,
        ticks: sum,
        ..
    }) = loops.get_mut(&header)
    else {
        return;
    };
    *entered += 1;
    *sum += ticks;
    if *entered == JUDGED_AFTER
        && *sum / u64::from(JUDGED_AFTER) < SHORT_TICKS
        && !jit.env.guard_stress
    {
        let attempts = jit.parameters.get().max_attempts;
        loops.insert(header, LoopState::Failed { attempts });
        add(&jit.stats.abandoned, 1);
    }
}

fn may_have_bridge(jit: &Jit, home: usize) -> bool {
    match jit.loops.borrow().get(&home) {
        Some(LoopState::Compiled { bridges, .. }) => *bridges < jit.parameters.get().max_bridges,
        _ => false,
    }
}
