//! The text form of traces, which is complete: printing and parsing gives the same trace.
//!
//! One line per thing: descriptors in the order of their ids, inputs, operations, exits, and the entry. Two descriptors
//! with one name are told apart by their index: `W_Object~4`. Constants: `5` is an Int, `5.0` (also `inf`, `NaN`,
//! `float#7ff8...`) a Float, `null` and `#7f00aa10` are Refs. Lines that begin with `//` are comments.

mod expect;
mod parse;
mod print;
mod scan;

pub use expect::{check, difference, normal};
pub use parse::{ParseError, Resolve, parse, parse_with};
