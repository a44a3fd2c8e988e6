//! Functions of floats that Rust's standard library lacks or computes otherwise than C's.

/// `x * 2**e`, rounded once.
pub fn scale(x: f64, e: i32) -> f64 {
    let power = |e: i32| f64::from_bits(((e + 1023) as u64) << 52);
    let (mut x, mut e) = (x, e);
    while e > 1023 {
        x *= power(1023);
        e -= 1023;
    }
    // Stay normal until the last step, so that a subnormal result is rounded once only.
    while e < -969 {
        let step = (-e - 969).min(969);
        if step < 1 {
            break;
        }
        if x.abs() < 1e-200 {
            // Small already: what is left cannot be represented in two steps without rounding twice.
            return x * power(-969) * scale_rest(e + 969);
        }
        x *= power(-step);
        e += step;
    }
    x * power(e)
}
fn scale_rest(e: i32) -> f64 {
    if e < -1074 { 0.0 } else if e < -1022 { f64::from_bits(1u64 << (e + 1074)) } else { f64::from_bits(((e + 1023) as u64) << 52) }
}
/// Inverse hyperbolic sine.
pub fn asinh(x: f64) -> f64 {
    const LN2: f64 = std::f64::consts::LN_2;
    let a = x.abs();
    if !x.is_finite() || a < 3.725_290_298_461_914e-9 {
        return x;
    }
    let w = if a > 268_435_456.0 {
        a.ln() + LN2
    } else if a > 2.0 {
        (2.0 * a + 1.0 / ((x * x + 1.0).sqrt() + a)).ln()
    } else {
        let t = x * x;
        (a + t / (1.0 + (1.0 + t).sqrt())).ln_1p()
    };
    w.copysign(x)
}
/// Inverse hyperbolic cosine; NaN outside its domain.
pub fn acosh(x: f64) -> f64 {
    if x.is_nan() || x < 1.0 {
        return f64::NAN;
    }
    if x >= 268_435_456.0 {
        return if x.is_infinite() { x } else { x.ln() + std::f64::consts::LN_2 };
    }
    if x == 1.0 {
        return 0.0;
    }
    if x > 2.0 {
        let t = x * x;
        return (2.0 * x - 1.0 / (x + (t - 1.0).sqrt())).ln();
    }
    let t = x - 1.0;
    (t + (2.0 * t + t * t).sqrt()).ln_1p()
}
/// Inverse hyperbolic tangent; infinite at 1, NaN beyond.
pub fn atanh(x: f64) -> f64 {
    let a = x.abs();
    if x.is_nan() || a > 1.0 {
        return f64::NAN;
    }
    if a == 1.0 {
        return f64::INFINITY.copysign(x);
    }
    if a < 3.725_290_298_461_914e-9 {
        return x;
    }
    let t = if a < 0.5 {
        let t = a + a;
        0.5 * (t + t * a / (1.0 - a)).ln_1p()
    } else {
        0.5 * ((a + a) / (1.0 - a)).ln_1p()
    };
    t.copysign(x)
}
/// The next float after `x` towards `y`.
pub fn next_after(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return x + y;
    }
    if x == y {
        return y;
    }
    if y > x { x.next_up() } else { x.next_down() }
}
/// The distance to the next float of larger magnitude.
pub fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let up = x.next_up();
    if up.is_infinite() { x - x.next_down() } else { up - x }
}

const LANCZOS_G: f64 = 6.024680040776729583740234375;
const LANCZOS_N: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];
const LANCZOS_D: [f64; 13] = [
    0.0, 39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0, 2637558.0, 357423.0, 32670.0, 1925.0,
    66.0, 1.0,
];
/// The rational function of the Lanczos approximation.
fn lanczos_sum(x: f64) -> f64 {
    let (mut num, mut den) = (0.0, 0.0);
    if x < 5.0 {
        for i in (0..13).rev() {
            num = num * x + LANCZOS_N[i];
            den = den * x + LANCZOS_D[i];
        }
    } else {
        for i in 0..13 {
            num = num / x + LANCZOS_N[i];
            den = den / x + LANCZOS_D[i];
        }
    }
    num / den
}
/// sin(pi * x), exact where it is 0 or 1.
fn sin_pi(x: f64) -> f64 {
    use std::f64::consts::PI;
    let y = x.abs() % 2.0;
    let r = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * r
}
/// The gamma function; poles were excluded by the caller.
pub fn gamma(x: f64) -> f64 {
    if !x.is_finite() {
        return x;
    }
    if x == x.floor() && (1.0..=23.0).contains(&x) {
        return (1..x as u64).map(|n| n as f64).product();
    }
    let a = x.abs();
    if a < 1e-20 {
        return 1.0 / x;
    }
    if a > 200.0 {
        return if x < 0.0 { 0.0 / sin_pi(x) } else { f64::INFINITY };
    }
    let y = a + LANCZOS_G - 0.5;
    let z = if a > LANCZOS_G - 0.5 {
        let q = y - a;
        q - (LANCZOS_G - 0.5)
    } else {
        let q = y - (LANCZOS_G - 0.5);
        q - a
    };
    let z = z * LANCZOS_G / y;
    if x < 0.0 {
        let mut r = -std::f64::consts::PI / sin_pi(a) / a * y.exp() / lanczos_sum(a);
        r -= z * r;
        if a < 140.0 {
            r / y.powf(a - 0.5)
        } else {
            let root = y.powf(a / 2.0 - 0.25);
            r / root / root
        }
    } else {
        let mut r = lanczos_sum(a) / y.exp();
        r += z * r;
        if a < 140.0 {
            r * y.powf(a - 0.5)
        } else {
            let root = y.powf(a / 2.0 - 0.25);
            r * root * root
        }
    }
}
/// The logarithm of the absolute value of the gamma function; poles were excluded by the caller.
pub fn lgamma(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.is_infinite() {
        return f64::INFINITY;
    }
    if x == x.floor() && (1.0..=2.0).contains(&x) {
        return 0.0;
    }
    let a = x.abs();
    if a < 1e-20 {
        return -a.ln();
    }
    let mut r = lanczos_sum(a).ln() - LANCZOS_G;
    r += (a - 0.5) * ((a + LANCZOS_G - 0.5).ln() - 1.0);
    if x < 0.0 {
        r = std::f64::consts::PI.ln() - sin_pi(a).abs().ln() - a.ln() - r;
    }
    r
}

const ERF_SERIES_CUTOFF: f64 = 1.5;
const SQRT_PI: f64 = 1.772453850905516027298167483341145182798;
fn erf_series(x: f64) -> f64 {
    let x2 = x * x;
    let (mut acc, mut k) = (0.0, 25.5);
    for _ in 0..25 {
        acc = 2.0 + x2 * acc / k;
        k -= 1.0;
    }
    acc * x * (-x2).exp() / SQRT_PI
}
fn erfc_fraction(x: f64) -> f64 {
    if x >= 30.0 {
        return 0.0;
    }
    let x2 = x * x;
    let (mut a, mut da) = (0.0, 0.5);
    let (mut p, mut p1) = (1.0, 0.0);
    let (mut q, mut q1) = (da + x2, 1.0);
    for _ in 0..50 {
        a += da;
        da += 2.0;
        let b = da + x2;
        (p1, p) = (p, b * p - a * p1);
        (q1, q) = (q, b * q - a * q1);
    }
    p / q * x * (-x2).exp() / SQRT_PI
}
/// The error function.
pub fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let a = x.abs();
    if a < ERF_SERIES_CUTOFF {
        return erf_series(x);
    }
    let c = erfc_fraction(a);
    if x > 0.0 { 1.0 - c } else { c - 1.0 }
}
/// The complementary error function.
pub fn erfc(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let a = x.abs();
    if a < ERF_SERIES_CUTOFF {
        return 1.0 - erf_series(x);
    }
    let c = erfc_fraction(a);
    if x > 0.0 { c } else { 2.0 - c }
}
/// The Euclidean norm, accurate to the last bit in almost all cases: scaled, summed with compensation, corrected once.
pub fn vector_norm(v: &mut [f64]) -> f64 {
    let max = v.iter().copied().fold(0.0, f64::max);
    if max.is_infinite() || v.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if v.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if max == 0.0 || v.len() <= 1 {
        return max;
    }
    let (_, e) = ouro_py_objects::float::frexp(max);
    if e < -1023 {
        // All numbers are subnormal: make them normal first.
        let least = f64::MIN_POSITIVE;
        v.iter_mut().for_each(|x| *x /= least);
        return least * vector_norm(v);
    }
    let factor = scale(1.0, -e);
    let (mut sum, mut low1, mut low2) = (1.0, 0.0, 0.0);
    for x in v.iter() {
        let x = x * factor;
        let square = x * x;
        let error = x.mul_add(x, -square);
        let total = sum + square;
        low2 += error;
        low1 += square - (total - sum);
        sum = total;
    }
    let h = (sum - 1.0 + (low1 + low2)).sqrt();
    let square = -h * h;
    let error = (-h).mul_add(h, -square);
    let total = sum + square;
    low2 += error;
    low1 += square - (total - sum);
    let rest = total - 1.0 + (low1 + low2);
    (h + rest / (2.0 * h)) / factor
}
