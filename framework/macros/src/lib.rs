//! Derive macros of Ouro.
//!
//! `#[derive(Object)]` turns a `#[repr(C)]` struct into the description of a heap object. For
//!
//! ```text
//! #[derive(Object)]
//! #[object(id = 2, value_class)]
//! #[repr(C)]
//! pub struct WInt {
//!     header: Header,
//!     #[field(immutable)]
//!     value: i64,
//! }
//! ```
//!
//! it writes
//!
//! ```text
//! impl WInt {
//!     pub const VALUE: Field<WInt, i64, Immutable> = Field::at(offset_of!(WInt, value) as u32, "WInt.value");
//! }
//! impl Object for WInt {
//!     const TYPE_ID: u32 = 2;
//!     const BYTES: u32 = size_of::<WInt>() rounded up to 16;
//!     const FIELDS: &'static [FieldInfo] = &[WInt::VALUE.info];
//!     fn info() -> TypeInfo { TypeInfo { value_class: true, ..TypeInfo::from_fields("WInt", BYTES, FIELDS) } }
//! }
//! ```
//!
//! Struct attribute `#[object(..)]`:
//! - `id = CONST` (needed): the type id, an even number; any constant expression.
//! - `name = "int"`: the name in dumps; the struct's name otherwise.
//! - `value_class`: objects have no observable identity.
//! - `finalize = path`: light destructor, `fn(&Heap, Gc)`.
//! - `scan = path`: finds further references, `fn(Gc, &mut dyn FnMut(*mut Gc))`.
//!
//! Field attribute `#[field(..)]`: `immutable`, `quasi_immutable` or `mutable` (the default), and `weak` for the reference
//! that does not keep its referent alive.
//!
//! Types of fields: those with `FieldStorage`: `i64 u64 usize f64 u32 i32 u16 u8 bool Gc Host<T>`, each also in a `Cell`,
//! and `GcField` (a mutable reference whose setter runs the write barrier). The first field is `header: Header`. A last
//! field of type `Items<T>` makes the object's length variable: the struct has a field `len: u64` then, and the
//! descriptor is an `ItemsField`; `VarObject` is implemented too.
//!
//! # What does not compile
//!
//! A wrong layout is a compile error, not a corrupt heap. The twin that compiles:
//! ```
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C)]
//! struct Thing { header: Header, value: std::cell::Cell<i64>, other: GcField }
//! assert_eq!(Thing::BYTES, 32);
//! ```
//! Without `#[repr(C)]` the compiler would order the fields:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! struct Thing { header: Header, value: std::cell::Cell<i64>, other: GcField }
//! ```
//! The header comes first:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C)]
//! struct Thing { value: std::cell::Cell<i64>, header: Header, other: GcField }
//! ```
//! A field is of a type that the heap knows how to read:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C)]
//! struct Thing { header: Header, value: String, other: GcField }
//! ```
//! A Rust reference would not be followed:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C)]
//! struct Thing { header: Header, value: std::cell::Cell<i64>, other: GcRef<Thing> }
//! ```
//! Type ids are even and not 0:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 3)]
//! #[repr(C)]
//! struct Thing { header: Header, value: std::cell::Cell<i64>, other: GcField }
//! ```
//! The variable part is the last field:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C)]
//! struct Thing { header: Header, #[field(immutable)] len: u64, items: Items<GcField>, value: std::cell::Cell<i64> }
//! ```
//! A variable part needs its length:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C)]
//! struct Thing { header: Header, items: Items<GcField> }
//! ```
//! An object starts at a multiple of 16 bytes, and not at one of 32:
//! ```compile_fail
//! use ouro_gc::*;
//! #[derive(ouro_macros::Object)]
//! #[object(id = 2)]
//! #[repr(C, align(32))]
//! struct Thing { header: Header, value: std::cell::Cell<i64>, other: GcField }
//! ```
mod object;

/// See the crate's documentation.
#[proc_macro_derive(Object, attributes(object, field))]
pub fn derive_object(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    object::expand(&input)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
