//! Allocation in all its forms, and what happens when memory runs short.
use super::Heap;
use crate::attention::Attention;
use crate::collector::Reason;
use crate::config::RootMode;
use crate::error::OutOfMemory;
use crate::fastpath::LARGE_OBJECT_BYTES;
use crate::object::{GRANULE_BYTES, Gc, GcRef, Header, barrier_bits, state_bits};
use crate::remembered::chunk_table_bytes;
use crate::types::{Object, TypeId};

impl Heap {
    /// A new object of a type without destructor, all fields zero. No check: between two polls at most [`ZONE_BYTES`] may
    /// be allocated in this way. `bytes` is the type's size, a multiple of 16.
    #[inline(always)]
    pub fn alloc(&self, type_id: TypeId, bytes: u32) -> Gc {
        let at = self.free.get();
        let next = at.wrapping_add(bytes as usize);
        debug_assert!(
            next as usize <= self.window.end.get(),
            "more than ZONE_BYTES were allocated without a poll"
        );
        debug_assert!((bytes as usize).is_multiple_of(GRANULE_BYTES));
        debug_assert!(
            self.types.info(type_id).finalize.is_none(),
            "types with a destructor need alloc_checked"
        );
        self.free.set(next);
        // SAFETY: `at..next` is inside the window, since at most ZONE_BYTES are allocated behind its top between two polls
        // (asserted above in debug builds); nobody else has this memory.
        unsafe {
            at.cast::<Header>().write(Header::new(type_id));
            Gc::from_raw(at.cast())
        }
    }
    /// A new object of a fixed size, all fields zero. For runtime code: any number may be allocated between two polls.
    #[inline]
    pub fn alloc_checked(&self, type_id: TypeId, bytes: u32) -> Gc {
        let info = self.types.info(type_id);
        debug_assert!(info.var_part.is_none() && info.size_bytes == bytes);
        let gc = match bytes as usize <= LARGE_OBJECT_BYTES {
            true => self.bump(type_id, bytes as usize),
            false => match self.alloc_large(type_id, bytes as usize) {
                Ok(gc) => gc,
                // A fixed part of this size is rare; the limit is soft for it.
                Err(OutOfMemory) => self
                    .take_large(type_id, bytes as usize)
                    .expect("the system has address space left"),
            },
        };
        if info.finalize.is_some() {
            self.destructibles.borrow_mut().push(gc);
            self.note_destructor();
        }
        gc
    }
    /// A new object with `len` items, the length written, all other fields and items zero.
    #[inline]
    pub fn alloc_var(&self, type_id: TypeId, len: usize) -> Result<Gc, OutOfMemory> {
        let info = self.types.info(type_id);
        let part = info
            .var_part
            .expect("alloc_var is for types with a variable part");
        let bytes = info.bytes_for(len).ok_or(OutOfMemory)?;
        let gc = match bytes <= LARGE_OBJECT_BYTES {
            true => self.bump(type_id, bytes),
            false => self.alloc_large(type_id, bytes)?,
        };
        // SAFETY: registering the type checked that the length is an aligned word of the fixed part.
        unsafe { gc.word::<u64>(part.len_offset).write(len as u64) };
        if info.finalize.is_some() {
            self.destructibles.borrow_mut().push(gc);
            self.note_destructor();
        }
        Ok(gc)
    }
    /// A new object with the given contents. The header of `value` must be `Header::of::<T>()`.
    #[inline]
    pub fn new_object<T: Object>(&self, value: T) -> GcRef<T> {
        const {
            assert!(
                !std::mem::needs_drop::<T>(),
                "objects are freed without being dropped"
            )
        };
        let gc = self.alloc_checked(TypeId(T::TYPE_ID), T::BYTES);
        // SAFETY: the memory was just allocated for a `T`, whose size `TypeTable::register` checked.
        unsafe {
            gc.as_ptr().cast::<T>().write(value);
            GcRef::assume(gc)
        }
    }
    /// A new immortal object of a fixed size, all fields zero: it is a root for ever and never moves.
    pub fn alloc_immortal(&self, type_id: TypeId, bytes: u32) -> Gc {
        let gc = match self.alloc_old(type_id, bytes as usize) {
            Some(gc) => gc,
            None => self.alloc_checked(type_id, bytes),
        };
        self.immortalize(gc);
        gc
    }
    /// The same with `len` items, the length written.
    pub fn alloc_var_immortal(&self, type_id: TypeId, len: usize) -> Result<Gc, OutOfMemory> {
        let info = self.types.info(type_id);
        let part = info
            .var_part
            .expect("alloc_var_immortal is for types with a variable part");
        let bytes = info.bytes_for(len).ok_or(OutOfMemory)?;
        let gc = match self.alloc_old(type_id, bytes) {
            Some(gc) => gc,
            None => self.alloc_var(type_id, len)?,
        };
        // SAFETY: registering the type checked that the length is an aligned word of the fixed part.
        unsafe { gc.word::<u64>(part.len_offset).write(len as u64) };
        self.immortalize(gc);
        Ok(gc)
    }
    /// A new object that is old from its birth, for collectors under which new objects move.
    fn alloc_old(&self, type_id: TypeId, bytes: usize) -> Option<Gc> {
        if bytes > LARGE_OBJECT_BYTES || self.types.info(type_id).finalize.is_some() {
            return None;
        }
        let at = self.collector.borrow_mut().take_old(self, bytes)?;
        let header = at as *mut Header;
        // SAFETY: the collector just reserved `bytes` zeroed bytes at `at`.
        let gc = unsafe {
            header.write(Header::new(type_id));
            Gc::from_raw(header)
        };
        // As with every new object, stores up to the next safepoint need no barrier.
        gc.header().set_barrier(barrier_bits::LOG);
        self.write_slow(gc);
        Some(gc)
    }
    /// Makes an object a root for ever that never moves, so that compiled code and host data may name it.
    pub fn immortalize(&self, gc: Gc) {
        if gc.header().state() & state_bits::IMMORTAL == 0 {
            gc.header().add_state(state_bits::IMMORTAL);
            self.roots.keep_for_ever(gc);
        }
    }
    /// Bumps the window of the checked allocators, which has no zone.
    #[inline]
    fn bump(&self, type_id: TypeId, bytes: usize) -> Gc {
        let mut at = self.checked_free.get();
        if self.checked.end.get() - at < bytes {
            at = self.refill_checked(bytes);
        }
        self.checked_free.set(at + bytes);
        let header = at as *mut Header;
        // SAFETY: `at..at + bytes` is the unused part of a window that only this function allocates from.
        unsafe {
            header.write(Header::new(type_id));
            Gc::from_raw(header)
        }
    }
    #[cold]
    #[inline(never)]
    fn refill_checked(&self, bytes: usize) -> usize {
        // Once collecting does not help, doing it again for each small window would take for ever.
        let worth_it = self.space.borrow().handed_out_bytes() >= self.config.max_bytes / 8;
        if worth_it && self.is_over_limit() {
            self.collect_at_limit();
        }
        let current = (self.checked.end.get() != 0)
            .then(|| (self.checked.number.get(), self.checked_free.get()));
        let next = self.space.borrow_mut().next_checked_window(current, bytes);
        let (number, range) = next.expect("the system has memory and address space left");
        self.checked.number.set(number);
        self.checked.end.set(range.end);
        self.ask_for_collection_if_due();
        range.start
    }
    fn alloc_large(&self, type_id: TypeId, bytes: usize) -> Result<Gc, OutOfMemory> {
        let beyond = |more: usize| {
            let most = self.config.max_bytes.saturating_add(more);
            self.size_bytes().saturating_add(bytes) > most
        };
        if beyond(0) {
            self.collect_at_limit();
        }
        if beyond(0) {
            // Garbage that only a precise safepoint can see goes at the next poll, and if that does not help, the poll
            // reports MEMORY_ERROR. Until then a little more than the limit is given.
            self.request_attention(Attention::COLLECT);
            if beyond(self.reserve_bytes()) {
                // The caller raises MemoryError, so the poll need not.
                self.told_over_limit.set(true);
                return Err(OutOfMemory);
            }
        }
        self.take_large(type_id, bytes)
    }
    /// As [`Heap::alloc_var`] for callers that cannot fail: the limit is soft, and the next poll reports MEMORY_ERROR.
    /// Fails only when the system has no memory left.
    #[cold]
    pub fn alloc_var_beyond_limit(&self, type_id: TypeId, len: usize) -> Result<Gc, OutOfMemory> {
        let info = self.types.info(type_id);
        let part = info
            .var_part
            .expect("alloc_var is for types with a variable part");
        let gc = self.take_large(type_id, info.bytes_for(len).ok_or(OutOfMemory)?)?;
        // SAFETY: as in `alloc_var`.
        unsafe { gc.word::<u64>(part.len_offset).write(len as u64) };
        if info.finalize.is_some() {
            self.destructibles.borrow_mut().push(gc);
            self.note_destructor();
        }
        Ok(gc)
    }
    /// Whether `bytes` more than what lives would stay below the hard limit and fit into the address space. For callers
    /// that are about to make something large in other memory first.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        let has_room = || {
            bytes <= self.config.max_bytes.saturating_sub(self.live_bytes.get())
                && bytes <= self.config.reserve_bytes / 2
        };
        if !has_room() {
            // What lived at the last collection may be dead by now.
            self.collect_at_limit();
        }
        let fits = has_room();
        if !fits {
            // The caller raises MemoryError.
            self.told_over_limit.set(true);
        }
        fits
    }
    fn take_large(&self, type_id: TypeId, bytes: usize) -> Result<Gc, OutOfMemory> {
        let chunks = match self.types.shape(type_id).items_are_refs {
            true => chunk_table_bytes(bytes / size_of::<Gc>()),
            false => 0,
        };
        let mut space = self.space.borrow_mut();
        if space.high_bytes().saturating_add(bytes) > self.config.max_bytes {
            // Free memory of one kind must not add to what is used of another.
            space.trim(0);
        }
        let at = space.take_large(bytes + chunks).ok_or(OutOfMemory)?;
        drop(space);
        self.ask_for_collection_if_due();
        let header = at as *mut Header;
        // SAFETY: the space just handed out `bytes` zeroed bytes at `at`.
        let gc = unsafe {
            header.write(Header::new(type_id));
            Gc::from_raw(header)
        };
        gc.header().add_state(state_bits::LARGE);
        Ok(gc)
    }
    /// Collects inside an allocation if the native stack is scanned, so that the caller's references are seen.
    fn collect_at_limit(&self) {
        if self.config.roots == RootMode::Conservative
            && self.info.capabilities.collects
            && !self.collecting.get()
            && !self.held.get()
        {
            self.collect(Reason::Limit);
        }
    }
    /// Calls `body`, in which no allocation collects, not even at the hard limit: small objects go beyond it, and the next
    /// poll collects or reports it. For code whose references the collector does not see: handlers of instructions, and
    /// the way out of compiled code. `body` must not poll.
    #[inline(always)]
    pub fn without_collecting<R>(&self, body: impl FnOnce() -> R) -> R {
        let outer = self.held.replace(true);
        let result = body();
        self.held.set(outer);
        result
    }
    pub(crate) fn ask_for_collection_if_due(&self) {
        if self.is_due() {
            self.request_attention(Attention::COLLECT);
        } else if self.size_bytes() >= self.step_due_bytes.get() {
            self.request_attention(Attention::STEP);
        }
    }
}
