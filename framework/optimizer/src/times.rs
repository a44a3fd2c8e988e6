//! How long each pass takes, for statistics.
//!
//! One walk sends every operation through all passes, so a pass alone takes nanoseconds per operation, about as long as
//! reading the clock. So only each so manieth operation is timed, what the clock itself takes is subtracted, and the rest
//! is multiplied.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// Each so manieth operation is timed.
const SAMPLE: u64 = 16;

/// What is timed: the passes of the walk, then the rest.
pub const NAMES: [&str; 9] = [
    "fold", "guards", "virtuals", "pure", "heap", "emit", "label", "close", "dead",
];
/// Numbers in [`NAMES`] behind the passes of the walk.
pub const EMIT: usize = 5;
pub const LABEL: usize = 6;
pub const CLOSE: usize = 7;
pub const DEAD: usize = 8;

/// Nanoseconds by number in [`NAMES`], for all traces since it was made.
#[derive(Debug)]
pub struct Times {
    ns: [AtomicU64; NAMES.len()],
    operations: AtomicU64,
    /// What reading the clock takes.
    clock_ns: u64,
}

impl Default for Times {
    fn default() -> Times {
        let read = |_| {
            let before = Instant::now();
            Instant::now().duration_since(before).as_nanos() as u64
        };
        Times {
            ns: Default::default(),
            operations: AtomicU64::new(0),
            clock_ns: (0..64).map(read).min().unwrap_or(0),
        }
    }
}

/// Measuring changes nothing, so options that differ in it only are the same.
impl PartialEq for Times {
    fn eq(&self, _: &Times) -> bool {
        true
    }
}
impl Eq for Times {}

impl Times {
    /// Name and nanoseconds of each part.
    pub fn all(&self) -> Vec<(&'static str, u64)> {
        let ns = self.ns.iter().map(|ns| ns.load(Relaxed));
        NAMES.into_iter().zip(ns).collect()
    }
    /// Whether the next operation is one of those that are timed.
    pub(crate) fn samples(&self) -> bool {
        self.operations.fetch_add(1, Relaxed).is_multiple_of(SAMPLE)
    }
    /// A part of the walk that was timed for one operation ends; the next one begins.
    pub(crate) fn lap(&self, part: usize, since: &mut Instant) {
        let now = Instant::now();
        let ns = now.duration_since(*since).as_nanos() as u64;
        self.add(part, SAMPLE * ns.saturating_sub(self.clock_ns));
        *since = Instant::now();
    }
    fn add(&self, part: usize, ns: u64) {
        self.ns[part].fetch_add(ns, Relaxed);
    }
}

/// Runs `f`, which is a part, and adds its time if there is anything to add it to.
pub(crate) fn timed<T>(times: Option<&Times>, part: usize, f: impl FnOnce() -> T) -> T {
    let Some(times) = times else { return f() };
    let begun = Instant::now();
    let result = f();
    times.add(part, begun.elapsed().as_nanos() as u64);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::PASSES;

    #[test]
    fn the_parts_begin_with_the_passes_of_the_walk() {
        let passes: Vec<_> = PASSES.iter().map(|p| p.name).collect();
        assert_eq!(passes, NAMES[..EMIT]);
    }
}
