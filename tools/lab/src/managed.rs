//! The heap: objects are made by bumping a pointer, and nobody says what dies.
use crate::{Life, WINDOW};
use ouro_gc::*;
use std::cell::Cell;
use std::mem::offset_of;

/// The first two words of every object here.
#[repr(C)]
struct Numbered {
    header: Header,
    number: Cell<u64>,
}

const NUMBER: u32 = offset_of!(Numbered, number) as u32;

/// The table of those that live.
#[repr(C)]
struct Table {
    header: Header,
    len: u64,
    items: Items<GcField>,
}

macro_rules! numbered {
    ($($name:ident $id:literal $bytes:literal),*) => {
        $(struct $name;
        impl Object for $name {
            const TYPE_ID: u32 = $id;
            const BYTES: u32 = $bytes;
            const FIELDS: &'static [FieldInfo] = &[];
            fn info() -> TypeInfo {
                TypeInfo::plain(stringify!($name), $bytes)
            }
        })*
        /// The type of objects of a size.
        fn type_of(bytes: usize) -> TypeId {
            match bytes {
                $($bytes => TypeId($id),)*
                other => unreachable!("no type has {other} bytes"),
            }
        }
        fn types() -> TypeTable {
            let mut types = TypeTable::new();
            $(types.register::<$name>().expect("the layout is right");)*
            types.register::<Table>().expect("the layout is right");
            types
        }
    };
}
numbered!(Small 2 16, Middle 4 32, Big 6 64);

impl Object for Table {
    const TYPE_ID: u32 = 8;
    const BYTES: u32 = 16;
    const FIELDS: &'static [FieldInfo] = &[];
    fn info() -> TypeInfo {
        let var_part = VarPart {
            len_offset: 8,
            items_offset: offset_of!(Table, items) as u32,
            item_bytes: 8,
            items_are_refs: true,
        };
        TypeInfo {
            var_part: Some(var_part),
            ..TypeInfo::plain("Table", 16)
        }
    }
}
impl VarObject for Table {
    type Item = GcField;
    const LEN_OFFSET: u32 = offset_of!(Table, len) as u32;
    const ITEMS_OFFSET: u32 = offset_of!(Table, items) as u32;
}

/// Makes `count` objects on a heap with the given options; returns the sum of the numbers in those that lived last.
///
/// # Errors
/// What is wrong with the options.
pub fn allocate(options: &str, life: Life, bytes: usize, count: usize) -> Result<u64, String> {
    let config = Config::parse(options).map_err(|error| error.to_string())?;
    let config = Config {
        roots: RootMode::Precise,
        ..config
    };
    let heap = Heap::new(config, COLLECTORS, types()).map_err(|error| error.to_string())?;
    let table = heap.alloc_var(TypeId(Table::TYPE_ID), WINDOW);
    let table = heap.root(table.map_err(|error| error.to_string())?);
    let type_id = type_of(bytes);
    let make = |n: usize| {
        let object = heap.alloc(type_id, bytes as u32);
        // SAFETY: every type here has a number behind its header.
        unsafe { object.word::<u64>(NUMBER).write(n as u64) };
        std::hint::black_box(object)
    };
    // SAFETY: as above.
    let read = |object: Gc| unsafe { object.word::<u64>(NUMBER).read() };
    let mut sum = 0;
    for n in 0..count {
        let object = make(n);
        match life {
            Life::Dying => sum += read(object),
            Life::Window => {
                let owner = table.get();
                let at = n % WINDOW;
                heap.write_range(owner, at..at + 1);
                owner.expect::<Table>().items()[at].init(object);
            }
        }
        if heap.wants_attention() {
            _ = heap.poll_slow();
        }
    }
    let owner = table.get().expect::<Table>();
    let living = owner.items().iter().map(|item| item.get());
    Ok(sum + living.filter(|gc| !gc.is_null()).map(read).sum::<u64>())
}
