//! Collectors of the suite's own, through the public seam: one that watches the barrier, and some with planted bugs.
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

/// The first row with these properties.
pub fn row(is_right: impl Fn(&Capabilities) -> bool) -> CollectorInfo {
    let found = COLLECTORS.iter().find(|row| is_right(&row.capabilities));
    *found.expect("a collector of this kind is in the registry")
}
/// A collector without a barrier of its own, to build upon.
pub fn plain_row() -> CollectorInfo {
    row(|c| c.collects && !c.moves && !c.generational)
}
pub fn generational_row() -> CollectorInfo {
    row(|c| c.generational)
}

// ---- The witness ------------------------------------------------------------------------------------------------------

/// What was logged of an object since the last collection.
#[derive(Default)]
struct Logged {
    whole: bool,
    items: Vec<Range<usize>>,
}
impl Logged {
    fn covers(&self, slot: usize) -> bool {
        self.whole || self.items.iter().any(|range| range.contains(&slot))
    }
}

/// Arms the barrier of everything after each collection and knows what every object held. Invariants:
/// - W1: a slot that changed between two collections was logged.
/// - W2: when it was logged first, it held what it held after the collection: the barrier comes before the store.
///
/// These are what a collector needs that counts references or marks while the program runs, for NULL and immortal
/// values too, and the young phase of a generational one needs a part of them.
struct Witness {
    inner: Box<dyn Collector>,
    held: HashMap<usize, Vec<Gc>>,
    logged: HashMap<usize, Logged>,
}

pub const WITNESS: &str = "witness";
pub fn witness() -> CollectorInfo {
    CollectorInfo {
        name: WITNESS,
        make: |config| {
            Box::new(Witness {
                inner: (plain_row().make)(config),
                held: HashMap::new(),
                logged: HashMap::new(),
            })
        },
        doc: "watches the write barrier",
        ..plain_row()
    }
}

/// What an object's strong reference fields hold.
fn held(gc: Gc) -> Vec<Gc> {
    with_slots(gc, |slots| slots.iter().map(GcField::get).collect())
}

impl Witness {
    fn check_before(&self, object: Gc, slots: Range<usize>) {
        let before = &self.held[&object.address()];
        let logged = self.logged.get(&object.address());
        let now = held(object);
        for slot in slots.filter(|&slot| !logged.is_some_and(|logged| logged.covers(slot))) {
            assert_eq!(
                before[slot],
                now[slot],
                "W2: slot {slot} of object {} was stored into before its barrier",
                serial(object)
            );
        }
    }
}

impl Collector for Witness {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        self.inner.next_collection_bytes(live_bytes)
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause {
        for (gc, _) in in_memory(heap) {
            // Objects made since the last collection are not armed.
            let Some(before) = self.held.get(&gc.address()) else {
                continue;
            };
            let logged = self.logged.get(&gc.address());
            for (slot, (old, new)) in before.iter().zip(held(gc)).enumerate() {
                assert!(
                    *old == new || logged.is_some_and(|logged| logged.covers(slot)),
                    "W1: a store into slot {slot} of object {} ran without a barrier",
                    serial(gc)
                );
            }
        }
        let scope = self.inner.collect(heap, reason);
        self.logged.clear();
        self.held.clear();
        for (gc, _) in in_memory(heap) {
            let is_large_array =
                gc.header().state() & state_bits::LARGE != 0 && gc.cast::<Array>().is_some();
            gc.header().set_barrier(match is_large_array {
                true => barrier_bits::LOG | barrier_bits::CHUNKED,
                false => barrier_bits::LOG,
            });
            self.held.insert(gc.address(), held(gc));
        }
        scope
    }
    fn log_object(&mut self, _heap: &Heap, object: Gc) {
        self.check_before(object, 0..self.held[&object.address()].len());
        object.header().set_barrier(0);
        self.logged.entry(object.address()).or_default().whole = true;
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        if object.header().barrier() & barrier_bits::CHUNKED == 0 {
            return self.log_object(heap, object);
        }
        self.check_before(object, range.clone());
        self.logged
            .entry(object.address())
            .or_default()
            .items
            .push(range);
    }
}

// ---- Collectors with bugs ---------------------------------------------------------------------------------------------

/// What a mark-sweep collector may do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing, to see that the suite accepts the collector.
    None,
    WeakNotCleared,
    WeakAfterFinalizers,
    /// What the queue of finalizers reaches is not kept.
    QueueNotFollowed,
    FinalizersForgotten,
    DestructorsForgotten,
    DestructorsForAll,
    LargeNotSwept,
    /// The objects behind the roots are marked and not followed.
    RootsNotFollowed,
}

thread_local!(static FAULT: Cell<Fault> = const { Cell::new(Fault::None) });
/// Sets the fault of [`clumsy`] on this thread.
pub fn set_fault(fault: Fault) {
    FAULT.set(fault);
}

struct Clumsy {
    inner: Box<dyn Collector>,
}

pub const CLUMSY: &str = "clumsy";
pub fn clumsy() -> CollectorInfo {
    CollectorInfo {
        name: CLUMSY,
        make: |config| {
            Box::new(Clumsy {
                inner: (plain_row().make)(config),
            })
        },
        doc: "mark-sweep with a planted bug",
        ..plain_row()
    }
}

impl Collector for Clumsy {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        self.inner.next_collection_bytes(live_bytes)
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let fault = FAULT.get();
        let scope = Scope::Whole;
        let types = heap.types();
        let mut marker = Marker::new(heap);
        heap.visit_roots(&mut marker);
        if fault != Fault::RootsNotFollowed {
            marker.drain();
        }
        let clear = |marker: &Marker| {
            heap.weak()
                .clear_dead(types, scope, |gc| marker.survivor(gc))
        };
        if fault != Fault::WeakAfterFinalizers && fault != Fault::WeakNotCleared {
            clear(&marker);
        }
        if fault != Fault::FinalizersForgotten {
            for gc in heap
                .finalizers()
                .queue_dead(heap.types(), scope, |gc| marker.survivor(gc))
            {
                marker.mark(gc);
            }
        }
        if fault != Fault::QueueNotFollowed {
            marker.drain();
        }
        if fault == Fault::WeakAfterFinalizers {
            clear(&marker);
        }
        // A reference left by mistake is taken for living, so that the collection gets to its end.
        let survivor = |gc| marker.survivor(gc);
        let or_left = |gc| survivor(gc).or((fault == Fault::WeakNotCleared).then_some(gc));
        heap.weak().update(types, scope, or_left, |_| false);
        heap.finalizers().update(survivor, |_| false);
        match fault {
            Fault::DestructorsForgotten => {}
            Fault::DestructorsForAll => heap.run_destructors(scope, |_| None, |_| false),
            _ => heap.run_destructors(scope, survivor, |_| false),
        }
        let live_bytes = marker.live_bytes();
        drop(marker);
        let mut space = heap.space().borrow_mut();
        if fault == Fault::LargeNotSwept {
            let large: Vec<usize> = space.large_objects().collect();
            large.into_iter().for_each(|at| {
                space.set_mark(at);
            });
        }
        space.sweep_all();
        drop(space);
        heap.set_live_bytes(live_bytes);
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
}

/// What may go wrong between the barrier and a generational collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFault {
    None,
    /// Every other object is not remembered.
    ObjectsLost,
    /// Of a range only the first item is remembered.
    FirstItemOnly,
    /// The barrier of an object is never armed again.
    NeverArmedAgain,
}

thread_local!(static LOG_FAULT: Cell<LogFault> = const { Cell::new(LogFault::None) });
/// Sets the fault of [`forgetful`] on this thread.
pub fn set_log_fault(fault: LogFault) {
    LOG_FAULT.set(fault);
}

struct Forgetful {
    inner: Box<dyn Collector>,
    calls: u64,
    logged: Vec<Gc>,
}

pub const FORGETFUL: &str = "forgetful";
pub fn forgetful() -> CollectorInfo {
    CollectorInfo {
        name: FORGETFUL,
        make: |config| {
            Box::new(Forgetful {
                inner: (generational_row().make)(config),
                calls: 0,
                logged: Vec::new(),
            })
        },
        doc: "a generational collector that loses log entries",
        ..generational_row()
    }
}

impl Collector for Forgetful {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        self.inner.next_collection_bytes(live_bytes)
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause {
        let pause = self.inner.collect(heap, reason);
        if LOG_FAULT.get() == LogFault::NeverArmedAgain && pause == Pause::Minor {
            // Old objects do not move, and those that died are still there after a young collection.
            self.logged.iter().for_each(|gc| gc.header().set_barrier(0));
        }
        self.logged.clear();
        pause
    }
    fn log_object(&mut self, heap: &Heap, object: Gc) {
        self.calls += 1;
        if LOG_FAULT.get() == LogFault::ObjectsLost && self.calls.is_multiple_of(2) {
            return object.header().set_barrier(0);
        }
        self.logged.push(object);
        self.inner.log_object(heap, object);
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: Range<usize>) {
        let range = match LOG_FAULT.get() {
            LogFault::FirstItemOnly => range.start..range.start + 1,
            _ => range,
        };
        self.inner.log_items(heap, object, range);
    }
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        self.inner.identity(heap, object)
    }
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        self.inner.take_old(heap, bytes)
    }
    fn nursery_bytes(&self) -> usize {
        self.inner.nursery_bytes()
    }
}
