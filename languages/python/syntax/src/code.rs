//! What the compiler gives out: code objects as plain data.
//!
//! Nothing here knows a heap. The interpreter turns a [`CodeData`] into its own code object once, constants included.

use std::sync::Arc;

use crate::opcode::Ins;

/// Code uses fast locals (functions, not modules and class bodies).
pub const CO_OPTIMIZED: u32 = 0x1;
/// A new namespace is made for each call.
pub const CO_NEWLOCALS: u32 = 0x2;
/// Has a `*args` parameter.
pub const CO_VARARGS: u32 = 0x4;
/// Has a `**kwargs` parameter.
pub const CO_VARKEYWORDS: u32 = 0x8;
/// Is a function inside a function.
pub const CO_NESTED: u32 = 0x10;
/// Is a generator function.
pub const CO_GENERATOR: u32 = 0x20;
/// Is a coroutine function.
pub const CO_COROUTINE: u32 = 0x80;
/// Is a generator that may be awaited (set by `types.coroutine` only).
pub const CO_ITERABLE_COROUTINE: u32 = 0x100;
/// Is an asynchronous generator function.
pub const CO_ASYNC_GENERATOR: u32 = 0x200;
/// `from __future__ import division`; of these flags the compiler sets `barry_as_FLUFL` and `annotations` only.
pub const CO_FUTURE_DIVISION: u32 = 0x20000;
/// `from __future__ import absolute_import`.
pub const CO_FUTURE_ABSOLUTE_IMPORT: u32 = 0x40000;
/// `from __future__ import with_statement`.
pub const CO_FUTURE_WITH_STATEMENT: u32 = 0x80000;
/// `from __future__ import print_function`.
pub const CO_FUTURE_PRINT_FUNCTION: u32 = 0x100000;
/// `from __future__ import unicode_literals`.
pub const CO_FUTURE_UNICODE_LITERALS: u32 = 0x200000;
/// `from __future__ import barry_as_FLUFL`.
pub const CO_FUTURE_BARRY_AS_BDFL: u32 = 0x400000;
/// `from __future__ import generator_stop`.
pub const CO_FUTURE_GENERATOR_STOP: u32 = 0x800000;
/// `from __future__ import annotations`.
pub const CO_FUTURE_ANNOTATIONS: u32 = 0x1000000;

/// A constant.
#[derive(Clone, Debug)]
pub enum Const {
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// `True`
    True,
    /// `False`
    False,
    /// An int of 64 bits.
    Int(i64),
    /// An int beyond 64 bits: optional `-`, then hexadecimal digits without prefix, lower case.
    BigInt(Box<str>),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A str, as WTF-8.
    Str(Box<[u8]>),
    /// A bytes object.
    Bytes(Box<[u8]>),
    /// A tuple of constants.
    Tuple(Box<[Const]>),
    /// A frozenset of constants.
    FrozenSet(Box<[Const]>),
    /// Code of a function, class body or comprehension.
    Code(Arc<CodeData>),
    /// A tuple of identifiers: names of keyword arguments, to be interned.
    Names(Box<[Arc<str>]>),
}

/// What kind of variable a register of the frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalKind {
    /// A plain local variable; the register holds its value or NULL.
    Local,
    /// A local variable that inner functions use; the register holds its cell once the prologue ran.
    Cell,
    /// A variable of an outer function; the register holds its cell once the prologue ran.
    Free,
    /// The hidden namespace parameter of code without `CO_OPTIMIZED`; its name is empty.
    Namespace,
}

/// A named register: number `i + 1` for entry `i` of [`CodeData::locals`].
#[derive(Clone, Debug)]
pub struct Local {
    /// Name of the variable.
    pub name: Arc<str>,
    /// Kind of the variable.
    pub kind: LocalKind,
}

/// Where in the source an instruction comes from. Columns are byte offsets in the line, as CPython counts them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Position {
    /// First line, from 1; 0 if the instruction has no line.
    pub line: u32,
    /// Last line minus first line.
    pub more_lines: u16,
    /// First column, [`Position::NO_COLUMN`] if unknown.
    pub col: u16,
    /// Column after the last character, [`Position::NO_COLUMN`] if unknown.
    pub end_col: u16,
}

impl Position {
    /// Stands for an unknown column.
    pub const NO_COLUMN: u16 = u16::MAX;
    /// Last line.
    pub fn end_line(&self) -> u32 {
        self.line + u32::from(self.more_lines)
    }
}

/// A row of the exception table: an exception at `from <= pc < to` goes to `target`, with the exception object in `reg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handled {
    /// First instruction that is covered.
    pub from: u32,
    /// First instruction after it that is not covered.
    pub to: u32,
    /// The handler.
    pub target: u32,
    /// Register that receives the exception object.
    pub reg: u16,
}

/// See [`CodeData::lines`].
pub const NO_LINE: u32 = u32::MAX;

/// A set of temporaries: bit `i` of word `w` is register `nlocals + 64 * w + i`.
pub type TempSet = Box<[u64]>;

/// Which temporaries are live before each instruction.
#[derive(Clone, Default, Debug)]
pub struct Liveness {
    /// For each instruction an index of `sets`.
    pub at: Vec<u32>,
    /// The different sets; trailing zero words are left out, and set 0 is the empty one.
    pub sets: Vec<TempSet>,
}

impl Liveness {
    /// Set of temporaries that are live before the instruction at `pc` runs.
    pub fn before(&self, pc: usize) -> &[u64] {
        &self.sets[self.at[pc] as usize]
    }
}

/// A compiled code object.
///
/// Frame: `r0` the function, `r1 ..= locals.len()` the entries of `locals`, then temporaries up to `nregs`.
/// `nlocals == locals.len() + 1`. Named registers are NULL when the frame starts, parameters apart, and are always live.
#[derive(Clone, Debug)]
pub struct CodeData {
    /// `co_name`
    pub name: Arc<str>,
    /// `co_qualname`
    pub qualname: Arc<str>,
    /// `co_filename`
    pub filename: Arc<str>,
    /// `co_firstlineno`
    pub firstlineno: u32,
    /// Number of positional parameters, positional-only ones included.
    pub argcount: u32,
    /// Number of positional-only parameters.
    pub posonlyargcount: u32,
    /// Number of keyword-only parameters.
    pub kwonlyargcount: u32,
    /// `CO_*`
    pub flags: u32,
    /// Identifiers that instructions name by index.
    pub names: Vec<Arc<str>>,
    /// Constants. Number 0 is the docstring or None in code of a function.
    pub consts: Vec<Const>,
    /// All named registers, in order of their numbers from 1.
    pub locals: Vec<Local>,
    /// `co_varnames`: parameters and plain locals.
    pub varnames: Vec<Arc<str>>,
    /// `co_cellvars`
    pub cellvars: Vec<Arc<str>>,
    /// `co_freevars`, in the order of the function's closure.
    pub freevars: Vec<Arc<str>>,
    /// Instructions.
    pub ins: Vec<Ins>,
    /// Exception table; the innermost row that covers an instruction comes first.
    pub handled: Vec<Handled>,
    /// Source position of each instruction.
    pub positions: Vec<Position>,
    /// Lines that trace functions are told of, where an instruction stands for others than that of its position: pairs of an
    /// instruction and a line, ascending by instruction, in the order in which the lines are visited. Line 0: the
    /// instruction belongs to whatever line was visited before. [`NO_LINE`]: what comes next is another line in any case.
    pub lines: Vec<(u32, u32)>,
    /// Number of registers: r0, named ones and temporaries (call windows included).
    pub nregs: u32,
    /// Number of registers that are not temporaries.
    pub nlocals: u32,
    /// Number of inline-cache sites.
    pub sites: u32,
    /// Live temporaries.
    pub live: Liveness,
}

impl CodeData {
    /// The handler of an exception raised at `pc`.
    pub fn handler_of(&self, pc: usize) -> Option<&Handled> {
        let pc = pc as u32;
        self.handled.iter().find(|h| h.from <= pc && pc < h.to)
    }
    /// Register of a variable, by name.
    pub fn register_of(&self, name: &str) -> Option<u32> {
        let at = self.locals.iter().position(|l| &*l.name == name)?;
        Some(at as u32 + 1)
    }
    /// Number of parameters with `*args` and `**kwargs`: registers `1 ..= total_args()`.
    pub fn total_args(&self) -> u32 {
        self.argcount
            + self.kwonlyargcount
            + u32::from(self.flags & CO_VARARGS != 0)
            + u32::from(self.flags & CO_VARKEYWORDS != 0)
    }
}
