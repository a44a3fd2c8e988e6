//! Pairing as the users of a heap see it.
use super::counts::PairStats;
use super::cycles::{CycleOps, Task};
use super::raw::{LinkKind, Raw, RawOps};
use crate::heap::Heap;
use crate::object::{Gc, state_bits};

impl Heap {
    /// Describes the raw side, before the first link.
    ///
    /// # Safety
    /// The functions do what [`RawOps`] says for every structure that is handed to this heap, and do not call the heap.
    pub unsafe fn set_raw_ops(&self, ops: RawOps) {
        self.pairing().set_ops(ops);
    }
    /// Says how to look into raw structures: from now on garbage that refers to itself through both sides is found by
    /// collections of the whole heap. Then [`Heap::next_task`] is to be used, not [`Heap::next_pending`].
    ///
    /// # Safety
    /// The functions do what [`CycleOps`] says, and what `tracked` and `traverse` name is intact, until the heap is dropped.
    pub unsafe fn set_cycle_ops(&self, ops: CycleOps) {
        self.pairing().set_cycle_ops(ops);
    }
    /// Links an object and a raw structure: the structure's reference count grows by the bias of `kind`, and from now on
    /// each finds the other. Neither may be linked already. This is no safepoint.
    ///
    /// A structure whose destructor runs ([`Heap::mark_deallocating`]) may be linked for as long as that takes; it is unlinked
    /// again before it is freed. If the object dies earlier, the structure is left to its destructor: it is neither freed
    /// nor pending, unless somebody took a reference to it.
    ///
    /// # Safety
    /// `raw` is intact until it is unlinked: by a collection that frees it, by [`Heap::unlink`], or by a collection that
    /// makes it pending or leaves it to the raw side.
    #[inline]
    pub unsafe fn link(&self, gc: Gc, raw: *mut Raw, kind: LinkKind) {
        self.check_handle(gc);
        self.pairing().link(gc, raw, kind);
        self.note_registration();
    }
    /// The twin of an object. For a proxy `None`: a proxy's own fields lead to its structure.
    #[inline]
    pub fn raw_of(&self, gc: Gc) -> Option<*mut Raw> {
        match gc.header().state() & (state_bits::HAS_PAIR | state_bits::IMMORTAL) {
            0 => None,
            _ => self.pairing().raw_of(gc),
        }
    }
    /// The object that a raw structure is linked to, if any.
    ///
    /// # Safety
    /// `raw` is intact, and its link word was 0 before the heap first saw it.
    #[inline]
    pub unsafe fn gc_of(&self, raw: *mut Raw) -> Option<Gc> {
        let gc = self.pairing().raws().gc(raw);
        (!gc.is_null()).then_some(gc)
    }
    /// Undoes a link, and returns how many references the raw side holds; if none, the caller has to free the structure.
    /// `None` if there is no link. A structure whose destructor runs is not marked as such any more.
    ///
    /// # Safety
    /// As for [`Heap::gc_of`].
    pub unsafe fn unlink(&self, raw: *mut Raw) -> Option<isize> {
        self.pairing().unlink(raw)
    }
    /// The next raw structure that must be told that it goes, in order of linking. The caller gets its only reference. For
    /// raw sides that cannot be looked into; the others have more to do.
    pub fn next_pending(&self) -> Option<*mut Raw> {
        let (raw, task) = self.next_task()?;
        assert!(task == Task::Drop, "cycles are taken apart by next_task");
        Some(raw)
    }
    /// The next raw structure that has to do with a death, and what. The caller gets a reference to it.
    #[inline]
    pub fn next_task(&self) -> Option<(*mut Raw, Task)> {
        self.pairing().next_task()
    }
    /// Notes that the destructor of an unlinked structure runs: [`Heap::is_deallocating`] is true until it is linked, or
    /// its link word is overwritten because its memory is used again.
    ///
    /// # Safety
    /// As for [`Heap::gc_of`].
    pub unsafe fn mark_deallocating(&self, raw: *mut Raw) {
        let raws = self.pairing().raws();
        assert!(
            raws.gc(raw).is_null(),
            "the destructor of a linked structure runs"
        );
        raws.set_deallocating(raw);
    }
    /// Whether [`Heap::mark_deallocating`] was called.
    ///
    /// # Safety
    /// As for [`Heap::gc_of`].
    pub unsafe fn is_deallocating(&self, raw: *mut Raw) -> bool {
        self.pairing().raws().is_deallocating(raw)
    }
    /// Numbers of pairs.
    pub fn pair_stats(&self) -> PairStats {
        self.pairing().counts()
    }
}
