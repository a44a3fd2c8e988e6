//! Constants, algebraic identities, and what is known of ints.
//!
//! Guards teach intervals and known bits; those decide later guards and remove overflow checks.
//! The identities are the table [`IDENTITIES`]; division by a constant is in `division.rs`.

use super::division;
use crate::give_up::GiveUp;
use crate::groups::*;
use crate::ints::{Int64, Overflow, Relation};
use crate::pipeline::Flow;
use crate::state::{Item, State};
use ouro_ir::{Arg, Opcode, Ty};

/// The right-hand operand an identity asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// This integer.
    Int(i64),
    /// The float with exactly these bits.
    Float(u64),
    /// The same operand as on the left.
    Same,
}
/// What an identity gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    /// The left operand.
    Left,
    /// This integer.
    Int(i64),
}

const ONE: u64 = 0x3ff0_0000_0000_0000;
const MINUS_ZERO: u64 = 1 << 63;

/// `left op right = gives`, for every left. Commutative operations have their constant on the right.
pub const IDENTITIES: &[(Opcode, Right, Gives)] = &[
    (Opcode::IntAdd, Right::Int(0), Gives::Left),
    (Opcode::IntSub, Right::Int(0), Gives::Left),
    (Opcode::IntSub, Right::Same, Gives::Int(0)),
    (Opcode::IntMul, Right::Int(0), Gives::Int(0)),
    (Opcode::IntMul, Right::Int(1), Gives::Left),
    (Opcode::IntAnd, Right::Int(0), Gives::Int(0)),
    (Opcode::IntAnd, Right::Int(-1), Gives::Left),
    (Opcode::IntAnd, Right::Same, Gives::Left),
    (Opcode::IntOr, Right::Int(0), Gives::Left),
    (Opcode::IntOr, Right::Int(-1), Gives::Int(-1)),
    (Opcode::IntOr, Right::Same, Gives::Left),
    (Opcode::IntXor, Right::Int(0), Gives::Left),
    (Opcode::IntXor, Right::Same, Gives::Int(0)),
    (Opcode::IntShl, Right::Int(0), Gives::Left),
    (Opcode::IntShr, Right::Int(0), Gives::Left),
    (Opcode::IntUshr, Right::Int(0), Gives::Left),
    (Opcode::IntFloordiv, Right::Int(1), Gives::Left),
    (Opcode::IntMod, Right::Int(1), Gives::Int(0)),
    (Opcode::IntMod, Right::Int(-1), Gives::Int(0)),
    (Opcode::IntAddOvf, Right::Int(0), Gives::Left),
    (Opcode::IntSubOvf, Right::Int(0), Gives::Left),
    (Opcode::IntSubOvf, Right::Same, Gives::Int(0)),
    (Opcode::IntMulOvf, Right::Int(0), Gives::Int(0)),
    (Opcode::IntMulOvf, Right::Int(1), Gives::Left),
    // x + 0.0 is not here: it turns -0.0 into 0.0.
    (Opcode::FloatAdd, Right::Float(MINUS_ZERO), Gives::Left),
    (Opcode::FloatSub, Right::Float(0), Gives::Left),
    (Opcode::FloatMul, Right::Float(ONE), Gives::Left),
    (Opcode::FloatDiv, Right::Float(ONE), Gives::Left),
];

/// Answers what is constant, simplifies the rest.
pub fn before(state: &mut State, item: &mut Item) -> Result<Flow, GiveUp> {
    let info = item.code.info();
    if info.commutative && item.args[0].as_const().is_some() && item.args[1].as_const().is_none() {
        item.args.swap(0, 1);
    }
    let [a, b, _] = item.args;
    match item.code {
        int_pure!() | float_pure!() => {
            if let Some(value) = constant(state, item.code, a, b) {
                return Ok(Flow::Value(value));
            }
        }
        int_overflow!() => {
            let (x, y) = (state.ints(a), state.ints(b));
            match overflows(item.code, x, y) {
                Overflow::Always => return Err(GiveUp::ContradictoryGuard),
                Overflow::Maybe => {}
                Overflow::Never => {
                    item.code = wrapping(item.code).expect("it checks for overflow");
                    item.exit = ouro_ir::ExitId::NONE;
                    if let Some(value) = constant(state, item.code, a, b) {
                        return Ok(Flow::Value(value));
                    }
                }
            }
        }
        overflow_guards!() => {
            return match overflows(item.code, state.ints(a), state.ints(b)) {
                Overflow::Always => Ok(Flow::Gone),
                Overflow::Maybe => Ok(Flow::Next),
                Overflow::Never => Err(GiveUp::ContradictoryGuard),
            };
        }
        int_guards!() => {
            let known = if a == b {
                Some(relation(item.code).holds(0, 0))
            } else {
                state.ints(a).decide(relation(item.code), state.ints(b))
            };
            return decided(known);
        }
        float_guards!() => {
            let known = match (state.float_of(a), state.float_of(b)) {
                (Some(x), Some(y)) => Some(float_holds(item.code, x, y)),
                _ => None,
            };
            return decided(known);
        }
        ref_guards!() | vm_guards!() | allocations!() | memory!() | calls!() | control!() => {
            return Ok(Flow::Next);
        }
    }
    if let Some(flow) = identity(state, item.code, a, b) {
        return Ok(flow);
    }
    if matches!(item.code, Opcode::IntFloordiv | Opcode::IntMod) {
        return Ok(division::by_constant(state, item));
    }
    if matches!(item.code, int_pure!())
        && let Some(v) = transfer(state, item.code, a, b).constant()
    {
        return Ok(Flow::Value(state.int(v)));
    }
    // A power of two: a shift costs less.
    if item.code == Opcode::IntMul
        && let Some(k) = state.int_of(b).filter(|k| *k > 1 && k.count_ones() == 1)
    {
        item.code = Opcode::IntShl;
        item.args[1] = state.int(k.trailing_zeros() as i64);
    }
    Ok(Flow::Next)
}

fn decided(known: Option<bool>) -> Result<Flow, GiveUp> {
    match known {
        Some(true) => Ok(Flow::Gone),
        Some(false) => Err(GiveUp::ContradictoryGuard),
        None => Ok(Flow::Next),
    }
}
fn identity(state: &mut State, code: Opcode, a: Arg, b: Arg) -> Option<Flow> {
    let bits = state.bits(b);
    let rule = IDENTITIES.iter().find(|(op, right, _)| {
        *op == code
            && match right {
                Right::Int(v) => bits == Some(*v as u64),
                Right::Float(v) => bits == Some(*v),
                Right::Same => a == b,
            }
    })?;
    Some(Flow::Value(match rule.2 {
        Gives::Left => a,
        Gives::Int(v) => state.int(v),
    }))
}
/// The result if all operands are constants.
fn constant(state: &mut State, code: Opcode, a: Arg, b: Arg) -> Option<Arg> {
    let x = state.bits(a)?;
    let y = if b.is_some() { state.bits(b)? } else { 0 };
    let (i, j) = (x as i64, y as i64);
    let (f, g) = (f64::from_bits(x), f64::from_bits(y));
    let int = match code {
        Opcode::IntAdd | Opcode::IntAddOvf => i.wrapping_add(j),
        Opcode::IntSub | Opcode::IntSubOvf => i.wrapping_sub(j),
        Opcode::IntMul | Opcode::IntMulOvf => i.wrapping_mul(j),
        Opcode::IntAnd => i & j,
        Opcode::IntOr => i | j,
        Opcode::IntXor => i ^ j,
        Opcode::IntShl => i.wrapping_shl(j as u32),
        Opcode::IntShr => i.wrapping_shr(j as u32),
        Opcode::IntUshr => x.wrapping_shr(j as u32) as i64,
        Opcode::IntNeg => i.wrapping_neg(),
        Opcode::IntInvert => !i,
        Opcode::IntFloordiv => floor_division(i, j)?.0,
        Opcode::IntMod => floor_division(i, j)?.1,
        Opcode::IntMulhi => ((i as i128 * j as i128) >> 64) as i64,
        Opcode::FloatToInt => f as i64,
        Opcode::FloatAdd => return Some(state.float(f + g)),
        Opcode::FloatSub => return Some(state.float(f - g)),
        Opcode::FloatMul => return Some(state.float(f * g)),
        Opcode::FloatDiv => return Some(state.float(f / g)),
        Opcode::FloatNeg => return Some(state.constant(Ty::Float, x ^ MINUS_ZERO)),
        Opcode::FloatAbs => return Some(state.constant(Ty::Float, x & !MINUS_ZERO)),
        Opcode::FloatSqrt => return Some(state.float(f.sqrt())),
        Opcode::IntToFloat => return Some(state.float(i as f64)),
        int_guards!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => return None,
    };
    Some(state.int(int))
}
/// Quotient rounded down and remainder with the divisor's sign; none where the operation has no meaning.
fn floor_division(a: i64, b: i64) -> Option<(i64, i64)> {
    let (q, r) = (a.checked_div(b)?, a.checked_rem(b)?);
    Some(if r != 0 && (r < 0) != (b < 0) {
        (q - 1, r + b)
    } else {
        (q, r)
    })
}
/// The comparison that a guard on ints makes.
pub fn relation(code: Opcode) -> Relation {
    match code {
        Opcode::GuardIntEq => Relation::Eq,
        Opcode::GuardIntNe => Relation::Ne,
        Opcode::GuardIntLt => Relation::Lt,
        Opcode::GuardIntLe => Relation::Le,
        Opcode::GuardIntGt => Relation::Gt,
        Opcode::GuardIntGe => Relation::Ge,
        Opcode::GuardIntUlt => Relation::Ult,
        Opcode::GuardIntUge => Relation::Uge,
        int_pure!()
        | int_overflow!()
        | float_pure!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => unreachable!("not a guard on ints"),
    }
}
// With a NaN, `not (x < y)` is not `x >= y`.
#[allow(clippy::neg_cmp_op_on_partial_ord)]
fn float_holds(code: Opcode, x: f64, y: f64) -> bool {
    match code {
        Opcode::GuardFloatLt => x < y,
        Opcode::GuardFloatNotLt => !(x < y),
        Opcode::GuardFloatLe => x <= y,
        Opcode::GuardFloatNotLe => !(x <= y),
        Opcode::GuardFloatEq => x == y,
        Opcode::GuardFloatNe => x != y,
        int_pure!()
        | int_overflow!()
        | float_pure!()
        | int_guards!()
        | overflow_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => unreachable!("not a guard on floats"),
    }
}
/// The same operation without the overflow check, for one that has it.
pub fn wrapping(code: Opcode) -> Option<Opcode> {
    match code {
        Opcode::IntAddOvf => Some(Opcode::IntAdd),
        Opcode::IntSubOvf => Some(Opcode::IntSub),
        Opcode::IntMulOvf => Some(Opcode::IntMul),
        int_pure!()
        | float_pure!()
        | int_guards!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => None,
    }
}
fn overflows(code: Opcode, x: Int64, y: Int64) -> Overflow {
    if matches!(code, Opcode::IntAddOvf | Opcode::GuardAddOverflows) {
        x.add_overflows(y)
    } else if matches!(code, Opcode::IntSubOvf | Opcode::GuardSubOverflows) {
        x.sub_overflows(y)
    } else {
        x.mul_overflows(y)
    }
}
/// What is known of the result of a pure operation.
pub fn transfer(state: &State, code: Opcode, a: Arg, b: Arg) -> Int64 {
    let (x, y) = (state.ints(a), state.ints(b));
    match code {
        Opcode::IntAdd => x.add(y),
        Opcode::IntSub => x.sub(y),
        Opcode::IntMul => x.mul(y),
        Opcode::IntAnd => x.and(y),
        Opcode::IntOr => x.or(y),
        Opcode::IntXor => x.xor(y),
        Opcode::IntShl => x.shl(y),
        Opcode::IntShr => x.shr(y),
        Opcode::IntUshr => x.ushr(y),
        Opcode::IntNeg => x.neg(),
        Opcode::IntInvert => x.invert(),
        Opcode::IntFloordiv => x.floordiv(y),
        Opcode::IntMod => x.modulo(y),
        Opcode::IntMulhi => x.mulhi(y),
        Opcode::IntAddOvf => x.add_exact(y).unwrap_or(Int64::FULL),
        Opcode::IntSubOvf => x.sub_exact(y).unwrap_or(Int64::FULL),
        Opcode::IntMulOvf => x.mul_exact(y).unwrap_or(Int64::FULL),
        float_pure!()
        | int_guards!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | memory!()
        | calls!()
        | control!() => Int64::FULL,
    }
}

/// Learns from results and from guards that have passed.
pub fn after(state: &mut State, item: &Item, result: Arg) -> Result<(), GiveUp> {
    let [a, b, _] = item.args;
    match item.code {
        int_pure!() | int_overflow!() => {
            let ints = transfer(state, item.code, a, b);
            learn(state, result, ints);
        }
        int_guards!() => {
            let Some((x, y)) = state.ints(a).learn(relation(item.code), state.ints(b)) else {
                return Err(GiveUp::ContradictoryGuard);
            };
            learn(state, a, x);
            learn(state, b, y);
        }
        // A narrow field holds few values.
        Opcode::Getfield | Opcode::Getitem => {
            let Some(ints) = state.input.narrow_range(item.descr) else {
                return Ok(());
            };
            learn(state, result, ints);
        }
        float_pure!()
        | overflow_guards!()
        | float_guards!()
        | ref_guards!()
        | vm_guards!()
        | allocations!()
        | Opcode::Setfield
        | Opcode::Setitem
        | Opcode::Barrier
        | Opcode::BarrierItem
        | calls!()
        | control!() => {}
    }
    Ok(())
}
fn learn(state: &mut State, a: Arg, ints: Int64) {
    if a.as_var().is_none() {
        return;
    }
    state.known_mut(a).ints = ints;
    if let Some(v) = ints.constant() {
        let constant = state.int(v);
        state.equate(a, constant);
    }
}
