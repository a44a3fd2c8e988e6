//! Programs that must not compile: each is one way to break a rule of the heap.
//!
//! The twin that compiles, so that the others fail for their reason and not for a typing error:
//! ```
//! use ouro_gc::{model::objects::*, *};
//! let heap = Heap::new(Config::default(), COLLECTORS, types()).unwrap();
//! let (owner, value) = (heap.root(node(&heap, 1)), node(&heap, 2));
//! let object = owner.get().expect::<Node>();
//! object.slots[0].set(&heap, owner.get(), value.gc());
//! ```
//! A field of an object has no store without a barrier that looks like an ordinary one:
//! ```compile_fail
//! use ouro_gc::{model::objects::*, *};
//! let heap = Heap::new(Config::default(), COLLECTORS, types()).unwrap();
//! let (owner, value) = (heap.root(node(&heap, 1)), node(&heap, 2));
//! let object = owner.get().expect::<Node>();
//! object.slots[0] = GcField::new(value.gc());
//! ```
//! Nobody makes a reference out of a number without a word for it:
//! ```compile_fail
//! use ouro_gc::*;
//! let stray: Gc = Gc::from_raw(16 as *mut Header);
//! ```
//! An object is freed without being dropped, so it holds nothing that must be dropped:
//! ```compile_fail
//! use ouro_gc::*;
//! #[repr(C)]
//! struct Named {
//!     header: Header,
//!     name: String,
//! }
//! impl Object for Named {
//!     const TYPE_ID: u32 = 2;
//!     const BYTES: u32 = 32;
//!     const FIELDS: &'static [FieldInfo] = &[];
//!     fn info() -> TypeInfo {
//!         TypeInfo::plain("Named", 32)
//!     }
//! }
//! fn make(heap: &Heap) -> GcRef<Named> {
//!     heap.new_object(Named { header: Header::of::<Named>(), name: String::new() })
//! }
//! fn main() {
//!     let heap = Heap::new(Config::default(), COLLECTORS, TypeTable::new()).unwrap();
//!     make(&heap);
//! }
//! ```
//! A reference does not leave its thread:
//! ```compile_fail
//! use ouro_gc::Gc;
//! let gc = Gc::NULL;
//! std::thread::spawn(move || gc.is_null());
//! ```
//! Nor does a handle:
//! ```compile_fail
//! use ouro_gc::Root;
//! fn send(root: Root) {
//!     std::thread::spawn(move || root.get().is_null());
//! }
//! ```
//! Nor the heap:
//! ```compile_fail
//! use ouro_gc::Heap;
//! fn share(heap: &'static Heap) {
//!     std::thread::spawn(move || heap.live_bytes());
//! }
//! ```
