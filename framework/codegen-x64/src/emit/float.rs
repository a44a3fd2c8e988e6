//! Float arithmetic and conversions.

use super::{Emitter, Place};
use crate::asm::{Fpu, Rm};
use crate::registers::*;
use ouro_codegen::Loc;
use ouro_ir::{Op, Opcode};

impl Emitter<'_> {
    pub(super) fn float_binary(&mut self, op: &Op) {
        let fpu = match op.code {
            Opcode::FloatAdd => Fpu::Add,
            Opcode::FloatSub => Fpu::Sub,
            Opcode::FloatMul => Fpu::Mul,
            _ => Fpu::Div,
        };
        let to = self.result_fpr();
        let own = Place::Loc(Loc::Fpr(to));
        let (mut a, mut b) = (self.place(0), self.place(1));
        // Which NaN comes out of two NaNs depends on the order, but no program can tell NaNs apart.
        if op.code.info().commutative && b == own && a != own {
            (a, b) = (b, a);
        }
        let to = if b == own && a != own {
            FLOAT_SCRATCH
        } else {
            to
        };
        let by = self.float_source(b);
        self.load_fpr(to, a);
        self.asm.fpu(fpu, to, by);
        self.finish_fpr(to);
    }

    pub(super) fn load_fpr(&mut self, to: u8, place: Place) {
        match self.float_source(place) {
            Rm::Reg(x) => self.asm.mov_float(to, x),
            Rm::Mem(mem) => self.asm.load_float(to, mem),
            Rm::Imm(_) => unreachable!("floats are no immediates"),
        }
    }

    pub(super) fn float_sign(&mut self, op: &Op) {
        let to = self.result_fpr();
        let a = self.place(0);
        self.load_fpr(to, a);
        if op.code == Opcode::FloatNeg {
            self.asm.xor_float(to, self.input.shared.sign_mask);
        } else {
            self.asm.and_float(to, self.input.shared.magnitude_mask);
        }
        self.finish_fpr(to);
    }

    pub(super) fn float_sqrt(&mut self) {
        let to = self.result_fpr();
        let from = self.float_source(self.place(0));
        self.asm.fpu(Fpu::Sqrt, to, from);
        self.finish_fpr(to);
    }

    pub(super) fn int_to_float(&mut self) {
        let to = self.result_fpr();
        let from = self.source_rm(self.place(0));
        self.asm.int_to_float(to, from);
        self.finish_fpr(to);
    }

    pub(super) fn float_to_int(&mut self) {
        let to = self.result_gpr();
        let a = self.place(0);
        let from = self.fpr(a, FLOAT_SCRATCH);
        self.asm.float_to_int(to, from);
        self.finish_gpr(to);
    }
}
