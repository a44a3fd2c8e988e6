//! Python 3.11 source to register bytecode: parser, symbol tables, compiler, disassembler, verifier.
//!
//! This crate knows no heap and no machine: what it gives out is plain data. Start reading at [`opcode`] (the instructions)
//! and [`code`] (code objects); the way in is [`compile`](compile()).
#![forbid(unsafe_code)]

pub mod anchors;
pub mod code;
pub mod compile;
mod compiler;
pub mod decode;
pub mod dis;
pub mod error;
pub mod literal;
mod messages;
pub mod opcode;
mod parse;
mod symtable;
pub mod verify;

pub use anchors::anchors;
pub use code::{CodeData, Const, Handled, Liveness, Local, LocalKind, Position};
pub use compile::{Compiled, Mode, Options, compile, compile_bytes};
pub use dis::disassemble;
pub use error::{ErrorKind, SyntaxError, SyntaxErrors, Warning};
pub use opcode::{Flags, Ins, Op, OpInfo, Regs};
pub use verify::verify;
