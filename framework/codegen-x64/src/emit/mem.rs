//! Fields, items and write barriers.

use super::{ChunkBytes, Detour, DetourKind, Emitter, Place};
use crate::asm::{Alu, Cond, Mem, Rm, Shift};
use crate::registers::*;
use dynasmrt::DynamicLabel;
use ouro_codegen::Loc;
use ouro_ir::{Op, Width};

impl Emitter<'_> {
    /// Loads into the result's place.
    fn load_result(&mut self, width: Width, from: Mem) {
        match width {
            Width::F64 => {
                let to = self.result_fpr();
                self.asm.load_float(to, from);
                self.finish_fpr(to);
            }
            Width::I64 | Width::Ref | Width::Host => {
                let to = self.result_gpr();
                self.asm.load(to, from);
                self.finish_gpr(to);
            }
            Width::U32 => {
                let to = self.result_gpr();
                self.asm.load_u32(to, from);
                self.finish_gpr(to);
            }
            Width::I32 => {
                let to = self.result_gpr();
                self.asm.load_i32(to, from);
                self.finish_gpr(to);
            }
            Width::U16 => {
                let to = self.result_gpr();
                self.asm.load_u16(to, from);
                self.finish_gpr(to);
            }
            Width::U8 => {
                let to = self.result_gpr();
                self.asm.load_u8(to, from);
                self.finish_gpr(to);
            }
        }
    }

    /// Stores an operand; may use `rdx`.
    fn store_operand(&mut self, width: Width, to: Mem, value: Place) {
        match (width, value, self.imm(value)) {
            (Width::F64, Place::Loc(Loc::Fpr(x)), _) => self.asm.store_float(to, x),
            (Width::I64 | Width::Ref | Width::Host, _, Some(value)) => {
                self.asm.store_imm(to, value)
            }
            (Width::U32 | Width::I32, Place::Const(c, _), _) => {
                self.asm.store_u32_imm(to, c.bits as i32)
            }
            (Width::U16, Place::Const(c, _), _) => self.asm.store_u16_imm(to, c.bits as i16),
            (Width::U8, Place::Const(c, _), _) => self.asm.store_u8_imm(to, c.bits as i8),
            (Width::I64 | Width::Ref | Width::Host | Width::F64, value, _) => {
                let value = self.gpr(value, SCRATCH2);
                self.asm.store(to, value);
            }
            (Width::U16, value, _) => {
                let value = self.gpr(value, SCRATCH2);
                self.asm.store_u16(to, value);
            }
            (Width::U32 | Width::I32, value, _) => {
                let value = self.gpr(value, SCRATCH2);
                self.asm.store_u32(to, value);
            }
            (Width::U8, value, _) => {
                let value = self.gpr(value, SCRATCH2);
                self.asm.store_u8(to, value);
            }
        }
    }

    pub(super) fn getfield(&mut self, op: &Op) {
        let field = self.input.trace.field(op.descr);
        let (width, offset) = (field.width, field.offset as i32);
        let object = self.place(0);
        let object = self.gpr(object, SCRATCH);
        self.load_result(width, Mem::Base(object, offset));
    }

    pub(super) fn setfield(&mut self, op: &Op) {
        let field = self.input.trace.field(op.descr);
        let (width, offset) = (field.width, field.offset as i32);
        let (object, value) = (self.place(0), self.place(1));
        let object = self.gpr(object, SCRATCH);
        self.store_operand(width, Mem::Base(object, offset), value);
    }

    /// The address of an item; leaves `rdx` free.
    fn item(&mut self, op: &Op) -> (Width, Mem) {
        let array = self.input.trace.array(op.descr);
        let (width, disp) = (array.item, array.items_offset as i32);
        let bytes = array.item.bytes();
        let (array, index) = (self.place(0), self.place(1));
        let array = self.gpr(array, SCRATCH);
        let constant = self
            .imm(index)
            .and_then(|i| i.checked_mul(bytes as i32)?.checked_add(disp));
        if let Some(disp) = constant {
            return (width, Mem::Base(array, disp));
        }
        let index = self.gpr(index, SCRATCH2);
        let item = Mem::Index {
            base: array,
            index,
            bytes,
            disp,
        };
        if index == SCRATCH2 {
            self.asm.lea(SCRATCH, item);
            return (width, Mem::Base(SCRATCH, 0));
        }
        (width, item)
    }

    pub(super) fn getitem(&mut self, op: &Op) {
        let (width, item) = self.item(op);
        self.load_result(width, item);
    }

    pub(super) fn setitem(&mut self, op: &Op) {
        let value = self.place(2);
        let (width, item) = self.item(op);
        self.store_operand(width, item, value);
    }

    fn test_barrier(&mut self, object: Place, kind: DetourKind) {
        let offset = self.input.env.heap.barrier_offset;
        let object = self.gpr(object, SCRATCH);
        self.asm.cmp_u8_zero(Mem::Base(object, offset));
        self.detour_if(Cond::NotEqual, kind);
    }

    /// Leaves the line for a slow path that comes back here.
    pub(super) fn detour_if(&mut self, cond: Cond, kind: DetourKind) {
        let (from, back) = (self.asm.label(), self.asm.label());
        self.asm.jump_if(cond, from);
        self.asm.bind(back);
        self.detours.push(Detour { from, back, kind });
    }

    pub(super) fn barrier(&mut self) {
        if cfg!(feature = "no-barrier") {
            return;
        }
        // The slow path may look at the window's objects.
        self.flush_bias();
        let object = self.place(0);
        self.test_barrier(object, DetourKind::Barrier(object));
    }

    pub(super) fn barrier_item(&mut self, op: &Op) {
        if cfg!(feature = "no-barrier") {
            return;
        }
        self.flush_bias();
        let (array, index) = (self.place(0), self.place(1));
        let descr = self.input.trace.array(op.descr);
        let of_refs = descr.item == Width::Ref;
        let chunks = self.input.env.heap.chunks.filter(|_| of_refs);
        let bytes = chunks.map(|chunks| ChunkBytes {
            chunks,
            len_offset: descr.len_offset as i32,
            items_offset: descr.items_offset as i32,
        });
        self.test_barrier(array, DetourKind::BarrierItem(array, index, bytes));
    }

    /// Out of line: goes back if a store into the item's chunk was logged before. A large array's barrier byte is never 0
    /// while its chunks are logged one by one, so every store comes here; it does not call anybody.
    pub(super) fn test_chunk(
        &mut self,
        array: Place,
        index: Place,
        bytes: ChunkBytes,
        back: DynamicLabel,
    ) {
        let slow = self.asm.label();
        let barrier = self.input.env.heap.barrier_offset;
        let granule = self.input.env.heap.granule_bytes as i32;
        self.load_gpr(SCRATCH, array);
        let byte = Mem::Base(SCRATCH, barrier);
        self.asm.test_u8_imm(byte, bytes.chunks.chunked_bit);
        self.asm.jump_if(Cond::Equal, slow);
        // Objects start at granules, so the sum may be rounded up instead of the size.
        self.asm
            .load(SCRATCH2, Mem::Base(SCRATCH, bytes.len_offset));
        let end = Mem::Index {
            base: SCRATCH,
            index: SCRATCH2,
            bytes: 8,
            disp: bytes.items_offset + granule - 1,
        };
        self.asm.lea(SCRATCH2, end);
        self.asm.alu(Alu::And, SCRATCH2, Rm::Imm(-granule));
        self.load_gpr(SCRATCH, index);
        let items_log2 = bytes.chunks.items_log2 as i8;
        self.asm.shift_imm(Shift::Logical, SCRATCH, items_log2);
        let chunk = Mem::Index {
            base: SCRATCH2,
            index: SCRATCH,
            bytes: 1,
            disp: 0,
        };
        self.asm.test_u8_imm(chunk, bytes.chunks.logged_bit);
        self.asm.jump_if(Cond::NotEqual, back);
        self.asm.bind(slow);
    }
}
