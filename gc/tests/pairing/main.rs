//! Pairs of objects and raw structures: small scenes, random programs against a model, planted bugs.
//!
//! `OURO_PAIRING_CASES` sets the number of random programs, `OURO_PAIRING_SEED` repeats from the seed that a failure prints.
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod mirror;
mod mutants;
mod ops;
mod program;
mod scenes;
mod settings;
mod suite;
mod toys;
