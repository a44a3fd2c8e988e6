//! What the data symbols hold from the start.

use crate::abi::*;
use crate::context::context;
use crate::data;
use crate::raw;
use std::collections::HashMap;
use std::ffi::CString;

thread_local! {
    static EXCEPTIONS_BY_NAME: std::cell::RefCell<HashMap<String, TypeObj>> = std::cell::RefCell::default();
}

inner! {
    /// Fills the type that a row of the table of types describes. Exceptions of one name are one type.
    pub(crate) fn boot_type(row: &str) {
        let cells: Vec<&str> = row.splitn(9, ',').collect();
        let number = |i: usize| -> i64 {
            match cells[i].strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16),
                None => cells[i].parse(),
            }.expect("the table of types holds numbers")
        };
        let (symbol, name) = (cells[0], cells[1]);
        let ty = if let Some(found) = data::TYPES.iter().find(|t| t.0 == symbol) {
            found.1.get()
        } else if let Some(found) = data::EXCEPTIONS.iter().find(|t| t.0 == symbol) {
            let known = EXCEPTIONS_BY_NAME.with_borrow(|m| m.get(name).copied());
            let ty = known.unwrap_or_else(|| {
                let ty: TypeObj = context_memory(size_of::<PyHeapTypeObject>());
                EXCEPTIONS_BY_NAME.with_borrow_mut(|m| m.insert(name.to_owned(), ty));
                ty
            });
            *found.1.get() = ty.cast();
            ty
        } else {
            return;
        };
        (*ty).ob_base.ob_base.ob_refcnt = raw::IMMORTAL;
        (*ty).ob_base.ob_base.ob_type = data::PyType_Type.get();
        (*ty).tp_name = CString::new(name).expect("no zero in a name").into_raw();
        (*ty).tp_basicsize = number(2) as Ssize;
        (*ty).tp_itemsize = number(3) as Ssize;
        // Objects of builtin types have no header of the cyclic collector here, and their classes change at run time.
        // Nor does C find a function to call in them: it reads the pointer at an offset that the flag promises.
        let not_here = type_flags::HAVE_GC | type_flags::HAVE_VECTORCALL | 1 << 19;
        (*ty).tp_flags = number(4) as u64 & !not_here | type_flags::READY;
        (*ty).tp_dictoffset = 0;
        (*ty).tp_weaklistoffset = 0;
        (*ty).tp_alloc = Some(super::PyType_GenericAlloc);
        (*ty).tp_free = Some(super::PyObject_Free);
        (*ty).tp_dealloc = Some(match symbol {
            "PyUnicode_Type" => crate::destructors::dealloc_unicode,
            "PyTuple_Type" => crate::destructors::dealloc_tuple,
            "PyList_Type" => crate::destructors::dealloc_list,
            "PySlice_Type" | "PyMethod_Type" | "PyCell_Type" => crate::destructors::dealloc_fields,
            "PyCFunction_Type" | "PyCMethod_Type" => crate::destructors::dealloc_cfunction,
            "PyByteArray_Type" => super::dealloc_bytearray,
            "PyMemoryView_Type" => super::dealloc_memoryview,
            "_PyManagedBuffer_Type" => super::dealloc_managed,
            "PyCapsule_Type" => super::dealloc_capsule,
            "PyFrame_Type" => super::dealloc_frame,
            _ if symbol.starts_with("PyExc_") => crate::destructors::dealloc_exception,
            _ => crate::destructors::dealloc_plain,
        });
        if symbol != "PyBaseObject_Type" { (*ty).tp_base = data::PyBaseObject_Type.get(); }
        super::fill_builtin_slots(ty, cells[8]);
    }
    fn context_memory(bytes: usize) -> TypeObj {
        // The context is not installed while it boots; types live for ever.
        Box::leak(vec![0u64; bytes / 8].into_boxed_slice()).as_mut_ptr().cast()
    }
    /// Fills flags and tables.
    pub(crate) fn boot_data() {
        *data::Py_Version.get().cast::<u64>() = 0x030b_02f0;
        *data::Py_FileSystemDefaultEncoding.get().cast::<*const i8>() = c"utf-8".as_ptr();
        *data::Py_FileSystemDefaultEncodeErrors.get().cast::<*const i8>() = c"surrogateescape".as_ptr();
        *data::Py_HasFileSystemDefaultEncoding.get().cast::<i32>() = 1;
        let table: *mut u32 = data::_Py_ctype_table.get().cast();
        let lower: *mut u8 = data::_Py_ctype_tolower.get().cast();
        let upper: *mut u8 = data::_Py_ctype_toupper.get().cast();
        for i in 0..256usize {
            let c = i as u8;
            let mut bits = 0;
            if c.is_ascii_lowercase() { bits |= 1 }
            if c.is_ascii_uppercase() { bits |= 2 }
            if c.is_ascii_digit() { bits |= 4 }
            if c.is_ascii_hexdigit() { bits |= 8 }
            if matches!(c, 9..=13 | b' ') { bits |= 0x10 }
            *table.add(i) = bits;
            *lower.add(i) = c.to_ascii_lowercase();
            *upper.add(i) = c.to_ascii_uppercase();
        }
        let digits: *mut u8 = data::_PyLong_DigitValue.get().cast();
        for i in 0..256usize {
            *digits.add(i) = (i as u8 as char).to_digit(36).map_or(37, |d| d as u8);
        }
        let space: *mut u8 = data::_Py_ascii_whitespace.get().cast();
        for i in [9, 10, 11, 12, 13, 28, 29, 30, 31, 32] { *space.add(i) = 1 }
        let swapped: *mut i32 = data::_Py_SwappedOp.get().cast();
        for (i, op) in [4, 5, 2, 3, 0, 1].into_iter().enumerate() { *swapped.add(i) = op }
        let _ = context();
    }
    /// The type of a builtin exception or type by its name in C.
    pub fn builtin_type(symbol: &str) -> Option<TypeObj> {
        if let Some(found) = data::TYPES.iter().find(|t| t.0 == symbol) { return Some(found.1.get()) }
        let found = data::EXCEPTIONS.iter().find(|t| t.0 == symbol)?;
        Some((*found.1.get()).cast())
    }
}
