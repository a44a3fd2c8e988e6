//! Groups of operations as patterns, so that each pass matches on every [`Opcode`](ouro_ir::Opcode)
//! without a catch-all arm: a new operation that is in no group does not compile.

/// Pure operations on ints that cannot leave.
macro_rules! int_pure {
    () => {
        Opcode::IntAdd
            | Opcode::IntSub
            | Opcode::IntMul
            | Opcode::IntAnd
            | Opcode::IntOr
            | Opcode::IntXor
            | Opcode::IntShl
            | Opcode::IntShr
            | Opcode::IntUshr
            | Opcode::IntNeg
            | Opcode::IntInvert
            | Opcode::IntFloordiv
            | Opcode::IntMod
            | Opcode::IntMulhi
    };
}
/// Arithmetic that leaves on overflow.
macro_rules! int_overflow {
    () => {
        Opcode::IntAddOvf | Opcode::IntSubOvf | Opcode::IntMulOvf
    };
}
/// Pure operations that take or give floats.
macro_rules! float_pure {
    () => {
        Opcode::FloatAdd
            | Opcode::FloatSub
            | Opcode::FloatMul
            | Opcode::FloatDiv
            | Opcode::FloatNeg
            | Opcode::FloatAbs
            | Opcode::FloatSqrt
            | Opcode::IntToFloat
            | Opcode::FloatToInt
    };
}
/// Guards that compare ints.
macro_rules! int_guards {
    () => {
        Opcode::GuardIntEq
            | Opcode::GuardIntNe
            | Opcode::GuardIntLt
            | Opcode::GuardIntLe
            | Opcode::GuardIntGt
            | Opcode::GuardIntGe
            | Opcode::GuardIntUlt
            | Opcode::GuardIntUge
    };
}
/// Guards that want an overflow.
macro_rules! overflow_guards {
    () => {
        Opcode::GuardAddOverflows | Opcode::GuardSubOverflows | Opcode::GuardMulOverflows
    };
}
/// Guards that compare floats.
macro_rules! float_guards {
    () => {
        Opcode::GuardFloatLt
            | Opcode::GuardFloatNotLt
            | Opcode::GuardFloatLe
            | Opcode::GuardFloatNotLe
            | Opcode::GuardFloatEq
            | Opcode::GuardFloatNe
    };
}
/// Guards on references.
macro_rules! ref_guards {
    () => {
        Opcode::GuardPtrEq
            | Opcode::GuardPtrNe
            | Opcode::GuardNull
            | Opcode::GuardNonnull
            | Opcode::GuardClass
    };
}
/// Guards on the state of the VM.
macro_rules! vm_guards {
    () => {
        Opcode::GuardNotInvalidated | Opcode::Poll
    };
}
/// Allocations.
macro_rules! allocations {
    () => {
        Opcode::New | Opcode::NewArray
    };
}
/// Loads, stores and barriers.
macro_rules! memory {
    () => {
        Opcode::Getfield
            | Opcode::Setfield
            | Opcode::Barrier
            | Opcode::Getitem
            | Opcode::Setitem
            | Opcode::BarrierItem
    };
}
/// Calls.
macro_rules! calls {
    () => {
        Opcode::Call | Opcode::CallRaises
    };
}
/// Labels, ends and markers.
macro_rules! control {
    () => {
        Opcode::Label
            | Opcode::Jump
            | Opcode::Finish
            | Opcode::Return
            | Opcode::ReturnLeaf
            | Opcode::At
            | Opcode::Keepalive
    };
}

pub(crate) use {
    allocations, calls, control, float_guards, float_pure, int_guards, int_overflow, int_pure,
    memory, overflow_guards, ref_guards, vm_guards,
};
