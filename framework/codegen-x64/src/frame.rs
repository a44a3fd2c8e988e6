//! The one native frame layout that all compiled code shares, as offsets from `rbp`.
//!
//! ```text
//! rbp +    8  return address into the trampoline's caller
//! rbp +    0  saved rbp
//! rbp -    8  spill word 0, and downwards to word 127 at rbp - 1024
//! rbp - 1032  base of the guest frame
//! rbp - 1040  the exit record; 0 if compiled code has called this code
//! rbp - 1048  the first word of that call
//! rbp - 1088  saved rbx, r12, r13, r14, r15
//! rsp         words of calls that do not fit into registers
//! ```

use ouro_codegen::SPILL_WORDS;

const SPILL_BYTES: i32 = SPILL_WORDS as i32 * 8;

/// Offset of a spill word.
pub fn spill(word: u16) -> i32 {
    -8 * (i32::from(word) + 1)
}

pub const GUEST_BASE: i32 = -SPILL_BYTES - 8;
pub const RECORD: i32 = -SPILL_BYTES - 16;
pub const SITE: i32 = -SPILL_BYTES - 24;
pub const SAVED_RBX: i32 = -SPILL_BYTES - 32;
pub const SAVED_R12: i32 = -SPILL_BYTES - 40;
pub const SAVED_R13: i32 = -SPILL_BYTES - 48;
pub const SAVED_R14: i32 = -SPILL_BYTES - 56;
pub const SAVED_R15: i32 = -SPILL_BYTES - 64;
/// Words of a call on the stack: the VM pointer and twelve operands, less six registers, rounded up.
const OUTGOING_BYTES: i32 = 64;
/// Bytes between `rbp` and `rsp`, a multiple of 16.
pub const BYTES: i32 = SPILL_BYTES + 64 + OUTGOING_BYTES;

const _: () =
    assert!(BYTES % 16 == 0 && 8 * (ouro_ir::MAX_CALL_ARGS as i32 + 1 - 6) <= OUTGOING_BYTES);
