//! The builtin object below an instance of a subclass of a builtin class.

use crate::access::Access;
use crate::layout::*;
use ouro_gc::Gc;

/// The exact builtin object that implements `object`: its payload, or the object itself.
#[inline(always)]
pub fn payload(object: Gc) -> Gc {
    if object.is::<WInst>() {
        let inner = object.get(WInst::PAYLOAD);
        if !inner.is_null() {
            return inner;
        }
    }
    object
}
