//! Python 3.11 source to register bytecode: parser, symbol tables, compiler, disassembler, verifier.
//!
//! This crate knows no heap and no machine: what it gives out is plain data. Start reading at [`opcode`] (the instructions)
//! and [`code`] (code objects).
#![forbid(unsafe_code)]

pub mod code;
pub mod error;
pub mod opcode;

pub use code::{CodeData, Const, Handled, Liveness, Local, LocalKind, Position};
pub use error::{ErrorKind, SyntaxError, SyntaxErrors, Warning};
pub use opcode::{Flags, Ins, Op, OpInfo, Regs};
