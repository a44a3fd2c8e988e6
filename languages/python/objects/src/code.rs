//! Code objects: what the compiler gives out, turned into the machine's code with constants on the heap.

use crate::language::Python;
use crate::{Name, Vm};
use ouro_gc::Gc;
use ouro_machine::Code;
use ouro_py_syntax::CodeData;
use std::cell::Cell;
use std::sync::Arc;

/// A code object of the machine.
pub type PyCode = Code<Python>;

/// The names of the last arguments of a call, as they stand in the source.
pub struct KwNames {
    /// Interned.
    pub names: Box<[Name]>,
    /// The same outside the heap, for functions that are not written in Rust; 0 before it is asked for.
    pub outside: Cell<usize>,
}
/// What [`PyCode`] knows beside its instructions.
pub struct PyCodeInfo {
    /// The compiler's output: positions, variable names, flags.
    pub data: Arc<CodeData>,
    /// The identifiers of `data.names`, interned.
    pub names: Box<[Name]>,
    /// Names of the parameters in order (`*args` and `**kwargs` last), interned.
    pub params: Box<[Name]>,
    /// Code objects among the constants, by constant number.
    pub children: Box<[Option<&'static PyCode>]>,
    /// `Const::Names` among the constants, by constant number: names of keyword arguments, interned.
    pub kwnames: Box<[Option<KwNames>]>,
    /// Positional parameters only: a call with as many arguments needs no binding.
    pub simple: bool,
    /// Positional parameters.
    pub argcount: u32,
    /// The `WCode` object, made when asked for; NULL before. A root.
    pub object: Cell<Gc>,
    /// `co_filename`; may be replaced by `code.replace`.
    pub filename: Box<str>,
    /// Frames are part of a builtin: neither tracebacks nor frame objects show them.
    pub hidden: bool,
    /// Whether building strs in place pays, see [`crate::growing`].
    pub building: Cell<i32>,
    /// Of a generator: how builtins consume it.
    pub consumers: crate::consumers::Consumers,
}

impl PyCodeInfo {
    /// Whether the flag word of the code has the bit.
    #[inline]
    pub fn has(&self, flag: u32) -> bool {
        self.data.flags & flag != 0
    }
}

/// Makes the machine's code of `data`, nested code included. The constants live as long as the VM.
pub fn load_code(vm: &'static Vm, data: &Arc<CodeData>) -> &'static PyCode {
    crate::constants::load(vm, data)
}
