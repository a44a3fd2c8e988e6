//! Property tests for collectors: random programs, an oracle that knows no collector, and the invariants that must hold.
//!
//! For a collector in any crate, see [`Suite`]:
//!
//! ```no_run
//! use ouro_gc::{COLLECTORS, model::Suite};
//! // One test for each invariant, named after it, such as `a8_pinned_address_is_constant`:
//! ouro_gc::model_tests!(COLLECTORS);
//! ouro_gc::pair_tests!(COLLECTORS);
//! // Thousands of random programs, on all of the collectors side by side:
//! fn random_programs() {
//!     Suite::of(COLLECTORS).assert();
//!     Suite::of(COLLECTORS).assert_pairs();
//! }
//! ```
//!
//! **Programs.** A program is a list of operations ([`ops::Op`], [`pairs::ops::Op`]) and options ([`setup::Setup`]). It works on
//! few objects and changes them often. Operations choose "the k-th of those there are", so that each part of a program is
//! a program, and a failure shrinks to a few lines.
//!
//! **Oracle.** [`oracle::Oracle`] is a graph over petgraph; objects are told apart by a serial number in their payload. An
//! [`executor::Executor`] runs the program on a heap beside it. After each collection the heap is compared with the graph, at the
//! end all collectors with one reference that has seen no collection at all.
//!
//! **Invariants.** [`INVARIANTS`] lists them: A of every heap, B of collectors that count references, R of pairs. The messages of
//! failures begin with the label of the invariant that does not hold. Each has evidence: counters that tell that programs
//! came across its case ([`coverage`]).
//!
//! **Repeating.** Random runs print their seed, failures the seed of their program: `OURO_MODEL_SEED=N OURO_MODEL_CASES=1`
//! (`OURO_PAIRING_SEED`, `OURO_PAIRING_CASES`) runs it again, and [`Suite::seed`] does so in code. Without them `OURO_TEST_SEED` is
//! where they begin, or the clock. Seeds mean other programs once
//! operations are added; what lasts is the program itself, which failures print.
pub mod coverage;
pub mod executor;
mod finish;
#[cfg(feature = "mutants")]
pub mod hunt;
pub mod invariants;
mod ledger;
pub mod machine;
mod memory;
pub mod objects;
mod observe;
pub mod ops;
pub mod oracle;
pub mod pairs;
pub mod plants;
mod regression;
pub mod scenes;
pub mod setup;
mod steps;
mod stores;
mod suite;
pub mod words;

pub use invariants::{INVARIANTS, Invariant};
pub use regression::Regression;
pub use suite::{Report, Suite};
