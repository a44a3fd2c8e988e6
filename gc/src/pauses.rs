//! How long the mutator stood still: by kind, and as a distribution.
//!
//! Two clocks are read around a collection. The processor time of the thread is what the collector is answerable for; the
//! wall clock says what the program saw, other processes included.
use crate::stats::Work;
use std::time::{Duration, Instant};

/// What the mutator waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pause {
    /// A collection of the young objects.
    Minor,
    /// The same, and a part of an incremental collection of the whole heap.
    Step,
    /// A collection of the whole heap.
    Major,
}

impl Pause {
    /// All kinds.
    pub const ALL: [Pause; 3] = [Pause::Minor, Pause::Step, Pause::Major];
    /// Its name in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Pause::Minor => "minor",
            Pause::Step => "step",
            Pause::Major => "major",
        }
    }
}

/// Pauses of one kind, by the wall clock.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// Number of collections.
    pub count: u64,
    /// Their sum.
    pub total_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

impl Pauses {
    pub(crate) fn record(&mut self, ns: u64) {
        self.count += 1;
        self.total_ns += ns;
        self.max_ns = self.max_ns.max(ns);
    }
}

/// Values of a classification that is finer for small ones: each power of two is divided into 16 classes, so that a value is
/// told to 6 %.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

const PARTS_SHIFT: u32 = 4;

fn class_of(value: u64) -> usize {
    let value = value.max(1 << PARTS_SHIFT);
    let power = value.ilog2();
    let part = value >> (power - PARTS_SHIFT) & ((1 << PARTS_SHIFT) - 1);
    (((power - PARTS_SHIFT) as u64) << PARTS_SHIFT | part) as usize
}
/// The largest value of a class.
fn class_end(class: usize) -> u64 {
    let class = class as u64 + 1;
    let power = (class >> PARTS_SHIFT) as u32;
    ((1 << PARTS_SHIFT | class & ((1 << PARTS_SHIFT) - 1)) << power) - 1
}

impl Histogram {
    /// Adds a value.
    pub fn record(&mut self, value: u64) {
        let class = class_of(value);
        if self.counts.len() <= class {
            self.counts.resize(class + 1, 0);
        }
        self.counts[class] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }
    /// Number of values.
    pub fn count(&self) -> u64 {
        self.total
    }
    /// The largest value.
    pub fn max(&self) -> u64 {
        self.max
    }
    /// A value that at least `share` (0 to 1) of the values do not exceed, at most 6 % too large; 0 if there are none.
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = (share * self.total as f64).ceil() as u64;
        let mut seen = 0;
        for (class, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen != 0 {
                return class_end(class).min(self.max);
            }
        }
        0
    }
}

/// One pause, by the processor time of the thread, so that other processes do not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseEvent {
    /// What the mutator waited for.
    pub pause: Pause,
    /// When it began, in nanoseconds of processor time since the thread began.
    pub start_ns: u64,
    /// How long it took, in nanoseconds of processor time.
    pub cpu_ns: u64,
    /// The same by the wall clock.
    pub wall_ns: u64,
    /// What a collection in steps was at when the pause began, by [`Collector::stage`](crate::Collector::stage).
    pub stage: &'static str,
    /// What was done in it: of the counts that are the most of anything, those of the heap's life.
    pub work: Work,
}

/// The text of `-X gc-pauses`: a line for each pause, `KIND START_NS CPU_NS WALL_NS STAGE MOVED LOOKED_AT PROMOTED MARKED ENTRIES`,
/// then `end NOW_NS`. Moved are bytes of young objects; looked at are old objects and chunks of large arrays that were stored into;
/// promoted are objects that became old where they were; marked are bytes that marking fetched; entries are those of tables.
pub(crate) fn log_text(log: &[PauseEvent]) -> String {
    let mut text = String::from(
        "# pauses 2: kind start_ns cpu_ns wall_ns stage moved looked_at promoted marked entries\n",
    );
    for event in log {
        let (kind, work) = (event.pause.name(), &event.work);
        text += &format!(
            "{kind} {} {} {} {} {} {} {} {} {}\n",
            event.start_ns,
            event.cpu_ns,
            event.wall_ns,
            event.stage,
            work.moved_bytes,
            work.looked_at,
            work.promoted_in_place,
            work.marked_bytes,
            work.entries
        );
    }
    let now = crate::memory::thread_cpu_time().as_nanos();
    text += &format!("end {now}\n");
    text
}

/// How long a pause was; see [`PauseEvent`].
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub start_ns: u64,
    pub cpu_ns: u64,
    pub wall_ns: u64,
}

/// Both clocks at the start of a pause.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Stopwatch {
        Stopwatch {
            wall: Instant::now(),
            cpu: crate::memory::thread_cpu_time(),
        }
    }
    pub(crate) fn stop(self) -> Times {
        let cpu = crate::memory::thread_cpu_time() - self.cpu;
        Times {
            start_ns: self.cpu.as_nanos() as u64,
            cpu_ns: cpu.as_nanos() as u64,
            wall_ns: self.wall.elapsed().as_nanos() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_values_to_six_percent(
            values in proptest::collection::vec(0u64..5_000_000_000, 1..200),
            share in 0.0f64..1.0,
        ) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|&v| histogram.record(v));
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let rank = ((share * values.len() as f64).ceil() as usize).max(1);
            let exact = sorted[rank - 1];
            let told = histogram.quantile(share);
            prop_assert!(told >= exact, "{told} < {exact}");
            prop_assert!(told as f64 <= exact as f64 * 1.0625 + 16.0, "{told} > {exact}");
            prop_assert_eq!(histogram.max(), sorted[sorted.len() - 1]);
        }
    }
    #[test]
    fn an_empty_histogram_has_zeros() {
        assert_eq!(Histogram::default().quantile(0.5), 0);
    }
}
