//! The one list of trace operations.
//!
//! Everything that knows "all operations" is derived from the table below: [`Opcode`], the printer, the parser, the
//! verifier, and the reference in the docs of each variant. The optimizer, `irexec` and the code generators match on
//! [`Opcode`] without a catch-all arm, so that a new line here makes the compiler list what else must learn it.
//!
//! Rules of the language (the verifier checks them):
//! - Conditions are never values: comparing and leaving is one operation, and so is arithmetic with its overflow check.
//! - An operation that may leave the trace has an exit; no other operation has one.
//! - A trace is straight-line code in SSA form with labels inside; only the last operation is a jump, a finish or a return.

use crate::trace::Ty;

/// The type of one fixed operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgType {
    /// A 64-bit integer.
    Int,
    /// A double.
    Float,
    /// A reference; the operation says whether null is allowed.
    Ref,
    /// Whatever the field or array descriptor holds.
    ByDescr,
}

/// The operands of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Args {
    /// At most three operands, kept inside the operation.
    Fixed(&'static [ArgType]),
    /// Operands in `Trace::arg_pool`; their types come from the descriptor.
    Pool,
}

/// The type of the result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResultType {
    /// No result.
    None,
    /// Always this type.
    Is(Ty),
    /// The type of the field, item or call result that the descriptor names; a call may have none.
    ByDescr,
}

/// What an operation does to the world. Reads of immutable fields are told apart by `Trace::effect_of`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// The result depends on the operands only. With an exit: pure once the exit is not taken.
    Pure,
    /// Reads memory that never changes after it was initialised.
    ReadImmutable,
    /// Reads memory.
    Read,
    /// Makes a fresh object; never collects.
    Alloc,
    /// Writes memory.
    Write,
    /// Runs a callee; its descriptor says what that does.
    Call,
    /// Leaves the trace or does nothing.
    Guard,
    /// Label, jump, finish or return.
    Control,
    /// No meaning for the program.
    Debug,
}

/// Whether an operation has an exit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitRule {
    /// It cannot leave.
    Never,
    /// It has an exit.
    Always,
    /// It has one if the call descriptor says `can_raise`.
    IfCalleeRaises,
}

/// The kind of descriptor that an operation needs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DescrKind {
    /// No descriptor.
    None,
    /// `Descr::Type`.
    Type,
    /// `Descr::Field`.
    Field,
    /// `Descr::Array`.
    Array,
    /// `Descr::Call`.
    Call,
    /// `Descr::Label`.
    Label,
}

/// One line of the table.
#[derive(Debug)]
pub struct OpInfo {
    /// The name in the text form.
    pub text: &'static str,
    /// The operands.
    pub args: Args,
    /// The result.
    pub result: ResultType,
    /// What it does.
    pub effect: Effect,
    /// Whether it has an exit.
    pub exit: ExitRule,
    /// Which descriptor it needs.
    pub descr: DescrKind,
    /// The two operands may be swapped.
    pub commutative: bool,
    /// One sentence for the reference.
    pub doc: &'static str,
}

macro_rules! arg_types {
    (pool) => { Args::Pool };
    ($($t:ident)*) => { Args::Fixed(&[$(ArgType::$t),*]) };
}
macro_rules! result_type {
    (none) => {
        ResultType::None
    };
    (by_descr) => {
        ResultType::ByDescr
    };
    ($t:ident) => {
        ResultType::Is(Ty::$t)
    };
}
macro_rules! commutes {
    () => {
        false
    };
    (commutative) => {
        true
    };
}

/// `Name "text" (operands) -> result, effect, exit, descriptor [commutative]: "meaning";` defines
/// `Opcode::Name` and `Opcode::Name.info()`.
macro_rules! ops {
    ($($name:ident $text:literal ($($arg:ident)*) -> $result:ident, $effect:ident, $exit:ident, $descr:ident
        $($flag:ident)?: $doc:literal;)*) => {
        /// A trace operation. See the table in `ops.rs`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        #[repr(u8)]
        pub enum Opcode {
            $(#[doc = concat!("`", $text, "`: ", $doc)] $name,)*
        }
        const INFO: &[OpInfo] = &[
            $(OpInfo {
                text: $text,
                args: arg_types!($($arg)*),
                result: result_type!($result),
                effect: Effect::$effect,
                exit: ExitRule::$exit,
                descr: DescrKind::$descr,
                commutative: commutes!($($flag)?),
                doc: $doc,
            },)*
        ];
        impl Opcode {
            /// All operations, in the order of the table; `ALL[op as usize] == op`.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$name,)*];
        }
    };
}

ops! {
    // ---- integers
    IntAdd "int_add" (Int Int) -> Int, Pure, Never, None commutative: "sum, wrapping";
    IntSub "int_sub" (Int Int) -> Int, Pure, Never, None: "difference, wrapping";
    IntMul "int_mul" (Int Int) -> Int, Pure, Never, None commutative: "product, wrapping";
    IntAnd "int_and" (Int Int) -> Int, Pure, Never, None commutative: "bitwise and";
    IntOr "int_or" (Int Int) -> Int, Pure, Never, None commutative: "bitwise or";
    IntXor "int_xor" (Int Int) -> Int, Pure, Never, None commutative: "bitwise exclusive or";
    IntShl "int_shl" (Int Int) -> Int, Pure, Never, None: "shift left; the count is known to be in 0..=63";
    IntShr "int_shr" (Int Int) -> Int, Pure, Never, None: "arithmetic shift right; the count is known to be in 0..=63";
    IntUshr "int_ushr" (Int Int) -> Int, Pure, Never, None: "logical shift right; the count is known to be in 0..=63";
    IntNeg "int_neg" (Int) -> Int, Pure, Never, None: "negation, wrapping";
    IntInvert "int_invert" (Int) -> Int, Pure, Never, None: "bitwise complement";
    IntFloordiv "int_floordiv" (Int Int) -> Int, Pure, Never, None: "quotient rounded down; the divisor is known to be nonzero, and not MIN / -1";
    IntMod "int_mod" (Int Int) -> Int, Pure, Never, None: "remainder with the sign of the divisor; same precondition as int_floordiv";
    IntMulhi "int_mulhi" (Int Int) -> Int, Pure, Never, None commutative: "upper 64 bits of the signed 128-bit product";
    IntAddOvf "int_add_ovf" (Int Int) -> Int, Pure, Always, None commutative: "sum; leaves on overflow";
    IntSubOvf "int_sub_ovf" (Int Int) -> Int, Pure, Always, None: "difference; leaves on overflow";
    IntMulOvf "int_mul_ovf" (Int Int) -> Int, Pure, Always, None commutative: "product; leaves on overflow";
    // ---- floats
    FloatAdd "float_add" (Float Float) -> Float, Pure, Never, None commutative: "sum";
    FloatSub "float_sub" (Float Float) -> Float, Pure, Never, None: "difference";
    FloatMul "float_mul" (Float Float) -> Float, Pure, Never, None commutative: "product";
    FloatDiv "float_div" (Float Float) -> Float, Pure, Never, None: "IEEE quotient (a zero divisor gives inf or NaN)";
    FloatNeg "float_neg" (Float) -> Float, Pure, Never, None: "flips the sign bit";
    FloatAbs "float_abs" (Float) -> Float, Pure, Never, None: "clears the sign bit";
    FloatSqrt "float_sqrt" (Float) -> Float, Pure, Never, None: "square root";
    IntToFloat "int_to_float" (Int) -> Float, Pure, Never, None: "nearest double";
    FloatToInt "float_to_int" (Float) -> Int, Pure, Never, None: "truncation toward zero; the value is known to be in range";
    // ---- guards: they leave if the condition in their name does not hold
    GuardIntEq "guard_int_eq" (Int Int) -> none, Guard, Always, None commutative: "a == b";
    GuardIntNe "guard_int_ne" (Int Int) -> none, Guard, Always, None commutative: "a != b";
    GuardIntLt "guard_int_lt" (Int Int) -> none, Guard, Always, None: "a < b, signed";
    GuardIntLe "guard_int_le" (Int Int) -> none, Guard, Always, None: "a <= b, signed";
    GuardIntGt "guard_int_gt" (Int Int) -> none, Guard, Always, None: "a > b, signed";
    GuardIntGe "guard_int_ge" (Int Int) -> none, Guard, Always, None: "a >= b, signed";
    GuardIntUlt "guard_int_ult" (Int Int) -> none, Guard, Always, None: "a < b, unsigned";
    GuardIntUge "guard_int_uge" (Int Int) -> none, Guard, Always, None: "a >= b, unsigned";
    GuardAddOverflows "guard_add_overflows" (Int Int) -> none, Guard, Always, None commutative: "a + b overflows";
    GuardSubOverflows "guard_sub_overflows" (Int Int) -> none, Guard, Always, None: "a - b overflows";
    GuardMulOverflows "guard_mul_overflows" (Int Int) -> none, Guard, Always, None commutative: "a * b overflows";
    GuardFloatLt "guard_float_lt" (Float Float) -> none, Guard, Always, None: "a < b (false if either is NaN)";
    GuardFloatNotLt "guard_float_not_lt" (Float Float) -> none, Guard, Always, None: "not (a < b) (true if either is NaN)";
    GuardFloatLe "guard_float_le" (Float Float) -> none, Guard, Always, None: "a <= b (false if either is NaN)";
    GuardFloatNotLe "guard_float_not_le" (Float Float) -> none, Guard, Always, None: "not (a <= b) (true if either is NaN)";
    GuardFloatEq "guard_float_eq" (Float Float) -> none, Guard, Always, None commutative: "a == b (false if either is NaN)";
    GuardFloatNe "guard_float_ne" (Float Float) -> none, Guard, Always, None commutative: "a != b (true if either is NaN)";
    GuardPtrEq "guard_ptr_eq" (Ref Ref) -> none, Guard, Always, None commutative: "same object (or both null)";
    GuardPtrNe "guard_ptr_ne" (Ref Ref) -> none, Guard, Always, None commutative: "not the same object";
    GuardNull "guard_null" (Ref) -> none, Guard, Always, None: "is null";
    GuardNonnull "guard_nonnull" (Ref) -> none, Guard, Always, None: "is not null";
    GuardClass "guard_class" (Ref) -> none, Guard, Always, Type: "the 32-bit type id in the header is the type's; the operand is known to be nonnull";
    GuardNotInvalidated "guard_not_invalidated" () -> none, Guard, Always, None: "nobody has invalidated this trace";
    Poll "poll" () -> none, Guard, Always, None: "the VM wants no attention (free <= top)";
    // ---- heap
    New "new" () -> Ref, Alloc, Never, Type: "fresh object of fixed size, zeroed behind the header";
    NewArray "new_array" (Int) -> Ref, Alloc, Never, Array: "fresh array of so many items (known >= 0), zeroed, its length stored";
    Getfield "getfield" (Ref) -> by_descr, Read, Never, Field: "field of a nonnull object";
    Setfield "setfield" (Ref ByDescr) -> none, Write, Never, Field: "stores into a field of a nonnull object";
    Barrier "barrier" (Ref) -> none, Write, Never, None: "write barrier: must precede stores of references into the object; holds until the next safepoint";
    Getitem "getitem" (Ref Int) -> by_descr, Read, Never, Array: "item of a nonnull array; the index is known to be in range";
    Setitem "setitem" (Ref Int ByDescr) -> none, Write, Never, Array: "stores an item; the index is known to be in range";
    BarrierItem "barrier_item" (Ref Int) -> none, Write, Never, Array: "write barrier for one item (large arrays log per chunk)";
    // ---- calls
    Call "call" (pool) -> by_descr, Call, IfCalleeRaises, Call: "calls; leaves if the callee raised";
    CallRaises "call_raises" (pool) -> Ref, Call, Always, Call: "calls a callee that is expected to raise; the result is the exception; leaves if it did not raise";
    // ---- control
    Label "label" (pool) -> none, Control, Never, Label: "jump target; each parameter is a fresh value";
    Jump "jump" (pool) -> none, Control, Never, Label: "to a label of this trace, to the start, or to another trace's entry";
    Finish "finish" () -> none, Control, Always, None: "leaves unconditionally";
    Return "return" (Ref) -> none, Control, Always, None: "the frame in which the trace began returns the value: code that compiled code has called gives it to its caller, other code leaves";
    ReturnLeaf "return_leaf" (ByDescr) -> none, Control, Always, Type: "as return, with an object of this value class that is not made: the operand is its leaf";
    // ---- debugging
    At "at" (Int Int Int) -> none, Debug, Never, None: "the guest is at (code, pc, step), all constants";
    Keepalive "keepalive" (Ref) -> none, Debug, Never, None: "the object is used until here";
}

impl Opcode {
    /// The number of operations.
    pub const COUNT: usize = Self::ALL.len();

    /// Its line of the table.
    #[inline]
    pub fn info(self) -> &'static OpInfo {
        &INFO[self as usize]
    }

    /// The operation with this name in the text form.
    pub fn from_text(text: &str) -> Option<Opcode> {
        Self::ALL.iter().copied().find(|op| op.info().text == text)
    }

    /// Leaves only because of a condition on its operands or on the VM's state, before having any effect, so that
    /// leaving needlessly is correct: all guards, the poll and the arithmetic with overflow check.
    pub fn may_leave_needlessly(self) -> bool {
        let info = self.info();
        info.exit == ExitRule::Always && matches!(info.effect, Effect::Pure | Effect::Guard)
    }

    /// Stands at the end of a trace and nowhere else.
    pub fn ends_trace(self) -> bool {
        use Opcode::*;
        matches!(self, Jump | Finish | Return | ReturnLeaf)
    }

    /// A guard: no result, leaves or does nothing (the poll included).
    pub fn is_guard(self) -> bool {
        self.info().effect == Effect::Guard
    }

    /// The guard that leaves exactly when this one stays; none if the opposite is not an operation.
    pub fn negated(self) -> Option<Opcode> {
        use Opcode::*;
        Some(match self {
            GuardIntEq => GuardIntNe,
            GuardIntNe => GuardIntEq,
            GuardIntLt => GuardIntGe,
            GuardIntGe => GuardIntLt,
            GuardIntGt => GuardIntLe,
            GuardIntLe => GuardIntGt,
            GuardIntUlt => GuardIntUge,
            GuardIntUge => GuardIntUlt,
            GuardFloatLt => GuardFloatNotLt,
            GuardFloatNotLt => GuardFloatLt,
            GuardFloatLe => GuardFloatNotLe,
            GuardFloatNotLe => GuardFloatLe,
            GuardFloatEq => GuardFloatNe,
            GuardFloatNe => GuardFloatEq,
            GuardPtrEq => GuardPtrNe,
            GuardPtrNe => GuardPtrEq,
            GuardNull => GuardNonnull,
            GuardNonnull => GuardNull,
            _ => return None,
        })
    }
}
