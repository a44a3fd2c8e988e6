//! The list of all passes, and the walk that sends each recorded operation through them.
//!
//! There is one walk, not one per pass: an operation meets the passes in the order of [`PASSES`]. A pass
//! may replace the operation's operands or its code, or end its way with a value that is already known.
//! What comes through is emitted, with the exit rebuilt and virtual operands allocated; then each pass
//! may learn from it. After the walk come the passes over the whole: `peel` (see `crate::peel`) and
//! `dead` (see `crate::dead`).
//!
//! To add a pass: a file in `passes/`, a line here, a line in `options.rs`.

use crate::give_up::GiveUp;
use crate::options::Options;
use crate::passes::{fold, guards, heap, pure, virtuals};
use crate::state::{Item, State, fixed_args};
use crate::times::{self, Times};
use ouro_ir::{Arg, Descr, ExitId, Mutability, Opcode};
use std::time::Instant;

/// What a pass says of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// The next pass shall look at it.
    Next,
    /// Its result is this; nothing is emitted.
    Value(Arg),
    /// It has no result and nothing is emitted.
    Gone,
}

/// A pass of the walk.
pub struct Pass {
    /// Its name in the options.
    pub name: &'static str,
    /// Whether it runs.
    pub enabled: fn(&Options) -> bool,
    /// Looks at an operation that is not emitted yet.
    pub before: fn(&mut State, &mut Item) -> Result<Flow, GiveUp>,
    /// Learns from an operation that was emitted, with its result or `Arg::NONE`.
    pub after: fn(&mut State, &Item, Arg) -> Result<(), GiveUp>,
}

/// All passes of the walk, in order.
pub const PASSES: [Pass; 5] = [
    Pass {
        name: "fold",
        enabled: |o| o.fold,
        before: fold::before,
        after: fold::after,
    },
    Pass {
        name: "guards",
        enabled: |o| o.guards,
        before: guards::before,
        after: guards::after,
    },
    Pass {
        name: "virtuals",
        enabled: |o| o.virtuals,
        before: virtuals::before,
        after: virtuals::after,
    },
    Pass {
        name: "pure",
        enabled: |o| o.pure,
        before: pure::before,
        after: pure::after,
    },
    Pass {
        name: "heap",
        enabled: |o| o.heap,
        before: heap::before,
        after: heap::after,
    },
];

/// Walks over all recorded operations but the closing jump. The inputs are bound by the caller.
///
/// # Errors
/// [`GiveUp::ContradictoryGuard`] if a guard can never pass.
pub fn walk(state: &mut State) -> Result<(), GiveUp> {
    let trace = state.input.trace;
    let mut active: Vec<&Pass> = Vec::with_capacity(PASSES.len());
    active.extend(PASSES.iter().filter(|p| (p.enabled)(state.input.options)));
    for (at, op) in trace.ops.iter().enumerate() {
        if op.code == Opcode::Jump {
            continue;
        }
        let mut item = Item {
            code: op.code,
            args: op.args,
            descr: op.descr,
            exit: op.exit,
            at,
        };
        match fixed_args(op) {
            Some(count) => item.args[..count]
                .iter_mut()
                .for_each(|a| *a = state.get(*a)),
            None => {
                let mut args = std::mem::take(&mut state.call_args);
                args.clear();
                args.extend(trace.args(op).iter().map(|a| state.get(*a)));
                state.call_args = args;
            }
        }
        let result = match state.input.options.times.as_deref() {
            Some(times) if times.samples() => send_timed(state, &active, &mut item, times)?,
            _ => send(state, &active, &mut item)?,
        };
        if let Some(v) = op.result.as_var() {
            state.subst[v as usize] = result;
        }
    }
    Ok(())
}

fn send(state: &mut State, active: &[&Pass], item: &mut Item) -> Result<Arg, GiveUp> {
    for pass in active {
        match (pass.before)(state, item)? {
            Flow::Next => {}
            Flow::Value(a) => return Ok(state.resolve(a)),
            Flow::Gone => return Ok(Arg::NONE),
        }
    }
    let result = emit(state, item);
    for pass in active {
        (pass.after)(state, item, result)?;
    }
    Ok(state.resolve_result(result))
}

/// As [`send`], with the time of each pass.
#[cold]
fn send_timed(
    state: &mut State,
    active: &[&Pass],
    item: &mut Item,
    times: &Times,
) -> Result<Arg, GiveUp> {
    let number = |pass: &Pass| PASSES.iter().position(|p| p.name == pass.name);
    let mut since = Instant::now();
    for pass in active {
        let flow = (pass.before)(state, item)?;
        times.lap(number(pass).unwrap_or(0), &mut since);
        match flow {
            Flow::Next => {}
            Flow::Value(a) => return Ok(state.resolve(a)),
            Flow::Gone => return Ok(Arg::NONE),
        }
    }
    let result = emit(state, item);
    times.lap(times::EMIT, &mut since);
    for pass in active {
        (pass.after)(state, item, result)?;
        times.lap(number(pass).unwrap_or(0), &mut since);
    }
    Ok(state.resolve_result(result))
}

/// Emits the operation. Its virtual operands escape, whatever it is.
fn emit(state: &mut State, item: &mut Item) -> Arg {
    let pooled = matches!(item.code, Opcode::Call | Opcode::CallRaises);
    if pooled {
        let mut args = std::mem::take(&mut state.call_args);
        args.iter_mut().for_each(|a| *a = state.force(*a));
        state.call_args = args;
    } else {
        for n in 0..3 {
            if item.args[n].is_some() {
                item.args[n] = state.force(item.args[n]);
            }
        }
    }
    let exit = if item.exit.is_some() {
        state.exit(item.exit)
    } else {
        ExitId::NONE
    };
    if !pooled {
        let result = state.emit(item.code, item.args, item.descr, exit);
        if matches!(item.code, Opcode::New | Opcode::NewArray) {
            state.note_allocation(result, item.descr, item.args[0]);
        }
        if item.code == Opcode::Setfield
            && matches!(state.input.descr(item.descr), Descr::Field(f) if f.mutability == Mutability::QuasiImmutable)
        {
            state.validated = false;
        }
        return result;
    }
    let args = std::mem::take(&mut state.call_args);
    let result = state.emit_pool(item.code, &args, item.descr, exit);
    state.call_args = args;
    let input = state.input;
    if let Descr::Call(call) = input.descr(item.descr) {
        state.apply_effects(item.descr, &call.effects);
    }
    result
}
