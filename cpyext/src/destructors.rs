//! Destructors of builtin types, and how the memory of objects goes back.

use crate::abi::*;
use crate::context::context;
use crate::data;
use crate::raw::{free, free_memory, list_items, tuple_items, unicode_free_parts, xdecref};

slot_functions! {
    /// Destructor of objects without references of their own.
    fn dealloc_plain(o: Obj) { free_typed(o) }
    /// Destructor of str.
    fn dealloc_unicode(o: Obj) {
        unicode_free_parts(o);
        free_exact(o, data::PyUnicode_Type.get())
    }
    /// Destructor of tuple.
    fn dealloc_tuple(o: Obj) {
        for &item in tuple_items(o).iter() { xdecref(item) }
        free_exact(o, data::PyTuple_Type.get())
    }
    /// Destructor of list.
    fn dealloc_list(o: Obj) {
        for &item in list_items(o).iter().rev() { xdecref(item) }
        free_memory(context(), (*o.cast::<PyListObject>()).ob_item.cast());
        free_exact(o, data::PyList_Type.get())
    }
    /// Destructor of objects that consist of references behind the head: slices, cells, methods.
    fn dealloc_fields(o: Obj) {
        let n = (*(*o).ob_type).tp_basicsize as usize / 8;
        for i in 2..n.min(match (*o).ob_type == data::PyMethod_Type.get() { true => 4, false => 5 }) {
            xdecref(*o.cast::<Obj>().add(i));
        }
        free_typed(o)
    }
    /// Destructor of functions written in C.
    fn dealloc_cfunction(o: Obj) {
        let f: *mut PyCFunctionObject = o.cast();
        xdecref((*f).m_self);
        xdecref((*f).m_module);
        free_typed(o)
    }
    /// Destructor of exceptions.
    fn dealloc_exception(o: Obj) {
        let e: *mut PyBaseExceptionObject = o.cast();
        for field in [(*e).dict, (*e).args, (*e).notes, (*e).traceback, (*e).context, (*e).cause] { xdecref(field) }
        free_typed(o)
    }
}
inner! {
    /// As [`free_typed`]; objects of `builtin` itself are given back at once.
    #[inline(always)]
    fn free_exact(o: Obj, builtin: TypeObj) {
        match (*o).ob_type == builtin {
            true => free(o),
            false => free_typed(o),
        }
    }
    /// Gives memory back in the type's way. The reference to a heap type is dropped by the destructor of that type.
    pub fn free_typed(o: Obj) {
        match (*(*o).ob_type).tp_free {
            Some(f) => f(o.cast()),
            None => free(o),
        }
    }
}
