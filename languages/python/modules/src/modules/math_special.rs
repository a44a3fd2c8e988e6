//! Functions of floats that neither Rust's standard library nor C's has, or not as CPython computes them.

use crate::modules::libm;

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
    if e < -1074 {
        0.0
    } else if e < -1022 {
        f64::from_bits(1u64 << (e + 1074))
    } else {
        f64::from_bits(((e + 1023) as u64) << 52)
    }
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
    if up.is_infinite() {
        x - x.next_down()
    } else {
        up - x
    }
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
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
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
        0 => libm::sin(PI * y),
        1 => libm::cos(PI * (y - 0.5)),
        2 => libm::sin(PI * (1.0 - y)),
        3 => -libm::cos(PI * (y - 1.5)),
        _ => libm::sin(PI * (y - 2.0)),
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
        return if x < 0.0 {
            0.0 / sin_pi(x)
        } else {
            f64::INFINITY
        };
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
        let mut r = -std::f64::consts::PI / sin_pi(a) / a * libm::exp(y) / lanczos_sum(a);
        r -= z * r;
        if a < 140.0 {
            r / libm::pow(y, a - 0.5)
        } else {
            let root = libm::pow(y, a / 2.0 - 0.25);
            r / root / root
        }
    } else {
        let mut r = lanczos_sum(a) / libm::exp(y);
        r += z * r;
        if a < 140.0 {
            r * libm::pow(y, a - 0.5)
        } else {
            let root = libm::pow(y, a / 2.0 - 0.25);
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
        return -libm::log(a);
    }
    let mut r = libm::log(lanczos_sum(a)) - LANCZOS_G;
    r += (a - 0.5) * (libm::log(a + LANCZOS_G - 0.5) - 1.0);
    if x < 0.0 {
        r = libm::log(std::f64::consts::PI) - libm::log(sin_pi(a).abs()) - libm::log(a) - r;
    }
    r
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
