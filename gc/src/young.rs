//! The young phase: evacuates what survived in the nursery, and empties it.
//!
//! Order: ambiguous words first, since what they name keeps its address; then precise roots and the remembered set; then
//! everything that these reach. A survivor goes to the old space, or to another young block until it has the age to
//! become old. An object that must keep its address becomes old where it is, and its block with it.
//!
//! Invariants:
//! - Y1: a young object was dealt with exactly if its header is a forwarding address, or has the colour `IN_PLACE` (it
//!   became old in place), or it is in a survivor block.
//! - Y2: after the phase no reference names a block that was emptied, and each old object with a reference to a young one
//!   is in the remembered set.
use crate::counts::Counts;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::{Gray, work_bytes};
use crate::nursery::BlockKind;
use crate::object::{AGE_MASK, GRANULE_BYTES, Gc, Header, barrier_bits, state_bits};
use crate::remembered::{
    CHUNK_ITEMS, Chunk, ChunkRange, RememberedSet, armed_bits, chunk_bits, chunk_table,
};
use crate::resolve::{ambiguous_words, resolve};
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::{Place, Space};
use crate::stats::Work;
use crate::types::TypeTable;
use std::cell::{Cell, RefMut};

/// Colour of objects that became old in place in the phase that runs.
const IN_PLACE: u16 = AGE_MASK + 1;

/// A logged chunk is fetched ahead while so many before it are looked at.
const CHUNKS_AHEAD: usize = 8;

fn is_in_place(gc: Gc) -> bool {
    gc.header().age_and_colour() & IN_PLACE != 0
}

/// Copies an object. Most are a few granules long, for which a loop beats a call.
///
/// # Safety
/// Both ranges are `bytes` long, a multiple of 16, aligned so, and do not overlap.
#[inline(always)]
unsafe fn copy_object(from: usize, to: usize, bytes: usize) {
    const SHORT: usize = 8 * GRANULE_BYTES;
    let (from, to) = (from as *const u128, to as *mut u128);
    // SAFETY: by the caller's word.
    unsafe {
        if bytes > SHORT {
            return std::ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast::<u8>(), bytes);
        }
        let mut n = 0;
        while n < bytes / GRANULE_BYTES {
            to.add(n).write(from.add(n).read());
            n += 1;
        }
    }
}

/// Where survivors that stay young are copied to.
#[derive(Default)]
struct Survivors {
    free: usize,
    end: usize,
    windows: Vec<usize>,
    bytes: usize,
}

/// Who is told of the references between old objects that a young collection sees.
pub enum Watch<'h> {
    /// Nobody.
    Nobody,
    /// The heap is being marked between young collections: what becomes old is marked, what was stored into is looked at
    /// again.
    Marking(&'h mut Gray),
    /// References from old objects are counted, and those of roots until the next collection. No object stays young.
    Counting(&'h mut Counts),
}

/// One young collection. Holds the space while it lives.
pub struct YoungPhase<'h> {
    types: &'h TypeTable,
    space: RefMut<'h, Space>,
    identities: &'h mut Identities,
    /// Copied or promoted objects whose references were not looked at yet.
    pending: Vec<Gc>,
    survivors: Survivors,
    /// An object of this age becomes old.
    tenure: u16,
    /// When so many bytes were moved, all others become old where they are: that costs less, and the pause is bounded.
    most_moved_bytes: u64,
    /// Set when a slot holds a reference to an object that stays young.
    saw_young: bool,
    /// Old objects that refer to objects that stay young.
    remembered: Vec<Gc>,
    /// Chunks of old arrays that refer to objects that stay young.
    remembered_chunks: Vec<Chunk>,
    /// What became old in place.
    in_place: Vec<Gc>,
    watch: Watch<'h>,
    old_bytes: usize,
    large_bytes: usize,
    /// What marking has to look at again.
    regrayed_bytes: usize,
    work: Work,
}

/// What a young phase did.
pub struct YoungReport {
    /// Bytes of objects that became old.
    pub old_bytes: usize,
    /// Bytes of large objects among these.
    pub large_bytes: usize,
    /// Bytes of objects that stay young.
    pub young_bytes: usize,
    /// What marking has to look at again, in bytes of work.
    pub regrayed_bytes: usize,
    /// Counts for the statistics.
    pub work: Work,
}

impl<'h> YoungPhase<'h> {
    /// Starts a phase: finds what ambiguous words name, then evacuates what roots name.
    /// Objects that survived `tenure` collections before become old.
    pub fn new(
        heap: &'h Heap,
        identities: &'h mut Identities,
        watch: Watch<'h>,
        tenure: u32,
    ) -> YoungPhase<'h> {
        YoungPhase::bounded(heap, identities, watch, tenure, usize::MAX)
    }
    /// The same; when `most_moved_bytes` were moved, all that is found becomes old where it is.
    pub fn bounded(
        heap: &'h Heap,
        identities: &'h mut Identities,
        watch: Watch<'h>,
        tenure: u32,
        most_moved_bytes: usize,
    ) -> YoungPhase<'h> {
        let counts = matches!(watch, Watch::Counting(_));
        debug_assert!(!counts || tenure == 0);
        let may_matter = |space: &Space, word| match counts {
            true => space.place(word) != Place::Outside,
            false => space.may_be_young(word),
        };
        // A word may also be the address just past the end of an object.
        let words = ambiguous_words(heap, |space, word| {
            may_matter(space, word) || may_matter(space, word.wrapping_sub(1))
        });
        let mut phase = YoungPhase {
            tenure: tenure as u16,
            most_moved_bytes: most_moved_bytes as u64,
            ..YoungPhase::without_young(heap, identities, watch)
        };
        phase.promote_named(words);
        heap.visit_roots(&mut phase);
        heap.roots().immortals_are_old();
        phase
    }
    /// A phase after which nothing was young when it began, so that neither roots nor old objects have to be looked at.
    pub fn without_young(
        heap: &'h Heap,
        identities: &'h mut Identities,
        watch: Watch<'h>,
    ) -> YoungPhase<'h> {
        YoungPhase {
            types: heap.types(),
            space: heap.space().borrow_mut(),
            identities,
            pending: Vec::new(),
            survivors: Survivors::default(),
            tenure: 0,
            most_moved_bytes: 0,
            saw_young: false,
            remembered: Vec::new(),
            remembered_chunks: Vec::new(),
            in_place: Vec::new(),
            watch,
            old_bytes: 0,
            large_bytes: 0,
            regrayed_bytes: 0,
            work: Work::default(),
        }
    }
    /// Promotes in place what the words name. All words are resolved before the first promotion, since start bits of dead
    /// young objects must not outlive the resolving.
    fn promote_named(&mut self, words: Vec<usize>) {
        let mut named = Vec::new();
        for word in words {
            let found = resolve(&mut self.space, self.types, word);
            for gc in found.into_iter().flatten() {
                if self.space.is_young(gc.address()) {
                    named.push(gc);
                } else if let Watch::Counting(counts) = &mut self.watch {
                    counts.add_temporary(gc);
                }
            }
        }
        self.space.forget_window_starts();
        for gc in named {
            // Several words may name one object.
            if self.space.block_kind(gc.address()) < BlockKind::Young {
                self.promote_large(gc);
            } else if !is_in_place(gc) {
                self.promote_in_place(gc);
            }
            if let Watch::Counting(counts) = &mut self.watch {
                counts.add_temporary(gc);
            }
        }
    }
    /// Makes all references that roots, or the remembered set, hold to young objects point to where they are now.
    #[inline(always)]
    pub fn forward(&mut self, gc: Gc) -> Gc {
        let kind = self.space.block_kind(gc.address());
        if kind >= BlockKind::Young {
            self.forward_small(gc)
        } else {
            if kind == BlockKind::Survivor {
                self.saw_young = true;
            } else if self.space.is_young_large(gc.address()) {
                self.promote_large(gc);
            }
            gc
        }
    }
    /// The same for what keeps an object without being one, such as a root.
    #[inline(always)]
    pub fn keep(&mut self, gc: Gc) -> Gc {
        let gc = self.forward(gc);
        if let Watch::Counting(counts) = &mut self.watch {
            counts.add_temporary(gc);
        }
        gc
    }
    fn forward_small(&mut self, gc: Gc) -> Gc {
        // SAFETY: a reference into a young block names an object or its forwarding word.
        let word = unsafe { gc.word::<usize>(0).read() };
        if word & 1 != 0 {
            let target = (word & !1) as *mut Header;
            // SAFETY: `evacuate` wrote the word.
            let moved = unsafe { Gc::from_raw(target) };
            self.saw_young |= self.space.block_kind(moved.address()) == BlockKind::Survivor;
            return moved;
        }
        if is_in_place(gc) {
            return gc;
        }
        let fixed = state_bits::PINNED | state_bits::IMMORTAL;
        let moves = mutant!(PinnedWithIdentityMoves) && self.identities.get(gc).is_some();
        if gc.header().state() & fixed != 0 && !moves
            || self.work.moved_bytes >= self.most_moved_bytes
        {
            self.promote_in_place(gc);
            return gc;
        }
        self.evacuate(gc)
    }
    fn evacuate(&mut self, gc: Gc) -> Gc {
        // SAFETY: `gc` is an object of a young block that was not forwarded, so its header is intact.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        let age = gc.header().age_and_colour() & AGE_MASK;
        let place = self.identities.take_place(gc);
        let (target, young) = match place {
            Some(place) => {
                self.space.add_start(place);
                (place, false)
            }
            None if age < self.tenure => match self.survivor_place(bytes) {
                Some(at) => (at, true),
                None => (self.old_place(bytes), false),
            },
            None => (self.old_place(bytes), false),
        };
        // SAFETY: both ranges are `bytes` long and in different blocks; the target was just reserved. The first word of
        // the old copy is not read as a header any more.
        let moved = unsafe {
            copy_object(gc.address(), target, bytes);
            gc.word::<usize>(0).write(target | 1);
            Gc::from_raw(target as *mut Header)
        };
        if young {
            moved.header().set_age_and_colour(age + 1);
            self.survivors.bytes += bytes;
            self.saw_young = true;
        } else {
            moved.header().set_age_and_colour(0);
            moved.header().set_barrier(barrier_bits::LOG);
            self.old_bytes += bytes;
            self.mark_new_old(moved);
        }
        self.work.moved_objects += 1;
        self.work.moved_bytes += bytes as u64;
        if scan::has_refs(self.types, moved.type_id()) {
            self.pending.push(moved);
        }
        moved
    }
    fn survivor_place(&mut self, bytes: usize) -> Option<usize> {
        if self.survivors.end - self.survivors.free < bytes {
            self.close_survivor_window();
            let Some((number, range)) = self.space.survivor_window() else {
                // No block to spare: everything else becomes old.
                self.tenure = 0;
                return None;
            };
            self.survivors.windows.push(number);
            (self.survivors.free, self.survivors.end) = (range.start, range.end);
        }
        let at = self.survivors.free;
        self.survivors.free += bytes;
        Some(at)
    }
    /// Notes where the objects of the survivor window in use end, if there is one.
    fn close_survivor_window(&mut self) {
        let used_end = std::mem::take(&mut self.survivors.free);
        if std::mem::take(&mut self.survivors.end) != 0 {
            let number = self.survivors.windows.last().expect("a window is in use");
            self.space.set_used_end(*number, used_end);
        }
    }
    fn old_place(&mut self, bytes: usize) -> usize {
        self.space
            .take_old(bytes)
            .expect("the system has no memory left to move objects")
    }
    fn promote_in_place(&mut self, gc: Gc) {
        // SAFETY: `gc` is an object of a young block that was not forwarded.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        self.space.promote_in_place(gc.address(), bytes);
        if let Some(place) = self.identities.keep_aside(gc)
            && let Watch::Marking(_) = self.watch
        {
            self.space.keep_line(place);
        }
        gc.header().set_age_and_colour(IN_PLACE);
        gc.header().set_barrier(barrier_bits::LOG);
        self.in_place.push(gc);
        self.old_bytes += bytes;
        self.mark_new_old(gc);
        if !mutant!(InPlaceNotFollowed) {
            self.pending.push(gc);
        }
    }
    fn promote_large(&mut self, gc: Gc) {
        if let Some(bytes) = self.space.promote_large(gc.address()) {
            gc.header().set_barrier(armed_bits(self.types, gc));
            self.old_bytes += bytes;
            self.large_bytes += bytes;
            self.pending.push(gc);
            self.mark_new_old(gc);
        }
    }
    /// An object became old while the heap is being marked.
    #[inline(always)]
    fn mark_new_old(&mut self, gc: Gc) {
        if let Watch::Marking(gray) = &mut self.watch {
            gray.push_new(gc);
        }
    }
    /// Evacuates what the remembered set names, and arms the barrier of its objects again.
    pub fn remembered(&mut self, set: &mut RememberedSet) {
        self.work.looked_at = std::mem::take(&mut set.units) as u64;
        let chunks = std::mem::take(&mut set.chunks);
        for (n, chunk) in chunks.iter().enumerate() {
            // Chunks lie anywhere: one that comes later is fetched now.
            if let Some(later) = chunks.get(n + CHUNKS_AHEAD) {
                later.prefetch(self.types);
            }
            // An array that was logged as a whole later is scanned as a whole.
            match chunk.array.header().barrier() {
                0 => chunk.remove(self.types, chunk_bits::LOGGED),
                _ => self.scan_chunk(*chunk),
            }
        }
        for range in std::mem::take(&mut set.ranges) {
            self.regray_range(&range);
            let whole = range.array.header().barrier() == 0;
            for chunk in range.chunks() {
                if chunk.has(self.types, chunk_bits::LOGGED) {
                    chunk.remove(self.types, chunk_bits::LOGGED);
                    if !whole {
                        self.scan_items(chunk);
                    }
                }
            }
        }
        for gc in std::mem::take(&mut set.objects) {
            if !mutant!(NotLookedAtAgain) {
                self.regray_object(gc);
            }
            self.scan_old(gc);
        }
    }
    /// The same without a look at the references: no object is young.
    pub fn rearm(&mut self, set: &mut RememberedSet) {
        self.work.looked_at = std::mem::take(&mut set.units) as u64;
        let chunks = std::mem::take(&mut set.chunks);
        for (n, chunk) in chunks.iter().enumerate() {
            if let Some(later) = chunks.get(n + CHUNKS_AHEAD) {
                later.prefetch_bits(self.types);
            }
            chunk.remove(self.types, chunk_bits::LOGGED);
            self.regray_chunk(*chunk);
        }
        for range in std::mem::take(&mut set.ranges) {
            self.regray_range(&range);
            for byte in range.bytes(self.types) {
                byte.set(byte.get() & !chunk_bits::LOGGED);
            }
        }
        for gc in std::mem::take(&mut set.objects) {
            self.regray_object(gc);
            gc.header().set_barrier(armed_bits(self.types, gc));
        }
    }
    /// An object was stored into. If it was looked at by incremental marking, that is done again.
    fn regray_object(&mut self, gc: Gc) {
        if let Watch::Marking(gray) = &mut self.watch
            && !gray.is_judged()
            && self.space.is_marked(gc.address())
        {
            gray.push_again(gc);
            self.work.regrayed += 1;
            // SAFETY: an object that was stored into is intact.
            let bytes = unsafe { scan::object_bytes(self.types, gc) };
            self.regrayed_bytes += work_bytes(bytes / size_of::<Gc>());
        }
    }
    /// The same for a part of an array.
    fn regray_range(&mut self, range: &ChunkRange) {
        if let Watch::Marking(gray) = &mut self.watch
            && !gray.is_judged()
            && self.space.is_marked(range.array.address())
        {
            let items = range.items(self.types);
            self.regrayed_bytes += work_bytes(items.len());
            gray.push_slice(range.array, items);
            self.work.regrayed += 1;
        }
    }
    /// The same for a chunk.
    #[inline(always)]
    fn regray_chunk(&mut self, chunk: Chunk) {
        if let Watch::Marking(gray) = &mut self.watch
            && !gray.is_judged()
            && self.space.is_marked(chunk.array.address())
            && chunk.add(self.types, chunk_bits::GRAY)
        {
            gray.push_chunk(chunk);
            self.work.regrayed += 1;
            self.regrayed_bytes += work_bytes(CHUNK_ITEMS);
        }
    }
    /// Forwards the references of an old object, and remembers it if one of them stays young.
    fn scan_old(&mut self, gc: Gc) {
        let armed = armed_bits(self.types, gc);
        self.saw_young = false;
        if armed & barrier_bits::CHUNKED == 0 {
            self.scan(gc);
        } else {
            let types = self.types;
            // SAFETY: as in `scan`.
            unsafe { scan::visit_fixed_slots(types, gc, &mut |slot| self.forward_slot(slot)) };
        }
        if self.saw_young {
            gc.header().set_barrier(0);
            self.remembered.push(gc);
        } else if !mutant!(NotArmedAgain) {
            gc.header().set_barrier(armed);
        }
        if armed & barrier_bits::CHUNKED != 0 {
            for number in 0..chunk_table(self.types, gc).len() {
                self.scan_items(Chunk::new(gc, number));
            }
        }
    }
    /// Forwards the items of a logged chunk of a marked or unmarked array.
    fn scan_chunk(&mut self, chunk: Chunk) {
        chunk.remove(self.types, chunk_bits::LOGGED);
        self.regray_chunk(chunk);
        self.scan_items(chunk);
    }
    /// Forwards the items of a chunk, and remembers it if one of them stays young.
    fn scan_items(&mut self, chunk: Chunk) {
        self.saw_young = false;
        self.work.young_most_slots += CHUNK_ITEMS as u64;
        let first = chunk.items(self.types);
        for n in chunk.range(self.types) {
            self.forward_slot(first.wrapping_add(n));
        }
        // An array that is remembered as a whole needs no more.
        if self.saw_young && chunk.array.header().barrier() != 0 {
            chunk.add(self.types, chunk_bits::LOGGED);
            self.remembered_chunks.push(chunk);
        }
    }
    #[inline(always)]
    fn scan(&mut self, gc: Gc) {
        let types = self.types;
        // SAFETY: `gc` is an object at its present place, and its slots hold references or NULL.
        unsafe { scan::visit_slots(types, gc, &mut |slot| self.forward_slot(slot)) };
    }
    #[inline(always)]
    fn forward_slot(&mut self, slot: *mut Gc) {
        // SAFETY: the caller found the slot in an object by its type.
        let old = unsafe { slot.read() };
        let new = self.forward(old);
        if new != old {
            // SAFETY: as above.
            unsafe { slot.write(new) };
        }
        if let Watch::Counting(counts) = &mut self.watch {
            counts.add(new);
        }
    }
    /// Evacuates everything that evacuated objects reach.
    pub fn drain(&mut self) {
        while let Some(gc) = self.pending.pop() {
            match gc.header().barrier() {
                0 => self.scan(gc),
                _ => self.scan_old(gc),
            }
        }
    }
    /// Where a reference's object is now: itself if it was not young, `None` if it did not survive.
    pub fn survivor(&self, gc: Gc) -> Option<Gc> {
        let address = gc.address();
        if self.space.block_kind(address) >= BlockKind::Young {
            // SAFETY: a reference into a young block names an object or its forwarding word.
            let word = unsafe { gc.word::<usize>(0).read() };
            if word & 1 != 0 {
                // SAFETY: `evacuate` wrote the word.
                return Some(unsafe { Gc::from_raw((word & !1) as *mut Header) });
            }
            return is_in_place(gc).then_some(gc);
        }
        (!self.space.is_young_large(address)).then_some(gc)
    }
    /// Whether an object at its present place stays young.
    pub fn stays_young(&self, gc: Gc) -> bool {
        self.space.block_kind(gc.address()) == BlockKind::Survivor
    }
    /// Empties the nursery. Nothing may be pending.
    pub fn finish(mut self, set: &mut RememberedSet) -> YoungReport {
        debug_assert!(self.pending.is_empty());
        self.close_survivor_window();
        self.work.young_most_bytes = self.work.moved_bytes;
        self.work.promoted_in_place = self.in_place.len() as u64;
        for gc in &self.in_place {
            let count = gc.header().age_and_colour() & AGE_MASK;
            gc.header().set_age_and_colour(count);
        }
        set.add_remembered(
            self.types,
            &mut self.remembered,
            &mut self.remembered_chunks,
        );
        // What is still reserved belongs to objects that died: those that live were taken out when they became old.
        self.identities.forget_reserved();
        self.space.end_young(&self.survivors.windows);
        YoungReport {
            old_bytes: self.old_bytes,
            large_bytes: self.large_bytes,
            young_bytes: self.survivors.bytes,
            regrayed_bytes: self.regrayed_bytes,
            work: self.work,
        }
    }
}

impl RootVisitor for YoungPhase<'_> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        let old = slot.get();
        let new = self.keep(old);
        if new != old {
            slot.set(new);
        }
    }
    fn ambiguous(&mut self, _word: usize) {}
    /// They do not move, and have no counts.
    fn skips_old_immortals(&self) -> bool {
        true
    }
    /// What is counted is counted each time.
    fn wants_old(&self) -> bool {
        matches!(self.watch, Watch::Counting(_))
    }
    fn is_old(&self, gc: Gc) -> bool {
        !self.stays_young(gc)
    }
}
