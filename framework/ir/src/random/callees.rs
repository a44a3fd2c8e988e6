//! Callees of random traces. They take the VM pointer and do not look at it, so every backend may pass what it likes.

use super::world::NODE_COUNT_OFFSET;
use crate::descr::Ret;

fn value(value: u64) -> Ret {
    Ret { value, exc: 0 }
}
/// Pure, two ints.
pub extern "C" fn add(_vm: *const u8, a: u64, b: u64) -> Ret {
    value(a.wrapping_mul(3).wrapping_add(b))
}
/// Pure, a float (as bits) and an int.
pub extern "C" fn mix(_vm: *const u8, float: u64, int: u64) -> Ret {
    value((f64::from_bits(float) * 0.5 + int as i64 as f64).to_bits())
}
/// Pure, more operands than argument registers, of both types.
#[allow(
    clippy::too_many_arguments,
    reason = "the number of operands is the point"
)]
pub extern "C" fn many(
    _vm: *const u8,
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    e: u64,
    f: u64,
    g: u64,
    h: u64,
    float: u64,
) -> Ret {
    let sum = [a, b, c, d, e, f, g, h]
        .iter()
        .fold(7u64, |sum, n| sum.wrapping_mul(31).wrapping_add(*n));
    value(sum ^ u64::from(f64::from_bits(float) > 0.0))
}
/// Reads and writes one field of a node.
pub extern "C" fn bump(_vm: *const u8, node: u64) -> Ret {
    let count = (node + u64::from(NODE_COUNT_OFFSET)) as *mut u64;
    // SAFETY: generated traces pass a nonnull reference to a node, whose count is an aligned word at this offset.
    let old = unsafe { count.read() };
    // SAFETY: as above.
    unsafe { count.write(old.wrapping_add(1)) };
    value(old)
}
/// A safepoint.
pub extern "C" fn collect(_vm: *const u8, a: u64) -> Ret {
    value(a ^ 0x55)
}
/// Raises `error` if the lowest three bits of `a` are zero.
pub extern "C" fn checked(_vm: *const u8, a: u64, error: u64) -> Ret {
    if a.is_multiple_of(8) {
        Ret {
            value: 0,
            exc: error,
        }
    } else {
        value(a >> 1)
    }
}
/// Returns a reference.
pub extern "C" fn same(_vm: *const u8, object: u64) -> Ret {
    value(object)
}
/// No operands, no result.
pub extern "C" fn nothing(_vm: *const u8) -> Ret {
    value(0xdead)
}
/// Without the VM.
pub extern "C" fn half(a: f64) -> f64 {
    a * 0.5
}
/// Without the VM, two operands.
pub extern "C" fn blend(a: f64, b: f64) -> f64 {
    a * 0.25 - b
}
