//! Random programs on every collector, against a graph that knows no collector: see `ouro_gc::model`.
//!
//! `mutants.rs` plants bugs and sees them found. `OURO_MODEL_CASES` sets the number of programs, `OURO_MODEL_SEED` repeats
//! from the seed that a failure prints.
mod collectors;
mod mutants;
mod suite;
