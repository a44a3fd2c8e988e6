//! What stands behind the last operation: slow paths that come back, and the exits' stubs.
//!
//! A stub is ten bytes: push the exit's number, jump to the trace's tail. Five of them can be
//! replaced by a jump to a bridge.

use super::{Detour, DetourKind, Emitter, PendingStub};
use crate::asm::Mem;
use crate::registers::*;

impl Emitter<'_> {
    pub(super) fn finish_stubs(&mut self) {
        for n in 0..self.detours.len() {
            let detour = self.detours[n];
            self.detour(detour);
        }
        let tail = self.asm.label();
        let stubs = std::mem::take(self.stubs);
        // Code that undoes goes on to the stub proper, which has the same exit.
        for stub in &stubs {
            if let Some(undo) = stub.undo {
                self.asm.bind(stub.label);
                self.asm.alu(undo.op, undo.register, undo.by);
                let proper = proper(&stubs, stub.exit);
                let site = self.asm.jump(proper);
                self.exits[stub.exit].sites.push(site as u32);
            }
        }
        for stub in stubs.iter().filter(|s| s.undo.is_none()) {
            self.asm.bind(stub.label);
            self.exits[stub.exit].stub = self.asm.offset() as u32;
            let number = self.input.first_exit + stub.exit as u32;
            self.asm.push_imm(number as i32);
            self.asm.jump(tail);
        }
        if !stubs.is_empty() {
            self.asm.bind(tail);
            self.asm
                .push_imm(i32::from(self.input.allocation.spill_words));
            let free = Mem::Base(R15, self.input.env.heap.free_offset);
            self.asm.store(free, R14);
            self.asm.jump_extern(self.input.shared.leave);
        }
        // For the next trace.
        *self.stubs = stubs;
    }

    fn detour(&mut self, detour: Detour) {
        self.asm.bind(detour.from);
        let slow = self.input.slow;
        let function = match detour.kind {
            DetourKind::Barrier(object) => {
                self.load_gpr(RAX, object);
                slow.barrier
            }
            DetourKind::BarrierItem(array, index, chunks) => {
                if let Some(bytes) = chunks {
                    self.test_chunk(array, index, bytes, detour.back);
                }
                self.load_gpr(RAX, array);
                self.load_gpr(RDX, index);
                slow.barrier_item
            }
            DetourKind::Refill => slow.refill,
        };
        self.asm.call_extern(function);
        self.asm.jump(detour.back);
    }
}

/// The stub of an exit, as opposed to code that undoes on the way to it.
fn proper(stubs: &[PendingStub], exit: usize) -> dynasmrt::DynamicLabel {
    let found = stubs.iter().find(|s| s.exit == exit && s.undo.is_none());
    found.expect("each exit has a stub").label
}
