//! Items of compact arrays of numbers (`array.array`), bytes and strs, without a call.

use crate::attributes::native_class;
use crate::items::position;
use crate::prelude::*;
use crate::text;
use ouro_py_objects::typed_items::{F64, I32, I64, U8, U16, U32};

/// The array and its typecode, promoted, if `x` is a compact array of numbers.
#[inline(always)]
fn array<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<(R<M, WNative>, u8)> {
    let array = p.cast::<WNative>(x)?;
    if !native_class(p, x).has(class_flags::TYPED_ITEMS) {
        return None;
    }
    Some((array, p.promote_int(p.get(array, WNative::I1)) as u8))
}
/// Where the items of an array are that has some. None: outside the heap.
#[inline(always)]
fn store_of<M: PyMachine>(p: &Probe<M>, array: R<M, WNative>) -> Option<R<M, WByteStore>> {
    let bytes = R::<M, WByteArray>::assume(p.get(array, WNative::R0));
    p.cast::<WByteStore>(p.get(bytes, WByteArray::STORE))
}
/// The number of items, if `x` is such an array.
pub fn len<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Int> {
    let (array, _) = array(p, x)?;
    Some(p.get(array, WNative::I0))
}
/// `x[index]`, for a compact array, bytes or an ASCII str. None: another object, no such item, or a kind that only a call reads.
pub fn load<M: PyMachine>(p: &Probe<M>, x: M::Ref, index: M::Ref) -> Option<M::Ref> {
    let index = p.get(p.cast::<WInt>(index)?, WInt::VALUE);
    if let Some(bytes) = p.cast::<WBytes>(x) {
        let n = position(p, index, p.get(bytes, WBytes::LEN))?;
        return Some(new_int(p, p.item(bytes, WBytes::ITEMS, n)));
    }
    if let Some(s) = p.cast::<WStr>(x) {
        return text::item(p, s, index);
    }
    let (array, typecode) = array(p, x)?;
    let n = position(p, index, p.get(array, WNative::I0))?;
    let store = store_of(p, array)?;
    let number = match typecode {
        b'd' => return Some(new_float(p, p.item(store, F64, n))),
        b'q' | b'l' => p.item(store, I64, n),
        b'i' => p.item(store, I32, n),
        b'I' => p.item(store, U32, n),
        b'H' => p.item(store, U16, n),
        b'B' => p.item(store, U8, n),
        _ => return None,
    };
    Some(new_int(p, number))
}
/// `x[index] = v` for a compact array. Gives the probe back if a call has to do it.
pub fn store<M: PyMachine>(
    p: Probe<M>,
    x: M::Ref,
    index: M::Ref,
    v: M::Ref,
) -> Result<(), Probe<M>> {
    let Some((store, n, value)) = prepare(&p, x, index, v) else {
        return Err(p);
    };
    let c = p.commit();
    match value {
        Value::F64(v) => c.set_item_plain(store, F64, n, v),
        Value::I64(v) => c.set_item_plain(store, I64, n, v),
        Value::I32(v) => c.set_item_plain(store, I32, n, v),
        Value::U32(v) => c.set_item_plain(store, U32, n, v),
        Value::U16(v) => c.set_item_plain(store, U16, n, v),
        Value::U8(v) => c.set_item_plain(store, U8, n, v),
    }
    Ok(())
}
/// A number that fits items of this kind.
enum Value<M: Machine> {
    F64(M::Float),
    I64(M::Int),
    I32(M::Int),
    U32(M::Int),
    U16(M::Int),
    U8(M::Int),
}
type Place<M> = (R<M, WByteStore>, <M as Machine>::Int, Value<M>);
fn prepare<M: PyMachine>(p: &Probe<M>, x: M::Ref, index: M::Ref, v: M::Ref) -> Option<Place<M>> {
    let (array, typecode) = array(p, x)?;
    let index = p.get(p.cast::<WInt>(index)?, WInt::VALUE);
    let n = position(p, index, p.get(array, WNative::I0))?;
    let store = store_of(p, array)?;
    if typecode == b'd' {
        let v = match p.type_id(v) {
            WFloat::TYPE_ID => p.get(R::<M, WFloat>::assume(v), WFloat::VALUE),
            WInt::TYPE_ID => p.int_to_float(p.get(R::<M, WInt>::assume(v), WInt::VALUE)),
            _ => return None,
        };
        return Some((store, n, Value::F64(v)));
    }
    let v = p.get(p.cast::<WInt>(v)?, WInt::VALUE);
    let below = |v: M::Int, bits: u32| p.in_bounds(v, p.const_int(1 << bits));
    let (fits, value) = match typecode {
        b'q' | b'l' => (true, Value::I64(v)),
        b'i' => {
            let shifted = p.int_op(IntOp::Add, v, p.const_int(1 << 31));
            (below(shifted, 32), Value::I32(v))
        }
        b'I' => (below(v, 32), Value::U32(v)),
        b'H' => (below(v, 16), Value::U16(v)),
        b'B' => (below(v, 8), Value::U8(v)),
        _ => return None,
    };
    fits.then_some((store, n, value))
}
