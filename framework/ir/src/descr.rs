//! Descriptors: what an operation says about types, fields, arrays, callees and jump targets.
//!
//! A descriptor is plain data, owned by the trace and named by [`DescrId`]; nothing here points into the language or
//! the collector, so a trace can be printed, parsed and compiled by somebody who knows neither.

use crate::trace::Ty;
use std::borrow::Cow;

/// Objects start at multiples of this, and their sizes are multiples of it (as the collector's object model says).
pub const GRANULE_BYTES: u64 = 16;

/// A name for people. Borrowed for descriptors of a language, owned after parsing.
pub type Name = Cow<'static, str>;

/// Index into `Trace::descrs`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct DescrId(pub u32);
impl DescrId {
    /// No descriptor.
    pub const NONE: DescrId = DescrId(u32::MAX);
    /// Whether there is one.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// What an operation refers to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Descr {
    /// A type of objects of fixed size.
    Type(TypeDescr),
    /// A field of an object.
    Field(FieldDescr),
    /// A type of objects with items.
    Array(ArrayDescr),
    /// A callee.
    Call(CallDescr),
    /// A jump target.
    Label(LabelDescr),
}

/// A type of objects of fixed size.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeDescr {
    /// For people.
    pub name: Name,
    /// The id in the object header.
    pub type_id: u32,
    /// Size with the header, a multiple of [`GRANULE_BYTES`].
    pub size_bytes: u32,
    /// The field that is the whole value of a value class (`Descr::Field`, immutable); such objects have no identity
    /// and may be copied and unboxed. `DescrId::NONE` for ordinary types.
    pub leaf: DescrId,
    /// The language never subclasses it: an object of this class is exactly this type.
    pub exact: bool,
}

/// How a field is stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Width {
    /// 64-bit integer.
    I64,
    /// 32 bits, zero-extended.
    U32,
    /// 32 bits, sign-extended.
    I32,
    /// 16 bits, zero-extended.
    U16,
    /// 8 bits, zero-extended.
    U8,
    /// Double.
    F64,
    /// Reference to an object, or null.
    Ref,
    /// A word of the host (an address that is not an object), an `Int` in traces.
    Host,
}
impl Width {
    /// The type of a value loaded from it.
    pub fn ty(self) -> Ty {
        match self {
            Width::I64 | Width::U32 | Width::I32 | Width::U16 | Width::U8 | Width::Host => Ty::Int,
            Width::F64 => Ty::Float,
            Width::Ref => Ty::Ref,
        }
    }
    /// Its size.
    pub fn bytes(self) -> u32 {
        match self {
            Width::I64 | Width::F64 | Width::Ref | Width::Host => 8,
            Width::U32 | Width::I32 => 4,
            Width::U16 => 2,
            Width::U8 => 1,
        }
    }
}

/// When a field may change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mutability {
    /// Never after initialisation.
    Immutable,
    /// Seldom; traces that used its value are invalidated then.
    QuasiImmutable,
    /// At any time.
    Mutable,
}

/// A field of an object.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldDescr {
    /// The name of the type that declares it.
    pub owner: Name,
    /// For people; `owner.name` is its effect group.
    pub name: Name,
    /// From the header's first byte.
    pub offset: u32,
    /// How it is stored.
    pub width: Width,
    /// When it may change.
    pub mutability: Mutability,
}

/// Items are stored as fields are.
pub type Item = Width;

/// A type of objects with items.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ArrayDescr {
    /// For people; also the effect group of its items.
    pub name: Name,
    /// The id in the object header.
    pub type_id: u32,
    /// Where the length is (64 bits). Traces read it with a `getfield` of an immutable field at this offset.
    pub len_offset: u32,
    /// Where the items begin.
    pub items_offset: u32,
    /// What they are.
    pub item: Width,
    /// Items never change after initialisation.
    pub immutable: bool,
}

impl ArrayDescr {
    /// The size of an object with so many items; none if it does not fit into an address space.
    pub fn bytes_for(&self, len: u64) -> Option<u64> {
        let items = len.checked_mul(self.item.bytes().into())?;
        let bytes = items
            .checked_add(self.items_offset.into())?
            .checked_next_multiple_of(GRANULE_BYTES)?;
        (bytes <= i64::MAX as u64).then_some(bytes)
    }
}

/// How machine code calls a callee.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallAbi {
    /// `extern "C" fn(vm: *const u8, a0: u64, ..) -> Ret`; floats travel as bits in integer words.
    Vm,
    /// A call of a guest function that has a trace, or may have one: as `Vm` for the callee's address, whose first word says
    /// what is called. The others are the guest's arguments. A backend may enter the code of the function's trace instead,
    /// see `ouro_codegen::GuestCalls`.
    Guest {
        /// Names the trace.
        token: u64,
        /// For each argument the value class of which the operand is the leaf, by type id; [`BOXED`]: the operand is the
        /// reference.
        classes: [u32; MAX_GUEST_ARGS],
    },
    /// `extern "C" fn(f64) -> f64`, without the VM; cannot raise.
    FloatToFloat,
    /// `extern "C" fn(f64, f64) -> f64`, without the VM; cannot raise.
    FloatFloatToFloat,
}

/// What a callee of `CallAbi::Vm` returns, in two machine registers.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ret {
    /// The result's bits; meaningless if an exception was raised or the call has no result.
    pub value: u64,
    /// The raised exception, or 0.
    pub exc: u64,
}

/// The most arguments of a call with [`CallAbi::Guest`], without its first word.
pub const MAX_GUEST_ARGS: usize = 8;
/// No value class.
pub const BOXED: u32 = u32::MAX;

/// The most operands that a call may have (the VM pointer not counted).
pub const MAX_CALL_ARGS: usize = 12;

/// Which memory a callee may write.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum EffectSet {
    /// Nothing that was there before the call.
    None,
    /// Anything.
    All,
    /// Fields named `owner.name` and items of arrays named so; an `owner` alone means all of its fields and items.
    Only(Vec<Name>),
}
impl EffectSet {
    /// Whether the field may be in the set.
    pub fn has_field(&self, field: &FieldDescr) -> bool {
        let is = |group: &Name| {
            let rest = group.strip_prefix(&*field.owner);
            rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('.') == Some(&*field.name))
        };
        match self {
            EffectSet::None => false,
            EffectSet::All => true,
            EffectSet::Only(groups) => groups.iter().any(is),
        }
    }
    /// Whether items of the array may be in the set.
    pub fn has_array(&self, array: &ArrayDescr) -> bool {
        let is = |group: &Name| {
            let rest = array.name.strip_prefix(&**group);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match self {
            EffectSet::None => false,
            EffectSet::All => true,
            EffectSet::Only(groups) => groups.iter().any(is),
        }
    }
}

/// What a callee may do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Effects {
    /// The result depends on the operands only, there are no effects and no exceptions: may be removed and merged.
    pub pure: bool,
    /// Reads mutable memory.
    pub reads: bool,
    /// Writes memory.
    pub writes: EffectSet,
    /// May return an exception.
    pub can_raise: bool,
    /// May run a safepoint: objects move, barriers must be repeated.
    pub can_collect: bool,
    /// May make objects, and so collect at the heap's hard limit: objects that the native stack names stay where they are,
    /// but barriers must be repeated.
    pub allocates: bool,
}
impl Effects {
    /// Depends on the operands only.
    pub const PURE: Effects = Effects {
        pure: true,
        reads: false,
        writes: EffectSet::None,
        can_raise: false,
        can_collect: false,
        allocates: false,
    };
    /// Whether barriers that ran before the call count for nothing after it.
    pub fn ends_barriers(&self) -> bool {
        self.can_collect || self.allocates
    }
    /// May do anything.
    pub const ANY: Effects = Effects {
        pure: false,
        reads: true,
        writes: EffectSet::All,
        can_raise: true,
        can_collect: true,
        allocates: true,
    };
}

/// A callee.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CallDescr {
    /// For people, and what a parser resolves.
    pub name: Name,
    /// Its address; 0 if it was parsed without a resolver, and then it must not be run.
    pub function: u64,
    /// How it is called.
    pub abi: CallAbi,
    /// The types of the operands, at most [`MAX_CALL_ARGS`].
    pub params: Vec<Ty>,
    /// The type of the result.
    pub result: Option<Ty>,
    /// What it may do.
    pub effects: Effects,
    /// The callee that does the same and gives no result, for callers that do not look at it (`Descr::Call` with the same
    /// operands and effects). `DescrId::NONE`: there is none.
    pub unused: DescrId,
}

/// Where a jump goes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LabelTarget {
    /// The `label` operation of the same trace that has the same descriptor.
    Here,
    /// The implicit start of a recorded loop: the operands are the next values of the inputs, in their order.
    Start,
    /// The entry of another trace: operand `n` (a Ref) is stored into guest register `registers[n]` (in words above the
    /// base of the loop's frame), then that trace is entered as from the interpreter.
    Entry {
        /// Names the other trace.
        token: u64,
        /// Guest registers, one per operand.
        registers: Vec<u32>,
    },
    /// The `label` operation of the same trace that has the same descriptor, and jumps of other traces may go there.
    /// Behind it only its parameters, constants and what is computed from them are used.
    Open {
        /// What each parameter stands for, in their order.
        params: Vec<OpenParam>,
    },
    /// The open label of another trace; the operands are its parameters. Guest registers are not stored: an exit of
    /// the other trace names all that are live there.
    Label {
        /// Names the other trace.
        token: u64,
        /// The types of the label's parameters.
        params: Vec<Ty>,
    },
}

/// A parameter of an open label.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OpenParam {
    /// The guest register that it stands for, in words above the base of the loop's frame.
    pub register: u32,
    /// A value class: the parameter is the leaf of an object of it. None: the parameter is the reference itself.
    pub class: DescrId,
}

/// A jump target.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LabelDescr {
    /// For people.
    pub name: Name,
    /// Where it is.
    pub target: LabelTarget,
}

impl Descr {
    /// The kind that the op table speaks of.
    pub fn kind(&self) -> crate::ops::DescrKind {
        use crate::ops::DescrKind;
        match self {
            Descr::Type(_) => DescrKind::Type,
            Descr::Field(_) => DescrKind::Field,
            Descr::Array(_) => DescrKind::Array,
            Descr::Call(_) => DescrKind::Call,
            Descr::Label(_) => DescrKind::Label,
        }
    }
    /// The type, or none if it is another kind.
    pub fn as_type(&self) -> Option<&TypeDescr> {
        if let Descr::Type(d) = self {
            Some(d)
        } else {
            None
        }
    }
    /// The field, or none if it is another kind.
    pub fn as_field(&self) -> Option<&FieldDescr> {
        if let Descr::Field(d) = self {
            Some(d)
        } else {
            None
        }
    }
    /// The array, or none if it is another kind.
    pub fn as_array(&self) -> Option<&ArrayDescr> {
        if let Descr::Array(d) = self {
            Some(d)
        } else {
            None
        }
    }
    /// The callee, or none if it is another kind.
    pub fn as_call(&self) -> Option<&CallDescr> {
        if let Descr::Call(d) = self {
            Some(d)
        } else {
            None
        }
    }
    /// The target, or none if it is another kind.
    pub fn as_label(&self) -> Option<&LabelDescr> {
        if let Descr::Label(d) = self {
            Some(d)
        } else {
            None
        }
    }
}
