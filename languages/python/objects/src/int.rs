//! int: values of any size as [`Int`], conversions, arithmetic. Text in `int_text.rs`, methods in `int_methods.rs`.
//!
//! Invariant I1: an int that fits 64 bits is a `WInt` (or a bool), any other is a `WBigInt`.

use crate::access::{Access, alloc, alloc_var};
use crate::layout::*;
use crate::special::{BinOp, CmpOp, Special};
use crate::{Errors, PyResult, Vm, type_of};
use dashu_int::ops::{BitTest, DivRem};
use dashu_int::{IBig, Sign, UBig};
use ouro_gc::Gc;
use std::cmp::Ordering;

/// The value of an int.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    /// Fits 64 bits.
    Small(i64),
    /// Any value; not normalised.
    Big(IBig),
}

impl Int {
    /// As a big number.
    pub fn big(&self) -> IBig {
        match self {
            Int::Small(v) => IBig::from(*v),
            Int::Big(v) => v.clone(),
        }
    }
    /// As [`Int::big`] without a copy.
    pub fn into_big(self) -> IBig {
        match self {
            Int::Small(v) => IBig::from(v),
            Int::Big(v) => v,
        }
    }
    /// As 64 bits, if it fits.
    pub fn small(&self) -> Option<i64> {
        match self {
            Int::Small(v) => Some(*v),
            Int::Big(v) => i64::try_from(v).ok(),
        }
    }
    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        match self {
            Int::Small(v) => *v < 0,
            Int::Big(v) => v.sign() == Sign::Negative,
        }
    }
    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.small() == Some(0)
    }
    /// The order of two ints.
    pub fn order(&self, other: &Int) -> Ordering {
        match (self, other) {
            (Int::Small(a), Int::Small(b)) => a.cmp(b),
            (Int::Big(a), Int::Big(b)) => a.cmp(b),
            _ => self.big().cmp(&other.big()),
        }
    }
    /// The nearest float, ties to even; infinite if too large.
    pub fn to_f64(&self) -> f64 {
        match self {
            Int::Small(v) => *v as f64,
            Int::Big(v) => big_to_f64(v),
        }
    }
    /// The object.
    pub fn object(self, vm: &'static Vm) -> Gc {
        match self {
            Int::Small(v) => new(vm, v),
            Int::Big(v) => from_big(vm, &v),
        }
    }
}

fn big_to_f64(v: &IBig) -> f64 {
    let (sign, magnitude) = v.clone().into_parts();
    let bits = magnitude.bit_len();
    let magnitude = if bits <= 64 {
        u64::try_from(&magnitude).map_or(0.0, |m| m as f64)
    } else if bits > 1024 {
        f64::INFINITY
    } else {
        // Keep 64 bits and make the last one sticky: the conversion of 64 bits rounds once, to nearest even.
        let shift = bits - 64;
        let top = u64::try_from(&(&magnitude >> shift)).unwrap_or(u64::MAX);
        let sticky = magnitude.trailing_zeros().is_some_and(|z| z < shift);
        (top | sticky as u64) as f64 * 2f64.powi(shift as i32)
    };
    if sign == Sign::Negative {
        -magnitude
    } else {
        magnitude
    }
}

/// An int object.
#[inline(always)]
pub fn new(vm: &'static Vm, v: i64) -> Gc {
    alloc::<WInt>(vm).init(WInt::VALUE, v)
}
/// An int object of an unsigned number.
pub fn from_u64(vm: &'static Vm, v: u64) -> Gc {
    match i64::try_from(v) {
        Ok(v) => new(vm, v),
        Err(_) => from_big(vm, &IBig::from(v)),
    }
}
/// An int object of any size.
pub fn from_big(vm: &'static Vm, v: &IBig) -> Gc {
    if let Ok(small) = i64::try_from(v) {
        return new(vm, small);
    }
    let (sign, words) = v.as_sign_words();
    let object = alloc_var::<WBigInt>(vm, words.len());
    object.init(WBigInt::NEGATIVE, (sign == Sign::Negative) as i64);
    object.items_mut(&BIGINT).copy_from_slice(words);
    object
}
/// An int object of a 128-bit number.
pub fn from_i128(vm: &'static Vm, v: i128) -> Gc {
    match i64::try_from(v) {
        Ok(v) => new(vm, v),
        Err(_) => from_big(vm, &IBig::from(v)),
    }
}
fn load_big(object: Gc) -> IBig {
    let sign = if object.get(WBigInt::NEGATIVE) != 0 {
        Sign::Negative
    } else {
        Sign::Positive
    };
    IBig::from_parts(sign, UBig::from_words(object.items(&BIGINT)))
}
/// The value of an int, a bool, or an instance of a subclass.
#[inline]
pub fn get(object: Gc) -> Option<Int> {
    let object = crate::payload(object);
    if object.is::<WInt>() {
        Some(Int::Small(object.get(WInt::VALUE)))
    } else if object.is::<WBool>() {
        Some(Int::Small(object.get(WBool::VALUE)))
    } else if object.is::<WBigInt>() {
        Some(Int::Big(load_big(object)))
    } else {
        None
    }
}
/// The value of an exact int that fits 64 bits.
#[inline(always)]
pub fn small(object: Gc) -> Option<i64> {
    object.is::<WInt>().then(|| object.get(WInt::VALUE))
}
/// Whether the object is an int.
pub fn is_int(object: Gc) -> bool {
    let object = crate::payload(object);
    object.is::<WInt>() || object.is::<WBool>() || object.is::<WBigInt>()
}
/// `operator.index(object)`.
///
/// # Errors
/// TypeError if there is no `__index__`.
pub fn index(vm: &'static Vm, object: Gc) -> PyResult<Int> {
    if let Some(v) = get(object) {
        return Ok(v);
    }
    match crate::call::call_special(vm, object, Special::Index, &[])? {
        Some(r) => match get(r) {
            Some(v) => Ok(v),
            None => Err(vm.type_error(format_args!(
                "__index__ returned non-int (type {})",
                type_of(vm, r).text()
            ))),
        },
        None => Err(vm.type_error(format_args!(
            "'{}' object cannot be interpreted as an integer",
            type_of(vm, object).text()
        ))),
    }
}
/// Whether the object can be an index.
pub fn has_index(vm: &'static Vm, object: Gc) -> bool {
    is_int(object) || !type_of(vm, object).special(vm, Special::Index).is_null()
}
/// An index as 64 bits.
///
/// # Errors
/// OverflowError if it does not fit.
pub fn to_i64(vm: &'static Vm, object: Gc) -> PyResult<i64> {
    if let Some(v) = small(object) {
        return Ok(v);
    }
    let v = index(vm, object)?;
    v.small()
        .ok_or_else(|| vm.overflow_error("Python int too large to convert to C long"))
}
/// An argument of a method that is a `ssize_t`: a place, a count, a width.
///
/// # Errors
/// TypeError; OverflowError with CPython's text for arguments.
pub fn to_argument(vm: &'static Vm, object: Gc) -> PyResult<i64> {
    if let Some(v) = small(object) {
        return Ok(v);
    }
    index(vm, object)?
        .small()
        .ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t"))
}
/// An index as `ssize_t`.
///
/// # Errors
/// OverflowError with CPython's text for sizes, or IndexError if `for_item`.
pub fn to_size(vm: &'static Vm, object: Gc, for_item: bool) -> PyResult<i64> {
    if let Some(v) = small(object) {
        return Ok(v);
    }
    index(vm, object)?.small().ok_or_else(|| {
        let text = format!(
            "cannot fit '{}' into an index-sized integer",
            type_of(vm, object).text()
        );
        if for_item {
            vm.index_error(text)
        } else {
            vm.overflow_error(text)
        }
    })
}
/// An index clipped to 64 bits, as slices use it.
pub fn clipped(vm: &'static Vm, object: Gc) -> PyResult<i64> {
    let v = index(vm, object)?;
    Ok(v.small()
        .unwrap_or(if v.is_negative() { i64::MIN } else { i64::MAX }))
}
/// A C `int` argument.
///
/// # Errors
/// OverflowError with CPython's text.
pub fn to_i32(vm: &'static Vm, object: Gc) -> PyResult<i32> {
    let v = index(vm, object)?
        .small()
        .and_then(|v| i32::try_from(v).ok());
    v.ok_or_else(|| vm.overflow_error("Python int too large to convert to C int"))
}

/// Division that rounds down; the divisor is not 0.
pub fn floor_div_rem(a: &IBig, b: &IBig) -> (IBig, IBig) {
    floor_div_rem_of(a.clone(), b)
}
/// As [`floor_div_rem`]; the remainder takes the place of the dividend.
fn floor_div_rem_of(a: IBig, b: &IBig) -> (IBig, IBig) {
    let (q, r) = a.div_rem(b);
    if r != IBig::ZERO && (r.sign() == Sign::Negative) != (b.sign() == Sign::Negative) {
        (q - IBig::ONE, r + b)
    } else {
        (q, r)
    }
}
fn zero_division(vm: &'static Vm, op: BinOp) -> Gc {
    vm.zero_division_error(match op {
        BinOp::TrueDiv => "division by zero",
        BinOp::Mod => "integer modulo by zero",
        BinOp::Pow => "0.0 cannot be raised to a negative power",
        _ => "integer division or modulo by zero",
    })
}

/// `a op b` for two ints.
///
/// # Errors
/// ZeroDivisionError, ValueError (negative shift), OverflowError, MemoryError.
pub fn arithmetic(vm: &'static Vm, op: BinOp, a: Int, b: Int) -> PyResult {
    if let (Int::Small(x), Int::Small(y)) = (&a, &b)
        && let Some(v) = small_arithmetic(vm, op, *x, *y)?
    {
        return Ok(v);
    }
    let result = match op {
        BinOp::Add => a.into_big() + b.into_big(),
        BinOp::Sub => a.into_big() - b.into_big(),
        BinOp::Mul => a.into_big() * b.into_big(),
        BinOp::And => a.into_big() & b.into_big(),
        BinOp::Or => a.into_big() | b.into_big(),
        BinOp::Xor => a.into_big() ^ b.into_big(),
        BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod => {
            if b.is_zero() {
                return Err(zero_division(vm, op));
            }
            let (q, r) = floor_div_rem_of(a.into_big(), &b.into_big());
            match op {
                BinOp::FloorDiv => q,
                BinOp::Mod => r,
                _ => return Ok(crate::tuple::new(vm, &[from_big(vm, &q), from_big(vm, &r)])),
            }
        }
        BinOp::TrueDiv => return true_div(vm, &a, &b),
        BinOp::LShift => return shift_left(vm, a, &b),
        BinOp::RShift => return shift_right(vm, a, &b),
        BinOp::Pow => return power(vm, &a, &b),
        BinOp::MatMul => return Ok(vm.world().not_implemented),
    };
    Ok(from_big(vm, &result))
}
fn small_arithmetic(vm: &'static Vm, op: BinOp, x: i64, y: i64) -> PyResult<Option<Gc>> {
    let floor = |x: i64, y: i64| {
        let (q, r) = (x / y, x % y);
        if r != 0 && (r < 0) != (y < 0) {
            (q - 1, r + y)
        } else {
            (q, r)
        }
    };
    let value = match op {
        BinOp::Add => x.checked_add(y),
        BinOp::Sub => x.checked_sub(y),
        BinOp::Mul => x.checked_mul(y),
        BinOp::And => Some(x & y),
        BinOp::Or => Some(x | y),
        BinOp::Xor => Some(x ^ y),
        BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod if y == 0 => {
            return Err(zero_division(vm, op));
        }
        BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod if y == -1 && x == i64::MIN => None,
        BinOp::FloorDiv => Some(floor(x, y).0),
        BinOp::Mod => Some(floor(x, y).1),
        BinOp::DivMod => {
            let (q, r) = floor(x, y);
            return Ok(Some(crate::tuple::new(vm, &[new(vm, q), new(vm, r)])));
        }
        BinOp::TrueDiv if y != 0 && x.unsigned_abs() <= 1 << 53 && y.unsigned_abs() <= 1 << 53 => {
            return Ok(Some(crate::float::new(vm, x as f64 / y as f64)));
        }
        BinOp::LShift if (0..63).contains(&y) && (x << y) >> y == x => Some(x << y),
        BinOp::RShift if y >= 0 => Some(x >> y.min(63)),
        BinOp::Pow if y >= 0 => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
        _ => None,
    };
    Ok(value.map(|v| new(vm, v)))
}
fn shift_left(vm: &'static Vm, a: Int, b: &Int) -> PyResult {
    if b.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    if a.is_zero() {
        return Ok(new(vm, 0));
    }
    match b.small() {
        Some(n) if n < 1 << 40 => {
            crate::error::check_room(vm, n as usize / 8)?;
            Ok(from_big(vm, &(a.into_big() << n as usize)))
        }
        Some(_) => Err(crate::error::memory_error(vm)),
        None => Err(vm.overflow_error("too many digits in integer")),
    }
}
/// Rounds down.
fn shift_right(vm: &'static Vm, a: Int, b: &Int) -> PyResult {
    if b.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    let rest = if a.is_negative() { -1 } else { 0 };
    let value = a.into_big();
    match b.small() {
        Some(n) if (n as usize) <= value.bit_len() + 1 => Ok(from_big(vm, &(value >> n as usize))),
        _ => Ok(new(vm, rest)),
    }
}
fn power(vm: &'static Vm, a: &Int, b: &Int) -> PyResult {
    if b.is_negative() {
        let (x, y) = (
            crate::float::from_int(vm, a)?,
            crate::float::from_int(vm, b)?,
        );
        return crate::float::power(vm, x, y);
    }
    let base = a.big();
    let Some(exponent) = b.small() else {
        return match a.small() {
            Some(v @ 0..=1) => Ok(new(vm, v)),
            Some(-1) => Ok(new(vm, if b.big().bit(0) { -1 } else { 1 })),
            _ => Err(crate::error::memory_error(vm)),
        };
    };
    if base.bit_len() > 1 {
        // The least number of bits that the result can have.
        let bits = (base.bit_len() as u128 - 1) * exponent as u128;
        let bytes = usize::try_from(bits / 8).unwrap_or(usize::MAX);
        crate::error::check_room(vm, bytes)?;
    }
    Ok(from_big(vm, &base.pow(exponent as usize)))
}
/// `pow(a, b, m)`.
///
/// # Errors
/// ValueError (modulus 0, no inverse).
pub fn power_mod(vm: &'static Vm, a: &Int, b: &Int, m: &Int) -> PyResult {
    let modulus = m.big();
    if modulus == IBig::ZERO {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    let (sign, magnitude) = modulus.clone().into_parts();
    let mut base = floor_div_rem(&a.big(), &IBig::from(magnitude.clone())).1;
    let mut exponent = b.big();
    if exponent.sign() == Sign::Negative {
        base = inverse(&base, &IBig::from(magnitude.clone()))
            .ok_or_else(|| vm.value_error("base is not invertible for the given modulus"))?;
        exponent = -exponent;
    }
    let mut result = IBig::from(1) % IBig::from(magnitude.clone());
    let modulo = IBig::from(magnitude);
    for bit in (0..exponent.bit_len()).rev() {
        result = (&result * &result) % &modulo;
        if exponent.bit(bit) {
            result = (result * &base) % &modulo;
        }
    }
    if sign == Sign::Negative && result != IBig::ZERO {
        result += modulus;
    }
    Ok(from_big(vm, &result))
}
fn inverse(a: &IBig, m: &IBig) -> Option<IBig> {
    let (mut r0, mut r1) = (m.clone(), a.clone());
    let (mut t0, mut t1) = (IBig::ZERO, IBig::ONE);
    while r1 != IBig::ZERO {
        let (q, r) = floor_div_rem(&r0, &r1);
        let t = &t0 - &q * &t1;
        (r0, r1, t0, t1) = (r1, r, t1, t);
    }
    (r0 == IBig::ONE).then(|| floor_div_rem(&t0, m).1)
}
/// Correctly rounded quotient.
fn true_div(vm: &'static Vm, a: &Int, b: &Int) -> PyResult {
    if b.is_zero() {
        return Err(zero_division(vm, BinOp::TrueDiv));
    }
    let negative = a.is_negative() != b.is_negative();
    let (_, x) = a.big().into_parts();
    let (_, y) = b.big().into_parts();
    if x == UBig::ZERO {
        return Ok(crate::float::new(vm, if negative { -0.0 } else { 0.0 }));
    }
    let overflow = || vm.overflow_error("integer division result too large for a float");
    let d = x.bit_len() as i64 - y.bit_len() as i64;
    if d > 1025 {
        return Err(overflow());
    }
    if d < -1080 {
        return Ok(crate::float::new(vm, if negative { -0.0 } else { 0.0 }));
    }
    // The quotient gets 55 bits or more, but no bits below the least subnormal; the remainder makes the last one sticky.
    let shift = (55 - d).min(1076).max(-(1 << 20));
    let (n, m) = if shift >= 0 {
        (x << shift as usize, y)
    } else {
        (x, y << (-shift) as usize)
    };
    let (q, r) = n.div_rem(&m);
    let mut q = u64::try_from(&q).unwrap_or(u64::MAX);
    if r != UBig::ZERO {
        q |= 1;
    }
    // For subnormal results round by hand once, so that scaling is exact.
    let result = scale(q, -shift);
    if result.is_infinite() {
        return Err(overflow());
    }
    Ok(crate::float::new(
        vm,
        if negative { -result } else { result },
    ))
}
/// `q * 2**e`, rounded once to nearest even.
fn scale(q: u64, e: i64) -> f64 {
    let bits = 64 - q.leading_zeros() as i64;
    let least = -1074;
    // The number of low bits of q that the result cannot hold.
    let drop = (bits - 53).max(least - e).max(0);
    if drop == 0 {
        return two_to(q as f64, e);
    }
    if drop > 64 {
        return 0.0;
    }
    let (kept, rest) = if drop == 64 {
        (0, q)
    } else {
        (q >> drop, q & ((1 << drop) - 1))
    };
    let half = 1u64 << (drop - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    two_to((kept + up as u64) as f64, e + drop)
}
fn two_to(x: f64, e: i64) -> f64 {
    let mut x = x;
    let mut e = e;
    while e > 900 {
        x *= 2f64.powi(900);
        e -= 900;
    }
    while e < -900 {
        x *= 2f64.powi(-900);
        e += 900;
    }
    x * 2f64.powi(e as i32)
}
/// `a op b` for objects; NotImplemented unless both are ints.
pub fn binary(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    match (get(a), get(b)) {
        (Some(x), Some(y)) => arithmetic(vm, op, x, y),
        _ => Ok(vm.world().not_implemented),
    }
}
/// `a op b`; NotImplemented unless both are ints.
pub fn compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    match (get(a), get(b)) {
        (Some(x), Some(y)) => Ok(vm.world().bool(op.holds(x.order(&y)))),
        _ => Ok(vm.world().not_implemented),
    }
}
/// `hash(int)`: the value modulo 2**61 - 1, and -2 for -1.
pub fn hash_small(v: i64) -> i64 {
    const P: u64 = (1 << 61) - 1;
    let h = (v.unsigned_abs() % P) as i64;
    match if v < 0 { -h } else { h } {
        -1 => -2,
        h => h,
    }
}
/// As [`hash_small`] for any int.
pub fn hash(v: &Int) -> i64 {
    match v {
        Int::Small(v) => hash_small(*v),
        Int::Big(v) => {
            let p = IBig::from((1i64 << 61) - 1);
            let h = i64::try_from(&(v % p)).unwrap_or(0);
            if h == -1 { -2 } else { h }
        }
    }
}
/// A float's integral part as an int.
///
/// # Errors
/// OverflowError for infinities, ValueError for NaN.
pub fn from_f64(vm: &'static Vm, v: f64) -> PyResult {
    if v.is_nan() {
        return Err(vm.value_error("cannot convert float NaN to integer"));
    }
    if v.is_infinite() {
        return Err(vm.overflow_error("cannot convert float infinity to integer"));
    }
    Ok(from_big(vm, &integral(v)))
}
/// The integral part of a finite float.
pub fn integral(v: f64) -> IBig {
    if v.abs() < 9e18 {
        return IBig::from(v as i64);
    }
    let bits = v.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as usize - 1075;
    let mantissa = IBig::from((bits & ((1 << 52) - 1)) | 1 << 52) << exponent;
    if v < 0.0 { -mantissa } else { mantissa }
}
