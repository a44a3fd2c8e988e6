//! The heap of Ouro: object model, allocation, roots, collectors, verifier. It knows no language and no compiler.
//!
//! Start with [`Heap::new`]: it takes a [`Config`], a registry of collectors such as [`COLLECTORS`], and the
//! [`TypeTable`] of the language. Reading order: `object.rs` (what an object is), `fastpath.rs` (what compiled code does
//! by itself), `heap.rs` (the slow paths), `collector.rs` and `collectors/null.rs` (the seam), `space.rs` (the memory).
//!
//! Where a [`Gc`] may live: locals, guest frames, heap objects. In Rust heap memory use [`Root`] or [`RootVec`].

// First, since the other modules use its macro.
#[macro_use]
pub mod mutants;

mod aftermath;
mod attention;
mod backup;
mod bitmap;
mod collector;
pub mod collectors;
pub mod compile_fail;
mod config;
mod counts;
mod cycle;
pub mod dump;
mod error;
mod evacuation;
pub mod fastpath;
mod field;
mod finalizers;
mod handles;
mod heap;
mod hooks;
mod identities;
mod last_rites;
mod mark;
mod mature;
mod memory;
#[cfg(feature = "model")]
pub mod model;
mod native_stack;
mod nursery;
mod object;
mod old;
mod pacing;
pub mod pairing;
mod pauses;
mod peaks;
mod pins;
mod pressure;
mod remembered;
mod resolve;
mod reuse;
mod roots;
mod runs;
mod scan;
mod shards;
mod singles;
mod space;
mod stack;
mod stats;
mod sweep;
mod topology;
mod trial;
mod types;
mod verify;
mod walk;
mod weak;
mod wholesale;
mod young;

pub use attention::{Attention, AttentionHandle};
pub use collector::{Capabilities, Collector, CollectorInfo, Reason, Scope};
pub use collectors::COLLECTORS;
pub use config::{Config, ConfigError, Cycles, Knob, RootMode, Unit};
pub use counts::Counts;
pub use cycle::{Cycle, Phase, StepBudget};
pub use error::{HeapError, OutOfMemory};
pub use evacuation::evacuate_and_sweep;
pub use fastpath::{FastPath, LARGE_OBJECT_BYTES, ZONE_BYTES};
pub use field::{
    Field, FieldInfo, FieldKind, FieldMutability, FieldStorage, FieldValue, Immutable, ItemsField,
    Mutability, Mutable, QuasiImmutable,
};
pub use finalizers::Finalizers;
pub use heap::Heap;
pub use hooks::{CollectionEvent, GcHooks};
pub use identities::Identities;
pub use mark::{Gray, Marker};
pub use mature::{mark_and_sweep, note_deaths};
pub use memory::thread_cpu_time;
pub use native_stack::{NativeMark, NativeStacks};
pub use nursery::BlockKind;
pub use object::{
    AGE_MASK, GRANULE_BYTES, Gc, GcField, GcRef, Header, Host, Immortal, Items, barrier_bits,
    state_bits,
};
pub use pairing::{LinkKind, Liveness, PairStats, Pairing, Raw, RawOps};
pub use pauses::{Histogram, Pause, PauseEvent, Pauses};
pub use remembered::{CHUNK_ITEMS, RememberedSet};
pub use roots::{Root, RootProvider, RootProviderId, RootTable, RootVec, RootVisitor};
pub use space::{Space, Window};
pub use stats::{Stats, Work};
pub use sweep::SweepBudget;
pub use topology::EXACT_DEPTH;
pub use types::{
    FinalizeFn, Object, ScanFn, TypeError, TypeId, TypeInfo, TypeTable, VarObject, VarPart,
};
pub use verify::{VerifyError, VerifyReport};
pub use walk::{Residence, RootList, Walked};
pub use weak::WeakTable;
pub use young::{Watch, YoungPhase, YoungReport};
