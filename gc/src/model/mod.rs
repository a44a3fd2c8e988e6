//! Random programs on every collector, against a graph that knows no collector.
//!
//! Each program runs beside its oracle (`oracle.rs`, over petgraph) on every row of a registry at once. After each
//! collection the heap is compared with the oracle (`observe.rs`), at the end all collectors are compared with one
//! reference (`finish.rs`).
pub mod coverage;
pub mod executor;
mod finish;
pub mod machine;
pub mod objects;
mod observe;
pub mod ops;
pub mod oracle;
pub mod pairs;
pub mod plants;
pub mod setup;
mod steps;
mod stores;
pub mod words;
