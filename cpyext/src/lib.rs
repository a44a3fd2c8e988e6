//! The binary interface of CPython 3.11 on x86-64 Linux: what extension modules of PyPI link against.
//!
//! Reading order: [`abi`] (structs), [`memory`] (where objects of the C side lie), [`context`] (the thread's state and the
//! interpreter behind it), [`guest`] (what the interpreter answers: the only way to it), [`raw`] and [`destructors`] (objects whose
//! contents lie on the C side), [`values`] (ints and floats), [`fresh_dict`], [`text_format`], [`traverse`], [`errors`], [`api`] (the functions, one file per header), [`data`] and [`stubs`] (generated).
//!
//! This crate knows no object of the interpreter and no garbage collector: it sees pointers to [`abi::PyObject`] and asks
//! [`guest::Guest`]. Invariants:
//! - X1: every name of `tables/names.csv` is defined, with its true size if it is data.
//! - X2: a function that fails has set the thread's current exception; one that succeeds leaves it as it was.
//! - X3: every block of memory that C gets here has a pre-header of 16 bytes, see [`memory`].
//!
//! Statics that change: the data symbols are part of the interface, so there is one context in a process.
#![allow(non_snake_case, clippy::missing_safety_doc)]

#[macro_use]
mod export;

pub mod abi;
pub mod api;
pub mod context;
pub mod data;
pub mod destructors;
pub mod errors;
pub mod fresh_dict;
pub mod guest;
pub mod keep;
pub mod list;
pub mod memory;
pub mod raw;
pub mod stubs;
pub mod text_format;
mod tracked;
pub mod traverse;
pub mod values;
pub mod varargs;
