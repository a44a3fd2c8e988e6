//! Instruction wrappers: one function per form, so that the macro is expanded once per form.
//!
//! Nothing here knows traces. Registers are numbers; [`Mem`] is an address. Small displacements and
//! immediates get their short encodings, which the macro only gives to literals.

#![allow(
    clippy::useless_conversion,
    reason = "the macro converts all register numbers"
)]

use crate::buffer::Buffer;
use dynasmrt::{AssemblyOffset, DynamicLabel, DynasmApi, DynasmLabelApi, dynasm};

/// An address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mem {
    /// A register and a displacement.
    Base(u8, i32),
    /// Base, index times the size of an item, displacement.
    Index {
        base: u8,
        index: u8,
        bytes: u32,
        disp: i32,
    },
    /// A word within reach of the code.
    At(usize),
}

/// A source operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rm {
    Reg(u8),
    Mem(Mem),
    Imm(i32),
}

/// Two-operand integer instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alu {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Cmp,
}

/// Shifts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shift {
    Left,
    Arithmetic,
    Logical,
}

/// Two-operand float instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fpu {
    Add,
    Sub,
    Mul,
    Div,
    Sqrt,
    Compare,
}

/// Conditions of jumps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cond {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Below,
    BelowEqual,
    Above,
    AboveEqual,
    Overflow,
    NoOverflow,
    Sign,
    NoSign,
    Parity,
}

impl Cond {
    /// Holds exactly when this one does not. Parity is only jumped on, never negated.
    pub fn negated(self) -> Cond {
        match self {
            Cond::Equal => Cond::NotEqual,
            Cond::NotEqual => Cond::Equal,
            Cond::Less => Cond::GreaterEqual,
            Cond::LessEqual => Cond::Greater,
            Cond::Greater => Cond::LessEqual,
            Cond::GreaterEqual => Cond::Less,
            Cond::Below => Cond::AboveEqual,
            Cond::BelowEqual => Cond::Above,
            Cond::Above => Cond::BelowEqual,
            Cond::AboveEqual => Cond::Below,
            Cond::Overflow => Cond::NoOverflow,
            Cond::NoOverflow => Cond::Overflow,
            Cond::Sign => Cond::NoSign,
            Cond::NoSign => Cond::Sign,
            Cond::Parity => unreachable!("nobody negates parity"),
        }
    }

    /// The condition after the operands of the comparison were swapped.
    pub fn swapped(self) -> Cond {
        match self {
            Cond::Less => Cond::Greater,
            Cond::LessEqual => Cond::GreaterEqual,
            Cond::Greater => Cond::Less,
            Cond::GreaterEqual => Cond::LessEqual,
            Cond::Below => Cond::Above,
            Cond::BelowEqual => Cond::AboveEqual,
            Cond::Above => Cond::Below,
            Cond::AboveEqual => Cond::BelowEqual,
            Cond::Equal
            | Cond::NotEqual
            | Cond::Overflow
            | Cond::NoOverflow
            | Cond::Sign
            | Cond::NoSign
            | Cond::Parity => self,
        }
    }
}

macro_rules! asm {
    ($s:expr; $($t:tt)*) => { dynasm!($s.ops; .arch x64; $($t)*) };
}

/// Expands `$op $reg, mem` (or `mem, $reg` for stores) for each form of address.
macro_rules! with_mem {
    ($s:expr, $mem:expr, [$($before:tt)*] [$($after:tt)*]) => {
        match $mem {
            Mem::Base(base, disp) => match i8::try_from(disp) {
                Ok(disp) => asm!($s; $($before)* [BYTE Rq(base) + disp] $($after)*),
                Err(_) => asm!($s; $($before)* [DWORD Rq(base) + disp] $($after)*),
            },
            Mem::Index { base, index, bytes: 8, disp } => {
                asm!($s; $($before)* [DWORD Rq(base) + Rq(index) * 8 + disp] $($after)*)
            }
            Mem::Index { base, index, bytes: 4, disp } => {
                asm!($s; $($before)* [DWORD Rq(base) + Rq(index) * 4 + disp] $($after)*)
            }
            Mem::Index { base, index, bytes: 2, disp } => {
                asm!($s; $($before)* [DWORD Rq(base) + Rq(index) * 2 + disp] $($after)*)
            }
            Mem::Index { base, index, disp, .. } => {
                asm!($s; $($before)* [DWORD Rq(base) + Rq(index) + disp] $($after)*)
            }
            Mem::At(address) => asm!($s; $($before)* [extern address] $($after)*),
        }
    };
}

/// The bytes of one trace, growing.
#[derive(Default)]
pub struct Assembler {
    pub ops: Buffer,
}

impl Assembler {
    /// Code that will run at `address`.
    pub fn new(address: usize, capacity: usize) -> Assembler {
        let mut asm = Assembler::default();
        asm.ops.restart(address, capacity);
        asm
    }

    /// Bytes so far.
    pub fn offset(&self) -> usize {
        let AssemblyOffset(offset) = self.ops.offset();
        offset
    }

    /// A label to be bound later.
    pub fn label(&mut self) -> DynamicLabel {
        self.ops.label()
    }

    pub fn bind(&mut self, label: DynamicLabel) {
        asm!(self; =>label);
    }

    pub fn align(&mut self, bytes: usize) {
        asm!(self; .align bytes);
    }

    // ---- moves

    pub fn mov(&mut self, to: u8, from: u8) {
        if to != from {
            asm!(self; mov Rq(to), Rq(from));
        }
    }

    /// Leaves the flags alone.
    pub fn mov_imm(&mut self, to: u8, bits: u64) {
        if let Ok(small) = u32::try_from(bits) {
            asm!(self; mov Rd(to), small as i32);
        } else if let Ok(small) = i32::try_from(bits as i64) {
            asm!(self; mov Rq(to), DWORD small);
        } else {
            asm!(self; mov Rq(to), QWORD bits as i64);
        }
    }

    pub fn load(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [mov Rq(to),] []);
    }

    pub fn load_u32(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [mov Rd(to),] []);
    }

    pub fn load_u8(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [movzx Rd(to), BYTE] []);
    }

    pub fn load_i32(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [movsxd Rq(to), DWORD] []);
    }

    pub fn load_u16(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [movzx Rd(to), WORD] []);
    }

    pub fn store(&mut self, to: Mem, from: u8) {
        with_mem!(self, to, [mov] [, Rq(from)]);
    }

    pub fn store_u32(&mut self, to: Mem, from: u8) {
        with_mem!(self, to, [mov] [, Rd(from)]);
    }

    pub fn store_u16(&mut self, to: Mem, from: u8) {
        with_mem!(self, to, [mov] [, Rw(from)]);
    }

    pub fn store_u8(&mut self, to: Mem, from: u8) {
        with_mem!(self, to, [mov] [, Rb(from)]);
    }

    /// Sign-extended to 64 bits.
    pub fn store_imm(&mut self, to: Mem, value: i32) {
        with_mem!(self, to, [mov QWORD] [, value]);
    }

    pub fn store_u32_imm(&mut self, to: Mem, value: i32) {
        with_mem!(self, to, [mov DWORD] [, value]);
    }

    pub fn store_u16_imm(&mut self, to: Mem, value: i16) {
        with_mem!(self, to, [mov WORD] [, value]);
    }

    pub fn store_u8_imm(&mut self, to: Mem, value: i8) {
        with_mem!(self, to, [mov BYTE] [, value]);
    }

    pub fn lea(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [lea Rq(to),] []);
    }

    pub fn mov_float(&mut self, to: u8, from: u8) {
        if to != from {
            asm!(self; movaps Rx(to), Rx(from));
        }
    }

    pub fn load_float(&mut self, to: u8, from: Mem) {
        with_mem!(self, from, [movsd Rx(to),] []);
    }

    pub fn store_float(&mut self, to: Mem, from: u8) {
        with_mem!(self, to, [movsd] [, Rx(from)]);
    }

    pub fn float_from_bits(&mut self, to: u8, from: u8) {
        asm!(self; movq Rx(to), Rq(from));
    }

    pub fn bits_from_float(&mut self, to: u8, from: u8) {
        asm!(self; movq Rq(to), Rx(from));
    }

    // ---- integers

    pub fn alu(&mut self, op: Alu, to: u8, from: Rm) {
        match from {
            Rm::Reg(from) => match op {
                Alu::Add => asm!(self; add Rq(to), Rq(from)),
                Alu::Sub => asm!(self; sub Rq(to), Rq(from)),
                Alu::And => asm!(self; and Rq(to), Rq(from)),
                Alu::Or => asm!(self; or Rq(to), Rq(from)),
                Alu::Xor => asm!(self; xor Rq(to), Rq(from)),
                Alu::Cmp => asm!(self; cmp Rq(to), Rq(from)),
            },
            Rm::Mem(from) => match op {
                Alu::Add => with_mem!(self, from, [add Rq(to),] []),
                Alu::Sub => with_mem!(self, from, [sub Rq(to),] []),
                Alu::And => with_mem!(self, from, [and Rq(to),] []),
                Alu::Or => with_mem!(self, from, [or Rq(to),] []),
                Alu::Xor => with_mem!(self, from, [xor Rq(to),] []),
                Alu::Cmp => with_mem!(self, from, [cmp Rq(to),] []),
            },
            Rm::Imm(value) => match i8::try_from(value) {
                Ok(value) => match op {
                    Alu::Add => asm!(self; add Rq(to), BYTE value),
                    Alu::Sub => asm!(self; sub Rq(to), BYTE value),
                    Alu::And => asm!(self; and Rq(to), BYTE value),
                    Alu::Or => asm!(self; or Rq(to), BYTE value),
                    Alu::Xor => asm!(self; xor Rq(to), BYTE value),
                    Alu::Cmp => {
                        // The macro does not know this form with a register chosen at run time.
                        let code = [0x48 | (to >> 3), 0x83, 0xf8 | (to & 7), value as u8];
                        self.ops.extend(&code);
                    }
                },
                Err(_) => match op {
                    Alu::Add => asm!(self; add Rq(to), DWORD value),
                    Alu::Sub => asm!(self; sub Rq(to), DWORD value),
                    Alu::And => asm!(self; and Rq(to), DWORD value),
                    Alu::Or => asm!(self; or Rq(to), DWORD value),
                    Alu::Xor => asm!(self; xor Rq(to), DWORD value),
                    Alu::Cmp => asm!(self; cmp Rq(to), DWORD value),
                },
            },
        }
    }

    pub fn cmp_mem_imm(&mut self, mem: Mem, value: i32) {
        with_mem!(self, mem, [cmp QWORD] [, DWORD value]);
    }

    pub fn cmp_u32_imm(&mut self, mem: Mem, value: i32) {
        with_mem!(self, mem, [cmp DWORD] [, DWORD value]);
    }

    pub fn cmp_u8_zero(&mut self, mem: Mem) {
        with_mem!(self, mem, [cmp BYTE] [, BYTE 0]);
    }

    pub fn test_u8_imm(&mut self, mem: Mem, bits: u8) {
        with_mem!(self, mem, [test BYTE] [, BYTE bits as i8]);
    }

    pub fn test(&mut self, a: u8) {
        asm!(self; test Rq(a), Rq(a));
    }

    pub fn imul(&mut self, to: u8, from: Rm) {
        match from {
            Rm::Reg(from) => asm!(self; imul Rq(to), Rq(from)),
            Rm::Mem(from) => with_mem!(self, from, [imul Rq(to),] []),
            Rm::Imm(value) => asm!(self; imul Rq(to), Rq(to), DWORD value),
        }
    }

    /// `rdx:rax = rax * from`, signed.
    pub fn imul_wide(&mut self, from: Rm) {
        match from {
            Rm::Reg(from) => asm!(self; imul Rq(from)),
            Rm::Mem(from) => with_mem!(self, from, [imul QWORD] []),
            Rm::Imm(_) => unreachable!("there is no such form"),
        }
    }

    /// `rax, rdx = rax / from, rax % from`, rounded toward zero.
    pub fn idiv(&mut self, from: Rm) {
        asm!(self; cqo);
        match from {
            Rm::Reg(from) => asm!(self; idiv Rq(from)),
            Rm::Mem(from) => with_mem!(self, from, [idiv QWORD] []),
            Rm::Imm(_) => unreachable!("there is no such form"),
        }
    }

    pub fn neg(&mut self, r: u8) {
        asm!(self; neg Rq(r));
    }

    pub fn not(&mut self, r: u8) {
        asm!(self; not Rq(r));
    }

    pub fn shift_imm(&mut self, op: Shift, r: u8, count: i8) {
        match op {
            Shift::Left => asm!(self; shl Rq(r), BYTE count),
            Shift::Arithmetic => asm!(self; sar Rq(r), BYTE count),
            Shift::Logical => asm!(self; shr Rq(r), BYTE count),
        }
    }

    /// Needs BMI2.
    pub fn shift_by(&mut self, op: Shift, to: u8, from: u8, count: u8) {
        match op {
            Shift::Left => asm!(self; shlx Rq(to), Rq(from), Rq(count)),
            Shift::Arithmetic => asm!(self; sarx Rq(to), Rq(from), Rq(count)),
            Shift::Logical => asm!(self; shrx Rq(to), Rq(from), Rq(count)),
        }
    }

    /// Shifts `rax` by `rdx` without BMI2; destroys `rdx`.
    pub fn shift_rax_by_rdx(&mut self, op: Shift) {
        asm!(self; xchg rcx, rdx);
        match op {
            Shift::Left => asm!(self; shl rax, cl),
            Shift::Arithmetic => asm!(self; sar rax, cl),
            Shift::Logical => asm!(self; shr rax, cl),
        }
        asm!(self; mov rcx, rdx);
    }

    pub fn inc_mem(&mut self, mem: Mem) {
        with_mem!(self, mem, [inc QWORD] []);
    }

    pub fn dec_mem(&mut self, mem: Mem) {
        with_mem!(self, mem, [dec QWORD] []);
    }

    // ---- floats

    pub fn fpu(&mut self, op: Fpu, to: u8, from: Rm) {
        match from {
            Rm::Reg(from) => match op {
                Fpu::Add => asm!(self; addsd Rx(to), Rx(from)),
                Fpu::Sub => asm!(self; subsd Rx(to), Rx(from)),
                Fpu::Mul => asm!(self; mulsd Rx(to), Rx(from)),
                Fpu::Div => asm!(self; divsd Rx(to), Rx(from)),
                Fpu::Sqrt => asm!(self; sqrtsd Rx(to), Rx(from)),
                Fpu::Compare => asm!(self; ucomisd Rx(to), Rx(from)),
            },
            Rm::Mem(from) => match op {
                Fpu::Add => with_mem!(self, from, [addsd Rx(to),] []),
                Fpu::Sub => with_mem!(self, from, [subsd Rx(to),] []),
                Fpu::Mul => with_mem!(self, from, [mulsd Rx(to),] []),
                Fpu::Div => with_mem!(self, from, [divsd Rx(to),] []),
                Fpu::Sqrt => with_mem!(self, from, [sqrtsd Rx(to),] []),
                Fpu::Compare => with_mem!(self, from, [ucomisd Rx(to),] []),
            },
            Rm::Imm(_) => unreachable!("there is no such form"),
        }
    }

    /// `to ^= mask`; the mask is 16 bytes long and aligned.
    pub fn xor_float(&mut self, to: u8, mask: usize) {
        asm!(self; xorps Rx(to), [extern mask]);
    }

    /// `to &= mask`; the mask is 16 bytes long and aligned.
    pub fn and_float(&mut self, to: u8, mask: usize) {
        asm!(self; andps Rx(to), [extern mask]);
    }

    pub fn int_to_float(&mut self, to: u8, from: Rm) {
        // Cuts the dependence on what the register held.
        asm!(self; xorps Rx(to), Rx(to));
        match from {
            Rm::Reg(from) => asm!(self; cvtsi2sd Rx(to), Rq(from)),
            Rm::Mem(from) => with_mem!(self, from, [cvtsi2sd Rx(to), QWORD] []),
            Rm::Imm(_) => unreachable!("there is no such form"),
        }
    }

    pub fn float_to_int(&mut self, to: u8, from: u8) {
        asm!(self; cvttsd2si Rq(to), Rx(from));
    }

    // ---- jumps

    /// Jumps to a label; gives the offset of the displacement, which can be patched.
    pub fn jump(&mut self, to: DynamicLabel) -> usize {
        asm!(self; jmp =>to);
        self.offset() - 4
    }

    /// Jumps to a label if the condition holds; gives the offset of the displacement.
    pub fn jump_if(&mut self, cond: Cond, to: DynamicLabel) -> usize {
        match cond {
            Cond::Equal => asm!(self; je =>to),
            Cond::NotEqual => asm!(self; jne =>to),
            Cond::Less => asm!(self; jl =>to),
            Cond::LessEqual => asm!(self; jle =>to),
            Cond::Greater => asm!(self; jg =>to),
            Cond::GreaterEqual => asm!(self; jge =>to),
            Cond::Below => asm!(self; jb =>to),
            Cond::BelowEqual => asm!(self; jbe =>to),
            Cond::Above => asm!(self; ja =>to),
            Cond::AboveEqual => asm!(self; jae =>to),
            Cond::Overflow => asm!(self; jo =>to),
            Cond::NoOverflow => asm!(self; jno =>to),
            Cond::Sign => asm!(self; js =>to),
            Cond::NoSign => asm!(self; jns =>to),
            Cond::Parity => asm!(self; jp =>to),
        }
        self.offset() - 4
    }

    pub fn jump_extern(&mut self, to: usize) {
        asm!(self; jmp extern to);
    }

    pub fn call_extern(&mut self, to: usize) {
        asm!(self; call extern to);
    }

    /// Calls any address; destroys `rax`.
    pub fn call_far(&mut self, to: u64) {
        asm!(self; mov rax, QWORD to as i64; call rax);
    }

    /// Calls the address in a word.
    pub fn call_mem(&mut self, word: Mem) {
        with_mem!(self, word, [call QWORD] []);
    }

    /// Goes to the address in a word.
    pub fn jump_mem(&mut self, word: Mem) {
        with_mem!(self, word, [jmp QWORD] []);
    }

    /// Goes to any address; destroys `rax`.
    pub fn jump_far(&mut self, to: u64) {
        asm!(self; mov rax, QWORD to as i64; jmp rax);
    }

    /// Always five bytes long, as long as the jump that may replace it.
    pub fn push_imm(&mut self, value: i32) {
        asm!(self; push DWORD value);
    }

    /// Five bytes that do nothing, to be replaced by a jump.
    pub fn nop5(&mut self) {
        self.ops.extend(&[0x0f, 0x1f, 0x44, 0x00, 0x00]);
    }
}
