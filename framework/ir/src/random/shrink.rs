//! Makes a failing trace smaller.

use crate::exit::VirtualObject;
use crate::trace::Trace;

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
        shrink_exits(&mut best, &mut still_fails);
        if size(&best) == before {
            break;
        }
    }
    best
}

fn size(trace: &Trace) -> usize {
    trace.ops.len()
        + trace
            .exits
            .iter()
            .map(|e| e.args().count() + e.frames.len())
            .sum::<usize>()
}

fn shrink_exits(best: &mut Trace, still_fails: &mut dyn FnMut(&Trace) -> bool) {
    for n in 0..best.exits.len() {
        // All registers of a frame at once, then one by one.
        for frame in 0..best.exits[n].frames.len() {
            let mut register = best.exits[n].frames[frame].live.len();
            let mut candidate = best.clone();
            change_frame(&mut candidate, n, frame, Vec::clear);
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
        // Virtual objects keep their numbers; their content goes.
        for v in 0..best.exits[n].virtuals.len() {
            let mut candidate = best.clone();
            match &mut candidate.exits[n].virtuals[v] {
                VirtualObject::Struct { fields, .. } => fields.clear(),
                VirtualObject::Array { items, .. } => items.clear(),
            }
            if candidate.exits[n] != best.exits[n] && still_fails(&candidate) {
                *best = candidate;
            }
        }
    }
}

type Live = Vec<(u16, crate::trace::Arg)>;

fn change_frame(trace: &mut Trace, exit: usize, frame: usize, change: impl FnOnce(&mut Live)) {
    let frame = &mut trace.exits[exit].frames[frame];
    let mut changed = (**frame).clone();
    change(&mut changed.live);
    *frame = changed.into();
}
