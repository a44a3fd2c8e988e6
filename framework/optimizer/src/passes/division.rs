//! Division by a constant without dividing [granlund-1994-invariant-division].
//!
//! Rounding down needs no correction step: for a negative `x` the quotient is `!(!x / c)`, so with
//! `s = x >> 63` it is `((x ^ s) / c) ^ s`, where `x ^ s` is never negative and has 63 bits.

use crate::pipeline::Flow;
use crate::state::{Item, State};
use ouro_ir::{Arg, DescrId, ExitId, Opcode};

/// Multiplier and shift such that `n / c == mulhi_unsigned(n, multiplier) >> shift` for `0 <= n < 2^63`.
fn magic(c: u64) -> (u64, u32) {
    for shift in 0..64 {
        let power = 1u128 << (64 + shift);
        let multiplier = power / c as u128 + 1;
        let error = multiplier * c as u128 - power;
        // n * error < 2^(64 + shift) keeps the error below one step of the quotient.
        if multiplier <= u64::MAX as u128 && error <= 1 << (shift + 1) {
            return (multiplier as u64, shift);
        }
    }
    unreachable!("a shift of log2(c) always fits")
}

/// Rewrites `floordiv` and `mod` by a constant above one.
pub fn by_constant(state: &mut State, item: &mut Item) -> Flow {
    let x = item.args[0];
    let Some(c) = state.int_of(item.args[1]).filter(|c| *c > 1) else {
        return Flow::Next;
    };
    let is_mod = item.code == Opcode::IntMod;
    if c.count_ones() == 1 {
        let (code, right) = if is_mod {
            (Opcode::IntAnd, c - 1)
        } else {
            (Opcode::IntShr, c.trailing_zeros() as i64)
        };
        item.code = code;
        item.args[1] = state.int(right);
        return Flow::Next;
    }
    if is_mod && state.ints(x).lo >= 0 && state.ints(x).hi < c {
        return Flow::Value(x);
    }
    let quotient = floordiv(state, x, c);
    if !is_mod {
        return Flow::Value(quotient);
    }
    let divisor = item.args[1];
    let product = op(state, Opcode::IntMul, quotient, divisor);
    let known = state.ints(x).modulo(state.ints(divisor));
    let rest = op(state, Opcode::IntSub, x, product);
    if rest.as_var().is_some() {
        state.known_mut(rest).ints = known;
    }
    Flow::Value(rest)
}

fn floordiv(state: &mut State, x: Arg, c: i64) -> Arg {
    let (multiplier, shift) = magic(c as u64);
    let known = state.ints(x).floordiv(crate::ints::Int64::exact(c));
    let negative = state.ints(x).lo < 0;
    let sixty_three = state.int(63);
    let sign = if negative {
        op(state, Opcode::IntShr, x, sixty_three)
    } else {
        Arg::NONE
    };
    let n = if negative {
        op(state, Opcode::IntXor, x, sign)
    } else {
        x
    };
    let factor = state.int(multiplier as i64);
    let mut q = op(state, Opcode::IntMulhi, n, factor);
    if multiplier >> 63 == 1 {
        // The signed product took the multiplier as 2^64 less.
        q = op(state, Opcode::IntAdd, q, n);
    }
    if shift > 0 {
        let shift = state.int(shift as i64);
        q = op(state, Opcode::IntUshr, q, shift);
    }
    if negative {
        q = op(state, Opcode::IntXor, q, sign);
    }
    if q.as_var().is_some() {
        state.known_mut(q).ints = known;
    }
    q
}

/// A pure operation, unless its value is there already.
fn op(state: &mut State, code: Opcode, a: Arg, b: Arg) -> Arg {
    let (a, b) = if code.info().commutative && b < a {
        (b, a)
    } else {
        (a, b)
    };
    if state.input.options.pure
        && let Some(known) = state.pure.get(&(code, a, b))
    {
        return state.resolve(*known);
    }
    let result = state.emit(code, [a, b, Arg::NONE], DescrId::NONE, ExitId::NONE);
    let ints = super::fold::transfer(state, code, a, b);
    state.known_mut(result).ints = ints;
    if state.input.options.pure {
        state.pure.insert((code, a, b), result);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::magic;

    #[test]
    fn multiplying_divides() {
        let edges = [
            0u64,
            1,
            2,
            3,
            9,
            10,
            11,
            999_999,
            1 << 32,
            (1 << 62) + 12_345,
            (1 << 63) - 2,
            (1 << 63) - 1,
        ];
        for c in (2..2000).chain([
            1_000_003,
            1 << 40,
            (1 << 40) + 1,
            (1 << 62) - 1,
            (1 << 63) - 1,
        ]) {
            let (multiplier, shift) = magic(c);
            let multiples = [1, 2, 3, 1000].map(|k: u64| k.saturating_mul(c).min((1 << 63) - 1));
            for n in edges
                .iter()
                .copied()
                .chain(multiples)
                .chain(multiples.map(|m| m - 1))
            {
                let q = ((n as u128 * multiplier as u128) >> 64) as u64 >> shift;
                assert_eq!(q, n / c, "{n} / {c}");
            }
        }
    }
}
