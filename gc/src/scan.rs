//! Reading objects by their type: size and reference slots.
use crate::object::{GRANULE_BYTES, Gc};
use crate::types::{TypeId, TypeTable};

/// Size of an object in bytes.
///
/// # Safety
/// `gc` is an object whose type is registered in `types`.
#[inline(always)]
pub unsafe fn object_bytes(types: &TypeTable, gc: Gc) -> usize {
    let shape = types.shape(gc.type_id());
    let fixed = shape.size_bytes as usize;
    if shape.item_bytes == 0 {
        return fixed;
    }
    // SAFETY: registering the type checked that the length is a word of the fixed part.
    let len = unsafe { gc.word::<u64>(shape.len_offset).read() } as usize;
    // The length was checked at allocation, so nothing overflows.
    (shape.items_offset as usize + len * shape.item_bytes as usize)
        .max(fixed)
        .next_multiple_of(GRANULE_BYTES)
}

/// The type id that stands at an address which may hold anything.
///
/// # Safety
/// The address is readable and aligned.
pub unsafe fn type_id_at(address: usize) -> TypeId {
    // SAFETY: by the caller's word.
    TypeId(unsafe { (address as *const u32).read() })
}

/// Whether objects of this type hold strong references.
#[inline(always)]
pub fn has_refs(types: &TypeTable, id: TypeId) -> bool {
    types.shape(id).has_refs()
}

/// Calls `visit` with the address of each strong reference slot of an object.
///
/// # Safety
/// `gc` is an object whose type is registered in `types`.
#[inline(always)]
pub unsafe fn visit_slots(types: &TypeTable, gc: Gc, visit: &mut impl FnMut(*mut Gc)) {
    // SAFETY: by the caller's word.
    unsafe {
        visit_fixed_slots(types, gc, visit);
        let items = ref_items(types, gc);
        let first = gc.word::<Gc>(types.shape(gc.type_id()).items_offset);
        for n in 0..items {
            visit(first.wrapping_add(n));
        }
    }
}

/// The same without the items of an array of references.
///
/// # Safety
/// As for [`visit_slots`].
#[inline(always)]
pub unsafe fn visit_fixed_slots(types: &TypeTable, gc: Gc, visit: &mut impl FnMut(*mut Gc)) {
    let shape = *types.shape(gc.type_id());
    let mut words = shape.ref_words;
    while words != 0 {
        visit(gc.word(words.trailing_zeros() * 8));
        words &= words - 1;
    }
    if shape.has_more {
        visit_rare_slots(types, gc, visit);
    }
}

/// The number of items that are references.
///
/// # Safety
/// As for [`visit_slots`].
#[inline(always)]
pub unsafe fn ref_items(types: &TypeTable, gc: Gc) -> usize {
    let shape = types.shape(gc.type_id());
    if !shape.items_are_refs {
        return 0;
    }
    // SAFETY: registering the type checked that the length is a word of the fixed part.
    unsafe { gc.word::<u64>(shape.len_offset).read() as usize }
}

/// What the shape does not say.
#[cold]
fn visit_rare_slots(types: &TypeTable, gc: Gc, visit: &mut dyn FnMut(*mut Gc)) {
    let info = types.info(gc.type_id());
    for &offset in info.ref_offsets.iter().filter(|&&o| o >= 512) {
        visit(gc.word(offset));
    }
    if let Some(scan) = info.scan {
        scan(gc, visit);
    }
}
