//! Typed symbolic values: references of known class, host pointers, field kinds.

use crate::{Key, Machine};
use ouro_gc::{FieldInfo, Gc, Host};
use std::marker::PhantomData;

/// A symbolic reference whose class is known to be `T`.
pub struct R<M: Machine, T> {
    pub raw: M::Ref,
    class: PhantomData<fn() -> T>,
}
impl<M: Machine, T> Clone for R<M, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: Machine, T> Copy for R<M, T> {}
impl<M: Machine, T> R<M, T> {
    /// The caller knows the class of `raw` (for instance from an immutable field that always holds a `T`).
    #[inline(always)]
    pub fn assume(raw: M::Ref) -> Self {
        R {
            raw,
            class: PhantomData,
        }
    }
}

/// A pointer to host data, not yet promoted.
pub struct G<M: Machine, T>(pub(crate) M::Int, PhantomData<*const T>);
impl<M: Machine, T> Clone for G<M, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: Machine, T> Copy for G<M, T> {}
impl<M: Machine, T> G<M, T> {
    #[inline(always)]
    pub(crate) fn new(pointer: M::Int) -> Self {
        G(pointer, PhantomData)
    }
    /// The pointer as an integer, to pass it to residual calls.
    #[inline(always)]
    pub fn as_int(self) -> M::Int {
        self.0
    }
}

/// Which machine type holds a field or item of a given host type, and how it is loaded and stored.
pub trait Kind: 'static {
    type In<M: Machine>: Copy;
    fn load<M: Machine>(m: M, r: M::Ref, f: FieldInfo) -> Self::In<M>;
    fn store<M: Machine>(m: M, k: Key, r: M::Ref, f: FieldInfo, v: Self::In<M>);
    fn item<M: Machine>(m: M, r: M::Ref, a: &'static ArrayInfo, i: M::Int) -> Self::In<M>;
    fn set_item<M: Machine>(
        m: M,
        k: Key,
        r: M::Ref,
        a: &'static ArrayInfo,
        i: M::Int,
        v: Self::In<M>,
    );
}
macro_rules! kind {
    ($host:ty, $in:ident, $load:ident, $store:ident, $item:ident, $set_item:ident) => {
        impl Kind for $host {
            type In<M: Machine> = M::$in;
            #[inline(always)]
            fn load<M: Machine>(m: M, r: M::Ref, f: FieldInfo) -> M::$in {
                m.$load(r, f)
            }
            #[inline(always)]
            fn store<M: Machine>(m: M, k: Key, r: M::Ref, f: FieldInfo, v: M::$in) {
                m.$store(k, r, f, v)
            }
            #[inline(always)]
            fn item<M: Machine>(m: M, r: M::Ref, a: &'static ArrayInfo, i: M::Int) -> M::$in {
                m.$item(r, a, i)
            }
            #[inline(always)]
            fn set_item<M: Machine>(
                m: M,
                k: Key,
                r: M::Ref,
                a: &'static ArrayInfo,
                i: M::Int,
                v: M::$in,
            ) {
                m.$set_item(k, r, a, i, v)
            }
        }
    };
}
kind!(i64, Int, load_int, store_int, item_int, set_item_int);
kind!(u64, Int, load_int, store_int, item_int, set_item_int);
kind!(u32, Int, load_int, store_int, item_int, set_item_int);
kind!(i32, Int, load_int, store_int, item_int, set_item_int);
kind!(u16, Int, load_int, store_int, item_int, set_item_int);
kind!(u8, Int, load_int, store_int, item_int, set_item_int);
kind!(
    f64,
    Float,
    load_float,
    store_float,
    item_float,
    set_item_float
);
kind!(Gc, Ref, load_ref, store_ref, item_ref, set_item_ref);
/// Kinds that are no references: storing one needs no barrier.
pub trait Plain: Kind {}
impl Plain for i64 {}
impl Plain for u32 {}
impl Plain for i32 {}
impl Plain for u16 {}
impl Plain for u8 {}
impl Plain for f64 {}

impl<T: 'static> Kind for Host<T> {
    type In<M: Machine> = G<M, T>;
    #[inline(always)]
    fn load<M: Machine>(m: M, r: M::Ref, f: FieldInfo) -> G<M, T> {
        G::new(m.load_int(r, f))
    }
    #[inline(always)]
    fn store<M: Machine>(m: M, k: Key, r: M::Ref, f: FieldInfo, v: G<M, T>) {
        m.store_int(k, r, f, v.0)
    }
    #[inline(always)]
    fn item<M: Machine>(m: M, r: M::Ref, a: &'static ArrayInfo, i: M::Int) -> G<M, T> {
        G::new(m.item_int(r, a, i))
    }
    #[inline(always)]
    fn set_item<M: Machine>(m: M, k: Key, r: M::Ref, a: &'static ArrayInfo, i: M::Int, v: G<M, T>) {
        m.set_item_int(k, r, a, i, v.0)
    }
}

/// How the items of a variable-size object lie in memory.
#[derive(Debug)]
pub struct ArrayInfo {
    pub type_id: u32,
    pub name: &'static str,
    /// Bytes from the object to its length, a 64-bit word that never changes.
    pub len_offset: u32,
    /// Bytes from the object to item 0.
    pub items_offset: u32,
    /// Kind of an item; `FieldKind::Int` is 8 bytes.
    pub item: ouro_gc::FieldKind,
    /// Items never change after the object was made.
    pub immutable: bool,
}

/// A variable-size object of class `O` whose items are of kind `T`.
pub struct Array<O, T> {
    pub info: ArrayInfo,
    types: PhantomData<fn() -> (O, T)>,
}
impl<O: ouro_gc::Object, T: Kind> Array<O, T> {
    /// The items that `derive(Object)` describes.
    pub const fn of<K>(items: ouro_gc::ItemsField<O, T, K>) -> Self {
        Array::new(ArrayInfo {
            type_id: O::TYPE_ID,
            name: items.info.name,
            len_offset: items.len_offset,
            items_offset: items.info.offset,
            item: items.info.kind,
            immutable: matches!(items.info.mutability, ouro_gc::FieldMutability::Immutable),
        })
    }
}
impl<O, T: Kind> Array<O, T> {
    /// The layout must be the one that the class `O` registers with the heap.
    pub const fn new(info: ArrayInfo) -> Self {
        Array {
            info,
            types: PhantomData,
        }
    }
}
