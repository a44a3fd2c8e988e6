//! Calls of builtin functions and methods of which is known what they are: the definition is promoted, and that the receiver
//! is one of the method's class and the number of arguments right is found out before the call. What is left is one residual
//! function that calls the Rust function of the definition.

use crate::builtins::class_of;
use crate::calls::Window;
use crate::prelude::*;
use ouro_machine::Residual;
use ouro_py_objects::builtin::{Binding, BuiltinDef, BuiltinFn, Quiet};
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
/// The functions for callees that may do anything, for those that change nothing, and for those that change nothing but
/// the memory of a native object.
struct Functions {
    any: &'static ByCount,
    quiet: &'static ByCount,
    native: &'static ByCount,
}
impl Functions {
    /// Those for a callee. What it is known not to do only matters to traces.
    fn of<M: PyMachine>(
        &self,
        p: &Probe<M>,
        quiet: Quiet,
        count: u32,
        arg: &impl Fn(u32) -> M::Ref,
    ) -> &'static ByCount {
        let plain = |from: u32| (from..count).all(|n| is_plain(p, arg(n)));
        match quiet {
            _ if !M::RECORDS => self.any,
            Quiet::Always => self.quiet,
            Quiet::OfPlain if plain(0) => self.quiet,
            Quiet::InNative if plain(1) => self.native,
            _ => self.any,
        }
    }
}
/// Whether nothing that a builtin function does with the object runs guest code.
fn is_plain<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> bool {
    matches!(
        p.type_id(x),
        WNone::TYPE_ID
            | WBool::TYPE_ID
            | WInt::TYPE_ID
            | WFloat::TYPE_ID
            | WStr::TYPE_ID
            | WBytes::TYPE_ID
    )
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
        WBuiltin::TYPE_ID => function(p, R::assume(callee), w.argc, |n| p.reg(w.function + 1 + n)),
        WMethodDescr::TYPE_ID => method(p, w, R::assume(callee)),
        WClass::TYPE_ID => class(p, w, R::assume(callee)),
        _ => None,
    }
}
/// The call of a builtin function with these arguments, if they fit.
pub fn function<M: PyMachine>(
    p: &Probe<M>,
    callee: R<M, WBuiltin>,
    argc: u32,
    argument: impl Fn(u32) -> M::Ref,
) -> Option<Call<M>> {
    let def = p.promote(p.get(callee, WBuiltin::DEF));
    let receiver = p.get(callee, WBuiltin::SELF);
    let plain = def.binding == Binding::Static
        || p.is_null_ref(receiver)
        || p.type_id(receiver) == WModule::TYPE_ID;
    if plain {
        return match takes(def, argc) {
            true => {
                let functions = FUNCTION.of(p, def.quiet, argc, &argument);
                ready(p, functions, callee.raw, argc, argument)
            }
            false => None,
        };
    }
    // The receiver was looked at when the method was bound.
    if def.binding != Binding::Instance || !takes(def, argc + 1) {
        return None;
    }
    let receiver = exact(p, def, receiver);
    let all = |n: u32| match n {
        0 => receiver,
        n => argument(n - 1),
    };
    let functions = FUNCTION.of(p, def.quiet, argc + 1, &all);
    ready(p, functions, callee.raw, argc + 1, all)
}
/// The receiver as the method's function takes it.
fn exact<M: PyMachine>(p: &Probe<M>, def: &'static BuiltinDef, receiver: M::Ref) -> M::Ref {
    match def.keeps_self {
        true => receiver,
        false => crate::operators::inner(p, receiver),
    }
}
/// The receiver of a method of a builtin class that is called in the window, as the method's function takes it, and the
/// class. None: it is no instance, or guest code has to be asked.
pub fn receiver<M: PyMachine>(
    p: &Probe<M>,
    w: Window,
    callee: R<M, WMethodDescr>,
    def: &'static BuiltinDef,
) -> Option<(M::Ref, &'static Class)> {
    let owner = p.promote(p.get(callee, WMethodDescr::CLASS));
    let receiver = p.reg(w.function + 1);
    let class = match p.type_id(receiver) {
        WNative::TYPE_ID => crate::attributes::native_class(p, receiver),
        _ => class_of(p, receiver)?,
    };
    if !std::ptr::eq(class, owner) {
        p.depend_on(&class.quasi);
        if !class.is_subclass(owner) {
            return None;
        }
    }
    Some((exact(p, def, receiver), owner))
}
fn method<M: PyMachine>(p: &Probe<M>, w: Window, callee: R<M, WMethodDescr>) -> Option<Call<M>> {
    let def = p.promote(p.get(callee, WMethodDescr::DEF));
    if w.argc == 0 || def.binding != Binding::Instance || !takes(def, w.argc) {
        return None;
    }
    // The definition is all that the function needs of the callable.
    let (receiver, owner) = receiver(p, w, callee, def)?;
    let all = |n: u32| match n {
        0 => receiver,
        n => p.reg(w.function + 1 + n),
    };
    let classes = &p.vm().world().classes;
    let plain = [classes.str_, classes.bytes, classes.int, classes.float];
    let quiet = match def.quiet {
        Quiet::ByOwner if plain.iter().any(|c| std::ptr::eq(*c, owner)) => Quiet::OfPlain,
        quiet => quiet,
    };
    let functions = METHOD.of(p, quiet, w.argc, &all);
    ready(p, functions, callee.raw, w.argc, all)
}
static FUNCTION: Functions = Functions {
    any: &PLAIN,
    quiet: &[
        &residuals::QUIET_PLAIN0,
        &residuals::QUIET_PLAIN1,
        &residuals::QUIET_PLAIN2,
        &residuals::QUIET_PLAIN3,
        &residuals::QUIET_PLAIN4,
    ],
    native: &[
        &residuals::CALL_PLAIN0,
        &residuals::NATIVE_PLAIN1,
        &residuals::NATIVE_PLAIN2,
        &residuals::NATIVE_PLAIN3,
        &residuals::NATIVE_PLAIN4,
    ],
};
static METHOD: Functions = Functions {
    any: &[
        &residuals::CALL_PLAIN0,
        &residuals::CALL_METHOD1,
        &residuals::CALL_METHOD2,
        &residuals::CALL_METHOD3,
        &residuals::CALL_METHOD4,
    ],
    quiet: &[
        &residuals::CALL_PLAIN0,
        &residuals::QUIET_METHOD1,
        &residuals::QUIET_METHOD2,
        &residuals::QUIET_METHOD3,
        &residuals::QUIET_METHOD4,
    ],
    native: &[
        &residuals::CALL_PLAIN0,
        &residuals::NATIVE_METHOD1,
        &residuals::NATIVE_METHOD2,
        &residuals::NATIVE_METHOD3,
        &residuals::NATIVE_METHOD4,
    ],
};
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
