//! Reading objects by their type: size and reference slots.
use crate::object::Gc;
use crate::types::{TypeId, TypeTable};

/// Size of an object in bytes.
///
/// # Safety
/// `gc` is an object whose type is registered in `types`.
#[inline]
pub unsafe fn object_bytes(types: &TypeTable, gc: Gc) -> usize {
    let info = types.info(gc.type_id());
    match info.var_part {
        None => info.size_bytes as usize,
        Some(part) => {
            // SAFETY: registering the type checked that the length is a word of the fixed part.
            let len = unsafe { gc.word::<u64>(part.len_offset).read() } as usize;
            info.bytes_for(len)
                .expect("the length was checked at allocation")
        }
    }
}

/// The type id that stands at an address which may hold anything.
///
/// # Safety
/// The address is readable and aligned.
pub unsafe fn type_id_at(address: usize) -> TypeId {
    // SAFETY: by the caller's word.
    TypeId(unsafe { (address as *const u32).read() })
}

/// Calls `visit` with the address of each strong reference slot of an object.
///
/// # Safety
/// `gc` is an object whose type is registered in `types`.
#[inline]
pub unsafe fn visit_slots(types: &TypeTable, gc: Gc, visit: &mut impl FnMut(*mut Gc)) {
    let info = types.info(gc.type_id());
    for &offset in &info.ref_offsets {
        visit(gc.word(offset));
    }
    if let Some(part) = info.var_part.filter(|part| part.items_are_refs) {
        // SAFETY: registering the type checked that the length is a word of the fixed part.
        let len = unsafe { gc.word::<u64>(part.len_offset).read() } as usize;
        for n in 0..len {
            visit(gc.word::<Gc>(part.items_offset).wrapping_add(n));
        }
    }
    if let Some(scan) = info.scan {
        scan(gc, visit);
    }
}
