//! The roles of the x86-64 registers while compiled code runs.
//!
//! | register | role |
//! |---|---|
//! | `rsp`, `rbp` | native frame; frame pointers are kept |
//! | `r15` | VM pointer |
//! | `r14` | allocation pointer; the copy in the VM is stale between calls and exits |
//! | `rax`, `rdx`, `xmm0`, `xmm1` | scratch inside one operation |
//! | `rbx`, `r12`, `r13` | values, across calls too |
//! | all others | values, lost at calls |

use ouro_codegen::regalloc::Machine;
use ouro_codegen::{RegisterFile, RegisterSet};

pub const RAX: u8 = 0;
pub const RDX: u8 = 2;
pub const RSP: u8 = 4;
pub const RBP: u8 = 5;
pub const R14: u8 = 14;
pub const R15: u8 = 15;

/// Scratch for the first operand or the result, and for cycles of moves.
pub const SCRATCH: u8 = RAX;
/// Scratch for the second operand, and for the base of the guest frame.
pub const SCRATCH2: u8 = RDX;
/// Float scratch for the first operand or the result, and for cycles of moves.
pub const FLOAT_SCRATCH: u8 = 0;
/// Float scratch for the second operand, and for moves from memory to memory.
pub const FLOAT_SCRATCH2: u8 = 1;

/// Where the words of a call go; further ones go on the stack.
pub const CALL_WORDS: [u8; 6] = [7, 6, 2, 1, 8, 9];

/// Registers that a call destroys.
pub const CLOBBERED: RegisterSet = RegisterSet::of(
    &[0, 1, 2, 6, 7, 8, 9, 10, 11],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
);

/// What the allocator may use.
pub fn machine() -> Machine {
    Machine {
        registers: RegisterFile {
            gprs: &[1, 6, 7, 8, 9, 10, 11, 3, 12, 13],
            fprs: &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            clobbered: CLOBBERED,
            call_words: &CALL_WORDS,
            call_floats: &[0, 1],
            call_result: RAX,
            call_exception: RDX,
        },
        scratch_gpr: SCRATCH,
        scratch_fpr: FLOAT_SCRATCH,
    }
}
