//! All pairs of a heap: making, finding and undoing links, and what collections do with them.
use super::counts::PairStats;
use super::cross::Search;
use super::cycles::{CycleOps, Task};
use super::dead::Undo;
use super::links::Link;
use super::liveness::Liveness;
use super::pass::Pass;
use super::raw::{BIAS, CycleSide, LIGHT_BIAS, LinkKind, Raw, RawOps, RawSide};
use super::state::State;
use super::twins::{self, AddressMap, RecentTwins};
use crate::collector::Scope;
use crate::object::{Gc, state_bits};
use std::cell::{Cell, OnceCell, RefCell};

/// The pairs of a heap. Collectors call [`Pairing::trace`] and [`Pairing::finish`].
#[derive(Default)]
pub struct Pairing {
    pub(super) raws: OnceCell<RawSide>,
    cycles: Cell<Option<CycleSide>>,
    pub(super) state: RefCell<State>,
    /// Twins that were asked for lately: calls into foreign code pass the same few objects again and again.
    pub(super) recent: RecentTwins,
}

impl Pairing {
    pub(super) fn set_ops(&self, ops: RawOps) {
        assert!(
            self.state.borrow().counts.made == 0,
            "the raw side was described after the first link"
        );
        let first = self.raws.set(RawSide(ops)).is_ok();
        assert!(first, "the raw side was described twice");
    }
    pub(super) fn set_cycle_ops(&self, ops: CycleOps) {
        self.cycles.set(Some(CycleSide(ops)));
    }
    #[inline]
    pub(super) fn raws(&self) -> &RawSide {
        self.raws.get().expect("the raw side was described")
    }
    #[inline]
    pub(super) fn link(&self, gc: Gc, raw: *mut Raw, kind: LinkKind) {
        let words = self.raws().words(raw);
        let Some(in_destructor) = words.destructor_of_unlinked() else {
            panic!("a raw structure was linked twice")
        };
        let state = &mut *self.state.borrow_mut();
        match gc.header().state() & (state_bits::HAS_PAIR | state_bits::IMMORTAL) {
            0 => gc.header().add_state(state_bits::HAS_PAIR),
            // The header of a static object belongs to several heaps: the tables alone show that it is linked.
            bits => assert!(
                bits & state_bits::HAS_PAIR == 0 && state.old_twins.get(gc.address()).is_none(),
                "an object was linked twice"
            ),
        }
        words.set_references(words.references() + kind.bias());
        words.set_gc(gc);
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
        let young = state.young.remove(raw);
        let found = young.or_else(|| state.old.remove(raw));
        let kind = found.expect("R1: what has a link is in a list").kind;
        if let (None, Some(unlinked)) = (young, &mut state.unlinked)
            && kind.is_twin()
        {
            unlinked.push(gc);
        }
        if kind.is_twin() {
            let address = gc.address();
            let twin = state.young_twins.remove(&address);
            twin.or_else(|| state.old_twins.remove(address));
        } else if let Some(proxies) = &mut state.old_proxies {
            proxies.remove(&gc.address());
        }
        if gc.header().state() & state_bits::IMMORTAL == 0 {
            gc.header().remove_state(state_bits::HAS_PAIR);
        }
        raws.set_gc(raw, Gc::NULL);
        self.recent.clear();
        state.counts.unlinked += 1;
        Some(raws.add_references(raw, -kind.bias()))
    }
    #[inline]
    pub(super) fn raw_of(&self, gc: Gc) -> Option<*mut Raw> {
        self.recent.get(gc).or_else(|| self.find_raw_of(gc))
    }
    fn find_raw_of(&self, gc: Gc) -> Option<*mut Raw> {
        let state = self.state.borrow();
        let young = state.young_twins.get(&gc.address());
        let found = young.or_else(|| state.old_twins.get(gc.address()));
        let raw = *found?;
        self.recent.note(gc, raw);
        Some(raw)
    }
    /// Whether the raw side refers to an object's twin. For collectors that count references.
    #[inline]
    pub(crate) fn holds(&self, gc: Gc) -> bool {
        gc.header().state() & state_bits::HAS_PAIR != 0 && self.holds_twin(gc)
    }
    fn holds_twin(&self, gc: Gc) -> bool {
        let Some(raw) = self.raw_of(gc) else {
            return false;
        };
        let references = self.raws().references(raw);
        // The raw side cannot hold as many as make the one of the other.
        references != BIAS && references != LIGHT_BIAS
    }
    /// Objects whose twins the raw side held when this was last asked, or that were linked since, and that it does not hold
    /// now: no count went down by that, and they may be parts of dead cycles. Looks at all links.
    pub(crate) fn take_let_go(&self) -> Vec<Gc> {
        let Some(raws) = self.raws.get() else {
            return Vec::new();
        };
        let state = &mut *self.state.borrow_mut();
        let mut found = Vec::new();
        state.counts.whole_visits += state.old.len() as u64;
        let is_held = |link| is_held(raws, link);
        let let_go = |link: Link| found.push(raws.gc(link.raw));
        state.old.each_let_go(is_held, let_go);
        found
    }
    /// Old objects whose twins were unlinked by hand since the last call: as in [`Pairing::take_let_go`]. They do not move.
    pub(crate) fn take_unlinked(&self) -> Vec<Gc> {
        let unlinked = &mut self.state.borrow_mut().unlinked;
        std::mem::take(unlinked.get_or_insert_default())
    }
    /// So many objects that only the raw side held were looked at, and so many are still held.
    pub(crate) fn note_polled(&self, objects: usize, held: usize) {
        let counts = &mut self.state.borrow_mut().counts;
        counts.polled += objects as u64;
        counts.held += held as u64;
    }
    #[inline]
    pub(super) fn next_task(&self) -> Option<(*mut Raw, Task)> {
        let (raw, task) = self.state.borrow_mut().pending.pop()?;
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
            (Scope::Whole, Some(cycles)) => self.search(cycles, live),
            _ => self.trace_held(scope, live),
        }
    }
    /// An incremental collector begins a cycle: [`Pairing::look_at_some`] goes before [`Pairing::trace`].
    pub(crate) fn begin_pass(&self) {
        let state = &mut *self.state.borrow_mut();
        state.old.pin();
        state.pass = Some(Pass::default());
    }
    /// The cycle is broken off.
    pub(crate) fn abandon_pass(&self) {
        let state = &mut *self.state.borrow_mut();
        if state.pass.take().is_some() {
            state.old.unpin();
        }
    }
    /// Looks at up to `limit` old links when everything is marked that was seen so far; what is marked then is left alone when
    /// marking ends. If the raw side cannot be looked into, what it holds is kept at once. How many were looked
    /// at, and whether that were all.
    pub(crate) fn look_at_some(&self, limit: usize, live: &mut dyn Liveness) -> (usize, bool) {
        let state = &mut *self.state.borrow_mut();
        let (Some(raws), Some(pass)) = (self.raws.get(), &mut state.pass) else {
            return (0, true);
        };
        let keeps_held = self.cycles.get().is_none();
        let (links, mut held) = (&state.old, 0);
        let found = pass.advance(raws, links, limit, live, |link, live| {
            if keeps_held && is_held(raws, link) {
                live.keep(raws.gc(link.raw));
                held += 1;
            }
        });
        state.counts.held += held;
        state.counts.whole_visits += found.0 as u64;
        found
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
        let (mut held, mut visits) = (0, 0);
        let mut trace = |link: Link| {
            visits += 1;
            if is_held(raws, link) {
                live.keep(raws.gc(link.raw));
                held += 1;
            }
        };
        if scope == Scope::Whole {
            state.unsettled().for_each(&mut trace);
        }
        state.young.iter().for_each(trace);
        state.counts.held += held;
        if scope == Scope::Whole {
            state.counts.whole_visits += visits;
        }
        live.try_fixpoint()
    }
    fn search(&self, cycles: CycleSide, live: &mut dyn Liveness) -> bool {
        let Some(raws) = self.raws.get() else {
            return live.try_fixpoint();
        };
        let state = &mut *self.state.borrow_mut();
        live.watch_pairs();
        let mut visits = 0;
        let links = state.unsettled().chain(state.young.iter());
        let links = links.inspect(|_| visits += 1);
        let mut search = Search::new(*raws, cycles, links, live);
        let done = search.run(live) && search.keep_behind_heads(live);
        state.counts.whole_visits += visits;
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
        let mut search = Search::new(*raws, cycles, links, &NothingKnown);
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
            state.pending.push(raw, Task::Finalize);
            state.counts.finalized += 1;
        }
    }
    /// Makes links follow the objects that live, and undoes the links of the others. To be called when it is settled what
    /// lives, before memory is reused.
    pub fn finish<L: Liveness + ?Sized>(&self, scope: Scope, live: &L) {
        let Some(raws) = self.raws.get() else { return };
        self.recent.clear();
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
            state.old_proxies = None;
        }
        if scope == Scope::Whole
            && let Some(pass) = state.pass.take()
        {
            // Nothing that an incremental collector marks moves, and what was marked before is settled.
            let places: Vec<usize> = pass.places(&state.old).collect();
            undo.counts.whole_visits += places.len() as u64;
            for place in places {
                let Some(link) = state.old.get(place) else {
                    continue;
                };
                let gc = raws.gc(link.raw);
                let now = live.survivor(gc);
                debug_assert!(now.is_none_or(|now| now == gc));
                if now.is_none() {
                    if link.kind.is_twin() {
                        state.old_twins.remove(gc.address());
                    }
                    state.old.remove_at(place);
                    undo.undo(link, raws.words(link.raw));
                }
            }
            state.old.unpin();
        } else if scope == Scope::Whole {
            undo.counts.whole_visits += state.old.len() as u64;
            let old_twins = &mut state.old_twins;
            // A place may be free for another object before the table was told that its own has left.
            let mut moved = Vec::new();
            state.old.retain(|link| {
                let words = raws.words(link.raw);
                let gc = words.gc();
                let now = live.survivor(gc);
                if now != Some(gc) && link.kind.is_twin() {
                    old_twins.remove(gc.address());
                    moved.extend(now.map(|now| (now.address(), link.raw)));
                }
                undo.follow(link, words, gc, now)
            });
            for (address, raw) in moved {
                old_twins.insert(address, raw);
            }
            old_twins.shrink();
        }
        twins::clear(&mut state.young_twins);
        undo.counts.young_visits += match scope {
            Scope::Young => state.young.len() as u64,
            Scope::Whole => 0,
        };
        let (old, old_twins, young_twins) =
            (&mut state.old, &mut state.old_twins, &mut state.young_twins);
        let old_proxies = &mut state.old_proxies;
        state.young.retain(|link| {
            let words = raws.words(link.raw);
            let gc = words.gc();
            let now = live.survivor(gc);
            let alive = undo.follow(link, words, gc, now);
            let Some(now) = now else { return alive };
            let stays = live.stays_young(now);
            if link.kind.is_twin() {
                let key = if mutant!(TwinsNotRehashed) { gc } else { now };
                if stays {
                    young_twins.insert(key.address(), link.raw);
                } else {
                    old_twins.insert(key.address(), link.raw);
                }
            } else if let (false, Some(proxies)) = (stays, &mut *old_proxies) {
                proxies.insert(now.address(), link.raw);
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

fn is_held(raws: &RawSide, link: Link) -> bool {
    link.kind.is_twin() && raws.references(link.raw) != link.kind.bias()
}
