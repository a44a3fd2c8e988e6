//! The benchmark runner: one way to measure, for every intent of `./x` that reports figures.
//!
//! - [`process`] runs one child process and says what it cost;
//! - [`interpreter`] is a Python that is started, resolved to its real executable;
//! - [`suite`] is the list of programs, which is data (`programs.toml`);
//! - [`measure`] checks each program against the first interpreter, then times it, interleaved, one process at
//!   a time;
//! - [`results`] are the samples and what is computed of them, [`statistics`] how;
//! - [`floors`] says which figures must be measured again, and which miss what was asked of them;
//! - [`timings`] is the other way to measure: scripts that time many small things themselves;
//! - [`lab`] compares the collectors of an interpreter: pauses, heaps, barriers;
//! - [`shares`] says how much of what compiled code executes is calls;
//! - [`memory`] says what is asked of memory, and who needs more;
//! - [`text`], [`json`] and [`page`] are three forms of the same report.
//!
//! Measured is CPU time of all threads and children; wall time stands beside it. *Whole process* is start-up
//! and five iterations; *steady* is the fifth iteration, as the process itself saw it; *memory* is the largest
//! resident set of the whole process. Figures are medians. Geometric means stand plain and with each ratio
//! capped, since a few loops whose work can be removed would carry a plain one.
//!
//! This crate knows neither the interpreters of this project nor where its programs are: the caller hands in
//! both. It depends on no other crate of the workspace.

pub mod floors;
pub mod interpreter;
pub mod json;
pub mod lab;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod page;
pub mod process;
pub mod progress;
pub mod results;
pub mod shares;
pub mod statistics;
pub mod suite;
pub mod text;
pub mod timings;
