//! `try`, `with`, and leaving them.
//!
//! A handler gets the exception in a register, saves the exception handled before in the next one (`PushExc`), and is
//! itself protected by a cleanup that restores it (`PopExc`) and raises again. `finally` bodies are compiled once for each way out.

use super::*;
use unit::{Block, Label, Protect};

/// What `unwind` took away, for `rewind` to put back.
pub(super) struct Unwound<'a> {
    blocks: Vec<(Block<'a>, usize)>,
    protects: Vec<Protect>,
}

impl<'a> Compiler<'a> {
    /// Emits what has to run when control leaves all blocks, or all inside of the innermost loop. The blocks are gone until `rewind`.
    pub(super) fn unwind(&mut self, to_loop: bool) -> Unwound<'a> {
        let mut gone = Unwound {
            blocks: Vec::new(),
            protects: Vec::new(),
        };
        while let Some((block, depth)) = self.u.blocks.last().copied() {
            if to_loop && matches!(block, Block::Loop { .. }) {
                break;
            }
            self.u.blocks.pop();
            while self.u.protects.len() > depth {
                let p = self.u.unprotect();
                gone.protects.push(p);
            }
            gone.blocks.push((block, depth));
            match block {
                Block::Loop { .. } | Block::Region => {}
                Block::Star => {
                    let message =
                        "'break', 'continue' and 'return' cannot appear in an except* block";
                    self.error(self.u.range, message);
                }
                Block::Finally(body) => self.stmts(body),
                Block::Handling { save, name } => {
                    let start = self.u.here();
                    self.emit(Op::PopExc, save, 0, 0, 0);
                    if let Some(name) = name {
                        self.forget(name);
                    }
                    self.u.hush(start);
                }
                Block::With {
                    exit,
                    is_async,
                    range,
                } => {
                    let old = self.at(range);
                    self.call_exit(exit, None, is_async);
                    self.at(old);
                }
            }
        }
        gone
    }
    pub(super) fn rewind(&mut self, mut gone: Unwound<'a>) {
        let here = self.u.here();
        while let Some(p) = gone.protects.pop() {
            self.u.protects.push(Protect { start: here, ..p });
        }
        while let Some(b) = gone.blocks.pop() {
            self.u.blocks.push(b);
        }
    }

    /// `name = None; del name`
    fn forget(&mut self, name: Sym) {
        let mark = self.u.next_temp;
        match self.access(name) {
            names::Access::Local(r) => self.load_none(r),
            _ => {
                let none = self.load_const(Const::None, None);
                self.store_sym(name, none);
            }
        }
        self.delete_sym(name);
        self.u.release(mark);
    }

    /// The start of code that runs while an exception is handled: registers of the exception and of the one saved.
    fn begin_handler(&mut self, at: Label) -> (Reg, Reg) {
        self.u.bind(at);
        let exception = self.u.alloc();
        let save = self.u.alloc();
        self.u.quiet.insert(self.u.here(), unit::Quiet::Reset);
        self.emit(Op::PushExc, save, exception, 0, 0);
        (exception, save)
    }
    /// The code that ends a handler which raised: restores the handled exception and goes on raising.
    fn cleanup(&mut self, at: Label, save: Reg) {
        let mark = self.u.next_temp;
        self.u.bind(at);
        let exception = self.u.alloc();
        let start = self.u.here();
        self.emit(Op::PopExc, save, 0, 0, 0);
        self.emit(Op::Reraise, exception, 0, 0, 0);
        self.u.hush(start);
        self.u.release(mark);
    }
    /// The register in which an exception arrives now.
    fn arrival(&mut self) -> Reg {
        let r = self.u.alloc();
        self.u.release(u32::from(r));
        r
    }

    pub(super) fn try_statement(&mut self, t: &'a ast::StmtTry) {
        self.u.mark(t.range);
        if t.finalbody.is_empty() {
            return self.try_except(t);
        }
        let mark = self.u.next_temp;
        let (handler, cleanup, end) = (self.u.label(), self.u.label(), self.u.label());
        let arrival = self.arrival();
        self.u.push_block(Block::Finally(&t.finalbody));
        self.u.protect(handler, arrival);
        if t.handlers.is_empty() {
            self.stmts(&t.body);
        } else {
            self.try_except(t);
        }
        self.u.unprotect();
        self.u.pop_block();
        self.stmts(&t.finalbody);
        self.u.quiet_jump(Op::Jump, 0, 0, end);

        let (exception, save) = self.begin_handler(handler);
        let arrival = self.arrival();
        self.u.push_block(Block::Handling { save, name: None });
        self.u.protect(cleanup, arrival);
        self.stmts(&t.finalbody);
        let start = self.u.here();
        self.emit(Op::Reraise, exception, 0, 0, 0);
        self.u.hush(start);
        self.u.unprotect();
        self.u.pop_block();
        self.cleanup(cleanup, save);
        self.u.release(mark);
        self.u.bind(end);
    }

    fn try_except(&mut self, t: &'a ast::StmtTry) {
        let mark = self.u.next_temp;
        let (handler, cleanup, end) = (self.u.label(), self.u.label(), self.u.label());
        let arrival = self.arrival();
        self.u.push_block(Block::Region);
        self.u.protect(handler, arrival);
        self.stmts(&t.body);
        self.u.unprotect();
        self.u.pop_block();
        self.stmts(&t.orelse);
        self.u.quiet_jump(Op::Jump, 0, 0, end);

        let (exception, save) = self.begin_handler(handler);
        let arrival = self.arrival();
        self.u.push_block(Block::Handling { save, name: None });
        self.u.protect(cleanup, arrival);
        if t.is_star {
            self.star_handlers(t, exception, save, end);
        } else {
            self.handlers(t, exception, save, end);
        }
        self.u.unprotect();
        self.u.pop_block();
        self.cleanup(cleanup, save);
        self.u.release(mark);
        self.u.bind(end);
    }

    fn handlers(&mut self, t: &'a ast::StmtTry, exception: Reg, save: Reg, end: Label) {
        let last = t.handlers.len() - 1;
        for (i, ast::ExceptHandler::ExceptHandler(h)) in t.handlers.iter().enumerate() {
            let old = self.at(h.range);
            let next = self.u.label();
            if h.type_.is_none() && i != last {
                self.error(h.range, "default 'except:' must be last");
            }
            if let Some(class) = &h.type_ {
                let mark = self.u.next_temp;
                let class = self.expr(class);
                self.u.release(mark);
                self.u.jump(Op::JumpUnlessExcMatch, exception, class, next);
            }
            match &h.name {
                None => {
                    self.stmts(&h.body);
                    let start = self.u.here();
                    self.emit(Op::PopExc, save, 0, 0, 0);
                    self.u.hush(start);
                }
                Some(name) => self.named_handler(name, exception, save, &h.body),
            }
            self.u.quiet_jump(Op::Jump, 0, 0, end);
            self.u.bind(next);
            self.at(old);
        }
        let start = self.u.here();
        self.emit(Op::Reraise, exception, 0, 0, 0);
        self.u.hush(start);
    }

    /// `except ... as name: body`, including the end of the handler.
    fn named_handler(
        &mut self,
        name: &'a ast::Identifier,
        exception: Reg,
        save: Reg,
        body: &'a [Stmt],
    ) {
        let cleanup = self.u.label();
        let sym = self.mangled(name.as_str());
        self.store_sym(sym, exception);
        // The block around has the same `save`; the name has to be forgotten first, so this block does both.
        let outer = self.u.blocks.pop().expect("a handler is being compiled");
        let arrival = self.arrival();
        self.u.blocks.push((
            Block::Handling {
                save,
                name: Some(sym),
            },
            outer.1,
        ));
        self.u.protect(cleanup, arrival);
        self.stmts(body);
        self.u.unprotect();
        self.u.blocks.pop();
        self.u.blocks.push(outer);
        let start = self.u.here();
        self.emit(Op::PopExc, save, 0, 0, 0);
        // From here an exception must not restore again.
        let around = self.u.unprotect();
        self.forget(sym);
        self.u.hush(start);
        let after = self.u.label();
        self.u.quiet_jump(Op::Jump, 0, 0, after);
        self.u.protect(around.target, around.reg);
        let mark = self.u.next_temp;
        self.u.bind(cleanup);
        let raised = self.u.alloc();
        let start = self.u.here();
        self.forget(sym);
        self.emit(Op::Reraise, raised, 0, 0, 0);
        self.u.hush(start);
        self.u.release(mark);
        self.u.bind(after);
    }

    /// `except*`: each handler takes its part of the group; what handlers raise and what is left is raised together.
    fn star_handlers(&mut self, t: &'a ast::StmtTry, group: Reg, save: Reg, end: Label) {
        let mark = self.u.next_temp;
        let raised = self.u.alloc();
        let start = self.u.here();
        self.emit(Op::BuildList, raised, 0, 0, 0);
        // `part` is what this handler takes; `rest`, right behind, what the next ones get.
        let part = self.u.alloc_many(2);
        let rest = part + 1;
        self.emit(Op::Move, rest, group, 0, 0);
        self.u.hush(start);
        for ast::ExceptHandler::ExceptHandler(h) in &t.handlers {
            let old = self.at(h.range);
            let (next, failed) = (self.u.label(), self.u.label());
            if let Some(class) = &h.type_ {
                let mark = self.u.next_temp;
                let class = self.expr(class);
                self.u.release(mark);
                self.emit(Op::ExcGroupMatch, part, rest, class, 0);
            }
            self.u.quiet_jump(Op::JumpIfNone, part, 0, next);
            let sym = h.name.as_ref().map(|n| self.mangled(n.as_str()));
            if let Some(sym) = sym {
                self.store_sym(sym, part);
            }
            let arrival = self.arrival();
            self.u.push_block(Block::Star);
            self.u.protect(failed, arrival);
            self.stmts(&h.body);
            self.u.unprotect();
            self.u.pop_block();
            let start = self.u.here();
            if let Some(sym) = sym {
                self.forget(sym);
            }
            self.u.hush(start);
            self.u.quiet_jump(Op::Jump, 0, 0, next);
            let mark = self.u.next_temp;
            self.u.bind(failed);
            let exception = self.u.alloc();
            let start = self.u.here();
            if let Some(sym) = sym {
                self.forget(sym);
            }
            self.emit(Op::ListAppend, raised, exception, 0, 0);
            self.u.hush(start);
            self.u.release(mark);
            self.u.bind(next);
            self.at(old);
        }
        let start = self.u.here();
        self.emit(Op::ListAppend, raised, rest, 0, 0);
        self.emit(Op::PrepReraiseStar, part, group, raised, 0);
        let nothing = self.u.label();
        self.u.jump(Op::JumpIfNone, part, 0, nothing);
        self.emit(Op::Reraise, part, 0, 0, 0);
        self.u.bind(nothing);
        self.emit(Op::PopExc, save, 0, 0, 0);
        self.u.hush(start);
        self.u.quiet_jump(Op::Jump, 0, 0, end);
        self.u.release(mark);
    }

    // ---- with

    pub(super) fn with_statement(&mut self, w: &'a ast::StmtWith, items: &'a [ast::WithItem]) {
        let (item, rest) = items.split_first().expect("a with has items");
        if w.is_async && !self.u.is_async {
            self.check_async(w.range, "'async with' outside async function");
        }
        let mark = self.u.next_temp;
        let range = item.context_expr.range();
        let old = self.at(range);
        let exit = self.u.alloc_many(2);
        let manager = self.expr(&item.context_expr);
        let inner = u32::from(exit) + 2;
        // The window may start at the manager's register: it is read before anything is written.
        self.u.release(inner);
        let window = self.window();
        // The manager is entered on the line of the statement.
        let start = self.u.here();
        self.u.mark(w.range);
        let op = if w.is_async {
            Op::BeforeAsyncWith
        } else {
            Op::BeforeWith
        };
        self.emit(op, exit, manager, window, 0);
        self.u.release(inner);
        let direct = match &item.optional_vars {
            Some(target) if !w.is_async => self.direct(target),
            _ => None,
        };
        let entered = self.u.dest(direct);
        self.emit(Op::CallMethod, entered, window, 0, 0);
        if w.is_async {
            self.await_in_place(entered, 1);
        }
        self.u.hush(start);
        if let (Some(target), Some(_)) = (&item.optional_vars, direct) {
            self.u.mark(target.range());
        }
        let (handler, cleanup, end) = (self.u.label(), self.u.label(), self.u.label());
        // The entered value dies with its assignment; the exception arrives in the same register.
        let arrival = inner.min(MAX_REGS) as Reg;
        self.u.push_block(Block::With {
            exit,
            is_async: w.is_async,
            range: w.range,
        });
        self.u.protect(handler, arrival);
        self.at(old);
        if let (Some(target), None) = (&item.optional_vars, direct) {
            self.assign(target, entered);
        }
        self.u.release(inner);
        if rest.is_empty() {
            self.stmts(&w.body);
        } else {
            self.with_statement(w, rest);
        }
        self.u.unprotect();
        self.u.pop_block();
        self.at(w.range);
        self.call_exit(exit, None, w.is_async);
        self.u.quiet_jump(Op::Jump, 0, 0, end);

        let (exception, save) = self.begin_handler(handler);
        let arrival = self.arrival();
        self.u.push_block(Block::Handling { save, name: None });
        self.u.protect(cleanup, arrival);
        let answer = self.call_exit(exit, Some(exception), w.is_async);
        let suppress = self.u.label();
        self.u.jump(Op::JumpIfTrue, answer, 0, suppress);
        let start = self.u.here();
        self.emit(Op::Reraise, exception, 0, 0, 0);
        self.u.unprotect();
        self.u.pop_block();
        self.u.bind(suppress);
        self.emit(Op::PopExc, save, 0, 0, 0);
        self.u.hush(start);
        self.u.quiet_jump(Op::Jump, 0, 0, end);
        self.cleanup(cleanup, save);
        self.u.release(mark);
        self.u.bind(end);
        self.at(old);
    }

    /// Calls `__exit__` with three times None, or with what an exception is. The result's register is free already.
    fn call_exit(&mut self, exit: Reg, exception: Option<Reg>, is_async: bool) -> Reg {
        let mark = self.u.next_temp;
        let w = self.window();
        self.emit(Op::Move, w + 1, exit, 0, 0);
        self.emit(Op::Move, w + 2, exit + 1, 0, 0);
        let args = self.u.alloc_many(3);
        match exception {
            Some(e) => self.emit(Op::ExcInfoArgs, args, e, 0, 0),
            None => (args..args + 3).for_each(|r| self.load_none(r)),
        }
        self.emit(Op::CallMethod, w, w, 3, 0);
        self.u.release(mark + 1);
        if is_async {
            self.await_in_place(w, 2);
        }
        self.u.release(mark);
        w
    }

    /// Awaits the value in `r`, which gets the result; `what` is GetAwaitable's c.
    fn await_in_place(&mut self, r: Reg, what: u16) {
        let mark = self.u.next_temp;
        self.emit(Op::GetAwaitable, r, r, what, 0);
        self.send_loop(r, mark, Some(r));
    }
}
