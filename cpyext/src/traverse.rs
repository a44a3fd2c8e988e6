//! What builtin objects on the C side refer to: `tp_traverse` and `tp_clear` of their types.
//!
//! Objects of builtin types are not tracked: their fields are references or NULL from the start, so that they can be visited
//! whenever something leads to them.

use crate::abi::*;
use crate::{data, fresh_dict, raw};
use std::ffi::{c_int, c_void};

inner! {
    /// The references behind the head of an object that consists of them.
    fn fields(o: Obj) -> &'static mut [Obj] {
        let first = (o.cast::<Obj>()).add(2);
        let ty = (*o).ob_type;
        let n = if ty == data::PyMethod_Type.get() { 2 } else if ty == data::PySlice_Type.get() { 3 } else { 1 };
        std::slice::from_raw_parts_mut(first, n)
    }
    fn exception_fields(o: Obj) -> [*mut Obj; 6] {
        let e: *mut PyBaseExceptionObject = o.cast();
        [&raw mut (*e).dict, &raw mut (*e).args, &raw mut (*e).notes, &raw mut (*e).traceback, &raw mut (*e).context, &raw mut (*e).cause]
    }
    /// The function for objects of builtin types, if what they refer to can be told.
    fn traverse_of(o: Obj) -> Option<unsafe extern "C" fn(Obj, Visit, *mut c_void) -> c_int> {
        let ty = (*o).ob_type;
        let flags = (*ty).tp_flags;
        Some(if flags & type_flags::TUPLE != 0 {
            traverse_tuple
        } else if flags & type_flags::LIST != 0 {
            traverse_list
        } else if flags & type_flags::BASE_EXC != 0 {
            traverse_exception
        } else if ty == data::PyMethod_Type.get() || ty == data::PySlice_Type.get() || ty == data::PyCell_Type.get() {
            traverse_fields
        } else if ty == data::PyCFunction_Type.get() || ty == data::PyCMethod_Type.get() {
            traverse_cfunction
        } else if fresh_dict::is_fresh(o) {
            traverse_dict
        } else {
            return None
        })
    }
    /// Whether an object's references can be told now: an extension's object must be tracked.
    pub fn can_visit(o: Obj) -> bool {
        let ty = (*o).ob_type;
        let flags = (*ty).tp_flags;
        // Types live for ever, and lead to everything.
        if flags & type_flags::TYPE != 0 || (raw::IMMORTAL / 2..raw::BIAS).contains(&(*o).ob_refcnt) { return false }
        if flags & type_flags::HAVE_GC != 0 && (*ty).tp_traverse.is_some() {
            // What an object with `tp_del` refers to is kept, and so is the object, as in CPython.
            return (*ty).tp_del.is_none() && crate::context::context().memory.is_tracked(o.cast());
        }
        traverse_of(o).is_some()
    }
    /// Calls the function with each object that another one, which [`can_visit`] told of, refers to. Types are left out.
    pub fn visit(o: Obj, each: &mut dyn FnMut(Obj)) {
        unsafe extern "C" fn call(o: Obj, each: *mut c_void) -> c_int {
            // SAFETY: C passes on what it got from below, and references of its objects.
            unsafe {
                if !o.is_null() && (*(*o).ob_type).tp_flags & type_flags::TYPE == 0 {
                    (*each.cast::<&mut dyn FnMut(Obj)>())(o)
                }
            }
            0
        }
        let mut each = each;
        let each: *mut &mut dyn FnMut(Obj) = &raw mut each;
        let ty = (*o).ob_type;
        match ((*ty).tp_flags & type_flags::HAVE_GC != 0, (*ty).tp_traverse) {
            (true, Some(f)) => { f(o, Some(call), each.cast()); }
            _ => if let Some(f) = traverse_of(o) { f(o, Some(call), each.cast()); }
        }
    }
    /// Whether an object of a builtin type is one that CPython's collector knows.
    pub fn is_container(o: Obj) -> bool {
        let flags = (*(*o).ob_type).tp_flags;
        traverse_of(o).is_some() || flags & (type_flags::DICT | type_flags::TYPE) != 0
    }
    /// The function that lets an object drop what it refers to.
    pub fn clear_of(o: Obj) -> Inquiry {
        let ty = (*o).ob_type;
        let flags = (*ty).tp_flags;
        if flags & type_flags::HAVE_GC != 0 && (*ty).tp_traverse.is_some() { return (*ty).tp_clear }
        clear_builtin(o)
    }
    fn clear_builtin(o: Obj) -> Inquiry {
        let ty = (*o).ob_type;
        let flags = (*ty).tp_flags;
        if flags & type_flags::LIST != 0 { return Some(clear_list) }
        if flags & type_flags::BASE_EXC != 0 { return Some(clear_exception) }
        if ty == data::PyCell_Type.get() { return Some(clear_fields) }
        if fresh_dict::is_fresh(o) { return Some(clear_dict) }
        None
    }
    /// Whether the object's finalizer is to be called before it is taken apart.
    pub fn wants_finalizer(o: Obj) -> bool {
        let ty = (*o).ob_type;
        (*ty).tp_flags & type_flags::HAVE_GC != 0 && (*ty).tp_finalize.is_some()
            && !crate::context::context().memory.is_finalized(o.cast())
    }
    fn each_of(items: &[Obj], visit: Visit, arg: *mut c_void) -> c_int {
        let Some(visit) = visit else { return 0 };
        for &item in items {
            if item.is_null() { continue }
            let stop = visit(item, arg);
            if stop != 0 { return stop }
        }
        0
    }
}
/// `tp_traverse` of a builtin type: types that extensions derive call it from their own.
pub fn builtin_traverse(ty: TypeObj) -> unsafe extern "C" fn(Obj, Visit, *mut c_void) -> c_int {
    match is_one_of(ty) {
        true => traverse_any,
        false => traverse_nothing,
    }
}
/// `tp_clear` of a builtin type.
pub fn builtin_clear(ty: TypeObj) -> unsafe extern "C" fn(Obj) -> c_int {
    match is_one_of(ty) {
        true => clear_any,
        false => clear_nothing,
    }
}
fn is_one_of(ty: TypeObj) -> bool {
    // SAFETY: builtin types live for ever; this one is being filled, with its flags written.
    let flags = unsafe { (*ty).tp_flags };
    let by_flag = type_flags::TUPLE | type_flags::LIST | type_flags::BASE_EXC | type_flags::DICT;
    let types = [
        data::PyMethod_Type.get(),
        data::PySlice_Type.get(),
        data::PyCell_Type.get(),
        data::PyCFunction_Type.get(),
        data::PyCMethod_Type.get(),
    ];
    flags & by_flag != 0 || types.contains(&ty)
}

slot_functions! {
    /// Of the types above, for the part of the object that the builtin type knows.
    fn traverse_any(o: Obj, visit: Visit, arg: *mut c_void) -> c_int {
        match traverse_of(o) { Some(f) => f(o, visit, arg), None => 0 }
    }
    /// Of other types.
    fn traverse_nothing(o: Obj, visit: Visit, arg: *mut c_void) -> c_int {
        let _ = (o, visit, arg);
        0
    }
    /// Of the types above, for the part of the object that the builtin type knows.
    fn clear_any(o: Obj) -> c_int {
        match clear_builtin(o) { Some(f) => f(o), None => 0 }
    }
    /// Of other types.
    fn clear_nothing(o: Obj) -> c_int {
        let _ = o;
        0
    }
    /// Of tuple.
    fn traverse_tuple(o: Obj, visit: Visit, arg: *mut c_void) -> c_int { each_of(raw::tuple_items(o), visit, arg) }
    /// Of list.
    fn traverse_list(o: Obj, visit: Visit, arg: *mut c_void) -> c_int { each_of(raw::list_items(o), visit, arg) }
    /// Of slices, methods and cells.
    fn traverse_fields(o: Obj, visit: Visit, arg: *mut c_void) -> c_int { each_of(fields(o), visit, arg) }
    /// Of functions written in C.
    fn traverse_cfunction(o: Obj, visit: Visit, arg: *mut c_void) -> c_int {
        let f: *mut PyCFunctionObject = o.cast();
        each_of(&[(*f).m_self, (*f).m_module], visit, arg)
    }
    /// Of exceptions.
    fn traverse_exception(o: Obj, visit: Visit, arg: *mut c_void) -> c_int {
        each_of(&exception_fields(o).map(|field| *field), visit, arg)
    }
    /// Of dict: what lies on the C side.
    fn traverse_dict(o: Obj, visit: Visit, arg: *mut c_void) -> c_int {
        if !fresh_dict::is_fresh(o) { return 0 }
        for entry in fresh_dict::entries(o).iter() {
            let stop = each_of(&[entry.key, entry.value], visit, arg);
            if stop != 0 { return stop }
        }
        0
    }
    /// Of list.
    fn clear_list(o: Obj) -> c_int {
        crate::list::splice(o, 0, usize::MAX, &[]);
        0
    }
    /// Of cells.
    fn clear_fields(o: Obj) -> c_int {
        for field in fields(o) { raw::replace(field, std::ptr::null_mut()) }
        0
    }
    /// Of exceptions.
    fn clear_exception(o: Obj) -> c_int {
        for field in exception_fields(o) { raw::replace(field, std::ptr::null_mut()) }
        0
    }
    /// Of dict: what lies on the C side.
    fn clear_dict(o: Obj) -> c_int {
        if fresh_dict::is_fresh(o) { fresh_dict::drop_entries(fresh_dict::take_entries(o)) }
        0
    }
}
