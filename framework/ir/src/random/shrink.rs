//! Makes a failing trace smaller.

use crate::exit::{Exit, ExitId, Live, VirtualObject};
use crate::ops::{Args, Opcode};
use crate::trace::{Arg, Op, Trace, Ty};
use std::collections::HashMap;

/// The smallest trace that was found by leaving out operations, and then parts of exits, for which `fails` still says
/// true. `fails` sees only traces that the verifier accepts; it should also refuse those that have a fault on irexec.
pub fn shrink(trace: &Trace, fails: &mut dyn FnMut(&Trace) -> bool) -> Trace {
    let mut best = trace.clone();
    let mut still_fails = |candidate: &Trace| candidate.verify().is_ok() && fails(candidate);
    loop {
        let before = size(&best);
        // Large pieces first. The last operation ends the trace and stays.
        let mut piece = best.ops.len() / 2;
        while piece > 0 {
            let mut at = best.ops.len() - 1;
            while at > 0 {
                let start = at.saturating_sub(piece);
                let mut candidate = best.clone();
                candidate.ops.drain(start..at);
                if still_fails(&candidate) {
                    best = candidate;
                }
                at = start;
            }
            piece /= 2;
        }
        drop_label_params(&mut best, &mut still_fails);
        make_operands_constant(&mut best, &mut still_fails);
        drop_unused_exits(&mut best, &mut still_fails);
        shrink_exits(&mut best, &mut still_fails);
        if size(&best) == before {
            break;
        }
    }
    best
}

fn size(trace: &Trace) -> usize {
    let exit = |e: &Exit| 1 + e.args().count() + e.frames.len() + e.virtuals.len();
    let operands = |op: &Op| {
        trace
            .args(op)
            .iter()
            .filter(|a| a.as_var().is_some())
            .count()
    };
    trace.ops.iter().map(|op| 1 + operands(op)).sum::<usize>()
        + trace.exits.iter().map(exit).sum::<usize>()
}

/// Replaces each use of a label's parameter by its first value, and forgets the parameter.
fn drop_label_params(best: &mut Trace, still_fails: &mut dyn FnMut(&Trace) -> bool) {
    for label in 0..best.ops.len() {
        if best.ops[label].code != Opcode::Label {
            continue;
        }
        let mut n = best.args(&best.ops[label]).len();
        while n > 0 {
            n -= 1;
            let mut candidate = best.clone();
            let op = best.ops[label];
            let (first, param) = (best.args(&op)[n], best.label_params(&op)[n]);
            let same_label =
                |o: &Op| o.descr == op.descr && matches!(o.code, Opcode::Label | Opcode::Jump);
            for at in (0..best.ops.len()).filter(|at| same_label(&best.ops[*at])) {
                let old = &best.ops[at];
                let mut args = best.args(old).to_vec();
                args.remove(n);
                let len = args.len();
                if old.code == Opcode::Label {
                    let mut params = best.label_params(old).to_vec();
                    params.remove(n);
                    args.extend(params);
                }
                candidate.ops[at].set_pool(candidate.arg_pool.len(), len);
                candidate.arg_pool.extend(args);
            }
            replace(&mut candidate, param, first);
            if still_fails(&candidate) {
                *best = candidate;
            }
        }
    }
}

/// Replaces a value by another operand, everywhere. Label parameters are definitions, so they must be gone before.
fn replace(trace: &mut Trace, value: Arg, by: Arg) {
    let map = |a: Arg| if a == value { by } else { a };
    for op in &mut trace.ops {
        if matches!(op.code.info().args, Args::Fixed(_)) {
            op.args = op.args.map(map);
        }
    }
    trace.arg_pool.iter_mut().for_each(|a| *a = map(*a));
    trace.exits.iter_mut().for_each(|e| e.map_args(map));
}

/// Tries 1 for each integer and float operand.
fn make_operands_constant(best: &mut Trace, still_fails: &mut dyn FnMut(&Trace) -> bool) {
    for at in 0..best.ops.len() {
        for n in 0..3 {
            let op = &best.ops[at];
            let Args::Fixed(types) = op.code.info().args else {
                break;
            };
            if n >= types.len() || op.args[n].as_var().is_none() {
                continue;
            }
            let mut candidate = best.clone();
            candidate.ops[at].args[n] = match best.type_of(op.args[n]) {
                Ty::Int => candidate.int(1),
                Ty::Float => candidate.float(1.0),
                Ty::Ref => continue,
            };
            if still_fails(&candidate) {
                *best = candidate;
            }
        }
    }
}

/// Renumbers the exits that are used.
fn drop_unused_exits(best: &mut Trace, still_fails: &mut dyn FnMut(&Trace) -> bool) {
    let mut candidate = best.clone();
    candidate.exits.clear();
    let mut numbers = HashMap::new();
    let ids = candidate
        .ops
        .iter_mut()
        .map(|op| &mut op.exit)
        .chain([&mut candidate.entry]);
    for id in ids.filter(|id| id.is_some()) {
        let new = ExitId(numbers.len() as u32);
        *id = *numbers.entry(*id).or_insert_with(|| {
            candidate.exits.push(best.exit(*id).clone());
            new
        });
    }
    if still_fails(&candidate) {
        *best = candidate;
    }
}

fn shrink_exits(best: &mut Trace, still_fails: &mut dyn FnMut(&Trace) -> bool) {
    for n in 0..best.exits.len() {
        // All registers of a frame at once, then one by one.
        for frame in 0..best.exits[n].frames.len() {
            let mut register = best.exits[n].frames[frame].live.len();
            let mut candidate = best.clone();
            change_frame(&mut candidate, n, frame, |live| live.clear());
            if still_fails(&candidate) {
                *best = candidate;
                continue;
            }
            while register > 0 {
                register -= 1;
                let mut candidate = best.clone();
                change_frame(&mut candidate, n, frame, |live| {
                    live.remove(register);
                });
                if still_fails(&candidate) {
                    *best = candidate;
                }
            }
        }
        // The last virtual objects go if nothing names them; others keep their numbers, and their content goes.
        while let Some(last) = best.exits[n].virtuals.len().checked_sub(1) {
            let mut candidate = best.clone();
            candidate.exits[n].virtuals.pop();
            if best.exits[n]
                .args()
                .any(|a| a.as_virtual() == Some(last as u32))
                || !still_fails(&candidate)
            {
                break;
            }
            *best = candidate;
        }
        for v in 0..best.exits[n].virtuals.len() {
            let mut candidate = best.clone();
            match &mut candidate.exits[n].virtuals[v] {
                VirtualObject::Struct { fields, .. } | VirtualObject::Existing { fields, .. } => {
                    fields.clear()
                }
                VirtualObject::Array { items, .. } => items.clear(),
            }
            if candidate.exits[n] != best.exits[n] && still_fails(&candidate) {
                *best = candidate;
            }
        }
    }
}

fn change_frame(trace: &mut Trace, exit: usize, frame: usize, change: impl FnOnce(&mut Live)) {
    let frame = &mut trace.exits[exit].frames[frame];
    let mut changed = (**frame).clone();
    change(&mut changed.live);
    *frame = changed.into();
}
