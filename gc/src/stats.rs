//! What a heap counts.
use crate::collector::Reason;
use std::fmt::Write;

/// Numbers since the heap was made.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Collections run.
    pub collections: u64,
    /// Bytes of windows and large objects that were handed out before the last collection.
    pub handed_out_bytes: u64,
    /// Time in collections.
    pub pause_total_ns: u64,
    /// The longest collection.
    pub pause_max_ns: u64,
    /// The largest amount that survived a collection.
    pub live_max_bytes: usize,
    /// Collections by reason: budget, explicit, stress, limit.
    pub by_reason: [u64; 4],
}

impl Stats {
    pub(crate) fn record(
        &mut self,
        reason: Reason,
        pause_ns: u64,
        live_bytes: usize,
        handed_out_bytes: usize,
    ) {
        self.collections += 1;
        self.handed_out_bytes += handed_out_bytes as u64;
        self.pause_total_ns += pause_ns;
        self.pause_max_ns = self.pause_max_ns.max(pause_ns);
        self.live_max_bytes = self.live_max_bytes.max(live_bytes);
        self.by_reason[reason as usize] += 1;
    }
    pub(crate) fn text(
        &self,
        collector: &str,
        live: usize,
        since: usize,
        used: usize,
        high: usize,
    ) -> String {
        let mut text = String::new();
        let by: Vec<String> = [
            Reason::Budget,
            Reason::Explicit,
            Reason::Stress,
            Reason::Limit,
        ]
        .iter()
        .filter(|&&r| self.by_reason[r as usize] != 0)
        .map(|&r| format!("{r} {}", self.by_reason[r as usize]))
        .collect();
        let lines = [
            ("collector", collector.to_owned()),
            (
                "collections",
                format!("{} ({})", self.collections, by.join(", ")),
            ),
            (
                "pauses",
                format!(
                    "{:.3} ms in all, longest {:.3} ms",
                    ms(self.pause_total_ns),
                    ms(self.pause_max_ns)
                ),
            ),
            (
                "handed out",
                format!(
                    "{} KiB in all, {} KiB since the last collection",
                    kib(self.handed_out_bytes as usize + since),
                    kib(since)
                ),
            ),
            (
                "live",
                format!(
                    "{} KiB after the last collection, at most {} KiB",
                    kib(live),
                    kib(self.live_max_bytes)
                ),
            ),
            (
                "memory",
                format!("{} KiB in use, at most {} KiB", kib(used), kib(high)),
            ),
        ];
        for (name, value) in lines {
            let _ = writeln!(text, "gc: {name:<12} {value}");
        }
        text
    }
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}
fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}
