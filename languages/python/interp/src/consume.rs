//! Builtins that consume a generator: their form in Python is entered, see [`ouro_py_objects::consumers`].

use crate::calls::{Window, residual_call};
use crate::prelude::*;
use ouro_py_objects::consumers::{self, Consumer, Way};
use ouro_py_objects::generator::GENERATOR;

/// The call in window `w` of a builtin, whose last argument is what it consumes.
pub fn call<M: PyMachine>(p: Probe<M>, w: Window, what: Consumer) -> Flow<M> {
    let first = w.function + 1;
    let fits = match what {
        Consumer::Join => w.argc == 2 && p.type_id(p.reg(first)) == WStr::TYPE_ID,
        Consumer::Extend => w.argc == 2 && p.type_id(p.reg(first)) == WList::TYPE_ID,
        _ => w.argc == 1,
    };
    if !fits {
        return residual_call(p, w);
    }
    let Some(generator) = p.cast::<WGenerator>(p.reg(w.function + w.argc)) else {
        return residual_call(p, w);
    };
    if p.promote_int(p.get(generator, WGenerator::KIND)) != GENERATOR {
        return residual_call(p, w);
    }
    let code = p.promote(p.get(generator, WGenerator::CODE));
    match consumers::way(p.vm(), code, what) {
        Way::Enter(code, function) => {
            // The last thing of the step, since the operand is overwritten (P2).
            p.set_reg(w.function, p.konst(function));
            Flow::Call {
                code,
                window: w.function,
                step: Step::Store,
            }
        }
        Way::Prepare => {
            let what = p.word_int(p.const_int(what as i64));
            let words = [what, p.word_ref(generator.raw)];
            p.commit()
                .call(&residuals::PREPARE_CONSUMER, words, Step::Aux0)
        }
        Way::Call => residual_call(p, w),
    }
}
/// Return step `Aux0` of calls: the code that was missing is there.
pub fn prepared<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(crate::calls::call_rest)
}
/// What a call of a class consumes its only argument with.
pub fn of_class<M: PyMachine>(p: &Probe<M>, class: &'static Class) -> Option<Consumer> {
    let classes = &p.vm().world().classes;
    let is = |c: &'static Class| std::ptr::eq(c, class);
    if is(classes.tuple) {
        Some(Consumer::Tuple)
    } else if is(classes.list) {
        Some(Consumer::List)
    } else if is(classes.set) {
        Some(Consumer::Set)
    } else if is(classes.frozenset) {
        Some(Consumer::FrozenSet)
    } else {
        None
    }
}
