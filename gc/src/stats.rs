//! What a heap counts.
use crate::collector::{Reason, Scope};
use crate::pairing::PairStats;
use std::fmt::Write;

/// Numbers since the heap was made.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Collections run.
    pub collections: u64,
    /// Those of the young objects only.
    pub minor: Pauses,
    /// Those of the whole heap.
    pub major: Pauses,
    /// Bytes of windows and large objects that were handed out before the last collection.
    pub handed_out_bytes: u64,
    /// The largest amount that survived a collection.
    pub live_max_bytes: usize,
    /// Collections by reason: budget, explicit, stress, limit, raw memory.
    pub by_reason: [u64; 5],
    /// What collectors did in all.
    pub work: Work,
    /// Pairs with raw structures.
    pub pairs: PairStats,
}

/// How long the mutator stood still.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// Number of collections.
    pub count: u64,
    /// Their sum.
    pub total_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

/// Events inside collectors: tests assert that what they are about did happen.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Work {
    /// Objects that got a new address.
    pub moved_objects: u64,
    /// Bytes of these.
    pub moved_bytes: u64,
    /// Objects that became old where they were, since an ambiguous word named them or they must not move.
    pub promoted_in_place: u64,
    /// Objects that the write barrier logged.
    pub logged_objects: u64,
    /// Chunks of large arrays that the write barrier logged.
    pub logged_chunks: u64,
    /// Ambiguous words that pointed into the heap and named no object.
    pub rejected_words: u64,
    /// Large objects freed.
    pub freed_large: u64,
}

impl Work {
    pub(crate) fn add(&mut self, more: Work) {
        self.moved_objects += more.moved_objects;
        self.moved_bytes += more.moved_bytes;
        self.promoted_in_place += more.promoted_in_place;
        self.logged_objects += more.logged_objects;
        self.logged_chunks += more.logged_chunks;
        self.rejected_words += more.rejected_words;
        self.freed_large += more.freed_large;
    }
}

impl Pauses {
    fn record(&mut self, ns: u64) {
        self.count += 1;
        self.total_ns += ns;
        self.max_ns = self.max_ns.max(ns);
    }
}

/// Amounts that the heap knows when a text is asked for.
pub(crate) struct Sizes {
    pub live: usize,
    pub since: usize,
    pub used: usize,
    pub high: usize,
}

impl Stats {
    /// Time in collections.
    pub fn pause_total_ns(&self) -> u64 {
        self.minor.total_ns + self.major.total_ns
    }
    /// The longest collection.
    pub fn pause_max_ns(&self) -> u64 {
        self.minor.max_ns.max(self.major.max_ns)
    }
    pub(crate) fn record(
        &mut self,
        (reason, scope): (Reason, Scope),
        pause_ns: u64,
        live_bytes: usize,
        handed_out_bytes: usize,
    ) {
        self.collections += 1;
        match scope {
            Scope::Young => self.minor.record(pause_ns),
            Scope::Whole => self.major.record(pause_ns),
        }
        self.handed_out_bytes += handed_out_bytes as u64;
        self.live_max_bytes = self.live_max_bytes.max(live_bytes);
        self.by_reason[reason as usize] += 1;
    }
    pub(crate) fn text(&self, collector: &str, sizes: Sizes, pairs: &PairStats) -> String {
        let reasons = [
            Reason::Budget,
            Reason::Explicit,
            Reason::Stress,
            Reason::Limit,
            Reason::RawMemory,
        ];
        let by: Vec<String> = reasons
            .iter()
            .filter(|&&r| self.by_reason[r as usize] != 0)
            .map(|&r| format!("{r} {}", self.by_reason[r as usize]))
            .collect();
        let pauses = |p: &Pauses| {
            format!(
                "{}: {:.3} ms in all, longest {:.3} ms",
                p.count,
                ms(p.total_ns),
                ms(p.max_ns)
            )
        };
        let work = &self.work;
        let lines = [
            ("collector", collector.to_owned()),
            (
                "collections",
                format!("{} ({})", self.collections, by.join(", ")),
            ),
            ("minor", pauses(&self.minor)),
            ("major", pauses(&self.major)),
            (
                "handed out",
                format!(
                    "{} KiB in all, {} KiB since the last collection",
                    kib(self.handed_out_bytes as usize + sizes.since),
                    kib(sizes.since)
                ),
            ),
            (
                "moved",
                format!(
                    "{} objects, {} KiB; {} promoted in place",
                    work.moved_objects,
                    kib(work.moved_bytes as usize),
                    work.promoted_in_place
                ),
            ),
            (
                "barrier",
                format!(
                    "{} objects and {} chunks logged",
                    work.logged_objects, work.logged_chunks
                ),
            ),
            (
                "live",
                format!(
                    "{} KiB after the last collection, at most {} KiB",
                    kib(sizes.live),
                    kib(self.live_max_bytes)
                ),
            ),
            (
                "memory",
                format!(
                    "{} KiB in use, at most {} KiB",
                    kib(sizes.used),
                    kib(sizes.high)
                ),
            ),
        ];
        let mut text = String::new();
        let pairs = pairs.line().map(|line| ("pairs", line));
        for (name, value) in lines.into_iter().chain(pairs) {
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
