//! Lists of linked raw structures, in order of linking.
//!
//! Collections walk a list from one end to the other. Taking out a structure in between leaves a gap, which the next
//! collection closes, or the one gap too many; its place is found near the end, or by an index that is made when it is first
//! needed.
use super::raw::{LinkKind, Raw};
use super::twins::AddressMap;
use crate::memory::prefetch;

/// A linked raw structure.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub raw: *mut Raw,
    pub kind: LinkKind,
    /// It was made while the structure's destructor ran.
    pub in_destructor: bool,
}

/// A link in one word, what is not the address in the bits that an address has to spare; a null pointer marks a gap.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry(*mut Raw);

impl Entry {
    const GAP: Entry = Entry(std::ptr::null_mut());
    const KIND: usize = 3;
    const IN_DESTRUCTOR: usize = 4;
    /// A twin that the raw side did not hold when it was last asked for; no address has this bit.
    const SEEN_FREE: usize = 1 << 63;
    const BITS: usize = 7 | Entry::SEEN_FREE;

    #[inline(always)]
    fn new(link: Link) -> Entry {
        assert!(
            link.raw.addr() & Entry::BITS == 0 && !link.raw.is_null(),
            "a raw structure has the alignment of a word"
        );
        let bits = link.kind as usize | usize::from(link.in_destructor) * Entry::IN_DESTRUCTOR;
        Entry(link.raw.map_addr(|address| address | bits))
    }
    /// Not of a gap.
    #[inline(always)]
    fn link(self) -> Link {
        const KINDS: [LinkKind; 4] = [
            LinkKind::Twin,
            LinkKind::LightTwin,
            LinkKind::Proxy,
            LinkKind::LightProxy,
        ];
        const _: () = {
            let mut n = 0;
            while n < KINDS.len() {
                assert!(KINDS[n] as usize == n);
                n += 1;
            }
        };
        Link {
            raw: self.raw(),
            kind: KINDS[self.0.addr() & Entry::KIND],
            in_destructor: self.0.addr() & Entry::IN_DESTRUCTOR != 0,
        }
    }
    #[inline(always)]
    fn raw(self) -> *mut Raw {
        self.0.map_addr(|address| address & !Entry::BITS)
    }
}

/// How many entries at the end are searched before an index is made.
const NEAR: usize = 16;
/// Structures are fetched so many entries ahead: they lie anywhere.
const AHEAD: usize = 12;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Links {
    /// The last entry is no gap, unless `pinned`.
    entries: Vec<Entry>,
    gaps: usize,
    /// Where structures stand in `entries`; complete if there.
    places: Option<AddressMap<usize>>,
    /// Places stay what they are: somebody comes back to them. Then the last entry may be a gap.
    pinned: bool,
}

impl Links {
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len() - self.gaps
    }
    #[inline]
    pub fn push(&mut self, link: Link) {
        if let Some(places) = &mut self.places {
            places.insert(link.raw.addr(), self.entries.len());
        }
        self.entries.push(Entry::new(link));
    }
    /// Takes a structure out, and says what its link was and where it stood. `None` if it is not in the list.
    pub fn remove(&mut self, raw: *mut Raw) -> Option<Link> {
        let place = self.place(raw)?;
        if let Some(places) = &mut self.places {
            places.remove(&raw.addr());
        }
        let link = self.entries[place].link();
        self.entries[place] = Entry::GAP;
        self.gaps += 1;
        if !self.pinned {
            self.tidy();
        }
        Some(link)
    }
    fn tidy(&mut self) {
        let is_gap = |entry: &mut Entry| *entry == Entry::GAP;
        while self.entries.pop_if(is_gap).is_some() {
            self.gaps -= 1;
        }
        // Between two collections too, a list is at most twice as long as needed.
        if self.gaps > self.len() + NEAR {
            self.retain(|_| true);
        }
    }
    /// From now on, places stay what they are, until [`Links::unpin`] or [`Links::retain`].
    pub fn pin(&mut self) {
        self.pinned = true;
    }
    pub fn unpin(&mut self) {
        self.pinned = false;
        self.tidy();
    }
    /// The place of the next link.
    pub fn end(&self) -> usize {
        self.entries.len()
    }
    /// The link that stands at a place below [`Links::end`], if one does.
    #[inline]
    pub fn get(&self, place: usize) -> Option<Link> {
        if let Some(next) = self.entries.get(place + AHEAD) {
            prefetch(next.raw().addr());
        }
        let entry = self.entries[place];
        (entry != Entry::GAP).then(|| entry.link())
    }
    /// Takes out the link at a place, where one stands.
    pub fn remove_at(&mut self, place: usize) {
        if let Some(places) = &mut self.places {
            places.remove(&self.entries[place].raw().addr());
        }
        self.entries[place] = Entry::GAP;
        self.gaps += 1;
    }
    /// Where a structure stands; smaller places were linked earlier.
    pub fn place(&mut self, raw: *mut Raw) -> Option<usize> {
        let near = self.entries.iter().rev().take(NEAR);
        let near = near.copied().position(|entry| entry.raw() == raw);
        match near {
            Some(back) => Some(self.entries.len() - 1 - back),
            None if self.entries.len() <= NEAR => None,
            None => self.indexed_place(raw),
        }
    }
    fn indexed_place(&mut self, raw: *mut Raw) -> Option<usize> {
        let entries = &self.entries;
        let places = self.places.get_or_insert_with(|| {
            let places = entries.iter().enumerate();
            let filled = places.filter(|(_, entry)| **entry != Entry::GAP);
            filled.map(|(n, entry)| (entry.raw().addr(), n)).collect()
        });
        places.get(&raw.addr()).copied()
    }
    /// Calls the function with each twin that the raw side does not hold, unless that was so at the last call, too.
    pub fn each_let_go(&mut self, is_held: impl Fn(Link) -> bool, mut let_go: impl FnMut(Link)) {
        for n in 0..self.entries.len() {
            if let Some(next) = self.entries.get(n + AHEAD) {
                prefetch(next.raw().addr());
            }
            let entry = &mut self.entries[n];
            if *entry == Entry::GAP || !entry.link().kind.is_twin() {
                continue;
            }
            let was_free = entry.0.addr() & Entry::SEEN_FREE != 0;
            let is_free = !is_held(entry.link());
            if is_free && !was_free {
                let_go(entry.link());
            }
            if is_free != was_free {
                entry.0 = entry.0.map_addr(|address| address ^ Entry::SEEN_FREE);
            }
        }
    }
    pub fn iter(&self) -> impl Iterator<Item = Link> + '_ {
        let filled = self.entries.iter().filter(|entry| **entry != Entry::GAP);
        filled.map(|entry| entry.link())
    }
    /// Keeps the links that `wanted` says, and closes the gaps.
    pub fn retain(&mut self, mut wanted: impl FnMut(Link) -> bool) {
        self.places = None;
        self.gaps = 0;
        self.pinned = false;
        let before = self.entries.len();
        let mut kept = 0;
        for n in 0..before {
            if let Some(next) = self.entries.get(n + AHEAD) {
                prefetch(next.raw().addr());
            }
            let entry = self.entries[n];
            if entry != Entry::GAP && wanted(entry.link()) {
                self.entries[kept] = entry;
                kept += 1;
            }
        }
        self.entries.truncate(kept);
        // A list that was long once does not keep its memory, but one that gets as long again and again does.
        if before < self.entries.capacity() / 4 {
            self.entries.shrink_to(before * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(n: usize) -> Link {
        Link {
            raw: std::ptr::without_provenance_mut(n * 16),
            kind: LinkKind::Twin,
            in_destructor: false,
        }
    }

    #[test]
    fn gaps_do_not_pile_up_between_collections() {
        let mut links = Links::default();
        (1..=1000).for_each(|n| links.push(link(n)));
        for n in 1..=100_000 {
            // The oldest goes, and a new one comes.
            assert_eq!(
                links.remove(link(n).raw).map(|l| l.kind),
                Some(LinkKind::Twin)
            );
            assert!(links.remove(link(n).raw).is_none());
            links.push(link(n + 1000));
            assert_eq!(links.len(), 1000);
            assert!(links.entries.len() <= 2 * 1000 + NEAR + 1);
        }
        let left: Vec<usize> = links.iter().map(|link| link.raw.addr() / 16).collect();
        assert_eq!(left, (100_001..=101_000).collect::<Vec<_>>());
    }

    #[test]
    fn an_entry_is_the_link_that_it_was_made_of() {
        let kinds = [
            LinkKind::Twin,
            LinkKind::LightTwin,
            LinkKind::Proxy,
            LinkKind::LightProxy,
        ];
        for kind in kinds {
            for in_destructor in [false, true] {
                let made = Link {
                    kind,
                    in_destructor,
                    ..link(7)
                };
                let Link {
                    raw,
                    kind: got,
                    in_destructor: was,
                } = Entry::new(made).link();
                assert_eq!((raw, got, was), (made.raw, kind, in_destructor));
            }
        }
    }

    #[test]
    fn a_twin_is_let_go_of_once() {
        let mut links = Links::default();
        (1..=3).for_each(|n| links.push(link(n)));
        let mut let_go = |held: usize| {
            let mut found = Vec::new();
            let number = |link: Link| link.raw.addr() / 16;
            links.each_let_go(|link| number(link) == held, |link| found.push(number(link)));
            assert_eq!(links.iter().map(number).collect::<Vec<_>>(), [1, 2, 3]);
            found
        };
        assert_eq!(let_go(2), [1, 3]);
        assert_eq!(let_go(3), [2]);
        assert_eq!(let_go(3), [0; 0]);
        assert_eq!(let_go(1), [3]);
        assert_eq!(links.place(link(3).raw), Some(2));
    }

    #[test]
    fn a_list_that_was_long_once_gives_its_memory_back() {
        let mut links = Links::default();
        (1..=100_000).for_each(|n| links.push(link(n)));
        links.retain(|_| false);
        // It may be needed once more at this size, but not for ever.
        links.retain(|_| false);
        assert!(links.entries.capacity() < 1_000);
    }
}
