//! The `match` statement: what an object is for patterns, and the parts of it that they look at.

use crate::builtins;
use crate::operators::{call_special, special};
use crate::prelude::*;

#[inline(always)]
pub fn jump_unless_sequence<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    match p.type_id(p.reg(a(i))) {
        WTuple::TYPE_ID | WList::TYPE_ID => Flow::Next,
        _ => p.out_of_line(collection_rest),
    }
}
#[inline(always)]
pub fn jump_unless_mapping<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    match p.type_id(p.reg(a(i))) {
        WDict::TYPE_ID => Flow::Next,
        _ => p.out_of_line(collection_rest),
    }
}
fn collection_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(a(i));
    let flag = match i.op {
        Op::JumpUnlessSequence => class_flags::SEQUENCE,
        _ => class_flags::MAPPING,
    };
    if let Some(class) = builtins::class_of(&p, x) {
        // Registering the class with an abstract base class changes the flag and the version.
        p.depend_on(&class.quasi);
        return match class.has(flag) {
            true => Flow::Next,
            false => Flow::Jump(i.d),
        };
    }
    let words = [p.word_ref(x), p.word_int(p.const_int(i64::from(flag)))];
    p.commit()
        .call(&residuals::HAS_CLASS_FLAG, words, Step::BoolResult)
}

#[inline(always)]
pub fn jump_unless_instance<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(instance_rest)
}
fn instance_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, class) = (p.reg(a(i)), p.reg(b(i)));
    if p.type_id(class) == WClass::TYPE_ID
        && let Some(is) = builtins::is_instance(&p, x, class)
    {
        return if is { Flow::Next } else { Flow::Jump(i.d) };
    }
    let words = [p.word_ref(x), p.word_ref(class)];
    p.commit()
        .call(&residuals::MATCH_INSTANCE, words, Step::BoolResult)
}

#[inline(always)]
pub fn length<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    match builtins::length(&p, p.reg(b(i))) {
        Some(n) => {
            p.set_reg(a(i), new_int(&p, n));
            Flow::Next
        }
        None => p.out_of_line(length_rest),
    }
}
fn length_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if let Some(f) = special(&p, x, Special::Len, 1) {
        return call_special(p, f, [x], Step::Len);
    }
    let x = p.word_ref(x);
    p.commit().call_store(&residuals::LENGTH, [x])
}

#[inline(always)]
pub fn keys<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(keys_rest)
}
fn keys_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i))), p.word_ref(p.reg(c(i)))];
    p.commit().call_store(&residuals::MATCH_KEYS, words)
}

#[inline(always)]
pub fn class<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(class_rest)
}
fn class_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, class) = (p.reg(b(i)), p.reg(c(i)));
    if let Some(v) = attributes(&p, i, x, class) {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let words = [
        p.word_ref(x),
        p.word_ref(class),
        p.word_ref(p.konst(p.code().constant(i.d as usize))),
        p.word_int(p.const_int(i64::from(i.e))),
    ];
    p.commit().call_store(&residuals::MATCH_CLASS, words)
}
/// The tuple of attributes, if the class of `x` and `class` tell where each of them is.
fn attributes<M: PyMachine>(p: &Probe<M>, i: &Ins, x: M::Ref, class: M::Ref) -> Option<M::Ref> {
    let class = p.promote(p.get(p.cast::<WClass>(class)?, WClass::CLASS));
    let count = i.e as usize;
    let keywords = residuals::names_of(p.code().constant(i.d as usize))?;
    p.depend_on(&class.quasi);
    let mut names = residuals::match_args(p.vm(), class, count)?;
    if count == 1 && keywords.is_empty() && names.is_empty() {
        // `int(x)` and the like: the subject itself.
        let tuple = p.new_array(WTuple::ITEMS, p.const_int(1));
        return Some(tuple.with(p.const_int(0), x).any());
    }
    names.extend(keywords);
    // A name that is there twice is an error, which the general way raises.
    if (1..names.len()).any(|n| names[..n].contains(&names[n])) {
        return None;
    }
    let object = p.cast::<WInst>(x)?;
    let map = p.promote(p.get(object, WInst::MAP));
    p.depend_on(&map.quasi);
    let mut values = Vec::with_capacity(names.len());
    for name in names {
        values.push(match map.load_answer(p.vm(), name) {
            Answer::Slot(n) if n < INLINE_SLOTS => {
                let v = p.get(object, WInst::slot(n));
                if p.is_null_ref(v) {
                    return None;
                }
                v
            }
            Answer::Value(v) => p.konst(v),
            _ => return None,
        });
    }
    let mut tuple = p.new_array(WTuple::ITEMS, p.const_int(values.len() as i64));
    for (n, v) in values.into_iter().enumerate() {
        tuple = tuple.with(p.const_int(n as i64), v);
    }
    Some(tuple.any())
}
