//! Typed field descriptors: the only way in which handlers and compilers name a field.
//!
//! A descriptor is data: offset, name, kind, mutability. `derive(Object)` makes one constant per field. The type
//! parameters let a machine give each access its static type; [`FieldInfo`] is the part that survives in recorded IR.
use crate::object::{Gc, GcField, Host, Items};
use std::cell::Cell;
use std::marker::PhantomData;

/// How a field is stored, hence how it is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FieldKind {
    /// 64-bit integer.
    Int,
    /// 64-bit float.
    Float,
    /// Reference to an object, or NULL.
    Ref,
    /// Pointer to host data, which the collector does not follow.
    Host,
    /// 32-bit unsigned integer, widened with zeros.
    U32,
    /// 32-bit signed integer, widened with its sign.
    I32,
    /// 16-bit unsigned integer, widened with zeros.
    U16,
    /// Byte, widened with zeros.
    U8,
}

impl FieldKind {
    /// Size of the field in memory.
    #[inline(always)]
    pub const fn bytes(self) -> u32 {
        match self {
            FieldKind::Int | FieldKind::Float | FieldKind::Ref | FieldKind::Host => 8,
            FieldKind::U32 | FieldKind::I32 => 4,
            FieldKind::U16 => 2,
            FieldKind::U8 => 1,
        }
    }
}

/// When a field may change after its object was initialised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FieldMutability {
    /// Never. Loads are pure.
    Immutable,
    /// Rarely; each change invalidates the code that relied on the value.
    QuasiImmutable,
    /// Any time.
    Mutable,
}

/// Type-level [`FieldMutability`].
pub trait Mutability: 'static {
    /// The value that stands for this type.
    const MUTABILITY: FieldMutability;
}
/// The field never changes once its object is initialised.
pub enum Immutable {}
/// The field changes rarely, and changing it invalidates compiled code.
pub enum QuasiImmutable {}
/// The field may change at any time.
pub enum Mutable {}
impl Mutability for Immutable {
    const MUTABILITY: FieldMutability = FieldMutability::Immutable;
}
impl Mutability for QuasiImmutable {
    const MUTABILITY: FieldMutability = FieldMutability::QuasiImmutable;
}
impl Mutability for Mutable {
    const MUTABILITY: FieldMutability = FieldMutability::Mutable;
}

/// A type that a field's value can have: `i64`, `f64`, `Gc`, `Host<T>`, `u32`, `i32`, `u16`, `u8`.
pub trait FieldValue: Copy + 'static {
    /// How such a value is stored.
    const KIND: FieldKind;
}

/// A Rust type that may stand in an object's struct; its value type is `Self::Value`.
///
/// `derive(Object)` asks this trait, so a field of any other type does not compile.
pub trait FieldStorage {
    /// The value behind cells: `i64` for `Cell<i64>`, `Gc` for [`GcField`].
    type Value: FieldValue;
}

macro_rules! field_values {
    ($($value:ty => $kind:ident),* $(,)?) => { $(
        impl FieldValue for $value { const KIND: FieldKind = FieldKind::$kind; }
        impl FieldStorage for $value { type Value = $value; }
        impl FieldStorage for Cell<$value> { type Value = $value; }
    )* };
}
field_values! { i64 => Int, u64 => Int, usize => Int, f64 => Float, Gc => Ref, u32 => U32, i32 => I32, u16 => U16, u8 => U8, bool => U8 }

impl<T: 'static> FieldValue for Host<T> {
    const KIND: FieldKind = FieldKind::Host;
}
impl<T: 'static> FieldStorage for Host<T> {
    type Value = Host<T>;
}
impl<T: 'static> FieldStorage for Cell<Host<T>> {
    type Value = Host<T>;
}
impl FieldStorage for GcField {
    type Value = Gc;
}
impl<T: FieldStorage> FieldStorage for Items<T> {
    type Value = T::Value;
}

/// What a machine, the recorder and the compilers need to know of a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FieldInfo {
    /// Bytes from the start of the object.
    pub offset: u32,
    /// `Type.field`, for traces and messages.
    pub name: &'static str,
    /// How it is stored.
    pub kind: FieldKind,
    /// When it may change.
    pub mutability: FieldMutability,
}

type Typed<O, T, K> = PhantomData<fn() -> (O, T, K)>;

/// Field of type `T` in objects of type `O`, with mutability `K`.
pub struct Field<O, T, K> {
    /// The untyped part.
    pub info: FieldInfo,
    types: Typed<O, T, K>,
}

impl<O, T, K> Clone for Field<O, T, K> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<O, T, K> Copy for Field<O, T, K> {}

impl<O, T: FieldValue, K: Mutability> Field<O, T, K> {
    /// The descriptor of the field at byte `offset`.
    #[inline(always)]
    pub const fn at(offset: u32, name: &'static str) -> Field<O, T, K> {
        Field {
            info: FieldInfo {
                offset,
                name,
                kind: T::KIND,
                mutability: K::MUTABILITY,
            },
            types: PhantomData,
        }
    }
}

/// Items of the variable part of objects of type `O`: `len` items of type `T` from byte `items_offset` on.
pub struct ItemsField<O, T, K> {
    /// `info.offset` is the offset of item 0.
    pub info: FieldInfo,
    /// Offset of the 64-bit number of items.
    pub len_offset: u32,
    types: Typed<O, T, K>,
}

impl<O, T, K> Clone for ItemsField<O, T, K> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<O, T, K> Copy for ItemsField<O, T, K> {}

impl<O, T: FieldValue, K: Mutability> ItemsField<O, T, K> {
    /// The descriptor of items that start at byte `offset`.
    #[inline(always)]
    pub const fn at(offset: u32, len_offset: u32, name: &'static str) -> ItemsField<O, T, K> {
        let info = FieldInfo {
            offset,
            name,
            kind: T::KIND,
            mutability: K::MUTABILITY,
        };
        ItemsField {
            info,
            len_offset,
            types: PhantomData,
        }
    }
}
