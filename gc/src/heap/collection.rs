//! Collections from the heap's side: when one is due, what runs around it, destructors.
use super::Heap;
use crate::attention::Attention;
use crate::collector::{Reason, Scope};
use crate::finalizers::{AgedList, Finalizers};
use crate::hooks::{CollectionEvent, GcHooks};
use crate::object::Gc;
use crate::pairing::Pairing;
use crate::pauses::{Pause, PauseEvent, Stopwatch, Times};
use crate::pins::Pins;
use crate::pressure::Pressure;
use crate::space::Space;
use crate::stats::Work;
use crate::weak::WeakTable;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;

/// What is known when a pause begins, and what kind of pause it was when it ends.
struct BeforePause {
    live_bytes: usize,
    handed_out_bytes: usize,
    /// The part of these that is left of the windows in use.
    unused_bytes: usize,
    cycles: u64,
    work: Work,
    stage: &'static str,
    /// The kind, why, and how long.
    pause: Cell<Option<(Pause, Reason, Times)>>,
}

/// A young collection comes early after half so many weak references, finalizers and identity numbers, or so many destructors.
const MOST_REGISTRATIONS: usize = 16 << 10;
/// How much a heap may grow without being collected when collections do not start by themselves.
const UNASKED_BYTES: usize = 512 << 20;

impl Heap {
    /// Collects now. This is a safepoint.
    pub fn collect(&self, reason: Reason) {
        self.collect_now(reason);
        self.arm();
    }
    pub(super) fn collect_now(&self, reason: Reason) {
        assert!(
            !self.collecting.replace(true),
            "a collection was started inside a collection"
        );
        self.registrations.set(0);
        let before = self.before_pause();
        self.stacks.scan_from_here(|| {
            self.retire_windows();
            let verify = self.config.verify != 0
                && self
                    .stats
                    .borrow()
                    .collections
                    .is_multiple_of(self.config.verify as u64);
            if verify {
                self.verify_or_panic("before");
            }
            let handed_out_bytes = self.space.borrow().handed_out_bytes();
            let started = Stopwatch::start();
            let pause = self.collector.borrow_mut().collect(self, reason);
            let times = started.stop();
            before.pause.set(Some((pause, reason, times)));
            self.stats.borrow_mut().record(
                (reason, pause),
                times,
                self.live_bytes.get(),
                handed_out_bytes,
            );
            if verify {
                self.verify_or_panic("after");
            }
            if self.config.retained && pause == Pause::Major {
                self.note_retained();
            }
        });
        assert!(self.refill(), "the system has no memory left");
        self.after_pause(&before);
        self.set_due();
        // A step that was due before it is not due any more.
        self.attention.fetch_and(!Attention::STEP.0, Relaxed);
        self.collecting.set(false);
        if self.notice.get() {
            self.request_attention(Attention::COLLECTED);
        }
        self.announce(before.cycles);
    }
    /// A step of a collection in progress: nothing moves, and the mutator goes on where it was.
    pub(super) fn step_now(&self) {
        if self.collector.borrow().next_step_bytes().is_none() {
            return self.step_due_bytes.set(usize::MAX);
        }
        let before = self.before_pause();
        let outer = self.collecting.replace(true);
        assert!(!outer, "a step was made inside a collection");
        let steps = self.stats.borrow().step.count;
        let verify = self.config.verify != 0 && steps.is_multiple_of(self.config.verify as u64);
        let started = Stopwatch::start();
        self.collector.borrow_mut().step(self);
        let times = started.stop();
        let pause = (Pause::Step, Reason::Budget, times);
        before.pause.set(Some(pause));
        self.stats.borrow_mut().record_step(times);
        if verify {
            self.verify_or_panic("after");
        }
        self.after_pause(&before);
        self.collecting.set(false);
        self.set_due();
        self.announce(before.cycles);
    }
    fn before_pause(&self) -> BeforePause {
        BeforePause {
            live_bytes: self.live_bytes.get(),
            handed_out_bytes: self.space.borrow().handed_out_bytes(),
            unused_bytes: self.unused_window_bytes(),
            cycles: self.stats.borrow().cycles,
            work: self.work(),
            stage: self.collector.borrow().stage(),
            pause: Cell::new(None),
        }
    }
    /// Settles what counts from one pause to the next, and calls the hooks.
    fn after_pause(&self, before: &BeforePause) {
        let Some((pause, reason, times)) = before.pause.get() else {
            return;
        };
        let Times {
            start_ns,
            cpu_ns,
            wall_ns,
        } = times;
        let work = self.work().since(before.work);
        if let Some(log) = &mut self.stats.borrow_mut().pause_log {
            log.push(PauseEvent {
                pause,
                start_ns,
                cpu_ns,
                wall_ns,
                stage: before.stage,
                work,
            });
        }
        let whole = self.stats.borrow().cycles != before.cycles;
        let after_bytes = self.live_bytes.get();
        if whole {
            self.unasked_from_bytes.set(after_bytes);
        }
        let rest = self.space.borrow().handed_out_bytes();
        let survived = after_bytes.saturating_sub(before.live_bytes);
        // Between the collections nothing is new to what survives.
        if rest < before.handed_out_bytes || whole {
            let made = before.handed_out_bytes.saturating_sub(before.unused_bytes);
            self.pressure.settle(whole, survived, made);
        }
        self.call_hooks(|stats| CollectionEvent {
            number: stats.minor.count + stats.step.count + stats.major.count,
            pause,
            reason,
            cpu_ns,
            wall_ns,
            before_bytes: before.live_bytes + before.handed_out_bytes,
            handed_out_bytes: before.handed_out_bytes,
            after_bytes,
            is_cycle_end: whole,
            work,
        });
    }
    /// Lets the next poll say what a collection found. Before it, `cycles` of the whole heap had come to their end.
    fn announce(&self, cycles: u64) {
        if self.weak.has_dead() {
            self.request_attention(Attention::WEAKREFS);
        }
        if self.finalizers.has_queue() {
            self.request_attention(Attention::FINALIZERS);
        }
        let whole = self.stats.borrow().cycles != cycles;
        let asked = whole && self.raw_memory_wanted.replace(false);
        if asked || self.pairing.has_pending() {
            self.request_attention(Attention::PENDING_RAW);
        }
    }
    /// Whether so much was handed out, here and outside, that the next collection is due.
    pub(super) fn is_due(&self) -> bool {
        let size = self.size_bytes().saturating_add(self.pressure.new_bytes());
        size >= self.due_bytes.get()
    }
    /// Measures what ambiguous words kept in the collection of the whole heap that just ended.
    fn note_retained(&self) {
        let Ok(all) = self.all_objects() else {
            return;
        };
        let bytes: usize = all.values().sum();
        let mut precise_bytes = 0;
        self.for_each_reachable(|gc| {
            // Objects outside the heap are not in the list.
            precise_bytes += all.get(&gc.address()).copied().unwrap_or_default();
        });
        let mut stats = self.stats.borrow_mut();
        stats.retained.record(bytes as u64, precise_bytes as u64);
    }
    /// From now on each pause is kept in [`Stats::pause_log`](crate::Stats): some 200 bytes a pause.
    pub fn log_pauses(&self) {
        self.stats
            .borrow_mut()
            .pause_log
            .get_or_insert_with(Vec::new);
    }
    pub(super) fn set_due(&self) {
        let due = self
            .collector
            .borrow()
            .next_collection_bytes(self.live_bytes.get());
        let live = self.live_bytes.get();
        // Young collections go on in any case.
        let due = match self.automatic.get() || self.info.capabilities.generational {
            true => due,
            false => due.max(live.saturating_add(UNASKED_BYTES)),
        };
        let most = match live < self.full_bytes() {
            true => self.config.max_bytes,
            false => live.saturating_add(self.reserve_bytes() / 4),
        };
        self.due_bytes.set(due.min(most));
        let step = match self.may_collect_whole(live) {
            true => self.collector.borrow().next_step_bytes(),
            false => None,
        };
        let step_due = step.map_or(usize::MAX, |bytes| self.size_bytes().saturating_add(bytes));
        self.step_due_bytes.set(step_due);
    }
    /// Whether collections of the whole heap start by themselves. If not, only [`Heap::collect`] starts one, and a heap
    /// that reaches its limit or has grown by 512 MiB: programs that switch collections off count on a reference count
    /// that frees most of their objects, and should not end for lack of memory. Collections of young objects go on, and
    /// with them what a reference count does; a collection of the whole heap in steps stops where it is.
    pub fn set_automatic(&self, on: bool) {
        self.automatic.set(on);
        self.unasked_from_bytes.set(self.live_bytes.get());
        self.set_due();
        self.ask_for_collection_if_due();
    }
    /// Lets the next poll collect. For collectors whose young collections go on even if others do not start by themselves.
    pub fn ask_for_collection(&self) {
        self.request_attention(Attention::COLLECT);
    }
    /// A table got an entry of a new object. Young collections look at each, so that many of them let one come early.
    #[inline]
    pub(crate) fn note_registration(&self) {
        self.note_entries(2);
    }
    /// The same for a light destructor, which costs half as much.
    #[inline]
    pub(crate) fn note_destructor(&self) {
        self.note_entries(1);
    }
    #[inline(always)]
    fn note_entries(&self, weight: usize) {
        let before = self.registrations.get();
        self.registrations.set(before + weight);
        let passes = before < MOST_REGISTRATIONS && before + weight >= MOST_REGISTRATIONS;
        if passes && self.info.capabilities.generational {
            self.ask_for_collection();
        }
    }
    /// Lets the next poll make a step of a collection in progress.
    pub(crate) fn ask_for_step(&self) {
        self.request_attention(Attention::STEP);
    }
    /// Whether a collection of the whole heap may start or go on by itself now that there are so many bytes of old
    /// objects. For collectors with generations.
    pub fn may_collect_whole(&self, old_bytes: usize) -> bool {
        let grown = self.unasked_from_bytes.get().saturating_add(UNASKED_BYTES);
        self.automatic.get() || old_bytes >= grown.min(self.full_bytes())
    }
    /// Asks for a collection of the whole heap, for memory outside it that dies with its objects: it has grown by
    /// `grown_bytes` since the last such collection. The poll that collects reports [`Attention::PENDING_RAW`] in any
    /// case, so that the caller can look how much is left.
    ///
    /// False if nothing will come of it, since collections do not start by themselves: then the caller asks again when
    /// there is more.
    pub fn ask_for_raw_memory(&self, grown_bytes: usize) -> bool {
        let willing = self.automatic.get() || grown_bytes >= UNASKED_BYTES;
        if willing && self.info.capabilities.collects {
            self.raw_memory_wanted.set(true);
            self.request_attention(Attention::COLLECT);
        }
        willing
    }
    /// Whether a poll reports [`Attention::COLLECTED`] after each collection.
    pub fn set_notice(&self, on: bool) {
        self.notice.set(on);
    }
    pub(super) fn retire_windows(&self) {
        let mut space = self.space.borrow_mut();
        for (current, free) in [
            (&self.window, self.free.get() as usize),
            (&self.checked, self.checked_free.get()),
        ] {
            if current.end.replace(0) != 0 {
                space.retire_window(current.number.get(), free);
            }
        }
        space.sort_windows();
        self.free.set(std::ptr::null_mut());
        self.checked_free.set(0);
        self.window_top.set(0);
    }
    /// What is left of the windows in use.
    fn unused_window_bytes(&self) -> usize {
        let free = [self.free.get() as usize, self.checked_free.get()];
        let ends = [self.window.end.get(), self.checked.end.get()];
        let in_use = free.into_iter().zip(ends).filter(|&(_, end)| end != 0);
        in_use.map(|(free, end)| end - free).sum()
    }
    /// Tells the space where the objects of the current windows end, before it is inspected between collections.
    pub fn sync_windows(&self) {
        let mut space = self.space.borrow_mut();
        for (current, free) in [
            (&self.window, self.free.get() as usize),
            (&self.checked, self.checked_free.get()),
        ] {
            if current.end.get() != 0 {
                space.set_used_end(current.number.get(), free);
            }
        }
    }
    /// The memory. For collectors.
    pub fn space(&self) -> &RefCell<Space> {
        &self.space
    }
    /// The weak references. For collectors.
    pub fn weak(&self) -> &WeakTable {
        &self.weak
    }
    /// The finalizer queue. For collectors.
    pub fn finalizers(&self) -> &Finalizers {
        &self.finalizers
    }
    /// The pairs with raw structures. For collectors.
    pub fn pairing(&self) -> &Pairing {
        &self.pairing
    }
    pub(crate) fn pins(&self) -> &Pins {
        &self.pins
    }
    pub(crate) fn pressure(&self) -> &Pressure {
        &self.pressure
    }
    pub(crate) fn hooks(&self) -> &RefCell<Option<Rc<dyn GcHooks>>> {
        &self.hooks
    }
    /// Calls the light destructors of the objects that did not survive. For collectors, before memory is reused.
    /// `survivor` gives the present place of a living object, `is_young` tells whether it stays young.
    pub fn run_destructors(
        &self,
        scope: Scope,
        survivor: impl Fn(Gc) -> Option<Gc>,
        is_young: impl Fn(Gc) -> bool,
    ) {
        let dead = self.destructibles.borrow_mut().take_dead(scope, survivor);
        self.destructibles.borrow_mut().set_ages(is_young);
        for gc in dead {
            if let Some(finalize) = self.type_of(gc).finalize {
                finalize(self, gc);
            }
        }
    }
    /// The same for up to `most` of the objects with light destructors, when it is known which old ones are dead. Whether
    /// all were looked at.
    pub(crate) fn destroy_some(&self, most: &mut usize, lives: impl Fn(Gc) -> bool) -> bool {
        let mut dead = Vec::new();
        let done = self
            .destructibles
            .borrow_mut()
            .pass_some(most, lives, &mut dead);
        for gc in dead {
            if let Some(finalize) = self.type_of(gc).finalize {
                finalize(self, gc);
            }
        }
        done
    }
    pub(crate) fn destructibles(&self) -> &RefCell<AgedList> {
        &self.destructibles
    }
    /// Records how much survived. For collectors.
    pub fn set_live_bytes(&self, live_bytes: usize) {
        self.live_bytes.set(live_bytes);
    }
}
