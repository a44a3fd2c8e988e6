//! Bad use of the public API ends in a panic with a reason, or in an error, never in silent corruption. What must not compile
//! stands in `src/compile_fail.rs` and in the documentation of `derive(Object)`.
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::{settings, toys};
use ouro_gc::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use toys::Toy;

/// Sees that `body` panics and says `what`.
fn refused(what: &str, body: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(body)).expect_err("it is refused");
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    let text = text.expect("a panic has a text");
    assert!(text.contains(what), "{what:?} was expected: {text}");
}

#[test]
fn a_structure_is_linked_once_and_an_object_too() {
    settings::on_each(|heap| {
        let (object, other) = (heap.root(node(heap, 1)), heap.root(node(heap, 2)));
        let toy = Toy::new(1, 1);
        toys::link(heap, object.get(), toy, LinkKind::Twin);
        refused("a raw structure was linked twice", || {
            toys::link(heap, other.get(), toy, LinkKind::Twin);
        });
        refused("an object was linked twice", || {
            toys::link(heap, object.get(), Toy::new(2, 1), LinkKind::Proxy);
        });
        // What was refused has changed nothing.
        heap.verify().unwrap();
        assert_eq!(toys::raw_of(heap, object.get()), Some(toy));
        assert_eq!(toys::raw_of(heap, other.get()), None);
    });
}

#[test]
fn undoing_a_link_twice_does_nothing() {
    settings::on_each(|heap| {
        let object = heap.root(node(heap, 1));
        let toy = Toy::new(1, 3);
        toys::link(heap, object.get(), toy, LinkKind::Twin);
        assert_eq!(toys::unlink(heap, toy), Some(3));
        assert_eq!(toys::unlink(heap, toy), None);
        assert_eq!(toy.count(), 3);
        assert_eq!(heap.pair_stats().linked, 0);
        heap.collect(Reason::Explicit);
        assert_eq!(toys::next_pending(heap), None);
    });
}

#[test]
fn a_structure_released_more_often_than_held_is_told() {
    for row in settings::collecting_rows() {
        let heap = settings::heap_of(row, "");
        let toy = Toy::new(1, 0);
        toys::link(&heap, node(&heap, 1), toy, LinkKind::Proxy);
        // Foreign code drops a reference that it does not have: its own count is not asked, as C would not.
        toy.take_one_too_many();
        refused("released more often than it was held", || {
            heap.collect(Reason::Explicit);
        });
        // A heap in which a collection was cut short is not to be used, not even to be dropped.
        std::mem::forget(heap);
    }
}

#[test]
fn the_destructor_of_a_linked_structure_does_not_run() {
    settings::on_each(|heap| {
        let object = heap.root(node(heap, 1));
        let toy = Toy::new(1, 1);
        toys::link(heap, object.get(), toy, LinkKind::Twin);
        refused("the destructor of a linked structure runs", || {
            toys::mark_deallocating(heap, toy);
        });
    });
}

#[test]
fn the_raw_side_is_described_before_the_first_link() {
    let heap = heap("");
    refused("the raw side was described", || {
        toys::link(&heap, node(&heap, 1), Toy::new(1, 1), LinkKind::Twin);
    });
    toys::describe(&heap);
    let object = heap.root(node(&heap, 1));
    toys::link(&heap, object.get(), Toy::new(1, 1), LinkKind::Twin);
    refused("described after the first link", || toys::describe(&heap));
}

#[test]
#[cfg(debug_assertions)]
fn a_dead_handle_is_told_in_debug_builds() {
    for collector in collecting() {
        // Roots know only of a heap that is kept for ever where it is.
        let heap: &Heap = Box::leak(heap(&format!("{collector},nursery=64K,poison")));
        heap.stays_here();
        toys::describe(heap);
        let (list, root) = (heap.root_vec(), heap.root(node(&heap, 2)));
        list.push(root.get());
        let dead = node(&heap, 1).gc();
        for _ in 0..2 {
            heap.collect(Reason::Explicit);
        }
        let told = "is dead: its object was freed, or moved at a safepoint";
        refused(told, || _ = heap.root(dead));
        refused(told, || _ = heap.identity(dead));
        refused(told, || heap.register_finalizer(dead));
        refused(told, || _ = list.push(dead));
        refused(told, || list.set(0, dead));
        refused(told, || root.set(dead));
        let field = &root.get().expect::<Node>().slots[0];
        refused(told, || field.set(&heap, root.get(), dead));
        refused(told, || field.set(&heap, dead, root.get()));
        // What was refused was not stored.
        assert!(field.get().is_null() && list.to_vec() == [root.get()]);
        refused(told, || _ = heap.pin(dead));
        refused(told, || {
            toys::link(&heap, dead, Toy::new(1, 1), LinkKind::Twin)
        });
        heap.verify().unwrap();
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_handle_kept_over_a_safepoint_is_told_where_objects_move() {
    for collector in moving() {
        let heap = heap(&format!("{collector},tenure=0"));
        let object = heap.root(node(&heap, 1));
        let kept = object.get();
        // Some collectors move objects at their leisure.
        for _ in 0..4 {
            heap.collect(Reason::Explicit);
        }
        if object.get() != kept {
            refused("is dead", || _ = heap.root(kept));
        }
    }
}

#[test]
fn handles_that_outlive_their_heap_name_nothing() {
    let heap = heap("");
    let root = heap.root(node(&heap, 1));
    let list = heap.root_vec();
    list.push(root.get());
    drop(heap);
    assert!(root.get().is_null());
    assert_eq!(list.to_vec(), [Gc::NULL]);
    drop(root.clone());
}

#[test]
fn a_reference_is_not_taken_for_another_type() {
    let heap = heap("");
    let gc = node(&heap, 1).gc();
    assert!(gc.cast::<Array>().is_none());
    refused("is not a ", || _ = gc.expect::<Array>());
    refused("has no weak field", || heap.register_weak(gc));
}

#[test]
fn types_are_registered_in_order_and_with_a_possible_layout() {
    let mut types = TypeTable::new();
    types.register::<Node>().unwrap();
    let error = types.register::<Blob>().unwrap_err();
    assert!(matches!(error, TypeError::IdOutOfOrder { .. }), "{error}");
    let layouts = [
        (TypeInfo::plain("NoHeader", 4), "no room for its header"),
        (TypeInfo::plain("Odd", 24), "not a multiple of 16"),
        (
            TypeInfo {
                ref_offsets: vec![12],
                ..TypeInfo::plain("Misaligned", 32)
            },
            "misaligned or outside",
        ),
        (
            TypeInfo {
                ref_offsets: vec![32],
                ..TypeInfo::plain("Outside", 32)
            },
            "misaligned or outside",
        ),
        (
            TypeInfo {
                ref_offsets: vec![0],
                ..TypeInfo::plain("OverHeader", 32)
            },
            "misaligned or outside",
        ),
    ];
    for (info, why) in layouts {
        let error = types.push(info).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn an_object_of_an_unknown_type_is_refused() {
    let heap = heap("");
    refused("no type has the id 99", || {
        heap.alloc_checked(TypeId(99), 32);
    });
}

#[test]
#[cfg(debug_assertions)]
fn unchecked_allocation_is_checked_in_debug_builds() {
    let unchecked = heap("");
    refused("more than ZONE_BYTES were allocated without a poll", || {
        for _ in 0..1 << 20 {
            unchecked.alloc(Node::id(), Node::BYTES);
        }
    });
    let heap = heap("");
    refused("types with a destructor need alloc_checked", || {
        heap.alloc(Mortal::id(), Mortal::BYTES);
    });
}
