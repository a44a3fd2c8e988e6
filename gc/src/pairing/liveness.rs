//! What pairing asks of a collector.
use crate::mark::Marker;
use crate::object::Gc;
use crate::young::YoungPhase;

/// A collection in progress. Objects are named by the addresses that they had when it began, except where a method says
/// otherwise.
///
/// A collector that frees objects one by one, by reference counts, gives each linked object one count that the link holds,
/// and answers for those objects whose count is that one alone.
pub trait Liveness {
    /// Keeps the object, as a root does.
    fn keep(&mut self, gc: Gc);
    /// Keeps everything that kept objects reach.
    fn fixpoint(&mut self);
    /// The present place of an object that is kept, `None` for one that is dead so far. Objects that this collection does
    /// not look at, such as old ones, live and are where they were.
    fn survivor(&self, gc: Gc) -> Option<Gc>;
    /// Whether an object, named by its present place, is looked at by the next collection of young objects.
    fn stays_young(&self, gc: Gc) -> bool;
}

impl Liveness for Marker<'_> {
    fn keep(&mut self, gc: Gc) {
        self.mark(gc);
    }
    fn fixpoint(&mut self) {
        self.drain();
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        Marker::survivor(self, gc)
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
}

impl Liveness for YoungPhase<'_> {
    fn keep(&mut self, gc: Gc) {
        YoungPhase::keep(self, gc);
    }
    fn fixpoint(&mut self) {
        self.drain();
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        YoungPhase::survivor(self, gc)
    }
    fn stays_young(&self, gc: Gc) -> bool {
        YoungPhase::stays_young(self, gc)
    }
}
