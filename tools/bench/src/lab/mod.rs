//! The comparison of collectors: what is measured of an interpreter whose collector and heap are options.
//!
//! - [`heap`]: time against the size of the heap: the least heap by bisection, then multiples of it;
//! - [`pauses`]: how long the mutator stood still, and how much of any stretch of time was its own;
//! - [`barrier`]: instructions with and without write barriers, counted by valgrind;
//! - [`retained`]: what ambiguous words keep, against what precise roots reach;
//! - [`run`](self::run()) measures all of it, [`text`], [`json`](self::json()) and `page::lab` are three forms of the report.
//!
//! Every run of a program must print what CPython prints.

pub mod barrier;
pub mod heap;
mod json;
pub mod pauses;
pub mod retained;
mod run;
mod text;

pub use json::json;
pub use run::{Plan, run};
pub use text::{barrier_verdict, rates, text};

use crate::timings::Timings;
use barrier::Barrier;
use heap::Curve;
use pauses::Pauses;
use retained::Retained;

/// All that was measured.
pub struct Lab {
    /// The collectors that were compared, the default one first.
    pub collectors: Vec<String>,
    pub curves: Vec<Curve>,
    pub pauses: Vec<Pauses>,
    pub barrier: Vec<Barrier>,
    pub retained: Vec<Retained>,
    /// Allocation: scripts that time themselves.
    pub timings: Vec<Timings>,
    /// Program, configuration, and what went wrong.
    pub complaints: Vec<(String, String, String)>,
}

/// Small results for the tests of this crate.
#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use heap::Point;
    use pauses::Event;

    pub fn example() -> Lab {
        let events = (0..50).map(|n| Event {
            start_ns: n * 10_000_000,
            cpu_ns: 1_000_000 + n * 10_000,
        });
        let events: Vec<Event> = events.collect();
        let point = |factor: f64, cpu_s: f64| Point {
            factor,
            mib: factor * 4.0,
            cpu_s: Some(cpu_s),
        };
        let curve = |collector: &str, slower: f64| Curve {
            program: "trees".into(),
            collector: collector.into(),
            least_mib: Some(4.0),
            points: vec![point(1.3, 2.0 * slower), point(2.0, 1.5), point(6.0, 1.0)],
        };
        Lab {
            collectors: vec!["new".into(), "<old>".into()],
            curves: vec![curve("new", 1.0), curve("<old>", 2.0)],
            pauses: vec![
                Pauses::new("trees", "new", events, 500_000_000),
                Pauses::new("trees", "<old>", vec![], 400_000_000),
            ],
            barrier: vec![Barrier {
                program: "trees".into(),
                with: 103_000_000,
                without: 100_000_000,
            }],
            retained: vec![Retained {
                program: "trees".into(),
                collections: 3,
                bytes: 3_030_000,
                precise_bytes: 3_000_000,
                most_bytes: 20_000,
            }],
            timings: vec![crate::timings::samples::example()],
            complaints: vec![("trees".into(), "<old>".into(), "exit 1".into())],
        }
    }
}
