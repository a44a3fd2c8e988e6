//! How often the interesting things happened, so that a suite that misses them fails.

use crate::Capabilities;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts over many programs.
        #[derive(Clone, Default, Debug)]
        pub struct Coverage {
            $($(#[$doc])* pub $name: usize,)*
        }
        impl Coverage {
            /// Adds what another one counted.
            pub fn add(&mut self, other: &Coverage) {
                $(self.$name += other.$name;)*
            }
            /// All counts by name.
            pub fn rows(&self) -> Vec<(&'static str, usize)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

counters! {
    programs,
    collections,
    /// Collections that freed all there was to free.
    whole,
    /// Collections of young objects only.
    young,
    survived,
    freed,
    large_made,
    large_freed,
    moved,
    /// Objects that stayed young at first.
    moved_again,
    /// Objects that words kept in place, and what these reach.
    kept_by_words,
    hit_and_stayed,
    /// Words that named freed memory and kept nothing.
    dead_words,
    weak_cleared,
    weak_kept,
    weak_reported,
    finalized,
    /// Objects that were found dead and had to wait for the finalizer of another.
    waited_for_finalizer,
    resurrected,
    destroyed,
    identities_asked,
    identities_kept,
    stores,
    range_stores,
    elided,
    stores_of_null,
    stores_of_statics,
    stores_of_itself,
    /// Slots of objects in memory that were seen to lead to objects.
    slots_followed,
    /// Old objects whose barrier was found armed.
    armed_again,
    /// Collections over which a pinned object kept its address.
    pinned_stayed,
    /// Steps between two collections after which weak references were compared.
    steps_compared,
    /// Objects found by walking memory.
    walked,
    /// Collections after which the bytes that live were compared.
    accounted,
    collected_twice,
    /// Counts of references that were compared.
    counted,
    temporary,
    /// References in logs that were compared.
    noted,
    /// Objects freed in collections that searched for no cycles.
    freed_by_counts,
    /// Programs that ran with trial deletion and with a trace.
    compared_policies,
    /// Counts that were looked at after a trace.
    repaired,
    grown,
    refused,
    out_of_memory,
    memory_errors,
    /// What the heaps counted themselves.
    heap_moved_objects,
    heap_promoted_in_place,
    heap_logged_objects,
    heap_logged_chunks,
    heap_rejected_words,
    heap_freed_large,
    heap_minor,
    heap_major,
    heap_steps,
    /// Collections of the whole heap that came to their end in steps.
    heap_cycles,
    heap_regrayed,
    heap_unreferenced,
    heap_cyclic,
    heap_stuck,
}

/// What happens under collectors that free something.
const COLLECTING: &[&str] = &[
    "whole",
    "survived",
    "freed",
    "large_freed",
    "kept_by_words",
    "hit_and_stayed",
    "dead_words",
    "weak_cleared",
    "weak_kept",
    "weak_reported",
    "finalized",
    "waited_for_finalizer",
    "resurrected",
    "destroyed",
    "heap_rejected_words",
    "heap_freed_large",
    "slots_followed",
    "pinned_stayed",
    "accounted",
    "collected_twice",
];
const MOVING: &[&str] = &["moved", "heap_moved_objects", "heap_promoted_in_place"];
const GENERATIONAL: &[&str] = &[
    "young",
    "heap_logged_objects",
    "heap_logged_chunks",
    "heap_minor",
    "heap_major",
    "armed_again",
];
const AGEING: &[&str] = &["moved_again"];
const COUNTING: &[&str] = &[
    "heap_unreferenced",
    "heap_cyclic",
    "heap_stuck",
    "counted",
    "temporary",
    "noted",
    "freed_by_counts",
    "repaired",
];
const INCREMENTAL: &[&str] = &["heap_steps", "heap_cycles", "heap_regrayed"];
const ALL: &[&str] = &[
    "collections",
    "large_made",
    "identities_asked",
    "stores",
    "range_stores",
    "elided",
    "stores_of_null",
    "stores_of_statics",
    "stores_of_itself",
    "walked",
    "grown",
    "refused",
    "out_of_memory",
];

impl Coverage {
    /// What `programs` programs on a collector of this kind should have seen more often than one in a hundred of them.
    pub fn missed(&self, capabilities: &Capabilities, programs: u64) -> Vec<(&'static str, usize)> {
        let kinds = [
            (true, ALL),
            (capabilities.collects, COLLECTING),
            (capabilities.moves, MOVING),
            (capabilities.generational, GENERATIONAL),
            (capabilities.generational && !capabilities.counts, AGEING),
            (capabilities.counts, COUNTING),
            (capabilities.incremental, INCREMENTAL),
        ];
        let expected = |name| {
            kinds
                .iter()
                .any(|(is_so, names)| *is_so && names.contains(&name))
        };
        let least = programs as usize / 100;
        self.rows()
            .into_iter()
            .filter(|&(name, count)| expected(name) && count <= least)
            .collect()
    }
}
