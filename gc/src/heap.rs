//! The heap: allocation, polls, barrier; the fixed layout that compiled code reaches into.
//!
//! Invariants:
//! - H1: allocation is not a safepoint. Only [`Heap::poll_slow`], [`Heap::collect`] and, under conservative roots, an
//!   allocation that would pass the hard limit collect.
//! - H2: at each safepoint the memory below `free` is a sequence of complete objects.
//! - H3: memory between `free` and the end of the window reads as zero: an object that was allocated but not written to
//!   has NULL references and zero length.
//! - H4: a set attention bit implies `top` = 0, so that the next poll takes the slow path.
mod allocation;
mod collection;

use crate::attention::{Attention, AttentionHandle};
use crate::collector::{Collector, CollectorInfo, Reason, Scope};
use crate::config::{Config, RootMode};
use crate::error::HeapError;
use crate::fastpath::{self, ZONE_BYTES};
use crate::finalizers::{AgedList, Finalizers};
use crate::hooks::GcHooks;
use crate::native_stack::NativeStacks;
use crate::object::{Gc, barrier_bits, state_bits};
use crate::pairing::Pairing;
use crate::pins::Pins;
use crate::pressure::Pressure;
use crate::remembered::{Chunk, chunk_bits};
use crate::roots::{Root, RootProvider, RootProviderId, RootTable, RootVec, RootVisitor};
use crate::space::Space;
use crate::stats::{Sizes, Stats, Work};
use crate::types::{TypeInfo, TypeTable};
use crate::weak::WeakTable;
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::ops::Range;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

/// A window in use: its number in the space; 0 addresses mean none.
#[derive(Default)]
struct CurrentWindow {
    number: Cell<usize>,
    /// End of the memory, zone included.
    end: Cell<usize>,
}

/// One heap with one collector. Not `Sync`: one thread at a time may use it.
#[repr(C)]
pub struct Heap {
    free: Cell<*mut u8>,
    top: AtomicPtr<u8>,
    log: Cell<*mut Gc>,
    attention: AtomicU32,
    polls: Cell<u32>,

    /// What `top` is while nothing asks for attention.
    window_top: Cell<usize>,
    window: CurrentWindow,
    checked_free: Cell<usize>,
    checked: CurrentWindow,

    live_bytes: Cell<usize>,
    /// The heap size at which a collection is due.
    due_bytes: Cell<usize>,
    /// The heap size at which a step of a collection in progress is due.
    step_due_bytes: Cell<usize>,
    collecting: Cell<bool>,
    /// Nothing collects inside of [`Heap::without_collecting`].
    held: Cell<bool>,
    /// Collections start by themselves, see [`Heap::set_automatic`].
    automatic: Cell<bool>,
    /// What lived when they were switched off, or when the whole heap was last collected.
    unasked_from_bytes: Cell<usize>,
    /// Entries that tables got since the last collection.
    registrations: Cell<usize>,
    /// Polls report collections, see [`Heap::set_notice`].
    notice: Cell<bool>,
    /// See [`Heap::ask_for_raw_memory`].
    raw_memory_wanted: Cell<bool>,
    /// The guest was told that the heap is over its limit, and no collection brought it below since.
    told_over_limit: Cell<bool>,

    config: Config,
    info: CollectorInfo,
    types: TypeTable,
    pub(crate) collector: RefCell<Box<dyn Collector>>,
    roots: RootTable,
    stacks: NativeStacks,
    space: RefCell<Space>,
    weak: WeakTable,
    finalizers: Finalizers,
    pairing: Pairing,
    /// Objects whose type has a light destructor.
    destructibles: RefCell<AgedList>,
    pins: Pins,
    pressure: Pressure,
    hooks: RefCell<Option<Rc<dyn GcHooks>>>,
    stats: RefCell<Stats>,
}

const _: () = {
    assert!(offset_of!(Heap, free) == fastpath::FREE_OFFSET);
    assert!(offset_of!(Heap, top) == fastpath::TOP_OFFSET);
    assert!(offset_of!(Heap, log) == fastpath::LOG_OFFSET);
    assert!(offset_of!(Heap, attention) == fastpath::ATTENTION_OFFSET);
};

impl Heap {
    /// A heap for objects of the given types, with the collector of `registry` that `config` names.
    pub fn new(
        config: Config,
        registry: &[CollectorInfo],
        types: TypeTable,
    ) -> Result<Box<Heap>, HeapError> {
        let Some(info) = registry
            .iter()
            .find(|info| info.name == config.collector)
            .copied()
        else {
            let known = registry.iter().map(|info| info.name).collect();
            return Err(HeapError::UnknownCollector {
                name: config.collector,
                known,
            });
        };
        let capabilities = info.capabilities;
        let needs_barrier =
            capabilities.generational || capabilities.incremental || capabilities.counts;
        if cfg!(feature = "no-barrier") && needs_barrier {
            return Err(HeapError::NeedsBarrier(info.name));
        }
        let mut space =
            Space::new(config.reserve_bytes, config.poison).ok_or(HeapError::NoAddressSpace)?;
        let collector = (info.make)(&config);
        if collector.nursery_bytes() != 0 {
            space.set_nursery(collector.nursery_bytes());
            // A small heap has no memory to spare.
            if config.max_bytes / 16 >= collector.nursery_bytes() {
                space.keep_reserve();
            }
        }
        let heap = Box::new(Heap {
            free: Cell::new(std::ptr::null_mut()),
            top: AtomicPtr::new(std::ptr::null_mut()),
            log: Cell::new(std::ptr::null_mut()),
            attention: AtomicU32::new(0),
            polls: Cell::new(0),
            window_top: Cell::new(0),
            window: CurrentWindow::default(),
            checked_free: Cell::new(0),
            checked: CurrentWindow::default(),
            live_bytes: Cell::new(0),
            due_bytes: Cell::new(0),
            step_due_bytes: Cell::new(usize::MAX),
            collecting: Cell::new(false),
            held: Cell::new(false),
            automatic: Cell::new(true),
            unasked_from_bytes: Cell::new(0),
            registrations: Cell::new(0),
            notice: Cell::new(false),
            raw_memory_wanted: Cell::new(false),
            told_over_limit: Cell::new(false),
            collector: RefCell::new(collector),
            config,
            info,
            types,
            roots: RootTable::default(),
            stacks: NativeStacks::default(),
            space: RefCell::new(space),
            weak: WeakTable::default(),
            finalizers: Finalizers::default(),
            pairing: Pairing::default(),
            destructibles: RefCell::default(),
            pins: Pins::default(),
            pressure: Pressure::default(),
            hooks: RefCell::default(),
            stats: RefCell::default(),
        });
        if !heap.refill() {
            return Err(HeapError::NoAddressSpace);
        }
        heap.set_due();
        heap.arm();
        Ok(heap)
    }
    /// Says that the heap is kept for ever, where it is now: debug builds then look for dead handles in what is stored into a
    /// [`Root`](crate::Root) or a [`RootVec`](crate::RootVec), too, which know their heap by its address only.
    pub fn stays_here(&'static self) {
        self.roots.set_heap(self);
    }
    /// The options it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }
    /// The collector's row of the registry.
    pub fn collector_info(&self) -> &CollectorInfo {
        &self.info
    }
    /// The types of its objects.
    #[inline(always)]
    pub fn types(&self) -> &TypeTable {
        &self.types
    }
    /// The type of an object.
    #[inline]
    pub fn type_of(&self, gc: Gc) -> &TypeInfo {
        self.types.info(gc.type_id())
    }

    // ---- Polls --------------------------------------------------------------------------------------------------------

    /// The poll: whether [`Heap::poll_slow`] must be called.
    #[inline(always)]
    pub fn wants_attention(&self) -> bool {
        self.free.get() > self.top.load(Relaxed)
    }
    /// Poll and slow path in one, for code that is not hot.
    #[inline(always)]
    pub fn poll(&self) -> Attention {
        match self.wants_attention() {
            true => self.poll_slow(),
            false => Attention::NONE,
        }
    }
    /// A safepoint: gets another window, collects if due. Returns what is left for the language to do.
    #[cold]
    #[inline(never)]
    pub fn poll_slow(&self) -> Attention {
        let mut bits = Attention(self.attention.swap(0, Relaxed));
        let polls = self.polls.get().wrapping_add(1);
        self.polls.set(polls);
        let stressed = self.config.stress != 0 && polls.is_multiple_of(self.config.stress);
        let due = bits.has(Attention::COLLECT) || self.is_due();
        let step_due = bits.has(Attention::STEP) || self.size_bytes() >= self.step_due_bytes.get();
        if stressed || !due && step_due {
            self.step_now();
            bits = bits | Attention(self.attention.swap(0, Relaxed));
        }
        if self.info.capabilities.collects && (stressed || due) {
            self.collect_now(match self.raw_memory_wanted.get() {
                true => Reason::RawMemory,
                false if stressed => Reason::Stress,
                false => Reason::Budget,
            });
            bits = bits | Attention(self.attention.swap(0, Relaxed));
        }
        if self.must_tell_over_limit() {
            bits = bits | Attention::MEMORY_ERROR;
            bits = bits | Attention(self.attention.swap(0, Relaxed));
        }
        if self.free.get() as usize > self.window_top.get() {
            assert!(self.refill(), "the system has no memory left");
        }
        self.arm();
        bits.without(Attention::COLLECT | Attention::STEP)
    }
    /// Whether this poll reports that the heap is over its limit: once when it gets there, so that the guest can handle
    /// it with `reserve_bytes` more, and at each poll when those are used up too. Only what survives a collection of the
    /// whole heap counts.
    fn must_tell_over_limit(&self) -> bool {
        let told = self.told_over_limit.get();
        let more = if told { self.reserve_bytes() } else { 0 };
        let is_full = |more| {
            self.live_bytes.get() >= self.full_bytes().saturating_add(more)
                || self.size_bytes() >= self.config.max_bytes.saturating_add(more)
        };
        if is_full(more) && self.info.capabilities.collects {
            self.collect_now(Reason::Limit);
        }
        let tell = is_full(more);
        self.told_over_limit.set(tell || told && is_full(0));
        tell
    }
    /// When this much survives, the heap is full: collecting again and again for its last kilobytes would take for ever.
    fn full_bytes(&self) -> usize {
        self.config.max_bytes - self.config.max_bytes / 64
    }
    /// How far the heap may pass its limit while the guest handles having reached it.
    fn reserve_bytes(&self) -> usize {
        self.config.max_bytes / 16
    }
    /// [`Heap::poll_slow`] for a run loop that keeps no reference in its own native frames: the native stack is scanned
    /// from `mark` on, where the run loop was entered. `None` scans all of it.
    pub fn poll_slow_above(&self, mark: Option<crate::NativeMark>) -> Attention {
        self.stacks.with_mark(mark, || self.poll_slow())
    }
    /// Makes the next poll take the slow path and report `why`.
    pub fn request_attention(&self, why: Attention) {
        self.attention.fetch_or(why.0, Relaxed);
        self.top.store(std::ptr::null_mut(), Relaxed);
    }
    /// The same for signal handlers and other threads.
    ///
    /// # Safety
    /// The heap outlives the handle.
    pub unsafe fn attention_handle(&self) -> AttentionHandle {
        AttentionHandle::new(&self.attention, &self.top)
    }
    /// Sets `top`. A request that arrives in between is seen, since the attention word is read after the store.
    fn arm(&self) {
        self.top.store(self.window_top.get() as *mut u8, Relaxed);
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
        if self.config.stress != 0 || self.attention.load(std::sync::atomic::Ordering::SeqCst) != 0
        {
            self.top.store(std::ptr::null_mut(), Relaxed);
        }
    }
    /// Makes room for [`ZONE_BYTES`] of unchecked allocation without being a safepoint: for compiled code in the middle of
    /// straight-line code. False if the system has no memory.
    pub fn refill_window(&self) -> bool {
        if self.free.get() as usize <= self.window_top.get() {
            return true;
        }
        let refilled = self.refill();
        self.ask_for_collection_if_due();
        self.arm();
        refilled
    }
    /// Gets another window; false if the system has no memory.
    fn refill(&self) -> bool {
        let current = (self.window.end.get() != 0)
            .then(|| (self.window.number.get(), self.free.get() as usize));
        let Some((number, range)) = self.space.borrow_mut().next_zoned_window(current) else {
            return false;
        };
        self.free.set(range.start as *mut u8);
        self.window.number.set(number);
        self.window.end.set(range.end);
        self.window_top.set(range.end - ZONE_BYTES);
        self.space.borrow_mut().refill_reserve();
        true
    }

    // ---- Barrier ------------------------------------------------------------------------------------------------------

    /// The write barrier: call it before storing references into `object`, with no safepoint in between.
    #[inline(always)]
    pub fn write(&self, object: Gc) {
        if object.header().barrier() != 0 {
            self.write_slow(object);
        }
    }
    /// The write barrier for the items `range` of an array.
    #[inline(always)]
    pub fn write_range(&self, object: Gc, range: Range<usize>) {
        if object.header().barrier() != 0 {
            self.write_range_slow(object, range);
        }
    }
    /// Slow path of [`Heap::write`], for compiled code.
    #[cold]
    #[inline(never)]
    pub fn write_slow(&self, object: Gc) {
        self.collector.borrow_mut().log_object(self, object);
    }
    /// Slow path of [`Heap::write_range`], for compiled code.
    #[cold]
    #[inline(never)]
    pub fn write_range_slow(&self, object: Gc, range: Range<usize>) {
        // As in compiled code: most stores into a large array go where one was logged already.
        if range.len() == 1
            && object.header().barrier() & barrier_bits::CHUNKED != 0
            && Chunk::of_item(object, range.start).has(&self.types, chunk_bits::LOGGED)
        {
            return;
        }
        self.collector.borrow_mut().log_items(self, object, range);
    }

    // ---- Roots --------------------------------------------------------------------------------------------------------

    /// The root table.
    pub fn roots(&self) -> &RootTable {
        &self.roots
    }
    /// Registers somebody who keeps references outside the heap.
    pub fn add_root_provider(&self, provider: Rc<dyn RootProvider>) -> RootProviderId {
        self.roots.add_provider(provider)
    }
    /// Removes a provider.
    pub fn remove_root_provider(&self, id: RootProviderId) -> bool {
        self.roots.remove_provider(id)
    }
    /// A handle that keeps `gc` alive.
    pub fn root(&self, gc: impl Into<Gc>) -> Root {
        let gc = gc.into();
        self.check_handle(gc);
        self.roots.root(gc)
    }
    /// An empty vector that keeps its items alive.
    pub fn root_vec(&self) -> RootVec {
        self.roots.vector()
    }
    /// The native stacks that are scanned under conservative roots.
    pub fn native_stacks(&self) -> &NativeStacks {
        &self.stacks
    }
    /// Reports all roots, the heap's own queues and the native stacks included. For collectors and the verifier.
    pub fn visit_roots(&self, visitor: &mut dyn RootVisitor) {
        self.roots.visit(visitor);
        self.weak.visit_queue(visitor);
        self.finalizers.visit_queue(visitor);
        self.pins.visit(visitor);
        if self.config.roots == RootMode::Conservative {
            self.stacks.visit(visitor);
        }
    }

    // ---- Weak references and finalizers -------------------------------------------------------------------------------

    /// Registers `owner`, whose weak field is set already. When the referent dies, the field becomes NULL and, if `owner`
    /// itself lives, it is queued for [`Heap::take_dead_weakrefs`].
    pub fn register_weak(&self, owner: Gc) {
        self.check_handle(owner);
        assert!(
            self.type_of(owner).weak_offset.is_some(),
            "{owner:?} has no weak field"
        );
        let offset = self.type_of(owner).weak_offset.unwrap_or_default();
        // SAFETY: the weak field of the type is a word of the object.
        let referent = unsafe { owner.word::<Gc>(offset).read() };
        if !referent.is_null() {
            referent.header().add_state(state_bits::HAS_WEAKREF);
        }
        self.weak.register(owner);
        self.note_registration();
    }
    /// What a registered owner of a weak reference refers to, or NULL. Weak fields are to be read in this way only: a
    /// collection in steps may know of the referent's death before the field is cleared.
    pub fn weak_referent(&self, owner: Gc) -> Gc {
        let is_dead = |gc: Gc| self.space.borrow().is_judged_dead(gc.address());
        self.weak.referent(&self.types, owner, is_dead)
    }
    /// The owners whose weak references name `referent`, which lives, in order of registration.
    pub fn weak_owners(&self, referent: Gc) -> Vec<Gc> {
        let mut owners = self.weak.owners_of(&self.types, referent);
        let space = self.space.borrow();
        owners.retain(|owner| !space.is_judged_dead(owner.address()));
        owners
    }
    /// Owners of weak references whose referents died since the last call.
    pub fn take_dead_weakrefs(&self) -> Vec<Gc> {
        self.weak.take_dead()
    }
    /// Registers `gc` for one finalization: when it becomes unreachable it is kept once more and queued.
    pub fn register_finalizer(&self, gc: Gc) {
        self.check_handle(gc);
        self.finalizers.register(gc);
        self.note_registration();
    }
    /// Objects that became unreachable since the last call and have a finalizer, in order of registration.
    pub fn take_finalizable(&self) -> Vec<Gc> {
        self.finalizers.take_queue()
    }

    // ---- Statistics ---------------------------------------------------------------------------------------------------

    /// Bytes that survived the last collection plus bytes handed out since.
    pub fn size_bytes(&self) -> usize {
        self.live_bytes.get() + self.space.borrow().handed_out_bytes()
    }
    /// Whether the heap has reached its hard limit. Runtime code that allocates in a long loop without polls checks it.
    pub fn is_over_limit(&self) -> bool {
        self.size_bytes() >= self.config.max_bytes
    }
    /// Bytes that survived the last collection.
    pub fn live_bytes(&self) -> usize {
        self.live_bytes.get()
    }
    /// Numbers since the heap was made.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.borrow().clone();
        stats.work = self.work();
        stats.pairs = self.pair_stats();
        stats
    }
    /// The part of them that says what collectors did.
    pub fn work(&self) -> Work {
        let space = self.space.borrow();
        Work {
            rejected_words: space.rejected_words,
            freed_large: space.freed_large,
            ..self.stats.borrow().work
        }
    }
    /// Collections so far. An address that was seen at one count names the same object as long as the count stays.
    pub fn collections(&self) -> u64 {
        self.stats.borrow().collections
    }
    /// Says that an incremental collection of the whole heap came to its end. For collectors.
    pub fn count_cycle(&self) {
        self.stats.borrow_mut().cycles += 1;
    }
    /// Adds to the counts of what collectors did. For collectors.
    pub fn add_work(&self, work: Work) {
        self.stats.borrow_mut().work.add(work);
    }
    /// Records how many objects and chunks the barrier logged in all. For collectors.
    pub fn set_logged(&self, objects: u64, chunks: u64) {
        let work = &mut self.stats.borrow_mut().work;
        (work.logged_objects, work.logged_chunks) = (objects, chunks);
    }
    /// The identity number of an object: it stays the same when the object moves, and no other living object has it. A
    /// multiple of 16, of the size of an address.
    pub fn identity(&self, gc: Gc) -> usize {
        self.check_handle(gc);
        match self.info.capabilities.moves {
            true => self.collector.borrow_mut().identity(self, gc),
            false => gc.address(),
        }
    }
    /// The text of `-X gc-pauses`: a line `KIND START_NS CPU_NS WALL_NS ...` for each pause since [`Heap::log_pauses`], and at the
    /// end how much processor time the thread used by now.
    pub fn pauses_text(&self) -> String {
        let stats = self.stats.borrow();
        crate::pauses::log_text(stats.pause_log.as_deref().unwrap_or_default())
    }
    /// The text of `-X gc-stats`.
    pub fn stats_text(&self) -> String {
        let space = self.space.borrow();
        let handed_out = space.handed_out_bytes();
        let sizes = Sizes {
            live: self.live_bytes.get(),
            since: handed_out,
            used: space.used_bytes(),
            high: space.high_bytes(),
        };
        self.stats
            .borrow()
            .text(self.info.name, sizes, &self.pair_stats())
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.run_destructors(Scope::Whole, |_| None, |_| false);
        self.roots.forget_all();
    }
}
