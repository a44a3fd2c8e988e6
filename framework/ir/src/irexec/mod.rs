//! The reference backend: runs a trace operation by operation. Slow, obvious, and the oracle of every other backend.
//!
//! [`State`] holds the values of a running trace, [`Memory`] is the world it runs in: [`ToyHeap`] for tests, which
//! checks each access, and [`HeapMemory`] for the collector's heap. [`pure::evaluate`] says what an operation computes.

mod memory;
mod observe;
pub mod pure;
mod state;
mod toy;

pub use memory::HeapMemory;
pub use observe::{Layouts, observe};
pub use state::{End, State, Step};
pub use toy::ToyHeap;

use crate::descr::{ArrayDescr, CallDescr, Ret, TypeDescr, Width};

/// What must not happen in a right trace. On [`HeapMemory`] only those that need no bookkeeping are noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// An operand breaks the operation's precondition: zero divisor, shift count, float out of range.
    Precondition,
    /// Not inside a living object, or inside its header.
    BadAccess,
    /// An index is not below the array's length, or a length is negative.
    OutOfRange,
    /// A reference was stored without a barrier since the last safepoint.
    NoBarrier,
    /// A callee that was declared not to raise has raised, or one without address was called.
    BadCall,
    /// An array does not fit below the heap's limit.
    OutOfMemory,
    /// More operations were executed than allowed.
    OutOfFuel,
}

/// Visits each reference that a run holds; a moving collector changes them.
pub type VisitRefs<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&mut u64));

/// The world that a trace runs in. Objects are addresses, values are 64 bits.
pub trait Memory {
    /// A fresh zeroed object.
    ///
    /// # Errors
    /// Any fault; all methods alike.
    fn alloc(&mut self, ty: &TypeDescr) -> Result<u64, Fault>;
    /// A fresh zeroed array, its length stored.
    ///
    /// # Errors
    /// A negative or too large length.
    fn alloc_array(&mut self, array: &ArrayDescr, len: i64) -> Result<u64, Fault>;
    /// The value at this byte offset, extended to 64 bits.
    ///
    /// # Errors
    /// A bad access.
    fn load(&self, object: u64, offset: u64, width: Width) -> Result<u64, Fault>;
    /// Stores at this byte offset.
    ///
    /// # Errors
    /// A bad access, a missing barrier.
    fn store(&mut self, object: u64, offset: u64, width: Width, bits: u64) -> Result<(), Fault>;
    /// The write barrier.
    ///
    /// # Errors
    /// Not an object.
    fn barrier(&mut self, object: u64) -> Result<(), Fault>;
    /// The write barrier of one item.
    ///
    /// # Errors
    /// Not an object.
    fn barrier_item(&mut self, object: u64, array: &ArrayDescr, index: u64) -> Result<(), Fault>;
    /// Calls. If the callee may collect, what `live` visits survives and is updated.
    ///
    /// # Errors
    /// A callee without address.
    fn call(&mut self, callee: &CallDescr, args: &[u64], live: VisitRefs) -> Result<Ret, Fault>;
    /// Whether the VM wants attention (`poll` leaves).
    fn wants_attention(&mut self) -> bool;
    /// Whether the trace was invalidated (`guard_not_invalidated` leaves).
    fn is_invalidated(&self) -> bool;
}
