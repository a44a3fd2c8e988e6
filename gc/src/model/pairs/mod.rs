//! Random programs over pairs of objects and raw structures, against a model of both sides.
mod compare;
pub mod mirror;
pub mod ops;
pub mod program;
pub mod settings;
pub mod suite;
pub mod toys;
