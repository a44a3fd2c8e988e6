//! Objects stay virtual until something real refers to them.
//!
//! `new` emits nothing; loads and stores of a virtual object happen here. Whatever else meets a virtual
//! operand allocates it (`State::force`), except exits, which describe it.

use crate::give_up::GiveUp;
use crate::groups::*;
use crate::pipeline::Flow;
use crate::state::{Item, State};
use ouro_ir::{Arg, Descr, DescrId, ExitId, Opcode};

/// Handles allocations and everything that touches a virtual object.
pub fn before(state: &mut State, item: &mut Item) -> Result<Flow, GiveUp> {
    let object = item.args[0].as_virtual();
    Ok(match item.code {
        Opcode::New => {
            let leaf = state.input.leaf_of(item.descr);
            Flow::Value(Arg::virtual_(state.objects.add_struct(item.descr, leaf)))
        }
        Opcode::NewArray => {
            let limit = state.input.options.virtual_array_items as i64;
            match state
                .int_of(item.args[0])
                .filter(|n| (0..=limit).contains(n))
            {
                Some(items) => {
                    let zero = state.zero(state.input.width(item.descr).ty());
                    Flow::Value(Arg::virtual_(state.objects.add_array(
                        item.descr,
                        items as u32,
                        zero,
                    )))
                }
                None => Flow::Next,
            }
        }
        Opcode::Getfield => match object {
            Some(n) => get_field(state, n, item.descr),
            None => Flow::Next,
        },
        Opcode::Setfield => match object {
            Some(n) if !state.objects.get(n).is_array => {
                let value = narrow(state, item.args[1], item.descr);
                state.objects.set_field(n, item.descr, value);
                Flow::Gone
            }
            _ => Flow::Next,
        },
        Opcode::Getitem => match index(state, object, item.args[1]) {
            Some((n, i)) => Flow::Value(state.objects.item(n, i)),
            None => Flow::Next,
        },
        Opcode::Setitem => match index(state, object, item.args[1]) {
            Some((n, i)) => {
                let value = narrow(state, item.args[2], item.descr);
                state.objects.set_item(n, i, value);
                Flow::Gone
            }
            None => Flow::Next,
        },
        // Whoever called gets the leaf: the object is made by nobody, or where the exit is taken.
        Opcode::Return => {
            let class = match object {
                Some(n) => state.objects.get(n).descr,
                None => state.class_of(item.args[0]),
            };
            let leaf = state.input.leaf_of(class);
            if leaf.is_some() {
                item.args[0] = state.leaf(item.args[0], leaf);
                (item.code, item.descr) = (Opcode::ReturnLeaf, class);
            }
            Flow::Next
        }
        // Nothing that is not in memory needs a barrier or can die.
        Opcode::Barrier | Opcode::BarrierItem | Opcode::Keepalive => {
            if object.is_some() {
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
        | calls!()
        | Opcode::Label
        | Opcode::Jump
        | Opcode::Finish
        | Opcode::ReturnLeaf
        | Opcode::At => Flow::Next,
    })
}

fn get_field(state: &mut State, n: u32, field: DescrId) -> Flow {
    let object = *state.objects.get(n);
    let input = state.input;
    let Descr::Field(descr) = input.descr(field) else {
        unreachable!("the verifier checks the kind")
    };
    if !object.is_array {
        let value = state.objects.field(n, field);
        return Flow::Value(value.unwrap_or_else(|| state.zero(descr.width.ty())));
    }
    match input.descr(object.descr) {
        Descr::Array(array) if array.len_offset == descr.offset => {
            Flow::Value(state.int(state.objects.items(n) as i64))
        }
        _ => Flow::Next,
    }
}

/// The virtual array and the constant index inside of it.
fn index(state: &State, object: Option<u32>, index: Arg) -> Option<(u32, u32)> {
    let n = object.filter(|n| state.objects.get(*n).is_array)?;
    let i = state.int_of(index)?;
    (0..state.objects.items(n) as i64)
        .contains(&i)
        .then_some((n, i as u32))
}

/// The value as a narrow field would give it back.
fn narrow(state: &mut State, value: Arg, place: DescrId) -> Arg {
    let Some(range) = state.input.narrow_range(place) else {
        return value;
    };
    let ints = state.ints(value);
    if ints.lo >= range.lo && ints.hi <= range.hi {
        return value;
    }
    let (mask, sign) = ((range.hi - range.lo), range.lo < 0);
    if !sign {
        let mask = state.int(mask);
        return cut(state, Opcode::IntAnd, value, mask);
    }
    let distance = state.int(i64::from(mask.leading_zeros()));
    let high = cut(state, Opcode::IntShl, value, distance);
    cut(state, Opcode::IntShr, high, distance)
}
fn cut(state: &mut State, code: Opcode, value: Arg, by: Arg) -> Arg {
    let known = crate::passes::fold::transfer(state, code, value, by);
    if let Some(v) = known.constant() {
        return state.int(v);
    }
    let result = state.emit(code, [value, by, Arg::NONE], DescrId::NONE, ExitId::NONE);
    state.known_mut(result).ints = known;
    result
}

/// Nothing to learn.
pub fn after(_: &mut State, _: &Item, _: Arg) -> Result<(), GiveUp> {
    Ok(())
}
