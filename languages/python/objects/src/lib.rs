//! The objects of Python: layouts, classes, and the runtime in plain Rust.
//!
//! `Language for Python` is in [`language`]. Reading order: [`layout`] (what objects look like), [`access`] (fields and items),
//! [`class`] (classes, maps, answers of lookups), [`world`] (the global state), [`builtin`] (tables of builtin functions),
//! [`error`] (guest exceptions as `Err`), then one file per concept: [`attribute`], [`operator`], [`call`], [`int`], ...
//! [`boot`] makes a VM.
//!
//! Runtime functions take the VM first and return [`PyResult`]. They may run guest code unless they say otherwise; a borrowed
//! slice of an object's items must not be kept over such a call.

pub mod access;
pub mod attention;
pub mod attribute;
pub mod boot;
pub mod builtin;
pub mod builtins;
pub mod bytearray;
pub mod bytes;
pub mod bytes_methods;
pub mod bytes_percent;
pub mod call;
pub mod class;
pub mod code;
pub mod codec;
pub mod complex;
pub mod constants;
pub mod consumers;
pub mod descriptor;
pub mod dict;
pub mod dict_methods;
pub mod dict_views;
pub mod error;
pub mod exception;
pub mod finalize;
pub mod float;
pub mod frame;
pub mod function;
pub mod function_methods;
pub mod generator;
pub mod generic_alias;
pub mod growing;
pub mod immortal;
pub mod instance;
pub mod int;
pub mod int_text;
pub mod item_format;
pub mod iter;
pub mod iter_objects;
pub mod iterator_methods;
pub mod language;
pub mod layout;
pub mod list;
pub mod list_methods;
pub mod list_parts;
pub mod lookup;
pub mod make_class;
pub mod memory_export;
pub mod memory_shape;
pub mod memoryview;
pub mod module;
pub mod number_methods;
pub mod object;
pub mod operator;
pub mod outside;
pub mod payload;
pub mod plain_keys;
pub mod range;
pub mod set;
pub mod set_methods;
pub mod slice;
pub mod sort;
pub mod source;
pub mod special;
pub mod step;
pub mod str;
pub mod suggest;
pub mod table;
pub mod temps;
pub mod traceback;
pub mod traceback_text;
pub mod tuple;
pub mod tuple_methods;
pub mod type_methods;
pub mod typed_items;
pub mod watch;
pub mod weakref;
pub mod world;

pub use access::Access;
pub use builtin::{BuiltinDef, GetSetDef, Kw};
pub use class::{Answer, Class, Map, Name};
pub use code::{PyCode, PyCodeInfo};
pub use error::Errors;
pub use language::{PyResult, Python, Vm};
pub use payload::payload;
pub use special::{BinOp, CmpOp, Special};
pub use step::Step;
pub use temps::Temps;
pub use world::{World, type_of};

#[cfg(test)]
mod tests;
