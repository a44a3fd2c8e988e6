//! Allocation: small objects by advancing `r14`, merged until the next exit, call or label.
//!
//! Between two checks of the window at most half of the zone is used, whatever path the code took:
//! `unchecked` counts the bytes since the last check on the path to here, and a label that is
//! jumped to takes the larger count.

use super::{DetourKind, Emitter};
use crate::asm::{Cond, Mem};
use crate::registers::*;
use ouro_codegen::lower::inline_bytes;
use ouro_ir::Op;

impl Emitter<'_> {
    /// Brings `r14` up to date (E4).
    pub(super) fn flush_bias(&mut self) {
        if self.bias != 0 {
            self.asm.lea(R14, Mem::Base(R14, self.bias));
            self.bias = 0;
            self.bumps += 1;
        }
    }

    /// Makes sure that `unchecked` bytes are within the budget.
    pub(super) fn check_window(&mut self) {
        self.flush_bias();
        self.compare_window();
        self.detour_if(Cond::Above, DetourKind::Refill);
        self.unchecked = 0;
    }

    /// Emits the bump; gives the register that holds the object.
    fn bump(&mut self, bytes: u32, type_id: u32) -> u8 {
        if self.unchecked + bytes > self.input.env.heap.zone_bytes / 2 {
            self.check_window();
        }
        let to = self.result_gpr();
        if self.bias == 0 {
            self.asm.mov(to, R14);
        } else {
            self.asm.lea(to, Mem::Base(R14, self.bias));
        }
        self.bias += bytes as i32;
        self.unchecked += bytes;
        self.allocations += 1;
        match i32::try_from(type_id) {
            Ok(id) => self.asm.store_imm(Mem::Base(to, 0), id),
            Err(_) => {
                self.asm.mov_imm(RDX, u64::from(type_id));
                self.asm.store(Mem::Base(to, 0), RDX);
            }
        }
        if !self.input.env.heap.zeroed {
            for offset in (8..bytes).step_by(8) {
                self.asm.store_imm(Mem::Base(to, offset as i32), 0);
            }
        }
        to
    }

    pub(super) fn new_object(&mut self, op: &Op) {
        let ty = self.input.trace.type_descr(op.descr);
        let (type_id, size) = (ty.type_id, ty.size_bytes);
        if let Some(bytes) = inline_bytes(self.input.trace, op, self.input.env) {
            let to = self.bump(bytes, type_id);
            self.finish_gpr(to);
            return;
        }
        self.begin_vm_call();
        self.asm.mov_imm(CALL_WORDS[1], u64::from(type_id));
        self.asm.mov_imm(CALL_WORDS[2], u64::from(size));
        self.finish_allocating_call(self.input.env.heap.new_object as usize);
    }

    pub(super) fn new_array(&mut self, op: &Op) {
        let array = self.input.trace.array(op.descr);
        let (type_id, len_offset) = (array.type_id, array.len_offset as i32);
        if let Some(bytes) = inline_bytes(self.input.trace, op, self.input.env) {
            let len = self.imm(self.place(0)).expect("inline arrays are short");
            let to = self.bump(bytes, type_id);
            self.asm.store_imm(Mem::Base(to, len_offset), len);
            self.finish_gpr(to);
            return;
        }
        let len = self.place(0);
        self.begin_vm_call();
        self.load_gpr(CALL_WORDS[2], len);
        self.asm.mov_imm(CALL_WORDS[1], u64::from(type_id));
        self.finish_allocating_call(self.input.env.heap.new_array as usize);
    }

    fn finish_allocating_call(&mut self, function: usize) {
        self.call_vm(function as u64);
        self.finish_gpr(RAX);
    }

    /// Writes the allocation pointer back, so that the callee sees it.
    pub(super) fn begin_vm_call(&mut self) {
        self.flush_bias();
        let free = Mem::Base(R15, self.input.env.heap.free_offset);
        self.asm.store(free, R14);
    }

    /// Calls with the VM as first word and reads the allocation pointer again.
    pub(super) fn call_vm(&mut self, function: u64) {
        self.asm.mov(CALL_WORDS[0], R15);
        self.asm.call_far(function);
        self.end_vm_call();
    }

    /// As [`Emitter::call_vm`] for the function whose address is in a word.
    pub(super) fn call_vm_at(&mut self, word: usize) {
        self.asm.mov(CALL_WORDS[0], R15);
        self.asm.call_mem(Mem::At(word));
        self.end_vm_call();
    }

    fn end_vm_call(&mut self) {
        let free = Mem::Base(R15, self.input.env.heap.free_offset);
        self.asm.load(R14, free);
        // How much the callee has allocated is not known.
        self.unchecked = self.input.env.heap.zone_bytes / 2;
    }

    /// A trace that allocated since its last check must check before it goes round.
    pub(super) fn check_before_jump(&mut self, allowed: u32) {
        if self.unchecked > allowed {
            self.check_window();
        }
    }
}
