//! complex: objects, arithmetic, text.

use crate::access::{Access, alloc};
use crate::layout::*;
use crate::special::{BinOp, Special};
use crate::{Errors, PyResult, Vm, float, int, type_of};
use ouro_gc::Gc;

/// A complex object.
pub fn new(vm: &'static Vm, re: f64, im: f64) -> Gc {
    alloc::<WComplex>(vm)
        .init(WComplex::REAL, re)
        .init(WComplex::IMAG, im)
}
/// The parts of a complex number or of an instance of a subclass.
pub fn get(o: Gc) -> Option<(f64, f64)> {
    let o = crate::payload(o);
    o.is::<WComplex>()
        .then(|| (o.get(WComplex::REAL), o.get(WComplex::IMAG)))
}
fn operand(vm: &'static Vm, o: Gc) -> PyResult<Option<(f64, f64)>> {
    if let Some(v) = get(o) {
        return Ok(Some(v));
    }
    if let Some(v) = float::get(o) {
        return Ok(Some((v, 0.0)));
    }
    int::get(o)
        .map(|v| float::from_int(vm, &v).map(|f| (f, 0.0)))
        .transpose()
}
/// A number as complex: `__complex__`, `__float__` or `__index__`.
pub fn convert(vm: &'static Vm, o: Gc) -> PyResult<(f64, f64)> {
    if let Some(v) = get(o) {
        return Ok(v);
    }
    if let Some(r) = crate::call::call_special(vm, o, Special::Complex, &[])? {
        return get(r).ok_or_else(|| {
            vm.type_error(format_args!(
                "__complex__ returned non-complex (type {})",
                type_of(vm, r).text()
            ))
        });
    }
    match float::to_f64(vm, o) {
        Ok(v) => Ok((v, 0.0)),
        Err(e) if crate::error::is_instance_of(vm, e, vm.world().classes.type_error) => Err(vm
            .type_error(format_args!(
                "complex() first argument must be a string or a number, not '{}'",
                type_of(vm, o).text()
            ))),
        Err(e) => Err(e),
    }
}
/// `a op b`; NotImplemented unless both are numbers.
pub fn binary(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    let (Some((a, b)), Some((c, d))) = (operand(vm, a)?, operand(vm, b)?) else {
        return Ok(vm.world().not_implemented);
    };
    let (re, im) = match op {
        BinOp::Add => (a + c, b + d),
        BinOp::Sub => (a - c, b - d),
        BinOp::Mul => (a * c - b * d, a * d + b * c),
        BinOp::TrueDiv => {
            if c == 0.0 && d == 0.0 {
                return Err(vm.zero_division_error("complex division by zero"));
            }
            if c.abs() >= d.abs() {
                let ratio = d / c;
                let denominator = c + d * ratio;
                ((a + b * ratio) / denominator, (b - a * ratio) / denominator)
            } else {
                let ratio = c / d;
                let denominator = c * ratio + d;
                ((a * ratio + b) / denominator, (b * ratio - a) / denominator)
            }
        }
        BinOp::Pow => return power(vm, (a, b), (c, d)),
        _ => return Ok(vm.world().not_implemented),
    };
    Ok(new(vm, re, im))
}
/// `a ** b`
pub fn power(vm: &'static Vm, a: (f64, f64), b: (f64, f64)) -> PyResult {
    if b == (0.0, 0.0) {
        return Ok(new(vm, 1.0, 0.0));
    }
    if a == (0.0, 0.0) {
        if b.1 != 0.0 || b.0 < 0.0 {
            return Err(vm.zero_division_error("0.0 to a negative or complex power"));
        }
        return Ok(new(vm, 0.0, 0.0));
    }
    if b.1 == 0.0 && b.0 == b.0.trunc() && b.0.abs() <= 100.0 {
        let mut result = (1.0, 0.0);
        let mut base = a;
        let mut n = b.0.abs() as u32;
        let mul = |x: (f64, f64), y: (f64, f64)| (x.0 * y.0 - x.1 * y.1, x.0 * y.1 + x.1 * y.0);
        while n > 0 {
            if n & 1 == 1 {
                result = mul(result, base);
            }
            base = mul(base, base);
            n >>= 1;
        }
        if b.0 < 0.0 {
            let (one, r) = (new(vm, 1.0, 0.0), new(vm, result.0, result.1));
            return binary(vm, BinOp::TrueDiv, one, r);
        }
        return Ok(new(vm, result.0, result.1));
    }
    let modulus = a.0.hypot(a.1);
    let angle = a.1.atan2(a.0);
    let mut len = modulus.powf(b.0);
    let mut phase = angle * b.0;
    if b.1 != 0.0 {
        len /= (angle * b.1).exp();
        phase += b.1 * modulus.ln();
    }
    Ok(new(vm, len * phase.cos(), len * phase.sin()))
}
/// `a == b`, or `!=` if `negated`.
pub fn equal(vm: &'static Vm, a: Gc, b: Gc, negated: bool) -> PyResult {
    let (x, y) = get(a).unwrap_or((0.0, 0.0));
    let same = if let Some(v) = get(b) {
        v == (x, y)
    } else if let Some(v) = float::get(b) {
        y == 0.0 && v == x
    } else if let Some(v) = int::get(b) {
        y == 0.0 && float::order_with_int(x, &v) == Some(std::cmp::Ordering::Equal)
    } else {
        return Ok(vm.world().not_implemented);
    };
    Ok(vm.world().bool(same != negated))
}
/// `repr(complex)`
pub fn repr((re, im): (f64, f64)) -> String {
    let imag = float::format_shortest(im, false);
    if re == 0.0 && re.is_sign_positive() {
        return format!("{imag}j");
    }
    let sign = if im.is_sign_negative() && !im.is_nan() {
        ""
    } else {
        "+"
    };
    format!("({}{sign}{imag}j)", float::format_shortest(re, false))
}
/// Reads a complex number as `complex(str)` does.
pub fn parse(text: &str) -> Option<(f64, f64)> {
    let t = text.trim();
    let t = t
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .unwrap_or(t)
        .trim();
    if let Some(v) = float::parse(t).filter(|_| !t.contains(' ')) {
        return Some((v, 0.0));
    }
    let body = t.strip_suffix(['j', 'J'])?;
    let split = (1..body.len()).rev().find(|&i| {
        matches!(body.as_bytes()[i], b'+' | b'-') && !matches!(body.as_bytes()[i - 1], b'e' | b'E')
    });
    let imaginary = |s: &str| match s {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        s => float::parse(s),
    };
    match split {
        Some(i) => Some((float::parse(&body[..i])?, imaginary(&body[i..])?)),
        None => Some((0.0, imaginary(body)?)),
    }
}
