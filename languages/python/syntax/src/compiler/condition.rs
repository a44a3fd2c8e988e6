//! Conditions: expressions of which only the truth is wanted, as jumps.

use super::*;
use ast::{CmpOp, UnaryOp};

impl<'a> Compiler<'a> {
    /// Goes to `target` if the truth of `e` is `wanted`, else falls through.
    pub(super) fn jump_if(&mut self, e: &'a Expr, wanted: bool, target: unit::Label) {
        if !self.enter(e.range()) {
            return;
        }
        // A jump stands where the statement does or, as in CPython, the comparison before it, which trace functions see.
        let outermost = self.outer_test.is_none();
        self.outer_test.get_or_insert(self.u.range);
        let old = self.at(e.range());
        self.jump_if_inner(e, wanted, target);
        self.at(old);
        if outermost {
            self.outer_test = None;
        }
        self.depth -= 1;
    }
    /// A jump is about to be emitted that tests what the expression at hand gives.
    fn mark_test(&mut self) -> bool {
        let range = self.u.range;
        let outer = self.outer_test.unwrap_or(range);
        let elsewhere = self.line_of(range.start()) != self.line_of(outer.start());
        if elsewhere {
            self.u.mark(range);
            self.u.mark(outer);
        }
        elsewhere
    }

    fn jump_if_inner(&mut self, e: &'a Expr, wanted: bool, target: unit::Label) {
        match e {
            Expr::UnaryOp(u) if u.op == UnaryOp::Not => {
                return self.jump_if(&u.operand, !wanted, target);
            }
            Expr::BoolOp(b) => {
                let (last, first) = b.values.split_last().expect("at least two operands");
                // `a and b` is false as soon as one is; `a or b` is true as soon as one is.
                let decides = b.op == ast::BoolOp::Or;
                if decides == wanted {
                    for value in first {
                        self.jump_if(value, wanted, target);
                    }
                    return self.jump_if(last, wanted, target);
                }
                let end = self.u.label();
                for value in first {
                    self.jump_if(value, decides, end);
                }
                self.jump_if(last, wanted, target);
                return self.u.bind(end);
            }
            Expr::If(i) => {
                let (orelse, end) = (self.u.label(), self.u.label());
                self.jump_if(&i.test, false, orelse);
                self.jump_if(&i.body, wanted, target);
                self.u.quiet_jump(Op::Jump, 0, 0, end);
                self.u.bind(orelse);
                self.jump_if(&i.orelse, wanted, target);
                return self.u.bind(end);
            }
            Expr::Compare(cmp) => {
                self.outer_test = Some(e.range());
                return self.compare_jump(cmp, wanted, target);
            }
            _ => {}
        }
        if let Some(value) = self.constant(e) {
            self.u.mark(e.range());
            if fold::truth(&value) == wanted {
                self.u.quiet_jump(Op::Jump, 0, 0, target);
            }
            return;
        }
        let mark = self.u.next_temp;
        // Conditions inside of the value are no part of this one.
        let before = self.outer_test.take();
        let value = self.expr(e);
        self.outer_test = before;
        self.u.release(mark);
        let start = self.u.here();
        let elsewhere = self.mark_test();
        self.u.jump(truth_jump(wanted), value, 0, target);
        if elsewhere {
            self.u.hush(start);
        }
    }

    fn compare_jump(&mut self, cmp: &'a ast::ExprCompare, wanted: bool, target: unit::Label) {
        let mark = self.u.next_temp;
        let last = cmp.ops.len() - 1;
        let all: Vec<&Expr> = cmp.comparators.iter().collect();
        let before = self.outer_test.take();
        let mut left = self.operand(&cmp.left, &all);
        let end = self.u.label();
        for (i, op) in cmp.ops.iter().enumerate() {
            // All but the last comparison of a chain can only decide that it is false.
            let (wanted, target) = if i == last {
                (wanted, target)
            } else {
                (false, if wanted { end } else { target })
            };
            left = self.one_compare_jump(
                left,
                *op,
                &cmp.comparators[i],
                &all[i + 1..],
                wanted,
                target,
            );
        }
        self.outer_test = before;
        self.u.release(mark);
        self.u.bind(end);
    }

    /// One comparison; the register of its right operand (meaningless for the last of a chain).
    fn one_compare_jump(
        &mut self,
        left: Reg,
        op: CmpOp,
        right: &'a Expr,
        later: &[&Expr],
        wanted: bool,
        target: unit::Label,
    ) -> Reg {
        let is = matches!(op, CmpOp::Is | CmpOp::IsNot);
        if is && right.is_none_literal_expr() && later.is_empty() {
            let op = if (op == CmpOp::Is) == wanted {
                Op::JumpIfNone
            } else {
                Op::JumpIfNotNone
            };
            self.u.jump(op, left, 0, target);
            return left;
        }
        if is {
            let right = self.operand(right, later);
            let op = if (op == CmpOp::Is) == wanted {
                Op::JumpIfIs
            } else {
                Op::JumpIfIsNot
            };
            self.u.jump(op, left, right, target);
            return right;
        }
        let ops = match op {
            CmpOp::Lt => [
                Op::JumpIfLt,
                Op::JumpUnlessLt,
                Op::JumpIfLtK,
                Op::JumpUnlessLtK,
            ],
            CmpOp::LtE => [
                Op::JumpIfLe,
                Op::JumpUnlessLe,
                Op::JumpIfLeK,
                Op::JumpUnlessLeK,
            ],
            CmpOp::Eq => [
                Op::JumpIfEq,
                Op::JumpUnlessEq,
                Op::JumpIfEqK,
                Op::JumpUnlessEqK,
            ],
            CmpOp::NotEq => [
                Op::JumpIfNe,
                Op::JumpUnlessNe,
                Op::JumpIfNeK,
                Op::JumpUnlessNeK,
            ],
            CmpOp::Gt => [
                Op::JumpIfGt,
                Op::JumpUnlessGt,
                Op::JumpIfGtK,
                Op::JumpUnlessGtK,
            ],
            CmpOp::GtE => [
                Op::JumpIfGe,
                Op::JumpUnlessGe,
                Op::JumpIfGeK,
                Op::JumpUnlessGeK,
            ],
            CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => {
                let right = if later.is_empty() {
                    self.comparator(op, right)
                } else {
                    self.operand(right, later)
                };
                let mark = self.u.next_temp;
                let t = self.u.alloc();
                self.emit(expr::compare_op(op), t, left, right, 0);
                self.u.jump(truth_jump(wanted), t, 0, target);
                self.u.release(mark);
                return right;
            }
        };
        let which = usize::from(!wanted);
        if later.is_empty() {
            if let Some(value) = self.constant(right) {
                self.mark_operand(right);
                let k = self.u.konst(value);
                self.u
                    .emit_e(ops[2 + which], left, 0, 0, target.0 as i32, k as u32);
                return left;
            }
        }
        let right = self.operand(right, later);
        self.u.jump(ops[which], left, right, target);
        right
    }
}

fn truth_jump(wanted: bool) -> Op {
    if wanted {
        Op::JumpIfTrue
    } else {
        Op::JumpIfFalse
    }
}
