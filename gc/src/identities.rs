//! Identity numbers that stay the same when objects move.
//!
//! The number of an object that does not move any more is its address. For one that still moves, the place where it will
//! become old is reserved, and that address is its number. An object that then had to become old where it was keeps the
//! number aside, and one line of the reserved place stays reserved, so that nobody else gets the number.
use crate::heap::Heap;
use crate::object::{GRANULE_BYTES, Gc, state_bits};
use crate::pairing::AddressMap;
use crate::scan;
use crate::space::{BLOCK_BYTES, Space};

/// Numbers that are kept aside are in so many tables, by the block of the object: a table that grows is moved as a whole,
/// and a collection in steps goes over one after the other.
const SHARDS: usize = 1024;

type Aside = AddressMap<usize>;

/// Numbers that are not addresses.
#[derive(Default)]
pub struct Identities {
    /// Reserved places of young objects, by their present addresses.
    pub(crate) reserved: AddressMap<usize>,
    /// Numbers of old objects with the state bit ID_ASIDE, by address.
    aside: Vec<Aside>,
    /// The next table to go over.
    next_shard: usize,
}

impl Identities {
    /// The number of an object that has one which is not its address.
    pub fn get(&self, gc: Gc) -> Option<usize> {
        let state = gc.header().state();
        if state & state_bits::ID_ASIDE != 0 {
            return self
                .shard(gc)
                .and_then(|aside| aside.get(&gc.address()).copied());
        }
        match state & state_bits::HAS_ID {
            0 => None,
            _ => self.reserved.get(&gc.address()).copied(),
        }
    }
    /// The number of an object under a collector with a nursery: one that still moves gets the place where it will become old.
    pub fn number(&mut self, heap: &Heap, gc: Gc) -> usize {
        if let Some(number) = self.get(gc) {
            return number;
        }
        let mut space = heap.space().borrow_mut();
        if !space.is_young(gc.address()) || space.is_young_large(gc.address()) {
            return gc.address();
        }
        // SAFETY: a reference names an object whose type is registered.
        let bytes = unsafe { scan::object_bytes(heap.types(), gc) };
        let place = space
            .take_old_raw(bytes.max(GRANULE_BYTES))
            .expect("the system has no memory left");
        self.reserve(gc, place);
        heap.note_registration();
        place
    }
    /// Reserves `place` for a young object.
    pub fn reserve(&mut self, gc: Gc, place: usize) {
        gc.header().add_state(state_bits::HAS_ID);
        self.reserved.insert(gc.address(), place);
    }
    /// The object becomes old: where, if a place was reserved.
    #[inline(always)]
    pub fn take_place(&mut self, gc: Gc) -> Option<usize> {
        match gc.header().state() & state_bits::HAS_ID {
            0 => None,
            _ => self.reserved.remove(&gc.address()),
        }
    }
    fn shard_of(address: usize) -> usize {
        address / BLOCK_BYTES % SHARDS
    }
    fn shard(&self, gc: Gc) -> Option<&Aside> {
        self.aside.get(Identities::shard_of(gc.address()))
    }
    /// Keeps a number aside.
    pub(crate) fn put_aside(&mut self, address: usize, place: usize) {
        if self.aside.is_empty() {
            self.aside.resize_with(SHARDS, Aside::default);
        }
        self.aside[Identities::shard_of(address)].insert(address, place);
    }
    /// The object became old where it is; if a place was reserved, the number is kept aside, and the place is returned.
    #[inline(always)]
    pub fn keep_aside(&mut self, gc: Gc) -> Option<usize> {
        let place = self.take_place(gc)?;
        gc.header().add_state(state_bits::ID_ASIDE);
        self.put_aside(gc.address(), place);
        Some(place)
    }
    /// Forgets dead objects.
    pub fn retain(&mut self, is_live: impl Fn(usize) -> bool) {
        for aside in &mut self.aside {
            aside.retain(|&address, _| is_live(address));
        }
    }
    /// What [`Identities::settle_some`] does is to be done.
    pub(crate) fn begin_pass(&mut self) {
        self.next_shard = 0;
    }
    /// Forgets dead objects, and keeps the places of the others, in tables with about `most` entries.
    pub(crate) fn settle_some(&mut self, most: &mut usize, space: &mut Space) {
        while *most != 0 && !self.is_settled() {
            let aside = &mut self.aside[self.next_shard];
            *most = most.saturating_sub(aside.len() + 1);
            aside.retain(|&address, _| space.is_marked(address));
            aside.values().for_each(|&place| space.keep_line(place));
            self.next_shard += 1;
        }
    }
    /// Whether that was done for all.
    pub(crate) fn is_settled(&self) -> bool {
        self.next_shard >= self.aside.len()
    }
    /// The young objects that did not survive are gone.
    pub(crate) fn forget_reserved(&mut self) {
        self.reserved.clear();
    }
    /// The reserved places of numbers kept aside.
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.aside.iter().flat_map(|aside| aside.values().copied())
    }
}
