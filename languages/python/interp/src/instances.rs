//! Calls of classes: a new instance, by `__new__` if it is a Python function, then `__init__` with the same arguments.

use crate::calls::{Window, bind, enter_above, residual_call, tuple_of, window_of};
use crate::conversions;
use crate::foreign;
use crate::prelude::*;

/// A class: a new instance, then `__init__` with it.
pub fn call_class<M: PyMachine>(p: Probe<M>, i: &Ins, w: Window) -> Flow<M> {
    let callee = R::<M, WClass>::assume(p.reg(w.function));
    let class = p.promote(p.get(callee, WClass::CLASS));
    let vm = p.vm();
    if let Some(call) = foreign::call_class(&p, class, w.function + 1, w.argc, None) {
        return call.go(p, Step::Store);
    }
    if let Some(code) = call_of_metaclass(&p, w, class) {
        return enter_above(p, code);
    }
    let answer = match p.memo(i.e, &class.quasi, || call_answer(vm, class)) {
        Some(answer) => answer,
        None => {
            p.refill(i.e, &class.quasi, call_answer(vm, class));
            return Flow::Again;
        }
    };
    match answer {
        Answer::New(map, init) => {
            // The usual case stands here and not behind an `Option<Flow>`, which would be copied through memory.
            if let Some(method) = plain_init(&p, i, w, init) {
                return enter_init(p, i, w, map, method);
            }
            match new_instance(&p, i, w, map, init, &[]) {
                Some(flow) => flow,
                None => residual_call(p, w),
            }
        }
        Answer::Method(new) => match crate::operators::function(&p, new, w.argc + 1) {
            Some(new) => enter_new(p, w, new),
            None => residual_call(p, w),
        },
        Answer::Special(_) => {
            let args = tuple_of(&p, w.function + 1, w.argc);
            let e = p
                .new_object::<WException>()
                .with(WException::CLASS, p.host(class))
                .with(WException::ARGS, args);
            p.set_reg(a(i), e.any());
            Flow::Next
        }
        _ => {
            if let Some(made) = conversions::of_class(&p, class, w.function + 1, w.argc) {
                p.set_reg(a(i), made);
                return Flow::Next;
            }
            if std::ptr::eq(class, vm.world().classes.super_)
                && w.argc == 0
                && let Some(new) = crate::supers::implicit(&p)
            {
                p.set_reg(a(i), new);
                return Flow::Next;
            }
            match crate::consume::of_class(&p, class) {
                Some(what) => crate::consume::call(p, w, what),
                None => residual_call(p, w),
            }
        }
    }
}
/// The `__call__` of a class's metaclass, with its arguments, if it is a Python function.
fn call_of_metaclass<M: PyMachine>(
    p: &Probe<M>,
    w: Window,
    class: &'static Class,
) -> Option<&'static PyCode> {
    let meta = class.meta();
    if std::ptr::eq(meta, p.vm().world().classes.type_) {
        return None;
    }
    p.depend_on(&meta.quasi);
    let function = meta.special(p.vm(), Special::Call);
    if function.is_null() || !function.is::<WFunction>() {
        return None;
    }
    let arg = |n: u32| p.reg(w.function + n);
    bind(p, p.konst(function), w.argc + 1, arg, &[])
}
/// As `Class::call_answer`; `Answer::Special` stands for an exception that is nothing but its class and arguments.
pub fn call_answer(vm: &'static Vm, class: &'static Class) -> Answer {
    let c = &vm.world().classes;
    if !class.has(class_flags::EXCEPTION) {
        return class.call_answer(vm);
    }
    let inherited = |s| class.special(vm, s) == c.base_exception.special(vm, s);
    // These declare attributes that the arguments fill.
    let declaring = [
        c.stop_iteration,
        c.system_exit,
        c.import_error,
        c.os_error,
        c.syntax_error,
        c.unicode_error,
        c.base_exception_group,
    ];
    let plain = inherited(Special::New)
        && inherited(Special::Init)
        && std::ptr::eq(class.meta(), c.type_)
        && !class.has(class_flags::ABSTRACT)
        && !class.has(class_flags::FINALIZER)
        && !declaring.iter().any(|d| class.is_subclass(d));
    if plain {
        Answer::Special(Gc::NULL)
    } else {
        Answer::Slow
    }
}
/// `init` if it is a Python function that takes the arguments as they lie in the window, behind the instance.
#[inline(always)]
pub fn plain_init<M: PyMachine>(
    p: &Probe<M>,
    i: &Ins,
    w: Window,
    init: Gc,
) -> Option<crate::operators::Method> {
    // Otherwise the scratch register b would be in the way: the class itself was found as a method.
    if init.is_null() || w.function != b(i) + 2 {
        return None;
    }
    crate::operators::function(p, init, w.argc + 1)
}
/// Makes an instance and enters its plain `__init__`.
#[inline(always)]
pub fn enter_init<M: PyMachine>(
    p: Probe<M>,
    i: &Ins,
    w: Window,
    map: &'static Map,
    init: crate::operators::Method,
) -> Flow<M> {
    let function = p.konst(init.function);
    let new = p.new_object::<WInst>().with(WInst::MAP, p.host(map)).any();
    // The instance stays in register b (`Python::held`) while `__init__` runs.
    p.set_reg(b(i), new);
    p.set_reg(w.function - 1, function);
    p.set_reg(w.function, new);
    Flow::Call {
        code: init.code,
        window: w.function - 1,
        step: Step::Init,
    }
}
/// A new instance with this map, for which `init` runs unless it is NULL. None: the arguments do not fit simply. The
/// plain cases are those of [`plain_init`].
pub fn new_instance<M: PyMachine>(
    p: &Probe<M>,
    i: &Ins,
    w: Window,
    map: &'static Map,
    init: Gc,
    names: &[Name],
) -> Option<Flow<M>> {
    let new = || p.new_object::<WInst>().with(WInst::MAP, p.host(map)).any();
    if init.is_null() {
        if w.argc != 0 {
            return None;
        }
        p.set_reg(a(i), new());
        return Some(Flow::Next);
    }
    // Otherwise the scratch register b would be in the way: the class itself was found as a method.
    if w.function != b(i) + 2 {
        return None;
    }
    let function = p.konst(init);
    let new = new();
    let arg = |n: u32| if n == 0 { new } else { p.reg(w.function + n) };
    let code = bind(p, function, w.argc + 1, arg, names)?;
    p.set_reg(b(i), new);
    Some(Flow::Call {
        code,
        window: p.code().nregs,
        step: Step::Init,
    })
}
/// Enters the plain `__new__` of a class, above the frame: the arguments stay where they are, for `__init__`.
fn enter_new<M: PyMachine>(p: Probe<M>, w: Window, new: crate::operators::Method) -> Flow<M> {
    let window = p.code().nregs;
    p.set_reg(window, p.konst(new.function));
    for n in 0..=w.argc {
        p.set_reg(window + 1 + n, p.reg(w.function + n));
    }
    Flow::Call {
        code: new.code,
        window,
        step: Step::New,
    }
}
/// Return step `New`: `__init__` gets the arguments, too, if `v` is an instance of the class.
pub fn after_new<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let w = window_of(&p, i);
    let callee = R::<M, WClass>::assume(p.reg(w.function));
    let class = p.promote(p.get(callee, WClass::CLASS));
    if let Some(made) = crate::operators::user_class(&p, v) {
        p.depend_on(&made.quasi);
        let vm = p.vm();
        let init = made.special(vm, Special::Init);
        let object = vm.world().classes.object;
        if !made.is_subclass(class) || init == object.special(vm, Special::Init) {
            p.set_reg(a(i), v);
            return Flow::Next;
        }
        if let Some(init) = plain_init(&p, i, w, init) {
            // As in `enter_init`.
            let function = p.konst(init.function);
            p.set_reg(b(i), v);
            p.set_reg(w.function - 1, function);
            p.set_reg(w.function, v);
            return Flow::Call {
                code: init.code,
                window: w.function - 1,
                step: Step::Init,
            };
        }
    }
    let args = tuple_of(&p, w.function + 1, w.argc);
    let words = [p.word_ref(callee.raw), p.word_ref(v), p.word_ref(args)];
    p.commit().call_store(&residuals::AFTER_NEW, words)
}
/// Return step `Init`.
pub fn after_init<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let new = p.reg(b(i));
    if p.type_id(v) != WNone::TYPE_ID {
        let v = p.word_ref(v);
        return p.commit().call_store(&residuals::INIT_NOT_NONE, [v]);
    }
    p.set_reg(a(i), new);
    Flow::Next
}
