//! From the walk's state to a trace.

use crate::dead::remove_dead;
use crate::state::{Segment, State};
use crate::times::{self, timed};
use ouro_ir::{Arg, Descr, ExitId, Input, LabelDescr, LabelTarget, Trace};

/// The finished trace. `inputs` are the values bound to the recorded inputs; `before` is what was emitted
/// before the state's own segment.
pub fn assemble(state: State, before: Option<Segment>, inputs: &[Arg], more: Vec<Descr>) -> Trace {
    let sources = state.input.trace.inputs.iter().map(|i| i.source);
    let inputs = inputs
        .iter()
        .zip(sources)
        .map(|(value, source)| Input {
            value: *value,
            source,
        })
        .collect();
    assemble_with(state, before, inputs, more)
}

/// The finished trace with these inputs. `more` are descriptors behind that of the loop's label.
pub fn assemble_with(
    state: State,
    before: Option<Segment>,
    inputs: Vec<Input>,
    more: Vec<Descr>,
) -> Trace {
    let recorded = state.input.trace;
    let (ops, exits, pool) = match before {
        Some(before) => (
            joined(before.ops, state.segment.ops),
            joined(before.exits, state.segment.exits),
            joined(before.pool, state.segment.pool),
        ),
        None => (state.segment.ops, state.segment.exits, state.segment.pool),
    };
    let mut descrs = Vec::with_capacity(state.input.descrs.len() + 1 + more.len());
    descrs.extend_from_slice(&state.input.descrs);
    let label = LabelDescr {
        name: "loop".into(),
        target: LabelTarget::Here,
    };
    descrs.push(Descr::Label(label));
    descrs.extend(more);
    let mut trace = Trace {
        name: recorded.name.clone(),
        kind: recorded.kind,
        inputs,
        ops,
        consts: state.const_pool,
        value_types: state.value_types,
        descrs,
        exits,
        arg_pool: pool,
        // It would keep every input alive, and nobody enters compiled code by it.
        entry: ExitId::NONE,
        seen: Vec::new(),
    };
    if state.input.options.dead {
        let times = state.input.options.times.as_deref();
        timed(times, times::DEAD, || remove_dead(&mut trace));
    }
    // Traces live as long as their code, so what they were built with is given back.
    trace.ops.shrink_to_fit();
    trace.exits.shrink_to_fit();
    trace.arg_pool.shrink_to_fit();
    trace.value_types.shrink_to_fit();
    trace
}

/// One list behind the other, moved once.
fn joined<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
    first.reserve_exact(second.len());
    first.extend(second);
    first
}
