//! Pauses of one run: their distribution, and the mutator's share of time.
//!
//! The minimum mutator utilisation of a window length is the least share of processor time that the mutator had in any window of
//! that length inside the run (Cheng and Blelloch, "A parallel, real-time garbage collector", PLDI 2001).

/// One pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Nanoseconds since the thread began.
    pub start_ns: u64,
    pub cpu_ns: u64,
}

/// The pauses of a program under a collector.
#[derive(Clone, Debug)]
pub struct Pauses {
    pub program: String,
    pub collector: String,
    /// In the order of their starts; none overlaps another.
    pub events: Vec<Event>,
    /// When the program ended.
    pub end_ns: u64,
}

/// Lengths of windows in milliseconds.
pub const WINDOWS_MS: [u64; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/// Upper ends of the classes of the histogram, in microseconds; what is longer has a class of its own.
pub const CLASSES_US: [u64; 8] = [50, 100, 500, 1000, 2000, 5000, 10_000, 50_000];

impl Pauses {
    pub fn new(program: &str, collector: &str, events: Vec<Event>, end_ns: u64) -> Pauses {
        Pauses {
            program: program.into(),
            collector: collector.into(),
            events,
            end_ns,
        }
    }

    /// Reads lines `KIND START_NS CPU_NS WALL_NS ...` and the last one, `end NOW_NS`.
    ///
    /// # Errors
    /// The line that is none of these, or that there is no end.
    pub fn read(program: &str, collector: &str, text: &str) -> Result<Pauses, String> {
        let (mut events, mut end) = (Vec::new(), None);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |n: usize| words.get(n).and_then(|word| word.parse::<u64>().ok());
            match (words.first(), words.len()) {
                (Some(&"end"), 2) => end = number(1),
                (_, 4..) if number(1).is_some() => events.push(Event {
                    start_ns: number(1).unwrap_or_default(),
                    cpu_ns: number(2).ok_or(format!("pauses: {line:?}"))?,
                }),
                _ => return Err(format!("pauses: {line:?}")),
            }
        }
        let end_ns = end.ok_or("the list of pauses has no end")?;
        Ok(Pauses::new(program, collector, events, end_ns))
    }

    /// The pause that so many of a hundred do not exceed, in milliseconds.
    pub fn percentile_ms(&self, percent: f64) -> Option<f64> {
        let mut lengths: Vec<u64> = self.events.iter().map(|event| event.cpu_ns).collect();
        lengths.sort_unstable();
        let rank = (percent / 100.0 * lengths.len() as f64).ceil() as usize;
        lengths.get(rank.max(1) - 1).map(|&ns| ns as f64 / 1e6)
    }

    /// All pauses together, in seconds.
    pub fn total_s(&self) -> f64 {
        self.events
            .iter()
            .map(|event| event.cpu_ns as f64)
            .sum::<f64>()
            / 1e9
    }

    /// How many pauses fall into each class, the last one being what is longer than all.
    pub fn histogram(&self) -> [usize; CLASSES_US.len() + 1] {
        let mut counts = [0; CLASSES_US.len() + 1];
        for event in &self.events {
            let class = CLASSES_US
                .iter()
                .position(|&end| event.cpu_ns <= end * 1000);
            counts[class.unwrap_or(CLASSES_US.len())] += 1;
        }
        counts
    }

    /// The least share of the mutator in any window of so many nanoseconds; of the whole run if that is shorter.
    pub fn mmu(&self, window_ns: u64) -> f64 {
        let window = window_ns.min(self.end_ns).max(1);
        // The pauses up to each moment; between the ends of a pause it grows with time.
        let mut sums = vec![0];
        for event in &self.events {
            sums.push(sums[sums.len() - 1] + event.cpu_ns);
        }
        let paused_until = |at: u64| {
            let started = self.events.partition_point(|event| event.start_ns < at);
            match started {
                0 => 0,
                n => {
                    let last = self.events[n - 1];
                    sums[n - 1] + last.cpu_ns.min(at - last.start_ns)
                }
            }
        };
        // A window with the least share begins where a pause does, or ends where one does.
        let last = self.end_ns - window;
        let starts = self.events.iter().map(|event| event.start_ns.min(last));
        let ends = self.events.iter().map(|event| {
            (event.start_ns + event.cpu_ns)
                .saturating_sub(window)
                .min(last)
        });
        let paused = starts
            .chain(ends)
            .map(|from| paused_until(from + window) - paused_until(from));
        1.0 - paused.max().unwrap_or(0).min(window) as f64 / window as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(events: &[(u64, u64)], end_ns: u64) -> Pauses {
        let event = |&(start_ns, cpu_ns): &(u64, u64)| Event { start_ns, cpu_ns };
        Pauses::new("p", "c", events.iter().map(event).collect(), end_ns)
    }

    /// Tries every window.
    fn slow_mmu(pauses: &Pauses, window: u64) -> f64 {
        let window = window.min(pauses.end_ns);
        let paused = |at: u64| {
            let inside = |e: &&Event| e.start_ns <= at && at < e.start_ns + e.cpu_ns;
            pauses.events.iter().any(|e| inside(&e))
        };
        let most = (0..=pauses.end_ns - window)
            .map(|from| (from..from + window).filter(|&at| paused(at)).count());
        1.0 - most.max().unwrap_or(0) as f64 / window as f64
    }

    #[test]
    fn the_utilisation_is_that_of_the_worst_window() {
        let one = pauses(&[(10, 5), (17, 5), (40, 9)], 100);
        for window in [1, 3, 8, 12, 20, 30, 99, 100, 1000] {
            let (found, expected) = (one.mmu(window), slow_mmu(&one, window));
            assert!(
                (found - expected).abs() < 1e-9,
                "{window}: {found} {expected}"
            );
        }
        assert_eq!(pauses(&[], 100).mmu(10), 1.0);
        assert_eq!(one.mmu(1), 0.0);
    }

    #[test]
    fn percentiles_and_classes_count_every_pause() {
        let some = pauses(
            &[(0, 40_000), (100_000, 60_000), (9_000_000, 80_000_000)],
            1 << 30,
        );
        assert_eq!(some.percentile_ms(50.0), Some(0.06));
        assert_eq!(some.percentile_ms(100.0), Some(80.0));
        assert_eq!(some.histogram(), [1, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(pauses(&[], 5).percentile_ms(50.0), None);
    }

    #[test]
    fn lists_are_read_and_wrong_ones_refused() {
        let text = "# pauses 1: kind start_ns cpu_ns wall_ns\nminor 5 2 3\nend 10\n";
        let read = Pauses::read("p", "c", text).expect("well formed");
        assert_eq!((read.events.len(), read.end_ns), (1, 10));
        for wrong in ["minor 5 2 3\n", "minor 5\nend 10\n", "minor x 2 3\nend 1\n"] {
            assert!(Pauses::read("p", "c", wrong).is_err(), "{wrong:?}");
        }
    }
}
