//! `math`: functions of floats. Those of ints are in `math_ints`, gamma and the like in `math_special`.
//!
//! Transcendental functions are C's, as in CPython, so that results agree to the last bit.

use crate::args::bind;
use crate::modules::{libm, math_ints, math_special};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{Inline, Quiet, fn1, fn2, kw, var};
use ouro_py_objects::{
    Access, BuiltinDef, Errors, Kw, PyResult, Special, Vm, float as floats, int as ints, layout::*,
    type_of,
};

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put_functions(vm, module, math_ints::FUNCTIONS);
    for (name, v) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        let v = float(vm, v);
        put(vm, module, name, v);
    }
    Ok(())
}

/// A function of one float: an infinite result of a finite argument is "math range error" if `overflows` and "math
/// domain error" if not; a NaN of a number is always the latter.
fn unary(vm: &'static Vm, v: Gc, overflows: bool, f: fn(f64) -> f64) -> PyResult {
    let x = floats::to_f64(vm, v)?;
    let r = f(x);
    if r.is_nan() && !x.is_nan() || r.is_infinite() && x.is_finite() && !overflows {
        return Err(vm.value_error("math domain error"));
    }
    if r.is_infinite() && x.is_finite() {
        return Err(vm.overflow_error("math range error"));
    }
    Ok(float(vm, r))
}
macro_rules! unary {
    ($name:literal, $overflows:literal, $f:expr) => {
        fn1($name, |vm, v| unary(vm, v, $overflows, $f)).quiet(Quiet::OfPlain)
    };
}
fn pair(vm: &'static Vm, x: Gc, y: Gc) -> PyResult<(f64, f64)> {
    Ok((floats::to_f64(vm, x)?, floats::to_f64(vm, y)?))
}

static FUNCTIONS: &[BuiltinDef] = &[
    unary!("acos", false, |x| libm::acos(x)),
    unary!("acosh", false, |x| libm::acosh(x)),
    unary!("asin", false, |x| libm::asin(x)),
    unary!("asinh", false, |x| libm::asinh(x)),
    unary!("atan", false, |x| libm::atan(x)),
    unary!("atanh", false, |x| libm::atanh(x)),
    unary!("cbrt", false, |x| libm::cbrt(x)),
    unary!("cos", false, |x| libm::cos(x)),
    unary!("cosh", true, |x| libm::cosh(x)),
    unary!("erf", false, |x| libm::erf(x)),
    unary!("erfc", false, |x| libm::erfc(x)),
    unary!("exp", true, |x| libm::exp(x)),
    unary!("exp2", true, |x| libm::exp2(x)),
    unary!("expm1", true, |x| libm::expm1(x)),
    unary!("fabs", false, f64::abs),
    unary!("sin", false, |x| libm::sin(x)),
    unary!("sinh", true, |x| libm::sinh(x)),
    unary!("sqrt", false, f64::sqrt)
        .inline(Inline::Sqrt)
        .doc("Return the square root of x."),
    unary!("tan", false, |x| libm::tan(x)),
    unary!("tanh", false, |x| libm::tanh(x)),
    fn1("gamma", gamma).quiet(Quiet::OfPlain),
    fn1("lgamma", lgamma).quiet(Quiet::OfPlain),
    fn1("degrees", |vm, v| {
        Ok(float(
            vm,
            floats::to_f64(vm, v)? * (180.0 / std::f64::consts::PI),
        ))
    })
    .quiet(Quiet::OfPlain),
    fn1("radians", |vm, v| {
        Ok(float(
            vm,
            floats::to_f64(vm, v)? * (std::f64::consts::PI / 180.0),
        ))
    })
    .quiet(Quiet::OfPlain),
    fn1("isfinite", |vm, v| {
        Ok(boolean(vm, floats::to_f64(vm, v)?.is_finite()))
    })
    .quiet(Quiet::OfPlain),
    fn1("isinf", |vm, v| {
        Ok(boolean(vm, floats::to_f64(vm, v)?.is_infinite()))
    })
    .quiet(Quiet::OfPlain),
    fn1("isnan", |vm, v| {
        Ok(boolean(vm, floats::to_f64(vm, v)?.is_nan()))
    })
    .quiet(Quiet::OfPlain),
    fn1("floor", |vm, v| round(vm, v, Special::Floor, f64::floor)).quiet(Quiet::OfPlain),
    fn1("ceil", |vm, v| round(vm, v, Special::Ceil, f64::ceil)).quiet(Quiet::OfPlain),
    fn1("trunc", trunc).quiet(Quiet::OfPlain),
    fn1("frexp", frexp).quiet(Quiet::OfPlain),
    fn1("modf", modf).quiet(Quiet::OfPlain),
    fn2("ldexp", ldexp).quiet(Quiet::OfPlain),
    fn2("copysign", |vm, x, y| {
        pair(vm, x, y).map(|(x, y)| float(vm, x.copysign(y)))
    })
    .quiet(Quiet::OfPlain),
    fn2("atan2", |vm, x, y| {
        pair(vm, x, y).map(|(x, y)| float(vm, libm::atan2(x, y)))
    })
    .quiet(Quiet::OfPlain),
    fn2("fmod", fmod).quiet(Quiet::OfPlain),
    fn2("remainder", remainder).quiet(Quiet::OfPlain),
    fn2("nextafter", |vm, x, y| {
        pair(vm, x, y).map(|(x, y)| float(vm, math_special::next_after(x, y)))
    })
    .quiet(Quiet::OfPlain),
    fn1("ulp", |vm, v| {
        Ok(float(vm, math_special::ulp(floats::to_f64(vm, v)?)))
    })
    .quiet(Quiet::OfPlain),
    fn2("pow", pow).quiet(Quiet::OfPlain),
    fn2("log", log).quiet(Quiet::OfPlain).opt(1),
    fn1("log2", |vm, v| logarithm(vm, v, |x| libm::log2(x))).quiet(Quiet::OfPlain),
    fn1("log10", |vm, v| logarithm(vm, v, |x| libm::log10(x))).quiet(Quiet::OfPlain),
    unary!("log1p", false, |x| libm::log1p(x)),
    fn1("fsum", fsum),
    var("hypot", 0, ouro_py_objects::builtin::ANY, hypot).quiet(Quiet::OfPlain),
    fn2("dist", dist),
    kw("isclose", isclose).quiet(Quiet::OfPlain),
];

fn gamma(vm: &'static Vm, v: Gc) -> PyResult {
    let x = floats::to_f64(vm, v)?;
    if x == f64::NEG_INFINITY || x == 0.0 || x < 0.0 && x == x.floor() {
        return Err(vm.value_error("math domain error"));
    }
    let r = math_special::gamma(x);
    match r.is_infinite() && x.is_finite() {
        true => Err(vm.overflow_error("math range error")),
        false => Ok(float(vm, r)),
    }
}
fn lgamma(vm: &'static Vm, v: Gc) -> PyResult {
    let x = floats::to_f64(vm, v)?;
    if x.is_finite() && x <= 0.0 && x == x.floor() {
        return Err(vm.value_error("math domain error"));
    }
    let r = math_special::lgamma(x);
    match r.is_infinite() && x.is_finite() {
        true => Err(vm.overflow_error("math range error")),
        false => Ok(float(vm, r)),
    }
}
/// `math.floor` and `math.ceil`: the special method, or the function of the float.
fn round(vm: &'static Vm, v: Gc, special: Special, f: fn(f64) -> f64) -> PyResult {
    if v.is::<WFloat>() {
        return ints::from_f64(vm, f(v.get(WFloat::VALUE)));
    }
    if v.is::<WInt>() {
        return Ok(v);
    }
    let method = type_of(vm, v).special(vm, special);
    if !method.is_null() {
        return call_method(vm, v, special.text(), &[]);
    }
    ints::from_f64(vm, f(floats::to_f64(vm, v)?))
}
fn trunc(vm: &'static Vm, v: Gc) -> PyResult {
    if v.is::<WFloat>() {
        return ints::from_f64(vm, v.get(WFloat::VALUE).trunc());
    }
    match type_of(vm, v).special(vm, Special::Trunc).is_null() {
        true => Err(vm.type_error(format_args!(
            "type {} doesn't define __trunc__ method",
            type_name(vm, v)
        ))),
        false => call_method(vm, v, "__trunc__", &[]),
    }
}
fn frexp(vm: &'static Vm, v: Gc) -> PyResult {
    let x = floats::to_f64(vm, v)?;
    let (m, e) = if x == 0.0 || !x.is_finite() {
        (x, 0)
    } else {
        floats::frexp(x)
    };
    Ok(tuple(vm, &[float(vm, m), int(vm, i64::from(e))]))
}
fn modf(vm: &'static Vm, v: Gc) -> PyResult {
    let x = floats::to_f64(vm, v)?;
    let (fraction, whole) = if x.is_infinite() {
        (0f64.copysign(x), x)
    } else {
        (x.fract().copysign(x), x.trunc())
    };
    let fraction = if x.is_nan() { x } else { fraction };
    Ok(tuple(vm, &[float(vm, fraction), float(vm, whole)]))
}
fn ldexp(vm: &'static Vm, x: Gc, e: Gc) -> PyResult {
    let x = floats::to_f64(vm, x)?;
    let Some(e) = ints::get(e) else {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    };
    let e = e
        .small()
        .unwrap_or(if e.is_negative() { i64::MIN } else { i64::MAX });
    if x == 0.0 || !x.is_finite() {
        return Ok(float(vm, x));
    }
    let r = math_special::scale(x, e.clamp(-5000, 5000) as i32);
    match r.is_infinite() {
        true => Err(vm.overflow_error("math range error")),
        false => Ok(float(vm, r)),
    }
}
fn fmod(vm: &'static Vm, x: Gc, y: Gc) -> PyResult {
    let (x, y) = pair(vm, x, y)?;
    if y.is_infinite() && x.is_finite() {
        return Ok(float(vm, x));
    }
    let r = x % y;
    match r.is_nan() && !x.is_nan() && !y.is_nan() {
        true => Err(vm.value_error("math domain error")),
        false => Ok(float(vm, r)),
    }
}
fn remainder(vm: &'static Vm, x: Gc, y: Gc) -> PyResult {
    let (x, y) = pair(vm, x, y)?;
    if x.is_nan() || y.is_nan() {
        return Ok(float(vm, x + y));
    }
    if x.is_infinite() || y == 0.0 {
        return Err(vm.value_error("math domain error"));
    }
    if y.is_infinite() {
        return Ok(float(vm, x));
    }
    let (ax, ay) = (x.abs(), y.abs());
    let m = ax % ay;
    let c = ay - m;
    let r = if m < c {
        m
    } else if m > c {
        -c
    } else {
        m - 2.0 * ((0.5 * (ax - m)) % ay)
    };
    Ok(float(vm, 1f64.copysign(x) * r))
}
fn pow(vm: &'static Vm, x: Gc, y: Gc) -> PyResult {
    let (x, y) = pair(vm, x, y)?;
    let r = libm::pow(x, y);
    if x.is_finite() && y.is_finite() {
        if r.is_nan() || r.is_infinite() && x == 0.0 {
            return Err(vm.value_error("math domain error"));
        }
        if r.is_infinite() {
            return Err(vm.overflow_error("math range error"));
        }
    }
    Ok(float(vm, r))
}
/// A logarithm; of ints beyond the floats too.
fn logarithm(vm: &'static Vm, v: Gc, f: fn(f64) -> f64) -> PyResult {
    if let Some(value) = ints::get(v) {
        if value.is_negative() || value.is_zero() {
            return Err(vm.value_error("math domain error"));
        }
        let x = value.to_f64();
        if x.is_finite() {
            return Ok(float(vm, f(x)));
        }
        // x = m * 2**e with m in 0.5..1: log(x) = log(m) + e * log(2).
        let big = value.big();
        let bits = math_ints::bit_length(&big);
        let mantissa = Int::Big(big >> (bits - 64)).to_f64() / 2f64.powi(64);
        return Ok(float(vm, f(mantissa) + f(2.0) * bits as f64));
    }
    let x = floats::to_f64(vm, v)?;
    if x.is_nan() || x == f64::INFINITY {
        return Ok(float(vm, x));
    }
    match x <= 0.0 {
        true => Err(vm.value_error("math domain error")),
        false => Ok(float(vm, f(x))),
    }
}
fn log(vm: &'static Vm, v: Gc, base: Gc) -> PyResult {
    let x = logarithm(vm, v, |x| libm::log(x))?;
    if base.is_null() {
        return Ok(x);
    }
    let base = logarithm(vm, base, |x| libm::log(x))?;
    let (x, base) = (x.get(WFloat::VALUE), base.get(WFloat::VALUE));
    match base == 0.0 {
        true => Err(vm.zero_division_error("float division by zero")),
        false => Ok(float(vm, x / base)),
    }
}
/// The correctly rounded sum: partial sums that do not overlap (Shewchuk).
fn fsum(vm: &'static Vm, iterable: Gc) -> PyResult {
    let it = iter(vm, iterable)?;
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinite) = (0.0, 0.0);
    while let Some(v) = next(vm, it)? {
        let start = floats::to_f64(vm, v)?;
        let mut x = start;
        let mut kept = 0;
        for j in 0..partials.len() {
            let mut y = partials[j];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        if x == 0.0 {
            continue;
        }
        if x.is_finite() {
            partials.push(x);
            continue;
        }
        if start.is_finite() {
            return Err(vm.overflow_error("intermediate overflow in fsum"));
        }
        if start.is_infinite() {
            infinite += start;
        }
        special += start;
        partials.clear();
    }
    if special != 0.0 {
        return match f64::is_nan(infinite) {
            true => Err(vm.value_error("-inf + inf in fsum")),
            false => Ok(float(vm, special)),
        };
    }
    let Some(mut high) = partials.pop() else {
        return Ok(float(vm, 0.0));
    };
    let mut low = 0.0;
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    // Half-even rounding over the remaining partial sums.
    if let Some(&rest) = partials.last()
        && (low < 0.0 && rest < 0.0 || low > 0.0 && rest > 0.0)
    {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    Ok(float(vm, high))
}
fn hypot(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let mut v = Vec::with_capacity(args.len());
    for &a in args {
        v.push(floats::to_f64(vm, a)?.abs());
    }
    Ok(float(vm, math_special::vector_norm(&mut v)))
}
fn dist(vm: &'static Vm, p: Gc, q: Gc) -> PyResult {
    let (p, q) = (collect(vm, p)?, collect(vm, q)?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut v = Vec::with_capacity(p.len());
    for (&a, &b) in p.iter().zip(q.iter()) {
        v.push((floats::to_f64(vm, a)? - floats::to_f64(vm, b)?).abs());
    }
    Ok(float(vm, math_special::vector_norm(&mut v)))
}
fn isclose(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [a, b, rel, abs] = bind(
        vm,
        "isclose",
        ["a", "b", "*rel_tol", "*abs_tol"],
        2,
        args,
        keywords,
    )?;
    let (a, b) = pair(vm, a, b)?;
    let rel = if rel.is_null() {
        1e-9
    } else {
        floats::to_f64(vm, rel)?
    };
    let abs = if abs.is_null() {
        0.0
    } else {
        floats::to_f64(vm, abs)?
    };
    if rel < 0.0 || abs < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(boolean(vm, true));
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(boolean(vm, false));
    }
    let diff = (b - a).abs();
    Ok(boolean(
        vm,
        diff <= (rel * b).abs() || diff <= (rel * a).abs() || diff <= abs,
    ))
}
