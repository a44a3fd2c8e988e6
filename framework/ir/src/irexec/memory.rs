//! The unsafe part of the reference backend: raw loads and stores, the collector's heap, and calls of `extern "C"`
//! functions.

use super::{Fault, Memory, VisitRefs};
use crate::descr::{ArrayDescr, CallAbi, CallDescr, MAX_CALL_ARGS, Ret, TypeDescr, Width};
use ouro_gc::{Gc, Header, Heap, RootVec, TypeId};
use std::cell::Cell;

/// Zeroed memory at a fixed address, aligned to 16 bytes, that machine code may write behind our back.
pub(super) struct Block {
    words: *mut [u128],
}

impl Block {
    pub fn zeroed(bytes: u64) -> Block {
        let words = vec![0u128; bytes.div_ceil(16) as usize].into_boxed_slice();
        Block {
            words: Box::into_raw(words),
        }
    }
    pub fn address(&self) -> u64 {
        self.words.cast::<u8>() as u64
    }
    pub fn bytes(&self) -> u64 {
        self.words.len() as u64 * 16
    }
    /// Panics if the range is outside of the block.
    pub fn load(&self, offset: u64, width: Width) -> u64 {
        let at = self.at(offset, width);
        // SAFETY: `at` checked that the range is inside the block, which is alive until drop.
        unsafe { load(at, width) }
    }
    /// Panics if the range is outside of the block.
    pub fn store(&self, offset: u64, width: Width, bits: u64) {
        let at = self.at(offset, width);
        // SAFETY: as in `load`; no reference into the block exists.
        unsafe { store(at, width, bits) }
    }
    fn at(&self, offset: u64, width: Width) -> *mut u8 {
        assert!(
            offset + u64::from(width.bytes()) <= self.bytes(),
            "access outside of the block"
        );
        self.words.cast::<u8>().wrapping_add(offset as usize)
    }
}
impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: `zeroed` made the box and gave it to nobody else.
        drop(unsafe { Box::from_raw(self.words) });
    }
}

/// Loads and extends to 64 bits.
///
/// # Safety
/// `at` is valid for a read of the width.
pub(super) unsafe fn load(at: *const u8, width: Width) -> u64 {
    match width {
        // SAFETY: the caller's promise; unaligned reads need no more.
        Width::I64 | Width::F64 | Width::Ref | Width::Host => unsafe {
            at.cast::<u64>().read_unaligned()
        },
        // SAFETY: as above.
        Width::U32 => unsafe { at.cast::<u32>().read_unaligned() }.into(),
        // SAFETY: as above.
        Width::I32 => unsafe { at.cast::<i32>().read_unaligned() as i64 as u64 },
        // SAFETY: as above.
        Width::U16 => unsafe { at.cast::<u16>().read_unaligned() }.into(),
        // SAFETY: as above.
        Width::U8 => unsafe { at.read() }.into(),
    }
}

/// Stores the low bytes.
///
/// # Safety
/// `at` is valid for a write of the width.
pub(super) unsafe fn store(at: *mut u8, width: Width, bits: u64) {
    match width {
        // SAFETY: the caller's promise; unaligned writes need no more.
        Width::I64 | Width::F64 | Width::Ref | Width::Host => unsafe {
            at.cast::<u64>().write_unaligned(bits)
        },
        // SAFETY: as above.
        Width::U32 | Width::I32 => unsafe { at.cast::<u32>().write_unaligned(bits as u32) },
        // SAFETY: as above.
        Width::U16 => unsafe { at.cast::<u16>().write_unaligned(bits as u16) },
        // SAFETY: as above.
        Width::U8 => unsafe { at.write(bits as u8) },
    }
}

/// The collector's heap, for `irexec` as a run-time backend.
///
/// Traces are trusted here: an access of a wrong object is undefined, as it is in machine code. What a trace holds in
/// values is kept alive, and updated, while a callee runs that may collect; so no other roots are needed for it. The
/// allocations of the trace itself do not collect.
pub struct HeapMemory<'h> {
    heap: &'h Heap,
    vm: *const u8,
    invalidated: &'h Cell<bool>,
    live: RootVec,
}

impl<'h> HeapMemory<'h> {
    /// The memory of traces that run on `heap`.
    ///
    /// # Safety
    /// Every trace that runs on it is right for this heap: its references are objects of the heap, its descriptors tell
    /// their true layout, and its callees have the addresses, operands and effects that their descriptors tell.
    /// `vm` is what those callees expect.
    pub unsafe fn new(
        heap: &'h Heap,
        vm: *const u8,
        invalidated: &'h Cell<bool>,
    ) -> HeapMemory<'h> {
        HeapMemory {
            heap,
            vm,
            invalidated,
            live: heap.root_vec(),
        }
    }
    fn gc(&self, object: u64) -> Gc {
        // SAFETY: by the contract of `new` references in traces are objects of the heap or null.
        unsafe { Gc::from_raw(object as *mut Header) }
    }
    fn checked(&self, object: u64) -> Result<Gc, Fault> {
        if object == 0 {
            Err(Fault::BadAccess)
        } else {
            Ok(self.gc(object))
        }
    }
}

impl Memory for HeapMemory<'_> {
    fn alloc(&mut self, ty: &TypeDescr) -> Result<u64, Fault> {
        let (heap, id) = (self.heap, TypeId(ty.type_id));
        let object = heap.without_collecting(|| heap.alloc_checked(id, ty.size_bytes));
        Ok(object.address() as u64)
    }
    fn alloc_array(&mut self, array: &ArrayDescr, len: i64) -> Result<u64, Fault> {
        let len = usize::try_from(len).map_err(|_| Fault::OutOfRange)?;
        let (heap, id) = (self.heap, TypeId(array.type_id));
        let array = heap
            .without_collecting(|| heap.alloc_var(id, len))
            .map_err(|_| Fault::OutOfMemory)?;
        Ok(array.address() as u64)
    }
    fn load(&self, object: u64, offset: u64, width: Width) -> Result<u64, Fault> {
        let at = self
            .checked(object)?
            .word::<u8>(0)
            .wrapping_add(offset as usize);
        // SAFETY: by the contract of `new` the field is inside the object.
        Ok(unsafe { load(at, width) })
    }
    fn store(&mut self, object: u64, offset: u64, width: Width, bits: u64) -> Result<(), Fault> {
        let at = self
            .checked(object)?
            .word::<u8>(0)
            .wrapping_add(offset as usize);
        // SAFETY: by the contract of `new` the field is inside the object and holds such values.
        unsafe { store(at, width, bits) };
        Ok(())
    }
    fn barrier(&mut self, object: u64) -> Result<(), Fault> {
        self.heap.write(self.checked(object)?);
        Ok(())
    }
    fn barrier_item(&mut self, object: u64, _array: &ArrayDescr, index: u64) -> Result<(), Fault> {
        let index = index as usize;
        self.heap
            .write_range(self.checked(object)?, index..index + 1);
        Ok(())
    }
    fn call(&mut self, callee: &CallDescr, args: &[u64], live: VisitRefs) -> Result<Ret, Fault> {
        let collects = callee.effects.ends_barriers();
        let start = self.live.len();
        if collects {
            live(&mut |bits| {
                self.live.push(self.gc(*bits));
            });
        }
        let ret = call(callee, self.vm as u64, args);
        if collects {
            // The second visit sees the same references in the same order.
            let mut next = start;
            live(&mut |bits| {
                *bits = self.live.get(next).address() as u64;
                next += 1;
            });
            self.live.truncate(start);
        }
        ret.ok_or(Fault::BadCall)
    }
    fn wants_attention(&mut self) -> bool {
        self.heap.wants_attention()
    }
    fn is_invalidated(&self) -> bool {
        self.invalidated.get()
    }
}

/// `match` over the number of operands with a transmute to the function type of each.
macro_rules! call_vm {
    ($function:expr, $vm:expr, $args:expr; $($count:literal: $($n:literal $word:ident)*;)*) => {
        match $args.len() {
            $($count => {
                // SAFETY: the descriptor's promise, see `call`: the function has this calling convention and so many
                // operands.
                let f: extern "C" fn(*const u8, $($word),*) -> Ret = unsafe { std::mem::transmute($function) };
                f($vm, $($args[$n]),*)
            })*
            _ => return None,
        }
    };
}
type W = u64;

/// Calls a callee with the bits of its operands. None if it has no address or the number of operands is wrong.
///
/// A call descriptor is a promise of its maker that `function` is the address of a function with this calling
/// convention; whoever makes descriptors with other addresses must not run the trace.
pub(super) fn call(callee: &CallDescr, vm: u64, args: &[u64]) -> Option<Ret> {
    const {
        assert!(
            MAX_CALL_ARGS == 12,
            "one line of the table below per number of operands"
        )
    };
    if callee.function == 0 || args.len() != callee.params.len() {
        return None;
    }
    let function = callee.function as *const ();
    let vm = vm as *const u8;
    let float = |n: usize| f64::from_bits(args[n]);
    let result = match callee.abi {
        CallAbi::Vm | CallAbi::Guest { .. } => {
            return Some(call_vm!(function, vm, args;
                0: ;
                1: 0 W;
                2: 0 W 1 W;
                3: 0 W 1 W 2 W;
                4: 0 W 1 W 2 W 3 W;
                5: 0 W 1 W 2 W 3 W 4 W;
                6: 0 W 1 W 2 W 3 W 4 W 5 W;
                7: 0 W 1 W 2 W 3 W 4 W 5 W 6 W;
                8: 0 W 1 W 2 W 3 W 4 W 5 W 6 W 7 W;
                9: 0 W 1 W 2 W 3 W 4 W 5 W 6 W 7 W 8 W;
                10: 0 W 1 W 2 W 3 W 4 W 5 W 6 W 7 W 8 W 9 W;
                11: 0 W 1 W 2 W 3 W 4 W 5 W 6 W 7 W 8 W 9 W 10 W;
                12: 0 W 1 W 2 W 3 W 4 W 5 W 6 W 7 W 8 W 9 W 10 W 11 W;
            ));
        }
        CallAbi::FloatToFloat if args.len() == 1 => {
            // SAFETY: the descriptor's promise, see above.
            let f: extern "C" fn(f64) -> f64 = unsafe { std::mem::transmute(function) };
            f(float(0))
        }
        CallAbi::FloatFloatToFloat if args.len() == 2 => {
            // SAFETY: the descriptor's promise, see above.
            let f: extern "C" fn(f64, f64) -> f64 = unsafe { std::mem::transmute(function) };
            f(float(0), float(1))
        }
        CallAbi::FloatToFloat | CallAbi::FloatFloatToFloat => return None,
    };
    Some(Ret {
        value: result.to_bits(),
        exc: 0,
    })
}
