//! Symbol tables: for every scope, what each of its names is.
//!
//! Two steps. [`build`] walks the tree once and notes for each scope how its names are used (bound, declared global, ...), then
//! `resolve` goes over the scopes from the outside in and decides local, cell, free or global. Scopes are found again by the address
//! of their syntax node, because a `finally` body is compiled more than once.

use std::sync::Arc;

use ahash::AHashMap;
use ruff_python_ast::{self as ast, Expr, Operator, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::error::Raw;

/// An interned identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Sym(pub u32);

/// Identifiers of one compilation.
#[derive(Default)]
pub struct Interner {
    map: AHashMap<Arc<str>, Sym>,
    all: Vec<Arc<str>>,
}

impl Interner {
    /// The symbol of a text.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.map.get(text) {
            return *sym;
        }
        let sym = Sym(self.all.len() as u32);
        let text: Arc<str> = text.into();
        self.all.push(text.clone());
        self.map.insert(text, sym);
        sym
    }
    /// The text of a symbol.
    pub fn text(&self, sym: Sym) -> &Arc<str> {
        &self.all[sym.0 as usize]
    }
}

/// `__name` in class `_Cls` becomes `_Cls__name`; None if the name stays as it is.
pub fn mangle(class: Option<&str>, name: &str) -> Option<String> {
    let class = class?.trim_start_matches('_');
    if class.is_empty() || !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return None;
    }
    Some(format!("_{class}{name}"))
}

/// Number of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScopeId(pub u32);

/// What makes a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    /// The whole source.
    Module,
    /// A class body.
    Class,
    /// A `def`.
    Function,
    /// A `lambda`.
    Lambda,
    /// `[... for ...]`
    ListComp,
    /// `{... for ...}`
    SetComp,
    /// `{...: ... for ...}`
    DictComp,
    /// `(... for ...)`
    GeneratorExp,
}

impl ScopeKind {
    /// Whether the scope is one of the four comprehensions.
    pub fn is_comprehension(self) -> bool {
        use ScopeKind::*;
        matches!(self, ListComp | SetComp | DictComp | GeneratorExp)
    }
    /// Whether its variables live in registers.
    pub fn is_function_like(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }
}

const GLOBAL: u16 = 1;
const LOCAL: u16 = 2;
const PARAM: u16 = 4;
const NONLOCAL: u16 = 8;
const USE: u16 = 16;
const ANNOT: u16 = 32;
const COMP_ITER: u16 = 64;
const DELETED: u16 = 128;
const GROWN: u16 = 256;
const BOUND: u16 = LOCAL | PARAM;

/// Where a name lives, seen from one scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Not decided yet.
    Unknown,
    /// Bound here, used here only.
    Local,
    /// Bound here, used by inner functions too.
    Cell,
    /// Bound in an outer function.
    Free,
    /// Declared `global`.
    GlobalExplicit,
    /// Bound in no scope around.
    GlobalImplicit,
}

/// A name in a scope.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The (mangled) name.
    pub name: Sym,
    flags: u16,
    /// Decision of the second step.
    pub place: Place,
    declared_at: TextRange,
}

impl Symbol {
    /// Whether there is a `del` of it or an `except ... as` with it, so that it may be unbound again.
    pub fn may_be_deleted(&self) -> bool {
        self.flags & DELETED != 0
    }
    /// Whether a loop of its scope has `name += x` with an `x` that may be a str.
    pub fn is_grown(&self) -> bool {
        self.flags & GROWN != 0
    }
    /// Whether it is a parameter.
    pub fn is_param(&self) -> bool {
        self.flags & PARAM != 0
    }
}

/// A scope.
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// Scope around it.
    pub parent: Option<ScopeId>,
    /// Names in order of first appearance.
    pub symbols: Vec<Symbol>,
    index: AHashMap<Sym, u32>,
    /// Free variables, inner functions' needs included; sorted by name after `resolve`.
    pub free: Vec<Sym>,
    /// Contains `yield`.
    pub is_generator: bool,
    /// Is `async def`, or a comprehension with `async for` or `await` in it.
    pub is_coroutine: bool,
    /// Contains a walrus that binds a name of this scope.
    pub has_walrus: bool,
    /// Loops of this scope around the statement that is looked at.
    loops: u32,
    /// A function somewhere inside a function.
    pub is_nested: bool,
    /// Has annotated names (module and class).
    pub has_annotations: bool,
    /// Class body whose methods use `__class__` or `super`.
    pub needs_class_cell: bool,
    /// Class whose name mangles, if any.
    class: Option<Arc<str>>,
    /// Nesting in a comprehension's first iterable etc., for the walrus rule.
    in_comp_iter: bool,
}

impl Scope {
    /// The entry of a name.
    pub fn symbol(&self, name: Sym) -> Option<&Symbol> {
        self.index.get(&name).map(|i| &self.symbols[*i as usize])
    }
    fn entry(&mut self, name: Sym) -> &mut Symbol {
        let next = self.symbols.len() as u32;
        let at = *self.index.entry(name).or_insert(next);
        if at == next {
            self.symbols.push(Symbol {
                name,
                flags: 0,
                place: Place::Unknown,
                declared_at: TextRange::default(),
            });
        }
        &mut self.symbols[at as usize]
    }
}

/// All scopes of a source.
pub struct Symtable {
    /// The scopes; 0 is the module.
    pub scopes: Vec<Scope>,
    by_node: AHashMap<usize, ScopeId>,
    /// Identifiers.
    pub names: Interner,
}

impl Symtable {
    /// The scope of a syntax node that makes one.
    pub fn scope_of<T>(&self, node: &T) -> ScopeId {
        self.by_node[&address(node)]
    }
    /// A scope by number.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

struct Builder<'a> {
    table: Symtable,
    current: ScopeId,
    future_annotations: bool,
    depth: u32,
    limit: u32,
    too_deep: bool,
    errors: &'a mut Vec<Raw>,
}

/// Body of a source to compile.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// Statements.
    Suite(&'a [Stmt]),
    /// One expression.
    Expression(&'a Expr),
}

/// Builds and resolves the tables. Errors are appended to `errors`; `Err` means that the tree is deeper than `limit`.
pub fn build(
    body: Body<'_>,
    future_annotations: bool,
    limit: u32,
    errors: &mut Vec<Raw>,
) -> Result<Symtable, ()> {
    let table = Symtable {
        scopes: Vec::new(),
        by_node: AHashMap::new(),
        names: Interner::default(),
    };
    let mut b = Builder {
        table,
        current: ScopeId(0),
        future_annotations,
        depth: 0,
        limit,
        too_deep: false,
        errors,
    };
    b.push(ScopeKind::Module, None);
    match body {
        Body::Suite(stmts) => b.stmts(stmts),
        Body::Expression(e) => b.expr(e),
    }
    if b.too_deep {
        return Err(());
    }
    b.resolve();
    Ok(b.table)
}

impl Builder<'_> {
    fn scope(&mut self) -> &mut Scope {
        &mut self.table.scopes[self.current.0 as usize]
    }
    fn error(&mut self, range: TextRange, message: impl Into<String>) {
        self.errors.push(Raw::new(range, message));
    }
    fn push(&mut self, kind: ScopeKind, class: Option<Arc<str>>) -> ScopeId {
        let id = ScopeId(self.table.scopes.len() as u32);
        let parent = (id.0 > 0).then_some(self.current);
        let (outer_class, nested) = match parent {
            Some(p) => {
                let p = self.table.scope(p);
                (p.class.clone(), p.is_nested || p.kind.is_function_like())
            }
            None => (None, false),
        };
        self.table.scopes.push(Scope {
            kind,
            parent,
            symbols: Vec::new(),
            index: AHashMap::new(),
            free: Vec::new(),
            is_generator: false,
            is_coroutine: false,
            loops: 0,
            has_walrus: false,
            is_nested: nested,
            has_annotations: false,
            needs_class_cell: false,
            class: class.or(outer_class),
            in_comp_iter: false,
        });
        self.current = id;
        id
    }
    fn pop(&mut self) {
        self.current = self.scope().parent.expect("only inner scopes are popped");
    }
    fn sym(&mut self, name: &str) -> Sym {
        let class = self.scope().class.clone();
        match mangle(class.as_deref(), name) {
            Some(mangled) => self.table.names.intern(&mangled),
            None => self.table.names.intern(name),
        }
    }
    fn define(&mut self, name: &str, flags: u16, range: TextRange) {
        let sym = self.sym(name);
        if flags & PARAM != 0 && self.scope().entry(sym).flags & PARAM != 0 {
            self.error(
                range,
                format!("duplicate argument '{name}' in function definition"),
            );
        }
        let symbol = self.scope().entry(sym);
        symbol.flags |= flags;
        if flags & (GLOBAL | NONLOCAL) != 0 {
            symbol.declared_at = range;
        }
    }
    fn bind(&mut self, name: &str, range: TextRange) {
        if name == "__debug__" {
            self.error(range, "cannot assign to __debug__");
        }
        self.define(name, LOCAL, range);
    }
    fn stmts(&mut self, stmts: &[Stmt]) {
        for s in stmts {
            self.stmt(s);
        }
    }
    fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth > self.limit {
            self.too_deep = true;
            self.depth -= 1;
            return false;
        }
        true
    }
    fn opt(&mut self, e: &Option<Box<Expr>>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }
    fn annotation(&mut self, e: &Expr) {
        if !self.future_annotations {
            return self.expr(e);
        }
        // Kept as text, so it binds and uses nothing; some expressions are refused all the same.
        let mut search = Forbidden(None);
        ruff_python_ast::visitor::Visitor::visit_expr(&mut search, e);
        if let Some((range, what)) = search.0 {
            self.error(
                range,
                format!("'{what}' can not be used within an annotation"),
            );
        }
    }

    fn stmt(&mut self, s: &Stmt) {
        if !self.enter() {
            return;
        }
        match s {
            Stmt::FunctionDef(f) => self.function(f),
            Stmt::ClassDef(c) => self.class(c),
            Stmt::Return(r) => {
                self.opt(&r.value);
            }
            Stmt::Delete(d) => d.targets.iter().for_each(|t| self.expr(t)),
            Stmt::Assign(a) => {
                a.targets.iter().for_each(|t| self.expr(t));
                self.expr(&a.value);
            }
            Stmt::AugAssign(a) => {
                if let Expr::Name(n) = &*a.target {
                    let in_loop = self.scope().loops > 0;
                    let grows =
                        in_loop && a.op == Operator::Add && !a.value.is_number_literal_expr();
                    self.define(&n.id, if grows { USE | GROWN } else { USE }, n.range);
                }
                self.expr(&a.target);
                self.expr(&a.value);
            }
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::For(f) => {
                self.expr(&f.target);
                self.expr(&f.iter);
                self.scope().loops += 1;
                self.stmts(&f.body);
                self.scope().loops -= 1;
                self.stmts(&f.orelse);
            }
            Stmt::While(w) => {
                self.expr(&w.test);
                self.scope().loops += 1;
                self.stmts(&w.body);
                self.scope().loops -= 1;
                self.stmts(&w.orelse);
            }
            Stmt::If(i) => {
                self.expr(&i.test);
                self.stmts(&i.body);
                for clause in &i.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.expr(test);
                    }
                    self.stmts(&clause.body);
                }
            }
            Stmt::With(w) => {
                for item in &w.items {
                    self.expr(&item.context_expr);
                    self.opt(&item.optional_vars);
                }
                self.stmts(&w.body);
            }
            Stmt::Raise(r) => {
                self.opt(&r.exc);
                self.opt(&r.cause);
            }
            Stmt::Try(t) => {
                self.stmts(&t.body);
                for ast::ExceptHandler::ExceptHandler(h) in &t.handlers {
                    self.opt(&h.type_);
                    if let Some(name) = &h.name {
                        self.bind(&name.id, name.range);
                        self.define(&name.id, DELETED, name.range);
                    }
                    self.stmts(&h.body);
                }
                self.stmts(&t.orelse);
                self.stmts(&t.finalbody);
            }
            Stmt::Assert(a) => {
                self.expr(&a.test);
                self.opt(&a.msg);
            }
            Stmt::Import(i) => {
                for alias in &i.names {
                    let bound = match &alias.asname {
                        Some(name) => name.as_str(),
                        None => alias.name.as_str().split('.').next().unwrap_or_default(),
                    };
                    self.bind(bound, alias.range);
                }
            }
            Stmt::ImportFrom(i) => {
                for alias in &i.names {
                    if alias.name.as_str() == "*" {
                        if self.scope().kind != ScopeKind::Module {
                            self.error(i.range, "import * only allowed at module level");
                        }
                        continue;
                    }
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(bound.as_str(), alias.range);
                }
            }
            Stmt::Global(g) => {
                for name in &g.names {
                    self.declare(name, GLOBAL, s.range());
                }
            }
            Stmt::Nonlocal(n) => {
                if self.scope().kind == ScopeKind::Module {
                    self.error(
                        s.range(),
                        "nonlocal declaration not allowed at module level",
                    );
                } else {
                    for name in &n.names {
                        self.declare(name, NONLOCAL, s.range());
                    }
                }
            }
            Stmt::Match(m) => {
                self.expr(&m.subject);
                for case in &m.cases {
                    self.pattern(&case.pattern);
                    if let Some(guard) = &case.guard {
                        self.expr(guard);
                    }
                    self.stmts(&case.body);
                }
            }
            Stmt::Expr(e) => self.expr(&e.value),
            // These are reported by the compiler, which gives up on the whole statement.
            Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => {}
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) => {}
        }
        self.depth -= 1;
    }

    fn ann_assign(&mut self, a: &ast::StmtAnnAssign) {
        if let Expr::Name(n) = &*a.target {
            let sym = self.sym(&n.id);
            let at_module = self.scope().kind == ScopeKind::Module;
            let flags = self.scope().entry(sym).flags;
            if flags & (GLOBAL | NONLOCAL) != 0 && !at_module && a.simple {
                let what = if flags & GLOBAL != 0 {
                    "global"
                } else {
                    "nonlocal"
                };
                self.error(
                    a.range,
                    format!("annotated name '{}' can't be {what}", n.id),
                );
            }
            if a.simple {
                self.scope().has_annotations = true;
                self.bind(&n.id, n.range);
                self.define(&n.id, ANNOT, n.range);
            } else if a.value.is_some() {
                self.bind(&n.id, n.range);
            }
        } else {
            self.expr(&a.target);
        }
        self.annotation(&a.annotation);
        self.opt(&a.value);
    }

    fn pattern(&mut self, p: &Pattern) {
        if !self.enter() {
            return;
        }
        match p {
            Pattern::MatchValue(v) => self.expr(&v.value),
            Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(s) => s.patterns.iter().for_each(|p| self.pattern(p)),
            Pattern::MatchMapping(m) => {
                m.keys.iter().for_each(|k| self.expr(k));
                m.patterns.iter().for_each(|p| self.pattern(p));
                self.pattern_name(m.rest.as_ref());
            }
            Pattern::MatchClass(c) => {
                self.expr(&c.cls);
                c.arguments.patterns.iter().for_each(|p| self.pattern(p));
                let keywords = c.arguments.keywords.iter();
                keywords.for_each(|k| self.pattern(&k.pattern));
            }
            Pattern::MatchStar(s) => self.pattern_name(s.name.as_ref()),
            Pattern::MatchAs(a) => {
                if let Some(p) = &a.pattern {
                    self.pattern(p);
                }
                self.pattern_name(a.name.as_ref());
            }
            Pattern::MatchOr(o) => o.patterns.iter().for_each(|p| self.pattern(p)),
        }
        self.depth -= 1;
    }
    fn pattern_name(&mut self, name: Option<&ast::Identifier>) {
        if let Some(name) = name {
            self.bind(name.as_str(), name.range);
        }
    }

    fn declare(&mut self, name: &ast::Identifier, flag: u16, range: TextRange) {
        let what = if flag == GLOBAL { "global" } else { "nonlocal" };
        let sym = self.sym(name.as_str());
        let flags = self.scope().entry(sym).flags;
        if flags & (PARAM | LOCAL | USE | ANNOT) != 0 {
            let message = if flags & PARAM != 0 {
                format!("name '{name}' is parameter and {what}")
            } else if flags & USE != 0 {
                format!("name '{name}' is used prior to {what} declaration")
            } else if flags & ANNOT != 0 {
                format!("annotated name '{name}' can't be {what}")
            } else {
                format!("name '{name}' is assigned to before {what} declaration")
            };
            self.error(range, message);
        }
        self.define(name.as_str(), flag, range);
    }

    fn parameters(&mut self, p: &ast::Parameters) {
        for p in p.posonlyargs.iter().chain(&p.args).chain(&p.kwonlyargs) {
            self.parameter(&p.parameter);
        }
        for p in p.vararg.iter().chain(&p.kwarg) {
            self.parameter(p);
        }
    }
    fn parameter(&mut self, p: &ast::Parameter) {
        if p.name.as_str() == "__debug__" {
            self.error(p.range, "cannot assign to __debug__");
        }
        self.define(p.name.as_str(), PARAM, p.range);
    }
    fn defaults(&mut self, p: &ast::Parameters) {
        for p in p.posonlyargs.iter().chain(&p.args).chain(&p.kwonlyargs) {
            self.opt(&p.default);
        }
    }

    fn function(&mut self, f: &ast::StmtFunctionDef) {
        self.bind(f.name.as_str(), f.name.range);
        self.defaults(&f.parameters);
        for p in &*f.parameters {
            if let Some(a) = p.annotation() {
                self.annotation(a);
            }
        }
        if let Some(r) = &f.returns {
            self.annotation(r);
        }
        f.decorator_list
            .iter()
            .for_each(|d| self.expr(&d.expression));
        let id = self.push(ScopeKind::Function, None);
        self.table.by_node.insert(address(f), id);
        self.scope().is_coroutine = f.is_async;
        self.parameters(&f.parameters);
        self.stmts(&f.body);
        self.pop();
    }

    fn class(&mut self, c: &ast::StmtClassDef) {
        self.bind(c.name.as_str(), c.name.range);
        if let Some(args) = &c.arguments {
            args.args.iter().for_each(|a| self.expr(a));
            args.keywords.iter().for_each(|k| self.expr(&k.value));
        }
        c.decorator_list
            .iter()
            .for_each(|d| self.expr(&d.expression));
        let id = self.push(ScopeKind::Class, Some(c.name.as_str().into()));
        self.table.by_node.insert(address(c), id);
        self.stmts(&c.body);
        self.pop();
    }

    fn lambda(&mut self, l: &ast::ExprLambda) {
        if let Some(p) = &l.parameters {
            self.defaults(p);
        }
        let id = self.push(ScopeKind::Lambda, None);
        self.table.by_node.insert(address(l), id);
        if let Some(p) = &l.parameters {
            self.parameters(p);
        }
        self.expr(&l.body);
        self.pop();
    }

    fn comprehension<T>(
        &mut self,
        node: &T,
        kind: ScopeKind,
        elements: [Option<&Expr>; 2],
        generators: &[ast::Comprehension],
    ) {
        let outer_iter = std::mem::replace(&mut self.scope().in_comp_iter, true);
        self.expr(&generators[0].iter);
        self.scope().in_comp_iter = outer_iter;
        let id = self.push(kind, None);
        self.table.by_node.insert(address(node), id);
        self.define(".0", PARAM, TextRange::default());
        self.scope().is_coroutine = generators.iter().any(|g| g.is_async);
        for (i, g) in generators.iter().enumerate() {
            self.expr(&g.target);
            let scope = self.scope();
            for s in &mut scope.symbols {
                if s.flags & LOCAL != 0 {
                    s.flags |= COMP_ITER;
                }
            }
            if i > 0 {
                self.scope().in_comp_iter = true;
                self.expr(&g.iter);
                self.scope().in_comp_iter = false;
            }
            g.ifs.iter().for_each(|e| self.expr(e));
        }
        elements.into_iter().flatten().for_each(|e| self.expr(e));
        self.scope().is_generator = kind == ScopeKind::GeneratorExp;
        let awaits = self.scope().is_coroutine;
        self.pop();
        // An asynchronous comprehension (not a generator expression) is awaited by the scope around it.
        if awaits && kind != ScopeKind::GeneratorExp && self.scope().kind.is_comprehension() {
            self.scope().is_coroutine = true;
        }
    }

    fn walrus(&mut self, n: &ast::ExprNamed) {
        if let Expr::Name(name) = &*n.target {
            if self.scope().in_comp_iter {
                self.error(
                    n.range,
                    "assignment expression cannot be used in a comprehension iterable expression",
                );
            }
            if self.scope().kind.is_comprehension() {
                self.walrus_in_comprehension(name, n.range);
            } else {
                self.scope().has_walrus = true;
                self.bind(&name.id, name.range);
            }
        }
        self.expr(&n.value);
    }

    /// The target is bound in the nearest scope that is no comprehension.
    fn walrus_in_comprehension(&mut self, name: &ast::ExprName, range: TextRange) {
        let sym = self.sym(&name.id);
        let inner = self.current;
        let mut at = inner;
        loop {
            let scope = &mut self.table.scopes[at.0 as usize];
            if scope.kind.is_comprehension() {
                let flags = scope.entry(sym).flags;
                if flags & COMP_ITER != 0 {
                    let message = format!(
                        "assignment expression cannot rebind comprehension iteration variable '{}'",
                        name.id
                    );
                    self.error(range, message);
                    return;
                }
                at = scope.parent.expect("a comprehension has a scope around it");
                continue;
            }
            let flag = match scope.kind {
                ScopeKind::Class => {
                    let message = "assignment expression within a comprehension cannot be used in a class body";
                    self.error(range, message);
                    return;
                }
                ScopeKind::Module => {
                    scope.entry(sym).flags |= LOCAL;
                    GLOBAL
                }
                _ => {
                    let symbol = scope.entry(sym);
                    if symbol.flags & GLOBAL != 0 {
                        GLOBAL
                    } else {
                        if symbol.flags & NONLOCAL == 0 {
                            symbol.flags |= LOCAL;
                        }
                        NONLOCAL
                    }
                }
            };
            let mut scope = inner;
            while scope != at {
                let s = &mut self.table.scopes[scope.0 as usize];
                s.entry(sym).flags |= flag;
                scope = s.parent.expect("inside of `at`");
            }
            return;
        }
    }

    fn expr(&mut self, e: &Expr) {
        if !self.enter() {
            return;
        }
        match e {
            Expr::Name(n) => match n.ctx {
                ast::ExprContext::Store => self.bind(&n.id, n.range),
                ast::ExprContext::Del => {
                    self.define(&n.id, LOCAL | DELETED, n.range);
                    if &*n.id == "__debug__" {
                        self.error(n.range, "cannot delete __debug__");
                    }
                }
                _ => {
                    self.define(&n.id, USE, n.range);
                    if &*n.id == "super" && self.scope().kind.is_function_like() {
                        let sym = self.table.names.intern("__class__");
                        self.scope().entry(sym).flags |= USE;
                    }
                }
            },
            Expr::BoolOp(b) => b.values.iter().for_each(|e| self.expr(e)),
            Expr::Named(n) => self.walrus(n),
            Expr::BinOp(b) => {
                self.expr(&b.left);
                self.expr(&b.right);
            }
            Expr::UnaryOp(u) => self.expr(&u.operand),
            Expr::Lambda(l) => self.lambda(l),
            Expr::If(i) => {
                self.expr(&i.test);
                self.expr(&i.body);
                self.expr(&i.orelse);
            }
            Expr::Dict(d) => {
                for item in &d.items {
                    if let Some(k) = &item.key {
                        self.expr(k);
                    }
                    self.expr(&item.value);
                }
            }
            Expr::Set(s) => s.elts.iter().for_each(|e| self.expr(e)),
            Expr::ListComp(c) => {
                self.comprehension(c, ScopeKind::ListComp, [Some(&c.elt), None], &c.generators);
            }
            Expr::SetComp(c) => {
                self.comprehension(c, ScopeKind::SetComp, [Some(&c.elt), None], &c.generators);
            }
            Expr::DictComp(c) => {
                let elements = [c.key.as_deref(), Some(&*c.value)];
                self.comprehension(c, ScopeKind::DictComp, elements, &c.generators);
            }
            Expr::Generator(c) => {
                let kind = ScopeKind::GeneratorExp;
                self.comprehension(c, kind, [Some(&c.elt), None], &c.generators);
            }
            Expr::Await(a) => {
                if self.scope().kind.is_comprehension() {
                    self.scope().is_coroutine = true;
                }
                self.expr(&a.value);
            }
            Expr::Yield(y) => {
                self.yields(e.range());
                self.opt(&y.value);
            }
            Expr::YieldFrom(y) => {
                self.yields(e.range());
                self.expr(&y.value);
            }
            Expr::Compare(c) => {
                self.expr(&c.left);
                c.comparators.iter().for_each(|e| self.expr(e));
            }
            Expr::Call(c) => {
                self.expr(&c.func);
                c.arguments.args.iter().for_each(|e| self.expr(e));
                for k in &c.arguments.keywords {
                    if k.arg.as_ref().is_some_and(|n| n.as_str() == "__debug__") {
                        self.error(k.range, "cannot assign to __debug__");
                    }
                    self.expr(&k.value);
                }
            }
            Expr::FString(f) => {
                for part in f.value.elements() {
                    self.fstring_element(part);
                }
            }
            Expr::Attribute(a) => {
                if a.attr.as_str() == "__debug__" && a.ctx == ast::ExprContext::Store {
                    self.error(e.range(), "cannot assign to __debug__");
                }
                self.expr(&a.value);
            }
            Expr::Subscript(s) => {
                self.expr(&s.value);
                self.expr(&s.slice);
            }
            Expr::Starred(s) => self.expr(&s.value),
            Expr::List(l) => l.elts.iter().for_each(|e| self.expr(e)),
            Expr::Tuple(t) => t.elts.iter().for_each(|e| self.expr(e)),
            Expr::Slice(s) => {
                self.opt(&s.lower);
                self.opt(&s.upper);
                self.opt(&s.step);
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::TString(_)
            | Expr::IpyEscapeCommand(_) => {}
        }
        self.depth -= 1;
    }

    fn fstring_element(&mut self, element: &ast::InterpolatedStringElement) {
        if let ast::InterpolatedStringElement::Interpolation(i) = element {
            self.expr(&i.expression);
            if let Some(spec) = &i.format_spec {
                for e in &spec.elements {
                    self.fstring_element(e);
                }
            }
        }
    }

    fn yields(&mut self, range: TextRange) {
        let what = match self.scope().kind {
            ScopeKind::ListComp => "list comprehension",
            ScopeKind::SetComp => "set comprehension",
            ScopeKind::DictComp => "dict comprehension",
            ScopeKind::GeneratorExp => "generator expression",
            _ => {
                self.scope().is_generator = true;
                return;
            }
        };
        self.error(range, format!("'yield' inside {what}"));
    }

    // ---- second step

    fn resolve(&mut self) {
        let class_name = self.table.names.intern("__class__");
        for i in 0..self.table.scopes.len() {
            let id = ScopeId(i as u32);
            for k in 0..self.table.scopes[i].symbols.len() {
                let scope = &self.table.scopes[i];
                let Symbol {
                    name,
                    flags,
                    declared_at,
                    ..
                } = scope.symbols[k].clone();
                if scope.symbols[k].place != Place::Unknown {
                    continue;
                }
                let in_function = scope.kind.is_function_like();
                let place = if flags & GLOBAL != 0 {
                    if flags & NONLOCAL != 0 {
                        let text = self.table.names.text(name).clone();
                        self.error(declared_at, format!("name '{text}' is nonlocal and global"));
                    }
                    Place::GlobalExplicit
                } else if flags & NONLOCAL != 0 {
                    if !self.find_outside(id, name, class_name) {
                        let text = self.table.names.text(name).clone();
                        self.error(
                            declared_at,
                            format!("no binding for nonlocal '{text}' found"),
                        );
                        Place::GlobalImplicit
                    } else {
                        Place::Free
                    }
                } else if flags & BOUND != 0 {
                    Place::Local
                } else if flags & USE == 0 {
                    Place::GlobalImplicit
                } else if scope.parent.is_some()
                    && (in_function || scope.kind == ScopeKind::Class)
                    && self.find_outside(id, name, class_name)
                {
                    Place::Free
                } else {
                    Place::GlobalImplicit
                };
                if place == Place::Free {
                    self.add_free(id, name);
                }
                self.table.scopes[i].symbols[k].place = place;
            }
        }
        let names = &self.table.names;
        for scope in &mut self.table.scopes {
            scope
                .free
                .sort_by(|a, b| names.text(*a).cmp(names.text(*b)));
        }
    }

    fn add_free(&mut self, id: ScopeId, name: Sym) {
        let scope = &mut self.table.scopes[id.0 as usize];
        if !scope.free.contains(&name) {
            scope.free.push(name);
        }
    }

    /// Whether a function around `id` binds `name`; makes it a cell there and a free variable on the way.
    fn find_outside(&mut self, id: ScopeId, name: Sym, class_name: Sym) -> bool {
        let mut way = Vec::new();
        let mut at = self.table.scope(id).parent;
        let found = loop {
            let Some(here) = at else { break false };
            let scope = &mut self.table.scopes[here.0 as usize];
            match scope.kind {
                ScopeKind::Module => break false,
                ScopeKind::Class => {
                    if name == class_name {
                        scope.needs_class_cell = true;
                        break true;
                    }
                    if scope.free.contains(&name) {
                        break true;
                    }
                }
                _ => {
                    if let Some(k) = scope.index.get(&name) {
                        let symbol = &mut scope.symbols[*k as usize];
                        match symbol.place {
                            Place::Local | Place::Cell => {
                                symbol.place = Place::Cell;
                                break true;
                            }
                            Place::Free => break true,
                            Place::GlobalExplicit | Place::GlobalImplicit => break false,
                            Place::Unknown => unreachable!("outer scopes are resolved first"),
                        }
                    }
                }
            }
            way.push(here);
            at = scope.parent;
        };
        if found {
            for here in way {
                self.add_free(here, name);
                let scope = &mut self.table.scopes[here.0 as usize];
                if scope.kind.is_function_like() {
                    scope.entry(name).place = Place::Free;
                }
            }
        }
        found
    }
}

/// Looks for an expression that an annotation must not have.
struct Forbidden(Option<(TextRange, &'static str)>);

impl<'e> ruff_python_ast::visitor::Visitor<'e> for Forbidden {
    fn visit_expr(&mut self, e: &'e Expr) {
        let what = match e {
            Expr::Named(_) => "named expression",
            Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
            Expr::Await(_) => "await expression",
            _ => return ruff_python_ast::visitor::walk_expr(self, e),
        };
        self.0.get_or_insert((e.range(), what));
    }
}

/// The names that a pattern binds, in order; alternatives may name one several times.
pub fn bound_names<'a>(p: &'a Pattern, out: &mut Vec<&'a ast::Identifier>) {
    match p {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        Pattern::MatchSequence(s) => s.patterns.iter().for_each(|p| bound_names(p, out)),
        Pattern::MatchMapping(m) => {
            out.extend(&m.rest);
            m.patterns.iter().for_each(|p| bound_names(p, out));
        }
        Pattern::MatchClass(c) => {
            let all = c.arguments.patterns.iter();
            let all = all.chain(c.arguments.keywords.iter().map(|k| &k.pattern));
            all.for_each(|p| bound_names(p, out));
        }
        Pattern::MatchStar(s) => out.extend(&s.name),
        Pattern::MatchAs(a) => {
            if let Some(p) = &a.pattern {
                bound_names(p, out);
            }
            out.extend(&a.name);
        }
        Pattern::MatchOr(o) => o.patterns.iter().for_each(|p| bound_names(p, out)),
    }
}
