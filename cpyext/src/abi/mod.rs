//! The structs of CPython 3.11 as C compilers lay them out on x86-64 Linux.
//!
//! Every offset in `tables/offsets.csv` of a struct that is declared here is asserted when the crate is compiled; the test
//! `probe` asserts the table with a C compiler and CPython's own headers.
#![allow(non_camel_case_types)]

mod callable;
mod object;
mod state;
mod values;

pub use callable::*;
pub use object::*;
pub use state::*;
pub use values::*;

include!(concat!(env!("OUT_DIR"), "/asserts.rs"));
