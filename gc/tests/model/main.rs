//! Random programs on every collector, against a graph that knows no collector.
//!
//! Each program runs beside its oracle (`oracle.rs`, over petgraph) on every row of the registry at once. After each
//! collection the heap is compared with the oracle (`observe.rs`), at the end all collectors are compared with one
//! reference (`finish.rs`). `mutants.rs` plants bugs and sees them found.
//!
//! `OURO_MODEL_CASES` sets the number of programs, `OURO_MODEL_SEED` repeats from the seed that a failure prints.
mod collectors;
#[path = "../common/mod.rs"]
mod common;
mod coverage;
mod executor;
mod finish;
mod machine;
mod mutants;
mod observe;
mod ops;
mod oracle;
mod plants;
mod setup;
mod steps;
mod stores;
mod suite;
mod words;
