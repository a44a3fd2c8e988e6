//! The collectors of this crate. A registry is a slice: binaries may hand in a longer one.
use crate::collector::CollectorInfo;

mod incminimark;
mod marksweep;
mod null;
mod reference;

/// All collectors of this crate.
pub const COLLECTORS: &[CollectorInfo] = &[
    incminimark::INFO,
    marksweep::INFO,
    reference::INFO,
    null::INFO,
];

/// Name of the collector that runs unless another is asked for.
pub const DEFAULT: &str = incminimark::INFO.name;
