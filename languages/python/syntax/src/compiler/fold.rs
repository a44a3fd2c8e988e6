//! Constants: literals, and the expressions that CPython folds where a program can see it.

use super::*;
use crate::literal;
use ast::{Number, Operator, UnaryOp};

/// Longest str or bytes that folding makes.
const MAX_FOLDED: usize = 4096;

impl<'a> Compiler<'a> {
    /// The value of an expression that is a constant; None if it is not.
    pub(super) fn constant(&mut self, e: &Expr) -> Option<Const> {
        if matches!(e, Expr::BinOp(_) | Expr::UnaryOp(_)) {
            let node = std::ptr::from_ref(e) as usize;
            if self.not_constant.contains(&node) {
                return None;
            }
            let value = self.constant_of(e);
            if value.is_none() {
                self.not_constant.insert(node);
            }
            return value;
        }
        self.constant_of(e)
    }
    fn constant_of(&mut self, e: &Expr) -> Option<Const> {
        Some(match e {
            Expr::NoneLiteral(_) => Const::None,
            Expr::EllipsisLiteral(_) => Const::Ellipsis,
            Expr::BooleanLiteral(b) => bool_const(b.value),
            Expr::NumberLiteral(n) => self.number(n),
            Expr::StringLiteral(s) => self.string_const(s),
            Expr::BytesLiteral(b) => Const::Bytes(b.value.bytes().collect()),
            Expr::Name(n) if &*n.id == "__debug__" => bool_const(self.input.optimize == 0),
            Expr::UnaryOp(u) => {
                let value = self.constant_operand(&u.operand)?;
                fold_unary(u.op, &value)?
            }
            Expr::BinOp(b) => {
                let left = self.constant_operand(&b.left)?;
                let right = self.constant_operand(&b.right)?;
                fold_binary(b.op, &left, &right)?
            }
            Expr::Tuple(t) if t.ctx == ast::ExprContext::Load => {
                Const::Tuple(self.constants(&t.elts)?)
            }
            _ => return None,
        })
    }
    fn constant_operand(&mut self, e: &Expr) -> Option<Const> {
        match e {
            Expr::Name(_) => None,
            Expr::UnaryOp(_) | Expr::BinOp(_) => {
                if !self.enter(e.range()) {
                    return None;
                }
                let value = self.constant(e);
                self.depth -= 1;
                value
            }
            Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::BooleanLiteral(_) => self.constant(e),
            _ => None,
        }
    }
    /// All of `elts` as constants.
    pub(super) fn constants(&mut self, elts: &[Expr]) -> Option<Box<[Const]>> {
        // Cheap look first, so that long displays of other things cost nothing.
        if elts
            .iter()
            .any(|e| matches!(e, Expr::Name(_) | Expr::Call(_) | Expr::Starred(_)))
        {
            return None;
        }
        elts.iter().map(|e| self.constant(e)).collect()
    }

    fn number(&mut self, n: &ast::ExprNumberLiteral) -> Const {
        match &n.value {
            Number::Float(f) => Const::Float(*f),
            Number::Complex { real, imag } => Const::Complex(*real, *imag),
            Number::Int(i) => match i.as_i64() {
                Some(i) => Const::Int(i),
                None => {
                    let text = &self.input.source[n.range];
                    if text.len() > 4300 && text.as_bytes()[1].is_ascii_digit() {
                        let digits = text.bytes().filter(u8::is_ascii_digit).count();
                        if digits > 4300 {
                            self.error(n.range, format!(
                                "Exceeds the limit (4300 digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."
                            ));
                        }
                    }
                    Const::BigInt(literal::int_to_hex(text).into())
                }
            },
        }
    }

    pub(super) fn string_const(&mut self, s: &ast::ExprStringLiteral) -> Const {
        let mut out = Vec::new();
        for part in &s.value {
            self.string_part(part, &mut out);
        }
        Const::Str(out.into())
    }
    /// Appends one literal of an implicit concatenation.
    pub(super) fn string_part(&mut self, part: &ast::StringLiteral, out: &mut Vec<u8>) {
        // The parser writes U+FFFD where the literal has a lone surrogate.
        if part.value.contains('\u{FFFD}') && !part.flags.prefix().is_raw() {
            let body = &self.input.source[part.content_range()];
            if body.contains('\\') {
                out.extend(literal::decode_string(body, false));
                return;
            }
        }
        out.extend(part.value.as_bytes());
    }
}

pub(super) fn bool_const(value: bool) -> Const {
    if value { Const::True } else { Const::False }
}

/// The truth of a constant.
pub(super) fn truth(value: &Const) -> bool {
    match value {
        Const::None | Const::False => false,
        Const::Int(i) => *i != 0,
        Const::Float(f) => *f != 0.0,
        Const::Complex(r, i) => *r != 0.0 || *i != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(t) | Const::FrozenSet(t) => !t.is_empty(),
        Const::BigInt(_) | Const::Ellipsis | Const::True | Const::Code(_) | Const::Names(_) => true,
    }
}

fn int(value: i128) -> Const {
    match i64::try_from(value) {
        Ok(i) => Const::Int(i),
        Err(_) => {
            let sign = if value < 0 { "-" } else { "" };
            Const::BigInt(format!("{sign}{:x}", value.unsigned_abs()).into())
        }
    }
}

fn as_int(value: &Const) -> Option<i64> {
    match value {
        Const::Int(i) => Some(*i),
        Const::True => Some(1),
        Const::False => Some(0),
        _ => None,
    }
}

fn as_float(value: &Const) -> Option<f64> {
    match value {
        Const::Float(f) => Some(*f),
        // Beyond 2**53 the conversion has rules of its own, which are left to run time.
        v => as_int(v)
            .filter(|i| i.unsigned_abs() < 1 << 53)
            .map(|i| i as f64),
    }
}

fn fold_unary(op: UnaryOp, value: &Const) -> Option<Const> {
    Some(match (op, value) {
        (UnaryOp::Not, v) => bool_const(!truth(v)),
        (UnaryOp::USub, Const::Float(f)) => Const::Float(-f),
        (UnaryOp::USub, Const::Complex(r, i)) => Const::Complex(-r, -i),
        (UnaryOp::USub, Const::BigInt(t)) => match t.strip_prefix('-') {
            Some(positive) => Const::BigInt(positive.into()),
            // -2**63 fits.
            None if &**t == "8000000000000000" => Const::Int(i64::MIN),
            None => Const::BigInt(format!("-{t}").into()),
        },
        (UnaryOp::UAdd, Const::Float(_) | Const::BigInt(_) | Const::Complex(..)) => value.clone(),
        (UnaryOp::USub, v) => int(-i128::from(as_int(v)?)),
        (UnaryOp::UAdd, v) => Const::Int(as_int(v)?),
        (UnaryOp::Invert, v) => Const::Int(!as_int(v)?),
    })
}

fn fold_binary(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    if let (Some(a), Some(b)) = (as_int(left), as_int(right)) {
        return fold_ints(op, a, b);
    }
    match (op, left, right) {
        (Operator::Add, Const::Str(a), Const::Str(b)) if a.len() + b.len() <= MAX_FOLDED => {
            return Some(Const::Str([&**a, &**b].concat().into()));
        }
        (Operator::Add, Const::Bytes(a), Const::Bytes(b)) if a.len() + b.len() <= MAX_FOLDED => {
            return Some(Const::Bytes([&**a, &**b].concat().into()));
        }
        (Operator::Mult, Const::Str(s), Const::Int(n))
        | (Operator::Mult, Const::Int(n), Const::Str(s)) => {
            let n = usize::try_from(*n).unwrap_or(0);
            return (s.len().saturating_mul(n) <= MAX_FOLDED)
                .then(|| Const::Str(s.repeat(n).into()));
        }
        (Operator::Mult, Const::Bytes(s), Const::Int(n))
        | (Operator::Mult, Const::Int(n), Const::Bytes(s)) => {
            let n = usize::try_from(*n).unwrap_or(0);
            return (s.len().saturating_mul(n) <= MAX_FOLDED)
                .then(|| Const::Bytes(s.repeat(n).into()));
        }
        (Operator::Add | Operator::Sub, l, Const::Complex(re, im)) => {
            let a = as_float(l)?;
            // The real number has imaginary part 0.0 in the sum, as the run time computes it.
            return Some(if op == Operator::Add {
                Const::Complex(a + re, 0.0 + im)
            } else {
                Const::Complex(a - re, 0.0 - im)
            });
        }
        _ => {}
    }
    let (a, b) = (as_float(left)?, as_float(right)?);
    Some(Const::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        _ => return None,
    }))
}

fn fold_ints(op: Operator, a: i64, b: i64) -> Option<Const> {
    let (x, y) = (i128::from(a), i128::from(b));
    Some(match op {
        Operator::Add => int(x + y),
        Operator::Sub => int(x - y),
        Operator::Mult => int(x * y),
        Operator::FloorDiv if b != 0 => {
            let inexact = x % y != 0 && (x < 0) != (y < 0);
            int(x / y - i128::from(inexact))
        }
        Operator::Mod if b != 0 => {
            let r = x % y;
            int(if r != 0 && (r < 0) != (y < 0) {
                r + y
            } else {
                r
            })
        }
        Operator::Div if b != 0 && a.unsigned_abs() < 1 << 53 && b.unsigned_abs() < 1 << 53 => {
            Const::Float(a as f64 / b as f64)
        }
        Operator::Pow if b >= 0 => int(x.checked_pow(u32::try_from(b).ok()?)?),
        Operator::LShift if (0..64).contains(&b) => int(x << b),
        Operator::RShift if b >= 0 => int(x >> b.min(127)),
        Operator::BitAnd => int(x & y),
        Operator::BitOr => int(x | y),
        Operator::BitXor => int(x ^ y),
        _ => return None,
    })
}
