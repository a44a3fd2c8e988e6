//! Guards that are known to pass go; a later, stronger guard replaces an earlier, weaker one.
//!
//! Strengthening is right because leaving too early is always right: the earlier guard's exit resumes
//! the interpreter before everything that lies between.

use crate::give_up::GiveUp;
use crate::groups::*;
use crate::known::NOWHERE;
use crate::pipeline::Flow;
use crate::state::{Item, State};
use ouro_ir::{Arg, Opcode};

/// Drops what is known to pass.
pub fn before(state: &mut State, item: &mut Item) -> Result<Flow, GiveUp> {
    let [a, b, _] = item.args;
    let known = match item.code {
        Opcode::GuardClass => class_known(state, item),
        Opcode::GuardNonnull => nullness(state, a).map(|null| !null),
        Opcode::GuardNull => nullness(state, a),
        Opcode::GuardPtrEq => {
            let known = same_object(state, a, b).or_else(|| proved(state, item));
            if known.is_none() && strengthen(state, item) {
                return Ok(Flow::Gone);
            }
            known
        }
        Opcode::GuardPtrNe => match same_object(state, a, b) {
            // Two boxes of a value class: nobody can tell them apart, and the recording took them for two.
            None if is_box(state, a) || is_box(state, b) => Some(true),
            known => known.map(|same| !same).or_else(|| proved(state, item)),
        },
        int_guards!() | float_guards!() | overflow_guards!() => proved(state, item),
        Opcode::GuardNotInvalidated => state.validated.then_some(true),
        Opcode::Poll => None,
        int_pure!()
        | int_overflow!()
        | float_pure!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => None,
    };
    match known {
        Some(true) => Ok(Flow::Gone),
        Some(false) => Err(GiveUp::ContradictoryGuard),
        None => Ok(Flow::Next),
    }
}

fn class_known(state: &mut State, item: &Item) -> Option<bool> {
    let a = item.args[0];
    let recorded = state.input.trace.ops[item.at].args[0];
    let wanted = state.type_id(item.descr);
    if let Some(class) = state.type_id(state.class_of(a)) {
        return Some(Some(class) == wanted);
    }
    // A constant of the recording has passed this guard, and an object keeps its class.
    if recorded == a && a.as_const().is_some() {
        state.known_mut(a).class = item.descr;
        return Some(true);
    }
    None
}
fn nullness(state: &State, a: Arg) -> Option<bool> {
    match state.bits(a) {
        Some(bits) => Some(bits == 0),
        None => state.is_nonnull(a).then_some(false),
    }
}
fn is_box(state: &State, a: Arg) -> bool {
    state.input.leaf_of(state.class_of(a)).is_some()
}
/// Whether two operands are one object. A box of a value class has no identity to speak of, unless it is
/// compared with something that cannot be a box of the same class.
fn same_object(state: &State, a: Arg, b: Arg) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    let (x, y) = (
        state.type_id(state.class_of(a)),
        state.type_id(state.class_of(b)),
    );
    if (x.is_some() && y.is_some() && x != y)
        || (nullness(state, a) == Some(true) && nullness(state, b) == Some(false))
        || (nullness(state, b) == Some(true) && nullness(state, a) == Some(false))
    {
        return Some(false);
    }
    if is_box(state, a) || is_box(state, b) {
        return None;
    }
    let virtuals = a.as_virtual().is_some() || b.as_virtual().is_some();
    (virtuals || !state.may_alias(a, b)).then_some(false)
}

fn key(code: Opcode, a: Arg, b: Arg) -> (Opcode, Arg, Arg) {
    if code.info().commutative && b < a {
        (code, b, a)
    } else {
        (code, a, b)
    }
}
/// Whether an earlier guard proved this one or its opposite.
fn proved(state: &State, item: &Item) -> Option<bool> {
    let [a, b, _] = item.args;
    if state.truths.contains_key(&key(item.code, a, b)) {
        return Some(true);
    }
    let opposite = item.code.negated()?;
    state
        .truths
        .contains_key(&key(opposite, a, b))
        .then_some(false)
}
/// What else holds once a guard has passed: the same said with swapped operands, and weaker relations.
fn consequences(code: Opcode, mut add: impl FnMut(Opcode, bool)) {
    match code {
        Opcode::GuardIntLt => {
            add(Opcode::GuardIntGt, true);
            add(Opcode::GuardIntLe, false);
            add(Opcode::GuardIntGe, true);
            add(Opcode::GuardIntNe, false);
        }
        Opcode::GuardIntGt => {
            add(Opcode::GuardIntLt, true);
            add(Opcode::GuardIntGe, false);
            add(Opcode::GuardIntLe, true);
            add(Opcode::GuardIntNe, false);
        }
        Opcode::GuardIntLe => add(Opcode::GuardIntGe, true),
        Opcode::GuardIntGe => add(Opcode::GuardIntLe, true),
        Opcode::GuardIntUlt => add(Opcode::GuardIntNe, false),
        Opcode::GuardIntEq => {
            add(Opcode::GuardIntLe, false);
            add(Opcode::GuardIntGe, false);
            add(Opcode::GuardIntUge, false);
        }
        Opcode::GuardFloatLt => {
            add(Opcode::GuardFloatLe, false);
            add(Opcode::GuardFloatNe, false);
            add(Opcode::GuardFloatNotLt, true);
            add(Opcode::GuardFloatNotLe, true);
        }
        Opcode::GuardFloatLe => add(Opcode::GuardFloatNotLt, true),
        Opcode::GuardFloatNotLe => add(Opcode::GuardFloatNotLt, false),
        Opcode::GuardFloatEq => {
            add(Opcode::GuardFloatLe, false);
            add(Opcode::GuardFloatLe, true);
            add(Opcode::GuardFloatNotLt, false);
            add(Opcode::GuardFloatNotLt, true);
        }
        Opcode::GuardIntNe
        | Opcode::GuardIntUge
        | Opcode::GuardFloatNotLt
        | Opcode::GuardFloatNe
        | overflow_guards!()
        | ref_guards!()
        | vm_guards!()
        | int_pure!()
        | int_overflow!()
        | float_pure!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => {}
    }
}

/// Turns an earlier guard of class or nullness into this comparison with a constant of the recording.
fn strengthen(state: &mut State, item: &Item) -> bool {
    let [mut value, mut constant, _] = item.args;
    if value.as_const().is_some() {
        std::mem::swap(&mut value, &mut constant);
    }
    let recorded = state.input.trace.ops[item.at].args;
    if value.as_var().is_none() || constant.as_const().is_none() || !recorded.contains(&constant) {
        return false;
    }
    let guard = state.known(value).guard;
    if guard == NOWHERE {
        return false;
    }
    let Some(op) = state.recent_op(guard) else {
        return false;
    };
    if !matches!(op.code, Opcode::GuardClass | Opcode::GuardNonnull) || op.args[0] != value {
        return false;
    }
    op.code = Opcode::GuardPtrEq;
    op.args[1] = constant;
    op.descr = ouro_ir::DescrId::NONE;
    state.equate(value, constant);
    true
}

/// Notes what a guard proved.
pub fn after(state: &mut State, item: &Item, _: Arg) -> Result<(), GiveUp> {
    let [a, b, _] = item.args;
    let here = state.next_op() - 1;
    match item.code {
        Opcode::GuardClass => {
            let known = state.known_mut(a);
            known.class = item.descr;
            known.nonnull = true;
            known.guard = here;
        }
        Opcode::GuardNonnull => {
            let known = state.known_mut(a);
            known.nonnull = true;
            known.guard = here;
        }
        Opcode::GuardNull => {
            let null = state.constant(ouro_ir::Ty::Ref, 0);
            state.equate(a, null);
        }
        Opcode::GuardPtrEq => {
            if b.as_const().is_some() {
                state.equate(a, b);
            } else if a.as_const().is_some() {
                state.equate(b, a);
            }
            state.truths.insert(key(item.code, a, b), ());
        }
        Opcode::GuardNotInvalidated => state.validated = true,
        Opcode::GuardIntUlt if state.ints(b).lo >= 0 => {
            // Below something that is not negative: below it as signed numbers as well.
            for code in [Opcode::GuardIntUlt, Opcode::GuardIntLt, Opcode::GuardIntNe] {
                state.truths.insert(key(code, a, b), ());
            }
            state.truths.insert(key(Opcode::GuardIntGt, b, a), ());
        }
        Opcode::GuardPtrNe | int_guards!() | float_guards!() | overflow_guards!() => {
            state.truths.insert(key(item.code, a, b), ());
            let truths = &mut state.truths;
            consequences(item.code, |code, swapped| {
                let key = if swapped {
                    key(code, b, a)
                } else {
                    key(code, a, b)
                };
                truths.insert(key, ());
            });
        }
        Opcode::Poll
        | int_pure!()
        | int_overflow!()
        | float_pure!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => {}
    }
    Ok(())
}
