//! Calls of functions that are not written in Rust, by the residual functions that they bring along.
//!
//! The definition of the function is promoted: in a trace it is a guard on the definition's identity, and then a call of one
//! leaf function. Ints and floats go there as numbers and structures outside the heap as addresses, so that no box is made
//! for a call; a result of a value class comes back in the same way while recorded traces expect it (`Step::Unboxed`).

use crate::prelude::*;
use ouro_machine::Residual;
use ouro_py_objects::builtin::{Binding, BuiltinDef, BuiltinFn, Foreign, Kind};
use ouro_py_objects::code::KwNames;

/// How a function is called and the word that says which one.
#[derive(Clone, Copy)]
pub struct Target {
    way: &'static Foreign,
    word: usize,
}
/// The target of a definition, if it is a function that is not written in Rust.
#[inline(always)]
pub fn target(def: &'static BuiltinDef) -> Option<Target> {
    match def.func {
        BuiltinFn::Foreign(way, word) => Some(Target { way, word }),
        _ => None,
    }
}
/// An argument as it travels. Its class is promoted.
#[inline(always)]
fn argument<M: PyMachine>(p: &Probe<M>, x: M::Ref, way: &Foreign) -> (Kind, M::Word) {
    match p.type_id(x) {
        WNone::TYPE_ID => (Kind::Raw, p.word_int(p.const_int(way.none as i64))),
        WInt::TYPE_ID => {
            let v = p.get(R::<M, WInt>::assume(x), WInt::VALUE);
            (Kind::Int, p.word_int(v))
        }
        WFloat::TYPE_ID => {
            let v = p.get(R::<M, WFloat>::assume(x), WFloat::VALUE);
            (Kind::Float, p.word_float(v))
        }
        WForeign::TYPE_ID => {
            let raw = p.get(R::<M, WForeign>::assume(x), WForeign::RAW);
            (Kind::Raw, p.word_int(raw))
        }
        _ => (Kind::Object, p.word_ref(x)),
    }
}
/// A call that is ready to be made.
pub struct Call<M: Machine> {
    f: &'static Residual,
    words: [M::Word; WORDS],
    /// How many words.
    count: usize,
}
/// The function's word, the kinds, the names, the arguments.
const WORDS: usize = 3 + Kind::MAX_DIRECT;
impl<M: PyMachine> Call<M> {
    /// Makes it; the result goes to return step `after`.
    #[inline(always)]
    pub fn go(self, p: Probe<M>, after: Step) -> Flow<M> {
        let c = p.commit();
        let [f, kinds, r, s, t, u, v, w, x] = self.words;
        match self.count {
            2 => c.call(self.f, [f, kinds], after),
            3 => c.call(self.f, [f, kinds, r], after),
            4 => c.call(self.f, [f, kinds, r, s], after),
            5 => c.call(self.f, [f, kinds, r, s, t], after),
            6 => c.call(self.f, [f, kinds, r, s, t, u], after),
            7 => c.call(self.f, [f, kinds, r, s, t, u, v], after),
            8 => c.call(self.f, [f, kinds, r, s, t, u, v, w], after),
            _ => c.call(self.f, [f, kinds, r, s, t, u, v, w, x], after),
        }
    }
}
/// The call of `t` with these arguments. None: there is no direct call with so many.
#[inline(always)]
fn call<M: PyMachine>(
    p: &Probe<M>,
    t: Target,
    count: u32,
    names: Option<&KwNames>,
    arg: impl Fn(u32) -> M::Ref,
) -> Option<Call<M>> {
    match names {
        Some(names) => prepare_named(p, t, names, count, arg),
        None => prepare(p, t, 0, count, arg),
    }
}
/// As [`call`] without names; `more` is added to the combination.
#[inline(always)]
fn prepare<M: PyMachine>(
    p: &Probe<M>,
    t: Target,
    more: usize,
    count: u32,
    arg: impl Fn(u32) -> M::Ref,
) -> Option<Call<M>> {
    let direct = t.way.direct.get(count as usize)?;
    // Asked before the arguments are looked at: a call that is not direct promotes none of their classes.
    direct.choose(0)?;
    let word = p.word_int(p.const_int(t.word as i64));
    let mut words = [word; WORDS];
    let packed = arguments(p, t, count, arg, &mut words[2..]);
    words[1] = p.word_int(p.const_int((packed | more) as i64));
    Some(Call {
        f: direct.choose(packed)?,
        words,
        count: count as usize + 2,
    })
}
/// As [`call`]; the last arguments have names, which are a constant of the call.
fn prepare_named<M: PyMachine>(
    p: &Probe<M>,
    t: Target,
    names: &KwNames,
    count: u32,
    arg: impl Fn(u32) -> M::Ref,
) -> Option<Call<M>> {
    let direct = t.way.named.get(count as usize)?;
    direct.choose(0)?;
    if names.outside.get() == 0 {
        names.outside.set((t.way.names)(p.vm(), &names.names));
    }
    let word = p.word_int(p.const_int(t.word as i64));
    let mut words = [word; WORDS];
    let packed = arguments(p, t, count, arg, &mut words[3..]);
    words[1] = p.word_int(p.const_int(packed as i64));
    words[2] = p.word_int(p.const_int(names.outside.get() as i64));
    Some(Call {
        f: direct.choose(packed)?,
        words,
        count: count as usize + 3,
    })
}
/// The words of the arguments; the combination of their kinds.
#[inline(always)]
fn arguments<M: PyMachine>(
    p: &Probe<M>,
    t: Target,
    count: u32,
    arg: impl Fn(u32) -> M::Ref,
    words: &mut [M::Word],
) -> usize {
    let mut packed = 0;
    for n in (0..count).rev() {
        let (kind, word) = match count as usize <= Kind::MAX_SORTED {
            true => argument(p, arg(n), t.way),
            false => (Kind::Object, p.word_ref(arg(n))),
        };
        words[n as usize] = word;
        packed = packed * Kind::COUNT + kind as usize;
    }
    packed
}

/// The call of a builtin with `count` registers from `first` on.
#[inline(always)]
pub fn call_builtin<M: PyMachine>(
    p: &Probe<M>,
    builtin: R<M, WBuiltin>,
    def: &'static BuiltinDef,
    first: u32,
    count: u32,
    names: Option<&KwNames>,
) -> Option<Call<M>> {
    let t = target(def)?;
    let receiver = p.get(builtin, WBuiltin::SELF);
    let plain = |n: u32| p.reg(first + n);
    match def.binding {
        Binding::Static => call(p, t, count, names, plain),
        Binding::Class => None,
        Binding::Instance if p.is_null_ref(receiver) => call(p, t, count, names, plain),
        // A method that is bound already.
        Binding::Instance => call(p, t, count + 1, names, |n| match n {
            0 => receiver,
            n => p.reg(first + n - 1),
        }),
    }
}
/// A call of a builtin function that is not written in Rust, out of line; `rest` for every other builtin.
pub fn call_function<M: PyMachine>(p: Probe<M>, i: &Ins, rest: Handler<M>) -> Flow<M> {
    let function = b(i) + 2;
    let builtin = R::<M, WBuiltin>::assume(p.reg(function));
    let def = p.promote(p.get(builtin, WBuiltin::DEF));
    match call_builtin(&p, builtin, def, function + 1, c(i), None) {
        Some(call) => call.go(p, Step::Store),
        None => rest(p, i),
    }
}
/// The call of a method with `count` registers from `first` on, the receiver first, if it is an instance of the method's
/// class.
#[inline(always)]
pub fn call_method<M: PyMachine>(
    p: &Probe<M>,
    descr: R<M, WMethodDescr>,
    def: &'static BuiltinDef,
    first: u32,
    count: u32,
    names: Option<&KwNames>,
) -> Option<Call<M>> {
    let t = target(def)?;
    // The receiver has no name.
    let positional = count as usize - names.map_or(0, |k| k.names.len());
    if positional == 0 || def.binding != Binding::Instance {
        return None;
    }
    let owner = p.promote(p.get(descr, WMethodDescr::CLASS));
    let x = p.reg(first);
    let class = match p.type_id(x) {
        WForeign::TYPE_ID => p.promote(p.get(R::<M, WForeign>::assume(x), WForeign::CLASS)),
        _ => crate::operators::user_class(p, x)?,
    };
    if !std::ptr::eq(class, owner) {
        p.depend_on(&class.quasi);
        if !class.is_subclass(owner) {
            return None;
        }
    }
    call(p, t, count, names, |n| p.reg(first + n))
}
/// Making an instance of a class whose instances are structures outside the heap.
pub fn call_class<M: PyMachine>(
    p: &Probe<M>,
    class: &'static Class,
    first: u32,
    count: u32,
    names: Option<&KwNames>,
) -> Option<Call<M>> {
    if !class.has(class_flags::RAW) || !std::ptr::eq(class.meta(), p.vm().world().classes.type_) {
        return None;
    }
    p.depend_on(&class.quasi);
    let t = target(class.maker.get()?)?;
    call(p, t, count, names, |n| p.reg(first + n))
}
/// The special method of an object of such a class.
#[inline(always)]
fn special<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special) -> Option<Target> {
    let foreign = p.cast::<WForeign>(x)?;
    let class = p.promote(p.get(foreign, WForeign::CLASS));
    p.depend_on(&class.quasi);
    let found = class.special(p.vm(), s);
    if found.is_null() || found.type_id().0 != WMethodDescr::TYPE_ID {
        return None;
    }
    let def = found.get(WMethodDescr::DEF).expect();
    target(def).filter(|_| def.binding == Binding::Instance)
}
/// The call of a special method with no more arguments.
#[inline(always)]
pub fn unary<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special) -> Option<Call<M>> {
    call(p, special(p, x, s)?, 1, None, |_| x)
}
/// The call of `__next__` for return step `ForNext`: at the end it gives NULL.
#[inline(always)]
pub fn next<M: PyMachine>(p: &Probe<M>, it: M::Ref) -> Option<Call<M>> {
    prepare(p, special(p, it, Special::Next)?, Kind::END, 1, |_| it)
}
/// The call of a special method with one more argument.
#[inline(always)]
pub fn binary<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special, y: M::Ref) -> Option<Call<M>> {
    let t = special(p, x, s)?;
    call(p, t, 2, None, |n| if n == 0 { x } else { y })
}

/// Exception entry of `Unboxed`: a result of another class than the trace expected comes in a cell; no exception is one.
pub fn after_unexpected<M: PyMachine>(p: Probe<M>, i: &Ins, e: M::Ref) -> Flow<M> {
    match p.cast::<WCell>(e) {
        Some(cell) => {
            p.set_reg(a(i), p.get(cell, WCell::VALUE));
            Flow::Next
        }
        None => Flow::Raise(e),
    }
}
/// Exception entry of `UnboxedNext`.
pub fn after_unexpected_next<M: PyMachine>(p: Probe<M>, i: &Ins, e: M::Ref) -> Flow<M> {
    match p.cast::<WCell>(e) {
        Some(cell) => {
            let v = p.get(cell, WCell::VALUE);
            crate::iterate::after_next(p, i, v)
        }
        None => Flow::Raise(e),
    }
}
