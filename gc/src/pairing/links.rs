//! Lists of linked raw structures, in order of linking.
//!
//! Collections walk a list from one end to the other. Taking out a structure in between leaves a gap, which the next
//! collection closes, or the one gap too many; its place is found near the end, or by an index that is made when it is first
//! needed.
use super::raw::{LinkKind, Raw};
use super::twins::AddressMap;

/// A linked raw structure.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub raw: *mut Raw,
    pub kind: LinkKind,
    /// It was made while the structure's destructor ran.
    pub in_destructor: bool,
}

/// How many entries at the end are searched before an index is made.
const NEAR: usize = 16;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Links {
    /// A null pointer marks a gap. The last entry is none.
    entries: Vec<Link>,
    gaps: usize,
    /// Where structures stand in `entries`; complete if there.
    places: Option<AddressMap<usize>>,
}

impl Links {
    pub fn len(&self) -> usize {
        self.entries.len() - self.gaps
    }
    pub fn push(&mut self, link: Link) {
        if let Some(places) = &mut self.places {
            places.insert(link.raw as usize, self.entries.len());
        }
        self.entries.push(link);
    }
    /// Takes a structure out, and says what kind of link it had. `None` if it is not in the list.
    pub fn remove(&mut self, raw: *mut Raw) -> Option<LinkKind> {
        let near = self.entries.iter().rev().take(NEAR);
        let near = near.copied().position(|link| link.raw == raw);
        let place = match near {
            Some(back) => self.entries.len() - 1 - back,
            None if self.entries.len() <= NEAR => return None,
            None => self.indexed_place(raw)?,
        };
        if let Some(places) = &mut self.places {
            places.remove(&(raw as usize));
        }
        let kind = self.entries[place].kind;
        self.entries[place].raw = std::ptr::null_mut();
        self.gaps += 1;
        while self.entries.pop_if(|link| link.raw.is_null()).is_some() {
            self.gaps -= 1;
        }
        // Between two collections too, a list is at most twice as long as needed.
        if self.gaps > self.len() + NEAR {
            self.retain(|_| true);
        }
        Some(kind)
    }
    fn indexed_place(&mut self, raw: *mut Raw) -> Option<usize> {
        let entries = &self.entries;
        let places = self.places.get_or_insert_with(|| {
            let places = entries.iter().enumerate();
            let filled = places.filter(|(_, link)| !link.raw.is_null());
            filled.map(|(n, link)| (link.raw as usize, n)).collect()
        });
        places.get(&(raw as usize)).copied()
    }
    pub fn iter(&self) -> impl Iterator<Item = Link> + '_ {
        let entries = self.entries.iter().copied();
        entries.filter(|link| !link.raw.is_null())
    }
    /// Keeps the links that `wanted` says, and closes the gaps.
    pub fn retain(&mut self, mut wanted: impl FnMut(Link) -> bool) {
        self.places = None;
        self.gaps = 0;
        self.entries
            .retain(|&link| !link.raw.is_null() && wanted(link));
        // A list that was long once does not keep its memory.
        if self.entries.len() < self.entries.capacity() / 4 {
            self.entries.shrink_to(self.entries.len() * 2);
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
            assert_eq!(links.remove(link(n).raw), Some(LinkKind::Twin));
            assert_eq!(links.remove(link(n).raw), None);
            links.push(link(n + 1000));
            assert_eq!(links.len(), 1000);
            assert!(links.entries.len() <= 2 * 1000 + NEAR + 1);
        }
        let left: Vec<usize> = links.iter().map(|link| link.raw.addr() / 16).collect();
        assert_eq!(left, (100_001..=101_000).collect::<Vec<_>>());
    }
}
