//! The layout of compact arrays of numbers (`array.array`), of which handlers read and write items.
//!
//! An array is a `WNative` whose class has [`crate::class::class_flags::TYPED_ITEMS`]:
//! - `I0` is the number of items.
//! - `I1` is the typecode, as in the module `array`. It never changes.
//! - `R0` is a bytearray with the items in the machine's own form, one behind the other.
//!
//! Invariant T1: handlers reach a given store with one of the descriptions below only, the one of its array's typecode, so
//! that two descriptions never mean the same memory in a trace. Everything else that reads or writes the bytes is a call.

use crate::layout::WByteStore;
use ouro_gc::FieldValue;
use ouro_machine::{Array, ArrayInfo, Kind};

const fn described<T: FieldValue + Kind>(name: &'static str) -> Array<WByteStore, T> {
    let bytes = &WByteStore::ITEMS.info;
    assert!(bytes.items_offset.is_multiple_of(8));
    Array::new(ArrayInfo {
        type_id: bytes.type_id,
        name,
        len_offset: bytes.len_offset,
        items_offset: bytes.items_offset,
        item: <T as FieldValue>::KIND,
        immutable: bytes.immutable,
    })
}
/// Items of typecode `d`.
pub const F64: &Array<WByteStore, f64> = &described("WByteStore.f64");
/// Items of typecodes `q` and `l`.
pub const I64: &Array<WByteStore, i64> = &described("WByteStore.i64");
/// Items of typecode `i`.
pub const I32: &Array<WByteStore, i32> = &described("WByteStore.i32");
/// Items of typecode `I`.
pub const U32: &Array<WByteStore, u32> = &described("WByteStore.u32");
/// Items of typecode `H`.
pub const U16: &Array<WByteStore, u16> = &described("WByteStore.u16");
/// Items of typecode `B`.
pub const U8: &Array<WByteStore, u8> = &described("WByteStore.u8");
