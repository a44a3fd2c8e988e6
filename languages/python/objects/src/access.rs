//! Fields and items of objects for plain Rust: the one place of this crate that touches raw memory of objects.
//!
//! SAFETY of the dereferences below, once: descriptors are derived from the layouts that the heap was told of
//! ([`crate::layout`]), debug builds check that the object has the descriptor's type, and item numbers are checked.
//! A `Gc` in a local keeps its object alive and in place (DESIGN section 4, Roots); slices borrowed here must not be kept
//! over a safepoint, that is over anything that may run guest code.

use crate::layout::*;
use crate::{PyResult, Vm};
use ouro_gc::{Field, FieldKind, FieldValue, Gc, Mutable, Object, TypeId, VarObject};
use ouro_machine::Array;

/// Reading and writing the fields of an object whose class the caller knows.
pub trait Access: Copy {
    /// The value of a field.
    fn get<O: Object, T: FieldValue, K>(self, f: Field<O, T, K>) -> T;
    /// Writes a field, barrier first.
    fn set<O: Object, T: FieldValue>(self, vm: &'static Vm, f: Field<O, T, Mutable>, v: T);
    /// Writes a field of an object that was the last one allocated, with no safepoint since. For references debug builds
    /// check it.
    fn init<O: Object, T: FieldValue, K>(self, f: Field<O, T, K>, v: T) -> Self;
    /// Whether the object has exactly the layout `O`. NULL has none.
    fn is<O: Object>(self) -> bool;
    /// Number of items of a variable-size object.
    fn items_len<O: VarObject>(self) -> usize;
    /// Item `i`. Panics if there is no such item.
    fn item<O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>, i: usize) -> T;
    /// Writes item `i`, barrier first. Panics if there is no such item.
    fn set_item<O: VarObject, T: FieldValue>(
        self,
        vm: &'static Vm,
        a: &'static Array<O, T>,
        i: usize,
        v: T,
    );
    /// Writes item `i` of an array that was the last object allocated, with no safepoint since.
    fn init_item<O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>, i: usize, v: T);
    /// All items. Not to be kept over a safepoint.
    fn items<'a, O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>) -> &'a [T];
    /// All items for writing, of an array without references. Not to be kept over a safepoint, nor beside another slice.
    fn items_mut<'a, O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>) -> &'a mut [T];
    /// All items of an array of references for reordering or filling; the barrier ran for all of them.
    fn refs_mut<'a>(self, vm: &'static Vm) -> &'a mut [Gc];
}

#[inline(always)]
fn check<O: Object>(object: Gc) {
    debug_assert_eq!(
        object.type_id(),
        TypeId(O::TYPE_ID),
        "{object:?} is not a {}",
        std::any::type_name::<O>()
    );
}

/// A reference may be stored without the barrier only while no barrier is asked for. An allocation at the heap's limit
/// counts as a safepoint: what is stored has to be made before the object.
#[inline(always)]
fn check_new<T: FieldValue>(object: Gc) {
    debug_assert!(
        !matches!(T::KIND, FieldKind::Ref)
            || object.header().barrier() & ouro_gc::barrier_bits::LOG == 0,
        "{object:?} is initialised after a safepoint"
    );
}

impl Access for Gc {
    #[inline(always)]
    fn get<O: Object, T: FieldValue, K>(self, f: Field<O, T, K>) -> T {
        check::<O>(self);
        // SAFETY: see the module.
        unsafe { *self.word::<T>(f.info.offset) }
    }
    #[inline(always)]
    fn set<O: Object, T: FieldValue>(self, vm: &'static Vm, f: Field<O, T, Mutable>, v: T) {
        check::<O>(self);
        if matches!(T::KIND, FieldKind::Ref) {
            vm.heap.write(self);
        }
        // SAFETY: see the module.
        unsafe { *self.word::<T>(f.info.offset) = v }
    }
    #[inline(always)]
    fn init<O: Object, T: FieldValue, K>(self, f: Field<O, T, K>, v: T) -> Gc {
        check::<O>(self);
        check_new::<T>(self);
        // SAFETY: see the module.
        unsafe { *self.word::<T>(f.info.offset) = v };
        self
    }
    #[inline(always)]
    fn is<O: Object>(self) -> bool {
        !self.is_null() && self.type_id() == TypeId(O::TYPE_ID)
    }
    #[inline(always)]
    fn items_len<O: VarObject>(self) -> usize {
        check::<O>(self);
        // SAFETY: see the module.
        unsafe { *self.word::<i64>(O::LEN_OFFSET) as usize }
    }
    #[inline(always)]
    fn item<O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>, i: usize) -> T {
        self.items(a)[i]
    }
    #[inline(always)]
    fn set_item<O: VarObject, T: FieldValue>(
        self,
        vm: &'static Vm,
        a: &'static Array<O, T>,
        i: usize,
        v: T,
    ) {
        if matches!(T::KIND, FieldKind::Ref) {
            vm.heap.write_range(self, i..i + 1);
        }
        self.items_mut(a)[i] = v;
    }
    #[inline(always)]
    fn init_item<O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>, i: usize, v: T) {
        check_new::<T>(self);
        self.items_mut(a)[i] = v;
    }
    #[inline(always)]
    fn items<'a, O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>) -> &'a [T] {
        let len = self.items_len::<O>();
        // SAFETY: see the module; the heap allocated `len` items.
        unsafe { std::slice::from_raw_parts(self.word::<T>(a.info.items_offset), len) }
    }
    #[inline(always)]
    fn items_mut<'a, O: VarObject, T: FieldValue>(self, a: &'static Array<O, T>) -> &'a mut [T] {
        let len = self.items_len::<O>();
        // SAFETY: as in `items`.
        unsafe { std::slice::from_raw_parts_mut(self.word::<T>(a.info.items_offset), len) }
    }
    #[inline(always)]
    fn refs_mut<'a>(self, vm: &'static Vm) -> &'a mut [Gc] {
        let len = self.items_len::<WRefArray>();
        vm.heap.write_range(self, 0..len);
        self.items_mut(&REFS)
    }
}

/// A new object of fixed size, all zero.
#[inline]
pub fn alloc<O: Object>(vm: &'static Vm) -> Gc {
    vm.heap.alloc_checked(TypeId(O::TYPE_ID), O::BYTES)
}
/// A new object with `len` items, all zero. For sizes that the guest does not choose freely: the heap's limit is soft
/// here, a MemoryError is raised at the next safepoint.
#[inline]
pub fn alloc_var<O: VarObject>(vm: &'static Vm, len: usize) -> Gc {
    match vm.heap.alloc_var(TypeId(O::TYPE_ID), len) {
        Ok(object) => object,
        Err(_) => vm
            .heap
            .alloc_var_beyond_limit(TypeId(O::TYPE_ID), len)
            .expect("the system has memory for an object of a size that the guest does not choose"),
    }
}
/// As [`alloc_var`], for sizes that the guest chooses.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn try_alloc_var<O: VarObject>(vm: &'static Vm, len: usize) -> PyResult {
    vm.heap
        .alloc_var(TypeId(O::TYPE_ID), len)
        .map_err(|_| crate::error::memory_error(vm))
}
/// The bytes of a bytearray that lie outside the heap, as its table of functions gave them. Not to be kept over a change.
#[inline]
pub(crate) fn outside_bytes<'a>(first: *mut u8, len: usize) -> &'a mut [u8] {
    // SAFETY: the table tells memory that belongs to the bytearray; like all contents, slices of it do not outlive a call.
    match first.is_null() {
        true => &mut [],
        false => unsafe { std::slice::from_raw_parts_mut(first, len) },
    }
}
/// Changes a register of a running frame on behalf of a debugger; the caller knows that the frame has it.
pub(crate) fn set_stack_word(base: *mut Gc, n: usize, v: Gc) {
    // SAFETY: as in `stack_word`; nobody borrows registers.
    unsafe { *base.add(n) = v }
}
/// Word `n` of the guest stack from `base`; the caller knows that the frame has it.
#[inline]
pub fn stack_word(base: *mut Gc, n: usize) -> Gc {
    // SAFETY: frames lie in the guest stack, which is mapped as a whole and zero where it was never used.
    unsafe { *base.add(n) }
}
