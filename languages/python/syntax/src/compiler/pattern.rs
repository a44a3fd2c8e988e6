//! The `match` statement (PEP 634).
//!
//! A pattern is compiled to tests that go to one label when they fail. Values that names capture stay in temporaries until the
//! whole pattern has matched; only then the names are bound, so that a pattern that fails binds nothing.
//!
//! Invariant P1: temporaries of a pattern are released only when its case ends, so that the register of a captured value
//! stays its own. Alternatives (`|`) give theirs back: names inside of them have registers that are allocated before.

use super::*;
use crate::symtable::bound_names;
use ast::Pattern;
use unit::Label;

/// What one case has captured.
struct Captures {
    /// Names in the order of binding, each with the register of its value.
    names: Vec<(Sym, Reg)>,
    /// Registers that were set aside for names inside of alternatives.
    reserved: Vec<(Sym, Reg)>,
}

/// Where a pattern stands.
#[derive(Clone, Copy)]
struct Spot {
    /// Where to go if it does not match.
    fail: Label,
    /// A pattern that always matches is allowed here.
    irrefutable: bool,
}

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, m: &'a ast::StmtMatch) {
        let subject = self.expr_temp(&m.subject);
        let end = self.u.label();
        let mark = self.u.next_temp;
        for (n, case) in m.cases.iter().enumerate() {
            let last = n + 1 == m.cases.len();
            let fail = self.u.label();
            let place = Spot {
                fail,
                irrefutable: last || case.guard.is_some(),
            };
            let mut captures = Captures {
                names: Vec::new(),
                reserved: Vec::new(),
            };
            if case.pattern.is_irrefutable() {
                self.u.mark(case.pattern.range());
            }
            self.pattern(&case.pattern, subject, place, &mut captures);
            self.at(case.pattern.range());
            for (name, value) in captures.names {
                self.store_sym(name, value);
            }
            if let Some(guard) = &case.guard {
                self.jump_if(guard, false, fail);
            }
            self.u.release(mark);
            self.stmts(&case.body);
            if !last {
                self.at(case.range);
                self.u.quiet_jump(Op::Jump, 0, 0, end);
            }
            self.u.bind(fail);
        }
        self.u.bind(end);
    }

    fn pattern(&mut self, p: &'a Pattern, value: Reg, at: Spot, captures: &mut Captures) {
        if !self.enter(p.range()) {
            return;
        }
        let old = self.at(p.range());
        match p {
            Pattern::MatchValue(v) => self.value_pattern(v, value, at.fail),
            Pattern::MatchSingleton(s) => {
                let konst = match s.value {
                    ast::Singleton::None => {
                        self.u.jump(Op::JumpIfNotNone, value, 0, at.fail);
                        None
                    }
                    ast::Singleton::True => Some(Const::True),
                    ast::Singleton::False => Some(Const::False),
                };
                if let Some(konst) = konst {
                    let konst = self.load_const(konst, None);
                    self.u.jump(Op::JumpIfIsNot, value, konst, at.fail);
                }
            }
            Pattern::MatchSequence(s) => self.sequence_pattern(s, value, at.fail, captures),
            Pattern::MatchMapping(m) => self.mapping_pattern(m, value, at.fail, captures),
            Pattern::MatchClass(c) => self.class_pattern(c, value, at.fail, captures),
            Pattern::MatchOr(o) => self.or_pattern(o, value, at, captures),
            Pattern::MatchAs(a) => self.as_pattern(a, value, at, captures),
            // The parser lets a star stand where a sequence may follow only.
            Pattern::MatchStar(s) => self.error(s.range, "invalid syntax"),
        }
        self.at(old);
        self.depth -= 1;
    }
    /// A pattern inside of another one, where everything is allowed.
    fn subpattern(&mut self, p: &'a Pattern, value: Reg, fail: Label, captures: &mut Captures) {
        let at = Spot {
            fail,
            irrefutable: true,
        };
        self.pattern(p, value, at, captures);
    }

    fn value_pattern(&mut self, v: &'a ast::PatternMatchValue, value: Reg, fail: Label) {
        if let Some(konst) = self.constant(&v.value) {
            let konst = self.u.konst(konst);
            self.u
                .emit_e(Op::JumpUnlessEqK, value, 0, 0, fail.0 as i32, konst as u32);
            return;
        }
        if !v.value.is_attribute_expr() {
            let message = "patterns may only match literals and attribute lookups";
            return self.error(v.range, message);
        }
        let right = self.expr(&v.value);
        self.u.jump(Op::JumpUnlessEq, value, right, fail);
    }

    fn as_pattern(
        &mut self,
        a: &'a ast::PatternMatchAs,
        value: Reg,
        at: Spot,
        captures: &mut Captures,
    ) {
        if let Some(inner) = &a.pattern {
            self.pattern(inner, value, at, captures);
        } else if !at.irrefutable {
            let message = match &a.name {
                Some(name) => format!("name capture '{name}' makes remaining patterns unreachable"),
                None => "wildcard makes remaining patterns unreachable".to_string(),
            };
            self.error(a.range, message);
        }
        if let Some(name) = &a.name {
            self.capture(name, value, a.range, captures);
        }
    }
    fn capture(
        &mut self,
        name: &'a ast::Identifier,
        value: Reg,
        range: TextRange,
        captures: &mut Captures,
    ) {
        if name.as_str() == "__debug__" {
            return self.error(range, "cannot assign to __debug__");
        }
        let sym = self.mangled(name.as_str());
        if captures.names.iter().any(|(n, _)| *n == sym) {
            let message = format!("multiple assignments to name '{name}' in pattern");
            return self.error(range, message);
        }
        let reserved = captures.reserved.iter().find(|(n, _)| *n == sym);
        let value = match reserved {
            Some((_, r)) => {
                let r = *r;
                self.emit(Op::Move, r, value, 0, 0);
                r
            }
            None => value,
        };
        captures.names.push((sym, value));
    }

    fn or_pattern(
        &mut self,
        o: &'a ast::PatternMatchOr,
        value: Reg,
        at: Spot,
        captures: &mut Captures,
    ) {
        let mut bound = Vec::new();
        o.patterns.iter().for_each(|p| bound_names(p, &mut bound));
        for name in bound {
            let sym = self.mangled(name.as_str());
            if !captures.reserved.iter().any(|(n, _)| *n == sym) {
                let r = self.u.alloc();
                captures.reserved.push((sym, r));
            }
        }
        let done = self.u.label();
        let mark = self.u.next_temp;
        let before = captures.names.len();
        let mut first: Option<Vec<(Sym, Reg)>> = None;
        for (n, p) in o.patterns.iter().enumerate() {
            let last = n + 1 == o.patterns.len();
            let next = if last { at.fail } else { self.u.label() };
            let place = Spot {
                fail: next,
                irrefutable: at.irrefutable && last,
            };
            self.pattern(p, value, place, captures);
            self.u.release(mark);
            let mut names = captures.names.split_off(before);
            match &first {
                None => first = Some(names),
                Some(first) => {
                    let mut wanted = first.clone();
                    wanted.sort_unstable();
                    names.sort_unstable();
                    if names != wanted {
                        self.error(o.range, "alternative patterns bind different names");
                    }
                }
            }
            if !last {
                self.u.jump(Op::Jump, 0, 0, done);
                self.u.bind(next);
            }
        }
        self.u.bind(done);
        for (name, r) in first.unwrap_or_default() {
            if captures.names.iter().any(|(n, _)| *n == name) {
                let text = self.table.names.text(name).clone();
                self.error(
                    o.range,
                    format!("multiple assignments to name '{text}' in pattern"),
                );
            }
            captures.names.push((name, r));
        }
    }

    fn sequence_pattern(
        &mut self,
        s: &'a ast::PatternMatchSequence,
        value: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        let stars = s.patterns.iter().filter(|p| p.is_match_star()).count();
        if stars > 1 {
            return self.error(s.range, "multiple starred names in sequence pattern");
        }
        let star = s.patterns.iter().position(Pattern::is_match_star);
        let size = s.patterns.len();
        if star.is_some_and(|at| at >= 256 || size - at > 1 << 23) || size > u16::MAX as usize {
            let message = "too many expressions in star-unpacking sequence pattern";
            return self.error(s.range, message);
        }
        let star_is_wildcard = s
            .patterns
            .iter()
            .any(|p| matches!(p, Pattern::MatchStar(s) if s.name.is_none()));
        self.u.jump(Op::JumpUnlessSequence, value, 0, fail);
        let mut len = None;
        if star.is_none() || size > 1 {
            let op = match star {
                None => Op::JumpUnlessEqK,
                Some(_) => Op::JumpUnlessGeK,
            };
            let least = size - usize::from(star.is_some());
            len = Some(self.check_length(value, op, least, fail));
        }
        if s.patterns.iter().all(is_wildcard) {
            return;
        }
        if star_is_wildcard {
            let len = len.expect("there is a pattern beside the star");
            for (n, p) in s.patterns.iter().enumerate() {
                if is_wildcard(p) {
                    continue;
                }
                let item = self.u.alloc();
                if star.is_some_and(|star| n < star) {
                    let k = self.u.konst(Const::Int(n as i64));
                    self.emit(Op::LoadItemK, item, value, 0, k);
                } else {
                    let k = self.u.konst(Const::Int((size - n) as i64));
                    self.emit(Op::SubK, item, len, 0, k);
                    self.emit(Op::LoadItem, item, value, item, 0);
                }
                self.subpattern(p, item, fail, captures);
            }
            return;
        }
        let first = self.u.alloc_many(size as u32);
        match star {
            Some(at) => {
                let after = (size - at - 1) as i32;
                self.emit(Op::UnpackEx, first, value, at as u16, after);
            }
            None => self.emit(Op::UnpackSequence, first, value, size as u16, 0),
        }
        for (n, p) in s.patterns.iter().enumerate() {
            let item = (u32::from(first) + n as u32).min(MAX_REGS) as Reg;
            match p {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        self.capture(name, item, star.range, captures);
                    }
                }
                p => self.subpattern(p, item, fail, captures),
            }
        }
    }
    /// Goes to `fail` unless the length compares so; the register of the length.
    fn check_length(&mut self, value: Reg, op: Op, wanted: usize, fail: Label) -> Reg {
        let len = self.u.alloc();
        self.emit(Op::Length, len, value, 0, 0);
        let k = self.u.konst(Const::Int(wanted as i64)) as u32;
        self.u.emit_e(op, len, 0, 0, fail.0 as i32, k);
        len
    }

    fn mapping_pattern(
        &mut self,
        m: &'a ast::PatternMatchMapping,
        value: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        self.u.jump(Op::JumpUnlessMapping, value, 0, fail);
        let size = m.keys.len();
        if size > u16::MAX as usize {
            return self.error(m.range, "too many sub-patterns in mapping pattern");
        }
        if size > 0 {
            self.check_length(value, Op::JumpUnlessGeK, size, fail);
        }
        let keys = self.u.alloc_many(size as u32);
        let mut seen: Vec<Const> = Vec::new();
        for (n, key) in m.keys.iter().enumerate() {
            match self.constant(key) {
                Some(konst) => {
                    if seen.iter().any(|s| same_key(s, &konst)) {
                        let text = key_text(&konst, key, self.input.source);
                        let message = format!("mapping pattern checks duplicate key ({text})");
                        return self.error(m.range, message);
                    }
                    seen.push(konst);
                }
                None if key.is_attribute_expr() => {}
                None => {
                    let message =
                        "mapping pattern keys may only match literals and attribute lookups";
                    return self.error(m.range, message);
                }
            }
            self.expr_to(key, (u32::from(keys) + n as u32).min(MAX_REGS) as Reg);
        }
        let mut values = 0;
        if size > 0 {
            let tuple = self.u.alloc();
            self.emit(Op::BuildTuple, tuple, keys, size as u16, 0);
            self.emit(Op::MatchKeys, tuple, value, tuple, 0);
            self.u.jump(Op::JumpIfNone, tuple, 0, fail);
            values = self.u.alloc_many(size as u32);
            self.emit(Op::UnpackSequence, values, tuple, size as u16, 0);
        }
        if let Some(rest) = &m.rest {
            let dict = self.u.alloc();
            self.emit(Op::BuildDict, dict, 0, 0, 0);
            self.emit(Op::DictUpdate, dict, value, 0, 0);
            for n in 0..size {
                let key = (u32::from(keys) + n as u32).min(MAX_REGS) as Reg;
                self.emit(Op::DeleteItem, dict, key, 0, 0);
            }
            self.capture(rest, dict, m.range, captures);
        }
        for (n, p) in m.patterns.iter().enumerate() {
            let item = (u32::from(values) + n as u32).min(MAX_REGS) as Reg;
            self.subpattern(p, item, fail, captures);
        }
    }

    fn class_pattern(
        &mut self,
        c: &'a ast::PatternMatchClass,
        value: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        let (positional, keywords) = (&c.arguments.patterns, &c.arguments.keywords);
        let size = positional.len() + keywords.len();
        if size > u16::MAX as usize {
            let what = &self.input.source[c.cls.range()];
            let message = format!("too many sub-patterns in class pattern {what}");
            return self.error(c.range, message);
        }
        let mut names = Vec::with_capacity(keywords.len());
        for (n, k) in keywords.iter().enumerate() {
            if k.attr.as_str() == "__debug__" {
                return self.error(k.range, "cannot assign to __debug__");
            }
            let sym = self.mangled(k.attr.as_str());
            names.push(Const::Str(self.table.names.text(sym).as_bytes().into()));
            let again = keywords[..n].iter().any(|o| o.attr.id == k.attr.id);
            if again {
                let message = format!("attribute name repeated in class pattern: {}", k.attr);
                return self.error(k.range, message);
            }
        }
        let class = self.expr(&c.cls);
        self.u.jump(Op::JumpUnlessInstance, value, class, fail);
        if size == 0 {
            return;
        }
        let names = self.u.konst(Const::Tuple(names.into()));
        let tuple = self.u.alloc();
        let count = positional.len() as u32;
        self.u
            .emit_e(Op::MatchClass, tuple, value, class, names, count);
        self.u.jump(Op::JumpIfNone, tuple, 0, fail);
        let first = self.u.alloc_many(size as u32);
        self.emit(Op::UnpackSequence, first, tuple, size as u16, 0);
        let all = positional.iter().chain(keywords.iter().map(|k| &k.pattern));
        for (n, p) in all.enumerate() {
            let item = (u32::from(first) + n as u32).min(MAX_REGS) as Reg;
            self.subpattern(p, item, fail, captures);
        }
    }
}

/// `_` or `*_`.
fn is_wildcard(p: &Pattern) -> bool {
    match p {
        Pattern::MatchAs(a) => a.name.is_none() && a.pattern.is_none(),
        Pattern::MatchStar(s) => s.name.is_none(),
        _ => false,
    }
}

/// Whether two keys are equal as Python compares them.
fn same_key(a: &Const, b: &Const) -> bool {
    let number = |c: &Const| match c {
        Const::True => Some((1.0, 0.0)),
        Const::False => Some((0.0, 0.0)),
        Const::Int(i) => Some((*i as f64, 0.0)),
        Const::Float(f) => Some((*f, 0.0)),
        Const::Complex(r, i) => Some((*r, *i)),
        _ => None,
    };
    match (a, b) {
        (Const::Int(a), Const::Int(b)) => a == b,
        (Const::BigInt(a), Const::BigInt(b)) => a == b,
        (Const::Str(a), Const::Str(b)) | (Const::Bytes(a), Const::Bytes(b)) => a == b,
        (Const::None, Const::None) => true,
        _ => number(a).is_some_and(|a| number(b) == Some(a)),
    }
}
/// `repr` of a key: a small int as its value, all else as `unparse` writes it.
fn key_text(value: &Const, key: &Expr, source: &str) -> String {
    match value {
        Const::Int(i) => i.to_string(),
        _ => unparse::unparse(key, source),
    }
}
