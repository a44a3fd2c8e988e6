//! A collector from another crate: registered by the one who makes the heap, and driven through the public seam only.
//!
//! It frees nothing. It marks, arms the write barrier of what survived, and remembers what is stored into, as a
//! generational collector would.
use ouro_gc::model::objects::*;
use ouro_gc::*;
use std::cell::RefCell;
use std::ops::Range;

/// Serial number of the object, the items that were named, and all its fields before the store.
type Entry = (u64, Option<Range<usize>>, Vec<u64>);
thread_local!(static LOG: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) });

struct Remember;

const REMEMBER: CollectorInfo = CollectorInfo {
    name: "remember",
    capabilities: Capabilities {
        collects: false,
        moves: false,
        moves_old: false,
        counts: false,
        incremental: false,
        generational: true,
    },
    make: |_| Box::new(Remember),
    doc: "logs stores into survivors",
};

/// What the object's fields hold at this moment, as serial numbers; 0 for NULL.
fn fields(gc: Gc) -> Vec<u64> {
    let number = |f: &GcField| {
        if f.get().is_null() {
            0
        } else {
            serial(f.get())
        }
    };
    with_slots(gc, |slots| slots.iter().map(number).collect())
}

impl Collector for Remember {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes + (1 << 20)
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let mut marker = Marker::new(heap);
        heap.visit_roots(&mut marker);
        marker.drain();
        let live_bytes = marker.live_bytes();
        drop(marker);
        let space = heap.space().borrow();
        let marked = |gc: &Gc| space.is_marked(gc.address());
        let live: Vec<Gc> = in_windows(&space, heap)
            .into_iter()
            .filter(marked)
            .collect();
        drop(space);
        live.iter()
            .for_each(|gc| gc.header().set_barrier(barrier_bits::LOG));
        heap.set_live_bytes(live_bytes);
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, object: Gc) {
        object.header().set_barrier(0);
        LOG.with_borrow_mut(|log| log.push((serial(object), None, fields(object))));
    }
    fn log_items(&mut self, _heap: &Heap, object: Gc, range: Range<usize>) {
        object.header().set_barrier(0);
        LOG.with_borrow_mut(|log| log.push((serial(object), Some(range), fields(object))));
    }
}

/// The objects of all windows. This collector never sweeps, so that there are no others.
fn in_windows(space: &Space, heap: &Heap) -> Vec<Gc> {
    let mut found = Vec::new();
    for window in space.windows() {
        let mut at = window.start;
        while at < window.used_end {
            // SAFETY: the used part of a window is a sequence of complete objects.
            let gc = unsafe { Gc::from_raw(at as *mut Header) };
            found.push(gc);
            let info = heap.type_of(gc);
            let len = info
                .var_part
                .map_or(0, |_| gc.expect::<Array>().item_count());
            at += info.bytes_for(len).expect("the object exists");
        }
    }
    found
}

#[test]
fn the_barrier_tells_before_the_store_and_once_for_each_object() {
    LOG.take();
    let registry = [COLLECTORS, &[REMEMBER]].concat();
    let config = Config {
        collector: "remember".to_owned(),
        roots: RootMode::Precise,
        ..Config::default()
    };
    let heap = Heap::new(config, &registry, types()).unwrap();
    let parent = heap.root(node(&heap, 1));
    let items = heap.root(array(&heap, 2, 4));
    let store = |slot: usize, value: Gc| {
        parent.get().expect::<Node>().slots[slot].set(&heap, parent.get(), value)
    };
    store(0, node(&heap, 3).gc());
    assert!(LOG.take().is_empty(), "new objects are not logged");
    node(&heap, 4);

    heap.collect(Reason::Explicit);
    assert_eq!(heap.live_bytes(), 32 + 64 + 32);
    store(0, Gc::NULL);
    store(1, items.get());
    assert_eq!(
        LOG.take(),
        [(1, None, vec![3, 0])],
        "the log shows the value before the first store, NULL or not"
    );

    heap.write_range(items.get(), 1..3);
    items.get().expect::<Array>().items()[1].init(parent.get());
    heap.write_range(items.get(), 0..4);
    assert_eq!(LOG.take(), [(2, Some(1..3), vec![0, 0, 0, 0])]);
    assert_eq!(fields(items.get()), [0, 1, 0, 0]);

    heap.collect(Reason::Explicit);
    heap.write(parent.get());
    assert_eq!(
        LOG.take(),
        [(1, None, vec![0, 2])],
        "a collection arms the barrier again"
    );
}
