//! Code that all traces share: the way in, the way out, and slow paths that destroy no register.
//!
//! Slow paths are called with their operands in the scratch registers, so that the allocator need
//! not know of them.

use crate::arena::{Arena, ArenaError, Range};
use crate::asm::{Alu, Assembler, Cond, Mem, Rm, Shift};
use crate::frame;
use crate::registers::*;
use dynasmrt::{DynasmApi, dynasm};
use ouro_codegen::{ExitRecord, GuestCalls, HeapAccess, SPILL_WORDS};
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
    /// A word with the address of [`Returns::leave_called`].
    pub leave_called: usize,
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
    let bytes = asm.ops.finish().expect("labels are bound and near");
    let range = arena.trim_code(range, bytes.len());
    arena.write(range.address, bytes);
    Ok(range)
}

/// Emits the shared code.
pub fn shared(arena: &mut Arena) -> Result<Shared, ArenaError> {
    let enter = place(arena, 256, enter)?.address;
    let data = arena.reserve_data(8)?.address;
    let leave_called = data + 40;
    let leave = place(arena, 1024, |asm| leave(asm, leave_called))?.address;
    let sign = 1u64 << 63;
    for (n, word) in [sign, sign, !sign, !sign].into_iter().enumerate() {
        arena.set_word(data + 8 * n, word);
    }
    Ok(Shared {
        enter,
        leave,
        leave_called,
        sign_mask: data,
        magnitude_mask: data + 16,
        stress_counter: data + 32,
        bmi2: std::arch::is_x86_feature_detected!("bmi2"),
    })
}

/// The registers that a call keeps and that may hold values.
pub const CALLEE_SAVED: [(i32, u8); 3] = [
    (frame::SAVED_RBX, 3),
    (frame::SAVED_R12, 12),
    (frame::SAVED_R13, 13),
];

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

/// An exit record on the native stack, such that calls find the stack aligned: three words have been pushed.
const RECORD_BYTES: i32 = size_of::<ExitRecord>() as i32 + 8;
const _: () = assert!((RECORD_BYTES + 24) % 16 == 0);

fn leave(asm: &mut Assembler, leave_called: usize) {
    let field = |offset: usize| Mem::Base(RAX, offset as i32);
    let gpr = |r: u8| field(offset_of!(ExitRecord, gprs) + 8 * usize::from(r));
    // What the trace has pushed, and `rax`.
    let pushed = |n: i32| Mem::Base(RBP, -frame::BYTES - 8 * (n + 1));
    let own = asm.label();
    dynasm!(asm.ops; .arch x64; push rax);
    asm.load(RAX, Mem::Base(RBP, frame::RECORD));
    asm.test(RAX);
    asm.jump_if(Cond::NotEqual, own);
    dynasm!(asm.ops; .arch x64; sub rsp, RECORD_BYTES; mov rax, rsp);
    asm.bind(own);
    for r in [1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13] {
        asm.store(gpr(r), r);
    }
    for x in LOST_FPRS {
        let at = offset_of!(ExitRecord, fprs) + 8 * usize::from(x);
        asm.store_float(field(at), x);
    }
    asm.load(1, pushed(2));
    asm.store(gpr(RAX), 1);
    asm.load(1, pushed(1));
    asm.load(RDX, pushed(0));
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
    let called = asm.label();
    asm.cmp_mem_imm(Mem::Base(RBP, frame::RECORD), 0);
    asm.jump_if(Cond::Equal, called);
    for (at, r) in SAVED {
        asm.load(r, Mem::Base(RBP, at));
    }
    dynasm!(asm.ops; .arch x64; mov rsp, rbp; pop rbp; ret);
    asm.bind(called);
    asm.jump_mem(Mem::At(leave_called));
}

/// Addresses of the code by which called code goes back to its caller.
#[derive(Clone, Copy, Debug)]
pub struct Returns {
    /// Goes back with `rax` and `rdx` as they are.
    pub give_back: usize,
    /// Behind `leave`: the exit record is on top of the stack.
    pub leave_called: usize,
}

/// Emits the code by which called code goes back.
pub fn returns(
    arena: &mut Arena,
    heap: &HeapAccess,
    guest: &GuestCalls,
) -> Result<Returns, ArenaError> {
    let free = Mem::Base(R15, heap.free_offset);
    let give_back = place(arena, 256, |asm| {
        asm.load(1, Mem::Base(RBP, frame::SITE));
        asm.load(6, Mem::Base(R15, guest.frame_limit));
        asm.alu(Alu::Add, 6, Rm::Mem(Mem::Base(1, guest.record_bytes)));
        asm.store(Mem::Base(R15, guest.frame_limit), 6);
        asm.store(free, R14);
        for (at, r) in CALLEE_SAVED {
            asm.load(r, Mem::Base(RBP, at));
        }
        dynasm!(asm.ops; .arch x64; mov rsp, rbp; pop rbp; ret);
    })?;
    let leave_called = place(arena, 256, |asm| {
        asm.mov(7, R15);
        dynasm!(asm.ops; .arch x64; mov rsi, rsp);
        asm.load(RDX, Mem::Base(RBP, frame::SITE));
        asm.call_far(guest.leave);
        asm.load(R14, free);
        asm.jump_extern(give_back.address);
    })?;
    Ok(Returns {
        give_back: give_back.address,
        leave_called: leave_called.address,
    })
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
