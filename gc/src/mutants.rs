//! Deliberate bugs, to see that the tests find them: feature `mutants`, chosen at run time by [`plant`].
//!
//! Each stands in the real code as `if mutant!(Name)`. Without the feature the macro is `false`, and nothing is left of it.
#[cfg(feature = "mutants")]
use std::cell::Cell;

/// Whether this bug is planted on this thread.
#[cfg(feature = "mutants")]
macro_rules! mutant {
    ($name:ident) => {
        $crate::mutants::is_planted($crate::mutants::Mutant::$name)
    };
}
/// Whether this bug is planted: never.
#[cfg(not(feature = "mutants"))]
macro_rules! mutant {
    ($name:ident) => {
        false
    };
}

/// A bug in this crate.
#[cfg(feature = "mutants")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// The barrier of a field runs after the store.
    BarrierAfterStore,
    /// No barrier runs when NULL is stored into a field.
    NoBarrierForNull,
    /// Of the items of an array that are stored into, only the first chunk is logged.
    FirstChunkOnly,
    /// The barrier of a logged object is not armed again by the collection.
    NotArmedAgain,
    /// What was looked at by a marking step and stored into since is not looked at again.
    NotLookedAtAgain,
    /// Roots are not read again when marking ends.
    RootsReadOnce,
    /// References that are gone are counted off before new ones are counted.
    DecrementsFirst,
    /// What became old where it was is not followed.
    InPlaceNotFollowed,
    /// A pinned object with a reserved identity moves to the reserved place.
    PinnedWithIdentityMoves,
    /// What a sweep has found dead and not freed yet is taken for an object.
    ZombieAccepted,
    /// An ambiguous word one past the end of an object does not keep it.
    EndIgnored,
    /// The table of twins keeps the old address of an object that moved.
    TwinsNotRehashed,
    /// What becomes pending keeps a count of 0.
    PendingAtZero,
    /// A light structure is handed out as pending.
    LightIsHeavy,
    /// Trial deletion takes no notice of what roots refer to.
    TrialForgetsRoots,
    /// Weak references are cleared when objects with finalizers were kept already.
    WeakAfterFinalizers,
    /// All dead objects with finalizers are queued at once, in order of registration.
    ChainsAtOnce,
    /// A freed object keeps its start bit.
    StartBitKept,
    /// A count that got stuck is counted down.
    StuckCountsDown,
}

#[cfg(feature = "mutants")]
thread_local!(static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) });

/// Plants a bug in all heaps of this thread, or none.
#[cfg(feature = "mutants")]
pub fn plant(mutant: Option<Mutant>) {
    PLANTED.set(mutant);
}
/// Whether the bug is planted.
#[cfg(feature = "mutants")]
pub fn is_planted(mutant: Mutant) -> bool {
    PLANTED.get() == Some(mutant)
}
