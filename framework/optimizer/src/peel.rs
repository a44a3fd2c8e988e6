//! Loops: the first iteration is peeled off, and the body starts with what it learnt.
//!
//! The walk runs twice over the recorded trace. The first run starts with nothing known. Its end is read
//! as the state of the label (`label.rs`); the second run starts from that state with all facts kept, and
//! its end must fit the label (`close.rs`). What does not fit is assumed less of, and the second run is
//! redone. When even that fails, the plain loop remains: a label at the start and one run.
//! In front of it all stands the open label, where other traces arrive (`open.rs`).

use crate::assemble::assemble;
use crate::close::{Closed, close};
use crate::give_up::GiveUp;
use crate::label::{Level, build};
use crate::open::Plan;
use crate::pipeline::walk;
use crate::state::{Input, State};
use crate::times::{self, timed};
use ouro_ir::{Arg, Descr, DescrId, ExitId, Opcode, Trace, Ty};

/// Compiles a trace that jumps back to its start.
///
/// # Errors
/// [`GiveUp::ContradictoryGuard`] if the recorded path cannot be run at all.
pub fn compile_loop(input: &Input) -> Result<Trace, GiveUp> {
    if !input.options.peel {
        return plain_loop(input);
    }
    let label_descr = label_descr(input);
    let plan = Plan::of(input);
    let mut levels: Vec<Level> = Vec::new();
    for _ in 0..input.options.peel_attempts {
        // Nearly every loop fits at once, so the first iteration is walked again rather than kept.
        let mut state = State::new(input);
        let inputs = bind_inputs(&mut state);
        let (bound, more) = open(&mut state, &inputs, plan.as_ref());
        walk(&mut state)?;
        let next = state.segment.after();
        let preroll = std::mem::replace(&mut state.segment, next);
        let times = input.options.times.as_deref();
        let label = timed(times, times::LABEL, || {
            build(&mut state, &bound, &levels, label_descr)
        });
        let label = match label {
            Ok(label) => label,
            Err(too_deep) => {
                let id = too_deep.0 as usize;
                levels.resize(levels.len().max(id + 1), Level::default());
                levels[id].shape = 2;
                continue;
            }
        };
        // A contradiction means that the second iteration takes another path than the first.
        if walk(&mut state).is_err() {
            break;
        }
        let closed = timed(times, times::CLOSE, || {
            close(&mut state, &label, &mut levels)
        });
        match closed {
            Closed::Fits(jump) => {
                state.emit_pool(Opcode::Jump, &jump, label_descr, ExitId::NONE);
                return Ok(assemble(state, Some(preroll), &inputs, more));
            }
            Closed::Widened => {}
            Closed::Never => break,
        }
    }
    plain_loop(input)
}

fn plain_loop(input: &Input) -> Result<Trace, GiveUp> {
    let mut state = State::new(input);
    let inputs = bind_inputs(&mut state);
    // All references go round boxed, so there is no use in unboxing them in front of the loop.
    let plan = Plan::of(input).map(Plan::boxed);
    let (bound, more) = open(&mut state, &inputs, plan.as_ref());
    let label_descr = label_descr(input);
    let params: Vec<Arg> = inputs.iter().map(|_| state.value(Ty::Ref)).collect();
    state.emit_label(&bound, &params, label_descr);
    for (input, param) in input.trace.inputs.iter().zip(&params) {
        let recorded = input.value.as_var().expect("an input is a value");
        state.subst[recorded as usize] = *param;
    }
    walk(&mut state)?;
    let jump = force_jump(&mut state);
    state.emit_pool(Opcode::Jump, &jump, label_descr, ExitId::NONE);
    Ok(assemble(state, None, &inputs, more))
}

/// Emits the open label if there is to be one. Gives what the inputs are bound to, and the descriptors to be added
/// behind that of the loop's label.
pub fn open(state: &mut State, inputs: &[Arg], plan: Option<&Plan>) -> (Vec<Arg>, Vec<Descr>) {
    let Some(plan) = plan else {
        return (inputs.to_vec(), Vec::new());
    };
    let label = DescrId(label_descr(state.input).0 + 1);
    let bound = plan.emit(state, inputs, label);
    (bound, vec![plan.descr(state.input)])
}

/// The operands of the recorded jump as real references.
pub fn force_jump(state: &mut State) -> Vec<Arg> {
    state.settle_stores();
    let trace = state.input.trace;
    let jump = trace.ops.last().expect("a trace ends");
    trace
        .args(jump)
        .iter()
        .map(|a| {
            let a = state.get(*a);
            state.force(a)
        })
        .collect()
}
/// Binds each input to a fresh value.
pub fn bind_inputs(state: &mut State) -> Vec<Arg> {
    let trace = state.input.trace;
    let bind = |input: &ouro_ir::Input| {
        let value = state.value(trace.type_of(input.value));
        let recorded = input.value.as_var().expect("an input is a value");
        state.subst[recorded as usize] = value;
        value
    };
    trace.inputs.iter().map(bind).collect()
}
/// The descriptor that `assemble` appends for the loop's label.
fn label_descr(input: &Input) -> DescrId {
    DescrId(input.descrs.len() as u32)
}
