//! The entry for recorded loops, and traces that do not loop.

use crate::assemble::assemble;
use crate::bridge::Translation;
use crate::give_up::GiveUp;
use crate::open::{Goal, Plan, jump_away};
use crate::options::Options;
use crate::peel::{bind_inputs, compile_loop, open};
use crate::pipeline::walk;
use crate::state::{Input, State};
use ouro_ir::{Descr, LabelTarget, Opcode, Trace};

/// Compiles a recorded trace that is entered from the interpreter.
///
/// # Errors
/// [`GiveUp::ContradictoryGuard`] if the recorded path cannot be run again.
pub fn optimize(trace: &Trace, options: &Options) -> Result<Trace, GiveUp> {
    optimize_into(trace, None, options)
}

/// Compiles a recorded trace that is entered from the interpreter. `target` is the compiled trace that it jumps to, if
/// that is another one: then its open label is used.
///
/// # Errors
/// [`GiveUp::ContradictoryGuard`] if the recorded path cannot be run again.
pub fn optimize_into(
    trace: &Trace,
    target: Option<&Trace>,
    options: &Options,
) -> Result<Trace, GiveUp> {
    let last = trace.ops.last().expect("a trace ends");
    let loops = last.code == Opcode::Jump
        && matches!(trace.descr(last.descr), Descr::Label(l) if l.target == LabelTarget::Start);
    if loops {
        return compile_loop(&Input::new(trace, options, Vec::new()));
    }
    let mut descrs = Translation::of(trace);
    let goal = target
        .filter(|_| options.open)
        .and_then(|t| Goal::of(t, |d| descrs.descr(t, d)));
    let input = Input::new(trace, options, descrs.more);
    let mut state = State::new(&input);
    let inputs = bind_inputs(&mut state);
    let (_, mut more) = open(&mut state, &inputs, Plan::of(&input).as_ref());
    walk(&mut state)?;
    if last.code == Opcode::Jump {
        more.extend(jump_away(&mut state, goal.as_ref(), more.len()));
    }
    Ok(assemble(state, None, &inputs, more))
}
