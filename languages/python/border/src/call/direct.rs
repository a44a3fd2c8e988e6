//! Direct calls: what handlers and compiled code call for a function of C with few positional arguments.
//!
//! For each convention and number of arguments there is one leaf function here, and for each combination of kinds of
//! arguments one description of it ([`Residual`]). Ints and floats arrive as numbers, objects that stand for structures of C
//! as addresses; the references for C lie in an array on the native stack. A result is told by its type, and whether there is
//! an exception by one load; there is no other check.
//!
//! Each leaf function has four forms: its result is an object, an int, a float, or nothing. The others than the first are
//! for traces. Where they expect a number (`ouro_machine::Unboxed`) another result is raised, in a cell. Where they do not
//! look at the result (`Residual::unused`) it is dropped at once: what C made is not made once more for the interpreter.

use crate::convert::{result, take_error, take_sequence, to_raw};
use crate::state::linked;
use crate::types::instances::take_fresh;
use ouro_cpyext::abi::*;
use ouro_cpyext::context::{self, Context};
use ouro_cpyext::{data, raw, values};
use ouro_gc::{Gc, Header, Object};
use ouro_machine::{Abi, Effects, Residual, Ret, Ty, Unboxed};
use ouro_py_objects::builtin::{Direct, Kind};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm};

/// Set in the kinds: the end of an iteration is NULL, not StopIteration.
const END: usize = Kind::END;
/// The number of a form: the result is an object, an int, a float.
pub const OBJECT: u8 = 0;
pub const INT: u8 = 1;
pub const FLOAT: u8 = 2;
/// Nobody looks at the result: it is dropped as C gave it.
pub const NOTHING: u8 = 3;

/// A function of C, or a sort of them: how it is called with references.
///
/// # Safety
/// The functions are called with a word that the leaf function was declared with, and with objects of the C side.
pub trait Leaf {
    /// Whether it takes so many arguments.
    fn takes(n: usize) -> bool;
    /// For messages.
    unsafe fn name(word: usize) -> String;
    /// Calls C. The references stay the caller's. There is room before the first one.
    unsafe fn call(vm: &'static Vm, word: usize, args: &[Obj]) -> Outcome;
    /// Whether it takes so many arguments of which the last have names.
    fn takes_named(_: usize) -> bool {
        false
    }
    /// As `call`; the last arguments have the names that the tuple holds.
    #[inline(always)]
    unsafe fn call_named(_: usize, _: &[Obj], _: Obj) -> Outcome {
        unreachable!("only for leaf functions that say so")
    }
    /// Whether it is asked for the end of an iteration, see [`Kind::END`].
    const ENDS: bool = false;
    /// Whether `call_with_int` is for two arguments of which the second is an int.
    const INDEXES: bool = false;
    /// As `call`: the int needs no structure then.
    #[inline(always)]
    unsafe fn call_with_int(_: usize, _: Obj, _: i64) -> Outcome {
        unreachable!("only for leaf functions that say so")
    }
}
/// What C gave.
pub enum Outcome {
    /// A reference, or NULL with or without an exception.
    Reference(Obj),
    /// A number; -1 may mean an exception.
    Number(i64),
    /// A truth; below 0 is an exception.
    Truth(i32),
    /// NULL without an exception is the end of an iteration.
    Next(Obj),
    /// The call was not made: an exception of the interpreter.
    Raised(Gc),
}

/// The direct calls of a leaf function.
pub struct Tables {
    pub direct: Vec<Direct>,
    pub named: Vec<Direct>,
}
impl Tables {
    /// No direct calls.
    pub fn none() -> Tables {
        Tables {
            direct: Vec::new(),
            named: Vec::new(),
        }
    }
}
/// Those without keyword arguments.
pub fn table<L: Leaf>() -> Tables {
    Tables {
        direct: by_number::<L>(L::takes, false),
        named: Vec::new(),
    }
}
/// Those with and without keyword arguments.
pub fn table_with_names<L: Leaf>() -> Tables {
    Tables {
        named: by_number::<L>(L::takes_named, true),
        ..table::<L>()
    }
}
fn by_number<L: Leaf>(takes: fn(usize) -> bool, named: bool) -> Vec<Direct> {
    let combinations = |n: usize| match n <= Kind::MAX_SORTED {
        true => Kind::COUNT.pow(n as u32),
        false => 1,
    };
    let count = |n: usize| match takes(n) {
        true => Direct(
            (0..combinations(n))
                .map(|all| describe::<L>(n, all, named))
                .collect(),
        ),
        false => Direct::NONE,
    };
    (0..=Kind::MAX_DIRECT).map(count).collect()
}
fn describe<L: Leaf>(n: usize, packed: usize, named: bool) -> Residual {
    let kinds = (0..n).map(|i| Kind::ALL[packed / Kind::COUNT.pow(i as u32) % Kind::COUNT]);
    let first = [Ty::Int; 3];
    let args: Vec<Ty> = (first.into_iter().take(2 + named as usize))
        .chain(kinds.map(Kind::word))
        .collect();
    let unboxed = vec![
        Unboxed {
            type_id: WInt::TYPE_ID,
            address: address::<L, INT>(n, packed, named),
            result: Ty::Int,
        },
        Unboxed {
            type_id: WFloat::TYPE_ID,
            address: address::<L, FLOAT>(n, packed, named),
            result: Ty::Float,
        },
    ];
    Residual {
        name: if named { "call_c_named" } else { "call_c" },
        abi: Abi::Vm,
        address: address::<L, OBJECT>(n, packed, named),
        args: args.leak(),
        result: Some(Ty::Ref),
        effects: Effects::ANY,
        unboxed: unboxed.leak(),
        unused: address::<L, NOTHING>(n, packed, named),
    }
}
fn address<L: Leaf, const FORM: u8>(n: usize, packed: usize, named: bool) -> *const () {
    match (n, Kind::ALL[packed % Kind::COUNT], named) {
        (0, _, _) => leaf0::<L, FORM> as *const (),
        (1, Kind::Object, false) => leaf1::<L, FORM, { Kind::Object as usize }> as *const (),
        (1, Kind::Int, false) => leaf1::<L, FORM, { Kind::Int as usize }> as *const (),
        (1, Kind::Float, false) => leaf1::<L, FORM, { Kind::Float as usize }> as *const (),
        (1, Kind::Raw, false) => leaf1::<L, FORM, { Kind::Raw as usize }> as *const (),
        (2, _, false) => leaf2::<L, FORM> as *const (),
        (3, _, false) => leaf3::<L, FORM> as *const (),
        (4, _, false) => leaf4::<L, FORM> as *const (),
        (5, _, false) => leaf5::<L, FORM> as *const (),
        (_, _, false) => leaf6::<L, FORM> as *const (),
        (1, _, true) => named1::<L, FORM> as *const (),
        (2, _, true) => named2::<L, FORM> as *const (),
        (3, _, true) => named3::<L, FORM> as *const (),
        (4, _, true) => named4::<L, FORM> as *const (),
        (5, _, true) => named5::<L, FORM> as *const (),
        (_, _, true) => named6::<L, FORM> as *const (),
    }
}
// SAFETY of them all: the word belongs to the leaf, the kinds say what the words are, see `describe`; names are a tuple that
// `Foreign::names` made.
extern "C" fn leaf0<L: Leaf, const FORM: u8>(vm: &'static Vm, word: usize, kinds: usize) -> Ret {
    unsafe { run::<L, FORM, 0, false>(vm, word, kinds, std::ptr::null_mut(), []) }
}
extern "C" fn leaf1<L: Leaf, const FORM: u8, const KIND: usize>(
    vm: &'static Vm,
    word: usize,
    kinds: usize,
    a: u64,
) -> Ret {
    let end = match L::ENDS {
        true => kinds & END,
        false => 0,
    };
    unsafe { run::<L, FORM, 1, false>(vm, word, KIND | end, std::ptr::null_mut(), [a]) }
}
macro_rules! leaves {
    ($($name:ident $named:ident ($n:literal: $($a:ident),*);)*) => { $(
        extern "C" fn $name<L: Leaf, const FORM: u8>(
            vm: &'static Vm,
            word: usize,
            kinds: usize,
            $($a: u64),*
        ) -> Ret {
            let kinds = if $n > Kind::MAX_SORTED { 0 } else { kinds };
            unsafe { run::<L, FORM, $n, false>(vm, word, kinds, std::ptr::null_mut(), [$($a),*]) }
        }
        named! { $named($n: $($a),*); }
    )* };
}
macro_rules! named {
    ($($named:ident ($n:literal: $($a:ident),*);)*) => { $(
        extern "C" fn $named<L: Leaf, const FORM: u8>(
            vm: &'static Vm,
            word: usize,
            kinds: usize,
            names: usize,
            $($a: u64),*
        ) -> Ret {
            let kinds = if $n > Kind::MAX_SORTED { 0 } else { kinds };
            unsafe { run::<L, FORM, $n, true>(vm, word, kinds, names as Obj, [$($a),*]) }
        }
    )* };
}
named! { named1(1: a); }
leaves! {
    leaf2 named2(2: a, b);
    leaf3 named3(3: a, b, c);
    leaf4 named4(4: a, b, c, d);
    leaf5 named5(5: a, b, c, d, e);
    leaf6 named6(6: a, b, c, d, e, f);
}

/// A new reference for a word of this kind.
///
/// # Safety
/// The word is of the kind.
#[inline(always)]
unsafe fn reference(c: &Context, vm: &'static Vm, kind: usize, word: u64) -> Obj {
    if kind == Kind::Int as usize {
        c.lend_int(word as i64)
    } else if kind == Kind::Raw as usize {
        raw::incref(word as Obj)
    } else if kind == Kind::Float as usize {
        c.new_float(f64::from_bits(word))
    } else {
        to_raw(vm, Gc::from_raw(word as *mut Header))
    }
}
/// References with room for one more in front, as C may use it.
const ROOM: usize = Kind::MAX_DIRECT + 1;

#[inline(always)]
unsafe fn run<L: Leaf, const FORM: u8, const N: usize, const NAMED: bool>(
    vm: &'static Vm,
    word: usize,
    kinds: usize,
    names: Obj,
    words: [u64; N],
) -> Ret {
    let c = context::context();
    let parked = c.enter();
    let kind = |i: usize| kinds >> (2 * i) & (Kind::COUNT - 1);
    if N == 2 && L::INDEXES && kind(1) == Kind::Int as usize {
        let object = reference(c, vm, kind(0), words[0]);
        let outcome = L::call_with_int(word, object, words[1] as i64);
        let ret = finish::<L, FORM>(c, vm, word, kinds, outcome);
        c.drop_object(object);
        c.leave(parked);
        return ret;
    }
    let mut all = [std::ptr::null_mut(); ROOM];
    for i in 0..N {
        all[i + 1] = reference(c, vm, kind(i), words[i]);
    }
    let outcome = match NAMED {
        true => L::call_named(word, &all[1..=N], names),
        false => L::call(vm, word, &all[1..=N]),
    };
    let ret = finish::<L, FORM>(c, vm, word, kinds, outcome);
    for i in 0..N {
        let o = all[i + 1];
        // An int of three digits has a larger block, which may be kept as well.
        match kind(i) == Kind::Int as usize || kind(i) == Kind::Float as usize {
            true => c.take_back(o),
            false => c.drop_object(o),
        }
    }
    c.leave(parked);
    ret
}

const NO_RESULT: Ret = Ret { value: 0, exc: 0 };
#[inline(always)]
fn object(gc: Gc) -> Ret {
    Ret {
        value: gc.address() as u64,
        exc: 0,
    }
}
/// What the caller gets for what C gave.
#[inline(always)]
unsafe fn finish<L: Leaf, const FORM: u8>(
    c: &Context,
    vm: &'static Vm,
    word: usize,
    kinds: usize,
    outcome: Outcome,
) -> Ret {
    let clean = (*c.thread_state()).curexc_type.is_null();
    match outcome {
        Outcome::Reference(o) | Outcome::Next(o) if clean && !o.is_null() => {
            let ty = (*o).ob_type;
            if FORM == NOTHING {
                c.drop_object(o);
                return NO_RESULT;
            }
            if FORM == OBJECT && o == data::none() {
                (*o).ob_refcnt -= 1;
                return object(vm.world().none);
            }
            if FORM != FLOAT
                && ty == data::PyLong_Type.get()
                && let Some(value) = values::int_value(o)
            {
                c.drop_value(o);
                return match FORM {
                    INT => Ret {
                        value: value as u64,
                        exc: 0,
                    },
                    _ => object(ouro_py_objects::int::new(vm, value)),
                };
            }
            if FORM != INT && ty == data::PyFloat_Type.get() {
                let value = raw::float_value(o);
                c.drop_value(o);
                return match FORM {
                    FLOAT => Ret {
                        value: value.to_bits(),
                        exc: 0,
                    },
                    _ => object(ouro_py_objects::float::new(vm, value)),
                };
            }
            let sequence = ty == data::PyList_Type.get() || ty == data::PyTuple_Type.get();
            if FORM == OBJECT && sequence && (*o).ob_refcnt == 1 && linked(vm, o).is_none() {
                return object(take_sequence(vm, o));
            }
            if FORM == OBJECT
                && let Some(gc) = take_fresh(c, vm, o)
            {
                return object(gc);
            }
        }
        Outcome::Number(_) | Outcome::Truth(_) if clean && FORM == NOTHING => return NO_RESULT,
        Outcome::Number(n) if clean => {
            return match FORM {
                INT => Ret {
                    value: n as u64,
                    exc: 0,
                },
                _ => unexpected::<FORM>(vm, ouro_py_objects::int::new(vm, n)),
            };
        }
        _ => {}
    }
    other::<L, FORM>(vm, word, kinds, outcome)
}
/// A result that is not what the form is for.
fn unexpected<const FORM: u8>(vm: &'static Vm, gc: Gc) -> Ret {
    let is = |id: u32| gc.type_id().0 == id;
    match FORM {
        INT if !gc.is_null() && is(WInt::TYPE_ID) => Ret {
            value: gc.get(WInt::VALUE) as u64,
            exc: 0,
        },
        OBJECT => object(gc),
        NOTHING => NO_RESULT,
        _ => {
            let cell = ouro_py_objects::access::alloc::<WCell>(vm).init(WCell::VALUE, gc);
            Ret {
                value: 0,
                exc: cell.address() as u64,
            }
        }
    }
}
#[inline(never)]
unsafe fn other<L: Leaf, const FORM: u8>(
    vm: &'static Vm,
    word: usize,
    kinds: usize,
    outcome: Outcome,
) -> Ret {
    let error = |failed: bool| match failed && !(*context::state()).curexc_type.is_null() {
        true => Some(take_error(vm)),
        false => None,
    };
    let given: PyResult = match outcome {
        Outcome::Next(o) if o.is_null() => {
            let e = error(true);
            let stop = vm.world().classes.stop_iteration;
            let ends = e.is_none_or(|e| ouro_py_objects::type_of(vm, e).is_subclass(stop));
            match (ends, e) {
                (true, _) if kinds & END != 0 => Ok(Gc::NULL),
                (_, Some(e)) => Err(e),
                (_, None) => Err(vm.stop_iteration(Gc::NULL)),
            }
        }
        Outcome::Reference(o) | Outcome::Next(o) => result(vm, o, || L::name(word)),
        Outcome::Number(n) => match error(n == -1) {
            Some(e) => Err(e),
            None => Ok(ouro_py_objects::int::new(vm, n)),
        },
        Outcome::Truth(t) => match error(t < 0) {
            Some(e) => Err(e),
            None => Ok(vm.world().bool(t != 0)),
        },
        Outcome::Raised(e) => Err(e),
    };
    match given {
        Ok(gc) => unexpected::<FORM>(vm, gc),
        Err(e) => {
            // As for every exception that a residual function raises, unless guest code has seen it.
            if e.get(WException::TRACEBACK).is_null() && e.get(WException::CONTEXT).is_null() {
                ouro_py_objects::exception::chain_context(vm, e);
            }
            Ret {
                value: 0,
                exc: e.address() as u64,
            }
        }
    }
}
