//! Emission: allocation in, bytes out. One file per family of operations.
//!
//! Rules that every family keeps:
//! - E1: operands are read before the result's place is written, because they may be the same place.
//! - E2: an operation with an exit writes no place that its exit needs before the exit is decided,
//!   or takes the write back in the exit's stub (in-place additions).
//! - E3: `rax`, `rdx`, `xmm0`, `xmm1` are free inside an operation and hold nothing between two.
//! - E4: the offset that merged allocations have added (`bias`) is in `r14` at every exit, call and label.

mod alloc;
mod call;
mod float;
mod guard;
mod guest;
mod int;
mod jump;
mod mem;
mod stubs;

use crate::asm::{Assembler, Mem, Rm};
use crate::frame;
use crate::registers::*;
use crate::thunks::{Returns, Shared, SlowPaths};
use dynasmrt::DynamicLabel;
pub use guest::Callee;
use ouro_codegen::lower::Lowered;
use ouro_codegen::moves::{Move, Source};
use ouro_codegen::program::{Operand, Span};
use ouro_codegen::regalloc::Allocation;
use ouro_codegen::{Chunks, CompileEnv, CompileError, Function, Loc};
use ouro_ir::{BOXED, Const, Op, Opcode, Trace, Ty};

/// Everything that emission reads.
pub struct Input<'a> {
    pub trace: &'a Trace,
    pub lowered: &'a Lowered,
    pub allocation: &'a Allocation,
    pub env: &'a CompileEnv,
    pub shared: Shared,
    pub slow: SlowPaths,
    /// Address of the code.
    pub address: usize,
    /// Address of the trace's table of constants: one word each.
    pub constants: usize,
    /// Address of the words that count how often segments begin, if they are to.
    pub counters: Option<usize>,
    /// Number of the first exit.
    pub first_exit: u32,
    /// Entered from the trampoline and by jumps, not from an exit.
    pub is_loop: bool,
    /// Where a jump to another trace goes.
    pub target: Option<usize>,
    /// By descriptor: the word with the address that a guest call goes to, or 0.
    pub callees: &'a [usize],
    /// What the trace is called as, if it is.
    pub function: Option<Function>,
    /// How called code goes back.
    pub returns: Option<Returns>,
}

/// A few offsets: an exit is left by at most two jumps, one more in guard-stress mode.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sites {
    offsets: [u32; 4],
    len: u8,
}

impl Sites {
    pub fn push(&mut self, offset: u32) {
        self.offsets[usize::from(self.len)] = offset;
        self.len += 1;
    }

    pub fn as_slice(&self) -> &[u32] {
        &self.offsets[..usize::from(self.len)]
    }
}

/// One emitted operation with an exit.
#[derive(Clone, Debug)]
pub struct EmittedExit {
    /// Index of the operation.
    pub op: u32,
    /// Where the leaving call's value is.
    pub pending: Option<Loc>,
    /// Offset of the stub; its first five bytes may be replaced by a jump.
    pub stub: u32,
    /// Offsets of displacements that lead to the stub.
    pub sites: Sites,
    /// Offset of the five bytes that invalidation replaces by a jump to the stub.
    pub invalidation: Option<u32>,
    /// The values it needs, in the program's pool.
    pub live: Span,
}

/// The code of a trace, beside what is in the [`Workspace`].
pub struct Emitted {
    /// Length of the code.
    pub bytes: usize,
    /// Offset at which each operation begins.
    pub ops: Vec<u32>,
    /// Offset at which jumps of other traces arrive.
    pub jump_entry: u32,
    /// Offset at which jumps to the open label arrive, if there is one.
    pub open_label: Option<u32>,
    /// Where guest calls arrive, if they may.
    pub callee: Option<Callee>,
    /// Allocations in line, and how often the allocation pointer is advanced for them.
    pub allocations: u32,
    pub bumps: u32,
    /// By segment: its first operation, and the address of the word that counts.
    pub counters: Vec<(u32, usize)>,
}

/// An operand's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Loc(Loc),
    Const(Const, u32),
}

struct PendingStub {
    label: DynamicLabel,
    exit: usize,
    undo: Option<int::Undo>,
}

/// Code behind the last operation that an operation jumps to and that jumps back.
#[derive(Clone, Copy)]
struct Detour {
    from: DynamicLabel,
    back: DynamicLabel,
    kind: DetourKind,
}

/// Where a large array has its chunk bytes: behind its items, which the length counts.
#[derive(Clone, Copy)]
struct ChunkBytes {
    chunks: Chunks,
    len_offset: i32,
    items_offset: i32,
}

#[derive(Clone, Copy)]
enum DetourKind {
    Barrier(Place),
    BarrierItem(Place, Place, Option<ChunkBytes>),
    Refill,
}

/// What emission fills. It serves one trace after the other, and keeps the memory.
#[derive(Default)]
pub struct Workspace {
    asm: Assembler,
    /// Those of the trace that was emitted last.
    pub exits: Vec<EmittedExit>,
    stubs: Vec<PendingStub>,
    detours: Vec<Detour>,
}
impl Workspace {
    /// The code that was emitted last.
    ///
    /// # Errors
    /// `CompileError::TooLarge` if displacements do not reach.
    pub fn bytes(&mut self) -> Result<&[u8], CompileError> {
        self.asm.ops.finish().map_err(|_| CompileError::TooLarge)
    }
}

pub struct Emitter<'a> {
    asm: &'a mut Assembler,
    input: Input<'a>,
    exits: &'a mut Vec<EmittedExit>,
    stubs: &'a mut Vec<PendingStub>,
    detours: &'a mut Vec<Detour>,
    /// Where the back jump goes, with the allocation budget there.
    loop_head: Option<(DynamicLabel, u32)>,
    open_label: Option<u32>,
    /// Bytes allocated since `r14` was last advanced.
    bias: i32,
    /// Bytes allocated since the window was last checked, at most.
    unchecked: u32,
    allocations: u32,
    bumps: u32,
    counters: Vec<(u32, usize)>,
    /// Item at hand.
    item: usize,
    next_edit: usize,
    /// `rdx` holds the base of the guest frame, within one run of moves.
    guest_base_loaded: bool,
}

/// Emits a trace. Its bytes and exits are in `workspace` until the next one is emitted.
pub fn emit<'a>(input: Input<'a>, capacity: usize, workspace: &'a mut Workspace) -> Emitted {
    let trace = input.trace;
    let Workspace {
        asm,
        exits,
        stubs,
        detours,
    } = workspace;
    asm.ops.restart(input.address, capacity);
    exits.clear();
    stubs.clear();
    detours.clear();
    let mut e = Emitter {
        asm,
        exits,
        stubs,
        detours,
        loop_head: None,
        open_label: None,
        bias: 0,
        unchecked: 0,
        allocations: 0,
        bumps: 0,
        counters: Vec::new(),
        item: 0,
        next_edit: 0,
        guest_base_loaded: false,
        input,
    };
    let jump_entry = e.begin();
    let mut ops = Vec::with_capacity(trace.ops.len());
    for n in 0..trace.ops.len() {
        ops.push(e.asm.offset() as u32);
        e.item = e.input.lowered.first + n;
        e.edits();
        if e.is_poll_before_plain_jump(n) {
            continue;
        }
        e.op(n, &trace.ops[n]);
    }
    e.finish_stubs();
    let callee = e.callee();
    Emitted {
        bytes: e.asm.offset(),
        ops,
        jump_entry,
        open_label: e.open_label,
        callee,
        allocations: e.allocations,
        bumps: e.bumps,
        counters: e.counters,
    }
}

impl<'a> Emitter<'a> {
    fn begin(&mut self) -> u32 {
        if self.input.is_loop {
            let free = self.input.env.heap.free_offset;
            self.asm.load(R14, Mem::Base(R15, free));
        } else {
            // How much the parent has allocated is not known.
            self.unchecked = self.input.env.heap.zone_bytes / 2;
        }
        let jump_entry = self.asm.offset() as u32;
        if self.input.lowered.first == 1 {
            self.edits();
            self.label();
        }
        self.count_segment(0);
        jump_entry
    }

    /// A segment begins with operation `n`. Nothing lives in the flags here.
    fn count_segment(&mut self, n: usize) {
        if let Some(first) = self.input.counters {
            let word = first + 8 * self.counters.len();
            self.asm.inc_mem(Mem::At(word));
            self.counters.push((n as u32, word));
        }
    }

    fn op(&mut self, n: usize, op: &Op) {
        use Opcode::*;
        match op.code {
            IntAdd | IntSub | IntMul | IntAnd | IntOr | IntXor => self.int_binary(op),
            IntShl | IntShr | IntUshr => self.int_shift(op),
            IntNeg | IntInvert => self.int_unary(op),
            IntFloordiv | IntMod => self.int_divide(op),
            IntMulhi => self.int_mulhi(op),
            IntAddOvf | IntSubOvf | IntMulOvf => self.int_overflow(n, op),
            FloatAdd | FloatSub | FloatMul | FloatDiv => self.float_binary(op),
            FloatNeg | FloatAbs => self.float_sign(op),
            FloatSqrt => self.float_sqrt(),
            IntToFloat => self.int_to_float(),
            FloatToInt => self.float_to_int(),
            GuardIntEq | GuardIntNe | GuardIntLt | GuardIntLe | GuardIntGt | GuardIntGe
            | GuardIntUlt | GuardIntUge | GuardPtrEq | GuardPtrNe | GuardNull | GuardNonnull => {
                self.guard_compare(n, op)
            }
            GuardAddOverflows | GuardSubOverflows | GuardMulOverflows => {
                self.guard_overflows(n, op)
            }
            GuardFloatLt | GuardFloatNotLt | GuardFloatLe | GuardFloatNotLe | GuardFloatEq
            | GuardFloatNe => self.guard_float(n, op),
            GuardClass => self.guard_class(n, op),
            GuardNotInvalidated => self.guard_not_invalidated(n),
            Poll => self.poll(n),
            New => self.new_object(op),
            NewArray => self.new_array(op),
            Getfield => self.getfield(op),
            Setfield => self.setfield(op),
            Getitem => self.getitem(op),
            Setitem => self.setitem(op),
            Barrier => self.barrier(),
            BarrierItem => self.barrier_item(op),
            Call | CallRaises => self.call(n, op),
            Label => {
                self.label();
                self.count_segment(n + 1);
            }
            Jump => self.jump(op),
            Finish => self.finish(n),
            Return => self.give_back(n, BOXED),
            ReturnLeaf => {
                let class = self.input.trace.type_descr(op.descr).type_id;
                self.give_back(n, class)
            }
            At | Keepalive => {}
        }
    }

    // ---- places

    fn place(&self, n: usize) -> Place {
        let item = &self.input.lowered.program.items[self.item];
        let index = item.operands.indices().start + n;
        match self.input.lowered.program.operands[index] {
            Operand::Value(_) => {
                Place::Loc(self.input.allocation.operands[index].expect("operands have places"))
            }
            Operand::Const(c) => Place::Const(self.constant(c), c),
        }
    }

    fn operand_count(&self) -> usize {
        let item = &self.input.lowered.program.items[self.item];
        item.operands.len as usize
    }

    fn constant(&self, c: u32) -> Const {
        let own = self.input.trace.consts.entries();
        match own.get(c as usize) {
            Some(constant) => *constant,
            None => self.input.lowered.extra_consts[c as usize - own.len()],
        }
    }

    /// Where the result goes; `None` if nobody wants it.
    fn result(&self) -> Option<Loc> {
        self.input.allocation.results[self.item]
    }

    /// The register in which to compute an integer result.
    fn result_gpr(&self) -> u8 {
        match self.result() {
            Some(Loc::Gpr(r)) => r,
            Some(Loc::Stack(_)) | None => SCRATCH,
            other => unreachable!("an integer result in {other:?}"),
        }
    }

    /// The register in which to compute a float result.
    fn result_fpr(&self) -> u8 {
        match self.result() {
            Some(Loc::Fpr(x)) => x,
            Some(Loc::Stack(_)) | None => FLOAT_SCRATCH,
            other => unreachable!("a float result in {other:?}"),
        }
    }

    /// Puts a computed integer where it belongs.
    fn finish_gpr(&mut self, from: u8) {
        match self.result() {
            Some(Loc::Gpr(to)) => self.asm.mov(to, from),
            Some(Loc::Stack(word)) => self.asm.store(spill(word), from),
            None => {}
            other => unreachable!("an integer result in {other:?}"),
        }
    }

    /// Puts a computed float where it belongs.
    fn finish_fpr(&mut self, from: u8) {
        match self.result() {
            Some(Loc::Fpr(to)) => self.asm.mov_float(to, from),
            Some(Loc::Stack(word)) => self.asm.store_float(spill(word), from),
            None => {}
            other => unreachable!("a float result in {other:?}"),
        }
    }

    fn is_immediate(&self, c: Const) -> bool {
        match c.ty {
            Ty::Int => true,
            // An object may move.
            Ty::Ref => c.bits == 0,
            Ty::Float => false,
        }
    }

    /// The place's bits as a sign-extended immediate.
    fn imm(&self, place: Place) -> Option<i32> {
        match place {
            Place::Const(c, _) if self.is_immediate(c) => i32::try_from(c.bits as i64).ok(),
            Place::Const(..) | Place::Loc(_) => None,
        }
    }

    /// The word in the trace's table that holds a constant.
    fn table(&self, index: u32) -> Mem {
        Mem::At(self.input.constants + 8 * index as usize)
    }

    /// A general register that holds the operand: its own or `scratch`.
    fn gpr(&mut self, place: Place, scratch: u8) -> u8 {
        match place {
            Place::Loc(Loc::Gpr(r)) => r,
            place => {
                self.load_gpr(scratch, place);
                scratch
            }
        }
    }

    /// Loads an operand's bits; leaves the flags alone.
    fn load_gpr(&mut self, to: u8, place: Place) {
        match place {
            Place::Loc(Loc::Gpr(r)) => self.asm.mov(to, r),
            Place::Loc(Loc::Stack(word)) => self.asm.load(to, spill(word)),
            Place::Loc(Loc::Fpr(x)) => self.asm.bits_from_float(to, x),
            Place::Const(c, n) if c.ty == Ty::Ref && !self.is_immediate(c) => {
                let word = self.table(n);
                self.asm.load(to, word);
            }
            Place::Const(c, _) => self.asm.mov_imm(to, c.bits),
            Place::Loc(Loc::Guest(_)) => unreachable!("operands are not in the guest frame"),
        }
    }

    /// The operand as a source: immediate, register or memory. Large constants are read from the table.
    fn source(&self, place: Place) -> Rm {
        if let Some(value) = self.imm(place) {
            return Rm::Imm(value);
        }
        self.source_rm(place)
    }

    /// The operand as a source that is no immediate.
    fn source_rm(&self, place: Place) -> Rm {
        match place {
            Place::Loc(Loc::Gpr(r)) => Rm::Reg(r),
            Place::Loc(Loc::Stack(word)) => Rm::Mem(spill(word)),
            Place::Const(_, n) => Rm::Mem(self.table(n)),
            Place::Loc(other) => unreachable!("an integer operand in {other:?}"),
        }
    }

    /// A float register that holds the operand: its own or `scratch`.
    fn fpr(&mut self, place: Place, scratch: u8) -> u8 {
        match self.float_source(place) {
            Rm::Reg(x) => x,
            Rm::Mem(mem) => {
                self.asm.load_float(scratch, mem);
                scratch
            }
            Rm::Imm(_) => unreachable!("floats are no immediates"),
        }
    }

    fn float_source(&self, place: Place) -> Rm {
        match place {
            Place::Loc(Loc::Fpr(x)) => Rm::Reg(x),
            Place::Loc(Loc::Stack(word)) => Rm::Mem(spill(word)),
            Place::Const(_, n) => Rm::Mem(self.table(n)),
            Place::Loc(other) => unreachable!("a float operand in {other:?}"),
        }
    }

    // ---- moves

    /// Emits the allocator's moves in front of the item at hand.
    fn edits(&mut self) {
        self.guest_base_loaded = false;
        let allocation = self.input.allocation;
        while let Some((at, m)) = allocation.edits.get(self.next_edit)
            && *at as usize == self.item
        {
            self.next_edit += 1;
            self.move_one(*m);
        }
    }

    /// One move; uses `rdx` for the guest base and `xmm1` between two words of memory.
    fn move_one(&mut self, m: Move) {
        let from = match m.from {
            Source::Loc(loc) => Place::Loc(loc),
            Source::Const(c) => Place::Const(self.constant(c), c),
        };
        match (from, m.to) {
            (Place::Loc(Loc::Guest(word)), to) => {
                let from = self.guest_word(word);
                self.move_memory(from, to);
            }
            (from, Loc::Gpr(to)) => self.load_gpr(to, from),
            (Place::Loc(Loc::Gpr(r)), Loc::Fpr(to)) => self.asm.float_from_bits(to, r),
            (from, Loc::Fpr(to)) => match self.float_source(from) {
                Rm::Reg(x) => self.asm.mov_float(to, x),
                Rm::Mem(mem) => self.asm.load_float(to, mem),
                Rm::Imm(_) => unreachable!("floats are no immediates"),
            },
            (from, Loc::Stack(word)) => self.store_place(spill(word), from),
            (from, Loc::Guest(word)) => {
                let to = self.guest_word(word);
                self.store_place(to, from);
            }
        }
    }

    fn guest_word(&mut self, word: u32) -> Mem {
        if !self.guest_base_loaded {
            let base = Mem::Base(RBP, frame::GUEST_BASE);
            self.asm.load(SCRATCH2, base);
            self.guest_base_loaded = true;
        }
        Mem::Base(SCRATCH2, 8 * word as i32)
    }

    fn move_memory(&mut self, from: Mem, to: Loc) {
        match to {
            Loc::Gpr(r) => self.asm.load(r, from),
            Loc::Fpr(x) => self.asm.load_float(x, from),
            Loc::Stack(word) => {
                self.asm.load_float(FLOAT_SCRATCH2, from);
                self.asm.store_float(spill(word), FLOAT_SCRATCH2);
            }
            Loc::Guest(_) => unreachable!("guest words are not moved among themselves"),
        }
    }

    /// Stores 64 bits; touches no general register.
    fn store_place(&mut self, to: Mem, from: Place) {
        match from {
            Place::Loc(Loc::Gpr(r)) => self.asm.store(to, r),
            Place::Loc(Loc::Fpr(x)) => self.asm.store_float(to, x),
            Place::Loc(Loc::Stack(word)) => {
                self.asm.load_float(FLOAT_SCRATCH2, spill(word));
                self.asm.store_float(to, FLOAT_SCRATCH2);
            }
            Place::Const(_, n) => match self.imm(from) {
                Some(value) => self.asm.store_imm(to, value),
                None => {
                    let word = self.table(n);
                    self.asm.load_float(FLOAT_SCRATCH2, word);
                    self.asm.store_float(to, FLOAT_SCRATCH2);
                }
            },
            Place::Loc(Loc::Guest(_)) => unreachable!("guest words are not moved among themselves"),
        }
    }
}

fn spill(word: u16) -> Mem {
    Mem::Base(RBP, frame::spill(word))
}
