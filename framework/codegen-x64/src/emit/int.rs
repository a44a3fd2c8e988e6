//! Integer arithmetic.

use super::{Emitter, Place};
use crate::asm::{Alu, Cond, Mem, Rm, Shift};
use crate::registers::*;
use ouro_codegen::Loc;
use ouro_ir::{Op, Opcode};

/// How to take an in-place addition or subtraction back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Undo {
    pub op: Alu,
    pub register: u8,
    pub by: Rm,
}

impl Emitter<'_> {
    fn alu_of(code: Opcode) -> Option<Alu> {
        Some(match code {
            Opcode::IntAdd | Opcode::IntAddOvf | Opcode::GuardAddOverflows => Alu::Add,
            Opcode::IntSub | Opcode::IntSubOvf | Opcode::GuardSubOverflows => Alu::Sub,
            Opcode::IntAnd => Alu::And,
            Opcode::IntOr => Alu::Or,
            Opcode::IntXor => Alu::Xor,
            _ => return None,
        })
    }

    /// `to op= b`, or a multiplication.
    pub(super) fn apply(&mut self, code: Opcode, to: u8, b: Rm) {
        match Self::alu_of(code) {
            Some(alu) => self.asm.alu(alu, to, b),
            None => self.asm.imul(to, b),
        }
    }

    /// Operands with the second one suited as a source: constants and the result's own register
    /// come first if the operation commutes.
    fn arranged(&self, op: &Op, to: u8) -> (Place, Place) {
        let (a, b) = (self.place(0), self.place(1));
        let own = Place::Loc(Loc::Gpr(to));
        let constant_first = matches!(a, Place::Const(..)) && matches!(b, Place::Loc(_));
        let swap = constant_first || (b == own && a != own);
        if op.code.info().commutative && swap {
            (b, a)
        } else {
            (a, b)
        }
    }

    pub(super) fn int_binary(&mut self, op: &Op) {
        let to = self.result_gpr();
        let (a, b) = self.arranged(op, to);
        if self.int_add_by_lea(op, to, a, b) {
            return;
        }
        let by = self.source(b);
        let to = if by == Rm::Reg(to) && a != b {
            SCRATCH
        } else {
            to
        };
        self.load_gpr(to, a);
        self.apply(op.code, to, by);
        self.finish_gpr(to);
    }

    /// A sum into a third register is one instruction.
    fn int_add_by_lea(&mut self, op: &Op, to: u8, a: Place, b: Place) -> bool {
        let Place::Loc(Loc::Gpr(a)) = a else {
            return false;
        };
        if a == to {
            return false;
        }
        let sum = match (op.code, b, self.imm(b)) {
            (Opcode::IntAdd, _, Some(value)) => Mem::Base(a, value),
            (Opcode::IntSub, _, Some(value)) if value != i32::MIN => Mem::Base(a, -value),
            (Opcode::IntAdd, Place::Loc(Loc::Gpr(b)), _) => Mem::Index {
                base: a,
                index: b,
                bytes: 1,
                disp: 0,
            },
            _ => return false,
        };
        self.asm.lea(to, sum);
        self.finish_gpr(to);
        true
    }

    pub(super) fn int_overflow(&mut self, n: usize, op: &Op) {
        let exit = self.open_exit(n, None);
        let to = self.result_gpr();
        let (a, b) = self.arranged(op, to);
        let by = self.source(b);
        let target = Loc::Gpr(to);
        let needed = self.exit_needs(target);
        let in_place = a == Place::Loc(target);
        let invertible = Self::alu_of(op.code).filter(|_| in_place && by != Rm::Reg(to));
        if let (true, Some(alu)) = (needed, invertible) {
            // E2: the exit's stub takes the write back.
            self.asm.alu(alu, to, by);
            let inverse = if alu == Alu::Add { Alu::Sub } else { Alu::Add };
            let undo = Undo {
                op: inverse,
                register: to,
                by,
            };
            self.leave_if_undone(Cond::Overflow, exit, undo);
            return;
        }
        let to = if needed || (by == Rm::Reg(to) && a != b) {
            SCRATCH
        } else {
            to
        };
        self.load_gpr(to, a);
        self.apply(op.code, to, by);
        self.leave_if(Cond::Overflow, exit);
        self.finish_gpr(to);
    }

    pub(super) fn int_unary(&mut self, op: &Op) {
        let to = self.result_gpr();
        let a = self.place(0);
        self.load_gpr(to, a);
        if op.code == Opcode::IntNeg {
            self.asm.neg(to);
        } else {
            self.asm.not(to);
        }
        self.finish_gpr(to);
    }

    pub(super) fn int_shift(&mut self, op: &Op) {
        let shift = match op.code {
            Opcode::IntShl => Shift::Left,
            Opcode::IntShr => Shift::Arithmetic,
            _ => Shift::Logical,
        };
        let to = self.result_gpr();
        let (a, count) = (self.place(0), self.place(1));
        if let Some(count) = self.imm(count) {
            self.load_gpr(to, a);
            self.asm.shift_imm(shift, to, (count & 63) as i8);
            self.finish_gpr(to);
        } else if self.input.shared.bmi2 {
            let a = self.gpr(a, SCRATCH);
            let count = self.gpr(count, SCRATCH2);
            self.asm.shift_by(shift, to, a, count);
            self.finish_gpr(to);
        } else {
            self.load_gpr(SCRATCH, a);
            self.load_gpr(SCRATCH2, count);
            self.asm.shift_rax_by_rdx(shift);
            self.finish_gpr(SCRATCH);
        }
    }

    /// Division rounds down, remainders have the divisor's sign; the machine rounds toward zero.
    pub(super) fn int_divide(&mut self, op: &Op) {
        let remainder = op.code == Opcode::IntMod;
        let (a, b) = (self.place(0), self.place(1));
        if let Some(value) = self.imm(b)
            && value > 0
            && value.count_ones() == 1
        {
            let to = self.result_gpr();
            self.load_gpr(to, a);
            if remainder {
                self.asm.alu(Alu::And, to, Rm::Imm(value - 1));
            } else {
                let shift = value.trailing_zeros() as i8;
                self.asm.shift_imm(Shift::Arithmetic, to, shift);
            }
            self.finish_gpr(to);
            return;
        }
        let by = self.source_rm(b);
        self.load_gpr(RAX, a);
        self.asm.idiv(by);
        let done = self.asm.label();
        self.asm.test(RDX);
        self.asm.jump_if(Cond::Equal, done);
        if remainder {
            // The signs differ if their exclusive or is negative.
            self.asm.mov(RAX, RDX);
            self.asm.alu(Alu::Xor, RAX, by);
            self.asm.jump_if(Cond::NoSign, done);
            self.asm.alu(Alu::Add, RDX, by);
            self.asm.bind(done);
            self.finish_gpr(RDX);
        } else {
            self.asm.alu(Alu::Xor, RDX, by);
            self.asm.jump_if(Cond::NoSign, done);
            self.asm.alu(Alu::Sub, RAX, Rm::Imm(1));
            self.asm.bind(done);
            self.finish_gpr(RAX);
        }
    }

    pub(super) fn int_mulhi(&mut self, _op: &Op) {
        let (a, b) = (self.place(0), self.place(1));
        let by = self.source_rm(b);
        self.load_gpr(RAX, a);
        self.asm.imul_wide(by);
        self.finish_gpr(RDX);
    }
}
