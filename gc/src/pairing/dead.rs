//! What happens to raw structures whose objects died: their links are undone, and they are freed, pending, or go on alone.
use super::counts::PairStats;
use super::cross::Search;
use super::cycles::Task;
use super::links::Link;
use super::pairs::Pairing;
use super::pending::Pending;
use super::raw::{Raw, RawSide, Words};
use crate::memory::walk;
use crate::object::{Gc, state_bits};

/// What happens to raw structures at the end of a collection.
pub(super) struct Undo<'s> {
    pub raws: &'s RawSide,
    pub search: Option<&'s Search>,
    pub pending: &'s mut Pending,
    /// Light structures, freed when nothing else is left to do.
    pub freed: &'s mut Vec<*mut Raw>,
    pub counts: &'s mut PairStats,
}

impl Undo<'_> {
    /// The link follows its object, or is undone; whether the object lives.
    #[inline(always)]
    pub fn follow(&mut self, link: Link, words: Words<'_>, gc: Gc, now: Option<Gc>) -> bool {
        match now {
            None => self.undo(link, words),
            Some(now) if now != gc => {
                words.set_gc(now);
                self.counts.moved += 1;
            }
            Some(_) => {}
        }
        now.is_some()
    }
    #[inline(always)]
    pub fn undo(&mut self, link: Link, words: Words<'_>) {
        let kind = link.kind;
        let count = words.references() - kind.bias();
        words.set_gc(Gc::NULL);
        if count != 0 || link.in_destructor || kind.is_light() || mutant!(PendingAtZero) {
            return self.undo_rarely(link, count);
        }
        // The reference belongs to the caller of `next_pending`. With a count of 0 foreign code that comes across the
        // structure before would take and drop a reference, and so run its destructor twice.
        words.set_references(1);
        self.pending.push(link.raw, Task::Drop);
        self.counts.pending += 1;
    }
    /// The same for what does not just become pending. The raw side holds `count` references.
    fn undo_rarely(&mut self, link: Link, count: isize) {
        let Link {
            raw,
            kind,
            in_destructor,
        } = link;
        self.raws.set_references(raw, count);
        assert!(
            count >= 0,
            "a raw structure was released more often than it was held"
        );
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
            if !mutant!(PendingAtZero) {
                self.raws.set_references(raw, 1);
            }
            self.pending.push(raw, Task::Drop);
            self.counts.pending += 1;
        }
    }
    /// A dead structure without a link, which other dead ones hold, is to drop what it refers to. Those that cannot go when
    /// nobody holds them any more.
    pub fn clear(&mut self, raw: *mut Raw) {
        if self.search.is_some_and(|search| search.clears(raw)) {
            // Nobody else's: until the structure was told, no other brings it to an end.
            self.raws.add_references(raw, 1);
            self.pending.push(raw, Task::Clear);
            self.counts.cleared += 1;
        }
    }
}

impl Pairing {
    /// Undoes the links of objects that a collector found dead one by one; others may be among them. No link may be new.
    /// Costs time in proportion to what is dead.
    pub(crate) fn finish_dead(&self, dead: &[Gc]) {
        let Some(raws) = self.raws.get() else { return };
        self.recent.clear();
        let state = &mut *self.state.borrow_mut();
        debug_assert!(state.young.len() == 0, "a young collection came before");
        let (old, old_twins) = (&mut state.old, &mut state.old_twins);
        let mut places = Vec::new();
        for gc in walk(dead) {
            if gc.header().state() & state_bits::HAS_PAIR == 0 {
                continue;
            }
            let raw = old_twins.remove(gc.address()).or_else(|| {
                let proxies = state.old_proxies.get_or_insert_with(|| {
                    let links = old.iter().filter(|link| !link.kind.is_twin());
                    let links = links.map(|link| (raws.gc(link.raw).address(), link.raw));
                    links.collect()
                });
                proxies.remove(&gc.address())
            });
            let raw = raw.expect("R2: an object with a link is in a table");
            places.push((old.place(raw), raw));
        }
        // They are told in the order of linking.
        places.sort_unstable();
        let mut freed = Vec::new();
        let mut undo = Undo {
            raws,
            search: None,
            pending: &mut state.pending,
            freed: &mut freed,
            counts: &mut state.counts,
        };
        for (_, raw) in places {
            let link = old.remove(raw);
            let link = link.expect("R1: what has a link is in a list");
            undo.undo(link, raws.words(raw));
            undo.counts.single_visits += 1;
        }
        freed.into_iter().for_each(|raw| raws.free(raw));
    }
}
