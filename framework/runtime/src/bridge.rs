//! A hot exit gets a trace of its own: recorded from the rebuilt state to a compiled loop, with the exit's virtuals kept.

use crate::ageing::before_recording;
use crate::compile::{BridgeOf, From, WayIn, compile, type_descr};
use crate::deopt::{ExitPlan, Resumed, callers};
use crate::events::{Happened, Kind};
use crate::jit::{Jit, LoopState, NO_ROOM, environment, interpret, spot, trace_name};
use crate::join::Jumper;
use crate::stats::add;
use ouro_codegen::ExitNumber;
use ouro_machine::{Handlers, Language, Settled, Vm, driver};
use ouro_recorder::join::class_in;
use ouro_recorder::{Abort, AtJoin, JoinPlace, Recorder, Recording, Start};
use std::time::Instant;

/// The count of an exit that gets no bridge.
pub(crate) const NEVER: u32 = u32::MAX;

/// Records from the exit's state, compiles, connects. Goes on in the interpreter where the recording ended.
pub(crate) fn record<H: Handlers>(
    vm: &'static Vm<H::L>,
    jit: &Jit,
    plan: &ExitPlan,
    exit: ExitNumber,
    from: Resumed<H::L>,
) -> Settled<H::L> {
    if !before_recording(vm, jit, Some(&plan.compiled)) {
        jit.stats.give_up(NO_ROOM.to_owned());
        plan.taken.set(0);
        let Resumed {
            at, step, entry, ..
        } = from;
        return interpret::<H>(vm, Settled::Stopped { at, step, entry });
    }
    let home = plan.compiled.home;
    let ask =
        |place: &JoinPlace, class: &dyn Fn(u32) -> Option<u32>| jit.at_join(home, place, class);
    if let Some(place) = plan.stops_at()
        && ask(place, &|word| class_in(from.loop_base, word)) == AtJoin::Stop
    {
        return crate::join::record::<H>(vm, jit, plan, place, from);
    }
    let joins = plan.stops_at().is_some()
        || plan.compiled.token.get() != 0
        || bridges_of(jit, home) >= jit.parameters.get().join_after;
    let clock = Instant::now();
    let (parent, local) = (&plan.compiled, plan.local);
    let shape = plan.exit();
    let line = H::L::line(&from.at.code.info, from.at.index());
    let name = trace_name(format_args!(
        "bridge {} line {line} pc {} exit {}",
        from.at.code.name(),
        from.at.index(),
        exit.0
    ));
    let spot = spot(Kind::Bridge, from.at);
    let start = Start::Bridge {
        loop_header: parent.home,
        loop_base: from.loop_base,
        parent: parent.home as u64,
        exit_id: local,
        exit: &shape,
        callers: callers(&shape),
        begins_at_join: plan.stops_at().is_some(),
    };
    let type_descr = |id| type_descr(vm, id);
    let call_out = |code: usize| jit.is_called(code);
    let never = |code: usize| jit.never.borrow().contains(&code);
    let compiled = |pc: usize| jit.code_of_token(pc as u64).map(|_| pc as u64);
    let takes_reference = |entry, register| jit.takes_reference(entry, register);
    let inlined = |code: usize| parent.inlined.contains(&code);
    let recording = Recording::new(
        vm,
        name.clone(),
        environment(
            jit,
            (&call_out, &never),
            (&compiled, &takes_reference),
            false,
            (true, 0),
            &inlined,
            &type_descr,
            joins.then_some(&ask),
        ),
        start,
    );
    jit.recording.set(true);
    let settled = driver::run_from::<H, Recorder<H::L>>(&recording, from.at, from.step, from.entry);
    jit.recording.set(false);
    let record_ns = clock.elapsed().as_nanos() as u64;
    add(&jit.stats.record_ns, record_ns);
    jit.call_out.borrow_mut().extend(recording.not_to_inline());
    let mut why = None;
    let connected = match recording.finish() {
        Ok(finished) => {
            let of = BridgeOf {
                parent: parent.clone(),
                exit,
                local,
            };
            let outgrown = finished.outgrown;
            let from = From {
                home: parent.home,
                root: None,
                spot,
                record_ns,
            };
            let code = compile(vm, jit, finished, from, WayIn::Exit(of));
            match code {
                Some(code) if count_bridge(jit, parent.home) => {
                    jit.backend.patch_exit(exit, Some(code));
                    if let Some(bridge) = jit.traces.borrow().get(&code) {
                        jit.note_jump(&bridge.trace.borrow(), Jumper::Exit(exit));
                    }
                    if let Some(callee) = outgrown {
                        jit.outgrow(parent, callee);
                    }
                    true
                }
                _ => false,
            }
        }
        Err(reason) => {
            why = Some(reason);
            jit.stats.abort(reason);
            jit.log.section("abort", &name, || reason.word().to_owned());
            let reason = Happened::Aborted(reason.word().to_owned());
            jit.tell(vm, &spot, reason);
            false
        }
    };
    if !connected {
        match why {
            // The way out of the loop's function: nothing is wrong with the loop, and no later attempt ends otherwise.
            Some(Abort::LeftFrame | Abort::RunLoopEnded) => {
                plan.taken.set(NEVER);
            }
            // The next attempt comes at once, with one function less to inline.
            Some(Abort::CalleeLoops) => {}
            _ => refuse(jit, plan),
        }
    }
    interpret::<H>(vm, settled)
}

/// One more bridge of a loop, if it has code.
pub(crate) fn count_bridge(jit: &Jit, home: usize) -> bool {
    let mut loops = jit.loops.borrow_mut();
    let Some(LoopState::Compiled { bridges, .. }) = loops.get_mut(&home) else {
        return false;
    };
    *bridges += 1;
    add(&jit.stats.bridges, 1);
    true
}

fn bridges_of(jit: &Jit, home: usize) -> u32 {
    match jit.loops.borrow().get(&home) {
        Some(LoopState::Compiled { bridges, .. }) => *bridges,
        _ => 0,
    }
}

/// The exit goes on leaving; after a few attempts for good. The loop stays: its other ways round may well be the hot ones.
fn refuse(jit: &Jit, plan: &ExitPlan) {
    plan.refused.set(plan.refused.get() + 1);
    let last = plan.refused.get() >= jit.parameters.get().max_attempts;
    plan.taken.set(if last { NEVER } else { 0 });
}
