//! Bugs that are planted in the programs, to see that the suite finds them.

/// A wrong way to use the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// No barrier when NULL is stored.
    NullWithoutBarrier,
    /// No barrier when an immortal object is stored.
    StaticWithoutBarrier,
    /// No barrier when an object is stored into itself.
    ItselfWithoutBarrier,
    /// The barrier comes after the store.
    BarrierAfterStore,
    /// A safepoint comes between barrier and store.
    SafepointAfterBarrier,
    /// The barrier is left out for objects that were new before the last safepoint.
    ElideAlways,
    /// The barrier of a range names its first item only.
    RangeLogsFirstItem,
    /// Clearing an array runs no barrier.
    ClearWithoutBarrier,
    /// Copying between arrays runs no barrier.
    CopyWithoutBarrier,
    /// Allocation between barrier and store, and the barrier left out.
    LateStoreWithoutBarrier,
    /// A root is not reported.
    RootNotReported,
    /// A word one past the end of an object is not reported.
    EndWordNotReported,
    /// A word that names freed memory is taken for a reference.
    FreedWordRevives,
    /// An object whose finalizer ran is registered again.
    FinalizerAgain,
    /// The length of an array that was allocated with other objects is written after a safepoint.
    LengthAfterSafepoint,
    /// Identity is the address.
    IdentityIsAddress,
}
