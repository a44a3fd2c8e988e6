//! What pure operations compute and when guards hold: the one definition, also used by constant folding.

use crate::ops::Opcode;

/// Why an operation has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoResult {
    /// The operation leaves the trace.
    Leaves,
    /// An operand breaks the operation's precondition.
    Precondition,
    /// The result depends on more than the operands' bits.
    NotPure,
}

/// Quotient rounded down.
///
/// # Errors
/// `Precondition` for a zero divisor and for MIN / -1.
fn floordiv(a: i64, b: i64) -> Result<i64, NoResult> {
    let quotient = a.checked_div(b).ok_or(NoResult::Precondition)?;
    let rounds_up = a % b != 0 && (a < 0) != (b < 0);
    Ok(quotient - i64::from(rounds_up))
}

/// Remainder with the sign of the divisor.
fn modulo(a: i64, b: i64) -> Result<i64, NoResult> {
    let remainder = a.checked_rem(b).ok_or(NoResult::Precondition)?;
    let wrong_sign = remainder != 0 && (remainder < 0) != (b < 0);
    Ok(if wrong_sign { remainder + b } else { remainder })
}

fn shift(count: i64) -> Result<u32, NoResult> {
    u32::try_from(count)
        .ok()
        .filter(|c| *c < 64)
        .ok_or(NoResult::Precondition)
}

/// The result of a pure operation on the bits of its operands (unused ones are ignored). A guard that holds has result
/// 0. `guard_class`, `poll` and `guard_not_invalidated` look at memory, so they are not pure here.
///
/// # Errors
/// See [`NoResult`].
pub fn evaluate(code: Opcode, a: u64, b: u64) -> Result<u64, NoResult> {
    use Opcode::*;
    let (x, y) = (a as i64, b as i64);
    let (f, g) = (f64::from_bits(a), f64::from_bits(b));
    let int = |value: i64| Ok(value as u64);
    let float = |value: f64| Ok(value.to_bits());
    let guarded = |value: Option<i64>| value.map(|v| v as u64).ok_or(NoResult::Leaves);
    let holds = |condition: bool| {
        if condition {
            Ok(0)
        } else {
            Err(NoResult::Leaves)
        }
    };
    match code {
        IntAdd => int(x.wrapping_add(y)),
        IntSub => int(x.wrapping_sub(y)),
        IntMul => int(x.wrapping_mul(y)),
        IntAnd => int(x & y),
        IntOr => int(x | y),
        IntXor => int(x ^ y),
        IntShl => int(x << shift(y)?),
        IntShr => int(x >> shift(y)?),
        IntUshr => Ok(a >> shift(y)?),
        IntNeg => int(x.wrapping_neg()),
        IntInvert => int(!x),
        IntFloordiv => int(floordiv(x, y)?),
        IntMod => int(modulo(x, y)?),
        IntMulhi => int(((x as i128 * y as i128) >> 64) as i64),
        IntAddOvf => guarded(x.checked_add(y)),
        IntSubOvf => guarded(x.checked_sub(y)),
        IntMulOvf => guarded(x.checked_mul(y)),
        FloatAdd => float(f + g),
        FloatSub => float(f - g),
        FloatMul => float(f * g),
        FloatDiv => float(f / g),
        FloatNeg => float(-f),
        FloatAbs => float(f.abs()),
        FloatSqrt => float(f.sqrt()),
        IntToFloat => float(x as f64),
        FloatToInt => {
            // 2^63 is the first double above the range; NaN compares false.
            let limit = 9_223_372_036_854_775_808.0;
            if f >= -limit && f < limit {
                int(f as i64)
            } else {
                Err(NoResult::Precondition)
            }
        }
        GuardIntEq | GuardPtrEq => holds(a == b),
        GuardIntNe | GuardPtrNe => holds(a != b),
        GuardIntLt => holds(x < y),
        GuardIntLe => holds(x <= y),
        GuardIntGt => holds(x > y),
        GuardIntGe => holds(x >= y),
        GuardIntUlt => holds(a < b),
        GuardIntUge => holds(a >= b),
        GuardAddOverflows => holds(x.checked_add(y).is_none()),
        GuardSubOverflows => holds(x.checked_sub(y).is_none()),
        GuardMulOverflows => holds(x.checked_mul(y).is_none()),
        GuardFloatLt => holds(f < g),
        GuardFloatNotLt => holds(!matches!(f.partial_cmp(&g), Some(std::cmp::Ordering::Less))),
        GuardFloatLe => holds(f <= g),
        GuardFloatNotLe => holds(f.is_nan() || g.is_nan() || f > g),
        GuardFloatEq => holds(f == g),
        GuardFloatNe => holds(f != g),
        GuardNull => holds(a == 0),
        GuardNonnull => holds(a != 0),
        GuardClass | GuardNotInvalidated | Poll | New | NewArray | Getfield | Setfield
        | Barrier | Getitem | Setitem | BarrierItem | Call | CallRaises | Label | Jump | Finish
        | Return | ReturnLeaf | At | Keepalive => Err(NoResult::NotPure),
    }
}
