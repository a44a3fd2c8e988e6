//! Text of an expression, as `from __future__ import annotations` keeps it: CPython's spacing, quotes and parentheses.

use super::*;
use ast::{BoolOp, CmpOp, Operator, UnaryOp};

/// Binding strength of a place; an expression that binds weaker gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arithmetic,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Level {
    fn tighter(self) -> Level {
        use Level::*;
        let all = [
            Tuple, Test, Or, And, Not, Compare, BitOr, BitXor, BitAnd, Shift, Arithmetic, Term,
            Factor, Power, Await, Atom,
        ];
        all[(self as usize + 1).min(all.len() - 1)]
    }
}

/// The text of `e`.
pub(super) fn unparse(e: &Expr, source: &str) -> String {
    let mut w = Writer {
        out: String::new(),
        source,
    };
    w.expr(e, Level::Test);
    w.out
}

struct Writer<'a> {
    out: String,
    source: &'a str,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }
    /// Writes `f` in parentheses if its strength `own` is below what the place asks for.
    fn level(&mut self, own: Level, place: Level, f: impl FnOnce(&mut Self)) {
        if place > own {
            self.text("(");
            f(self);
            self.text(")");
        } else {
            f(self);
        }
    }
    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>, level: Level) {
        for (i, e) in items.into_iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.expr(e, level);
        }
    }

    fn expr(&mut self, e: &Expr, place: Level) {
        match e {
            Expr::Name(n) => self.text(&n.id),
            Expr::NoneLiteral(_) => self.text("None"),
            Expr::EllipsisLiteral(_) => self.text("..."),
            Expr::BooleanLiteral(b) => self.text(if b.value { "True" } else { "False" }),
            Expr::StringLiteral(s) => {
                if s.value.is_unicode() {
                    self.text("u");
                }
                let text = repr(s.value.to_str());
                self.text(&text);
            }
            Expr::BytesLiteral(b) => {
                let bytes: Vec<u8> = b.value.bytes().collect();
                let text = repr_bytes(&bytes);
                self.text(&text);
            }
            Expr::NumberLiteral(n) => match &n.value {
                ast::Number::Int(i) if i.as_i64().is_some() => {
                    let text = i.to_string();
                    self.text(&text);
                }
                _ => {
                    let source = self.source;
                    self.text(&source[n.range]);
                }
            },
            Expr::Attribute(a) => {
                self.expr(&a.value, Level::Atom);
                let int = matches!(&*a.value, Expr::NumberLiteral(n) if matches!(n.value, ast::Number::Int(_)));
                self.text(if int { " ." } else { "." });
                self.text(a.attr.as_str());
            }
            Expr::Subscript(s) => {
                self.expr(&s.value, Level::Atom);
                self.text("[");
                self.expr(&s.slice, Level::Tuple);
                self.text("]");
            }
            Expr::Slice(s) => {
                let part = |w: &mut Self, e: &Option<Box<Expr>>| {
                    if let Some(e) = e {
                        w.expr(e, Level::Test);
                    }
                };
                part(self, &s.lower);
                self.text(":");
                part(self, &s.upper);
                if s.step.is_some() {
                    self.text(":");
                    part(self, &s.step);
                }
            }
            Expr::Tuple(t) if t.elts.is_empty() => self.text("()"),
            Expr::Tuple(t) => self.level(Level::Tuple, place, |w| {
                w.list(&t.elts, Level::Test);
                if t.elts.len() == 1 {
                    w.text(",");
                }
            }),
            Expr::List(l) => {
                self.text("[");
                self.list(&l.elts, Level::Test);
                self.text("]");
            }
            Expr::Set(s) => {
                self.text("{");
                self.list(&s.elts, Level::Test);
                self.text("}");
            }
            Expr::Dict(d) => {
                self.text("{");
                for (i, item) in d.items.iter().enumerate() {
                    if i > 0 {
                        self.text(", ");
                    }
                    match &item.key {
                        Some(key) => {
                            self.expr(key, Level::Test);
                            self.text(": ");
                            self.expr(&item.value, Level::Test);
                        }
                        None => {
                            self.text("**");
                            self.expr(&item.value, Level::BitOr);
                        }
                    }
                }
                self.text("}");
            }
            Expr::Starred(s) => {
                self.text("*");
                self.expr(&s.value, Level::BitOr);
            }
            Expr::Call(c) => self.call(c),
            Expr::BoolOp(b) => {
                let (own, word) = match b.op {
                    BoolOp::And => (Level::And, " and "),
                    BoolOp::Or => (Level::Or, " or "),
                };
                self.level(own, place, |w| {
                    for (i, e) in b.values.iter().enumerate() {
                        if i > 0 {
                            w.text(word);
                        }
                        w.expr(e, own.tighter());
                    }
                });
            }
            Expr::BinOp(b) => {
                let own = match b.op {
                    Operator::BitOr => Level::BitOr,
                    Operator::BitXor => Level::BitXor,
                    Operator::BitAnd => Level::BitAnd,
                    Operator::LShift | Operator::RShift => Level::Shift,
                    Operator::Add | Operator::Sub => Level::Arithmetic,
                    Operator::Pow => Level::Power,
                    _ => Level::Term,
                };
                let (left, right) = if b.op == Operator::Pow {
                    (own.tighter(), own)
                } else {
                    (own, own.tighter())
                };
                self.level(own, place, |w| {
                    w.expr(&b.left, left);
                    let spaced = format!(" {} ", b.op.as_str());
                    w.text(&spaced);
                    w.expr(&b.right, right);
                });
            }
            Expr::UnaryOp(u) => {
                let (own, word) = match u.op {
                    UnaryOp::Not => (Level::Not, "not "),
                    UnaryOp::Invert => (Level::Factor, "~"),
                    UnaryOp::UAdd => (Level::Factor, "+"),
                    UnaryOp::USub => (Level::Factor, "-"),
                };
                self.level(own, place, |w| {
                    w.text(word);
                    w.expr(&u.operand, own);
                });
            }
            Expr::Compare(c) => self.level(Level::Compare, place, |w| {
                w.expr(&c.left, Level::BitOr);
                for (op, e) in c.ops.iter().zip(&c.comparators) {
                    let word = match op {
                        CmpOp::IsNot => "is not",
                        CmpOp::NotIn => "not in",
                        op => op.as_str(),
                    };
                    w.text(" ");
                    w.text(word);
                    w.text(" ");
                    w.expr(e, Level::BitOr);
                }
            }),
            Expr::If(i) => self.level(Level::Test, place, |w| {
                w.expr(&i.body, Level::Or);
                w.text(" if ");
                w.expr(&i.test, Level::Or);
                w.text(" else ");
                w.expr(&i.orelse, Level::Test);
            }),
            Expr::Lambda(l) => self.level(Level::Test, place, |w| {
                w.text("lambda");
                if let Some(p) = &l.parameters {
                    w.text(" ");
                    w.parameters(p);
                }
                w.text(": ");
                w.expr(&l.body, Level::Test);
            }),
            Expr::Named(n) => self.level(Level::Tuple, place, |w| {
                w.expr(&n.target, Level::Atom);
                w.text(" := ");
                w.expr(&n.value, Level::Atom);
            }),
            Expr::Await(a) => self.level(Level::Await, place, |w| {
                w.text("await ");
                w.expr(&a.value, Level::Atom);
            }),
            Expr::Yield(y) => {
                self.text("(yield");
                if let Some(v) = &y.value {
                    self.text(" ");
                    self.expr(v, Level::Test);
                }
                self.text(")");
            }
            Expr::YieldFrom(y) => {
                self.text("(yield from ");
                self.expr(&y.value, Level::Test);
                self.text(")");
            }
            Expr::ListComp(c) => self.comprehension("[", &[&c.elt], &c.generators, "]"),
            Expr::SetComp(c) => self.comprehension("{", &[&c.elt], &c.generators, "}"),
            Expr::Generator(c) => self.comprehension("(", &[&c.elt], &c.generators, ")"),
            Expr::DictComp(c) => match &c.key {
                Some(key) => self.comprehension("{", &[key, &c.value], &c.generators, "}"),
                None => self.comprehension("{", &[&c.value], &c.generators, "}"),
            },
            // The source is as good as what CPython puts together again.
            Expr::FString(_) | Expr::TString(_) | Expr::IpyEscapeCommand(_) => {
                let source = self.source;
                self.text(&source[e.range()]);
            }
        }
    }

    fn call(&mut self, c: &ast::ExprCall) {
        self.expr(&c.func, Level::Atom);
        if let ([only @ Expr::Generator(_)], true) =
            (&c.arguments.args[..], c.arguments.keywords.is_empty())
        {
            return self.expr(only, Level::Atom);
        }
        self.text("(");
        self.list(&c.arguments.args, Level::Test);
        for (i, k) in c.arguments.keywords.iter().enumerate() {
            if i > 0 || !c.arguments.args.is_empty() {
                self.text(", ");
            }
            match &k.arg {
                Some(name) => {
                    self.text(name.as_str());
                    self.text("=");
                }
                None => self.text("**"),
            }
            self.expr(&k.value, Level::Test);
        }
        self.text(")");
    }

    fn parameters(&mut self, p: &ast::Parameters) {
        let mut first = true;
        let mut comma = |w: &mut Self| {
            if !std::mem::take(&mut first) {
                w.text(", ");
            }
        };
        let one = |w: &mut Self, p: &ast::ParameterWithDefault| {
            w.text(p.parameter.name.as_str());
            if let Some(d) = &p.default {
                w.text("=");
                w.expr(d, Level::Test);
            }
        };
        for (i, a) in p.posonlyargs.iter().chain(&p.args).enumerate() {
            comma(self);
            one(self, a);
            if i + 1 == p.posonlyargs.len() {
                self.text(", /");
            }
        }
        if p.vararg.is_some() || !p.kwonlyargs.is_empty() {
            comma(self);
            self.text("*");
            if let Some(v) = &p.vararg {
                self.text(v.name.as_str());
            }
        }
        for a in &p.kwonlyargs {
            comma(self);
            one(self, a);
        }
        if let Some(k) = &p.kwarg {
            comma(self);
            self.text("**");
            self.text(k.name.as_str());
        }
    }

    fn comprehension(
        &mut self,
        open: &str,
        elements: &[&Expr],
        generators: &[ast::Comprehension],
        close: &str,
    ) {
        self.text(open);
        for (i, e) in elements.iter().enumerate() {
            if i > 0 {
                self.text(": ");
            }
            self.expr(e, Level::Test);
        }
        for g in generators {
            self.text(if g.is_async { " async for " } else { " for " });
            self.expr(&g.target, Level::Tuple);
            self.text(" in ");
            self.expr(&g.iter, Level::Or);
            for condition in &g.ifs {
                self.text(" if ");
                self.expr(condition, Level::Or);
            }
        }
        self.text(close);
    }
}

/// Quotes as `repr` chooses them.
fn quote(text: &[u8]) -> char {
    if text.contains(&b'\'') && !text.contains(&b'"') {
        '"'
    } else {
        '\''
    }
}

fn repr(text: &str) -> String {
    let q = quote(text.as_bytes());
    let mut out = String::from(q);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == q => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(q);
    out
}

fn repr_bytes(bytes: &[u8]) -> String {
    let q = quote(bytes);
    let mut out = format!("b{q}");
    for b in bytes {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            b if *b as char == q => out.push_str(&format!("\\{q}")),
            0x20..=0x7e => out.push(*b as char),
            b => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push(q);
    out
}
