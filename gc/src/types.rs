//! Types of objects as data: size, where references are, what happens at death.
//!
//! A language fixes its type ids as constants and registers the types in the same order; registering checks that both
//! agree. Ids are even (bit 0 of a header is 0) and 0 is no type.
use crate::field::{FieldInfo, FieldKind};
use crate::heap::Heap;
use crate::object::{GRANULE_BYTES, Gc};
use std::fmt;

/// Number of a type in its heap's [`TypeTable`]: even, not 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(transparent)]
pub struct TypeId(pub u32);

impl TypeId {
    /// The id of the `n`-th registered type, counted from 0.
    pub const fn nth(n: u32) -> TypeId {
        TypeId((n + 1) * 2)
    }
    /// Inverse of [`TypeId::nth`]; `None` for an id that no type can have.
    pub const fn index(self) -> Option<usize> {
        match self.0 != 0 && self.0.is_multiple_of(2) {
            true => Some((self.0 / 2 - 1) as usize),
            false => None,
        }
    }
}

/// The part of an object whose length is chosen at allocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VarPart {
    /// Offset of the 64-bit number of items.
    pub len_offset: u32,
    /// Offset of item 0.
    pub items_offset: u32,
    /// Size of an item.
    pub item_bytes: u32,
    /// Whether items are references.
    pub items_are_refs: bool,
}

/// Calls its second argument with the address of each reference field of an object.
pub type ScanFn = fn(Gc, &mut dyn FnMut(*mut Gc));
/// Light destructor: called when the object is freed. It must not allocate, poll, or read other objects.
pub type FinalizeFn = fn(&Heap, Gc);

/// What the heap knows of a type.
#[derive(Clone)]
pub struct TypeInfo {
    /// Name, for dumps and messages.
    pub name: &'static str,
    /// Size of the fixed part, header included; a multiple of 16 unless there is a variable part.
    pub size_bytes: u32,
    /// Offsets of the reference fields of the fixed part, weak ones excepted.
    pub ref_offsets: Vec<u32>,
    /// The part whose length is chosen at allocation.
    pub var_part: Option<VarPart>,
    /// Finds references that the two above cannot describe, in addition to them.
    pub scan: Option<ScanFn>,
    /// Light destructor. Objects of such a type come from the checked allocators.
    pub finalize: Option<FinalizeFn>,
    /// Offset of the reference that does not keep its referent alive, see [`Heap::register_weak`].
    pub weak_offset: Option<u32>,
    /// Objects have no observable identity: compilers may copy and unbox them.
    pub value_class: bool,
    /// All fields, for machines and dumps.
    pub fields: Vec<FieldInfo>,
}

impl TypeInfo {
    /// A type of `size_bytes` without references.
    pub const fn plain(name: &'static str, size_bytes: u32) -> TypeInfo {
        TypeInfo {
            name,
            size_bytes,
            ref_offsets: Vec::new(),
            var_part: None,
            scan: None,
            finalize: None,
            weak_offset: None,
            value_class: false,
            fields: Vec::new(),
        }
    }
    /// A type with the given fields: what `derive(Object)` calls.
    pub fn from_fields(name: &'static str, size_bytes: u32, fields: &[FieldInfo]) -> TypeInfo {
        let refs = fields
            .iter()
            .filter(|f| f.kind == FieldKind::Ref)
            .map(|f| f.offset);
        TypeInfo {
            ref_offsets: refs.collect(),
            fields: fields.to_vec(),
            ..TypeInfo::plain(name, size_bytes)
        }
    }
    /// Takes the reference at `offset` for weak.
    pub fn with_weak(mut self, offset: u32) -> TypeInfo {
        self.ref_offsets.retain(|&o| o != offset);
        self.weak_offset = Some(offset);
        self
    }
    /// Size of an object with `len` items, or `None` if no address space could hold it.
    #[inline]
    pub fn bytes_for(&self, len: usize) -> Option<usize> {
        let items = match self.var_part {
            None => return Some(self.size_bytes as usize),
            Some(part) => len
                .checked_mul(part.item_bytes as usize)?
                .checked_add(part.items_offset as usize)?,
        };
        let bytes = items
            .max(self.size_bytes as usize)
            .checked_next_multiple_of(GRANULE_BYTES)?;
        (bytes <= isize::MAX as usize).then_some(bytes)
    }
}

/// A Rust struct that describes the layout of an object. Implement it with `#[derive(Object)]` only: collectors and
/// [`crate::GcRef`] trust the constants.
pub trait Object: Sized + 'static {
    /// The type's id, the same number in each heap.
    const TYPE_ID: u32;
    /// Size of the fixed part, rounded up to a multiple of 16.
    const BYTES: u32;
    /// All fields but the header and the variable part.
    const FIELDS: &'static [FieldInfo];
    /// What the heap must know.
    fn info() -> TypeInfo;
}

/// An [`Object`] whose last field is [`crate::Items`]. All-zero memory is a valid `Item`.
pub trait VarObject: Object {
    /// Type of the items.
    type Item;
    /// Offset of the 64-bit number of items.
    const LEN_OFFSET: u32;
    /// Offset of item 0.
    const ITEMS_OFFSET: u32;
}

/// Why a type could not be registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TypeError {
    /// The declared id is not the next one.
    IdOutOfOrder {
        name: &'static str,
        declared: u32,
        expected: u32,
    },
    /// A size or offset breaks a rule of the object model.
    BadLayout {
        name: &'static str,
        why: &'static str,
    },
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeError::IdOutOfOrder {
                name,
                declared,
                expected,
            } => {
                write!(
                    f,
                    "type {name} declares id {declared}, but is registered as number {expected}"
                )
            }
            TypeError::BadLayout { name, why } => write!(f, "type {name}: {why}"),
        }
    }
}
impl std::error::Error for TypeError {}

/// The part of a [`TypeInfo`] that collectors read for each object, in half a cache line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Bit n: the word at byte 8n is a strong reference. Only for offsets below 512.
    pub ref_words: u64,
    pub size_bytes: u32,
    pub len_offset: u32,
    pub items_offset: u32,
    /// 0 without a variable part.
    pub item_bytes: u32,
    pub items_are_refs: bool,
    /// References that `ref_words` and the items do not cover: a scan function, or fields at 512 and above.
    pub has_more: bool,
}

impl Shape {
    fn of(info: &TypeInfo) -> Shape {
        let part = info.var_part.unwrap_or(VarPart {
            len_offset: 0,
            items_offset: 0,
            item_bytes: 0,
            items_are_refs: false,
        });
        let near = info.ref_offsets.iter().filter(|&&o| o < 512);
        Shape {
            ref_words: near.fold(0, |bits, &o| bits | 1 << (o / 8)),
            size_bytes: info.size_bytes,
            len_offset: part.len_offset,
            items_offset: part.items_offset,
            item_bytes: part.item_bytes,
            items_are_refs: part.items_are_refs,
            has_more: info.scan.is_some() || info.ref_offsets.iter().any(|&o| o >= 512),
        }
    }
    /// Whether objects of this type hold strong references at all.
    pub(crate) fn has_refs(&self) -> bool {
        self.ref_words != 0 || self.items_are_refs || self.has_more
    }
}

/// All types of a heap, in the order of their ids.
#[derive(Clone, Default)]
pub struct TypeTable {
    infos: Vec<TypeInfo>,
    shapes: Vec<Shape>,
}

impl TypeTable {
    /// An empty table.
    pub fn new() -> TypeTable {
        TypeTable::default()
    }
    /// Appends a type and returns its id.
    pub fn push(&mut self, info: TypeInfo) -> Result<TypeId, TypeError> {
        let bad = |why| {
            Err(TypeError::BadLayout {
                name: info.name,
                why,
            })
        };
        let header_bytes = 8;
        if info.size_bytes < header_bytes {
            return bad("the object has no room for its header");
        }
        if info.var_part.is_none() && !(info.size_bytes as usize).is_multiple_of(GRANULE_BYTES) {
            return bad("the size is not a multiple of 16");
        }
        if info
            .ref_offsets
            .iter()
            .chain(&info.weak_offset)
            .any(|&o| o < header_bytes || o % 8 != 0 || o + 8 > info.size_bytes)
        {
            return bad("a reference is misaligned or outside the fixed part");
        }
        if let Some(part) = info.var_part {
            if part.len_offset < header_bytes
                || part.len_offset % 8 != 0
                || part.len_offset + 8 > info.size_bytes
            {
                return bad("the length is misaligned or outside the fixed part");
            }
            if part.items_offset < part.len_offset + 8 || part.item_bytes == 0 {
                return bad("the items overlap the length or have no size");
            }
            if part.items_are_refs && (part.item_bytes != 8 || part.items_offset % 8 != 0) {
                return bad("items that are references must be aligned words");
            }
        }
        let id = TypeId::nth(self.infos.len() as u32);
        self.shapes.push(Shape::of(&info));
        self.infos.push(info);
        Ok(id)
    }
    /// Appends `T`, whose declared id must be the next one.
    pub fn register<T: Object>(&mut self) -> Result<TypeId, TypeError> {
        let info = T::info();
        let expected = TypeId::nth(self.infos.len() as u32);
        if T::TYPE_ID != expected.0 {
            return Err(TypeError::IdOutOfOrder {
                name: info.name,
                declared: T::TYPE_ID,
                expected: expected.0,
            });
        }
        if size_of::<T>() > info.size_bytes as usize {
            return Err(TypeError::BadLayout {
                name: info.name,
                why: "the Rust struct is larger than the object",
            });
        }
        self.push(info)
    }
    /// The type with this id.
    pub fn get(&self, id: TypeId) -> Option<&TypeInfo> {
        self.infos.get(id.index()?)
    }
    /// The type with this id, which must be registered.
    #[inline]
    pub fn info(&self, id: TypeId) -> &TypeInfo {
        match self.get(id) {
            Some(info) => info,
            None => panic!("no type has the id {}", id.0),
        }
    }
    /// The shape of the type with this id, which must be registered.
    #[inline(always)]
    pub(crate) fn shape(&self, id: TypeId) -> &Shape {
        &self.shapes[(id.0 / 2).wrapping_sub(1) as usize]
    }
    /// Number of types.
    pub fn len(&self) -> usize {
        self.infos.len()
    }
    /// Whether no type was registered yet.
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }
    /// All ids and types.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &TypeInfo)> {
        self.infos
            .iter()
            .enumerate()
            .map(|(n, info)| (TypeId::nth(n as u32), info))
    }
}
