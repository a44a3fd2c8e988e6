//! Extension modules written in C: where the interpreter's objects and those of `ouro-cpyext` meet.
//!
//! The only crate that sees both sides. Reading order: [`convert`] (an object of one side as one of the other), [`types`]
//! (classes and types), [`containers`] (lists, dicts and sets that both sides see), [`buffers`] (bytearrays and
//! memoryviews), [`call`] (functions of C called by the interpreter), [`answers`] (the functions through which C
//! reaches the interpreter), [`cycles`] (garbage that
//! refers to itself through both sides), [`load`] (finding and initialising extension modules).
//!
//! Nothing here runs before the first extension module is imported: [`install`] only plugs in the loader.
//!
//! Invariants
//! - D1: a reference to an object of the heap lies on the C side only in link words, which the heap's pairs know. C sees no
//!   address of the heap.
//! - D2: ints, floats, bools, None, `...` and NotImplemented cross by value: they have no links, except in dicts (D5). Strs,
//!   bytes and tuples made by C and given away cross by value too; what the interpreter made, or C keeps, has a twin as long as
//!   it lives.
//! - D3: types live for ever, and so do their classes. `tp_cache` of a type that an extension made is its class.
//! - D6: an instance of a type that an extension derived from a builtin is an instance of the interpreter with the builtin's
//!   object below it, and the structure is its twin, destroyed with it. An instance of any other type of an extension is the
//!   structure; the interpreter has a proxy for it, which is a twin if anything hangs on the proxy itself.

pub mod answers;
pub mod buffers;
pub mod call;
pub mod containers;
pub mod convert;
pub mod cycles;
pub mod load;
pub mod state;
pub mod types;

pub use load::install;
