//! Assignment targets and `del`.

use super::*;

impl<'a> Compiler<'a> {
    /// The register that a value for `target` may be computed into directly.
    pub(super) fn direct(&mut self, target: &Expr) -> Option<Reg> {
        match target {
            Expr::Name(n) => self.local_register(&n.id),
            _ => None,
        }
    }

    /// Assigns the value in a register.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Reg) {
        if !self.enter(target.range()) {
            return;
        }
        let old = self.at(target.range());
        let mark = self.u.next_temp;
        match target {
            Expr::Name(n) => self.store_name(&n.id, value),
            Expr::Attribute(a) => {
                let object = self.expr(&a.value);
                let n = self.name_index(a.attr.as_str());
                self.attribute_position(a.range, &a.attr);
                self.u.emit_site(Op::StoreAttr, object, value, 0, n);
            }
            Expr::Subscript(s) => {
                let object = self.operand(&s.value, &[&s.slice]);
                let index = self.expr(&s.slice);
                self.emit(Op::StoreItem, object, index, value, 0);
            }
            Expr::Tuple(t) => self.unpack(&t.elts, value),
            Expr::List(l) => self.unpack(&l.elts, value),
            Expr::Starred(s) => {
                self.error(
                    s.range,
                    "starred assignment target must be in a list or tuple",
                );
            }
            other => {
                let what = crate::messages::describe(other);
                self.error(other.range(), format!("cannot assign to {what}"));
            }
        }
        self.u.release(mark);
        self.at(old);
        self.depth -= 1;
    }

    fn unpack(&mut self, elts: &'a [Expr], value: Reg) {
        let stars = elts.iter().filter(|e| e.is_starred_expr()).count();
        if stars > 1 {
            self.error(self.u.range, "multiple starred expressions in assignment");
            return;
        }
        let star = elts.iter().position(Expr::is_starred_expr);
        if star.is_some_and(|s| s >= 256 || elts.len() - s > 1 << 23) {
            self.error(
                self.u.range,
                "too many expressions in star-unpacking assignment",
            );
            return;
        }
        if elts.len() > u16::MAX as usize {
            self.error(self.u.range, "too many targets in assignment");
            return;
        }
        let inner = |e: &'a Expr| match e {
            Expr::Starred(s) => &*s.value,
            e => e,
        };
        // Names of consecutive registers take the items directly.
        let mut first = None;
        let direct = elts.iter().enumerate().all(|(i, e)| {
            let Some(r) = self.direct(inner(e)) else {
                return false;
            };
            let first = *first.get_or_insert(r);
            u32::from(r) == u32::from(first) + i as u32
        });
        let first = match first {
            Some(first) if direct => first,
            _ => self.u.alloc_many(elts.len() as u32),
        };
        match star {
            Some(at) => {
                let after = (elts.len() - at - 1) as i32;
                self.emit(Op::UnpackEx, first, value, at as u16, after);
            }
            None => self.emit(Op::UnpackSequence, first, value, elts.len() as u16, 0),
        }
        if !direct {
            for (i, e) in elts.iter().enumerate() {
                self.assign(inner(e), (u32::from(first) + i as u32).min(MAX_REGS) as Reg);
            }
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        if !self.enter(target.range()) {
            return;
        }
        let old = self.at(target.range());
        let mark = self.u.next_temp;
        match target {
            Expr::Name(n) => {
                let sym = self.mangled(&n.id);
                self.delete_sym(sym);
            }
            Expr::Attribute(a) => {
                let object = self.expr(&a.value);
                let n = self.name_index(a.attr.as_str());
                self.u.emit_site(Op::DeleteAttr, object, 0, 0, n);
            }
            Expr::Subscript(s) => {
                let object = self.operand(&s.value, &[&s.slice]);
                let index = self.expr(&s.slice);
                self.emit(Op::DeleteItem, object, index, 0, 0);
            }
            Expr::Tuple(t) => t.elts.iter().for_each(|e| self.delete(e)),
            Expr::List(l) => l.elts.iter().for_each(|e| self.delete(e)),
            other => {
                let what = crate::messages::describe(other);
                self.error(other.range(), format!("cannot delete {what}"));
            }
        }
        self.u.release(mark);
        self.at(old);
        self.depth -= 1;
    }

    /// `a, b = x, y` without a tuple: the items go to temporaries and from there to the targets.
    pub(super) fn parallel(&mut self, targets: &'a [Expr], values: &'a [Expr], range: TextRange) {
        let mark = self.u.next_temp;
        // Constants are one constant for trace functions.
        let constant = self.constants(values).is_some();
        if constant {
            self.u.mark(range);
        }
        let start = self.u.here();
        for v in values {
            self.expr_temp(v);
        }
        if constant {
            self.u.hush(start);
        }
        for (i, t) in targets.iter().enumerate() {
            self.assign(t, (mark + i as u32).min(MAX_REGS) as Reg);
        }
        self.u.release(mark);
    }
}
