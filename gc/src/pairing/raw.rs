//! The raw side as the heap sees it: a pointer, and a table of functions.
use super::cycles::CycleOps;
use crate::object::{Gc, Header};

/// What a link adds to the reference count of a raw structure.
pub const BIAS: isize = 1 << 61;
/// The same for a structure that needs no destructor: only its memory is freed.
pub const LIGHT_BIAS: isize = BIAS + (1 << 62);

/// A structure outside the heap with a reference count and a word for the link. The heap knows nothing else of it.
#[repr(C)]
pub struct Raw {
    opaque: [u8; 0],
}

/// Where the reference count and the link word of raw structures lie that have them at fixed places and lie in one range
/// of addresses: these words are read and written without a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RawLayout {
    /// Where the range begins.
    pub base: usize,
    /// Bytes of the range. Structures outside it are reached by the functions.
    pub bytes: usize,
    /// Bytes from the structure to its reference count, an `isize`.
    pub references_offset: isize,
    /// Bytes from the structure to its link word.
    pub link_offset: isize,
}

impl RawLayout {
    /// All structures are reached by the functions.
    pub const NONE: RawLayout = RawLayout {
        base: 0,
        bytes: 0,
        references_offset: 0,
        link_offset: 0,
    };
}

/// How to reach into raw structures. None of the functions may call the heap.
#[derive(Clone, Copy)]
pub struct RawOps {
    /// Those that need no call for it.
    pub layout: RawLayout,
    /// Reads the reference count.
    pub references: unsafe fn(*mut Raw) -> isize,
    /// Replaces the reference count. Nothing is freed by it.
    pub set_references: unsafe fn(*mut Raw, isize),
    /// Reads the link word: 0 in a new structure, else the address of the linked object, or 1 while the destructor runs.
    pub link: unsafe fn(*mut Raw) -> usize,
    /// Replaces the link word.
    pub set_link: unsafe fn(*mut Raw, usize),
    /// Frees the memory of a light structure that nobody refers to any more.
    pub free: unsafe fn(*mut Raw),
}

/// On which side a pair has its data, and what its raw structure needs when it goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LinkKind {
    /// The data is in the object, the raw structure follows it. The raw side's references keep the object.
    Twin,
    /// A twin of which only memory has to be freed.
    LightTwin,
    /// The data is in the raw structure; the object stands for it and keeps it.
    Proxy,
    /// A proxy for a structure of which only memory has to be freed.
    LightProxy,
}

impl LinkKind {
    /// What the link adds to the reference count.
    pub const fn bias(self) -> isize {
        match self.is_light() {
            true => LIGHT_BIAS,
            false => BIAS,
        }
    }
    /// Whether the raw structure needs no destructor.
    pub const fn is_light(self) -> bool {
        matches!(self, LinkKind::LightTwin | LinkKind::LightProxy)
    }
    /// Whether the raw side's references keep the object.
    pub const fn is_twin(self) -> bool {
        matches!(self, LinkKind::Twin | LinkKind::LightTwin)
    }
}

/// The link word of a structure whose destructor runs.
const DEALLOCATING: usize = 1;

/// The functions, to be called with structures that were handed to `Heap::link` or that a caller vouches for: by the
/// contract of the functions of `api.rs` these are intact until they are unlinked.
#[derive(Clone, Copy)]
pub(super) struct RawSide(pub RawOps);

/// A structure's count and link word, found once for several reads and writes.
#[derive(Clone, Copy)]
pub(super) struct Words<'r> {
    ops: &'r RawOps,
    raw: *mut Raw,
    is_near: bool,
}

impl Words<'_> {
    #[inline(always)]
    fn near_references(self) -> *mut isize {
        self.raw
            .wrapping_byte_offset(self.ops.layout.references_offset)
            .cast()
    }
    #[inline(always)]
    fn near_link(self) -> *mut usize {
        self.raw
            .wrapping_byte_offset(self.ops.layout.link_offset)
            .cast()
    }
    #[inline(always)]
    pub fn references(self) -> isize {
        match self.is_near {
            // SAFETY: the structure is intact, see `RawSide`, and by the contract of the layout its count lies there.
            true => unsafe { self.near_references().read() },
            // SAFETY: the structure is intact.
            false => unsafe { (self.ops.references)(self.raw) },
        }
    }
    #[inline(always)]
    pub fn set_references(self, count: isize) {
        match self.is_near {
            // SAFETY: as above.
            true => unsafe { self.near_references().write(count) },
            // SAFETY: as above.
            false => unsafe { (self.ops.set_references)(self.raw, count) },
        }
    }
    #[inline(always)]
    fn link(self) -> usize {
        match self.is_near {
            // SAFETY: as above.
            true => unsafe { self.near_link().read() },
            // SAFETY: as above.
            false => unsafe { (self.ops.link)(self.raw) },
        }
    }
    #[inline(always)]
    fn set_link(self, link: usize) {
        match self.is_near {
            // SAFETY: as above.
            true => unsafe { self.near_link().write(link) },
            // SAFETY: as above.
            false => unsafe { (self.ops.set_link)(self.raw, link) },
        }
    }
    /// The object that the structure is linked to, or NULL.
    #[inline(always)]
    pub fn gc(self) -> Gc {
        match self.link() {
            DEALLOCATING => Gc::NULL,
            // SAFETY: the word is 0 or the address of an object, since only `set_gc` writes other words.
            address => unsafe { Gc::from_raw(address as *mut Header) },
        }
    }
    #[inline(always)]
    pub fn set_gc(self, gc: Gc) {
        self.set_link(gc.address());
    }
    /// Whether the destructor of the structure runs; `None` if it has a link.
    #[inline(always)]
    pub fn destructor_of_unlinked(self) -> Option<bool> {
        match self.link() {
            0 => Some(false),
            DEALLOCATING => Some(true),
            _ => None,
        }
    }
}

impl RawSide {
    #[inline(always)]
    pub fn words(&self, raw: *mut Raw) -> Words<'_> {
        let layout = &self.0.layout;
        Words {
            ops: &self.0,
            raw,
            is_near: raw.addr().wrapping_sub(layout.base) < layout.bytes,
        }
    }
    #[inline(always)]
    pub fn references(&self, raw: *mut Raw) -> isize {
        self.words(raw).references()
    }
    #[inline(always)]
    pub fn set_references(&self, raw: *mut Raw, count: isize) {
        self.words(raw).set_references(count);
    }
    /// Changes the reference count by `more`, and returns the new one.
    #[inline(always)]
    pub fn add_references(&self, raw: *mut Raw, more: isize) -> isize {
        let words = self.words(raw);
        let count = words.references() + more;
        words.set_references(count);
        count
    }
    /// The object that the structure is linked to, or NULL.
    #[inline(always)]
    pub fn gc(&self, raw: *mut Raw) -> Gc {
        self.words(raw).gc()
    }
    #[inline(always)]
    pub fn set_gc(&self, raw: *mut Raw, gc: Gc) {
        self.words(raw).set_gc(gc);
    }
    pub fn is_deallocating(&self, raw: *mut Raw) -> bool {
        self.words(raw).destructor_of_unlinked() == Some(true)
    }
    pub fn set_deallocating(&self, raw: *mut Raw) {
        self.words(raw).set_link(DEALLOCATING);
    }
    pub fn free(&self, raw: *mut Raw) {
        // SAFETY: nobody refers to the structure any more, and the caller forgets it.
        unsafe { (self.0.free)(raw) }
    }
}

/// The functions that look into structures, to be called with those that have a link or that the raw side named.
#[derive(Clone, Copy)]
pub(super) struct CycleSide(pub CycleOps);

impl CycleSide {
    pub fn holds(self, raw: *mut Raw) -> bool {
        // SAFETY: by the contract of `Heap::set_cycle_ops` linked structures and those that the raw side names are intact.
        unsafe { (self.0.holds)(raw) }
    }
    pub fn traverse(self, raw: *mut Raw, visit: &mut dyn FnMut(*mut Raw)) {
        // SAFETY: as above; `holds` said that it can be traversed.
        unsafe { (self.0.traverse)(raw, visit) }
    }
    pub fn tracked(self, visit: &mut dyn FnMut(*mut Raw)) {
        // SAFETY: by the contract of `Heap::set_cycle_ops`.
        unsafe { (self.0.tracked)(visit) }
    }
    pub fn wants_finalizer(self, raw: *mut Raw) -> bool {
        // SAFETY: as above.
        unsafe { (self.0.wants_finalizer)(raw) }
    }
    pub fn clears(self, raw: *mut Raw) -> bool {
        // SAFETY: as above.
        unsafe { (self.0.clears)(raw) }
    }
}
