//! The methods of int, bool, float and complex.

use crate::access::Access;
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, fn3, getter, kw, var};
use crate::int::{self, Int};
use crate::layout::*;
use crate::make_class::{add_members, class_of, wrap};
use crate::special::{BinOp, CmpOp, Special};
use crate::{Errors, PyResult, Vm, complex, float, type_of};
use dashu_int::ops::BitTest;
use dashu_int::{IBig, UBig};
use ouro_gc::Gc;

fn text(vm: &'static Vm, s: impl AsRef<str>) -> PyResult {
    Ok(crate::str::new(vm, s.as_ref()))
}
fn want(vm: &'static Vm, o: Gc) -> Int {
    let _ = vm;
    int::get(o).unwrap_or(Int::Small(0))
}

// ---- int
fn int_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [class, x, base] = crate::call::parse(vm, "int", args, kw, ["", "", "base"], 1, 3)?;
    let c = vm.world().classes.int;
    let value = if !base.is_null() {
        if x.is_null() {
            return Err(vm.type_error("int() missing string argument"));
        }
        let radix = int::to_size(vm, base, false)?;
        if radix != 0 && !(2..=36).contains(&radix) {
            return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
        }
        let bytes = crate::str::as_str(x)
            .map(crate::str::bytes)
            .or_else(|| crate::bytes::content(crate::payload(x)));
        match bytes {
            Some(b) => crate::int_text::parse_object(vm, b, radix as u32, x)?,
            None => return Err(vm.type_error("int() can't convert non-string with explicit base")),
        }
    } else if x.is_null() {
        int::new(vm, 0)
    } else {
        to_int(vm, x)?
    };
    if class_of(class).is_some_and(|k| std::ptr::eq(k, c)) {
        return Ok(exact(vm, value));
    }
    Ok(wrap(vm, class, c, exact(vm, value)))
}
/// The exact int of an int, bool or subclass instance.
fn exact(vm: &'static Vm, v: Gc) -> Gc {
    let v = crate::payload(v);
    if v.is::<WBool>() {
        int::new(vm, v.get(WBool::VALUE))
    } else {
        v
    }
}
/// `int(x)`
pub fn to_int(vm: &'static Vm, x: Gc) -> PyResult {
    if x.is::<WInt>() || x.is::<WBigInt>() {
        return Ok(x);
    }
    if let Some(f) = Some(x).filter(|x| x.is::<WFloat>()) {
        return int::from_f64(vm, f.get(WFloat::VALUE));
    }
    for special in [Special::Int, Special::Index, Special::Trunc] {
        if let Some(v) = crate::call::call_special(vm, x, special, &[])? {
            if int::is_int(v) {
                return Ok(exact(vm, v));
            }
            if special == Special::Trunc {
                return Ok(int::index(vm, v)?.object(vm));
            }
            let got = type_of(vm, v).text();
            return Err(vm.type_error(format_args!(
                "{} returned non-int (type {got})",
                special.text()
            )));
        }
    }
    if let Some(s) = crate::str::as_str(x) {
        return crate::int_text::parse_object(vm, crate::str::bytes(s), 10, x);
    }
    if let Some(b) = crate::bytes::content(crate::payload(x)) {
        return crate::int_text::parse_object(vm, b, 10, x);
    }
    let got = type_of(vm, x).text();
    Err(vm.type_error(format_args!(
        "int() argument must be a string, a bytes-like object or a real number, not '{got}'"
    )))
}
macro_rules! binary {
    ($f:path, $op:ident) => {
        |vm, a, b| $f(vm, BinOp::$op, a, b)
    };
    ($f:path, $op:ident, reflected) => {
        |vm, a, b| $f(vm, BinOp::$op, b, a)
    };
}
macro_rules! compare {
    ($f:path, $op:ident) => {
        |vm, a, b| $f(vm, CmpOp::$op, a, b)
    };
}
fn int_pow(vm: &'static Vm, a: Gc, b: Gc, m: Gc) -> PyResult {
    if m.is_null() || m == vm.world().none {
        return int::binary(vm, BinOp::Pow, a, b);
    }
    match (int::get(a), int::get(b), int::get(m)) {
        (Some(a), Some(b), Some(m)) => int::power_mod(vm, &a, &b, &m),
        _ => Ok(vm.world().not_implemented),
    }
}
fn int_round(vm: &'static Vm, a: Gc, digits: Gc) -> PyResult {
    if digits.is_null() || digits == vm.world().none {
        return Ok(exact(vm, a));
    }
    let digits = int::to_size(vm, digits, false)?;
    if digits >= 0 {
        return Ok(exact(vm, a));
    }
    let unit = IBig::from(10).pow(digits.unsigned_abs() as usize);
    let (q, r) = int::floor_div_rem(&want(vm, a).big(), &unit);
    let half = (&r * IBig::from(2)).cmp(&unit);
    let odd = q.bit(0);
    let up = half == std::cmp::Ordering::Greater || (half == std::cmp::Ordering::Equal && odd);
    Ok(int::from_big(
        vm,
        &((if up { q + IBig::ONE } else { q }) * unit),
    ))
}
fn bit_length(v: &Int) -> usize {
    v.big().into_parts().1.bit_len()
}
fn endian(vm: &'static Vm, order: Gc) -> PyResult<bool> {
    match (!order.is_null())
        .then(|| crate::str::as_str(order))
        .flatten()
        .map(crate::str::bytes)
    {
        Some(b"little") => Ok(true),
        Some(b"big") => Ok(false),
        None if order.is_null() => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}
fn to_bytes(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [a, length, order, signed] = crate::call::parse(
        vm,
        "to_bytes",
        args,
        kw,
        ["", "length", "byteorder", "signed"],
        1,
        3,
    )?;
    let length = if length.is_null() {
        1
    } else {
        int::to_size(vm, length, false)?
    };
    let little = endian(vm, order)?;
    let signed = !signed.is_null() && crate::operator::truth(vm, signed)?;
    let v = want(vm, a);
    if length < 0 {
        return Err(vm.value_error("length argument must be non-negative"));
    }
    let length = length as usize;
    if v.is_negative() && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    let too_big = || vm.overflow_error("int too big to convert");
    let bits = length * 8;
    let big = v.big();
    let limit = IBig::ONE << bits;
    let fits = match signed {
        true => bits > 0 && big < (&limit >> 1) && big >= -(&limit >> 1) || big == IBig::ZERO,
        false => big < limit,
    };
    if !fits {
        return Err(too_big());
    }
    let magnitude = if v.is_negative() { big + limit } else { big };
    let mut bytes = magnitude.into_parts().1.to_le_bytes().to_vec();
    bytes.resize(length, 0);
    if !little {
        bytes.reverse();
    }
    Ok(crate::bytes::new(vm, &bytes))
}
fn from_bytes(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [class, source, order, signed] = crate::call::parse(
        vm,
        "from_bytes",
        args,
        kw,
        ["", "bytes", "byteorder", "signed"],
        2,
        3,
    )?;
    let little = endian(vm, order)?;
    let signed = !signed.is_null() && crate::operator::truth(vm, signed)?;
    let bytes = crate::bytes::from_object(vm, source)?;
    let mut content = crate::bytes::content(bytes).unwrap_or_default().to_vec();
    if !little {
        content.reverse();
    }
    let mut v = IBig::from(UBig::from_le_bytes(&content));
    if signed && content.last().is_some_and(|b| b & 0x80 != 0) {
        v -= IBig::ONE << (content.len() * 8);
    }
    let v = int::from_big(vm, &v);
    match class_of(class).is_some_and(|c| std::ptr::eq(c, vm.world().classes.int)) {
        true => Ok(v),
        false => crate::call::call_args(vm, class, &[v]),
    }
}
static INT: &[BuiltinDef] = &[
    kw("__new__", int_new).static_method(),
    fn2("__add__", binary!(int::binary, Add)),
    fn2("__radd__", binary!(int::binary, Add, reflected)),
    fn2("__sub__", binary!(int::binary, Sub)),
    fn2("__rsub__", binary!(int::binary, Sub, reflected)),
    fn2("__mul__", binary!(int::binary, Mul)),
    fn2("__rmul__", binary!(int::binary, Mul, reflected)),
    fn2("__truediv__", binary!(int::binary, TrueDiv)),
    fn2("__rtruediv__", binary!(int::binary, TrueDiv, reflected)),
    fn2("__floordiv__", binary!(int::binary, FloorDiv)),
    fn2("__rfloordiv__", binary!(int::binary, FloorDiv, reflected)),
    fn2("__mod__", binary!(int::binary, Mod)),
    fn2("__rmod__", binary!(int::binary, Mod, reflected)),
    fn2("__divmod__", binary!(int::binary, DivMod)),
    fn2("__rdivmod__", binary!(int::binary, DivMod, reflected)),
    fn3("__pow__", int_pow).opt(2),
    fn3("__rpow__", |vm, a, b, m| int_pow(vm, b, a, m)).opt(2),
    fn2("__lshift__", binary!(int::binary, LShift)),
    fn2("__rlshift__", binary!(int::binary, LShift, reflected)),
    fn2("__rshift__", binary!(int::binary, RShift)),
    fn2("__rrshift__", binary!(int::binary, RShift, reflected)),
    fn2("__and__", binary!(int::binary, And)),
    fn2("__rand__", binary!(int::binary, And, reflected)),
    fn2("__or__", binary!(int::binary, Or)),
    fn2("__ror__", binary!(int::binary, Or, reflected)),
    fn2("__xor__", binary!(int::binary, Xor)),
    fn2("__rxor__", binary!(int::binary, Xor, reflected)),
    fn2("__lt__", compare!(int::compare, Lt)),
    fn2("__le__", compare!(int::compare, Le)),
    fn2("__eq__", compare!(int::compare, Eq)),
    fn2("__ne__", compare!(int::compare, Ne)),
    fn2("__gt__", compare!(int::compare, Gt)),
    fn2("__ge__", compare!(int::compare, Ge)),
    fn1("__neg__", |vm, a| {
        int::arithmetic(vm, BinOp::Sub, Int::Small(0), want(vm, a))
    }),
    fn1("__pos__", |vm, a| Ok(exact(vm, a))),
    fn1("__abs__", |vm, a| {
        let v = want(vm, a);
        if v.is_negative() {
            int::arithmetic(vm, BinOp::Sub, Int::Small(0), v)
        } else {
            Ok(exact(vm, a))
        }
    }),
    fn1("__invert__", |vm, a| {
        int::arithmetic(vm, BinOp::Sub, Int::Small(-1), want(vm, a))
    }),
    fn1("__bool__", |vm, a| {
        Ok(vm.world().bool(!want(vm, a).is_zero()))
    }),
    fn1("__hash__", |vm, a| {
        Ok(int::new(vm, int::hash(&want(vm, a))))
    }),
    fn1("__int__", |vm, a| Ok(exact(vm, a))),
    fn1("__index__", |vm, a| Ok(exact(vm, a))),
    fn1("__trunc__", |vm, a| Ok(exact(vm, a))),
    fn1("__floor__", |vm, a| Ok(exact(vm, a))),
    fn1("__ceil__", |vm, a| Ok(exact(vm, a))),
    fn1("conjugate", |vm, a| Ok(exact(vm, a))),
    fn1("__float__", |vm, a| {
        Ok(float::new(vm, float::from_int(vm, &want(vm, a))?))
    }),
    fn2("__round__", int_round).opt(1),
    fn1("__repr__", |vm, a| {
        crate::int_text::decimal_object(vm, &want(vm, a))
    }),
    fn2(
        "__format__",
        |vm, a, spec| match crate::str::spec::is_empty(spec) {
            true => crate::operator::str_of(vm, a),
            false => crate::str::spec::format_int(vm, a, &want(vm, a), spec),
        },
    )
    .keep_self(),
    fn1("bit_length", |vm, a| {
        Ok(int::new(vm, bit_length(&want(vm, a)) as i64))
    }),
    fn1("bit_count", |vm, a| {
        let ones: u32 = want(vm, a)
            .big()
            .as_sign_words()
            .1
            .iter()
            .map(|w| w.count_ones())
            .sum();
        Ok(int::new(vm, ones as i64))
    }),
    fn1("as_integer_ratio", |vm, a| {
        Ok(crate::tuple::new(vm, &[exact(vm, a), int::new(vm, 1)]))
    }),
    kw("to_bytes", to_bytes),
    kw("from_bytes", from_bytes).class_method(),
    fn1("__getnewargs__", |vm, a| {
        Ok(crate::tuple::new(vm, &[exact(vm, a)]))
    }),
    fn1("__sizeof__", |vm, a| {
        Ok(int::new(
            vm,
            24 + 4 * bit_length(&want(vm, a)).div_ceil(30) as i64,
        ))
    }),
];
static INT_ATTRIBUTES: &[GetSetDef] = &[
    getter("real", |vm, a| Ok(exact(vm, a))),
    getter("imag", |vm, _| Ok(int::new(vm, 0))),
    getter("numerator", |vm, a| Ok(exact(vm, a))),
    getter("denominator", |vm, _| Ok(int::new(vm, 1))),
];
fn bool_op(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    if a.is::<WBool>() && b.is::<WBool>() {
        let (x, y) = (a.get(WBool::VALUE), b.get(WBool::VALUE));
        return Ok(vm.world().bool(
            match op {
                BinOp::And => x & y,
                BinOp::Or => x | y,
                _ => x ^ y,
            } != 0,
        ));
    }
    int::binary(vm, op, a, b)
}
static BOOL: &[BuiltinDef] = &[
    var("__new__", 1, 2, |vm, args| match args.get(1) {
        Some(&v) => crate::operator::truth(vm, v).map(|t| vm.world().bool(t)),
        None => Ok(vm.world().false_),
    })
    .static_method(),
    fn1("__repr__", |vm, a| {
        Ok(crate::str::intern(
            vm,
            if a.get(WBool::VALUE) != 0 {
                "True"
            } else {
                "False"
            },
        ))
    }),
    fn2("__and__", binary!(bool_op, And)),
    fn2("__rand__", binary!(bool_op, And, reflected)),
    fn2("__or__", binary!(bool_op, Or)),
    fn2("__ror__", binary!(bool_op, Or, reflected)),
    fn2("__xor__", binary!(bool_op, Xor)),
    fn2("__rxor__", binary!(bool_op, Xor, reflected)),
];

// ---- float
fn value(a: Gc) -> f64 {
    float::get(a).unwrap_or(0.0)
}
fn float_new(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let v = match args.get(1) {
        None => 0.0,
        Some(&x) => {
            let bytes = crate::str::as_str(x)
                .map(crate::str::bytes)
                .or_else(|| crate::bytes::content(crate::payload(x)));
            match bytes {
                Some(b) => {
                    let digits: Option<String> = std::str::from_utf8(b).ok().map(|t| {
                        t.chars()
                            .map(|c| {
                                crate::str::unicode::decimal(c as u32)
                                    .map_or(c, |d| (b'0' + d as u8) as char)
                            })
                            .collect()
                    });
                    match digits.and_then(|t| float::parse(&t)) {
                        Some(v) => v,
                        None => {
                            let shown = crate::operator::repr_text(vm, x)?;
                            return Err(vm.value_error(format_args!(
                                "could not convert string to float: {shown}"
                            )));
                        }
                    }
                }
                None => match float::converted(vm, x) {
                    Err(e)
                        if crate::error::is_instance_of(vm, e, vm.world().classes.type_error)
                            && type_of(vm, x).special(vm, Special::Float).is_null() =>
                    {
                        let got = type_of(vm, x).text();
                        return Err(vm.type_error(format_args!(
                            "float() argument must be a string or a real number, not '{got}'"
                        )));
                    }
                    v => v?,
                },
            }
        }
    };
    Ok(wrap(
        vm,
        args[0],
        vm.world().classes.float,
        float::new(vm, v),
    ))
}
fn float_pow(vm: &'static Vm, a: Gc, b: Gc, m: Gc) -> PyResult {
    if !m.is_null() && m != vm.world().none {
        return Err(
            vm.type_error("pow() 3rd argument not allowed unless all arguments are integers")
        );
    }
    float::binary(vm, BinOp::Pow, a, b)
}
fn float_round(vm: &'static Vm, a: Gc, digits: Gc) -> PyResult {
    let v = value(a);
    if digits.is_null() || digits == vm.world().none {
        return int::from_f64(vm, float::round_half_even(v));
    }
    let digits = int::clipped(vm, digits)?;
    let r = float::round_to(v, digits);
    if r.is_infinite() && v.is_finite() {
        return Err(vm.overflow_error("rounded value too large to represent"));
    }
    Ok(float::new(vm, r))
}
fn ratio(vm: &'static Vm, a: Gc) -> PyResult {
    let v = value(a);
    if !v.is_finite() {
        return Err(match v.is_nan() {
            true => vm.value_error("cannot convert NaN to integer ratio"),
            false => vm.overflow_error("cannot convert Infinity to integer ratio"),
        });
    }
    let (mut m, mut e) = float::frexp(v);
    while m != m.floor() {
        m *= 2.0;
        e -= 1;
    }
    let (n, d) = match e >= 0 {
        true => (int::integral(m) << e as usize, IBig::ONE),
        false => (int::integral(m), IBig::ONE << (-e) as usize),
    };
    Ok(crate::tuple::new(
        vm,
        &[int::from_big(vm, &n), int::from_big(vm, &d)],
    ))
}
fn hex(v: f64) -> String {
    if !v.is_finite() {
        return float::repr(v);
    }
    let sign = if v.is_sign_negative() { "-" } else { "" };
    if v == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = v.to_bits();
    let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
    let (lead, e) = if exponent == 0 {
        (0, -1022)
    } else {
        (1, exponent - 1023)
    };
    format!("{sign}0x{lead}.{mantissa:013x}p{e:+}")
}
fn from_hex(vm: &'static Vm, class: Gc, s: Gc) -> PyResult {
    let Some(s) = crate::str::as_str(s) else {
        return Err(vm.type_error("fromhex() argument must be str"));
    };
    let bad = || vm.value_error("invalid hexadecimal floating-point string");
    let t = crate::str::to_text(s).trim().to_ascii_lowercase();
    let (negative, body) = match t.as_bytes().first() {
        Some(b'-') => (true, &t[1..]),
        Some(b'+') => (false, &t[1..]),
        _ => (false, &t[..]),
    };
    let v = match body {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => {
            let body = body.strip_prefix("0x").unwrap_or(body);
            let (mantissa, exponent) = body.split_once('p').unwrap_or((body, "0"));
            let e: i64 = exponent.parse().map_err(|_| bad())?;
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits = format!("{whole}{fraction}");
            if digits.is_empty() {
                return Err(bad());
            }
            let m = UBig::from_str_radix(&digits, 16).map_err(|_| bad())?;
            let e = e - 4 * fraction.len() as i64;
            let exact = if e.abs() > 5000 {
                return if m == UBig::ZERO {
                    Ok(float::new(vm, 0.0))
                } else if e > 0 {
                    Err(vm.overflow_error("hexadecimal value too large to represent as a float"))
                } else {
                    Ok(float::new(vm, 0.0))
                };
            } else if e >= 0 {
                int::arithmetic(
                    vm,
                    BinOp::TrueDiv,
                    Int::Big(IBig::from(m) << e as usize),
                    Int::Small(1),
                )
            } else {
                int::arithmetic(
                    vm,
                    BinOp::TrueDiv,
                    Int::Big(IBig::from(m)),
                    Int::Big(IBig::ONE << (-e) as usize),
                )
            };
            value(exact.map_err(|_| {
                vm.overflow_error("hexadecimal value too large to represent as a float")
            })?)
        }
    };
    let v = float::new(vm, if negative { -v } else { v });
    match class_of(class).is_some_and(|c| std::ptr::eq(c, vm.world().classes.float)) {
        true => Ok(v),
        false => crate::call::call_args(vm, class, &[v]),
    }
}
static FLOAT: &[BuiltinDef] = &[
    var("__new__", 1, 2, float_new).static_method(),
    fn2("__add__", binary!(float::binary, Add)),
    fn2("__radd__", binary!(float::binary, Add, reflected)),
    fn2("__sub__", binary!(float::binary, Sub)),
    fn2("__rsub__", binary!(float::binary, Sub, reflected)),
    fn2("__mul__", binary!(float::binary, Mul)),
    fn2("__rmul__", binary!(float::binary, Mul, reflected)),
    fn2("__truediv__", binary!(float::binary, TrueDiv)),
    fn2("__rtruediv__", binary!(float::binary, TrueDiv, reflected)),
    fn2("__floordiv__", binary!(float::binary, FloorDiv)),
    fn2("__rfloordiv__", binary!(float::binary, FloorDiv, reflected)),
    fn2("__mod__", binary!(float::binary, Mod)),
    fn2("__rmod__", binary!(float::binary, Mod, reflected)),
    fn2("__divmod__", binary!(float::binary, DivMod)),
    fn2("__rdivmod__", binary!(float::binary, DivMod, reflected)),
    fn3("__pow__", float_pow).opt(2),
    fn3("__rpow__", |vm, a, b, m| float_pow(vm, b, a, m)).opt(2),
    fn2("__lt__", compare!(float::compare, Lt)),
    fn2("__le__", compare!(float::compare, Le)),
    fn2("__eq__", compare!(float::compare, Eq)),
    fn2("__ne__", compare!(float::compare, Ne)),
    fn2("__gt__", compare!(float::compare, Gt)),
    fn2("__ge__", compare!(float::compare, Ge)),
    fn1("__neg__", |vm, a| Ok(float::new(vm, -value(a)))),
    fn1("__pos__", |_, a| Ok(a)),
    fn1("__abs__", |vm, a| Ok(float::new(vm, value(a).abs()))),
    fn1("__bool__", |vm, a| Ok(vm.world().bool(value(a) != 0.0))),
    fn1("__hash__", |vm, a| Ok(int::new(vm, float::hash(value(a))))),
    fn1("__int__", |vm, a| int::from_f64(vm, value(a))),
    fn1("__trunc__", |vm, a| int::from_f64(vm, value(a))),
    fn1("__floor__", |vm, a| int::from_f64(vm, value(a).floor())),
    fn1("__ceil__", |vm, a| int::from_f64(vm, value(a).ceil())),
    fn1("__float__", |_, a| Ok(a)),
    fn1("conjugate", |_, a| Ok(a)),
    fn2("__round__", float_round).opt(1),
    fn1("__repr__", |vm, a| text(vm, float::repr(value(a)))),
    fn2(
        "__format__",
        |vm, a, spec| match crate::str::spec::is_empty(spec) {
            true => crate::operator::str_of(vm, a),
            false => crate::str::spec::format_float(vm, a, value(a), spec),
        },
    )
    .keep_self(),
    fn1("is_integer", |vm, a| {
        Ok(vm
            .world()
            .bool(value(a).is_finite() && value(a) == value(a).trunc()))
    }),
    fn1("as_integer_ratio", ratio),
    fn1("hex", |vm, a| text(vm, hex(value(a)))),
    fn2("fromhex", from_hex).class_method(),
    fn1("__getnewargs__", |vm, a| Ok(crate::tuple::new(vm, &[a]))),
    fn2("__getformat__", |vm, _, _| text(vm, "IEEE, little-endian")).class_method(),
];
static FLOAT_ATTRIBUTES: &[GetSetDef] = &[
    getter("real", |_, a| Ok(a)),
    getter("imag", |vm, _| Ok(float::new(vm, 0.0))),
];

// ---- complex
fn complex_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [class, real, imag] =
        crate::call::parse(vm, "complex", args, kw, ["", "real", "imag"], 1, 3)?;
    if !real.is_null()
        && let Some(s) = crate::str::as_str(real)
    {
        if !imag.is_null() {
            return Err(vm.type_error("complex() can't take second arg if first is a string"));
        }
        let v = complex::parse(&crate::str::to_text(s))
            .ok_or_else(|| vm.value_error("complex() arg is a malformed string"))?;
        return Ok(wrap(
            vm,
            class,
            vm.world().classes.complex,
            complex::new(vm, v.0, v.1),
        ));
    }
    if !imag.is_null() && crate::str::as_str(imag).is_some() {
        return Err(vm.type_error("complex() second arg can't be a string"));
    }
    let part = |o: Gc| {
        if o.is_null() {
            Ok((0.0, 0.0))
        } else {
            complex::convert(vm, o)
        }
    };
    let (a, b) = (part(real)?, part(imag)?);
    Ok(wrap(
        vm,
        class,
        vm.world().classes.complex,
        complex::new(vm, a.0 - b.1, a.1 + b.0),
    ))
}
fn parts(a: Gc) -> (f64, f64) {
    complex::get(a).unwrap_or((0.0, 0.0))
}
static COMPLEX: &[BuiltinDef] = &[
    kw("__new__", complex_new).static_method(),
    fn2("__add__", binary!(complex::binary, Add)),
    fn2("__radd__", binary!(complex::binary, Add, reflected)),
    fn2("__sub__", binary!(complex::binary, Sub)),
    fn2("__rsub__", binary!(complex::binary, Sub, reflected)),
    fn2("__mul__", binary!(complex::binary, Mul)),
    fn2("__rmul__", binary!(complex::binary, Mul, reflected)),
    fn2("__truediv__", binary!(complex::binary, TrueDiv)),
    fn2("__rtruediv__", binary!(complex::binary, TrueDiv, reflected)),
    fn3("__pow__", |vm, a, b, _| {
        complex::binary(vm, BinOp::Pow, a, b)
    })
    .opt(2),
    fn3("__rpow__", |vm, a, b, _| {
        complex::binary(vm, BinOp::Pow, b, a)
    })
    .opt(2),
    fn2("__eq__", |vm, a, b| complex::equal(vm, a, b, false)),
    fn2("__ne__", |vm, a, b| complex::equal(vm, a, b, true)),
    fn1("__neg__", |vm, a| {
        Ok(complex::new(vm, -parts(a).0, -parts(a).1))
    }),
    fn1("__pos__", |_, a| Ok(a)),
    fn1("__abs__", |vm, a| {
        Ok(float::new(vm, parts(a).0.hypot(parts(a).1)))
    }),
    fn1("__bool__", |vm, a| {
        Ok(vm.world().bool(parts(a) != (0.0, 0.0)))
    }),
    fn1("__hash__", |vm, a| {
        let (x, y) = parts(a);
        Ok(int::new(
            vm,
            float::hash(x).wrapping_add(1000003i64.wrapping_mul(float::hash(y))),
        ))
    }),
    fn1("__complex__", |_, a| Ok(a)),
    fn1("conjugate", |vm, a| {
        Ok(complex::new(vm, parts(a).0, -parts(a).1))
    }),
    fn1("__repr__", |vm, a| text(vm, complex::repr(parts(a)))),
    fn1("__getnewargs__", |vm, a| {
        Ok(crate::tuple::new(
            vm,
            &[float::new(vm, parts(a).0), float::new(vm, parts(a).1)],
        ))
    }),
];
static COMPLEX_ATTRIBUTES: &[GetSetDef] = &[
    getter("real", |vm, a| Ok(float::new(vm, parts(a).0))).member(),
    getter("imag", |vm, a| Ok(float::new(vm, parts(a).1))).member(),
];

pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    add_members(vm, c.int, INT, INT_ATTRIBUTES);
    add_members(vm, c.bool_, BOOL, &[]);
    add_members(vm, c.float, FLOAT, FLOAT_ATTRIBUTES);
    add_members(vm, c.complex, COMPLEX, COMPLEX_ATTRIBUTES);
}
