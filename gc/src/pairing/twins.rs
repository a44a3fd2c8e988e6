//! From objects to their twins: tables by address.
use super::raw::Raw;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map whose keys are addresses.
pub(super) type AddressMap<T> = HashMap<usize, T, BuildHasherDefault<AddressHasher>>;

/// Twins by the addresses of their objects.
pub(super) type Twins = AddressMap<*mut Raw>;

/// Mixes an address: a multiplication whose upper and lower half are folded together.
#[derive(Default)]
pub(super) struct AddressHasher(u64);

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
