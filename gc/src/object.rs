//! What an object looks like in memory: one header word, then fields at fixed offsets.
//!
//! Invariants:
//! - O1: an object starts at a multiple of [`GRANULE_BYTES`] and its size is one too.
//! - O2: the header stands at offset 0, so that every field address is an interior pointer, never one before the object.
//! - O3: bit 0 of the header is 0. A moving collector writes `new_address | 1` there while it runs.
//! - O4: all-zero flags describe a new object, so that inline allocation stores one constant.
use crate::heap::Heap;
use crate::types::{Object, TypeId, VarObject};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// Objects start at multiples of this many bytes.
pub const GRANULE_BYTES: usize = 16;

/// Bits of [`Header::barrier`]. Any bit set sends a store through the slow path of the write barrier.
pub mod barrier_bits {
    /// The object is old and not yet in the remembered set: its next store must log it first.
    pub const LOG: u8 = 1;
    /// A large array whose stores are logged per chunk of items.
    pub const CHUNKED: u8 = 2;
}

/// Bits of [`Header::state`].
pub mod state_bits {
    /// The object must keep its address.
    pub const PINNED: u8 = 1 << 0;
    /// Somebody asked for the object's identity number.
    pub const HAS_ID: u8 = 1 << 1;
    /// The object is paired with a structure outside the heap.
    pub const HAS_PAIR: u8 = 1 << 2;
    /// The object is registered in the finalizer queue.
    pub const HAS_FINALIZER: u8 = 1 << 3;
    /// At least one weak reference names the object.
    pub const HAS_WEAKREF: u8 = 1 << 4;
    /// The object never dies and never moves.
    pub const IMMORTAL: u8 = 1 << 5;
    /// The object lives in the large-object space.
    pub const LARGE: u8 = 1 << 6;
    /// The object's identity number is not its address; the heap keeps it aside.
    pub const ID_ASIDE: u8 = 1 << 7;
}

/// The age of a young object counts in units of this in [`Header::age_and_colour`].
pub const AGE_MASK: u16 = 0xFFF;

/// The first word of every object.
#[repr(C, align(8))]
pub struct Header {
    type_id: Cell<u32>,
    barrier: Cell<u8>,
    state: Cell<u8>,
    /// 12 bits of age or reference count below, 4 bits of colour above.
    age: Cell<u16>,
}

const _: () = assert!(std::mem::size_of::<Header>() == 8);

impl Header {
    /// The header of a new object.
    #[inline(always)]
    pub const fn new(type_id: TypeId) -> Header {
        Header {
            type_id: Cell::new(type_id.0),
            barrier: Cell::new(0),
            state: Cell::new(0),
            age: Cell::new(0),
        }
    }
    /// The header of a new `T`.
    #[inline(always)]
    pub const fn of<T: Object>() -> Header {
        Header::new(TypeId(T::TYPE_ID))
    }
    /// The header of a static object outside every heap, which no barrier and no collector ever writes.
    pub const fn immortal(type_id: TypeId) -> Header {
        let header = Header::new(type_id);
        header.with_state(state_bits::IMMORTAL)
    }
    const fn with_state(self, state: u8) -> Header {
        Header {
            type_id: self.type_id,
            barrier: self.barrier,
            state: Cell::new(state),
            age: self.age,
        }
    }
    /// The type of the object.
    #[inline(always)]
    pub fn type_id(&self) -> TypeId {
        TypeId(self.type_id.get())
    }
    /// The byte that the write barrier tests, see [`barrier_bits`].
    #[inline(always)]
    pub fn barrier(&self) -> u8 {
        match cfg!(feature = "no-barrier") {
            true => 0,
            false => self.barrier.get(),
        }
    }
    /// Replaces the barrier byte. For collectors.
    #[inline(always)]
    pub fn set_barrier(&self, bits: u8) {
        self.barrier.set(bits);
    }
    /// Flags of the object, see [`state_bits`].
    #[inline(always)]
    pub fn state(&self) -> u8 {
        self.state.get()
    }
    /// Sets the given [`state_bits`].
    #[inline(always)]
    pub fn add_state(&self, bits: u8) {
        self.state.set(self.state.get() | bits);
    }
    /// Clears the given [`state_bits`].
    #[inline(always)]
    pub fn remove_state(&self, bits: u8) {
        self.state.set(self.state.get() & !bits);
    }
    /// Age or reference count (12 bits) and colour (4 bits). For collectors.
    #[inline(always)]
    pub fn age_and_colour(&self) -> u16 {
        self.age.get()
    }
    /// Replaces age and colour. For collectors.
    #[inline(always)]
    pub fn set_age_and_colour(&self, bits: u16) {
        self.age.set(bits);
    }
}

/// A static object that consists of a header only, such as a singleton. It is in no heap, never dies and never moves.
#[repr(C, align(16))]
pub struct Immortal(Header);

// SAFETY: the state bit IMMORTAL and barrier byte 0 mean that neither a barrier nor a collector writes the header, and
// the mutating methods of `Header` are unreachable through `Immortal` except by way of a `Gc`, which is not `Send`.
unsafe impl Sync for Immortal {}

impl Immortal {
    /// A singleton of type `type_id`.
    pub const fn new(type_id: TypeId) -> Immortal {
        Immortal(Header::immortal(type_id))
    }
    /// The reference to it.
    #[inline(always)]
    pub fn gc(&'static self) -> Gc {
        Gc((&raw const self.0).cast_mut())
    }
}

/// A reference to an object, or [`Gc::NULL`].
///
/// It may live in locals, in guest frames and in heap objects. In Rust heap memory use [`crate::Root`] or
/// [`crate::RootVec`]. A safepoint may move or free what is not reachable from a root.
#[repr(transparent)]
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gc(*mut Header);

impl Gc {
    /// No object.
    pub const NULL: Gc = Gc(std::ptr::null_mut());

    /// The reference to the object that starts at `address`.
    ///
    /// # Safety
    /// `address` is null, or the start of an object of a heap or of an immortal static.
    #[inline(always)]
    pub const unsafe fn from_raw(address: *mut Header) -> Gc {
        Gc(address)
    }
    /// Address of the object, for compiled code and for identity of objects that do not move.
    #[inline(always)]
    pub const fn as_ptr(self) -> *mut Header {
        self.0
    }
    /// Address of the object as a number.
    #[inline(always)]
    pub fn address(self) -> usize {
        self.0 as usize
    }
    /// Whether this is [`Gc::NULL`].
    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0.is_null()
    }
    /// The object's header. Panics in debug builds for NULL.
    #[inline(always)]
    pub fn header<'a>(self) -> &'a Header {
        debug_assert!(!self.is_null(), "the header of NULL was asked for");
        // SAFETY: by the contract of `from_raw` a `Gc` that is not null points to an object, whose header is made of cells.
        unsafe { &*self.0 }
    }
    /// The type of the object, which must not be NULL.
    #[inline(always)]
    pub fn type_id(self) -> TypeId {
        self.header().type_id()
    }
    /// Address of the word at byte `offset` of the object; the caller knows the layout.
    #[inline(always)]
    pub fn word<T>(self, offset: u32) -> *mut T {
        self.0.wrapping_byte_add(offset as usize).cast()
    }
    /// The same reference with its type, if the object is a `T`.
    #[inline(always)]
    pub fn cast<T: Object>(self) -> Option<GcRef<T>> {
        (!self.is_null() && self.type_id().0 == T::TYPE_ID).then_some(GcRef {
            gc: self,
            class: PhantomData,
        })
    }
    /// The same reference with its type. Panics unless the object is a `T`.
    #[inline(always)]
    pub fn expect<T: Object>(self) -> GcRef<T> {
        match self.cast() {
            Some(typed) => typed,
            None => panic!("{self:?} is not a {}", std::any::type_name::<T>()),
        }
    }
}

impl Default for Gc {
    fn default() -> Gc {
        Gc::NULL
    }
}

impl fmt::Debug for Gc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_null() {
            true => f.write_str("Gc(NULL)"),
            false => write!(f, "Gc({:p}, type {})", self.0, self.type_id().0),
        }
    }
}

/// A reference to an object whose type is known, for runtime code in plain Rust. Never NULL.
///
/// The `&T` it dereferences to must not be kept over a safepoint: it would not follow the object.
#[repr(transparent)]
pub struct GcRef<T> {
    gc: Gc,
    class: PhantomData<*const T>,
}

impl<T> Clone for GcRef<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for GcRef<T> {}
impl<T> PartialEq for GcRef<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.gc == other.gc
    }
}
impl<T> Eq for GcRef<T> {}
impl<T> fmt::Debug for GcRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.gc.fmt(f)
    }
}
impl<T> From<GcRef<T>> for Gc {
    #[inline(always)]
    fn from(typed: GcRef<T>) -> Gc {
        typed.gc
    }
}

impl<T: Object> GcRef<T> {
    /// The typed reference to `gc`.
    ///
    /// # Safety
    /// `gc` is not NULL and its object is a `T`. Debug builds check it.
    #[inline(always)]
    pub unsafe fn assume(gc: Gc) -> GcRef<T> {
        debug_assert_eq!(
            gc.type_id().0,
            T::TYPE_ID,
            "{gc:?} is not a {}",
            std::any::type_name::<T>()
        );
        GcRef {
            gc,
            class: PhantomData,
        }
    }
    /// The reference without its type.
    #[inline(always)]
    pub fn gc(self) -> Gc {
        self.gc
    }
}

impl<T: Object> Deref for GcRef<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: `assume` and `cast` admit only objects whose type id is T's; `TypeTable::register` checked that this
        // type has T's size, and the allocator zeroes or writes all of it.
        unsafe { &*self.gc.0.cast::<T>() }
    }
}

impl<T: VarObject> GcRef<T> {
    /// Number of items of the variable part.
    #[inline(always)]
    pub fn item_count(&self) -> usize {
        // SAFETY: derive(Object) takes LEN_OFFSET from a field of 8 bytes that holds the number of items.
        unsafe { *self.gc.word::<u64>(T::LEN_OFFSET) as usize }
    }
    /// The variable part. Like `&T` it must not be kept over a safepoint.
    #[inline(always)]
    pub fn items(&self) -> &[T::Item] {
        // SAFETY: the allocator reserved and zeroed `len` items behind the fixed part, and all-zero is a value of T::Item
        // by the contract of `VarObject`.
        unsafe {
            std::slice::from_raw_parts(self.gc.word::<T::Item>(T::ITEMS_OFFSET), self.item_count())
        }
    }
}

/// Marks the place of the variable part: the last field of an object's struct.
///
/// It has size 0 here; the allocator puts the items behind the struct.
#[repr(transparent)]
pub struct Items<T>([T; 0]);

impl<T> Items<T> {
    /// The only value.
    pub const fn new() -> Items<T> {
        Items([])
    }
}
impl<T> Default for Items<T> {
    fn default() -> Items<T> {
        Items::new()
    }
}

/// A mutable reference field of a heap object. A store through it runs the write barrier first.
#[repr(transparent)]
#[derive(Default)]
pub struct GcField(Cell<Gc>);

impl GcField {
    /// A field that holds `value`, in an object that is about to be allocated.
    #[inline(always)]
    pub const fn new(value: Gc) -> GcField {
        GcField(Cell::new(value))
    }
    /// The reference it holds.
    #[inline(always)]
    pub fn get(&self) -> Gc {
        self.0.get()
    }
    /// Runs the barrier of `owner`, the object that contains this field, and stores `value`.
    #[inline(always)]
    pub fn set(&self, heap: &Heap, owner: impl Into<Gc>, value: Gc) {
        let owner = owner.into();
        heap.check_handle(owner);
        heap.check_handle(value);
        if mutant!(BarrierAfterStore) {
            self.0.set(value);
        }
        if !mutant!(NoBarrierForNull) || !value.is_null() {
            heap.write(owner);
        }
        self.0.set(value);
    }
    /// Stores without a barrier. Only right while no safepoint was passed since the owner was allocated.
    #[inline(always)]
    pub fn init(&self, value: Gc) {
        self.0.set(value);
    }
}

/// A pointer to host data that lives as long as the process: code objects, maps, tables.
///
/// The collector does not look behind it. The JIT promotes it and then reads the immutable parts with plain Rust.
#[repr(transparent)]
pub struct Host<T: 'static>(Option<&'static T>);

impl<T> Clone for Host<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Host<T> {}
impl<T> PartialEq for Host<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.as_ptr() == other.as_ptr()
    }
}
impl<T> Eq for Host<T> {}
impl<T> Default for Host<T> {
    fn default() -> Self {
        Host(None)
    }
}
impl<T> fmt::Debug for Host<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({:p})", self.as_ptr())
    }
}

impl<T> Host<T> {
    /// The pointer to `data`.
    #[inline(always)]
    pub const fn new(data: &'static T) -> Host<T> {
        Host(Some(data))
    }
    /// The data, or `None` in an object whose field was never written.
    #[inline(always)]
    pub const fn get(self) -> Option<&'static T> {
        self.0
    }
    /// The data. Panics if the field was never written.
    #[inline(always)]
    pub fn expect(self) -> &'static T {
        self.0
            .expect("the host pointer was read before it was written")
    }
    /// Address of the data, or null.
    #[inline(always)]
    pub const fn as_ptr(self) -> *const T {
        match self.0 {
            Some(data) => data,
            None => std::ptr::null(),
        }
    }
}
