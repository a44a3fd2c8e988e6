//! Ints and floats, which cross by value: made for a call and dropped after it.
//!
//! Their blocks have one size. A few that were dropped are kept at hand, so that a call with an int neither asks the memory
//! nor gives anything back to it.

use crate::abi::*;
use crate::context::{Context, context};
use crate::{data, raw};
use std::cell::Cell;

/// Bytes of a block: a float, or an int of up to two digits.
const BYTES: usize = 32;
const ROOM: usize = 16;
const DIGIT: u32 = 30;
const MASK: u64 = (1 << DIGIT) - 1;

/// Blocks of [`BYTES`] bytes that nobody uses.
pub(crate) struct Spare {
    /// One more, for the argument of a call: what is taken at its beginning is back at its end. A processor waits for a
    /// word that it has just written, and this is written once.
    one: Cell<Obj>,
    blocks: [Cell<Obj>; ROOM],
    len: Cell<usize>,
}
impl Spare {
    pub(crate) fn new() -> Spare {
        Spare {
            one: Cell::new(std::ptr::null_mut()),
            blocks: [const { Cell::new(std::ptr::null_mut()) }; ROOM],
            len: Cell::new(0),
        }
    }
    #[inline(always)]
    fn take(&self) -> Option<Obj> {
        let n = self.len.get().wrapping_sub(1);
        // The length is at most `ROOM`: nothing else is beyond the array than what lies before it.
        let o = self.blocks.get(n)?.get();
        self.len.set(n);
        Some(o)
    }
    /// False: there is no more room.
    #[inline(always)]
    fn keep(&self, o: Obj) -> bool {
        let n = self.len.get();
        let Some(block) = self.blocks.get(n) else {
            return false;
        };
        block.set(o);
        self.len.set(n + 1);
        true
    }
}

/// With the context at hand: what is called for each argument of each call looks nothing up.
///
/// SAFETY of the four: the caller passes objects of the C side where a function takes one.
impl Context {
    /// A block with one reference and a type; NULL, with MemoryError, if there is no room.
    #[inline(always)]
    unsafe fn value_block(&self, ty: TypeObj) -> Obj {
        let o = match self.spare.take() {
            Some(o) => o,
            None => self.fresh_value(),
        };
        if !o.is_null() {
            (*o).ob_refcnt = 1;
            (*o).ob_type = ty;
        }
        o
    }
    #[cold]
    #[inline(never)]
    unsafe fn fresh_value(&self) -> Obj {
        let o: Obj = self.memory.alloc(BYTES).cast();
        if o.is_null() {
            crate::errors::no_memory()
        }
        o
    }
    /// An int.
    #[inline(always)]
    pub unsafe fn new_int(&self, v: i64) -> Obj {
        // One comparison for most: one digit, not negative, not one of those that always exist.
        if (v as u64).wrapping_sub(raw::SMALL_TO as u64 + 1) < MASK - raw::SMALL_TO as u64 {
            let o = self.value_block(data::PyLong_Type.get());
            if !o.is_null() {
                (*o.cast::<PyVarObject>()).ob_size = 1;
                (*o.cast::<PyLongObject>()).ob_digit[0] = v as u32;
            }
            return o;
        }
        self.new_other_int(v)
    }
    #[inline(never)]
    unsafe fn new_other_int(&self, v: i64) -> Obj {
        if let Some(o) = raw::small_int(self, v) {
            return raw::incref(o);
        }
        let magnitude = v.unsigned_abs();
        if magnitude >> (2 * DIGIT) != 0 {
            return raw::long_from_i64(v);
        }
        let o = self.value_block(data::PyLong_Type.get());
        if o.is_null() {
            return o;
        }
        let digits = 1 + (magnitude >> DIGIT != 0) as Ssize;
        (*o.cast::<PyVarObject>()).ob_size = if v < 0 { -digits } else { digits };
        // The upper digit lies in the block, used or not.
        let both = (magnitude & MASK) | (magnitude >> DIGIT) << 32;
        (&raw mut (*o.cast::<PyLongObject>()).ob_digit)
            .cast::<u64>()
            .write_unaligned(both);
        o
    }
    /// An int for the time of a call.
    #[inline(always)]
    pub unsafe fn lend_int(&self, v: i64) -> Obj {
        let o = self.spare.one.get();
        if (v as u64).wrapping_sub(raw::SMALL_TO as u64 + 1) < MASK - raw::SMALL_TO as u64
            && !o.is_null()
        {
            self.spare.one.set(std::ptr::null_mut());
            (*o).ob_refcnt = 1;
            (*o).ob_type = data::PyLong_Type.get();
            (*o.cast::<PyVarObject>()).ob_size = 1;
            (*o.cast::<PyLongObject>()).ob_digit[0] = v as u32;
            return o;
        }
        self.new_other_int(v)
    }
    /// The call is over: one reference less.
    #[inline(always)]
    pub unsafe fn take_back(&self, o: Obj) {
        (*o).ob_refcnt -= 1;
        if (*o).ob_refcnt == 0 {
            match self.spare.one.get().is_null() {
                true => self.spare.one.set(o),
                false => self.free_value(o),
            }
        }
    }
    /// A float.
    #[inline(always)]
    pub unsafe fn new_float(&self, v: f64) -> Obj {
        let o = self.value_block(data::PyFloat_Type.get());
        if !o.is_null() {
            (*o.cast::<PyFloatObject>()).ob_fval = v
        }
        o
    }
    /// One reference less of a float, or of an int of up to two digits.
    #[inline(always)]
    pub unsafe fn drop_value(&self, o: Obj) {
        (*o).ob_refcnt -= 1;
        if (*o).ob_refcnt == 0 && !self.spare.keep(o) {
            raw::dealloc_any(o)
        }
    }
    /// The block is kept if there is room.
    #[inline(always)]
    unsafe fn free_value(&self, o: Obj) {
        let long = (*o).ob_type != data::PyFloat_Type.get()
            && (*o.cast::<PyVarObject>()).ob_size.unsigned_abs() > 2;
        if long || !self.spare.keep(o) {
            raw::dealloc_any(o)
        }
    }
    /// One reference less, of any object; quick for ints and floats.
    #[inline(always)]
    pub unsafe fn drop_object(&self, o: Obj) {
        (*o).ob_refcnt -= 1;
        if (*o).ob_refcnt == 0 {
            let ty = (*o).ob_type;
            match ty == data::PyLong_Type.get() || ty == data::PyFloat_Type.get() {
                true => self.free_value(o),
                false => raw::dealloc_any(o),
            }
        }
    }
}
inner! {
    /// The value of an int of up to two digits.
    #[inline(always)]
    pub fn int_value(o: Obj) -> Option<i64> {
        let size = (*o.cast::<PyVarObject>()).ob_size;
        let digits = (&raw const (*o.cast::<PyLongObject>()).ob_digit).cast::<u32>();
        if size == 1 { return Some(*digits as i64) }
        // The size is the sign too.
        if size.unsigned_abs() <= 1 { return Some(*digits as i64 * size as i64) }
        if size.unsigned_abs() > 2 { return None }
        let v = *digits as i64 | (*digits.add(1) as i64) << DIGIT;
        Some(if size < 0 { -v } else { v })
    }
    /// What happens to an object without references.
    #[inline]
    pub(crate) fn free(o: Obj) {
        let ty = (*o).ob_type;
        match ty == data::PyLong_Type.get() || ty == data::PyFloat_Type.get() {
            true => context().free_value(o),
            false => raw::dealloc_any(o),
        }
    }
}
