//! Marking with an explicit stack, all at once or step by step: shared by the collectors that trace.
//!
//! References are stacked as they are seen, without a look at the object or its mark bit. On their way from the stack to
//! being visited they pass a short queue in which the object's first cache line and its mark are fetched ahead (Cher,
//! Hosking and Vitek, "Software prefetching for mark-sweep garbage collection", 2004; Garner, Blackburn and Frampton,
//! "Effective prefetch for mark-sweep garbage collection", 2007).
//!
//! When the mutator runs between steps, marking is by incremental update: an old object that is stored into after it was
//! visited is visited again, roots are read again before marking ends, and what becomes old meanwhile is marked.
//!
//! Invariants, at the end of a step:
//! - M1: each slot of an object that is marked and neither in [`Gray`] nor logged by the barrier holds NULL, an object
//!   that is marked or in [`Gray`], a young one, or one outside the heap.
//! - M2: young objects are not marked.
use crate::heap::Heap;
use crate::memory::thread_cpu_time;
use crate::object::{Gc, state_bits};
use crate::remembered::{CHUNK_ITEMS, Chunk, chunk_bits};
use crate::resolve::resolve;
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::{Place, Space};
use crate::stack::Stack;
use crate::types::TypeTable;
use std::cell::{Cell, RefMut};
use std::ops::Range;
use std::time::{Duration, Instant};

/// What was reached and has still to be looked at. Outlives a step.
#[derive(Default)]
pub struct Gray {
    /// Old objects that were reached; some are marked by now, since another reference led to them.
    pending: Stack<Gc>,
    /// Marked since they became old after marking had ended, and not counted.
    fresh: Stack<Gc>,
    /// Marking has ended, apart from what finalizers keep: what becomes old is marked already.
    judged: bool,
    /// Visited, and stored into since.
    again: Stack<Gc>,
    /// Items of large arrays.
    slices: Vec<(Gc, Range<usize>)>,
    /// Gray chunks. They are looked at last, since a chunk may be stored into many times.
    chunks: Vec<Chunk>,
    live_bytes: usize,
}

impl Gray {
    /// An old object was reached: it is to be marked and visited.
    pub fn push(&mut self, gc: Gc) {
        self.pending.push(gc);
    }
    /// An object became old: it is to be visited, and marked unless the space has done so.
    #[inline(always)]
    pub fn push_new(&mut self, gc: Gc) {
        match self.judged {
            true => self.fresh.push(gc),
            false => self.pending.push(gc),
        }
    }
    /// From now on the space marks what becomes old.
    pub(crate) fn set_judged(&mut self) {
        self.judged = true;
    }
    /// Whether what is stored into is to be looked at again: not if marking has ended.
    pub(crate) fn is_judged(&self) -> bool {
        self.judged
    }
    /// A marked object was stored into.
    pub fn push_again(&mut self, gc: Gc) {
        self.again.push(gc);
    }
    /// A part of a marked array was stored into.
    pub fn push_slice(&mut self, array: Gc, items: Range<usize>) {
        self.slices.push((array, items));
    }
    /// A chunk of a marked array became gray.
    pub fn push_chunk(&mut self, chunk: Chunk) {
        self.chunks.push(chunk);
    }
    /// Forgets everything. The marks are forgotten by others.
    pub(crate) fn abandon(&mut self, types: &TypeTable) {
        for chunk in std::mem::take(&mut self.chunks) {
            chunk.remove(types, chunk_bits::GRAY);
        }
        *self = Gray::default();
    }
    /// Whether nothing is left to be looked at.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
            && self.fresh.is_empty()
            && self.again.is_empty()
            && self.slices.is_empty()
            && self.chunks.is_empty()
    }
    /// Bytes of the objects visited so far.
    pub fn live_bytes(&self) -> usize {
        self.live_bytes
    }
    /// Addresses of the objects that are still to be looked at, or have references that are.
    pub fn addresses(&self) -> impl Iterator<Item = usize> + '_ {
        let slices = self.slices.iter().map(|(gc, _)| gc);
        let whole = self.pending.iter().chain(self.fresh.iter());
        let whole = whole.chain(self.again.iter()).chain(slices);
        let chunked = self.chunks.iter().map(|chunk| &chunk.array);
        whole.chain(chunked).map(|gc| gc.address())
    }
}

/// Marks what roots reach. Holds the space while it lives.
pub struct Marker<'h> {
    types: &'h TypeTable,
    space: RefMut<'h, Space>,
    gray: Gray,
    /// There are young objects, which are passed over.
    skips_young: bool,
    /// Bytes that may be looked at before [`Marker::drain_some`] returns.
    budget: usize,
    /// Objects with raw structures that were looked at since somebody asked, if anybody wants to know.
    paired: Option<Vec<Gc>>,
}

/// References in the queue between the stack and the visit.
const AHEAD: usize = 16;
/// What looking at one reference counts for: the cache line of a mark is fetched.
const LINE_BYTES: usize = 64;

/// What it counts for to look again at so many references in a row.
pub(crate) fn work_bytes(references: usize) -> usize {
    references * (LINE_BYTES + size_of::<Gc>())
}
/// Arrays of references that are longer are looked at in parts of so many items.
const SLICE_ITEMS: usize = 4096;
/// So many chunks of arrays that were stored into are looked at together.
const CHUNKS_TOGETHER: usize = 16;
/// What each of them counts for beside its items: the lines of its bits and of its items are fetched.
const CHUNK_BYTES: usize = 3 * LINE_BYTES - CHUNK_ITEMS * size_of::<Gc>();
/// What visiting an object without references counts for at most: its size is read, and its lines are set.
const LEAF_BYTES: usize = 64;

/// The clock is looked at after each so many bytes of a step.
const PATIENT_BYTES: usize = 64 << 10;
/// A step of marking that has taken so long ends, with at most one more part of its work after that. Usual steps take a tenth.
const LONGEST_STEP: Duration = Duration::from_millis(2);

/// When a step is to end although its bytes are not done: lines of memory that was not touched for long can take a hundred times as
/// long as others to come, where the memory is that of a virtual machine. Processor time decides, so that what steps do does not
/// depend on what else the machine does; it is asked for only where the time of day, which is cheap, calls for it.
struct Patience(Option<(Instant, Duration)>);

impl Patience {
    fn for_work(bytes: usize) -> Patience {
        let limited = bytes > PATIENT_BYTES && bytes != usize::MAX;
        Patience(limited.then(|| (Instant::now(), thread_cpu_time())))
    }
    fn is_over(&self) -> bool {
        self.0.is_some_and(|(start, cpu)| {
            start.elapsed() > LONGEST_STEP && thread_cpu_time().saturating_sub(cpu) > LONGEST_STEP
        })
    }
}

impl<'h> Marker<'h> {
    /// A marker for a heap without young objects, whose marks are forgotten.
    pub fn new(heap: &'h Heap) -> Marker<'h> {
        let mut marker = Marker::resume(heap, Gray::default());
        marker.space.clear_marks();
        marker.skips_young = false;
        marker
    }
    /// A marker that goes on where another one left off; see [`Marker::pause`].
    pub fn resume(heap: &'h Heap, gray: Gray) -> Marker<'h> {
        Marker {
            types: heap.types(),
            space: heap.space().borrow_mut(),
            gray,
            skips_young: true,
            budget: 0,
            paired: None,
        }
    }
    /// Notes objects with raw structures from now on.
    pub(crate) fn watch_pairs(&mut self) {
        self.paired.get_or_insert_default();
    }
    /// What was noted since the last call.
    pub(crate) fn take_paired(&mut self) -> Option<Vec<Gc>> {
        self.paired.as_mut().map(std::mem::take)
    }
    /// What an unmarked object refers to.
    pub(crate) fn each_reference(&self, gc: Gc, visit: &mut dyn FnMut(Gc)) {
        // SAFETY: an object is intact until it is swept, marked or not.
        unsafe { scan::visit_slots(self.types, gc, &mut |slot| visit(slot.read())) };
    }
    /// Ends this step; what is left is in the result.
    pub fn pause(self) -> Gray {
        self.gray
    }
    /// Remembers to mark an object, and to visit its references. NULL is allowed.
    #[inline(always)]
    pub fn mark(&mut self, gc: Gc) {
        if self.space.place(gc.address()) == Place::Outside
            || self.skips_young && self.space.is_young(gc.address())
        {
            return;
        }
        self.gray.pending.push(gc);
    }
    /// Marks everything that marked objects reach.
    pub fn drain(&mut self) {
        while !self.drain_some(usize::MAX) {}
    }
    /// The same until about `bytes` were looked at: one object, or one part of a large array, more. Returns whether nothing
    /// is left.
    ///
    /// It ends sooner, too, where memory is so slow that it takes far too long (see [`Patience`]).
    pub fn drain_some(&mut self, bytes: usize) -> bool {
        let patience = Patience::for_work(bytes);
        let mut left = bytes;
        loop {
            let part = left.min(PATIENT_BYTES);
            let done = self.drain_part(part);
            left -= part;
            if done {
                self.budget += left;
                return true;
            }
            if left == 0 || patience.is_over() {
                self.budget = 0;
                return false;
            }
        }
    }
    fn drain_part(&mut self, bytes: usize) -> bool {
        self.budget = bytes;
        loop {
            self.drain_pending();
            if let Some(gc) = self.gray.fresh.pop() {
                self.count(gc);
            } else if let Some(gc) = self.gray.again.pop() {
                // SAFETY: as in `visit`.
                let bytes = unsafe { scan::object_bytes(self.types, gc) };
                self.spend(LINE_BYTES);
                self.look_at(gc, bytes);
            } else if let Some((gc, items)) = self.gray.slices.pop() {
                self.look_at_items(gc, items);
            } else if !self.gray.chunks.is_empty() {
                self.look_at_chunks();
            } else if self.gray.pending.is_empty() {
                return true;
            }
            if self.budget == 0 {
                return self.gray.is_empty();
            }
        }
    }
    /// Something was done that the budget of [`Marker::drain_some`] is for.
    #[inline(always)]
    pub fn spend(&mut self, bytes: usize) {
        self.budget = self.budget.saturating_sub(bytes);
    }
    /// Whether nothing is left to be looked at.
    pub fn is_done(&self) -> bool {
        self.gray.is_empty()
    }
    /// Bytes of the budget that [`Marker::drain_some`] left.
    pub fn budget_left(&self) -> usize {
        self.budget
    }
    fn drain_pending(&mut self) {
        let mut ahead = [Gc::NULL; AHEAD];
        let mut at = 0;
        let mut waiting = 0;
        loop {
            let next = match self.budget {
                // What is in the queue is visited still.
                0 => Gc::NULL,
                _ => self.gray.pending.pop().unwrap_or(Gc::NULL),
            };
            if next.is_null() && waiting == 0 {
                return;
            }
            if !next.is_null() {
                crate::memory::prefetch(next.address());
                self.space.prefetch_mark(next.address());
                self.spend(LINE_BYTES);
                waiting += 1;
            }
            let gc = std::mem::replace(&mut ahead[at], next);
            at = (at + 1) % AHEAD;
            if !gc.is_null() {
                waiting -= 1;
                if self.space.set_mark(gc.address()) {
                    self.visit(gc);
                }
            }
        }
    }
    /// Counts an object that became old when it was known already what is dead: by D2 of `aftermath.rs` all that it refers to is
    /// marked, or will be counted here as well.
    #[inline(always)]
    fn count(&mut self, gc: Gc) {
        // SAFETY: what became old is an object.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        self.gray.live_bytes += self.space.set_extent(gc.address(), bytes);
        self.spend(bytes.min(LEAF_BYTES));
    }
    /// The first look at a marked object.
    #[inline(always)]
    fn visit(&mut self, gc: Gc) {
        // SAFETY: only objects get marked, by the contract of `Gc::from_raw`.
        let bytes = unsafe { scan::object_bytes(self.types, gc) };
        self.gray.live_bytes += self.space.set_extent(gc.address(), bytes);
        self.look_at(gc, bytes);
    }
    #[inline(always)]
    fn look_at(&mut self, gc: Gc, bytes: usize) {
        let types = self.types;
        // One test for two rare properties.
        let state = gc.header().state();
        if state & (state_bits::LARGE | state_bits::HAS_PAIR) != 0 {
            if state & state_bits::HAS_PAIR != 0 {
                self.note_pair(gc);
            }
            if state & state_bits::LARGE != 0 {
                return self.look_at_large(gc);
            }
        }
        self.spend(match scan::has_refs(types, gc.type_id()) {
            true => bytes,
            false => bytes.min(LEAF_BYTES),
        });
        // SAFETY: only objects get marked, and slots of objects hold valid references by the contract of `Gc::from_raw`.
        unsafe { scan::visit_slots(types, gc, &mut |slot| self.mark(slot.read())) };
    }
    #[cold]
    fn note_pair(&mut self, gc: Gc) {
        if let Some(paired) = &mut self.paired {
            paired.push(gc);
        }
    }
    #[cold]
    fn look_at_large(&mut self, gc: Gc) {
        let types = self.types;
        // SAFETY: as in `look_at`.
        let items = unsafe {
            scan::visit_fixed_slots(types, gc, &mut |slot| self.mark(slot.read()));
            scan::ref_items(types, gc)
        };
        self.spend(LEAF_BYTES);
        if items != 0 {
            self.gray.slices.push((gc, 0..items));
        }
    }
    /// Chunks lie anywhere: some are looked at together, so that their lines, and then what they refer to, are fetched at the
    /// same time.
    #[cold]
    fn look_at_chunks(&mut self) {
        let first = self.gray.chunks.len().saturating_sub(CHUNKS_TOGETHER);
        for chunk in &self.gray.chunks[first..] {
            chunk.prefetch(self.types);
        }
        while self.budget != 0
            && self.gray.chunks.len() > first
            && let Some(chunk) = self.gray.chunks.pop()
        {
            chunk.remove(self.types, chunk_bits::GRAY);
            self.look_at_items(chunk.array, chunk.range(self.types));
            self.spend(CHUNK_BYTES);
        }
    }
    fn look_at_items(&mut self, gc: Gc, items: Range<usize>) {
        let end = items.end.min(items.start + SLICE_ITEMS);
        if end < items.end {
            self.gray.slices.push((gc, end..items.end));
        }
        let shape = *self.types.shape(gc.type_id());
        for n in items.start..end {
            let slot = gc.word::<Gc>(shape.items_offset).wrapping_add(n);
            // SAFETY: the array has so many items, and its length does not change.
            self.mark(unsafe { slot.read() });
        }
        self.spend((end - items.start) * size_of::<Gc>());
    }
    /// Whether the object is marked; objects outside the heap always are.
    #[inline]
    pub fn is_marked(&self, gc: Gc) -> bool {
        self.space.is_marked(gc.address())
    }
    /// The object itself if it is marked.
    #[inline]
    pub fn survivor(&self, gc: Gc) -> Option<Gc> {
        self.is_marked(gc).then_some(gc)
    }
    /// Bytes marked so far.
    pub fn live_bytes(&self) -> usize {
        self.gray.live_bytes
    }
}

impl RootVisitor for Marker<'_> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        // Roots are read again when marking may end. By then most of what they name is marked, and is not to be paid for.
        if !self.is_marked(slot.get()) {
            self.mark(slot.get());
        }
    }
    fn ambiguous(&mut self, word: usize) {
        for gc in resolve(&mut self.space, self.types, word)
            .into_iter()
            .flatten()
        {
            self.mark(gc);
        }
    }
}
