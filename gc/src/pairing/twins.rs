//! From objects to their twins: tables by address.
use super::raw::Raw;
use crate::object::Gc;
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map whose keys are addresses.
pub(crate) type AddressMap<T> = HashMap<usize, T, BuildHasherDefault<AddressHasher>>;

/// Twins by the addresses of their objects.
pub(super) type Twins = AddressMap<*mut Raw>;

/// A few objects and their twins, in front of the tables. Whenever an object moves or loses its twin all are forgotten.
#[derive(Default)]
pub(super) struct RecentTwins([Cell<(usize, Option<*mut Raw>)>; RecentTwins::ROOM]);

impl RecentTwins {
    const ROOM: usize = 16;

    #[inline(always)]
    fn slot(&self, gc: Gc) -> &Cell<(usize, Option<*mut Raw>)> {
        let address = gc.address();
        // Objects are multiples of 16 bytes, and those made one after another are seldom more than a few lines apart.
        &self.0[(address >> 4 ^ address >> 8) % RecentTwins::ROOM]
    }
    #[inline(always)]
    pub fn get(&self, gc: Gc) -> Option<*mut Raw> {
        let (address, raw) = self.slot(gc).get();
        if address == gc.address() { raw } else { None }
    }
    pub fn note(&self, gc: Gc, raw: *mut Raw) {
        self.slot(gc).set((gc.address(), Some(raw)));
    }
    pub fn clear(&self) {
        self.0.iter().for_each(|slot| slot.set((0, None)));
    }
}

/// Mixes an address: a multiplication whose upper and lower half are folded together.
#[derive(Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(self.0 as usize ^ byte as usize);
        }
    }
    #[inline]
    fn write_usize(&mut self, address: usize) {
        const ODD: u128 = 0x9E37_79B9_7F4A_7C15;
        let product = address as u128 * ODD;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Forgets all entries; a table that was large once does not keep its memory.
pub(super) fn clear(twins: &mut Twins) {
    let entries = twins.len();
    twins.clear();
    shrink(twins, entries);
}

/// Gives memory back if the table is much larger than `entries` need.
pub(super) fn shrink(twins: &mut Twins, entries: usize) {
    if twins.capacity() > 4 * entries + 1024 {
        twins.shrink_to(2 * entries);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_was_large_once_gives_its_memory_back() {
        let mut twins = Twins::default();
        twins.extend((0..100_000).map(|n| (n * 16, std::ptr::null_mut())));
        let most = twins.capacity();
        clear(&mut twins);
        // It may be needed once more at this size, but not for ever.
        clear(&mut twins);
        assert!(most >= 100_000 && twins.capacity() < 2_000);
    }

    #[test]
    fn neighbouring_addresses_are_spread() {
        use std::collections::HashSet;
        let hash = |address: usize| {
            let mut hasher = AddressHasher::default();
            hasher.write_usize(address);
            hasher.finish()
        };
        // Tables use the lower bits for the place and the upper seven to tell entries apart.
        let places: HashSet<u64> = (0..4096)
            .map(|n| hash(0x7f00_0000_0000 + n * 32) & 0xFFFF)
            .collect();
        assert!(places.len() > 3500, "{}", places.len());
        let marks: HashSet<u64> = (0..4096)
            .map(|n| hash(0x7f00_0000_0000 + n * 32) >> 57)
            .collect();
        assert!(marks.len() > 100, "{}", marks.len());
    }
}
