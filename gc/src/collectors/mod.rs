//! The collectors of this crate. A registry is a slice: binaries may hand in a longer one.
use crate::collector::CollectorInfo;

mod marksweep;
mod null;

/// All collectors of this crate.
pub const COLLECTORS: &[CollectorInfo] = &[null::INFO, marksweep::INFO];

/// Name of the collector that runs unless another is asked for.
pub const DEFAULT: &str = marksweep::INFO.name;
