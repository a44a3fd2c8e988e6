//! `s += t` in a loop, in time that is linear in the length of the result.
//!
//! The compiler marks locals that a loop adds to (`e = 1` of `IAdd`) and puts a `Flatten` before everything else that reads
//! them. So the register of such a local may hold a `WGrowing` in place of a long str: bytes with room behind them.
//!
//! - **S1** A `WGrowing` is in registers of marked locals only, and in what is made of these when a frame is suspended.
//!   Whoever shows a frame's variables flattens first ([`shown`]).
//! - **S2** One register holds it: nothing copies the register without a `Flatten` before, so adding in place is not seen
//!   anywhere else.
//! - **S3** Code whose locals are flattened after each piece stops building: then a copy for each piece is the best there is.

use crate::access::{alloc, try_alloc_var};
use crate::code::PyCode;
use crate::layout::*;
use crate::{Access, PyResult, Vm};
use ouro_gc::{Gc, Object, TypeId};

/// Bytes that a str has at least before it is built in place; below, copying is cheaper.
pub const LONG: i64 = 512;
/// A str that is flattened after fewer pieces did not pay.
const ENOUGH: i64 = 8;
/// How often it may fail to pay, above how often it paid.
const PATIENCE: i32 = -4;

const BYTE_STORE_TYPE: TypeId = TypeId(WByteStore::TYPE_ID);

/// Whether code of this kind should build at all; a property of the code that changes seldom.
pub fn pays(code: &'static PyCode) -> bool {
    code.info.building.get() > PATIENCE
}
/// `left + right`, two strs, with room behind. Where the heap has no place for that room, it is a plain str.
///
/// # Errors
/// MemoryError.
pub fn begin(vm: &'static Vm, left: Gc, right: Gc) -> PyResult {
    let len = left.get(WStr::LEN) + right.get(WStr::LEN);
    let Ok(store) = vm.heap.alloc_var(BYTE_STORE_TYPE, 2 * len as usize) else {
        return crate::str::concat(vm, left, right);
    };
    let at = left.get(WStr::LEN) as usize;
    let bytes = store.items_mut(&BYTE_STORE);
    bytes[..at].copy_from_slice(crate::str::bytes(left));
    bytes[at..len as usize].copy_from_slice(crate::str::bytes(right));
    let chars = left.get(WStr::CHARS) + right.get(WStr::CHARS);
    let growing = alloc::<WGrowing>(vm)
        .init(WGrowing::LEN, len)
        .init(WGrowing::CHARS, chars);
    Ok(growing.init(WGrowing::STORE, store))
}
/// Adds a str.
///
/// # Errors
/// MemoryError; then nothing was added.
pub fn add(vm: &'static Vm, growing: Gc, right: Gc) -> PyResult<()> {
    let (at, more) = (
        growing.get(WGrowing::LEN) as usize,
        crate::str::bytes(right),
    );
    let end = at + more.len();
    let store = growing.get(WGrowing::STORE);
    if end <= store.items_len::<WByteStore>() {
        store.items_mut(&BYTE_STORE)[at..end].copy_from_slice(more);
    } else {
        // Near the limit of the heap there is no room behind, so that a str is not refused which alone would fit.
        let larger = match vm.heap.alloc_var(BYTE_STORE_TYPE, 2 * end) {
            Ok(larger) => larger,
            Err(_) => try_alloc_var::<WByteStore>(vm, end)?,
        };
        let bytes = larger.items_mut(&BYTE_STORE);
        bytes[..at].copy_from_slice(&store.items(&BYTE_STORE)[..at]);
        bytes[at..end].copy_from_slice(crate::str::bytes(right));
        growing.set(vm, WGrowing::STORE, larger);
    }
    growing.set(vm, WGrowing::LEN, end as i64);
    let chars = growing.get(WGrowing::CHARS) + right.get(WStr::CHARS);
    growing.set(vm, WGrowing::CHARS, chars);
    let pieces = growing.get(WGrowing::PIECES) + 1;
    growing.set(vm, WGrowing::PIECES, pieces);
    Ok(())
}
/// The str.
///
/// # Errors
/// MemoryError.
pub fn flatten(vm: &'static Vm, growing: Gc) -> PyResult {
    let len = growing.get(WGrowing::LEN) as usize;
    let s = try_alloc_var::<WStr>(vm, len)?;
    s.init(WStr::CHARS, growing.get(WGrowing::CHARS));
    let bytes = &growing.get(WGrowing::STORE).items(&BYTE_STORE)[..len];
    s.items_mut(&STR).copy_from_slice(bytes);
    Ok(s)
}
/// Notes whether building paid, when a frame of `code` flattens. Compiled code does not ask.
pub fn note(code: &'static PyCode, growing: Gc) {
    let building = &code.info.building;
    building.set(match growing.get(WGrowing::PIECES) >= ENOUGH {
        true => building.get().saturating_add(2).min(64),
        false => building.get().saturating_sub(1),
    });
}
/// A register's content as the guest may see it.
pub fn shown(vm: &'static Vm, v: Gc) -> Gc {
    match v.is::<WGrowing>() {
        true => flatten(vm, v).unwrap_or(vm.world().none),
        false => v,
    }
}
