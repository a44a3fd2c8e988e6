//! Weak references, finalizers, destructors.
use super::{KINDS, drain, linked_serial, loose, pair};
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::settings::{collect, collect_young, collecting_rows, on_each};
use ouro_gc::model::pairs::toys::*;
use ouro_gc::*;
use std::cell::RefCell;

#[test]
fn weak_references_see_what_the_raw_side_holds() {
    on_each(|heap| {
        let held = loose(heap, 1, 1, LinkKind::Twin);
        let dead = loose(heap, 2, 0, LinkKind::Twin);
        let proxy = loose(heap, 3, 1, LinkKind::Proxy);
        let weaks = [held, dead, proxy].map(|toy| {
            let referent = gc_of(heap, toy).expect("it is linked");
            heap.root(weak(heap, toy.serial() + 10, referent))
        });
        collect_young(heap);
        collect(heap);
        let referent = |n: usize| weaks[n].get().expect::<WeakNode>().referent.get();
        assert_eq!(Some(referent(0)), gc_of(heap, held), "found before");
        assert!(referent(1).is_null() && referent(2).is_null());
        let mut told: Vec<u64> = heap.take_dead_weakrefs().into_iter().map(serial).collect();
        told.sort_unstable();
        assert_eq!(told, [12, 13]);
        assert_eq!(drain(heap), [2]);
    });
}

#[test]
fn what_the_raw_side_holds_is_not_finalized() {
    on_each(|heap| {
        let toy = loose(heap, 1, 1, LinkKind::Twin);
        heap.register_finalizer(gc_of(heap, toy).expect("it is linked"));
        collect_young(heap);
        collect(heap);
        assert_eq!(heap.take_finalizable(), []);
        toy.decref(heap);
        collect(heap);
        let queue: Vec<u64> = heap.take_finalizable().into_iter().map(serial).collect();
        assert_eq!(queue, [1]);
    });
}

#[test]
fn a_pair_stays_as_long_as_a_finalizer_keeps_the_object() {
    on_each(|heap| {
        for kind in KINDS {
            // One object with a finalizer, and one that it reaches.
            let (owner, first) = pair(heap, 1, 0, kind);
            let (child, second) = pair(heap, 2, 0, kind);
            heap.write(owner.get());
            owner.get().expect::<Node>().slots[1].init(child.get());
            heap.register_finalizer(owner.get());
            drop((owner, child));
            collect(heap);
            let queue = heap.take_finalizable();
            assert_eq!(queue.len(), 1);
            assert_eq!(gc_of(heap, first), Some(queue[0]));
            assert_eq!(linked_serial(heap, second), Some(2));
            // It was resurrected, so the next time there is no finalizer any more.
            let root = heap.root(queue[0]);
            collect(heap);
            assert_eq!(gc_of(heap, first), Some(root.get()));
            drop(root);
            take_freed();
            collect(heap);
            let gone = if kind.is_light() {
                take_freed()
            } else {
                drain(heap)
            };
            assert_eq!(gone, [1, 2], "{kind:?}");
        }
    });
}

thread_local!(static ORDER: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

#[test]
fn a_destructor_still_finds_the_raw_structure() {
    for row in collecting_rows() {
        let mut types = types();
        let finalize: FinalizeFn = |_, _| {
            let freed = take_freed();
            ORDER.with_borrow_mut(|order| order.push(format!("destructor after {freed:?}")));
        };
        let id = types.push(TypeInfo {
            finalize: Some(finalize),
            ..TypeInfo::plain("Watcher", 16)
        });
        let config = Config {
            roots: RootMode::Precise,
            reserve_bytes: 1 << 30,
            ..Config::parse(row.name).expect("the name is right")
        };
        let heap = Heap::new(config, COLLECTORS, types).expect("there is address space");
        describe(&heap);
        take_freed();
        let watcher = heap.alloc_checked(id.expect("the layout is right"), 16);
        link(&heap, watcher, Toy::new(7, 0), LinkKind::LightProxy);
        collect(&heap);
        assert_eq!(ORDER.take(), ["destructor after []"]);
        assert_eq!(take_freed(), [7]);
    }
}
