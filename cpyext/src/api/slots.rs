//! The slots of types by the numbers of `PyType_Slot`: where they lie, reading and writing them.

use crate::abi::*;
use std::ffi::{c_int, c_void};
use std::mem::offset_of;

macro_rules! slot_table {
    ($($n:literal $table:ident.$name:ident;)*) => {
        /// Where slots lie in a type that has its tables inside, by their numbers.
        static OFFSETS: [usize; 82] = [0, $(offset_of!(PyHeapTypeObject, $table.$name)),*];
        /// Names of slots by their numbers.
        static NAMES: [&str; 82] = ["", $(stringify!($name)),*];
    };
}
slot_table! {
    1 as_buffer.bf_getbuffer;
    2 as_buffer.bf_releasebuffer;
    3 as_mapping.mp_ass_subscript;
    4 as_mapping.mp_length;
    5 as_mapping.mp_subscript;
    6 as_number.nb_absolute;
    7 as_number.nb_add;
    8 as_number.nb_and;
    9 as_number.nb_bool;
    10 as_number.nb_divmod;
    11 as_number.nb_float;
    12 as_number.nb_floor_divide;
    13 as_number.nb_index;
    14 as_number.nb_inplace_add;
    15 as_number.nb_inplace_and;
    16 as_number.nb_inplace_floor_divide;
    17 as_number.nb_inplace_lshift;
    18 as_number.nb_inplace_multiply;
    19 as_number.nb_inplace_or;
    20 as_number.nb_inplace_power;
    21 as_number.nb_inplace_remainder;
    22 as_number.nb_inplace_rshift;
    23 as_number.nb_inplace_subtract;
    24 as_number.nb_inplace_true_divide;
    25 as_number.nb_inplace_xor;
    26 as_number.nb_int;
    27 as_number.nb_invert;
    28 as_number.nb_lshift;
    29 as_number.nb_multiply;
    30 as_number.nb_negative;
    31 as_number.nb_or;
    32 as_number.nb_positive;
    33 as_number.nb_power;
    34 as_number.nb_remainder;
    35 as_number.nb_rshift;
    36 as_number.nb_subtract;
    37 as_number.nb_true_divide;
    38 as_number.nb_xor;
    39 as_sequence.sq_ass_item;
    40 as_sequence.sq_concat;
    41 as_sequence.sq_contains;
    42 as_sequence.sq_inplace_concat;
    43 as_sequence.sq_inplace_repeat;
    44 as_sequence.sq_item;
    45 as_sequence.sq_length;
    46 as_sequence.sq_repeat;
    47 ht_type.tp_alloc;
    48 ht_type.tp_base;
    49 ht_type.tp_bases;
    50 ht_type.tp_call;
    51 ht_type.tp_clear;
    52 ht_type.tp_dealloc;
    53 ht_type.tp_del;
    54 ht_type.tp_descr_get;
    55 ht_type.tp_descr_set;
    56 ht_type.tp_doc;
    57 ht_type.tp_getattr;
    58 ht_type.tp_getattro;
    59 ht_type.tp_hash;
    60 ht_type.tp_init;
    61 ht_type.tp_is_gc;
    62 ht_type.tp_iter;
    63 ht_type.tp_iternext;
    64 ht_type.tp_methods;
    65 ht_type.tp_new;
    66 ht_type.tp_repr;
    67 ht_type.tp_richcompare;
    68 ht_type.tp_setattr;
    69 ht_type.tp_setattro;
    70 ht_type.tp_str;
    71 ht_type.tp_traverse;
    72 ht_type.tp_members;
    73 ht_type.tp_getset;
    74 ht_type.tp_free;
    75 as_number.nb_matrix_multiply;
    76 as_number.nb_inplace_matrix_multiply;
    77 as_async.am_await;
    78 as_async.am_aiter;
    79 as_async.am_anext;
    80 ht_type.tp_finalize;
    81 as_async.am_send;
}
/// `Py_tp_base`
pub const BASE_SLOT: c_int = 48;
/// `Py_tp_bases`
pub const BASES_SLOT: c_int = 49;
/// `Py_tp_doc`
pub const DOC_SLOT: c_int = 56;
/// `Py_tp_members`
pub const MEMBERS_SLOT: c_int = 72;

/// Whether a slot has this number.
pub fn is_slot(n: c_int) -> bool {
    (1..82).contains(&n)
}
/// The number of the slot of this name.
pub fn slot_number(name: &str) -> Option<c_int> {
    NAMES
        .iter()
        .position(|&n| n == name && !n.is_empty())
        .map(|n| n as c_int)
}
/// The table that a slot lies in: where its pointer is in a type, where the table is in a type that has it inside, its
/// bytes. None for slots of the type itself.
fn table_of(offset: usize) -> Option<(usize, usize, usize)> {
    [
        (
            offset_of!(PyTypeObject, tp_as_async),
            offset_of!(PyHeapTypeObject, as_async),
            size_of::<PyAsyncMethods>(),
        ),
        (
            offset_of!(PyTypeObject, tp_as_number),
            offset_of!(PyHeapTypeObject, as_number),
            size_of::<PyNumberMethods>(),
        ),
        (
            offset_of!(PyTypeObject, tp_as_mapping),
            offset_of!(PyHeapTypeObject, as_mapping),
            size_of::<PyMappingMethods>(),
        ),
        (
            offset_of!(PyTypeObject, tp_as_sequence),
            offset_of!(PyHeapTypeObject, as_sequence),
            size_of::<PySequenceMethods>(),
        ),
        (
            offset_of!(PyTypeObject, tp_as_buffer),
            offset_of!(PyHeapTypeObject, as_buffer),
            size_of::<PyBufferProcs>(),
        ),
    ]
    .into_iter()
    .find(|&(_, from, bytes)| (from..from + bytes).contains(&offset))
}
inner! {
    /// Points the type at the tables inside it.
    pub fn point_at_tables(heap: *mut PyHeapTypeObject) {
        let ty = &raw mut (*heap).ht_type;
        (*ty).tp_as_async = &raw mut (*heap).as_async;
        (*ty).tp_as_number = &raw mut (*heap).as_number;
        (*ty).tp_as_mapping = &raw mut (*heap).as_mapping;
        (*ty).tp_as_sequence = &raw mut (*heap).as_sequence;
        (*ty).tp_as_buffer = &raw mut (*heap).as_buffer;
    }
    /// Where a type has a slot; NULL if it has no table for it.
    pub fn slot_place(ty: TypeObj, n: c_int) -> *mut *mut c_void {
        let offset = OFFSETS[n as usize];
        match table_of(offset) {
            None => ty.cast::<u8>().add(offset).cast(),
            Some((pointer, from, _)) => {
                let table = *ty.cast::<u8>().add(pointer).cast::<*mut u8>();
                if table.is_null() { return std::ptr::null_mut() }
                table.add(offset - from).cast()
            }
        }
    }
    /// What a type has in a slot.
    pub fn slot_get(ty: TypeObj, n: c_int) -> *mut c_void {
        let place = slot_place(ty, n);
        if place.is_null() { place.cast() } else { *place }
    }
    /// Fills a slot; a table that is missing is made and lives for ever, as types do.
    pub fn slot_set(ty: TypeObj, n: c_int, f: *mut c_void) {
        let mut place = slot_place(ty, n);
        if place.is_null() {
            if f.is_null() { return }
            let (pointer, _, bytes) = table_of(OFFSETS[n as usize]).expect("the type itself is there");
            let table: *mut u8 = Box::leak(vec![0usize; bytes / 8].into_boxed_slice()).as_mut_ptr().cast();
            *ty.cast::<u8>().add(pointer).cast::<*mut u8>() = table;
            place = slot_place(ty, n);
        }
        *place = f;
    }
}
/// The numbers of all slots.
pub fn slot_numbers() -> std::ops::Range<c_int> {
    1..82
}
/// The name of a slot.
pub fn slot_name(n: c_int) -> &'static str {
    NAMES[n as usize]
}
