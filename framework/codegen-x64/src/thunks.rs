//! Code that all traces share: the way in, the way out, and slow paths that destroy no register.
//!
//! Slow paths are called with their operands in the scratch registers, so that the allocator need
//! not know of them.

use crate::arena::{Arena, ArenaError, Range};
use crate::asm::{Alu, Assembler, Mem, Rm, Shift};
use crate::frame;
use crate::registers::*;
use dynasmrt::{DynasmApi, dynasm};
use ouro_codegen::{ExitRecord, HeapAccess, SPILL_WORDS};
use std::mem::offset_of;

/// General registers that a call destroys and that may hold values.
const LOST_GPRS: [u8; 7] = [1, 6, 7, 8, 9, 10, 11];
/// Float registers that may hold values; a call destroys all of them.
const LOST_FPRS: std::ops::Range<u8> = 2..16;
const SAVE_BYTES: i32 = 8 * (7 + 14);
const _: () = assert!((SAVE_BYTES + 8) % 16 == 0);

/// Addresses of the code that all traces of a backend share.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// `extern "C" fn(entry, vm, guest_base, record)`.
    pub enter: usize,
    /// Ends the run. On the stack: the number of spill words in use, then the exit's number.
    pub leave: usize,
    /// 16 bytes: the sign bit of a double, in both halves.
    pub sign_mask: usize,
    /// 16 bytes: all but the sign bit.
    pub magnitude_mask: usize,
    /// Guards that may still pass in guard-stress mode.
    pub stress_counter: usize,
    /// Whether the processor has shifts by any register.
    pub bmi2: bool,
}

/// Addresses of the slow paths for one heap.
#[derive(Clone, Copy, Debug)]
pub struct SlowPaths {
    /// Object in `rax`.
    pub barrier: usize,
    /// Array in `rax`, index in `rdx`.
    pub barrier_item: usize,
    /// Makes room in the window.
    pub refill: usize,
}

/// Places code of unknown length.
pub fn place(
    arena: &mut Arena,
    estimate: usize,
    mut emit: impl FnMut(&mut Assembler),
) -> Result<Range, ArenaError> {
    let range = arena.reserve_code(estimate)?;
    let mut asm = Assembler::new(range.address, estimate);
    emit(&mut asm);
    let bytes = asm.ops.finalize().expect("labels are bound and near");
    let range = arena.trim_code(range, bytes.len());
    arena.write(range.address, &bytes);
    Ok(range)
}

/// Emits the shared code.
pub fn shared(arena: &mut Arena) -> Result<Shared, ArenaError> {
    let enter = place(arena, 256, enter)?.address;
    let leave = place(arena, 1024, leave)?.address;
    let data = arena.reserve_data(8)?.address;
    let sign = 1u64 << 63;
    for (n, word) in [sign, sign, !sign, !sign].into_iter().enumerate() {
        arena.set_word(data + 8 * n, word);
    }
    Ok(Shared {
        enter,
        leave,
        sign_mask: data,
        magnitude_mask: data + 16,
        stress_counter: data + 32,
        bmi2: std::arch::is_x86_feature_detected!("bmi2"),
    })
}

fn enter(asm: &mut Assembler) {
    dynasm!(asm.ops; .arch x64; push rbp; mov rbp, rsp; sub rsp, frame::BYTES);
    for (at, r) in SAVED {
        asm.store(Mem::Base(RBP, at), r);
    }
    asm.mov(R15, 6);
    asm.store(Mem::Base(RBP, frame::GUEST_BASE), RDX);
    asm.store(Mem::Base(RBP, frame::RECORD), 1);
    dynasm!(asm.ops; .arch x64; jmp rdi);
}

const SAVED: [(i32, u8); 5] = [
    (frame::SAVED_RBX, 3),
    (frame::SAVED_R12, 12),
    (frame::SAVED_R13, 13),
    (frame::SAVED_R14, R14),
    (frame::SAVED_R15, R15),
];

fn leave(asm: &mut Assembler) {
    let field = |offset: usize| Mem::Base(RAX, offset as i32);
    let gpr = |r: u8| field(offset_of!(ExitRecord, gprs) + 8 * usize::from(r));
    dynasm!(asm.ops; .arch x64; push rax);
    asm.load(RAX, Mem::Base(RBP, frame::RECORD));
    for r in [1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13] {
        asm.store(gpr(r), r);
    }
    for x in LOST_FPRS {
        let at = offset_of!(ExitRecord, fprs) + 8 * usize::from(x);
        asm.store_float(field(at), x);
    }
    dynasm!(asm.ops; .arch x64; pop rcx);
    asm.store(gpr(RAX), 1);
    dynasm!(asm.ops; .arch x64; pop rcx; pop rdx);
    asm.store(field(offset_of!(ExitRecord, exit)), RDX);
    asm.load(RDX, Mem::Base(RBP, frame::GUEST_BASE));
    asm.store(field(offset_of!(ExitRecord, guest_base)), RDX);
    // The words in use are the upper end of both areas.
    let end = offset_of!(ExitRecord, stack) + 8 * SPILL_WORDS;
    asm.lea(7, field(end));
    asm.mov(RDX, 1);
    asm.shift_imm(Shift::Left, RDX, 3);
    asm.alu(Alu::Sub, 7, Rm::Reg(RDX));
    asm.mov(6, RBP);
    asm.alu(Alu::Sub, 6, Rm::Reg(RDX));
    dynasm!(asm.ops; .arch x64; rep movsq);
    for (at, r) in SAVED {
        asm.load(r, Mem::Base(RBP, at));
    }
    dynasm!(asm.ops; .arch x64; mov rsp, rbp; pop rbp; ret);
}

/// Emits the slow paths for a heap. Traces without floats have their own, which save half as much: a large array's
/// barrier comes here for each store.
pub fn slow_paths(
    arena: &mut Arena,
    heap: &HeapAccess,
    floats: bool,
) -> Result<SlowPaths, ArenaError> {
    let mut slow = |function: usize| preserving(arena, heap, function, floats);
    let barrier = slow(heap.barrier as usize)?;
    let barrier_item = slow(heap.barrier_item as usize)?;
    let refill = slow(heap.refill as usize)?;
    Ok(SlowPaths {
        barrier,
        barrier_item,
        refill,
    })
}

/// Calls `function(vm, rax, rdx)`; all registers that hold values stay, float registers if there are `floats`.
fn preserving(
    arena: &mut Arena,
    heap: &HeapAccess,
    function: usize,
    floats: bool,
) -> Result<usize, ArenaError> {
    let fprs = if floats { LOST_FPRS } else { 0..0 };
    let range = place(arena, 512, |asm| {
        dynasm!(asm.ops; .arch x64; sub rsp, SAVE_BYTES);
        for (n, r) in LOST_GPRS.into_iter().enumerate() {
            asm.store(Mem::Base(RSP, 8 * n as i32), r);
        }
        for (n, x) in fprs.clone().enumerate() {
            asm.store_float(Mem::Base(RSP, 8 * (7 + n as i32)), x);
        }
        asm.store(Mem::Base(R15, heap.free_offset), R14);
        asm.mov(7, R15);
        asm.mov(6, RAX);
        asm.call_far(function as u64);
        asm.load(R14, Mem::Base(R15, heap.free_offset));
        for (n, r) in LOST_GPRS.into_iter().enumerate() {
            asm.load(r, Mem::Base(RSP, 8 * n as i32));
        }
        for (n, x) in fprs.clone().enumerate() {
            asm.load_float(x, Mem::Base(RSP, 8 * (7 + n as i32)));
        }
        dynasm!(asm.ops; .arch x64; add rsp, SAVE_BYTES; ret);
    })?;
    Ok(range.address)
}
