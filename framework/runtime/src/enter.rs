//! Runs compiled code and goes on where it leaves.

use crate::compile::{Compiled, Room};
use crate::jit::{Jit, LoopState, interpret};
use crate::stats::add;
use crate::{bridge, deopt};
use ouro_codegen::{CodeHandle, ExitRecord};
use ouro_ir::Opcode;
use ouro_machine::{Entry, Handlers, Place, ResumePoint, Settled, Vm};

/// Enters the loop `code` at its header. There is room on the guest stack.
pub(crate) fn enter<H: Handlers>(
    vm: &'static Vm<H::L>,
    jit: &Jit,
    at: Place<H::L>,
    code: CodeHandle,
    room: Room,
) -> Settled<H::L> {
    add(&jit.stats.enters, 1);
    vm.parked.set(at);
    let mut record = ExitRecord::default();
    let above = at.base.wrapping_add(room.words.max(at.code.nregs as usize));
    let outer = vm.compiled_top.replace(above);
    crate::heap_access::run(jit.backend(), code, vm, at.base, &mut record);
    vm.compiled_top.set(outer);
    add(&jit.stats.exits, 1);
    let exit = record.exit();
    let info = jit.backend.exit_info(exit);
    let compiled = jit
        .traces
        .borrow()
        .get(&info.code)
        .cloned()
        .expect("exits belong to compiled traces");
    let resumed = deopt::rebuild(vm, &compiled, &info, &record);
    vm.parked.set(resumed.at);
    if jit.env.guard_stress {
        jit.backend
            .set_guard_stress(jit.options.parameters.guard_stress);
    }
    let leaving = compiled.trace.ops[info.op as usize].code;
    if leaving == Opcode::Poll && vm.heap.wants_attention() {
        // The poll's exit stands at the loop header, where a safepoint is allowed.
        return match vm.attention(resumed.at) {
            Ok(()) => Settled::At(resumed.at),
            Err(e) => interpret::<H>(
                vm,
                Settled::Stopped {
                    at: resumed.at,
                    step: resumed.step,
                    entry: Entry::Raised(e),
                },
            ),
        };
    }
    let bridgeable = !matches!(
        leaving,
        Opcode::Poll | Opcode::GuardNotInvalidated | Opcode::Finish
    );
    if bridgeable && compiled.valid.get() {
        let taken = {
            let mut counts = jit.exit_counts.borrow_mut();
            let count = counts.entry(exit).or_insert(0);
            *count = count.saturating_add(1);
            *count
        };
        if taken >= jit.options.parameters.threshold_exits
            && taken != bridge::NEVER
            && !jit.recording.get()
            && may_have_bridge(jit, compiled.home)
        {
            if leaves_in_front(&compiled, info.op) && jit.blind.borrow_mut().insert(compiled.home) {
                // Registers come with other classes than they had when the loop was recorded, and perhaps the loop
                // looks at none of those: it is recorded once more, assuming less. Bridges stay with the old code.
                jit.loops.borrow_mut().remove(&compiled.home);
                return Settled::At(resumed.at);
            }
            return bridge::record::<H>(vm, jit, &compiled, exit, info.local, resumed);
        }
    }
    if matches!(resumed.entry, Entry::Start)
        && resumed.step == <H::L as ouro_machine::Language>::Step::START
    {
        return Settled::At(resumed.at);
    }
    let stopped = Settled::Stopped {
        at: resumed.at,
        step: resumed.step,
        entry: resumed.entry,
    };
    interpret::<H>(vm, stopped)
}

/// Whether the operation is one of those in front of the label where other traces arrive: they check the classes of
/// registers.
fn leaves_in_front(compiled: &Compiled, op: u32) -> bool {
    let label = compiled.trace.open_label();
    label.is_some_and(|(at, _)| (op as usize) < at)
}

fn may_have_bridge(jit: &Jit, home: usize) -> bool {
    match jit.loops.borrow().get(&home) {
        Some(LoopState::Compiled { bridges, .. }) => *bridges < jit.options.parameters.max_bridges,
        _ => false,
    }
}
