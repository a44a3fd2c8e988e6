//! What is known of an integer: an interval and known bits, kept consistent with each other.
//!
//! The functions are written for any width `W` up to 64, so that the tests can try every abstract and
//! every concrete value at a few bits. A value is held sign-extended in an `i64`; the two bit masks
//! hold the low `W` bits only.
//!
//! Invariant N1: for every concrete value `v` that an operand may have, the result of a transfer
//! function contains the concrete result. Wrapping and leaving at overflow are different functions.

/// Interval and known bits of a `W`-bit integer. Emptiness is found where it is cheap only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ints<const W: u32> {
    /// Smallest possible value.
    pub lo: i64,
    /// Largest possible value.
    pub hi: i64,
    /// Bits that are 0.
    pub zeros: u64,
    /// Bits that are 1.
    pub ones: u64,
}

/// The integers of the IR.
pub type Int64 = Ints<64>;

/// The comparisons a guard can make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Ult,
    Uge,
}

impl Relation {
    /// Every relation, for tests.
    pub const ALL: [Relation; 8] = {
        use Relation::*;
        [Eq, Ne, Lt, Le, Gt, Ge, Ult, Uge]
    };
    /// Whether two concrete values are in this relation.
    pub fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Relation::Eq => a == b,
            Relation::Ne => a != b,
            Relation::Lt => a < b,
            Relation::Le => a <= b,
            Relation::Gt => a > b,
            Relation::Ge => a >= b,
            Relation::Ult => (a as u64) < b as u64,
            Relation::Uge => a as u64 >= b as u64,
        }
    }
}

// The names are those of the operations; the traits of operators would hide which ones wrap.
#[allow(clippy::should_implement_trait)]
impl<const W: u32> Ints<W> {
    /// Smallest value of the width.
    pub const MIN: i64 = (-1i64) << (W - 1);
    /// Largest value of the width.
    pub const MAX: i64 = !Self::MIN;
    const MASK: u64 = !0 >> (64 - W);

    /// Nothing is known.
    pub const FULL: Self = Self {
        lo: Self::MIN,
        hi: Self::MAX,
        zeros: 0,
        ones: 0,
    };

    /// Exactly `v`.
    pub fn exact(v: i64) -> Self {
        let bits = v as u64 & Self::MASK;
        Self {
            lo: v,
            hi: v,
            zeros: !bits & Self::MASK,
            ones: bits,
        }
    }
    /// All values from `lo` to `hi`, both included.
    pub fn range(lo: i64, hi: i64) -> Self {
        Self {
            lo,
            hi,
            ..Self::FULL
        }
        .settle()
        .expect("lo is not above hi")
    }
    /// The range if both ends fit the width, else nothing.
    fn range_or_full(lo: i128, hi: i128) -> Self {
        if lo >= Self::MIN as i128 && hi <= Self::MAX as i128 {
            Self::range(lo as i64, hi as i64)
        } else {
            Self::FULL
        }
    }
    fn bits(zeros: u64, ones: u64) -> Self {
        Self {
            zeros: zeros & Self::MASK,
            ones: ones & Self::MASK,
            ..Self::FULL
        }
        .settle()
        .expect("bits come from a possible value")
    }
    /// The only possible value.
    pub fn constant(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }
    /// Whether `v` is possible.
    pub fn contains(self, v: i64) -> bool {
        let bits = v as u64 & Self::MASK;
        self.lo <= v && v <= self.hi && bits & self.zeros == 0 && !bits & self.ones == 0
    }
    /// Whether every value possible here is possible in `other`.
    pub fn implies(self, other: Self) -> bool {
        self.lo >= other.lo
            && self.hi <= other.hi
            && self.zeros & other.zeros == other.zeros
            && self.ones & other.ones == other.ones
    }
    fn sign_extend(bits: u64) -> i64 {
        ((bits << (64 - W)) as i64) >> (64 - W)
    }
    /// Lets the interval and the bits tell each other what they know; `None` when no value is left.
    fn settle(mut self) -> Option<Self> {
        if self.lo > self.hi || self.zeros & self.ones != 0 {
            return None;
        }
        let sign = 1u64 << (W - 1);
        if (self.zeros | self.ones) != 0 {
            let unknown = Self::MASK & !(self.zeros | self.ones);
            let least = Self::sign_extend(self.ones | (unknown & sign));
            let most = Self::sign_extend(self.ones | (unknown & !sign));
            self.lo = self.lo.max(least);
            self.hi = self.hi.min(most);
            if self.lo > self.hi {
                return None;
            }
        }
        let differ = (self.lo ^ self.hi) as u64 & Self::MASK;
        if differ & sign == 0 {
            // The bits above the highest one that differs are those of both ends.
            let known = Self::MASK & !((!0u64).checked_shr(differ.leading_zeros()).unwrap_or(0));
            let low = self.lo as u64;
            self.ones |= low & known;
            self.zeros |= !low & known;
            if self.zeros & self.ones != 0 {
                return None;
            }
        }
        Some(self)
    }
    /// What holds if both hold; `None` when nothing can.
    pub fn and_also(self, other: Self) -> Option<Self> {
        Self {
            lo: self.lo.max(other.lo),
            hi: self.hi.min(other.hi),
            zeros: self.zeros | other.zeros,
            ones: self.ones | other.ones,
        }
        .settle()
    }
    fn at_least(self, lo: i64) -> Option<Self> {
        Self {
            lo: self.lo.max(lo),
            ..self
        }
        .settle()
    }
    fn at_most(self, hi: i64) -> Option<Self> {
        Self {
            hi: self.hi.min(hi),
            ..self
        }
        .settle()
    }
    /// Both hold. An operand with no value left belongs to code that cannot run: any answer is right.
    fn within(self, other: Self) -> Self {
        self.and_also(other).unwrap_or(self)
    }

    fn add_bits(a: Self, b_zeros: u64, b_ones: u64, carry: bool) -> Self {
        // The sum with every unknown bit 1 and the one with every unknown bit 0 bracket each carry.
        let most = (!a.zeros & Self::MASK)
            .wrapping_add(!b_zeros & Self::MASK)
            .wrapping_add(carry as u64);
        let least = a.ones.wrapping_add(b_ones).wrapping_add(carry as u64);
        let carry_zero = !(most ^ a.zeros ^ b_zeros);
        let carry_one = least ^ a.ones ^ b_ones;
        let known = (a.zeros | a.ones) & (b_zeros | b_ones) & (carry_zero | carry_one);
        Self::bits(!most & known, least & known)
    }
    /// Exact bounds of the sum, in more bits than the width has.
    fn sum(self, b: Self) -> (i128, i128) {
        (
            self.lo as i128 + b.lo as i128,
            self.hi as i128 + b.hi as i128,
        )
    }
    fn difference(self, b: Self) -> (i128, i128) {
        (
            self.lo as i128 - b.hi as i128,
            self.hi as i128 - b.lo as i128,
        )
    }
    fn product(self, b: Self) -> (i128, i128) {
        let corners = [
            self.lo as i128 * b.lo as i128,
            self.lo as i128 * b.hi as i128,
            self.hi as i128 * b.lo as i128,
            self.hi as i128 * b.hi as i128,
        ];
        let lo = corners.iter().fold(corners[0], |m, c| m.min(*c));
        (lo, corners.iter().fold(corners[0], |m, c| m.max(*c)))
    }
    fn trailing_zeros(self) -> u32 {
        (!self.zeros).trailing_zeros().min(W)
    }
    /// Wrapping sum.
    pub fn add(self, b: Self) -> Self {
        let (lo, hi) = self.sum(b);
        Self::range_or_full(lo, hi).within(Self::add_bits(self, b.zeros, b.ones, false))
    }
    /// Wrapping difference.
    pub fn sub(self, b: Self) -> Self {
        let (lo, hi) = self.difference(b);
        Self::range_or_full(lo, hi).within(Self::add_bits(self, b.ones, b.zeros, true))
    }
    /// Wrapping product.
    pub fn mul(self, b: Self) -> Self {
        let (lo, hi) = self.product(b);
        let zeros = self.trailing_zeros() + b.trailing_zeros();
        let low = if zeros >= 64 { !0 } else { (1u64 << zeros) - 1 };
        Self::range_or_full(lo, hi).within(Self::bits(low, 0))
    }
    fn fits(lo: i128, hi: i128) -> Overflow {
        if lo >= Self::MIN as i128 && hi <= Self::MAX as i128 {
            Overflow::Never
        } else if hi < Self::MIN as i128 || lo > Self::MAX as i128 {
            Overflow::Always
        } else {
            Overflow::Maybe
        }
    }
    /// Whether the sum can leave the width.
    pub fn add_overflows(self, b: Self) -> Overflow {
        let (lo, hi) = self.sum(b);
        Self::fits(lo, hi)
    }
    /// Whether the difference can leave the width.
    pub fn sub_overflows(self, b: Self) -> Overflow {
        let (lo, hi) = self.difference(b);
        Self::fits(lo, hi)
    }
    /// Whether the product can leave the width.
    pub fn mul_overflows(self, b: Self) -> Overflow {
        let (lo, hi) = self.product(b);
        Self::fits(lo, hi)
    }
    fn clamped(lo: i128, hi: i128) -> Self {
        let clamp = |v: i128| v.clamp(Self::MIN as i128, Self::MAX as i128) as i64;
        Self::range(clamp(lo), clamp(hi))
    }
    /// The sum, given that it did not overflow.
    pub fn add_exact(self, b: Self) -> Option<Self> {
        let (lo, hi) = self.sum(b);
        Self::clamped(lo, hi).and_also(Self::add_bits(self, b.zeros, b.ones, false))
    }
    /// The difference, given that it did not overflow.
    pub fn sub_exact(self, b: Self) -> Option<Self> {
        let (lo, hi) = self.difference(b);
        Self::clamped(lo, hi).and_also(Self::add_bits(self, b.ones, b.zeros, true))
    }
    /// The product, given that it did not overflow.
    pub fn mul_exact(self, b: Self) -> Option<Self> {
        let (lo, hi) = self.product(b);
        Self::clamped(lo, hi).and_also(self.mul(b))
    }
    /// The upper half of the product of twice the width.
    pub fn mulhi(self, b: Self) -> Self {
        let (lo, hi) = self.product(b);
        Self::range((lo >> W) as i64, (hi >> W) as i64)
    }
    /// Bitwise and.
    pub fn and(self, b: Self) -> Self {
        let mut r = Self::bits(self.zeros | b.zeros, self.ones & b.ones);
        for x in [self, b] {
            if x.lo >= 0 {
                r = r.within(Self::range(0, x.hi));
            }
        }
        r
    }
    /// Bitwise or.
    pub fn or(self, b: Self) -> Self {
        Self::bits(self.zeros & b.zeros, self.ones | b.ones)
    }
    /// Bitwise exclusive or.
    pub fn xor(self, b: Self) -> Self {
        Self::bits(
            (self.zeros & b.zeros) | (self.ones & b.ones),
            (self.zeros & b.ones) | (self.ones & b.zeros),
        )
    }
    fn shift_of(b: Self) -> Option<u32> {
        b.constant()
            .filter(|k| (0..W as i64).contains(k))
            .map(|k| k as u32)
    }
    /// Shift left; nothing is known unless the distance is a constant below the width.
    pub fn shl(self, b: Self) -> Self {
        let Some(k) = Self::shift_of(b) else {
            return Self::FULL;
        };
        let low = (1u64 << k) - 1;
        Self::range_or_full((self.lo as i128) << k, (self.hi as i128) << k)
            .within(Self::bits((self.zeros << k) | low, self.ones << k))
    }
    /// Arithmetic shift right.
    pub fn shr(self, b: Self) -> Self {
        let Some(k) = Self::shift_of(b) else {
            return Self::FULL;
        };
        Self::range(self.lo >> k, self.hi >> k)
    }
    /// Logical shift right.
    pub fn ushr(self, b: Self) -> Self {
        let Some(k) = Self::shift_of(b) else {
            return Self::FULL;
        };
        if k == 0 || self.lo >= 0 {
            return self.shr(b);
        }
        let top = Self::MASK & !(Self::MASK >> k);
        Self::bits((self.zeros >> k) | top, self.ones >> k)
    }
    /// Wrapping negation.
    pub fn neg(self) -> Self {
        Self::exact(0).sub(self)
    }
    /// Bitwise complement.
    pub fn invert(self) -> Self {
        Self {
            lo: !self.hi,
            hi: !self.lo,
            zeros: self.ones,
            ones: self.zeros,
        }
    }
    /// Division rounding down; the divisor is not 0 and the result fits.
    pub fn floordiv(self, b: Self) -> Self {
        if b.lo <= 0 {
            return Self::FULL;
        }
        let corners = [
            self.lo.div_euclid(b.lo),
            self.lo.div_euclid(b.hi),
            self.hi.div_euclid(b.lo),
            self.hi.div_euclid(b.hi),
        ];
        let lo = corners.iter().fold(corners[0], |m, c| m.min(*c));
        Self::range(lo, corners.iter().fold(corners[0], |m, c| m.max(*c)))
    }
    /// Remainder with the sign of the divisor, which is not 0.
    pub fn modulo(self, b: Self) -> Self {
        if b.lo > 0 {
            if self.lo >= 0 && self.hi < b.lo {
                return self;
            }
            let hi = if self.lo >= 0 {
                self.hi.min(b.hi - 1)
            } else {
                b.hi - 1
            };
            Self::range(0, hi)
        } else if b.hi < 0 {
            Self::range(b.lo + 1, 0)
        } else {
            Self::FULL
        }
    }

    /// Whether `self relation b` is known.
    pub fn decide(self, relation: Relation, b: Self) -> Option<bool> {
        let lt = |a: Self, b: Self| {
            if a.hi < b.lo {
                Some(true)
            } else if a.lo >= b.hi {
                Some(false)
            } else {
                None
            }
        };
        let not = |x: Option<bool>| x.map(|x| !x);
        let eq = || match (self.constant(), b.constant()) {
            (Some(x), Some(y)) => Some(x == y),
            _ if self.and_also(b).is_none() => Some(false),
            _ => None,
        };
        let ult = || {
            if self.lo >= 0 && b.lo >= 0 {
                lt(self, b)
            } else if self.lo >= 0 && b.hi < 0 {
                Some(true)
            } else if self.hi < 0 && b.lo >= 0 {
                Some(false)
            } else if self.hi < 0 && b.hi < 0 {
                lt(self, b)
            } else {
                None
            }
        };
        match relation {
            Relation::Eq => eq(),
            Relation::Ne => not(eq()),
            Relation::Lt => lt(self, b),
            Relation::Le => not(lt(b, self)),
            Relation::Gt => lt(b, self),
            Relation::Ge => not(lt(self, b)),
            Relation::Ult => ult(),
            Relation::Uge => not(ult()),
        }
    }
    /// What both operands are once `self relation b` holds; `None` when it cannot.
    pub fn learn(self, relation: Relation, b: Self) -> Option<(Self, Self)> {
        let less = |a: Self, b: Self, gap: i64| {
            let (hi, lo) = (b.hi.checked_sub(gap)?, a.lo.checked_add(gap)?);
            Some((a.at_most(hi)?, b.at_least(lo)?))
        };
        let without = |a: Self, b: Self| match b.constant() {
            Some(v) if v == a.lo && v == a.hi => None,
            Some(v) if v == a.lo => a.at_least(v + 1),
            Some(v) if v == a.hi => a.at_most(v - 1),
            _ => Some(a),
        };
        let swap = |(x, y)| (y, x);
        match relation {
            Relation::Eq => {
                let both = self.and_also(b)?;
                Some((both, both))
            }
            Relation::Ne => Some((without(self, b)?, without(b, self)?)),
            Relation::Lt => less(self, b, 1),
            Relation::Le => less(self, b, 0),
            Relation::Gt => less(b, self, 1).map(swap),
            Relation::Ge => less(b, self, 0).map(swap),
            // With a bound that is not negative, both comparisons are one of the signed kind.
            Relation::Ult if b.lo >= 0 => less(self.at_least(0)?, b, 1),
            Relation::Uge if self.lo >= 0 => less(b.at_least(0)?, self, 0).map(swap),
            Relation::Ult | Relation::Uge => Some((self, b)),
        }
    }
}

/// Whether an operation leaves the width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overflow {
    Never,
    Maybe,
    Always,
}

#[cfg(test)]
mod tests;
