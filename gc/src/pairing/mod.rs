//! Pairs of an object of the heap and a raw structure outside it that counts references.
//!
//! For code that is not ours and works with structures at fixed addresses, each with a reference count that it changes by
//! itself. One side of a pair is an object that collectors trace and move; the other is a [`Raw`], known only through a
//! table of functions ([`RawOps`]). The design is that of PyPy's `rawrefcount`; this is another implementation.
//!
//! **Links.** A [`LinkKind`] says on which side the data is:
//! - a *twin* belongs to an object whose data is in the heap. References to the twin from the raw side keep the object.
//! - a *proxy* is the object that stands in the heap for a raw structure with data of its own. The proxy keeps the raw
//!   structure; the raw structure does not keep the proxy, since another proxy can be made when it is needed again.
//!
//! A link adds [`BIAS`] to the reference count, or [`LIGHT_BIAS`] if the raw structure needs no more than its memory freed.
//! So foreign code never sees the count of a linked structure drop to 0, and a count of exactly the bias says that only the
//! heap refers to it.
//!
//! **In a collection**, between its other steps:
//! 1. roots, and everything that they reach;
//! 2. [`Pairing::trace`]: objects whose twins are held by the raw side, and what they reach;
//! 3. weak references to what is dead are cleared, then finalizers keep their objects once more, then light destructors run;
//! 4. [`Pairing::finish`]: links follow the objects that live. The others are undone: the bias is taken off, and what is
//!    left without a reference is freed if it is light, and otherwise *pending*.
//!
//! So an object that only the raw side holds is alive for weak references and finalizers, and a pair of which a finalizer
//! keeps the object stays a pair. A collection of young objects looks only at links that are new since the last one or
//! whose object stayed young. An incremental collector walks over the links of living objects in slices while it marks
//! (`pass.rs`). A collector that counts references asks when a count gets to zero: an object that the raw side holds gets one
//! count more and is looked at again at the end of each epoch (`Pairing::holds`), so that its collections look at
//! new links, at those, and at the links of what died.
//!
//! **Pending.** A structure that must be told before it goes cannot be told during a collection. It waits with a reference
//! count of 1, which belongs to the caller of [`next_pending`](crate::Heap::next_pending): whoever drops it runs the structure's destructor, as
//! if the last reference went just then. Until then it is an ordinary structure without a link; it may be held again, and
//! linked again. A poll reports [`Attention::PENDING_RAW`](crate::Attention::PENDING_RAW).
//!
//! A heap that is dropped leaves the raw side as it is.
//!
//! **Cycles.** If the raw side cannot be looked into, garbage that refers to itself through both sides is kept. If it can
//! ([`CycleOps`](CycleOps)), step 2 of a collection of the whole heap does not keep what only dead structures hold
//! (`cross.rs`), and then:
//! - weak references to all dead objects are cleared first, as ever;
//! - dead structures that want a finalizer are handed out as [`Task::Finalize`], and dead objects with finalizers are queued.
//!   What these reach on both sides lives until a later collection finds it dead again;
//! - what is left is dead: links are undone, and a structure that others hold is handed out as [`Task::Clear`], with a
//!   reference of its own, so that none ends before it was told. Nobody finds an object for it any more.
//!
//! Collections of young objects keep what structures hold, dead or not. Immortal objects live from the start; a structure
//! with an immortal count is held from outside.
//!
//! Invariants, by the names that tests show (numbers as in the design's study):
//! - R1: a raw structure's link is set exactly if it stands in exactly one list, and then its count is at least the bias.
//! - R2: `gc_of(raw_of(object))` is the object.
//! - R3: when an object moved, its link and the table name the new place before the mutator runs.
//! - R4: an object whose twin the raw side holds is not unlinked.
//! - R5: unlinking ends in one of three ways: freed, pending, or an unlinked structure that the raw side holds.
//! - R6: what is pending has a count of at least 1, and no link unless it was linked again.
//! - R7: the count is the number of references plus the bias of the link, at each step.
//! - R8: a proxy that dies gives its structure up exactly once.
//! - R9: what is light is never pending.
//! - R10: a dead object's address leads to no raw structure, also when another object gets it.
//! - R11: garbage that crosses between the sides any number of times is freed, if the raw side can be looked into.
//! - R12: what roots, references from outside or finalizers reach lives on both sides.
//! - R13: what is light is freed in the collection that finds it dead, everything else by whoever takes it.
//! - R14: a link may be made at any time between two steps of a collection.
//! - R15: all collectors end with the same result.
mod api;
mod counts;
mod cross;
mod cycles;
mod dead;
mod links;
mod liveness;
mod pairs;
mod pass;
mod pending;
mod raw;
mod state;
mod twins;

pub use counts::PairStats;
pub use cycles::{CycleOps, Task};
pub use liveness::Liveness;
pub use pairs::Pairing;
pub use raw::{BIAS, LIGHT_BIAS, LinkKind, Raw, RawLayout, RawOps};
pub(crate) use twins::AddressMap;
