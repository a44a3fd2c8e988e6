//! Functions of C called by the interpreter: methods by their conventions, slots by their types.

use crate::convert::{result, take, take_error, to_gc, to_raw};
use crate::state::drop_pending;
use crate::types;
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, data, errors, raw};
use ouro_gc::{Gc, Host};
use ouro_py_objects::access::alloc;
use ouro_py_objects::builtin::{ANY, Binding, BuiltinDef, BuiltinFn, Kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm};
use std::ffi::{c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

/// A function or method of C.
pub struct MethodData {
    def: *mut PyMethodDef,
    /// What it is bound to; NULL for methods, which get it as first argument.
    this: Obj,
    class: TypeObj,
    /// Its name in messages.
    name: String,
}
impl MethodData {
    /// Functions are described for ever: there are as many as an extension's tables have.
    ///
    /// # Safety
    /// `def` lives for ever, `this` is a reference that is given away.
    pub unsafe fn leak(
        def: *mut PyMethodDef,
        this: Obj,
        class: TypeObj,
        name: String,
    ) -> &'static MethodData {
        Box::leak(Box::new(MethodData {
            def,
            this,
            class,
            name,
        }))
    }
}
const fn foreign(
    name: &'static str,
    f: fn(&'static Vm, usize, &[Gc], &Kw) -> PyResult,
    word: usize,
) -> BuiltinDef {
    BuiltinDef {
        name,
        doc: "",
        min: 0,
        max: ANY,
        func: BuiltinFn::Foreign(f, word),
        inline: None,
        binding: Binding::Instance,
        keeps_self: true,
        signature: "",
    }
}
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
/// The definition of a method for the namespace of its class, or of a function.
pub fn method_def(data: &'static MethodData) -> BuiltinDef {
    // SAFETY: definitions live for ever.
    unsafe {
        let name = leak(raw::text((*data.def).ml_name));
        let mut def = foreign(name, call_method, std::ptr::from_ref(data) as usize);
        let doc = raw::text((*data.def).ml_doc);
        // `name(signature)\n--\n\ntext`
        match doc.split_once("\n--\n\n") {
            Some((head, text)) if head.starts_with(name) => {
                def.signature = leak(head[name.len()..].to_owned());
                def.doc = leak(text.to_owned());
            }
            _ => def.doc = leak(doc),
        }
        def
    }
}
/// The function object for a `PyCFunctionObject`.
///
/// # Safety
/// `f` is one.
pub unsafe fn function_object(vm: &'static Vm, f: *mut PyCFunctionObject) -> Gc {
    let module = match (*f).m_module.is_null() {
        true => vm.world().none,
        false => to_gc(vm, (*f).m_module),
    };
    let name = raw::text((*(*f).m_ml).ml_name);
    let full = match ouro_py_objects::str::as_str(module) {
        Some(m) => format!("{}.{name}", ouro_py_objects::str::to_text(m)),
        None => name,
    };
    let class = match (*f).ob_base.ob_type == data::PyCMethod_Type.get() {
        true => (*f.cast::<PyCMethodObject>()).mm_class,
        false => std::ptr::null_mut(),
    };
    let this = raw::xincref((*f).m_self);
    let mut def = method_def(MethodData::leak((*f).m_ml, this, class, full));
    def.binding = Binding::Static;
    let def: &'static BuiltinDef = Box::leak(Box::new(def));
    alloc::<WBuiltin>(vm)
        .init(WBuiltin::DEF, Host::new(def))
        .init(WBuiltin::MODULE, module)
}

/// References for C with room before the first one, as the convention of vectorcall allows C to use.
struct Arguments {
    all: smallvec_like::Few,
}
/// A short list on the native stack.
mod smallvec_like {
    use super::{NULL, Obj};
    const INLINE: usize = 9;
    pub struct Few {
        inline: [Obj; INLINE],
        more: Vec<Obj>,
        len: usize,
    }
    impl Few {
        pub fn new() -> Few {
            Few {
                inline: [NULL; INLINE],
                more: Vec::new(),
                len: 1,
            }
        }
        pub fn push(&mut self, o: Obj) {
            if self.len < INLINE {
                self.inline[self.len] = o;
            } else {
                if self.more.is_empty() {
                    self.more.extend_from_slice(&self.inline);
                }
                self.more.push(o);
            }
            self.len += 1;
        }
        pub fn slice(&mut self) -> &mut [Obj] {
            match self.more.is_empty() {
                true => &mut self.inline[1..self.len],
                false => &mut self.more[1..],
            }
        }
    }
}
impl Arguments {
    fn new(vm: &'static Vm, args: &[Gc]) -> Arguments {
        let mut all = smallvec_like::Few::new();
        args.iter().for_each(|&a| all.push(to_raw(vm, a)));
        Arguments { all }
    }
    fn slice(&mut self) -> &mut [Obj] {
        self.all.slice()
    }
}
impl Drop for Arguments {
    fn drop(&mut self) {
        // The originals: C may have used the room before the first one only.
        for &mut o in self.all.slice() {
            // SAFETY: the list owns its references.
            unsafe { raw::xdecref(o) }
        }
    }
}
/// A tuple that nobody else has; its items are given away.
unsafe fn tuple_of(vm: &'static Vm, args: &[Gc]) -> Obj {
    let t = raw::tuple_new(args.len());
    for (i, &a) in args.iter().enumerate() {
        raw::tuple_items(t)[i] = to_raw(vm, a);
    }
    t
}
/// A dict of keyword arguments, or NULL if there are none.
unsafe fn dict_of(vm: &'static Vm, kw: &Kw) -> PyResult<Obj> {
    if kw.is_empty() {
        return Ok(NULL);
    }
    let d = ouro_py_objects::dict::new(vm);
    for (&k, &v) in kw.names.iter().zip(kw.values) {
        ouro_py_objects::dict::set(vm, d, k, v)?;
    }
    Ok(to_raw(vm, d))
}

/// Calls a function or method of C by its convention.
fn call_method(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is the address of data that lives for ever; functions have the types that their flags say.
    unsafe {
        drop_pending(vm);
        let m = &*(word as *const MethodData);
        let flags = (*m.def).ml_flags;
        let f = (*m.def).ml_meth;
        let (this, args) =
            match m.this.is_null() && !m.class.is_null() && flags & method_flags::STATIC == 0 {
                false => (raw::xincref(m.this), args),
                true => {
                    let Some((&first, rest)) = args.split_first() else {
                        return Err(vm.type_error(format_args!(
                            "unbound method {}() needs an argument",
                            m.name
                        )));
                    };
                    (to_raw(vm, first), rest)
                }
            };
        let r = context::call_into_c(|| convention(vm, m, flags, f, this, args, kw));
        let r = match r {
            Ok(o) => result(vm, o, || {
                format!("<built-in function {}>", raw::text((*m.def).ml_name))
            }),
            Err(e) => Err(e),
        };
        raw::xdecref(this);
        r
    }
}
unsafe fn convention(
    vm: &'static Vm,
    m: &MethodData,
    flags: i32,
    f: *mut c_void,
    this: Obj,
    args: &[Gc],
    kw: &Kw,
) -> PyResult<Obj> {
    type F2 = unsafe extern "C" fn(Obj, Obj) -> Obj;
    type F3 = unsafe extern "C" fn(Obj, Obj, Obj) -> Obj;
    type Fast = unsafe extern "C" fn(Obj, *const Obj, Ssize) -> Obj;
    type FastKw = unsafe extern "C" fn(Obj, *const Obj, Ssize, Obj) -> Obj;
    type Method = unsafe extern "C" fn(Obj, TypeObj, *const Obj, usize, Obj) -> Obj;
    let how = flags & method_flags::CONVENTION;
    let plural = |n: usize, text: &str| format!("{}() takes {text} ({n} given)", m.name);
    if !kw.is_empty() && how & method_flags::KEYWORDS == 0 {
        return Err(vm.type_error(format_args!("{}() takes no keyword arguments", m.name)));
    }
    match how {
        method_flags::NOARGS => {
            if !args.is_empty() {
                return Err(vm.type_error(plural(args.len(), "no arguments")));
            }
            let f: F2 = std::mem::transmute(f);
            Ok(f(this, NULL))
        }
        method_flags::O => {
            let &[a] = args else {
                return Err(vm.type_error(plural(args.len(), "exactly one argument")));
            };
            let f: F2 = std::mem::transmute(f);
            let a = to_raw(vm, a);
            let r = f(this, a);
            raw::decref(a);
            Ok(r)
        }
        method_flags::VARARGS => {
            let f: F2 = std::mem::transmute(f);
            let t = tuple_of(vm, args);
            let r = f(this, t);
            raw::decref(t);
            Ok(r)
        }
        _ if how == method_flags::VARARGS | method_flags::KEYWORDS => {
            let f: F3 = std::mem::transmute(f);
            let d = dict_of(vm, kw)?;
            let t = tuple_of(vm, args);
            let r = f(this, t, d);
            raw::decref(t);
            raw::xdecref(d);
            Ok(r)
        }
        method_flags::FASTCALL => {
            let f: Fast = std::mem::transmute(f);
            let mut a = Arguments::new(vm, args);
            let n = args.len() as Ssize;
            Ok(f(this, a.slice().as_ptr(), n))
        }
        _ if how & !method_flags::METHOD == method_flags::FASTCALL | method_flags::KEYWORDS => {
            let mut a = Arguments::new(vm, args);
            kw.values.iter().for_each(|&v| a.all.push(to_raw(vm, v)));
            let names = if kw.is_empty() {
                NULL
            } else {
                tuple_of(vm, kw.names)
            };
            let r = if how & method_flags::METHOD != 0 {
                let f: Method = std::mem::transmute(f);
                f(this, m.class, a.slice().as_ptr(), args.len(), names)
            } else {
                let f: FastKw = std::mem::transmute(f);
                f(this, a.slice().as_ptr(), args.len() as Ssize, names)
            };
            raw::xdecref(names);
            Ok(r)
        }
        _ => Err(vm.system_error(format_args!("{}() method: bad call flags", m.name))),
    }
}

// ---- slots

/// How a slot is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Unary,
    Next,
    Binary,
    Reflected,
    Power,
    Inquiry,
    Length,
    Hash,
    Compare(c_int),
    Call,
    Init,
    Subscript,
    Item,
    AssignSubscript,
    DeleteSubscript,
    AssignItem,
    DeleteItem,
    Contains,
    Repeat,
    GetAttribute,
    GetAttributeText,
    SetAttribute,
    DeleteAttribute,
    DescriptorGet,
    DescriptorSet,
    DescriptorDelete,
}
/// A slot of a type.
struct SlotData {
    f: *mut c_void,
    kind: Kind,
    name: &'static str,
}
/// Methods for the slots that a type fills and its base does not fill in the same way.
///
/// # Safety
/// `ty` is a type whose base is `base`.
pub unsafe fn slot_defs(ty: TypeObj, base: TypeObj) -> Vec<BuiltinDef> {
    let mut defs = Vec::new();
    let mut add = |name: &'static str, f: *mut c_void, kind: Kind| {
        let data: &'static SlotData = Box::leak(Box::new(SlotData { f, kind, name }));
        defs.push(foreign(name, call_slot, std::ptr::from_ref(data) as usize));
    };
    macro_rules! own {
        ($f:ident) => {{
            let mine = (*ty).$f.map_or(std::ptr::null_mut(), |f| f as *mut c_void);
            let inherited = (*base)
                .$f
                .map_or(std::ptr::null_mut(), |f| f as *mut c_void);
            if mine == inherited {
                std::ptr::null_mut()
            } else {
                mine
            }
        }};
    }
    macro_rules! slots { ($($f:ident $kind:expr, $name:literal;)*) => { $({
        let f = own!($f);
        if !f.is_null() { add($name, f, $kind) }
    })* }; }
    slots! {
        tp_repr Kind::Unary, "__repr__"; tp_str Kind::Unary, "__str__"; tp_hash Kind::Hash, "__hash__";
        tp_call Kind::Call, "__call__"; tp_iter Kind::Unary, "__iter__"; tp_iternext Kind::Next, "__next__";
        tp_init Kind::Init, "__init__"; tp_descr_get Kind::DescriptorGet, "__get__";
    }
    for (i, name) in ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"]
        .into_iter()
        .enumerate()
    {
        let f = own!(tp_richcompare);
        if !f.is_null() {
            add(name, f, Kind::Compare(i as c_int));
        }
    }
    let generic = |f: *mut c_void, g: usize| f as usize == g;
    let f = own!(tp_getattro);
    if !f.is_null() && !generic(f, api::PyObject_GenericGetAttr as *const () as usize) {
        add("__getattribute__", f, Kind::GetAttribute);
    } else if f.is_null()
        && (*ty).tp_getattro.is_none()
        && let Some(f) = (*ty).tp_getattr
    {
        add("__getattribute__", f as *mut c_void, Kind::GetAttributeText);
    }
    let f = own!(tp_setattro);
    if !f.is_null() && !generic(f, api::PyObject_GenericSetAttr as *const () as usize) {
        add("__setattr__", f, Kind::SetAttribute);
        add("__delattr__", f, Kind::DeleteAttribute);
    }
    let f = own!(tp_descr_set);
    if !f.is_null() {
        add("__set__", f, Kind::DescriptorSet);
        add("__delete__", f, Kind::DescriptorDelete);
    }
    macro_rules! table { ($table:expr; $($f:ident $kind:expr, $name:literal;)*) => {
        if let Some(t) = $table.as_ref() { $(
            if let Some(f) = t.$f { add($name, f as *mut c_void, $kind) }
        )* }
    }; }
    let number = (*ty).tp_as_number;
    table! { number;
        nb_add Kind::Binary, "__add__"; nb_add Kind::Reflected, "__radd__";
        nb_subtract Kind::Binary, "__sub__"; nb_subtract Kind::Reflected, "__rsub__";
        nb_multiply Kind::Binary, "__mul__"; nb_multiply Kind::Reflected, "__rmul__";
        nb_remainder Kind::Binary, "__mod__"; nb_remainder Kind::Reflected, "__rmod__";
        nb_divmod Kind::Binary, "__divmod__"; nb_divmod Kind::Reflected, "__rdivmod__";
        nb_lshift Kind::Binary, "__lshift__"; nb_lshift Kind::Reflected, "__rlshift__";
        nb_rshift Kind::Binary, "__rshift__"; nb_rshift Kind::Reflected, "__rrshift__";
        nb_and Kind::Binary, "__and__"; nb_and Kind::Reflected, "__rand__";
        nb_xor Kind::Binary, "__xor__"; nb_xor Kind::Reflected, "__rxor__";
        nb_or Kind::Binary, "__or__"; nb_or Kind::Reflected, "__ror__";
        nb_floor_divide Kind::Binary, "__floordiv__"; nb_floor_divide Kind::Reflected, "__rfloordiv__";
        nb_true_divide Kind::Binary, "__truediv__"; nb_true_divide Kind::Reflected, "__rtruediv__";
        nb_matrix_multiply Kind::Binary, "__matmul__"; nb_matrix_multiply Kind::Reflected, "__rmatmul__";
        nb_power Kind::Power, "__pow__";
        nb_inplace_add Kind::Binary, "__iadd__"; nb_inplace_subtract Kind::Binary, "__isub__";
        nb_inplace_multiply Kind::Binary, "__imul__"; nb_inplace_remainder Kind::Binary, "__imod__";
        nb_inplace_lshift Kind::Binary, "__ilshift__"; nb_inplace_rshift Kind::Binary, "__irshift__";
        nb_inplace_and Kind::Binary, "__iand__"; nb_inplace_xor Kind::Binary, "__ixor__"; nb_inplace_or Kind::Binary, "__ior__";
        nb_inplace_floor_divide Kind::Binary, "__ifloordiv__"; nb_inplace_true_divide Kind::Binary, "__itruediv__";
        nb_negative Kind::Unary, "__neg__"; nb_positive Kind::Unary, "__pos__"; nb_absolute Kind::Unary, "__abs__";
        nb_invert Kind::Unary, "__invert__"; nb_bool Kind::Inquiry, "__bool__"; nb_int Kind::Unary, "__int__";
        nb_float Kind::Unary, "__float__"; nb_index Kind::Unary, "__index__";
    }
    let sequence = (*ty).tp_as_sequence;
    let mapping = (*ty).tp_as_mapping;
    let maps = mapping.as_ref().is_some_and(|m| m.mp_subscript.is_some());
    let maps_assign = mapping
        .as_ref()
        .is_some_and(|m| m.mp_ass_subscript.is_some());
    let maps_length = mapping.as_ref().is_some_and(|m| m.mp_length.is_some());
    let adds = number.as_ref().is_some_and(|n| n.nb_add.is_some());
    let multiplies = number.as_ref().is_some_and(|n| n.nb_multiply.is_some());
    table! { mapping;
        mp_length Kind::Length, "__len__"; mp_subscript Kind::Subscript, "__getitem__";
        mp_ass_subscript Kind::AssignSubscript, "__setitem__"; mp_ass_subscript Kind::DeleteSubscript, "__delitem__";
    }
    table! { sequence; sq_contains Kind::Contains, "__contains__"; }
    if !maps_length {
        table! { sequence; sq_length Kind::Length, "__len__"; }
    }
    if !maps {
        table! { sequence; sq_item Kind::Item, "__getitem__"; }
    }
    if !maps_assign {
        table! { sequence; sq_ass_item Kind::AssignItem, "__setitem__"; sq_ass_item Kind::DeleteItem, "__delitem__"; }
    }
    if !adds {
        table! { sequence; sq_concat Kind::Binary, "__add__"; sq_inplace_concat Kind::Binary, "__iadd__"; }
    }
    if !multiplies {
        table! { sequence; sq_repeat Kind::Repeat, "__mul__"; sq_repeat Kind::Repeat, "__rmul__";
        sq_inplace_repeat Kind::Repeat, "__imul__"; }
    }
    defs
}
/// Calls a slot with `self` and what its kind takes.
fn call_slot(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is the address of a slot's data; the kind says the type of its function.
    unsafe {
        drop_pending(vm);
        let s = &*(word as *const SlotData);
        let wants = match s.kind {
            Kind::Unary | Kind::Next | Kind::Inquiry | Kind::Length | Kind::Hash => 1..=1,
            Kind::Call | Kind::Init => 1..=usize::MAX,
            Kind::AssignSubscript | Kind::AssignItem | Kind::SetAttribute | Kind::DescriptorSet => {
                3..=3
            }
            Kind::Power | Kind::DescriptorGet => 2..=3,
            _ => 2..=2,
        };
        if !wants.contains(&args.len()) {
            let (want, got) = (wants.start() - 1, args.len().saturating_sub(1));
            let s = if want == 1 { "" } else { "s" };
            return Err(vm.type_error(format_args!("expected {want} argument{s}, got {got}")));
        }
        if !kw.is_empty() && !matches!(s.kind, Kind::Call | Kind::Init) {
            return Err(vm.type_error(format_args!(
                "wrapper {}() takes no keyword arguments",
                s.name
            )));
        }
        let many = matches!(s.kind, Kind::Call | Kind::Init);
        let mut a = Arguments::new(vm, if many { &args[..1] } else { args });
        context::call_into_c(|| slot(vm, s, a.slice(), args, kw))
    }
}
unsafe fn slot(vm: &'static Vm, s: &SlotData, a: &[Obj], args: &[Gc], kw: &Kw) -> PyResult {
    type Unary = unsafe extern "C" fn(Obj) -> Obj;
    type Binary = unsafe extern "C" fn(Obj, Obj) -> Obj;
    type Ternary = unsafe extern "C" fn(Obj, Obj, Obj) -> Obj;
    type Ints = unsafe extern "C" fn(Obj) -> c_int;
    type Sizes = unsafe extern "C" fn(Obj) -> Ssize;
    type Compare = unsafe extern "C" fn(Obj, Obj, c_int) -> Obj;
    type Item = unsafe extern "C" fn(Obj, Ssize) -> Obj;
    type Store = unsafe extern "C" fn(Obj, Obj, Obj) -> c_int;
    type StoreItem = unsafe extern "C" fn(Obj, Ssize, Obj) -> c_int;
    type Test = unsafe extern "C" fn(Obj, Obj) -> c_int;
    type ByText = unsafe extern "C" fn(Obj, *mut std::ffi::c_char) -> Obj;
    let f = s.f;
    let object = |o: Obj| result(vm, o, || s.name.to_owned());
    let int = |v: i64| match v == -1 && errors::occurred() {
        true => Err(take_error(vm)),
        false => Ok(v),
    };
    let unit = |v: c_int| match v < 0 {
        true => Err(take_error(vm)),
        false => Ok(vm.world().none),
    };
    match s.kind {
        Kind::Unary => object(std::mem::transmute::<_, Unary>(f)(a[0])),
        Kind::Next => {
            let o = std::mem::transmute::<_, Unary>(f)(a[0]);
            if o.is_null() && !errors::occurred() {
                return Err(vm.stop_iteration(Gc::NULL));
            }
            object(o)
        }
        Kind::Binary => object(std::mem::transmute::<_, Binary>(f)(a[0], a[1])),
        Kind::Reflected => object(std::mem::transmute::<_, Binary>(f)(a[1], a[0])),
        Kind::Power => object(std::mem::transmute::<_, Ternary>(f)(
            a[0],
            a[1],
            a.get(2).copied().unwrap_or(data::none()),
        )),
        Kind::Inquiry => Ok(vm
            .world()
            .bool(int(std::mem::transmute::<_, Ints>(f)(a[0]) as i64)? != 0)),
        Kind::Length | Kind::Hash => {
            let v = int(std::mem::transmute::<_, Sizes>(f)(a[0]) as i64)?;
            Ok(ouro_py_objects::int::new(vm, v))
        }
        Kind::Compare(op) => object(std::mem::transmute::<_, Compare>(f)(a[0], a[1], op)),
        Kind::Call | Kind::Init => {
            let d = dict_of(vm, kw)?;
            let t = tuple_of(vm, &args[1..]);
            let r = match s.kind {
                Kind::Call => object(std::mem::transmute::<_, Ternary>(f)(a[0], t, d)),
                _ => unit(std::mem::transmute::<_, Store>(f)(a[0], t, d)),
            };
            raw::decref(t);
            raw::xdecref(d);
            r
        }
        Kind::Subscript => object(std::mem::transmute::<_, Binary>(f)(a[0], a[1])),
        Kind::Item | Kind::Repeat => {
            let i = api::PyNumber_AsSsize_t(a[1], *data::PyExc_IndexError.get());
            int(i as i64)?;
            object(std::mem::transmute::<_, Item>(f)(
                a[0],
                from_end(a[0], i, s.kind == Kind::Item),
            ))
        }
        Kind::AssignSubscript | Kind::SetAttribute | Kind::DescriptorSet => {
            unit(std::mem::transmute::<_, Store>(f)(a[0], a[1], a[2]))
        }
        Kind::DeleteSubscript | Kind::DeleteAttribute | Kind::DescriptorDelete => {
            unit(std::mem::transmute::<_, Store>(f)(a[0], a[1], NULL))
        }
        Kind::AssignItem | Kind::DeleteItem => {
            let i = api::PyNumber_AsSsize_t(a[1], *data::PyExc_IndexError.get());
            int(i as i64)?;
            let value = a.get(2).copied().unwrap_or(NULL);
            unit(std::mem::transmute::<_, StoreItem>(f)(
                a[0],
                from_end(a[0], i, true),
                value,
            ))
        }
        Kind::Contains => Ok(vm
            .world()
            .bool(int(std::mem::transmute::<_, Test>(f)(a[0], a[1]) as i64)? != 0)),
        Kind::GetAttribute => object(std::mem::transmute::<_, Binary>(f)(a[0], a[1])),
        Kind::GetAttributeText => {
            let name = api::PyUnicode_AsUTF8(a[1]);
            if name.is_null() {
                return Err(take_error(vm));
            }
            object(std::mem::transmute::<_, ByText>(f)(a[0], name.cast_mut()))
        }
        Kind::DescriptorGet => {
            let none = data::none();
            let or_null = |o: Obj| if o == none { NULL } else { o };
            object(std::mem::transmute::<_, Ternary>(f)(
                a[0],
                or_null(a[1]),
                or_null(a.get(2).copied().unwrap_or(none)),
            ))
        }
    }
}
/// A negative index counts from the end, if the type has a length.
unsafe fn from_end(o: Obj, i: Ssize, wanted: bool) -> Ssize {
    if i >= 0 || !wanted {
        return i;
    }
    let sequence = (*(*o).ob_type).tp_as_sequence;
    match sequence.as_ref().and_then(|s| s.sq_length) {
        Some(length) => i + length(o),
        None => i,
    }
}

// ---- making instances

/// `__new__` of a type.
pub fn new_def(ty: TypeObj) -> BuiltinDef {
    let mut def = foreign("__new__", call_new, ty as usize);
    def.binding = Binding::Static;
    def
}
fn call_new(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is a type, which lives for ever.
    unsafe {
        drop_pending(vm);
        let ty = word as TypeObj;
        let Some(class) = args
            .first()
            .copied()
            .and_then(ouro_py_objects::make_class::class_of)
        else {
            return Err(vm.type_error(format_args!(
                "{}.__new__(X): X is not a type object",
                raw::name_of(ty)
            )));
        };
        let wanted = types::type_of_class(vm, class);
        if !class.is_subclass(types::class_of_type(vm, ty)) {
            let (a, b) = (raw::name_of(ty), class.text());
            return Err(vm.type_error(format_args!(
                "{a}.__new__({b}): {b} is not a subtype of {a}"
            )));
        }
        let Some(new) = (*ty).tp_new else {
            return Err(vm.type_error(format_args!(
                "cannot create '{}' instances",
                raw::name_of(ty)
            )));
        };
        let d = dict_of(vm, kw)?;
        let t = tuple_of(vm, &args[1..]);
        let o = context::call_into_c(|| new(wanted, t, d));
        raw::decref(t);
        raw::xdecref(d);
        result(vm, o, || format!("{}.__new__", raw::name_of(ty)))
    }
}

// ---- attributes

/// A member or computed attribute of a type.
struct AttributeData<T> {
    def: *mut T,
    class: &'static ouro_py_objects::Class,
    name: String,
}
fn attribute_data<T>(def: *mut T, class: &'static ouro_py_objects::Class, name: String) -> usize {
    std::ptr::from_ref(Box::leak(Box::new(AttributeData { def, class, name }))) as usize
}
/// Only instances of the type have the field.
fn check_owner<T>(vm: &'static Vm, data: &AttributeData<T>, args: &[Gc]) -> PyResult<()> {
    let fits = args
        .first()
        .is_some_and(|&o| ouro_py_objects::type_of(vm, o).is_subclass(data.class));
    if fits {
        return Ok(());
    }
    let got = args
        .first()
        .map_or_else(String::new, |&o| ouro_py_objects::type_of(vm, o).text());
    Err(vm.type_error(format_args!(
        "descriptor '{}' for '{}' objects doesn't apply to a '{got}' object",
        data.name,
        data.class.text()
    )))
}

/// A function that reads a field.
pub fn member_getter(
    m: *mut PyMemberDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    foreign(
        "__get__",
        |vm, word, args, _| unsafe {
            // SAFETY: the word is a definition, which lives for ever.
            let data = &*(word as *const AttributeData<PyMemberDef>);
            check_owner(vm, data, args)?;
            let m = &*data.def;
            let o = to_raw(vm, args[0]);
            let r = api::member_get(o, m);
            let r = match r.is_null() {
                true => Err(take_error(vm)),
                false => Ok(take(vm, r)),
            };
            raw::decref(o);
            r
        },
        attribute_data(m, class, name),
    )
}
/// A function that writes a field.
pub fn member_setter(
    m: *mut PyMemberDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    foreign(
        "__set__",
        |vm, word, args, _| unsafe {
            // SAFETY: as above.
            let data = &*(word as *const AttributeData<PyMemberDef>);
            check_owner(vm, data, args)?;
            let m = &*data.def;
            let (o, v) = (to_raw(vm, args[0]), to_raw(vm, args[1]));
            let r = api::member_set(o, m, v);
            raw::decref(o);
            raw::decref(v);
            if r < 0 {
                Err(take_error(vm))
            } else {
                Ok(vm.world().none)
            }
        },
        attribute_data(m, class, name),
    )
}
/// A function that computes an attribute.
pub fn getset_getter(
    g: *mut PyGetSetDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    foreign(
        "__get__",
        |vm, word, args, _| unsafe {
            // SAFETY: as above; it has a getter.
            let data = &*(word as *const AttributeData<PyGetSetDef>);
            check_owner(vm, data, args)?;
            let g = &*data.def;
            let o = to_raw(vm, args[0]);
            let r = context::call_into_c(|| {
                (g.get.expect("checked when the type was made"))(o, g.closure)
            });
            let r = result(vm, r, || raw::text(g.name));
            raw::decref(o);
            r
        },
        attribute_data(g, class, name),
    )
}
/// A function that takes an attribute.
pub fn getset_setter(
    g: *mut PyGetSetDef,
    class: &'static ouro_py_objects::Class,
    name: String,
) -> BuiltinDef {
    foreign(
        "__set__",
        |vm, word, args, _| unsafe {
            // SAFETY: as above.
            let data = &*(word as *const AttributeData<PyGetSetDef>);
            check_owner(vm, data, args)?;
            let g = &*data.def;
            let Some(set) = g.set else {
                let (name, class) = (
                    raw::text(g.name),
                    ouro_py_objects::type_of(vm, args[0]).text(),
                );
                return Err(vm.attribute_error(format_args!(
                    "attribute '{name}' of '{class}' objects is not writable"
                )));
            };
            let (o, v) = (to_raw(vm, args[0]), to_raw(vm, args[1]));
            let r = context::call_into_c(|| set(o, v, g.closure));
            raw::decref(o);
            raw::decref(v);
            if r < 0 {
                Err(take_error(vm))
            } else {
                Ok(vm.world().none)
            }
        },
        attribute_data(g, class, name),
    )
}
