//! Calls of slots.

use super::arguments::{Arguments, dict_of, tuple_of};
use super::direct::{self, Leaf, Outcome};
use super::slots::{Kind, SlotData};
use crate::convert::{result, take_error};
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, data, errors, raw};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{Foreign, Kw};
use ouro_py_objects::{Errors, PyResult, Vm};
use std::ffi::{c_int, c_void};

const NULL: Obj = std::ptr::null_mut();

/// How slots of a kind are called.
pub fn way(kind: Kind) -> &'static Foreign {
    let direct: fn() -> direct::Tables = match kind {
        Kind::Unary => direct::table::<Unary>,
        Kind::Next => direct::table::<Next>,
        Kind::Length | Kind::Hash => direct::table::<Size>,
        Kind::Inquiry => direct::table::<Inquiry>,
        Kind::Binary | Kind::Subscript => direct::table::<Binary<false>>,
        Kind::Reflected => direct::table::<Binary<true>>,
        Kind::Item => direct::table::<Item>,
        Kind::Contains => direct::table::<Contains>,
        _ => direct::Tables::none,
    };
    let ways = &crate::state::border().ways;
    ways.get(direct as usize, call_slot, direct)
}
unsafe fn slot_data(word: usize) -> &'static SlotData {
    &*(word as *const SlotData)
}
/// A leaf function that calls a slot with its arguments as they are.
macro_rules! leaves {
    ($($name:ident $(<const $c:ident: bool>)? ($args:ident: $n:literal) $f:ident as $ty:ty => $outcome:expr;)*) => { $(
        struct $name $(<const $c: bool>)?;
        impl $(<const $c: bool>)? Leaf for $name $(<$c>)? {
            fn takes(n: usize) -> bool {
                n == $n
            }
            unsafe fn name(word: usize) -> String {
                slot_data(word).name.to_owned()
            }
            #[inline(always)]
            unsafe fn call(_: &'static Vm, word: usize, $args: &[Obj]) -> Outcome {
                let $f = std::mem::transmute::<_, $ty>(slot_data(word).f);
                $outcome
            }
        }
    )* };
}
leaves! {
    Unary(a: 1) f as unsafe extern "C" fn(Obj) -> Obj => Outcome::Reference(f(a[0]));
    Size(a: 1) f as unsafe extern "C" fn(Obj) -> Ssize => Outcome::Number(f(a[0]) as i64);
    Inquiry(a: 1) f as unsafe extern "C" fn(Obj) -> c_int => Outcome::Truth(f(a[0]));
    Binary<const R: bool>(a: 2) f as unsafe extern "C" fn(Obj, Obj) -> Obj =>
        Outcome::Reference(if R { f(a[1], a[0]) } else { f(a[0], a[1]) });
    Contains(a: 2) f as unsafe extern "C" fn(Obj, Obj) -> c_int => Outcome::Truth(f(a[0], a[1]));
}
/// `tp_iternext`
struct Next;
impl Leaf for Next {
    const ENDS: bool = true;
    fn takes(n: usize) -> bool {
        n == 1
    }
    unsafe fn name(word: usize) -> String {
        slot_data(word).name.to_owned()
    }
    #[inline(always)]
    unsafe fn call(_: &'static Vm, word: usize, args: &[Obj]) -> Outcome {
        type F = unsafe extern "C" fn(Obj) -> Obj;
        let f = std::mem::transmute::<*mut c_void, F>(slot_data(word).f);
        Outcome::Next(f(args[0]))
    }
}
/// `sq_item`: an int index needs no structure.
struct Item;
impl Leaf for Item {
    const INDEXES: bool = true;
    fn takes(n: usize) -> bool {
        n == 2
    }
    unsafe fn name(word: usize) -> String {
        slot_data(word).name.to_owned()
    }
    #[inline(always)]
    unsafe fn call(vm: &'static Vm, word: usize, args: &[Obj]) -> Outcome {
        let i = api::PyNumber_AsSsize_t(args[1], *data::PyExc_IndexError.get());
        match i == -1 && errors::occurred() {
            true => Outcome::Raised(take_error(vm)),
            false => Item::call_with_int(word, args[0], i as i64),
        }
    }
    #[inline(always)]
    unsafe fn call_with_int(word: usize, o: Obj, i: i64) -> Outcome {
        type F = unsafe extern "C" fn(Obj, Ssize) -> Obj;
        let i = from_end(o, i as Ssize, true);
        let f = std::mem::transmute::<*mut c_void, F>(slot_data(word).f);
        Outcome::Reference(f(o, i))
    }
}
/// Calls a slot with `self` and what its kind takes.
fn call_slot(vm: &'static Vm, word: usize, args: &[Gc], kw: &Kw) -> PyResult {
    // SAFETY: the word is the address of a slot's data; the kind says the type of its function.
    unsafe {
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
