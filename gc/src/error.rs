//! What can go wrong with a heap.
use std::fmt;

/// The allocation would pass the hard limit: raise the guest's MemoryError.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;
impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the heap has reached its limit")
    }
}
impl std::error::Error for OutOfMemory {}

/// Why a heap could not be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HeapError {
    /// The registry has no collector of that name.
    UnknownCollector {
        name: String,
        known: Vec<&'static str>,
    },
    /// Barriers were left out when this was built, and the collector of that name needs them.
    NeedsBarrier(&'static str),
    /// The system refused the address space.
    NoAddressSpace,
}
impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapError::UnknownCollector { name, known } => {
                write!(
                    f,
                    "unknown collector {name:?}; known are {}",
                    known.join(", ")
                )
            }
            HeapError::NeedsBarrier(name) => write!(
                f,
                "collector {name:?} needs write barriers, which this build leaves out"
            ),
            HeapError::NoAddressSpace => {
                f.write_str("the system gave no address space for the heap")
            }
        }
    }
}
impl std::error::Error for HeapError {}
