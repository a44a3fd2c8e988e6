//! What `derive(Object)` generates, seen through a heap.
use ouro_gc::*;
use ouro_macros::Object;
use std::cell::Cell;

#[derive(Object)]
#[object(id = 2, value_class, name = "int")]
#[repr(C)]
struct WInt {
    header: Header,
    #[field(immutable)]
    value: i64,
}

struct Shape {
    sides: u32,
}
static SQUARE: Shape = Shape { sides: 4 };

#[derive(Object)]
#[object(id = 2 * 2)]
#[repr(C)]
struct WThing {
    header: Header,
    first: GcField,
    #[field(quasi_immutable)]
    shape: Cell<Host<Shape>>,
    weight: Cell<f64>,
    flags: Cell<u32>,
    small: Cell<u8>,
    #[field(immutable)]
    second: Gc,
}

#[derive(Object)]
#[object(id = 6)]
#[repr(C)]
struct WTuple {
    header: Header,
    #[field(immutable)]
    len: u64,
    hash: Cell<i64>,
    items: Items<GcField>,
}

#[derive(Object)]
#[object(id = 8)]
#[repr(C)]
struct WBytes {
    header: Header,
    #[field(immutable)]
    len: u64,
    #[field(immutable)]
    items: Items<u8>,
}

#[derive(Object)]
#[object(id = 10)]
#[repr(C)]
struct WRef {
    header: Header,
    #[field(weak)]
    referent: Cell<Gc>,
    callback: GcField,
}

fn types() -> TypeTable {
    let mut types = TypeTable::new();
    types.register::<WInt>().unwrap();
    types.register::<WThing>().unwrap();
    types.register::<WTuple>().unwrap();
    types.register::<WBytes>().unwrap();
    types.register::<WRef>().unwrap();
    types
}
fn heap() -> Box<Heap> {
    Heap::new(
        Config {
            roots: RootMode::Precise,
            ..Config::default()
        },
        COLLECTORS,
        types(),
    )
    .unwrap()
}

#[test]
fn sizes_kinds_and_mutabilities_follow_the_struct() {
    assert_eq!(
        (WInt::TYPE_ID, WInt::BYTES, WThing::TYPE_ID, WThing::BYTES),
        (2, 16, 4, 48)
    );
    let value = WInt::VALUE.info;
    assert_eq!(
        value,
        FieldInfo {
            offset: 8,
            name: "int.value",
            kind: FieldKind::Int,
            mutability: FieldMutability::Immutable
        }
    );
    let _: Field<WInt, i64, Immutable> = WInt::VALUE;
    let _: Field<WThing, Gc, Mutable> = WThing::FIRST;
    let _: Field<WThing, Host<Shape>, QuasiImmutable> = WThing::SHAPE;
    let _: ItemsField<WTuple, Gc, Mutable> = WTuple::ITEMS;
    let kinds: Vec<_> = WThing::FIELDS.iter().map(|f| (f.offset, f.kind)).collect();
    use FieldKind::{Float, Ref, U8, U32};
    assert_eq!(
        kinds,
        [
            (8, Ref),
            (16, FieldKind::Host),
            (24, Float),
            (32, U32),
            (36, U8),
            (40, Ref)
        ]
    );
    assert_eq!(
        (
            WTuple::ITEMS.info.offset,
            WTuple::ITEMS.len_offset,
            WTuple::ITEMS.info.kind
        ),
        (24, 8, Ref)
    );
    assert_eq!(
        (WBytes::ITEMS.info.offset, WBytes::ITEMS.info.kind),
        (16, U8)
    );
}

#[test]
fn the_type_table_knows_references_and_the_variable_part() {
    let types = types();
    assert_eq!(types.info(TypeId(4)).ref_offsets, [8, 40]);
    assert!(types.info(TypeId(2)).value_class && !types.info(TypeId(4)).value_class);
    let tuple = types.info(TypeId(6));
    assert_eq!(
        tuple.var_part,
        Some(VarPart {
            len_offset: 8,
            items_offset: 24,
            item_bytes: 8,
            items_are_refs: true
        })
    );
    assert_eq!(
        (tuple.bytes_for(0), tuple.bytes_for(1), tuple.bytes_for(2)),
        (Some(32), Some(32), Some(48))
    );
    let bytes = types.info(TypeId(8));
    assert_eq!(
        (bytes.bytes_for(0), bytes.bytes_for(1), bytes.bytes_for(16)),
        (Some(16), Some(32), Some(32))
    );
    assert!(!bytes.var_part.unwrap().items_are_refs);
    let weakref = types.info(TypeId(10));
    assert_eq!(
        (weakref.weak_offset, weakref.ref_offsets.as_slice()),
        (Some(8), [16].as_slice())
    );
}

#[test]
fn a_type_with_another_id_than_its_turn_is_refused() {
    let error = TypeTable::new().register::<WThing>().unwrap_err();
    assert_eq!(
        error,
        TypeError::IdOutOfOrder {
            name: "WThing",
            declared: 4,
            expected: 2
        }
    );
}

#[test]
fn objects_are_made_and_read_in_plain_rust() {
    let heap = heap();
    let number = heap.new_object(WInt {
        header: Header::of::<WInt>(),
        value: 42,
    });
    let thing = heap.new_object(WThing {
        header: Header::of::<WThing>(),
        first: GcField::new(Gc::NULL),
        shape: Cell::new(Host::new(&SQUARE)),
        weight: Cell::new(1.5),
        flags: Cell::new(7),
        small: Cell::new(9),
        second: number.gc(),
    });
    thing.first.set(&heap, thing, number.gc());
    let root = heap.root(thing);
    heap.collect(Reason::Explicit);
    let thing = root.get().expect::<WThing>();
    assert_eq!(thing.first.get().expect::<WInt>().value, 42);
    assert_eq!(thing.second, thing.first.get());
    assert_eq!(
        (
            thing.shape.get().expect().sides,
            thing.weight.get(),
            thing.flags.get(),
            thing.small.get()
        ),
        (4, 1.5, 7, 9)
    );
    assert!(thing.gc().cast::<WInt>().is_none() && Gc::NULL.cast::<WInt>().is_none());
    // The descriptors name the same places as the Rust fields.
    let gc = thing.gc();
    // SAFETY: the offset comes from the descriptor of a field of this type.
    let flags = unsafe { gc.word::<u32>(WThing::FLAGS.info.offset).read() };
    assert_eq!(flags, 7);
}

#[test]
fn items_start_as_zero_and_keep_what_is_stored() {
    let heap = heap();
    let tuple = heap
        .alloc_var(TypeId(WTuple::TYPE_ID), 3)
        .unwrap()
        .expect::<WTuple>();
    assert_eq!(
        (tuple.len, tuple.hash.get(), tuple.items().len()),
        (3, 0, 3)
    );
    assert!(tuple.items().iter().all(|item| item.get().is_null()));
    let root = heap.root(tuple);
    let number = heap.new_object(WInt {
        header: Header::of::<WInt>(),
        value: 5,
    });
    tuple.items()[2].set(&heap, tuple, number.gc());
    heap.collect(Reason::Explicit);
    assert_eq!(
        root.get().expect::<WTuple>().items()[2]
            .get()
            .expect::<WInt>()
            .value,
        5
    );
    let bytes = heap
        .alloc_var(TypeId(WBytes::TYPE_ID), 5)
        .unwrap()
        .expect::<WBytes>();
    assert_eq!(bytes.items(), [0; 5]);
}
