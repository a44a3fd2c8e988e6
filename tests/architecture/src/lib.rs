//! The rules of `architecture.toml`, and rules about documents, as functions that list violations.
//!
//! Each module is one rule: `violations(root, ..)` looks at the files below `root` and answers one
//! line for each thing that is wrong. `tests/house.rs` applies all of them to this repository; each
//! module's own tests plant a violation in a temporary folder and see it caught.

pub mod citations;
pub mod documents;
pub mod edges;
pub mod files;
pub mod names;
pub mod policy;
pub mod source;
pub mod unsafe_files;

#[cfg(test)]
mod planted;
