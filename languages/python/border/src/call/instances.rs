//! Making instances of types of C.

use super::arguments::{dict_of, tuple_of};
use super::direct::{self, Leaf, Outcome};
use super::{foreign, slow};
use crate::convert::result;
use crate::types;
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, raw};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{Binding, BuiltinDef, Kw};
use ouro_py_objects::{Errors, PyResult, Vm};

/// `__new__` of a type.
pub fn new_def(ty: TypeObj) -> BuiltinDef {
    let mut def = slow("__new__", call_new, ty as usize);
    def.binding = Binding::Static;
    def
}
fn call_new(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is a type, which lives for ever.
    unsafe {
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

/// Makes an instance in one call: `__new__` and `__init__` with the same tuple.
struct Make;
impl Leaf for Make {
    fn takes(_: usize) -> bool {
        true
    }
    unsafe fn name(word: usize) -> String {
        raw::name_of(word as TypeObj)
    }
    #[inline(always)]
    unsafe fn call(_: &'static Vm, word: usize, args: &[Obj]) -> Outcome {
        make(word as TypeObj, args, std::ptr::null_mut())
    }
    fn takes_named(_: usize) -> bool {
        true
    }
    #[inline(always)]
    unsafe fn call_named(word: usize, args: &[Obj], names: Obj) -> Outcome {
        super::arguments::with_dict(args, names, |args, named| {
            make(word as TypeObj, args, named)
        })
    }
}
/// `named` is NULL or a dict.
#[inline(always)]
unsafe fn make(ty: TypeObj, args: &[Obj], named: Obj) -> Outcome {
    let null = std::ptr::null_mut();
    let arguments = raw::tuple_from(args);
    if arguments.is_null() {
        return Outcome::Reference(null);
    }
    let new = (*ty).tp_new.expect("checked when the class was made");
    let mut o = new(ty, arguments, named);
    if !o.is_null() {
        let made = (*o).ob_type;
        if (made == ty || api::PyType_IsSubtype(made, ty) != 0)
            && let Some(init) = (*made).tp_init
            && init(o, arguments, named) < 0
        {
            raw::decref(o);
            o = null;
        }
    }
    raw::decref(arguments);
    Outcome::Reference(o)
}
/// What calling a type of C does, if `__new__` gives exact instances and both methods are those of C.
///
/// # Safety
/// `ty` is a type that lives for ever.
pub unsafe fn maker_def(ty: TypeObj) -> Option<BuiltinDef> {
    (*ty).tp_new?;
    let way = crate::state::border().ways.get(
        maker_def as *const () as usize,
        call_maker,
        direct::table_with_names::<Make>,
    );
    Some(foreign("__call__", way, ty as usize))
}
fn call_maker(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is a type, which lives for ever.
    let class = unsafe { types::class_of_type(vm, word as TypeObj) };
    ouro_py_objects::call::type_call(vm, class, args, kw)
}
