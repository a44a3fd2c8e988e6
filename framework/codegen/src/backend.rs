//! The interface that the run-time driver sees: compile, enter, patch, invalidate, free.
//!
//! A backend is chosen at run time and used through `&dyn Backend`. It knows traces and machine
//! words; it knows neither guest frames nor objects, so rebuilding the interpreter's state from an
//! [`ExitRecord`] is the driver's business.
//!
//! Rules between driver and backend:
//! - B1: every operation with an exit gets an [`ExitNumber`], unique among all code of the backend,
//!   even if several operations share one exit of the trace.
//! - B2: the words of an [`ExitRecord`] may be object addresses. The record lies on the native stack
//!   of whoever called `enter`, where a conservative scan finds it.
//! - B3: a bridge continues from the record's words in place: its inputs start where its parent's
//!   exit left them. No guest word is changed by an exit.
//! - B4: `invalidate`, `patch_exit` and `free` may be called while compiled code is on the stack
//!   below a call; `free` only if no native frame and no jump leads into the freed code.
//! - B5: code names objects through a table of its own, whose place does not change while the code exists. Its words are
//!   roots: whoever owns the backend shows them to the collector by `visit_ref_constants`, several times in a collection.

use crate::env::CompileEnv;
use crate::loc::{Loc, SPILL_WORDS};
use ouro_ir::{ExitId, Trace};
use std::fmt;
use std::rc::Rc;

/// Names compiled code. Numbers are not used again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CodeHandle(pub u32);

/// Names one operation with an exit, among all code of a backend. Numbers are not used again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExitNumber(pub u32);

/// How a trace is entered.
#[derive(Clone, Copy)]
pub enum Form<'a> {
    /// By `enter` or by a jump of another trace: inputs are words of the guest frame.
    Loop,
    /// By the exit of another trace, once `patch_exit` has connected them.
    Bridge {
        /// The trace that has the exit.
        parent: &'a Trace,
        /// The exit.
        exit: ExitNumber,
    },
}

/// What to compile.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// A verified trace.
    pub trace: &'a Trace,
    /// How it is entered.
    pub form: Form<'a>,
    /// The code of another trace, by the token that its jump names.
    pub entry_of: &'a dyn Fn(u64) -> Option<CodeHandle>,
    /// The trace begins where a guest function does: it may be called, see [`Backend::set_callee`].
    pub function: Option<Function>,
}

/// What is known of a guest function that compiled code may call.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Registers that the caller fills, from 0 on. The others are null.
    pub arguments: u32,
    /// What calls with `CallAbi::Guest` go to where the code does not run.
    pub address: u64,
}

/// Why a trace was not compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompileError {
    /// The machine or the system gives no way to run code; the driver warns once and stops compiling.
    NoExecutableMemory {
        /// Error number of the system, or 0 on a machine without a backend.
        errno: i32,
    },
    /// The memory for compiled code is used up.
    OutOfMemory,
    /// More values are alive at once than the spill area holds.
    TooManySpills,
    /// The trace jumps to a trace that has no code.
    UnknownTarget {
        /// The jump's token.
        token: u64,
    },
    /// A callee has no address, as in a trace that was parsed without resolver.
    UnknownCallee,
    /// The trace is larger than 32-bit displacements or the exit numbers reach.
    TooLarge,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::NoExecutableMemory { errno: 0 } => {
                write!(f, "this machine has no code generator")
            }
            CompileError::NoExecutableMemory { errno } => {
                let why = std::io::Error::from_raw_os_error(*errno);
                write!(f, "the system refuses executable memory: {why}")
            }
            CompileError::OutOfMemory => write!(f, "the memory for compiled code is used up"),
            CompileError::TooManySpills => write!(f, "too many values are alive at once"),
            CompileError::UnknownTarget { token } => {
                write!(f, "the trace jumps to {token:#x}, which has no code")
            }
            CompileError::UnknownCallee => write!(f, "the trace calls a function without address"),
            CompileError::TooLarge => write!(f, "the trace is too large"),
        }
    }
}

impl std::error::Error for CompileError {}

/// What compiled code leaves behind when it exits.
#[repr(C)]
#[derive(Clone)]
pub struct ExitRecord {
    /// The exit that was taken.
    pub exit: u64,
    /// Base of the loop's guest frame, as given to `enter`.
    pub guest_base: *mut u64,
    /// General registers, by number.
    pub gprs: [u64; 16],
    /// Float registers, by number.
    pub fprs: [u64; 16],
    /// The spill area, downwards as on the native stack: word `n` of the area is the `n`th from the
    /// end. Words that the trace did not use are stale.
    pub stack: [u64; SPILL_WORDS],
}

impl Default for ExitRecord {
    fn default() -> ExitRecord {
        ExitRecord {
            exit: u64::MAX,
            guest_base: std::ptr::null_mut(),
            gprs: [0; 16],
            fprs: [0; 16],
            stack: [0; SPILL_WORDS],
        }
    }
}

impl ExitRecord {
    /// The exit that was taken.
    pub fn exit(&self) -> ExitNumber {
        ExitNumber(self.exit as u32)
    }

    /// The word in a place. Guest words are not part of the record.
    pub fn word(&self, loc: Loc) -> u64 {
        match loc {
            Loc::Gpr(n) => self.gprs[usize::from(n)],
            Loc::Fpr(n) => self.fprs[usize::from(n)],
            Loc::Stack(n) => self.stack[SPILL_WORDS - 1 - usize::from(n)],
            Loc::Guest(_) => panic!("exits leave no value in the guest frame"),
        }
    }
}

/// One exit as the driver sees it.
#[derive(Clone, Debug)]
pub struct ExitInfo {
    /// The code that has the exit.
    pub code: CodeHandle,
    /// The exit in its trace.
    pub local: ExitId,
    /// Index of the operation in its trace.
    pub op: u32,
    /// Where the value or exception is that the leaving call returned, if a call left.
    pub pending: Option<Loc>,
    /// Places of all exits of the trace, and this exit's part.
    pub(crate) table: Rc<[(u32, Loc)]>,
    pub(crate) range: std::ops::Range<u32>,
}

impl ExitInfo {
    /// Makes the description of one exit from its trace's table of (value, place).
    pub fn new(
        code: CodeHandle,
        local: ExitId,
        op: u32,
        pending: Option<Loc>,
        table: Rc<[(u32, Loc)]>,
        range: std::ops::Range<u32>,
    ) -> ExitInfo {
        ExitInfo {
            code,
            local,
            op,
            pending,
            table,
            range,
        }
    }

    /// All values that the exit needs, and where they are.
    pub fn locations(&self) -> &[(u32, Loc)] {
        &self.table[self.range.start as usize..self.range.end as usize]
    }

    /// Where a value of the trace is, if the exit needs it.
    pub fn location(&self, value: u32) -> Option<Loc> {
        let found = self.locations().iter().find(|(v, _)| *v == value);
        found.map(|(_, loc)| *loc)
    }

    /// The bits of a value of the trace, if the exit needs it.
    pub fn value(&self, record: &ExitRecord, value: u32) -> Option<u64> {
        self.location(value).map(|loc| record.word(loc))
    }

    /// The value or exception that the leaving call returned, if a call left.
    pub fn pending(&self, record: &ExitRecord) -> Option<u64> {
        self.pending.map(|loc| record.word(loc))
    }
}

/// Sizes, for statistics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CodeStats {
    /// Traces that have code.
    pub traces: u32,
    /// Exits of these traces.
    pub exits: u32,
    /// Bytes of machine code.
    pub code_bytes: usize,
    /// Bytes of constants.
    pub data_bytes: usize,
    /// Stores to spill areas in the code of these traces.
    pub spills: u64,
    /// Allocations that the code makes by itself.
    pub allocations: u64,
    /// How often it advances the allocation pointer for them: allocations in a row are merged.
    pub bumps: u64,
    /// Nanoseconds that lowering, register allocation (with its check, if that is on) and emission took so far.
    pub lower_ns: u64,
    pub allocate_ns: u64,
    pub emit_ns: u64,
}

/// Code for logs and disassemblers.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Where it runs.
    pub address: usize,
    /// What stands there now, patches included.
    pub bytes: Vec<u8>,
    /// Offset at which the code of each operation begins, ascending; stubs follow the last one.
    pub ops: Vec<u32>,
}

/// A way to run traces.
pub trait Backend {
    /// For options and logs.
    fn name(&self) -> &'static str;

    /// Makes code for a trace.
    ///
    /// # Errors
    /// The reason, after which nothing has changed.
    fn compile(&self, request: &Request<'_>, env: &CompileEnv) -> Result<CodeHandle, CompileError>;

    /// Runs a loop until an exit is taken and fills the record.
    ///
    /// # Safety
    /// - `vm` and `guest_base` are what the trace and its `CompileEnv` were made for, and the guest
    ///   frame has room for the deepest frames of all exits of the loop and its bridges.
    /// - The guest registers that the trace takes as inputs hold valid references.
    /// - Nobody else runs code of this backend's heap at the same time.
    unsafe fn enter(
        &self,
        code: CodeHandle,
        vm: *mut u8,
        guest_base: *mut u64,
        record: &mut ExitRecord,
    );

    /// Describes an exit. Panics if its code was freed.
    fn exit_info(&self, exit: ExitNumber) -> ExitInfo;

    /// The exits of a trace, in the order of its operations.
    fn exits(&self, code: CodeHandle) -> Vec<ExitNumber>;

    /// Connects an exit with a bridge compiled for it, or with `None` lets it leave again.
    fn patch_exit(&self, exit: ExitNumber, bridge: Option<CodeHandle>);

    /// Makes every `guard_not_invalidated` of the code leave from now on.
    fn invalidate(&self, code: CodeHandle);

    /// Guest calls of `token` go to this code from now on, as far as it takes the arguments in the same way; or to the functions
    /// that their descriptors name. A backend that always calls those needs to do nothing.
    fn set_callee(&self, token: u64, code: Option<CodeHandle>) {
        let _ = (token, code);
    }

    /// Gives the code's memory back (rule B4).
    fn free(&self, code: CodeHandle);

    /// Code that a native frame of this thread still leads back into, and perhaps some more: what [`Backend::free`] must not
    /// be asked to free.
    fn on_native_stack(&self) -> Vec<CodeHandle>;

    /// Bytes of machine code; 0 if the backend has none.
    fn code_bytes(&self, code: CodeHandle) -> usize {
        let _ = code;
        0
    }

    /// How often each segment of the code began, with the number of its first operation: the first segment is the way in,
    /// each label begins another. Empty if that was not counted (`CompileEnv::count_runs`).
    fn runs(&self, code: CodeHandle) -> Vec<(u32, u64)> {
        let _ = code;
        Vec::new()
    }

    /// Sizes of what is compiled now.
    fn stats(&self) -> CodeStats;

    /// The code's bytes; `None` if the backend has no machine code.
    fn listing(&self, code: CodeHandle) -> Option<Listing>;

    /// The code and operation that an address of the processor's lies in, for crash reports. Addresses
    /// behind the last operation (stubs) count to it.
    fn locate(&self, address: usize) -> Option<(CodeHandle, u32)> {
        let _ = address;
        None
    }

    /// Visits every reference constant of compiled code; a moving collector changes it in place. No other address of an
    /// object is in the code (rule B5).
    fn visit_ref_constants(&self, visit: &mut dyn FnMut(&mut u64));

    /// As `visit_ref_constants` in a collection of young objects: `visit` says whether the object is young still. Code
    /// that names no such object after it was visited may be passed over from then on.
    fn visit_young_constants(&self, visit: &mut dyn FnMut(&mut u64) -> bool) {
        self.visit_ref_constants(&mut |word| {
            visit(word);
        });
    }

    /// Sets the number of guards that code compiled with `CompileEnv::guard_stress` passes before
    /// one leaves without need; the driver sets it again after each such exit.
    fn set_guard_stress(&self, guards: u64);

    /// To be called in the child of a `fork` before compiled code runs there.
    ///
    /// # Errors
    /// The child must then not enter compiled code.
    fn after_fork_in_child(&self) -> Result<(), CompileError>;
}
