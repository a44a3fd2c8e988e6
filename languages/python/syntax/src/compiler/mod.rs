//! The compiler: syntax tree and symbol tables to register code.
//!
//! Where to read: `unit` (what a code object under construction is), `names` (how a name is loaded and stored), `expr`, `call`,
//! `condition`, `target`, `stmt`, `pattern`, `exceptions`, `function` (functions, classes, comprehensions), `assemble` (labels to offsets).
//!
//! Invariant C1: an expression that is compiled into the register of a named local writes it once, as its last action, so
//! that the local keeps its value if the expression raises or reads it.

mod assemble;
mod call;
mod condition;
mod exceptions;
mod expr;
mod fold;
mod fstring;
mod function;
mod names;
mod pattern;
mod stmt;
mod target;
#[cfg(test)]
mod tests;
mod unit;
mod unparse;

use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_source_file::LineIndex;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::code::*;
use crate::error::{ErrorKind, Raw, Warning};
use crate::opcode::Op;
use crate::symtable::{Body, Place, ScopeId, Sym, Symbol, Symtable};

pub(crate) use assemble::{MAX_STRAIGHT, innermost_handlers};
use unit::{MAX_REGS, Reg, Unit};

/// What is compiled and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A file: statements.
    Exec,
    /// One expression; the code returns its value.
    Eval,
    /// Interactive: values of expression statements are displayed.
    Single,
}

/// Everything the compiler is given beside the tree.
pub(crate) struct Input<'a> {
    pub source: &'a str,
    pub lines: &'a LineIndex,
    pub filename: Arc<str>,
    pub mode: Mode,
    /// `CO_FUTURE_*` bits.
    pub future: u32,
    /// 1 drops asserts, 2 docstrings too.
    pub optimize: u8,
    /// Top-level `await` is allowed.
    pub top_level_await: bool,
    /// Deepest tree.
    pub limit: u32,
}

pub(crate) struct Compiler<'a> {
    input: &'a Input<'a>,
    table: Symtable,
    u: Unit<'a>,
    outer: Vec<Unit<'a>>,
    depth: u32,
    /// Addresses of operators that were found not to be constant: a long chain is looked at once only.
    not_constant: ahash::AHashSet<usize>,
    /// Brackets of the call whose only argument is the generator expression that comes next.
    call_brackets: Option<TextRange>,
    /// Inside of a condition: where the whole of it stands.
    outer_test: Option<TextRange>,
    pub errors: Vec<Raw>,
    pub warnings: Vec<Warning>,
    /// Start of the line that was asked for last, for the next question.
    last_line: std::cell::Cell<(u32, TextSize, TextSize)>,
}

/// Compiles a tree; `Err(())` means deeper than the limit. Errors are in the second part.
pub(crate) fn compile<'a>(
    input: &'a Input<'a>,
    body: Body<'a>,
    table: Symtable,
) -> (CodeData, Vec<Raw>, Vec<Warning>) {
    let u = Unit::new(ScopeId(0), "<module>".into(), "<module>".into(), 1);
    let mut c = Compiler {
        input,
        table,
        u,
        outer: Vec::new(),
        depth: 0,
        not_constant: Default::default(),
        call_brackets: None,
        outer_test: None,
        errors: Vec::new(),
        warnings: Vec::new(),
        last_line: std::cell::Cell::default(),
    };
    c.begin_scope();
    c.u.flags = input.future;
    match body {
        Body::Expression(e) => {
            let value = c.expr(e);
            c.u.emit(Op::Return, value, 0, 0, 0);
        }
        Body::Suite(stmts) => {
            if c.input.mode == Mode::Single {
                c.check_single(stmts);
            }
            c.module_body(stmts);
            c.return_none();
        }
    }
    if c.u.is_async {
        c.u.flags |= if c.u.is_generator {
            CO_ASYNC_GENERATOR
        } else {
            CO_COROUTINE
        };
    }
    let code = c.finish();
    (code, c.errors, c.warnings)
}

impl<'a> Compiler<'a> {
    fn error(&mut self, range: TextRange, message: impl Into<String>) {
        self.errors.push(Raw::new(range, message));
    }
    fn warn(&mut self, range: TextRange, message: impl Into<String>) {
        let line = self.line_of(range.start());
        self.warnings.push(Warning {
            deprecation: false,
            message: message.into(),
            line,
        });
    }
    /// Sets the source position of the next instructions; gives the one before.
    fn at(&mut self, range: TextRange) -> TextRange {
        std::mem::replace(&mut self.u.range, range)
    }
    fn emit(&mut self, op: Op, a: Reg, b: Reg, c: Reg, d: i32) {
        self.u.emit(op, a, b, c, d);
    }
    fn load_const(&mut self, value: Const, dst: Option<Reg>) -> Reg {
        let k = self.u.konst(value);
        let dst = self.u.dest(dst);
        self.emit(Op::LoadConst, dst, 0, 0, k);
        dst
    }
    fn load_none(&mut self, dst: Reg) {
        self.load_const(Const::None, Some(dst));
    }
    fn return_none(&mut self) {
        let start = self.u.here();
        self.emit_return_none();
        self.u.hush(start);
    }
    fn emit_return_none(&mut self) {
        if self.is_generator_like() {
            let mark = self.u.next_temp;
            let r = self.load_const(Const::None, None);
            self.emit(Op::GenReturn, r, 0, 0, 0);
            self.u.release(mark);
        } else {
            let k = self.u.konst(Const::None);
            self.emit(Op::ReturnConst, 0, 0, 0, k);
        }
    }
    /// Whether the code makes a generator, coroutine or asynchronous generator.
    fn is_generator_like(&self) -> bool {
        self.u.is_generator || self.u.is_async
    }
    /// Counts one level of the tree; false beyond the limit (the symbol table has seen the same tree, so this is for
    /// duplicated `finally` bodies only).
    fn enter(&mut self, range: TextRange) -> bool {
        self.depth += 1;
        if self.depth > self.input.limit {
            self.depth -= 1;
            self.errors.push(Raw {
                kind: ErrorKind::Recursion,
                ..Raw::new(range, "maximum recursion depth exceeded during compilation")
            });
            return false;
        }
        true
    }

    // ---- positions

    fn line_of(&self, offset: TextSize) -> u32 {
        self.line_and_column(offset).0
    }
    fn line_and_column(&self, offset: TextSize) -> (u32, u32) {
        let (line, start, end) = self.last_line.get();
        if line > 0 && start <= offset && offset < end {
            return (line, (offset - start).to_u32());
        }
        let at = self.input.lines.line_index(offset);
        let start = self.input.lines.line_start(at, self.input.source);
        let end = self.input.lines.line_end(at, self.input.source);
        let line = at.get() as u32;
        self.last_line.set((line, start, end));
        (line, (offset - start).to_u32())
    }
    fn position(&self, range: TextRange) -> Position {
        if range == TextRange::default() {
            return Position {
                line: self.u.firstlineno,
                more_lines: 0,
                col: Position::NO_COLUMN,
                end_col: Position::NO_COLUMN,
            };
        }
        let (line, col) = self.line_and_column(range.start());
        let (end_line, end_col) = self.line_and_column(range.end());
        Position {
            line,
            more_lines: u16::try_from(end_line - line).unwrap_or(u16::MAX),
            col: u16::try_from(col).unwrap_or(Position::NO_COLUMN),
            end_col: u16::try_from(end_col).unwrap_or(Position::NO_COLUMN),
        }
    }

    // ---- scopes

    /// Lays out the named registers of the current unit and emits its prologue, as far as cells are concerned.
    fn begin_scope(&mut self) {
        let scope = self.table.scope(self.u.scope);
        let u = &mut self.u;
        u.has_walrus = scope.has_walrus;
        let mut next: u32 = 1;
        let mut cells = Vec::new();
        let mut place = |u: &mut Unit<'a>, sym: Sym| {
            u.regs.insert(sym, next.min(MAX_REGS) as Reg);
            next += 1;
            (next - 1).min(MAX_REGS) as Reg
        };
        if scope.kind.is_function_like() {
            for s in scope.symbols.iter().filter(|s| s.is_param()) {
                let r = place(u, s.name);
                if s.place == Place::Cell {
                    cells.push(r);
                }
            }
            for s in &scope.symbols {
                if s.place == Place::Local && !s.is_param() {
                    place(u, s.name);
                }
            }
            let names = &self.table.names;
            let mut only_cells: Vec<Sym> = scope
                .symbols
                .iter()
                .filter(|s| s.place == Place::Cell && !s.is_param())
                .map(|s| s.name)
                .collect();
            only_cells.sort_by(|a, b| names.text(*a).cmp(names.text(*b)));
            for sym in only_cells {
                cells.push(place(u, sym));
            }
        } else {
            next = 2;
            let mut place = |u: &mut Unit<'a>, sym: Sym| {
                u.regs.insert(sym, next as Reg);
                next += 1;
                (next - 1) as Reg
            };
            if scope.needs_class_cell {
                let sym = self.table.names.intern("__class__");
                cells.push(place(u, sym));
            }
        }
        let free = self.table.scope(self.u.scope).free.clone();
        let u = &mut self.u;
        let first_free = next;
        for sym in &free {
            u.regs.insert(*sym, next.min(MAX_REGS) as Reg);
            next += 1;
        }
        u.nlocals = next;
        u.next_temp = next;
        u.max_regs = next;
        if !free.is_empty() {
            u.emit(
                Op::CopyFreeVars,
                first_free.min(MAX_REGS) as Reg,
                0,
                free.len() as u16,
                0,
            );
        }
        for r in cells {
            u.emit(Op::MakeCell, r, 0, 0, 0);
        }
        u.hush(0);
    }

    /// Makes the code object of the current unit, which stays in place.
    fn finish(&mut self) -> CodeData {
        let scope = self.table.scope(self.u.scope);
        let names = &self.table.names;
        let params = if scope.kind.is_function_like() {
            scope.symbols.iter().filter(|s| s.is_param()).count() as u32
        } else {
            1
        };
        let mut locals: Vec<Local> = Vec::with_capacity(self.u.nlocals as usize - 1);
        let mut varnames = Vec::new();
        let mut cellvars = Vec::new();
        let mut by_reg: Vec<(Reg, Sym)> = self.u.regs.iter().map(|(s, r)| (*r, *s)).collect();
        by_reg.sort_unstable();
        if !scope.kind.is_function_like() {
            locals.push(Local {
                name: "".into(),
                kind: LocalKind::Namespace,
            });
        }
        let first_free = self.u.nlocals - scope.free.len() as u32;
        for (reg, sym) in by_reg {
            let name = names.text(sym).clone();
            let symbol = scope.symbol(sym);
            let kind = if u32::from(reg) >= first_free {
                LocalKind::Free
            } else if symbol.is_some_and(|s| s.place == Place::Local)
                && scope.kind.is_function_like()
            {
                LocalKind::Local
            } else {
                LocalKind::Cell
            };
            if kind == LocalKind::Local
                || (kind == LocalKind::Cell && symbol.is_some_and(|s| s.is_param()))
            {
                varnames.push(name.clone());
            }
            if kind == LocalKind::Cell {
                cellvars.push(name.clone());
            }
            locals.push(Local { name, kind });
        }
        let freevars: Vec<Arc<str>> = scope.free.iter().map(|s| names.text(*s).clone()).collect();
        let mut flags = self.u.flags | self.input.future;
        if scope.kind.is_function_like() {
            flags |= CO_OPTIMIZED | CO_NEWLOCALS;
            if scope.is_nested {
                flags |= CO_NESTED;
            }
        }
        let name_texts = self
            .u
            .names
            .iter()
            .map(|s| names.text(*s).clone())
            .collect();
        if self.u.max_regs > MAX_REGS {
            let range = self.u.range;
            let name = self.u.name.clone();
            self.error(
                range,
                format!("function '{name}' needs more than {MAX_REGS} registers"),
            );
        }
        let mut assembled = assemble::assemble(&mut self.u, params);
        // Calls of classes are cached, and which calls those are is not known here: every call has a site.
        for i in assembled
            .ins
            .iter_mut()
            .filter(|i| matches!(i.op, Op::Call | Op::CallMethod))
        {
            i.e = self.u.sites;
            self.u.sites += 1;
        }
        let mut positions = Vec::with_capacity(assembled.origin.len());
        let mut last = (TextRange::default(), self.position(TextRange::default()));
        for o in &assembled.origin {
            let range = self.u.ranges[*o as usize];
            if range != last.0 {
                last = (range, self.position(range));
            }
            positions.push(last.1);
        }
        let lines = self.visited_lines(&assembled, &positions);
        let u = &mut self.u;
        CodeData {
            name: u.name.clone(),
            qualname: u.qualname.as_str().into(),
            filename: self.input.filename.clone(),
            firstlineno: u.firstlineno,
            argcount: u.argcount,
            posonlyargcount: u.posonlyargcount,
            kwonlyargcount: u.kwonlyargcount,
            flags,
            names: name_texts,
            consts: std::mem::take(&mut u.consts),
            locals,
            varnames,
            cellvars,
            freevars,
            ins: assembled.ins,
            handled: assembled.handled,
            positions,
            lines,
            nregs: u.max_regs,
            nlocals: u.nlocals,
            sites: u.sites,
            live: assembled.live,
        }
    }

    /// See [`CodeData::lines`].
    fn visited_lines(
        &self,
        assembled: &assemble::Assembled,
        positions: &[Position],
    ) -> Vec<(u32, u32)> {
        let u = &self.u;
        let mut marks = u.marks.iter().peekable();
        let mut lines = Vec::new();
        // Of the instruction at hand, in order.
        let mut visited: Vec<u32> = Vec::new();
        let mut at = 0;
        let mut flush = |at: u32, visited: &mut Vec<u32>| {
            let own = positions.get(at as usize).map_or(0, |p| p.line);
            visited.dedup();
            if *visited != [own] {
                lines.extend(visited.iter().map(|line| (at, *line)));
            }
            visited.clear();
        };
        for (old, new) in assembled.passed.iter().enumerate() {
            let mut here = Vec::new();
            while let Some((_, offset)) = marks.next_if(|(at, _)| *at as usize == old) {
                here.push(self.line_of(*offset));
            }
            let Some(new) = *new else { continue };
            if new != at {
                flush(at, &mut visited);
                // Polls stand for nothing.
                for poll in at + 1..new {
                    visited.push(0);
                    flush(poll, &mut visited);
                }
                at = new;
            }
            visited.extend(here);
            let own = u.ranges[old];
            visited.push(match u.quiet.get(&(old as u32)) {
                Some(unit::Quiet::Reset) => NO_LINE,
                Some(unit::Quiet::Keep) => 0,
                None if own == TextRange::default() => 0,
                None if assembled.origin[new as usize] as usize == old => {
                    positions[new as usize].line
                }
                None => self.line_of(own.start()),
            });
        }
        flush(at, &mut visited);
        lines
    }

    /// Starts the unit of an inner scope.
    fn push_unit(&mut self, scope: ScopeId, name: &str, firstlineno: u32) {
        let qualname = self.qualname(name);
        let mut inner = Unit::new(scope, name.into(), qualname, firstlineno);
        inner.class = self.u.class.clone();
        self.outer.push(std::mem::replace(&mut self.u, inner));
    }
    /// Ends it: its code object.
    fn pop_unit(&mut self) -> CodeData {
        let code = self.finish();
        self.u = self.outer.pop().expect("every pop has its push");
        code
    }
    fn qualname(&mut self, name: &str) -> String {
        if self.outer.is_empty() {
            return name.to_string();
        }
        // A function or class that is declared global is named as if it stood at the top.
        let sym = self.mangled(name);
        let scope = self.table.scope(self.u.scope);
        if scope
            .symbol(sym)
            .is_some_and(|s| s.place == Place::GlobalExplicit)
            && !name.starts_with('<')
        {
            return name.to_string();
        }
        let outer = &self.u.qualname;
        if scope.kind.is_function_like() && !scope.kind.is_comprehension() {
            format!("{outer}.<locals>.{name}")
        } else {
            format!("{outer}.{name}")
        }
    }

    // ---- bodies

    fn check_single(&mut self, stmts: &[Stmt]) {
        let Some(first) = stmts.first() else { return };
        // One line of simple statements counts as one statement.
        for next in &stmts[1..] {
            let between = &self.input.source[usize::from(first.end())..usize::from(next.start())];
            if between.contains(['\n', '\r']) {
                self.error(
                    next.range(),
                    "multiple statements found while compiling a single statement",
                );
                return;
            }
        }
    }

    fn module_body(&mut self, stmts: &'a [Stmt]) {
        if let Some(first) = stmts.first() {
            self.u.range = TextRange::empty(first.start());
        }
        self.body_with_docstring(stmts);
    }

    /// Body of a module or class: annotations set up, docstring stored, statements.
    fn body_with_docstring(&mut self, stmts: &'a [Stmt]) {
        if self.table.scope(self.u.scope).has_annotations {
            self.emit(Op::SetupAnnotations, 0, 0, 0, 0);
        }
        let mut rest = stmts;
        if self.input.mode != Mode::Single || !self.outer.is_empty() {
            if let Some((doc, range)) = docstring(stmts) {
                rest = &stmts[1..];
                if self.input.optimize < 2 {
                    let old = self.at(range);
                    let value = self.string_const(doc);
                    let mark = self.u.next_temp;
                    let r = self.load_const(value, None);
                    let sym = self.table.names.intern("__doc__");
                    self.store_sym(sym, r);
                    self.u.release(mark);
                    self.at(old);
                }
            }
        }
        self.stmts(rest);
    }
}

/// The docstring of a body.
fn docstring(stmts: &[Stmt]) -> Option<(&ast::ExprStringLiteral, TextRange)> {
    match stmts.first()? {
        Stmt::Expr(e) => match &*e.value {
            Expr::StringLiteral(s) => Some((s, e.range)),
            _ => None,
        },
        _ => None,
    }
}
