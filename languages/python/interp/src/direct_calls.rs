//! Calls of builtin functions and methods of which is known what they are: the definition is promoted, and that the receiver
//! is one of the method's class and the number of arguments right is found out before the call. What is left is one residual
//! function that calls the Rust function of the definition.

use crate::builtins::class_of;
use crate::calls::Window;
use crate::prelude::*;
use ouro_machine::Residual;
use ouro_py_objects::builtin::{Binding, BuiltinDef, BuiltinFn};
use ouro_py_objects::call;

/// By number of arguments behind the callable.
type ByCount = [&'static Residual; 5];
static PLAIN: ByCount = [
    &residuals::CALL_PLAIN0,
    &residuals::CALL_PLAIN1,
    &residuals::CALL_PLAIN2,
    &residuals::CALL_PLAIN3,
    &residuals::CALL_PLAIN4,
];
static NEW: ByCount = [
    &residuals::CALL_NEW0,
    &residuals::CALL_NEW1,
    &residuals::CALL_NEW2,
    &residuals::CALL_NEW3,
    &residuals::CALL_NEW4,
];

/// A call that is ready to be made: the function and its words, of which the first `count` count.
pub struct Call<M: Machine> {
    f: &'static Residual,
    words: [M::Word; 5],
    count: usize,
}
impl<M: PyMachine> Call<M> {
    /// Makes it and stores the result.
    pub fn go(self, p: Probe<M>) -> Flow<M> {
        let c = p.commit();
        let [f, s, t, u, v] = self.words;
        match self.count {
            1 => c.call_store(self.f, [f]),
            2 => c.call_store(self.f, [f, s]),
            3 => c.call_store(self.f, [f, s, t]),
            4 => c.call_store(self.f, [f, s, t, u]),
            _ => c.call_store(self.f, [f, s, t, u, v]),
        }
    }
}
/// A call of `callee` with `count` arguments by the function for so many. None: they are too many.
fn ready<M: PyMachine>(
    p: &Probe<M>,
    functions: &ByCount,
    callee: M::Ref,
    count: u32,
    arg: impl Fn(u32) -> M::Ref,
) -> Option<Call<M>> {
    let f = functions.get(count as usize)?;
    let mut words = [p.word_ref(callee); 5];
    for n in 0..count {
        words[n as usize + 1] = p.word_ref(arg(n));
    }
    Some(Call {
        f,
        words,
        count: count as usize + 1,
    })
}
/// Whether the definition is a Rust function that takes so many arguments, a receiver among them.
fn takes(def: &'static BuiltinDef, count: u32) -> bool {
    !matches!(def.func, BuiltinFn::Foreign(..)) && call::fits_positional(def, count as usize)
}

/// The call in the window, if it is of a builtin function or method and fits.
pub fn call<M: PyMachine>(p: &Probe<M>, w: Window) -> Option<Call<M>> {
    let callee = p.reg(w.function);
    match p.type_id(callee) {
        WBuiltin::TYPE_ID => function(p, w, R::assume(callee)),
        WMethodDescr::TYPE_ID => method(p, w, R::assume(callee)),
        WClass::TYPE_ID => class(p, w, R::assume(callee)),
        _ => None,
    }
}
fn function<M: PyMachine>(p: &Probe<M>, w: Window, callee: R<M, WBuiltin>) -> Option<Call<M>> {
    let def = p.promote(p.get(callee, WBuiltin::DEF));
    let receiver = p.get(callee, WBuiltin::SELF);
    let argument = |n: u32| p.reg(w.function + 1 + n);
    let plain = def.binding == Binding::Static
        || p.is_null_ref(receiver)
        || p.type_id(receiver) == WModule::TYPE_ID;
    if plain {
        return match takes(def, w.argc) {
            true => ready(p, &PLAIN, callee.raw, w.argc, argument),
            false => None,
        };
    }
    // The receiver was looked at when the method was bound.
    let exact = def.keeps_self || p.type_id(receiver) != WInst::TYPE_ID;
    if def.binding != Binding::Instance || !exact || !takes(def, w.argc + 1) {
        return None;
    }
    ready(p, &PLAIN, callee.raw, w.argc + 1, |n| match n {
        0 => receiver,
        n => argument(n - 1),
    })
}
fn method<M: PyMachine>(p: &Probe<M>, w: Window, callee: R<M, WMethodDescr>) -> Option<Call<M>> {
    let def = p.promote(p.get(callee, WMethodDescr::DEF));
    if w.argc == 0 || def.binding != Binding::Instance || !takes(def, w.argc) {
        return None;
    }
    let owner = p.promote(p.get(callee, WMethodDescr::CLASS));
    let receiver = p.reg(w.function + 1);
    let class = match p.type_id(receiver) {
        WInst::TYPE_ID if !def.keeps_self => return None,
        WNative::TYPE_ID => crate::attributes::native_class(p, receiver),
        _ => class_of(p, receiver)?,
    };
    if !std::ptr::eq(class, owner) {
        p.depend_on(&class.quasi);
        if !class.is_subclass(owner) {
            return None;
        }
    }
    // The definition is all that the function needs of the callable.
    ready(p, &METHOD, callee.raw, w.argc, |n| {
        p.reg(w.function + 1 + n)
    })
}
static METHOD: ByCount = [
    &residuals::CALL_PLAIN0,
    &residuals::CALL_METHOD1,
    &residuals::CALL_METHOD2,
    &residuals::CALL_METHOD3,
    &residuals::CALL_METHOD4,
];
/// A builtin class whose instances are whatever its `__new__` gives: no `__init__` follows.
fn class<M: PyMachine>(p: &Probe<M>, w: Window, callee: R<M, WClass>) -> Option<Call<M>> {
    let class = p.promote(p.get(callee, WClass::CLASS));
    let (vm, classes) = (p.vm(), &p.vm().world().classes);
    let other = class_flags::HEAP | class_flags::NO_NEW | class_flags::RAW;
    if class.has(other)
        || !std::ptr::eq(class.meta(), classes.type_)
        || std::ptr::eq(class, classes.type_)
    {
        return None;
    }
    p.depend_on(&class.quasi);
    let (new, init) = (
        class.special(vm, Special::New),
        class.special(vm, Special::Init),
    );
    let no_init = init.is_null() || init == classes.object.special(vm, Special::Init);
    if !no_init || new.is_null() || new.type_id().0 != WBuiltin::TYPE_ID {
        return None;
    }
    let def = new.get(WBuiltin::DEF).expect();
    if def.binding != Binding::Static || !takes(def, w.argc + 1) {
        return None;
    }
    ready(p, &NEW, callee.raw, w.argc, |n| p.reg(w.function + 1 + n))
}
