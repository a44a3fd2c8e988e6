//! Pairs of objects and raw structures: small scenes, random programs against a model, planted bugs.
//!
//! `OURO_PAIRING_CASES` sets the number of random programs, `OURO_PAIRING_SEED` repeats from the seed that a failure prints.
mod mutants;
mod scenes;
mod suite;
