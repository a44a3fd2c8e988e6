//! Calls: operands to their registers all at once, the rest to the stack.

use super::{Emitter, Place};
use crate::asm::{Cond, Mem};
use crate::registers::*;
use ouro_codegen::Loc;
use ouro_codegen::moves::{Move, Source, sequence};
use ouro_codegen::program::Operand;
use ouro_ir::{CallAbi, Op, Opcode, Ty};

impl Emitter<'_> {
    pub(super) fn call(&mut self, n: usize, op: &Op) {
        let callee = self.input.trace.call(op.descr);
        match callee.abi {
            CallAbi::Vm | CallAbi::Guest { .. } => self.call_with_vm(n, op),
            CallAbi::FloatToFloat | CallAbi::FloatFloatToFloat => {
                self.flush_bias();
                for word in 0..self.operand_count() {
                    // Values are never in the first two float registers.
                    let place = self.place(word);
                    self.load_fpr(word as u8, place);
                }
                self.asm.call_far(callee.function);
                self.finish_fpr(0);
            }
        }
    }

    fn call_with_vm(&mut self, n: usize, op: &Op) {
        let callee = self.input.trace.call(op.descr);
        let effects = &callee.effects;
        let (function, result) = (callee.function, callee.result);
        let sees_heap = !effects.pure || effects.allocates || effects.can_collect;
        let raises = effects.can_raise;
        self.pass_words();
        if sees_heap {
            self.begin_vm_call();
            match self.input.callees.get(op.descr.0 as usize) {
                Some(word) if *word != 0 => self.call_vm_at(*word),
                _ => self.call_vm(function),
            }
        } else {
            self.flush_bias();
            self.asm.mov(CALL_WORDS[0], R15);
            self.asm.call_far(function);
        }
        if op.code == Opcode::CallRaises {
            let exit = self.open_exit(n, Some(Loc::Gpr(RAX)));
            self.asm.test(RDX);
            self.leave_if(Cond::Equal, exit);
            self.finish_gpr(RDX);
            return;
        }
        if raises {
            let exit = self.open_exit(n, Some(Loc::Gpr(RDX)));
            self.asm.test(RDX);
            self.leave_if(Cond::NotEqual, exit);
        }
        match (result, self.result()) {
            (Some(Ty::Float), Some(Loc::Fpr(to))) => self.asm.float_from_bits(to, RAX),
            (Some(Ty::Float), Some(Loc::Stack(word))) => self.asm.store(super::spill(word), RAX),
            (Some(Ty::Int | Ty::Ref), _) => self.finish_gpr(RAX),
            (Some(Ty::Float), _) | (None, _) => {}
        }
    }

    /// Words that do not fit into registers go to the stack first, through a scratch register;
    /// the others are moved at once.
    fn pass_words(&mut self) {
        let mut moves = Vec::new();
        let program = &self.input.lowered.program;
        let first = program.items[self.item].operands.indices().start;
        for n in 0..self.operand_count() {
            let place = self.place(n);
            // The VM pointer is the first word.
            match CALL_WORDS.get(n + 1) {
                Some(to) => {
                    let from = match (place, self.input.lowered.program.operands[first + n]) {
                        (Place::Loc(loc), _) => Source::Loc(loc),
                        (Place::Const(..), Operand::Const(c)) => Source::Const(c),
                        (Place::Const(..), Operand::Value(_)) => unreachable!("values have places"),
                    };
                    let to = Loc::Gpr(*to);
                    moves.push(Move { from, to });
                }
                None => {
                    let word = n + 1 - CALL_WORDS.len();
                    let from = self.gpr(place, SCRATCH);
                    self.asm.store(Mem::Base(RSP, 8 * word as i32), from);
                }
            }
        }
        let mut ordered = Vec::new();
        sequence(&moves, |_| Loc::Gpr(SCRATCH), &mut ordered);
        for m in ordered {
            self.move_one(m);
        }
    }
}
