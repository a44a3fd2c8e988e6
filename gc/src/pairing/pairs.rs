//! All pairs of a heap: making, finding and undoing links, and what collections do with them.
use super::counts::PairStats;
use super::cross::Search;
use super::cycles::{CycleOps, Task};
use super::links::{Link, Links};
use super::liveness::Liveness;
use super::raw::{CycleSide, LinkKind, Raw, RawOps, RawSide};
use super::twins::{self, AddressMap, Twins};
use crate::collector::Scope;
use crate::object::{Gc, state_bits};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// The pairs of a heap. Collectors call [`Pairing::trace`] and [`Pairing::finish`].
#[derive(Default)]
pub struct Pairing {
    raws: Cell<Option<RawSide>>,
    cycles: Cell<Option<CycleSide>>,
    state: RefCell<State>,
}

/// Both lists are in order of linking, and what is in `old` was linked before what is in `young`, except where an object
/// stayed young for longer.
#[derive(Default)]
struct State {
    /// Links that the next collection of young objects looks at: new ones, whatever their object's age, and those whose
    /// object stayed young.
    young: Links,
    old: Links,
    /// Twins whose links are in `young`, by the addresses of their objects; those in `old` apart, since their objects
    /// move seldom or never.
    young_twins: Twins,
    old_twins: Twins,
    pending: VecDeque<(*mut Raw, Task)>,
    /// What was found about cycles, while a collection of the whole heap comes to its end. Between collections it means
    /// nothing.
    search: Option<Search>,
    counts: PairStats,
}

impl Pairing {
    pub(super) fn set_ops(&self, ops: RawOps) {
        assert!(
            self.state.borrow().counts.made == 0,
            "the raw side was described after the first link"
        );
        self.raws.set(Some(RawSide(ops)));
    }
    pub(super) fn set_cycle_ops(&self, ops: CycleOps) {
        self.cycles.set(Some(CycleSide(ops)));
    }
    pub(super) fn raws(&self) -> RawSide {
        self.raws.get().expect("the raw side was described")
    }
    pub(super) fn link(&self, gc: Gc, raw: *mut Raw, kind: LinkKind) {
        let raws = self.raws();
        assert!(raws.gc(raw).is_null(), "a raw structure was linked twice");
        let state = &mut *self.state.borrow_mut();
        let bits = gc.header().state();
        assert!(
            bits & state_bits::HAS_PAIR == 0,
            "an object was linked twice"
        );
        // A static object shows it in the tables only.
        assert!(
            bits & state_bits::IMMORTAL == 0 || !state.old_twins.contains_key(&gc.address()),
            "an object was linked twice"
        );
        // The header of a static object belongs to several heaps.
        if bits & state_bits::IMMORTAL == 0 {
            gc.header().add_state(state_bits::HAS_PAIR);
        }
        let in_destructor = raws.is_deallocating(raw);
        raws.add_references(raw, kind.bias());
        raws.set_gc(raw, gc);
        state.young.push(Link {
            raw,
            kind,
            in_destructor,
        });
        if kind.is_twin() {
            let before = state.young_twins.insert(gc.address(), raw);
            assert!(before.is_none(), "an object was linked twice");
        }
        state.counts.made += 1;
    }
    /// Undoes a link, and returns the number of references that the raw side holds.
    pub(super) fn unlink(&self, raw: *mut Raw) -> Option<isize> {
        let raws = self.raws();
        let gc = raws.gc(raw);
        if gc.is_null() {
            return None;
        }
        let state = &mut *self.state.borrow_mut();
        let found = state.young.remove(raw).or_else(|| state.old.remove(raw));
        let kind = found.expect("R1: what has a link is in a list");
        if kind.is_twin() {
            let address = gc.address();
            let young = state.young_twins.remove(&address);
            young.or_else(|| state.old_twins.remove(&address));
        }
        if gc.header().state() & state_bits::IMMORTAL == 0 {
            gc.header().remove_state(state_bits::HAS_PAIR);
        }
        raws.set_gc(raw, Gc::NULL);
        state.counts.unlinked += 1;
        Some(raws.add_references(raw, -kind.bias()))
    }
    pub(super) fn raw_of(&self, gc: Gc) -> Option<*mut Raw> {
        let state = self.state.borrow();
        let young = state.young_twins.get(&gc.address());
        young
            .or_else(|| state.old_twins.get(&gc.address()))
            .copied()
    }
    pub(super) fn next_task(&self) -> Option<(*mut Raw, Task)> {
        let (raw, task) = self.state.borrow_mut().pending.pop_front()?;
        // If others that died with it have let it go meanwhile, its destructor sees to the rest.
        let is_alone = || self.raws().references(raw) == 1;
        match task == Task::Clear && is_alone() {
            true => Some((raw, Task::Drop)),
            false => Some((raw, task)),
        }
    }
    /// Whether raw structures wait for [`crate::Heap::next_task`].
    pub fn has_pending(&self) -> bool {
        !self.state.borrow().pending.is_empty()
    }
    /// Whether any structure is linked, or waits for what a collection found about it.
    pub(crate) fn has_links(&self) -> bool {
        let state = self.state.borrow();
        state.young.len() + state.old.len() != 0 || !state.pending.is_empty()
    }
    pub(super) fn counts(&self) -> PairStats {
        let state = self.state.borrow();
        PairStats {
            linked: (state.young.len() + state.old.len()) as u64,
            linked_young: state.young.len() as u64,
            ..state.counts
        }
    }
    /// Calls `visit` with each object that is kept by references of the raw side.
    pub(crate) fn visit_held(&self, mut visit: impl FnMut(Gc)) {
        self.visit_linked(|gc, is_held| {
            if is_held {
                visit(gc);
            }
        });
    }
    /// Calls `visit` with each linked object, and whether it is kept by references of the raw side. For the verifier.
    pub(crate) fn visit_linked(&self, mut visit: impl FnMut(Gc, bool)) {
        let Some(raws) = self.raws.get() else { return };
        let state = self.state.borrow();
        for link in state.old.iter().chain(state.young.iter()) {
            visit(raws.gc(link.raw), is_held(raws, link));
        }
    }

    // ---- Collections --------------------------------------------------------------------------------------------------

    /// Keeps the objects whose twins the raw side holds, and what they reach. To be called after everything that roots
    /// reach was found, and before weak references are cleared.
    ///
    /// In a collection of the whole heap, if the raw side can be looked into, what dead structures hold is not kept; see
    /// `cross.rs`. Whether `live` followed everything.
    pub fn trace(&self, scope: Scope, live: &mut dyn Liveness) -> bool {
        match (scope, self.cycles.get()) {
            (Scope::Whole, Some(cycles)) => self.search(cycles, live, true),
            _ => self.trace_held(scope, live),
        }
    }
    /// The same when nothing is known yet of what roots reach: keeps what is held from outside for certain.
    pub(crate) fn trace_early(&self, live: &mut dyn Liveness) {
        match self.cycles.get() {
            Some(cycles) => self.search(cycles, live, false),
            None => self.trace_held(Scope::Whole, live),
        };
    }
    /// The same when finalizers were queued already in the collection that runs. What is found dead only now, and wants a
    /// finalizer, waits for the next one.
    pub(crate) fn trace_late(&self, live: &mut dyn Liveness) -> bool {
        let done = self.trace(Scope::Whole, live);
        let search = &mut self.state.borrow_mut().search;
        match search {
            Some(search) if done => {
                search.take_finalizable();
                search.follow(live)
            }
            _ => done,
        }
    }
    /// The simple strategy: whatever refers to a twin keeps its object.
    pub(crate) fn trace_held(&self, scope: Scope, live: &mut dyn Liveness) -> bool {
        let Some(raws) = self.raws.get() else {
            return live.try_fixpoint();
        };
        let state = &mut *self.state.borrow_mut();
        let mut held = 0;
        let mut trace = |links: &Links| {
            for link in links.iter().filter(|&link| is_held(raws, link)) {
                live.keep(raws.gc(link.raw));
                held += 1;
            }
        };
        if scope == Scope::Whole {
            trace(&state.old);
        }
        trace(&state.young);
        state.counts.held += held;
        live.try_fixpoint()
    }
    fn search(&self, cycles: CycleSide, live: &mut dyn Liveness, is_last: bool) -> bool {
        let Some(raws) = self.raws.get() else {
            return live.try_fixpoint();
        };
        let state = &mut *self.state.borrow_mut();
        live.watch_pairs();
        let links = state.old.iter().chain(state.young.iter());
        let mut search = Search::new(raws, cycles, links, live);
        let done = search.run(live) && (!is_last || search.keep_behind_heads(live));
        state.counts.searches += 1;
        state.counts.held += search.held();
        state.search = Some(search);
        done
    }
    /// Whether structures refer to others that nothing else on the raw side holds: there may be dead cycles through both
    /// sides, or the structures belong to living objects.
    pub(crate) fn has_suspects(&self) -> bool {
        let (Some(raws), Some(cycles)) = (self.raws.get(), self.cycles.get()) else {
            return false;
        };
        let state = self.state.borrow();
        let links = state.old.iter().chain(state.young.iter());
        let mut search = Search::new(raws, cycles, links, &NothingKnown);
        search.run(&mut NothingKnown);
        search.has_dead_references()
    }
    /// Keeps what kept objects and structures reach, on both sides.
    pub fn follow(&self, live: &mut dyn Liveness) {
        while !self.try_follow(live) {}
    }
    /// The same as far as the collection's pause may take. Whether nothing is left to be followed.
    pub(crate) fn try_follow(&self, live: &mut dyn Liveness) -> bool {
        match &mut self.state.borrow_mut().search {
            Some(search) => search.follow(live),
            None => live.try_fixpoint(),
        }
    }
    /// What dead objects reach through dead raw structures, by their addresses.
    pub(crate) fn beyond(&self) -> AddressMap<Vec<Gc>> {
        let search = &mut self.state.borrow_mut().search;
        search.as_mut().map(Search::beyond).unwrap_or_default()
    }
    /// Lets the finalizers of dead raw structures run. What they reach is kept by [`Pairing::follow`]. To be called once
    /// between [`Pairing::trace`] and [`Pairing::finish`], when weak references were cleared.
    pub fn queue_finalizers(&self) {
        let Some(raws) = self.raws.get() else { return };
        let state = &mut *self.state.borrow_mut();
        let Some(search) = &mut state.search else {
            return;
        };
        for raw in search.take_finalizable() {
            raws.add_references(raw, 1);
            state.pending.push_back((raw, Task::Finalize));
            state.counts.finalized += 1;
        }
    }
    /// Makes links follow the objects that live, and undoes the links of the others. To be called when it is settled what
    /// lives, before memory is reused.
    pub fn finish(&self, scope: Scope, live: &dyn Liveness) {
        let Some(raws) = self.raws.get() else { return };
        let mut freed = Vec::new();
        let state = &mut *self.state.borrow_mut();
        // Only a search of this very collection counts.
        let search = state.search.take().filter(|_| scope == Scope::Whole);
        let mut undo = Undo {
            raws,
            search: search.as_ref(),
            pending: &mut state.pending,
            freed: &mut freed,
            counts: &mut state.counts,
        };
        if scope == Scope::Whole {
            let old_twins = &mut state.old_twins;
            // A place may be free for another object before the table was told that its own has left.
            let mut moved = Vec::new();
            state.old.retain(|link| {
                let gc = raws.gc(link.raw);
                let now = live.survivor(gc);
                if now != Some(gc) && link.kind.is_twin() {
                    old_twins.remove(&gc.address());
                    moved.extend(now.map(|now| (now.address(), link.raw)));
                }
                undo.follow(link, gc, now)
            });
            old_twins.extend(moved);
            twins::shrink(old_twins, old_twins.len());
        }
        twins::clear(&mut state.young_twins);
        undo.counts.young_visits += match scope {
            Scope::Young => state.young.len() as u64,
            Scope::Whole => 0,
        };
        let (old, old_twins, young_twins) =
            (&mut state.old, &mut state.old_twins, &mut state.young_twins);
        state.young.retain(|link| {
            let gc = raws.gc(link.raw);
            let now = live.survivor(gc);
            let alive = undo.follow(link, gc, now);
            let Some(now) = now else { return alive };
            let stays = live.stays_young(now);
            if link.kind.is_twin() {
                let twins = if stays {
                    &mut *young_twins
                } else {
                    &mut *old_twins
                };
                let key = if mutant!(TwinsNotRehashed) { gc } else { now };
                twins.insert(key.address(), link.raw);
            }
            if !stays {
                old.push(link);
            }
            stays
        });
        for raw in search.iter().flat_map(Search::dead_unlinked) {
            undo.clear(raw);
        }
        freed.into_iter().for_each(|raw| raws.free(raw));
    }
}

/// For a look at the raw side alone.
struct NothingKnown;

impl Liveness for NothingKnown {
    fn keep(&mut self, _gc: Gc) {}
    fn fixpoint(&mut self) {}
    fn take_paired(&mut self) -> Option<Vec<Gc>> {
        Some(Vec::new())
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        (gc.header().state() & state_bits::IMMORTAL != 0).then_some(gc)
    }
    fn stays_young(&self, _gc: Gc) -> bool {
        false
    }
}

fn is_held(raws: RawSide, link: Link) -> bool {
    link.kind.is_twin() && raws.references(link.raw) != link.kind.bias()
}

/// What happens to raw structures at the end of a collection.
struct Undo<'s> {
    raws: RawSide,
    search: Option<&'s Search>,
    pending: &'s mut VecDeque<(*mut Raw, Task)>,
    /// Light structures, freed when nothing else is left to do.
    freed: &'s mut Vec<*mut Raw>,
    counts: &'s mut PairStats,
}

impl Undo<'_> {
    /// The link follows its object, or is undone; whether the object lives.
    fn follow(&mut self, link: Link, gc: Gc, now: Option<Gc>) -> bool {
        match now {
            None => self.undo(link),
            Some(now) if now != gc => {
                self.raws.set_gc(link.raw, now);
                self.counts.moved += 1;
            }
            Some(_) => {}
        }
        now.is_some()
    }
    fn undo(&mut self, link: Link) {
        let Link {
            raw,
            kind,
            in_destructor,
        } = link;
        let count = self.raws.add_references(raw, -kind.bias());
        assert!(
            count >= 0,
            "a raw structure was released more often than it was held"
        );
        self.raws.set_gc(raw, Gc::NULL);
        if count != 0 {
            self.counts.left += 1;
            if self.search.is_some_and(|search| search.is_dead(raw)) {
                self.clear(raw);
            }
        } else if in_destructor {
            // Its destructor frees it: another one must not be started.
            self.raws.set_deallocating(raw);
            self.counts.left += 1;
        } else if kind.is_light() && !mutant!(LightIsHeavy) {
            self.freed.push(raw);
            self.counts.freed += 1;
        } else {
            // The reference belongs to the caller of `next_pending`. With a count of 0 foreign code that comes across the
            // structure before would take and drop a reference, and so run its destructor twice.
            if !mutant!(PendingAtZero) {
                self.raws.set_references(raw, 1);
            }
            self.pending.push_back((raw, Task::Drop));
            self.counts.pending += 1;
        }
    }
    /// A dead structure without a link, which other dead ones hold, is to drop what it refers to. Those that cannot go when
    /// nobody holds them any more.
    fn clear(&mut self, raw: *mut Raw) {
        if self.search.is_some_and(|search| search.clears(raw)) {
            // Nobody else's: until the structure was told, no other brings it to an end.
            self.raws.add_references(raw, 1);
            self.pending.push_back((raw, Task::Clear));
            self.counts.cleared += 1;
        }
    }
}
