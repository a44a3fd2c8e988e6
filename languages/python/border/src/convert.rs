//! An object of one side as one of the other.

use crate::buffers;
use crate::containers;
use crate::state::linked;
use crate::types;
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, data, errors, raw};
use ouro_gc::pairing::LIGHT_BIAS;
use ouro_gc::{Gc, LinkKind};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Temps, Vm, type_of};

/// A new reference to an object of the interpreter for C.
pub fn to_raw(vm: &'static Vm, gc: Gc) -> Obj {
    // SAFETY: the functions of `raw` make objects of the layouts that the fields below belong to.
    unsafe {
        let world = vm.world();
        if gc.is::<WInt>() {
            return raw::long_from_i64(gc.get(WInt::VALUE));
        }
        if gc.is::<WFloat>() {
            return raw::float_new(gc.get(WFloat::VALUE));
        }
        if gc == world.none {
            return raw::incref(data::none());
        }
        if gc.is::<WBool>() {
            return raw::incref(data::bool_(gc.get(WBool::VALUE) != 0));
        }
        if gc.is::<WBigInt>() || gc.is::<WComplex>() {
            // Those that a container lent or got have a twin.
            if let Some(twin) = vm.heap.raw_of(gc) {
                return raw::incref(twin.cast());
            }
            if gc.is::<WBigInt>() {
                return big_to_raw(gc);
            }
            return api::PyComplex_FromDoubles(gc.get(WComplex::REAL), gc.get(WComplex::IMAG));
        }
        if gc.is::<WForeign>() {
            return raw::incref(gc.get(WForeign::RAW) as Obj);
        }
        if let Some(twin) = vm.heap.raw_of(gc) {
            let o: Obj = twin.cast();
            if gc.is::<WInst>() {
                let content = ouro_py_objects::payload(gc);
                if content.is::<WSet>() {
                    containers::contents_changed(vm, content, o as i64);
                }
            }
            return raw::incref(o);
        }
        if gc.is::<WList>()
            && let Some(items) = ouro_py_objects::outside::raw_items(gc)
        {
            // The list below an instance of a subclass, whose structure has the items.
            return raw::incref(items as Obj);
        }
        if gc.is::<WClass>() {
            let class = gc.get(WClass::CLASS).expect();
            return raw::incref(types::type_of_class(vm, class).cast());
        }
        if gc == world.ellipsis {
            return raw::incref(data::_Py_EllipsisObject.get().cast());
        }
        if gc == world.not_implemented {
            return raw::incref(data::_Py_NotImplementedStruct.get().cast());
        }
        let ty = types::type_of_class(vm, type_of(vm, gc));
        make_twin(vm, gc, ty)
    }
}

/// Makes the twin of an object that has none.
unsafe fn make_twin(vm: &'static Vm, gc: Gc, ty: TypeObj) -> Obj {
    let content = ouro_py_objects::payload(gc);
    let exact = content == gc;
    if content.is::<WList>() {
        return list_twin(vm, gc, content, ty);
    }
    if content.is::<WByteArray>() {
        return buffers::bytearray_twin(vm, gc, content, ty);
    }
    if content.is::<WTuple>() {
        return tuple_twin(vm, gc, content, ty);
    }
    let mut kind = LinkKind::LightTwin;
    let o = if content.is::<WStr>() {
        let o = raw::unicode_from_wtf8(ouro_py_objects::str::bytes(content));
        if !o.is_null() && (*o).ob_refcnt > 1 && exact {
            // One of the strs that always exist.
            return o;
        }
        if !o.is_null() {
            let hash = content.get(WStr::HASH);
            (*o.cast::<PyASCIIObject>()).hash = if hash == 0 { -1 } else { hash as Ssize };
        }
        o
    } else if content.is::<WBytes>() {
        raw::bytes_from(content.items(&BYTES))
    } else if content.is::<WMemoryView>() {
        kind = LinkKind::Twin;
        buffers::memoryview_twin(vm, content)
    } else if content.is::<WInt>() && !exact {
        let v = content.get(WInt::VALUE);
        let digits = [
            v.unsigned_abs() as u32 & 0x3fff_ffff,
            (v.unsigned_abs() >> 30) as u32 & 0x3fff_ffff,
            (v.unsigned_abs() >> 60) as u32,
        ];
        let n = 3 - digits.iter().rev().take_while(|&&d| d == 0).count();
        raw::long_from_digits(v < 0, &digits[..n])
    } else if content.is::<WFloat>() && !exact {
        raw::float_new(content.get(WFloat::VALUE))
    } else if content.is::<WSlice>() {
        kind = LinkKind::Twin;
        let parts = [WSlice::START, WSlice::STOP, WSlice::STEP].map(|f| to_raw(vm, content.get(f)));
        let o = api::PySlice_New(parts[0], parts[1], parts[2]);
        parts.iter().for_each(|&p| raw::decref(p));
        o
    } else if content.is::<WMethod>() {
        kind = LinkKind::Twin;
        let (f, this) = (
            to_raw(vm, content.get(WMethod::FUNC)),
            to_raw(vm, content.get(WMethod::SELF)),
        );
        let o = api::PyMethod_New(f, this);
        raw::decref(f);
        raw::decref(this);
        o
    } else {
        let least = match () {
            _ if content.is::<WModule>() => api::MODULE_BYTES,
            _ if content.is::<WException>() => 80,
            _ if content.is::<WDict>() => size_of::<PyDictObject>(),
            _ => size_of::<PyObject>(),
        };
        let bytes = least.max((*ty).tp_basicsize as usize);
        let o = raw::new_object(ty, bytes);
        if !o.is_null() {
            fill_fields(vm, content, o, &mut kind);
        }
        o
    };
    if o.is_null() {
        return o;
    }
    let mut o = o;
    let shared = (*o).ob_refcnt > 1 && (*o).ob_type != ty;
    if shared || types::instances::is_of_extension(ty) {
        // The type's destructor wants to be told.
        kind = LinkKind::Twin;
        if (*o).ob_type != ty {
            o = types::instances::fit(o, ty);
            if o.is_null() {
                return o;
            }
        }
        if content.is::<WException>() {
            types::instances::fill_exception(vm, content, o);
        }
    }
    (*o).ob_type = ty;
    if let Some(twin) = vm.heap.raw_of(gc) {
        // The object holds another that leads back to it, and so got its twin meanwhile.
        raw::decref(o);
        return raw::incref(twin.cast());
    }
    vm.heap.link(gc, o.cast(), kind);
    if content.is::<WDict>() || content.is::<WSet>() || content.is::<WFrozenSet>() {
        containers::watch(vm, content, o);
    }
    o
}
unsafe fn fill_fields(vm: &'static Vm, content: Gc, o: Obj, kind: &mut LinkKind) {
    if content.is::<WException>() {
        *kind = LinkKind::Twin;
        let class = type_of(vm, content);
        if class.is_subclass(vm.world().classes.stop_iteration) {
            let value = ouro_py_objects::exception::field(content, 0);
            if !value.is_null() {
                (*o.cast::<PyStopIterationObject>()).value = to_raw(vm, value);
            }
        }
    } else if content.is::<WModule>() {
        // Its state is on the C side and has to be given back there.
        *kind = LinkKind::Twin;
    }
}
// Lists and tuples are linked before their items cross, since they may be among them.
unsafe fn list_twin(vm: &'static Vm, gc: Gc, content: Gc, ty: TypeObj) -> Obj {
    let bytes = (*ty).tp_basicsize.max(size_of::<PyListObject>() as Ssize);
    let o = match types::instances::is_of_extension(ty) {
        true => types::instances::allocate(ty, 0),
        false => raw::new_object(ty, bytes as usize),
    };
    if !o.is_null() {
        vm.heap.link(gc, o.cast(), LinkKind::Twin);
        containers::share_list(vm, content, o);
    }
    o
}
unsafe fn tuple_twin(vm: &'static Vm, gc: Gc, content: Gc, ty: TypeObj) -> Obj {
    let n = content.items_len::<WTuple>();
    let bytes = ((*ty).tp_basicsize as usize).max(24) + 8 * n.max(1);
    let o = match types::instances::is_of_extension(ty) {
        true => types::instances::allocate(ty, n as Ssize),
        false => raw::new_object(ty, bytes),
    };
    if o.is_null() {
        return o;
    }
    (*o.cast::<PyVarObject>()).ob_size = n as Ssize;
    vm.heap.link(gc, o.cast(), LinkKind::Twin);
    for i in 0..n {
        let item = to_raw(vm, content.item(&TUPLE, i));
        raw::tuple_items(o)[i] = item;
    }
    o
}
unsafe fn big_to_raw(gc: Gc) -> Obj {
    let mut digits = Vec::new();
    let (mut acc, mut bits) = (0u128, 0);
    for &limb in gc.items(&BIGINT) {
        acc |= u128::from(limb) << bits;
        bits += 64;
        while bits >= 30 {
            digits.push(acc as u32 & 0x3fff_ffff);
            acc >>= 30;
            bits -= 30;
        }
    }
    digits.push(acc as u32);
    while digits.last() == Some(&0) {
        digits.pop();
    }
    raw::long_from_digits(gc.get(WBigInt::NEGATIVE) != 0, &digits)
}
/// The object of the interpreter for a borrowed reference of C.
///
/// # Safety
/// `o` is an object of the C side, not NULL.
pub unsafe fn to_gc(vm: &'static Vm, o: Obj) -> Gc {
    convert(vm, o, false)
}
/// As [`to_gc`] for a reference that C gave away.
///
/// # Safety
/// As for [`to_gc`].
pub unsafe fn take(vm: &'static Vm, o: Obj) -> Gc {
    let gc = convert(vm, o, true);
    raw::decref(o);
    gc
}
/// Takes a list or tuple that only the caller knows, as functions of C return them.
///
/// # Safety
/// `o` is one of the exact types, with one reference, which the caller gives away, and without a link.
pub unsafe fn take_sequence(vm: &'static Vm, o: Obj) -> Gc {
    let gc = match (*o).ob_type == data::PyList_Type.get() {
        true => with_items(vm, raw::list_items(o), true, |items| {
            ouro_py_objects::list::new(vm, items)
        }),
        false => with_items(vm, raw::tuple_items(o), true, |items| {
            ouro_py_objects::tuple::new(vm, items)
        }),
    };
    raw::decref(o);
    gc
}
/// `owned`: nobody else will look at the object on the C side, if the caller's reference is the only one.
pub(crate) unsafe fn convert(vm: &'static Vm, o: Obj, owned: bool) -> Gc {
    let world = vm.world();
    let ty = (*o).ob_type;
    if ty == data::PyLong_Type.get() {
        let (negative, digits) = raw::long_parts(o);
        return match digits.len() {
            0 => ouro_py_objects::int::new(vm, 0),
            1 => ouro_py_objects::int::new(
                vm,
                if negative {
                    -(digits[0] as i64)
                } else {
                    digits[0] as i64
                },
            ),
            _ => long_to_gc(vm, negative, digits),
        };
    }
    if ty == data::PyFloat_Type.get() {
        return ouro_py_objects::float::new(vm, raw::float_value(o));
    }
    if o == data::none() {
        return world.none;
    }
    if ty == data::PyBool_Type.get() {
        return world.bool(o == data::bool_(true));
    }
    if let Some(gc) = linked(vm, o) {
        if owned && gc.is::<WDict>() && (*o).ob_refcnt == LIGHT_BIAS + 1 {
            containers::let_go_of_kept(o);
        }
        return gc;
    }
    let flags = (*ty).tp_flags;
    let owned = owned && (*o).ob_refcnt == 1;
    // What C keeps is likely to come again.
    let keeps = (*o).ob_refcnt > 1 && (*o).ob_refcnt < raw::IMMORTAL / 2;
    if ty == data::PyUnicode_Type.get() {
        let gc = match raw::unicode_is_ascii(o) {
            true => ascii_to_gc(vm, o),
            false => ouro_py_objects::str::from_wtf8(vm, &raw::unicode_to_wtf8(o)),
        };
        if keeps && raw::unicode_len(o) > 1 && vm.heap.raw_of(gc).is_none() {
            vm.heap.link(gc, o.cast(), LinkKind::LightTwin);
        }
        return gc;
    }
    if ty == data::PyBytes_Type.get() {
        let gc = ouro_py_objects::bytes::new(vm, raw::bytes_slice(o));
        if keeps && raw::bytes_slice(o).len() > 1 && vm.heap.raw_of(gc).is_none() {
            vm.heap.link(gc, o.cast(), LinkKind::LightTwin);
        }
        return gc;
    }
    if ty == data::PyTuple_Type.get() {
        let gc = with_items(vm, raw::tuple_items(o), owned, |items| {
            ouro_py_objects::tuple::new(vm, items)
        });
        let items = raw::tuple_items(o);
        let whole = items.iter().all(|item| !item.is_null());
        // Converting the items may have linked the tuple, if it is among what they hold.
        if keeps && whole && !items.is_empty() && linked(vm, o).is_none() {
            vm.heap.link(gc, o.cast(), LinkKind::Twin);
        }
        return gc;
    }
    if ty == data::PyList_Type.get() {
        if !owned {
            return containers::adopt_list(vm, o);
        }
        return with_items(vm, raw::list_items(o), owned, |items| {
            ouro_py_objects::list::new(vm, items)
        });
    }
    if ty == data::PyDict_Type.get() {
        return containers::adopt_dict(vm, o, owned);
    }
    if ty == data::PyByteArray_Type.get() {
        return buffers::adopt_bytearray(vm, o);
    }
    if flags & type_flags::TYPE != 0 {
        return types::class_of_type(vm, o.cast()).gc();
    }
    if ty == data::PyComplex_Type.get() {
        let v = (*o.cast::<PyComplexObject>()).cval;
        return ouro_py_objects::complex::new(vm, v.real, v.imag);
    }
    if o == data::_Py_EllipsisObject.get().cast() {
        return world.ellipsis;
    }
    if o == data::_Py_NotImplementedStruct.get().cast() {
        return world.not_implemented;
    }
    if ty == data::PyCFunction_Type.get() || ty == data::PyCMethod_Type.get() {
        let gc = crate::call::function_object(vm, o.cast());
        vm.heap.link(gc, o.cast(), LinkKind::Twin);
        return gc;
    }
    if ty == data::PySlice_Type.get() {
        let s: *mut PySliceObject = o.cast();
        let (a, b, c) = (
            to_gc(vm, (*s).start),
            to_gc(vm, (*s).stop),
            to_gc(vm, (*s).step),
        );
        return ouro_py_objects::slice::new(vm, a, b, c);
    }
    if ty == data::PyMethod_Type.get() {
        let m: *mut PyMethodObject = o.cast();
        let (f, this) = (to_gc(vm, (*m).im_func), to_gc(vm, (*m).im_self));
        return ouro_py_objects::descriptor::new_method(vm, f, this);
    }
    types::proxy(vm, o)
}
/// A str for one of ASCII characters, with its hash if that is known.
unsafe fn ascii_to_gc(vm: &'static Vm, o: Obj) -> Gc {
    let text = std::slice::from_raw_parts(raw::unicode_data(o), raw::unicode_len(o));
    let hash = match (*o.cast::<PyASCIIObject>()).hash {
        -1 => 0,
        hash => hash as i64,
    };
    ouro_py_objects::str::from_ascii(vm, text, hash)
}
/// Items for `use_them`, which keeps none. A few lie on the native stack, where the collector sees them. An item that C has
/// not filled in is None.
pub(crate) unsafe fn with_items<T>(
    vm: &'static Vm,
    items: &[Obj],
    owned: bool,
    use_them: impl FnOnce(&[Gc]) -> T,
) -> T {
    let mut few = [Gc::NULL; 8];
    let Some(all) = few.get_mut(..items.len()) else {
        return use_them(&items_to_gc(vm, items, owned));
    };
    for (gc, &item) in all.iter_mut().zip(items) {
        *gc = if item.is_null() || item == data::none() {
            vm.world().none
        } else if (*item).ob_type == data::PyLong_Type.get()
            && let Some(value) = ouro_cpyext::values::int_value(item)
        {
            ouro_py_objects::int::new(vm, value)
        } else if owned
            && (*item).ob_type == data::PyUnicode_Type.get()
            && raw::unicode_is_ascii(item)
            && ((*item).ob_refcnt == 1 || raw::unicode_len(item) < 2)
            && linked(vm, item).is_none()
        {
            ascii_to_gc(vm, item)
        } else {
            convert(vm, item, owned)
        };
    }
    use_them(all)
}
pub(crate) unsafe fn items_to_gc(vm: &'static Vm, items: &[Obj], owned: bool) -> Temps {
    let mut all = Temps::new(vm);
    for &item in items {
        // An item that C has not filled in yet.
        all.push(match item.is_null() {
            true => vm.world().none,
            false => convert(vm, item, owned),
        });
    }
    all
}
pub(crate) fn long_to_gc(vm: &'static Vm, negative: bool, digits: &[u32]) -> Gc {
    if digits.len() <= 4 {
        let v = digits.iter().rev().fold(0i128, |v, &d| v << 30 | d as i128);
        return ouro_py_objects::int::from_i128(vm, if negative { -v } else { v });
    }
    let mut limbs = Vec::with_capacity(digits.len() / 2 + 1);
    let (mut acc, mut bits) = (0u128, 0);
    for &d in digits {
        acc |= (d as u128) << bits;
        bits += 30;
        if bits >= 64 {
            limbs.push(acc as u64);
            acc >>= 64;
            bits -= 64;
        }
    }
    limbs.push(acc as u64);
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
    let gc = ouro_py_objects::access::alloc_var::<WBigInt>(vm, limbs.len());
    gc.init(WBigInt::NEGATIVE, negative as i64);
    gc.items_mut(&BIGINT).copy_from_slice(&limbs);
    gc
}
/// Makes an exception of the interpreter the current one of C.
pub fn set_error(vm: &'static Vm, e: Gc) {
    let value = to_raw(vm, e);
    // SAFETY: an exception's twin is an object whose type is one of exceptions.
    unsafe {
        if value.is_null() {
            return errors::no_memory();
        }
        errors::set((*value).ob_type.cast(), value);
    }
}
/// Takes the current exception of C.
pub fn take_error(vm: &'static Vm) -> Gc {
    // SAFETY: the thread's state holds references or NULL.
    unsafe {
        let (mut ty, mut value, mut traceback) = errors::fetch();
        if ty.is_null() {
            return vm.system_error("an error was reported without an exception set");
        }
        errors::normalize(&mut ty, &mut value, &mut traceback);
        let e = to_gc(vm, value);
        let head: *mut PyBaseExceptionObject = value.cast();
        if e.is::<WException>() && raw::has(value, type_flags::BASE_EXC) {
            for (field, to) in [
                ((*head).cause, WException::CAUSE),
                ((*head).context, WException::CONTEXT),
            ] {
                if !field.is_null() && field != data::none() {
                    let other = to_gc(vm, field);
                    e.set(vm, to, other);
                }
            }
            if (*head).suppress_context != 0 {
                e.set(vm, WException::SUPPRESS, 1);
            }
        }
        raw::xdecref(ty);
        raw::xdecref(value);
        raw::xdecref(traceback);
        match e.is::<WException>() {
            true => e,
            false => vm.system_error("the exception that was set is no exception"),
        }
    }
}
/// What a function of C that returns an object gave.
///
/// # Safety
/// `o` is NULL or a reference that C gave away.
pub unsafe fn result(vm: &'static Vm, o: Obj, what: impl Fn() -> String) -> PyResult {
    if o.is_null() {
        if !errors::occurred() {
            return Err(vm.system_error(format_args!(
                "{} returned NULL without setting an exception",
                what()
            )));
        }
        return Err(take_error(vm));
    }
    let gc = take(vm, o);
    if errors::occurred() {
        let cause = take_error(vm);
        let e = vm.system_error(format_args!(
            "{} returned a result with an exception set",
            what()
        ));
        e.set(vm, WException::CAUSE, cause);
        return Err(e);
    }
    Ok(gc)
}
