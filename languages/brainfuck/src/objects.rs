//! Step 1: objects. Each is a `repr(C)` struct; `derive(Object)` makes a typed descriptor of each field, and handlers
//! reach fields through descriptors only.

use ouro_gc::{Gc, Header, Items, TypeTable};
use ouro_machine::Array;
use ouro_macros::Object;
use std::cell::Cell;

/// A position on the tape. A value class: immutable and without identity, so compiled code may unbox it.
#[derive(Object)]
#[object(id = 2, value_class)]
#[repr(C)]
pub struct Position {
    pub(crate) header: Header,
    #[field(immutable)]
    pub(crate) value: i64,
}

/// The tape: one byte per cell.
#[derive(Object)]
#[object(id = 4)]
#[repr(C)]
pub struct Tape {
    pub(crate) header: Header,
    #[field(immutable)]
    len: i64,
    items: Items<Cell<u8>>,
}

/// How handlers reach the cells.
pub const CELLS: Array<Tape, u8> = Array::of(Tape::ITEMS);

/// An exception: why the program was stopped.
#[derive(Object)]
#[object(id = 6)]
#[repr(C)]
pub struct Stopped {
    pub(crate) header: Header,
    /// A [`Reason`] as a number.
    #[field(immutable)]
    pub(crate) reason: i64,
}

/// Why a program was stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The position left the tape.
    OffTheTape = 1,
    /// Guest calls are nested too deep; cannot happen here.
    StackOverflow = 2,
}

/// The heap's list of types, in the order of their ids.
pub fn types() -> TypeTable {
    let mut types = TypeTable::new();
    types.register::<Position>().expect("ids are in order");
    types.register::<Tape>().expect("ids are in order");
    types.register::<Stopped>().expect("ids are in order");
    types
}

/// The reason in an exception object.
pub fn reason_of(exception: Gc) -> Reason {
    match exception.expect::<Stopped>().reason {
        1 => Reason::OffTheTape,
        _ => Reason::StackOverflow,
    }
}
