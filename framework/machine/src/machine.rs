//! The operations of a machine. Handlers reach those with a [`Key`] through a phase only.

use crate::{ArrayInfo, Code, Entry, Language, Place, Quasi, Residual, Vm};
use ouro_gc::{FieldInfo, Gc};

/// Proof that a phase calls: only this crate can make one.
#[derive(Clone, Copy)]
pub struct Key(pub(crate) ());

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IntOp {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    /// `0 <= count < 64`
    Shl,
    /// Arithmetic, `0 <= count < 64`.
    Shr,
    /// Logical, `0 <= count < 64`.
    Ushr,
    /// Rounds down. The divisor is neither 0 nor (with the least dividend) -1.
    FloorDiv,
    /// Sign of the divisor. The divisor is not 0.
    Mod,
}
/// Operations that may overflow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OvfOp {
    Add,
    Sub,
    Mul,
}
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IntCmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// Unsigned: the bounds check of an index.
    Ult,
    Uge,
}
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FloatOp {
    Add,
    Sub,
    Mul,
    Div,
}
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FloatUnary {
    Neg,
    Abs,
    Sqrt,
}
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FloatCmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A handle, copied freely. Not `'static`: so no handler can keep a symbolic value in a static or a `dyn Any`.
///
/// The associated types are what a handler computes with; a recorder pairs each concrete value with its name in the trace.
pub trait Machine: Copy {
    /// A recording is short: it puts collections off until it ends.
    const RECORDS: bool;
    type L: Language;
    /// What a driver keeps to make a handle for each step.
    type World: Copy;
    type Int: Copy;
    type Float: Copy;
    type Bool: Copy;
    type Ref: Copy;
    /// An argument of a residual call.
    type Word: Copy;

    fn at(world: Self::World, at: Place<Self::L>) -> Self;
    fn vm(self) -> &'static Vm<Self::L>;
    fn code(self) -> &'static Code<Self::L>;
    /// Called before each step. True: the driver stops here.
    fn begin_step(
        self,
        at: Place<Self::L>,
        step: <Self::L as Language>::Step,
        entry: Entry<Self::Ref>,
    ) -> bool;
    /// A guest frame was entered. Only for bookkeeping.
    fn entering(self, callee: Place<Self::L>);
    /// Whether a guest call of `code` goes on inside this machine; otherwise the driver uses [`Machine::call_out`].
    fn inlines(self, code: &'static Code<Self::L>) -> bool;
    /// Whether a frame of `code` is entered in place by [`crate::Flow::Enter`], see [`crate::Probe::enters`].
    fn enters(self, code: &'static Code<Self::L>) -> bool;
    /// Runs a guest call in a run loop of its own. The callee's arguments are in registers `window..`; its outcome goes
    /// to return step `after`.
    fn call_out(
        self,
        code: &'static Code<Self::L>,
        window: u32,
        after: <Self::L as Language>::Step,
    ) -> Result<Self::Ref, Self::Ref>;
    /// The present step leaves its guest frame with this value. Only for bookkeeping.
    fn returning(self, value: Self::Ref);
    /// The driver is about to jump back to the loop header `header`. Only for bookkeeping.
    fn back_edge(self, header: Place<Self::L>);
    /// The concrete value, for drivers.
    fn concrete(self, r: Self::Ref) -> Gc;
    /// A value that drivers hand in.
    fn adopt(self, v: Gc) -> Self::Ref;

    // The guest frame is symbolic while recording: reading and writing registers is no effect.
    fn reg(self, i: u32) -> Self::Ref;
    fn set_reg(self, i: u32, v: Self::Ref);

    fn konst(self, v: Gc) -> Self::Ref;
    fn const_int(self, v: i64) -> Self::Int;
    fn const_float(self, v: f64) -> Self::Float;
    fn host_ptr(self, p: *const ()) -> Self::Int;

    fn int_op(self, op: IntOp, a: Self::Int, b: Self::Int) -> Self::Int;
    fn int_neg(self, a: Self::Int) -> Self::Int;
    fn int_invert(self, a: Self::Int) -> Self::Int;
    fn int_cmp(self, op: IntCmp, a: Self::Int, b: Self::Int) -> Self::Bool;
    fn int_to_float(self, a: Self::Int) -> Self::Float;
    /// Truncates; the value is known to be in range.
    fn float_to_int(self, a: Self::Float) -> Self::Int;
    fn float_op(self, op: FloatOp, a: Self::Float, b: Self::Float) -> Self::Float;
    fn float_unary(self, op: FloatUnary, a: Self::Float) -> Self::Float;
    fn float_cmp(self, op: FloatCmp, a: Self::Float, b: Self::Float) -> Self::Bool;
    fn same(self, a: Self::Ref, b: Self::Ref) -> Self::Bool;
    fn is_null(self, a: Self::Ref) -> Self::Bool;

    fn word_int(self, v: Self::Int) -> Self::Word;
    fn word_float(self, v: Self::Float) -> Self::Word;
    fn word_ref(self, v: Self::Ref) -> Self::Word;

    /// `bytes` is a multiple of 16; the fields are zero.
    fn alloc(self, type_id: u32, bytes: u32) -> Self::Ref;
    /// Items are zero.
    fn alloc_array(self, info: &'static ArrayInfo, len: Self::Int) -> Self::Ref;
    fn load_int(self, r: Self::Ref, f: FieldInfo) -> Self::Int;
    fn load_float(self, r: Self::Ref, f: FieldInfo) -> Self::Float;
    fn load_ref(self, r: Self::Ref, f: FieldInfo) -> Self::Ref;
    fn item_int(self, r: Self::Ref, a: &'static ArrayInfo, i: Self::Int) -> Self::Int;
    fn item_float(self, r: Self::Ref, a: &'static ArrayInfo, i: Self::Int) -> Self::Float;
    fn item_ref(self, r: Self::Ref, a: &'static ArrayInfo, i: Self::Int) -> Self::Ref;
    /// What `r` is in every run of the trace, if the recording knows it. Outside of recordings nothing is known.
    #[inline(always)]
    fn literal(self, _r: Self::Ref) -> Option<Gc> {
        None
    }
    /// The field `f` of `r`, which never changes, holds `v`: a recording need not look. For handlers that know more of an
    /// object than a load from it says, such as the length of what came out of a table of equal things.
    #[inline(always)]
    fn known_int(self, _r: Self::Ref, _f: FieldInfo, _v: Self::Int) {}
    /// As [`Machine::known_int`] for item `i` of an array whose items never change.
    #[inline(always)]
    fn known_item(self, _r: Self::Ref, _a: &'static ArrayInfo, _i: i64, _v: Self::Int) {}

    fn store_int(self, _: Key, r: Self::Ref, f: FieldInfo, v: Self::Int);
    fn store_float(self, _: Key, r: Self::Ref, f: FieldInfo, v: Self::Float);
    fn store_ref(self, _: Key, r: Self::Ref, f: FieldInfo, v: Self::Ref);
    fn set_item_int(self, _: Key, r: Self::Ref, a: &'static ArrayInfo, i: Self::Int, v: Self::Int);
    fn set_item_float(
        self,
        _: Key,
        r: Self::Ref,
        a: &'static ArrayInfo,
        i: Self::Int,
        v: Self::Float,
    );
    fn set_item_ref(self, _: Key, r: Self::Ref, a: &'static ArrayInfo, i: Self::Int, v: Self::Ref);
    /// Before the first store into an object that is not fresh: an effect begins.
    fn barrier(self, _: Key, r: Self::Ref);
    /// Before a store into item `i` of an array that is not fresh.
    fn barrier_item(self, _: Key, r: Self::Ref, a: &'static ArrayInfo, i: Self::Int);

    /// Before the first store of plain data into an object that is not fresh: an effect begins, no barrier is needed.
    fn plain_effect(self, _: Key, r: Self::Ref);
    /// The barrier of `r` would take its slow path: leave the line before the effect. Never while recording.
    fn must_log(self, r: Self::Ref) -> bool;

    fn guard(self, _: Key, c: Self::Bool) -> bool;
    fn guard_class(self, _: Key, r: Self::Ref) -> u32;
    fn guard_int(self, _: Key, v: Self::Int) -> i64;
    fn guard_ref(self, _: Key, v: Self::Ref) -> Gc;
    /// None if it overflows.
    fn int_ovf(self, _: Key, op: OvfOp, a: Self::Int, b: Self::Int) -> Option<Self::Int>;
    /// `f()`, a pure function of the version of `key`: an inline cache in `Direct`, a dependency when recording.
    /// None on a cache miss.
    fn memo(
        self,
        _: Key,
        site: u32,
        key: &'static Quasi,
        f: impl FnOnce() -> <Self::L as Language>::Answer,
    ) -> Option<<Self::L as Language>::Answer>;
    fn refill(self, site: u32, key: &'static Quasi, answer: <Self::L as Language>::Answer);
    /// The trace depends on the version of this fact.
    fn depend_on(self, _: Key, fact: &'static Quasi);

    /// A call without effects, allowed while probing.
    fn call_probe_ref<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [Self::Word; N],
    ) -> Self::Ref;
    fn call_probe_int<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [Self::Word; N],
    ) -> Self::Int;
    fn call_probe_float<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [Self::Word; N],
    ) -> Self::Float;
    /// A call with effects whose outcome goes to `after`.
    fn call<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [Self::Word; N],
        after: <Self::L as Language>::Step,
    ) -> Result<Self::Ref, Self::Ref>;
    /// A call with effects that cannot raise and gives nothing.
    fn call_void<const N: usize>(self, _: Key, f: &'static Residual, words: [Self::Word; N]);
}
