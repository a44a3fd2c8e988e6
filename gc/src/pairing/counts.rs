//! What pairing counts.

/// Numbers of pairs: `linked` at this moment, all others since the heap was made.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct PairStats {
    /// Pairs that exist.
    pub linked: u64,
    /// Those of them that the next collection of young objects will look at.
    pub linked_young: u64,
    /// Links made.
    pub made: u64,
    /// Links undone by [`crate::Heap::unlink`].
    pub unlinked: u64,
    /// Links that followed an object to its new place.
    pub moved: u64,
    /// Objects that a collection found to be held by the raw side.
    pub held: u64,
    /// Raw structures freed with their objects.
    pub freed: u64,
    /// Raw structures that became pending.
    pub pending: u64,
    /// Raw structures that were held when their objects died.
    pub left: u64,
    /// Searches for garbage that refers to itself through both sides.
    pub searches: u64,
    /// Dead raw structures that were told to drop what they refer to.
    pub cleared: u64,
    /// Dead raw structures whose finalizers were to run.
    pub finalized: u64,
    /// Links that collections of young objects looked at.
    pub young_visits: u64,
    /// Links that collections of the whole heap looked at.
    pub whole_visits: u64,
    /// Links of objects that were found dead one by one, by their counts.
    pub single_visits: u64,
    /// Looks, one in each epoch of a collector that counts, at objects that only the raw side held.
    pub polled: u64,
}

impl PairStats {
    /// One line for the statistics, or `None` if nothing was ever linked.
    pub(crate) fn line(&self) -> Option<String> {
        (self.made != 0).then(|| {
            format!(
                "{} linked now, {} made; {} freed, {} pending, {} left to the raw side, {} unlinked",
                self.linked, self.made, self.freed, self.pending, self.left, self.unlinked
            )
        })
    }
}
