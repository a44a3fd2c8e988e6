//! `math`: functions of ints.

use crate::args::bind;
use crate::rt::*;
use dashu_int::IBig;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{ANY, Quiet, fn1, fn2, kw, var};
use ouro_py_objects::{
    Access, BinOp, BuiltinDef, Errors, Kw, PyResult, Vm, float as floats, int as ints, layout::*,
};

pub static FUNCTIONS: &[BuiltinDef] = &[
    fn1("factorial", factorial).quiet(Quiet::OfPlain),
    fn1("isqrt", isqrt).quiet(Quiet::OfPlain),
    var("gcd", 0, ANY, gcd).quiet(Quiet::OfPlain),
    var("lcm", 0, ANY, lcm).quiet(Quiet::OfPlain),
    fn2("comb", comb).quiet(Quiet::OfPlain),
    fn2("perm", perm).quiet(Quiet::OfPlain).opt(1),
    kw("prod", prod),
];

/// Bits of the magnitude.
pub fn bit_length(v: &IBig) -> usize {
    use dashu_int::ops::BitTest;
    v.clone().into_parts().1.bit_len()
}
fn factorial(vm: &'static Vm, v: Gc) -> PyResult {
    let n = ints::index(vm, v)?;
    if n.is_negative() {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    let Some(n) = n.small().filter(|&n| n <= i64::from(i32::MAX)) else {
        return Err(vm.overflow_error("factorial() argument should not exceed 9223372036854775807"));
    };
    Ok(ints::from_big(vm, &product(2, n as u64)))
}
/// The product of `low..=high` by halves, so that factors stay of equal size.
fn product(low: u64, high: u64) -> IBig {
    if low > high {
        return IBig::ONE;
    }
    if high - low < 8 {
        return (low..=high).fold(IBig::ONE, |p, n| p * n);
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}
fn isqrt(vm: &'static Vm, v: Gc) -> PyResult {
    let n = ints::index(vm, v)?;
    if n.is_negative() {
        return Err(vm.value_error("isqrt() argument must be nonnegative"));
    }
    if let Some(n) = n.small() {
        return Ok(int(vm, n.isqrt()));
    }
    // Newton's iteration from above.
    let n = n.big();
    let mut x = IBig::ONE << bit_length(&n).div_ceil(2);
    loop {
        let y: IBig = (&x + &n / &x) >> 1usize;
        if y >= x {
            return Ok(ints::from_big(vm, &x));
        }
        x = y;
    }
}
fn gcd_of(a: Int, b: Int) -> Int {
    if let (Some(a), Some(b)) = (a.small(), b.small()) {
        let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        return i64::try_from(a).map_or_else(|_| Int::Big(IBig::from(a)), Int::Small);
    }
    let magnitude = |v: &Int| v.big().into_parts().1;
    let (mut a, mut b) = (magnitude(&a), magnitude(&b));
    while !b.is_zero() {
        let r = &a % &b;
        a = b;
        b = r;
    }
    Int::Big(IBig::from(a))
}
fn gcd(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let mut result = Int::Small(0);
    for &a in args {
        result = gcd_of(result, ints::index(vm, a)?);
    }
    Ok(result.object(vm))
}
fn lcm(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let mut result = IBig::ONE;
    for &a in args {
        let a = ints::index(vm, a)?.big();
        if a.is_zero() || result.is_zero() {
            result = IBig::ZERO;
            continue;
        }
        let g = gcd_of(Int::Big(result.clone()), Int::Big(a.clone())).big();
        result = result / g * a;
        if result < IBig::ZERO {
            result = -result;
        }
    }
    Ok(ints::from_big(vm, &result))
}
fn counts(vm: &'static Vm, n: Gc, k: Gc) -> PyResult<(Int, Int)> {
    let (n, k) = (ints::index(vm, n)?, ints::index(vm, k)?);
    for (v, what) in [(&n, "n"), (&k, "k")] {
        if v.is_negative() {
            return Err(vm.value_error(format_args!("{what} must be a non-negative integer")));
        }
    }
    Ok((n, k))
}
fn comb(vm: &'static Vm, n: Gc, k: Gc) -> PyResult {
    let (n, mut k) = counts(vm, n, k)?;
    if k.order(&n).is_gt() {
        return Ok(int(vm, 0));
    }
    let other = Int::Big(n.big() - k.big());
    if other.order(&k).is_lt() {
        k = other;
    }
    let small = i64::try_from(k.big()).ok();
    let Some(k) = small else {
        return Err(vm.overflow_error("min(n - k, k) must not exceed 9223372036854775807"));
    };
    let n = n.big();
    let mut result = IBig::ONE;
    for i in 0..k {
        result = result * (&n - i) / (i + 1);
    }
    Ok(ints::from_big(vm, &result))
}
fn perm(vm: &'static Vm, n: Gc, k: Gc) -> PyResult {
    if absent(vm, k) {
        return factorial(vm, n);
    }
    let (n, k) = counts(vm, n, k)?;
    if k.order(&n).is_gt() {
        return Ok(int(vm, 0));
    }
    let Some(k) = k.small() else {
        return Err(vm.overflow_error("k must not exceed 9223372036854775807"));
    };
    let n = n.big();
    let mut result = IBig::ONE;
    for i in 0..k {
        result *= &n - i;
    }
    Ok(ints::from_big(vm, &result))
}
fn prod(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [iterable, start] = bind(vm, "prod", ["iterable", "*start"], 1, args, keywords)?;
    let mut result = if start.is_null() { int(vm, 1) } else { start };
    let it = iter(vm, iterable)?;
    while let Some(v) = next(vm, it)? {
        if result.is::<WFloat>() && v.is::<WFloat>() {
            result = floats::new(vm, result.get(WFloat::VALUE) * v.get(WFloat::VALUE));
            continue;
        }
        result = binary(vm, BinOp::Mul, result, v)?;
    }
    Ok(result)
}
