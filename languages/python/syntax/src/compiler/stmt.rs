//! Statements, apart from those about exceptions and definitions.

use super::*;
use unit::Block;

impl<'a> Compiler<'a> {
    pub(super) fn stmts(&mut self, stmts: &'a [Stmt]) {
        for s in stmts {
            self.stmt(s);
        }
    }

    fn stmt(&mut self, s: &'a Stmt) {
        if !self.enter(s.range()) {
            return;
        }
        let old = self.at(s.range());
        let mark = self.u.next_temp;
        self.stmt_inner(s);
        self.u.release(mark);
        self.at(old);
        self.depth -= 1;
    }

    fn stmt_inner(&mut self, s: &'a Stmt) {
        match s {
            Stmt::Expr(e) => self.expression_statement(e),
            Stmt::Assign(a) => self.assignment(a),
            Stmt::AugAssign(a) => self.aug_assign(a),
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::Return(r) => self.return_statement(r),
            Stmt::Delete(d) => d.targets.iter().for_each(|t| self.delete(t)),
            Stmt::Pass(p) => self.u.mark(p.range),
            Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            Stmt::Break(_) | Stmt::Continue(_) => self.leave_loop(s),
            Stmt::If(i) => self.if_statement(i),
            Stmt::While(w) => self.while_statement(w),
            Stmt::For(f) if f.is_async => self.async_for(f),
            Stmt::For(f) => self.for_statement(f),
            Stmt::Assert(a) => self.assert(a),
            Stmt::Raise(r) => {
                match (&r.exc, &r.cause) {
                    (None, _) => self.emit(Op::RaiseBare, 0, 0, 0, 0),
                    (Some(e), None) => {
                        let e = self.expr(e);
                        self.emit(Op::Raise, e, 0, 0, 0);
                    }
                    (Some(e), Some(cause)) => {
                        let e = self.operand(e, &[cause]);
                        let cause = self.expr(cause);
                        self.emit(Op::RaiseFrom, e, cause, 0, 0);
                    }
                };
            }
            Stmt::Import(i) => i.names.iter().for_each(|a| self.import(a)),
            Stmt::ImportFrom(i) => self.import_from(i),
            Stmt::Try(t) => self.try_statement(t),
            Stmt::With(w) => self.with_statement(w, &w.items),
            Stmt::FunctionDef(f) => self.function(f),
            Stmt::ClassDef(c) => self.class(c),
            Stmt::Match(m) => self.match_statement(m),
            Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => {
                self.error(s.range(), "invalid syntax");
            }
        }
    }

    fn expression_statement(&mut self, e: &'a ast::StmtExpr) {
        if self.input.mode == Mode::Single && self.outer.is_empty() {
            let value = self.expr(&e.value);
            self.emit(Op::PrintExpr, value, 0, 0, 0);
            return;
        }
        match &*e.value {
            // A constant does nothing, and neither does a local that is bound.
            value if value.is_literal_expr() => self.u.mark(value.range()),
            value => {
                if value.is_name_expr() {
                    self.u.mark(value.range());
                }
                self.discard(value)
            }
        }
    }

    fn assignment(&mut self, a: &'a ast::StmtAssign) {
        if let [target] = &a.targets[..] {
            if let Some(local) = self.direct(target) {
                self.expr_to(&a.value, local);
                if self.line_of(a.range.start()) != self.line_of(a.range.end()) {
                    self.u.mark(target.range());
                }
                return;
            }
            let (targets, values) = match (target, &*a.value) {
                (Expr::Tuple(t), Expr::Tuple(v)) => (&t.elts[..], &v.elts[..]),
                (Expr::List(t), Expr::List(v)) => (&t.elts[..], &v.elts[..]),
                _ => (&[][..], &[][..]),
            };
            let starred = |e: &[Expr]| e.iter().any(Expr::is_starred_expr);
            if (2..=8).contains(&targets.len())
                && targets.len() == values.len()
                && !starred(targets)
                && !starred(values)
            {
                return self.parallel(targets, values, a.value.range());
            }
            let value = self.assigned_value(&a.targets, &a.value);
            return self.assign(target, value);
        }
        let value = self.assigned_value(&a.targets, &a.value);
        a.targets.iter().for_each(|t| self.assign(t, value));
    }
    /// A local that is read while a target's own parts may rebind it is copied.
    fn assigned_value(&mut self, targets: &'a [Expr], value: &'a Expr) -> Reg {
        if value.is_name_expr() && (targets.len() > 1 || self.u.has_walrus) {
            self.expr_temp(value)
        } else {
            self.expr(value)
        }
    }

    fn aug_assign(&mut self, a: &'a ast::StmtAugAssign) {
        let [_, _, op, k] = expr::operator_ops(a.op);
        let op = op.expect("all have an in-place form");
        match &*a.target {
            Expr::Name(n) => {
                let sym = self.mangled(&n.id);
                let mark = self.u.next_temp;
                if a.op == ast::Operator::Add
                    && self.is_grown(sym)
                    && !self.u.has_walrus
                    && let Some(local) = self.direct(&a.target)
                {
                    let old = self.at(a.target.range());
                    self.check_bound(sym, local);
                    self.at(old);
                    self.binary(op, k, local, &a.value, Some(local), mark);
                    self.u.last().e = 1;
                    return;
                }
                let left = self.operand(&a.target, &[&a.value]);
                let dst = self.direct(&a.target);
                let value = self.binary(op, k, left, &a.value, dst, mark);
                if dst.is_none() {
                    self.store_sym(sym, value);
                }
            }
            Expr::Attribute(t) => {
                let object = self.operand(&t.value, &[&a.value]);
                let n = self.name_index(t.attr.as_str());
                let old = self.at(t.range);
                self.attribute_position(t.range, &t.attr);
                let mark = self.u.next_temp;
                let value = self.u.alloc();
                self.u.emit_site(Op::LoadAttr, value, object, 0, n);
                self.at(old);
                let value = self.binary(op, k, value, &a.value, None, mark);
                self.at(t.range);
                self.attribute_position(t.range, &t.attr);
                self.u.emit_site(Op::StoreAttr, object, value, 0, n);
                self.at(old);
            }
            Expr::Subscript(t) => {
                let object = self.operand(&t.value, &[&t.slice, &a.value]);
                let index = self.operand(&t.slice, &[&a.value]);
                let old = self.at(t.range);
                let mark = self.u.next_temp;
                let value = self.u.alloc();
                self.emit(Op::LoadItem, value, object, index, 0);
                self.at(old);
                let value = self.binary(op, k, value, &a.value, None, mark);
                self.at(t.range);
                self.emit(Op::StoreItem, object, index, value, 0);
                self.at(old);
            }
            other => {
                let what = crate::messages::describe(other);
                self.error(
                    other.range(),
                    format!("'{what}' is an illegal expression for augmented assignment"),
                );
            }
        }
    }

    fn ann_assign(&mut self, a: &'a ast::StmtAnnAssign) {
        let in_function = self.table.scope(self.u.scope).kind.is_function_like();
        if let Some(value) = &a.value {
            match self.direct(&a.target) {
                Some(local) => self.expr_to(value, local),
                None => {
                    let value = self.expr(value);
                    self.assign(&a.target, value);
                }
            }
        }
        let mark = self.u.next_temp;
        match &*a.target {
            Expr::Name(n) => {
                if a.simple && !in_function {
                    let value = self.annotation(&a.annotation);
                    let sym = self.table.names.intern("__annotations__");
                    let dict = self.load_sym(sym, None);
                    let sym = self.mangled(&n.id);
                    let name = self.table.names.text(sym).clone();
                    let key = self.load_const(Const::Str(name.as_bytes().into()), None);
                    self.emit(Op::StoreItem, dict, key, value, 0);
                }
            }
            Expr::Attribute(t) if a.value.is_none() => self.discard(&t.value),
            Expr::Subscript(t) if a.value.is_none() => {
                self.discard(&t.value);
                self.discard(&t.slice);
            }
            _ => {}
        }
        self.u.release(mark);
        if !a.simple && !in_function && self.input.future & CO_FUTURE_ANNOTATIONS == 0 {
            self.discard(&a.annotation);
        }
    }

    /// An annotation's value: its text under `from __future__ import annotations`.
    pub(super) fn annotation(&mut self, e: &'a Expr) -> Reg {
        if self.input.future & CO_FUTURE_ANNOTATIONS != 0 {
            let text = unparse::unparse(e, self.input.source);
            return self.load_const(Const::Str(text.into_bytes().into()), None);
        }
        self.expr_temp(e)
    }

    fn return_statement(&mut self, r: &'a ast::StmtReturn) {
        if !self.table.scope(self.u.scope).kind.is_function_like() {
            return self.error(r.range, "'return' outside function");
        }
        if r.value.is_some() && self.u.is_async && self.u.is_generator {
            self.error(r.range, "'return' with value in async generator");
        }
        let constant = match &r.value {
            Some(v) => self.constant(v),
            None => Some(Const::None),
        };
        let value = match (&r.value, &constant) {
            (Some(v), None) if self.u.blocks.is_empty() => self.expr(v),
            // What is left on the way may rebind a local.
            (Some(v), None) => self.expr_temp(v),
            _ => 0,
        };
        if let Some(v) = &r.value
            && constant.is_some()
        {
            self.u.mark(v.range());
        }
        if let Some(v) = &r.value
            && self.line_of(v.range().start()) != self.line_of(r.range.start())
        {
            self.u.mark(r.range);
        }
        let start = self.u.here();
        let unwound = self.unwind(false);
        let quiet = start != self.u.here();
        if !quiet && r.value.is_none() {
            self.u.mark(r.range);
        }
        let (start, quiet) = (self.u.here(), quiet || constant.is_some());
        match constant {
            Some(value) if !self.is_generator_like() => {
                let k = self.u.konst(value);
                self.emit(Op::ReturnConst, 0, 0, 0, k);
            }
            Some(value) => {
                let value = self.load_const(value, None);
                self.emit(Op::GenReturn, value, 0, 0, 0);
            }
            None => {
                let op = if self.is_generator_like() {
                    Op::GenReturn
                } else {
                    Op::Return
                };
                self.emit(op, value, 0, 0, 0);
            }
        }
        if quiet {
            self.u.hush(start);
        }
        self.rewind(unwound);
    }

    fn leave_loop(&mut self, s: &'a Stmt) {
        let is_break = s.is_break_stmt();
        self.u.mark(s.range());
        let unwound = self.unwind(true);
        match self.u.blocks.last() {
            Some((Block::Loop { brk, cont }, _)) => {
                let target = if is_break { *brk } else { *cont };
                self.u.quiet_jump(Op::Jump, 0, 0, target);
            }
            _ => {
                let message = if is_break {
                    "'break' outside loop"
                } else {
                    "'continue' not properly in loop"
                };
                self.error(s.range(), message);
            }
        }
        self.rewind(unwound);
    }

    fn if_statement(&mut self, i: &'a ast::StmtIf) {
        let end = self.u.label();
        let mut next = self.u.label();
        self.jump_if(&i.test, false, next);
        self.stmts(&i.body);
        for clause in &i.elif_else_clauses {
            self.at(clause.range);
            self.u.quiet_jump(Op::Jump, 0, 0, end);
            self.u.bind(next);
            next = self.u.label();
            if let Some(test) = &clause.test {
                self.jump_if(test, false, next);
            }
            self.stmts(&clause.body);
        }
        self.u.bind(next);
        self.u.bind(end);
    }

    fn while_statement(&mut self, w: &'a ast::StmtWhile) {
        let (brk, cont, orelse) = (self.u.label(), self.u.label(), self.u.label());
        // A loop on one line is told of where it begins, and each time that its body begins once more.
        let end = w.body.last().map_or(w.range.end(), |s| s.range().end());
        let on_one_line = self.line_of(w.range.start()) == self.line_of(end);
        if on_one_line {
            self.u.mark(w.range);
        }
        let top = self.u.loop_header();
        let start = self.u.here();
        self.u.push_block(Block::Loop { brk, cont });
        self.jump_if(&w.test, false, orelse);
        if on_one_line {
            self.u.hush(start);
            self.u.marks.retain(|(at, _)| *at < start);
        }
        self.stmts(&w.body);
        self.u.bind(cont);
        self.u.quiet_jump(Op::Loop, 0, 0, top);
        self.u.pop_block();
        self.u.bind(orelse);
        self.stmts(&w.orelse);
        self.u.bind(brk);
    }

    fn for_statement(&mut self, f: &'a ast::StmtFor) {
        let (brk, cont, orelse) = (self.u.label(), self.u.label(), self.u.label());
        let iterator = self.iterator(&f.iter);
        let top = self.u.loop_header();
        self.u.push_block(Block::Loop { brk, cont });
        self.for_iter(iterator, &f.target, orelse);
        self.stmts(&f.body);
        self.u.bind(cont);
        self.u.quiet_jump(Op::Loop, 0, 0, top);
        self.u.pop_block();
        self.u.bind(orelse);
        self.u.release(u32::from(iterator));
        self.stmts(&f.orelse);
        self.u.bind(brk);
    }
    /// `iter(e)` in a temporary; a list display of constants is iterated as a tuple.
    pub(super) fn iterator(&mut self, e: &'a Expr) -> Reg {
        let old = self.at(e.range());
        let mark = self.u.next_temp;
        let folded = match e {
            Expr::List(l) => self.constants(&l.elts).map(Const::Tuple),
            Expr::Set(s) => self.constants(&s.elts).map(Const::FrozenSet),
            _ => None,
        };
        let value = match folded {
            Some(value) => self.load_const(value, None),
            None => self.expr(e),
        };
        self.u.release(mark);
        let iterator = self.u.alloc();
        // As in CPython the steps of the iteration stand for the whole statement or comprehension.
        self.at(old);
        self.emit(Op::GetIter, iterator, value, 0, 0);
        iterator
    }
    /// Takes the next item to `target`, or goes to `exit`.
    pub(super) fn for_iter(&mut self, iterator: Reg, target: &'a Expr, exit: unit::Label) {
        let mark = self.u.next_temp;
        let direct = self.direct(target);
        let item = self.u.dest(direct);
        self.u.jump(Op::ForIter, item, iterator, exit);
        self.mark_other_line(target);
        if direct.is_none() {
            self.assign(target, item);
        }
        self.u.release(mark);
    }

    fn async_for(&mut self, f: &'a ast::StmtFor) {
        if !self.u.is_async {
            self.check_async(f.range, "'async for' outside async function");
        }
        let (brk, cont, done) = (self.u.label(), self.u.label(), self.u.label());
        let mark = self.u.next_temp;
        let old = self.at(f.iter.range());
        let value = self.expr(&f.iter);
        self.u.release(mark);
        let iterator = self.u.alloc();
        self.emit(Op::GetAiter, iterator, value, 0, 0);
        self.at(old);
        let top = self.u.loop_header();
        self.u.push_block(Block::Loop { brk, cont });
        let item = self.async_next(iterator, done);
        self.assign(&f.target, item);
        self.u.release(mark + 1);
        self.stmts(&f.body);
        self.u.bind(cont);
        self.u.quiet_jump(Op::Loop, 0, 0, top);
        self.u.pop_block();
        self.end_async_for(iterator, done);
        self.u.release(mark);
        self.stmts(&f.orelse);
        self.u.bind(brk);
    }
    /// Awaits the next item; StopAsyncIteration arrives at `done`, in the register after the iterator.
    pub(super) fn async_next(&mut self, iterator: Reg, done: unit::Label) -> Reg {
        let item = self.u.alloc();
        self.u.protect(done, iterator + 1);
        self.emit(Op::GetAnext, item, iterator, 0, 0);
        let sent = self.u.alloc();
        self.load_none(sent);
        self.emit(Op::YieldFrom, item, item, sent, 0);
        self.emit(Op::Delegate, item, item, sent, 0);
        self.u.unprotect();
        self.u.release(u32::from(item) + 1);
        item
    }
    pub(super) fn end_async_for(&mut self, iterator: Reg, done: unit::Label) {
        self.u.release(u32::from(iterator) + 1);
        let exception = self.u.alloc();
        self.u.bind(done);
        self.emit(Op::EndAsyncFor, exception, 0, 0, 0);
    }
    pub(super) fn check_async(&mut self, range: TextRange, message: &str) {
        if self.input.top_level_await && self.outer.is_empty() {
            self.u.is_async = true;
        } else {
            self.error(range, message);
        }
    }

    fn assert(&mut self, a: &'a ast::StmtAssert) {
        if let Expr::Tuple(t) = &*a.test {
            if !t.elts.is_empty() {
                self.warn(
                    a.range,
                    "assertion is always true, perhaps remove parentheses?",
                );
            }
        }
        if self.input.optimize > 0 {
            return;
        }
        let end = self.u.label();
        self.jump_if(&a.test, true, end);
        self.at(tested_last(&a.test).range());
        let mark = self.u.next_temp;
        match &a.msg {
            None => {
                let class = self.u.alloc();
                self.emit(Op::LoadAssertionError, class, 0, 0, 0);
                self.emit(Op::Raise, class, 0, 0, 0);
            }
            Some(msg) => {
                let w = self.window();
                self.emit(Op::LoadAssertionError, w + 2, 0, 0, 0);
                self.expr_temp(msg);
                self.u.release(mark);
                let e = self.u.alloc();
                self.emit(Op::Call, e, w, 1, 0);
                self.emit(Op::Raise, e, 0, 0, 0);
            }
        }
        self.u.release(mark);
        self.u.bind(end);
    }

    fn import(&mut self, alias: &'a ast::Alias) {
        let mark = self.u.next_temp;
        let fromlist = self.load_const(Const::None, None);
        self.u.release(mark);
        let module = self.u.alloc();
        let name = alias.name.as_str();
        let sym = self.table.names.intern(name);
        let n = self.u.name(sym);
        self.u.emit_e(Op::ImportName, module, fromlist, 0, n, 0);
        match &alias.asname {
            None => {
                let first = name.split('.').next().unwrap_or(name);
                self.store_name(first, module);
            }
            Some(asname) => {
                for part in name.split('.').skip(1) {
                    let sym = self.table.names.intern(part);
                    let n = self.u.name(sym);
                    self.emit(Op::ImportFrom, module, module, 0, n);
                }
                self.store_name(asname.as_str(), module);
            }
        }
        self.u.release(mark);
    }

    fn import_from(&mut self, i: &'a ast::StmtImportFrom) {
        // Those at the top of the tree were looked at before.
        if crate::compile::is_future(i) && self.depth > 1 {
            self.error(
                i.range,
                "from __future__ imports must occur at the beginning of the file",
            );
        }
        let names = i
            .names
            .iter()
            .map(|a| Const::Str(a.name.as_str().as_bytes().into()))
            .collect();
        let fromlist = self.load_const(Const::Tuple(names), None);
        self.u.release(u32::from(fromlist));
        let module = self.u.alloc();
        let sym = self
            .table
            .names
            .intern(i.module.as_ref().map_or("", |m| m.as_str()));
        let n = self.u.name(sym);
        self.u
            .emit_e(Op::ImportName, module, fromlist, 0, n, i.level);
        for alias in &i.names {
            if alias.name.as_str() == "*" {
                self.emit(Op::ImportStar, module, 0, 0, 0);
                continue;
            }
            let mark = self.u.next_temp;
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            let dst = self.local_register(bound);
            let value = self.u.dest(dst);
            let sym = self.table.names.intern(alias.name.as_str());
            let n = self.u.name(sym);
            self.emit(Op::ImportFrom, value, module, 0, n);
            if dst.is_none() {
                self.store_name(bound, value);
            }
            self.u.release(mark);
        }
    }
}

/// The part of a condition that is looked at last.
fn tested_last(e: &Expr) -> &Expr {
    match e {
        Expr::BoolOp(b) => tested_last(b.values.last().expect("at least two operands")),
        Expr::UnaryOp(u) if u.op == ast::UnaryOp::Not => tested_last(&u.operand),
        e => e,
    }
}
