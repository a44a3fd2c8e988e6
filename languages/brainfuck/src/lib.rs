//! The tutorial language: a tape of bytes, eight commands, about 300 lines, and a tracing JIT for nothing more.
//!
//! Read in the order of the steps:
//! 1. [`objects`]: what lives on the heap (a boxed position, a tape) and its field descriptors.
//! 2. [`bytecode`]: instructions, and the compiler from text.
//! 3. [`language`]: what the toolkit must know: types of instruction, step, world.
//! 4. [`handlers`]: the meaning of each instruction, written once for every machine.
//! 5. [`run`](mod@run): a VM, the fast driver, a compiler plugged in by whoever wants one.
//!
//! The program's state is two registers: `r1` the tape, `r2` the position as a boxed int. The box is a *value class*, so
//! a compiled loop keeps the bare number in a machine register and allocates nothing.

pub mod bytecode;
pub mod handlers;
pub mod language;
pub mod objects;
pub mod run;

pub use bytecode::{SyntaxError, parse};
pub use run::{Brainfuck, Output, new_vm, run};
