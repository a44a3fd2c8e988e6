//! How often the interesting things happened, so that a suite that misses them fails.

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
            /// Names and counts.
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
    /// Objects that words kept in place, and what these reach.
    kept_by_words,
    hit_and_stayed,
    /// Words that named freed memory and kept nothing.
    dead_words,
    weak_cleared,
    weak_kept,
    weak_reported,
    finalized,
    resurrected,
    destroyed,
    identities_kept,
    stores,
    range_stores,
    elided,
    refused,
    out_of_memory,
    memory_errors,
    /// What the heaps counted themselves.
    heap_moved_objects,
    heap_promoted_in_place,
    heap_logged_objects,
    heap_logged_chunks,
    heap_rejected_words,
    heap_minor,
    heap_major,
}
