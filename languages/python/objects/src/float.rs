//! float: objects, arithmetic, text. Methods are in `float_methods.rs`.

use crate::access::{Access, alloc};
use crate::int::{self, Int};
use crate::layout::*;
use crate::special::{BinOp, CmpOp, Special};
use crate::{Errors, PyResult, Vm, type_of};
use dashu_int::IBig;
use ouro_gc::Gc;
use std::cmp::Ordering;

/// A float object.
#[inline(always)]
pub fn new(vm: &'static Vm, v: f64) -> Gc {
    alloc::<WFloat>(vm).init(WFloat::VALUE, v)
}
/// The value of a float or of an instance of a subclass.
#[inline]
pub fn get(object: Gc) -> Option<f64> {
    let object = crate::payload(object);
    object.is::<WFloat>().then(|| object.get(WFloat::VALUE))
}
/// An int as a float.
///
/// # Errors
/// OverflowError.
pub fn from_int(vm: &'static Vm, v: &Int) -> PyResult<f64> {
    match v.to_f64() {
        f if f.is_infinite() => Err(vm.overflow_error("int too large to convert to float")),
        f => Ok(f),
    }
}
/// What `__float__` says.
fn by_method(vm: &'static Vm, object: Gc) -> PyResult<Option<f64>> {
    let Some(r) = crate::call::call_special(vm, object, Special::Float, &[])? else {
        return Ok(None);
    };
    get(r).map(Some).ok_or_else(|| {
        let (class, got) = (type_of(vm, object).text(), type_of(vm, r).text());
        vm.type_error(format_args!(
            "{class}.__float__ returned non-float (type {got})"
        ))
    })
}
/// The argument of `float`: as [`to_f64`], but instances of subclasses of float and int are asked, too.
///
/// # Errors
/// TypeError, as there.
pub fn converted(vm: &'static Vm, object: Gc) -> PyResult<f64> {
    if object.is::<WInst>()
        && let Some(v) = by_method(vm, object)?
    {
        return Ok(v);
    }
    to_f64(vm, object)
}
/// A float argument: a float, `__float__`, or `__index__`.
///
/// # Errors
/// TypeError "must be real number, not ...".
pub fn to_f64(vm: &'static Vm, object: Gc) -> PyResult<f64> {
    if let Some(v) = get(object) {
        return Ok(v);
    }
    if let Some(v) = int::get(object) {
        return from_int(vm, &v);
    }
    if let Some(v) = by_method(vm, object)? {
        return Ok(v);
    }
    if int::has_index(vm, object) {
        return from_int(vm, &int::index(vm, object)?);
    }
    Err(vm.type_error(format_args!(
        "must be real number, not {}",
        type_of(vm, object).text()
    )))
}
/// The operand of an operator: a float or an int.
fn operand(vm: &'static Vm, object: Gc) -> PyResult<Option<f64>> {
    match get(object) {
        Some(v) => Ok(Some(v)),
        None => int::get(object).map(|v| from_int(vm, &v)).transpose(),
    }
}
/// Quotient and remainder of floor division; the divisor is not 0.
pub fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut m = x % y;
    let mut d = (x - m) / y;
    if m != 0.0 {
        if (y < 0.0) != (m < 0.0) {
            m += y;
            d -= 1.0;
        }
    } else {
        m = 0f64.copysign(y);
    }
    let q = if d != 0.0 {
        let f = d.floor();
        if d - f > 0.5 { f + 1.0 } else { f }
    } else {
        0f64.copysign(x / y)
    };
    (q, m)
}
/// `a op b` for floats.
///
/// # Errors
/// ZeroDivisionError, OverflowError.
pub fn arithmetic(vm: &'static Vm, op: BinOp, x: f64, y: f64) -> PyResult {
    let zero = |text| Err(vm.zero_division_error(text));
    let value = match op {
        BinOp::Add => x + y,
        BinOp::Sub => x - y,
        BinOp::Mul => x * y,
        BinOp::TrueDiv if y == 0.0 => return zero("float division by zero"),
        BinOp::FloorDiv if y == 0.0 => return zero("float floor division by zero"),
        BinOp::Mod if y == 0.0 => return zero("float modulo"),
        BinOp::DivMod if y == 0.0 => return zero("float divmod()"),
        BinOp::TrueDiv => x / y,
        BinOp::FloorDiv => div_mod(x, y).0,
        BinOp::Mod => div_mod(x, y).1,
        BinOp::DivMod => {
            let (q, r) = div_mod(x, y);
            return Ok(crate::tuple::new(vm, &[new(vm, q), new(vm, r)]));
        }
        BinOp::Pow => return power(vm, x, y),
        _ => return Ok(vm.world().not_implemented),
    };
    Ok(new(vm, value))
}
/// `x ** y`; a negative base with a broken exponent gives a complex number.
///
/// # Errors
/// ZeroDivisionError, OverflowError.
pub fn power(vm: &'static Vm, x: f64, y: f64) -> PyResult {
    if x == 0.0 && y < 0.0 {
        return Err(vm.zero_division_error("0.0 cannot be raised to a negative power"));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y != y.floor() {
        return crate::complex::power(vm, (x, 0.0), (y, 0.0));
    }
    let value = x.powf(y);
    if value.is_infinite() && x.is_finite() && y.is_finite() {
        let strerror = crate::tuple::new(
            vm,
            &[
                int::new(vm, 34),
                crate::str::new(vm, "Numerical result out of range"),
            ],
        );
        return Err(crate::error::new_exception(
            vm,
            vm.world().classes.overflow_error,
            crate::tuple::items(strerror),
        ));
    }
    Ok(new(vm, value))
}
/// `a op b`; NotImplemented unless one is a float and the other a float or int.
pub fn binary(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    match (operand(vm, a)?, operand(vm, b)?) {
        (Some(x), Some(y)) => arithmetic(vm, op, x, y),
        _ => Ok(vm.world().not_implemented),
    }
}
/// The order of a float and an int, exactly. None if the float is NaN.
pub fn order_with_int(x: f64, y: &Int) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    if let Int::Small(v) = y
        && v.unsigned_abs() <= 1 << 53
    {
        return x.partial_cmp(&(*v as f64));
    }
    let whole = x.trunc();
    let order = int::integral(whole).cmp(&y.big());
    Some(order.then(x.partial_cmp(&whole).unwrap_or(Ordering::Equal)))
}
/// `a op b`; NotImplemented unless both are numbers.
pub fn compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    let order = match (get(a), get(b)) {
        (Some(x), Some(y)) => x.partial_cmp(&y),
        (Some(x), None) => match int::get(b) {
            Some(y) => order_with_int(x, &y),
            None => return Ok(vm.world().not_implemented),
        },
        _ => return Ok(vm.world().not_implemented),
    };
    Ok(vm.world().bool(match order {
        Some(order) => op.holds(order),
        None => op == CmpOp::Ne,
    }))
}
/// `hash(float)`, equal to the hash of an equal int. NaN hashes by identity, which value classes lack: 0.
pub fn hash(v: f64) -> i64 {
    const BITS: u32 = 61;
    const P: u64 = (1 << BITS) - 1;
    if !v.is_finite() {
        return if v.is_nan() {
            0
        } else if v > 0.0 {
            314159
        } else {
            -314159
        };
    }
    if v == v.trunc() && v.abs() < 9e18 {
        return int::hash_small(v as i64);
    }
    let (mut m, mut e) = frexp(v.abs());
    let mut x: u64 = 0;
    while m != 0.0 {
        x = ((x << 28) & P) | x >> (BITS - 28);
        m *= 268435456.0;
        e -= 28;
        let y = m as u64;
        m -= y as f64;
        x += y;
        if x >= P {
            x -= P;
        }
    }
    let e = if e >= 0 {
        e as u32 % BITS
    } else {
        BITS - 1 - ((-1 - e) as u32 % BITS)
    };
    x = ((x << e) & P) | x >> (BITS - e);
    match if v < 0.0 { -(x as i64) } else { x as i64 } {
        -1 => -2,
        h => h,
    }
}
/// Mantissa in 0.5..1 and exponent.
pub fn frexp(v: f64) -> (f64, i32) {
    if v == 0.0 || !v.is_finite() {
        return (v, 0);
    }
    let bits = v.to_bits();
    match (bits >> 52 & 0x7ff) as i32 {
        0 => {
            let (m, e) = frexp(v * 2f64.powi(64));
            (m, e - 64)
        }
        e => (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), e - 1022),
    }
}
/// `repr(float)`.
pub fn repr(v: f64) -> String {
    format_shortest(v, true)
}
/// The shortest digits that read back as `v`: digits and decimal exponent, so that the value is 0.DIGITS * 10**exponent.
pub fn shortest_digits(v: f64) -> (String, i32) {
    if v == 0.0 {
        return ("0".into(), 1);
    }
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(v.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().expect("ryu writes a decimal exponent");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    let mut point = whole.len() as i32 + exponent;
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    digits.drain(..zeros);
    point -= zeros as i32;
    digits.truncate(digits.trim_end_matches('0').len());
    (digits, point)
}
/// As `repr`; `dot`: a whole number gets `.0`.
pub fn format_shortest(v: f64, dot: bool) -> String {
    if v.is_nan() {
        return "nan".into();
    }
    let sign = if v.is_sign_negative() { "-" } else { "" };
    if v.is_infinite() {
        return format!("{sign}inf");
    }
    let (digits, point) = shortest_digits(v);
    let n = digits.len() as i32;
    let body = if -4 < point && point <= 16 {
        if point <= 0 {
            format!("0.{}{digits}", "0".repeat(-point as usize))
        } else if point >= n {
            let zeros = "0".repeat((point - n) as usize);
            format!("{digits}{zeros}{}", if dot { ".0" } else { "" })
        } else {
            format!(
                "{}.{}",
                &digits[..point as usize],
                &digits[point as usize..]
            )
        }
    } else {
        let e = point - 1;
        let fraction = if n > 1 {
            format!(".{}", &digits[1..])
        } else {
            String::new()
        };
        format!(
            "{}{fraction}e{}{:02}",
            &digits[..1],
            if e < 0 { '-' } else { '+' },
            e.abs()
        )
    };
    format!("{sign}{body}")
}
/// Reads a float as `float(str)` does; underscores and white space included. None if it is not one.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| crate::str::unicode::is_space(c as u32));
    let (sign, body) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    match body.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return Some(sign * f64::INFINITY),
        "nan" => return Some(f64::NAN.copysign(sign)),
        _ => {}
    }
    let mut clean = String::with_capacity(body.len());
    let b = body.as_bytes();
    for (i, &c) in b.iter().enumerate() {
        match c {
            b'_' => {
                let digit = |j: Option<&u8>| j.is_some_and(u8::is_ascii_digit);
                if i == 0 || !digit(b.get(i - 1)) || !digit(b.get(i + 1)) {
                    return None;
                }
            }
            b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-' => clean.push(c as char),
            _ => return None,
        }
    }
    if !clean.bytes().any(|c| c.is_ascii_digit()) || clean.starts_with(['+', '-', 'e', 'E']) {
        return None;
    }
    clean.parse::<f64>().ok().map(|v| sign * v)
}
/// Rounds to `digits` decimal places, half to even in decimal, as CPython's `round`.
pub fn round_to(v: f64, digits: i64) -> f64 {
    if !v.is_finite() || digits > 323 {
        return v;
    }
    if digits < -308 {
        return 0f64.copysign(v);
    }
    if digits >= 0 {
        return format!("{:.*}", digits as usize, v).parse().unwrap_or(v);
    }
    // Round the exact integer part to a power of ten.
    let unit = IBig::from(10).pow((-digits) as usize);
    let exact = int::integral(v.trunc());
    let fraction = v - v.trunc();
    let (q, r) = int::floor_div_rem(&exact, &unit);
    let twice = &r * IBig::from(2);
    let half = twice.cmp(&unit).then(if fraction > 0.0 {
        Ordering::Greater
    } else if fraction < 0.0 {
        Ordering::Less
    } else {
        Ordering::Equal
    });
    let odd = &q & IBig::ONE != IBig::ZERO;
    let up = half == Ordering::Greater || (half == Ordering::Equal && odd);
    let q = if up { q + IBig::ONE } else { q };
    let result = Int::Big(q * unit).to_f64();
    if result == 0.0 {
        0f64.copysign(v)
    } else {
        result
    }
}
/// `round(float)`: the nearest integer, half to even.
pub fn round_half_even(v: f64) -> f64 {
    v.round_ties_even()
}
