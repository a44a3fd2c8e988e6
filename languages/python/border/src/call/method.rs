//! Functions and methods of C, by the conventions that their flags name.

use super::arguments::{Arguments, dict_of, tuple_of, with_dict};
use super::direct::{self, Leaf, Outcome};
use super::foreign;
use crate::convert::{result, to_gc, to_raw};
use ouro_cpyext::abi::*;
use ouro_cpyext::{context, data, raw};
use ouro_gc::{Gc, Host};
use ouro_py_objects::access::alloc;
use ouro_py_objects::builtin::{Binding, BuiltinDef, Foreign, Kw};
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
    /// `def.ml_meth`, which never changes.
    f: *mut c_void,
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
            f: (*def).ml_meth,
        }))
    }
    /// Whether the first argument is the object that the function is a method of.
    unsafe fn takes_self(&self) -> bool {
        self.this.is_null()
            && !self.class.is_null()
            && (*self.def).ml_flags & method_flags::STATIC == 0
    }
    /// How it is called: by its convention, decided once.
    unsafe fn way(&self) -> &'static Foreign {
        let how = (*self.def).ml_flags & method_flags::CONVENTION;
        let takes_self = self.takes_self();
        macro_rules! table {
            ($convention:ident) => {
                table!($convention, table)
            };
            ($convention:ident, $table:ident) => {
                match takes_self {
                    true => direct::$table::<Convention<{ $convention }, true>>(),
                    false => direct::$table::<Convention<{ $convention }, false>>(),
                }
            };
        }
        const KEYWORDS: c_int = method_flags::KEYWORDS;
        let key = (how as usize) << 1 | takes_self as usize;
        crate::state::border().ways.get(key, call_method, || {
            if how == method_flags::NOARGS {
                table!(NOARGS)
            } else if how == method_flags::O {
                table!(ONE)
            } else if how == method_flags::VARARGS {
                table!(TUPLE)
            } else if how == method_flags::VARARGS | KEYWORDS {
                table!(TUPLE, table_with_names)
            } else if how == method_flags::FASTCALL {
                table!(ARRAY)
            } else if how == method_flags::FASTCALL | KEYWORDS {
                table!(ARRAY, table_with_names)
            } else {
                direct::Tables::none()
            }
        })
    }
}
const NOARGS: u8 = 0;
const ONE: u8 = 1;
const TUPLE: u8 = 2;
const ARRAY: u8 = 3;
/// Direct calls by a convention. Without keywords the conventions with and without them pass the same words, but for a last
/// one of NULL, which a function that does not know it never looks at.
struct Convention<const HOW: u8, const SELF: bool>;
impl<const HOW: u8, const SELF: bool> Leaf for Convention<HOW, SELF> {
    fn takes(n: usize) -> bool {
        match (HOW, n.checked_sub(SELF as usize)) {
            (_, None) => false,
            (NOARGS, Some(n)) => n == 0,
            (ONE, Some(n)) => n == 1,
            _ => true,
        }
    }
    unsafe fn name(word: usize) -> String {
        let m = &*(word as *const MethodData);
        format!("<built-in function {}>", raw::text((*m.def).ml_name))
    }
    #[inline(always)]
    unsafe fn call(_: &'static Vm, word: usize, args: &[Obj]) -> Outcome {
        let m = &*(word as *const MethodData);
        let (this, args) = receiver::<SELF>(m, args);
        Outcome::Reference(match HOW {
            NOARGS => std::mem::transmute::<_, F3>(m.f)(this, NULL, NULL),
            ONE => std::mem::transmute::<_, F3>(m.f)(this, args[0], NULL),
            TUPLE => {
                let tuple = raw::tuple_from(args);
                if tuple.is_null() {
                    return Outcome::Reference(NULL);
                }
                let o = std::mem::transmute::<_, F3>(m.f)(this, tuple, NULL);
                raw::decref(tuple);
                o
            }
            _ => {
                let n = args.len() as Ssize;
                std::mem::transmute::<_, Fast>(m.f)(this, args.as_ptr(), n, NULL)
            }
        })
    }
    fn takes_named(n: usize) -> bool {
        n > SELF as usize
    }
    #[inline(always)]
    unsafe fn call_named(word: usize, args: &[Obj], names: Obj) -> Outcome {
        let m = &*(word as *const MethodData);
        let (this, args) = receiver::<SELF>(m, args);
        if HOW == TUPLE {
            return with_dict(args, names, |args, dict| {
                let tuple = raw::tuple_from(args);
                if tuple.is_null() {
                    return Outcome::Reference(NULL);
                }
                let o = std::mem::transmute::<_, F3>(m.f)(this, tuple, dict);
                raw::decref(tuple);
                Outcome::Reference(o)
            });
        }
        let n = args.len() - raw::tuple_items(names).len();
        let f = std::mem::transmute::<_, Fast>(m.f);
        Outcome::Reference(f(this, args.as_ptr(), n as Ssize, names))
    }
}
type F3 = unsafe extern "C" fn(Obj, Obj, Obj) -> Obj;
type Fast = unsafe extern "C" fn(Obj, *const Obj, Ssize, Obj) -> Obj;
/// What the function is bound to, and the arguments behind it.
#[inline(always)]
fn receiver<'a, const SELF: bool>(m: &MethodData, args: &'a [Obj]) -> (Obj, &'a [Obj]) {
    match SELF {
        true => (args[0], &args[1..]),
        false => (m.this, args),
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
        let mut def = foreign(name, data.way(), std::ptr::from_ref(data) as usize);
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

/// Calls a function or method of C by its convention.
fn call_method(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is the address of data that lives for ever; functions have the types that their flags say.
    unsafe {
        let m = &*(word as *const MethodData);
        let flags = (*m.def).ml_flags;
        let f = (*m.def).ml_meth;
        let (this, args) = match m.takes_self() {
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
        // Functions that take a tuple are called on another way by CPython, which names them without their module.
        let name = match how == method_flags::VARARGS && !m.takes_self() {
            true => raw::text((*m.def).ml_name),
            false => m.name.clone(),
        };
        return Err(vm.type_error(format_args!("{name}() takes no keyword arguments")));
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
