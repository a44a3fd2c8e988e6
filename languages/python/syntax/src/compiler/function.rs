//! Scopes of their own: functions, lambdas, classes, comprehensions.

use super::*;
use crate::symtable::ScopeKind;

/// Operands of `MakeFunction`: consecutive registers from the first, one for each flag.
struct FunctionParts {
    first: u32,
    flags: u16,
}

const DEFAULTS: u16 = 1;
const KW_DEFAULTS: u16 = 2;
const ANNOTATIONS: u16 = 4;
const CLOSURE: u16 = 8;

impl<'a> Compiler<'a> {
    pub(super) fn function(&mut self, f: &'a ast::StmtFunctionDef) {
        let windows = self.decorators(&f.decorator_list);
        let direct = if windows.is_empty() {
            self.local_register(f.name.as_str())
        } else {
            None
        };
        let firstlineno = match f.decorator_list.first() {
            Some(d) => self.line_of(d.range.start()),
            None => self.line_of(f.range.start()),
        };
        let old = self.at(self.header_range(f.range, f.name.range));
        let mut parts = self.defaults(&f.parameters);
        self.annotations(&mut parts, &f.parameters, f.returns.as_deref());

        let scope = self.table.scope_of(f);
        self.push_unit(scope, f.name.as_str(), firstlineno);
        self.u.is_async = f.is_async;
        self.begin_function(&f.parameters);
        let mut body = &f.body[..];
        match docstring(body) {
            Some((doc, _)) => {
                body = &body[1..];
                let doc = if self.input.optimize < 2 {
                    self.string_const(doc)
                } else {
                    Const::None
                };
                self.u.konst(doc);
            }
            None => {
                self.u.konst(Const::None);
            }
        }
        self.stmts(body);
        // The implicit return stands where the last statement does.
        self.u.range = f.body.last().map_or(f.range, |s| s.range());
        self.return_none();
        let code = self.pop_unit();

        let value = self.make_function(parts, code, direct);
        let header = self.at(old);
        let value = self.decorate(windows, value);
        self.at(header);
        if direct.is_none() {
            self.store_name(f.name.as_str(), value);
        }
        self.at(old);
    }

    /// Position of a definition: `def name` or `class name`, decorators left out.
    fn header_range(&self, all: TextRange, name: TextRange) -> TextRange {
        let line_start = self.input.lines.line_index(name.start());
        let start = self.input.lines.line_start(line_start, self.input.source);
        let indent = self.input.source[usize::from(start)..usize::from(name.start())]
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\x0c'))
            .count();
        let start = (start + TextSize::from(indent as u32)).max(all.start());
        TextRange::new(start, all.end())
    }

    /// Evaluates decorators, each into the callable's place of a window; the next window starts at its argument.
    fn decorators(&mut self, list: &'a [ast::Decorator]) -> Vec<(Reg, TextRange)> {
        let mut windows = Vec::new();
        for d in list {
            let w = self.window();
            self.expr_to(&d.expression, w + 2);
            windows.push((w, d.expression.range()));
        }
        windows
    }
    fn decorate(&mut self, windows: Vec<(Reg, TextRange)>, mut value: Reg) -> Reg {
        for (w, range) in windows.into_iter().rev() {
            let old = self.at(range);
            self.emit(Op::Call, w, w, 1, 0);
            self.u.release(u32::from(w) + 1);
            self.at(old);
            value = w;
        }
        value
    }

    fn begin_function(&mut self, p: &'a ast::Parameters) {
        self.u.posonlyargcount = p.posonlyargs.len() as u32;
        self.u.argcount = (p.posonlyargs.len() + p.args.len()) as u32;
        self.u.kwonlyargcount = p.kwonlyargs.len() as u32;
        if p.vararg.is_some() {
            self.u.flags |= CO_VARARGS;
        }
        if p.kwarg.is_some() {
            self.u.flags |= CO_VARKEYWORDS;
        }
        self.begin_body();
    }
    /// Prologue of a function: registers, cells, and the generator if it is one.
    fn begin_body(&mut self) {
        self.begin_scope();
        self.u.is_generator = self.table.scope(self.u.scope).is_generator;
        self.u.flags |= match (self.u.is_generator, self.u.is_async) {
            (true, true) => CO_ASYNC_GENERATOR,
            (true, false) => CO_GENERATOR,
            (false, true) => CO_COROUTINE,
            (false, false) => return,
        };
        self.emit(Op::MakeGenerator, 0, 0, 0, 0);
    }

    fn defaults(&mut self, p: &'a ast::Parameters) -> FunctionParts {
        let first = self.u.next_temp;
        let mut flags = 0;
        let positional: Vec<&'a Expr> = p
            .posonlyargs
            .iter()
            .chain(&p.args)
            .filter_map(|p| p.default.as_deref())
            .collect();
        if !positional.is_empty() {
            flags |= DEFAULTS;
            let constants: Option<Box<[Const]>> =
                positional.iter().map(|e| self.constant(e)).collect();
            match constants {
                Some(items) => {
                    positional.iter().for_each(|e| self.u.mark(e.range()));
                    self.load_const(Const::Tuple(items), None);
                }
                None => {
                    let at = self.u.next_temp;
                    positional.iter().for_each(|e| {
                        self.expr_temp(e);
                    });
                    self.build(Op::BuildTuple, at, positional.len());
                }
            }
        }
        if p.kwonlyargs.iter().any(|p| p.default.is_some()) {
            flags |= KW_DEFAULTS;
            let at = self.u.next_temp;
            let mut count = 0;
            for p in &p.kwonlyargs {
                if let Some(default) = &p.default {
                    let sym = self.mangled(p.parameter.name.as_str());
                    let name = self.table.names.text(sym).clone();
                    self.load_const(Const::Str(name.as_bytes().into()), None);
                    self.expr_temp(default);
                    count += 1;
                }
            }
            self.build(Op::BuildDict, at, count);
        }
        FunctionParts { first, flags }
    }
    /// Builds from the registers from `at`, which keeps only `at`.
    fn build(&mut self, op: Op, at: u32, count: usize) {
        self.u.release(at);
        let dst = self.u.alloc();
        self.emit(op, dst, dst, count as u16, 0);
    }

    fn annotations(
        &mut self,
        parts: &mut FunctionParts,
        p: &'a ast::Parameters,
        returns: Option<&'a Expr>,
    ) {
        let at = self.u.next_temp;
        let mut count = 0;
        let of = |p: &'a ast::Parameter| p.annotation.as_deref().map(|a| (p.name.as_str(), a));
        let all = p.args.iter().chain(&p.posonlyargs).map(|p| &p.parameter);
        let all = all.chain(p.vararg.as_deref());
        let all = all.chain(p.kwonlyargs.iter().map(|p| &p.parameter));
        let all = all.chain(p.kwarg.as_deref()).filter_map(of);
        for (name, annotation) in all.chain(returns.map(|r| ("return", r))) {
            let sym = self.mangled(name);
            let name = self.table.names.text(sym).clone();
            self.load_const(Const::Str(name.as_bytes().into()), None);
            match annotation {
                Expr::Starred(s) if self.input.future & CO_FUTURE_ANNOTATIONS == 0 => {
                    let value = self.expr_temp(&s.value);
                    self.emit(Op::UnpackSequence, value, value, 1, 0);
                }
                e => {
                    self.annotation(e);
                }
            }
            count += 2;
        }
        if count > 0 {
            parts.flags |= ANNOTATIONS;
            self.build(Op::BuildTuple, at, count);
        }
    }

    /// Makes the function of a finished code object; the registers of its parts are free afterwards.
    fn make_function(&mut self, mut parts: FunctionParts, code: CodeData, dst: Option<Reg>) -> Reg {
        if !code.freevars.is_empty() {
            parts.flags |= CLOSURE;
            let at = self.u.next_temp;
            for name in &code.freevars {
                let sym = self.table.names.intern(name);
                let cell = self.u.regs[&sym];
                let t = self.u.alloc();
                self.emit(Op::Move, t, cell, 0, 0);
            }
            self.build(Op::BuildTuple, at, code.freevars.len());
        }
        let k = self.u.konst(Const::Code(Arc::new(code)));
        self.u.release(parts.first);
        let dst = self.u.dest(dst);
        self.emit(
            Op::MakeFunction,
            dst,
            parts.first.min(MAX_REGS) as Reg,
            parts.flags,
            k,
        );
        dst
    }

    pub(super) fn lambda(&mut self, l: &'a ast::ExprLambda, dst: Option<Reg>) -> Reg {
        let parts = match &l.parameters {
            Some(p) => self.defaults(p),
            None => FunctionParts {
                first: self.u.next_temp,
                flags: 0,
            },
        };
        let scope = self.table.scope_of(l);
        let line = self.line_of(l.range.start());
        self.push_unit(scope, "<lambda>", line);
        match &l.parameters {
            Some(p) => self.begin_function(p),
            None => self.begin_body(),
        }
        self.u.konst(Const::None);
        let value = self.expr(&l.body);
        self.u.range = l.body.range();
        self.u.mark(l.range);
        let start = self.u.here();
        let op = if self.is_generator_like() {
            Op::GenReturn
        } else {
            Op::Return
        };
        self.emit(op, value, 0, 0, 0);
        self.u.hush(start);
        let code = self.pop_unit();
        self.make_function(parts, code, dst)
    }

    pub(super) fn class(&mut self, c: &'a ast::StmtClassDef) {
        let windows = self.decorators(&c.decorator_list);
        let firstlineno = match c.decorator_list.first() {
            Some(d) => self.line_of(d.range.start()),
            None => self.line_of(c.range.start()),
        };
        let old = self.at(self.header_range(c.range, c.name.range));
        let mark = self.u.next_temp;
        let w = self.window();
        self.emit(Op::LoadBuildClass, w + 2, 0, 0, 0);
        let function = self.u.alloc();
        let code = self.class_body(c, firstlineno);
        let parts = FunctionParts {
            first: self.u.next_temp,
            flags: 0,
        };
        self.make_function(parts, code, Some(function));
        let name = self.load_const(Const::Str(c.name.as_str().as_bytes().into()), None);
        let value = match c.arguments.as_deref() {
            Some(args) if call::is_plain(args) => {
                self.check_keywords(args);
                self.plain_arguments(args);
                self.u.release(mark);
                let dst = self.u.alloc();
                self.finish_call(args, [Op::Call, Op::CallKw], dst, w, 2);
                dst
            }
            Some(args) => {
                self.check_keywords(args);
                self.call_ex(w + 2, &[function, name], args, None, mark)
            }
            None => {
                self.u.release(mark);
                let dst = self.u.alloc();
                self.emit(Op::Call, dst, w, 2, 0);
                dst
            }
        };
        let header = self.at(old);
        let value = self.decorate(windows, value);
        self.at(header);
        self.store_name(c.name.as_str(), value);
        self.at(old);
    }

    fn class_body(&mut self, c: &'a ast::StmtClassDef, firstlineno: u32) -> CodeData {
        let scope = self.table.scope_of(c);
        self.push_unit(scope, c.name.as_str(), firstlineno);
        self.u.class = Some(c.name.as_str().into());
        self.begin_scope();
        // The line where the definition begins, decorators included.
        let decorated = c.decorator_list.first().map(|d| d.range);
        self.u.mark(decorated.unwrap_or(c.range));
        let start = self.u.here();
        let mark = self.u.next_temp;
        let module = self.table.names.intern("__name__");
        let value = self.load_sym(module, None);
        let sym = self.table.names.intern("__module__");
        self.store_sym(sym, value);
        self.u.release(mark);
        let qualname = self.u.qualname.clone();
        let value = self.load_const(Const::Str(qualname.into_bytes().into()), None);
        let sym = self.table.names.intern("__qualname__");
        self.store_sym(sym, value);
        self.u.release(mark);
        self.u.hush(start);
        self.body_with_docstring(&c.body);
        if self.table.scope(scope).needs_class_cell {
            let class = self.table.names.intern("__class__");
            let cell = self.u.regs[&class];
            let t = self.u.alloc();
            let start = self.u.here();
            self.emit(Op::Move, t, cell, 0, 0);
            let sym = self.table.names.intern("__classcell__");
            self.store_sym(sym, t);
            self.emit(Op::Return, t, 0, 0, 0);
            self.u.hush(start);
            self.u.release(mark);
        } else {
            self.return_none();
        }
        self.pop_unit()
    }

    // ---- comprehensions

    pub(super) fn comprehension<T>(
        &mut self,
        node: &'a T,
        e: &'a Expr,
        elements: [Option<&'a Expr>; 2],
        generators: &'a [ast::Comprehension],
        dst: Option<Reg>,
    ) -> Reg {
        // A generator expression without brackets of its own stands where those of the call do.
        let range = self.call_brackets.take().unwrap_or(e.range());
        self.u.range = range;
        let id = self.table.scope_of(node);
        let scope = self.table.scope(id);
        let (kind, is_async) = (scope.kind, scope.is_coroutine);
        let name = match kind {
            ScopeKind::ListComp => "<listcomp>",
            ScopeKind::SetComp => "<setcomp>",
            ScopeKind::DictComp => "<dictcomp>",
            _ => "<genexpr>",
        };
        let awaited = is_async && kind != ScopeKind::GeneratorExp;
        if awaited && !self.u.is_async && !self.table.scope(self.u.scope).kind.is_comprehension() {
            self.check_async(
                e.range(),
                "asynchronous comprehension outside of an asynchronous function",
            );
        }
        let line = self.line_of(range.start());
        self.push_unit(id, name, line);
        self.u.range = range;
        self.u.is_async = is_async;
        self.u.argcount = 1;
        self.begin_body();
        let result = match kind {
            ScopeKind::ListComp => Some(Op::BuildList),
            ScopeKind::SetComp => Some(Op::BuildSet),
            ScopeKind::DictComp => Some(Op::BuildDict),
            _ => None,
        };
        let result = result.map(|op| {
            let r = self.u.alloc();
            self.emit(op, r, 0, 0, 0);
            r
        });
        self.generators(kind, elements, generators, true, result);
        match result {
            Some(r) => {
                let op = if self.is_generator_like() {
                    Op::GenReturn
                } else {
                    Op::Return
                };
                self.emit(op, r, 0, 0, 0);
            }
            None => self.return_none(),
        }
        let code = self.pop_unit();

        let mark = self.u.next_temp;
        let w = self.window();
        let parts = FunctionParts {
            first: self.u.next_temp,
            flags: 0,
        };
        self.make_function(parts, code, Some(w + 2));
        let first = &generators[0];
        let old = self.at(first.iter.range());
        if first.is_async {
            let inner = self.u.next_temp;
            let value = self.expr(&first.iter);
            self.u.release(inner);
            let iterator = self.u.alloc();
            self.emit(Op::GetAiter, iterator, value, 0, 0);
        } else {
            self.iterator(&first.iter);
        }
        self.at(old);
        self.u.release(mark);
        if awaited {
            let t = self.u.alloc();
            self.emit(Op::Call, t, w, 1, 0);
            self.emit(Op::GetAwaitable, t, t, 0, 0);
            return self.send_loop(t, mark, dst);
        }
        let dst = self.u.dest(dst);
        self.emit(Op::Call, dst, w, 1, 0);
        dst
    }

    fn generators(
        &mut self,
        kind: ScopeKind,
        elements: [Option<&'a Expr>; 2],
        generators: &'a [ast::Comprehension],
        outermost: bool,
        result: Option<Reg>,
    ) {
        let Some((g, rest)) = generators.split_first() else {
            return self.comprehension_element(kind, elements, result);
        };
        let mark = self.u.next_temp;
        let (cont, done) = (self.u.label(), self.u.label());
        // The first iterable is parameter `.0`, register 1, an iterator already.
        let iterator = match (outermost, g.is_async) {
            (true, false) => 1,
            (true, true) => {
                let t = self.u.alloc();
                self.emit(Op::Move, t, 1, 0, 0);
                t
            }
            (false, false) => self.iterator(&g.iter),
            (false, true) => {
                let value = self.expr(&g.iter);
                self.u.release(mark);
                let t = self.u.alloc();
                self.emit(Op::GetAiter, t, value, 0, 0);
                t
            }
        };
        let top = self.u.loop_header();
        let inner = self.u.next_temp;
        if g.is_async {
            let item = self.async_next(iterator, done);
            self.assign(&g.target, item);
            self.u.release(inner);
        } else {
            self.for_iter(iterator, &g.target, done);
        }
        for condition in &g.ifs {
            self.jump_if(condition, false, cont);
        }
        self.generators(kind, elements, rest, false, result);
        self.u.bind(cont);
        self.u.quiet_jump(Op::Loop, 0, 0, top);
        if g.is_async {
            self.end_async_for(iterator, done);
        } else {
            self.u.bind(done);
        }
        self.u.release(mark);
    }

    fn comprehension_element(
        &mut self,
        kind: ScopeKind,
        [first, second]: [Option<&'a Expr>; 2],
        result: Option<Reg>,
    ) {
        let mark = self.u.next_temp;
        match (kind, result) {
            (ScopeKind::DictComp, Some(result)) => {
                let second = second.expect("a dict comprehension has a value");
                let value = match first {
                    Some(key) => {
                        let key = self.operand(key, &[second]);
                        let value = self.expr(second);
                        self.emit(Op::MapAdd, result, key, value, 0);
                        self.u.release(mark);
                        return;
                    }
                    None => self.expr(second),
                };
                self.emit(Op::DictUpdate, result, value, 0, 0);
            }
            (_, Some(result)) => {
                let value = self.expr(first.expect("it has an element"));
                let op = if kind == ScopeKind::ListComp {
                    Op::ListAppend
                } else {
                    Op::SetAdd
                };
                self.emit(op, result, value, 0, 0);
            }
            (_, None) => {
                let e = first.expect("it has an element");
                let old = self.at(e.range());
                let mut value = self.expr(e);
                if self.u.is_async {
                    self.u.release(mark);
                    let wrapped = self.u.alloc();
                    self.emit(Op::AsyncGenWrap, wrapped, value, 0, 0);
                    value = wrapped;
                }
                self.u.release(mark);
                let sent = self.u.alloc();
                self.emit(Op::Yield, sent, value, 0, 0);
                self.at(old);
            }
        }
        self.u.release(mark);
    }
}
