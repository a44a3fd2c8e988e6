//! Instances of types that extensions made: objects of the interpreter for structures that come from C, and structures of
//! the right size for objects that come from the interpreter.

use crate::convert::{items_to_gc, long_to_gc};
use crate::state::border;
use crate::types::{class_of_type, foreign_base};
use crate::{buffers, containers};
use ouro_cpyext::abi::*;
use ouro_cpyext::context::Context;
use ouro_cpyext::{api, data, raw};
use ouro_gc::{Gc, Host, LinkKind};
use ouro_py_objects::access::alloc;
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Class, Vm, make_class};

/// Whether an extension made the type, or one that it inherits from.
///
/// # Safety
/// `ty` is a type.
pub unsafe fn is_of_extension(ty: TypeObj) -> bool {
    let mut t = ty;
    while !t.is_null() {
        if !(*t).tp_cache.is_null() {
            return true;
        }
        t = (*t).tp_base;
    }
    false
}
/// The object that stands for a structure which C gave away, if its class wants nothing more and it has no link: then that is
/// the whole of [`proxy`]. The reference is taken.
///
/// # Safety
/// `o` is a reference to an object of the C side, which the caller gives away if the result is not `None`.
#[inline(always)]
pub unsafe fn take_fresh(c: &Context, vm: &'static Vm, o: Obj) -> Option<Gc> {
    let class: *const Class = (*(*o).ob_type).tp_cache.cast_const().cast();
    let class = class.as_ref()?;
    let is_new = || c.memory.is_ours(o as usize) && *c.memory.link(o.cast()) == 0;
    if !class.has(class_flags::ONLY_RAW) || !is_new() {
        return None;
    }
    let native = alloc::<WForeign>(vm)
        .init(WForeign::CLASS, Host::new(class))
        .init(WForeign::RAW, o as i64);
    vm.heap.link(native, o.cast(), LinkKind::Proxy);
    // The link keeps the structure.
    (*o).ob_refcnt -= 1;
    Some(native)
}
/// The object that stands for a structure of C.
///
/// # Safety
/// `o` is an object of the C side that is not linked.
pub unsafe fn proxy(vm: &'static Vm, o: Obj) -> Gc {
    let class = class_of_type(vm, (*o).ob_type);
    let Some(foreign) = foreign_base(class) else {
        // An instance that C made of a class whose instances are the interpreter's: from now on it is its twin.
        let gc = match class.has(class_flags::EXCEPTION) {
            true => exception(vm, class, o),
            false => {
                let content = content(vm, class, o);
                if content.is_null() && is_shell(class, o) {
                    return vm.world().none;
                }
                make_class::new_instance(vm, class, content)
            }
        };
        vm.heap.link(gc, o.cast(), LinkKind::Twin);
        let content = ouro_py_objects::payload(gc);
        if content.is::<WDict>() || content.is::<WSet>() || content.is::<WFrozenSet>() {
            containers::watch(vm, content, o);
        }
        return gc;
    };
    let native = alloc::<WForeign>(vm)
        .init(WForeign::CLASS, Host::new(foreign))
        .init(WForeign::RAW, o as i64);
    if !std::ptr::eq(class, foreign) {
        // What the subclass adds lies in the object: it lives as long as C holds the structure.
        let gc = make_class::new_instance(vm, class, native);
        vm.heap.link(gc, o.cast(), LinkKind::Twin);
        return gc;
    }
    let namespace = own_dict(vm, o);
    if !namespace.is_null() {
        native.set(vm, WForeign::DICT, namespace);
    }
    // What hangs on the object itself must not go before the structure does.
    let more = class_flags::HAS_WEAKREF | class_flags::HAS_DICT;
    let kind = match class.flags.get() & more {
        0 => LinkKind::Proxy,
        _ => LinkKind::Twin,
    };
    vm.heap.link(native, o.cast(), kind);
    native
}
/// Whether the structure was the twin of an object of a builtin class that is gone, and has none of its contents: then a
/// dead cycle is being taken apart, and a destructor looks at a part of it that has no contents any more.
unsafe fn is_shell(class: &'static Class, o: Obj) -> bool {
    let ty = (*o).ob_type;
    let is_builtin = (*ty).tp_cache.is_null() && (*ty).tp_flags & type_flags::HEAP == 0;
    is_builtin && !std::ptr::eq(class, border().vm.world().classes.object)
}
/// The dict in the field that the type names by `tp_dictoffset`, or NULL.
unsafe fn own_dict(vm: &'static Vm, o: Obj) -> Gc {
    let offset = (*(*o).ob_type).tp_dictoffset;
    if offset <= 0 {
        return Gc::NULL;
    }
    let d = *o.cast::<u8>().add(offset as usize).cast::<Obj>();
    match d.is_null() {
        true => Gc::NULL,
        false => crate::convert::to_gc(vm, d),
    }
}
/// The builtin object below an instance, from what its structure holds.
unsafe fn content(vm: &'static Vm, class: &'static Class, o: Obj) -> Gc {
    let flags = (*(*o).ob_type).tp_flags;
    let c = &vm.world().classes;
    if flags & type_flags::LONG != 0 {
        let (negative, digits) = raw::long_parts(o);
        return long_to_gc(vm, negative, digits);
    }
    if flags & type_flags::UNICODE != 0 {
        return ouro_py_objects::str::from_wtf8(vm, &raw::unicode_to_wtf8(o));
    }
    if flags & type_flags::BYTES != 0 {
        return ouro_py_objects::bytes::new(vm, raw::bytes_slice(o));
    }
    if flags & type_flags::TUPLE != 0 {
        let items = items_to_gc(vm, raw::tuple_items(o), false);
        return ouro_py_objects::tuple::new(vm, &items);
    }
    if flags & type_flags::LIST != 0 {
        // The structure has the items.
        return containers::list_over(vm, o);
    }
    if flags & type_flags::DICT != 0 {
        return ouro_py_objects::dict::new(vm);
    }
    if class.is_subclass(c.float) {
        return ouro_py_objects::float::new(vm, raw::float_value(o));
    }
    if class.is_subclass(c.complex) {
        let v = (*o.cast::<PyComplexObject>()).cval;
        return ouro_py_objects::complex::new(vm, v.real, v.imag);
    }
    if class.is_subclass(c.bytearray) {
        return buffers::bytearray_over(vm, o);
    }
    let empty = [c.set, c.frozenset];
    match empty.into_iter().find(|e| class.is_subclass(e)) {
        // An empty one of the builtin class: making it cannot fail.
        Some(e) => ouro_py_objects::call::call_args(vm, e.gc(), &[]).unwrap_or(Gc::NULL),
        None => Gc::NULL,
    }
}
unsafe fn exception(vm: &'static Vm, class: &'static Class, o: Obj) -> Gc {
    let args = (*o.cast::<PyBaseExceptionObject>()).args;
    let args = match args.is_null() {
        true => vm.world().empty_tuple,
        false => crate::convert::to_gc(vm, args),
    };
    let items = ouro_py_objects::Temps::from_slice(vm, ouro_py_objects::tuple::items(args));
    ouro_py_objects::error::new_exception(vm, class, &items)
}
/// A structure of a builtin type becomes one of a type that an extension derived from it: with room for the fields that it
/// adds, from its allocator. NULL with an exception if there is no memory.
///
/// # Safety
/// `o` is the only reference to an object of a builtin type, which `ty` inherits from.
pub unsafe fn fit(o: Obj, ty: TypeObj) -> Obj {
    let builtin = (*o).ob_type;
    let size = (*o.cast::<PyVarObject>()).ob_size;
    let (bytes, fresh) = if (*ty).tp_flags & type_flags::UNICODE != 0 {
        (0, allocate(ty, 0))
    } else if (*builtin).tp_itemsize != 0 {
        // The items follow the head: there are no further fields.
        let n = size.abs();
        let bytes = (*builtin).tp_basicsize + n * (*builtin).tp_itemsize;
        (bytes as usize, allocate(ty, n))
    } else {
        ((*builtin).tp_basicsize as usize, allocate(ty, 0))
    };
    if fresh.is_null() {
        raw::decref(o);
        return fresh;
    }
    if (*ty).tp_flags & type_flags::UNICODE != 0 {
        if !raw::unicode_move(o, fresh) {
            raw::free(fresh);
            raw::decref(o);
            return std::ptr::null_mut();
        }
    } else {
        let head = size_of::<PyObject>();
        let (from, to) = (o.cast::<u8>().add(head), fresh.cast::<u8>().add(head));
        std::ptr::copy_nonoverlapping(from, to, bytes - head);
        // What it referred to belongs to the other one now.
        raw::free(o);
    }
    fresh
}
/// A cleared structure from the type's own allocator.
///
/// # Safety
/// `ty` is a type that is ready.
pub unsafe fn allocate(ty: TypeObj, items: Ssize) -> Obj {
    match (*ty).tp_alloc {
        Some(alloc) => alloc(ty, items),
        None => api::PyType_GenericAlloc(ty, items),
    }
}
/// The twin of an exception of an extension's class holds what C reads in its head.
///
/// # Safety
/// `o` is the new twin of the exception `gc`.
pub unsafe fn fill_exception(vm: &'static Vm, gc: Gc, o: Obj) {
    let head: *mut PyBaseExceptionObject = o.cast();
    (*head).args = crate::convert::to_raw(vm, gc.get(WException::ARGS));
    let _ = data::none();
}
