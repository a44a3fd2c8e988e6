//! Guards: compare and leave.

use super::{EmittedExit, Emitter, PendingStub, Place, Sites, int::Undo};
use crate::asm::{Cond, Fpu, Mem, Rm};
use crate::registers::*;
use ouro_codegen::Loc;
use ouro_ir::{Op, Opcode};

/// An exit that is being emitted.
#[derive(Clone, Copy)]
pub(super) struct OpenExit {
    index: usize,
    label: dynasmrt::DynamicLabel,
}

impl Emitter<'_> {
    /// Begins an exit of operation `n`: its stub, and the countdown of guard-stress mode.
    pub(super) fn open_exit(&mut self, n: usize, pending: Option<Loc>) -> OpenExit {
        self.flush_bias();
        let label = self.asm.label();
        let index = self.exits.len();
        let live = self.input.lowered.program.items[self.item].live;
        self.exits.push(EmittedExit {
            op: n as u32,
            pending,
            stub: 0,
            sites: Sites::default(),
            invalidation: None,
            live,
        });
        self.stubs.push(PendingStub {
            label,
            exit: index,
            undo: None,
        });
        let exit = OpenExit { index, label };
        let code = self.input.trace.ops[n].code;
        if self.input.env.guard_stress && code.may_leave_needlessly() {
            let counter = self.input.shared.stress_counter;
            self.asm.dec_mem(Mem::At(counter));
            self.leave_if(Cond::Equal, exit);
        }
        exit
    }

    pub(super) fn leave_if(&mut self, cond: Cond, exit: OpenExit) {
        let site = self.asm.jump_if(cond, exit.label);
        self.exits[exit.index].sites.push(site as u32);
    }

    pub(super) fn leave(&mut self, exit: OpenExit) {
        let site = self.asm.jump(exit.label);
        self.exits[exit.index].sites.push(site as u32);
    }

    /// Leaves through code that takes an in-place operation back.
    pub(super) fn leave_if_undone(&mut self, cond: Cond, exit: OpenExit, undo: Undo) {
        let label = self.asm.label();
        self.asm.jump_if(cond, label);
        self.stubs.push(PendingStub {
            label,
            exit: exit.index,
            undo: Some(undo),
        });
    }

    /// Whether the exit of the item at hand reads this place.
    pub(super) fn exit_needs(&self, loc: Loc) -> bool {
        let item = &self.input.lowered.program.items[self.item];
        self.input.allocation.live[item.live.indices()].contains(&loc)
    }

    /// Under which condition of `cmp a, b` the guard stays.
    fn stays_if(code: Opcode) -> Cond {
        match code {
            Opcode::GuardIntEq | Opcode::GuardPtrEq | Opcode::GuardNull => Cond::Equal,
            Opcode::GuardIntNe | Opcode::GuardPtrNe | Opcode::GuardNonnull => Cond::NotEqual,
            Opcode::GuardIntLt => Cond::Less,
            Opcode::GuardIntLe => Cond::LessEqual,
            Opcode::GuardIntGt => Cond::Greater,
            Opcode::GuardIntGe => Cond::GreaterEqual,
            Opcode::GuardIntUlt => Cond::Below,
            Opcode::GuardIntUge => Cond::AboveEqual,
            other => unreachable!("{other:?} is no comparison"),
        }
    }

    pub(super) fn guard_compare(&mut self, n: usize, op: &Op) {
        let exit = self.open_exit(n, None);
        let mut stays = Self::stays_if(op.code);
        let unary = matches!(op.code, Opcode::GuardNull | Opcode::GuardNonnull);
        let mut a = self.place(0);
        if unary {
            self.compare(a, Rm::Imm(0));
        } else {
            let mut b = self.place(1);
            if matches!(a, Place::Const(..)) {
                (a, b) = (b, a);
                stays = stays.swapped();
            }
            let by = self.source(b);
            self.compare(a, by);
        }
        self.leave_if(stays.negated(), exit);
    }

    fn compare(&mut self, a: Place, by: Rm) {
        match (a, by) {
            (Place::Loc(Loc::Gpr(r)), Rm::Imm(0)) => self.asm.test(r),
            (Place::Loc(Loc::Stack(word)), Rm::Imm(value)) => {
                self.asm.cmp_mem_imm(super::spill(word), value)
            }
            (a, by) => {
                let a = self.gpr(a, SCRATCH);
                self.asm.alu(crate::asm::Alu::Cmp, a, by);
            }
        }
    }

    pub(super) fn guard_overflows(&mut self, n: usize, op: &Op) {
        let exit = self.open_exit(n, None);
        let (a, b) = (self.place(0), self.place(1));
        let by = self.source(b);
        self.load_gpr(SCRATCH, a);
        self.apply(op.code, SCRATCH, by);
        self.leave_if(Cond::NoOverflow, exit);
    }

    /// `ucomisd x, y` sets "above" if x > y, "above or equal" if x >= y, and neither for NaNs.
    pub(super) fn guard_float(&mut self, n: usize, op: &Op) {
        let exit = self.open_exit(n, None);
        let (a, b) = (self.place(0), self.place(1));
        let (x, y) = match op.code {
            Opcode::GuardFloatEq | Opcode::GuardFloatNe => (a, b),
            _ => (b, a),
        };
        let x = self.fpr(x, FLOAT_SCRATCH);
        let y = self.float_source(y);
        self.asm.fpu(Fpu::Compare, x, y);
        match op.code {
            Opcode::GuardFloatLt => self.leave_if(Cond::BelowEqual, exit),
            Opcode::GuardFloatNotLt => self.leave_if(Cond::Above, exit),
            Opcode::GuardFloatLe => self.leave_if(Cond::Below, exit),
            Opcode::GuardFloatNotLe => self.leave_if(Cond::AboveEqual, exit),
            Opcode::GuardFloatEq => {
                self.leave_if(Cond::Parity, exit);
                self.leave_if(Cond::NotEqual, exit);
            }
            _ => {
                let stay = self.asm.label();
                self.asm.jump_if(Cond::Parity, stay);
                self.leave_if(Cond::Equal, exit);
                self.asm.bind(stay);
            }
        }
    }

    pub(super) fn guard_class(&mut self, n: usize, op: &Op) {
        let exit = self.open_exit(n, None);
        let type_id = self.input.trace.type_descr(op.descr).type_id;
        let object = self.place(0);
        let object = self.gpr(object, SCRATCH);
        self.asm.cmp_u32_imm(Mem::Base(object, 0), type_id as i32);
        self.leave_if(Cond::NotEqual, exit);
    }

    pub(super) fn guard_not_invalidated(&mut self, n: usize) {
        let exit = self.open_exit(n, None);
        let at = self.asm.offset() as u32;
        self.exits[exit.index].invalidation = Some(at);
        self.asm.nop5();
    }

    /// Compares the allocation pointer with the window's limit, which the VM lowers when it wants attention.
    pub(super) fn compare_window(&mut self) {
        let top = Mem::Base(R15, self.input.env.heap.top_offset);
        self.asm.alu(crate::asm::Alu::Cmp, R14, Rm::Mem(top));
    }

    pub(super) fn poll(&mut self, n: usize) {
        let exit = self.open_exit(n, None);
        self.compare_window();
        self.leave_if(Cond::Above, exit);
        self.unchecked = 0;
    }

    pub(super) fn finish(&mut self, n: usize) {
        let exit = self.open_exit(n, None);
        self.leave(exit);
    }
}
