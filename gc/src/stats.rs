//! What a heap counts.
use crate::collector::Reason;
use crate::pairing::PairStats;
use crate::pauses::{Histogram, Pause, PauseEvent, Pauses, Times};
use std::fmt::Write;

/// Numbers since the heap was made.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Collections run.
    pub collections: u64,
    /// Those of the young objects only.
    pub minor: Pauses,
    /// Those of the young objects, with a part of an incremental collection of the whole heap.
    pub step: Pauses,
    /// Those of the whole heap at once.
    pub major: Pauses,
    /// Collections of the whole heap that came to their end, in one pause or in many.
    pub cycles: u64,
    /// All pauses, in nanoseconds of the thread's processor time.
    pub pause_cpu_ns: Histogram,
    /// Each pause, if [`Heap::log_pauses`](crate::Heap::log_pauses) asked for it.
    pub pause_log: Option<Vec<PauseEvent>>,
    /// What ambiguous words kept, if `retained` was asked for.
    pub retained: Retained,
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

/// What was in memory after collections of the whole heap, and how much of it precise roots alone reach.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Retained {
    /// Collections after which it was measured.
    pub collections: u64,
    /// Bytes of all objects in memory, summed over collections.
    pub bytes: u64,
    /// Bytes of those that precise roots reach, likewise.
    pub precise_bytes: u64,
    /// The largest difference at one collection.
    pub most_bytes: u64,
}

impl Retained {
    pub(crate) fn record(&mut self, bytes: u64, precise_bytes: u64) {
        self.collections += 1;
        self.bytes += bytes;
        self.precise_bytes += precise_bytes;
        self.most_bytes = self.most_bytes.max(bytes.saturating_sub(precise_bytes));
    }
    fn line(&self) -> Option<String> {
        (self.collections != 0).then(|| {
            format!(
                "{} bytes in memory, {} that precise roots reach, after {} collections in all; at most {} more after one",
                self.bytes, self.precise_bytes, self.collections, self.most_bytes
            )
        })
    }
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
    /// Marked objects and chunks that were stored into, and so looked at again by incremental marking.
    pub regrayed: u64,
    /// Old objects that were freed since their count got to zero.
    pub unreferenced: u64,
    /// Old objects that were freed as parts of dead cycles, without a trace of the whole heap.
    pub cyclic: u64,
    /// Counts that got stuck.
    pub stuck: u64,
    /// Old objects and chunks of large arrays that were stored into, which young collections looked at.
    pub looked_at: u64,
    /// Bytes that marking in steps looked at.
    pub marked_bytes: u64,
    /// Entries of tables that steps went through.
    pub entries: u64,
    /// The most bytes that one step of incremental marking looked at.
    pub step_most_bytes: u64,
    /// The most entries of tables that one step went through.
    pub step_most_entries: u64,
    /// The most bytes that one young collection moved.
    pub young_most_bytes: u64,
    /// The most references in large arrays that one young collection looked at.
    pub young_most_slots: u64,
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
        self.regrayed += more.regrayed;
        self.unreferenced += more.unreferenced;
        self.cyclic += more.cyclic;
        self.stuck += more.stuck;
        self.looked_at += more.looked_at;
        self.marked_bytes += more.marked_bytes;
        self.entries += more.entries;
        self.step_most_bytes = self.step_most_bytes.max(more.step_most_bytes);
        self.step_most_entries = self.step_most_entries.max(more.step_most_entries);
        self.young_most_bytes = self.young_most_bytes.max(more.young_most_bytes);
        self.young_most_slots = self.young_most_slots.max(more.young_most_slots);
    }
    /// What was done since the work was `before`; the most of a step stays what it is.
    pub(crate) fn since(self, before: Work) -> Work {
        Work {
            moved_objects: self.moved_objects - before.moved_objects,
            moved_bytes: self.moved_bytes - before.moved_bytes,
            promoted_in_place: self.promoted_in_place - before.promoted_in_place,
            logged_objects: self.logged_objects - before.logged_objects,
            logged_chunks: self.logged_chunks - before.logged_chunks,
            rejected_words: self.rejected_words - before.rejected_words,
            freed_large: self.freed_large - before.freed_large,
            regrayed: self.regrayed - before.regrayed,
            unreferenced: self.unreferenced - before.unreferenced,
            cyclic: self.cyclic - before.cyclic,
            stuck: self.stuck - before.stuck,
            looked_at: self.looked_at - before.looked_at,
            marked_bytes: self.marked_bytes - before.marked_bytes,
            entries: self.entries - before.entries,
            step_most_bytes: self.step_most_bytes,
            step_most_entries: self.step_most_entries,
            young_most_bytes: self.young_most_bytes,
            young_most_slots: self.young_most_slots,
        }
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
    /// Collections, and steps of one between them.
    pub fn pauses(&self) -> u64 {
        self.minor.count + self.step.count + self.major.count
    }
    /// Time in collections.
    pub fn pause_total_ns(&self) -> u64 {
        self.minor.total_ns + self.step.total_ns + self.major.total_ns
    }
    /// The longest collection.
    pub fn pause_max_ns(&self) -> u64 {
        let young = self.minor.max_ns.max(self.step.max_ns);
        young.max(self.major.max_ns)
    }
    pub(crate) fn record(
        &mut self,
        (reason, pause): (Reason, Pause),
        Times {
            wall_ns, cpu_ns, ..
        }: Times,
        live_bytes: usize,
        handed_out_bytes: usize,
    ) {
        self.collections += 1;
        match pause {
            Pause::Minor => self.minor.record(wall_ns),
            Pause::Step => self.step.record(wall_ns),
            Pause::Major => {
                self.major.record(wall_ns);
                self.cycles += 1;
            }
        }
        self.pause_cpu_ns.record(cpu_ns);
        self.handed_out_bytes += handed_out_bytes as u64;
        self.live_max_bytes = self.live_max_bytes.max(live_bytes);
        self.by_reason[reason as usize] += 1;
    }
    /// A step between two collections.
    pub(crate) fn record_step(&mut self, times: Times) {
        self.step.record(times.wall_ns);
        self.pause_cpu_ns.record(times.cpu_ns);
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
            ("steps", pauses(&self.step)),
            (
                "major",
                format!(
                    "{}; {} cycles came to their end",
                    pauses(&self.major),
                    self.cycles
                ),
            ),
            (
                "pauses",
                format!(
                    "processor time: half below {:.3} ms, 99 % below {:.3} ms, 99.9 % below {:.3} ms, longest {:.3} ms",
                    ms(self.pause_cpu_ns.quantile(0.5)),
                    ms(self.pause_cpu_ns.quantile(0.99)),
                    ms(self.pause_cpu_ns.quantile(0.999)),
                    ms(self.pause_cpu_ns.max())
                ),
            ),
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
                "counts",
                format!(
                    "{} objects freed at zero, {} in cycles; {} counts got stuck",
                    work.unreferenced, work.cyclic, work.stuck
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
        let counted = work.unreferenced + work.cyclic + work.stuck != 0;
        let says_something = |&(name, _): &(&str, String)| match name {
            "steps" => self.step.count != 0,
            "counts" => counted,
            _ => true,
        };
        let retained = self.retained.line().map(|line| ("retained", line));
        let more = pairs.into_iter().chain(retained);
        for (name, value) in lines.into_iter().filter(says_something).chain(more) {
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
