//! Objects that the heap tests allocate. Each carries a serial number, so that the model can tell which one it is.
use crate::*;
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

thread_local!(pub static DESTROYED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) });

/// Two strong references.
#[repr(C)]
pub struct Node {
    pub header: Header,
    pub serial: Cell<u64>,
    pub slots: [GcField; 2],
}
/// Any number of strong references.
#[repr(C)]
pub struct Array {
    pub header: Header,
    pub len: u64,
    pub serial: Cell<u64>,
    pub items: Items<GcField>,
}
/// Bytes.
#[repr(C)]
pub struct Blob {
    pub header: Header,
    pub len: u64,
    pub serial: Cell<u64>,
    pub items: Items<Cell<u8>>,
}
/// A weak reference and a strong one.
#[repr(C)]
pub struct WeakNode {
    pub header: Header,
    pub serial: Cell<u64>,
    pub referent: Cell<Gc>,
    pub strong: GcField,
}
/// Reports its death.
#[repr(C)]
pub struct Mortal {
    pub header: Header,
    pub serial: Cell<u64>,
}

macro_rules! object {
    ($name:ident, $id:literal, $bytes:expr, $info:expr) => {
        impl Object for $name {
            const TYPE_ID: u32 = $id;
            const BYTES: u32 = $bytes;
            const FIELDS: &'static [FieldInfo] = &[];
            fn info() -> TypeInfo {
                $info
            }
        }
        impl $name {
            pub fn id() -> TypeId {
                TypeId($id)
            }
        }
    };
}
object!(
    Node,
    2,
    32,
    TypeInfo {
        ref_offsets: vec![16, 24],
        ..TypeInfo::plain("Node", 32)
    }
);
object!(Array, 4, 32, var_info::<Array>("Array", 8, true));
object!(Blob, 6, 32, var_info::<Blob>("Blob", 1, false));
object!(
    WeakNode,
    8,
    32,
    TypeInfo {
        ref_offsets: vec![16, 24],
        ..TypeInfo::plain("WeakNode", 32)
    }
    .with_weak(16)
);
object!(
    Mortal,
    10,
    16,
    TypeInfo {
        finalize: Some(
            |_, gc| DESTROYED.with_borrow_mut(|d| d.push(gc.expect::<Mortal>().serial.get()))
        ),
        ..TypeInfo::plain("Mortal", 16)
    }
);
fn var_info<T>(name: &'static str, item_bytes: u32, items_are_refs: bool) -> TypeInfo {
    let var_part = VarPart {
        len_offset: 8,
        items_offset: 24,
        item_bytes,
        items_are_refs,
    };
    TypeInfo {
        var_part: Some(var_part),
        ..TypeInfo::plain(name, size_of::<T>() as u32)
    }
}
impl VarObject for Array {
    type Item = GcField;
    const LEN_OFFSET: u32 = offset_of!(Array, len) as u32;
    const ITEMS_OFFSET: u32 = offset_of!(Array, items) as u32;
}
impl VarObject for Blob {
    type Item = Cell<u8>;
    const LEN_OFFSET: u32 = offset_of!(Blob, len) as u32;
    const ITEMS_OFFSET: u32 = offset_of!(Blob, items) as u32;
}

pub fn types() -> TypeTable {
    let mut types = TypeTable::new();
    types.register::<Node>().unwrap();
    types.register::<Array>().unwrap();
    types.register::<Blob>().unwrap();
    types.register::<WeakNode>().unwrap();
    types.register::<Mortal>().unwrap();
    types
}

/// A heap with the options in `text` and precise roots unless the text says otherwise.
pub fn heap(text: &str) -> Box<Heap> {
    let config = Config::parse(text).unwrap();
    let roots = if text.contains("roots=") {
        config.roots
    } else {
        RootMode::Precise
    };
    Heap::new(
        Config {
            roots,
            reserve_bytes: 4 << 30,
            ..config
        },
        COLLECTORS,
        types(),
    )
    .unwrap()
}
/// Names of the collectors that free unreachable objects.
pub fn collecting() -> impl Iterator<Item = &'static str> {
    COLLECTORS
        .iter()
        .filter(|c| c.capabilities.collects)
        .map(|c| c.name)
}
/// Names of the collectors that change addresses.
pub fn moving() -> impl Iterator<Item = &'static str> {
    COLLECTORS
        .iter()
        .filter(|c| c.capabilities.moves)
        .map(|c| c.name)
}

pub fn node(heap: &Heap, serial: u64) -> GcRef<Node> {
    let node = heap.alloc(Node::id(), Node::BYTES).expect::<Node>();
    node.serial.set(serial);
    node
}
pub fn array(heap: &Heap, serial: u64, len: usize) -> GcRef<Array> {
    let array = heap.alloc_var(Array::id(), len).unwrap().expect::<Array>();
    array.serial.set(serial);
    array
}
pub fn blob(heap: &Heap, serial: u64, len: usize) -> GcRef<Blob> {
    let blob = heap.alloc_var(Blob::id(), len).unwrap().expect::<Blob>();
    blob.serial.set(serial);
    blob
}
pub fn weak(heap: &Heap, serial: u64, referent: Gc) -> GcRef<WeakNode> {
    let weak = heap
        .alloc(WeakNode::id(), WeakNode::BYTES)
        .expect::<WeakNode>();
    weak.serial.set(serial);
    weak.referent.set(referent);
    heap.register_weak(weak.gc());
    weak
}
pub fn mortal(heap: &Heap, serial: u64) -> GcRef<Mortal> {
    heap.new_object(Mortal {
        header: Header::of::<Mortal>(),
        serial: Cell::new(serial),
    })
}

/// The serial number of any of the objects above.
pub fn serial(gc: Gc) -> u64 {
    match gc.type_id().0 {
        Node::TYPE_ID => gc.expect::<Node>().serial.get(),
        Array::TYPE_ID => gc.expect::<Array>().serial.get(),
        Blob::TYPE_ID => gc.expect::<Blob>().serial.get(),
        WeakNode::TYPE_ID => gc.expect::<WeakNode>().serial.get(),
        Mortal::TYPE_ID => gc.expect::<Mortal>().serial.get(),
        other => panic!("no test object has the type {other}"),
    }
}
/// The strong reference fields of any of the objects above.
pub fn with_slots<R>(gc: Gc, body: impl FnOnce(&[GcField]) -> R) -> R {
    match gc.type_id().0 {
        Node::TYPE_ID => body(&gc.expect::<Node>().slots),
        Array::TYPE_ID => body(gc.expect::<Array>().items()),
        WeakNode::TYPE_ID => body(std::slice::from_ref(&gc.expect::<WeakNode>().strong)),
        _ => body(&[]),
    }
}
/// All objects in memory, dead ones included: reference and size.
pub fn in_memory(heap: &Heap) -> Vec<(Gc, usize)> {
    let objects = heap.all_objects().expect("the heap can be walked");
    // SAFETY: the addresses are those of enumerated objects.
    objects
        .into_iter()
        .map(|(at, bytes)| (unsafe { Gc::from_raw(at as *mut Header) }, bytes))
        .collect()
}
/// Polls and hands window refills and collections their turn; nothing else may be asked for.
pub fn poll(heap: &Heap) {
    assert_eq!(heap.poll(), Attention::NONE);
}
