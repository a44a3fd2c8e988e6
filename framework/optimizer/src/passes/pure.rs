//! The same pure operation on the same operands is one value.
//!
//! That includes arithmetic with an overflow check (the check has passed) and calls of pure callees.
//! What a value is never changes, so nothing is ever forgotten.

use crate::give_up::GiveUp;
use crate::pipeline::Flow;
use crate::state::{Item, State};
use ouro_ir::{Arg, Descr, Effect, Opcode};

fn key(item: &Item) -> (Opcode, Arg, Arg) {
    let [a, b, _] = item.args;
    if item.code.info().commutative && b < a {
        (item.code, b, a)
    } else {
        (item.code, a, b)
    }
}
fn is_pure_call(state: &State, item: &Item) -> bool {
    item.code == Opcode::Call
        && matches!(state.input.descr(item.descr), Descr::Call(c) if c.effects.pure && !c.effects.can_raise)
}

/// Looks the operation up.
pub fn before(state: &mut State, item: &mut Item) -> Result<Flow, GiveUp> {
    let known = if item.code.info().effect == Effect::Pure {
        state.pure.get(&key(item)).copied()
    } else if is_pure_call(state, item) {
        let args = state.call_args.clone();
        state.pure_calls.get(&(item.descr, args)).copied()
    } else {
        None
    };
    Ok(known.map_or(Flow::Next, Flow::Value))
}

/// Remembers the result.
pub fn after(state: &mut State, item: &Item, result: Arg) -> Result<(), GiveUp> {
    if item.code.info().effect == Effect::Pure {
        state.pure.insert(key(item), result);
        // Without overflow, the wrapping operation gives the same.
        if let Some(code) = super::fold::wrapping(item.code) {
            state.pure.insert(key(&Item { code, ..*item }), result);
        }
    } else if is_pure_call(state, item) && result.is_some() {
        let args = state.call_args.clone();
        state.pure_calls.insert((item.descr, args), result);
    }
    Ok(())
}
