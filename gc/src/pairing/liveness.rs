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
    /// The same, as far as a pause may take. Whether nothing is left to be followed.
    fn try_fixpoint(&mut self) -> bool {
        self.fixpoint();
        true
    }
    /// From now on linked objects (state bit HAS_PAIR) that are found to live are noted.
    fn watch_pairs(&mut self) {}
    /// The objects that were noted since the last call. `None` if nothing is noted: then each has to be asked for, which
    /// costs more the more often a path of references crosses between the sides.
    fn take_paired(&mut self) -> Option<Vec<Gc>> {
        None
    }
    /// Calls the function with what a dead object refers to; NULL may be among it. A collector that does not say keeps dead
    /// cycles through its objects and raw structures.
    fn each_reference(&self, gc: Gc, visit: &mut dyn FnMut(Gc)) {
        let _ = (gc, visit);
    }
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
    fn watch_pairs(&mut self) {
        Marker::watch_pairs(self);
    }
    fn take_paired(&mut self) -> Option<Vec<Gc>> {
        Marker::take_paired(self)
    }
    fn each_reference(&self, gc: Gc, visit: &mut dyn FnMut(Gc)) {
        Marker::each_reference(self, gc, visit);
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
