//! How crates above export memory to memoryviews, and look through memoryviews themselves.

use crate::{PyResult, Vm};
use ouro_gc::Gc;

/// The memory of an object that is neither bytes nor bytearray.
pub struct Export {
    /// What holds the memory: lives as long as a view of it. A bytearray, or something of whoever exports.
    pub holder: Gc,
    /// The exporter as the guest sees it, or None.
    pub object: Gc,
    /// Where the first item begins in the holder's memory.
    pub start: i64,
    /// Format of an item, as in `struct`.
    pub format: String,
    /// Bytes of an item.
    pub item_bytes: i64,
    /// May not be written.
    pub readonly: bool,
    /// Items in each dimension.
    pub shape: Vec<i64>,
    /// Bytes from one item to the next in each dimension.
    pub strides: Vec<i64>,
}
/// How crates above export memory.
pub struct Exporters {
    /// Asks an object for its memory; None if it exports none. It is given back when the last view is released.
    pub export: fn(&'static Vm, Gc) -> PyResult<Option<Export>>,
    /// All bytes of a holder.
    pub content: fn(Gc) -> (*mut u8, usize),
    /// Changes the number of views of a holder.
    pub count: fn(Gc, i64),
    /// How many others look through the view itself, which may not be released before them.
    pub exports: fn(&'static Vm, Gc) -> i64,
    /// The view is released.
    pub released: fn(&'static Vm, Gc),
}
