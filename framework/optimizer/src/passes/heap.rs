//! What is in memory need not be loaded, and what is there already need not be stored.
//!
//! Two objects are told apart by class, by being fresh, and by being constants. Fields and items are told
//! apart by descriptor: one descriptor per field is what the recorder guarantees. Stores of virtual objects
//! may be put aside (`crate::delay`); all others are done at once.

use crate::give_up::GiveUp;
use crate::groups::*;
use crate::ints::Relation;
use crate::pipeline::Flow;
use crate::state::{Item, State};
use ouro_ir::{Arg, Descr, DescrId, Opcode};

/// More item barriers than this are not remembered: looking them up would cost more than they save.
const ITEM_BARRIERS: usize = 64;

/// Answers loads and drops stores and barriers that do nothing.
pub fn before(state: &mut State, item: &mut Item) -> Result<Flow, GiveUp> {
    let [object, second, third] = item.args;
    match item.code {
        Opcode::Call | Opcode::CallRaises => {
            if !matches!(state.input.descr(item.descr), Descr::Call(c) if c.effects.pure) {
                state.settle_stores();
            }
            return Ok(Flow::Next);
        }
        Opcode::Return | Opcode::ReturnLeaf => {
            state.settle_stores();
            return Ok(Flow::Next);
        }
        // Nothing may wait beyond the jump, and a poll just before it costs less.
        Opcode::Poll if item.at + 2 == state.input.trace.ops.len() => {
            state.settle_stores();
            return Ok(Flow::Next);
        }
        _ if object.as_virtual().is_some() => return Ok(Flow::Next),
        _ => {}
    }
    Ok(match item.code {
        Opcode::Getfield => match state.find_fact(object, item.descr, Arg::NONE) {
            Some(value) => Flow::Value(value),
            None => {
                state.settle_aliases(object, item.descr);
                length(state, object, item.descr).map_or(Flow::Next, Flow::Value)
            }
        },
        Opcode::Getitem => state
            .find_fact(object, item.descr, second)
            .map_or(Flow::Next, Flow::Value),
        Opcode::Setfield => match stored_already(state, object, item.descr, Arg::NONE, second) {
            Flow::Next => state.store_or_delay(object, item.descr, second),
            known => known,
        },
        Opcode::Setitem => stored_already(state, object, item.descr, second, third),
        Opcode::Barrier => {
            if state.known(object).barrier == state.epoch {
                Flow::Gone
            } else {
                Flow::Next
            }
        }
        Opcode::BarrierItem => {
            let known = state.known(object);
            let young = known.fresh && known.barrier == state.epoch;
            if young || state.item_barriers.contains(&(object, second)) {
                Flow::Gone
            } else {
                Flow::Next
            }
        }
        int_pure!()
        | int_overflow!()
        | float_pure!()
        | int_guards!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | calls!()
        | control!() => Flow::Next,
    })
}

/// The length of an array that was allocated in the trace.
fn length(state: &State, object: Arg, field: DescrId) -> Option<Arg> {
    let known = state.known(object);
    if !known.length.is_some() {
        return None;
    }
    match (state.input.descr(known.class), state.input.descr(field)) {
        (Descr::Array(a), Descr::Field(f)) if f.offset == a.len_offset => {
            Some(state.resolve(known.length))
        }
        _ => None,
    }
}

fn stored_already(state: &mut State, object: Arg, descr: DescrId, index: Arg, value: Arg) -> Flow {
    let Some(id) = state.facts.find(state.known(object).facts, descr, index) else {
        return Flow::Next;
    };
    let there = state.resolve(state.facts.peek(id).value);
    if !same_value(state, there, value) {
        return Flow::Next;
    }
    state.facts.read(id);
    Flow::Gone
}
/// Equal operands, or boxes of a value class with equal leaves: nobody can tell such boxes apart.
fn same_value(state: &mut State, a: Arg, b: Arg) -> bool {
    if a == b {
        return true;
    }
    let (ca, cb) = (state.class_of(a), state.class_of(b));
    let leaf = state.input.leaf_of(ca);
    if !leaf.is_some() || state.type_id(ca) != state.type_id(cb) {
        return false;
    }
    match (state.known_leaf(a, leaf), state.known_leaf(b, leaf)) {
        (Some(x), Some(y)) => x == y,
        _ => false,
    }
}

/// Remembers what was loaded and stored.
pub fn after(state: &mut State, item: &Item, result: Arg) -> Result<(), GiveUp> {
    let [object, second, third] = item.args;
    match item.code {
        Opcode::Getfield => state.add_fact(object, item.descr, Arg::NONE, result, false),
        Opcode::Getitem => state.add_fact(object, item.descr, second, result, false),
        Opcode::Setfield => store(state, object, item.descr, Arg::NONE, second),
        Opcode::Setitem => store(state, object, item.descr, second, third),
        Opcode::Barrier => {
            let epoch = state.epoch;
            state.known_mut(object).barrier = epoch;
        }
        Opcode::BarrierItem if state.item_barriers.len() < ITEM_BARRIERS => {
            state.item_barriers.push((object, second));
        }
        Opcode::BarrierItem => {}
        int_pure!()
        | int_overflow!()
        | float_pure!()
        | int_guards!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | calls!()
        | control!() => {}
    }
    Ok(())
}

/// Notes a store, which takes away what is known of places that may be the same.
pub fn store(state: &mut State, object: Arg, descr: DescrId, index: Arg, value: Arg) {
    let mut facts = std::mem::take(&mut state.facts);
    facts.retain(descr, |fact| {
        let other = state.resolve(fact.object);
        !state.may_alias(object, other) || indices_differ(state, index, fact.index)
    });
    state.facts = facts;
    // A narrow place may give back another value than was stored.
    let fits = match state.input.narrow_range(descr) {
        Some(range) => state.ints(value).lo >= range.lo && state.ints(value).hi <= range.hi,
        None => true,
    };
    if fits {
        state.add_fact(object, descr, index, value, true);
    }
}
fn indices_differ(state: &State, a: Arg, b: Arg) -> bool {
    a.is_some()
        && b.is_some()
        && state
            .ints(a)
            .decide(Relation::Ne, state.ints(state.resolve(b)))
            == Some(true)
}
