//! Expressions.

use super::*;
use ast::{CmpOp, Operator, UnaryOp};

/// Displays with more elements are built piece by piece, so that they need few registers.
const MAX_DISPLAY: usize = 30;

/// The operator's instruction, its form with a constant, and the two in-place forms.
pub(super) fn operator_ops(op: Operator) -> [Option<Op>; 4] {
    let (x, k, i, ik) = match op {
        Operator::Add => (Op::Add, Op::AddK, Op::IAdd, Op::IAddK),
        Operator::Sub => (Op::Sub, Op::SubK, Op::ISub, Op::ISubK),
        Operator::Mult => (Op::Mul, Op::MulK, Op::IMul, Op::IMulK),
        Operator::Div => (Op::TrueDiv, Op::TrueDivK, Op::ITrueDiv, Op::ITrueDivK),
        Operator::FloorDiv => (Op::FloorDiv, Op::FloorDivK, Op::IFloorDiv, Op::IFloorDivK),
        Operator::Mod => (Op::Mod, Op::ModK, Op::IMod, Op::IModK),
        Operator::Pow => (Op::Pow, Op::PowK, Op::IPow, Op::IPowK),
        Operator::LShift => (Op::LShift, Op::LShiftK, Op::ILShift, Op::ILShiftK),
        Operator::RShift => (Op::RShift, Op::RShiftK, Op::IRShift, Op::IRShiftK),
        Operator::BitAnd => (Op::And, Op::AndK, Op::IAnd, Op::IAndK),
        Operator::BitOr => (Op::Or, Op::OrK, Op::IOr, Op::IOrK),
        Operator::BitXor => (Op::Xor, Op::XorK, Op::IXor, Op::IXorK),
        Operator::MatMult => return [Some(Op::MatMul), None, Some(Op::IMatMul), None],
    };
    [Some(x), Some(k), Some(i), Some(ik)]
}

pub(super) fn compare_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::Eq,
        CmpOp::NotEq => Op::Ne,
        CmpOp::Lt => Op::Lt,
        CmpOp::LtE => Op::Le,
        CmpOp::Gt => Op::Gt,
        CmpOp::GtE => Op::Ge,
        CmpOp::Is => Op::Is,
        CmpOp::IsNot => Op::IsNot,
        CmpOp::In => Op::In,
        CmpOp::NotIn => Op::NotIn,
    }
}

impl<'a> Compiler<'a> {
    /// The value in some register: a local's own, or a new temporary.
    pub(super) fn expr(&mut self, e: &'a Expr) -> Reg {
        self.expr_dst(e, None)
    }
    /// The value in register `dst`.
    pub(super) fn expr_to(&mut self, e: &'a Expr, dst: Reg) {
        self.expr_dst(e, Some(dst));
    }
    /// The value in a new temporary, never in a local's register.
    pub(super) fn expr_temp(&mut self, e: &'a Expr) -> Reg {
        let dst = self.u.alloc();
        self.expr_to(e, dst);
        dst
    }
    /// As `expr`, for an operand that is read after the expressions `later` have run, which may rebind a local.
    pub(super) fn operand(&mut self, e: &'a Expr, later: &[&Expr]) -> Reg {
        let simple = |e: &&Expr| e.is_name_expr() || e.is_literal_expr();
        if self.u.has_walrus && e.is_name_expr() && !later.iter().all(simple) {
            self.expr_temp(e)
        } else {
            self.expr(e)
        }
    }
    /// A constant that is part of the next instruction.
    pub(super) fn mark_operand(&mut self, e: &Expr) {
        if self.line_of(e.range().start()) != self.line_of(self.u.range.start()) {
            self.u.mark(e.range());
        }
    }
    /// What was just computed went to the local `target`, which is a line of its own if it stands elsewhere.
    pub(super) fn mark_other_line(&mut self, target: &Expr) {
        let last = self.u.ranges.last().copied().unwrap_or_default();
        if self.line_of(last.start()) != self.line_of(target.range().start()) {
            self.u.mark(target.range());
        }
    }
    /// Evaluates for the effects only.
    pub(super) fn discard(&mut self, e: &'a Expr) {
        let mark = self.u.next_temp;
        self.expr(e);
        self.u.release(mark);
    }

    pub(super) fn expr_dst(&mut self, e: &'a Expr, dst: Option<Reg>) -> Reg {
        if !self.enter(e.range()) {
            return self.u.dest(dst);
        }
        let old = self.at(e.range());
        let result = self.expr_inner(e, dst);
        self.at(old);
        self.depth -= 1;
        result
    }

    fn expr_inner(&mut self, e: &'a Expr, dst: Option<Reg>) -> Reg {
        if let Some(value) = self.constant(e) {
            return self.load_const(value, dst);
        }
        match e {
            Expr::Name(n) => self.load_name(&n.id, dst),
            Expr::BinOp(b) => {
                let mark = self.u.next_temp;
                let [op, k, _, _] = operator_ops(b.op);
                let left = self.operand(&b.left, &[&b.right]);
                self.binary(
                    op.expect("all have this form"),
                    k,
                    left,
                    &b.right,
                    dst,
                    mark,
                )
            }
            Expr::UnaryOp(u) if u.op == UnaryOp::Not => self.not(u, dst),
            Expr::UnaryOp(u) => {
                let mark = self.u.next_temp;
                let value = self.expr(&u.operand);
                self.u.release(mark);
                let dst = self.u.dest(dst);
                let op = match u.op {
                    UnaryOp::USub => Op::Neg,
                    UnaryOp::UAdd => Op::Pos,
                    UnaryOp::Invert | UnaryOp::Not => Op::Invert,
                };
                self.emit(op, dst, value, 0, 0);
                dst
            }
            Expr::BoolOp(b) => self.scratch(dst, |c, t| c.bool_op(b, t)),
            Expr::Compare(cmp) if cmp.ops.len() == 1 => self.compare(cmp, dst),
            Expr::Compare(cmp) => self.scratch(dst, |c, t| c.compare_chain(cmp, t)),
            Expr::If(i) => {
                let dst = self.u.dest(dst);
                let (orelse, end) = (self.u.label(), self.u.label());
                self.jump_if(&i.test, false, orelse);
                self.expr_to(&i.body, dst);
                self.u.quiet_jump(Op::Jump, 0, 0, end);
                self.u.bind(orelse);
                self.expr_to(&i.orelse, dst);
                self.u.bind(end);
                dst
            }
            Expr::Named(n) => {
                if let Expr::Name(name) = &*n.target {
                    if let Some(local) = self.local_register(&name.id) {
                        self.expr_to(&n.value, local);
                        if let Some(dst) = dst {
                            self.emit(Op::Move, dst, local, 0, 0);
                            return dst;
                        }
                        return local;
                    }
                }
                let mark = self.u.next_temp;
                let value = match dst {
                    Some(dst) if !self.u.is_local(dst) => {
                        self.expr_to(&n.value, dst);
                        dst
                    }
                    _ => self.expr(&n.value),
                };
                self.assign(&n.target, value);
                match dst {
                    Some(dst) => {
                        if dst != value {
                            self.emit(Op::Move, dst, value, 0, 0);
                            self.u.release(mark);
                        }
                        dst
                    }
                    None => value,
                }
            }
            Expr::Attribute(a) => {
                let mark = self.u.next_temp;
                let object = self.expr(&a.value);
                self.u.release(mark);
                let dst = self.u.dest(dst);
                let n = self.name_index(a.attr.as_str());
                self.attribute_position(a.range(), &a.attr);
                self.u.emit_site(Op::LoadAttr, dst, object, 0, n);
                dst
            }
            Expr::Subscript(s) => {
                let mark = self.u.next_temp;
                let object = self.operand(&s.value, &[&s.slice]);
                self.check_subscript(&s.value, &s.slice);
                let index = if s.slice.is_slice_expr() {
                    None
                } else {
                    self.constant(&s.slice)
                };
                if let Some(k) = index {
                    self.mark_operand(&s.slice);
                    let k = self.u.konst(k);
                    self.u.release(mark);
                    let dst = self.u.dest(dst);
                    self.emit(Op::LoadItemK, dst, object, 0, k);
                    return dst;
                }
                let index = self.expr(&s.slice);
                self.u.release(mark);
                let dst = self.u.dest(dst);
                self.emit(Op::LoadItem, dst, object, index, 0);
                dst
            }
            Expr::Slice(s) => {
                let mark = self.u.next_temp;
                let count = if s.step.is_some() { 3 } else { 2 };
                let first = self.u.next_temp;
                for part in [&s.lower, &s.upper, &s.step].into_iter().take(count) {
                    let r = self.u.alloc();
                    match part {
                        Some(e) => self.expr_to(e, r),
                        None => self.load_none(r),
                    }
                }
                self.u.release(mark);
                let dst = self.u.dest(dst);
                self.emit(Op::BuildSlice, dst, first as Reg, count as u16, 0);
                dst
            }
            Expr::Tuple(t) => self.tuple(&t.elts, dst),
            Expr::List(l) => self.list(&l.elts, dst),
            Expr::Set(s) => self.set(&s.elts, dst),
            Expr::Dict(d) => self.dict(d, dst),
            Expr::Call(c) => self.call(c, dst),
            Expr::FString(f) => self.fstring(f, dst),
            Expr::Lambda(l) => self.lambda(l, dst),
            Expr::ListComp(c) => self.comprehension(c, e, [Some(&c.elt), None], &c.generators, dst),
            Expr::SetComp(c) => self.comprehension(c, e, [Some(&c.elt), None], &c.generators, dst),
            Expr::Generator(c) => {
                self.comprehension(c, e, [Some(&c.elt), None], &c.generators, dst)
            }
            Expr::DictComp(c) => {
                self.comprehension(c, e, [c.key.as_deref(), Some(&c.value)], &c.generators, dst)
            }
            Expr::Await(a) => {
                self.check_await(e.range());
                let mark = self.u.next_temp;
                let value = self.expr(&a.value);
                self.u.release(mark);
                let iterator = self.u.alloc();
                self.emit(Op::GetAwaitable, iterator, value, 0, 0);
                self.send_loop(iterator, mark, dst)
            }
            Expr::Yield(y) => {
                if !self.table.scope(self.u.scope).kind.is_function_like() {
                    self.error(e.range(), "'yield' outside function");
                }
                let mark = self.u.next_temp;
                let mut value = match &y.value {
                    Some(v) => self.expr(v),
                    None => self.load_const(Const::None, None),
                };
                if self.u.is_async {
                    self.u.release(mark);
                    let wrapped = self.u.alloc();
                    self.emit(Op::AsyncGenWrap, wrapped, value, 0, 0);
                    value = wrapped;
                }
                self.u.release(mark);
                let dst = self.u.dest(dst);
                self.emit(Op::Yield, dst, value, 0, 0);
                dst
            }
            Expr::YieldFrom(y) => {
                if !self.table.scope(self.u.scope).kind.is_function_like() {
                    self.error(e.range(), "'yield' outside function");
                } else if self.u.is_async {
                    self.error(e.range(), "'yield from' inside async function");
                }
                let mark = self.u.next_temp;
                let value = self.expr(&y.value);
                self.u.release(mark);
                let iterator = self.u.alloc();
                self.emit(Op::GetYieldFromIter, iterator, value, 0, 0);
                self.send_loop(iterator, mark, dst)
            }
            Expr::Starred(s) => {
                self.error(s.range, "can't use starred expression here");
                self.u.dest(dst)
            }
            Expr::TString(_) | Expr::IpyEscapeCommand(_) => {
                self.error(e.range(), "invalid syntax");
                self.u.dest(dst)
            }
            // Always constants.
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => self.u.dest(dst),
        }
    }

    /// `left op right`, where the registers from `mark` are free afterwards.
    pub(super) fn binary(
        &mut self,
        op: Op,
        k: Option<Op>,
        left: Reg,
        right: &'a Expr,
        dst: Option<Reg>,
        mark: u32,
    ) -> Reg {
        if let Some(k) = k {
            if let Some(value) = self.constant(right) {
                self.mark_operand(right);
                let value = self.u.konst(value);
                self.u.release(mark);
                let dst = self.u.dest(dst);
                self.emit(k, dst, left, 0, value);
                return dst;
            }
        }
        let right = self.expr(right);
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.emit(op, dst, left, right, 0);
        dst
    }

    /// Runs `f` with a register that may be written several times: `dst` itself unless it is a named local (invariant C1).
    pub(super) fn scratch(&mut self, dst: Option<Reg>, f: impl FnOnce(&mut Self, Reg)) -> Reg {
        let mark = self.u.next_temp;
        match dst {
            Some(dst) if self.u.is_local(dst) => {
                let t = self.u.alloc();
                f(self, t);
                let start = self.u.here();
                self.emit(Op::Move, dst, t, 0, 0);
                self.u.hush(start);
                self.u.release(mark);
                dst
            }
            Some(dst) => {
                f(self, dst);
                self.u.release(mark);
                dst
            }
            None => {
                let t = self.u.alloc();
                f(self, t);
                self.u.release(mark + 1);
                t
            }
        }
    }

    /// Suspends with what `iterator` yields until it returns; registers from `mark` are free afterwards.
    pub(super) fn send_loop(&mut self, iterator: Reg, mark: u32, dst: Option<Reg>) -> Reg {
        let sent = self.u.alloc();
        self.load_none(sent);
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.emit(Op::YieldFrom, dst, iterator, sent, 0);
        self.emit(Op::Delegate, dst, iterator, sent, 0);
        dst
    }

    pub(super) fn check_await(&mut self, range: TextRange) {
        let scope = self.table.scope(self.u.scope);
        if scope.kind.is_function_like() {
            if !self.u.is_async && !scope.kind.is_comprehension() {
                self.error(range, "'await' outside async function");
            }
        } else if self.input.top_level_await && self.outer.is_empty() {
            self.u.is_async = true;
        } else {
            self.error(range, "'await' outside function");
        }
    }

    /// Instructions about an attribute have the position of its name if the object ends on another line, as CPython's.
    pub(super) fn attribute_position(&mut self, range: TextRange, attr: &ast::Identifier) {
        if self.line_of(range.start()) != self.line_of(attr.range.start()) {
            self.u.range = attr.range;
        }
    }

    fn not(&mut self, u: &'a ast::ExprUnaryOp, dst: Option<Reg>) -> Reg {
        // `not a is b` and `not a in b` are `a is not b` and `a not in b`; other comparisons may give any object.
        if let Expr::Compare(cmp) = &*u.operand {
            if cmp.ops.len() == 1
                && matches!(
                    cmp.ops[0],
                    CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn
                )
            {
                return self.compare_as(cmp, cmp.ops[0].negate(), dst);
            }
        }
        let mark = self.u.next_temp;
        let value = self.expr(&u.operand);
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.emit(Op::Not, dst, value, 0, 0);
        dst
    }

    fn bool_op(&mut self, b: &'a ast::ExprBoolOp, t: Reg) {
        let end = self.u.label();
        let (last, first) = b.values.split_last().expect("at least two operands");
        let op = match b.op {
            ast::BoolOp::And => Op::JumpIfFalse,
            ast::BoolOp::Or => Op::JumpIfTrue,
        };
        for value in first {
            self.expr_to(value, t);
            self.u.jump(op, t, 0, end);
        }
        self.expr_to(last, t);
        self.u.bind(end);
    }

    fn compare(&mut self, cmp: &'a ast::ExprCompare, dst: Option<Reg>) -> Reg {
        self.compare_as(cmp, cmp.ops[0], dst)
    }
    fn compare_as(&mut self, cmp: &'a ast::ExprCompare, op: CmpOp, dst: Option<Reg>) -> Reg {
        self.check_is_literal(cmp);
        let mark = self.u.next_temp;
        let left = self.operand(&cmp.left, &[&cmp.comparators[0]]);
        let right = self.comparator(op, &cmp.comparators[0]);
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.emit(compare_op(op), dst, left, right, 0);
        dst
    }
    /// Right operand; `x in [1, 2]` and `x in {1, 2}` look into a constant.
    pub(super) fn comparator(&mut self, op: CmpOp, e: &'a Expr) -> Reg {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let folded = match e {
                Expr::List(l) => self.constants(&l.elts).map(Const::Tuple),
                Expr::Set(s) => self.constants(&s.elts).map(Const::FrozenSet),
                _ => None,
            };
            if let Some(value) = folded {
                return self.load_const(value, None);
            }
        }
        self.expr(e)
    }

    fn compare_chain(&mut self, cmp: &'a ast::ExprCompare, t: Reg) {
        self.check_is_literal(cmp);
        let end = self.u.label();
        let last = cmp.ops.len() - 1;
        let mark = self.u.next_temp;
        let all: Vec<&Expr> = cmp.comparators.iter().collect();
        let mut left = self.operand(&cmp.left, &all);
        for (i, op) in cmp.ops.iter().enumerate() {
            let right = if i == last {
                self.comparator(*op, &cmp.comparators[i])
            } else {
                self.operand(&cmp.comparators[i], &all[i + 1..])
            };
            self.emit(compare_op(*op), t, left, right, 0);
            if i != last {
                self.u.jump(Op::JumpIfFalse, t, 0, end);
            }
            left = right;
        }
        self.u.release(mark);
        self.u.bind(end);
    }

    fn check_is_literal(&mut self, cmp: &ast::ExprCompare) {
        let mut left = &*cmp.left;
        for (op, right) in cmp.ops.iter().zip(&cmp.comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let literal = |e: &Expr| {
                    matches!(
                        e,
                        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_)
                    ) || matches!(e, Expr::Tuple(t) if t.elts.iter().all(|e| e.is_literal_expr()))
                };
                if literal(left) || literal(right) {
                    let message = if *op == CmpOp::Is {
                        "\"is\" with a literal. Did you mean \"==\"?"
                    } else {
                        "\"is not\" with a literal. Did you mean \"!=\"?"
                    };
                    self.warn(cmp.range, message);
                    return;
                }
            }
            left = right;
        }
    }

    fn check_subscript(&mut self, value: &Expr, slice: &Expr) {
        let kind = match value {
            Expr::NoneLiteral(_) => "NoneType",
            Expr::BooleanLiteral(_) => "bool",
            Expr::NumberLiteral(n) => match n.value {
                ast::Number::Int(_) => "int",
                ast::Number::Float(_) => "float",
                ast::Number::Complex { .. } => "complex",
            },
            Expr::EllipsisLiteral(_) => "ellipsis",
            Expr::Set(_) | Expr::SetComp(_) => "set",
            Expr::Generator(_) => "generator",
            Expr::Lambda(_) => "function",
            _ => {
                let index = match slice {
                    Expr::StringLiteral(_) | Expr::FString(_) => "str",
                    Expr::BytesLiteral(_) => "bytes",
                    Expr::Tuple(_) => "tuple",
                    Expr::List(_) | Expr::ListComp(_) => "list",
                    Expr::NoneLiteral(_) => "NoneType",
                    Expr::Dict(_) | Expr::DictComp(_) => "dict",
                    Expr::Set(_) | Expr::SetComp(_) => "set",
                    Expr::Lambda(_) => "function",
                    Expr::NumberLiteral(n) => match n.value {
                        ast::Number::Int(_) => return,
                        ast::Number::Float(_) => "float",
                        ast::Number::Complex { .. } => "complex",
                    },
                    _ => return,
                };
                let of = match value {
                    Expr::StringLiteral(_) | Expr::FString(_) => "str",
                    Expr::BytesLiteral(_) => "bytes",
                    Expr::Tuple(_) => "tuple",
                    Expr::List(_) | Expr::ListComp(_) => "list",
                    _ => return,
                };
                let message = format!(
                    "{of} indices must be integers or slices, not {index}; perhaps you missed a comma?"
                );
                self.warn(self.u.range, message);
                return;
            }
        };
        self.warn(
            self.u.range,
            format!("'{kind}' object is not subscriptable; perhaps you missed a comma?"),
        );
    }

    // ---- displays

    fn tuple(&mut self, elts: &'a [Expr], dst: Option<Reg>) -> Reg {
        if elts.len() <= MAX_DISPLAY && !elts.iter().any(Expr::is_starred_expr) {
            return self.display(Op::BuildTuple, elts, dst);
        }
        let mark = self.u.next_temp;
        let list = self.list(elts, None);
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.emit(Op::ListToTuple, dst, list, 0, 0);
        dst
    }

    pub(super) fn display(&mut self, op: Op, elts: &'a [Expr], dst: Option<Reg>) -> Reg {
        let mark = self.u.next_temp;
        for e in elts {
            self.expr_temp(e);
        }
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.emit(op, dst, mark.min(MAX_REGS) as Reg, elts.len() as u16, 0);
        dst
    }

    pub(super) fn list(&mut self, elts: &'a [Expr], dst: Option<Reg>) -> Reg {
        if elts.len() >= 3 {
            if let Some(items) = self.constants(elts) {
                return self.scratch(dst, |c, t| {
                    c.extend_constant(Op::BuildList, Op::ListExtend, Const::Tuple(items), t)
                });
            }
        }
        if elts.len() <= MAX_DISPLAY && !elts.iter().any(Expr::is_starred_expr) {
            return self.display(Op::BuildList, elts, dst);
        }
        self.scratch(dst, |c, t| {
            c.pieces([Op::BuildList, Op::ListAppend, Op::ListExtend], elts, t)
        })
    }

    fn set(&mut self, elts: &'a [Expr], dst: Option<Reg>) -> Reg {
        if elts.len() >= 3 {
            if let Some(items) = self.constants(elts) {
                return self.scratch(dst, |c, t| {
                    c.extend_constant(Op::BuildSet, Op::SetUpdate, Const::FrozenSet(items), t)
                });
            }
        }
        if elts.len() <= MAX_DISPLAY && !elts.iter().any(Expr::is_starred_expr) {
            return self.display(Op::BuildSet, elts, dst);
        }
        self.scratch(dst, |c, t| {
            c.pieces([Op::BuildSet, Op::SetAdd, Op::SetUpdate], elts, t)
        })
    }

    fn extend_constant(&mut self, build: Op, extend: Op, items: Const, t: Reg) {
        self.emit(build, t, 0, 0, 0);
        let items = self.load_const(items, None);
        self.emit(extend, t, items, 0, 0);
    }

    /// A display built with [build, add one, add many].
    pub(super) fn pieces(&mut self, [build, add, extend]: [Op; 3], elts: &'a [Expr], t: Reg) {
        let first = elts
            .iter()
            .position(Expr::is_starred_expr)
            .unwrap_or(elts.len());
        let first = first.min(MAX_DISPLAY);
        let mark = self.u.next_temp;
        self.display(build, &elts[..first], Some(t));
        for e in &elts[first..] {
            let (op, e) = match e {
                Expr::Starred(s) => (extend, &*s.value),
                e => (add, e),
            };
            let value = self.expr(e);
            self.emit(op, t, value, 0, 0);
            self.u.release(mark);
        }
    }

    fn dict(&mut self, d: &'a ast::ExprDict, dst: Option<Reg>) -> Reg {
        let simple = d.items.iter().all(|i| i.key.is_some());
        if simple && d.items.len() <= MAX_DISPLAY / 2 {
            let mark = self.u.next_temp;
            let keys: Vec<&Expr> = d.items.iter().filter_map(|i| i.key.as_ref()).collect();
            let in_one = keys.len() > 1 && keys.iter().all(|key| self.constant(key).is_some());
            for item in &d.items {
                let start = self.u.here();
                self.expr_temp(item.key.as_ref().expect("just looked at"));
                if in_one {
                    self.u.hush(start);
                }
                self.expr_temp(&item.value);
            }
            self.u.release(mark);
            let dst = self.u.dest(dst);
            self.emit(
                Op::BuildDict,
                dst,
                mark.min(MAX_REGS) as Reg,
                d.items.len() as u16,
                0,
            );
            return dst;
        }
        self.scratch(dst, |c, t| {
            c.emit(Op::BuildDict, t, 0, 0, 0);
            for item in &d.items {
                let mark = c.u.next_temp;
                match &item.key {
                    Some(key) => {
                        let key = c.operand(key, &[&item.value]);
                        let value = c.expr(&item.value);
                        c.emit(Op::MapAdd, t, key, value, 0);
                    }
                    None => {
                        let other = c.expr(&item.value);
                        c.emit(Op::DictUpdate, t, other, 0, 0);
                    }
                }
                c.u.release(mark);
            }
        })
    }
}
