//! The objects of Python: layouts, classes, and the runtime in plain Rust.
//!
//! `Language for Python` is in [`language`]. Reading order: [`layout`] (what objects look like), [`access`] (fields and items),
//! [`class`] (classes, maps, answers of lookups), [`world`] (the global state), [`builtin`] (tables of builtin functions),
//! [`error`] (guest exceptions as `Err`), then one file per concept: [`attribute`], [`operator`], [`call`], [`int`], ...
//!
//! Runtime functions take the VM first and return [`PyResult`]. They may run guest code unless they say otherwise; a borrowed
//! slice of an object's items must not be kept over such a call.

pub mod access;
pub mod attention;
pub mod builtin;
pub mod class;
pub mod code;
pub mod error;
pub mod immortal;
pub mod language;
pub mod layout;
pub mod special;
pub mod step;
pub mod temps;
pub mod world;

pub use access::Access;
pub use builtin::{BuiltinDef, GetSetDef, Kw};
pub use class::{Answer, Class, Map, Name};
pub use code::{PyCode, PyCodeInfo};
pub use error::Errors;
pub use language::{PyResult, Python, Vm};
pub use special::{BinOp, CmpOp, Special};
pub use step::Step;
pub use temps::Temps;
pub use world::{World, type_of};
